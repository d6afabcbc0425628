/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message/authorization.h and message/security_agreement.h. */
#include "test/unit/message_exact.h"

static void credentials(void **state)
{
	regmon_digest_t digest;

	regmon_digest_read(
			exact("Digest username=\"a,b@h\", realm = \"h\",uri=\"sip:h\",\r\n "
				  "qop=auth,nonce=\"n==\",nc=00000001,cnonce=\"c\","
				  "algorithm=AKAv1-MD5,response=\"0123\",opaque=\"\","
				  "integrity-protected=\"yes\",x-other=\"1\",auts=\"\""),
			&digest);
	assert_false(digest.broken);
	assert_text(digest.scheme, "Digest");
	assert_text(REGMON_DIGEST_TEXT(&digest, USERNAME), "a,b@h");
	assert_text(REGMON_DIGEST_TEXT(&digest, REALM), "h");
	assert_text(REGMON_DIGEST_TEXT(&digest, URI), "sip:h");
	assert_text(REGMON_DIGEST_TEXT(&digest, NONCE), "n==");
	assert_text(REGMON_DIGEST_TEXT(&digest, NC), "00000001");
	assert_text(REGMON_DIGEST_TEXT(&digest, INTEGRITY_PROTECTED), "yes");
	assert_int_equal(digest.algorithm, REGMON_ALGORITHM_AKAV1_MD5);
	assert_true(REGMON_DIGEST_HAS(&digest, OPAQUE));
	assert_false(REGMON_DIGEST_FILLED(&digest, OPAQUE));
	assert_true(REGMON_DIGEST_HAS(&digest, AUTS));
	assert_false(REGMON_DIGEST_HAS(&digest, STALE));
	assert_int_equal(digest.repeated, 0);
	assert_true((digest.quoted >> REGMON_DIGEST_NONCE) & 1);
	assert_false((digest.quoted >> REGMON_DIGEST_NC) & 1);
}

static void challenge(void **state)
{
	regmon_digest_t digest;

	regmon_digest_read(
			exact("dIgEsT NONCE=\"a\\\"b\",Nonce=\"2\",ck=\"0\",IK=1,"
				  "stale=TRUE,domain=\"sip:x\",qop=\"auth,auth-int\","
				  "algorithm=\"akav2-sha-256\""),
			&digest);
	assert_false(digest.broken);
	assert_text(REGMON_DIGEST_TEXT(&digest, NONCE), "a\\\"b");
	assert_int_equal(digest.repeated, 1u << REGMON_DIGEST_NONCE);
	assert_text(REGMON_DIGEST_TEXT(&digest, CK), "0");
	assert_text(REGMON_DIGEST_TEXT(&digest, IK), "1");
	assert_text(REGMON_DIGEST_TEXT(&digest, STALE), "TRUE");
	assert_text(REGMON_DIGEST_TEXT(&digest, DOMAIN), "sip:x");
	assert_text(REGMON_DIGEST_TEXT(&digest, QOP), "auth,auth-int");
	assert_int_equal(digest.algorithm, REGMON_ALGORITHM_AKAV2_SHA_256);
}

static void broken_digests(void **state)
{
	static const struct
	{
		const char *value;
		bool broken;
	} cases[] = {{"Digest realm=\"h\"", false}, {"Digest realm=\"h\",", false},
			{"Digest ,realm=h", false}, {"Digest realm=", false},
			{"Digest", true}, {"Digest realm", true}, {"Digest =x", true},
			{"Digest realm=\"open", true}, {"Digest realm=\"h\"x", true},
			{"Digest,realm=h", true}, {"=", true}, {"Digest a b=c", true},
			{"Digest realm=\"a\", Digest realm=\"b\"", true}};
	regmon_digest_t digest;
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		regmon_digest_read(exact(cases[i].value), &digest);
		if(digest.broken != cases[i].broken)
			fail_msg("%s", cases[i].value);
	}
	regmon_digest_read(exact(" "), &digest);
	assert_int_equal(digest.text.len, 0);
	assert_int_equal(digest.given, 0);
	assert_false(digest.broken);
}

