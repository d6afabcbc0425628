/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bindings that go without the phone having asked for it: the registrar takes them back, or this node's store does. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

/* ---- network-deregistered ---- */

static bool removed_since_granted(const regmon_registration_t *registration)
{
	const regmon_supplement_t *supplement = registration->supplement;

	return supplement && supplement->network.removed_ms
		   && supplement->network.removed_ms >= registration->granted_ms
		   && !registration->kept.ended_here;
}

static regmon_certainty_t removed_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_network_t *network =
			&regmon_supplement_of(registration)->network;
	const regmon_attempt_t *attempt = &registration->attempt;

	(void)thresholds;
	(void)now_ms;
	if(!removed_since_granted(registration)
			|| regmon_registration_is_bound(registration))
		return REGMON_CERTAINTY_NONE;
	if(attempt->opened_ms <= network->removed_ms || network->attempts_against)
		return REGMON_CERTAIN;
	/* it came back, as it may: what keeps it from registering is told by that attempt */
	return REGMON_POSSIBLE;
}

enum removed_form
{
	REMOVED_REJECTED,
	REMOVED_PROBATION,
	REMOVED_DEACTIVATED,
	REMOVED_EXPIRED,
	REMOVED_UNREGISTERED,
	REMOVED_NO_REASON
};

static const regmon_suspect_t removed_suspects[] = {
		[REMOVED_REJECTED] = {"the registrar says rejected",
				"HSS: the subscription was taken away or barred (RTR, PERMANENT "
				"TERMINATION); the phone must not come back by itself."},
		[REMOVED_PROBATION] = {"the registrar says probation",
				"S-CSCF: it sends phones away for a time (maintenance, "
				"overload) and lets them in again after retry-after."},
		[REMOVED_DEACTIVATED] = {"the registrar says deactivated",
				"HSS or S-CSCF: the phone is to register again at once, with "
				"another S-CSCF or a changed profile (RTR, NEW SERVER "
				"ASSIGNED, SERVER CHANGE)."},
		[REMOVED_EXPIRED] = {"the registrar says expired",
				"The S-CSCF did not get the refresh in its time: it granted "
				"less than this node saw, or the refresh did not come as far."},
		[REMOVED_UNREGISTERED] = {"the registrar says unregistered",
				"Somebody took the binding back with a REGISTER that this node "
				"did not see: the phone over another P-CSCF, or a network node "
				"in its name."},
		[REMOVED_NO_REASON] = {"the registrar gives no reason",
				"HSS or S-CSCF: an RTR, an operator's command, or the S-CSCF "
				"restarted; its log at that second says which."},
		{NULL, NULL}};

static unsigned removed_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	switch(regmon_supplement_of(registration)->network.event) {
		case REGMON_REGINFO_REJECTED:
			return REMOVED_REJECTED;
		case REGMON_REGINFO_PROBATION:
			return REMOVED_PROBATION;
		case REGMON_REGINFO_DEACTIVATED:
			return REMOVED_DEACTIVATED;
		case REGMON_REGINFO_EXPIRED:
			return REMOVED_EXPIRED;
		case REGMON_REGINFO_UNREGISTERED:
			return REMOVED_UNREGISTERED;
		default:
			return REMOVED_NO_REASON;
	}
}

static void removed_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_network_t *network =
			&regmon_supplement_of(registration)->network;
	char at[REGMON_PRINT_LENGTH], after[REGMON_PRINT_LENGTH];

	(void)thresholds;
	regmon_evidence_add(evidence,
			"%s a reg-event document ended the binding, %s after its 200: %s, %s",
			regmon_at(network->removed_ms, at),
			regmon_for(network->removed_ms - registration->granted_ms, after),
			regmon_reginfo_event_name(network->event),
			regmon_reginfo_event_meaning(network->event));
	if(regmon_registration_is_unwanted(registration, now_ms)
			&& network->retry_after_s)
		regmon_evidence_add(evidence,
				"it asks the phone to stay away until %s",
				regmon_at_second(network->removed_ms
										 + network->retry_after_s
												   * INT64_C(1000),
						at));
	if(network->attempts_against)
		regmon_evidence_add(evidence,
				"the phone tried %u time%s all the same",
				network->attempts_against,
				regmon_plural(network->attempts_against));
	if(network->removals > 1)
		regmon_evidence_add(evidence,
				"%u times taken back since this record began",
				network->removals);
	if(network->gaps)
		regmon_evidence_add(evidence,
				"%u document%s came behind others that were not seen",
				network->gaps, regmon_plural(network->gaps));
}

