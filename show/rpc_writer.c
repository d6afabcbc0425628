/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two forms of an RPC answer: typed fields and lines for kamcmd. */
#include "show/rpc_writer.h"

#include <stdio.h>

#include "show/monitor.h"

/* A datagram of jsonrpcs holds 65,456 bytes, an answer of ctl 32 KiB outside of structs; over it the first is lost
 * and the second turns into a fault. Both keep a reserve for the end of the answer. */
#define TYPED_MOST 56000
#define LINES_MOST 30000
#define RESERVE 1200

#define MOST_TEXT 2000
#define NAME_WIDTH 20 /* lines: values begin in one column */
#define FIELD_WIDTH 110 /* lines: where a value is folded */
#define ELEMENT_WIDTH 200 /* a row of a list may be longer */
#define LONGEST_LINE 512
#define LONGEST_START 128 /* indent and name */

static regmon_rpc_writer_t *of(regmon_writer_t *writer)
{
	return (regmon_rpc_writer_t *)writer;
}

static int room(const regmon_writer_t *writer)
{
	const regmon_rpc_writer_t *own = (const regmon_rpc_writer_t *)writer;
	int left = own->most - RESERVE - own->used;

	return writer->full || left < 0 ? 0 : left;
}

static int is_full(regmon_rpc_writer_t *own)
{
	own->writer.full = true;
	return -1;
}

/* takes room for so many bytes */
static int take(regmon_rpc_writer_t *own, int bytes)
{
	if(own->writer.full || own->used + bytes > own->most)
		return is_full(own);
	own->used += bytes;
	return 0;
}

/* what a stranger wrote, made fit to be shown; a cut is visible */
static str clean(str value, char buffer[MOST_TEXT + 4])
{
	int length = regmon_clean_text(value, buffer, MOST_TEXT);

	if(value.len > MOST_TEXT) {
		memcpy(buffer + length, "...", 3);
		length += 3;
	}
	buffer[length] = '\0';
	return (str){buffer, length};
}

/* ---- typed fields ---- */

static int typed_size(
		const regmon_rpc_writer_t *own, const char *name, str value)
{
	/* quotes, colon, comma, line end, one tab for each level */
	int size = own->depth + 10 + (name ? (int)strlen(name) : 0) + value.len;
	int i;

	for(i = 0; i < value.len; i++)
		size += value.s[i] == '"' || value.s[i] == '\\';
	return size;
}

static int typed_text(regmon_writer_t *writer, const char *name, str value)
{
	regmon_rpc_writer_t *own = of(writer);
	void *handle = own->handle[own->depth];
	char buffer[MOST_TEXT + 4];
	int failed;

	value = clean(value, buffer);
	if(take(own, typed_size(own, name, value)) < 0)
		return -1;
	failed = own->is_list[own->depth]
					 ? own->rpc->array_add(handle, "S", &value)
					 : own->rpc->struct_add(handle, "S", name, &value);
	return failed < 0 ? is_full(own) : 0;
}

static int typed_number(
		regmon_writer_t *writer, const char *name, int64_t value)
{
	regmon_rpc_writer_t *own = of(writer);
	void *handle = own->handle[own->depth];
	bool is_list = own->is_list[own->depth];
	int failed;

	if(take(own, typed_size(own, name, (str){NULL, 0}) + 20) < 0)
		return -1;
	/* a double holds the whole numbers up to 2^53; not every transport knows long ones */
	if(value >= INT32_MIN && value <= INT32_MAX)
		failed = is_list ? own->rpc->array_add(handle, "d", (int)value)
						 : own->rpc->struct_add(
								 handle, "d", name, (int)value);
	else
		failed = is_list ? own->rpc->array_add(handle, "f", (double)value)
						 : own->rpc->struct_add(
								 handle, "f", name, (double)value);
	return failed < 0 ? is_full(own) : 0;
}

