/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process "regmon events": takes events and records out of the queue, one by one, and hands them to the log, the
 * file and the script. Whatever is slow there (a broker, a disk) holds up this process alone. */
#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "core/globals.h"
#include "core/pt.h"
#include "core/sr_module.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hooks/events.h"
#include "hooks/hooks.h"
#include "measure/counters.h"
#include "show/cause_line.h"
#include "show/interval.h"
#include "show/json_writer.h"
#include "show/monitor.h"
#include "show/record_file.h"
#include "show/rows_outgoing.h"

#define IDLE_MS 20
#define AT_ONCE 64 /* entries between two looks at the clock and at cfg */
#define REPORT_EVERY_MS 60000
#define LOOK_EVERY_MS 1000
/* After SIGTERM: how long what waits in the queue may still take, and when a route that does not come back is given
 * up. */
#define LAST_WORDS_MS 2000
#define LAST_WORDS_MOST_S 3

static regmon_event_orders_t orders;

/* ---- of this process alone ---- */
static volatile sig_atomic_t stopping;
static regmon_record_file_t records;
static regmon_quota_t quota;
static regmon_deliveries_t *deliveries;
static uint64_t serial; /* of records */
static regmon_event_at_hand_t at_hand;
static char json[REGMON_OUTGOING_MOST + 1];

static void make_json(bool is_record)
{
	regmon_json_writer_t writer;
	regmon_outbox_numbers_t numbers;
	int length;

	regmon_json_writer_start_plain(&writer, json, REGMON_OUTGOING_MOST);
	if(is_record) {
		regmon_outbox_count(regmon_monitor.outbox, &numbers);
		regmon_rows_record(&writer.writer, &regmon_monitor, &at_hand, ++serial,
				numbers.dropped_records);
	} else {
		regmon_rows_event(&writer.writer, &regmon_monitor, &at_hand);
	}
	length = regmon_json_writer_finish(&writer);
	if(length < 0) {
		records.failed = "a record is too long";
		records.error = EMSGSIZE;
		length = 0;
	}
	at_hand.json = (str){json, length};
	/* not every module of Kamailio looks at the length */
	json[length] = '\0';
}

static bool write_line(void)
{
	int length = at_hand.json.len, failed;

	if(length == 0)
		return false;
	json[length] = '\n';
	failed = regmon_record_file_write(&records, json, length + 1);
	json[length] = '\0';
	return failed == 0;
}

static void write_record(void)
{
	if(write_line()) {
		deliveries->records_written++;
		regmon_counters_add(REGMON_COUNTER_records_written, 1);
	} else {
		deliveries->record_write_errors++;
		regmon_counters_add(REGMON_COUNTER_record_write_errors, 1);
	}
}

static void log_cause(void)
{
	char line[REGMON_CAUSE_LINE_LENGTH];
	int length;

	if(!is_printable(orders.cause_log_level))
		return;
	if(!regmon_quota_take(&quota, regmon_clock_now_ms())) {
		deliveries->cause_lines_suppressed++;
		regmon_counters_add(REGMON_COUNTER_cause_lines_suppressed, 1);
		return;
	}
	deliveries->cause_lines++;
	regmon_counters_add(REGMON_COUNTER_cause_lines, 1);
	length = regmon_cause_line(&at_hand, line);
	LM_GEN1(orders.cause_log_level, "%.*s\n", length, line);
}

static void hand_out(const regmon_outgoing_t *outgoing)
{
	bool is_record = outgoing->kind == REGMON_OUTGOING_RECORD;
	bool to_file = is_record && orders.file != NULL;
	bool to_script = regmon_event_route_wants(outgoing->kind);

	regmon_monitor_refresh();
	at_hand.outgoing = outgoing;
	at_hand.json = (str){NULL, 0};
	at_hand.diagnosis.n = 0;
	if(is_record || outgoing->kind == REGMON_OUTGOING_CAUSE)
		regmon_diagnose(&outgoing->record, regmon_monitor.thresholds,
				outgoing->now_ms, &at_hand.diagnosis);
	if(outgoing->kind == REGMON_OUTGOING_CAUSE
			&& orders.cause_log_level != REGMON_CAUSE_LOG_OFF)
		log_cause();
	if(to_file || to_script)
		make_json(is_record);
	if(to_file)
		write_record();
	if(to_script)
		regmon_event_route_run(&at_hand);
}

/* Takes out at most so many; false: there are no more. */
static bool work(unsigned most)
{
	const regmon_outgoing_t *outgoing;

	for(; most > 0; most--) {
		outgoing = regmon_outbox_first(regmon_monitor.outbox);
		if(outgoing == NULL)
			return false;
		hand_out(outgoing);
		regmon_outbox_taken(regmon_monitor.outbox);
	}
	return true;
}

/* ---- once a minute, what was lost ---- */

