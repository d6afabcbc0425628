/* SPDX-License-Identifier: GPL-2.0-or-later */
/* no-answer-from-core and forbidden-by-core. */
#include "diagnosis_record.h"

#define NO_ANSWER "no-answer-from-core"
#define FORBIDDEN "forbidden-by-core"

static void first_request(int64_t at, bool sent)
{
	record_open(at, REGMON_ATTEMPT_INITIAL);
	record_request(at, 1, 0);
	if(sent)
		record_sent(at + 3);
}

static void core_is_silent(void **state)
{
	record_new();
	first_request(0, true);
	record_not(NO_ANSWER, 10002);
	record_applies(NO_ANSWER, 10003, REGMON_LIKELY);
	record_says(NO_ANSWER, 12003,
			"14:03:07.003 REGISTER sent to the core (CSeq 1), no final answer "
			"from it in 12 s");
	record_says(NO_ANSWER, 12003, "the phone has got no final answer");
	record_suspects(NO_ANSWER, 12003, "I-CSCF not reachable");
	record->attempt.retransmissions = 5;
	record_says(NO_ANSWER, 12003, "repeated its REGISTER 5 times");
	record->attempt.driver_vias = 2;
	record_suspects(NO_ANSWER, 12003, "S-CSCF or HSS: the Diameter peer");
	record_end(128000, REGMON_RESULT_UNANSWERED);
	record_applies(NO_ANSWER, 200000, REGMON_CERTAIN);
	record->state = REGMON_STATE_FAILED;
	record_summary_says(200000, "given up at 14:05:15");
}

static void transaction_ended(void **state)
{
	record_new();
	first_request(0, true);
	record_entry(REGMON_ENTRY_NO_ANSWER, REGMON_SIDE_PHONE, 5000);
	record_applies(NO_ANSWER, 5001, REGMON_CERTAIN);
	/* its twin: the phone came again, and the end of the old transaction says nothing about the new one */
	record_request(6000, 2, 0);
	record_sent(6001);
	record_not(NO_ANSWER, 6002);
}

static void own_timeout_answer(void **state)
{
	record_new();
	first_request(0, true);
	record_refusal(5000, 408, "Request Timeout");
	record_applies(NO_ANSWER, 5001, REGMON_CERTAIN);
	record_says(NO_ANSWER, 5001, "this node itself answered the phone 408 "
								 "Request Timeout");
	record_summary_says(5001, "refused with 408 Request Timeout at 14:03:12 (1 "
							  "ms ago), by this node");
	record_new();
	first_request(0, true);
	record_refusal(5000, 504, "Server Time-out");
	record_applies(NO_ANSWER, 5001, REGMON_CERTAIN);
	/* a script turned the timeout into another code */
	record_new();
	first_request(0, true);
	record_refusal(30000, 500, "Later");
	record_applies(NO_ANSWER, 30001, REGMON_LIKELY);
	record_new();
	first_request(0, true);
	record_refusal(300, 500, "Send failed");
	record_applies(NO_ANSWER, 301, REGMON_POSSIBLE);
}

/* A tap does not see this node send it on; and the way back may pass beside it. */
static void tapped(void **state)
{
	record_new();
	first_request(0, false);
	record->tapped = true;
	record_not(NO_ANSWER, 9999);
	record_applies(NO_ANSWER, 10000, REGMON_LIKELY);
	record_suspects(NO_ANSWER, 10000, "The node that this REGISTER goes to");
	record_end(128000, REGMON_RESULT_UNANSWERED);
	record_applies(NO_ANSWER, 130000, REGMON_LIKELY);
}

/* The end of the attempt by this module's clock is no word of the transaction layer. */
static void given_up_by_clock(void **state)
{
	record_new();
	first_request(0, true);
	record_entry(REGMON_ENTRY_NO_ANSWER, REGMON_SIDE_PHONE, 128000);
	record_end(128000, REGMON_RESULT_UNANSWERED);
	record_applies(NO_ANSWER, 130000, REGMON_CERTAIN);
	record_not("unanswered-here", 130000);
}

/* The core sent the 401 and does not answer what comes after it. */
static void silent_after_credentials(void **state)
{
	record_new();
	record_first_round(0, 1);
	record_request(500, 2, REGMON_MARK_CREDENTIALS);
	record_sent(501);
	record_not(NO_ANSWER, 10500);
	record_applies(NO_ANSWER, 10501, REGMON_LIKELY);
	record_suspects(NO_ANSWER, 10501, "S-CSCF and HSS: the core lives");
	record_says(NO_ANSWER, 10501, "the core answered earlier in this attempt: 1 "
								  "challenge, the");
	/* its twin: it answered, late */
	record_core(10600, 200);
	record_not(NO_ANSWER, 10601);
}

