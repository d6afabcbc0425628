/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON text: the same fields, types and values as JSON-RPC gives of the same rows; whole JSON in whatever room; nothing
 * in it that HTML or a script would take for its own. */
#include <math.h>
#include <stdlib.h>

#include "test/unit/rows_world.h"
#include "test/unit/writer_fake.h"

#include "show/json_writer.h"
#include "show/rpc_writer.c"

void regmon_monitor_refresh(void)
{
}

/* ---- what is compared: a line "path=value" for each value, in order ---- */

typedef struct lines
{
	char text[400000];
	int used;
} lines_t;

static lines_t from_rpc, from_json;

static void add_line(lines_t *lines, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
static void add_line(lines_t *lines, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	lines->used += vsnprintf(lines->text + lines->used,
			sizeof(lines->text) - lines->used, format, arguments);
	va_end(arguments);
	assert_in_range(lines->used, 0, sizeof(lines->text) - 1);
}

/* ---- RPC: handles are nodes that know their path ---- */

typedef struct node
{
	char path[200];
	unsigned n;
} node_t;
static node_t nodes[4000];
static unsigned nodes_n;

static void *new_node(const char *path)
{
	assert_in_range(nodes_n, 0, 3999);
	snprintf(nodes[nodes_n].path, sizeof(nodes[0].path), "%s", path);
	nodes[nodes_n].n = 0;
	return &nodes[nodes_n++];
}

static int told_value(const char *path, const char *fmt, va_list *arguments)
{
	switch(fmt[0]) {
		case 'S': {
			str *value = va_arg(*arguments, str *);
			add_line(&from_rpc, "%s=\"%.*s\"\n", path, value->len, value->s);
			return 0;
		}
		case 'd':
			add_line(&from_rpc, "%s=%.6f\n", path,
					(double)va_arg(*arguments, int));
			return 0;
		case 'f':
			add_line(&from_rpc, "%s=%.6f\n", path, va_arg(*arguments, double));
			return 0;
		default:
			add_line(&from_rpc, "%s%s\n", path, fmt);
			*va_arg(*arguments, void **) = new_node(path);
			return 0;
	}
}

static int fake_add(void *context, char *fmt, ...)
{
	va_list arguments;

	va_start(arguments, fmt);
	*va_arg(arguments, void **) = new_node("");
	va_end(arguments);
	return 0;
}

static int fake_struct_add(void *handle, char *fmt, ...)
{
	char path[400];
	va_list arguments;

	va_start(arguments, fmt);
	snprintf(path, sizeof(path), "%s.%s", ((node_t *)handle)->path,
			va_arg(arguments, char *));
	told_value(path, fmt, &arguments);
	va_end(arguments);
	return 0;
}

static int fake_array_add(void *handle, char *fmt, ...)
{
	node_t *node = handle;
	char path[400];
	va_list arguments;

	va_start(arguments, fmt);
	snprintf(path, sizeof(path), "%s[%u]", node->path, node->n++);
	told_value(path, fmt, &arguments);
	va_end(arguments);
	return 0;
}

static rpc_capabilities_t fake_capabilities(void *context)
{
	return 0;
}

/* ---- JSON: a parser that is as strict as the standard ---- */

static const char *at, *stop;

static void read_value(const char *path);

static void want(char c)
{
	if(at >= stop || *at != c)
		fail_msg("expected '%c' at \"%.*s\"", c,
				(int)(stop - at < 60 ? stop - at : 60), at);
	at++;
}

static unsigned read_hex(void)
{
	unsigned value = 0;
	int i;

	for(i = 0; i < 4; i++) {
		assert_true(at < stop && regmon_is_hex(*at));
		value = value * 16
				+ (regmon_is_digit(*at) ? *at - '0' : (*at | 0x20) - 'a' + 10);
		at++;
	}
	return value;
}

static int read_string(char *buffer)
{
	int used = 0;

	want('"');
	while(at < stop && *at != '"') {
		unsigned c = (unsigned char)*at++;

		/* neither raw controls nor what HTML or a script would take for its own */
		assert_true(c >= ' ' && c != 0x7f && c != '<' && c != '>' && c != '&');
		if(c == 0xe2)
			assert_false((unsigned char)at[0] == 0x80
						 && ((unsigned char)at[1] == 0xa8
								 || (unsigned char)at[1] == 0xa9));
		if(c != '\\') {
			buffer[used++] = (char)c;
			continue;
		}
		assert_true(at < stop);
		if(*at == 'u') {
			at++;
			c = read_hex();
			if(c >= 0x800) {
				buffer[used++] = (char)(0xe0 | c >> 12);
				buffer[used++] = (char)(0x80 | (c >> 6 & 0x3f));
				buffer[used++] = (char)(0x80 | (c & 0x3f));
			} else {
				assert_true(c < 0x80);
				buffer[used++] = (char)c;
			}
		} else {
			assert_true(*at == '"' || *at == '\\');
			buffer[used++] = *at++;
		}
	}
	want('"');
	buffer[used] = '\0';
	return used;
}

static void read_members(const char *path, char opener, char closer)
{
	static char name[4000];
	char inner[400];
	unsigned n = 0;

	want(opener);
	for(; at < stop && *at != closer; n++) {
		if(n > 0)
			want(',');
		if(opener == '[') {
			snprintf(inner, sizeof(inner), "%s[%u]", path, n);
		} else {
			read_string(name);
			assert_true(strlen(name) < 100);
			snprintf(inner, sizeof(inner), "%s.%.99s", path, name);
			want(':');
		}
		read_value(inner);
	}
	want(closer);
}

static void read_value(const char *path)
{
	static char text[40000];
	char *after;

	assert_true(at < stop);
	if(*at == '{' || *at == '[') {
		if(path[0])
			add_line(&from_json, "%s%c\n", path, *at);
		read_members(path, *at, *at == '{' ? '}' : ']');
	} else if(*at == '"') {
		read_string(text);
		add_line(&from_json, "%s=\"%s\"\n", path, text);
	} else if(stop - at >= 4 && memcmp(at, "null", 4) == 0) {
		at += 4;
	} else {
		assert_true(*at == '-' || regmon_is_digit(*at));
		/* no zero in front of digits */
		assert_false(at[0] == '0' && regmon_is_digit(at[1]));
		add_line(&from_json, "%s=%.6f\n", path, strtod(at, &after));
		assert_true(after > at && after <= stop);
		at = after;
	}
}

static void parse(const char *text, int length)
{
	from_json.used = 0;
	from_json.text[0] = '\0';
	at = text;
	stop = text + length;
	read_value("");
	assert_ptr_equal(at, stop);
}

/* ---- both of the same rows ---- */

typedef void (*rows_f)(regmon_writer_t *writer);

static void write_rpc(rows_f rows)
{
	static rpc_t rpc = {.add = fake_add,
			.struct_add = fake_struct_add,
			.array_add = fake_array_add,
			.capabilities = fake_capabilities};
	regmon_rpc_writer_t own;

	nodes_n = 0;
	from_rpc.used = 0;
	from_rpc.text[0] = '\0';
	assert_int_equal(regmon_rpc_writer_start(&own, &rpc, NULL), 0);
	rows(&own.writer);
	regmon_rpc_writer_finish(&own);
	assert_false(own.writer.full);
}

static int write_json(rows_f rows, int size, bool *ret_full)
{
	/* a block of its own: the sanitizer sees each byte too far */
	char *buffer = malloc(size);
	regmon_json_writer_t json;
	int length;

	assert_non_null(buffer);
	regmon_json_writer_start(&json, buffer, size);
	rows(&json.writer);
	length = regmon_json_writer_finish(&json);
	assert_in_range(length, 2, size);
	*ret_full = json.writer.full;
	parse(buffer, length);
	free(buffer);
	return length;
}

static void assert_same(rows_f rows)
{
	bool full;

	write_rpc(rows);
	write_json(rows, 64000, &full);
	assert_false(full);
	assert_true(from_json.used > 50);
	assert_string_equal(from_json.text, from_rpc.text);
}

static void rows_summary(regmon_writer_t *writer)
{
	regmon_rows_summary(writer, &monitor, now_ms);
}

static void in_list(regmon_writer_t *writer,
		void (*row)(regmon_writer_t *writer, const regmon_monitor_t *monitor,
				const regmon_registration_t *registration, int64_t now_ms))
{
	int i;

	writer->open_list(writer, "phones");
	for(i = 0; i < 2; i++) {
		writer->open_struct(writer, NULL);
		row(writer, &monitor, the_phone(), now_ms);
		writer->close_struct(writer);
	}
	writer->close_list(writer);
	writer->number(writer, "matched", 2);
}

static void rows_why(regmon_writer_t *writer)
{
	in_list(writer, regmon_rows_why);
}

static void rows_show(regmon_writer_t *writer)
{
	in_list(writer, regmon_rows_show);
}

static void timeline(regmon_writer_t *writer, const regmon_monitor_t *unused,
		const regmon_registration_t *registration, int64_t at_ms)
{
	regmon_rows_timeline(writer, registration, 0, at_ms);
}

static void rows_timeline(regmon_writer_t *writer)
{
	in_list(writer, timeline);
}

static void rows_list(regmon_writer_t *writer)
{
	writer->open_list(writer, "phones");
	regmon_rows_list_row(writer, the_phone(), now_ms);
	regmon_rows_list_row(writer, the_phone(), now_ms);
	writer->close_list(writer);
	writer->number(writer, "shown", 2);
}

static void rows_decode(regmon_writer_t *writer)
{
	static const char text[] =
			"REGISTER sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKx\r\n"
			"From: <sip:b@a>;tag=<script>&amp;\r\nX-\xe2\x80\xa8: \xff\xfe "
			"\x01\r\n"
			"CSeq: 1 REGISTER\r\nCall-ID: \"\\\"\r\n\r\n";

	regmon_rows_decode_text(
			writer, &monitor, (str){(char *)text, sizeof(text) - 1});
}

static void rows_rules(regmon_writer_t *writer)
{
	unsigned i;

	writer->open_list(writer, "rules");
	for(i = 0; i < 40; i++)
		regmon_rows_rule(writer, &monitor, (regmon_rule_index_t)i);
	writer->close_list(writer);
}

static void test_same_as_rpc(void **state)
{
	open_world();
	register_phone();
	now_ms += 3200;
	assert_same(rows_summary);
	assert_same(rows_why);
	assert_same(rows_show);
	assert_same(rows_timeline);
	assert_same(rows_list);
	assert_same(rows_decode);
	assert_same(rows_rules);
	assert_holds(from_json.text, ".rules[1].id=\"");
	close_world();
}

/* ---- values ---- */

static const double reals[] = {0, 99.5, 100.0 / 3, -0.25, 1e-9, 123456789.125};

static void rows_reals(regmon_writer_t *writer)
{
	unsigned i;

	writer->open_list(writer, "reals");
	for(i = 0; i < REGMON_COUNT(reals); i++)
		writer->real(writer, NULL, reals[i]);
	writer->close_list(writer);
	writer->number(writer, "small", -2147483648LL);
	writer->number(writer, "large", 1700000000123LL);
	writer->real(writer, "negative", -12345.75);
}

static void test_numbers(void **state)
{
	assert_same(rows_reals);
	assert_holds(from_json.text, ".large=1700000000123.000000\n");
	assert_holds(from_json.text, ".negative=-12345.750000\n");
}

static void rows_no_numbers(regmon_writer_t *writer)
{
	writer->real(writer, "nan", (double)NAN);
	writer->real(writer, "infinite", (double)INFINITY);
	writer->real(writer, "minus", (double)-INFINITY);
}

static void test_no_numbers(void **state)
{
	char buffer[REGMON_JSON_LEAST];
	regmon_json_writer_t json;
	int length;

	regmon_json_writer_start(&json, buffer, sizeof(buffer));
	rows_no_numbers(&json.writer);
	length = regmon_json_writer_finish(&json);
	buffer[length] = '\0';
	assert_string_equal(
			buffer, "{\"nan\":null,\"infinite\":null,\"minus\":null}");
}

static void test_escapes(void **state)
{
	static const char text[] = "<img src=x onerror=\"a\\b\">&\xe2\x80\xa8"
							   "\xe2\x80\xa9\xe2\x80\xaa\xc3\xa9\x7f\x1b[0m"
							   "\xff \xe2\x80";
	char buffer[REGMON_JSON_LEAST];
	regmon_json_writer_t json;
	int length;

	regmon_json_writer_start(&json, buffer, sizeof(buffer));
	json.writer.text(
			&json.writer, "<n>", (str){(char *)text, sizeof(text) - 1});
	length = regmon_json_writer_finish(&json);
	buffer[length] = '\0';
	assert_string_equal(buffer,
			"{\"\\u003cn\\u003e\":\"\\u003cimg src=x onerror=\\\"a\\\\b\\\""
			"\\u003e\\u0026?????????\xc3\xa9??[0m? ??\"}");
	parse(buffer, length);
	assert_string_equal(from_json.text,
			".<n>=\"<img src=x onerror=\"a\\b\">&?????????\xc3\xa9??[0m? ??\"\n");
}

static void test_long_text_is_cut(void **state)
{
	static char text[5000];
	char buffer[REGMON_JSON_LEAST * 2];
	regmon_json_writer_t json;
	int length;

	memset(text, 'a', sizeof(text));
	regmon_json_writer_start(&json, buffer, sizeof(buffer));
	json.writer.text(&json.writer, "t", (str){text, sizeof(text)});
	length = regmon_json_writer_finish(&json);
	assert_int_equal(length, 2000 + 3 + 8);
	assert_memory_equal(buffer + length - 5, "...\"}", 5);
}

/* one that is not cut: whole, or not at all and without harm */
static void test_long_text_that_is_whole(void **state)
{
	static char text[3000];
	char buffer[6000];
	regmon_json_writer_t json;
	int size, length, written;

	memset(text, 'a', sizeof(text));
	text[0] = '<';
	text[1] = '\n';
	text[2999] = 'z';
	for(size = 3000; size < 4000; size += 13) {
		regmon_json_writer_start(&json, buffer, size);
		json.writer.number(&json.writer, "n", 1);
		written = regmon_json_writer_long_text(
				&json, "t", (str){text, sizeof(text)});
		assert_false(json.writer.full);
		json.writer.number(&json.writer, "m", 2);
		length = regmon_json_writer_finish(&json);
		assert_in_range(length, 1, size - 1);
		if(written < 0) {
			assert_string_equal(buffer, "{\"n\":1,\"m\":2}");
			continue;
		}
		assert_int_equal(length, 3000 + 2 * 5 + 20);
		assert_memory_equal(
				buffer, "{\"n\":1,\"t\":\"\\u003c\\u000aaaa", 27);
		assert_string_equal(buffer + length - 9, "z\",\"m\":2}");
		assert_true(size > 3100);
	}
	assert_int_equal(written, 0);
}

/* ---- room ---- */

static void test_any_size(void **state)
{
	static const rows_f all[] = {rows_summary, rows_why, rows_show,
			rows_timeline, rows_list, rows_decode, rows_rules};
	bool full, ever_full = false;
	unsigned i;
	int size;

	open_world();
	register_phone();
	for(i = 0; i < REGMON_COUNT(all); i++)
		for(size = REGMON_JSON_LEAST; size < 16000; size += 97) {
			write_json(all[i], size, &full);
			if(full)
				assert_holds(from_json.text, ".incomplete=\"");
			else
				assert_null(strstr(from_json.text, ".incomplete=\""));
			ever_full = ever_full || full;
		}
	assert_true(ever_full);
	close_world();
}

static void test_depth(void **state)
{
	char buffer[REGMON_JSON_LEAST];
	regmon_json_writer_t json;
	int i, length;

	regmon_json_writer_start(&json, buffer, sizeof(buffer));
	for(i = 0; i < 20; i++)
		json.writer.open_list(&json.writer, i ? NULL : "l");
	json.writer.number(&json.writer, NULL, 7); /* has no place */
	for(i = 0; i < 20; i++)
		json.writer.close_list(&json.writer);
	length = regmon_json_writer_finish(&json);
	parse(buffer, length);
	assert_holds(from_json.text, ".incomplete=\"");
	assert_null(strstr(from_json.text, "=7"));
}

/* the rows that did not fit leave no trace, and what stands behind them does */
static void test_undo(void **state)
{
	char buffer[REGMON_JSON_LEAST], long_text[600];
	regmon_json_writer_t json;
	regmon_writer_t *writer = &json.writer;
	int mark, n = 0, length;

	memset(long_text, '<', sizeof(long_text));
	regmon_json_writer_start(&json, buffer, sizeof(buffer));
	writer->open_list(writer, "rows");
	for(;;) {
		mark = regmon_writer_mark(writer);
		writer->open_struct(writer, NULL);
		writer->number(writer, "n", n);
		writer->open_list(writer, "l");
		writer->text(writer, NULL, (str){long_text, n * 20});
		writer->close_list(writer);
		writer->close_struct(writer);
		if(regmon_writer_undo_if_full(writer, mark))
			break;
		n++;
		assert_true(n < 30);
	}
	writer->close_list(writer);
	writer->number(writer, "more", 5);
	length = regmon_json_writer_finish(&json);
	assert_true(n > 2);
	parse(buffer, length);
	assert_null(strstr(from_json.text, "incomplete"));
	assert_holds(from_json.text, ".more=5.0");
	snprintf(long_text, sizeof(long_text), ".rows[%d].n=", n - 1);
	assert_holds(from_json.text, long_text);
	snprintf(long_text, sizeof(long_text), ".rows[%d]", n);
	assert_null(strstr(from_json.text, long_text));
	/* the first of a list, too */
	regmon_json_writer_start(&json, buffer, sizeof(buffer));
	writer->open_list(writer, "rows");
	mark = regmon_writer_mark(writer);
	memset(long_text, '<', sizeof(long_text));
	writer->text(writer, NULL, (str){long_text, sizeof(long_text)});
	assert_true(regmon_writer_undo_if_full(writer, mark));
	writer->number(writer, NULL, 1);
	writer->number(writer, NULL, 2);
	length = regmon_json_writer_finish(&json);
	buffer[length] = '\0';
	assert_string_equal(buffer, "{\"rows\":[1,2]}");
}

static void test_writers_without_undo(void **state)
{
	regmon_writer_t writer = {.full = true};

	assert_int_equal(regmon_writer_mark(&writer), -1);
	assert_false(regmon_writer_undo_if_full(&writer, -1));
	assert_true(writer.full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_same_as_rpc),
			harness_test(test_numbers), harness_test(test_no_numbers),
			harness_test(test_escapes), harness_test(test_long_text_is_cut),
			harness_test(test_long_text_that_is_whole),
			harness_test(test_any_size), harness_test(test_depth),
			harness_test(test_undo), harness_test(test_writers_without_undo)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
