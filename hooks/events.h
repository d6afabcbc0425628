/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events and records on their way to scripts, file and log: what modparam asks for, the routes, and the process
 * "regmon events" in which all of that is done. */
#ifndef REGMON_HOOKS_EVENTS_H
#define REGMON_HOOKS_EVENTS_H

#include "core/str.h"

#include "show/event_value.h"

/* ---- event_parameters.c: what modparam gave ---- */
extern int regmon_parameter_event_queue;
extern str regmon_parameter_event_callback;
extern char *regmon_parameter_events;
extern char *regmon_parameter_node_name;
extern char *regmon_parameter_record_file;
extern int regmon_parameter_record_file_max_mb;
extern int regmon_parameter_record_file_keep;
extern char *regmon_parameter_cause_log_level;
extern int regmon_parameter_cause_log_per_minute;

#define REGMON_CAUSE_LOG_OFF -100 /* below every level of Kamailio's */

typedef struct regmon_event_orders
{
	unsigned queue;			 /* entries */
	str callback;			 /* KEMI function, empty: native routes */
	unsigned callback_kinds; /* bits 1 << REGMON_OUTGOING_* */
	const char *file;		 /* NULL: none */
	int64_t file_most_bytes;
	int file_keep;
	int cause_log_level; /* of Kamailio's, or REGMON_CAUSE_LOG_OFF */
	int cause_lines_per_minute;
} regmon_event_orders_t;
/* 0, or -1: LM_ERR names the parameter, its value and what is allowed. Sets the node's name, too. */
int regmon_event_parameters_check(regmon_event_orders_t *ret_orders);

/* ---- event_routes.c: scripts ---- */
/* mod_init: which kinds scripts want to be told of, bits 1 << REGMON_OUTGOING_*; -1: wrong parameter, LM_ERR was
 * written. */
int regmon_event_routes_find(const regmon_event_orders_t *orders);
/* Runs event_route[ims_regmon:KIND] or the KEMI function; $regmon(...) tells of the event meanwhile. */
void regmon_event_route_run(const regmon_event_at_hand_t *event);
bool regmon_event_route_wants(regmon_outgoing_kind_t kind);

/* ---- events.c: our own process ---- */
int regmon_events_prepare(void); /* mod_init, behind the table */
/* child_init(PROC_INIT): can record_file be opened by the user that Kamailio runs as? */
int regmon_events_try_file(void);
int regmon_events_fork(void); /* child_init(PROC_MAIN) */

#endif
