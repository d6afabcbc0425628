/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about Supported and the security agreement (RFC 3329, TS 33.203 Annex H) as one message shows them. */
#include "rules/path.h"
#include "rules/rule.h"

static bool path_not_supported(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_SUPPORTED);
	return !(message->supported & REGMON_OPTION_PATH);
}

static bool outbound_not_supported(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_SUPPORTED);
	return !regmon_asks_outbound(message);
}

static bool no_ipsec_offered(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->security_client.kept; i++) {
		if(message->security_client.list[i].ipsec_3gpp)
			return false;
	}
	*seen = regmon_message_value(message, REGMON_HEADER_SECURITY_CLIENT);
	return regmon_algorithm_is_aka(message->authorization.algorithm)
		   || message->count[REGMON_HEADER_SECURITY_VERIFY] > 0;
}

static bool agreement_not_required(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_REQUIRE);
	return !(message->required & message->proxy_required
			 & REGMON_OPTION_SEC_AGREE);
}

static bool agreement_not_named(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_SECURITY_CLIENT);
	return !((message->required | message->proxy_required | message->supported)
			 & REGMON_OPTION_SEC_AGREE);
}

static bool agreement_only_supported(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_SUPPORTED);
	return (message->supported & ~(message->required | message->proxy_required)
				   & REGMON_OPTION_SEC_AGREE);
}

static bool left_behind_first_hop(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const bool verify = message->count[REGMON_HEADER_SECURITY_VERIFY] > 0;

	if(message->count[REGMON_HEADER_SECURITY_CLIENT] > 0 || verify) {
		*seen = regmon_message_value(message,
				verify ? REGMON_HEADER_SECURITY_VERIFY
					   : REGMON_HEADER_SECURITY_CLIENT);
		return true;
	}
	*seen = regmon_message_value(message, REGMON_HEADER_PROXY_REQUIRE);
	return message->proxy_required & REGMON_OPTION_SEC_AGREE;
}

static bool signs_off_unprotected(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_CONTACT);
	return !class->is_protected
		   && message->count[REGMON_HEADER_SECURITY_CLIENT] > 0;
}

static const regmon_rule_t rules[] = {
		{
				.id = "SUP-04",
				.name = "outbound-not-supported",
				.header = "Supported",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_REG_ID,
				.level = REGMON_MUST,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "A phone that puts reg-id into Contact lists outbound in "
						"Supported.",
				.cause = "Outbound was switched on for Contact only, or a proxy "
						 "shortened Supported.",
				.inspect = "Supported and reg-id of the same message.",
				.next_step = "Add outbound in the client; the registrar ignores "
							 "reg-id otherwise and treats each new address as a "
							 "new phone.",
				.broken = outbound_not_supported,
		},
		{
				.id = "SEC-01",
				.name = "no-ipsec-offered",
				.header = "Security-Client",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.2",
				.text = "A phone that uses IMS AKA offers ipsec-3gpp in "
						"Security-Client of every REGISTER.",
				.cause = "IPsec is off in the phone's profile (usual in labs), or "
						 "a node removed the header.",
				.inspect = "Security-Client of this and of the first REGISTER, "
						   "and whether the P-CSCF insists on IPsec.",
				.next_step = "Switch IPsec on in the phone, or tell the P-CSCF to "
							 "do without for it; else expect 421 or 494.",
				.answer = 421,
				.ims_only = true,
				.broken = no_ipsec_offered,
		},
		{
				.id = "SEC-22",
				.name = "agreement-left-behind-first-hop",
				.header = "Security-Client",
				.legs = REGMON_LEG_PI,
				.level = REGMON_MUST,
				/* widely done, and nothing in the core reads it */
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3329 2.3.1",
				.text = "The P-CSCF removes Security-Client, Security-Verify and "
						"sec-agree before it sends the REGISTER on.",
				.cause = "A P-CSCF that passes on headers which it does not need "
						 "itself.",
				.inspect = "The headers behind the P-CSCF.",
				.next_step = "Strip them when messages grow near the MTU, or when "
							 "a node further on answers 420 or 502.",
				.broken = left_behind_first_hop,
		},
		{
				.id = "SEC-23",
				.name = "signs-off-unprotected",
				.header = "Security-Verify",
				.legs = REGMON_LEG_U0 | REGMON_LEG_U1,
				.purposes = REGMON_PURPOSE_DEREGISTRATION,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "TS 24.229 5.1.1.6",
				.text = "A phone signs off over the security association that its "
						"registration was made with.",
				.cause = "The phone tore its associations down before it signed "
						 "off, or clears an old registration after a crash.",
				.inspect = "Port that it came in on, and whether an association "
						   "of this phone is still there.",
				.next_step = "If it is refused with 403, the binding stays until "
							 "it expires: remove it at the S-CSCF when calls go "
							 "astray.",
				.answer = 403,
				.ims_only = true,
				.broken = signs_off_unprotected,
		},
};

