/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All families in order; those of the node itself are here, those of the figures in metrics_measure.c. */
#include "show/metrics_private.h"

/* kept for the metric that says what was left out */
#define LAST_WORDS 260

/* one counter as one series of a family with one label */
typedef struct series
{
	regmon_counter_t counter;
	const char *value;
} series_t;

static void count_sample(regmon_metrics_t *metrics, regmon_counter_t counter,
		const char *label, const char *value)
{
	regmon_metrics_sample(metrics,
			regmon_metrics_count_of(metrics->source, counter), label, value,
			NULL);
}

static void counted(regmon_metrics_t *metrics, const char *name,
		const char *help, const char *label, const series_t *list, unsigned n)
{
	unsigned i;

	regmon_metrics_family(metrics, name, "counter", help);
	for(i = 0; i < n; i++)
		count_sample(metrics, list[i].counter, label, list[i].value);
}

/* without a label */
static void counted_one(regmon_metrics_t *metrics, const char *name,
		const char *help, regmon_counter_t counter)
{
	regmon_metrics_family(metrics, name, "counter", help);
	count_sample(metrics, counter, NULL, NULL);
}

static void gauge(regmon_metrics_t *metrics, const char *name, const char *help,
		int64_t value)
{
	regmon_metrics_family(metrics, name, "gauge", help);
	regmon_metrics_sample(metrics, value, NULL);
}

#define COUNTED(name, help, label, list) \
	counted(metrics, name, help, label, list, REGMON_COUNT(list))
#define SERIES(counter, value)          \
	{                                   \
		REGMON_COUNTER_##counter, value \
	}

/* ---- what runs, and what is registered ---- */

static void build_info(regmon_metrics_t *metrics)
{
	regmon_metrics_family(metrics, "build_info", "gauge",
			"Always 1; version of the module and of the Kamailio that runs "
			"it.");
	regmon_metrics_sample(metrics, 1, "version", metrics->source->version,
			"kamailio", metrics->source->kamailio_version, NULL);
}

static void start_time(regmon_metrics_t *metrics)
{
	gauge(metrics, "start_time_seconds",
			"When this node began to watch, in seconds since 1970.",
			metrics->source->monitor->started_ms / 1000);
}

static void registrations(regmon_metrics_t *metrics)
{
	unsigned i;

	regmon_metrics_family(metrics, "registrations", "gauge",
			"Registrations in the table now, by state.");
	for(i = 0; i < REGMON_STATES_N; i++)
		regmon_metrics_sample(metrics, metrics->numbers.in_state[i], "state",
				regmon_state_name(i), NULL);
}

static void phones_with_cause(regmon_metrics_t *metrics)
{
	unsigned i;

	regmon_metrics_family(metrics, "phones_with_cause", "gauge",
			"Phones that this cause troubles now; one may have several.");
	for(i = 0; i < regmon_causes_n(); i++)
		regmon_metrics_sample(metrics, metrics->numbers.with_cause[i], "cause",
				regmon_cause_at(i)->id, NULL);
}

/* ---- messages ---- */

static void requests(regmon_metrics_t *metrics)
{
	counted_one(metrics, "registers_total",
			"REGISTER requests seen on the phone's side, without "
			"retransmissions.",
			REGMON_COUNTER_registers);
	counted_one(metrics, "retransmissions_total",
			"REGISTER requests repeated in one transaction.",
			REGMON_COUNTER_retransmissions);
}

static void answers(regmon_metrics_t *metrics)
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

static void findings(regmon_metrics_t *metrics)
{
	static const series_t list[] = {SERIES(findings_error, "error"),
			SERIES(findings_warning, "warning"), SERIES(findings_note, "note")};

	COUNTED("findings_total", "Broken rules, by severity.", "severity", list);
}

static void refusals(regmon_metrics_t *metrics)
{
	static const series_t list[] = {SERIES(shadow_replies, "shadow"),
			SERIES(enforced_replies, "enforce")};

	COUNTED("refusals_total",
			"REGISTERs refused by a rule in mode enforce, and those that mode "
			"shadow would have had refused.",
			"mode", list);
}

static void bindings_lost(regmon_metrics_t *metrics)
{
	static const series_t list[] = {SERIES(expired, "expired"),
			SERIES(network_deregistered, "network-deregistered")};

	COUNTED("bindings_lost_total",
			"Bindings that ended without the phone's de-registration.",
			"reason", list);
}

