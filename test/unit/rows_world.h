/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table with a monitor over it, and the usual phone in it, for tests of what readers get. */
#ifndef REGMON_TEST_ROWS_WORLD_H
#define REGMON_TEST_ROWS_WORLD_H

#include "test/unit/monitor_world.h"

#include "show/rows.h"

static regmon_measure_t *measure;

static inline void open_world(void)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;

	limits.max_registrations = 100;
	make_diagnosed_table(&limits);
	measure = regmon_measure_make(20, key);
	assert_non_null(measure);
	assert_int_equal(regmon_measure_listen(measure), 0);
	judge();
	monitor = (regmon_monitor_t){.table = table,
			.plan = made_plan,
			.measure = measure,
			.thresholds = &thresholds,
			.role = REGMON_ROLE_PCSCF,
			.profile = REGMON_TEXT("default"),
			.started_ms = START_MS,
			.tm_bound = true,
			.sl_bound = true};
}

static inline void close_world(void)
{
	forget_copy();
	regmon_measure_free(measure);
	judge_no_more();
	end();
}

#endif
