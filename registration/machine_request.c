/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State machine, first half: what a REGISTER does to its registration. Slot lock held throughout. */
#include "registration/table_private.h"

#include "message/scan.h"

#define MOST_REPEATS 15

/* The same REGISTER again (RFC 3261 17.2.3), or the same one on another leg, when P-, I- and S-CSCF are one process
 * or a tap sees several legs. */
typedef enum sighting
{
	FIRST_SIGHT,
	AGAIN,
	OTHER_LEG
} sighting_t;

static sighting_t sighting_of(const regmon_table_t *table,
		const regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_transaction_t *transaction = &observation->transaction;
	const regmon_attempt_t *attempt = &registration->attempt;
	int64_t since_ms = observation->now_ms - attempt->last_request_ms;

	/* afterwards no transaction is left that could send again: it is a new one, however much it looks like the old */
	if(attempt->kind == REGMON_ATTEMPT_NONE
			|| since_ms > 1000LL * table->limits.phone_timeout_s)
		return FIRST_SIGHT;
	/* A phone may go on repeating a REGISTER after it began another one. */
	if(transaction->hash == registration->transaction_hash
			|| transaction->hash == registration->transaction_before_hash)
		return AGAIN;
	if(transaction->vias == attempt->driver_vias
			|| !regmon_same_dialog(registration, transaction))
		return FIRST_SIGHT;
	/* a later leg of an older REGISTER arrives late; a higher CSeq of another depth was not seen at the first hop, as
	 * a tap cannot see what is inside an SA */
	return transaction->cseq == attempt->last_cseq
						   || (observation->message->cseq.number >= 0
								   && transaction->cseq < attempt->last_cseq)
				   ? OTHER_LEG
				   : FIRST_SIGHT;
}

static uint16_t marks_of_request(const regmon_observation_t *observation)
{
	uint16_t marks = 0;

	if(observation->class->is_protected)
		marks |= REGMON_MARK_PROTECTED;
	if(observation->class->purpose == REGMON_PURPOSE_DEREGISTRATION)
		marks |= REGMON_MARK_EXPIRES_0;
	switch(observation->class->credentials) {
		case REGMON_CREDENTIALS_ANSWER:
			return marks | REGMON_MARK_CREDENTIALS;
		case REGMON_CREDENTIALS_RESYNC:
			return marks | REGMON_MARK_AUTS;
		case REGMON_CREDENTIALS_REFUSED:
			return marks | REGMON_MARK_REFUSED_AUTN;
		default:
			return marks;
	}
}

/* A repeat that comes this soon behind the answer was most likely under way before it; T1 of IMS phones is 2 s and that
 * of RFC 3261 0.5 s. */
#define CROSSING_MS 400

static bool crossed_answer(const regmon_attempt_t *attempt, int64_t now_ms)
{
	int64_t answered_ms = attempt->ended_ms ? attempt->ended_ms
											: attempt->challenge_ms;

	return now_ms - answered_ms < CROSSING_MS;
}

static void seen_again(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news)
{
	regmon_attempt_t *attempt = &registration->attempt;
	unsigned newest = registration->timeline_next
							  ? registration->timeline_next - 1u
							  : registration->timeline_length - 1u;
	regmon_entry_t *entry = &registration->timeline[newest];
	uint32_t cseq = observation->transaction.cseq;
	bool is_last = observation->transaction.hash
				   == registration->transaction_hash;
	int32_t after_ms = -1;

	regmon_count_up(&attempt->retransmissions);
	if(is_last && !attempt->answer_pending
			&& !crossed_answer(attempt, observation->now_ms)
			&& attempt->retransmissions_after_answer < UINT8_MAX)
		attempt->retransmissions_after_answer++;
	regmon_news_add(news, REGMON_EVENT_RETRANSMISSION, observation->now_ms);
	news->outcome->retransmission = true;
	/* once may be crossing; more says that the answer has not arrived */
	if(attempt->retransmissions_after_answer > 1)
		regmon_table_diagnose_locked(
				table, registration, observation->now_ms, news);
	/* repeats in a row are one line of the timeline, or they would push out what matters */
	if(registration->timeline_n
			&& entry->kind == REGMON_ENTRY_RETRANSMISSION
			&& entry->cseq == cseq) {
		if(entry->repeats < MOST_REPEATS)
			entry->repeats++;
		return;
	}
	if(is_last)
		after_ms = regmon_elapsed_ms(
				attempt->last_request_ms, observation->now_ms);
	if(attempt->first_repeat_ms == 0 && after_ms > 0)
		attempt->first_repeat_ms = after_ms;
	regmon_record_entry(registration, observation->now_ms,
			(regmon_entry_t){.kind = REGMON_ENTRY_RETRANSMISSION,
					.side = REGMON_SIDE_PHONE,
					.cseq = cseq,
					.marks = marks_of_request(observation),
					.after = regmon_entry_after(after_ms)});
}

