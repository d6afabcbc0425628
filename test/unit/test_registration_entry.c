/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries of the timeline: what is put into their few bits comes out of them, however old they are and whatever the clock
 * does; what is too far away is forgotten and never told wrongly. */
#include "test/unit/registration_world.h"

#include "registration/table_private.h"

#define DAY (86400 * SECOND)
/* A timeline starts with a whole second: this far reaches each. */
#define SPAN_MS (REGMON_TIMELINE_SPAN_MS - 999)

static union
{
	regmon_registration_t record;
	char room[sizeof(regmon_registration_t)
			  + REGMON_MAX_TIMELINE * sizeof(regmon_entry_t)];
} block;
static regmon_registration_t *const record = &block.record;

static void new_record(unsigned timeline_length)
{
	memset(&block, 0, sizeof(block));
	record->timeline_length = (uint16_t)timeline_length;
}

static regmon_entry_t *put(
		regmon_entry_kind_t kind, regmon_side_t side, int64_t at_ms)
{
	return regmon_record_entry(
			record, at_ms, (regmon_entry_t){.kind = kind, .side = side});
}

static int64_t at_of(const regmon_registration_t *registration, unsigned index)
{
	return regmon_entry_at_ms(
			registration, regmon_registration_entry(registration, index));
}

static void test_fields_keep_apart(void **state)
{
	regmon_entry_t *entry;

	new_record(4);
	entry = put(REGMON_ENTRY_REPLACED, REGMON_SIDE_CORE, START_MS + 17);
	assert_int_equal(entry->cseq, 0);
	assert_int_equal(entry->marks, 0);
	assert_int_equal(regmon_entry_after_ms(record, entry), -1);
	entry->cseq = UINT32_MAX;
	entry->code = 699;
	entry->marks = 0;
	for(unsigned i = 0; i < 12; i++)
		entry->marks |= 1u << i;
	entry->finding = REGMON_MAX_RULES;
	entry->severity = REGMON_ERROR;
	entry->repeats = 15;
	entry->after = regmon_entry_after(524286);
	entry = put(REGMON_ENTRY_ANSWER, REGMON_SIDE_PHONE, START_MS + 17);
	entry->event = REGMON_REGINFO_EVENTS_N - 1;
	entry = (regmon_entry_t *)regmon_registration_entry(record, 0);
	assert_true(at_of(record, 0) == START_MS + 17);
	assert_int_equal(regmon_entry_after_ms(record, entry), 524286);
	assert_true(entry->cseq == UINT32_MAX);
	assert_int_equal(entry->code, 699);
	assert_int_equal(entry->marks,
			REGMON_MARK_PROTECTED | REGMON_MARK_CREDENTIALS | REGMON_MARK_AUTS
					| REGMON_MARK_REFUSED_AUTN | REGMON_MARK_EXPIRES_0
					| REGMON_MARK_SECURITY_SERVER | REGMON_MARK_LOCAL
					| REGMON_MARK_PARALLEL | REGMON_MARK_KEYS
					| REGMON_MARK_NEW_NONCE | REGMON_MARK_SAME_NONCE
					| REGMON_MARK_GAP);
	assert_int_equal(entry->finding, REGMON_MAX_RULES);
	assert_int_equal(entry->severity, REGMON_ERROR);
	assert_int_equal(entry->kind, REGMON_ENTRY_REPLACED);
	assert_int_equal(entry->side, REGMON_SIDE_CORE);
	assert_int_equal(entry->repeats, 15);
	entry = (regmon_entry_t *)regmon_registration_entry(record, 1);
	assert_int_equal(entry->event, REGMON_REGINFO_EVENTS_N - 1);
	assert_int_equal(entry->kind, REGMON_ENTRY_ANSWER);
	assert_int_equal(entry->side, REGMON_SIDE_PHONE);
	assert_true(at_of(record, 1) == START_MS + 17);
}

/* what a time of this length is told as when nothing before the entry is known */
static void after_alone(int32_t after_ms, int32_t expected_ms)
{
	regmon_entry_t *entry;

	new_record(4);
	entry = put(REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, START_MS);
	entry->after = regmon_entry_after(after_ms);
	assert_int_equal(regmon_entry_after_ms(record, entry), expected_ms);
}

static void test_after_alone(void **state)
{
	after_alone(-1, -1);
	after_alone(0, 0);
	after_alone(1, 1);
	after_alone(128000, 128000);
	after_alone(524286, 524286);
	after_alone(524287, 520000);
	after_alone(524288, 520000);
	after_alone(529999, 525000);
	after_alone(530000, 530000);
	after_alone(3600123, 3600000);
	after_alone(INT32_MAX, 2147480000);
}

