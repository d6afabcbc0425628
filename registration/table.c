/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots, locks, counts and the order in which records go when the table is full. */
#include "registration/table_private.h"

/* how many records of a list are looked at when one of a certain source is wanted */
#define STEPS_FOR_OWN_SOURCE 256
#define STEPS_FOR_ANY_SOURCE 64
#define EVICTION_TRIES 8

_Static_assert(sizeof(regmon_stripe_t) == 64, "a stripe is one cache line");

static unsigned power_of_two_from(unsigned n)
{
	unsigned power = 64;

	while(power < n && power < (1u << 30))
		power <<= 1;
	return power;
}

static unsigned locks_for(unsigned slots_n)
{
	return slots_n < REGMON_MAX_LOCKS ? slots_n : REGMON_MAX_LOCKS;
}

static size_t bytes_when_empty(const regmon_limits_t *limits)
{
	unsigned slots_n = power_of_two_from(limits->max_registrations);
	size_t per_slot = sizeof(regmon_registration_t *) + sizeof(uint32_t)
					  + REGMON_INDEX_BUCKET * sizeof(uint32_t);

	return sizeof(regmon_table_t) + slots_n * per_slot
		   + locks_for(slots_n) * sizeof(regmon_stripe_t);
}

size_t regmon_table_bytes_when_full(const regmon_limits_t *limits)
{
	return bytes_when_empty(limits)
		   + regmon_slabs_bytes_when_full(
				   regmon_registration_size(limits->timeline_length),
				   limits->max_registrations);
}

static void make_secret(regmon_table_t *table)
{
	unsigned i;

	for(i = 0; i < REGMON_COUNT(table->secret.words); i++)
		table->secret.words[i] =
				regmon_siphash_2_4(table->hash_key, &i, sizeof(i));
}

regmon_table_t *regmon_table_make(const regmon_limits_t *limits,
		const uint8_t hash_key[16], regmon_diagnose_f diagnose)
{
	regmon_table_t *table = regmon_memory_get(sizeof(*table));

	if(table == NULL)
		return NULL;
	table->limits = *limits;
	memcpy(table->hash_key, hash_key, sizeof(table->hash_key));
	make_secret(table);
	table->diagnose = diagnose;
	table->record_size = regmon_registration_size(limits->timeline_length);
	table->slots_n = power_of_two_from(limits->max_registrations);
	table->locks_n = locks_for(table->slots_n);
	table->index_n = table->slots_n;
	table->slots = regmon_memory_get(table->slots_n * sizeof(*table->slots));
	table->due_s = regmon_memory_get(table->slots_n * sizeof(*table->due_s));
	table->index = regmon_memory_get((size_t)table->index_n
									 * REGMON_INDEX_BUCKET * sizeof(uint32_t));
	table->stripes =
			regmon_memory_get(table->locks_n * sizeof(*table->stripes));
	table->locks = regmon_locks_make(table->locks_n);
	table->order_lock = regmon_locks_make(1);
	table->slabs = regmon_slabs_make(
			table->record_size, limits->max_registrations);
	if(!table->slots || !table->due_s || !table->index || !table->stripes
			|| !table->locks || !table->order_lock || !table->slabs) {
		regmon_table_free(table);
		return NULL;
	}
	return table;
}

void regmon_table_free(regmon_table_t *table)
{
	if(table == NULL)
		return;
	regmon_slabs_free(table->slabs);
	if(table->order_lock)
		regmon_locks_free(table->order_lock, 1);
	if(table->locks)
		regmon_locks_free(table->locks, table->locks_n);
	regmon_memory_put(table->stripes);
	regmon_memory_put(table->index);
	regmon_memory_put(table->due_s);
	regmon_memory_put(table->slots);
	regmon_memory_put(table);
}

const regmon_limits_t *regmon_table_limits(const regmon_table_t *table)
{
	return &table->limits;
}

void regmon_table_set_thresholds(
		regmon_table_t *table, int early_refresh_percent, int short_grant_s)
{
	table->limits.early_refresh_percent = early_refresh_percent;
	table->limits.short_grant_s = short_grant_s;
}

size_t regmon_table_record_size(const regmon_table_t *table)
{
	return table->record_size;
}

