/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wrong-response and stale-credentials: the phone's answer to a challenge, with lab keys and without. */
#include "diagnosis_record.h"

#define WRONG "wrong-response"
#define STALE "stale-credentials"

#define NOW                                               \
	(REGMON_AKA_CHALLENGED | REGMON_AKA_CHALLENGED_NOW    \
			| REGMON_AKA_ANSWERED | REGMON_AKA_ANSWERED_NOW)

/* a phone that answers its challenge at 500, and waits */
static void answered(void)
{
	record_new();
	record->ims = true;
	record_first_round(0, 1);
	record_request(500, 2, REGMON_MARK_CREDENTIALS);
	record_sent(501);
}

static void refused(int64_t at, int code, const char *reason)
{
	record_core(at - 1, code);
	record_refusal(at, code, reason);
}

static void challenged_again(int64_t at)
{
	record_core(at - 1, 401);
	record_challenge(at);
}

static void facts(unsigned verdict)
{
	record->aka.marks = NOW;
	record->supplement->worth.of_answer = verdict;
}

/* ---- wrong-response ---- */

static void refused_at_once(void **state)
{
	answered();
	record_not(WRONG, 600);
	refused(700, 403, "Forbidden");
	record_applies(WRONG, 800, REGMON_LIKELY);
	record_suspects(WRONG, 800, "RES differs from XRES");
	record_says(WRONG, 800, "14:03:07.500 the phone answered the challenge with "
							"a response (CSeq 2)");
	record_says(WRONG, 800, "14:03:07.700 it got 403 Forbidden, after 200 ms");
	record_says(WRONG, 800, "the reason phrase names neither user, barring nor");
	record_says(WRONG, 800, "the 403 came from the core");
	/* it says why, the refusal as such stands behind it */
	assert_int_equal(
			record_diagnosis.list[0].cause, record_cause(WRONG));
	/* two answers to one 401: the second one had none before it */
	record->attempt.last_answers_challenge = false;
	record_applies(WRONG, 800, REGMON_POSSIBLE);
}

/* The 401 was before this node's time. */
static void challenge_not_seen(void **state)
{
	record_new();
	record_open(0, REGMON_ATTEMPT_UNKNOWN);
	record->attempt.unknown_start = true;
	record_request(0, 2, REGMON_MARK_CREDENTIALS);
	record_sent(1);
	refused(100, 403, "Forbidden");
	record_applies(WRONG, 200, REGMON_POSSIBLE);
	/* a refresh repeats the last response and answers nothing */
	record_new();
	record_good(0);
	record_open(3000000, REGMON_ATTEMPT_REFRESH);
	record_request(3000000, 3, REGMON_MARK_CREDENTIALS);
	record_sent(3000001);
	refused(3000100, 403, "Forbidden");
	record_not(WRONG, 3000200);
	facts(REGMON_AKA_RESPONSE_RIGHT);
	record_not(WRONG, 3000200);
}

/* An S-CSCF or registrar makes the 403 itself; a node that passes REGISTERs on cannot know what a response is worth. */
static void who_made_the_403(void **state)
{
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	record_challenge(10);
	record_request(500, 2, REGMON_MARK_CREDENTIALS);
	record_refusal(600, 403, "Forbidden");
	record_applies(WRONG, 700, REGMON_LIKELY);
	record_says(WRONG, 700, "the 403 was made by this node");
	/* this one did pass the first REGISTER on, and not the answer */
	record_new();
	record_first_round(0, 1);
	record_request(500, 2, REGMON_MARK_CREDENTIALS);
	record_refusal(600, 403, "Forbidden");
	record_not(WRONG, 700);
	/* passed on, and nothing came back */
	answered();
	record_refusal(600, 403, "Forbidden");
	record_not(WRONG, 700);
	/* the core accepted it, or had another trouble */
	answered();
	record_core(599, 200);
	record_refusal(600, 403, "Forbidden");
	record_not(WRONG, 700);
	answered();
	record_core(599, 500);
	record_refusal(600, 403, "Forbidden");
	record_not(WRONG, 700);
}

static void refused_late(void **state)
{
	const char *suspect = "S-CSCF: it resumed after its transaction";

	answered();
	refused(5499, 403, "Forbidden");
	record_suspects(WRONG, 6000, "RES differs from XRES");
	answered();
	refused(5500, 403, "Forbidden");
	record_suspects(WRONG, 6000, suspect);
	record_says(WRONG, 6000, "403 Forbidden, after 5.0 s");
	record->attempt.changed_on_way = REGMON_CHANGED_CHALLENGE;
	record_suspects(WRONG, 6000, "This node's script or a module changes WWW");
	/* of another answer than that 401 */
	record->attempt.changed_on_way = REGMON_CHANGED_NONCE;
	record_suspects(WRONG, 6000, suspect);
}

