/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a reader takes parameter after parameter from a header value: what phones send nearly always in a few
 * instructions, everything else thoroughly. */
#ifndef REGMON_MESSAGE_PARAMETER_H
#define REGMON_MESSAGE_PARAMETER_H

#include "message/scan.h"

/* What a reader gets of a parameter. value.s NULL: there was no '='; a quoted value keeps its quotes. */
typedef struct regmon_parameter
{
	int id;
	str name, value;
} regmon_parameter_t;

/* Which of the reader's parameters the cursor stands on, and how long its name is; *ret_length 0: none of them.
 * exact: compared in lower case only, and without a look at what stands behind the name; then there is room. */
typedef int regmon_scan_name_t(
		const regmon_scan_t *scan, bool exact, int *ret_length);

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
#define REGMON_NAME_GIVES(literal, id)                                    \
	if(exact ? regmon_same(scan->at, literal, sizeof(literal) - 1)        \
			 : regmon_scan_name_is(scan, literal, sizeof(literal) - 1)) { \
		*ret_length = sizeof(literal) - 1;                                \
		return id;                                                        \
	}

/* One `name=value` up to the next separator (or the other one, or the end): white space around both is dropped, a
 * quoted value keeps its quotes, without '=' value.s is NULL. known is the length of the name when the caller found
 * out (the cursor stands on it), else 0. Returns what ended it, 0 at the end of the value. broken is set, never
 * cleared, by an open quote or by something behind a name or a quoted value. */
char regmon_scan_parameter(regmon_scan_t *scan, int known, char separator,
		char other, str *name, str *value, bool *broken);

/* Bytes that can be read at the cursor where names are compared as they stand: the longest name, the '=', and a
 * window more. */
#define REGMON_SCAN_ROOM 72

/* The usual forms of a known parameter: name=value and name="value" without any white space, and a name
 * alone. -1: none of these, nothing has moved. */
REGMON_INLINE int regmon_scan_usual(
		regmon_scan_t *scan, int known, char separator, char other, str *value)
{
	const char *from = scan->at + known + 1, *stop = from - 1;

	if(REGMON_USUALLY(*stop == '=')) {
		if((unsigned char)*from > '"') { /* neither quote nor white space */
			stop = regmon_scan_seek(scan, from, separator, separator, other);
		} else {
			if(*from != '"')
				return -1;
			stop = regmon_scan_seek(scan, from + 1, '"', '"', '\\') + 1;
			if(stop > scan->end || stop[-1] != '"')
				return -1;
			if(stop < scan->end && *stop != separator && *stop != other)
				return -1;
		}
		if(!REGMON_USUALLY(stop < scan->end)) {
			stop = scan->end;
			if(stop < from)
				return -1;
		}
		if(!REGMON_USUALLY((unsigned char)stop[-1] > ' '))
			return -1;
		value->s = (char *)from;
		value->len = stop - from;
		if(!REGMON_USUALLY(stop != scan->end)) {
			scan->at = stop;
			return 0;
		}
	} else {
		value->s = NULL;
		value->len = 0;
		if(stop == scan->end) {
			scan->at = stop;
			return 0;
		}
		if(stop > scan->end || (*stop != separator && *stop != other))
			return -1;
	}
	scan->at = stop + 1;
	return (unsigned char)*stop;
}

/* The next parameter of a list. thorough does the same for every form that is allowed, and for those that are not;
 * it works on a copy, so that the caller's cursor can live in registers. */
REGMON_INLINE char regmon_scan_next(regmon_scan_t *scan,
		regmon_scan_name_t *find_name,
		char (*thorough)(regmon_scan_t *scan, regmon_parameter_t *parameter,
				bool *broken),
		char separator, char other, regmon_parameter_t *ret_parameter,
		bool *broken)
{
	regmon_scan_t copy;
	regmon_parameter_t parameter;
	int known = 0, ended;
	bool is_broken = false;

	if(REGMON_USUALLY(scan->at + REGMON_SCAN_ROOM - REGMON_SCAN_WINDOW
					  <= scan->last_window)) {
		if(!REGMON_USUALLY(*scan->at != ' ') && scan->at[1] != ' '
				&& scan->at < scan->end)
			scan->at++;
		ret_parameter->id = find_name(scan, true, &known);
		if(REGMON_USUALLY(known)) {
			ret_parameter->name = (str){(char *)scan->at, known};
			ended = regmon_scan_usual(
					scan, known, separator, other, &ret_parameter->value);
			if(REGMON_USUALLY(ended >= 0))
				return ended;
		}
	}
	copy = *scan;
	copy.at = regmon_scan_skip_space(scan->at, scan->end);
	ended = thorough(&copy, &parameter, &is_broken);
	*scan = copy;
	*ret_parameter = parameter;
	*broken |= is_broken;
	return ended;
}

/* defines thorough() of a reader */
#define REGMON_THOROUGH(function, find_name, separator, other)                \
	static __attribute__((noinline)) char function(                           \
			regmon_scan_t *scan, regmon_parameter_t *parameter, bool *broken) \
	{                                                                         \
		int known;                                                            \
                                                                              \
		parameter->id = find_name(scan, false, &known);                       \
		return regmon_scan_parameter(scan, known, separator, other,           \
				&parameter->name, &parameter->value, broken);                 \
	}

#endif
