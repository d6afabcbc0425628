/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The metrics: their form, the histogram's sums, counters that never go back, and what happens without room. promtool
 * and a real Prometheus read them in test/scenario/metrics. */
#include <stdlib.h>

#include "test/unit/rows_world.h"
#include "test/unit/writer_fake.h"

#include "show/metrics.c"

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
	char family[100] = "", type[20] = "", seen[100][100];
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
	counters[REGMON_COUNTER_attempts_initial] = 7;
	counters[REGMON_COUNTER_failures_other] = 3;
	counters[REGMON_COUNTER_challenges] = 11;
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
	assert_series("attempts_opened_total{kind=\"initial\"}", "7");
	assert_series(
			"attempts_ended_total{kind=\"other\",result=\"failure\"}", "3");
	assert_series("answers_total{class=\"401\"}", "11");
	assert_series("http_requests_total{result=\"forbidden\"}", "5");
	assert_series("records", "1");
	assert_series("records_limit", "100");
	assert_series("series_left_out", "0");
	close_source();
}

/* an initial registration that takes so long */
static void add_delay_ms(int64_t delay_ms)
{
	static unsigned number;
	char to[60], call_id[20];
	ask_t asked = {.to = to, .call_id = call_id};

	snprintf(to, sizeof(to), "sip:00101000000%04u@home.net", number);
	snprintf(call_id, sizeof(call_id), "delay-%u", number++);
	ask(&asked);
	now_ms += delay_ms;
	answer(&asked, (answer_t){.code = 200});
}

static void test_histogram(void **state)
{
	open_source();
	add_delay_ms(50);
	add_delay_ms(51);
	add_delay_ms(700);
	add_delay_ms(60000);
	add_delay_ms(70000);
	write_metrics(32000);
	check_form();
	assert_series("registration_delay_seconds_bucket{le=\"0.05\"}", "1");
	assert_series("registration_delay_seconds_bucket{le=\"0.1\"}", "2");
	assert_series("registration_delay_seconds_bucket{le=\"0.5\"}", "2");
	assert_series("registration_delay_seconds_bucket{le=\"0.75\"}", "3");
	assert_series("registration_delay_seconds_bucket{le=\"30\"}", "3");
	assert_series("registration_delay_seconds_bucket{le=\"60\"}", "4");
	assert_series("registration_delay_seconds_bucket{le=\"+Inf\"}", "5");
	assert_series("registration_delay_seconds_count", "5");
	assert_series("registration_delay_seconds_sum", "130.801");
	close_source();
}

static const char *successes(void)
{
	write_metrics(32000);
	return value_of("ims_regmon_attempts_ended_total{kind=\"initial\",result="
					"\"success\"}");
}

/* Prometheus takes a step back for a restart */
static void test_counters_never_go_back(void **state)
{
	int64_t *succeeded = &counters[REGMON_COUNTER_successes_initial];
	int64_t *not_sent = &counters[REGMON_COUNTER_answers_not_sent];

	open_source();
	*succeeded = 10;
	assert_string_equal(successes(), "10");
	/* three answers were not sent after all */
	*not_sent = 3;
	*succeeded = 7;
	assert_string_equal(successes(), "10");
	*succeeded = 9;
	assert_string_equal(successes(), "10");
	*succeeded = 11;
	assert_string_equal(successes(), "11");
	/* one step further back than that: somebody has reset them */
	*not_sent = 5;
	*succeeded = 8;
	assert_string_equal(successes(), "8");
	*succeeded = 12;
	assert_string_equal(successes(), "12");
	*succeeded = *not_sent = 0;
	assert_string_equal(successes(), "0");
	close_source();
}

/* In any room the text is whole lines, histograms are whole or not there, and what is missing is counted. */
static void test_no_room(void **state)
{
	unsigned all, samples, left_out;
	int size;

	open_source();
	write_metrics(32000);
	all = check_form();
	for(size = LAST_WORDS; size < length + LAST_WORDS + 10; size += 7) {
		write_metrics(size);
		samples = check_form();
		left_out = (unsigned)atoi(value_of("ims_regmon_series_left_out"));
		assert_int_equal(samples + left_out, all);
		if(strstr(text, "_delay_seconds_bucket"))
			assert_non_null(strstr(text, "_delay_seconds_count"));
	}
	assert_int_equal(left_out, 0);
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
			harness_test(test_counters_never_go_back),
			harness_test(test_no_room), harness_test(test_no_memory)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
