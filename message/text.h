/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slices of text (Kamailio's str) and the few questions that every reader asks of them. Nothing here copies. */
#ifndef REGMON_MESSAGE_TEXT_H
#define REGMON_MESSAGE_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/str.h"

/* a literal as str, usable in initialisers and calls */
#define REGMON_TEXT(literal) ((str){(char *)(literal), sizeof(literal) - 1})

static inline bool regmon_text_empty(str text)
{
	return text.s == NULL || text.len <= 0;
}

static inline bool regmon_text_is(str text, str other)
{
	return text.len == other.len
		   && (text.len <= 0 || memcmp(text.s, other.s, text.len) == 0);
}

/* SIP tokens, header names and parameter names compare without case (RFC 3261 7.3.1). A zero byte is a character
 * like any other. */
bool regmon_text_starts_nocase(str text, str start);
static inline bool regmon_text_is_nocase(str text, str other)
{
	return text.len == other.len && regmon_text_starts_nocase(text, other);
}

static inline bool regmon_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline bool regmon_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool regmon_is_hex(char c)
{
	return regmon_is_digit(c) || (c >= 'a' && c <= 'f')
		   || (c >= 'A' && c <= 'F');
}

/* token characters of RFC 3261 25.1 */
bool regmon_is_token_char(char c);
bool regmon_text_is_token(str text);

static inline str regmon_text_from(str text, int start)
{
	return (str){text.s + start, text.len - start};
}

/* without white space and folds at both ends */
static inline str regmon_text_trim(str text)
{
	while(text.len > 0 && regmon_is_space(text.s[0])) {
		text.s++;
		text.len--;
	}
	while(text.len > 0 && regmon_is_space(text.s[text.len - 1]))
		text.len--;
	return text;
}

/* "failure" or "failures": what is put behind the word for so many of it */
static inline const char *regmon_plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

bool regmon_text_all_digits(str text); /* false for empty text */
bool regmon_text_all_hex(str text);	   /* false for empty text */
bool regmon_text_all_base64(str text); /* without the '=' at its end */

/* The decimal number that text is, whole: REGMON_NUMBER_BAD for empty text, for anything but digits and for
 * more than 18 digits. */
#define REGMON_NUMBER_ABSENT (-1)
#define REGMON_NUMBER_BAD (-2)
int64_t regmon_text_number(str text);

/* First position of c outside quoted strings and angle brackets, from start; -1 where there is none. */
int regmon_text_find_outside(str text, int start, char c);

/* "value" without its quotes; ret_quoted tells whether it had them. An opening quote without its end counts as
 * not quoted. */
str regmon_text_unquote(str text, bool *ret_quoted);

/* Walks `;name=value` (separator ';') or `name=value,` (separator ',') lists; white space and folds around each
 * part are dropped, quoted strings are kept whole with their quotes. *position starts at 0; false at the end. A
 * parameter without '=' gives value.s == NULL. */
bool regmon_text_next_parameter(
		str list, char separator, int *position, str *ret_name, str *ret_value);

/* Walks a comma separated header value; elements are trimmed; empty ones are passed over. */
bool regmon_text_next_element(str list, int *position, str *ret_element);

/* true when the comma list holds this token, compared without case (Supported, Require, ...) */
bool regmon_text_list_holds(str list, str token);

/* Text that is safe on a terminal, in a log and in JSON: control characters (those of U+0080 to U+009F, and what turns
 * the direction of writing, too) and bytes that are no UTF-8 become '?', one for each byte. Returns the length; what
 * does not fit is cut between characters. buffer may be value.s. */
int regmon_clean_text(str value, char *buffer, int size);

#endif
