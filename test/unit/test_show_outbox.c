/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue of events: order, bounds, what it takes from the table's news, and many writing processes at a time. */
#include "test/unit/registration_world.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* its inside, too: a writer that stands still in the middle is made by hand */
#include "show/outbox.c"

#define ENTRIES REGMON_MAX_TIMELINE
#define RECORD_SIZE \
	(sizeof(regmon_registration_t) + ENTRIES * sizeof(regmon_entry_t))

static union
{
	regmon_registration_t record;
	char room[RECORD_SIZE];
} sample;

static regmon_event_t event_number(unsigned number)
{
	unsigned i;

	memset(&sample, 0, sizeof(sample));
	sample.record.successes = number;
	sample.record.timeline_length = ENTRIES;
	sample.record.timeline_n = ENTRIES;
	for(i = 0; i < ENTRIES; i++)
		sample.record.timeline[i].cseq = number;
	return (regmon_event_t){.type = REGMON_EVENT_ATTEMPT_ENDED,
			.now_ms = number,
			.registration = &sample.record};
}

static bool put(regmon_outbox_t *outbox, unsigned number)
{
	regmon_event_t event = event_number(number);

	return regmon_outbox_put(outbox, REGMON_OUTGOING_RECORD, &event);
}

/* the number of the entry taken out, 0: there is none */
static unsigned take(regmon_outbox_t *outbox)
{
	const regmon_outgoing_t *first = regmon_outbox_first(outbox);
	unsigned number;

	if(first == NULL)
		return 0;
	number = first->record.successes;
	assert_int_equal(first->now_ms, number);
	assert_int_equal(first->record.timeline[ENTRIES - 1].cseq, number);
	regmon_outbox_taken(outbox);
	return number;
}

static regmon_outbox_numbers_t numbers_of(const regmon_outbox_t *outbox)
{
	regmon_outbox_numbers_t numbers;

	regmon_outbox_count(outbox, &numbers);
	return numbers;
}

static void test_first_in_first_out(void **state)
{
	regmon_outbox_t *outbox = regmon_outbox_make(16, RECORD_SIZE);
	unsigned round, i, number = 0, taken = 0;

	assert_non_null(outbox);
	assert_int_equal(take(outbox), 0);
	for(round = 0; round < 50; round++) {
		for(i = 0; i < round % 17; i++)
			assert_true(put(outbox, ++number));
		assert_int_equal(numbers_of(outbox).waiting, round % 17);
		for(i = 0; i < round % 17; i++)
			assert_int_equal(take(outbox), ++taken);
		assert_int_equal(take(outbox), 0);
	}
	assert_int_equal(numbers_of(outbox).queued, number);
	assert_int_equal(numbers_of(outbox).dropped, 0);
	regmon_outbox_free(outbox);
}

static void test_full_drops_the_new_one(void **state)
{
	regmon_outbox_t *outbox = regmon_outbox_make(16, RECORD_SIZE);
	regmon_event_t event;
	unsigned i;

	for(i = 1; i <= 16; i++)
		assert_true(put(outbox, i));
	assert_false(put(outbox, 17));
	event = event_number(18);
	assert_false(regmon_outbox_put(outbox, REGMON_OUTGOING_STATE, &event));
	assert_int_equal(numbers_of(outbox).dropped, 2);
	assert_int_equal(numbers_of(outbox).dropped_records, 1);
	assert_int_equal(numbers_of(outbox).queued, 16);
	assert_int_equal(take(outbox), 1);
	assert_true(put(outbox, 19));
	for(i = 2; i <= 16; i++)
		assert_int_equal(take(outbox), i);
	assert_int_equal(take(outbox), 19);
	assert_int_equal(take(outbox), 0);
	regmon_outbox_free(outbox);
}

