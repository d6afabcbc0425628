/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of what is measured: kpi, top and what phones share, for programs and for people. */
#include "test/unit/monitor_world.h"
#include "test/unit/writer_fake.h"

#include "show/rows.h"

static fake_t fake;
static char complaint_room[240], *const complaint = complaint_room;
static regmon_measure_t *measure;

static void open_world(unsigned top_size)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;

	limits.max_registrations = 500;
	make_diagnosed_table(&limits);
	measure = regmon_measure_make(top_size, key);
	assert_non_null(measure);
	assert_int_equal(regmon_measure_listen(measure), 0);
	monitor = (regmon_monitor_t){.table = table,
			.measure = measure,
			.thresholds = &thresholds,
			.role = REGMON_ROLE_PCSCF,
			.started_ms = START_MS,
			.tm_bound = true,
			.sl_bound = true};
}

static void close_world(void)
{
	regmon_measure_free(measure);
	end();
}

static void phone(unsigned number, unsigned tac, int code)
{
	char to[40], contact[40], call_id[24], access[80];
	ask_t first = {.to = to,
			.contact = contact,
			.call_id = call_id,
			.branch = call_id,
			.access = access,
			.credentials = EMPTY};

	snprintf(to, sizeof(to), "sip:u%u@example.org", number);
	snprintf(contact, sizeof(contact), "sip:u%u@10.0.0.1", number);
	snprintf(call_id, sizeof(call_id), "call-%u", number);
	snprintf(access, sizeof(access),
			"3GPP-NR-FDD;utran-cell-id-3gpp=00101%06X%09X", tac, number);
	exchange(&first, (answer_t){.code = 401});
	now_ms += 400;
	first.cseq = 2;
	first.branch = to;
	first.credentials = RESPONSE;
	exchange(&first, (answer_t){.code = code});
	now_ms += 1000;
}

/* 18 phones that register, 2 that are refused */
static void usual_traffic(void)
{
	unsigned i;

	for(i = 0; i < 18; i++)
		phone(i, 1 + i % 3, 200);
	phone(18, 1, 403);
	phone(19, 2, 404);
}

static void test_kpi(void **state)
{
	open_world(20);
	usual_traffic();
	fake_start(&fake, false);
	regmon_rows_kpi(&fake.writer, &monitor, REGMON_ALL_ACCESS, now_ms);
	assert_int_equal(fake.depth, 0);
	assert_field(&fake, "access", "all");
	assert_field(&fake, "initial.attempts", "20");
	assert_field(&fake, "initial.ended", "20");
	assert_field(&fake, "initial.successes", "18");
	assert_field(&fake, "initial.failures", "2");
	assert_field(&fake, "initial.success_percent", "90.0");
	assert_field(&fake, "initial.refused", "2");
	assert_field(&fake, "initial.superseded", "0");
	assert_field(&fake, "initial.registers", "40");
	assert_field(&fake, "initial.by_code[0].code", "403");
	assert_field(&fake, "initial.by_code[0].reason", "Forbidden");
	assert_field(&fake, "initial.by_code[1].code", "404");
	assert_field(&fake, "initial.by_code[1].failures", "1");
	assert_field(&fake, "initial.by_cause[0].cause", "wrong-response");
	/* 22 ms, the phone's 400 ms, 22 ms */
	assert_field(&fake, "initial.setup_time.n", "18");
	assert_field(&fake, "initial.setup_time.sum_ms", "7992");
	assert_field(&fake, "initial.setup_time.mean_ms", "444");
	assert_field(&fake, "initial.setup_time.p95_ms", "500");
	assert_field(&fake, "initial.setup_time.buckets[0].up_to_ms", "500");
	assert_field(&fake, "initial.setup_time.buckets[0].n", "18");
	assert_no_field(&fake, "initial.setup_time.buckets[1].n");
	assert_field(&fake, "initial.network_time.mean_ms", "44");
	assert_field(&fake, "re_registration.ended", "0");
	/* nothing divided by nothing is not 0 */
	assert_no_field(&fake, "re_registration.success_percent");
	assert_no_field(&fake, "re_registration.setup_time.mean_ms");
	assert_field(&fake, "ira.ineffective", "2");
	assert_field(&fake, "ira.registers", "40");
	assert_field(&fake, "ira.ira_percent", "5.0");
	assert_field(&fake, "ira.of_attempts_percent", "10.0");
	assert_field(&fake, "aka.challenges", "20");
	assert_field(&fake, "aka.challenged_successes", "18");
	assert_field(&fake, "aka.challenges_per_success", "1.1");
	assert_field(&fake, "aka.resync_percent", "0.0");
	assert_field(&fake, "registered_users.bindings", "18");
	assert_no_field(&fake, "registered_users.public_identities");
	assert_field(&fake, "by_access[0].access", "NR");
	assert_field(&fake, "by_access[0].success_percent", "90.0");
	assert_no_field(&fake, "by_access[1].access");
	assert_field(&fake, "de_registrations_by_network", "0");
	assert_field(&fake, "last_hours.last.ended", "0");
	assert_no_field(&fake, "not_counted");
	close_world();
}

