/* SPDX-License-Identifier: GPL-2.0-or-later */
/* $regmon(name) in an event: the event at hand instead of a message. Pure. */
#ifndef REGMON_SHOW_EVENT_VALUE_H
#define REGMON_SHOW_EVENT_VALUE_H

#include "diagnosis/diagnosis.h"
#include "show/outbox.h"

/* The event that a script is told of. */
typedef struct regmon_event_at_hand
{
	const regmon_outgoing_t *outgoing;
	regmon_diagnosis_t diagnosis; /* of the record, when the event happened */
	str json;					  /* all of it */
} regmon_event_at_hand_t;

typedef struct regmon_event_value
{
	bool is_number;
	int64_t number;
	str text; /* into the event, or static */
} regmon_event_value_t;

/* false: this event has no such value. buffer: for values that have to be put together; the value may point into it. */
bool regmon_event_value(const regmon_event_at_hand_t *event, str name,
		regmon_event_value_t *ret_value, char *buffer, int size);

/* The cause to name first: the most certain of those that apply, then by weight. NULL: none applies. The verdict may be
 * NULL though there is a cause. */
const regmon_cause_t *regmon_event_cause(const regmon_event_at_hand_t *event,
		const regmon_verdict_t **ret_verdict);

/* ---- the timeline of an attempt ---- */
/* Index of the first entry of the record's attempt; timeline_n: none is there. is_whole: it is the attempt's first
 * REGISTER, so none was pushed out. */
unsigned regmon_attempt_first_entry(
		const regmon_registration_t *record, bool *ret_is_whole);
/* Indexes of the rules that were the worst finding of a message of the record's attempt, as far as the timeline goes
 * back, each once. Returns how many; at most most. */
unsigned regmon_attempt_findings(const regmon_registration_t *record,
		regmon_rule_index_t *ret_rules, unsigned most);
#define REGMON_ATTEMPT_FINDINGS_MOST 32

#endif
