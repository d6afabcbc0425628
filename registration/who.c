/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is meant by what an engineer types in, and is it this record? */
#include <stdio.h>

#include "registration/identity.h"
#include "registration/table_private.h"

bool regmon_who_read(str text, regmon_who_t *ret_who)
{
	static const struct
	{
		str prefix;
		regmon_who_kind_t kind;
	} prefixes[] = {{{"impu:", 5}, REGMON_WHO_IMPU},
			{{"impi:", 5}, REGMON_WHO_IMPI}, {{"imsi:", 5}, REGMON_WHO_IMSI},
			{{"msisdn:", 7}, REGMON_WHO_MSISDN},
			{{"imei:", 5}, REGMON_WHO_IMEI},
			{{"callid:", 7}, REGMON_WHO_CALL_ID},
			{{"addr:", 5}, REGMON_WHO_ADDRESS}};
	unsigned i;

	text = regmon_text_trim(text);
	ret_who->kind = REGMON_WHO_ANY;
	for(i = 0; i < REGMON_COUNT(prefixes); i++)
		if(regmon_text_starts_nocase(text, prefixes[i].prefix)) {
			ret_who->kind = prefixes[i].kind;
			text = regmon_text_trim(
					regmon_text_from(text, prefixes[i].prefix.len));
			break;
		}
	ret_who->text = text;
	return text.len > 0;
}

static bool same_number(str known, str asked)
{
	if(asked.len > 0 && asked.s[0] == '+')
		asked = regmon_text_from(asked, 1);
	return known.len > 0 && regmon_text_is(known, asked);
}

static bool same_imei(str known, str asked)
{
	char left[REGMON_IMEI_DIGITS], right[REGMON_IMEI_DIGITS];
	str a = regmon_imei_digits(known, left),
		b = regmon_imei_digits(asked, right);

	return b.len == REGMON_IMEI_DIGITS && asked.len <= REGMON_IMEI_LONGEST
		   && regmon_text_is(a, b);
}

/* 10.0.0.1 or 10.0.0.1:5060; brackets of IPv6 are optional without a port */
static bool same_address(str host, int port, str asked)
{
	int colon = -1, i;

	if(host.len > 2 && host.s[0] == '[')
		host = (str){host.s + 1, host.len - 2};
	if(asked.len > 0 && asked.s[0] == '[') {
		for(i = 1; i < asked.len && asked.s[i] != ']'; i++)
			;
		if(i == asked.len)
			return false;
		colon = i + 1 < asked.len ? i + 1 : -1;
		if(colon < 0 || asked.s[colon] == ':') {
			str inner = {asked.s + 1, i - 1};
			return regmon_text_is_nocase(host, inner)
				   && (colon < 0
						   || regmon_text_number(
									  regmon_text_from(asked, colon + 1))
									  == port);
		}
		return false;
	}
	if(regmon_text_is_nocase(host, asked))
		return host.len > 0;
	for(i = 0; i < asked.len; i++)
		if(asked.s[i] == ':') {
			if(colon >= 0)
				return false; /* bare IPv6 */
			colon = i;
		}
	return colon > 0 && host.len == colon
		   && strncasecmp(host.s, asked.s, colon) == 0
		   && regmon_text_number(regmon_text_from(asked, colon + 1)) == port;
}

static bool address_matches(
		const regmon_registration_t *registration, str asked)
{
	regmon_uri_t contact;

	if(same_address(
			   regmon_registration_string(registration, REGMON_STRING_SOURCE),
			   registration->source_port, asked))
		return true;
	regmon_uri_read(
			regmon_registration_string(registration, REGMON_STRING_CONTACT),
			&contact);
	return same_address(
			contact.host, contact.port > 0 ? contact.port : 5060, asked);
}

static bool impu_matches(const regmon_registration_t *registration, str asked)
{
	char key[REGMON_MAX_KEY];
	str known = regmon_registration_string(registration, REGMON_STRING_IMPU);
	regmon_uri_t uri;
	str canonical;

	if(known.len > 4 && regmon_text_starts_nocase(known, REGMON_TEXT("sip:"))
			&& regmon_text_is(regmon_text_from(known, 4), asked))
		return true; /* without "sip:" */
	regmon_uri_read(asked, &uri);
	canonical = (str){key, regmon_uri_canonical(&uri, key, sizeof(key))};
	return canonical.len > 0
		   && regmon_registration_string_is(
				   registration, REGMON_STRING_IMPU, canonical);
}

