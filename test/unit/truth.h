/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of what really happened to attempts, kept by a test that knows because it made it happen, and sums over it by
 * the plainest means: one loop over all for each question. They are what measure/ has to come to, exactly. */
#ifndef REGMON_TEST_TRUTH_H
#define REGMON_TEST_TRUTH_H

#include <stdlib.h>
#include <string.h>

#include "test/unit/harness.h"

#include "diagnosis/diagnosis.h"
#include "measure/measure.h"

typedef struct happened
{
	regmon_attempt_kind_t kind;
	regmon_result_t result;
	regmon_access_t access;
	int code; /* last answer to the phone */
	uint64_t causes; /* named when it ended */
	int64_t opened_ms, ended_ms, network_ms;
	unsigned registers, retransmissions, challenges, answered, resyncs,
			mac_failures, late_answers;
	int finding; /* index of the rule, -1: none */
	unsigned port;
	char plmn[8], tac[16], cell[32], device[32], imei_tac[12]; /* "": not told */
} happened_t;

static happened_t *happened;
static unsigned happened_n, happened_room;

static inline happened_t *truth_add(const happened_t *one)
{
	if(happened_n == happened_room) {
		happened_room = happened_room ? 2 * happened_room : 1024;
		happened = realloc(happened, happened_room * sizeof(*happened));
		assert_non_null(happened);
	}
	happened[happened_n] = *one;
	return &happened[happened_n++];
}

static inline void truth_forget(void)
{
	free(happened);
	happened = NULL;
	happened_n = happened_room = 0;
}

static inline bool truth_failed(const happened_t *one)
{
	return one->result != REGMON_RESULT_SUCCESS;
}

/* does cause i say more of the reason than cause k? */
static inline bool truth_says_more(int i, int k)
{
	const regmon_cause_t *one = regmon_cause_at(i), *other = regmon_cause_at(k);

	if(one->general != other->general)
		return other->general;
	return one->weight > other->weight;
}

/* index of the cause that is named first, -1: none */
static inline int truth_cause(const happened_t *one)
{
	int first = -1, i;

	for(i = 0; truth_failed(one) && i < (int)regmon_causes_n(); i++)
		if(((one->causes >> i) & 1)
				&& (first < 0 || truth_says_more(i, first)))
			first = i;
	return first;
}

static inline unsigned truth_bucket(int64_t delay_ms)
{
	unsigned i;

	for(i = 0; i < REGMON_DELAY_BUCKETS; i++)
		if(delay_ms <= regmon_delay_bucket_ms[i])
			return i;
	return REGMON_DELAY_BUCKETS - 1;
}

static inline bool truth_ineffective(const happened_t *one)
{
	if(one->result == REGMON_RESULT_UNANSWERED)
		return true;
	return one->result == REGMON_RESULT_REFUSED && one->code >= 400
		   && one->code != 401 && one->code != 402 && one->code != 407;
}

/* access -1: all */
static inline void truth_cell(
		regmon_attempt_kind_t kind, int access, regmon_kpi_cell_t *cell)
{
	const happened_t *one;

	memset(cell, 0, sizeof(*cell));
	for(one = happened; one < happened + happened_n; one++) {
		if(one->kind != kind || (access >= 0 && (int)one->access != access))
			continue;
		if(truth_failed(one)) {
			cell->by_result[one->result]++;
			if(one->result == REGMON_RESULT_REFUSED)
				cell->by_code[one->code - 300]++;
			if(truth_cause(one) >= 0)
				cell->by_cause[truth_cause(one)]++;
		} else {
			cell->successes++;
			cell->setup.n[truth_bucket(one->ended_ms - one->opened_ms)]++;
			cell->setup.sum_ms += one->ended_ms - one->opened_ms;
			cell->network.n[truth_bucket(one->network_ms)]++;
			cell->network.sum_ms += one->network_ms;
		}
		cell->ineffective += truth_ineffective(one);
		cell->registers += one->registers;
		cell->retransmissions += one->retransmissions;
		cell->answers += one->answered + one->resyncs + one->mac_failures;
		cell->challenges += one->challenges;
		cell->challenged += one->challenges > 0;
		cell->challenged_successes +=
				one->challenges > 0 && !truth_failed(one);
		cell->resynced += one->challenges > 0 && one->resyncs > 0;
		cell->mac_failed += one->challenges > 0 && one->mac_failures > 0;
		cell->late_answers += one->late_answers;
	}
}

/* attempts that ended within [from_ms, to_ms] */
static inline void truth_sums(
		int64_t from_ms, int64_t to_ms, regmon_sums_t *sums)
{
	const happened_t *one;

	memset(sums, 0, sizeof(*sums));
	for(one = happened; one < happened + happened_n; one++) {
		bool initial = one->kind == REGMON_ATTEMPT_INITIAL;

		if(one->kind == REGMON_ATTEMPT_QUERY || one->ended_ms < from_ms
				|| one->ended_ms > to_ms)
			continue;
		sums->ended++;
		if(truth_failed(one)) {
			sums->failed++;
			sums->initial_failed += initial;
			continue;
		}
		sums->succeeded++;
		sums->initial_succeeded += initial;
		if(initial) {
			sums->delays.n[truth_bucket(one->ended_ms - one->opened_ms)]++;
			sums->delays.sum_ms += one->ended_ms - one->opened_ms;
		}
	}
}

/* the value of an attempt in a dimension as text, "": none */
static inline const char *truth_value(const happened_t *one,
		regmon_dimension_t dimension, char buffer[16])
{
	buffer[0] = '\0';
	switch(dimension) {
		case REGMON_DIMENSION_PLMN:
			return one->plmn;
		case REGMON_DIMENSION_TAC:
			return one->tac;
		case REGMON_DIMENSION_CELL:
			return one->cell;
		case REGMON_DIMENSION_DEVICE:
			return one->device;
		case REGMON_DIMENSION_IMEI_TAC:
			return one->imei_tac;
		case REGMON_DIMENSION_PORT:
			snprintf(buffer, 16, "%u", one->port);
			break;
		case REGMON_DIMENSION_ACCESS:
			if(one->access)
				snprintf(buffer, 16, "%d", one->access);
			break;
		case REGMON_DIMENSION_CODE:
			if(one->result == REGMON_RESULT_SUCCESS
					|| one->result == REGMON_RESULT_REFUSED)
				snprintf(buffer, 16, "%d", one->code);
			break;
		case REGMON_DIMENSION_CAUSE:
			if(truth_cause(one) >= 0)
				snprintf(buffer, 16, "%d", truth_cause(one));
			break;
		case REGMON_DIMENSION_RULE:
			if(one->finding >= 0)
				snprintf(buffer, 16, "%d", one->finding);
			break;
		default:
			fail_msg("dimension %d", dimension);
	}
	return buffer;
}

/* attempts that have this value (NULL: some value; "": none) and ended at from_ms or later */
static inline void truth_tries(regmon_dimension_t dimension, const char *value,
		int64_t from_ms, uint64_t *ret_successes, uint64_t *ret_failures)
{
	const happened_t *one;
	char buffer[16];

	*ret_successes = *ret_failures = 0;
	for(one = happened; one < happened + happened_n; one++) {
		const char *is = truth_value(one, dimension, buffer);

		if(one->kind == REGMON_ATTEMPT_QUERY || one->ended_ms < from_ms
				|| (value ? strcmp(is, value) != 0 : *is == '\0'))
			continue;
		if(truth_failed(one))
			(*ret_failures)++;
		else
			(*ret_successes)++;
	}
}

#endif
