/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each verdict of lab keys, with the numbers of the Milenage test sets 1 and 2 and of the worked example. */
#include "test/unit/aka_vectors.h"

#include "aka/digest.h"
#include "aka/verdict.h"

#define DOMAIN "ims.mnc001.mcc001.3gppnetwork.org"
#define IMPI "001010123456789@" DOMAIN
#define NONCE_1 "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="
#define NONCE_2 "wA1gMQPc7lLER4EZSUIC6Dn5bNmAD68XXfWzGAfiWLA="
#define SQN_1 UINT64_C(0xff9bb4d0b607)
#define SQN_2 UINT64_C(0xfd8eef40df7d)

static regmon_aka_key_t key;
static regmon_aka_verdict_t verdict;
static regmon_rspauth_t rspauth;
static regmon_message_t message;
static char text[2000];

static void use_keys(unsigned set, bool as_opc)
{
	from_hex(milenage_sets[set].k, key.k);
	from_hex(as_opc ? milenage_sets[set].opc : milenage_sets[set].op, key.op);
	from_hex(milenage_sets[set].amf, key.amf);
	key.op_is_opc = as_opc;
}

static void assert_verdict(regmon_aka_verdict_kind_t kind)
{
	assert_string_equal(regmon_aka_verdict_name(verdict.kind),
			regmon_aka_verdict_name(kind));
}

/* ---- the challenge ---- */

static void judge_challenge(const char *parameters)
{
	regmon_digest_t challenge;

	snprintf(text, sizeof(text), "Digest realm=\"" DOMAIN "\",%s", parameters);
	regmon_digest_read(text_of(text), &challenge);
	memset(&verdict, 0xee, sizeof(verdict));
	assert_true(regmon_aka_judge_challenge(&key, &challenge, &verdict));
}

static void test_challenge_right(void **state)
{
	int as_opc;

	for(as_opc = 0; as_opc < 2; as_opc++) {
		use_keys(0, as_opc);
		judge_challenge("algorithm=AKAv1-MD5,nonce=\"" NONCE_1 "\"");
		assert_verdict(REGMON_AKA_CHALLENGE_RIGHT);
		assert_true(verdict.sqn_he_known);
		assert_true(verdict.sqn_he == SQN_1);
		assert_false(verdict.amf_differs);
		assert_false(verdict.sqn_ms_known);
		use_keys(1, as_opc);
		judge_challenge("algorithm=AKAv2-SHA-256,nonce=\"" NONCE_2 "\"");
		assert_verdict(REGMON_AKA_CHALLENGE_RIGHT);
		assert_true(verdict.sqn_he == SQN_2);
	}
	/* AMF of the file is only compared: AUTN proves itself by its own */
	key.amf[1] ^= 1;
	judge_challenge("algorithm=AKAv1-MD5,nonce=\"" NONCE_2 "\"");
	assert_verdict(REGMON_AKA_CHALLENGE_RIGHT);
	assert_true(verdict.amf_differs);
}

static void assert_mismatch(const char *parameters)
{
	judge_challenge(parameters);
	assert_verdict(REGMON_AKA_KEY_MISMATCH);
	assert_false(verdict.sqn_he_known);
	assert_false(verdict.amf_differs);
}

static void test_key_mismatch(void **state)
{
	use_keys(0, true);
	assert_mismatch("algorithm=AKAv1-MD5,nonce=\"" NONCE_2 "\"");
	key.k[15] ^= 1;
	assert_mismatch("algorithm=AKAv1-MD5,nonce=\"" NONCE_1 "\"");
	use_keys(0, true);
	key.op[0] ^= 0x80;
	assert_mismatch("algorithm=AKAv1-MD5,nonce=\"" NONCE_1 "\"");
	/* OPc in the place of OP, the usual mistake */
	use_keys(0, true);
	key.op_is_opc = false;
	assert_mismatch("algorithm=AKAv1-MD5,nonce=\"" NONCE_1 "\"");
	/* one bit of MAC, of SQN, of RAND */
	use_keys(0, false);
	assert_mismatch("algorithm=AKAv1-MD5,nonce=\""
					"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7I=\"");
	assert_mismatch("algorithm=AKAv1-MD5,nonce=\""
					"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1drm5Sp/6w1Tfr7M=\"");
	assert_mismatch("algorithm=AKAv1-MD5,nonce=\""
					"I1U8vpY3qJ0hiuZNrke/NFXzKLQ1d7m5Sp/6w1Tfr7M=\"");
}

