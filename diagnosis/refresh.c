/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Troubles after the 200: a phone that refreshes without end, a binding that does not last. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

/* ---- refresh-storm ---- */

/* The 200 gave less than the phone can live with: then coming early is its right answer. */
static bool grant_is_bad(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds)
{
	return regmon_supplement_of(registration)->bindings_missing > 0
		   || registration->granted_s < thresholds->short_grant_s;
}

static regmon_certainty_t storm_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	int64_t due_s = regmon_refresh_due_s(registration);
	int64_t early_s = due_s * thresholds->storm_ratio / 100;

	if(registration->early_refreshes == 0
			|| registration->early_refreshes < thresholds->storm_count
			|| !regmon_registration_is_bound(registration)
			|| registration->granted_s <= 0
			|| registration->shortest_refresh_s >= early_s)
		return REGMON_CERTAINTY_NONE;
	/* it stopped: the phone now waits as it should */
	if(now_ms - registration->last_seen_ms > early_s * 1000)
		return REGMON_POSSIBLE;
	return registration->failures_in_row > 0
						   || grant_is_bad(registration, thresholds)
				   ? REGMON_POSSIBLE
				   : REGMON_LIKELY;
}

enum storm_form
{
	STORM_STEADY,
	STORM_RETURNS
};

static const regmon_suspect_t storm_suspects[] = {
		[STORM_STEADY] = {"the refreshes are answered with 200",
				"The phone: a timer in the wrong unit, expires read from the "
				"wrong place of the 200, or a feature that toggles without "
				"showing in the REGISTER. When many phones do it at once, the "
				"200 of this network is the first suspect."},
		[STORM_RETURNS] = {"refreshes fail, too, or the binding is short or "
						   "missing",
				"The 200: the phone comes back because its refresh failed or "
				"its binding is not there; see the other cause first."},
		{NULL, NULL}};

static unsigned storm_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)now_ms;
	return registration->failures_in_row > 0
						   || grant_is_bad(registration, thresholds)
				   ? STORM_RETURNS
				   : STORM_STEADY;
}

/* Seconds between the 200s to the phone that the timeline holds, newest last. */
static void list_intervals(const regmon_registration_t *registration,
		regmon_number_list_t *intervals)
{
	const regmon_entry_t *entry;
	int64_t granted_ms = 0, at_ms;
	unsigned i;

	*intervals = (regmon_number_list_t){0};
	for(i = 0; i < registration->timeline_n; i++) {
		entry = regmon_registration_entry(registration, i);
		if(!regmon_is_of_phone(entry) || entry->kind != REGMON_ENTRY_ANSWER
				|| entry->code < 200 || entry->code >= 300)
			continue;
		at_ms = regmon_entry_at_ms(registration, entry);
		if(granted_ms && at_ms >= granted_ms)
			regmon_number_list_add(
					intervals, (uint32_t)((at_ms - granted_ms + 500) / 1000));
		granted_ms = at_ms;
	}
}

static void storm_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	regmon_number_list_t intervals;
	char at[REGMON_PRINT_LENGTH], ago[REGMON_PRINT_LENGTH];

	regmon_evidence_add(evidence,
			"%u refresh%s in a row came early, the earliest %d s after the "
			"200; due after %d s (granted %d s)",
			registration->early_refreshes,
			registration->early_refreshes == 1 ? "" : "es",
			registration->shortest_refresh_s,
			regmon_refresh_due_s(registration), registration->granted_s);
	list_intervals(registration, &intervals);
	if(intervals.n)
		regmon_evidence_add(
				evidence, "seconds from 200 to 200: %s", intervals.text);
	regmon_evidence_add(evidence,
			"no reason showed in them: same contact, feature tags, access "
			"type, PS data off");
	regmon_evidence_add(evidence, "the last REGISTER came at %s, %s ago",
			regmon_at(registration->last_seen_ms, at),
			regmon_for(now_ms - registration->last_seen_ms, ago));
	if(registration->failures_in_row)
		regmon_evidence_add(evidence,
				"speaks against it: %u attempt%s failed since, so the phone may "
				"be trying again",
				registration->failures_in_row,
				regmon_plural(registration->failures_in_row));
	if(registration->granted_s < thresholds->short_grant_s)
		regmon_evidence_add(evidence,
				"speaks against it: granted for %d s only",
				registration->granted_s);
}

