/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The metrics: their form, the histogram's sums, counters that never go back, and what happens without room. promtool
 * and a real Prometheus read them in test/scenario/metrics. */
#include <stdlib.h>

#include "test/unit/rows_world.h"
#include "test/unit/writer_fake.h"

#include "show/gzip.h"
#include "show/metrics_private.h"

#include <zlib.h>

/* kept for what was left out */
#define LAST_WORDS 260

static int64_t counters[REGMON_COUNTERS_N];

static int64_t read_counter(regmon_counter_t counter)
{
	return counters[counter];
}

static regmon_metrics_source_t source;
static char *text;
static int length;

/* in a block of exactly that size, with a zero behind the text */
static void write_metrics(int size)
{
	char *exact = malloc(size);

	assert_non_null(exact);
	length = regmon_metrics_write(&source, exact, size);
	assert_in_range(length, 1, size);
	free(text);
	text = malloc(length + 1);
	memcpy(text, exact, length);
	text[length] = '\0';
	free(exact);
}

static void open_source(void)
{
	open_world();
	memset(counters, 0, sizeof(counters));
	source = (regmon_metrics_source_t){.monitor = &monitor,
			.counter = read_counter,
			.memory = regmon_metrics_memory_make(),
			.version = "1\"\\\n2",
			.kamailio_version = "5.6.3"};
	assert_non_null(source.memory);
}

static void close_source(void)
{
	free(text);
	text = NULL;
	regmon_metrics_memory_free(source.memory);
	close_world();
}

