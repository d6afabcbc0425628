/* SPDX-License-Identifier: GPL-2.0-or-later */
/* security-agreement-mismatch: offered, chosen, verified. */
#include "diagnosis_record.h"

#define MISMATCH "security-agreement-mismatch"

#define BIT(word) (1u << REGMON_WORD_##word)

/* an IMS phone that offers hmac-sha-1-96 with null or AES; its 401 comes at 100 */
static void offered(void)
{
	record_new();
	record->ims = true;
	record_first_round(0, 1);
	record->attempt.offered_security = true;
	record->offered_algs = BIT(HMAC_SHA_1_96);
	record->offered_ealgs = BIT(NULL) | BIT(AES_CBC);
}

/* and this is what the 401 chose */
static void chosen(unsigned alg, unsigned ealg)
{
	record->attempt.challenge_had_security_server = true;
	record->server = (regmon_agreement_t){.given = true,
			.offered_n = 1,
			.alg = alg,
			.ealg = ealg,
			.port_s = 6100};
}

static void choice_not_offered(void)
{
	offered();
	chosen(REGMON_WORD_HMAC_MD5_96, REGMON_WORD_NULL);
}

static void answered(int64_t at)
{
	record_request(at, 2, REGMON_MARK_CREDENTIALS | REGMON_MARK_PROTECTED);
	record->attempt.protected_requests = 1;
}

/* ---- 494 and 421 ---- */

static void server_says_494(void **state)
{
	offered();
	chosen(REGMON_WORD_HMAC_SHA_1_96, REGMON_WORD_NULL);
	answered(500);
	record->verify = REGMON_VERIFY_ORDER;
	record->received_port = 6100;
	record_not(MISMATCH, 600);
	record_retry(600, 494, "Security Agreement Required");
	record_applies(MISMATCH, 700, REGMON_CERTAIN);
	record_suspects(MISMATCH, 700, "Somebody between phone and P-CSCF rewrites");
	record_says(MISMATCH, 700, "answered 494 Security Agreement Required");
	record_says(MISMATCH, 700, "offered by the phone: alg hmac-sha-1-96; ealg ");
	record_says(MISMATCH, 700,
			"chosen in the 401: alg hmac-sha-1-96, ealg null, port-s 6100");
	record_says(MISMATCH, 700,
			"Security-Verify of the phone repeats it in another order");
	/* the phone's time is over */
	record_end(128500, REGMON_RESULT_REFUSED);
	record_applies(MISMATCH, 128600, REGMON_CERTAIN);
	/* it began anew with another Call-ID */
	record->attempt.result = REGMON_RESULT_SUPERSEDED;
	record_applies(MISMATCH, 128600, REGMON_CERTAIN);
	/* it tried again: the 494 is got over, whatever comes */
	record->attempt.ended_ms = 0;
	record->attempt.result = REGMON_RESULT_OPEN;
	record_request(129000, 3, REGMON_MARK_CREDENTIALS);
	record_not(MISMATCH, 129100);
	record_end(257000, REGMON_RESULT_UNANSWERED);
	record_not(MISMATCH, 257100);
}

static void server_says_421(void **state)
{
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	record_retry(10, 421, "Extension Required");
	record->supplement->named_options = REGMON_OPTION_SEC_AGREE;
	record_applies(MISMATCH, 100, REGMON_LIKELY);
	record_suspects(MISMATCH, 100, "The phone offers no security agreement");
	record_says(MISMATCH, 100, "the phone offered no ipsec-3gpp");
	record_says(MISMATCH, 100, "answered 421 Extension Required");
	record_end(128000, REGMON_RESULT_REFUSED);
	record_applies(MISMATCH, 128100, REGMON_LIKELY);
	/* another extension is none of this */
	record->supplement->named_options = REGMON_OPTION_PATH | REGMON_OPTION_OUTBOUND;
	record_not(MISMATCH, 128100);
	record->supplement->named_options = REGMON_OPTION_SEC_AGREE;
	record->attempt.result = REGMON_RESULT_UNANSWERED;
	record_not(MISMATCH, 128100);
	/* it tries again */
	record->attempt.ended_ms = 0;
	record->attempt.result = REGMON_RESULT_OPEN;
	record_request(129000, 2, 0);
	record_not(MISMATCH, 129100);
}

/* ---- Security-Verify ---- */