uint64_t regmon_table_hash(const regmon_table_t *table, str text)
{
	return regmon_siphash_1_3(
			table->hash_key, text.s ? text.s : "", text.s ? text.len : 0);
}

#define ONE_MORE_MOTION ((UINT64_C(1) << 32) + 1)

void regmon_motion_begin(regmon_table_t *table)
{
	__atomic_fetch_add(&table->motion, ONE_MORE_MOTION, __ATOMIC_SEQ_CST);
}

void regmon_motion_end(regmon_table_t *table)
{
	__atomic_fetch_sub(&table->motion, 1, __ATOMIC_SEQ_CST);
}

void regmon_slot_lock(regmon_table_t *table, unsigned slot)
{
	regmon_lock_get(table->locks, regmon_table_lock_of(table, slot));
}

void regmon_slot_unlock(regmon_table_t *table, unsigned slot)
{
	regmon_lock_put(table->locks, regmon_table_lock_of(table, slot));
}

uint32_t regmon_table_source(const regmon_table_t *table, str address)
{
	uint32_t source;

	if(regmon_text_empty(address))
		return REGMON_NO_SOURCE;
	source = (uint32_t)regmon_table_hash(table, address);
	return source == REGMON_NO_SOURCE ? 0 : source;
}

static regmon_list_t list_of(const regmon_registration_t *registration)
{
	if(regmon_registration_is_bound(registration))
		return REGMON_LIST_LIVE;
	switch(registration->state) {
		case REGMON_STATE_FAILED:
			return REGMON_LIST_FAILED;
		case REGMON_STATE_DEREGISTERED:
		case REGMON_STATE_NETWORK_DEREGISTERED:
		case REGMON_STATE_EXPIRED:
			return REGMON_LIST_ENDED;
		default:
			/* a query of nobody who registered here leaves no state behind */
			return registration->attempt.ended_ms ? REGMON_LIST_FAILED
												  : REGMON_LIST_OPEN;
	}
}

static uint32_t *source_count(
		regmon_table_t *table, uint32_t source, unsigned row)
{
	return &table->source_count[row][(source >> (16 * row))
									 % REGMON_SOURCE_BUCKETS];
}

static bool counts_for_source(const regmon_registration_t *registration)
{
	return (registration->list == REGMON_LIST_OPEN
				   || registration->list == REGMON_LIST_FAILED)
		   && registration->source != REGMON_NO_SOURCE;
}

/* order lock held */
static void count_for_source(regmon_table_t *table,
		const regmon_registration_t *registration, int by)
{
	unsigned row;

	if(!counts_for_source(registration))
		return;
	for(row = 0; row < REGMON_SOURCE_ROWS; row++)
		*source_count(table, registration->source, row) += (uint32_t)by;
}

/* order lock held */
static bool over_quota(regmon_table_t *table, uint32_t source)
{
	unsigned row;

	if(source == REGMON_NO_SOURCE)
		return false;
	for(row = 0; row < REGMON_SOURCE_ROWS; row++)
		if(*source_count(table, source, row)
				<= table->limits.max_registrations / 10)
			return false;
	return true;
}

/* order lock held. What a source has beyond its share stands in front of all others, in its own order: it goes first,
 * however late it came. */
static void list_add(
		regmon_table_t *table, regmon_registration_t *registration)
{
	regmon_order_list_t *list = &table->lists[registration->list];
	regmon_registration_t *behind = list->newest;

	count_for_source(table, registration, 1);
	if(counts_for_source(registration)
			&& over_quota(table, registration->source)) {
		behind = list->last_beyond_share;
		list->last_beyond_share = registration;
	}
	registration->older = behind;
	registration->newer = behind ? behind->newer : list->oldest;
	if(registration->newer)
		registration->newer->older = registration;
	else
		list->newest = registration;
	if(behind)
		behind->newer = registration;
	else
		list->oldest = registration;
	list->n++;
}

/* order lock held */
static void list_remove(
		regmon_table_t *table, regmon_registration_t *registration)
{
	regmon_order_list_t *list = &table->lists[registration->list];

	if(list->last_beyond_share == registration)
		list->last_beyond_share = registration->older;
	if(registration->older)
		registration->older->newer = registration->newer;
	else
		list->oldest = registration->newer;
	if(registration->newer)
		registration->newer->older = registration->older;
	else
		list->newest = registration->older;
	list->n--;
	count_for_source(table, registration, -1);
}

