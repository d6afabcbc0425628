/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict base64. */
#include <stdlib.h>

#include "test/unit/aka_vectors.h"

#include "message/base64.h"

static int octets_of(const char *text)
{
	/* exactly as long as it is: nothing behind it is looked at */
	size_t length;
	char *copy = harness_copy(text, &length);
	int n = regmon_base64_read((str){copy, (int)length}, NULL, 0);

	free(copy);
	return n;
}

static void test_rfc_4648_vectors(void **state)
{
	static const struct
	{
		const char *octets, *text;
	} vectors[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
			{"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
			{"foobar", "Zm9vYmFy"}};
	uint8_t octets[8];
	unsigned i;

	for(i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		int length = (int)strlen(vectors[i].octets);

		assert_int_equal(octets_of(vectors[i].text), length);
		memset(octets, 0xee, sizeof(octets));
		assert_int_equal(
				regmon_base64_read(text_of(vectors[i].text), octets, 6),
				length);
		assert_memory_equal(octets, vectors[i].octets, length);
		assert_int_equal(octets[length], 0xee);
	}
}

/* every octet, in every place of a group */
static void test_reads_what_is_written(void **state)
{
	uint8_t octets[258], read[258];
	char text[400];
	int i, n;

	for(i = 0; i < 258; i++)
		octets[i] = (uint8_t)(i * 7 + i / 256);
	for(n = 0; n <= 258; n++) {
		write_base64(octets, n, text);
		memset(read, 0, sizeof(read));
		assert_int_equal(regmon_base64_read(text_of(text), read, n), n);
		assert_memory_equal(read, octets, n);
	}
}

static void test_takes_no_more_than_most(void **state)
{
	uint8_t octets[4];
	int most;

	for(most = 0; most < 4; most++) {
		memset(octets, 0xee, sizeof(octets));
		assert_int_equal(
				regmon_base64_read(text_of("Zm9vYmFy"), octets, most), 6);
		assert_memory_equal(octets, "foob", most);
		assert_int_equal(octets[most], 0xee);
	}
}

static void test_each_other_character_is_refused(void **state)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
							   "abcdefghijklmnopqrstuvwxyz0123456789+/";
	static const int lengths[] = {4, 8, 16, 20, 32, 44, 48};
	char text[48];
	int c, place, i;

	for(i = 0; i < 7; i++)
		for(place = 0; place < lengths[i] - 2; place++)
			for(c = 0; c < 256; c++) {
				memset(text, 'A', lengths[i]);
				text[place] = (char)c;
				assert_int_equal(
						regmon_base64_read((str){text, lengths[i]}, NULL, 0),
						c && strchr(good, c) ? lengths[i] / 4 * 3 : -1);
			}
}

static void test_padding_is_strict(void **state)
{
	static const char *const bad[] = {"=", "==", "====", "A===", "AA=A", "A=AA",
			"=AAA", "AA==AAAA", "AAA=AAAA",
			"AAAA=", "AAAA==", "AAAA====", "AAAAA", "AAAAAA", "AAAAAAA",
			"AAAA AAA", "AAAA\nAAA", "AA-_"};
	unsigned i;

	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if(octets_of(bad[i]) != -1)
			fail_msg("\"%s\" was taken for base64", bad[i]);
	/* bits behind the last octet are nobody's */
	assert_int_equal(octets_of("Zh=="), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_rfc_4648_vectors),
			harness_test(test_reads_what_is_written),
			harness_test(test_takes_no_more_than_most),
			harness_test(test_each_other_character_is_refused),
			harness_test(test_padding_is_strict)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
