/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages, answers, places in the call flow and headers, told in full. */
#include <stdio.h>

#include "show/explaining.h"
#include "show/header_meaning.h"
#include "show/rows.h"

static void write_if(
		regmon_writer_t *writer, const char *name, const char *value)
{
	if(value)
		regmon_write_words(writer, name, value);
}

/* text of lines ended by \n */
static void write_lines(
		regmon_writer_t *writer, const char *name, const char *lines)
{
	int length;

	if(lines == NULL)
		return;
	writer->open_list(writer, name);
	for(; *lines; lines += length + 1) {
		length = (int)strcspn(lines, "\n");
		writer->text(writer, NULL, (str){(char *)lines, length});
	}
	writer->close_list(writer);
}

void regmon_write_troubles(
		regmon_writer_t *writer, const regmon_trouble_t *troubles)
{
	unsigned i;

	writer->open_list(writer, "trouble");
	for(i = 0; i < REGMON_MAX_TROUBLES && troubles[i].cause; i++) {
		writer->open_struct(writer, NULL);
		regmon_write_words(writer, "seen", troubles[i].seen);
		regmon_write_words(writer, "likely_cause", troubles[i].cause);
		regmon_write_words(writer, "inspect", troubles[i].inspect);
		regmon_write_words(writer, "next_step", troubles[i].next_step);
		writer->close_struct(writer);
	}
	writer->close_list(writer);
}

/* ---- headers ---- */

static const char *const columns[] = {"U0", "U1", "U2", "core", "third-party",
		"plain SIP", "401", "2xx", "other answers"};
static const char *const column_fields[] = {
		"first", "answer", "refresh", "core", "third_party", "plain_sip"};
#define REQUEST_COLUMNS 6
#define COLUMN_401 6
#define COLUMN_2XX 7

static const char *requirement_of(char letter)
{
	return regmon_requirement_name(letter == 'm'   ? REGMON_MANDATORY
								   : letter == 'c' ? REGMON_CONDITIONAL
								   : letter == 'o' ? REGMON_OPTIONAL
												   : REGMON_NOT_EXPECTED);
}

/* in a line of its own, under the header */
static void write_condition(
		regmon_writer_t *writer, const regmon_header_meaning_t *meaning)
{
	if(meaning->condition)
		regmon_write_format(writer, NULL, "%14s(%s)", "", meaning->condition);
}

static void write_header_of_register(
		regmon_writer_t *writer, const regmon_header_meaning_t *meaning)
{
	const char *required = meaning->required;
	const char *name = regmon_header_name(meaning->header);
	unsigned i;

	if(strspn(required, "-") >= REQUEST_COLUMNS)
		return;
	if(writer->for_eyes) {
		regmon_write_format(writer, NULL, "%c %c %c %c %c %c  %-30s %s",
				required[0], required[1], required[2], required[3], required[4],
				required[5], name, meaning->meaning);
		write_condition(writer, meaning);
		return;
	}
	writer->open_struct(writer, NULL);
	regmon_write_words(writer, "header", name);
	for(i = 0; i < REQUEST_COLUMNS; i++)
		regmon_write_words(
				writer, column_fields[i], requirement_of(required[i]));
	regmon_write_words(writer, "meaning", meaning->meaning);
	write_if(writer, "condition", meaning->condition);
	writer->close_struct(writer);
}

static void write_header_of_answer(regmon_writer_t *writer,
		const regmon_header_meaning_t *meaning, int column)
{
	const char *name = regmon_header_name(meaning->header);
	const char *required = requirement_of(meaning->required[column]);

	if(meaning->required[column] == '-')
		return;
	if(writer->for_eyes) {
		regmon_write_format(writer, NULL, "%-30s %-12s %s", name, required,
				meaning->meaning);
		write_condition(writer, meaning);
		return;
	}
	writer->open_struct(writer, NULL);
	regmon_write_words(writer, "header", name);
	regmon_write_words(writer, "required", required);
	regmon_write_words(writer, "meaning", meaning->meaning);
	write_if(writer, "condition", meaning->condition);
	writer->close_struct(writer);
}

#define REQUEST_URI_MEANING                                                \
	"the home domain where the phone registers, a SIP URI without a user " \
	"part"

/* no header, yet the first thing to read */
static void write_request_uri(regmon_writer_t *writer)
{
	unsigned i;

	if(writer->for_eyes) {
		regmon_write_format(writer, NULL, "m m m m m m  %-30s %s",
				"Request-URI", REQUEST_URI_MEANING);
		return;
	}
	writer->open_struct(writer, NULL);
	regmon_write_words(writer, "header", "Request-URI");
	for(i = 0; i < REQUEST_COLUMNS; i++)
		regmon_write_words(writer, column_fields[i], requirement_of('m'));
	regmon_write_words(writer, "meaning", REQUEST_URI_MEANING);
	writer->close_struct(writer);
}

