/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts per rule: atomics, no lock. A rule keeps its index for the whole run, so a reload leaves them as they are. */
#include "guard/tally.h"

#include "measure/counters.h"
#include "registration/memory.h"

struct regmon_tally
{
	unsigned long shadow[REGMON_MAX_RULES];
	unsigned long enforced[REGMON_MAX_RULES];
};

regmon_tally_t *regmon_tally_make(void)
{
	return regmon_memory_get(sizeof(regmon_tally_t));
}

void regmon_tally_free(regmon_tally_t *tally)
{
	regmon_memory_put(tally);
}

static void add(unsigned long *counts, regmon_rule_index_t rule)
{
	if(rule < REGMON_MAX_RULES)
		__atomic_fetch_add(&counts[rule], 1, __ATOMIC_RELAXED);
}

static unsigned long count_of(
		const unsigned long *counts, regmon_rule_index_t rule)
{
	return rule < REGMON_MAX_RULES
				   ? __atomic_load_n(&counts[rule], __ATOMIC_RELAXED)
				   : 0;
}

void regmon_tally_findings(
		regmon_tally_t *tally, const regmon_findings_t *findings)
{
	regmon_decision_t decision;
	bool any = false;
	unsigned i;

	for(i = 0; i < findings->n; i++) {
		if(findings->list[i].mode != REGMON_MODE_SHADOW)
			continue;
		add(tally->shadow, findings->list[i].rule);
		any = true;
	}
	if(any && regmon_decide(findings, REGMON_MODE_SHADOW, &decision)
			&& !regmon_decide(findings, REGMON_MODE_ENFORCE, &decision))
		regmon_counters_add(REGMON_COUNTER_shadow_replies, 1);
}

void regmon_tally_enforced(regmon_tally_t *tally, regmon_rule_index_t rule)
{
	add(tally->enforced, rule);
	regmon_counters_add(REGMON_COUNTER_enforced_replies, 1);
}

unsigned long regmon_tally_shadow_of(
		const regmon_tally_t *tally, regmon_rule_index_t rule)
{
	return count_of(tally->shadow, rule);
}

unsigned long regmon_tally_enforced_of(
		const regmon_tally_t *tally, regmon_rule_index_t rule)
{
	return count_of(tally->enforced, rule);
}