static void report(int64_t now_ms)
{
	static int64_t reported_ms;
	static uint64_t dropped, unwritten;
	regmon_outbox_numbers_t numbers;
	uint64_t suppressed = regmon_quota_pass(&quota, now_ms);

	if(suppressed)
		LM_GEN1(orders.cause_log_level,
				"%llu more changes of causes within a minute are not logged"
				" (cause_log_per_minute=%d): kamcmd ims_regmon.summary\n",
				(unsigned long long)suppressed, quota.per_minute);
	if(!regmon_interval_over(now_ms, reported_ms, REPORT_EVERY_MS))
		return;
	regmon_outbox_count(regmon_monitor.outbox, &numbers);
	if(numbers.dropped == dropped
			&& deliveries->record_write_errors == unwritten)
		return;
	reported_ms = now_ms;
	if(numbers.dropped != dropped)
		LM_WARN("%llu events and records were dropped: the queue of %u was"
				" full (event_queue); what the script or the disk does with"
				" them takes too long\n",
				(unsigned long long)(numbers.dropped - dropped),
				numbers.entries);
	if(deliveries->record_write_errors != unwritten)
		LM_WARN("%llu records were not written to %s: %s: %s\n",
				(unsigned long long)(deliveries->record_write_errors
									 - unwritten),
				orders.file, records.failed, strerror(records.error));
	dropped = numbers.dropped;
	unwritten = deliveries->record_write_errors;
}

static void look_after(int64_t now_ms)
{
	static int64_t looked_ms;

	if(orders.file
			&& regmon_interval_over(now_ms, looked_ms, LOOK_EVERY_MS)) {
		regmon_record_file_look(&records);
		looked_ms = now_ms;
	}
	report(now_ms);
}

/* ---- the end ---- */

static void on_stop(int signal)
{
	/* A route that blocks must not hold up the shutdown of Kamailio; whoever says it again gives it no more time. */
	if(!stopping)
		alarm(LAST_WORDS_MOST_S);
	stopping = 1;
}

static void on_alarm(int signal)
{
	_exit(0);
}

/* Kamailio's own handler ends a process at once: what is in the queue would be lost. */
static void follow_signals(void)
{
	struct sigaction action = {.sa_handler = on_stop};

	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_handler = on_alarm;
	sigaction(SIGALRM, &action, NULL);
}

static void say_last_words(void)
{
	int64_t until_ms = regmon_clock_now_ms() + LAST_WORDS_MS;
	regmon_outbox_numbers_t numbers;

	while(regmon_clock_now_ms() < until_ms && work(1))
		;
	regmon_outbox_count(regmon_monitor.outbox, &numbers);
	if(numbers.waiting)
		LM_WARN("%llu events and records were left behind in the queue\n",
				(unsigned long long)numbers.waiting);
	regmon_record_file_close(&records);
}

static void live(void)
{
	const struct timespec idle = {0, IDLE_MS * 1000000L};

	deliveries = regmon_outbox_deliveries(regmon_monitor.outbox);
	quota.per_minute = orders.cause_lines_per_minute;
	regmon_record_file_start(
			&records, orders.file, orders.file_most_bytes, orders.file_keep);
	follow_signals();
	while(!stopping) {
		cfg_update();
		regmon_monitor_refresh(); /* or the rules that a reload put out of force would never be freed */
		if(!work(AT_ONCE))
			nanosleep(&idle, NULL);
		look_after(regmon_clock_now_ms());
	}
	say_last_words();
}

/* ---- the start ---- */

int regmon_events_prepare(void)
{
	int scripts;
	unsigned kinds;

	if(regmon_event_parameters_check(&orders) < 0)
		return -1;
	scripts = regmon_event_routes_find(&orders);
	if(scripts < 0)
		return -1;
	kinds = (unsigned)scripts;
	if(orders.file)
		kinds |= 1u << REGMON_OUTGOING_RECORD;
	if(orders.cause_log_level != REGMON_CAUSE_LOG_OFF)
		kinds |= 1u << REGMON_OUTGOING_CAUSE;
	if(kinds == 0)
		return 0;
	regmon_monitor.server_id = server_id;
	regmon_monitor.outbox = regmon_outbox_make(
			orders.queue, regmon_table_record_size(regmon_monitor.table));
	if(regmon_monitor.outbox == NULL) {
		LM_ERR("no shared memory for event_queue=%u: start Kamailio with a"
			   " larger -m\n",
				orders.queue);
		return -1;
	}
	if(regmon_outbox_listen(regmon_monitor.outbox, kinds) < 0) {
		LM_BUG("no room for another listener\n");
		return -1;
	}
	return register_procs(1);
}

int regmon_events_try_file(void)
{
	if(orders.file == NULL)
		return 0;
	regmon_record_file_start(
			&records, orders.file, orders.file_most_bytes, orders.file_keep);
	if(regmon_record_file_open(&records) < 0) {
		LM_ERR("modparam record_file \"%s\": %s: %s\n", orders.file,
				records.failed, strerror(records.error));
		return -1;
	}
	regmon_record_file_close(&records);
	return 0;
}

int regmon_events_fork(void)
{
	int pid;

	if(regmon_monitor.outbox == NULL)
		return 0;
	/* scripts run here that are no SIP worker's: as in Kamailio's own asynchronous workers */
	pid = regmon_fork(PROC_RPC, "regmon events");
	if(pid != 0)
		return pid < 0 ? -1 : 0;
	live();
	_exit(0);
}
