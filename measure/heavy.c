/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Space-Saving with an order that is kept while counting. */
#include "measure/heavy.h"

#include <string.h>

/* twice as many chains as slots, a power of two */
static unsigned chain_bits(unsigned size)
{
	unsigned bits = 3;

	while((1u << bits) < 2 * size)
		bits++;
	return bits;
}

static size_t aligned(size_t bytes)
{
	return (bytes + 7) & ~(size_t)7;
}

size_t regmon_heavy_bytes(unsigned size)
{
	return sizeof(regmon_heavy_t) + size * sizeof(regmon_heavy_slot_t)
		   + size * sizeof(regmon_heavy_block_t)
		   + aligned(size * sizeof(uint16_t))
		   + aligned(sizeof(uint16_t) << chain_bits(size));
}

void regmon_heavy_start(regmon_heavy_t *heavy, unsigned size, uint64_t secret)
{
	heavy->secret = secret | 1;
	heavy->size = (uint16_t)size;
	heavy->shift = (uint16_t)(64 - chain_bits(size));
	heavy->slots = (regmon_heavy_slot_t *)(heavy + 1);
	heavy->blocks = (regmon_heavy_block_t *)(heavy->slots + size);
	heavy->order = (uint16_t *)(heavy->blocks + size);
	heavy->chains = (uint16_t *)((char *)heavy->order
								 + aligned(size * sizeof(uint16_t)));
	regmon_heavy_clear(heavy);
}

void regmon_heavy_clear(regmon_heavy_t *heavy)
{
	unsigned i;

	heavy->used = 0;
	heavy->replaced = 0;
	heavy->free_block = 0;
	for(i = 0; i < heavy->size; i++)
		heavy->blocks[i] = (regmon_heavy_block_t){0, (uint16_t)(i + 1), 0};
	/* all bytes of REGMON_HEAVY_NONE are the same */
	memset(heavy->chains, 0xff, sizeof(uint16_t) << (64 - heavy->shift));
}

static unsigned take_block(
		regmon_heavy_t *heavy, uint64_t count, unsigned first)
{
	unsigned taken = heavy->free_block;

	heavy->free_block = heavy->blocks[taken].first;
	heavy->blocks[taken] = (regmon_heavy_block_t){count, (uint16_t)first, 1};
	return taken;
}

static void give_block(regmon_heavy_t *heavy, unsigned block)
{
	heavy->blocks[block] = (regmon_heavy_block_t){0, heavy->free_block, 0};
	heavy->free_block = (uint16_t)block;
}

/* the block that stands before this rank, when its count is the wanted one */
static inline unsigned block_before(
		const regmon_heavy_t *heavy, unsigned rank, uint64_t count)
{
	unsigned block;

	if(rank == 0)
		return REGMON_HEAVY_NONE;
	block = heavy->slots[heavy->order[rank - 1]].block;
	return heavy->blocks[block].count == count ? block : REGMON_HEAVY_NONE;
}

/* The slot becomes the first of its block, and leaves it for the next higher count. */
static void leave_block(
		regmon_heavy_t *heavy, regmon_heavy_slot_t *slot, unsigned number)
{
	regmon_heavy_block_t *block = &heavy->blocks[slot->block];
	unsigned first = block->first, higher, other = heavy->order[first];
	uint64_t count = block->count + 1;

	heavy->slots[other].rank = slot->rank;
	heavy->order[slot->rank] = (uint16_t)other;
	slot->rank = (uint16_t)first;
	heavy->order[first] = (uint16_t)number;
	higher = block_before(heavy, first, count);
	block->first++;
	block->n--;
	if(higher == REGMON_HEAVY_NONE) {
		/* one is free: there are as many as slots, and this one was not alone */
		slot->block = (uint16_t)take_block(heavy, count, first);
		return;
	}
	heavy->blocks[higher].n++;
	slot->block = (uint16_t)higher;
}

