/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict base64. Every 401 pays for the look at each character; only few of them are taken for what they stand for. */
#include "message/base64.h"

#define BLOCK 16

/* No way out of the loop before its end: so it becomes a few wide instructions. '/' stands in front of the digits. */
static bool is_block(const char *block)
{
	unsigned char wrong = 0;
	int i;

	for(i = 0; i < BLOCK; i++) {
		unsigned char c = (unsigned char)block[i];
		unsigned char letter = (unsigned char)((c | 0x20) - 'a');
		unsigned char digit = (unsigned char)(c - '/');

		wrong |= (letter > 25) & (digit > 10) & (c != '+');
	}
	return !wrong;
}

static bool is_base64(const char *text, int length)
{
	char padded[BLOCK];
	int i;

	if(length < BLOCK) {
		memset(padded, 'A', BLOCK);
		memcpy(padded, text, length);
		return is_block(padded);
	}
	for(i = 0; i < length - BLOCK; i += BLOCK) {
		if(!is_block(text + i))
			return false;
	}
	return is_block(text + length - BLOCK); /* some are looked at twice */
}

/* in the order of ASCII */
uint8_t regmon_base64_value(char c)
{
	if(c >= 'a')
		return (uint8_t)(c - 'a' + 26);
	if(c >= 'A')
		return (uint8_t)(c - 'A');
	if(c >= '0')
		return (uint8_t)(c - '0' + 52);
	return c == '+' ? 62 : 63;
}

static void read_octets(const char *text, uint8_t *ret_octets, int octets)
{
	uint32_t bits = 0;
	int held = 0, n = 0;

	while(n < octets) {
		bits = bits << 6 | regmon_base64_value(*text++);
		held += 6;
		if(held >= 8) {
			held -= 8;
			ret_octets[n++] = (uint8_t)(bits >> held);
		}
	}
}

int regmon_base64_read(str text, uint8_t *ret_octets, int most)
{
	int length = text.len, octets;

	if(length <= 0)
		return 0;
	if(length % 4)
		return -1;
	while(length > text.len - 2 && text.s[length - 1] == '=')
		length--;
	if(!is_base64(text.s, length))
		return -1;
	octets = length * 3 / 4;
	read_octets(text.s, ret_octets, most < octets ? most : octets);
	return octets;
}