static void test_challenges_without_a_verdict(void **state)
{
	use_keys(0, false);
	judge_challenge("algorithm=MD5,nonce=\"" NONCE_1 "\"");
	assert_verdict(REGMON_AKA_NONE);
	judge_challenge("nonce=\"" NONCE_1 "\"");
	assert_verdict(REGMON_AKA_NONE);
	judge_challenge("algorithm=AKAv1-MD5,nonce=\"bm9uY2U=\"");
	assert_verdict(REGMON_AKA_NONE);
	judge_challenge("algorithm=AKAv1-MD5");
	assert_verdict(REGMON_AKA_NONE);
}

/* ---- the answer ---- */

static regmon_digest_algorithm_t challenged;
static const char *body = "";

static void judge(const char *parameters)
{
	regmon_aka_answer_t answer = {
			.message = &message, .challenged = challenged};
	regmon_class_t class;

	snprintf(text, sizeof(text),
			"REGISTER sip:" DOMAIN " SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n"
			"Authorization: Digest username=\"" IMPI "\",realm=\"" DOMAIN
			"\",uri=\"sip:" DOMAIN "\",%s\r\n\r\n%s",
			parameters, body);
	assert_true(regmon_message_read(text, (int)strlen(text), &message));
	regmon_classify(&message, NULL, REGMON_ROLE_AUTO, &class);
	answer.credentials = class.credentials;
	memset(&verdict, 0xee, sizeof(verdict));
	memset(&rspauth, 0xee, sizeof(rspauth));
	assert_true(regmon_aka_judge_answer(&key, &answer, &verdict, &rspauth));
}

#define V1 "algorithm=AKAv1-MD5,nonce=\"" NONCE_1 "\","

static void test_response_right(void **state)
{
	use_keys(0, false);
	challenged = REGMON_ALGORITHM_AKAV1_MD5;
	judge(V1 "response=\"486f3ee163ac4a424493c7ee626d3794\"");
	assert_verdict(REGMON_AKA_RESPONSE_RIGHT);
	assert_true(verdict.sqn_he_known && verdict.sqn_he == SQN_1);
	assert_int_equal(verdict.computed_as, REGMON_ALGORITHM_NONE);
	assert_false(verdict.of_empty_password);
	judge(V1 "response=\"cbefdcc54c81aa658d67da2fba29638c\","
			 "nc=00000001,cnonce=\"0a4f113b\",qop=auth");
	assert_verdict(REGMON_AKA_RESPONSE_RIGHT);
	/* capital digits are another rule's */
	judge(V1 "response=\"486F3EE163AC4A424493C7EE626D3794\"");
	assert_verdict(REGMON_AKA_RESPONSE_RIGHT);
	use_keys(1, true);
	judge("algorithm=AKAv1-MD5,nonce=\"" NONCE_2
		  "\",response=\"06bc9f95207775a64bc043648c49664d\"");
	assert_verdict(REGMON_AKA_RESPONSE_RIGHT);
	assert_true(verdict.sqn_he == SQN_2);
}

static void test_response_right_by_version_2(void **state)
{
	use_keys(0, false);
	challenged = REGMON_ALGORITHM_AKAV2_MD5;
	judge("algorithm=AKAv2-MD5,nonce=\"" NONCE_1
		  "\",response=\"8975deb6a8bfc100292443870426e9f8\"");
	assert_verdict(REGMON_AKA_RESPONSE_RIGHT);
	/* the challenge was not seen: the answer's own algorithm */
	challenged = REGMON_ALGORITHM_NONE;
	judge("algorithm=AKAv2-SHA-256,nonce=\"" NONCE_1
		  "\",response=\"f457fd597abcdba9c6062d09b312093b"
		  "6aa76dcddfc225c343f6c298d869caca\"");
	assert_verdict(REGMON_AKA_RESPONSE_RIGHT);
	/* neither names one, as in RFC 3310's example */
	judge("nonce=\"" NONCE_1
		  "\",response=\"486f3ee163ac4a424493c7ee626d3794\"");
	assert_verdict(REGMON_AKA_RESPONSE_RIGHT);
}

