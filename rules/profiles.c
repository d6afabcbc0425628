/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What profiles come to: names, inheritance, overrides of the configuration, and the plan made of all that. */
#include "rules/profile.h"

#include <stdio.h>

#include "rules/plan.h"

static const struct
{
	const char *name;
	int least, most;
} thresholds[] = {
#define X(name, least, most) {#name, least, most},
		REGMON_THRESHOLD_NAMES(X)
#undef X
};

const char *regmon_threshold_name(regmon_threshold_t threshold)
{
	return threshold < REGMON_THRESHOLDS_N ? thresholds[threshold].name : "";
}

int regmon_threshold_least(regmon_threshold_t threshold)
{
	return thresholds[threshold].least;
}

int regmon_threshold_most(regmon_threshold_t threshold)
{
	return thresholds[threshold].most;
}

const char *regmon_own_test_name(regmon_own_test_t test)
{
	static const char *const names[] = {
			[REGMON_OWN_PRESENT] = "present",
			[REGMON_OWN_ABSENT] = "absent",
			[REGMON_OWN_MATCHES] = "matches",
			[REGMON_OWN_DIFFERS] = "differs",
	};

	return test < REGMON_OWN_TESTS_N ? names[test] : "";
}

int regmon_profile_find(const regmon_profiles_t *profiles, str name)
{
	unsigned i;

	for(i = 0; i < profiles->profiles_n; i++) {
		const char *known = profiles->profiles[i].name;

		if(regmon_text_is_nocase(
				   name, (str){(char *)known, (int)strlen(known)}))
			return (int)i;
	}
	return -1;
}

void regmon_profile_names(
		const regmon_profiles_t *profiles, char *buffer, int size)
{
	unsigned i;
	int used = 0;

	if(size <= 0)
		return;
	buffer[0] = '\0';
	for(i = 0; i < profiles->profiles_n; i++) {
		const char *name = profiles->profiles[i].name;

		if(used + (int)strlen(name) + 3 > size)
			return;
		used += snprintf(
				buffer + used, size - used, "%s%s", i ? ", " : "", name);
	}
}

/* a cycle, which a file may try, ends after as many steps as there are profiles */
bool regmon_profile_inherits(
		const regmon_profiles_t *profiles, int profile, int ancestor)
{
	unsigned steps;

	for(steps = 0; profile >= 0 && steps <= profiles->profiles_n; steps++) {
		if(profile == ancestor)
			return true;
		profile = profiles->profiles[profile].parent;
	}
	return false;
}

bool regmon_profiles_keep(
		regmon_profiles_t *profiles, str text, str *ret_kept)
{
	char *to = profiles->text + profiles->text_n;

	if(text.len < 0
			|| text.len + 1 > REGMON_PROFILES_TEXT - (int)profiles->text_n)
		return false;
	if(text.len > 0)
		memcpy(to, text.s, text.len);
	to[text.len] = '\0';
	*ret_kept = (str){to, text.len};
	profiles->text_n += text.len + 1;
	return true;
}

/* ---- the effect ---- */

static void take_list(str *list, unsigned *n, const str *from, unsigned from_n)
{
	if(from_n == 0)
		return;
	memcpy(list, from, from_n * sizeof(*from));
	*n = from_n;
}

static void take_expectations(
		regmon_expectations_t *expected, const regmon_expectations_t *from)
{
	take_list(expected->home_domains, &expected->home_domains_n,
			from->home_domains, from->home_domains_n);
	take_list(expected->digests, &expected->digests_n, from->digests,
			from->digests_n);
	take_list(expected->algs, &expected->algs_n, from->algs, from->algs_n);
	take_list(
			expected->ealgs, &expected->ealgs_n, from->ealgs, from->ealgs_n);
	if(from->min_expires_s > 0)
		expected->min_expires_s = from->min_expires_s;
	if(from->max_expires_s > 0)
		expected->max_expires_s = from->max_expires_s;
}

/* what an operator wrote rests on the operator */
static regmon_severity_t bounded(unsigned rule, regmon_severity_t severity)
{
	return rule < regmon_rules_n()
				   ? regmon_severity_bounded(regmon_rule_at(rule), severity)
				   : severity;
}

static void take_profile(
		regmon_profile_effect_t *effect, const regmon_profile_t *profile)
{
	unsigned i;

	for(i = 0; i < REGMON_MAX_RULES; i++) {
		if(profile->severities[i] != REGMON_AS_PARENT)
			effect->severities[i] = bounded(i, profile->severities[i]);
		if(profile->modes[i] != REGMON_AS_PARENT)
			effect->modes[i] = profile->modes[i];
	}
	for(i = 0; i < REGMON_THRESHOLDS_N; i++) {
		if(profile->thresholds[i] > 0)
			effect->thresholds[i] = profile->thresholds[i];
	}
	take_expectations(&effect->expected, &profile->expected);
}

