/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which record is meant by a Contact, a Call-ID or a device that somebody else names. */
#include "registration/sought.h"

void regmon_sought_start(regmon_sought_t *sought)
{
	str value;

	regmon_uri_read(sought->contact, &sought->uri);
	sought->emergency =
			regmon_uri_parameter(&sought->uri, REGMON_TEXT("sos"), &value);
	sought->call_id_hash =
			sought->call_id.len > 0 ? regmon_quick_hash(sought->call_id) : 0;
}

static bool other_user(const regmon_sought_t *sought,
		const regmon_registration_t *registration)
{
	regmon_uri_t impu;

	if(sought->user.len == 0)
		return false;
	regmon_uri_read(
			regmon_registration_string(registration, REGMON_STRING_IMPU),
			&impu);
	return !regmon_text_is(impu.user, sought->user);
}

static regmon_fit_t address_fit(const regmon_sought_t *sought,
		const regmon_registration_t *registration)
{
	regmon_uri_t own;

	if(sought->uri.host.len == 0)
		return REGMON_FIT_NONE;
	regmon_uri_read(
			regmon_registration_string(registration, REGMON_STRING_CONTACT),
			&own);
	if(regmon_same_contact(&own, &sought->uri))
		return REGMON_FIT_ADDRESS;
	return regmon_is_source(registration, &own, &sought->uri)
				   ? REGMON_FIT_SOURCE
				   : REGMON_FIT_NONE;
}

regmon_fit_t regmon_sought_fit(const regmon_sought_t *sought,
		const regmon_registration_t *registration)
{
	bool knows_instance =
			sought->instance.len > 0
			&& regmon_registration_string(registration, REGMON_STRING_INSTANCE)
							   .len
					   > 0;
	bool same_instance = knows_instance
						 && regmon_registration_string_is(registration,
								 REGMON_STRING_INSTANCE, sought->instance);
	bool knows_flow = sought->reg_id.len > 0
					  && registration->last_reg_id != REGMON_NUMBER_ABSENT;
	bool same_flow =
			knows_flow
			&& regmon_reg_id(sought->reg_id) == registration->last_reg_id;
	regmon_fit_t fit;

	if(registration->third_party || registration->emergency != sought->emergency
			|| (knows_instance && !same_instance) || (knows_flow && !same_flow)
			|| other_user(sought, registration))
		return REGMON_FIT_NONE;
	fit = address_fit(sought, registration);
	if(fit != REGMON_FIT_NONE)
		return fit == REGMON_FIT_ADDRESS && same_instance ? REGMON_FIT_ALL
														  : fit;
	if(same_instance && same_flow)
		return REGMON_FIT_FLOW;
	return sought->call_id_hash && sought->cseq >= 0
						   && sought->call_id_hash
									  == registration->attempt.call_id_hash
						   && sought->cseq == registration->last_cseq
				   ? REGMON_FIT_REGISTER
				   : REGMON_FIT_NONE;
}

static bool is_better(const regmon_registration_t *left, regmon_fit_t left_fit,
		const regmon_registration_t *right, regmon_fit_t right_fit)
{
	bool left_bound = regmon_registration_is_bound(left);
	bool right_bound = regmon_registration_is_bound(right);

	if(left_fit != right_fit)
		return left_fit > right_fit;
	if(left_bound != right_bound)
		return left_bound;
	return left->last_seen_ms > right->last_seen_ms;
}

regmon_registration_t *regmon_sought_of_impu(const regmon_table_t *table,
		const regmon_sought_t *sought, uint64_t impu_hash, str impu,
		uint32_t document)
{
	regmon_registration_t *registration, *best = NULL;
	regmon_fit_t best_fit = REGMON_FIT_NONE, fit;

	for(registration = table->slots[regmon_slot_of(table, impu_hash)];
			registration; registration = registration->next) {
		if(registration->impu_hash != impu_hash
				|| (document && registration->document == document)
				|| !regmon_registration_string_is(
						registration, REGMON_STRING_IMPU, impu))
			continue;
		fit = regmon_sought_fit(sought, registration);
		if(fit != REGMON_FIT_NONE
				&& (best == NULL
						|| is_better(registration, fit, best, best_fit))) {
			best = registration;
			best_fit = fit;
		}
	}
	return best;
}

/* ---- without the IMPU ---- */

/* identities by which a record may be found */
#define MOST_IDENTITIES 3

static unsigned slots_of(const regmon_table_t *table,
		const regmon_sought_t *sought,
		uint32_t slots[MOST_IDENTITIES * REGMON_INDEX_MOST])
{
	char digits[REGMON_IMEI_DIGITS];
	str imei = regmon_imei_digits(
			regmon_identity_imei(sought->instance), digits);
	bool may_lack;
	unsigned n = 0;

	n += regmon_index_slots(table, sought->call_id, slots + n, &may_lack);
	n += regmon_index_slots(table, imei, slots + n, &may_lack);
	n += regmon_index_slots(table, sought->uri.host, slots + n, &may_lack);
	return n;
}

static bool is_before(const uint32_t *slots, unsigned n, uint32_t slot)
{
	while(n-- > 0)
		if(slots[n] == slot)
			return true;
	return false;
}

typedef struct candidate
{
	const regmon_registration_t *
			registration; /* only to be compared until its lock is held again */
	uint32_t slot;
	unsigned n; /* how many fit */
	regmon_fit_t fit;
} candidate_t;

static void look_into(regmon_table_t *table, const regmon_sought_t *sought,
		uint32_t slot, candidate_t *candidate)
{
	const regmon_registration_t *registration;
	regmon_fit_t fit;

	regmon_slot_lock(table, slot);
	for(registration = table->slots[slot]; registration;
			registration = registration->next) {
		fit = regmon_sought_fit(sought, registration);
		if(fit == REGMON_FIT_NONE || fit < candidate->fit)
			continue;
		if(fit > candidate->fit)
			candidate->n = 0;
		candidate->n++;
		candidate->fit = fit;
		candidate->registration = registration;
		candidate->slot = slot;
	}
	regmon_slot_unlock(table, slot);
}

regmon_registration_t *regmon_sought_anywhere(
		regmon_table_t *table, const regmon_sought_t *sought)
{
	uint32_t slots[MOST_IDENTITIES * REGMON_INDEX_MOST];
	candidate_t candidate = {.fit = REGMON_FIT_NONE};
	regmon_registration_t *registration;
	unsigned n = slots_of(table, sought, slots), i;

	for(i = 0; i < n; i++)
		if(!is_before(slots, i, slots[i]))
			look_into(table, sought, slots[i], &candidate);
	if(candidate.n != 1)
		return NULL;
	regmon_slot_lock(table, candidate.slot);
	/* it may be gone, or another one stand at its address */
	for(registration = table->slots[candidate.slot]; registration;
			registration = registration->next)
		if(registration == candidate.registration
				&& regmon_sought_fit(sought, registration) == candidate.fit)
			return registration;
	regmon_slot_unlock(table, candidate.slot);
	return NULL;
}
