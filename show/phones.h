/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The phones that a WHO names: copied out of the table, then written row by row, for RPC and HTTP alike. */
#ifndef REGMON_SHOW_PHONES_H
#define REGMON_SHOW_PHONES_H

#include "registration/table.h"
#include "show/refusal.h"
#include "show/writer.h"

#define REGMON_MOST_PHONES 8

typedef struct regmon_phones
{
	void *records; /* private memory */
	unsigned n, matched;
	int64_t now_ms;
} regmon_phones_t;

/* Copies of those seen last. -1: no private memory, the refusal says so. 0: nobody is known by that name. Else how many
 * match; then regmon_phones_free() is due. */
int regmon_phones_find(const regmon_who_t *who, regmon_phones_t *ret_phones,
		regmon_refusal_t *refusal);
void regmon_phones_free(regmon_phones_t *phones);

typedef void (*regmon_phone_row_f)(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms,
		int64_t since);
void regmon_phone_why(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms,
		int64_t since);
void regmon_phone_show(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms,
		int64_t since);
void regmon_phone_timeline(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms,
		int64_t since);
void regmon_phone_ladder(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms,
		int64_t since);
void regmon_phone_decode(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms,
		int64_t since);

/* List `phones`, `matched` and perhaps `more`. A person sees one phone without the list around it. */
void regmon_phones_write(regmon_writer_t *writer, const regmon_phones_t *phones,
		regmon_phone_row_f row, int64_t since);

/* "since=1700000000000" or the number alone, a time in ms or what `next` of a timeline named. False: neither. */
bool regmon_since_read(str word, int64_t *ret_since);
#define REGMON_SINCE_COMPLAINT                                     \
	"since is what `next` of the last answer names, or a time in " \
	"milliseconds: since=1700000000000"

#endif
