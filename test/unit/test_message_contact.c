/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message/contact.h and message/via.h: values, parameters, feature tags. */
#include "test/unit/message_exact.h"

static const regmon_contact_t *read_one(
		const char *value, regmon_contacts_t *contacts)
{
	memset(contacts, 0xa5, sizeof(*contacts));
	contacts->n = contacts->kept = 0;
	contacts->star = false;
	regmon_contacts_read(exact(value), contacts);
	return &contacts->list[0];
}

static void phone(void **state)
{
	regmon_contacts_t contacts;
	const regmon_contact_t *contact = read_one(
			"\"Al;ice, x\" <sip:001@10.45.0.2:31100;transport=udp;ob>"
			";+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\""
			";+g.3gpp.iari-ref=\"urn%3Aurn-7%3A3gpp-application.ims.iari.x\""
			";+g.3gpp.smsip;video;audio;text;+g.3gpp.accesstype=\"cellular2\""
			";+g.3gpp.mid-call;+g.3gpp.srvcc-alerting"
			";+g.3gpp.ps2cs-srvcc-orig-pre-alerting"
			";+g.3gpp.ps-data-off=\"active\";+g.gsma.x"
			";+sip.instance=\"<urn:gsma:imei:35609911-000001-0>\";reg-id=1"
			";q=0.5;expires=7200;pub-gruu=\"sip:a@h;gr=x\""
			";temp-gruu=\"sip:t@h;gr\"",
			&contacts);

	assert_int_equal(contacts.n, 1);
	assert_int_equal(contacts.kept, 1);
	assert_false(contact->broken);
	assert_text(contact->uri.user, "001");
	assert_text(contact->uri.host, "10.45.0.2");
	assert_int_equal(contact->uri.port, 31100);
	assert_true(contact->ob);
	assert_false(contact->sos);
	assert_text(contact->icsi_ref, "urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel");
	assert_true(contact->icsi_quoted);
	assert_true(contact->iari_quoted);
	assert_text(contact->accesstype, "cellular2");
	assert_text(contact->ps_data_off, "active");
	assert_text(contact->instance, "<urn:gsma:imei:35609911-000001-0>");
	assert_true(contact->instance_quoted);
	assert_true(contact->reg_id_given);
	assert_text(contact->reg_id, "1");
	assert_text(contact->q, "0.5");
	assert_int_equal(contact->expires, 7200);
	assert_text(contact->pub_gruu, "sip:a@h;gr=x");
	assert_text(contact->temp_gruu, "sip:t@h;gr");
	assert_null(contact->video.s);
	assert_int_equal(contact->features, 0x1fff);
}

static void expiry(void **state)
{
	static const struct
	{
		const char *value;
		int64_t header, effective;
	} cases[] = {
			{"<sip:a@h>", REGMON_NUMBER_ABSENT, 777},
			{"<sip:a@h>", 60, 60},
			{"<sip:a@h>;expires=30", 60, 30},
			{"<sip:a@h>;EXPIRES = 0", 60, 0},
			{"<sip:a@h>;expires=\"30\"", 60, 3600},
			{"<sip:a@h>;expires=", 60, 3600},
			{"<sip:a@h>;expires", 60, 3600},
			{"<sip:a@h>;expires=3x", 60, 3600},
			{"<sip:a@h>;expires=-1", 60, 3600},
			{"<sip:a@h>;expiresx=1", 60, 60},
			{"<sip:a@h>", REGMON_NUMBER_BAD, 3600},
			{"<sip:a@h>;expires=4294967296", 60, 4294967296LL},
			{"<sip:a@h;expires=5>", 60, 60},
			{"sip:a@h;expires=5", 60, 5},
	};
	regmon_contacts_t contacts;
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		const regmon_contact_t *contact = read_one(cases[i].value, &contacts);
		int64_t effective =
				regmon_contact_effective_expires(contact, cases[i].header, 777);

		if(effective != cases[i].effective)
			fail_msg("%s: %ld", cases[i].value, (long)effective);
	}
}