static inline void one_more(regmon_heavy_t *heavy, unsigned number)
{
	regmon_heavy_slot_t *slot = &heavy->slots[number];
	regmon_heavy_block_t *block = &heavy->blocks[slot->block];
	unsigned higher;

	if(block->n > 1) {
		leave_block(heavy, slot, number);
		return;
	}
	higher = block_before(heavy, slot->rank, block->count + 1);
	if(higher == REGMON_HEAVY_NONE) {
		block->count++; /* as mostly: who is frequent stands alone */
		return;
	}
	give_block(heavy, slot->block);
	heavy->blocks[higher].n++;
	slot->block = (uint16_t)higher;
}

static void chain(regmon_heavy_t *heavy, unsigned number, uint64_t key)
{
	uint16_t *first = regmon_heavy_chain(heavy, key);

	heavy->slots[number].key = key;
	heavy->slots[number].next = *first;
	*first = (uint16_t)number;
}

static void unchain(regmon_heavy_t *heavy, unsigned number)
{
	uint16_t *link = regmon_heavy_chain(heavy, heavy->slots[number].key);

	while(*link != number)
		link = &heavy->slots[*link].next;
	*link = heavy->slots[number].next;
}

static unsigned first_of(regmon_heavy_t *heavy, uint64_t key)
{
	unsigned number = heavy->used, lowest;
	regmon_heavy_slot_t *slot;

	if(number == heavy->size) {
		number = heavy->order[number - 1];
		unchain(heavy, number);
		chain(heavy, number, key);
		heavy->slots[number].error = regmon_heavy_counted(heavy, number);
		heavy->replaced++;
		one_more(heavy, number);
		return number;
	}
	heavy->used++;
	slot = &heavy->slots[number];
	chain(heavy, number, key);
	slot->error = 0;
	slot->rank = (uint16_t)number;
	heavy->order[number] = (uint16_t)number;
	lowest = block_before(heavy, number, 1);
	if(lowest == REGMON_HEAVY_NONE) {
		slot->block = (uint16_t)take_block(heavy, 1, number);
	} else {
		heavy->blocks[lowest].n++;
		slot->block = (uint16_t)lowest;
	}
	return number;
}

unsigned regmon_heavy_count(regmon_heavy_t *heavy, uint64_t key, bool *ret_new)
{
	unsigned slot = regmon_heavy_find(heavy, key);

	*ret_new = slot == REGMON_HEAVY_NONE;
	if(*ret_new)
		return first_of(heavy, key);
	one_more(heavy, slot);
	return slot;
}

static unsigned check_blocks(const regmon_heavy_t *heavy)
{
	unsigned faults = 0, rank = 0, i, blocks = 0, n;
	uint64_t before = UINT64_MAX;

	while(rank < heavy->used) {
		unsigned number = heavy->slots[heavy->order[rank]].block;
		const regmon_heavy_block_t *block = &heavy->blocks[number];

		faults += block->first != rank || block->n == 0
				  || block->count >= before || rank + block->n > heavy->used;
		n = block->n ? block->n : 1;
		for(i = rank; i < rank + n && i < heavy->used; i++)
			faults += heavy->slots[heavy->order[i]].block != number
					  || heavy->slots[heavy->order[i]].rank != i;
		before = block->count;
		rank += n;
		blocks++;
	}
	for(i = heavy->free_block; i < heavy->size; i = heavy->blocks[i].first)
		if(++blocks > heavy->size)
			return faults + 1;
	return faults + (blocks != heavy->size);
}

unsigned regmon_heavy_check(const regmon_heavy_t *heavy)
{
	unsigned faults = check_blocks(heavy), i;

	for(i = 0; i < heavy->used; i++) {
		faults += regmon_heavy_find(heavy, heavy->slots[i].key) != i;
		faults += heavy->slots[i].error >= regmon_heavy_counted(heavy, i);
	}
	return faults;
}
