/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the card does not like about a challenge: its SQN, or the keys it was made with. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

static void list_marked(const regmon_registration_t *registration,
		unsigned mark, regmon_number_list_t *list)
{
	const regmon_entry_t *entry;
	unsigned i;

	*list = (regmon_number_list_t){0};
	for(i = 0; i < registration->timeline_n; i++) {
		entry = regmon_registration_entry(registration, i);
		if(regmon_is_of_phone(entry) && entry->kind == REGMON_ENTRY_REQUEST
				&& regmon_entry_at_ms(registration, entry)
						   >= registration->attempt.opened_ms
				&& (entry->marks & mark))
			regmon_number_list_add(list, entry->cseq);
	}
}

/* ---- sqn-out-of-range ---- */

#define AUTS_OCTETS 14 /* SQN xor AK, MAC-S (TS 33.102 6.3.3) */

/* no HSS can take an SQN from it */
static bool auts_is_of_no_use(const regmon_registration_t *registration)
{
	const regmon_aka_facts_t *aka = &registration->aka;

	return (aka->marks & REGMON_AKA_ANSWERED_NOW)
		   && (aka->marks & REGMON_AKA_AUTS)
		   && ((aka->marks & REGMON_AKA_AUTS_NOT_BASE64)
				   || aka->auts_octets != AUTS_OCTETS
				   || regmon_supplement_of(registration)->worth.of_answer
							  == REGMON_AKA_AUTS_WRONG);
}

/* by lab keys: a good auts, and the vector behind it is not above the SQN that it asked for */
static bool auts_did_nothing(const regmon_registration_t *registration)
{
	return regmon_stands_at_challenge(&registration->attempt)
		   && regmon_answer_verdict(registration) == REGMON_AKA_SQN_OUT_OF_RANGE
		   && regmon_challenge_verdict(registration) == REGMON_AKA_STALE_VECTOR;
}

/* the challenge behind an auts is the one that the card has refused already */
static bool same_vector_again(const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	return registration->aka.repeated_rands
		   && (registration->aka.marks & REGMON_AKA_CHALLENGED_NOW)
		   && (attempt->resyncs >= 2 || regmon_stands_at_challenge(attempt));
}

static regmon_certainty_t sqn_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(attempt->resyncs == 0 || attempt->result == REGMON_RESULT_SUCCESS
			|| regmon_last_was(registration, REGMON_CREDENTIALS_ANSWER))
		return REGMON_CERTAINTY_NONE; /* the next challenge was accepted by the card */
	if(attempt->resyncs >= 2 || auts_did_nothing(registration))
		return REGMON_CERTAIN;
	return attempt->ended_ms ? REGMON_LIKELY : REGMON_POSSIBLE;
}

enum sqn_form
{
	SQN_BAD_AUTS,
	SQN_SAME_VECTOR,
	SQN_AGAIN,
	SQN_REFUSED,
	SQN_THEN_SILENT,
	SQN_PENDING
};

static const regmon_suspect_t sqn_suspects[] = {
		[SQN_BAD_AUTS] = {"the auts is no base64, not of 14 octets, or by lab keys "
						  "not the card's",
				"The phone: its auts is of no use, so no HSS can take an SQN "
				"from it."},
		[SQN_SAME_VECTOR] = {"the challenge after the auts has the RAND of the "
							 "one before it",
				"S-CSCF or HSS: the same vector is given out again; after an "
				"auts a new one must be fetched with a MAR."},
		[SQN_AGAIN] = {"auts more than once in one attempt, or by lab keys a "
					   "vector that ignores it",
				"HSS/AuC: it does not take the SQN over from the auts (auts not "
				"passed on in the MAR, or ignored), or two of them count each "
				"on its own."},
		[SQN_REFUSED] = {"auts once, then refused, or no answer to it",
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
	if(auts_is_of_no_use(registration))
		return SQN_BAD_AUTS;
	if(same_vector_again(registration))
		return SQN_SAME_VECTOR;
	if(attempt->resyncs >= 2 || auts_did_nothing(registration))
		return SQN_AGAIN;
	if(attempt->ended_ms == 0)
		return SQN_PENDING;
	return regmon_stands_at_challenge(attempt) ? SQN_THEN_SILENT : SQN_REFUSED;
}

static void sqn_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	static const unsigned sqns_known =
			REGMON_AKA_SQN_HE_KNOWN | REGMON_AKA_SQN_MS_KNOWN;
	const regmon_attempt_t *attempt = &registration->attempt;
	unsigned loops = regmon_supplement_of(registration)->loops_in_row;
	int64_t ahead = regmon_aka_sqn_difference(
			&regmon_supplement_of(registration)->worth);
	regmon_number_list_t list;

	(void)thresholds;
	list_marked(registration, REGMON_MARK_AUTS, &list);
	regmon_evidence_add(evidence,
			"%u REGISTER%s with auts in this attempt%s%s: the card asks for "
			"another SQN",
			attempt->resyncs, regmon_plural(attempt->resyncs),
			list.n ? ", CSeq " : "", list.text);
	regmon_evidence_add(evidence, "%u challenge%s (401), %u with a nonce repeated",
			attempt->challenges, regmon_plural(attempt->challenges),
			attempt->repeated_nonces);
	if(auts_is_of_no_use(registration))
		regmon_evidence_add(evidence, "its auts is of no use: %u octet%s%s%s",
				registration->aka.auts_octets,
				regmon_plural(registration->aka.auts_octets),
				registration->aka.marks & REGMON_AKA_AUTS_NOT_BASE64
						? ", no base64"
						: "",
				regmon_supplement_of(registration)->worth.of_answer == REGMON_AKA_AUTS_WRONG
						? ", not made with the lab keys"
						: "");
	if(regmon_answer_verdict(registration) == REGMON_AKA_SQN_OUT_OF_RANGE
			&& (registration->aka.marks & sqns_known) == sqns_known)
		regmon_evidence_add(evidence,
				"by the lab keys the card's SQN is %lld %s the network's",
				(long long)(ahead < 0 ? -ahead : ahead),
				ahead < 0 ? "below" : "above");
	regmon_evidence_of_end(registration, now_ms, evidence);
	if(loops > 1)
		regmon_evidence_add(evidence, "%u attempts in a row ended like this",
				loops);
}