static void verify_differs(void **state)
{
	offered();
	chosen(REGMON_WORD_HMAC_SHA_1_96, REGMON_WORD_NULL);
	record->verify = REGMON_VERIFY_DIFFERS;
	/* what is known of an older REGISTER says nothing before this attempt has a protected one */
	record_not(MISMATCH, 200);
	answered(500);
	record_applies(MISMATCH, 600, REGMON_LIKELY);
	record_suspects(MISMATCH, 600, "Somebody between phone and P-CSCF rewrites");
	record_says(MISMATCH, 600, "Security-Verify of the phone differs from it");
	record->verify = REGMON_VERIFY_SAME;
	record_not(MISMATCH, 600);
	record->verify = REGMON_VERIFY_ORDER;
	record_not(MISMATCH, 600);
	record->verify = REGMON_VERIFY_UNKNOWN;
	record_not(MISMATCH, 600);
	/* a 421 for another extension is not its form */
	record->verify = REGMON_VERIFY_DIFFERS;
	record_retry(700, 421, "Extension Required");
	record->supplement->named_options = REGMON_OPTION_PATH;
	record_applies(MISMATCH, 800, REGMON_LIKELY);
	record_suspects(MISMATCH, 800, "Somebody between phone and P-CSCF rewrites");
}

static void verify_in_words(void **state)
{
	static const char *const words[] = {
			[REGMON_VERIFY_UNKNOWN] = "Security-Verify of the phone was not",
			[REGMON_VERIFY_SAME] = "of the phone repeats the Security-Server",
			[REGMON_VERIFY_ORDER] = "repeats it in another order",
			[REGMON_VERIFY_DIFFERS] = "of the phone differs from it"};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(words); i++) {
		offered();
		chosen(REGMON_WORD_HMAC_SHA_1_96, REGMON_WORD_NULL);
		answered(500);
		record->verify = i;
		record_retry(600, 494, "Security Agreement Required");
		record_says(MISMATCH, 700, words[i]);
		record->attempt.protected_requests = 0;
		record_silent_of(MISMATCH, 700, "Security-Verify");
	}
}

/* ---- the choice of the 401 ---- */

static void chose_another(void **state)
{
	const char *suspect = "The P-CSCF's list of algorithms has none";

	choice_not_offered();
	record_applies(MISMATCH, 30099, REGMON_LIKELY);
	record_suspects(MISMATCH, 30099, suspect);
	record_applies(MISMATCH, 30100, REGMON_CERTAIN);
	record_suspects(MISMATCH, 30100, suspect);
	record_says(MISMATCH, 30100, "chosen in the 401: alg hmac-md5-96");
	record_end(240100, REGMON_RESULT_SILENT);
	record_applies(MISMATCH, 240200, REGMON_CERTAIN);
	/* it began anew */
	choice_not_offered();
	record_end(900, REGMON_RESULT_SUPERSEDED);
	record_applies(MISMATCH, 1000, REGMON_CERTAIN);
	/* it went on with the choice, in vain so far */
	choice_not_offered();
	answered(500);
	record_applies(MISMATCH, 600, REGMON_LIKELY);
	record_refusal(700, 403, "Forbidden");
	record_applies(MISMATCH, 800, REGMON_LIKELY);
	/* and it worked */
	choice_not_offered();
	answered(500);
	record_grant(700, 3600);
	record_not(MISMATCH, 800);
}

static void chose_another_cipher(void **state)
{
	offered();
	chosen(REGMON_WORD_HMAC_SHA_1_96, REGMON_WORD_DES_EDE3_CBC);
	record_applies(MISMATCH, 40000, REGMON_CERTAIN);
	record_says(MISMATCH, 40000, "chosen in the 401: alg hmac-sha-1-96, ealg "
								 "des-ede3-cbc");
	/* ealg not given is null */
	offered();
	chosen(REGMON_WORD_HMAC_SHA_1_96, REGMON_WORD_ABSENT);
	record_not(MISMATCH, 40000);
	record->offered_ealgs = BIT(AES_CBC);
	record_applies(MISMATCH, 40000, REGMON_CERTAIN);
	record_says(MISMATCH, 40000, "offered by the phone: alg hmac-sha-1-96; "
								 "ealg aes-cbc");
	record_says(MISMATCH, 40000, "alg hmac-sha-1-96, ealg none, port-s 6100");
}

/* While the next attempt tells nothing yet, the one before is looked at: but what is known of the offer is the new one. */
static void offers_another_since(void **state)
{
	offered();
	chosen(REGMON_WORD_HMAC_SHA_1_96, REGMON_WORD_NULL);
	record_end(900, REGMON_RESULT_SUPERSEDED);
	record_open(2000, REGMON_ATTEMPT_INITIAL);
	record_request(2000, 9, 0);
	record->offered_algs = BIT(HMAC_MD5_96);
	record_not(MISMATCH, 2100);
	/* what needs no offer is still told of it: no Security-Server at all */
	offered();
	record_end(900, REGMON_RESULT_SUPERSEDED);
	record_open(2000, REGMON_ATTEMPT_INITIAL);
	record_request(2000, 9, 0);
	record_applies(MISMATCH, 2100, REGMON_LIKELY);
	record_says(MISMATCH, 2100, "a new attempt began; what follows is of the one "
								"before it");
}

