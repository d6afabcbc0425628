/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sqn-out-of-range and autn-mac-failure: what the card does not like about a challenge, with lab keys and without. */
#include "diagnosis_record.h"

#define SQN "sqn-out-of-range"
#define MAC "autn-mac-failure"

#define NOW (REGMON_AKA_CHALLENGED | REGMON_AKA_CHALLENGED_NOW)
#define ANSWERED_NOW (REGMON_AKA_ANSWERED | REGMON_AKA_ANSWERED_NOW)

/* an IMS phone that reacts to its challenge at 500, and waits */
static void reacted(unsigned marks)
{
	record_new();
	record->ims = true;
	record_first_round(0, 1);
	record_request(500, 2, marks);
	record_sent(501);
}

static void challenged_again(int64_t at)
{
	record_core(at - 1, 401);
	record_challenge(at);
}

/* the next challenge, and the same reaction to it 400 ms later */
static void another_round(int64_t at, uint32_t cseq, unsigned marks)
{
	challenged_again(at);
	record_request(at + 400, cseq, marks);
	record_sent(at + 401);
}

/* ---- sqn-out-of-range ---- */

static void one_auts(void **state)
{
	reacted(REGMON_MARK_AUTS);
	record_applies(SQN, 600, REGMON_POSSIBLE);
	record_suspects(SQN, 600, "Nothing yet");
	record_says(SQN, 600, " with auts in this attempt, CSeq 2: the card asks");
	challenged_again(700);
	record_applies(SQN, 5000, REGMON_POSSIBLE);
	record_suspects(SQN, 5000, "Nothing yet");
	record_says(SQN, 5700,
			"14:03:07.700 challenged again, nothing came back in 5.0 s so far");
	/* silent after the second challenge */
	record_end(240700, REGMON_RESULT_SILENT);
	record_applies(SQN, 240701, REGMON_LIKELY);
	record_suspects(SQN, 240701, "HSS/AuC: the challenge after the auts");
	record_says(SQN, 240701, "14:03:07.700 challenged again, then the phone");
}

static void one_auts_in_vain(void **state)
{
	reacted(REGMON_MARK_AUTS);
	record_core(599, 403);
	record_refusal(600, 403, "Forbidden");
	record_applies(SQN, 700, REGMON_LIKELY);
	record_suspects(SQN, 700, "S-CSCF or HSS: it cannot handle auts");
	record_says(SQN, 700, "14:03:07.600 it ended with 403 Forbidden");
	/* nobody answered it: no challenge is there that the card could have refused */
	reacted(REGMON_MARK_AUTS);
	record_end(128500, REGMON_RESULT_UNANSWERED);
	record_applies(SQN, 128501, REGMON_LIKELY);
	record_suspects(SQN, 128501, "S-CSCF or HSS: it cannot handle auts");
	record_says(SQN, 128501, "14:05:15.500 it ended: no-answer");
	/* the phone began anew before an answer came, and after it */
	reacted(REGMON_MARK_AUTS);
	record_end(700, REGMON_RESULT_SUPERSEDED);
	record_applies(SQN, 701, REGMON_LIKELY);
	record_suspects(SQN, 701, "S-CSCF or HSS: it cannot handle auts");
	record_says(SQN, 701, "it ended: superseded");
	reacted(REGMON_MARK_AUTS);
	challenged_again(700);
	record_end(900, REGMON_RESULT_SUPERSEDED);
	record_applies(SQN, 901, REGMON_LIKELY);
	record_suspects(SQN, 901, "HSS/AuC: the challenge after the auts");
}

static void auts_again(void **state)
{
	reacted(REGMON_MARK_AUTS);
	another_round(700, 3, REGMON_MARK_AUTS);
	record_applies(SQN, 1200, REGMON_CERTAIN);
	record_suspects(SQN, 1200, "HSS/AuC: it does not take the SQN over");
	record_says(SQN, 1200, "2 REGISTERs with auts in this attempt, CSeq 2, 3");
	record->attempt.repeated_nonces = 1;
	record_says(SQN, 1200, "2 challenges (401), 1 with a nonce repeated");
	record_refusal(1300, 403, "Forbidden");
	record_applies(SQN, 1400, REGMON_CERTAIN);
	record->supplement->loops_in_row = 1;
	record_silent_of(SQN, 1400, "attempts in a row");
	record->supplement->loops_in_row = 2;
	record_says(SQN, 1400, "2 attempts in a row ended like this");
}

