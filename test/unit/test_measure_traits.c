/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys and texts of what phones share: the same value gives the same key, another one another. */
#include "measure_record.h"

#include "measure/traits.h"
#include "rules/rule.h"

static regmon_registration_t record;
static regmon_secret_t secret;

static uint64_t key(regmon_trait_t trait)
{
	uint64_t keys[REGMON_TRAITS_N];

	regmon_trait_keys(&record, &secret, trait, trait, keys);
	return keys[trait];
}

static void assert_text(regmon_trait_t trait, const char *expected)
{
	char text[REGMON_TRAIT_TEXT];
	int length = regmon_trait_text(&record, trait, text);

	if(length != (int)strlen(expected) || memcmp(text, expected, length) != 0)
		fail_msg("%s: \"%.*s\" instead of \"%s\"", regmon_trait_name(trait),
				length, text, expected);
}

static int setup(void **state)
{
	secret = regmon_secret_of(random_bytes);
	record_traits(&record, "00101", "000001", "00000AB01",
			"Pixel 9 Pro IMS/2.1", "35609911");
	record.offered_algs =
			1u << REGMON_WORD_HMAC_SHA_1_96 | 1u << REGMON_WORD_HMAC_MD5_96;
	record.offered_ealgs = 1u << REGMON_WORD_NULL;
	record.attempt.code = 403;
	return 0;
}

static void texts(void **state)
{
	assert_text(REGMON_TRAIT_PLMN, "00101");
	assert_text(REGMON_TRAIT_TAC, "00101-000001");
	assert_text(REGMON_TRAIT_CELL, "00101-00000AB01");
	assert_text(REGMON_TRAIT_DEVICE, "Pixel 9 Pro IMS/2.1");
	assert_text(REGMON_TRAIT_IMEI_TAC, "35609911");
	assert_text(REGMON_TRAIT_PORT, "5060");
	assert_text(REGMON_TRAIT_ACCESS, "NR");
	assert_text(REGMON_TRAIT_CODE, "403");
	assert_text(REGMON_TRAIT_ALGORITHM, "hmac-md5-96+hmac-sha-1-96/null");
}

/* every word of TS 33.203 in one offer is cut, not written beyond the end */
static void long_texts_are_cut(void **state)
{
	char text[REGMON_TRAIT_TEXT + 1], device[100];

	record.offered_algs = record.offered_ealgs = UINT16_MAX;
	text[REGMON_TRAIT_TEXT] = '!';
	assert_int_equal(regmon_trait_text(&record, REGMON_TRAIT_ALGORITHM, text),
			REGMON_TRAIT_TEXT);
	assert_int_equal(text[REGMON_TRAIT_TEXT], '!');
	memset(device, 'x', sizeof(device));
	device[99] = '\0';
	set_text(&record, REGMON_STRING_DEVICE, device);
	assert_in_range(regmon_trait_text(&record, REGMON_TRAIT_DEVICE, text), 1,
			REGMON_TRAIT_TEXT);
	assert_int_equal(text[REGMON_TRAIT_TEXT], '!');
}

static void nothing_told_is_no_value(void **state)
{
	unsigned trait;

	record_traits(&record, NULL, NULL, NULL, NULL, NULL);
	record.received_port = 0;
	for(trait = 0; trait < REGMON_TRAITS_N; trait++)
		assert_true(key((regmon_trait_t)trait) == 0);
}

