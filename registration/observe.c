/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of one message into the table: find the registration, take its lock once, let the state machine work,
 * tell the news afterwards. */
#include "registration/table_private.h"

/* What a message is about, worked out before any lock is taken. */
typedef struct subject
{
	str impu; /* empty when only the hash is known */
	uint64_t hash;
	unsigned slot;
	str instance; /* of the first Contact */
	str reg_id;
	char key[REGMON_MAX_KEY];
} subject_t;

static uint64_t nonce_of(
		const regmon_table_t *table, const regmon_message_t *message)
{
	str nonce = message->is_answer
						? REGMON_DIGEST_TEXT(&message->challenge, NONCE)
						: REGMON_DIGEST_TEXT(&message->authorization, NONCE);

	return nonce.len > 0 ? (regmon_text_hash(table->secret.words[0], nonce.s,
									nonce.len, &table->secret)
								   & REGMON_HASH_48)
								   | 1
						 : 0;
}

static void read_transaction(
		const regmon_table_t *table, regmon_observation_t *observation)
{
	const regmon_message_t *message = observation->message;
	regmon_transaction_t *transaction = &observation->transaction;

	if(observation->dialog) {
		transaction->call_id_hash = observation->dialog->call_id_hash;
		transaction->from_tag_hash = observation->dialog->from_tag_hash;
	} else {
		transaction->call_id_hash = regmon_quick_hash(
				message ? message->call_id : observation->call_id);
		transaction->from_tag_hash = regmon_tag_hash(
				message ? message->from.tag : observation->from_tag);
	}
	transaction->cseq = message ? (uint32_t)message->cseq.number
								: observation->cseq;
	transaction->vias = message ? message->via_n : observation->vias;
	if(transaction->vias > UINT8_MAX)
		transaction->vias = UINT8_MAX;
	transaction->binding_hash = 0;
	transaction->nonce = message ? nonce_of(table, message) : 0;
	transaction->route = transaction->associated_n = 0;
	transaction->own = NULL;
	if(observation->what == REGMON_HAPPENING_ANSWER_OUT
			&& message->code < 300)
		regmon_compare_read_accepted(message, &table->secret, transaction);
	/* Call-ID and CSeq too: branches of old clients are not unique (RFC 3261 17.2.3). Another last character of either
	 * shows in its upper bits, so one is turned: both together must not cancel out. The upper 48 bits are kept. */
	transaction->hash =
			message && !message->is_answer
					? (((regmon_quick_hash(message->via.branch)
								+ (transaction->call_id_hash << 32
										| transaction->call_id_hash >> 32))
									   * 0x9e3779b97f4a7c15ULL)
							  >> 16)
							  ^ transaction->cseq
					: 0;
}

/* false: nobody; there is nothing to remember it under */
static bool read_impu(const regmon_table_t *table,
		const regmon_observation_t *observation, subject_t *subject)
{
	regmon_uri_t to;

	if(observation->repeat) {
		subject->impu = observation->repeat->impu;
		subject->hash = observation->repeat->impu_hash;
		return subject->impu.len > 0;
	}
	if(observation->message) {
		regmon_message_need(observation->message, REGMON_HEADER_BIT(TO));
		to = observation->message->to.uri;
	} else {
		regmon_uri_read(observation->to_uri, &to);
	}
	subject->impu = regmon_impu_of(&to, subject->key);
	if(subject->impu.len == 0)
		return false;
	subject->hash = regmon_impu_hash(table, subject->impu);
	return true;
}

/* Which binding of the IMPU a REGISTER is about. */
static void read_binding(const regmon_table_t *table,
		regmon_observation_t *observation, subject_t *subject)
{
	const regmon_message_t *message = observation->message;
	const regmon_contact_t *contact;

	if(regmon_repeats(message, CONTACT)) {
		observation->transaction.binding_hash =
				observation->repeat->binding_hash;
		return;
	}
	contact = regmon_message_contact(message);
	if(contact) {
		observation->transaction.binding_hash =
				regmon_binding_hash(table, message);
		subject->instance = regmon_instance_urn(contact->instance);
		subject->reg_id = contact->reg_id;
	}
}

