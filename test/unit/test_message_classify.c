/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message/classify.h: leg, purpose and credentials by table. */
#include "message/classify.h"
#include "test/unit/message_exact.h"

#define UP "REGISTER sip:h SIP/2.0\r\n"
#define VIA1 "Via: SIP/2.0/UDP a;branch=1\r\n"
#define VIA2 VIA1 "Via: SIP/2.0/UDP b;branch=2\r\n"
#define VIA3 "Via: SIP/2.0/UDP a,SIP/2.0/UDP b\r\nv: SIP/2.0/UDP c\r\n"
#define USER "From: <sip:u@h>;tag=1\r\nTo: <sip:u@h>\r\n"
#define CONTACT "Contact: <sip:u@10.0.0.1>\r\n"
#define EMPTY \
	"Authorization: Digest username=\"u\",nonce=\"\",response=\"\"\r\n"
#define ANSWER \
	"Authorization: Digest username=\"u\",nonce=\"n\",response=\"r\"\r\n"
#define REFUSED \
	"Authorization: Digest username=\"u\",nonce=\"n\",response=\"\"\r\n"
#define NO_RESPONSE "Authorization: Digest username=\"u\",nonce=\"n\"\r\n"
#define RESYNC \
	"Authorization: Digest nonce=\"n\",response=\"\",auts=\"YQ==\"\r\n"
#define PROTECTED(value)     \
	"Authorization: Digest " \
	"nonce=\"\",response=\"\",integrity-protected=" value "\r\n"
#define VERIFY "Security-Verify: ipsec-3gpp\r\n"
#define END "\r\n"

enum
{
	U0 = REGMON_LEG_U0,
	U1 = REGMON_LEG_U1,
	U2 = REGMON_LEG_U2,
	PI = REGMON_LEG_PI,
	IS = REGMON_LEG_IS,
	SA = REGMON_LEG_SA,
	AU = REGMON_LEG_AU,
	AC = REGMON_LEG_AC
};

static void classify(
		const char *text, regmon_role_t role, regmon_class_t *class)
{
	static regmon_message_t message;
	str exact_text = exact(text);

	memset(&message, 0xa5, sizeof(message));
	regmon_message_read(exact_text.s, exact_text.len, &message);
	memset(class, 0xa5, sizeof(*class));
	regmon_classify(&message, NULL, role, class);
}

static void legs(void **state)
{
	/* per role, in the order of regmon_role_t: auto, pcscf, icscf, scscf, registrar, tap */
	static const struct
	{
		const char *text;
		int leg[6];
	} cases[] = {
			{UP VIA1 USER CONTACT END, {U0, U0, PI, IS, U0, U0}},
			{UP VIA1 USER CONTACT EMPTY END, {U0, U0, PI, IS, U0, U0}},
			{UP VIA1 USER CONTACT ANSWER END, {U1, U1, PI, IS, U1, U1}},
			{UP VIA1 USER CONTACT REFUSED END, {U1, U1, PI, IS, U1, U1}},
			{UP VIA1 USER CONTACT RESYNC END, {U1, U1, PI, IS, U1, U1}},
			{UP VIA1 USER CONTACT VERIFY END, {U2, U2, PI, IS, U2, U2}},
			{UP VIA1 USER CONTACT VERIFY ANSWER END, {U1, U1, PI, IS, U1, U1}},
			{UP VIA1 USER CONTACT PROTECTED("\"yes\"") END,
					{U2, U2, PI, IS, U2, U2}},
			{UP VIA2 USER CONTACT END, {PI, PI, PI, IS, U0, PI}},
			{UP VIA2 USER CONTACT ANSWER END, {PI, PI, PI, IS, U1, PI}},
			{UP VIA3 USER CONTACT END, {IS, IS, PI, IS, U0, IS}},
			{UP USER CONTACT END, {U0, U0, PI, IS, U0, U0}},
			{UP VIA1 "From: <sip:scscf.h>;tag=1\r\nTo: <sip:u@h>\r\n"
					 "Contact: <sip:scscf.h>\r\n" END,
					{SA, SA, SA, SA, SA, SA}},
			{UP VIA2 "From: <sip:x@scscf.h>;tag=1\r\nTo: <sip:u@h>\r\n"
					 "Contact: <sip:y@SCSCF.h:6060>\r\n" END,
					{SA, SA, SA, SA, SA, SA}},
			/* somebody registers for somebody else: no S-CSCF by its Contact */
			{UP VIA1 "From: <sip:x@h>;tag=1\r\nTo: <sip:u@h>\r\n" CONTACT END,
					{U0, U0, PI, IS, U0, U0}},
			/* the same address, written otherwise */
			{UP VIA1 "From: <sip:%75@H:5060;a=b>;tag=1\r\nTo: <sip:u@h>\r\n"
					 "Contact: <sip:u@h>\r\n" END,
					{U0, U0, PI, IS, U0, U0}},
			/* credentials are never in a third-party REGISTER */
			{UP VIA1 "From: <sip:scscf.h>;tag=1\r\nTo: <sip:u@h>\r\n"
					 "Contact: <sip:scscf.h>\r\n" EMPTY END,
					{U0, U0, PI, IS, U0, U0}},
			{UP VIA1 "To: <sip:u@h>\r\nContact: <sip:h>\r\n" END,
					{U0, U0, PI, IS, U0, U0}},
			{"SIP/2.0 200 OK\r\n" VIA1 USER END, {AU, AU, AU, AU, AU, AU}},
			{"SIP/2.0 200 OK\r\n" VIA2 USER END, {AC, AC, AC, AC, AC, AC}},
			{"SIP/2.0 200 OK\r\n" USER END, {AU, AU, AU, AU, AU, AU}},
	};
	regmon_class_t class;
	unsigned i, role;

	for(i = 0; i < COUNT(cases); i++) {
		for(role = 0; role < 6; role++) {
			classify(cases[i].text, role, &class);
			if((int)class.leg != cases[i].leg[role])
				fail_msg("case %u, role %s: %s", i, regmon_role_name(role),
						regmon_leg_name(class.leg));
		}
	}
}

