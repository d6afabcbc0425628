/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A writer that makes one JSON object (RFC 8259) in a buffer of the caller. Whatever does not fit is left out whole
 * and remembered, so that what stands in the buffer can always be closed. */
#ifndef REGMON_SHOW_JSON_WRITER_H
#define REGMON_SHOW_JSON_WRITER_H

#include "show/writer.h"

#define REGMON_JSON_DEPTH 10

typedef struct regmon_json_writer
{
	regmon_writer_t writer; /* first: the functions are given a pointer to it */
	char *buffer;
	int size;
	int used;
	int depth; /* structs and lists that are open beside the object itself */
	int lost;  /* opened ones that did not fit */
	bool is_list[REGMON_JSON_DEPTH];
	bool begun[REGMON_JSON_DEPTH]; /* something stands in it already */
} regmon_json_writer_t;

/* Opens the object. The buffer stays the caller's; size: at least 3 bytes, one of them for the NUL at the end. */
void regmon_json_writer_start(
		regmon_json_writer_t *writer, char *buffer, int size);
/* Closes the object and what is still open in it. Returns its length without NUL; -1: something did not fit. */
int regmon_json_writer_finish(regmon_json_writer_t *writer);

#endif
