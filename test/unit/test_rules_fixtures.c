/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each rule has a message that breaks it and only it, and one on the boundary that does not; the messages that are
 * right break nothing. */
#include "rules/sets.h"
#include "test/unit/rules_fixture.h"

/* A rule that compares with what is expected needs a plan that expects something; the others must work without. */
static regmon_plan_t *plan_for(const regmon_rule_t *rule)
{
	return fixture_plan(NULL, rule->unexpected != NULL);
}

/* findings that are neither the rule's nor implied by it, from that severity on */
static void allow_only(const regmon_rule_t *rule, const char *name,
		const regmon_findings_t *findings, regmon_severity_t from,
		bool *ret_found)
{
	unsigned i;

	*ret_found = false;
	for(i = 0; i < findings->n; i++) {
		const regmon_finding_t *finding = &findings->list[i];
		const regmon_rule_t *found = regmon_rule_at(finding->rule);

		if(found == rule)
			*ret_found = true;
		else if(finding->severity >= from
				&& !fixture_list_holds(rule->implies, found->id))
			fail_msg("%s.sip breaks %s too: %.*s", name, found->id,
					finding->seen.len, finding->seen.s ? finding->seen.s : "");
	}
}

static void judge(const regmon_rule_t *rule, const char *name, bool must_break)
{
	regmon_plan_t *plan = plan_for(rule);
	regmon_findings_t findings;
	fixture_t fixture;
	bool found;

	fixture_read(&fixture, name);
	if(fixture.has_past != (rule->broken_since != NULL))
		fail_msg("%s.history: a stateful rule has one, no other has", name);
	if(!(rule->legs & fixture.class.leg))
		fail_msg("%s.sip is on leg %s, where the rule does not hold", name,
				regmon_leg_name(fixture.class.leg));
	fixture_judge(plan, &fixture, &findings);
	allow_only(rule, name, &findings,
			must_break ? REGMON_NOTE : REGMON_WARNING, &found);
	if(found != must_break)
		fail_msg("%s.sip %s its rule", name,
				must_break ? "does not break" : "breaks");
	fixture_free(&fixture);
	free(plan);
}

static void broken_alone(void **state)
{
	const regmon_rule_t *rule;
	unsigned i;

	for(i = 0; (rule = regmon_rule_at(i)) != NULL; i++)
		judge(rule, rule->id, true);
	assert_true(i > 0);
}

static void silent_on_the_boundary(void **state)
{
	const regmon_rule_t *rule;
	char name[64];
	unsigned i;

	for(i = 0; (rule = regmon_rule_at(i)) != NULL; i++) {
		snprintf(name, sizeof(name), "%s.ok", rule->id);
		judge(rule, name, false);
	}
	assert_true(i > 0);
}

/* The offending text points into the message (or the past is what is wrong, and nothing is shown). */
static void seen_is_a_slice(void **state)
{
	const regmon_rule_t *rule;
	unsigned i, j;

	for(i = 0; (rule = regmon_rule_at(i)) != NULL; i++) {
		regmon_plan_t *plan = plan_for(rule);
		regmon_findings_t findings;
		fixture_t fixture;

		fixture_read(&fixture, rule->id);
		fixture_judge(plan, &fixture, &findings);
		for(j = 0; j < findings.n; j++) {
			str seen = findings.list[j].seen;

			if(seen.len > 0
					&& (seen.s < fixture.message.text.s
							|| seen.s + seen.len
									   > fixture.message.text.s
												 + fixture.message.text.len))
				fail_msg("%s: the text shown is not in the message", rule->id);
		}
		fixture_free(&fixture);
		free(plan);
	}
}

static bool overlap(str a, str b)
{
	return a.len > 0 && b.len > 0 && a.s < b.s + b.len && b.s < a.s + a.len;
}

/* What a finding shows is printed and logged: never a nonce, a response or a key. */
static void seen_is_no_secret(void **state)
{
	static const int secrets[] = {REGMON_DIGEST_NONCE, REGMON_DIGEST_RESPONSE,
			REGMON_DIGEST_CK, REGMON_DIGEST_IK};
	regmon_plan_t *plan = fixture_plan(NULL, true);
	const regmon_rule_t *rule;
	unsigned i, j, k, compared = 0;

	for(i = 0; (rule = regmon_rule_at(i)) != NULL; i++) {
		regmon_findings_t findings;
		fixture_t fixture;

		fixture_read(&fixture, rule->id);
		fixture_judge(plan, &fixture, &findings);
		for(j = 0; j < findings.n; j++) {
			for(k = 0; k < REGMON_COUNT(secrets); k++, compared++) {
				if(overlap(findings.list[j].seen,
						   fixture.message.authorization.field[secrets[k]])
						|| overlap(findings.list[j].seen,
								fixture.message.challenge.field[secrets[k]]))
					fail_msg("%s shows a secret",
							regmon_rule_at(findings.list[j].rule)->id);
			}
		}
		fixture_free(&fixture);
	}
	assert_true(compared > 0);
	free(plan);
}

