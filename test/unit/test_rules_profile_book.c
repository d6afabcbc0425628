/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Books of rules: made whole or not at all, exchanged under readers, freed when the last one has gone on. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "show/rulebook.h"
#include "test/unit/harness.h"

#define TEXT "<profiles><profile name='a'><rule id='EXP-01' severity='off'/>" \
			 "</profile></profiles>"

static const regmon_expectations_t no_facts;

static regmon_rulebook_orders_t orders_of(const char *profile, const char *text)
{
	return (regmon_rulebook_orders_t){
			.profile = {(char *)profile, (int)strlen(profile)},
			.file = text ? "/p.xml" : NULL,
			.bytes = text,
			.length = text ? strlen(text) : 0,
			.facts = &no_facts,
			.now_ms = 1};
}

static regmon_rulebook_t *make(const char *profile, const char *text,
		const regmon_rulebook_t *previous)
{
	regmon_rulebook_orders_t orders = orders_of(profile, text);
	regmon_complaint_t complaint;
	regmon_rulebook_t *book =
			regmon_rulebook_make(&orders, previous, &complaint);

	if(book == NULL)
		fail_msg("%s", complaint.text);
	return book;
}

static void a_plan_for_each(void **state)
{
	regmon_rulebook_t *book = make("a", TEXT, NULL);
	int rule = regmon_rule_find(REGMON_TEXT("EXP-01"));
	unsigned i;

	assert_int_equal(book->profiles->profiles_n, 7);
	assert_int_equal(book->chosen, 6);
	assert_int_equal(book->serial, 1);
	for(i = 0; i < 7; i++)
		assert_non_null(book->plans[i]);
	assert_int_equal(
			regmon_plan_severity(regmon_rulebook_plan(book), rule), REGMON_OFF);
	assert_int_equal(
			regmon_plan_severity(book->plans[1], rule), REGMON_NOTE);
	regmon_rulebook_free(book);
}

static void unknown_names(void **state)
{
	regmon_rulebook_orders_t orders = orders_of("nosuch", TEXT);
	regmon_override_t override = {
			REGMON_TEXT("OP-1"), REGMON_NOTE, REGMON_AS_PARENT};
	regmon_complaint_t complaint;

	assert_null(regmon_rulebook_make(&orders, NULL, &complaint));
	assert_non_null(strstr(complaint.text, "no profile 'nosuch'; known:"));
	orders = orders_of("ims", NULL);
	orders.overrides = &override;
	orders.overrides_n = 1;
	assert_null(regmon_rulebook_make(&orders, NULL, &complaint));
	assert_non_null(strstr(complaint.text, "no rule 'OP-1'"));
	orders = orders_of("a", "<profiles>");
	assert_null(regmon_rulebook_make(&orders, NULL, &complaint));
	assert_non_null(strstr(complaint.text, "/p.xml:1: "));
}

/* Without memory nothing is made, and nothing is left behind (harness_teardown). */
static void each_allocation_fails(void **state)
{
	regmon_rulebook_orders_t orders = orders_of("a", TEXT);
	regmon_complaint_t complaint;
	regmon_rulebook_t *book = NULL;
	unsigned i;

	for(i = 1; book == NULL; i++) {
		harness_fail_allocation = i;
		book = regmon_rulebook_make(&orders, NULL, &complaint);
		if(book == NULL)
			assert_non_null(strstr(complaint.text, "no shared memory"));
	}
	/* book, profiles, seven plans; the tenth attempt succeeds */
	assert_int_equal(i - 1, 10);
	harness_fail_allocation = 0;
	for(i = 1; i <= 2; i++) {
		harness_fail_allocation = i;
		assert_null(regmon_rulebooks_make(book));
	}
	harness_fail_allocation = 0;
	regmon_rulebook_free(book);
}

