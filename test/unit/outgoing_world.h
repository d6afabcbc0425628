/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Phones whose events and records come out of a real queue, one by one, with what a script would see of them. */
#ifndef REGMON_TEST_OUTGOING_WORLD_H
#define REGMON_TEST_OUTGOING_WORLD_H

#include "test/unit/registration_world.h"

#include "show/json_writer.h"
#include "show/rows_outgoing.h"

static regmon_monitor_t monitor;
static regmon_outbox_t *outbox;
static regmon_plan_t *made_plan;
static const regmon_thresholds_t thresholds = REGMON_THRESHOLDS_DEFAULT;
static regmon_event_at_hand_t hand;
static char json[REGMON_OUTGOING_MOST];

static uint64_t diagnose(
		const regmon_registration_t *registration, int64_t at_ms)
{
	return regmon_diagnose_set(registration, &thresholds, at_ms);
}

static inline void open_world_of(unsigned kinds, unsigned timeline_length)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;

	limits.max_registrations = 100;
	limits.timeline_length = timeline_length;
	table = regmon_table_make(&limits, key, diagnose);
	assert_non_null(table);
	now_ms = START_MS;
	regmon_events_forget_listeners();
	outbox = regmon_outbox_make(256, regmon_table_record_size(table));
	assert_non_null(outbox);
	assert_int_equal(regmon_outbox_listen(outbox, kinds), 0);
	made_plan = regmon_memory_get(regmon_plan_size());
	assert_non_null(made_plan);
	regmon_plan_make(made_plan, NULL, NULL);
	plan = made_plan;
	monitor = (regmon_monitor_t){.table = table,
			.plan = made_plan,
			.outbox = outbox,
			.thresholds = &thresholds,
			.role = REGMON_ROLE_PCSCF,
			.node_name = REGMON_TEXT("pcscf-1"),
			.server_id = 7,
			.started_ms = START_MS - 1000};
	regmon_set_utc_offset(0);
}

static inline void close_world(void)
{
	regmon_outbox_free(outbox);
	outbox = NULL;
	regmon_memory_put(made_plan);
	plan = NULL;
	end();
}

/* The next one is at hand, with its JSON; false: there is none. done_with() before the next. */
static inline bool next(void)
{
	regmon_json_writer_t writer;
	int length;

	hand.outgoing = regmon_outbox_first(outbox);
	if(hand.outgoing == NULL)
		return false;
	regmon_diagnose(&hand.outgoing->record, &thresholds, hand.outgoing->now_ms,
			&hand.diagnosis);
	regmon_json_writer_start_plain(&writer, json, sizeof(json));
	if(hand.outgoing->kind == REGMON_OUTGOING_RECORD)
		regmon_rows_record(&writer.writer, &monitor, &hand, 3, 1);
	else
		regmon_rows_event(&writer.writer, &monitor, &hand);
	length = regmon_json_writer_finish(&writer);
	assert_true(length > 0);
	hand.json = (str){json, length};
	return true;
}

static inline void done_with(void)
{
	regmon_outbox_taken(outbox);
}

static inline void skip_all(void)
{
	while(regmon_outbox_first(outbox))
		regmon_outbox_taken(outbox);
}

static inline void assert_has(const char *text)
{
	if(strstr(json, text) == NULL)
		fail_msg("no %s in %s", text, json);
}

static inline void assert_has_not(const char *text)
{
	if(strstr(json, text) != NULL)
		fail_msg("%s in %s", text, json);
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
