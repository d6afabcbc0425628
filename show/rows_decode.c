/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One message read line by line: each header with what it is for, whether it has to be there, what it says and
 * what is wrong with it. Secrets and what they could be computed from are named, never shown. */
#include "show/rows.h"

#include <stdio.h>

#include "show/decode_value.h"
#include "show/header_meaning.h"
#include "show/rows_explain.h"

/* "\r\n" written as letters, as it arrives from a shell; only when there is no real line end */
int regmon_unescape_message(char *text, int length)
{
	int from, to = 0;

	if(memchr(text, '\n', length))
		return length;
	for(from = 0; from < length; from++) {
		char c = text[from];

		if(c == '\\' && from + 1 < length) {
			char next = text[from + 1];
			char meant = next == 'r'   ? '\r'
						 : next == 'n' ? '\n'
						 : next == 't' ? '\t'
									   : 0;
			if(meant) {
				/* a lone \n ends a line, too */
				if(meant == '\n' && (to == 0 || text[to - 1] != '\r'))
					text[to++] = '\r';
				text[to++] = meant;
				from++;
				continue;
			}
		}
		text[to++] = c;
	}
	return to;
}

typedef struct decoding
{
	regmon_writer_t *writer;
	const regmon_message_t *message;
	const regmon_class_t *class;
	const regmon_findings_t *findings;
	unsigned more; /* rows that found no room */
} decoding_t;

/* "ok", or what the rules of this header found */
static void print_verdict(
		const decoding_t *decoding, const char *header, char *buffer, int size)
{
	int used = 0;
	unsigned i;

	buffer[0] = '\0';
	for(i = 0; i < decoding->findings->n && used < size; i++) {
		const regmon_finding_t *finding = &decoding->findings->list[i];
		const regmon_rule_t *rule = regmon_rule_at(finding->rule);

		if(strcasecmp(rule->header, header) == 0)
			used += snprintf(buffer + used, size - used, "%s%s %s %s",
					used ? ", " : "", regmon_severity_name(finding->severity),
					rule->id, rule->name);
	}
	if(used == 0)
		snprintf(buffer, size, "ok");
}

typedef struct row
{
	const char *header;
	regmon_requirement_t required;
	const char *condition, *meaning;
	unsigned count;
	const char *value, *says;
	const char *verdict;
} row_t;

static void write_row(decoding_t *decoding, const row_t *row)
{
	regmon_writer_t *writer = decoding->writer;
	const char *required = regmon_requirement_name(row->required);
	/* where it is there, the condition is met or does not matter */
	bool with_condition = row->condition && row->count == 0
						  && row->required == REGMON_CONDITIONAL;

	if(writer->room(writer) < REGMON_ROOM_ROW) {
		decoding->more++;
		return;
	}
	if(writer->for_eyes) {
		regmon_write_words(
				writer, row->header, row->count ? row->value : "-- missing --");
		if(row->says[0])
			regmon_write_format(writer, NULL, "%20s= %s", "", row->says);
		regmon_write_format(writer, NULL, "%20s%s; %s%s%s%s; %s", "",
				row->verdict, required, with_condition ? " (" : "",
				with_condition ? row->condition : "",
				with_condition ? ")" : "", row->meaning);
		return;
	}
	writer->open_struct(writer, NULL);
	regmon_write_words(writer, "header", row->header);
	regmon_write_words(writer, "required", required);
	if(with_condition)
		regmon_write_words(writer, "condition", row->condition);
	writer->number(writer, "count", row->count);
	if(row->count)
		regmon_write_words(writer, "value", row->value);
	if(row->says[0])
		regmon_write_words(writer, "says", row->says);
	regmon_write_words(writer, "meaning", row->meaning);
	regmon_write_words(writer, "verdict", row->verdict);
	writer->close_struct(writer);
}

