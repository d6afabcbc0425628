/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compiles a POSIX extended regular expression and runs it over a text: all ways at once, one byte after the other. */
#include "rules/profile_pattern.h"

#include <ctype.h>

enum
{
	BYTE,
	ANY,
	SET,
	SPLIT, /* goes on at to[0] and at to[1] */
	JUMP,
	BEGIN,
	END,
	FOUND
};

#define MOST_GROUPS 16	/* inside one another */
#define MOST_REPEATS 64 /* in {m,n} */
#define NO_LIMIT (-1)

typedef struct compiler
{
	regmon_pattern_t *pattern;
	str text;
	int at, depth;
	const char *wrong;
} compiler_t;

static bool fail(compiler_t *compiler, const char *wrong)
{
	if(compiler->wrong == NULL)
		compiler->wrong = wrong;
	return false;
}

static bool more(const compiler_t *compiler)
{
	return compiler->at < compiler->text.len;
}

static char next(const compiler_t *compiler)
{
	return more(compiler) ? compiler->text.s[compiler->at] : '\0';
}

/* ---- the program; jumps are relative, so that a run of steps can be moved and copied ---- */

static bool room(compiler_t *compiler, int steps)
{
	if(compiler->pattern->n + steps <= REGMON_PATTERN_MOST)
		return true;
	return fail(compiler, "the pattern is too long or repeats too much");
}

static bool add(compiler_t *compiler, int does, int what, int to, int or_to)
{
	regmon_pattern_t *pattern = compiler->pattern;

	if(!room(compiler, 1))
		return false;
	pattern->steps[pattern->n++] =
			(regmon_pattern_step_t){does, what, {to, or_to}};
	return true;
}

static bool insert_split(compiler_t *compiler, int at, int to, int or_to)
{
	regmon_pattern_t *pattern = compiler->pattern;

	if(!room(compiler, 1))
		return false;
	memmove(&pattern->steps[at + 1], &pattern->steps[at],
			(pattern->n - at) * sizeof(pattern->steps[0]));
	pattern->steps[at] = (regmon_pattern_step_t){SPLIT, 0, {to, or_to}};
	pattern->n++;
	return true;
}

static bool repeat_any(compiler_t *compiler, int first)
{
	int length = compiler->pattern->n - first;

	return insert_split(compiler, first, 1, length + 2)
		   && add(compiler, JUMP, 0, -(length + 1), 0);
}

static bool append_copy(compiler_t *compiler, const regmon_pattern_step_t *steps,
		int length, bool optional)
{
	regmon_pattern_t *pattern = compiler->pattern;

	if(optional && !add(compiler, SPLIT, 0, 1, length + 1))
		return false;
	if(!room(compiler, length))
		return false;
	memcpy(&pattern->steps[pattern->n], steps, length * sizeof(*steps));
	pattern->n += length;
	return true;
}

/* The steps from first on become least to most copies of themselves. */
static bool repeat_counted(compiler_t *compiler, int first, int least, int most)
{
	regmon_pattern_step_t copy[REGMON_PATTERN_MOST];
	regmon_pattern_t *pattern = compiler->pattern;
	int length = pattern->n - first, i;

	memcpy(copy, &pattern->steps[first], length * sizeof(copy[0]));
	pattern->n = first;
	for(i = 0; i < least; i++) {
		if(!append_copy(compiler, copy, length, false))
			return false;
	}
	for(; most != NO_LIMIT && i < most; i++) {
		if(!append_copy(compiler, copy, length, true))
			return false;
	}
	if(most != NO_LIMIT)
		return true;
	first = pattern->n;
	return append_copy(compiler, copy, length, false)
		   && repeat_any(compiler, first);
}

/* ---- bracket expressions ---- */

static void set_byte(uint8_t *set, int c)
{
	set[(c & 0xff) >> 3] |= 1 << (c & 7);
}

/* by hand: the functions of ctype.h follow the locale */
static bool is_of_class(int c, str name)
{
	static const struct
	{
		str name;
		const char *ranges; /* pairs */
	} classes[] = {
			{STR_STATIC_INIT("alpha"), "AZaz"},
			{STR_STATIC_INIT("digit"), "09"},
			{STR_STATIC_INIT("alnum"), "09AZaz"},
			{STR_STATIC_INIT("upper"), "AZ"},
			{STR_STATIC_INIT("lower"), "az"},
			{STR_STATIC_INIT("space"), "\t\r  "},
			{STR_STATIC_INIT("blank"), "\t\t  "},
			{STR_STATIC_INIT("punct"), "!/:@[`{~"},
			{STR_STATIC_INIT("print"), " ~"},
			{STR_STATIC_INIT("graph"), "!~"},
			{STR_STATIC_INIT("cntrl"), "\001\037\177\177"},
			{STR_STATIC_INIT("xdigit"), "09AFaf"},
	};
	const char *range;
	unsigned i;

	for(i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if(!regmon_text_is(classes[i].name, name))
			continue;
		if(c < 0)
			return true;
		for(range = classes[i].ranges; *range; range += 2) {
			if(c >= range[0] && c <= range[1])
				return true;
		}
	}
	return false;
}

