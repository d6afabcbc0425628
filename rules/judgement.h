/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the stateless rules found in a REGISTER, kept small, so that the next one that gives them the same to judge need
 * not be judged again. A rule that begins to look at one more thing in a header of REGMON_HEADERS_VARYING has to say so
 * in judgement.c: test_rules_judgement looks for what was forgotten. */
#ifndef REGMON_RULES_JUDGEMENT_H
#define REGMON_RULES_JUDGEMENT_H

#include "message/outline.h"
#include "rules/rule.h"

#define REGMON_JUDGEMENT_FINDINGS \
	5 /* with more of them a REGISTER is judged each time */
#define REGMON_JUDGEMENT_RULE_BITS 9

typedef struct regmon_judgement
{
	uint64_t basis; /* what was judged; 0: nothing is kept */
	uint64_t class : 16; /* regmon_class_t */
	uint64_t findings_n : 3;
	uint64_t rules : REGMON_JUDGEMENT_FINDINGS
					 * REGMON_JUDGEMENT_RULE_BITS; /* the first in the lowest bits */
} regmon_judgement_t; /* 16 bytes */

/* The headers that have hashes of their own, as far as the stateless rules look at them: what changes in them with
 * each registration (SPIs, the cell) counts only where it is not as it should be. Both headers are read.
 * 0: not as it should be, to be judged. */
uint32_t regmon_judgement_client_part(
		const regmon_message_t *message, const regmon_outline_secret_t *secret);
uint32_t regmon_judgement_access_part(
		const regmon_message_t *message, const regmon_outline_secret_t *secret);

/* All that the stateless rules of this plan look at in a REGISTER, in one hash. To and the headers of
 * REGMON_HEADERS_VARYING are read, the others need not. 0: its form is unusual, it has to be judged. */
uint64_t regmon_judgement_basis(const regmon_message_t *message,
		const regmon_plan_t *plan, regmon_role_t role,
		const regmon_outline_t *outline, uint32_t client_part,
		uint32_t access_part, const regmon_outline_secret_t *secret);

/* Keeps what was found on this basis, if it can be. */
void regmon_judgement_keep(regmon_judgement_t *judgement, uint64_t basis,
		const regmon_class_t *class, const regmon_findings_t *findings);
/* What regmon_classify() and regmon_rules_judge() would say of a message with the basis of the judgement, but for the
 * offending texts. regmon_judgement_show() adds these for the few who look at them: it completes the message and judges it.
 * What stands behind the findings given may be of other rules. */
void regmon_judgement_give(const regmon_judgement_t *judgement,
		const regmon_plan_t *plan, regmon_class_t *ret_class,
		regmon_findings_t *ret_findings);
void regmon_judgement_show(const regmon_plan_t *plan,
		const regmon_message_t *message, const regmon_class_t *class,
		regmon_findings_t *findings);

/* ---- for judgement.c: the sets' own look at a header, false: no rule of it can be broken ---- */
bool regmon_offers_look_odd(
		const regmon_message_t *message); /* Security-Client */
bool regmon_access_looks_odd(const regmon_message_t *message);
bool regmon_response_looks_odd(
		str response); /* not 32 digits in small letters */

#endif