static bool subject_of(const regmon_table_t *table,
		regmon_observation_t *observation, subject_t *subject)
{
	const regmon_message_t *message = observation->message;

	if(observation->impu_hash) {
		subject->impu = (str){NULL, 0};
		subject->hash = observation->impu_hash;
	} else if(!read_impu(table, observation, subject)) {
		return false;
	}
	subject->slot = regmon_slot_of(table, subject->hash);
	subject->instance = subject->reg_id = (str){NULL, 0};
	if(message && !message->is_answer)
		read_binding(table, observation, subject);
	return true;
}

static bool is_of_impu(
		const regmon_registration_t *registration, const subject_t *subject)
{
	return registration->impu_hash == subject->hash
		   && (subject->impu.len == 0
				   || regmon_registration_string_is(registration,
						   REGMON_STRING_IMPU, subject->impu));
}

/* of the same attempt, whose challenge it may answer with a new From tag */
static bool is_same_attempt(const regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	return regmon_same_dialog(registration, &observation->transaction)
		   || (regmon_same_call_id(registration, &observation->transaction)
				   && registration->attempt.challenge_open
				   && observation->class->credentials
							  != REGMON_CREDENTIALS_NONE);
}

#define SAME_BINDING 4

/* How well a record of the same IMPU fits a REGISTER; 0: another binding. A challenged phone comes back from its
 * protected port, so the Contact URI alone would split one phone in two (TS 24.229 5.1.1.2.2 b). */
static int fit(const regmon_registration_t *registration,
		const subject_t *subject, const regmon_observation_t *observation)
{
	uint64_t binding_hash = observation->transaction.binding_hash;
	bool same_attempt, knows_instance, same_instance, has_reg_id;

	if(binding_hash && registration->binding_hash == binding_hash)
		return SAME_BINDING;
	same_attempt = is_same_attempt(registration, observation);
	/* No Contact, or "*": about the phone as a whole. But whoever asks for an IMPU's bindings must not end the attempt
	 * that runs. */
	if(binding_hash == 0) {
		if(same_attempt)
			return 3;
		return registration->attempt.ended_ms ? 1 : 0;
	}
	/* an emergency registration is a binding of its own (TS 24.229 5.1.6.2) */
	if(registration->emergency != observation->class->emergency)
		return 0;
	knows_instance =
			subject->instance.len > 0
			&& regmon_registration_string(registration, REGMON_STRING_INSTANCE)
							   .len
					   > 0;
	same_instance =
			knows_instance
			&& regmon_registration_string_is(
					registration, REGMON_STRING_INSTANCE, subject->instance);
	has_reg_id = registration->last_reg_id != REGMON_NUMBER_ABSENT;
	if((knows_instance && !same_instance)
			|| (has_reg_id && subject->reg_id.len > 0
					&& registration->last_reg_id
							   != regmon_reg_id(subject->reg_id)))
		return 0;
	if(same_attempt)
		return 3;
	return same_instance && !has_reg_id && subject->reg_id.len == 0 ? 2 : 0;
}

/* slot lock held */
static regmon_registration_t *find_for_request(const regmon_table_t *table,
		const subject_t *subject, const regmon_observation_t *observation)
{
	regmon_registration_t *registration, *best = NULL;
	int best_fit = 0, this_fit;

	/* no two records of an IMPU are of the same binding */
	for(registration = table->slots[subject->slot];
			registration && best_fit < SAME_BINDING;
			registration = registration->next) {
		if(!is_of_impu(registration, subject))
			continue;
		this_fit = fit(registration, subject, observation);
		if(this_fit > best_fit
				|| (this_fit && this_fit == best_fit
						&& registration->last_seen_ms > best->last_seen_ms)) {
			best = registration;
			best_fit = this_fit;
		}
	}
	return best;
}

/* The record whose attempt this is about; of several with one Call-ID the one that has sent this CSeq. Slot lock
 * held. */
static regmon_registration_t *find_attempt(const regmon_table_t *table,
		const subject_t *subject, const regmon_observation_t *observation)
{
	regmon_registration_t *registration, *best = NULL;
	bool same_cseq, best_same_cseq = false;

	for(registration = table->slots[subject->slot]; registration;
			registration = registration->next) {
		if(!is_of_impu(registration, subject)
				|| !regmon_same_dialog(
						registration, &observation->transaction))
			continue;
		same_cseq = registration->attempt.last_cseq
					== observation->transaction.cseq;
		if(best == NULL || same_cseq > best_same_cseq
				|| (same_cseq == best_same_cseq
						&& registration->last_seen_ms > best->last_seen_ms)) {
			best = registration;
			best_same_cseq = same_cseq;
		}
	}
	return best;
}

