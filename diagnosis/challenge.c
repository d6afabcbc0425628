/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The challenge that is answered and asked again. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

/* 401s to REGISTERs that reacted to a challenge. The first 401 of an attempt answers no credentials of its own
 * (a refresh repeats old ones: TS 24.229 5.1.1.4.2 a), so it is never a round, unless the attempt began unseen. */
static int rounds_of(const regmon_attempt_t *attempt)
{
	int reactions = attempt->rejected_answers + attempt->resyncs
					+ attempt->mac_failures;
	int again = attempt->challenges - (attempt->unknown_start ? 0 : 1);

	if(again < 0)
		again = 0;
	return reactions < again ? reactions : again;
}

static regmon_certainty_t loop_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	unsigned loops = regmon_supplement_of(registration)->loops_in_row;
	int rounds;

	(void)now_ms;
	if(attempt->result == REGMON_RESULT_SUCCESS)
		return REGMON_CERTAINTY_NONE;
	rounds = rounds_of(attempt);
	if(rounds > 0 && rounds >= thresholds->challenge_loop)
		return regmon_is_challenge(attempt->code) ? REGMON_CERTAIN
												  : REGMON_LIKELY;
	/* a phone answers two bad challenges at most and begins anew (TS 24.229 5.1.1.5.12): the loop goes over
	 * attempts, of which the one at hand either looped, too, or has just begun */
	if(loops > 0
			&& (rounds > 0 || attempt->result == REGMON_RESULT_OPEN)
			&& (attempt->ended_ms == 0 || regmon_is_challenge(attempt->code)))
		return loops >= 2 ? REGMON_LIKELY : REGMON_POSSIBLE;
	return rounds > 0 && rounds >= thresholds->challenge_loop - 1
				   ? REGMON_POSSIBLE
				   : REGMON_CERTAINTY_NONE;
}

enum loop_form
{
	LOOP_RESYNC,
	LOOP_MAC,
	LOOP_NONCE,
	LOOP_UNPROTECTED,
	LOOP_RESPONSE
};

static const regmon_suspect_t loop_suspects[] = {
		[LOOP_RESYNC] = {"most reactions of the phone carried auts",
				"SQN: the card finds the network's SQN out of range (auts) and "
				"the next challenge is no better. The HSS ignores the auts, two "
				"HSS/AuC count each on its own, or IND and step do not fit the "
				"card."},
		[LOOP_MAC] = {"most reactions of the phone had an empty response",
				"K or OPc: the card refuses the AUTN of the challenge. K "
				"differs from the SIM, OP was provisioned as OPc or the "
				"reverse, the AMF is wrong, or Milenage and TUAK are mixed up."},
		[LOOP_NONCE] = {"challenges repeated the nonce of the one before",
				"The S-CSCF sends the old vector again: it gets no new one "
				"from the HSS (MAR without MAA), or keeps a vector that it has "
				"already seen fail."},
		[LOOP_UNPROTECTED] = {"a security agreement was made, yet no REGISTER "
							  "arrived protected",
				"The SA is not used: the answer arrives outside of IPsec, so "
				"the P-CSCF cannot say integrity-protected=\"yes\" and the "
				"S-CSCF must challenge again."},
		[LOOP_RESPONSE] = {"the phone sent a response each time",
				"The card accepted the challenge, the S-CSCF does not accept "
				"the response: another S-CSCF than the challenging one got it, "
				"realm or algorithm (AKAv1, AKAv2, MD5) differ, the RES is "
				"taken as hex text, or integrity-protected is not \"yes\"."},
		{NULL, NULL}};

/* how the phone reacted, by the attempt at hand, else (a new one just began) by what the timeline still holds */
static void count_reactions(const regmon_registration_t *registration,
		unsigned *resyncs, unsigned *mac_failures, unsigned *responses)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	const regmon_entry_t *entry;
	unsigned i;

	*resyncs = attempt->resyncs;
	*mac_failures = attempt->mac_failures;
	*responses = attempt->rejected_answers;
	if(*resyncs + *mac_failures + *responses > 0)
		return;
	for(i = 0; i < registration->timeline_n; i++) {
		entry = regmon_registration_entry(registration, i);
		if(!regmon_is_of_phone(entry) || entry->kind != REGMON_ENTRY_REQUEST)
			continue;
		if(entry->marks & REGMON_MARK_AUTS)
			++*resyncs;
		else if(entry->marks & REGMON_MARK_REFUSED_AUTN)
			++*mac_failures;
		else if(entry->marks & REGMON_MARK_CREDENTIALS)
			++*responses;
	}
}

static unsigned loop_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	unsigned resyncs, mac_failures, responses;

	(void)thresholds;
	(void)now_ms;
	count_reactions(registration, &resyncs, &mac_failures, &responses);
	if(resyncs > 0 && resyncs >= mac_failures && resyncs >= responses)
		return LOOP_RESYNC;
	if(mac_failures > 0 && mac_failures >= responses)
		return LOOP_MAC;
	if(attempt->repeated_nonces > 0)
		return LOOP_NONCE;
	if(attempt->offered_security && attempt->challenge_had_security_server
			&& attempt->answered > 0 && attempt->protected_requests == 0)
		return LOOP_UNPROTECTED;
	return LOOP_RESPONSE;
}

