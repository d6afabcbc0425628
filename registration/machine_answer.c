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

/* An attempt that had answered challenges refused, or a challenge nobody answered: kept over attempts, because a
 * phone that gives up comes back with a new Call-ID. */
static void count_failure(
		regmon_registration_t *registration, regmon_result_t result)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	registration->failures++;
	regmon_count_up(&registration->failures_in_row);
	if(attempt->rejected_answers || attempt->resyncs || attempt->mac_failures)
		regmon_count_up(&registration->loops_in_row);
	if(result == REGMON_RESULT_SILENT
			|| (result == REGMON_RESULT_SUPERSEDED && attempt->challenge_open
					&& !attempt->answered && !attempt->resyncs
					&& !attempt->mac_failures))
		regmon_count_up(&registration->silent_in_row);
	if(result == REGMON_RESULT_UNANSWERED)
		regmon_count_up(&registration->unanswered_in_row);
}

static void count_success(regmon_registration_t *registration)
{
	registration->successes++;
	registration->failures_in_row = 0;
	registration->loops_in_row = 0;
	registration->silent_in_row = 0;
	registration->unanswered_in_row = 0;
}

void regmon_attempt_success_taken_back(regmon_registration_t *registration)
{
	registration->attempt.result = REGMON_RESULT_UNANSWERED;
	registration->successes--;
	count_failure(registration, REGMON_RESULT_UNANSWERED);
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
		count_failure(registration, result);
	attempt->challenge_open = false;
	attempt->retry_open = false;
	event = regmon_news_add(news, REGMON_EVENT_ATTEMPT_ENDED, now_ms);
	if(event) {
		event->attempt = *attempt;
		event->code = code;
	}
	regmon_table_relist_locked(table, registration);
	regmon_table_diagnose_locked(table, registration, now_ms, news);
}

/* user, host and port of two Contact URIs; parameters apart, because nodes on the way add theirs (alias, ob) */
static bool same_address(const regmon_uri_t *left, const regmon_uri_t *right)
{
	int left_port = left->port ? left->port : 5060;
	int right_port = right->port ? right->port : 5060;

	return left_port == right_port && regmon_text_is(left->user, right->user)
		   && regmon_text_is_nocase(left->host, right->host);
}

static bool has_instance(const regmon_registration_t *registration,
		const regmon_contact_t *contact)
{
	str instance = regmon_instance_of(contact);

	/* two flows of one phone differ in reg-id alone (RFC 5626 6) */
	return instance.len > 0
		   && (contact->reg_id.len == 0
				   || registration->last_reg_id == REGMON_NUMBER_ABSENT
				   || regmon_reg_id(contact->reg_id)
							  == registration->last_reg_id)
		   && regmon_registration_string_is(
				   registration, REGMON_STRING_INSTANCE, instance);
}

/* A node that repairs Contacts behind NAT stores the address that the REGISTER came from. */
static bool is_source(const regmon_registration_t *registration,
		const regmon_uri_t *own, const regmon_uri_t *uri)
{
	str source = regmon_registration_string(
			registration, REGMON_STRING_SOURCE);
	str host = uri->host;

	if(host.len > 2 && host.s[0] == '[')
		host = (str){host.s + 1, host.len - 2};
	return source.len > 0 && regmon_text_is_nocase(host, source)
		   && (uri->port ? uri->port : 5060) == registration->source_port
		   && regmon_text_is(own->user, uri->user);
}

/* The phone's own binding in a 200 (RFC 3261 10.3 step 8), NULL: not listed. */
static const regmon_contact_t *own_contact(
		const regmon_registration_t *registration,
		const regmon_message_t *answer)
{
	const regmon_contact_t *contact = answer->contacts.list;
	const regmon_contact_t *end = contact + answer->contacts.kept;
	regmon_uri_t own;

	if(contact == end)
		return NULL;
	if(end == contact + 1 && has_instance(registration, contact))
		return contact; /* as mostly */
	regmon_uri_read(regmon_registration_string(
							registration, REGMON_STRING_CONTACT),
			&own);
	for(; contact < end; contact++)
		if(has_instance(registration, contact)
				|| same_address(&own, &contact->uri)
				|| is_source(registration, &own, &contact->uri))
			return contact;
	return NULL;
}

