/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the network does not like about the phone's answer to a challenge: the response, or the nonce it belongs to. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

/* ---- wrong-response ---- */

static bool is_of_a_wrong_response(unsigned verdict)
{
	return verdict == REGMON_AKA_RESPONSE_WRONG
		   || verdict == REGMON_AKA_EMPTY_PASSWORD
		   || verdict == REGMON_AKA_HEX_RESPONSE
		   || verdict == REGMON_AKA_CUT_RESPONSE
		   || verdict == REGMON_AKA_WRONG_AKA_VERSION;
}

/* The 403 was made by a node that could check the response: not by one that passed the attempt's REGISTERs on to others
 * so far, nor out of another answer of the core or for want of one. */
static bool is_from_who_checks(const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	regmon_exchange_t exchange;

	if(attempt->core_code || attempt->sent_to_core_ms)
		return attempt->core_code == 403;
	regmon_read_core_exchange(
			registration, attempt->opened_ms, attempt->ended_ms + 1, &exchange);
	return exchange.request == NULL;
}

static bool refused_with_403(const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	return attempt->result == REGMON_RESULT_REFUSED && attempt->code == 403
		   && regmon_last_was(registration, REGMON_CREDENTIALS_ANSWER)
		   && (attempt->challenges || attempt->unknown_start)
		   && !regmon_reason_names_subscription(registration)
		   && is_from_who_checks(registration);
}

/* The network refused an answer of which lab keys say what it is worth. */
static bool lab_keys_decide(const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	unsigned verdict = regmon_answer_verdict(registration);

	return (is_of_a_wrong_response(verdict)
				   || verdict == REGMON_AKA_RESPONSE_RIGHT)
		   && ((attempt->last_answers_challenge
					   && regmon_stands_at_challenge(attempt))
				   || refused_with_403(registration));
}

static regmon_certainty_t wrong_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(attempt->result == REGMON_RESULT_SUCCESS || attempt->stale_answers)
		return REGMON_CERTAINTY_NONE;
	if(lab_keys_decide(registration))
		return REGMON_CERTAIN;
	if(!refused_with_403(registration))
		return REGMON_CERTAINTY_NONE;
	return attempt->last_answers_challenge ? REGMON_LIKELY : REGMON_POSSIBLE;
}

enum wrong_form
{
	WRONG_FORM,
	WRONG_VERSION,
	WRONG_PASSWORD,
	WRONG_KEYS,
	WRONG_NOT_THE_PHONE,
	WRONG_LATE,
	WRONG_NONCE_CHANGED,
	WRONG_REALM,
	WRONG_QOP,
	WRONG_RESPONSE
};

/* longer than tm's default fr_timer: a suspended transaction is gone by then */
#define SLOW_CORE_MS 5000

static int64_t wait_for_last_answer(const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	return attempt->ended_ms - attempt->last_request_ms;
}

static const regmon_suspect_t wrong_suspects[] = {
		[WRONG_FORM] = {"by lab keys the digest was made over RES as hex text, or "
						"over a part of it",
				"The phone: RES has to go into the digest as its octets, all "
				"of them, zeros included (RFC 3310 3.2)."},
		[WRONG_VERSION] = {"by lab keys the response is right for another "
						   "algorithm, or the algorithms named differ",
				"AKAv1 and AKAv2 are mixed up: phone and S-CSCF do not compute "
				"with the algorithm that the 401 names."},
		[WRONG_PASSWORD] = {"by lab keys the digest is that of an empty password",
				"The phone: it got no RES from the card and answered all the "
				"same."},
		[WRONG_KEYS] = {"by lab keys AUTN is right and the response is not",
				"The phone or client: it computes with another K or OPc, or "
				"over another username, realm or uri than its Authorization "
				"names."},
		[WRONG_NOT_THE_PHONE] = {"by lab keys the response is right",
				"S-CSCF: it refused a right response. Another instance than "
				"the one that challenged, the vector gone, XRES or ck/ik mixed "
				"up in the MAA, or the realm it computes with."},
		[WRONG_LATE] = {"the refusal took longer than 5 s",
				"S-CSCF: it resumed after its transaction or the HSS's answer "
				"was too late, and refused a good response; compare the HSS's "
				"latency with fr_timer."},
		[WRONG_NONCE_CHANGED] = {"the nonce of the 401 was changed by this node",
				"This node's script or a module changes WWW-Authenticate: the "
				"phone computed its response over another nonce."},
		[WRONG_REALM] = {"the answer names another realm than the challenge",
				"The phone, or a node between, changed the realm: the digest "
				"is over the realm of the 401, as it stands there."},
		[WRONG_QOP] = {"qop without nc or cnonce, or qop that was not offered",
				"The phone: qop, nc and cnonce go together and only where the "
				"401 offers qop; the S-CSCF computes another digest."},
		[WRONG_RESPONSE] = {"the phone sent a response and got 403 at once",
				"RES differs from XRES: AKAv1 and AKAv2 mixed up, RES taken as "
				"hex text, another uri or realm in the digest; the card did "
				"accept the challenge, so K and OPc are right."},
		{NULL, NULL}};

