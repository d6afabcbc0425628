/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the challenge, 401: WWW-Authenticate, the keys that may be in it, and Security-Server. No finding shows
 * a nonce or a key. */
#include "rules/rule.h"

#include "message/base64.h"

#define AKA_OCTETS 32 /* RAND and AUTN, RFC 3310 3.2 */
#define NONCE_LENGTH 44 /* of their base64 */

static bool challenge_incomplete(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_digest_t *challenge = &message->challenge;

	if(message->code != 401)
		return false; /* 407 has a header of its own */
	*seen = challenge->scheme;
	return !regmon_text_is_nocase(challenge->scheme, REGMON_TEXT("Digest"))
		   || !REGMON_DIGEST_HAS(challenge, REALM)
		   || !REGMON_DIGEST_FILLED(challenge, NONCE);
}

static bool nonce_is_no_vector(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	return REGMON_DIGEST_FILLED(&message->challenge, NONCE)
		   && message->nonce_octets < AKA_OCTETS;
}

static bool keys_for_phone(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	return REGMON_DIGEST_HAS(&message->challenge, CK)
		   || REGMON_DIGEST_HAS(&message->challenge, IK);
}

static bool stale_vector(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = REGMON_DIGEST_TEXT(&message->challenge, STALE);
	return regmon_text_is_nocase(*seen, REGMON_TEXT("true"));
}

/* AUTN is SQN xor AK (6 octets), AMF (2), MAC (8), behind RAND (16). */
static bool separation_bit_set(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const int first_of_amf = 16 + 6;
	str nonce = REGMON_DIGEST_TEXT(&message->challenge, NONCE);
	uint8_t octets[3]; /* of the four characters that hold it */

	if(message->nonce_octets >= AKA_OCTETS) /* so each character is a good one */
		return regmon_base64_value(nonce.s[first_of_amf * 8 / 6])
			   & 0x20 >> first_of_amf * 8 % 6;
	return nonce.len >= NONCE_LENGTH
		   && regmon_base64_read(
					  (str){nonce.s + first_of_amf / 3 * 4, 4}, octets, 3)
					  == 3
		   && (octets[first_of_amf % 3] & 0x80);
}

