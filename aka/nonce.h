/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nonce and auts: what they hold, as far as their form tells. */
#ifndef REGMON_AKA_NONCE_H
#define REGMON_AKA_NONCE_H

#include "message/text.h"

/* RFC 3310 3.2: base64 of RAND, AUTN and, when the server likes, something of its own. */
#define REGMON_NONCE_KINDS(X)                                        \
	X(ABSENT, "absent")                                              \
	X(NOT_BASE64, "not-base64") /* no strict base64 */               \
	X(TOO_SHORT, "too-short")	/* base64 of less than 32 octets */  \
	X(VECTOR, "vector")			/* RAND and AUTN fit in */
typedef enum regmon_nonce_kind
{
#define X(id, name) REGMON_NONCE_##id,
	REGMON_NONCE_KINDS(X)
#undef X
	REGMON_NONCE_KINDS_N
} regmon_nonce_kind_t;
const char *regmon_nonce_kind_name(unsigned kind);

#define REGMON_RAND_OCTETS 16
#define REGMON_AUTN_OCTETS 16
#define REGMON_AUTS_OCTETS 14

typedef struct regmon_vector
{
	uint8_t rand[REGMON_RAND_OCTETS];
	/* AUTN = (SQN xor AK) AMF MAC-A, TS 33.102 6.3.2 */
	uint8_t hidden_sqn[6], amf[2], mac_a[8];
} regmon_vector_t;

/* What it is; ret_server_octets: how many of the server's own stand behind a vector. */
regmon_nonce_kind_t regmon_nonce_kind(str nonce, int *ret_server_octets);
/* the same of one that was read before: octets is what regmon_base64_read gave */
regmon_nonce_kind_t regmon_nonce_kind_of(int octets, int *ret_server_octets);
/* The vector in it; false when there is none. */
bool regmon_nonce_read(str nonce, regmon_vector_t *ret_vector);
/* The characters of a vector that stand for RAND alone: all of it but its last two bits, enough to tell one from
 * another without reading it. */
static inline str regmon_nonce_rand_text(str nonce)
{
	return (str){nonce.s, REGMON_RAND_OCTETS * 8 / 6};
}

/* AUTS = (SQN_MS xor AK*) MAC-S, TS 33.102 6.3.3 */
typedef struct regmon_auts
{
	uint8_t hidden_sqn[6], mac_s[8];
} regmon_auts_t;

/* How many octets it stands for, -1: no strict base64. ret_auts is filled when they are 14. */
int regmon_auts_read(str auts, regmon_auts_t *ret_auts);

#endif
