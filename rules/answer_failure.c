/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about answers that refuse: what each code must bring along so that the phone knows what to do next. */
#include "rules/rule.h"

#define LONGEST_TOO_BRIEF_S 3600 /* RFC 3261 10.3: a registrar may not refuse an hour */

static bool unsupported_missing(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	return message->code == 420
		   && message->count[REGMON_HEADER_UNSUPPORTED] == 0;
}

static bool wanted_extension_missing(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	if(message->code != 421)
		return false;
	*seen = regmon_message_value(message, REGMON_HEADER_REQUIRE);
	return message->required == 0
		   || ((message->required & REGMON_OPTION_SEC_AGREE)
				   && message->count[REGMON_HEADER_SECURITY_SERVER] == 0);
}

static bool min_expires_missing(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	if(message->code != 423)
		return false;
	*seen = regmon_message_value(message, REGMON_HEADER_MIN_EXPIRES);
	return message->min_expires <= 0;
}

static bool server_offer_missing(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	return message->code == 494
		   && message->count[REGMON_HEADER_SECURITY_SERVER] == 0;
}

static bool retry_after_missing(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	return message->code == 503 && message->retry_after <= 0;
}

static bool global_failure(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = message->reason;
	return message->code >= 600;
}

static const regmon_rule_t rules[] = {
		{
				.id = "RF-420",
				.name = "unsupported-missing",
				.header = "Unsupported",
				.legs = REGMON_LEGS_ANSWER,
				.when = REGMON_WHEN_REFUSED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 8.2.2.3",
				.text = "A 420 names in Unsupported the option tags that were not "
						"understood.",
				.cause = "The script sends 420 by hand without the header.",
				.inspect = "Require of the REGISTER as it reached the node that "
						   "refused it.",
				.next_step = "Add Unsupported to the answer; until then the phone "
							 "cannot know which extension to leave out and fails "
							 "the same way again.",
				.broken = unsupported_missing,
		},
		{
				.id = "RF-421",
				.name = "wanted-extension-missing",
				.header = "Require",
				.legs = REGMON_LEGS_ANSWER,
				.when = REGMON_WHEN_REFUSED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3329 2.3.2",
				.text = "A 421 names in Require the extension it wants; if that is "
						"sec-agree, it has Security-Server too.",
				.cause = "A P-CSCF that insists on IPsec refuses before it has "
						 "worked out an offer of its own.",
				.inspect = "Require and Security-Server of the 421, and Supported "
						   "of the REGISTER.",
				.next_step = "Complete the 421 in the script, or let REGISTERs "
							 "without the extension pass to the S-CSCF.",
				.broken = wanted_extension_missing,
		},
		{
				.id = "RF-423",
				.name = "min-expires-missing",
				.header = "Min-Expires",
				.legs = REGMON_LEGS_ANSWER,
				.when = REGMON_WHEN_REFUSED,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.3",
				.text = "A 423 says in Min-Expires how long a registration has to "
						"be at least.",
				.cause = "The answer was written by a script that checks the "
						 "interval itself.",
				.inspect = "Min-Expires of the answer: missing, 0, or no number.",
				.next_step = "Put the registrar's minimum into the header; the phone "
							 "has nothing to ask for otherwise and stays out of "
							 "service.",
				.broken = min_expires_missing,
		},
		{
				.id = "RF-494",
				.name = "server-offer-missing",
				.header = "Security-Server",
				.legs = REGMON_LEGS_ANSWER,
				.when = REGMON_WHEN_REFUSED,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3329 2.3.1",
				.text = "A 494 carries the server's own, unmodified list of "
						"mechanisms in Security-Server.",
				.cause = "The 494 is sent with a plain reply function, or a node on "
						 "the way strips unknown headers of answers.",
				.inspect = "The 494 where it was made and where the phone gets it.",
				.next_step = "Append Security-Server before the 494 is sent: the "
							 "agreement can only begin again from that list.",
				.broken = server_offer_missing,
		},
		{
				.id = "RF-503",
				.name = "retry-after-missing",
				.header = "Retry-After",
				.legs = REGMON_LEGS_ANSWER,
				.when = REGMON_WHEN_REFUSED,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 3261 21.5.4",
				.text = "A 503 should tell in Retry-After when to come back.",
				.cause = "An overloaded node that sheds REGISTERs with its default "
						 "answer.",
				.inspect = "How many 503 per second leave this node and when the "
						   "phones come back.",
				.next_step = "Add Retry-After with a random part: phones that were "
							 "refused together else return together.",
				.broken = retry_after_missing,
		},
		{
				.id = "RF-600",
				.name = "global-failure",
				.header = "Status-Line",
				.legs = REGMON_LEGS_ANSWER,
				.when = REGMON_WHEN_REFUSED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.3",
				.text = "A registrar sends no 6xx.",
				.cause = "An I-CSCF of an old release that found no S-CSCF (600), or "
						 "a script that copies 603 from call handling.",
				.inspect = "Which node made the answer (Server, To tag) and the Cx "
						   "answer before it.",
				.next_step = "Answer 403 or 480 instead: a 6xx tells the phone that "
							 "no other proxy can help either, so it does not try "
							 "one.",
				.broken = global_failure,
		},
};