void regmon_slot_add_locked(regmon_table_t *table, unsigned slot,
		regmon_registration_t *registration)
{
	regmon_stripe_t *stripe =
			&table->stripes[regmon_table_lock_of(table, slot)];

	registration->slot = slot;
	registration->next = table->slots[slot];
	table->slots[slot] = registration;
	stripe->in_state[registration->state]++;
	registration->list = list_of(registration);
	regmon_lock_get(table->order_lock, 0);
	list_add(table, registration);
	regmon_lock_put(table->order_lock, 0);
	regmon_motion_end(table);
}

void regmon_slot_remove_locked(
		regmon_table_t *table, regmon_registration_t *registration)
{
	regmon_stripe_t *stripe =
			&table->stripes[regmon_table_lock_of(table, registration->slot)];
	regmon_registration_t **link = &table->slots[registration->slot];
	uint64_t causes = registration->causes;

	regmon_motion_begin(table);
	while(*link != registration)
		link = &(*link)->next;
	*link = registration->next;
	regmon_index_left(table, registration);
	stripe->in_state[registration->state]--;
	for(; causes; causes &= causes - 1)
		__atomic_fetch_sub(&table->with_cause[__builtin_ctzll(causes)], 1,
				__ATOMIC_RELAXED);
	regmon_lock_get(table->order_lock, 0);
	list_remove(table, registration);
	regmon_lock_put(table->order_lock, 0);
	__atomic_fetch_sub(&table->registrations, 1, __ATOMIC_RELAXED);
}

void regmon_table_relist_locked(
		regmon_table_t *table, regmon_registration_t *registration)
{
	regmon_list_t list = list_of(registration);

	if(list == registration->list)
		return;
	regmon_lock_get(table->order_lock, 0);
	list_remove(table, registration);
	registration->list = list;
	list_add(table, registration);
	regmon_lock_put(table->order_lock, 0);
}

void regmon_table_set_state_locked(regmon_table_t *table,
		regmon_registration_t *registration, regmon_state_t state,
		int64_t now_ms, regmon_news_t *news)
{
	regmon_stripe_t *stripe =
			&table->stripes[regmon_table_lock_of(table, registration->slot)];
	regmon_event_t *event;

	if(state != registration->state) {
		event = regmon_news_add(news, REGMON_EVENT_STATE_CHANGED, now_ms);
		if(event) {
			event->from = registration->state;
			event->to = state;
		}
		stripe->in_state[registration->state]--;
		stripe->in_state[state]++;
		registration->state = state;
		registration->state_since_ms = now_ms;
	}
	regmon_table_relist_locked(table, registration);
}

void regmon_table_set_due_locked(
		regmon_table_t *table, regmon_registration_t *registration)
{
	int64_t due_ms = regmon_machine_due_ms(table, registration);
	uint32_t *slot_due_s = &table->due_s[registration->slot];

	/* never 0, which is never; a grant of 2^32 s lies beyond what 32 bits count */
	due_ms = (due_ms + 999) / 1000;
	registration->due_s = due_ms < 1			? 1
						  : due_ms > UINT32_MAX ? UINT32_MAX
												: (uint32_t)due_ms;
	if(*slot_due_s == 0 || registration->due_s < *slot_due_s)
		__atomic_store_n(slot_due_s, registration->due_s, __ATOMIC_RELAXED);
}

void regmon_table_diagnose_locked(regmon_table_t *table,
		regmon_registration_t *registration, int64_t now_ms,
		regmon_news_t *news)
{
	uint64_t before = registration->causes, after, changed;
	regmon_event_t *event;

	if(table->diagnose == NULL)
		return;
	after = table->diagnose(registration, now_ms);
	if(after == before)
		return;
	registration->causes = after;
	for(changed = before ^ after; changed; changed &= changed - 1) {
		int cause = __builtin_ctzll(changed);

		__atomic_fetch_add(&table->with_cause[cause],
				(after >> cause) & 1 ? 1 : (uint32_t)-1, __ATOMIC_RELAXED);
	}
	event = regmon_news_add(news, REGMON_EVENT_CAUSE, now_ms);
	if(event) {
		event->causes_before = before;
		event->causes_after = after;
	}
}