static void several(void **state)
{
	regmon_contacts_t contacts;

	read_one("<sip:a@h>;expires=1 , sip:b@h;q=1,, \"x,y\" <sip:c@h;x=1,2>",
			&contacts);
	assert_int_equal(contacts.n, 3);
	assert_text(contacts.list[0].text, "<sip:a@h>;expires=1");
	assert_text(contacts.list[1].uri.user, "b");
	assert_text(contacts.list[1].q, "1");
	assert_text(contacts.list[2].uri.text, "sip:c@h;x=1,2");
	/* a second line goes on */
	regmon_contacts_read(exact("*"), &contacts);
	assert_int_equal(contacts.n, 4);
	assert_true(contacts.star);
	assert_true(contacts.list[3].star);
	assert_false(contacts.list[2].star);
	regmon_contacts_read(exact(" , ,"), &contacts);
	assert_int_equal(contacts.n, 4);
	regmon_contacts_read(exact(""), &contacts);
	assert_int_equal(contacts.n, 4);
}

static void star_forms(void **state)
{
	regmon_contacts_t contacts;

	assert_true(read_one("*", &contacts)->star);
	assert_true(read_one("* ;expires=0", &contacts)->star);
	assert_int_equal(contacts.list[0].expires, 0);
	assert_false(read_one("<*>", &contacts)->star);
	assert_false(read_one("**", &contacts)->star);
	/* behind the kept ones too */
	read_one("<sip:a@h>,<sip:a@h>,<sip:a@h>,<sip:a@h>,<sip:a@h>,<sip:a@h>,"
			 "<sip:a@h>,<sip:a@h>,*",
			&contacts);
	assert_int_equal(contacts.n, 9);
	assert_int_equal(contacts.kept, REGMON_MAX_CONTACTS);
	assert_true(contacts.star);
}

static void broken_values(void **state)
{
	static const struct
	{
		const char *value;
		bool broken;
	} cases[] = {{"<sip:a@h>", false}, {"sip:a@h", false},
			{"Alice <sip:a@h>", false}, {"\"\" <sip:a@h>;x", false},
			{"<sip:a@h", true}, {"\"Alice <sip:a@h>", true},
			{";expires=1", true}, {"<>", true}, {"<sip:a@h> junk;q=1", true},
			{"<sip:a@h>;x=\"open", true}, {"<sip:a@h>;x=\"y\"z", true},
			{"<sip:a@h>;=1", true}, {"<sip:a@h>;;q=1", false},
			{"<sip:a@h>;q=1;", false}};
	regmon_contacts_t contacts;
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		if(read_one(cases[i].value, &contacts)->broken != cases[i].broken)
			fail_msg("%s", cases[i].value);
		assert_int_equal(contacts.n, 1);
	}
}

static void tags(void **state)
{
	regmon_contacts_t contacts;

	assert_int_equal(read_one("<sip:a@h>;+G.3GPP.SMSIP", &contacts)->features,
			REGMON_FEATURE_SMSIP);
	assert_int_equal(read_one("<sip:a@h>;+g.3gpp.smsipx", &contacts)->features,
			REGMON_FEATURE_OTHER);
	assert_int_equal(
			read_one("<sip:a@h>;+", &contacts)->features, REGMON_FEATURE_OTHER);
	assert_int_equal(read_one("<sip:a@h>;smsip", &contacts)->features, 0);
	assert_int_equal(
			read_one("<sip:a@h>;+g.3gpp.icsi-ref=\"urn%3Ax.mmtelx\"", &contacts)
					->features,
			REGMON_FEATURE_ICSI);
	assert_int_equal(read_one("<sip:a@h>;+g.3gpp.icsi-ref="
							  "\"a,urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtelx,"
							  "urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\"",
							 &contacts)
							 ->features,
			REGMON_FEATURE_ICSI | REGMON_FEATURE_MMTEL);
	assert_false(
			read_one("<sip:a@h>;+g.3gpp.icsi-ref=urn", &contacts)->icsi_quoted);
	assert_text(read_one("<sip:a@h>;video=TRUE", &contacts)->video, "TRUE");
	assert_true(read_one("<sip:a@h;SOS>", &contacts)->sos);
	assert_false(read_one("<sip:a@h;sosx>", &contacts)->sos);
	assert_false(read_one("<sip:a@h>;sos", &contacts)->sos);
	assert_true(read_one("<sip:a@h;transport=udp;sos=1>", &contacts)->sos);
	assert_text(
			read_one("<sip:a@h>;\r\n +sip.instance = \"<x\\\"y>\"", &contacts)
					->instance,
			"<x\\\"y>");
}

