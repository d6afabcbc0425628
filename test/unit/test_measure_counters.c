/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which news counts where. */
#include "harness.h"

#include "measure/counters.h"

static int counts[REGMON_COUNTERS_N];

static void sink(regmon_counter_t counter, int by)
{
	assert_in_range(counter, 0, REGMON_COUNTERS_N - 1);
	counts[counter] += by;
}

static int setup(void **state)
{
	memset(counts, 0, sizeof(counts));
	regmon_events_forget_listeners();
	regmon_counters_set_sink(sink);
	assert_int_equal(regmon_counters_listen(), 0);
	return harness_setup(state);
}

static int teardown(void **state)
{
	regmon_events_forget_listeners();
	regmon_counters_set_sink(NULL);
	return harness_teardown(state);
}

/* tells the news, and fails unless exactly these counters went up by one; ends with -1 */
static void expect(const regmon_event_t *event, const int *up)
{
	int before[REGMON_COUNTERS_N], i;

	memcpy(before, counts, sizeof(before));
	regmon_events_tell(event);
	for(; *up >= 0; up++)
		before[*up]++;
	for(i = 0; i < REGMON_COUNTERS_N; i++)
		if(counts[i] != before[i])
			fail_msg("%s is %d, not %d", regmon_counter_name(i), counts[i],
					before[i]);
}
#define UP(...) ((const int[]){__VA_ARGS__, -1})
#define NOTHING ((const int[]){-1})
#define C(name) REGMON_COUNTER_##name

static void messages(void **state)
{
	regmon_event_t event = {.type = REGMON_EVENT_REQUEST};

	expect(&event, UP(C(registers)));
	event.type = REGMON_EVENT_RETRANSMISSION;
	expect(&event, UP(C(retransmissions)));
	event.type = REGMON_EVENT_EVICTED;
	expect(&event, UP(C(evicted)));
	event.attempt.kind = REGMON_ATTEMPT_INITIAL;
	expect(&event, UP(C(evicted), C(evicted_open)));
	event.attempt.ended_ms = 1;
	expect(&event, UP(C(evicted)));
	event.type = REGMON_EVENT_DROPPED;
	expect(&event, UP(C(dropped)));
	event.type = REGMON_EVENT_CAUSE;
	event.causes_after = 3;
	expect(&event, NOTHING);
}

/* What was counted when it was about to be sent comes off again. */
static void answer_not_sent(void **state)
{
	regmon_event_t event = {.type = REGMON_EVENT_ANSWER, .code = 200};

	expect(&event, UP(C(answers_2xx)));
	event.type = REGMON_EVENT_NOT_SENT;
	regmon_events_tell(&event);
	assert_int_equal(counts[C(answers_2xx)], 0);
	assert_int_equal(counts[C(answers_not_sent)], 1);
	assert_int_equal(counts[C(successes_initial)], 0);
	event.success_taken_back = true;
	event.attempt.kind = REGMON_ATTEMPT_INITIAL;
	regmon_events_tell(&event);
	assert_int_equal(counts[C(successes_initial)], -1);
	assert_int_equal(counts[C(failures_initial)], 1);
	assert_int_equal(counts[C(unanswered)], 1);
}

static void answers(void **state)
{
	static const struct
	{
		int code, counter;
	} cases[] = {{200, C(answers_2xx)}, {202, C(answers_2xx)},
			{299, C(answers_2xx)}, {300, C(answers_other)},
			{305, C(answers_other)}, {399, C(answers_other)},
			{400, C(answers_4xx)}, {401, C(challenges)}, {402, C(answers_4xx)},
			{403, C(answers_4xx)}, {407, C(answers_4xx)},
			{499, C(answers_4xx)}, {500, C(answers_5xx)},
			{599, C(answers_5xx)}, {600, C(answers_other)}};
	regmon_event_t event = {.type = REGMON_EVENT_ANSWER};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(cases); i++) {
		event.code = cases[i].code;
		expect(&event, UP(cases[i].counter));
	}
	event.code = 100;
	expect(&event, NOTHING);
	event.code = 199;
	expect(&event, NOTHING);
}

