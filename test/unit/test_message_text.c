/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message/text.h: slices, numbers, lists. */
#include "test/unit/message_exact.h"

static void number_is_whole_text(void **state)
{
	static const struct
	{
		const char *text;
		int64_t number;
	} cases[] = {{"0", 0}, {"1", 1}, {"42", 42}, {"600000", 600000},
			{"00000042", 42}, {"12345678", 12345678}, {"123456789", 123456789},
			{"4294967296", 4294967296LL},
			{"999999999999999999", 999999999999999999LL},
			{"1000000000000000000", REGMON_NUMBER_BAD}, {"", REGMON_NUMBER_BAD},
			{"-1", REGMON_NUMBER_BAD}, {"+1", REGMON_NUMBER_BAD},
			{" 1", REGMON_NUMBER_BAD}, {"1 ", REGMON_NUMBER_BAD},
			{"60 junk", REGMON_NUMBER_BAD}, {"0x10", REGMON_NUMBER_BAD},
			{"1.5", REGMON_NUMBER_BAD}, {"12/4", REGMON_NUMBER_BAD},
			{"12:4", REGMON_NUMBER_BAD}, {"\xb1\xb2", REGMON_NUMBER_BAD},
			{"1\x80", REGMON_NUMBER_BAD}};
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		if(regmon_text_number(exact(cases[i].text)) != cases[i].number)
			fail_msg("\"%s\"", cases[i].text);
	}
	assert_int_equal(
			regmon_text_number(exact_bytes("1\0", 2)), REGMON_NUMBER_BAD);
}

static void outside_quotes_and_brackets(void **state)
{
	static const struct
	{
		const char *text;
		int start, found;
	} cases[] = {{"a,b", 0, 1}, {"a,b", 2, -1}, {"a,b,c", 2, 3},
			{"\",\",x", 0, 3}, {"<,>,x", 0, 3}, {"\"\\\",\",x", 0, 5},
			{"\"\\\\\",x", 0, 4}, {"\"open,x", 0, -1}, {"<open,x", 0, -1},
			{"", 0, -1}, {",", 0, 0}, {"\"<\",\">\"", 0, 3}, {"<\">,\"", 0, 3},
			{"\"\\", 0, -1}};
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		int found = regmon_text_find_outside(
				exact(cases[i].text), cases[i].start, ',');
		if(found != cases[i].found)
			fail_msg("%s: %d", cases[i].text, found);
	}
}

static void unquote(void **state)
{
	bool quoted;

	assert_text(regmon_text_unquote(exact("\"a b\""), &quoted), "a b");
	assert_true(quoted);
	assert_text(regmon_text_unquote(exact("\"\""), &quoted), "");
	assert_true(quoted);
	assert_text(regmon_text_unquote(exact("a b"), &quoted), "a b");
	assert_false(quoted);
	assert_text(regmon_text_unquote(exact("\"open"), &quoted), "\"open");
	assert_false(quoted);
	assert_text(regmon_text_unquote(exact("\""), &quoted), "\"");
	assert_false(quoted);
}

static void parameters(void **state)
{
	str list = exact(";a=1 ; b = \"x;y\" ;; c;\r\n\td=e=f;=g ;h=\"open;i"),
		name, value;
	static const char *const expected[] = {"a", "1", "b", "\"x;y\"", "c", NULL,
			"d", "e=f", "", "g", "h", "\"open;i"};
	unsigned n = 0;
	int position = 0;

	while(regmon_text_next_parameter(list, ';', &position, &name, &value)) {
		assert_true(n < COUNT(expected));
		assert_text(name, expected[n]);
		if(expected[n + 1])
			assert_text(value, expected[n + 1]);
		else
			assert_null(value.s);
		n += 2;
	}
	assert_int_equal(n, COUNT(expected));
}

static void comma_parameters(void **state)
{
	str list = exact("a=1;2, b=\"x,y\" , c"), name, value;
	int position = 0;

	assert_true(
			regmon_text_next_parameter(list, ',', &position, &name, &value));
	assert_text(value, "1;2");
	assert_true(
			regmon_text_next_parameter(list, ',', &position, &name, &value));
	assert_text(value, "\"x,y\"");
	assert_true(
			regmon_text_next_parameter(list, ',', &position, &name, &value));
	assert_text(name, "c");
	assert_null(value.s);
	assert_false(
			regmon_text_next_parameter(list, ',', &position, &name, &value));
}

static void elements(void **state)
{
	str list = exact(" ,a, \"b,c\" ,,<d,e>;f,"), element;
	int position = 0;

	assert_true(regmon_text_next_element(list, &position, &element));
	assert_text(element, "a");
	assert_true(regmon_text_next_element(list, &position, &element));
	assert_text(element, "\"b,c\"");
	assert_true(regmon_text_next_element(list, &position, &element));
	assert_text(element, "<d,e>;f");
	assert_false(regmon_text_next_element(list, &position, &element));
}

static void list_holds(void **state)
{
	str list = exact("path, SEC-AGREE,\r\n gruu");

	assert_true(regmon_text_list_holds(list, REGMON_TEXT("sec-agree")));
	assert_true(regmon_text_list_holds(list, REGMON_TEXT("Path")));
	assert_true(regmon_text_list_holds(list, REGMON_TEXT("gruu")));
	assert_false(regmon_text_list_holds(list, REGMON_TEXT("sec")));
	assert_false(regmon_text_list_holds(list, REGMON_TEXT("outbound")));
	assert_false(regmon_text_list_holds(exact(""), REGMON_TEXT("path")));
}

static void comparison_sees_behind_zero(void **state)
{
	assert_false(regmon_text_is_nocase(
			exact_bytes("a\0b", 3), exact_bytes("a\0c", 3)));
	assert_true(regmon_text_is_nocase(
			exact_bytes("a\0b", 3), exact_bytes("A\0B", 3)));
	assert_false(regmon_text_starts_nocase(
			exact_bytes("a\0b", 3), exact_bytes("a\0c", 3)));
	assert_true(regmon_text_starts_nocase(exact("Tel:1"), exact("tel:")));
	assert_false(regmon_text_starts_nocase(exact("te"), exact("tel:")));
}

static void classes(void **state)
{
	int i;

	for(i = 0; i < 256; i++) {
		bool token = i != 0
					 && strchr("0123456789abcdefghijklmnopqrstuvwxyz"
							   "ABCDEFGHIJKLMNOPQRSTUVWXYZ-.!%*_+`'~",
								i)
								!= NULL;
		assert_int_equal(regmon_is_token_char((char)i), token);
	}
	assert_false(regmon_text_is_token(exact("")));
	assert_false(regmon_text_is_token(exact("a b")));
	assert_false(regmon_text_all_hex(exact("")));
	assert_true(regmon_text_all_hex(exact("09afAF")));
	assert_false(regmon_text_all_hex(exact("0g")));
	assert_false(regmon_text_all_digits(exact("")));
	assert_false(regmon_text_all_digits(exact("1a")));
	assert_text(regmon_text_trim(exact(" \t\r\n a b \r\n")), "a b");
	assert_text(regmon_text_trim(exact(" \r\n")), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {exact_test(number_is_whole_text),
			exact_test(outside_quotes_and_brackets), exact_test(unquote),
			exact_test(parameters), exact_test(comma_parameters),
			exact_test(elements), exact_test(list_holds),
			exact_test(comparison_sees_behind_zero), exact_test(classes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
