/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Appending, turning over, and finding out that the file is not the one it was. */
#include "show/record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(regmon_record_file_t *records, const char *what, int error)
{
	records->failed = what;
	records->error = error;
	return -1;
}

void regmon_record_file_start(regmon_record_file_t *records, const char *path,
		int64_t most_bytes, int keep)
{
	*records = (regmon_record_file_t){.path = path,
			.most_bytes = most_bytes,
			.keep = keep,
			.file = -1,
			.failed = ""};
}

int regmon_record_file_open(regmon_record_file_t *records)
{
	struct stat found;
	/* a FIFO that nobody reads must not hold us up */
	int file = open(records->path,
			O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
			0640);

	if(file < 0)
		return failed(records, "open", errno);
	if(fstat(file, &found) < 0 || !S_ISREG(found.st_mode)) {
		close(file);
		return failed(records, "open: no regular file", EINVAL);
	}
	records->file = file;
	records->device = found.st_dev;
	records->inode = found.st_ino;
	return 0;
}

void regmon_record_file_close(regmon_record_file_t *records)
{
	if(records->file >= 0)
		close(records->file);
	records->file = -1;
}

/* path, path.1, ... */
static void name_of(
		const regmon_record_file_t *records, int age, char *buffer, int size)
{
	if(age == 0)
		snprintf(buffer, size, "%s", records->path);
	else
		snprintf(buffer, size, "%s.%d", records->path, age);
}

/* The oldest is written over by the next one. What was never there is no fault. */
static int turn_over(regmon_record_file_t *records)
{
	char from[REGMON_RECORD_PATH_LENGTH + 16];
	char to[REGMON_RECORD_PATH_LENGTH + 16];
	int age;

	for(age = records->keep - 1; age >= 0; age--) {
		name_of(records, age, from, sizeof(from));
		name_of(records, age + 1, to, sizeof(to));
		if(rename(from, to) < 0 && errno != ENOENT)
			return failed(records, "turn over", errno);
	}
	regmon_record_file_close(records);
	return regmon_record_file_open(records);
}

/* A disk that becomes full takes part of a line: it is taken out again, or the next line would go on behind it. */
static int write_line(
		regmon_record_file_t *records, const char *line, int length)
{
	ssize_t written;
	struct stat found;
	int error;

	do
		written = write(records->file, line, length);
	while(written < 0 && errno == EINTR);
	if(written == length)
		return 0;
	error = written < 0 ? errno : ENOSPC;
	if(written > 0
			&& (fstat(records->file, &found) < 0
					|| ftruncate(records->file, found.st_size - written) < 0))
		error = errno;
	return failed(records, "write", error);
}

int regmon_record_file_write(
		regmon_record_file_t *records, const char *line, int length)
{
	struct stat found;

	if(records->file < 0 && regmon_record_file_open(records) < 0)
		return -1;
	/* asked each time: others may have emptied it */
	if(fstat(records->file, &found) == 0 && found.st_size > 0
			&& found.st_size + length > records->most_bytes
			&& turn_over(records) < 0)
		return -1;
	return write_line(records, line, length);
}

void regmon_record_file_look(regmon_record_file_t *records)
{
	struct stat found;

	if(records->file >= 0
			&& (stat(records->path, &found) < 0
					|| found.st_ino != records->inode
					|| found.st_dev != records->device))
		regmon_record_file_close(records);
}
