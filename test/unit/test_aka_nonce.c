/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nonce and auts taken apart. */
#include "test/unit/aka_vectors.h"

#include "aka/nonce.h"

/* of the test sets 1 and 2 */
#define NONCE_1 "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="
#define NONCE_2 "wA1gMQPc7lLER4EZSUIC6Dn5bNmAD68XXfWzGAfiWLA="

static regmon_nonce_kind_t kind_of(const char *nonce)
{
	regmon_nonce_kind_t kind;
	regmon_vector_t vector;
	int server_octets;

	kind = regmon_nonce_kind(text_of(nonce), &server_octets);
	assert_int_equal(kind == REGMON_NONCE_VECTOR,
			regmon_nonce_read(text_of(nonce), &vector));
	if(kind != REGMON_NONCE_VECTOR)
		assert_int_equal(server_octets, 0);
	return kind;
}

static void check_nonce(
		const char *nonce, const milenage_set_t *set, const char *autn)
{
	regmon_vector_t vector;

	assert_int_equal(kind_of(nonce), REGMON_NONCE_VECTOR);
	assert_true(regmon_nonce_read(text_of(nonce), &vector));
	assert_hex(vector.rand, 16, set->rand);
	/* its three parts stand in a row */
	assert_hex(vector.hidden_sqn, 16, autn);
	assert_hex(vector.amf, 2, set->amf);
	assert_hex(vector.mac_a, 8, set->mac_a);
}

static void test_vectors(void **state)
{
	check_nonce(NONCE_1, &milenage_sets[0], "55f328b43577b9b94a9ffac354dfafb3");
	check_nonce(NONCE_2, &milenage_sets[1], "39f96cd9800faf175df5b31807e258b0");
}

static void test_server_octets_behind_the_vector(void **state)
{
	uint8_t octets[100] = {0};
	char text[200];
	int n, server_octets;

	for(n = 0; n <= 68; n++) {
		write_base64(octets, 32 + n, text);
		assert_int_equal(kind_of(text), REGMON_NONCE_VECTOR);
		regmon_nonce_kind(text_of(text), &server_octets);
		assert_int_equal(server_octets, n);
	}
	for(n = 1; n < 32; n++) {
		write_base64(octets, n, text);
		assert_int_equal(kind_of(text), REGMON_NONCE_TOO_SHORT);
	}
}

/* each bit of RAND but the last two changes its characters, none behind it does */
static void test_characters_of_rand(void **state)
{
	char text[60], changed[60];
	uint8_t octets[32] = {0};
	str rand;
	int bit;

	write_base64(octets, 32, text);
	rand = regmon_nonce_rand_text(text_of(text));
	for(bit = 0; bit < 256; bit++) {
		octets[bit / 8] ^= 0x80 >> bit % 8;
		write_base64(octets, 32, changed);
		octets[bit / 8] ^= 0x80 >> bit % 8;
		assert_int_equal(
				regmon_text_is(rand, regmon_nonce_rand_text(text_of(changed))),
				bit >= 126);
	}
}

static void test_no_vectors(void **state)
{
	assert_int_equal(kind_of(""), REGMON_NONCE_ABSENT);
	assert_int_equal(kind_of("YWJj"), REGMON_NONCE_TOO_SHORT);
	/* of a digest module: time and hash in hexadecimal */
	assert_int_equal(kind_of("6553f10000000aafdd7a3cbdb1e56a3ca0b8b0e12c7"),
			REGMON_NONCE_NOT_BASE64);
	assert_string_equal(
			regmon_nonce_kind_name(REGMON_NONCE_NOT_BASE64), "not-base64");
	assert_string_equal(regmon_nonce_kind_name(99), "?");
}

/* The sample values of RFC 3310 are no base64: a nonce of 46 characters (this one), one of 49 (a row of that length),
 * both with a '=' too many; and auts that stand for 15 and 11 octets instead of 14 (rows of that length). */
static void test_samples_of_rfc_3310(void **state)
{
	regmon_auts_t auts;

	assert_int_equal(kind_of("CjPk9mRqNuT25eRkajM09uTl9nM09uTl9nMz5OX25PZz=="),
			REGMON_NONCE_NOT_BASE64);
	assert_int_equal(
			kind_of("CjPk9mRqNuT25eRkajM09uTl9nM09uTl9nMz5OX25PZzKjP=="),
			REGMON_NONCE_NOT_BASE64);
	assert_int_equal(
			regmon_auts_read(text_of("CjPk9mRqNuT25eRkajM0"), &auts), 15);
	assert_int_equal(regmon_auts_read(text_of("CjPk9mRqNuT25eQ="), &auts), 11);
}

static void test_auts(void **state)
{
	regmon_auts_t auts;

	/* test set 1: SQN_MS = SQN, MAC-S with AMF 0000 */
	assert_int_equal(
			regmon_auts_read(text_of("uoU/PBI8z0TpNZbjVcY="), &auts), 14);
	assert_hex(auts.hidden_sqn, 6, "ba853f3c123c");
	assert_hex(auts.mac_s, 8, "cf44e93596e355c6");
	assert_int_equal(
			regmon_auts_read(text_of("uoU/PBI8z0TpNZbjVcY"), &auts), -1);
	/* hexadecimal digits taken for base64: 28 characters, 21 octets */
	assert_int_equal(
			regmon_auts_read(text_of("ba853f3c123ccf44e93596e355c6"), &auts),
			21);
	/* and base64 of those digits */
	assert_int_equal(regmon_auts_read(text_of("YmE4NTNmM2MxMjNjY2Y0NGU5MzU5NmUz"
											  "NTVjNg=="),
							 &auts),
			28);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_vectors),
			harness_test(test_server_octets_behind_the_vector),
			harness_test(test_characters_of_rand),
			harness_test(test_no_vectors),
			harness_test(test_samples_of_rfc_3310), harness_test(test_auts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
