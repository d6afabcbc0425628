/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part `aka` of ims_regmon.show, for programs and for eyes. */
#include "test/unit/writer_fake.h"

#include "show/rows.h"

static fake_t fake;
static regmon_registration_t phone;

static regmon_supplement_t supplement;

static regmon_aka_facts_t *start(void)
{
	memset(&phone, 0, sizeof(phone));
	memset(&supplement, 0, sizeof(supplement));
	phone.supplement = &supplement;
	phone.ims = true;
	return &phone.aka;
}

static void show(bool for_eyes)
{
	fake_start(&fake, for_eyes);
	regmon_rows_aka(&fake.writer, &phone);
	assert_int_equal(fake.depth, 0);
}

static void test_nothing_to_say(void **state)
{
	regmon_aka_facts_t *facts = start();

	show(false);
	assert_string_equal(fake.text, "");
	/* plain digest of a plain phone */
	phone.ims = false;
	facts->marks = REGMON_AKA_CHALLENGED | REGMON_AKA_ANSWERED;
	facts->challenge_algorithm = facts->answer_algorithm = REGMON_ALGORITHM_MD5;
	show(false);
	assert_string_equal(fake.text, "");
	/* but of a phone that wants AKA */
	phone.ims = true;
	show(false);
	assert_field(&fake, "aka.challenge.algorithm", "MD5");
	phone.ims = false;
	facts->answer_algorithm = REGMON_ALGORITHM_AKAV1_MD5;
	show(false);
	assert_field(&fake, "aka.answer.algorithm", "AKAv1-MD5");
}

static void test_facts(void **state)
{
	regmon_aka_facts_t *facts = start();

	facts->marks = REGMON_AKA_CHALLENGED | REGMON_AKA_CHALLENGED_NOW
				   | REGMON_AKA_SERVER_OCTETS | REGMON_AKA_ANSWERED
				   | REGMON_AKA_AUTS;
	facts->challenge_algorithm = REGMON_ALGORITHM_AKAV2_SHA_256;
	facts->nonce = REGMON_NONCE_VECTOR;
	facts->repeated_rands = 3;
	facts->qop_offer = REGMON_QOP_OFFERED;
	facts->answer_algorithm = REGMON_ALGORITHM_NONE;
	facts->answer_nonce = REGMON_ANSWER_NONCE_ACCEPTED;
	facts->answer_realm = REGMON_ANSWER_REALM_DIFFERS;
	facts->answer_response = REGMON_ANSWER_RESPONSE_EMPTY;
	facts->auts_octets = 15;
	facts->qop_use = REGMON_QOP_INCOMPLETE;
	show(false);
	assert_string_equal(fake.text, "aka.challenge.algorithm=AKAv2-SHA-256\n"
								   "aka.challenge.nonce=vector\n"
								   "aka.challenge.server_octets=yes\n"
								   "aka.challenge.repeated_rands=3\n"
								   "aka.challenge.qop=auth\n"
								   "aka.challenge.this_attempt=yes\n"
								   "aka.answer.algorithm=none\n"
								   "aka.answer.nonce=accepted\n"
								   "aka.answer.realm=differs\n"
								   "aka.answer.response=empty\n"
								   "aka.answer.auts=given\n"
								   "aka.answer.auts_octets=15\n"
								   "aka.answer.qop=incomplete\n"
								   "aka.answer.this_attempt=no\n");
	show(true);
	assert_field(&fake, "aka.challenge",
			"algorithm AKAv2-SHA-256, nonce has the size of RAND and AUTN and "
			"more, same RAND as before, 3 in a row, qop auth");
	assert_field(&fake, "aka.answer",
			"algorithm none, nonce of the last success, realm differs, "
			"response empty, auts of 15 octets instead of 14, qop incomplete "
			"(of an attempt before)");
	facts->marks |= REGMON_AKA_AUTS_NOT_BASE64 | REGMON_AKA_ANSWERED_NOW;
	facts->marks &= ~REGMON_AKA_CHALLENGED_NOW;
	facts->nonce = REGMON_NONCE_NOT_BASE64;
	facts->repeated_rands = 0;
	facts->marks &= ~REGMON_AKA_SERVER_OCTETS;
	show(true);
	assert_field(&fake, "aka.challenge",
			"algorithm AKAv2-SHA-256, nonce is no base64, qop auth (of an "
			"attempt before)");
	assert_field(&fake, "aka.answer",
			"algorithm none, nonce of the last success, realm differs, "
			"response empty, auts is no base64, qop incomplete");
	show(false);
	assert_field(&fake, "aka.answer.auts", "not-base64");
	assert_no_field(&fake, "aka.lab_keys.challenge");
}