/* The form of the auts itself needs no keys. */
static void auts_of_no_use(void **state)
{
	const char *suspect = "The phone: its auts is of no use";

	reacted(REGMON_MARK_AUTS);
	record->aka.marks = ANSWERED_NOW | REGMON_AKA_AUTS;
	record->aka.auts_octets = 14;
	record_suspects(SQN, 600, "Nothing yet");
	record_silent_of(SQN, 600, "of no use");
	record->aka.auts_octets = 13;
	record_suspects(SQN, 600, suspect);
	record_says(SQN, 600, "its auts is of no use: 13 octets");
	record->aka.auts_octets = 15;
	record_suspects(SQN, 600, suspect);
	record->aka.auts_octets = 0;
	record->aka.marks |= REGMON_AKA_AUTS_NOT_BASE64;
	record_suspects(SQN, 600, suspect);
	record_says(SQN, 600, "0 octets, no base64");
	record->aka.marks = ANSWERED_NOW | REGMON_AKA_AUTS;
	record->aka.auts_octets = 14;
	record->supplement->worth.of_answer = REGMON_AKA_AUTS_WRONG;
	record_suspects(SQN, 600, suspect);
	record_says(SQN, 600, "14 octets, not made with the lab keys");
	/* known of another attempt, or not at all */
	record->aka.marks = REGMON_AKA_ANSWERED | REGMON_AKA_AUTS;
	record_suspects(SQN, 600, "Nothing yet");
	record->aka.marks = ANSWERED_NOW;
	record->aka.auts_octets = 0;
	record_suspects(SQN, 600, "Nothing yet");
}

/* RAND repeated: only behind an auts it tells that the vector was not fetched anew. */
static void vector_given_out_again(void **state)
{
	const char *suspect = "S-CSCF or HSS: the same vector is given out again";

	reacted(REGMON_MARK_AUTS);
	challenged_again(700);
	record->aka.marks = NOW;
	record->aka.repeated_rands = 1;
	record_suspects(SQN, 800, suspect);
	record_end(240700, REGMON_RESULT_SILENT);
	record_suspects(SQN, 240800, suspect);
	/* of another attempt */
	record->aka.marks = REGMON_AKA_CHALLENGED;
	record_suspects(SQN, 240800, "HSS/AuC: the challenge after the auts");
	/* the first challenge repeats that of an attempt before, which nobody answered: nothing is wrong with that */
	reacted(REGMON_MARK_AUTS);
	record->aka.marks = NOW;
	record->aka.repeated_rands = 1;
	record_suspects(SQN, 600, "Nothing yet");
	record_refusal(700, 403, "Forbidden");
	record_suspects(SQN, 800, "S-CSCF or HSS: it cannot handle auts");
	/* refused twice: the second challenge was one behind an auts */
	reacted(REGMON_MARK_AUTS);
	another_round(700, 3, REGMON_MARK_AUTS);
	record->aka.marks = NOW;
	record->aka.repeated_rands = 1;
	record_suspects(SQN, 1200, suspect);
}

static void good_auts(void)
{
	record->aka.marks = NOW | ANSWERED_NOW | REGMON_AKA_AUTS;
	record->aka.auts_octets = 14;
	record->supplement->worth.of_answer = REGMON_AKA_SQN_OUT_OF_RANGE;
}

