/* SPDX-License-Identifier: GPL-2.0-or-later */
/* REGISTERs that are refused for what they say: rules broken, identities that do not belong together. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

#define IDENTITY_RULES \
	"RURI-01,RURI-02,RURI-03,RURI-04,TO-01,TO-02,TO-05,FROM-01,AUTH-03,AUTH-04"
#define CREDENTIAL_RULES \
	"AUTH-06,AUTH-07,AUTH-08,AUTH-09,AUTH-10,AUTH-12,AUTH-15,AUTH-17,AUTH-25"

static void list_rules(const regmon_registration_t *registration,
		const char *only, regmon_evidence_t *evidence)
{
	const regmon_rule_t *rule;
	unsigned i;

	for(i = 0; i < REGMON_LAST_FINDINGS && registration->last_findings[i];
			i++) {
		rule = regmon_rule_at(registration->last_findings[i] - 1u);
		if(rule == NULL || (only && strstr(only, rule->id) == NULL))
			continue;
		regmon_evidence_add(evidence, "%s (%s): %s", rule->id, rule->clause,
				rule->text);
	}
}

static void say_refused(const regmon_registration_t *registration,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	char at[REGMON_PRINT_LENGTH];

	if(attempt->result == REGMON_RESULT_REFUSED)
		regmon_evidence_add(evidence, "%s %u %s, %s",
				regmon_at(attempt->ended_ms, at), attempt->code,
				REGMON_REASON(registration),
				attempt->core_code == attempt->code ? "from the core"
													: "made by this node");
	else
		regmon_evidence_add(evidence, "%s the attempt ended: %s",
				regmon_at(attempt->ended_ms, at),
				regmon_result_name(attempt->result));
}

/* ---- identity-mismatch ---- */

static bool is_about_identity(int code)
{
	return code == 400 || code == 403 || code == 404 || code == 416
		   || code == 478 || code == 480 || code == 483 || code == 502
		   || code == 503 || code == 504 || code == 604;
}

static regmon_certainty_t identity_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(!regmon_has_failed(attempt)
			|| regmon_broken_rule(registration, IDENTITY_RULES) == NULL)
		return REGMON_CERTAINTY_NONE;
	if(attempt->result == REGMON_RESULT_REFUSED)
		return is_about_identity(attempt->code) ? REGMON_LIKELY
												: REGMON_CERTAINTY_NONE;
	return attempt->result == REGMON_RESULT_UNANSWERED
				   ? REGMON_POSSIBLE
				   : REGMON_CERTAINTY_NONE;
}

enum identity_form
{
	IDENTITY_DOMAIN,
	IDENTITY_IMSI,
	IDENTITY_OTHER
};

static const regmon_suspect_t identity_suspects[] = {
		[IDENTITY_DOMAIN] = {"the Request-URI is at fault (RURI-..)",
				"The phone's home domain: derived from the wrong MNC length, "
				"set by hand, or it is the P-CSCF's own address, which the "
				"P-CSCF then tries to reach itself."},
		[IDENTITY_IMSI] = {"IMSI, IMPI and domain disagree (TO-05, AUTH-..)",
				"The card's or profile's identities: another IMSI, MNC with two "
				"instead of three digits, or data of a test profile."},
		[IDENTITY_OTHER] = {"any other of these rules",
				"The phone's configuration of its public identity."},
		{NULL, NULL}};

static unsigned identity_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	if(regmon_broken_rule(
			   registration, "RURI-01,RURI-02,RURI-03,RURI-04,TO-02"))
		return IDENTITY_DOMAIN;
	return regmon_broken_rule(registration, "TO-05,AUTH-03,AUTH-04")
				   ? IDENTITY_IMSI
				   : IDENTITY_OTHER;
}

static void identity_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	char buffers[2][REGMON_IDENTITY_LENGTH];
	str impu = regmon_identity_of(
			registration, REGMON_IDENTITY_IMPU, buffers[0]);
	str impi = regmon_identity_of(
			registration, REGMON_IDENTITY_IMPI, buffers[1]);

	(void)thresholds;
	(void)now_ms;
	say_refused(registration, evidence);
	list_rules(registration, IDENTITY_RULES, evidence);
	regmon_evidence_add(evidence, "IMPU %.*s, IMPI %.*s", impu.len, impu.s,
			impi.len, impi.s);
}

/* ---- broken-register ---- */

/* when it came is no matter of form: cseq-regression, back-off-ignored and others say that */
static bool is_of_order(const regmon_rule_t *rule)
{
	return strncmp(rule->id, "CSEQ-02", 7) == 0
		   || strncmp(rule->id, "CSEQ-03", 7) == 0
		   || strncmp(rule->id, "ST-", 3) == 0;
}

static const regmon_rule_t *worst_rule_of_form(
		const regmon_registration_t *registration)
{
	const regmon_rule_t *rule;
	unsigned i;

	for(i = 0; i < REGMON_LAST_FINDINGS && registration->last_findings[i];
			i++) {
		rule = regmon_rule_at(registration->last_findings[i] - 1u);
		if(rule && !is_of_order(rule))
			return rule;
	}
	return NULL;
}