static void start_record(regmon_table_t *table,
		regmon_registration_t *registration, const subject_t *subject,
		uint64_t binding_hash)
{
	registration->impu_hash = subject->hash;
	registration->binding_hash = binding_hash;
	regmon_registration_set_string(
			registration, REGMON_STRING_IMPU, subject->impu);
	regmon_slot_add_locked(table, subject->slot, registration);
	regmon_index_changed(
			table, registration, REGMON_STRING_IMPU, (str){NULL, 0});
}

/* The record that has to go when an IMPU has too many: one without a binding first, then the one seen longest ago.
 * NULL: there is room. Slot lock held. */
static regmon_registration_t *one_too_many(const regmon_table_t *table,
		const subject_t *subject, const regmon_registration_t *fresh)
{
	regmon_registration_t *registration, *worst = NULL;
	bool bound, worst_bound = false;
	unsigned n = 0;

	for(registration = table->slots[subject->slot]; registration;
			registration = registration->next) {
		if(registration->impu_hash != subject->hash)
			continue;
		n++;
		if(registration == fresh)
			continue;
		bound = regmon_registration_is_bound(registration);
		if(worst == NULL || bound < worst_bound
				|| (bound == worst_bound
						&& registration->last_seen_ms < worst->last_seen_ms)) {
			worst = registration;
			worst_bound = bound;
		}
	}
	return n > REGMON_MAX_BINDINGS ? worst : NULL;
}

/* The record that the REGISTER was recalled from, with its slot's lock held. NULL, and no lock: it has changed or gone
 * meanwhile, and the message has been read in full. */
static regmon_registration_t *lock_recalled(regmon_table_t *table,
		regmon_observation_t *observation, subject_t *subject)
{
	regmon_registration_t *registration;

	regmon_slot_lock(table, subject->slot);
	registration = find_for_request(table, subject, observation);
	if(registration && regmon_said_covers(registration, observation))
		return registration;
	regmon_slot_unlock(table, subject->slot);
	regmon_message_complete(observation->message);
	read_binding(table, observation, subject);
	return NULL;
}

/* Returns with the slot lock held; NULL: nothing to remember it in. ret_spare is to be put back once the lock is
 * released. */
static regmon_registration_t *lock_registration(regmon_table_t *table,
		const regmon_observation_t *observation, const subject_t *subject,
		regmon_news_t *news, regmon_registration_t **ret_spare)
{
	regmon_registration_t *registration, *fresh;
	uint32_t source = REGMON_NO_SOURCE;
	regmon_event_t *event;

	regmon_slot_lock(table, subject->slot);
	if(observation->what != REGMON_HAPPENING_REQUEST_IN)
		return find_attempt(table, subject, observation);
	registration = find_for_request(table, subject, observation);
	if(registration)
		return registration;
	/* memory is taken and room is made without a lock; another process may have been faster meanwhile */
	regmon_slot_unlock(table, subject->slot);
	if(observation->arrival && observation->message->via_n <= 1)
		source = regmon_table_source(
				table, observation->arrival->source_address);
	fresh = regmon_table_new_record(table, source, observation->now_ms);
	regmon_slot_lock(table, subject->slot);
	registration = find_for_request(table, subject, observation);
	if(registration || fresh == NULL) {
		if(fresh)
			regmon_table_give_back(table);
		*ret_spare = fresh;
		return registration;
	}
	start_record(
			table, fresh, subject, observation->transaction.binding_hash);
	*ret_spare = one_too_many(table, subject, fresh);
	if(*ret_spare) {
		event = regmon_news_add(
				news, REGMON_EVENT_EVICTED, observation->now_ms);
		if(event)
			event->attempt = (*ret_spare)->attempt;
		__atomic_fetch_add(&table->evicted, 1, __ATOMIC_RELAXED);
		regmon_slot_remove_locked(table, *ret_spare);
	}
	return fresh;
}

