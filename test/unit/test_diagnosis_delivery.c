/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer-not-delivered and unanswered-here. */
#include "diagnosis_record.h"

#define LOST "answer-not-delivered"
#define UNANSWERED "unanswered-here"

static void first_request(bool sent)
{
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	if(sent)
		record_sent(1);
}

/* The answer that was about to go out could not be sent: the phone waits on. */
static void could_not_be_sent(int64_t at, int code)
{
	record->attempt.not_sent++;
	record->attempt.answer_pending = true;
	record->attempt.challenge_open = false;
	record_entry(REGMON_ENTRY_NOT_SENT, REGMON_SIDE_PHONE, at)->code = code;
}

/* ---- answer-not-delivered ---- */

static void sending_failed(void **state)
{
	record_new();
	record_first_round(0, 1);
	record_not(LOST, 105);
	could_not_be_sent(110, 401);
	record_applies(LOST, 120, REGMON_CERTAIN);
	record_suspects(LOST, 120, "This node: its TCP connection to the phone");
	record_says(LOST, 120, "14:03:07.110 401 could not be sent to the phone");
	/* it stays so, whatever else is written down: the phone repeats, and this module gives up */
	record_entry(REGMON_ENTRY_RETRANSMISSION, REGMON_SIDE_PHONE, 2000);
	record_applies(LOST, 2001, REGMON_CERTAIN);
	record_entry(REGMON_ENTRY_NO_ANSWER, REGMON_SIDE_PHONE, 128000);
	record_end(128000, REGMON_RESULT_UNANSWERED);
	record_applies(LOST, 128001, REGMON_CERTAIN);
	record_suspects(LOST, 128001, "This node: its TCP connection to the phone");
	record_says(LOST, 128001, "14:03:07.110 401 could not be sent");
	record_entry(REGMON_ENTRY_STORE, REGMON_SIDE_PHONE, 129000);
	record_applies(LOST, 129001, REGMON_CERTAIN);
	/* another leg of the same REGISTER is none of it */
	record_entry(REGMON_ENTRY_ANSWER, REGMON_SIDE_PHONE, 129500)->marks |=
			REGMON_MARK_PARALLEL;
	record_applies(LOST, 129501, REGMON_CERTAIN);
}

static void sent_after_all(void **state)
{
	/* the next answer went out */
	record_new();
	record_first_round(0, 1);
	could_not_be_sent(110, 401);
	record_challenge(200);
	record_not(LOST, 300);
	/* the phone's next REGISTER came */
	record_new();
	record_first_round(0, 1);
	could_not_be_sent(110, 401);
	record_request(500, 2, REGMON_MARK_CREDENTIALS);
	record_not(LOST, 600);
	/* of an attempt before */
	record_new();
	record_first_round(0, 1);
	could_not_be_sent(110, 401);
	record_end(128000, REGMON_RESULT_UNANSWERED);
	record_open(200000, REGMON_ATTEMPT_INITIAL);
	record_request(200000, 9, 0);
	record_not(LOST, 200100);
}

static void kept_by_this_node(void **state)
{
	const char *suspect = "This node's script: the answer was dropped";

	first_request(true);
	record_core(4000, 200);
	/* counted from when the core answered, not from when the phone asked */
	record_not(LOST, 13999);
	record_applies(LOST, 14000, REGMON_LIKELY);
	record_suspects(LOST, 14000, suspect);
	record_says(LOST, 19000, "the core answered 200 to CSeq 1; nothing was sent "
							 "to the phone in 15 s");
	record_end(128000, REGMON_RESULT_UNANSWERED);
	record_applies(LOST, 128001, REGMON_CERTAIN);
	record_says(LOST, 128001, "in 2 min 4 s");
	/* tm has forgotten it before that */
	first_request(true);
	record_core(4000, 401);
	record_entry(REGMON_ENTRY_NO_ANSWER, REGMON_SIDE_PHONE, 5000);
	record_applies(LOST, 5001, REGMON_CERTAIN);
	record_suspects(LOST, 5001, suspect);
	/* the end of an older transaction says nothing */
	first_request(true);
	record_entry(REGMON_ENTRY_NO_ANSWER, REGMON_SIDE_PHONE, 5000);
	record_request(6000, 2, 0);
	record_sent(6001);
	record_core(6100, 401);
	record_not(LOST, 6200);
	/* that an answer before it could not be sent is another matter */
	record_new();
	record_first_round(0, 1);
	could_not_be_sent(110, 401);
	record_request(500, 2, 0);
	record_sent(501);
	record_core(600, 401);
	record_applies(LOST, 10600, REGMON_LIKELY);
	record_suspects(LOST, 10600, suspect);
	/* the core's answer is not in the timeline any more */
	first_request(true);
	record->attempt.core_code = 200;
	record_not(LOST, 9999);
	record_applies(LOST, 10000, REGMON_LIKELY);
}

