/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What few phones have stands beside their records: who has it, for how long, in copies, and what happens without memory
 * for it. */
#include "test/unit/registration_network.h"
#include "registration/table_private.h"

#include "show/outbox.h"

/* as many as supplement.c keeps ready */
#define SPARES 32

static const ask_t first = {0};

static regmon_table_numbers_t numbers(void)
{
	regmon_table_numbers_t counted;

	regmon_table_count(table, &counted);
	return counted;
}

/* the n-th attempt of a phone */
static ask_t attempt_number(unsigned phone, unsigned n)
{
	static char to[80], contact[80], call_id[40], branch[40];

	snprintf(to, sizeof(to), "sip:00101000000%04u@ims.example.org", phone);
	snprintf(contact, sizeof(contact), "sip:00101000000%04u@10.0.0.1:5060",
			phone);
	snprintf(call_id, sizeof(call_id), "call-%u-%u", phone, n);
	snprintf(branch, sizeof(branch), "z9hG4bK%u-%u", phone, n);
	return (ask_t){.to = to,
			.contact = contact,
			.instance = "",
			.call_id = call_id,
			.branch = branch};
}

static void fails_and_begins_anew(unsigned phone)
{
	ask_t asked = attempt_number(phone, 1);

	exchange(&asked, (answer_t){.code = 403, .reason = "Forbidden"});
	now_ms += 60 * SECOND;
	asked = attempt_number(phone, 2);
	ask(&asked);
}

static const regmon_registration_t *phone_number(unsigned phone)
{
	return the(attempt_number(phone, 1).to);
}

/* All spare ones are taken by phones from number 100 on, and there is no memory for others. */
static void use_up(void)
{
	unsigned i;

	for(i = 0; i < SPARES; i++) {
		ask_t asked = attempt_number(100 + i, 1);

		exchange(&asked, (answer_t){.code = 403});
		now_ms += 60 * SECOND;
		asked = attempt_number(100 + i, 2);
		harness_fail_allocation = 1;
		ask(&asked);
		assert_int_equal(harness_fail_allocation, 0);
		assert_int_equal(numbers().not_kept, 0);
	}
}

/* slabs, beside the blocks of the empty table and of supplements */
static unsigned blocks_of_records(void)
{
	regmon_slabs_numbers_t numbers;

	regmon_slabs_count(table->slabs, &numbers);
	return numbers.slabs;
}

/* ---- who has one ---- */

static void test_healthy_phone_has_none(void **state)
{
	ask_t again = {.cseq = 2, .branch = "z9hG4bK2"};
	size_t empty;

	begin();
	empty = numbers().bytes;
	exchange(&first, (answer_t){.code = 401});
	again.credentials = RESPONSE;
	exchange(&again, (answer_t){.code = 200});
	now_ms += 1800 * SECOND;
	exchange(&(ask_t){.cseq = 3, .branch = "z9hG4bK3"},
			(answer_t){.code = 200});
	assert_null(the_phone()->supplement);
	assert_int_equal(harness_live_blocks, blocks_of_empty + 1);
	assert_in_range(numbers().bytes - empty, regmon_registration_size(16),
			blocks_of_records() * 65536);
	end();
}

static void test_given_back(void **state)
{
	ask_t asked;
	size_t without;

	begin();
	asked = attempt_number(1, 1);
	exchange(&asked, (answer_t){.code = 403});
	assert_null(phone_number(1)->supplement);
	without = numbers().bytes;
	now_ms += 60 * SECOND;
	asked = attempt_number(1, 2);
	exchange(&asked, (answer_t){.code = 200});
	/* the attempt that has succeeded is the one behind it */
	assert_int_equal(phone_number(1)->supplement->before.code, 403);
	assert_int_equal(
			numbers().bytes - without, sizeof(regmon_supplement_t));
	assert_int_equal(harness_live_blocks, blocks_of_empty + 2);
	now_ms += 1800 * SECOND;
	asked = attempt_number(1, 3);
	exchange(&asked, (answer_t){.code = 200});
	assert_null(phone_number(1)->supplement);
	assert_int_equal(numbers().bytes, without);
	assert_int_equal(harness_live_blocks, blocks_of_empty + 1);
	assert_int_equal(numbers().not_kept, 0);
	end();
}