/* ---- binding-does-not-hold ---- */

/* Initial REGISTERs inside the granted time; they count as long as the phone has not refreshed in peace since. */
#define RETURNS_ONCE_IS_A_REBOOT 2

static unsigned returns_of(const regmon_registration_t *registration)
{
	return registration->attempt.kind == REGMON_ATTEMPT_INITIAL
				   ? registration->returns_unprotected
				   : 0;
}

static bool granted_too_short(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds)
{
	return registration->granted_ms > 0 && registration->granted_s > 0
		   && registration->granted_s < thresholds->short_grant_s
		   && (regmon_registration_is_bound(registration)
				   || registration->state == REGMON_STATE_EXPIRED);
}

static bool asked_for_it(const regmon_registration_t *registration)
{
	const regmon_attempt_kind_t kind = registration->attempt.kind;

	/* neither a query nor a farewell that was refused asks for a time: then no claim */
	return kind == REGMON_ATTEMPT_QUERY || kind == REGMON_ATTEMPT_DEREGISTER
		   || (registration->requested_s > 0
				   && registration->requested_s <= registration->granted_s);
}

static regmon_certainty_t lost_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	unsigned missing = regmon_supplement_of(registration)->bindings_missing;
	unsigned returns;

	(void)now_ms;
	if(registration->state == REGMON_STATE_DEREGISTERED)
		return REGMON_CERTAINTY_NONE;
	if(missing)
		return missing >= 2 ? REGMON_CERTAIN : REGMON_LIKELY;
	returns = returns_of(registration);
	if(returns >= RETURNS_ONCE_IS_A_REBOOT)
		return REGMON_LIKELY;
	if(granted_too_short(registration, thresholds))
		return asked_for_it(registration) ? REGMON_POSSIBLE : REGMON_LIKELY;
	return returns ? REGMON_POSSIBLE : REGMON_CERTAINTY_NONE;
}

enum lost_form
{
	LOST_MISSING,
	LOST_RETURNS,
	LOST_SHORT,
	LOST_SHORT_ASKED
};

static const regmon_suspect_t lost_suspects[] = {
		[LOST_MISSING] = {"the 200 is without the phone's contact, or grants 0 s",
				"The registrar did not store this contact: its limit of "
				"contacts was reached and another one kept, Path or outbound "
				"was not accepted, or a node on the way changed the Contact."},
		[LOST_RETURNS] = {"initial REGISTERs within the granted time",
				"The phone lost the 200 or its SA: the 200 did not arrive, the "
				"old SA was deleted before the 200 went out, or the phone "
				"changed cell or address without the network noticing."},
		[LOST_SHORT] = {"granted for a short time, the phone asked for more",
				"The registrar's limits: max_expires or default_expires too "
				"low, or a pending time taken for the granted one."},
		[LOST_SHORT_ASKED] = {"granted for a short time, as the phone asked",
				"The phone's configuration: it asks for so little itself."},
		{NULL, NULL}};

static unsigned lost_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)now_ms;
	if(regmon_supplement_of(registration)->bindings_missing)
		return LOST_MISSING;
	if(granted_too_short(registration, thresholds)
			&& returns_of(registration) < RETURNS_ONCE_IS_A_REBOOT)
		return asked_for_it(registration) ? LOST_SHORT_ASKED : LOST_SHORT;
	return LOST_RETURNS;
}

