/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules that look into nonce and auts, on texts that are near to being right. */
#include "test/unit/rules_fixture.h"

static bool breaks(const char *text, const char *id)
{
	static fixture_t fixture;
	regmon_plan_t *plan = fixture_plan(NULL, false);
	regmon_findings_t findings;
	bool broken = false;
	size_t length;
	unsigned i;

	fixture_read_text(&fixture, harness_copy(text, &length), strlen(text));
	fixture_judge(plan, &fixture, &findings);
	for(i = 0; i < findings.n; i++)
		broken |= strcmp(regmon_rule_at(findings.list[i].rule)->id, id) == 0;
	fixture_free(&fixture);
	free(plan);
	return broken;
}

static bool challenge_breaks(const char *nonce, const char *id)
{
	char text[1000];

	snprintf(text, sizeof(text),
			"SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP 10.0.0.1\r\n"
			"From: <sip:a@b.org>;tag=a\r\nTo: <sip:a@b.org>;tag=b\r\n"
			"Call-ID: c\r\nCSeq: 1 REGISTER\r\n"
			"WWW-Authenticate: Digest realm=\"a\",nonce=\"%s\","
			"algorithm=AKAv1-MD5\r\n\r\n",
			nonce);
	return breaks(text, id);
}

static void test_vector(void **state)
{
	/* AMF b9b9, 725c */
	assert_true(challenge_breaks(
			"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=", "R401-10"));
	assert_false(challenge_breaks(
			"n3yNAhrM9NshPM/wx/caaq5KOptMl3JcnKvD6ZuvcoE=", "R401-10"));
	assert_false(challenge_breaks(
			"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=", "R401-02"));
}

/* The first bit of AMF is the third of the six that character 29 stands for, whatever stands around it. */
static void test_separation_bit(void **state)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
								  "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char nonce[] = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=";
	char with_more[] = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7MAAAAA";
	unsigned i;

	for(i = 0; i < 64; i++) {
		nonce[29] = with_more[29] = letters[i];
		nonce[28] = nonce[30] = letters[63 - i];
		assert_true(challenge_breaks(nonce, "R401-10") == (i >> 3 & 1));
		assert_true(challenge_breaks(with_more, "R401-10") == (i >> 3 & 1));
	}
	/* what follows is no base64: the bit is where it is */
	nonce[29] = 'I';
	nonce[40] = '-';
	assert_true(challenge_breaks(nonce, "R401-02"));
	assert_true(challenge_breaks(nonce, "R401-10"));
	nonce[29] = 'A';
	assert_false(challenge_breaks(nonce, "R401-10"));
}

/* no base64, and so without an AMF whose bits could be looked at */
static void test_no_vector(void **state)
{
	static const char *const nonces[] = {
			"--------------------------------------------",
			"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7 5Sp/6w1Tfr7M=",
			"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m=Sp/6w1Tfr7M="};
	unsigned i;

	for(i = 0; i < 3; i++) {
		assert_true(challenge_breaks(nonces[i], "R401-02"));
		assert_false(challenge_breaks(nonces[i], "R401-10"));
	}
	/* cut, and without the '=' */
	assert_true(challenge_breaks(
			"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M", "R401-02"));
	assert_true(challenge_breaks(
			"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tf", "R401-02"));
}

static bool auts_breaks(const char *auts)
{
	char text[1000];

	snprintf(text, sizeof(text),
			"REGISTER sip:b.org SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n"
			"From: <sip:a@b.org>;tag=a\r\nTo: <sip:a@b.org>\r\n"
			"Call-ID: c\r\nCSeq: 1 REGISTER\r\nContact: <sip:10.0.0.1>\r\n"
			"Authorization: Digest username=\"a@b.org\",realm=\"a\","
			"uri=\"sip:b.org\",nonce=\"n\",auts=\"%s\"\r\n\r\n",
			auts);
	return breaks(text, "AUTH-15");
}

static void test_auts(void **state)
{
	assert_false(auts_breaks("uoU/PBI8z0TpNZbjVcY="));
	assert_true(auts_breaks("uoU/PBI8z0TpNZbjVcY"));
	assert_true(auts_breaks("uoU/PBI8z0TpNZbjVcY1"));
	assert_true(auts_breaks("uoU/PBI8z0TpNZbjVc=="));
	assert_true(auts_breaks("uoU/PBI8z0TpNZbj-cY="));
	assert_true(auts_breaks("ba853f3c123ccf44e93596e355c6"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_vector),
			harness_test(test_separation_bit),
			harness_test(test_no_vector), harness_test(test_auts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