/* Not listed, and surely so: neither was our Contact cut, nor the list read in part. */
static bool lacks_own_contact(const regmon_registration_t *registration,
		const regmon_message_t *answer)
{
	return answer->contacts.n > 0
		   && answer->contacts.n == answer->contacts.kept
		   && !((registration->cut_strings >> REGMON_STRING_CONTACT) & 1);
}

static int32_t granted_s(const regmon_table_t *table,
		const regmon_registration_t *registration,
		const regmon_contact_t *own, const regmon_message_t *answer)
{
	int64_t seconds = own ? own->expires : REGMON_NUMBER_ABSENT;

	if(seconds < 0)
		seconds = answer->expires;
	if(seconds < 0)
		seconds = registration->requested_s;
	if(seconds < 0)
		seconds = table->limits.default_expires_s;
	return seconds > INT32_MAX ? INT32_MAX : (int32_t)seconds;
}

/* 200 to a registration: is the binding there, and for how long? */
static void bind_contact(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news)
{
	const regmon_message_t *answer = observation->message;
	const regmon_contact_t *own = own_contact(registration, answer);
	int32_t seconds = granted_s(table, registration, own, answer);

	if(seconds == 0
			|| (own == NULL && lacks_own_contact(registration, answer))) {
		/* accepted, but the list of bindings is without it: the phone believes to be registered and is not */
		regmon_count_up(&registration->bindings_missing);
		registration->expires_ms = 0;
		registration->registered_ms = 0;
		regmon_table_set_state_locked(table, registration,
				REGMON_STATE_FAILED, observation->now_ms, news);
		return;
	}
	registration->bindings_missing = 0;
	if(seconds < table->limits.short_grant_s)
		regmon_count_up(&registration->short_grants);
	else
		registration->short_grants = 0;
	if(!regmon_registration_is_bound(registration))
		registration->registered_ms = observation->now_ms;
	registration->granted_s = seconds;
	registration->granted_ms = observation->now_ms;
	registration->expires_ms = observation->now_ms + (int64_t)seconds * 1000;
	registration->ever_registered = true;
	registration->nonce_accepted = registration->nonce_issued;
	regmon_table_set_state_locked(table, registration,
			REGMON_STATE_REGISTERED, observation->now_ms, news);
}

static void unbind(regmon_table_t *table, regmon_registration_t *registration,
		regmon_state_t state, int64_t now_ms, regmon_news_t *news)
{
	registration->expires_ms = 0;
	registration->registered_ms = 0;
	registration->early_refreshes = 0;
	regmon_table_set_state_locked(table, registration, state, now_ms, news);
}

/* `Contact: *` takes back all bindings of the IMPU; they share this slot (RFC 3261 10.2.2). */
static void unbind_all_of_impu(regmon_table_t *table,
		regmon_registration_t *registration, int64_t now_ms,
		regmon_news_t *news)
{
	regmon_registration_t *other;

	for(other = table->slots[registration->slot]; other; other = other->next)
		if(other != registration
				&& other->impu_hash == registration->impu_hash
				&& regmon_registration_is_bound(other)) {
			/* one that registers again just now goes on with that */
			unbind(table, other,
					regmon_state_without_binding(
							other, REGMON_STATE_DEREGISTERED),
					now_ms, news);
			regmon_table_set_due_locked(table, other);
		}
}