static const regmon_rule_t rules[] = {
		{
				.id = "R401-01",
				.name = "challenge-incomplete",
				.header = "WWW-Authenticate",
				.legs = REGMON_LEGS_ANSWER,
				.when = REGMON_WHEN_CHALLENGE,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3310 3.1",
				.text = "A 401 has WWW-Authenticate: Digest with realm and a "
						"nonce.",
				.cause = "The script answers 401 by itself instead of through the "
						 "authentication module, or a node on the way drops the "
						 "header.",
				.inspect = "The 401 as it left the S-CSCF and as it left this "
						   "node.",
				.next_step = "Let the module that knows the user make the 401 "
							 "(www_challenge, ims_www_challenge): with this one no "
							 "phone can answer.",
				.broken = challenge_incomplete,
		},
		{
				.id = "R401-02",
				.name = "nonce-is-no-vector",
				.header = "WWW-Authenticate",
				.legs = REGMON_LEGS_ANSWER,
				.when = REGMON_WHEN_CHALLENGE | REGMON_WHEN_AKA,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3310 3.2",
				.text = "With AKA the nonce is base64 of RAND and AUTN, 32 octets "
						"or more: at least 44 characters.",
				.cause = "The server sends a random nonce of its digest module "
						 "under the name of AKA, or its base64 is cut or without "
						 "padding.",
				.inspect = "Length of the nonce and where it comes from: a vector "
						   "of the HSS, or the server's own generator.",
				.next_step = "Look at the Cx MAA: if SIP-Authenticate has 32 "
							 "octets there, the encoding in the S-CSCF is at "
							 "fault, else the HSS.",
				.broken = nonce_is_no_vector,
		},
		{
				.id = "R401-03",
				.name = "keys-sent-to-phone",
				.header = "WWW-Authenticate",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_CHALLENGE,
				.level = REGMON_MUST,
				/* the clause was not read in its original, so the policy holds it here; it is the worst leak there is */
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "TS 24.229 5.2.2",
				.text = "ck and ik never leave the core: the P-CSCF keeps them and "
						"takes them out of the 401 for the phone.",
				.cause = "A P-CSCF without its IPsec module, or a phone that "
						 "registers straight with the S-CSCF.",
				.inspect = "Whether this node is meant to be the first hop, and "
						   "whether its script handles the 401 before it goes "
						   "on.",
				.next_step = "Take both parameters out at this node at once: "
							 "whoever reads this 401 on the air can decrypt and "
							 "forge all signalling of the phone.",
				.broken = keys_for_phone,
		},
		{
				.id = "R401-08",
				.name = "stale-with-aka",
				.header = "WWW-Authenticate",
				.legs = REGMON_LEGS_ANSWER,
				.when = REGMON_WHEN_CHALLENGE | REGMON_WHEN_AKA,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_SECONDARY,
				.clause = "RFC 2617 3.2.1",
				.text = "stale=true says that only the nonce was too old; with AKA "
						"it has no meaning.",
				.cause = "The S-CSCF uses its digest code for AKA too and takes a "
						 "repeated answer for an old one.",
				.inspect = "What the REGISTER before had as nonce, and how old it "
						   "was.",
				.next_step = "Nothing by itself. If phones loop here, look for a "
							 "refresh that repeats the last response, which is "
							 "lawful with AKA.",
				.broken = stale_vector,
		},
		{
				.id = "R401-10",
				.name = "separation-bit-set",
				.header = "WWW-Authenticate",
				.legs = REGMON_LEGS_ANSWER,
				.when = REGMON_WHEN_CHALLENGE | REGMON_WHEN_AKA,
				.level = REGMON_HEURISTIC,
				.severity = REGMON_NOTE,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 33.102 Annex H",
				.text = "The first bit of AMF in AUTN is expected to be 0 for "
						"IMS: 1 is meant for vectors of EPS.",
				.cause = "One AMF (8000) is configured in the HSS for all "
						 "authentication.",
				.inspect = "AMF of this subscriber in the HSS and what kind of "
						   "SIM application answers (USIM or ISIM).",
				.next_step = "Set AMF 0000 for the IMS profile if a SIM answers "
							 "with a MAC failure here and not in LTE; most do not "
							 "mind.",
				.broken = separation_bit_set,
		},
};

const regmon_rule_set_t regmon_rules_answer_challenge =
		REGMON_RULE_SET(rules, REGMON_HEADER_OTHER);

static bool keys_missing(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	return history->offered_algs
		   && (!REGMON_DIGEST_FILLED(&message->challenge, CK)
				   || !REGMON_DIGEST_FILLED(&message->challenge, IK));
}

static bool is_usable(const regmon_security_t *server)
{
	return server->ipsec_3gpp && server->alg.len > 0 && server->spi_c > 0
		   && server->spi_s > 0 && server->port_c > 0 && server->port_s > 0;
}

static bool server_unusable(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	int i;

	if(!history->offered_algs)
		return false;
	*seen = regmon_message_value(message, REGMON_HEADER_SECURITY_SERVER);
	for(i = 0; i < message->security_server.kept; i++) {
		if(is_usable(&message->security_server.list[i]))
			return false;
	}
	return true;
}

/* ealg is null where it is not given (TS 33.203 Annex H) */
static unsigned cipher_bit(const regmon_security_t *server)
{
	return 1u << (server->ealg_word == REGMON_WORD_ABSENT
						  ? REGMON_WORD_NULL
						  : server->ealg_word);
}

static bool nothing_in_common(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	const regmon_security_t *server;
	int i;

	if(!history->offered_algs)
		return false;
	for(i = 0; i < message->security_server.kept; i++) {
		server = &message->security_server.list[i];
		if(!is_usable(server)
				|| (((history->offered_algs >> server->alg_word) & 1)
						&& (history->offered_ealgs & cipher_bit(server))))
			return false;
	}
	*seen = regmon_message_value(message, REGMON_HEADER_SECURITY_SERVER);
	return message->security_server.kept > 0;
}

static bool server_spis_in_use(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_SECURITY_SERVER);
	return history->server_spis_in_use;
}

static bool vector_again(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	return history->nonce_repeated;
}

