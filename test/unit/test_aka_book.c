/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of lab phones and of others through the book: who is found, what is remembered, when a vector is stale. */
#define _GNU_SOURCE /* memmem() */
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "test/unit/aka_vectors.h"

#include "aka/book.h"
#include "aka/crypto.h"
#include "aka/milenage.h"

#define DOMAIN "ims.mnc001.mcc001.3gppnetwork.org"
#define IMPI "001010123456789@" DOMAIN
#define OTHER_IMPI "001010123456788@" DOMAIN
#define REST                               \
	" k=465b5ce8b199b49faa5f0a2ee238a6bc " \
	"op=cdc202d5123e20f62b6d676ac72cb318 amf=b9b9\n"
#define NONCE_1 "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="
#define SQN_1 UINT64_C(0xff9bb4d0b607)

static regmon_aka_book_t *book;
static void *block;
static unsigned guarded, entered;
static regmon_aka_verdict_t verdict;

static void get(void *context)
{
	assert_ptr_equal(context, &entered);
	assert_int_equal(guarded, 0);
	guarded = 1;
	entered++;
}

static void put(void *context)
{
	assert_int_equal(guarded, 1);
	guarded = 0;
}

static void open_book(const char *text)
{
	const regmon_aka_guard_t guard = {get, put, &entered};
	regmon_aka_reader_t reader;
	int n;

	regmon_aka_reader_start(&reader, "keys", text_of(text));
	n = regmon_aka_book_count(&reader);
	assert_true(n > 0);
	block = calloc(1, regmon_aka_book_bytes((unsigned)n));
	book = regmon_aka_book_start(block, (unsigned)n, &guard);
	regmon_aka_reader_start(&reader, "keys", text_of(text));
	assert_int_equal(regmon_aka_book_read(book, &reader), 0);
	guarded = entered = 0;
}

static void close_book(void)
{
	free(block);
	regmon_crypto_close();
	assert_int_equal(guarded, 0);
}

static bool openssl_refuses;

static void assert_verdict(int result, regmon_aka_verdict_kind_t kind)
{
	assert_string_equal(regmon_aka_verdict_name(verdict.kind),
			regmon_aka_verdict_name(kind));
	assert_int_equal(result, openssl_refuses ? -1 : kind != REGMON_AKA_NONE);
	assert_int_equal(guarded, 0);
}

/* authorization NULL: none */
static void phone_says(const char *call_id, unsigned cseq, const char *to,
		const char *authorization, regmon_aka_verdict_kind_t expected)
{
	static regmon_message_t message;
	regmon_class_t class;
	char text[2000];

	snprintf(text, sizeof(text),
			"REGISTER sip:" DOMAIN " SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n"
			"From: <sip:%s>;tag=a\r\nTo: <sip:%s>\r\n"
			"Call-ID: %s\r\nCSeq: %u REGISTER\r\nContact: <sip:10.0.0.1>\r\n"
			"%s%s%s\r\n",
			to, to, call_id, cseq,
			authorization ? "Authorization: Digest " : "",
			authorization ? authorization : "", authorization ? "\r\n" : "");
	regmon_message_read(text, (int)strlen(text), &message);
	regmon_classify(&message, NULL, REGMON_ROLE_AUTO, &class);
	memset(&verdict, 0xee, sizeof(verdict));
	assert_verdict(regmon_aka_observe_request(book, &message, &class, &verdict),
			expected);
}

static void answer_is(const char *call_id, unsigned cseq, int code,
		const char *line, regmon_aka_verdict_kind_t expected)
{
	static regmon_message_t message;
	char text[2000];

	snprintf(text, sizeof(text),
			"SIP/2.0 %d Reason\r\nVia: SIP/2.0/UDP 10.0.0.1\r\n"
			"From: <sip:a>;tag=a\r\nTo: <sip:a>;tag=b\r\n"
			"Call-ID: %s\r\nCSeq: %u REGISTER\r\n%s\r\n\r\n",
			code, call_id, cseq, line);
	regmon_message_read(text, (int)strlen(text), &message);
	memset(&verdict, 0xee, sizeof(verdict));
	assert_verdict(
			regmon_aka_observe_answer(book, &message, &verdict), expected);
}

