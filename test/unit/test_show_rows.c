/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of one phone, of the list and of the first screen, made from records that the table wrote. */
#include "test/unit/rows_world.h"
#include "test/unit/writer_fake.h"

static fake_t fake;
static void test_show(void **state)
{
	open_world();
	register_phone();
	now_ms += 3200;
	fake_start(&fake, false);
	regmon_rows_show(&fake.writer, &monitor, the_phone(), now_ms);
	assert_int_equal(fake.depth, 0);
	assert_field(&fake, "impu", USUAL_TO);
	assert_field(&fake, "impi", USUAL_IMPI);
	assert_field(&fake, "imsi", "001010000000001");
	assert_field(&fake, "imei", "35609911-000001-0");
	assert_field(&fake, "access", "NR");
	assert_field(&fake, "access_type", "3GPP-NR-FDD");
	assert_field(&fake, "plmn", "00101");
	assert_field(&fake, "tac", "000001");
	assert_field(&fake, "cell", "00000AB01");
	assert_field(&fake, "source", "10.0.0.1:5060 UDP");
	assert_field(&fake, "device", "Phone/1.0");
	assert_field(&fake, "state", "registered");
	assert_field(&fake, "binding.in_force", "yes");
	assert_field(&fake, "binding.granted_s", "3600");
	/* granted 144 ms after the start */
	assert_field(&fake, "binding.granted", "22:13:20.144 (3.2 s ago)");
	assert_field(&fake, "binding.granted_ms", "1700000000144");
	assert_field(&fake, "binding.refresh_due", "23:03:20.144 (in 49 min 56 s)");
	assert_field(&fake, "attempt.kind", "initial");
	assert_field(&fake, "attempt.result", "success");
	assert_field(&fake, "attempt.requests", "2");
	assert_field(&fake, "attempt.challenges", "1");
	assert_field(&fake, "attempt.retransmissions", "0");
	assert_field(&fake, "history.successes", "1");
	assert_field(&fake, "security_client.spi_c", "1111");
	assert_field(&fake, "security_server.port_s", "6064");
	assert_field(&fake, "features[0]", "smsip");
	close_world();
}

/* a person sees no zeros, no epoch numbers, and the cell in one line */
static void test_show_for_eyes(void **state)
{
	open_world();
	register_phone();
	fake_start(&fake, true);
	regmon_rows_show(&fake.writer, &monitor, the_phone(), now_ms);
	assert_field(
			&fake, "access", "NR, PLMN 00101, TAC 000001, cell 00000AB01");
	assert_no_field(&fake, "plmn");
	assert_no_field(&fake, "attempt.retransmissions");
	assert_no_field(&fake, "binding.granted_ms");
	assert_field(&fake, "security_client",
			"spi-c 1111, spi-s 2222, port-c 5062, port-s 5064, alg "
			"hmac-sha-1-96, ealg null");
	close_world();
}

static void test_why_nothing_wrong(void **state)
{
	open_world();
	register_phone();
	fake_start(&fake, false);
	regmon_rows_why(&fake.writer, &monitor, the_phone(), now_ms);
	assert_field(&fake, "verdict",
			"no known cause of trouble applies to this phone now");
	assert_holds(fake_get(&fake, "summary"), "Registered since 22:13:20");
	assert_int_equal(fake_count(&fake, "causes["), 0);
	close_world();
}

static void test_why_forbidden(void **state)
{
	open_world();
	exchange(&(ask_t){.credentials = EMPTY},
			(answer_t){.code = 403, .reason = "HSS User Unknown"});
	fake_start(&fake, false);
	regmon_rows_why(&fake.writer, &monitor, the_phone(), now_ms);
	assert_field(&fake, "state", "failed");
	assert_field(&fake, "causes[0].cause", "forbidden-by-core");
	assert_field(&fake, "causes[0].certainty", "certain");
	assert_holds(fake_get(&fake, "causes[0].evidence[0]"), "403");
	assert_true(fake_count(&fake, "causes[0].evidence[") >= 2);
	assert_non_null(fake_get(&fake, "causes[0].inspect"));
	assert_non_null(fake_get(&fake, "causes[0].next_step"));
	assert_non_null(fake_get(&fake, "causes[0].refuted_by"));
	assert_non_null(fake_get(&fake, "causes[0].clause"));
	assert_holds(fake_get(&fake, "verdict"), "certain: ");
	close_world();
}

