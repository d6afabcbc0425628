/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show/json_writer.h"

#include <stdio.h>

/* kept for what closes a list: `matched`, `more`, `cursor` */
#define RESERVE 1000
/* kept for the sentence that something is missing and all closing brackets */
#define LAST_WORDS 160
/* and without the sentence: brackets and the zero byte */
#define LAST_BRACKETS (REGMON_JSON_DEPTH + 1)

#define MOST_TEXT 2000 /* as in RPC */

static regmon_json_writer_t *of(regmon_writer_t *writer)
{
	return (regmon_json_writer_t *)writer;
}

static int room(const regmon_writer_t *writer)
{
	const regmon_json_writer_t *json = (const regmon_json_writer_t *)writer;
	int left = json->size - json->last_words - json->reserve - json->used;

	return writer->full || left < 0 ? 0 : left;
}

static int is_full(regmon_json_writer_t *json)
{
	json->writer.full = true;
	return -1;
}

static bool fits(const regmon_json_writer_t *json, int bytes)
{
	return !json->writer.full && json->used + bytes <= json->size - json->last_words;
}

static void put(regmon_json_writer_t *json, const char *text, int length)
{
	memcpy(json->text + json->used, text, length);
	json->used += length;
}

/* bytes that stand for this one, 0: itself; the text is clean, so no U+2028 ends a line of JavaScript */
static int escape(bool for_page, unsigned char c, char buffer[8])
{
	switch(c) {
		case '"':
		case '\\':
			buffer[0] = '\\';
			buffer[1] = (char)c;
			return 2;
		case '<':
		case '>':
		case '&':
			if(for_page)
				break;
			return 0;
		default:
			if(c >= ' ' && c != 0x7f)
				return 0;
	}
	return snprintf(buffer, 8, "\\u%04x", c);
}

/* NULL: counts only */
static int write_escaped(bool for_page, str value, char *text)
{
	char escaped[8];
	int i, n, used = 0;

	for(i = 0; i < value.len; i++) {
		n = escape(for_page, (unsigned char)value.s[i], escaped);
		if(text && n)
			memcpy(text + used, escaped, n);
		else if(text)
			text[used] = value.s[i];
		used += n ? n : 1;
	}
	return used;
}

static void put_quoted(regmon_json_writer_t *json, str value)
{
	put(json, "\"", 1);
	json->used += write_escaped(json->for_page, value, json->text + json->used);
	put(json, "\"", 1);
}

/* Comma and name; value_bytes: what comes behind them. -1: that has no room, nothing is written. */
static int begin(regmon_json_writer_t *json, const char *name, int value_bytes)
{
	str text = {(char *)name, name ? (int)strlen(name) : 0};
	int bytes = json->begun[json->depth] + value_bytes;

	if(name)
		bytes += write_escaped(json->for_page, text, NULL) + 3;
	if(!fits(json, bytes))
		return is_full(json);
	if(json->begun[json->depth])
		put(json, ",", 1);
	json->begun[json->depth] = true;
	if(name) {
		put_quoted(json, text);
		put(json, ":", 1);
	}
	return 0;
}

static int json_text(regmon_writer_t *writer, const char *name, str value)
{
	regmon_json_writer_t *json = of(writer);
	char buffer[MOST_TEXT + 4];
	str clean = {buffer, regmon_clean_text(value, buffer, MOST_TEXT)};

	if(value.len > MOST_TEXT) {
		/* a cut is visible */
		memcpy(buffer + clean.len, "...", 3);
		clean.len += 3;
	}
	if(begin(json, name, write_escaped(json->for_page, clean, NULL) + 2) < 0)
		return -1;
	put_quoted(json, clean);
	return 0;
}

int regmon_json_writer_long_text(
		regmon_json_writer_t *json, const char *name, str value)
{
	int bytes = write_escaped(json->for_page, value, NULL) + 2;

	/* comma, name, colon */
	if(!fits(json, bytes + (int)strlen(name) + 4)
			|| begin(json, name, bytes) < 0)
		return -1;
	put_quoted(json, value);
	return 0;
}

