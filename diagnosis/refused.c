/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refusals as such: by the core with 403, by the core with another code, by this node itself. Why, where the answer tells it,
 * is said by more special causes. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

/* ---- forbidden-by-core ---- */

static regmon_certainty_t forbidden_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(!regmon_has_failed(attempt) || attempt->core_code != 403
			|| attempt->result == REGMON_RESULT_SUPERSEDED)
		return REGMON_CERTAINTY_NONE;
	return attempt->code == 403 ? REGMON_CERTAIN : REGMON_LIKELY;
}

enum refusal_form
{
	REFUSAL_UNKNOWN,
	REFUSAL_IDENTITIES,
	REFUSAL_BARRED,
	REFUSAL_ROAMING,
	REFUSAL_QOS,
	REFUSAL_VECTORS,
	REFUSAL_MAC,
	REFUSAL_RESPONSE,
	REFUSAL_PLAIN
};

static const regmon_suspect_t refusal_suspects[] = {
		[REFUSAL_UNKNOWN] = {"reason phrase: unknown",
				"HSS: user unknown (Cx 5001). IMPI or IMPU is not provisioned, "
				"or is derived from another IMSI, MNC length or domain."},
		[REFUSAL_IDENTITIES] = {"reason phrase: identities, match",
				"HSS: IMPI and IMPU do not belong together (Cx 5002)."},
		[REFUSAL_BARRED] = {"reason phrase: authorization, barred, rejected",
				"HSS: the subscription is barred or has no IMS service (Cx "
				"5003)."},
		[REFUSAL_ROAMING] = {"reason phrase: roaming",
				"HSS: roaming not allowed in this visited network (Cx 5004): "
				"P-Visited-Network-ID and the list of allowed networks."},
		[REFUSAL_QOS] = {"reason phrase: QoS",
				"PCRF/PCF: Rx or N5 refused the signalling bearer: no Gx/N7 "
				"session for this address (wrong IP family, APN/DNN, NAT)."},
		[REFUSAL_VECTORS] = {"reason phrase: vector, scheme",
				"HSS: no authentication vector for this IMPI: keys not "
				"provisioned, or the scheme (Digest-AKAv1-MD5) is not allowed."},
		[REFUSAL_MAC] = {"the REGISTER had an empty response",
				"K or OPc: the card refused the network's AUTN and the S-CSCF "
				"ended it with 403."},
		[REFUSAL_RESPONSE] = {"the REGISTER answered a challenge",
				"RES differs from XRES: AKAv1/AKAv2 mixed up, RES taken as hex "
				"text, another uri or realm in the digest, or an old nonce."},
		[REFUSAL_PLAIN] = {"none of these",
				"HSS: user unknown, identities that do not match, barring or "
				"roaming (Cx 5001-5004); the reason phrase does not say which."},
		{NULL, NULL}};

/* Words of reason phrases that CSCFs use; the first that is in it decides. A record keeps 48 bytes of the phrase. */
static const struct
{
	const char *word;
	enum refusal_form form;
} refusal_words[] = {{"unknown result", REFUSAL_PLAIN},
		{"unknown experimental", REFUSAL_PLAIN}, {"qos", REFUSAL_QOS},
		{"roaming", REFUSAL_ROAMING}, {"unknown", REFUSAL_UNKNOWN},
		{"vecto", REFUSAL_VECTORS}, {"scheme", REFUSAL_VECTORS},
		{"match", REFUSAL_IDENTITIES}, {"identit", REFUSAL_IDENTITIES},
		{"authorization", REFUSAL_BARRED}, {"barred", REFUSAL_BARRED},
		{"rejected", REFUSAL_BARRED}};

static unsigned refusal_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	unsigned i;

	(void)thresholds;
	(void)now_ms;
	/* where the phone was sent nothing, the phrase that is kept is of an attempt before */
	for(i = 0; i < REGMON_COUNT(refusal_words)
			   && (attempt->result == REGMON_RESULT_REFUSED
					   || attempt->code == 403);
			i++)
		if(regmon_reason_has(registration, refusal_words[i].word))
			return refusal_words[i].form;
	if(attempt->last_credentials == REGMON_CREDENTIALS_REFUSED)
		return REFUSAL_MAC;
	if(attempt->challenges
			&& attempt->last_credentials == REGMON_CREDENTIALS_ANSWER)
		return REFUSAL_RESPONSE;
	return REFUSAL_PLAIN;
}

