/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Troubles behind this node: a core that does not answer, a core that forbids. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

/* The last REGISTER sent on by the attempt before the one at hand. */
static regmon_exchange_t exchange_before(
		const regmon_registration_t *registration)
{
	regmon_exchange_t exchange;

	regmon_read_core_exchange(registration, INT64_MIN,
			registration->attempt.opened_ms, &exchange);
	return exchange;
}

/* ---- no-answer-from-core ---- */

/* tm gave up on the last REGISTER: its entry stands behind that REGISTER. */
static bool transaction_is_over(const regmon_registration_t *registration)
{
	const regmon_entry_t *entry;
	unsigned i;

	for(i = registration->timeline_n; i-- > 0;) {
		entry = regmon_registration_entry(registration, i);
		if(entry->kind == REGMON_ENTRY_NO_ANSWER)
			return entry->cseq == registration->attempt.last_cseq;
		if(regmon_is_of_phone(entry) && entry->kind == REGMON_ENTRY_REQUEST)
			return false;
	}
	return false;
}

/* The REGISTER at hand was sent on and the core has not answered it. */
static regmon_certainty_t unanswered_now(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	int64_t wait_ms = thresholds->no_answer_s * INT64_C(1000);

	switch(attempt->result) {
		case REGMON_RESULT_OPEN:
			if(!attempt->answer_pending)
				return REGMON_CERTAINTY_NONE;
			if(transaction_is_over(registration))
				return REGMON_CERTAIN;
			return now_ms - attempt->sent_to_core_ms >= wait_ms
						   ? REGMON_LIKELY
						   : REGMON_CERTAINTY_NONE;
		case REGMON_RESULT_UNANSWERED:
			return REGMON_CERTAIN;
		case REGMON_RESULT_REFUSED:
			break;
		default:
			return REGMON_CERTAINTY_NONE;
	}
	if(attempt->code == 408 || attempt->code == 504)
		return REGMON_CERTAIN;
	/* a script may turn the timeout into another code; 4xx that came at once is its own decision */
	if(attempt->code == 421 || attempt->code == 423 || attempt->code == 494)
		return REGMON_CERTAINTY_NONE;
	if(attempt->ended_ms - attempt->sent_to_core_ms >= wait_ms)
		return REGMON_LIKELY;
	return attempt->code == 480 || attempt->code >= 500 ? REGMON_POSSIBLE
														: REGMON_CERTAINTY_NONE;
}

static regmon_certainty_t unanswered_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	regmon_certainty_t certainty = REGMON_CERTAINTY_NONE;
	regmon_exchange_t before;

	if(attempt->result == REGMON_RESULT_SUCCESS || attempt->core_code != 0)
		return REGMON_CERTAINTY_NONE;
	if(attempt->sent_to_core_ms)
		certainty = unanswered_now(registration, thresholds, now_ms);
	if(certainty != REGMON_CERTAINTY_NONE
			|| attempt->result != REGMON_RESULT_OPEN || attempt->challenges
			|| registration->failures_in_row == 0)
		return certainty;
	/* a new attempt has just begun: the one before it still tells how the phone stands */
	before = exchange_before(registration);
	return before.request && before.answer == NULL
						   && attempt->opened_ms - before.request->at_ms
									  >= thresholds->no_answer_s
												 * INT64_C(1000)
				   ? REGMON_LIKELY
				   : REGMON_CERTAINTY_NONE;
}

enum unanswered_form
{
	UNANSWERED_PROTECTED,
	UNANSWERED_INSIDE,
	UNANSWERED_FIRST_HOP
};

