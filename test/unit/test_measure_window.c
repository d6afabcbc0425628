/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rings of seconds, minutes and hours: what falls into which, their reuse, steps of the clock. */
#include "harness.h"

#include <string.h>

#include "measure/window.h"

/* a round second, not a multiple of a minute */
#define START (INT64_C(1700000017) * 1000)
#define MINUTE INT64_C(60000)
#define HOUR INT64_C(3600000)

static regmon_window_t window;
static regmon_sums_t sums;

static int setup(void **state)
{
	memset(&window, 0, sizeof(window));
	return 0;
}

static regmon_attempt_t attempt_of(int64_t at, regmon_attempt_kind_t kind,
		regmon_result_t result, int64_t delay_ms)
{
	return (regmon_attempt_t){.kind = kind,
			.result = result,
			.opened_ms = START + at - delay_ms,
			.ended_ms = START + at};
}

static void end(int64_t at, regmon_attempt_kind_t kind, regmon_result_t result,
		int64_t delay_ms)
{
	regmon_attempt_t attempt = attempt_of(at, kind, result, delay_ms);

	regmon_window_ended(&window, &attempt);
}
static void success(int64_t at, int64_t delay_ms)
{
	end(at, REGMON_ATTEMPT_INITIAL, REGMON_RESULT_SUCCESS, delay_ms);
}
static void failure(int64_t at)
{
	end(at, REGMON_ATTEMPT_INITIAL, REGMON_RESULT_REFUSED, 10);
}

static void expect(int64_t at, unsigned succeeded, unsigned failed)
{
	regmon_window_last_minute(&window, START + at, &sums);
	assert_int_equal(sums.succeeded, succeeded);
	assert_int_equal(sums.failed, failed);
	assert_int_equal(sums.ended, succeeded + failed);
}

static void add_minutes(int64_t from, int64_t to)
{
	memset(&sums, 0, sizeof(sums));
	regmon_window_add_minutes(&window, (uint32_t)((START + from) / MINUTE),
			(uint32_t)((START + to) / MINUTE), &sums);
}

static void nothing_yet(void **state)
{
	regmon_period_t period;

	expect(0, 0, 0);
	/* at the very beginning of the clock, too */
	regmon_window_last_minute(&window, 0, &sums);
	assert_int_equal(sums.ended, 0);
	add_minutes(-1440 * MINUTE, 0);
	assert_int_equal(sums.ended, 0);
	regmon_window_hour(&window, 472222, &period);
	assert_int_equal(period.number, 472222);
	assert_int_equal(period.succeeded + period.failed, 0);
}

static void the_last_minute(void **state)
{
	success(0, 10);
	success(999, 10);
	failure(500);
	expect(999, 2, 1);
	expect(59999, 2, 1);
	expect(60000, 0, 0);
	success(30000, 10);
	failure(30000);
	failure(30000);
	expect(30000, 3, 3);
	expect(60000, 1, 2);
	expect(90000, 0, 0);
}

static void seconds_are_used_again(void **state)
{
	int64_t at;

	for(at = 0; at < 300; at++) {
		success(at * 1000, 10);
		failure(at * 1000 + 1);
		failure(at * 1000 + 2);
		if(at >= 59)
			expect(at * 1000 + 3, 60, 120);
		else
			expect(at * 1000 + 3, at + 1, 2 * at + 2);
	}
	expect(299000 + 30000, 30, 60);
	/* long after: old cells do not come back a whole number of windows later */
	expect(299000 + 6000000, 0, 0);
}

/* one row for each minute of a day and more: each holds its own and no other */
static void minutes_and_hours(void **state)
{
	const int64_t days = 9;
	regmon_period_t period;
	int64_t minute;

	for(minute = 0; minute < days * 1440; minute++) {
		success(minute * MINUTE, 120);
		if(minute % 2)
			failure(minute * MINUTE);
		end(minute * MINUTE, REGMON_ATTEMPT_REFRESH, REGMON_RESULT_SILENT, 0);
	}
	minute--;
	regmon_window_minute(
			&window, (uint32_t)((START + minute * MINUTE) / MINUTE), &period);
	assert_int_equal(period.succeeded, 1);
	assert_int_equal(period.failed, 2);
	assert_int_equal(period.initial_succeeded, 1);
	assert_int_equal(period.initial_failed, 1);
	assert_int_equal(period.delay_sum_ms, 120);
	assert_int_equal(period.delays[regmon_delay_bucket(120)], 1);
	add_minutes((minute - 59) * MINUTE, minute * MINUTE);
	assert_int_equal(sums.succeeded, 60);
	assert_int_equal(sums.failed, 90);
	assert_int_equal(regmon_histogram_count(&sums.delays), 60);
	assert_int_equal(sums.delays.sum_ms, 60 * 120);
	add_minutes((minute - 1439) * MINUTE, minute * MINUTE);
	assert_int_equal(sums.succeeded, 1440);
	assert_int_equal(sums.failed, 1440 + 720);
	/* older ones have been pushed out */
	add_minutes((minute - 5000) * MINUTE, minute * MINUTE);
	assert_int_equal(sums.succeeded, 1440);
	/* the same hour a week ago; START stands 13 min 37 s behind a whole hour */
	regmon_window_hour(&window,
			(uint32_t)((START + minute * MINUTE) / HOUR) - 7 * 24, &period);
	assert_int_equal(period.succeeded, 60);
	assert_int_equal(period.failed, 90);
	regmon_window_hour(&window,
			(uint32_t)((START + minute * MINUTE) / HOUR) - 8 * 24, &period);
	assert_int_equal(period.succeeded, 60);
	regmon_window_hour(&window,
			(uint32_t)((START + minute * MINUTE) / HOUR) - 8 * 24 - 1, &period);
	assert_int_equal(period.succeeded, 0);
}

