/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables behind ims_regmon.explain are whole and agree with rules, causes and headers; a message is given its place
 * in the call flow. */
#include <ctype.h>

#include "measure/counters.h"
#include "show/header_meaning.h"
#include "show/messages.h"
#include "show/terms.h"
#include "test/unit/explain_capture.h"

/* ---- the tables ---- */

static void check_text(const char *where, const char *what, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if(length < 3 || length > 700)
		fail_msg("%s: %s has %zu bytes", where, what, length);
	if(strpbrk(text, "\n\t|") || strstr(text, "  ") || text[length - 1] == ' '
			|| text[length - 1] == '.' || isspace((unsigned char)text[0]))
		fail_msg("%s: %s: form of \"%s\"", where, what, text);
}

static void check_clause(const char *where, const char *clause)
{
	check_text(where, "clause", clause);
	if(strncmp(clause, "RFC ", 4) != 0 && strncmp(clause, "TS ", 3) != 0)
		fail_msg("%s: clause %s", where, clause);
	if(!strpbrk(clause, "0123456789"))
		fail_msg("%s: clause %s has no number", where, clause);
}

static void check_troubles(const char *where, const regmon_trouble_t *troubles)
{
	unsigned i;

	assert_non_null(troubles[0].cause);
	for(i = 0; i < REGMON_MAX_TROUBLES && troubles[i].cause; i++) {
		check_text(where, "seen", troubles[i].seen);
		check_text(where, "likely cause", troubles[i].cause);
		check_text(where, "inspect", troubles[i].inspect);
		check_text(where, "next step", troubles[i].next_step);
	}
}

static void messages_are_whole(void **state)
{
	const regmon_explained_t *explained;
	unsigned i, k;

	assert_true(regmon_explained_n() > 25);
	for(i = 0; (explained = regmon_explained_at(i)); i++) {
		const struct
		{
			const char *what, *text;
		} fields[] = {{"word", explained->word}, {"name", explained->name},
				{"type", explained->type}, {"protocol", explained->protocol},
				{"technology", explained->technology},
				{"deployment", explained->deployment},
				{"direction", explained->direction},
				{"interface", explained->interface},
				{"bearer", explained->bearer}, {"trigger", explained->trigger},
				{"purpose", explained->purpose},
				{"position", explained->position},
				{"typical state", explained->typical_state},
				{"preconditions", explained->preconditions},
				{"previous", explained->previous}, {"next", explained->next},
				{"security", explained->security},
				{"procedures", explained->procedures},
				{"carries", explained->carries}, {"phone", explained->phone},
				{"release", explained->release}};

		for(k = 0; k < REGMON_COUNT(fields); k++)
			check_text(explained->word, fields[k].what, fields[k].text);
		check_clause(explained->word, explained->clause);
		check_troubles(explained->word, explained->troubles);
		/* a request that is not REGISTER says how it differs */
		if((explained->differs != NULL)
				!= (explained->code == 0
						&& strcmp(explained->word, "REGISTER") != 0))
			fail_msg("%s: difference", explained->word);
		if(explained->differs)
			check_text(explained->word, "differs", explained->differs);
		/* what is not founded on the clause says what is unsure */
		if(explained->doubt)
			check_text(explained->word, "doubt", explained->doubt);
		if(explained->confidence == REGMON_SECONDARY
				&& explained->doubt == NULL)
			fail_msg("%s: secondary without a doubt", explained->word);
		assert_string_not_equal(regmon_explained_basis(explained), "?");
		/* "401" and "401 Unauthorized" */
		if(explained->code && strncmp(explained->name, explained->word, 3) != 0)
			fail_msg("%s: %s", explained->word, explained->name);
	}
}

