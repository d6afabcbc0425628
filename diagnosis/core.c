/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core that does not answer. */
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

/* when the REGISTER at hand went to the core, 0: it did not; what a tap sees is on its way there */
static int64_t sent_ms(const regmon_registration_t *registration)
{
	return registration->tapped ? registration->attempt.last_request_ms
								: registration->attempt.sent_to_core_ms;
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
			if(regmon_transaction_is_over(registration))
				return REGMON_CERTAIN;
			return now_ms - sent_ms(registration) >= wait_ms
						   ? REGMON_LIKELY
						   : REGMON_CERTAINTY_NONE;
		case REGMON_RESULT_UNANSWERED:
			/* the answer may have passed beside the tap */
			return registration->tapped ? REGMON_LIKELY : REGMON_CERTAIN;
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
	if(sent_ms(registration))
		certainty = unanswered_now(registration, thresholds, now_ms);
	if(certainty != REGMON_CERTAINTY_NONE
			|| attempt->result != REGMON_RESULT_OPEN || attempt->challenges
			|| registration->failures_in_row == 0)
		return certainty;
	/* a new attempt has just begun: the one before it still tells how the phone stands */
	before = exchange_before(registration);
	return before.request && before.answer == NULL
						   && attempt->opened_ms
											 - regmon_entry_at_ms(registration,
													 before.request)
									  >= thresholds->no_answer_s
												 * INT64_C(1000)
				   ? REGMON_LIKELY
				   : REGMON_CERTAINTY_NONE;
}

enum unanswered_form
{
	UNANSWERED_TAPPED,
	UNANSWERED_PROTECTED,
	UNANSWERED_INSIDE,
	UNANSWERED_FIRST_HOP
};

static const regmon_suspect_t unanswered_suspects[] = {
		[UNANSWERED_TAPPED] = {"seen by a tap",
				"The node that this REGISTER goes to; or the tap does not see "
				"the way back (an answer inside IPsec, another interface)."},
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
	if(registration->tapped)
		return UNANSWERED_TAPPED;
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
	unsigned unanswered = regmon_supplement_of(registration)->unanswered_in_row;
	int64_t until_ms = attempt->ended_ms ? attempt->ended_ms : now_ms;
	regmon_exchange_t before;
	char at[REGMON_PRINT_LENGTH], lasted[REGMON_PRINT_LENGTH];

	(void)thresholds;
	if(sent_ms(registration)) {
		regmon_evidence_add(evidence,
				"%s REGISTER sent to the core (CSeq %u), no final answer from "
				"it in %s",
				regmon_at(sent_ms(registration), at), attempt->last_cseq,
				regmon_for(until_ms - sent_ms(registration), lasted));
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
				regmon_at(
						regmon_entry_at_ms(registration, before.request), at),
				before.request->cseq);
	if(attempt->result == REGMON_RESULT_REFUSED)
		regmon_evidence_add(evidence,
				"%s this node itself answered the phone %u %s",
				regmon_at(attempt->ended_ms, at), attempt->code,
				REGMON_REASON(registration));
	else if(attempt->answer_pending || attempt->ended_ms)
		regmon_evidence_add(
				evidence, "the phone has got no final answer to it");
	if(attempt->challenges)
		regmon_evidence_add(evidence,
				"the core answered earlier in this attempt: %u challenge%s, the "
				"last at %s",
				attempt->challenges, regmon_plural(attempt->challenges),
				regmon_at(attempt->challenge_ms, at));
	if(attempt->retransmissions)
		regmon_evidence_add(evidence, "the phone repeated its REGISTER %u time%s",
				attempt->retransmissions,
				regmon_plural(attempt->retransmissions));
	if(unanswered)
		regmon_evidence_add(evidence, "%u attempt%s in a row got no final answer",
				unanswered, regmon_plural(unanswered));
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
				.not_of_success = true,
				.applies = unanswered_applies,
				.suspect = unanswered_suspect,
				.evidence = unanswered_evidence}};

const regmon_family_t regmon_family_core = {causes, REGMON_COUNT(causes)};
