/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The searches and comparisons of message/scan.h against the same written byte by
 * byte. Two programs include this: one with vectors, one without. */
#ifndef REGMON_TEST_MESSAGE_SCAN_H
#define REGMON_TEST_MESSAGE_SCAN_H

#include "message/scan.h"
#include "test/unit/message_exact.h"

#define ROUNDS 20000
#define LONGEST 100

static uint32_t random_state = 2463534242u;

static uint32_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

/* mostly characters that mean something or are next to those that do */
static int random_text(char *text, int longest)
{
	static const char some[] = "aAzZ@[`{09/:.-_;,=\"\\\r\n\t <>%kKsS";
	int i, n = next_random() % (longest + 1);

	for(i = 0; i < n; i++)
		text[i] = next_random() % 16 ? some[next_random() % (sizeof(some) - 1)]
									 : (char)next_random();
	return n;
}

static bool is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static unsigned char lower_of(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static bool same_nocase_by_byte(const char *left, const char *right, int n)
{
	while(n > 0 && lower_of(left[n - 1]) == lower_of(right[n - 1]))
		n--;
	return n == 0;
}

static int find_by_byte(const char *text, int from, int n, const char *wanted)
{
	while(from < n && !memchr(wanted, text[from], 3))
		from++;
	return from;
}

static int not_plain_by_byte(const char *text, int from, int n)
{
	while(from < n
			&& (is_letter(text[from]) || regmon_is_digit(text[from])
					|| text[from] == '-' || text[from] == '.'))
		from++;
	return from;
}

/* Each text is a block of its own length: a byte too many is seen. */
static void searches(void **state)
{
	char bytes[LONGEST], *text;
	int round, n, from, end, found;
	regmon_scan_t scan;

	(void)state;
	for(round = 0; round < ROUNDS; round++) {
		n = random_text(bytes, LONGEST);
		text = exact_bytes(bytes, n).s;
		from = next_random() % (n + 1);
		end = from + next_random() % (n - from + 1);
		assert_int_equal(
				regmon_scan_find(text, text + from, text + end, ';', ',', '=')
						- text,
				find_by_byte(text, from, end, ";,="));
		regmon_scan_start(&scan, (str){text, end}, text + n);
		found = regmon_scan_seek(&scan, text + from, ';', ',', '"') - text;
		assert_int_equal(found < end ? found : end,
				find_by_byte(text, from, end, ";,\""));
		assert_int_equal(
				regmon_scan_not_plain(text, text + from, text + end) - text,
				not_plain_by_byte(text, from, end));
		assert_int_equal(regmon_scan_line_feed(text, text + from,
								 end >= 32 ? text + end - 32 : NULL, text + end)
								 - text,
				find_by_byte(text, from, end, "\n\n\n"));
		exact_free(NULL);
	}
}

static void comparisons(void **state)
{
	char left[LONGEST], right[LONGEST];
	int round, n, i;

	(void)state;
	for(round = 0; round < ROUNDS; round++) {
		n = random_text(left, 40);
		/* the same but for case, bits of case, and at times one byte */
		for(i = 0; i < n; i++)
			right[i] = next_random() % 4 || !is_letter(left[i])
							   ? left[i]
							   : left[i] ^ 0x20;
		if(n > 0 && next_random() % 2)
			right[next_random() % n] ^= next_random() % 2 ? 0x20 : 0x80;
		assert_int_equal(regmon_same_nocase(left, right, n),
				same_nocase_by_byte(left, right, n));
		memset(left + n, 1, sizeof(left) - n);
		memset(right + n, 2, sizeof(right) - n);
		if(n >= 1 && n <= 32)
			assert_int_equal(regmon_same_start(left, right, n),
					memcmp(left, right, n) == 0);
		if(n >= 1)
			assert_int_equal(
					regmon_same(left, right, n), memcmp(left, right, n) == 0);
	}
}

static void every_pair_of_characters(void **state)
{
	char left[8] = "abcdefg", right[8] = "ABCDEFG", lowered[8];
	int a, b;

	(void)state;
	for(a = 0; a < 256; a++) {
		for(b = 0; b < 256; b++) {
			left[3] = (char)a;
			right[3] = (char)b;
			assert_int_equal(regmon_same_nocase(left, right, 8),
					lower_of(a) == lower_of(b));
		}
		memcpy(lowered, left, 8);
		regmon_lower_8(lowered);
		assert_int_equal((unsigned char)lowered[3], lower_of(a));
		assert_int_equal(
				regmon_is_plain((char)a), not_plain_by_byte(left, 3, 4) == 4);
	}
}

static void numbers(void **state)
{
	char bytes[LONGEST];
	int round, n, from, i;

	(void)state;
	for(round = 0; round < ROUNDS; round++) {
		n = next_random() % 30;
		for(i = 0; i < n; i++)
			bytes[i] = next_random() % 20 ? (char)('0' + next_random() % 10)
										  : (char)next_random();
		from = next_random() % (n + 1);
		assert_true(regmon_scan_number(bytes, (str){bytes + from, n - from})
					== regmon_text_number((str){bytes + from, n - from}));
	}
}

static void cleared(void **state)
{
	char bytes[LONGEST];

	(void)state;
	memset(bytes, 1, sizeof(bytes));
	regmon_clear(bytes + 1, 37);
	assert_int_equal(bytes[0], 1);
	assert_int_equal(bytes[38], 1);
	assert_null(memchr(bytes + 1, 1, 37));
}

static const struct CMUnitTest scan_tests[] = {exact_test(searches),
		exact_test(comparisons), exact_test(every_pair_of_characters),
		exact_test(numbers), exact_test(cleared)};

#endif
