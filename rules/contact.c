/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the Contact values themselves: address, "*", q, reg-id. Tags that describe the phone are in
 * contact_tags.c, comparison with the past in contact_since.c. */
#include "rules/path.h"
#include "rules/rule.h"

static bool is_sip(const regmon_uri_t *uri)
{
	return uri->scheme == REGMON_SCHEME_SIP || uri->scheme == REGMON_SCHEME_SIPS;
}

/* Plain SIP may bind a URI of any scheme (RFC 3261 10.2.1); an IMS phone may not. */
static bool has_no_address(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		const regmon_contact_t *contact = &message->contacts.list[i];

		if(contact->star)
			continue;
		if(contact->broken || (is_sip(&contact->uri) && contact->uri.broken)
				|| (class->ims && !is_sip(&contact->uri))
				|| contact->uri.scheme == REGMON_SCHEME_NONE) {
			*seen = contact->text;
			return true;
		}
	}
	return false;
}

/* A host name without port is resolved by SRV and proves nothing. */
static bool port_is_not_protected(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_contact_t *contact = &message->contacts.list[0];
	int i, port, offered = 0;

	if(message->contacts.kept != 1 || contact->star
			|| contact->uri.port < 0)
		return false;
	port = contact->uri.port;
	if(port == 0) {
		if(regmon_host_kind(contact->uri.host) == REGMON_HOST_NAME)
			return false;
		port = 5060;
	}
	for(i = 0; i < message->security_client.kept; i++) {
		const regmon_security_t *security = &message->security_client.list[i];

		if(!security->ipsec_3gpp || security->port_s <= 0)
			continue;
		if(security->port_s == port)
			return false;
		offered++;
	}
	*seen = contact->uri.text;
	return offered > 0;
}

static bool address_is_unreachable(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		str host = message->contacts.list[i].uri.host;

		if(host.len < 3)
			continue;
		/* most addresses are ruled out by their first two characters: 0., 127., 169.254., [ */
		if((host.s[0] == '1' && (host.s[1] == '2' || host.s[1] == '6'))
				|| host.s[0] == '0' || host.s[0] == '[') {
			if(regmon_host_unreachable(host)) {
				*seen = host;
				return true;
			}
		}
	}
	return false;
}

/* "*;expires=0" without Expires header, the case of CON-05 */
static bool star_expires_in_contact(const regmon_message_t *message)
{
	int i;

	if(message->count[REGMON_HEADER_EXPIRES] > 0)
		return false;
	for(i = 0; i < message->contacts.kept; i++) {
		if(message->contacts.list[i].star)
			return message->contacts.list[i].expires_given;
	}
	return false;
}

static bool star_misused(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_CONTACT);
	return message->contacts.n > 1
		   || (message->expires != 0 && !star_expires_in_contact(message));
}

static bool star_without_expires_header(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	if(!star_expires_in_contact(message))
		return false;
	*seen = regmon_message_value(message, REGMON_HEADER_CONTACT);
	return true;
}

static bool several_with_reg_id(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i, living = 0;
	bool reg_id = false;

	for(i = 0; i < message->contacts.kept; i++) {
		const regmon_contact_t *contact = &message->contacts.list[i];

		if(regmon_contact_effective_expires(contact, message->expires, 3600) > 0
				&& ++living == 2)
			*seen = contact->text;
		reg_id = reg_id || contact->reg_id_given;
	}
	return reg_id && living > 1;
}

static bool reg_id_unusable(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		const regmon_contact_t *contact = &message->contacts.list[i];
		int64_t number;

		if(!contact->reg_id_given)
			continue;
		number = regmon_text_number(contact->reg_id);
		if(number < 1 || number > INT32_MAX || contact->instance.len == 0) {
			*seen = contact->reg_id;
			return true;
		}
	}
	return false;
}

static bool outbound_without_ob(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	return regmon_asks_outbound(message) && !regmon_path_has_ob(message, seen);
}

