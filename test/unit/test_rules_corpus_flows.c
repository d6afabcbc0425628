/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows of others, message by message through a real table, so that the stateful rules see a past: what real phones
 * and lab clients did and what was accepted breaks no rule of error. With SHOW_FINDINGS=1 every finding is printed.
 *
 * Each depth of Via is a node of its own: a message with two of them came in at the second node, and its answer came
 * back to the first. Half a second passes between two messages. */
#define _XOPEN_SOURCE 700 /* nftw() */
#include <ftw.h>

#include "registration/table.h"
#include "test/unit/rules_fixture.h"

#define CORPUS "../shared/corpus"
#define EXPECTED "test/corpus/expected-flows.tsv"
#define NODES 4
#define STEP_MS 500
#define MAX_FILES 1024
#define MAX_PATH 512

static const uint8_t key[] = "0123456789abcdef";
static regmon_plan_t *plan;
static regmon_table_t *nodes[NODES];
static int64_t now_ms;
static bool show;
static char *expected;
static char *files[MAX_FILES];
static unsigned files_n, flows_n, accepted_n, findings_n, errors_n, lines_n;

/* one flow */
static char errors_of_flow[MAX_PATH];
static bool was_accepted, was_registered;

static void open_nodes(void)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	unsigned i;

	limits.max_registrations = 500;
	now_ms = INT64_C(1700000000000);
	for(i = 0; i < NODES; i++) {
		nodes[i] = regmon_table_make(&limits, key, NULL);
		assert_non_null(nodes[i]);
	}
}

/* a record has room for all texts of a phone, and for the address that these flows do not tell */
static bool has_room(const regmon_registration_t *registration, void *context)
{
	assert_int_equal(registration->cut_strings, 0);
	assert_in_range(registration->string_end[REGMON_STRINGS_N - 1], 0,
			REGMON_STRINGS_BYTES - 39);
	return true;
}

static void close_nodes(void)
{
	uint32_t cursor;
	char faults[500];
	unsigned i;

	for(i = 0; i < NODES; i++) {
		cursor = 0;
		regmon_table_visit(nodes[i], &cursor, has_room, NULL);
		if(regmon_table_check(nodes[i], faults, sizeof(faults)))
			fail_msg("%s", faults);
		regmon_table_free(nodes[i]);
	}
}

static void note_findings(
		const char *file, const char *how, const regmon_findings_t *findings)
{
	unsigned i;

	for(i = 0; i < findings->n; i++) {
		const regmon_finding_t *finding = &findings->list[i];
		const char *id = regmon_rule_at(finding->rule)->id;

		findings_n++;
		if(show)
			print_message("%s\t%s\t%s\t%s\t%.*s\n", file, how, id,
					regmon_severity_name(finding->severity), finding->seen.len,
					finding->seen.s ? finding->seen.s : "");
		if(finding->severity == REGMON_ERROR
				&& !fixture_list_holds(errors_of_flow, id))
			snprintf(errors_of_flow + strlen(errors_of_flow),
					sizeof(errors_of_flow) - strlen(errors_of_flow), "%s%s",
					errors_of_flow[0] ? "," : "", id);
	}
}

static void observe(const char *file, unsigned node, regmon_happening_t what,
		const fixture_t *fixture, bool judge_it)
{
	regmon_findings_t findings;
	regmon_observation_t observation = {.what = what,
			.now_ms = now_ms,
			.message = &fixture->message,
			.class = &fixture->class,
			.plan = plan,
			.findings = &findings};

	memset(&findings, 0, sizeof(findings));
	findings.worst_at = -1;
	if(judge_it)
		regmon_rules_judge(plan, &fixture->message, &fixture->class, &findings);
	regmon_table_observe(nodes[node], &observation, NULL);
	note_findings(file,
			what == REGMON_HAPPENING_ANSWER_IN ? "from core" : "at node",
			&findings);
}