static void write_start_line(decoding_t *decoding)
{
	const regmon_message_t *message = decoding->message;
	char value[400], verdict[300];
	row_t row = {.header = message->is_answer ? "Status-Line" : "Request-URI",
			.required = REGMON_MANDATORY,
			.meaning = message->is_answer
							   ? "the answer"
							   : "the domain where the phone registers",
			.count = 1,
			.value = value,
			.says = "",
			.verdict = verdict};

	if(message->is_answer)
		snprintf(value, sizeof(value), "%d %.*s", message->code,
				message->reason.len, message->reason.s);
	else
		snprintf(value, sizeof(value), "%.*s", message->request_uri_text.len,
				message->request_uri_text.s);
	print_verdict(decoding, row.header, verdict, sizeof(verdict));
	write_row(decoding, &row);
}

static void write_present(decoding_t *decoding, const regmon_line_t *line)
{
	const regmon_message_t *message = decoding->message;
	const regmon_header_meaning_t *meaning =
			regmon_header_meaning(line->header);
	char name[64], value[600], says[400], verdict[300];
	row_t row = {.required = REGMON_OPTIONAL,
			.meaning = "this module does not look at it",
			.count = 1,
			.header = name,
			.value = value,
			.says = says,
			.verdict = verdict};

	if(line->header == REGMON_HEADER_OTHER) {
		/* it becomes the name of a field, which no writer cleans */
		name[regmon_clean_text(line->name, name, sizeof(name) - 1)] = '\0';
	} else {
		snprintf(name, sizeof(name), "%s", regmon_header_name(line->header));
		row.count = message->count[line->header];
	}
	if(meaning) {
		row.required =
				regmon_header_required(meaning, message, decoding->class);
		row.meaning = meaning->meaning;
		row.condition = meaning->condition;
	}
	regmon_decode_value(message, line, value, sizeof(value));
	regmon_decode_says(message, line, says, sizeof(says));
	print_verdict(decoding, name, verdict, sizeof(verdict));
	write_row(decoding, &row);
}

static void write_missing(decoding_t *decoding)
{
	int header;

	for(header = 1; header < REGMON_HEADERS_N; header++) {
		const regmon_header_meaning_t *meaning = regmon_header_meaning(header);
		char found[300], verdict[340];
		row_t row = {.header = regmon_header_name(header),
				.value = "",
				.says = "",
				.verdict = verdict};

		if(meaning == NULL || decoding->message->count[header])
			continue;
		row.required = regmon_header_required(
				meaning, decoding->message, decoding->class);
		if(row.required != REGMON_MANDATORY
				&& row.required != REGMON_CONDITIONAL)
			continue;
		row.meaning = meaning->meaning;
		row.condition = meaning->condition;
		print_verdict(decoding, row.header, found, sizeof(found));
		if(strcmp(found, "ok") != 0)
			snprintf(verdict, sizeof(verdict), "%s", found);
		else
			snprintf(verdict, sizeof(verdict), "%s",
					row.required == REGMON_MANDATORY
							? "missing"
							: "missing, which may be right");
		write_row(decoding, &row);
	}
}

static void write_findings(decoding_t *decoding)
{
	regmon_writer_t *writer = decoding->writer;
	unsigned i;

	if(decoding->findings->n == 0 && writer->for_eyes) {
		regmon_write_words(writer, "findings", "none");
		return;
	}
	writer->open_list(writer, "findings");
	for(i = 0; i < decoding->findings->n; i++) {
		const regmon_finding_t *finding = &decoding->findings->list[i];
		const regmon_rule_t *rule = regmon_rule_at(finding->rule);

		if(writer->room(writer) < REGMON_ROOM_ROW) {
			decoding->more++;
			continue;
		}
		writer->open_struct(writer, NULL);
		regmon_write_words(writer, "id", rule->id);
		regmon_write_words(writer, "name", rule->name);
		regmon_write_words(
				writer, "severity", regmon_severity_name(finding->severity));
		regmon_write_words(writer, "header", rule->header);
		if(finding->seen.len > 0 && !regmon_is_secret_header(rule->header))
			regmon_write_format(writer, "seen", "%.*s", finding->seen.len,
					finding->seen.s);
		regmon_write_words(writer, "text", rule->text);
		regmon_write_words(writer, "clause", rule->clause);
		if(rule->cause)
			regmon_write_words(writer, "cause", rule->cause);
		if(rule->next_step)
			regmon_write_words(writer, "next_step", rule->next_step);
		writer->close_struct(writer);
	}
	writer->close_list(writer);
}

