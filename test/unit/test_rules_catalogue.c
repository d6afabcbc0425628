/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every record of the catalogue is complete, unique and keeps to the policy of severities. */
#include <regex.h>

#include "test/unit/rules_fixture.h"

#define for_each_rule(rule)                                     \
	for(unsigned rule_i = 0;                                    \
			((rule) = regmon_rule_at(rule_i)) != NULL; rule_i++)

static bool matches(const char *text, const char *pattern)
{
	regex_t expression;
	bool matching;

	assert_int_equal(
			regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB), 0);
	matching = regexec(&expression, text, 0, NULL, 0) == 0;
	regfree(&expression);
	return matching;
}

static str text_of(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}

static void records_are_complete(void **state)
{
	const regmon_rule_t *rule;

	assert_true(regmon_rules_n() > 0);
	assert_true(regmon_rules_n() <= REGMON_MAX_RULES);
	for_each_rule(rule)
	{
		const char *const texts[] = {rule->header, rule->text, rule->cause,
				rule->inspect, rule->next_step};
		unsigned i;

		if(!matches(rule->id, "^[A-Z][A-Z0-9]*-[0-9]+[a-z]?$"))
			fail_msg("id %s", rule->id);
		if(!matches(rule->name, "^[a-z0-9]+(-[a-z0-9]+)+$"))
			fail_msg("name %s", rule->name);
		if(!matches(rule->clause,
				   "^(RFC [0-9]+|TS [0-9]+\\.[0-9]+) [A-Za-z0-9_.() -]+$"))
			fail_msg("%s: clause %s", rule->id, rule->clause);
		for(i = 0; i < REGMON_COUNT(texts); i++) {
			if(texts[i] == NULL || texts[i][0] == '\0')
				fail_msg("%s: text %u is empty", rule->id, i);
		}
		/* a sentence ends with a full stop; the table of the page needs no '|' */
		for(i = 1; i < REGMON_COUNT(texts); i++) {
			if(texts[i][strlen(texts[i]) - 1] != '.' || strchr(texts[i], '|'))
				fail_msg("%s: %s", rule->id, texts[i]);
		}
		if(rule->legs == 0
				|| (rule->legs & ~(REGMON_LEGS_REQUEST | REGMON_LEGS_ANSWER)))
			fail_msg("%s: legs %x", rule->id, rule->legs);
		if(rule->purposes & ~REGMON_PURPOSES_ALL)
			fail_msg("%s: purposes %x", rule->id, rule->purposes);
		if((rule->broken != NULL) + (rule->unexpected != NULL)
						+ (rule->broken_since != NULL)
				!= 1)
			fail_msg("%s: exactly one check", rule->id);
		/* an answer tells neither purpose nor IMS by itself: only the past does */
		if((rule->legs & REGMON_LEGS_ANSWER)
				&& (rule->legs & REGMON_LEGS_REQUEST))
			fail_msg("%s: REGISTER and answer", rule->id);
		if((rule->legs & REGMON_LEGS_ANSWER) && rule->broken_since == NULL
				&& (rule->purposes || rule->ims_only))
			fail_msg("%s: an answer alone cannot tell that", rule->id);
		if(rule->answer != 0 && (rule->answer < 300 || rule->answer > 699))
			fail_msg("%s: answer %d", rule->id, rule->answer);
	}
}

static void severities_keep_the_policy(void **state)
{
	const regmon_rule_t *rule;

	for_each_rule(rule)
	{
		if(rule->severity == REGMON_ERROR
				&& (rule->confidence != REGMON_VERIFIED
						|| rule->level > REGMON_SHOULD))
			fail_msg("%s: an error needs a verified requirement", rule->id);
		if(rule->level == REGMON_HEURISTIC && rule->severity > REGMON_WARNING)
			fail_msg("%s: a heuristic is a warning at most", rule->id);
		if(regmon_severity_name(rule->severity)[0] == '\0'
				|| regmon_level_name(rule->level)[0] == '\0'
				|| regmon_confidence_name(rule->confidence)[0] == '\0')
			fail_msg("%s: severity, level or confidence", rule->id);
	}
}

static void texts_are_no_boilerplate(void **state)
{
	const regmon_rule_t *a, *b;
	unsigned i, j;

	for(i = 0; (a = regmon_rule_at(i)) != NULL; i++) {
		for(j = 0; j < i; j++) {
			b = regmon_rule_at(j);
			if(strcmp(a->id, b->id) == 0 || strcasecmp(a->name, b->name) == 0)
				fail_msg("%s and %s have one id or name", a->id, b->id);
			if(strcmp(a->text, b->text) == 0 || strcmp(a->cause, b->cause) == 0
					|| strcmp(a->inspect, b->inspect) == 0
					|| strcmp(a->next_step, b->next_step) == 0)
				fail_msg("%s and %s share a text", a->id, b->id);
		}
	}
}

static void implied_rules_exist(void **state)
{
	const regmon_rule_t *rule;

	for_each_rule(rule)
	{
		str list, id;
		int position = 0;

		if(rule->implies == NULL)
			continue;
		list = text_of(rule->implies);
		while(regmon_text_next_element(list, &position, &id)) {
			if(regmon_rule_find(id) < 0
					|| regmon_text_is(id, text_of(rule->id)))
				fail_msg("%s implies %.*s", rule->id, id.len, id.s);
		}
	}
}