static void replay(const char *path)
{
	const char *file = strstr(path, CORPUS) + sizeof(CORPUS);
	size_t length;
	char *text = harness_read_file(path, &length);
	fixture_t fixture;
	unsigned node;

	fixture_read_text(&fixture, text, length);
	now_ms += STEP_MS;
	node = fixture.message.via_n > 0 ? fixture.message.via_n - 1 : 0;
	if(node >= NODES || length > 65535) {
		fixture_free(&fixture);
		return;
	}
	if(!fixture.message.is_answer) {
		if(regmon_text_is(fixture.message.method, REGMON_TEXT("REGISTER"))) {
			was_registered = true;
			observe(file, node, REGMON_HAPPENING_REQUEST_IN, &fixture, true);
		}
	} else if(fixture.message.code >= 200
			  && regmon_text_is(
					  fixture.message.cseq.method, REGMON_TEXT("REGISTER"))) {
		was_accepted |= fixture.message.code < 300;
		observe(file, node, REGMON_HAPPENING_ANSWER_OUT, &fixture, true);
		if(node > 0)
			observe(file, node - 1, REGMON_HAPPENING_ANSWER_IN, &fixture,
					false);
	}
	fixture_free(&fixture);
}

/* Ids that were looked at and found to be the sender's fault. */
static void compare_flow(const char *flow, size_t length)
{
	const char *line, *wanted = "";
	size_t n = 0;

	for(line = expected; line; line = strchr(line, '\n')) {
		line += line[0] == '\n';
		if(strncmp(line, flow, length) == 0 && line[length] == '\t') {
			wanted = line + length + 1;
			n = strcspn(wanted, "\t\n");
			break;
		}
	}
	flows_n += was_registered;
	accepted_n += was_accepted;
	errors_n += errors_of_flow[0] != '\0';
	if(strlen(errors_of_flow) != n || strncmp(errors_of_flow, wanted, n))
		fail_msg("%.*s: errors \"%s\", expected \"%.*s\"", (int)length, flow,
				errors_of_flow, (int)n, wanted);
	if(errors_of_flow[0] && was_accepted
			&& (strncmp(flow, "lab/", 4) == 0
					|| strncmp(flow, "captures/", 9) == 0))
		fail_msg("%.*s was accepted and breaks %s", (int)length, flow,
				errors_of_flow);
}

static int take_file(
		const char *path, const struct stat *status, int kind, struct FTW *where)
{
	size_t length = strlen(path);

	if(kind == FTW_F && length > 4 && files_n < MAX_FILES
			&& strcmp(path + length - 4, ".sip") == 0)
		files[files_n++] = strdup(path);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* a flow is a client's folder: its flowNN after each other, one phone and one table */
static size_t flow_length(const char *file)
{
	const char *end = strstr(file, "/flow");

	return (size_t)((end ? end : strrchr(file, '/')) - file);
}

static void flows_are_clean(void **state)
{
	char folder[MAX_PATH];
	const char *line;
	unsigned i;

	if(!harness_exists(CORPUS)) {
		print_message("no %s beside the tree: skipped\n", CORPUS);
		skip();
	}
	for(line = strchr(expected, '\n'); line; line = strchr(line + 1, '\n'))
		lines_n++;
	snprintf(folder, sizeof(folder), "%s/%s", HARNESS_TREE, CORPUS);
	assert_int_equal(nftw(folder, take_file, 16, FTW_PHYS), 0);
	assert_true(files_n > 0 && files_n < MAX_FILES);
	qsort(files, files_n, sizeof(files[0]), by_name);
	for(i = 0; i < files_n; i++) {
		const char *file = strstr(files[i], CORPUS) + sizeof(CORPUS);
		const char *next = i + 1 < files_n
								   ? strstr(files[i + 1], CORPUS) + sizeof(CORPUS)
								   : "";
		size_t length = strrchr(file, '/') ? flow_length(file) : 0;

		if(length == 0 || strstr(file, "/0") == NULL) {
			free(files[i]);
			continue; /* a single message */
		}
		if(nodes[0] == NULL) {
			open_nodes();
			errors_of_flow[0] = '\0';
			was_accepted = was_registered = false;
		}
		replay(files[i]);
		if(strncmp(file, next, length) != 0 || next[length] != '/') {
			compare_flow(file, length);
			close_nodes();
			nodes[0] = NULL;
		}
		free(files[i]);
	}
	print_message("%u flows with a REGISTER, %u accepted, %u findings\n",
			flows_n, accepted_n, findings_n);
	assert_true(accepted_n > 0);
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
	show = getenv("SHOW_FINDINGS") != NULL;
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
			cmocka_unit_test(flows_are_clean),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
