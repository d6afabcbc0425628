/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the readers of this folder move over one header value: a cursor that goes from parameter to parameter, 16
 * bytes at a time. A value is looked at once, so the cost is linear whatever it holds. For the readers only;
 * everybody else uses text.h. */
#ifndef REGMON_MESSAGE_SCAN_H
#define REGMON_MESSAGE_SCAN_H

#include "message/text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef struct regmon_scan
{
	const char *begin;
	const char *at; /* the next part begins here */
	const char *end;
} regmon_scan_t;

#define REGMON_INLINE static inline __attribute__((always_inline))

/* Word by word, so that a literal costs a few instructions. text must hold n bytes. */
REGMON_INLINE bool regmon_same_nocase(
		const char *text, const char *literal, int n)
{
	const uint64_t case_bits = 0x2020202020202020ULL;
	uint64_t a, b, difference = 0;
	uint32_t c, d;
	int i;

	if(n >= 8) {
		for(i = 0; i + 8 < n; i += 8) {
			memcpy(&a, text + i, 8);
			memcpy(&b, literal + i, 8);
			difference |= a ^ b;
		}
		memcpy(&a, text + n - 8, 8);
		memcpy(&b, literal + n - 8, 8);
		difference |= a ^ b;
	} else if(n >= 4) {
		memcpy(&c, text, 4);
		memcpy(&d, literal, 4);
		difference = c ^ d;
		memcpy(&c, text + n - 4, 4);
		memcpy(&d, literal + n - 4, 4);
		difference |= c ^ d;
	} else {
		for(i = 0; i < n; i++)
			difference |= (unsigned char)text[i] ^ (unsigned char)literal[i];
	}
	if(difference == 0)
		return true;
	if(difference & ~case_bits)
		return false;
	/* only bits of case differ, but '-' and CR differ in that bit too */
	return strncasecmp(text, literal, n) == 0;
}
/* name is a str whose length was compared already */
#define REGMON_NAME_IS(name, literal) \
	regmon_same_nocase((name).s, literal, sizeof(literal) - 1)

#ifdef __SSE2__
/* bit per character that is one of the three */
REGMON_INLINE unsigned regmon_scan_mask(const char *at, char a, char b, char c)
{
	__m128i text = _mm_loadu_si128((const __m128i *)at);
	__m128i found = _mm_or_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8(a)),
			_mm_cmpeq_epi8(text, _mm_set1_epi8(b)));

	if(c != b)
		found = _mm_or_si128(found, _mm_cmpeq_epi8(text, _mm_set1_epi8(c)));
	return _mm_movemask_epi8(found);
}
#endif

/* First of three characters from at on, else end. begin..at is text too: the last bytes are looked at in one piece
 * together with what stands before them. */
REGMON_INLINE const char *regmon_scan_find(const char *begin, const char *at,
		const char *end, char a, char b, char c)
{
#ifdef __SSE2__
	unsigned mask;

	while(end - at >= 16) {
		mask = regmon_scan_mask(at, a, b, c);
		if(mask)
			return at + __builtin_ctz(mask);
		at += 16;
	}
	if(at < end && end - begin >= 16) {
		mask = regmon_scan_mask(end - 16, a, b, c) >> (16 - (end - at));
		return mask ? at + __builtin_ctz(mask) : end;
	}
#else
	(void)begin;
#endif
	while(at < end && *at != a && *at != b && *at != c)
		at++;
	return at;
}

