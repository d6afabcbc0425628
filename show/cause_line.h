/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of the log for each change of a phone's causes, and how many of them a minute may have. Pure. */
#ifndef REGMON_SHOW_CAUSE_LINE_H
#define REGMON_SHOW_CAUSE_LINE_H

#include "show/event_value.h"

#define REGMON_CAUSE_LINE_LENGTH 700

/* "IMPU: CAUSE (CERTAINTY), Call-ID ID: first suspect; before: CAUSE", without line end. Returns its length. */
int regmon_cause_line(const regmon_event_at_hand_t *event,
		char buffer[REGMON_CAUSE_LINE_LENGTH]);

/* How much may be said in a minute. Zeroed but for the first. */
typedef struct regmon_quota
{
	int per_minute;
	int used;
	int64_t since_ms;	 /* when the minute began, 0: not yet */
	uint64_t suppressed; /* in this minute */
} regmon_quota_t;
/* May one more line be said? false: it is counted as suppressed. */
bool regmon_quota_take(regmon_quota_t *quota, int64_t now_ms);
/* Once a minute how many lines were suppressed in the one that is over; else 0. To be asked at least once a minute, and
 * before regmon_quota_take(). */
uint64_t regmon_quota_pass(regmon_quota_t *quota, int64_t now_ms);

#endif
