/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of records: places of slabs are all used, slabs are given back, and what memory there is suffices. */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "test/unit/harness.h"

#include "registration/slabs.h"

#define RECORD 1020 /* they stand 1,024 bytes apart */
#define MANY 10000

typedef struct taken
{
	unsigned char *record;
	unsigned place;
} taken_t;

static regmon_slabs_t *slabs;
static taken_t taken[MANY];

static void check_clean(void)
{
	const char *fault = regmon_slabs_check(slabs);

	if(fault)
		fail_msg("%s", fault);
}

static regmon_slabs_numbers_t numbers(void)
{
	regmon_slabs_numbers_t found;

	regmon_slabs_count(slabs, &found);
	return found;
}

/* zeroed, and nobody else's: each is filled with a byte of its own */
static bool take(unsigned number)
{
	unsigned char *record =
			regmon_slabs_take(slabs, &taken[number].place);
	unsigned i;

	assert_int_equal(harness_locks_held, 0);
	taken[number].record = record;
	if(record == NULL)
		return false;
	assert_int_equal((uintptr_t)record % 16, 0);
	assert_in_range(taken[number].place, 0, REGMON_SLAB_PLACES - 1);
	for(i = 0; i < RECORD; i++)
		assert_int_equal(record[i], 0);
	memset(record, 1 + number % 255, RECORD);
	return true;
}

static void put(unsigned number)
{
	unsigned i;

	for(i = 0; i < RECORD; i++)
		assert_int_equal(taken[number].record[i], 1 + number % 255);
	regmon_slabs_put(slabs, taken[number].record, taken[number].place);
	assert_int_equal(harness_locks_held, 0);
	taken[number].record = NULL;
}

static void begin(unsigned most)
{
	slabs = regmon_slabs_make(RECORD, most);
	assert_non_null(slabs);
	assert_int_equal(harness_live_blocks, 2);
}

static void end(void)
{
	check_clean();
	regmon_slabs_free(slabs);
	slabs = NULL;
}

static void test_all_places_are_used(void **state)
{
	unsigned i, places;

	begin(MANY);
	assert_int_equal(numbers().bytes, 0);
	assert_true(take(0));
	places = numbers().places;
	assert_in_range(places, 60, REGMON_SLAB_PLACES);
	assert_int_equal(places, regmon_slabs_places(RECORD, MANY));
	for(i = 1; i < places; i++)
		assert_true(take(i));
	assert_int_equal(numbers().slabs, 1);
	assert_int_equal(numbers().taken, places);
	assert_int_equal(harness_live_blocks, 3);
	check_clean();
	/* as good as no memory is lost: the allocator is asked for 64 kB at most */
	assert_in_range(numbers().bytes, places * 1024, places * 1024 + 128);
	assert_in_range(numbers().bytes, 0, 65536);
	assert_true(take(places));
	assert_int_equal(numbers().slabs, 2);
	assert_int_equal(harness_live_blocks, 4);
	assert_int_equal(numbers().bytes, regmon_slabs_bytes_when_full(RECORD, places + 1));
	for(i = 0; i <= places; i++)
		put(i);
	check_clean();
	assert_int_equal(numbers().taken, 0);
	end();
}

static void test_no_more_places_than_wanted(void **state)
{
	begin(5);
	assert_true(take(0));
	assert_int_equal(numbers().places, 5);
	assert_int_equal(regmon_slabs_places(RECORD, 5), 5);
	put(0);
	end();
	begin(0);
	assert_true(take(0));
	assert_int_equal(numbers().places, 1);
	put(0);
	end();
}

