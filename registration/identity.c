/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leaves a record of whom it is about: as it stands there, or under privacy as SipHash-2-4 with a secret key. Its
 * output has 64 bits: without the key nobody can try identities, and a million phones share none. */
#include "registration/identity.h"

#include <stdio.h>

#include "registration/siphash.h"

#define HASH_DIGITS 16
#define NUMBER_DIGITS 8 /* of a hash that stands for a number in a text */
/* A number of so many digits may be somebody's; versions and dates have fewer. */
#define LEAST_DIGITS 10
#define LEAST_USER 4 /* bytes of a user part that is looked for in texts */
#define IMEI_DIGITS 14
#define WLAN_NODE_DIGITS 12 /* TS 24.229 7.2A.4.3: a MAC address */
#define MOST_BYTES 128

static bool hidden;
static uint8_t secret[REGMON_PSEUDONYM_KEY_BYTES];

/* "#" stands before numbers in texts */
static const char *const prefixes[REGMON_IDENTITIES_N] = {
#define X(id, prefix) prefix,
		REGMON_IDENTITIES(X)
#undef X
};

/* How much of a text counts: as much as a record keeps of it, so that both have one pseudonym. */
static const int most_bytes[REGMON_STRINGS_N] = {
#define X(id, max) max,
		REGMON_STRINGS(X)
#undef X
};