static void silent_attempt_before(void **state)
{
	record_new();
	first_request(0, true);
	record_end(128000, REGMON_RESULT_UNANSWERED);
	first_request(200000, false);
	record_applies(NO_ANSWER, 200001, REGMON_LIKELY);
	record_says(NO_ANSWER, 200001, "not sent to the core yet");
	record_says(NO_ANSWER, 200001, "before it: 14:03:07.003 REGISTER sent");
	record_says(NO_ANSWER, 200001, "1 attempt in a row got no final answer");
	record_sent(200002);
	record_applies(NO_ANSWER, 200003, REGMON_LIKELY);
	record_core(200100, 401);
	record_challenge(200101);
	record_not(NO_ANSWER, 200102);
	record_request(200200, 2, REGMON_MARK_CREDENTIALS);
	record_sent(200201);
	record_not(NO_ANSWER, 200202);
}

static void core_answers(void **state)
{
	/* whatever the code */
	record_new();
	first_request(0, true);
	record_core(50, 480);
	record_refusal(51, 480, "Temporarily Unavailable");
	record_not(NO_ANSWER, 100000);
	record_summary_says(60, "by the core");
	record_new();
	first_request(0, true);
	record_core(50, 504);
	record_refusal(51, 504, "Server Time-out");
	record_not(NO_ANSWER, 100000);
	/* never sent on: this node's own script */
	record_new();
	first_request(0, false);
	record_not(NO_ANSWER, 60000);
	record_end(128000, REGMON_RESULT_UNANSWERED);
	record_not(NO_ANSWER, 130000);
	record_new();
	first_request(0, false);
	record_refusal(5, 504, "Server Time-out");
	record_not(NO_ANSWER, 6);
	/* sent on, and refused by this node at once */
	record_new();
	first_request(0, true);
	record_refusal(200, 403, "Cannot register to QoS");
	record_not(NO_ANSWER, 300);
	/* asked to try again with another expires, and left at that */
	record_new();
	first_request(0, true);
	record_refusal(128000, 423, "Interval Too Brief");
	record_not(NO_ANSWER, 128001);
	/* the phone was quicker than anybody could be late */
	record_new();
	first_request(0, true);
	record_end(2000, REGMON_RESULT_SUPERSEDED);
	first_request(2000, true);
	record_not(NO_ANSWER, 2100);
	/* registered */
	record_new();
	record_good(0);
	record_not(NO_ANSWER, 100000);
}

/* A REGISTER that passes this process on several legs is answered once on each. */
static void other_legs_do_not_count(void **state)
{
	regmon_entry_t *inner;

	record_new();
	first_request(0, true);
	record_entry(REGMON_ENTRY_REQUEST, REGMON_SIDE_CORE, 4)->marks =
			REGMON_MARK_PARALLEL;
	inner = record_entry(REGMON_ENTRY_ANSWER, REGMON_SIDE_CORE, 20);
	inner->marks = REGMON_MARK_PARALLEL;
	inner->code = 500;
	record_applies(NO_ANSWER, 20000, REGMON_LIKELY);
	record_end(128000, REGMON_RESULT_UNANSWERED);
	first_request(200000, false);
	record_applies(NO_ANSWER, 200001, REGMON_LIKELY);
}

static void forbid(const char *reason)
{
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	record_sent(3);
	record_core(40, 403);
	record_refusal(41, 403, reason);
}

static void forbidden(void **state)
{
	forbid("Forbidden - HSS User Unknown");
	record_applies(FORBIDDEN, 1000, REGMON_CERTAIN);
	record_says(FORBIDDEN, 1000, "14:03:07.040 403 came from the core (CSeq 1)");
	record_says(FORBIDDEN, 1000, "reason phrase: Forbidden - HSS User Unknown");
	record_says(FORBIDDEN, 1000, "had no credentials, after 0 challenges");
	record_suspects(FORBIDDEN, 1000, "HSS: user unknown (Cx 5001)");
	record_summary_says(1000, "refused with 403 Forbidden - HSS User Unknown at "
							  "14:03:07 (959 ms ago), by the core");
}

static void forbidden_for_a_reason(void **state)
{
	static const struct
	{
		const char *reason, *suspect;
	} cases[] = {{"Forbidden - HSS Identities don't match", "HSS: IMPI and"},
			{"Forbidden - HSS Authorization Rejected", "HSS: the subscription"},
			{"Forbidden - HSS Roaming not allowed", "HSS: roaming"},
			{"Forbidden - HSS returned no authentication vectors",
					"HSS: no authentication vector"},
			{"Forbidden - HSS responded with unknown Result Code",
					"HSS: user unknown, identities"},
			{"Can't register to QoS for signalling", "PCRF/PCF"},
			{"BARRED", "HSS: the subscription"}, {"Forbidden", "HSS: user unknown, "},
			{"", "HSS: user unknown, "}};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(cases); i++) {
		forbid(cases[i].reason);
		record_applies(FORBIDDEN, 1000, REGMON_CERTAIN);
		record_suspects(FORBIDDEN, 1000, cases[i].suspect);
	}
}

