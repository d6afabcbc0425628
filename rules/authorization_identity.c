/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about who authenticates: the private identity in username, the first REGISTER's empty Authorization, and the
 * mark that the P-CSCF adds. Comparison with the past is here too where it is about the identity. */
#include "rules/home_domain.h"
#include "rules/rule.h"

/* an AKA phone as far as one message shows: it offers IPsec or names AKA */
static bool is_aka_phone(const regmon_message_t *message)
{
	return regmon_algorithm_is_aka(message->authorization.algorithm)
		   || (message->security_client.kept > 0
				   && message->security_client.list[0].ipsec_3gpp);
}

static bool first_without_identity(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_digest_t *digest = &message->authorization;

	if(message->security_client.kept == 0
			|| !message->security_client.list[0].ipsec_3gpp)
		return false;
	*seen = REGMON_DIGEST_TEXT(digest, USERNAME);
	return !REGMON_DIGEST_FILLED(digest, USERNAME)
		   || !REGMON_DIGEST_FILLED(digest, REALM)
		   || !REGMON_DIGEST_FILLED(digest, URI)
		   || !REGMON_DIGEST_HAS(digest, NONCE)
		   || !REGMON_DIGEST_HAS(digest, RESPONSE);
}

static bool nothing_given(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	return message->count[REGMON_HEADER_AUTHORIZATION] == 0
		   && message->count[REGMON_HEADER_SECURITY_CLIENT] == 0;
}

static const regmon_rule_t first_rules[] = {
		{
				.id = "AUTH-01",
				.name = "first-without-identity",
				.header = "Authorization",
				.legs = REGMON_LEG_U0,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.2",
				.text = "An AKA phone's first REGISTER has Authorization with "
						"username, realm and uri, and with empty nonce and "
						"response.",
				.cause = "A SIP stack that waits for a challenge before it names "
						 "itself.",
				.inspect = "Authorization of the first REGISTER: missing, or "
						   "without one of the five.",
				.next_step = "Make the phone send it. The core derives the private "
							 "identity from To otherwise, which is right only "
							 "for IMSI based identities.",
				.ims_only = true,
				.broken = first_without_identity,
		},
		{
				.id = "AUTH-02",
				.name = "no-authorization",
				.header = "Authorization",
				.legs = REGMON_LEG_U0 | REGMON_LEG_IS,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.4.1.1",
				.text = "Without Authorization the S-CSCF takes the private "
						"identity from To: lawful for SIP digest, GIBA and NASS, "
						"wrong for AKA.",
				.cause = "A digest client before its first challenge, or a fixed "
						 "line whose access vouches for it.",
				.inspect = "Authentication scheme of the subscriber in the HSS.",
				.next_step = "Nothing if the scheme is one of these; else see why "
							 "an AKA subscriber registers with this client.",
				.ims_only = true,
				.broken = nothing_given,
		},
};

const regmon_rule_set_t regmon_rules_authorization_first =
		REGMON_RULE_SET(first_rules, REGMON_HEADER_OTHER);

/* user@realm with one @, cut in two; false when it is none */
static bool cut_nai(str name, str *ret_user, str *ret_realm)
{
	const char *at = name.len > 0 ? memchr(name.s, '@', name.len) : NULL;
	int user;

	if(at == NULL)
		return false;
	user = (int)(at - name.s);
	*ret_user = (str){name.s, user};
	*ret_realm = regmon_text_from(name, user + 1);
	return user > 0 && ret_realm->len > 0
		   && memchr(ret_realm->s, '@', ret_realm->len) == NULL;
}

static bool username_is_no_nai(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	str name = REGMON_DIGEST_TEXT(&message->authorization, USERNAME);
	str user, realm;

	if(name.len == 0 || !is_aka_phone(message))
		return false;
	*seen = name;
	return !cut_nai(name, &user, &realm)
		   || ((name.s[0] | 0x20) == 's'
				   && (regmon_text_starts_nocase(name, REGMON_TEXT("sip:"))
						   || regmon_text_starts_nocase(
								   name, REGMON_TEXT("sips:"))));
}

static bool is_imsi(str digits)
{
	return (digits.len == 14 || digits.len == 15)
		   && regmon_is_digit(digits.s[0]) && regmon_text_all_digits(digits);
}

