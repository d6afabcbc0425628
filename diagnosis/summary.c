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
	const regmon_network_t *network =
			&regmon_supplement_of(registration)->network;
	int64_t due_ms = regmon_registration_refresh_due_ms(registration);
	char at[REGMON_PRINT_LENGTH], lasted[REGMON_PRINT_LENGTH];

	say(sentence, "Registered since %s (%s), granted %d s",
			regmon_at_second(registration->registered_ms, at),
			regmon_for(now_ms - registration->registered_ms, lasted),
			registration->granted_s);
	if(regmon_registration_is_shortened(registration))
		say(sentence, ", shortened to %u s by the network at %s",
				network->shortened_s,
				regmon_at_second(network->shortened_ms, at));
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
			say(sentence, "refused with %u %s at %s (%s ago), %s",
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

	if(attempt->retry_open) {
		since_ms += attempt->last_wait_ms;
		what = "asked at %s to try again, waiting for the phone (%s)";
	} else if(!attempt->answer_pending && attempt->challenge_ms) {
		since_ms = attempt->challenge_ms;
		what = "challenged at %s, waiting for the phone's answer (%s)";
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
		say(sentence, "; %u failure%s in a row before it",
				registration->failures_in_row,
				regmon_plural(registration->failures_in_row));
}

/* how the network took it back, and what the phone made of it, as clauses */
static void say_network(sentence_t *sentence,
		const regmon_registration_t *registration, bool in_full)
{
	const regmon_network_t *network =
			&regmon_supplement_of(registration)->network;
	char at[REGMON_PRINT_LENGTH];

	if(network->event == REGMON_REGINFO_NONE)
		say(sentence, ", %s", regmon_reginfo_event_meaning(network->event));
	else
		say(sentence, ": %s", regmon_reginfo_event_name(network->event));
	if(in_full && network->event != REGMON_REGINFO_NONE)
		say(sentence, " (%s)", regmon_reginfo_event_meaning(network->event));
	if(network->event == REGMON_REGINFO_PROBATION)
		say(sentence, ", not before %s",
				regmon_at_second(network->removed_ms
										 + network->retry_after_s
												   * INT64_C(1000),
						at));
	if(network->attempts_against)
		say(sentence, "; tried %u time%s since", network->attempts_against,
				regmon_plural(network->attempts_against));
}

/* the store behind the registrar of this node, or beside the one of the core */
static void say_dropped(
		sentence_t *sentence, const regmon_registration_t *registration)
{
	const regmon_supplement_t *supplement = regmon_supplement_of(registration);
	const regmon_kept_t *kept = &registration->kept;
	char at[REGMON_PRINT_LENGTH];

	if(!regmon_registration_is_bound(registration) || !supplement->dropped_ms
			|| supplement->dropped_ms < registration->granted_ms
			|| (kept->stored != REGMON_STORED_REMOVED
					&& kept->stored != REGMON_STORED_EXPIRED))
		return;
	say(sentence, "; gone from this node's %s since %s%s",
			regmon_store_name(kept->store),
			regmon_at_second(supplement->dropped_ms, at),
			supplement->was_pending ? ", where it was still pending" : "");
}

/* an end by the network that the phone has not got over since, as a clause */
static void say_before(
		sentence_t *sentence, const regmon_registration_t *registration)
{
	const regmon_network_t *network =
			&regmon_supplement_of(registration)->network;
	char at[REGMON_PRINT_LENGTH];

	if(network->removed_ms == 0
			|| network->removed_ms < registration->granted_ms)
		return;
	regmon_at_second(network->removed_ms, at);
	if(registration->kept.ended_here) {
		say(sentence, "; removed by this node itself at %s", at);
		return;
	}
	say(sentence, "; de-registered by the network at %s", at);
	say_network(sentence, registration, false);
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
			if(registration->kept.ended_here) {
				say(sentence, "Removed by this node itself at %s (%s ago): %s "
							  "from %s",
						at, ago,
						registration->kept.stored == REGMON_STORED_EXPIRED
								? "run out"
								: "deleted",
						regmon_store_name(registration->kept.store));
				break;
			}
			say(sentence, "De-registered by the network at %s (%s ago)", at, ago);
			say_network(sentence, registration, true);
			break;
		case REGMON_STATE_EXPIRED:
			say(sentence, "Expired at %s (%s ago) without refresh or "
						  "de-registration",
					at, ago);
			break;
		case REGMON_STATE_FAILED:
			say(sentence, "Not registered; the last attempt was ");
			say_failure(sentence, registration, now_ms);
			say_before(sentence, registration);
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
		say_dropped(&sentence, registration);
	} else if(open) {
		say(&sentence, "Not registered; ");
		say_open(&sentence, registration, now_ms);
		say_before(&sentence, registration);
	} else {
		say_ended(&sentence, registration, now_ms);
	}
	say(&sentence, ".");
	for(c = buffer; *c; c++)
		if((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
}
