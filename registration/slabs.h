/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of one size out of slabs, which are blocks of shared memory that hold many: the allocator takes its share once
 * for all of them, and each record begins at a quarter of a cache line.
 *
 * A record is taken from the slab that has the fewest places left, so that others become empty; an empty one is given
 * back to shared memory, but for one. So slabs are never more than most records ever needed at a time; and as long as
 * each of them has one record left, none is given back. Where there is no memory for a slab, half of one is tried, down
 * to a single record. */
#ifndef REGMON_REGISTRATION_SLABS_H
#define REGMON_REGISTRATION_SLABS_H

#include <stddef.h>
#include <stdint.h>

/* places of a slab at most: their numbers go into REGMON_SLAB_PLACE_BITS bits */
#define REGMON_SLAB_PLACES 63
#define REGMON_SLAB_PLACE_BITS 6

typedef struct regmon_slabs regmon_slabs_t;

typedef struct regmon_slabs_numbers
{
	unsigned slabs, places, taken;
	size_t bytes; /* of all slabs, without what the allocator adds */
} regmon_slabs_numbers_t;

/* most: how many records there may be at a time, more are possible. NULL: no shared memory. Takes none for records yet. */
regmon_slabs_t *regmon_slabs_make(size_t record_bytes, unsigned most);
/* with all records; NULL is let pass */
void regmon_slabs_free(regmon_slabs_t *slabs);
/* records of a slab */
unsigned regmon_slabs_places(size_t record_bytes, unsigned most);
/* bytes of all slabs when there are as many records as there may be */
size_t regmon_slabs_bytes_when_full(size_t record_bytes, unsigned most);

/* These take the lock of the slabs and, with no lock, shared memory. No lock may be held. */

/* Zeroed; NULL: no shared memory, not even for one record. ret_place has to be kept until it is put back. */
void *regmon_slabs_take(regmon_slabs_t *slabs, unsigned *ret_place);
void regmon_slabs_put(regmon_slabs_t *slabs, void *record, unsigned place);
/* Gives back the empty slab that is kept for the next record. */
void regmon_slabs_put_empty(regmon_slabs_t *slabs);

void regmon_slabs_count(
		regmon_slabs_t *slabs, regmon_slabs_numbers_t *ret_numbers);
/* Self-check: lists, places and sums. Returns what is wrong, NULL: nothing. */
const char *regmon_slabs_check(regmon_slabs_t *slabs);

#endif