/* Each begins with a line of the cache where its size is a multiple of one, and no record is too large. */
static void test_sizes(void **state)
{
	static const size_t sizes[] = {1, 8, 32, 64, 96, 1088, 1600, 65000, 200000};
	unsigned size, i, place;
	char *record, *before;

	for(size = 0; size < sizeof(sizes) / sizeof(*sizes); size++) {
		slabs = regmon_slabs_make(sizes[size], 1000);
		assert_non_null(slabs);
		before = NULL;
		for(i = 0; i < 100; i++) {
			record = regmon_slabs_take(slabs, &place);
			assert_non_null(record);
			assert_int_equal((uintptr_t)record % (sizes[size] % 64 ? 16 : 64), 0);
			memset(record, 1, sizes[size]);
			if(before && place)
				assert_int_equal(record - before, (sizes[size] + 15) / 16 * 16);
			before = record;
		}
		check_clean();
		assert_int_equal(numbers().taken, 100);
		assert_int_equal(numbers().bytes % numbers().slabs, 0);
		assert_in_range(numbers().bytes, 1,
				regmon_slabs_bytes_when_full(sizes[size], 1000));
		end();
	}
}

/* Slabs come and go: at one more and one less again and again, none does. */
static void test_slab_is_given_back(void **state)
{
	unsigned i, places, n;

	begin(MANY);
	assert_true(take(0));
	places = numbers().places;
	for(i = 1; i < 3 * places; i++)
		assert_true(take(i));
	assert_int_equal(harness_live_blocks, 2 + 3);
	for(i = 0; i < places; i++)
		put(i);
	assert_int_equal(harness_live_blocks, 2 + 3);
	assert_int_equal(numbers().slabs, 3);
	for(i = places; i < 2 * places; i++)
		put(i);
	check_clean();
	assert_int_equal(harness_live_blocks, 2 + 2);
	assert_int_equal(numbers().slabs, 2);
	for(n = 0; n < 10; n++) {
		harness_fail_allocation = 1;
		assert_true(take(0));
		put(0);
		assert_int_equal(harness_fail_allocation, 1);
		assert_int_equal(harness_live_blocks, 2 + 2);
	}
	harness_fail_allocation = 0;
	for(i = 2 * places; i < 3 * places; i++)
		put(i);
	assert_int_equal(harness_live_blocks, 2 + 1);
	regmon_slabs_put_empty(slabs);
	assert_int_equal(harness_live_blocks, 2);
	assert_int_equal(numbers().bytes, 0);
	regmon_slabs_put_empty(slabs);
	check_clean();
	assert_true(take(0));
	put(0);
	end();
}

/* Those with few places left are filled first, so that the others become empty. */
static void test_fuller_slabs_are_filled(void **state)
{
	unsigned i, places, half;

	begin(MANY);
	assert_true(take(0));
	places = numbers().places;
	half = places / 2;
	for(i = 1; i < 2 * places; i++)
		assert_true(take(i));
	/* the second loses more than the first */
	for(i = 0; i < half; i++)
		put(i);
	for(i = places; i < 2 * places - 2; i++)
		put(i);
	for(i = 0; i < half; i++)
		assert_true(take(i));
	check_clean();
	/* all went into the first: when the last two go, the second is empty, and a third is not needed for it */
	put(2 * places - 1);
	put(2 * places - 2);
	regmon_slabs_put_empty(slabs);
	assert_int_equal(numbers().slabs, 1);
	assert_int_equal(numbers().taken, places);
	for(i = 0; i < places; i++)
		put(i);
	end();
}

/* There are never more slabs than the most records that ever were needed. */
static void test_random_life(void **state)
{
	unsigned step, number, now = 0, most = 0, limit, whole, seed = 1;

	begin(MANY);
	assert_true(take(0));
	whole = numbers().places;
	put(0);
	for(step = 0; step < 40000; step++) {
		limit = step / 10000 % 2 ? 100 : 2000; /* it swells and shrinks */
		number = (unsigned)rand_r(&seed) % limit;
		if(step % 10000 == 0)
			for(unsigned i = limit; i < 2000; i++)
				if(taken[i].record) {
					put(i);
					now--;
				}
		if(taken[number].record) {
			put(number);
			now--;
		} else {
			assert_true(take(number));
			now++;
		}
		if(now > most)
			most = now;
		assert_int_equal(numbers().taken, now);
		assert_in_range(numbers().slabs, 0, (most + whole - 1) / whole);
		if(step % 1000 == 0)
			check_clean();
	}
	for(number = 0; number < 2000; number++)
		if(taken[number].record)
			put(number);
	assert_int_equal(harness_live_blocks, 2 + 1);
	end();
}