static const regmon_rule_t since_rules[] = {
		{
				.id = "R401-04",
				.name = "keys-missing",
				.header = "WWW-Authenticate",
				.legs = REGMON_LEG_AC,
				.when = REGMON_WHEN_CHALLENGE | REGMON_WHEN_AKA,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 24.229 5.4.1.2.1",
				.text = "The 401 from the S-CSCF carries ck and ik when the phone "
						"offered IPsec.",
				.cause = "The S-CSCF is told not to send keys, or the I-CSCF "
						 "between takes them out.",
				.inspect = "Names of the parameters of WWW-Authenticate behind the "
						   "S-CSCF and in front of the P-CSCF.",
				.next_step = "Switch the keys on in the S-CSCF; without them the "
							 "P-CSCF cannot set up a security association.",
				.ims_only = true,
				.broken_since = keys_missing,
		},
		{
				.id = "R401-05",
				.name = "security-server-unusable",
				.header = "Security-Server",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_CHALLENGE | REGMON_WHEN_AKA,
				.level = REGMON_MUST,
				/* phones of labs are often told to go on without */
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.5.1",
				.text = "The 401 for a phone that offered IPsec has a "
						"Security-Server of ipsec-3gpp with alg, SPIs and ports.",
				.cause = "IPsec is off in the P-CSCF, its SPI or port range is "
						 "used up, or it could not set up the association.",
				.inspect = "Log of the P-CSCF's IPsec module at this time, and ip "
						   "xfrm state.",
				.next_step = "Repair it at the P-CSCF: a phone after the text drops "
							 "this 401 without a word and begins anew with "
							 "another Call-ID, for ever.",
				.ims_only = true,
				.broken_since = server_unusable,
		},
		{
				.id = "R401-06",
				.name = "nothing-in-common",
				.header = "Security-Server",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_CHALLENGE,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3329 2.3.1",
				.text = "Security-Server names at least one algorithm pair that "
						"the phone offered in Security-Client.",
				.cause = "The P-CSCF's list of algorithms was shortened (no MD5, no "
						 "3DES) beyond what older phones know.",
				.inspect = "alg and ealg in Security-Client of the REGISTER and in "
						   "Security-Server.",
				.next_step = "Allow one more pair in the P-CSCF, "
							 "hmac-sha-1-96 with aes-cbc for nearly all phones.",
				.ims_only = true,
				.broken_since = nothing_in_common,
		},
		{
				.id = "R401-07",
				.name = "server-spis-in-use",
				.header = "Security-Server",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_CHALLENGE | REGMON_WHEN_REGISTERED,
				.level = REGMON_HEURISTIC,
				.severity = REGMON_WARNING,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 33.203 7.1",
				.text = "A new challenge gets new SPIs from the P-CSCF while the "
						"association of the phone is in use.",
				.cause = "The P-CSCF keeps one set of SPIs per phone, or counts "
						 "them anew after a restart.",
				.inspect = "SPIs of this and of the last 401, and ip xfrm state for "
						   "the phone's address.",
				.next_step = "If refreshes fail at this point, clear the phone's old "
							 "associations on the P-CSCF and let it register "
							 "anew.",
				.ims_only = true,
				.broken_since = server_spis_in_use,
		},
		{
				.id = "R401-09",
				.name = "vector-used-again",
				.header = "WWW-Authenticate",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_CHALLENGE | REGMON_WHEN_AKA,
				.level = REGMON_HEURISTIC,
				.severity = REGMON_WARNING,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 33.102 6.3",
				.text = "Each challenge has an authentication vector of its own: "
						"the nonce does not come twice.",
				.cause = "The S-CSCF or HSS keeps vectors and gives one out again, "
						 "or two nodes share one store.",
				.inspect = "Whether the phone answered the first one: the SIM then "
						   "takes the second for an old SQN.",
				.next_step = "Switch the store of vectors off (one vector per MAR) "
							 "and watch if the resynchronisations (auts) stop.",
				.broken_since = vector_again,
		},
};

const regmon_rule_set_t regmon_rules_answer_challenge_since =
		REGMON_RULE_SET(since_rules, REGMON_HEADER_OTHER);
