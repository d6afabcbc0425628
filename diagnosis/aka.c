/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What card and network disagree about: SQN, keys, the response, the nonce it belongs to. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

/* the last REGISTER of the attempt reacted to a challenge in this way */
static bool last_was(const regmon_registration_t *registration,
		regmon_credentials_t credentials)
{
	return registration->attempt.last_credentials == (uint8_t)credentials;
}

static void list_marked(const regmon_registration_t *registration,
		unsigned mark, regmon_number_list_t *list)
{
	const regmon_entry_t *entry;
	unsigned i;

	*list = (regmon_number_list_t){0};
	for(i = 0; i < registration->timeline_n; i++) {
		entry = regmon_registration_entry(registration, i);
		if(regmon_is_of_phone(entry) && entry->kind == REGMON_ENTRY_REQUEST
				&& entry->at_ms >= registration->attempt.opened_ms
				&& (entry->marks & mark))
			regmon_number_list_add(list, entry->cseq);
	}
}

static void how_it_ended(const regmon_registration_t *registration,
		int64_t now_ms, regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	char at[REGMON_PRINT_LENGTH], lasted[REGMON_PRINT_LENGTH];

	switch(attempt->result) {
		case REGMON_RESULT_OPEN:
			if(attempt->challenge_open)
				regmon_evidence_add(evidence,
						"%s challenged again, nothing came back in %s so far",
						regmon_at(attempt->challenge_ms, at),
						regmon_for(now_ms - attempt->challenge_ms, lasted));
			break;
		case REGMON_RESULT_REFUSED:
			regmon_evidence_add(evidence, "%s it ended with %u %.*s",
					regmon_at(attempt->ended_ms, at), attempt->code,
					REGMON_REASON(registration));
			break;
		case REGMON_RESULT_SILENT:
			regmon_evidence_add(evidence,
					"%s challenged again, then the phone was silent",
					regmon_at(attempt->challenge_ms, at));
			break;
		default:
			regmon_evidence_add(evidence, "%s it ended: %s",
					regmon_at(attempt->ended_ms, at),
					regmon_result_name(attempt->result));
	}
}

/* ---- sqn-out-of-range ---- */

static regmon_certainty_t sqn_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(attempt->resyncs == 0 || attempt->result == REGMON_RESULT_SUCCESS
			|| last_was(registration, REGMON_CREDENTIALS_ANSWER))
		return REGMON_CERTAINTY_NONE; /* the next challenge was accepted by the card */
	if(attempt->resyncs >= 2)
		return REGMON_CERTAIN;
	return attempt->ended_ms ? REGMON_LIKELY : REGMON_POSSIBLE;
}

enum sqn_form
{
	SQN_AGAIN,
	SQN_REFUSED,
	SQN_THEN_SILENT,
	SQN_PENDING
};

static const regmon_suspect_t sqn_suspects[] = {
		[SQN_AGAIN] = {"auts more than once in one attempt",
				"HSS/AuC: it does not take the SQN over from the auts (auts not "
				"passed on in the MAR, or ignored), or two of them count each "
				"on its own."},
		[SQN_REFUSED] = {"auts once, then refused",
				"S-CSCF or HSS: it cannot handle auts. It must ask the HSS for "
				"a new vector with RAND and auts in the MAR."},
		[SQN_THEN_SILENT] = {"auts once, then a challenge that nobody answered",
				"HSS/AuC: the challenge after the auts is still outside the "
				"card's window (IND or step do not fit the card), and a phone "
				"gives up after two."},
		[SQN_PENDING] = {"auts once, the attempt is still open",
				"Nothing yet: one auts is how SQN gets into step again."},
		{NULL, NULL}};

static unsigned sqn_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(attempt->resyncs >= 2)
		return SQN_AGAIN;
	if(attempt->result == REGMON_RESULT_REFUSED)
		return SQN_REFUSED;
	return attempt->ended_ms ? SQN_THEN_SILENT : SQN_PENDING;
}

static void sqn_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	regmon_number_list_t list;

	(void)thresholds;
	list_marked(registration, REGMON_MARK_AUTS, &list);
	regmon_evidence_add(evidence,
			"%u REGISTERs with auts in this attempt%s%s: the card asks for "
			"another SQN",
			attempt->resyncs, list.n ? ", CSeq " : "", list.text);
	regmon_evidence_add(evidence, "%u challenges (401), %u with a nonce repeated",
			attempt->challenges, attempt->repeated_nonces);
	how_it_ended(registration, now_ms, evidence);
	if(registration->loops_in_row > 1)
		regmon_evidence_add(evidence, "%u attempts in a row ended like this",
				registration->loops_in_row);
}

