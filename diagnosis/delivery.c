/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers that do not get from here to the phone, and a node that makes none. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

/* ---- answer-not-delivered ---- */

/* the last answer could not be sent, and nothing came since */
static bool not_sent(const regmon_registration_t *registration)
{
	const regmon_entry_t *last = regmon_last_of_phone(registration);

	return registration->attempt.not_sent && last
		   && last->kind == REGMON_ENTRY_NOT_SENT;
}

/* an answer to the last REGISTER went out, be it that the attempt had been given up by then */
static bool has_been_answered(const regmon_registration_t *registration)
{
	const regmon_entry_t *last = regmon_last_of_phone(registration);

	return last && last->kind == REGMON_ENTRY_ANSWER
		   && last->cseq == registration->attempt.last_cseq;
}

/* the core has decided, and this node has sent the phone nothing */
static bool kept_here(const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	return attempt->core_code >= 200
		   && (attempt->answer_pending
				   || attempt->result == REGMON_RESULT_UNANSWERED)
		   && !not_sent(registration) && !has_been_answered(registration);
}

/* when the core answered what is kept here */
static int64_t kept_since_ms(const regmon_registration_t *registration)
{
	int64_t request_ms = registration->attempt.last_request_ms;
	regmon_exchange_t exchange;

	regmon_read_core_exchange(
			registration, request_ms, INT64_MAX, &exchange);
	return exchange.answer ? regmon_entry_at_ms(registration, exchange.answer)
						   : request_ms;
}

static regmon_certainty_t lost_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	if(attempt->kind == REGMON_ATTEMPT_NONE
			|| attempt->kind == REGMON_ATTEMPT_THIRD_PARTY)
		return REGMON_CERTAINTY_NONE;
	if(not_sent(registration))
		return REGMON_CERTAIN;
	if(kept_here(registration)) {
		if(attempt->ended_ms || regmon_transaction_is_over(registration))
			return REGMON_CERTAIN;
		return now_ms - kept_since_ms(registration)
							   >= thresholds->no_answer_s * INT64_C(1000)
					   ? REGMON_LIKELY
					   : REGMON_CERTAINTY_NONE;
	}
	if(attempt->retransmissions_after_answer >= 2)
		return REGMON_LIKELY;
	/* behind the first hop one REGISTER that comes again tells of a hop before this one */
	return attempt->retransmissions_after_answer && attempt->driver_vias <= 1
				   ? REGMON_POSSIBLE
				   : REGMON_CERTAINTY_NONE;
}

enum lost_form
{
	LOST_NOT_SENT,
	LOST_KEPT_HERE,
	LOST_BEFORE_HERE,
	LOST_FAREWELL,
	LOST_PROTECTED,
	LOST_TCP,
	LOST_NAT,
	LOST_ON_THE_WAY
};

static const regmon_suspect_t lost_suspects[] = {
		[LOST_NOT_SENT] = {"sending failed",
				"This node: its TCP connection to the phone is gone, or the "
				"security association or route for the answer is not there."},
		[LOST_KEPT_HERE] = {"the core answered, nothing was sent on",
				"This node's script: the answer was dropped in onreply_route, "
				"or the processing of it failed (pcscf_save, Rx, IPsec); its "
				"log at that second says why."},
		[LOST_BEFORE_HERE] = {"seen behind the first hop (more than one Via)",
				"A hop before this node, or its way to the phone: ask the "
				"P-CSCF the same question."},
		[LOST_FAREWELL] = {"it is the answer to a protected de-registration",
				"This node: it deleted the security association before the "
				"answer left, so the answer went out unprotected and the phone "
				"dropped it."},
		[LOST_PROTECTED] = {"the REGISTER came over a security association",
				"IPsec: the answer leaves outside of the SA, or on another pair "
				"of ports than agreed: compare xfrm policy with port-c and "
				"port-s of both sides."},
		[LOST_TCP] = {"the phone uses TCP",
				"TCP connection: the answer goes to a connection that the phone "
				"no longer reads, or to a new one that it refuses."},
		[LOST_NAT] = {"the phone is behind NAT",
				"NAT: the answer goes to the address in Via instead of the one "
				"the REGISTER came from (force_rport), or the binding of the "
				"NAT is gone."},
		[LOST_ON_THE_WAY] = {"none of these",
				"The path to the phone: UDP answers bigger than the MTU lose "
				"their fragments, a firewall, or radio."},
		{NULL, NULL}};

