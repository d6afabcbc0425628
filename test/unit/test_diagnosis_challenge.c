/* SPDX-License-Identifier: GPL-2.0-or-later */
/* challenge-loop and silent-after-challenge: when they are named, how they word it, when they must not be named. */
#include "diagnosis_record.h"

#define LOOP "challenge-loop"
#define SILENT "silent-after-challenge"

/* answers the open challenge, and gets the next one 100 ms later */
static void round_of(int64_t at, uint32_t cseq, unsigned marks)
{
	record_request(at, cseq, marks);
	record_sent(at + 1);
	record_core(at + 99, 401);
	record_challenge(at + 100);
}

static void loop_of_responses(void **state)
{
	record_new();
	record_first_round(0, 1);
	round_of(500, 2, REGMON_MARK_CREDENTIALS);
	record_not(LOOP, 700);
	round_of(1000, 3, REGMON_MARK_CREDENTIALS);
	record_applies(LOOP, 1200, REGMON_POSSIBLE);
	round_of(1500, 4, REGMON_MARK_CREDENTIALS);
	record_applies(LOOP, 1700, REGMON_CERTAIN);
	record_says(LOOP, 1700, "4 challenges (401)");
	record_says(LOOP, 1700, "14:03:08.600");
	record_says(LOOP, 1700, "3 answered with credentials (response), each got "
							"401: CSeq 2, 3, 4");
	record_says(LOOP, 1700, "nonce was new each time");
	record_suspects(LOOP, 1700, "The card accepted the challenge");
	record_summary_says(1700, "challenged at 14:03:08, waiting for the phone");
}

static void loop_of_resyncs(void **state)
{
	uint32_t cseq;

	record_new();
	record_first_round(0, 1);
	for(cseq = 2; cseq <= 4; cseq++)
		round_of(cseq * 1000, cseq, REGMON_MARK_AUTS);
	record_applies(LOOP, 5000, REGMON_CERTAIN);
	record_suspects(LOOP, 5000, "SQN:");
	record_says(LOOP, 5000, "3 answered with auts");
	record_says(LOOP, 5000, "CSeq 2, 3, 4");
}

static void loop_of_mac_failures(void **state)
{
	uint32_t cseq;

	record_new();
	record_first_round(0, 1);
	for(cseq = 2; cseq <= 4; cseq++)
		round_of(cseq * 1000, cseq, REGMON_MARK_REFUSED_AUTN);
	record_applies(LOOP, 5000, REGMON_CERTAIN);
	record_suspects(LOOP, 5000, "K or OPc:");
	record_says(LOOP, 5000, "3 answered with an empty response");
}

static void loop_of_one_nonce(void **state)
{
	uint32_t cseq;

	record_new();
	record_first_round(0, 1);
	for(cseq = 2; cseq <= 4; cseq++)
		round_of(cseq * 1000, cseq, REGMON_MARK_CREDENTIALS);
	record->attempt.repeated_nonces = 3;
	record_suspects(LOOP, 5000, "The S-CSCF sends the old vector");
	record_says(LOOP, 5000, "nonce was repeated in 3 of 4 401");
}

static void loop_outside_of_the_sa(void **state)
{
	uint32_t cseq;

	record_new();
	record_first_round(0, 1);
	for(cseq = 2; cseq <= 4; cseq++)
		round_of(cseq * 1000, cseq, REGMON_MARK_CREDENTIALS);
	record->attempt.offered_security = true;
	record->attempt.challenge_had_security_server = true;
	record_suspects(LOOP, 5000, "The SA is not used");
	record_says(LOOP, 5000, "0 of 4 REGISTERs arrived protected");
	record->attempt.protected_requests = 3;
	record_suspects(LOOP, 5000, "The card accepted");
}

/* A phone refuses two bad challenges at most and begins anew: the loop goes over attempts. */
static void loop_over_attempts(void **state)
{
	record_new();
	record_first_round(0, 1);
	round_of(1000, 2, REGMON_MARK_AUTS);
	record_end(241000, REGMON_RESULT_SILENT);
	record_applies(LOOP, 241001, REGMON_POSSIBLE);
	record_first_round(300000, 1);
	record_applies(LOOP, 300200, REGMON_POSSIBLE);
	round_of(301000, 2, REGMON_MARK_AUTS);
	record_end(541000, REGMON_RESULT_SILENT);
	record_applies(LOOP, 541001, REGMON_LIKELY);
	record_suspects(LOOP, 541001, "SQN:");
	record_says(LOOP, 541001, "2 attempts in a row ended so");
	record_first_round(600000, 1);
	record_applies(LOOP, 600200, REGMON_LIKELY);
	record_suspects(LOOP, 600200, "SQN:");
	/* its twin: the third attempt goes well */
	record_request(601000, 2, REGMON_MARK_CREDENTIALS);
	record_grant(601100, 3600);
	record_not(LOOP, 601200);
}

