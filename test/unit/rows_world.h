/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table with a monitor over it, and the usual phone in it, for tests of what readers get. */
#ifndef REGMON_TEST_ROWS_WORLD_H
#define REGMON_TEST_ROWS_WORLD_H

#include "test/unit/registration_world.h"

#include "show/rows.h"

static regmon_monitor_t monitor;
static regmon_measure_t *measure;
static regmon_plan_t *made_plan;
static const regmon_thresholds_t thresholds = REGMON_THRESHOLDS_DEFAULT;

static inline uint64_t diagnose(
		const regmon_registration_t *registration, int64_t at_ms)
{
	return regmon_diagnose_set(registration, &thresholds, at_ms);
}

static inline void open_world(void)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;

	limits.max_registrations = 100;
	table = regmon_table_make(&limits, key, diagnose);
	assert_non_null(table);
	now_ms = START_MS;
	regmon_events_forget_listeners();
	measure = regmon_measure_make(20, key);
	assert_non_null(measure);
	assert_int_equal(regmon_measure_listen(measure), 0);
	made_plan = regmon_memory_get(regmon_plan_size());
	assert_non_null(made_plan);
	regmon_plan_make(made_plan, NULL, NULL);
	plan = made_plan;
	monitor = (regmon_monitor_t){.table = table,
			.plan = made_plan,
			.measure = measure,
			.thresholds = &thresholds,
			.role = REGMON_ROLE_PCSCF,
			.profile = REGMON_TEXT("default"),
			.started_ms = START_MS,
			.tm_bound = true,
			.sl_bound = true};
	regmon_set_utc_offset(0);
}

static inline void close_world(void)
{
	forget_copy();
	regmon_measure_free(measure);
	regmon_memory_put(made_plan);
	plan = NULL;
	end();
}

#define PANI "3GPP-NR-FDD;utran-cell-id-3gpp=0010100000100000AB01"

/* 401, answer, 200 */
static inline void register_phone(void)
{
	exchange(&(ask_t){.credentials = EMPTY,
					 .security_client = true,
					 .access = PANI},
			(answer_t){.code = 401, .security_server = true});
	now_ms += 100;
	exchange(&(ask_t){.cseq = 2,
					 .branch = "z9hG4bK2",
					 .credentials = RESPONSE,
					 .security_client = true,
					 .security_verify = true,
					 .access = PANI},
			(answer_t){.code = 200});
}

#endif
