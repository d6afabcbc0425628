/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bounded ring with many writers. */
#include "measure/queue.h"

#include "registration/memory.h"

#define IS_KEPT(field)                                                   \
	_Static_assert(                                                      \
			offsetof(regmon_registration_t, field) >= REGMON_QUEUE_FROM  \
					&& offsetof(regmon_registration_t, field)            \
							   < REGMON_QUEUE_FROM + REGMON_QUEUE_FIXED, \
			#field " is not kept")
IS_KEPT(causes);
IS_KEPT(received_port);
IS_KEPT(offered_algs);
IS_KEPT(offered_ealgs);
IS_KEPT(string_end);

/* Of any other string nothing is kept: what stands in its place is another phone's. */
#define IS_KEPT_STRING(id)                                              \
	_Static_assert(REGMON_STRING_##id >= REGMON_QUEUE_FIRST_STRING      \
						   && REGMON_STRING_##id                        \
									  <= REGMON_QUEUE_LAST_STRING,      \
			#id " is not kept")
IS_KEPT_STRING(INSTANCE);
IS_KEPT_STRING(PLMN);
IS_KEPT_STRING(TAC);
IS_KEPT_STRING(CELL);
IS_KEPT_STRING(DEVICE);

static int kept_strings(
		const regmon_registration_t *registration, int *ret_length)
{
	int from = registration->string_end[REGMON_QUEUE_FIRST_STRING - 1];

	*ret_length = registration->string_end[REGMON_QUEUE_LAST_STRING] - from;
	return from;
}

regmon_queue_t *regmon_queue_make(void)
{
	regmon_queue_t *queue = regmon_memory_get(sizeof(*queue));
	uint64_t i;

	for(i = 0; queue && i < REGMON_QUEUE_MOST; i++)
		queue->entries[i].turn = i;
	return queue;
}

void regmon_queue_free(regmon_queue_t *queue)
{
	regmon_memory_put(queue);
}

bool regmon_queue_put(regmon_queue_t *queue, const regmon_event_t *event)
{
	const regmon_registration_t *registration = event->registration;
	uint64_t place = __atomic_load_n(&queue->put, __ATOMIC_RELAXED);
	regmon_queue_entry_t *entry;
	int64_t ahead;
	int from, length;

	for(;;) {
		entry = &queue->entries[place % REGMON_QUEUE_MOST];
		ahead = (int64_t)(__atomic_load_n(&entry->turn, __ATOMIC_ACQUIRE)
						  - place);
		if(ahead < 0)
			return false; /* still filled from last time round */
		if(ahead > 0)
			place = __atomic_load_n(&queue->put, __ATOMIC_RELAXED);
		else if(__atomic_compare_exchange_n(&queue->put, &place, place + 1,
						true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			break;
	}
	entry->type = (uint8_t)event->type;
	entry->access = registration->last_access;
	memcpy(entry->fixed, (const char *)registration + REGMON_QUEUE_FROM,
			REGMON_QUEUE_FIXED);
	from = kept_strings(registration, &length);
	memcpy(entry->strings, registration->strings + from, (size_t)length);
	__atomic_store_n(&entry->turn, place + 1, __ATOMIC_RELEASE);
	return true;
}

const regmon_registration_t *regmon_queue_take(
		regmon_queue_t *queue, regmon_event_type_t *ret_type)
{
	static regmon_registration_t taken;
	uint64_t place = queue->taken;
	regmon_queue_entry_t *entry = &queue->entries[place % REGMON_QUEUE_MOST];
	int from, length;

	if(__atomic_load_n(&entry->turn, __ATOMIC_ACQUIRE) != place + 1)
		return NULL;
	*ret_type = (regmon_event_type_t)entry->type;
	taken.last_access = entry->access;
	memcpy((char *)&taken + REGMON_QUEUE_FROM, entry->fixed, REGMON_QUEUE_FIXED);
	from = kept_strings(&taken, &length);
	memcpy(taken.strings + from, entry->strings, (size_t)length);
	queue->taken = place + 1;
	__atomic_store_n(&entry->turn, place + REGMON_QUEUE_MOST, __ATOMIC_RELEASE);
	return &taken;
}
