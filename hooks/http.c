/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP: how requests for our pages come to us (the hook for what is not SIP, or ims_regmon_http() in the script of
 * xhttp), who may look, and the way of the answer. */
#include "core/cfg/cfg.h"
#include "core/dprint.h"
#include "core/events.h"
#include "core/forward.h"
#include "core/globals.h"
#include "core/kemi.h"
#include "core/nonsip_hooks.h"
#include "core/socket_info.h"
#include "core/tcp_options.h"
#include "core/ver.h"

#include <regex.h>
#include <stdio.h>

#include "hooks/hooks.h"
#include "measure/counters.h"
#include "show/http.h"
#include "show/http_allow.h"
#include "show/http_request.h"
#include "show/show.h"

#define LONGEST_PATH 64

char *regmon_parameter_http_path = "/regmon";
char *regmon_parameter_http_allow = "";

static regmon_networks_t networks;
static regmon_http_site_t site;

/* ---- parameters ---- */

static bool is_path(str path)
{
	int i;

	if(path.len < 2 || path.len > LONGEST_PATH || path.s[0] != '/'
			|| path.s[path.len - 1] == '/')
		return false;
	for(i = 0; i < path.len; i++) {
		char c = path.s[i];

		if(!(regmon_is_digit(c) || (c >= 'a' && c <= 'z')
				   || (c >= 'A' && c <= 'Z') || strchr("/_-.", c)))
			return false;
	}
	return true;
}

int regmon_http_check_parameters(void)
{
	str allow = {regmon_parameter_http_allow,
			(int)strlen(regmon_parameter_http_allow)};
	char complaint[200];

	site.path = (str){regmon_parameter_http_path,
			(int)strlen(regmon_parameter_http_path)};
	if(!is_path(site.path)) {
		LM_ERR("modparam http_path \"%s\": expected a path like /regmon: at "
			   "most"
			   " %d letters, digits and _-./, with / before and not behind\n",
				regmon_parameter_http_path, LONGEST_PATH);
		return -1;
	}
	if(!regmon_networks_read(allow, &networks, complaint, sizeof(complaint))) {
		LM_ERR("modparam http_allow \"%s\": %s\n", regmon_parameter_http_allow,
				complaint);
		return -1;
	}
	return 0;
}

/* ---- one request ---- */

static bool may_look(const struct ip_addr *address)
{
	return regmon_networks_hold(&networks, address->u.addr, (int)address->len);
}

static void count(int code, bool sent)
{
	regmon_counter_t counter = REGMON_COUNTER_http_answered;

	if(!sent || code >= 500)
		counter = REGMON_COUNTER_http_failed;
	else if(code == 403)
		counter = REGMON_COUNTER_http_forbidden;
	else if(code >= 400)
		counter = REGMON_COUNTER_http_wrong;
	regmon_counters_add(counter, 1);
}

/* On the connection that the request came on, and on no other: where it is gone, none is opened. */
static bool send_answer(struct sip_msg *msg, const regmon_http_answer_t *answer)
{
	struct dest_info to;

	init_dst_from_rcv(&to, &msg->rcv);
	to.send_flags.f |= SND_F_FORCE_CON_REUSE;
	if(!answer->keep_alive)
		to.send_flags.f |= SND_F_CON_CLOSE;
	/* 1: it is no SIP, other modules have no business with it */
	return msg_send_buffer(&to, answer->bytes.s, answer->bytes.len, 1) == 0;
}

/* 1: answered; 0: not ours; -1: it could not be sent. Not over UDP, where the source is anybody's word and an answer is
 * larger than the question. */
static int answer_request(struct sip_msg *msg)
{
	str text = {msg->buf, (int)msg->len};
	regmon_http_answer_t answer;
	bool sent;

	if((msg->rcv.proto != PROTO_TCP && msg->rcv.proto != PROTO_TLS)
			|| !regmon_http_is_below(text, site.path))
		return 0;
	regmon_http_answer(&site, text, may_look(&msg->rcv.src_ip), &answer);
	sent = send_answer(msg, &answer);
	count(answer.code, sent);
	return sent ? 1 : -1;
}

/* ---- without a script ---- */

