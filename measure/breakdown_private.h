/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the breakdowns, for breakdown.c, which counts, and top.c, which reads. */
#ifndef REGMON_MEASURE_BREAKDOWN_PRIVATE_H
#define REGMON_MEASURE_BREAKDOWN_PRIVATE_H

#include "measure/breakdown.h"
#include "measure/heavy.h"
#include "measure/kpi.h"

#define REGMON_HALF_HOUR_MS INT64_C(1800000)

/* second index of these arrays */
#define REGMON_SUCCEEDED 0
#define REGMON_FAILED 1

/* since start, and in the running half hour and the one before it */
typedef struct regmon_tries
{
	uint64_t n[2];
	uint32_t half_hour; /* since 1970 */
	uint32_t recent[2][2];
} regmon_tries_t;

/* the most frequent reasons; with more than these, the rarest gives way to a new one */
#define REGMON_REASONS_N 4
typedef struct regmon_reasons
{
	regmon_failure_t failure[REGMON_REASONS_N];
	uint32_t n[REGMON_REASONS_N];
	uint32_t inherited[REGMON_REASONS_N]; /* of n: taken over from what stood there before */
} regmon_reasons_t;

typedef struct regmon_value
{
	regmon_tries_t tries;
	int64_t since_ms; /* 0: nothing of it was missed since start */
	int32_t length;
	char text[REGMON_TRAIT_TEXT];
} regmon_value_t;

typedef struct regmon_failing_value
{
	regmon_value_t value;
	regmon_reasons_t reasons;
} regmon_failing_value_t;

/* One ranked dimension: order by attempts, order by failures, and what belongs to the slots of each. */
typedef struct regmon_ranking
{
	regmon_tries_t all, without;
	regmon_heavy_t *by_attempts, *by_failures;
	regmon_value_t *attempted;
	regmon_failing_value_t *failing;
} regmon_ranking_t;

typedef struct regmon_exact
{
	regmon_tries_t tries;
	regmon_reasons_t reasons;
} regmon_exact_t;

#define REGMON_ANSWERS_FIRST 200
#define REGMON_ANSWERS_N 501 /* 200 to 699, and what is none of these */

struct regmon_breakdown
{
	unsigned top_size;
	regmon_ranking_t rankings[REGMON_RANKED_DIMENSIONS_N];
	regmon_tries_t all[REGMON_DIMENSIONS_N], without[REGMON_DIMENSIONS_N]; /* of the exact ones */
	regmon_exact_t access[REGMON_ACCESS_KINDS_N];
	regmon_exact_t codes[REGMON_ANSWERS_N];
	regmon_exact_t causes[REGMON_KPI_CAUSES_N];
	regmon_exact_t rules[REGMON_MAX_RULES];
	uint64_t found[REGMON_MAX_RULES]; /* atomic */
};

/* rows of an exact dimension */
const regmon_exact_t *regmon_breakdown_exact(
		const regmon_breakdown_t *breakdown, regmon_dimension_t dimension,
		unsigned *ret_n);

#endif
