/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The timeline of one phone as rows: when, from where to where, what, and what was remarkable. */
#include "show/rows.h"

#include <stdio.h>

static const char *direction_of(const regmon_entry_t *entry)
{
	bool is_phone = entry->side == REGMON_SIDE_PHONE;

	switch(entry->kind) {
		case REGMON_ENTRY_REQUEST:
		case REGMON_ENTRY_RETRANSMISSION:
			return is_phone ? "phone -> here" : "here -> core";
		case REGMON_ENTRY_ANSWER:
			return is_phone ? "here -> phone" : "core -> here";
		case REGMON_ENTRY_NOT_SENT:
			return "here -x phone";
	}
	return "here";
}

static void print_what(const regmon_entry_t *entry, char *buffer, int size)
{
	const char *many = entry->repeats == 15 ? " or more" : "";
	int n = 0;

	switch(entry->kind) {
		case REGMON_ENTRY_REQUEST:
			n = snprintf(buffer, size, "REGISTER%s",
					entry->marks & REGMON_MARK_EXPIRES_0 ? " expires 0" : "");
			break;
		case REGMON_ENTRY_RETRANSMISSION:
			snprintf(buffer, size, "REGISTER again (%ux%s)",
					entry->repeats + 1u, many);
			return;
		case REGMON_ENTRY_ANSWER:
			n = snprintf(buffer, size, "%u %s", entry->code,
					regmon_code_reason(entry->code));
			break;
		case REGMON_ENTRY_NOT_SENT:
			n = snprintf(buffer, size, "%u could not be sent", entry->code);
			break;
		case REGMON_ENTRY_NO_ANSWER:
			n = snprintf(buffer, size, "no final answer");
			break;
		case REGMON_ENTRY_EXPIRED:
			n = snprintf(buffer, size, "binding ran out");
			break;
		case REGMON_ENTRY_REMOVED:
			n = snprintf(buffer, size, "network took binding back");
			break;
		default:
			n = snprintf(buffer, size, "?");
	}
	if(entry->repeats && n > 0 && n < size)
		snprintf(buffer + n, size - n, " (%ux again%s)", entry->repeats, many);
}

static const struct
{
	unsigned mark;
	const char *words;
} marks[] = {{REGMON_MARK_PROTECTED, "protected"},
		{REGMON_MARK_CREDENTIALS, "credentials"},
		{REGMON_MARK_AUTS, "auts (SQN out of range)"},
		{REGMON_MARK_REFUSED_AUTN, "AUTN refused"},
		{REGMON_MARK_EXPIRES_0, "expires 0"},
		{REGMON_MARK_SECURITY_SERVER, "security-server"},
		{REGMON_MARK_LOCAL, "made here"},
		{REGMON_MARK_PARALLEL, "same REGISTER on another leg"},
		{REGMON_MARK_KEYS, "ck/ik"}, {REGMON_MARK_NEW_NONCE, "new nonce"},
		{REGMON_MARK_SAME_NONCE, "same nonce"}};

static void print_line(
		const regmon_entry_t *entry, int64_t now_ms, char *buffer, int size)
{
	const regmon_rule_t *rule =
			entry->finding ? regmon_rule_at(entry->finding - 1) : NULL;
	char at[REGMON_MOMENT_LENGTH], what[64], after[40] = "", delay[32];
	unsigned i;
	int used;

	print_what(entry, what, sizeof(what));
	if(entry->after_ms >= 0) {
		regmon_print_duration(entry->after_ms, delay, sizeof(delay));
		snprintf(after, sizeof(after), "after %s", delay);
	}
	used = snprintf(buffer, size, "%s  %-13s  %-24s  cseq %-5u %-15s",
			regmon_print_at(entry->at_ms, now_ms, at), direction_of(entry),
			what, entry->cseq, after);
	for(i = 0; i < REGMON_COUNT(marks) && used < size; i++)
		if(entry->marks & marks[i].mark && marks[i].mark != REGMON_MARK_EXPIRES_0)
			used += snprintf(
					buffer + used, size - used, " %s;", marks[i].words);
	if(rule && used < size)
		used += snprintf(buffer + used, size - used, " %s %s %s",
				regmon_severity_name(entry->severity), rule->id, rule->name);
	if(used >= size)
		used = size - 1;
	while(used > 0 && (buffer[used - 1] == ' ' || buffer[used - 1] == ';'))
		buffer[--used] = '\0';
}

/* for programs; all: zeros and empty lists, too */
static void write_fields(
		regmon_writer_t *writer, const regmon_entry_t *entry, bool all)
{
	const regmon_rule_t *rule =
			entry->finding ? regmon_rule_at(entry->finding - 1) : NULL;
	char what[64];
	unsigned i;

	writer->number(writer, "at_ms", entry->at_ms);
	regmon_write_words(writer, "direction", direction_of(entry));
	print_what(entry, what, sizeof(what));
	regmon_write_words(writer, "what", what);
	if(entry->code)
		writer->number(writer, "code", entry->code);
	writer->number(writer, "cseq", entry->cseq);
	if(entry->after_ms >= 0)
		writer->number(writer, "after_ms", entry->after_ms);
	if(entry->repeats || all)
		writer->number(writer, "repeats", entry->repeats);
	if(entry->marks || all) {
		writer->open_list(writer, "marks");
		for(i = 0; i < REGMON_COUNT(marks); i++)
			if(entry->marks & marks[i].mark)
				regmon_write_words(writer, NULL, marks[i].words);
		writer->close_list(writer);
	}
	if(rule)
		regmon_write_words(writer, "finding", rule->id);
}

static void write_row(
		regmon_writer_t *writer, const regmon_entry_t *entry, int64_t now_ms)
{
	const regmon_rule_t *rule =
			entry->finding ? regmon_rule_at(entry->finding - 1) : NULL;
	char buffer[400];

	if(writer->for_eyes) {
		print_line(entry, now_ms, buffer, sizeof(buffer));
		regmon_write_words(writer, NULL, buffer);
		return;
	}
	writer->open_struct(writer, NULL);
	regmon_write_words(
			writer, "at", regmon_print_at(entry->at_ms, now_ms, buffer));
	write_fields(writer, entry, true);
	if(entry->after_ms >= 0) {
		regmon_print_duration(entry->after_ms, buffer, sizeof(buffer));
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
	char what[64];
	unsigned i;

	print_what(entry, what, sizeof(what));
	bytes += (int)strlen(what);
	for(i = 0; i < REGMON_COUNT(marks); i++)
		if(entry->marks & marks[i].mark)
			bytes += (int)strlen(marks[i].words) + 3;
	return bytes;
}

void regmon_rows_timeline_entry(
		regmon_writer_t *writer, const regmon_entry_t *entry)
{
	writer->open_struct(writer, NULL);
	write_fields(writer, entry, false);
	writer->close_struct(writer);
}

void regmon_rows_timeline(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t since,
		int64_t now_ms)
{
	const regmon_entry_t *entry;
	int64_t next = since, place = 0, before_ms = -1;
	unsigned i, more = 0;

	regmon_write_format(writer, "impu", "%.*s", REGMON_IMPU(registration));
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
		place = entry->at_ms == before_ms ? place + 1 : 1;
		before_ms = entry->at_ms;
		if(entry->at_ms * REGMON_SINCE_PLACES + place <= since)
			continue;
		if(more || writer->room(writer) < REGMON_ROOM_ROW) {
			more++;
			continue;
		}
		write_row(writer, entry, now_ms);
		next = entry->at_ms * REGMON_SINCE_PLACES + place;
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
