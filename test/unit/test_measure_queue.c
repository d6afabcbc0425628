/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue of ended attempts: order, what is kept of a record, when it is full, many processes at once. */
#include "harness.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/queue.h"

static regmon_queue_t *queue;
static regmon_registration_t record;

static bool put(uint32_t number)
{
	regmon_event_t event = {.type = number % 2 ? REGMON_EVENT_NOT_SENT
											   : REGMON_EVENT_ATTEMPT_ENDED,
			.registration = &record};
	unsigned i;

	memset(&record, 0xee, sizeof(record));
	record.attempt.first_cseq = number;
	record.last_access = (uint8_t)number;
	record.causes = number * UINT64_C(0x100000001);
	for(i = 0; i < REGMON_STRINGS_N; i++)
		record.string_end[i] = (uint16_t)((i + 1) * (1 + number % 20));
	memset(record.strings, (int)number, sizeof(record.strings));
	return regmon_queue_put(queue, &event);
}

static void expect_strings(const regmon_registration_t *taken, uint32_t number)
{
	unsigned which;
	str text;
	int i;

	for(which = REGMON_STRING_INSTANCE; which <= REGMON_STRING_DEVICE;
			which++) {
		text = regmon_registration_string(taken, which);
		assert_int_equal(text.len, 1 + number % 20);
		for(i = 0; i < text.len; i++)
			assert_int_equal((unsigned char)text.s[i], (uint8_t)number);
	}
}

static void expect(uint32_t number)
{
	regmon_event_type_t type = REGMON_EVENTS_N;
	const regmon_registration_t *taken = regmon_queue_take(queue, &type);

	assert_non_null(taken);
	assert_int_equal(type,
			number % 2 ? REGMON_EVENT_NOT_SENT : REGMON_EVENT_ATTEMPT_ENDED);
	assert_int_equal(taken->attempt.first_cseq, number);
	assert_int_equal(taken->last_access, (uint8_t)number);
	assert_true(taken->causes == number * UINT64_C(0x100000001));
	expect_strings(taken, number);
}

static void expect_empty(void)
{
	regmon_event_type_t type;

	assert_null(regmon_queue_take(queue, &type));
}

static void in_order(void **state)
{
	uint32_t i, k;

	queue = regmon_queue_make();
	assert_non_null(queue);
	expect_empty();
	for(i = 0; i < 3; i++) {
		for(k = 0; k < 1500; k++)
			assert_true(put(i * 1500 + k));
		for(k = 0; k < 1500; k++)
			expect(i * 1500 + k);
		expect_empty();
	}
	regmon_queue_free(queue);
}

static void full(void **state)
{
	uint32_t i;

	queue = regmon_queue_make();
	assert_non_null(queue);
	for(i = 0; i < REGMON_QUEUE_MOST; i++)
		assert_true(put(i));
	assert_false(put(i));
	assert_false(put(i));
	expect(0);
	assert_true(put(i));
	assert_false(put(i + 1));
	for(i = 1; i <= REGMON_QUEUE_MOST; i++)
		expect(i);
	expect_empty();
	regmon_queue_free(queue);
}

static void no_memory(void **state)
{
	harness_fail_allocation = 1;
	assert_null(regmon_queue_make());
	regmon_queue_free(NULL);
}

#define PROCESSES 4
#define EACH 50000

/* Several put in while one takes out: each one's come out in their order, none twice, none lost, none mixed up. */
static void many_at_once(void **state)
{
	uint32_t next[PROCESSES] = {0}, i, number, done = 0;
	const regmon_registration_t *taken;
	regmon_event_type_t type;
	int process, status;
	pid_t pids[PROCESSES];

	queue = mmap(NULL, sizeof(*queue), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(queue != MAP_FAILED);
	for(i = 0; i < REGMON_QUEUE_MOST; i++)
		queue->entries[i].turn = i;
	for(process = 0; process < PROCESSES; process++) {
		pids[process] = fork();
		assert_true(pids[process] >= 0);
		if(pids[process] == 0) {
			alarm(60); /* it must not outlive a test that failed */
			for(i = 0; i < EACH; i++)
				while(!put((uint32_t)process << 24 | i))
					usleep(100);
			_exit(0);
		}
	}
	while(done < PROCESSES * EACH) {
		taken = regmon_queue_take(queue, &type);
		if(taken == NULL) {
			usleep(100);
			continue;
		}
		number = taken->attempt.first_cseq;
		process = (int)(number >> 24);
		assert_in_range(process, 0, PROCESSES - 1);
		assert_int_equal(number & 0xffffff, next[process]);
		next[process]++;
		assert_true(taken->causes == number * UINT64_C(0x100000001));
		expect_strings(taken, number);
		done++;
	}
	expect_empty();
	for(process = 0; process < PROCESSES; process++) {
		assert_int_equal(waitpid(pids[process], &status, 0), pids[process]);
		assert_int_equal(status, 0);
	}
	munmap(queue, sizeof(*queue));
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(in_order),
			harness_test(full), harness_test(no_memory),
			harness_test(many_at_once)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
