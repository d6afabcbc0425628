/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of an aka_keys file: what is right, and what each wrong line is told. */
#include <stdlib.h>

#include "test/unit/aka_vectors.h"

#include "aka/book.h"

#define K "465b5ce8b199b49faa5f0a2ee238a6bc"
#define OP "cdc202d5123e20f62b6d676ac72cb318"
#define OPC "cd63cb71954a9f4e48a5994e37a02baf"

static regmon_aka_reader_t reader;

/* in a block of its length: nothing behind it is looked at */
static int count_of(const char *text, int length)
{
	char *copy = malloc(length);
	int n;

	memcpy(copy, text, length);
	regmon_aka_reader_start(&reader, "/etc/keys", (str){copy, length});
	n = regmon_aka_book_count(&reader);
	free(copy);
	return n;
}

static int count(const char *text)
{
	return count_of(text, (int)strlen(text));
}

static void test_right_lines(void **state)
{
	static const char text[] =
			"# a lab\n"
			"\n"
			"  \t \n"
			"one@ims.example k=" K " op=" OP " amf=b9b9\n"
			"\ttwo@ims.example\tAMF=8000 OPc=" OPC
			"  K=465B5CE8B199B49FAA5F0A2EE238A6BC # a SIM\r\n"
			"   # the last one\n"
			"three@ims.example k=" K " opc=" OPC " amf=0000 #none";
	regmon_aka_line_t line;

	regmon_aka_reader_start(&reader, "/etc/keys", text_of(text));
	assert_int_equal(regmon_aka_reader_next(&reader, &line), 1);
	assert_text(line.impi, "one@ims.example");
	assert_int_equal(line.number, 4);
	assert_hex(line.key.k, 16, K);
	assert_hex(line.key.op, 16, OP);
	assert_hex(line.key.amf, 2, "b9b9");
	assert_false(line.key.op_is_opc);
	assert_int_equal(regmon_aka_reader_next(&reader, &line), 1);
	assert_text(line.impi, "two@ims.example");
	assert_int_equal(line.number, 5);
	assert_hex(line.key.k, 16, K);
	assert_hex(line.key.op, 16, OPC);
	assert_hex(line.key.amf, 2, "8000");
	assert_true(line.key.op_is_opc);
	assert_int_equal(regmon_aka_reader_next(&reader, &line), 1);
	assert_text(line.impi, "three@ims.example");
	assert_int_equal(line.number, 7);
	assert_int_equal(regmon_aka_reader_next(&reader, &line), 0);
	assert_int_equal(regmon_aka_reader_next(&reader, &line), 0);
	assert_int_equal(count(text), 3);
	assert_int_equal(count(""), 0);
	assert_int_equal(count("#"), 0);
}

/* all words of every wrong line, keys and what may be one, stay out of the complaint */
static void assert_silent(const char *text)
{
	char word[200];
	int n;

	for(; *text; text += n) {
		n = (int)strcspn(text, " \n=#@");
		if(n > 3) {
			snprintf(word, sizeof(word), "%.*s", n < 199 ? n : 199, text);
			if(strstr(reader.complaint, word))
				fail_msg("\"%s\" is in \"%s\"", word, reader.complaint);
		}
		n += text[n] != '\0';
	}
}

