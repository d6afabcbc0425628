/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about Call-ID: it ties the messages of one registration together, so all of them need the past. */
#include "rules/rule.h"

static bool refresh_changes_it(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = message->call_id;
	return !history->challenge_open;
}

/* the nonce proves that it is this challenge which is answered */
static bool answer_changes_it(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = message->call_id;
	return class->credentials == REGMON_CREDENTIALS_ANSWER
		   && history->nonce_is_last_issued;
}

static bool restart_keeps_it(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = message->call_id;
	return class->credentials == REGMON_CREDENTIALS_NONE
		   && history->challenge_wants_server
		   && !history->challenge_offered_server;
}

static bool refusal_changes_it(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = message->call_id;
	return class->credentials == REGMON_CREDENTIALS_RESYNC
		   || class->credentials == REGMON_CREDENTIALS_REFUSED;
}

static const regmon_rule_t rules[] = {
		{
				.id = "CID-01",
				.name = "refresh-with-new-call-id",
				.header = "Call-ID",
				/* an unprotected REGISTER may be that of a rebooted phone */
				.legs = REGMON_LEG_U1 | REGMON_LEG_U2,
				.when = REGMON_WHEN_PROTECTED
						| REGMON_WHEN_REGISTERED
						| REGMON_WHEN_NEW_CALL_ID,
				.level = REGMON_SHOULD,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.2",
				.text = "A client uses one Call-ID for all its registrations with "
						"one registrar.",
				.cause = "The IMS stack of the phone restarted while its security "
						 "association lived on, or it makes a new Call-ID per "
						 "refresh by design.",
				.inspect = "Whether CSeq restarted too (a restart of the stack) or "
						   "goes on (design of the phone).",
				.next_step = "Nothing to repair by itself. Remember it when CSeq "
							 "is used to order the messages of this phone.",
				.broken_since = refresh_changes_it,
		},
		{
				.id = "CID-02",
				.name = "answer-with-new-call-id",
				.header = "Call-ID",
				.legs = REGMON_LEG_U1,
				.when = REGMON_WHEN_CHALLENGED | REGMON_WHEN_NEW_CALL_ID,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.5.1",
				.text = "The answer to a challenge keeps the Call-ID of the 401 "
						"that it answers.",
				.cause = "The phone opened a new registration between 401 and "
						 "answer, or a middlebox rewrites Call-ID one way only.",
				.inspect = "Call-ID of the 401 as the phone got it and of this "
						   "REGISTER; the same nonce in both proves that they "
						   "belong together.",
				.next_step = "Expect the S-CSCF to challenge anew instead of "
							 "accepting. Trace Gm and Mw side by side: if only "
							 "one of them shows the change, a node in between "
							 "makes it.",
				.ims_only = true,
				.broken_since = answer_changes_it,
		},
		{
				.id = "CID-03",
				.name = "restart-with-old-call-id",
				.header = "Call-ID",
				.legs = REGMON_LEG_U0,
				.when = REGMON_WHEN_CHALLENGED | REGMON_WHEN_SAME_CALL_ID,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.5.1",
				.text = "After a 401 without a usable Security-Server the phone "
						"starts anew under a new Call-ID.",
				.cause = "The phone takes the incomplete 401 for a lost one and "
						 "repeats its first REGISTER.",
				.inspect = "Security-Server in the 401 that went to the phone: "
						   "mechanism, alg, both SPIs and both ports.",
				.next_step = "Repair the 401 first: the P-CSCF did not add "
							 "Security-Server, or offered nothing of what the "
							 "phone listed. The Call-ID is the lesser trouble.",
				.ims_only = true,
				.broken_since = restart_keeps_it,
		},
		{
				.id = "CID-04",
				.name = "refusal-with-new-call-id",
				.header = "Call-ID",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_CHALLENGED | REGMON_WHEN_NEW_CALL_ID,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 34.229 part 1 9.2",
				.text = "A REGISTER that refuses a challenge (MAC failure, or auts "
						"for an SQN failure) keeps the Call-ID of that challenge.",
				.cause = "A test tool or young IMS stack that handles a failed "
						 "AUTN as a new registration.",
				.inspect = "Call-ID and nonce beside those of the 401, and auts.",
				.next_step = "Check that the HSS got the resynchronisation at all: "
							 "an S-CSCF that finds challenges by Call-ID drops "
							 "this auts, and the next vector fails again.",
				.ims_only = true,
				.broken_since = refusal_changes_it,
		},
};

const regmon_rule_set_t regmon_rules_call_id =
		REGMON_RULE_SET(rules, REGMON_HEADER_CALL_ID);
