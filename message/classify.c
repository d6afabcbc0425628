/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decides the leg and the purpose of one message. */
#include "message/classify.h"

#include "message/scan.h"

/* An address-of-record as long as this is nobody's; two longer ones that agree so far count as the same. */
#define ADDRESS_SIZE 256

static bool same_address(const regmon_uri_t *a, const regmon_uri_t *b)
{
	char canonical_a[ADDRESS_SIZE], canonical_b[ADDRESS_SIZE];
	int length_a, length_b;

	if(regmon_text_is(a->text, b->text))
		return true;
	length_a = regmon_uri_canonical(a, canonical_a, sizeof(canonical_a));
	length_b = regmon_uri_canonical(b, canonical_b, sizeof(canonical_b));
	return length_a == length_b
		   && memcmp(canonical_a, canonical_b, length_a) == 0;
}

/* REGISTER of an S-CSCF to an application server (TS 24.229 5.4.1.7): the server registers the user under its own
 * name. A phone that registers somebody else would give its own address as Contact. */
static bool is_third_party(const regmon_message_t *message)
{
	const regmon_uri_t *from = &message->from.uri;

	if(message->count[REGMON_HEADER_AUTHORIZATION] > 0
			|| message->contacts.kept == 0 || message->contacts.star)
		return false;
	if(message->count[REGMON_HEADER_FROM] == 0 || from->host.len == 0
			|| message->to.uri.text.len == 0
			|| same_address(from, &message->to.uri))
		return false;
	return from->user.len == 0
		   || regmon_text_is_nocase(
				   from->host, message->contacts.list[0].uri.host);
}

static regmon_credentials_t find_credentials(const regmon_digest_t *digest)
{
	if(REGMON_DIGEST_FILLED(digest, AUTS))
		return REGMON_CREDENTIALS_RESYNC;
	if(REGMON_DIGEST_FILLED(digest, RESPONSE))
		return REGMON_CREDENTIALS_ANSWER;
	/* TS 24.229 5.1.1.5.3: no auts and an empty response say that the MAC was wrong */
	if(REGMON_DIGEST_FILLED(digest, NONCE))
		return REGMON_CREDENTIALS_REFUSED;
	return REGMON_CREDENTIALS_NONE;
}

/* TS 24.229 7.2A.2: the values that a P-CSCF gives to what came over an SA or a TLS session in force; the pending
 * ones and "no" are none of them */
static bool is_integrity_protected(str value)
{
	return regmon_text_is_nocase(value, REGMON_TEXT("yes"))
		   || regmon_text_is_nocase(value, REGMON_TEXT("tls-yes"))
		   || regmon_text_is_nocase(value, REGMON_TEXT("tls-connected"))
		   || regmon_text_is_nocase(value, REGMON_TEXT("ip-assoc-yes"))
		   || regmon_text_is_nocase(value, REGMON_TEXT("auth-done"));
}

static regmon_purpose_t find_purpose(const regmon_message_t *message)
{
	const regmon_contacts_t *contacts = &message->contacts;
	int i;

	if(contacts->n == 0)
		return REGMON_PURPOSE_QUERY;
	if(contacts->star)
		return message->expires == 0 ? REGMON_PURPOSE_DEREGISTRATION
									 : REGMON_PURPOSE_REGISTRATION;
	for(i = 0; i < contacts->kept; i++) {
		/* without any value the registrar chooses one, and it is not 0 */
		if(regmon_contact_effective_expires(
				   &contacts->list[i], message->expires, 3600)
				> 0)
			return REGMON_PURPOSE_REGISTRATION;
	}
	return REGMON_PURPOSE_DEREGISTRATION;
}

static bool is_emergency(const regmon_contacts_t *contacts)
{
	int i;

	for(i = 0; i < contacts->kept; i++) {
		if(contacts->list[i].sos)
			return true;
	}
	return false;
}

static bool ends_in_3gppnetwork(str host)
{
	static const char domain[] = "3gppnetwork.org";
	const int n = sizeof(domain) - 1;

	return host.len >= n
		   && regmon_same_nocase(host.s + host.len - n, domain, n);
}

static bool has_3gpp_tags(const regmon_contacts_t *contacts)
{
	/* the plain media tags of RFC 3840 and unknown tags are no sign */
	const uint32_t plain = REGMON_FEATURE_VIDEO | REGMON_FEATURE_AUDIO
						   | REGMON_FEATURE_TEXT | REGMON_FEATURE_OTHER;
	int i;

	for(i = 0; i < contacts->kept; i++) {
		if(contacts->list[i].features & ~plain)
			return true;
	}
	return false;
}