static regmon_certainty_t broken_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	const regmon_rule_t *rule = worst_rule_of_form(registration);
	const regmon_rule_t *credentials =
			regmon_broken_rule(registration, CREDENTIAL_RULES);

	(void)thresholds;
	(void)now_ms;
	if(attempt->result != REGMON_RESULT_REFUSED || rule == NULL
			|| regmon_reason_names_subscription(registration))
		return REGMON_CERTAINTY_NONE;
	if(rule->answer == attempt->code)
		return REGMON_LIKELY;
	if(credentials && attempt->last_credentials != REGMON_CREDENTIALS_NONE
			&& attempt->code == 403)
		return REGMON_LIKELY;
	if(attempt->code < 400 || attempt->code >= 500 || attempt->code == 408
			|| attempt->code == 480)
		return REGMON_CERTAINTY_NONE;
	return attempt->code == 400 ? REGMON_LIKELY : REGMON_POSSIBLE;
}

enum broken_form
{
	BROKEN_CREDENTIALS,
	BROKEN_HEADER
};

static const regmon_suspect_t broken_suspects[] = {
		[BROKEN_CREDENTIALS] = {"a rule about Authorization is broken",
				"The phone's digest: a parameter is missing or malformed, so "
				"the S-CSCF cannot check the response (qop without nc and "
				"cnonce, wrong uri, wrong algorithm)."},
		[BROKEN_HEADER] = {"any other rule",
				"The phone's stack, or a node on the way that changed the "
				"header."},
		{NULL, NULL}};

static unsigned broken_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	return regmon_broken_rule(registration, CREDENTIAL_RULES)
				   ? BROKEN_CREDENTIALS
				   : BROKEN_HEADER;
}

static void broken_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	char buffer[REGMON_IDENTITY_LENGTH];
	str device = regmon_identity_of(
			registration, REGMON_IDENTITY_DEVICE, buffer);

	(void)thresholds;
	(void)now_ms;
	say_refused(registration, evidence);
	list_rules(registration, NULL, evidence);
	if(device.len)
		regmon_evidence_add(
				evidence, "device: %.*s", device.len, device.s);
}

static const regmon_cause_t causes[] = {
		{.id = "identity-mismatch",
				.title = "Domain and identities of the REGISTER do not fit, and "
						 "it is refused.",
				.cause = "Wrong home domain, MNC length, or identities of "
						 "different subscriptions in one REGISTER.",
				.inspect = "kamcmd ims_regmon.decode WHO: Request-URI, To, "
						   "username and realm beside the card (EF_IMPI, "
						   "EF_IMPU, EF_DOMAIN) and the HSS. home_domain of this "
						   "module.",
				.next_step = "Correct the ISIM or the derivation in the phone; or "
							 "home_domain, where the domain is right.",
				.refuted_by = "The same identities accepted elsewhere in this "
							  "network.",
				.clause = "TS 23.003 13.2, 13.4B, TS 24.229 5.1.1.1A",
				.certain = NULL,
				.likely = "the last REGISTER broke a rule about Request-URI, "
						  "To, From or username, and the attempt was refused "
						  "with 400, 403, 404, 416, 478, 480, 483, 502, 503, "
						  "504 or 604",
				.possible = "it broke one, and nobody answered",
				.not_when = "refused with another code; accepted all the same "
							"(operator values are free)",
				.weight = 91,
				.suspects = identity_suspects,
				.not_of_success = true,
				.applies = identity_applies,
				.suspect = identity_suspect,
				.evidence = identity_evidence},
		{.id = "broken-register",
				.title = "The REGISTER breaks a rule, and it is refused.",
				.cause = "A fault in the phone's stack, or a node on the way that "
						 "changed a header.",
				.inspect = "kamcmd ims_regmon.decode WHO, header by header; kamcmd "
						   "ims_regmon.explain RULE for each rule named; kamcmd "
						   "ims_regmon.list finding=RULE: is it the model.",
				.next_step = "Compare with a REGISTER of another model that is "
							 "accepted; capture before and behind the P-CSCF.",
				.refuted_by = "The same REGISTER accepted at another time.",
				.clause = "RFC 3261 10.3",
				.certain = NULL,
				.likely = "the answer's code is the one that the clause of the "
						  "worst broken rule gives; or a rule about credentials "
						  "is broken and the answer is 400 or 403; or the answer "
						  "is 400",
				.possible = "a rule of severity warning or above is broken, and "
							"the answer is another 4xx",
				.not_when = "the reason phrase names the subscription; 408, 480 "
							"and 5xx, unless the clause gives just that code; no "
							"rule is broken, or only ones about order and time",
				.weight = 89,
				.suspects = broken_suspects,
				.not_of_success = true,
				.applies = broken_applies,
				.suspect = broken_suspect,
				.evidence = broken_evidence}};

const regmon_family_t regmon_family_form = {causes, REGMON_COUNT(causes)};