/* What a refusal asked for, and failures in a row, hold it until a success has been. */
static void test_given_back_after_demands(void **state)
{
	ask_t asked = {0};

	begin();
	asked = attempt_number(1, 1);
	exchange(&asked, (answer_t){.code = 401});
	asked.branch = "z9hG4bKagain";
	asked.cseq = 2;
	exchange(&asked, (answer_t){.code = 401});
	asked.branch = "z9hG4bKonce-more";
	asked.cseq = 3;
	exchange(&asked, (answer_t){.code = 423, .lines = "Min-Expires: 3600\r\n"});
	assert_int_equal(phone_number(1)->supplement->min_expires_s, 3600);
	asked.branch = "z9hG4bKlonger";
	asked.cseq = 4;
	exchange(&asked, (answer_t){.code = 200});
	assert_int_equal(phone_number(1)->supplement->min_expires_s, 3600);
	now_ms += 1800 * SECOND;
	asked = attempt_number(1, 2);
	exchange(&asked, (answer_t){.code = 200});
	assert_null(phone_number(1)->supplement);
	end();
}

/* a fact that is still told holds it */
static void test_kept_while_something_is_left(void **state)
{
	begin();
	exchange(&first, (answer_t){.code = 200});
	now_ms += 60 * SECOND;
	tell(&(telling_t){.event = "rejected"});
	assert_non_null(the_phone()->supplement);
	now_ms += 60 * SECOND;
	exchange(&(ask_t){.call_id = "2", .branch = "z9hG4bK2"},
			(answer_t){.code = 200});
	now_ms += 60 * SECOND;
	exchange(&(ask_t){.call_id = "3", .branch = "z9hG4bK3"},
			(answer_t){.code = 200});
	assert_int_equal(the_phone()->supplement->network.attempts_against, 1);
	end();
}

/* ---- it goes with its record ---- */

static void test_forgotten(void **state)
{
	unsigned i;
	size_t empty;

	begin();
	empty = numbers().bytes;
	/* more than are kept ready */
	for(i = 1; i <= 2 * SPARES; i++)
		fails_and_begins_anew(i);
	assert_int_equal(harness_live_blocks,
			blocks_of_empty + blocks_of_records() + 2 * SPARES);
	assert_int_equal(regmon_table_forget(table, NULL), 2 * SPARES);
	assert_int_equal(harness_live_blocks, blocks_of_empty);
	assert_int_equal(numbers().bytes, empty);
	end();
}

static void test_evicted(void **state)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	ask_t asked;
	unsigned i;

	limits.max_registrations = 2;
	begin_with(&limits);
	for(i = 1; i <= 5; i++)
		fails_and_begins_anew(i);
	assert_int_equal(numbers().evicted, 3);
	assert_int_equal(harness_live_blocks,
			blocks_of_empty + blocks_of_records() + 2);
	/* the memory is another phone's by now, and nothing of the one before is in it */
	asked = attempt_number(6, 1);
	ask(&asked);
	assert_null(phone_number(6)->supplement);
	assert_int_equal(harness_live_blocks,
			blocks_of_empty + blocks_of_records() + 1);
	end();
}

/* the next one to have the block finds nothing of the one before */
static void test_taken_again(void **state)
{
	ask_t asked;

	begin();
	asked = attempt_number(1, 1);
	ask(&asked);
	harness_fail_allocation = 1; /* no other one in its place */
	answer(&asked, (answer_t){.code = 503, .lines = "Retry-After: 120\r\n"});
	assert_int_equal(harness_fail_allocation, 0);
	assert_int_equal(phone_number(1)->supplement->retry_after_s, 120);
	regmon_table_forget(table, NULL);
	assert_int_equal(harness_live_blocks, blocks_of_empty);
	fails_and_begins_anew(2);
	assert_int_equal(phone_number(2)->supplement->before.code, 403);
	assert_int_equal(phone_number(2)->supplement->retry_after_s, 0);
	end();
}

