/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the order and the times of REGISTERs, and about what changes from one 200 to the next. */
#include "rules/rule.h"

#define AWAIT_AUTH_MS (240 * 1000) /* reg-await-auth, TS 24.229 7.8 */
#define EARLY_PERCENT 25		   /* of the time until the refresh is due */
#define LATE_MS (60 * 1000)		   /* after it was due */
#define CLIENT_TIMEOUT_MS \
	(32 * 1000) /* timer F of a plain client: then it may begin anew */

static bool is_replayed(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = message->via.branch;
	return history->same_from_tag && message->cseq.number >= 0
		   && message->cseq.number == history->last_cseq;
}

static bool answers_too_late(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	return history->nonce_is_last_issued && !history->nonce_is_last_accepted
		   && history->since_challenge_ms > AWAIT_AUTH_MS;
}

static bool answers_old_challenge(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	return history->nonce_is_last_accepted && !history->nonce_is_last_issued;
}

/* E - 600 s above 1200 s, else half of it: TS 24.229 5.1.1.4.1 */
static int64_t due_ms(const regmon_history_t *history)
{
	return 1000
		   * (history->granted_s > 1200 ? history->granted_s - 600
										: history->granted_s / 2);
}

static bool has_reason(
		const regmon_message_t *message, const regmon_history_t *history)
{
	const regmon_access_value_t *access = NULL;
	const regmon_contact_t *contact = &message->contacts.list[0];

	if(!history->access_repeats)
		access = regmon_access_best(&message->access);
	if(access != NULL && access->access != history->last_access)
		return true;
	if(history->contact_repeats)
		return false;
	return !history->same_contact
		   || contact->features != history->last_features
		   || (contact->ps_data_off.s != NULL
				   && regmon_text_is_nocase(
							  contact->ps_data_off, REGMON_TEXT("active"))
							  != history->last_ps_data_off_active);
}

static bool refreshes_early(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	return (history->contact_repeats || message->contacts.kept > 0)
		   && history->same_call_id && !history->shortened
		   && history->granted_ago_ms * 100 < due_ms(history) * EARLY_PERCENT
		   && !has_reason(message, history);
}

static bool refreshes_late(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	return history->granted_ago_ms > due_ms(history) + LATE_MS;
}

static bool comes_back(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	const regmon_contact_t *contact = &message->contacts.list[0];

	if(class->credentials != REGMON_CREDENTIALS_NONE || class->is_protected)
		return false;
	regmon_message_complete(message);
	if(message->contacts.kept == 0)
		return false;
	*seen = contact->instance;
	return contact->instance.len > 0
		   && regmon_text_is_nocase(regmon_instance_urn(contact->instance),
				   history->last_instance);
}

static bool comes_too_soon(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	if(history->retry_after_left_ms > 0)
		return true;
	return class->ims && history->since_failure_ms >= 0
		   && history->since_failure_ms
					  < regmon_least_wait_ms(history->failures_in_row);
}

static bool second_while_pending(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	if(history->same_contact || history->last_contact.len == 0
			|| message->contacts.kept == 0 || message->contacts.star)
		return false;
	*seen = message->contacts.list[0].uri.text;
	return history->attempt_open
		   && history->since_last_register_ms < CLIENT_TIMEOUT_MS;
}