/* a refresh each hour: exact as long as the REGISTER before it is there */
static void test_after_is_exact(void **state)
{
	ask_t phone = {.plain = true};
	const regmon_registration_t *registration;
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	char branch[20];
	unsigned i;

	limits.timeline_length = 4;
	begin_with(&limits);
	phone.branch = branch;
	for(i = 1; i <= 5; i++) {
		snprintf(branch, sizeof(branch), "z9hG4bK%u", i);
		phone.cseq = i;
		ask(&phone);
		now_ms += 31;
		answer(&phone, (answer_t){.code = 200, .granted = 7200});
		pass_ms(3600123);
	}
	registration = the_phone();
	assert_int_equal(registration->timeline_n, 4);
	assert_int_equal(registration->state, REGMON_STATE_REGISTERED);
	/* the one before it has been pushed out */
	assert_int_equal(after_ms_of(registration, 0), 3600000);
	assert_int_equal(after_ms_of(registration, 1), 31);
	assert_int_equal(after_ms_of(registration, 2), 3600154);
	assert_int_equal(after_ms_of(registration, 3), 31);
	end();
}

/* on each side an answer counts from the REGISTER of its own side */
static void test_after_by_side(void **state)
{
	regmon_entry_t *entry;

	new_record(8);
	put(REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, START_MS);
	put(REGMON_ENTRY_REQUEST, REGMON_SIDE_CORE, START_MS + 600);
	entry = put(REGMON_ENTRY_ANSWER, REGMON_SIDE_CORE, START_MS + 600700);
	entry->after = regmon_entry_after(600100);
	entry = put(REGMON_ENTRY_ANSWER, REGMON_SIDE_PHONE, START_MS + 600800);
	entry->after = regmon_entry_after(600800);
	/* of an earlier REGISTER: no other one is taken for it */
	entry = put(REGMON_ENTRY_NO_ANSWER, REGMON_SIDE_PHONE, START_MS + 700000);
	entry->after = regmon_entry_after(900001);
	assert_int_equal(after_ms_of(record, 2), 600100);
	assert_int_equal(after_ms_of(record, 3), 600800);
	assert_int_equal(after_ms_of(record, 4), 900000);
}

static void test_old_entries(void **state)
{
	new_record(REGMON_MAX_TIMELINE);
	put(REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, START_MS + 999);
	put(REGMON_ENTRY_ANSWER, REGMON_SIDE_PHONE, START_MS + 1001);
	put(REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, START_MS + DAY + 3);
	put(REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, START_MS + 50 * DAY + 5);
	put(REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, START_MS + 198 * DAY + 7);
	assert_int_equal(record->timeline_n, 5);
	assert_true(at_of(record, 0) == START_MS + 999);
	assert_true(at_of(record, 1) == START_MS + 1001);
	assert_true(at_of(record, 2) == START_MS + DAY + 3);
	assert_true(at_of(record, 3) == START_MS + 50 * DAY + 5);
	assert_true(at_of(record, 4) == START_MS + 198 * DAY + 7);
	/* half a year is kept, more is not; what is kept stays exact */
	put(REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, START_MS + 199 * DAY);
	assert_int_equal(record->timeline_n, 4);
	assert_true(at_of(record, 0) == START_MS + DAY + 3);
	assert_true(at_of(record, 1) == START_MS + 50 * DAY + 5);
	assert_true(at_of(record, 3) == START_MS + 199 * DAY);
	put(REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, START_MS + 2000 * DAY);
	assert_int_equal(record->timeline_n, 1);
	assert_true(at_of(record, 0) == START_MS + 2000 * DAY);
}

static void test_clock_goes_back(void **state)
{
	new_record(8);
	put(REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, START_MS);
	put(REGMON_ENTRY_ANSWER, REGMON_SIDE_PHONE, START_MS + 40);
	put(REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, START_MS - 1);
	assert_int_equal(record->timeline_n, 3);
	put(REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, START_MS - 50 * DAY);
	assert_int_equal(record->timeline_n, 4);
	assert_true(at_of(record, 0) == START_MS);
	assert_true(at_of(record, 1) == START_MS + 40);
	assert_true(at_of(record, 2) == START_MS - 1);
	assert_true(at_of(record, 3) == START_MS - 50 * DAY);
	put(REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, START_MS - 210 * DAY);
	assert_int_equal(record->timeline_n, 2);
	assert_true(at_of(record, 0) == START_MS - 50 * DAY);
	assert_true(at_of(record, 1) == START_MS - 210 * DAY);
}

