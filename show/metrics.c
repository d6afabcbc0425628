/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show/metrics.h"

#include <stdarg.h>
#include <stdio.h>

#include "registration/memory.h"
#include "show/writer.h"

#define PREFIX REGMON_METRICS_PREFIX
#define LONGEST_NAME 80
#define LONGEST_LABEL 128 /* bytes of a label's value; a longer one is cut */
#define LONGEST_SAMPLE 720
/* kept for the metric that says what was left out */
#define LAST_WORDS 260

/* ---- counters that never go back ---- */

struct regmon_metrics_memory
{
	regmon_lock_t *lock;
	int64_t shown[REGMON_COUNTERS_N];
	/* answers_not_sent when that was the value */
	int64_t not_sent[REGMON_COUNTERS_N];
};

regmon_metrics_memory_t *regmon_metrics_memory_make(void)
{
	regmon_metrics_memory_t *memory = regmon_memory_get(sizeof(*memory));

	if(memory == NULL)
		return NULL;
	memory->lock = regmon_locks_make(1);
	if(memory->lock)
		return memory;
	regmon_memory_put(memory);
	return NULL;
}

void regmon_metrics_memory_free(regmon_metrics_memory_t *memory)
{
	if(memory == NULL)
		return;
	regmon_locks_free(memory->lock, 1);
	regmon_memory_put(memory);
}

/* As far as it was shown, while it is behind that by no more than the answers that were not sent since; a larger step
 * back is a reset by the operator, and is shown. */
static int64_t remember(regmon_metrics_memory_t *memory,
		regmon_counter_t counter, int64_t value, int64_t not_sent)
{
	if(value < memory->shown[counter]
			&& memory->shown[counter] - value
					   <= not_sent - memory->not_sent[counter])
		return memory->shown[counter];
	memory->shown[counter] = value;
	memory->not_sent[counter] = not_sent;
	return value;
}

static int64_t count_of(
		const regmon_metrics_source_t *source, regmon_counter_t counter)
{
	int64_t value = source->counter(counter), not_sent;

	/* what is taken back is counted as not sent first, so it is asked last */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	not_sent = source->counter(REGMON_COUNTER_answers_not_sent);
	regmon_lock_get(source->memory->lock, 0);
	value = remember(source->memory, counter, value, not_sent);
	regmon_lock_put(source->memory->lock, 0);
	return value;
}

/* ---- lines ---- */

typedef struct metrics
{
	const regmon_metrics_source_t *source;
	char *text;
	int size, used;
	unsigned series, left_out;
	const char *family;
	regmon_table_numbers_t numbers;
} metrics_t;

static bool put(metrics_t *metrics, const char *text, int length)
{
	if(metrics->used + length > metrics->size)
		return false;
	memcpy(metrics->text + metrics->used, text, length);
	metrics->used += length;
	return true;
}

/* help: one line, without a backslash */
static void family(metrics_t *metrics, const char *name, const char *type,
		const char *help)
{
	char line[LONGEST_SAMPLE];
	int length = snprintf(line, sizeof(line),
			"# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, help,
			name, type);

	metrics->family = put(metrics, line, length) ? name : NULL;
}

static int escape_label(const char *value, char *buffer)
{
	char clean[LONGEST_LABEL];
	int i, used = 0;
	int length = regmon_clean_text(
			(str){(char *)value, (int)strlen(value)}, clean, sizeof(clean));

	for(i = 0; i < length; i++) {
		if(clean[i] == '"' || clean[i] == '\\')
			buffer[used++] = '\\';
		buffer[used++] = clean[i];
	}
	return used;
}

/* name, value, name, value, NULL; `le` is one like the others */
static int print_labels(char *buffer, va_list *labels)
{
	const char *name;
	int used = 0;

	while((name = va_arg(*labels, const char *)) != NULL) {
		used += sprintf(buffer + used, "%s%.40s=\"", used ? "," : "{", name);
		used += escape_label(va_arg(*labels, const char *), buffer + used);
		buffer[used++] = '"';
	}
	if(used)
		buffer[used++] = '}';
	return used;
}

