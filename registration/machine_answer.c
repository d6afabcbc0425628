/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State machine, second half: what an answer does to its registration. Slot lock held throughout. */
#include "registration/table_private.h"

#define MOST_REPEATS 15

static bool is_challenge(int code)
{
	return code == 401 || code == 407;
}

/* Answers after which the phone is meant to try again at once, in the same attempt: RFC 3261 10.3 (423),
 * RFC 3329 2.3 (494, 421). */
static bool asks_to_retry(int code)
{
	return code == 421 || code == 423 || code == 494;
}

/* One that the phone left by itself tells only what it had come to: the row goes on. */
static void count_row(uint16_t *counter, bool again, bool was_left)
{
	if(again)
		regmon_count_up(counter);
	else if(!was_left)
		*counter = 0;
}

/* An attempt that had answered challenges refused, or a challenge nobody answered: kept over attempts, because a
 * phone that gives up comes back with a new Call-ID. */
static void count_failure(regmon_table_t *table,
		regmon_registration_t *registration, regmon_result_t result)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	bool was_left = result == REGMON_RESULT_SUPERSEDED;
	bool looped = attempt->rejected_answers || attempt->resyncs
				  || attempt->mac_failures;
	/* whoever is switched off does not wait for the challenge of its farewell */
	bool silent = attempt->kind != REGMON_ATTEMPT_DEREGISTER
				  && (result == REGMON_RESULT_SILENT
						  || (was_left && attempt->challenge_open
								  && !attempt->answered && !looped));
	bool unanswered = result == REGMON_RESULT_UNANSWERED;
	regmon_supplement_t *supplement = registration->supplement;

	registration->failures++;
	if(registration->failures_in_row < UINT16_MAX)
		registration->failures_in_row++;
	if(attempt->overlaps || looped || silent || unanswered)
		supplement = regmon_supplement_need_locked(table, registration);
	if(supplement == NULL)
		return;
	count_row(&supplement->overlaps_in_row, attempt->overlaps, was_left);
	count_row(&supplement->loops_in_row, looped, was_left);
	count_row(&supplement->silent_in_row, silent, was_left);
	count_row(&supplement->unanswered_in_row, unanswered, was_left);
}

static void count_success(regmon_registration_t *registration)
{
	regmon_supplement_t *supplement = registration->supplement;

	registration->successes++;
	registration->failures_in_row = 0;
	if(supplement)
		supplement->loops_in_row = supplement->silent_in_row =
				supplement->unanswered_in_row = 0;
}

void regmon_attempt_success_taken_back(
		regmon_table_t *table, regmon_registration_t *registration)
{
	registration->attempt.result = REGMON_RESULT_UNANSWERED;
	registration->successes--;
	count_failure(table, registration, REGMON_RESULT_UNANSWERED);
}

void regmon_attempt_end_locked(regmon_table_t *table,
		regmon_registration_t *registration, regmon_result_t result, int code,
		int64_t now_ms, regmon_news_t *news)
{
	regmon_attempt_t *attempt = &registration->attempt;
	regmon_event_t *event;

	attempt->result = (uint8_t)result;
	attempt->ended_ms = now_ms;
	attempt->answer_pending = false;
	if(result == REGMON_RESULT_SUCCESS)
		count_success(registration);
	else
		count_failure(table, registration, result);
	attempt->challenge_open = false;
	attempt->retry_open = false;
	event = regmon_news_add(news, REGMON_EVENT_ATTEMPT_ENDED, now_ms);
	if(event) {
		event->attempt = *attempt;
		event->code = code;
	}
	regmon_table_relist_locked(table, registration);
	regmon_table_diagnose_locked(table, registration, now_ms, news);
	regmon_news_keep_end_locked(registration, news);
}