static void test_auth_int(void **state)
{
	char hash[REGMON_HASH_MOST_TEXT], parameters[500];
	const char *form = V1 "qop=auth-int,nc=00000001,cnonce=\"x\","
						  "response=\"%.*s\"";
	int length;

	use_keys(0, false);
	challenged = REGMON_ALGORITHM_AKAV1_MD5;
	body = "some body";
	snprintf(parameters, sizeof(parameters), form, 32,
			"00000000000000000000000000000000");
	judge(parameters);
	assert_verdict(REGMON_AKA_RESPONSE_WRONG);
	length = regmon_digest_response(REGMON_HASH_MD5, &message.authorization,
			REGMON_TEXT("REGISTER"), REGMON_TEXT("some body"),
			REGMON_TEXT("\xa5\x42\x11\xd5\xe3\xba\x50\xbf"), hash);
	snprintf(parameters, sizeof(parameters), form, length, hash);
	judge(parameters);
	assert_verdict(REGMON_AKA_RESPONSE_RIGHT);
	/* its rspauth has a body that is not known yet */
	assert_int_equal(rspauth.length, 0);
	body = "another";
	judge(parameters);
	assert_verdict(REGMON_AKA_RESPONSE_WRONG);
	body = "";
}

static void test_response_wrong(void **state)
{
	use_keys(0, false);
	challenged = REGMON_ALGORITHM_AKAV1_MD5;
	judge(V1 "response=\"486f3ee163ac4a424493c7ee626d3795\"");
	assert_verdict(REGMON_AKA_RESPONSE_WRONG);
	assert_true(verdict.sqn_he_known);
	assert_int_equal(rspauth.length, 0);
	judge(V1 "response=\"486f3ee163ac4a42\"");
	assert_verdict(REGMON_AKA_RESPONSE_WRONG);
	/* with qop, but computed without */
	judge(V1 "response=\"486f3ee163ac4a424493c7ee626d3794\","
			 "nc=00000001,cnonce=\"0a4f113b\",qop=auth");
	assert_verdict(REGMON_AKA_RESPONSE_WRONG);
	/* of another network: no judgement on the phone */
	key.k[0] ^= 1;
	judge(V1 "response=\"486f3ee163ac4a424493c7ee626d3794\"");
	assert_verdict(REGMON_AKA_KEY_MISMATCH);
}

static void test_empty_password(void **state)
{
	use_keys(0, false);
	challenged = REGMON_ALGORITHM_AKAV1_MD5;
	judge(V1 "response=\"180933893eb8c4519e87ae2c9d5a1955\"");
	assert_verdict(REGMON_AKA_EMPTY_PASSWORD);
	assert_true(verdict.of_empty_password);
}

static void test_hex_response(void **state)
{
	char hash[REGMON_HASH_MOST_TEXT], parameters[500];
	int length;

	use_keys(0, false);
	challenged = REGMON_ALGORITHM_AKAV1_MD5;
	judge(V1 "response=\"ec99484152b6f11530f4f653ab1c745a\"");
	assert_verdict(REGMON_AKA_HEX_RESPONSE);
	length = regmon_digest_response(REGMON_HASH_MD5, &message.authorization,
			REGMON_TEXT("REGISTER"), (str){NULL, 0},
			REGMON_TEXT("A54211D5E3BA50BF"), hash);
	snprintf(parameters, sizeof(parameters), V1 "response=\"%.*s\"", length,
			hash);
	judge(parameters);
	assert_verdict(REGMON_AKA_HEX_RESPONSE);
	use_keys(1, false);
	judge("algorithm=AKAv1-MD5,nonce=\"" NONCE_2
		  "\",response=\"9166331e742fea1513393af5b69a3478\"");
	assert_verdict(REGMON_AKA_HEX_RESPONSE);
}

/* A RAND whose RES has a zero octet: the phone takes RES for a text that ends there. */
static void test_cut_response(void **state)
{
	char hash[REGMON_HASH_MOST_TEXT], parameters[500], nonce[60];
	uint8_t vector[32] = {0}, k[16], opc[16], *zero = NULL;
	regmon_milenage_t values;
	unsigned tries;
	int length;

	from_hex(milenage_sets[0].k, k);
	from_hex(milenage_sets[0].opc, opc);
	for(tries = 0; zero == NULL || zero == values.res; tries++) {
		assert_true(tries < 1000);
		vector[0] = (uint8_t)tries;
		vector[1] = (uint8_t)(tries >> 8);
		assert_true(regmon_milenage_f2345(k, opc, vector, &values));
		zero = memchr(values.res, 0, 8);
	}
	use_keys(0, true);
	challenged = REGMON_ALGORITHM_AKAV1_MD5;
	write_base64(vector, 32, nonce);
	snprintf(parameters, sizeof(parameters),
			"algorithm=AKAv1-MD5,nonce=\"%s\",response=\"x\"", nonce);
	judge(parameters);
	assert_verdict(REGMON_AKA_KEY_MISMATCH);
	length = regmon_digest_response(REGMON_HASH_MD5, &message.authorization,
			REGMON_TEXT("REGISTER"), (str){NULL, 0},
			(str){(char *)values.res, (int)(zero - values.res)}, hash);
	snprintf(parameters, sizeof(parameters),
			"algorithm=AKAv1-MD5,nonce=\"%s\",response=\"%.*s\"", nonce, length,
			hash);
	judge(parameters);
	assert_verdict(REGMON_AKA_CUT_RESPONSE);
}

