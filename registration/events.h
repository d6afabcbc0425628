/* SPDX-License-Identifier: GPL-2.0-or-later */
/* News that travels upward: the table tells, higher folders listen. Told after the lock is released. */
#ifndef REGMON_REGISTRATION_EVENTS_H
#define REGMON_REGISTRATION_EVENTS_H

#include "registration/registration.h"

typedef enum regmon_event_type
{
	REGMON_EVENT_REQUEST,		 /* a REGISTER of a phone, retransmissions not counted */
	REGMON_EVENT_RETRANSMISSION, /* a REGISTER again */
	REGMON_EVENT_ANSWER,		 /* an answer went to the phone: code */
	REGMON_EVENT_NOT_SENT,		 /* an answer could not be sent */
	REGMON_EVENT_ATTEMPT_OPENED,
	REGMON_EVENT_ATTEMPT_ENDED,
	REGMON_EVENT_STATE_CHANGED,
	REGMON_EVENT_FINDING, /* one for each finding of a message */
	REGMON_EVENT_CAUSE,	  /* the set of causes changed */
	REGMON_EVENT_EVICTED, /* a record had to go for another */
	REGMON_EVENT_DROPPED, /* no memory for a record: the message was not remembered */
	REGMON_EVENTS_N
} regmon_event_type_t;

typedef struct regmon_event
{
	regmon_event_type_t type;
	int64_t now_ms;
	int code;				   /* ANSWER, ATTEMPT_ENDED, NOT_SENT */
	bool success_taken_back;   /* NOT_SENT: the attempt had been told as a success */
	regmon_state_t from, to;   /* STATE_CHANGED */
	regmon_rule_index_t rule;  /* FINDING */
	regmon_severity_t severity; /* FINDING */
	uint64_t causes_before, causes_after; /* CAUSE */
	uint8_t access; /* regmon_access_t */
	/* The record that this is about, a copy that is there while the listeners are told; ATTEMPT_ENDED, and CAUSE that
	 * comes with it: as it stood when the attempt ended, the others: after the message. NULL: there is none, or nobody
	 * wants records with this type. */
	const regmon_registration_t *registration;
	/* last, and only there in ATTEMPT_*, NOT_SENT, EVICTED: copy; open ones of EVICTED end unseen */
	regmon_attempt_t attempt;
} regmon_event_t;

typedef void (*regmon_event_listener_f)(const regmon_event_t *event, void *context);

/* Before the processes are forked. types: bits 1 << REGMON_EVENT_*. Returns -1 when there is no room for one
 * more listener. */
int regmon_events_listen(
		unsigned types, regmon_event_listener_f listener, void *context);
/* The same, and the event brings the record: each costs a copy under the slot's lock. */
int regmon_events_listen_with_record(
		unsigned types, regmon_event_listener_f listener, void *context);
/* of these types, which somebody wants with the record */
unsigned regmon_events_wanting_record(unsigned types);
void regmon_events_tell(const regmon_event_t *event);
void regmon_events_forget_listeners(void); /* tests */

#endif