/* ---- removed-by-this-node ---- */

static regmon_certainty_t here_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	int64_t dropped_ms;

	(void)thresholds;
	(void)now_ms;
	if(!registration->kept.ended_here)
		return REGMON_CERTAINTY_NONE;
	dropped_ms = regmon_supplement_of(registration)->dropped_ms;
	if(dropped_ms < registration->granted_ms
			|| regmon_registration_is_bound(registration))
		return REGMON_CERTAINTY_NONE;
	return registration->attempt.opened_ms <= dropped_ms ? REGMON_CERTAIN
														 : REGMON_POSSIBLE;
}

enum here_form
{
	HERE_RAN_OUT,
	HERE_DELETED
};

static const regmon_suspect_t here_suspects[] = {
		[HERE_RAN_OUT] = {"it ran out in the store",
				"This node's registrar counts the time of the contact shorter "
				"than the 200 said: expires of the save, or a clock or a "
				"database shared with another node."},
		[HERE_DELETED] = {"it was deleted from the store",
				"This node deleted it: an RTR of the HSS, an operator's command "
				"(RPC), the script (unregister), max_contacts, or a contact "
				"that the phone replaced."},
		{NULL, NULL}};

static unsigned here_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	return registration->kept.stored == REGMON_STORED_EXPIRED ? HERE_RAN_OUT
															   : HERE_DELETED;
}

static void drop_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	const regmon_supplement_t *supplement = regmon_supplement_of(registration);
	const regmon_kept_t *kept = &registration->kept;
	char buffer[REGMON_IDENTITY_LENGTH];
	str contact = regmon_identity_of(
			registration, REGMON_IDENTITY_CONTACT, buffer);
	char at[REGMON_PRINT_LENGTH], after[REGMON_PRINT_LENGTH];

	(void)thresholds;
	(void)now_ms;
	regmon_evidence_add(evidence, "%s the contact went from %s (%s), %s after the 200",
			regmon_at(supplement->dropped_ms, at), regmon_store_name(kept->store),
			regmon_stored_meaning(kept->stored),
			regmon_for(supplement->dropped_ms - registration->granted_ms,
					after));
	regmon_evidence_add(
			evidence, "contact of the phone: %.*s", contact.len, contact.s);
	regmon_evidence_add(evidence, "granted %d s, expires at %s unless refreshed",
			registration->granted_s,
			regmon_at_second(registration->granted_ms
									 + registration->granted_s * INT64_C(1000),
					at));
	if(supplement->was_pending)
		regmon_evidence_add(evidence,
				"it was still pending there: the 200 never made it a stored one");
	if(supplement->drops > 1)
		regmon_evidence_add(evidence, "%u times dropped since this record began",
				supplement->drops);
}

/* ---- contact-dropped ---- */

static regmon_certainty_t dropped_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	int64_t dropped_ms = regmon_supplement_of(registration)->dropped_ms;
	const regmon_kept_t *kept = &registration->kept;

	(void)thresholds;
	(void)now_ms;
	return dropped_ms && dropped_ms >= registration->granted_ms
						   && !kept->ended_here
						   && (kept->stored == REGMON_STORED_REMOVED
								   || kept->stored == REGMON_STORED_EXPIRED)
						   && regmon_registration_is_bound(registration)
				   ? REGMON_LIKELY
				   : REGMON_CERTAINTY_NONE;
}

enum dropped_form
{
	DROPPED_PENDING,
	DROPPED_RAN_OUT,
	DROPPED_REMOVED
};

static const regmon_suspect_t dropped_suspects[] = {
		[DROPPED_PENDING] = {"it was pending when it went",
				"This node's script: the 200 was not saved (pcscf_save() in "
				"onreply_route missing or failed), or the contact in the 200 is "
				"not the one that was put down as pending."},
		[DROPPED_RAN_OUT] = {"it ran out there",
				"The store counts a shorter time than the 200 grants: expires "
				"delta, or the refresh is not saved."},
		[DROPPED_REMOVED] = {"it was removed there",
				"This node removed it: its own keepalive (pings) to the phone "
				"failed, Rx or N5 ended the session, an operator's command, or "
				"a NOTIFY of the S-CSCF that was not told to this module."},
		{NULL, NULL}};