/* only for messages that have a column of their own */
static void write_header_table(
		regmon_writer_t *writer, const regmon_explained_t *explained)
{
	bool is_register = strcmp(explained->word, "REGISTER") == 0;
	int header;

	if(!is_register && explained->code != 401 && explained->code != 200)
		return;
	if(is_register && writer->for_eyes)
		regmon_write_words(writer, "columns",
				"first REGISTER (U0), answer to a challenge (U1), refresh "
				"(U2), "
				"inside the core, third-party, plain SIP; m mandatory, c "
				"conditional, o optional, - not expected");
	writer->open_list(writer, "headers");
	if(is_register)
		write_request_uri(writer);
	for(header = 1; header < REGMON_HEADERS_N; header++) {
		const regmon_header_meaning_t *meaning = regmon_header_meaning(header);

		if(meaning == NULL)
			continue;
		if(is_register)
			write_header_of_register(writer, meaning);
		else
			write_header_of_answer(writer, meaning,
					explained->code == 401 ? COLUMN_401 : COLUMN_2XX);
	}
	writer->close_list(writer);
}

/* "U0 mandatory, U1 optional"; columns where it is not expected are left out */
static void write_where(regmon_writer_t *writer, const char *name,
		const char *required, unsigned from, unsigned to)
{
	char buffer[200] = "";
	int used = 0;

	for(; from < to; from++)
		if(required[from] != '-')
			used += snprintf(buffer + used, sizeof(buffer) - used, "%s%s %s",
					used ? ", " : "", columns[from],
					requirement_of(required[from]));
	regmon_write_words(writer, name, used ? buffer : "not there");
}

static void write_rules_about(
		regmon_explaining_t *explaining, const char *header)
{
	regmon_writer_t *writer = explaining->writer;
	unsigned i, left_out = 0;

	writer->open_list(writer, "rules");
	for(i = 0; i < regmon_rules_n(); i++) {
		if(strcasecmp(regmon_rule_at(i)->header, header) != 0)
			continue;
		if(writer->room(writer) < REGMON_ROOM_ROW)
			left_out++;
		else
			regmon_rows_rule_row(
					writer, explaining->monitor, (regmon_rule_index_t)i);
	}
	writer->close_list(writer);
	if(left_out)
		regmon_write_format(writer, "rules_more", "%u: ims_regmon.rules %s",
				left_out, header);
}

void regmon_explain_header(regmon_explaining_t *explaining)
{
	static const char compact[] = {0,
#define X(id, name, letter) letter,
			REGMON_HEADERS(X)
#undef X
	};
	regmon_writer_t *writer = explaining->writer;
	regmon_header_t header = regmon_header_find(explaining->word);
	const regmon_header_meaning_t *meaning = regmon_header_meaning(header);

	if(header == REGMON_HEADER_OTHER || meaning == NULL
			|| !regmon_explaining_begin(explaining, "header"))
		return;
	regmon_write_words(writer, "header", regmon_header_name(header));
	if(compact[header])
		regmon_write_format(writer, "compact_form", "%c", compact[header]);
	regmon_write_words(writer, "meaning", meaning->meaning);
	write_if(writer, "condition", meaning->condition);
	write_where(writer, "from_the_phone", meaning->required, 0, 3);
	write_where(writer, "inside_the_core", meaning->required, 3, 5);
	write_where(writer, "outside_of_ims", meaning->required, 5, 6);
	write_where(writer, "in_answers", meaning->required, 6, 9);
	write_rules_about(explaining, regmon_header_name(header));
	regmon_explaining_end(explaining);
}

/* does a rule look at it, under this very name? */
static const regmon_rule_t *rule_about(str word)
{
	unsigned i;

	for(i = 0; i < regmon_rules_n(); i++)
		if(regmon_same_word(word, regmon_rule_at(i)->header))
			return regmon_rule_at(i);
	return NULL;
}

/* what rules look at and is neither a header nor a message */
void regmon_explain_line(regmon_explaining_t *explaining)
{
	str word = explaining->word;
	bool is_target = regmon_same_word(word, "Request-URI");
	const regmon_rule_t *rule = rule_about(word);

	if((rule == NULL && !is_target)
			|| regmon_header_find(word) != REGMON_HEADER_OTHER
			|| regmon_explained_find(word)
			|| !regmon_explaining_begin(explaining, "part of a message"))
		return;
	regmon_write_words(explaining->writer, "part",
			is_target ? "Request-URI" : rule->header);
	if(is_target)
		regmon_write_words(explaining->writer, "meaning", REQUEST_URI_MEANING);
	write_rules_about(explaining, is_target ? "Request-URI" : rule->header);
	regmon_explaining_end(explaining);
}

/* ---- messages and places ---- */

/* ids of rules that ask for this answer */
static void write_rules_answered(regmon_writer_t *writer, int code)
{
	char buffer[600] = "";
	int used = 0;
	unsigned i;

	for(i = 0; code && i < regmon_rules_n(); i++)
		if(regmon_rule_at(i)->answer == code && used < (int)sizeof(buffer) - 20)
			used += snprintf(buffer + used, sizeof(buffer) - used, "%s%s",
					used ? ", " : "", regmon_rule_at(i)->id);
	if(used)
		regmon_write_words(writer, "rules_that_ask_for_it", buffer);
}