static unsigned lost_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(not_sent(registration))
		return LOST_NOT_SENT;
	if(kept_here(registration))
		return LOST_KEPT_HERE;
	if(attempt->driver_vias > 1)
		return LOST_BEFORE_HERE;
	if(attempt->protected_requests && attempt->kind == REGMON_ATTEMPT_DEREGISTER)
		return LOST_FAREWELL;
	if(attempt->protected_requests)
		return LOST_PROTECTED;
	if(registration->transport == 'T' || registration->transport == 'L')
		return LOST_TCP;
	return registration->behind_nat ? LOST_NAT : LOST_ON_THE_WAY;
}

static void lost_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	const regmon_entry_t *last = regmon_last_of_phone(registration);
	char at[REGMON_PRINT_LENGTH], lasted[REGMON_PRINT_LENGTH];

	(void)thresholds;
	if(not_sent(registration)) {
		regmon_evidence_add(evidence, "%s %u could not be sent to the phone",
				regmon_at(regmon_entry_at_ms(registration, last), at),
				last->code);
	} else if(kept_here(registration)) {
		regmon_evidence_add(evidence,
				"the core answered %u to CSeq %u; nothing was sent to the phone "
				"in %s",
				attempt->core_code, attempt->last_cseq,
				regmon_for((attempt->ended_ms ? attempt->ended_ms : now_ms)
								   - kept_since_ms(registration),
						lasted));
	} else {
		regmon_evidence_add(evidence,
				"the phone repeated its REGISTER (CSeq %u) %u time%s after the "
				"%u had gone out",
				attempt->last_cseq, attempt->retransmissions_after_answer,
				regmon_plural(attempt->retransmissions_after_answer),
				attempt->code);
	}
	if(attempt->first_repeat_ms)
		regmon_evidence_add(evidence, "it first repeated after %s",
				regmon_for(attempt->first_repeat_ms, lasted));
	if(attempt->protected_requests)
		regmon_evidence_add(evidence,
				"the REGISTER came protected: spi-s %u, port-s %u of the phone",
				registration->client.spi_s, registration->client.port_s);
	if(registration->behind_nat) {
		char buffer[REGMON_IDENTITY_LENGTH];
		str source = regmon_identity_of(
				registration, REGMON_IDENTITY_SOURCE, buffer);

		regmon_evidence_add(evidence,
				"it came from %.*s:%u, its Via names another address",
				source.len, source.s, registration->source_port);
	}
}

/* ---- unanswered-here ---- */

static regmon_certainty_t unanswered_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	bool open = attempt->ended_ms == 0 && attempt->answer_pending;

	if(attempt->kind == REGMON_ATTEMPT_NONE || attempt->sent_to_core_ms
			|| attempt->core_code || not_sent(registration)
			|| has_been_answered(registration) || registration->tapped)
		return REGMON_CERTAINTY_NONE;
	if((open || attempt->result == REGMON_RESULT_UNANSWERED)
			&& regmon_transaction_is_over(registration))
		return REGMON_CERTAIN;
	/* what is forwarded without a transaction is not seen on its way out */
	if(attempt->result == REGMON_RESULT_UNANSWERED)
		return REGMON_LIKELY;
	return open && now_ms - attempt->last_request_ms
							   >= thresholds->no_answer_s * INT64_C(1000)
				   ? REGMON_POSSIBLE
				   : REGMON_CERTAINTY_NONE;
}

enum unanswered_form
{
	UNANSWERED_AFTER_CHALLENGE,
	UNANSWERED_DEEP,
	UNANSWERED_FIRST_HOP
};

static const regmon_suspect_t unanswered_suspects[] = {
		[UNANSWERED_AFTER_CHALLENGE] = {"the challenge went out, the answer to "
										"it was not dealt with",
				"Diameter towards the HSS at this step (SAR without SAA at the "
				"S-CSCF, AAR without AAA at the P-CSCF), or the suspended "
				"transaction was never resumed."},
		[UNANSWERED_DEEP] = {"seen behind the first hop",
				"Diameter towards the HSS (UAR, MAR): no answer came, or it "
				"found no transaction any more."},
		[UNANSWERED_FIRST_HOP] = {"seen at the first hop",
				"This node's script: a branch that neither relays nor answers; "
				"or it is stuck (workers busy, a lock)."},
		{NULL, NULL}};