/* Between taking a place and filling it a process may be put to sleep: the others go on, nothing is mixed up. */
static void test_a_writer_that_sleeps(void **state)
{
	regmon_outbox_t *outbox = regmon_outbox_make(16, RECORD_SIZE);
	regmon_outgoing_t *slow;
	regmon_event_t event;
	uint64_t turn;
	unsigned i;

	assert_true(put(outbox, 1));
	turn = outbox->tail++; /* as the slow one does */
	for(i = 3; i <= 16; i++)
		assert_true(put(outbox, i));
	assert_int_equal(take(outbox), 1);
	assert_int_equal(take(outbox), 0);
	assert_true(put(outbox, 17));
	/* round to the place that it still holds */
	assert_false(put(outbox, 18));
	assert_int_equal(take(outbox), 0);
	event = event_number(2);
	slow = place_at(outbox, turn);
	fill(slow, REGMON_OUTGOING_RECORD, &event);
	slow->turn = turn + 1;
	for(i = 2; i <= 17; i++)
		assert_int_equal(take(outbox), i);
	assert_int_equal(take(outbox), 0);
	regmon_outbox_free(outbox);
}

static void test_no_memory(void **state)
{
	harness_fail_allocation = 1;
	assert_null(regmon_outbox_make(16, RECORD_SIZE));
	regmon_outbox_free(NULL);
}

static void test_names(void **state)
{
	assert_string_equal(regmon_outgoing_name(REGMON_OUTGOING_STATE), "state");
	assert_string_equal(regmon_outgoing_name(REGMON_OUTGOING_RECORD), "record");
	assert_string_equal(regmon_outgoing_name(REGMON_OUTGOINGS_N), "?");
}

/* ---- what it takes from the table ---- */

static unsigned counted[REGMON_OUTGOINGS_N], corrections;

static regmon_outbox_t *listening(unsigned kinds)
{
	regmon_outbox_t *outbox;

	begin();
	outbox = regmon_outbox_make(64, regmon_table_record_size(table));
	assert_non_null(outbox);
	assert_int_equal(regmon_outbox_listen(outbox, kinds), 0);
	return outbox;
}

static void take_all(regmon_outbox_t *outbox)
{
	const regmon_outgoing_t *first;

	memset(counted, 0, sizeof(counted));
	corrections = 0;
	for(; (first = regmon_outbox_first(outbox)); regmon_outbox_taken(outbox)) {
		counted[first->kind]++;
		corrections += first->correction;
	}
}

static void test_takes_what_is_wanted(void **state)
{
	regmon_outbox_t *outbox = listening(1u << REGMON_OUTGOING_STATE);

	exchange(&(ask_t){0}, (answer_t){.code = 200});
	take_all(outbox);
	assert_int_equal(counted[REGMON_OUTGOING_STATE], 2);
	assert_int_equal(counted[REGMON_OUTGOING_RECORD], 0);
	end();
	regmon_outbox_free(outbox);

	outbox = listening(1u << REGMON_OUTGOING_RECORD);
	exchange(&(ask_t){0}, (answer_t){.code = 403});
	take_all(outbox);
	assert_int_equal(counted[REGMON_OUTGOING_STATE], 0);
	assert_int_equal(counted[REGMON_OUTGOING_RECORD], 1);
	assert_int_equal(corrections, 0);
	end();
	regmon_outbox_free(outbox);
}

/* A success that was none after all is told once more; an answer that was no success either way is not. */
static void test_correction(void **state)
{
	regmon_outbox_t *outbox = listening(1u << REGMON_OUTGOING_RECORD);

	exchange(&(ask_t){0}, (answer_t){.code = 200});
	take_all(outbox);
	assert_int_equal(counted[REGMON_OUTGOING_RECORD], 1);
	without_message(&(ask_t){0}, REGMON_HAPPENING_TRANSACTION_ENDED, 200);
	take_all(outbox);
	assert_int_equal(counted[REGMON_OUTGOING_RECORD], 1);
	assert_int_equal(corrections, 1);

	exchange(&(ask_t){.call_id = "two", .branch = "z9hG4bK2", .cseq = 2},
			(answer_t){.code = 403});
	take_all(outbox);
	without_message(&(ask_t){.call_id = "two", .branch = "z9hG4bK2", .cseq = 2},
			REGMON_HAPPENING_TRANSACTION_ENDED, 403);
	take_all(outbox);
	assert_int_equal(counted[REGMON_OUTGOING_RECORD], 0);
	end();
	regmon_outbox_free(outbox);
}

