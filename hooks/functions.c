/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Script functions and their KEMI twins. */
#include "core/dprint.h"
#include "core/kemi.h"
#include "core/mod_fix.h"

#include "hooks/hooks.h"
#include "show/current.h"
#include "show/monitor.h"

/* ims_regmon_observe(): remembers this REGISTER; 1, or -1 when it is none. A second call for one message is nothing
 * new. */
static int observe(struct sip_msg *msg)
{
	const regmon_current_t *current;

	if(msg->first_line.type != SIP_REQUEST
			|| msg->first_line.u.request.method_value != METHOD_REGISTER)
		return -1;
	current = regmon_current_of(msg);
	if(current && current->observed)
		return 1;
	return regmon_observe_request(msg) ? 1 : -1;
}

/* ims_regmon_check(): 1 when no rule of severity error is broken, -1 when one is or when it is no REGISTER and no
 * answer to one. */
static int check(struct sip_msg *msg)
{
	const regmon_current_t *current = regmon_current_of(msg);

	return current && current->findings.worst < REGMON_ERROR ? 1 : -1;
}

/* The stateful rules were asked when the REGISTER came in; here their findings get the severity of that profile. */
static bool past_is_worse(
		const regmon_current_t *current, const regmon_plan_t *plan)
{
	unsigned i;

	for(i = 0; i < current->findings.n; i++) {
		const regmon_finding_t *finding = &current->findings.list[i];
		const regmon_rule_t *rule = regmon_rule_at(finding->rule);

		if(rule && rule->broken_since
				&& regmon_plan_severity(plan, finding->rule) == REGMON_ERROR)
			return true;
	}
	return false;
}

/* ims_regmon_check(profile): the same by another profile than the one in force; -2: there is no such profile. */
static int check_profile(struct sip_msg *msg, str *profile)
{
	const regmon_current_t *current = regmon_current_of(msg);
	const regmon_rulebook_t *book = regmon_monitor.rulebook;
	regmon_findings_t findings;
	int index;

	if(current == NULL)
		return -1;
	index = regmon_profile_find(book->profiles, *profile);
	if(index < 0) {
		LM_ERR("ims_regmon_check(\"%.*s\"): there is no such profile\n",
				profile->len, profile->s);
		return -2;
	}
	if((unsigned)index == book->chosen)
		return check(msg);
	regmon_rules_judge(book->plans[index], &current->message,
			&current->class, &findings);
	return findings.worst < REGMON_ERROR
						   && !past_is_worse(current, book->plans[index])
				   ? 1
				   : -1;
}

static int w_observe(struct sip_msg *msg, char *unused1, char *unused2)
{
	return observe(msg);
}

static int w_check(struct sip_msg *msg, char *unused1, char *unused2)
{
	return check(msg);
}

static int w_check_profile(struct sip_msg *msg, char *profile, char *unused)
{
	str name;

	if(get_str_fparam(&name, msg, (fparam_t *)profile) < 0) {
		LM_ERR("ims_regmon_check(): the name of the profile has no value\n");
		return -2;
	}
	return check_profile(msg, &name);
}

/* ims_regmon_reply([headers]): refuses this REGISTER where a rule in mode enforce is broken; hooks/reply.c */
static int reply(struct sip_msg *msg)
{
	return regmon_reply(msg, (str){NULL, 0});
}

static int reply_headers(struct sip_msg *msg, str *headers)
{
	return regmon_reply(msg, *headers);
}

static int w_reply(struct sip_msg *msg, char *unused1, char *unused2)
{
	return reply(msg);
}

static int w_reply_headers(struct sip_msg *msg, char *headers, char *unused)
{
	str text;

	if(get_str_fparam(&text, msg, (fparam_t *)headers) < 0) {
		LM_ERR("ims_regmon_reply(): the headers have no value\n");
		return -2;
	}
	return reply_headers(msg, &text);
}

/* ims_regmon_captured(): what sipcapture has in hand; hooks/capture.c */
static int w_captured(struct sip_msg *msg, char *unused1, char *unused2)
{
	return regmon_captured(msg);
}

/* ims_regmon_reginfo([document]): a registrar's word on registrations; hooks/reginfo.c */
static int reginfo_body(struct sip_msg *msg, str *document)
{
	return regmon_reginfo_text(msg, *document);
}

static int w_reginfo(struct sip_msg *msg, char *unused1, char *unused2)
{
	return regmon_reginfo(msg);
}

static int w_reginfo_body(struct sip_msg *msg, char *document, char *unused)
{
	str text;

	if(get_str_fparam(&text, msg, (fparam_t *)document) < 0) {
		LM_ERR("ims_regmon_reginfo(): the document has no value\n");
		return -1;
	}
	return reginfo_body(msg, &text);
}

/* ims_regmon_http(): answers a request for our pages; hooks/http.c */
static int w_http(struct sip_msg *msg, char *unused1, char *unused2)
{
	return regmon_http(msg);
}

cmd_export_t regmon_functions[] = {
		{"ims_regmon_observe", (cmd_function)w_observe, 0, 0, 0,
				REQUEST_ROUTE},
		{"ims_regmon_check", (cmd_function)w_check, 0, 0, 0, ANY_ROUTE},
		{"ims_regmon_check", (cmd_function)w_check_profile, 1,
				fixup_spve_null, fixup_free_spve_null, ANY_ROUTE},
		{"ims_regmon_reply", (cmd_function)w_reply, 0, 0, 0, REQUEST_ROUTE},
		{"ims_regmon_reply", (cmd_function)w_reply_headers, 1,
				fixup_spve_null, fixup_free_spve_null, REQUEST_ROUTE},
		{"ims_regmon_captured", (cmd_function)w_captured, 0, 0, 0, ANY_ROUTE},
		{"ims_regmon_reginfo", (cmd_function)w_reginfo, 0, 0, 0, ANY_ROUTE},
		{"ims_regmon_reginfo", (cmd_function)w_reginfo_body, 1,
				fixup_spve_null, fixup_free_spve_null, ANY_ROUTE},
		{"ims_regmon_http", (cmd_function)w_http, 0, regmon_http_fixup, 0,
				EVENT_ROUTE},
		{0, 0, 0, 0, 0, 0}};

static sr_kemi_t kemi_functions[] = {
		{str_init("ims_regmon"), str_init("observe"), SR_KEMIP_INT, observe,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("ims_regmon"), str_init("check"), SR_KEMIP_INT, check,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("ims_regmon"), str_init("check_profile"), SR_KEMIP_INT,
				check_profile,
				{SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("ims_regmon"), str_init("reply"), SR_KEMIP_INT, reply,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("ims_regmon"), str_init("reply_headers"), SR_KEMIP_INT,
				reply_headers,
				{SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("ims_regmon"), str_init("captured"), SR_KEMIP_INT,
				regmon_captured,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("ims_regmon"), str_init("reginfo"), SR_KEMIP_INT,
				regmon_reginfo,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("ims_regmon"), str_init("reginfo_body"), SR_KEMIP_INT,
				reginfo_body,
				{SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("ims_regmon"), str_init("http"), SR_KEMIP_INT, regmon_http,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};

int regmon_kemi_register(void)
{
	return sr_kemi_modules_add(kemi_functions);
}