static void seen_on_other_leg(regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news)
{
	regmon_entry_t *entry = regmon_record_entry(registration,
			observation->now_ms,
			(regmon_entry_t){.kind = REGMON_ENTRY_REQUEST,
					.side = REGMON_SIDE_CORE,
					.cseq = observation->transaction.cseq,
					.marks = marks_of_request(observation)
							 | REGMON_MARK_PARALLEL});

	regmon_record_findings(registration, entry, observation->findings);
	news->outcome->parallel_leg = true;
}

/* The attempt before, of this kind, was in vain, and no late 200 came to it: the phone tries once more what it wanted then. */
static bool retries(const regmon_registration_t *registration,
		regmon_attempt_kind_t kind)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	return attempt->kind == kind && attempt->ended_ms
		   && attempt->result != REGMON_RESULT_SUCCESS
		   && registration->granted_ms <= attempt->opened_ms;
}

/* An initial REGISTER of a phone that still has a binding: it lost its SA or was restarted (ST-15). A plain SIP phone
 * refreshes unprotected, so only IMS marks make the difference. */
static bool comes_back_unprotected(const regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	return regmon_registration_is_bound(registration)
		   && observation->class->ims && !observation->class->is_protected
		   && observation->class->credentials == REGMON_CREDENTIALS_NONE
		   && (!regmon_same_call_id(registration, &observation->transaction)
				   || retries(registration, REGMON_ATTEMPT_INITIAL));
}

static regmon_attempt_kind_t kind_of(const regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_class_t *class = observation->class;
	bool known = registration->attempt.kind != REGMON_ATTEMPT_NONE;

	switch(class->purpose) {
		case REGMON_PURPOSE_DEREGISTRATION:
			return REGMON_ATTEMPT_DEREGISTER;
		case REGMON_PURPOSE_QUERY:
			return REGMON_ATTEMPT_QUERY;
		case REGMON_PURPOSE_THIRD_PARTY:
			return REGMON_ATTEMPT_THIRD_PARTY;
		default:
			break;
	}
	/* protected or answering a challenge that nobody here has sent: it began before this node started */
	if(!known
			&& (class->is_protected
					|| class->credentials != REGMON_CREDENTIALS_NONE))
		return REGMON_ATTEMPT_UNKNOWN;
	if(regmon_registration_is_bound(registration))
		return comes_back_unprotected(registration, observation)
					   ? REGMON_ATTEMPT_INITIAL
					   : REGMON_ATTEMPT_REFRESH;
	return REGMON_ATTEMPT_INITIAL;
}

static bool contact_differs(const regmon_registration_t *registration,
		const regmon_contact_t *contact)
{
	return contact->features != registration->last_features
		   || (contact->ps_data_off.s
				   && regmon_text_is_nocase(
							  contact->ps_data_off, REGMON_TEXT("active"))
							  != registration->ps_data_off_active)
		   || !regmon_registration_string_is(
				   registration, REGMON_STRING_CONTACT, contact->uri.text);
}

