/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the table does when it is full or memory is short: it keeps the better records and never stands in the way. */
#include "test/unit/registration_world.h"

#include "registration/table_private.h"

#define SMALL 20

static void begin_small(void)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;

	limits.max_registrations = SMALL;
	begin_with(&limits);
}

/* one phone of its own name, address and Call-ID */
typedef struct phone
{
	char to[80], contact[80], call_id[40], branch[40], source[20];
	ask_t ask;
} phone_t;

static ask_t *phone_make(phone_t *phone, unsigned number)
{
	memset(phone, 0, sizeof(*phone));
	snprintf(phone->to, sizeof(phone->to), "sip:user%u@example.org", number);
	snprintf(phone->contact, sizeof(phone->contact), "sip:user%u@10.1.%u.%u",
			number, number / 200, number % 200);
	snprintf(phone->call_id, sizeof(phone->call_id), "call-of-%u", number);
	snprintf(phone->branch, sizeof(phone->branch), "z9hG4bKof%u", number);
	snprintf(phone->source, sizeof(phone->source), "10.1.%u.%u", number / 200,
			number % 200);
	phone->ask = (ask_t){.to = phone->to, .contact = phone->contact,
			.call_id = phone->call_id, .branch = phone->branch,
			.source = phone->source, .plain = true};
	return &phone->ask;
}

static unsigned number_of_records(void)
{
	regmon_table_numbers_t numbers;

	regmon_table_count(table, &numbers);
	assert_int_equal(
			numbers.max_registrations, table->limits.max_registrations);
	return numbers.registrations;
}

static unsigned forget(const char *text)
{
	regmon_who_t who;

	assert_true(regmon_who_read((str){(char *)text, (int)strlen(text)}, &who));
	return regmon_table_forget(table, &who);
}

static bool is_there(unsigned number)
{
	phone_t phone;

	phone_make(&phone, number);
	return find_all(phone.to, NULL, 0) == 1;
}

/* phones 0-4 live, 5-9 open, 10-14 failed, 15-19 ended, in this order of age; then 20 more */
static void test_order_of_eviction(void **state)
{
	static const struct
	{
		unsigned from, code;
	} parts[] = {{0, 200}, {5, 0}, {10, 403}, {15, 200}};
	static const unsigned first_to_go[] = {15, 10, 5, 0};
	unsigned part, i, number = 20;
	phone_t phone;

	begin_small();
	for(part = 0; part < 4; part++)
		for(i = 0; i < 5; i++) {
			phone_make(&phone, parts[part].from + i);
			phone.ask.expires_0 = part == 3;
			ask(&phone.ask);
			if(parts[part].code)
				answer(&phone.ask, (answer_t){.code = (int)parts[part].code});
			now_ms++;
		}
	assert_int_equal(number_of_records(), SMALL);
	assert_int_equal(told[REGMON_EVENT_EVICTED], 0);
	for(part = 0; part < 4; part++)
		for(i = 0; i < 5; i++, number++) {
			assert_true(is_there(first_to_go[part] + i));
			exchange(phone_make(&phone, number), (answer_t){.code = 200});
			assert_false(is_there(first_to_go[part] + i));
			assert_true(is_there(number));
			check_clean();
		}
	assert_int_equal(number_of_records(), SMALL);
	assert_int_equal(told[REGMON_EVENT_EVICTED], 20);
	assert_int_equal(lost_open, 5);
	assert_int_equal(told[REGMON_EVENT_DROPPED], 0);
	end();
}

/* A flood of one address pays for itself once it has a tenth. */
static void test_flood_from_one_source(void **state)
{
	regmon_table_numbers_t numbers;
	phone_t phone;
	unsigned i;

	begin_small();
	for(i = 0; i < 10; i++) {
		ask(phone_make(&phone, i));
		answer(&phone.ask, (answer_t){.code = 403});
	}
	for(i = 100; i < 300; i++) {
		phone_make(&phone, i);
		phone.ask.source = "192.0.2.66";
		ask(&phone.ask);
	}
	for(i = 0; i < 10; i++)
		assert_true(is_there(i));
	regmon_table_count(table, &numbers);
	assert_int_equal(numbers.registrations, SMALL);
	assert_int_equal(numbers.evicted, 190);
	assert_int_equal(numbers.evicted_by_source, 190);
	/* a phone from elsewhere does not lose against it */
	ask(phone_make(&phone, 50));
	assert_true(is_there(50));
	end();
}