/* a nonce of test set 1 with this SQN */
static const char *nonce_of(uint64_t sqn)
{
	static char text[60];
	static const uint8_t amf[2] = {0xb9, 0xb9};
	uint8_t octets[32], k[16], opc[16], mac_s[8];
	regmon_milenage_t values;
	uint64_t hidden;
	int i;

	from_hex(milenage_sets[0].k, k);
	from_hex(milenage_sets[0].opc, opc);
	from_hex(milenage_sets[0].rand, octets);
	octets[0] ^= (uint8_t)sqn; /* another RAND, too */
	assert_true(regmon_milenage_f2345(k, opc, octets, &values));
	hidden = sqn ^ regmon_sqn_read(values.ak);
	for(i = 0; i < 6; i++)
		octets[16 + i] = (uint8_t)(hidden >> (40 - 8 * i));
	memcpy(octets + 22, amf, 2);
	assert_true(
			regmon_milenage_f1(k, opc, octets, sqn, amf, octets + 24, mac_s));
	write_base64(octets, 32, text);
	return text;
}

static void challenge(const char *call_id, unsigned cseq, const char *nonce,
		regmon_aka_verdict_kind_t expected)
{
	char line[300];

	snprintf(line, sizeof(line),
			"WWW-Authenticate: Digest realm=\"" DOMAIN
			"\",nonce=\"%s\",algorithm=AKAv1-MD5",
			nonce);
	answer_is(call_id, cseq, 401, line, expected);
}

#define CREDENTIALS \
	"username=\"" IMPI "\",realm=\"" DOMAIN "\",uri=\"sip:" DOMAIN "\","
#define FIRST CREDENTIALS "nonce=\"\",response=\"\""
#define RIGHT                                                \
	CREDENTIALS "nonce=\"" NONCE_1 "\",algorithm=AKAv1-MD5," \
				"response=\"486f3ee163ac4a424493c7ee626d3794\""

static void test_strangers_are_left_alone(void **state)
{
	open_book(IMPI REST);
	phone_says("c", 1, OTHER_IMPI, NULL, REGMON_AKA_NONE);
	phone_says("c", 2, IMPI,
			"username=\"" OTHER_IMPI "\",realm=\"" DOMAIN "\",uri=\"sip:" DOMAIN
			"\",nonce=\"" NONCE_1
			"\",response=\"486f3ee163ac4a424493c7ee626d3794\"",
			REGMON_AKA_NONE);
	assert_int_equal(entered, 0);
	challenge("c", 2, NONCE_1, REGMON_AKA_NONE);
	answer_is("c", 2, 200, "Authentication-Info: rspauth=\"00\"",
			REGMON_AKA_NONE);
	answer_is("c", 2, 403, "Content-Length: 0", REGMON_AKA_NONE);
	close_book();
}

static void test_registration(void **state)
{
	open_book(OTHER_IMPI REST IMPI REST);
	phone_says("c", 1, IMPI, FIRST, REGMON_AKA_NONE);
	challenge("c", 1, NONCE_1, REGMON_AKA_CHALLENGE_RIGHT);
	assert_true(verdict.sqn_he == SQN_1);
	phone_says("c", 2, IMPI, RIGHT, REGMON_AKA_RESPONSE_RIGHT);
	close_book();
}

/* the IMPI of a REGISTER without Authorization follows from To (TS 24.229 5.4.1.1) */
static void test_phone_without_authorization(void **state)
{
	open_book(IMPI REST);
	phone_says("c", 1, IMPI, NULL, REGMON_AKA_NONE);
	challenge("c", 1, NONCE_1, REGMON_AKA_CHALLENGE_RIGHT);
	close_book();
}

/* AUTN is checked, but the answer proves nothing of a challenge that this node did not see */
static void test_answer_without_challenge(void **state)
{
	open_book(IMPI REST);
	phone_says("c", 2, IMPI, RIGHT, REGMON_AKA_RESPONSE_RIGHT);
	assert_true(verdict.sqn_he == SQN_1);
	close_book();
}

