/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buckets of delays, and what can be read of them. */
#include "measure/histogram.h"

const int32_t regmon_delay_bucket_ms[REGMON_DELAY_BUCKETS] = {50, 100, 200, 300,
		500, 750, 1000, 1500, 2000, 3000, 5000, 8000, 15000, 30000, 60000,
		INT32_MAX};

unsigned regmon_delay_bucket(int64_t delay_ms)
{
	unsigned i = 0;

	while(i < REGMON_DELAY_BUCKETS - 1 && delay_ms > regmon_delay_bucket_ms[i])
		i++;
	return i;
}

static uint64_t not_below_zero(int64_t delay_ms)
{
	return delay_ms > 0 ? (uint64_t)delay_ms : 0;
}

void regmon_histogram_add(regmon_histogram_t *histogram, int64_t delay_ms)
{
	histogram->n[regmon_delay_bucket(delay_ms)]++;
	histogram->sum_ms += not_below_zero(delay_ms);
}

void regmon_histogram_take(regmon_histogram_t *histogram, int64_t delay_ms)
{
	histogram->n[regmon_delay_bucket(delay_ms)]--;
	histogram->sum_ms -= not_below_zero(delay_ms);
}

void regmon_histogram_merge(
		regmon_histogram_t *into, const regmon_histogram_t *from)
{
	unsigned i;

	for(i = 0; i < REGMON_DELAY_BUCKETS; i++)
		into->n[i] += from->n[i];
	into->sum_ms += from->sum_ms;
}

uint64_t regmon_histogram_count(const regmon_histogram_t *histogram)
{
	uint64_t count = 0;
	unsigned i;

	for(i = 0; i < REGMON_DELAY_BUCKETS; i++)
		count += histogram->n[i];
	return count;
}

int32_t regmon_histogram_percentile(
		const regmon_histogram_t *histogram, unsigned percent)
{
	uint64_t count = regmon_histogram_count(histogram), sum = 0;
	uint64_t wanted =
			count / 100 * percent + (count % 100 * percent + 99) / 100;
	unsigned i;

	if(count == 0)
		return -1;
	for(i = 0; i < REGMON_DELAY_BUCKETS - 1; i++) {
		sum += histogram->n[i];
		if(sum >= wanted)
			break;
	}
	return regmon_delay_bucket_ms[i];
}

int64_t regmon_histogram_mean_ms(const regmon_histogram_t *histogram)
{
	uint64_t count = regmon_histogram_count(histogram);

	return count ? (int64_t)((histogram->sum_ms + count / 2) / count) : -1;
}