static void loop_that_ended_in_a_refusal(void **state)
{
	uint32_t cseq;

	record_new();
	record_first_round(0, 1);
	for(cseq = 2; cseq <= 4; cseq++)
		round_of(cseq * 1000, cseq, REGMON_MARK_CREDENTIALS);
	record_request(6000, 5, REGMON_MARK_CREDENTIALS);
	record_sent(6001);
	record_core(6050, 403);
	record_refusal(6051, 403, "Forbidden");
	record_applies(LOOP, 7000, REGMON_LIKELY);
	record_says(LOOP, 7000, "it ended with 403 Forbidden at 14:03:13.051");
	/* why it was refused, that it was, and the loop, which is less certain */
	assert_int_equal(
			record_diagnosis.list[0].cause, record_cause("wrong-response"));
	assert_int_equal(record_diagnosis.list[1].cause,
			record_cause("forbidden-by-core"));
	assert_int_equal(record_diagnosis.list[2].cause, record_cause(LOOP));
}

static void no_loop(void **state)
{
	uint32_t cseq;

	/* one resynchronisation, then a good answer: as it should be */
	record_new();
	record_first_round(0, 1);
	round_of(1000, 2, REGMON_MARK_AUTS);
	record_not(LOOP, 1200);
	record_request(2000, 3, REGMON_MARK_CREDENTIALS);
	record_not(LOOP, 2010);
	record_grant(2100, 3600);
	record_not(LOOP, 2200);
	/* rounds enough, but the last answer was accepted */
	record_new();
	record_first_round(0, 1);
	for(cseq = 2; cseq <= 5; cseq++)
		round_of(cseq * 1000, cseq, REGMON_MARK_CREDENTIALS);
	record_request(9000, 6, REGMON_MARK_CREDENTIALS);
	record_grant(9100, 3600);
	record_not(LOOP, 9200);
	/* 401 after 401 to a phone that never answers one */
	record_new();
	record_first_round(0, 1);
	for(cseq = 2; cseq <= 9; cseq++)
		round_of(cseq * 1000, cseq, 0);
	record_not(LOOP, 9200);
	/* a refresh repeats its old response and is challenged: that is no round */
	record_new();
	record_good(0);
	record_open(3000000, REGMON_ATTEMPT_REFRESH);
	record_request(3000000, 3, REGMON_MARK_CREDENTIALS);
	record_challenge(3000100);
	record_not(LOOP, 3000200);
	round_of(3001000, 4, REGMON_MARK_CREDENTIALS);
	round_of(3002000, 5, REGMON_MARK_CREDENTIALS);
	record_applies(LOOP, 3003000, REGMON_POSSIBLE);
}

static void thresholds_of_the_loop(void **state)
{
	regmon_thresholds_t thresholds = REGMON_THRESHOLDS_DEFAULT;
	uint64_t bit = UINT64_C(1) << record_cause(LOOP);

	record_new();
	record_first_round(0, 1);
	round_of(1000, 2, REGMON_MARK_CREDENTIALS);
	thresholds.challenge_loop = 2;
	assert_false(regmon_diagnose_set(record, &thresholds, RECORD_START + 1200)
				 & bit);
	thresholds.challenge_loop = 1;
	assert_true(regmon_diagnose_set(record, &thresholds, RECORD_START + 1200)
				& bit);
	/* a threshold of nothing does not name a loop where there was no round */
	thresholds.challenge_loop = 0;
	record_new();
	record_first_round(0, 1);
	assert_false(regmon_diagnose_set(record, &thresholds, RECORD_START + 1200)
				 & bit);
}

static void silence(void **state)
{
	record_new();
	record_first_round(0, 1);
	/* the phone still has time */
	record_not(SILENT, 200);
	record_not(SILENT, 30099);
	record_applies(SILENT, 30100, REGMON_LIKELY);
	record_says(SILENT, 190100,
			"14:03:07.100 401 to the phone (CSeq 1), nothing came back in 3 "
			"min 10 s so far");
	record_suspects(SILENT, 190100, "The phone got the 401 and has no");
	record_end(240100, REGMON_RESULT_SILENT);
	record_applies(SILENT, 1000000, REGMON_LIKELY);
	record_says(SILENT, 1000000, "nothing came back in 4 min 0 s: given up");
	record->state = REGMON_STATE_FAILED;
	record_summary_says(1000000,
			"given up at 14:07:07 (12 min 39 s ago): the phone did not come "
			"back after the 401");
}

