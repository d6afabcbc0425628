/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the two halves of ims_regmon.explain: messages with their headers, and everything else. */
#ifndef REGMON_SHOW_EXPLAINING_H
#define REGMON_SHOW_EXPLAINING_H

#include "show/messages.h"
#include "show/monitor.h"
#include "show/writer.h"

typedef struct regmon_explaining
{
	regmon_writer_t *writer; /* NULL: only count */
	const regmon_monitor_t *monitor;
	str word;
	unsigned n;
} regmon_explaining_t;

/* Counts; true: write it, its struct is open and says what it is. */
bool regmon_explaining_begin(regmon_explaining_t *explaining, const char *kind);
void regmon_explaining_end(regmon_explaining_t *explaining);

/* Each writes what bears the word, if something does. */
void regmon_explain_message(regmon_explaining_t *explaining);
void regmon_explain_flow(regmon_explaining_t *explaining);
void regmon_explain_header(regmon_explaining_t *explaining);
void regmon_explain_line(regmon_explaining_t *explaining);

/* position, what comes before and after, preconditions, security */
void regmon_write_flow(regmon_writer_t *writer, const regmon_flow_t *flow);
/* list `trouble` */
void regmon_write_troubles(
		regmon_writer_t *writer, const regmon_trouble_t *troubles);

#endif