/* ---- eviction ---- */

typedef struct victim
{
	regmon_registration_t *registration; /* only to be compared until found in its chain */
	unsigned slot;
	regmon_list_t list;
	bool by_source;
} victim_t;

/* Is it of this source, or (REGMON_NO_SOURCE) of any source over its share? */
static bool pays(regmon_table_t *table,
		const regmon_registration_t *registration, uint32_t source)
{
	return source == REGMON_NO_SOURCE
				   ? over_quota(table, registration->source)
				   : registration->source == source;
}

/* The first of the list that has to pay. */
static bool one_of_source(regmon_table_t *table, regmon_list_t list,
		uint32_t source, int steps, victim_t *victim)
{
	regmon_registration_t *registration = table->lists[list].oldest;

	for(; registration && steps-- > 0; registration = registration->newer) {
		if(!pays(table, registration, source))
			continue;
		*victim = (victim_t){registration, registration->slot, list, true};
		return true;
	}
	return false;
}

static bool oldest_of_list(
		regmon_table_t *table, regmon_list_t list, victim_t *victim)
{
	regmon_registration_t *registration = table->lists[list].oldest;

	if(registration == NULL)
		return false;
	*victim = (victim_t){registration, registration->slot, list, false};
	return true;
}

/* A source over its tenth pays first; then ended, failed, open, and live bindings last. Order lock held. */
static bool choose_victim(
		regmon_table_t *table, uint32_t source, victim_t *victim)
{
	if(over_quota(table, source)
			&& (one_of_source(table, REGMON_LIST_FAILED, source,
						STEPS_FOR_OWN_SOURCE, victim)
					|| one_of_source(table, REGMON_LIST_OPEN, source,
							STEPS_FOR_OWN_SOURCE, victim)))
		return true;
	return oldest_of_list(table, REGMON_LIST_ENDED, victim)
		   || one_of_source(table, REGMON_LIST_FAILED, REGMON_NO_SOURCE,
				   STEPS_FOR_ANY_SOURCE, victim)
		   || one_of_source(table, REGMON_LIST_OPEN, REGMON_NO_SOURCE,
				   STEPS_FOR_ANY_SOURCE, victim)
		   || oldest_of_list(table, REGMON_LIST_FAILED, victim)
		   || oldest_of_list(table, REGMON_LIST_OPEN, victim)
		   || oldest_of_list(table, REGMON_LIST_LIVE, victim);
}

/* The victim was chosen under the order lock and is taken under its slot lock: it may be gone or better by then, NULL. */
static regmon_registration_t *take_victim(
		regmon_table_t *table, const victim_t *victim)
{
	regmon_registration_t *registration;

	regmon_slot_lock(table, victim->slot);
	for(registration = table->slots[victim->slot]; registration;
			registration = registration->next)
		if(registration == victim->registration
				&& registration->list == victim->list)
			break;
	if(registration)
		regmon_slot_remove_locked(table, registration);
	regmon_slot_unlock(table, victim->slot);
	return registration;
}

/* The memory of a record that had to go, zeroed; NULL: there is none. Given back and asked for again, others might take it. */
static regmon_registration_t *evict_one(
		regmon_table_t *table, uint32_t source, int64_t now_ms)
{
	regmon_event_t event = {.type = REGMON_EVENT_EVICTED, .now_ms = now_ms};
	regmon_registration_t *registration;
	victim_t victim;
	unsigned place;
	bool found;
	int tries;

	for(tries = 0; tries < EVICTION_TRIES; tries++) {
		regmon_lock_get(table->order_lock, 0);
		found = choose_victim(table, source, &victim);
		regmon_lock_put(table->order_lock, 0);
		if(!found)
			return NULL;
		registration = take_victim(table, &victim);
		if(registration == NULL)
			continue;
		event.attempt = registration->attempt;
		place = registration->place;
		memset(registration, 0, table->record_size);
		registration->place = place;
		regmon_motion_end(table);
		__atomic_fetch_add(&table->evicted, 1, __ATOMIC_RELAXED);
		if(victim.by_source)
			__atomic_fetch_add(
					&table->evicted_by_source, 1, __ATOMIC_RELAXED);
		regmon_events_tell(&event);
		return registration;
	}
	return NULL;
}

