/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the credentials of Authorization as they stand in one message. Identities, the mark of the P-CSCF and
 * the comparison with the past are in authorization_identity.c. No finding shows a nonce or a response. */
#include "rules/judgement.h"

#include "message/base64.h"

#define AUTS_OCTETS 14 /* RFC 3310 3.4 */
#define BIT(field) (1u << REGMON_DIGEST_##field)

/* Without them nobody can check the response. */
static bool answer_incomplete(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_digest_t *digest = &message->authorization;

	return !REGMON_DIGEST_FILLED(digest, USERNAME)
		   || !REGMON_DIGEST_FILLED(digest, REALM)
		   || !REGMON_DIGEST_FILLED(digest, NONCE)
		   || !REGMON_DIGEST_FILLED(digest, URI);
}

/* Only the hosts: ports and parameters differ behind proxies and SBCs as a matter of course. */
static bool uri_differs(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	regmon_uri_t uri;

	*seen = REGMON_DIGEST_TEXT(&message->authorization, URI);
	if(seen->len == 0 || message->request_uri.host.len == 0
			|| regmon_text_is(*seen, message->request_uri.text))
		return false;
	regmon_uri_read(*seen, &uri);
	return !regmon_text_is_nocase(uri.host, message->request_uri.host);
}

static bool algorithm_missing(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	return message->authorization.algorithm == REGMON_ALGORITHM_NONE
		   && message->count[REGMON_HEADER_SECURITY_VERIFY] > 0;
}

/* Other digest algorithms may be registered one day; what begins like AKA and is none of the known ones is wrong. */
static bool algorithm_is_no_aka(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = REGMON_DIGEST_TEXT(&message->authorization, ALGORITHM);
	return message->authorization.algorithm == REGMON_ALGORITHM_OTHER
		   && (regmon_text_starts_nocase(*seen, REGMON_TEXT("AKA"))
				   || !regmon_text_is_token(*seen));
}

#define BLOCK 32 /* a response has 32 or 64 digits */

/* No way out of the loop before its end: so it becomes a few wide instructions. */
static bool is_small_hex(const char *block)
{
	unsigned char wrong = 0;
	int i;

	for(i = 0; i < BLOCK; i++) {
		unsigned char digit = (unsigned char)(block[i] - '0');
		unsigned char letter = (unsigned char)(block[i] - 'a');

		wrong |= (digit > 9) & (letter > 5);
	}
	return !wrong;
}

bool regmon_response_looks_odd(str response)
{
	return response.len != BLOCK || !is_small_hex(response.s);
}

static bool response_malformed(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_digest_t *digest = &message->authorization;
	str response = REGMON_DIGEST_TEXT(digest, RESPONSE);
	bool may_be_32 = true, may_be_64 = true;

	switch(digest->algorithm) {
		case REGMON_ALGORITHM_MD5:
		case REGMON_ALGORITHM_AKAV1_MD5:
		case REGMON_ALGORITHM_AKAV2_MD5:
			may_be_64 = false;
			break;
		case REGMON_ALGORITHM_SHA_256:
		case REGMON_ALGORITHM_AKAV1_SHA_256:
		case REGMON_ALGORITHM_AKAV2_SHA_256:
			may_be_32 = false;
			break;
		case REGMON_ALGORITHM_OTHER:
			return false;
		case REGMON_ALGORITHM_NONE:
			break;
	}
	return !((may_be_32 && response.len == BLOCK)
				   || (may_be_64 && response.len == 2 * BLOCK))
		   || !is_small_hex(response.s)
		   || !is_small_hex(response.s + response.len - BLOCK);
}

static bool auts_malformed(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = REGMON_DIGEST_TEXT(&message->authorization, AUTS);
	return regmon_base64_read(*seen, NULL, 0) != AUTS_OCTETS;
}

static bool qop_incomplete(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_digest_t *digest = &message->authorization;

	*seen = REGMON_DIGEST_TEXT(digest, NC);
	if(!REGMON_DIGEST_FILLED(digest, QOP))
		return REGMON_DIGEST_FILLED(digest, NC)
			   || REGMON_DIGEST_FILLED(digest, CNONCE);
	return REGMON_DIGEST_TEXT(digest, NC).len != 8
		   || !regmon_text_all_hex(REGMON_DIGEST_TEXT(digest, NC))
		   || !REGMON_DIGEST_FILLED(digest, CNONCE);
}

static bool digest_with_agreement(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	regmon_digest_algorithm_t algorithm = message->authorization.algorithm;

	*seen = REGMON_DIGEST_TEXT(&message->authorization, ALGORITHM);
	return (algorithm == REGMON_ALGORITHM_MD5
				   || algorithm == REGMON_ALGORITHM_SHA_256)
		   && message->security_client.kept > 0
		   && message->security_client.list[0].ipsec_3gpp;
}