static void credentials(void **state)
{
	static const struct
	{
		const char *text;
		regmon_credentials_t credentials;
	} cases[] = {{UP END, REGMON_CREDENTIALS_NONE},
			{UP EMPTY END, REGMON_CREDENTIALS_NONE},
			{UP ANSWER END, REGMON_CREDENTIALS_ANSWER},
			{UP REFUSED END, REGMON_CREDENTIALS_REFUSED},
			{UP NO_RESPONSE END, REGMON_CREDENTIALS_REFUSED},
			{UP RESYNC END, REGMON_CREDENTIALS_RESYNC},
			{UP "Authorization: Digest "
				"nonce=\"n\",response=\"r\",auts=\"\"\r\n" END,
					REGMON_CREDENTIALS_ANSWER},
			{UP "Authorization: Digest "
				"nonce=\"n\",response=\"r\",auts=\"a\"\r\n" END,
					REGMON_CREDENTIALS_RESYNC}};
	regmon_class_t class;
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		classify(cases[i].text, REGMON_ROLE_AUTO, &class);
		if(class.credentials != cases[i].credentials)
			fail_msg("%s", cases[i].text);
	}
}

static void purposes(void **state)
{
	static const struct
	{
		const char *text;
		regmon_purpose_t purpose;
	} cases[] = {
			{UP USER END, REGMON_PURPOSE_QUERY},
			{UP USER "Contact:\r\n" END, REGMON_PURPOSE_QUERY},
			{UP USER CONTACT END, REGMON_PURPOSE_REGISTRATION},
			{UP USER CONTACT "Expires: 0\r\n" END,
					REGMON_PURPOSE_DEREGISTRATION},
			{UP USER CONTACT "Expires: junk\r\n" END,
					REGMON_PURPOSE_REGISTRATION},
			{UP USER "Contact: <sip:u@a>;expires=0\r\nExpires: 60\r\n" END,
					REGMON_PURPOSE_DEREGISTRATION},
			{UP USER "Contact: <sip:u@a>;expires=60\r\nExpires: 0\r\n" END,
					REGMON_PURPOSE_REGISTRATION},
			{UP USER "Contact: <sip:u@a>;expires=0,<sip:u@b>;expires=1\r\n" END,
					REGMON_PURPOSE_REGISTRATION},
			{UP USER "Contact: <sip:u@a>;expires=0\r\n"
					 "Contact: <sip:u@b>;expires=0\r\n" END,
					REGMON_PURPOSE_DEREGISTRATION},
			{UP USER "Contact: *\r\nExpires: 0\r\n" END,
					REGMON_PURPOSE_DEREGISTRATION},
			{UP USER "Contact: *\r\nExpires: 60\r\n" END,
					REGMON_PURPOSE_REGISTRATION},
			{UP USER "Contact: *;expires=0\r\n" END,
					REGMON_PURPOSE_REGISTRATION},
			{UP "From: <sip:s>;tag=1\r\nTo: <sip:u@h>\r\n"
				"Contact: <sip:s>;expires=0\r\n" END,
					REGMON_PURPOSE_THIRD_PARTY},
	};
	regmon_class_t class;
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		classify(cases[i].text, REGMON_ROLE_AUTO, &class);
		if(class.purpose != cases[i].purpose)
			fail_msg("%s: %s", cases[i].text,
					regmon_purpose_name(class.purpose));
	}
}