static void test_lab_keys(void **state)
{
	regmon_aka_facts_t *facts = start();
	regmon_aka_worth_t *worth = &supplement.worth;

	facts->marks = REGMON_AKA_CHALLENGED | REGMON_AKA_ANSWERED
				   | REGMON_AKA_SQN_HE_KNOWN | REGMON_AKA_SQN_MS_KNOWN
				   | REGMON_AKA_OF_EMPTY_PASSWORD | REGMON_AKA_AMF_DIFFERS;
	worth->of_core = worth->of_challenge = REGMON_AKA_STALE_VECTOR;
	worth->of_answer = REGMON_AKA_SQN_OUT_OF_RANGE;
	worth->sqn_he = 0x1000;
	worth->sqn_ms = UINT64_C(0xffffffffffff);
	show(false);
	assert_field(&fake, "aka.lab_keys.challenge_from_core", "stale-vector");
	assert_field(&fake, "aka.lab_keys.challenge", "stale-vector");
	assert_field(&fake, "aka.lab_keys.answer", "sqn-out-of-range");
	assert_field(&fake, "aka.lab_keys.response_of_empty_password", "yes");
	assert_field(&fake, "aka.lab_keys.amf_differs", "yes");
	assert_field(&fake, "aka.lab_keys.sqn_network", "000000001000");
	assert_field(&fake, "aka.lab_keys.sqn_card", "ffffffffffff");
	assert_field(&fake, "aka.lab_keys.sqn_difference", "281474976706559");
	assert_no_field(&fake, "aka.lab_keys.computed_as");
	assert_no_field(&fake, "aka.lab_keys.acceptance");
	show(true);
	assert_no_field(&fake, "aka.lab_keys.challenge_from_core");
	assert_field(&fake, "aka.lab_keys.sqn_difference",
			"281474976706559: the network is behind the card");
	assert_field(&fake, "aka.lab_keys.answer",
			"sqn-out-of-range: the card asks for another SQN, and its auts is "
			"of these keys");
	worth->sqn_ms = 0xfe0;
	show(true);
	assert_field(&fake, "aka.lab_keys.sqn_difference",
			"-32: the network is ahead of the card");
	facts->marks &= ~REGMON_AKA_SQN_MS_KNOWN;
	worth->of_core = REGMON_AKA_CHALLENGE_RIGHT;
	worth->of_answer = REGMON_AKA_WRONG_AKA_VERSION;
	facts->computed_as = REGMON_ALGORITHM_AKAV2_MD5;
	worth->of_acceptance = REGMON_AKA_RSPAUTH_WRONG;
	show(true);
	assert_no_field(&fake, "aka.lab_keys.sqn_card");
	assert_no_field(&fake, "aka.lab_keys.sqn_difference");
	assert_field(&fake, "aka.lab_keys.computed_as", "AKAv2-MD5");
	assert_field(&fake, "aka.lab_keys.challenge_from_core",
			"challenge-right: the network made AUTN with these keys, its SQN "
			"is "
			"above the last one seen");
	show(false);
	assert_field(&fake, "aka.lab_keys.acceptance", "rspauth-wrong");
}

/* a challenge that never left for the phone */
static void test_core_only(void **state)
{
	regmon_aka_worth_t *worth;

	start();
	worth = &supplement.worth;

	worth->of_core = REGMON_AKA_KEY_MISMATCH;
	show(false);
	assert_string_equal(
			fake.text, "aka.lab_keys.challenge_from_core=key-mismatch\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_nothing_to_say),
			harness_test(test_facts), harness_test(test_lab_keys),
			harness_test(test_core_only)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
