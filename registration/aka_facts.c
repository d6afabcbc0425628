/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills what is known of a phone's authentication. Slot lock held throughout. */
#include "registration/table_private.h"

/* 0 is kept for: none */
static uint32_t short_hash(str text)
{
	return text.len > 0 ? (uint32_t)regmon_quick_hash(text) | 1 : 0;
}

/* Where what lab keys say goes, NULL: nowhere. Whoever has no verdict needs no room to say so. */
static regmon_aka_worth_t *worth_of(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_aka_verdict_t *verdict)
{
	regmon_supplement_t *supplement =
			verdict ? regmon_supplement_need_locked(table, registration)
					: registration->supplement;

	return supplement ? &supplement->worth : NULL;
}

static void set_mark(regmon_aka_facts_t *facts, unsigned mark, bool value)
{
	facts->marks =
			(uint16_t)(value ? facts->marks | mark : facts->marks & ~mark);
}

/* ---- the challenge ---- */

static void read_nonce(
		regmon_registration_t *registration, str nonce, int octets)
{
	regmon_aka_facts_t *facts = &registration->aka;
	uint64_t rand_hash = 0;
	int server_octets;

	facts->nonce = regmon_nonce_kind_of(octets, &server_octets);
	if(facts->nonce == REGMON_NONCE_VECTOR)
		rand_hash = (regmon_quick_hash(regmon_nonce_rand_text(nonce))
							& REGMON_HASH_48)
					| 1;
	set_mark(facts, REGMON_AKA_SERVER_OCTETS, server_octets > 0);
	if(rand_hash && rand_hash == registration->rand_hash)
		regmon_count_up(&facts->repeated_rands);
	else
		facts->repeated_rands = 0;
	registration->rand_hash = rand_hash;
}

static regmon_qop_offer_t offer_of(str qop)
{
	if(qop.len <= 0)
		return REGMON_QOP_NOT_OFFERED;
	return regmon_text_is(qop, REGMON_TEXT("auth"))
						   || regmon_text_list_holds(qop, REGMON_TEXT("auth"))
				   ? REGMON_QOP_OFFERED
				   : REGMON_QOP_OTHERS_OFFERED;
}

static void take_sqn_he(regmon_aka_facts_t *facts, regmon_aka_worth_t *worth,
		const regmon_aka_verdict_t *verdict)
{
	if(!verdict->sqn_he_known)
		return;
	worth->sqn_he = verdict->sqn_he;
	set_mark(facts, REGMON_AKA_SQN_HE_KNOWN, true);
}

void regmon_aka_facts_challenge(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_digest_t *challenge = &observation->message->challenge;
	const regmon_aka_verdict_t *verdict = observation->aka;
	regmon_aka_worth_t *worth = worth_of(table, registration, verdict);
	regmon_aka_facts_t *facts = &registration->aka;

	facts->marks |= REGMON_AKA_CHALLENGED | REGMON_AKA_CHALLENGED_NOW;
	read_nonce(registration, REGMON_DIGEST_TEXT(challenge, NONCE),
			observation->message->nonce_octets);
	facts->challenge_algorithm = challenge->algorithm;
	facts->qop_offer = offer_of(REGMON_DIGEST_TEXT(challenge, QOP));
	facts->realm = short_hash(REGMON_DIGEST_TEXT(challenge, REALM));
	set_mark(facts, REGMON_AKA_AMF_DIFFERS, verdict && verdict->amf_differs);
	if(worth == NULL)
		return;
	worth->of_challenge = verdict ? verdict->kind : REGMON_AKA_NONE;
	/* none came from the core for it: then nothing of an older one speaks about this one */
	if(registration->attempt.core_code != 401)
		worth->of_core = REGMON_AKA_NONE;
	if(verdict)
		take_sqn_he(facts, worth, verdict);
}

void regmon_aka_facts_core(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_aka_verdict_t *verdict = observation->aka;
	regmon_aka_worth_t *worth;

	if(observation->message->code != 401)
		return;
	worth = worth_of(table, registration, verdict);
	if(worth)
		worth->of_core = verdict ? verdict->kind : REGMON_AKA_NONE;
}

void regmon_aka_facts_acceptance(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_aka_verdict_t *verdict = observation->aka;
	regmon_aka_facts_t *facts = &registration->aka;
	regmon_aka_worth_t *worth;

	if((facts->marks & REGMON_AKA_ANSWERED_NOW)
			&& facts->answer_nonce == REGMON_ANSWER_NONCE_ISSUED)
		facts->nonce_accepted = (uint32_t)registration->nonce_issued;
	if(verdict == NULL && registration->supplement == NULL)
		return;
	worth = worth_of(table, registration, verdict);
	if(worth)
		worth->of_acceptance = verdict ? verdict->kind : REGMON_AKA_NONE;
}

/* ---- the answer ---- */

