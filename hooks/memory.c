/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module's side of registration/memory.h: Kamailio's shared memory and locks. */
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#include <string.h>

#include "registration/memory.h"

struct regmon_lock
{
	gen_lock_t lock;
};

void *regmon_memory_get(size_t bytes)
{
	void *block = shm_malloc(bytes);

	if(block)
		memset(block, 0, bytes);
	return block;
}

void regmon_memory_put(void *block)
{
	if(block)
		shm_free(block);
}

size_t regmon_memory_free_bytes(void)
{
	return shm_available();
}

regmon_lock_t *regmon_locks_make(unsigned count)
{
	regmon_lock_t *locks = regmon_memory_get(count * sizeof(*locks));
	unsigned i;

	for(i = 0; locks && i < count; i++)
		if(lock_init(&locks[i].lock) == NULL) {
			regmon_locks_free(locks, i);
			return NULL;
		}
	return locks;
}

void regmon_locks_free(regmon_lock_t *locks, unsigned count)
{
	while(count-- > 0)
		lock_destroy(&locks[count].lock);
	regmon_memory_put(locks);
}

void regmon_lock_get(regmon_lock_t *locks, unsigned index)
{
	lock_get(&locks[index].lock);
}

void regmon_lock_put(regmon_lock_t *locks, unsigned index)
{
	lock_release(&locks[index].lock);
}