#define X(id, max)                                \
	_Static_assert((max) <= REGMON_IDENTITY_LENGTH \
						   && (max) <= MOST_BYTES, \
			"a buffer holds all of " #id);
REGMON_STRINGS(X)
#undef X

void regmon_identities_hide(const uint8_t key[REGMON_PSEUDONYM_KEY_BYTES])
{
	hidden = key != NULL;
	if(key)
		memcpy(secret, key, sizeof(secret));
	else
		memset(secret, 0, sizeof(secret));
}

bool regmon_identities_are_hidden(void)
{
	return hidden;
}

/* ---- the text that counts ---- */

/* the string of a record that a field comes from */
static regmon_string_t string_of(regmon_identity_t which)
{
	static const uint8_t strings[REGMON_IDENTITIES_N] = {
			[REGMON_IDENTITY_IMPU] = REGMON_STRING_IMPU,
			[REGMON_IDENTITY_IMPI] = REGMON_STRING_IMPI,
			[REGMON_IDENTITY_IMSI] = REGMON_STRING_IMPI,
			[REGMON_IDENTITY_MSISDN] = REGMON_STRING_IMPU,
			[REGMON_IDENTITY_IMEI] = REGMON_STRING_INSTANCE,
			[REGMON_IDENTITY_INSTANCE] = REGMON_STRING_INSTANCE,
			[REGMON_IDENTITY_CONTACT] = REGMON_STRING_CONTACT,
			[REGMON_IDENTITY_SOURCE] = REGMON_STRING_SOURCE,
			[REGMON_IDENTITY_CALL_ID] = REGMON_STRING_CALL_ID,
			[REGMON_IDENTITY_ASSOCIATED] = REGMON_STRING_ASSOCIATED,
			[REGMON_IDENTITY_CELL] = REGMON_STRING_CELL,
			[REGMON_IDENTITY_DEVICE] = REGMON_STRING_DEVICE,
			[REGMON_IDENTITY_REASON] = REGMON_STRING_REASON,
			[REGMON_IDENTITY_ACCESS_TYPE] = REGMON_STRING_ACCESS_TYPE};

	return (regmon_string_t)strings[which];
}

/* buffer: for what is put together */
static str clear_of(const regmon_registration_t *registration,
		regmon_identity_t which, char buffer[REGMON_ASSOCIATED_BYTES])
{
	str text = regmon_registration_string(registration, string_of(which)), imsi;

	switch(which) {
		case REGMON_IDENTITY_IMSI:
			imsi = regmon_identity_imsi(text);
			return imsi.len > 0 ? imsi
								: regmon_identity_imsi(regmon_registration_string(
										registration, REGMON_STRING_IMPU));
		case REGMON_IDENTITY_MSISDN:
			return regmon_identity_msisdn(text);
		case REGMON_IDENTITY_IMEI:
			return regmon_identity_imei(text);
		case REGMON_IDENTITY_ASSOCIATED:
			return regmon_registration_associated(registration, buffer);
		case REGMON_IDENTITY_ACCESS_TYPE:
			return registration->access_type
						   ? regmon_access_type(registration->access_type)
						   : text;
		default:
			return text;
	}
}

/* Of one identity in several forms the one that its pseudonym is made of: an IMEI without dashes and check digit, an
 * address without brackets and in lower case. */
static str normal_form(
		regmon_identity_t which, str text, char buffer[MOST_BYTES])
{
	int most = most_bytes[string_of(which)], n = 0, i;

	if(which == REGMON_IDENTITY_IMEI) {
		for(i = 0; i < text.len && n < IMEI_DIGITS; i++)
			if(regmon_is_digit(text.s[i]))
				buffer[n++] = text.s[i];
		return (str){buffer, n};
	}
	if(text.len > most)
		text.len = most;
	if(which != REGMON_IDENTITY_SOURCE && which != REGMON_IDENTITY_CELL)
		return text;
	if(text.len > 2 && text.s[0] == '[' && text.s[text.len - 1] == ']')
		text = (str){text.s + 1, text.len - 2};
	for(; n < text.len && n < MOST_BYTES; n++)
		buffer[n] = text.s[n] >= 'A' && text.s[n] <= 'Z'
							? (char)(text.s[n] | 0x20)
							: text.s[n];
	return (str){buffer, n};
}

/* ---- hashes ---- */

/* The kind goes in with the text: an IMSI and a number of the same digits have nothing in common. */
static uint64_t hash_of_kind(const char *prefix, str text)
{
	char bytes[16 + MOST_BYTES];
	int length = (int)strlen(prefix);

	memcpy(bytes, prefix, length);
	if(text.len > MOST_BYTES)
		text.len = MOST_BYTES;
	memcpy(bytes + length, text.s, text.len);
	return regmon_siphash_2_4(secret, bytes, (size_t)(length + text.len));
}

static uint64_t hash_of(regmon_identity_t which, str text)
{
	char buffer[MOST_BYTES];

	return hash_of_kind(prefixes[which], normal_form(which, text, buffer));
}

/* as the octets of the hash stand in a file: what other programs print of it */
static int print_hash(uint64_t hash, int digits, char *buffer)
{
	static const char hexadecimal[] = "0123456789abcdef";
	int i;

	for(i = 0; i < digits; i++)
		buffer[i] = hexadecimal[hash >> (8 * (i / 2) + (i % 2 ? 0 : 4)) & 15];
	return digits;
}

/* behind used bytes; returns how many there are then */
static int put_pseudonym(
		regmon_identity_t which, str text, char *buffer, int used)
{
	int length = (int)strlen(prefixes[which]);

	memcpy(buffer + used, prefixes[which], length);
	return used + length
		   + print_hash(hash_of(which, text), HASH_DIGITS,
				   buffer + used + length);
}

static str pseudonym(regmon_identity_t which, str text,
		char buffer[REGMON_IDENTITY_LENGTH])
{
	return (str){buffer, put_pseudonym(which, text, buffer, 0)};
}

/* "contact:HASH@addr:HASH:5060": whether it is the address that the phone came from has to be seen */
static str hide_contact(str text, char buffer[REGMON_IDENTITY_LENGTH])
{
	int used = put_pseudonym(REGMON_IDENTITY_CONTACT, text, buffer, 0);
	regmon_uri_t uri;

	regmon_uri_read(text, &uri);
	if(uri.host.len > 0) {
		buffer[used++] = '@';
		used = put_pseudonym(REGMON_IDENTITY_SOURCE, uri.host, buffer, used);
		if(uri.port > 0)
			used += snprintf(buffer + used, REGMON_IDENTITY_LENGTH - used,
					":%d", uri.port);
	}
	return (str){buffer, used};
}

/* ---- lists ---- */

/* An IMPU as somebody wrote it, in the form in which records have it. */
static str canonical(str uri_text, char buffer[MOST_BYTES])
{
	regmon_uri_t uri;
	int length;

	regmon_uri_read(uri_text, &uri);
	length = regmon_uri_canonical(&uri, buffer, MOST_BYTES);
	return length > 0 ? (str){buffer, length} : uri_text;
}

static str hide_list(str list, char buffer[REGMON_IDENTITY_LENGTH])
{
	const int longest = 2 + 5 + HASH_DIGITS;
	char key[MOST_BYTES];
	int position = 0, used = 0;
	str uri;

	while(regmon_text_next_element(list, &position, &uri)
			&& used + longest <= REGMON_IDENTITY_LENGTH) {
		if(used) {
			memcpy(buffer + used, ", ", 2);
			used += 2;
		}
		used = put_pseudonym(
				REGMON_IDENTITY_IMPU, canonical(uri, key), buffer, used);
	}
	return (str){buffer, used};
}

/* ---- texts that strangers write ---- */

/* bytes of the number that begins here, single dashes within it included; 0: too few digits */
static int number_at(str text, int at)
{
	int digits = 0, end = at, i;

	for(i = at; i < text.len; i++) {
		if(regmon_is_digit(text.s[i])) {
			digits++;
			end = i + 1;
		} else if(text.s[i] != '-' || i == at || text.s[i - 1] == '-') {
			break;
		}
	}
	return digits >= LEAST_DIGITS ? end - at : 0;
}

static int user_at(str text, int at, const str users[2])
{
	int i;

	for(i = 0; i < 2; i++)
		if(users[i].len >= LEAST_USER
				&& regmon_text_starts_nocase(
						regmon_text_from(text, at), users[i]))
			return users[i].len;
	return 0;
}

/* A number and a user's name become "#" and eight digits, so that different ones stay different. At most as many bytes
 * as the text itself may have. */
static str hide_within(regmon_identity_t which, str text, const str users[2],
		char buffer[REGMON_IDENTITY_LENGTH])
{
	int used = 0, at = 0, most = most_bytes[string_of(which)], length;

	while(at < text.len && used < most) {
		length = at > 0 && regmon_is_digit(text.s[at - 1])
						 ? 0
						 : number_at(text, at);
		if(length == 0)
			length = user_at(text, at, users);
		if(length == 0) {
			buffer[used++] = text.s[at++];
			continue;
		}
		if(used + 1 + NUMBER_DIGITS > most)
			break;
		buffer[used++] = '#';
		used += print_hash(hash_of_kind("#", (str){text.s + at, length}),
				NUMBER_DIGITS, buffer + used);
		at += length;
	}
	return (str){buffer, used};
}

static str user_of(const regmon_registration_t *registration,
		regmon_string_t which)
{
	str text = regmon_registration_string(registration, which);
	const char *at;
	regmon_uri_t uri;

	if(which == REGMON_STRING_IMPI) {
		at = text.len > 0 ? memchr(text.s, '@', text.len) : NULL;
		return (str){text.s, at ? (int)(at - text.s) : text.len};
	}
	regmon_uri_read(text, &uri);
	return uri.user.s ? uri.user : uri.host;
}

/* ---- the door ---- */

static str hide(regmon_identity_t which, str text, const str users[2],
		char buffer[REGMON_IDENTITY_LENGTH])
{
	switch(which) {
		case REGMON_IDENTITY_CONTACT:
			return hide_contact(text, buffer);
		case REGMON_IDENTITY_ASSOCIATED:
			return hide_list(text, buffer);
		case REGMON_IDENTITY_CELL:
			return text.len == WLAN_NODE_DIGITS && regmon_text_all_hex(text)
						   ? pseudonym(which, text, buffer)
						   : text;
		case REGMON_IDENTITY_DEVICE:
		case REGMON_IDENTITY_REASON:
		case REGMON_IDENTITY_ACCESS_TYPE:
			return hide_within(which, text, users, buffer);
		default:
			return pseudonym(which, text, buffer);
	}
}

str regmon_identity_of(const regmon_registration_t *registration,
		regmon_identity_t which, char buffer[REGMON_IDENTITY_LENGTH])
{
	char room[REGMON_ASSOCIATED_BYTES];
	str text = clear_of(registration, which, hidden ? room : buffer), users[2];

	if(!hidden || text.len <= 0)
		return text;
	/* half an identity would have a pseudonym of its own */
	if(which == REGMON_IDENTITY_ASSOCIATED
			&& (registration->cut_strings >> REGMON_STRING_ASSOCIATED & 1))
		while(text.len > 0 && text.s[text.len - 1] != ',')
			text.len--;
	users[0] = user_of(registration, REGMON_STRING_IMPU);
	users[1] = user_of(registration, REGMON_STRING_IMPI);
	return hide(which, text, users, buffer);
}

str regmon_identity_shown(
		regmon_identity_t which, str text, char buffer[REGMON_IDENTITY_LENGTH])
{
	const str nobody[2] = {{NULL, 0}, {NULL, 0}};

	return hidden && text.len > 0 ? hide(which, text, nobody, buffer) : text;
}

bool regmon_identity_is_whole(
		const regmon_registration_t *registration, regmon_identity_t which)
{
	char buffer[REGMON_ASSOCIATED_BYTES];

	return clear_of(registration, which, buffer).len > 0
		   && !(registration->cut_strings >> string_of(which) & 1);
}

bool regmon_identity_is(const regmon_registration_t *registration,
		regmon_identity_t which, str asked)
{
	char buffer[REGMON_IDENTITY_LENGTH];

	return regmon_text_is_nocase(clear_of(registration, which, buffer), asked)
		   || (hidden
				   && regmon_text_is_nocase(
						   regmon_identity_of(registration, which, buffer),
						   asked));
}

/* ---- looking for a phone ---- */

static bool read_hash(str text, uint64_t *ret_hash)
{
	int i, digit;

	if(text.len < HASH_DIGITS)
		return false;
	*ret_hash = 0;
	for(i = 0; i < HASH_DIGITS; i++) {
		if(!regmon_is_hex(text.s[i]))
			return false;
		digit = regmon_is_digit(text.s[i]) ? text.s[i] - '0'
										   : (text.s[i] | 0x20) - 'a' + 10;
		*ret_hash |= (uint64_t)digit << (8 * (i / 2) + (i % 2 ? 0 : 4));
	}
	return true;
}

/* what stands behind the digits: nothing, the port of an address, the address of a contact */
static bool read_rest(str rest, regmon_pseudonym_t *pseudonym)
{
	int64_t port;

	if(rest.len == 0)
		return true;
	if(pseudonym->which == REGMON_IDENTITY_CONTACT)
		return rest.s[0] == '@';
	port = regmon_text_number(regmon_text_from(rest, 1));
	if(pseudonym->which != REGMON_IDENTITY_SOURCE || rest.s[0] != ':'
			|| port < 1 || port > UINT16_MAX)
		return false;
	pseudonym->port = (int)port;
	return true;
}

bool regmon_pseudonym_read(str text, regmon_pseudonym_t *ret_pseudonym)
{
	unsigned which;

	if(!hidden)
		return false;
	for(which = 0; which < REGMON_IDENTITIES_N; which++) {
		str prefix = {(char *)prefixes[which],
				prefixes[which] ? (int)strlen(prefixes[which]) : 0};

		if(prefix.len == 0 || which == REGMON_IDENTITY_CELL
				|| !regmon_text_starts_nocase(text, prefix))
			continue;
		text = regmon_text_from(text, prefix.len);
		/* "impu:" in front of a field that begins with it */
		if(regmon_text_starts_nocase(text, prefix))
			text = regmon_text_from(text, prefix.len);
		*ret_pseudonym = (regmon_pseudonym_t){.which = which};
		return read_hash(text, &ret_pseudonym->hash)
			   && read_rest(
					   regmon_text_from(text, HASH_DIGITS), ret_pseudonym);
	}
	return false;
}

static bool is_one_of(str list, uint64_t hash)
{
	char key[MOST_BYTES];
	int position = 0;
	str uri;

	while(regmon_text_next_element(list, &position, &uri))
		if(hash_of(REGMON_IDENTITY_IMPU, canonical(uri, key)) == hash)
			return true;
	return false;
}

static bool is_of(const regmon_pseudonym_t *pseudonym, str text)
{
	return text.len > 0 && hash_of(pseudonym->which, text) == pseudonym->hash;
}

/* as the clear address: where it came from, or its Contact */
static bool is_at(const regmon_pseudonym_t *pseudonym,
		const regmon_registration_t *registration)
{
	char buffer[REGMON_ASSOCIATED_BYTES];
	regmon_uri_t contact;
	int port = pseudonym->port;

	if((port == 0 || port == registration->source_port)
			&& is_of(pseudonym,
					clear_of(registration, REGMON_IDENTITY_SOURCE, buffer)))
		return true;
	regmon_uri_read(
			clear_of(registration, REGMON_IDENTITY_CONTACT, buffer), &contact);
	return (port == 0 || port == (contact.port > 0 ? contact.port : 5060))
		   && is_of(pseudonym, contact.host);
}

bool regmon_pseudonym_is_of(const regmon_pseudonym_t *pseudonym,
		const regmon_registration_t *registration)
{
	char buffer[REGMON_ASSOCIATED_BYTES];

	if(pseudonym->which == REGMON_IDENTITY_SOURCE)
		return is_at(pseudonym, registration);
	if(is_of(pseudonym, clear_of(registration, pseudonym->which, buffer)))
		return true;
	return pseudonym->which == REGMON_IDENTITY_IMPU
		   && is_one_of(clear_of(registration, REGMON_IDENTITY_ASSOCIATED,
								buffer),
				   pseudonym->hash);
}
