/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What phones do at the wrong time: not refresh, come too soon, send two at once, share one identity. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

/* ---- expired-without-refresh ---- */

/* a phone that is here this soon after its binding ran out was there all the time */
#define SOON_MS INT64_C(600000)

static const regmon_entry_t *last_expiry(
		const regmon_registration_t *registration)
{
	const regmon_entry_t *entry;
	unsigned i;

	for(i = registration->timeline_n; i-- > 0;) {
		entry = regmon_registration_entry(registration, i);
		if(entry->kind == REGMON_ENTRY_EXPIRED)
			return entry;
		if(regmon_is_of_phone(entry) && entry->kind == REGMON_ENTRY_ANSWER
				&& entry->code >= 200 && entry->code < 300)
			return NULL;
	}
	return NULL;
}

static bool is_vain_before(const regmon_attempt_t *attempt, int64_t expired_ms)
{
	return attempt->kind != REGMON_ATTEMPT_NONE
		   && attempt->kind != REGMON_ATTEMPT_QUERY
		   && attempt->result != REGMON_RESULT_SUCCESS
		   && attempt->opened_ms <= expired_ms;
}

/* The phone did send something between its last 200 and the end: then what kept that from success is the trouble. */
static bool tried_before(const regmon_registration_t *registration,
		const regmon_entry_t *expiry)
{
	const regmon_entry_t *entry;
	int64_t expired_ms = regmon_entry_at_ms(registration, expiry);
	bool is_older = false;
	unsigned i;

	for(i = registration->timeline_n; i-- > 0;) {
		entry = regmon_registration_entry(registration, i);
		if(is_older && regmon_is_of_phone(entry)) {
			if(entry->kind == REGMON_ENTRY_REQUEST)
				return true;
			if(entry->kind == REGMON_ENTRY_ANSWER && entry->code >= 200
					&& entry->code < 300)
				return false;
		}
		is_older |= entry == expiry;
	}
	return is_vain_before(&registration->attempt, expired_ms)
		   || is_vain_before(
				   &regmon_supplement_of(registration)->before, expired_ms);
}

/* when the phone was back, 0: not since */
static int64_t returned_ms(const regmon_registration_t *registration,
		const regmon_entry_t *expiry)
{
	const regmon_entry_t *entry;
	int64_t returned = 0;
	unsigned i;

	for(i = registration->timeline_n; i-- > 0;) {
		entry = regmon_registration_entry(registration, i);
		if(entry == expiry)
			break;
		if(regmon_is_of_phone(entry) && entry->kind == REGMON_ENTRY_REQUEST)
			returned = regmon_entry_at_ms(registration, entry);
	}
	return returned;
}

static bool came_back_soon(const regmon_registration_t *registration,
		const regmon_entry_t *expiry)
{
	int64_t returned = returned_ms(registration, expiry);

	return returned
		   && returned - regmon_entry_at_ms(registration, expiry) <= SOON_MS;
}

static regmon_certainty_t expired_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_entry_t *expiry;

	(void)thresholds;
	(void)now_ms;
	if(registration->expired_in_row == 0)
		return REGMON_CERTAINTY_NONE;
	expiry = last_expiry(registration);
	if(expiry == NULL || tried_before(registration, expiry))
		return REGMON_CERTAINTY_NONE;
	return registration->expired_in_row >= 2
						   || came_back_soon(registration, expiry)
						   || (registration->attempt.changed_on_way
								   & REGMON_CHANGED_EXPIRES)
				   ? REGMON_LIKELY
				   : REGMON_POSSIBLE;
}

enum expired_form
{
	EXPIRED_CHANGED,
	EXPIRED_WAS_THERE,
	EXPIRED_GONE
};

static const regmon_suspect_t expired_suspects[] = {
		[EXPIRED_CHANGED] = {"this node changed the expires of the 200",
				"This node: the phone was told another time than the registrar "
				"keeps."},
		[EXPIRED_WAS_THERE] = {"the phone came back within 10 minutes",
				"The phone was there and did not refresh in time: it reads the "
				"expires of another Contact or of its own request, or its "
				"refresh did not get through (SA, TCP connection, NAT)."},
		[EXPIRED_GONE] = {"the phone has not come back, or later than that",
				"Coverage, battery or a crash: it left without taking its "
				"binding back. One phone is no trouble; many of one cell or "
				"model are."},
		{NULL, NULL}};

