/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the world does to the table once in years: a clock that jumps by an hour, a hundred thousand bindings that run out in
 * the same second, a tm without memory to tell of answers. */
#include "test/unit/registration_world.h"

#define HOUR (3600 * SECOND)

/* ---- the clock ---- */

static void test_hour_forward(void **state)
{
	ask_t bound = {.call_id = "bound", .contact = "sip:a@10.0.0.2",
			.to = "sip:bound@example.org", .plain = true, .expires = 7200};
	ask_t short_one = {.call_id = "short", .contact = "sip:b@10.0.0.3",
			.to = "sip:short@example.org", .plain = true};
	ask_t waiting = {.call_id = "waiting", .contact = "sip:c@10.0.0.4",
			.to = "sip:waiting@example.org", .plain = true};
	ask_t silent = {.call_id = "silent", .contact = "sip:d@10.0.0.5",
			.to = "sip:silent@example.org", .plain = true};

	begin();
	exchange(&bound, (answer_t){.code = 200, .granted = 7200});
	exchange(&short_one, (answer_t){.code = 200, .granted = 600});
	ask(&waiting);
	exchange(&silent, (answer_t){.code = 401});
	now_ms += HOUR;
	regmon_table_expire(table, now_ms);
	check_clean();
	assert_state(the("callid:bound"), REGMON_STATE_REGISTERED);
	assert_state(the("callid:short"), REGMON_STATE_EXPIRED);
	assert_state(the("callid:waiting"), REGMON_STATE_FAILED);
	assert_state(the("callid:silent"), REGMON_STATE_FAILED);
	assert_int_equal(results[REGMON_RESULT_UNANSWERED], 1);
	assert_int_equal(results[REGMON_RESULT_SILENT], 1);
	assert_int_equal(told[REGMON_EVENT_ATTEMPT_OPENED],
			told[REGMON_EVENT_ATTEMPT_ENDED]);
	end();
}

/* It comes back from an hour in the future: nothing ends for that, no delay is negative, and what is new runs by the new
 * time. */
static void test_hour_back(void **state)
{
	ask_t old = {.call_id = "old", .contact = "sip:a@10.0.0.2",
			.to = "sip:old@example.org", .plain = true};
	ask_t young = {.call_id = "young", .contact = "sip:b@10.0.0.3",
			.to = "sip:young@example.org", .plain = true};
	ask_t refresh = {.call_id = "old", .contact = "sip:a@10.0.0.2",
			.to = "sip:old@example.org", .plain = true, .cseq = 2,
			.branch = "z9hG4bKrefresh"};
	const regmon_registration_t *phone;
	unsigned i;

	begin();
	exchange(&old, (answer_t){.code = 200});
	now_ms -= HOUR;
	regmon_table_expire(table, now_ms);
	assert_state(the("callid:old"), REGMON_STATE_REGISTERED);
	ask(&young);
	pass_ms(130 * SECOND);
	assert_state(the("callid:young"), REGMON_STATE_FAILED);
	assert_int_equal(results[REGMON_RESULT_UNANSWERED], 1);
	exchange(&refresh, (answer_t){.code = 200, .granted = 600});
	check_clean();
	phone = the("callid:old");
	assert_counts(phone, 2, 2, 0);
	for(i = 0; i < phone->timeline_n; i++)
		assert_true(after_ms_of(phone, i) >= -1);
	pass_ms(601 * SECOND);
	assert_state(the("callid:old"), REGMON_STATE_EXPIRED);
	end();
}

/* ---- all at once ---- */

#define MANY 20000

/* They are found in the second in which it happens, each with one short lock of its own, and without memory. */
static void test_all_expire_in_one_second(void **state)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	regmon_table_numbers_t numbers;
	char to[60], contact[60], call_id[40];
	ask_t asked = {.to = to, .contact = contact, .call_id = call_id,
			.branch = call_id, .plain = true};
	unsigned i;

	limits.max_registrations = MANY;
	begin_with(&limits);
	for(i = 0; i < MANY; i++) {
		snprintf(to, sizeof(to), "sip:user%u@example.org", i);
		snprintf(contact, sizeof(contact), "sip:user%u@10.0.0.1", i);
		snprintf(call_id, sizeof(call_id), "call-%u", i);
		ask(&asked);
		answer(&asked, (answer_t){.code = 200, .granted = 600});
	}
	now_ms += 600 * SECOND - 1000;
	regmon_table_expire(table, now_ms);
	assert_int_equal(told[REGMON_EVENT_STATE_CHANGED], 2 * MANY);
	now_ms += 1000;
	harness_fail_allocation = 1;
	assert_int_equal(regmon_table_expire(table, now_ms), MANY);
	assert_int_equal(harness_fail_allocation, 1);
	harness_fail_allocation = 0;
	assert_int_equal(told[REGMON_EVENT_STATE_CHANGED], 3 * MANY);
	regmon_table_count(table, &numbers);
	assert_int_equal(numbers.in_state[REGMON_STATE_EXPIRED], MANY);
	assert_int_equal(numbers.bound, 0);
	/* nothing is left for the next second */
	now_ms += 1000;
	assert_int_equal(regmon_table_expire(table, now_ms), 0);
	end();
}

