/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digests and passwords against the examples of RFC 2617 3.5 and RFC 7616 3.9.1, and against a worked example of AKA
 * with the Milenage test sets 1 and 2. */
#include "test/unit/aka_vectors.h"

#include "aka/digest.h"
#include "message/authorization.h"

#define DOMAIN "ims.mnc001.mcc001.3gppnetwork.org"
#define IMPI "001010123456789@" DOMAIN

typedef struct example
{
	const char *nonce, *ha1, *response, *response_qop, *hex, *password_md5,
			*response_v2_md5, *response_v2_md5_qop, *password_sha_256,
			*response_v2_sha_256;
	const char *auts_nonce_response; /* empty password */
} example_t;

static const example_t examples[] = {
		{.nonce = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=",
				.ha1 = "f60d80ec8e2d1a282660eb89c54379ab",
				.response = "486f3ee163ac4a424493c7ee626d3794",
				.response_qop = "cbefdcc54c81aa658d67da2fba29638c",
				.hex = "ec99484152b6f11530f4f653ab1c745a",
				.password_md5 = "shzt3q8CWaZnCAWqs3WmEQ==",
				.response_v2_md5 = "8975deb6a8bfc100292443870426e9f8",
				.response_v2_md5_qop = "8bcf53b701e7803582f4167efb760cd0",
				.password_sha_256 =
						"wpC+5dv/7kC35JEI2hluv8XcBd+vf8XcfedJBan1buk=",
				.response_v2_sha_256 = "f457fd597abcdba9c6062d09b312093b"
									   "6aa76dcddfc225c343f6c298d869caca",
				.auts_nonce_response = "180933893eb8c4519e87ae2c9d5a1955"},
		{.nonce = "wA1gMQPc7lLER4EZSUIC6Dn5bNmAD68XXfWzGAfiWLA=",
				.ha1 = "0ca0914f9cc8c11fdd2725e1ce7e81b2",
				.response = "06bc9f95207775a64bc043648c49664d",
				.response_qop = "7c2a9f4df36582d6dd3faae927377092",
				.hex = "9166331e742fea1513393af5b69a3478",
				.password_md5 = "SPm4KbygyM5ajfwCry1oYA==",
				.response_v2_md5 = "1fee5d6467a88e6a5b7b5f5140f0d631",
				.response_v2_md5_qop = "43409f5c48ec91263434e0f6b14366e0",
				.password_sha_256 =
						"glupm0GfvJkAmj5nc1Vi0Zi5iQkdxAaMrsEE0oniIF8=",
				.response_v2_sha_256 = "2f273b50fca5b36f543f07a3ab9e7ef8"
									   "6cbd0049f207612f67848c5abf31dd55",
				.auts_nonce_response = "19e151e6b089cf95bd742fab72941c39"}};

static char text[1000];

static void read_credentials(
		const char *nonce, const char *more, regmon_digest_t *ret_credentials)
{
	snprintf(text, sizeof(text),
			"Digest username=\"" IMPI "\",realm=\"" DOMAIN
			"\",uri=\"sip:" DOMAIN "\",nonce=\"%s\"%s",
			nonce, more);
	regmon_digest_read(text_of(text), ret_credentials);
}

#define QOP ",qop=auth,nc=00000001,cnonce=\"0a4f113b\""
#define METHOD REGMON_TEXT("REGISTER")
#define NO_BODY \
	(str)       \
	{           \
		NULL, 0 \
	}

static void values_of(const milenage_set_t *set, regmon_milenage_t *ret_values)
{
	uint8_t k[16], opc[16], rand[16];

	from_hex(set->k, k);
	from_hex(set->opc, opc);
	from_hex(set->rand, rand);
	assert_true(regmon_milenage_f2345(k, opc, rand, ret_values));
}

static void assert_response(const example_t *example, const char *more,
		regmon_digest_algorithm_t algorithm, str password, const char *expected)
{
	regmon_digest_t credentials;
	char response[REGMON_HASH_MOST_TEXT];
	int length;

	read_credentials(example->nonce, more, &credentials);
	length = regmon_digest_response(regmon_digest_hash(algorithm), &credentials,
			METHOD, NO_BODY, password, response);
	assert_text((str){response, length}, expected);
}

static void test_version_1(void **state)
{
	char buffer[REGMON_PASSWORD_BYTES], hash[REGMON_HASH_MOST_TEXT];
	regmon_digest_t credentials;
	regmon_milenage_t values;
	unsigned i;
	str password;

	for(i = 0; i < 2; i++) {
		values_of(&milenage_sets[i], &values);
		password = regmon_aka_password(
				REGMON_ALGORITHM_AKAV1_MD5, &values, buffer);
		assert_hex((uint8_t *)password.s, password.len, milenage_sets[i].res);
		read_credentials(examples[i].nonce, "", &credentials);
		assert_text((str){hash, regmon_digest_ha1(REGMON_HASH_MD5, &credentials,
										password, hash)},
				examples[i].ha1);
		assert_text((str){hash, regmon_digest_ha2(REGMON_HASH_MD5, &credentials,
										METHOD, NO_BODY, hash)},
				"df94ff42c4e05afeddd46c372e8208b4");
		assert_response(&examples[i], "", REGMON_ALGORITHM_AKAV1_MD5, password,
				examples[i].response);
		assert_response(&examples[i], QOP, REGMON_ALGORITHM_AKAV1_MD5, password,
				examples[i].response_qop);
	}
}

