/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every fuzz target has: one function that gets an input, and demands whose failure is a finding. clang's libFuzzer
 * calls it with inputs of its own (`make fuzz`); replay.c with files (`make fuzz-replay`). doc/fuzzing.md says how to
 * add a target. */
#ifndef REGMON_TEST_FUZZ_TARGET_H
#define REGMON_TEST_FUZZ_TARGET_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/unit/harness.h"

#include "message/text.h"

/* The input stands in a block of exactly that size. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Once, before the first input. */
int LLVMFuzzerInitialize(int *arguments_n, char ***arguments);

/* Not assert(): a release build must not lose it, and the sentence is what the report begins with. */
#define demand(condition, ...)                                     \
	do {                                                           \
		if(!(condition)) {                                         \
			fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);        \
			fprintf(stderr, __VA_ARGS__);                          \
			fprintf(stderr, "\n  (%s)\n", #condition);             \
			abort();                                               \
		}                                                          \
	} while(0)

/* Around what only checks: its branches are no discoveries. */
#ifdef __clang__
#define TARGET_UNSEEN_BEGIN \
	_Pragma("clang attribute push(__attribute__((no_sanitize(\"coverage\"))), apply_to = function)")
#define TARGET_UNSEEN_END _Pragma("clang attribute pop")
#else
#define TARGET_UNSEEN_BEGIN
#define TARGET_UNSEEN_END
#endif

/* The harness of the unit tests is beneath: what fails there has to be seen here. */
static inline void target_start(void)
{
	setenv("CMOCKA_TEST_ABORT", "1", 1);
}

static inline str target_text(const uint8_t *data, size_t size)
{
	return (str){(char *)data, (int)size};
}

/* The next line of the input, without its end; false: there is none. */
static inline bool target_line(str *rest, str *ret_line)
{
	const char *end;

	if(rest->len <= 0)
		return false;
	end = memchr(rest->s, '\n', rest->len);
	*ret_line = (str){rest->s, end ? (int)(end - rest->s) : rest->len};
	*rest = regmon_text_from(*rest, ret_line->len + (end != NULL));
	return true;
}

/* FNV-1a, to compare what two readings gave */
static inline uint64_t target_mix(uint64_t hash, uint64_t number)
{
	return (hash ^ number) * UINT64_C(0x100000001b3);
}
#define TARGET_HASH_START UINT64_C(0xcbf29ce484222325)

#endif
