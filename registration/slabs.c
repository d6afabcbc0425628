/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slabs of records. Which places are taken, and which slab has how many left, stands in words of 64 bits: finding one is
 * counting zeros. */
#include "registration/slabs.h"

#include <stdbool.h>
#include <string.h>

#include "registration/memory.h"

/* Sanitizers see a block as one thing: they are told what of it is nobody's. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define FORBID(memory, bytes) ASAN_POISON_MEMORY_REGION(memory, bytes)
#define ALLOW(memory, bytes) ASAN_UNPOISON_MEMORY_REGION(memory, bytes)
#else
#define FORBID(memory, bytes) ((void)0)
#define ALLOW(memory, bytes) ((void)0)
#endif

#define LINE 64
/* The size of a record is rounded up to it: less is lost than with whole lines, and one more line at most is touched. */
#define QUARTER_LINE 16
/* what a slab takes at most, as far as records are not larger; the allocator's part besides */
#define SLAB_BYTES 65536

/* It stands right in front of the first place, which begins at a line; the block begins somewhere before it. */
typedef struct slab
{
	struct slab *next, *before; /* slabs with as many places left */
	void *block;
	uint64_t left; /* bit per place that is not taken */
	uint32_t places, left_n;
} slab_t;
#define BESIDE_PLACES (LINE + sizeof(slab_t)) /* and what is lost in front of it */

struct regmon_slabs
{
	size_t record_bytes, step_bytes; /* what is asked for, and from one place to the next */
	unsigned places;				 /* of a slab, where there is memory for it */
	unsigned next_places; /* of the slab to be made next: fewer when memory was short; atomic */
	regmon_lock_t *lock;  /* one */
	/* under the lock */
	slab_t *lists[REGMON_SLAB_PLACES + 1]; /* by places left; the first are full */
	uint64_t lists_used;				   /* bit per list that has a slab */
	slab_t *empty; /* one without any record, in no list; NULL: none */
	regmon_slabs_numbers_t numbers;
};

_Static_assert(REGMON_SLAB_PLACES < 64, "a bit for each place, and for each list");
_Static_assert(REGMON_SLAB_PLACES <= 1 << REGMON_SLAB_PLACE_BITS, "room for its number");

static size_t step_of(size_t record_bytes)
{
	return (record_bytes + QUARTER_LINE - 1) / QUARTER_LINE * QUARTER_LINE;
}

static size_t slab_bytes(size_t step_bytes, unsigned places)
{
	return BESIDE_PLACES + places * step_bytes;
}

static unsigned places_of_slab(size_t step_bytes, unsigned most)
{
	size_t places = (SLAB_BYTES - BESIDE_PLACES) / step_bytes;

	if(places > most)
		places = most;
	return places < 1						 ? 1
		   : places > REGMON_SLAB_PLACES ? REGMON_SLAB_PLACES
										 : (unsigned)places;
}

static uint64_t all_of(unsigned places)
{
	return (UINT64_C(1) << places) - 1;
}

unsigned regmon_slabs_places(size_t record_bytes, unsigned most)
{
	return places_of_slab(step_of(record_bytes), most);
}

size_t regmon_slabs_bytes_when_full(size_t record_bytes, unsigned most)
{
	size_t step_bytes = step_of(record_bytes);
	unsigned places = places_of_slab(step_bytes, most);

	return (most + places - 1) / places * slab_bytes(step_bytes, places);
}

regmon_slabs_t *regmon_slabs_make(size_t record_bytes, unsigned most)
{
	regmon_slabs_t *slabs = regmon_memory_get(sizeof(*slabs));

	if(slabs == NULL)
		return NULL;
	slabs->record_bytes = record_bytes;
	slabs->step_bytes = step_of(record_bytes);
	slabs->places = slabs->next_places =
			places_of_slab(slabs->step_bytes, most);
	slabs->lock = regmon_locks_make(1);
	if(slabs->lock)
		return slabs;
	regmon_memory_put(slabs);
	return NULL;
}

static void put_slab(const regmon_slabs_t *slabs, slab_t *slab)
{
	if(slab == NULL)
		return;
	ALLOW(slab + 1, slab->places * slabs->step_bytes);
	regmon_memory_put(slab->block);
}

