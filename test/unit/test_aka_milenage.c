/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Milenage against the test sets 1 to 4 of TS 35.207/35.208. */
#include "test/unit/aka_vectors.h"

#include "aka/crypto.h"
#include "aka/milenage.h"

static void check_set(const milenage_set_t *set)
{
	uint8_t k[16], op[16], opc[16], rand[16], sqn[6], amf[2];
	uint8_t mac_a[8], mac_s[8];
	regmon_milenage_t values;

	from_hex(set->k, k);
	from_hex(set->op, op);
	from_hex(set->rand, rand);
	from_hex(set->sqn, sqn);
	from_hex(set->amf, amf);
	assert_true(regmon_milenage_opc(k, op, opc));
	assert_hex(opc, 16, set->opc);
	assert_true(regmon_milenage_f1(
			k, opc, rand, regmon_sqn_read(sqn), amf, mac_a, mac_s));
	assert_hex(mac_a, 8, set->mac_a);
	assert_hex(mac_s, 8, set->mac_s);
	assert_true(regmon_milenage_f2345(k, opc, rand, &values));
	assert_hex(values.res, 8, set->res);
	assert_hex(values.ck, 16, set->ck);
	assert_hex(values.ik, 16, set->ik);
	assert_hex(values.ak, 6, set->ak);
	assert_hex(values.ak_star, 6, set->ak_star);
}

static void test_set_1(void **state)
{
	check_set(&milenage_sets[0]);
}

static void test_set_2(void **state)
{
	check_set(&milenage_sets[1]);
}

static void test_set_3(void **state)
{
	check_set(&milenage_sets[2]);
}

static void test_set_4(void **state)
{
	check_set(&milenage_sets[3]);
}

/* keys of different phones after each other, and after the contexts were given back */
static void test_nothing_is_left_of_the_key_before(void **state)
{
	unsigned i;

	for(i = 0; i < 3 * MILENAGE_SETS_N; i++) {
		check_set(&milenage_sets[i % MILENAGE_SETS_N]);
		if(i == 5)
			regmon_crypto_close();
	}
	regmon_crypto_close();
	regmon_crypto_close();
}

static void test_sqn_has_48_bits(void **state)
{
	static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t mixed[6] = {1, 2, 3, 4, 5, 6};

	assert_true(regmon_sqn_read(all) == UINT64_C(0xffffffffffff));
	assert_true(regmon_sqn_read(mixed) == UINT64_C(0x010203040506));
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_set_1),
			harness_test(test_set_2), harness_test(test_set_3),
			harness_test(test_set_4),
			harness_test(test_nothing_is_left_of_the_key_before),
			harness_test(test_sqn_has_48_bits)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
