/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last minute and the time a registration takes, in shared memory, written by any process without a lock
 * (single atomic operations). Delay is RRD as seen from the network side: first REGISTER of the attempt until the 2xx,
 * RFC 6076 4.1 measured here instead of at the phone. */
#ifndef REGMON_MEASURE_WINDOW_H
#define REGMON_MEASURE_WINDOW_H

#include "registration/events.h"

typedef struct regmon_window regmon_window_t;

regmon_window_t *regmon_window_make(void); /* from shared memory, NULL: none */
void regmon_window_free(regmon_window_t *window);
/* Subscribes to ended attempts. -1: no room. */
int regmon_window_listen(regmon_window_t *window);

typedef struct regmon_window_numbers
{
	unsigned ended, succeeded, failed; /* attempts ended in the last 60 s, of all kinds but queries */
	uint64_t delays_n; /* successful initial registrations since start */
	int32_t delay_p50_ms, delay_p95_ms, delay_p99_ms; /* upper bound of the bucket; -1: none yet */
} regmon_window_numbers_t;
void regmon_window_read(const regmon_window_t *window, int64_t now_ms,
		regmon_window_numbers_t *ret_numbers);

/* The delays as they are counted: each in one bucket, not summed up. */
typedef struct regmon_delays
{
	uint64_t *buckets; /* REGMON_DELAY_BUCKETS of them, the caller's */
	uint64_t n, sum_ms;
} regmon_delays_t;
void regmon_window_read_delays(
		const regmon_window_t *window, regmon_delays_t *delays);

/* Upper bounds of the histogram's buckets in ms. The last one is open: INT32_MAX, which a percentile then is, too. */
#define REGMON_DELAY_BUCKETS 16
extern const int32_t regmon_delay_bucket_ms[REGMON_DELAY_BUCKETS];

#endif
