/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns agree with the system's regular expressions, on chosen and on made-up ones, and bound their own work. */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "rules/profile_pattern.h"
#include "test/unit/harness.h"

static str text_of(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}

/* in a block of its own length, so that a byte read too far is seen */
static bool matches(const regmon_pattern_t *pattern, const char *text)
{
	size_t length;
	char *copy = harness_copy(text, &length);
	bool found = regmon_pattern_matches(pattern, (str){copy, (int)length});

	free(copy);
	return found;
}

static void compare(const char *expression, const char *text)
{
	static regmon_pattern_t pattern;
	const char *wrong;
	regex_t system;
	bool found;

	if(!regmon_pattern_make(&pattern, text_of(expression), &wrong))
		fail_msg("'%s': %s", expression, wrong);
	assert_int_equal(
			regcomp(&system, expression, REG_EXTENDED | REG_NOSUB), 0);
	found = regexec(&system, text, 0, NULL, 0) == 0;
	regfree(&system);
	if(matches(&pattern, text) != found)
		fail_msg("'%s' and \"%s\": the system says %d", expression, text,
				found);
}

static void chosen_ones(void **state)
{
	static const char *const expressions[] = {"a", "abc", "^a", "a$", "^$",
			"^abc$", "a*", "^a*$", "a+b", "^a?b$", "ab|cd", "^(ab|cd)+$",
			"^(a|b|c)d", "[abc]d", "[^abc]", "[a-c]+$",
			"[]a]", "[^]a]", "[a-]", "[[:digit:]]{3}", "^[0-9]{2,4}$",
			"^x{0,2}$", "^(ab){2}$", "a.c", "\\.", "\\(x\\)", "(a*)*b",
			"(a|ab)(c|bcd)(d*)", "^[[:alpha:]_][[:alnum:]_]*$", "x{3}",
			"^(a?){3}a{3}$", "(^a|b$)", "a{2,}", "[[:space:]]b", "[\\]x"};
	static const char *const texts[] = {"", "a", "b", "abc", "xabcx", "aaa",
			"aaab", "ab", "cd", "abcd", "abcdab", "abab", "]", "-", "\\", "123",
			"12345", "x", "xx", "xxx", "a\nc", "a.c", "(x)", "ad", "a b",
			"A_1", "_9", "aaaaaa", "d"};
	unsigned i, j;

	for(i = 0; i < sizeof(expressions) / sizeof(expressions[0]); i++) {
		for(j = 0; j < sizeof(texts) / sizeof(texts[0]); j++)
			compare(expressions[i], texts[j]);
	}
}

/* ---- made-up expressions: always valid ---- */

static unsigned random_of(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % n;
}

static void make_up(unsigned *seed, char *to, int depth)
{
	static const char *const atoms[] = {
			"a", "b", "c", ".", "[ab]", "[^a]", "[b-c]"};
	static const char *const repeats[] = {
			"", "", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{1,}"};
	unsigned pieces = 1 + random_of(seed, 3);

	while(pieces-- > 0) {
		if(depth < 2 && random_of(seed, 4) == 0) {
			strcat(to, "(");
			make_up(seed, to, depth + 1);
			if(random_of(seed, 2)) {
				strcat(to, "|");
				make_up(seed, to, depth + 1);
			}
			strcat(to, ")");
		} else {
			strcat(to, atoms[random_of(seed, 7)]);
		}
		strcat(to, repeats[random_of(seed, 11)]);
	}
}

static void made_up_ones(void **state)
{
	unsigned seed = 20, i, j, k, n;

	for(i = 0; i < 3000; i++) {
		char expression[512] = "", text[12];

		if(random_of(&seed, 3) == 0)
			strcat(expression, "^");
		make_up(&seed, expression, 0);
		if(random_of(&seed, 3) == 0)
			strcat(expression, "$");
		for(j = 0; j < 6; j++) {
			n = random_of(&seed, 10);
			for(k = 0; k < n; k++)
				text[k] = 'a' + random_of(&seed, 4);
			text[n] = '\0';
			compare(expression, text);
		}
	}
}

static void wrong_ones(void **state)
{
	static const char *const expressions[] = {"", "(", "(a", "a)b|*", "*a", "a|",
			"|a", "()", "[", "[a", "[z-a]", "[[:nosuch:]]", "[[.a.]]", "a{2",
			"a{,2}", "a{3,2}", "a{99}", "a{x}", "\\", "\\d", "+", "{2}",
			"((((((((((((((((((a))))))))))))))))))", "a{64}{64}",
			"[a][a][a][a][a][a][a][a][a][a][a][a][a]"};
	regmon_pattern_t pattern;
	const char *wrong;
	unsigned i;

	for(i = 0; i < sizeof(expressions) / sizeof(expressions[0]); i++) {
		wrong = NULL;
		if(regmon_pattern_make(&pattern, text_of(expressions[i]), &wrong))
			fail_msg("'%s' is taken", expressions[i]);
		assert_non_null(wrong);
		assert_true(strlen(wrong) > 5);
	}
}

/* What sends a backtracking matcher into the next century. */
static void hard_ones_end(void **state)
{
	char text[REGMON_PATTERN_TEXT + 100];
	regmon_pattern_t pattern;
	const char *wrong;

	memset(text, 'a', sizeof(text));
	assert_true(regmon_pattern_make(
			&pattern, text_of("^(((a*)*)*)*(a|aa)+b$"), &wrong));
	assert_false(
			regmon_pattern_matches(&pattern, (str){text, sizeof(text)}));
	/* what stands behind the bound is not looked at */
	text[REGMON_PATTERN_TEXT] = 'b';
	assert_true(regmon_pattern_make(&pattern, text_of("b"), &wrong));
	assert_false(
			regmon_pattern_matches(&pattern, (str){text, sizeof(text)}));
	text[REGMON_PATTERN_TEXT - 1] = 'b';
	assert_true(regmon_pattern_matches(&pattern, (str){text, sizeof(text)}));
	assert_false(regmon_pattern_matches(&pattern, (str){NULL, 0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(chosen_ones),
			cmocka_unit_test(made_up_ones),
			cmocka_unit_test(wrong_ones),
			cmocka_unit_test(hard_ones_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