/* ---- autn-mac-failure ---- */

static regmon_certainty_t mac_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	/* a plain SIP phone without a password sends an empty response, too */
	if(attempt->mac_failures == 0 || attempt->result == REGMON_RESULT_SUCCESS
			|| !registration->ims
			|| last_was(registration, REGMON_CREDENTIALS_ANSWER))
		return REGMON_CERTAINTY_NONE;
	return attempt->mac_failures >= 2 || attempt->ended_ms ? REGMON_CERTAIN
														   : REGMON_LIKELY;
}

enum mac_form
{
	MAC_BEFORE,
	MAC_EVER
};

static const regmon_suspect_t mac_suspects[] = {
		[MAC_BEFORE] = {"the phone was registered before",
				"HSS: the key data of this IMPI changed (K, OP/OPc, AMF, "
				"algorithm), or another HSS answers than before; else the card "
				"was swapped."},
		[MAC_EVER] = {"the phone was never registered here",
				"HSS: K differs from the SIM's, OP was entered as OPc or the "
				"reverse, or Milenage and TUAK are mixed up."},
		{NULL, NULL}};

static unsigned mac_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	return registration->ever_registered ? MAC_BEFORE : MAC_EVER;
}

static void mac_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	regmon_number_list_t list;

	(void)thresholds;
	list_marked(registration, REGMON_MARK_REFUSED_AUTN, &list);
	regmon_evidence_add(evidence,
			"%u REGISTERs with the nonce of the challenge, an empty response "
			"and no auts%s%s: that is how a card reports a wrong MAC",
			registration->attempt.mac_failures, list.n ? ", CSeq " : "",
			list.text);
	how_it_ended(registration, now_ms, evidence);
}

/* ---- wrong-response ---- */

static regmon_certainty_t wrong_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(attempt->result != REGMON_RESULT_REFUSED || attempt->challenges == 0
			|| !last_was(registration, REGMON_CREDENTIALS_ANSWER)
			|| attempt->code != 403 || attempt->stale_answers
			|| regmon_reason_names_subscription(registration))
		return REGMON_CERTAINTY_NONE;
	return attempt->last_answers_challenge ? REGMON_LIKELY : REGMON_POSSIBLE;
}

enum wrong_form
{
	WRONG_LATE,
	WRONG_NONCE_CHANGED,
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
		[WRONG_LATE] = {"the refusal took longer than 5 s",
				"S-CSCF: it resumed after its transaction or the HSS's answer "
				"was too late, and refused a good response; compare the HSS's "
				"latency with fr_timer."},
		[WRONG_NONCE_CHANGED] = {"the nonce of the 401 was changed by this node",
				"This node's script or a module changes WWW-Authenticate: the "
				"phone computed its response over another nonce."},
		[WRONG_RESPONSE] = {"the phone sent a response and got 403 at once",
				"RES differs from XRES: AKAv1 and AKAv2 mixed up, RES taken as "
				"hex text, another uri or realm in the digest; the card did "
				"accept the challenge, so K and OPc are right."},
		{NULL, NULL}};

static unsigned wrong_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	if(wait_for_last_answer(registration) >= SLOW_CORE_MS)
		return WRONG_LATE;
	return registration->attempt.changed_on_way & REGMON_CHANGED_NONCE
				   ? WRONG_NONCE_CHANGED
				   : WRONG_RESPONSE;
}

static void wrong_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	char at[REGMON_PRINT_LENGTH], lasted[REGMON_PRINT_LENGTH];

	(void)thresholds;
	(void)now_ms;
	regmon_evidence_add(evidence,
			"%s the phone answered the challenge with a response (CSeq %u)",
			regmon_at(attempt->last_request_ms, at), attempt->last_cseq);
	regmon_evidence_add(evidence, "%s it got 403 %.*s, after %s",
			regmon_at(attempt->ended_ms, at), REGMON_REASON(registration),
			regmon_for(wait_for_last_answer(registration), lasted));
	regmon_evidence_add(evidence,
			"the reason phrase names neither user, barring nor roaming");
	regmon_evidence_add(evidence, attempt->core_code
										  ? "the 403 came from the core"
										  : "the 403 was made by this node");
}

/* ---- stale-credentials ---- */