static const regmon_suspect_t unanswered_suspects[] = {
		[UNANSWERED_PROTECTED] = {"the core answered this attempt's first "
								  "REGISTER with 401, and not this one",
				"S-CSCF and HSS: the core lives (it sent the 401) and stops at "
				"the REGISTER with credentials: SAR without SAA, another "
				"I-CSCF or S-CSCF chosen for it, or it exceeds the MTU on UDP."},
		[UNANSWERED_INSIDE] = {"seen behind the first hop (more than one Via)",
				"S-CSCF or HSS: the Diameter peer is down or slow (UAR, MAR "
				"without answer), or the S-CSCF's address is unreachable."},
		[UNANSWERED_FIRST_HOP] = {"seen at the first hop, nothing answered yet",
				"I-CSCF not reachable from here: DNS (NAPTR, SRV, A) of the "
				"home domain, route or firewall, I-CSCF down; else its HSS "
				"does not answer (UAR, MAR)."},
		{NULL, NULL}};

static unsigned unanswered_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	if(registration->attempt.challenges)
		return UNANSWERED_PROTECTED;
	if(registration->attempt.driver_vias > 1)
		return UNANSWERED_INSIDE;
	return UNANSWERED_FIRST_HOP;
}

static void unanswered_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	int64_t until_ms = attempt->ended_ms ? attempt->ended_ms : now_ms;
	regmon_exchange_t before;
	char at[REGMON_PRINT_LENGTH], lasted[REGMON_PRINT_LENGTH];

	(void)thresholds;
	if(attempt->sent_to_core_ms) {
		regmon_evidence_add(evidence,
				"%s REGISTER sent to the core (CSeq %u), no final answer from "
				"it in %s",
				regmon_at(attempt->sent_to_core_ms, at), attempt->last_cseq,
				regmon_for(until_ms - attempt->sent_to_core_ms, lasted));
	} else {
		regmon_evidence_add(evidence,
				"%s a new attempt began, not sent to the core yet",
				regmon_at(attempt->opened_ms, at));
	}
	before = exchange_before(registration);
	if(before.request && before.answer == NULL)
		regmon_evidence_add(evidence,
				"before it: %s REGISTER sent to the core (CSeq %u), no final "
				"answer seen either",
				regmon_at(before.request->at_ms, at), before.request->cseq);
	if(attempt->result == REGMON_RESULT_REFUSED)
		regmon_evidence_add(evidence,
				"%s this node itself answered the phone %u %.*s",
				regmon_at(attempt->ended_ms, at), attempt->code,
				REGMON_REASON(registration));
	else if(attempt->answer_pending || attempt->ended_ms)
		regmon_evidence_add(
				evidence, "the phone has got no final answer to it");
	if(attempt->challenges)
		regmon_evidence_add(evidence,
				"the core answered earlier in this attempt: %u challenges, the "
				"last at %s",
				attempt->challenges, regmon_at(attempt->challenge_ms, at));
	if(attempt->retransmissions)
		regmon_evidence_add(evidence, "the phone repeated its REGISTER %u times",
				attempt->retransmissions);
	if(registration->unanswered_in_row)
		regmon_evidence_add(evidence, "%u attempts in a row got no final answer",
				registration->unanswered_in_row);
}

/* ---- forbidden-by-core ---- */

static regmon_certainty_t forbidden_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	regmon_exchange_t before;

	(void)thresholds;
	(void)now_ms;
	if(attempt->ended_ms) {
		if(attempt->core_code != 403 || attempt->result == REGMON_RESULT_SUCCESS
				|| attempt->result == REGMON_RESULT_SUPERSEDED)
			return REGMON_CERTAINTY_NONE;
		return attempt->code == 403 ? REGMON_CERTAIN : REGMON_LIKELY;
	}
	if(registration->failures_in_row == 0)
		return REGMON_CERTAINTY_NONE;
	/* a new attempt runs: the one before it still tells how the phone stands */
	before = exchange_before(registration);
	return before.answer && before.answer->code == 403 ? REGMON_LIKELY
													   : REGMON_CERTAINTY_NONE;
}