/* the value behind a series' name and labels */
static const char *value_of(const char *series)
{
	static char value[40];
	const char *at = text;
	size_t n = strlen(series);

	for(; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if(strncmp(at, series, n) == 0 && at[n] == ' ') {
			snprintf(value, sizeof(value), "%.*s",
					(int)strcspn(at + n + 1, "\n"), at + n + 1);
			return value;
		}
	fail_msg("no series %s in\n%s", series, text);
	return NULL;
}
#define assert_series(series, expected) \
	assert_string_equal(value_of("ims_regmon_" series), expected)

/* each line is a comment or a sample; each family has HELP and TYPE before its samples and comes once */
static unsigned check_form(void)
{
	static char seen[100][100];
	char family[100] = "", type[20] = "";
	unsigned seen_n = 0, samples = 0, i;
	char *line = text, *end;

	for(; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		*end = '\0';
		if(strncmp(line, "# HELP ", 7) == 0) {
			assert_int_equal(sscanf(line, "# HELP %99s ", family), 1);
			type[0] = '\0';
			for(i = 0; i < seen_n; i++)
				assert_string_not_equal(seen[i], family);
			strcpy(seen[seen_n++], family);
			assert_int_equal(strncmp(family, "ims_regmon_", 11), 0);
		} else if(line[0] == '#') {
			char named[100];

			assert_int_equal(sscanf(line, "# TYPE %99s %19s", named, type), 2);
			assert_string_equal(named, family);
			if(strcmp(type, "counter") == 0)
				assert_string_equal(family + strlen(family) - 6, "_total");
		} else {
			assert_true(type[0] != '\0');
			assert_int_equal(strncmp(line, family, strlen(family)), 0);
			samples++;
		}
		*end = '\n';
	}
	return samples;
}

static void test_form(void **state)
{
	open_source();
	register_phone();
	counters[REGMON_COUNTER_challenges] = 11;
	counters[REGMON_COUNTER_events_dropped] = 3;
	counters[REGMON_COUNTER_cause_lines_suppressed] = 2;
	counters[REGMON_COUNTER_reginfo_faulty] = 6;
	counters[REGMON_COUNTER_http_forbidden] = 5;
	write_metrics(32000);
	assert_in_range(check_form(), 80, REGMON_METRICS_MOST_SERIES);
	/* a label's quotes, backslashes and line ends */
	assert_series(
			"build_info{version=\"1\\\"\\\\?2\",kamailio=\"5.6.3\"}", "1");
	assert_series("start_time_seconds", "1700000000");
	assert_series("registrations{state=\"registered\"}", "1");
	assert_series("registrations{state=\"failed\"}", "0");
	assert_series("phones_with_cause{cause=\"challenge-loop\"}", "0");
	assert_series("bindings", "1");
	assert_series("attempts_opened_total{kind=\"initial\"}", "1");
	assert_series("attempts_opened_total{kind=\"query\"}", "0");
	assert_series("attempts_ended_total{kind=\"initial\",access=\"NR\",result="
				  "\"success\"}",
			"1");
	assert_series("attempts_ended_total{kind=\"initial\",access=\"NR\",result="
				  "\"superseded\"}",
			"0");
	assert_series("attempts_challenged_succeeded_total", "1");
	assert_series("answers_total{class=\"401\"}", "11");
	assert_series("reginfo_faulty_total", "6");
	assert_series("http_requests_total{result=\"forbidden\"}", "5");
	assert_series("events_dropped_total", "3");
	assert_series("cause_lines_total{result=\"suppressed\"}", "2");
	assert_series("table_records", "1");
	assert_series("table_records_limit", "100");
	/* identities are counted by rounds */
	assert_null(strstr(text, "registered_identities{"));
	regmon_measure_go_round(measure, table, now_ms);
	write_metrics(32000);
	assert_series("registered_identities{identity=\"public\"}", "1");
	assert_series("registered_identities{identity=\"private\"}", "1");
	assert_series("series_left_out", "0");
	close_source();
}

/* an initial registration that takes so long */
static void add_delay_ms(int64_t delay_ms, ask_t *ret_asked)
{
	static char to[60], call_id[20];
	static unsigned number;

	snprintf(to, sizeof(to), "sip:00101000000%04u@home.net", number);
	snprintf(call_id, sizeof(call_id), "delay-%u", number++);
	*ret_asked = (ask_t){.to = to, .call_id = call_id};
	ask(ret_asked);
	now_ms += delay_ms;
	answer(ret_asked, (answer_t){.code = 200});
}

#define SETUP(part) "setup_time_seconds_" part
#define PLACE "kind=\"initial\",access=\"none\""

static void test_histogram(void **state)
{
	ask_t asked;

	open_source();
	add_delay_ms(50, &asked);
	add_delay_ms(51, &asked);
	add_delay_ms(700, &asked);
	add_delay_ms(60000, &asked);
	add_delay_ms(70000, &asked);
	write_metrics(32000);
	check_form();
	assert_series(SETUP("bucket{" PLACE ",le=\"0.05\"}"), "1");
	assert_series(SETUP("bucket{" PLACE ",le=\"0.1\"}"), "2");
	assert_series(SETUP("bucket{" PLACE ",le=\"0.5\"}"), "2");
	assert_series(SETUP("bucket{" PLACE ",le=\"0.75\"}"), "3");
	assert_series(SETUP("bucket{" PLACE ",le=\"30\"}"), "3");
	assert_series(SETUP("bucket{" PLACE ",le=\"60\"}"), "4");
	assert_series(SETUP("bucket{" PLACE ",le=\"+Inf\"}"), "5");
	assert_series(SETUP("count{" PLACE "}"), "5");
	assert_series(SETUP("sum{" PLACE "}"), "130.801");
	assert_series("network_time_seconds_sum{" PLACE "}", "130.801");
	close_source();
}

/* an access type's phone registers with a pause of its own, refreshes, and takes its binding back */
static void live(const char *access, unsigned number, int64_t pause_ms)
{
	char to[60], contact[60], call_id[20];
	ask_t asked = {.to = to,
			.contact = contact,
			.call_id = call_id,
			.branch = "z9hG4bKa",
			.access = access,
			.credentials = EMPTY};

	snprintf(to, sizeof(to), "sip:00101000001%04u@home.net", number);
	snprintf(contact, sizeof(contact), "sip:u%u@10.1.0.1", number);
	snprintf(call_id, sizeof(call_id), "life-%u", number);
	exchange(&asked, (answer_t){.code = 401});
	now_ms += pause_ms;
	asked.cseq = 2;
	asked.branch = "z9hG4bKb";
	asked.credentials = RESPONSE;
	exchange(&asked, (answer_t){.code = 200});
	now_ms += 1000;
	asked.cseq = 3;
	asked.branch = "z9hG4bKc";
	exchange(&asked, (answer_t){.code = 200});
	now_ms += 1000;
	asked.cseq = 4;
	asked.branch = "z9hG4bKd";
	asked.expires_0 = true;
	exchange(&asked, (answer_t){.code = 200});
	now_ms += 1000;
}

static const char *const accesses[] = {NULL,
		"3GPP-GERAN;cgi-3gpp=262011234abcd",
		"3GPP-UTRAN-FDD;utran-cell-id-3gpp=2620112340abcdef",
		"3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=2620112340abcdef",
		"3GPP-NR-TDD;utran-cell-id-3gpp=0010100000100000AB01",
		"IEEE-802.11;i-wlan-node-id=aabbccddeeff", "3GPP2-1X;ci-3gpp2=1234",
		"3GPP2-1X-HRPD;ci-3gpp2=1234", "ADSL;dsl-location=x", "moonbeam"};

static void live_all(void)
{
	unsigned i;

	for(i = 0; i < REGMON_COUNT(accesses); i++)
		live(accesses[i], i, 30 * (i + 1) * (i + 1));
}

/* The summary and the metrics tell the same times: each percentile and the mean can be had from the buckets. */
static void test_same_times_as_the_summary(void **state)
{
	static regmon_kpi_t kpi;
	static fake_t fake;
	unsigned percents[] = {50, 95, 99}, i, access;
	uint64_t up_to[REGMON_DELAY_BUCKETS] = {0};
	char series[120], name[40], le[16], expected[24];
	double sum = 0;

	open_source();
	live_all();
	write_metrics(REGMON_METRICS_ROOM);
	regmon_kpi_read(measure, REGMON_ALL_ACCESS, &kpi);
	for(access = 0; access < REGMON_ACCESS_KINDS_N; access++) {
		const char *access_name = regmon_access_name((regmon_access_t)access);

		for(i = 0; i < REGMON_DELAY_BUCKETS; i++) {
			if(i + 1 < REGMON_DELAY_BUCKETS)
				snprintf(le, sizeof(le), "%g",
						regmon_delay_bucket_ms[i] / 1000.0);
			else
				strcpy(le, "+Inf");
			snprintf(series, sizeof(series),
					"ims_regmon_" SETUP(
							"bucket{kind=\"initial\",access=\"%s\",le=\"%s\"}"),
					access_name, le);
			up_to[i] += strtoull(value_of(series), NULL, 10);
		}
		snprintf(series, sizeof(series),
				"ims_regmon_" SETUP("sum{kind=\"initial\",access=\"%s\"}"),
				access_name);
		sum += atof(value_of(series));
	}
	fake_start(&fake, false);
	regmon_rows_summary(&fake.writer, &monitor, now_ms);
	for(i = 0; i < REGMON_COUNT(percents); i++) {
		unsigned bucket = 0;

		while(up_to[bucket] * 100
				< up_to[REGMON_DELAY_BUCKETS - 1] * percents[i])
			bucket++;
		snprintf(name, sizeof(name), "registration_delay.p%u_ms", percents[i]);
		snprintf(expected, sizeof(expected), "%d",
				regmon_delay_bucket_ms[bucket]);
		assert_field(&fake, name, expected);
	}
	snprintf(expected, sizeof(expected), "%u",
			(unsigned)up_to[REGMON_DELAY_BUCKETS - 1]);
	assert_field(&fake, "registration_delay.registrations", expected);
	snprintf(expected, sizeof(expected), "%.0f",
			sum * 1000 / (double)up_to[REGMON_DELAY_BUCKETS - 1]);
	assert_field(&fake, "registration_delay.mean_ms", expected);
	/* and each bucket is that of the figures */
	for(i = 0, sum = 0; i < REGMON_DELAY_BUCKETS; i++) {
		sum += (double)kpi.kinds[REGMON_ATTEMPT_INITIAL].setup.n[i];
		assert_int_equal(up_to[i], (int)sum);
	}
	close_source();
}

static const char *accepted(void)
{
	write_metrics(32000);
	return value_of("ims_regmon_answers_total{class=\"2xx\"}");
}

/* Prometheus takes a step back for a restart */
static void test_counters_never_go_back(void **state)
{
	int64_t *answers = &counters[REGMON_COUNTER_answers_2xx];
	int64_t *not_sent = &counters[REGMON_COUNTER_answers_not_sent];

	open_source();
	*answers = 10;
	assert_string_equal(accepted(), "10");
	/* three answers were not sent after all */
	*not_sent = 3;
	*answers = 7;
	assert_string_equal(accepted(), "10");
	*answers = 9;
	assert_string_equal(accepted(), "10");
	*answers = 11;
	assert_string_equal(accepted(), "11");
	/* one step further back than that: somebody has reset them */
	*not_sent = 5;
	*answers = 8;
	assert_string_equal(accepted(), "8");
	*answers = 12;
	assert_string_equal(accepted(), "12");
	*answers = *not_sent = 0;
	assert_string_equal(accepted(), "0");
	close_source();
}

/* nor does what is measured, when a success is taken back */
static void test_successes_never_go_back(void **state)
{
	ask_t asked;

	open_source();
	add_delay_ms(400, &asked);
	add_delay_ms(20, &asked);
	write_metrics(32000);
	assert_series("attempts_ended_total{" PLACE ",result=\"success\"}", "2");
	without_message(&asked, REGMON_HAPPENING_TRANSACTION_ENDED, 200);
	write_metrics(32000);
	assert_series("attempts_ended_total{" PLACE ",result=\"success\"}", "2");
	assert_series("attempts_ended_total{" PLACE ",result=\"no-answer\"}", "1");
	assert_series(SETUP("bucket{" PLACE ",le=\"0.05\"}"), "1");
	assert_series(SETUP("count{" PLACE "}"), "2");
	assert_series(SETUP("sum{" PLACE "}"), "0.42");
	/* one more: it takes the place of that one */
	add_delay_ms(1200, &asked);
	write_metrics(32000);
	assert_series("attempts_ended_total{" PLACE ",result=\"success\"}", "2");
	assert_series(SETUP("bucket{" PLACE ",le=\"0.05\"}"), "1");
	assert_series(SETUP("bucket{" PLACE ",le=\"1\"}"), "2");
	assert_series(SETUP("count{" PLACE "}"), "2");
	assert_series(SETUP("sum{" PLACE "}"), "1.6");
	add_delay_ms(1200, &asked);
	write_metrics(32000);
	assert_series("attempts_ended_total{" PLACE ",result=\"success\"}", "3");
	assert_series(SETUP("bucket{" PLACE ",le=\"1\"}"), "2");
	assert_series(SETUP("count{" PLACE "}"), "3");
	close_source();
}

static unsigned refused_n;
static void refuse(int code)
{
	char to[60], call_id[20];
	ask_t asked = {.to = to, .call_id = call_id};

	snprintf(to, sizeof(to), "sip:00101000002%04u@home.net", refused_n % 90);
	snprintf(call_id, sizeof(call_id), "refused-%u", refused_n++);
	ask(&asked);
	answer(&asked, (answer_t){.code = code});
	now_ms += 1000;
}

static uint64_t refused_with(const char *code)
{
	char series[100];

	snprintf(series, sizeof(series),
			"ims_regmon_attempts_refused_total{kind=\"initial\",code=\"%s\"}",
			code);
	return strtoull(value_of(series), NULL, 10);
}

/* Failures by cause come to all failures, those by code to all refusals; codes that come too late share one place and
 * never leave it. */
static void test_failures(void **state)
{
	uint64_t others, sum = 0;
	unsigned i;
	char code[8];

	open_source();
	for(i = 0; i < REGMON_METRICS_PLACES + 5; i++)
		refuse(600 - (int)i);
	write_metrics(REGMON_METRICS_ROOM);
	check_form();
	others = refused_with("other");
	assert_int_equal(others, 5);
	for(i = 0; i < REGMON_METRICS_PLACES; i++) {
		/* the first reading gave the places in the order of the codes */
		snprintf(code, sizeof(code), "%u",
				600 - REGMON_METRICS_PLACES - 4 + i);
		assert_int_equal(refused_with(code), 1);
	}
	/* one that has no place, one that has, and a new one below all of them */
	refuse(600);
	refuse(580);
	refuse(403);
	write_metrics(REGMON_METRICS_ROOM);
	assert_int_equal(refused_with("580"), 2);
	assert_int_equal(refused_with("other"), others + 2);
	assert_null(strstr(text, "code=\"600\""));
	assert_null(strstr(text, "code=\"403\""));
	for(i = 0; i < regmon_causes_n(); i++) {
		char series[120];

		snprintf(series, sizeof(series),
				"attempts_failed_total{kind=\"initial\",cause=\"%s\"}",
				regmon_cause_at(i)->id);
		if(strstr(text, series)) {
			char longer[140];

			snprintf(longer, sizeof(longer), "ims_regmon_%s", series);
			sum += strtoull(value_of(longer), NULL, 10);
		}
	}
	if(strstr(text, "cause=\"none\""))
		sum += strtoull(value_of("ims_regmon_attempts_failed_total{kind="
								 "\"initial\",cause=\"none\"}"),
				NULL, 10);
	assert_int_equal(sum, refused_n);
	assert_series("attempts_ended_total{" PLACE ",result=\"refused\"}", "56");
	assert_int_equal(refused_n, 56);
	assert_series("attempts_ineffective_total", "56");
	close_source();
}

/* All access types at once: within the bounds, and gzipped far within one answer. */
static void test_many_series(void **state)
{
	static char packed[32768], unpacked[REGMON_METRICS_ROOM];
	z_stream stream = {0};
	unsigned samples;
	int n;

	open_source();
	live_all();
	for(n = 300; n < 340; n++)
		refuse(n);
	write_metrics(REGMON_METRICS_ROOM);
	samples = check_form();
	assert_in_range(samples, 1200, REGMON_METRICS_MOST_SERIES);
	assert_series("series_left_out", "0");
	n = regmon_gzip(text, length, packed, 31744);
	print_message("%u series, %d bytes, %d gzipped\n", samples, length, n);
	assert_in_range(n, 1000, 16000);
	stream.next_in = (unsigned char *)packed;
	stream.avail_in = (unsigned)n;
	stream.next_out = (unsigned char *)unpacked;
	stream.avail_out = sizeof(unpacked);
	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	inflateEnd(&stream);
	assert_int_equal(stream.total_out, length);
	assert_memory_equal(unpacked, text, length);
	/* too little room is told, and the next one is whole again */
	assert_int_equal(regmon_gzip(text, length, packed, n - 1), -1);
	assert_int_equal(regmon_gzip(text, length, packed, 0), -1);
	assert_int_equal(regmon_gzip(text, length, packed, n), n);
	/* plain, one answer has not room for all, and says so */
	write_metrics(31744);
	check_form();
	assert_true(atoi(value_of("ims_regmon_series_left_out")) > 0);
	assert_true(strstr(text, "events_dropped_total") != NULL);
	assert_true(strstr(text, "setup_time_seconds_count") != NULL);
	close_source();
}

static unsigned count_of(const char *in, const char *part)
{
	unsigned n = 0;

	while((in = strstr(in, part)) != NULL) {
		in++;
		n++;
	}
	return n;
}

/* In any room the text is whole lines, histograms are whole or not there, and what is missing is counted. */
static void test_no_room(void **state)
{
	unsigned all, samples, left_out;
	int size, whole_length;
	char *whole;

	open_source();
	live(accesses[3], 1, 100);
	live(accesses[4], 2, 300);
	refuse(403);
	write_metrics(REGMON_METRICS_ROOM);
	all = check_form();
	whole = text;
	text = NULL;
	whole_length = length;
	for(size = LAST_WORDS; size < whole_length + LAST_WORDS + 10; size += 7) {
		write_metrics(size);
		samples = check_form();
		left_out = (unsigned)atoi(value_of("ims_regmon_series_left_out"));
		assert_int_equal(samples + left_out, all);
		assert_int_equal(count_of(text, "_time_seconds_bucket{"),
				REGMON_DELAY_BUCKETS
						* count_of(text, "_time_seconds_count{"));
	}
	assert_int_equal(left_out, 0);
	assert_string_equal(text, whole);
	free(whole);
	close_source();
}

static void test_no_memory(void **state)
{
	unsigned i;

	for(i = 1; i <= 2; i++) {
		harness_fail_allocation = i;
		assert_null(regmon_metrics_memory_make());
	}
	regmon_metrics_memory_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_form),
			harness_test(test_histogram),
			harness_test(test_same_times_as_the_summary),
			harness_test(test_counters_never_go_back),
			harness_test(test_successes_never_go_back),
			harness_test(test_failures), harness_test(test_many_series),
			harness_test(test_no_room), harness_test(test_no_memory)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
