/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What explain says, caught as text. */
#ifndef REGMON_TEST_EXPLAIN_CAPTURE_H
#define REGMON_TEST_EXPLAIN_CAPTURE_H

#include "show/rows_explain.h"
#include "test/unit/rules_fixture.h"

static inline str text_of(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}

/* ---- a writer into memory: "name=value" lines; struct and list must close as they opened ---- */

typedef struct capture
{
	regmon_writer_t writer;
	char text[80000];
	int used, depth;
	char open[16];
} capture_t;

static capture_t capture;

static inline void put(const char *name, str value)
{
	int left = (int)sizeof(capture.text) - capture.used;

	/* fields of a struct have names, elements of a list have none */
	assert_true((name != NULL) == (capture.open[capture.depth] == '{'));
	capture.used += snprintf(capture.text + capture.used, left, "%s=%.*s\n",
			name ? name : "", value.len, value.s);
	assert_true(capture.used < (int)sizeof(capture.text));
}

static inline int put_text(regmon_writer_t *writer, const char *name, str value)
{
	put(name, value);
	return 0;
}

static inline int put_number(regmon_writer_t *writer, const char *name, int64_t value)
{
	char buffer[24];

	snprintf(buffer, sizeof(buffer), "%lld", (long long)value);
	put(name, text_of(buffer));
	return 0;
}

static inline int put_real(regmon_writer_t *writer, const char *name, double value)
{
	return put_number(writer, name, (int64_t)value);
}

static inline int open_as(const char *name, char form)
{
	assert_true((name != NULL) == (capture.open[capture.depth] == '{'));
	assert_true(capture.depth + 1 < (int)sizeof(capture.open));
	capture.open[++capture.depth] = form;
	return 0;
}

static inline int open_struct(regmon_writer_t *writer, const char *name)
{
	return open_as(name, '{');
}

static inline int open_list(regmon_writer_t *writer, const char *name)
{
	return open_as(name, '[');
}

static inline int close_struct(regmon_writer_t *writer)
{
	assert_int_equal(capture.open[capture.depth--], '{');
	return 0;
}

static inline int close_list(regmon_writer_t *writer)
{
	assert_int_equal(capture.open[capture.depth--], '[');
	return 0;
}

static inline int much_room(const regmon_writer_t *writer)
{
	return 50000;
}

static inline regmon_writer_t *capture_start(char form, bool for_eyes)
{
	memset(&capture, 0, sizeof(capture));
	capture.writer = (regmon_writer_t){.text = put_text,
			.number = put_number,
			.real = put_real,
			.open_struct = open_struct,
			.close_struct = close_struct,
			.open_list = open_list,
			.close_list = close_list,
			.room = much_room,
			.for_eyes = for_eyes};
	capture.open[0] = form;
	return &capture.writer;
}

static inline bool captured(const char *part)
{
	return strstr(capture.text, part) != NULL;
}

/* what explain tells of a word */
static inline unsigned explain(const char *word, bool for_eyes)
{
	regmon_plan_t *plan = fixture_plan(NULL, false);
	regmon_monitor_t monitor = {.plan = plan};
	unsigned n = regmon_rows_explain(
			capture_start('[', for_eyes), &monitor, text_of(word));

	free(plan);
	assert_int_equal(capture.depth, 0);
	assert_int_equal(regmon_explain_count(text_of(word)), n);
	return n;
}

static inline void explains(const char *word, const char *part)
{
	if(explain(word, true) == 0)
		fail_msg("%s: unknown", word);
	if(explain(word, false) == 0 || !captured(part))
		fail_msg("%s: not told: %s", word, part);
}

#endif
