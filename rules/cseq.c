/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about CSeq: it orders the REGISTERs of one Call-ID. */
#include "rules/rule.h"

#define CSEQ_END (1LL << 31)

static bool method_differs(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = message->cseq.method;
	/* methods are compared with case, RFC 3261 7.1 */
	return !regmon_text_is(message->cseq.method, REGMON_TEXT("REGISTER"));
}

static bool number_out_of_range(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = message->cseq.number_text;
	return message->cseq.number < 0 || message->cseq.number >= CSEQ_END;
}

static bool does_not_rise(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = message->cseq.number_text;
	return history->last_cseq >= 0 && message->cseq.number >= 0
		   && message->cseq.number <= history->last_cseq;
}

static bool jumps(const regmon_message_t *message, const regmon_class_t *class,
		const regmon_history_t *history, str *seen)
{
	*seen = message->cseq.number_text;
	return history->last_cseq >= 0
		   && message->cseq.number > history->last_cseq + 1;
}

static const regmon_rule_t rules[] = {
		{
				.id = "CSEQ-01",
				.name = "cseq-method",
				.header = "CSeq",
				.legs = REGMON_LEGS_REQUEST,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 8.1.1.5",
				.text = "The method in CSeq is that of the request line: REGISTER.",
				.cause = "A test script whose CSeq was copied from another "
						 "request, or a device that writes the method in small "
						 "letters.",
				.inspect = "The word after the number in CSeq, letter by letter.",
				.next_step = "Correct the template of the client; answers to this "
							 "request match no transaction of its own.",
				.answer = 400,
				.broken = method_differs,
		},
		{
				.id = "CSEQ-02",
				.name = "cseq-does-not-rise",
				.header = "CSeq",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_SAME_CALL_ID
						| REGMON_WHEN_CSEQ_BACK,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.2",
				.text = "Each new REGISTER with the same Call-ID has a higher CSeq "
						"than the one before.",
				.cause = "The phone restarted and kept its Call-ID but not its "
						 "counter; two devices share one stored Call-ID; or "
						 "packets overtook each other.",
				.inspect = "The timeline: a fall back to 1 is a restart, a step "
						   "back by one with a short gap is reordering, two "
						   "interleaved rows are two devices.",
				.next_step = "Make the client draw a new Call-ID whenever it loses "
							 "its counter; the registrar refuses the update "
							 "otherwise.",
				.answer = 500,
				.broken_since = does_not_rise,
		},
		{
				.id = "CSEQ-03",
				.name = "cseq-not-higher",
				.header = "CSeq",
				.legs = REGMON_LEG_IS,
				.when = REGMON_WHEN_REGISTERED | REGMON_WHEN_SAME_CALL_ID
						| REGMON_WHEN_CSEQ_BACK,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.3",
				.text = "With the Call-ID of the stored binding the CSeq is higher "
						"than the stored one, else the registrar aborts the "
						"update.",
				.cause = "An old REGISTER arrived late through another P-CSCF, or "
						 "the phone's counter went back; the binding stays as it "
						 "was and runs out.",
				.inspect = "CSeq stored with the binding in the location table "
						   "beside this one, and the P-CSCF in the second Via.",
				.next_step = "If the phone goes on failing, remove the stale "
							 "binding at the registrar so that it can start anew.",
				.answer = 500,
				.broken_since = does_not_rise,
		},
		{
				.id = "CSEQ-04",
				.name = "cseq-out-of-range",
				.header = "CSeq",
				.legs = REGMON_LEGS_REQUEST,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 8.1.1.5",
				.text = "The number in CSeq is below 2147483648 and consists of "
						"digits only.",
				.cause = "The client seeds CSeq with a 32-bit random number or a "
						 "clock, or counts in a signed field that overflowed.",
				.inspect = "The number in CSeq of this and of earlier REGISTERs of "
						   "the same Call-ID.",
				.next_step = "Have the start value drawn below 2^31; nodes that "
							 "read it as signed see a negative number and drop "
							 "or refuse the request.",
				.answer = 400,
				.broken = number_out_of_range,
		},
		{
				.id = "CSEQ-05",
				.name = "cseq-jump",
				.header = "CSeq",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_SAME_CALL_ID
						| REGMON_WHEN_CSEQ_JUMPS,
				.level = REGMON_HEURISTIC,
				.severity = REGMON_NOTE,
				.confidence = REGMON_SECONDARY,
				.clause = "RFC 3261 10.2",
				.text = "CSeq rises by exactly one from REGISTER to REGISTER of a "
						"Call-ID; a gap means that some were not seen here.",
				.cause = "REGISTERs were lost on the radio or the tunnel, went to "
						 "another P-CSCF, or the phone counts other requests in "
						 "the same row.",
				.inspect = "How many numbers are missing, and the radio or IPsec "
						   "drop counters of that time.",
				.next_step = "With one or two missing look at packet loss; with "
							 "many look for the other P-CSCF that got them.",
				.broken_since = jumps,
		},
};

const regmon_rule_set_t regmon_rules_cseq =
		REGMON_RULE_SET(rules, REGMON_HEADER_CSEQ);
