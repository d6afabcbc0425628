/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The timeline of one phone as rows: when, from where to where, what, and what was remarkable. */
#include "show/entry_words.h"
#include "show/rows.h"

#include <stdio.h>

static void print_line(const regmon_registration_t *registration,
		const regmon_entry_t *entry, int64_t now_ms, char *buffer, int size)
{
	const regmon_rule_t *rule =
			entry->finding ? regmon_rule_at(entry->finding - 1) : NULL;
	char at[REGMON_MOMENT_LENGTH], what[96], after[40] = "", delay[32];
	char cseq[24] = "";
	int32_t after_ms = regmon_entry_after_ms(registration, entry);
	const char *mark;
	unsigned i;
	int used;

	regmon_entry_what(entry, what, sizeof(what));
	if(after_ms >= 0) {
		regmon_print_duration(after_ms, delay, sizeof(delay));
		snprintf(after, sizeof(after), "after %s", delay);
	}
	if(!regmon_entry_is_of_binding(entry))
		snprintf(cseq, sizeof(cseq), "cseq %u", entry->cseq);
	used = snprintf(buffer, size, "%s  %-13s  %-24s  %-10s %-15s",
			regmon_print_at(
					regmon_entry_at_ms(registration, entry), now_ms, at),
			regmon_entry_direction(entry), what, cseq, after);
	for(i = 0; (mark = regmon_entry_mark(entry, i)) && used < size; i++)
		if(*mark && strcmp(mark, "expires 0") != 0)
			used += snprintf(buffer + used, size - used, " %s;", mark);
	if(rule && used < size)
		used += snprintf(buffer + used, size - used, " %s %s %s",
				regmon_severity_name(entry->severity), rule->id, rule->name);
	if(used >= size)
		used = size - 1;
	while(used > 0 && (buffer[used - 1] == ' ' || buffer[used - 1] == ';'))
		buffer[--used] = '\0';
}

/* for programs; all: zeros and empty lists, too */
static void write_fields(regmon_writer_t *writer,
		const regmon_registration_t *registration, const regmon_entry_t *entry,
		bool all)
{
	const regmon_rule_t *rule =
			entry->finding ? regmon_rule_at(entry->finding - 1) : NULL;
	int32_t after_ms = regmon_entry_after_ms(registration, entry);
	const char *mark;
	char what[96];
	unsigned i;

	writer->number(writer, "at_ms", regmon_entry_at_ms(registration, entry));
	regmon_write_words(writer, "direction", regmon_entry_direction(entry));
	regmon_entry_what(entry, what, sizeof(what));
	regmon_write_words(writer, "what", what);
	if(regmon_entry_is_of_binding(entry)) {
		regmon_write_words(writer, "event", regmon_entry_event(entry));
		if(entry->seconds)
			writer->number(writer, "seconds", entry->seconds);
	} else {
		if(entry->code)
			writer->number(writer, "code", entry->code);
		writer->number(writer, "cseq", entry->cseq);
	}
	if(after_ms >= 0)
		writer->number(writer, "after_ms", after_ms);
	if(entry->repeats || all)
		writer->number(writer, "repeats", entry->repeats);
	if(entry->marks || all) {
		writer->open_list(writer, "marks");
		for(i = 0; (mark = regmon_entry_mark(entry, i)); i++)
			if(*mark)
				regmon_write_words(writer, NULL, mark);
		writer->close_list(writer);
	}
	if(rule)
		regmon_write_words(writer, "finding", rule->id);
}

static void write_row(regmon_writer_t *writer,
		const regmon_registration_t *registration, const regmon_entry_t *entry,
		int64_t now_ms)
{
	const regmon_rule_t *rule =
			entry->finding ? regmon_rule_at(entry->finding - 1) : NULL;
	int32_t after_ms;
	char buffer[400];

	if(writer->for_eyes) {
		print_line(registration, entry, now_ms, buffer, sizeof(buffer));
		regmon_write_words(writer, NULL, buffer);
		return;
	}
	writer->open_struct(writer, NULL);
	regmon_write_words(writer, "at",
			regmon_print_at(
					regmon_entry_at_ms(registration, entry), now_ms, buffer));
	write_fields(writer, registration, entry, true);
	after_ms = regmon_entry_after_ms(registration, entry);
	if(after_ms >= 0) {
		regmon_print_duration(after_ms, buffer, sizeof(buffer));
		regmon_write_words(writer, "after", buffer);
	}
	if(rule) {
		regmon_write_words(writer, "finding_name", rule->name);
		regmon_write_words(
				writer, "severity", regmon_severity_name(entry->severity));
	}
	writer->close_struct(writer);
}

/* numbers and names of the fields, apart from texts of variable length */
#define FIELDS_ROOM 180

int regmon_rows_timeline_entry_room(const regmon_entry_t *entry)
{
	int bytes = FIELDS_ROOM;
	const char *mark;
	char what[96];
	unsigned i;

	regmon_entry_what(entry, what, sizeof(what));
	bytes += (int)strlen(what);
	for(i = 0; (mark = regmon_entry_mark(entry, i)); i++)
		if(*mark)
			bytes += (int)strlen(mark) + 3;
	return bytes;
}

void regmon_rows_timeline_entry(regmon_writer_t *writer,
		const regmon_registration_t *registration, const regmon_entry_t *entry)
{
	writer->open_struct(writer, NULL);
	write_fields(writer, registration, entry, false);
	writer->close_struct(writer);
}

void regmon_rows_timeline(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t since,
		int64_t now_ms)
{
	const regmon_entry_t *entry;
	int64_t next = since, place = 0, before_ms = -1, at_ms;
	unsigned i, more = 0;

	regmon_write_impu(writer, registration);
	regmon_write_words(
			writer, "state", regmon_state_name(registration->state));
	if(since == 0
			&& registration->timeline_n == registration->timeline_length)
		regmon_write_format(writer, "note",
				"the last %u events; older ones are not kept "
				"(timeline_length)",
				registration->timeline_length);
	writer->open_list(writer, "timeline");
	for(i = 0; i < registration->timeline_n; i++) {
		entry = regmon_registration_entry(registration, i);
		/* several may stand in one millisecond: a time alone would lose those that come after the question */
		at_ms = regmon_entry_at_ms(registration, entry);
		place = at_ms == before_ms ? place + 1 : 1;
		before_ms = at_ms;
		if(at_ms * REGMON_SINCE_PLACES + place <= since)
			continue;
		if(more || writer->room(writer) < REGMON_ROOM_ROW) {
			more++;
			continue;
		}
		write_row(writer, registration, entry, now_ms);
		next = at_ms * REGMON_SINCE_PLACES + place;
	}
	writer->close_list(writer);
	if(more)
		regmon_write_format(writer, "more",
				"%u more: ask again with since=%lld", more,
				(long long)next);
	/* where to go on, also for following by polling */
	regmon_write_format(writer, "next", "since=%lld", (long long)next);
	if(!writer->for_eyes)
		writer->number(writer, "next_since", next);
}
