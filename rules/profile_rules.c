/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares with what a profile accepts: algorithms of digest and IPsec, the longest interval. Silent where the profile
 * names none. */
#include "rules/sets.h"

static bool is_listed(const str *list, unsigned n, str word)
{
	unsigned i;

	for(i = 0; i < n; i++) {
		if(regmon_text_is_nocase(list[i], word))
			return true;
	}
	return n == 0;
}

static bool digest_is_unlisted(const regmon_digest_t *digest,
		const regmon_expectations_t *expected, str *seen)
{
	*seen = REGMON_DIGEST_TEXT(digest, ALGORITHM);
	return seen->len > 0
		   && !is_listed(expected->digests, expected->digests_n, *seen);
}

static bool answer_unlisted(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_expectations_t *expected,
		str *seen)
{
	return digest_is_unlisted(&message->authorization, expected, seen);
}

static bool challenge_unlisted(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_expectations_t *expected,
		str *seen)
{
	return digest_is_unlisted(&message->challenge, expected, seen);
}

/* ealg has a default, alg has none (TS 33.203 Annex H) */
static bool is_accepted(const regmon_security_t *offer,
		const regmon_expectations_t *expected)
{
	str ealg = offer->ealg.s ? offer->ealg : REGMON_TEXT("null");

	return is_listed(expected->algs, expected->algs_n, offer->alg)
		   && is_listed(expected->ealgs, expected->ealgs_n, ealg);
}

/* A phone that offers one pair too weak beside a good one has done right. */
static bool no_pair_accepted(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_expectations_t *expected,
		str *seen)
{
	const regmon_security_list_t *offers = &message->security_client;
	bool any = false;
	int i;

	if(offers->n > offers->kept)
		return false;
	for(i = 0; i < offers->kept; i++) {
		if(!offers->list[i].ipsec_3gpp)
			continue;
		if(is_accepted(&offers->list[i], expected))
			return false;
		if(!any)
			*seen = offers->list[i].text;
		any = true;
	}
	return any;
}

static bool above_maximum(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_expectations_t *expected,
		str *seen)
{
	int i;

	for(i = 0; expected->max_expires_s > 0 && i < message->contacts.kept;
			i++) {
		const regmon_contact_t *contact = &message->contacts.list[i];

		if(regmon_contact_effective_expires(contact, message->expires, -1)
				<= expected->max_expires_s)
			continue;
		*seen = contact->expires_given
						? contact->expires_text
						: regmon_message_value(message, REGMON_HEADER_EXPIRES);
		return true;
	}
	return false;
}

static const regmon_rule_t answer_rules[] = {
		{
				.id = "POL-01",
				.name = "digest-not-accepted",
				.header = "Authorization",
				.legs = REGMON_LEG_U1 | REGMON_LEGS_CORE,
				.when = REGMON_WHEN_ANSWERS,
				.level = REGMON_MAY,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.5.1",
				.text = "The algorithm of the phone's answer is one that the "
						"profile in force accepts.",
				.cause = "A phone or SIM that does plain digest where the network "
						 "wants AKA, or an AKA version that the network has not.",
				.inspect = "algorithm of the 401 and of the REGISTER behind it; "
						   "digest_algorithm of the profile.",
				.next_step = "Correct the algorithm in the subscriber's HSS data "
							 "or in the phone; add it to the profile when it is "
							 "meant.",
				.unexpected = answer_unlisted,
		},
};
const regmon_rule_set_t regmon_rules_profile_answer =
		REGMON_RULE_SET(answer_rules, REGMON_HEADER_AUTHORIZATION);

static const regmon_rule_t challenge_rules[] = {
		{
				.id = "POL-02",
				.name = "challenge-not-accepted",
				.header = "WWW-Authenticate",
				.legs = REGMON_LEGS_ANSWER,
				.level = REGMON_MAY,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3310 3.1",
				.text = "The network challenges with an algorithm that the "
						"profile in force accepts.",
				.cause = "The HSS knows the subscriber by another authentication "
						 "scheme, or the S-CSCF falls back to digest.",
				.inspect = "The scheme in the Cx multimedia-auth-answer, and the "
						   "S-CSCF's default scheme.",
				.next_step = "Set the scheme of the subscriber; digest for a SIM "
							 "that can do AKA weakens it.",
				.unexpected = challenge_unlisted,
		},
};
const regmon_rule_set_t regmon_rules_profile_challenge =
		REGMON_RULE_SET(challenge_rules, REGMON_HEADER_WWW_AUTHENTICATE);

static const regmon_rule_t offer_rules[] = {
		{
				.id = "POL-03",
				.name = "no-accepted-ipsec-offer",
				.header = "Security-Client",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MAY,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3329 2.3.1",
				.text = "The phone offers IPsec with at least one pair of alg and "
						"ealg that the profile in force accepts.",
				.cause = "An old phone that knows only hmac-md5-96 or no "
						 "encryption, or a network that ceased to accept them.",
				.inspect = "alg and ealg of each value of Security-Client; "
						   "integrity_algorithm and encryption_algorithm of the "
						   "profile, and what the P-CSCF is set to.",
				.next_step = "Allow one of the offered pairs at the P-CSCF, or "
							 "update the phone; without a common pair no "
							 "protected registration comes about.",
				.answer = 494,
				.unexpected = no_pair_accepted,
		},
};
const regmon_rule_set_t regmon_rules_profile_offer =
		REGMON_RULE_SET(offer_rules, REGMON_HEADER_SECURITY_CLIENT);

static const regmon_rule_t interval_rules[] = {
		{
				.id = "POL-04",
				.name = "interval-too-long",
				.header = "Expires",
				.legs = REGMON_LEGS_REQUEST,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.3",
				.text = "The interval asked for is not above what the profile in "
						"force expects; the registrar may always grant less.",
				.cause = "A carrier profile of another network in the phone, or "
						 "the standard's 600000 where the network has its own "
						 "value.",
				.inspect = "The interval granted in the 200, and whether the phone "
						   "keeps to it.",
				.next_step = "Nothing while the phone refreshes by the granted "
							 "interval; else set the interval in the phone.",
				.unexpected = above_maximum,
		},
};
const regmon_rule_set_t regmon_rules_profile_interval =
		REGMON_RULE_SET(interval_rules, REGMON_HEADER_CONTACT);
