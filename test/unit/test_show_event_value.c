/* SPDX-License-Identifier: GPL-2.0-or-later */
/* $regmon(name) in an event, for each kind of event; and the line of the log about causes with its quota. */
#include "test/unit/outgoing_world.h"

#include "show/cause_line.h"

#define OF(kind) (1u << REGMON_OUTGOING_##kind)

static char buffer[300];

/* the value as text, "-" for none */
static const char *value_of(const char *name)
{
	static char text[REGMON_OUTGOING_MOST];
	regmon_event_value_t value;

	if(!regmon_event_value(&hand, (str){(char *)name, (int)strlen(name)},
			   &value, buffer, sizeof(buffer)))
		return "-";
	if(value.is_number)
		snprintf(text, sizeof(text), "%lld", (long long)value.number);
	else
		snprintf(text, sizeof(text), "%.*s", value.text.len, value.text.s);
	return text;
}

static void test_values_of_a_record(void **state)
{
	open_world_of(OF(RECORD), 16);
	register_phone();
	assert_true(next());
	assert_string_equal(value_of("event"), "record");
	assert_string_equal(value_of("kind"), "initial");
	assert_string_equal(value_of("result"), "success");
	assert_string_equal(value_of("code"), "200");
	assert_string_equal(value_of("reason"), "OK");
	assert_string_equal(value_of("state"), "registered");
	assert_string_equal(value_of("state_before"), "-");
	assert_string_equal(value_of("IMPU"), USUAL_TO);
	assert_string_equal(value_of("impi"), USUAL_IMPI);
	assert_string_equal(
			value_of("instance"), "urn:gsma:imei:35609911-000001-0");
	assert_string_equal(value_of("imei"), "35609911-000001-0");
	assert_string_equal(value_of("device"), "Phone/1.0");
	assert_string_equal(value_of("call_id"), "call-1");
	assert_string_equal(value_of("access"), "NR");
	assert_string_equal(value_of("plmn"), "00101");
	assert_string_equal(value_of("tac"), "000001");
	assert_string_equal(value_of("cell"), "00000AB01");
	assert_string_equal(value_of("expires"), "3600");
	assert_string_equal(value_of("attempts"), "1");
	assert_string_equal(value_of("failures"), "0");
	assert_string_equal(value_of("registered_for"), "0");
	assert_string_equal(value_of("spi_c"), "1111");
	assert_string_equal(value_of("spi_s"), "2222");
	assert_string_equal(value_of("port_c"), "5062");
	assert_string_equal(value_of("port_s"), "5064");
	assert_string_equal(value_of("cause"), "-");
	assert_string_equal(value_of("certainty"), "-");
	assert_string_equal(value_of("json"), json);
	assert_string_equal(value_of("leg"), "-");
	assert_string_equal(value_of("no_such_name"), "-");
	close_world();
}

static void test_values_of_a_finding(void **state)
{
	const regmon_rule_t *rule;

	open_world_of(OF(FINDING), 16);
	ask(&(ask_t){.to = "sip:001010000000001@bad host"});
	assert_true(next());
	rule = regmon_rule_at(hand.outgoing->rule);
	assert_string_equal(value_of("event"), "finding");
	assert_string_equal(value_of("finding"), rule->id);
	assert_string_equal(value_of("findings"), rule->id);
	assert_string_equal(value_of("text"), rule->text);
	assert_string_equal(
			value_of("verdict"), regmon_severity_name(hand.outgoing->severity));
	close_world();
}

/* of this attempt, not of those before; each once, the worst one first asked for */
static void test_findings_of_a_record(void **state)
{
	static union
	{
		regmon_outgoing_t outgoing;
		char room[sizeof(regmon_outgoing_t) + 4 * sizeof(regmon_entry_t)];
	} crafted;
	regmon_registration_t *record = &crafted.outgoing.record;
	char ids[40];

	crafted.outgoing.kind = REGMON_OUTGOING_RECORD;
	record->attempt.opened_ms = START_MS;
	record->timeline_length = record->timeline_n = 4;
	record->timeline_from_s = START_MS / 1000 - 1;
	record->timeline[0] = (regmon_entry_t){
			.at = 999, .finding = 9, .severity = REGMON_ERROR};
	record->timeline[1] = (regmon_entry_t){
			.at = 1000, .finding = 5, .severity = REGMON_NOTE};
	record->timeline[2] = (regmon_entry_t){
			.at = 1000, .finding = 7, .severity = REGMON_WARNING};
	record->timeline[3] = record->timeline[1];
	hand.outgoing = &crafted.outgoing;
	hand.diagnosis.n = 0;
	snprintf(ids, sizeof(ids), "%s,%s", regmon_rule_at(4)->id,
			regmon_rule_at(6)->id);
	assert_string_equal(value_of("findings"), ids);
	assert_string_equal(value_of("finding"), regmon_rule_at(6)->id);
	assert_string_equal(value_of("text"), regmon_rule_at(6)->text);
	assert_string_equal(value_of("verdict"), "warning");
}

static void test_a_record_without_findings(void **state)
{
	open_world_of(OF(RECORD), 16);
	plan = NULL;
	register_phone();
	assert_true(next());
	assert_string_equal(value_of("verdict"), "ok");
	assert_string_equal(value_of("finding"), "-");
	assert_string_equal(value_of("findings"), "-");
	assert_string_equal(value_of("text"), "-");
	close_world();
}

