/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the readers of this folder move over one header value: a cursor that goes from parameter to parameter, 16
 * bytes at a time. A value is looked at once, so the cost is linear whatever it holds. For the readers only;
 * everybody else uses text.h. */
#ifndef REGMON_MESSAGE_SCAN_H
#define REGMON_MESSAGE_SCAN_H

#include "message/text.h"

/* REGMON_SCAN_PLAIN: the same without vectors, as on other processors */
#if defined(__SSE2__) && !defined(REGMON_SCAN_PLAIN)
#define REGMON_SCAN_SSE2
#include <emmintrin.h>
#endif

#define REGMON_INLINE static inline __attribute__((always_inline))
#define REGMON_SCAN_WINDOW 16
/* what nearly every message does */
#define REGMON_USUALLY(condition) __builtin_expect(!!(condition), 1)

typedef struct regmon_scan
{
	const char *begin;
	const char *at; /* the next part begins here */
	const char *end;
	/* a window may begin here or before: text goes on behind end */
	const char *last_window;
} regmon_scan_t;

/* ---- comparisons ---- */

/* 0, or bits in those bytes in which a and b are not the same character; a letter is the same in both cases */
REGMON_INLINE uint64_t regmon_differ_nocase(uint64_t a, uint64_t b)
{
	const uint64_t ones = 0x0101010101010101ULL;
	uint64_t low, letters;

	if(a == b)
		return 0;
	/* other bytes differ in that bit too ('-' and CR): bit 7 tells 'a' <= low <= 'z' */
	low = (a & (0x7f * ones)) | (0x20 * ones);
	letters = (low + (0x80 - 'a') * ones) & ~(low + (0x80 - '{') * ones) & ~a;
	return (a ^ b) & ~((letters & (0x80 * ones)) >> 2);
}

/* Word by word, so that a literal costs a few instructions. Both must hold n bytes. */
REGMON_INLINE bool regmon_same_nocase(
		const char *text, const char *literal, int n)
{
	uint64_t a = 0, b = 0;
	uint32_t c, d;
	int i;

	if(n >= 8) {
		for(i = 0; i + 8 < n; i += 8) {
			memcpy(&a, text + i, 8);
			memcpy(&b, literal + i, 8);
			if(regmon_differ_nocase(a, b))
				return false;
		}
		memcpy(&a, text + n - 8, 8);
		memcpy(&b, literal + n - 8, 8);
	} else if(n >= 4) {
		memcpy(&c, text, 4);
		memcpy(&d, text + n - 4, 4);
		a = c | (uint64_t)d << 32;
		memcpy(&c, literal, 4);
		memcpy(&d, literal + n - 4, 4);
		b = c | (uint64_t)d << 32;
	} else {
		for(i = 0; i < n; i++) {
			a = a << 8 | (unsigned char)text[i];
			b = b << 8 | (unsigned char)literal[i];
		}
	}
	return regmon_differ_nocase(a, b) == 0;
}
/* name is a str whose length was compared already */
#define REGMON_NAME_IS(name, literal) \
	regmon_same_nocase((name).s, literal, sizeof(literal) - 1)

/* The same for a literal and in its very case, which is how names are written nearly always. */
REGMON_INLINE bool regmon_same(const char *text, const char *literal, int n)
{
	uint64_t a, b, difference = 0;
	uint32_t c, d;
	uint16_t e, f;
	int i;

	if(n >= 8) {
#pragma GCC unroll 4
		for(i = 0; i + 8 < n; i += 8) {
			memcpy(&a, text + i, 8);
			memcpy(&b, literal + i, 8);
			difference |= a ^ b;
		}
		memcpy(&a, text + n - 8, 8);
		memcpy(&b, literal + n - 8, 8);
		return (difference | (a ^ b)) == 0;
	}
	if(n >= 4) {
		memcpy(&c, text, 4);
		memcpy(&d, literal, 4);
		if(n == 4 || c != d)
			return c == d;
		memcpy(&c, text + n - 4, 4);
		memcpy(&d, literal + n - 4, 4);
		return c == d;
	}
	if(n == 1)
		return text[0] == literal[0];
	memcpy(&e, text, 2);
	memcpy(&f, literal, 2);
	return e == f && (n == 2 || text[2] == literal[2]);
}

/* Four bytes as a number, and four characters as the same number, for switch. */
REGMON_INLINE uint32_t regmon_four(const char *text)
{
	uint32_t four;

	memcpy(&four, text, 4);
	return four;
}
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define REGMON_FOUR(a, b, c, d)                               \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 \
			| (uint32_t)(d) << 24)
#else
#define REGMON_FOUR(a, b, c, d)                               \
	((uint32_t)(d) | (uint32_t)(c) << 8 | (uint32_t)(b) << 16 \
			| (uint32_t)(a) << 24)
#endif

/* The same of three characters without case. A byte behind them is read and means nothing. */
REGMON_INLINE uint32_t regmon_three_nocase(const char *text)
{
	uint32_t four = regmon_four(text) | 0x20202020;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return four << 8;
#else
	return four & 0xffffff00;
#endif
}
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define REGMON_THREE(a, b, c) (REGMON_FOUR(a, b, c, 0) << 8)
#else
#define REGMON_THREE(a, b, c) REGMON_FOUR(a, b, c, 0)
#endif

