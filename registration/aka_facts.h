/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a phone's authentication: of the form of challenge and answer, and by lab keys what they are worth.
 * Numbers and short hashes, never a text or a key.
 *
 * What is kept is always the latest: the last 401 sent to the phone on the leg that drives the record, and the phone's
 * last REGISTER with credentials there. Both stay when an attempt ends and when the next one begins, because a phone
 * that gives up comes back with a new Call-ID; the marks ..._NOW tell whether they are of the attempt at hand. A new
 * challenge does not touch what is known of the answer before it, which is what it was sent for. */
#ifndef REGMON_REGISTRATION_AKA_FACTS_H
#define REGMON_REGISTRATION_AKA_FACTS_H

#include "aka/nonce.h"
#include "aka/verdict.h"

typedef enum regmon_aka_mark
{
	/* the challenge */
	REGMON_AKA_CHALLENGED = 1 << 0,		/* there was one */
	REGMON_AKA_CHALLENGED_NOW = 1 << 1, /* in the attempt at hand */
	REGMON_AKA_SERVER_OCTETS = 1 << 2, /* its nonce has more than RAND and AUTN */
	/* the answer */
	REGMON_AKA_ANSWERED = 1 << 3,
	REGMON_AKA_ANSWERED_NOW = 1 << 4,
	REGMON_AKA_AUTS = 1 << 5, /* it has auts, of auts_octets */
	REGMON_AKA_AUTS_NOT_BASE64 = 1 << 6,
	/* by lab keys */
	REGMON_AKA_SQN_HE_KNOWN = 1 << 7,
	REGMON_AKA_SQN_MS_KNOWN = 1 << 8,
	REGMON_AKA_AMF_DIFFERS = 1 << 9, /* AMF of the challenge and of the file */
	REGMON_AKA_OF_EMPTY_PASSWORD = 1 << 10 /* the answer's response is */
} regmon_aka_mark_t;

/* qop in the challenge */
typedef enum regmon_qop_offer
{
	REGMON_QOP_NOT_OFFERED,
	REGMON_QOP_OFFERED,	 /* auth is in it */
	REGMON_QOP_OTHERS_OFFERED /* without auth */
} regmon_qop_offer_t;

/* and in the answer */
typedef enum regmon_qop_use
{
	REGMON_QOP_NOT_USED,
	REGMON_QOP_COMPLETE, /* with nc of eight hexadecimal digits and cnonce */
	REGMON_QOP_INCOMPLETE /* without one of them, or one of them without qop */
} regmon_qop_use_t;

typedef enum regmon_answer_nonce
{
	REGMON_ANSWER_NONCE_UNKNOWN, /* no challenge was seen */
	REGMON_ANSWER_NONCE_ISSUED,	 /* that of the last challenge */
	REGMON_ANSWER_NONCE_ACCEPTED, /* an older one, that of the last success */
	REGMON_ANSWER_NONCE_OTHER
} regmon_answer_nonce_t;

typedef enum regmon_answer_realm
{
	REGMON_ANSWER_REALM_UNKNOWN, /* no challenge was seen, or one of both has none */
	REGMON_ANSWER_REALM_SAME,
	REGMON_ANSWER_REALM_DIFFERS
} regmon_answer_realm_t;

typedef enum regmon_answer_response
{
	REGMON_ANSWER_RESPONSE_ABSENT,
	REGMON_ANSWER_RESPONSE_EMPTY,
	REGMON_ANSWER_RESPONSE_GIVEN
} regmon_answer_response_t;

/* By lab keys: regmon_aka_verdict_kind_t; a phone without them has none of it. SQNs hold where their mark is set: the
 * network's is that of the last vector that was made with these keys, the card's that of its last auts. */
typedef struct regmon_aka_worth
{
	uint64_t sqn_he : 48;
	uint64_t of_challenge : 8;
	uint64_t of_core : 8; /* of the last 401 as it came from the core */
	uint64_t sqn_ms : 48;
	uint64_t of_answer : 8;
	uint64_t of_acceptance : 8; /* of the 2xx to the last answer */
} regmon_aka_worth_t;

typedef struct regmon_aka_facts
{
	/* What the next message is compared with, 0: none. The short ones may take two values for one, then a difference is
	 * not told; never the reverse. */
	uint32_t nonce_accepted, realm; /* nonce and RAND issued last stand in the record */
	uint16_t marks;			 /* regmon_aka_mark_t */
	uint16_t repeated_rands; /* challenges in a row with the RAND of the one before, whatever stands behind it */
	uint8_t auts_octets;	 /* 255: more */
	uint8_t computed_as : 4; /* regmon_digest_algorithm_t, of wrong-aka-version */
	uint8_t challenge_algorithm : 4; /* regmon_digest_algorithm_t */
	uint8_t answer_algorithm : 4;
	uint8_t nonce : 2;	/* regmon_nonce_kind_t, of the challenge */
	uint8_t qop_offer : 2; /* regmon_qop_offer_t */
	uint8_t qop_use : 2;   /* regmon_qop_use_t */
	uint8_t answer_nonce : 2;
	uint8_t answer_realm : 2;
	uint8_t answer_response : 2;
} regmon_aka_facts_t;
_Static_assert(sizeof(regmon_aka_facts_t) <= 16, "every record pays for it");
_Static_assert(REGMON_ALGORITHM_OTHER < 16, "four bits for an algorithm");
_Static_assert(REGMON_NONCE_KINDS_N <= 4, "two bits for a kind of nonce");

/* SQN of the card minus SQN of the network; of two that are known. Above 0: the network is behind. */
static inline int64_t regmon_aka_sqn_difference(const regmon_aka_worth_t *worth)
{
	return (int64_t)worth->sqn_ms - (int64_t)worth->sqn_he;
}

#endif