/* a TAC is one of its PLMN; the same digits as TAC, cell and PLMN are three values */
static void values_are_told_apart(void **state)
{
	uint64_t first, other;

	first = key(REGMON_TRAIT_TAC);
	set_text(&record, REGMON_STRING_PLMN, "00102");
	assert_true(key(REGMON_TRAIT_TAC) != first);
	set_text(&record, REGMON_STRING_PLMN, "00101");
	assert_true(key(REGMON_TRAIT_TAC) == first);
	set_text(&record, REGMON_STRING_TAC, "00101");
	set_text(&record, REGMON_STRING_CELL, "00101");
	assert_true(key(REGMON_TRAIT_TAC) != key(REGMON_TRAIT_CELL));
	assert_true(key(REGMON_TRAIT_TAC) != key(REGMON_TRAIT_PLMN));
	/* where a boundary lies matters */
	set_text(&record, REGMON_STRING_PLMN, "001011");
	set_text(&record, REGMON_STRING_CELL, "0000001");
	first = key(REGMON_TRAIT_CELL);
	set_text(&record, REGMON_STRING_PLMN, "00101");
	set_text(&record, REGMON_STRING_CELL, "10000001");
	other = key(REGMON_TRAIT_CELL);
	assert_true(first != other);
	/* a longer one with another last character */
	set_text(&record, REGMON_STRING_TAC, "0000");
	first = key(REGMON_TRAIT_TAC);
	set_text(&record, REGMON_STRING_TAC, "000002");
	assert_true(key(REGMON_TRAIT_TAC) != first);
	/* an access without PLMN: the MAC address of a WLAN */
	set_text(&record, REGMON_STRING_PLMN, NULL);
	set_text(&record, REGMON_STRING_CELL, "A4B1C1D1E1F1");
	assert_true(key(REGMON_TRAIT_CELL) != 0);
	assert_text(REGMON_TRAIT_CELL, "A4B1C1D1E1F1");
}

static void texts_of_any_length(void **state)
{
	char text[65] = "";
	uint64_t keys[65];
	int length, i;

	for(length = 1; length <= 64; length++) {
		text[length - 1] = 'a';
		text[length] = '\0';
		set_text(&record, REGMON_STRING_DEVICE, text);
		keys[length] = key(REGMON_TRAIT_DEVICE);
		for(i = 1; i < length; i++)
			assert_true(keys[i] != keys[length]);
		/* each single character counts */
		for(i = 0; i < length; i++) {
			text[i] = 'b';
			set_text(&record, REGMON_STRING_DEVICE, text);
			assert_true(key(REGMON_TRAIT_DEVICE) != keys[length]);
			text[i] = 'a';
		}
	}
}

static void imei_in_its_forms(void **state)
{
	static const struct
	{
		const char *instance;
		bool told;
	} forms[] = {{"urn:gsma:imei:35609911-000001-0", true},
			{"URN:GSMA:IMEI:35609911-000001-0", true},
			{"urn:gsma:imei:356099110000010", true},
			{"urn:gsma:imei:35609911", true}, {"urn:gsma:imei:3560991", false},
			{"urn:gsma:imei:3560991x-000001-0", false},
			{"urn:gsma:imei:3560991:-000001-0", false},
			{"urn:gsma:imei:356-09911-00001-0", false},
			{"urn:gsma:meid:35609911-000001-0", false},
			{"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", false},
			{"3560991100000", false}, {"", false}};
	uint64_t first = key(REGMON_TRAIT_IMEI_TAC);
	unsigned i;

	for(i = 0; i < REGMON_COUNT(forms); i++) {
		set_text(&record, REGMON_STRING_INSTANCE, forms[i].instance);
		if(key(REGMON_TRAIT_IMEI_TAC) != (forms[i].told ? first : 0))
			fail_msg("%s", forms[i].instance);
		assert_text(REGMON_TRAIT_IMEI_TAC, forms[i].told ? "35609911" : "");
	}
	set_text(&record, REGMON_STRING_INSTANCE, "urn:gsma:imei:35609912-000001");
	assert_true(key(REGMON_TRAIT_IMEI_TAC) != first);
}

static void another_secret_other_keys(void **state)
{
	uint64_t first = key(REGMON_TRAIT_DEVICE);

	secret = regmon_secret_of((const uint8_t *)"fedcba9876543210");
	assert_true(key(REGMON_TRAIT_DEVICE) != first);
}

static void names(void **state)
{
	unsigned i, k;

	for(i = 0; i < REGMON_TRAITS_N; i++)
		for(k = 0; k < i; k++) {
			assert_string_not_equal(regmon_trait_name(i), regmon_trait_name(k));
			assert_string_not_equal(
					regmon_trait_title(i), regmon_trait_title(k));
		}
	assert_string_equal(regmon_trait_name(REGMON_TRAITS_N), "?");
	assert_string_equal(regmon_trait_title(REGMON_TRAITS_N), "?");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {TEST(texts), TEST(long_texts_are_cut),
			TEST(nothing_told_is_no_value), TEST(values_are_told_apart),
			TEST(texts_of_any_length), TEST(imei_in_its_forms),
			TEST(another_secret_other_keys), TEST(names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
