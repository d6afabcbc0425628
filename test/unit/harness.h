/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every unit test stands on: registration/memory.h over calloc() and free()
 * with counts and failures on demand, and readers of fixture files. */
#ifndef REGMON_TEST_HARNESS_H
#define REGMON_TEST_HARNESS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "registration/memory.h"

/* Blocks (and lock sets) that were got and not put back. */
extern unsigned harness_live_blocks;
/* The nth allocation from now on fails, once; 0: none does. */
extern unsigned harness_fail_allocation;
/* Blocks of more bytes fail, as when shared memory is nearly used up; 0: none does. */
extern size_t harness_most_bytes;
/* Allocations that failed so far. */
extern unsigned harness_allocations_failed;
/* Locks that are held now. Taking a held lock, or putting one that is not held,
 * fails the running test. */
extern unsigned harness_locks_held;
/* Locks that were taken so far. */
extern unsigned harness_locks_taken;
/* Other threads may hold a lock: then it is waited for. */
extern int harness_threads;
/* What another process does at the next allocation, once. */
extern void (*harness_meanwhile)(void);
/* What regmon_memory_free_bytes() answers. */
extern size_t harness_free_bytes;

/* For cmocka_unit_test_setup_teardown(): start from zero; fail the test that
 * leaves a block or a held lock behind. */
int harness_setup(void **state);
int harness_teardown(void **state);
#define harness_test(function) \
	cmocka_unit_test_setup_teardown(function, harness_setup, harness_teardown)

/* Paths are relative to the source tree, unless they start with a slash. */

/* true when the file or folder is there. */
int harness_exists(const char *path);
/* The file's bytes in a block of exactly that size (no NUL behind it), so that
 * the sanitizer sees each byte read too far. The caller frees it. A file that
 * cannot be read fails the test. */
char *harness_read_file(const char *path, size_t *ret_length);
/* The same for a SIP message that is stored with LF: each line end becomes CRLF.
 * A file that holds a CRLF already is taken as it is. */
char *harness_read_sip(const char *path, size_t *ret_length);
/* A copy of the text in a block of exactly its length; the caller frees it. */
char *harness_copy(const char *text, size_t *ret_length);
/* Sorted paths of the files in a folder whose names end so (NULL: all); sub-folders
 * are not entered. A folder that cannot be read fails the test. */
char **harness_list_files(
		const char *folder, const char *ending, size_t *ret_count);
void harness_free_list(char **paths, size_t count);

#endif
