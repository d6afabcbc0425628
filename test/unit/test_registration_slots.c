/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a slot knows of its records: when the first of them is due, so that the timer comes neither too late nor for
 * nothing, and that no two of them are of one binding. */
#include "test/unit/registration_world.h"

#include "registration/table_private.h"

#define PHONES 200

static ask_t phones[PHONES];
static char names[PHONES][40], call_ids[PHONES][20], contacts[PHONES][40];

/* more phones than slots */
static void begin_crowded(void)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	unsigned i;

	limits.max_registrations = 8;
	begin_with(&limits);
	table->limits.max_registrations = PHONES;
	assert_true(table->slots_n < PHONES);
	for(i = 0; i < PHONES; i++) {
		snprintf(names[i], sizeof(names[i]), "sip:%u@ims.example.org", i);
		snprintf(call_ids[i], sizeof(call_ids[i]), "call-%u", i);
		snprintf(contacts[i], sizeof(contacts[i]), "sip:%u@10.0.0.1", i);
		phones[i] = (ask_t){.to = names[i],
				.call_id = call_ids[i],
				.contact = contacts[i],
				.plain = true};
	}
}

static uint32_t earliest_s(unsigned slot)
{
	const regmon_registration_t *record;
	uint32_t earliest = UINT32_MAX;

	for(record = table->slots[slot]; record; record = record->next)
		if(record->due_s < earliest)
			earliest = record->due_s;
	return earliest;
}

static unsigned most_in_a_slot(void)
{
	const regmon_registration_t *record;
	unsigned slot, n, most = 0;

	for(slot = 0; slot < table->slots_n; slot++) {
		for(n = 0, record = table->slots[slot]; record; record = record->next)
			n++;
		most = n > most ? n : most;
	}
	return most;
}

/* Each REGISTER that waits for its answer is looked at after recheck_s; one that has it only when its time is over. */
static void test_no_visit_for_nothing(void **state)
{
	const int recheck_s = REGMON_LIMITS_DEFAULT.recheck_s;
	unsigned i, slot;

	begin_crowded();
	for(i = 0; i < PHONES; i++) {
		ask(&phones[i]);
		slot = regmon_slot_of_record(table, the(names[i]));
		assert_int_equal(earliest_s(slot), now_ms / 1000 + recheck_s);
		assert_int_equal(table->due_s[slot], earliest_s(slot));
	}
	assert_true(most_in_a_slot() > 1);
	for(i = 0; i < PHONES; i++) {
		slot = regmon_slot_of_record(table, the(names[i]));
		answer(&phones[i], (answer_t){.code = 200});
		/* while another one of the slot still waits it stays due for that one */
		assert_int_equal(table->due_s[slot], earliest_s(slot));
	}
	for(slot = 0; slot < table->slots_n; slot++)
		if(table->slots[slot])
			assert_true(table->due_s[slot] > now_ms / 1000 + 3000);
	assert_int_equal(regmon_table_expire(table, now_ms + 60 * SECOND), 0);
	now_ms += 2 * 3600 * SECOND;
	assert_int_equal(regmon_table_expire(table, now_ms), PHONES);
	end();
}

/* find_for_request() stops at the first record of the binding. */
static void test_check_sees_two_of_one_binding(void **state)
{
	ask_t first = {.instance = "<urn:gsma:imei:35609911-000001-0>"};
	ask_t second = {.instance = "<urn:gsma:imei:35609911-000002-0>",
			.contact = "sip:2@10.0.0.2",
			.call_id = "call-2"};
	regmon_registration_t *record = NULL;
	unsigned slot;
	uint64_t before;
	char faults[300];

	begin();
	ask(&first);
	ask(&second);
	check_clean();
	for(slot = 0; record == NULL; slot++)
		record = table->slots[slot];
	assert_non_null(record->next);
	before = record->binding_hash;
	record->binding_hash = record->next->binding_hash;
	assert_int_equal(regmon_table_check(table, faults, sizeof(faults)), 1);
	assert_non_null(strstr(faults, "two records of one binding"));
	record->binding_hash = before;
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {world_test(test_no_visit_for_nothing),
			world_test(test_check_sees_two_of_one_binding)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
