/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line about a change of causes: the phone first, so that one grep tells its story. */
#include "show/cause_line.h"

#include <stdarg.h>
#include <stdio.h>

#include "registration/identity.h"
#include "show/interval.h"
#include "show/writer.h"

#define MOST_SUSPECT 160
#define MINUTE_MS 60000

typedef struct line
{
	char *buffer;
	int used;
} line_t;

static __attribute__((format(printf, 2, 3))) void add(
		line_t *line, const char *format, ...)
{
	int left = REGMON_CAUSE_LINE_LENGTH - line->used, n;
	va_list arguments;

	va_start(arguments, format);
	n = vsnprintf(line->buffer + line->used, left, format, arguments);
	va_end(arguments);
	line->used += n < left ? n : left - 1;
}

/* what a stranger wrote */
static void add_identity(line_t *line, const regmon_event_at_hand_t *event,
		regmon_identity_t which)
{
	char clean[160], buffer[REGMON_IDENTITY_LENGTH];
	int length = regmon_clean_text(
			regmon_identity_of(&event->outgoing->record, which, buffer), clean,
			sizeof(clean));

	add(line, "%.*s", length, clean);
}

/* the first sentence, without its full stop; a long one is cut behind a word */
static void add_suspect(line_t *line, const char *suspect)
{
	int length = 0;

	while(suspect[length]
			&& !(suspect[length] == '.'
					&& (suspect[length + 1] == ' '
							|| suspect[length + 1] == '\0')))
		length++;
	if(length <= MOST_SUSPECT) {
		add(line, ": %.*s", length, suspect);
		return;
	}
	for(length = MOST_SUSPECT; length > 0 && suspect[length] != ' '; length--)
		;
	add(line, ": %.*s ...", length, suspect);
}

static void add_ids(line_t *line, const char *before, uint64_t causes,
		const regmon_cause_t *but)
{
	const regmon_cause_t *cause;
	unsigned i;

	for(i = 0; (cause = regmon_cause_at(i)); i++)
		if(((causes >> i) & 1) && cause != but) {
			add(line, "%s%s", before, cause->id);
			before = ", ";
		}
}

int regmon_cause_line(const regmon_event_at_hand_t *event,
		char buffer[REGMON_CAUSE_LINE_LENGTH])
{
	const regmon_outgoing_t *outgoing = event->outgoing;
	const regmon_verdict_t *verdict;
	const regmon_cause_t *cause = regmon_event_cause(event, &verdict);
	line_t line = {buffer, 0};

	add_identity(&line, event, REGMON_IDENTITY_IMPU);
	if(cause)
		add(&line, ": %s%s%s%s", cause->id, verdict ? " (" : "",
				verdict ? regmon_certainty_name(verdict->certainty) : "",
				verdict ? ")" : "");
	else
		add(&line, ": no cause of trouble any more");
	add(&line, ", Call-ID ");
	add_identity(&line, event, REGMON_IDENTITY_CALL_ID);
	if(verdict)
		add_suspect(&line, verdict->suspect);
	add_ids(&line, "; also: ", outgoing->causes_after, cause);
	add_ids(&line, "; before: ", outgoing->causes_before, NULL);
	return line.used;
}

bool regmon_quota_take(regmon_quota_t *quota, int64_t now_ms)
{
	if(quota->since_ms == 0)
		quota->since_ms = now_ms;
	if(quota->used < quota->per_minute) {
		quota->used++;
		return true;
	}
	quota->suppressed++;
	return false;
}

uint64_t regmon_quota_pass(regmon_quota_t *quota, int64_t now_ms)
{
	uint64_t suppressed;

	if(quota->since_ms == 0
			|| !regmon_interval_over(now_ms, quota->since_ms, MINUTE_MS))
		return 0;
	suppressed = quota->suppressed;
	quota->since_ms = 0;
	quota->used = 0;
	quota->suppressed = 0;
	return suppressed;
}
