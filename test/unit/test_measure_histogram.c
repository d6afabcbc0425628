/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buckets of delays: bounds, sums, percentiles, and that they can be added up. */
#include "harness.h"

#include <string.h>

#include "measure/histogram.h"

static void bounds_of_buckets(void **state)
{
	unsigned i;

	assert_int_equal(regmon_delay_bucket(0), 0);
	assert_int_equal(regmon_delay_bucket(INT64_MIN), 0);
	for(i = 0; i + 1 < REGMON_DELAY_BUCKETS; i++) {
		assert_true(regmon_delay_bucket_ms[i] < regmon_delay_bucket_ms[i + 1]);
		assert_int_equal(regmon_delay_bucket(regmon_delay_bucket_ms[i]), i);
		assert_int_equal(
				regmon_delay_bucket(regmon_delay_bucket_ms[i] + INT64_C(1)),
				i + 1);
	}
	assert_int_equal(
			regmon_delay_bucket_ms[REGMON_DELAY_BUCKETS - 1], INT32_MAX);
	assert_int_equal(regmon_delay_bucket(INT64_MAX), REGMON_DELAY_BUCKETS - 1);
}

static void nothing_yet(void **state)
{
	regmon_histogram_t histogram = {{0}, 0};

	assert_int_equal(regmon_histogram_count(&histogram), 0);
	assert_int_equal(regmon_histogram_percentile(&histogram, 50), -1);
	assert_int_equal(regmon_histogram_mean_ms(&histogram), -1);
}

static void add_many(
		regmon_histogram_t *histogram, unsigned n, int64_t delay_ms)
{
	while(n--)
		regmon_histogram_add(histogram, delay_ms);
}

static void percentiles(void **state)
{
	regmon_histogram_t histogram = {{0}, 0};

	/* 50 up to 100 ms, 45 up to 500 ms, 4 up to 2 s, 1 up to 30 s */
	add_many(&histogram, 50, 80);
	add_many(&histogram, 45, 400);
	add_many(&histogram, 4, 1800);
	add_many(&histogram, 1, 20000);
	assert_int_equal(regmon_histogram_count(&histogram), 100);
	assert_int_equal(histogram.sum_ms, 50 * 80 + 45 * 400 + 4 * 1800 + 20000);
	assert_int_equal(regmon_histogram_mean_ms(&histogram), 492);
	assert_int_equal(regmon_histogram_percentile(&histogram, 50), 100);
	assert_int_equal(regmon_histogram_percentile(&histogram, 95), 500);
	assert_int_equal(regmon_histogram_percentile(&histogram, 99), 2000);
	add_many(&histogram, 1, 80000);
	/* the 51st, 96th and 100th of 101 */
	assert_int_equal(regmon_histogram_percentile(&histogram, 50), 500);
	assert_int_equal(regmon_histogram_percentile(&histogram, 95), 2000);
	assert_int_equal(regmon_histogram_percentile(&histogram, 99), 30000);
	assert_int_equal(regmon_histogram_percentile(&histogram, 100), INT32_MAX);
}

static void below_zero_is_nothing(void **state)
{
	regmon_histogram_t histogram = {{0}, 0};

	regmon_histogram_add(&histogram, -5);
	assert_int_equal(histogram.n[0], 1);
	assert_int_equal(histogram.sum_ms, 0);
	regmon_histogram_take(&histogram, -5);
	assert_int_equal(regmon_histogram_count(&histogram), 0);
	assert_int_equal(histogram.sum_ms, 0);
}

/* the sum of two is the histogram of all, and what is taken back was never there */
static void sums_and_takes(void **state)
{
	regmon_histogram_t all = {{0}, 0}, left = {{0}, 0}, right = {{0}, 0};
	int64_t delay_ms;

	for(delay_ms = 0; delay_ms < 90000; delay_ms += 37) {
		regmon_histogram_add(&all, delay_ms);
		regmon_histogram_add(delay_ms % 2 ? &left : &right, delay_ms);
	}
	regmon_histogram_merge(&left, &right);
	assert_memory_equal(&left, &all, sizeof(all));
	for(delay_ms = 0; delay_ms < 90000; delay_ms += 37)
		regmon_histogram_take(&all, delay_ms);
	memset(&left, 0, sizeof(left));
	assert_memory_equal(&left, &all, sizeof(all));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bounds_of_buckets),
			cmocka_unit_test(nothing_yet), cmocka_unit_test(percentiles),
			cmocka_unit_test(below_zero_is_nothing),
			cmocka_unit_test(sums_and_takes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