static void test_kpi_of_one_access(void **state)
{
	int access;

	open_world(20);
	usual_traffic();
	assert_true(regmon_kpi_access_read(
			REGMON_TEXT("nr"), &access, complaint, sizeof(complaint_room)));
	assert_int_equal(access, REGMON_ACCESS_NR);
	fake_start(&fake, false);
	regmon_rows_kpi(&fake.writer, &monitor, access, now_ms);
	assert_field(&fake, "access", "NR");
	assert_field(&fake, "initial.ended", "20");
	/* opened ones are not known by access type */
	assert_no_field(&fake, "initial.attempts");
	assert_no_field(&fake, "registered_users.bindings");
	assert_true(regmon_kpi_access_read(
			REGMON_TEXT("LTE"), &access, complaint, sizeof(complaint_room)));
	assert_int_equal(access, REGMON_ACCESS_E_UTRAN);
	fake_start(&fake, false);
	regmon_rows_kpi(&fake.writer, &monitor, access, now_ms);
	assert_field(&fake, "initial.ended", "0");
	assert_false(regmon_kpi_access_read(
			REGMON_TEXT("moon"), &access, complaint, sizeof(complaint_room)));
	assert_holds(complaint, "no access type moon; one of LTE, ");
	assert_holds(complaint, "WLAN");
	close_world();
}

static void test_kpi_for_eyes(void **state)
{
	open_world(20);
	fake_start(&fake, true);
	regmon_rows_kpi(&fake.writer, &monitor, REGMON_ALL_ACCESS, now_ms);
	assert_no_field(&fake, "initial registration.attempts");
	usual_traffic();
	while(true) {
		regmon_users_t users;

		regmon_measure_go_round(measure, table, now_ms);
		regmon_users_read(measure, &users);
		if(users.at_ms)
			break;
	}
	fake_start(&fake, true);
	regmon_rows_kpi(&fake.writer, &monitor, REGMON_ALL_ACCESS, now_ms);
	assert_field(&fake, "initial registration.attempts",
			"20 opened, 20 ended: 18 succeeded (90.0%), 2 failed");
	assert_field(&fake, "initial registration.refused with",
			"403 Forbidden 1, 404 Not Found 1");
	assert_field(&fake, "initial registration.set-up time",
			"mean 444 ms, half up to 500 ms, 95% up to 500 ms, 99% up to "
			"500 ms");
	assert_field(&fake, "ineffective (IRA)",
			"2: 5.00% of 40 REGISTERs, 10.00% of 20 attempts");
	assert_holds(fake_get(&fake, "challenges"), "(1.11 for each)");
	assert_holds(fake_get(&fake, "registered users"),
			"18 bindings; public identities: 18, private: 1, counted");
	close_world();
}

/* the same hour a day and a week ago */
static void test_kpi_a_week_later(void **state)
{
	const int64_t day_ms = 24 * 3600 * SECOND;

	open_world(20);
	usual_traffic();
	now_ms += 6 * day_ms;
	phone(30, 1, 200);
	now_ms = START_MS + 7 * day_ms;
	phone(31, 1, 403);
	now_ms = START_MS + 7 * day_ms + 3600 * SECOND;
	fake_start(&fake, false);
	regmon_rows_kpi(&fake.writer, &monitor, REGMON_ALL_ACCESS, now_ms);
	assert_field(&fake, "last_hours.last.ended", "1");
	assert_field(&fake, "last_hours.last.failed", "1");
	assert_field(&fake, "last_hours.last.initial_failed", "1");
	assert_field(&fake, "last_hours.last.from",
			"22:00:00.000 (1 h 13 min ago)");
	assert_field(&fake, "last_hours.day_before.succeeded", "1");
	assert_field(&fake, "last_hours.week_before.ended", "20");
	assert_field(&fake, "last_hours.week_before.success_percent", "90.0");
	assert_field(&fake, "last_hours.week_before.p95_ms", "500");
	fake_start(&fake, true);
	regmon_rows_kpi(&fake.writer, &monitor, REGMON_ALL_ACCESS, now_ms);
	assert_field(&fake, "the last whole hour.a week before",
			"from Nov 14 22:00:00.000: 20 ended, 90.0% succeeded, 95% of "
			"set-ups up to 500 ms");
	close_world();
}