/* ST-13: well before it is due and without a reason that TS 24.229 5.1.1.4.1 and annex L name. */
static void judge_refresh_time(const regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_message_t *message = observation->message;
	const regmon_contact_t *contact = regmon_message_contact(message);
	const regmon_access_value_t *access = NULL;
	bool repeats = regmon_repeats(message, CONTACT);
	int64_t after_s = (observation->now_ms - registration->granted_ms) / 1000;
	int64_t due_s = regmon_refresh_due_s(registration);

	if((!repeats && contact == NULL)
			|| retries(registration, REGMON_ATTEMPT_REFRESH))
		return;
	if(!regmon_repeats(message, P_ACCESS_NETWORK_INFO))
		access = regmon_access_best(&message->access);
	if(after_s * 100 >= due_s * table->limits.early_refresh_percent
			|| regmon_registration_is_shortened(registration)
			|| (access && access->access != registration->last_access)
			|| (!repeats && contact_differs(registration, contact))) {
		registration->early_refreshes = 0;
		registration->shortest_refresh_s = 0;
		return;
	}
	if(registration->early_refreshes == 0
			|| after_s < registration->shortest_refresh_s)
		registration->shortest_refresh_s = (int32_t)after_s;
	regmon_count_up(&registration->early_refreshes);
}

static void count_return(regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	if(!comes_back_unprotected(registration, observation)) {
		registration->returns_unprotected = 0;
		return;
	}
	if(retries(registration, REGMON_ATTEMPT_INITIAL))
		return; /* it has been counted */
	regmon_count_up(&registration->returns_unprotected);
	if(registration->is_replaced)
		regmon_count_up(&registration->replaced_in_row);
}

/* RFC 5626 4.5, TS 24.229 5.1.1.2.1: a phone that was refused waits. A refresh of a binding in force is none of these. */
static void count_early_retry(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation,
		const regmon_history_t *history)
{
	regmon_supplement_t *supplement = registration->supplement;

	if(!history->known
			|| observation->class->purpose != REGMON_PURPOSE_REGISTRATION)
		return;
	if(history->since_failure_ms < 0) {
		/* the row of refusals is over, unless the phone only left the last attempt by itself */
		if(supplement
				&& registration->attempt.result != REGMON_RESULT_SUPERSEDED)
			supplement->early_retries = 0;
		return;
	}
	if(history->retry_after_left_ms > 0
			|| (observation->class->ims
					&& history->since_failure_ms < regmon_least_wait_ms(
							   history->failures_in_row))) {
		supplement = regmon_supplement_need_locked(table, registration);
		if(supplement)
			regmon_count_up(&supplement->early_retries);
	} else if(supplement) {
		supplement->early_retries = 0;
	}
}

/* The attempt that ends here is asked for while the next one tells nothing yet, where it failed. */
static void keep_before(
		regmon_table_t *table, regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	regmon_supplement_t *supplement = registration->supplement;

	if(attempt->ended_ms && attempt->result != REGMON_RESULT_SUCCESS
			&& attempt->kind != REGMON_ATTEMPT_QUERY) {
		supplement = regmon_supplement_need_locked(table, registration);
		if(supplement)
			supplement->before = *attempt;
	} else if(supplement) {
		supplement->before = regmon_no_supplement.before;
		/* what a refusal asked for has been done */
		if(attempt->result == REGMON_RESULT_SUCCESS) {
			supplement->min_expires_s = 0;
			supplement->named_options = 0;
		}
		regmon_supplement_leave_locked(table, registration, true);
	}
}

