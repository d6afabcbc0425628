/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One round after the other through all records. */
#include "measure/population.h"

#include "measure/heavy.h"
#include "registration/memory.h"

/* values kept of each trait: of the phones with one cause, and of all phones */
#define AFFECTED_SIZE 16
#define ALL_SIZE 512

/* ---- how many different ones, in a set that does not grow ---- */

/* Adaptive sampling (Wegman; Flajolet 1990): keeps the hashes that end in so many zero bits; when the set is full, in one
 * more. Exact as long as nothing was left out. */
#define SAMPLE_MOST 4096
#define SAMPLE_PLACES (2 * SAMPLE_MOST)
typedef struct sample
{
	unsigned n, depth;
	uint64_t hashes[SAMPLE_PLACES]; /* 0: free */
} sample_t;

static bool is_sampled(const sample_t *sample, uint64_t hash)
{
	return (hash & ((UINT64_C(1) << sample->depth) - 1)) == 0;
}

static void sample_put(sample_t *sample, uint64_t hash)
{
	/* other bits than those that decide on being kept */
	unsigned place = (unsigned)(hash >> 48) % SAMPLE_PLACES;

	while(sample->hashes[place] && sample->hashes[place] != hash)
		place = (place + 1) % SAMPLE_PLACES;
	if(sample->hashes[place])
		return;
	sample->hashes[place] = hash;
	sample->n++;
}

/* half of them go */
static void sample_thin_out(sample_t *sample)
{
	static uint64_t kept[SAMPLE_MOST];
	unsigned i, n = 0;

	sample->depth++;
	for(i = 0; i < SAMPLE_PLACES; i++)
		if(sample->hashes[i] && is_sampled(sample, sample->hashes[i]))
			kept[n++] = sample->hashes[i];
	memset(sample->hashes, 0, sizeof(sample->hashes));
	sample->n = 0;
	for(i = 0; i < n; i++)
		sample_put(sample, kept[i]);
}

static void sample_add(sample_t *sample, uint64_t hash)
{
	if(hash == 0 || !is_sampled(sample, hash))
		return;
	while(sample->n == SAMPLE_MOST) {
		sample_thin_out(sample);
		if(!is_sampled(sample, hash))
			return;
	}
	sample_put(sample, hash);
}

/* ---- what a round gathers ---- */

typedef struct affected
{
	uint32_t telling; /* phones with a value */
	regmon_heavy_t *values;
	struct
	{
		int length;
		char text[REGMON_TRAIT_TEXT];
	} texts[AFFECTED_SIZE];
} affected_t;

typedef struct of_cause
{
	uint32_t phones;
	affected_t traits[REGMON_TRAITS_N];
} of_cause_t;

struct regmon_population
{
	regmon_secret_t secret;
	unsigned causes_n;
	uint32_t cursor;
	/* of the round under way; in shared memory as all, used by one process */
	regmon_users_t users;
	sample_t impis;
	of_cause_t *causes;
	regmon_heavy_t *all[REGMON_TRAITS_N];
	uint32_t all_telling[REGMON_TRAITS_N];
	/* of the last one, for readers */
	regmon_users_t published_users;
	regmon_population_of_cause_t *published;
};

static size_t heavy_bytes(unsigned causes_n)
{
	return REGMON_TRAITS_N
		   * (regmon_heavy_bytes(ALL_SIZE)
				   + causes_n * regmon_heavy_bytes(AFFECTED_SIZE));
}

size_t regmon_population_bytes(unsigned causes_n)
{
	return sizeof(regmon_population_t)
		   + causes_n
					 * (sizeof(of_cause_t)
							 + sizeof(regmon_population_of_cause_t))
		   + heavy_bytes(causes_n);
}

regmon_population_t *regmon_population_make(
		unsigned causes_n, const regmon_secret_t *secret)
{
	/* one block: it is made and given back as a whole */
	regmon_population_t *population =
			regmon_memory_get(regmon_population_bytes(causes_n));
	unsigned trait, cause;
	char *at;

	if(population == NULL)
		return NULL;
	population->secret = *secret;
	population->causes_n = causes_n;
	population->causes = (of_cause_t *)(population + 1);
	population->published =
			(regmon_population_of_cause_t *)(population->causes + causes_n);
	at = (char *)(population->published + causes_n);
	for(trait = 0; trait < REGMON_TRAITS_N; trait++) {
		population->all[trait] = (regmon_heavy_t *)at;
		regmon_heavy_start(population->all[trait], ALL_SIZE, secret->factor);
		at += regmon_heavy_bytes(ALL_SIZE);
		for(cause = 0; cause < causes_n; cause++) {
			regmon_heavy_t *values = (regmon_heavy_t *)at;

			population->causes[cause].traits[trait].values = values;
			regmon_heavy_start(values, AFFECTED_SIZE, secret->factor);
			at += regmon_heavy_bytes(AFFECTED_SIZE);
		}
	}
	return population;
}