/* findings of severity error and warning, with the time when the timeline still has them */
static void test_why_findings(void **state)
{
	char path[64];
	bool found = false;
	int i;

	open_world();
	register_phone();
	now_ms += 1000;
	/* CSeq stands still */
	ask(&(ask_t){.cseq = 2, .branch = "z9hG4bK3", .credentials = RESPONSE,
			.access = PANI});
	fake_start(&fake, false);
	regmon_rows_why(&fake.writer, &monitor, the_phone(), now_ms);
	for(i = 0; i < 20 && !found; i++) {
		const char *id;

		snprintf(path, sizeof(path), "findings[%d].id", i);
		id = fake_get(&fake, path);
		if(id && strcmp(id, "CSEQ-02") == 0) {
			found = true;
			snprintf(path, sizeof(path), "findings[%d].last_seen_ms", i);
			assert_field(&fake, path, "1700000001144");
			snprintf(path, sizeof(path), "findings[%d].severity", i);
			assert_field(&fake, path, "error");
		}
	}
	if(!found)
		fail_msg("no CSEQ-02 in\n%s", fake.text);
	close_world();
}

/* an answer without room says how many causes are left out */
static void test_why_no_room(void **state)
{
	open_world();
	exchange(&(ask_t){.credentials = EMPTY}, (answer_t){.code = 403});
	fake_start(&fake, false);
	fake.room = 100;
	regmon_rows_why(&fake.writer, &monitor, the_phone(), now_ms);
	assert_int_equal(fake_count(&fake, "causes["), 0);
	assert_field(&fake, "causes_more", "2 more do not fit into one answer");
	assert_int_equal(fake.depth, 0);
	close_world();
}

/* both sides drawn, delays and findings at the line where they arose, pauses between */
static void test_ladder(void **state)
{
	open_world();
	register_phone();
	monitor.role = REGMON_ROLE_PCSCF;
	now_ms += 60 * SECOND;
	ask(&(ask_t){.cseq = 3, .branch = "z9hG4bK3", .expires_0 = true,
			.credentials = RESPONSE});
	fake_start(&fake, false);
	regmon_rows_ladder(&fake.writer, &monitor, the_phone(), now_ms);
	assert_field(&fake, "ladder[0]",
			"              phone                      pcscf                      core");
	assert_field(&fake, "ladder[1]",
			"22:13:20.000  |-- REGISTER 1 ----------->|                          |"
			"  warning MF-01 max-forwards-unusable");
	assert_field(&fake, "ladder[2]",
			"22:13:20.001  |                          |-- REGISTER 1 ----------->|"
			"  +1 ms");
	assert_field(&fake, "ladder[3]",
			"22:13:20.021  |                          |<- 401 Unauthorize"
			"d ------|  +20 ms, security-server");
	assert_field(&fake, "ladder[4]",
			"22:13:20.022  |<- 401 Unauthorized ------|                          |"
			"  +22 ms, security-server, new nonce");
	assert_field(&fake, "ladder[5]",
			"22:13:20.122  |-- REGISTER 2 ----------->|                  "
			"        |  +122 ms, protected, credentials; warning CON-02 contact-port-not-protected");
	assert_field(&fake, "ladder[9]",
			"              :                          :                          :"
			"  1 min 0 s");
	assert_field(&fake, "ladder[10]",
			"22:14:20.144  |-- REGISTER 3 expires 0 ->|                  "
			"        |  +1 min 0 s, credentials; warning MF-01 max-forwards-unusable");
	monitor.role = REGMON_ROLE_AUTO;
	close_world();
}

