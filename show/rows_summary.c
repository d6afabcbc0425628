/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first screen: how many phones are in which state, how the last minute went, what troubles most phones, and
 * what this node cannot see or had to throw away. */
#include "show/rows.h"

#include <stdio.h>

#define TOP_CAUSES 8

static void write_states(
		regmon_writer_t *writer, const regmon_table_numbers_t *numbers)
{
	char name[32];
	unsigned i, k;

	writer->open_struct(writer, "registrations");
	writer->number(writer, "all", numbers->registrations);
	for(i = 0; i < REGMON_STATES_N; i++) {
		if(numbers->in_state[i] == 0)
			continue;
		snprintf(name, sizeof(name), "%s", regmon_state_name(i));
		for(k = 0; name[k] && !writer->for_eyes; k++)
			if(name[k] == '-')
				name[k] = '_';
		writer->number(writer, name, numbers->in_state[i]);
	}
	writer->close_struct(writer);
}

static void write_fill(
		regmon_writer_t *writer, const regmon_table_numbers_t *numbers)
{
	unsigned most = numbers->max_registrations ? numbers->max_registrations : 1;

	if(writer->for_eyes) {
		regmon_write_format(writer, "table",
				"%u of %u records (%.1f%%), %llu KiB of shared memory",
				numbers->registrations, numbers->max_registrations,
				numbers->registrations * 100.0 / most,
				(unsigned long long)numbers->bytes / 1024);
		return;
	}
	writer->open_struct(writer, "table");
	writer->number(writer, "records", numbers->registrations);
	writer->number(writer, "max_records", numbers->max_registrations);
	writer->number(
			writer, "percent", numbers->registrations * 100ULL / most);
	writer->number(writer, "bytes", numbers->bytes);
	writer->number(writer, "evicted", numbers->evicted);
	writer->number(writer, "evicted_by_source", numbers->evicted_by_source);
	writer->number(
			writer, "evicted_for_memory", numbers->evicted_for_memory);
	writer->number(writer, "dropped", numbers->dropped);
	writer->number(writer, "not_kept", numbers->not_kept);
	writer->close_struct(writer);
}

static void write_sums(regmon_writer_t *writer, const char *name,
		const regmon_sums_t *sums)
{
	double ratio = regmon_percent(sums->succeeded, sums->ended);
	int32_t p95_ms = regmon_histogram_percentile(&sums->delays, 95);
	char delay[64] = "";

	if(writer->for_eyes) {
		if(p95_ms == INT32_MAX)
			snprintf(delay, sizeof(delay), "; 95%% of set-ups took longer");
		else if(p95_ms >= 0)
			snprintf(delay, sizeof(delay), "; 95%% of set-ups up to %d ms",
					p95_ms);
		if(sums->ended == 0)
			regmon_write_words(writer, name, "no attempt ended");
		else
			regmon_write_format(writer, name,
					"%llu attempt%s ended: %llu succeeded, %llu failed (%.1f%% "
					"success)%s",
					(unsigned long long)sums->ended, regmon_plural(sums->ended),
					(unsigned long long)sums->succeeded,
					(unsigned long long)sums->failed, ratio, delay);
		return;
	}
	writer->open_struct(writer, name);
	writer->number(writer, "ended", (int64_t)sums->ended);
	writer->number(writer, "succeeded", (int64_t)sums->succeeded);
	writer->number(writer, "failed", (int64_t)sums->failed);
	if(sums->ended)
		writer->real(writer, "success_percent", ratio);
	if(p95_ms >= 0)
		writer->number(writer, "p95_ms", p95_ms);
	writer->close_struct(writer);
}

static void write_windows(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, int64_t now_ms)
{
	static const struct
	{
		const char *name;
		regmon_span_t span;
	} windows[] = {{"last_minute", REGMON_LAST_MINUTE},
			{"last_hour", REGMON_LAST_HOUR}, {"last_day", REGMON_LAST_DAY}};
	regmon_sums_t sums;
	unsigned i;

	for(i = 0; i < REGMON_COUNT(windows); i++) {
		regmon_sums_read(monitor->measure, windows[i].span, now_ms, &sums);
		write_sums(writer, windows[i].name, &sums);
	}
}