static regmon_top_asked_t asked_of(const char *words)
{
	regmon_top_asked_t asked;
	char copy[80], *word, *rest;

	regmon_top_asked_start(&asked);
	snprintf(copy, sizeof(copy), "%s", words);
	for(word = strtok_r(copy, " ", &rest); word;
			word = strtok_r(NULL, " ", &rest))
		if(!regmon_top_asked_read(&asked, (str){word, (int)strlen(word)},
				   complaint, sizeof(complaint_room)))
			fail_msg("%s", complaint);
	assert_true(regmon_top_asked_is_whole(
			&asked, complaint, sizeof(complaint_room)));
	return asked;
}

static void top(const char *words, bool for_eyes)
{
	regmon_top_asked_t asked = asked_of(words);

	fake_start(&fake, for_eyes);
	regmon_rows_top(&fake.writer, &monitor, &asked, now_ms);
	assert_int_equal(fake.depth, 0);
}

static void test_top(void **state)
{
	open_world(20);
	usual_traffic();
	phone(20, 2, 403);
	top("tac", false);
	assert_field(&fake, "dimension", "tac");
	assert_field(&fake, "by", "failures");
	assert_field(&fake, "window", "start");
	assert_field(&fake, "attempts", "21");
	assert_field(&fake, "failures", "3");
	assert_field(&fake, "without_value", "0");
	assert_field(&fake, "values", "2");
	assert_field(&fake, "replaced", "0");
	assert_no_field(&fake, "kept");
	assert_field(&fake, "rows[0].value", "00101-000002");
	assert_field(&fake, "rows[0].attempts", "8");
	assert_field(&fake, "rows[0].failures", "2");
	assert_field(&fake, "rows[0].failure_percent", "25.0");
	assert_field(&fake, "rows[0].missed", "0");
	assert_no_field(&fake, "rows[0].since_ms");
	assert_field(&fake, "rows[0].look_closer",
			"ims_regmon.list plmn=00101 tac=000002");
	assert_field(&fake, "rows[1].top_failure", "wrong-response");
	assert_field(&fake, "rows[1].top_failure_n", "1");
	assert_field(&fake, "other.attempts", "6");
	assert_field(&fake, "other.failures", "0");
	assert_field(&fake, "shown", "2");
	assert_no_field(&fake, "more");

	top("tac by=attempts limit=1", false);
	assert_field(&fake, "values", "3");
	assert_field(&fake, "rows[0].value", "00101-000002");
	assert_no_field(&fake, "rows[1].value");
	assert_field(&fake, "other.attempts", "13");
	assert_field(&fake, "other.failures", "1");
	assert_field(&fake, "more", "2");

	top("code", false);
	assert_field(&fake, "rows[0].value", "403");
	assert_field(&fake, "rows[0].meaning", "Forbidden");
	assert_field(&fake, "rows[0].look_closer", "ims_regmon.list code=403");
	top("cause", false);
	assert_field(&fake, "rows[0].value", "wrong-response");
	top("access", false);
	assert_field(&fake, "rows[0].value", "NR");
	top("device", false);
	assert_field(&fake, "rows[0].look_closer",
			"ims_regmon.list \"device=Phone/1.0\"");
	top("imei_tac", false);
	assert_field(&fake, "rows[0].value", "35609911");
	assert_no_field(&fake, "rows[0].look_closer");
	top("rule", false);
	assert_int_equal(fake_count(&fake, "rows["), 0);
	close_world();
}

