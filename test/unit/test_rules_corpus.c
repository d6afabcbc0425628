/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic of others: every message is judged without harm, and its error findings are exactly those which somebody
 * looked at and found right (test/corpus/expected.tsv: file, ids, who is wrong). A new one is a false alarm until looked at. */
#define _XOPEN_SOURCE 700 /* nftw() */
#include <ftw.h>

#include "test/unit/rules_fixture.h"

#define CORPUS "../shared/corpus"
#define EXPECTED "test/corpus/expected.tsv"
#define MAX_PATH 512

static regmon_plan_t *plan;
static char *expected;
static unsigned messages_n, errors_n, lines_n;

/* ids that are expected for the file, NULL when its name is not in the table */
static const char *expected_of(const char *file, size_t length)
{
	char *line;

	for(line = expected; line != NULL;
			line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if(strncmp(line, file, length) == 0 && line[length] == '\t')
			return line + length + 1;
	}
	return NULL;
}

/* "ID,ID" of the error findings, in the order of the catalogue */
static void errors_of(
		const regmon_findings_t *findings, char *buffer, size_t size)
{
	unsigned i;
	size_t used = 0;

	buffer[0] = '\0';
	for(i = 0; i < findings->n; i++) {
		if(findings->list[i].severity == REGMON_ERROR)
			used += snprintf(buffer + used, size - used, "%s%s",
					used ? "," : "",
					regmon_rule_at(findings->list[i].rule)->id);
	}
}

static void compare(const char *file, const char *errors)
{
	const char *wanted = expected_of(file, strlen(file));
	size_t length = wanted ? strcspn(wanted, "\t\n") : 0;

	errors_n += errors[0] != '\0';
	if(strlen(errors) != length || strncmp(errors, wanted ? wanted : "", length))
		fail_msg("%s: errors \"%s\", expected \"%.*s\"", file, errors,
				(int)length, wanted ? wanted : "");
}

static int judge_file(
		const char *path, const struct stat *status, int kind, struct FTW *where)
{
	size_t length = strlen(path);
	regmon_findings_t findings;
	fixture_t fixture;
	char errors[256];
	char *text;

	if(kind != FTW_F || length < 4 || strcmp(path + length - 4, ".sip") != 0
			|| status->st_size > 65535)
		return 0;
	text = harness_read_file(path, &length);
	fixture_read_text(&fixture, text, length);
	if(fixture.message.is_answer
			|| regmon_text_is(
					fixture.message.method, REGMON_TEXT("REGISTER"))) {
		messages_n++;
		fixture_judge(plan, &fixture, &findings);
		errors_of(&findings, errors, sizeof(errors));
		compare(strstr(path, CORPUS) + sizeof(CORPUS), errors);
	}
	fixture_free(&fixture);
	return 0;
}

static void errors_are_those_looked_at(void **state)
{
	char folder[MAX_PATH];
	const char *line;

	if(!harness_exists(CORPUS)) {
		print_message("no %s beside the tree: skipped\n", CORPUS);
		skip();
	}
	for(line = strchr(expected, '\n'); line != NULL;
			line = strchr(line + 1, '\n'))
		lines_n++;
	snprintf(folder, sizeof(folder), "%s/%s", HARNESS_TREE, CORPUS);
	assert_int_equal(nftw(folder, judge_file, 16, FTW_PHYS), 0);
	assert_true(messages_n > 0);
	/* and none is expected that does not come any more; the first line is the heading */
	assert_int_equal(errors_n, lines_n - 1);
}

static int setup(void **state)
{
	size_t length;
	char *file = harness_read_file(EXPECTED, &length);

	expected = malloc(length + 1);
	assert_non_null(expected);
	memcpy(expected, file, length);
	expected[length] = '\0';
	free(file);
	plan = fixture_plan(NULL, false);
	return 0;
}

static int teardown(void **state)
{
	free(expected);
	free(plan);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(errors_are_those_looked_at),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
