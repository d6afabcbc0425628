/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index of identities: which slots hold a record that has one. A bucket is as long as half a cache line: seven
 * hints of 4 bytes and one word that counts what it lacks. A hint is the number of a slot, and above it bits of the
 * identity's hash: those of another identity in the same bucket are told apart. An identity has two buckets, its hint
 * stands in the emptier one. */
#include "registration/table_private.h"

#define MOST_KEY_BYTES 96 /* a longer one is cut, as a Call-ID in a record is */
#define MOST_KEYS (REGMON_ASSOCIATED_BYTES / 2 + REGMON_STRINGS_N)
#define LACK_COUNT 0xffffu /* the lower half counts, the upper half tells which */

str regmon_imei_digits(str text, char buffer[REGMON_IMEI_DIGITS])
{
	int n = 0, i;

	for(i = 0; i < text.len && n < REGMON_IMEI_DIGITS; i++)
		if(regmon_is_digit(text.s[i]))
			buffer[n++] = text.s[i];
		else if(text.s[i] != '-')
			return (str){NULL, 0};
	return (str){buffer, n};
}

/* ---- keys ---- */

bool regmon_has_scheme(str text)
{
	if(text.len < 5 || (text.s[3] != ':' && text.s[4] != ':'))
		return false;
	return regmon_text_starts_nocase(text, REGMON_TEXT("sip:"))
		   || regmon_text_starts_nocase(text, REGMON_TEXT("tel:"))
		   || regmon_text_starts_nocase(text, REGMON_TEXT("sips:"));
}

/* Identities are indexed without regard to kind, by what they have in common: "sip:+49151@host", "tel:+49151" and 49151
 * have one key. IPv6 goes without brackets. Never empty for a text that is not. */
static str key_of(str text)
{
	str whole = text;
	const char *end;

	if(text.len > 2 && text.s[0] == '[' && text.s[text.len - 1] == ']')
		text = (str){text.s + 1, text.len - 2};
	if(regmon_has_scheme(text))
		text = regmon_text_from(text, text.s[3] == ':' ? 4 : 5);
	if(text.len > 0 && text.s[0] == '+')
		text = regmon_text_from(text, 1);
	if(text.len <= 0)
		text = whole;
	if(text.len > MOST_KEY_BYTES)
		text.len = MOST_KEY_BYTES;
	end = memchr(text.s + 1, '@', text.len - 1);
	if(end)
		text.len = (int)(end - text.s);
	end = memchr(text.s + 1, ';', text.len - 1);
	if(end)
		text.len = (int)(end - text.s);
	return text;
}

/* what strings of a record are found by, each once */
typedef struct keys
{
	unsigned n;
	char imei[REGMON_IMEI_DIGITS];
	str list[MOST_KEYS];
} keys_t;

static bool has_key(const keys_t *keys, str key)
{
	unsigned i;

	for(i = 0; i < keys->n; i++)
		if(regmon_text_is_nocase(keys->list[i], key))
			return true;
	return false;
}

static void add_key(keys_t *keys, str identity)
{
	str key;

	if(regmon_text_empty(identity))
		return;
	key = key_of(identity);
	if(keys->n < MOST_KEYS && !has_key(keys, key))
		keys->list[keys->n++] = key;
}

static void add_keys_of_list(keys_t *keys, str list)
{
	int position = 0;
	str uri;

	while(regmon_text_next_element(list, &position, &uri))
		add_key(keys, uri);
}

static void add_keys(keys_t *keys, regmon_string_t which, str text)
{
	regmon_uri_t uri;
	str imei;

	if(text.len <= 0)
		return;
	switch(which) {
		case REGMON_STRING_IMPU: /* its own hash is the slot; a number may be asked for without the rest */
			add_key(keys, regmon_identity_imsi(text));
			add_key(keys, regmon_identity_msisdn(text));
			break;
		case REGMON_STRING_IMPI:
		case REGMON_STRING_CALL_ID:
		case REGMON_STRING_SOURCE:
			add_key(keys, text);
			break;
		case REGMON_STRING_CONTACT:
			regmon_uri_read(text, &uri);
			add_key(keys, uri.host);
			break;
		case REGMON_STRING_INSTANCE:
			imei = regmon_imei_digits(regmon_identity_imei(text), keys->imei);
			if(imei.len == REGMON_IMEI_DIGITS)
				add_key(keys, imei);
			break;
		case REGMON_STRING_ASSOCIATED:
			add_keys_of_list(keys, text);
			break;
		default:
			break;
	}
}

/* all strings that add_keys knows */
static const uint8_t indexed[] = {REGMON_STRING_IMPU, REGMON_STRING_IMPI,
		REGMON_STRING_CALL_ID, REGMON_STRING_SOURCE, REGMON_STRING_CONTACT,
		REGMON_STRING_INSTANCE, REGMON_STRING_ASSOCIATED};

