/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a real client did on AKA with known keys, message by message through the book: what was accepted is right by
 * our own computation, and where the client dropped a challenge the verdict says why. */
#define _XOPEN_SOURCE 700 /* nftw() */
#include <ftw.h>
#include <stdlib.h>

#include "test/unit/aka_vectors.h"

#include "aka/book.h"

#define CORPUS "../shared/corpus/lab"
/* K is the ASCII text 0123456789abcdef */
#define KEYS                                                               \
	"k=30313233343536373839616263646566 op=cdc202d5123e20f62b6d676ac72cb3" \
	"18 amf=b9b9"
#define MAX_FILES 1024

static char *files[MAX_FILES];
static unsigned files_n;

/* one flow */
static struct
{
	regmon_aka_book_t *book;
	void *block;
	bool uses_aka, was_accepted;
	regmon_aka_verdict_kind_t challenge, answer;
} flow;

static void no_guard(void *context)
{
	(void)context;
}

static void open_flow(str impi)
{
	const regmon_aka_guard_t guard = {no_guard, no_guard, NULL};
	regmon_aka_reader_t reader;
	char text[400];

	snprintf(text, sizeof(text), "%.*s " KEYS, impi.len, impi.s);
	flow.block = calloc(1, regmon_aka_book_bytes(1));
	flow.book = regmon_aka_book_start(flow.block, 1, &guard);
	regmon_aka_reader_start(&reader, "keys", text_of(text));
	assert_int_equal(regmon_aka_book_read(flow.book, &reader), 0);
}

static void replay(const char *path)
{
	static regmon_message_t message;
	regmon_aka_verdict_t verdict;
	regmon_class_t class;
	size_t length;
	char *text = harness_read_file(path, &length);

	regmon_message_read(text, (int)length, &message);
	if(!message.is_answer) {
		regmon_classify(&message, NULL, REGMON_ROLE_AUTO, &class);
		if(flow.book == NULL)
			open_flow(regmon_message_impi(&message));
		if(regmon_aka_observe_request(flow.book, &message, &class, &verdict))
			flow.answer = verdict.kind;
	} else if(flow.book) {
		if(regmon_aka_observe_answer(flow.book, &message, &verdict))
			flow.challenge = verdict.kind;
		flow.uses_aka |= regmon_algorithm_is_aka(message.challenge.algorithm);
		flow.was_accepted |= message.code >= 200 && message.code < 300;
	}
	free(text);
}

static int take_file(const char *path, const struct stat *status, int kind,
		struct FTW *where)
{
	size_t length = strlen(path);

	if(kind == FTW_F && length > 4 && files_n < MAX_FILES
			&& strcmp(path + length - 4, ".sip") == 0)
		files[files_n++] = strdup(path);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void test_flows(void **state)
{
	unsigned i, right = 0, mismatches = 0;
	char folder[512];

	if(!harness_exists(CORPUS)) {
		print_message("no %s beside the tree: skipped\n", CORPUS);
		skip();
	}
	snprintf(folder, sizeof(folder), "%s/%s", HARNESS_TREE, CORPUS);
	assert_int_equal(nftw(folder, take_file, 16, FTW_PHYS), 0);
	assert_true(files_n < MAX_FILES);
	qsort(files, files_n, sizeof(files[0]), by_name);
	for(i = 0; i < files_n; i++) {
		size_t length = (size_t)(strrchr(files[i], '/') - files[i]) + 1;
		bool is_last = i + 1 == files_n
					   || strncmp(files[i], files[i + 1], length) != 0;

		replay(files[i]);
		if(is_last) {
			if(flow.uses_aka) {
				print_message("%.*s: challenge %s, answer %s, %saccepted\n",
						(int)(length - strlen(folder) - 2),
						files[i] + strlen(folder) + 1,
						regmon_aka_verdict_name(flow.challenge),
						regmon_aka_verdict_name(flow.answer),
						flow.was_accepted ? "" : "not ");
				/* the client answers nothing whose MAC is wrong */
				assert_int_equal(flow.challenge,
						flow.was_accepted ? REGMON_AKA_CHALLENGE_RIGHT
										  : REGMON_AKA_KEY_MISMATCH);
				assert_int_equal(flow.answer,
						flow.was_accepted ? REGMON_AKA_RESPONSE_RIGHT
										  : REGMON_AKA_NONE);
				right += flow.was_accepted;
				mismatches += !flow.was_accepted;
			}
			free(flow.block);
			memset(&flow, 0, sizeof(flow));
		}
	}
	while(files_n > 0)
		free(files[--files_n]);
	assert_true(right > 0 && mismatches > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_flows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