static void test_timeline(void **state)
{
	regmon_registration_t *copy;
	char path[40];
	int i;

	open_world();
	register_phone();
	fake_start(&fake, false);
	regmon_rows_timeline(&fake.writer, the_phone(), 0, now_ms);
	assert_field(&fake, "timeline[0].direction", "phone -> here");
	assert_field(&fake, "timeline[0].what", "REGISTER");
	assert_field(&fake, "timeline[0].at", "22:13:20.000");
	assert_field(&fake, "timeline[0].at_ms", "1700000000000");
	assert_field(&fake, "timeline[1].direction", "here -> core");
	assert_field(&fake, "timeline[2].direction", "core -> here");
	assert_field(&fake, "timeline[2].what", "401 Unauthorized");
	assert_field(&fake, "timeline[2].code", "401");
	assert_field(&fake, "timeline[3].direction", "here -> phone");
	assert_field(&fake, "timeline[3].after_ms", "22");
	assert_field(&fake, "timeline[3].marks[0]", "security-server");
	assert_field(&fake, "timeline[4].cseq", "2");
	assert_field(&fake, "timeline[4].marks[0]", "protected");
	assert_field(&fake, "timeline[4].marks[1]", "credentials");
	assert_field(&fake, "timeline[7].what", "200 OK");
	assert_no_field(&fake, "timeline[8].what");
	assert_field(&fake, "next_since", "1700000000144001");
	assert_field(&fake, "next", "since=1700000000144001");

	/* following: only what came later */
	fake_start(&fake, false);
	regmon_rows_timeline(
			&fake.writer, the_phone(), INT64_C(1700000000143999), now_ms);
	assert_field(&fake, "timeline[0].what", "200 OK");
	assert_no_field(&fake, "timeline[1].what");
	fake_start(&fake, false);
	regmon_rows_timeline(
			&fake.writer, the_phone(), INT64_C(1700000000144001), now_ms);
	assert_int_equal(fake_count(&fake, "timeline["), 0);
	assert_field(&fake, "next_since", "1700000000144001");

	/* two in one millisecond: the second is not lost when it comes after the question */
	copy = malloc(regmon_registration_size(16));
	memcpy(copy, the_phone(), regmon_registration_size(16));
	copy->timeline[5].at = copy->timeline[4].at;
	fake_start(&fake, false);
	regmon_rows_timeline(&fake.writer, copy,
			regmon_entry_at_ms(copy, &copy->timeline[4]) * REGMON_SINCE_PLACES
					+ 1,
			now_ms);
	assert_field(&fake, "timeline[0].direction", "here -> core");
	assert_field(&fake, "timeline[0].cseq", "2");
	assert_int_equal(copy->timeline_length, 16);
	free(copy);

	/* no room: what was shown, how many more, and where they begin */
	fake_start(&fake, false);
	fake.room = REGMON_ROOM_ROW + 1200;
	regmon_rows_timeline(&fake.writer, the_phone(), 0, now_ms);
	for(i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "timeline[%d].what", i);
		if(fake_get(&fake, path) == NULL)
			break;
	}
	assert_in_range(i, 1, 7);
	assert_non_null(fake_get(&fake, "more"));
	assert_int_equal(atoi(fake_get(&fake, "more")), 8 - i);
	close_world();
}

static void test_timeline_for_eyes(void **state)
{
	open_world();
	register_phone();
	ask(&(ask_t){.cseq = 2, .branch = "z9hG4bK2", .credentials = RESPONSE,
			.security_client = true, .security_verify = true,
			.access = PANI}); /* the same again */
	fake_start(&fake, true);
	regmon_rows_timeline(&fake.writer, the_phone(), 0, now_ms);
	assert_holds(fake_get(&fake, "timeline[4]"),
			"22:13:20.122  phone -> here  REGISTER");
	assert_holds(fake_get(&fake, "timeline[4]"), "protected; credentials");
	assert_holds(fake_get(&fake, "timeline[8]"), "REGISTER again (1x)");
	close_world();
}

/* another day than now is named */
static void test_other_day(void **state)
{
	char buffer[REGMON_MOMENT_LENGTH];

	regmon_set_utc_offset(0);
	assert_string_equal(
			regmon_print_at(START_MS, START_MS, buffer), "22:13:20.000");
	assert_string_equal(
			regmon_print_moment(START_MS, START_MS + 2 * 3600 * SECOND, buffer),
			"Nov 14 22:13:20.000 (2 h 0 min ago)");
	/* leap day, and the last of February */
	assert_string_equal(regmon_print_at(INT64_C(1709164800000), START_MS, buffer),
			"Feb 29 00:00:00.000");
	assert_string_equal(regmon_print_at(INT64_C(1709251200000), START_MS, buffer),
			"Mar 1 00:00:00.000");
	assert_string_equal(regmon_print_at(INT64_C(1735603200000), START_MS, buffer),
			"Dec 31 00:00:00.000");
	/* east of Greenwich it is the next day already */
	regmon_set_utc_offset(2 * 3600);
	assert_string_equal(
			regmon_print_at(START_MS, START_MS - 3600 * SECOND, buffer),
			"Nov 15 00:13:20.000");
	regmon_set_utc_offset(0);
}

static bool filter_word(regmon_list_filter_t *filter, const char *word)
{
	char complaint[240] = "";
	bool fine = regmon_list_filter_read(filter,
			(str){(char *)word, (int)strlen(word)}, complaint,
			sizeof(complaint));

	/* a refusal always says why */
	assert_int_equal(fine, complaint[0] == '\0');
	return fine;
}

