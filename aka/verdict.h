/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lab keys say of one challenge, or of one answer to it. Pure arithmetic: nothing is remembered here. */
#ifndef REGMON_AKA_VERDICT_H
#define REGMON_AKA_VERDICT_H

#include "aka/crypto.h"
#include "aka/keys.h"
#include "message/classify.h"

/* Kept and shown by these names. "these keys" are those of the aka_keys file. */
#define REGMON_AKA_VERDICTS(X)                                                    \
	X(NONE, "none", "nothing to judge")                                           \
	/* a 401 */                                                                   \
	X(CHALLENGE_RIGHT, "challenge-right",                                         \
			"the network made AUTN with these keys, its SQN is above the last one " \
			"seen")                                                               \
	X(KEY_MISMATCH, "key-mismatch",                                               \
			"AUTN is not what these keys give: the network holds others (K, OP "  \
			"or OPc), or AUTN was spoilt on the way")                             \
	X(STALE_VECTOR, "stale-vector",                                               \
			"the network made AUTN with these keys, but its SQN is not above the " \
			"last one seen")                                                      \
	/* a REGISTER */                                                              \
	X(RESPONSE_RIGHT, "response-right", "the response is what these keys give")   \
	X(RESPONSE_WRONG, "response-wrong",                                           \
			"AUTN is of these keys, the response is not")                         \
	X(EMPTY_PASSWORD, "empty-password",                                           \
			"the response is that of an empty password, and there is no auts")    \
	X(HEX_RESPONSE, "hex-response",                                               \
			"the phone put the hexadecimal text of RES into the digest instead of " \
			"its octets")                                                         \
	X(CUT_RESPONSE, "cut-response",                                               \
			"the phone put RES into the digest up to its first zero octet only")  \
	X(WRONG_AKA_VERSION, "wrong-aka-version",                                     \
			"the response is right for another algorithm than that of the "       \
			"challenge")                                                          \
	X(SQN_OUT_OF_RANGE, "sqn-out-of-range",                                       \
			"the card asks for another SQN, and its auts is of these keys")       \
	X(AUTS_WRONG, "auts-wrong",                                                   \
			"the card asks for another SQN, but its auts is not of these keys")   \
	X(AUTN_REFUSED, "autn-refused",                                               \
			"the card refuses an AUTN that was made with these keys: it holds "   \
			"others")                                                             \
	/* a 200 */                                                                   \
	X(RSPAUTH_RIGHT, "rspauth-right", "the server proved that it knows RES")      \
	X(RSPAUTH_WRONG, "rspauth-wrong",                                             \
			"rspauth is not what these keys give: a phone that checks it drops "  \
			"this 200")
typedef enum regmon_aka_verdict_kind
{
#define X(id, name, meaning) REGMON_AKA_##id,
	REGMON_AKA_VERDICTS(X)
#undef X
	REGMON_AKA_VERDICTS_N
} regmon_aka_verdict_kind_t;
const char *regmon_aka_verdict_name(unsigned kind);
const char *regmon_aka_verdict_meaning(unsigned kind);

typedef struct regmon_aka_verdict
{
	regmon_aka_verdict_kind_t kind;
	/* WRONG_AKA_VERSION: what the response is right for */
	regmon_digest_algorithm_t computed_as;
	bool sqn_he_known;		/* AUTN was made with these keys */
	bool sqn_ms_known;		/* auts was */
	bool amf_differs;		/* AUTN has another AMF than the file */
	bool of_empty_password; /* the response is, as it has to be beside auts (RFC 3310 3.4) */
	uint64_t sqn_he, sqn_ms; /* 48 bits: of the network's vector; of the card, by its auts */
} regmon_aka_verdict_t;

/* AUTN of a 401. Silent (NONE) when the algorithm is none of AKA or the nonce no vector. False: OpenSSL refused. */
bool regmon_aka_judge_challenge(const regmon_aka_key_t *key,
		const regmon_digest_t *challenge, regmon_aka_verdict_t *ret_verdict);

typedef struct regmon_aka_answer
{
	const regmon_message_t *message; /* a REGISTER */
	regmon_credentials_t credentials;
	/* algorithm of the challenge that it answers, NONE: not seen */
	regmon_digest_algorithm_t challenged;
} regmon_aka_answer_t;

/* what the server has to prove itself by in the 200 (RFC 2617 3.2.3); length 0: not known */
typedef struct regmon_rspauth
{
	int length;
	char text[REGMON_HASH_MOST_TEXT];
} regmon_rspauth_t;

/* Response or auts of a REGISTER; needs no memory of the challenge, whose nonce the phone sends back. ret_rspauth is
 * filled for a right response. False: OpenSSL refused. */
bool regmon_aka_judge_answer(const regmon_aka_key_t *key,
		const regmon_aka_answer_t *answer, regmon_aka_verdict_t *ret_verdict,
		regmon_rspauth_t *ret_rspauth);

#endif
