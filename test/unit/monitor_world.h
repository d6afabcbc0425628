/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table that asks for causes, what a monitor over it needs, and the usual phone. */
#ifndef REGMON_TEST_MONITOR_WORLD_H
#define REGMON_TEST_MONITOR_WORLD_H

#include "test/unit/registration_world.h"

#include "show/monitor.h"

static regmon_monitor_t monitor;
static regmon_plan_t *made_plan;
static const regmon_thresholds_t thresholds = REGMON_THRESHOLDS_DEFAULT;

static inline uint64_t diagnose(
		const regmon_registration_t *registration, int64_t at_ms)
{
	return regmon_diagnose_set(registration, &thresholds, at_ms);
}

/* nobody listens to it yet */
static inline void make_diagnosed_table(const regmon_limits_t *limits)
{
	table = regmon_table_make(limits, key, diagnose);
	assert_non_null(table);
	now_ms = START_MS;
	regmon_events_forget_listeners();
	regmon_set_utc_offset(0);
}

/* From now on all rules judge what phones say. */
static inline void judge(void)
{
	made_plan = regmon_memory_get(regmon_plan_size());
	assert_non_null(made_plan);
	regmon_plan_make(made_plan, NULL, NULL);
	plan = made_plan;
}

static inline void judge_no_more(void)
{
	regmon_memory_put(made_plan);
	plan = NULL;
}

#define PANI "3GPP-NR-FDD;utran-cell-id-3gpp=0010100000100000AB01"

/* 401 after 22 ms, the phone takes 100 ms, 200 after 22 ms */
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