static void test_top_for_eyes(void **state)
{
	open_world(20);
	usual_traffic();
	top("tac", true);
	assert_field(&fake, "tac",
			"by failures, of 20 attempts that ended since 22:13:20.000");
	assert_holds(fake_get(&fake, "rows[0]"), "00101-00000");
	assert_holds(fake_get(&fake, "rows[0]"), "1 of       7 failed ( 14.3%)");
	assert_holds(fake_get(&fake, "rows[1]"), "mostly wrong-response (1)");
	assert_field(&fake, "all other values", "0 of 6 failed (0.0%)");
	assert_holds(fake_get(&fake, "look closer"),
			"kamcmd ims_regmon.list plmn=00101 tac=");
	/* half an hour later, and one more, nothing of it is recent */
	now_ms += 3600 * SECOND;
	top("tac window=recent", true);
	assert_holds(
			fake_get(&fake, "tac"), "of 0 attempts that ended since 22:30");
	assert_int_equal(fake_count(&fake, "rows["), 0);
	close_world();
}

/* more values than places: it is said, and what may be missing has a bound */
static void test_top_that_is_full(void **state)
{
	unsigned i;

	open_world(REGMON_TOP_LEAST);
	for(i = 0; i < 40; i++)
		phone(i, 1, 403);
	top("cell", false);
	assert_field(&fake, "replaced", "30");
	assert_field(&fake, "floor", "4");
	assert_holds(fake_get(&fake, "kept"),
			"lost its place 30 times; a value that is missing here has at "
			"most 4 failures");
	assert_field(&fake, "rows[0].failures", "1");
	assert_field(&fake, "rows[0].missed", "3");
	assert_non_null(fake_get(&fake, "rows[0].since_ms"));
	assert_field(&fake, "other.failures", "30");
	top("cell", true);
	assert_holds(fake_get(&fake, "rows[0]"), "; up to 3 more before 22:1");
	close_world();
}

static void complain(const char *word, const char *expected)
{
	regmon_top_asked_t asked;

	regmon_top_asked_start(&asked);
	assert_false(regmon_top_asked_read(&asked,
			(str){(char *)word, (int)strlen(word)}, complaint,
			sizeof(complaint_room)));
	assert_holds(complaint, expected);
}

static void test_top_arguments(void **state)
{
	regmon_top_asked_t asked;

	complain("moon", "no dimension moon; one of plmn, tac, cell, device, ");
	complain("moon", "code, cause, rule");
	complain("by=moon", "failures, attempts or ratio");
	complain("limit=0", "1 to 200");
	complain("limit=201", "1 to 200");
	complain("limit=x", "1 to 200");
	complain("window=day", "recent");
	regmon_top_asked_start(&asked);
	assert_false(regmon_top_asked_is_whole(
			&asked, complaint, sizeof(complaint_room)));
	assert_holds(complaint, "say of what: one of plmn");
	asked = asked_of("Cell BY=Ratio LIMIT=200 window=start");
	assert_int_equal(asked.dimension, REGMON_DIMENSION_CELL);
	assert_int_equal(asked.order, REGMON_TOP_BY_RATIO);
	assert_int_equal(asked.limit, 200);
	assert_false(asked.recent);
	/* a second dimension is none */
	assert_false(regmon_top_asked_read(
			&asked, REGMON_TEXT("tac"), complaint, sizeof(complaint_room)));
}

static regmon_history_asked_t history_of(const char *words)
{
	regmon_history_asked_t asked;
	str list = {(char *)words, (int)strlen(words)}, word;
	int at = 0;

	regmon_history_asked_start(&asked);
	while(regmon_text_next_element(list, &at, &word))
		if(!regmon_history_asked_read(
				   &asked, word, complaint, sizeof(complaint_room)))
			fail_msg("%s", complaint);
	return asked;
}

static void history(const char *words, bool for_eyes)
{
	regmon_history_asked_t asked = history_of(words);

	fake_start(&fake, for_eyes);
	regmon_rows_history(&fake.writer, &monitor, &asked, now_ms);
	assert_int_equal(fake.depth, 0);
}

