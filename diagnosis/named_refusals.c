/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refusals that name what is wrong: by their code, by a header, or by a reason phrase that everybody uses. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

/* the phone's answer is not one that the core gave, not even another branch of it */
static bool made_here(const regmon_attempt_t *attempt)
{
	return attempt->core_code != attempt->code;
}

static void say_answer(const regmon_registration_t *registration,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	char at[REGMON_PRINT_LENGTH];

	regmon_evidence_add(evidence, "%s %u %s (CSeq %u), %s",
			regmon_at(attempt->ended_ms ? attempt->ended_ms
										: attempt->last_request_ms,
					at),
			attempt->code, REGMON_REASON(registration), attempt->last_cseq,
			made_here(attempt) ? "made by this node" : "from the core");
}

/* ---- qos-refused ---- */

static regmon_certainty_t qos_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	return registration->attempt.result == REGMON_RESULT_REFUSED
						   && regmon_reason_has(registration, "qos")
				   ? REGMON_CERTAIN
				   : REGMON_CERTAINTY_NONE;
}

static const regmon_suspect_t qos_suspects[] = {
		{"the reason phrase names QoS",
				"PCRF or PCF: it knows no session for the phone's address (Gx, "
				"N7): address family, NAT between UPF and P-CSCF, APN/DNN or "
				"the wrong PCRF; else it refused the signalling flow."},
		{NULL, NULL}};

static void qos_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	char buffers[2][REGMON_IDENTITY_LENGTH];
	str source = regmon_identity_of(
			registration, REGMON_IDENTITY_SOURCE, buffers[0]);
	str contact = regmon_identity_of(
			registration, REGMON_IDENTITY_CONTACT, buffers[1]);

	(void)thresholds;
	(void)now_ms;
	say_answer(registration, evidence);
	regmon_evidence_add(evidence,
			"address that the PCRF is asked about: source %.*s, Contact %.*s",
			source.len, source.s, contact.len, contact.s);
	if(registration->behind_nat)
		regmon_evidence_add(evidence,
				"they differ: the phone is behind NAT for this node");
}

/* ---- next-hop-unresolvable ---- */

static regmon_certainty_t unresolvable_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(attempt->result != REGMON_RESULT_REFUSED
			|| (attempt->code != 478
					&& !regmon_reason_has(registration, "unresolvable")))
		return REGMON_CERTAINTY_NONE;
	return made_here(attempt) ? REGMON_CERTAIN : REGMON_LIKELY;
}

enum unresolvable_form
{
	UNRESOLVABLE_HERE,
	UNRESOLVABLE_THERE
};

static const regmon_suspect_t unresolvable_suspects[] = {
		[UNRESOLVABLE_HERE] = {"this node made the answer",
				"DNS of this node: no NAPTR, SRV or A record for the home "
				"domain or the next hop; or a wrong name in the script or in "
				"Route."},
		[UNRESOLVABLE_THERE] = {"it came from the core",
				"DNS of the node behind this one; ask it."},
		{NULL, NULL}};

static unsigned unresolvable_suspect(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	return made_here(&registration->attempt) ? UNRESOLVABLE_HERE
											 : UNRESOLVABLE_THERE;
}

static void unresolvable_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_rule_t *rule =
			regmon_broken_rule(registration, "RURI-01,RURI-02,RURI-03");

	(void)thresholds;
	(void)now_ms;
	say_answer(registration, evidence);
	if(rule)
		regmon_evidence_add(evidence, "the Request-URI broke %s: %s", rule->id,
				rule->text);
}

/* ---- interval-too-brief ---- */

/* the 423s of this attempt that the timeline still holds */
typedef struct too_brief
{
	unsigned n;
	int64_t last_ms;
} too_brief_t;

static too_brief_t read_too_brief(const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	too_brief_t read = {0, attempt->last_request_ms};
	const regmon_entry_t *entry;
	int64_t at_ms;
	unsigned i;

	for(i = 0; i < registration->timeline_n; i++) {
		entry = regmon_registration_entry(registration, i);
		at_ms = regmon_entry_at_ms(registration, entry);
		if(!regmon_is_of_phone(entry) || entry->kind != REGMON_ENTRY_ANSWER
				|| entry->code != 423 || at_ms < attempt->opened_ms)
			continue;
		read.n++;
		read.last_ms = at_ms;
	}
	return read;
}

static regmon_certainty_t brief_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	too_brief_t read;

	if(attempt->code != 423 || !regmon_last_answer_stands(attempt))
		return REGMON_CERTAINTY_NONE;
	if(attempt->ended_ms)
		return REGMON_CERTAIN;
	read = read_too_brief(registration);
	/* it has come again, and asks for as little as before */
	if(read.n > 1)
		return REGMON_LIKELY;
	return now_ms - read.last_ms
						   >= thresholds->no_answer_s * INT64_C(1000)
				   ? REGMON_LIKELY
				   : REGMON_POSSIBLE;
}

