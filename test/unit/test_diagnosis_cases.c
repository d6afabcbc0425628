/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test/cases: public reports of trouble, replayed through a real table with a clock of its own. The expected cause has to
 * stand first, and must not be named for the twin that looks alike. How a case is written: test/cases/README.md. */
#include <dirent.h>

#include "diagnosis/diagnosis.h"
#include "registration/network.h"
#include "test/unit/rules_fixture.h"

#define CASES "test/cases/"
#define START_MS INT64_C(1700000000000)
#define MOST_CASES 64
#define TEXT_SIZE 8000

static const uint8_t key[] = "0123456789abcdef";
static regmon_thresholds_t thresholds = REGMON_THRESHOLDS_DEFAULT;

typedef struct expectation
{
	char cause[60], certainty[20], suspect[120], home[100];
	long ask_s;
} expectation_t;

typedef struct replay
{
	regmon_table_t *table;
	regmon_plan_t *plan;
	expectation_t expected;
	int64_t now_ms;
	/* of the last REGISTER that came, for steps without a message */
	char to[200], call_id[200], tag[100], contact[200];
	uint32_t cseq;
	int vias;
} replay_t;

static uint64_t causes_of(
		const regmon_registration_t *registration, int64_t now_ms)
{
	return regmon_diagnose_set(registration, &thresholds, now_ms);
}

/* ---- texts ---- */

static void read_expectation(const char *folder, expectation_t *expected)
{
	char path[300], *line, *rest = NULL, *text;
	size_t length;
	char *file;

	memset(expected, 0, sizeof(*expected));
	snprintf(path, sizeof(path), "%s/expect", folder);
	file = harness_read_file(path, &length);
	text = strndup(file, length);
	free(file);
	for(line = strtok_r(text, "\n", &rest); line;
			line = strtok_r(NULL, "\n", &rest)) {
		char *value = strstr(line, ": ");

		if(value == NULL)
			fail_msg("%s: %s", path, line);
		*value = '\0';
		value += 2;
		if(strcmp(line, "cause") == 0)
			snprintf(expected->cause, sizeof(expected->cause), "%s", value);
		else if(strcmp(line, "certainty") == 0)
			snprintf(expected->certainty, sizeof(expected->certainty), "%s",
					value);
		else if(strcmp(line, "suspect") == 0)
			snprintf(expected->suspect, sizeof(expected->suspect), "%s", value);
		else if(strcmp(line, "home") == 0)
			snprintf(expected->home, sizeof(expected->home), "%s", value);
		else if(strcmp(line, "ask") == 0)
			expected->ask_s = atol(value);
		else
			fail_msg("%s: what is %s?", path, line);
	}
	free(text);
	assert_true(regmon_cause_find((str){expected->cause,
						(int)strlen(expected->cause)})
				>= 0);
}

/* every `from` of the text becomes `to` */
static void replace(char *text, const char *from, const char *to)
{
	char *at = text;
	size_t n = strlen(from), m = strlen(to);
	unsigned found = 0;

	while((at = strstr(at, from)) != NULL) {
		assert_true(strlen(text) + m < TEXT_SIZE);
		memmove(at + m, at + n, strlen(at + n) + 1);
		memcpy(at, to, m);
		at += m;
		found++;
	}
	if(found == 0)
		fail_msg("there is no \"%s\" in\n%s", from, text);
}

/* replaces what stands between before and the first of ends behind it */
static void replace_between(char *text, const char *before, const char *ends,
		const char *value)
{
	char *at = strstr(text, before), rest[TEXT_SIZE];

	if(at == NULL)
		fail_msg("there is no \"%s\" in\n%s", before, text);
	at += strlen(before);
	snprintf(rest, sizeof(rest), "%s", at + strcspn(at, ends));
	sprintf(at, "%s%s", value, rest);
}

static char *find_header(char *text, const char *name, size_t n)
{
	char *line = strchr(text, '\n');

	for(; line; line = strchr(line, '\n')) {
		line++;
		if(strncmp(line, name, n) == 0 && line[n] == ':')
			return line;
	}
	return NULL;
}

/* "\\n" of a case's file */
static void unescape(char *text)
{
	char *at;

	while((at = strstr(text, "\\n")) != NULL) {
		*at = '\n';
		memmove(at + 1, at + 2, strlen(at + 2) + 1);
	}
}

