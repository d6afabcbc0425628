/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A writer that keeps what it is given as lines "path=value", so that tests look up fields by name. */
#ifndef REGMON_TEST_WRITER_FAKE_H
#define REGMON_TEST_WRITER_FAKE_H

#include <stdio.h>
#include <string.h>

#include "test/unit/harness.h"

#include "show/writer.h"

#define FAKE_DEPTH 10

typedef struct fake
{
	regmon_writer_t writer; /* first */
	int depth;
	char path[FAKE_DEPTH][160];
	unsigned elements[FAKE_DEPTH];
	bool is_list[FAKE_DEPTH];
	int room; /* what is said to be left; each value takes 100 */
	int used;
	char text[200000];
} fake_t;

static inline void fake_path(
		fake_t *fake, const char *name, char *buffer, int size)
{
	const char *path = fake->path[fake->depth];

	/* elements of lists have no name, fields of structs have one; only lines for eyes mix them */
	if(name == NULL)
		snprintf(buffer, size, "%s[%u]", path, fake->elements[fake->depth]++);
	else
		snprintf(buffer, size, "%s%s%s", path, *path ? "." : "", name);
	if(!fake->writer.for_eyes)
		assert_int_equal(name == NULL, fake->is_list[fake->depth]);
}

static inline int fake_put(
		regmon_writer_t *writer, const char *name, const char *value, int length)
{
	fake_t *fake = (fake_t *)writer;
	char path[220];

	fake_path(fake, name, path, sizeof(path));
	fake->used += snprintf(fake->text + fake->used,
			sizeof(fake->text) - fake->used, "%s=%.*s\n", path, length, value);
	assert_in_range(fake->used, 1, sizeof(fake->text) - 1);
	fake->room = fake->room > 100 ? fake->room - 100 : 0;
	return 0;
}

static inline int fake_text(regmon_writer_t *writer, const char *name, str value)
{
	return fake_put(writer, name, value.s ? value.s : "", value.len);
}

static inline int fake_number(
		regmon_writer_t *writer, const char *name, int64_t value)
{
	char buffer[24];
	int length = snprintf(buffer, sizeof(buffer), "%lld", (long long)value);

	return fake_put(writer, name, buffer, length);
}

static inline int fake_real(
		regmon_writer_t *writer, const char *name, double value)
{
	char buffer[40];
	int length = snprintf(buffer, sizeof(buffer), "%.1f", value);

	return fake_put(writer, name, buffer, length);
}

static inline int fake_open(
		regmon_writer_t *writer, const char *name, bool is_list)
{
	fake_t *fake = (fake_t *)writer;
	char path[160];

	assert_in_range(fake->depth, 0, FAKE_DEPTH - 2);
	fake_path(fake, name, path, sizeof(path));
	fake->depth++;
	strcpy(fake->path[fake->depth], path);
	fake->elements[fake->depth] = 0;
	fake->is_list[fake->depth] = is_list;
	return 0;
}

static inline int fake_open_struct(regmon_writer_t *writer, const char *name)
{
	return fake_open(writer, name, false);
}

static inline int fake_open_list(regmon_writer_t *writer, const char *name)
{
	return fake_open(writer, name, true);
}

static inline int fake_close(regmon_writer_t *writer, bool is_list)
{
	fake_t *fake = (fake_t *)writer;

	assert_in_range(fake->depth, 1, FAKE_DEPTH);
	assert_int_equal(fake->is_list[fake->depth], is_list);
	fake->depth--;
	return 0;
}

static inline int fake_close_struct(regmon_writer_t *writer)
{
	return fake_close(writer, false);
}

static inline int fake_close_list(regmon_writer_t *writer)
{
	return fake_close(writer, true);
}

static inline int fake_room(const regmon_writer_t *writer)
{
	return ((const fake_t *)writer)->room;
}

static inline void fake_start(fake_t *fake, bool for_eyes)
{
	memset(fake, 0, sizeof(*fake));
	fake->writer = (regmon_writer_t){.text = fake_text,
			.number = fake_number,
			.real = fake_real,
			.open_struct = fake_open_struct,
			.close_struct = fake_close_struct,
			.open_list = fake_open_list,
			.close_list = fake_close_list,
			.room = fake_room,
			.for_eyes = for_eyes};
	fake->room = 1000000;
}

/* the value at a path, in a buffer that the next call reuses; NULL: not written */
static inline const char *fake_get(const fake_t *fake, const char *path)
{
	static char value[4000];
	const char *line, *end;
	size_t length = strlen(path);

	for(line = fake->text; *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		if(strncmp(line, path, length) == 0 && line[length] == '=') {
			snprintf(value, sizeof(value), "%.*s",
					(int)(end - line - length - 1), line + length + 1);
			return value;
		}
	}
	return NULL;
}

/* how many paths begin so */
static inline unsigned fake_count(const fake_t *fake, const char *start)
{
	const char *line, *end;
	unsigned n = 0;

	for(line = fake->text; *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		n += strncmp(line, start, strlen(start)) == 0;
	}
	return n;
}

#define assert_field(fake, path, expected)                               \
	do {                                                                 \
		const char *found = fake_get(fake, path);                        \
		if(found == NULL || strcmp(found, expected) != 0)                \
			fail_msg("%s is \"%s\", not \"%s\"; all:\n%s", path,         \
					found ? found : "(not there)", expected,             \
					(fake)->text);                                       \
	} while(0)
#define assert_no_field(fake, path)                                      \
	do {                                                                 \
		if(fake_get(fake, path))                                         \
			fail_msg("%s is there: %s", path, fake_get(fake, path));     \
	} while(0)
#define assert_holds(text, part)                                         \
	do {                                                                 \
		if((text) == NULL || strstr(text, part) == NULL)                 \
			fail_msg("\"%s\" is not in \"%s\"", part, (text) ? (text) : ""); \
	} while(0)

#endif
