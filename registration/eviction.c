/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order in which records go when the table is full or memory is short, and where the memory of new ones comes from. */
#include "registration/table_private.h"

/* how many records of a list are looked at when one of a certain source is wanted */
#define STEPS_FOR_OWN_SOURCE 256
#define STEPS_FOR_ANY_SOURCE 64
#define EVICTION_TRIES 8

/* ---- order ---- */

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

void regmon_order_enter_locked(
		regmon_table_t *table, regmon_registration_t *registration)
{
	registration->list = list_of(registration);
	regmon_lock_get(table->order_lock, 0);
	list_add(table, registration);
	regmon_lock_put(table->order_lock, 0);
}

void regmon_order_leave_locked(
		regmon_table_t *table, regmon_registration_t *registration)
{
	regmon_lock_get(table->order_lock, 0);
	list_remove(table, registration);
	regmon_lock_put(table->order_lock, 0);
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
		*victim = (victim_t){registration,
				regmon_slot_of_record(table, registration), list, true};
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
	*victim = (victim_t){registration,
			regmon_slot_of_record(table, registration), list, false};
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

/* ---- memory of records ---- */

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
