/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compiles severities into a plan: a rule switched off leaves no trace in it, and a group of rules is entered only
 * where its header is. */
#include "rules/plan.h"
#include "rules/sets.h"

size_t regmon_plan_size(void)
{
	return sizeof(regmon_plan_t);
}

static regmon_plan_kind_t kind_of(const regmon_rule_t *rule)
{
	if(rule->broken_since != NULL)
		return REGMON_PLAN_SINCE;
	return rule->unexpected != NULL ? REGMON_PLAN_UNEXPECTED
									: REGMON_PLAN_BROKEN;
}

/* What was not read in the text itself alarms nobody. */
regmon_severity_t regmon_severity_bounded(
		const regmon_rule_t *rule, regmon_severity_t severity)
{
	if(severity > REGMON_WARNING && rule->confidence != REGMON_VERIFIED)
		severity = REGMON_WARNING;
	return severity;
}

/* A rule that is off must be looked at all the same where an exception wakes it for some phones. */
static bool is_wanted(const regmon_plan_t *plan, regmon_rule_index_t rule)
{
	unsigned i, j;

	if(plan->severities[rule] != REGMON_OFF)
		return true;
	for(i = 0; i < plan->exceptions_n; i++) {
		const regmon_exception_t *exception = plan->exceptions[i];

		for(j = exception->first; j < exception->first + exception->n; j++) {
			if(plan->exception_rules[j].rule == rule
					&& plan->exception_rules[j].severity != REGMON_OFF)
				return true;
		}
	}
	return false;
}

static void add_check(regmon_plan_t *plan, const regmon_rule_t *rule,
		unsigned index, regmon_plan_kind_t kind)
{
	regmon_plan_check_t *check = &plan->checks[plan->checks_n++];

	memset(check, 0, sizeof(*check));
	if(kind == REGMON_PLAN_SINCE)
		check->call.broken_since = rule->broken_since;
	else if(kind == REGMON_PLAN_UNEXPECTED)
		check->call.unexpected = rule->unexpected;
	else
		check->call.broken = rule->broken;
	check->rule = index;
	check->wants = rule->when | (rule->ims_only ? REGMON_WANTS_IMS : 0);
	if(rule->purposes)
		check->wants |= (uint64_t)(~rule->purposes & REGMON_PURPOSES_ALL)
						<< REGMON_WANTS_PURPOSE_SHIFT;
	check->severity = plan->severities[index];
	check->mode = plan->modes[index];
}

/* One group: the rules of a set that hold on this leg and are called the same way. */
static void add_group(regmon_plan_t *plan, unsigned leg,
		const regmon_rule_set_t *set, unsigned base, regmon_plan_kind_t kind)
{
	regmon_plan_leg_t *to = &plan->legs[leg];
	unsigned i, first = plan->checks_n;
	uint64_t wants = ~UINT64_C(0);

	if(to->groups_n == REGMON_MAX_GROUPS)
		return;
	for(i = 0; i < set->n; i++) {
		const regmon_rule_t *rule = &set->rules[i];

		if(!(rule->legs & (1u << leg)) || kind_of(rule) != kind
				|| base + i >= REGMON_MAX_RULES
				|| !is_wanted(plan, base + i))
			continue;
		add_check(plan, rule, base + i, kind);
		wants &= plan->checks[plan->checks_n - 1].wants;
	}
	if(plan->checks_n == first)
		return;
	to->groups[to->groups_n++] = (regmon_plan_group_t){.first = first,
			.n = plan->checks_n - first,
			.needs = set->needs,
			.kind = kind,
			.wants = wants,
			.suspects = kind == REGMON_PLAN_BROKEN ? set->suspects : NULL};
}

static void add_sets(
		regmon_plan_t *plan, unsigned leg, regmon_plan_kind_t kind)
{
	const regmon_rule_set_t *set;
	unsigned i, base = 0;

	for(i = 0; (set = regmon_rule_set_at(i)) != NULL; i++) {
		add_group(plan, leg, set, base, kind);
		base += set->n;
	}
}

