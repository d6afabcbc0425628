/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the first values of a dimension. The lock is held for two short looks, one that gathers numbers and one that
 * copies the rows that are wanted; they are put in order between the two. */
#include "measure/breakdown_private.h"

/* a value that may become a row: where its counts stand in the two orders */
typedef struct candidate
{
	uint64_t key;
	uint64_t first, second; /* ordered by first; equal ones by second */
	uint16_t attempted,
			failing; /* slots, REGMON_HEAVY_NONE: none; an exact dimension: its row */
} candidate_t;

typedef struct look
{
	const regmon_breakdown_t *breakdown;
	const regmon_ranking_t *ranking; /* NULL: an exact dimension */
	regmon_dimension_t dimension;
	regmon_top_order_t order;
	uint32_t half_hour; /* 0: since start */
	unsigned n;
} look_t;

/* A process answers one question at a time. */
static candidate_t candidates[2 * REGMON_TOP_MOST];

static uint64_t read_tries(
		const look_t *look, const regmon_tries_t *tries, bool failed)
{
	uint64_t n = 0;

	if(look->half_hour == 0)
		return tries->n[failed];
	if(tries->half_hour == look->half_hour
			|| tries->half_hour == look->half_hour - 1)
		n = tries->recent[0][failed];
	if(tries->half_hour == look->half_hour)
		n += tries->recent[1][failed];
	return n;
}

static void add_candidate(
		look_t *look, const regmon_tries_t *tries, candidate_t candidate)
{
	uint64_t failures = read_tries(look, tries, REGMON_FAILED);
	uint64_t attempts = failures + read_tries(look, tries, REGMON_SUCCEEDED);

	switch(look->order) {
		case REGMON_TOP_BY_ATTEMPTS:
			candidate.first = attempts;
			candidate.second = failures;
			break;
		case REGMON_TOP_BY_FAILURES:
			candidate.first = failures;
			candidate.second = attempts;
			break;
		case REGMON_TOP_BY_RATIO:
			if(attempts < REGMON_TOP_RATIO_LEAST)
				return;
			/* parts in 2^32: exact enough to put in order */
			candidate.first = failures << 32;
			candidate.first /= attempts;
			candidate.second = failures;
			break;
	}
	if(candidate.first == 0)
		return;
	candidates[look->n++] = candidate;
}

/* Of the two counts of a value the one that began earlier is shown: it has seen more. */
static const regmon_value_t *longer_known(
		const regmon_ranking_t *ranking, unsigned attempted, unsigned failing)
{
	if(failing == REGMON_HEAVY_NONE)
		return &ranking->attempted[attempted];
	if(attempted == REGMON_HEAVY_NONE
			|| ranking->failing[failing].value.since_ms
					   < ranking->attempted[attempted].since_ms)
		return &ranking->failing[failing].value;
	return &ranking->attempted[attempted];
}

static void gather_ranked(look_t *look)
{
	const regmon_ranking_t *ranking = look->ranking;
	const regmon_heavy_t *attempts = ranking->by_attempts;
	const regmon_heavy_t *failures = ranking->by_failures;
	unsigned slot, other;
	uint64_t key;

	for(slot = 0; slot < attempts->used; slot++) {
		key = attempts->slots[slot].key;
		other = regmon_heavy_find(failures, key);
		add_candidate(look,
				look->order == REGMON_TOP_BY_ATTEMPTS
						? &ranking->attempted[slot].tries
						: &longer_known(ranking, slot, other)->tries,
				(candidate_t){.key = key,
						.attempted = (uint16_t)slot,
						.failing = (uint16_t)other});
	}
	/* a value that only fails often enough */
	for(slot = 0;
			slot < failures->used && look->order != REGMON_TOP_BY_ATTEMPTS;
			slot++) {
		key = failures->slots[slot].key;
		if(regmon_heavy_find(attempts, key) == REGMON_HEAVY_NONE)
			add_candidate(look, &ranking->failing[slot].value.tries,
					(candidate_t){.key = key,
							.attempted = REGMON_HEAVY_NONE,
							.failing = (uint16_t)slot});
	}
}

static void gather_exact(look_t *look)
{
	unsigned i, n;
	const regmon_exact_t *rows =
			regmon_breakdown_exact(look->breakdown, look->dimension, &n);

	for(i = 0; i < n; i++)
		add_candidate(look, &rows[i].tries,
				(candidate_t){.key = i, .attempted = (uint16_t)i});
}

static void read_totals(const look_t *look, regmon_top_t *top)
{
	const regmon_tries_t *all =
			look->ranking ? &look->ranking->all
						  : &look->breakdown->all[look->dimension];
	const regmon_tries_t *without =
			look->ranking ? &look->ranking->without
						  : &look->breakdown->without[look->dimension];
	const regmon_heavy_t *heavy;

	memset(top, 0, sizeof(*top));
	top->successes = read_tries(look, all, REGMON_SUCCEEDED);
	top->failures = read_tries(look, all, REGMON_FAILED);
	top->attempts = top->successes + top->failures;
	top->without = read_tries(look, without, REGMON_SUCCEEDED)
				   + read_tries(look, without, REGMON_FAILED);
	top->since_ms =
			look->half_hour ? (look->half_hour - 1) * REGMON_HALF_HOUR_MS : 0;
	if(look->ranking == NULL)
		return;
	heavy = look->order == REGMON_TOP_BY_ATTEMPTS ? look->ranking->by_attempts
												  : look->ranking->by_failures;
	top->replaced = heavy->replaced;
	top->floor = regmon_heavy_floor(heavy);
}

