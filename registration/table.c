/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots, locks and counts. */
#include "registration/table_private.h"

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
				   limits->max_registrations)
		   + limits->max_registrations * sizeof(regmon_supplement_t);
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
			|| !table->locks || !table->order_lock || !table->slabs
			|| !regmon_supplements_refill(table)) {
		regmon_table_free(table);
		return NULL;
	}
	return table;
}

void regmon_table_free(regmon_table_t *table)
{
	const regmon_registration_t *registration;
	regmon_spare_t *spare;
	unsigned slot;

	if(table == NULL)
		return;
	for(slot = 0; table->slots && slot < table->slots_n; slot++)
		for(registration = table->slots[slot]; registration;
				registration = registration->next)
			regmon_memory_put(registration->supplement);
	while((spare = table->spares) != NULL) {
		table->spares = spare->next;
		regmon_memory_put(spare);
	}
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

void regmon_table_set_thresholds(
		regmon_table_t *table, int early_refresh_percent, int short_grant_s)
{
	table->limits.early_refresh_percent = early_refresh_percent;
	table->limits.short_grant_s = short_grant_s;
}

size_t regmon_table_record_size(const regmon_table_t *table)
{
	return regmon_registration_copy_size(table->limits.timeline_length);
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

void regmon_slot_add_locked(regmon_table_t *table, unsigned slot,
		regmon_registration_t *registration)
{
	regmon_stripe_t *stripe =
			&table->stripes[regmon_table_lock_of(table, slot)];

	registration->next = table->slots[slot];
	table->slots[slot] = registration;
	stripe->in_state[registration->state]++;
	regmon_order_enter_locked(table, registration);
	regmon_motion_end(table);
}

void regmon_slot_remove_locked(
		regmon_table_t *table, regmon_registration_t *registration)
{
	unsigned slot = regmon_slot_of_record(table, registration);
	regmon_stripe_t *stripe =
			&table->stripes[regmon_table_lock_of(table, slot)];
	regmon_registration_t **link = &table->slots[slot];
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
	regmon_order_leave_locked(table, registration);
	regmon_supplement_leave_locked(table, registration, false);
	__atomic_fetch_sub(&table->registrations, 1, __ATOMIC_RELAXED);
}

void regmon_table_set_state_locked(regmon_table_t *table,
		regmon_registration_t *registration, regmon_state_t state,
		int64_t now_ms, regmon_news_t *news)
{
	regmon_stripe_t *stripe = &table->stripes[regmon_table_lock_of(
			table, regmon_slot_of_record(table, registration))];
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

/* of the records of a slot, 0: there are none; slot lock held */
static uint32_t earliest_due_s(const regmon_table_t *table, unsigned slot)
{
	const regmon_registration_t *registration;
	uint32_t earliest_s = 0;

	for(registration = table->slots[slot]; registration;
			registration = registration->next)
		if(registration->due_s
				&& (earliest_s == 0 || registration->due_s < earliest_s))
			earliest_s = registration->due_s;
	return earliest_s;
}

void regmon_table_set_due_locked(
		regmon_table_t *table, regmon_registration_t *registration)
{
	int64_t due_ms = regmon_machine_due_ms(table, registration);
	unsigned slot = regmon_slot_of_record(table, registration);
	uint32_t *slot_due_s = &table->due_s[slot], before_s = registration->due_s;

	/* never 0, which is never; a grant of 2^32 s lies beyond what 32 bits count */
	due_ms = (due_ms + 999) / 1000;
	registration->due_s = due_ms < 1			? 1
						  : due_ms > UINT32_MAX ? UINT32_MAX
												: (uint32_t)due_ms;
	if(*slot_due_s == 0 || registration->due_s < *slot_due_s)
		__atomic_store_n(slot_due_s, registration->due_s, __ATOMIC_RELAXED);
	/* An answer has come, and the attempt need not be looked at in a few seconds any more: to find that out here, where
	 * the slot is at hand, takes less than to let the timer come for nothing. */
	else if(before_s == *slot_due_s && registration->due_s > before_s)
		__atomic_store_n(
				slot_due_s, earliest_due_s(table, slot), __ATOMIC_RELAXED);
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
	ret_numbers->not_kept = __atomic_load_n(&table->not_kept, __ATOMIC_RELAXED);
	ret_numbers->dropped = __atomic_load_n(&table->dropped, __ATOMIC_RELAXED);
	regmon_slabs_count(table->slabs, &slabs);
	ret_numbers->bytes = bytes_when_empty(&table->limits) + slabs.bytes
						 + sizeof(regmon_spare_t)
								   * __atomic_load_n(&table->supplements,
										   __ATOMIC_RELAXED);
}