static unsigned dropped_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)thresholds;
	(void)now_ms;
	if(regmon_supplement_of(registration)->was_pending)
		return DROPPED_PENDING;
	return registration->kept.stored == REGMON_STORED_EXPIRED ? DROPPED_RAN_OUT
															   : DROPPED_REMOVED;
}

static const regmon_cause_t causes[] = {
		{.id = "network-deregistered",
				.title = "The network took the registration back.",
				.cause = "An RTR of the HSS, an operator's command, a restart of "
						 "the S-CSCF, or its own timer.",
				.inspect = "kamcmd ims_regmon.timeline WHO: removed by the "
						   "network. S-CSCF log and Cx RTR at that second: "
						   "reason code. Is it this phone alone: kamcmd "
						   "ims_regmon.list cause=network-deregistered.",
				.next_step = "rejected: ask who changed the subscription in the "
							 "HSS. deactivated, no reason: the phone should be "
							 "back within seconds; if not, did it get the "
							 "NOTIFY. probation: wait.",
				.refuted_by = "A registration that the S-CSCF still lists.",
				.clause = "RFC 3680 4.7.1, TS 24.229 5.4.1.5",
				.certain = "a reg-event document ended the binding, and the phone "
						   "has not tried since, or tries against the "
						   "registrar's word",
				.likely = NULL,
				.possible = "the phone has tried again since, as it may",
				.not_when = "the phone itself takes its binding back; it is "
							"registered again; a full document that only does "
							"not list it",
				.weight = 77,
				.suspects = removed_suspects,
				.applies = removed_applies,
				.suspect = removed_suspect,
				.evidence = removed_evidence},
		{.id = "removed-by-this-node",
				.title = "This node's own registrar removed the registration.",
				.cause = "An RTR, a command, the script, a limit of contacts, or "
						 "its timer.",
				.inspect = "kamcmd ims_regmon.timeline WHO: contact store. This "
						   "node's log at that second. kamcmd ulscscf.showimpu "
						   "IMPU or ul.lookup. Parameters max_contacts, "
						   "max_expires.",
				.next_step = "Compare with other phones: all of them is a timer "
							 "or a restart, one is a command or an RTR.",
				.refuted_by = "The contact in the store with the time of the 200.",
				.clause = "TS 24.229 5.4.1.5",
				.certain = "the store behind the registrar that gave the 200 let "
						   "go of the contact, and the phone has not tried "
						   "since",
				.likely = NULL,
				.possible = "the phone has tried again since",
				.not_when = "the phone itself takes its binding back; it is "
							"registered again; the 200 came from another node",
				.weight = 57,
				.suspects = here_suspects,
				.applies = here_applies,
				.suspect = here_suspect,
				.evidence = drop_evidence},
		{.id = "contact-dropped",
				.title = "This node lost the contact of a phone that the core "
						 "has registered.",
				.cause = "The answer was not saved, its keepalive gave the phone "
						 "up, or its store counts another time: calls to the "
						 "phone fail here although it is registered.",
				.inspect = "kamcmd ulpcscf.status and ul.lookup: is the contact "
						   "there. This node's log at that second. Script: "
						   "pcscf_save_pending() for the REGISTER, pcscf_save() "
						   "for the 200. ims_registrar_pcscf: "
						   "pending_reg_expires; ims_usrloc_pcscf: "
						   "expires_grace.",
				.next_step = "pending: make sure that the 200 passes through the "
							 "onreply_route that saves. removed: switch off "
							 "keepalives towards phones behind IPsec and look "
							 "again.",
				.refuted_by = "The contact back in the store at the next refresh.",
				.clause = "TS 24.229 5.2.2",
				.certain = NULL,
				.likely = "this node's contact store let go of the contact in the "
						  "granted time, the phone had not asked for it, and the "
						  "core still has it",
				.possible = NULL,
				.not_when = "the phone takes its binding back or changes its "
							"contact; the store has it again; the registrar is "
							"this node itself (removed-by-this-node)",
				.weight = 76,
				.suspects = dropped_suspects,
				.applies = dropped_applies,
				.suspect = dropped_suspect,
				.evidence = drop_evidence}};

const regmon_family_t regmon_family_network = {causes, REGMON_COUNT(causes)};