/* What answer and challenge look like, without any key. */
static void facts_without_keys(void **state)
{
	const char *usual = "RES differs from XRES";
	regmon_aka_facts_t *aka = &record->aka;

	answered();
	refused(700, 403, "Forbidden");
	facts(REGMON_AKA_NONE);
	record_suspects(WRONG, 800, usual);
	/* algorithms, where both name one */
	aka->challenge_algorithm = REGMON_ALGORITHM_AKAV2_SHA_256;
	record_suspects(WRONG, 800, usual);
	aka->answer_algorithm = REGMON_ALGORITHM_AKAV1_MD5;
	record_suspects(WRONG, 800, "AKAv1 and AKAv2 are mixed up");
	aka->marks = REGMON_AKA_CHALLENGED | REGMON_AKA_ANSWERED;
	record_suspects(WRONG, 800, usual);
	facts(REGMON_AKA_NONE);
	aka->challenge_algorithm = REGMON_ALGORITHM_NONE;
	record_suspects(WRONG, 800, usual);
	/* realm */
	aka->challenge_algorithm = aka->answer_algorithm;
	aka->answer_realm = REGMON_ANSWER_REALM_DIFFERS;
	record_suspects(WRONG, 800, "The phone, or a node between, changed the");
	aka->answer_realm = REGMON_ANSWER_REALM_SAME;
	record_suspects(WRONG, 800, usual);
	aka->answer_realm = REGMON_ANSWER_REALM_UNKNOWN;
	record_suspects(WRONG, 800, usual);
	/* qop */
	aka->qop_offer = REGMON_QOP_OFFERED;
	aka->qop_use = REGMON_QOP_INCOMPLETE;
	record_suspects(WRONG, 800, "The phone: qop, nc and cnonce go together");
	aka->qop_use = REGMON_QOP_COMPLETE;
	record_suspects(WRONG, 800, usual);
	aka->qop_offer = REGMON_QOP_NOT_OFFERED;
	record_suspects(WRONG, 800, "The phone: qop, nc and cnonce go together");
	aka->qop_use = REGMON_QOP_NOT_USED;
	record_suspects(WRONG, 800, usual);
}

static void lab_keys(void **state)
{
	static const struct
	{
		regmon_aka_verdict_kind_t verdict;
		const char *suspect;
	} cases[] = {{REGMON_AKA_RESPONSE_WRONG, "The phone or client: it computes"},
			{REGMON_AKA_EMPTY_PASSWORD, "The phone: it got no RES"},
			{REGMON_AKA_HEX_RESPONSE, "The phone: RES has to go into"},
			{REGMON_AKA_CUT_RESPONSE, "The phone: RES has to go into"},
			{REGMON_AKA_WRONG_AKA_VERSION, "AKAv1 and AKAv2 are mixed up"},
			{REGMON_AKA_RESPONSE_RIGHT, "S-CSCF: it refused a right response"}};
	char line[60];
	unsigned i;

	for(i = 0; i < REGMON_COUNT(cases); i++) {
		answered();
		facts(cases[i].verdict);
		record_not(WRONG, 600);
		snprintf(line, sizeof(line), "by the lab keys it is %s: ",
				regmon_aka_verdict_name(cases[i].verdict));
		/* challenged again, left at that, given up */
		challenged_again(700);
		record_applies(WRONG, 1700, REGMON_CERTAIN);
		record_suspects(WRONG, 1700, cases[i].suspect);
		record_says(WRONG, 1700, line);
		record_says(WRONG, 1700, "14:03:07.700 challenged again, nothing came "
								 "back in 1.0 s so far");
		record_end(2000, REGMON_RESULT_SUPERSEDED);
		record_applies(WRONG, 2001, REGMON_CERTAIN);
		record_says(WRONG, 2001, "14:03:09.000 it ended: superseded");
		record_end(240700, REGMON_RESULT_SILENT);
		record_applies(WRONG, 240701, REGMON_CERTAIN);
		record_says(WRONG, 240701, "challenged again, then the phone was");
		/* 403, also late: the keys know better */
		answered();
		facts(cases[i].verdict);
		refused(6000, 403, "Forbidden");
		record_applies(WRONG, 6001, REGMON_CERTAIN);
		record_suspects(WRONG, 6001, cases[i].suspect);
		/* the phone computed over what this node made of the nonce */
		record->attempt.changed_on_way = REGMON_CHANGED_CHALLENGE;
		record_suspects(WRONG, 6001, "This node's script or a module changes");
	}
}