static int on_nonsip_request(struct sip_msg *msg)
{
	int answered = IS_HTTP(msg) ? answer_request(msg) : 0;

	return answered == 0  ? NONSIP_MSG_PASS
		   : answered > 0 ? NONSIP_MSG_DROP
						  : NONSIP_MSG_ERROR;
}

static bool xhttp_is_before_us;

void regmon_http_note_order(void)
{
	xhttp_is_before_us = module_loaded("xhttp");
}

int regmon_http_start(void)
{
	static struct nonsip_hook hook = {
			.name = "ims_regmon", .on_nonsip_req = on_nonsip_request};

	site.metrics = (regmon_metrics_source_t){.monitor = &regmon_monitor,
			.counter = regmon_show_counter,
			.memory = regmon_metrics_memory_make(),
			.version = regmon_monitor.version,
			.kamailio_version = ver_version};
	if(site.metrics.memory == NULL) {
		LM_ERR("no shared memory for the metrics\n");
		return -1;
	}
	/* nobody may look: the requests of others are left alone */
	if(networks.n == 0)
		return 0;
	if(register_nonsip_msg_hook(&hook) < 0) {
		LM_ERR("Kamailio refused the hook for HTTP requests\n");
		return -1;
	}
	return 0;
}

void regmon_http_stop(void)
{
	regmon_metrics_memory_free(site.metrics.memory);
	site.metrics.memory = NULL;
}

/* ---- from the script ---- */

static bool script_asks;

/* once for each place in the script */
int regmon_http_fixup(void **unused, int number)
{
	script_asks = true;
	return 0;
}

/* ims_regmon_http(): 1 when the request was for our pages and is answered, -1 when it is for others, -2 when the answer
 * could not be sent. */
int regmon_http(struct sip_msg *msg)
{
	int answered = IS_HTTP(msg) ? answer_request(msg) : 0;

	return answered == 0 ? -1 : answered > 0 ? 1 : -2;
}

/* ---- what is missing ---- */

/* a parameter of xhttp that is a regular expression; NULL: not given */
static const char *pattern_of_xhttp(char *name)
{
	struct sr_module *xhttp = find_module_by_name("xhttp");
	modparam_t type;
	char **value =
			xhttp ? find_param_export(xhttp, name, PARAM_STRING, &type) : NULL;

	return value ? *value : NULL;
}

static bool matches_path(const char *pattern)
{
	regex_t compiled;
	bool matches;

	if(regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	matches = regexec(&compiled, regmon_parameter_http_path, 0, NULL, 0) == 0;
	regfree(&compiled);
	return matches;
}

/* It takes every request for itself, unless one of its patterns leaves ours to others. */
static bool xhttp_takes_ours(void)
{
	const char *skip = pattern_of_xhttp("url_skip");
	const char *match = pattern_of_xhttp("url_match");

	return xhttp_is_before_us && !(skip && matches_path(skip))
		   && (match == NULL || matches_path(match));
}

void regmon_http_say_what_is_missing(void)
{
	char text[600];
	int used = 0;

	if(networks.n == 0)
		return;
#define MISSING(...)                                                   \
	used += snprintf(                                                  \
			text + used, sizeof(text) - used, "%s", used ? "; " : ""); \
	used += snprintf(text + used, sizeof(text) - used, __VA_ARGS__)
	if(tcp_disable || (tcp_listen == NULL && tls_listen == NULL)) {
		MISSING("there is no TCP listener: add listen=tcp:ADDRESS:PORT%s",
				tcp_disable ? " and take out disable_tcp=yes" : "");
	}
	if(!cfg_get(tcp, tcp_cfg, accept_no_cl)) {
		MISSING("requests without Content-Length are dropped: add "
				"tcp_accept_no_cl=yes");
	}
	if(!cfg_get(tcp, tcp_cfg, async)) {
		MISSING("a slow reader would hold up a worker: take out tcp_async=no");
	}
	/* what a KEMI script calls is not known here */
	if(xhttp_takes_ours() && !script_asks && sr_kemi_eng_get() == NULL) {
		MISSING("xhttp is loaded first and takes all requests: add "
				"modparam(\"xhttp\", \"url_skip\", \"^%s\") or call "
				"ims_regmon_http() in event_route[xhttp:request]",
				regmon_parameter_http_path);
	}
#undef MISSING
	if(used)
		LM_WARN("http_allow is set, but %s\n", text);
}
