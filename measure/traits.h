/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What many phones may share: where they are, what they are, which way they came, what they got. As a key of 64 bits to
 * count by, and as text to show. */
#ifndef REGMON_MEASURE_TRAITS_H
#define REGMON_MEASURE_TRAITS_H

#include "registration/registration.h"

/* The first ones may have any number of values. TAC and cell are named with their PLMN: a number of their own has no
 * meaning outside of it. */
#define REGMON_TRAITS(X)                                                          \
	X(PLMN, "plmn", "PLMN")                                                       \
	X(TAC, "tac", "TAC")                                                          \
	X(CELL, "cell", "cell")                                                       \
	X(DEVICE, "device", "User-Agent") /* as it is written */                      \
	X(IMEI_TAC, "imei_tac", "device model (IMEI TAC)") /* first 8 digits of the IMEI */ \
	X(PORT, "port", "port of this node")                                          \
	X(ALGORITHM, "algorithm", "algorithm offer") /* of Security-Client */         \
	X(ACCESS, "access", "access type")                                            \
	X(CODE, "code", "answer code") /* last answer to the phone */
typedef enum regmon_trait
{
#define X(id, name, title) REGMON_TRAIT_##id,
	REGMON_TRAITS(X)
#undef X
	REGMON_TRAITS_N
} regmon_trait_t;

const char *regmon_trait_name(regmon_trait_t trait);
const char *regmon_trait_title(regmon_trait_t trait);

typedef struct regmon_secret
{
	uint64_t start, factor; /* random, factor odd */
} regmon_secret_t;
/* from 16 random bytes */
regmon_secret_t regmon_secret_of(const uint8_t random[16]);

/* one more word of 64 bits into a key */
static inline uint64_t regmon_key_mix(
		const regmon_secret_t *secret, uint64_t key, uint64_t word)
{
	unsigned __int128 product =
			(unsigned __int128)(key ^ word) * secret->factor;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}
uint64_t regmon_key_of_text(
		const regmon_secret_t *secret, uint64_t key, str text);

/* Keys of the traits from first to last; 0: the record does not tell. */
void regmon_trait_keys(const regmon_registration_t *registration,
		const regmon_secret_t *secret, regmon_trait_t first,
		regmon_trait_t last, uint64_t ret_keys[REGMON_TRAITS_N]);

/* room for the text of any value: a User-Agent, or PLMN, '-' and cell */
#define REGMON_TRAIT_TEXT 64
/* The value as text, not ended by a zero; returns its length. */
int regmon_trait_text(const regmon_registration_t *registration,
		regmon_trait_t trait, char ret_text[REGMON_TRAIT_TEXT]);

#endif
