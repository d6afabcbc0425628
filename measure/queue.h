/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ended attempts on their way from the worker that saw them end to whoever counts them: a ring that all processes write
 * without a lock (after Vyukov's bounded queue), so that a worker pays for one copy, not for the counting. One process
 * at a time takes out; a lock of the caller sees to that. */
#ifndef REGMON_MEASURE_QUEUE_H
#define REGMON_MEASURE_QUEUE_H

#include <stddef.h>

#include "registration/events.h"

#define REGMON_QUEUE_MOST 2048 /* a power of two */

/* What counting (traits.c) needs of a record: the access type, so many bytes from FROM on, and the strings from the first
 * to the last, which stand together. They are copied close together, because each line of memory costs more than to count. */
#define REGMON_QUEUE_FROM offsetof(regmon_registration_t, attempt)
#define REGMON_QUEUE_FIXED \
	(offsetof(regmon_registration_t, strings) - REGMON_QUEUE_FROM)
#define REGMON_QUEUE_FIRST_STRING REGMON_STRING_INSTANCE
#define REGMON_QUEUE_LAST_STRING REGMON_STRING_DEVICE

typedef struct regmon_queue_entry
{
	uint64_t turn; /* whose turn it is: place + number of times round when it is free, one more when it is filled */
	uint8_t type;  /* regmon_event_type_t */
	uint8_t access;
	char fixed[REGMON_QUEUE_FIXED];
	char strings[REGMON_STRINGS_BYTES];
} regmon_queue_entry_t;

typedef struct regmon_queue
{
	uint64_t put;
	char apart[120]; /* those who put in and the one who takes out share no cache line */
	uint64_t taken;
	regmon_queue_entry_t entries[REGMON_QUEUE_MOST];
} regmon_queue_t;

/* from shared memory, NULL: none */
regmon_queue_t *regmon_queue_make(void);
void regmon_queue_free(regmon_queue_t *queue);

/* A copy of what the event brings of its record. False: the queue is full. */
bool regmon_queue_put(regmon_queue_t *queue, const regmon_event_t *event);

/* The oldest one, of which only the fields that were kept are filled; it holds until the next call in this process.
 * NULL: there is none. */
const regmon_registration_t *regmon_queue_take(
		regmon_queue_t *queue, regmon_event_type_t *ret_type);

#endif
