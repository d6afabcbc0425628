/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leaves this node as events and records: a bounded queue in shared memory. Whoever works on a message puts copies
 * in and never waits; one process takes them out and may take its time. What finds no room is dropped and counted. */
#ifndef REGMON_SHOW_OUTBOX_H
#define REGMON_SHOW_OUTBOX_H

#include "registration/events.h"

/* The names are those of event_route[ims_regmon:NAME] and stable. */
#define REGMON_OUTGOINGS(X)                                          \
	X(STATE, "state")	  /* the state of a registration changed */  \
	X(FINDING, "finding") /* a rule was broken, warning and above */ \
	X(CAUSE, "cause")	  /* other causes apply than before */       \
	X(RECORD, "record")	  /* an attempt ended */
typedef enum regmon_outgoing_kind
{
#define X(id, name) REGMON_OUTGOING_##id,
	REGMON_OUTGOINGS(X)
#undef X
	REGMON_OUTGOINGS_N
} regmon_outgoing_kind_t;
#define REGMON_OUTGOING_ALL ((1u << REGMON_OUTGOINGS_N) - 1)
const char *regmon_outgoing_name(regmon_outgoing_kind_t kind);

/* One entry of the queue. */
typedef struct regmon_outgoing
{
	uint64_t turn;	/* whose turn it is: the queue's own */
	int64_t now_ms; /* when it happened */
	uint64_t causes_before, causes_after; /* CAUSE */
	uint16_t rule;						  /* FINDING */
	uint8_t severity;					  /* FINDING */
	uint8_t kind;						  /* regmon_outgoing_kind_t */
	uint8_t state_before, state_after;	  /* STATE */
	/* RECORD: the attempt was told as a success before; then it turned out that the answer could not be sent */
	bool correction;
	regmon_registration_t record; /* a copy, its timeline behind it */
} regmon_outgoing_t;

typedef struct regmon_outbox regmon_outbox_t;

/* A queue of so many entries for records of that size (regmon_table_record_size()). NULL: no shared memory. */
regmon_outbox_t *regmon_outbox_make(unsigned entries, size_t record_size);
void regmon_outbox_free(regmon_outbox_t *outbox);
/* the same in memory of the caller, of regmon_outbox_bytes() bytes, zeroed and aligned to 64 */
size_t regmon_outbox_bytes(unsigned entries, size_t record_size);
regmon_outbox_t *regmon_outbox_place(
		void *memory, unsigned entries, size_t record_size);

/* ---- those who put in: any process, no lock held ---- */
/* Subscribes to the table's events. kinds: bits 1 << REGMON_OUTGOING_*. -1: no room for one more listener. */
int regmon_outbox_listen(regmon_outbox_t *outbox, unsigned kinds);
/* Copies the event and its record. Takes no lock and waits for nobody. false: the queue is full, the entry was dropped
 * and counted. */
bool regmon_outbox_put(regmon_outbox_t *outbox, regmon_outgoing_kind_t kind,
		const regmon_event_t *event);

/* ---- the one that takes out ---- */
/* The oldest entry, which stays in its place; NULL: there is none. Entries of one phone may change places when two
 * processes work on its messages at the same time. */
const regmon_outgoing_t *regmon_outbox_first(regmon_outbox_t *outbox);
/* It is done with: its place is free. */
void regmon_outbox_taken(regmon_outbox_t *outbox);

/* ---- numbers since the start ---- */
/* what became of the entries taken out; written by that process alone */
typedef struct regmon_deliveries
{
	uint64_t records_written, record_write_errors;
	uint64_t cause_lines, cause_lines_suppressed;
} regmon_deliveries_t;
regmon_deliveries_t *regmon_outbox_deliveries(regmon_outbox_t *outbox);

typedef struct regmon_outbox_numbers
{
	unsigned entries; /* that fit */
	uint64_t queued, dropped, waiting;
	uint64_t dropped_records; /* of those dropped */
	regmon_deliveries_t deliveries;
} regmon_outbox_numbers_t;
void regmon_outbox_count(
		const regmon_outbox_t *outbox, regmon_outbox_numbers_t *ret_numbers);

#endif