/* CSeq of the REGISTERs with this mark that got a 401 */
static void list_rejected(const regmon_registration_t *registration,
		unsigned mark, regmon_number_list_t *list)
{
	const regmon_entry_t *entry, *request = NULL;
	unsigned i;

	*list = (regmon_number_list_t){0};
	for(i = 0; i < registration->timeline_n; i++) {
		entry = regmon_registration_entry(registration, i);
		if(!regmon_is_of_phone(entry)
				|| regmon_entry_at_ms(registration, entry)
						   < registration->attempt.opened_ms)
			continue;
		if(entry->kind == REGMON_ENTRY_REQUEST)
			request = entry;
		else if(entry->kind == REGMON_ENTRY_ANSWER
				&& regmon_is_challenge(entry->code) && request
				&& request->cseq == entry->cseq && (request->marks & mark))
			regmon_number_list_add(list, entry->cseq);
	}
}

static void loop_reactions(const regmon_registration_t *registration,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	regmon_number_list_t list;

	if(attempt->rejected_answers) {
		list_rejected(registration, REGMON_MARK_CREDENTIALS, &list);
		regmon_evidence_add(evidence,
				"%u answered with credentials (response), each got 401%s%s",
				attempt->rejected_answers, list.n ? ": CSeq " : "", list.text);
	}
	if(attempt->resyncs) {
		list_rejected(registration, REGMON_MARK_AUTS, &list);
		regmon_evidence_add(evidence,
				"%u answered with auts: the card asks for another SQN%s%s",
				attempt->resyncs, list.n ? "; 401 again: CSeq " : "", list.text);
	}
	if(attempt->mac_failures) {
		list_rejected(registration, REGMON_MARK_REFUSED_AUTN, &list);
		regmon_evidence_add(evidence,
				"%u answered with an empty response: the card refuses the "
				"network's AUTN (MAC)%s%s",
				attempt->mac_failures, list.n ? "; 401 again: CSeq " : "",
				list.text);
	}
	if(attempt->challenges > 1 && attempt->repeated_nonces)
		regmon_evidence_add(evidence, "the nonce was repeated in %u of %u 401",
				attempt->repeated_nonces, attempt->challenges);
	else if(attempt->challenges > 1)
		regmon_evidence_add(evidence, "the nonce was new each time");
}

static void loop_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	unsigned loops = regmon_supplement_of(registration)->loops_in_row;
	unsigned resyncs, mac_failures, responses;
	char since[REGMON_PRINT_LENGTH], at[REGMON_PRINT_LENGTH];

	(void)thresholds;
	(void)now_ms;
	if(attempt->challenges)
		regmon_evidence_add(evidence,
				"%u challenge%s (401) in one attempt that began %s, the last at "
				"%s",
				attempt->challenges, regmon_plural(attempt->challenges),
				regmon_at(attempt->opened_ms, since),
				regmon_at(attempt->challenge_ms, at));
	loop_reactions(registration, evidence);
	if(attempt->offered_security && attempt->challenge_had_security_server
			&& attempt->answered > 0)
		regmon_evidence_add(evidence,
				attempt->protected_requests
						? "security agreement made; %u of %u REGISTERs arrived "
						  "protected"
						: "security agreement made; %u of %u REGISTERs arrived "
						  "protected: the SA is not used",
				attempt->protected_requests, attempt->requests);
	if(attempt->result == REGMON_RESULT_REFUSED)
		regmon_evidence_add(evidence, "it ended with %u %s at %s",
				attempt->code, REGMON_REASON(registration),
				regmon_at(attempt->ended_ms, at));
	if(loops > 0) {
		count_reactions(registration, &resyncs, &mac_failures, &responses);
		regmon_evidence_add(evidence,
				"%u attempt%s in a row ended so (seen: %u auts, %u empty "
				"response%s, %u response%s)",
				loops, regmon_plural(loops), resyncs, mac_failures,
				regmon_plural(mac_failures), responses,
				regmon_plural(responses));
	}
}

static const regmon_cause_t causes[] = {
		{.id = "challenge-loop",
				.title = "The phone answers the challenge and is challenged "
						 "again, round after round.",
				.cause = "SQN out of step (auts), K/OPc of card and HSS differ "
						 "(empty response), response not accepted (S-CSCF "
						 "instance, realm, algorithm), or the SA is not used.",
				.inspect = "kamcmd ims_regmon.timeline WHO (auts, empty or full "
						   "responses, nonce). HSS: K, OP or OPc, AMF, SQN, "
						   "algorithm of the IMPI; Cx MAR/MAA of each round: "
						   "SIP-Authorization with RAND and auts, SQN of the "
						   "vector. integrity-protected on the leg to the "
						   "S-CSCF; S-CSCF name in UAA.",
				.next_step = "auts: let the HSS take the SQN from the auts, or "
							 "set its SQN ahead. Empty response: compare K/OPc "
							 "with the SIM's data. Response: capture this "
							 "REGISTER before the P-CSCF and at the S-CSCF and "
							 "compare Authorization and Call-ID.",
				.refuted_by = "A 200 in one of the next rounds, or 401s that "
							  "answer REGISTERs without any credentials.",
				.clause = "TS 24.229 5.1.1.5.3, 5.4.1.2.2",
				.certain = "at least `challenge_loop` 401s in one attempt went "
						   "to REGISTERs that had reacted to a challenge, and "
						   "the last answer was such a 401",
				.likely = "as many, but the attempt ended with another refusal; "
						  "or two attempts in a row ended in rounds of 401",
				.possible = "one round short of that; or the attempt before "
							"this one ended so",
				.not_when = "the attempt succeeded; one auts and then a good "
							"answer; 401s to REGISTERs without credentials",
				.weight = 90,
				.general = true,
				.suspects = loop_suspects,
				.not_of_success = true,
				.applies = loop_applies,
				.suspect = loop_suspect,
				.evidence = loop_evidence}};

const regmon_family_t regmon_family_challenge = {causes, REGMON_COUNT(causes)};