static const regmon_rule_t rules[] = {
		{
				.id = "ST-02",
				.name = "merged-or-replayed",
				.header = "CSeq",
				.legs = REGMON_LEGS_U | REGMON_LEGS_CORE,
				.when = REGMON_WHEN_SAME_CALL_ID
						| REGMON_WHEN_CSEQ_BACK,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 3261 8.2.2.2",
				.text = "From tag, Call-ID and CSeq of an earlier REGISTER come with "
						"another branch: the same REGISTER by a second way, or a "
						"replay.",
				.cause = "A proxy forked it, a loop brought it back, or an attacker "
						 "or test tool plays a capture again.",
				.inspect = "The Via list of both: a loop shows this node twice, a "
						   "fork shows another last hop.",
				.next_step = "Answer 482 for a fork or a loop and mend the routing; "
							 "for a replay look at the source address.",
				.answer = 482,
				.implies = "CSEQ-02, CSEQ-03",
				.broken_since = is_replayed,
		},
		{
				.id = "ST-11",
				.name = "answers-too-late",
				.header = "Authorization",
				.legs = REGMON_LEG_U1 | REGMON_LEG_IS,
				.when = REGMON_WHEN_ANSWERS,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 7.8",
				.text = "A challenge is answered within 4 minutes; then the S-CSCF "
						"has forgotten it.",
				.cause = "The phone lost coverage in between, or waited for a SIM "
						 "PIN or for its SIM to answer.",
				.inspect = "Time from the 401 to this REGISTER, and the cell before "
						   "and after.",
				.next_step = "Expect another 401, which is right. If it happens at "
							 "rest, see how long the phone's AUTHENTICATE command "
							 "takes.",
				.answer = 401,
				.ims_only = true,
				.broken_since = answers_too_late,
		},
		{
				.id = "ST-12",
				.name = "answers-old-challenge",
				.header = "Authorization",
				.legs = REGMON_LEG_U1,
				.when = REGMON_WHEN_ANSWERS | REGMON_WHEN_CHALLENGED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.5.1",
				.text = "After a 401 the phone answers that challenge, not the one of "
						"its last success.",
				.cause = "The 401 did not reach the phone and its refresh timer sent "
						 "the old credentials again.",
				.inspect = "Whether this REGISTER came right after the 401 or a "
						   "retransmission time later.",
				.next_step = "Look for the loss of the 401 first: its size against "
							 "the MTU, and the association that it was sent over.",
				.answer = 401,
				.broken_since = answers_old_challenge,
		},
		{
				.id = "ST-13",
				.name = "refreshes-early",
				.header = "Expires",
				.legs = REGMON_LEGS_U,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_REGISTERED
						| REGMON_WHEN_OWN_REFRESH,
				.level = REGMON_HEURISTIC,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.4.1",
				.text = "A refresh comes in the first quarter of its time, with "
						"nothing changed in Contact, access or features.",
				.cause = "A timer of the phone that counts from another value than "
						 "the granted one, or an app that asks for it.",
				.inspect = "Granted seconds and the times of the last refreshes.",
				.next_step = "One is nothing. Several in a row make the cause "
							 "refresh-storm; then limit the device type.",
				.ims_only = true,
				.broken_since = refreshes_early,
		},
		{
				.id = "ST-14",
				.name = "refreshes-late",
				.header = "Expires",
				.legs = REGMON_LEGS_U,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_REGISTERED
						| REGMON_WHEN_OWN_REFRESH,
				.level = REGMON_MUST,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.4.1",
				.text = "A refresh is due 600 s before the end, or at half time up to "
						"1200 s; this one came more than a minute later.",
				.cause = "The phone was out of coverage or asleep, or takes a share "
						 "of the time as plain SIP clients do.",
				.inspect = "How much time was left, and whether it is so each time.",
				.next_step = "If it is so each time and the binding sometimes runs "
							 "out, grant longer intervals to this device type.",
				.ims_only = true,
				.broken_since = refreshes_late,
		},
		{
				.id = "ST-15",
				.name = "comes-back-unprotected",
				.header = "Security-Verify",
				.legs = REGMON_LEG_U0,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_REGISTERED | REGMON_WHEN_NEW_CALL_ID,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "A phone that is registered begins with an unprotected "
						"REGISTER: it was restarted or lost its security "
						"association.",
				.cause = "Reboot, flight mode without signing off, a new address, or "
						 "an association that broke.",
				.inspect = "Address and cell before and after, and whether calls "
						   "failed just before.",
				.next_step = "Nothing once. If many phones of one P-CSCF do it at one "
							 "time, look at the P-CSCF's associations.",
				.ims_only = true,
				.broken_since = comes_back,
		},
		{
				.id = "ST-16",
				.name = "comes-too-soon",
				.header = "Retry-After",
				.legs = REGMON_LEGS_U,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_FAILED_OFTEN,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 5626 4.5",
				.text = "After a refusal the phone waits as long as Retry-After says, "
						"and after several at least half of the back-off time.",
				.cause = "A stack without back-off, or a user who switches flight "
						 "mode on and off.",
				.inspect = "Times and codes of the last attempts and Retry-After in "
						   "the last refusal.",
				.next_step = "Find why it is refused; that ends the hurry. Limit the "
							 "device type at the edge if many do it at once.",
				.broken_since = comes_too_soon,
		},
		{
				.id = "ST-17",
				.name = "second-while-pending",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_PENDING,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.2",
				.text = "A phone does not register another Contact before the last "
						"REGISTER has its final answer.",
				.cause = "The phone changed its address (handover, VPN, WLAN) in the "
						 "middle of a registration.",
				.inspect = "Both Contacts, and what became of the first REGISTER.",
				.next_step = "See which of the two the registrar kept: if it is the "
							 "old one, the phone is deaf until its next refresh.",
				.broken_since = second_while_pending,
		},
};

const regmon_rule_set_t regmon_rules_sequence =
		REGMON_RULE_SET(rules, REGMON_HEADER_OTHER);

static bool identities_shrink(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	if(history->last_associated_n < 2)
		return false;
	*seen = regmon_message_value(message, REGMON_HEADER_P_ASSOCIATED_URI);
	return history->associated_n < history->last_associated_n;
}

static bool serving_node_changed(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_SERVICE_ROUTE);
	return history->route_changed;
}

static const regmon_rule_t answer_rules[] = {
		{
				.id = "ST-19",
				.name = "identities-shrink",
				.header = "P-Associated-URI",
				.legs = REGMON_LEG_AU,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_ACCEPTED | REGMON_WHEN_REGISTERED,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "The list of identities in P-Associated-URI became shorter "
						"from one 200 to the next.",
				.cause = "Somebody changed the subscription or barred an identity in "
						 "the HSS.",
				.inspect = "P-Associated-URI of the last two 200s and the change log "
						   "of the HSS.",
				.next_step = "If nobody meant it, restore the implicit set: calls to "
							 "the identity that is gone do not arrive.",
				.ims_only = true,
				.broken_since = identities_shrink,
		},
		{
				.id = "ST-26",
				.name = "serving-node-changed",
				.header = "Service-Route",
				.legs = REGMON_LEG_AU,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_ACCEPTED | REGMON_WHEN_REGISTERED
						| REGMON_WHEN_ROUTE_CHANGED,
				.level = REGMON_HEURISTIC,
				.severity = REGMON_NOTE,
				.confidence = REGMON_SECONDARY,
				.clause = "RFC 3608 6.1",
				.text = "Service-Route leads to another host than after the last "
						"registration: another S-CSCF serves the phone now.",
				.cause = "Failover or restart of an S-CSCF, or a new assignment by "
						 "the HSS.",
				.inspect = "Host in Service-Route before and after, and the time "
						   "against maintenance of the S-CSCFs.",
				.next_step = "Check that calls in progress survived and that the old "
							 "S-CSCF does not hold the registration any more.",
				.ims_only = true,
				.broken_since = serving_node_changed,
		},
};

const regmon_rule_set_t regmon_rules_sequence_answer =
		REGMON_RULE_SET(answer_rules, REGMON_HEADER_OTHER);