/* one line of a step that changes its message */
static void change(char *text, char *line)
{
	char *header, *colon, *middle, *end, rest[TEXT_SIZE];
	char with[40];

	if(strncmp(line, "cseq ", 5) == 0) {
		replace_between(text, "\nCSeq: ", " ", line + 5);
		snprintf(with, sizeof(with), "%s", line + 5);
		replace_between(text, "branch=z9hG4bK-52a1-", ";\n", with);
	} else if(strncmp(line, "nonce ", 6) == 0) {
		replace_between(text, "nonce=\"", "\"", line + 6);
	} else if(strncmp(line, "call-id ", 8) == 0) {
		replace_between(text, "\nCall-ID: ", "\n", line + 8);
		/* another attempt has another branch, too */
		replace_between(text, "branch=z9hG4bK-", "-", "anew");
		replace_between(text, "branch=z9hG4bK-anew-", "0123456789", line + 8);
	} else if(strncmp(line, "s|", 2) == 0) {
		middle = strchr(line + 2, '|');
		end = middle ? strchr(middle + 1, '|') : NULL;
		if(end == NULL)
			fail_msg("%s", line);
		*middle = *end = '\0';
		unescape(middle + 1);
		replace(text, line + 2, middle + 1);
	} else if(strncmp(line, "SIP/2.0 ", 8) == 0) {
		snprintf(rest, sizeof(rest), "%s", strchr(text, '\n'));
		sprintf(text, "%s%s", line, rest);
	} else if(line[0] == '-') {
		header = find_header(text, line + 1, strlen(line + 1));
		if(header == NULL)
			fail_msg("there is no %s in\n%s", line + 1, text);
		end = strchr(header, '\n') + 1;
		memmove(header, end, strlen(end) + 1);
	} else {
		colon = strchr(line, ':');
		if(colon == NULL)
			fail_msg("what is %s?", line);
		header = find_header(text, line, colon - line);
		if(header == NULL)
			fail_msg("there is no %.*s in\n%s", (int)(colon - line), line, text);
		snprintf(rest, sizeof(rest), "%s", strchr(header, '\n'));
		sprintf(header, "%s%s", line, rest);
	}
}

static void read_base(const char *name, char *text)
{
	char path[200];
	size_t length;
	char *file;

	snprintf(path, sizeof(path), CASES "messages/%s.sip", name);
	file = harness_read_file(path, &length);
	assert_true(length < TEXT_SIZE / 2);
	memcpy(text, file, length);
	text[length] = '\0';
	free(file);
}

/* ---- steps ---- */

static void remember(replay_t *replay, const regmon_message_t *message)
{
	snprintf(replay->to, sizeof(replay->to), "%.*s", message->to.uri.text.len,
			message->to.uri.text.s);
	snprintf(replay->call_id, sizeof(replay->call_id), "%.*s",
			message->call_id.len, message->call_id.s);
	snprintf(replay->tag, sizeof(replay->tag), "%.*s", message->from.tag.len,
			message->from.tag.s);
	snprintf(replay->contact, sizeof(replay->contact), "%.*s",
			message->contacts.list[0].uri.text.len,
			message->contacts.list[0].uri.text.s);
	replay->cseq = (uint32_t)message->cseq.number;
	replay->vias = message->via_n;
}

static void step_with_message(replay_t *replay, const char *how, char *text)
{
	static char wire[2 * TEXT_SIZE];
	regmon_findings_t findings;
	regmon_arrival_t arrival = {.received_port = 5060, .transport = "UDP"};
	regmon_observation_t observation = {.now_ms = replay->now_ms,
			.plan = replay->plan,
			.findings = &findings,
			.local = strcmp(how, "out-local") == 0};
	fixture_t fixture;
	char *at = wire;
	size_t length;

	/* an answer of the core still has this node's Via */
	if(strcmp(how, "from-core") == 0)
		replace_between(text, "\n", "V",
				"Via: SIP/2.0/UDP 10.4.128.21:5060;branch=z9hG4bKhere\n");
	for(; *text; text++) {
		if(*text == '\n')
			*at++ = '\r';
		*at++ = *text;
	}
	*at = '\0';
	fixture_read_text(&fixture, harness_copy(wire, &length), at - wire);
	if(strcmp(how, "in") == 0) {
		observation.what = REGMON_HAPPENING_REQUEST_IN;
		arrival.source_address = fixture.message.via.host;
		arrival.source_port = fixture.message.via.port;
		if(fixture.class.is_protected)
			arrival.received_port = 6100;
		observation.arrival = &arrival;
		remember(replay, &fixture.message);
	} else {
		observation.what = strcmp(how, "from-core") == 0
								   ? REGMON_HAPPENING_ANSWER_IN
								   : REGMON_HAPPENING_ANSWER_OUT;
	}
	observation.message = &fixture.message;
	observation.class = &fixture.class;
	regmon_rules_judge(
			replay->plan, &fixture.message, &fixture.class, &findings);
	regmon_table_observe(replay->table, &observation, NULL);
	fixture_free(&fixture);
}

