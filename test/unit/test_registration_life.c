/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state machine on the usual ways: registration, refresh, de-registration, refusals, time running out. */
#include "test/unit/registration_world.h"

static const ask_t first = {.credentials = EMPTY, .security_client = true};
static const ask_t second = {.cseq = 2, .branch = "z9hG4bK2",
		.credentials = RESPONSE, .security_client = true,
		.security_verify = true, .contact = "sip:001010000000001@10.0.0.1:5064"};

/* REGISTER, 401, REGISTER, 200 */
static void registers(void)
{
	exchange(&first, (answer_t){.code = 401, .security_server = true});
	now_ms += 200;
	exchange(&second, (answer_t){.code = 200});
}

static void assert_entry(unsigned index, regmon_entry_kind_t kind,
		regmon_side_t side, uint32_t cseq, unsigned code)
{
	const regmon_registration_t *phone = the_phone();
	const regmon_entry_t *entry = regmon_registration_entry(phone, index);

	if(index >= phone->timeline_n || entry->kind != kind || entry->side != side
			|| entry->cseq != cseq || entry->code != code)
		fail_msg("entry %u of %u: kind %d side %d cseq %u code %u", index,
				phone->timeline_n, entry->kind, entry->side, entry->cseq,
				entry->code);
}

static void test_first_registration(void **state)
{
	const regmon_registration_t *phone;

	begin();
	ask(&first);
	assert_true(outcome.remembered);
	assert_int_equal(outcome.kind, REGMON_ATTEMPT_INITIAL);
	phone = the_phone();
	assert_state(phone, REGMON_STATE_REGISTERING);
	assert_counts(phone, 1, 0, 0);
	assert_true(phone->attempt.offered_security);
	sent_on(&first);
	answer_in(&first, (answer_t){.code = 401});
	assert_state(the_phone(), REGMON_STATE_REGISTERING);
	answer(&first, (answer_t){.code = 401, .security_server = true});
	phone = the_phone();
	assert_state(phone, REGMON_STATE_CHALLENGED);
	assert_true(phone->attempt.challenge_had_security_server);
	assert_int_equal(phone->server.spi_c, 3333);
	assert_int_equal(phone->client.port_s, 5064);
	now_ms += 500;
	ask(&second);
	assert_state(the_phone(), REGMON_STATE_ANSWERED);
	answer(&second, (answer_t){.code = 200, .granted = 600});
	phone = the_phone();
	assert_state(phone, REGMON_STATE_REGISTERED);
	assert_counts(phone, 1, 1, 0);
	assert_int_equal(phone->attempt.requests, 2);
	assert_int_equal(phone->attempt.challenges, 1);
	assert_int_equal(phone->attempt.answered, 1);
	assert_int_equal(phone->attempt.result, REGMON_RESULT_SUCCESS);
	assert_int_equal(phone->granted_s, 600);
	assert_int_equal(phone->requested_s, 3600);
	assert_true(phone->expires_ms == now_ms + 600 * SECOND);
	assert_true(phone->registered_ms == now_ms);
	assert_string(phone, REGMON_STRING_IMPU, USUAL_TO);
	assert_string(phone, REGMON_STRING_IMPI, USUAL_IMPI);
	assert_string(phone, REGMON_STRING_CALL_ID, "call-1");
	assert_string(phone, REGMON_STRING_CONTACT,
			"sip:001010000000001@10.0.0.1:5064");
	assert_string(phone, REGMON_STRING_INSTANCE,
			"urn:gsma:imei:35609911-000001-0");
	assert_string(phone, REGMON_STRING_SOURCE, "10.0.0.1");
	assert_string(phone, REGMON_STRING_DEVICE, "Phone/1.0");
	end();
}

static void test_timeline_has_both_legs(void **state)
{
	begin();
	registers();
	assert_int_equal(the_phone()->timeline_n, 8);
	assert_entry(0, REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, 1, 0);
	assert_entry(1, REGMON_ENTRY_REQUEST, REGMON_SIDE_CORE, 1, 0);
	assert_entry(2, REGMON_ENTRY_ANSWER, REGMON_SIDE_CORE, 1, 401);
	assert_entry(3, REGMON_ENTRY_ANSWER, REGMON_SIDE_PHONE, 1, 401);
	assert_entry(4, REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, 2, 0);
	assert_entry(7, REGMON_ENTRY_ANSWER, REGMON_SIDE_PHONE, 2, 200);
	assert_int_equal(after_ms_of(the_phone(), 1), 1);
	assert_int_equal(after_ms_of(the_phone(), 2), 20);
	assert_int_equal(after_ms_of(the_phone(), 3), 22);
	assert_int_equal(after_ms_of(the_phone(), 4), 222);
	assert_int_equal(after_ms_of(the_phone(), 0), -1);
	assert_int_equal(regmon_registration_entry(the_phone(), 3)->marks,
			REGMON_MARK_SECURITY_SERVER | REGMON_MARK_NEW_NONCE);
	assert_int_equal(regmon_registration_entry(the_phone(), 4)->marks,
			REGMON_MARK_PROTECTED | REGMON_MARK_CREDENTIALS);
	end();
}

