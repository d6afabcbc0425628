/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages of a registration and what is around it, told for a reader: what each is for, who sends it when, what
 * comes before and after it, under which security, and what goes wrong with it. Pure tables: ims_regmon.explain,
 * ims_regmon.decode and doc/messages.md all come from them. */
#ifndef REGMON_SHOW_MESSAGES_H
#define REGMON_SHOW_MESSAGES_H

#include "message/classify.h"
#include "rules/rule.h"

typedef struct regmon_trouble
{
	const char *seen; /* by what one meets it */
	const char *cause, *inspect, *next_step;
} regmon_trouble_t;

#define REGMON_MAX_TROUBLES 4

/* One request or one answer. Every text but those marked is there. */
typedef struct regmon_explained
{
	const char *word; /* by which it is asked for: "REGISTER", "401" */
	const char *also; /* other words for it, comma separated; NULL: none */
	int code;		  /* of an answer, 0: a request. 600 stands for all 6xx */
	const char *name; /* full name */
	const char *type; /* "SIP request method" */
	const char *protocol, *technology, *deployment;
	const char *direction, *interface, *bearer;
	const char *trigger; /* who sends it, and when */
	const char *purpose;
	const char *
			differs; /* from REGISTER; NULL for REGISTER itself and for answers */
	const char *position, *typical_state, *preconditions;
	const char *previous, *next;
	const char *security;
	const char *procedures;
	const char *carries; /* the headers to read, and the body */
	const char *phone;	 /* what the phone does with it, or because of it */
	const char *clause, *release;
	regmon_confidence_t confidence;
	const char *doubt; /* what is not sure about it; NULL: nothing */
	const char *
			causes; /* ids of causes in which it plays a part, comma separated; NULL: none */
	const char *example; /* lines ended by \n; NULL: none */
	regmon_trouble_t
			troubles[REGMON_MAX_TROUBLES]; /* as many as have a cause */
} regmon_explained_t;

/* A REGISTER in one place of the call flow, or a whole procedure with its steps. */
typedef struct regmon_flow
{
	const char *word; /* "first-register", "vonr-registration" */
	const char *also; /* as above */
	const char *name;
	const char *position, *typical_state, *preconditions;
	const char *previous, *next;
	const char *security;
	const char *clause;
	const char *
			steps; /* of a procedure: lines ended by \n; NULL: a single message */
	regmon_trouble_t troubles[REGMON_MAX_TROUBLES];
} regmon_flow_t;

typedef struct regmon_explained_set
{
	const regmon_explained_t *list;
	unsigned n;
} regmon_explained_set_t;
extern const regmon_explained_set_t regmon_explained_requests,
		regmon_explained_challenges, regmon_explained_refusals,
		regmon_explained_failures;

unsigned regmon_explained_n(void);
const regmon_explained_t *regmon_explained_at(unsigned index);
/* By word, name or one of the other words; case does not matter, '-', '_' and a space are the same. NULL: unknown. */
const regmon_explained_t *regmon_explained_find(str word);
/* The record of an answer. A code without one of its own is given that of its class, as RFC 3261 8.1.3.2 lets the
 * phone take it; NULL: no SIP code. */
const regmon_explained_t *regmon_explained_code(int code);

unsigned regmon_flows_n(void);
const regmon_flow_t *regmon_flow_at(unsigned index);
const regmon_flow_t *regmon_flow_find(str word);
/* the place of a REGISTER; NULL for an answer */
const regmon_flow_t *regmon_flow_of(
		const regmon_message_t *message, const regmon_class_t *class);

/* what its confidence means, in words */
const char *regmon_explained_basis(const regmon_explained_t *explained);

/* Are these the same word? As regmon_explained_find() compares. */
bool regmon_same_word(str word, const char *known);
/* Is it one of a comma separated list? */
bool regmon_word_in(str word, const char *list);

#endif
