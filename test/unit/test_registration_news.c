/* SPDX-License-Identifier: GPL-2.0-or-later */
/* News that brings the record: which record, as it stood when. */
#include "test/unit/registration_world.h"

typedef struct seen
{
	unsigned n;
	bool had_record;
	char call_id[40];
	regmon_state_t state;
	unsigned timeline_n;
	uint32_t last_cseq;
} seen_t;
static seen_t seen[REGMON_EVENTS_N];

static void look(const regmon_event_t *event, void *context)
{
	seen_t *this = &seen[event->type];
	str call_id;

	(void)context;
	assert_int_equal(harness_locks_held, 0);
	this->n++;
	this->had_record = event->registration != NULL;
	if(event->registration == NULL)
		return;
	call_id = regmon_registration_string(
			event->registration, REGMON_STRING_CALL_ID);
	snprintf(this->call_id, sizeof(this->call_id), "%.*s", call_id.len,
			call_id.s);
	this->state = event->registration->state;
	this->timeline_n = event->registration->timeline_n;
	this->last_cseq = event->registration->attempt.last_cseq;
}

static uint64_t trouble_while_open(
		const regmon_registration_t *registration, int64_t at_ms)
{
	(void)at_ms;
	return registration->attempt.ended_ms == 0 ? 1 : 0;
}

static void begin_looking(unsigned types)
{
	begin();
	memset(seen, 0, sizeof(seen));
	assert_int_equal(regmon_events_listen_with_record(types, look, NULL), 0);
}

static void test_record_of_an_ended_attempt(void **state)
{
	ask_t asked = {0};

	begin_looking(1u << REGMON_EVENT_ATTEMPT_ENDED);
	exchange(&asked, (answer_t){.code = 200});
	assert_int_equal(seen[REGMON_EVENT_ATTEMPT_ENDED].n, 1);
	assert_string_equal(seen[REGMON_EVENT_ATTEMPT_ENDED].call_id, "call-1");
	assert_int_equal(
			seen[REGMON_EVENT_ATTEMPT_ENDED].state, REGMON_STATE_REGISTERED);
	assert_int_equal(seen[REGMON_EVENT_ATTEMPT_ENDED].timeline_n, 4);
	end();
}

/* The attempt that is given up is told with what was known of it, not with what the new one brought. */
static void test_record_of_a_superseded_attempt(void **state)
{
	begin_looking(1u << REGMON_EVENT_ATTEMPT_ENDED
				  | 1u << REGMON_EVENT_STATE_CHANGED);
	ask(&(ask_t){.call_id = "old", .cseq = 7});
	answer(&(ask_t){.call_id = "old", .cseq = 7}, (answer_t){.code = 401});
	now_ms += SECOND;
	ask(&(ask_t){.call_id = "new", .branch = "z9hG4bKn", .cseq = 3});
	assert_int_equal(results[REGMON_RESULT_SUPERSEDED], 1);
	assert_string_equal(seen[REGMON_EVENT_ATTEMPT_ENDED].call_id, "old");
	assert_int_equal(seen[REGMON_EVENT_ATTEMPT_ENDED].last_cseq, 7);
	assert_string_equal(seen[REGMON_EVENT_STATE_CHANGED].call_id, "new");
	assert_int_equal(seen[REGMON_EVENT_STATE_CHANGED].last_cseq, 3);
	end();
}

static void test_record_when_time_ends_it(void **state)
{
	begin_looking(1u << REGMON_EVENT_ATTEMPT_ENDED
				  | 1u << REGMON_EVENT_STATE_CHANGED);
	ask(&(ask_t){0});
	answer(&(ask_t){0}, (answer_t){.code = 401});
	pass_ms(241 * SECOND);
	assert_int_equal(results[REGMON_RESULT_SILENT], 1);
	assert_int_equal(
			seen[REGMON_EVENT_ATTEMPT_ENDED].state, REGMON_STATE_FAILED);
	assert_int_equal(
			seen[REGMON_EVENT_STATE_CHANGED].state, REGMON_STATE_FAILED);
	end();
}

/* The causes of an attempt that the next one ends are those of the ended one. */
static void test_record_of_a_cause(void **state)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;

	begin_with(&limits);
	regmon_table_free(table);
	table = regmon_table_make(&limits, key, trouble_while_open);
	assert_non_null(table);
	memset(seen, 0, sizeof(seen));
	assert_int_equal(regmon_events_listen_with_record(
							 1u << REGMON_EVENT_CAUSE, look, NULL),
			0);
	ask(&(ask_t){.call_id = "old", .cseq = 7});
	answer(&(ask_t){.call_id = "old", .cseq = 7}, (answer_t){.code = 401});
	pass_ms(6 * SECOND);
	assert_int_equal(seen[REGMON_EVENT_CAUSE].n, 1);
	assert_int_equal(seen[REGMON_EVENT_CAUSE].state, REGMON_STATE_CHALLENGED);
	ask(&(ask_t){.call_id = "new", .branch = "z9hG4bKn", .cseq = 3});
	assert_int_equal(results[REGMON_RESULT_SUPERSEDED], 1);
	assert_int_equal(seen[REGMON_EVENT_CAUSE].n, 2);
	assert_string_equal(seen[REGMON_EVENT_CAUSE].call_id, "old");
	assert_int_equal(seen[REGMON_EVENT_CAUSE].last_cseq, 7);
	end();
}

/* `Contact: *` ends bindings of other devices, too: each change is told with the record that changed. */
static void test_record_of_another_binding(void **state)
{
	ask_t one = {.call_id = "one"},
		  two = {.call_id = "two",
				  .contact = "sip:001010000000001@10.0.0.2:5060",
				  .instance = "<urn:gsma:imei:35609911-000002-0>",
				  .branch = "z9hG4bK2"},
		  all_off = {.call_id = "one", .contact = "*", .instance = "",
				  .branch = "z9hG4bK3", .cseq = 2, .expires_0 = true};

	begin_looking(1u << REGMON_EVENT_STATE_CHANGED);
	exchange(&one, (answer_t){.code = 200});
	exchange(&two, (answer_t){.code = 200});
	exchange(&all_off, (answer_t){.code = 200, .contacts = ""});
	/* the last one told is the other device's */
	assert_int_equal(seen[REGMON_EVENT_STATE_CHANGED].state,
			REGMON_STATE_DEREGISTERED);
	assert_string_equal(seen[REGMON_EVENT_STATE_CHANGED].call_id, "two");
	end();
}

/* Who does not ask for records gets none, and nothing is copied for types that nobody wants them with. */
static void test_no_record_unasked(void **state)
{
	begin();
	memset(seen, 0, sizeof(seen));
	assert_int_equal(regmon_events_listen(~0u, look, NULL), 0);
	assert_int_equal(regmon_events_listen_with_record(
							 1u << REGMON_EVENT_CAUSE, look, NULL),
			0);
	exchange(&(ask_t){0}, (answer_t){.code = 200});
	assert_int_equal(seen[REGMON_EVENT_ATTEMPT_ENDED].n, 1);
	assert_false(seen[REGMON_EVENT_ATTEMPT_ENDED].had_record);
	assert_int_equal(seen[REGMON_EVENT_STATE_CHANGED].n, 2);
	assert_false(seen[REGMON_EVENT_STATE_CHANGED].had_record);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			harness_test(test_record_of_an_ended_attempt),
			harness_test(test_record_of_a_superseded_attempt),
			harness_test(test_record_when_time_ends_it),
			harness_test(test_record_of_a_cause),
			harness_test(test_record_of_another_binding),
			harness_test(test_no_record_unasked)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
