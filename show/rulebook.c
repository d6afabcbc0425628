/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes books of rules and hands them from one reload to the next. Each process owns one pin: it is written before the
 * book is used, and the pointer in force is read again behind it. Both are sequentially consistent, so either the
 * reload sees the pin, or the reader sees the new book and pins that. */
#include "show/rulebook.h"

#include <stdio.h>

#include "registration/memory.h"

struct regmon_rulebooks
{
	regmon_rulebook_t *in_force;
	regmon_rulebook_t *waiting; /* out of force, perhaps still pinned */
	const regmon_rulebook_t **pins;
	unsigned pins_n;
	int unaccounted; /* a process without a pin has read: nothing is freed from then on */
	regmon_lock_t *lock; /* of reloads; readers take none */
};

/* ---- one book ---- */

void regmon_rulebook_free(regmon_rulebook_t *book)
{
	unsigned i;

	if(book == NULL)
		return;
	for(i = 0; i < REGMON_MAX_PROFILES; i++)
		regmon_memory_put(book->plans[i]);
	regmon_memory_put(book->profiles);
	regmon_memory_put(book);
}

static bool complain(regmon_complaint_t *complaint, const char *what, str name,
		const char *known)
{
	snprintf(complaint->text, sizeof(complaint->text), "%s '%.*s'%s%s", what,
			name.len < 60 ? name.len : 60, name.s, known[0] ? "; known: " : "",
			known);
	return false;
}

static bool choose(regmon_rulebook_t *book,
		const regmon_rulebook_orders_t *orders, regmon_complaint_t *complaint)
{
	char known[256];
	int chosen = regmon_profile_find(book->profiles, orders->profile);

	if(chosen < 0) {
		regmon_profile_names(book->profiles, known, sizeof(known));
		return complain(
				complaint, "there is no profile", orders->profile, known);
	}
	book->chosen = chosen;
	return true;
}

/* Own rules of this book are not those of the process yet, so the rule is looked for in the book. */
static bool modes_are_possible(regmon_rulebook_t *book, unsigned profile,
		const regmon_profile_effect_t *effect, regmon_complaint_t *complaint)
{
	unsigned i;

	for(i = 0; i < REGMON_MAX_RULES; i++) {
		const regmon_rule_t *rule =
				i < REGMON_OWN_FIRST
						? regmon_rule_at(i)
						: &book->profiles->own[i - REGMON_OWN_FIRST].rule;

		if(effect->modes[i] != REGMON_MODE_ENFORCE || rule == NULL
				|| regmon_rule_can_be_enforced(rule))
			continue;
		snprintf(complaint->text, sizeof(complaint->text),
				"rule %s cannot be enforced in profile %s: no answer to a"
				" REGISTER belongs to it; monitor and shadow are possible",
				rule->id ? rule->id : "?",
				book->profiles->profiles[profile].name);
		return false;
	}
	return true;
}

static bool make_plan(regmon_rulebook_t *book, unsigned profile,
		const regmon_rulebook_orders_t *orders, regmon_complaint_t *complaint)
{
	regmon_profile_effect_t effect;
	char near[96];
	int unknown;

	book->plans[profile] = regmon_memory_get(regmon_plan_size());
	if(book->plans[profile] == NULL)
		return complain(complaint, "no shared memory for the profile",
				(str){book->profiles->profiles[profile].name,
						(int)strlen(
								book->profiles->profiles[profile].name)},
				"");
	regmon_profile_effect(book->profiles, profile, &effect);
	regmon_profile_add_facts(&effect, orders->facts);
	if(profile == book->chosen) {
		unknown = regmon_profile_override(book->profiles, profile,
				orders->overrides, orders->overrides_n, &effect);
		if(unknown >= 0) {
			regmon_rule_near(
					orders->overrides[unknown].id, near, sizeof(near));
			return complain(complaint,
					"modparam rule: the profile in force has no rule",
					orders->overrides[unknown].id, near);
		}
		memcpy(book->thresholds, effect.thresholds, sizeof(book->thresholds));
	}
	regmon_plan_make_profile(
			book->plans[profile], book->profiles, profile, &effect);
	return modes_are_possible(book, profile, &effect, complaint);
}

static bool fill(regmon_rulebook_t *book,
		const regmon_rulebook_orders_t *orders,
		const regmon_rulebook_t *previous, regmon_complaint_t *complaint)
{
	unsigned i;

	book->profiles = regmon_memory_get(sizeof(*book->profiles));
	if(book->profiles == NULL)
		return complain(complaint, "no shared memory for profiles of",
				orders->file ? (str){(char *)orders->file,
									   (int)strlen(orders->file)}
							 : REGMON_TEXT("the module"),
				"");
	regmon_profiles_start(book->profiles, orders->role,
			previous ? previous->profiles : NULL);
	if(orders->file != NULL) {
		snprintf(book->file, sizeof(book->file), "%s", orders->file);
		if(!regmon_profiles_read(book->profiles, orders->bytes,
				   orders->length, orders->file, complaint))
			return false;
	}
	if(!choose(book, orders, complaint))
		return false;
	for(i = 0; i < book->profiles->profiles_n; i++) {
		if(!make_plan(book, i, orders, complaint))
			return false;
	}
	return true;
}

