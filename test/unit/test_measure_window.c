/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last minute and the delays: cells, their reuse, bounds of buckets, several processes at once. */
#include "harness.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/window.h"

/* a round second, not a multiple of the window */
#define START (INT64_C(1700000017) * 1000)

static regmon_window_t *window;
static regmon_window_numbers_t numbers;

static int setup(void **state)
{
	int failed = harness_setup(state);

	regmon_events_forget_listeners();
	window = regmon_window_make();
	assert_non_null(window);
	assert_int_equal(regmon_window_listen(window), 0);
	return failed;
}

static int teardown(void **state)
{
	regmon_events_forget_listeners();
	regmon_window_free(window);
	return harness_teardown(state);
}

static void end(int64_t at, regmon_attempt_kind_t kind, regmon_result_t result,
		int64_t delay_ms)
{
	regmon_event_t event = {.type = REGMON_EVENT_ATTEMPT_ENDED,
			.now_ms = START + at,
			.attempt = {.kind = kind, .result = result}};

	event.attempt.opened_ms = START + at - delay_ms;
	event.attempt.ended_ms = START + at;
	regmon_events_tell(&event);
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
	regmon_window_read(window, START + at, &numbers);
	assert_int_equal(numbers.succeeded, succeeded);
	assert_int_equal(numbers.failed, failed);
	assert_int_equal(numbers.ended, succeeded + failed);
}

static void nothing_yet(void **state)
{
	expect(0, 0, 0);
	assert_int_equal(numbers.delays_n, 0);
	assert_int_equal(numbers.delay_p50_ms, -1);
	assert_int_equal(numbers.delay_p95_ms, -1);
	assert_int_equal(numbers.delay_p99_ms, -1);
	/* at the very beginning of the clock, too */
	regmon_window_read(window, 0, &numbers);
	assert_int_equal(numbers.ended, 0);
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

static void cells_are_used_again(void **state)
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

static void the_clock_is_set_back(void **state)
{
	success(7200000, 10);
	expect(0, 0, 0); /* what is to come does not count */
	success(0, 10);	 /* same cell: 7200 is a multiple of 60 */
	expect(0, 1, 0);
	success(1000, 10);
	expect(1000, 2, 0);
}

static void a_full_cell_stays_full(void **state)
{
	int i;

	for(i = 0; i < 65540; i++)
		failure(0);
	expect(0, 0, 65535);
	success(0, 10);
	expect(0, 1, 65535);
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
	end(0, REGMON_ATTEMPT_INITIAL, REGMON_RESULT_OPEN, 10);
	expect(0, 3, 3);
	/* none of them was a successful initial registration */
	assert_int_equal(numbers.delays_n, 0);
	failure(0);
	expect(0, 3, 4);
	assert_int_equal(numbers.delays_n, 0);
	success(0, 10);
	expect(0, 4, 4);
	assert_int_equal(numbers.delays_n, 1);
}

static void other_news_does_not_count(void **state)
{
	regmon_event_t event = {.type = REGMON_EVENT_ATTEMPT_OPENED,
			.now_ms = START,
			.attempt = {.kind = REGMON_ATTEMPT_INITIAL,
					.result = REGMON_RESULT_SUCCESS}};

	regmon_events_tell(&event);
	expect(0, 0, 0);
}

static void check_bucket(int64_t delay_ms, int32_t bound)
{
	regmon_window_t *fresh = regmon_window_make();

	regmon_events_forget_listeners();
	regmon_window_listen(fresh);
	success(0, delay_ms);
	regmon_window_read(fresh, START, &numbers);
	regmon_window_free(fresh);
	assert_int_equal(numbers.delays_n, 1);
	assert_int_equal(numbers.delay_p50_ms, bound);
	assert_int_equal(numbers.delay_p99_ms, bound);
}

static void bounds_of_buckets(void **state)
{
	int i;

	check_bucket(0, 50);
	for(i = 0; i < REGMON_DELAY_BUCKETS - 1; i++) {
		assert_true(regmon_delay_bucket_ms[i] < regmon_delay_bucket_ms[i + 1]);
		check_bucket(regmon_delay_bucket_ms[i], regmon_delay_bucket_ms[i]);
		check_bucket(INT64_C(1) + regmon_delay_bucket_ms[i],
				regmon_delay_bucket_ms[i + 1]);
	}
	assert_int_equal(
			regmon_delay_bucket_ms[REGMON_DELAY_BUCKETS - 1], INT32_MAX);
	check_bucket(INT64_C(1) << 40, INT32_MAX);
}

static void a_delay_below_zero_is_no_delay(void **state)
{
	success(0, -5);
	expect(0, 1, 0);
	assert_int_equal(numbers.delays_n, 0);
	assert_int_equal(numbers.delay_p50_ms, -1);
}

static void percentiles(void **state)
{
	int i;

	/* 50 up to 100 ms, 45 up to 500 ms, 4 up to 2 s, 1 up to 30 s */
	for(i = 0; i < 50; i++)
		success(0, 80);
	for(i = 0; i < 45; i++)
		success(0, 400);
	for(i = 0; i < 4; i++)
		success(0, 1800);
	success(0, 20000);
	expect(0, 100, 0);
	assert_int_equal(numbers.delays_n, 100);
	assert_int_equal(numbers.delay_p50_ms, 100);
	assert_int_equal(numbers.delay_p95_ms, 500);
	assert_int_equal(numbers.delay_p99_ms, 2000);
	success(0, 80000);
	expect(0, 101, 0);
	/* the 51st, 96th and 100th of 101 */
	assert_int_equal(numbers.delay_p50_ms, 500);
	assert_int_equal(numbers.delay_p95_ms, 2000);
	assert_int_equal(numbers.delay_p99_ms, 30000);
	/* delays are kept longer than the minute */
	expect(3600000, 0, 0);
	assert_int_equal(numbers.delays_n, 101);
}

/* shared between processes for real: the harness's memory is not */
static void several_processes(void **state)
{
	enum
	{
		PROCESSES = 4,
		EACH = 15000
	};
	/* larger than a window can be; only its owner knows its size */
	regmon_window_t *shared = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int i, k, status;
	pid_t pids[PROCESSES];

	assert_true(shared != MAP_FAILED);
	regmon_events_forget_listeners();
	assert_int_equal(regmon_window_listen(shared), 0);
	for(i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if(pids[i] == 0) {
			for(k = 0; k < EACH; k++)
				success(k % 3 * 1000, 80);
			_exit(0);
		}
	}
	for(i = 0; i < PROCESSES; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	regmon_window_read(shared, START + 3000, &numbers);
	assert_int_equal(numbers.succeeded, PROCESSES * EACH);
	assert_int_equal(numbers.delays_n, PROCESSES * EACH);
	munmap(shared, 65536);
}

static void no_memory(void **state)
{
	harness_fail_allocation = 1;
	assert_null(regmon_window_make());
	regmon_window_free(NULL);
}

static void no_room_to_listen(void **state)
{
	int i;

	for(i = 0; i < 1000; i++)
		if(regmon_window_listen(window) == -1)
			return;
	fail_msg("a thousand listeners found room");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {TEST(nothing_yet),
			TEST(the_last_minute), TEST(cells_are_used_again),
			TEST(the_clock_is_set_back), TEST(a_full_cell_stays_full),
			TEST(kinds_and_results), TEST(other_news_does_not_count),
			TEST(bounds_of_buckets), TEST(a_delay_below_zero_is_no_delay),
			TEST(percentiles), TEST(several_processes), TEST(no_memory),
			TEST(no_room_to_listen)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