static unsigned form_by_lab_keys(const regmon_registration_t *registration)
{
	switch(regmon_answer_verdict(registration)) {
		case REGMON_AKA_HEX_RESPONSE:
		case REGMON_AKA_CUT_RESPONSE:
			return WRONG_FORM;
		case REGMON_AKA_WRONG_AKA_VERSION:
			return WRONG_VERSION;
		case REGMON_AKA_EMPTY_PASSWORD:
			return WRONG_PASSWORD;
		case REGMON_AKA_RESPONSE_WRONG:
			return WRONG_KEYS;
		case REGMON_AKA_RESPONSE_RIGHT:
			return WRONG_NOT_THE_PHONE;
		default:
			return WRONG_RESPONSE;
	}
}

/* an absent algorithm is MD5 by RFC 2617; phones do leave it out, so only two that are named are compared */
static bool algorithms_differ(const regmon_aka_facts_t *aka)
{
	return aka->answer_algorithm != REGMON_ALGORITHM_NONE
		   && aka->challenge_algorithm != REGMON_ALGORITHM_NONE
		   && aka->answer_algorithm != aka->challenge_algorithm;
}

static bool is_wrong_qop(const regmon_aka_facts_t *aka)
{
	return aka->qop_use == REGMON_QOP_INCOMPLETE
		   || (aka->qop_use == REGMON_QOP_COMPLETE
				   && aka->qop_offer == REGMON_QOP_NOT_OFFERED);
}

static unsigned wrong_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_aka_facts_t *aka = &registration->aka;
	unsigned by_keys = form_by_lab_keys(registration);

	(void)thresholds;
	(void)now_ms;
	if(registration->attempt.changed_on_way & REGMON_CHANGED_CHALLENGE)
		return WRONG_NONCE_CHANGED;
	if(by_keys != WRONG_RESPONSE)
		return by_keys;
	if(wait_for_last_answer(registration) >= SLOW_CORE_MS)
		return WRONG_LATE;
	if(!(aka->marks & REGMON_AKA_ANSWERED_NOW))
		return WRONG_RESPONSE;
	if(algorithms_differ(aka))
		return WRONG_VERSION;
	if(aka->answer_realm == REGMON_ANSWER_REALM_DIFFERS)
		return WRONG_REALM;
	return is_wrong_qop(aka) ? WRONG_QOP : WRONG_RESPONSE;
}

static void wrong_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	unsigned verdict = regmon_answer_verdict(registration);
	char at[REGMON_PRINT_LENGTH], lasted[REGMON_PRINT_LENGTH];

	(void)thresholds;
	regmon_evidence_add(evidence,
			"%s the phone answered the challenge with a response (CSeq %u)",
			regmon_at(attempt->last_request_ms, at), attempt->last_cseq);
	if(verdict)
		regmon_evidence_add(evidence, "by the lab keys it is %s: %s",
				regmon_aka_verdict_name(verdict),
				regmon_aka_verdict_meaning(verdict));
	if(attempt->result != REGMON_RESULT_REFUSED) {
		regmon_evidence_of_end(registration, now_ms, evidence);
		return;
	}
	regmon_evidence_add(evidence, "%s it got %u %s, after %s",
			regmon_at(attempt->ended_ms, at), attempt->code,
			REGMON_REASON(registration),
			regmon_for(wait_for_last_answer(registration), lasted));
	regmon_evidence_add(evidence,
			"the reason phrase names neither user, barring nor roaming");
	regmon_evidence_add(evidence,
			attempt->core_code == attempt->code ? "the %u came from the core"
												: "the %u was made by this node",
			attempt->code);
}

/* ---- stale-credentials ---- */

static regmon_certainty_t stale_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	bool challenged = regmon_stands_at_challenge(attempt);
	unsigned answers = attempt->rejected_answers;

	(void)thresholds;
	(void)now_ms;
	if(attempt->stale_answers == 0 || attempt->result == REGMON_RESULT_SUCCESS)
		return REGMON_CERTAINTY_NONE;
	if(attempt->last_answers_challenge && !challenged)
		answers++;
	/* another answer had the right one: the phone found it by itself */
	if(answers > attempt->stale_answers)
		return REGMON_POSSIBLE;
	return challenged || attempt->result == REGMON_RESULT_REFUSED
				   ? REGMON_LIKELY
				   : REGMON_POSSIBLE;
}

