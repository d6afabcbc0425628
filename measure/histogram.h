/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long something takes, in fixed buckets: histograms of any nodes, kinds and times can be added up. */
#ifndef REGMON_MEASURE_HISTOGRAM_H
#define REGMON_MEASURE_HISTOGRAM_H

#include <stdint.h>

/* Upper bounds of the buckets in ms. The last one is open: INT32_MAX, which a percentile then is, too. */
#define REGMON_DELAY_BUCKETS 16
extern const int32_t regmon_delay_bucket_ms[REGMON_DELAY_BUCKETS];

typedef struct regmon_histogram
{
	uint64_t n[REGMON_DELAY_BUCKETS]; /* of each bucket alone */
	uint64_t sum_ms;
} regmon_histogram_t;

/* The bucket of a delay; one below zero, after a step of the clock, is in the first. */
unsigned regmon_delay_bucket(int64_t delay_ms);

void regmon_histogram_add(regmon_histogram_t *histogram, int64_t delay_ms);
/* takes one back that was added */
void regmon_histogram_take(regmon_histogram_t *histogram, int64_t delay_ms);
void regmon_histogram_merge(
		regmon_histogram_t *into, const regmon_histogram_t *from);
uint64_t regmon_histogram_count(const regmon_histogram_t *histogram);
/* Upper bound of the bucket in which so many percent of all are reached; -1: there is none yet. */
int32_t regmon_histogram_percentile(
		const regmon_histogram_t *histogram, unsigned percent);
/* -1: there is none yet */
int64_t regmon_histogram_mean_ms(const regmon_histogram_t *histogram);

#endif