static void forbidden_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	static const char *const credentials[] = {
			"the REGISTER it answers had no credentials",
			"the REGISTER it answers had a response",
			"the REGISTER it answers had auts (SQN out of range)",
			("the REGISTER it answers had an empty response: the card refused "
			 "the network's AUTN (MAC)")};
	const regmon_attempt_t *attempt = &registration->attempt;
	regmon_exchange_t exchange;
	char at[REGMON_PRINT_LENGTH];

	(void)thresholds;
	(void)now_ms;
	regmon_read_core_exchange(
			registration, attempt->opened_ms, attempt->ended_ms + 1, &exchange);
	regmon_evidence_add(evidence, "%s 403 came from the core (CSeq %u)",
			regmon_at(exchange.answer ? regmon_entry_at_ms(
										   registration, exchange.answer)
									  : attempt->ended_ms,
					at),
			attempt->last_cseq);
	if(attempt->code == 403)
		regmon_evidence_add(
				evidence, "reason phrase: %s", REGMON_REASON(registration));
	else
		regmon_evidence_add(evidence,
				"the phone did not get this 403; its last answer: %u",
				attempt->code);
	if(attempt->last_credentials < REGMON_COUNT(credentials))
		regmon_evidence_add(evidence, "%s, after %u challenge%s",
				credentials[attempt->last_credentials], attempt->challenges,
				regmon_plural(attempt->challenges));
	if(registration->failures_in_row > 1)
		regmon_evidence_add(evidence, "%u attempts in a row failed",
				registration->failures_in_row);
	if(registration->ever_registered)
		regmon_evidence_add(evidence,
				"it was registered before, last granted at %s",
				regmon_at(registration->granted_ms, at));
}

/* ---- refused-by-core ---- */

static regmon_certainty_t by_core_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(attempt->result != REGMON_RESULT_REFUSED || attempt->core_code < 300
			|| attempt->core_code == 403
			|| regmon_is_challenge(attempt->core_code))
		return REGMON_CERTAINTY_NONE;
	return attempt->code == attempt->core_code ? REGMON_CERTAIN
											   : REGMON_LIKELY;
}

enum code_form
{
	CODE_404,
	CODE_TIMEOUT,
	CODE_480,
	CODE_481,
	CODE_500,
	CODE_503,
	CODE_600,
	CODE_OTHER
};

static const regmon_suspect_t by_core_suspects[] = {
		[CODE_404] = {"the code is 404",
				"The core does not serve this identity or domain: wrong home "
				"domain, or the identity is not provisioned at the registrar."},
		[CODE_TIMEOUT] = {"the code is 408 or 504",
				"Further inside: the node that answered waited in vain for the "
				"S-CSCF or the HSS; ask that node for unanswered-here and "
				"no-answer-from-core."},
		[CODE_480] = {"the code is 480",
				"I-CSCF: its question to the HSS was not answered, or no S-CSCF "
				"could be assigned."},
		[CODE_481] = {"the code is 481",
				"The registrar does not know this binding any more: it was "
				"removed or the S-CSCF was restarted."},
		[CODE_500] = {"the code is 500",
				"S-CSCF: no data for this registration (restarted, another "
				"instance), CSeq not higher than the stored one, or an error in "
				"its script."},
		[CODE_503] = {"the code is 503",
				"The core is overloaded, in maintenance, or has no instance "
				"left to pass it to."},
		[CODE_600] = {"the code is 6xx",
				"I-CSCF: no S-CSCF can be selected for this user (capabilities "
				"in the UAA)."},
		[CODE_OTHER] = {"any other code",
				"The node that made the answer: its log at that second, and the "
				"reason phrase."},
		{NULL, NULL}};

static unsigned by_core_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	switch(registration->attempt.core_code) {
		case 404:
			return CODE_404;
		case 408:
		case 504:
			return CODE_TIMEOUT;
		case 480:
			return CODE_480;
		case 481:
			return CODE_481;
		case 500:
			return CODE_500;
		case 503:
			return CODE_503;
	}
	return registration->attempt.core_code >= 600 ? CODE_600 : CODE_OTHER;
}

static void say_refusal(const regmon_registration_t *registration,
		regmon_evidence_t *evidence)
{
	const regmon_supplement_t *supplement = regmon_supplement_of(registration);
	const regmon_rule_t *rule = regmon_worst_broken_rule(registration);

	if(supplement->retry_after_s)
		regmon_evidence_add(evidence, "Retry-After: %u s",
				supplement->retry_after_s);
	if(supplement->early_retries)
		regmon_evidence_add(evidence,
				"the phone came again too early %u time%s in a row",
				supplement->early_retries,
				regmon_plural(supplement->early_retries));
	if(rule)
		regmon_evidence_add(evidence, "the REGISTER broke %s (%s)", rule->id,
				rule->name);
	if(registration->failures_in_row > 1)
		regmon_evidence_add(evidence, "%u attempts in a row failed",
				registration->failures_in_row);
}

