/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts in blocks of exactly their length, so that the sanitizer sees each byte
 * that a reader takes too many. */
#ifndef REGMON_TEST_MESSAGE_EXACT_H
#define REGMON_TEST_MESSAGE_EXACT_H

#include <stdio.h>
#include <stdlib.h>

#include "message/message.h"
#include "test/unit/harness.h"

#define EXACT_MAX 4096
static char *exact_blocks[EXACT_MAX];
static unsigned exact_n;

static inline str exact_bytes(const char *bytes, size_t length)
{
	char *block = malloc(length ? length : 1);

	assert_non_null(block);
	assert_true(exact_n < EXACT_MAX);
	memcpy(block, bytes, length);
	exact_blocks[exact_n++] = block;
	return (str){block, (int)length};
}

static inline str exact(const char *text)
{
	return exact_bytes(text, strlen(text));
}

static inline int exact_free(void **state)
{
	(void)state;
	while(exact_n > 0)
		free(exact_blocks[--exact_n]);
	return 0;
}
#define exact_test(function) cmocka_unit_test_teardown(function, exact_free)

#define assert_text(text, expected)                                         \
	do {                                                                    \
		str assert_text_ = (text);                                          \
		const char *expected_ = (expected);                                 \
		if(!regmon_text_is(assert_text_,                                    \
				   (str){(char *)expected_, (int)strlen(expected_)}))       \
			fail_msg("line %d: \"%.*s\" is not \"%s\"", __LINE__,           \
					assert_text_.len, assert_text_.s ? assert_text_.s : "", \
					expected_);                                             \
	} while(0)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
