/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One message from its text to its findings, for the targets fuzz_request.c and fuzz_answer.c. */
#ifndef REGMON_TEST_FUZZ_MESSAGE_H
#define REGMON_TEST_FUZZ_MESSAGE_H

#include "test/fuzz/view.h"
#include "test/unit/rules_fixture.h"

#include "guard/reply.h"
/* its statics tell which checks were passed over */
#include "rules/judge.c"

#define OPERATOR "test/profiles/operator.xml"
#define OPERATOR_PROFILE "example-lab"

static regmon_plan_t *plans[2]; /* the defaults with facts to compare with; an operator's */
static regmon_profiles_t profiles;

static inline regmon_plan_t *operator_plan(void)
{
	static regmon_profile_effect_t effect;
	regmon_plan_t *plan = malloc(regmon_plan_size());
	regmon_complaint_t complaint;
	size_t length;
	char *bytes = harness_read_file(OPERATOR, &length);
	int profile;

	regmon_profiles_start(&profiles, REGMON_ROLE_AUTO, NULL);
	demand(regmon_profiles_read(
				   &profiles, bytes, length, OPERATOR, &complaint),
			"%s", complaint.text);
	free(bytes);
	profile = regmon_profile_find(&profiles, REGMON_TEXT(OPERATOR_PROFILE));
	demand(plan && profile >= 0, "no profile %s", OPERATOR_PROFILE);
	regmon_profile_effect(&profiles, profile, &effect);
	regmon_plan_make_profile(plan, &profiles, profile, &effect);
	regmon_own_rules_use(&profiles);
	return plan;
}

static inline void message_start(void)
{
	target_start();
	plans[0] = fixture_plan(NULL, true);
	plans[1] = operator_plan();
}

/* ---- reading ---- */

/* What stands around a text must not matter: the same bytes are read once more at another place, between what would
 * mislead a reader that looks too far. */
static inline void read_elsewhere(str text, uint64_t expected)
{
	static char around[70000];
	static regmon_message_t again;
	const char tempting[] = "\";,<>=: \r\n\tnonce=\"A\",branch=z9hG4bK;+sip";
	unsigned i, place = 8 + text.len % 13;

	if(text.len + 200 > (int)sizeof(around))
		return;
	memcpy(around + place, text.s, text.len);
	for(i = 0; i < 100; i++)
		around[place + text.len + i] = tempting[i % (sizeof(tempting) - 1)];
	regmon_message_read(around + place, text.len, &again);
	demand(view_message(&again) == expected,
			"the same text is read in two ways");
}

static inline void check_identities(const regmon_message_t *message)
{
	str impi = regmon_message_impi(message);
	char key[200], again[200];
	regmon_uri_t uri;
	int length;

	demand(impi.len >= 0
					&& (impi.len == 0
							|| (impi.s >= message->text.s
									&& impi.s + impi.len
											   <= message->text.s
														  + message->text.len)),
			"an IMPI outside of the message");
	length = regmon_uri_canonical(&message->to.uri, key, sizeof(key));
	demand(length >= 0 && length <= (int)sizeof(key), "a key of %d", length);
	if(length == sizeof(key) || message->to.uri.broken
			|| (message->to.uri.scheme != REGMON_SCHEME_SIP
					&& message->to.uri.scheme != REGMON_SCHEME_TEL))
		return;
	/* one phone, one key: a key that is read as a URI is its own key */
	regmon_uri_read((str){key, length}, &uri);
	demand(regmon_text_is((str){again, regmon_uri_canonical(&uri, again,
											   sizeof(again))},
				   (str){key, length}),
			"the key %.*s has another key", length, key);
}

/* ---- judging ---- */

static inline void check_findings(const regmon_plan_t *plan,
		const regmon_message_t *message, const regmon_findings_t *findings)
{
	regmon_severity_t worst = REGMON_OFF;
	unsigned i, j;

	demand(findings->n <= REGMON_MAX_SEEN && findings->n <= findings->total,
			"%u findings of %u", findings->n, findings->total);
	demand(findings->n == REGMON_MAX_SEEN || findings->n == findings->total,
			"a finding is lost");
	for(i = 0; i < findings->n; i++) {
		const regmon_finding_t *finding = &findings->list[i];
		str seen = finding->seen;

		demand(regmon_rule_at(finding->rule) != NULL, "a rule that is none");
		demand(seen.len >= 0
						&& (seen.len == 0
								|| (seen.s >= message->text.s
										&& seen.s + seen.len
												   <= message->text.s
															  + message->text.len)),
				"%s shows what is not in the message",
				regmon_rule_at(finding->rule)->id);
		demand(finding->severity > REGMON_OFF
						&& finding->severity <= REGMON_ERROR,
				"a severity");
		demand(regmon_plan_severity(plan, finding->rule) != REGMON_OFF
						|| plan->exceptions_n > 0,
				"%s is off", regmon_rule_at(finding->rule)->id);
		if(finding->severity > worst)
			worst = finding->severity;
		for(j = 0; j < i; j++)
			demand(findings->list[j].rule != finding->rule, "%s twice",
					regmon_rule_at(finding->rule)->id);
	}
	demand(worst == findings->worst, "worst is %d, not %d", findings->worst,
			worst);
	demand(findings->n == 0
					|| findings->list[findings->worst_at].severity == worst,
			"the worst is elsewhere");
}