void regmon_slabs_free(regmon_slabs_t *slabs)
{
	slab_t *slab;
	unsigned left;

	if(slabs == NULL)
		return;
	for(left = 0; left <= REGMON_SLAB_PLACES; left++)
		while((slab = slabs->lists[left]) != NULL) {
			slabs->lists[left] = slab->next;
			put_slab(slabs, slab);
		}
	put_slab(slabs, slabs->empty);
	regmon_locks_free(slabs->lock, 1);
	regmon_memory_put(slabs);
}

/* ---- memory, without the lock ---- */

static slab_t *slab_in(
		const regmon_slabs_t *slabs, void *block, unsigned places)
{
	uintptr_t first = (uintptr_t)block + sizeof(slab_t);
	slab_t *slab;

	first = (first + LINE - 1) / LINE * LINE;
	slab = (slab_t *)first - 1;
	slab->block = block;
	slab->places = slab->left_n = places;
	slab->left = all_of(places);
	FORBID(slab + 1, places * slabs->step_bytes);
	return slab;
}

/* As large as there is memory for. Allocators may say something of each time that there is none, and look long for it:
 * the next slab is asked for as small, and a larger one again when there was one. */
static slab_t *make_slab(regmon_slabs_t *slabs)
{
	unsigned places =
			__atomic_load_n(&slabs->next_places, __ATOMIC_RELAXED);
	unsigned next_places;
	void *block;

	for(;;) {
		block = regmon_memory_get(slab_bytes(slabs->step_bytes, places));
		if(block || places == 1)
			break;
		places /= 2;
	}
	next_places = block == NULL					? 1
				  : 2 * places > slabs->places ? slabs->places
											   : 2 * places;
	__atomic_store_n(&slabs->next_places, next_places, __ATOMIC_RELAXED);
	return block ? slab_in(slabs, block, places) : NULL;
}

/* ---- lists, under the lock ---- */

static void list_add_locked(regmon_slabs_t *slabs, slab_t *slab)
{
	slab_t **list = &slabs->lists[slab->left_n];

	slab->before = NULL;
	slab->next = *list;
	if(*list)
		(*list)->before = slab;
	*list = slab;
	slabs->lists_used |= UINT64_C(1) << slab->left_n;
}

static void list_remove_locked(regmon_slabs_t *slabs, slab_t *slab)
{
	slab_t **list = &slabs->lists[slab->left_n];

	if(slab->next)
		slab->next->before = slab->before;
	if(slab->before)
		slab->before->next = slab->next;
	else
		*list = slab->next;
	if(*list == NULL)
		slabs->lists_used &= ~(UINT64_C(1) << slab->left_n);
}

static void count_slab_locked(
		regmon_slabs_t *slabs, const slab_t *slab, int by)
{
	slabs->numbers.slabs += by;
	slabs->numbers.places += by * (int)slab->places;
	slabs->numbers.bytes +=
			by * (ptrdiff_t)slab_bytes(slabs->step_bytes, slab->places);
}

/* One without records, in no list and counted: it is kept, or the one kept so far where that is smaller. Returns the other
 * one, not counted any more, to be put back once the lock is released. */
static slab_t *keep_empty_locked(regmon_slabs_t *slabs, slab_t *slab)
{
	slab_t *other = slabs->empty;

	if(other && other->places >= slab->places)
		other = slab;
	else
		slabs->empty = slab;
	if(other)
		count_slab_locked(slabs, other, -1);
	return other;
}

static void *take_locked(regmon_slabs_t *slabs, unsigned *ret_place)
{
	uint64_t with_places = slabs->lists_used & ~UINT64_C(1);
	slab_t *slab;

	if(with_places) {
		slab = slabs->lists[__builtin_ctzll(with_places)];
		list_remove_locked(slabs, slab);
	} else {
		slab = slabs->empty;
		slabs->empty = NULL;
		if(slab == NULL)
			return NULL;
	}
	*ret_place = (unsigned)__builtin_ctzll(slab->left);
	slab->left &= slab->left - 1;
	slab->left_n--;
	list_add_locked(slabs, slab);
	slabs->numbers.taken++;
	return (char *)(slab + 1) + *ret_place * slabs->step_bytes;
}

/* ---- records ---- */