static int typed_real(regmon_writer_t *writer, const char *name, double value)
{
	regmon_rpc_writer_t *own = of(writer);
	void *handle = own->handle[own->depth];
	int failed;

	if(take(own, typed_size(own, name, (str){NULL, 0}) + 20) < 0)
		return -1;
	failed = own->is_list[own->depth]
					 ? own->rpc->array_add(handle, "f", value)
					 : own->rpc->struct_add(handle, "f", name, value);
	return failed < 0 ? is_full(own) : 0;
}

static int typed_open(regmon_writer_t *writer, const char *name, char *form)
{
	regmon_rpc_writer_t *own = of(writer);
	void *handle = own->handle[own->depth], *inner = NULL;
	int failed;

	/* begin and end */
	if(own->lost || own->depth + 1 >= REGMON_RPC_DEPTH
			|| take(own, 2 * typed_size(own, name, (str){NULL, 0})) < 0) {
		own->lost++;
		return is_full(own);
	}
	failed = own->is_list[own->depth]
					 ? own->rpc->array_add(handle, form, &inner)
					 : own->rpc->struct_add(handle, form, name, &inner);
	if(failed < 0 || inner == NULL) {
		own->lost++;
		return is_full(own);
	}
	own->depth++;
	own->handle[own->depth] = inner;
	own->is_list[own->depth] = form[0] == '[';
	return 0;
}

static int typed_open_struct(regmon_writer_t *writer, const char *name)
{
	return typed_open(writer, name, "{");
}

static int typed_open_list(regmon_writer_t *writer, const char *name)
{
	return typed_open(writer, name, "[");
}

static int close_one(regmon_writer_t *writer)
{
	regmon_rpc_writer_t *own = of(writer);

	if(own->lost > 0) {
		own->lost--;
		return -1;
	}
	if(own->depth > 0)
		own->depth--;
	return 0;
}

/* ---- lines ---- */

static int put_line(regmon_rpc_writer_t *own, const char *text, int length)
{
	str line = {(char *)text, length};

	if(take(own, length + 5) < 0)
		return -1;
	return own->rpc->add(own->context, "S", &line) < 0 ? is_full(own) : 0;
}

/* Where to fold: behind the last space within width; a long word stays whole, so that it can be copied. */
static int fold_at(str value, int width)
{
	int i;

	if(value.len <= width)
		return value.len;
	for(i = width; i > width / 4; i--)
		if(value.s[i] == ' ')
			return i;
	for(i = width; i < value.len && i < LONGEST_LINE - LONGEST_START; i++)
		if(value.s[i] == ' ')
			return i;
	/* not inside a character */
	while(i > 1 && i < value.len && ((unsigned char)value.s[i] & 0xc0) == 0x80)
		i--;
	return i;
}

static int put_value(regmon_rpc_writer_t *own, const char *name, str value)
{
	int indent = own->depth * 2, hanging, n, i, right = ELEMENT_WIDTH;
	char line[LONGEST_LINE];

	own->begun[own->depth] = true;
	if(name) {
		n = snprintf(line, LONGEST_START, "%*s%.80s: ", indent, "", name);
		for(i = indent; i < n; i++)
			if(line[i] == '_')
				line[i] = ' ';
		while(n < indent + NAME_WIDTH)
			line[n++] = ' ';
		hanging = n;
		right = FIELD_WIDTH;
	} else {
		/* a row that begins with spaces goes on in that column */
		for(i = 0; i < value.len && i < NAME_WIDTH && value.s[i] == ' '; i++)
			;
		if(i > 0)
			right = FIELD_WIDTH;
		n = snprintf(line, sizeof(line), "%*s", indent + i, "");
		hanging = indent + (i ? i : 4);
		value = regmon_text_from(value, i);
	}
	do {
		int width = right - n;
		int length = fold_at(value, width);

		memcpy(line + n, value.s, length);
		if(put_line(own, line, n + length) < 0)
			return -1;
		while(length < value.len && value.s[length] == ' ')
			length++;
		value.s += length;
		value.len -= length;
		memset(line, ' ', hanging);
		n = hanging;
	} while(value.len > 0);
	return 0;
}