/* More than may be: the oldest goes. No more than may be, and no memory: the table is as large as it can be now. */
static regmon_registration_t *memory_of_record(
		regmon_table_t *table, bool is_full, uint32_t source, int64_t now_ms)
{
	regmon_registration_t *registration;
	unsigned place;

	registration = is_full ? NULL : regmon_slabs_take(table->slabs, &place);
	if(registration) {
		registration->place = place;
		return registration;
	}
	registration = evict_one(table, source, now_ms);
	if(registration && !is_full)
		__atomic_fetch_add(&table->evicted_for_memory, 1, __ATOMIC_RELAXED);
	return registration;
}

static void count_dropped(regmon_table_t *table, int64_t now_ms)
{
	regmon_event_t event = {.type = REGMON_EVENT_DROPPED, .now_ms = now_ms};

	__atomic_fetch_add(&table->dropped, 1, __ATOMIC_RELAXED);
	regmon_events_tell(&event);
}

void regmon_table_give_back(regmon_table_t *table)
{
	__atomic_fetch_sub(&table->registrations, 1, __ATOMIC_RELAXED);
}

void regmon_table_put_record(
		regmon_table_t *table, regmon_registration_t *registration)
{
	if(registration == NULL)
		return;
	regmon_slabs_put(table->slabs, registration, registration->place);
	regmon_motion_end(table);
}

regmon_registration_t *regmon_table_new_record(
		regmon_table_t *table, uint32_t source, int64_t now_ms)
{
	regmon_registration_t *registration;
	bool is_full;

	regmon_motion_begin(table);
	is_full = __atomic_add_fetch(&table->registrations, 1, __ATOMIC_RELAXED)
			  > table->limits.max_registrations;
	registration = memory_of_record(table, is_full, source, now_ms);
	if(registration == NULL) {
		regmon_table_give_back(table);
		regmon_motion_end(table);
		count_dropped(table, now_ms);
		return NULL;
	}
	registration->timeline_length = table->limits.timeline_length;
	registration->source = source;
	registration->created_ms = now_ms;
	registration->state_since_ms = now_ms;
	registration->last_seen_ms = now_ms;
	registration->last_cseq = REGMON_NUMBER_ABSENT;
	registration->last_reg_id = REGMON_NUMBER_ABSENT;
	registration->requested_s = registration->granted_s = -1;
	return registration;
}

void regmon_table_count(
		const regmon_table_t *table, regmon_table_numbers_t *ret_numbers)
{
	regmon_slabs_numbers_t slabs;
	unsigned i, state;

	memset(ret_numbers, 0, sizeof(*ret_numbers));
	for(i = 0; i < table->locks_n; i++)
		for(state = 0; state < REGMON_STATES_N; state++)
			ret_numbers->in_state[state] += table->stripes[i].in_state[state];
	ret_numbers->registrations =
			__atomic_load_n(&table->registrations, __ATOMIC_RELAXED);
	ret_numbers->max_registrations = table->limits.max_registrations;
	ret_numbers->bound = __atomic_load_n(
			&table->lists[REGMON_LIST_LIVE].n, __ATOMIC_RELAXED);
	for(i = 0; i < REGMON_COUNT(ret_numbers->with_cause); i++)
		ret_numbers->with_cause[i] =
				__atomic_load_n(&table->with_cause[i], __ATOMIC_RELAXED);
	ret_numbers->evicted = __atomic_load_n(&table->evicted, __ATOMIC_RELAXED);
	ret_numbers->evicted_by_source =
			__atomic_load_n(&table->evicted_by_source, __ATOMIC_RELAXED);
	ret_numbers->evicted_for_memory =
			__atomic_load_n(&table->evicted_for_memory, __ATOMIC_RELAXED);
	ret_numbers->not_followed =
			__atomic_load_n(&table->not_followed, __ATOMIC_RELAXED);
	ret_numbers->dropped = __atomic_load_n(&table->dropped, __ATOMIC_RELAXED);
	regmon_slabs_count(table->slabs, &slabs);
	ret_numbers->bytes = bytes_when_empty(&table->limits) + slabs.bytes;
}
