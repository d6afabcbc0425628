/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our own timer process: lets time pass in the table once a second, and says once a minute what was lost. */
#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "core/pt.h"
#include "core/timer_proc.h"

#include <unistd.h>

#include "hooks/hooks.h"
#include "registration/memory.h"
#include "show/interval.h"
#include "show/monitor.h"

#define INTERVAL_S 1
#define REPORT_EVERY_MS 60000

/* what was lost since the last report */
static uint64_t reported_evicted, reported_for_memory, reported_dropped,
		reported_not_followed, reported_not_kept;

static void report_memory(const regmon_table_numbers_t *numbers)
{
	LM_WARN("shared memory is exhausted (%zu bytes free): %llu records made"
			" room for new ones, %llu messages were not remembered, %llu single"
			" facts not kept, %llu transactions not followed; raise -m or lower max_registrations"
			" (%u)\n",
			regmon_memory_free_bytes(),
			(unsigned long long)(numbers->evicted_for_memory
								 - reported_for_memory),
			(unsigned long long)(numbers->dropped - reported_dropped),
			(unsigned long long)(numbers->not_kept - reported_not_kept),
			(unsigned long long)(numbers->not_followed
								 - reported_not_followed),
			numbers->max_registrations);
}

/* One line a minute and cause, never one per message: a flood must not become a flood of log. */
static void report_losses(int64_t now_ms)
{
	static int64_t reported_ms;
	regmon_table_numbers_t numbers;
	uint64_t evicted;
	bool memory_short;

	if(!regmon_interval_over(now_ms, reported_ms, REPORT_EVERY_MS))
		return;
	regmon_table_count(regmon_monitor.table, &numbers);
	evicted = numbers.evicted - numbers.evicted_for_memory;
	memory_short = numbers.dropped != reported_dropped
				   || numbers.evicted_for_memory != reported_for_memory
				   || numbers.not_followed != reported_not_followed
				   || numbers.not_kept != reported_not_kept;
	if(memory_short)
		report_memory(&numbers);
	if(evicted != reported_evicted)
		LM_WARN("%llu records made room for new ones: more phones than"
				" max_registrations=%u, or too many bindings of one"
				" identity\n",
				(unsigned long long)(evicted - reported_evicted),
				numbers.max_registrations);
	if(memory_short || evicted != reported_evicted)
		reported_ms = now_ms;
	reported_dropped = numbers.dropped;
	reported_for_memory = numbers.evicted_for_memory;
	reported_not_followed = numbers.not_followed;
	reported_not_kept = numbers.not_kept;
	reported_evicted = evicted;
}

static void every_second(void)
{
	int64_t now_ms = regmon_clock_now_ms();

	cfg_update();
	regmon_table_set_thresholds(regmon_monitor.table,
			regmon_monitor.thresholds->storm_ratio,
			regmon_monitor.thresholds->short_grant_s);
	regmon_table_expire(regmon_monitor.table, now_ms);
	regmon_measure_go_round(
			regmon_monitor.measure, regmon_monitor.table, now_ms);
	report_losses(now_ms);
}

int regmon_timer_register(void)
{
	return register_basic_timers(1);
}

static void live(void)
{
	for(;;) {
		sleep(INTERVAL_S);
		every_second();
	}
}

int regmon_timer_fork(void)
{
	int pid = regmon_fork(PROC_TIMER, "regmon timer");

	if(pid == 0)
		live();
	return pid < 0 ? -1 : 0;
}