static void test_both_legs_are_one_challenge(void **state)
{
	unsigned i;

	open_book(IMPI REST);
	phone_says("c", 1, IMPI, FIRST, REGMON_AKA_NONE);
	for(i = 0; i < 4; i++) {
		challenge("c", 1, NONCE_1, REGMON_AKA_CHALLENGE_RIGHT);
		assert_true(verdict.sqn_he_known && verdict.sqn_he == SQN_1);
	}
	close_book();
}

static void test_stale_vectors(void **state)
{
	open_book(IMPI REST);
	phone_says("c", 1, IMPI, FIRST, REGMON_AKA_NONE);
	challenge("c", 1, nonce_of(0x1000), REGMON_AKA_CHALLENGE_RIGHT);
	/* the same one for the next REGISTER */
	phone_says("c", 2, IMPI, FIRST, REGMON_AKA_NONE);
	challenge("c", 2, nonce_of(0x1000), REGMON_AKA_STALE_VECTOR);
	/* and on its way through */
	challenge("c", 2, nonce_of(0x1000), REGMON_AKA_STALE_VECTOR);
	phone_says("d", 1, IMPI, FIRST, REGMON_AKA_NONE);
	challenge("d", 1, nonce_of(0xfff), REGMON_AKA_STALE_VECTOR);
	/* one that was stale moves nothing */
	phone_says("e", 1, IMPI, FIRST, REGMON_AKA_NONE);
	challenge("e", 1, nonce_of(0x1000), REGMON_AKA_STALE_VECTOR);
	phone_says("e", 2, IMPI, FIRST, REGMON_AKA_NONE);
	challenge("e", 2, nonce_of(0x1001), REGMON_AKA_CHALLENGE_RIGHT);
	/* one of another network does not either */
	phone_says("e", 3, IMPI, FIRST, REGMON_AKA_NONE);
	challenge("e", 3, "wA1gMQPc7lLER4EZSUIC6Dn5bNmAD68XXfWzGAfiWLA=",
			REGMON_AKA_KEY_MISMATCH);
	phone_says("e", 4, IMPI, FIRST, REGMON_AKA_NONE);
	challenge("e", 4, nonce_of(0x1002), REGMON_AKA_CHALLENGE_RIGHT);
	close_book();
}

/* A card with an SQN of its own: what it says counts from then on, also when it is lower than the network's. */
static void test_resynchronisation_sets_the_mark(void **state)
{
	open_book(IMPI REST);
	phone_says("c", 1, IMPI, FIRST, REGMON_AKA_NONE);
	challenge("c", 1, NONCE_1, REGMON_AKA_CHALLENGE_RIGHT);
	phone_says("c", 2, IMPI,
			CREDENTIALS "nonce=\"" NONCE_1 "\",algorithm=AKAv1-MD5,"
						"auts=\"uoU/PBIctV7bggBAq0E=\"",
			REGMON_AKA_SQN_OUT_OF_RANGE);
	assert_true(verdict.sqn_ms == SQN_1 + 0x20);
	/* the network ignores it */
	challenge("c", 2, nonce_of(SQN_1 + 0x20), REGMON_AKA_STALE_VECTOR);
	phone_says("c", 3, IMPI, FIRST, REGMON_AKA_NONE);
	challenge("c", 3, nonce_of(SQN_1 + 0x21), REGMON_AKA_CHALLENGE_RIGHT);
	/* the network is far ahead, the card wants it back */
	phone_says("c", 4, IMPI, FIRST, REGMON_AKA_NONE);
	challenge("c", 4, nonce_of(UINT64_C(0xfffffffffff0)),
			REGMON_AKA_CHALLENGE_RIGHT);
	phone_says("c", 5, IMPI,
			CREDENTIALS "nonce=\"" NONCE_1 "\",algorithm=AKAv1-MD5,"
						"auts=\"uoU/PBIctV7bggBAq0E=\"",
			REGMON_AKA_SQN_OUT_OF_RANGE);
	challenge("c", 5, nonce_of(SQN_1 + 0x40), REGMON_AKA_CHALLENGE_RIGHT);
	/* a forged auts moves nothing */
	phone_says("c", 6, IMPI,
			CREDENTIALS "nonce=\"" NONCE_1 "\",algorithm=AKAv1-MD5,"
						"auts=\"AAAAAAAAAAAAAAAAAAA=\"",
			REGMON_AKA_AUTS_WRONG);
	challenge("c", 6, nonce_of(SQN_1 + 0x40), REGMON_AKA_STALE_VECTOR);
	close_book();
}