REGMON_INLINE void regmon_scan_start(regmon_scan_t *scan, str value)
{
	scan->begin = scan->at = value.s;
	scan->end = value.s + value.len;
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

/* True when the parameter at the cursor has this name. A parameter that is known needs no search for the end of its
 * name. */
REGMON_INLINE bool regmon_scan_name_is(
		const regmon_scan_t *scan, const char *literal, int n)
{
	int left = scan->end - scan->at;

	return left >= n && regmon_same_nocase(scan->at, literal, n)
		   && (left == n || scan->at[n] == '='
				   || !regmon_is_token_char(scan->at[n]));
}
/* returns id and *ret_length from the calling function when the name matches */
#define REGMON_NAME_GIVES(literal, id)                            \
	if(regmon_scan_name_is(scan, literal, sizeof(literal) - 1)) { \
		*ret_length = sizeof(literal) - 1;                        \
		return id;                                                \
	}

/* One `name=value` up to the next separator (or the other one, or the end): white space around both is dropped, a
 * quoted value keeps its quotes, without '=' value.s is NULL. known is the length of the name when the caller found
 * out (the cursor stands on it), else 0. Returns what ended it, 0 at the end of the value. broken is set, never
 * cleared, by an open quote or by something behind a name or a quoted value. */
static char __attribute__((noinline, unused))
regmon_scan_any_parameter(regmon_scan_t *scan, int known, char separator,
		char other, str *name, str *value, bool *broken)
{
	const char *end = scan->end, *stop = scan->at, *from, *quote;

	value->s = NULL;
	value->len = 0;
	if(known) {
		*name = (str){(char *)stop, known};
		stop = regmon_scan_skip_space(stop + known, end);
	} else {
		stop = regmon_scan_find(scan->begin, stop, end, '=', separator, other);
		*name = regmon_scan_slice(scan->at, stop);
	}
	if(stop < end && *stop == '=') {
		from = regmon_scan_skip_space(stop + 1, end);
		if(from < end && *from == '"') {
			quote = regmon_scan_quote_end(from + 1, end);
			if(!quote) {
				*broken = true;
				*value = regmon_scan_slice(from, end);
				scan->at = end;
				return 0;
			}
			value->s = (char *)from;
			value->len = quote + 1 - from;
			stop = quote + 1;
		} else {
			stop = regmon_scan_find(
					scan->begin, from, end, separator, separator, other);
			*value = regmon_scan_slice(from, stop);
		}
	}
	if(stop < end && *stop != separator && *stop != other) {
		from = stop;
		stop = regmon_scan_find(
				scan->begin, from, end, separator, separator, other);
		*broken |= regmon_scan_slice(from, stop).len > 0;
	}
	scan->at = stop < end ? stop + 1 : end;
	return stop < end ? *stop : 0;
}

/* The same, with the usual forms of a known parameter first: name=value and name="value" without any white space,
 * and a name alone. The slow path works on copies, so that the caller's cursor can live in registers. */
REGMON_INLINE char regmon_scan_parameter(regmon_scan_t *scan, int known,
		char separator, char other, str *name, str *value, bool *broken)
{
	const char *end = scan->end, *stop = scan->at + known, *from = stop + 1;
	regmon_scan_t copy;
	str name_copy, value_copy;
	bool broken_copy = false;
	char ended;

	if(!known || end - stop < 2)
		goto any;
	if(*stop == '=') {
		if((unsigned char)*from > '"') { /* neither quote nor white space */
			stop = regmon_scan_find(
					scan->begin, from, end, separator, separator, other);
			if((unsigned char)stop[-1] <= ' ')
				goto any;
		} else {
			if(*from != '"')
				goto any;
			stop = regmon_scan_find(scan->begin, from + 1, end, '"', '"', '\\');
			if(end - stop < 2 || *stop != '"'
					|| (stop[1] != separator && stop[1] != other))
				goto any;
			stop++;
		}
		value->s = (char *)from;
		value->len = stop - from;
	} else if(*stop == separator || *stop == other) {
		value->s = NULL;
		value->len = 0;
	} else {
		goto any;
	}
	name->s = (char *)scan->at;
	name->len = known;
	if(stop >= end) {
		scan->at = end;
		return 0;
	}
	ended = *stop;
	scan->at = stop + 1;
	return ended;
any:
	copy = *scan;
	ended = regmon_scan_any_parameter(&copy, known, separator, other,
			&name_copy, &value_copy, &broken_copy);
	scan->at = copy.at;
	*name = name_copy;
	*value = value_copy;
	*broken |= broken_copy;
	return ended;
}

/* name-addr or addr-spec (RFC 3261 20.10: without brackets everything behind ';' belongs to the header): the text of
 * the URI. at is moved behind the ';' or the comma; a comma of ';' makes commas mean nothing. Returns what ended it,
 * 0 at the end. */
char regmon_scan_address(const char **at, const char *end, char comma,
		str *ret_uri, bool *broken);

/* The number that text is, as regmon_text_number; begin..text.s is text too. Up to eight digits at once: the eight
 * bytes that end with the number, what stands before it cleared; then pairs, fours and eights are added up side by
 * side. */
REGMON_INLINE int64_t regmon_scan_number(const char *begin, str text)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t digits;
	int before = 64 - 8 * text.len;

	if(text.len > 0 && before >= 0 && text.s + text.len - begin >= 8) {
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
