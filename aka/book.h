/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab phones of the aka_keys file, with what the last challenge of each was, in one block of memory that the
 * caller gives. Never more phones than it was made for. The keys stay as they are from the start on; all else is
 * changed under the guard, which is never held while something is computed. */
#ifndef REGMON_AKA_BOOK_H
#define REGMON_AKA_BOOK_H

#include "aka/verdict.h"

typedef struct regmon_aka_book regmon_aka_book_t;

/* a lock of the caller's */
typedef struct regmon_aka_guard
{
	void (*get)(void *context);
	void (*put)(void *context);
	void *context;
} regmon_aka_guard_t;

/* bytes of a book for so many phones */
size_t regmon_aka_book_bytes(unsigned most_phones);
/* block: zeroed, of that size, aligned for anything; it is the book from here on */
regmon_aka_book_t *regmon_aka_book_start(
		void *block, unsigned most_phones, const regmon_aka_guard_t *guard);

/* How many phones the text holds, read to its end; -1: reader->complaint says what is wrong. */
int regmon_aka_book_count(regmon_aka_reader_t *reader);
/* Takes them all; -1: reader->complaint says what is wrong. Before the processes are forked: not guarded. */
int regmon_aka_book_read(regmon_aka_book_t *book, regmon_aka_reader_t *reader);
/* The keys go out of memory; the block is still the caller's. */
void regmon_aka_book_wipe(regmon_aka_book_t *book);

/* A REGISTER, or an answer to one, on whatever leg. 1: the verdict says something; 0: nothing to say, mostly because it
 * is no lab phone's; -1: OpenSSL refused. ret_verdict is set in any case. */
int regmon_aka_observe_request(regmon_aka_book_t *book,
		const regmon_message_t *message, const regmon_class_t *class,
		regmon_aka_verdict_t *ret_verdict);
/* An answer names no IMPI: it is found by the Call-ID of the phone's last REGISTER. */
int regmon_aka_observe_answer(regmon_aka_book_t *book,
		const regmon_message_t *message, regmon_aka_verdict_t *ret_verdict);

#endif