void regmon_population_free(regmon_population_t *population)
{
	regmon_memory_put(population);
}

static void start_round(regmon_population_t *population)
{
	unsigned trait, cause;

	memset(&population->users, 0, sizeof(population->users));
	memset(&population->impis, 0, sizeof(population->impis));
	memset(population->all_telling, 0, sizeof(population->all_telling));
	for(trait = 0; trait < REGMON_TRAITS_N; trait++) {
		regmon_heavy_clear(population->all[trait]);
		for(cause = 0; cause < population->causes_n; cause++) {
			population->causes[cause].phones = 0;
			population->causes[cause].traits[trait].telling = 0;
			regmon_heavy_clear(population->causes[cause].traits[trait].values);
		}
	}
}

/* ---- one record ---- */

static void add_user(regmon_population_t *population,
		const regmon_registration_t *registration)
{
	const regmon_registration_t *other;
	uint64_t impi = regmon_key_of_text(&population->secret,
			population->secret.start,
			regmon_registration_string(registration, REGMON_STRING_IMPI));

	sample_add(&population->impis, impi);
	/* of several bindings of one IMPU, which share a slot, the last one stands for it */
	for(other = registration->next; other; other = other->next)
		if(other->impu_hash == registration->impu_hash
				&& regmon_registration_is_bound(other))
			return;
	population->users.public_identities++;
}

static void add_affected(affected_t *affected, regmon_trait_t trait,
		uint64_t key, const regmon_registration_t *registration)
{
	bool is_new;
	unsigned slot = regmon_heavy_count(affected->values, key, &is_new);

	affected->telling++;
	if(is_new)
		affected->texts[slot].length = regmon_trait_text(
				registration, trait, affected->texts[slot].text);
}

static bool is_gone(const regmon_registration_t *registration)
{
	return registration->state == REGMON_STATE_DEREGISTERED
		   || registration->state == REGMON_STATE_NETWORK_DEREGISTERED
		   || registration->state == REGMON_STATE_EXPIRED;
}

static bool add_phone(const regmon_registration_t *registration, void *context)
{
	regmon_population_t *population = context;
	uint64_t keys[REGMON_TRAITS_N], causes = registration->causes;
	unsigned trait, cause;
	bool is_new;

	if(regmon_registration_is_bound(registration))
		add_user(population, registration);
	if(causes == 0 && is_gone(registration))
		return true;
	population->users.phones++;
	regmon_trait_keys(
			registration, &population->secret, 0, REGMON_TRAITS_N - 1, keys);
	for(trait = 0; trait < REGMON_TRAITS_N; trait++)
		if(keys[trait]) {
			regmon_heavy_count(population->all[trait], keys[trait], &is_new);
			population->all_telling[trait]++;
		}
	for(; causes; causes &= causes - 1) {
		cause = (unsigned)__builtin_ctzll(causes);
		if(cause >= population->causes_n)
			continue;
		population->causes[cause].phones++;
		for(trait = 0; trait < REGMON_TRAITS_N; trait++)
			if(keys[trait])
				add_affected(&population->causes[cause].traits[trait],
						(regmon_trait_t)trait, keys[trait], registration);
	}
	return true;
}

bool regmon_population_go_round(
		regmon_population_t *population, regmon_table_t *table)
{
	unsigned slots_n = regmon_table_slots_n(table) / REGMON_ROUND_S + 1;

	if(slots_n < REGMON_ROUND_SLOTS_LEAST)
		slots_n = REGMON_ROUND_SLOTS_LEAST;
	if(slots_n > REGMON_ROUND_SLOTS_MOST)
		slots_n = REGMON_ROUND_SLOTS_MOST;
	if(population->cursor == 0)
		start_round(population);
	regmon_table_visit_slots(
			table, &population->cursor, slots_n, add_phone, population);
	return population->cursor == 0;
}

