/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the phones with one cause have in common, compared with all others. And how many users are registered.
 *
 * Counted from the records, not from news: a phone is one phone however often it tries, and one that has gone is not
 * counted. The timer's process goes round the table, some slots each second, and publishes what it found when it is
 * through; no worker pays for it. */
#ifndef REGMON_MEASURE_POPULATION_H
#define REGMON_MEASURE_POPULATION_H

#include "measure/traits.h"
#include "registration/table.h"

/* A round takes some seconds for a table of some thousand phones, a minute for one of up to a million. Above that it takes
 * longer: what is done each second has a bound, some 50 ms. */
#define REGMON_ROUND_S 60
#define REGMON_ROUND_SLOTS_LEAST 4096 /* each second */
#define REGMON_ROUND_SLOTS_MOST 20000

typedef struct regmon_population regmon_population_t;

/* causes_n: how many causes there are. NULL: no shared memory. */
regmon_population_t *regmon_population_make(
		unsigned causes_n, const regmon_secret_t *secret);
void regmon_population_free(regmon_population_t *population);
size_t regmon_population_bytes(unsigned causes_n);

/* The next part of the round, once a second and from one process only. True: a round is complete; what it found is
 * published by regmon_population_publish(), which its readers must be kept from. */
bool regmon_population_go_round(
		regmon_population_t *population, regmon_table_t *table);
void regmon_population_publish(regmon_population_t *population, int64_t now_ms);

/* ---- what the last round found ---- */

/* The value of a trait that most phones with the cause have. Phones that do not tell (no P-Access-Network-Info) are in
 * none of these numbers. */
typedef struct regmon_shared
{
	regmon_trait_t trait;
	char text[REGMON_TRAIT_TEXT]; /* not ended by a zero */
	int length;
	uint64_t key;
	uint32_t with_it, affected; /* phones with the cause: that have the value at least, and all of them */
	uint32_t others_with_it, others; /* phones without the cause: that have the value at most, and all of them */
	/* It is worth saying: see regmon_shared_is_significant(). */
	bool significant;
	uint32_t deviation; /* how far from chance, in tenths of a standard deviation */
} regmon_shared_t;

typedef struct regmon_population_of_cause
{
	uint32_t phones; /* with the cause */
	uint32_t others; /* without it, and not gone */
	/* one for each trait that some have: the significant ones first, the furthest from chance first */
	unsigned shared_n;
	regmon_shared_t shared[REGMON_TRAITS_N];
} regmon_population_of_cause_t;

void regmon_population_of(const regmon_population_t *population,
		unsigned cause, regmon_population_of_cause_t *ret_found);

/* Enough phones (10 with the cause and 10 others that tell), at least half of the affected share it, at least twice the
 * share that it has among the others, and five standard deviations from chance. */
#define REGMON_SHARED_LEAST 10
bool regmon_shared_is_significant(regmon_shared_t *shared);

/* Users with a binding in force: DBU.NbrRegPubUserId and DBU.NbrRegPriUsrId of TS 32.409 as far as this node knows. */
typedef struct regmon_users
{
	int64_t at_ms; /* end of the round, 0: none yet */
	uint32_t phones; /* records that are not gone */
	uint32_t public_identities;
	uint32_t private_identities;
	bool estimated; /* private identities: too many to keep each, give or take 2 % */
} regmon_users_t;
void regmon_population_users(
		const regmon_population_t *population, regmon_users_t *ret_users);

#endif