/* The answer is judged by the algorithm of its own challenge, not by that of another one. */
static void test_algorithm_of_the_challenge(void **state)
{
#define VERSION_2                                            \
	CREDENTIALS "nonce=\"" NONCE_1 "\",algorithm=AKAv1-MD5," \
				"response=\"8975deb6a8bfc100292443870426e9f8\""
	char line[300];

	open_book(IMPI REST);
	phone_says("c", 1, IMPI, FIRST, REGMON_AKA_NONE);
	answer_is("c", 1, 401,
			"WWW-Authenticate: Digest realm=\"a\",nonce=\"" NONCE_1
			"\",algorithm=AKAv2-MD5",
			REGMON_AKA_CHALLENGE_RIGHT);
	phone_says("c", 2, IMPI, VERSION_2, REGMON_AKA_RESPONSE_RIGHT);
	phone_says("c", 3, IMPI, RIGHT, REGMON_AKA_WRONG_AKA_VERSION);
	/* a later one, of which this is not the answer: its own word counts */
	snprintf(line, sizeof(line),
			"WWW-Authenticate: Digest realm=\"a\",nonce=\"%s\","
			"algorithm=AKAv2-SHA-256",
			nonce_of(1));
	answer_is("c", 3, 401, line, REGMON_AKA_STALE_VECTOR);
	phone_says("c", 4, IMPI, RIGHT, REGMON_AKA_RESPONSE_RIGHT);
	phone_says("c", 5, IMPI, VERSION_2, REGMON_AKA_WRONG_AKA_VERSION);
	close_book();
}

static void test_rspauth(void **state)
{
#define WITH_QOP                                                         \
	CREDENTIALS "nonce=\"" NONCE_1 "\",algorithm=AKAv1-MD5,nc=00000001," \
				"cnonce=\"0a4f113b\",qop=auth,"                          \
				"response=\"cbefdcc54c81aa658d67da2fba29638c\""
#define PROOF "5abd9db7ea133e69c22e31fd1dd29f65"
	open_book(IMPI REST);
	phone_says("c", 2, IMPI, WITH_QOP, REGMON_AKA_RESPONSE_RIGHT);
	answer_is("c", 2, 200,
			"Authentication-Info: qop=auth, rspauth=\"" PROOF
			"\", cnonce=\"0a4f113b\", nc=00000001",
			REGMON_AKA_RSPAUTH_RIGHT);
	answer_is("c", 2, 200,
			"Authentication-Info: qop=auth, "
			"rspauth=\"cbefdcc54c81aa658d67da2fba29638c\"",
			REGMON_AKA_RSPAUTH_WRONG);
	/* of another REGISTER, and without one */
	answer_is("c", 3, 200, "Authentication-Info: rspauth=\"" PROOF "\"",
			REGMON_AKA_NONE);
	answer_is("d", 2, 200, "Authentication-Info: rspauth=\"" PROOF "\"",
			REGMON_AKA_NONE);
	answer_is("c", 2, 200, "Authentication-Info: qop=auth", REGMON_AKA_NONE);
	answer_is("c", 2, 200, "Content-Length: 0", REGMON_AKA_NONE);
	/* whose response was wrong */
	phone_says("c", 4, IMPI,
			CREDENTIALS "nonce=\"" NONCE_1
						"\",algorithm=AKAv1-MD5,response=\"00\"",
			REGMON_AKA_RESPONSE_WRONG);
	answer_is("c", 4, 200, "Authentication-Info: rspauth=\"" PROOF "\"",
			REGMON_AKA_NONE);
	close_book();
}