static void refused(regmon_table_t *table, regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news)
{
	const regmon_message_t *answer = observation->message;

	regmon_registration_set_string(
			registration, REGMON_STRING_REASON, answer->reason);
	if(registration->attempt.kind != REGMON_ATTEMPT_QUERY)
		regmon_table_set_state_locked(table, registration,
				regmon_registration_is_bound(registration)
						? REGMON_STATE_REGISTERED
						: REGMON_STATE_FAILED,
				observation->now_ms, news);
	if(registration->attempt.ended_ms == 0)
		regmon_attempt_end_locked(table, registration, REGMON_RESULT_REFUSED,
				answer->code, observation->now_ms, news);
}

static bool has_usable_security_server(const regmon_message_t *answer)
{
	const regmon_security_list_t *list = &answer->security_server;
	int i;

	for(i = 0; i < list->kept; i++)
		if(list->list[i].ipsec_3gpp && list->list[i].alg.len > 0
				&& list->list[i].spi_c > 0 && list->list[i].spi_s > 0
				&& list->list[i].port_c > 0 && list->list[i].port_s > 0)
			return true;
	return false;
}

static void remember_challenge(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_entry_t *entry)
{
	regmon_attempt_t *attempt = &registration->attempt;
	uint64_t nonce = observation->transaction.nonce;

	if(nonce && nonce == registration->nonce_issued) {
		regmon_count_up(&attempt->repeated_nonces);
		entry->marks |= REGMON_MARK_SAME_NONCE;
	} else {
		entry->marks |= REGMON_MARK_NEW_NONCE;
	}
	registration->nonce_issued = nonce;
	regmon_aka_facts_challenge(table, registration, observation);
	regmon_compare_keep_answer(table, registration, observation);
	attempt->challenge_had_security_server =
			has_usable_security_server(observation->message);
	regmon_count_up(&attempt->challenges);
}

static void challenged(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_entry_t *entry,
		regmon_news_t *news)
{
	regmon_attempt_t *attempt = &registration->attempt;

	remember_challenge(table, registration, observation, entry);
	/* a refresh repeats its last response: the first 401 to it is how it should be */
	if(attempt->last_answers_challenge)
		regmon_count_up(&attempt->rejected_answers);
	if(attempt->ended_ms)
		return;
	attempt->challenge_ms = observation->now_ms;
	attempt->challenge_open = true;
	if(attempt->kind != REGMON_ATTEMPT_QUERY
			&& attempt->kind != REGMON_ATTEMPT_DEREGISTER)
		regmon_table_set_state_locked(table, registration,
				REGMON_STATE_CHALLENGED, observation->now_ms, news);
	/* one challenge is how it should be; nothing to explain before the second */
	if(attempt->challenges > 1)
		regmon_table_diagnose_locked(
				table, registration, observation->now_ms, news);
}

static regmon_entry_t *write_entry(regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_side_t side)
{
	const regmon_message_t *answer = observation->message;
	const regmon_attempt_t *attempt = &registration->attempt;
	int64_t since_ms = side == REGMON_SIDE_PHONE ? attempt->last_request_ms
												 : attempt->sent_to_core_ms;
	int32_t after_ms = -1;
	regmon_entry_t *entry;
	unsigned marks = 0;

	if(observation->transaction.cseq == attempt->last_cseq)
		after_ms = regmon_elapsed_ms(since_ms, observation->now_ms);
	if(answer->security_server.n)
		marks |= REGMON_MARK_SECURITY_SERVER;
	if(REGMON_DIGEST_HAS(&answer->challenge, CK)
			|| REGMON_DIGEST_HAS(&answer->challenge, IK))
		marks |= REGMON_MARK_KEYS;
	if(observation->local)
		marks |= REGMON_MARK_LOCAL;
	entry = regmon_record_entry(registration, observation->now_ms,
			(regmon_entry_t){.kind = REGMON_ENTRY_ANSWER,
					.side = side,
					.code = (unsigned)answer->code,
					.cseq = observation->transaction.cseq,
					.marks = marks,
					.after = regmon_entry_after(after_ms)});
	regmon_record_findings(registration, entry, observation->findings);
	return entry;
}