static int lines_text(regmon_writer_t *writer, const char *name, str value)
{
	char buffer[MOST_TEXT + 4];

	return put_value(of(writer), name, clean(value, buffer));
}

static int lines_number(
		regmon_writer_t *writer, const char *name, int64_t value)
{
	char buffer[24];
	int length = snprintf(buffer, sizeof(buffer), "%lld", (long long)value);

	return put_value(of(writer), name, (str){buffer, length});
}

static int lines_real(regmon_writer_t *writer, const char *name, double value)
{
	char buffer[40];
	int length = snprintf(buffer, sizeof(buffer), "%.1f", value);

	return put_value(of(writer), name, (str){buffer, length});
}

static int lines_open(regmon_writer_t *writer, const char *name)
{
	regmon_rpc_writer_t *own = of(writer);
	char line[120];
	int i, n, failed = 0;

	if(own->lost || own->depth + 1 >= REGMON_RPC_DEPTH) {
		own->lost++;
		return is_full(own);
	}
	if(name) {
		n = snprintf(line, sizeof(line), "%*s%s:", own->depth * 2, "", name);
		for(i = 0; i < n; i++)
			if(line[i] == '_')
				line[i] = ' ';
		failed = put_line(own, line, n);
	} else if(own->begun[own->depth]) {
		failed = put_line(own, "", 0); /* between the things of a list */
	}
	own->begun[own->depth] = true;
	/* the things of a list are told apart by empty lines, not by depth */
	if(name == NULL) {
		own->unnamed[own->depth]++;
		return failed;
	}
	own->depth++;
	own->begun[own->depth] = false;
	own->unnamed[own->depth] = 0;
	return failed;
}

static int lines_close(regmon_writer_t *writer)
{
	regmon_rpc_writer_t *own = of(writer);

	if(own->lost > 0) {
		own->lost--;
		return -1;
	}
	if(own->unnamed[own->depth])
		own->unnamed[own->depth]--;
	else if(own->depth > 0)
		own->depth--;
	return 0;
}

/* ---- both ---- */

int regmon_rpc_writer_start(
		regmon_rpc_writer_t *writer, rpc_t *rpc, void *context)
{
	static const regmon_writer_t typed = {.text = typed_text,
			.number = typed_number,
			.real = typed_real,
			.open_struct = typed_open_struct,
			.close_struct = close_one,
			.open_list = typed_open_list,
			.close_list = close_one,
			.room = room};
	static const regmon_writer_t lines = {.text = lines_text,
			.number = lines_number,
			.real = lines_real,
			.open_struct = lines_open,
			.close_struct = lines_close,
			.open_list = lines_open,
			.close_list = lines_close,
			.room = room,
			.for_eyes = true};
	/* only ctl, which serves kamcmd, has no word on its capabilities */
	bool is_kamcmd = rpc->capabilities == NULL;

	regmon_monitor_refresh();
	memset(writer, 0, sizeof(*writer));
	writer->writer = is_kamcmd ? lines : typed;
	writer->most = is_kamcmd ? LINES_MOST : TYPED_MOST;
	writer->rpc = rpc;
	writer->context = context;
	if(is_kamcmd)
		return 0;
	return rpc->add(context, "{", &writer->handle[0]) < 0 ? -1 : 0;
}

void regmon_rpc_writer_finish(regmon_rpc_writer_t *writer)
{
	static const char note[] =
			"parts of this answer did not fit: ask for one phone or a "
			"smaller limit";
	str line = {(char *)note, sizeof(note) - 1};

	if(!writer->writer.full)
		return;
	if(writer->writer.for_eyes)
		writer->rpc->add(writer->context, "S", &line);
	else
		writer->rpc->struct_add(
				writer->handle[0], "S", "incomplete", &line);
}
