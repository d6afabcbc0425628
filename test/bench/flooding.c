/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Called by `make measure-flooding`: how long a name takes when all names were chosen to meet in one slot, against a
 * table whose hash has no key, the same table with a keyed one, and the module's own. Times are of this machine; the
 * ratios are what counts. Ends with 1 when chosen names cost the module's table twice as much as any others. */
#include <time.h>

#include "registration/siphash.h"
#include "test/unit/colliding.h"

#define NAMES 4000
#define SLOTS 4096
#define ROUNDS 5

static char any[NAMES][COLLIDING_LENGTH], chosen[NAMES][COLLIDING_LENGTH];

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* the shorter one: what others do on this machine meanwhile only makes rounds longer */
static double best(double best_us, double began_us)
{
	double took_us = now_us() - began_us;

	return best_us == 0 || took_us < best_us ? took_us : best_us;
}

/* ---- a table as it is usually made ---- */

typedef struct entry
{
	struct entry *next;
	const char *name;
} entry_t;

static entry_t entries[NAMES], *heads[SLOTS];
static unsigned used;

static unsigned with_key(const char *name)
{
	return (unsigned)regmon_siphash_1_3(key, name, strlen(name)) & (SLOTS - 1);
}

static unsigned without_key(const char *name)
{
	return colliding_slot(name, SLOTS);
}

/* looked for, and put in when it is not there */
static void see(unsigned (*slot_of)(const char *name), const char *name)
{
	entry_t **place = &heads[slot_of(name)];

	for(; *place; place = &(*place)->next)
		if(strcmp((*place)->name, name) == 0)
			return;
	entries[used].name = name;
	entries[used].next = NULL;
	*place = &entries[used++];
}

static double usual_table(unsigned (*slot_of)(const char *name),
		char names[][COLLIDING_LENGTH])
{
	double best_us = 0;
	unsigned i, round;

	memset(heads, 0, sizeof(heads));
	used = 0;
	for(round = 0; round < ROUNDS; round++) {
		double began_us = now_us();

		for(i = 0; i < NAMES; i++)
			see(slot_of, names[i]);
		best_us = best(best_us, began_us);
	}
	return best_us / NAMES;
}

/* ---- the module's ---- */

static double own_table(char names[][COLLIDING_LENGTH])
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	double best_us = 0;
	unsigned i, round;

	limits.max_registrations = SLOTS;
	begin_with(&limits);
	for(round = 0; round < ROUNDS; round++) {
		double began_us = now_us();

		for(i = 0; i < NAMES; i++)
			colliding_observe(names[i], i);
		best_us = best(best_us, began_us);
	}
	end();
	return best_us / NAMES;
}

static double report(const char *what, double of_any_us, double of_chosen_us)
{
	printf("%-36s %8.2f us a name, chosen ones %8.2f us: %7.1f times\n", what,
			of_any_us, of_chosen_us, of_chosen_us / of_any_us);
	return of_chosen_us / of_any_us;
}

int main(void)
{
	unsigned i;

	for(i = 0; i < NAMES; i++)
		snprintf(any[i], COLLIDING_LENGTH, "sip:%010u@a.example", i * 7919);
	colliding_make(chosen, NAMES, SLOTS);
	printf("%u names in %u slots\n", NAMES, SLOTS);
	report("a table, hash without a key", usual_table(without_key, any),
			usual_table(without_key, chosen));
	report("the same, SipHash with a key", usual_table(with_key, any),
			usual_table(with_key, chosen));
	return report("the module's, a whole REGISTER", own_table(any),
				   own_table(chosen))
		   > 2;
}