static void keys_of_record(
		const regmon_registration_t *registration, keys_t *ret_keys)
{
	unsigned i;

	ret_keys->n = 0;
	for(i = 0; i < REGMON_COUNT(indexed); i++)
		add_keys(ret_keys, indexed[i],
				regmon_registration_string(registration, indexed[i]));
}

static bool occurs_from(str text, char first, str key)
{
	const char *at = text.s, *end = text.s + text.len - key.len;

	for(; at <= end; at++) {
		at = memchr(at, first, end - at + 1);
		if(at == NULL)
			return false;
		if((key.len == 1 || (at[1] | 0x20) == (key.s[1] | 0x20))
				&& strncasecmp(at, key.s, key.len) == 0)
			return true;
	}
	return false;
}

static bool occurs_in(str text, str key)
{
	char lower = (char)(key.s[0] | 0x20);

	if(lower < 'a' || lower > 'z')
		return occurs_from(text, key.s[0], key);
	return occurs_from(text, lower, key)
		   || occurs_from(text, (char)(lower & ~0x20), key);
}

_Static_assert(REGMON_STRING_IMPU == 0 && REGMON_STRING_CONTACT < REGMON_STRING_SOURCE
					   && REGMON_STRING_CALL_ID < REGMON_STRING_SOURCE
					   && REGMON_STRING_IMPI < REGMON_STRING_SOURCE
					   && REGMON_STRING_INSTANCE < REGMON_STRING_SOURCE,
		"all but one of the strings that are indexed stand in front");

/* Can any string of the record have it? Keys are pieces of them, but for an IMEI, which goes without dashes. */
static bool can_have(const regmon_registration_t *registration, str key)
{
	const str front = {(char *)registration->strings,
			registration->string_end[REGMON_STRING_SOURCE]};

	return (key.len == REGMON_IMEI_DIGITS && regmon_is_digit(key.s[0]))
		   || occurs_in(front, key)
		   || occurs_in(regmon_registration_string(
								registration, REGMON_STRING_ASSOCIATED),
				   key);
}

/* Strings of records in this slot that have the key; slot lock held. */
static unsigned holders_of(
		const regmon_table_t *table, unsigned slot, str key)
{
	const regmon_registration_t *registration;
	keys_t keys;
	unsigned n = 0, i;

	for(registration = table->slots[slot]; registration;
			registration = registration->next) {
		if(!can_have(registration, key))
			continue;
		for(i = 0; i < REGMON_COUNT(indexed); i++) {
			keys.n = 0;
			add_keys(&keys, indexed[i],
					regmon_registration_string(registration, indexed[i]));
			n += has_key(&keys, key);
		}
	}
	return n;
}

/* ---- buckets ---- */

typedef struct place
{
	uint32_t *buckets[2];
	uint32_t tag; /* above the number of a slot */
	uint32_t lack_bit;
} place_t;

static uint32_t slot_bits(const regmon_table_t *table)
{
	return 2 * table->slots_n - 1;
}

static place_t place_of(const regmon_table_t *table, str key)
{
	char lower[MOST_KEY_BYTES];
	uint32_t first, second, high;
	uint64_t hash;
	int i;

	for(i = 0; i < key.len; i++)
		lower[i] = key.s[i] >= 'A' && key.s[i] <= 'Z' ? (char)(key.s[i] | 0x20)
													  : key.s[i];
	hash = regmon_table_hash(table, (str){lower, key.len});
	high = (uint32_t)(hash >> 32);
	first = (uint32_t)hash & (table->index_n - 1);
	second = (first ^ (high | 1)) & (table->index_n - 1);
	return (place_t){{&table->index[(size_t)first * REGMON_INDEX_BUCKET],
							 &table->index[(size_t)second
										   * REGMON_INDEX_BUCKET]},
			high & ~slot_bits(table), UINT32_C(0x10000) << (high >> 28)};
}

static uint32_t *lack_of(const place_t *place)
{
	return &place->buckets[0][REGMON_INDEX_WAYS];
}

/* Some of this identity's hints found no room, or one of sixteen identities of this bucket. */
static bool may_lack(const place_t *place)
{
	return (__atomic_load_n(lack_of(place), __ATOMIC_RELAXED)
				   & place->lack_bit)
		   != 0;
}

