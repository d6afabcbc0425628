/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The unit tests' side of registration/memory.h, and readers of fixture files. */
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "test/unit/harness.h"

#define PATH_BYTES 1024
#define FREE_BYTES_AT_START (64u << 20)

struct regmon_lock
{
	int held;
};

unsigned harness_live_blocks;
unsigned harness_fail_allocation;
size_t harness_most_bytes;
unsigned harness_allocations_failed;
unsigned harness_locks_held;
unsigned harness_locks_taken;
size_t harness_free_bytes = FREE_BYTES_AT_START;
int harness_threads;
void (*harness_meanwhile)(void);

static void *get_block(size_t count, size_t bytes)
{
	void (*meanwhile)(void) = harness_meanwhile;
	void *block;

	if(meanwhile) {
		harness_meanwhile = NULL;
		meanwhile();
	}
	if((harness_fail_allocation && --harness_fail_allocation == 0)
			|| (harness_most_bytes && count * bytes > harness_most_bytes)) {
		harness_allocations_failed++;
		return NULL;
	}
	block = calloc(count, bytes);
	assert_non_null(block);
	__atomic_fetch_add(&harness_live_blocks, 1, __ATOMIC_RELAXED);
	return block;
}

static void put_block(void *block)
{
	if(!block)
		return;
	assert_true(
			__atomic_fetch_sub(&harness_live_blocks, 1, __ATOMIC_RELAXED) > 0);
	free(block);
}

void *regmon_memory_get(size_t bytes)
{
	return get_block(1, bytes);
}

void regmon_memory_put(void *block)
{
	put_block(block);
}

size_t regmon_memory_free_bytes(void)
{
	return harness_free_bytes;
}

/* An array of exactly count, so that an index too high is seen. */
regmon_lock_t *regmon_locks_make(unsigned count)
{
	return get_block(count, sizeof(regmon_lock_t));
}

void regmon_locks_free(regmon_lock_t *locks, unsigned count)
{
	unsigned i;

	for(i = 0; locks && i < count; i++) {
		if(locks[i].held)
			fail_msg("lock %u is freed while it is held", i);
	}
	put_block(locks);
}

void regmon_lock_get(regmon_lock_t *locks, unsigned index)
{
	while(__atomic_exchange_n(&locks[index].held, 1, __ATOMIC_ACQUIRE)) {
		if(!harness_threads)
			fail_msg("lock %u is taken twice: a deadlock in Kamailio", index);
		sched_yield();
	}
	__atomic_fetch_add(&harness_locks_held, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&harness_locks_taken, 1, __ATOMIC_RELAXED);
}

void regmon_lock_put(regmon_lock_t *locks, unsigned index)
{
	if(!locks[index].held)
		fail_msg("lock %u is released but not held", index);
	__atomic_fetch_sub(&harness_locks_held, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&locks[index].held, 0, __ATOMIC_RELEASE);
}

int harness_setup(void **state)
{
	(void)state;
	harness_live_blocks = 0;
	harness_fail_allocation = 0;
	harness_most_bytes = 0;
	harness_allocations_failed = 0;
	harness_locks_held = 0;
	harness_locks_taken = 0;
	harness_threads = 0;
	harness_meanwhile = NULL;
	harness_free_bytes = FREE_BYTES_AT_START;
	return 0;
}

int harness_teardown(void **state)
{
	(void)state;
	if(harness_live_blocks)
		print_error("%u blocks were not put back\n", harness_live_blocks);
	if(harness_locks_held)
		print_error("%u locks were left held\n", harness_locks_held);
	return harness_live_blocks || harness_locks_held ? -1 : 0;
}

static void in_tree(const char *path, char *ret_full)
{
	int length;

	if(*path == '/')
		length = snprintf(ret_full, PATH_BYTES, "%s", path);
	else
		length = snprintf(ret_full, PATH_BYTES, "%s/%s", HARNESS_TREE, path);
	assert_in_range(length, 1, PATH_BYTES - 1);
}

int harness_exists(const char *path)
{
	char full[PATH_BYTES];
	struct stat status;

	in_tree(path, full);
	return stat(full, &status) == 0;
}

static char *exact_block(size_t length)
{
	char *block = malloc(length);

	assert_true(block || !length);
	return block;
}

char *harness_read_file(const char *path, size_t *ret_length)
{
	char full[PATH_BYTES];
	FILE *file;
	char *block;
	long length;

	in_tree(path, full);
	file = fopen(full, "rb");
	if(!file)
		fail_msg("%s cannot be read", full);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	length = ftell(file);
	assert_true(length >= 0);
	rewind(file);
	block = exact_block(length);
	assert_int_equal(fread(block, 1, length, file), length);
	fclose(file);
	*ret_length = length;
	return block;
}

char *harness_read_sip(const char *path, size_t *ret_length)
{
	size_t length, line_ends = 0, from, to = 0;
	char *stored = harness_read_file(path, &length);
	char *message;

	for(from = 0; from < length; from++) {
		if(stored[from] != '\n')
			continue;
		if(from > 0 && stored[from - 1] == '\r') {
			*ret_length = length;
			return stored;
		}
		line_ends++;
	}
	message = exact_block(length + line_ends);
	for(from = 0; from < length; from++) {
		if(stored[from] == '\n')
			message[to++] = '\r';
		message[to++] = stored[from];
	}
	free(stored);
	*ret_length = to;
	return message;
}

char *harness_copy(const char *text, size_t *ret_length)
{
	size_t length = strlen(text);
	char *block = exact_block(length);

	if(length)
		memcpy(block, text, length);
	*ret_length = length;
	return block;
}

static int ends_so(const char *name, const char *ending)
{
	size_t length = strlen(name), wanted = ending ? strlen(ending) : 0;

	return length >= wanted
		   && (!wanted || strcmp(name + length - wanted, ending) == 0);
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

char **harness_list_files(
		const char *folder, const char *ending, size_t *ret_count)
{
	char full[PATH_BYTES], path[2 * PATH_BYTES];
	char **paths = NULL;
	size_t count = 0;
	struct dirent *entry;
	struct stat status;
	DIR *directory;

	in_tree(folder, full);
	directory = opendir(full);
	if(!directory)
		fail_msg("folder %s cannot be read", full);
	while((entry = readdir(directory))) {
		snprintf(path, sizeof(path), "%s/%s", full, entry->d_name);
		if(!ends_so(entry->d_name, ending) || stat(path, &status) != 0
				|| !S_ISREG(status.st_mode))
			continue;
		paths = realloc(paths, (count + 1) * sizeof(*paths));
		assert_non_null(paths);
		paths[count] = strdup(path);
		assert_non_null(paths[count++]);
	}
	closedir(directory);
	if(count)
		qsort(paths, count, sizeof(*paths), by_name);
	*ret_count = count;
	return paths;
}

void harness_free_list(char **paths, size_t count)
{
	while(count)
		free(paths[--count]);
	free(paths);
}
