/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON for files and brokers: what is escaped, and that little room never makes it broken. */
#include "test/unit/harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "show/json_writer.h"

static regmon_json_writer_t own;
static regmon_writer_t *const writer = &own.writer;
static char buffer[6000];

static void begin(void)
{
	regmon_json_writer_start_plain(&own, buffer, sizeof(buffer));
}

static void assert_json(const char *expected)
{
	int length = regmon_json_writer_finish(&own);

	assert_int_equal(length, (int)strlen(expected));
	assert_memory_equal(buffer, expected, length);
}

static void test_empty(void **state)
{
	begin();
	assert_json("{}");
}

static void test_structs_and_lists(void **state)
{
	begin();
	regmon_write_words(writer, "text", "one");
	writer->number(writer, "number", INT64_C(-1700000000123));
	writer->open_struct(writer, "inner");
	writer->number(writer, "a", 1);
	writer->open_list(writer, "list");
	writer->number(writer, NULL, 2);
	writer->open_struct(writer, NULL);
	writer->close_struct(writer);
	regmon_write_words(writer, NULL, "three");
	writer->close_list(writer);
	writer->close_struct(writer);
	writer->open_list(writer, "none");
	writer->close_list(writer);
	assert_json("{\"text\":\"one\",\"number\":-1700000000123,"
				"\"inner\":{\"a\":1,\"list\":[2,{},\"three\"]},\"none\":[]}");
}

static void test_reals(void **state)
{
	begin();
	writer->open_list(writer, "reals");
	writer->real(writer, NULL, 0.1);
	writer->real(writer, NULL, 99.95);
	writer->real(writer, NULL, -3);
	writer->real(writer, NULL, NAN);
	writer->real(writer, NULL, -INFINITY);
	assert_json("{\"reals\":[0.100000,99.950000,-3.000000,null,null]}");
}

/* what a stranger wrote */
static void test_hostile_text(void **state)
{
	static const char text[] = "\"\\\n\0\x1b[31m\x7f\xff\xc3\xa9\"";

	begin();
	writer->text(writer, "a", (str){(char *)text, sizeof(text) - 1});
	writer->text(writer, "b", (str){NULL, 0});
	assert_json("{\"a\":\"\\\"\\\\???[31m??\xc3\xa9\\\"\",\"b\":\"\"}");
}

static void test_long_text_is_cut(void **state)
{
	char text[3000];
	int length;

	memset(text, 'x', sizeof(text));
	begin();
	writer->text(writer, "a", (str){text, sizeof(text)});
	length = regmon_json_writer_finish(&own);
	assert_in_range(length, 2000, 2100);
	assert_memory_equal(buffer + length - 5, "...\"}", 5);
}

static void test_too_deep(void **state)
{
	int i;

	begin();
	for(i = 1; i < REGMON_JSON_DEPTH; i++)
		assert_int_equal(writer->open_struct(writer, "a"), 0);
	assert_int_equal(writer->open_struct(writer, "a"), -1);
	assert_int_equal(writer->number(writer, "b", 1), -1);
	assert_int_equal(writer->close_struct(writer), -1);
	/* nor anything behind it: what is missing is at the end */
	assert_int_equal(writer->number(writer, "b", 1), -1);
	assert_true(writer->full);
	assert_int_equal(regmon_json_writer_finish(&own), -1);
}

/* quotes in pairs, brackets closed by their like in the right order */
static bool is_closed(const char *text)
{
	char open[40];
	int depth = 0, i;
	bool quoted = false;

	for(i = 0; text[i]; i++) {
		if(quoted && text[i] == '\\')
			i++;
		else if(text[i] == '"')
			quoted = !quoted;
		else if(quoted)
			continue;
		else if(text[i] == '{' || text[i] == '[')
			open[depth++] = text[i] == '{' ? '}' : ']';
		else if((text[i] == '}' || text[i] == ']')
				&& (depth == 0 || open[--depth] != text[i]))
			return false;
	}
	return !quoted && depth == 0;
}

static void write_much(void)
{
	regmon_write_words(writer, "quoted", "\"\"\"\"");
	writer->open_list(writer, "list");
	writer->open_struct(writer, NULL);
	writer->number(writer, "n", 123456);
	writer->open_list(writer, "inner");
	regmon_write_words(writer, NULL, "word");
	writer->close_list(writer);
	writer->close_struct(writer);
	writer->number(writer, NULL, 1);
	writer->close_list(writer);
	writer->real(writer, "r", 1.5);
}

/* In a block of exactly that size: the sanitizer sees a byte too far. */
static void test_every_size(void **state)
{
	int whole, size, length;
	char *exact;

	begin();
	write_much();
	whole = regmon_json_writer_finish(&own);
	assert_true(whole > 0 && is_closed(buffer));
	/* room for all brackets is kept, whether they are opened or not */
	for(size = 16; size <= whole + REGMON_JSON_DEPTH + 1; size++) {
		exact = malloc(size);
		assert_non_null(exact);
		regmon_json_writer_start_plain(&own, exact, size);
		write_much();
		length = regmon_json_writer_finish(&own);
		assert_true(is_closed(exact));
		if(length != -1 || size == whole + REGMON_JSON_DEPTH + 1)
			assert_int_equal(length, whole);
		free(exact);
	}
}

/* What room() promises fits. */
static void test_room(void **state)
{
	char text[200], small[120];
	int left;

	memset(text, 'y', sizeof(text));
	regmon_json_writer_start_plain(&own, small, sizeof(small));
	writer->open_list(writer, "list");
	left = writer->room(writer);
	assert_in_range(left, 20, sizeof(small) - 10);
	assert_int_equal(writer->text(writer, NULL, (str){text, left - 2}), 0);
	assert_int_equal(writer->room(writer), 0);
	assert_int_equal(writer->number(writer, NULL, 1), -1);
	assert_int_equal(regmon_json_writer_finish(&own), -1);
	assert_true(is_closed(small));
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_empty),
			harness_test(test_structs_and_lists), harness_test(test_reals),
			harness_test(test_hostile_text),
			harness_test(test_long_text_is_cut), harness_test(test_too_deep),
			harness_test(test_every_size), harness_test(test_room)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
