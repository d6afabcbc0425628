/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pattern of an operator's own rule (the first line) and texts that it is held against. */
#include "test/fuzz/target.h"

#include "rules/profile_pattern.h"

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	target_start();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static regmon_pattern_t pattern;
	str rest = target_text(data, size), line;
	const char *wrong = NULL;
	unsigned i, j;

	if(!target_line(&rest, &line))
		return 0;
	memset(&pattern, 0xee, sizeof(pattern));
	if(!regmon_pattern_make(&pattern, line, &wrong)) {
		demand(wrong && wrong[0], "refused without a reason");
		return 0;
	}
	demand(pattern.n <= REGMON_PATTERN_MOST
					&& pattern.sets_n <= REGMON_PATTERN_SETS,
			"%u instructions, %u sets", pattern.n, pattern.sets_n);
	for(i = 0; i < pattern.n; i++)
		for(j = 0; j < 2; j++)
			demand((int)i + pattern.steps[i].to[j] >= 0
							&& (int)i + pattern.steps[i].to[j]
									   <= (int)pattern.n,
					"instruction %u leads away", i);
	for(i = 0; i < 16 && target_line(&rest, &line); i++) {
		bool matches = regmon_pattern_matches(&pattern, line);

		/* a program has no memory of the text before */
		demand(regmon_pattern_matches(&pattern, line) == matches,
				"it matches and does not");
	}
	regmon_pattern_matches(&pattern, (str){NULL, 0});
	return 0;
}
