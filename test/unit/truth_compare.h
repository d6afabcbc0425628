/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every figure of measure/ beside what truth.h comes to. */
#ifndef REGMON_TEST_TRUTH_COMPARE_H
#define REGMON_TEST_TRUTH_COMPARE_H

#include "test/unit/registration_world.h"
#include "test/unit/truth.h"

#include "measure/counters.h"

#define TOP_SIZE 400 /* more than there are values: all rows are exact */

/* what a test that knows has counted by itself */
static regmon_measure_t *measure;
static int counts[REGMON_COUNTERS_N];
static unsigned opened[REGMON_ATTEMPTS_N], answers[8], challenges_sent,
		retransmissions, registers, not_sent, findings_n;
static uint64_t found[REGMON_MAX_RULES];

static void check_cell(const regmon_kpi_cell_t *cell,
		const regmon_kpi_cell_t *truth, unsigned kind, int access)
{
	const uint64_t *is = (const uint64_t *)cell;
	const uint64_t *should = (const uint64_t *)truth;
	unsigned i;

	for(i = 0; i < sizeof(*cell) / sizeof(uint64_t); i++)
		if(is[i] != should[i])
			fail_msg("%s, access %d: count %u is %llu, not %llu",
					regmon_attempt_name((regmon_attempt_kind_t)kind), access, i,
					(unsigned long long)is[i], (unsigned long long)should[i]);
}

static void check_kpi(void)
{
	static regmon_kpi_t kpi;
	regmon_kpi_cell_t truth, all;
	unsigned kind;
	int access;

	/* all of them last */
	for(access = REGMON_ACCESS_KINDS_N - 1; access >= -1; access--) {
		regmon_kpi_read(measure, access, &kpi);
		memset(&all, 0, sizeof(all));
		for(kind = 0; kind < REGMON_ATTEMPTS_N; kind++) {
			truth_cell((regmon_attempt_kind_t)kind, access, &truth);
			check_cell(&kpi.kinds[kind], &truth, kind, access);
			assert_int_equal(kpi.opened[kind], opened[kind]);
			if(kind != REGMON_ATTEMPT_QUERY)
				regmon_kpi_merge(&all, &truth);
		}
		check_cell(&kpi.all, &all, 0, access);
		assert_int_equal(kpi.lost, 0);
	}
	truth_cell(REGMON_ATTEMPT_INITIAL, -1, &truth);
	assert_int_equal(regmon_total_read(measure, REGMON_TOTAL_setup_ms_initial),
			truth.setup.sum_ms);
	assert_int_equal(
			regmon_total_read(measure, REGMON_TOTAL_setup_network_ms_initial),
			truth.network.sum_ms);
	assert_int_equal(regmon_total_read(measure, REGMON_TOTAL_ineffective),
			all.ineffective);
	assert_int_equal(regmon_total_read(measure, REGMON_TOTAL_refused),
			all.by_result[REGMON_RESULT_REFUSED]);
	assert_int_equal(regmon_total_read(measure, REGMON_TOTAL_late_answers),
			all.late_answers);
}

static void check_sums(regmon_span_t span, int64_t from_ms)
{
	regmon_sums_t sums, truth;

	regmon_sums_read(measure, span, now_ms, &sums);
	truth_sums(from_ms, now_ms, &truth);
	if(span == REGMON_LAST_MINUTE) {
		assert_int_equal(sums.succeeded, truth.succeeded);
		assert_int_equal(sums.failed, truth.failed);
		assert_int_equal(sums.ended, truth.ended);
		return;
	}
	assert_memory_equal(&sums, &truth, sizeof(sums));
}

static void check_rows(bool hours, unsigned n)
{
	static regmon_period_t rows[REGMON_WINDOW_MINUTES];
	int64_t length_ms = hours ? 3600 * SECOND : 60 * SECOND;
	regmon_sums_t sums, truth;
	unsigned i;

	if(hours)
		regmon_hours_read(measure, now_ms, n, rows);
	else
		regmon_minutes_read(measure, now_ms, n, rows);
	for(i = 0; i < n; i++) {
		assert_int_equal(rows[i].number, now_ms / length_ms - (n - 1) + i);
		memset(&sums, 0, sizeof(sums));
		regmon_sums_add(&sums, &rows[i]);
		truth_sums(rows[i].number * length_ms,
				(rows[i].number + INT64_C(1)) * length_ms - 1, &truth);
		assert_memory_equal(&sums, &truth, sizeof(sums));
	}
}

static void check_windows(void)
{
	int64_t second_ms = now_ms / 1000 * 1000;
	int64_t minute_ms = now_ms / 60000 * 60000;

	check_sums(REGMON_LAST_MINUTE, second_ms - 59 * SECOND);
	check_sums(REGMON_LAST_HOUR, minute_ms - 59 * 60 * SECOND);
	check_sums(REGMON_LAST_DAY, minute_ms - 1439 * 60 * SECOND);
	check_rows(false, 120);
	check_rows(true, 4);
}

static const char *value_of(regmon_dimension_t dimension,
		const regmon_top_row_t *row, char buffer[80])
{
	if(dimension < REGMON_RANKED_DIMENSIONS_N)
		snprintf(buffer, 80, "%.*s", row->length, row->text);
	else
		snprintf(buffer, 80, "%u", row->index);
	return buffer;
}

