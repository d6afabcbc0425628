/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The challenge that nobody answers. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

/* How often the phone began anew where it should have answered a 401, since it last answered one; and the longest
 * time it let pass. */
typedef struct restarts
{
	unsigned n;
	int64_t longest_ms;
} restarts_t;

static restarts_t restarts_of(const regmon_registration_t *registration)
{
	const regmon_entry_t *entry, *challenge = NULL;
	restarts_t restarts = {0, 0};
	bool farewell = false; /* nobody waits for the challenge of that */
	int64_t after_ms;
	unsigned i;

	for(i = 0; i < registration->timeline_n; i++) {
		entry = regmon_registration_entry(registration, i);
		if(!regmon_is_of_phone(entry))
			continue;
		if(entry->kind == REGMON_ENTRY_ANSWER) {
			challenge = regmon_is_challenge(entry->code) && !farewell ? entry
																	  : NULL;
			if(entry->code >= 200 && entry->code < 300)
				restarts = (restarts_t){0, 0};
		} else if(entry->kind == REGMON_ENTRY_REQUEST) {
			if(entry->marks & REGMON_MARKS_REACTION) {
				restarts = (restarts_t){0, 0};
			} else if(challenge) {
				restarts.n++;
				after_ms = regmon_entry_at_ms(registration, entry)
						   - regmon_entry_at_ms(registration, challenge);
				if(after_ms > restarts.longest_ms)
					restarts.longest_ms = after_ms;
			}
			challenge = NULL;
			farewell = entry->marks & REGMON_MARK_EXPIRES_0;
		}
	}
	return restarts;
}

/* The 401 never left this node: then nobody was silent. */
static bool challenge_not_sent(const regmon_registration_t *registration)
{
	const regmon_entry_t *entry;
	unsigned i;

	if(registration->attempt.not_sent == 0)
		return false;
	for(i = registration->timeline_n; i-- > 0;) {
		entry = regmon_registration_entry(registration, i);
		if(!regmon_is_of_phone(entry))
			continue;
		if(entry->kind == REGMON_ENTRY_NOT_SENT)
			return true;
		if(entry->kind == REGMON_ENTRY_ANSWER)
			return false;
	}
	return true; /* not in the timeline any more: no claim */
}

static regmon_certainty_t silent_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	unsigned silent_before = regmon_supplement_of(registration)->silent_in_row;
	int64_t silence_ms = thresholds->silence_s * INT64_C(1000);
	bool silent = attempt->result == REGMON_RESULT_SILENT;
	restarts_t restarts;

	if((attempt->result != REGMON_RESULT_OPEN && !silent)
			|| attempt->kind == REGMON_ATTEMPT_NONE
			|| attempt->kind == REGMON_ATTEMPT_THIRD_PARTY
			|| attempt->kind == REGMON_ATTEMPT_QUERY
			|| challenge_not_sent(registration))
		return REGMON_CERTAINTY_NONE;
	if(attempt->challenge_open && now_ms - attempt->challenge_ms >= silence_ms)
		silent = true;
	/* a phone that is switched off does not wait for the challenge of its farewell, and one whose answers were refused
	 * round after round has a reason to give up */
	if(silent)
		return attempt->kind == REGMON_ATTEMPT_DEREGISTER
							   || (attempt->rejected_answers
									   && attempt->challenges > 1)
					   ? REGMON_POSSIBLE
					   : REGMON_LIKELY;
	/* a new attempt runs and has not come to the point where the ones before it stopped */
	if(attempt->answered > 0 || attempt->resyncs > 0
			|| attempt->mac_failures > 0)
		return REGMON_CERTAINTY_NONE;
	if(silent_before >= 2)
		return REGMON_LIKELY;
	restarts = restarts_of(registration);
	if(restarts.n >= 2 || (restarts.n > 0 && restarts.longest_ms >= silence_ms))
		return REGMON_LIKELY;
	return restarts.n > 0 || silent_before > 0
				   ? REGMON_POSSIBLE
				   : REGMON_CERTAINTY_NONE;
}

/* ck or ik in the last 401 to the phone: they are for the P-CSCF alone (TS 24.229 7.2A.1) */
static bool challenge_had_keys(const regmon_registration_t *registration)
{
	const regmon_entry_t *entry;
	unsigned i;

	for(i = registration->timeline_n; i-- > 0;) {
		entry = regmon_registration_entry(registration, i);
		if(regmon_is_of_phone(entry) && entry->kind == REGMON_ENTRY_ANSWER)
			return regmon_is_challenge(entry->code)
				   && (entry->marks & REGMON_MARK_KEYS);
	}
	return false;
}

/* nothing that a card could answer; an algorithm that is not named says nothing */
static bool challenge_is_no_vector(const regmon_aka_facts_t *aka)
{
	if(!(aka->marks & REGMON_AKA_CHALLENGED_NOW)
			|| aka->challenge_algorithm == REGMON_ALGORITHM_NONE
			|| aka->challenge_algorithm == REGMON_ALGORITHM_OTHER)
		return false;
	return !regmon_algorithm_is_aka(aka->challenge_algorithm)
		   || aka->nonce != REGMON_NONCE_VECTOR;
}