static void step_without_message(
		replay_t *replay, regmon_happening_t what, int code)
{
	regmon_observation_t observation = {.what = what,
			.now_ms = replay->now_ms,
			.to_uri = {replay->to, (int)strlen(replay->to)},
			.call_id = {replay->call_id, (int)strlen(replay->call_id)},
			.from_tag = {replay->tag, (int)strlen(replay->tag)},
			.cseq = replay->cseq,
			.vias = replay->vias,
			.final_code = code};

	regmon_table_observe(replay->table, &observation, NULL);
}

/* a reg-event document, as it stands in the flow */
static void step_of_registrar(replay_t *replay, char *document)
{
	static regmon_reginfo_t reginfo;
	regmon_network_report_t report;
	regmon_complaint_t complaint;

	if(!regmon_reginfo_read((str){document, (int)strlen(document)}, &reginfo,
			   &complaint))
		fail_msg("%s\n%s", complaint.text, document);
	regmon_table_reginfo(
			replay->table, &reginfo, false, replay->now_ms, &report);
}

/* ims_usrloc_pcscf lets go of the contact of the last REGISTER */
static void step_of_store(replay_t *replay)
{
	regmon_store_news_t news = {.store = REGMON_STORE_PCSCF,
			.stored = REGMON_STORED_REMOVED,
			.contact = {replay->contact, (int)strlen(replay->contact)}};

	regmon_table_stored(replay->table, &news, replay->now_ms);
}

static void pass_until(replay_t *replay, int64_t until_ms)
{
	while(replay->now_ms < until_ms) {
		replay->now_ms += 1000;
		if(replay->now_ms > until_ms)
			replay->now_ms = until_ms;
		regmon_table_expire(replay->table, replay->now_ms);
	}
}

static void do_step(replay_t *replay, char *step)
{
	char *rest = NULL, *line = strtok_r(step, "\n", &rest), how[20] = "";
	static char text[TEXT_SIZE];
	double seconds;
	int code = 0, fields;

	fields = sscanf(line, "@ %lf %19s %d", &seconds, how, &code);
	if(fields < 2)
		fail_msg("what is %s?", line);
	pass_until(replay, START_MS + (int64_t)(seconds * 1000 + 0.5));
	if(strcmp(how, "sent-on") == 0) {
		step_without_message(replay, REGMON_HAPPENING_REQUEST_OUT, 0);
		return;
	}
	if(strcmp(how, "document") == 0) {
		step_of_registrar(replay, rest);
		return;
	}
	if(strcmp(how, "dropped") == 0) {
		step_of_store(replay);
		return;
	}
	if(strcmp(how, "ended") == 0) {
		step_without_message(
				replay, REGMON_HAPPENING_TRANSACTION_ENDED, code);
		return;
	}
	if(strcmp(how, "in") != 0 && strcmp(how, "out") != 0
			&& strcmp(how, "out-local") != 0 && strcmp(how, "from-core") != 0)
		fail_msg("what is %s?", how);
	read_base(strtok_r(NULL, "\n", &rest), text);
	for(line = strtok_r(NULL, "\n", &rest); line;
			line = strtok_r(NULL, "\n", &rest))
		change(text, line);
	step_with_message(replay, how, text);
}

/* ---- one case ---- */