const regmon_rule_set_t regmon_rules_answer_failure =
		REGMON_RULE_SET(rules, REGMON_HEADER_OTHER);

static bool refuses_an_hour(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_MIN_EXPIRES);
	return message->code == 423 && history->requested_s >= LONGEST_TOO_BRIEF_S;
}

static bool outbound_not_asked(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = message->reason;
	return message->code == 439
		   && (!history->asked_reg_id
				   || !(history->asked_options & REGMON_OPTION_OUTBOUND));
}

static bool nothing_to_be_gone(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = message->reason;
	return message->code == 481;
}

static const regmon_rule_t since_rules[] = {
		{
				.id = "RF-423b",
				.name = "refuses-an-hour",
				.header = "Min-Expires",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_REFUSED,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.3",
				.text = "An interval of an hour or more is never too brief: 423 is "
						"for less than 3600 s.",
				.cause = "The registrar's minimum is set above an hour.",
				.inspect = "What the phone asked for, and Min-Expires.",
				.next_step = "Lower the minimum to 3600 s at most. This is the "
							 "registrar's fault, not the phone's.",
				.broken_since = refuses_an_hour,
		},
		{
				.id = "RF-439",
				.name = "outbound-not-asked",
				.header = "Status-Line",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_REFUSED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 5626 6",
				.text = "439 refuses outbound: it is for a REGISTER with reg-id and "
						"outbound in Supported only.",
				.cause = "The registrar takes reg-id alone for outbound, or applies "
						 "the test to every REGISTER without ob in its Path.",
				.inspect = "reg-id and Supported of the REGISTER at the registrar.",
				.next_step = "Correct the condition there: the phone has nothing "
							 "that it could leave out.",
				.broken_since = outbound_not_asked,
		},
		{
				.id = "RF-481",
				.name = "nothing-to-take-back",
				.header = "Status-Line",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_REFUSED,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MUST,
				.severity = REGMON_NOTE,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 24.229 5.4.1.4",
				.text = "481 answers the de-registration of a binding that is not "
						"there; for a registration it has no meaning.",
				.cause = "The REGISTER had a To tag, so the server looked for a "
						 "dialog, or the S-CSCF lost the user's data.",
				.inspect = "To of the REGISTER, and when the S-CSCF was restarted.",
				.next_step = "Let the phone begin with an unprotected REGISTER; if "
							 "that gets 481 too, it is the To tag.",
				.broken_since = nothing_to_be_gone,
		},
};

const regmon_rule_set_t regmon_rules_answer_failure_since =
		REGMON_RULE_SET(since_rules, REGMON_HEADER_OTHER);