enum silent_form
{
	SILENT_NO_SERVER,
	SILENT_NO_VECTOR,
	SILENT_REFUSED,
	SILENT_REJECTED,
	SILENT_NOT_RECEIVED,
	SILENT_CORE_LEG,
	SILENT_KEYS,
	SILENT_RESTARTS,
	SILENT_SA,
	SILENT_PLAIN
};

static const regmon_suspect_t silent_suspects[] = {
		[SILENT_NO_SERVER] = {"the phone offered sec-agree, the 401 carried no "
							  "Security-Server",
				"No Security-Server: a phone that offered sec-agree must give "
				"up on such a 401. The P-CSCF found no algorithm in common, "
				"has no free SPI or port, or ipsec_create() failed."},
		[SILENT_NO_VECTOR] = {"the phone offered ipsec-3gpp, the 401 names no "
							  "AKA algorithm or carries no vector",
				"The 401 cannot be answered with a SIM: its algorithm is none "
				"of AKA (SIP Digest as authentication scheme of this IMPI in "
				"the HSS), or its nonce is not RAND and AUTN in base64."},
		[SILENT_REFUSED] = {"the phone had refused challenges (auts, empty "
							"response) and stopped",
				"SQN (auts) or K/OPc (empty response): a phone answers two "
				"invalid challenges in a row and then stops."},
		[SILENT_REJECTED] = {"the phone's response had got 401 before it fell "
							 "silent",
				"The phone gave up: its response was not accepted. Why not "
				"(S-CSCF instance, realm, algorithm, SA) is told by "
				"challenge-loop."},
		[SILENT_NOT_RECEIVED] = {"the phone repeated its REGISTER after the "
								 "401 had gone out",
				"The 401 does not arrive: too big for the path (UDP, MTU, lost "
				"fragments), sent to another port than the phone listens on, "
				"or its TCP connection is gone."},
		[SILENT_CORE_LEG] = {"seen behind the first hop (more than one Via)",
				"This node is not the first hop: look at the P-CSCF first "
				"whether the 401 went out and whether an answer came."},
		[SILENT_KEYS] = {"the 401 still had ck or ik, and the phone was never "
						 "registered",
				"The 401 as sent: ck and ik were left in it. They are for the "
				"P-CSCF alone, and there are phones that give up on such a "
				"challenge; others do not mind, then look at the SA."},
		[SILENT_RESTARTS] = {"the phone began anew instead of answering",
				"The phone gets the 401 and cannot use it: its protected "
				"REGISTER does not come through (SPI, protected ports, "
				"firewall), or it does not accept the Security-Server."},
		[SILENT_SA] = {"a security agreement was given in the 401",
				"The protected REGISTER does not come through: wrong K/OPc "
				"gives wrong CK/IK and the kernel drops its ESP, the SA or the "
				"protected port is missing, or it exceeds the MTU. Else the "
				"card refused the AUTN and the phone stays silent."},
		[SILENT_PLAIN] = {"none of these",
				"The phone got the 401 and has no credentials for its realm or "
				"algorithm, or the 401 did not arrive."},
		{NULL, NULL}};

static unsigned silent_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(attempt->challenges && attempt->offered_security
			&& !attempt->challenge_had_security_server
			&& attempt->driver_vias <= 1)
		return SILENT_NO_SERVER;
	if(attempt->offered_security && challenge_is_no_vector(&registration->aka))
		return SILENT_NO_VECTOR;
	if(attempt->resyncs || attempt->mac_failures)
		return SILENT_REFUSED;
	if(attempt->rejected_answers && attempt->challenges > 1)
		return SILENT_REJECTED;
	if(attempt->retransmissions_after_answer)
		return SILENT_NOT_RECEIVED;
	if(attempt->driver_vias > 1)
		return SILENT_CORE_LEG;
	if(!registration->ever_registered && challenge_had_keys(registration))
		return SILENT_KEYS;
	if(restarts_of(registration).n)
		return SILENT_RESTARTS;
	if(attempt->challenge_had_security_server)
		return SILENT_SA;
	return SILENT_PLAIN;
}

static void silent_since(const regmon_registration_t *registration,
		int64_t now_ms, regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	char at[REGMON_PRINT_LENGTH], lasted[REGMON_PRINT_LENGTH];
	int64_t until_ms = attempt->ended_ms ? attempt->ended_ms : now_ms;

	if(attempt->challenges == 0 || attempt->challenge_ms == 0) {
		regmon_evidence_add(evidence,
				"%s a new attempt began, no answer sent to it yet",
				regmon_at(attempt->opened_ms, at));
		return;
	}
	regmon_evidence_add(evidence,
			"%s %u to the phone (CSeq %u), nothing came back in %s%s",
			regmon_at(attempt->challenge_ms, at), attempt->code,
			attempt->last_cseq,
			regmon_for(until_ms - attempt->challenge_ms, lasted),
			attempt->result == REGMON_RESULT_SILENT ? ": given up" : " so far");
}

