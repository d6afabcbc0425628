/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header values in words. A nonce, a response, auts and the keys are named with their length, never shown: nonce and
 * response together allow guessing the key offline. */
#include "show/decode_value.h"

#include <stdarg.h>
#include <stdio.h>

#include "diagnosis/diagnosis.h"

typedef struct sentence
{
	char *buffer;
	int size, used;
} sentence_t;

static void say(sentence_t *sentence, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
static void say(sentence_t *sentence, const char *format, ...)
{
	va_list arguments;
	int n;

	if(sentence->used >= sentence->size - 1)
		return;
	va_start(arguments, format);
	n = vsnprintf(sentence->buffer + sentence->used,
			sentence->size - sentence->used, format, arguments);
	va_end(arguments);
	if(n > 0)
		sentence->used += n;
}

static void say_if(sentence_t *sentence, const char *before, str value)
{
	if(value.len > 0)
		say(sentence, "%s%.*s", before, value.len, value.s);
}

bool regmon_is_secret_header(const char *name)
{
	const char *at;

	for(at = name; *at; at++)
		if(strncasecmp(at, "auth", 4) == 0)
			return true;
	return false;
}

static bool line_is_secret(const regmon_line_t *line)
{
	char name[64];

	snprintf(name, sizeof(name), "%.*s", line->name.len, line->name.s);
	return line->header == REGMON_HEADER_AUTHORIZATION
		   || line->header == REGMON_HEADER_WWW_AUTHENTICATE
		   || line->header == REGMON_HEADER_AUTHENTICATION_INFO
		   || (line->header == REGMON_HEADER_OTHER
				   && regmon_is_secret_header(name));
}

static void say_digest(sentence_t *sentence, str value)
{
	static const struct
	{
		regmon_digest_field_t field;
		const char *name;
		bool shown;
	} fields[] = {{REGMON_DIGEST_USERNAME, "username", true},
			{REGMON_DIGEST_REALM, "realm", true},
			{REGMON_DIGEST_URI, "uri", true},
			{REGMON_DIGEST_ALGORITHM, "algorithm", true},
			{REGMON_DIGEST_QOP, "qop", true}, {REGMON_DIGEST_NC, "nc", true},
			{REGMON_DIGEST_STALE, "stale", true},
			{REGMON_DIGEST_INTEGRITY_PROTECTED, "integrity-protected", true},
			{REGMON_DIGEST_NONCE, "nonce", false},
			{REGMON_DIGEST_RESPONSE, "response", false},
			{REGMON_DIGEST_AUTS, "auts", false},
			{REGMON_DIGEST_CK, "ck", false}, {REGMON_DIGEST_IK, "ik", false}};
	regmon_digest_t digest;
	unsigned i;

	regmon_digest_read(value, &digest);
	say_if(sentence, "", digest.scheme);
	for(i = 0; i < REGMON_COUNT(fields); i++) {
		str field = digest.field[fields[i].field];

		if(!((digest.given >> fields[i].field) & 1))
			continue;
		if(fields[i].shown)
			say(sentence, " %s=\"%.*s\"", fields[i].name, field.len, field.s);
		else if(field.len == 0)
			say(sentence, " %s=\"\"", fields[i].name);
		else if(fields[i].field == REGMON_DIGEST_CK
				|| fields[i].field == REGMON_DIGEST_IK)
			say(sentence, " %s (present, not shown)", fields[i].name);
		else
			say(sentence, " %s (%d characters, not shown)", fields[i].name,
					field.len);
	}
}

void regmon_decode_value(const regmon_message_t *message,
		const regmon_line_t *line, char *buffer, int size)
{
	sentence_t sentence = {buffer, size, 0};

	buffer[0] = '\0';
	if(!line_is_secret(line)) {
		say(&sentence, "%.*s", line->value.len, line->value.s);
		if(line->value.len >= size)
			memcpy(buffer + size - 4, "...", 4);
		return;
	}
	if(line->header == REGMON_HEADER_AUTHORIZATION
			|| line->header == REGMON_HEADER_WWW_AUTHENTICATE)
		say_digest(&sentence, line->value);
	else
		say(&sentence, "(%d characters, not shown)", line->value.len);
}

/* ---- in words ---- */

static void say_authorization(
		sentence_t *sentence, const regmon_digest_t *digest)
{
	bool response = REGMON_DIGEST_FILLED(digest, RESPONSE);
	str impi = REGMON_DIGEST_TEXT(digest, USERNAME);

	if(REGMON_DIGEST_FILLED(digest, AUTS))
		say(sentence, "the card finds the network's SQN out of range and asks "
					  "for a new one");
	else if(response)
		say(sentence, "carries an answer to a challenge");
	else if(REGMON_DIGEST_FILLED(digest, NONCE))
		say(sentence, "refuses the challenge: the card did not accept AUTN");
	else
		say(sentence, "no challenge yet");
	say_if(sentence, "; IMPI ", impi);
	say(sentence, "; algorithm %s", regmon_algorithm_name(digest->algorithm));
}

/* RFC 3310 3.2: base64 of RAND (16) and AUTN (16), 44 characters and more */
static void say_challenge(sentence_t *sentence, const regmon_digest_t *digest)
{
	str nonce = REGMON_DIGEST_TEXT(digest, NONCE);

	say(sentence, "algorithm %s; ", regmon_algorithm_name(digest->algorithm));
	if(regmon_algorithm_is_aka(digest->algorithm))
		say(sentence, "%s",
				nonce.len >= 43 ? "the nonce has room for RAND and AUTN"
								: "the nonce is too short for RAND and AUTN");
	if(REGMON_DIGEST_FILLED(digest, CK) || REGMON_DIGEST_FILLED(digest, IK))
		say(sentence, "; carries ck or ik, which no phone may get");
}

static void say_features(sentence_t *sentence, uint32_t features)
{
	static const char *const names[] = {"mmtel", "smsip", "video", "audio",
			"text", "mid-call", "srvcc-alerting", "ps2cs-srvcc",
			"ps-data-off"};
	unsigned i, n = 0;

	for(i = 0; i < REGMON_COUNT(names); i++)
		if((features >> i) & 1)
			say(sentence, "%s%s", n++ ? ", " : "; features ", names[i]);
}

static void say_duration(sentence_t *sentence, int64_t seconds)
{
	char buffer[40];

	regmon_print_duration(seconds * 1000, buffer, sizeof(buffer));
	say(sentence, "%s", buffer);
}

static void say_contacts(
		sentence_t *sentence, const regmon_contacts_t *contacts)
{
	const regmon_contact_t *contact = &contacts->list[0];

	if(contacts->kept == 0)
		return;
	if(contacts->n > 1)
		say(sentence, "%d contacts; the first: ", contacts->n);
	if(contact->star) {
		say(sentence, "all bindings of this identity");
		return;
	}
	say(sentence, "reached at %.*s", contact->uri.host.len,
			contact->uri.host.s);
	say_if(sentence, ":", contact->uri.port_text);
	if(contact->expires >= 0) {
		say(sentence, contact->expires ? " for " : "; taken back (expires 0)");
		if(contact->expires)
			say_duration(sentence, contact->expires);
	}
	say_if(sentence, "; instance ", contact->instance);
	say_if(sentence, "; reg-id ", contact->reg_id);
	say_features(sentence, contact->features);
	if(contact->sos)
		say(sentence, "; emergency registration");
}

static void say_access(sentence_t *sentence, const regmon_access_list_t *list)
{
	const regmon_access_value_t *access = regmon_access_best(list);

	if(access == NULL)
		return;
	if(list->n > 1)
		say(sentence, "%d values; the one that counts: ", list->n);
	say(sentence, "%s", regmon_access_name(access->access));
	say_if(sentence, ", PLMN ", access->plmn);
	say_if(sentence, ", TAC ", access->tac);
	say_if(sentence, ", cell ", access->cell);
	if(access->network_provided)
		say(sentence, ", provided by the network");
	if(access->broken)
		say(sentence, ", does not follow the grammar from \"%.*s\"",
				access->broken_part.len, access->broken_part.s);
}

static void say_security(
		sentence_t *sentence, const regmon_security_list_t *list)
{
	const regmon_security_t *entry = &list->list[0];

	if(list->kept == 0)
		return;
	if(list->n > 1)
		say(sentence, "%d entries; the first: ", list->n);
	say(sentence, "%.*s", entry->mechanism.len, entry->mechanism.s);
	say_if(sentence, ", alg ", entry->alg);
	say_if(sentence, ", ealg ", entry->ealg);
	if(entry->spi_c >= 0 && entry->spi_s >= 0)
		say(sentence, ", SPIs %lld (client) %lld (server)",
				(long long)entry->spi_c, (long long)entry->spi_s);
	if(entry->port_c >= 0 && entry->port_s >= 0)
		say(sentence, ", ports %lld (client) %lld (server)",
				(long long)entry->port_c, (long long)entry->port_s);
}

static void say_to(sentence_t *sentence, const regmon_message_t *message)
{
	char key[200];
	str impu = {key,
			regmon_uri_canonical(&message->to.uri, key, sizeof(key))};

	if(impu.len <= 0)
		return;
	say(sentence, "IMPU %.*s", impu.len, impu.s);
	say_if(sentence, "; IMSI ", regmon_identity_imsi(impu));
	say_if(sentence, "; MSISDN ", regmon_identity_msisdn(impu));
}

void regmon_decode_says(const regmon_message_t *message,
		const regmon_line_t *line, char *buffer, int size)
{
	sentence_t sentence = {buffer, size, 0};
	/* the readers took all lines of a header together; the words stand at the first */
	bool is_first = regmon_message_line(message, line->header) == line;

	buffer[0] = '\0';
	if(!is_first)
		return;
	switch(line->header) {
		case REGMON_HEADER_VIA:
			say(&sentence, "%d hop%s", message->via_n,
					message->via_n == 1 ? "" : "s");
			break;
		case REGMON_HEADER_TO:
			say_to(&sentence, message);
			break;
		case REGMON_HEADER_CONTACT:
			say_contacts(&sentence, &message->contacts);
			break;
		case REGMON_HEADER_EXPIRES:
			if(message->expires == 0)
				say(&sentence, "takes the binding back");
			else if(message->expires > 0)
				say_duration(&sentence, message->expires);
			break;
		case REGMON_HEADER_AUTHORIZATION:
			say_authorization(&sentence, &message->authorization);
			break;
		case REGMON_HEADER_WWW_AUTHENTICATE:
			say_challenge(&sentence, &message->challenge);
			break;
		case REGMON_HEADER_SECURITY_CLIENT:
			say_security(&sentence, &message->security_client);
			break;
		case REGMON_HEADER_SECURITY_SERVER:
			say_security(&sentence, &message->security_server);
			break;
		case REGMON_HEADER_SECURITY_VERIFY:
			say_security(&sentence, &message->security_verify);
			break;
		case REGMON_HEADER_P_ACCESS_NETWORK_INFO:
			say_access(&sentence, &message->access);
			break;
		default:
			break;
	}
}

const char *regmon_leg_meaning(regmon_leg_t leg)
{
	switch(leg) {
		case REGMON_LEG_U0:
			return "phone to P-CSCF, unprotected, no answer to a challenge";
		case REGMON_LEG_U1:
			return "phone to P-CSCF, answers a challenge";
		case REGMON_LEG_U2:
			return "phone to P-CSCF, protected, no challenge open";
		case REGMON_LEG_PI:
			return "P-CSCF to I-CSCF";
		case REGMON_LEG_IS:
			return "I-CSCF to S-CSCF";
		case REGMON_LEG_SA:
			return "S-CSCF to application server (third-party REGISTER)";
		case REGMON_LEG_AU:
			return "answer towards the phone";
		case REGMON_LEG_AC:
			return "answer inside the core";
	}
	return "unknown";
}