/* 65535 bytes of the worst: time grows with length, not with its square */
static void long_lines(void **state)
{
	static const char *const parts_of[] = {",", ";", "\"", "<", "<sip:a@h>,",
			"\"\\\"", "sip:a,", "a=\"b\";", "=", "\"a\"", "*,", ",;", "<>,"};
	regmon_contacts_t contacts;
	char *text = malloc(65535);
	unsigned i;
	int n;

	assert_non_null(text);
	for(i = 0; i < COUNT(parts_of); i++) {
		int length = strlen(parts_of[i]);

		for(n = 0; n < 65535; n++)
			text[n] = parts_of[i][n % length];
		contacts.n = contacts.kept = 0;
		contacts.star = false;
		regmon_contacts_read((str){text, 65535}, &contacts);
		if(strcmp(parts_of[i], "<sip:a@h>,") == 0)
			assert_int_equal(contacts.n, 6554);
		if(strcmp(parts_of[i], "*,") == 0)
			assert_int_equal(contacts.n, 32768);
		if(strcmp(parts_of[i], ",") == 0)
			assert_int_equal(contacts.n, 0);
	}
	free(text);
}

static void vias(void **state)
{
	static const struct
	{
		const char *value, *text, *transport, *host;
		int port;
		const char *branch;
		bool rport_given, keep_given, broken;
	} cases[] = {
			{"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa;rport",
					"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa;rport", "UDP",
					"10.0.0.1", 5060, "z9hG4bKa", true, false, false},
			{"SIP/2.0/TCP h;keep;branch=b , SIP/2.0/UDP x;branch=c",
					"SIP/2.0/TCP h;keep;branch=b", "TCP", "h", 0, "b", false,
					true, false},
			{"SIP / 2.0 / TLS\r\n [2001:db8::1] : 5061 ; branch = b",
					"SIP / 2.0 / TLS\r\n [2001:db8::1] : 5061 ; branch = b",
					"TLS", "[2001:db8::1]", 5061, "b", false, false, false},
			{"SIP/2.0/UDP a,SIP/2.0/UDP b", "SIP/2.0/UDP a", "UDP", "a", 0, "",
					false, false, false},
			{"SIP/2.0/UDP h:0;branch=b", "SIP/2.0/UDP h:0;branch=b", "UDP", "h",
					-1, "b", false, false, true},
			{"SIP/2.0/UDP h:99999", "SIP/2.0/UDP h:99999", "UDP", "h", -1, "",
					false, false, true},
			{"SIP/2.0/UDP", "SIP/2.0/UDP", "UDP", "", 0, "", false, false,
					true},
			{"SIP/2.0/UDP [::1;branch=b", "SIP/2.0/UDP [::1;branch=b", "UDP",
					"[::1", 0, "b", false, false, true},
			{"x", "x", "", "", 0, "", false, false, true},
			{";branch=b", ";branch=b", "", "", 0, "b", false, false, true},
			{"SIP/2.0/UDP h;branch=\"open", "SIP/2.0/UDP h;branch=\"open",
					"UDP", "h", 0, "\"open", false, false, true},
	};
	regmon_via_t via;
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		regmon_via_read(exact(cases[i].value), &via);
		assert_text(via.text, cases[i].text);
		assert_text(via.transport, cases[i].transport);
		assert_text(via.host, cases[i].host);
		assert_text(via.branch, cases[i].branch);
		if(via.port != cases[i].port || via.broken != cases[i].broken
				|| via.rport_given != cases[i].rport_given
				|| via.keep_given != cases[i].keep_given)
			fail_msg("%s: port %d broken %d", cases[i].value, via.port,
					via.broken);
	}
	regmon_via_read(
			exact("SIP/2.0/UDP h;received=1.2.3.4;rport=7;keep=30"), &via);
	assert_text(via.received, "1.2.3.4");
	assert_text(via.rport, "7");
	assert_text(via.keep, "30");
	regmon_via_read(exact(""), &via);
	assert_int_equal(via.text.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {exact_test(phone), exact_test(expiry),
			exact_test(several), exact_test(star_forms),
			exact_test(broken_values), exact_test(tags), exact_test(long_lines),
			exact_test(vias)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