static void test_hex_mistake(void **state)
{
	char buffer[REGMON_PASSWORD_BYTES];
	regmon_milenage_t values;
	unsigned i;

	for(i = 0; i < 2; i++) {
		values_of(&milenage_sets[i], &values);
		assert_text(regmon_aka_hex_password(&values, false, buffer),
				milenage_sets[i].res);
		assert_response(&examples[i], "", REGMON_ALGORITHM_AKAV1_MD5,
				regmon_aka_hex_password(&values, false, buffer),
				examples[i].hex);
	}
	assert_text(
			regmon_aka_hex_password(&values, true, buffer), "D3A628ED988620F0");
}

static void test_version_2(void **state)
{
	char buffer[REGMON_PASSWORD_BYTES];
	regmon_milenage_t values;
	unsigned i;
	str password;

	for(i = 0; i < 2; i++) {
		values_of(&milenage_sets[i], &values);
		password = regmon_aka_password(
				REGMON_ALGORITHM_AKAV2_MD5, &values, buffer);
		assert_text(password, examples[i].password_md5);
		assert_response(&examples[i], "", REGMON_ALGORITHM_AKAV2_MD5, password,
				examples[i].response_v2_md5);
		assert_response(&examples[i], QOP, REGMON_ALGORITHM_AKAV2_MD5, password,
				examples[i].response_v2_md5_qop);
		password = regmon_aka_password(
				REGMON_ALGORITHM_AKAV2_SHA_256, &values, buffer);
		assert_text(password, examples[i].password_sha_256);
		assert_response(&examples[i], "", REGMON_ALGORITHM_AKAV2_SHA_256,
				password, examples[i].response_v2_sha_256);
	}
}

static void test_empty_password(void **state)
{
	unsigned i;

	for(i = 0; i < 2; i++)
		assert_response(&examples[i], "", REGMON_ALGORITHM_AKAV1_MD5,
				(str){NULL, 0}, examples[i].auts_nonce_response);
}

/* RFC 2617 3.5 */
static void test_rfc_2617(void **state)
{
	char response[REGMON_HASH_MOST_TEXT];
	regmon_digest_t credentials;

	regmon_digest_read(
			text_of("Digest username=\"Mufasa\", "
					"realm=\"testrealm@host.com\", "
					"nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
					"uri=\"/dir/index.html\", qop=auth, nc=00000001, "
					"cnonce=\"0a4f113b\""),
			&credentials);
	assert_text(
			(str){response, regmon_digest_response(REGMON_HASH_MD5,
									&credentials, REGMON_TEXT("GET"), NO_BODY,
									REGMON_TEXT("Circle Of Life"), response)},
			"6629fae49393a05397450978507c4ef1");
}

/* RFC 7616 3.9.1: the same request with both hashes */
static void test_rfc_7616(void **state)
{
	char response[REGMON_HASH_MOST_TEXT];
	regmon_digest_t credentials;

	regmon_digest_read(
			text_of("Digest username=\"Mufasa\", "
					"realm=\"http-auth@example.org\", "
					"uri=\"/dir/index.html\", "
					"nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
					"nc=00000001, "
					"cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", "
					"qop=auth"),
			&credentials);
	assert_text(
			(str){response, regmon_digest_response(REGMON_HASH_MD5,
									&credentials, REGMON_TEXT("GET"), NO_BODY,
									REGMON_TEXT("Circle of Life"), response)},
			"8ca523f5e9506fed4657c9700eebdbec");
	assert_text(
			(str){response, regmon_digest_response(REGMON_HASH_SHA_256,
									&credentials, REGMON_TEXT("GET"), NO_BODY,
									REGMON_TEXT("Circle of Life"), response)},
			"753927fa0e85d155564e2e272a28d1802ca10daf449"
			"6794697cf8db5856cb6c1");
}

/* Values computed with Python's hashlib: auth-int has the body in HA2, rspauth no method. */
static void test_auth_int_and_rspauth(void **state)
{
	char hash[REGMON_HASH_MOST_TEXT];
	regmon_digest_t credentials;

	read_credentials(examples[0].nonce,
			",qop=auth-int,nc=00000001,cnonce=\"0a4f113b\"", &credentials);
	assert_text((str){hash, regmon_digest_ha2(REGMON_HASH_MD5, &credentials,
									METHOD, REGMON_TEXT("body"), hash)},
			"32920e2834951cd91afd4d9234fbf507");
	assert_text((str){hash, regmon_digest_response(REGMON_HASH_MD5,
									&credentials, METHOD, REGMON_TEXT("body"),
									REGMON_TEXT("secret"), hash)},
			"04b67f0bfa7fea71482cd1d7ca6ee621");
	read_credentials(examples[0].nonce, QOP, &credentials);
	assert_text((str){hash, regmon_digest_response(REGMON_HASH_MD5,
									&credentials, (str){NULL, 0}, NO_BODY,
									REGMON_TEXT("secret"), hash)},
			"4375c3929594374aa28f6c5aa0924055");
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_version_1),
			harness_test(test_hex_mistake), harness_test(test_version_2),
			harness_test(test_empty_password), harness_test(test_rfc_2617),
			harness_test(test_rfc_7616),
			harness_test(test_auth_int_and_rspauth)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