/* ---- autn-mac-failure ---- */

/* by lab keys; of the challenge as the core sent it, where this node changed it */
static bool network_has_other_keys(const regmon_registration_t *registration)
{
	return regmon_challenge_verdict(registration) == REGMON_AKA_KEY_MISMATCH
		   && regmon_supplement_of(registration)->worth.of_core != REGMON_AKA_CHALLENGE_RIGHT;
}

static bool challenge_was_spoilt(const regmon_registration_t *registration)
{
	return regmon_challenge_verdict(registration) == REGMON_AKA_KEY_MISMATCH
		   && regmon_supplement_of(registration)->worth.of_core == REGMON_AKA_CHALLENGE_RIGHT;
}

static regmon_certainty_t mac_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	/* a plain SIP phone without a password sends an empty response, too; a card looks at the SQN after the MAC */
	if(attempt->result == REGMON_RESULT_SUCCESS || !registration->ims
			|| regmon_last_was(registration, REGMON_CREDENTIALS_ANSWER)
			|| regmon_last_was(registration, REGMON_CREDENTIALS_RESYNC))
		return REGMON_CERTAINTY_NONE;
	if(attempt->mac_failures == 0) {
		if(!network_has_other_keys(registration))
			return REGMON_CERTAINTY_NONE;
		return attempt->ended_ms ? REGMON_LIKELY : REGMON_POSSIBLE;
	}
	return attempt->mac_failures >= 2 || attempt->ended_ms ? REGMON_CERTAIN
														   : REGMON_LIKELY;
}

enum mac_form
{
	MAC_SPOILT,
	MAC_NETWORK,
	MAC_CARD,
	MAC_BEFORE,
	MAC_EVER
};

static const regmon_suspect_t mac_suspects[] = {
		[MAC_SPOILT] = {"by lab keys the core's challenge is right, the one sent "
						"to the phone is not",
				"This node: its script or a module changes the nonce of the "
				"401."},
		[MAC_NETWORK] = {"by lab keys AUTN was not made with the keys in the file",
				"HSS: it holds another K, OP or OPc than the lab's file (OP "
				"entered as OPc or the reverse is the usual mistake)."},
		[MAC_CARD] = {"by lab keys the challenge is right, and the card refuses "
					  "it",
				"The SIM: it holds another K or OPc than the HSS and the lab's "
				"file."},
		[MAC_BEFORE] = {"the phone was registered before",
				"HSS: the key data of this IMPI changed (K, OP/OPc, AMF, "
				"algorithm), or another HSS answers than before; else the card "
				"was swapped."},
		[MAC_EVER] = {"the phone was never registered here",
				"HSS: K or OPc differs from the SIM's, OP was entered as OPc or "
				"the reverse, or Milenage and TUAK are mixed up."},
		{NULL, NULL}};

static unsigned mac_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	if(challenge_was_spoilt(registration))
		return MAC_SPOILT;
	if(network_has_other_keys(registration))
		return MAC_NETWORK;
	if(regmon_answer_verdict(registration) == REGMON_AKA_AUTN_REFUSED)
		return MAC_CARD;
	return registration->ever_registered ? MAC_BEFORE : MAC_EVER;
}

static void mac_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	regmon_number_list_t list;

	(void)thresholds;
	list_marked(registration, REGMON_MARK_REFUSED_AUTN, &list);
	if(registration->attempt.mac_failures)
		regmon_evidence_add(evidence,
				"%u REGISTER%s with the nonce of the challenge, an empty response "
				"and no auts%s%s: that is how a card reports a wrong MAC",
				registration->attempt.mac_failures,
				regmon_plural(registration->attempt.mac_failures),
				list.n ? ", CSeq " : "",
				list.text);
	if(regmon_challenge_verdict(registration))
		regmon_evidence_add(evidence, "by the lab keys the challenge is %s: %s",
				regmon_aka_verdict_name(regmon_supplement_of(registration)->worth.of_challenge),
				regmon_aka_verdict_meaning(regmon_supplement_of(registration)->worth.of_challenge));
	regmon_evidence_of_end(registration, now_ms, evidence);
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
						   "after it; or, by lab keys, a good auts and a "
						   "vector after it that ignores it",
				.likely = "auts once, and the attempt ended without success and "
						  "without a response after it",
				.possible = "auts once, and the attempt is still open",
				.not_when = "the phone answered the next challenge with a "
							"response; the attempt succeeded",
				.weight = 96,
				.suspects = sqn_suspects,
				.not_of_success = true,
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
				.likely = "one empty response, and the attempt is still open; or "
						  "it ended without success, and by lab keys the "
						  "challenge was made with others",
				.possible = "no empty response yet, but by lab keys the challenge "
							"was made with others",
				.not_when = "a phone without IMS marks (a password may be "
							"missing); the phone answered a later challenge with "
							"a response, or with auts (then the MAC was right)",
				.weight = 97,
				.suspects = mac_suspects,
				.not_of_success = true,
				.applies = mac_applies,
				.suspect = mac_suspect,
				.evidence = mac_evidence}};

const regmon_family_t regmon_family_aka = {causes, REGMON_COUNT(causes)};