enum brief_form
{
	BRIEF_BY_REGISTRAR,
	BRIEF_NO_MINIMUM,
	BRIEF_BY_PHONE
};

static const regmon_suspect_t brief_suspects[] = {
		[BRIEF_BY_REGISTRAR] = {"the phone asked for an hour or more, or named no time",
				"The registrar: 423 is for less than an hour (RFC 3261 10.3), "
				"its minimum is too high."},
		[BRIEF_NO_MINIMUM] = {"the 423 has no Min-Expires",
				"The node that answers: without Min-Expires the phone cannot "
				"know what to ask for."},
		[BRIEF_BY_PHONE] = {"the phone asked for less than an hour",
				"The phone: its interval is below the registrar's minimum, and "
				"it does not take Min-Expires over."},
		{NULL, NULL}};

static unsigned brief_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	if(registration->requested_s >= 3600 || registration->requested_s < 0)
		return BRIEF_BY_REGISTRAR;
	return regmon_supplement_of(registration)->min_expires_s ? BRIEF_BY_PHONE : BRIEF_NO_MINIMUM;
}

static void brief_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(registration->requested_s >= 0)
		regmon_evidence_add(evidence, "423 to CSeq %u, which asked for %d s",
				attempt->last_cseq, registration->requested_s);
	else
		regmon_evidence_add(evidence, "423 to CSeq %u, which named no time",
				attempt->last_cseq);
	if(regmon_supplement_of(registration)->min_expires_s)
		regmon_evidence_add(
				evidence, "Min-Expires: %d s", regmon_supplement_of(registration)->min_expires_s);
	else
		regmon_evidence_add(evidence, "no Min-Expires in it");
	regmon_evidence_add(evidence, "%u REGISTERs in this attempt",
			attempt->requests);
}

/* ---- extension-refused ---- */

static bool is_about_extensions(int code)
{
	return code == 420 || code == 421 || code == 439;
}

static regmon_certainty_t extension_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(!is_about_extensions(attempt->code)
			|| !regmon_last_answer_stands(attempt))
		return REGMON_CERTAINTY_NONE;
	return attempt->ended_ms ? REGMON_CERTAIN : REGMON_POSSIBLE;
}

enum extension_form
{
	EXTENSION_PATH,
	EXTENSION_SEC_AGREE,
	EXTENSION_OUTBOUND,
	EXTENSION_OTHER
};

static const regmon_suspect_t extension_suspects[] = {
		[EXTENSION_PATH] = {"it is about path",
				"420: the REGISTER left the IMS, its target knows no Path "
				"(RFC 3327); 421: the phone does not list path in Supported."},
		[EXTENSION_SEC_AGREE] = {"it is about sec-agree",
				"420: the target is no P-CSCF, or sec-agree was left in Require "
				"on the way; 421: this network wants it and the phone does not "
				"offer it."},
		[EXTENSION_OUTBOUND] = {"it is about outbound (439)",
				"The first hop put no `ob` into its Path: outbound is not "
				"supported between phone and registrar (RFC 5626 6)."},
		[EXTENSION_OTHER] = {"any other tag",
				"The tag in Unsupported or Require of the answer."},
		{NULL, NULL}};

static unsigned extension_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	if(registration->attempt.code == 439
			|| (regmon_supplement_of(registration)->named_options & REGMON_OPTION_OUTBOUND))
		return EXTENSION_OUTBOUND;
	if(regmon_supplement_of(registration)->named_options & REGMON_OPTION_PATH)
		return EXTENSION_PATH;
	return regmon_supplement_of(registration)->named_options & REGMON_OPTION_SEC_AGREE
				   ? EXTENSION_SEC_AGREE
				   : EXTENSION_OTHER;
}

static void extension_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	(void)thresholds;
	(void)now_ms;
	say_answer(registration, evidence);
	regmon_evidence_add(evidence, "the phone lists in Supported:%s%s%s%s",
			registration->asked_options & REGMON_OPTION_PATH ? " path" : "",
			registration->asked_options & REGMON_OPTION_SEC_AGREE
					? " sec-agree"
					: "",
			registration->asked_options & REGMON_OPTION_OUTBOUND ? " outbound"
																 : "",
			registration->asked_options
							& (REGMON_OPTION_PATH | REGMON_OPTION_SEC_AGREE
									| REGMON_OPTION_OUTBOUND)
					? ""
					: " none of path, sec-agree, outbound");
}