static void test_history(void **state)
{
	const int64_t began_ms = START_MS;
	char expected[24];
	unsigned i;

	open_world(20);
	/* three minutes with attempts, and one without between them */
	for(i = 0; i < 3; i++) {
		now_ms = began_ms + (i + i / 2) * 60 * SECOND;
		phone(3 * i, 1, 200);
		phone(3 * i + 1, 1, i == 1 ? 403 : 200);
		phone(3 * i + 2, 1, 404);
	}
	history("minutes=10", false);
	assert_field(&fake, "period", "minute");
	assert_field(&fake, "shown", "3");
	snprintf(expected, sizeof(expected), "%lld",
			(long long)(now_ms / 60000 * 60000));
	assert_field(&fake, "rows[0].from_ms", expected);
	assert_field(&fake, "rows[0].ended", "3");
	assert_field(&fake, "rows[0].succeeded", "2");
	assert_field(&fake, "rows[0].failed", "1");
	assert_field(&fake, "rows[0].initial_succeeded", "2");
	assert_field(&fake, "rows[0].initial_failed", "1");
	assert_field(&fake, "rows[0].mean_ms", "444");
	assert_field(&fake, "rows[0].p50_ms", "500");
	assert_field(&fake, "rows[0].p95_ms", "500");
	snprintf(expected, sizeof(expected), "%lld",
			(long long)(now_ms / 60000 * 60000 - 120 * SECOND));
	assert_field(&fake, "rows[1].from_ms", expected);
	assert_field(&fake, "rows[1].failed", "2");
	assert_no_field(&fake, "rows[3].ended");
	assert_no_field(&fake, "more");
	snprintf(expected, sizeof(expected), "%lld",
			(long long)((now_ms / 60000 - 9) * 60000));
	assert_field(&fake, "from_ms", expected);
	/* the last two minutes: one in which something ended */
	history("minutes=2", false);
	assert_field(&fake, "shown", "1");
	/* what the last minute's cursor leaves */
	snprintf(expected, sizeof(expected), "cursor=%lld",
			(long long)(now_ms / 60000));
	history(expected, false);
	assert_field(&fake, "shown", "2");
	assert_field(&fake, "rows[0].failed", "2");
	history("hours=24", false);
	assert_field(&fake, "period", "hour");
	assert_field(&fake, "shown", "1");
	assert_field(&fake, "rows[0].ended", "9");
	assert_field(&fake, "rows[0].succeeded", "5");
	history("", true);
	assert_holds(fake_get(&fake, "rows[0]"), "22:16");
	assert_holds(fake_get(&fake, "rows[0]"), "3 ended,       1 failed,");
	assert_holds(fake_get(&fake, "rows[0]"),
			" 66.7% succeeded; 95% of set-ups up to 500 ms");
	/* a day later it is another day's minute */
	now_ms += 24 * 3600 * SECOND - 180 * SECOND;
	history("minutes=1440", true);
	assert_holds(fake_get(&fake, "rows[0]"), "Nov 14 22:16");
	close_world();
}

/* a minute with attempts in each of three hours; what has no room ends with a cursor, and is there behind it */
static void test_history_in_pages(void **state)
{
	char words[40];
	unsigned i, seen = 0, pages = 0;
	int64_t before_ms;

	open_world(20);
	for(i = 0; i < 180; i++) {
		now_ms = START_MS + i * 60 * SECOND;
		phone(i % 400, 1, 200);
	}
	strcpy(words, "minutes=1440");
	before_ms = INT64_MAX;
	do {
		regmon_history_asked_t asked = history_of(words);

		fake_start(&fake, false);
		fake.room = 12000;
		regmon_rows_history(&fake.writer, &monitor, &asked, now_ms);
		assert_false(fake.writer.full);
		for(i = 0; i < (unsigned)atoi(fake_get(&fake, "shown")); i++) {
			char name[32];
			int64_t from_ms;

			snprintf(name, sizeof(name), "rows[%u].from_ms", i);
			from_ms = atoll(fake_get(&fake, name));
			assert_true(from_ms < before_ms);
			before_ms = from_ms;
		}
		seen += i;
		pages++;
		if(fake_count(&fake, "more") > 0) {
			assert_int_equal(atoi(fake_get(&fake, "more")), 180 - seen);
			snprintf(words, sizeof(words), "minutes=1440, cursor=%.10s",
					fake_get(&fake, "cursor"));
		}
	} while(fake_count(&fake, "more") > 0);
	assert_int_equal(seen, 180);
	assert_in_range(pages, 3, 20);
	close_world();
}

