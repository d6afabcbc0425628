/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that compare a security agreement with the one before it: what was offered, what was given, what is in use. */
#include "rules/rule.h"

static bool offer_changed(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_SECURITY_CLIENT);
	return message->count[REGMON_HEADER_SECURITY_CLIENT] > 0
		   && history->client_changed;
}

static bool verify_differs(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_SECURITY_VERIFY);
	if(message->count[REGMON_HEADER_SECURITY_VERIFY] == 0)
		return history->challenge_offered_server;
	return history->verify == REGMON_VERIFY_DIFFERS;
}

static bool verify_reordered(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_SECURITY_VERIFY);
	return history->verify == REGMON_VERIFY_ORDER;
}

static bool verify_is_old(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_SECURITY_VERIFY);
	return !history->challenge_open
		   && history->verify == REGMON_VERIFY_DIFFERS;
}

static bool not_renewed(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_SECURITY_CLIENT);
	return !history->challenge_open
		   && (history->spis_in_use || history->port_s_changed);
}

static bool not_renewed_after_failure(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_SECURITY_CLIENT);
	return (class->credentials == REGMON_CREDENTIALS_RESYNC
				   || class->credentials == REGMON_CREDENTIALS_REFUSED)
		   && history->spis_as_before;
}

static const regmon_rule_t rules[] = {
		{
				.id = "SEC-13",
				.name = "offer-changed",
				.header = "Security-Client",
				.legs = REGMON_LEG_U1,
				.when = REGMON_WHEN_ANSWERS | REGMON_WHEN_CHALLENGED
						| REGMON_WHEN_SAME_CALL_ID,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.5.1",
				.text = "The answer to a challenge repeats Security-Client of the "
						"challenged REGISTER without a change.",
				.cause = "The phone draws new SPIs for each REGISTER, or somebody in "
						 "the middle changed the first offer.",
				.inspect = "Security-Client of both REGISTERs, value by value.",
				.next_step = "Rule out tampering first: compare at the phone. Then "
							 "correct the stack, for the P-CSCF set its "
							 "association up with the first numbers.",
				.ims_only = true,
				.broken_since = offer_changed,
		},
		{
				.id = "SEC-14",
				.name = "verify-differs",
				.header = "Security-Verify",
				.legs = REGMON_LEG_U1,
				.when = REGMON_WHEN_ANSWERS | REGMON_WHEN_CHALLENGED
						| REGMON_WHEN_SAME_CALL_ID,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3329 2.3.1",
				.text = "The answer to a challenge repeats its Security-Server in "
						"Security-Verify, value for value.",
				.cause = "The phone rebuilds the list from what it understood of it, "
						 "or a middlebox rewrote one of the two headers.",
				.inspect = "Security-Server as the phone received it and "
						   "Security-Verify: parameters left out, another q, a "
						   "missing value.",
				.next_step = "Capture on both sides of the radio. Expect 494 from a "
							 "P-CSCF that checks; this test is what detects a "
							 "bidding-down attack.",
				.answer = 494,
				.ims_only = true,
				.broken_since = verify_differs,
		},
		{
				.id = "SEC-15",
				.name = "verify-reordered",
				.header = "Security-Verify",
				.legs = REGMON_LEG_U1 | REGMON_LEG_U2,
				.when = REGMON_WHEN_VERIFY_DIFFERS,
				.level = REGMON_MUST,
				/* P-CSCFs sort before they compare */
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3329 2.3.1",
				.text = "Security-Verify keeps the order of Security-Server: only "
						"case, white space and the writing of q may differ.",
				.cause = "The phone sorts the mechanisms by its own preference.",
				.inspect = "Order of the values in both headers.",
				.next_step = "Nothing if the P-CSCF sorts too; a strict one answers "
							 "494, and then the phone's list has to keep the "
							 "order.",
				.ims_only = true,
				.broken_since = verify_reordered,
		},
		{
				.id = "SEC-16",
				.name = "verify-is-old",
				.header = "Security-Verify",
				.legs = REGMON_LEG_U1 | REGMON_LEG_U2,
				.when = REGMON_WHEN_PROTECTED | REGMON_WHEN_REGISTERED
						| REGMON_WHEN_VERIFY_DIFFERS,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.4.2",
				.text = "A refresh repeats in Security-Verify the Security-Server of "
						"the last successful authentication.",
				.cause = "The phone kept the list of a challenge that did not "
						 "succeed, or of its first registration.",
				.inspect = "Security-Server of the last two 401s of this phone.",
				.next_step = "See which of the two it repeats: that tells whether the "
							 "phone or the P-CSCF missed the last 200.",
				.answer = 494,
				.ims_only = true,
				.broken_since = verify_is_old,
		},
		{
				.id = "SEC-17",
				.name = "offer-not-renewed",
				.header = "Security-Client",
				.legs = REGMON_LEG_U1 | REGMON_LEG_U2,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_PROTECTED | REGMON_WHEN_REGISTERED
						| REGMON_WHEN_OFFER_IN_USE,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.4.2",
				.text = "A refresh offers new SPIs and a new port-c, and keeps "
						"port-s.",
				.cause = "The phone repeats the offer of its first registration.",
				.inspect = "spi-c, spi-s and port-s in Security-Client of this and of "
						   "the last challenged REGISTER.",
				.next_step = "Watch the next challenge: the new association collides "
							 "with the one in use, and answers stop arriving.",
				.ims_only = true,
				.broken_since = not_renewed,
		},
		{
				.id = "SEC-18",
				.name = "offer-not-renewed-after-failure",
				.header = "Security-Client",
				.legs = REGMON_LEG_U1,
				.when = REGMON_WHEN_CHALLENGED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.5.3",
				.text = "A REGISTER that reports a MAC or SQN failure offers new "
						"SPIs and a new port-c.",
				.cause = "The phone only swaps Authorization and sends the rest "
						 "again.",
				.inspect = "SPIs of this REGISTER and of the one that was "
						   "challenged.",
				.next_step = "If the next answer gets no reply, clear the half-made "
							 "association at the P-CSCF: it still holds these "
							 "SPIs.",
				.ims_only = true,
				.broken_since = not_renewed_after_failure,
		},
};

const regmon_rule_set_t regmon_rules_security_since =
		REGMON_RULE_SET(rules, REGMON_HEADER_OTHER);