/* By lab keys the second challenge ignores the first auts. */
static void vector_ignores_auts(void **state)
{
	reacted(REGMON_MARK_AUTS);
	good_auts();
	/* the verdict on a challenge before the auts is none on one behind it */
	record->supplement->worth.of_challenge = REGMON_AKA_STALE_VECTOR;
	record_applies(SQN, 600, REGMON_POSSIBLE);
	challenged_again(700);
	record_applies(SQN, 800, REGMON_CERTAIN);
	record_suspects(SQN, 800, "HSS/AuC: it does not take the SQN over");
	/* it does not become less certain by the phone's silence */
	record_end(240700, REGMON_RESULT_SILENT);
	record_applies(SQN, 240701, REGMON_CERTAIN);
	record_suspects(SQN, 240701, "HSS/AuC: it does not take the SQN over");
	/* its twins: the vector is above, the auts is not of these keys, both are of the attempt before */
	record->supplement->worth.of_challenge = REGMON_AKA_CHALLENGE_RIGHT;
	record_applies(SQN, 240701, REGMON_LIKELY);
	record->supplement->worth.of_challenge = REGMON_AKA_STALE_VECTOR;
	record->supplement->worth.of_answer = REGMON_AKA_AUTS_WRONG;
	record_applies(SQN, 240701, REGMON_LIKELY);
	record->supplement->worth.of_answer = REGMON_AKA_SQN_OUT_OF_RANGE;
	record->aka.marks = REGMON_AKA_CHALLENGED | ANSWERED_NOW;
	record_applies(SQN, 240701, REGMON_LIKELY);
	record->aka.marks = NOW | REGMON_AKA_ANSWERED;
	record_applies(SQN, 240701, REGMON_LIKELY);
}

static void both_sqns(void **state)
{
	reacted(REGMON_MARK_AUTS);
	good_auts();
	record->supplement->worth.sqn_ms = 0x40;
	record->supplement->worth.sqn_he = 0x20;
	record_silent_of(SQN, 600, "by the lab keys");
	record->aka.marks |= REGMON_AKA_SQN_MS_KNOWN;
	record_silent_of(SQN, 600, "by the lab keys");
	record->aka.marks |= REGMON_AKA_SQN_HE_KNOWN;
	record_says(SQN, 600, "by the lab keys the card's SQN is 32 above the "
						  "network's");
	record->supplement->worth.sqn_he = 0x45;
	record_says(SQN, 600, "by the lab keys the card's SQN is 5 below the "
						  "network's");
	/* an auts that is not of these keys tells no SQN: what is known is an older one */
	record->supplement->worth.of_answer = REGMON_AKA_AUTS_WRONG;
	record_silent_of(SQN, 600, "SQN is");
}

static void sqn_is_in_step(void **state)
{
	/* the next challenge was answered: whatever comes of it, SQN it is not */
	reacted(REGMON_MARK_AUTS);
	another_round(700, 3, REGMON_MARK_CREDENTIALS);
	record_not(SQN, 1200);
	record_refusal(1300, 403, "Forbidden");
	record_not(SQN, 1400);
	/* nor when two were refused before */
	reacted(REGMON_MARK_AUTS);
	another_round(700, 3, REGMON_MARK_AUTS);
	another_round(1700, 4, REGMON_MARK_CREDENTIALS);
	record_not(SQN, 2200);
	/* the attempt succeeded */
	reacted(REGMON_MARK_AUTS);
	another_round(700, 3, REGMON_MARK_CREDENTIALS);
	record_grant(1200, 3600);
	record_not(SQN, 1300);
	reacted(REGMON_MARK_AUTS);
	record_grant(1200, 3600);
	record_not(SQN, 1300);
	/* no auts */
	reacted(REGMON_MARK_REFUSED_AUTN);
	record_not(SQN, 600);
	record_new();
	record_not(SQN, 600);
}

/* ---- autn-mac-failure ---- */