enum forbidden_form
{
	FORBIDDEN_UNKNOWN,
	FORBIDDEN_IDENTITIES,
	FORBIDDEN_BARRED,
	FORBIDDEN_ROAMING,
	FORBIDDEN_QOS,
	FORBIDDEN_VECTORS,
	FORBIDDEN_MAC,
	FORBIDDEN_RESPONSE,
	FORBIDDEN_PLAIN
};

static const regmon_suspect_t forbidden_suspects[] = {
		[FORBIDDEN_UNKNOWN] = {"reason phrase: unknown",
				"HSS: user unknown (Cx 5001). IMPI or IMPU is not provisioned, "
				"or is derived from another IMSI, MNC length or domain."},
		[FORBIDDEN_IDENTITIES] = {"reason phrase: identities, match",
				"HSS: IMPI and IMPU do not belong together (Cx 5002)."},
		[FORBIDDEN_BARRED] = {"reason phrase: authorization, barred, rejected",
				"HSS: the subscription is barred or has no IMS service (Cx "
				"5003)."},
		[FORBIDDEN_ROAMING] = {"reason phrase: roaming",
				"HSS: roaming not allowed in this visited network (Cx 5004): "
				"P-Visited-Network-ID and the list of allowed networks."},
		[FORBIDDEN_QOS] = {"reason phrase: QoS",
				"PCRF/PCF: Rx or N5 refused the signalling bearer: no Gx/N7 "
				"session for this address (wrong IP family, APN/DNN, NAT)."},
		[FORBIDDEN_VECTORS] = {"reason phrase: vector, scheme",
				"HSS: no authentication vector for this IMPI: keys not "
				"provisioned, or the scheme (Digest-AKAv1-MD5) is not allowed."},
		[FORBIDDEN_MAC] = {"the REGISTER had an empty response",
				"K or OPc: the card refused the network's AUTN and the S-CSCF "
				"ended it with 403."},
		[FORBIDDEN_RESPONSE] = {"the REGISTER answered a challenge",
				"RES differs from XRES: AKAv1/AKAv2 mixed up, RES taken as hex "
				"text, another uri or realm in the digest, or an old nonce."},
		[FORBIDDEN_PLAIN] = {"none of these",
				"HSS: user unknown, identities that do not match, barring or "
				"roaming (Cx 5001-5004); the reason phrase does not say which."},
		{NULL, NULL}};

/* Words of reason phrases that CSCFs use; the first that is in it decides. A record keeps 48 bytes of the phrase. */
static const struct
{
	const char *word;
	enum forbidden_form form;
} forbidden_words[] = {{"unknown result", FORBIDDEN_PLAIN},
		{"unknown experimental", FORBIDDEN_PLAIN}, {"qos", FORBIDDEN_QOS},
		{"roaming", FORBIDDEN_ROAMING}, {"unknown", FORBIDDEN_UNKNOWN},
		{"vecto", FORBIDDEN_VECTORS}, {"scheme", FORBIDDEN_VECTORS},
		{"match", FORBIDDEN_IDENTITIES}, {"identit", FORBIDDEN_IDENTITIES},
		{"authorization", FORBIDDEN_BARRED}, {"barred", FORBIDDEN_BARRED},
		{"rejected", FORBIDDEN_BARRED}};