static void open_attempt(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news)
{
	regmon_attempt_t *attempt = &registration->attempt;
	regmon_attempt_kind_t kind = kind_of(registration, observation);
	regmon_event_t *event;

	if(kind == REGMON_ATTEMPT_REFRESH)
		judge_refresh_time(table, registration, observation);
	else if(kind == REGMON_ATTEMPT_INITIAL)
		count_return(registration, observation);
	keep_before(table, registration);
	regmon_clear(attempt, sizeof(*attempt));
	attempt->kind = kind;
	attempt->unknown_start = kind == REGMON_ATTEMPT_UNKNOWN;
	attempt->opened_ms = observation->now_ms;
	attempt->first_cseq = observation->transaction.cseq;
	attempt->driver_vias = (uint8_t)observation->transaction.vias;
	attempt->all_bindings = !regmon_repeats(observation->message, CONTACT)
							&& observation->message->contacts.star;
	attempt->core_granted_s = -1;
	regmon_network_attempt_opened(registration, observation->now_ms);
	event = regmon_news_add(
			news, REGMON_EVENT_ATTEMPT_OPENED, observation->now_ms);
	if(event)
		event->attempt = *attempt;
}

static regmon_state_t state_after_request(
		const regmon_registration_t *registration,
		const regmon_observation_t *observation, bool challenge_was_open)
{
	bool bound = regmon_registration_is_bound(registration);

	switch(registration->attempt.kind) {
		case REGMON_ATTEMPT_DEREGISTER:
			return REGMON_STATE_DEREGISTERING;
		case REGMON_ATTEMPT_QUERY:
			return registration->state;
		default:
			break;
	}
	switch(observation->class->credentials) {
		case REGMON_CREDENTIALS_RESYNC:
			return REGMON_STATE_RESYNC;
		case REGMON_CREDENTIALS_REFUSED:
			return REGMON_STATE_MAC_FAILURE;
		case REGMON_CREDENTIALS_ANSWER:
			/* a refresh repeats the last answer (TS 24.229 5.1.1.4.2 a): only after a 401 it answers one */
			return bound && !challenge_was_open ? REGMON_STATE_REFRESHING
												: REGMON_STATE_ANSWERED;
		default:
			return bound && registration->attempt.kind
											!= REGMON_ATTEMPT_INITIAL
						   ? REGMON_STATE_REFRESHING
						   : REGMON_STATE_REGISTERING;
	}
}

/* RFC 3310 3.3: the answer to a challenge carries its nonce. A challenge of the attempt before has no answer in this one. */
static bool is_stale(const regmon_registration_t *registration,
		const regmon_observation_t *observation,
		const regmon_history_t *history)
{
	return registration->attempt.challenge_open && registration->nonce_issued
		   && observation->class->credentials == REGMON_CREDENTIALS_ANSWER
		   && !history->nonce_is_last_issued;
}

static void count_request(regmon_registration_t *registration,
		const regmon_observation_t *observation,
		const regmon_history_t *history)
{
	regmon_attempt_t *attempt = &registration->attempt;
	regmon_credentials_t credentials = observation->class->credentials;

	if(attempt->challenge_open && credentials != REGMON_CREDENTIALS_NONE
			&& observation->now_ms - attempt->challenge_ms
					   > REGMON_LATE_ANSWER_MS
			&& attempt->late_answers < UINT8_MAX)
		attempt->late_answers++;
	attempt->waits_before_ms += attempt->last_wait_ms;
	attempt->last_wait_ms = 0;
	regmon_count_up(&attempt->requests);
	attempt->last_request_ms = observation->now_ms;
	attempt->last_cseq = observation->transaction.cseq;
	attempt->call_id_hash = observation->transaction.call_id_hash;
	attempt->from_tag_hash = observation->transaction.from_tag_hash;
	attempt->driver_vias = (uint8_t)observation->transaction.vias;
	attempt->last_credentials = (uint8_t)credentials;
	attempt->last_answers_challenge =
			credentials == REGMON_CREDENTIALS_ANSWER && attempt->challenge_open;
	attempt->sent_on_told_by_answer = false;
	attempt->retransmissions_after_answer = 0;
	attempt->answered_here = false;
	attempt->changed_on_way =
			attempt->last_answers_challenge
							&& (attempt->changed_on_way & REGMON_CHANGED_NONCE)
					? REGMON_CHANGED_CHALLENGE
					: 0;
	attempt->core_nonce = 0;
	attempt->core_granted_s = -1;
	if(is_stale(registration, observation, history))
		regmon_count_up(&attempt->stale_answers);
	if(history->attempt_open && attempt->overlaps < UINT8_MAX)
		attempt->overlaps++;
	attempt->answer_pending = true;
	attempt->challenge_open = false;
	attempt->retry_open = false;
	attempt->sent_to_core_ms = 0;
	attempt->core_code = 0;
	attempt->offered_security |=
			observation->message->security_client.n > 0
			|| regmon_repeats(observation->message, SECURITY_CLIENT);
	if(credentials == REGMON_CREDENTIALS_ANSWER)
		regmon_count_up(&attempt->answered);
	else if(credentials == REGMON_CREDENTIALS_RESYNC)
		regmon_count_up(&attempt->resyncs);
	else if(credentials == REGMON_CREDENTIALS_REFUSED)
		regmon_count_up(&attempt->mac_failures);
	if(observation->class->is_protected
			&& attempt->protected_requests < UINT8_MAX)
		attempt->protected_requests++;
}

