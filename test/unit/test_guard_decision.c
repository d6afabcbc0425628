/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guard/decision and guard/tally: which rule decides, what is counted, and that nobody gets past an enforced rule by
 * breaking many others. */
#include "guard/tally.h"
#include "measure/counters.h"
#include "rules/profile.h"

#include "test/unit/rules_fixture.h"

static int counted[REGMON_COUNTERS_N];

static void count(regmon_counter_t counter, int by)
{
	counted[counter] += by;
}

static regmon_rule_index_t index_of(const char *id)
{
	int index = regmon_rule_find((str){(char *)id, (int)strlen(id)});

	if(index < 0)
		fail_msg("no rule %s", id);
	return (regmon_rule_index_t)index;
}

static void find(regmon_findings_t *findings, const char *id,
		regmon_severity_t severity, regmon_mode_t mode)
{
	if(severity > findings->worst) {
		findings->worst = severity;
		findings->worst_at = (int)findings->n;
	}
	findings->total++;
	findings->list[findings->n++] =
			(regmon_finding_t){index_of(id), mode, severity, {NULL, 0}};
}

static void assert_decides(const regmon_findings_t *findings,
		regmon_mode_t least, const char *id, int code)
{
	regmon_decision_t decision;

	if(id == NULL) {
		assert_false(regmon_decide(findings, least, &decision));
		return;
	}
	assert_true(regmon_decide(findings, least, &decision));
	assert_string_equal(decision.rule->id, id);
	assert_int_equal(decision.code, code);
	assert_int_equal(decision.index, index_of(id));
}

static void worst_enforced_decides(void **state)
{
	regmon_findings_t findings = {.worst_at = -1};

	assert_decides(&findings, REGMON_MODE_MONITOR, NULL, 0);
	find(&findings, "TO-04", REGMON_ERROR, REGMON_MODE_MONITOR);
	assert_decides(&findings, REGMON_MODE_ENFORCE, NULL, 0);
	find(&findings, "EXP-02", REGMON_NOTE, REGMON_MODE_ENFORCE);
	assert_decides(&findings, REGMON_MODE_ENFORCE, "EXP-02", 423);
	find(&findings, "SEC-03", REGMON_WARNING, REGMON_MODE_SHADOW);
	assert_decides(&findings, REGMON_MODE_ENFORCE, "EXP-02", 423);
	assert_decides(&findings, REGMON_MODE_SHADOW, "SEC-03", 421);
	find(&findings, "SUP-01", REGMON_WARNING, REGMON_MODE_ENFORCE);
	assert_decides(&findings, REGMON_MODE_ENFORCE, "SUP-01", 421);
	/* of equals the first */
	find(&findings, "VIA-01", REGMON_WARNING, REGMON_MODE_ENFORCE);
	assert_decides(&findings, REGMON_MODE_ENFORCE, "SUP-01", 421);
	find(&findings, "CSEQ-02", REGMON_ERROR, REGMON_MODE_ENFORCE);
	assert_decides(&findings, REGMON_MODE_ENFORCE, "CSEQ-02", 500);
	assert_decides(&findings, REGMON_MODE_MONITOR, "TO-04", 481);
}

static void advice(void **state)
{
	regmon_findings_t findings = {.worst_at = -1};
	regmon_decision_t decision;

	assert_false(regmon_decide_advice(&findings, &decision));
	find(&findings, "PANI-01", REGMON_ERROR, REGMON_MODE_MONITOR);
	assert_false(regmon_decide_advice(&findings, &decision));
	/* what is less bad does not speak for the worst */
	find(&findings, "VIA-01", REGMON_WARNING, REGMON_MODE_MONITOR);
	assert_false(regmon_decide_advice(&findings, &decision));
	find(&findings, "TO-04", REGMON_ERROR, REGMON_MODE_SHADOW);
	assert_true(regmon_decide_advice(&findings, &decision));
	assert_int_equal(decision.code, 481);
	/* but what will be sent is what is shown */
	find(&findings, "EXP-02", REGMON_NOTE, REGMON_MODE_ENFORCE);
	assert_true(regmon_decide_advice(&findings, &decision));
	assert_int_equal(decision.code, 423);
}