static void lost_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	char at[REGMON_PRINT_LENGTH];
	unsigned returns = returns_of(registration);
	unsigned missing = regmon_supplement_of(registration)->bindings_missing;

	(void)now_ms;
	if(missing) {
		char buffer[REGMON_IDENTITY_LENGTH];
		str contact = regmon_identity_of(
				registration, REGMON_IDENTITY_CONTACT, buffer);

		regmon_evidence_add(evidence,
				"%u time%s in a row the 200 was without the phone's contact, or "
				"granted 0 s",
				missing, regmon_plural(missing));
		regmon_evidence_add(evidence, "contact of the phone: %.*s",
				contact.len, contact.s);
	}
	if(returns)
		regmon_evidence_add(evidence,
				"%u time%s in a row the phone came with a new, unprotected "
				"REGISTER inside the granted time, the last at %s",
				returns, regmon_plural(returns),
				regmon_at(registration->attempt.opened_ms, at));
	if(registration->granted_ms && registration->granted_s > 0)
		regmon_evidence_add(evidence, "last granted %d s at %s",
				registration->granted_s,
				regmon_at(registration->granted_ms, at));
	if(registration->requested_s > 0
			&& granted_too_short(registration, thresholds))
		regmon_evidence_add(evidence, "the phone asked for %d s",
				registration->requested_s);
	if(registration->short_grants)
		regmon_evidence_add(evidence, "%u short grant%s in a row",
				registration->short_grants,
				regmon_plural(registration->short_grants));
}

static const regmon_cause_t causes[] = {
		{.id = "refresh-storm",
				.title = "The phone refreshes again and again, long before it "
						 "has to.",
				.cause = "A timer fault of the phone, or a 200 whose expires it "
						 "misreads; many phones at once: a change in the "
						 "network's 200.",
				.inspect = "kamcmd ims_regmon.timeline WHO for the intervals; the "
						   "200 as sent: expires of the phone's own Contact, "
						   "other Contacts, Expires. kamcmd ims_regmon.summary: "
						   "how many phones share it; their device and software "
						   "version.",
				.next_step = "One phone: restart or update it. One model: report "
							 "it to the vendor, and grant a longer time or "
							 "answer 503 with Retry-After meanwhile. All phones: "
							 "look at the 200.",
				.refuted_by = "A change of contact, feature tags, access network "
							  "or PS data off with each REGISTER, or refreshes "
							  "that come when due.",
				.clause = "TS 24.229 5.1.1.4.1",
				.certain = NULL,
				.likely = "`storm_count` refreshes in a row came before "
						  "`storm_ratio` percent of their due time, none with "
						  "a visible reason, and the last one just now",
				.possible = "as many, but the phone is quiet by now, or refreshes "
							"fail, or the binding is short or missing",
				.not_when = "early because contact, features, access or PS data "
							"off changed; no binding is in force",
				.weight = 50,
				.suspects = storm_suspects,
				.applies = storm_applies,
				.suspect = storm_suspect,
				.evidence = storm_evidence},
		{.id = "binding-does-not-hold",
				.title = "The registration is accepted and does not last.",
				.cause = "The registrar did not store the contact, the network "
						 "takes it back, the phone loses the 200 or its SA, or "
						 "the granted time is too short.",
				.inspect = "kamcmd ulscscf.showimpu IMPU at the S-CSCF, kamcmd "
						   "ulpcscf.status at the P-CSCF: contact, expires, "
						   "state. All Contacts of the 200. ip -s xfrm state "
						   "before and after the 200. Parameters max_contacts, "
						   "max_expires, pending_reg_expires.",
				.next_step = "Contact missing: raise max_contacts or let the new "
							 "contact replace the old one. Phone returns: compare "
							 "the 200 at the P-CSCF with what left on the SA. "
							 "Short: raise the registrar's expires.",
				.refuted_by = "A refresh over the SA when it is due.",
				.clause = "RFC 3261 10.3, TS 24.229 5.1.1.2.1",
				.certain = "two 200s in a row without the phone's contact",
				.likely = "one such 200; or two initial REGISTERs in a row inside the "
						  "granted time; or granted less than `short_grant_s` "
						  "to a phone that asked for more",
				.possible = "one initial REGISTER inside the granted time (a "
							"restart looks the same); or a short time that the "
							"phone itself asked for",
				.not_when = "the phone took its binding back itself, or the "
							"network did (network-deregistered); it refreshed in "
							"peace after it had come back",
				.weight = 60,
				.suspects = lost_suspects,
				.applies = lost_applies,
				.suspect = lost_suspect,
				.evidence = lost_evidence}};

const regmon_family_t regmon_family_refresh = {causes, REGMON_COUNT(causes)};
