/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an ended attempt counts for. */
#include "measure/kpi.h"

uint64_t regmon_kpi_failures(const regmon_kpi_cell_t *cell)
{
	uint64_t failures = 0;
	unsigned i;

	for(i = 0; i < REGMON_RESULTS_N; i++)
		failures += cell->by_result[i];
	return failures;
}

uint64_t regmon_kpi_ended(const regmon_kpi_cell_t *cell)
{
	return cell->successes + regmon_kpi_failures(cell);
}

void regmon_kpi_merge(regmon_kpi_cell_t *into, const regmon_kpi_cell_t *from)
{
	/* counts all through */
	_Static_assert(sizeof(*into) % sizeof(uint64_t) == 0, "only counts");
	uint64_t *sum = (uint64_t *)into;
	const uint64_t *more = (const uint64_t *)from;
	unsigned i;

	for(i = 0; i < sizeof(*into) / sizeof(uint64_t); i++)
		sum[i] += more[i];
}

/* RFC 6076 4.2. A phone that did not come back after its 401 was not refused by anybody, and one that began anew gave no
 * final answer the time. */
static bool is_ineffective(const regmon_attempt_t *attempt)
{
	switch(attempt->result) {
		case REGMON_RESULT_UNANSWERED:
			return true;
		case REGMON_RESULT_REFUSED:
			return attempt->code >= 400 && attempt->code != 401
				   && attempt->code != 402 && attempt->code != 407;
		default:
			return false;
	}
}

static int64_t network_ms(const regmon_attempt_t *attempt)
{
	return (int64_t)attempt->waits_before_ms + attempt->last_wait_ms;
}

static void count_failure(
		regmon_kpi_cell_t *cell, const regmon_attempt_t *attempt, int cause)
{
	cell->by_result[attempt->result]++;
	cell->ineffective += is_ineffective(attempt);
	if(attempt->result == REGMON_RESULT_REFUSED)
		cell->by_code[regmon_code_place(attempt->code)]++;
	if(cause >= 0)
		cell->by_cause[cause]++;
}

void regmon_kpi_ended_attempt(
		regmon_kpi_cell_t *cell, const regmon_attempt_t *attempt, int cause)
{
	bool success = attempt->result == REGMON_RESULT_SUCCESS;

	if(success) {
		cell->successes++;
		regmon_histogram_add(
				&cell->setup, attempt->ended_ms - attempt->opened_ms);
		regmon_histogram_add(&cell->network, network_ms(attempt));
	} else {
		count_failure(cell, attempt, cause);
	}
	cell->registers += attempt->requests;
	cell->retransmissions += attempt->retransmissions;
	cell->answers += (unsigned)attempt->answered + attempt->resyncs
					 + attempt->mac_failures;
	if(attempt->challenges == 0)
		return;
	cell->challenged++;
	cell->challenged_successes += success;
	cell->challenges += attempt->challenges;
	cell->resynced += attempt->resyncs > 0;
	cell->mac_failed += attempt->mac_failures > 0;
	cell->late_answers += attempt->late_answers;
}

void regmon_kpi_taken_back(
		regmon_kpi_cell_t *cell, const regmon_attempt_t *attempt, int cause)
{
	cell->successes--;
	regmon_histogram_take(&cell->setup, attempt->ended_ms - attempt->opened_ms);
	regmon_histogram_take(&cell->network, network_ms(attempt));
	cell->challenged_successes -= attempt->challenges > 0;
	count_failure(cell, attempt, cause);
}
