/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The security agreement: what was offered, what was chosen, what was verified. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

/* This attempt's 401 named an association, and it is not among those that the phone offered (RFC 3329 2.3.1). */
static bool chose_unoffered(const regmon_registration_t *registration)
{
	const regmon_agreement_t *server = &registration->server;
	uint8_t ealg = server->ealg == REGMON_WORD_ABSENT ? REGMON_WORD_NULL
													  : server->ealg;

	return registration->attempt.challenge_had_security_server
		   && server->given && registration->offered_algs
		   && server->alg > REGMON_WORD_OTHER && server->alg < REGMON_WORDS_N
		   && ealg > REGMON_WORD_OTHER && ealg < REGMON_WORDS_N
		   && (!((registration->offered_algs >> server->alg) & 1)
				   || !((registration->offered_ealgs >> ealg) & 1));
}

/* offered at the first hop, and the 401 has no association in it: the phone has to give up (TS 24.229 5.1.1.5.1) */
static bool lacks_server(const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	return attempt->challenges && attempt->offered_security
		   && !attempt->challenge_had_security_server
		   && attempt->driver_vias <= 1 && attempt->answered == 0;
}

/* the phone has not come back after the 401: it began anew, its time is over, or it is silent for long */
static bool gave_up(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	return regmon_stands_at_challenge(attempt)
		   && (attempt->ended_ms
				   || now_ms - attempt->challenge_ms
							  >= thresholds->silence_s * INT64_C(1000));
}

static bool wants_agreement(const regmon_registration_t *registration)
{
	return registration->attempt.code == 421
		   && (regmon_supplement_of(registration)->named_options & REGMON_OPTION_SEC_AGREE)
		   && regmon_last_answer_stands(&registration->attempt);
}

static regmon_certainty_t mismatch_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	bool is_over = gave_up(registration, thresholds, now_ms);

	if(attempt->kind == REGMON_ATTEMPT_NONE
			|| attempt->result == REGMON_RESULT_SUCCESS)
		return REGMON_CERTAINTY_NONE;
	if(attempt->code == 494 && regmon_last_answer_stands(attempt))
		return REGMON_CERTAIN;
	if(chose_unoffered(registration))
		return is_over ? REGMON_CERTAIN : REGMON_LIKELY;
	if(wants_agreement(registration))
		return REGMON_LIKELY;
	if(registration->verify == REGMON_VERIFY_DIFFERS
			&& attempt->protected_requests)
		return REGMON_LIKELY;
	if(!lacks_server(registration))
		return REGMON_CERTAINTY_NONE;
	if(is_over)
		return REGMON_LIKELY;
	return attempt->challenge_open ? REGMON_POSSIBLE : REGMON_CERTAINTY_NONE;
}

enum mismatch_form
{
	MISMATCH_VERIFY,
	MISMATCH_CHOICE,
	MISMATCH_NOT_OFFERED,
	MISMATCH_NO_SERVER
};

static const regmon_suspect_t mismatch_suspects[] = {
		[MISMATCH_VERIFY] = {"494, or Security-Verify differs from the "
							 "Security-Server that it repeats",
				"Somebody between phone and P-CSCF rewrites Security-Server or "
				"Security-Verify, or the phone builds it anew; a P-CSCF that "
				"compares text instead of values does the same."},
		[MISMATCH_CHOICE] = {"the 401 names an algorithm that the phone did not "
							 "offer",
				"The P-CSCF's list of algorithms has none of the phone's and it "
				"chose its own: allow one of those that the phone offers."},
		[MISMATCH_NOT_OFFERED] = {"421 that asks for sec-agree",
				"The phone offers no security agreement, this network wants "
				"one: the phone's profile has IPsec switched off, or it is no "
				"IMS phone."},
		[MISMATCH_NO_SERVER] = {"the phone offered sec-agree, the 401 has no "
								"usable Security-Server",
				"The P-CSCF: no algorithm in common, no free SPI or client port "
				"left, or ipsec_create() failed; its log at that second says "
				"which."},
		{NULL, NULL}};

static unsigned mismatch_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(attempt->code == 494 && regmon_last_answer_stands(attempt))
		return MISMATCH_VERIFY;
	if(chose_unoffered(registration))
		return MISMATCH_CHOICE;
	if(wants_agreement(registration))
		return MISMATCH_NOT_OFFERED;
	return lacks_server(registration) ? MISMATCH_NO_SERVER : MISMATCH_VERIFY;
}