static void write_class(decoding_t *decoding)
{
	static const char *const credentials[] = {"none or the empty ones of a "
											  "first REGISTER",
			"answers a challenge", "asks for a new SQN (auts)",
			"refuses the network's AUTN"};
	regmon_writer_t *writer = decoding->writer;
	const regmon_class_t *class = decoding->class;

	regmon_write_words(
			writer, "message", decoding->message->is_answer ? "answer" : "REGISTER");
	regmon_write_words(writer, "leg", regmon_leg_name(class->leg));
	regmon_write_words(writer, "leg_meaning", regmon_leg_meaning(class->leg));
	if(decoding->message->is_answer)
		return;
	regmon_write_words(writer, "purpose", regmon_purpose_name(class->purpose));
	regmon_write_words(writer, "credentials", credentials[class->credentials]);
	regmon_write_yes_no(writer, "protected", class->is_protected);
	regmon_write_yes_no(writer, "ims", class->ims);
	if(class->emergency)
		regmon_write_yes_no(writer, "emergency", true);
}

void regmon_rows_decode_text(
		regmon_writer_t *writer, const regmon_monitor_t *monitor, str text)
{
	regmon_message_t message;
	regmon_class_t class;
	regmon_findings_t findings;
	decoding_t decoding = {writer, &message, &class, &findings, 0};
	unsigned i;

	regmon_message_read(text.s, text.len, &message);
	memset(&class, 0, sizeof(class));
	regmon_classify(&message, NULL, monitor->role, &class);
	regmon_rules_judge(monitor->plan, &message, &class, &findings);
	write_class(&decoding);
	if(message.lines_n < 2)
		regmon_write_words(writer, "note",
				"nearly no header was found: put \\r\\n between the lines");
	else if(message.no_end_of_headers)
		regmon_write_words(writer, "note",
				"the text ends before the empty line that ends the headers");
	if(findings.worst == REGMON_OFF)
		regmon_write_words(writer, "verdict", "nothing found");
	else
		regmon_write_format(writer, "verdict", "%u finding%s, the worst: %s",
				findings.total, findings.total == 1 ? "" : "s",
				regmon_severity_name(findings.worst));
	writer->open_list(writer, "headers");
	write_start_line(&decoding);
	for(i = 0; i < message.lines_n; i++)
		write_present(&decoding, &message.lines[i]);
	write_missing(&decoding);
	writer->close_list(writer);
	write_findings(&decoding);
	regmon_rows_message_context(writer, &message, &class);
	if(decoding.more)
		regmon_write_format(writer, "more",
				"%u more rows, for which one answer has no room",
				decoding.more);
	regmon_write_words(writer, "hint",
			"rules that compare with earlier messages need a phone that was "
			"watched: ims_regmon.why WHO");
}

void regmon_rows_decode_record(regmon_writer_t *writer,
		const regmon_monitor_t *monitor,
		const regmon_registration_t *registration, int64_t now_ms)
{
	static const char *const credentials[] = {"none", "answered a challenge",
			"asked for a new SQN (auts)", "refused the network's AUTN"};
	const regmon_attempt_t *attempt = &registration->attempt;

	regmon_write_words(writer, "note",
			"message texts are not kept: this is what was remembered of the "
			"last REGISTER; decode a text of your own with ims_regmon.decode "
			"'REGISTER sip:...'");
	regmon_rows_who(writer, registration);
	regmon_write_moment(
			writer, "last_request", attempt->last_request_ms, now_ms);
	writer->number(writer, "cseq", attempt->last_cseq);
	regmon_write_words(writer, "purpose", regmon_attempt_name(attempt->kind));
	if(attempt->last_credentials < REGMON_COUNT(credentials))
		regmon_write_words(
				writer, "credentials", credentials[attempt->last_credentials]);
	if(registration->requested_s >= 0)
		writer->number(writer, "expires", registration->requested_s);
	if(registration->last_reg_id >= 0)
		writer->number(writer, "reg_id", registration->last_reg_id);
	if(attempt->code)
		regmon_write_format(writer, "answer", "%u %s", attempt->code,
				regmon_code_reason(attempt->code));
	regmon_rows_findings(
			writer, monitor, registration, REGMON_NOTE, now_ms);
}