static void test_runs_out(void **state)
{
	begin();
	fails_and_begins_anew(1);
	pass_ms((86400 + 300) * SECOND);
	assert_int_equal(numbers().registrations, 0);
	assert_int_equal(
			harness_live_blocks, blocks_of_empty + blocks_of_records());
	end();
}

/* ---- copies ---- */

static bool lies_in(const void *at, const void *block, size_t bytes)
{
	return (const char *)at >= (const char *)block
		   && (const char *)at < (const char *)block + bytes;
}

static void test_copy_stands_alone(void **state)
{
	const regmon_registration_t *phone;
	size_t size;

	begin();
	size = regmon_table_record_size(table);
	fails_and_begins_anew(1);
	phone = phone_number(1);
	assert_true(lies_in(phone->supplement, phone, size));
	assert_true(lies_in((const char *)(phone->supplement + 1) - 1, phone, size));
	/* not over the timeline */
	assert_true((const void *)phone->supplement
				>= (const void *)&phone->timeline[phone->timeline_length]);
	regmon_table_forget(table, NULL);
	assert_int_equal(harness_live_blocks, blocks_of_empty);
	assert_int_equal(phone->supplement->before.code, 403);
	end();
}

static ask_t flow_asked;

static void flow(unsigned phone, unsigned n, const char *reg_id)
{
	flow_asked = attempt_number(phone, n);
	flow_asked.instance = USUAL_INSTANCE;
	flow_asked.reg_id = reg_id;
}

/* the one seen last is put first: copies change their places */
static void test_copies_are_sorted(void **state)
{
	regmon_registration_t *newer, *older;
	size_t size;
	char *records;

	begin();
	size = regmon_table_record_size(table);
	flow(1, 1, "1");
	exchange(&flow_asked, (answer_t){.code = 403});
	flow(1, 2, "2");
	exchange(&flow_asked, (answer_t){.code = 404});
	now_ms += 60 * SECOND;
	flow(1, 3, "2");
	ask(&flow_asked);
	now_ms += SECOND;
	/* made first, seen last */
	flow(1, 4, "1");
	ask(&flow_asked);
	records = malloc(2 * size);
	assert_non_null(records);
	assert_int_equal(find_all(flow_asked.to, records, 2), 2);
	newer = regmon_table_record_in(table, records, 0);
	older = regmon_table_record_in(table, records, 1);
	assert_int_equal(newer->last_reg_id, 1);
	assert_int_equal(newer->supplement->before.code, 403);
	assert_true(lies_in(newer->supplement, newer, size));
	assert_int_equal(older->supplement->before.code, 404);
	assert_true(lies_in(older->supplement, older, size));
	free(records);
	end();
}

static const regmon_registration_t *ended_with;
static uint16_t code_before;

static void look_at_end(const regmon_event_t *event, void *context)
{
	(void)context;
	ended_with = event->registration;
	code_before = regmon_supplement_of(event->registration)->before.code;
}

/* news and the queue of events have copies of their own */
static void test_news_and_queue(void **state)
{
	const regmon_outgoing_t *outgoing;
	regmon_outbox_t *outbox;
	ask_t asked;

	begin();
	outbox = regmon_outbox_make(64, regmon_table_record_size(table));
	assert_non_null(outbox);
	assert_int_equal(regmon_events_listen_with_record(
							 1u << REGMON_EVENT_ATTEMPT_ENDED, look_at_end, NULL),
			0);
	fails_and_begins_anew(1);
	assert_int_equal(
			regmon_outbox_listen(outbox, 1u << REGMON_OUTGOING_RECORD), 0);
	asked = attempt_number(1, 2);
	now_ms += 10;
	answer(&asked, (answer_t){.code = 500});
	assert_int_equal(code_before, 403);
	assert_true(ended_with->supplement != phone_number(1)->supplement);
	regmon_table_forget(table, NULL);
	outgoing = regmon_outbox_first(outbox);
	assert_non_null(outgoing);
	assert_int_equal(outgoing->record.attempt.code, 500);
	assert_true(lies_in(outgoing->record.supplement, &outgoing->record,
			regmon_table_record_size(table)));
	assert_int_equal(outgoing->record.supplement->before.code, 403);
	end();
	regmon_outbox_free(outbox);
}

