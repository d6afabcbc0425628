/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only door of the pure folders to shared memory and locks. The module stands behind it with Kamailio's
 * (hooks/memory.c), tests with their own that count blocks, fail on demand and check the locks. */
#ifndef REGMON_REGISTRATION_MEMORY_H
#define REGMON_REGISTRATION_MEMORY_H

#include <stddef.h>

/* Shared memory, zeroed; NULL when there is none left. Quiet: the caller counts. */
void *regmon_memory_get(size_t bytes);
void regmon_memory_put(void *block);
/* what is left of all shared memory */
size_t regmon_memory_free_bytes(void);

/* An array of locks in shared memory. Never two of one array at a time. */
typedef struct regmon_lock regmon_lock_t;
regmon_lock_t *regmon_locks_make(unsigned count); /* NULL when there is no memory */
void regmon_locks_free(regmon_lock_t *locks, unsigned count);
void regmon_lock_get(regmon_lock_t *locks, unsigned index);
void regmon_lock_put(regmon_lock_t *locks, unsigned index);

#endif
