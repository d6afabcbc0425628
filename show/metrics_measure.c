/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of measure/ for Prometheus, per kind of attempt and access type; doc/kpi.md tells each. */
#include "show/metrics_private.h"

#include <stddef.h>
#include <stdio.h>

/* What the families below tell, of one reading. A process answers one request at a time. */
static struct
{
	regmon_opened_t opened;
	uint64_t ended[REGMON_ATTEMPTS_N][REGMON_ACCESS_KINDS_N];
	uint64_t by_result[REGMON_ATTEMPTS_N][REGMON_ACCESS_KINDS_N]
					  [REGMON_RESULTS_N];
	regmon_metrics_cell_t cells[REGMON_ATTEMPTS_N][REGMON_ACCESS_KINDS_N];
	regmon_kpi_cell_t kinds[REGMON_ATTEMPTS_N], all;
} figures;

/* kinds that may be there; TS 32.409 knows the first four */
static const regmon_attempt_kind_t kinds[] = {REGMON_ATTEMPT_INITIAL,
		REGMON_ATTEMPT_REFRESH, REGMON_ATTEMPT_DEREGISTER,
		REGMON_ATTEMPT_THIRD_PARTY, REGMON_ATTEMPT_UNKNOWN,
		REGMON_ATTEMPT_QUERY};
#define MEASURED_KINDS 4

void regmon_metrics_read_figures(regmon_metrics_t *metrics)
{
	static regmon_kpi_cell_t cell; /* large */
	regmon_measure_t *measure = metrics->source->monitor->measure;
	unsigned i, kind, access;

	memset(&figures, 0, sizeof(figures));
	regmon_opened_read(measure, &figures.opened);
	for(i = 0; i < REGMON_COUNT(kinds); i++) {
		kind = kinds[i];
		for(access = 0; access < REGMON_ACCESS_KINDS_N; access++) {
			regmon_kpi_read_cell(measure, (regmon_attempt_kind_t)kind,
					(regmon_access_t)access, &cell);
			figures.ended[kind][access] = regmon_kpi_ended(&cell);
			memcpy(figures.by_result[kind][access], cell.by_result,
					sizeof(cell.by_result));
			regmon_metrics_cell_of(metrics->source->memory,
					(regmon_attempt_kind_t)kind, (regmon_access_t)access,
					&cell, &figures.cells[kind][access]);
			regmon_kpi_merge(&figures.kinds[kind], &cell);
		}
		if(kind != REGMON_ATTEMPT_QUERY)
			regmon_kpi_merge(&figures.all, &figures.kinds[kind]);
	}
}

static const char *kind_name(unsigned i)
{
	return regmon_attempt_name(kinds[i]);
}

/* ---- attempts ---- */

static void attempts_of_cell(
		regmon_metrics_t *metrics, unsigned i, unsigned access)
{
	unsigned kind = kinds[i], result;

	if(figures.ended[kind][access] == 0)
		return;
	for(result = REGMON_RESULT_SUCCESS; result < REGMON_RESULTS_N; result++)
		regmon_metrics_sample(metrics,
				(int64_t)(result == REGMON_RESULT_SUCCESS
								  ? figures.cells[kind][access].successes
								  : figures.by_result[kind][access][result]),
				"kind", kind_name(i), "access",
				regmon_access_name((regmon_access_t)access), "result",
				regmon_result_name((regmon_result_t)result), NULL);
}