/* RFC 6076 4.1 defines RRD at the phone; what is known here begins with the REGISTER's arrival. */
static void write_delays(
		regmon_writer_t *writer, const regmon_monitor_t *monitor)
{
	static regmon_kpi_cell_t cell;
	regmon_histogram_t setup = {{0}, 0}, network = {{0}, 0};
	uint64_t count;
	unsigned access;

	for(access = 0; access < REGMON_ACCESS_KINDS_N; access++) {
		regmon_kpi_read_cell(monitor->measure, REGMON_ATTEMPT_INITIAL,
				(regmon_access_t)access, &cell);
		regmon_histogram_merge(&setup, &cell.setup);
		regmon_histogram_merge(&network, &cell.network);
	}
	count = regmon_histogram_count(&setup);
	if(count == 0 && writer->for_eyes)
		return;
	writer->open_struct(writer, "registration_delay");
	regmon_write_words(writer, "measured",
			"at this node: first REGISTER of an initial registration until "
			"its 2xx");
	writer->number(writer, "registrations", (int64_t)count);
	if(writer->for_eyes) {
		regmon_write_histogram(writer, "whole", &setup);
		regmon_write_histogram(writer, "without the phone", &network);
	} else if(count) {
		writer->number(
				writer, "mean_ms", regmon_histogram_mean_ms(&setup));
		writer->number(
				writer, "p50_ms", regmon_histogram_percentile(&setup, 50));
		writer->number(
				writer, "p95_ms", regmon_histogram_percentile(&setup, 95));
		writer->number(
				writer, "p99_ms", regmon_histogram_percentile(&setup, 99));
		writer->number(writer, "network_p95_ms",
				regmon_histogram_percentile(&network, 95));
	}
	writer->close_struct(writer);
}

static void write_cause(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, unsigned index, unsigned phones)
{
	const regmon_cause_t *cause = regmon_cause_at(index);

	if(writer->for_eyes) {
		regmon_write_format(writer, NULL,
				"%-22s %u phone%s: %s (kamcmd ims_regmon.list cause=%s)",
				cause->id, phones, phones == 1 ? "" : "s", cause->title,
				cause->id);
		regmon_rows_shared(writer, monitor, index, NULL);
		return;
	}
	writer->open_struct(writer, NULL);
	regmon_write_words(writer, "cause", cause->id);
	writer->number(writer, "phones", phones);
	regmon_write_words(writer, "title", cause->title);
	regmon_write_format(
			writer, "look_closer", "ims_regmon.list cause=%s", cause->id);
	regmon_rows_shared(writer, monitor, index, NULL);
	writer->close_struct(writer);
}

static void write_causes(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, const regmon_table_numbers_t *numbers)
{
	uint64_t shown = 0;
	unsigned i, n, more = 0, best;

	for(i = 0, n = 0; i < regmon_causes_n(); i++)
		n += numbers->with_cause[i] > 0;
	if(n == 0 && writer->for_eyes) {
		/* "none" alone would calm where registrations fail for a reason that has no name here */
		if(numbers->in_state[REGMON_STATE_FAILED])
			regmon_write_format(writer, "causes",
					"none named; %u failed: kamcmd ims_regmon.list"
					" state=failed",
					numbers->in_state[REGMON_STATE_FAILED]);
		else
			regmon_write_words(
					writer, "causes", "none: no phone is in trouble");
		return;
	}
	writer->open_list(writer, "causes");
	for(; n > 0; n--) {
		best = 64;
		for(i = 0; i < regmon_causes_n(); i++)
			if(!((shown >> i) & 1) && numbers->with_cause[i] > 0
					&& (best == 64
							|| numbers->with_cause[i]
									   > numbers->with_cause[best]))
				best = i;
		if(best == 64)
			break;
		shown |= 1ULL << best;
		if(writer->room(writer) < REGMON_ROOM_ROW || more
				|| __builtin_popcountll(shown) > TOP_CAUSES)
			more++;
		else
			write_cause(writer, monitor, best, numbers->with_cause[best]);
	}
	writer->close_list(writer);
	if(more)
		regmon_write_format(writer, "causes_more", "%u more cause%s", more,
				regmon_plural(more));
}

