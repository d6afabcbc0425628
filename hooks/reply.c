/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refusing a REGISTER where the script asks for it. What is to be answered comes from guard/; here it is sent. */
#include "core/data_lump_rpl.h"
#include "core/dprint.h"
#include "core/ip_addr.h"
#include "core/rand/kam_rand.h"

#include <stdio.h>

#include "guard/reply.h"
#include "hooks/hooks.h"
#include "show/current.h"
#include "show/interval.h"
#include "show/monitor.h"

/* Phones that were refused together do not come back together. */
#define RETRY_AFTER_LEAST_S 1
#define RETRY_AFTER_SPREAD_S 10

#define COMPLAIN_EVERY_MS 60000

/* One line a minute in each process: what a phone sends must not fill the log. */
static void complain(int code, const char *rule, const char *why)
{
	static int64_t last_ms;
	static unsigned unsaid;
	int64_t now_ms = regmon_clock_now_ms();

	if(!regmon_interval_over(now_ms, last_ms, COMPLAIN_EVERY_MS)) {
		unsaid++;
		return;
	}
	LM_ERR("ims_regmon_reply(): %d for rule %s was not sent: %s (%u more since"
		   " the last such line)\n",
			code, rule, why, unsaid);
	last_ms = now_ms;
	unsaid = 0;
}

/* Where it came in, as the phone knows this node: the advertised name first. */
static str name_of_host(const struct sip_msg *msg, char *buffer, int size)
{
	const struct socket_info *socket = msg->rcv.bind_address;
	const str *name;
	bool bare;

	if(socket == NULL)
		return (str){NULL, 0};
	name = socket->useinfo.name.len > 0 ? &socket->useinfo.name
										: &socket->address_str;
	bare = memchr(name->s, ':', name->len) != NULL && name->s[0] != '[';
	snprintf(buffer, size, "%s%.*s%s:%d", bare ? "[" : "", name->len, name->s,
			bare ? "]" : "",
			socket->useinfo.port_no ? socket->useinfo.port_no
									: socket->port_no);
	return (str){buffer, (int)strlen(buffer)};
}

/* A repetition would break no rule that compares with the past, and the script would let it through; in a transaction
 * it gets the same answer again. */
static int send_answer(struct sip_msg *msg, const regmon_decision_t *decision,
		const regmon_reply_t *reply)
{
	bool needs_transaction = decision->rule->broken_since != NULL;
	int sent = regmon_answer_in_transaction(
			msg, reply->code, reply->reason, needs_transaction);

	if(sent == 0)
		sent = regmon_answer_stateless(msg, reply->code, reply->reason);
	if(sent == 0)
		sent = regmon_answer_in_transaction(
				msg, reply->code, reply->reason, true);
	return sent;
}

/* The headers are there for this answer only, whatever the script sends after it. While it is sent a reload may take
 * an operator's own rule away, so that is not looked at afterwards. */
static int send_with_headers(struct sip_msg *msg,
		const regmon_decision_t *decision, const regmon_reply_t *reply)
{
	struct lump_rpl *lump = add_lump_rpl(
			msg, reply->headers.s, reply->headers.len, LUMP_RPL_HDR);
	char rule[64];
	int sent;

	snprintf(rule, sizeof(rule), "%s", decision->rule->id);
	if(lump == NULL) {
		complain(reply->code, rule, "no memory");
		return -1;
	}
	sent = send_answer(msg, decision, reply);
	unlink_lump_rpl(msg, lump);
	free_lump_rpl(lump);
	if(sent <= 0)
		complain(reply->code, rule,
				sent == 0 ? "neither sl nor tm is loaded"
						  : "Kamailio could not send it");
	return sent > 0 ? 0 : -1;
}

int regmon_reply(struct sip_msg *msg, str extra_headers)
{
	char headers[REGMON_REPLY_SIZE], host[300];
	const regmon_current_t *current;
	regmon_decision_t decision;
	regmon_reply_terms_t terms = {.extra = extra_headers};
	regmon_reply_t reply;
	bool is_repetition;

	if(msg->first_line.type != SIP_REQUEST
			|| msg->first_line.u.request.method_value != METHOD_REGISTER)
		return -1;
	current = regmon_current_of(msg);
	if(current == NULL
			|| !regmon_decide(
					&current->findings, REGMON_MODE_ENFORCE, &decision))
		return -1;
	terms.host = name_of_host(msg, host, sizeof(host));
	terms.min_expires_s =
			regmon_plan_expected(regmon_monitor.plan)->min_expires_s;
	terms.retry_after_s = RETRY_AFTER_LEAST_S
						  + (int)((unsigned)kam_rand() % RETRY_AFTER_SPREAD_S);
	if(!regmon_reply_build(&decision, &current->message, &terms, headers,
			   sizeof(headers), &reply)) {
		complain(decision.code, decision.rule->id, reply.wrong);
		return -2;
	}
	is_repetition = current->outcome.retransmission;
	if(send_with_headers(msg, &decision, &reply) < 0)
		return -2;
	if(!is_repetition)
		regmon_tally_enforced(regmon_monitor.tally, decision.index);
	return 1;
}