#define MOST_LABELS 2 /* of a line, for its longest length */
_Static_assert(LONGEST_NAME + MOST_LABELS * (2 * LONGEST_LABEL + 45) + 30
					   <= LONGEST_SAMPLE,
		"room for a line");

static bool put_line(metrics_t *metrics, const char *suffix, const char *value,
		va_list *labels)
{
	char line[LONGEST_SAMPLE];
	int length;

	if(metrics->family == NULL)
		return false;
	length = snprintf(
			line, LONGEST_NAME, PREFIX "%s%s", metrics->family, suffix);
	length += print_labels(line + length, labels);
	length += snprintf(line + length, 26, " %s\n", value);
	return put(metrics, line, length);
}

/* One series; labels end with NULL. */
static void sample(metrics_t *metrics, int64_t value, ...)
{
	char digits[24];
	va_list labels;

	snprintf(digits, sizeof(digits), "%lld", (long long)value);
	va_start(labels, value);
	if(metrics->series < REGMON_METRICS_MOST_SERIES
			&& put_line(metrics, "", digits, &labels))
		metrics->series++;
	else
		metrics->left_out++;
	va_end(labels);
}

static void count_sample(metrics_t *metrics, regmon_counter_t counter,
		const char *label, const char *value)
{
	sample(metrics, count_of(metrics->source, counter), label, value, NULL);
}