static void kinds_and_results(void **state)
{
	end(0, REGMON_ATTEMPT_REFRESH, REGMON_RESULT_SUCCESS, 10);
	end(0, REGMON_ATTEMPT_DEREGISTER, REGMON_RESULT_SUCCESS, 10);
	end(0, REGMON_ATTEMPT_UNKNOWN, REGMON_RESULT_SUCCESS, 10);
	end(0, REGMON_ATTEMPT_REFRESH, REGMON_RESULT_SILENT, 10);
	end(0, REGMON_ATTEMPT_REFRESH, REGMON_RESULT_UNANSWERED, 10);
	end(0, REGMON_ATTEMPT_REFRESH, REGMON_RESULT_SUPERSEDED, 10);
	expect(0, 3, 3);
	end(0, REGMON_ATTEMPT_QUERY, REGMON_RESULT_SUCCESS, 10);
	expect(0, 3, 3);
	/* none of them was a successful initial registration */
	add_minutes(0, 0);
	assert_int_equal(sums.initial_succeeded + sums.initial_failed, 0);
	assert_int_equal(regmon_histogram_count(&sums.delays), 0);
	failure(0);
	success(0, 10);
	add_minutes(0, 0);
	assert_int_equal(sums.succeeded, 4);
	assert_int_equal(sums.failed, 4);
	assert_int_equal(sums.initial_succeeded, 1);
	assert_int_equal(sums.initial_failed, 1);
	assert_int_equal(regmon_histogram_count(&sums.delays), 1);
}

static void a_success_is_taken_back(void **state)
{
	regmon_attempt_t attempt =
			attempt_of(0, REGMON_ATTEMPT_INITIAL, REGMON_RESULT_SUCCESS, 700);
	regmon_period_t period;

	success(0, 700);
	success(0, 90);
	attempt.result = REGMON_RESULT_UNANSWERED;
	regmon_window_taken_back(&window, &attempt);
	expect(0, 1, 1);
	add_minutes(0, 0);
	assert_int_equal(sums.initial_succeeded, 1);
	assert_int_equal(sums.initial_failed, 1);
	assert_int_equal(sums.delays.n[regmon_delay_bucket(700)], 0);
	assert_int_equal(sums.delays.sum_ms, 90);
	regmon_window_hour(&window, (uint32_t)(START / HOUR), &period);
	assert_int_equal(period.initial_succeeded, 1);
	assert_int_equal(period.initial_failed, 1);
	/* one that nobody has any more */
	attempt.ended_ms -= 5 * 24 * HOUR;
	regmon_window_taken_back(&window, &attempt);
	expect(0, 1, 1);
	attempt.ended_ms += 5 * 24 * HOUR;
	attempt.kind = REGMON_ATTEMPT_QUERY;
	regmon_window_taken_back(&window, &attempt);
	expect(0, 1, 1);
}

/* a clock that was set forward: what was before is out of the window, and nothing stands still */
static void the_clock_is_set_forward(void **state)
{
	success(0, 10);
	success(100 * 24 * HOUR, 10);
	expect(100 * 24 * HOUR, 1, 0);
	add_minutes(100 * 24 * HOUR - 1439 * MINUTE, 100 * 24 * HOUR);
	assert_int_equal(sums.succeeded, 1);
}

static void the_clock_is_set_back(void **state)
{
	regmon_period_t period;

	success(7200000, 10);
	failure(7200000);
	expect(0, 0, 0); /* what is to come does not count */
	success(0, 10);	 /* same cell of a second: 7200 is a multiple of 60 */
	expect(0, 1, 0);
	success(1000, 10);
	expect(1000, 2, 0);
	/* when that time comes again, nothing is left of the first time */
	success(7200000, 10);
	expect(7200000, 1, 0);
	add_minutes(7200000, 7200000);
	assert_int_equal(sums.succeeded, 1);
	assert_int_equal(sums.failed, 0);
	regmon_window_hour(&window, (uint32_t)((START + 7200000) / HOUR), &period);
	assert_int_equal(period.succeeded, 1);
}

/* packets of a capture come a little out of order: nothing is lost by that */
static void a_little_out_of_order(void **state)
{
	success(50 * MINUTE, 10);
	success(0, 10);
	success(50 * MINUTE, 10);
	add_minutes(0, 50 * MINUTE);
	assert_int_equal(sums.succeeded, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {TEST(nothing_yet), TEST(the_last_minute),
			TEST(seconds_are_used_again), TEST(minutes_and_hours),
			TEST(kinds_and_results), TEST(a_success_is_taken_back),
			TEST(the_clock_is_set_forward), TEST(the_clock_is_set_back),
			TEST(a_little_out_of_order)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
