/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The timeline drawn: phone, this node and core as three lines, the messages as arrows between them, delays and findings
 * beside them. */
#include "show/entry_words.h"
#include "show/rows.h"

#include <stdio.h>

#define LABEL_WIDTH 26 /* of an arrow between two of the lines */
#define ARROW_BYTES 80
/* a pause that is longer gets a line of its own */
#define PAUSE_MS 5000

static const char *name_of_this_node(const regmon_monitor_t *monitor)
{
	switch(monitor->role) {
		case REGMON_ROLE_AUTO:
			return "this node";
		case REGMON_ROLE_TAP:
			return "network";
		default:
			return regmon_role_name(monitor->role);
	}
}

/* "--- REGISTER 1 ---------->" */
static void draw(char *buffer, const char *label, bool rightwards, bool lost)
{
	int length = (int)strlen(label), used, i;
	int dashes = LABEL_WIDTH - 3 - length - 2;

	used = snprintf(buffer, ARROW_BYTES, "%s %.*s ",
			rightwards ? "--" : (lost ? "x-" : "<-"), LABEL_WIDTH - 5, label);
	for(i = 0; i < dashes && used < ARROW_BYTES - 2; i++)
		buffer[used++] = '-';
	buffer[used++] = rightwards ? '>' : '-';
	buffer[used] = '\0';
}

static void label_of(const regmon_entry_t *entry, char *buffer, int size)
{
	switch(entry->kind) {
		case REGMON_ENTRY_REQUEST:
			snprintf(buffer, size, "REGISTER %u%s", entry->cseq,
					entry->marks & REGMON_MARK_EXPIRES_0 ? " expires 0" : "");
			break;
		case REGMON_ENTRY_RETRANSMISSION:
			snprintf(buffer, size, "REGISTER %u, %ux again", entry->cseq,
					entry->repeats + 1u);
			break;
		default:
			regmon_entry_what(entry, buffer, size);
	}
}

/* what stands behind the arrow: delay, marks, finding */
static void print_remarks(const regmon_registration_t *registration,
		const regmon_entry_t *entry, char *buffer, int size)
{
	const regmon_rule_t *rule =
			entry->finding ? regmon_rule_at(entry->finding - 1) : NULL;
	int32_t after_ms = regmon_entry_after_ms(registration, entry);
	char delay[32];
	const char *mark;
	int used = 0;
	unsigned i;

	buffer[0] = '\0';
	if(after_ms >= 0) {
		regmon_print_duration(after_ms, delay, sizeof(delay));
		used = snprintf(buffer, size, "+%s", delay);
	}
	for(i = 0; (mark = regmon_entry_mark(entry, i)) && used < size; i++)
		if(*mark && strcmp(mark, "expires 0") != 0)
			used += snprintf(buffer + used, size - used, "%s%s",
					used ? ", " : "", mark);
	if(rule && used < size)
		snprintf(buffer + used, size - used, "%s%s %s %s", used ? "; " : "",
				regmon_severity_name(entry->severity), rule->id, rule->name);
}

static bool is_message(const regmon_entry_t *entry)
{
	return entry->kind == REGMON_ENTRY_REQUEST
		   || entry->kind == REGMON_ENTRY_RETRANSMISSION
		   || entry->kind == REGMON_ENTRY_ANSWER
		   || entry->kind == REGMON_ENTRY_NOT_SENT;
}

static void print_step(const regmon_registration_t *registration,
		const regmon_entry_t *entry, int64_t now_ms, char *buffer, int size)
{
	char at[REGMON_MOMENT_LENGTH], label[96], arrow[ARROW_BYTES], remarks[168];
	bool on_phone_side = entry->side == REGMON_SIDE_PHONE;
	bool request = entry->kind == REGMON_ENTRY_REQUEST
				   || entry->kind == REGMON_ENTRY_RETRANSMISSION;

	regmon_print_at(regmon_entry_at_ms(registration, entry), now_ms, at);
	label_of(entry, label, sizeof(label));
	print_remarks(registration, entry, remarks, sizeof(remarks));
	if(!is_message(entry)) {
		snprintf(buffer, size, "%-12s  |%*s|%*s|  %s%s%s", at, LABEL_WIDTH, "",
				LABEL_WIDTH, "", label, remarks[0] ? ", " : "", remarks);
		return;
	}
	draw(arrow, label, request, entry->kind == REGMON_ENTRY_NOT_SENT);
	if(on_phone_side)
		snprintf(buffer, size, "%-12s  |%-*s|%*s|  %s", at, LABEL_WIDTH, arrow,
				LABEL_WIDTH, "", remarks);
	else
		snprintf(buffer, size, "%-12s  |%*s|%-*s|  %s", at, LABEL_WIDTH, "",
				LABEL_WIDTH, arrow, remarks);
}

static void write_pause(regmon_writer_t *writer, int64_t duration_ms)
{
	char pause[32];

	regmon_print_duration(duration_ms, pause, sizeof(pause));
	regmon_write_format(writer, NULL, "%-12s  :%*s:%*s:  %s", "", LABEL_WIDTH,
			"", LABEL_WIDTH, "", pause);
}

static void cut_blanks(char *line)
{
	size_t n = strlen(line);

	while(n > 0 && line[n - 1] == ' ')
		line[--n] = '\0';
}

void regmon_rows_ladder(regmon_writer_t *writer,
		const regmon_monitor_t *monitor,
		const regmon_registration_t *registration, int64_t now_ms)
{
	const regmon_entry_t *entry;
	int64_t before_ms = 0, at_ms;
	unsigned i, more = 0;
	char line[400];

	regmon_write_impu(writer, registration);
	regmon_write_words(
			writer, "state", regmon_state_name(registration->state));
	writer->open_list(writer, "ladder");
	snprintf(line, sizeof(line), "%-12s  %-*s %-*s %s", "", LABEL_WIDTH, "phone",
			LABEL_WIDTH, name_of_this_node(monitor),
			monitor->role == REGMON_ROLE_TAP ? "other legs" : "core");
	regmon_write_words(writer, NULL, line);
	for(i = 0; i < registration->timeline_n; i++) {
		entry = regmon_registration_entry(registration, i);
		if(more || writer->room(writer) < REGMON_ROOM_ROW) {
			more++;
			continue;
		}
		at_ms = regmon_entry_at_ms(registration, entry);
		if(before_ms && at_ms - before_ms > PAUSE_MS)
			write_pause(writer, at_ms - before_ms);
		before_ms = at_ms;
		print_step(registration, entry, now_ms, line, sizeof(line));
		cut_blanks(line);
		regmon_write_words(writer, NULL, line);
	}
	writer->close_list(writer);
	if(more)
		regmon_write_format(writer, "more",
				"%u more do not fit: ims_regmon.timeline has them", more);
	if(registration->timeline_n == registration->timeline_length)
		regmon_write_format(writer, "note",
				"the last %u events; older ones are not kept "
				"(timeline_length)",
				registration->timeline_length);
}