static regmon_certainty_t stale_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(attempt->stale_answers == 0 || attempt->result == REGMON_RESULT_SUCCESS)
		return REGMON_CERTAINTY_NONE;
	/* a good answer followed: it found the right nonce by itself */
	if(attempt->answered > attempt->stale_answers
			&& !(attempt->challenge_open && attempt->stale_answers > 1))
		return REGMON_POSSIBLE;
	return attempt->answer_pending ? REGMON_POSSIBLE : REGMON_LIKELY;
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
	return registration->attempt.changed_on_way & REGMON_CHANGED_NONCE
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
	regmon_evidence_add(evidence, "%u challenges (401) were sent to the phone",
			attempt->challenges);
	if(attempt->retransmissions)
		regmon_evidence_add(evidence, "the phone repeated REGISTERs %u times",
				attempt->retransmissions);
	how_it_ended(registration, now_ms, evidence);
}

static const regmon_cause_t causes[] = {
		{.id = "sqn-out-of-range",
				.title = "The card finds the SQN of the challenge out of range, "
						 "and the network does not come into step.",
				.cause = "The HSS ignores the auts or does not get it, two "
						 "HSS/AuC count on their own, the SQN was reset, or IND "
						 "and step do not fit the card.",
				.inspect = "Cx MAR after the auts: SIP-Authorization with RAND "
						   "and auts. HSS: SQN of the IMPI before and after, "
						   "number of AuC instances, IND length. kamcmd "
						   "ims_regmon.show WHO (aka) for SQN values where lab "
						   "keys are given.",
				.next_step = "Let the HSS set SQN from the auts; until then set "
							 "its SQN ahead by hand. One AuC per IMPI.",
				.refuted_by = "A response without auts to the next challenge, or "
							  "a 200.",
				.clause = "TS 24.229 5.1.1.5.3",
				.certain = "auts at least twice in one attempt, and no response "
						   "after it",
				.likely = "auts once, and the attempt ended without success and "
						  "without a response after it",
				.possible = "auts once, and the attempt is still open",
				.not_when = "the phone answered the next challenge with a "
							"response; the attempt succeeded",
				.weight = 96,
				.suspects = sqn_suspects,
				.applies = sqn_applies,
				.suspect = sqn_suspect,
				.evidence = sqn_evidence},
		{.id = "autn-mac-failure",
				.title = "The card refuses the network's challenge: the MAC in "
						 "AUTN is wrong.",
				.cause = "Key data of card and HSS differ: K, OP or OPc, AMF, or "
						 "the algorithm set.",
				.inspect = "HSS: K, OP or OPc (and which of both), AMF and "
						   "algorithm of the IMPI beside the SIM's data sheet. "
						   "kamcmd ims_regmon.timeline WHO: empty responses. Is "
						   "it this phone alone: kamcmd ims_regmon.list "
						   "cause=autn-mac-failure.",
				.next_step = "Compute OPc from K and OP and compare with what the "
							 "HSS has; with lab keys in aka_keys this module "
							 "says whether the challenge fits them.",
				.refuted_by = "A response or auts from the same card to another "
							  "challenge of this network.",
				.clause = "TS 24.229 5.1.1.5.3",
				.certain = "two empty responses in one attempt, or one and the "
						   "attempt ended without success",
				.likely = "one empty response, and the attempt is still open",
				.possible = NULL,
				.not_when = "a phone without IMS marks (a password may be "
							"missing); the phone answered a later challenge with "
							"a response",
				.weight = 97,
				.suspects = mac_suspects,
				.applies = mac_applies,
				.suspect = mac_suspect,
				.evidence = mac_evidence},
		{.id = "wrong-response",
				.title = "The network refuses the phone's answer to the "
						 "challenge with 403.",
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
				.certain = NULL,
				.likely = "the REGISTER answered a 401 with a response, the "
						  "attempt ended with 403, and the reason phrase names "
						  "no subscription matter",
				.possible = "as likely, but the 401 before it was not seen",
				.not_when = "the nonce was not that of the 401 "
							"(stale-credentials); auts or an empty response; the "
							"reason phrase names user, barring, roaming or QoS",
				.weight = 94,
				.suspects = wrong_suspects,
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
				.possible = "some did, or the answer is still pending",
				.not_when = "a protected refresh that repeats the last nonce; the "
							"attempt succeeded",
				.weight = 93,
				.suspects = stale_suspects,
				.applies = stale_applies,
				.suspect = stale_suspect,
				.evidence = stale_evidence}};

const regmon_family_t regmon_family_aka = {causes, REGMON_COUNT(causes)};
