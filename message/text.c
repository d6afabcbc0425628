/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slices of text: character classes, numbers, walks over lists. */
#include "message/parameter.h"

/* token of RFC 3261 25.1: alphanum - . ! % * _ + ` ' ~ */
static const bool token_char[256] = {['0' ... '9'] = true,
		['a' ... 'z'] = true,
		['A' ... 'Z'] = true,
		['-'] = true,
		['.'] = true,
		['!'] = true,
		['%'] = true,
		['*'] = true,
		['_'] = true,
		['+'] = true,
		['`'] = true,
		['\''] = true,
		['~'] = true};

bool regmon_is_token_char(char c)
{
	return token_char[(unsigned char)c];
}

bool regmon_text_is_token(str text)
{
	int i;

	for(i = 0; i < text.len; i++) {
		if(!token_char[(unsigned char)text.s[i]])
			return false;
	}
	return text.len > 0;
}

bool regmon_text_starts_nocase(str text, str start)
{
	return text.len >= start.len
		   && regmon_same_nocase(text.s, start.s, start.len);
}

bool regmon_text_all_digits(str text)
{
	int i;

	for(i = 0; i < text.len; i++) {
		if(!regmon_is_digit(text.s[i]))
			return false;
	}
	return text.len > 0;
}

static bool all_hex_8(const char *text)
{
	const uint64_t ones = 0x0101010101010101ULL;
	uint64_t bytes, seven, low, digits, letters;

	memcpy(&bytes, text, 8);
	seven = bytes & (0x7f * ones);
	low = seven | (0x20 * ones);
	/* bit 7 of each byte: between '0' and '9', between 'a' and 'f' */
	digits = (seven + (0x80 - '0') * ones) & ~(seven + (0x80 - ':') * ones);
	letters = (low + (0x80 - 'a') * ones) & ~(low + (0x80 - 'g') * ones);
	return (((digits | letters) & ~bytes) & (0x80 * ones)) == 0x80 * ones;
}

bool regmon_text_all_hex(str text)
{
	int i;

	if(text.len >= 8) {
		for(i = 0; i + 8 < text.len; i += 8) {
			if(!all_hex_8(text.s + i))
				return false;
		}
		return all_hex_8(text.s + text.len - 8);
	}
	for(i = 0; i < text.len; i++) {
		if(!regmon_is_hex(text.s[i]))
			return false;
	}
	return text.len > 0;
}

bool regmon_text_all_base64(str text)
{
	const char *at = text.s, *end = text.s + text.len;

	/* letters and digits but for a few; these take '.' and '-' for some of them, base64 does not */
	while((at = regmon_scan_not_plain(text.s, at, end)) < end) {
		if(*at != '+' && *at != '/')
			return false;
		at++;
	}
	return regmon_scan_find(text.s, text.s, end, '.', '-', '-') == end;
}

int64_t regmon_text_number(str text)
{
	int64_t number = 0;
	int i;

	if(text.len <= 0 || text.len > 18)
		return REGMON_NUMBER_BAD;
	for(i = 0; i < text.len; i++) {
		if(!regmon_is_digit(text.s[i]))
			return REGMON_NUMBER_BAD;
		number = number * 10 + (text.s[i] - '0');
	}
	return number;
}

const char *regmon_scan_quote_end(const char *at, const char *end)
{
	const char *quote, *back;

	while(at < end && (quote = memchr(at, '"', end - at)) != NULL) {
		for(back = quote; back > at && back[-1] == '\\'; back--)
			;
		/* an even number of backslashes are pairs of their own */
		if(((quote - back) & 1) == 0)
			return quote;
		at = quote + 1;
	}
	return NULL;
}

