/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the SIP message that this process works on: read once by the hook, looked at by $regmon(...),
 * ims_regmon_check() and their KEMI twins. */
#ifndef REGMON_SHOW_CURRENT_H
#define REGMON_SHOW_CURRENT_H

#include "core/parser/msg_parser.h"

#include "registration/table.h"
#include "rules/rule.h"

typedef struct regmon_current
{
	unsigned message_id; /* Kamailio's msg->id */
	const char *buffer;	 /* msg->buf it was read from */
	uint64_t text_hash;	 /* of a message that no hook read; 0: a hook did */
	bool observed;		 /* the table has seen it; else it was only read for show */
	bool looked_up;		 /* outcome was filled from the record, for show */
	regmon_message_t message;
	regmon_class_t class;
	regmon_findings_t findings;
	bool texts_missing; /* of findings: what was found came from memory */
	regmon_outcome_t outcome;
} regmon_current_t;

/* A place to read the next message into: static, one per process. Emptied. */
regmon_current_t *regmon_current_start(struct sip_msg *msg);

/* What the hook has read of this message, NULL when it did not. For those who need no more than who it is from: headers
 * may be unread in it (regmon_table_recall). */
const regmon_current_t *regmon_current_observed(struct sip_msg *msg);

/* What is known of this message. If the hook has not read it in this process (onreply_route, failure_route, another
 * process after t_continue), it is read and judged now, without counting it anywhere. NULL: no REGISTER and no answer
 * to one. */
const regmon_current_t *regmon_current_of(struct sip_msg *msg);

/* How its registration stands. Of a message that no hook has read the record is looked up by Call-ID, once. NULL:
 * nothing is remembered. */
const regmon_outcome_t *regmon_current_outcome(struct sip_msg *msg);

#endif