static void test_history_arguments(void **state)
{
	static const struct
	{
		const char *word, *says;
	} wrong[] = {{"minutes=0", "from 1 to 1440"},
			{"minutes=1441", "from 1 to 1440"}, {"minutes=x", "minutes= is"},
			{"hours=194", "hours= is a number from 1 to 193"},
			{"cursor=0", "cursor is what"}, {"cursor=4294967296", "cursor is"},
			{"days=1", "no argument days=1; there are minutes=60"},
			{"60", "no argument 60"}, {"", "no argument ;"}};
	regmon_history_asked_t asked;
	unsigned i;

	for(i = 0; i < REGMON_COUNT(wrong); i++) {
		regmon_history_asked_start(&asked);
		assert_false(regmon_history_asked_read(&asked,
				(str){(char *)wrong[i].word, (int)strlen(wrong[i].word)},
				complaint, sizeof(complaint_room)));
		assert_holds(complaint, wrong[i].says);
	}
	asked = history_of("Hours=193, cursor=7");
	assert_true(asked.by_hour);
	assert_int_equal(asked.periods, 193);
	assert_int_equal(asked.before, 7);
}

static void test_what_phones_share(void **state)
{
	unsigned i;

	open_world(20);
	for(i = 0; i < 100; i++)
		phone(i, 2 + i % 5, 200);
	for(i = 0; i < 20; i++)
		phone(100 + i, i < 18 ? 1 : 3, 403);
	regmon_measure_go_round(measure, table, now_ms);
	fake_start(&fake, false);
	regmon_rows_summary(&fake.writer, &monitor, now_ms);
	assert_int_equal(fake.depth, 0);
	assert_field(&fake, "causes[0].cause", "wrong-response");
	assert_field(&fake, "causes[0].phones", "20");
	assert_field(&fake, "causes[0].shared[0].trait", "code");
	assert_field(&fake, "causes[0].shared[0].value", "403");
	assert_field(&fake, "causes[0].shared[1].trait", "tac");
	assert_field(&fake, "causes[0].shared[1].value", "00101-000001");
	assert_field(&fake, "causes[0].shared[1].with_it", "18");
	assert_field(&fake, "causes[0].shared[1].affected", "20");
	assert_field(&fake, "causes[0].shared[1].others_with_it", "0");
	assert_field(&fake, "causes[0].shared[1].others", "100");
	assert_field(&fake, "causes[0].shared[1].says",
			"18 of 20 phones with it share TAC 00101-000001; of the 100 others "
			"0.0% have it");
	assert_no_field(&fake, "causes[0].shared[2].trait");
	assert_field(&fake, "registered_users.public_identities", "100");
	assert_field(&fake, "last_minute.ended", "41");
	assert_field(&fake, "last_hour.ended", "120");
	assert_field(&fake, "last_day.failed", "20");
	assert_field(&fake, "last_day.p95_ms", "500");
	assert_field(&fake, "registration_delay.network_p95_ms", "50");
	fake_start(&fake, true);
	regmon_rows_summary(&fake.writer, &monitor, now_ms);
	assert_holds(fake_get(&fake, "causes[2]"),
			"18 of 20 phones with it share TAC 00101-000001");
	fake_start(&fake, true);
	regmon_rows_why(&fake.writer, &monitor, the("sip:u105@example.org"), now_ms);
	assert_holds(fake.text, "causes[0].other phones with it=20 of 20 phones");
	assert_holds(fake.text,
			"causes[0].other phones with it=18 of 20 phones with it share TAC");
	fake_start(&fake, false);
	regmon_rows_why(&fake.writer, &monitor, the("sip:u105@example.org"), now_ms);
	assert_field(&fake, "causes[0].shared[1].value", "00101-000001");
	forget_copy();
	fake_start(&fake, true);
	regmon_rows_summary(&fake.writer, &monitor, now_ms);
	assert_holds(fake_get(&fake, "last_hour"),
			"120 attempts ended: 100 succeeded, 20 failed (83.3% success); "
			"95% of set-ups up to 500 ms");
	close_world();
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_kpi),
			harness_test(test_kpi_of_one_access),
			harness_test(test_kpi_for_eyes),
			harness_test(test_kpi_a_week_later), harness_test(test_top),
			harness_test(test_top_for_eyes),
			harness_test(test_top_that_is_full),
			harness_test(test_top_arguments),
			harness_test(test_history), harness_test(test_history_in_pages),
			harness_test(test_history_arguments),
			harness_test(test_what_phones_share)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