static void test_filters(void **state)
{
	static const struct
	{
		const char *word;
		bool matches;
	} words[] = {{"state=failed", true}, {"state=registered", false},
			{"cause=forbidden-by-core", true}, {"cause=any", true},
			{"cause=challenge-loop", false}, {"code=403", true},
			{"code=401", false}, {"access=NR", true}, {"access=nr", true},
			{"access=3GPP-NR-FDD", true}, {"access=WLAN", false},
			{"plmn=00101", true}, {"plmn=00102", false},
			{"tac=000001", true}, {"tac=1", false},
			{"cell=00000ab01", true}, {"device=phone", true},
			{"device=hone/1", true}, {"device=Samsung", false},
			{"finding=CSEQ-02", false}};
	regmon_list_filter_t filter;
	unsigned i;

	open_world();
	exchange(&(ask_t){.credentials = EMPTY, .access = PANI}, (answer_t){.code = 403});
	for(i = 0; i < REGMON_COUNT(words); i++) {
		regmon_list_filter_start(&filter);
		assert_true(filter_word(&filter, words[i].word));
		if(regmon_list_matches(&filter, the_phone()) != words[i].matches)
			fail_msg("%s", words[i].word);
	}
	regmon_list_filter_start(&filter);
	assert_true(regmon_list_matches(&filter, the_phone()));
	assert_true(filter_word(&filter, "state=failed"));
	assert_true(filter_word(&filter, "plmn=99999"));
	assert_false(regmon_list_matches(&filter, the_phone()));
	close_world();
}

static void test_filter_words(void **state)
{
	static const char *const wrong[] = {"state=broken", "cause=none",
			"finding=CSEQ-99", "code=99", "code=x", "limit=0", "limit=201",
			"limit=", "cursor=x", "cursor=1.2.3", "cursor=-1", "colour=red",
			"failed", "", "="};
	regmon_list_filter_t filter;
	unsigned i;

	for(i = 0; i < REGMON_COUNT(wrong); i++) {
		regmon_list_filter_start(&filter);
		if(filter_word(&filter, wrong[i]))
			fail_msg("%s was taken", wrong[i]);
	}
	regmon_list_filter_start(&filter);
	assert_int_equal(filter.limit, 50);
	assert_true(filter_word(&filter, "limit=200"));
	assert_true(filter_word(&filter, "cursor=12.3"));
	assert_int_equal(filter.limit, 200);
	assert_int_equal(filter.cursor, 12);
	assert_int_equal(filter.cursor_skip, 3);
	assert_true(filter_word(&filter, "finding=cseq-does-not-rise"));
	assert_string_equal(regmon_rule_at(filter.finding)->id, "CSEQ-02");
}

static void test_list_row(void **state)
{
	open_world();
	exchange(&(ask_t){.credentials = EMPTY, .access = PANI}, (answer_t){.code = 403});
	fake_start(&fake, false);
	fake.writer.open_list(&fake.writer, "phones");
	regmon_rows_list_row(&fake.writer, the_phone(), now_ms);
	fake.writer.close_list(&fake.writer);
	assert_field(&fake, "phones[0].state", "failed");
	assert_field(&fake, "phones[0].code", "403");
	assert_field(&fake, "phones[0].failures", "1");
	assert_field(&fake, "phones[0].causes[0]", "forbidden-by-core");
	fake_start(&fake, true);
	fake.writer.open_list(&fake.writer, "phones");
	regmon_rows_list_row(&fake.writer, the_phone(), now_ms);
	fake.writer.close_list(&fake.writer);
	assert_holds(fake_get(&fake, "phones[0]"), "failed        403 " USUAL_TO);
	assert_holds(fake_get(&fake, "phones[0]"), "forbidden-by-core; NR, PLMN");
	close_world();
}

