/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often each rule refused a REGISTER, or would have. In shared memory; touched only where a rule that is not in
 * mode monitor is broken. */
#ifndef REGMON_GUARD_TALLY_H
#define REGMON_GUARD_TALLY_H

#include "guard/decision.h"

typedef struct regmon_tally regmon_tally_t;
regmon_tally_t *regmon_tally_make(void); /* NULL: no memory */
void regmon_tally_free(regmon_tally_t *tally);

/* A REGISTER that is no repetition: each broken rule in mode shadow counts; the REGISTER itself counts among
 * shadow_replies when one of them has an answer and no enforced rule refuses it anyway. */
void regmon_tally_findings(
		regmon_tally_t *tally, const regmon_findings_t *findings);
/* An answer was sent for this rule. */
void regmon_tally_enforced(regmon_tally_t *tally, regmon_rule_index_t rule);

unsigned long regmon_tally_shadow_of(
		const regmon_tally_t *tally, regmon_rule_index_t rule);
unsigned long regmon_tally_enforced_of(
		const regmon_tally_t *tally, regmon_rule_index_t rule);

#endif
