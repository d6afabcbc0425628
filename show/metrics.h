/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Prometheus scrapes: the text format 0.0.4 with HELP, TYPE, labels and histograms, in a buffer of fixed size.
 * Each family is one function in metrics.c or metrics_measure.c. Pure: what it reads comes in. */
#ifndef REGMON_SHOW_METRICS_H
#define REGMON_SHOW_METRICS_H

#include "measure/counters.h"
#include "show/monitor.h"

#define REGMON_METRICS_PREFIX "ims_regmon_"
#define REGMON_METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define REGMON_METRICS_MOST_SERIES 1500
/* room in which so many series stand, whatever they are */
#define REGMON_METRICS_ROOM 196608

/* A counter that goes back is a restart to Prometheus, and its rate then a leap. Counts here go back by one when an
 * answer turns out not to have been sent; this remembers, in shared memory, how far each was shown, and which values of
 * a label have a place. */
typedef struct regmon_metrics_memory regmon_metrics_memory_t;
regmon_metrics_memory_t *regmon_metrics_memory_make(void); /* NULL: none */
void regmon_metrics_memory_free(regmon_metrics_memory_t *memory);

typedef struct regmon_metrics_source
{
	const regmon_monitor_t *monitor;
	int64_t (*counter)(regmon_counter_t counter); /* as it stands now */
	regmon_metrics_memory_t *memory;
	const char *version, *kamailio_version;
} regmon_metrics_source_t;

/* Returns the length. What does not fit, or is more than REGMON_METRICS_MOST_SERIES, is counted in the last metric. */
int regmon_metrics_write(
		const regmon_metrics_source_t *source, char *buffer, int size);

#endif