/* ---- no memory ---- */

static void test_no_memory(void **state)
{
	begin();
	use_up();
	/* it goes on without */
	harness_fail_allocation = 1; /* for the record there is a place */
	fails_and_begins_anew(1);
	assert_int_equal(harness_fail_allocation, 0);
	assert_int_equal(numbers().not_kept, 1);
	assert_null(phone_number(1)->supplement);
	assert_counts(phone_number(1), 2, 0, 1);
	assert_state(phone_number(1), REGMON_STATE_REGISTERING);
	assert_int_equal(phone_number(1)->timeline_n, 5);
	check_clean();
	/* there is memory again: the next one who wants it and gets none brings it back */
	fails_and_begins_anew(2);
	assert_int_equal(numbers().not_kept, 2);
	fails_and_begins_anew(3);
	assert_int_equal(numbers().not_kept, 2);
	assert_int_equal(phone_number(3)->supplement->before.code, 403);
	end();
}

/* What the network says ends the binding, though nobody remembers why. */
static void test_network_without_memory(void **state)
{
	begin();
	exchange(&first, (answer_t){.code = 200});
	use_up();
	harness_fail_allocation = 1;
	tell(&(telling_t){.event = "probation",
			.attributes = " retry-after=\"600\"",
			.document = "full"});
	harness_fail_allocation = 0;
	assert_int_equal(numbers().not_kept, 1);
	assert_int_equal(report.ended, 1);
	assert_int_equal(report.known, 1);
	assert_state(the_phone(), REGMON_STATE_NETWORK_DEREGISTERED);
	assert_null(the_phone()->supplement);
	end();
}

/* One document changes a binding once, also when nothing of it can be kept: what is active under one IMPU of the set is not
 * ended by another, and one that cannot be ended yet does not stand before the others. */
static void test_document_counts_once_without_memory(void **state)
{
	ask_t two = {.call_id = "two", .instance = "",
			.contact = "sip:001010000000001@10.0.0.2:5060",
			.branch = "z9hG4bKtwo"};

	begin();
	exchange(&first, (answer_t){.code = 200});
	now_ms += 60 * SECOND;
	use_up();
	harness_most_bytes = 100;
	tell_document("partial",
			"<registration aor=\"sip:+49151@x\" id=\"1\" state=\"active\">"
			"<contact id=\"1\" state=\"active\" event=\"registered\">"
			"<uri>" USUAL_CONTACT "</uri></contact></registration>"
			"<registration aor=\"tel:+49151\" id=\"2\" "
			"state=\"terminated\"><contact id=\"1\" state=\"terminated\" "
			"event=\"rejected\"><uri>" USUAL_CONTACT
			"</uri></contact></registration>",
			false);
	assert_int_equal(the_phone()->state, REGMON_STATE_REGISTERED);
	assert_int_equal(report.known, 1);
	assert_int_equal(numbers().not_kept, 1);
	tell_document("full",
			"<registration aor=\"" USUAL_TO "\" id=\"2\" state=\"active\">"
			"</registration>",
			false);
	assert_int_equal(numbers().not_kept, 2);
	harness_most_bytes = 0;
	exchange(&two, (answer_t){.code = 200});
	now_ms += SECOND;
	harness_most_bytes = 100;
	tell_document("full",
			"<registration aor=\"" USUAL_TO "\" id=\"2\" "
			"state=\"terminated\"></registration>",
			false);
	harness_most_bytes = 0;
	assert_int_equal(
			the("callid:call-1")->state, REGMON_STATE_NETWORK_DEREGISTERED);
	assert_int_equal(the("callid:two")->state, REGMON_STATE_REGISTERED);
	end();
}