static void test_findings_from_warning_on(void **state)
{
	regmon_outbox_t *outbox = listening(REGMON_OUTGOING_ALL);
	regmon_event_t event = event_number(1);
	int severity;

	event.type = REGMON_EVENT_FINDING;
	sample.record.timeline_n = 1; /* this table's records have a shorter timeline */
	for(severity = REGMON_NOTE; severity <= REGMON_ERROR; severity++) {
		event.severity = severity;
		regmon_events_tell(&event);
	}
	/* an event without a record: the table had no memory for it */
	event.registration = NULL;
	regmon_events_tell(&event);
	take_all(outbox);
	assert_int_equal(counted[REGMON_OUTGOING_FINDING], 2);
	end();
	regmon_outbox_free(outbox);
}

/* ---- many writers ---- */

#define WRITERS 4
#define EACH 150000
#define PLACES 64

/* A pattern over the whole record: an entry that two have written would show. */
static void write_many(regmon_outbox_t *outbox, unsigned writer)
{
	regmon_event_t event;
	unsigned i;

	for(i = 1; i <= EACH; i++) {
		event = event_number(i);
		memset(sample.record.strings, (int)('A' + writer),
				sizeof(sample.record.strings));
		sample.record.failures = writer;
		if(!regmon_outbox_put(outbox, REGMON_OUTGOING_RECORD, &event))
			sched_yield();
	}
}

static bool is_whole(const regmon_registration_t *record)
{
	unsigned i;

	for(i = 0; i < sizeof(record->strings); i++)
		if(record->strings[i] != (char)('A' + record->failures))
			return false;
	for(i = 0; i < ENTRIES; i++)
		if(record->timeline[i].cseq != record->successes)
			return false;
	return true;
}

static void test_many_writers(void **state)
{
	size_t bytes = regmon_outbox_bytes(PLACES, RECORD_SIZE);
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	regmon_outbox_t *outbox;
	const regmon_outgoing_t *first;
	unsigned last[WRITERS] = {0}, taken = 0, running = WRITERS, i;
	regmon_outbox_numbers_t numbers;
	int status;

	assert_true(memory != MAP_FAILED);
	outbox = regmon_outbox_place(memory, PLACES, RECORD_SIZE);
	for(i = 0; i < WRITERS; i++)
		if(fork() == 0) {
			write_many(outbox, i);
			_exit(0);
		}
	for(;;) {
		/* asked first: what they left behind is taken in this round */
		while(running > 0 && waitpid(-1, &status, WNOHANG) > 0) {
			assert_int_equal(status, 0);
			running--;
		}
		while((first = regmon_outbox_first(outbox))) {
			assert_in_range(first->record.failures, 0, WRITERS - 1);
			assert_true(is_whole(&first->record));
			/* each writer's own order is kept */
			assert_true(first->record.successes > last[first->record.failures]);
			last[first->record.failures] = first->record.successes;
			taken++;
			regmon_outbox_taken(outbox);
		}
		if(running == 0)
			break;
		sched_yield();
	}
	numbers = numbers_of(outbox);
	print_message("%u taken, %llu dropped of %u\n", taken,
			(unsigned long long)numbers.dropped, WRITERS * EACH);
	assert_int_equal(numbers.queued, taken);
	assert_int_equal(numbers.waiting, 0);
	assert_int_equal(numbers.queued + numbers.dropped, WRITERS * EACH);
	/* it was full now and then, or this test has not shown anything */
	assert_true(taken > PLACES && numbers.dropped > 0);
	munmap(memory, bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_first_in_first_out),
			harness_test(test_full_drops_the_new_one),
			harness_test(test_a_writer_that_sleeps),
			harness_test(test_no_memory), harness_test(test_names),
			harness_test(test_takes_what_is_wanted),
			harness_test(test_correction),
			harness_test(test_findings_from_warning_on),
			harness_test(test_many_writers)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
