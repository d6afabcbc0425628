/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State machine, fourth part: what the transaction layer tells besides messages: sent towards the core, and the end
 * of a transaction in which the phone got no final answer. Slot lock held throughout. */
#include "registration/table_private.h"

/* The REGISTER went on before its answer came, but is told behind it: what was found in it still counts. */
static void told_late(regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	regmon_entry_t *entry;
	unsigned i;

	for(i = registration->timeline_n; i-- > 0;) {
		entry = (regmon_entry_t *)regmon_registration_entry(registration, i);
		if(entry->side == REGMON_SIDE_CORE
				&& entry->kind == REGMON_ENTRY_REQUEST
				&& entry->cseq == observation->transaction.cseq
				&& entry->finding == 0) {
			regmon_record_findings(registration, entry, observation->findings);
			return;
		}
	}
}

void regmon_machine_sent_on(regmon_registration_t *registration,
		const regmon_observation_t *observation, bool by_its_answer)
{
	regmon_attempt_t *attempt = &registration->attempt;
	int request_vias = observation->transaction.vias - (by_its_answer ? 1 : 0);
	regmon_entry_t *entry;

	if(attempt->sent_on_told_by_answer && !by_its_answer
			&& attempt->last_cseq == observation->transaction.cseq) {
		attempt->sent_on_told_by_answer = false;
		told_late(registration, observation);
		return;
	}
	/* so late that the phone has its answer and has sent the next one: its answer told it already */
	if(request_vias == attempt->driver_vias
			&& attempt->last_cseq != observation->transaction.cseq) {
		told_late(registration, observation);
		return;
	}
	entry = regmon_record_entry(registration, observation->now_ms,
			(regmon_entry_t){.kind = REGMON_ENTRY_REQUEST,
					.side = REGMON_SIDE_CORE,
					.cseq = observation->transaction.cseq});
	if(!by_its_answer)
		regmon_record_findings(registration, entry, observation->findings);
	if(request_vias != attempt->driver_vias) {
		entry->marks |= REGMON_MARK_PARALLEL;
		return;
	}
	attempt->sent_to_core_ms = observation->now_ms;
	attempt->sent_on_told_by_answer = by_its_answer;
	entry->after = regmon_entry_after(
			regmon_elapsed_ms(attempt->last_request_ms, observation->now_ms));
}

/* The state of a registration whose last REGISTER waits for its answer again. */
static regmon_state_t waiting_state(const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	if(attempt->kind == REGMON_ATTEMPT_DEREGISTER)
		return REGMON_STATE_DEREGISTERING;
	switch(attempt->last_credentials) {
		case REGMON_CREDENTIALS_ANSWER:
			return REGMON_STATE_ANSWERED;
		case REGMON_CREDENTIALS_RESYNC:
			return REGMON_STATE_RESYNC;
		case REGMON_CREDENTIALS_REFUSED:
			return REGMON_STATE_MAC_FAILURE;
		default:
			return attempt->kind == REGMON_ATTEMPT_REFRESH
							&& regmon_registration_is_bound(registration)
						   ? REGMON_STATE_REFRESHING
						   : REGMON_STATE_REGISTERING;
	}
}

/* The phone has not got what we wrote down as sent. */
static void take_back(regmon_table_t *table,
		regmon_registration_t *registration, int64_t now_ms,
		regmon_event_t *event, regmon_news_t *news)
{
	regmon_attempt_t *attempt = &registration->attempt;

	if(attempt->ended_ms == 0) {
		/* a challenge: to the phone its REGISTER is still without an answer */
		attempt->answer_pending = true;
		attempt->last_wait_ms = 0;
		attempt->challenge_open = attempt->retry_open = false;
		if(attempt->kind != REGMON_ATTEMPT_QUERY)
			regmon_table_set_state_locked(table, registration,
					waiting_state(registration), now_ms, news);
		return;
	}
	if(attempt->result != REGMON_RESULT_SUCCESS)
		return; /* refused is no success either way */
	regmon_attempt_success_taken_back(table, registration);
	if(event)
		event->success_taken_back = true;
	if(attempt->kind != REGMON_ATTEMPT_INITIAL
			&& attempt->kind != REGMON_ATTEMPT_UNKNOWN)
		return; /* the binding of a refresh was there before */
	registration->expires_ms = 0;
	registration->registered_ms = 0;
	regmon_table_set_state_locked(
			table, registration, REGMON_STATE_FAILED, now_ms, news);
}

/* A script may have tm answer with any number; what has not three digits is no code (RFC 3261 7.2). */
static unsigned status_code(int code)
{
	return code >= 100 && code <= 699 ? (unsigned)code : 0;
}

void regmon_machine_transaction_ended(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news)
{
	regmon_attempt_t *attempt = &registration->attempt;
	bool not_sent = observation->answer_not_sent;
	regmon_event_t *event = NULL;

	/* tm may tell of it when this attempt has been given up: it still says that nobody answered */
	if(attempt->last_cseq != observation->transaction.cseq
			|| attempt->driver_vias != observation->transaction.vias
			|| (!not_sent && !attempt->answer_pending
					&& attempt->result != REGMON_RESULT_UNANSWERED))
		return;
	regmon_record_entry(registration, observation->now_ms,
			(regmon_entry_t){.kind = not_sent ? REGMON_ENTRY_NOT_SENT
											  : REGMON_ENTRY_NO_ANSWER,
					.side = REGMON_SIDE_PHONE,
					.cseq = observation->transaction.cseq,
					.code = status_code(observation->final_code),
					.after = regmon_entry_after(
							regmon_elapsed_ms(attempt->last_request_ms,
									observation->now_ms))});
	if(not_sent) {
		if(attempt->not_sent < UINT8_MAX)
			attempt->not_sent++;
		event = regmon_news_add(
				news, REGMON_EVENT_NOT_SENT, observation->now_ms);
		take_back(table, registration, observation->now_ms, event, news);
		if(event) {
			event->code = (int)status_code(observation->final_code);
			event->attempt = *attempt;
		}
	}
	regmon_table_diagnose_locked(
			table, registration, observation->now_ms, news);
}

void regmon_machine_not_followed(regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	regmon_attempt_t *attempt = &registration->attempt;

	if(attempt->last_cseq != observation->transaction.cseq
			|| attempt->driver_vias != observation->transaction.vias)
		return;
	attempt->not_followed = true;
	attempt->not_followed_cseq = observation->transaction.cseq;
}