/* A set of rules that is not suspected must hold: none of its checks may find anything. */
static inline void check_unsuspected(const regmon_plan_t *plan,
		const regmon_message_t *message, const regmon_class_t *class)
{
	const regmon_plan_leg_t *leg = leg_of(plan, class);
	uint32_t missing = missing_of(message, class, NULL);
	unsigned i, j;

	for(i = 0; leg && i < leg->since; i++) {
		const regmon_plan_group_t *group = &leg->groups[i];

		if(group->kind != REGMON_PLAN_BROKEN || group->suspects == NULL
				|| !is_entered(group, message, missing)
				|| group->suspects(message))
			continue;
		for(j = group->first; j < group->first + group->n; j++) {
			const regmon_plan_check_t *check = &plan->checks[j];
			str seen = {NULL, 0};

			demand((check->wants & missing)
							|| !check->call.broken(message, class, &seen),
					"%s is broken and was not suspected",
					regmon_rule_at(check->rule)->id);
		}
	}
}

/* An answer is header lines and nothing else, whatever the message brought. */
static inline void check_reply(const regmon_findings_t *findings,
		const regmon_message_t *message, str extra)
{
	const regmon_reply_terms_t terms = {.host = REGMON_TEXT("192.0.2.1:5060"),
			.extra = extra,
			.min_expires_s = 600,
			.retry_after_s = 30};
	static char buffer[REGMON_REPLY_SIZE];
	regmon_decision_t decision;
	regmon_reply_t reply;
	str rest, line;

	if(!regmon_decide_advice(findings, &decision))
		return;
	demand(decision.code >= 300 && decision.code < 700, "code %d",
			decision.code);
	if(!regmon_reply_build(&decision, message, &terms, buffer,
			   sizeof(buffer), &reply)) {
		demand(reply.wrong[0], "refused without a reason");
		return;
	}
	rest = reply.headers;
	demand(rest.len > 2 && rest.s[rest.len - 1] == '\n', "no line end");
	while(target_line(&rest, &line)) {
		const char *colon = memchr(line.s, ':', line.len);
		int i;

		demand(colon
						&& regmon_text_is_token(
								(str){line.s, (int)(colon - line.s)}),
				"a line that is no header: %.*s", line.len, line.s);
		demand(line.s[line.len - 1] == '\r', "a line that ends with LF alone");
		for(i = 0; i < line.len - 1; i++)
			demand((unsigned char)line.s[i] >= ' ' || line.s[i] == '\t',
					"a control character in an answer");
	}
}

/* Three pasts: a phone that was challenged and says all as before; one of which all is different; one that is drawn
 * from the text itself, so that every mixture comes. */
