/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts per kind of attempt and access type by which TS 32.409 and RFC 6076 measure registrations; doc/kpi.md tells
 * each formula. Attempts, never messages: one attempt is all rounds of a Call-ID and From tag; 401 is neither success nor
 * failure. No lock of its own: measure.c has one for all. */
#ifndef REGMON_MEASURE_KPI_H
#define REGMON_MEASURE_KPI_H

#include "measure/histogram.h"
#include "registration/registration.h"

/* answers that refuse: 300 to 699, and one place for what is none of these */
#define REGMON_CODES_FIRST 300
#define REGMON_CODES_N 401
#define REGMON_CODE_OTHER (REGMON_CODES_N - 1)
static inline unsigned regmon_code_place(unsigned code)
{
	return code >= REGMON_CODES_FIRST
						   && code < REGMON_CODES_FIRST + REGMON_CODE_OTHER
				   ? code - REGMON_CODES_FIRST
				   : REGMON_CODE_OTHER;
}

#define REGMON_KPI_CAUSES_N 64

/* All of ended attempts, since start. */
typedef struct regmon_kpi_cell
{
	uint64_t successes;
	uint64_t by_result[REGMON_RESULTS_N]; /* failures: all but OPEN and SUCCESS, which stay 0 */
	/* set-up time: first REGISTER here to the 2xx that left here; successes only (RFC 6076 4.1 RRD, at this node) */
	regmon_histogram_t setup;
	/* the part of it that REGISTERs waited for their answers: without the time of the phone between 401 and REGISTER */
	regmon_histogram_t network;
	/* RFC 6076 4.2 IRA: final 4xx but 401, 402, 407; 5xx; 6xx; or no final answer at all */
	uint64_t ineffective;
	uint64_t registers; /* REGISTERs of these attempts, retransmissions not counted */
	uint64_t retransmissions;
	/* AKA */
	uint64_t challenged; /* attempts with at least one 401 */
	uint64_t challenged_successes; /* of these, ended with success */
	uint64_t challenges; /* 401s sent */
	uint64_t resynced;	 /* attempts in which the phone asked for a new SQN (auts) */
	uint64_t mac_failed; /* attempts in which it refused the network's AUTN */
	uint64_t answers;	 /* REGISTERs with a response, auts or refusal behind a 401 or without one */
	uint64_t late_answers; /* to a 401, more than 5 s after it */
	/* refused ones by answer code (UR.FailInitReg.CODE): place code - 300 */
	uint64_t by_code[REGMON_CODES_N];
	/* failed ones by the first cause that was named when they ended; index of the cause */
	uint64_t by_cause[REGMON_KPI_CAUSES_N];
} regmon_kpi_cell_t;

uint64_t regmon_kpi_failures(const regmon_kpi_cell_t *cell);
/* successes and failures */
uint64_t regmon_kpi_ended(const regmon_kpi_cell_t *cell);
void regmon_kpi_merge(regmon_kpi_cell_t *into, const regmon_kpi_cell_t *from);

/* An attempt that ended. cause: index of the first one named, -1: none. */
void regmon_kpi_ended_attempt(
		regmon_kpi_cell_t *cell, const regmon_attempt_t *attempt, int cause);
/* One that had been counted as a success, and its answer could not be sent: attempt as it stands now. */
void regmon_kpi_taken_back(
		regmon_kpi_cell_t *cell, const regmon_attempt_t *attempt, int cause);

#endif