static unsigned expired_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_entry_t *expiry = last_expiry(registration);

	(void)thresholds;
	(void)now_ms;
	if(registration->attempt.changed_on_way & REGMON_CHANGED_EXPIRES)
		return EXPIRED_CHANGED;
	return expiry && came_back_soon(registration, expiry) ? EXPIRED_WAS_THERE
														  : EXPIRED_GONE;
}

static void expired_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_entry_t *expiry = last_expiry(registration);
	char at[REGMON_PRINT_LENGTH], after[REGMON_PRINT_LENGTH];
	int64_t expired_ms, returned;

	(void)thresholds;
	(void)now_ms;
	if(expiry == NULL)
		return;
	expired_ms = regmon_entry_at_ms(registration, expiry);
	returned = returned_ms(registration, expiry);
	regmon_evidence_add(evidence,
			"%s the binding ran out; granted %d s at %s, refresh due after %d s",
			regmon_at(expired_ms, at), registration->granted_s,
			regmon_at(registration->granted_ms, after),
			regmon_refresh_due_s(registration));
	if(returned)
		regmon_evidence_add(evidence, "the phone came back %s later",
				regmon_for(returned - expired_ms, after));
	if(registration->requested_s > registration->granted_s)
		regmon_evidence_add(evidence, "the phone had asked for %d s",
				registration->requested_s);
	if(registration->expired_in_row > 1)
		regmon_evidence_add(evidence, "%u bindings in a row ran out",
				registration->expired_in_row);
}

/* ---- back-off-ignored ---- */

static regmon_certainty_t early_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_supplement_t *supplement = regmon_supplement_of(registration);

	(void)thresholds;
	(void)now_ms;
	if(supplement->early_retries == 0
			|| registration->attempt.result == REGMON_RESULT_SUCCESS)
		return REGMON_CERTAINTY_NONE;
	return supplement->early_retries >= 3 ? REGMON_LIKELY : REGMON_POSSIBLE;
}

enum early_form
{
	EARLY_RETRY_AFTER,
	EARLY_BACK_OFF
};

static const regmon_suspect_t early_suspects[] = {
		[EARLY_RETRY_AFTER] = {"the refusals had Retry-After",
				"The phone's stack: it does not look at Retry-After."},
		[EARLY_BACK_OFF] = {"they had none",
				"The phone's stack: its waiting time does not grow with the "
				"number of failures. Answer with Retry-After, and limit its "
				"rate here."},
		{NULL, NULL}};

static unsigned early_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	return regmon_supplement_of(registration)->retry_after_s
				   ? EARLY_RETRY_AFTER
				   : EARLY_BACK_OFF;
}

static void early_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_supplement_t *supplement = regmon_supplement_of(registration);
	const regmon_attempt_t *before = &supplement->before;
	char wait[REGMON_PRINT_LENGTH], least[REGMON_PRINT_LENGTH];

	(void)thresholds;
	(void)now_ms;
	regmon_evidence_add(evidence,
			"%u attempt%s in a row began too early after a refusal",
			supplement->early_retries,
			regmon_plural(supplement->early_retries));
	if(before->kind != REGMON_ATTEMPT_NONE)
		regmon_evidence_add(evidence, "the last came %s after %u",
				regmon_for(
						registration->attempt.opened_ms - before->ended_ms,
						wait),
				before->code);
	if(supplement->retry_after_s)
		regmon_evidence_add(evidence, "Retry-After: %u s",
				supplement->retry_after_s);
	if(regmon_least_wait_ms(registration->failures_in_row) == 0)
		return;
	regmon_evidence_add(evidence,
			"after %u failure%s in a row it should wait %s at least",
			registration->failures_in_row,
			regmon_plural(registration->failures_in_row),
			regmon_for(regmon_least_wait_ms(registration->failures_in_row),
					least));
}