static void accepted(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news)
{
	regmon_attempt_t *attempt = &registration->attempt;

	switch(attempt->kind) {
		case REGMON_ATTEMPT_DEREGISTER:
			unbind(table, registration, REGMON_STATE_DEREGISTERED,
					observation->now_ms, news);
			break;
		case REGMON_ATTEMPT_QUERY:
			break;
		default:
			bind_contact(table, registration, observation, news);
	}
	/* a 200 that comes after the attempt was given up changes the binding, not the count */
	if(attempt->ended_ms == 0)
		regmon_attempt_end_locked(table, registration, REGMON_RESULT_SUCCESS,
				observation->message->code, observation->now_ms, news);
	/* last: of many bindings not every change finds room among the news */
	if(attempt->kind == REGMON_ATTEMPT_DEREGISTER && attempt->all_bindings)
		unbind_all_of_impu(table, registration, observation->now_ms, news);
}

static void refused(regmon_table_t *table,
		regmon_registration_t *registration,
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

static void remember_challenge(regmon_registration_t *registration,
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
	regmon_compare_keep_answer(registration, observation);
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

	remember_challenge(registration, observation, entry);
	/* a refresh repeats its last response: the first 401 to it is how it should be */
	if(attempt->last_answers_challenge)
		regmon_count_up(&attempt->rejected_answers);
	if(attempt->ended_ms)
		return;
	attempt->challenge_ms = observation->now_ms;
	attempt->challenge_open = true;
	regmon_registration_set_string(registration, REGMON_STRING_REASON,
			observation->message->reason);
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
	regmon_entry_t *entry = regmon_record_entry(
			registration, REGMON_ENTRY_ANSWER, side, observation->now_ms);

	entry->code = (uint16_t)answer->code;
	entry->cseq = observation->transaction.cseq;
	if(observation->transaction.cseq == attempt->last_cseq)
		entry->after_ms = regmon_elapsed_ms(since_ms, observation->now_ms);
	if(answer->security_server.n)
		entry->marks |= REGMON_MARK_SECURITY_SERVER;
	if(REGMON_DIGEST_HAS(&answer->challenge, CK)
			|| REGMON_DIGEST_HAS(&answer->challenge, IK))
		entry->marks |= REGMON_MARK_KEYS;
	if(observation->local)
		entry->marks |= REGMON_MARK_LOCAL;
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

static void to_phone(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_entry_t *entry,
		regmon_news_t *news)
{
	regmon_attempt_t *attempt = &registration->attempt;
	int code = observation->message->code;

	tell_answer(observation, news);
	attempt->code = (uint16_t)code;
	attempt->answer_pending = false;
	attempt->challenge_open = false;
	attempt->retry_open = false;
	regmon_record_identities(table, registration, observation);
	if(is_challenge(code)) {
		challenged(table, registration, observation, entry, news);
		return;
	}
	regmon_compare_keep_answer(registration, observation);
	if(code < 300) {
		accepted(table, registration, observation, news);
		return;
	}
	if(asks_to_retry(code) && attempt->ended_ms == 0) {
		attempt->retry_open = true;
		regmon_registration_set_string(registration, REGMON_STRING_REASON,
				observation->message->reason);
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
	const regmon_contact_t *own = NULL;
	regmon_history_t history;

	if(observation->plan == NULL || observation->findings == NULL)
		return;
	if(answer->code < 300 && answer->contacts.kept > 0)
		own = own_contact(registration, answer);
	regmon_compare_answer(registration, observation, own, &history);
	history.own_contact_missing =
			own == NULL && lacks_own_contact(registration, answer);
	regmon_rules_judge_since(observation->plan, answer, observation->class,
			&history, observation->findings);
}

void regmon_machine_answer(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news)
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
	if(!of_driver) {
		entry = write_entry(registration, observation, REGMON_SIDE_CORE);
		entry->marks |= REGMON_MARK_PARALLEL;
		news->outcome->parallel_leg = true;
		return;
	}
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
		if(of_last)
			attempt->core_code = (uint16_t)answer->code;
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
		/* what is forwarded statelessly is told after it left: the phone may have been faster */
		if(is_challenge(answer->code))
			remember_challenge(registration, observation, entry);
	} else if(decides) {
		to_phone(table, registration, observation, entry, news);
	}
}
