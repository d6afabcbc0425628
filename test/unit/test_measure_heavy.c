/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Space-Saving against the whole truth: exact while there is room, within its bounds afterwards, sound after each step,
 * and no flood pushes out what is really frequent. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "measure/heavy.h"

#define SECRET UINT64_C(0x9e3779b97f4a7c15)

static regmon_heavy_t *heavy;
static uint64_t random_state;

static uint64_t draw(uint64_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return ((random_state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % below;
}

/* a block of exactly the bytes that were promised: a step beyond is seen */
static void make(unsigned size)
{
	free(heavy);
	heavy = calloc(1, regmon_heavy_bytes(size));
	assert_non_null(heavy);
	regmon_heavy_start(heavy, size, SECRET);
	random_state = 88172645463325252ULL;
}

static int teardown(void **state)
{
	free(heavy);
	heavy = NULL;
	return 0;
}

static unsigned count(uint64_t key)
{
	bool is_new;
	unsigned known = regmon_heavy_find(heavy, key), slot;

	slot = regmon_heavy_count(heavy, key, &is_new);
	assert_int_equal(is_new, known == REGMON_HEAVY_NONE);
	assert_int_equal(regmon_heavy_find(heavy, key), slot);
	assert_in_range(slot, 0, heavy->size - 1);
	return slot;
}

static void exact_while_there_is_room(void **state)
{
	uint64_t truth[100] = {0}, key;
	unsigned i, slot;

	make(100);
	for(i = 0; i < 20000; i++) {
		key = draw(10) ? draw(10) : draw(100);
		truth[key]++;
		count(key + 1000);
		if(i < 300 || i % 97 == 0)
			assert_int_equal(regmon_heavy_check(heavy), 0);
	}
	assert_int_equal(heavy->used, 100);
	assert_int_equal(heavy->replaced, 0);
	assert_int_equal(regmon_heavy_floor(heavy), 0);
	for(key = 0; key < 100; key++) {
		slot = regmon_heavy_find(heavy, key + 1000);
		assert_true(regmon_heavy_counted(heavy, slot) == truth[key]);
		assert_true(heavy->slots[slot].error == 0);
	}
	/* most frequent first */
	for(i = 1; i < 100; i++)
		assert_true(regmon_heavy_counted(heavy, heavy->order[i - 1])
					>= regmon_heavy_counted(heavy, heavy->order[i]));
}

/* of any size, with any mix: what the paper promises */
static void bounds_hold(unsigned size, unsigned values, unsigned steps)
{
	uint64_t *truth = calloc(values, sizeof(*truth)), n = 0, key, least,
			 sum = 0;
	unsigned i, slot;

	assert_non_null(truth);
	make(size);
	for(i = 0; i < steps; i++) {
		/* a few often, the rest ever more rarely */
		key = draw(values) * draw(values) / values;
		key = draw(3) ? key * key / values : draw(values);
		truth[key]++;
		n++;
		count(key);
		if(i % 251 == 0)
			assert_int_equal(regmon_heavy_check(heavy), 0);
	}
	assert_int_equal(regmon_heavy_check(heavy), 0);
	least = regmon_heavy_floor(heavy);
	assert_true(least <= n / size);
	for(key = 0; key < values; key++) {
		slot = regmon_heavy_find(heavy, key);
		if(slot == REGMON_HEAVY_NONE) {
			assert_true(truth[key] <= least);
			assert_true(truth[key] <= n / size);
			continue;
		}
		assert_true(truth[key] <= regmon_heavy_counted(heavy, slot));
		assert_true(truth[key] >= regmon_heavy_counted(heavy, slot)
										  - heavy->slots[slot].error);
		sum += regmon_heavy_counted(heavy, slot);
	}
	assert_true(sum == n); /* nothing is lost, only taken for another */
	free(truth);
}

static void bounds_hold_when_it_is_full(void **state)
{
	bounds_hold(1, 7, 500);
	bounds_hold(2, 50, 3000);
	bounds_hold(10, 12, 5000);
	bounds_hold(10, 1000, 20000);
	bounds_hold(200, 5000, 100000);
	bounds_hold(REGMON_HEAVY_MOST, 20000, 50000);
}

/* A million values that never come again, and one in two hundred of all is real: it stays, and the bound on what is
 * missing is told. */
static void no_flood_pushes_out_what_is_frequent(void **state)
{
	unsigned i, slot, replaced_real = 0;
	uint64_t real = 0, n = 0;
	bool is_new;

	make(200);
	for(i = 0; i < 100; i++, real++, n++)
		count(42);
	for(i = 0; i < 1000000; i++) {
		n++;
		regmon_heavy_count(heavy, UINT64_C(1) << 40 | i, &is_new);
		assert_true(is_new);
		if(i % 190 == 0) {
			n++;
			real++;
			regmon_heavy_count(heavy, 42, &is_new);
			replaced_real += is_new;
		}
	}
	assert_int_equal(replaced_real, 0);
	slot = regmon_heavy_find(heavy, 42);
	assert_int_not_equal(slot, REGMON_HEAVY_NONE);
	assert_int_equal(heavy->order[0], slot);
	assert_true(regmon_heavy_counted(heavy, slot) == real);
	assert_true(heavy->slots[slot].error == 0);
	assert_true(heavy->replaced == 1000000 - 199);
	assert_true(regmon_heavy_floor(heavy) >= 1000000 / 200 - 1);
	assert_true(regmon_heavy_floor(heavy) <= n / 200);
	assert_int_equal(regmon_heavy_check(heavy), 0);
}

/* who comes late gets a place at once, and keeps it when it goes on */
static void a_late_one_gets_in(void **state)
{
	unsigned i, slot;

	make(20);
	for(i = 0; i < 20000; i++)
		count(draw(1000));
	for(i = 0; i < 3000; i++) {
		count(5555);
		count(draw(1000));
	}
	slot = regmon_heavy_find(heavy, 5555);
	assert_int_equal(heavy->order[0], slot);
	assert_true(regmon_heavy_counted(heavy, slot) - heavy->slots[slot].error
				== 3000);
}

static void cleared(void **state)
{
	unsigned i;

	make(16);
	for(i = 0; i < 500; i++)
		count(draw(40));
	regmon_heavy_clear(heavy);
	assert_int_equal(heavy->used, 0);
	assert_int_equal(regmon_heavy_floor(heavy), 0);
	for(i = 0; i < 40; i++)
		assert_int_equal(regmon_heavy_find(heavy, i), REGMON_HEAVY_NONE);
	for(i = 0; i < 500; i++) {
		count(i % 16);
		assert_int_equal(regmon_heavy_check(heavy), 0);
	}
	for(i = 0; i < 16; i++)
		assert_in_range(
				regmon_heavy_counted(heavy, regmon_heavy_find(heavy, i)),
				500 / 16, 500 / 16 + 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
	const struct CMUnitTest tests[] = {TEST(exact_while_there_is_room),
			TEST(bounds_hold_when_it_is_full),
			TEST(no_flood_pushes_out_what_is_frequent),
			TEST(a_late_one_gets_in), TEST(cleared)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
