/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of the JSON writer in any order with any text, into buffers of any size. Two bytes begin, then one byte for each
 * call, and what it takes. */
#include "test/fuzz/json_check.h"

#include "show/json_writer.h"

typedef struct input
{
	const uint8_t *at, *end;
} input_t;

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	target_start();
	return 0;
}

static unsigned take(input_t *input)
{
	return input->at < input->end ? *input->at++ : 0;
}

static uint64_t take_number(input_t *input)
{
	uint64_t number = 0;
	unsigned i, bytes = take(input) % 9;

	for(i = 0; i < bytes; i++)
		number = number << 8 | take(input);
	return number;
}

/* A length and so many bytes; mark 255: 40 of them for one, to come to long texts quickly. */
static str take_text(input_t *input, char buffer[10240])
{
	unsigned length = take(input), times = 1, used = 0, i;

	if(length == 255) {
		length = take(input);
		times = 40;
	}
	if(length > (size_t)(input->end - input->at))
		length = (unsigned)(input->end - input->at);
	for(i = 0; i < times; i++) {
		memcpy(buffer + used, input->at, length);
		used += length;
	}
	input->at += length;
	return (str){buffer, (int)used};
}

/* names are the module's own: printable, and short */
static const char *take_name(input_t *input, const bool is_list)
{
	static const char *const known[] = {"a", "impu", "first_faults", "\"", "<&>"};

	return is_list ? NULL : known[take(input) % 5];
}

#define DEPTH 40

/* what is open, as the caller of the writer knows it: the writer itself may have lost some */
typedef struct caller
{
	bool is_list[DEPTH];
	unsigned depth;
	int mark;
	unsigned mark_depth;
} caller_t;

static void call(input_t *input, regmon_writer_t *writer, caller_t *caller)
{
	static char text[10240];
	unsigned what = take(input) % 10;
	const char *name = NULL;
	double real;
	uint64_t number;

	if(what < 6)
		name = take_name(input, caller->is_list[caller->depth]);
	switch(what) {
		case 0:
		case 1:
			writer->text(writer, name, take_text(input, text));
			break;
		case 2:
			writer->number(writer, name, (int64_t)take_number(input));
			break;
		case 3:
			number = take_number(input);
			memcpy(&real, &number, sizeof(real));
			writer->real(writer, name, real);
			break;
		case 4:
		case 5:
			if(caller->depth + 1 == DEPTH)
				break;
			if(what == 4)
				writer->open_struct(writer, name);
			else
				writer->open_list(writer, name);
			caller->is_list[++caller->depth] = what == 5;
			break;
		case 6:
			if(caller->depth == 0)
				break;
			if(caller->is_list[caller->depth])
				writer->close_list(writer);
			else
				writer->close_struct(writer);
			caller->depth--;
			if(caller->depth < caller->mark_depth)
				caller->mark = -1;
			break;
		case 7:
			demand(writer->room(writer) >= 0, "less than no room");
			break;
		case 8:
			/* a mark is set where something whole begins, so never behind what was lost */
			if(writer->full)
				break;
			caller->mark = regmon_writer_mark(writer);
			caller->mark_depth = caller->depth;
			break;
		default:
			if(caller->mark >= 0 && caller->depth == caller->mark_depth)
				regmon_writer_undo_if_full(writer, caller->mark);
	}
}

/* What a stranger wrote is cleaned once: cleaning it again changes nothing, and no room is exceeded. */
static void check_clean(str text)
{
	char once[200], again[200];
	int size = text.len % (int)sizeof(once);
	int n = regmon_clean_text(text, once, size);

	demand(n >= 0 && n <= size, "%d bytes for %d", n, size);
	demand(regmon_clean_text((str){once, n}, again, sizeof(again)) == n
					&& memcmp(once, again, n) == 0,
			"a clean text is not clean");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input_t input = {data, data + size};
	caller_t caller = {.depth = 0, .mark = -1};
	regmon_json_writer_t json;
	unsigned kind = take(&input), room = take(&input);
	bool for_page = kind & 1;
	int bytes = for_page ? REGMON_JSON_LEAST + (int)room * 37
						 : 16 + (int)room * (kind & 2 ? 1 : 37),
		length;
	/* of that very size, for the sanitizer */
	char *buffer = malloc(bytes);

	demand(buffer, "no memory");
	if(for_page)
		regmon_json_writer_start(&json, buffer, bytes);
	else
		regmon_json_writer_start_plain(&json, buffer, bytes);
	while(input.at < input.end)
		call(&input, &json.writer, &caller);
	length = regmon_json_writer_finish(&json);
	demand(length < bytes && (length > 0 || !for_page), "length %d of %d",
			length, bytes);
	if(length < 0)
		length = (int)strlen(buffer);
	demand(buffer[length] == '\0', "no end");
	json_check(buffer, length, for_page);
	free(buffer);
	check_clean(target_text(data, size));
	return 0;
}