/* ---- what it comes to ---- */

/* Normal approximation of the chance that so many of the affected have the value when they have it as often as the
 * others: squares and whole numbers only. */
bool regmon_shared_is_significant(regmon_shared_t *shared)
{
	/* an unknown share is not 0: one phone more may have it */
	double chance = (shared->others_with_it + 1.0) / (shared->others + 2.0);
	double expected = shared->affected * chance;
	double beyond = shared->with_it - expected;
	double variance = expected * (1.0 - chance);
	double squares = beyond > 0 ? beyond * beyond / variance : 0;
	uint32_t tenths = 0;

	while(tenths < 1000 && (tenths + 1.0) * (tenths + 1.0) <= squares * 100)
		tenths++;
	shared->deviation = tenths;
	shared->significant =
			shared->affected >= REGMON_SHARED_LEAST
			&& shared->others >= REGMON_SHARED_LEAST
			&& shared->with_it * 2ULL >= shared->affected
			&& (uint64_t)shared->with_it * shared->others
					   >= 2ULL * shared->others_with_it * shared->affected
			&& tenths >= 50;
	return shared->significant;
}

/* the value that most of the affected have; false: none tells */
static bool find_shared(const regmon_population_t *population,
		const affected_t *affected, regmon_trait_t trait,
		regmon_shared_t *ret_shared)
{
	const regmon_heavy_t *all = population->all[trait];
	unsigned slot, in_all;
	uint64_t with_it, everywhere;

	if(affected->telling == 0)
		return false;
	memset(ret_shared, 0, sizeof(*ret_shared));
	slot = affected->values->order[0];
	with_it = regmon_heavy_counted(affected->values, slot)
			  - affected->values->slots[slot].error;
	ret_shared->trait = trait;
	ret_shared->key = affected->values->slots[slot].key;
	ret_shared->length = affected->texts[slot].length;
	memcpy(ret_shared->text, affected->texts[slot].text,
			(size_t)ret_shared->length);
	ret_shared->with_it = (uint32_t)with_it;
	ret_shared->affected = affected->telling;
	in_all = regmon_heavy_find(all, ret_shared->key);
	everywhere = in_all == REGMON_HEAVY_NONE
						 ? regmon_heavy_floor(all)
						 : regmon_heavy_counted(all, in_all);
	ret_shared->others = population->all_telling[trait] - affected->telling;
	ret_shared->others_with_it =
			everywhere > with_it ? (uint32_t)(everywhere - with_it) : 0;
	if(ret_shared->others_with_it > ret_shared->others)
		ret_shared->others_with_it = ret_shared->others;
	regmon_shared_is_significant(ret_shared);
	return true;
}

static bool says_more(const regmon_shared_t *a, const regmon_shared_t *b)
{
	return a->significant != b->significant ? a->significant
											: a->deviation > b->deviation;
}

static void publish_cause(const regmon_population_t *population,
		const of_cause_t *cause, regmon_population_of_cause_t *published)
{
	regmon_shared_t shared;
	unsigned trait, at;

	published->phones = cause->phones;
	published->others = population->users.phones - cause->phones;
	published->shared_n = 0;
	for(trait = 0; trait < REGMON_TRAITS_N; trait++) {
		if(!find_shared(population, &cause->traits[trait],
				   (regmon_trait_t)trait, &shared))
			continue;
		at = published->shared_n++;
		for(; at > 0 && says_more(&shared, &published->shared[at - 1]); at--)
			published->shared[at] = published->shared[at - 1];
		published->shared[at] = shared;
	}
}

void regmon_population_publish(regmon_population_t *population, int64_t now_ms)
{
	unsigned cause;

	population->users.at_ms = now_ms;
	population->users.private_identities = population->impis.n
										   << population->impis.depth;
	population->users.estimated = population->impis.depth > 0;
	population->published_users = population->users;
	for(cause = 0; cause < population->causes_n; cause++)
		publish_cause(population, &population->causes[cause],
				&population->published[cause]);
}

void regmon_population_of(const regmon_population_t *population, unsigned cause,
		regmon_population_of_cause_t *ret_found)
{
	if(cause < population->causes_n)
		*ret_found = population->published[cause];
	else
		memset(ret_found, 0, sizeof(*ret_found));
}

void regmon_population_users(
		const regmon_population_t *population, regmon_users_t *ret_users)
{
	*ret_users = population->published_users;
}