static void run(const char *folder, const char *flow,
		const expectation_t *expected, regmon_diagnosis_t *ret_diagnosis)
{
	regmon_expectations_t operator= {.home_domains_n = expected->home[0] != 0,
			.home_domains = {
					{(char *)expected->home, (int)strlen(expected->home)}}};
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	regmon_who_t who = {REGMON_WHO_ANY, REGMON_TEXT("001010123456789")};
	replay_t replay = {.now_ms = START_MS, .expected = *expected};
	regmon_registration_t *record;
	char path[300], faults[400], *text, *step, *next;
	size_t length;
	char *file;

	limits.max_registrations = 100;
	replay.table = regmon_table_make(&limits, key, causes_of);
	replay.plan = malloc(regmon_plan_size());
	assert_non_null(replay.table);
	assert_non_null(replay.plan);
	regmon_plan_make(
			replay.plan, NULL, expected->home[0] ? &operator: NULL);
	snprintf(path, sizeof(path), "%s/%s.flow", folder, flow);
	file = harness_read_file(path, &length);
	text = strndup(file, length);
	free(file);
	for(step = text; step; step = next) {
		next = strstr(step, "\n@ ");
		if(next)
			*next++ = '\0';
		do_step(&replay, step);
	}
	free(text);
	pass_until(&replay, START_MS + expected->ask_s * 1000);
	record = malloc(regmon_table_record_size(replay.table));
	assert_non_null(record);
	/* of two devices the one seen last */
	assert_true(regmon_table_find(replay.table, &who, record, 1) >= 1);
	regmon_diagnose(record, &thresholds, replay.now_ms, ret_diagnosis);
	/* what the table counts is what the explanation says */
	assert_true(record->causes
				== regmon_diagnose_set(record, &thresholds, replay.now_ms));
	if(regmon_table_check(replay.table, faults, sizeof(faults)))
		fail_msg("%s %s: %s", folder, flow, faults);
	free(record);
	free(replay.plan);
	regmon_table_free(replay.table);
}

static const char *first_cause(const regmon_diagnosis_t *diagnosis)
{
	return diagnosis->n ? regmon_cause_at(diagnosis->list[0].cause)->id
						: "none";
}

static void print(const char *folder, const regmon_diagnosis_t *diagnosis)
{
	unsigned i, k;

	print_error("%s: %s\n", folder, diagnosis->summary);
	for(i = 0; i < diagnosis->n; i++) {
		const regmon_verdict_t *verdict = &diagnosis->list[i];

		print_error("  %s, %s: %s\n", regmon_cause_at(verdict->cause)->id,
				regmon_certainty_name(verdict->certainty), verdict->suspect);
		for(k = 0; k < verdict->evidence.n; k++)
			print_error("    %s\n", verdict->evidence.line[k]);
	}
}

static bool is_as_expected(const regmon_diagnosis_t *diagnosis,
		const expectation_t *expected)
{
	return strcmp(first_cause(diagnosis), expected->cause) == 0
		   && strcmp(regmon_certainty_name(diagnosis->list[0].certainty),
					  expected->certainty)
					  == 0
		   && strncmp(diagnosis->list[0].suspect, expected->suspect,
					  strlen(expected->suspect))
					  == 0;
}

static bool names(const regmon_diagnosis_t *diagnosis, const char *cause)
{
	unsigned i;

	for(i = 0; i < diagnosis->n; i++)
		if(strcmp(regmon_cause_at(diagnosis->list[i].cause)->id, cause) == 0)
			return true;
	return false;
}

static unsigned list_cases(char names[MOST_CASES][120])
{
	DIR *directory = opendir(HARNESS_TREE "/" CASES);
	struct dirent *entry;
	unsigned n = 0;

	assert_non_null(directory);
	while((entry = readdir(directory)) != NULL)
		if(entry->d_type == DT_DIR && entry->d_name[0] != '.'
				&& strcmp(entry->d_name, "messages") != 0) {
			assert_true(n < MOST_CASES);
			snprintf(names[n++], sizeof(names[0]), CASES "%.100s",
					entry->d_name);
		}
	closedir(directory);
	return n;
}

static void cases_and_twins(void **state)
{
	static char folders[MOST_CASES][120];
	unsigned n = list_cases(folders), i, wrong = 0;

	assert_true(n >= 14);
	for(i = 0; i < n; i++) {
		regmon_diagnosis_t diagnosis;
		expectation_t expected;

		read_expectation(folders[i], &expected);
		run(folders[i], "trouble", &expected, &diagnosis);
		if(!is_as_expected(&diagnosis, &expected)) {
			print(folders[i], &diagnosis);
			print_error("  expected: %s, %s: %s\n", expected.cause,
					expected.certainty, expected.suspect);
			wrong++;
		}
		/* the same question to the twin has to fail: so the case can */
		run(folders[i], "twin", &expected, &diagnosis);
		if(names(&diagnosis, expected.cause)) {
			print(folders[i], &diagnosis);
			print_error("  its twin must not be called %s\n", expected.cause);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
	print_message("%u cases, each with a twin\n", n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(cases_and_twins)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
