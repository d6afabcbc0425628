/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of records: whole lines only, turned over by size, found again, and what is wrong is told. */
#include "test/unit/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "show/record_file.h"

static char folder[64], path[100];
static regmon_record_file_t records;

static void begin(int64_t most_bytes, int keep)
{
	strcpy(folder, "/tmp/regmon-record-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/records", folder);
	regmon_record_file_start(&records, path, most_bytes, keep);
}

static void end(void)
{
	char command[120];

	regmon_record_file_close(&records);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static int put(const char *line)
{
	return regmon_record_file_write(&records, line, (int)strlen(line));
}

/* the whole of a file whose name ends so; "-": there is none */
static const char *text_of(const char *ending)
{
	static char text[4000];
	char name[120];
	FILE *file;
	size_t length;

	snprintf(name, sizeof(name), "%s%s", path, ending);
	file = fopen(name, "r");
	if(file == NULL)
		return "-";
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fclose(file);
	return text;
}

static void test_appends(void **state)
{
	begin(1000, 2);
	assert_int_equal(put("one\n"), 0);
	assert_int_equal(put("two\n"), 0);
	assert_string_equal(text_of(""), "one\ntwo\n");
	/* so does the next start */
	regmon_record_file_close(&records);
	assert_int_equal(put("three\n"), 0);
	assert_string_equal(text_of(""), "one\ntwo\nthree\n");
	assert_string_equal(text_of(".1"), "-");
	end();
}

static void test_is_not_for_everybody(void **state)
{
	struct stat found;

	umask(022);
	begin(1000, 2);
	assert_int_equal(put("one\n"), 0);
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0640);
	end();
}

static void test_turns_over(void **state)
{
	begin(10, 2);
	assert_int_equal(put("11111\n"), 0);
	assert_int_equal(put("222\n"), 0); /* 10 bytes: just fits */
	assert_string_equal(text_of(""), "11111\n222\n");
	assert_int_equal(put("3\n"), 0);
	assert_string_equal(text_of(""), "3\n");
	assert_string_equal(text_of(".1"), "11111\n222\n");
	/* longer than a file may be: a file of its own */
	assert_int_equal(put("444444444444\n"), 0);
	assert_string_equal(text_of(""), "444444444444\n");
	assert_string_equal(text_of(".1"), "3\n");
	assert_string_equal(text_of(".2"), "11111\n222\n");
	assert_int_equal(put("5\n"), 0);
	assert_string_equal(text_of(".1"), "444444444444\n");
	assert_string_equal(text_of(".2"), "3\n");
	assert_string_equal(text_of(".3"), "-");
	end();
}

static void test_cannot_turn_over(void **state)
{
	char name[120];

	begin(10, 1);
	assert_int_equal(put("11111111\n"), 0);
	/* a folder in the way */
	snprintf(name, sizeof(name), "%s.1", path);
	assert_int_equal(mkdir(name, 0700), 0);
	assert_int_equal(put("22\n"), -1);
	assert_string_equal(records.failed, "turn over");
	assert_int_equal(records.error, EISDIR);
	/* it does not grow instead */
	assert_string_equal(text_of(""), "11111111\n");
	assert_int_equal(rmdir(name), 0);
	assert_int_equal(put("22\n"), 0);
	assert_string_equal(text_of(""), "22\n");
	assert_string_equal(text_of(".1"), "11111111\n");
	end();
}

static void test_moved_away(void **state)
{
	char name[120];

	begin(1000, 2);
	assert_int_equal(put("one\n"), 0);
	snprintf(name, sizeof(name), "%s.old", path);
	assert_int_equal(rename(path, name), 0);
	/* nothing is lost in between */
	assert_int_equal(put("two\n"), 0);
	assert_string_equal(text_of(".old"), "one\ntwo\n");
	regmon_record_file_look(&records);
	assert_int_equal(put("three\n"), 0);
	assert_string_equal(text_of(""), "three\n");
	assert_string_equal(text_of(".old"), "one\ntwo\n");

	/* removed, and another one in its place */
	assert_int_equal(unlink(path), 0);
	regmon_record_file_look(&records);
	assert_int_equal(put("four\n"), 0);
	assert_string_equal(text_of(""), "four\n");
	assert_int_equal(rename(name, path), 0);
	regmon_record_file_look(&records);
	assert_int_equal(put("five\n"), 0);
	assert_string_equal(text_of(""), "one\ntwo\nfive\n");

	/* where it is: nothing happens */
	regmon_record_file_look(&records);
	assert_true(records.file >= 0);
	end();
}

/* logrotate's copytruncate */
static void test_emptied_by_others(void **state)
{
	begin(10, 2);
	assert_int_equal(put("11111111\n"), 0);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(put("22\n"), 0);
	assert_string_equal(text_of(""), "22\n");
	assert_string_equal(text_of(".1"), "-");
	end();
}

static void test_cannot_be_opened(void **state)
{
	begin(1000, 2);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(put("one\n"), -1);
	assert_string_equal(records.failed, "open");
	assert_int_equal(records.error, EISDIR);
	assert_int_equal(rmdir(path), 0);
	/* nobody reads it: opening must not wait for one */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(regmon_record_file_open(&records), -1);
	assert_int_equal(records.error, ENXIO);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(regmon_record_file_open(&records), -1);
	assert_string_equal(records.failed, "open: no regular file");
	assert_int_equal(unlink(path), 0);
	/* and once it can be opened, all is well */
	assert_int_equal(put("one\n"), 0);
	assert_string_equal(text_of(""), "one\n");
	end();
}

/* A disk that takes part of a line only, played by the limit of a file's size. */
static void test_disk_full(void **state)
{
	struct rlimit limit, little;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	little = limit;
	little.rlim_cur = 20;
	begin(1000, 2);
	assert_int_equal(put("0123456789abcde\n"), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	assert_int_equal(put("half of this fits\n"), -1);
	assert_string_equal(records.failed, "write");
	assert_int_equal(records.error, ENOSPC);
	assert_string_equal(text_of(""), "0123456789abcde\n");
	/* a short one still does */
	assert_int_equal(put("one\n"), 0);
	assert_int_equal(put("two\n"), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(put("two\n"), 0);
	assert_string_equal(text_of(""), "0123456789abcde\none\ntwo\n");
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_appends),
			harness_test(test_is_not_for_everybody),
			harness_test(test_turns_over), harness_test(test_cannot_turn_over),
			harness_test(test_moved_away), harness_test(test_emptied_by_others),
			harness_test(test_cannot_be_opened), harness_test(test_disk_full)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