static void flows_are_whole(void **state)
{
	const regmon_flow_t *flow;
	const char *line;
	unsigned i, steps;

	assert_true(regmon_flows_n() > 10);
	for(i = 0; (flow = regmon_flow_at(i)); i++) {
		check_text(flow->word, "word", flow->word);
		check_text(flow->word, "name", flow->name);
		check_text(flow->word, "position", flow->position);
		check_text(flow->word, "typical state", flow->typical_state);
		check_text(flow->word, "preconditions", flow->preconditions);
		check_text(flow->word, "previous", flow->previous);
		check_text(flow->word, "next", flow->next);
		check_text(flow->word, "security", flow->security);
		check_clause(flow->word, flow->clause);
		check_troubles(flow->word, flow->troubles);
		for(steps = 0, line = flow->steps; line && *line; steps++) {
			line = strchr(line, '\n');
			assert_non_null(line);
			line++;
		}
		if(flow->steps && steps < 4)
			fail_msg("%s: %u steps", flow->word, steps);
	}
	assert_null(regmon_flow_at(regmon_flows_n()));
}

static void check_differ(const char *a, const char *b, const char *what)
{
	if(strcasecmp(a, b) == 0)
		fail_msg("%s twice: %s", what, a);
}

static void texts_are_unique(void **state)
{
	const regmon_explained_t *one, *other;
	const regmon_flow_t *flow, *other_flow;
	unsigned i, k;

	for(i = 0; (one = regmon_explained_at(i)); i++)
		for(k = i + 1; (other = regmon_explained_at(k)); k++) {
			check_differ(one->word, other->word, "word");
			check_differ(one->name, other->name, "name");
			check_differ(one->purpose, other->purpose, "purpose");
			check_differ(one->trigger, other->trigger, "trigger");
			check_differ(one->troubles[0].cause, other->troubles[0].cause,
					"trouble");
			check_differ(one->troubles[0].next_step,
					other->troubles[0].next_step, "next step");
			if(one->code && one->code == other->code)
				fail_msg("code %d twice", one->code);
		}
	for(i = 0; (flow = regmon_flow_at(i)); i++)
		for(k = i + 1; (other_flow = regmon_flow_at(k)); k++) {
			check_differ(flow->word, other_flow->word, "word");
			check_differ(flow->position, other_flow->position, "position");
			check_differ(flow->preconditions, other_flow->preconditions,
					"preconditions");
			check_differ(flow->security, other_flow->security, "security");
		}
}

/* every word by which a record can be asked for leads to that record */
static void words_lead_home(void **state)
{
	const regmon_explained_t *explained;
	const regmon_flow_t *flow;
	unsigned i;
	int at;
	str word;

	for(i = 0; (explained = regmon_explained_at(i)); i++) {
		assert_ptr_equal(
				regmon_explained_find(text_of(explained->word)), explained);
		assert_ptr_equal(
				regmon_explained_find(text_of(explained->name)), explained);
		for(at = 0; explained->also
					&& regmon_text_next_element(
							text_of(explained->also), &at, &word);)
			if(regmon_explained_find(word) != explained)
				fail_msg("%s: %.*s", explained->word, word.len, word.s);
	}
	for(i = 0; (flow = regmon_flow_at(i)); i++) {
		assert_ptr_equal(regmon_flow_find(text_of(flow->word)), flow);
		for(at = 0;
				flow->also
				&& regmon_text_next_element(text_of(flow->also), &at, &word);)
			if(regmon_flow_find(word) != flow
					|| regmon_explained_find(word) != NULL)
				fail_msg("%s: %.*s", flow->word, word.len, word.s);
	}
	assert_null(regmon_explained_find(text_of("")));
	assert_null(regmon_explained_find(text_of("REGISTE")));
	assert_null(regmon_flow_find(text_of("")));
	assert_ptr_equal(regmon_explained_find(text_of("REG_EVENT")),
			regmon_explained_find(text_of("reg event")));
	assert_ptr_equal(regmon_explained_find(text_of("reg-event")),
			regmon_explained_find(text_of("reg event")));
}