static void test_shortened_without_memory(void **state)
{
	begin();
	exchange(&first, (answer_t){.code = 200});
	use_up();
	harness_fail_allocation = 1;
	tell(&(telling_t){.event = "shortened", .attributes = " expires=\"600\""});
	harness_fail_allocation = 0;
	assert_int_equal(numbers().not_kept, 1);
	assert_int_equal(the_phone()->expires_ms, now_ms + 600 * SECOND);
	end();
}

static void test_store_without_memory(void **state)
{
	begin();
	answers_are_local = true;
	ask(&first);
	answer(&first, (answer_t){.code = 200});
	answers_are_local = false;
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_STORED, USUAL_TO,
			USUAL_CONTACT);
	use_up();
	harness_fail_allocation = 1;
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_REMOVED, USUAL_TO,
			USUAL_CONTACT);
	harness_fail_allocation = 0;
	assert_int_equal(numbers().not_kept, 1);
	assert_state(the_phone(), REGMON_STATE_NETWORK_DEREGISTERED);
	assert_true(the_phone()->kept.ended_here);
	end();
}

/* a Retry-After, a verdict by lab keys */
static void test_answers_without_memory(void **state)
{
	static const regmon_aka_verdict_t verdict = {
			.kind = REGMON_AKA_CHALLENGE_RIGHT, .sqn_he_known = true, .sqn_he = 7};
	ask_t asked;

	begin();
	use_up();
	asked = attempt_number(1, 1);
	ask(&asked);
	by_lab_keys = &verdict;
	harness_fail_allocation = 1;
	answer(&asked, (answer_t){.code = 401});
	by_lab_keys = NULL;
	assert_int_equal(harness_fail_allocation, 0);
	assert_int_equal(numbers().not_kept, 1);
	assert_state(phone_number(1), REGMON_STATE_CHALLENGED);
	assert_false(phone_number(1)->aka.marks & REGMON_AKA_SQN_HE_KNOWN);
	asked.cseq = 2;
	asked.branch = "z9hG4bKagain";
	ask(&asked);
	harness_fail_allocation = 1;
	answer(&asked, (answer_t){.code = 503, .lines = "Retry-After: 120\r\n"});
	harness_fail_allocation = 0;
	assert_int_equal(numbers().not_kept, 2);
	assert_state(phone_number(1), REGMON_STATE_FAILED);
	end();
}

/* The core is silent and all phones repeat themselves: more attempts end in one second than there are spare ones. */
static void test_many_run_out_at_once(void **state)
{
	const unsigned phones = 3 * SPARES;
	unsigned i, kept = 0;
	ask_t asked;

	begin();
	for(i = 0; i < phones; i++) {
		asked = attempt_number(i, 1);
		ask(&asked);
		asked.cseq = 2;
		asked.branch = "z9hG4bKagain";
		ask(&asked);
		assert_int_equal(phone_number(i)->attempt.overlaps, 1);
	}
	now_ms += 300 * SECOND;
	regmon_table_expire(table, now_ms);
	for(i = 0; i < phones; i++)
		kept += regmon_supplement_of(phone_number(i))->overlaps_in_row;
	assert_int_equal(kept, phones);
	assert_int_equal(numbers().not_kept, 0);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {world_test(test_healthy_phone_has_none),
			world_test(test_given_back), world_test(test_given_back_after_demands),
			world_test(test_kept_while_something_is_left),
			world_test(test_forgotten), world_test(test_evicted), world_test(test_runs_out),
			world_test(test_many_run_out_at_once), world_test(test_taken_again),
			world_test(test_copy_stands_alone), world_test(test_copies_are_sorted),
			world_test(test_news_and_queue), world_test(test_no_memory),
			world_test(test_network_without_memory),
			world_test(test_document_counts_once_without_memory),
			world_test(test_shortened_without_memory),
			world_test(test_store_without_memory), world_test(test_answers_without_memory)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