/* No claim about words that this module does not know, nor where a side is missing. */
static void choice_is_fine(void **state)
{
	static const unsigned words[] = {
			REGMON_WORD_ABSENT, REGMON_WORD_OTHER, REGMON_WORDS_N};
	unsigned i;

	offered();
	chosen(REGMON_WORD_HMAC_SHA_1_96, REGMON_WORD_AES_CBC);
	record_not(MISMATCH, 40000);
	for(i = 0; i < REGMON_COUNT(words); i++) {
		choice_not_offered();
		record->server.alg = words[i];
		record_not(MISMATCH, 40000);
	}
	offered();
	chosen(REGMON_WORD_HMAC_SHA_1_96, REGMON_WORD_OTHER);
	record_not(MISMATCH, 40000);
	choice_not_offered();
	record->offered_algs = 0;
	record_not(MISMATCH, 40000);
	/* what an older 401 chose */
	choice_not_offered();
	record->attempt.challenge_had_security_server = false;
	record->attempt.offered_security = false;
	record_not(MISMATCH, 40000);
	choice_not_offered();
	record->server.given = false;
	record_not(MISMATCH, 40000);
}

/* ---- no Security-Server ---- */

static void no_server(void **state)
{
	offered();
	record_applies(MISMATCH, 30099, REGMON_POSSIBLE);
	record_applies(MISMATCH, 30100, REGMON_LIKELY);
	record_suspects(MISMATCH, 30100, "The P-CSCF: no algorithm in common");
	record_says(MISMATCH, 30100, "the 401 (14:03:07.100) carried no "
								 "Security-Server with alg, SPIs and ports");
	record_end(240100, REGMON_RESULT_SILENT);
	record_applies(MISMATCH, 240200, REGMON_LIKELY);
	offered();
	record_end(900, REGMON_RESULT_SUPERSEDED);
	record_applies(MISMATCH, 1000, REGMON_LIKELY);
}

/* a phone that does not mind */
static void reacts_without_server(void **state)
{
	offered();
	record_request(500, 2, REGMON_MARK_CREDENTIALS);
	record_not(MISMATCH, 40000);
	record_refusal(700, 403, "Forbidden");
	record_not(MISMATCH, 40000);
	offered();
	record_request(500, 2, REGMON_MARK_AUTS);
	record_not(MISMATCH, 40000);
	record_refusal(700, 403, "Forbidden");
	record_not(MISMATCH, 40000);
	offered();
	record_request(500, 2, REGMON_MARK_AUTS);
	record_end(128500, REGMON_RESULT_UNANSWERED);
	record_not(MISMATCH, 129000);
}

static void server_not_wanted(void **state)
{
	/* behind the first hop nobody sets it */
	offered();
	record->attempt.driver_vias = 2;
	record_not(MISMATCH, 40000);
	/* a plain SIP phone, which offered nothing */
	record_new();
	record_first_round(0, 1);
	record_not(MISMATCH, 40000);
	/* no 401 at all, no attempt at all */
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	record->attempt.offered_security = true;
	record_not(MISMATCH, 40000);
	record_new();
	record_not(MISMATCH, 40000);
}

/* ---- where the REGISTER came ---- */

static void port_and_nat(void **state)
{
	choice_not_offered();
	answered(500);
	record->received_port = 6100;
	record_silent_of(MISMATCH, 600, "arrived on port");
	record->received_port = 5060;
	record_says(MISMATCH, 600, "the last REGISTER arrived on port 5060, agreed "
							   "was port-s 6100");
	record->server.port_s = 0;
	record_silent_of(MISMATCH, 600, "arrived on port");
	record->server.port_s = 6100;
	record->behind_nat = true;
	record_says(MISMATCH, 600, "the phone is behind NAT: without UDP");
	/* the REGISTER that this 401 answers came over the association before */
	record_new();
	record_good(0);
	record_open(3000000, REGMON_ATTEMPT_REFRESH);
	record_request(3000000, 3, REGMON_MARK_CREDENTIALS);
	record->attempt.protected_requests = 1;
	record_challenge(3000100);
	record->offered_algs = BIT(HMAC_SHA_1_96);
	record->offered_ealgs = BIT(NULL);
	record->received_port = 5070;
	chosen(REGMON_WORD_HMAC_MD5_96, REGMON_WORD_NULL);
	record_applies(MISMATCH, 3000200, REGMON_LIKELY);
	record_silent_of(MISMATCH, 3000200, "arrived on port");
}

static void all_is_shown(void **state)
{
	record_all_shown(MISMATCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(server_says_494),
			harness_test(server_says_421), harness_test(verify_differs),
			harness_test(verify_in_words), harness_test(chose_another),
			harness_test(chose_another_cipher), harness_test(offers_another_since),
			harness_test(choice_is_fine),
			harness_test(no_server), harness_test(reacts_without_server),
			harness_test(server_not_wanted), harness_test(port_and_nat),
			harness_test(all_is_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