char regmon_scan_parameter(regmon_scan_t *scan, int known, char separator,
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

static char address_ended(regmon_scan_t *scan, const char *stop)
{
	if(stop >= scan->end) {
		scan->at = scan->end;
		return 0;
	}
	scan->at = stop + 1;
	return *stop;
}

/* stop stands on '<' */
static char bracketed_address(regmon_scan_t *scan, const char *stop, char comma,
		str *ret_uri, bool *broken)
{
	const char *end = scan->end, *from;
	const char *close = regmon_scan_seek(scan, stop + 1, '>', '>', '>');

	if(close >= end) {
		*broken = true;
		*ret_uri = regmon_scan_slice(stop + 1, end);
		return address_ended(scan, end);
	}
	*ret_uri = (str){(char *)stop + 1, close - stop - 1};
	from = stop = close + 1;
	while(stop < end && *stop != ';' && *stop != comma)
		stop++;
	if(stop > from)
		*broken |= regmon_scan_slice(from, stop).len > 0;
	return address_ended(scan, stop);
}

char regmon_scan_address(
		regmon_scan_t *scan, char comma, str *ret_uri, bool *broken)
{
	const char *stop = scan->at, *end = scan->end;

	for(; stop < end && *stop != ';' && *stop != comma; stop++) {
		if(*stop == '<')
			return bracketed_address(scan, stop, comma, ret_uri, broken);
		if(*stop == '"') {
			stop = regmon_scan_quote_end(stop + 1, end);
			if(!stop) {
				*broken = true;
				*ret_uri = (str){NULL, 0};
				return address_ended(scan, end);
			}
		}
	}
	*ret_uri = regmon_scan_slice(scan->at, stop);
	return address_ended(scan, stop);
}

int regmon_text_find_outside(str text, int start, char c)
{
	const char *at, *end;

	if(start < 0 || start >= text.len)
		return -1;
	end = text.s + text.len;
	for(at = text.s + start; at < end; at++) {
		at = regmon_scan_find(text.s, at, end, c, '"', '<');
		if(at == end)
			break;
		if(*at == c)
			return at - text.s;
		at = *at == '"' ? regmon_scan_quote_end(at + 1, end)
						: memchr(at, '>', end - at);
		if(!at)
			break;
	}
	return -1;
}

str regmon_text_unquote(str text, bool *ret_quoted)
{
	bool quoted =
			text.len >= 2 && text.s[0] == '"' && text.s[text.len - 1] == '"';

	if(ret_quoted)
		*ret_quoted = quoted;
	return quoted ? (str){text.s + 1, text.len - 2} : text;
}

bool regmon_text_next_parameter(
		str list, char separator, int *position, str *ret_name, str *ret_value)
{
	regmon_scan_t scan;
	bool broken = false;

	while(*position < list.len) {
		regmon_scan_start(
				&scan, regmon_text_from(list, *position), list.s + list.len);
		regmon_scan_parameter(
				&scan, 0, separator, separator, ret_name, ret_value, &broken);
		*position = scan.at - list.s;
		if(ret_name->len > 0 || ret_value->s != NULL)
			return true;
	}
	return false;
}

bool regmon_text_next_element(str list, int *position, str *ret_element)
{
	str element;
	int comma;

	while(*position < list.len) {
		comma = regmon_text_find_outside(list, *position, ',');
		if(comma < 0)
			comma = list.len;
		element = regmon_scan_slice(list.s + *position, list.s + comma);
		*position = comma + 1;
		if(element.len > 0) {
			*ret_element = element;
			return true;
		}
	}
	return false;
}

bool regmon_text_list_holds(str list, str token)
{
	int position = 0;
	str element;

	while(regmon_text_next_element(list, &position, &element)) {
		if(regmon_text_is_nocase(element, token))
			return true;
	}
	return false;
}

/* ---- fit to be shown ---- */

/* behind 0xe2: U+200B to U+200F and U+2028 to U+202E, U+2066 to U+2069: nothing to be seen, ends of lines, and marks
 * that turn the direction of what stands behind them */
static bool misleads(const unsigned char *c)
{
	return (c[0] == 0x80 && c[1] >= 0x8b && c[1] <= 0xae
				   && (c[1] <= 0x8f || c[1] >= 0xa8))
		   || (c[0] == 0x81 && c[1] >= 0xa6 && c[1] <= 0xa9);
}

/* bytes of the UTF-8 character that begins here; 0: none does */
static int utf8_length(const unsigned char *c, int left)
{
	int n = c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3
							  : c[0] < 0xf5					? 4
															: 0;
	int i;

	if(n == 0 || n > left)
		return 0;
	for(i = 1; i < n; i++)
		if((c[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, beyond U+10FFFF; U+0080..U+009F are controls of a terminal */
	if((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f)
			|| (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f)
			|| (c[0] == 0xc2 && c[1] < 0xa0))
		return 0;
	return c[0] == 0xe2 && misleads(c + 1) ? 0 : n;
}

int regmon_clean_text(str value, char *buffer, int size)
{
	const unsigned char *at = (const unsigned char *)value.s;
	int i, n, used = 0;

	for(i = 0; i < value.len; i += n) {
		bool plain = at[i] >= ' ' && at[i] < 0x7f;

		n = plain ? 1 : utf8_length(at + i, value.len - i);
		if(n == 0) {
			if(used + 1 > size)
				break;
			buffer[used++] = '?';
			n = 1;
			continue;
		}
		if(used + n > size)
			break;
		memmove(buffer + used, at + i, n);
		used += n;
	}
	return used;
}