static void codes_have_records(void **state)
{
	static const int codes[] = {100, 200, 305, 400, 401, 403, 404, 407, 408,
			420, 421, 423, 439, 480, 481, 494, 500, 503, 504, 600};
	static const struct
	{
		int code, taken_as;
	} others[] = {{183, 100}, {202, 200}, {302, 305}, {484, 400}, {499, 400},
			{513, 500}, {603, 600}};
	unsigned i;
	int code;

	for(i = 0; i < REGMON_COUNT(codes); i++)
		assert_int_equal(regmon_explained_code(codes[i])->code, codes[i]);
	/* what a rule asks for, a reader can look up */
	for(i = 0; i < regmon_rules_n(); i++) {
		code = regmon_rule_at(i)->answer;
		if(code && regmon_explained_code(code)->code != code)
			fail_msg("%s: %d", regmon_rule_at(i)->id, code);
	}
	for(i = 0; i < REGMON_COUNT(others); i++)
		assert_int_equal(regmon_explained_code(others[i].code)->code,
				others[i].taken_as);
	assert_null(regmon_explained_code(99));
	assert_null(regmon_explained_code(700));
	assert_null(regmon_explained_code(0));
	assert_null(regmon_explained_code(-1));
	explains("484", "484 has no meaning of its own");
	explains("484", "name=400 Bad Request");
	explains("603", "name=6xx Global Failure");
	assert_int_equal(explain("401", false), 1);
	assert_false(captured("no meaning of its own"));
}

/* ---- what texts name exists ---- */

static void check_commands(const char *where, const char *text)
{
	static const char *const commands[] = {"summary", "why", "show", "timeline",
			"list", "rules", "decode", "explain"};
	static const char start[] = "ims_regmon.";
	const char *at = text;
	unsigned i;

	while(at && (at = strstr(at, start))) {
		at += sizeof(start) - 1;
		for(i = 0; i < REGMON_COUNT(commands); i++) {
			size_t length = strlen(commands[i]);

			if(strncmp(at, commands[i], length) == 0
					&& !isalpha((unsigned char)at[length]))
				break;
		}
		if(i == REGMON_COUNT(commands))
			fail_msg("%s: no command %.12s", where, at);
		if(strncmp(at, "explain ", 8) == 0) {
			str word = {(char *)at + 8, (int)strcspn(at + 8, " ,;.")};

			if(regmon_explain_count(word) == 0)
				fail_msg("%s: explain %.*s", where, word.len, word.s);
		}
	}
}

static void names_exist(void **state)
{
	const regmon_explained_t *explained;
	const regmon_flow_t *flow;
	unsigned i, k;
	int at;
	str cause;

	for(i = 0; (explained = regmon_explained_at(i)); i++) {
		for(at = 0; explained->causes
					&& regmon_text_next_element(
							text_of(explained->causes), &at, &cause);)
			if(regmon_cause_find(cause) < 0)
				fail_msg("%s: no cause %.*s", explained->word, cause.len,
						cause.s);
		for(k = 0; k < REGMON_MAX_TROUBLES; k++) {
			check_commands(explained->word, explained->troubles[k].next_step);
			check_commands(explained->word, explained->troubles[k].inspect);
		}
	}
	for(i = 0; (flow = regmon_flow_at(i)); i++)
		for(k = 0; k < REGMON_MAX_TROUBLES; k++) {
			check_commands(flow->word, flow->troubles[k].next_step);
			check_commands(flow->word, flow->troubles[k].inspect);
		}
	/* each cause is named by some message */
	for(i = 0; i < regmon_causes_n(); i++) {
		for(k = 0; (explained = regmon_explained_at(k)); k++)
			if(regmon_word_in(
					   text_of(regmon_cause_at(i)->id), explained->causes))
				break;
		if(explained == NULL)
			fail_msg("no message names %s", regmon_cause_at(i)->id);
	}
}

/* ---- examples and places ---- */

/* with the line ends that SIP wants */
static char *example_of(const char *word, size_t *ret_length)
{
	const char *from = regmon_explained_find(text_of(word))->example;
	char *text = malloc(2 * strlen(from) + 3), *to = text;

	assert_non_null(text);
	for(; *from; from++) {
		if(*from == '\n')
			*to++ = '\r';
		*to++ = *from;
	}
	*to++ = '\r';
	*to++ = '\n';
	*ret_length = to - text;
	return text;
}

