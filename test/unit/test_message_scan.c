/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message/scan.h, and that a value means the same whether there is text behind it
 * (quick) or not (thorough). */
#include "test/unit/message_scan.h"

static const char *const pieces[] = {"alg=hmac-sha-1-96", "ealg=null",
		"mod=trans", "prot=esp", "spi-c=12345", "SPI-S=7", "port-c=5060",
		"port-s=x", "q=0.1", "mediasec", "ipsec-3gpp", "expires=600",
		"Expires=1", "reg-id=1", "+g.3gpp.smsip",
		"+g.3gpp.icsi-ref=\"urn%3Aims.icsi.mmtel\"", "+g.3gpp.mid-call",
		"+sip.instance=\"<urn:x>\"", "video", "audio", "text=\"a;b\"",
		"username=\"a@b\"", "realm=\"x\\\"y\"", "nonce=\"\"", "response=\"00\"",
		"algorithm=AKAv1-MD5", "qop=auth", "nc=00000001", "uri=\"sip:a\"",
		"branch=z9hG4bKx", "rport", "keep", "received=::1",
		"utran-cell-id-3gpp=0010100002a100100", "i-wlan-node-id=00112233aabb",
		"network-provided", "3GPP-NR-FDD", "Digest ", "<sip:a@b:5060;ob>",
		"SIP/2.0/UDP 10.0.0.1:5060", ";", ";", ";", ";", ",", ",", "; ", " , ",
		"=", " = ", "\"", "\\", " ", "\r\n ", "x", "algx", "*", "<", ">"};

static int random_value(char *value, int most)
{
	int n = 0, count = next_random() % 12;
	const char *piece;

	while(count-- > 0) {
		piece = pieces[next_random() % COUNT(pieces)];
		if(n + (int)strlen(piece) + 1 > most)
			break;
		n += sprintf(value + n, "%s%s", piece,
				next_random() % 3 ? next_random() % 4 ? ";" : "," : "");
	}
	return n;
}

static bool same(str left, str right)
{
	return left.s == right.s && left.len == right.len;
}

static void assert_same_security(str value, const char *text_end)
{
	regmon_security_list_t quick = {0}, thorough = {0};
	int i;

	regmon_security_read_within(value, text_end, &quick);
	regmon_security_read_within(value, value.s, &thorough);
	assert_int_equal(quick.n, thorough.n);
	for(i = 0; i < quick.kept; i++) {
		const regmon_security_t *a = &quick.list[i], *b = &thorough.list[i];

		assert_true(same(a->text, b->text) && same(a->mechanism, b->mechanism)
					&& same(a->alg, b->alg) && same(a->ealg, b->ealg)
					&& same(a->prot, b->prot) && same(a->mod, b->mod)
					&& same(a->q, b->q) && same(a->unknown, b->unknown));
		assert_true(a->spi_c == b->spi_c && a->spi_s == b->spi_s
					&& a->port_c == b->port_c && a->port_s == b->port_s
					&& a->alg_word == b->alg_word && a->mod_word == b->mod_word
					&& a->ipsec_3gpp == b->ipsec_3gpp
					&& a->mediasec == b->mediasec && a->broken == b->broken);
	}
}

static void assert_same_contacts(str value, const char *text_end)
{
	regmon_contacts_t quick = {0}, thorough = {0};
	int i;

	regmon_contacts_read_within(value, text_end, &quick);
	regmon_contacts_read_within(value, value.s, &thorough);
	assert_int_equal(quick.n, thorough.n);
	for(i = 0; i < quick.kept; i++) {
		const regmon_contact_t *a = &quick.list[i], *b = &thorough.list[i];

		assert_true(
				same(a->text, b->text) && same(a->uri.text, b->uri.text)
				&& same(a->expires_text, b->expires_text) && same(a->q, b->q)
				&& same(a->instance, b->instance) && same(a->reg_id, b->reg_id)
				&& same(a->icsi_ref, b->icsi_ref) && same(a->video, b->video));
		assert_true(a->expires == b->expires && a->features == b->features
					&& a->broken == b->broken && a->star == b->star
					&& a->ob == b->ob
					&& a->instance_quoted == b->instance_quoted);
	}
}

static void assert_same_digest(str value, const char *text_end)
{
	regmon_digest_t quick, thorough;
	int i;

	regmon_digest_read_within(value, text_end, &quick);
	regmon_digest_read_within(value, value.s, &thorough);
	for(i = 0; i < REGMON_DIGEST_FIELDS_N; i++)
		assert_true(same(quick.field[i], thorough.field[i]));
	assert_true(same(quick.scheme, thorough.scheme)
				&& quick.given == thorough.given
				&& quick.quoted == thorough.quoted
				&& quick.repeated == thorough.repeated
				&& quick.algorithm == thorough.algorithm
				&& quick.broken == thorough.broken);
}

static void assert_same_via(str value, const char *text_end)
{
	regmon_via_t quick, thorough;

	regmon_via_read_within(value, text_end, &quick);
	regmon_via_read_within(value, value.s, &thorough);
	assert_true(same(quick.text, thorough.text)
				&& same(quick.host, thorough.host)
				&& same(quick.branch, thorough.branch)
				&& same(quick.received, thorough.received)
				&& same(quick.rport, thorough.rport)
				&& same(quick.keep, thorough.keep)
				&& quick.rport_given == thorough.rport_given
				&& quick.keep_given == thorough.keep_given
				&& quick.broken == thorough.broken);
}

static void assert_same_access(str value, const char *text_end)
{
	regmon_access_list_t quick = {0}, thorough = {0};
	int i;

	regmon_access_read_within(value, text_end, &quick);
	regmon_access_read_within(value, value.s, &thorough);
	assert_int_equal(quick.n, thorough.n);
	for(i = 0; i < quick.kept; i++) {
		const regmon_access_value_t *a = &quick.list[i], *b = &thorough.list[i];

		assert_true(same(a->text, b->text) && same(a->type, b->type)
					&& same(a->cell_text, b->cell_text)
					&& same(a->cell, b->cell)
					&& same(a->broken_part, b->broken_part)
					&& a->cell_parameter == b->cell_parameter
					&& a->network_provided == b->network_provided
					&& a->broken == b->broken && a->fits == b->fits);
	}
}

/* As in a message: behind the value come its line end and another line. */
static void quick_and_thorough_agree(void **state)
{
	char bytes[1024];
	int round, n, longer;
	const char *text_end;
	str value;

	(void)state;
	for(round = 0; round < ROUNDS; round++) {
		n = random_value(bytes, 800);
		bytes[n] = '\r';
		bytes[n + 1] = '\n';
		longer = n + 2 + random_value(bytes + n + 2, 200);
		value = exact_bytes(bytes, longer);
		text_end = value.s + longer;
		value.len = n;
		value = regmon_text_trim(value);
		assert_same_security(value, text_end);
		assert_same_contacts(value, text_end);
		assert_same_digest(value, text_end);
		assert_same_via(value, text_end);
		assert_same_access(value, text_end);
		exact_free(NULL);
	}
}

int main(void)
{
	static const struct CMUnitTest readers[] = {
			exact_test(quick_and_thorough_agree)};

	return cmocka_run_group_tests(scan_tests, NULL, NULL)
		   + cmocka_run_group_tests(readers, NULL, NULL);
}
