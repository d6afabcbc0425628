/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Group `ims_regmon` in Kamailio's counters: what measure/ counts, and how the table stands right now. */
#include "core/counters.h"
#include "core/dprint.h"

#include <stdio.h>

#include "measure/counters.h"
#include "show/interval.h"
#include "show/monitor.h"
#include "show/show.h"

static const char group_name[] = "ims_regmon";

static counter_handle_t handles[REGMON_COUNTERS_N];

static void count(regmon_counter_t counter, int by)
{
	counter_add(handles[counter], by);
}

int64_t regmon_show_counter(regmon_counter_t counter)
{
	return counter_get_val(handles[counter]);
}

/* ---- what is read when somebody asks ---- */

/* one walk over the table serves all figures of one page */
static const regmon_table_numbers_t *numbers_now(void)
{
	static regmon_table_numbers_t numbers;
	static int64_t read_ms;
	int64_t now_ms = regmon_clock_now_ms();

	if(regmon_interval_over(now_ms, read_ms, 100)) {
		regmon_table_count(regmon_monitor.table, &numbers);
		read_ms = now_ms;
	}
	return &numbers;
}

static counter_val_t in_state(counter_handle_t handle, void *state)
{
	return regmon_monitor.table ? numbers_now()->in_state[(intptr_t)state] : 0;
}

static counter_val_t records(counter_handle_t handle, void *unused)
{
	return regmon_monitor.table ? numbers_now()->registrations : 0;
}

static counter_val_t max_records(counter_handle_t handle, void *unused)
{
	return regmon_monitor.table ? numbers_now()->max_registrations : 0;
}

static counter_val_t bindings(counter_handle_t handle, void *unused)
{
	return regmon_monitor.table ? numbers_now()->bound : 0;
}

static counter_val_t total(counter_handle_t handle, void *which)
{
	return regmon_monitor.measure
				   ? (counter_val_t)regmon_total_read(regmon_monitor.measure,
						   (regmon_total_t)(intptr_t)which)
				   : 0;
}

static counter_val_t memory_bytes(counter_handle_t handle, void *unused)
{
	return regmon_monitor.table ? (counter_val_t)numbers_now()->bytes : 0;
}

static counter_val_t events_waiting(counter_handle_t handle, void *unused)
{
	regmon_outbox_numbers_t numbers;

	if(regmon_monitor.outbox == NULL)
		return 0;
	regmon_outbox_count(regmon_monitor.outbox, &numbers);
	return (counter_val_t)numbers.waiting;
}

static int register_reading(const char *name, counter_cbk_f read,
		void *parameter, const char *help)
{
	counter_handle_t handle;

	return counter_register(&handle, group_name, name, CNT_F_NO_RESET, read,
				   parameter, help, 0)
						   < 0
				   ? -1
				   : 0;
}

/* Kamailio keeps a pointer to the name. "state_" because some counters have the same words. */
static int register_states(void)
{
	static char names[REGMON_STATES_N][40];
	intptr_t state;
	char *c;

	for(state = 0; state < REGMON_STATES_N; state++) {
		snprintf(names[state], sizeof(names[state]), "state_%s",
				regmon_state_name(state));
		for(c = names[state]; *c; c++)
			if(*c == '-')
				*c = '_';
		if(register_reading(names[state], in_state, (void *)state,
				   regmon_state_meaning(state))
				< 0)
			return -1;
	}
	return 0;
}

static int register_totals(void)
{
	intptr_t which;

	for(which = 0; which < REGMON_TOTALS_N; which++)
		if(register_reading(regmon_total_name((regmon_total_t)which), total,
				   (void *)which, regmon_total_help((regmon_total_t)which))
				< 0)
			return -1;
	return 0;
}

int regmon_show_counters_register(void)
{
	int i;

	for(i = 0; i < REGMON_COUNTERS_N; i++) {
		if(counter_register(&handles[i], group_name, regmon_counter_name(i), 0,
				   NULL, NULL, regmon_counter_help(i), 0)
				< 0)
			goto refused;
	}
	if(register_states() < 0 || register_totals() < 0
			|| register_reading("bindings", bindings, NULL,
					   "registrations with a binding in force now")
					   < 0
			|| register_reading("records", records, NULL,
					   "registrations in the table now")
					   < 0
			|| register_reading("max_records", max_records, NULL,
					   "what the table may hold (max_registrations)")
					   < 0
			|| register_reading("memory_bytes", memory_bytes, NULL,
					   "shared memory of the table now")
					   < 0
			|| register_reading("events_waiting", events_waiting, NULL,
					   "events and records in the queue now")
					   < 0)
		goto refused;
	regmon_counters_set_sink(count);
	return 0;
refused:
	LM_ERR("Kamailio refused the counters of group %s\n", group_name);
	return -1;
}
