/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slices of text: character classes, numbers, walks over lists. */
#include "message/scan.h"

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
	unsigned char a, b;
	int i;

	if(text.len < start.len)
		return false;
	for(i = 0; i < start.len; i++) {
		a = text.s[i];
		b = start.s[i];
		if(a == b)
			continue;
		/* other bytes differ in that bit too ('-' and CR), letters alone mean the same */
		if((a ^ b) != 0x20 || (a | 0x20) < 'a' || (a | 0x20) > 'z')
			return false;
	}
	return true;
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

static const bool hex_digit[256] = {
		['0' ... '9'] = true, ['a' ... 'f'] = true, ['A' ... 'F'] = true};

bool regmon_text_all_hex(str text)
{
	int i;

	for(i = 0; i < text.len; i++) {
		if(!hex_digit[(unsigned char)text.s[i]])
			return false;
	}
	return text.len > 0;
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

static char address_ended(const char **at, const char *stop, const char *end)
{
	if(stop >= end) {
		*at = end;
		return 0;
	}
	*at = stop + 1;
	return *stop;
}

/* stop stands on '<' */
static char bracketed_address(const char **at, const char *stop,
		const char *end, char comma, str *ret_uri, bool *broken)
{
	const char *close = memchr(stop, '>', end - stop), *from;

	if(!close) {
		*broken = true;
		*ret_uri = regmon_scan_slice(stop + 1, end);
		return address_ended(at, end, end);
	}
	*ret_uri = (str){(char *)stop + 1, close - stop - 1};
	from = stop = close + 1;
	while(stop < end && *stop != ';' && *stop != comma)
		stop++;
	*broken |= regmon_scan_slice(from, stop).len > 0;
	return address_ended(at, stop, end);
}

char regmon_scan_address(const char **at, const char *end, char comma,
		str *ret_uri, bool *broken)
{
	const char *stop = *at;

	for(; stop < end && *stop != ';' && *stop != comma; stop++) {
		if(*stop == '<')
			return bracketed_address(at, stop, end, comma, ret_uri, broken);
		if(*stop == '"') {
			stop = regmon_scan_quote_end(stop + 1, end);
			if(!stop) {
				*broken = true;
				*ret_uri = (str){NULL, 0};
				return address_ended(at, end, end);
			}
		}
	}
	*ret_uri = regmon_scan_slice(*at, stop);
	return address_ended(at, stop, end);
}

int regmon_text_find_outside(str text, int start, char c)
{
	const char *at, *end;

	if(start < 0 || start >= text.len)
		return -1;
	at = text.s + start;
	end = text.s + text.len;
	for(; at < end; at++) {
		if(*at == c)
			return at - text.s;
		if(*at == '"')
			at = regmon_scan_quote_end(at + 1, end);
		else if(*at == '<')
			at = memchr(at, '>', end - at);
		if(!at)
			return -1;
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
		regmon_scan_start(&scan, regmon_text_from(list, *position));
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
