/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue: a ring in which each place says whose turn it is (D. Vyukov's bounded queue, with one reader). A writer
 * takes a place by one compare-and-swap, copies, and hands the place to the reader; nobody ever waits for another. A
 * place that a slow writer still fills looks like a full queue to writers that come round to it, and like an empty one
 * to the reader. */
#include "show/outbox.h"

#include "measure/counters.h"
#include "registration/memory.h"

#define CACHE_LINE 64

struct regmon_outbox
{
	/* read only after the start */
	unsigned entries;
	unsigned kinds;
	size_t place_size;
	char *places;
	/* moved by the writers */
	uint64_t tail __attribute__((aligned(CACHE_LINE)));
	/* moved by the reader */
	uint64_t head __attribute__((aligned(CACHE_LINE)));
	regmon_deliveries_t deliveries;
	/* counted by writers in trouble */
	uint64_t dropped[REGMON_OUTGOINGS_N] __attribute__((aligned(CACHE_LINE)));
};

const char *regmon_outgoing_name(regmon_outgoing_kind_t kind)
{
	static const char *const names[] = {
#define X(id, name) name,
			REGMON_OUTGOINGS(X)
#undef X
	};

	return kind < REGMON_OUTGOINGS_N ? names[kind] : "?";
}

static size_t to_lines(size_t bytes)
{
	return (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

static size_t place_size(size_t record_size)
{
	return to_lines(offsetof(regmon_outgoing_t, record) + record_size);
}

size_t regmon_outbox_bytes(unsigned entries, size_t record_size)
{
	return sizeof(regmon_outbox_t) + entries * place_size(record_size);
}

static regmon_outgoing_t *place_at(const regmon_outbox_t *outbox, uint64_t turn)
{
	return (regmon_outgoing_t *)(outbox->places
								 + turn % outbox->entries * outbox->place_size);
}

regmon_outbox_t *regmon_outbox_place(
		void *memory, unsigned entries, size_t record_size)
{
	regmon_outbox_t *outbox = memory;
	unsigned i;

	outbox->entries = entries;
	outbox->place_size = place_size(record_size);
	outbox->places = (char *)(outbox + 1);
	for(i = 0; i < entries; i++)
		place_at(outbox, i)->turn = i;
	return outbox;
}

/* The block of shared memory begins anywhere; where it really began stands in front of the outbox. */
regmon_outbox_t *regmon_outbox_make(unsigned entries, size_t record_size)
{
	char *block = regmon_memory_get(
			regmon_outbox_bytes(entries, record_size) + 2 * CACHE_LINE);
	char *memory;

	if(block == NULL)
		return NULL;
	memory = (char *)to_lines((size_t)block + sizeof(void *));
	((void **)(void *)memory)[-1] = block;
	return regmon_outbox_place(memory, entries, record_size);
}

void regmon_outbox_free(regmon_outbox_t *outbox)
{
	if(outbox)
		regmon_memory_put(((void **)(void *)outbox)[-1]);
}

/* ---- putting in ---- */

static void fill(regmon_outgoing_t *place, regmon_outgoing_kind_t kind,
		const regmon_event_t *event)
{
	place->now_ms = event->now_ms;
	place->kind = (uint8_t)kind;
	place->causes_before = event->causes_before;
	place->causes_after = event->causes_after;
	place->rule = (uint16_t)event->rule;
	place->severity = (uint8_t)event->severity;
	place->state_before = (uint8_t)event->from;
	place->state_after = (uint8_t)event->to;
	place->correction = event->type == REGMON_EVENT_NOT_SENT;
	regmon_registration_copy(event->registration, &place->record);
}

bool regmon_outbox_put(regmon_outbox_t *outbox, regmon_outgoing_kind_t kind,
		const regmon_event_t *event)
{
	uint64_t turn = __atomic_load_n(&outbox->tail, __ATOMIC_RELAXED);
	regmon_outgoing_t *place;
	int64_t ahead;

	for(;;) {
		place = place_at(outbox, turn);
		ahead = (int64_t)(__atomic_load_n(&place->turn, __ATOMIC_ACQUIRE)
						  - turn);
		if(ahead < 0) {
			__atomic_fetch_add(&outbox->dropped[kind], 1, __ATOMIC_RELAXED);
			regmon_counters_add(REGMON_COUNTER_events_dropped, 1);
			return false;
		}
		if(ahead > 0)
			turn = __atomic_load_n(&outbox->tail, __ATOMIC_RELAXED);
		else if(__atomic_compare_exchange_n(&outbox->tail, &turn, turn + 1,
						true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			break;
	}
	fill(place, kind, event);
	__atomic_store_n(&place->turn, turn + 1, __ATOMIC_RELEASE);
	regmon_counters_add(REGMON_COUNTER_events_queued, 1);
	return true;
}

static void on_event(const regmon_event_t *event, void *context)
{
	regmon_outgoing_kind_t kind;

	switch(event->type) {
		case REGMON_EVENT_STATE_CHANGED:
			kind = REGMON_OUTGOING_STATE;
			break;
		case REGMON_EVENT_FINDING:
			if(event->severity < REGMON_WARNING)
				return;
			kind = REGMON_OUTGOING_FINDING;
			break;
		case REGMON_EVENT_CAUSE:
			kind = REGMON_OUTGOING_CAUSE;
			break;
		case REGMON_EVENT_NOT_SENT:
			if(!event->success_taken_back)
				return;
			kind = REGMON_OUTGOING_RECORD;
			break;
		default:
			kind = REGMON_OUTGOING_RECORD;
	}
	if(event->registration != NULL)
		regmon_outbox_put(context, kind, event);
}

int regmon_outbox_listen(regmon_outbox_t *outbox, unsigned kinds)
{
	static const unsigned types[REGMON_OUTGOINGS_N] = {
			[REGMON_OUTGOING_STATE] = 1u << REGMON_EVENT_STATE_CHANGED,
			[REGMON_OUTGOING_FINDING] = 1u << REGMON_EVENT_FINDING,
			[REGMON_OUTGOING_CAUSE] = 1u << REGMON_EVENT_CAUSE,
			[REGMON_OUTGOING_RECORD] = 1u << REGMON_EVENT_ATTEMPT_ENDED
									   | 1u << REGMON_EVENT_NOT_SENT};
	unsigned kind, wanted = 0;

	for(kind = 0; kind < REGMON_OUTGOINGS_N; kind++)
		if(kinds & (1u << kind))
			wanted |= types[kind];
	return regmon_events_listen_with_record(wanted, on_event, outbox);
}

/* ---- taking out ---- */

const regmon_outgoing_t *regmon_outbox_first(regmon_outbox_t *outbox)
{
	const regmon_outgoing_t *place = place_at(outbox, outbox->head);

	return __atomic_load_n(&place->turn, __ATOMIC_ACQUIRE) == outbox->head + 1
				   ? place
				   : NULL;
}

void regmon_outbox_taken(regmon_outbox_t *outbox)
{
	regmon_outgoing_t *place = place_at(outbox, outbox->head);

	__atomic_store_n(
			&place->turn, outbox->head + outbox->entries, __ATOMIC_RELEASE);
	__atomic_store_n(&outbox->head, outbox->head + 1, __ATOMIC_RELAXED);
}

/* ---- numbers ---- */

regmon_deliveries_t *regmon_outbox_deliveries(regmon_outbox_t *outbox)
{
	return &outbox->deliveries;
}

void regmon_outbox_count(
		const regmon_outbox_t *outbox, regmon_outbox_numbers_t *ret_numbers)
{
	/* in this order waiting is never negative */
	uint64_t head = __atomic_load_n(&outbox->head, __ATOMIC_ACQUIRE);
	unsigned kind;

	memset(ret_numbers, 0, sizeof(*ret_numbers));
	ret_numbers->entries = outbox->entries;
	ret_numbers->queued = __atomic_load_n(&outbox->tail, __ATOMIC_RELAXED);
	ret_numbers->waiting = ret_numbers->queued - head;
	for(kind = 0; kind < REGMON_OUTGOINGS_N; kind++)
		ret_numbers->dropped +=
				__atomic_load_n(&outbox->dropped[kind], __ATOMIC_RELAXED);
	ret_numbers->dropped_records = __atomic_load_n(
			&outbox->dropped[REGMON_OUTGOING_RECORD], __ATOMIC_RELAXED);
	ret_numbers->deliveries = outbox->deliveries;
}
