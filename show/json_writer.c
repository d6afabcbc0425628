/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON text. Strings are cleaned first, so that quotes and backslashes are all there is to escape. */
#include "show/json_writer.h"

#include <math.h>
#include <stdio.h>

#define MOST_TEXT 2000 /* of one string; a cut is visible */

static regmon_json_writer_t *of(regmon_writer_t *writer)
{
	return (regmon_json_writer_t *)writer;
}

/* what may be written without touching the closing marks and the NUL */
static int left(const regmon_json_writer_t *own)
{
	return own->size - own->used - own->depth - 2;
}

static int room(const regmon_writer_t *writer)
{
	const regmon_json_writer_t *own = (const regmon_json_writer_t *)writer;

	return writer->full || left(own) < 0 ? 0 : left(own);
}

static int put(regmon_json_writer_t *own, const char *text, int length)
{
	if(length > left(own))
		return -1;
	memcpy(own->buffer + own->used, text, length);
	own->used += length;
	return 0;
}

static int put_quoted(regmon_json_writer_t *own, str value)
{
	int i, from = 0, failed = put(own, "\"", 1);

	for(i = 0; i < value.len && !failed; i++) {
		if(value.s[i] != '"' && value.s[i] != '\\')
			continue;
		failed = put(own, value.s + from, i - from) || put(own, "\\", 1);
		from = i;
	}
	return failed || put(own, value.s + from, value.len - from)
						   || put(own, "\"", 1)
				   ? -1
				   : 0;
}

static int put_name(regmon_json_writer_t *own, const char *name)
{
	if(own->begun[own->depth] && put(own, ",", 1))
		return -1;
	if(own->is_list[own->depth])
		return 0;
	if(name == NULL)
		name = "";
	return put_quoted(own, (str){(char *)name, (int)strlen(name)})
						   || put(own, ":", 1)
				   ? -1
				   : 0;
}

/* all of it is there, or nothing, and then nothing behind it either */
static int settle(regmon_json_writer_t *own, int used_before, int failed)
{
	if(failed) {
		own->used = used_before;
		own->writer.full = true;
		return -1;
	}
	own->begun[own->depth] = true;
	return 0;
}

static int write_text(regmon_writer_t *writer, const char *name, str value)
{
	regmon_json_writer_t *own = of(writer);
	int before = own->used;
	char clean[MOST_TEXT + 3];
	int length = regmon_clean_text(value, clean, MOST_TEXT);

	if(value.len > MOST_TEXT) {
		memcpy(clean + length, "...", 3);
		length += 3;
	}
	return settle(own, before,
			own->writer.full || put_name(own, name)
					|| put_quoted(own, (str){clean, length}));
}

static int write_plain(
		regmon_writer_t *writer, const char *name, const char *text, int length)
{
	regmon_json_writer_t *own = of(writer);
	int before = own->used;

	return settle(own, before,
			own->writer.full || put_name(own, name) || put(own, text, length));
}

static int write_number(
		regmon_writer_t *writer, const char *name, int64_t value)
{
	char text[24];

	return write_plain(writer, name, text,
			snprintf(text, sizeof(text), "%lld", (long long)value));
}

static int write_real(regmon_writer_t *writer, const char *name, double value)
{
	char text[40];

	if(!isfinite(value))
		return write_plain(writer, name, "null", 4);
	return write_plain(
			writer, name, text, snprintf(text, sizeof(text), "%.15g", value));
}

static int open_one(regmon_writer_t *writer, const char *name, bool is_list)
{
	regmon_json_writer_t *own = of(writer);
	int before = own->used;

	/* two bytes: the mark and the one that closes it */
	if(own->writer.full || own->depth + 1 >= REGMON_JSON_DEPTH
			|| put_name(own, name) || left(own) < 2) {
		own->lost++;
		return settle(own, before, -1);
	}
	put(own, is_list ? "[" : "{", 1);
	settle(own, before, 0);
	own->depth++;
	own->is_list[own->depth] = is_list;
	own->begun[own->depth] = false;
	return 0;
}

static int open_struct(regmon_writer_t *writer, const char *name)
{
	return open_one(writer, name, false);
}

static int open_list(regmon_writer_t *writer, const char *name)
{
	return open_one(writer, name, true);
}

static int close_one(regmon_writer_t *writer)
{
	regmon_json_writer_t *own = of(writer);

	if(own->lost > 0) {
		own->lost--;
		return -1;
	}
	if(own->depth > 0) {
		own->buffer[own->used++] = own->is_list[own->depth] ? ']' : '}';
		own->depth--;
	}
	return 0;
}

void regmon_json_writer_start(
		regmon_json_writer_t *writer, char *buffer, int size)
{
	*writer = (regmon_json_writer_t){.writer = {.text = write_text,
											 .number = write_number,
											 .real = write_real,
											 .open_struct = open_struct,
											 .close_struct = close_one,
											 .open_list = open_list,
											 .close_list = close_one,
											 .room = room},
			.buffer = buffer,
			.size = size};
	buffer[writer->used++] = '{';
}

int regmon_json_writer_finish(regmon_json_writer_t *writer)
{
	writer->lost = 0;
	while(writer->depth > 0)
		close_one(&writer->writer);
	writer->buffer[writer->used++] = '}';
	writer->buffer[writer->used] = '\0';
	return writer->writer.full ? -1 : writer->used;
}