static void silence_in_its_forms(void **state)
{
	record_new();
	record_first_round(0, 1);
	record->attempt.offered_security = true;
	record_suspects(SILENT, 40000, "No Security-Server:");
	record_says(SILENT, 40000, "carried no Security-Server");
	record->attempt.challenge_had_security_server = true;
	record_suspects(SILENT, 40000, "The protected REGISTER does not come");
	record_says(SILENT, 40000, "carried a Security-Server");
	record->attempt.retransmissions_after_answer = 4;
	record_suspects(SILENT, 40000, "The 401 does not arrive");
	record_says(SILENT, 40000, "repeated its REGISTER 4 times after the 401");
	record->attempt.retransmissions_after_answer = 0;
	record->attempt.driver_vias = 3;
	record_suspects(SILENT, 40000, "This node is not the first hop");
	record_says(SILENT, 40000, "3 Vias deep");
	record->attempt.driver_vias = 1;
	record->transport = 'T';
	record_says(SILENT, 40000, "cannot have been lost to fragmentation");
	/* two refused challenges, then nothing */
	round_of(41000, 2, REGMON_MARK_AUTS);
	round_of(42000, 3, REGMON_MARK_AUTS);
	record_applies(SILENT, 80000, REGMON_LIKELY);
	record_suspects(SILENT, 80000, "SQN (auts)");
	record_says(SILENT, 80000, "2 auts (SQN), 0 empty responses");
	/* a response that was not accepted, then nothing: a phone that answers has credentials */
	record_new();
	record_first_round(0, 1);
	round_of(1000, 2, REGMON_MARK_CREDENTIALS);
	record_applies(SILENT, 40000, REGMON_POSSIBLE);
	record_suspects(SILENT, 40000, "The phone gave up: its response");
	record_says(SILENT, 40000, "1 response of the phone got 401 again");
}

static void challenge_facts(unsigned algorithm, unsigned nonce)
{
	record->aka.marks = REGMON_AKA_CHALLENGED | REGMON_AKA_CHALLENGED_NOW;
	record->aka.challenge_algorithm = algorithm;
	record->aka.nonce = nonce;
}

/* SIP Digest, or a nonce that is no RAND and AUTN: a SIM has no answer to it */
static void silence_after_no_vector(void **state)
{
	const char *suspect = "The 401 cannot be answered with a SIM";
	const char *usual = "The protected REGISTER does not come";

	record_new();
	record_first_round(0, 1);
	record->attempt.offered_security = true;
	record->attempt.challenge_had_security_server = true;
	challenge_facts(REGMON_ALGORITHM_MD5, REGMON_NONCE_VECTOR);
	record_suspects(SILENT, 40000, suspect);
	record_says(SILENT, 40000, "the 401 is none of AKA");
	challenge_facts(REGMON_ALGORITHM_AKAV1_MD5, REGMON_NONCE_TOO_SHORT);
	record_suspects(SILENT, 40000, suspect);
	challenge_facts(REGMON_ALGORITHM_AKAV1_MD5, REGMON_NONCE_NOT_BASE64);
	record_suspects(SILENT, 40000, suspect);
	/* a good vector; an algorithm that is not named or not known says nothing */
	challenge_facts(REGMON_ALGORITHM_AKAV1_MD5, REGMON_NONCE_VECTOR);
	record_suspects(SILENT, 40000, usual);
	record_silent_of(SILENT, 40000, "none of AKA");
	challenge_facts(REGMON_ALGORITHM_NONE, REGMON_NONCE_TOO_SHORT);
	record_suspects(SILENT, 40000, usual);
	challenge_facts(REGMON_ALGORITHM_OTHER, REGMON_NONCE_TOO_SHORT);
	record_suspects(SILENT, 40000, usual);
	/* of an attempt before, or of a phone that did not offer ipsec-3gpp */
	challenge_facts(REGMON_ALGORITHM_MD5, REGMON_NONCE_VECTOR);
	record->aka.marks = REGMON_AKA_CHALLENGED;
	record_suspects(SILENT, 40000, usual);
	challenge_facts(REGMON_ALGORITHM_MD5, REGMON_NONCE_VECTOR);
	record->attempt.offered_security = false;
	record_suspects(SILENT, 40000, usual);
	record_silent_of(SILENT, 40000, "none of AKA");
}