/* the reason phrase that is kept is that of the phone's answer */
static void say_made_of(const regmon_registration_t *registration,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	char at[REGMON_PRINT_LENGTH];

	regmon_evidence_add(evidence,
			"%s the core answered %u to CSeq %u, and this node made it %u %s "
			"for the phone",
			regmon_at(attempt->ended_ms, at), attempt->core_code,
			attempt->last_cseq, attempt->code, REGMON_REASON(registration));
}

static void by_core_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	char at[REGMON_PRINT_LENGTH], lasted[REGMON_PRINT_LENGTH];

	(void)thresholds;
	(void)now_ms;
	if(attempt->code != attempt->core_code) {
		say_made_of(registration, evidence);
		say_refusal(registration, evidence);
		return;
	}
	regmon_evidence_add(evidence,
			"%s %u %s, %s after the REGISTER (CSeq %u, %u challenge%s before)",
			regmon_at(attempt->ended_ms, at), attempt->core_code,
			REGMON_REASON(registration),
			regmon_for(attempt->ended_ms - attempt->last_request_ms, lasted),
			attempt->last_cseq, attempt->challenges,
			regmon_plural(attempt->challenges));
	say_refusal(registration, evidence);
}

/* ---- refused-here ---- */

/* the core challenged or accepted, and the phone was refused */
static bool turned_here(const regmon_attempt_t *attempt)
{
	return regmon_is_challenge(attempt->core_code)
		   || (attempt->core_code >= 200 && attempt->core_code < 300);
}

static regmon_certainty_t here_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	return attempt->result == REGMON_RESULT_REFUSED
						   && (turned_here(attempt)
								   || (attempt->answered_here
										   && attempt->sent_to_core_ms == 0))
				   ? REGMON_CERTAIN
				   : REGMON_CERTAINTY_NONE;
}

enum here_form
{
	HERE_TURNED,
	HERE_SUBSCRIPTION,
	HERE_NO_HSS,
	HERE_DEEP,
	HERE_ALL_BINDINGS,
	HERE_NO_AGREEMENT,
	HERE_SERVER_ERROR,
	HERE_SCRIPT
};

static const regmon_suspect_t here_suspects[] = {
		[HERE_TURNED] = {"the core had challenged or accepted it",
				"This node: what it does with the core's answer failed (IPsec "
				"association, contact store, Rx or N5); its log at that second "
				"says which."},
		[HERE_SUBSCRIPTION] = {"the reason phrase names user, identities, "
							   "barring, roaming or vectors",
				"HSS: what the phrase says (Cx 5001 user unknown, 5002 "
				"identities, 5003 barred, 5004 roaming), or it has no vectors "
				"for this IMPI."},
		[HERE_NO_HSS] = {"408, 480 or 504 behind the first hop",
				"HSS: this node's question to it (UAR, MAR, SAR) got no answer "
				"or could not be sent: Diameter peer down, realm or routing; "
				"or, at the I-CSCF, no S-CSCF could be assigned."},
		[HERE_DEEP] = {"seen behind the first hop, the phrase says nothing",
				"This node's HSS answer (UAA, MAA, SAA result code) or its "
				"registrar's limits; its log at that second says which."},
		[HERE_ALL_BINDINGS] = {"a de-registration of all bindings",
				"This node's registrar module does not handle `Contact: *` "
				"(valid by RFC 3261 10.2.2); the binding stays until it "
				"expires."},
		[HERE_NO_AGREEMENT] = {"the phone offered no Security-Client",
				"This node's script or module demands IPsec, and the phone did "
				"not offer it: IPsec is off in its IMS profile, or it is no "
				"IMS phone. RFC 3329 answers 421 then, or 494."},
		[HERE_SERVER_ERROR] = {"a 5xx",
				"This node: a module failed (IPsec, Rx, database, no memory) or "
				"no next hop could be chosen; its log at that second says "
				"which."},
		[HERE_SCRIPT] = {"none of these",
				"This node's script: a check or a limit that this REGISTER did "
				"not pass; search it for this code and phrase."},
		{NULL, NULL}};

static unsigned here_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(turned_here(attempt))
		return HERE_TURNED;
	if(regmon_reason_names_subscription(registration))
		return HERE_SUBSCRIPTION;
	if(attempt->driver_vias > 1
			&& (attempt->code == 408 || attempt->code == 480
					|| attempt->code == 504))
		return HERE_NO_HSS;
	if(attempt->driver_vias > 1)
		return HERE_DEEP;
	if(attempt->all_bindings)
		return HERE_ALL_BINDINGS;
	if(registration->ims && !attempt->offered_security)
		return HERE_NO_AGREEMENT;
	return attempt->code >= 500 && attempt->code < 600 ? HERE_SERVER_ERROR
													   : HERE_SCRIPT;
}

