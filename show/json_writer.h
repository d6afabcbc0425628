/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A writer that makes JSON text in a buffer of fixed size: the same fields and types as JSON-RPC gives. The text is
 * whole JSON however little room there was. For a page it is harmless inside HTML, too: <, >, & and the line ends of
 * JavaScript are escaped. Pure. */
#ifndef REGMON_SHOW_JSON_WRITER_H
#define REGMON_SHOW_JSON_WRITER_H

#include "show/writer.h"

#define REGMON_JSON_DEPTH 10
/* what a buffer must hold at least */
#define REGMON_JSON_LEAST 2048

typedef struct regmon_json_writer
{
	regmon_writer_t writer; /* first: the functions are given a pointer to it */
	char *text;
	int size, used;
	int depth; /* structs and lists that are open, the outermost not counted */
	int lost;  /* opened ones that did not fit */
	int reserve, last_words; /* bytes kept for what closes lists; and for the very end */
	bool for_page;
	char closer[REGMON_JSON_DEPTH];
	bool begun[REGMON_JSON_DEPTH]; /* something stands in it already */
} regmon_json_writer_t;

/* Opens the outermost struct in the buffer, which the caller keeps; size: REGMON_JSON_LEAST or more. Harmless inside
 * HTML, and with room kept for what ends a list and for a sentence that something is missing. */
void regmon_json_writer_start(
		regmon_json_writer_t *json, char *buffer, int size);
/* The same for files, brokers and scripts: as short as JSON allows; size: at least 16. */
void regmon_json_writer_start_plain(
		regmon_json_writer_t *json, char *buffer, int size);
/* A text as it is, however long; only where it has room, else -1 and nothing is written or marked as full. */
int regmon_json_writer_long_text(
		regmon_json_writer_t *json, const char *name, str value);
/* Closes what is open. Returns the length of the text, behind which stands a zero byte. When something did not fit: -1 of a
 * plain one, the other says so in itself. */
int regmon_json_writer_finish(regmon_json_writer_t *json);

#endif