static bool quotes_wrong(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const uint32_t strings = BIT(USERNAME) | BIT(REALM) | BIT(NONCE) | BIT(URI)
							 | BIT(RESPONSE) | BIT(CNONCE) | BIT(OPAQUE)
							 | BIT(AUTS);
	const uint32_t tokens = BIT(ALGORITHM) | BIT(NC) | BIT(QOP);
	const regmon_digest_t *digest = &message->authorization;
	uint32_t wrong = (digest->given & strings & ~digest->quoted)
					 | (digest->given & tokens & digest->quoted);

	if(wrong & ~(BIT(NONCE) | BIT(RESPONSE)))
		*seen = digest->field[__builtin_ctz(
				wrong & ~(BIT(NONCE) | BIT(RESPONSE)))];
	return wrong != 0;
}

static const regmon_rule_t rules[] = {
		{
				.id = "AUTH-06",
				.name = "answer-incomplete",
				.header = "Authorization",
				.legs = REGMON_LEG_U1,
				.when = REGMON_WHEN_ANSWERS,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.5.1",
				.text = "The answer to a challenge names username and uri and "
						"repeats realm and nonce of the 401.",
				.cause = "A client that computes a response but leaves out what "
						 "the server needs to check it.",
				.inspect = "username, realm, nonce and uri in Authorization: one "
						   "of them is missing or empty.",
				.next_step = "Compare with the WWW-Authenticate that the client "
							 "got: if that was incomplete too, the 401 is at "
							 "fault.",
				.answer = 400,
				.broken = answer_incomplete,
		},
		{
				.id = "AUTH-07",
				.name = "digest-uri-differs",
				.header = "Authorization",
				.legs = REGMON_LEG_U1,
				.when = REGMON_WHEN_ANSWERS,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.5.1",
				.text = "The digest uri and the Request-URI are the same: the SIP "
						"URI of the home domain.",
				.cause = "An SBC or B2BUA rewrote the request line behind the "
						 "client, or the client puts the user into one of both.",
				.inspect = "Host of both; which one the server uses for its own "
						   "computation.",
				.next_step = "If the answer is refused, see whether the server "
							 "computes with the Request-URI: then the node that "
							 "rewrites it has to leave REGISTER alone.",
				.answer = 400,
				.broken = uri_differs,
		},
		{
				.id = "AUTH-09",
				.name = "algorithm-missing",
				.header = "Authorization",
				.legs = REGMON_LEG_U1,
				.when = REGMON_WHEN_ANSWERS,
				.level = REGMON_MUST,
				/* RFC 3310's own example leaves it out */
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.5.1",
				.text = "The answer to an AKA challenge repeats the algorithm; "
						"without it MD5 is meant.",
				.cause = "A client that follows the example of RFC 3310.",
				.inspect = "algorithm in the 401 and in the answer.",
				.next_step = "Nothing while the S-CSCF goes by the nonce; if it "
							 "answers 401 again, this is why.",
				.ims_only = true,
				.broken = algorithm_missing,
		},
		{
				.id = "AUTH-10",
				.name = "algorithm-unknown",
				.header = "Authorization",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3310 3.1",
				.text = "An AKA algorithm is written AKAv1-MD5, AKAv2-MD5 or "
						"AKAv2-SHA-256.",
				.cause = "A misspelling in a client's configuration, or a draft "
						 "version of the name.",
				.inspect = "algorithm letter by letter, hyphens included.",
				.next_step = "Use AKAv1-MD5 unless both the SIM's operator and the "
							 "S-CSCF agreed on version 2.",
				.answer = 401,
				.broken = algorithm_is_no_aka,
		},
		{
				.id = "AUTH-12",
				.name = "response-malformed",
				.header = "Authorization",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_ANSWERS,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 2617 3.2.2",
				.text = "The response is 32 hexadecimal digits in small letters "
						"with MD5, 64 with SHA-256.",
				.cause = "The client sends RES itself, or the hash in capital "
						 "letters, or uses another hash than it names.",
				.inspect = "Length and letters of response, and algorithm. 16 "
						   "digits are a bare RES.",
				.next_step = "Check how the client is told to authenticate: an "
							 "AKA response is a digest over RES, not RES.",
				.answer = 400,
				.broken = response_malformed,
		},
		{
				.id = "AUTH-15",
				.name = "auts-malformed",
				.header = "Authorization",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_RESYNC,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3310 3.4",
				.text = "auts is base64 of exactly 14 octets: 20 characters, the "
						"last one '='.",
				.cause = "The stack encodes the text of the hexadecimal digits, "
						 "or a cut or padded buffer of the SIM's answer.",
				.inspect = "Length of auts: 40 characters are encoded hexadecimal "
						   "text.",
				.next_step = "Correct the encoding in the client. The HSS cannot "
							 "set its SQN by this value, so the next challenge "
							 "fails like this one.",
				.answer = 403,
				.broken = auts_malformed,
		},
		{
				.id = "AUTH-17",
				.name = "qop-incomplete",
				.header = "Authorization",
				.legs = REGMON_LEG_U1,
				.when = REGMON_WHEN_ANSWERS,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 2617 3.2.2",
				.text = "qop comes with nc of eight hexadecimal digits and with "
						"cnonce; without qop neither of them is there.",
				.cause = "A digest written by hand that knows only half of RFC "
						 "2617, or nc counted in decimal.",
				.inspect = "qop, nc and cnonce in Authorization, and qop in the "
						   "401.",
				.next_step = "See if dropping qop from the 401 lets the client in; "
							 "if so it is the client's qop computation.",
				.answer = 400,
				.broken = qop_incomplete,
		},
		{
				.id = "AUTH-19",
				.name = "digest-with-sec-agree",
				.header = "Authorization",
				.legs = REGMON_LEG_U1,
				.when = REGMON_WHEN_ANSWERS,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.1",
				.text = "A phone that uses SIP digest without TLS offers no IPsec: "
						"no Security-Client.",
				.cause = "The HSS holds a digest password for a subscriber whose "
						 "phone expects AKA.",
				.inspect = "algorithm of the 401: MD5 beside an offer of "
						   "ipsec-3gpp.",
				.next_step = "Set the authentication scheme of this IMPI in the "
							 "HSS to AKA; digest gives no keys, so no security "
							 "association can come up.",
				.broken = digest_with_agreement,
		},
		{
				.id = "AUTH-25",
				.name = "quotes-wrong",
				.header = "Authorization",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 3261 25.1",
				.text = "username, realm, nonce, uri, response, cnonce, opaque and "
						"auts stand in quotes; algorithm, nc and qop do not.",
				.cause = "The client quotes everything, or nothing.",
				.inspect = "The parameter shown (nonce and response are not), and "
						   "whether the server's digest "
						   "parser is a strict one.",
				.next_step = "Try the client against the strictest node in the "
							 "path before it goes into the field; many accept "
							 "this, some answer 400.",
				.answer = 400,
				.broken = quotes_wrong,
		},
};