static void silence_after_keys(void **state)
{
	record_new();
	record_first_round(0, 1);
	record->timeline[record->timeline_next - 1].marks |= REGMON_MARK_KEYS;
	record_suspects(SILENT, 40000, "The 401 as sent: ck and ik");
	record_says(SILENT, 40000, "still carried ck or ik (R401-03)");
	/* a phone that has registered with such a 401 does not mind */
	record->ever_registered = true;
	record_suspects(SILENT, 40000, "The phone got the 401 and has no");
}

static void udp_is_not_said_to_be_tcp(void **state)
{
	const regmon_verdict_t *verdict;
	unsigned i;

	record_new();
	record_first_round(0, 1);
	verdict = record_verdict(SILENT, 40000);
	assert_non_null(verdict);
	for(i = 0; i < verdict->evidence.n; i++)
		assert_null(strstr(verdict->evidence.line[i], "TCP"));
}

/* 401, and a new Call-ID a few seconds later, again and again */
static void silence_and_a_new_call_id(void **state)
{
	record_new();
	record_first_round(0, 1);
	record_end(5000, REGMON_RESULT_SUPERSEDED);
	record_first_round(5000, 1);
	record_applies(SILENT, 5200, REGMON_POSSIBLE);
	record_end(10000, REGMON_RESULT_SUPERSEDED);
	record_first_round(10000, 1);
	record_applies(SILENT, 10200, REGMON_LIKELY);
	record_says(SILENT, 10200, "2 times the phone began anew instead");
	record_says(SILENT, 10200, "2 attempts in a row stopped at the 401");
	record_suspects(SILENT, 10200, "The phone gets the 401 and cannot use it");
	/* its twin: this time it answers */
	record_request(11000, 2, REGMON_MARK_CREDENTIALS);
	record_not(SILENT, 11001);
	record_grant(11100, 3600);
	record_not(SILENT, 600000);
}

static void silence_of_the_attempt_before(void **state)
{
	record_new();
	record_first_round(0, 1);
	record_end(240100, REGMON_RESULT_SILENT);
	record_open(300000, REGMON_ATTEMPT_INITIAL);
	record_request(300000, 1, 0);
	record_applies(SILENT, 300010, REGMON_LIKELY);
	record_says(SILENT, 300010, "a new attempt began");
}

static void no_silence(void **state)
{
	/* the phone answered; that the core is late is another matter */
	record_new();
	record_first_round(0, 1);
	record_request(500, 2, REGMON_MARK_CREDENTIALS);
	record_not(SILENT, 100000);
	record_new();
	record_first_round(0, 1);
	record_request(500, 2, REGMON_MARK_REFUSED_AUTN);
	record_not(SILENT, 100000);
	/* registered and quiet */
	record_new();
	record_good(0);
	record_not(SILENT, 1000000);
	/* refused */
	record_new();
	record_first_round(0, 1);
	record_request(500, 2, REGMON_MARK_CREDENTIALS);
	record_refusal(600, 403, "Forbidden");
	record_not(SILENT, 1000000);
	/* no 401 at all */
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	record_not(SILENT, 100000);
	/* the 401 could not be sent */
	record_new();
	record_first_round(0, 1);
	record->attempt.not_sent = 1;
	record_entry(REGMON_ENTRY_NOT_SENT, REGMON_SIDE_PHONE, 110);
	record_not(SILENT, 100000);
	/* an empty record */
	record_new();
	record_not(SILENT, 100000);
}

/* The farewell of a phone that is switched off is often left unfinished. */
static void silence_of_a_farewell(void **state)
{
	record_new();
	record_good(0);
	record_open(100000, REGMON_ATTEMPT_DEREGISTER);
	record_request(100000, 3, 0);
	record_challenge(100100);
	record_not(SILENT, 100200);
	record_applies(SILENT, 140000, REGMON_POSSIBLE);
}

static void all_is_shown(void **state)
{
	record_all_shown(LOOP);
	record_all_shown(SILENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(loop_of_responses),
			harness_test(loop_of_resyncs), harness_test(loop_of_mac_failures),
			harness_test(loop_of_one_nonce),
			harness_test(loop_outside_of_the_sa),
			harness_test(loop_over_attempts),
			harness_test(loop_that_ended_in_a_refusal), harness_test(no_loop),
			harness_test(thresholds_of_the_loop), harness_test(silence),
			harness_test(silence_in_its_forms),
			harness_test(silence_after_no_vector),
			harness_test(silence_after_keys),
			harness_test(udp_is_not_said_to_be_tcp),
			harness_test(silence_and_a_new_call_id),
			harness_test(silence_of_the_attempt_before),
			harness_test(no_silence), harness_test(silence_of_a_farewell),
			harness_test(all_is_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