/* The cheap question in front of a set of rules must not hide what one of them would find. */
static void nothing_is_hidden(void **state)
{
	const regmon_rule_set_t *set;
	size_t n, i;
	char **paths = harness_list_files(FIXTURES, ".sip", &n);
	unsigned sets = 0, passed_over = 0, asked = 0, j, k;

	for(i = 0; i < n; i++) {
		size_t length;
		char *text = harness_read_sip(paths[i], &length);
		fixture_t fixture;

		fixture_read_text(&fixture, text, length);
		for(j = 0, sets = 0; (set = regmon_rule_set_at(j)) != NULL; j++) {
			sets += set->suspects != NULL;
			if(set->suspects == NULL || !fixture.message.count[set->needs])
				continue;
			if(set->suspects(&fixture.message)) {
				asked++;
				continue;
			}
			passed_over++;
			for(k = 0; k < set->n; k++) {
				const regmon_rule_t *rule = &set->rules[k];
				str seen;

				if(rule->broken == NULL || (rule->when & REGMON_WHEN_RESYNC))
					continue;
				if(rule->broken(&fixture.message, &fixture.class, &seen))
					fail_msg("%s: %s would be found", paths[i], rule->id);
			}
		}
		fixture_free(&fixture);
	}
	assert_true(sets >= 4);
	assert_true(asked > 0 && passed_over > 100);
	harness_free_list(paths, n);
}

static void clean_messages(void **state)
{
	regmon_plan_t *plan = fixture_plan(NULL, false);
	size_t n, i, clean = 0;
	char **paths = harness_list_files(FIXTURES, ".sip", &n);

	for(i = 0; i < n; i++) {
		const char *file = strrchr(paths[i], '/') + 1;
		regmon_findings_t findings;
		fixture_t fixture;
		char name[128];

		if(strncmp(file, "clean", 5) != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)strlen(file) - 4, file);
		fixture_read(&fixture, name);
		fixture_judge(plan, &fixture, &findings);
		if(findings.total > 0)
			fail_msg("%s breaks %s: %.*s", file,
					regmon_rule_at(findings.list[0].rule)->id,
					findings.list[0].seen.len,
					findings.list[0].seen.s ? findings.list[0].seen.s : "");
		assert_int_equal(findings.worst, REGMON_OFF);
		assert_int_equal(findings.worst_at, -1);
		fixture_free(&fixture);
		clean++;
	}
	assert_true(clean >= 20);
	harness_free_list(paths, n);
	free(plan);
}

/* Every rule on at error severity, and every message cut off anywhere: the checks must bear any view. */
static void any_cut_is_bearable(void **state)
{
	regmon_plan_t *plan = fixture_plan(NULL, true);
	size_t n, i, length, cut;
	char **paths = harness_list_files(FIXTURES, ".sip", &n);
	unsigned total = 0;

	for(i = 0; i < n; i += 5) {
		char *text = harness_read_sip(paths[i], &length);

		for(cut = 0; cut < length; cut += 7) {
			char *part = malloc(cut ? cut : 1);
			regmon_findings_t findings;
			fixture_t fixture;

			memcpy(part, text, cut);
			fixture_read_text(&fixture, part, cut);
			fixture.has_past = true;
			fixture.history.known = fixture.history.registered = true;
			fixture_judge(plan, &fixture, &findings);
			total += findings.total;
			fixture_free(&fixture);
		}
		free(text);
	}
	assert_true(total > 0);
	harness_free_list(paths, n);
	free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(broken_alone),
			cmocka_unit_test(silent_on_the_boundary),
			cmocka_unit_test(seen_is_a_slice),
			cmocka_unit_test(seen_is_no_secret),
			cmocka_unit_test(nothing_is_hidden),
			cmocka_unit_test(clean_messages),
			cmocka_unit_test(any_cut_is_bearable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