/* "0.05", "60": seconds without zeros behind them */
static void print_seconds(int64_t ms, char buffer[24])
{
	int length = snprintf(
			buffer, 24, "%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));

	while(buffer[length - 1] == '0')
		buffer[--length] = '\0';
	if(buffer[length - 1] == '.')
		buffer[length - 1] = '\0';
}

static bool put_part(
		metrics_t *metrics, const char *suffix, const char *value, ...)
{
	va_list labels;
	bool fits;

	va_start(labels, value);
	fits = put_line(metrics, suffix, value, &labels);
	va_end(labels);
	return fits;
}

/* A histogram of one series, whole or not at all. bounds_ms: upper bounds, the last one is open. */
static void histogram(metrics_t *metrics, const int32_t *bounds_ms,
		const uint64_t *buckets, unsigned buckets_n, uint64_t sum_ms)
{
	unsigned i, lines = buckets_n + 2;
	int begun = metrics->used;
	uint64_t below = 0;
	char bound[24], value[24];
	bool fits = metrics->series + lines <= REGMON_METRICS_MOST_SERIES;

	for(i = 0; i < buckets_n && fits; i++) {
		below += buckets[i];
		print_seconds(bounds_ms[i], bound);
		snprintf(value, sizeof(value), "%llu", (unsigned long long)below);
		fits = put_part(metrics, "_bucket", value, "le",
				i + 1 < buckets_n ? bound : "+Inf", NULL);
	}
	print_seconds((int64_t)sum_ms, bound);
	fits = fits && put_part(metrics, "_sum", bound, NULL)
		   && put_part(metrics, "_count", value, NULL);
	if(fits) {
		metrics->series += lines;
	} else {
		metrics->used = begun;
		metrics->left_out += lines;
	}
}

/* ---- families ---- */

static void build_info(metrics_t *metrics)
{
	family(metrics, "build_info", "gauge",
			"Always 1; version of the module and of the Kamailio that runs "
			"it.");
	sample(metrics, 1, "version", metrics->source->version, "kamailio",
			metrics->source->kamailio_version, NULL);
}

static void start_time(metrics_t *metrics)
{
	family(metrics, "start_time_seconds", "gauge",
			"When this node began to watch, in seconds since 1970.");
	sample(metrics, metrics->source->monitor->started_ms / 1000, NULL);
}

static void registrations(metrics_t *metrics)
{
	unsigned i;

	family(metrics, "registrations", "gauge",
			"Registrations in the table now, by state.");
	for(i = 0; i < REGMON_STATES_N; i++)
		sample(metrics, metrics->numbers.in_state[i], "state",
				regmon_state_name(i), NULL);
}

static void phones_with_cause(metrics_t *metrics)
{
	unsigned i;

	family(metrics, "phones_with_cause", "gauge",
			"Phones that this cause troubles now; one may have several.");
	for(i = 0; i < regmon_causes_n(); i++)
		sample(metrics, metrics->numbers.with_cause[i], "cause",
				regmon_cause_at(i)->id, NULL);
}

/* one counter as one series of a family with one label */
typedef struct series
{
	regmon_counter_t counter;
	const char *value;
} series_t;

static void counted(metrics_t *metrics, const char *name, const char *help,
		const char *label, const series_t *list, unsigned n)
{
	unsigned i;

	family(metrics, name, "counter", help);
	for(i = 0; i < n; i++)
		count_sample(metrics, list[i].counter, label, list[i].value);
}

/* without a label */
static void counted_one(metrics_t *metrics, const char *name, const char *help,
		regmon_counter_t counter)
{
	family(metrics, name, "counter", help);
	count_sample(metrics, counter, NULL, NULL);
}

#define COUNTED(name, help, label, list) \
	counted(metrics, name, help, label, list, REGMON_COUNT(list))
#define SERIES(counter, value)          \
	{                                   \
		REGMON_COUNTER_##counter, value \
	}

static void requests(metrics_t *metrics)
{
	counted_one(metrics, "registers_total",
			"REGISTER requests seen on the phone's side, without "
			"retransmissions.",
			REGMON_COUNTER_registers);
	counted_one(metrics, "retransmissions_total",
			"REGISTER requests repeated in one transaction.",
			REGMON_COUNTER_retransmissions);
}

static void attempts_opened(metrics_t *metrics)
{
	static const series_t list[] = {SERIES(attempts_initial, "initial"),
			SERIES(attempts_reregistration, "re-registration"),
			SERIES(attempts_deregistration, "de-registration"),
			SERIES(attempts_other, "other")};

	COUNTED("attempts_opened_total",
			"Attempts opened, by kind: all rounds of one Call-ID and From tag "
			"until the final answer are one attempt.",
			"kind", list);
}

static void attempts_ended(metrics_t *metrics)
{
	static const struct
	{
		const char *kind;
		regmon_counter_t succeeded, failed;
	} list[] = {{"initial", REGMON_COUNTER_successes_initial,
						REGMON_COUNTER_failures_initial},
			{"re-registration", REGMON_COUNTER_successes_reregistration,
					REGMON_COUNTER_failures_reregistration},
			{"de-registration", REGMON_COUNTER_successes_deregistration,
					REGMON_COUNTER_failures_deregistration},
			{"other", REGMON_COUNTER_successes_other,
					REGMON_COUNTER_failures_other}};
	unsigned i;

	family(metrics, "attempts_ended_total", "counter",
			"Attempts ended, by kind and result.");
	for(i = 0; i < REGMON_COUNT(list); i++) {
		sample(metrics, count_of(metrics->source, list[i].succeeded), "kind",
				list[i].kind, "result", "success", NULL);
		sample(metrics, count_of(metrics->source, list[i].failed), "kind",
				list[i].kind, "result", "failure", NULL);
	}
}

static void attempts_without_answer(metrics_t *metrics)
{
	static const series_t list[] = {
			SERIES(silent_after_challenge, "silent-after-challenge"),
			SERIES(unanswered, "no-answer"), SERIES(superseded, "superseded")};

	COUNTED("attempts_without_final_answer_total",
			"Failed attempts that got no final answer, by how they ended; part "
			"of the failures.",
			"end", list);
}

static void answers(metrics_t *metrics)
{
	static const series_t list[] = {SERIES(answers_2xx, "2xx"),
			SERIES(challenges, "401"), SERIES(answers_4xx, "4xx"),
			SERIES(answers_5xx, "5xx"), SERIES(answers_other, "other")};

	COUNTED("answers_total",
			"Final answers sent to phones, by class; 401 is a class of its "
			"own.",
			"class", list);
	counted_one(metrics, "answers_not_sent_total",
			"Answers that could not be sent to the phone.",
			REGMON_COUNTER_answers_not_sent);
}

static void findings(metrics_t *metrics)
{
	static const series_t list[] = {SERIES(findings_error, "error"),
			SERIES(findings_warning, "warning"), SERIES(findings_note, "note")};

	COUNTED("findings_total", "Broken rules, by severity.", "severity", list);
}

static void refusals(metrics_t *metrics)
{
	static const series_t list[] = {SERIES(shadow_replies, "shadow"),
			SERIES(enforced_replies, "enforce")};

	COUNTED("refusals_total",
			"REGISTERs refused by a rule in mode enforce, and those that mode "
			"shadow would have had refused.",
			"mode", list);
}

static void bindings_lost(metrics_t *metrics)
{
	static const series_t list[] = {SERIES(expired, "expired"),
			SERIES(network_deregistered, "network-deregistered")};

	COUNTED("bindings_lost_total",
			"Bindings that ended without the phone's de-registration.",
			"reason", list);
}

/* RFC 6076 4.1, measured at this node instead of at the phone */
static void registration_delay(metrics_t *metrics)
{
	static regmon_kpi_t kpi; /* large; a process answers one request at a time */
	const regmon_histogram_t *setup = &kpi.kinds[REGMON_ATTEMPT_INITIAL].setup;

	regmon_kpi_read(metrics->source->monitor->measure, REGMON_ALL_ACCESS, &kpi);
	family(metrics, "registration_delay_seconds", "histogram",
			"Time from the first REGISTER of an initial registration to its "
			"2xx, at this node.");
	histogram(metrics, regmon_delay_bucket_ms, setup->n, REGMON_DELAY_BUCKETS,
			setup->sum_ms);
}

static void records(metrics_t *metrics)
{
	family(metrics, "records", "gauge", "Registrations in the table now.");
	sample(metrics, metrics->numbers.registrations, NULL);
	family(metrics, "records_limit", "gauge",
			"What the table may hold (max_registrations).");
	sample(metrics, metrics->numbers.max_registrations, NULL);
	family(metrics, "memory_bytes", "gauge", "Shared memory of the table now.");
	sample(metrics, (int64_t)metrics->numbers.bytes, NULL);
}

static void losses(metrics_t *metrics)
{
	counted_one(metrics, "records_evicted_total",
			"Records that had to go: the table was full, or one identity had "
			"too many bindings.",
			REGMON_COUNTER_evicted);
	counted_one(metrics, "messages_dropped_total",
			"Messages not remembered for want of memory.",
			REGMON_COUNTER_dropped);
}

static void http_requests(metrics_t *metrics)
{
	static const series_t list[] = {SERIES(http_answered, "answered"),
			SERIES(http_forbidden, "forbidden"), SERIES(http_wrong, "wrong"),
			SERIES(http_failed, "failed")};

	COUNTED("http_requests_total",
			"HTTP requests for this module's pages, by what came of them.",
			"result", list);
}

/* A new family is one function and its name here. What matters most comes first: the end is left out first. */
static void (*const families[])(metrics_t *metrics) = {build_info, start_time,
		registrations, phones_with_cause, attempts_opened, attempts_ended,
		registration_delay, answers, attempts_without_answer, requests,
		bindings_lost, findings, refusals, records, losses, http_requests};

int regmon_metrics_write(
		const regmon_metrics_source_t *source, char *buffer, int size)
{
	metrics_t metrics = {
			.source = source, .text = buffer, .size = size - LAST_WORDS};
	unsigned i;

	regmon_table_count(source->monitor->table, &metrics.numbers);
	for(i = 0; i < REGMON_COUNT(families); i++)
		families[i](&metrics);
	metrics.size = size;
	metrics.series = 0;
	family(&metrics, "series_left_out", "gauge",
			"Series that found no room in this answer.");
	sample(&metrics, metrics.left_out, NULL);
	return metrics.used;
}