void *regmon_slabs_take(regmon_slabs_t *slabs, unsigned *ret_place)
{
	slab_t *fresh, *spare = NULL;
	void *record;

	regmon_lock_get(slabs->lock, 0);
	record = take_locked(slabs, ret_place);
	regmon_lock_put(slabs->lock, 0);
	if(record == NULL) {
		fresh = make_slab(slabs);
		/* another process may have made one meanwhile, or a record come back */
		regmon_lock_get(slabs->lock, 0);
		if(fresh) {
			count_slab_locked(slabs, fresh, 1);
			spare = keep_empty_locked(slabs, fresh);
		}
		record = take_locked(slabs, ret_place);
		regmon_lock_put(slabs->lock, 0);
		put_slab(slabs, spare);
	}
	if(record) {
		ALLOW(record, slabs->record_bytes);
		memset(record, 0, slabs->record_bytes);
	}
	return record;
}

void regmon_slabs_put(regmon_slabs_t *slabs, void *record, unsigned place)
{
	slab_t *slab =
			(slab_t *)((char *)record - place * slabs->step_bytes) - 1;
	slab_t *spare = NULL;

	FORBID(record, slabs->record_bytes);
	regmon_lock_get(slabs->lock, 0);
	list_remove_locked(slabs, slab);
	slab->left |= UINT64_C(1) << place;
	slab->left_n++;
	slabs->numbers.taken--;
	if(slab->left_n < slab->places)
		list_add_locked(slabs, slab);
	else
		spare = keep_empty_locked(slabs, slab);
	regmon_lock_put(slabs->lock, 0);
	put_slab(slabs, spare);
}

void regmon_slabs_put_empty(regmon_slabs_t *slabs)
{
	slab_t *spare;

	regmon_lock_get(slabs->lock, 0);
	spare = slabs->empty;
	slabs->empty = NULL;
	if(spare)
		count_slab_locked(slabs, spare, -1);
	regmon_lock_put(slabs->lock, 0);
	put_slab(slabs, spare);
}

void regmon_slabs_count(
		regmon_slabs_t *slabs, regmon_slabs_numbers_t *ret_numbers)
{
	regmon_lock_get(slabs->lock, 0);
	*ret_numbers = slabs->numbers;
	regmon_lock_put(slabs->lock, 0);
}

/* ---- self-check ---- */

static bool is_sound(const regmon_slabs_t *slabs, const slab_t *slab)
{
	return slab->places >= 1 && slab->places <= slabs->places
		   && (slab->left & ~all_of(slab->places)) == 0
		   && slab->left_n == (unsigned)__builtin_popcountll(slab->left)
		   && (uintptr_t)(slab + 1) % LINE == 0;
}

static void count_again(const slab_t *slab, size_t step_bytes,
		regmon_slabs_numbers_t *numbers)
{
	numbers->slabs++;
	numbers->places += slab->places;
	numbers->taken += slab->places - slab->left_n;
	numbers->bytes += slab_bytes(step_bytes, slab->places);
}

static const char *check_list_locked(const regmon_slabs_t *slabs,
		unsigned left, regmon_slabs_numbers_t *numbers)
{
	const slab_t *slab, *before = NULL;

	if(((slabs->lists_used >> left) & 1) != (slabs->lists[left] != NULL))
		return "a list of slabs is used and not marked so, or the reverse";
	for(slab = slabs->lists[left]; slab; slab = slab->next) {
		if(slab->before != before)
			return "a list of slabs is broken";
		if(!is_sound(slabs, slab))
			return "places of a slab and their number disagree";
		if(slab->left_n != left)
			return "a slab is in the list of others";
		if(slab->left_n == slab->places)
			return "a slab without records is kept in a list";
		count_again(slab, slabs->step_bytes, numbers);
		before = slab;
	}
	return NULL;
}

static const char *check_locked(const regmon_slabs_t *slabs)
{
	regmon_slabs_numbers_t numbers = {0};
	const char *fault = NULL;
	unsigned left;

	for(left = 0; left <= REGMON_SLAB_PLACES && fault == NULL; left++)
		fault = check_list_locked(slabs, left, &numbers);
	if(fault)
		return fault;
	if(slabs->empty) {
		if(!is_sound(slabs, slabs->empty)
				|| slabs->empty->left_n != slabs->empty->places)
			return "the empty slab is not empty";
		count_again(slabs->empty, slabs->step_bytes, &numbers);
	}
	if(memcmp(&numbers, &slabs->numbers, sizeof(numbers)) != 0)
		return "the sums of the slabs are wrong";
	return NULL;
}

const char *regmon_slabs_check(regmon_slabs_t *slabs)
{
	const char *fault;

	regmon_lock_get(slabs->lock, 0);
	fault = check_locked(slabs);
	regmon_lock_put(slabs->lock, 0);
	return fault;
}