static bool shows_ims(const regmon_message_t *message)
{
	return ends_in_3gppnetwork(message->request_uri.host)
		   || ends_in_3gppnetwork(message->to.uri.host)
		   || message->count[REGMON_HEADER_P_ACCESS_NETWORK_INFO] > 0
		   || message->count[REGMON_HEADER_SECURITY_CLIENT] > 0
		   || message->count[REGMON_HEADER_SECURITY_VERIFY] > 0
		   || regmon_algorithm_is_aka(message->authorization.algorithm)
		   || REGMON_DIGEST_HAS(&message->authorization, AUTS)
		   || REGMON_DIGEST_HAS(&message->authorization, INTEGRITY_PROTECTED)
		   || has_3gpp_tags(&message->contacts)
		   || ends_in_3gppnetwork(
				   REGMON_DIGEST_TEXT(&message->authorization, REALM))
		   || ((message->required | message->proxy_required
					   | message->supported)
				   & REGMON_OPTION_SEC_AGREE);
}

static regmon_leg_t find_request_leg(const regmon_message_t *message,
		regmon_role_t role, const regmon_class_t *class)
{
	if(role == REGMON_ROLE_ICSCF)
		return REGMON_LEG_PI;
	if(role == REGMON_ROLE_SCSCF)
		return REGMON_LEG_IS;
	/* RFC 3329 2.3.2: one Via is the test for the first hop */
	if(message->via_n > 1 && role != REGMON_ROLE_REGISTRAR)
		return message->via_n == 2 ? REGMON_LEG_PI : REGMON_LEG_IS;
	if(class->credentials != REGMON_CREDENTIALS_NONE)
		return REGMON_LEG_U1;
	return class->is_protected ? REGMON_LEG_U2 : REGMON_LEG_U0;
}

void regmon_classify(const regmon_message_t *message,
		const regmon_arrival_t *arrival, regmon_role_t role,
		regmon_class_t *ret_class)
{
	/* what it came in over does not decide yet: an SA cannot be told from a port number alone */
	(void)arrival;
	memset(ret_class, 0, sizeof(*ret_class));
	if(message->is_answer) {
		ret_class->leg = message->via_n > 1 ? REGMON_LEG_AC : REGMON_LEG_AU;
		return;
	}
	regmon_message_complete(message);
	ret_class->credentials = find_credentials(&message->authorization);
	ret_class->is_protected =
			message->count[REGMON_HEADER_SECURITY_VERIFY] > 0
			|| is_integrity_protected(REGMON_DIGEST_TEXT(
					&message->authorization, INTEGRITY_PROTECTED));
	ret_class->emergency = is_emergency(&message->contacts);
	ret_class->ims = shows_ims(message);
	if(is_third_party(message)) {
		ret_class->leg = REGMON_LEG_SA;
		ret_class->purpose = REGMON_PURPOSE_THIRD_PARTY;
		return;
	}
	ret_class->leg = find_request_leg(message, role, ret_class);
	ret_class->purpose = find_purpose(message);
}

const char *regmon_leg_name(regmon_leg_t leg)
{
	switch(leg) {
		case REGMON_LEG_U0:
			return "U0";
		case REGMON_LEG_U1:
			return "U1";
		case REGMON_LEG_U2:
			return "U2";
		case REGMON_LEG_PI:
			return "PI";
		case REGMON_LEG_IS:
			return "IS";
		case REGMON_LEG_SA:
			return "SA";
		case REGMON_LEG_AU:
			return "AU";
		case REGMON_LEG_AC:
			return "AC";
	}
	return "none";
}

const char *regmon_purpose_name(regmon_purpose_t purpose)
{
	switch(purpose) {
		case REGMON_PURPOSE_REGISTRATION:
			return "registration";
		case REGMON_PURPOSE_DEREGISTRATION:
			return "deregistration";
		case REGMON_PURPOSE_QUERY:
			return "query";
		case REGMON_PURPOSE_THIRD_PARTY:
			return "third-party";
	}
	return "none";
}

static const str role_names[] = {
		[REGMON_ROLE_AUTO] = STR_STATIC_INIT("auto"),
		[REGMON_ROLE_PCSCF] = STR_STATIC_INIT("pcscf"),
		[REGMON_ROLE_ICSCF] = STR_STATIC_INIT("icscf"),
		[REGMON_ROLE_SCSCF] = STR_STATIC_INIT("scscf"),
		[REGMON_ROLE_REGISTRAR] = STR_STATIC_INIT("registrar"),
		[REGMON_ROLE_TAP] = STR_STATIC_INIT("tap"),
};
#define ROLES_N (sizeof(role_names) / sizeof(role_names[0]))

const char *regmon_role_name(regmon_role_t role)
{
	return (unsigned)role < ROLES_N ? role_names[role].s : "none";
}

bool regmon_role_find(str name, regmon_role_t *ret_role)
{
	unsigned i;

	for(i = 0; i < ROLES_N; i++) {
		if(regmon_text_is_nocase(name, role_names[i])) {
			*ret_role = i;
			return true;
		}
	}
	return false;
}
