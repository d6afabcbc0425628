/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is running: the one set of objects that hooks/ makes at start and that show/ reads. Filled before the
 * processes are forked; afterwards only what stands behind the pointers changes. Also the only clock. */
#ifndef REGMON_SHOW_MONITOR_H
#define REGMON_SHOW_MONITOR_H

#include "diagnosis/diagnosis.h"
#include "guard/tally.h"
#include "measure/measure.h"
#include "registration/subscriptions.h"
#include "registration/table.h"
#include "show/outbox.h"
#include "show/rulebook.h"

typedef struct regmon_monitor
{
	regmon_table_t *table;
	regmon_subscriptions_t *subscriptions; /* to reg-event: which version each has reached */
	/* The rules as this process has them: regmon_monitor_refresh() brings those in force. What was read through
	 * these before is not used behind it. */
	const regmon_plan_t *plan; /* severities in force */
	const regmon_rulebook_t *rulebook;
	regmon_rulebooks_t *rulebooks;
	/* reads the profiles anew (hooks/reload.c); -1: the complaint says why, the old ones stay */
	int (*reload)(regmon_complaint_t *ret_complaint);
	regmon_measure_t *measure;
	regmon_tally_t *tally; /* what was refused, and what would have been */
	regmon_outbox_t *outbox; /* NULL: nobody wants events or records */
	const regmon_thresholds_t *thresholds; /* of this process, kept fresh by Kamailio's cfg framework */
	regmon_role_t role;
	str profile; /* name of the profile in force */
	str node_name; /* in events and records */
	int server_id; /* Kamailio's, 0: none */
	int64_t started_ms;
	const char *version;
	struct regmon_capture_clock *capture; /* NULL: time is this machine's */
	bool tm_bound, sl_bound;
} regmon_monitor_t;

extern regmon_monitor_t regmon_monitor;

/* With each message and RPC command before its rules are looked at: the next reload's rules from here on. */
void regmon_monitor_refresh(void);
/* the same of a given book, at the start */
void regmon_monitor_use(const regmon_rulebook_t *book);

/* The clock of a capture (role tap), in shared memory: it shows the time of the newest captured message and goes on from there
 * with this machine's. */
typedef struct regmon_capture_clock
{
	int64_t ahead_ms; /* of this machine's clock */
	int32_t began;	  /* a message was captured */
} regmon_capture_clock_t;

/* Milliseconds since 1970. Runs on the monotonic clock from the wall clock's reading at start, so that a step of the
 * wall clock neither expires bindings nor turns delays negative. Times are shown in the machine's zone, of which summer
 * time is followed. */
void regmon_clock_start(void);
int64_t regmon_clock_now_ms(void);
/* Something was captured at that time: the clock goes forward to it; back only where it may, because nothing is remembered
 * of later times. */
void regmon_clock_captured(int64_t at_ms, bool may_go_back);

#endif