/* More addresses than the table has counts for them, and all of them older than the flood: still the flood alone pays,
 * whether it sends itself or somebody new comes. */
static void test_flood_among_many_sources(void **state)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	regmon_table_numbers_t numbers;
	phone_t phone;
	unsigned i;

	limits.max_registrations = 4000;
	begin_with(&limits);
	for(i = 0; i < 3000; i++) {
		ask(phone_make(&phone, i));
		answer(&phone.ask, (answer_t){.code = 403});
	}
	for(i = 10000; i < 16000; i++) {
		phone_make(&phone, i);
		phone.ask.source = "192.0.2.66";
		ask(&phone.ask);
		answer(&phone.ask, (answer_t){.code = 403});
	}
	for(i = 3000; i < 3100; i++) {
		ask(phone_make(&phone, i));
		answer(&phone.ask, (answer_t){.code = 403});
	}
	for(i = 0; i < 3100; i++)
		assert_true(is_there(i));
	regmon_table_count(table, &numbers);
	assert_int_equal(numbers.evicted, 5100);
	assert_int_equal(numbers.evicted_by_source, 5100);
	check_clean();
	end();
}

/* One IMPU with ever more Contacts keeps its chain short and its live bindings. */
static void test_flood_of_one_impu(void **state)
{
	ask_t asked = {.plain = true, .contact = "sip:real@10.0.0.1"};
	char contact[60], call_id[40];
	unsigned i;

	begin();
	exchange(&asked, (answer_t){.code = 200});
	for(i = 0; i < 200; i++) {
		snprintf(contact, sizeof(contact), "sip:fake%u@10.0.0.9", i);
		snprintf(call_id, sizeof(call_id), "fake-%u", i);
		asked.contact = contact;
		asked.call_id = call_id;
		ask(&asked);
		now_ms++;
	}
	assert_int_equal(number_of_records(), 32);
	assert_int_equal(told[REGMON_EVENT_EVICTED], 169);
	assert_int_equal(lost_open, 169);
	assert_state(the("callid:call-1"), REGMON_STATE_REGISTERED);
	assert_int_equal(find_all("callid:fake-0", NULL, 0), 0);
	assert_int_equal(find_all("callid:fake-199", NULL, 0), 1);
	end();
}

static void test_no_memory_for_the_table(void **state)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	regmon_table_t *made;
	unsigned n;

	for(n = 1;; n++) {
		harness_fail_allocation = n;
		made = regmon_table_make(&limits, key, NULL);
		harness_fail_allocation = 0;
		if(made)
			break;
		assert_int_equal(harness_live_blocks, 0);
	}
	assert_in_range(n, 8, 100);
	assert_int_equal(n, harness_live_blocks + 1);
	regmon_table_free(made);
	regmon_table_free(NULL);
}

/* no more room than for a slab with a single record */
static void only_single_records(void)
{
	harness_most_bytes =
			regmon_registration_size(table->limits.timeline_length) + 200;
}

/* Nothing is lost that could be kept: without memory the oldest makes room, and only where there is none the REGISTER is
 * not remembered. */
static void test_no_memory_for_records(void **state)
{
	regmon_table_numbers_t numbers;
	phone_t phone;
	unsigned n;

	for(n = 1; n <= 10; n++) {
		unsigned i;

		begin();
		for(i = 1; i <= 10; i++) {
			only_single_records();
			if(i == n)
				harness_most_bytes = 1;
			ask(phone_make(&phone, i));
			assert_int_equal(outcome.remembered, i != 1 || n != 1);
			answer(&phone.ask, (answer_t){.code = 200});
			assert_int_equal(outcome.remembered, i != 1 || n != 1);
			check_clean();
		}
		regmon_table_count(table, &numbers);
		assert_int_equal(numbers.registrations, 9);
		assert_int_equal(numbers.dropped, n == 1);
		assert_int_equal(numbers.evicted, n != 1);
		assert_int_equal(numbers.evicted_for_memory, n != 1);
		assert_int_equal(told[REGMON_EVENT_DROPPED], n == 1);
		assert_int_equal(told[REGMON_EVENT_EVICTED], n != 1);
		assert_int_equal(told[REGMON_EVENT_REQUEST], 10);
		/* the oldest had to go; it comes again, memory is back */
		harness_most_bytes = 0;
		ask(phone_make(&phone, 1));
		assert_true(outcome.remembered);
		assert_int_equal(number_of_records(), 10);
		end();
	}
}

