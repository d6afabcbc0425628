/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Phones whose events and records come out of a real queue, one by one, with what a script would see of them. */
#ifndef REGMON_TEST_OUTGOING_WORLD_H
#define REGMON_TEST_OUTGOING_WORLD_H

#include "test/unit/monitor_world.h"

#include "show/json_writer.h"
#include "show/rows_outgoing.h"

static regmon_outbox_t *outbox;
static regmon_event_at_hand_t hand;
static char json[REGMON_OUTGOING_MOST];

static inline void open_world_of(unsigned kinds, unsigned timeline_length)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;

	limits.max_registrations = 100;
	limits.timeline_length = timeline_length;
	make_diagnosed_table(&limits);
	outbox = regmon_outbox_make(256, regmon_table_record_size(table));
	assert_non_null(outbox);
	assert_int_equal(regmon_outbox_listen(outbox, kinds), 0);
	judge();
	monitor = (regmon_monitor_t){.table = table,
			.plan = made_plan,
			.outbox = outbox,
			.thresholds = &thresholds,
			.role = REGMON_ROLE_PCSCF,
			.node_name = REGMON_TEXT("pcscf-1"),
			.server_id = 7,
			.started_ms = START_MS - 1000};
}

static inline void close_world(void)
{
	regmon_outbox_free(outbox);
	outbox = NULL;
	judge_no_more();
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

#endif
