/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What phones with one cause share: found where there are enough of them and the others differ, never claimed
 * otherwise; and how many users are registered. */
#include "test/unit/registration_world.h"

#include "measure/population.h"

enum
{
	FORBIDDEN, /* the causes of this world: answer codes */
	UNKNOWN_USER,
	CAUSES
};

static regmon_population_t *population;
static regmon_population_of_cause_t found;
static regmon_users_t users;

static uint64_t diagnose(
		const regmon_registration_t *registration, int64_t at_ms)
{
	(void)at_ms;
	return registration->attempt.code == 403   ? 1u << FORBIDDEN
		   : registration->attempt.code == 404 ? 1u << UNKNOWN_USER
											   : 0;
}

static void open_world(unsigned max_registrations)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	regmon_secret_t secret = regmon_secret_of(key);

	limits.max_registrations = max_registrations;
	limits.timeline_length = 4;
	begin_with(&limits);
	regmon_table_free(table);
	table = regmon_table_make(&limits, key, diagnose);
	population = regmon_population_make(CAUSES, &secret);
	assert_non_null(table);
	assert_non_null(population);
}

static void close_world(void)
{
	regmon_population_free(population);
	end();
}

/* a whole round, in as many steps as it takes */
static unsigned go_round(void)
{
	unsigned steps = 1;

	while(!regmon_population_go_round(population, table))
		steps++;
	regmon_population_publish(population, now_ms);
	regmon_population_users(population, &users);
	return steps;
}

typedef struct phone
{
	unsigned number, tac, cell, model;
	int code; /* of the answer it gets */
	const char *call_id, *impi;
	int port;	/* of its Contact */
	bool again; /* with a Call-ID of its own, once more */
} phone_t;

static void register_phone(phone_t phone)
{
	static unsigned serial;
	char to[80], impi[80], contact[80], access[80], device[40], instance[60],
			call_id[40];
	ask_t asked = {.to = to,
			.impi = OR(phone.impi, impi),
			.contact = contact,
			.access = phone.tac ? access : NULL,
			.device = device,
			.instance = instance,
			.branch = call_id,
			.call_id = call_id,
			.credentials = EMPTY};

	serial++;
	snprintf(to, sizeof(to), "sip:u%u@example.org", phone.number);
	snprintf(impi, sizeof(impi), "u%u@example.org", phone.number);
	snprintf(contact, sizeof(contact), "sip:u%u@10.0.0.1:%d", phone.number,
			OR(phone.port, 5060));
	snprintf(access, sizeof(access),
			"3GPP-NR-TDD;utran-cell-id-3gpp=00101%06X%09X", phone.tac,
			phone.cell);
	snprintf(device, sizeof(device), "Model %u", phone.model);
	snprintf(instance, sizeof(instance), "<urn:gsma:imei:356099%02u-%06u-%d>",
			phone.model % 100, phone.number, phone.port % 10);
	snprintf(call_id, sizeof(call_id), "c%u", serial);
	ask(&asked);
	now_ms += 10;
	answer(&asked, (answer_t){.code = OR(phone.code, 200)});
	now_ms += 10;
}

static const regmon_shared_t *shared(unsigned cause, regmon_trait_t trait)
{
	unsigned i;

	regmon_population_of(population, cause, &found);
	for(i = 0; i < found.shared_n; i++)
		if(found.shared[i].trait == trait)
			return &found.shared[i];
	return NULL;
}

static void assert_shared(const regmon_shared_t *shared, const char *text,
		unsigned with_it, unsigned affected, unsigned others_with_it,
		unsigned others, bool significant)
{
	assert_non_null(shared);
	if(shared->length != (int)strlen(text)
			|| memcmp(shared->text, text, shared->length) != 0)
		fail_msg("\"%.*s\" instead of \"%s\"", shared->length, shared->text,
				text);
	assert_int_equal(shared->with_it, with_it);
	assert_int_equal(shared->affected, affected);
	assert_int_equal(shared->others_with_it, others_with_it);
	assert_int_equal(shared->others, others);
	assert_int_equal(shared->significant, significant);
}

