/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about a REGISTER as a whole: which headers it has, and its body. */
#include "rules/rule.h"

static bool header_not_once(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	static const uint8_t once[] = {REGMON_HEADER_FROM, REGMON_HEADER_TO,
			REGMON_HEADER_CALL_ID, REGMON_HEADER_CSEQ};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(once); i++) {
		if(message->count[once[i]] != 1) {
			*seen = regmon_message_value(message, once[i]);
			return true;
		}
	}
	/* that Max-Forwards is missing is MF-01 */
	if(message->count[REGMON_HEADER_MAX_FORWARDS] > 1) {
		*seen = regmon_message_value(message, REGMON_HEADER_MAX_FORWARDS);
		return true;
	}
	return message->count[REGMON_HEADER_VIA] == 0;
}

/* Over WebSocket the frame tells the length (RFC 7118 5.2); a datagram ends by itself. */
static bool needs_length(str transport)
{
	return regmon_text_is_nocase(transport, REGMON_TEXT("TCP"))
		   || regmon_text_is_nocase(transport, REGMON_TEXT("TLS"));
}

static bool length_wrong(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_CONTENT_LENGTH);
	if(message->content_length == REGMON_NUMBER_ABSENT)
		return needs_length(message->via.transport);
	/* octets beyond the length are dropped on UDP (RFC 3261 18.3), missing ones are an error */
	return message->content_length < 0
		   || message->content_length > message->body.len;
}

static bool has_body(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_CONTENT_TYPE);
	return message->content_length > 0 && message->body.len > 0;
}

static bool identity_given(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	bool preferred = message->count[REGMON_HEADER_P_PREFERRED_IDENTITY] > 0;

	*seen = regmon_message_value(
			message, preferred ? REGMON_HEADER_P_PREFERRED_IDENTITY
							   : REGMON_HEADER_P_ASSERTED_IDENTITY);
	return preferred || message->count[REGMON_HEADER_P_ASSERTED_IDENTITY] > 0;
}

static const regmon_rule_t rules[] = {
		{
				.id = "HDR-01",
				.name = "mandatory-header-not-once",
				.header = "REGISTER",
				.legs = REGMON_LEGS_REQUEST,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 8.1.1",
				.text = "To, From, Call-ID and CSeq stand once each, Max-Forwards "
						"not twice, and there is a Via.",
				.cause = "A middlebox added a header that was there already, or a "
						 "test message was put together by hand.",
				.inspect = "All lines of the header named, on this leg and on the "
						   "one before.",
				.next_step = "Find the node that doubles or drops the header. Of "
							 "two lines each node may read another one, so this "
							 "is also a way to get past checks.",
				.answer = 400,
				.broken = header_not_once,
		},
		{
				.id = "CL-01",
				.name = "content-length-wrong",
				.header = "Content-Length",
				.legs = REGMON_LEGS_REQUEST,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 18.3",
				.text = "Content-Length is a number, is there over TCP and TLS, "
						"and does not exceed the body that came.",
				.cause = "A fragment was lost or cut off, a middlebox changed the "
						 "body without counting again, or a script counts line "
						 "ends wrongly.",
				.inspect = "Content-Length beside the bytes behind the empty "
						   "line, and the size of the datagram against the MTU.",
				.next_step = "Over TCP correct the sender at once: each wrong "
							 "count shifts all messages behind it on that "
							 "connection.",
				.answer = 400,
				.broken = length_wrong,
		},
		{
				.id = "HDR-03",
				.name = "identity-header-in-register",
				.header = "P-Preferred-Identity",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 3325 9.2",
				.text = "P-Preferred-Identity and P-Asserted-Identity have no "
						"meaning in a REGISTER: To names the identity.",
				.cause = "The phone adds its usual headers to every request, as "
						 "several makers do.",
				.inspect = "Whether it is the same identity as in To.",
				.next_step = "Leave it; only make sure that no node takes the "
							 "identity from here.",
				.broken = identity_given,
		},
		{
				.id = "HDR-05",
				.name = "body-in-register",
				.header = "Content-Type",
				.legs = REGMON_LEGS_U,
				.level = REGMON_HEURISTIC,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "TS 24.229 5.4.1.7",
				.text = "A REGISTER of a phone has no body; only the third-party "
						"REGISTER to an application server carries one.",
				.cause = "An application uses REGISTER as a carrier for its own "
						 "data, or a test case does.",
				.inspect = "Content-Type and the first lines of the body.",
				.next_step = "Ask what sends it. It makes the request larger than "
							 "one datagram easily, and then the 401 never comes.",
				.answer = 415,
				.broken = has_body,
		},
};

const regmon_rule_set_t regmon_rules_message_form =
		REGMON_RULE_SET(rules, REGMON_HEADER_OTHER);
