/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last 60 seconds in one cell each, and the histogram of delays. */
#include "measure/window.h"
#include "registration/memory.h"

#define WINDOW_S 60

/* A cell is one word, so that its second and its counts change together: the second above, 16 bits of successes and
 * 16 bits of failures below. A full count stays full. */
#define CELL_SUCCEEDED_SHIFT 16
#define CELL_MOST 0xffffu

struct regmon_window
{
	uint64_t cells[WINDOW_S];
	uint64_t buckets[REGMON_DELAY_BUCKETS];
	uint64_t sum_ms; /* of all delays */
};

const int32_t regmon_delay_bucket_ms[REGMON_DELAY_BUCKETS] = {50, 100, 200,
		300, 500, 750, 1000, 1500, 2000, 3000, 5000, 8000, 15000, 30000, 60000,
		INT32_MAX};

regmon_window_t *regmon_window_make(void)
{
	return regmon_memory_get(sizeof(regmon_window_t));
}

void regmon_window_free(regmon_window_t *window)
{
	if(window)
		regmon_memory_put(window);
}

static unsigned cell_count(uint64_t cell, unsigned shift)
{
	return (unsigned)(cell >> shift) & CELL_MOST;
}

/* A cell of another second is begun anew, also of a later one: after a step of the clock the window must not stand
 * still. */
static void add_to_cell(regmon_window_t *window, uint32_t second, bool success)
{
	uint64_t *cell = &window->cells[second % WINDOW_S];
	unsigned shift = success ? CELL_SUCCEEDED_SHIFT : 0;
	uint64_t before = __atomic_load_n(cell, __ATOMIC_RELAXED), after;

	do {
		after = (uint32_t)(before >> 32) == second ? before
												   : (uint64_t)second << 32;
		if(cell_count(after, shift) < CELL_MOST)
			after += UINT64_C(1) << shift;
	} while(!__atomic_compare_exchange_n(cell, &before, after, true,
			__ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

static void add_delay(regmon_window_t *window, int64_t delay_ms)
{
	unsigned i = 0;

	if(delay_ms < 0)
		return; /* the clock was set back meanwhile */
	while(delay_ms > regmon_delay_bucket_ms[i]
			&& i < REGMON_DELAY_BUCKETS - 1)
		i++;
	__atomic_fetch_add(&window->sum_ms, delay_ms, __ATOMIC_RELAXED);
	__atomic_fetch_add(&window->buckets[i], 1, __ATOMIC_RELAXED);
}

static void on_ended(const regmon_event_t *event, void *context)
{
	const regmon_attempt_t *attempt = &event->attempt;
	bool success = attempt->result == REGMON_RESULT_SUCCESS;

	if(attempt->result == REGMON_RESULT_OPEN
			|| attempt->kind == REGMON_ATTEMPT_QUERY)
		return;
	add_to_cell(context, (uint32_t)(event->now_ms / 1000), success);
	/* RFC 6076 4.1: of successful registrations only; a refresh is faster by nature and has no place in it */
	if(success && attempt->kind == REGMON_ATTEMPT_INITIAL)
		add_delay(context, attempt->ended_ms - attempt->opened_ms);
}

int regmon_window_listen(regmon_window_t *window)
{
	return regmon_events_listen(
			1u << REGMON_EVENT_ATTEMPT_ENDED, on_ended, window);
}

/* the bucket in which the given percent of all delays are reached */
static int32_t percentile(
		const uint64_t *buckets, uint64_t total, unsigned percent)
{
	uint64_t wanted = total / 100 * percent + (total % 100 * percent + 99) / 100;
	uint64_t sum = 0;
	unsigned i;

	if(total == 0)
		return -1;
	for(i = 0; i < REGMON_DELAY_BUCKETS; i++) {
		sum += buckets[i];
		if(sum >= wanted)
			break;
	}
	return regmon_delay_bucket_ms[i];
}

void regmon_window_read_delays(
		const regmon_window_t *window, regmon_delays_t *delays)
{
	unsigned i;

	delays->n = 0;
	for(i = 0; i < REGMON_DELAY_BUCKETS; i++) {
		delays->buckets[i] =
				__atomic_load_n(&window->buckets[i], __ATOMIC_RELAXED);
		delays->n += delays->buckets[i];
	}
	delays->sum_ms = __atomic_load_n(&window->sum_ms, __ATOMIC_RELAXED);
}

void regmon_window_read(const regmon_window_t *window, int64_t now_ms,
		regmon_window_numbers_t *ret_numbers)
{
	uint32_t now_s = (uint32_t)(now_ms / 1000);
	uint64_t buckets[REGMON_DELAY_BUCKETS], cell;
	unsigned i;

	*ret_numbers = (regmon_window_numbers_t){0};
	for(i = 0; i < WINDOW_S; i++) {
		cell = __atomic_load_n(&window->cells[i], __ATOMIC_RELAXED);
		/* unsigned: a second that is still to come is far away, too */
		if(cell == 0 || now_s - (uint32_t)(cell >> 32) >= WINDOW_S)
			continue;
		ret_numbers->succeeded += cell_count(cell, CELL_SUCCEEDED_SHIFT);
		ret_numbers->failed += cell_count(cell, 0);
	}
	ret_numbers->ended = ret_numbers->succeeded + ret_numbers->failed;
	/* a copy first: total and sums have to agree while others go on counting */
	for(i = 0; i < REGMON_DELAY_BUCKETS; i++) {
		buckets[i] = __atomic_load_n(&window->buckets[i], __ATOMIC_RELAXED);
		ret_numbers->delays_n += buckets[i];
	}
	ret_numbers->delay_p50_ms = percentile(buckets, ret_numbers->delays_n, 50);
	ret_numbers->delay_p95_ms = percentile(buckets, ret_numbers->delays_n, 95);
	ret_numbers->delay_p99_ms = percentile(buckets, ret_numbers->delays_n, 99);
}