static void silent_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	unsigned silent_before = regmon_supplement_of(registration)->silent_in_row;
	restarts_t restarts = restarts_of(registration);
	char lasted[REGMON_PRINT_LENGTH];

	(void)thresholds;
	silent_since(registration, now_ms, evidence);
	if(attempt->offered_security && attempt->challenges)
		regmon_evidence_add(evidence,
				attempt->challenge_had_security_server
						? "the phone offered sec-agree, the 401 carried a "
						  "Security-Server"
						: "the phone offered sec-agree, the 401 carried no "
						  "Security-Server: the phone has to give up");
	if(attempt->offered_security && challenge_is_no_vector(&registration->aka))
		regmon_evidence_add(evidence,
				"the 401 is none of AKA: algorithm and nonce in kamcmd "
				"ims_regmon.show WHO, aka");
	if(challenge_had_keys(registration))
		regmon_evidence_add(evidence,
				"the 401 to the phone still carried ck or ik (R401-03)");
	if(attempt->resyncs || attempt->mac_failures)
		regmon_evidence_add(evidence,
				"before that the phone refused the challenge: %u auts (SQN), "
				"%u empty response%s (MAC)",
				attempt->resyncs, attempt->mac_failures,
				regmon_plural(attempt->mac_failures));
	if(attempt->rejected_answers && attempt->challenges > 1)
		regmon_evidence_add(evidence,
				"before that %u response%s of the phone got 401 again",
				attempt->rejected_answers,
				regmon_plural(attempt->rejected_answers));
	if(attempt->retransmissions_after_answer)
		regmon_evidence_add(evidence,
				"the phone repeated its REGISTER %u time%s after the 401 had "
				"gone out: it did not receive it in time",
				attempt->retransmissions_after_answer,
				regmon_plural(attempt->retransmissions_after_answer));
	if(restarts.n)
		regmon_evidence_add(evidence,
				"%u time%s the phone began anew instead of answering a 401, at "
				"the latest %s after it",
				restarts.n, regmon_plural(restarts.n),
				regmon_for(restarts.longest_ms, lasted));
	if(silent_before)
		regmon_evidence_add(evidence,
				"%u attempt%s in a row stopped at the 401 without an answer",
				silent_before, regmon_plural(silent_before));
	if(attempt->challenges && registration->transport == 'T')
		regmon_evidence_add(evidence,
				"the phone uses TCP: the 401 cannot have been lost to "
				"fragmentation");
	if(attempt->driver_vias > 1)
		regmon_evidence_add(evidence,
				"seen %u Vias deep: not seen here is what the first hop sent",
				attempt->driver_vias);
}

static const regmon_cause_t causes[] = {
		{.id = "silent-after-challenge",
				.title = "The phone does not come back after the 401.",
				.cause = "Its protected REGISTER does not come through (IPsec "
						 "SA, protected ports, MTU; wrong K/OPc spoils CK/IK), "
						 "it gave up on the 401 (no Security-Server, AUTN "
						 "refused), or the 401 never arrived.",
				.inspect = "At the P-CSCF: ip -s xfrm state; ip xfrm policy; "
						   "nstat -az IpReasmFails IpFragFails XfrmInStateProtoError "
						   "XfrmInNoStates; tcpdump esp on the phone's address. "
						   "kamcmd ims_regmon.show WHO for SPIs and ports. 401 "
						   "as sent: Security-Server, size, no ck/ik left in it.",
				.next_step = "ESP arrives but no SIP: compare K/OPc, then "
							 "algorithms. Nothing arrives: path, MTU, firewall "
							 "for the protected ports. No Security-Server: the "
							 "P-CSCF's ipsec settings.",
				.refuted_by = "A REGISTER with credentials of the same Call-ID "
							  "within 240 s, at this node or at another "
							  "P-CSCF.",
				.clause = "TS 24.229 5.1.1.5.1, 7.8",
				.certain = NULL,
				.likely = "the last 401 stands unanswered for `silence_s` or "
						  "for the whole 240 s; or, while a new attempt has not "
						  "come further, the phone began anew twice instead of "
						  "answering, or once after more than `silence_s`",
				.possible = "the phone began anew once, soon; or the challenge "
							"was one to a de-registration (phones switch off "
							"meanwhile); or its answers had got 401 before "
							"(challenge-loop)",
				.not_when = "the phone still has time; it answered in any way, "
							"auts and empty response included; the 401 could "
							"not be sent; the attempt was refused or succeeded",
				.weight = 80,
				.suspects = silent_suspects,
				.not_of_success = true,
				.applies = silent_applies,
				.suspect = silent_suspect,
				.evidence = silent_evidence}};

const regmon_family_t regmon_family_silence = {causes, REGMON_COUNT(causes)};
