/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an attempt remembers for those who count: how long its REGISTERs waited, late answers, the port, its worst
 * finding. */
#include "test/unit/registration_world.h"

static unsigned waited_ms(void)
{
	const regmon_attempt_t *attempt = &the_phone()->attempt;

	return attempt->waits_before_ms + attempt->last_wait_ms;
}

/* the time between an answer and the next REGISTER is the phone's */
static void test_waits(void **state)
{
	ask_t first = {.credentials = EMPTY};
	ask_t second = {.cseq = 2, .branch = "z9hG4bK2", .credentials = RESPONSE};

	begin();
	ask(&first);
	now_ms += 300;
	ask(&first); /* again: it waits since the first time */
	now_ms += 100;
	assert_int_equal(waited_ms(), 0);
	answer(&first, (answer_t){.code = 401});
	assert_int_equal(waited_ms(), 400);
	now_ms += 2500;
	assert_int_equal(waited_ms(), 400);
	ask(&second);
	assert_int_equal(waited_ms(), 400);
	now_ms += 30;
	answer(&second, (answer_t){.code = 200});
	assert_int_equal(waited_ms(), 430);
	assert_int_equal(
			the_phone()->attempt.ended_ms - the_phone()->attempt.opened_ms,
			2930);
	/* an answer again changes nothing */
	now_ms += 70;
	answer(&second, (answer_t){.code = 200});
	assert_int_equal(waited_ms(), 430);
	/* nor is anything left of it in the next attempt */
	ask(&(ask_t){.call_id = "next", .branch = "z9hG4bK3"});
	assert_int_equal(waited_ms(), 0);
	end();
}

static void test_waits_after_other_answers(void **state)
{
	ask_t first = {.credentials = EMPTY};
	ask_t second = {.cseq = 2, .branch = "z9hG4bK2", .credentials = EMPTY};

	begin();
	ask(&first);
	now_ms += 40;
	answer(&first, (answer_t){.code = 423});
	now_ms += 1000;
	ask(&second);
	now_ms += 5;
	answer(&second, (answer_t){.code = 503});
	assert_int_equal(waited_ms(), 45);
	end();
}

/* A challenge that could not be sent ended no wait; a 200 that could not is an end all the same. */
static void test_waits_for_what_was_not_sent(void **state)
{
	ask_t first = {.credentials = EMPTY};

	begin();
	ask(&first);
	now_ms += 100;
	answer(&first, (answer_t){.code = 401});
	without_message(&first, REGMON_HAPPENING_TRANSACTION_ENDED, 401);
	assert_int_equal(waited_ms(), 0);
	now_ms += 500;
	answer(&first, (answer_t){.code = 200});
	assert_int_equal(waited_ms(), 600);
	without_message(&first, REGMON_HAPPENING_TRANSACTION_ENDED, 200);
	assert_int_equal(waited_ms(), 600);
	assert_int_equal(the_phone()->attempt.result, REGMON_RESULT_UNANSWERED);
	end();
}

static void answer_after(
		int64_t think_ms, credentials_t credentials, unsigned late)
{
	ask_t first = {.credentials = EMPTY};

	begin();
	ask(&first);
	answer(&first, (answer_t){.code = 401});
	now_ms += think_ms;
	ask(&(ask_t){.cseq = 2, .branch = "z9hG4bK2", .credentials = credentials});
	assert_int_equal(the_phone()->attempt.late_answers, late);
	end();
}

static void test_late_answers(void **state)
{
	answer_after(REGMON_LATE_ANSWER_MS, RESPONSE, 0);
	answer_after(REGMON_LATE_ANSWER_MS + 1, RESPONSE, 1);
	answer_after(REGMON_LATE_ANSWER_MS + 1, AUTS, 1);
	answer_after(REGMON_LATE_ANSWER_MS + 1, REFUSED, 1);
	answer_after(REGMON_LATE_ANSWER_MS + 1, EMPTY, 0); /* answers nothing */
}

static void ask_with_findings(
		const ask_t *asked, regmon_finding_t *list, unsigned n, int port)
{
	static char text[TEXT_SIZE];
	static regmon_message_t message;
	regmon_findings_t findings = {.n = n, .worst_at = -1};
	regmon_arrival_t arrival = {.source_address = REGMON_TEXT("10.0.0.1"),
			.received_port = port,
			.transport = "UDP"};
	regmon_class_t class;
	regmon_observation_t observation = {.what = REGMON_HAPPENING_REQUEST_IN,
			.now_ms = now_ms,
			.message = &message,
			.class = &class,
			.arrival = &arrival,
			.findings = &findings};
	unsigned i;

	for(i = 0; i < n; i++) {
		findings.list[i] = list[i];
		if(list[i].severity > findings.worst) {
			findings.worst = list[i].severity;
			findings.worst_at = (int)i;
		}
	}
	regmon_message_read(
			text, write_register(text, sizeof(text), asked), &message);
	regmon_classify(&message, &arrival, REGMON_ROLE_AUTO, &class);
	regmon_table_observe(table, &observation, NULL);
}

