/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hashes of texts and the outline of a message. Two factors of a product of 128 bits are made of text and secret, and
 * both its halves go on: whoever does not know the secret cannot foresee which texts agree. */
#include "message/outline.h"

#include "message/scan.h"

static inline uint64_t fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
	uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX);
	uint64_t middle = (a >> 32) * (b & UINT32_MAX) + (low >> 32);
	uint64_t other = (a & UINT32_MAX) * (b >> 32) + (middle & UINT32_MAX);
	uint64_t high = (a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32);

	return (other << 32 | (low & UINT32_MAX)) ^ high;
#endif
}

static inline uint64_t eight(const char *text)
{
	uint64_t bytes;

	memcpy(&bytes, text, 8);
	return bytes;
}

/* less than eight bytes */
static inline uint64_t few(const char *text, int length)
{
	uint64_t bytes = 0;

	for(; length > 0; length--)
		bytes = bytes << 8 | (unsigned char)*text++;
	return bytes;
}

REGMON_INLINE uint64_t hash_text(uint64_t hash, const char *text, int length,
		const regmon_outline_secret_t *secret)
{
	const uint64_t key = secret->words[1];
	const char *end = text + length, *last;
	uint64_t a, b = 0, other;

	/* two products that need not wait for each other */
	if(length > 64) {
		other = hash ^ secret->words[2];
		last = end - 32;
		do {
			hash = fold(eight(text) ^ key, eight(text + 8) ^ hash);
			other = fold(eight(text + 16) ^ key, eight(text + 24) ^ other);
			text += 32;
		} while(text < last);
		hash = fold(hash ^ key, other);
	}
	if(end - text > 16) {
		last = end - 16;
		do {
			hash = fold(eight(text) ^ key, eight(text + 8) ^ hash);
			text += 16;
		} while(text < last);
	}
	/* what is left, together with what stands before it */
	if(length >= 16) {
		a = eight(end - 16);
		b = eight(end - 8);
	} else if(length >= 8) {
		a = eight(text);
		b = eight(end - 8);
	} else {
		a = few(text, length);
	}
	/* added to the key, so that no text can make up for another length */
	return fold(a ^ (key + (uint64_t)length * 0x9e3779b97f4a7c15ULL), b ^ hash);
}

uint64_t regmon_text_hash(uint64_t hash, const char *text, int length,
		const regmon_outline_secret_t *secret)
{
	return hash_text(hash, text, length, secret);
}

uint64_t regmon_number_hash(
		uint64_t hash, uint64_t number, const regmon_outline_secret_t *secret)
{
	return fold(hash ^ secret->words[2], number ^ secret->words[1]);
}

/* all lines of one header */
static uint32_t hash_header(const regmon_message_t *message,
		regmon_header_t header, const regmon_outline_secret_t *secret)
{
	const regmon_line_t *line = regmon_message_line(message, header);
	uint64_t hash = secret->words[0];

	if(line == NULL)
		return 0;
	for(; line; line = regmon_message_next_line(message, line))
		hash = hash_text(hash, line->value.s, line->value.len, secret);
	return (uint32_t)hash | 1;
}

static bool is_left_out(const regmon_line_t *line)
{
	return (REGMON_HEADERS_LEFT_OUT >> line->header) & 1;
}

/* Where the text goes on behind a line. The next line may have been skipped. */
static const char *behind(const regmon_line_t *line, const char *text_end)
{
	const char *at = line->value.s + line->value.len;

	while(at < text_end && *at != '\n')
		at++;
	return at < text_end ? at + 1 : text_end;
}

/* The text in runs between the lines that are left out. How many of these there are of each header counts, where they
 * stand does not. */
static uint64_t hash_rest(
		const regmon_message_t *message, const regmon_outline_secret_t *secret)
{
	static const uint8_t counted[] = {REGMON_HEADER_VIA, REGMON_HEADER_FROM,
			REGMON_HEADER_CALL_ID, REGMON_HEADER_CSEQ,
			REGMON_HEADER_AUTHORIZATION};
	const regmon_line_t *line = message->lines;
	const regmon_line_t *end = line + message->lines_n;
	const char *from = message->text.s;
	const char *text_end = from + message->text.len;
	uint64_t hash = secret->words[0], counts = 0;
	unsigned i;

	for(; line < end; line++) {
		if(!is_left_out(line))
			continue;
		if(line->name.s > from)
			hash = hash_text(hash, from, (int)(line->name.s - from), secret);
		from = behind(line, text_end);
	}
#pragma GCC unroll 5
	for(i = 0; i < sizeof(counted); i++)
		counts = counts << 8 | message->count[counted[i]];
	hash = hash_text(hash, from, (int)(text_end - from), secret);
	return fold(hash ^ counts, secret->words[2]) | 1;
}

void regmon_outline_read(const regmon_message_t *message,
		const regmon_outline_secret_t *secret, regmon_outline_t *ret_outline)
{
	ret_outline->rest = message->lines_broken || message->lines_dropped
								? 0
								: hash_rest(message, secret);
	ret_outline->security_client =
			hash_header(message, REGMON_HEADER_SECURITY_CLIENT, secret);
	ret_outline->security_verify =
			hash_header(message, REGMON_HEADER_SECURITY_VERIFY, secret);
	ret_outline->access =
			hash_header(message, REGMON_HEADER_P_ACCESS_NETWORK_INFO, secret);
}
