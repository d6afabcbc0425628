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
	writer->number(writer, "dropped", numbers->dropped);
	writer->close_struct(writer);
}

static void write_delay(regmon_writer_t *writer, const char *name,
		const char *name_ms, int32_t delay_ms)
{
	if(delay_ms < 0)
		return;
	if(writer->for_eyes)
		regmon_write_format(writer, name, "up to %d ms", delay_ms);
	else
		writer->number(writer, name_ms, delay_ms);
}

static void write_minute(regmon_writer_t *writer,
		const regmon_window_numbers_t *numbers)
{
	double ratio = numbers->ended
						   ? 100.0 * numbers->succeeded / numbers->ended
						   : 0;

	if(writer->for_eyes) {
		if(numbers->ended == 0)
			regmon_write_words(
					writer, "last_minute", "no attempt ended");
		else
			regmon_write_format(writer, "last_minute",
					"%u attempts ended: %u succeeded, %u failed (%.1f%% "
					"success)",
					numbers->ended, numbers->succeeded, numbers->failed,
					ratio);
		return;
	}
	writer->open_struct(writer, "last_minute");
	writer->number(writer, "ended", numbers->ended);
	writer->number(writer, "succeeded", numbers->succeeded);
	writer->number(writer, "failed", numbers->failed);
	if(numbers->ended)
		writer->real(writer, "success_percent", ratio);
	writer->close_struct(writer);
}

/* RFC 6076 4.1 defines RRD at the phone; what is known here begins with the REGISTER's arrival. */
static void write_delays(regmon_writer_t *writer,
		const regmon_window_numbers_t *numbers)
{
	if(numbers->delays_n == 0 && writer->for_eyes)
		return;
	writer->open_struct(writer, "registration_delay");
	regmon_write_words(writer, "measured",
			"at this node: first REGISTER of an initial registration until "
			"its 2xx");
	writer->number(writer, "registrations", numbers->delays_n);
	write_delay(writer, "p50", "p50_ms", numbers->delay_p50_ms);
	write_delay(writer, "p95", "p95_ms", numbers->delay_p95_ms);
	write_delay(writer, "p99", "p99_ms", numbers->delay_p99_ms);
	writer->close_struct(writer);
}

static void write_cause(
		regmon_writer_t *writer, const regmon_cause_t *cause, unsigned phones)
{
	if(writer->for_eyes) {
		regmon_write_format(writer, NULL,
				"%-22s %u phone%s: %s (kamcmd ims_regmon.list cause=%s)",
				cause->id, phones, phones == 1 ? "" : "s", cause->title,
				cause->id);
		return;
	}
	writer->open_struct(writer, NULL);
	regmon_write_words(writer, "cause", cause->id);
	writer->number(writer, "phones", phones);
	regmon_write_words(writer, "title", cause->title);
	regmon_write_format(
			writer, "look_closer", "ims_regmon.list cause=%s", cause->id);
	writer->close_struct(writer);
}

static void write_causes(
		regmon_writer_t *writer, const regmon_table_numbers_t *numbers)
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
			write_cause(
					writer, regmon_cause_at(best), numbers->with_cause[best]);
	}
	writer->close_list(writer);
	if(more)
		regmon_write_format(writer, "causes_more", "%u more causes", more);
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
				"%llu events (%llu of them records) were dropped because the "
				"queue of %u was full: raise event_queue, or make quicker what "
				"the script or the disk does with them",
				(unsigned long long)numbers.dropped,
				(unsigned long long)numbers.dropped_records, numbers.entries);
	if(writer && numbers.deliveries.record_write_errors)
		regmon_write_format(writer, NULL,
				"%llu records could not be written to record_file, %llu were: "
				"the log says why",
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
	if(numbers->evicted)
		regmon_write_format(writer, NULL,
				"%llu records had to go because the table was full or one "
				"identity had too many bindings (%llu of them because one "
				"source address held too many): figures and explanations of "
				"those phones are lost",
				(unsigned long long)numbers->evicted,
				(unsigned long long)numbers->evicted_by_source);
	if(numbers->dropped)
		regmon_write_format(writer, NULL,
				"%llu messages were not remembered for want of shared memory: "
				"start Kamailio with a larger -m",
				(unsigned long long)numbers->dropped);
	write_losses(writer, monitor);
	writer->close_list(writer);
}

void regmon_rows_summary(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, int64_t now_ms)
{
	regmon_table_numbers_t numbers;
	regmon_window_numbers_t minute;

	regmon_table_count(monitor->table, &numbers);
	regmon_window_read(monitor->window, now_ms, &minute);
	regmon_write_words(writer, "role", regmon_role_name(monitor->role));
	if(monitor->capture)
		regmon_write_moment(writer, "clock_of_the_capture", now_ms, now_ms);
	else
		regmon_write_moment(
				writer, "watching_since", monitor->started_ms, now_ms);
	write_states(writer, &numbers);
	write_minute(writer, &minute);
	write_delays(writer, &minute);
	write_causes(writer, &numbers);
	write_fill(writer, &numbers);
	write_warnings(writer, monitor, &numbers);
}