/* Complete, quoted as it should be, one of the two algorithms in use, and qop with what belongs to it. */
static bool looks_odd(const regmon_message_t *message)
{
	const uint32_t needed =
			BIT(USERNAME) | BIT(REALM) | BIT(NONCE) | BIT(URI) | BIT(RESPONSE);
	const uint32_t of_qop = BIT(QOP) | BIT(NC) | BIT(CNONCE);
	const uint32_t usual = needed | of_qop | BIT(ALGORITHM);
	const regmon_digest_t *digest = &message->authorization;
	str nc = REGMON_DIGEST_TEXT(digest, NC);

	if((digest->given & needed) != needed || (digest->given & ~usual)
			|| (digest->quoted & ~BIT(CNONCE)) != needed
			|| !REGMON_DIGEST_FILLED(digest, USERNAME)
			|| !REGMON_DIGEST_FILLED(digest, REALM)
			|| !REGMON_DIGEST_FILLED(digest, NONCE)
			|| regmon_response_looks_odd(REGMON_DIGEST_TEXT(digest, RESPONSE))
			|| !regmon_text_is(REGMON_DIGEST_TEXT(digest, URI),
					message->request_uri.text)
			|| REGMON_DIGEST_TEXT(digest, URI).len == 0)
		return true;
	if(digest->algorithm != REGMON_ALGORITHM_AKAV1_MD5
			&& (digest->algorithm != REGMON_ALGORITHM_MD5
					|| message->security_client.n > 0))
		return true;
	if((digest->given & of_qop) == 0)
		return false;
	return (digest->given & of_qop) != of_qop
		   || !(digest->quoted & BIT(CNONCE))
		   || !REGMON_DIGEST_FILLED(digest, QOP)
		   || !REGMON_DIGEST_FILLED(digest, CNONCE) || nc.len != 8
		   || memcmp(nc.s, "000000", 6) != 0 || !regmon_is_digit(nc.s[6])
		   || !regmon_is_digit(nc.s[7]);
}

const regmon_rule_set_t regmon_rules_authorization = {
		rules, REGMON_COUNT(rules), REGMON_HEADER_AUTHORIZATION, looks_odd};