static void one_empty_response(void **state)
{
	reacted(REGMON_MARK_REFUSED_AUTN);
	record_applies(MAC, 600, REGMON_LIKELY);
	record_suspects(MAC, 600, "HSS: K or OPc differs from the SIM's");
	record_says(MAC, 600, " with the nonce of the challenge, an empty response "
						  "and no auts, CSeq 2: that is how a card reports");
	record->ever_registered = true;
	record_suspects(MAC, 600, "HSS: the key data of this IMPI changed");
	record_core(699, 403);
	record_refusal(700, 403, "Forbidden");
	record_applies(MAC, 800, REGMON_CERTAIN);
	record_says(MAC, 800, "14:03:07.700 it ended with 403 Forbidden");
	/* silent after the second challenge */
	reacted(REGMON_MARK_REFUSED_AUTN);
	challenged_again(700);
	record_applies(MAC, 800, REGMON_LIKELY);
	record_says(MAC, 5700, "challenged again, nothing came back in 5.0 s");
	record_end(240700, REGMON_RESULT_SILENT);
	record_applies(MAC, 240800, REGMON_CERTAIN);
	record_says(MAC, 240800, "challenged again, then the phone was silent");
}

static void two_empty_responses(void **state)
{
	reacted(REGMON_MARK_REFUSED_AUTN);
	another_round(700, 3, REGMON_MARK_REFUSED_AUTN);
	record_applies(MAC, 1200, REGMON_CERTAIN);
	record_says(MAC, 1200, "2 REGISTERs with the nonce of the challenge");
	record_says(MAC, 1200, "CSeq 2, 3:");
}

/* By lab keys the network holds others. */
static void keys_of_the_network(void **state)
{
	record_new();
	record->ims = true;
	record_first_round(0, 1);
	record->aka.marks = NOW;
	record->supplement->worth.of_challenge = REGMON_AKA_KEY_MISMATCH;
	record_applies(MAC, 200, REGMON_POSSIBLE);
	record_suspects(MAC, 200, "HSS: it holds another K, OP or OPc");
	record_says(MAC, 200, "by the lab keys the challenge is key-mismatch: AUTN "
						  "is not what these keys give");
	record_says(MAC, 5100, "14:03:07.100 challenged, nothing came back in 5.0 s "
						   "so far");
	record->supplement->worth.of_core = REGMON_AKA_KEY_MISMATCH;
	record_applies(MAC, 200, REGMON_POSSIBLE);
	record_end(240100, REGMON_RESULT_SILENT);
	record_applies(MAC, 240200, REGMON_LIKELY);
	record_says(MAC, 240200, "14:03:07.100 challenged, then the phone was "
							 "silent");
	/* its twins: right; of another attempt; spoilt on the way, which is no fault of the keys */
	record->supplement->worth.of_challenge = REGMON_AKA_CHALLENGE_RIGHT;
	record_not(MAC, 240200);
	record->supplement->worth.of_challenge = REGMON_AKA_KEY_MISMATCH;
	record->aka.marks = REGMON_AKA_CHALLENGED;
	record_not(MAC, 240200);
	record->aka.marks = NOW;
	record->supplement->worth.of_core = REGMON_AKA_CHALLENGE_RIGHT;
	record_not(MAC, 240200);
}

/* The attempt before is looked at while this one tells little: but what is known of a challenge is of this one. */
static void challenge_of_the_attempt_at_hand(void **state)
{
	record_new();
	record->ims = true;
	record_first_round(0, 1);
	record_request(500, 2, 0);
	record_end(128500, REGMON_RESULT_UNANSWERED);
	record_first_round(300000, 7);
	record->aka.marks = NOW;
	record->supplement->worth.of_challenge = REGMON_AKA_KEY_MISMATCH;
	record_applies(MAC, 300200, REGMON_POSSIBLE);
	record_silent_of(MAC, 300200, "a new attempt began");
}