/* ---- without memory ---- */

static void test_no_memory_at_the_start(void **state)
{
	unsigned n;

	for(n = 1; n <= 2; n++) {
		harness_fail_allocation = n;
		assert_null(regmon_slabs_make(RECORD, MANY));
		assert_int_equal(harness_live_blocks, 0);
	}
	regmon_slabs_free(NULL);
}

/* A place that is free needs no memory; where there is none left, none is given, and nothing is lost. */
static void test_exhaustion(void **state)
{
	unsigned i, places;

	begin(MANY);
	assert_true(take(0));
	places = numbers().places;
	harness_most_bytes = 1;
	for(i = 1; i < places; i++)
		assert_true(take(i));
	for(; i < places + 10; i++)
		assert_false(take(i));
	check_clean();
	assert_int_equal(numbers().taken, places);
	put(7);
	assert_true(take(7));
	harness_most_bytes = 0;
	assert_true(take(places));
	for(i = 0; i <= places; i++)
		put(i);
	end();
}

/* Half a slab where there is no room for a whole one, down to a record; and whole ones again when there is. */
static void test_smaller_slabs(void **state)
{
	unsigned i, places, n = 0, slabs_n, whole;

	begin(MANY);
	assert_true(take(n++));
	whole = places = numbers().places;
	while(n < whole)
		assert_true(take(n++));
	/* room for one record, twice: each block is one */
	harness_most_bytes = 1024 + 128;
	assert_true(take(n++));
	assert_int_equal(numbers().places, places + 1);
	harness_allocations_failed = 0;
	assert_true(take(n++));
	assert_int_equal(harness_allocations_failed, 1);
	assert_int_equal(numbers().places, places + 2);
	check_clean();
	/* then there is more room each time */
	harness_most_bytes = 10 * 1024;
	for(i = 0; i < 40; i++)
		assert_true(take(n++));
	check_clean();
	places = numbers().places;
	harness_most_bytes = 0;
	slabs_n = numbers().slabs;
	while(numbers().slabs < slabs_n + 5)
		assert_true(take(n++));
	assert_true(numbers().places - places > 3 * whole);
	check_clean();
	/* of those that become empty, smaller ones first here, a whole one is kept */
	for(i = whole; i < n; i++)
		put(i);
	for(i = 0; i < whole; i++)
		put(i);
	assert_int_equal(numbers().slabs, 1);
	assert_int_equal(numbers().places, whole);
	end();
}

static void put_one(void)
{
	put(0);
}

static void take_one(void)
{
	assert_true(take(MANY - 1));
}

/* While one asks for memory in vain, or gets it, another puts a record back, or was faster. */
static void test_another_is_faster(void **state)
{
	unsigned i, places;

	begin(MANY);
	assert_true(take(0));
	places = numbers().places;
	for(i = 1; i < places; i++)
		assert_true(take(i));
	harness_most_bytes = 1;
	harness_meanwhile = put_one;
	assert_true(take(places));
	assert_int_equal(harness_allocations_failed, 6);
	assert_int_equal(numbers().taken, places);
	harness_most_bytes = 0;
	/* both make a slab: one is filled, the other is the empty one that may be kept */
	for(i = 0; i < 2; i++) {
		harness_meanwhile = take_one;
		assert_true(take(0));
		assert_int_equal(numbers().slabs, 3);
		assert_int_equal(numbers().taken, places + 2);
		check_clean();
		put(0);
		put(MANY - 1);
		regmon_slabs_put_empty(slabs);
		assert_int_equal(numbers().slabs, 1);
	}
	for(i = 1; i <= places; i++)
		put(i);
	end();
}

