/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qos-refused, next-hop-unresolvable, interval-too-brief, extension-refused. */
#include "diagnosis_record.h"

#define QOS "qos-refused"
#define UNRESOLVABLE "next-hop-unresolvable"
#define BRIEF "interval-too-brief"
#define EXTENSION "extension-refused"

static void asked(bool sent)
{
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	if(sent)
		record_sent(1);
}

static void refused(int core_code, int code, const char *reason)
{
	asked(core_code != 0);
	if(core_code)
		record_core(99, core_code);
	record_refusal(100, code, reason);
}

/* ---- qos-refused ---- */

static void qos(void **state)
{
	refused(0, 403, "Can't register to QoS for signalling");
	record_applies(QOS, 200, REGMON_CERTAIN);
	record_suspects(QOS, 200, "PCRF or PCF: it knows no session");
	record_says(QOS, 200, "14:03:07.100 403 Can't register to QoS for signalling "
						  "(CSeq 1), made by this node");
	regmon_registration_set_string(
			record, REGMON_STRING_SOURCE, REGMON_TEXT("192.0.2.7"));
	regmon_registration_set_string(
			record, REGMON_STRING_CONTACT, REGMON_TEXT("sip:u@10.0.0.1"));
	record_says(QOS, 200, "address that the PCRF is asked about: source "
						  "192.0.2.7, Contact sip:u@10.0.0.1");
	record_silent_of(QOS, 200, "NAT");
	record->behind_nat = true;
	record_says(QOS, 200, "they differ: the phone is behind NAT for this node");
	/* it is first, whatever else is certain about it */
	assert_int_equal(record_diagnosis.list[0].cause, record_cause(QOS));
	refused(403, 403, "CAN'T REGISTER TO QOS");
	record_applies(QOS, 200, REGMON_CERTAIN);
	record_says(QOS, 200, "(CSeq 1), from the core");
}

static void no_qos(void **state)
{
	refused(0, 403, "Forbidden");
	record_not(QOS, 200);
	refused(0, 403, "Q o S");
	record_not(QOS, 200);
	/* the phrase of an older refusal, when another answer is awaited or came */
	refused(0, 403, "Can't register to QoS for signalling");
	record_open(1000, REGMON_ATTEMPT_INITIAL);
	record_request(1000, 2, 0);
	record_grant(1100, 3600);
	record_not(QOS, 1200);
	record_open(2000, REGMON_ATTEMPT_REFRESH);
	record_request(2000, 3, 0);
	record_end(130000, REGMON_RESULT_UNANSWERED);
	record_not(QOS, 130001);
}

/* ---- next-hop-unresolvable ---- */

static void unresolvable(void **state)
{
	const char *here = "DNS of this node: no NAPTR, SRV or A record";
	const char *there = "DNS of the node behind this one";

	refused(0, 478, "Whatever");
	record_applies(UNRESOLVABLE, 200, REGMON_CERTAIN);
	record_suspects(UNRESOLVABLE, 200, here);
	record_says(UNRESOLVABLE, 200, "14:03:07.100 478 Whatever (CSeq 1), made by "
								   "this node");
	record->last_findings[0] = regmon_rule_find(REGMON_TEXT("RURI-01")) + 1;
	record_says(UNRESOLVABLE, 200, "the Request-URI broke RURI-01: ");
	refused(0, 500, "Unresolvable destination (478/SL)");
	record_applies(UNRESOLVABLE, 200, REGMON_CERTAIN);
	record->last_findings[0] = regmon_rule_find(REGMON_TEXT("TO-01")) + 1;
	record_silent_of(UNRESOLVABLE, 200, "Request-URI");
	/* the first target answered, the next one has no address */
	refused(503, 478, "Unresolvable destination (478/TM)");
	record_applies(UNRESOLVABLE, 200, REGMON_CERTAIN);
	record_suspects(UNRESOLVABLE, 200, here);
	/* from the core */
	refused(478, 478, "Whatever");
	record_applies(UNRESOLVABLE, 200, REGMON_LIKELY);
	record_suspects(UNRESOLVABLE, 200, there);
	record_says(UNRESOLVABLE, 200, "from the core");
	refused(500, 500, "Unresolvable destination (478/SL)");
	record_applies(UNRESOLVABLE, 200, REGMON_LIKELY);
	record_suspects(UNRESOLVABLE, 200, there);
}