/* Each sentence that limits what lab keys decide. */
static void lab_keys_do_not_decide(void **state)
{
	static const regmon_aka_verdict_kind_t verdicts[] = {
			REGMON_AKA_RESPONSE_WRONG, REGMON_AKA_RESPONSE_RIGHT};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(verdicts); i++) {
		/* refused for another reason than the response */
		answered();
		facts(verdicts[i]);
		refused(700, 500, "Server Internal Error");
		record_not(WRONG, 800);
		answered();
		facts(verdicts[i]);
		refused(700, 403, "HSS User Unknown");
		record_not(WRONG, 800);
		/* with the nonce of another challenge */
		answered();
		facts(verdicts[i]);
		record->attempt.stale_answers = 1;
		challenged_again(700);
		record_not(WRONG, 800);
		/* it is of another attempt */
		answered();
		facts(verdicts[i]);
		record->aka.marks = REGMON_AKA_ANSWERED | REGMON_AKA_CHALLENGED;
		challenged_again(700);
		record_not(WRONG, 800);
		/* the answer before was challenged again, this one got 500 */
		answered();
		challenged_again(700);
		record_request(1000, 3, REGMON_MARK_CREDENTIALS);
		facts(verdicts[i]);
		record_not(WRONG, 1100);
		refused(1200, 500, "Server Internal Error");
		record_not(WRONG, 1300);
		/* accepted */
		answered();
		facts(verdicts[i]);
		record_grant(700, 3600);
		record_not(WRONG, 800);
	}
	/* no answer to it */
	answered();
	facts(REGMON_AKA_RESPONSE_WRONG);
	record_end(128500, REGMON_RESULT_UNANSWERED);
	record_not(WRONG, 128600);
	/* verdicts on other things than a response */
	answered();
	facts(REGMON_AKA_AUTS_WRONG);
	challenged_again(700);
	record_not(WRONG, 800);
}

static void response_is_not_at_fault(void **state)
{
	static const char *const reasons[] = {"HSS User Unknown",
			"Forbidden - Roaming not allowed", "Can't register to QoS",
			"Identities do not match", "Authorization rejected", "BARRED",
			"no authentication vectors", "Unknown authentication scheme"};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(reasons); i++) {
		answered();
		refused(700, 403, reasons[i]);
		record_not(WRONG, 800);
	}
	/* the nonce was not that of the 401 */
	answered();
	record->attempt.stale_answers = 1;
	refused(700, 403, "Forbidden");
	record_not(WRONG, 800);
	record_applies(STALE, 800, REGMON_LIKELY);
	/* auts, an empty response, nothing at all */
	record_new();
	record_first_round(0, 1);
	record_request(500, 2, REGMON_MARK_AUTS);
	refused(700, 403, "Forbidden");
	record_not(WRONG, 800);
	record_new();
	record_first_round(0, 1);
	record_request(500, 2, REGMON_MARK_REFUSED_AUTN);
	refused(700, 403, "Forbidden");
	record_not(WRONG, 800);
	record_new();
	record_first_round(0, 1);
	record_request(500, 2, 0);
	refused(700, 403, "Forbidden");
	record_not(WRONG, 800);
	/* other codes */
	answered();
	refused(700, 480, "Temporarily Unavailable");
	record_not(WRONG, 800);
	/* challenged again, without keys: challenge-loop says that */
	answered();
	challenged_again(700);
	record_not(WRONG, 800);
	answered();
	record_grant(700, 3600);
	record_not(WRONG, 800);
}

/* ---- stale-credentials ---- */

/* answers its challenge with another nonce, at 500 */
static void stale_answer(void)
{
	answered();
	record->attempt.stale_answers = 1;
}

static void nonce_of_another_challenge(void **state)
{
	stale_answer();
	record_applies(STALE, 600, REGMON_POSSIBLE);
	record_suspects(STALE, 600, "The phone: it did not take the new nonce over");
	record_says(STALE, 600, "1 of 1 responses in this attempt carried another "
							"nonce than the 401 before them");
	challenged_again(700);
	record_applies(STALE, 800, REGMON_LIKELY);
	record_says(STALE, 800, "2 challenges (401)");
	record_says(STALE, 5700, "challenged again, nothing came back in 5.0 s");
	record->attempt.retransmissions = 3;
	record_says(STALE, 800, "the phone repeated REGISTERs 3 times");
	/* the same once more: still the only thing it does */
	record_request(1000, 3, REGMON_MARK_CREDENTIALS);
	record->attempt.stale_answers = 2;
	record_applies(STALE, 1100, REGMON_POSSIBLE);
	challenged_again(1200);
	record_applies(STALE, 1300, REGMON_LIKELY);
	record_says(STALE, 1300, "2 of 2 responses in this attempt");
	record_end(241200, REGMON_RESULT_SILENT);
	record_applies(STALE, 241300, REGMON_LIKELY);
	record_says(STALE, 241300, "then the phone was silent");
}