static void not_kept(void **state)
{
	/* it went out */
	first_request(true);
	record_core(100, 401);
	record_challenge(101);
	record_not(LOST, 60000);
	first_request(true);
	record_core(100, 403);
	record_refusal(101, 403, "Forbidden");
	record_not(LOST, 60000);
	/* the core has said nothing, or nothing final */
	first_request(true);
	record_not(LOST, 60000);
	first_request(true);
	record->attempt.core_code = 199;
	record_not(LOST, 60000);
	/* not a matter of a phone */
	first_request(true);
	record_core(100, 200);
	record->attempt.kind = REGMON_ATTEMPT_THIRD_PARTY;
	record_not(LOST, 60000);
	record_new();
	record_not(LOST, 60000);
}

/* 401 sent at 100, and the phone sends its REGISTER again */
static void repeats(unsigned n)
{
	record_new();
	record_first_round(0, 1);
	record->attempt.retransmissions = n + 1;
	record->attempt.retransmissions_after_answer = n;
}

static void repeated_behind_the_answer(void **state)
{
	repeats(0);
	record_not(LOST, 2500);
	repeats(1);
	record_applies(LOST, 2500, REGMON_POSSIBLE);
	repeats(2);
	record_applies(LOST, 6500, REGMON_LIKELY);
	record_suspects(LOST, 6500, "The path to the phone: UDP answers bigger");
	record_says(LOST, 6500, "the phone repeated its REGISTER (CSeq 1) 2 times "
							"after the 401 had gone out");
	record->attempt.first_repeat_ms = 2000;
	record_says(LOST, 6500, "it first repeated after 2.0 s");
	/* the next REGISTER came */
	record_request(7000, 2, REGMON_MARK_CREDENTIALS);
	record_not(LOST, 7100);
	/* behind the first hop one repetition tells of a hop before this one */
	repeats(1);
	record->attempt.driver_vias = 2;
	record_not(LOST, 2500);
	repeats(2);
	record->attempt.driver_vias = 2;
	record_applies(LOST, 2500, REGMON_LIKELY);
	record_suspects(LOST, 2500, "A hop before this node, or its way");
}

static void ways_to_the_phone(void **state)
{
	repeats(2);
	record->behind_nat = true;
	regmon_registration_set_string(
			record, REGMON_STRING_SOURCE, REGMON_TEXT("192.0.2.7"));
	record->source_port = 40000;
	record_suspects(LOST, 6500, "NAT: the answer goes to the address in Via");
	record_says(LOST, 6500, "it came from 192.0.2.7:40000, its Via names");
	record->transport = 'L';
	record_suspects(LOST, 6500, "TCP connection: the answer goes to");
	record->transport = 'T';
	record_suspects(LOST, 6500, "TCP connection: the answer goes to");
	record->client = (regmon_agreement_t){
			.given = true, .spi_s = 2222, .port_s = 5064};
	record->attempt.protected_requests = 1;
	record_suspects(LOST, 6500, "IPsec: the answer leaves outside of the SA");
	record_says(LOST, 6500, "the REGISTER came protected: spi-s 2222, port-s "
							"5064 of the phone");
	record->attempt.kind = REGMON_ATTEMPT_DEREGISTER;
	record_suspects(LOST, 6500, "This node: it deleted the security");
	record->attempt.protected_requests = 0;
	record_suspects(LOST, 6500, "TCP connection: the answer goes to");
}

/* ---- unanswered-here ---- */

