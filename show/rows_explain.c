/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever a word names, told in full: rules, causes, states, legs, counters and terms here, messages and headers in
 * rows_explain_message.c. */
#include "show/rows_explain.h"

#include <stdio.h>

#include "measure/counters.h"
#include "measure/measure.h"
#include "show/decode_value.h"
#include "show/explaining.h"
#include "show/rows.h"
#include "show/terms.h"

bool regmon_explaining_begin(regmon_explaining_t *explaining, const char *kind)
{
	explaining->n++;
	if(explaining->writer == NULL)
		return false;
	explaining->writer->open_struct(explaining->writer, NULL);
	regmon_write_words(explaining->writer, "is", kind);
	return true;
}

void regmon_explaining_end(regmon_explaining_t *explaining)
{
	explaining->writer->close_struct(explaining->writer);
}

static void explain_rule(regmon_explaining_t *explaining)
{
	char buffer[64];
	str word = explaining->word;
	int index, i;

	if(word.len >= (int)sizeof(buffer))
		return;
	/* ids and names are written with '-' */
	for(i = 0; i < word.len; i++)
		buffer[i] = word.s[i] == '_' || word.s[i] == ' ' ? '-' : word.s[i];
	index = regmon_rule_find((str){buffer, word.len});
	if(index < 0)
		return;
	explaining->n++;
	if(explaining->writer)
		regmon_rows_rule(explaining->writer, explaining->monitor,
				(regmon_rule_index_t)index);
}

/* a requirement that no message can break here */
static void explain_not_rule(regmon_explaining_t *explaining)
{
	regmon_writer_t *writer = explaining->writer;
	unsigned i;

	for(i = 0; i < regmon_not_rules_n(); i++) {
		const regmon_not_rule_t *row = regmon_not_rule_at(i);

		if(!regmon_same_word(explaining->word, row->id)
				|| !regmon_explaining_begin(
						explaining, "requirement that is no rule"))
			continue;
		regmon_write_words(writer, "id", row->id);
		regmon_write_words(writer, "text", row->text);
		regmon_write_words(writer, "clause", row->clause);
		regmon_write_words(writer, "why_no_rule", row->reason);
		regmon_explaining_end(explaining);
	}
}

static void write_cause(regmon_writer_t *writer, const regmon_cause_t *cause)
{
	const regmon_suspect_t *suspect;

	regmon_write_words(writer, "cause", cause->id);
	regmon_write_words(writer, "title", cause->title);
	regmon_write_words(writer, "likely_reasons", cause->cause);
	regmon_write_words(writer, "inspect", cause->inspect);
	regmon_write_words(writer, "next_step", cause->next_step);
	regmon_write_words(writer, "refuted_by", cause->refuted_by);
	regmon_write_words(writer, "clause", cause->clause);
	regmon_write_words(
			writer, "certain", cause->certain ? cause->certain : "never");
	regmon_write_words(
			writer, "likely", cause->likely ? cause->likely : "never");
	regmon_write_words(
			writer, "possible", cause->possible ? cause->possible : "never");
	regmon_write_words(writer, "does_not_apply", cause->not_when);
	writer->open_list(writer, "suspects");
	for(suspect = cause->suspects; suspect->text; suspect++) {
		writer->open_struct(writer, NULL);
		regmon_write_words(writer, "when", suspect->when);
		regmon_write_words(writer, "first_suspect", suspect->text);
		writer->close_struct(writer);
	}
	writer->close_list(writer);
	regmon_write_format(
			writer, "phones", "ims_regmon.list cause=%s", cause->id);
}

static void explain_cause(regmon_explaining_t *explaining)
{
	const regmon_cause_t *cause;
	unsigned i;

	for(i = 0; (cause = regmon_cause_at(i)); i++) {
		if(!regmon_same_word(explaining->word, cause->id)
				|| !regmon_explaining_begin(explaining, "cause"))
			continue;
		write_cause(explaining->writer, cause);
		regmon_explaining_end(explaining);
	}
}

static void explain_state(regmon_explaining_t *explaining)
{
	regmon_writer_t *writer = explaining->writer;
	unsigned i;

	for(i = 0; i < REGMON_STATES_N; i++) {
		if(!regmon_same_word(explaining->word, regmon_state_name(i))
				|| !regmon_explaining_begin(
						explaining, "state of a registration"))
			continue;
		regmon_write_words(writer, "state", regmon_state_name(i));
		regmon_write_words(writer, "meaning", regmon_state_meaning(i));
		regmon_write_format(writer, "phones", "ims_regmon.list state=%s",
				regmon_state_name(i));
		regmon_explaining_end(explaining);
	}
}

static void explain_leg(regmon_explaining_t *explaining)
{
	regmon_writer_t *writer = explaining->writer;
	unsigned bit;

	for(bit = REGMON_LEG_U0; bit <= REGMON_LEG_AC; bit <<= 1) {
		/* SA is a term, too: both are told */
		if(!regmon_same_word(explaining->word, regmon_leg_name(bit))
				|| !regmon_explaining_begin(explaining, "leg of a message"))
			continue;
		regmon_write_words(writer, "leg", regmon_leg_name(bit));
		regmon_write_words(writer, "meaning", regmon_leg_meaning(bit));
		regmon_explaining_end(explaining);
	}
}

/* is the name of TS 32.409, as "UR.AttInitReg" or "DBU.NbrRegPubUserId", in the help text of a counter? */
static bool helps_with(const char *help, str word)
{
	const char *at;

	if(word.len < 5 || regmon_is_digit(word.s[0])
			|| memchr(word.s, '.', word.len) == NULL)
		return false;
	for(at = help; *at; at++)
		if((at == help || at[-1] == ' ' || at[-1] == '(')
				&& strncasecmp(at, word.s, word.len) == 0
				&& (at[word.len] == ')' || at[word.len] == ' '))
			return true;
	return false;
}

