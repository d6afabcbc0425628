/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What counts where: the table's news become plain counts. */
#include "measure/counters.h"

static const char *const names[] = {
#define X(name, help) #name,
		REGMON_COUNTERS(X)
#undef X
};
static const char *const helps[] = {
#define X(name, help) help,
		REGMON_COUNTERS(X)
#undef X
};

static regmon_counter_sink_f count_into;
static struct
{
	regmon_event_listener_f listener;
	void *context;
} on_deregistered;

const char *regmon_counter_name(regmon_counter_t counter)
{
	return counter < REGMON_COUNTERS_N ? names[counter] : "?";
}

const char *regmon_counter_help(regmon_counter_t counter)
{
	return counter < REGMON_COUNTERS_N ? helps[counter] : "?";
}

void regmon_counters_set_sink(regmon_counter_sink_f sink)
{
	count_into = sink;
}

static void count_by(regmon_counter_t counter, int by)
{
	if(count_into)
		count_into(counter, by);
}

void regmon_counters_add(regmon_counter_t counter, int by)
{
	count_by(counter, by);
}

static void count(regmon_counter_t counter)
{
	count_by(counter, 1);
}

void regmon_counters_tell_deregistered(
		regmon_event_listener_f listener, void *context)
{
	on_deregistered.listener = listener;
	on_deregistered.context = context;
}

/* attempts, successes, failures of each kind; kinds without a name of their own in TS 32.409 go together */
typedef enum regmon_column
{
	OPENED,
	SUCCEEDED,
	FAILED
} regmon_column_t;

static void count_attempt_by(int kind, regmon_column_t column, int by)
{
	static const regmon_counter_t of_kind[REGMON_ATTEMPTS_N][3] = {
			[REGMON_ATTEMPT_INITIAL] = {REGMON_COUNTER_attempts_initial,
					REGMON_COUNTER_successes_initial,
					REGMON_COUNTER_failures_initial},
			[REGMON_ATTEMPT_REFRESH] = {REGMON_COUNTER_attempts_reregistration,
					REGMON_COUNTER_successes_reregistration,
					REGMON_COUNTER_failures_reregistration},
			[REGMON_ATTEMPT_DEREGISTER] =
					{REGMON_COUNTER_attempts_deregistration,
							REGMON_COUNTER_successes_deregistration,
							REGMON_COUNTER_failures_deregistration},
			[REGMON_ATTEMPT_THIRD_PARTY] = {REGMON_COUNTER_attempts_third_party,
					REGMON_COUNTER_successes_third_party,
					REGMON_COUNTER_failures_third_party}};
	static const regmon_counter_t other[3] = {REGMON_COUNTER_attempts_other,
			REGMON_COUNTER_successes_other, REGMON_COUNTER_failures_other};

	switch(kind) {
		case REGMON_ATTEMPT_INITIAL:
		case REGMON_ATTEMPT_REFRESH:
		case REGMON_ATTEMPT_DEREGISTER:
		case REGMON_ATTEMPT_THIRD_PARTY:
			count_by(of_kind[kind][column], by);
			break;
		default:
			count_by(other[column], by);
	}
}

static void count_attempt(int kind, regmon_column_t column)
{
	count_attempt_by(kind, column, 1);
}

static void count_ended(const regmon_attempt_t *attempt)
{
	switch(attempt->result) {
		case REGMON_RESULT_OPEN:
			return; /* has not ended */
		case REGMON_RESULT_SUCCESS:
			count_attempt(attempt->kind, SUCCEEDED);
			return;
		case REGMON_RESULT_SILENT:
			count(REGMON_COUNTER_silent_after_challenge);
			break;
		case REGMON_RESULT_UNANSWERED:
			count(REGMON_COUNTER_unanswered);
			break;
		case REGMON_RESULT_SUPERSEDED:
			count(REGMON_COUNTER_superseded);
			break;
		default:
			break;
	}
	count_attempt(attempt->kind, FAILED);
}