static const regmon_cause_t causes[] = {
		{.id = "qos-refused",
				.title = "The registration is refused because the signalling "
						 "bearer was not authorised (Rx, N5).",
				.cause = "PCRF or PCF find no session for the phone's address, or "
						 "refuse the flow.",
				.inspect = "P-CSCF log: AAR and AAA, Experimental-Result. PCRF "
						   "and SMF: the session of this address, its APN/DNN. "
						   "kamcmd cdp.list_peers at the P-CSCF; kamcmd "
						   "ims_regmon.list code=403.",
				.next_step = "Compare the address in the AAR with the one the "
							 "phone got from the SMF; same address family, no "
							 "NAT between.",
				.refuted_by = "A successful AAA for this address at that second.",
				.clause = "TS 29.214 4.4.5, TS 24.229 5.2.2",
				.certain = "the attempt was refused, and the reason phrase names "
						   "QoS",
				.likely = NULL,
				.possible = NULL,
				.not_when = "a 403 whose reason phrase does not name it",
				.weight = 92,
				.suspects = qos_suspects,
				.not_of_success = true,
				.applies = qos_applies,
				.suspect = regmon_only_suspect,
				.evidence = qos_evidence},
		{.id = "next-hop-unresolvable",
				.title = "The next hop's name cannot be resolved.",
				.cause = "DNS: no NAPTR, SRV or A record for the home domain, no "
						 "DNS server, or a wrong name in the script.",
				.inspect = "On this node: dig NAPTR, SRV, A of the home domain; "
						   "resolv.conf; dns_srv_lb and use_dns_cache of "
						   "Kamailio. kamcmd dns.lookup A NAME; kamcmd "
						   "ims_regmon.decode WHO: Request-URI.",
				.next_step = "Add the records, or give the next hop by address in "
							 "the script.",
				.refuted_by = "The REGISTER on its way to the next hop.",
				.clause = "RFC 3263 4, TS 23.003 13.2",
				.certain = "this node answered 478, or a phrase that says "
						   "unresolvable",
				.likely = "the answer came from the core",
				.possible = NULL,
				.not_when = "the next hop got the REGISTER and did not answer "
							"(no-answer-from-core)",
				.weight = 84,
				.suspects = unresolvable_suspects,
				.not_of_success = true,
				.applies = unresolvable_applies,
				.suspect = unresolvable_suspect,
				.evidence = unresolvable_evidence},
		{.id = "interval-too-brief",
				.title = "The network wants a longer interval than the phone "
						 "asks for (423).",
				.cause = "The phone's expires is below the registrar's minimum "
						 "and it does not raise it.",
				.inspect = "Expires and expires of the REGISTERs, Min-Expires of "
						   "the 423; min_expires of the registrar. kamcmd "
						   "ims_regmon.timeline WHO.",
				.next_step = "Raise the phone's interval (IMS: 600000 s) or lower "
							 "the registrar's minimum below 3600 s.",
				.refuted_by = "A REGISTER with at least Min-Expires that gets "
							  "200.",
				.clause = "RFC 3261 10.2.8, 10.3",
				.certain = "the attempt ended with 423",
				.likely = "423, and the phone came with as little again, or did "
						  "not come for `no_answer_s`",
				.possible = "423 just now: the phone is expected to ask for more",
				.not_when = "the phone asked for more and got 200",
				.weight = 71,
				.suspects = brief_suspects,
				.not_of_success = true,
				.applies = brief_applies,
				.suspect = brief_suspect,
				.evidence = brief_evidence},
		{.id = "extension-refused",
				.title = "An extension is required on one side and not supported "
						 "on the other.",
				.cause = "path, sec-agree or outbound: the REGISTER reached a "
						 "node outside the IMS, or the phone's profile does not "
						 "fit this network.",
				.inspect = "Unsupported or Require of the answer; Require, "
						   "Proxy-Require and Supported of the REGISTER at each "
						   "hop. kamcmd ims_regmon.decode WHO.",
				.next_step = "420: see where the REGISTER went. 421, 439: the "
							 "phone's or the first hop's support for the tag.",
				.refuted_by = "The same tag accepted by the same node.",
				.clause = "RFC 3261 8.2.2.3, RFC 3327 5, RFC 5626 6",
				.certain = "the attempt ended with 420, 421 or 439",
				.likely = NULL,
				.possible = "421, and the phone is expected to try again",
				.not_when = "the phone tried again and got on",
				.weight = 69,
				.suspects = extension_suspects,
				.not_of_success = true,
				.applies = extension_applies,
				.suspect = extension_suspect,
				.evidence = extension_evidence}};

const regmon_family_t regmon_family_named_refusals = {
		causes, REGMON_COUNT(causes)};