static void examples_are_good(void **state)
{
	static const char *const words[] = {"REGISTER", "401", "200"};
	regmon_plan_t *plan = fixture_plan(NULL, false);
	static regmon_message_t message;
	regmon_class_t class;
	regmon_findings_t findings;
	size_t length;
	unsigned i;
	char *text;

	for(i = 0; i < REGMON_COUNT(words); i++) {
		text = example_of(words[i], &length);
		assert_true(regmon_message_read(text, (int)length, &message));
		memset(&class, 0, sizeof(class));
		regmon_classify(&message, NULL, REGMON_ROLE_AUTO, &class);
		regmon_rules_judge(plan, &message, &class, &findings);
		if(findings.worst > REGMON_NOTE)
			fail_msg("example of %s breaks %s", words[i],
					regmon_rule_at(findings.list[findings.worst_at].rule)->id);
		assert_int_equal(message.is_answer, i > 0);
		if(i > 0)
			assert_int_equal(message.code, atoi(words[i]));
		free(text);
	}
	free(plan);
}

static void place_is(const char *path, const char *word)
{
	static regmon_message_t message;
	regmon_class_t class;
	size_t length;
	char *text = harness_read_sip(path, &length);
	const regmon_flow_t *flow;

	regmon_message_read(text, (int)length, &message);
	memset(&class, 0, sizeof(class));
	regmon_classify(&message, NULL, REGMON_ROLE_AUTO, &class);
	flow = regmon_flow_of(&message, &class);
	if(flow == NULL || strcmp(flow->word, word) != 0)
		fail_msg("%s: %s", path, flow ? flow->word : "no place");
	regmon_rows_message_context(capture_start('{', false), &message, &class);
	assert_int_equal(capture.depth, 0);
	assert_true(captured("previous_messages=") && captured("next_messages=")
				&& captured("preconditions=") && captured("likely_cause="));
	assert_true(captured(flow->security));
	free(text);
}

static void messages_have_places(void **state)
{
	place_is(FIXTURES "clean-volte-u0.sip", "first-register");
	place_is(FIXTURES "clean-vonr-u0.sip", "first-register");
	place_is(FIXTURES "clean-vowifi-u1.sip", "challenge-answer");
	/* repeats the last response: by its text an answer to a challenge */
	place_is(FIXTURES "clean-vonr-refresh.sip", "challenge-answer");
	place_is(FIXTURES "clean-vonr-u2.sip", "refresh");
	assert_true(captured("security_here=protected; Authorization: "
						 "without a response; "
						 "Security-Client is there; Security-Verify is there"));
	place_is(FIXTURES "clean-deregister.sip", "de-registration");
	place_is(FIXTURES "clean-deregister-star.sip", "de-registration");
	place_is(FIXTURES "clean-resync.sip", "resync");
	place_is(FIXTURES "clean-mac-failure.sip", "autn-refused");
	place_is(FIXTURES "clean-query.sip", "query");
	place_is(FIXTURES "clean-emergency.sip", "emergency-registration");
	place_is(FIXTURES "clean-pi.sip", "core-register");
	place_is(FIXTURES "clean-is.sip", "core-register");
	place_is(FIXTURES "clean-sa.sip", "third-party-register");
	place_is(FIXTURES "clean-plain.sip", "plain-register");
}

static void answers_have_places(void **state)
{
	static regmon_message_t message;
	regmon_class_t class;
	size_t length;
	char *text = example_of("401", &length);

	assert_true(regmon_message_read(text, (int)length, &message));
	memset(&class, 0, sizeof(class));
	regmon_classify(&message, NULL, REGMON_ROLE_AUTO, &class);
	assert_null(regmon_flow_of(&message, &class));
	regmon_rows_message_context(capture_start('{', true), &message, &class);
	assert_int_equal(capture.depth, 0);
	assert_true(captured("position=Second message of each initial"));
	assert_true(captured("phone_reaction=Checks AUTN"));
	assert_true(captured("security_here=WWW-Authenticate is there; "
						 "Security-Server is there"));
	free(text);
	/* no SIP code: nothing is told */
	message.code = 999;
	regmon_rows_message_context(capture_start('{', true), &message, &class);
	assert_int_equal(capture.used, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(messages_are_whole),
			harness_test(flows_are_whole), harness_test(texts_are_unique),
			harness_test(words_lead_home), harness_test(codes_have_records),
			harness_test(names_exist), harness_test(examples_are_good),
			harness_test(messages_have_places),
			harness_test(answers_have_places)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
