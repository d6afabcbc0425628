/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Milenage test sets 1 to 4 of TS 35.207 and TS 35.208, and texts that become octets. For the test_aka_* programs. */
#ifndef REGMON_TEST_AKA_VECTORS_H
#define REGMON_TEST_AKA_VECTORS_H

#include <stdio.h>
#include <string.h>

#include "test/unit/harness.h"

#include "message/text.h"

typedef struct milenage_set
{
	const char *k, *rand, *sqn, *amf, *op, *opc;
	const char *mac_a, *mac_s, *res, *ck, *ik, *ak, *ak_star;
} milenage_set_t;

static const milenage_set_t milenage_sets[] = {
		{.k = "465b5ce8b199b49faa5f0a2ee238a6bc",
				.rand = "23553cbe9637a89d218ae64dae47bf35",
				.sqn = "ff9bb4d0b607",
				.amf = "b9b9",
				.op = "cdc202d5123e20f62b6d676ac72cb318",
				.opc = "cd63cb71954a9f4e48a5994e37a02baf",
				.mac_a = "4a9ffac354dfafb3",
				.mac_s = "01cfaf9ec4e871e9",
				.res = "a54211d5e3ba50bf",
				.ck = "b40ba9a3c58b2a05bbf0d987b21bf8cb",
				.ik = "f769bcd751044604127672711c6d3441",
				.ak = "aa689c648370",
				.ak_star = "451e8beca43b"},
		{.k = "0396eb317b6d1c36f19c1c84cd6ffd16",
				.rand = "c00d603103dcee52c4478119494202e8",
				.sqn = "fd8eef40df7d",
				.amf = "af17",
				.op = "ff53bade17df5d4e793073ce9d7579fa",
				.opc = "53c15671c60a4b731c55b4a441c0bde2",
				.mac_a = "5df5b31807e258b0",
				.mac_s = "a8c016e51ef4a343",
				.res = "d3a628ed988620f0",
				.ck = "58c433ff7a7082acd424220f2b67c556",
				.ik = "21a8c1f929702adb3e738488b9f5c5da",
				.ak = "c47783995f72",
				.ak_star = "30f1197061c1"},
		{.k = "fec86ba6eb707ed08905757b1bb44b8f",
				.rand = "9f7c8d021accf4db213ccff0c7f71a6a",
				.sqn = "9d0277595ffc",
				.amf = "725c",
				.op = "dbc59adcb6f9a0ef735477b7fadf8374",
				.opc = "1006020f0a478bf6b699f15c062e42b3",
				.mac_a = "9cabc3e99baf7281",
				.mac_s = "95814ba2b3044324",
				.res = "8011c48c0c214ed2",
				.ck = "5dbdbb2954e8f3cde665b046179a5098",
				.ik = "59a92d3b476a0443487055cf88b2307b",
				.ak = "33484dc2136b",
				.ak_star = "deacdd848cc6"},
		{.k = "9e5944aea94b81165c82fbf9f32db751",
				.rand = "ce83dbc54ac0274a157c17f80d017bd6",
				.sqn = "0b604a81eca8",
				.amf = "9e09",
				.op = "223014c5806694c007ca1eeef57f004f",
				.opc = "a64a507ae1a2a98bb88eb4210135dc87",
				.mac_a = "74a58220cba84c49",
				.mac_s = "ac2cc74a96871837",
				.res = "f365cd683cd92e96",
				.ck = "e203edb3971574f5a94b0d61b816345d",
				.ik = "0c4524adeac041c4dd830d20854fc46b",
				.ak = "f0b9c08ad02e",
				.ak_star = "6085a86c6f63"},
};
#define MILENAGE_SETS_N (sizeof(milenage_sets) / sizeof(milenage_sets[0]))

static inline int from_hex(const char *text, uint8_t *ret_octets)
{
	unsigned value;
	int n = 0;

	for(; text[2 * n]; n++) {
		assert_int_equal(sscanf(text + 2 * n, "%2x", &value), 1);
		ret_octets[n] = (uint8_t)value;
	}
	return n;
}

static inline void assert_hex(
		const uint8_t *octets, int n, const char *expected)
{
	char text[2 * 64 + 1] = "";
	int i;

	for(i = 0; i < n; i++)
		sprintf(text + 2 * i, "%02x", octets[i]);
	assert_string_equal(text, expected);
}

static inline str text_of(const char *text)
{
	return (str){(char *)text, (int)strlen(text)};
}

static inline void assert_text(str text, const char *expected)
{
	if(text.len != (int)strlen(expected)
			|| memcmp(text.s, expected, text.len) != 0)
		fail_msg("\"%.*s\" instead of \"%s\"", text.len, text.s, expected);
}

/* the nonce that the set gives: base64 of RAND, SQN xor AK, AMF, MAC-A */
static inline void write_base64(
		const uint8_t *octets, int n, char *ret_text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
								 "abcdefghijklmnopqrstuvwxyz0123456789+/";
	int i;

	for(i = 0; i < n; i += 3) {
		uint32_t group = (uint32_t)octets[i] << 16
						 | (i + 1 < n ? octets[i + 1] << 8 : 0)
						 | (i + 2 < n ? octets[i + 2] : 0);

		*ret_text++ = digits[group >> 18];
		*ret_text++ = digits[group >> 12 & 63];
		*ret_text++ = i + 1 < n ? digits[group >> 6 & 63] : '=';
		*ret_text++ = i + 2 < n ? digits[group & 63] : '=';
	}
	*ret_text = '\0';
}

#endif
