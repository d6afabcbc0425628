/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The block beside a record for what few phones have. It is wanted in the middle of a message, under the slot's lock, so some
 * stand ready: taking one and giving it back is pointer work, memory is asked for and given back when no lock is held. */
#include "registration/table_private.h"

/* Each process that takes one sees to the next at once, so this many processes may be between the two. */
#define SPARES 32

static void moved(regmon_table_t *table)
{
	__atomic_store_n(&table->spares_moved, true, __ATOMIC_RELAXED);
}

static regmon_spare_t *pop_locked(regmon_table_t *table)
{
	regmon_spare_t *spare = table->spares;

	if(spare) {
		table->spares = spare->next;
		table->spares_n--;
	}
	return spare;
}

static void push_locked(regmon_table_t *table, regmon_spare_t *spare)
{
	spare->next = table->spares;
	table->spares = spare;
	table->spares_n++;
}

regmon_supplement_t *regmon_supplement_need_locked(
		regmon_table_t *table, regmon_registration_t *registration)
{
	regmon_spare_t *spare;

	if(registration->supplement)
		return registration->supplement;
	regmon_lock_get(table->order_lock, 0);
	spare = pop_locked(table);
	regmon_lock_put(table->order_lock, 0);
	moved(table);
	if(spare == NULL) {
		__atomic_fetch_add(&table->not_kept, 1, __ATOMIC_RELAXED);
		return NULL;
	}
	memset(spare, 0, sizeof(*spare));
	registration->supplement = &spare->supplement;
	return registration->supplement;
}

static bool is_empty(const regmon_supplement_t *supplement)
{
	const size_t behind = offsetof(regmon_supplement_t, network);

	return supplement->before.kind == REGMON_ATTEMPT_NONE
		   && memcmp((const char *)supplement + behind,
					  (const char *)&regmon_no_supplement + behind,
					  sizeof(*supplement) - behind)
					  == 0;
}

void regmon_supplement_leave_locked(regmon_table_t *table,
		regmon_registration_t *registration, bool when_empty)
{
	regmon_supplement_t *supplement = registration->supplement;

	if(supplement == NULL || (when_empty && !is_empty(supplement)))
		return;
	registration->supplement = NULL;
	regmon_lock_get(table->order_lock, 0);
	push_locked(table, (regmon_spare_t *)(void *)supplement);
	regmon_lock_put(table->order_lock, 0);
	moved(table);
}

/* One more or one less; false: they are as many as they should be, or there is no memory. */
static bool level_one(regmon_table_t *table, bool *ret_no_memory)
{
	regmon_spare_t *spare = NULL;
	bool lacks, enough;

	regmon_lock_get(table->order_lock, 0);
	lacks = table->spares_n < SPARES;
	enough = table->spares_n == SPARES;
	if(table->spares_n > SPARES)
		spare = pop_locked(table);
	regmon_lock_put(table->order_lock, 0);
	if(enough)
		return false;
	if(lacks) {
		spare = regmon_memory_get(sizeof(*spare));
		*ret_no_memory = spare == NULL;
		if(spare == NULL)
			return false;
		__atomic_fetch_add(&table->supplements, 1, __ATOMIC_RELAXED);
		regmon_lock_get(table->order_lock, 0);
		push_locked(table, spare);
		regmon_lock_put(table->order_lock, 0);
		return true;
	}
	regmon_memory_put(spare);
	__atomic_fetch_sub(&table->supplements, 1, __ATOMIC_RELAXED);
	return true;
}

bool regmon_supplements_refill(regmon_table_t *table)
{
	bool no_memory = false;

	/* without memory the next who takes one asks again, not each message */
	__atomic_store_n(&table->spares_moved, false, __ATOMIC_RELAXED);
	while(level_one(table, &no_memory))
		;
	return !no_memory;
}