/* RFC 3261 10.3 step 6 and 7: same Call-ID, CSeq not higher. True when it went back. */
static bool follow_cseq(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	regmon_supplement_t *supplement;
	int64_t cseq = observation->message->cseq.number;

	if(cseq > REGMON_LAST_CSEQ_MOST)
		cseq = REGMON_LAST_CSEQ_MOST;
	if(!regmon_same_call_id(registration, &observation->transaction)) {
		registration->last_cseq = cseq;
		return false;
	}
	if(cseq > registration->last_cseq) {
		registration->last_cseq = cseq;
		return false;
	}
	if(cseq < 0)
		return false; /* unreadable */
	supplement = regmon_supplement_need_locked(table, registration);
	if(supplement)
		regmon_count_up(&supplement->cseq_regressions);
	return true;
}

/* What an attempt is for does not change on the way: a phone that is switched off after a 401 begins another one. */
static bool same_purpose(
		regmon_attempt_kind_t kind, regmon_purpose_t purpose)
{
	switch(purpose) {
		case REGMON_PURPOSE_DEREGISTRATION:
			return kind == REGMON_ATTEMPT_DEREGISTER;
		case REGMON_PURPOSE_QUERY:
			return kind == REGMON_ATTEMPT_QUERY;
		case REGMON_PURPOSE_THIRD_PARTY:
			return kind == REGMON_ATTEMPT_THIRD_PARTY;
		default:
			return kind != REGMON_ATTEMPT_DEREGISTER
				   && kind != REGMON_ATTEMPT_QUERY
				   && kind != REGMON_ATTEMPT_THIRD_PARTY;
	}
}

/* A REGISTER belongs to the running attempt by Call-ID and From tag. RFC 3261 lets a phone take a new tag for each
 * REGISTER; one that reacts to the challenge has not begun anew. */
static bool continues_attempt(const regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	const regmon_transaction_t *transaction = &observation->transaction;

	return attempt->kind != REGMON_ATTEMPT_NONE && attempt->ended_ms == 0
		   && same_purpose(attempt->kind, observation->class->purpose)
		   && regmon_same_call_id(registration, transaction)
		   && (attempt->from_tag_hash == transaction->from_tag_hash
				   || (attempt->challenge_open
						   && observation->class->credentials
									  != REGMON_CREDENTIALS_NONE));
}

/* The phone began anew before its running attempt ended. */
static void supersede(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news)
{
	regmon_attempt_end_locked(table, registration, REGMON_RESULT_SUPERSEDED,
			registration->attempt.code, observation->now_ms, news);
	/* a query sets no state of its own, and nobody would leave this one */
	if(observation->class->purpose == REGMON_PURPOSE_QUERY
			&& registration->attempt.kind != REGMON_ATTEMPT_QUERY)
		regmon_table_set_state_locked(table, registration,
				regmon_registration_is_bound(registration)
						? REGMON_STATE_REGISTERED
						: REGMON_STATE_FAILED,
				observation->now_ms, news);
}

