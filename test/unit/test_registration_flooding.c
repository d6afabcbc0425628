/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that were chosen to meet in one slot: against a hash without a key they do, in this table they do not. How long it
 * takes is measured by `make measure-flooding`. */
#include "test/unit/colliding.h"

#include "registration/table_private.h"

#define NAMES 1000
#define SLOTS 4096
/* a quarter of the slots is used; that nine names meet by chance happens once in a thousand million tables */
#define LONGEST 8

static char names[NAMES][COLLIDING_LENGTH];

static unsigned longest_chain(void)
{
	unsigned slot, longest = 0;

	for(slot = 0; slot < table->slots_n; slot++) {
		const regmon_registration_t *record;
		unsigned n = 0;

		for(record = table->slots[slot]; record; record = record->next)
			n++;
		longest = n > longest ? n : longest;
	}
	return longest;
}

static unsigned longest_list_of_index(void)
{
	static uint32_t used[SLOTS];
	unsigned i, longest = 0;

	memset(used, 0, sizeof(used));
	for(i = 0; i < NAMES; i++) {
		str name = {names[i], (int)strlen(names[i])};
		unsigned n = ++used[regmon_table_hash(table, name) & (SLOTS - 1)];

		longest = n > longest ? n : longest;
	}
	return longest;
}

static void test_names_that_meet_without_a_key(void **state)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	regmon_table_numbers_t numbers;
	unsigned i;

	limits.max_registrations = SLOTS;
	begin_with(&limits);
	assert_int_equal(table->slots_n, SLOTS);
	colliding_make(names, NAMES, SLOTS);
	for(i = 0; i < NAMES; i++) {
		assert_int_equal(colliding_slot(names[i], SLOTS), 0);
		colliding_observe(names[i], i);
	}
	regmon_table_count(table, &numbers);
	assert_int_equal(numbers.registrations, NAMES);
	assert_in_range(longest_chain(), 1, LONGEST);
	assert_in_range(longest_list_of_index(), 1, LONGEST);
	end();
}

/* Each start has its own key, so what met once does not meet again. */
static void test_another_key_another_order(void **state)
{
	static const uint8_t other[] = "fedcba9876543210";
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	regmon_table_t *before;
	unsigned i, same = 0;

	limits.max_registrations = SLOTS;
	begin_with(&limits);
	before = regmon_table_make(&limits, other, NULL);
	assert_non_null(before);
	colliding_make(names, NAMES, SLOTS);
	for(i = 0; i < NAMES; i++) {
		str name = {names[i], (int)strlen(names[i])};

		same += regmon_slot_of(table, regmon_impu_hash(table, name))
				== regmon_slot_of(before, regmon_impu_hash(before, name));
	}
	assert_in_range(same, 0, 8);
	regmon_table_free(before);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			harness_test(test_names_that_meet_without_a_key),
			harness_test(test_another_key_another_order)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
