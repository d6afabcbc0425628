/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding "the phone" by whatever the engineer has at hand. The IMPU leads to its slot; every other identity leads
 * to a few slots that may hold it, and failing that to a walk over all. */
#include "registration/table_private.h"

/* ---- collecting ---- */

typedef struct collection
{
	regmon_table_t *table;
	regmon_asked_t asked;
	void *records;
	unsigned room, found;
} collection_t;

/* where the next copy goes: a free place, else that of the one seen longest ago, NULL when all are newer */
static regmon_registration_t *place_for(
		const collection_t *collection, int64_t last_seen_ms)
{
	regmon_registration_t *oldest = NULL, *kept;
	unsigned i;

	if(collection->found < collection->room)
		return regmon_table_record_in(
				collection->table, collection->records, collection->found);
	for(i = 0; i < collection->room; i++) {
		kept = regmon_table_record_in(
				collection->table, collection->records, i);
		if(kept->last_seen_ms < last_seen_ms
				&& (oldest == NULL
						|| kept->last_seen_ms < oldest->last_seen_ms))
			oldest = kept;
	}
	return oldest;
}

static unsigned collect_in_slot(
		regmon_table_t *table, unsigned slot, void *context)
{
	collection_t *collection = context;
	unsigned before = collection->found;
	const regmon_registration_t *registration;
	regmon_registration_t *place;

	regmon_slot_lock(table, slot);
	for(registration = table->slots[slot]; registration;
			registration = registration->next) {
		if(!regmon_asked_is(&collection->asked, registration))
			continue;
		place = place_for(collection, registration->last_seen_ms);
		if(place)
			regmon_registration_copy(registration, place);
		collection->found++;
	}
	regmon_slot_unlock(table, slot);
	return collection->found - before;
}

/* The address in front of a port, "[...]" included. */
static str host_part(str asked)
{
	bool bracketed = asked.s[0] == '[';
	int colon = -1, i;

	for(i = 0; i < asked.len; i++) {
		if(bracketed && asked.s[i] == ']')
			return (str){asked.s, i + 1};
		if(!bracketed && asked.s[i] == ':') {
			if(colon >= 0)
				return asked;
			colon = i;
		}
	}
	return (str){asked.s, colon > 0 ? colon : asked.len};
}

/* Slots in which to look first, each once. */
typedef struct slot_set
{
	unsigned n;
	uint32_t list[2 * REGMON_INDEX_MOST + 2];
	bool may_lack; /* not all hints of an identity found room */
} slot_set_t;

static void slot_set_add(slot_set_t *set, uint32_t slot)
{
	unsigned i;

	for(i = 0; i < set->n; i++)
		if(set->list[i] == slot)
			return;
	if(set->n < REGMON_COUNT(set->list))
		set->list[set->n++] = slot;
}

/* slots that the index names for one form of the identity */
static void add_hinted(
		const regmon_table_t *table, str form, slot_set_t *set)
{
	uint32_t slots[REGMON_INDEX_MOST];
	bool may_lack;
	unsigned n = regmon_index_slots(table, form, slots, &may_lack), i;

	for(i = 0; i < n; i++)
		slot_set_add(set, slots[i]);
	set->may_lack = set->may_lack || may_lack;
}

/* the slot of an IMPU is its own hash */
static void add_slot_of_impu(
		const regmon_table_t *table, str impu, slot_set_t *set)
{
	char key[REGMON_MAX_KEY];
	regmon_uri_t uri;
	int length;

	regmon_uri_read(impu, &uri);
	if(regmon_text_empty(uri.host) && uri.scheme != REGMON_SCHEME_TEL)
		return;
	length = regmon_uri_canonical(&uri, key, sizeof(key));
	slot_set_add(set, regmon_slot_of(table,
							  regmon_impu_hash(table, (str){key, length})));
}