static unsigned unanswered_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	if(registration->attempt.challenges)
		return UNANSWERED_AFTER_CHALLENGE;
	return registration->attempt.driver_vias > 1 ? UNANSWERED_DEEP
												 : UNANSWERED_FIRST_HOP;
}

static void unanswered_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	unsigned unanswered = regmon_supplement_of(registration)->unanswered_in_row;
	int64_t until_ms = attempt->ended_ms ? attempt->ended_ms : now_ms;
	char at[REGMON_PRINT_LENGTH], lasted[REGMON_PRINT_LENGTH];

	(void)thresholds;
	regmon_evidence_add(evidence,
			"%s REGISTER came (CSeq %u), not sent on and not answered in %s",
			regmon_at(attempt->last_request_ms, at), attempt->last_cseq,
			regmon_for(until_ms - attempt->last_request_ms, lasted));
	if(regmon_transaction_is_over(registration))
		regmon_evidence_add(evidence,
				"its transaction here ended without a final answer");
	if(attempt->retransmissions)
		regmon_evidence_add(evidence, "the phone repeated it %u time%s",
				attempt->retransmissions,
				regmon_plural(attempt->retransmissions));
	if(unanswered > 1)
		regmon_evidence_add(evidence, "%u attempts in a row got no final answer",
				unanswered);
}

static const regmon_cause_t causes[] = {
		{.id = "answer-not-delivered",
				.title = "An answer does not reach the phone.",
				.cause = "It could not be sent, was kept by this node, left "
						 "outside of the security association, or is lost on "
						 "the path.",
				.inspect = "kamcmd ims_regmon.timeline WHO: could not be sent, "
						   "REGISTER again. ip -s xfrm state and policy; nstat "
						   "-az IpFragFails XfrmOutNoStates "
						   "XfrmOutPolBlock; kamcmd core.tcp_list. The script's "
						   "onreply_route.",
				.next_step = "Capture at this node's interface to the phone: not "
							 "there, it is this node; in clear where it should "
							 "be ESP, it is the SA; there, it is the path.",
				.refuted_by = "A next REGISTER of the phone that reacts to the "
							  "answer.",
				.clause = "RFC 3261 17.1.2.2, TS 24.229 5.2.2",
				.certain = "sending failed; or the core answered, and the "
						   "transaction ended without an answer to the phone",
				.likely = "it went out and the phone repeated the same REGISTER "
						  "at least twice behind it; or the core answered and "
						  "nothing has been sent for `no_answer_s`",
				.possible = "the phone repeated it once (answer and repetition "
							"may have crossed)",
				.not_when = "the phone's next REGISTER came; repetitions before "
							"the answer left",
				.weight = 88,
				.suspects = lost_suspects,
				.applies = lost_applies,
				.suspect = lost_suspect,
				.evidence = lost_evidence},
		{.id = "unanswered-here",
				.title = "This node neither passed the REGISTER on nor answered "
						 "it.",
				.cause = "It waits for Diameter (HSS, PCRF) and never resumes, "
						 "its script has a dead end, or it is stuck.",
				.inspect = "Log of this node at that second (t_continue, cdp). "
						   "kamcmd cdp.list_peers; kamcmd stats.get_statistics "
						   "all for mar_timeouts and sar_timeouts; kamcmd "
						   "core.ps and tm.stats: transactions that stay.",
				.next_step = "Many phones at once: the Diameter peer or a worker "
							 "that hangs. One phone: the branch of the script "
							 "that its REGISTER takes.",
				.refuted_by = "A REGISTER on its way out in a capture (a node "
							  "that forwards without transaction is not seen "
							  "doing it).",
				.clause = "RFC 3261 16.2, 10.3",
				.certain = "not sent on, and its transaction ended without a "
						   "final answer",
				.likely = "not sent on, no answer until the attempt was given "
						  "up, no transaction seen to end",
				.possible = "not sent on, no answer for `no_answer_s` so far",
				.not_when = "it was sent on (no-answer-from-core); an answer "
							"was made and could not be sent",
				.weight = 83,
				.suspects = unanswered_suspects,
				.not_of_success = true,
				.applies = unanswered_applies,
				.suspect = unanswered_suspect,
				.evidence = unanswered_evidence}};

const regmon_family_t regmon_family_delivery = {causes, REGMON_COUNT(causes)};
