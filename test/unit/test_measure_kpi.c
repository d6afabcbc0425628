/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an ended attempt counts for: results, codes, IRA, times, AKA; and what a success that was none takes back. */
#include "harness.h"

#include <string.h>

#include "measure/kpi.h"
#include "rules/rule.h"

static regmon_kpi_cell_t cell, expected;

static int setup(void **state)
{
	memset(&cell, 0, sizeof(cell));
	memset(&expected, 0, sizeof(expected));
	return 0;
}

static regmon_attempt_t attempt_of(regmon_result_t result, unsigned code)
{
	return (regmon_attempt_t){.kind = REGMON_ATTEMPT_INITIAL,
			.result = result,
			.code = (uint16_t)code,
			.opened_ms = 1000,
			.ended_ms = 1700,
			.requests = 1};
}

static void end(regmon_result_t result, unsigned code, int cause)
{
	regmon_attempt_t attempt = attempt_of(result, code);

	regmon_kpi_ended_attempt(&cell, &attempt, cause);
}

/* fails unless the cell is what the test expects, in every count */
static void check(void)
{
	assert_memory_equal(&cell, &expected, sizeof(cell));
}

static void refused_ones_by_code(void **state)
{
	static const struct
	{
		unsigned code;
		bool ineffective;
	} codes[] = {{300, false}, {302, false}, {399, false}, {400, true},
			{401, false}, {402, false}, {403, true}, {404, true}, {407, false},
			{408, true}, {423, true}, {494, true}, {499, true}, {500, true},
			{503, true}, {599, true}, {600, true}, {699, true}};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(codes); i++) {
		end(REGMON_RESULT_REFUSED, codes[i].code, -1);
		expected.by_result[REGMON_RESULT_REFUSED]++;
		expected.by_code[codes[i].code - 300]++;
		expected.ineffective += codes[i].ineffective;
		expected.registers++;
		check();
	}
	end(REGMON_RESULT_REFUSED, 0, -1);
	end(REGMON_RESULT_REFUSED, 299, -1);
	end(REGMON_RESULT_REFUSED, 700, -1);
	assert_int_equal(cell.by_code[REGMON_CODE_OTHER], 3);
	assert_int_equal(regmon_kpi_failures(&cell), REGMON_COUNT(codes) + 3);
	assert_int_equal(regmon_kpi_ended(&cell), REGMON_COUNT(codes) + 3);
}

static void results_and_causes(void **state)
{
	end(REGMON_RESULT_SILENT, 401, 3);
	end(REGMON_RESULT_SUPERSEDED, 0, -1);
	end(REGMON_RESULT_SUPERSEDED, 401, 3);
	end(REGMON_RESULT_UNANSWERED, 0, 63);
	expected.by_result[REGMON_RESULT_SILENT] = 1;
	expected.by_result[REGMON_RESULT_SUPERSEDED] = 2;
	expected.by_result[REGMON_RESULT_UNANSWERED] = 1;
	expected.by_cause[3] = 2;
	expected.by_cause[63] = 1;
	expected.ineffective = 1; /* nobody refused the others */
	expected.registers = 4;
	check();
	assert_int_equal(regmon_kpi_failures(&cell), 4);
}

static regmon_attempt_t challenged_success(void)
{
	regmon_attempt_t attempt = attempt_of(REGMON_RESULT_SUCCESS, 200);

	attempt.requests = 3;
	attempt.retransmissions = 2;
	attempt.challenges = 2;
	attempt.answered = 1;
	attempt.resyncs = 1;
	attempt.late_answers = 1;
	attempt.waits_before_ms = 90;
	attempt.last_wait_ms = 30;
	return attempt;
}

static void success_with_challenges(void **state)
{
	regmon_attempt_t attempt = challenged_success();

	regmon_kpi_ended_attempt(&cell, &attempt, -1);
	expected.successes = 1;
	expected.setup.n[regmon_delay_bucket(700)] = 1;
	expected.setup.sum_ms = 700;
	expected.network.n[regmon_delay_bucket(120)] = 1;
	expected.network.sum_ms = 120;
	expected.registers = 3;
	expected.retransmissions = 2;
	expected.challenged = expected.challenged_successes = 1;
	expected.challenges = 2;
	expected.resynced = 1;
	expected.answers = 2;
	expected.late_answers = 1;
	check();
	attempt.result = REGMON_RESULT_REFUSED;
	attempt.code = 403;
	attempt.mac_failures = 5;
	regmon_kpi_ended_attempt(&cell, &attempt, 1);
	assert_int_equal(cell.challenged, 2);
	assert_int_equal(cell.challenged_successes, 1);
	assert_int_equal(cell.mac_failed, 1);
	assert_int_equal(cell.answers, 2 + 7);
	assert_int_equal(regmon_histogram_count(&cell.setup), 1);
}

static void a_success_is_taken_back(void **state)
{
	regmon_attempt_t attempt = challenged_success();

	regmon_kpi_ended_attempt(&cell, &attempt, -1);
	attempt.result = REGMON_RESULT_UNANSWERED;
	regmon_kpi_taken_back(&cell, &attempt, 2);
	/* the same as if it had failed at once */
	regmon_kpi_ended_attempt(&expected, &attempt, 2);
	check();
	assert_int_equal(cell.successes, 0);
	assert_int_equal(cell.ineffective, 1);
}

static void sums_of_cells(void **state)
{
	regmon_kpi_cell_t more;
	uint64_t *counts = (uint64_t *)&more;
	unsigned i;

	for(i = 0; i < sizeof(more) / sizeof(uint64_t); i++)
		counts[i] = i + 1;
	regmon_kpi_merge(&cell, &more);
	regmon_kpi_merge(&cell, &more);
	counts = (uint64_t *)&cell;
	for(i = 0; i < sizeof(cell) / sizeof(uint64_t); i++)
		assert_int_equal(counts[i], 2 * (i + 1));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {TEST(refused_ones_by_code),
			TEST(results_and_causes), TEST(success_with_challenges),
			TEST(a_success_is_taken_back), TEST(sums_of_cells)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
