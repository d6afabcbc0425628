/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attempts by cell, User-Agent, code, ...: exact while there is room, within the told bounds when there is not, in
 * memory that does not grow whatever comes. */
#include "measure_record.h"

#include <stdlib.h>

#include "diagnosis/diagnosis.h"
#include "measure/breakdown.h"

#define ROOM 50
#define HALF_HOUR INT64_C(1800000)

static regmon_breakdown_t *breakdown;
static regmon_secret_t secret;
static regmon_registration_t record;
static regmon_top_row_t rows[ROOM];
static regmon_top_t top;
static int lock_held;

static void lock(void *context)
{
	assert_int_equal(lock_held, 0);
	lock_held = 1;
}
static void unlock(void *context)
{
	assert_int_equal(lock_held, 1);
	lock_held = 0;
}
static const regmon_guard_t guard = {lock, unlock, NULL};

static void make(unsigned top_size)
{
	secret = regmon_secret_of(random_bytes);
	breakdown = regmon_breakdown_make(top_size, &secret);
	assert_non_null(breakdown);
}

static void done(void)
{
	regmon_breakdown_free(breakdown);
	breakdown = NULL;
}

static void end(int64_t at, regmon_result_t result, unsigned code, int cause)
{
	regmon_ended_t ended;

	record_end(&record, NOON + at, result, code);
	record.causes = cause < 0 ? 0 : UINT64_C(1) << cause;
	regmon_ended_read(&record, &secret, &ended);
	assert_int_equal(ended.cause, result == REGMON_RESULT_SUCCESS ? -1 : cause);
	regmon_breakdown_ended(breakdown, &ended);
}

static void in_tac(const char *tac)
{
	record_traits(&record, "00101", tac, NULL, NULL, NULL);
}

static void ask(regmon_dimension_t dimension, regmon_top_order_t order)
{
	memset(rows, 0xee, sizeof(rows));
	regmon_breakdown_top(
			breakdown, &guard, dimension, order, 0, rows, ROOM, &top);
	assert_int_equal(lock_held, 0);
}

static const regmon_top_row_t *row_of(const char *text)
{
	unsigned i;

	for(i = 0; i < top.rows_n; i++)
		if(rows[i].length == (int)strlen(text)
				&& memcmp(rows[i].text, text, rows[i].length) == 0)
			return &rows[i];
	fail_msg("no row %s", text);
	return NULL;
}

static void assert_row(const regmon_top_row_t *row, uint64_t attempts,
		uint64_t failures, uint64_t missed)
{
	assert_int_equal(row->attempts, attempts);
	assert_int_equal(row->failures, failures);
	assert_int_equal(row->successes, attempts - failures);
	assert_int_equal(row->missed, missed);
}

static void succeed(unsigned n)
{
	while(n--)
		end(0, REGMON_RESULT_SUCCESS, 200, -1);
}
static void fail_with(unsigned n, unsigned code)
{
	while(n--)
		end(0, REGMON_RESULT_REFUSED, code, -1);
}

/* three TACs: the big one, the one that fails most, the one that fails always */
static void three_tacs(void)
{
	in_tac("0001");
	succeed(90);
	fail_with(10, 403);
	in_tac("0002");
	succeed(20);
	fail_with(30, 403);
	fail_with(5, 504);
	in_tac("0003");
	fail_with(12, 504);
}