void regmon_metrics_attempts(regmon_metrics_t *metrics)
{
	unsigned i, access;

	regmon_metrics_family(metrics, "attempts_opened_total", "counter",
			"Attempts opened, by kind: all rounds of one Call-ID and From tag "
			"until the final answer are one attempt.");
	for(i = 0; i < REGMON_COUNT(kinds); i++)
		regmon_metrics_sample(metrics, (int64_t)figures.opened.opened[kinds[i]],
				"kind", kind_name(i), NULL);
	regmon_metrics_family(metrics, "attempts_ended_total", "counter",
			"Attempts ended, by kind, access type and how they ended.");
	for(i = 0; i < REGMON_COUNT(kinds); i++)
		for(access = 0; access < REGMON_ACCESS_KINDS_N; access++)
			attempts_of_cell(metrics, i, access);
	regmon_metrics_family(metrics, "attempts_not_counted_total", "counter",
			"Ended attempts that could not be counted here; more than 0 means "
			"that a process hangs.");
	regmon_metrics_sample(metrics, (int64_t)figures.opened.lost, NULL);
	/* RFC 6076 4.2 */
	regmon_metrics_family(metrics, "attempts_ineffective_total", "counter",
			"Attempts that RFC 6076 4.2 calls ineffective: final 4xx but 401, "
			"402, 407; 5xx; 6xx; or no answer; all kinds but queries.");
	regmon_metrics_sample(metrics, (int64_t)figures.all.ineffective, NULL);
}

/* ---- why they failed ---- */

static void causes_of_kind(regmon_metrics_t *metrics, unsigned i)
{
	const regmon_kpi_cell_t *cell = &figures.kinds[kinds[i]];
	uint64_t unnamed = regmon_kpi_failures(cell);
	unsigned cause;

	for(cause = 0; cause < regmon_causes_n(); cause++) {
		unnamed -= cell->by_cause[cause];
		if(cell->by_cause[cause])
			regmon_metrics_sample(metrics, (int64_t)cell->by_cause[cause],
					"kind", kind_name(i), "cause", regmon_cause_at(cause)->id,
					NULL);
	}
	if(unnamed)
		regmon_metrics_sample(metrics, (int64_t)unnamed, "kind", kind_name(i),
				"cause", "none", NULL);
}

static void codes_of_kind(regmon_metrics_t *metrics, unsigned i)
{
	const regmon_kpi_cell_t *cell = &figures.kinds[kinds[i]];
	uint64_t others = cell->by_code[REGMON_CODE_OTHER];
	char name[8];
	unsigned code;

	for(code = 0; code < REGMON_CODE_OTHER; code++) {
		if(cell->by_code[code] == 0)
			continue;
		if(!regmon_metrics_has_place(
				   metrics->source->memory, REGMON_METRICS_CODES, code)) {
			others += cell->by_code[code];
			continue;
		}
		snprintf(name, sizeof(name), "%u", code + REGMON_CODES_FIRST);
		regmon_metrics_sample(metrics, (int64_t)cell->by_code[code], "kind",
				kind_name(i), "code", name, NULL);
	}
	if(others)
		regmon_metrics_sample(metrics, (int64_t)others, "kind", kind_name(i),
				"code", "other", NULL);
}

void regmon_metrics_failures(regmon_metrics_t *metrics)
{
	unsigned i;

	regmon_metrics_family(metrics, "attempts_failed_total", "counter",
			"Failed attempts, by kind and the first cause named when they "
			"ended; none: no cause was known.");
	for(i = 0; i < REGMON_COUNT(kinds); i++)
		causes_of_kind(metrics, i);
	regmon_metrics_family(metrics, "attempts_refused_total", "counter",
			"Attempts that a final answer refused, by kind and answer code.");
	for(i = 0; i < REGMON_COUNT(kinds); i++)
		codes_of_kind(metrics, i);
}

/* ---- AKA ---- */

static void one(regmon_metrics_t *metrics, const char *name, const char *help,
		uint64_t value)
{
	regmon_metrics_family(metrics, name, "counter", help);
	regmon_metrics_sample(metrics, (int64_t)value, NULL);
}

