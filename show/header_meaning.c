/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of headers. After RFC 3261 table 2 and 20, TS 24.229 5.1.1.2 (phone), 5.2.2 (P-CSCF), 5.4.1 (S-CSCF),
 * RFC 3327, RFC 3329, RFC 3608, RFC 5626, RFC 7315. */
#include "show/header_meaning.h"

typedef enum column
{
	COLUMN_U0,
	COLUMN_U1,
	COLUMN_U2,
	COLUMN_CORE,
	COLUMN_THIRD_PARTY,
	COLUMN_PLAIN,
	COLUMN_401,
	COLUMN_2XX,
	COLUMN_OTHER
} column_t;

static const regmon_header_meaning_t table[] = {
		{REGMON_HEADER_VIA, "mmmmmmmmm",
				"the way that the answer goes back; one value for each hop",
				NULL},
		{REGMON_HEADER_FROM, "mmmmmmmmm",
				"who registers; equals To unless a third party does it", NULL},
		{REGMON_HEADER_TO, "mmmmmmmmm",
				"the public identity (IMPU) that is registered", NULL},
		{REGMON_HEADER_CALL_ID, "mmmmmmmmm",
				"one for all REGISTERs of a phone to one registrar", NULL},
		{REGMON_HEADER_CSEQ, "mmmmmmmmm",
				"orders the REGISTERs of one Call-ID: one higher each time",
				NULL},
		{REGMON_HEADER_MAX_FORWARDS, "mmmmmm---",
				"hops that are left before a loop is assumed", NULL},
		{REGMON_HEADER_CONTACT, "cccccc-co",
				"where the phone can be reached and what it can do; in a 2xx "
				"the bindings in force with their time",
				"absent only in a query for bindings; in a 2xx present "
				"whenever a binding is left"},
		{REGMON_HEADER_EXPIRES, "cccccc-o-",
				"seconds for which the binding is asked; 0 takes it back",
				"here, or as expires parameter of Contact"},
		{REGMON_HEADER_AUTHORIZATION, "cmmc-c---",
				"the private identity (IMPI) and the answer to a challenge",
				"an IMS-AKA phone sends it in the first REGISTER too, with "
				"empty nonce and response; others answer a 401 with it"},
		{REGMON_HEADER_WWW_AUTHENTICATE, "------m-o",
				"the challenge: RAND and AUTN inside the nonce; ck and ik "
				"only towards the P-CSCF",
				NULL},
		{REGMON_HEADER_SECURITY_CLIENT, "ccc------",
				"the phone's offer of IPsec: algorithms, SPIs and ports",
				"whenever IPsec is used"},
		{REGMON_HEADER_SECURITY_VERIFY, "-cc------",
				"copy of the Security-Server that the phone got, sent "
				"protected",
				"whenever a security agreement is in force"},
		{REGMON_HEADER_SECURITY_SERVER, "------c-c",
				"the P-CSCF's choice: algorithm, its SPIs and ports",
				"to a phone that sent Security-Client; also in a 421 or 494"},
		{REGMON_HEADER_P_ACCESS_NETWORK_INFO, "occco----",
				"where the phone is: access type and cell",
				"in each protected REGISTER over an access that has an entry"},
		{REGMON_HEADER_SUPPORTED, "mmmoooooo",
				"extensions that the sender knows; a phone names path", NULL},
		{REGMON_HEADER_REQUIRE, "cccco-occ",
				"extensions without which the message must not be taken",
				"sec-agree from a phone with IPsec, path from the P-CSCF, "
				"outbound in a 2xx, the missing one in a 421"},
		{REGMON_HEADER_PROXY_REQUIRE, "ccc--o---",
				"extensions that the next proxy must know: sec-agree",
				"with sec-agree"},
		{REGMON_HEADER_UNSUPPORTED, "--------c",
				"extensions that were required and are not known",
				"in a 420"},
		{REGMON_HEADER_PATH, "---moo-co",
				"the way from the S-CSCF back to the phone: the P-CSCF",
				"in a 2xx it is the one of the REGISTER"},
		{REGMON_HEADER_ROUTE, "oooooo---", "the proxies to go through", NULL},
		{REGMON_HEADER_RECORD_ROUTE, "---------",
				"without effect in a REGISTER", NULL},
		{REGMON_HEADER_SERVICE_ROUTE, "-------c-",
				"the S-CSCF to which the phone sends its calls",
				"in each 2xx of an IMS"},
		{REGMON_HEADER_P_ASSOCIATED_URI, "-------c-",
				"all public identities registered with this one; the first "
				"is the default",
				"in each 2xx of an IMS"},
		{REGMON_HEADER_P_VISITED_NETWORK_ID, "---c-----",
				"the network in which the phone is; from the P-CSCF",
				"from P-CSCF to I-CSCF"},
		{REGMON_HEADER_P_CHARGING_VECTOR, "---cc--oo",
				"the charging id of this registration; from the P-CSCF",
				"inside the core"},
		{REGMON_HEADER_P_CHARGING_FUNCTION_ADDRESSES, "---oo--oo",
				"where charging records go; only inside the core", NULL},
		{REGMON_HEADER_P_PREFERRED_IDENTITY, "---------",
				"not defined for REGISTER; some devices send it", NULL},
		{REGMON_HEADER_P_ASSERTED_IDENTITY, "--------o",
				"an identity that the network vouches for", NULL},
		{REGMON_HEADER_AUTHENTICATION_INFO, "-------o-",
				"lets the phone check the network once more", NULL},
		{REGMON_HEADER_MIN_EXPIRES, "--------c",
				"the shortest time that the registrar takes", "in a 423"},
		{REGMON_HEADER_RETRY_AFTER, "--------o",
				"seconds that the phone shall wait", NULL},
		{REGMON_HEADER_WARNING, "------ooo", "why, in words", NULL},
		{REGMON_HEADER_USER_AGENT, "oooooo---",
				"device and software of the sender", NULL},
		{REGMON_HEADER_SERVER, "------ooo", "software that answered", NULL},
		{REGMON_HEADER_ALLOW, "ooooooooo",
				"methods that the sender takes", NULL},
		{REGMON_HEADER_DATE, "ooooooooo", "the sender's clock", NULL},
		{REGMON_HEADER_CONTENT_LENGTH, "ccccccccc",
				"bytes of the body", "over TCP and TLS"},
		{REGMON_HEADER_CONTENT_TYPE, "cccccc-cc",
				"what the body is", "with a body"},
		{REGMON_HEADER_CELLULAR_NETWORK_INFO, "-ooo-----",
				"the last cell of a phone that is on Wi-Fi now", NULL},
		{REGMON_HEADER_GEOLOCATION, "oooo-----",
				"where the phone is; for emergencies", NULL},
		{REGMON_HEADER_FEATURE_CAPS, "---oo--oo",
				"what the nodes on the way can do", NULL},
		{REGMON_HEADER_RESOURCE_PRIORITY, "o--oo----",
				"priority service", NULL},
		{REGMON_HEADER_PRIORITY_SHARE, "---oo----",
				"media sharing, between network nodes", NULL},
		{REGMON_HEADER_RESOURCE_SHARE, "---oo----",
				"media sharing, between network nodes", NULL},
		{REGMON_HEADER_FLOW_TIMER, "-------c-",
				"how often the phone keeps its connection alive",
				"only with Require: outbound"},
		{REGMON_HEADER_EVENT, "---------",
				"belongs to SUBSCRIBE and NOTIFY", NULL},
};