static bool imsi_contradicts(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	str name = REGMON_DIGEST_TEXT(&message->authorization, USERNAME);
	const regmon_uri_t *to = &message->to.uri;
	regmon_home_domain_t domain;
	str user, realm;

	/* what nearly every phone sends: the same in both, and To has been looked at by TO-05 */
	if(name.len == to->user.len + 1 + to->host.len && to->user.len > 0
			&& to->host.s == to->user.s + to->user.len + 1
			&& memcmp(name.s, to->user.s, name.len) == 0)
		return false;
	if(!cut_nai(name, &user, &realm))
		return false;
	*seen = user;
	regmon_home_domain_read(realm, &domain);
	if(!domain.well_formed || !is_imsi(user))
		return false;
	if(!regmon_home_domain_has(&domain, user, false))
		return true;
	regmon_home_domain_read(to->host, &domain);
	return domain.well_formed && is_imsi(to->user)
		   && !regmon_text_is(user, to->user);
}

static bool strong_algorithm_without_tunnel(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = REGMON_DIGEST_TEXT(&message->authorization, ALGORITHM);
	return message->authorization.algorithm == REGMON_ALGORITHM_AKAV2_SHA_256
		   && !class->is_protected;
}

static bool mark_from_phone(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = REGMON_DIGEST_TEXT(&message->authorization, INTEGRITY_PROTECTED);
	return REGMON_DIGEST_HAS(&message->authorization, INTEGRITY_PROTECTED);
}

static bool mark_unknown(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	static const str known[] = {STR_STATIC_INIT("yes"), STR_STATIC_INIT("no"),
			STR_STATIC_INIT("tls-pending"), STR_STATIC_INIT("tls-yes"),
			STR_STATIC_INIT("tls-connected"),
			STR_STATIC_INIT("ip-assoc-pending"),
			STR_STATIC_INIT("ip-assoc-yes"), STR_STATIC_INIT("auth-done")};
	unsigned i;

	if(!REGMON_DIGEST_HAS(&message->authorization, INTEGRITY_PROTECTED))
		return false;
	*seen = REGMON_DIGEST_TEXT(&message->authorization, INTEGRITY_PROTECTED);
	for(i = 0; i < REGMON_COUNT(known); i++) {
		if(regmon_text_is_nocase(*seen, known[i]))
			return false;
	}
	return true;
}

static bool nonce_was_not_issued(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	/* the nonce itself is nobody's to see */
	return !history->nonce_is_last_issued && !history->nonce_is_last_accepted;
}

static bool identity_changed(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = REGMON_DIGEST_TEXT(&message->authorization, USERNAME);
	/* nearly always the very same text */
	return seen->len > 0 && history->last_impi.len > 0
		   && !regmon_text_is(*seen, history->last_impi)
		   && !regmon_text_is_nocase(*seen, history->last_impi);
}

