/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be done about the findings of one REGISTER: which rule decides, and with which answer. */
#ifndef REGMON_GUARD_DECISION_H
#define REGMON_GUARD_DECISION_H

#include "rules/rule.h"

typedef struct regmon_decision
{
	int code;
	regmon_severity_t severity;
	regmon_rule_index_t index;
	const regmon_rule_t *rule;
	str seen; /* the offending text, a slice of the message */
} regmon_decision_t;

/* The worst finding of at least that mode whose rule has an answer; of equals the first. false: none. */
bool regmon_decide(const regmon_findings_t *findings, regmon_mode_t least,
		regmon_decision_t *ret_decision);

/* What ims_regmon_reply() would send; where nothing is enforced, what the worst finding calls for by the standard.
 * false: nothing. */
bool regmon_decide_advice(
		const regmon_findings_t *findings, regmon_decision_t *ret_decision);

#endif