static unsigned significant_ones(unsigned cause)
{
	unsigned i, n = 0;

	regmon_population_of(population, cause, &found);
	for(i = 0; i < found.shared_n; i++)
		n += found.shared[i].significant;
	return n;
}

/* the case of the manual: 42 of 45 in a TAC that 12 of 100 others are in */
static void a_tac_that_fails(void **state)
{
	unsigned i;

	open_world(2000);
	for(i = 0; i < 1000; i++)
		register_phone((phone_t){.number = i,
				.tac = i % 100 < 12 ? 1 : 2 + i % 7,
				.cell = i,
				.model = i % 10});
	for(i = 0; i < 45; i++)
		register_phone((phone_t){.number = 1000 + i,
				.tac = i < 42 ? 1 : 3,
				.cell = 5000 + i,
				.model = i % 10,
				.code = 403});
	go_round();
	assert_shared(shared(FORBIDDEN, REGMON_TRAIT_TAC), "00101-000001", 42, 45,
			120, 1000, true);
	assert_int_equal(found.phones, 45);
	assert_int_equal(found.others, 1000);
	/* the furthest from chance first: all of them, and no other, got 403 */
	assert_int_equal(found.shared[0].trait, REGMON_TRAIT_CODE);
	assert_shared(&found.shared[0], "403", 45, 45, 0, 1000, true);
	assert_int_equal(found.shared[1].trait, REGMON_TRAIT_TAC);
	/* and what they do not differ in is not claimed */
	assert_int_equal(significant_ones(FORBIDDEN), 2);
	assert_shared(shared(FORBIDDEN, REGMON_TRAIT_PLMN), "00101", 45, 45, 1000,
			1000, false);
	assert_shared(shared(FORBIDDEN, REGMON_TRAIT_ACCESS), "NR", 45, 45, 1000,
			1000, false);
	assert_int_equal(
			shared(FORBIDDEN, REGMON_TRAIT_IMEI_TAC)->significant, false);
	/* each in a cell of its own: more cells than are kept, and none that two are surely in */
	assert_int_equal(shared(FORBIDDEN, REGMON_TRAIT_CELL)->with_it, 1);
	/* a cause that nobody has */
	assert_null(shared(UNKNOWN_USER, REGMON_TRAIT_TAC));
	assert_int_equal(found.phones, 0);
	regmon_population_of(population, CAUSES, &found);
	assert_int_equal(found.phones, 0);
	close_world();
}

static void a_model_that_fails(void **state)
{
	unsigned i;

	open_world(2000);
	for(i = 0; i < 500; i++)
		register_phone(
				(phone_t){.number = i, .tac = 1 + i % 20, .model = i % 25});
	for(i = 0; i < 30; i++)
		register_phone((phone_t){.number = 1000 + i,
				.tac = 1 + i % 20,
				.model = 77,
				.code = 404});
	go_round();
	assert_shared(shared(UNKNOWN_USER, REGMON_TRAIT_IMEI_TAC), "35609977", 30,
			30, 0, 500, true);
	assert_shared(shared(UNKNOWN_USER, REGMON_TRAIT_DEVICE), "Model 77", 30, 30,
			0, 500, true);
	assert_false(shared(UNKNOWN_USER, REGMON_TRAIT_TAC)->significant);
	close_world();
}