static void test_values_of_a_state(void **state)
{
	open_world_of(OF(STATE), 16);
	ask(&(ask_t){0});
	assert_true(next());
	assert_string_equal(value_of("event"), "state");
	assert_string_equal(value_of("state_before"), "unknown");
	assert_string_equal(value_of("state"), "registering");
	assert_string_equal(value_of("result"), "open");
	assert_string_equal(value_of("code"), "-");
	assert_string_equal(value_of("reason"), "-");
	assert_string_equal(value_of("registered_for"), "-");
	assert_string_equal(value_of("spi_c"), "-");
	assert_string_equal(value_of("access"), "-");
	assert_string_equal(value_of("verdict"), "-");
	assert_string_equal(value_of("finding"), "-");
	close_world();
}

static void test_values_of_a_cause(void **state)
{
	open_world_of(OF(CAUSE), 16);
	exchange(&(ask_t){0}, (answer_t){.code = 403});
	assert_true(next());
	assert_string_equal(value_of("cause"), "forbidden-by-core");
	assert_string_equal(value_of("certainty"), "certain");
	/* a verdict that is not at hand: the cause still is */
	hand.diagnosis.n = 0;
	assert_string_equal(value_of("cause"), "forbidden-by-core");
	assert_string_equal(value_of("certainty"), "-");
	close_world();
}

/* ---- the line of the log ---- */

static const char *line(void)
{
	static char text[REGMON_CAUSE_LINE_LENGTH];
	int length = regmon_cause_line(&hand, text);

	assert_int_equal(length, (int)strlen(text));
	return text;
}

static void test_line(void **state)
{
	open_world_of(OF(CAUSE), 16);
	exchange(&(ask_t){0}, (answer_t){.code = 403});
	assert_true(next());
	assert_string_equal(line(),
			USUAL_TO ": forbidden-by-core (certain), Call-ID call-1: "
					 "HSS: user unknown, identities that do not match, barring "
					 "or roaming (Cx 5001-5004); the reason phrase does not "
					 "say which");
	done_with();
	now_ms += SECOND;
	exchange(&(ask_t){.call_id = "t\"wo\x01", .branch = "z9hG4bK2", .cseq = 2},
			(answer_t){.code = 200});
	assert_true(next());
	assert_string_equal(line(),
			USUAL_TO ": no cause of trouble any more, Call-ID t\"wo?; before: "
					 "forbidden-by-core");
	close_world();
}

/* more causes than one, all strings at their longest */
static void test_longest_line(void **state)
{
	static regmon_outgoing_t crafted;
	char name[200];
	unsigned i;

	memset(&crafted, 0, sizeof(crafted));
	memset(name, 'x', sizeof(name));
	regmon_registration_set_string(
			&crafted.record, REGMON_STRING_IMPU, (str){name, sizeof(name)});
	regmon_registration_set_string(
			&crafted.record, REGMON_STRING_CALL_ID, (str){name, sizeof(name)});
	crafted.kind = REGMON_OUTGOING_CAUSE;
	crafted.causes_before = crafted.causes_after = ~UINT64_C(0);
	hand.outgoing = &crafted;
	hand.diagnosis.n = 1;
	hand.diagnosis.list[0].certainty = REGMON_POSSIBLE;
	for(i = 0; i < regmon_causes_n(); i++) {
		const regmon_suspect_t *suspect = regmon_cause_at(i)->suspects;

		hand.diagnosis.list[0].cause = i;
		for(; suspect->text; suspect++) {
			hand.diagnosis.list[0].suspect = suspect->text;
			assert_in_range(strlen(line()), 300, REGMON_CAUSE_LINE_LENGTH - 1);
			assert_non_null(strstr(line(), "; also: "));
			assert_null(strchr(line(), '\n'));
		}
	}
}

static void test_quota(void **state)
{
	regmon_quota_t quota = {.per_minute = 3};
	int64_t at_ms = START_MS;
	unsigned i, said = 0;

	assert_int_equal(regmon_quota_pass(&quota, at_ms), 0);
	for(i = 0; i < 10; i++, at_ms += SECOND) {
		assert_int_equal(regmon_quota_pass(&quota, at_ms), 0);
		said += regmon_quota_take(&quota, at_ms);
	}
	assert_int_equal(said, 3);
	assert_int_equal(regmon_quota_pass(&quota, START_MS + 60 * SECOND - 1), 0);
	assert_int_equal(regmon_quota_pass(&quota, START_MS + 60 * SECOND), 7);
	assert_int_equal(regmon_quota_pass(&quota, START_MS + 61 * SECOND), 0);
	/* the next minute begins with its first line */
	at_ms = START_MS + 300 * SECOND;
	assert_true(regmon_quota_take(&quota, at_ms));
	assert_int_equal(regmon_quota_pass(&quota, START_MS + 359 * SECOND), 0);
	assert_true(regmon_quota_take(&quota, START_MS + 359 * SECOND));
	assert_true(regmon_quota_take(&quota, START_MS + 359 * SECOND));
	assert_false(regmon_quota_take(&quota, START_MS + 359 * SECOND));
	assert_int_equal(regmon_quota_pass(&quota, START_MS + 360 * SECOND), 1);
	/* the clock goes back by an hour: nobody waits until it is there again */
	for(i = 0; i < 5; i++)
		regmon_quota_take(&quota, START_MS + 7200 * SECOND);
	at_ms = START_MS + 3600 * SECOND;
	assert_int_equal(regmon_quota_pass(&quota, at_ms), 2);
	assert_true(regmon_quota_take(&quota, at_ms));
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_values_of_a_record),
			harness_test(test_values_of_a_finding),
			harness_test(test_findings_of_a_record),
			harness_test(test_a_record_without_findings),
			harness_test(test_values_of_a_state),
			harness_test(test_values_of_a_cause), harness_test(test_line),
			harness_test(test_longest_line), harness_test(test_quota)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