const regmon_rule_set_t regmon_rules_security_agreement =
		REGMON_RULE_SET(rules, REGMON_HEADER_OTHER);

static const regmon_rule_t client_rules[] = {
		{
				.id = "SUP-01",
				.name = "path-support-missing",
				.header = "Supported",
				.legs = REGMON_LEGS_U,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "An IMS phone lists path in Supported.",
				.cause = "A SIP stack that was not made for IMS, or a profile "
						 "that overwrites Supported.",
				.inspect = "Supported of the REGISTER as it left the phone.",
				.next_step = "Add it in the client; the P-CSCF has to add Path "
							 "anyway, and a strict registrar then answers 420, a "
							 "strict proxy 421.",
				.answer = 421,
				.ims_only = true,
				.broken = path_not_supported,
		},
		{
				.id = "SEC-03",
				.name = "sec-agree-not-named",
				.header = "Require",
				.legs = REGMON_LEG_U0,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3329 2.3.2",
				.text = "A phone that sends Security-Client names sec-agree in "
						"Require and Proxy-Require, or at least in Supported.",
				.cause = "The stack adds Security-Client without the option tag.",
				.inspect = "Require, Proxy-Require and Supported.",
				.next_step = "Add the tag in the client. A P-CSCF that insists on "
							 "the agreement answers 421 with its Security-Server.",
				.answer = 421,
				.broken = agreement_not_named,
		},
		{
				.id = "SEC-04",
				.name = "sec-agree-only-supported",
				.header = "Supported",
				.legs = REGMON_LEG_U0,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3329 2.3.2",
				.text = "sec-agree in Supported alone starts no agreement: Require "
						"and Proxy-Require have to name it.",
				.cause = "The client treats the agreement as optional.",
				.inspect = "In which headers the tag stands.",
				.next_step = "Put it into Require and Proxy-Require; a server that "
							 "follows the text answers 494 and adds a round trip "
							 "to each registration.",
				.answer = 494,
				.broken = agreement_only_supported,
		},
};

const regmon_rule_set_t regmon_rules_security_client =
		REGMON_RULE_SET(client_rules, REGMON_HEADER_SECURITY_CLIENT);

static const regmon_rule_t verify_rules[] = {
		{
				.id = "SEC-02",
				.name = "sec-agree-not-required",
				.header = "Proxy-Require",
				.legs = REGMON_LEG_U1 | REGMON_LEG_U2,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3329 2.3.1",
				.text = "After the agreement the phone names sec-agree in both "
						"Require and Proxy-Require.",
				.cause = "The client names it in one of them only.",
				.inspect = "Both headers of this REGISTER and of the first one.",
				.next_step = "Correct the client; a proxy that does not see its "
							 "tag may skip the check of Security-Verify, which is "
							 "what protects against a tampered offer.",
				.broken = agreement_not_required,
		},
};

const regmon_rule_set_t regmon_rules_security_verify =
		REGMON_RULE_SET(verify_rules, REGMON_HEADER_SECURITY_VERIFY);