static void orders(void **state)
{
	make(10);
	three_tacs();
	in_tac(NULL);
	succeed(7);
	ask(REGMON_DIMENSION_TAC, REGMON_TOP_BY_FAILURES);
	assert_int_equal(top.rows_n, 3);
	assert_int_equal(top.values, 3);
	assert_int_equal(top.attempts, 167);
	assert_int_equal(top.failures, 57);
	assert_int_equal(top.successes, 110);
	assert_int_equal(top.without, 7);
	assert_int_equal(top.replaced, 0);
	assert_int_equal(top.floor, 0);
	assert_ptr_equal(row_of("00101-0002"), &rows[0]);
	assert_ptr_equal(row_of("00101-0003"), &rows[1]);
	assert_ptr_equal(row_of("00101-0001"), &rows[2]);
	assert_row(&rows[0], 55, 35, 0);
	assert_row(&rows[1], 12, 12, 0);
	assert_row(&rows[2], 100, 10, 0);
	assert_int_equal(rows[0].failure, REGMON_FAILURE_CODE | 403);
	assert_int_equal(rows[0].failure_n, 30);
	assert_int_equal(rows[1].failure, REGMON_FAILURE_CODE | 504);
	assert_int_equal(rows[0].since_ms, 0);

	ask(REGMON_DIMENSION_TAC, REGMON_TOP_BY_ATTEMPTS);
	assert_int_equal(top.rows_n, 3);
	assert_ptr_equal(row_of("00101-0001"), &rows[0]);
	assert_ptr_equal(row_of("00101-0002"), &rows[1]);
	assert_row(&rows[0], 100, 10, 0);

	ask(REGMON_DIMENSION_TAC, REGMON_TOP_BY_RATIO);
	assert_int_equal(top.rows_n, 3);
	assert_ptr_equal(row_of("00101-0003"), &rows[0]);
	assert_ptr_equal(row_of("00101-0002"), &rows[1]);
	assert_ptr_equal(row_of("00101-0001"), &rows[2]);
	/* a handful of attempts is no ratio */
	in_tac("0004");
	fail_with(REGMON_TOP_RATIO_LEAST - 1, 403);
	ask(REGMON_DIMENSION_TAC, REGMON_TOP_BY_RATIO);
	assert_int_equal(top.rows_n, 3);
	fail_with(1, 403);
	ask(REGMON_DIMENSION_TAC, REGMON_TOP_BY_RATIO);
	assert_int_equal(top.rows_n, 4);
	done();
}

static void less_room_than_values(void **state)
{
	make(10);
	three_tacs();
	regmon_breakdown_top(breakdown, &guard, REGMON_DIMENSION_TAC,
			REGMON_TOP_BY_FAILURES, 0, rows, 1, &top);
	assert_int_equal(top.rows_n, 1);
	assert_int_equal(top.values, 3);
	assert_int_equal(top.failures, 57);
	done();
}

static void every_dimension(void **state)
{
	static const char *const texts[] = {[REGMON_DIMENSION_PLMN] = "00101",
			[REGMON_DIMENSION_TAC] = "00101-0001",
			[REGMON_DIMENSION_CELL] = "00101-0AB0001",
			[REGMON_DIMENSION_DEVICE] = "Pixel 9",
			[REGMON_DIMENSION_IMEI_TAC] = "35609911",
			[REGMON_DIMENSION_PORT] = "5060"};
	unsigned i;

	make(10);
	record_traits(&record, "00101", "0001", "0AB0001", "Pixel 9", "35609911");
	record.attempt.finding = 18;
	end(0, REGMON_RESULT_REFUSED, 403, 2);
	end(0, REGMON_RESULT_SILENT, 401, 3);
	end(0, REGMON_RESULT_SUPERSEDED, 401, -1);
	end(0, REGMON_RESULT_SUCCESS, 200, 5);
	end(0, REGMON_RESULT_REFUSED, 799, -1);
	regmon_breakdown_finding(breakdown, 17);
	regmon_breakdown_finding(breakdown, 17);
	regmon_breakdown_finding(breakdown, REGMON_MAX_RULES);
	for(i = 0; i < REGMON_RANKED_DIMENSIONS_N; i++) {
		ask((regmon_dimension_t)i, REGMON_TOP_BY_FAILURES);
		assert_int_equal(top.rows_n, 1);
		assert_row(row_of(texts[i]), 5, 4, 0);
		assert_int_equal(top.without, 0);
	}
	ask(REGMON_DIMENSION_ACCESS, REGMON_TOP_BY_FAILURES);
	assert_int_equal(top.rows_n, 1);
	assert_int_equal(rows[0].index, REGMON_ACCESS_NR);
	assert_row(&rows[0], 5, 4, 0);
	ask(REGMON_DIMENSION_RULE, REGMON_TOP_BY_FAILURES);
	assert_int_equal(top.rows_n, 1);
	assert_int_equal(rows[0].index, 17);
	assert_int_equal(rows[0].found, 2);
	assert_row(&rows[0], 5, 4, 0);
	/* answers: those that ended an attempt */
	ask(REGMON_DIMENSION_CODE, REGMON_TOP_BY_ATTEMPTS);
	assert_int_equal(top.rows_n, 3);
	assert_int_equal(top.attempts, 3);
	assert_int_equal(top.without, 2);
	for(i = 0; i < 3; i++)
		switch(rows[i].index) {
			case 200:
				assert_row(&rows[i], 1, 0, 0);
				break;
			case 403:
				assert_row(&rows[i], 1, 1, 0);
				assert_int_equal(rows[i].failure, REGMON_FAILURE_CAUSE | 2);
				break;
			case 0: /* none that SIP knows */
				assert_row(&rows[i], 1, 1, 0);
				break;
			default:
				fail_msg("code %u", rows[i].index);
		}
	/* causes: of failures */
	ask(REGMON_DIMENSION_CAUSE, REGMON_TOP_BY_FAILURES);
	assert_int_equal(top.rows_n, 2);
	assert_int_equal(top.attempts, 2);
	assert_int_equal(top.without, 3);
	for(i = 0; i < 2; i++) {
		assert_row(&rows[i], 1, 1, 0);
		assert_int_equal(rows[i].failure,
				rows[i].index == 2
						? REGMON_FAILURE_CODE | 403
						: REGMON_FAILURE_RESULT | REGMON_RESULT_SILENT);
	}
	/* a query is no registration */
	record.attempt.kind = REGMON_ATTEMPT_QUERY;
	end(0, REGMON_RESULT_REFUSED, 403, -1);
	ask(REGMON_DIMENSION_PLMN, REGMON_TOP_BY_ATTEMPTS);
	assert_row(&rows[0], 5, 4, 0);
	done();
}