static void stale_in_its_ends(void **state)
{
	stale_answer();
	refused(700, 403, "Forbidden");
	record_applies(STALE, 800, REGMON_LIKELY);
	record_says(STALE, 800, "14:03:07.700 it ended with 403 Forbidden");
	/* nobody said what it is worth */
	stale_answer();
	record_end(128500, REGMON_RESULT_UNANSWERED);
	record_applies(STALE, 128600, REGMON_POSSIBLE);
	record_says(STALE, 128600, "it ended: no-answer");
	stale_answer();
	record_end(700, REGMON_RESULT_SUPERSEDED);
	record_applies(STALE, 800, REGMON_POSSIBLE);
	record_says(STALE, 800, "it ended: superseded");
	/* challenged again before it left */
	stale_answer();
	challenged_again(700);
	record_end(900, REGMON_RESULT_SUPERSEDED);
	record_applies(STALE, 1000, REGMON_LIKELY);
}

/* Some were stale, others had the nonce of their 401. */
static void some_are_stale(void **state)
{
	stale_answer();
	challenged_again(700);
	record_request(1000, 3, REGMON_MARK_CREDENTIALS);
	record_applies(STALE, 1100, REGMON_POSSIBLE);
	challenged_again(1200);
	record_applies(STALE, 1300, REGMON_POSSIBLE);
	record_request(1500, 4, REGMON_MARK_CREDENTIALS);
	record->attempt.stale_answers = 2;
	challenged_again(1700);
	record_applies(STALE, 1800, REGMON_POSSIBLE);
	record_end(241700, REGMON_RESULT_SILENT);
	record_applies(STALE, 241800, REGMON_POSSIBLE);
}

/* A refresh begins with the response of the last time: that one answers no 401. */
static void stale_in_a_refresh(void **state)
{
	record_new();
	record_good(0);
	record_open(3000000, REGMON_ATTEMPT_REFRESH);
	record_request(3000000, 3, REGMON_MARK_CREDENTIALS);
	record_challenge(3000100);
	record_not(STALE, 3000200);
	record_request(3000500, 4, REGMON_MARK_CREDENTIALS);
	record->attempt.stale_answers = 1;
	record_applies(STALE, 3000600, REGMON_POSSIBLE);
	record_challenge(3000700);
	record_applies(STALE, 3000800, REGMON_LIKELY);
}

static void nonce_changed_here(void **state)
{
	stale_answer();
	challenged_again(700);
	record->attempt.changed_on_way = REGMON_CHANGED_NONCE;
	record_suspects(STALE, 800, "This node's script or a module: the phone");
	record->attempt.changed_on_way = REGMON_CHANGED_CHALLENGE;
	record_suspects(STALE, 800, "This node's script or a module: the phone");
	record->attempt.changed_on_way = REGMON_CHANGED_EXPIRES;
	record_suspects(STALE, 800, "The phone: it did not take the new nonce over");
}

static void nonce_is_good(void **state)
{
	stale_answer();
	record_grant(700, 3600);
	record_not(STALE, 800);
	answered();
	challenged_again(700);
	record_not(STALE, 800);
	record_new();
	record_good(0);
	record_open(3000000, REGMON_ATTEMPT_REFRESH);
	record_request(3000000, 3, REGMON_MARK_CREDENTIALS);
	refused(3000100, 403, "Forbidden");
	record_not(STALE, 3000200);
}

static void all_is_shown(void **state)
{
	record_all_shown(WRONG);
	record_all_shown(STALE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(refused_at_once),
			harness_test(challenge_not_seen), harness_test(who_made_the_403),
			harness_test(refused_late), harness_test(facts_without_keys),
			harness_test(lab_keys), harness_test(lab_keys_do_not_decide),
			harness_test(response_is_not_at_fault),
			harness_test(nonce_of_another_challenge),
			harness_test(stale_in_its_ends), harness_test(some_are_stale),
			harness_test(stale_in_a_refresh), harness_test(nonce_changed_here),
			harness_test(nonce_is_good), harness_test(all_is_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
