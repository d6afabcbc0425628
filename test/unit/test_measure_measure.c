/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way in and out: news to figures, a full queue, steps of the round, want of memory. Figures themselves are in
 * test_measure_truth.c. */
#include "test/unit/registration_world.h"

#include "measure/counters.h"
#include "measure/measure.h"
#include "measure/queue.h"

static regmon_measure_t *measure;

static void open_world(void)
{
	begin();
	regmon_events_forget_listeners();
	measure = regmon_measure_make(REGMON_TOP_LEAST, key);
	assert_non_null(measure);
	assert_int_equal(regmon_measure_listen(measure), 0);
	assert_int_equal(regmon_counters_listen(), 0);
}

static void close_world(void)
{
	regmon_counters_tell_deregistered(NULL, NULL);
	regmon_measure_free(measure);
	end();
}

static void attempt(unsigned number, int code)
{
	char to[40], call_id[24];
	ask_t asked = {.to = to, .call_id = call_id, .branch = call_id};

	snprintf(to, sizeof(to), "sip:user%u@example.org", number % 500);
	snprintf(call_id, sizeof(call_id), "call-%u", number);
	ask(&asked);
	now_ms += 10;
	answer(&asked, (answer_t){.code = code});
}

static uint64_t successes(regmon_kpi_t *kpi)
{
	regmon_kpi_read(measure, REGMON_ALL_ACCESS, kpi);
	assert_int_equal(kpi->lost, 0);
	return kpi->all.successes;
}

/* Nobody looks for long: those who put in count, and nothing is lost or counted twice. */
static void more_than_the_queue_holds(void **state)
{
	static regmon_kpi_t kpi;
	const unsigned n = 3 * REGMON_QUEUE_MOST + 17;
	unsigned i;

	open_world();
	for(i = 0; i < n; i++)
		attempt(i, 200);
	assert_int_equal(successes(&kpi), n);
	assert_int_equal(kpi.opened[REGMON_ATTEMPT_INITIAL]
							 + kpi.opened[REGMON_ATTEMPT_REFRESH],
			n);
	close_world();
}

/* every way of looking counts first what waits */
static void whoever_looks_finds_it(void **state)
{
	static regmon_period_t rows[REGMON_WINDOW_MINUTES];
	static regmon_top_row_t top_rows[5];
	static regmon_kpi_cell_t cell;
	regmon_sums_t sums;
	regmon_top_t top;

	open_world();
	attempt(1, 403);
	regmon_sums_read(measure, REGMON_LAST_MINUTE, now_ms, &sums);
	assert_int_equal(sums.failed, 1);
	attempt(2, 403);
	regmon_sums_read(measure, REGMON_LAST_DAY, now_ms, &sums);
	assert_int_equal(sums.failed, 2);
	attempt(3, 403);
	regmon_minutes_read(measure, now_ms, 2, rows);
	assert_int_equal(rows[0].failed + rows[1].failed, 3);
	attempt(4, 403);
	regmon_hours_read(measure, now_ms, 2, rows);
	assert_int_equal(rows[0].failed + rows[1].failed, 4);
	attempt(5, 403);
	regmon_top_read(measure, REGMON_DIMENSION_CODE, REGMON_TOP_BY_FAILURES,
			false, now_ms, top_rows, 5, &top);
	assert_int_equal(top_rows[0].failures, 5);
	attempt(6, 403);
	regmon_kpi_read_cell(
			measure, REGMON_ATTEMPT_INITIAL, REGMON_ACCESS_NONE, &cell);
	assert_int_equal(cell.by_code[103], 6);
	attempt(7, 403);
	assert_int_equal(regmon_total_read(measure, REGMON_TOTAL_refused), 7);
	close_world();
}

/* a refusal that could not be sent is a failure as it was */
static void a_refusal_that_was_not_sent(void **state)
{
	static regmon_kpi_t kpi;
	ask_t asked = {0};

	open_world();
	ask(&asked);
	answer(&asked, (answer_t){.code = 403});
	without_message(&asked, REGMON_HAPPENING_TRANSACTION_ENDED, 403);
	regmon_kpi_read(measure, REGMON_ALL_ACCESS, &kpi);
	assert_int_equal(regmon_kpi_ended(&kpi.all), 1);
	assert_int_equal(kpi.all.by_result[REGMON_RESULT_REFUSED], 1);
	close_world();
}

