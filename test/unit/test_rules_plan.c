/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan: severities in force, what is off, what is expected; and the judge: all findings, bounded. */
#include "test/unit/rules_fixture.h"

static bool holds(const regmon_findings_t *findings, const char *id)
{
	unsigned i;

	for(i = 0; i < findings->n; i++) {
		if(strcmp(regmon_rule_at(findings->list[i].rule)->id, id) == 0)
			return true;
	}
	return false;
}

static int index_of(const char *id)
{
	return regmon_rule_find((str){(char *)id, (int)strlen(id)});
}

static regmon_severity_t *defaults(void)
{
	regmon_severity_t *severities =
			calloc(regmon_rules_n(), sizeof(*severities));
	unsigned i;

	assert_non_null(severities);
	for(i = 0; i < regmon_rules_n(); i++)
		severities[i] = regmon_rule_at(i)->severity;
	return severities;
}

/* judges a fixture with one rule's severity changed */
static void judge_with(const char *name, const char *id,
		regmon_severity_t severity, regmon_findings_t *ret_findings,
		fixture_t *ret_fixture)
{
	regmon_severity_t *severities = defaults();
	regmon_plan_t *plan;

	severities[index_of(id)] = severity;
	plan = fixture_plan(
			severities, regmon_rule_at(index_of(id))->unexpected != NULL);
	fixture_read(ret_fixture, name);
	fixture_judge(plan, ret_fixture, ret_findings);
	free(plan);
	free(severities);
}

static void off_is_not_found(void **state)
{
	static const char *const ids[] = {
			"CSEQ-04", "CSEQ-02", "CON-07", "PANI-03", "EXP-02", "CON-17"};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(ids); i++) {
		regmon_findings_t findings;
		fixture_t fixture;

		judge_with(ids[i], ids[i], REGMON_OFF, &findings, &fixture);
		assert_false(holds(&findings, ids[i]));
		fixture_free(&fixture);
		judge_with(ids[i], ids[i], REGMON_NOTE, &findings, &fixture);
		assert_true(holds(&findings, ids[i]));
		assert_int_equal(findings.worst, REGMON_NOTE);
		fixture_free(&fixture);
	}
}

static void severity_is_overridden(void **state)
{
	regmon_findings_t findings;
	fixture_t fixture;

	judge_with("CON-07", "CON-07", REGMON_ERROR, &findings, &fixture);
	assert_int_equal(findings.n, 1);
	assert_int_equal(findings.list[0].severity, REGMON_ERROR);
	assert_int_equal(findings.worst, REGMON_ERROR);
	assert_int_equal(findings.worst_at, 0);
	fixture_free(&fixture);
}

/* What nobody read in the text stays a warning, whatever the operator asks for. */
static void doubtful_rules_stay_warnings(void **state)
{
	regmon_severity_t *severities = defaults();
	regmon_plan_t *plan;
	unsigned i, held = 0;

	for(i = 0; i < regmon_rules_n(); i++)
		severities[i] = REGMON_ERROR;
	plan = fixture_plan(severities, false);
	for(i = 0; i < regmon_rules_n(); i++) {
		bool verified = regmon_rule_at(i)->confidence == REGMON_VERIFIED;

		assert_int_equal(regmon_plan_severity(plan, i),
				verified ? REGMON_ERROR : REGMON_WARNING);
		held += !verified;
	}
	assert_true(held > 0);
	assert_int_equal(
			regmon_plan_severity(plan, REGMON_MAX_RULES), REGMON_OFF);
	free(plan);
	free(severities);
}

static void default_severities(void **state)
{
	regmon_plan_t *plan = fixture_plan(NULL, false);
	unsigned i;

	for(i = 0; i < regmon_rules_n(); i++)
		assert_int_equal(regmon_plan_severity(plan, i),
				regmon_rule_at(i)->severity);
	free(plan);
}

static void nothing_expected_is_silent(void **state)
{
	static const char *const ids[] = {"RURI-02", "TO-02", "EXP-02"};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(ids); i++) {
		regmon_plan_t *plan = fixture_plan(NULL, false);
		regmon_findings_t findings;
		fixture_t fixture;

		fixture_read(&fixture, ids[i]);
		fixture_judge(plan, &fixture, &findings);
		assert_false(holds(&findings, ids[i]));
		fixture_free(&fixture);
		free(plan);
	}
}

/* One expectation does not wake the rules of another. */
static void expectations_are_apart(void **state)
{
	regmon_expectations_t expected = {.min_expires_s = 600};
	regmon_plan_t *plan = malloc(regmon_plan_size());
	regmon_findings_t findings;
	fixture_t fixture;

	assert_non_null(plan);
	regmon_plan_make(plan, NULL, &expected);
	fixture_read(&fixture, "RURI-02");
	fixture_judge(plan, &fixture, &findings);
	assert_int_equal(findings.total, 0);
	fixture_free(&fixture);
	fixture_read(&fixture, "EXP-02");
	fixture_judge(plan, &fixture, &findings);
	assert_true(holds(&findings, "EXP-02"));
	fixture_free(&fixture);
	free(plan);
}

