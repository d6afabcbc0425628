/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about From: who asks for the registration. */
#include "rules/rule.h"

/* Only user and host are compared: parameters, port and case of the host may be written differently in both. */
static bool differs_from_to(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_uri_t *from = &message->from.uri, *to = &message->to.uri;

	if(regmon_text_is(from->text, to->text) || to->text.len == 0)
		return false;
	*seen = from->text;
	return from->scheme != to->scheme || !regmon_text_is(from->user, to->user)
		   || !regmon_text_is_nocase(from->host, to->host);
}

static bool has_no_tag(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = message->from.uri.text;
	return message->from.tag.len == 0;
}

static const regmon_rule_t rules[] = {
		{
				.id = "FROM-01",
				.name = "from-differs-from-to",
				.header = "From",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "From and To carry the same public identity; only a "
						"third-party registration may differ.",
				.cause = "The phone signs with one identity (often the IMSI "
						 "based one) and registers another, or a display setting "
						 "rewrote From.",
				.inspect = "User and host of From beside those of To; a REGISTER "
						   "sent by an S-CSCF on behalf of a user would be seen "
						   "with the S-CSCF in From.",
				.next_step = "Make the phone use the registered IMPU in both. If "
							 "this is a third-party REGISTER, look why it was "
							 "not taken for one.",
				.ims_only = true,
				.broken = differs_from_to,
		},
		{
				.id = "FROM-02",
				.name = "from-without-tag",
				.header = "From",
				.legs = REGMON_LEGS_REQUEST,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 8.1.1.3",
				.text = "From carries a tag that is not empty.",
				.cause = "A hand-made test message, or a client that still "
						 "follows RFC 2543, where the tag was optional.",
				.inspect = "The end of From: the tag stands after the closing "
						   "angle bracket; inside of it, it is a URI parameter "
						   "and does not count.",
				.next_step = "Let the client add ;tag= with a random value after "
							 "the bracket; without it transactions and attempts "
							 "cannot be told apart.",
				.answer = 400,
				.broken = has_no_tag,
		},
};

const regmon_rule_set_t regmon_rules_from =
		REGMON_RULE_SET(rules, REGMON_HEADER_FROM);