static void explain_counter(regmon_explaining_t *explaining)
{
	regmon_writer_t *writer = explaining->writer;
	unsigned i;

	for(i = 0; i < REGMON_COUNTERS_N + REGMON_TOTALS_N; i++) {
		bool counted = i < REGMON_COUNTERS_N;
		const char *name = counted ? regmon_counter_name(i)
								   : regmon_total_name(i - REGMON_COUNTERS_N);
		const char *help = counted ? regmon_counter_help(i)
								   : regmon_total_help(i - REGMON_COUNTERS_N);

		if((!regmon_same_word(explaining->word, name)
				   && !helps_with(help, explaining->word))
				|| !regmon_explaining_begin(explaining, "counter"))
			continue;
		regmon_write_words(writer, "counter", name);
		regmon_write_words(writer, "meaning", help);
		regmon_write_format(
				writer, "value", "kamcmd stats.fetch ims_regmon:%s", name);
		regmon_explaining_end(explaining);
	}
}

static void explain_term(regmon_explaining_t *explaining)
{
	regmon_writer_t *writer = explaining->writer;
	const regmon_term_t *term;
	unsigned i;

	for(i = 0; (term = regmon_term_at(i)); i++) {
		if((!regmon_same_word(explaining->word, term->word)
				   && !regmon_same_word(explaining->word, term->name))
				|| !regmon_explaining_begin(explaining, "term"))
			continue;
		regmon_write_words(writer, "term", term->word);
		regmon_write_words(writer, "name", term->name);
		regmon_write_words(writer, "meaning", term->meaning);
		regmon_write_words(writer, "clause", term->clause);
		regmon_explaining_end(explaining);
	}
}

static unsigned explain(regmon_explaining_t *explaining)
{
	regmon_explain_message(explaining);
	regmon_explain_flow(explaining);
	regmon_explain_header(explaining);
	regmon_explain_line(explaining);
	explain_rule(explaining);
	explain_not_rule(explaining);
	explain_cause(explaining);
	explain_state(explaining);
	explain_leg(explaining);
	explain_counter(explaining);
	explain_term(explaining);
	return explaining->n;
}

unsigned regmon_rows_explain(
		regmon_writer_t *writer, const regmon_monitor_t *monitor, str word)
{
	regmon_explaining_t explaining = {
			writer, monitor, regmon_text_trim(word), 0};

	return explain(&explaining);
}

unsigned regmon_explain_count(str word)
{
	regmon_explaining_t explaining = {NULL, NULL, regmon_text_trim(word), 0};

	return explain(&explaining);
}

/* ---- in decode ---- */

/* the security context says what ought to be; this is what stands there */
static void write_security_here(regmon_writer_t *writer,
		const regmon_message_t *message, const regmon_class_t *class)
{
	static const char *const credentials[] = {"without a response",
			"a response", "auts", "an empty response to a challenge"};
	const uint8_t *count = message->count;

	if(message->is_answer) {
		regmon_write_format(writer, "security_here",
				"WWW-Authenticate %s; Security-Server %s",
				count[REGMON_HEADER_WWW_AUTHENTICATE] ? "is there" : "none",
				count[REGMON_HEADER_SECURITY_SERVER] ? "is there" : "none");
		return;
	}
	regmon_write_format(writer, "security_here",
			"%s; Authorization: %s; Security-Client %s; Security-Verify %s",
			class->is_protected ? "protected" : "not protected",
			!count[REGMON_HEADER_AUTHORIZATION] ? "none"
			: (unsigned)class->credentials < REGMON_COUNT(credentials)
					? credentials[class->credentials]
					: "?",
			count[REGMON_HEADER_SECURITY_CLIENT] ? "is there" : "none",
			count[REGMON_HEADER_SECURITY_VERIFY] ? "is there" : "none");
}

void regmon_rows_message_context(regmon_writer_t *writer,
		const regmon_message_t *message, const regmon_class_t *class)
{
	const regmon_flow_t *flow = regmon_flow_of(message, class);
	const regmon_explained_t *explained =
			message->is_answer ? regmon_explained_code(message->code) : NULL;

	if((flow == NULL && explained == NULL)
			|| writer->room(writer) < 3 * REGMON_ROOM_ROW)
		return;
	writer->open_struct(writer, "in_the_call_flow");
	if(flow) {
		regmon_write_words(writer, "name", flow->name);
		regmon_write_flow(writer, flow);
		write_security_here(writer, message, class);
		regmon_write_troubles(writer, flow->troubles);
		regmon_write_format(writer, "more",
				"ims_regmon.explain %s; ims_regmon.explain REGISTER",
				flow->word);
	} else {
		regmon_write_words(writer, "name", explained->name);
		regmon_write_words(writer, "position", explained->position);
		regmon_write_words(writer, "previous_messages", explained->previous);
		regmon_write_words(writer, "next_messages", explained->next);
		regmon_write_words(writer, "typical_state", explained->typical_state);
		regmon_write_words(writer, "preconditions", explained->preconditions);
		regmon_write_words(writer, "phone_reaction", explained->phone);
		regmon_write_words(writer, "security_context", explained->security);
		write_security_here(writer, message, class);
		regmon_write_troubles(writer, explained->troubles);
		regmon_write_format(
				writer, "more", "ims_regmon.explain %s", explained->word);
	}
	writer->close_struct(writer);
}