void regmon_profile_effect(const regmon_profiles_t *profiles, int profile,
		regmon_profile_effect_t *ret_effect)
{
	int chain[REGMON_MAX_PROFILES];
	const regmon_rule_t *rule;
	unsigned n = 0, i;

	memset(ret_effect, 0, sizeof(*ret_effect));
	for(i = 0; i < regmon_rules_n() && (rule = regmon_rule_at(i)) != NULL; i++)
		ret_effect->severities[i] =
				regmon_severity_bounded(rule, rule->severity);
	while(profile >= 0 && n < REGMON_MAX_PROFILES) {
		chain[n++] = profile;
		profile = profiles->profiles[profile].parent;
	}
	while(n > 0)
		take_profile(ret_effect, &profiles->profiles[chain[--n]]);
}

int regmon_profile_rule(
		const regmon_profiles_t *profiles, int profile, str id)
{
	int index = regmon_rule_find(id), i;

	if(index >= 0 && index < REGMON_OWN_FIRST)
		return index;
	for(i = 0; i < REGMON_MAX_OWN_RULES; i++) {
		const regmon_own_rule_t *own = &profiles->own[i];

		if(own->loaded
				&& regmon_text_is_nocase(
						id, (str){(char *)own->id, (int)strlen(own->id)})
				&& regmon_profile_inherits(profiles, profile, own->profile))
			return REGMON_OWN_FIRST + i;
	}
	return -1;
}

int regmon_profile_override(const regmon_profiles_t *profiles, int profile,
		const regmon_override_t *overrides, unsigned n,
		regmon_profile_effect_t *effect)
{
	unsigned i;

	for(i = 0; i < n; i++) {
		int index =
				regmon_profile_rule(profiles, profile, overrides[i].id);

		if(index < 0)
			return (int)i;
		if(overrides[i].severity != REGMON_AS_PARENT)
			effect->severities[index] = bounded(index, overrides[i].severity);
		if(overrides[i].mode != REGMON_AS_PARENT)
			effect->modes[index] = overrides[i].mode;
	}
	return -1;
}

static bool holds(const regmon_expectations_t *expected, str domain)
{
	unsigned i;

	for(i = 0; i < expected->home_domains_n; i++) {
		if(regmon_text_is_nocase(expected->home_domains[i], domain))
			return true;
	}
	return false;
}

void regmon_profile_add_facts(
		regmon_profile_effect_t *effect, const regmon_expectations_t *facts)
{
	regmon_expectations_t *expected = &effect->expected;
	unsigned i;

	for(i = 0; i < facts->home_domains_n; i++) {
		if(expected->home_domains_n < REGMON_MAX_HOME_DOMAINS
				&& !holds(expected, facts->home_domains[i]))
			expected->home_domains[expected->home_domains_n++] =
					facts->home_domains[i];
	}
	if(facts->min_expires_s > 0)
		expected->min_expires_s = facts->min_expires_s;
}

/* ---- the plan ---- */

/* those of the ancestors first: who inherits has the last word */
static void take_exceptions(
		regmon_plan_t *plan, const regmon_profiles_t *profiles, int profile)
{
	unsigned i;

	if(profile < 0)
		return;
	take_exceptions(plan, profiles, profiles->profiles[profile].parent);
	for(i = 0; i < profiles->exceptions_n; i++) {
		if(profiles->exceptions[i].profile == profile)
			plan->exceptions[plan->exceptions_n++] = &profiles->exceptions[i];
	}
}

static void take_own_rules(
		regmon_plan_t *plan, const regmon_profiles_t *profiles, int profile)
{
	unsigned i;

	for(i = 0; i < REGMON_MAX_OWN_RULES; i++) {
		const regmon_own_rule_t *own = &profiles->own[i];
		unsigned index = REGMON_OWN_FIRST + i;

		if(!own->loaded || plan->severities[index] == REGMON_OFF
				|| !regmon_profile_inherits(profiles, profile, own->profile))
			continue;
		plan->own[plan->own_n] = own;
		plan->own_index[plan->own_n++] = index;
	}
}

void regmon_plan_make_profile(regmon_plan_t *plan,
		const regmon_profiles_t *profiles, int profile,
		const regmon_profile_effect_t *effect)
{
	unsigned i;

	for(i = 0; i < REGMON_MAX_RULES; i++) {
		plan->severities[i] = effect->severities[i];
		plan->modes[i] = effect->modes[i];
	}
	plan->expected = effect->expected;
	plan->exceptions_n = plan->own_n = 0;
	plan->exception_rules = profiles->exception_rules;
	take_exceptions(plan, profiles, profile);
	take_own_rules(plan, profiles, profile);
	regmon_plan_compile(plan);
}