/* An IMPU that is asked for, with its scheme or without. */
static void add_slots_of_asked_impu(
		const regmon_table_t *table, str asked, slot_set_t *set)
{
	char with_scheme[REGMON_MAX_KEY + 4];

	add_slot_of_impu(table, asked, set);
	if(regmon_has_scheme(asked) || asked.len > REGMON_MAX_KEY)
		return;
	memcpy(with_scheme, "sip:", 4);
	memcpy(with_scheme + 4, asked.s, asked.len);
	add_slot_of_impu(table, (str){with_scheme, asked.len + 4}, set);
}

static void likely_slots(const regmon_table_t *table,
		const regmon_who_t *who, slot_set_t *set)
{
	bool any = who->kind == REGMON_WHO_ANY;
	char digits[REGMON_IMEI_DIGITS];
	str asked = who->text, host, imei;

	set->n = 0;
	set->may_lack = false;
	if(any || who->kind == REGMON_WHO_IMPU)
		add_slots_of_asked_impu(table, asked, set);
	/* all but two have the key of what is asked: the index cuts it to what they have in common */
	add_hinted(table, asked, set);
	host = host_part(asked);
	if((any || who->kind == REGMON_WHO_ADDRESS) && host.len < asked.len
			&& !regmon_has_scheme(asked)
			&& memchr(asked.s, '@', asked.len) == NULL)
		add_hinted(table, host, set);
	imei = regmon_imei_digits(asked, digits);
	if((any || who->kind == REGMON_WHO_IMEI) && asked.len <= REGMON_IMEI_LONGEST
			&& asked.len > imei.len && imei.len == REGMON_IMEI_DIGITS)
		add_hinted(table, imei, set);
}

static bool is_in(const slot_set_t *set, uint32_t slot)
{
	unsigned i;

	for(i = 0; i < set->n; i++)
		if(set->list[i] == slot)
			return true;
	return false;
}

/* What is done in a slot; returns how many records it was done to. */
typedef unsigned (*in_slot_f)(
		regmon_table_t *table, unsigned slot, void *context);

/* In all slots that hold records of who: those that the index names; on foot in the others, too, where it lacks some of one
 * address that stands for thousands of phones, or knows nobody. Returns the sum. */
static unsigned in_slots_of(regmon_table_t *table, const regmon_who_t *who,
		in_slot_f in_slot, void *context)
{
	slot_set_t likely;
	unsigned i, n = 0;
	bool walk;

	if(regmon_text_empty(who->text))
		return 0;
	likely_slots(table, who, &likely);
	for(i = 0; i < likely.n; i++)
		n += in_slot(table, likely.list[i], context);
	walk = n == 0 || likely.may_lack;
	for(i = 0; walk && i < table->slots_n; i++)
		if(__atomic_load_n(&table->slots[i], __ATOMIC_RELAXED)
				&& !is_in(&likely, i))
			n += in_slot(table, i, context);
	return n;
}

/* the one seen last first; few, so insertion is enough */
static void sort_by_last_seen(collection_t *collection)
{
	unsigned n = collection->found < collection->room ? collection->found
													  : collection->room;
	size_t size = regmon_table_record_size(collection->table), i;
	unsigned left, right;

	for(left = 0; left + 1 < n; left++)
		for(right = left + 1; right < n; right++) {
			char *a = (char *)collection->records + left * size;
			char *b = (char *)collection->records + right * size;

			if(((regmon_registration_t *)b)->last_seen_ms
					<= ((regmon_registration_t *)a)->last_seen_ms)
				continue;
			for(i = 0; i < size; i++) {
				char swapped = a[i];

				a[i] = b[i];
				b[i] = swapped;
			}
			regmon_registration_copy_moved((regmon_registration_t *)a);
			regmon_registration_copy_moved((regmon_registration_t *)b);
		}
}