/* FNV-1a */
static uint64_t mix_bytes(uint64_t hash, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;

	for(; n > 0; n--)
		hash = (hash ^ *at++) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t mix_texts(uint64_t hash, const str *texts, unsigned n)
{
	unsigned i;

	hash = mix_bytes(hash, &n, sizeof(n));
	for(i = 0; i < n; i++) {
		hash = mix_bytes(hash, &texts[i].len, sizeof(texts[i].len));
		hash = mix_bytes(hash, texts[i].s, (size_t)texts[i].len);
	}
	return hash;
}

/* Which checks there are, leg by leg, and what they compare with. Two plans of one identity find the same. */
static uint64_t identity_of(const regmon_plan_t *plan)
{
	const regmon_expectations_t *expected = &plan->expected;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	unsigned i;

	for(i = 0; i < REGMON_LEGS_N; i++)
		hash = mix_bytes(hash, &plan->legs[i].groups_n,
				sizeof(plan->legs[i].groups_n));
	for(i = 0; i < plan->checks_n; i++)
		hash = mix_bytes(
				hash, &plan->checks[i].rule, sizeof(plan->checks[i].rule));
	hash = mix_texts(
			hash, expected->home_domains, expected->home_domains_n);
	hash = mix_texts(hash, expected->digests, expected->digests_n);
	hash = mix_texts(hash, expected->algs, expected->algs_n);
	hash = mix_texts(hash, expected->ealgs, expected->ealgs_n);
	hash = mix_bytes(hash, &expected->min_expires_s,
			sizeof(expected->min_expires_s));
	return mix_bytes(hash, &expected->max_expires_s,
			sizeof(expected->max_expires_s));
}

void regmon_plan_compile(regmon_plan_t *plan)
{
	unsigned leg;

	plan->checks_n = 0;
	for(leg = 0; leg < REGMON_LEGS_N; leg++) {
		plan->legs[leg].groups_n = 0;
		add_sets(plan, leg, REGMON_PLAN_BROKEN);
		/* an operator who said nothing pays nothing */
		if(regmon_expects_anything(&plan->expected))
			add_sets(plan, leg, REGMON_PLAN_UNEXPECTED);
		plan->legs[leg].since = plan->legs[leg].groups_n;
		add_sets(plan, leg, REGMON_PLAN_SINCE);
	}
	plan->identity = identity_of(plan);
}

void regmon_plan_make(regmon_plan_t *plan, const regmon_severity_t *severities,
		const regmon_expectations_t *expectations)
{
	const regmon_rule_t *rule;
	unsigned i;

	memset(plan->severities, REGMON_OFF, sizeof(plan->severities));
	memset(plan->modes, REGMON_MODE_MONITOR, sizeof(plan->modes));
	plan->exceptions_n = plan->own_n = 0;
	if(expectations != NULL)
		plan->expected = *expectations;
	else
		memset(&plan->expected, 0, sizeof(plan->expected));
	for(i = 0; i < REGMON_MAX_RULES && (rule = regmon_rule_at(i)) != NULL; i++)
		plan->severities[i] = regmon_severity_bounded(
				rule, severities ? severities[i] : rule->severity);
	regmon_plan_compile(plan);
}

regmon_severity_t regmon_plan_severity(
		const regmon_plan_t *plan, regmon_rule_index_t rule)
{
	return rule < REGMON_MAX_RULES ? plan->severities[rule] : REGMON_OFF;
}

regmon_mode_t regmon_plan_mode(
		const regmon_plan_t *plan, regmon_rule_index_t rule)
{
	return rule < REGMON_MAX_RULES ? plan->modes[rule] : REGMON_MODE_MONITOR;
}

const regmon_expectations_t *regmon_plan_expected(const regmon_plan_t *plan)
{
	return &plan->expected;
}