static unsigned forbidden_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	unsigned i;

	(void)thresholds;
	(void)now_ms;
	/* the reason and the credentials at hand belong to the 403 only while no new attempt runs */
	if(attempt->ended_ms == 0)
		return FORBIDDEN_PLAIN;
	for(i = 0; i < REGMON_COUNT(forbidden_words); i++)
		if(regmon_reason_has(registration, forbidden_words[i].word))
			return forbidden_words[i].form;
	if(attempt->last_credentials == REGMON_CREDENTIALS_REFUSED)
		return FORBIDDEN_MAC;
	if(attempt->challenges
			&& attempt->last_credentials == REGMON_CREDENTIALS_ANSWER)
		return FORBIDDEN_RESPONSE;
	return FORBIDDEN_PLAIN;
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
	if(attempt->ended_ms) {
		regmon_read_core_exchange(
				registration, attempt->opened_ms, INT64_MAX, &exchange);
		regmon_evidence_add(evidence, "%s 403 came from the core (CSeq %u)",
				regmon_at(exchange.answer ? exchange.answer->at_ms
										  : attempt->ended_ms,
						at),
				attempt->last_cseq);
		if(attempt->code == 403)
			regmon_evidence_add(evidence, "reason phrase: %.*s",
					REGMON_REASON(registration));
		else
			regmon_evidence_add(evidence,
					"the phone did not get this 403; its last answer: %u",
					attempt->code);
		if(attempt->last_credentials < REGMON_COUNT(credentials))
			regmon_evidence_add(evidence, "%s, after %u challenges",
					credentials[attempt->last_credentials],
					attempt->challenges);
	} else {
		exchange = exchange_before(registration);
		if(exchange.answer)
			regmon_evidence_add(evidence,
					"%s 403 came from the core to the attempt before (CSeq %u)",
					regmon_at(exchange.answer->at_ms, at),
					exchange.answer->cseq);
		regmon_evidence_add(evidence, "%s a new attempt began, still open",
				regmon_at(attempt->opened_ms, at));
	}
	if(registration->failures_in_row > 1)
		regmon_evidence_add(evidence, "%u attempts in a row failed",
				registration->failures_in_row);
	if(registration->ever_registered)
		regmon_evidence_add(evidence,
				"it was registered before, last granted at %s",
				regmon_at(registration->granted_ms, at));
}

static const regmon_cause_t causes[] = {
		{.id = "no-answer-from-core",
				.title = "The REGISTER was sent to the core, and no final answer "
						 "came back to this node.",
				.cause = "The next hop is unreachable (DNS, route, firewall) or "
						 "down, or it waits for its HSS (Diameter peer down, "
						 "answer lost).",
				.inspect = "kamcmd ims_regmon.timeline WHO (leg core). dig NAPTR "
						   "and SRV of the home domain; ping and traceroute to "
						   "the next hop. There: kamcmd ims_regmon.why WHO, "
						   "kamcmd cdp.list_peers, kamcmd stats.get_statistics "
						   "ims_auth: (mar_timeouts).",
				.next_step = "Go to the next node and ask the same question: not "
							 "seen there means the path between, unanswered "
							 "there means the hop behind it.",
				.refuted_by = "A final answer from the core in this node's "
							  "capture, or no REGISTER on its way out.",
				.clause = "RFC 3261 17.1.2.2, TS 24.229 5.2.2",
				.certain = "sent on, no final answer from the core, and the "
						   "attempt ended with none, with a 408 or 504 of this "
						   "node's own, or with the end of the transaction",
				.likely = "sent on, nothing for `no_answer_s` and still waiting; "
						  "or this node gave another code of its own after that "
						  "time; or the attempt before ended so and the new one "
						  "has no answer yet",
				.possible = "this node gave 480 or 5xx of its own before "
							"`no_answer_s` was over",
				.not_when = "the core answered, with whatever code; the REGISTER "
							"was never sent on (then it is this node's own "
							"script); this node refused it at once",
				.weight = 85,
				.suspects = unanswered_suspects,
				.applies = unanswered_applies,
				.suspect = unanswered_suspect,
				.evidence = unanswered_evidence},
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
						  "not at all; or the attempt before ended so and a new "
						  "one runs",
				.possible = NULL,
				.not_when = "this node itself made the 403; the attempt succeeded "
							"after it",
				.weight = 75,
				.suspects = forbidden_suspects,
				.applies = forbidden_applies,
				.suspect = forbidden_suspect,
				.evidence = forbidden_evidence}};

const regmon_family_t regmon_family_core = {causes, REGMON_COUNT(causes)};
