/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of one message into the table: find the registration, take its lock once, let the state machine work,
 * tell the news afterwards. */
#include "registration/table_private.h"

/* What a message is about, worked out before any lock is taken. */
typedef struct subject
{
	char key[REGMON_MAX_KEY];
	str impu; /* in key[] */
	uint64_t hash;
	uint64_t binding;
	uint32_t from_tag_hash;
	unsigned slot;
	str call_id;
	str instance; /* as written in the Contact, brackets included */
} subject_t;

static bool subject_of(const regmon_table_t *table,
		const regmon_observation_t *observation, subject_t *subject)
{
	const regmon_message_t *message = observation->message;
	const regmon_uri_t *to;
	regmon_uri_t read;

	if(message) {
		to = &message->to.uri;
		subject->call_id = message->call_id;
		subject->from_tag_hash = regmon_tag_hash(message->from.tag);
	} else {
		regmon_uri_read(observation->to_uri, &read);
		to = &read;
		subject->call_id = observation->call_id;
		subject->from_tag_hash = regmon_tag_hash(observation->from_tag);
	}
	if(regmon_text_empty(to->text))
		return false; /* nobody: there is nothing to remember it under */
	subject->impu = (str){subject->key,
			regmon_uri_canonical(to, subject->key, sizeof(subject->key))};
	subject->hash = regmon_table_hash(table, subject->impu);
	subject->slot = subject->hash & (table->slots_n - 1);
	subject->binding = 0;
	subject->instance = (str){NULL, 0};
	if(message && !message->is_answer && message->contacts.kept > 0
			&& !message->contacts.star) {
		subject->binding = regmon_binding_hash(table, message);
		subject->instance = message->contacts.list[0].instance;
	}
	return true;
}

static bool is_of_impu(
		const regmon_registration_t *registration, const subject_t *subject)
{
	return registration->impu_hash == subject->hash
		   && regmon_registration_string_is(
				   registration, REGMON_STRING_IMPU, subject->impu);
}

static bool is_same_attempt(
		const regmon_registration_t *registration, const subject_t *subject)
{
	return registration->attempt.from_tag_hash == subject->from_tag_hash
		   && regmon_registration_string_is(
				   registration, REGMON_STRING_CALL_ID, subject->call_id);
}

/* the same device: its instance is known and equal, "<" and ">" apart */
static bool is_same_instance(
		const regmon_registration_t *registration, str instance)
{
	str known = regmon_registration_string(
			registration, REGMON_STRING_INSTANCE);

	if(instance.len > 2 && instance.s[0] == '<')
		instance = (str){instance.s + 1, instance.len - 2};
	return known.len > 0 && regmon_text_is(known, instance);
}

/* How well a record of the same IMPU fits a REGISTER; 0: another binding. A challenged phone comes back from its
 * protected port, so the Contact URI alone would split one phone in two (TS 24.229 5.1.1.2.2 b). */
static int fit(const regmon_registration_t *registration,
		const subject_t *subject, const regmon_message_t *message)
{
	bool instances_differ =
			subject->instance.len > 0
			&& regmon_registration_string(registration, REGMON_STRING_INSTANCE)
							   .len
					   > 0
			&& !is_same_instance(registration, subject->instance);

	if(subject->binding == 0) /* no Contact, or "*": the phone as a whole */
		return is_same_attempt(registration, subject) ? 3 : 1;
	if(registration->binding_hash == subject->binding)
		return 4;
	if(instances_differ)
		return 0;
	if(is_same_attempt(registration, subject))
		return 3;
	if(subject->instance.len > 0
			&& registration->last_reg_id == REGMON_NUMBER_ABSENT
			&& regmon_text_empty(message->contacts.list[0].reg_id)
			&& is_same_instance(registration, subject->instance))
		return 2;
	return 0;
}

/* slot lock held */
static regmon_registration_t *find_for_request(const regmon_table_t *table,
		const subject_t *subject, const regmon_message_t *message)
{
	regmon_registration_t *registration, *best = NULL;
	int best_fit = 0, this_fit;

	for(registration = table->slots[subject->slot]; registration;
			registration = registration->next) {
		if(!is_of_impu(registration, subject))
			continue;
		this_fit = fit(registration, subject, message);
		if(this_fit > best_fit
				|| (this_fit && this_fit == best_fit
						&& registration->last_seen_ms > best->last_seen_ms)) {
			best = registration;
			best_fit = this_fit;
		}
	}
	return best;
}

/* slot lock held */
static regmon_registration_t *find_attempt(
		const regmon_table_t *table, const subject_t *subject)
{
	regmon_registration_t *registration;

	for(registration = table->slots[subject->slot]; registration;
			registration = registration->next)
		if(is_of_impu(registration, subject)
				&& is_same_attempt(registration, subject))
			return registration;
	return NULL;
}

static void start_record(regmon_table_t *table,
		regmon_registration_t *registration, const subject_t *subject)
{
	registration->impu_hash = subject->hash;
	registration->binding_hash = subject->binding;
	regmon_registration_set_string(
			registration, REGMON_STRING_IMPU, subject->impu);
	regmon_slot_add_locked(table, subject->slot, registration);
	/* the IMPU itself needs no index: its hash is the slot; its number does */
	if(regmon_identity_imsi(subject->impu).len)
		regmon_index_put(
				table, regmon_identity_imsi(subject->impu), subject->slot);
	if(regmon_identity_msisdn(subject->impu).len)
		regmon_index_put(
				table, regmon_identity_msisdn(subject->impu), subject->slot);
}