static void recent_ones(void **state)
{
	int64_t now_ms = NOON + HALF_HOUR;

	make(10);
	in_tac("0001");
	end(0, REGMON_RESULT_REFUSED, 403, -1);
	end(HALF_HOUR - 1, REGMON_RESULT_SUCCESS, 200, -1);
	in_tac("0002");
	end(HALF_HOUR, REGMON_RESULT_REFUSED, 403, -1);
	end(HALF_HOUR, REGMON_RESULT_REFUSED, 403, -1);
	/* another process, a moment late: still counted where it belongs */
	end(HALF_HOUR - 2, REGMON_RESULT_REFUSED, 403, -1);
	regmon_breakdown_top(breakdown, &guard, REGMON_DIMENSION_TAC,
			REGMON_TOP_BY_FAILURES, now_ms, rows, ROOM, &top);
	assert_int_equal(top.rows_n, 2);
	assert_true(top.since_ms == NOON);
	assert_row(row_of("00101-0001"), 2, 1, 0);
	assert_row(row_of("00101-0002"), 3, 3, 0);
	/* half an hour on, the first half hour is no longer recent */
	now_ms += HALF_HOUR;
	regmon_breakdown_top(breakdown, &guard, REGMON_DIMENSION_TAC,
			REGMON_TOP_BY_FAILURES, now_ms, rows, ROOM, &top);
	assert_int_equal(top.rows_n, 1);
	assert_row(row_of("00101-0002"), 2, 2, 0);
	assert_int_equal(top.failures, 2);
	/* and one more, none is */
	now_ms += HALF_HOUR;
	regmon_breakdown_top(breakdown, &guard, REGMON_DIMENSION_TAC,
			REGMON_TOP_BY_FAILURES, now_ms, rows, ROOM, &top);
	assert_int_equal(top.rows_n, 0);
	assert_int_equal(top.attempts, 0);
	ask(REGMON_DIMENSION_TAC, REGMON_TOP_BY_FAILURES);
	assert_int_equal(top.failures, 4);
	/* the same of a dimension whose values are known */
	regmon_breakdown_top(breakdown, &guard, REGMON_DIMENSION_CODE,
			REGMON_TOP_BY_FAILURES, NOON + HALF_HOUR, rows, ROOM, &top);
	assert_int_equal(top.rows_n, 1);
	assert_row(&rows[0], 4, 4, 0);
	done();
}