void regmon_metrics_aka(regmon_metrics_t *metrics)
{
	const regmon_kpi_cell_t *all = &figures.all;

	one(metrics, "attempts_challenged_total",
			"Ended attempts with at least one 401; all kinds but queries.",
			all->challenged);
	one(metrics, "attempts_challenged_succeeded_total",
			"Of these, ended with success.",
			regmon_metrics_challenged_successes_of(
					metrics->source->memory, all->challenged_successes));
	one(metrics, "challenges_of_ended_total",
			"401s of ended attempts: each costs an authentication vector.",
			all->challenges);
	one(metrics, "attempts_resynced_total",
			"Ended attempts in which the phone asked for a new SQN (auts).",
			all->resynced);
	one(metrics, "attempts_mac_failed_total",
			"Ended attempts in which the phone refused the network's AUTN.",
			all->mac_failed);
	one(metrics, "challenge_answers_total",
			"REGISTERs of ended attempts with a response, auts or refusal.",
			all->answers);
	one(metrics, "challenge_answers_late_total",
			"Of these, more than 5 s after their 401.", all->late_answers);
}

/* ---- rules and users ---- */

void regmon_metrics_rules(regmon_metrics_t *metrics)
{
	uint64_t found[REGMON_MAX_RULES];
	const regmon_rule_t *rule;
	unsigned i;

	regmon_findings_read(metrics->source->monitor->measure, found);
	regmon_metrics_family(metrics, "rules_broken_total", "counter",
			"Messages that broke each rule, of the first rules that were "
			"broken since the start.");
	for(i = 0; i < REGMON_MAX_RULES; i++) {
		rule = found[i] ? regmon_rule_at((regmon_rule_index_t)i) : NULL;
		if(rule == NULL)
			continue;
		if(regmon_metrics_has_place(
				   metrics->source->memory, REGMON_METRICS_RULES, i))
			regmon_metrics_sample(
					metrics, (int64_t)found[i], "rule", rule->id, NULL);
		else
			metrics->left_out++;
	}
}

/* none of them before the first round through the table */
void regmon_metrics_users(regmon_metrics_t *metrics)
{
	regmon_users_t users;

	regmon_users_read(metrics->source->monitor->measure, &users);
	regmon_metrics_family(metrics, "bindings", "gauge",
			"Registrations with a binding in force now.");
	regmon_metrics_sample(metrics, metrics->numbers.bound, NULL);
	regmon_metrics_family(metrics, "registered_identities", "gauge",
			"Identities with a binding in force (TS 32.409 DBU.NbrRegPubUserId "
			"and NbrRegPriUsrId), as of the last round through the table.");
	if(users.at_ms == 0)
		return;
	regmon_metrics_sample(
			metrics, users.public_identities, "identity", "public", NULL);
	regmon_metrics_sample(
			metrics, users.private_identities, "identity", "private", NULL);
}

/* ---- times ---- */

/* Of the kinds of TS 32.409: where the begin was not seen, a time from there has no meaning. */
static void times(regmon_metrics_t *metrics, size_t place)
{
	unsigned i, access;

	for(i = 0; i < MEASURED_KINDS; i++)
		for(access = 0; access < REGMON_ACCESS_KINDS_N; access++) {
			const regmon_metrics_cell_t *cell =
					&figures.cells[kinds[i]][access];

			if(cell->successes)
				regmon_metrics_histogram(metrics,
						(const regmon_metrics_times_t *)((const char *)cell
														 + place),
						"kind", kind_name(i), "access",
						regmon_access_name((regmon_access_t)access));
		}
}

void regmon_metrics_setup_time(regmon_metrics_t *metrics)
{
	regmon_metrics_family(metrics, "setup_time_seconds", "histogram",
			"Time from the first REGISTER of a successful attempt to its 2xx, "
			"at this node (RFC 6076 4.1 RRD is measured at the phone).");
	times(metrics, offsetof(regmon_metrics_cell_t, setup));
}

void regmon_metrics_network_time(regmon_metrics_t *metrics)
{
	regmon_metrics_family(metrics, "network_time_seconds", "histogram",
			"The part of the set-up time in which a REGISTER waited for its "
			"answer; the rest is the phone's.");
	times(metrics, offsetof(regmon_metrics_cell_t, network));
}
