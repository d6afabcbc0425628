/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the Request-URI of a REGISTER: it names the domain that registers, nothing else. */
#include "rules/home_domain.h"
#include "rules/rule.h"

static bool has_userinfo(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	if(message->request_uri.user.s == NULL
			|| (message->request_uri.scheme != REGMON_SCHEME_SIP
					&& message->request_uri.scheme != REGMON_SCHEME_SIPS))
		return false;
	*seen = message->request_uri.text;
	return true;
}

static bool foreign_domain(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_expectations_t *expected,
		str *seen)
{
	*seen = message->request_uri.host;
	return regmon_domain_is_unexpected(expected, message->request_uri.host);
}

static bool derived_form_broken(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	regmon_home_domain_t domain;

	regmon_home_domain_read(message->request_uri.host, &domain);
	*seen = message->request_uri.host;
	return domain.is_3gpp && !domain.well_formed;
}

static bool scheme_is_not_sip(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = message->request_uri.text;
	return message->request_uri.scheme != REGMON_SCHEME_SIP
		   && message->request_uri.scheme != REGMON_SCHEME_SIPS
		   && message->request_uri.text.len > 0;
}

static const regmon_rule_t rules[] = {
		{
				.id = "RURI-01",
				.name = "request-uri-with-user",
				.header = "Request-URI",
				/* the S-CSCF and AS names on the later legs may carry a user part */
				.legs = REGMON_LEGS_U | REGMON_LEG_PI,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.2",
				.text = "The Request-URI names the registration domain alone: "
						"no user part and no @.",
				.cause = "The client put the subscriber's own address into the "
						 "request line, usually because one setting serves as "
						 "identity and as registrar.",
				.inspect = "Compare the request line with To: a copy of To means "
						   "that the client has no registrar setting of its own.",
				.next_step = "Set the client's registrar to the home domain only, "
							 "for instance sip:ims.mnc001.mcc001.3gppnetwork.org.",
				.answer = 400,
				.broken = has_userinfo,
		},
		{
				.id = "RURI-02",
				.name = "request-uri-not-home-domain",
				.header = "Request-URI",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "The Request-URI is the home network domain of the phone, "
						"from the ISIM or derived from the IMSI.",
				.cause = "The SIM of another network, a test profile left in the "
						 "phone, or an ISIM whose domain differs from what this "
						 "network was set up with. An inbound roamer too.",
				.inspect = "The domain against EF_DOMAIN of the ISIM, the MCC and "
						   "MNC of the IMSI in To, and the list of home domains "
						   "given to this module.",
				.next_step = "Add the domain to the expected ones if it is served "
							 "here; otherwise correct the ISIM or the phone's "
							 "IMS profile.",
				.answer = 404,
				.unexpected = foreign_domain,
		},
		{
				.id = "RURI-03",
				.name = "derived-domain-malformed",
				.header = "Request-URI",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 23.003 13.2",
				.text = "A domain under 3gppnetwork.org has the form "
						"ims.mncNNN.mccNNN, both with three digits; a two-digit "
						"MNC gets a 0 in front.",
				.cause = "The MNC was not padded to three digits (mnc01 for "
						 "mnc001), or the domain of another node, such as "
						 "epc.mnc001..., was typed in.",
				.inspect = "Each label of the Request-URI host, beside the length "
						   "of the MNC in EF_AD of the SIM.",
				.next_step = "Correct the domain in ISIM, phone profile and DNS "
							 "together; a wrong name fails at the NAPTR query, "
							 "long before the I-CSCF.",
				.ims_only = true,
				.broken = derived_form_broken,
		},
		{
				.id = "RURI-04",
				.name = "request-uri-scheme",
				.header = "Request-URI",
				.legs = REGMON_LEGS_REQUEST,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 8.2.2.1",
				.text = "The scheme of the Request-URI is sip or sips.",
				.cause = "A telephone number (tel:) or a bare host name without "
						 "any scheme was configured as the registrar.",
				.inspect = "The first word after REGISTER in the request line, up "
						   "to its colon.",
				.next_step = "Give the client the registrar as a SIP URI; a number "
							 "belongs into To as sip:+NUMBER@domain;user=phone.",
				.answer = 416,
				.broken = scheme_is_not_sip,
		},
};

const regmon_rule_set_t regmon_rules_request_uri =
		REGMON_RULE_SET(rules, REGMON_HEADER_OTHER);
