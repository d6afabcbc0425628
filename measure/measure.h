/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many, how fast, where: everything that is counted of ended attempts, in shared memory. The way in is the table's
 * news: a worker puts what has ended into a queue, without a lock. The way out are the functions below, which any process
 * may call at any time. They count first what waits in the queue, so figures are never late; the timer does so once a
 * second when nobody looks. One lock for all that is counted; no other one is held meanwhile.
 *
 *   regmon_kpi_read        counts by TS 32.409 and RFC 6076, per kind of attempt and access type, with histograms
 *   regmon_sums_read       what came of the last minute, hour and day
 *   regmon_minutes_read    one row per minute, up to a day, for a chart
 *   regmon_hours_read      one row per hour, up to eight days, for the same hour a week ago
 *   regmon_top_read        the first values of a dimension: cells, User-Agents, answer codes, ...
 *   regmon_findings_read   how often each rule was broken
 *   regmon_users_read      registered identities
 *   regmon_shared_read     what the phones with one cause have in common */
#ifndef REGMON_MEASURE_MEASURE_H
#define REGMON_MEASURE_MEASURE_H

#include "measure/breakdown.h"
#include "measure/kpi.h"
#include "measure/population.h"
#include "measure/window.h"
#include "registration/events.h"

typedef struct regmon_measure regmon_measure_t;

/* random: 16 bytes; top_size: values kept of each dimension. NULL: no shared memory. */
regmon_measure_t *regmon_measure_make(
		unsigned top_size, const uint8_t random[16]);
void regmon_measure_free(regmon_measure_t *measure);
/* shared memory that it takes, now and ever */
size_t regmon_measure_bytes(unsigned top_size);
/* Subscribes to the table's news. -1: no room. */
int regmon_measure_listen(regmon_measure_t *measure);

/* Once a second, from one process: goes on with its round through the records (population.h). */
void regmon_measure_go_round(
		regmon_measure_t *measure, regmon_table_t *table, int64_t now_ms);

/* ---- reading ---- */

#define REGMON_ALL_ACCESS (-1)

/* Large: static or allocated, not on the stack. */
typedef struct regmon_kpi
{
	/* attempts opened since start, of any access type: it is known when one ends. Less those that ended: open now, or
	 * their record had to go before their end. */
	uint64_t opened[REGMON_ATTEMPTS_N];
	regmon_kpi_cell_t kinds[REGMON_ATTEMPTS_N]; /* ended ones; by regmon_attempt_kind_t */
	regmon_kpi_cell_t all; /* sum of all kinds but queries */
	uint64_t network_deregistrations; /* bindings that the network took back */
	uint64_t lost; /* ended attempts that could not be counted here: 0 but for a process that hangs */
} regmon_kpi_t;
/* access: regmon_access_t, or REGMON_ALL_ACCESS for their sum */
void regmon_kpi_read(
		regmon_measure_t *measure, int access, regmon_kpi_t *ret_kpi);
/* one cell of it; smaller */
void regmon_kpi_read_cell(regmon_measure_t *measure,
		regmon_attempt_kind_t kind, regmon_access_t access,
		regmon_kpi_cell_t *ret_cell);

/* what regmon_kpi_read() tells of these, without the rest; needs no lock */
typedef struct regmon_opened
{
	uint64_t opened[REGMON_ATTEMPTS_N];
	uint64_t network_deregistrations;
	uint64_t lost;
} regmon_opened_t;
void regmon_opened_read(
		const regmon_measure_t *measure, regmon_opened_t *ret_opened);

/* Percent with the sign that there is none: -1 when the denominator is 0. */
double regmon_percent(uint64_t part, uint64_t whole);

typedef enum regmon_span
{
	REGMON_LAST_MINUTE, /* 60 s; no delays */
	REGMON_LAST_HOUR,	/* the running minute and the 59 before it */
	REGMON_LAST_DAY		/* the running minute and the 1,439 before it */
} regmon_span_t;
void regmon_sums_read(regmon_measure_t *measure, regmon_span_t span,
		int64_t now_ms, regmon_sums_t *ret_sums);

/* The last n minutes, the running one last, oldest first; minutes in which nothing ended are rows of zeros. n: up to
 * REGMON_WINDOW_MINUTES. number * 60 is the minute's begin in seconds since 1970. */
void regmon_minutes_read(regmon_measure_t *measure, int64_t now_ms,
		unsigned n, regmon_period_t *ret_rows);
/* the same of hours; up to REGMON_WINDOW_HOURS */
void regmon_hours_read(regmon_measure_t *measure, int64_t now_ms, unsigned n,
		regmon_period_t *ret_rows);

/* The first `room` values of a dimension; recent: of the running half hour and the one before it only. */
void regmon_top_read(regmon_measure_t *measure, regmon_dimension_t dimension,
		regmon_top_order_t order, bool recent, int64_t now_ms,
		regmon_top_row_t *rows, unsigned room, regmon_top_t *ret_top);

/* messages that broke each rule since start, by its index; needs no lock */
void regmon_findings_read(const regmon_measure_t *measure,
		uint64_t ret_found[REGMON_MAX_RULES]);

void regmon_users_read(regmon_measure_t *measure, regmon_users_t *ret_users);
/* as of the last round */
void regmon_shared_read(regmon_measure_t *measure, unsigned cause,
		regmon_population_of_cause_t *ret_found);

/* ---- plain totals, for Kamailio's counters: read one by one, exact in each, not in their sum ---- */
#define REGMON_TOTALS(X)                                                                                        \
	X(refused, "attempts that a final answer refused, of all kinds but queries")                                \
	X(ineffective, "attempts that RFC 6076 4.2 calls ineffective: final 4xx but 401, 402, 407; 5xx; 6xx; or no answer") \
	X(setup_ms_initial, "set-up times of successful initial registrations together, in ms (TS 32.409 UR.MeanInitRegSetupTime)") \
	X(setup_ms_reregistration, "the same of re-registrations (UR.MeanReRegSetupTime)")                          \
	X(setup_ms_deregistration, "the same of de-registrations by the phone (UR.MeanDeRegUeSetupTime)")           \
	X(setup_ms_third_party, "the same of third-party registrations (UR.Mean3rdPartyRegSetupTime)")              \
	X(setup_network_ms_initial, "the part of setup_ms_initial that REGISTERs waited for their answers")         \
	X(challenged, "attempts with at least one 401")                                                             \
	X(challenged_successes, "of these, ended with success")                                                     \
	X(resynced, "attempts in which the phone asked for a new SQN (auts)")                                       \
	X(mac_failed, "attempts in which the phone refused the network's AUTN")                                     \
	X(late_answers, "REGISTERs that answered a 401 after more than 5 s")                                        \
	X(public_identities, "IMPUs with a binding in force, as of the last round (DBU.NbrRegPubUserId)")           \
	X(private_identities, "IMPIs with a binding in force, as of the last round (DBU.NbrRegPriUsrId)")
typedef enum regmon_total
{
#define X(name, help) REGMON_TOTAL_##name,
	REGMON_TOTALS(X)
#undef X
	REGMON_TOTALS_N
} regmon_total_t;
const char *regmon_total_name(regmon_total_t total);
const char *regmon_total_help(regmon_total_t total);
uint64_t regmon_total_read(regmon_measure_t *measure, regmon_total_t total);

#endif
