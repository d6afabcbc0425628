/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is it JSON, by the letter of RFC 8259? With what this module promises beyond it: UTF-8 without control characters, and
 * for a page nothing that HTML would take for its own. */
#ifndef REGMON_TEST_FUZZ_JSON_CHECK_H
#define REGMON_TEST_FUZZ_JSON_CHECK_H

#include "test/fuzz/target.h"

TARGET_UNSEEN_BEGIN

typedef struct json_check
{
	const unsigned char *at, *end;
	str all;
	bool for_page;
	unsigned depth;
} json_check_t;

#define JSON_DEMAND(json, condition, what)                                  \
	demand(condition, "no JSON: %s at byte %d of:\n%.*s", what,             \
			(int)((const char *)(json)->at - (json)->all.s), (json)->all.len, \
			(json)->all.s)

/* what comes, 0: the end */
static inline unsigned char json_next(const json_check_t *json)
{
	return json->at < json->end ? *json->at : 0;
}

static inline void json_skip(json_check_t *json)
{
	while(json->at < json->end
			&& (*json->at == ' ' || *json->at == '\n' || *json->at == '\t'
					|| *json->at == '\r'))
		json->at++;
}

static inline void json_take(json_check_t *json, char c)
{
	JSON_DEMAND(json, json_next(json) == (unsigned char)c, "another sign");
	json->at++;
}

/* one character of UTF-8, in its shortest form, no surrogate */
static inline void json_character(json_check_t *json)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char c = *json->at;
	int n = c < 0x80 ? 1 : c < 0xc0 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4, i;
	uint32_t code = n == 1 ? c : c & (0xff >> (n + 1));

	JSON_DEMAND(json, n > 0 && c < 0xf8 && json->end - json->at >= n, "UTF-8");
	for(i = 1; i < n; i++) {
		JSON_DEMAND(json, (json->at[i] & 0xc0) == 0x80, "UTF-8");
		code = code << 6 | (json->at[i] & 0x3f);
	}
	JSON_DEMAND(json,
			code >= least[n] && code <= 0x10ffff
					&& (code < 0xd800 || code > 0xdfff),
			"a character that is none");
	JSON_DEMAND(json, code >= 0x20 && (code < 0x7f || code > 0x9f),
			"a control character");
	JSON_DEMAND(json,
			!json->for_page
					|| (code != '<' && code != '>' && code != '&'
							&& code != 0x2028 && code != 0x2029),
			"what a page would take for its own");
	json->at += n;
}

static inline void json_string(json_check_t *json)
{
	int i;

	json_take(json, '"');
	while(json_next(json) != '"') {
		JSON_DEMAND(json, json->at < json->end, "a text without end");
		if(*json->at != '\\') {
			json_character(json);
			continue;
		}
		json->at++;
		if(json_next(json) == 'u') {
			for(i = 1; i <= 4; i++)
				JSON_DEMAND(json,
						json->at + i < json->end
								&& regmon_is_hex((char)json->at[i]),
						"an escape");
			json->at += 5;
		} else {
			JSON_DEMAND(json,
					json_next(json)
							&& strchr("\"\\/bfnrt", (char)*json->at),
					"an escape");
			json->at++;
		}
	}
	json->at++;
}

static inline void json_digits(json_check_t *json)
{
	JSON_DEMAND(json, regmon_is_digit((char)json_next(json)), "no digit");
	while(regmon_is_digit((char)json_next(json)))
		json->at++;
}

static inline void json_number(json_check_t *json)
{
	if(json_next(json) == '-')
		json->at++;
	if(json_next(json) == '0')
		json->at++;
	else
		json_digits(json);
	if(json_next(json) == '.') {
		json->at++;
		json_digits(json);
	}
	if((json_next(json) | 0x20) == 'e') {
		json->at++;
		if(json_next(json) == '+' || json_next(json) == '-')
			json->at++;
		json_digits(json);
	}
}

static inline void json_word(json_check_t *json, const char *word)
{
	for(; *word; word++)
		json_take(json, *word);
}

static inline void json_value(json_check_t *json);

static inline void json_members(json_check_t *json, char closer)
{
	JSON_DEMAND(json, ++json->depth < 64, "too deep");
	json->at++;
	json_skip(json);
	while(json_next(json) != (unsigned char)closer) {
		if(closer == '}') {
			json_string(json);
			json_skip(json);
			json_take(json, ':');
		}
		json_value(json);
		json_skip(json);
		if(json_next(json) != ',')
			break;
		json->at++;
		json_skip(json);
		JSON_DEMAND(json, json_next(json) != (unsigned char)closer,
				"a comma behind the last one");
	}
	json_take(json, closer);
	json->depth--;
}

static inline void json_value(json_check_t *json)
{
	json_skip(json);
	switch(json_next(json)) {
		case '{':
			json_members(json, '}');
			break;
		case '[':
			json_members(json, ']');
			break;
		case '"':
			json_string(json);
			break;
		case 't':
			json_word(json, "true");
			break;
		case 'f':
			json_word(json, "false");
			break;
		case 'n':
			json_word(json, "null");
			break;
		default:
			json_number(json);
	}
	json_skip(json);
}

static inline void json_check(const char *text, int length, bool for_page)
{
	json_check_t json = {(const unsigned char *)text,
			(const unsigned char *)text + length, {(char *)text, length},
			for_page, 0};

	json_value(&json);
	JSON_DEMAND(&json, json.at == json.end, "more than one value");
}

TARGET_UNSEEN_END

#endif