static void test_wrong_lines(void **state)
{
	static const struct
	{
		const char *line, *complaint;
	} rows[] = {
			{K " one@ims.example op=" OP " amf=8000",
					"a line begins with the IMPI, which is user@domain"},
			{"k=" K " op=" OP " amf=8000 one@ims.example",
					"a line begins with the IMPI, which is user@domain"},
			{"one@ k=" K " op=" OP " amf=8000",
					"a line begins with the IMPI, which is user@domain"},
			{"@ims.example k=" K " op=" OP " amf=8000",
					"a line begins with the IMPI, which is user@domain"},
			{"on\x01"
			 "e@ims k=" K " op=" OP " amf=8000",
					"the IMPI holds something else than printable ASCII"},
			{"\xef\xbb\xbfone@ims k=" K " op=" OP " amf=8000",
					"the IMPI holds something else than printable ASCII"},
			{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa@ims k=" K " op=" OP " amf=8000",
					"the IMPI is 98 bytes long, at most 96 are allowed"},
			{"one@ims.example", "k= is missing"},
			{"one@ims.example op=" OP " amf=8000", "k= is missing"},
			{"one@ims.example k=" K " amf=8000", "op= or opc= is missing"},
			{"one@ims.example k=" K " opc=" OPC, "amf= is missing"},
			{"one@ims.example k=" K " op=" OP " opc=" OPC " amf=8000",
					"op= and opc= are both given: leave one of them out"},
			{"one@ims.example k=" K " k=" K " op=" OP " amf=8000",
					"k= is given twice"},
			{"one@ims.example " K " op=" OP " amf=8000",
					"field 2 is none of k=, op=, opc= and amf="},
			{"one@ims.example k=" K " op=" OP " amf=8000 sqn=000000000001",
					"field 5 is none of k=, op=, opc= and amf="},
			{"one@ims.example k= " K " op=" OP " amf=8000",
					"k= wants 32 hexadecimal digits, there are 0 characters"},
			{"one@ims.example k=465b5ce8b199b49faa5f0a2ee238a6b op=" OP
			 " amf=8000",
					"k= wants 32 hexadecimal digits, there are 31 characters"},
			{"one@ims.example k=" K "0 op=" OP " amf=8000",
					"k= wants 32 hexadecimal digits, there are 33 characters"},
			{"one@ims.example k=" K " op=cdc202d5123e20f62b6d676ac72cb31g "
			 "amf=8000",
					"op= has a character that is no hexadecimal digit"},
			{"one@ims.example k=" K " opc=0x63cb71954a9f4e48a5994e37a02baf "
			 "amf=8000",
					"opc= has a character that is no hexadecimal digit"},
			{"one@ims.example k=" K " op=" OP " amf=80",
					"amf= wants 4 hexadecimal digits, there are 2 characters"},
			{"one@ims.example k=" K " op=" OP " amf=8000;",
					"amf= wants 4 hexadecimal digits, there are 5 characters"},
	};
	char text[1000], expected[300];
	unsigned i;

	for(i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text),
				"# first\nfine@ims k=" K " op=" OP
				" amf=b9b9\n%s\nnot@reached\n",
				rows[i].line);
		assert_int_equal(count(text), -1);
		snprintf(expected, sizeof(expected), "/etc/keys:3: %s",
				rows[i].complaint);
		assert_string_equal(reader.complaint, expected);
		assert_silent(rows[i].line);
	}
}

/* a zero byte is a character like any other, and the IMPI has none */
static void test_zero_bytes(void **state)
{
	static const char text[] = "one\0@ims k=" K " op=" OP " amf=8000";

	assert_int_equal(count_of(text, sizeof(text) - 1), -1);
	assert_string_equal(reader.complaint,
			"/etc/keys:1: the IMPI holds something else than printable ASCII");
}

static void no_guard(void *context)
{
	(void)context;
}

static int read_into(unsigned most, const char *text)
{
	const regmon_aka_guard_t guard = {no_guard, no_guard, NULL};
	void *block = calloc(1, regmon_aka_book_bytes(most));
	regmon_aka_book_t *book = regmon_aka_book_start(block, most, &guard);
	int result;

	regmon_aka_reader_start(&reader, "/etc/keys", text_of(text));
	result = regmon_aka_book_read(book, &reader);
	regmon_aka_book_wipe(book);
	free(block);
	return result;
}

#define REST " k=" K " op=" OP " amf=8000\n"

static void test_same_phone_twice(void **state)
{
	assert_int_equal(read_into(3, "a@ims" REST "b@ims" REST "c@ims" REST), 0);
	assert_int_equal(
			read_into(3, "a@ims" REST "b@ims" REST "\na@ims" REST), -1);
	assert_string_equal(reader.complaint,
			"/etc/keys:4: the same IMPI has keys in line 1 already");
}

static void test_book_full(void **state)
{
	assert_int_equal(read_into(2, "a@ims" REST "b@ims" REST), 0);
	assert_int_equal(read_into(2, "a@ims" REST "b@ims" REST "c@ims" REST), -1);
	assert_string_equal(
			reader.complaint, "/etc/keys:3: no room for more than 2 phones");
}

static void test_file_with_too_many(void **state)
{
	size_t line = strlen("000000@ims" REST), i;
	char *text = malloc((REGMON_AKA_MOST_PHONES + 1) * line + 1);

	for(i = 0; i <= REGMON_AKA_MOST_PHONES; i++)
		sprintf(text + i * line, "%06zu@ims" REST, i);
	assert_int_equal(count(text), -1);
	assert_string_equal(
			reader.complaint, "/etc/keys:10001: more than 10000 phones");
	text[REGMON_AKA_MOST_PHONES * line] = '\0';
	assert_int_equal(count(text), REGMON_AKA_MOST_PHONES);
	assert_int_equal(read_into(REGMON_AKA_MOST_PHONES, text), 0);
	free(text);
}

/* the name of the file may be long: the complaint keeps its end */
static void test_long_file_name(void **state)
{
	char name[1000];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	regmon_aka_reader_start(&reader, name, text_of("a@b"));
	assert_int_equal(regmon_aka_book_count(&reader), -1);
	assert_non_null(strstr(reader.complaint, ":1: k= is missing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_right_lines),
			harness_test(test_wrong_lines), harness_test(test_zero_bytes),
			harness_test(test_same_phone_twice), harness_test(test_book_full),
			harness_test(test_file_with_too_many),
			harness_test(test_long_file_name)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
