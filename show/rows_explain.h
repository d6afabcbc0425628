/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims_regmon.explain: one word told in full, whatever kind of thing it is; and the place of a message in the call flow
 * for ims_regmon.decode. Pure, as rows.h. */
#ifndef REGMON_SHOW_ROWS_EXPLAIN_H
#define REGMON_SHOW_ROWS_EXPLAIN_H

#include "show/monitor.h"
#include "show/writer.h"

/* Everything that bears this name, a struct each, into the list or struct that is open; returns how many there are. 0:
 * nothing is written. */
unsigned regmon_rows_explain(
		regmon_writer_t *writer, const regmon_monitor_t *monitor, str word);
/* the same without writing */
unsigned regmon_explain_count(str word);
/* all words, by kind */
void regmon_rows_explain_words(regmon_writer_t *writer);
/* Calls each with every word and its kind until it returns false. */
typedef bool (*regmon_explain_word_f)(
		const char *kind, const char *word, void *context);
void regmon_explain_visit(regmon_explain_word_f each, void *context);
/* words that look like the unknown one, comma separated; "" when none does */
void regmon_explain_near(str unknown, char *buffer, int size);

/* struct `in_the_call_flow`: position, what comes before and after, preconditions, security, trouble to look for */
void regmon_rows_message_context(regmon_writer_t *writer,
		const regmon_message_t *message, const regmon_class_t *class);

#endif
