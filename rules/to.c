/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about To: the address-of-record that is registered. */
#include "rules/home_domain.h"
#include "rules/rule.h"

static bool is_sip(const regmon_uri_t *uri)
{
	return uri->scheme == REGMON_SCHEME_SIP || uri->scheme == REGMON_SCHEME_SIPS;
}

static bool scheme_is_not_sip(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = message->to.uri.text;
	return !is_sip(&message->to.uri);
}

static bool foreign_domain(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_expectations_t *expected,
		str *seen)
{
	*seen = message->to.uri.host;
	return is_sip(&message->to.uri)
		   && regmon_domain_is_unexpected(expected, message->to.uri.host);
}

static bool has_tag(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = message->to.tag;
	return message->to.tag_given;
}

/* sip:IMSI@derived domain: an all-digit user without '+' is an IMSI there when it has 14 or 15 digits; with more it
 * is neither an IMSI nor a telephone number (E.164 ends at 15) */
static bool imsi_does_not_fit_domain(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_uri_t *uri = &message->to.uri;
	regmon_home_domain_t domain;

	if(uri->user.len < 14 || !regmon_is_digit(uri->user.s[0])
			|| !is_sip(uri))
		return false;
	regmon_home_domain_read(uri->host, &domain);
	if(!domain.well_formed
			|| (uri->user.len <= 15
					&& regmon_home_domain_has(&domain, uri->user, false)))
		return false;
	*seen = uri->user;
	return regmon_text_all_digits(uri->user);
}

static const regmon_rule_t rules[] = {
		{
				.id = "TO-01",
				.name = "to-not-sip",
				.header = "To",
				.legs = REGMON_LEGS_REQUEST,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.2",
				.text = "The address in To of a REGISTER is a SIP or SIPS URI; a "
						"tel URI cannot be registered.",
				.cause = "The phone took the tel URI of the ISIM's second IMPU, or "
						 "an application passed a bare number.",
				.inspect = "To, and the list of EF_IMPU: the first entry has to be "
						   "a SIP URI.",
				.next_step = "Register the SIP form of the identity; the tel URI "
							 "comes with the implicit registration set of the HSS.",
				.answer = 400,
				.broken = scheme_is_not_sip,
		},
		{
				.id = "TO-02",
				.name = "to-not-home-domain",
				.header = "To",
				.legs = REGMON_LEG_IS,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.3",
				.text = "The address-of-record belongs to a domain that this "
						"registrar serves.",
				.cause = "The I-CSCF sent a foreign subscriber here, or the public "
						 "identities use a domain that nobody told this module of.",
				.inspect = "The host in To against the domains of the S-CSCF and "
						   "against the public identities in the HSS.",
				.next_step = "Add the domain to the expected ones when the S-CSCF "
							 "serves it; else look at the user authorisation "
							 "answer that chose this S-CSCF.",
				.answer = 404,
				.unexpected = foreign_domain,
		},
		{
				.id = "TO-04",
				.name = "to-with-tag",
				.header = "To",
				.legs = REGMON_LEGS_REQUEST,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 8.1.1.2",
				.text = "To of a REGISTER carries no tag, because a REGISTER is "
						"never part of a dialog.",
				.cause = "The client kept the To of an earlier answer and reused "
						 "it for the refresh.",
				.inspect = "The tag against the To tag of the last 401 or 200 that "
						   "this client got: the same value proves the reuse.",
				.next_step = "Have the client build To afresh for each REGISTER; "
							 "until then expect 481 from strict registrars.",
				.answer = 481,
				.broken = has_tag,
		},
		{
				.id = "TO-05",
				.name = "imsi-and-domain-differ",
				.header = "To",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 23.003 13.4B",
				.text = "A temporary public identity is IMSI@domain, where the "
						"IMSI has 14 or 15 digits and begins with the MCC and MNC "
						"that the domain names.",
				.cause = "SIM and IMS profile of different networks: a test SIM "
						 "with a foreign domain, or an MNC of three digits read "
						 "as two.",
				.inspect = "The first five or six digits of the user part beside "
						   "mnc and mcc of the host.",
				.next_step = "Find out which of both is wrong: read IMSI and EF_AD "
							 "(length of the MNC), then the domain in the ISIM or "
							 "the carrier profile of the phone.",
				.ims_only = true,
				.broken = imsi_does_not_fit_domain,
		},
};

const regmon_rule_set_t regmon_rules_to =
		REGMON_RULE_SET(rules, REGMON_HEADER_TO);