/* A rule about answers, or one without a code, refuses nothing. */
static void what_can_be_enforced(void **state)
{
	const regmon_rule_t *rule;
	unsigned i, can = 0, cannot = 0;

	for(i = 0; (rule = regmon_rule_at(i)) != NULL; i++) {
		bool expected =
				rule->answer != 0 && (rule->legs & REGMON_LEGS_REQUEST) != 0;

		assert_int_equal(regmon_rule_can_be_enforced(rule), expected);
		can += expected;
		cannot += !expected;
		if(expected)
			assert_in_range(rule->answer, 400, 699);
	}
	assert_true(can >= 40 && cannot >= 40);
	{
		regmon_findings_t findings = {.worst_at = -1};

		find(&findings, "PANI-01", REGMON_ERROR, REGMON_MODE_ENFORCE);
		assert_decides(&findings, REGMON_MODE_ENFORCE, NULL, 0);
	}
}

static void counts(void **state)
{
	regmon_tally_t *tally = regmon_tally_make();
	regmon_findings_t findings = {.worst_at = -1};
	int *shadow = &counted[REGMON_COUNTER_shadow_replies];

	assert_non_null(tally);
	memset(counted, 0, sizeof(counted));
	regmon_counters_set_sink(count);
	find(&findings, "TO-04", REGMON_ERROR, REGMON_MODE_MONITOR);
	regmon_tally_findings(tally, &findings);
	assert_int_equal(*shadow, 0);
	assert_int_equal(regmon_tally_shadow_of(tally, index_of("TO-04")), 0);
	/* without an answer it would have refused nothing */
	find(&findings, "PANI-01", REGMON_WARNING, REGMON_MODE_SHADOW);
	regmon_tally_findings(tally, &findings);
	assert_int_equal(*shadow, 0);
	assert_int_equal(regmon_tally_shadow_of(tally, index_of("PANI-01")), 1);
	/* one REGISTER, two rules */
	find(&findings, "EXP-02", REGMON_NOTE, REGMON_MODE_SHADOW);
	regmon_tally_findings(tally, &findings);
	assert_int_equal(*shadow, 1);
	assert_int_equal(regmon_tally_shadow_of(tally, index_of("PANI-01")), 2);
	assert_int_equal(regmon_tally_shadow_of(tally, index_of("EXP-02")), 1);
	/* refused anyway */
	find(&findings, "SUP-01", REGMON_NOTE, REGMON_MODE_ENFORCE);
	regmon_tally_findings(tally, &findings);
	assert_int_equal(*shadow, 1);
	assert_int_equal(regmon_tally_shadow_of(tally, index_of("EXP-02")), 2);
	assert_int_equal(regmon_tally_shadow_of(tally, index_of("SUP-01")), 0);
	regmon_tally_enforced(tally, index_of("SUP-01"));
	assert_int_equal(counted[REGMON_COUNTER_enforced_replies], 1);
	assert_int_equal(regmon_tally_enforced_of(tally, index_of("SUP-01")), 1);
	assert_int_equal(regmon_tally_enforced_of(tally, index_of("EXP-02")), 0);
	assert_int_equal(regmon_tally_shadow_of(tally, REGMON_MAX_RULES), 0);
	regmon_tally_enforced(tally, REGMON_MAX_RULES);
	regmon_tally_free(tally);
	regmon_counters_set_sink(NULL);
}

static void no_memory(void **state)
{
	harness_fail_allocation = 1;
	assert_null(regmon_tally_make());
}

