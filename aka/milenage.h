/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Milenage, the algorithm set of nearly all lab SIMs: TS 35.206 4.1. Names are those of TS 33.102 6.3. */
#ifndef REGMON_AKA_MILENAGE_H
#define REGMON_AKA_MILENAGE_H

#include <stdbool.h>
#include <stdint.h>

/* f2 to f5*: what follows of K and RAND alone */
typedef struct regmon_milenage
{
	uint8_t res[8], ck[16], ik[16];
	uint8_t ak[6], ak_star[6];
} regmon_milenage_t;

/* Each gives false when OpenSSL refuses. */

/* OPc of OP */
bool regmon_milenage_opc(
		const uint8_t k[16], const uint8_t op[16], uint8_t ret_opc[16]);
/* f2, f3, f4, f5, f5* */
bool regmon_milenage_f2345(const uint8_t k[16], const uint8_t opc[16],
		const uint8_t rand[16], regmon_milenage_t *ret_values);
/* f1 gives MAC-A (AUTN), f1* MAC-S (auts, with AMF 0000) */
bool regmon_milenage_f1(const uint8_t k[16], const uint8_t opc[16],
		const uint8_t rand[16], uint64_t sqn, const uint8_t amf[2],
		uint8_t ret_mac_a[8], uint8_t ret_mac_s[8]);

/* SQN and AK: 6 octets, a number of 48 bits */
static inline uint64_t regmon_sqn_read(const uint8_t octets[6])
{
	uint64_t sqn = 0;
	int i;

	for(i = 0; i < 6; i++)
		sqn = sqn << 8 | octets[i];
	return sqn;
}

#endif