static void attempts(void **state)
{
	static const struct
	{
		regmon_attempt_kind_t kind;
		int opened, succeeded, failed;
	} cases[] = {{REGMON_ATTEMPT_INITIAL, C(attempts_initial),
						 C(successes_initial), C(failures_initial)},
			{REGMON_ATTEMPT_REFRESH, C(attempts_reregistration),
					C(successes_reregistration), C(failures_reregistration)},
			{REGMON_ATTEMPT_DEREGISTER, C(attempts_deregistration),
					C(successes_deregistration), C(failures_deregistration)},
			{REGMON_ATTEMPT_QUERY, C(attempts_other), C(successes_other),
					C(failures_other)},
			{REGMON_ATTEMPT_THIRD_PARTY, C(attempts_third_party),
					C(successes_third_party), C(failures_third_party)},
			{REGMON_ATTEMPT_UNKNOWN, C(attempts_other), C(successes_other),
					C(failures_other)}};
	regmon_event_t event = {0};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(cases); i++) {
		event.attempt.kind = cases[i].kind;
		event.type = REGMON_EVENT_ATTEMPT_OPENED;
		event.attempt.result = REGMON_RESULT_OPEN;
		expect(&event, UP(cases[i].opened));
		event.type = REGMON_EVENT_ATTEMPT_ENDED;
		expect(&event, NOTHING);
		event.attempt.result = REGMON_RESULT_SUCCESS;
		expect(&event, UP(cases[i].succeeded));
		event.attempt.result = REGMON_RESULT_REFUSED;
		expect(&event, UP(cases[i].failed));
		event.attempt.result = REGMON_RESULT_SILENT;
		expect(&event, UP(cases[i].failed, C(silent_after_challenge)));
		event.attempt.result = REGMON_RESULT_UNANSWERED;
		expect(&event, UP(cases[i].failed, C(unanswered)));
		event.attempt.result = REGMON_RESULT_SUPERSEDED;
		expect(&event, UP(cases[i].failed, C(superseded)));
	}
}

static unsigned deregistered;

static void on_deregistered(const regmon_event_t *event, void *context)
{
	assert_int_equal(event->to, REGMON_STATE_NETWORK_DEREGISTERED);
	assert_ptr_equal(context, &deregistered);
	deregistered++;
}

static void states(void **state)
{
	regmon_event_t event = {.type = REGMON_EVENT_STATE_CHANGED,
			.from = REGMON_STATE_REGISTERED};
	int to;

	deregistered = 0;
	regmon_counters_tell_deregistered(on_deregistered, &deregistered);

	for(to = 0; to < REGMON_STATES_N; to++) {
		event.to = to;
		if(to == REGMON_STATE_EXPIRED)
			expect(&event, UP(C(expired)));
		else if(to == REGMON_STATE_NETWORK_DEREGISTERED)
			expect(&event, UP(C(network_deregistered)));
		else
			expect(&event, NOTHING);
	}
	assert_int_equal(deregistered, 1);
	event.from = event.to = REGMON_STATE_EXPIRED;
	expect(&event, NOTHING);
	regmon_counters_tell_deregistered(NULL, NULL);
	event.to = REGMON_STATE_NETWORK_DEREGISTERED;
	expect(&event, UP(C(network_deregistered)));
	assert_int_equal(deregistered, 1);
}

static void findings(void **state)
{
	regmon_event_t event = {.type = REGMON_EVENT_FINDING};

	event.severity = REGMON_ERROR;
	expect(&event, UP(C(findings_error)));
	event.severity = REGMON_WARNING;
	expect(&event, UP(C(findings_warning)));
	event.severity = REGMON_NOTE;
	expect(&event, UP(C(findings_note)));
	event.severity = REGMON_OFF;
	expect(&event, NOTHING);
}

static void names_and_helps(void **state)
{
	int i, k;

	for(i = 0; i < REGMON_COUNTERS_N; i++) {
		assert_in_range(strlen(regmon_counter_name(i)), 5, 40);
		assert_in_range(strlen(regmon_counter_help(i)), 10, 120);
		for(k = 0; k < i; k++) {
			assert_string_not_equal(
					regmon_counter_name(i), regmon_counter_name(k));
			assert_string_not_equal(
					regmon_counter_help(i), regmon_counter_help(k));
		}
	}
	assert_string_equal(
			regmon_counter_name(C(attempts_initial)), "attempts_initial");
	assert_string_equal(regmon_counter_name(REGMON_COUNTERS_N), "?");
	assert_string_equal(regmon_counter_help(REGMON_COUNTERS_N), "?");
}

static void nobody_counts(void **state)
{
	regmon_event_t event = {.type = REGMON_EVENT_REQUEST};

	regmon_counters_set_sink(NULL);
	expect(&event, NOTHING);
}

static void no_room_to_listen(void **state)
{
	int i;

	for(i = 0; i < 1000; i++)
		if(regmon_counters_listen() == -1)
			return;
	fail_msg("a thousand listeners found room");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {TEST(messages), TEST(answer_not_sent), TEST(answers),
			TEST(attempts), TEST(states), TEST(findings),
			TEST(names_and_helps), TEST(nobody_counts),
			TEST(no_room_to_listen)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
