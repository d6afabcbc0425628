/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of the attempts that ended lately: a ring of 60 seconds, one of 1,440 minutes, and one of hours for a look at
 * the same hour a week ago. No lock of its own: measure.c has one for all. A cell belongs to the period that stands in
 * it, so nothing has to be cleared in time and a step of the clock does no more than leave a gap. */
#ifndef REGMON_MEASURE_WINDOW_H
#define REGMON_MEASURE_WINDOW_H

#include "measure/histogram.h"
#include "registration/registration.h"

#define REGMON_WINDOW_SECONDS 60
#define REGMON_WINDOW_MINUTES 1440
#define REGMON_WINDOW_HOURS (8 * 24 + 1)

/* one minute or one hour; all kinds of attempts but queries */
typedef struct regmon_period
{
	uint32_t number; /* minutes or hours since 1970 */
	uint32_t succeeded, failed;
	uint32_t initial_succeeded, initial_failed; /* of these, initial registrations */
	/* set-up times of successful initial registrations (RFC 6076 4.1, measured here) */
	uint32_t delays[REGMON_DELAY_BUCKETS];
	uint64_t delay_sum_ms;
} regmon_period_t;

typedef struct regmon_second
{
	uint32_t number; /* seconds since 1970 */
	uint32_t succeeded, failed;
} regmon_second_t;

typedef struct regmon_window
{
	int64_t latest_ms;
	regmon_second_t seconds[REGMON_WINDOW_SECONDS];
	regmon_period_t minutes[REGMON_WINDOW_MINUTES];
	regmon_period_t hours[REGMON_WINDOW_HOURS];
} regmon_window_t;

/* an attempt that ended, as told */
void regmon_window_ended(
		regmon_window_t *window, const regmon_attempt_t *attempt);
/* one that had been told as a success, and its answer could not be sent */
void regmon_window_taken_back(
		regmon_window_t *window, const regmon_attempt_t *attempt);

/* what a window comes to */
typedef struct regmon_sums
{
	uint64_t ended, succeeded, failed; /* ended = succeeded + failed */
	uint64_t initial_succeeded, initial_failed;
	regmon_histogram_t delays; /* none of the last minute */
} regmon_sums_t;
void regmon_window_last_minute(const regmon_window_t *window, int64_t now_ms,
		regmon_sums_t *ret_sums);

/* Adds to sums the minutes or hours with these numbers, both included. */
void regmon_window_add_minutes(const regmon_window_t *window, uint32_t first,
		uint32_t last, regmon_sums_t *sums);
/* One period of a ring, zeros when nothing ended in it. */
void regmon_window_minute(const regmon_window_t *window, uint32_t number,
		regmon_period_t *ret_period);
void regmon_window_hour(const regmon_window_t *window, uint32_t number,
		regmon_period_t *ret_period);
void regmon_sums_add(regmon_sums_t *sums, const regmon_period_t *period);

#endif
