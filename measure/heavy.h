/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The most frequent of any number of values, in memory that does not grow: Space-Saving (Metwally, Agrawal, El Abbadi,
 * ICDT 2005). As long as there are no more values than slots, each has its slot and is counted exactly. Afterwards a
 * value without a slot takes that of the rarest one, goes on from its count, and remembers it as its error: its true
 * count lies between count - error and count. A value that came more often than all counts / size has a slot, whatever
 * else came. Slots stand in the order of their counts, in blocks of equal ones, so that one more is a few steps, never a
 * search. Values are 64-bit keys; what belongs to a slot is kept by the caller under its number. No lock of its own. */
#ifndef REGMON_MEASURE_HEAVY_H
#define REGMON_MEASURE_HEAVY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REGMON_HEAVY_MOST 4096 /* slots */
#define REGMON_HEAVY_NONE UINT16_MAX

typedef struct regmon_heavy_slot
{
	uint64_t key;
	uint64_t error;
	uint16_t next; /* of its chain */
	uint16_t rank; /* place in the order, 0: most frequent */
	uint16_t block;
} regmon_heavy_slot_t;

/* neighbours in the order with one count */
typedef struct regmon_heavy_block
{
	uint64_t count;
	uint16_t first; /* rank; of a block out of use: the next one */
	uint16_t n;
} regmon_heavy_block_t;

typedef struct regmon_heavy
{
	uint64_t secret; /* odd; nobody outside can aim at one chain */
	uint64_t replaced; /* how often a value lost its slot */
	uint16_t size, used, free_block;
	uint16_t shift; /* of the product with the secret */
	regmon_heavy_slot_t *slots;
	regmon_heavy_block_t *blocks;
	uint16_t *order; /* slot by rank */
	uint16_t *chains;
} regmon_heavy_t;

/* bytes of one for so many slots, 1 to REGMON_HEAVY_MOST; the caller gives the memory, zeroed and aligned for 8 bytes */
size_t regmon_heavy_bytes(unsigned size);
void regmon_heavy_start(regmon_heavy_t *heavy, unsigned size, uint64_t secret);
/* forgets all values */
void regmon_heavy_clear(regmon_heavy_t *heavy);

/* One more of a value: its slot. *ret_new: it was another's or nobody's before. */
unsigned regmon_heavy_count(
		regmon_heavy_t *heavy, uint64_t key, bool *ret_new);

static inline uint16_t *regmon_heavy_chain(
		const regmon_heavy_t *heavy, uint64_t key)
{
	return &heavy->chains[(key * heavy->secret) >> heavy->shift];
}

/* The slot of a value, REGMON_HEAVY_NONE: it has none. */
static inline unsigned regmon_heavy_find(
		const regmon_heavy_t *heavy, uint64_t key)
{
	unsigned slot = *regmon_heavy_chain(heavy, key);

	while(slot != REGMON_HEAVY_NONE && heavy->slots[slot].key != key)
		slot = heavy->slots[slot].next;
	return slot;
}

/* upper bound; minus the slot's error: lower bound */
static inline uint64_t regmon_heavy_counted(
		const regmon_heavy_t *heavy, unsigned slot)
{
	return heavy->blocks[heavy->slots[slot].block].count;
}

/* What a value without a slot may have come to at most. */
static inline uint64_t regmon_heavy_floor(const regmon_heavy_t *heavy)
{
	return heavy->replaced
				   ? regmon_heavy_counted(heavy, heavy->order[heavy->used - 1])
				   : 0;
}

/* Self-check for tests: number of faults. */
unsigned regmon_heavy_check(const regmon_heavy_t *heavy);

#endif
