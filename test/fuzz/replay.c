/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs one fuzz target over files, with any compiler: regressions and seeds. Each argument is a file or a folder of
 * files. The name of the file at hand stands last in the output when a target dies. */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "test/fuzz/target.h"

static unsigned files_n;

/* In a block of exactly its size, so that the sanitizer sees each byte read too far. */
static void run_file(const char *path, long size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *block = malloc(size ? size : 1);

	if(file == NULL || block == NULL
			|| fread(block, 1, size, file) != (size_t)size) {
		fprintf(stderr, "%s cannot be read\n", path);
		exit(1);
	}
	fclose(file);
	printf("%s\n", path);
	LLVMFuzzerTestOneInput(block, size);
	free(block);
	files_n++;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void run(const char *path)
{
	struct stat status;
	struct dirent **entries;
	char inside[4096];
	int i, n;

	if(stat(path, &status) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	if(!S_ISDIR(status.st_mode)) {
		run_file(path, status.st_size);
		return;
	}
	n = scandir(path, &entries, is_visible, alphasort);
	for(i = 0; i < n; i++) {
		snprintf(inside, sizeof(inside), "%s/%s", path, entries[i]->d_name);
		free(entries[i]);
		run(inside);
	}
	free(entries);
}

int main(int arguments_n, char **arguments)
{
	int i;

	setvbuf(stdout, NULL, _IONBF, 0);
	LLVMFuzzerInitialize(&arguments_n, &arguments);
	for(i = 1; i < arguments_n; i++)
		run(arguments[i]);
	printf("%u files\n", files_n);
	return 0;
}
