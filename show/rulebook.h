/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules in force: all profiles with a plan for each, in shared memory, as one book that is never changed. A reload
 * makes another book and exchanges the pointer. A process pins the book that it reads, one at a time; a book that is
 * out of force is freed when nobody has it pinned. */
#ifndef REGMON_SHOW_RULEBOOK_H
#define REGMON_SHOW_RULEBOOK_H

#include "rules/profile.h"

#define REGMON_PROFILE_PATH_LENGTH 255

typedef struct regmon_rulebook
{
	struct regmon_rulebook *next; /* of those out of force */
	unsigned serial;			  /* 1: the one of the start */
	unsigned chosen;			  /* the profile in force */
	int64_t loaded_ms;
	char file[REGMON_PROFILE_PATH_LENGTH + 1]; /* "": none */
	int thresholds[REGMON_THRESHOLDS_N]; /* of the profile in force; 0: nobody said */
	regmon_profiles_t *profiles;
	regmon_plan_t *plans[REGMON_MAX_PROFILES]; /* one for each profile */
} regmon_rulebook_t;

/* What a book is made of. */
typedef struct regmon_rulebook_orders
{
	regmon_role_t role;
	str profile;	  /* to be in force */
	const char *file; /* NULL: the built-in profiles alone */
	const char *bytes;
	size_t length;
	const regmon_override_t *overrides; /* for the profile in force */
	unsigned overrides_n;
	const regmon_expectations_t *facts; /* for all profiles; their text must outlive the book */
	int64_t now_ms;
} regmon_rulebook_orders_t;

/* NULL: the complaint says why. previous: the book in force, NULL at the start. */
regmon_rulebook_t *regmon_rulebook_make(
		const regmon_rulebook_orders_t *orders,
		const regmon_rulebook_t *previous, regmon_complaint_t *ret_complaint);
void regmon_rulebook_free(regmon_rulebook_t *book);
static inline const regmon_plan_t *regmon_rulebook_plan(
		const regmon_rulebook_t *book)
{
	return book->plans[book->chosen];
}

/* ---- the book in force, and who reads which ---- */
typedef struct regmon_rulebooks regmon_rulebooks_t;
/* Takes the first book over. NULL: no memory, the book stays the caller's. */
regmon_rulebooks_t *regmon_rulebooks_make(regmon_rulebook_t *first);
void regmon_rulebooks_free(regmon_rulebooks_t *books); /* and every book */
/* Before there is more than one process: how many there will be. -1: no memory. */
int regmon_rulebooks_expect(regmon_rulebooks_t *books, unsigned processes);

/* The book in force, held for this process until it pins the next one. */
const regmon_rulebook_t *regmon_rulebooks_pin(
		regmon_rulebooks_t *books, unsigned process);

/* A reload: begin gives the book in force and keeps other reloads out, end puts the new one in force (NULL: the old
 * one stays) and frees what nobody has pinned. */
const regmon_rulebook_t *regmon_rulebooks_begin(regmon_rulebooks_t *books);
void regmon_rulebooks_end(
		regmon_rulebooks_t *books, regmon_rulebook_t *new_book);
/* books out of force that some process still has */
unsigned regmon_rulebooks_waiting(const regmon_rulebooks_t *books);

#endif
