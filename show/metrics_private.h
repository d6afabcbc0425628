/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the metrics: metrics.c and metrics_measure.c say what is told, metrics_lines.c writes it, metrics_memory.c
 * remembers what was told. */
#ifndef REGMON_SHOW_METRICS_PRIVATE_H
#define REGMON_SHOW_METRICS_PRIVATE_H

#include "show/metrics.h"

typedef struct regmon_metrics
{
	const regmon_metrics_source_t *source;
	char *text;
	int size, used;
	unsigned series, left_out;
	const char *family;
	regmon_table_numbers_t numbers;
} regmon_metrics_t;

/* ---- metrics_lines.c ---- */
/* HELP and TYPE; samples that follow are of this family. help: one line, without a backslash. */
void regmon_metrics_family(regmon_metrics_t *metrics, const char *name,
		const char *type, const char *help);
/* One series; name, value, name, value, NULL: at most REGMON_METRICS_MOST_LABELS labels. */
#define REGMON_METRICS_MOST_LABELS 3
void regmon_metrics_sample(regmon_metrics_t *metrics, int64_t value, ...)
		__attribute__((sentinel));

/* A histogram as Prometheus wants it: each bucket holds those below it, too. */
typedef struct regmon_metrics_times
{
	uint64_t up_to[REGMON_DELAY_BUCKETS];
	uint64_t sum_ms;
} regmon_metrics_times_t;
/* One histogram with two labels, whole or not at all. */
void regmon_metrics_histogram(regmon_metrics_t *metrics,
		const regmon_metrics_times_t *times, const char *label,
		const char *value, const char *label_2, const char *value_2);

/* ---- metrics_memory.c ---- */
/* A counter, never less than it was shown, but for a reset by the operator. */
int64_t regmon_metrics_count_of(
		const regmon_metrics_source_t *source, regmon_counter_t counter);

/* What of a cell can go back when a success is taken back. Turned into what may be shown: never less than before. */
typedef struct regmon_metrics_cell
{
	uint64_t successes;
	regmon_metrics_times_t setup, network;
} regmon_metrics_cell_t;
void regmon_metrics_cell_of(regmon_metrics_memory_t *memory,
		regmon_attempt_kind_t kind, regmon_access_t access,
		const regmon_kpi_cell_t *cell, regmon_metrics_cell_t *ret_cell);
uint64_t regmon_metrics_challenged_successes_of(
		regmon_metrics_memory_t *memory, uint64_t now);

/* A label with many values has so many places. Whoever has one keeps it, so that what is in no place is in none for good
 * and can be added up. */
typedef enum regmon_metrics_crowd
{
	REGMON_METRICS_CODES, /* by regmon_code_place() */
	REGMON_METRICS_RULES, /* by regmon_rule_index_t */
	REGMON_METRICS_CROWDS_N
} regmon_metrics_crowd_t;
#define REGMON_METRICS_PLACES 48
bool regmon_metrics_has_place(regmon_metrics_memory_t *memory,
		regmon_metrics_crowd_t crowd, unsigned index);

/* ---- metrics_measure.c ---- */
/* reads what the next ones tell */
void regmon_metrics_read_figures(regmon_metrics_t *metrics);
void regmon_metrics_attempts(regmon_metrics_t *metrics);
void regmon_metrics_failures(regmon_metrics_t *metrics);
void regmon_metrics_aka(regmon_metrics_t *metrics);
void regmon_metrics_rules(regmon_metrics_t *metrics);
void regmon_metrics_users(regmon_metrics_t *metrics);
void regmon_metrics_setup_time(regmon_metrics_t *metrics);
void regmon_metrics_network_time(regmon_metrics_t *metrics);

#endif