/* however often it tries, it is one phone */
static void one_phone_is_one(void **state)
{
	unsigned i;

	open_world(2000);
	for(i = 0; i < 100; i++)
		register_phone((phone_t){.number = i, .tac = 2 + i % 5});
	for(i = 0; i < 300; i++)
		register_phone((phone_t){.number = 1000, .tac = 1, .code = 403});
	go_round();
	assert_shared(shared(FORBIDDEN, REGMON_TRAIT_TAC), "00101-000001", 1, 1, 0,
			100, false);
	/* nine are not enough either, ten are */
	for(i = 1; i < 9; i++)
		register_phone((phone_t){.number = 1000 + i, .tac = 1, .code = 403});
	go_round();
	assert_int_equal(shared(FORBIDDEN, REGMON_TRAIT_TAC)->with_it, 9);
	assert_int_equal(significant_ones(FORBIDDEN), 0);
	register_phone((phone_t){.number = 1009, .tac = 1, .code = 403});
	go_round();
	assert_shared(shared(FORBIDDEN, REGMON_TRAIT_TAC), "00101-000001", 10, 10,
			0, 100, true);
	close_world();
}

/* with everybody in trouble there is nobody to compare with */
static void nobody_to_compare_with(void **state)
{
	unsigned i;

	open_world(2000);
	for(i = 0; i < 200; i++)
		register_phone((phone_t){.number = i, .tac = 1, .code = 403});
	go_round();
	assert_shared(shared(FORBIDDEN, REGMON_TRAIT_TAC), "00101-000001", 200, 200,
			0, 0, false);
	assert_int_equal(significant_ones(FORBIDDEN), 0);
	close_world();
}

/* who says nothing of a trait is in none of its numbers */
static void some_do_not_tell(void **state)
{
	unsigned i;

	open_world(2000);
	for(i = 0; i < 60; i++)
		register_phone((phone_t){.number = i, .tac = i % 3 ? 2 + i % 9 : 0});
	for(i = 0; i < 40; i++)
		register_phone((phone_t){
				.number = 1000 + i, .tac = i % 2 ? 1 : 0, .code = 403});
	go_round();
	assert_shared(shared(FORBIDDEN, REGMON_TRAIT_TAC), "00101-000001", 20, 20,
			0, 40, true);
	assert_int_equal(found.phones, 40);
	close_world();
}

static void who_is_gone_does_not_count(void **state)
{
	char to[40];
	regmon_who_t who;
	unsigned i;

	open_world(2000);
	for(i = 0; i < 50; i++)
		register_phone((phone_t){.number = i, .tac = 2});
	for(i = 0; i < 20; i++)
		register_phone((phone_t){.number = 1000 + i, .tac = 1, .code = 403});
	go_round();
	assert_int_equal(users.phones, 70);
	assert_int_equal(users.public_identities, 50);
	assert_int_equal(shared(FORBIDDEN, REGMON_TRAIT_TAC)->others, 50);
	for(i = 0; i < 10; i++) {
		snprintf(to, sizeof(to), "sip:u%u@example.org", 1000 + i);
		assert_true(regmon_who_read((str){to, (int)strlen(to)}, &who));
		assert_int_equal(regmon_table_forget(table, &who), 1);
	}
	/* the others run out */
	pass_ms(3700 * SECOND);
	go_round();
	assert_int_equal(users.public_identities, 0);
	assert_int_equal(users.private_identities, 0);
	assert_int_equal(users.phones, 10);
	assert_shared(shared(FORBIDDEN, REGMON_TRAIT_TAC), "00101-000001", 10, 10,
			0, 0, false);
	close_world();
}

static void registered_identities(void **state)
{
	unsigned i;

	open_world(2000);
	regmon_population_users(population, &users);
	assert_int_equal(users.at_ms, 0);
	/* three bindings of one IMPU, and of one IMPI */
	for(i = 0; i < 3; i++)
		register_phone(
				(phone_t){.number = 1, .port = 5061 + (int)i, .model = i});
	/* two IMPUs of one IMPI */
	register_phone((phone_t){.number = 2, .impi = "two@example.org"});
	register_phone((phone_t){.number = 3, .impi = "two@example.org"});
	/* one that is not registered */
	register_phone((phone_t){.number = 4, .code = 403});
	go_round();
	assert_true(users.at_ms == now_ms);
	assert_int_equal(users.public_identities, 3);
	assert_int_equal(users.private_identities, 2);
	assert_false(users.estimated);
	assert_int_equal(users.phones, 6);
	close_world();
}

