/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far each count was shown, for all processes: what was shown once never goes back. */
#include "show/metrics_private.h"

#include "registration/memory.h"

#define CROWD_BITS 512
_Static_assert(REGMON_MAX_RULES <= CROWD_BITS && REGMON_CODES_N <= CROWD_BITS,
		"a bit for each");

struct regmon_metrics_memory
{
	regmon_lock_t *lock;
	int64_t shown[REGMON_COUNTERS_N];
	/* answers_not_sent when that was the value */
	int64_t not_sent[REGMON_COUNTERS_N];
	regmon_metrics_cell_t cells[REGMON_ATTEMPTS_N][REGMON_ACCESS_KINDS_N];
	uint64_t challenged_successes;
	uint64_t placed[REGMON_METRICS_CROWDS_N][CROWD_BITS / 64];
	unsigned placed_n[REGMON_METRICS_CROWDS_N];
};

regmon_metrics_memory_t *regmon_metrics_memory_make(void)
{
	regmon_metrics_memory_t *memory = regmon_memory_get(sizeof(*memory));

	if(memory == NULL)
		return NULL;
	memory->lock = regmon_locks_make(1);
	if(memory->lock)
		return memory;
	regmon_memory_put(memory);
	return NULL;
}

void regmon_metrics_memory_free(regmon_metrics_memory_t *memory)
{
	if(memory == NULL)
		return;
	regmon_locks_free(memory->lock, 1);
	regmon_memory_put(memory);
}

/* As far as it was shown, while it is behind that by no more than the answers that were not sent since; a larger step
 * back is a reset by the operator, and is shown. */
static int64_t remember(regmon_metrics_memory_t *memory,
		regmon_counter_t counter, int64_t value, int64_t not_sent)
{
	if(value < memory->shown[counter]
			&& memory->shown[counter] - value
					   <= not_sent - memory->not_sent[counter])
		return memory->shown[counter];
	memory->shown[counter] = value;
	memory->not_sent[counter] = not_sent;
	return value;
}

int64_t regmon_metrics_count_of(
		const regmon_metrics_source_t *source, regmon_counter_t counter)
{
	int64_t value = source->counter(counter), not_sent;

	/* what is taken back is counted as not sent first, so it is asked last */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	not_sent = source->counter(REGMON_COUNTER_answers_not_sent);
	regmon_lock_get(source->memory->lock, 0);
	value = remember(source->memory, counter, value, not_sent);
	regmon_lock_put(source->memory->lock, 0);
	return value;
}

/* Nobody resets these: a smaller number is one that was taken back, or older than what another process showed. */
static void keep(uint64_t *shown, uint64_t now)
{
	if(now > *shown)
		*shown = now;
}

static void keep_times(
		regmon_metrics_times_t *shown, const regmon_histogram_t *now)
{
	uint64_t up_to = 0;
	unsigned i;

	for(i = 0; i < REGMON_DELAY_BUCKETS; i++) {
		up_to += now->n[i];
		keep(&shown->up_to[i], up_to);
	}
	keep(&shown->sum_ms, now->sum_ms);
}

void regmon_metrics_cell_of(regmon_metrics_memory_t *memory,
		regmon_attempt_kind_t kind, regmon_access_t access,
		const regmon_kpi_cell_t *cell, regmon_metrics_cell_t *ret_cell)
{
	regmon_metrics_cell_t *shown = &memory->cells[kind][access];

	regmon_lock_get(memory->lock, 0);
	keep(&shown->successes, cell->successes);
	keep_times(&shown->setup, &cell->setup);
	keep_times(&shown->network, &cell->network);
	*ret_cell = *shown;
	regmon_lock_put(memory->lock, 0);
}

uint64_t regmon_metrics_challenged_successes_of(
		regmon_metrics_memory_t *memory, uint64_t now)
{
	regmon_lock_get(memory->lock, 0);
	keep(&memory->challenged_successes, now);
	now = memory->challenged_successes;
	regmon_lock_put(memory->lock, 0);
	return now;
}

bool regmon_metrics_has_place(regmon_metrics_memory_t *memory,
		regmon_metrics_crowd_t crowd, unsigned index)
{
	uint64_t *word = &memory->placed[crowd][index / 64];
	uint64_t bit = UINT64_C(1) << index % 64;
	bool has;

	regmon_lock_get(memory->lock, 0);
	if(!(*word & bit) && memory->placed_n[crowd] < REGMON_METRICS_PLACES) {
		*word |= bit;
		memory->placed_n[crowd]++;
	}
	has = (*word & bit) != 0;
	regmon_lock_put(memory->lock, 0);
	return has;
}