static void algorithms(void **state)
{
	static const struct
	{
		const char *name;
		regmon_digest_algorithm_t algorithm;
		bool aka;
	} cases[] = {{"MD5", REGMON_ALGORITHM_MD5, false},
			{"SHA-256", REGMON_ALGORITHM_SHA_256, false},
			{"AKAv1-MD5", REGMON_ALGORITHM_AKAV1_MD5, true},
			{"AKAv2-MD5", REGMON_ALGORITHM_AKAV2_MD5, true},
			{"AKAv1-SHA-256", REGMON_ALGORITHM_AKAV1_SHA_256, true},
			{"AKAv2-SHA-256", REGMON_ALGORITHM_AKAV2_SHA_256, true}};
	regmon_digest_t digest;
	char text[64];
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		snprintf(text, sizeof(text), "Digest algorithm=%s", cases[i].name);
		regmon_digest_read(exact(text), &digest);
		assert_int_equal(digest.algorithm, cases[i].algorithm);
		assert_int_equal(
				regmon_algorithm_is_aka(digest.algorithm), cases[i].aka);
		assert_string_equal(
				regmon_algorithm_name(digest.algorithm), cases[i].name);
	}
	regmon_digest_read(exact("Digest algorithm=AKAv3-MD5"), &digest);
	assert_int_equal(digest.algorithm, REGMON_ALGORITHM_OTHER);
	regmon_digest_read(exact("Digest realm=x"), &digest);
	assert_int_equal(digest.algorithm, REGMON_ALGORITHM_NONE);
	assert_false(regmon_algorithm_is_aka(REGMON_ALGORITHM_NONE));
	assert_string_equal(regmon_algorithm_name(REGMON_ALGORITHM_NONE), "none");
}

static regmon_security_list_t list;
static const regmon_security_t *read_security(const char *value)
{
	memset(&list, 0xa5, sizeof(list));
	list.n = list.kept = 0;
	regmon_security_read(exact(value), &list);
	return &list.list[0];
}

static void agreement(void **state)
{
	const regmon_security_t *security = read_security(
			"IPSEC-3gpp; q=0.1;alg=hmac-sha-1-96 ;ealg=aes-cbc;mod=trans;"
			"prot=esp;SPI-C=4294967295;spi-s=1;port-c=65535;port-s=6100,"
			"tls;q=0.2,\r\n sdes-srtp;mediasec");

	assert_int_equal(list.n, 3);
	assert_true(security->ipsec_3gpp);
	assert_false(security->broken);
	assert_text(security->mechanism, "IPSEC-3gpp");
	assert_text(security->q, "0.1");
	assert_text(security->alg, "hmac-sha-1-96");
	assert_text(security->ealg, "aes-cbc");
	assert_text(security->mod, "trans");
	assert_text(security->prot, "esp");
	assert_true(security->spi_c == 4294967295LL);
	assert_int_equal(security->spi_s, 1);
	assert_int_equal(security->port_c, 65535);
	assert_int_equal(security->port_s, 6100);
	assert_null(security->unknown.s);
	assert_text(list.list[1].text, "tls;q=0.2");
	assert_int_equal(list.list[1].spi_c, REGMON_NUMBER_ABSENT);
	assert_null(list.list[1].alg.s);
	assert_false(list.list[1].ipsec_3gpp);
	assert_true(list.list[2].mediasec);
	assert_false(list.list[1].mediasec);
}

static void odd_agreements(void **state)
{
	const regmon_security_t *security;

	security = read_security("ipsec-3gpp;spi-c=x;spi-s=;port-c=1x;port-s=0");
	assert_int_equal(security->spi_c, REGMON_NUMBER_BAD);
	assert_int_equal(security->spi_s, REGMON_NUMBER_BAD);
	assert_int_equal(security->port_c, REGMON_NUMBER_BAD);
	assert_int_equal(security->port_s, 0);
	security = read_security("ipsec-3gpp;algx=1;protocol=udp;alg=a");
	assert_text(security->unknown, "algx=1");
	assert_text(security->alg, "a");
	assert_false(security->broken);
	assert_text(read_security("tls;bare")->unknown, "bare");
	assert_true(read_security(";alg=a")->broken);
	assert_true(read_security("tls;;alg=a")->broken);
	assert_true(read_security("tls;alg=")->broken);
	assert_true(read_security("tls;alg")->broken);
	assert_true(read_security("a=b;alg=a")->broken);
	assert_true(read_security("tls;alg=\"open,x")->broken);
	assert_int_equal(list.n, 1);
	read_security(",, ,");
	assert_int_equal(list.n, 0);
	read_security("a,b,c,d,e,f,g,h");
	assert_int_equal(list.n, 8);
	assert_int_equal(list.kept, REGMON_MAX_SECURITY);
	regmon_security_read(exact("i"), &list);
	assert_int_equal(list.n, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {exact_test(credentials),
			exact_test(challenge), exact_test(broken_digests),
			exact_test(algorithms), exact_test(agreement),
			exact_test(odd_agreements)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
