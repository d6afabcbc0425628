/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file with the keys of lab phones. Whatever is wrong with it is said, and nothing of the file is in what is said. */
#include "test/fuzz/target.h"

#include "aka/book.h"

#define MOST 64

static void *block;

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	target_start();
	block = malloc(regmon_aka_book_bytes(MOST));
	return 0;
}

static void no_guard(void *context)
{
}

static void check_complaint(const regmon_aka_reader_t *reader, str text)
{
	const char *said = reader->complaint;
	int i;

	demand(strncmp(said, "keys:", 5) == 0 && strlen(said) > 10,
			"a complaint without place: %s", said);
	for(i = 0; said[i]; i++)
		demand((unsigned char)said[i] >= ' ', "a control character");
	/* eight hexadecimal digits of the file in a row would be a piece of a key */
	for(i = 0; i + 8 <= text.len; i++) {
		char piece[9];

		memcpy(piece, text.s + i, 8);
		piece[8] = '\0';
		demand(!regmon_text_all_hex((str){piece, 8})
						|| strstr(said, piece) == NULL,
				"the complaint shows %s", piece);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const regmon_aka_guard_t guard = {no_guard, no_guard, NULL};
	str text = target_text(data, size);
	regmon_aka_reader_t reader;
	regmon_aka_book_t *book;
	int n, read;

	regmon_aka_reader_start(&reader, "keys", text);
	n = regmon_aka_book_count(&reader);
	if(n < 0) {
		check_complaint(&reader, text);
		return 0;
	}
	if(n == 0 || n > MOST)
		return 0;
	memset(block, 0, regmon_aka_book_bytes(MOST));
	book = regmon_aka_book_start(block, (unsigned)n, &guard);
	regmon_aka_reader_start(&reader, "keys", text);
	read = regmon_aka_book_read(book, &reader);
	/* one phone twice is found out here */
	demand(read == 0 || read == -1, "%d", read);
	if(read < 0)
		check_complaint(&reader, text);
	regmon_aka_book_wipe(book);
	return 0;
}