regmon_rulebook_t *regmon_rulebook_make(
		const regmon_rulebook_orders_t *orders,
		const regmon_rulebook_t *previous, regmon_complaint_t *ret_complaint)
{
	regmon_rulebook_t *book = regmon_memory_get(sizeof(*book));

	ret_complaint->text[0] = '\0';
	ret_complaint->more = 0;
	if(book == NULL) {
		complain(ret_complaint, "no shared memory for the profile",
				orders->profile, "");
		return NULL;
	}
	book->serial = previous ? previous->serial + 1 : 1;
	book->loaded_ms = orders->now_ms;
	if(fill(book, orders, previous, ret_complaint))
		return book;
	regmon_rulebook_free(book);
	return NULL;
}

/* ---- which one is in force ---- */

regmon_rulebooks_t *regmon_rulebooks_make(regmon_rulebook_t *first)
{
	regmon_rulebooks_t *books = regmon_memory_get(sizeof(*books));

	if(books == NULL)
		return NULL;
	books->lock = regmon_locks_make(1);
	if(books->lock == NULL) {
		regmon_memory_put(books);
		return NULL;
	}
	books->in_force = first;
	return books;
}

int regmon_rulebooks_expect(regmon_rulebooks_t *books, unsigned processes)
{
	books->pins = regmon_memory_get(processes * sizeof(*books->pins));
	if(books->pins == NULL)
		return -1;
	books->pins_n = processes;
	return 0;
}

const regmon_rulebook_t *regmon_rulebooks_pin(
		regmon_rulebooks_t *books, unsigned process)
{
	regmon_rulebook_t *book =
			__atomic_load_n(&books->in_force, __ATOMIC_SEQ_CST);
	regmon_rulebook_t *again;

	if(process >= books->pins_n) {
		__atomic_store_n(&books->unaccounted, 1, __ATOMIC_SEQ_CST);
		return __atomic_load_n(&books->in_force, __ATOMIC_SEQ_CST);
	}
	/* the pin is this process's own, so what it holds is still the same book */
	if(books->pins[process] == book)
		return book;
	for(;;) {
		__atomic_store_n(&books->pins[process], book, __ATOMIC_SEQ_CST);
		again = __atomic_load_n(&books->in_force, __ATOMIC_SEQ_CST);
		if(again == book)
			return book;
		book = again;
	}
}

static bool is_pinned(
		const regmon_rulebooks_t *books, const regmon_rulebook_t *book)
{
	unsigned i;

	if(__atomic_load_n(&books->unaccounted, __ATOMIC_SEQ_CST))
		return true;
	for(i = 0; i < books->pins_n; i++) {
		if(__atomic_load_n(&books->pins[i], __ATOMIC_SEQ_CST) == book)
			return true;
	}
	return false;
}

static void free_unpinned(regmon_rulebooks_t *books)
{
	regmon_rulebook_t **place = &books->waiting, *book;

	while((book = *place) != NULL) {
		if(is_pinned(books, book)) {
			place = &book->next;
			continue;
		}
		*place = book->next;
		regmon_rulebook_free(book);
	}
}

const regmon_rulebook_t *regmon_rulebooks_begin(regmon_rulebooks_t *books)
{
	regmon_lock_get(books->lock, 0);
	return books->in_force;
}

void regmon_rulebooks_end(
		regmon_rulebooks_t *books, regmon_rulebook_t *new_book)
{
	regmon_rulebook_t *old = books->in_force;

	if(new_book != NULL) {
		__atomic_store_n(&books->in_force, new_book, __ATOMIC_SEQ_CST);
		old->next = books->waiting;
		books->waiting = old;
	}
	free_unpinned(books);
	regmon_lock_put(books->lock, 0);
}

unsigned regmon_rulebooks_waiting(const regmon_rulebooks_t *books)
{
	const regmon_rulebook_t *book;
	unsigned n = 0;

	for(book = books->waiting; book; book = book->next)
		n++;
	return n;
}

void regmon_rulebooks_free(regmon_rulebooks_t *books)
{
	regmon_rulebook_t *book;

	if(books == NULL)
		return;
	while((book = books->waiting) != NULL) {
		books->waiting = book->next;
		regmon_rulebook_free(book);
	}
	regmon_rulebook_free(books->in_force);
	regmon_locks_free(books->lock, 1);
	regmon_memory_put(books->pins);
	regmon_memory_put(books);
}