/* The first n of up to 32 bytes are the same; 32 can be read of both. */
REGMON_INLINE bool regmon_same_start(const char *left, const char *right, int n)
{
#ifdef REGMON_SCAN_SSE2
	unsigned same = _mm_movemask_epi8(
			_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)left),
					_mm_loadu_si128((const __m128i *)right)));

	if(n > 16)
		same |= (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(
						_mm_loadu_si128((const __m128i *)(left + 16)),
						_mm_loadu_si128((const __m128i *)(right + 16))))
				<< 16;
	/* the bit behind the n-th is the first that may be missing */
	return n == 32 ? same == ~0u : (~same & ((1u << n) - 1)) == 0;
#else
	return memcmp(left, right, n) == 0;
#endif
}

/* memset to 0 of a size that is known, without the start of `rep stos` */
REGMON_INLINE void regmon_clear(void *at, size_t n)
{
#ifdef REGMON_SCAN_SSE2
	size_t i;

#pragma GCC unroll 64
	for(i = 0; i + 16 < n; i += 16)
		_mm_storeu_si128((__m128i *)((char *)at + i), _mm_setzero_si128());
	_mm_storeu_si128((__m128i *)((char *)at + n - 16), _mm_setzero_si128());
#else
	memset(at, 0, n);
#endif
}

/* bit 7 of those of eight bytes that are capital letters */
REGMON_INLINE uint64_t regmon_capitals_8(const char *at)
{
	const uint64_t ones = 0x0101010101010101ULL;
	uint64_t bytes, seven;

	memcpy(&bytes, at, 8);
	seven = bytes & (0x7f * ones);
	return (seven + (0x80 - 'A') * ones) & ~(seven + (0x80 - '[') * ones)
		   & ~bytes & (0x80 * ones);
}

/* eight bytes in lower case */
REGMON_INLINE void regmon_lower_8(char *at)
{
	uint64_t bytes;

	memcpy(&bytes, at, 8);
	bytes |= regmon_capitals_8(at) >> 2;
	memcpy(at, &bytes, 8);
}

/* ---- search ---- */

/* bit per character of a window that is one of the three */
REGMON_INLINE unsigned regmon_scan_mask(const char *at, char a, char b, char c)
{
#ifdef REGMON_SCAN_SSE2
	__m128i text = _mm_loadu_si128((const __m128i *)at);
	__m128i found = _mm_cmpeq_epi8(text, _mm_set1_epi8(a));

	if(b != a)
		found = _mm_or_si128(found, _mm_cmpeq_epi8(text, _mm_set1_epi8(b)));
	if(c != b)
		found = _mm_or_si128(found, _mm_cmpeq_epi8(text, _mm_set1_epi8(c)));
	return _mm_movemask_epi8(found);
#else
	unsigned mask = 0, i;

	for(i = 0; i < REGMON_SCAN_WINDOW; i++)
		mask |= (unsigned)(at[i] == a || at[i] == b || at[i] == c) << i;
	return mask;
#endif
}

/* First of three characters from at on, else end. begin..at is text too: the last bytes are looked at in one piece
 * together with what stands before them. */
REGMON_INLINE const char *regmon_scan_find(const char *begin, const char *at,
		const char *end, char a, char b, char c)
{
	unsigned mask;

	while(end - at >= REGMON_SCAN_WINDOW) {
		mask = regmon_scan_mask(at, a, b, c);
		if(mask)
			return at + __builtin_ctz(mask);
		at += REGMON_SCAN_WINDOW;
	}
	if(at < end && end - begin >= REGMON_SCAN_WINDOW) {
		mask = regmon_scan_mask(end - REGMON_SCAN_WINDOW, a, b, c)
			   >> (REGMON_SCAN_WINDOW - (end - at));
		return mask ? at + __builtin_ctz(mask) : end;
	}
	while(at < end && *at != a && *at != b && *at != c)
		at++;
	return at;
}

/* text_end: up to here there is text, at the value's end or behind it */
REGMON_INLINE void regmon_scan_start(
		regmon_scan_t *scan, str value, const char *text_end)
{
	scan->begin = scan->at = value.s;
	scan->end = value.s + value.len;
	scan->last_window = text_end - value.s >= REGMON_SCAN_WINDOW
								? text_end - REGMON_SCAN_WINDOW
								: NULL;
}

/* The same search inside a value that has text behind it: end or more when there is none before end. */
REGMON_INLINE const char *regmon_scan_seek(
		const regmon_scan_t *scan, const char *at, char a, char b, char c)
{
	unsigned mask;

	do {
		if(!REGMON_USUALLY(at <= scan->last_window))
			return at < scan->end ? regmon_scan_find(
						   scan->begin, at, scan->end, a, b, c)
								  : at;
		mask = regmon_scan_mask(at, a, b, c);
		if(REGMON_USUALLY(mask))
			return at + __builtin_ctz(mask);
		at += REGMON_SCAN_WINDOW;
	} while(at < scan->end);
	return at;
}

