/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digest credentials and challenges with the AKA parameters: RFC 2617, RFC 7616, RFC 3310, RFC 4169,
 * TS 24.229 7.2A.1 (ck, ik) and 7.2A.2 (integrity-protected). */
#ifndef REGMON_MESSAGE_AUTHORIZATION_H
#define REGMON_MESSAGE_AUTHORIZATION_H

#include "message/text.h"

typedef enum regmon_digest_field
{
	REGMON_DIGEST_USERNAME,
	REGMON_DIGEST_REALM,
	REGMON_DIGEST_NONCE,
	REGMON_DIGEST_URI,
	REGMON_DIGEST_RESPONSE,
	REGMON_DIGEST_ALGORITHM,
	REGMON_DIGEST_QOP,
	REGMON_DIGEST_NC,
	REGMON_DIGEST_CNONCE,
	REGMON_DIGEST_OPAQUE,
	REGMON_DIGEST_AUTS,
	REGMON_DIGEST_STALE,
	REGMON_DIGEST_INTEGRITY_PROTECTED,
	REGMON_DIGEST_CK,
	REGMON_DIGEST_IK,
	REGMON_DIGEST_DOMAIN,
	REGMON_DIGEST_FIELDS_N
} regmon_digest_field_t;

typedef enum regmon_digest_algorithm
{
	REGMON_ALGORITHM_NONE, /* parameter absent */
	REGMON_ALGORITHM_MD5,
	REGMON_ALGORITHM_SHA_256,
	REGMON_ALGORITHM_AKAV1_MD5,
	REGMON_ALGORITHM_AKAV2_MD5,
	REGMON_ALGORITHM_AKAV1_SHA_256,
	REGMON_ALGORITHM_AKAV2_SHA_256,
	REGMON_ALGORITHM_OTHER
} regmon_digest_algorithm_t;

typedef struct regmon_digest
{
	str text;	/* the whole value; len 0: header absent */
	str scheme; /* "Digest" */
	str field[REGMON_DIGEST_FIELDS_N]; /* without quotes */
	uint32_t given;	   /* bit per field: it is there, even when empty */
	uint32_t quoted;   /* bit per field: it was in quotes */
	uint32_t repeated; /* bit per field: it was there more than once */
	regmon_digest_algorithm_t algorithm;
	bool broken; /* a parameter that is not name=value */
} regmon_digest_t;

#define REGMON_DIGEST_HAS(digest, id) \
	(((digest)->given >> REGMON_DIGEST_##id) & 1)
#define REGMON_DIGEST_TEXT(digest, id) ((digest)->field[REGMON_DIGEST_##id])
/* there and not empty */
#define REGMON_DIGEST_FILLED(digest, id) \
	(REGMON_DIGEST_TEXT(digest, id).len > 0)

/* Reads one header line. There is text up to text_end, behind the value too: that makes it
 * quicker, what stands there means nothing. */
void regmon_digest_read_within(
		str value, const char *text_end, regmon_digest_t *ret_digest);
static inline void regmon_digest_read(str value, regmon_digest_t *ret_digest)
{
	regmon_digest_read_within(value, value.s + value.len, ret_digest);
}

static inline bool regmon_algorithm_is_aka(regmon_digest_algorithm_t algorithm)
{
	return algorithm >= REGMON_ALGORITHM_AKAV1_MD5
		   && algorithm <= REGMON_ALGORITHM_AKAV2_SHA_256;
}
const char *regmon_algorithm_name(regmon_digest_algorithm_t algorithm);

#endif