static void check_top(
		regmon_dimension_t dimension, regmon_top_order_t order, bool recent)
{
	static regmon_top_row_t rows[TOP_SIZE];
	int64_t from_ms = recent ? (now_ms / 1800000 - 1) * 1800000 : 0;
	uint64_t successes, failures, sum = 0, before = UINT64_MAX, by;
	char buffer[80];
	regmon_top_t top;
	unsigned i;

	regmon_top_read(
			measure, dimension, order, recent, now_ms, rows, TOP_SIZE, &top);
	truth_tries(dimension, NULL, from_ms, &successes, &failures);
	assert_int_equal(top.successes, successes);
	assert_int_equal(top.failures, failures);
	truth_tries(dimension, "", from_ms, &successes, &failures);
	assert_int_equal(top.without, successes + failures);
	assert_int_equal(top.replaced, 0);
	for(i = 0; i < top.rows_n; i++) {
		value_of(dimension, &rows[i], buffer);
		truth_tries(dimension, buffer, from_ms, &successes, &failures);
		if(rows[i].successes != successes || rows[i].failures != failures)
			fail_msg("%s %s: %llu successes and %llu failures, not %llu and "
					 "%llu",
					regmon_dimension_name(dimension), buffer,
					(unsigned long long)rows[i].successes,
					(unsigned long long)rows[i].failures,
					(unsigned long long)successes,
					(unsigned long long)failures);
		assert_int_equal(rows[i].missed, 0);
		by = order == REGMON_TOP_BY_ATTEMPTS ? successes + failures : failures;
		if(order != REGMON_TOP_BY_RATIO) {
			assert_true(by <= before);
			before = by;
			sum += by;
		} else {
			assert_true(successes + failures >= REGMON_TOP_RATIO_LEAST);
		}
		if(dimension == REGMON_DIMENSION_RULE)
			assert_int_equal(rows[i].found, found[rows[i].index]);
	}
	/* no value is missing */
	if(order == REGMON_TOP_BY_ATTEMPTS)
		assert_int_equal(sum, top.attempts);
	else if(order == REGMON_TOP_BY_FAILURES)
		assert_int_equal(sum, top.failures);
}

static void check_counters(void)
{
	regmon_kpi_cell_t cell;
	uint64_t by_result[REGMON_RESULTS_N] = {0};
	unsigned kind, i;

#define COUNTED(name) ((unsigned)counts[REGMON_COUNTER_##name])
#define KIND(id, name)                                                 \
	if(kind == REGMON_ATTEMPT_##id) {                                  \
		assert_int_equal(COUNTED(attempts_##name), opened[kind]);      \
		assert_int_equal(COUNTED(successes_##name), cell.successes);   \
		assert_int_equal(                                              \
				COUNTED(failures_##name), regmon_kpi_failures(&cell)); \
	}
	for(kind = 0; kind < REGMON_ATTEMPTS_N; kind++) {
		truth_cell((regmon_attempt_kind_t)kind, -1, &cell);
		for(i = 0; i < REGMON_RESULTS_N; i++)
			by_result[i] += cell.by_result[i];
		KIND(INITIAL, initial)
		KIND(REFRESH, reregistration)
		KIND(DEREGISTER, deregistration)
		KIND(THIRD_PARTY, third_party)
	}
	assert_int_equal(COUNTED(attempts_other),
			opened[REGMON_ATTEMPT_QUERY] + opened[REGMON_ATTEMPT_UNKNOWN]);
	assert_int_equal(COUNTED(superseded), by_result[REGMON_RESULT_SUPERSEDED]);
	assert_int_equal(
			COUNTED(silent_after_challenge), by_result[REGMON_RESULT_SILENT]);
	assert_int_equal(COUNTED(unanswered), by_result[REGMON_RESULT_UNANSWERED]);
	assert_int_equal(COUNTED(challenges), challenges_sent);
	assert_int_equal(COUNTED(answers_2xx), answers[2]);
	assert_int_equal(COUNTED(answers_4xx), answers[4]);
	assert_int_equal(COUNTED(answers_5xx), answers[5]);
	assert_int_equal(COUNTED(answers_other), answers[3] + answers[6]);
	assert_int_equal(COUNTED(answers_not_sent), not_sent);
	assert_int_equal(COUNTED(registers), registers);
	assert_int_equal(COUNTED(retransmissions), retransmissions);
#undef KIND
#undef COUNTED
}

static inline void check_everything(void)
{
	uint64_t read[REGMON_MAX_RULES];
	unsigned dimension, order;

	check_counters();
	check_kpi();
	check_windows();
	for(dimension = 0; dimension < REGMON_DIMENSIONS_N; dimension++)
		for(order = 0; order <= REGMON_TOP_BY_RATIO; order++) {
			check_top((regmon_dimension_t)dimension, (regmon_top_order_t)order,
					false);
			check_top((regmon_dimension_t)dimension, (regmon_top_order_t)order,
					true);
		}
	regmon_findings_read(measure, read);
	assert_memory_equal(read, found, sizeof(found));
}

#endif
