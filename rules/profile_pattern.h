/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns of an operator's own rules: POSIX extended regular expressions as a flat program. regcomp() allocates in
 * one process and regexec() in each call; this lies in shared memory with the plan, allocates nothing and takes at
 * most (instructions x bytes) steps whatever the pattern and the text are. */
#ifndef REGMON_RULES_PROFILE_PATTERN_H
#define REGMON_RULES_PROFILE_PATTERN_H

#include "message/text.h"

#define REGMON_PATTERN_MOST 200 /* instructions */
#define REGMON_PATTERN_SETS 12	/* bracket expressions */
#define REGMON_PATTERN_TEXT 512 /* bytes that are looked at */

typedef struct regmon_pattern_step
{
	uint8_t does;
	uint8_t what;  /* the byte, or the set */
	int16_t to[2]; /* where it goes on, relative */
} regmon_pattern_step_t;

typedef struct regmon_pattern
{
	uint16_t n, sets_n;
	regmon_pattern_step_t steps[REGMON_PATTERN_MOST];
	uint8_t sets[REGMON_PATTERN_SETS][32];
} regmon_pattern_t;

/* false: *ret_wrong says why, in a few words */
bool regmon_pattern_make(
		regmon_pattern_t *pattern, str text, const char **ret_wrong);

/* Is there a match anywhere in the first REGMON_PATTERN_TEXT bytes? "$" is the end of those. */
bool regmon_pattern_matches(const regmon_pattern_t *pattern, str text);

#endif