/* whatever was asked and counted before: as if it had failed at once */
static void a_success_is_taken_back(void **state)
{
	regmon_ended_t ended;
	unsigned i;

	make(10);
	record_traits(&record, "00101", "0001", "0AB0001", "Pixel 9", "35609911");
	record.attempt.finding = 1;
	end(0, REGMON_RESULT_REFUSED, 403, -1);
	end(5, REGMON_RESULT_SUCCESS, 200, -1);
	end(6, REGMON_RESULT_SUCCESS, 200, -1);
	record.attempt.ended_ms = NOON + 5;
	record.attempt.result = REGMON_RESULT_UNANSWERED;
	record.causes = 1u << 4;
	regmon_ended_read(&record, &secret, &ended);
	regmon_breakdown_taken_back(breakdown, &ended);
	for(i = 0; i < REGMON_DIMENSIONS_N; i++) {
		ask((regmon_dimension_t)i, REGMON_TOP_BY_ATTEMPTS);
		if(i == REGMON_DIMENSION_CODE) {
			assert_int_equal(top.attempts, 2);
			assert_int_equal(top.without, 1);
			continue;
		}
		if(i == REGMON_DIMENSION_CAUSE) {
			assert_int_equal(top.rows_n, 1);
			assert_int_equal(rows[0].index, 4);
			assert_row(&rows[0], 1, 1, 0);
			assert_int_equal(top.without, 2);
			continue;
		}
		assert_int_equal(top.rows_n, 1);
		assert_row(&rows[0], 3, 2, 0);
		assert_int_equal(top.failures, 2);
		assert_int_equal(top.successes, 1);
		regmon_breakdown_top(breakdown, &guard, (regmon_dimension_t)i,
				REGMON_TOP_BY_FAILURES, NOON + HALF_HOUR, rows, ROOM, &top);
		assert_row(&rows[0], 3, 2, 0);
	}
	done();
}

static void take_back(int64_t at)
{
	regmon_ended_t ended;

	record_end(&record, NOON + at, REGMON_RESULT_UNANSWERED, 200);
	regmon_ended_read(&record, &secret, &ended);
	regmon_breakdown_taken_back(breakdown, &ended);
}

static void flood(int64_t at, unsigned first, unsigned n)
{
	char tac[8];

	while(n--) {
		snprintf(tac, sizeof(tac), "%06X", first + n);
		in_tac(tac);
		end(at, REGMON_RESULT_SUCCESS, 200, -1);
	}
}

/* A value that has lost its place among the attempts and kept the one among the failures: what comes is counted there,
 * successes, too, and what is taken back of before is not taken from the new place. */
static void known_by_failures_only(void **state)
{
	const regmon_top_row_t *row;

	make(10);
	in_tac("0001");
	end(0, REGMON_RESULT_SUCCESS, 200, -1);
	end(1, REGMON_RESULT_REFUSED, 403, -1);
	end(2, REGMON_RESULT_SUCCESS, 200, -1);
	flood(10, 1000, 500);
	in_tac("0001");
	end(20, REGMON_RESULT_SUCCESS, 200, -1);
	end(21, REGMON_RESULT_SUCCESS, 200, -1);
	ask(REGMON_DIMENSION_TAC, REGMON_TOP_BY_FAILURES);
	row = row_of("00101-0001");
	/* since the first failure: the success before it is not known any more */
	assert_true(row->since_ms == NOON + 1);
	assert_row(row, 4, 1, 0);
	ask(REGMON_DIMENSION_TAC, REGMON_TOP_BY_ATTEMPTS);
	row = row_of("00101-0001");
	assert_true(row->since_ms == NOON + 20);
	assert_int_equal(row->attempts, 2);
	assert_int_equal(row->failures, 0);
	/* the one of before the flood */
	take_back(2);
	ask(REGMON_DIMENSION_TAC, REGMON_TOP_BY_FAILURES);
	assert_row(row_of("00101-0001"), 4, 2, 0);
	ask(REGMON_DIMENSION_TAC, REGMON_TOP_BY_ATTEMPTS);
	assert_int_equal(row_of("00101-0001")->failures, 0);
	assert_int_equal(row_of("00101-0001")->attempts, 2);
	/* and one of behind it */
	take_back(21);
	ask(REGMON_DIMENSION_TAC, REGMON_TOP_BY_FAILURES);
	assert_row(row_of("00101-0001"), 4, 3, 0);
	ask(REGMON_DIMENSION_TAC, REGMON_TOP_BY_ATTEMPTS);
	assert_int_equal(row_of("00101-0001")->failures, 1);
	done();
}