static void test_full_life(void **state)
{
	ask_t refresh = second, again, off;
	const regmon_registration_t *phone;
	int64_t since_ms;

	begin();
	registers();
	since_ms = the_phone()->registered_ms;
	pass_ms(3000 * SECOND);
	refresh.cseq = 3;
	refresh.branch = "z9hG4bK3";
	ask(&refresh);
	assert_state(the_phone(), REGMON_STATE_REFRESHING);
	assert_int_equal(outcome.kind, REGMON_ATTEMPT_REFRESH);
	answer(&refresh, (answer_t){.code = 200});
	phone = the_phone();
	assert_counts(phone, 2, 2, 0);
	assert_true(phone->registered_ms == since_ms);
	assert_true(phone->expires_ms == now_ms + 3600 * SECOND);
	assert_int_equal(phone->early_refreshes, 0);

	pass_ms(3000 * SECOND);
	refresh.cseq = 4;
	refresh.branch = "z9hG4bK4";
	exchange(&refresh, (answer_t){.code = 401, .security_server = true});
	assert_state(the_phone(), REGMON_STATE_CHALLENGED);
	assert_true(regmon_registration_is_bound(the_phone()));
	again = refresh;
	again.cseq = 5;
	again.branch = "z9hG4bK5";
	ask(&again);
	assert_state(the_phone(), REGMON_STATE_ANSWERED);
	answer(&again, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_counts(the_phone(), 3, 3, 0);

	off = again;
	off.cseq = 6;
	off.branch = "z9hG4bK6";
	off.expires_0 = true;
	ask(&off);
	assert_int_equal(outcome.kind, REGMON_ATTEMPT_DEREGISTER);
	assert_state(the_phone(), REGMON_STATE_DEREGISTERING);
	answer(&off, (answer_t){.code = 200, .contacts = ""});
	phone = the_phone();
	assert_state(phone, REGMON_STATE_DEREGISTERED);
	assert_counts(phone, 4, 4, 0);
	assert_false(regmon_registration_is_bound(phone));
	assert_int_equal(told[REGMON_EVENT_ATTEMPT_OPENED], 4);
	assert_int_equal(told[REGMON_EVENT_ATTEMPT_ENDED], 4);
	assert_int_equal(results[REGMON_RESULT_SUCCESS], 4);
	assert_int_equal(told[REGMON_EVENT_REQUEST], 6);
	assert_int_equal(told[REGMON_EVENT_ANSWER], 6);
	assert_int_equal(told[REGMON_EVENT_RETRANSMISSION], 0);
	assert_int_equal(told[REGMON_EVENT_STATE_CHANGED], 4 + 2 + 4 + 2);
	end();
}

static void test_refusals(void **state)
{
	ask_t refresh = second;
	const regmon_registration_t *phone;

	begin();
	exchange(&first, (answer_t){.code = 401});
	exchange(&second, (answer_t){.code = 403, .reason = "Forbidden - HSS"});
	phone = the_phone();
	assert_state(phone, REGMON_STATE_FAILED);
	assert_counts(phone, 1, 0, 1);
	assert_int_equal(phone->attempt.code, 403);
	assert_int_equal(phone->attempt.core_code, 403);
	assert_int_equal(phone->failures_in_row, 1);
	assert_string(phone, REGMON_STRING_REASON, "Forbidden - HSS");
	regmon_table_forget(table, NULL);

	registers();
	refresh.cseq = 3;
	refresh.branch = "z9hG4bK3";
	exchange(&refresh, (answer_t){.code = 503});
	phone = the_phone();
	assert_state(phone, REGMON_STATE_REGISTERED);
	assert_counts(phone, 2, 1, 1);
	assert_true(regmon_registration_is_bound(phone));
	pass_ms(3590 * SECOND);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	pass_ms(20 * SECOND);
	assert_state(the_phone(), REGMON_STATE_EXPIRED);
	assert_int_equal(results[REGMON_RESULT_REFUSED], 2);
	end();
}

/* 421, 423 and 494 ask for another try: one attempt */
static void test_retries_stay_inside(void **state)
{
	static const int codes[] = {421, 423, 494};
	ask_t retry = first;
	unsigned i;

	for(i = 0; i < 3; i++) {
		begin();
		exchange(&first, (answer_t){.code = codes[i]});
		assert_counts(the_phone(), 1, 0, 0);
		assert_true(the_phone()->attempt.retry_open);
		retry.cseq = 2;
		retry.branch = "z9hG4bK2";
		exchange(&retry, (answer_t){.code = 200});
		assert_counts(the_phone(), 1, 1, 0);
		assert_int_equal(the_phone()->attempt.requests, 2);
		end();
	}
}

static void test_retry_never_comes(void **state)
{
	begin();
	exchange(&first, (answer_t){.code = 423});
	pass_ms(120 * SECOND);
	assert_counts(the_phone(), 1, 0, 0);
	pass_ms(9 * SECOND);
	assert_counts(the_phone(), 1, 0, 1);
	assert_int_equal(the_phone()->attempt.result, REGMON_RESULT_REFUSED);
	assert_state(the_phone(), REGMON_STATE_FAILED);
	end();
}

static void test_challenge_loop(void **state)
{
	char branch[20], nonce[20];
	ask_t asked = second;
	unsigned round;

	begin();
	exchange(&first, (answer_t){.code = 401, .nonce = "n1"});
	for(round = 2; round <= 4; round++) {
		snprintf(branch, sizeof(branch), "z9hG4bK%u", round);
		snprintf(nonce, sizeof(nonce), "n%u", round);
		asked.cseq = round;
		asked.branch = branch;
		exchange(&asked, (answer_t){.code = 401, .nonce = nonce});
		assert_int_equal(the_phone()->attempt.rejected_answers, round - 1);
		assert_state(the_phone(), REGMON_STATE_CHALLENGED);
	}
	assert_counts(the_phone(), 1, 0, 0);
	assert_int_equal(the_phone()->attempt.challenges, 4);
	assert_int_equal(the_phone()->attempt.repeated_nonces, 0);
	asked.cseq = 5;
	asked.branch = "z9hG4bK5";
	exchange(&asked, (answer_t){.code = 401, .nonce = "n4"});
	assert_int_equal(the_phone()->attempt.repeated_nonces, 1);
	asked.cseq = 6;
	asked.branch = "z9hG4bK6";
	exchange(&asked, (answer_t){.code = 403});
	assert_counts(the_phone(), 1, 0, 1);
	assert_int_equal(regmon_supplement_of(the_phone())->loops_in_row, 1);
	end();
}

static void test_resync_and_mac_failure(void **state)
{
	ask_t auts = {.cseq = 2, .branch = "z9hG4bK2", .credentials = AUTS};
	ask_t refused = {.cseq = 3, .branch = "z9hG4bK3", .credentials = REFUSED};

	begin();
	exchange(&first, (answer_t){.code = 401, .nonce = "n1"});
	ask(&auts);
	assert_state(the_phone(), REGMON_STATE_RESYNC);
	assert_int_equal(the_phone()->attempt.resyncs, 1);
	answer(&auts, (answer_t){.code = 401, .nonce = "n2"});
	assert_int_equal(the_phone()->attempt.rejected_answers, 0);
	ask(&refused);
	assert_state(the_phone(), REGMON_STATE_MAC_FAILURE);
	assert_int_equal(the_phone()->attempt.mac_failures, 1);
	answer(&refused, (answer_t){.code = 403});
	assert_counts(the_phone(), 1, 0, 1);
	assert_int_equal(regmon_supplement_of(the_phone())->loops_in_row, 1);
	end();
}

static void test_superseded(void **state)
{
	ask_t anew = first;
	const regmon_registration_t *phone;

	begin();
	exchange(&first, (answer_t){.code = 401});
	anew.call_id = "call-2";
	anew.branch = "z9hG4bKnew";
	ask(&anew);
	phone = the_phone();
	assert_counts(phone, 2, 0, 1);
	assert_int_equal(results[REGMON_RESULT_SUPERSEDED], 1);
	assert_int_equal(regmon_supplement_of(phone)->silent_in_row, 1);
	assert_int_equal(regmon_supplement_of(phone)->cseq_regressions, 0);
	assert_state(phone, REGMON_STATE_REGISTERING);
	/* the answer to the old one changes nothing, and the old one repeated is no attempt */
	answer(&first, (answer_t){.code = 403});
	assert_false(outcome.remembered);
	ask(&first);
	assert_true(outcome.retransmission);
	assert_counts(the_phone(), 2, 0, 1);
	answer(&anew, (answer_t){.code = 200});
	assert_counts(the_phone(), 2, 1, 1);
	end();
}

/* the boundary in full seconds: nothing one millisecond before */
static void test_silence_after_challenge(void **state)
{
	begin();
	ask(&first);
	answer(&first, (answer_t){.code = 401});
	assert_int_equal(regmon_table_expire(table, START_MS + 240 * SECOND - 1), 1);
	assert_state(the_phone(), REGMON_STATE_CHALLENGED);
	regmon_table_expire(table, START_MS + 240 * SECOND);
	assert_state(the_phone(), REGMON_STATE_FAILED);
	assert_int_equal(the_phone()->attempt.result, REGMON_RESULT_SILENT);
	assert_int_equal(results[REGMON_RESULT_SILENT], 1);
	assert_counts(the_phone(), 1, 0, 1);
	assert_int_equal(regmon_supplement_of(the_phone())->silent_in_row, 1);
	end();
}

static void unanswered_after(const ask_t *asked, int64_t ms)
{
	begin();
	ask(asked);
	regmon_table_expire(table, START_MS + ms - 1);
	assert_counts(the_phone(), 1, 0, 0);
	regmon_table_expire(table, START_MS + ms);
	assert_counts(the_phone(), 1, 0, 1);
	assert_int_equal(the_phone()->attempt.result, REGMON_RESULT_UNANSWERED);
	assert_state(the_phone(), REGMON_STATE_FAILED);
	assert_entry(1, REGMON_ENTRY_NO_ANSWER, REGMON_SIDE_PHONE, 1, 0);
	/* a late 200 counts for the binding, not for the attempt */
	now_ms = START_MS + ms + 500;
	answer(asked, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_counts(the_phone(), 1, 0, 1);
	end();
}

static void test_unanswered(void **state)
{
	ask_t inside = {.vias = 2};

	unanswered_after(&first, 128 * SECOND);
	unanswered_after(&inside, 32 * SECOND);
}

static void test_expiry_and_removal(void **state)
{
	begin();
	registers();
	now_ms = the_phone()->expires_ms;
	regmon_table_expire(table, now_ms - 1);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	pass_ms(1 * SECOND);
	assert_state(the_phone(), REGMON_STATE_EXPIRED);
	assert_int_equal(the_phone()->registered_ms, 0);
	assert_entry(8, REGMON_ENTRY_EXPIRED, REGMON_SIDE_PHONE, 2, 0);
	/* kept from its end on, not from when it was last heard of */
	pass_ms(86300 * SECOND);
	assert_state(the_phone(), REGMON_STATE_EXPIRED);
	pass_ms(102 * SECOND);
	assert_int_equal(find_all(USUAL_TO, NULL, 0), 0);
	assert_int_equal(harness_live_blocks, blocks_of_empty + 1);
	assert_int_equal(regmon_table_forget(table, NULL), 0);
	assert_int_equal(harness_live_blocks, blocks_of_empty);
	end();
}

/* keep_ended shorter than the time granted: the end is seen all the same */
static void test_expiry_with_short_keeping(void **state)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;

	limits.keep_ended_s = 100;
	begin_with(&limits);
	registers();
	pass_ms(3650 * SECOND);
	assert_state(the_phone(), REGMON_STATE_EXPIRED);
	pass_ms(60 * SECOND);
	assert_int_equal(find_all(USUAL_TO, NULL, 0), 0);
	end();
}

/* the binding runs out while a refresh waits for its answer */
static void test_expiry_during_refresh(void **state)
{
	ask_t refresh = second, query = {.contact = "", .cseq = 4,
			.branch = "z9hG4bKq", .call_id = "call-q"};

	begin();
	registers();
	refresh.cseq = 3;
	refresh.branch = "z9hG4bK3";
	pass_ms(3595 * SECOND);
	ask(&refresh);
	pass_ms(20 * SECOND);
	assert_state(the_phone(), REGMON_STATE_REGISTERING);
	check_clean();
	answer(&refresh, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_counts(the_phone(), 2, 2, 0);
	pass_ms(3595 * SECOND);
	ask(&query);
	pass_ms(20 * SECOND);
	assert_state(the_phone(), REGMON_STATE_EXPIRED);
	end();
}

static void test_transaction_ended(void **state)
{
	begin();
	ask(&first);
	without_message(&first, REGMON_HAPPENING_TRANSACTION_ENDED, 0);
	assert_entry(1, REGMON_ENTRY_NO_ANSWER, REGMON_SIDE_PHONE, 1, 0);
	without_message(&first, REGMON_HAPPENING_TRANSACTION_ENDED, 403);
	assert_entry(2, REGMON_ENTRY_NOT_SENT, REGMON_SIDE_PHONE, 1, 403);
	assert_int_equal(the_phone()->attempt.not_sent, 1);
	assert_int_equal(told[REGMON_EVENT_NOT_SENT], 1);
	assert_counts(the_phone(), 1, 0, 0);
	answer(&first, (answer_t){.code = 200});
	without_message(&first, REGMON_HAPPENING_TRANSACTION_ENDED, 0);
	assert_int_equal(the_phone()->timeline_n, 4);
	end();
}

/* A script may answer with any number. */
static void test_code_that_is_none(void **state)
{
	static const int codes[] = {1500, 700, 1000, 1024 + 403};
	unsigned i;

	begin();
	ask(&first);
	for(i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		without_message(
				&first, REGMON_HAPPENING_TRANSACTION_ENDED, codes[i]);
		assert_entry(1 + i, REGMON_ENTRY_NOT_SENT, REGMON_SIDE_PHONE, 1, 0);
	}
	without_message(&first, REGMON_HAPPENING_TRANSACTION_ENDED, 699);
	assert_entry(1 + i, REGMON_ENTRY_NOT_SENT, REGMON_SIDE_PHONE, 1, 699);
	end();
}

/* What was written down as sent and could not be sent: tm tells when it forgets the transaction. */
static void test_answer_taken_back(void **state)
{
	ask_t second = first;

	begin();
	ask(&first);
	answer(&first, (answer_t){.code = 401, .nonce = "abc"});
	assert_state(the_phone(), REGMON_STATE_CHALLENGED);
	without_message(&first, REGMON_HAPPENING_TRANSACTION_ENDED, 401);
	assert_true(the_phone()->attempt.answer_pending);
	assert_false(the_phone()->attempt.challenge_open);
	assert_state(the_phone(), REGMON_STATE_REGISTERING);
	check_clean();
	second.cseq = 2;
	second.branch = "z9hG4bK2";
	ask(&second);
	answer(&second, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_counts(the_phone(), 1, 1, 0);
	without_message(&second, REGMON_HAPPENING_TRANSACTION_ENDED, 200);
	assert_state(the_phone(), REGMON_STATE_FAILED);
	assert_counts(the_phone(), 1, 0, 1);
	assert_int_equal(the_phone()->attempt.result, REGMON_RESULT_UNANSWERED);
	assert_int_equal(told[REGMON_EVENT_NOT_SENT], 2);
	check_clean();
	end();
}

/* ... and the phone's next REGISTER, too. */
static void test_sent_is_told_after_the_next_register(void **state)
{
	ask_t second = first;

	begin();
	ask(&first);
	answer_in(&first, (answer_t){.code = 401, .nonce = "abc"});
	answer(&first, (answer_t){.code = 401, .nonce = "abc"});
	second.cseq = 2;
	second.branch = "z9hG4bK2";
	ask(&second);
	sent_on(&first);
	assert_int_equal(the_phone()->timeline_n, 5);
	assert_true(the_phone()->attempt.sent_to_core_ms == 0);
	end();
}

/* The answer from the core is faster than tm's word that the REGISTER was sent there. */
static void test_core_answers_before_sent_is_told(void **state)
{
	begin();
	ask(&first);
	answer_in(&first, (answer_t){.code = 401, .nonce = "abc"});
	sent_on(&first);
	assert_entry(1, REGMON_ENTRY_REQUEST, REGMON_SIDE_CORE, 1, 0);
	assert_entry(2, REGMON_ENTRY_ANSWER, REGMON_SIDE_CORE, 1, 401);
	assert_int_equal(the_phone()->timeline_n, 3);
	assert_true(the_phone()->attempt.sent_to_core_ms > 0);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {world_test(test_first_registration),
			world_test(test_timeline_has_both_legs),
			world_test(test_full_life), world_test(test_refusals),
			world_test(test_retries_stay_inside),
			world_test(test_retry_never_comes),
			world_test(test_challenge_loop),
			world_test(test_resync_and_mac_failure),
			world_test(test_superseded),
			world_test(test_silence_after_challenge),
			world_test(test_unanswered),
			world_test(test_expiry_and_removal),
			world_test(test_expiry_with_short_keeping),
			world_test(test_expiry_during_refresh),
			world_test(test_transaction_ended),
			world_test(test_code_that_is_none),
			world_test(test_answer_taken_back),
			world_test(test_core_answers_before_sent_is_told),
			world_test(test_sent_is_told_after_the_next_register)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