static void test_ended_ones_go_first_without_memory(void **state)
{
	phone_t phone;
	unsigned i;

	begin();
	only_single_records();
	for(i = 1; i <= 4; i++)
		exchange(phone_make(&phone, i),
				(answer_t){.code = i == 3 ? 403 : 200});
	harness_most_bytes = 1;
	ask(phone_make(&phone, 100));
	assert_true(outcome.remembered);
	assert_int_equal(find_all("callid:call-of-3", NULL, 0), 0);
	assert_int_equal(find_all("callid:call-of-1", NULL, 0), 1);
	end();
}

/* Places that are free in a slab are used before anybody has to go. */
static void test_places_are_used_without_memory(void **state)
{
	regmon_table_numbers_t numbers;
	phone_t phone;
	unsigned i, kept = 0;

	begin();
	ask(phone_make(&phone, 0));
	harness_most_bytes = 1;
	for(i = 1; i < 100; i++) {
		ask(phone_make(&phone, i));
		assert_true(outcome.remembered);
		regmon_table_count(table, &numbers);
		kept = kept ? kept : numbers.evicted ? i : 0;
	}
	assert_in_range(kept, 20, 64);
	assert_int_equal(numbers.registrations, kept);
	assert_int_equal(numbers.evicted, 100 - kept);
	assert_int_equal(numbers.evicted_for_memory, 100 - kept);
	assert_int_equal(numbers.dropped, 0);
	check_clean();
	/* one that is forgotten leaves its place to the next */
	assert_true(is_there(99));
	assert_int_equal(forget("sip:user99@example.org"), 1);
	ask(phone_make(&phone, 200));
	regmon_table_count(table, &numbers);
	assert_int_equal(numbers.evicted, 100 - kept);
	assert_true(is_there(200));
	end();
}

/* What is said of the table's memory is what was taken, and no more than what was said at the start. */
static void test_bytes_of_the_table(void **state)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	size_t record = regmon_registration_size(limits.timeline_length);
	regmon_table_numbers_t empty, numbers;
	phone_t phone;
	unsigned i;

	limits.max_registrations = 100;
	begin_with(&limits);
	regmon_table_count(table, &empty);
	assert_true(empty.bytes > 1000);
	for(i = 0; i < 300; i++) {
		ask(phone_make(&phone, i));
		regmon_table_count(table, &numbers);
		assert_in_range(numbers.bytes,
				empty.bytes + numbers.registrations * record,
				regmon_table_bytes_when_full(&limits));
	}
	assert_int_equal(numbers.registrations, 100);
	assert_int_equal(numbers.bytes - empty.bytes,
			regmon_slabs_bytes_when_full(record, 100));
	for(i = 0; i < 300; i++) {
		snprintf(phone.to, sizeof(phone.to), "sip:user%u@example.org", i);
		forget(phone.to);
	}
	assert_int_equal(number_of_records(), 0);
	regmon_table_count(table, &numbers);
	assert_in_range(numbers.bytes, empty.bytes + 1, empty.bytes + 65536);
	regmon_table_forget(table, NULL);
	regmon_table_count(table, &numbers);
	assert_int_equal(numbers.bytes, empty.bytes);
	end();
}

/* A full table takes the memory of the one that goes. */
static void test_full_table_needs_no_memory(void **state)
{
	regmon_table_numbers_t numbers;
	phone_t phone;
	unsigned i;

	begin_small();
	for(i = 0; i < SMALL; i++)
		ask(phone_make(&phone, i));
	harness_fail_allocation = 1;
	for(; i < 3 * SMALL; i++) {
		ask(phone_make(&phone, i));
		assert_true(outcome.remembered);
	}
	assert_int_equal(harness_fail_allocation, 1);
	assert_int_equal(number_of_records(), SMALL);
	regmon_table_count(table, &numbers);
	assert_int_equal(numbers.evicted, 2 * SMALL);
	assert_int_equal(numbers.evicted_for_memory, 0);
	harness_fail_allocation = 0;
	end();
}

static void test_forget(void **state)
{
	phone_t phone;
	unsigned i;
	regmon_who_t who;

	begin();
	for(i = 0; i < 50; i++)
		exchange(phone_make(&phone, i), (answer_t){.code = 200});
	assert_true(regmon_who_read(REGMON_TEXT("sip:user7@example.org"), &who));
	assert_int_equal(regmon_table_forget(table, &who), 1);
	assert_int_equal(regmon_table_forget(table, &who), 0);
	assert_true(regmon_who_read(REGMON_TEXT("callid:call-of-8"), &who));
	assert_int_equal(regmon_table_forget(table, &who), 1);
	assert_int_equal(number_of_records(), 48);
	check_clean();
	assert_int_equal(regmon_table_forget(table, NULL), 48);
	assert_int_equal(number_of_records(), 0);
	assert_int_equal(harness_live_blocks, blocks_of_empty);
	end();
}