/* Many phones under few buckets, each with Call-IDs that come and go. */
static void test_each_is_found_by_its_last_call(void **state)
{
	enum
	{
		PHONES = 100
	};
	char *text = malloc(PHONES * 200), impi[100], call_id[40];
	unsigned i, round, used = 0;

	for(i = 0; i < PHONES; i++)
		used += (unsigned)sprintf(text + used, "%u@" DOMAIN REST, i);
	open_book(text);
	free(text);
	for(round = 0; round < 4; round++) {
		for(i = 0; i < PHONES; i++) {
			sprintf(impi, "%u@" DOMAIN, i);
			sprintf(call_id, "call-%u-%u", i, round / 2);
			phone_says(call_id, round, impi, NULL, REGMON_AKA_NONE);
		}
		for(i = PHONES; i-- > 0;) {
			sprintf(call_id, "call-%u-%u", i, round / 2);
			challenge(call_id, round, nonce_of(0x1000 + round),
					REGMON_AKA_CHALLENGE_RIGHT);
			if(round / 2 == 0)
				continue;
			sprintf(call_id, "call-%u-%u", i, round / 2 - 1);
			challenge(call_id, round, nonce_of(0x2000), REGMON_AKA_NONE);
		}
	}
	close_book();
}

/* As on a machine whose OpenSSL is bound to FIPS: no verdict, not half of one either, and no error left behind for the
 * next one to find. */
static void test_openssl_refuses(void **state)
{
	static const regmon_aka_verdict_t nothing;

	open_book(IMPI REST);
	phone_says("c", 1, IMPI, FIRST, REGMON_AKA_NONE);
	regmon_crypto_close();
	assert_true(EVP_default_properties_enable_fips(NULL, 1));
	openssl_refuses = true;
	challenge("c", 1, NONCE_1, REGMON_AKA_NONE);
	assert_int_equal(ERR_peek_error(), 0);
	phone_says("c", 2, IMPI, RIGHT, REGMON_AKA_NONE);
	assert_int_equal(ERR_peek_error(), 0);
	openssl_refuses = false;
	/* AES was had in time, MD5 is not */
	assert_true(EVP_default_properties_enable_fips(NULL, 0));
	challenge("c", 1, NONCE_1, REGMON_AKA_CHALLENGE_RIGHT);
	assert_true(EVP_default_properties_enable_fips(NULL, 1));
	openssl_refuses = true;
	phone_says("c", 2, IMPI, RIGHT, REGMON_AKA_NONE);
	assert_memory_equal(&verdict, &nothing, sizeof(verdict));
	assert_int_equal(ERR_peek_error(), 0);
	openssl_refuses = false;
	assert_true(EVP_default_properties_enable_fips(NULL, 0));
	challenge("c", 2, nonce_of(SQN_1 + 1), REGMON_AKA_CHALLENGE_RIGHT);
	phone_says("c", 3, IMPI, RIGHT, REGMON_AKA_RESPONSE_RIGHT);
	close_book();
}

static void test_wiped(void **state)
{
	uint8_t k[16];
	size_t bytes = regmon_aka_book_bytes(1);

	from_hex(milenage_sets[0].k, k);
	open_book(IMPI REST);
	assert_non_null(memmem(block, bytes, k, 16));
	regmon_aka_book_wipe(book);
	assert_null(memmem(block, bytes, k, 16));
	close_book();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			harness_test(test_strangers_are_left_alone),
			harness_test(test_registration),
			harness_test(test_phone_without_authorization),
			harness_test(test_answer_without_challenge),
			harness_test(test_both_legs_are_one_challenge),
			harness_test(test_stale_vectors),
			harness_test(test_resynchronisation_sets_the_mark),
			harness_test(test_algorithm_of_the_challenge),
			harness_test(test_rspauth),
			harness_test(test_each_is_found_by_its_last_call),
			harness_test(test_openssl_refuses), harness_test(test_wiped)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