static void write_request(regmon_registration_t *registration,
		const regmon_observation_t *observation, int64_t before_ms)
{
	regmon_entry_t *entry = regmon_record_entry(registration,
			observation->now_ms,
			(regmon_entry_t){.kind = REGMON_ENTRY_REQUEST,
					.side = REGMON_SIDE_PHONE,
					.cseq = observation->transaction.cseq,
					.marks = marks_of_request(observation),
					.after = regmon_entry_after(
							regmon_elapsed_ms(before_ms, observation->now_ms))});

	regmon_record_findings(registration, entry, observation->findings);
}

static void new_request(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation,
		const regmon_history_t *history, regmon_news_t *news)
{
	regmon_attempt_t *attempt = &registration->attempt;
	bool challenge_was_open = attempt->challenge_open;
	int64_t before_ms = attempt->last_request_ms;
	bool continues = continues_attempt(registration, observation);
	bool regressed;

	if(!continues && attempt->kind != REGMON_ATTEMPT_NONE
			&& attempt->ended_ms == 0)
		supersede(table, registration, observation, news);
	regressed = follow_cseq(table, registration, observation);
	if(!continues) {
		count_early_retry(table, registration, observation, history);
		open_attempt(table, registration, observation, news);
		challenge_was_open = false;
	}
	count_request(registration, observation, history);
	regmon_news_add(news, REGMON_EVENT_REQUEST, observation->now_ms);
	write_request(registration, observation, before_ms);
	regmon_table_set_state_locked(table, registration,
			state_after_request(
					registration, observation, challenge_was_open),
			observation->now_ms, news);
	if(regressed)
		regmon_table_diagnose_locked(
				table, registration, observation->now_ms, news);
}

/* Seconds asked for, -1 when the REGISTER names none. */
static int32_t requested_s(const regmon_message_t *message)
{
	const regmon_contact_t *contact = regmon_message_contact(message);
	int64_t asked;

	if(contact == NULL)
		return -1;
	asked = regmon_contact_effective_expires(contact, message->expires, -1);
	return asked > INT32_MAX ? INT32_MAX : (int32_t)asked;
}

void regmon_machine_request(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news)
{
	const regmon_message_t *message = observation->message;
	regmon_history_t history;
	uint16_t client_hash;
	uint32_t verify_list;

	registration->last_seen_ms = observation->now_ms;
	registration->tapped = observation->tapped;
	switch(sighting_of(table, registration, observation)) {
		case AGAIN:
			seen_again(table, registration, observation, news);
			return;
		case OTHER_LEG:
			seen_on_other_leg(registration, observation, news);
			return;
		case FIRST_SIGHT:
			break;
	}
	regmon_machine_overdue(table, registration, observation->now_ms, news);
	client_hash = regmon_repeats(message, SECURITY_CLIENT)
						  ? registration->said.client_hash
						  : regmon_compare_client_hash(message);
	verify_list = regmon_repeats(message, SECURITY_VERIFY)
						  ? registration->said.verify_list
						  : regmon_compare_verify_list(message);
	regmon_record_history(
			registration, observation, client_hash, verify_list, &history);
	if(observation->plan && observation->findings)
		regmon_rules_judge_since(observation->plan, message, observation->class,
				&history, observation->findings);
	new_request(table, registration, observation, &history, news);
	regmon_record_last_findings(registration, observation->findings);
	if(!regmon_repeats(message, CONTACT))
		regmon_machine_mark_taken_back(table, registration, message);
	if(verify_list)
		registration->verify = (uint8_t)history.verify;
	registration->transaction_before_hash = registration->transaction_hash;
	registration->transaction_hash = observation->transaction.hash;
	if(!regmon_repeats(message, CONTACT))
		registration->requested_s = requested_s(message);
	regmon_record_identities(table, registration, observation);
	regmon_compare_keep_request(registration, message, client_hash);
	regmon_aka_facts_request(table, registration, observation);
	regmon_said_keep(registration, observation, verify_list);
}