static void test_wrong_aka_version(void **state)
{
	use_keys(0, false);
	challenged = REGMON_ALGORITHM_AKAV1_MD5;
	/* says 1, computes 2 */
	judge(V1 "response=\"8975deb6a8bfc100292443870426e9f8\"");
	assert_verdict(REGMON_AKA_WRONG_AKA_VERSION);
	assert_int_equal(verdict.computed_as, REGMON_ALGORITHM_AKAV2_MD5);
	/* says and computes what it was not asked for */
	judge("algorithm=AKAv2-SHA-256,nonce=\"" NONCE_1
		  "\",response=\"f457fd597abcdba9c6062d09b312093b"
		  "6aa76dcddfc225c343f6c298d869caca\"");
	assert_verdict(REGMON_AKA_WRONG_AKA_VERSION);
	assert_int_equal(verdict.computed_as, REGMON_ALGORITHM_AKAV2_SHA_256);
	challenged = REGMON_ALGORITHM_AKAV2_SHA_256;
	judge("algorithm=AKAv2-SHA-256,nonce=\"" NONCE_1
		  "\",response=\"486f3ee163ac4a424493c7ee626d3794\"");
	assert_verdict(REGMON_AKA_WRONG_AKA_VERSION);
	assert_int_equal(verdict.computed_as, REGMON_ALGORITHM_AKAV1_MD5);
}

static void test_sqn_out_of_range(void **state)
{
	use_keys(0, false);
	challenged = REGMON_ALGORITHM_AKAV1_MD5;
	judge(V1 "auts=\"uoU/PBIctV7bggBAq0E=\"");
	assert_verdict(REGMON_AKA_SQN_OUT_OF_RANGE);
	assert_true(verdict.sqn_ms_known && verdict.sqn_he_known);
	assert_true(verdict.sqn_ms == UINT64_C(0xff9bb4d0b627));
	assert_true(verdict.sqn_he == SQN_1);
	assert_int_equal(verdict.sqn_ms - verdict.sqn_he, 0x20);
	assert_false(verdict.of_empty_password);
	/* with the response of an empty password, and with any other one */
	judge(V1 "auts=\"uoU/PBIctV7bggBAq0E=\","
			 "response=\"180933893eb8c4519e87ae2c9d5a1955\"");
	assert_verdict(REGMON_AKA_SQN_OUT_OF_RANGE);
	assert_true(verdict.of_empty_password);
	judge(V1 "auts=\"uoU/PBIctV7bggBAq0E=\","
			 "response=\"486f3ee163ac4a424493c7ee626d3794\"");
	assert_verdict(REGMON_AKA_SQN_OUT_OF_RANGE);
	assert_false(verdict.of_empty_password);
	/* SQN_MS = SQN */
	judge(V1 "auts=\"uoU/PBI8z0TpNZbjVcY=\"");
	assert_verdict(REGMON_AKA_SQN_OUT_OF_RANGE);
	assert_true(verdict.sqn_ms == SQN_1);
	use_keys(1, true);
	judge("algorithm=AKAv1-MD5,nonce=\"" NONCE_2
		  "\",auts=\"zX/2ML5cKk+Kswtq6eE=\","
		  "response=\"19e151e6b089cf95bd742fab72941c39\"");
	assert_verdict(REGMON_AKA_SQN_OUT_OF_RANGE);
	assert_true(verdict.sqn_ms == UINT64_C(0xfd8eef40df9d));
	assert_true(verdict.sqn_he == SQN_2);
	assert_true(verdict.of_empty_password);
	judge("algorithm=AKAv1-MD5,nonce=\"" NONCE_2
		  "\",auts=\"zX/2ML68H7Xrp0kksOA=\"");
	assert_verdict(REGMON_AKA_SQN_OUT_OF_RANGE);
	assert_true(verdict.sqn_ms == SQN_2);
}