static void test_worst_finding_and_port(void **state)
{
	regmon_finding_t some[] = {{.rule = 7, .severity = REGMON_NOTE},
			{.rule = 9, .severity = REGMON_WARNING}};
	regmon_finding_t same[] = {{.rule = 3, .severity = REGMON_WARNING}};
	regmon_finding_t worse[] = {{.rule = 4, .severity = REGMON_ERROR}};

	begin();
	ask_with_findings(&(ask_t){0}, some, 2, 5060);
	assert_int_equal(the_phone()->attempt.finding, 9 + 1);
	assert_int_equal(the_phone()->received_port, 5060);
	/* of two that weigh the same, the first */
	ask_with_findings(&(ask_t){.cseq = 2, .branch = "z9hG4bK2"}, same, 1, 6100);
	assert_int_equal(the_phone()->attempt.finding, 9 + 1);
	assert_int_equal(the_phone()->received_port, 6100);
	ask_with_findings(
			&(ask_t){.cseq = 3, .branch = "z9hG4bK3"}, worse, 1, 6100);
	assert_int_equal(the_phone()->attempt.finding, 4 + 1);
	/* the next attempt begins without */
	ask_with_findings(
			&(ask_t){.call_id = "next", .branch = "z9hG4bK4"}, NULL, 0, 5060);
	assert_int_equal(the_phone()->attempt.finding, 0);
	ask_with_findings(
			&(ask_t){.call_id = "next", .branch = "z9hG4bK5", .cseq = 2}, some,
			1, 5060);
	assert_int_equal(the_phone()->attempt.finding, 7 + 1);
	end();
}

/* Whoever has the REGISTER at hand spares hashing of what follows: it belongs there all the same, and to nobody else. */
static void test_known_dialog(void **state)
{
	ask_t first = {.credentials = EMPTY};
	ask_t second = {.cseq = 2, .branch = "z9hG4bK2", .credentials = RESPONSE};
	regmon_attempt_t as_known;
	int64_t started_ms = now_ms;
	unsigned i;

	for(i = 0; i < 2; i++) {
		begin();
		now_ms = started_ms;
		dialog_is_known = i == 0;
		exchange(&first, (answer_t){.code = 401});
		now_ms += 400;
		exchange(&second, (answer_t){.code = 200});
		dialog_is_known = false;
		assert_state(the_phone(), REGMON_STATE_REGISTERED);
		assert_int_equal(the_phone()->timeline_n, 8);
		if(i == 0)
			as_known = the_phone()->attempt;
		else
			assert_memory_equal(
					&as_known, &the_phone()->attempt, sizeof(as_known));
		end();
	}
	begin();
	ask(&first);
	dialog_is_known = true;
	known_dialog.from_tag_hash++;
	answer(&first, (answer_t){.code = 401});
	assert_false(outcome.remembered);
	known_dialog.from_tag_hash--;
	answer(&first, (answer_t){.code = 401});
	assert_true(outcome.remembered);
	dialog_is_known = false;
	end();
}

static bool count_records(
		const regmon_registration_t *registration, void *context)
{
	(*(unsigned *)context)++;
	return true;
}

static void test_bindings_and_parts_of_the_table(void **state)
{
	regmon_table_numbers_t numbers;
	unsigned i, seen = 0, parts = 0;
	uint32_t cursor = 0;
	char to[40];

	begin();
	for(i = 0; i < 300; i++) {
		ask_t asked = {.to = to};

		snprintf(to, sizeof(to), "sip:user%u@example.org", i);
		ask(&asked);
		answer(&asked, (answer_t){.code = i % 3 ? 200 : 403});
	}
	regmon_table_count(table, &numbers);
	assert_int_equal(numbers.registrations, 300);
	assert_int_equal(numbers.bound, 200);
	do {
		regmon_table_visit_slots(table, &cursor, 1000, count_records, &seen);
		parts++;
	} while(cursor);
	assert_int_equal(seen, 300);
	assert_int_equal(parts, (regmon_table_slots_n(table) + 999) / 1000);
	end();
}

/* Branch and Call-ID that both end in another character are another REGISTER: nothing cancels out. */
static void test_counted_identifiers(void **state)
{
	char to[40], call_id[40], branch[40];
	ask_t asked = {.to = to, .call_id = call_id, .branch = branch};
	unsigned phone, n;

	begin();
	for(phone = 100; phone < 1100; phone++)
		for(n = 1; n <= 2; n++) {
			snprintf(to, sizeof(to), "sip:%u@ims.example.org", phone);
			snprintf(call_id, sizeof(call_id), "call-%u-%u", phone, n);
			snprintf(branch, sizeof(branch), "z9hG4bK%u-%u", phone, n);
			ask(&asked);
			assert_false(outcome.retransmission);
			assert_int_equal(outcome.attempts, n);
			answer(&asked, (answer_t){.code = 403});
		}
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {world_test(test_waits),
			world_test(test_waits_after_other_answers),
			world_test(test_waits_for_what_was_not_sent),
			world_test(test_late_answers),
			world_test(test_worst_finding_and_port),
			world_test(test_known_dialog),
			world_test(test_bindings_and_parts_of_the_table),
			world_test(test_counted_identifiers)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