static void in_cell(unsigned cell, unsigned device)
{
	char cell_text[20], device_text[40];

	snprintf(cell_text, sizeof(cell_text), "%09X", cell);
	snprintf(device_text, sizeof(device_text), "Fuzzer/%u", device);
	record_traits(&record, "00101", "0001", cell_text, device_text, NULL);
}

/* The flood of the issue: a million cells and a hundred thousand User-Agents, and among them one cell that fails now and
 * then but always, and one in which many register. Both are found, with figures that hold. */
static void a_flood_of_values(void **state)
{
	unsigned blocks, i, failing = 0, busy = 0, flood = 0;
	const regmon_top_row_t *row;

	make(200);
	blocks = harness_live_blocks;
	for(i = 0; i < 1000000; i++) {
		in_cell(i + 1000, i % 100000);
		end(i, i % 20 ? REGMON_RESULT_SUCCESS : REGMON_RESULT_REFUSED,
				i % 20 ? 200 : 403, -1);
		flood += i % 20 == 0;
		if(i % 100 == 0) {
			in_cell(1, 100000);
			end(i, REGMON_RESULT_SUCCESS, 200, -1);
			busy++;
		}
		if(i % 2500 == 0) {
			in_cell(2, 100001);
			end(i, REGMON_RESULT_SILENT, 401, 3);
			failing++;
		}
	}
	/* nothing was taken for it */
	assert_int_equal(harness_live_blocks, blocks);
	ask(REGMON_DIMENSION_CELL, REGMON_TOP_BY_ATTEMPTS);
	assert_int_equal(top.attempts, 1000000 + busy + failing);
	assert_int_equal(top.values, 200);
	assert_true(top.replaced > 900000);
	assert_true(top.floor <= top.attempts / 200);
	assert_row(row_of("00101-000000001"), busy, 0, 0);
	assert_ptr_equal(row_of("00101-000000001"), &rows[0]);
	/* 400 of a million attempts, but of 50,400 failures many */
	ask(REGMON_DIMENSION_CELL, REGMON_TOP_BY_FAILURES);
	assert_int_equal(top.failures, flood + failing);
	row = row_of("00101-000000002");
	assert_ptr_equal(row, &rows[0]);
	assert_int_equal(row->successes, 0);
	assert_true(row->failures <= failing);
	assert_true(row->failures + row->missed >= failing);
	assert_true(row->failures > failing * 9 / 10);
	assert_int_equal(row->failure, REGMON_FAILURE_CAUSE | 3);
	/* what is shown never is more than what was */
	for(i = 1; i < top.rows_n; i++)
		assert_true(rows[i].failures <= 1 && rows[i].attempts <= 1);
	ask(REGMON_DIMENSION_DEVICE, REGMON_TOP_BY_ATTEMPTS);
	assert_row(row_of("Fuzzer/100000"), busy, 0, 0);
	ask(REGMON_DIMENSION_TAC, REGMON_TOP_BY_ATTEMPTS);
	assert_int_equal(top.rows_n, 1);
	assert_row(&rows[0], 1000000 + busy + failing, flood + failing, 0);
	done();
}