static void test_auts_wrong(void **state)
{
	static const char *const wrong[] = {"uoU/PBIctV7bggBAq0I=",
			"voU/PBIctV7bggBAq0E=", "uoU/PBIctV7bggBAq0E",
			"uoU/PBIctV7bggBAq0EA", "AAAA", "?"};
	char parameters[300];
	unsigned i;

	use_keys(0, false);
	challenged = REGMON_ALGORITHM_AKAV1_MD5;
	for(i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(parameters, sizeof(parameters), V1 "auts=\"%s\"", wrong[i]);
		judge(parameters);
		assert_verdict(REGMON_AKA_AUTS_WRONG);
		assert_true(verdict.sqn_he_known);
		assert_false(verdict.sqn_ms_known);
	}
	/* MAC-S with the AMF of the challenge instead of 0000 */
	judge(V1 "auts=\"uoU/PBI8Ac+vnsTocek=\"");
	assert_verdict(REGMON_AKA_AUTS_WRONG);
	/* neither AUTN nor auts is of these keys */
	key.k[3] ^= 1;
	judge(V1 "auts=\"uoU/PBIctV7bggBAq0E=\"");
	assert_verdict(REGMON_AKA_KEY_MISMATCH);
}

static void test_autn_refused(void **state)
{
	use_keys(0, false);
	challenged = REGMON_ALGORITHM_AKAV1_MD5;
	judge(V1 "response=\"\"");
	assert_verdict(REGMON_AKA_AUTN_REFUSED);
	assert_true(verdict.sqn_he_known);
	/* and with reason */
	key.op[3] ^= 1;
	judge(V1 "response=\"\"");
	assert_verdict(REGMON_AKA_KEY_MISMATCH);
}

static void test_answers_without_a_verdict(void **state)
{
	use_keys(0, false);
	challenged = REGMON_ALGORITHM_NONE;
	judge("algorithm=MD5,nonce=\"" NONCE_1 "\",response=\"0\"");
	assert_verdict(REGMON_AKA_NONE);
	judge("algorithm=AKAv3-MD5,nonce=\"" NONCE_1 "\",response=\"0\"");
	assert_verdict(REGMON_AKA_NONE);
	judge("algorithm=AKAv1-MD5,nonce=\"bm9uY2U=\",response=\"0\"");
	assert_verdict(REGMON_AKA_NONE);
	/* it was asked for plain digest, whose password is not in the file */
	challenged = REGMON_ALGORITHM_MD5;
	judge(V1 "response=\"486f3ee163ac4a424493c7ee626d3794\"");
	assert_verdict(REGMON_AKA_NONE);
}

static void test_rspauth(void **state)
{
	char hash[REGMON_HASH_MOST_TEXT];
	int length;

	use_keys(0, false);
	challenged = REGMON_ALGORITHM_AKAV1_MD5;
	judge(V1 "response=\"cbefdcc54c81aa658d67da2fba29638c\","
			 "nc=00000001,cnonce=\"0a4f113b\",qop=auth");
	length = regmon_digest_response(REGMON_HASH_MD5, &message.authorization,
			(str){NULL, 0}, (str){NULL, 0},
			REGMON_TEXT("\xa5\x42\x11\xd5\xe3\xba\x50\xbf"), hash);
	assert_int_equal(rspauth.length, 32);
	assert_memory_equal(rspauth.text, hash, length);
}

static void test_names(void **state)
{
	unsigned i, j;

	for(i = 0; i < REGMON_AKA_VERDICTS_N; i++) {
		assert_true(regmon_aka_verdict_meaning(i)[0] != '\0');
		for(j = 0; j < i; j++)
			assert_string_not_equal(
					regmon_aka_verdict_name(i), regmon_aka_verdict_name(j));
	}
	assert_string_equal(regmon_aka_verdict_name(REGMON_AKA_SQN_OUT_OF_RANGE),
			"sqn-out-of-range");
	assert_string_equal(regmon_aka_verdict_name(REGMON_AKA_VERDICTS_N), "?");
	assert_string_equal(regmon_aka_verdict_meaning(255), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_challenge_right),
			harness_test(test_key_mismatch),
			harness_test(test_challenges_without_a_verdict),
			harness_test(test_response_right),
			harness_test(test_response_right_by_version_2),
			harness_test(test_auth_int), harness_test(test_response_wrong),
			harness_test(test_empty_password), harness_test(test_hex_response),
			harness_test(test_cut_response),
			harness_test(test_wrong_aka_version),
			harness_test(test_sqn_out_of_range), harness_test(test_auts_wrong),
			harness_test(test_autn_refused),
			harness_test(test_answers_without_a_verdict),
			harness_test(test_rspauth), harness_test(test_names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
