/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists page by page: phones and rules, for RPC and HTTP alike. What does not fit ends with how many more there are
 * and the cursor to go on with. */
#ifndef REGMON_SHOW_PAGES_H
#define REGMON_SHOW_PAGES_H

#include "show/refusal.h"
#include "show/rows.h"

/* where a record stands: its slot, and how many of the slot come before it */
typedef struct regmon_place
{
	uint32_t slot, before;
} regmon_place_t;

typedef struct regmon_page
{
	const regmon_list_filter_t *filter;
	regmon_registration_t *rows; /* without timelines; private memory */
	regmon_place_t *places;
	unsigned n, more;
	regmon_place_t next; /* of the first that found no room */
	regmon_place_t now;
	bool begun;
} regmon_page_t;

/* Copies the phones of one page. False: refused, no private memory. Else regmon_page_free() is due. */
bool regmon_page_read(const regmon_list_filter_t *filter,
		regmon_page_t *ret_page, regmon_refusal_t *refusal);
void regmon_page_write(
		regmon_writer_t *writer, regmon_page_t *page, int64_t now_ms);
void regmon_page_free(regmon_page_t *page);

/* Is word an id, a name, a prefix, a header or a profile that has rules? Empty: all of them. False: refused with names
 * like it. */
bool regmon_rules_word_check(str word, regmon_refusal_t *refusal);
/* the rules that it names, all of one rule; `rules`, `shown`, `more`, `cursor` */
void regmon_rules_write(
		regmon_writer_t *writer, str word, unsigned limit, unsigned cursor);

#endif