/* ---- overlapping-registers ---- */

static regmon_certainty_t overlap_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	unsigned in_row = regmon_supplement_of(registration)->overlaps_in_row;

	(void)thresholds;
	(void)now_ms;
	if(attempt->result == REGMON_RESULT_SUCCESS)
		return REGMON_CERTAINTY_NONE;
	if(in_row >= 2
			|| (attempt->overlaps && regmon_has_failed(attempt)))
		return REGMON_LIKELY;
	return attempt->overlaps || in_row ? REGMON_POSSIBLE
									   : REGMON_CERTAINTY_NONE;
}

static const regmon_suspect_t overlap_suspects[] = {
		{"REGISTERs cross",
				"The phone sends a REGISTER while another one is unanswered "
				"(registration and de-registration at once, two stacks, a "
				"timer far below T1): the core's transactions for one contact "
				"collide."},
		{NULL, NULL}};

static void overlap_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	const regmon_supplement_t *supplement = regmon_supplement_of(registration);
	const regmon_attempt_t *before = &supplement->before;

	(void)thresholds;
	(void)now_ms;
	if(attempt->overlaps)
		regmon_evidence_add(evidence,
				"overlapping REGISTERs in this attempt (%s): %u",
				regmon_attempt_name(attempt->kind), attempt->overlaps);
	if(attempt->overlaps && before->kind != REGMON_ATTEMPT_NONE
			&& before->result == REGMON_RESULT_SUPERSEDED)
		regmon_evidence_add(evidence, "the attempt before it (%s) was overtaken",
				regmon_attempt_name(before->kind));
	if(supplement->overlaps_in_row)
		regmon_evidence_add(evidence, "failed attempts with such overlaps: %u",
				supplement->overlaps_in_row);
}

/* ---- duplicate-device ---- */

static regmon_certainty_t duplicate_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	if(registration->replaced_in_row >= 2)
		return REGMON_LIKELY;
	return registration->replaced_in_row ? REGMON_POSSIBLE
										 : REGMON_CERTAINTY_NONE;
}

static const regmon_suspect_t duplicate_suspects[] = {
		{"two devices in turn",
				"Two devices use one identity and the registrar keeps one "
				"binding: a copied profile, a SIM clone, a test tool; or "
				"max_contacts is 1 where two devices are wanted."},
		{NULL, NULL}};

static void duplicate_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	char buffer[REGMON_IDENTITY_LENGTH];
	str instance = regmon_identity_of(
			registration, REGMON_IDENTITY_INSTANCE, buffer);
	const regmon_entry_t *entry;
	char at[REGMON_PRINT_LENGTH];
	unsigned i;

	(void)thresholds;
	(void)now_ms;
	regmon_evidence_add(evidence,
			"%u time%s in a row a 200 to another device did not list this one, "
			"and this one then began anew inside its granted time",
			registration->replaced_in_row,
			regmon_plural(registration->replaced_in_row));
	for(i = registration->timeline_n; i-- > 0;) {
		entry = regmon_registration_entry(registration, i);
		if(entry->kind != REGMON_ENTRY_REPLACED)
			continue;
		regmon_evidence_add(evidence, "the last time at %s",
				regmon_at(regmon_entry_at_ms(registration, entry), at));
		break;
	}
	if(instance.len)
		regmon_evidence_add(
				evidence, "this device: %.*s", instance.len, instance.s);
}

