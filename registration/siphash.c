/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash after its paper; both variants from one body. */
#include "registration/siphash.h"

#include <string.h>

typedef struct state
{
	uint64_t a, b, c, d;
} state_t;

static inline uint64_t rotate(uint64_t value, int bits)
{
	return (value << bits) | (value >> (64 - bits));
}

static inline uint64_t read_little_endian(const void *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	value = __builtin_bswap64(value);
#endif
	return value;
}

static inline __attribute__((always_inline)) void rounds(state_t *s, int n)
{
#pragma GCC unroll 4
	while(n-- > 0) {
		s->a += s->b;
		s->b = rotate(s->b, 13) ^ s->a;
		s->a = rotate(s->a, 32);
		s->c += s->d;
		s->d = rotate(s->d, 16) ^ s->c;
		s->a += s->d;
		s->d = rotate(s->d, 21) ^ s->a;
		s->c += s->b;
		s->b = rotate(s->b, 17) ^ s->c;
		s->c = rotate(s->c, 32);
	}
}

static inline __attribute__((always_inline)) uint64_t siphash(
		const uint8_t key[16], const void *bytes, size_t length,
		int block_rounds, int end_rounds)
{
	uint64_t k0 = read_little_endian(key), k1 = read_little_endian(key + 8);
	state_t s = {k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL,
			k0 ^ 0x6c7967656e657261ULL, k1 ^ 0x7465646279746573ULL};
	const uint8_t *at = bytes, *end = at + (length & ~(size_t)7);
	uint64_t last = (uint64_t)length << 56;
	uint64_t block;
	unsigned left = length & 7, i;

	for(; at != end; at += 8) {
		block = read_little_endian(at);
		s.d ^= block;
		rounds(&s, block_rounds);
		s.a ^= block;
	}
	if(left && length >= 8)
		last |= read_little_endian(at + left - 8) >> (8 * (8 - left));
	else
		for(i = 0; i < left; i++)
			last |= (uint64_t)at[i] << (8 * i);
	s.d ^= last;
	rounds(&s, block_rounds);
	s.a ^= last;
	s.c ^= 0xff;
	rounds(&s, end_rounds);
	return s.a ^ s.b ^ s.c ^ s.d;
}

uint64_t regmon_siphash_2_4(
		const uint8_t key[16], const void *bytes, size_t length)
{
	return siphash(key, bytes, length, 2, 4);
}

uint64_t regmon_siphash_1_3(
		const uint8_t key[16], const void *bytes, size_t length)
{
	return siphash(key, bytes, length, 1, 3);
}
