/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rings of seconds, minutes and hours. */
#include "measure/window.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS INT64_C(3600000)

/* A clock that goes back further than this was set; what it has not reached again is not true any more. Less is the
 * order in which captured packets come. */
#define STEP_BACK_MS HOUR_MS

static void forget_periods(regmon_period_t *ring, unsigned n, uint32_t after)
{
	unsigned i;

	for(i = 0; i < n; i++)
		if(ring[i].number > after)
			memset(&ring[i], 0, sizeof(ring[i]));
}

static void follow_clock(regmon_window_t *window, int64_t now_ms)
{
	unsigned i;

	if(now_ms < window->latest_ms - STEP_BACK_MS) {
		for(i = 0; i < REGMON_WINDOW_SECONDS; i++)
			if(window->seconds[i].number > now_ms / 1000)
				memset(&window->seconds[i], 0, sizeof(window->seconds[i]));
		forget_periods(window->minutes, REGMON_WINDOW_MINUTES,
				(uint32_t)(now_ms / MINUTE_MS));
		forget_periods(window->hours, REGMON_WINDOW_HOURS,
				(uint32_t)(now_ms / HOUR_MS));
		window->latest_ms = now_ms;
	}
	if(now_ms > window->latest_ms)
		window->latest_ms = now_ms;
}

/* The cell of a period: begun anew when it was another's, also a later one's. */
static inline regmon_period_t *cell_of(
		regmon_period_t *ring, unsigned n, uint32_t number)
{
	regmon_period_t *cell = &ring[number % n];

	if(cell->number != number) {
		memset(cell, 0, sizeof(*cell));
		cell->number = number;
	}
	return cell;
}

static inline void count(regmon_period_t *cell, bool success, bool initial,
		unsigned bucket, int64_t delay_ms)
{
	if(!success) {
		cell->failed++;
		cell->initial_failed += initial;
		return;
	}
	cell->succeeded++;
	if(!initial)
		return;
	cell->initial_succeeded++;
	cell->delays[bucket]++;
	cell->delay_sum_ms += delay_ms > 0 ? (uint64_t)delay_ms : 0;
}

void regmon_window_ended(
		regmon_window_t *window, const regmon_attempt_t *attempt)
{
	int64_t now_ms = attempt->ended_ms;
	uint32_t second = (uint32_t)(now_ms / 1000);
	regmon_second_t *cell = &window->seconds[second % REGMON_WINDOW_SECONDS];
	bool success = attempt->result == REGMON_RESULT_SUCCESS;
	bool initial = attempt->kind == REGMON_ATTEMPT_INITIAL;
	int64_t delay_ms = now_ms - attempt->opened_ms;
	unsigned bucket = success && initial ? regmon_delay_bucket(delay_ms) : 0;

	if(attempt->kind == REGMON_ATTEMPT_QUERY)
		return;
	follow_clock(window, now_ms);
	if(cell->number != second)
		*cell = (regmon_second_t){second, 0, 0};
	cell->succeeded += success;
	cell->failed += !success;
	count(cell_of(window->minutes, REGMON_WINDOW_MINUTES, second / 60), success,
			initial, bucket, delay_ms);
	count(cell_of(window->hours, REGMON_WINDOW_HOURS, second / 3600), success,
			initial, bucket, delay_ms);
}

static void take_back(regmon_period_t *cell, uint32_t number, bool initial,
		unsigned bucket, int64_t delay_ms)
{
	if(cell->number != number || cell->succeeded == 0)
		return; /* it has been pushed out */
	cell->succeeded--;
	cell->failed++;
	if(!initial)
		return;
	cell->initial_succeeded--;
	cell->initial_failed++;
	cell->delays[bucket]--;
	cell->delay_sum_ms -= delay_ms > 0 ? (uint64_t)delay_ms : 0;
}

void regmon_window_taken_back(
		regmon_window_t *window, const regmon_attempt_t *attempt)
{
	uint32_t second = (uint32_t)(attempt->ended_ms / 1000);
	regmon_second_t *cell = &window->seconds[second % REGMON_WINDOW_SECONDS];
	bool initial = attempt->kind == REGMON_ATTEMPT_INITIAL;
	int64_t delay_ms = attempt->ended_ms - attempt->opened_ms;
	unsigned bucket = regmon_delay_bucket(delay_ms);
	uint32_t minute = second / 60, hour = second / 3600;

	if(attempt->kind == REGMON_ATTEMPT_QUERY)
		return;
	if(cell->number == second && cell->succeeded > 0) {
		cell->succeeded--;
		cell->failed++;
	}
	take_back(&window->minutes[minute % REGMON_WINDOW_MINUTES], minute, initial,
			bucket, delay_ms);
	take_back(&window->hours[hour % REGMON_WINDOW_HOURS], hour, initial, bucket,
			delay_ms);
}

/* ---- reading ---- */

void regmon_window_last_minute(
		const regmon_window_t *window, int64_t now_ms, regmon_sums_t *ret_sums)
{
	uint32_t now_s = (uint32_t)(now_ms / 1000);
	unsigned i;

	memset(ret_sums, 0, sizeof(*ret_sums));
	for(i = 0; i < REGMON_WINDOW_SECONDS; i++) {
		const regmon_second_t *cell = &window->seconds[i];

		/* unsigned: a second that is still to come is far away, too */
		if(now_s - cell->number >= REGMON_WINDOW_SECONDS)
			continue;
		ret_sums->succeeded += cell->succeeded;
		ret_sums->failed += cell->failed;
	}
	ret_sums->ended = ret_sums->succeeded + ret_sums->failed;
}

void regmon_sums_add(regmon_sums_t *sums, const regmon_period_t *period)
{
	unsigned i;

	sums->succeeded += period->succeeded;
	sums->failed += period->failed;
	sums->ended += (uint64_t)period->succeeded + period->failed;
	sums->initial_succeeded += period->initial_succeeded;
	sums->initial_failed += period->initial_failed;
	for(i = 0; i < REGMON_DELAY_BUCKETS; i++)
		sums->delays.n[i] += period->delays[i];
	sums->delays.sum_ms += period->delay_sum_ms;
}

static void read_period(const regmon_period_t *ring, unsigned n,
		uint32_t number, regmon_period_t *ret_period)
{
	const regmon_period_t *cell = &ring[number % n];

	if(cell->number == number)
		*ret_period = *cell;
	else
		*ret_period = (regmon_period_t){.number = number};
}

void regmon_window_minute(const regmon_window_t *window, uint32_t number,
		regmon_period_t *ret_period)
{
	read_period(window->minutes, REGMON_WINDOW_MINUTES, number, ret_period);
}

void regmon_window_hour(const regmon_window_t *window, uint32_t number,
		regmon_period_t *ret_period)
{
	read_period(window->hours, REGMON_WINDOW_HOURS, number, ret_period);
}

void regmon_window_add_minutes(const regmon_window_t *window, uint32_t first,
		uint32_t last, regmon_sums_t *sums)
{
	uint32_t number;

	for(number = first; number != last + 1; number++) {
		const regmon_period_t *cell =
				&window->minutes[number % REGMON_WINDOW_MINUTES];

		if(cell->number == number)
			regmon_sums_add(sums, cell);
	}
}