/* Events and records that did not get where they should; false: none. writer NULL: only ask. */
static bool write_losses(
		regmon_writer_t *writer, const regmon_monitor_t *monitor)
{
	regmon_outbox_numbers_t numbers = {0};

	if(monitor->outbox)
		regmon_outbox_count(monitor->outbox, &numbers);
	if(writer && numbers.dropped)
		regmon_write_format(writer, NULL,
				"events dropped because the queue of %u was full: %llu, %llu of "
				"them records; raise event_queue, or make quicker what "
				"the script or the disk does with them",
				numbers.entries, (unsigned long long)numbers.dropped,
				(unsigned long long)numbers.dropped_records);
	if(writer && numbers.deliveries.record_write_errors)
		regmon_write_format(writer, NULL,
				"records that could not be written to record_file: %llu, written: "
				"%llu; the log says why",
				(unsigned long long)numbers.deliveries.record_write_errors,
				(unsigned long long)numbers.deliveries.records_written);
	return numbers.dropped || numbers.deliveries.record_write_errors;
}

static void write_warnings(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, const regmon_table_numbers_t *numbers)
{
	bool nearly_full =
			numbers->registrations * 10ULL >= numbers->max_registrations * 9ULL;
	bool unseen = !monitor->capture
				  && (!monitor->tm_bound || !monitor->sl_bound);
	bool any = unseen || nearly_full || numbers->evicted || numbers->dropped
			   || write_losses(NULL, monitor);

	if(!any && writer->for_eyes)
		return;
	writer->open_list(writer, "warnings");
	if(unseen && !monitor->tm_bound)
		regmon_write_words(writer, NULL,
				"module tm is not loaded: answers that come with transactions "
				"and the leg to the core are not seen");
	if(unseen && !monitor->sl_bound)
		regmon_write_words(writer, NULL,
				"module sl is not loaded: answers that this node makes without "
				"a transaction are not seen");
	if(nearly_full)
		regmon_write_words(writer, NULL,
				"the table is nearly full: raise max_registrations");
	if(numbers->evicted > numbers->evicted_for_memory)
		regmon_write_format(writer, NULL,
				"records that had to go because the table was full or one "
				"identity had too many bindings: %llu (%llu of them because one "
				"source address held too many); figures and explanations of "
				"those phones are lost",
				(unsigned long long)(numbers->evicted
									 - numbers->evicted_for_memory),
				(unsigned long long)numbers->evicted_by_source);
	if(numbers->evicted_for_memory || numbers->dropped || numbers->not_kept)
		regmon_write_format(writer, NULL,
				"shared memory was exhausted: %llu records had to go for new "
				"ones, %llu messages were not remembered, %llu single facts not "
				"kept: start Kamailio with a larger -m",
				(unsigned long long)numbers->evicted_for_memory,
				(unsigned long long)numbers->dropped,
				(unsigned long long)numbers->not_kept);
	write_losses(writer, monitor);
	writer->close_list(writer);
}

void regmon_rows_summary(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, int64_t now_ms)
{
	regmon_table_numbers_t numbers;

	regmon_table_count(monitor->table, &numbers);
	regmon_write_words(writer, "role", regmon_role_name(monitor->role));
	if(monitor->capture)
		regmon_write_moment(writer, "clock_of_the_capture", now_ms, now_ms);
	else
		regmon_write_moment(
				writer, "watching_since", monitor->started_ms, now_ms);
	write_states(writer, &numbers);
	regmon_rows_users(writer, monitor, numbers.bound, now_ms);
	write_windows(writer, monitor, now_ms);
	write_delays(writer, monitor);
	write_causes(writer, monitor, &numbers);
	write_fill(writer, &numbers);
	write_warnings(writer, monitor, &numbers);
}
