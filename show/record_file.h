/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of records: one line each, appended; turned over by size, found again when somebody moved it away. For one
 * process. Never holds part of a line when the disk is full. */
#ifndef REGMON_SHOW_RECORD_FILE_H
#define REGMON_SHOW_RECORD_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define REGMON_RECORD_PATH_LENGTH 255

typedef struct regmon_record_file
{
	const char *path; /* the caller's */
	int64_t most_bytes; /* above it the file becomes path.1, path.1 becomes path.2, ... */
	int keep;			/* how many of these; the oldest goes */
	int file;			/* -1: not open */
	dev_t device;
	ino_t inode;
	int error;			/* errno of what failed last */
	const char *failed; /* and what that was: "open", "write", "turn over" */
} regmon_record_file_t;

void regmon_record_file_start(regmon_record_file_t *records, const char *path,
		int64_t most_bytes, int keep);
/* Opens it for appending, made if need be. 0, or -1: error and failed say why. */
int regmon_record_file_open(regmon_record_file_t *records);
void regmon_record_file_close(regmon_record_file_t *records);
/* One line with its line end; all of it is written, or nothing: -1, error and failed say why. Opens what is not open. */
int regmon_record_file_write(
		regmon_record_file_t *records, const char *line, int length);
/* To be called now and then: lets go of a file that was moved away or removed, so that the next line begins a new one
 * under the old name. */
void regmon_record_file_look(regmon_record_file_t *records);

#endif