static void tell_answer(
		const regmon_observation_t *observation, regmon_news_t *news)
{
	regmon_event_t *event =
			regmon_news_add(news, REGMON_EVENT_ANSWER, observation->now_ms);

	if(event)
		event->code = observation->message->code;
}

static int32_t granted_in(const regmon_table_t *table,
		const regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	return regmon_granted_s(table, registration, observation->transaction.own,
			observation->message);
}

/* what the core said, to be compared with what the phone gets */
static void keep_core_answer(const regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_message_t *answer = observation->message;
	regmon_attempt_t *attempt = &registration->attempt;

	attempt->core_code = (uint16_t)answer->code;
	if(is_challenge(answer->code))
		attempt->core_nonce = observation->transaction.nonce;
	else if(answer->code < 300)
		attempt->core_granted_s =
				granted_in(table, registration, observation);
}

/* the nonce of the 401 that the last REGISTER answers stays in the set: what the core says next tells of it */
static void note_changes(const regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_message_t *answer = observation->message;
	regmon_attempt_t *attempt = &registration->attempt;

	attempt->changed_on_way &= REGMON_CHANGED_CHALLENGE;
	if(attempt->core_code == 0 || observation->tapped)
		return;
	if(attempt->core_code != answer->code)
		attempt->changed_on_way |= REGMON_CHANGED_CODE;
	else if(is_challenge(answer->code)
			&& attempt->core_nonce != observation->transaction.nonce)
		attempt->changed_on_way |= REGMON_CHANGED_NONCE;
	else if(answer->code < 300
			&& attempt->core_granted_s
					   != granted_in(table, registration, observation))
		attempt->changed_on_way |= REGMON_CHANGED_EXPIRES;
}

static void to_phone(regmon_table_t *table, regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_entry_t *entry,
		regmon_news_t *news)
{
	regmon_attempt_t *attempt = &registration->attempt;
	int code = observation->message->code;
	int32_t wait_ms =
			regmon_elapsed_ms(attempt->last_request_ms, observation->now_ms);

	tell_answer(observation, news);
	attempt->last_wait_ms = wait_ms > 0 ? (uint32_t)wait_ms : 0;
	attempt->code = (uint16_t)code;
	if(observation->tapped)
		attempt->core_code = (uint16_t)code;
	attempt->answered_here = observation->local && attempt->core_code == 0;
	note_changes(table, registration, observation);
	attempt->answer_pending = false;
	attempt->challenge_open = false;
	attempt->retry_open = false;
	regmon_record_identities(table, registration, observation);
	if(is_challenge(code)) {
		challenged(table, registration, observation, entry, news);
		return;
	}
	regmon_compare_keep_answer(table, registration, observation);
	if(code < 300)
		regmon_record_associated(table, registration, observation->message);
	if(code < 300) {
		regmon_machine_accepted(table, registration, observation, news);
		return;
	}
	if(asks_to_retry(code) && attempt->ended_ms == 0) {
		attempt->retry_open = true;
		regmon_registration_set_string(registration, REGMON_STRING_REASON,
				observation->message->reason);
		/* a record keeps one phrase: why the attempt before was refused is not known any more */
		if(registration->supplement
				&& registration->supplement->before.result
						   == REGMON_RESULT_REFUSED)
			registration->supplement->before.kind = REGMON_ATTEMPT_NONE;
		return;
	}
	refused(table, registration, observation, news);
}

/* The same answer to a retransmission, by a stateless server: nothing new. */
static bool is_repeated_answer(const regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	return !attempt->answer_pending
		   && attempt->code == observation->message->code
		   && attempt->last_cseq == observation->transaction.cseq;
}