typedef struct seen
{
	unsigned n, stop_at;
	uint64_t sum;
} seen_t;

static bool look(const regmon_registration_t *registration, void *context)
{
	seen_t *seen = context;

	assert_int_equal(harness_locks_held, 1);
	seen->n++;
	seen->sum += registration->impu_hash;
	return seen->n < seen->stop_at;
}

static void test_visit_with_cursor(void **state)
{
	seen_t whole = {.stop_at = 1000}, parts = {.n = 0};
	uint32_t cursor = 0;
	unsigned i, rounds = 0;
	phone_t phone;

	begin_small();
	for(i = 0; i < SMALL; i++)
		ask(phone_make(&phone, i));
	regmon_table_visit(table, &cursor, look, &whole);
	assert_int_equal(cursor, 0);
	assert_int_equal(whole.n, SMALL);
	do {
		parts.stop_at = parts.n + 3;
		regmon_table_visit(table, &cursor, look, &parts);
	} while(cursor && ++rounds < 100);
	assert_int_equal(parts.n, SMALL);
	assert_true(parts.sum == whole.sum);
	assert_true(rounds >= 2);
	end();
}

/* the ring keeps the newest */
static void test_timeline_ring(void **state)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	char branch[20];
	ask_t asked = {.branch = branch};
	const regmon_registration_t *phone;
	unsigned i;

	limits.timeline_length = 4;
	begin_with(&limits);
	for(i = 1; i <= 7; i++) {
		snprintf(branch, sizeof(branch), "z9hG4bK%u", i);
		asked.cseq = i;
		ask(&asked);
	}
	phone = the_phone();
	assert_int_equal(phone->timeline_n, 4);
	for(i = 0; i < 4; i++)
		assert_int_equal(regmon_registration_entry(phone, i)->cseq, 4 + i);
	end();
}

static bool keep_address(
		const regmon_registration_t *registration, void *context)
{
	*(const regmon_registration_t **)context = registration;
	return true;
}

/* Each field is damaged and repaired again; the check names it in between. */
static void test_self_check_sees_damage(void **state)
{
	char faults[400], tiny[10];
	regmon_registration_t *record = NULL;
	uint32_t cursor = 0;
	ask_t first = {0};

	begin();
	ask(&first);
	regmon_table_visit(table, &cursor, keep_address, &record);
	assert_non_null(record);
#define DAMAGE(field, value)                                               \
	do {                                                                   \
		__typeof__(record->field + 0) before = record->field;              \
		record->field = (value);                                           \
		assert_true(regmon_table_check(table, faults, sizeof(faults)) > 0); \
		assert_true(strlen(faults) > 10);                                  \
		assert_true(regmon_table_check(table, tiny, sizeof(tiny)) > 0);    \
		assert_true(strlen(tiny) < sizeof(tiny));                          \
		assert_true(regmon_table_check(table, NULL, 0) > 0);               \
		record->field = before;                                            \
		check_clean();                                                     \
	} while(0)
	DAMAGE(state, REGMON_STATE_REGISTERED);
	DAMAGE(attempt.answer_pending, false);
	DAMAGE(attempt.ended_ms, 1);
	DAMAGE(attempt.kind, REGMON_ATTEMPT_NONE);
	DAMAGE(due_s, 0);
	DAMAGE(due_s, 1);
	DAMAGE(expires_ms, 1);
	DAMAGE(timeline_n, 200);
	DAMAGE(string_end[3], 60000);
	DAMAGE(impu_hash, record->impu_hash + 4);
	DAMAGE(older, record);
#undef DAMAGE
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {world_test(test_order_of_eviction),
			world_test(test_flood_from_one_source),
			world_test(test_flood_among_many_sources),
			world_test(test_flood_of_one_impu),
			world_test(test_no_memory_for_the_table),
			world_test(test_no_memory_for_records),
			world_test(test_ended_ones_go_first_without_memory),
			world_test(test_places_are_used_without_memory),
			world_test(test_bytes_of_the_table),
			world_test(test_full_table_needs_no_memory),
			world_test(test_forget), world_test(test_visit_with_cursor),
			world_test(test_timeline_ring),
			world_test(test_self_check_sees_damage)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