static void resolvable(void **state)
{
	/* the next hop got it and did not answer */
	asked(true);
	record_refusal(5000, 408, "Request Timeout");
	record_not(UNRESOLVABLE, 5001);
	record_applies("no-answer-from-core", 5001, REGMON_CERTAIN);
	refused(0, 477, "Unfortunately error on sending to next hop");
	record_not(UNRESOLVABLE, 200);
	/* the attempt did not end with it */
	refused(0, 478, "Unresolvable destination");
	record->attempt.result = REGMON_RESULT_UNANSWERED;
	record_not(UNRESOLVABLE, 200);
	asked(false);
	record_grant(100, 3600);
	record_reason("Unresolvable destination");
	record_not(UNRESOLVABLE, 200);
}

/* ---- interval-too-brief ---- */

static void too_brief(int64_t at, int requested_s, int min_expires_s)
{
	record_retry(at, 423, "Interval Too Brief");
	record->requested_s = requested_s;
	record->supplement->min_expires_s = min_expires_s;
}

static void brief(void **state)
{
	asked(false);
	too_brief(9000, 300, 1800);
	record_applies(BRIEF, 9001, REGMON_POSSIBLE);
	/* counted from the 423, however late it came */
	record_applies(BRIEF, 18999, REGMON_POSSIBLE);
	record_applies(BRIEF, 19000, REGMON_LIKELY);
	record_suspects(BRIEF, 19000, "The phone: its interval is below");
	record_says(BRIEF, 19000, "423 to CSeq 1, which asked for 300 s");
	record_says(BRIEF, 19000, "Min-Expires: 1800 s");
	/* it comes with as little again */
	record_request(19500, 2, 0);
	record_not(BRIEF, 19600);
	too_brief(19700, 300, 1800);
	record_applies(BRIEF, 19701, REGMON_LIKELY);
	record_says(BRIEF, 19701, "423 to CSeq 2");
	record_says(BRIEF, 19701, "2 REGISTERs in this attempt");
	record_end(147700, REGMON_RESULT_REFUSED);
	record_applies(BRIEF, 147701, REGMON_CERTAIN);
}

/* REGISTERs of this attempt that got other answers are none that asked for as little. */
static void other_answers_before(void **state)
{
	asked(false);
	record_retry(100, 421, "Extension Required");
	record_request(500, 2, 0);
	too_brief(600, 300, 1800);
	record_applies(BRIEF, 700, REGMON_POSSIBLE);
	record_new();
	record_first_round(0, 1);
	record_request(500, 2, REGMON_MARK_CREDENTIALS);
	too_brief(600, 300, 1800);
	record_applies(BRIEF, 700, REGMON_POSSIBLE);
	/* a 423 of an attempt before is none of this one */
	asked(false);
	too_brief(100, 300, 1800);
	record_end(500, REGMON_RESULT_SUPERSEDED);
	record_open(600, REGMON_ATTEMPT_INITIAL);
	record_request(600, 9, 0);
	too_brief(700, 300, 1800);
	record->supplement->before.kind = REGMON_ATTEMPT_NONE;
	record_applies(BRIEF, 800, REGMON_POSSIBLE);
}

static void brief_in_its_forms(void **state)
{
	asked(false);
	too_brief(100, 3599, 0);
	record_suspects(BRIEF, 200, "The node that answers: without Min-Expires");
	record_says(BRIEF, 200, "no Min-Expires in it");
	too_brief(100, 3600, 7200);
	record_suspects(BRIEF, 200, "The registrar: 423 is for less than an hour");
	too_brief(100, -1, 7200);
	record_suspects(BRIEF, 200, "The registrar: 423 is for less than an hour");
	record_says(BRIEF, 200, "423 to CSeq 1, which named no time");
	too_brief(100, 3599, 7200);
	record_suspects(BRIEF, 200, "The phone: its interval is below");
}