const char *regmon_requirement_name(regmon_requirement_t requirement)
{
	static const char *const names[] = {
			"optional", "conditional", "mandatory", "not expected"};

	return (unsigned)requirement < sizeof(names) / sizeof(names[0])
				   ? names[requirement]
				   : "?";
}

const regmon_header_meaning_t *regmon_header_meaning(regmon_header_t header)
{
	unsigned i;

	for(i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if(table[i].header == header)
			return &table[i];
	return NULL;
}

static column_t column_of(
		const regmon_message_t *message, const regmon_class_t *class)
{
	if(message->is_answer)
		return message->code == 401						  ? COLUMN_401
			   : message->code >= 200 && message->code < 300 ? COLUMN_2XX
															  : COLUMN_OTHER;
	if(class->leg == REGMON_LEG_SA)
		return COLUMN_THIRD_PARTY;
	if(!class->ims)
		return COLUMN_PLAIN;
	switch(class->leg) {
		case REGMON_LEG_U0:
			return COLUMN_U0;
		case REGMON_LEG_U1:
			return COLUMN_U1;
		case REGMON_LEG_U2:
			return COLUMN_U2;
		default:
			return COLUMN_CORE;
	}
}

regmon_requirement_t regmon_header_required(
		const regmon_header_meaning_t *meaning, const regmon_message_t *message,
		const regmon_class_t *class)
{
	if(meaning->header == REGMON_HEADER_CONTENT_TYPE)
		return message->body.len > 0 ? REGMON_MANDATORY : REGMON_OPTIONAL;
	switch(meaning->required[column_of(message, class)]) {
		case 'm':
			return REGMON_MANDATORY;
		case 'c':
			return REGMON_CONDITIONAL;
		case '-':
			return REGMON_NOT_EXPECTED;
	}
	return REGMON_OPTIONAL;
}