/* more than can be kept: give or take some percent, and it says so */
static void many_identities(void **state)
{
	enum
	{
		MANY = 30000
	};
	unsigned i, steps;

	open_world(3 * MANY);
	for(i = 0; i < MANY; i++)
		register_phone((phone_t){.number = i, .tac = 1 + i % 50});
	steps = go_round();
	assert_int_equal(steps, 131072 / 4096);
	assert_int_equal(users.public_identities, MANY);
	assert_true(users.estimated);
	assert_in_range(
			users.private_identities, MANY * 95 / 100, MANY * 105 / 100);
	close_world();
}

/* a round is over within a minute, unless the table is very large: then each step has its bound */
static void steps_of_a_round(void **state)
{
	open_world(10);
	assert_int_equal(go_round(), 1);
	close_world();
	open_world(500000);
	assert_in_range(go_round(), 58, 60);
	close_world();
	open_world(2000000);
	assert_int_equal(go_round(), (2097152 + REGMON_ROUND_SLOTS_MOST - 1)
										 / REGMON_ROUND_SLOTS_MOST);
	close_world();
}

static void significance(void **state)
{
	static const struct
	{
		uint32_t with_it, affected, others_with_it, others;
		bool significant;
	} cases[] = {{42, 45, 120, 1000, true}, {10, 10, 0, 100, true},
			{9, 9, 0, 1000000, false},	 /* too few */
			{10, 10, 0, 9, false},		 /* too few others */
			{10, 10, 50, 100, false},	 /* could be chance */
			{49, 100, 1, 100000, false}, /* less than half */
			{50, 100, 1, 100000, true},
			{100, 100, 51, 100, false}, /* less than twice the others' share */
			{100, 100, 50, 100, true},
			{1000, 1000, 1000, 1000, false}, /* all are there */
			{0, 100, 0, 100, false}, {100, 100, 0, 0, false},
			{0, 0, 0, 0, false}};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(cases); i++) {
		regmon_shared_t shared = {.with_it = cases[i].with_it,
				.affected = cases[i].affected,
				.others_with_it = cases[i].others_with_it,
				.others = cases[i].others};

		if(regmon_shared_is_significant(&shared) != cases[i].significant
				|| shared.significant != cases[i].significant)
			fail_msg("case %u: %d.%d deviations", i, shared.deviation / 10,
					shared.deviation % 10);
	}
}

/* Two groups drawn from one crowd, again and again: a difference is claimed hardly ever. */
static void chance_is_not_claimed(void **state)
{
	uint64_t seed = 88172645463325252ULL;
	unsigned run, i, claimed = 0;

	for(run = 0; run < 20000; run++) {
		unsigned share = 5 + run % 60, affected = 10 + run % 90;
		regmon_shared_t shared = {.affected = affected, .others = 500};

		for(i = 0; i < affected + 500; i++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			if((seed >> 30) % 100 < share) {
				shared.with_it += i < affected;
				shared.others_with_it += i >= affected;
			}
		}
		claimed += regmon_shared_is_significant(&shared);
	}
	assert_in_range(claimed, 0, 4);
}

static void no_memory(void **state)
{
	regmon_secret_t secret = regmon_secret_of(key);

	harness_fail_allocation = 1;
	assert_null(regmon_population_make(CAUSES, &secret));
	regmon_population_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(a_tac_that_fails),
			harness_test(a_model_that_fails), harness_test(one_phone_is_one),
			harness_test(nobody_to_compare_with),
			harness_test(some_do_not_tell),
			harness_test(who_is_gone_does_not_count),
			harness_test(registered_identities), harness_test(many_identities),
			harness_test(steps_of_a_round), harness_test(significance),
			harness_test(chance_is_not_claimed), harness_test(no_memory)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