/* With an empty response the keys tell who holds the other ones. */
static void whose_keys(void **state)
{
	reacted(REGMON_MARK_REFUSED_AUTN);
	record->aka.marks = NOW | ANSWERED_NOW;
	record->supplement->worth.of_challenge = REGMON_AKA_KEY_MISMATCH;
	record_suspects(MAC, 600, "HSS: it holds another K, OP or OPc");
	record->supplement->worth.of_core = REGMON_AKA_CHALLENGE_RIGHT;
	record_suspects(MAC, 600, "This node: its script or a module changes");
	record->supplement->worth.of_challenge = REGMON_AKA_CHALLENGE_RIGHT;
	record->supplement->worth.of_answer = REGMON_AKA_AUTN_REFUSED;
	record_suspects(MAC, 600, "The SIM: it holds another K or OPc");
	record_says(MAC, 600, "by the lab keys the challenge is challenge-right: "
						  "the network made AUTN with these keys");
	/* what an older challenge or answer was worth says nothing */
	record->aka.marks = REGMON_AKA_CHALLENGED | REGMON_AKA_ANSWERED;
	record_suspects(MAC, 600, "HSS: K or OPc differs from the SIM's");
	record_silent_of(MAC, 600, "by the lab keys");
}

static void mac_is_right(void **state)
{
	/* a plain SIP phone may lack its password */
	reacted(REGMON_MARK_REFUSED_AUTN);
	record->ims = false;
	record_not(MAC, 600);
	record_refusal(700, 403, "Forbidden");
	record_not(MAC, 800);
	/* a later challenge was answered */
	reacted(REGMON_MARK_REFUSED_AUTN);
	another_round(700, 3, REGMON_MARK_REFUSED_AUTN);
	another_round(1700, 4, REGMON_MARK_CREDENTIALS);
	record_not(MAC, 2200);
	record_refusal(2300, 403, "Forbidden");
	record_not(MAC, 2400);
	/* with auts, too: the card looks at the SQN after the MAC */
	reacted(REGMON_MARK_REFUSED_AUTN);
	another_round(700, 3, REGMON_MARK_AUTS);
	record_not(MAC, 1200);
	record_applies(SQN, 1200, REGMON_POSSIBLE);
	record_refusal(1300, 403, "Forbidden");
	record_not(MAC, 1400);
	/* keys that do not give this AUTN are the wrong ones in the file then */
	reacted(REGMON_MARK_AUTS);
	record->aka.marks = NOW | ANSWERED_NOW;
	record->supplement->worth.of_challenge = REGMON_AKA_KEY_MISMATCH;
	record_not(MAC, 600);
	reacted(REGMON_MARK_CREDENTIALS);
	record->aka.marks = NOW | ANSWERED_NOW;
	record->supplement->worth.of_challenge = REGMON_AKA_KEY_MISMATCH;
	record_not(MAC, 600);
	/* it succeeded */
	reacted(REGMON_MARK_REFUSED_AUTN);
	record_grant(700, 3600);
	record_not(MAC, 800);
	record_new();
	record->ims = true;
	record_not(MAC, 800);
}

/* The order of the card: first the MAC, then the SQN. */
static void auts_then_empty_response(void **state)
{
	reacted(REGMON_MARK_AUTS);
	another_round(700, 3, REGMON_MARK_REFUSED_AUTN);
	record_applies(SQN, 1200, REGMON_POSSIBLE);
	record_applies(MAC, 1200, REGMON_LIKELY);
	record_end(240700, REGMON_RESULT_UNANSWERED);
	record_applies(SQN, 240701, REGMON_LIKELY);
	record_applies(MAC, 240701, REGMON_CERTAIN);
	record_says(MAC, 240701, "14:07:07.700 it ended: no-answer");
	assert_int_equal(record_diagnosis.list[0].cause, record_cause(MAC));
}

static void all_is_shown(void **state)
{
	record_all_shown(SQN);
	record_all_shown(MAC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(one_auts),
			harness_test(one_auts_in_vain), harness_test(auts_again),
			harness_test(auts_of_no_use), harness_test(vector_given_out_again),
			harness_test(vector_ignores_auts), harness_test(both_sqns),
			harness_test(sqn_is_in_step), harness_test(one_empty_response),
			harness_test(two_empty_responses),
			harness_test(keys_of_the_network),
			harness_test(challenge_of_the_attempt_at_hand),
			harness_test(whose_keys),
			harness_test(mac_is_right), harness_test(auts_then_empty_response),
			harness_test(all_is_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