static void pins(void **state)
{
	regmon_rulebooks_t *books = regmon_rulebooks_make(make("ims", NULL, NULL));
	const regmon_rulebook_t *first, *second;
	unsigned before;

	assert_int_equal(regmon_rulebooks_expect(books, 2), 0);
	first = regmon_rulebooks_pin(books, 0);
	assert_int_equal(first->serial, 1);
	/* a reload that fails changes nothing */
	assert_ptr_equal(regmon_rulebooks_begin(books), first);
	regmon_rulebooks_end(books, NULL);
	assert_ptr_equal(regmon_rulebooks_pin(books, 1), first);

	regmon_rulebooks_end(books,
			make("a", TEXT, regmon_rulebooks_begin(books)));
	assert_int_equal(regmon_rulebooks_waiting(books), 1);
	second = regmon_rulebooks_pin(books, 1);
	assert_int_equal(second->serial, 2);
	/* process 0 still reads the first */
	regmon_rulebooks_end(
			books, make("a", TEXT, regmon_rulebooks_begin(books)));
	assert_int_equal(regmon_rulebooks_waiting(books), 2);
	assert_int_equal(first->serial, 1);
	regmon_rulebooks_pin(books, 0);
	regmon_rulebooks_pin(books, 1);
	before = harness_live_blocks;
	regmon_rulebooks_begin(books);
	regmon_rulebooks_end(books, NULL);
	assert_int_equal(regmon_rulebooks_waiting(books), 0);
	assert_true(harness_live_blocks < before);
	regmon_rulebooks_free(books);
}

/* Who has no pin is not counted on: from then on nothing is freed before the end. */
static void process_without_pin(void **state)
{
	regmon_rulebooks_t *books = regmon_rulebooks_make(make("ims", NULL, NULL));
	const regmon_rulebook_t *book;

	assert_int_equal(regmon_rulebooks_expect(books, 1), 0);
	book = regmon_rulebooks_pin(books, 7);
	regmon_rulebooks_end(
			books, make("ims", NULL, regmon_rulebooks_begin(books)));
	regmon_rulebooks_end(
			books, make("ims", NULL, regmon_rulebooks_begin(books)));
	assert_int_equal(regmon_rulebooks_waiting(books), 2);
	assert_int_equal(book->serial, 1);
	regmon_rulebooks_free(books);
}

/* ---- readers and reloads at once: the sanitizer sees what is used after it was freed ---- */

#define READERS 3
static regmon_rulebooks_t *shared;
static int over;

static void *read_on(void *process)
{
	int rule = regmon_rule_find(REGMON_TEXT("EXP-01"));
	uintptr_t wrong = 0, last = 0;

	while(!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
		const regmon_rulebook_t *book =
				regmon_rulebooks_pin(shared, (unsigned)(uintptr_t)process);

		wrong += book->serial < last;
		last = book->serial;
		wrong += regmon_plan_severity(regmon_rulebook_plan(book), rule)
				 != REGMON_OFF;
	}
	return (void *)wrong;
}

static void reloads_under_readers(void **state)
{
	pthread_t readers[READERS];
	void *wrong;
	unsigned i;

	shared = regmon_rulebooks_make(make("a", TEXT, NULL));
	assert_int_equal(regmon_rulebooks_expect(shared, READERS), 0);
	over = 0;
	for(i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_on,
								 (void *)(uintptr_t)i),
				0);
	for(i = 0; i < 150; i++) {
		regmon_rulebooks_end(
				shared, make("a", TEXT, regmon_rulebooks_begin(shared)));
		/* one pinned by each reader, and the one just replaced */
		assert_true(regmon_rulebooks_waiting(shared) <= READERS + 1);
	}
	__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
	for(i = 0; i < READERS; i++) {
		pthread_join(readers[i], &wrong);
		assert_null(wrong);
	}
	regmon_rulebooks_free(shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			harness_test(a_plan_for_each),
			harness_test(unknown_names),
			harness_test(each_allocation_fails),
			harness_test(pins),
			harness_test(process_without_pin),
			harness_test(reloads_under_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
