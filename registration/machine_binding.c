/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State machine: what a 2xx says of bindings, the phone's own and the others of its IMPU. Slot lock held throughout. */
#include "registration/table_private.h"

/* user, host and port of two Contact URIs; parameters apart, because nodes on the way add theirs (alias, ob) */
bool regmon_same_contact(const regmon_uri_t *left, const regmon_uri_t *right)
{
	int left_port = left->port ? left->port : 5060;
	int right_port = right->port ? right->port : 5060;

	return left_port == right_port && regmon_text_is(left->user, right->user)
		   && regmon_text_is_nocase(left->host, right->host);
}

static bool is_device_of(const regmon_registration_t *registration,
		const regmon_contact_t *contact)
{
	str instance = regmon_instance_urn(contact->instance);

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
bool regmon_is_source(const regmon_registration_t *registration,
		const regmon_uri_t *own, const regmon_uri_t *uri)
{
	str source = regmon_registration_string(registration, REGMON_STRING_SOURCE);
	str host = uri->host;

	if(host.len > 2 && host.s[0] == '[')
		host = (str){host.s + 1, host.len - 2};
	return source.len > 0 && regmon_text_is_nocase(host, source)
		   && (uri->port ? uri->port : 5060) == registration->source_port
		   && regmon_text_is(own->user, uri->user);
}

static bool is_contact_of(const regmon_registration_t *registration,
		const regmon_contact_t *contact)
{
	regmon_uri_t own;

	if(is_device_of(registration, contact))
		return true;
	regmon_uri_read(
			regmon_registration_string(registration, REGMON_STRING_CONTACT),
			&own);
	return regmon_same_contact(&own, &contact->uri)
		   || regmon_is_source(registration, &own, &contact->uri);
}

const regmon_contact_t *regmon_own_contact(
		const regmon_registration_t *registration,
		const regmon_message_t *answer)
{
	const regmon_contact_t *contact = answer->contacts.list;
	const regmon_contact_t *end = contact + answer->contacts.kept;

	for(; contact < end; contact++)
		if(is_contact_of(registration, contact))
			return contact;
	return NULL;
}

bool regmon_lacks_own_contact(const regmon_registration_t *registration,
		const regmon_message_t *answer)
{
	return answer->contacts.n > 0 && answer->contacts.n == answer->contacts.kept
		   && !((registration->cut_strings >> REGMON_STRING_CONTACT) & 1);
}

int32_t regmon_granted_s(const regmon_table_t *table,
		const regmon_registration_t *registration, const regmon_contact_t *own,
		const regmon_message_t *answer)
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
	const regmon_contact_t *own = observation->transaction.own;
	regmon_supplement_t *supplement = registration->supplement;
	int32_t seconds = regmon_granted_s(table, registration, own, answer);

	if(seconds == 0
			|| (own == NULL
					&& regmon_lacks_own_contact(registration, answer))) {
		/* accepted, but the list of bindings is without it: the phone believes to be registered and is not */
		supplement = regmon_supplement_need_locked(table, registration);
		if(supplement)
			regmon_count_up(&supplement->bindings_missing);
		registration->expires_ms = 0;
		registration->registered_ms = 0;
		regmon_table_set_state_locked(table, registration, REGMON_STATE_FAILED,
				observation->now_ms, news);
		return;
	}
	if(supplement) {
		supplement->bindings_missing = 0;
		supplement->early_retries = 0;
		supplement->overlaps_in_row = 0;
	}
	if(seconds < table->limits.short_grant_s)
		regmon_count_up(&registration->short_grants);
	else
		registration->short_grants = 0;
	if(!regmon_registration_is_bound(registration))
		registration->registered_ms = observation->now_ms;
	registration->granted_s = seconds;
	registration->granted_ms = observation->now_ms;
	registration->expires_ms = observation->now_ms + (int64_t)seconds * 1000;
	registration->kept.granted_here = observation->local;
	if(own && regmon_is_usual_gruu(registration, own->pub_gruu))
		registration->public_gruu = true;
	registration->ever_registered = true;
	/* an older nonce than that of a challenge which led to nothing stays the accepted one */
	if(!(registration->aka.marks & REGMON_AKA_ANSWERED_NOW)
			|| registration->aka.answer_nonce != REGMON_ANSWER_NONCE_ACCEPTED)
		registration->nonce_accepted = registration->nonce_issued;
	/* it was there all the time */
	if(registration->attempt.kind == REGMON_ATTEMPT_REFRESH)
		registration->replaced_in_row = registration->expired_in_row =
				registration->returns_unprotected = 0;
	registration->is_replaced = false;
	registration->kept.ended_here = false;
	regmon_table_set_state_locked(table, registration, REGMON_STATE_REGISTERED,
			observation->now_ms, news);
}

static void unbind(regmon_table_t *table, regmon_registration_t *registration,
		regmon_state_t state, int64_t now_ms, regmon_news_t *news)
{
	registration->expires_ms = 0;
	registration->registered_ms = 0;
	registration->early_refreshes = 0;
	regmon_table_set_state_locked(table, registration, state, now_ms, news);
}