static void answer_again(regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news)
{
	unsigned newest = registration->timeline_next
							  ? registration->timeline_next - 1u
							  : registration->timeline_length - 1u;
	regmon_entry_t *last = &registration->timeline[newest];

	if(last->kind == REGMON_ENTRY_ANSWER && last->side == REGMON_SIDE_PHONE
			&& last->code == observation->message->code
			&& last->repeats < MOST_REPEATS)
		last->repeats++;
	news->outcome->retransmission = true;
}

/* Another final answer to a REGISTER that has had one: the phone took the first. One that comes after we gave up
 * waiting still counts for the binding. */
static bool is_decided(const regmon_attempt_t *attempt)
{
	return !attempt->answer_pending
		   && (attempt->result == REGMON_RESULT_SUCCESS
				   || attempt->result == REGMON_RESULT_REFUSED);
}

/* Stateful rules, before the answer changes what they compare it with. */
static void judge(const regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_message_t *answer = observation->message;
	const regmon_contact_t *own = observation->transaction.own;
	regmon_history_t history;

	if(observation->plan == NULL || observation->findings == NULL)
		return;
	regmon_compare_answer(registration, observation, own, &history);
	history.own_contact_missing =
			own == NULL && regmon_lacks_own_contact(registration, answer);
	regmon_rules_judge_since(observation->plan, answer, observation->class,
			&history, observation->findings);
}

void regmon_machine_answer(regmon_table_t *table,
		regmon_registration_t *registration, regmon_observation_t *observation,
		regmon_news_t *news)
{
	const regmon_message_t *answer = observation->message;
	regmon_attempt_t *attempt = &registration->attempt;
	bool from_core = observation->what == REGMON_HAPPENING_ANSWER_IN;
	bool of_last, decides;
	bool of_driver = observation->transaction.vias
					 == attempt->driver_vias + (from_core ? 1 : 0);
	regmon_entry_t *entry;

	if(answer->code < 200)
		return; /* 100 and 1xx say only that somebody is there */
	if(observation->seen_passing
			&& !(attempt->not_followed
					&& observation->transaction.cseq
							   == attempt->not_followed_cseq))
		return; /* it is told of by somebody who knows better */
	if(!of_driver) {
		entry = write_entry(registration, observation, REGMON_SIDE_CORE);
		entry->marks |= REGMON_MARK_PARALLEL;
		news->outcome->parallel_leg = true;
		return;
	}
	if(answer->code < 300)
		observation->transaction.own = regmon_own_contact(registration, answer);
	if(from_core) {
		of_last = observation->transaction.cseq == attempt->last_cseq;
		if(of_last && attempt->core_code == answer->code) {
			news->outcome->retransmission = true;
			return; /* the core repeats itself */
		}
		if(of_last && attempt->sent_to_core_ms == 0)
			regmon_machine_sent_on(registration, observation, true);
		if(of_last)
			judge(registration, observation);
		write_entry(registration, observation, REGMON_SIDE_CORE);
		if(of_last) {
			regmon_aka_facts_core(table, registration, observation);
			keep_core_answer(table, registration, observation);
		}
		return;
	}
	if(is_repeated_answer(registration, observation)) {
		answer_again(registration, observation, news);
		return;
	}
	decides = observation->transaction.cseq == attempt->last_cseq
			  && !is_decided(attempt);
	if(decides)
		judge(registration, observation);
	entry = write_entry(registration, observation, REGMON_SIDE_PHONE);
	/* an answer to a REGISTER before the last one is an answer and decides nothing any more */
	if(observation->transaction.cseq != attempt->last_cseq) {
		tell_answer(observation, news);
		attempt->not_followed = false; /* this was it; again it would be counted again */
		/* what is forwarded statelessly is told after it left: the phone may have been faster */
		if(is_challenge(answer->code))
			remember_challenge(table, registration, observation, entry);
	} else if(decides) {
		to_phone(table, registration, observation, entry, news);
	}
}
