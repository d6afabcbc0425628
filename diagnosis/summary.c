/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One sentence on how a phone stands, also when nothing is wrong. */
#include "diagnosis/facts.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct sentence
{
	char *buffer;
	int size, used;
} sentence_t;

static void say(sentence_t *sentence, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
static void say(sentence_t *sentence, const char *format, ...)
{
	va_list arguments;
	int n;

	if(sentence->used >= sentence->size - 1)
		return;
	va_start(arguments, format);
	n = vsnprintf(sentence->buffer + sentence->used,
			sentence->size - sentence->used, format, arguments);
	va_end(arguments);
	if(n > 0)
		sentence->used += n;
}

static void say_binding(sentence_t *sentence,
		const regmon_registration_t *registration, int64_t now_ms)
{
	int32_t due_s = regmon_refresh_due_s(registration);
	int64_t due_ms = registration->granted_ms + due_s * INT64_C(1000);
	char at[REGMON_PRINT_LENGTH], lasted[REGMON_PRINT_LENGTH];

	say(sentence, "Registered since %s (%s), granted %d s",
			regmon_at_second(registration->registered_ms, at),
			regmon_for(now_ms - registration->registered_ms, lasted),
			registration->granted_s);
	if(now_ms < due_ms)
		say(sentence, ", next refresh due about %s",
				regmon_at_second(due_ms, at));
	else if(now_ms < registration->expires_ms)
		say(sentence, ", refresh was due about %s, expires at %s",
				regmon_at_second(due_ms, at),
				regmon_at_second(registration->expires_ms, lasted));
	else
		say(sentence, ", ran out at %s",
				regmon_at_second(registration->expires_ms, at));
}

/* what the last attempt came to, as a clause */
static void say_failure(sentence_t *sentence,
		const regmon_registration_t *registration, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	char at[REGMON_PRINT_LENGTH], ago[REGMON_PRINT_LENGTH];

	regmon_at_second(attempt->ended_ms, at);
	regmon_for(now_ms - attempt->ended_ms, ago);
	switch(attempt->result) {
		case REGMON_RESULT_SUCCESS:
			say(sentence, "answered %u at %s (%s ago), without a binding of "
						  "this phone in the answer",
					attempt->code, at, ago);
			break;
		case REGMON_RESULT_REFUSED:
			say(sentence, "refused with %u %.*s at %s (%s ago), %s",
					attempt->code, REGMON_REASON(registration), at, ago,
					attempt->core_code == attempt->code ? "by the core"
														: "by this node");
			break;
		case REGMON_RESULT_SILENT:
			say(sentence, "given up at %s (%s ago): the phone did not come back "
						  "after the %u",
					at, ago, attempt->code);
			break;
		case REGMON_RESULT_UNANSWERED:
			say(sentence, "given up at %s (%s ago): no final answer", at, ago);
			break;
		case REGMON_RESULT_SUPERSEDED:
			say(sentence, "left by the phone at %s (%s ago)", at, ago);
			break;
		default:
			say(sentence, "no result seen");
	}
	if(registration->failures_in_row > 1)
		say(sentence, "; %u failures in a row", registration->failures_in_row);
}

/* an attempt that is still open, as a clause */
static void say_open(sentence_t *sentence,
		const regmon_registration_t *registration, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	char at[REGMON_PRINT_LENGTH], lasted[REGMON_PRINT_LENGTH];
	const char *what = "REGISTER seen at %s, no answer yet (%s)";
	int64_t since_ms = attempt->last_request_ms;

	if(!attempt->answer_pending && attempt->challenge_ms) {
		since_ms = attempt->challenge_ms;
		what = attempt->retry_open ? "asked at %s to try again, waiting for the "
									 "phone (%s)"
								   : "challenged at %s, waiting for the phone's "
									 "answer (%s)";
	} else if(registration->state == REGMON_STATE_ANSWERED) {
		what = "challenge answered by the phone at %s, no final answer yet (%s)";
	} else if(registration->state == REGMON_STATE_RESYNC) {
		what = "new SQN asked for by the phone (auts) at %s, no answer yet (%s)";
	} else if(registration->state == REGMON_STATE_MAC_FAILURE) {
		what = "network's AUTN refused by the phone at %s, no answer yet (%s)";
	} else if(registration->state == REGMON_STATE_DEREGISTERING) {
		what = "de-registration asked for at %s, no answer yet (%s)";
	}
	regmon_at_second(since_ms, at);
	regmon_for(now_ms - since_ms, lasted);
	say(sentence, what, at, lasted);
	if(registration->failures_in_row)
		say(sentence, "; %u failures in a row before it",
				registration->failures_in_row);
}

static void say_ended(sentence_t *sentence,
		const regmon_registration_t *registration, int64_t now_ms)
{
	char at[REGMON_PRINT_LENGTH], ago[REGMON_PRINT_LENGTH];

	regmon_at_second(registration->state_since_ms, at);
	regmon_for(now_ms - registration->state_since_ms, ago);
	switch(registration->state) {
		case REGMON_STATE_DEREGISTERED:
			say(sentence, "De-registered by the phone at %s (%s ago)", at, ago);
			break;
		case REGMON_STATE_NETWORK_DEREGISTERED:
			say(sentence, "De-registered by the network at %s (%s ago)", at, ago);
			break;
		case REGMON_STATE_EXPIRED:
			say(sentence, "Expired at %s (%s ago) without refresh or "
						  "de-registration",
					at, ago);
			break;
		case REGMON_STATE_FAILED:
			say(sentence, "Not registered; the last attempt was ");
			say_failure(sentence, registration, now_ms);
			break;
		default:
			say(sentence, "Seen only in part since %s (%s)", at, ago);
	}
}

void regmon_summarise(const regmon_registration_t *registration,
		int64_t now_ms, char *buffer, int size)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	bool open = attempt->kind != REGMON_ATTEMPT_NONE && attempt->ended_ms == 0;
	sentence_t sentence = {buffer, size, 0};
	char *c;

	buffer[0] = '\0';
	if(regmon_registration_is_bound(registration)) {
		say_binding(&sentence, registration, now_ms);
		if(open) {
			say(&sentence, "; ");
			say_open(&sentence, registration, now_ms);
		} else if(registration->failures_in_row) {
			say(&sentence, "; the last attempt was ");
			say_failure(&sentence, registration, now_ms);
		}
	} else if(open) {
		say(&sentence, "Not registered; ");
		say_open(&sentence, registration, now_ms);
	} else {
		say_ended(&sentence, registration, now_ms);
	}
	say(&sentence, ".");
	for(c = buffer; *c; c++)
		if((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
}