static void forbidden_after_a_challenge(void **state)
{
	record_new();
	record_first_round(0, 1);
	record_request(500, 2, REGMON_MARK_CREDENTIALS);
	record_core(600, 403);
	record_refusal(601, 403, "Forbidden");
	record_applies(FORBIDDEN, 1000, REGMON_CERTAIN);
	record_suspects(FORBIDDEN, 1000, "RES differs from XRES");
	record_says(FORBIDDEN, 1000, "had a response, after 1 challenge");
	record_new();
	record_first_round(0, 1);
	record_request(500, 2, REGMON_MARK_REFUSED_AUTN);
	record_sent(501);
	record_core(600, 403);
	record_refusal(601, 403, "Forbidden");
	record_suspects(FORBIDDEN, 1000, "K or OPc");
	record_says(FORBIDDEN, 1000, "the card refused the network's AUTN");
	/* and comes again: the one before still tells how it stands */
	record_first_round(60000, 1);
	record_applies(FORBIDDEN, 60200, REGMON_LIKELY);
	record_says(FORBIDDEN, 60200,
			"14:03:07.600 403 came from the core (CSeq 2)");
	record_says(FORBIDDEN, 60200,
			"14:04:07.000 a new attempt began; what follows is of the one "
			"before it, which ended at 14:03:07.601");
	record_request(60500, 2, REGMON_MARK_CREDENTIALS);
	record_core(60600, 200);
	record_grant(60601, 3600);
	record_not(FORBIDDEN, 60700);
}

static void forbidden_and_changed(void **state)
{
	record_new();
	first_request(0, true);
	record_core(40, 403);
	record_refusal(41, 500, "Server Error");
	record_applies(FORBIDDEN, 1000, REGMON_LIKELY);
	record_says(FORBIDDEN, 1000, "did not get this 403; its last answer: 500");
}

static void not_forbidden_by_core(void **state)
{
	/* this node's own 403 */
	record_new();
	first_request(0, false);
	record_refusal(5, 403, "Forbidden");
	record_not(FORBIDDEN, 1000);
	record_summary_says(1000, "by this node");
	record_new();
	first_request(0, true);
	record_refusal(5, 403, "Forbidden");
	record_not(FORBIDDEN, 1000);
	/* another code */
	record_new();
	first_request(0, true);
	record_core(40, 404);
	record_refusal(41, 404, "Not Found");
	record_not(FORBIDDEN, 1000);
	/* 403 to a refresh, another attempt succeeded since */
	record_new();
	record_good(0);
	record_open(3000000, REGMON_ATTEMPT_REFRESH);
	record_request(3000000, 3, REGMON_MARK_CREDENTIALS);
	record_core(3000100, 403);
	record_refusal(3000101, 403, "Forbidden");
	record_applies(FORBIDDEN, 3000200, REGMON_CERTAIN);
	record_says(FORBIDDEN, 3000200, "it was registered before");
	record_summary_says(3000200, "Registered since 14:03:08");
	record_summary_says(3000200, "the last attempt was refused with 403");
	record_open(3010000, REGMON_ATTEMPT_REFRESH);
	record_request(3010000, 4, REGMON_MARK_CREDENTIALS);
	record_grant(3010100, 3600);
	record_not(FORBIDDEN, 3010200);
}

/* What a message brought is shown without its control characters. */
static void reason_cannot_forge_lines(void **state)
{
	const regmon_verdict_t *verdict;
	unsigned i;

	forbid("No\r\nroot:\x1b[31m x\x7f");
	verdict = record_verdict(FORBIDDEN, 1000);
	assert_non_null(verdict);
	for(i = 0; i < verdict->evidence.n; i++)
		assert_null(strpbrk(verdict->evidence.line[i], "\r\n\x1b\x7f"));
	assert_null(strpbrk(record_diagnosis.summary, "\r\n\x1b\x7f"));
	record_says(FORBIDDEN, 1000, "No??root:?[31m x?");
}

static void all_is_shown(void **state)
{
	record_all_shown(NO_ANSWER);
	record_all_shown(FORBIDDEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(core_is_silent),
			harness_test(transaction_ended), harness_test(own_timeout_answer),
			harness_test(tapped), harness_test(given_up_by_clock),
			harness_test(silent_after_credentials),
			harness_test(silent_attempt_before), harness_test(core_answers),
			harness_test(other_legs_do_not_count), harness_test(forbidden),
			harness_test(forbidden_for_a_reason),
			harness_test(forbidden_after_a_challenge),
			harness_test(forbidden_and_changed),
			harness_test(not_forbidden_by_core),
			harness_test(reason_cannot_forge_lines),
			harness_test(all_is_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