/* ---- any times against a list that forgets nothing ---- */

#define STEPS 20000

static struct
{
	int64_t at_ms;
	int32_t after_ms; /* -1: unknown */
} written[STEPS];

static uint64_t seed = 88172645463325252ULL;

static uint64_t random_number(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static int64_t random_step_ms(void)
{
	switch(random_number() % 64) {
		case 0:
			return (int64_t)(random_number() % (400 * DAY));
		case 1:
			return -(int64_t)(random_number() % (400 * DAY));
		case 2:
			return -(int64_t)(random_number() % 5000);
		case 3:
			return SPAN_MS + (int64_t)(random_number() % 1999) - 999;
		case 4:
		case 5:
		case 6:
			return (int64_t)(random_number() % (30 * DAY));
		case 7:
			return 0;
		default:
			return (int64_t)(random_number() % (2 * 3600 * SECOND));
	}
}

/* The newest entries, each as it was written; fewer than there could be only where the next older one is too far away. */
static void check_timeline(unsigned n, unsigned could_be)
{
	const regmon_entry_t *entry;
	int64_t first_ms = INT64_MAX, last_ms = 0;
	unsigned i, index;
	int32_t after_ms;

	assert_in_range(record->timeline_n, 1, record->timeline_length);
	for(i = 0; i < record->timeline_n; i++) {
		index = n - 1 - i;
		entry = regmon_registration_entry(record, record->timeline_n - 1 - i);
		assert_int_equal(entry->cseq, index);
		assert_true(regmon_entry_at_ms(record, entry) == written[index].at_ms);
		after_ms = regmon_entry_after_ms(record, entry);
		if(written[index].after_ms < 524287)
			assert_int_equal(after_ms, written[index].after_ms);
		else if(i + 1 < record->timeline_n)
			assert_int_equal(after_ms, written[index].after_ms);
		else
			assert_in_range(after_ms, written[index].after_ms - 4999,
					written[index].after_ms);
		if(written[index].at_ms < first_ms)
			first_ms = written[index].at_ms;
		if(written[index].at_ms > last_ms)
			last_ms = written[index].at_ms;
	}
	assert_true(last_ms - first_ms <= REGMON_TIMELINE_SPAN_MS);
	assert_in_range(record->timeline_n, 1, could_be);
	if(record->timeline_n == could_be)
		return;
	index = n - 1 - record->timeline_n;
	if(written[index].at_ms < first_ms)
		first_ms = written[index].at_ms;
	if(written[index].at_ms > last_ms)
		last_ms = written[index].at_ms;
	assert_true(last_ms - first_ms > SPAN_MS);
}

static void test_any_times(void **state)
{
	static const uint16_t lengths[] = {1, 2, 16, REGMON_MAX_TIMELINE};
	regmon_entry_t *entry;
	unsigned i, length, could_be, moved = 0, full = 0;
	uint32_t from_s;

	for(length = 0; length < REGMON_COUNT(lengths); length++) {
		new_record(lengths[length]);
		written[0].at_ms = START_MS;
		for(i = 0; i < STEPS; i++) {
			if(i) {
				written[i].at_ms = written[i - 1].at_ms + random_step_ms();
				if(written[i].at_ms < 0 || written[i].at_ms / 1000 > UINT32_MAX)
					written[i].at_ms = START_MS;
			}
			written[i].after_ms =
					i ? regmon_elapsed_ms(written[i - 1].at_ms, written[i].at_ms)
					  : -1;
			from_s = record->timeline_from_s;
			could_be = record->timeline_n + 1u;
			if(could_be > lengths[length])
				could_be = lengths[length];
			entry = put(REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE,
					written[i].at_ms);
			entry->cseq = i;
			entry->after = regmon_entry_after(written[i].after_ms);
			check_timeline(i + 1, could_be);
			moved += record->timeline_from_s != from_s;
			full += record->timeline_n == record->timeline_length;
		}
	}
	assert_true(moved > 1000);
	assert_true(full > STEPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_fields_keep_apart),
			harness_test(test_after_alone), harness_test(test_after_is_exact),
			harness_test(test_after_by_side), harness_test(test_old_entries),
			harness_test(test_clock_goes_back), harness_test(test_any_times)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