static regmon_answer_nonce_t compare_nonce(
		const regmon_registration_t *registration, uint64_t nonce)
{
	const regmon_aka_facts_t *facts = &registration->aka;

	if(!(facts->marks & REGMON_AKA_CHALLENGED))
		return REGMON_ANSWER_NONCE_UNKNOWN;
	if(nonce && nonce == registration->nonce_issued)
		return REGMON_ANSWER_NONCE_ISSUED;
	return nonce && (uint32_t)nonce == facts->nonce_accepted
				   ? REGMON_ANSWER_NONCE_ACCEPTED
				   : REGMON_ANSWER_NONCE_OTHER;
}

static regmon_answer_realm_t compare_realm(
		const regmon_aka_facts_t *facts, str realm)
{
	if(facts->realm == 0 || realm.len <= 0)
		return REGMON_ANSWER_REALM_UNKNOWN;
	return short_hash(realm) == facts->realm ? REGMON_ANSWER_REALM_SAME
											 : REGMON_ANSWER_REALM_DIFFERS;
}

/* 1 of a fresh nonce, as nearly always */
static bool is_nc(str nc)
{
	return nc.len == 8
		   && (memcmp(nc.s, "00000001", 8) == 0 || regmon_text_all_hex(nc));
}

static regmon_qop_use_t use_of(const regmon_digest_t *credentials)
{
	str nc = REGMON_DIGEST_TEXT(credentials, NC);

	if(!REGMON_DIGEST_FILLED(credentials, QOP))
		return nc.len > 0 || REGMON_DIGEST_FILLED(credentials, CNONCE)
					   ? REGMON_QOP_INCOMPLETE
					   : REGMON_QOP_NOT_USED;
	return is_nc(nc) && REGMON_DIGEST_FILLED(credentials, CNONCE)
				   ? REGMON_QOP_COMPLETE
				   : REGMON_QOP_INCOMPLETE;
}

static void read_auts(
		regmon_aka_facts_t *facts, const regmon_digest_t *credentials)
{
	bool given = REGMON_DIGEST_FILLED(credentials, AUTS);
	regmon_auts_t auts;
	int octets = 0;

	if(given)
		octets = regmon_auts_read(REGMON_DIGEST_TEXT(credentials, AUTS), &auts);
	set_mark(facts, REGMON_AKA_AUTS, given);
	set_mark(facts, REGMON_AKA_AUTS_NOT_BASE64, octets < 0);
	facts->auts_octets = octets < 0			  ? 0
						 : octets > UINT8_MAX ? UINT8_MAX
											  : (uint8_t)octets;
}

static void take_verdict(regmon_aka_facts_t *facts, regmon_aka_worth_t *worth,
		const regmon_aka_verdict_t *verdict)
{
	facts->computed_as = verdict ? verdict->computed_as : REGMON_ALGORITHM_NONE;
	set_mark(facts, REGMON_AKA_OF_EMPTY_PASSWORD,
			verdict && verdict->of_empty_password);
	if(worth == NULL)
		return;
	worth->of_answer = verdict ? verdict->kind : REGMON_AKA_NONE;
	worth->of_acceptance = REGMON_AKA_NONE;
	if(verdict == NULL)
		return;
	take_sqn_he(facts, worth, verdict);
	if(verdict->sqn_ms_known) {
		worth->sqn_ms = verdict->sqn_ms;
		set_mark(facts, REGMON_AKA_SQN_MS_KNOWN, true);
	}
}

void regmon_aka_facts_request(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_digest_t *credentials = &observation->message->authorization;
	regmon_aka_facts_t *facts = &registration->aka;

	if(registration->attempt.requests == 1) /* it opened the attempt */
		facts->marks &= ~(REGMON_AKA_CHALLENGED_NOW | REGMON_AKA_ANSWERED_NOW);
	if(observation->class->credentials == REGMON_CREDENTIALS_NONE)
		return;
	facts->marks |= REGMON_AKA_ANSWERED | REGMON_AKA_ANSWERED_NOW;
	facts->answer_algorithm = credentials->algorithm;
	facts->answer_nonce =
			compare_nonce(registration, observation->transaction.nonce);
	facts->answer_realm =
			compare_realm(facts, REGMON_DIGEST_TEXT(credentials, REALM));
	facts->answer_response = REGMON_DIGEST_FILLED(credentials, RESPONSE)
									 ? REGMON_ANSWER_RESPONSE_GIVEN
							 : REGMON_DIGEST_HAS(credentials, RESPONSE)
									 ? REGMON_ANSWER_RESPONSE_EMPTY
									 : REGMON_ANSWER_RESPONSE_ABSENT;
	facts->qop_use = use_of(credentials);
	read_auts(facts, credentials);
	take_verdict(facts, worth_of(table, registration, observation->aka),
			observation->aka);
}