static void many_findings(void **state)
{
	regmon_plan_t *plan = fixture_plan(NULL, true);
	regmon_severity_t *severities = defaults();
	regmon_findings_t findings;
	fixture_t fixture;
	unsigned i;
	int last;

	fixture_read(&fixture, "many-findings");
	fixture_judge(plan, &fixture, &findings);
	assert_true(findings.total > REGMON_MAX_SEEN);
	assert_int_equal(findings.n, REGMON_MAX_SEEN);
	assert_int_equal(findings.worst, REGMON_ERROR);
	assert_in_range(findings.worst_at, 0, REGMON_MAX_SEEN - 1);
	assert_int_equal(
			findings.list[findings.worst_at].severity, REGMON_ERROR);
	last = findings.list[REGMON_MAX_SEEN - 1].rule;
	free(plan);

	/* the only error comes when the list is full: it takes the last place */
	for(i = 0; i < regmon_rules_n(); i++) {
		if(severities[i] != REGMON_OFF)
			severities[i] = REGMON_NOTE;
	}
	severities[index_of("PANI-01")] = REGMON_ERROR;
	assert_true(index_of("PANI-01") > last);
	plan = fixture_plan(severities, true);
	fixture_judge(plan, &fixture, &findings);
	assert_int_equal(findings.n, REGMON_MAX_SEEN);
	assert_int_equal(findings.worst, REGMON_ERROR);
	assert_int_equal(findings.worst_at, REGMON_MAX_SEEN - 1);
	assert_int_equal(
			findings.list[REGMON_MAX_SEEN - 1].rule, index_of("PANI-01"));
	fixture_free(&fixture);
	free(severities);
	free(plan);
}

/* findings of the message before must not stay */
static void findings_start_empty(void **state)
{
	regmon_plan_t *plan = fixture_plan(NULL, false);
	regmon_findings_t findings;
	fixture_t fixture;

	memset(&findings, 0xff, sizeof(findings));
	fixture_read(&fixture, "clean-plain");
	fixture_judge(plan, &fixture, &findings);
	assert_int_equal(findings.n, 0);
	assert_int_equal(findings.total, 0);
	assert_int_equal(findings.worst, REGMON_OFF);
	assert_int_equal(findings.worst_at, -1);
	fixture_free(&fixture);
	free(plan);
}

static void judge_past(const char *name, bool known, bool retransmission,
		regmon_findings_t *ret_findings)
{
	regmon_plan_t *plan = fixture_plan(NULL, false);
	fixture_t fixture;

	fixture_read(&fixture, name);
	fixture.history.known = known;
	fixture.history.retransmission = retransmission;
	fixture_judge(plan, &fixture, ret_findings);
	fixture_free(&fixture);
	free(plan);
}

/* After a start nothing is known, and a repetition has been judged already: neither is anybody's fault. */
static void unknown_and_repeated_are_silent(void **state)
{
	regmon_findings_t findings;

	judge_past("CSEQ-02", true, false, &findings);
	assert_int_equal(findings.total, 1);
	judge_past("CSEQ-02", false, false, &findings);
	assert_int_equal(findings.total, 0);
	judge_past("CSEQ-02", true, true, &findings);
	assert_int_equal(findings.total, 0);
}

/* IMS rules leave a plain softphone alone; the same message with an IMS mark breaks them. */
static void plain_sip_is_left_alone(void **state)
{
	regmon_plan_t *plan = fixture_plan(NULL, false);
	regmon_findings_t findings;
	fixture_t fixture;

	fixture_read(&fixture, "EXP-05");
	assert_true(fixture.class.ims);
	fixture_judge(plan, &fixture, &findings);
	assert_true(holds(&findings, "EXP-05"));
	fixture.class.ims = false;
	fixture_judge(plan, &fixture, &findings);
	assert_int_equal(findings.total, 0);
	fixture_free(&fixture);
	free(plan);
}

/* A message on no leg at all (never classified) is judged by nothing. */
static void no_leg_no_finding(void **state)
{
	regmon_plan_t *plan = fixture_plan(NULL, false);
	regmon_findings_t findings;
	fixture_t fixture;

	fixture_read(&fixture, "CSEQ-04");
	fixture.class.leg = 0;
	fixture_judge(plan, &fixture, &findings);
	assert_int_equal(findings.total, 0);
	fixture_free(&fixture);
	free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(off_is_not_found),
			cmocka_unit_test(severity_is_overridden),
			cmocka_unit_test(doubtful_rules_stay_warnings),
			cmocka_unit_test(default_severities),
			cmocka_unit_test(nothing_expected_is_silent),
			cmocka_unit_test(expectations_are_apart),
			cmocka_unit_test(many_findings),
			cmocka_unit_test(findings_start_empty),
			cmocka_unit_test(unknown_and_repeated_are_silent),
			cmocka_unit_test(plain_sip_is_left_alone),
			cmocka_unit_test(no_leg_no_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