static void fill_outcome(
		const regmon_registration_t *registration, regmon_outcome_t *outcome)
{
	outcome->remembered = true;
	outcome->state = registration->state;
	outcome->kind = registration->attempt.kind;
	outcome->causes = registration->causes;
	outcome->attempts = regmon_registration_attempts(registration);
	outcome->failures = registration->failures;
	outcome->registered_ms = registration->registered_ms;
}

static void tell_findings(const regmon_findings_t *findings, int64_t now_ms,
		const regmon_registration_t *registration)
{
	regmon_event_t event;
	unsigned i;

	memset(&event, 0, offsetof(regmon_event_t, attempt));
	event.type = REGMON_EVENT_FINDING;
	event.now_ms = now_ms;
	event.registration = registration;
	for(i = 0; i < findings->n; i++) {
		event.rule = findings->list[i].rule;
		event.severity = findings->list[i].severity;
		regmon_events_tell(&event);
	}
}

/* a transaction of tm lives so long at most (timers of a REGISTER, then of the answer) */
#define MISSED_MS 300000

bool regmon_table_misses_answers(const regmon_table_t *table, int64_t now_ms)
{
	int64_t last_ms =
			__atomic_load_n(&table->not_followed_ms, __ATOMIC_RELAXED);

	return last_ms != 0 && now_ms - last_ms < MISSED_MS;
}

static void count_not_followed(regmon_table_t *table, int64_t now_ms)
{
	__atomic_fetch_add(&table->not_followed, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&table->not_followed_ms, now_ms, __ATOMIC_RELAXED);
}

void regmon_table_observe(regmon_table_t *table,
		regmon_observation_t *observation, regmon_outcome_t *ret_outcome)
{
	regmon_registration_t *registration = NULL, *spare = NULL;
	regmon_outcome_t outcome = {.leg = observation->class
											   ? observation->class->leg
											   : 0};
	regmon_news_t news;
	subject_t subject;
	uint8_t access = REGMON_ACCESS_NONE;

	regmon_news_start(&news, &outcome);
	if(observation->what == REGMON_HAPPENING_NOT_FOLLOWED)
		count_not_followed(table, observation->now_ms);
	read_transaction(table, observation);
	outcome.dialog = (regmon_dialog_t){observation->transaction.call_id_hash,
			observation->transaction.from_tag_hash};
	if(subject_of(table, observation, &subject)) {
		outcome.impu_hash = subject.hash;
		if(observation->what == REGMON_HAPPENING_REQUEST_IN
				&& observation->message->unread)
			registration = lock_recalled(table, observation, &subject);
		if(registration == NULL)
			registration = lock_registration(
					table, observation, &subject, &news, &spare);
		if(registration) {
			switch(observation->what) {
				case REGMON_HAPPENING_REQUEST_IN:
					regmon_machine_request(
							table, registration, observation, &news);
					break;
				case REGMON_HAPPENING_REQUEST_OUT:
					regmon_machine_sent_on(registration, observation, false);
					break;
				case REGMON_HAPPENING_ANSWER_IN:
				case REGMON_HAPPENING_ANSWER_OUT:
					regmon_machine_answer(
							table, registration, observation, &news);
					break;
				case REGMON_HAPPENING_TRANSACTION_ENDED:
					regmon_machine_transaction_ended(
							table, registration, observation, &news);
					break;
				case REGMON_HAPPENING_NOT_FOLLOWED:
					regmon_machine_not_followed(registration, observation);
					break;
			}
			regmon_table_set_due_locked(table, registration);
			access = registration->last_access;
			if(ret_outcome)
				fill_outcome(registration, &outcome);
			regmon_news_keep_record_locked(registration,
					observation->findings && observation->findings->n
							? 1u << REGMON_EVENT_FINDING
							: 0,
					&news);
		}
		regmon_slot_unlock(table, subject.slot);
		regmon_table_put_record(table, spare);
		regmon_supplements_level(table);
	}
	if(registration == NULL
			&& observation->what == REGMON_HAPPENING_REQUEST_IN)
		regmon_news_add(&news, REGMON_EVENT_REQUEST, observation->now_ms);
	regmon_news_tell(&news, access);
	if(observation->findings && observation->findings->n
			&& !outcome.retransmission)
		tell_findings(
				observation->findings, observation->now_ms, news.afterwards);
	if(ret_outcome)
		*ret_outcome = outcome;
}