static void mismatch_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	static const char *const verified[] = {"was not compared",
			"repeats the Security-Server of the 401",
			"repeats it in another order", "differs from it"};
	const regmon_attempt_t *attempt = &registration->attempt;
	char algs[90], ealgs[90], at[REGMON_PRINT_LENGTH];

	(void)thresholds;
	(void)now_ms;
	regmon_security_words(registration->offered_algs, algs, sizeof(algs));
	regmon_security_words(registration->offered_ealgs, ealgs, sizeof(ealgs));
	if(registration->offered_algs)
		regmon_evidence_add(evidence, "offered by the phone: alg %s; ealg %s",
				algs, ealgs);
	else
		regmon_evidence_add(
				evidence, "the phone offered no ipsec-3gpp (Security-Client)");
	if(attempt->challenges && attempt->challenge_had_security_server)
		regmon_evidence_add(evidence,
				"chosen in the 401: alg %s, ealg %s, port-s %u",
				regmon_security_word_name(registration->server.alg),
				regmon_security_word_name(registration->server.ealg),
				registration->server.port_s);
	else if(attempt->challenges)
		regmon_evidence_add(evidence,
				"the 401 (%s) carried no Security-Server with alg, SPIs and "
				"ports",
				regmon_at(attempt->challenge_ms, at));
	if(attempt->protected_requests
			&& registration->verify < REGMON_COUNT(verified))
		regmon_evidence_add(evidence, "Security-Verify of the phone %s",
				verified[registration->verify]);
	if(attempt->code == 494 || attempt->code == 421)
		regmon_evidence_add(evidence, "answered %u %s", attempt->code,
				REGMON_REASON(registration));
	/* one that came before this 401 came over the association before it */
	if(attempt->protected_requests && attempt->last_answers_challenge
			&& registration->server.port_s
			&& registration->received_port != registration->server.port_s)
		regmon_evidence_add(evidence,
				"the last REGISTER arrived on port %u, agreed was port-s %u",
				registration->received_port, registration->server.port_s);
	if(registration->behind_nat)
		regmon_evidence_add(evidence,
				"the phone is behind NAT: without UDP encapsulation ESP does "
				"not pass it");
}

static const regmon_cause_t causes[] = {
		{.id = "security-agreement-mismatch",
				.title = "Phone and P-CSCF do not come to a security agreement.",
				.cause = "No algorithm in common, no Security-Server in the 401 "
						 "(SPIs or ports used up), or Security-Verify differs "
						 "from what was sent.",
				.inspect = "kamcmd ims_regmon.show WHO: offered and chosen. "
						   "P-CSCF: ipsec_preferred_alg, ipsec_max_connections, "
						   "port ranges of ims_ipsec_pcscf; its log for No free "
						   "client port. Security-Server as sent and "
						   "Security-Verify as received, value by value.",
				.next_step = "Allow an algorithm that the phone offers; free or "
							 "widen SPIs and ports; compare both headers on both "
							 "sides of every box between phone and P-CSCF.",
				.refuted_by = "A protected REGISTER of this phone that gets 200 "
							  "with the same lists.",
				.clause = "RFC 3329 2.3.1, TS 24.229 5.1.1.5.1",
				.certain = "494, and the attempt ended so or it is the phone's "
						   "turn; or the 401 chose what the phone had not "
						   "offered, and the phone did not come back within "
						   "`silence_s`",
				.likely = "421 that names sec-agree; or Security-Verify differs; "
						  "or sec-agree was offered, the 401 had no usable "
						  "Security-Server, and the phone did not come back; or "
						  "a choice that was not offered, and the phone still "
						  "has time or went on with it in vain",
				.possible = "no usable Security-Server in the 401, and the phone "
							"still has time",
				.not_when = "the attempt succeeded; a plain SIP phone that "
							"offered nothing and was not asked to; seen behind "
							"the first hop, where Security-Server is not set; "
							"the phone reacted to the 401 without it",
				.weight = 87,
				.suspects = mismatch_suspects,
				.not_of_success = true,
				.applies = mismatch_applies,
				.suspect = mismatch_suspect,
				.evidence = mismatch_evidence}};

const regmon_family_t regmon_family_agreement = {causes, REGMON_COUNT(causes)};