static void test_summary(void **state)
{
	open_world();
	register_phone();
	exchange(&(ask_t){.to = "sip:other@example.org",
					 .contact = "sip:other@10.0.0.2",
					 .instance = "",
					 .call_id = "call-2",
					 .credentials = EMPTY},
			(answer_t){.code = 403});
	fake_start(&fake, false);
	regmon_rows_summary(&fake.writer, &monitor, now_ms);
	assert_int_equal(fake.depth, 0);
	assert_field(&fake, "role", "pcscf");
	assert_field(&fake, "registrations.all", "2");
	assert_field(&fake, "registrations.registered", "1");
	assert_field(&fake, "registrations.failed", "1");
	assert_no_field(&fake, "registrations.expired");
	assert_field(&fake, "last_minute.ended", "2");
	assert_field(&fake, "last_minute.succeeded", "1");
	assert_field(&fake, "last_minute.failed", "1");
	assert_field(&fake, "last_minute.success_percent", "50.0");
	assert_field(&fake, "registration_delay.registrations", "1");
	assert_field(&fake, "causes[0].cause", "forbidden-by-core");
	assert_field(&fake, "causes[0].phones", "1");
	assert_field(&fake, "causes[0].look_closer",
			"ims_regmon.list cause=forbidden-by-core");
	assert_field(&fake, "table.records", "2");
	assert_field(&fake, "table.max_records", "100");
	assert_int_equal(fake_count(&fake, "warnings["), 0);
	monitor.tm_bound = false;
	fake_start(&fake, false);
	regmon_rows_summary(&fake.writer, &monitor, now_ms);
	assert_holds(fake_get(&fake, "warnings[0]"), "tm is not loaded");
	close_world();
}

static void test_summary_of_losses(void **state)
{
	regmon_outbox_t *outbox;
	unsigned i;

	open_world();
	outbox = regmon_outbox_make(16, regmon_table_record_size(table));
	assert_non_null(outbox);
	assert_int_equal(regmon_outbox_listen(outbox,
							 1u << REGMON_OUTGOING_RECORD
									 | 1u << REGMON_OUTGOING_STATE),
			0);
	monitor.outbox = outbox;
	/* three events each: two states and a record */
	for(i = 0; i < 6; i++) {
		char call_id[16];

		snprintf(call_id, sizeof(call_id), "call-%u", i);
		exchange(&(ask_t){.call_id = call_id, .cseq = i + 1},
				(answer_t){.code = 403});
	}
	fake_start(&fake, false);
	regmon_rows_summary(&fake.writer, &monitor, now_ms);
	assert_int_equal(fake_count(&fake, "warnings["), 1);
	assert_holds(fake_get(&fake, "warnings[0]"),
			"events dropped because the queue of 16 was full: 2, 1 of them "
			"records");
	/* and for a person, who sees warnings only when there are some */
	regmon_outbox_deliveries(outbox)->record_write_errors = 3;
	regmon_outbox_deliveries(outbox)->records_written = 4;
	fake_start(&fake, true);
	regmon_rows_summary(&fake.writer, &monitor, now_ms);
	assert_holds(fake_get(&fake, "warnings[1]"),
			"records that could not be written to record_file: 3, written: 4");
	regmon_outbox_free(outbox);
	close_world();
}

static void test_rule(void **state)
{
	int index = regmon_rule_find(REGMON_TEXT("CSEQ-02"));
	regmon_severity_t severities[REGMON_MAX_RULES];
	unsigned i;

	open_world();
	assert_true(index >= 0);
	for(i = 0; i < regmon_rules_n(); i++)
		severities[i] = regmon_rule_at(i)->severity;
	severities[index] = REGMON_NOTE;
	regmon_plan_make(made_plan, severities, NULL);
	fake_start(&fake, false);
	fake.writer.open_list(&fake.writer, "rules");
	regmon_rows_rule(&fake.writer, &monitor, index);
	fake.writer.close_list(&fake.writer);
	assert_field(&fake, "rules[0].id", "CSEQ-02");
	assert_field(&fake, "rules[0].name", "cseq-does-not-rise");
	assert_field(&fake, "rules[0].severity", "note");
	assert_field(&fake, "rules[0].default_severity", "error");
	assert_field(&fake, "rules[0].clause", "RFC 3261 10.2");
	assert_field(
			&fake, "rules[0].compares_with", "earlier messages of the phone");
	fake_start(&fake, true);
	fake.writer.open_list(&fake.writer, "rules");
	regmon_rows_rule_row(&fake.writer, &monitor, index);
	fake.writer.close_list(&fake.writer);
	assert_holds(fake_get(&fake, "rules[0]"), "note (default error)");
	close_world();
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_show),
			harness_test(test_show_for_eyes),
			harness_test(test_why_nothing_wrong),
			harness_test(test_why_forbidden),
			harness_test(test_why_findings), harness_test(test_why_no_room),
			harness_test(test_ladder), harness_test(test_timeline), harness_test(test_timeline_for_eyes),
			harness_test(test_other_day), harness_test(test_filters),
			harness_test(test_filter_words), harness_test(test_list_row),
			harness_test(test_summary),
			harness_test(test_summary_of_losses), harness_test(test_rule)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