static void nothing_made_here(void **state)
{
	first_request(false);
	record_not(UNANSWERED, 9999);
	record_applies(UNANSWERED, 10000, REGMON_POSSIBLE);
	record_suspects(UNANSWERED, 10000, "This node's script: a branch that");
	record_says(UNANSWERED, 12000, "14:03:07.000 REGISTER came (CSeq 1), not "
								   "sent on and not answered in 12 s");
	record->attempt.retransmissions = 3;
	record_says(UNANSWERED, 12000, "the phone repeated it 3 times");
	/* given up by this module: whether it was forwarded statelessly nobody knows */
	record_entry(REGMON_ENTRY_NO_ANSWER, REGMON_SIDE_PHONE, 128000);
	record_end(128000, REGMON_RESULT_UNANSWERED);
	record_applies(UNANSWERED, 128001, REGMON_LIKELY);
	record_silent_of(UNANSWERED, 128001, "its transaction");
	record_says(UNANSWERED, 130000, "not answered in 2 min 8 s");
	record->supplement->unanswered_in_row = 1;
	record_silent_of(UNANSWERED, 128001, "attempts in a row");
	record->supplement->unanswered_in_row = 2;
	record_says(UNANSWERED, 128001, "2 attempts in a row got no final answer");
	/* and tm tells of its end later */
	record_entry(REGMON_ENTRY_NO_ANSWER, REGMON_SIDE_PHONE, 130000);
	record_applies(UNANSWERED, 130001, REGMON_CERTAIN);
	record_says(UNANSWERED, 130001, "its transaction here ended without a final");
}

static void transaction_ended(void **state)
{
	first_request(false);
	record_entry(REGMON_ENTRY_NO_ANSWER, REGMON_SIDE_PHONE, 5000);
	record_applies(UNANSWERED, 5001, REGMON_CERTAIN);
	record_entry(REGMON_ENTRY_NO_ANSWER, REGMON_SIDE_PHONE, 128000);
	record_end(128000, REGMON_RESULT_UNANSWERED);
	record_applies(UNANSWERED, 128001, REGMON_CERTAIN);
	/* also where an answer to an older REGISTER could not be sent */
	first_request(false);
	could_not_be_sent(5, 401);
	record_request(1000, 2, 0);
	record_entry(REGMON_ENTRY_NO_ANSWER, REGMON_SIDE_PHONE, 5000);
	record_applies(UNANSWERED, 5001, REGMON_CERTAIN);
	/* that of an older REGISTER */
	first_request(false);
	record_entry(REGMON_ENTRY_NO_ANSWER, REGMON_SIDE_PHONE, 5000)->cseq = 7;
	record_not(UNANSWERED, 5001);
}

static void unanswered_in_its_forms(void **state)
{
	first_request(false);
	record->attempt.driver_vias = 2;
	record_suspects(UNANSWERED, 10000, "Diameter towards the HSS (UAR, MAR)");
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	record_challenge(100);
	record_request(500, 2, REGMON_MARK_CREDENTIALS);
	record_applies(UNANSWERED, 10500, REGMON_POSSIBLE);
	record_suspects(UNANSWERED, 10500, "Diameter towards the HSS at this step");
	record->attempt.driver_vias = 2;
	record_suspects(UNANSWERED, 10500, "Diameter towards the HSS at this step");
}

static void done_with(void **state)
{
	/* sent on: then it is the core that does not answer */
	first_request(true);
	record_not(UNANSWERED, 60000);
	record_end(128000, REGMON_RESULT_UNANSWERED);
	record_not(UNANSWERED, 128001);
	/* nobody told that it went, but the core answered */
	first_request(false);
	record->attempt.core_code = 200;
	record_not(UNANSWERED, 60000);
	/* an answer was made and could not be sent */
	first_request(false);
	could_not_be_sent(5, 401);
	record_not(UNANSWERED, 60000);
	/* a tap sees no node at work */
	first_request(false);
	record->tapped = true;
	record_not(UNANSWERED, 60000);
	/* answered: challenged, refused, accepted; left by the phone */
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	record_challenge(100);
	record_not(UNANSWERED, 60000);
	record_end(240100, REGMON_RESULT_SILENT);
	record_not(UNANSWERED, 240101);
	first_request(false);
	record_refusal(5, 403, "Forbidden");
	record_not(UNANSWERED, 60000);
	first_request(false);
	record_grant(5, 3600);
	record_not(UNANSWERED, 60000);
	first_request(false);
	record_end(60000, REGMON_RESULT_SUPERSEDED);
	record_not(UNANSWERED, 60001);
	record_new();
	record_not(UNANSWERED, 60000);
}

static void all_is_shown(void **state)
{
	record_all_shown(LOST);
	record_all_shown(UNANSWERED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(sending_failed),
			harness_test(sent_after_all), harness_test(kept_by_this_node),
			harness_test(not_kept), harness_test(repeated_behind_the_answer),
			harness_test(ways_to_the_phone), harness_test(nothing_made_here),
			harness_test(transaction_ended),
			harness_test(unanswered_in_its_forms), harness_test(done_with),
			harness_test(all_is_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