static void protection(void **state)
{
	static const struct
	{
		const char *text;
		bool is_protected;
	} cases[] = {{UP END, false}, {UP VERIFY END, true},
			{UP PROTECTED("yes") END, true},
			{UP PROTECTED("\"YES\"") END, true},
			{UP PROTECTED("\"no\"") END, false},
			{UP PROTECTED("\"tls-yes\"") END, true},
			{UP PROTECTED("\"tls-pending\"") END, false},
			{UP PROTECTED("\"tls-connected\"") END, true},
			{UP PROTECTED("\"ip-assoc-yes\"") END, true},
			{UP PROTECTED("\"ip-assoc-pending\"") END, false},
			{UP PROTECTED("\"auth-done\"") END, true},
			{UP PROTECTED("\"x\"") END, false}};
	regmon_class_t class;
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		classify(cases[i].text, REGMON_ROLE_AUTO, &class);
		if(class.is_protected != cases[i].is_protected)
			fail_msg("%s", cases[i].text);
	}
}

static void marks(void **state)
{
	static const struct
	{
		const char *text;
		bool ims, emergency;
	} cases[] = {{UP VIA1 USER CONTACT END, false, false},
			{UP USER "Contact: <sip:u@a>;video;+sip.instance=\"<x>\";+x\r\n"
					 "Supported: path, outbound, gruu\r\n" ANSWER END,
					false, false},
			{"REGISTER sip:ims.mnc001.mcc001.3GPPnetwork.org SIP/2.0\r\n" END,
					true, false},
			{UP "To: <sip:u@x.3gppnetwork.org>\r\n" END, true, false},
			{UP "To: <sip:u@3gppnetwork.org.example>\r\n" END, false, false},
			{UP "P-Access-Network-Info: IEEE-802.11\r\n" END, true, false},
			{UP "Security-Client: tls\r\n" END, true, false},
			{UP VERIFY END, true, false},
			{UP "Require: x, sec-agree\r\n" END, true, false},
			{UP "Proxy-Require: Sec-Agree\r\n" END, true, false},
			{UP "k: sec-agree\r\n" END, true, false},
			{UP "Contact: <sip:u@a>;+g.3gpp.smsip\r\n" END, true, false},
			{UP "Authorization: Digest algorithm=AKAv2-SHA-256\r\n" END, true,
					false},
			{UP RESYNC END, true, false}, {UP PROTECTED("no") END, true, false},
			{UP "Authorization: Digest realm=\"ims.3gppnetwork.org\"\r\n" END,
					true, false},
			{UP "Contact: <sip:u@a>,<sip:u@b;sos>\r\n" END, false, true}};
	regmon_class_t class;
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		classify(cases[i].text, REGMON_ROLE_AUTO, &class);
		if(class.ims != cases[i].ims || class.emergency != cases[i].emergency)
			fail_msg("%s: ims %d emergency %d", cases[i].text, class.ims,
					class.emergency);
	}
}

static void names(void **state)
{
	static const char *const roles[] = {
			"auto", "pcscf", "icscf", "scscf", "registrar", "tap"};
	regmon_role_t role;
	unsigned i;

	for(i = 0; i < COUNT(roles); i++) {
		assert_string_equal(regmon_role_name(i), roles[i]);
		assert_true(regmon_role_find(exact(roles[i]), &role));
		assert_int_equal(role, i);
	}
	assert_true(regmon_role_find(exact("PCSCF"), &role));
	role = REGMON_ROLE_TAP;
	assert_false(regmon_role_find(exact("proxy"), &role));
	assert_int_equal(role, REGMON_ROLE_TAP);
	assert_string_equal(regmon_role_name(77), "none");
	assert_string_equal(regmon_leg_name(REGMON_LEG_PI), "PI");
	assert_string_equal(regmon_leg_name(0), "none");
	assert_string_equal(regmon_purpose_name(REGMON_PURPOSE_DEREGISTRATION),
			"deregistration");
	assert_string_equal(regmon_purpose_name(0), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {exact_test(legs),
			exact_test(credentials), exact_test(purposes),
			exact_test(protection), exact_test(marks), exact_test(names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