/* A message that breaks more rules than are kept, most of them looked at before the enforced one. */
static void many_findings_hide_nothing(void **state)
{
	static regmon_profiles_t profiles;
	regmon_plan_t *plan = malloc(regmon_plan_size());
	regmon_profile_effect_t effect;
	regmon_findings_t findings;
	regmon_decision_t decision;
	regmon_severity_t severities[REGMON_MAX_RULES];
	regmon_rule_index_t broken[64];
	unsigned i, n, tried = 0;
	fixture_t fixture;

	fixture_read(&fixture, "many-findings");
	regmon_profiles_start(&profiles, REGMON_ROLE_AUTO, NULL);
	regmon_profile_effect(&profiles,
			regmon_profile_find(&profiles, REGMON_TEXT("lab-strict")), &effect);
	memcpy(severities, effect.severities, sizeof(severities));
	/* which rules does it break? one at a time, so that none is left out */
	for(i = n = 0; i < regmon_rules_n(); i++) {
		if(!regmon_rule_can_be_enforced(regmon_rule_at(i)))
			continue;
		memset(effect.severities, 0, sizeof(effect.severities));
		effect.severities[i] = REGMON_NOTE;
		regmon_plan_make_profile(plan, &profiles, 0, &effect);
		fixture_judge(plan, &fixture, &findings);
		if(findings.total > 0 && n < REGMON_COUNT(broken))
			broken[n++] = (regmon_rule_index_t)i;
	}
	assert_true(n >= 5);
	for(i = 0; i < n; i++) {
		memcpy(effect.severities, severities, sizeof(severities));
		memset(effect.modes, REGMON_MODE_MONITOR, sizeof(effect.modes));
		effect.severities[broken[i]] = REGMON_NOTE;
		effect.modes[broken[i]] = REGMON_MODE_ENFORCE;
		regmon_plan_make_profile(plan, &profiles, 0, &effect);
		fixture_judge(plan, &fixture, &findings);
		assert_true(findings.total > REGMON_MAX_SEEN);
		if(!regmon_decide(&findings, REGMON_MODE_ENFORCE, &decision)
				|| decision.index != broken[i])
			fail_msg("%s got lost", regmon_rule_at(broken[i])->id);
		assert_int_equal(
				findings.list[findings.worst_at].severity, findings.worst);
		tried++;
	}
	assert_int_equal(tried, n);
	fixture_free(&fixture);
	free(plan);
}

static bool is_found(
		const regmon_findings_t *findings, regmon_rule_index_t rule)
{
	unsigned i;

	for(i = 0; i < findings->n; i++) {
		if(findings->list[i].rule == rule)
			return true;
	}
	return false;
}

/* The last place of a full list is taken by what is worse, but not from a rule that does something. */
static void worse_findings_push_out_what_does_nothing(void **state)
{
	static regmon_profiles_t profiles;
	regmon_plan_t *plan = malloc(regmon_plan_size());
	regmon_profile_effect_t effect;
	regmon_findings_t first, findings;
	regmon_rule_index_t last;
	fixture_t fixture;
	unsigned i;

	fixture_read(&fixture, "many-findings");
	regmon_profiles_start(&profiles, REGMON_ROLE_AUTO, NULL);
	regmon_profile_effect(&profiles,
			regmon_profile_find(&profiles, REGMON_TEXT("ims")), &effect);
	for(i = 0; i < regmon_rules_n(); i++)
		effect.severities[i] = REGMON_NOTE;
	regmon_plan_make_profile(plan, &profiles, 0, &effect);
	fixture_judge(plan, &fixture, &first);
	assert_int_equal(first.n, REGMON_MAX_SEEN);
	assert_true(first.total > REGMON_MAX_SEEN);
	last = first.list[REGMON_MAX_SEEN - 1].rule;
	for(i = 0; i < regmon_rules_n(); i++) {
		if(!is_found(&first, (regmon_rule_index_t)i))
			effect.severities[i] = REGMON_WARNING;
	}
	effect.modes[last] = REGMON_MODE_SHADOW;
	regmon_plan_make_profile(plan, &profiles, 0, &effect);
	fixture_judge(plan, &fixture, &findings);
	assert_int_equal(findings.n, REGMON_MAX_SEEN);
	assert_int_equal(findings.total, first.total);
	assert_int_equal(findings.worst, REGMON_WARNING);
	assert_int_equal(findings.list[findings.worst_at].severity, REGMON_WARNING);
	assert_true(is_found(&findings, last));
	assert_false(is_found(&findings, first.list[REGMON_MAX_SEEN - 2].rule));
	fixture_free(&fixture);
	free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			harness_test(worst_enforced_decides),
			harness_test(advice),
			harness_test(what_can_be_enforced),
			harness_test(counts),
			harness_test(no_memory),
			harness_test(many_findings_hide_nothing),
			harness_test(worse_findings_push_out_what_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