/* ---- tm without memory ---- */

static void test_answers_that_only_pass(void **state)
{
	ask_t first = {.credentials = EMPTY};
	ask_t second = {.cseq = 2, .branch = "z9hG4bK2", .credentials = RESPONSE};
	const regmon_registration_t *phone;

	begin();
	assert_false(regmon_table_misses_answers(table, now_ms));
	ask(&first);
	without_message(&first, REGMON_HAPPENING_NOT_FOLLOWED, 0);
	assert_true(regmon_table_misses_answers(table, now_ms));
	answers_pass = true;
	answer_in(&first, (answer_t){.code = 401});
	answer(&first, (answer_t){.code = 401});
	answers_pass = false;
	phone = the_phone();
	assert_state(phone, REGMON_STATE_CHALLENGED);
	assert_int_equal(phone->timeline_n, 4); /* REGISTER, its way on, 401, 401 */
	/* memory is back: who follows the transaction tells, and what passes is nothing new */
	ask(&second);
	sent_on(&second);
	answers_pass = true;
	answer_in(&second, (answer_t){.code = 200});
	answer(&second, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_ANSWERED);
	answers_pass = false;
	answer_in(&second, (answer_t){.code = 200});
	answer(&second, (answer_t){.code = 200});
	answers_pass = true;
	answer_in(&second, (answer_t){.code = 200});
	answer(&second, (answer_t){.code = 200});
	answers_pass = false;
	phone = the_phone();
	assert_state(phone, REGMON_STATE_REGISTERED);
	assert_counts(phone, 1, 1, 0);
	assert_int_equal(phone->timeline_n, 8);
	assert_int_equal(regmon_registration_entry(phone, 7)->repeats, 0);
	now_ms += 300 * SECOND;
	assert_false(regmon_table_misses_answers(table, now_ms));
	end();
}

/* An answer is seen to pass when it has left: the phone may have been faster. It counts, once. */
static void test_passing_answer_is_late(void **state)
{
	ask_t first = {.credentials = EMPTY};
	ask_t second = {.cseq = 2, .branch = "z9hG4bK2", .credentials = RESPONSE};
	unsigned i;

	begin();
	ask(&first);
	without_message(&first, REGMON_HAPPENING_NOT_FOLLOWED, 0);
	ask(&second);
	answers_pass = true;
	for(i = 0; i < 3; i++)
		answer(&first, (answer_t){.code = 401});
	answers_pass = false;
	assert_int_equal(told[REGMON_EVENT_ANSWER], 1);
	assert_int_equal(the_phone()->attempt.challenges, 1);
	assert_state(the_phone(), REGMON_STATE_ANSWERED);
	answer(&second, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_counts(the_phone(), 1, 1, 0);
	end();
}

/* Only the REGISTER that it was said of. */
static void test_not_followed_is_the_last_one(void **state)
{
	ask_t first = {.credentials = EMPTY};
	ask_t second = {.cseq = 2, .branch = "z9hG4bK2", .credentials = EMPTY};
	regmon_table_numbers_t numbers;

	begin();
	ask(&first);
	ask(&second);
	without_message(&first, REGMON_HAPPENING_NOT_FOLLOWED, 0);
	answers_pass = true;
	answer(&second, (answer_t){.code = 403});
	answer(&first, (answer_t){.code = 403});
	answers_pass = false;
	assert_state(the_phone(), REGMON_STATE_REGISTERING);
	regmon_table_count(table, &numbers);
	assert_int_equal(numbers.not_followed, 1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {world_test(test_hour_forward),
			world_test(test_hour_back),
			world_test(test_all_expire_in_one_second),
			world_test(test_answers_that_only_pass),
			world_test(test_passing_answer_is_late),
			world_test(test_not_followed_is_the_last_one)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