static void rows_that_are_no_rules(void **state)
{
	unsigned i, j;

	assert_true(regmon_not_rules_n() > 0);
	assert_null(regmon_not_rule_at(regmon_not_rules_n()));
	for(i = 0; i < regmon_not_rules_n(); i++) {
		const regmon_not_rule_t *row = regmon_not_rule_at(i);

		if(regmon_rule_find(text_of(row->id)) >= 0)
			fail_msg("%s is a rule", row->id);
		if(!matches(row->clause,
				   "^(RFC [0-9]+|TS [0-9]+\\.[0-9]+) [A-Za-z0-9_.() -]+$"))
			fail_msg("%s: clause %s", row->id, row->clause);
		assert_true(strlen(row->text) > 10 && strlen(row->reason) > 10);
		for(j = 0; j < i; j++)
			assert_string_not_equal(row->id, regmon_not_rule_at(j)->id);
	}
}

static bool is_listed(const char *id)
{
	unsigned i;

	for(i = 0; i < regmon_not_rules_n(); i++) {
		if(strcmp(regmon_not_rule_at(i)->id, id) == 0)
			return true;
	}
	return false;
}

/* Each requirement of the catalogue is a rule or listed with a reason; and nothing is listed that is no row. */
static void rows_are_whole(void **state)
{
	size_t length;
	char *file = harness_read_file("test/rules/rows.txt", &length);
	char *rows = calloc(1, length + 1), *row, *rest = NULL;
	unsigned rules = 0, listed = 0;

	assert_non_null(rows);
	memcpy(rows, file, length);
	free(file);
	for(row = strtok_r(rows, "\n", &rest); row != NULL;
			row = strtok_r(NULL, "\n", &rest)) {
		bool is_rule = regmon_rule_find(text_of(row)) >= 0;

		if(is_rule == is_listed(row))
			fail_msg("%s is %s", row,
					is_rule ? "a rule and listed too"
							: "neither a rule nor listed");
		rules += is_rule;
		listed += !is_rule;
	}
	free(rows);
	assert_true(rules > 150);
	assert_int_equal(listed, regmon_not_rules_n());
	print_message("%u rows: %u rules, %u listed; %u rules in all\n",
			rules + listed, rules, listed, regmon_rules_n());
}

static void found_by_id_and_name(void **state)
{
	const regmon_rule_t *rule;
	unsigned i;

	for(i = 0; (rule = regmon_rule_at(i)) != NULL; i++) {
		assert_int_equal(regmon_rule_find(text_of(rule->id)), i);
		assert_int_equal(regmon_rule_find(text_of(rule->name)), i);
	}
	assert_int_equal(i, regmon_rules_n());
	assert_null(regmon_rule_at(regmon_rules_n()));
	assert_int_equal(regmon_rule_find(REGMON_TEXT("cseq-04")),
			regmon_rule_find(REGMON_TEXT("CSEQ-OUT-OF-RANGE")));
	assert_true(regmon_rule_find(REGMON_TEXT("cseq-04")) >= 0);
	assert_int_equal(regmon_rule_find(REGMON_TEXT("CSEQ-0")), -1);
	assert_int_equal(regmon_rule_find((str){NULL, 0}), -1);
}

static void near_names(void **state)
{
	char near[64], tiny[8];

	regmon_rule_near(REGMON_TEXT("CSEC-04"), near, sizeof(near));
	assert_true(strncmp(near, "CSEQ-04", 7) == 0);
	regmon_rule_near(REGMON_TEXT("placeholder"), near, sizeof(near));
	assert_string_equal(near, "PANI-05");
	regmon_rule_near(REGMON_TEXT("cseq-out-of-rnage"), near, sizeof(near));
	assert_string_equal(near, "CSEQ-04");
	regmon_rule_near(REGMON_TEXT("xyzzy-xyzzy-xyzzy"), near, sizeof(near));
	assert_string_equal(near, "");
	regmon_rule_near((str){NULL, 0}, near, sizeof(near));
	assert_string_equal(near, "");
	/* whole ids only, and never beyond the buffer */
	regmon_rule_near(REGMON_TEXT("CSEQ-0"), tiny, sizeof(tiny));
	assert_int_equal(strlen(tiny), 7);
}

static void names_of_severities(void **state)
{
	regmon_severity_t severity = REGMON_OFF;

	assert_true(regmon_severity_find(REGMON_TEXT("Warning"), &severity));
	assert_int_equal(severity, REGMON_WARNING);
	assert_true(regmon_severity_find(REGMON_TEXT("off"), &severity));
	assert_int_equal(severity, REGMON_OFF);
	assert_false(regmon_severity_find(REGMON_TEXT("fatal"), &severity));
	assert_int_equal(severity, REGMON_OFF);
	assert_string_equal(regmon_severity_name(REGMON_ERROR), "error");
	assert_string_equal(regmon_severity_name(99), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(records_are_complete),
			cmocka_unit_test(severities_keep_the_policy),
			cmocka_unit_test(texts_are_no_boilerplate),
			cmocka_unit_test(implied_rules_exist),
			cmocka_unit_test(rows_that_are_no_rules),
			cmocka_unit_test(rows_are_whole),
			cmocka_unit_test(found_by_id_and_name),
			cmocka_unit_test(near_names),
			cmocka_unit_test(names_of_severities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
