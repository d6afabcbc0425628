/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a file that a parameter names. */
#include "core/dprint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hooks/hooks.h"

static __attribute__((format(printf, 2, 3))) int complain(
		regmon_complaint_t *complaint, const char *format, ...)
{
	va_list arguments;

	complaint->more = 0;
	va_start(arguments, format);
	vsnprintf(complaint->text, sizeof(complaint->text), format, arguments);
	va_end(arguments);
	return -1;
}

static int read_open_file(int file, const regmon_file_t *wanted,
		char **ret_bytes, size_t *ret_length, regmon_complaint_t *complaint)
{
	const char *path = wanted->path;
	struct stat found;
	ssize_t part;
	char *bytes;
	size_t length = 0;

	if(fstat(file, &found) < 0 || !S_ISREG(found.st_mode))
		return complain(complaint, "%s: no regular file", path);
	if(wanted->is_secret && (found.st_mode & (S_IRWXG | S_IRWXO)))
		return complain(complaint,
				"%s: mode %04o, expected 0600: it holds keys, so nobody but"
				" its owner may read it (chmod 600)",
				path, (unsigned)found.st_mode & 07777);
	if(found.st_size > wanted->most)
		return complain(complaint, "%s: %lld bytes; at most %d are read", path,
				(long long)found.st_size, wanted->most);
	/* not from Kamailio's private pool, which a file of this size could break up */
	bytes = malloc(found.st_size + 1);
	if(bytes == NULL)
		return complain(complaint, "%s: no memory for %lld bytes", path,
				(long long)found.st_size);
	while(length < (size_t)found.st_size
			&& (part = read(file, bytes + length, found.st_size - length)) > 0)
		length += part;
	if(length < (size_t)found.st_size) {
		explicit_bzero(bytes, length);
		free(bytes);
		return complain(complaint, "%s: it changed while it was read", path);
	}
	*ret_bytes = bytes;
	*ret_length = length;
	return 0;
}

/* Not blocked by a FIFO, not followed by children. */
int regmon_file_read(const regmon_file_t *wanted, char **ret_bytes,
		size_t *ret_length, regmon_complaint_t *complaint)
{
	int file = open(wanted->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), failed;

	if(file < 0)
		return complain(complaint, "%s: %s", wanted->path, strerror(errno));
	failed = read_open_file(file, wanted, ret_bytes, ret_length, complaint);
	close(file);
	return failed;
}

int regmon_file_check_path(const char *parameter, char **path)
{
	if(*path == NULL || (*path)[0] == '\0') {
		*path = NULL;
		return 0;
	}
	/* the working directory changes when Kamailio becomes a daemon */
	if((*path)[0] == '/' && strlen(*path) <= REGMON_PROFILE_PATH_LENGTH)
		return 0;
	LM_ERR("modparam %s \"%s\": expected a path from / on, of at most %d"
		   " characters\n",
			parameter, *path, REGMON_PROFILE_PATH_LENGTH);
	return -1;
}