/* white space is rare: one comparison tells that there is none */
REGMON_INLINE const char *regmon_scan_skip_space(
		const char *at, const char *end)
{
	while(at < end && (unsigned char)*at <= ' ' && regmon_is_space(*at))
		at++;
	return at;
}

REGMON_INLINE str regmon_scan_slice(const char *from, const char *to)
{
	from = regmon_scan_skip_space(from, to);
	while(from < to && (unsigned char)to[-1] <= ' ' && regmon_is_space(to[-1]))
		to--;
	return (str){(char *)from, to - from};
}

/* The closing quote of a quoted string, at stands behind the opening one; NULL: it has no end. */
const char *regmon_scan_quote_end(const char *at, const char *end);

/* name-addr or addr-spec (RFC 3261 20.10: without brackets everything behind ';' belongs to the header): the text of
 * the URI. The cursor is moved behind the ';' or the comma; a comma of ';' makes commas mean nothing. Returns what
 * ended it, 0 at the end. */
char regmon_scan_address(
		regmon_scan_t *scan, char comma, str *ret_uri, bool *broken);

/* ---- lines and hosts ---- */

/* First line feed from at on, else end; two windows at once, because lines are long. They may begin at last or before;
 * begin..at is text too. */
REGMON_INLINE const char *regmon_scan_line_feed(
		const char *begin, const char *at, const char *last, const char *end)
{
	unsigned mask;

	for(; at <= last; at += 2 * REGMON_SCAN_WINDOW) {
		mask = regmon_scan_mask(at, '\n', '\n', '\n')
			   | regmon_scan_mask(at + REGMON_SCAN_WINDOW, '\n', '\n', '\n')
						 << REGMON_SCAN_WINDOW;
		if(mask)
			return at + __builtin_ctz(mask);
	}
	return regmon_scan_find(begin, at, end, '\n', '\n', '\n');
}

/* letters, digits, '-' and '.': what names of hosts and most user parts are made of */
REGMON_INLINE bool regmon_is_plain(char c)
{
	return regmon_is_digit(c) || c == '-' || c == '.'
		   || (unsigned char)((c | 0x20) - 'a') < 26;
}

/* bit per character of a window that is none of these */
REGMON_INLINE unsigned regmon_scan_mask_not_plain(const char *at)
{
#ifdef REGMON_SCAN_SSE2
	__m128i text = _mm_loadu_si128((const __m128i *)at);
	__m128i letter = _mm_sub_epi8(
			_mm_or_si128(text, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
	__m128i digit = _mm_sub_epi8(text, _mm_set1_epi8('-'));

	letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
	/* "-./" and the digits are neighbours */
	digit = _mm_cmpeq_epi8(
			_mm_min_epu8(digit, _mm_set1_epi8('9' - '-')), digit);
	digit = _mm_andnot_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8('/')), digit);
	return (unsigned)_mm_movemask_epi8(_mm_or_si128(letter, digit)) ^ 0xffff;
#else
	unsigned mask = 0, i;

	for(i = 0; i < REGMON_SCAN_WINDOW; i++)
		mask |= (unsigned)!regmon_is_plain(at[i]) << i;
	return mask;
#endif
}

/* First character from at on that is none of these, else end; begin..at is text too. */
REGMON_INLINE const char *regmon_scan_not_plain(
		const char *begin, const char *at, const char *end)
{
	unsigned others;

	while(end - at >= REGMON_SCAN_WINDOW) {
		others = regmon_scan_mask_not_plain(at);
		if(others)
			return at + __builtin_ctz(others);
		at += REGMON_SCAN_WINDOW;
	}
	if(at < end && end - begin >= REGMON_SCAN_WINDOW) {
		others = regmon_scan_mask_not_plain(end - REGMON_SCAN_WINDOW)
				 >> (REGMON_SCAN_WINDOW - (end - at));
		return others ? at + __builtin_ctz(others) : end;
	}
	while(at < end && regmon_is_plain(*at))
		at++;
	return at;
}

/* The number that text is, as regmon_text_number; begin..text.s is text too. Up to eight digits at once: the eight
 * bytes that end with the number, what stands before it cleared; then pairs, fours and eights are added up side by
 * side. */
REGMON_INLINE int64_t regmon_scan_number(const char *begin, str text)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t digits;
	int before = 64 - 8 * text.len;

	if((unsigned)text.len - 1 < 8 && text.s + text.len - begin >= 8) {
		memcpy(&digits, text.s + text.len - 8, 8);
		digits = ((digits ^ 0x3030303030303030ULL) >> before) << before;
		if(((digits + 0x7676767676767676ULL) | digits) & 0x8080808080808080ULL)
			return REGMON_NUMBER_BAD;
		digits = digits * 10 + (digits >> 8);
		return (((digits & 0x000000ff000000ffULL) * 0x000f424000000064ULL)
					   + (((digits >> 16) & 0x000000ff000000ffULL)
							   * 0x0000271000000001ULL))
			   >> 32;
	}
#else
	(void)begin;
#endif
	return regmon_text_number(text);
}

#endif