/* 0, 1, 0.ddd, 1.000 with at most three decimals; "1." and "0." are allowed by the grammar too */
static bool is_q_value(str q)
{
	int i;

	if(q.len < 1 || q.len > 5 || (q.s[0] != '0' && q.s[0] != '1')
			|| (q.len > 1 && q.s[1] != '.'))
		return false;
	for(i = 2; i < q.len; i++) {
		if(!regmon_is_digit(q.s[i]) || (q.s[0] == '1' && q.s[i] != '0'))
			return false;
	}
	return true;
}

static bool q_out_of_range(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		str q = message->contacts.list[i].q;

		if(q.s != NULL && !is_q_value(q)) {
			*seen = q;
			return true;
		}
	}
	return false;
}

static bool sips_bound_to_sip(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		if(message->contacts.list[i].uri.scheme == REGMON_SCHEME_SIP) {
			*seen = message->contacts.list[i].uri.text;
			return true;
		}
	}
	return false;
}

static const regmon_rule_t rules[] = {
		{
				.id = "CON-01",
				.name = "contact-without-address",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "Contact is a SIP URI whose host part is the address or "
						"the full name of the phone.",
				.cause = "The IMS stack registered before its PDN connection had "
						 "an address, or put an IPv6 address without brackets.",
				.inspect = "What stands between @ (or sip:) and the next colon or "
						   "semicolon; an IPv6 address needs [ ].",
				.next_step = "Check that the phone got an address on the IMS APN "
							 "before this REGISTER; no terminating request can "
							 "reach the binding as it is.",
				.answer = 400,
				.broken = has_no_address,
		},
		{
				.id = "CON-02",
				.name = "contact-port-not-protected",
				.header = "Contact",
				.legs = REGMON_LEG_U1 | REGMON_LEG_U2,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_PROTECTED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.2",
				.text = "Over a security association the port in Contact is the "
						"phone's protected server port, port-s of its own "
						"Security-Client.",
				.cause = "The phone kept the port of its unprotected REGISTER, or "
						 "mixed up port-c and port-s.",
				.inspect = "Port in Contact beside port-c and port-s of "
						   "Security-Client.",
				.next_step = "Place a call to this phone: the INVITE goes to the "
							 "Contact port, which no SA covers, and is lost. "
							 "Repair it in the phone, or route by the SA at the "
							 "P-CSCF.",
				.ims_only = true,
				.broken = port_is_not_protected,
		},
		{
				.id = "CON-03",
				.name = "contact-unreachable",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_HEURISTIC,
				.severity = REGMON_WARNING,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "The address in Contact is one that others can reach: not "
						"unspecified, loopback or link-local.",
				.cause = "The stack bound its socket to the wildcard address and "
						 "copied that, or read the wrong interface before the "
						 "IMS bearer was up.",
				.inspect = "The address in Contact beside the source address of "
						   "the packet and the one that the PGW, SMF or ePDG "
						   "assigned.",
				.next_step = "Fix the interface selection of the client. Some "
							 "cores drop such a REGISTER without any answer, "
							 "which then looks like packet loss.",
				.broken = address_is_unreachable,
		},
		{
				.id = "CON-04",
				.name = "star-misused",
				.header = "Contact",
				.legs = REGMON_LEGS_REQUEST,
				.when = REGMON_WHEN_STAR,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.2.2",
				.text = "Contact: * stands alone and with Expires: 0, for it "
						"removes every binding of the address.",
				.cause = "The client joined \"remove all\" and a new registration "
						 "in one message, or forgot to set Expires to 0.",
				.inspect = "Number of Contact values and the Expires header.",
				.next_step = "Have the client send two REGISTERs: * with "
							 "Expires: 0, and after its 200 the new contact.",
				.answer = 400,
				.broken = star_misused,
		},
		{
				.id = "CON-05",
				.name = "star-without-expires-header",
				.header = "Contact",
				.legs = REGMON_LEGS_REQUEST,
				.when = REGMON_WHEN_STAR | REGMON_WHEN_NO_EXPIRES,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.3",
				.text = "With Contact: * the 0 stands in an Expires header; an "
						"expires parameter behind the star does not count.",
				.cause = "The client adds ;expires=0 to whatever Contact it has "
						 "when it signs off.",
				.inspect = "Contact and the missing Expires header.",
				.next_step = "Add Expires: 0 in the client. Until then the binding "
							 "stays until it runs out, and calls ring a phone "
							 "that is off.",
				.answer = 400,
				.broken = star_without_expires_header,
		},
		{
				.id = "CON-06",
				.name = "several-contacts-with-reg-id",
				.header = "Contact",
				.legs = REGMON_LEGS_REQUEST,
				.when = REGMON_WHEN_SEVERAL | REGMON_WHEN_REG_ID,
				.level = REGMON_SHOULD,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 5626 6",
				.text = "Where a Contact has reg-id, the REGISTER holds no second "
						"one with an expiry above 0.",
				.cause = "The client registers all its flows in one message "
						 "instead of each over its own flow.",
				.inspect = "reg-id and expires of every Contact value.",
				.next_step = "Send one REGISTER per flow, over that flow: only so "
							 "the edge proxy can tie the binding to the "
							 "connection.",
				.answer = 400,
				.broken = several_with_reg_id,
		},
		{
				.id = "CON-11",
				.name = "reg-id-unusable",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_REG_ID,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 5626 6",
				.text = "reg-id is a number from 1 to 2147483647 and comes with "
						"+sip.instance; alone it is ignored.",
				.cause = "Outbound was switched on in a client that has no "
						 "instance identifier, or flows are counted from 0.",
				.inspect = "reg-id and +sip.instance of the same Contact value.",
				.next_step = "Give the client an instance URN, or switch outbound "
							 "off: as it is each change of address leaves an "
							 "orphaned binding behind.",
				.broken = reg_id_unusable,
		},
		{
				.id = "CON-12",
				.name = "outbound-without-ob",
				.header = "Contact",
				.legs = REGMON_LEG_IS,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_REG_ID,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 5626 6",
				.text = "When the phone asks for outbound (reg-id and Supported: "
						"outbound), its first hop has put a Path URI with ob.",
				.cause = "The P-CSCF or edge proxy does not support outbound, or "
						 "a node between dropped its Path.",
				.inspect = "The Path values, the last of which is nearest to the "
						   "phone, and their ob parameter.",
				.next_step = "Enable outbound (flow token and ob in Path) at the "
							 "P-CSCF, or expect 439 from a registrar that knows "
							 "outbound.",
				.answer = 439,
				.broken = outbound_without_ob,
		},
		{
				.id = "CON-22",
				.name = "contact-q-out-of-range",
				.header = "Contact",
				.legs = REGMON_LEGS_REQUEST,
				.when = REGMON_WHEN_Q,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 3261 20.10",
				.text = "q lies between 0 and 1 and has at most three decimals.",
				.cause = "A preference of 0 to 100 was written where a fraction "
						 "belongs, or a locale put a decimal comma.",
				.inspect = "The q parameter of each Contact value.",
				.next_step = "Correct the client's priority setting; forking order "
							 "is undefined until then, or the request is refused.",
				.answer = 400,
				.broken = q_out_of_range,
		},
		{
				.id = "CON-26",
				.name = "sips-address-sip-contact",
				.header = "Contact",
				.legs = REGMON_LEGS_REQUEST,
				.when = REGMON_WHEN_SIPS,
				.level = REGMON_SHOULD,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.2.1",
				.text = "A SIPS address-of-record is bound to SIPS contacts.",
				.cause = "Only the account was changed to sips:, the client still "
						 "listens on plain SIP.",
				.inspect = "Scheme of To and of Contact, and the transport of the "
						   "REGISTER.",
				.next_step = "Use SIPS for both, or go back to sip: with TLS as "
							 "transport; a call to the SIPS address must not be "
							 "sent on to this contact.",
				.broken = sips_bound_to_sip,
		},
};

const regmon_rule_set_t regmon_rules_contact =
		REGMON_RULE_SET(rules, REGMON_HEADER_CONTACT);