static const regmon_cause_t causes[] = {
		{.id = "expired-without-refresh",
				.title = "The binding ran out: the phone neither refreshed it nor "
						 "took it back.",
				.cause = "Loss of coverage or power; a phone that reads another "
						 "expires; a refresh that does not get through.",
				.inspect = "kamcmd ims_regmon.timeline WHO: granted time and the "
						   "time of the next REGISTER. The 200 as sent: expires "
						   "of the phone's own Contact. kamcmd ims_regmon.list "
						   "cause=expired-without-refresh: one cell or model?",
				.next_step = "Phones that come back soon: compare the granted time "
							 "with the phone's log; look for ESP or TCP from it "
							 "at the time the refresh was due.",
				.refuted_by = "A refresh or de-registration at another P-CSCF.",
				.clause = "TS 24.229 5.1.1.4.1",
				.certain = NULL,
				.likely = "it ran out, and the phone came back within 10 "
						  "minutes; or two bindings in a row ran out; or this "
						  "node changed the expires of the 200",
				.possible = "it ran out once, and the phone has not come back "
							"within 10 minutes",
				.not_when = "a refresh was tried, or another REGISTER came in its "
							"time, in vain so far (then its cause is named); the "
							"phone or the network took it back",
				.weight = 58,
				.suspects = expired_suspects,
				.applies = expired_applies,
				.suspect = expired_suspect,
				.evidence = expired_evidence},
		{.id = "back-off-ignored",
				.title = "The phone comes again sooner than it may.",
				.cause = "It ignores Retry-After, or its waiting time does not "
						 "grow with the failures.",
				.inspect = "kamcmd ims_regmon.timeline WHO: time from refusal to "
						   "the next REGISTER. Retry-After in the answers.",
				.next_step = "Solve the failure itself first (the other causes "
							 "here). Then limit the rate of this model.",
				.refuted_by = "A change of access network or a user's action "
							  "before each attempt.",
				.clause = "RFC 5626 4.5, TS 24.229 5.1.1.2.1",
				.certain = NULL,
				.likely = "three attempts in a row came before Retry-After was "
						  "over, or before half of the back-off time",
				.possible = "one or two attempts in a row did",
				.not_when = "the first retry after a failure without "
							"Retry-After; the attempt succeeded",
				.weight = 52,
				.suspects = early_suspects,
				.not_of_success = true,
				.applies = early_applies,
				.suspect = early_suspect,
				.evidence = early_evidence},
		{.id = "overlapping-registers",
				.title = "The phone has more than one REGISTER under way at once.",
				.cause = "Registration and de-registration at the same time, two "
						 "stacks, or a timer that is too short.",
				.inspect = "kamcmd ims_regmon.timeline WHO: REGISTERs before the "
						   "answer to the one before. Log of P-CSCF and S-CSCF "
						   "for this contact.",
				.next_step = "The phone has to wait for the final answer (RFC 3261 "
							 "10.2); until then serialise per contact in the "
							 "script.",
				.refuted_by = "A final answer to the first REGISTER before the "
							  "second one left the phone.",
				.clause = "RFC 3261 10.2",
				.certain = NULL,
				.likely = "it happened in an attempt that failed, or in two "
						  "failed attempts in a row",
				.possible = "it happened, and the attempt is still open; or in "
							"the failed attempt before",
				.not_when = "repetitions of the same REGISTER; a new one after "
							"the final answer or the timeout",
				.weight = 66,
				.suspects = overlap_suspects,
				.not_of_success = true,
				.applies = overlap_applies,
				.suspect = regmon_only_suspect,
				.evidence = overlap_evidence},
		{.id = "duplicate-device",
				.title = "Two devices take this identity's binding from each "
						 "other.",
				.cause = "A copied profile or SIM, a test tool, or a registrar "
						 "that keeps one contact where two are wanted.",
				.inspect = "kamcmd ims_regmon.list and kamcmd ims_regmon.show IMPU: "
						   "two records with different IMEI. Registrar: "
						   "max_contacts, overwrite mode.",
				.next_step = "Find the second device by its IMEI and address; "
							 "raise max_contacts if both are meant.",
				.refuted_by = "Both bindings in one 200, or both refresh in peace.",
				.clause = "RFC 3261 10.3, RFC 5626 6",
				.certain = NULL,
				.likely = "twice in a row a 200 to a device with another instance "
						  "did not list this one, and it then had to begin anew "
						  "inside its granted time",
				.possible = "the same, once so far",
				.not_when = "it refreshes in peace; the same device with a new "
							"address; nodes that list only the asker's contact",
				.weight = 72,
				.suspects = duplicate_suspects,
				.applies = duplicate_applies,
				.suspect = regmon_only_suspect,
				.evidence = duplicate_evidence}};

const regmon_family_t regmon_family_phone = {causes, REGMON_COUNT(causes)};