/* Where the hint stands, else NULL and an empty way of the emptier bucket; NULL: both are full. */
static uint32_t *find_hint(
		const place_t *place, uint32_t hint, uint32_t **ret_empty)
{
	unsigned empty[2] = {0, 0}, i, way;
	uint32_t *last[2] = {NULL, NULL}, *at, known;

	*ret_empty = NULL;
	for(i = 0; i < 2; i++)
		for(way = 0; way < REGMON_INDEX_WAYS; way++) {
			at = &place->buckets[i][way];
			known = __atomic_load_n(at, __ATOMIC_RELAXED);
			if(known == hint)
				return at;
			if(known == 0) {
				empty[i]++;
				last[i] = at;
			}
		}
	*ret_empty = last[empty[1] > empty[0]];
	return NULL;
}

/* One hint more or less that found no room. So many that the count is full: it stays so. */
static void count_lack(const place_t *place, bool more)
{
	uint32_t *lack = lack_of(place);
	uint32_t before = __atomic_load_n(lack, __ATOMIC_RELAXED), after, n;

	do {
		n = before & LACK_COUNT;
		if(!more && (n == 0 || n == LACK_COUNT))
			return;
		if(more)
			after = (before | place->lack_bit) + (n < LACK_COUNT);
		else
			after = n == 1 ? 0 : before - 1;
	} while(!__atomic_compare_exchange_n(lack, &before, after, false,
			__ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

/* Slots of one bucket have different locks: a way is taken by exchange only. What a slot lacks is counted once, however
 * many in it have the key. */
static void put(regmon_table_t *table, str key, unsigned slot)
{
	place_t place = place_of(table, key);
	uint32_t hint = place.tag | (slot + 1), *empty, none;

	do {
		if(find_hint(&place, hint, &empty))
			return;
		none = 0;
	} while(empty
			&& !__atomic_compare_exchange_n(empty, &none, hint, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED));
	if(empty == NULL) {
		if(holders_of(table, slot, key) == 1)
			count_lack(&place, true);
	} else if(may_lack(&place) && holders_of(table, slot, key) > 1) {
		count_lack(&place, false); /* those before this one had found no room */
	}
}

static void drop(regmon_table_t *table, str key, unsigned slot)
{
	uint32_t *hint, *empty;
	place_t place;

	if(holders_of(table, slot, key))
		return;
	place = place_of(table, key);
	hint = find_hint(&place, place.tag | (slot + 1), &empty);
	if(hint)
		__atomic_store_n(hint, 0, __ATOMIC_RELAXED);
	else
		count_lack(&place, false);
}

/* ---- the door ---- */

void regmon_index_changed(regmon_table_t *table,
		const regmon_registration_t *registration, regmon_string_t which,
		str before)
{
	unsigned slot = regmon_slot_of_record(table, registration);
	keys_t old, fresh;
	unsigned i;

	old.n = fresh.n = 0;
	add_keys(&old, which, before);
	add_keys(&fresh, which, regmon_registration_string(registration, which));
	for(i = 0; i < old.n; i++)
		if(!has_key(&fresh, old.list[i]))
			drop(table, old.list[i], slot);
	for(i = 0; i < fresh.n; i++)
		if(!has_key(&old, fresh.list[i]))
			put(table, fresh.list[i], slot);
}

void regmon_index_left(
		regmon_table_t *table, const regmon_registration_t *registration)
{
	unsigned slot = regmon_slot_of_record(table, registration);
	keys_t keys;
	unsigned i;

	keys_of_record(registration, &keys);
	for(i = 0; i < keys.n; i++)
		drop(table, keys.list[i], slot);
}

unsigned regmon_index_slots(const regmon_table_t *table, str identity,
		uint32_t *ret_slots, bool *ret_may_lack)
{
	uint32_t bits = slot_bits(table), hint;
	unsigned n = 0, i, way;
	place_t place;

	*ret_may_lack = false;
	if(regmon_text_empty(identity))
		return 0;
	place = place_of(table, key_of(identity));
	for(i = 0; i < 2; i++)
		for(way = 0; way < REGMON_INDEX_WAYS; way++) {
			hint = __atomic_load_n(&place.buckets[i][way], __ATOMIC_RELAXED);
			if(hint != 0 && (hint & ~bits) == place.tag)
				ret_slots[n++] = (hint & bits) - 1;
		}
	*ret_may_lack = may_lack(&place);
	return n;
}

bool regmon_index_knows(const regmon_table_t *table,
		const regmon_registration_t *registration, str *ret_unknown)
{
	unsigned slot = regmon_slot_of_record(table, registration);
	keys_t keys;
	uint32_t *empty;
	place_t place;
	unsigned i;

	keys_of_record(registration, &keys);
	for(i = 0; i < keys.n; i++) {
		place = place_of(table, keys.list[i]);
		if(find_hint(&place, place.tag | (slot + 1), &empty)
				|| may_lack(&place))
			continue;
		*ret_unknown = keys.list[i];
		return false;
	}
	return true;
}