static const regmon_rule_t rules[] = {
		{
				.id = "AUTH-03",
				.name = "username-no-private-identity",
				.header = "Authorization",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 23.003 13.3",
				.text = "username is a private identity user@realm: one @, both "
						"parts filled, no sip: in front.",
				.cause = "The public identity or the bare IMSI was configured "
						 "where the private one belongs.",
				.inspect = "username beside the IMPI of the subscriber in the HSS, "
						   "letter by letter.",
				.next_step = "Set the IMPI in the client as in EF_IMPI; the HSS "
							 "answers a wrong one with unknown user, seen as 403.",
				.answer = 403,
				.ims_only = true,
				.broken = username_is_no_nai,
		},
		{
				.id = "AUTH-04",
				.name = "private-identity-contradicts",
				.header = "Authorization",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 23.003 13.3",
				.text = "In a derived private identity the IMSI begins with MCC "
						"and MNC of its domain, and is that of To where To has "
						"one.",
				.cause = "SIM and profile of two subscribers or networks are "
						 "mixed, often in a phone with two SIMs.",
				.inspect = "IMSI in username, mnc and mcc of its domain, IMSI in "
						   "To.",
				.next_step = "Read the SIM that is in use for IMS and clear the "
							 "phone's IMS settings; the HSS refuses identities "
							 "that do not belong together.",
				.ims_only = true,
				.broken = imsi_contradicts,
		},
		{
				.id = "AUTH-11",
				.name = "akav2-without-ipsec",
				.header = "Authorization",
				.legs = REGMON_LEGS_CORE,
				.when = REGMON_WHEN_ANSWERS,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.4.1.1",
				.text = "AKAv2-SHA-256 without IPsec is meant for WebRTC over TLS "
						"(integrity-protected tls-connected).",
				.cause = "A WebRTC gateway that does not set the mark, or a phone "
						 "that answers with version 2 over plain UDP.",
				.inspect = "integrity-protected, and the transport in the last "
						   "Via.",
				.next_step = "If it comes from a WebRTC gateway, set tls-connected "
							 "there; else allow AKAv1 for this subscriber.",
				.broken = strong_algorithm_without_tunnel,
		},
		{
				.id = "AUTH-20",
				.name = "integrity-mark-from-phone",
				.header = "Authorization",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "TS 24.229 7.2A.2",
				.text = "integrity-protected is the P-CSCF's word to the S-CSCF; a "
						"phone does not send it.",
				.cause = "A core trace replayed as a phone, or somebody who tries "
						 "to pass as authenticated.",
				.inspect = "What the P-CSCF sends on: its own value, or this one.",
				.next_step = "Test at once that the P-CSCF overwrites it. With "
							 "\"yes\" passed on, a REGISTER would be accepted "
							 "without any challenge.",
				.broken = mark_from_phone,
		},
		{
				.id = "AUTH-21",
				.name = "integrity-mark-unknown",
				.header = "Authorization",
				.legs = REGMON_LEGS_CORE,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 24.229 7.2A.2",
				.text = "integrity-protected is yes, no, tls-pending, tls-yes, "
						"tls-connected, ip-assoc-pending, ip-assoc-yes or "
						"auth-done.",
				.cause = "A P-CSCF configured by hand with true, 1 or an empty "
						 "value.",
				.inspect = "The value on the wire between P-CSCF and I-CSCF.",
				.next_step = "Correct it at the P-CSCF: an S-CSCF that does not "
							 "know the value challenges each refresh or refuses "
							 "it.",
				.broken = mark_unknown,
		},
		{
				.id = "AUTH-08",
				.name = "nonce-not-issued",
				.header = "Authorization",
				.legs = REGMON_LEG_U1,
				.when = REGMON_WHEN_ANSWERS | REGMON_WHEN_CHALLENGED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 2617 3.2.2",
				.text = "An answer carries the nonce of the last challenge; a "
						"refresh may repeat that of the last success.",
				.cause = "The phone answers an older 401 that overtook the newer "
						 "one, or a proxy changed the nonce.",
				.inspect = "Times of the last two 401s and of this answer; two "
						   "401s close together point to a retransmitted REGISTER "
						   "that was challenged twice.",
				.next_step = "If each REGISTER was challenged twice, make the "
							 "S-CSCF absorb retransmissions; else compare the "
							 "nonce at both ends of the path.",
				.answer = 401,
				.broken_since = nonce_was_not_issued,
		},
		{
				.id = "AUTH-24",
				.name = "private-identity-changed",
				.header = "Authorization",
				.legs = REGMON_LEG_U1 | REGMON_LEG_U2,
				.when = REGMON_WHEN_PROTECTED | REGMON_WHEN_REGISTERED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "TS 24.229 5.2.2",
				.text = "Over a security association the private identity is the "
						"one that the association was set up for.",
				.cause = "A phone with two subscriptions mixes up its IMS stacks, "
						 "or a second device took over address and port.",
				.inspect = "username before and now, source address and port, and "
						   "the SPIs in use.",
				.next_step = "Expect 403. Delete the association at the P-CSCF so "
							 "that each subscription starts unprotected again.",
				.answer = 403,
				.ims_only = true,
				.broken_since = identity_changed,
		},
};

/* A phone whose private identity is its public one without "sip:", made of the IMSI, has nothing to contradict. */
static bool looks_odd(const regmon_message_t *message)
{
	str name = REGMON_DIGEST_TEXT(&message->authorization, USERNAME);
	const regmon_uri_t *to = &message->to.uri;

	if(to->user.len <= 0 || name.len != to->user.len + 1 + to->host.len
			|| to->host.s != to->user.s + to->user.len + 1
			|| memcmp(name.s, to->user.s, name.len) != 0
			|| !regmon_is_digit(name.s[0]))
		return true;
	return memchr(to->user.s, '@', to->user.len) != NULL
		   || to->host.len <= 0 || memchr(to->host.s, '@', to->host.len) != NULL
		   || message->authorization.algorithm == REGMON_ALGORITHM_AKAV2_SHA_256
		   || REGMON_DIGEST_HAS(&message->authorization, INTEGRITY_PROTECTED);
}

const regmon_rule_set_t regmon_rules_authorization_identity = {
		rules, REGMON_COUNT(rules), REGMON_HEADER_AUTHORIZATION, looks_odd};
