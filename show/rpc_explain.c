/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims_regmon.explain: reads the word, which may be several, and an answer code, which kamcmd makes a number of. */
#include "show/rpc_explain.h"

#include <stdio.h>

#include "show/rows_explain.h"
#include "show/rpc_writer.h"

#define MOST_WORD 80

/* Joins all arguments with spaces: `reg event` needs no quotes. False: too long or not to be read. */
static bool read_word(
		rpc_t *rpc, void *context, char buffer[MOST_WORD], str *ret_word)
{
	int used = 0, left, number;
	double real;
	str word;

	for(;;) {
		left = MOST_WORD - used;
		word = (str){NULL, 0};
		number = 0;
		/* a failed scan leaves the argument in place */
		if(rpc->scan(context, "*S", &word) > 0) {
			word = regmon_text_trim(word);
			if(regmon_text_starts_nocase(word, REGMON_TEXT("s:")))
				word = regmon_text_from(word, 2);
			if(word.len == 0)
				continue;
			used += snprintf(buffer + used, left, "%s%.*s", used ? " " : "",
					word.len, word.s);
		} else if(rpc->scan(context, "*d", &number) > 0) {
			used += snprintf(
					buffer + used, left, "%s%d", used ? " " : "", number);
		} else if(rpc->scan(context, "*f", &real) > 0) {
			used += snprintf(
					buffer + used, left, "%s%g", used ? " " : "", real);
		} else {
			break;
		}
		if(used >= MOST_WORD) {
			rpc->fault(context, 400,
					"that is too long for a word; ims_regmon.explain lists "
					"all");
			return false;
		}
	}
	*ret_word = (str){buffer, used};
	return true;
}

/* JSON keeps 127 bytes of a fault */
static void unknown_word(rpc_t *rpc, void *context, str word)
{
	char near[61], text[31];
	int i;

	for(i = 0; i < word.len && i < (int)sizeof(text) - 1; i++)
		text[i] = word.s[i] >= ' ' && word.s[i] < 0x7f ? word.s[i] : '?';
	text[i] = '\0';
	regmon_explain_near(word, near, sizeof(near));
	if(near[0])
		rpc->fault(
				context, 404, "%s is no word known here; near: %s", text, near);
	else
		rpc->fault(context, 404,
				"%s is no word known here; ims_regmon.explain lists all", text);
}

void regmon_rpc_explain(rpc_t *rpc, void *context)
{
	regmon_rpc_writer_t own;
	regmon_writer_t *writer = &own.writer;
	char buffer[MOST_WORD];
	str word;
	bool bare;

	if(!read_word(rpc, context, buffer, &word))
		return;
	if(word.len > 0 && regmon_explain_count(word) == 0) {
		unknown_word(rpc, context, word);
		return;
	}
	if(regmon_rpc_writer_start(&own, rpc, context) < 0)
		return;
	if(word.len == 0) {
		regmon_rows_explain_words(writer);
	} else {
		/* a person needs no list around it */
		bare = writer->for_eyes;
		if(!bare)
			writer->open_list(writer, "explained");
		regmon_rows_explain(writer, &regmon_monitor, word);
		if(!bare)
			writer->close_list(writer);
	}
	regmon_rpc_writer_finish(&own);
}