/* with more values than places, every figure keeps what it promises */
static void bounds_hold(void **state)
{
	enum
	{
		VALUES = 60,
		PLACES = 20
	};
	unsigned attempts[VALUES] = {0}, failures[VALUES] = {0}, i, value, order;
	uint64_t seed = 88172645463325252ULL;
	const regmon_top_row_t *row;

	make(PLACES);
	for(i = 0; i < 30000; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		value = (unsigned)(seed >> 20) % VALUES;
		value = value * value / VALUES;
		in_cell(value, 0);
		attempts[value]++;
		if((seed >> 40) % (value + 2) == 0) {
			end(i, REGMON_RESULT_REFUSED, 403, -1);
			failures[value]++;
		} else {
			end(i, REGMON_RESULT_SUCCESS, 200, -1);
		}
	}
	for(order = 0; order <= REGMON_TOP_BY_RATIO; order++) {
		ask(REGMON_DIMENSION_CELL, (regmon_top_order_t)order);
		assert_true(top.rows_n >= PLACES / 2);
		for(i = 0; i < top.rows_n; i++) {
			char digits[10] = "";

			row = &rows[i];
			memcpy(digits, row->text + 6, 9);
			value = (unsigned)strtoul(digits, NULL, 16);
			assert_in_range(value, 0, VALUES - 1);
			assert_true(row->attempts <= attempts[value]);
			assert_true(row->failures <= failures[value]);
			assert_true(row->successes <= attempts[value] - failures[value]);
			if(order == REGMON_TOP_BY_ATTEMPTS)
				assert_true(row->attempts + row->missed >= attempts[value]);
			else
				assert_true(row->failures + row->missed >= failures[value]);
			if(row->since_ms == 0) {
				assert_int_equal(row->attempts, attempts[value]);
				assert_int_equal(row->failures, failures[value]);
			}
			attempts[value] |= 1u << 31; /* seen */
		}
		for(value = 0; value < VALUES; value++) {
			bool seen = attempts[value] >> 31;

			attempts[value] &= ~(1u << 31);
			if(!seen && order == REGMON_TOP_BY_ATTEMPTS)
				assert_true(attempts[value] <= top.floor);
			else if(!seen && order == REGMON_TOP_BY_FAILURES)
				assert_true(failures[value] <= top.floor);
		}
	}
	done();
}

static void reasons_beyond_four(void **state)
{
	unsigned i;

	make(10);
	in_tac("0001");
	for(i = 0; i < 300; i++) {
		fail_with(1, 500 + i % 60);
		if(i % 3)
			fail_with(1, 403);
	}
	ask(REGMON_DIMENSION_TAC, REGMON_TOP_BY_FAILURES);
	assert_int_equal(rows[0].failure, REGMON_FAILURE_CODE | 403);
	/* at least so many, never more than there were */
	assert_in_range(rows[0].failure_n, 100, 200);
	done();
}

static void no_memory(void **state)
{
	unsigned at;

	secret = regmon_secret_of(random_bytes);
	for(at = 1; at <= 1 + 4 * REGMON_RANKED_DIMENSIONS_N; at++) {
		harness_fail_allocation = at;
		assert_null(regmon_breakdown_make(10, &secret));
		assert_int_equal(harness_live_blocks, 0);
	}
	harness_fail_allocation = 0;
	regmon_breakdown_free(NULL);
}

static void names(void **state)
{
	regmon_dimension_t found;
	char buffer[8];
	unsigned i;

	for(i = 0; i < REGMON_DIMENSIONS_N; i++) {
		const char *name = regmon_dimension_name((regmon_dimension_t)i);

		assert_true(regmon_dimension_find(
				(str){(char *)name, (int)strlen(name)}, &found));
		assert_int_equal(found, i);
	}
	assert_false(regmon_dimension_find(REGMON_TEXT("moon"), &found));
	assert_string_equal(regmon_dimension_name(REGMON_DIMENSIONS_N), "?");
	assert_string_equal(regmon_failure_name(0, buffer), "");
	assert_string_equal(
			regmon_failure_name(REGMON_FAILURE_CODE | 403, buffer), "403");
	assert_string_equal(
			regmon_failure_name(
					REGMON_FAILURE_RESULT | REGMON_RESULT_SUPERSEDED, buffer),
			"superseded");
	assert_string_equal(regmon_failure_name(REGMON_FAILURE_CAUSE | 0, buffer),
			regmon_cause_at(0)->id);
	assert_string_equal(
			regmon_failure_name(REGMON_FAILURE_CAUSE | 0xfff, buffer), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(orders),
			harness_test(less_room_than_values), harness_test(every_dimension),
			harness_test(recent_ones), harness_test(a_success_is_taken_back),
			harness_test(known_by_failures_only),
			harness_test(a_flood_of_values), harness_test(bounds_hold),
			harness_test(reasons_beyond_four), harness_test(no_memory),
			harness_test(names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
