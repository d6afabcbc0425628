/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the findings decides. */
#include "guard/decision.h"

bool regmon_decide(const regmon_findings_t *findings, regmon_mode_t least,
		regmon_decision_t *ret_decision)
{
	const regmon_finding_t *worst = NULL;
	unsigned i;

	for(i = 0; i < findings->n; i++) {
		const regmon_finding_t *finding = &findings->list[i];
		const regmon_rule_t *rule;

		if(finding->mode < least
				|| (worst && finding->severity <= worst->severity))
			continue;
		rule = regmon_rule_at(finding->rule);
		if(rule && regmon_rule_can_be_enforced(rule))
			worst = finding;
	}
	if(worst == NULL)
		return false;
	ret_decision->rule = regmon_rule_at(worst->rule);
	ret_decision->code = ret_decision->rule->answer;
	ret_decision->severity = worst->severity;
	ret_decision->index = worst->rule;
	ret_decision->seen = worst->seen;
	return true;
}

bool regmon_decide_advice(
		const regmon_findings_t *findings, regmon_decision_t *ret_decision)
{
	regmon_decision_t decision;

	if(regmon_decide(findings, REGMON_MODE_ENFORCE, ret_decision))
		return true;
	if(!regmon_decide(findings, REGMON_MODE_MONITOR, &decision)
			|| decision.severity < findings->worst)
		return false;
	*ret_decision = decision;
	return true;
}
