/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of the attempts of each minute or hour: the rows of a chart. */
#include "show/rows.h"

#include <stdio.h>

void regmon_history_asked_start(regmon_history_asked_t *asked)
{
	*asked = (regmon_history_asked_t){.periods = REGMON_HISTORY_LIMIT};
}

static bool read_periods(regmon_history_asked_t *asked, str value, bool by_hour,
		char *complaint, int size)
{
	int64_t number = regmon_text_number(value);
	int most = by_hour ? REGMON_WINDOW_HOURS : REGMON_WINDOW_MINUTES;

	if(number < 1 || number > most) {
		snprintf(complaint, size, "%s= is a number from 1 to %d",
				by_hour ? "hours" : "minutes", most);
		return false;
	}
	asked->by_hour = by_hour;
	asked->periods = (unsigned)number;
	return true;
}

bool regmon_history_asked_read(
		regmon_history_asked_t *asked, str word, char *complaint, int size)
{
	int64_t number;

	if(regmon_text_starts_nocase(word, REGMON_TEXT("minutes=")))
		return read_periods(
				asked, regmon_text_from(word, 8), false, complaint, size);
	if(regmon_text_starts_nocase(word, REGMON_TEXT("hours=")))
		return read_periods(
				asked, regmon_text_from(word, 6), true, complaint, size);
	if(regmon_text_starts_nocase(word, REGMON_TEXT("cursor="))) {
		number = regmon_text_number(regmon_text_from(word, 7));
		if(number > 0 && number <= UINT32_MAX) {
			asked->before = (uint32_t)number;
			return true;
		}
		snprintf(complaint, size,
				"cursor is what the end of the last answer names");
		return false;
	}
	snprintf(complaint, size,
			"no argument %.*s; there are minutes=60 or hours=24, and cursor=",
			word.len < 30 ? word.len : 30, word.s);
	return false;
}

static void read_period(const regmon_monitor_t *monitor, bool by_hour,
		uint32_t number, regmon_sums_t *ret_sums)
{
	regmon_period_t period;

	if(by_hour)
		regmon_hours_read(
				monitor->measure, number * INT64_C(3600000), 1, &period);
	else
		regmon_minutes_read(
				monitor->measure, number * INT64_C(60000), 1, &period);
	memset(ret_sums, 0, sizeof(*ret_sums));
	regmon_sums_add(ret_sums, &period);
}

static void write_line(regmon_writer_t *writer, int64_t from_ms, int64_t now_ms,
		const regmon_sums_t *sums)
{
	char at[REGMON_MOMENT_LENGTH], p95[24], delay[48] = "";
	size_t length;

	if(sums->initial_succeeded) {
		regmon_print_bound(regmon_histogram_percentile(&sums->delays, 95), p95);
		snprintf(delay, sizeof(delay), "; 95%% of set-ups %s", p95);
	}
	regmon_print_at(from_ms, now_ms, at);
	/* without seconds */
	length = strlen(at);
	if(length > 7)
		at[length - 7] = '\0';
	regmon_write_format(writer, NULL,
			"%-12s %7llu ended, %7llu failed, %5.1f%% succeeded%s", at,
			(unsigned long long)sums->ended, (unsigned long long)sums->failed,
			regmon_percent(sums->succeeded, sums->ended), delay);
}

static void write_row(
		regmon_writer_t *writer, int64_t from_ms, const regmon_sums_t *sums)
{
	writer->open_struct(writer, NULL);
	writer->number(writer, "from_ms", from_ms);
	writer->number(writer, "ended", (int64_t)sums->ended);
	writer->number(writer, "succeeded", (int64_t)sums->succeeded);
	writer->number(writer, "failed", (int64_t)sums->failed);
	writer->number(
			writer, "initial_succeeded", (int64_t)sums->initial_succeeded);
	writer->number(writer, "initial_failed", (int64_t)sums->initial_failed);
	if(sums->initial_succeeded) {
		writer->number(
				writer, "mean_ms", regmon_histogram_mean_ms(&sums->delays));
		regmon_write_percentile(writer, "p50_ms", &sums->delays, 50);
		regmon_write_percentile(writer, "p95_ms", &sums->delays, 95);
	}
	writer->close_struct(writer);
}

/* what comes behind the rows */
static void write_end(regmon_writer_t *writer, unsigned shown, unsigned more,
		uint32_t cursor, const char *periods)
{
	if(!writer->for_eyes)
		writer->number(writer, "shown", shown);
	if(more == 0)
		return;
	if(writer->for_eyes) {
		regmon_write_format(
				writer, "more", "%u older %s: cursor=%u", more, periods, cursor);
		return;
	}
	writer->number(writer, "more", more);
	regmon_write_format(writer, "cursor", "%u", cursor);
}

void regmon_rows_history(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, const regmon_history_asked_t *asked,
		int64_t now_ms)
{
	int64_t period_ms = asked->by_hour ? 3600000 : 60000;
	uint32_t now = (uint32_t)(now_ms / period_ms);
	uint32_t first = now + 1 - asked->periods, number;
	uint32_t last = asked->before && asked->before <= now ? asked->before - 1
														  : now;
	unsigned shown = 0, more = 0;
	regmon_sums_t sums;

	regmon_write_words(writer, "period", asked->by_hour ? "hour" : "minute");
	regmon_write_moment(writer, "from", first * period_ms, now_ms);
	regmon_write_moment(writer, "until", now_ms, now_ms);
	writer->open_list(writer, "rows");
	for(number = last; number >= first && number > 0; number--) {
		read_period(monitor, asked->by_hour, number, &sums);
		if(sums.ended == 0)
			continue;
		if(more || writer->room(writer) < REGMON_ROOM_PERIOD) {
			if(more++ == 0)
				last = number + 1;
			continue;
		}
		if(writer->for_eyes)
			write_line(writer, number * period_ms, now_ms, &sums);
		else
			write_row(writer, number * period_ms, &sums);
		shown++;
	}
	writer->close_list(writer);
	write_end(writer, shown, more, last, asked->by_hour ? "hours" : "minutes");
}