static void here_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	char at[REGMON_PRINT_LENGTH];

	(void)thresholds;
	(void)now_ms;
	if(turned_here(attempt)) {
		say_made_of(registration, evidence);
		say_refusal(registration, evidence);
		return;
	}
	regmon_evidence_add(evidence, "%s this node itself answered %u %s",
			regmon_at(attempt->ended_ms, at), attempt->code,
			REGMON_REASON(registration));
	regmon_evidence_add(evidence,
			"the REGISTER (CSeq %u) was not passed on; %u challenge%s before it",
			attempt->last_cseq, attempt->challenges,
			regmon_plural(attempt->challenges));
	if(!attempt->offered_security && registration->ims)
		regmon_evidence_add(
				evidence, "the phone offered no Security-Client");
	if(attempt->all_bindings)
		regmon_evidence_add(
				evidence, "it was a de-registration of all bindings (Contact: *)");
	say_refusal(registration, evidence);
}

static const regmon_cause_t causes[] = {
		{.id = "forbidden-by-core",
				.title = "The core refuses this registration with 403.",
				.cause = "HSS: user unknown (5001), identities that do not match "
						 "(5002), barred (5003), roaming not allowed (5004); or "
						 "the answer to the challenge was wrong.",
				.inspect = "Reason phrase and Warning of the 403. HSS: IMPI, IMPU, "
						   "barring, roaming, service profile; Cx UAA and MAA "
						   "Experimental-Result. kamcmd ims_regmon.decode WHO: "
						   "username, realm, To.",
				.next_step = "Find the node that made the 403 (the last one whose "
							 "own ims_regmon shows no core leg), then its Cx "
							 "answer for this IMPI and IMPU.",
				.refuted_by = "A 403 that this node's own script sent, or a later "
							  "registration with the same identities that "
							  "succeeds.",
				.clause = "TS 24.229 5.4.1.2.2, TS 29.229 6.2",
				.certain = "the core answered the last REGISTER with 403, and "
						   "with 403 the attempt ended",
				.likely = "the core's 403 reached the phone as another code or "
						  "not at all",
				.possible = NULL,
				.not_when = "this node itself made the 403; the attempt succeeded "
							"after it",
				.weight = 75,
				.general = true,
				.suspects = refusal_suspects,
				.not_of_success = true,
				.applies = forbidden_applies,
				.suspect = refusal_suspect,
				.evidence = forbidden_evidence},
		{.id = "refused-by-core",
				.title = "The core refuses this registration with another code "
						 "than 403.",
				.cause = "What the code says: domain or identity not served, HSS "
						 "or S-CSCF not reachable, data lost, overload.",
				.inspect = "kamcmd ims_regmon.explain CODE. Reason phrase, Warning "
						   "and Server of the answer. kamcmd ims_regmon.why WHO at "
						   "the next node. kamcmd ims_regmon.list code=CODE: how "
						   "many share it.",
				.next_step = "Find the node that made the answer: the last one "
							 "whose own ims_regmon shows no core leg.",
				.refuted_by = "An answer that this node made itself.",
				.clause = "RFC 3261 10.3, TS 24.229 5.3.1.2",
				.certain = "the core's last answer was final, neither 2xx, 401 "
						   "nor 403, and the phone got that code",
				.likely = "the phone got another code for it",
				.possible = NULL,
				.not_when = "this node made the answer; the attempt went on "
							"after it (421, 423, 494)",
				.weight = 73,
				.general = true,
				.suspects = by_core_suspects,
				.not_of_success = true,
				.applies = by_core_applies,
				.suspect = by_core_suspect,
				.evidence = by_core_evidence},
		{.id = "refused-here",
				.title = "This node itself refuses the registration.",
				.cause = "Its routing script or one of its modules: a check, a "
						 "limit, an error of its own, or what its HSS or PCRF "
						 "answered.",
				.inspect = "The script of this node: where it sends this code. "
						   "Its log at that second. kamcmd ims_regmon.decode WHO; "
						   "kamcmd ims_regmon.timeline WHO: made here.",
				.next_step = "Search script and modules for the reason phrase.",
				.refuted_by = "A refusal of the core in the timeline before it.",
				.clause = "RFC 3261 10.3, 16.2",
				.certain = "the attempt ended with an answer of this node, and "
						   "its last REGISTER was not passed on, or the core "
						   "had answered it with a challenge or a 2xx",
				.likely = NULL,
				.possible = NULL,
				.not_when = "the core refused it; the REGISTER was passed on and "
							"nothing came back (no-answer-from-core)",
				.weight = 74,
				.general = true,
				.suspects = here_suspects,
				.not_of_success = true,
				.applies = here_applies,
				.suspect = here_suspect,
				.evidence = here_evidence}};

const regmon_family_t regmon_family_refused = {causes, REGMON_COUNT(causes)};