/* "[:digit:]" inside brackets */
static bool add_class(compiler_t *compiler, uint8_t *set)
{
	str text = regmon_text_from(compiler->text, compiler->at + 2);
	str name = {text.s, 0};
	int c;

	while(name.len + 1 < text.len
			&& (text.s[name.len] != ':' || text.s[name.len + 1] != ']'))
		name.len++;
	if(name.len + 1 >= text.len || !is_of_class(-1, name))
		return fail(compiler, "no such class; [:digit:], [:alpha:], [:alnum:],"
							  " [:space:], [:xdigit:] and the like are known");
	for(c = 1; c < 256; c++) {
		if(is_of_class(c, name))
			set_byte(set, c);
	}
	compiler->at += name.len + 4;
	return true;
}

static bool add_range(compiler_t *compiler, uint8_t *set)
{
	unsigned char from = next(compiler), to = from;
	const char *rest;

	compiler->at++;
	rest = compiler->text.s + compiler->at;
	if(compiler->text.len - compiler->at >= 2 && rest[0] == '-'
			&& rest[1] != ']') {
		to = rest[1];
		if(to == '[' && compiler->text.len - compiler->at >= 3
				&& strchr(".=:", rest[2]))
			return fail(compiler, "a range cannot end in a class");
		compiler->at += 2;
	}
	if(to < from)
		return fail(compiler, "a range whose end is before its begin");
	for(; from < to; from++)
		set_byte(set, from);
	set_byte(set, to);
	return true;
}

static bool add_set(compiler_t *compiler)
{
	regmon_pattern_t *pattern = compiler->pattern;
	uint8_t *set;
	bool negated, first = true;
	int i;

	if(pattern->sets_n == REGMON_PATTERN_SETS)
		return fail(compiler, "more than 12 bracket expressions");
	set = pattern->sets[pattern->sets_n];
	memset(set, 0, sizeof(pattern->sets[0]));
	compiler->at++;
	negated = next(compiler) == '^';
	compiler->at += negated;
	for(; more(compiler) && (first || next(compiler) != ']'); first = false) {
		const char *rest = compiler->text.s + compiler->at;
		int left = compiler->text.len - compiler->at;

		if(left >= 2 && rest[0] == '[' && (rest[1] == '.' || rest[1] == '='))
			return fail(compiler, "[. .] and [= =] are not supported");
		if(left >= 2 && rest[0] == '[' && rest[1] == ':') {
			if(!add_class(compiler, set))
				return false;
		} else if(!add_range(compiler, set)) {
			return false;
		}
	}
	if(!more(compiler))
		return fail(compiler, "'[' without ']'");
	compiler->at++;
	for(i = 0; negated && i < 32; i++)
		set[i] = ~set[i];
	return add(compiler, SET, pattern->sets_n++, 0, 0);
}

/* ---- the grammar ---- */

static bool add_alternatives(compiler_t *compiler);

static bool add_group(compiler_t *compiler)
{
	if(compiler->depth == MOST_GROUPS)
		return fail(compiler, "too many groups inside one another");
	compiler->depth++;
	compiler->at++;
	if(!add_alternatives(compiler))
		return false;
	if(next(compiler) != ')')
		return fail(compiler, "'(' without ')'");
	compiler->at++;
	compiler->depth--;
	return true;
}

static bool add_atom(compiler_t *compiler)
{
	char c = next(compiler);

	switch(c) {
		case '(':
			return add_group(compiler);
		case '[':
			return add_set(compiler);
		case '*':
		case '+':
		case '?':
		case '{':
			return fail(compiler, "nothing stands before a repetition");
		case '\\':
			compiler->at++;
			c = next(compiler);
			if(!more(compiler))
				return fail(compiler, "'\\' at the end");
			if(isalnum((unsigned char)c))
				return fail(compiler, "a letter or digit after '\\' means nothing"
									  " here; write [0-9], [[:space:]]");
			break;
		case '.':
		case '^':
		case '$':
			compiler->at++;
			return add(compiler, c == '.' ? ANY : c == '^' ? BEGIN : END, 0, 0,
					0);
		default:
			break;
	}
	compiler->at++;
	return add(compiler, BYTE, (unsigned char)c, 0, 0);
}

/* a number of at most two digits; -1: none */
static int read_count(compiler_t *compiler)
{
	int n = -1;

	for(; n < 10 && regmon_is_digit(next(compiler)); compiler->at++)
		n = (n < 0 ? 0 : n * 10) + next(compiler) - '0';
	return n;
}

static bool add_counts(compiler_t *compiler, int first)
{
	int least, most;

	compiler->at++;
	most = least = read_count(compiler);
	if(least >= 0 && next(compiler) == ',') {
		compiler->at++;
		most = read_count(compiler); /* none: no limit */
	}
	if(least < 0 || next(compiler) != '}' || least > MOST_REPEATS
			|| most > MOST_REPEATS || (most != NO_LIMIT && most < least))
		return fail(compiler, "expected {m}, {m,} or {m,n} with m <= n <= 64");
	compiler->at++;
	return repeat_counted(compiler, first, least, most);
}