static int put_plain(
		regmon_json_writer_t *json, const char *name, const char *digits)
{
	int length = (int)strlen(digits);

	if(begin(json, name, length) < 0)
		return -1;
	put(json, digits, length);
	return 0;
}

static int json_number(regmon_writer_t *writer, const char *name, int64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lld", (long long)value);
	return put_plain(of(writer), name, digits);
}

/* Whole and fraction apart: printf would write the decimal sign of the process' locale. */
static int json_real(regmon_writer_t *writer, const char *name, double value)
{
	char digits[48];
	bool negative = value < 0;
	int64_t millionths;

	if(negative)
		value = -value;
	/* JSON knows neither infinite numbers nor those that are none */
	if(!(value < 1e12))
		return put_plain(of(writer), name, "null");
	millionths = (int64_t)(value * 1e6 + 0.5);
	snprintf(digits, sizeof(digits), "%s%lld.%06lld", negative ? "-" : "",
			(long long)(millionths / 1000000),
			(long long)(millionths % 1000000));
	return put_plain(of(writer), name, digits);
}

static int open_one(regmon_writer_t *writer, const char *name, char opener)
{
	regmon_json_writer_t *json = of(writer);

	/* the closing bracket is taken with it */
	if(json->lost || json->depth + 1 >= REGMON_JSON_DEPTH
			|| begin(json, name, 2) < 0) {
		json->lost++;
		return is_full(json);
	}
	put(json, &opener, 1);
	json->depth++;
	json->closer[json->depth] = opener == '{' ? '}' : ']';
	json->begun[json->depth] = false;
	return 0;
}

static int open_struct(regmon_writer_t *writer, const char *name)
{
	return open_one(writer, name, '{');
}

static int open_list(regmon_writer_t *writer, const char *name)
{
	return open_one(writer, name, '[');
}

static int close_one(regmon_writer_t *writer)
{
	regmon_json_writer_t *json = of(writer);

	if(json->lost > 0) {
		json->lost--;
		return -1;
	}
	if(json->depth > 0)
		put(json, &json->closer[json->depth--], 1);
	return 0;
}

static int mark(const regmon_writer_t *writer)
{
	return ((const regmon_json_writer_t *)writer)->used;
}

static void undo(regmon_writer_t *writer, int mark)
{
	regmon_json_writer_t *json = of(writer);
	char before = json->text[mark - 1];

	json->used = mark;
	json->begun[json->depth] = before != '{' && before != '[';
	json->writer.full = false;
	json->lost = 0;
}

static void start(regmon_json_writer_t *json, char *buffer, int size)
{
	static const regmon_writer_t calls = {.text = json_text,
			.number = json_number,
			.real = json_real,
			.open_struct = open_struct,
			.close_struct = close_one,
			.open_list = open_list,
			.close_list = close_one,
			.room = room,
			.mark = mark,
			.undo = undo};

	memset(json, 0, sizeof(*json));
	json->writer = calls;
	json->text = buffer;
	json->size = size;
	json->closer[0] = '}';
	put(json, "{", 1);
}

void regmon_json_writer_start(
		regmon_json_writer_t *json, char *buffer, int size)
{
	start(json, buffer, size);
	json->reserve = RESERVE;
	json->last_words = LAST_WORDS;
	json->for_page = true;
}

void regmon_json_writer_start_plain(
		regmon_json_writer_t *json, char *buffer, int size)
{
	start(json, buffer, size);
	json->last_words = LAST_BRACKETS;
}

int regmon_json_writer_finish(regmon_json_writer_t *json)
{
	static const char note[] =
			"\"incomplete\":\"parts of this answer did not fit: ask for one "
			"phone or a smaller limit\"";

	json->lost = 0;
	while(json->depth > 0)
		close_one(&json->writer);
	if(json->writer.full && json->for_page) {
		if(json->begun[0])
			put(json, ",", 1);
		put(json, note, sizeof(note) - 1);
	}
	put(json, "}", 1);
	json->text[json->used] = '\0';
	return json->writer.full && !json->for_page ? -1 : json->used;
}
