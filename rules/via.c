/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the topmost Via: where the answer goes, and that it finds its transaction. */
#include "rules/rule.h"

static bool is_udp(const regmon_via_t *via)
{
	return regmon_text_is_nocase(via->transport, REGMON_TEXT("UDP"));
}

static bool branch_without_cookie(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	str branch = message->via.branch;

	*seen = branch;
	/* the cookie is compared with its letters as they are: RFC 3261 17.2.3 */
	return branch.len < 7 || memcmp(branch.s, "z9hG4bK", 7) != 0;
}

static bool rport_not_asked(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = message->via.text;
	return is_udp(&message->via)
		   && (!message->via.rport_given || message->via.rport.len > 0);
}

static bool port_is_not_protected(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i, offered = 0;
	int port = message->via.port ? message->via.port : 5060;

	if(!is_udp(&message->via))
		return false;
	for(i = 0; i < message->security_client.kept; i++) {
		const regmon_security_t *security = &message->security_client.list[i];

		if(!security->ipsec_3gpp || security->port_s <= 0)
			continue;
		if(security->port_s == port)
			return false;
		offered++;
	}
	*seen = message->via.text;
	return offered > 0;
}

static bool keep_with_value(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = message->via.keep;
	return message->via.keep_given && message->via.keep.len > 0;
}

static bool agreement_beyond_first_hop(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	if(message->via_n < 2
			|| !(message->required & REGMON_OPTION_SEC_AGREE))
		return false;
	*seen = regmon_message_value(message, REGMON_HEADER_REQUIRE);
	return true;
}

static const regmon_rule_t rules[] = {
		{
				.id = "VIA-01",
				.name = "branch-without-cookie",
				.header = "Via",
				.legs = REGMON_LEGS_REQUEST,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 8.1.1.7",
				.text = "The branch in Via begins with z9hG4bK, which says that "
						"it is unique per transaction.",
				.cause = "A client of RFC 2543, or a tester that fills in any "
						 "word.",
				.inspect = "The branch of this REGISTER and of the next: without "
						   "the cookie they are often the same.",
				.next_step = "Update the client. Until then servers match its "
							 "retransmissions by other headers, and may take a "
							 "refresh for a repetition.",
				.answer = 400,
				.broken = branch_without_cookie,
		},
		{
				.id = "VIA-03",
				.name = "rport-not-asked",
				.header = "Via",
				.legs = REGMON_LEG_U0,
				.level = REGMON_MUST,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "The unprotected REGISTER over UDP asks with an empty "
						"rport that the answer be sent to its source port.",
				.cause = "An IMS stack that was built for networks without NAT.",
				.inspect = "rport in Via, and whether source and sent-by differ.",
				.next_step = "Nothing while there is no NAT; behind one the 401 "
							 "goes to the wrong port: force rport at the P-CSCF.",
				.ims_only = true,
				.broken = rport_not_asked,
		},
		{
				.id = "VIA-04",
				.name = "via-port-not-protected",
				.header = "Via",
				.legs = REGMON_LEG_U1 | REGMON_LEG_U2,
				.when = REGMON_WHEN_PROTECTED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.2",
				.text = "Over UDP and a security association the sent-by port is "
						"the phone's protected server port.",
				.cause = "The stack writes the port of the socket it sends from "
						 "(port-c) or of the unprotected socket into Via.",
				.inspect = "Port in Via beside port-c and port-s of "
						   "Security-Client; then the xfrm policy of the answer.",
				.next_step = "Look whether the 200 leaves the P-CSCF in clear or "
							 "not at all: it is sent to this port, which no SA "
							 "covers.",
				.ims_only = true,
				.broken = port_is_not_protected,
		},
		{
				.id = "VIA-05",
				.name = "keep-with-value",
				.header = "Via",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 6223 4.3",
				.text = "A phone offers keep-alives with keep alone; the value is "
						"the neighbour's to give in the answer.",
				.cause = "The phone copied Via of an earlier answer, value "
						 "included.",
				.inspect = "keep in this Via and in the Via of the last answer.",
				.next_step = "Correct the client; which interval holds is open "
							 "until then, and a NAT may close the way to the "
							 "phone.",
				.broken = keep_with_value,
		},
		{
				.id = "VIA-07",
				.name = "sec-agree-beyond-first-hop",
				.header = "Via",
				.legs = REGMON_LEGS_CORE,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3329 2.3.2",
				.text = "Require: sec-agree reaches the first hop only; behind it, "
						"with more than one Via, it is not there.",
				.cause = "The P-CSCF passes Require on as it came, or an SBC "
						 "stands between phone and P-CSCF.",
				.inspect = "Number of Via values, and Require on both sides of the "
						   "P-CSCF.",
				.next_step = "Remove sec-agree at the P-CSCF; a node that follows "
							 "the text answers 502. With an SBC in front let the "
							 "SBC end the agreement.",
				.answer = 502,
				.broken = agreement_beyond_first_hop,
		},
};

const regmon_rule_set_t regmon_rules_via =
		REGMON_RULE_SET(rules, REGMON_HEADER_VIA);