/* one of the implicit registration set: as written, without its scheme, or by its number */
static bool associated_matches(
		const regmon_registration_t *registration, const regmon_who_t *who)
{
	char buffer[REGMON_ASSOCIATED_BYTES];
	str rest = regmon_registration_associated(registration, buffer);
	str uri, asked = who->text;
	int position = 0;

	if(who->kind != REGMON_WHO_ANY && who->kind != REGMON_WHO_IMPU
			&& who->kind != REGMON_WHO_MSISDN)
		return false;
	while(regmon_text_next_element(rest, &position, &uri)) {
		if(who->kind != REGMON_WHO_IMPU
				&& same_number(regmon_identity_msisdn(uri), asked))
			return true;
		if(who->kind != REGMON_WHO_MSISDN
				&& (regmon_text_is_nocase(uri, asked)
						|| regmon_text_is_nocase(
								regmon_text_from(uri, 4), asked)))
			return true;
	}
	return false;
}

/* What was shown of a phone under privacy, typed in again; false: who is no pseudonym. */
static bool read_pseudonym(
		const regmon_who_t *who, regmon_pseudonym_t *ret_pseudonym)
{
	static const char *const prefixes[] = {[REGMON_WHO_ANY] = "",
			[REGMON_WHO_IMPU] = "impu:", [REGMON_WHO_IMPI] = "impi:",
			[REGMON_WHO_IMSI] = "imsi:", [REGMON_WHO_MSISDN] = "msisdn:",
			[REGMON_WHO_IMEI] = "imei:", [REGMON_WHO_CALL_ID] = "callid:",
			[REGMON_WHO_ADDRESS] = "addr:"};
	char text[REGMON_IDENTITY_LENGTH];
	int length = snprintf(text, sizeof(text), "%s%.*s", prefixes[who->kind],
			who->text.len, who->text.s);

	return length < (int)sizeof(text)
		   && regmon_pseudonym_read((str){text, length}, ret_pseudonym);
}

static bool matches_clear(
		const regmon_registration_t *registration, const regmon_who_t *who)
{
	str impu = regmon_registration_string(registration, REGMON_STRING_IMPU);
	str impi = regmon_registration_string(registration, REGMON_STRING_IMPI);
	bool any = who->kind == REGMON_WHO_ANY;

	if((any || who->kind == REGMON_WHO_IMPU)
			&& impu_matches(registration, who->text))
		return true;
	if(associated_matches(registration, who))
		return true;
	if((any || who->kind == REGMON_WHO_IMPI)
			&& regmon_registration_string_is(
					registration, REGMON_STRING_IMPI, who->text))
		return true;
	if((any || who->kind == REGMON_WHO_IMSI)
			&& (same_number(regmon_identity_imsi(impi), who->text)
					|| same_number(regmon_identity_imsi(impu), who->text)))
		return true;
	if((any || who->kind == REGMON_WHO_MSISDN)
			&& same_number(regmon_identity_msisdn(impu), who->text))
		return true;
	if((any || who->kind == REGMON_WHO_IMEI)
			&& same_imei(regmon_identity_imei(regmon_registration_string(
								 registration, REGMON_STRING_INSTANCE)),
					who->text))
		return true;
	if((any || who->kind == REGMON_WHO_CALL_ID)
			&& regmon_registration_string_is(
					registration, REGMON_STRING_CALL_ID, who->text))
		return true;
	return (any || who->kind == REGMON_WHO_ADDRESS)
		   && address_matches(registration, who->text);
}

regmon_asked_t regmon_asked_for(const regmon_who_t *who)
{
	regmon_asked_t asked = {.who = who};

	asked.by_pseudonym = regmon_identities_are_hidden()
						 && read_pseudonym(who, &asked.pseudonym);
	return asked;
}

bool regmon_asked_is(const regmon_asked_t *asked,
		const regmon_registration_t *registration)
{
	return matches_clear(registration, asked->who)
		   || (asked->by_pseudonym
				   && regmon_pseudonym_is_of(&asked->pseudonym, registration));
}