static void write_explained(
		regmon_writer_t *writer, const regmon_explained_t *explained)
{
	regmon_write_words(writer, "name", explained->name);
	regmon_write_words(writer, "type", explained->type);
	regmon_write_words(writer, "purpose", explained->purpose);
	regmon_write_words(writer, "trigger", explained->trigger);
	write_if(writer, "unlike_register", explained->differs);
	regmon_write_words(writer, "call_flow_position", explained->position);
	regmon_write_words(writer, "previous_messages", explained->previous);
	regmon_write_words(writer, "next_messages", explained->next);
	regmon_write_words(writer, "typical_state", explained->typical_state);
	regmon_write_words(writer, "preconditions", explained->preconditions);
	regmon_write_words(writer, "phone_reaction", explained->phone);
	regmon_write_words(writer, "security_context", explained->security);
	regmon_write_words(writer, "carries", explained->carries);
	regmon_write_words(writer, "direction", explained->direction);
	regmon_write_words(writer, "interface", explained->interface);
	regmon_write_words(writer, "bearer", explained->bearer);
	regmon_write_words(writer, "protocol", explained->protocol);
	regmon_write_words(writer, "technology", explained->technology);
	regmon_write_words(writer, "deployment", explained->deployment);
	regmon_write_words(writer, "procedures", explained->procedures);
	regmon_write_words(writer, "clause", explained->clause);
	regmon_write_words(writer, "release", explained->release);
	regmon_write_format(writer, "confidence", "%s: %s",
			regmon_confidence_name(explained->confidence),
			regmon_explained_basis(explained));
	write_if(writer, "not_sure", explained->doubt);
	write_if(writer, "causes", explained->causes);
	write_rules_answered(writer, explained->code);
}

static void write_places(regmon_writer_t *writer)
{
	const regmon_flow_t *flow;
	unsigned i;

	writer->open_list(writer, "kinds_and_procedures");
	for(i = 0; (flow = regmon_flow_at(i)); i++) {
		if(writer->for_eyes) {
			regmon_write_format(
					writer, NULL, "%-24s %s", flow->word, flow->position);
			continue;
		}
		writer->open_struct(writer, NULL);
		regmon_write_words(writer, "word", flow->word);
		regmon_write_words(writer, "name", flow->name);
		regmon_write_words(writer, "position", flow->position);
		regmon_write_words(writer, "next", flow->next);
		writer->close_struct(writer);
	}
	writer->close_list(writer);
}

void regmon_explain_message(regmon_explaining_t *explaining)
{
	regmon_writer_t *writer = explaining->writer;
	const regmon_explained_t *explained =
			regmon_explained_find(explaining->word);
	int code = explaining->word.len == 3
					   ? (int)regmon_text_number(explaining->word)
					   : 0;

	if(explained == NULL)
		explained = regmon_explained_code(code);
	if(explained == NULL
			|| !regmon_explaining_begin(
					explaining, explained->code ? "answer" : "message"))
		return;
	if(code >= 100 && explained->code != code && code / 100 != 6)
		regmon_write_format(writer, "note",
				"%d has no meaning of its own for a registration: a phone "
				"takes it like others of its class (RFC 3261 8.1.3.2), such as",
				code);
	write_explained(writer, explained);
	if(strcmp(explained->word, "REGISTER") == 0)
		write_places(writer);
	write_header_table(writer, explained);
	/* rules about the message as a whole */
	if(strcmp(explained->word, "REGISTER") == 0)
		write_rules_about(explaining, explained->word);
	write_lines(writer, "example", explained->example);
	regmon_write_troubles(writer, explained->troubles);
	regmon_explaining_end(explaining);
}

void regmon_write_flow(regmon_writer_t *writer, const regmon_flow_t *flow)
{
	regmon_write_words(writer, "position", flow->position);
	regmon_write_words(writer, "previous_messages", flow->previous);
	regmon_write_words(writer, "next_messages", flow->next);
	regmon_write_words(writer, "typical_state", flow->typical_state);
	regmon_write_words(writer, "preconditions", flow->preconditions);
	regmon_write_words(writer, "security_context", flow->security);
}

void regmon_explain_flow(regmon_explaining_t *explaining)
{
	regmon_writer_t *writer = explaining->writer;
	const regmon_flow_t *flow = regmon_flow_find(explaining->word);

	if(flow == NULL
			|| !regmon_explaining_begin(
					explaining, flow->steps ? "procedure" : "kind of REGISTER"))
		return;
	regmon_write_words(writer, "name", flow->name);
	regmon_write_flow(writer, flow);
	regmon_write_words(writer, "clause", flow->clause);
	write_lines(writer, "steps", flow->steps);
	regmon_write_troubles(writer, flow->troubles);
	regmon_explaining_end(explaining);
}