static inline regmon_history_t past(
		const regmon_message_t *message, unsigned which, uint64_t drawn)
{
	const regmon_contact_t *contact = regmon_message_contact(message);
	bool same = which == 0;
	regmon_history_t history = {.known = true,
			.registered = true,
			.same_call_id = same,
			.same_from_tag = same,
			.same_contact = same,
			.challenge_open = same,
			.challenge_offered_server = same,
			.challenge_wants_server = same,
			.nonce_is_last_issued = same,
			.last_answer_code = same ? 401 : 200,
			.last_cseq = message->cseq.number - same,
			.since_last_register_ms = same ? 1000 : 100000,
			.since_challenge_ms = same ? 500 : -1,
			.granted_s = 3600,
			.granted_ago_ms = same ? 1000 : 3000000,
			.last_access = message->access.kept
								   ? message->access.list[0].access
								   : REGMON_ACCESS_NONE,
			.last_reg_id = REGMON_NUMBER_ABSENT,
			.since_failure_ms = -1,
			.verify = same ? REGMON_VERIFY_SAME : REGMON_VERIFY_DIFFERS,
			.purpose = REGMON_PURPOSE_REGISTRATION,
			.ims = true,
			.requested_s = 3600,
			.asked_options = REGMON_OPTION_PATH,
			.answered_s = same ? 3600 : 7200,
			.last_associated_n = 1};

	if(same && contact) {
		history.last_instance = regmon_instance_urn(contact->instance);
		history.last_contact = contact->uri.text;
		history.last_impi = regmon_message_impi(message);
		history.last_features = contact->features;
	} else {
		history.last_instance = REGMON_TEXT("urn:gsma:imei:35609911-000001-0");
		history.last_contact = REGMON_TEXT("sip:other@192.0.2.9");
		history.last_impi = REGMON_TEXT("other@example.net");
	}
	if(which < 2)
		return history;
	history.registered = drawn & 1;
	history.attempt_open = drawn >> 1 & 1;
	history.same_call_id = drawn >> 2 & 1;
	history.same_from_tag = drawn >> 3 & 1;
	history.challenge_open = drawn >> 4 & 1;
	history.challenge_offered_server = drawn >> 5 & 1;
	history.challenge_wants_server = drawn >> 6 & 1;
	history.nonce_is_last_issued = drawn >> 7 & 1;
	history.nonce_is_last_accepted = drawn >> 8 & 1;
	history.client_changed = drawn >> 9 & 1;
	history.spis_as_before = drawn >> 10 & 1;
	history.spis_in_use = drawn >> 11 & 1;
	history.port_s_changed = drawn >> 12 & 1;
	history.nonce_repeated = drawn >> 13 & 1;
	history.server_spis_in_use = drawn >> 14 & 1;
	history.own_contact_missing = drawn >> 15 & 1;
	history.path_lost = drawn >> 16 & 1;
	history.route_changed = drawn >> 17 & 1;
	history.ims = drawn >> 18 & 1;
	history.shortened = drawn >> 19 & 1;
	history.asked_reg_id = drawn >> 20 & 1;
	history.asked_instance = drawn >> 21 & 1;
	history.verify = drawn >> 22 & 3;
	history.purpose = 1 << (drawn >> 24 & 3);
	history.failures_in_row = drawn >> 26 & 7;
	history.since_failure_ms = (drawn >> 29 & 7) * 1000;
	history.retry_after_left_ms = (drawn >> 32 & 1) * 5000;
	history.offered_algs = drawn >> 33 & 0xff;
	history.offered_ealgs = drawn >> 41 & 0xff;
	history.last_cseq = drawn >> 53 & 15;
	history.last_reg_id = (int64_t)(drawn >> 57 & 3) - 1;
	return history;
}

/* Classified as each role sees it, judged by both plans, with and without a past, and answered. */
static inline void judge_all_ways(
		const regmon_message_t *message, uint64_t drawn)
{
	static const regmon_role_t roles[] = {REGMON_ROLE_AUTO, REGMON_ROLE_PCSCF,
			REGMON_ROLE_ICSCF, REGMON_ROLE_SCSCF, REGMON_ROLE_REGISTRAR};
	const regmon_arrival_t arrival = {
			.source_address = REGMON_TEXT("192.0.2.10"),
			.source_port = 5060,
			.received_port = drawn & 1 ? 5060 : 5063,
			.transport = "UDP",
			.now_ms = INT64_C(1700000000000)};
	static regmon_findings_t findings, before;
	regmon_history_t history;
	regmon_class_t class;
	unsigned i, which;

	for(i = 0; i < 2 * REGMON_COUNT(roles); i++) {
		const regmon_plan_t *plan = plans[i % 2];

		regmon_classify(message, i < 2 ? NULL : &arrival, roles[i / 2], &class);
		demand(class.leg && (class.leg & (class.leg - 1)) == 0
						&& class.leg <= REGMON_LEG_AC,
				"leg %d", class.leg);
		demand(message->is_answer == !!(class.leg & REGMON_LEGS_ANSWER),
				"an answer on a leg of requests");
		regmon_rules_judge(plan, message, &class, &before);
		check_findings(plan, message, &before);
		check_unsuspected(plan, message, &class);
		check_reply(&before, message, (str){NULL, 0});
		if(i >= 4)
			continue;
		for(which = 0; which < 3; which++) {
			history = past(message, which, drawn);
			findings = before;
			regmon_rules_judge_since(
					plan, message, &class, &history, &findings);
			check_findings(plan, message, &findings);
		}
	}
}

/* Of the other kind it is only read, so that no target grows seeds of the other one. */
static inline void message_run(str text, bool is_answer)
{
	static regmon_message_t message;
	uint64_t read;

	regmon_message_read(text.s, text.len, &message);
	read = view_message(&message);
	if(message.is_answer != is_answer)
		return;
	read_elsewhere(message.text, read);
	check_identities(&message);
	judge_all_ways(&message, read * 0x9e3779b97f4a7c15ULL);
}

#endif