static bool add_repeated(compiler_t *compiler)
{
	int first = compiler->pattern->n;
	bool good = add_atom(compiler);

	while(good) {
		int length = compiler->pattern->n - first;

		switch(next(compiler)) {
			case '*':
				compiler->at++;
				good = repeat_any(compiler, first);
				break;
			case '+':
				compiler->at++;
				good = add(compiler, SPLIT, 0, -length, 1);
				break;
			case '?':
				compiler->at++;
				good = insert_split(compiler, first, 1, length + 1);
				break;
			case '{':
				good = add_counts(compiler, first);
				break;
			default:
				return true;
		}
	}
	return false;
}

static bool ends_branch(const compiler_t *compiler)
{
	return !more(compiler) || next(compiler) == '|'
		   || (next(compiler) == ')' && compiler->depth > 0);
}

static bool add_branch(compiler_t *compiler)
{
	if(ends_branch(compiler))
		return fail(compiler, "an empty group or alternative");
	while(!ends_branch(compiler)) {
		if(!add_repeated(compiler))
			return false;
	}
	return true;
}

/* a|b|c, from the left: each new one is tried beside all before it */
static bool add_alternatives(compiler_t *compiler)
{
	regmon_pattern_t *pattern = compiler->pattern;
	int first = pattern->n, jump;

	if(!add_branch(compiler))
		return false;
	while(next(compiler) == '|' && more(compiler)) {
		compiler->at++;
		if(!insert_split(compiler, first, 1, pattern->n - first + 2))
			return false;
		jump = pattern->n;
		if(!add(compiler, JUMP, 0, 0, 0) || !add_branch(compiler))
			return false;
		pattern->steps[jump].to[0] = pattern->n - jump;
	}
	return true;
}

bool regmon_pattern_make(
		regmon_pattern_t *pattern, str text, const char **ret_wrong)
{
	compiler_t compiler = {pattern, text, 0, 0, NULL};

	pattern->n = pattern->sets_n = 0;
	if(regmon_text_empty(text))
		fail(&compiler, "it is empty");
	else if(add_alternatives(&compiler))
		add(&compiler, FOUND, 0, 0, 0);
	*ret_wrong = compiler.wrong;
	return compiler.wrong == NULL;
}

/* ---- the run ---- */

typedef struct ways
{
	unsigned n;
	uint8_t steps[REGMON_PATTERN_MOST]; /* those that wait for a byte */
	bool seen[REGMON_PATTERN_MOST];
} ways_t;

/* Follows what needs no byte. true: FOUND was reached. Each step is looked at once per byte. */
static bool follow(const regmon_pattern_t *pattern, ways_t *ways, unsigned first,
		bool at_begin, bool at_end)
{
	uint8_t open[REGMON_PATTERN_MOST];
	unsigned open_n = 0, i;
	bool found = false;

#define VISIT(step)                   \
	do {                              \
		unsigned to_ = (step);        \
		if(!ways->seen[to_]) {        \
			ways->seen[to_] = true;   \
			open[open_n++] = to_;     \
		}                             \
	} while(0)
	VISIT(first);
	while(open_n > 0) {
		const regmon_pattern_step_t *step;

		i = open[--open_n];
		step = &pattern->steps[i];
		if(step->does == FOUND)
			found = true;
		else if(step->does == JUMP)
			VISIT(i + step->to[0]);
		else if(step->does == SPLIT) {
			VISIT(i + step->to[0]);
			VISIT(i + step->to[1]);
		} else if(step->does == BEGIN || step->does == END) {
			if(step->does == BEGIN ? at_begin : at_end)
				VISIT(i + 1);
		} else
			ways->steps[ways->n++] = i;
	}
#undef VISIT
	return found;
}

static bool takes(
		const regmon_pattern_t *pattern, unsigned i, unsigned char c)
{
	const regmon_pattern_step_t *step = &pattern->steps[i];

	if(step->does == BYTE)
		return step->what == c;
	return step->does == ANY
		   || (pattern->sets[step->what][c >> 3] & (1 << (c & 7)));
}

static void start(const regmon_pattern_t *pattern, ways_t *ways)
{
	ways->n = 0;
	memset(ways->seen, 0, pattern->n);
}

bool regmon_pattern_matches(const regmon_pattern_t *pattern, str text)
{
	ways_t both[2], *now = &both[0], *then = &both[1], *swap;
	int length = text.len < 0					  ? 0
				 : text.len < REGMON_PATTERN_TEXT ? text.len
												  : REGMON_PATTERN_TEXT;
	int at;
	unsigned i;

	start(pattern, now);
	for(at = 0;; at++) {
		bool at_end = at == length;

		if(follow(pattern, now, 0, at == 0, at_end))
			return true;
		if(at_end)
			return false;
		start(pattern, then);
		for(i = 0; i < now->n; i++) {
			if(takes(pattern, now->steps[i], text.s[at])
					&& follow(pattern, then, now->steps[i] + 1, false,
							at + 1 == length))
				return true;
		}
		swap = now;
		now = then;
		then = swap;
	}
}