static void not_too_brief(void **state)
{
	/* it asked for more and got on */
	asked(false);
	too_brief(100, 300, 1800);
	record_request(500, 2, 0);
	record_not(BRIEF, 60000);
	record_grant(600, 1800);
	record_not(BRIEF, 700);
	/* or got on as far as anybody answers */
	asked(false);
	too_brief(100, 300, 1800);
	record_request(500, 2, 0);
	record_end(128500, REGMON_RESULT_UNANSWERED);
	record_not(BRIEF, 128501);
	asked(false);
	too_brief(100, 300, 1800);
	record_request(500, 2, 0);
	record_challenge(600);
	record_not(BRIEF, 60000);
	refused(423, 403, "Forbidden");
	record_not(BRIEF, 200);
}

/* ---- extension-refused ---- */

static void extension(void **state)
{
	static const int codes[] = {420, 421, 439};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(codes); i++) {
		refused(codes[i], codes[i], "Bad Extension");
		record_applies(EXTENSION, 200, REGMON_CERTAIN);
	}
	record_says(EXTENSION, 200, "14:03:07.100 439 Bad Extension (CSeq 1), from "
								"the core");
	record_says(EXTENSION, 200, "the phone lists in Supported: none of path");
	record->asked_options = REGMON_OPTION_PATH;
	record_says(EXTENSION, 200, "the phone lists in Supported: path");
	record->asked_options = REGMON_OPTION_SEC_AGREE | REGMON_OPTION_OUTBOUND;
	record_says(EXTENSION, 200, "lists in Supported: sec-agree outbound");
	record_silent_of(EXTENSION, 200, " path");
	record->asked_options |= REGMON_OPTION_PATH;
	record_says(EXTENSION, 200, "in Supported: path sec-agree outbound");
}

static void extension_open(void **state)
{
	asked(false);
	record_retry(100, 421, "Extension Required");
	record_applies(EXTENSION, 60000, REGMON_POSSIBLE);
	record_says(EXTENSION, 60000, "421 Extension Required (CSeq 1), made by this");
	record_end(128000, REGMON_RESULT_REFUSED);
	record_applies(EXTENSION, 128001, REGMON_CERTAIN);
	asked(false);
	record_retry(100, 421, "Extension Required");
	record_end(900, REGMON_RESULT_SUPERSEDED);
	record_applies(EXTENSION, 901, REGMON_CERTAIN);
}

static void extension_in_its_forms(void **state)
{
	refused(420, 420, "Bad Extension");
	record_suspects(EXTENSION, 200, "The tag in Unsupported or Require");
	record->supplement->named_options = REGMON_OPTION_SEC_AGREE;
	record_suspects(EXTENSION, 200, "420: the target is no P-CSCF");
	record->supplement->named_options |= REGMON_OPTION_PATH;
	record_suspects(EXTENSION, 200, "420: the REGISTER left the IMS");
	record->supplement->named_options |= REGMON_OPTION_OUTBOUND;
	record_suspects(EXTENSION, 200, "The first hop put no `ob`");
	record->supplement->named_options = 0;
	record->attempt.code = 439;
	record_suspects(EXTENSION, 200, "The first hop put no `ob`");
}

static void extension_got_over(void **state)
{
	/* the phone tried again and got on */
	asked(false);
	record_retry(100, 421, "Extension Required");
	record_request(500, 2, 0);
	record_not(EXTENSION, 600);
	record_grant(700, 3600);
	record_not(EXTENSION, 800);
	asked(false);
	record_retry(100, 421, "Extension Required");
	record_request(500, 2, 0);
	record_end(128500, REGMON_RESULT_UNANSWERED);
	record_not(EXTENSION, 128501);
	refused(400, 400, "Bad Request");
	record_not(EXTENSION, 200);
	refused(494, 494, "Security Agreement Required");
	record_not(EXTENSION, 200);
}

static void all_is_shown(void **state)
{
	record_all_shown(QOS);
	record_all_shown(UNRESOLVABLE);
	record_all_shown(BRIEF);
	record_all_shown(EXTENSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(qos), harness_test(no_qos),
			harness_test(unresolvable), harness_test(resolvable),
			harness_test(brief), harness_test(other_answers_before),
			harness_test(brief_in_its_forms), harness_test(not_too_brief),
			harness_test(extension), harness_test(extension_open),
			harness_test(extension_in_its_forms),
			harness_test(extension_got_over), harness_test(all_is_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
