/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TS 35.206 4.1: OUTn = E_K(rot(x xor OPc, rn) xor cn) xor OPc. */
#include "aka/milenage.h"

#include <string.h>

#include "aka/crypto.h"

#define BLOCK 16

static void join(const uint8_t *a, const uint8_t *b, uint8_t *ret_block)
{
	int i;

	for(i = 0; i < BLOCK; i++)
		ret_block[i] = a[i] ^ b[i];
}

/* to the left; all rotations are of whole octets */
static void rotate(const uint8_t *block, unsigned octets, uint8_t *ret_block)
{
	unsigned i;

	for(i = 0; i < BLOCK; i++)
		ret_block[i] = block[(i + octets) % BLOCK];
}

/* TEMP = E_K(RAND xor OPc); K is set from here on */
static bool begin(const uint8_t *k, const uint8_t *opc, const uint8_t *rand,
		uint8_t *ret_temp)
{
	uint8_t block[BLOCK];

	join(rand, opc, block);
	return regmon_crypto_key(k) && regmon_crypto_block(block, ret_temp);
}

static bool output(const uint8_t *temp, const uint8_t *opc, unsigned rotation,
		uint8_t constant, uint8_t *ret_output)
{
	uint8_t block[BLOCK], rotated[BLOCK];

	join(temp, opc, block);
	rotate(block, rotation, rotated);
	rotated[BLOCK - 1] ^= constant;
	if(!regmon_crypto_block(rotated, block))
		return false;
	join(block, opc, ret_output);
	return true;
}

bool regmon_milenage_opc(
		const uint8_t k[16], const uint8_t op[16], uint8_t ret_opc[16])
{
	uint8_t block[BLOCK];

	if(!regmon_crypto_key(k) || !regmon_crypto_block(op, block))
		return false;
	join(block, op, ret_opc);
	return true;
}

bool regmon_milenage_f2345(const uint8_t k[16], const uint8_t opc[16],
		const uint8_t rand[16], regmon_milenage_t *ret_values)
{
	uint8_t temp[BLOCK], out[BLOCK];

	if(!begin(k, opc, rand, temp) || !output(temp, opc, 0, 1, out))
		return false;
	memcpy(ret_values->ak, out, 6);
	memcpy(ret_values->res, out + 8, 8);
	if(!output(temp, opc, 4, 2, ret_values->ck)
			|| !output(temp, opc, 8, 4, ret_values->ik)
			|| !output(temp, opc, 12, 8, out))
		return false;
	memcpy(ret_values->ak_star, out, 6);
	return true;
}

bool regmon_milenage_f1(const uint8_t k[16], const uint8_t opc[16],
		const uint8_t rand[16], uint64_t sqn, const uint8_t amf[2],
		uint8_t ret_mac_a[8], uint8_t ret_mac_s[8])
{
	uint8_t temp[BLOCK], in[BLOCK], block[BLOCK], out[BLOCK];
	int i;

	if(!begin(k, opc, rand, temp))
		return false;
	for(i = 0; i < 6; i++)
		in[i] = (uint8_t)(sqn >> (40 - 8 * i));
	in[6] = amf[0];
	in[7] = amf[1];
	memcpy(in + 8, in, 8);
	/* OUT1 = E_K(TEMP xor rot(IN1 xor OPc, r1)) xor OPc, c1 is 0 */
	join(in, opc, block);
	rotate(block, 8, in);
	join(temp, in, block);
	if(!regmon_crypto_block(block, out))
		return false;
	join(out, opc, block);
	memcpy(ret_mac_a, block, 8);
	memcpy(ret_mac_s, block + 8, 8);
	return true;
}