static void count_answer_by(int code, int by)
{
	if(code < 200)
		return; /* provisional */
	if(code == 401)
		count_by(REGMON_COUNTER_challenges, by);
	else if(code < 300)
		count_by(REGMON_COUNTER_answers_2xx, by);
	else if(code >= 400 && code < 500)
		count_by(REGMON_COUNTER_answers_4xx, by);
	else if(code >= 500 && code < 600)
		count_by(REGMON_COUNTER_answers_5xx, by);
	else
		count_by(REGMON_COUNTER_answers_other, by);
}

/* It had been counted as sent, and perhaps as a success: tm tells only when it forgets the transaction. */
static void count_not_sent(const regmon_event_t *event)
{
	count(REGMON_COUNTER_answers_not_sent);
	count_answer_by(event->code, -1);
	if(!event->success_taken_back)
		return;
	count_attempt_by(event->attempt.kind, SUCCEEDED, -1);
	count_attempt(event->attempt.kind, FAILED);
	count(REGMON_COUNTER_unanswered);
}

static void count_state(const regmon_event_t *event)
{
	if(event->from == event->to)
		return;
	if(event->to == REGMON_STATE_EXPIRED)
		count(REGMON_COUNTER_expired);
	if(event->to != REGMON_STATE_NETWORK_DEREGISTERED)
		return;
	count(REGMON_COUNTER_network_deregistered);
	if(on_deregistered.listener)
		on_deregistered.listener(event, on_deregistered.context);
}

static void count_finding(regmon_severity_t severity)
{
	if(severity == REGMON_ERROR)
		count(REGMON_COUNTER_findings_error);
	else if(severity == REGMON_WARNING)
		count(REGMON_COUNTER_findings_warning);
	else if(severity == REGMON_NOTE)
		count(REGMON_COUNTER_findings_note);
}

static void count_evicted(const regmon_event_t *event)
{
	count(REGMON_COUNTER_evicted);
	if(event->attempt.kind != REGMON_ATTEMPT_NONE
			&& event->attempt.ended_ms == 0)
		count(REGMON_COUNTER_evicted_open);
}

/* Each type of news has a listener of its own: several come with each REGISTER. */
#define LISTENER(type, action)                                           \
	static void on_##type(const regmon_event_t *event, void *context)    \
	{                                                                    \
		(void)event;                                                     \
		(void)context;                                                   \
		action;                                                          \
	}
LISTENER(request, count(REGMON_COUNTER_registers))
LISTENER(retransmission, count(REGMON_COUNTER_retransmissions))
LISTENER(answer, count_answer_by(event->code, 1))
LISTENER(not_sent, count_not_sent(event))
LISTENER(attempt_opened, count_attempt(event->attempt.kind, OPENED))
LISTENER(attempt_ended, count_ended(&event->attempt))
LISTENER(state_changed, count_state(event))
LISTENER(finding, count_finding(event->severity))
LISTENER(evicted, count_evicted(event))
LISTENER(dropped, count(REGMON_COUNTER_dropped))

int regmon_counters_listen(void)
{
	static const struct
	{
		regmon_event_type_t type;
		regmon_event_listener_f listener;
	} wanted[] = {
			{REGMON_EVENT_REQUEST, on_request},
			{REGMON_EVENT_RETRANSMISSION, on_retransmission},
			{REGMON_EVENT_ANSWER, on_answer},
			{REGMON_EVENT_NOT_SENT, on_not_sent},
			{REGMON_EVENT_ATTEMPT_OPENED, on_attempt_opened},
			{REGMON_EVENT_ATTEMPT_ENDED, on_attempt_ended},
			{REGMON_EVENT_STATE_CHANGED, on_state_changed},
			{REGMON_EVENT_FINDING, on_finding},
			{REGMON_EVENT_EVICTED, on_evicted},
			{REGMON_EVENT_DROPPED, on_dropped},
	};
	unsigned i;

	for(i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if(regmon_events_listen(
				   1u << wanted[i].type, wanted[i].listener, NULL)
				< 0)
			return -1;
	return 0;
}