static void deregistered_by_the_network(void **state)
{
	static regmon_kpi_t kpi;
	regmon_event_t event = {.type = REGMON_EVENT_STATE_CHANGED,
			.from = REGMON_STATE_REGISTERED,
			.to = REGMON_STATE_NETWORK_DEREGISTERED};

	open_world();
	regmon_events_tell(&event);
	event.to = REGMON_STATE_EXPIRED;
	regmon_events_tell(&event);
	regmon_kpi_read(measure, REGMON_ALL_ACCESS, &kpi);
	assert_int_equal(kpi.network_deregistrations, 1);
	close_world();
}

static void users(void **state)
{
	regmon_users_t users;
	regmon_population_of_cause_t found;

	open_world();
	attempt(1, 200);
	attempt(2, 200);
	regmon_users_read(measure, &users);
	assert_int_equal(users.at_ms, 0);
	while(users.at_ms == 0) {
		regmon_measure_go_round(measure, table, now_ms);
		regmon_users_read(measure, &users);
	}
	assert_int_equal(users.public_identities, 2);
	assert_int_equal(
			regmon_total_read(measure, REGMON_TOTAL_public_identities), 2);
	assert_int_equal(
			regmon_total_read(measure, REGMON_TOTAL_private_identities), 2);
	regmon_shared_read(measure, 0, &found);
	assert_int_equal(found.phones, 0);
	close_world();
}

static void names_and_percents(void **state)
{
	unsigned i, k;

	for(i = 0; i < REGMON_TOTALS_N; i++)
		for(k = 0; k < i; k++) {
			assert_string_not_equal(regmon_total_name((regmon_total_t)i),
					regmon_total_name((regmon_total_t)k));
			assert_string_not_equal(regmon_total_help((regmon_total_t)i),
					regmon_total_help((regmon_total_t)k));
		}
	assert_string_equal(regmon_total_name(REGMON_TOTALS_N), "?");
	assert_string_equal(regmon_total_help(REGMON_TOTALS_N), "?");
	assert_true(regmon_percent(1, 4) == 25.0);
	assert_true(regmon_percent(0, 0) < 0);
	open_world();
	assert_int_equal(regmon_total_read(measure, REGMON_TOTALS_N), 0);
	close_world();
}

static void no_memory(void **state)
{
	unsigned blocks, at;

	measure = regmon_measure_make(REGMON_TOP_LEAST, key);
	assert_non_null(measure);
	blocks = harness_live_blocks;
	regmon_measure_free(measure);
	for(at = 1; at <= blocks; at++) {
		harness_fail_allocation = at;
		assert_null(regmon_measure_make(REGMON_TOP_LEAST, key));
		assert_int_equal(harness_live_blocks, 0);
	}
	harness_fail_allocation = 0;
	regmon_measure_free(NULL);
}

/* what the manual says */
static void memory(void **state)
{
	assert_in_range(regmon_measure_bytes(200), 1 << 20, 4 << 20);
	assert_in_range(regmon_measure_bytes(REGMON_TOP_MOST), 4 << 20, 10 << 20);
	print_message("%zu KiB with top_size 200, %zu KiB with %d\n",
			regmon_measure_bytes(200) >> 10,
			regmon_measure_bytes(REGMON_TOP_MOST) >> 10, REGMON_TOP_MOST);
}

static void no_room_to_listen(void **state)
{
	int i;

	regmon_events_forget_listeners();
	measure = regmon_measure_make(REGMON_TOP_LEAST, key);
	assert_non_null(measure);
	for(i = 0; i < 1000; i++)
		if(regmon_measure_listen(measure) == -1)
			break;
	assert_in_range(i, 1, 999);
	regmon_events_forget_listeners();
	regmon_counters_tell_deregistered(NULL, NULL);
	regmon_measure_free(measure);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(more_than_the_queue_holds),
			harness_test(whoever_looks_finds_it),
			harness_test(a_refusal_that_was_not_sent),
			harness_test(deregistered_by_the_network), harness_test(users),
			harness_test(names_and_percents), harness_test(no_memory),
			harness_test(memory), harness_test(no_room_to_listen)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