/* Returns with the slot lock held; NULL: nothing to remember it in. */
static regmon_registration_t *lock_registration(regmon_table_t *table,
		const regmon_observation_t *observation, const subject_t *subject)
{
	regmon_registration_t *registration, *fresh;
	uint32_t source = REGMON_NO_SOURCE;

	regmon_slot_lock(table, subject->slot);
	if(observation->what != REGMON_HAPPENING_REQUEST_IN)
		return find_attempt(table, subject);
	registration = find_for_request(table, subject, observation->message);
	if(registration)
		return registration;
	/* memory is taken and room is made without a lock; another process may have been faster meanwhile */
	regmon_slot_unlock(table, subject->slot);
	if(observation->arrival && observation->message->via_n <= 1)
		source = regmon_table_source_bucket(
				table, observation->arrival->source_address);
	fresh = regmon_table_new_record(table, source, observation->now_ms);
	regmon_slot_lock(table, subject->slot);
	registration = find_for_request(table, subject, observation->message);
	if(registration == NULL && fresh) {
		start_record(table, fresh, subject);
		return fresh;
	}
	if(fresh) {
		__atomic_fetch_sub(&table->registrations, 1, __ATOMIC_RELAXED);
		regmon_memory_put(fresh);
	}
	return registration;
}

static void sent_on(regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	regmon_attempt_t *attempt = &registration->attempt;
	regmon_entry_t *entry;

	entry = regmon_record_entry(registration, REGMON_ENTRY_REQUEST,
			REGMON_SIDE_CORE, observation->now_ms);
	entry->cseq = observation->cseq;
	if(observation->vias != attempt->driver_vias) {
		entry->marks |= REGMON_MARK_PARALLEL;
		return;
	}
	attempt->sent_to_core_ms = observation->now_ms;
	entry->after_ms =
			(int32_t)(observation->now_ms - attempt->last_request_ms);
}

/* tm has forgotten the transaction. It had a final code but we never saw it leave: it could not be sent. */
static void transaction_ended(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news)
{
	regmon_attempt_t *attempt = &registration->attempt;
	regmon_entry_t *entry;

	if(attempt->ended_ms || !attempt->answer_pending
			|| attempt->last_cseq != observation->cseq
			|| attempt->driver_vias != observation->vias)
		return;
	entry = regmon_record_entry(registration,
			observation->final_code >= 200 ? REGMON_ENTRY_NOT_SENT
										   : REGMON_ENTRY_NO_ANSWER,
			REGMON_SIDE_PHONE, observation->now_ms);
	entry->cseq = observation->cseq;
	entry->code = (uint16_t)observation->final_code;
	entry->after_ms =
			(int32_t)(observation->now_ms - attempt->last_request_ms);
	if(observation->final_code >= 200) {
		regmon_event_t *event = regmon_news_add(
				news, REGMON_EVENT_NOT_SENT, observation->now_ms);

		if(event)
			event->code = observation->final_code;
		if(attempt->not_sent < UINT8_MAX)
			attempt->not_sent++;
	}
	regmon_table_diagnose_locked(
			table, registration, observation->now_ms, news);
}

static void fill_outcome(
		const regmon_registration_t *registration, regmon_outcome_t *outcome)
{
	outcome->remembered = true;
	outcome->state = registration->state;
	outcome->kind = registration->attempt.kind;
	outcome->causes = registration->causes;
	outcome->attempts = registration->attempts;
	outcome->failures = registration->failures;
	outcome->registered_ms = registration->registered_ms;
}

void regmon_news_tell(regmon_news_t *news, uint8_t access)
{
	unsigned i;

	for(i = 0; i < news->n; i++) {
		news->list[i].access = access;
		regmon_events_tell(&news->list[i]);
	}
}

static void tell_findings(const regmon_findings_t *findings, int64_t now_ms)
{
	regmon_event_t event = {.type = REGMON_EVENT_FINDING, .now_ms = now_ms};
	unsigned i;

	for(i = 0; findings && i < findings->n; i++) {
		event.rule = findings->list[i].rule;
		event.severity = findings->list[i].severity;
		regmon_events_tell(&event);
	}
}

void regmon_table_observe(regmon_table_t *table,
		regmon_observation_t *observation, regmon_outcome_t *ret_outcome)
{
	regmon_registration_t *registration = NULL;
	regmon_outcome_t outcome = {.leg = observation->class
											   ? observation->class->leg
											   : 0};
	regmon_news_t news;
	subject_t subject;
	uint8_t access = REGMON_ACCESS_NONE;

	news.n = 0;
	news.outcome = &outcome;
	if(subject_of(table, observation, &subject)) {
		registration = lock_registration(table, observation, &subject);
		if(registration) {
			switch(observation->what) {
				case REGMON_HAPPENING_REQUEST_IN:
					regmon_machine_request(
							table, registration, observation, &news);
					break;
				case REGMON_HAPPENING_REQUEST_OUT:
					sent_on(registration, observation);
					break;
				case REGMON_HAPPENING_ANSWER_IN:
				case REGMON_HAPPENING_ANSWER_OUT:
					regmon_machine_answer(
							table, registration, observation, &news);
					break;
				case REGMON_HAPPENING_TRANSACTION_ENDED:
					transaction_ended(
							table, registration, observation, &news);
					break;
			}
			regmon_table_set_due_locked(table, registration);
			access = registration->last_access;
			fill_outcome(registration, &outcome);
		}
		regmon_slot_unlock(table, subject.slot);
	}
	if(registration == NULL
			&& observation->what == REGMON_HAPPENING_REQUEST_IN)
		regmon_news_add(&news, REGMON_EVENT_REQUEST, observation->now_ms);
	regmon_news_tell(&news, access);
	if(observation->what == REGMON_HAPPENING_REQUEST_IN
			&& !outcome.retransmission)
		tell_findings(observation->findings, observation->now_ms);
	if(ret_outcome)
		*ret_outcome = outcome;
}