/* After a failure only one block is asked for, not all sizes again: allocators search long for what there is not. */
static void test_failures_are_not_repeated(void **state)
{
	unsigned i;

	begin(MANY);
	harness_most_bytes = 1;
	assert_false(take(0));
	harness_allocations_failed = 0;
	for(i = 0; i < 10; i++)
		assert_false(take(0));
	assert_int_equal(harness_allocations_failed, 10);
	end();
}

/* ---- many at a time ---- */

#define THREADS 4
#define OF_A_THREAD 300
#define ROUNDS 100000
#define MARKED 16 /* bytes of a record */

/* Takes and puts back records of its own; returns how often somebody else had written into one. */
static void *live(void *context)
{
	unsigned first = *(unsigned *)context, seed = first + 1, round, number, i;
	uintptr_t spoilt = 0;
	taken_t *one;

	for(round = 0; round < ROUNDS; round++) {
		number = first + (unsigned)rand_r(&seed) % OF_A_THREAD;
		one = &taken[number];
		if(one->record == NULL) {
			one->record = regmon_slabs_take(slabs, &one->place);
			if(one->record)
				memset(one->record, 1 + number % 255, MARKED);
			continue;
		}
		for(i = 0; i < MARKED; i++)
			spoilt += one->record[i] != 1 + number % 255;
		regmon_slabs_put(slabs, one->record, one->place);
		one->record = NULL;
	}
	return (void *)spoilt;
}

/* No place is given to two, none is lost; also where now and then there is no memory. */
static void test_many_at_a_time(void **state)
{
	pthread_t threads[THREADS];
	unsigned first[THREADS], i, n = 0;
	void *spoilt;

	begin(MANY);
	harness_threads = 1;
	for(i = 0; i < THREADS; i++) {
		first[i] = i * OF_A_THREAD;
		assert_int_equal(
				pthread_create(&threads[i], NULL, live, &first[i]), 0);
	}
	for(i = 0; i < 200; i++) {
		__atomic_store_n(&harness_most_bytes, i % 3 ? 0 : 5000 * (i % 2),
				__ATOMIC_RELAXED);
		regmon_slabs_put_empty(slabs);
		check_clean();
		sched_yield();
	}
	harness_most_bytes = 0;
	for(i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &spoilt), 0);
		assert_null(spoilt);
	}
	harness_threads = 0;
	check_clean();
	for(i = 0; i < THREADS * OF_A_THREAD; i++)
		n += taken[i].record != NULL;
	assert_true(n > OF_A_THREAD);
	assert_int_equal(numbers().taken, n);
	for(i = 0; i < THREADS * OF_A_THREAD; i++)
		if(taken[i].record)
			regmon_slabs_put(slabs, taken[i].record, taken[i].place);
	memset(taken, 0, sizeof(taken));
	regmon_slabs_put_empty(slabs);
	assert_int_equal(harness_live_blocks, 2);
	end();
}

/* ---- what the check sees ---- */

/* A record that is put back twice, or to a wrong place, is a fault that a check finds. */
static void test_check_finds_a_wrong_place(void **state)
{
	unsigned i;

	begin(MANY);
	for(i = 0; i < 5; i++)
		assert_true(take(i));
	regmon_slabs_put(slabs, taken[0].record, taken[0].place);
	check_clean();
	regmon_slabs_put(slabs, taken[0].record, taken[0].place);
	assert_non_null(regmon_slabs_check(slabs));
	regmon_slabs_free(slabs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			harness_test(test_all_places_are_used),
			harness_test(test_no_more_places_than_wanted),
			harness_test(test_sizes),
			harness_test(test_slab_is_given_back),
			harness_test(test_fuller_slabs_are_filled),
			harness_test(test_random_life),
			harness_test(test_no_memory_at_the_start),
			harness_test(test_exhaustion),
			harness_test(test_smaller_slabs),
			harness_test(test_another_is_faster),
			harness_test(test_failures_are_not_repeated),
			harness_test(test_many_at_a_time),
			harness_test(test_check_finds_a_wrong_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