/* A document may be in several of them, so they are no values of one label. */
static void reginfo(regmon_metrics_t *metrics)
{
	counted_one(metrics, "reginfo_documents_total",
			"Reg-event documents seen: NOTIFY, PUBLISH, ims_regmon_reginfo().",
			REGMON_COUNTER_reginfo_documents);
	counted_one(metrics, "reginfo_faulty_total",
			"Of these, those that could not be read.",
			REGMON_COUNTER_reginfo_faulty);
	counted_one(metrics, "reginfo_repeated_total",
			"Of these, those seen before or older than one that was: not "
			"applied.",
			REGMON_COUNTER_reginfo_repeated);
	counted_one(metrics, "reginfo_version_gaps_total",
			"Of these, partial ones behind some that were not seen.",
			REGMON_COUNTER_reginfo_version_gaps);
	counted_one(metrics, "reginfo_cut_total",
			"Of these, those with more registrations or contacts than are "
			"read.",
			REGMON_COUNTER_reginfo_cut);
	counted_one(metrics, "reginfo_of_phones_total",
			"Documents that came from a phone's address: not read, in none of "
			"the counts above.",
			REGMON_COUNTER_reginfo_of_phones);
}

/* ---- the node itself ---- */

static void table(regmon_metrics_t *metrics)
{
	gauge(metrics, "table_records", "Registrations in the table now.",
			metrics->numbers.registrations);
	gauge(metrics, "table_records_limit",
			"What the table may hold (max_registrations).",
			metrics->numbers.max_registrations);
	gauge(metrics, "table_bytes", "Shared memory of the table now.",
			(int64_t)metrics->numbers.bytes);
	counted_one(metrics, "table_evicted_total",
			"Records that had to go: the table was full, or one identity had "
			"too many bindings.",
			REGMON_COUNTER_evicted);
	counted_one(metrics, "table_evicted_open_total",
			"Of these, those whose attempt had not ended: it is in no success "
			"and no failure.",
			REGMON_COUNTER_evicted_open);
	counted_one(metrics, "messages_dropped_total",
			"Messages not remembered for want of memory.",
			REGMON_COUNTER_dropped);
	regmon_metrics_family(metrics, "facts_not_kept_total", "counter",
			"Single facts of registrations not remembered for want of memory: "
			"an attempt that failed, a row of failures, an event of the "
			"network, a Retry-After, ...");
	regmon_metrics_sample(metrics, (int64_t)metrics->numbers.not_kept, NULL);
	counted_one(metrics, "transactions_not_followed_total",
			"Transactions of REGISTERs that tm had no memory to tell of: "
			"answers made here were not seen.",
			REGMON_COUNTER_not_followed);
}

static void events(regmon_metrics_t *metrics)
{
	static const series_t records[] = {SERIES(records_written, "written"),
			SERIES(record_write_errors, "failed")};
	static const series_t lines[] = {SERIES(cause_lines, "logged"),
			SERIES(cause_lines_suppressed, "suppressed")};
	const regmon_outbox_t *outbox = metrics->source->monitor->outbox;
	regmon_outbox_numbers_t numbers = {0};

	if(outbox)
		regmon_outbox_count(outbox, &numbers);
	counted_one(metrics, "events_queued_total",
			"Events and records put into the queue of the process 'regmon "
			"events'.",
			REGMON_COUNTER_events_queued);
	counted_one(metrics, "events_dropped_total",
			"Events and records dropped because that queue was full.",
			REGMON_COUNTER_events_dropped);
	gauge(metrics, "events_waiting", "Events and records in that queue now.",
			(int64_t)numbers.waiting);
	gauge(metrics, "events_waiting_limit",
			"How many may wait (event_queue); 0: nobody wants events.",
			numbers.entries);
	COUNTED("record_writes_total",
			"Records of attempts written to record_file, and those that could "
			"not be.",
			"result", records);
	COUNTED("cause_lines_total",
			"Lines about changes of causes: logged, or suppressed beyond "
			"cause_log_per_minute.",
			"result", lines);
}

static void http_requests(regmon_metrics_t *metrics)
{
	static const series_t list[] = {SERIES(http_answered, "answered"),
			SERIES(http_forbidden, "forbidden"), SERIES(http_wrong, "wrong"),
			SERIES(http_failed, "failed")};

	COUNTED("http_requests_total",
			"HTTP requests for this module's pages, by what came of them.",
			"result", list);
}

/* A new family is one function and its name here. What matters most comes first: the end is left out first. */
static void (*const families[])(regmon_metrics_t *metrics) = {build_info,
		start_time, registrations, regmon_metrics_users, phones_with_cause,
		regmon_metrics_attempts, regmon_metrics_failures, requests, answers,
		regmon_metrics_aka, bindings_lost, findings, regmon_metrics_rules,
		refusals, reginfo, table, events, http_requests,
		regmon_metrics_setup_time, regmon_metrics_network_time};

int regmon_metrics_write(
		const regmon_metrics_source_t *source, char *buffer, int size)
{
	regmon_metrics_t metrics = {
			.source = source, .text = buffer, .size = size - LAST_WORDS};
	unsigned i;

	regmon_table_count(source->monitor->table, &metrics.numbers);
	regmon_metrics_read_figures(&metrics);
	for(i = 0; i < REGMON_COUNT(families); i++)
		families[i](&metrics);
	metrics.size = size;
	metrics.series = 0;
	gauge(&metrics, "series_left_out",
			"Series that found no room in this answer.", metrics.left_out);
	return metrics.used;
}
