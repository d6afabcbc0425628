/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where and with what registrations fail: ended attempts by the values of a dimension, in memory that does not grow.
 * Dimensions of any number of values (cells, User-Agents, ...) keep the most frequent ones, twice: by attempts and by
 * failures, because a cell in which everything fails may be a small one (measure/heavy.h). Dimensions whose values are
 * known beforehand count every one. No lock of its own: measure.c has one for all. */
#ifndef REGMON_MEASURE_BREAKDOWN_H
#define REGMON_MEASURE_BREAKDOWN_H

#include "measure/traits.h"
#include "rules/rule.h"

/* The ranked ones first: they have the numbers of their traits. */
#define REGMON_DIMENSIONS(X)        \
	X(PLMN, "plmn")                 \
	X(TAC, "tac")                   \
	X(CELL, "cell")                 \
	X(DEVICE, "device")             \
	X(IMEI_TAC, "imei_tac")         \
	X(PORT, "port")                 \
	X(ACCESS, "access")             \
	X(CODE, "code")                 \
	X(CAUSE, "cause")               \
	X(RULE, "rule")
typedef enum regmon_dimension
{
#define X(id, name) REGMON_DIMENSION_##id,
	REGMON_DIMENSIONS(X)
#undef X
	REGMON_DIMENSIONS_N
} regmon_dimension_t;
#define REGMON_RANKED_DIMENSIONS_N REGMON_DIMENSION_ACCESS

const char *regmon_dimension_name(regmon_dimension_t dimension);
bool regmon_dimension_find(str name, regmon_dimension_t *ret_dimension);

/* Why attempts failed: the first cause that was named, else the answer that refused, else how it ended. */
typedef uint16_t regmon_failure_t; /* 0: none */
#define REGMON_FAILURE_CODE 0x1000
#define REGMON_FAILURE_CAUSE 0x2000
#define REGMON_FAILURE_RESULT 0x3000
#define REGMON_FAILURE_KIND 0xf000
#define REGMON_FAILURE_VALUE 0x0fff
/* "challenge-loop", "403", "superseded"; "" for none */
const char *regmon_failure_name(regmon_failure_t failure, char buffer[8]);

typedef struct regmon_breakdown regmon_breakdown_t;

/* top_size: values kept of each ranked dimension, 10 to REGMON_TOP_MOST. NULL: no shared memory. */
#define REGMON_TOP_LEAST 10
#define REGMON_TOP_MOST 2000
regmon_breakdown_t *regmon_breakdown_make(
		unsigned top_size, const regmon_secret_t *secret);
void regmon_breakdown_free(regmon_breakdown_t *breakdown);
/* of all its blocks */
size_t regmon_breakdown_bytes(unsigned top_size);

/* An attempt that has ended, and its record as it stood then. */
typedef struct regmon_ended
{
	const regmon_registration_t *registration;
	const regmon_attempt_t *attempt; /* of the record */
	int cause; /* index of the first one named, -1: none; of failures only */
	uint64_t keys[REGMON_TRAITS_N];
} regmon_ended_t;
void regmon_ended_read(const regmon_registration_t *registration,
		const regmon_secret_t *secret, regmon_ended_t *ret_ended);

/* All kinds of attempts but queries. */
void regmon_breakdown_ended(
		regmon_breakdown_t *breakdown, const regmon_ended_t *ended);
/* It had been told as a success, and its answer could not be sent. */
void regmon_breakdown_taken_back(
		regmon_breakdown_t *breakdown, const regmon_ended_t *ended);
/* a message broke a rule; atomic, needs no lock */
void regmon_breakdown_finding(
		regmon_breakdown_t *breakdown, regmon_rule_index_t rule);

/* ---- reading ---- */
/* messages that broke each rule; needs no lock */
void regmon_breakdown_found(const regmon_breakdown_t *breakdown,
		uint64_t ret_found[REGMON_MAX_RULES]);

typedef enum regmon_top_order
{
	REGMON_TOP_BY_FAILURES,
	REGMON_TOP_BY_ATTEMPTS,
	REGMON_TOP_BY_RATIO /* of failures among attempts; only values with REGMON_TOP_RATIO_LEAST of these */
} regmon_top_order_t;
#define REGMON_TOP_RATIO_LEAST 10

/* Attempts of one value. All are counted since since_ms: the start, or when the value took the place of a rarer one.
 * Before that it may have come to `missed` more, of what the order is by, but no more. */
typedef struct regmon_top_row
{
	char text[REGMON_TRAIT_TEXT]; /* not ended by a zero */
	int length;
	unsigned index; /* of cause, rule, access type; the code: where the dimension is one of these */
	uint64_t attempts, successes, failures; /* attempts = successes + failures */
	uint64_t missed;
	int64_t since_ms; /* 0: start */
	regmon_failure_t failure; /* most frequent one, 0: none */
	uint64_t failure_n; /* how often at least */
	uint64_t found; /* rule: messages that broke it */
} regmon_top_row_t;

typedef struct regmon_top
{
	unsigned rows_n;  /* in rows[] */
	unsigned values; /* that have a place and fit the order: rows_n, and those that found no room */
	uint64_t attempts, successes, failures; /* of all values, those without a place included */
	uint64_t without; /* attempts that have no value in this dimension */
	uint64_t replaced; /* how often a value lost its place, 0: every value is here and counted exactly */
	uint64_t floor; /* a value without a place has no more than so many, of what the order is by */
	int64_t since_ms; /* of the window; 0: start */
} regmon_top_t;

/* The first ones of a dimension. now_ms: only attempts of the running half hour and of the one before it; 0: all since
 * start. Takes from the caller what guards the breakdown: lock is called before each look and unlock behind it. */
typedef struct regmon_guard
{
	void (*lock)(void *context);
	void (*unlock)(void *context);
	void *context;
} regmon_guard_t;
void regmon_breakdown_top(const regmon_breakdown_t *breakdown,
		const regmon_guard_t *guard, regmon_dimension_t dimension,
		regmon_top_order_t order, int64_t now_ms, regmon_top_row_t *rows,
		unsigned room, regmon_top_t *ret_top);

#endif