enum stale_form
{
	STALE_OWN,
	STALE_CHANGED
};

static const regmon_suspect_t stale_suspects[] = {
		[STALE_OWN] = {"the 401 passed this node unchanged, or was made here",
				"The phone: it did not take the new nonce over (the 401 before "
				"was lost, two challenges crossed, or a stored answer is sent "
				"again)."},
		[STALE_CHANGED] = {"the nonce of the 401 was changed by this node",
				"This node's script or a module: the phone cannot answer with "
				"the nonce that the S-CSCF issued."},
		{NULL, NULL}};

static unsigned stale_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	return registration->attempt.changed_on_way
						   & (REGMON_CHANGED_NONCE | REGMON_CHANGED_CHALLENGE)
				   ? STALE_CHANGED
				   : STALE_OWN;
}

static void stale_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	regmon_evidence_add(evidence,
			"%u of %u responses in this attempt carried another nonce than the "
			"401 before them",
			attempt->stale_answers, attempt->answered);
	regmon_evidence_add(evidence, "%u challenge%s (401) sent to the phone",
			attempt->challenges, regmon_plural(attempt->challenges));
	if(attempt->retransmissions)
		regmon_evidence_add(evidence, "the phone repeated REGISTERs %u time%s",
				attempt->retransmissions,
				regmon_plural(attempt->retransmissions));
	regmon_evidence_of_end(registration, now_ms, evidence);
}

static const regmon_cause_t causes[] = {
		{.id = "wrong-response",
				.title = "The network refuses the phone's answer to the "
						 "challenge.",
				.cause = "The response does not match: AKA version, RES as hex "
						 "text, uri or realm of the digest; or the S-CSCF was "
						 "too late and refused a good one.",
				.inspect = "Authorization of that REGISTER before the P-CSCF and "
						   "at the S-CSCF: username, realm, uri, nonce, "
						   "algorithm. S-CSCF log: authentication result. kamcmd "
						   "ims_regmon.timeline WHO: time until the 403.",
				.next_step = "Compute the response with known keys (aka_keys in a "
							 "lab). If it is right, look at the S-CSCF: same "
							 "instance, vector still there, integrity-protected.",
				.refuted_by = "A reason phrase or Cx answer that refuses the "
							  "subscription, or the same response accepted "
							  "elsewhere.",
				.clause = "TS 24.229 5.4.1.2.2",
				.certain = "by lab keys the response is wrong, or is right, and "
						   "it got 403 or was challenged again",
				.likely = "the REGISTER answered a 401 with a response, the "
						  "attempt ended with 403, and the reason phrase names "
						  "no subscription matter",
				.possible = "as likely, but the 401 before it was not seen",
				.not_when = "the nonce was not that of the 401 "
							"(stale-credentials); auts or an empty response; a "
							"refresh that was not challenged; the reason phrase "
							"names user, barring, roaming or QoS; the 403 was "
							"made by a node that only passes such REGISTERs on",
				.weight = 94,
				.suspects = wrong_suspects,
				.not_of_success = true,
				.applies = wrong_applies,
				.suspect = wrong_suspect,
				.evidence = wrong_evidence},
		{.id = "stale-credentials",
				.title = "The phone answers the challenge with the nonce of "
						 "another one.",
				.cause = "The phone did not take the new nonce over, a stored "
						 "answer is sent again, or a node on the way changed "
						 "the challenge.",
				.inspect = "nonce in the 401 as sent and in the next REGISTER "
						   "(capture at the phone's side). kamcmd "
						   "ims_regmon.timeline WHO: crossing 401s, repeated "
						   "REGISTERs.",
				.next_step = "If two challenges crossed: why did the phone repeat "
							 "its REGISTER. If not: the phone's stack.",
				.refuted_by = "The same nonce in both, or a protected refresh (it "
							  "repeats the last nonce by the standard).",
				.clause = "RFC 3310 3.3, TS 24.229 5.1.1.5.1",
				.certain = NULL,
				.likely = "each response of the attempt carried another nonce "
						  "than the 401 before it, and it was not accepted",
				.possible = "some did, or no answer to it was seen (yet)",
				.not_when = "a protected refresh that repeats the last nonce; the "
							"attempt succeeded",
				.weight = 93,
				.suspects = stale_suspects,
				.not_of_success = true,
				.applies = stale_applies,
				.suspect = stale_suspect,
				.evidence = stale_evidence}};

const regmon_family_t regmon_family_response = {causes, REGMON_COUNT(causes)};