/* Two phones on one IMPU; the same phone with a new address is none. */
static bool is_other_device(
		const regmon_registration_t *one, const regmon_registration_t *other)
{
	str instance = regmon_registration_string(one, REGMON_STRING_INSTANCE);
	str other_instance =
			regmon_registration_string(other, REGMON_STRING_INSTANCE);

	if(instance.len || other_instance.len)
		return instance.len && other_instance.len
			   && !regmon_text_is(instance, other_instance);
	return !regmon_text_is(
			regmon_registration_string(one, REGMON_STRING_SOURCE),
			regmon_registration_string(other, REGMON_STRING_SOURCE));
}

/* A 200 lists all bindings of the IMPU (RFC 3261 10.3 step 8), but not every node on the way lets them pass. So one that is
 * not listed is not taken for gone: it is marked, and when its phone then has to begin anew, another device took its
 * place. */
static void mark_unlisted(const regmon_table_t *table,
		const regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_message_t *answer = observation->message;
	regmon_registration_t *other;

	if(!regmon_registration_is_bound(registration) || registration->emergency
			|| observation->transaction.own == NULL)
		return;
	for(other = regmon_chain_of(table, registration); other;
			other = other->next)
		if(other != registration && other->impu_hash == registration->impu_hash
				&& regmon_registration_is_bound(other) && !other->emergency
				&& is_other_device(registration, other)
				&& regmon_own_contact(other, answer) == NULL
				&& regmon_lacks_own_contact(other, answer)) {
			regmon_record_entry(other, observation->now_ms,
					(regmon_entry_t){.kind = REGMON_ENTRY_REPLACED,
							.side = REGMON_SIDE_PHONE,
							.cseq = other->attempt.last_cseq});
			other->is_replaced = true;
		}
}

void regmon_machine_mark_taken_back(const regmon_table_t *table,
		regmon_registration_t *registration, const regmon_message_t *message)
{
	const regmon_contact_t *leading = regmon_message_contact(message);
	const regmon_contact_t *contact = message->contacts.list;
	const regmon_contact_t *end = contact + message->contacts.kept;
	regmon_registration_t *other;

	registration->attempt.takes_back = false;
	if(message->contacts.kept < 2)
		return;
	/* what an earlier REGISTER wanted, it may have been refused */
	for(other = regmon_chain_of(table, registration); other;
			other = other->next)
		if(other->impu_hash == registration->impu_hash)
			other->taken_back = false;
	for(; contact < end; contact++) {
		if(contact == leading
				|| regmon_contact_effective_expires(
						   contact, message->expires, 3600)
						   != 0)
			continue;
		for(other = regmon_chain_of(table, registration); other;
				other = other->next)
			if(other != registration
					&& other->impu_hash == registration->impu_hash
					&& is_contact_of(other, contact))
				other->taken_back = registration->attempt.takes_back = true;
	}
}

/* another record of this slot, by the phone's will; one that registers again just now goes on with that */
static void unbind_other(regmon_table_t *table, regmon_registration_t *other,
		int64_t now_ms, regmon_news_t *news)
{
	unsigned first = news->n;

	unbind(table, other,
			regmon_state_without_binding(other, REGMON_STATE_DEREGISTERED),
			now_ms, news);
	regmon_news_keep_other_locked(other, first, news);
	regmon_table_set_due_locked(table, other);
}

/* what a REGISTER with several Contacts took back beside its own business (RFC 3261 10.2.2) */
static void unbind_taken_back(regmon_table_t *table,
		const regmon_registration_t *registration, int64_t now_ms,
		regmon_news_t *news)
{
	regmon_registration_t *other;

	for(other = regmon_chain_of(table, registration); other;
			other = other->next)
		if(other->impu_hash == registration->impu_hash && other->taken_back) {
			other->taken_back = false;
			if(other == registration || !regmon_registration_is_bound(other))
				continue;
			unbind_other(table, other, now_ms, news);
		}
}

/* `Contact: *` takes back all bindings of the IMPU; they share this slot (RFC 3261 10.2.2). */
static void unbind_all_of_impu(regmon_table_t *table,
		regmon_registration_t *registration, int64_t now_ms,
		regmon_news_t *news)
{
	regmon_registration_t *other;

	for(other = regmon_chain_of(table, registration); other;
			other = other->next)
		if(other != registration && other->impu_hash == registration->impu_hash
				&& regmon_registration_is_bound(other))
			unbind_other(table, other, now_ms, news);
}

void regmon_machine_accepted(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news)
{
	regmon_attempt_t *attempt = &registration->attempt;

	regmon_aka_facts_acceptance(table, registration, observation);
	switch(attempt->kind) {
		case REGMON_ATTEMPT_DEREGISTER:
			unbind(table, registration, REGMON_STATE_DEREGISTERED,
					observation->now_ms, news);
			/* what comes next begins anew */
			registration->replaced_in_row = registration->expired_in_row = 0;
			if(registration->supplement)
				registration->supplement->bindings_missing = 0;
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
	if(attempt->takes_back)
		unbind_taken_back(table, registration, observation->now_ms, news);
	if(attempt->kind == REGMON_ATTEMPT_DEREGISTER && attempt->all_bindings)
		unbind_all_of_impu(table, registration, observation->now_ms, news);
	else if(attempt->kind != REGMON_ATTEMPT_DEREGISTER
			&& attempt->kind != REGMON_ATTEMPT_THIRD_PARTY)
		mark_unlisted(table, registration, observation);
}