unsigned regmon_table_find(regmon_table_t *table, const regmon_who_t *who,
		void *records, unsigned room)
{
	collection_t collection = {table, regmon_asked_for(who), records, room, 0};

	in_slots_of(table, who, collect_in_slot, &collection);
	sort_by_last_seen(&collection);
	return collection.found;
}

unsigned regmon_table_find_bindings(regmon_table_t *table,
		const regmon_registration_t *copy, void *records, unsigned room)
{
	const regmon_who_t who = {REGMON_WHO_IMPU,
			regmon_registration_string(copy, REGMON_STRING_IMPU)};

	return regmon_table_find(table, &who, records, room);
}

unsigned regmon_table_slots_n(const regmon_table_t *table)
{
	return table->slots_n;
}

unsigned regmon_table_slot(const regmon_table_t *table,
		const regmon_registration_t *registration)
{
	return regmon_slot_of_record(table, registration);
}

void regmon_table_visit(regmon_table_t *table, uint32_t *cursor,
		regmon_visit_f visit, void *context)
{
	regmon_table_visit_slots(
			table, cursor, table->slots_n, visit, context);
}

/* Records lie anywhere: without this a visit is mostly waiting for the first lines of one after the other. */
#define FETCH_SLOTS 16

static void fetch_first_record(const regmon_table_t *table, uint32_t slot)
{
	const regmon_registration_t *registration =
			slot < table->slots_n ? __atomic_load_n(
					&table->slots[slot], __ATOMIC_RELAXED)
								  : NULL;

	if(registration == NULL)
		return;
	__builtin_prefetch(registration);
	__builtin_prefetch(&registration->requested_s);
	__builtin_prefetch(&registration->causes);
	__builtin_prefetch(registration->strings);
	__builtin_prefetch(registration->strings + 128);
}

void regmon_table_visit_slots(regmon_table_t *table, uint32_t *cursor,
		unsigned slots_n, regmon_visit_f visit, void *context)
{
	const regmon_registration_t *registration;
	uint32_t slot;
	bool more = true;

	for(slot = *cursor; slot < table->slots_n && slots_n > 0 && more;
			slot++, slots_n--) {
		fetch_first_record(table, slot + FETCH_SLOTS);
		if(__atomic_load_n(&table->slots[slot], __ATOMIC_RELAXED) == NULL)
			continue;
		regmon_slot_lock(table, slot);
		for(registration = table->slots[slot]; registration;
				registration = registration->next)
			more = visit(registration, context) && more;
		regmon_slot_unlock(table, slot);
	}
	*cursor = slot < table->slots_n ? slot : 0;
}

/* context: regmon_asked_t; NULL: all */
static unsigned forget_in_slot(
		regmon_table_t *table, unsigned slot, void *context)
{
	const regmon_asked_t *asked = context;
	regmon_registration_t *registration, *next, *dead = NULL;
	unsigned n = 0;

	regmon_slot_lock(table, slot);
	for(registration = table->slots[slot]; registration; registration = next) {
		next = registration->next;
		if(asked && !regmon_asked_is(asked, registration))
			continue;
		regmon_slot_remove_locked(table, registration);
		registration->next = dead;
		dead = registration;
	}
	regmon_slot_unlock(table, slot);
	for(; dead; dead = next, n++) {
		next = dead->next;
		regmon_table_put_record(table, dead);
	}
	return n;
}

unsigned regmon_table_forget(regmon_table_t *table, const regmon_who_t *who)
{
	unsigned slot, n = 0;
	regmon_asked_t asked;

	if(who) {
		asked = regmon_asked_for(who);
		n = in_slots_of(table, who, forget_in_slot, &asked);
		regmon_supplements_level(table);
		return n;
	}
	for(slot = 0; slot < table->slots_n; slot++)
		if(__atomic_load_n(&table->slots[slot], __ATOMIC_RELAXED))
			n += forget_in_slot(table, slot, NULL);
	regmon_supplements_level(table);
	regmon_slabs_put_empty(table->slabs);
	return n;
}