static bool comes_before(const candidate_t *a, const candidate_t *b)
{
	if(a->first != b->first)
		return a->first > b->first;
	return a->second != b->second ? a->second > b->second : a->key < b->key;
}

/* the first `wanted` ones to the front */
static void put_in_order(unsigned n, unsigned wanted)
{
	unsigned i, k, best;
	candidate_t kept;

	for(i = 0; i < wanted && i < n; i++) {
		best = i;
		for(k = i + 1; k < n; k++)
			if(comes_before(&candidates[k], &candidates[best]))
				best = k;
		kept = candidates[i];
		candidates[i] = candidates[best];
		candidates[best] = kept;
	}
}

/* by what is certain: one that has just taken a place over has its count, too */
static void read_reasons(const regmon_reasons_t *reasons, regmon_top_row_t *row)
{
	uint32_t certain;
	unsigned i;

	for(i = 0; i < REGMON_REASONS_N; i++) {
		certain = reasons->n[i] - reasons->inherited[i];
		if(certain <= row->failure_n)
			continue;
		row->failure = reasons->failure[i];
		row->failure_n = certain;
	}
}

static void read_row(
		const look_t *look, const regmon_tries_t *tries, regmon_top_row_t *row)
{
	row->successes = read_tries(look, tries, REGMON_SUCCEEDED);
	row->failures = read_tries(look, tries, REGMON_FAILED);
	row->attempts = row->successes + row->failures;
}

static bool still_there(
		const regmon_heavy_t *heavy, unsigned slot, uint64_t key)
{
	return slot == REGMON_HEAVY_NONE || heavy->slots[slot].key == key;
}

/* What the order's own count, which is never too low, has more than was seen: that much may have been missed. */
static uint64_t missed(const look_t *look, const candidate_t *candidate,
		const regmon_value_t *value)
{
	const regmon_ranking_t *ranking = look->ranking;
	uint64_t seen = value->tries.n[REGMON_FAILED], most;

	if(value->since_ms == 0
			|| (look->half_hour
					&& value->since_ms
							   <= (look->half_hour - 1) * REGMON_HALF_HOUR_MS))
		return 0;
	if(look->order == REGMON_TOP_BY_ATTEMPTS)
		return ranking->by_attempts->slots[candidate->attempted].error;
	most = candidate->failing == REGMON_HEAVY_NONE
				   ? regmon_heavy_floor(ranking->by_failures)
				   : regmon_heavy_counted(
						   ranking->by_failures, candidate->failing);
	return most > seen ? most - seen : 0;
}

/* false: the value has lost its place meanwhile */
static bool read_ranked(
		const look_t *look, const candidate_t *candidate, regmon_top_row_t *row)
{
	const regmon_ranking_t *ranking = look->ranking;
	const regmon_value_t *value;

	if(!still_there(ranking->by_attempts, candidate->attempted, candidate->key)
			|| !still_there(
					ranking->by_failures, candidate->failing, candidate->key))
		return false;
	value = look->order == REGMON_TOP_BY_ATTEMPTS
					? &ranking->attempted[candidate->attempted]
					: longer_known(
							ranking, candidate->attempted, candidate->failing);
	read_row(look, &value->tries, row);
	row->length = value->length;
	memcpy(row->text, value->text, (size_t)value->length);
	row->since_ms = value->since_ms;
	row->missed = missed(look, candidate, value);
	if(candidate->failing != REGMON_HEAVY_NONE)
		read_reasons(&ranking->failing[candidate->failing].reasons, row);
	return true;
}

static void read_exact(
		const look_t *look, const candidate_t *candidate, regmon_top_row_t *row)
{
	unsigned n;
	const regmon_exact_t *rows =
			regmon_breakdown_exact(look->breakdown, look->dimension, &n);
	const regmon_exact_t *exact = &rows[candidate->attempted];

	row->index = candidate->attempted;
	if(look->dimension == REGMON_DIMENSION_CODE)
		row->index = row->index == REGMON_ANSWERS_N - 1
							 ? 0
							 : row->index + REGMON_ANSWERS_FIRST;
	if(look->dimension == REGMON_DIMENSION_RULE)
		row->found =
				__atomic_load_n(&look->breakdown->found[candidate->attempted],
						__ATOMIC_RELAXED);
	read_row(look, &exact->tries, row);
	read_reasons(&exact->reasons, row);
}

void regmon_breakdown_top(const regmon_breakdown_t *breakdown,
		const regmon_guard_t *guard, regmon_dimension_t dimension,
		regmon_top_order_t order, int64_t now_ms, regmon_top_row_t *rows,
		unsigned room, regmon_top_t *ret_top)
{
	look_t look = {.breakdown = breakdown,
			.dimension = dimension,
			.order = order,
			.half_hour = (uint32_t)(now_ms / REGMON_HALF_HOUR_MS),
			.ranking = dimension < REGMON_RANKED_DIMENSIONS_N
							   ? &breakdown->rankings[dimension]
							   : NULL};
	unsigned i;

	guard->lock(guard->context);
	read_totals(&look, ret_top);
	if(look.ranking)
		gather_ranked(&look);
	else
		gather_exact(&look);
	guard->unlock(guard->context);
	ret_top->values = look.n;
	put_in_order(look.n, room);
	guard->lock(guard->context);
	for(i = 0; i < look.n && ret_top->rows_n < room; i++) {
		regmon_top_row_t *row = &rows[ret_top->rows_n];

		memset(row, 0, sizeof(*row));
		if(look.ranking == NULL)
			read_exact(&look, &candidates[i], row);
		else if(!read_ranked(&look, &candidates[i], row))
			continue;
		ret_top->rows_n++;
	}
	guard->unlock(guard->context);
}
