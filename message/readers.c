/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the headers of a message: the table that names a reader for each, and the readers of headers that are one number,
 * one word or one address; the larger ones have a file each.
 *
 * To read one more header: name it in REGMON_HEADERS (message.h, header_name.c) if it is not there, write its
 * reader in a file of its own (value in, plain struct out), give the struct a place in regmon_message_t, empty it in
 * regmon_readers_empty(), and add one line to READERS below. */
#include "message/readers.h"

#include "message/base64.h"
#include "message/parameter.h"

static const char *text_end(const regmon_message_t *message)
{
	return message->text.s + message->text.len;
}

/* ---- addresses ---- */

REGMON_INLINE int find_tag(
		const regmon_scan_t *scan, bool exact, int *ret_length)
{
	*ret_length = 0;
	REGMON_NAME_GIVES("tag", true);
	return false;
}
REGMON_THOROUGH(read_thoroughly, find_tag, ';', ';')

/* all but the parts of the URI; returns its text */
static str read_address(str value, const char *text_end, regmon_party_t *party)
{
	regmon_scan_t scan;
	regmon_parameter_t parameter;
	str uri = {NULL, 0};
	char ended;

	if(value.len <= 0) {
		party->broken = true;
		return uri;
	}
	regmon_scan_start(&scan, value, text_end);
	/* one value only, so a comma ends nothing */
	ended = regmon_scan_address(&scan, ';', &uri, &party->broken);
	while(ended) {
		ended = regmon_scan_next(&scan, find_tag, read_thoroughly, ';', ';',
				&parameter, &party->broken);
		if(parameter.id && !party->tag_given) {
			party->tag_given = true;
			party->tag = parameter.value;
		}
	}
	return uri;
}

/* The same URI in another place of the text. */
static void copy_uri(const regmon_uri_t *known, str text, regmon_uri_t *ret_uri)
{
	str *const slices[] = {&ret_uri->text, &ret_uri->user, &ret_uri->host,
			&ret_uri->port_text, &ret_uri->parameters, &ret_uri->headers};
	const long further = text.s - known->text.s;
	unsigned i;

	*ret_uri = *known;
#pragma GCC unroll 6
	for(i = 0; i < sizeof(slices) / sizeof(slices[0]); i++)
		if(slices[i]->s)
			slices[i]->s += further;
}

/* known: a URI that it may be, too; NULL: none */
static void read_party(str value, const char *text_end,
		const regmon_uri_t *known, regmon_party_t *party)
{
	str uri = read_address(value, text_end, party);

	if(value.len <= 0)
		return;
	if(known && uri.len > 0 && regmon_text_is(uri, known->text))
		copy_uri(known, uri, &party->uri);
	else
		regmon_uri_read(uri, &party->uri);
	party->broken |= uri.len == 0 || party->uri.scheme == REGMON_SCHEME_NONE;
}

static void read_to(str value, regmon_message_t *message)
{
	read_party(value, text_end(message), NULL, &message->to);
}

static void read_from(str value, regmon_message_t *message)
{
	/* a phone registers itself, so most often this is what To says, when that was read before */
	read_party(value, text_end(message), &message->to.uri, &message->from);
}

/* ---- words and numbers ---- */

static void read_call_id(str value, regmon_message_t *message)
{
	message->call_id = value;
}

static void read_user_agent(str value, regmon_message_t *message)
{
	message->user_agent = value;
}

/* "1 REGISTER", as nearly everybody writes it */
static bool read_usual_cseq(str value, const char *text, regmon_cseq_t *cseq)
{
	static const char register_word[] = " REGISTER";
	const int n = sizeof(register_word) - 1;
	str number = {value.s, value.len - n};

	if(number.len <= 0 || !regmon_same(value.s + number.len, register_word, n))
		return false;
	cseq->number = regmon_scan_number(text, number);
	if(cseq->number < 0)
		return false;
	cseq->number_text = number;
	cseq->method = (str){value.s + number.len + 1, n - 1};
	return true;
}

static void read_cseq(str value, regmon_message_t *message)
{
	regmon_cseq_t *cseq = &message->cseq;
	int i;

	if(REGMON_USUALLY(read_usual_cseq(value, message->text.s, cseq)))
		return;
	for(i = 0; i < value.len && (unsigned char)value.s[i] > ' '; i++)
		;
	/* other characters of control are no white space */
	for(; i < value.len && !regmon_is_space(value.s[i]); i++)
		;
	cseq->number_text = (str){value.s, i};
	cseq->number = regmon_scan_number(message->text.s, cseq->number_text);
	cseq->method = regmon_text_trim(regmon_text_from(value, i));
}

#define NUMBER_READER(field)                                         \
	static void read_##field(str value, regmon_message_t *message)   \
	{                                                                \
		message->field = regmon_scan_number(message->text.s, value); \
	}
NUMBER_READER(expires)
NUMBER_READER(min_expires)
NUMBER_READER(max_forwards)
NUMBER_READER(content_length)

/* RFC 3261 20.33: delta-seconds, then perhaps a comment and parameters */
static void read_retry_after(str value, regmon_message_t *message)
{
	int i;

	for(i = 0; i < value.len && !regmon_is_space(value.s[i])
			   && value.s[i] != ';' && value.s[i] != '(';
			i++)
		;
	message->retry_after =
			regmon_scan_number(message->text.s, (str){value.s, i});
}

/* Names of tags compare without case like all tokens (RFC 3261 7.3.1). */
static inline uint8_t option_of(const char *tag, int length)
{
	if(length == 9 && regmon_same_nocase(tag, "sec-agree", 9))
		return REGMON_OPTION_SEC_AGREE;
	if(length == 4 && regmon_same_nocase(tag, "path", 4))
		return REGMON_OPTION_PATH;
	if(length == 4 && regmon_same_nocase(tag, "gruu", 4))
		return REGMON_OPTION_GRUU;
	if(length == 8 && regmon_same_nocase(tag, "outbound", 8))
		return REGMON_OPTION_OUTBOUND;
	return length > 0 ? REGMON_OPTION_OTHER : 0;
}

static uint8_t read_options(str value)
{
	const char *at = value.s, *end = value.s + value.len, *stop;
	uint8_t options = 0;
	str tag;

	if(value.len == 9 && regmon_same(value.s, "sec-agree", 9))
		return REGMON_OPTION_SEC_AGREE; /* alone, most often */
	for(; at < end; at = stop + 1) {
		stop = regmon_scan_find(value.s, at, end, ',', ',', ',');
		tag = regmon_scan_slice(at, stop);
		options |= option_of(tag.s, tag.len);
	}
	return options;
}

#define OPTIONS_READER(field)                                      \
	static void read_##field(str value, regmon_message_t *message) \
	{                                                              \
		message->field |= read_options(value);                     \
	}
OPTIONS_READER(supported)
OPTIONS_READER(required)
OPTIONS_READER(proxy_required)

/* ---- Via ---- */

static void read_via(str value, regmon_message_t *message)
{
	const char *at = value.s, *end = value.s + value.len;
	regmon_via_t later, *via = message->via_n == 0 ? &message->via : &later;
	int position = 0;
	str element;

	if(value.len <= 0)
		return;
	if(message->via_n > 0
			&& regmon_scan_find(at, at, end, ',', ',', ',') == end) {
		message->via_n++; /* of a later one it is enough that it is there */
		return;
	}
	regmon_via_read_within(value, text_end(message), via);
	if(via->text.len > 0) {
		message->via_n++;
		at = via->text.s + via->text.len;
	}
	while(regmon_text_next_element(
			(str){(char *)at, end - at}, &position, &element))
		message->via_n++;
}

/* ---- headers with files of their own ---- */

static void read_contact(str value, regmon_message_t *message)
{
	regmon_contacts_read_within(value, text_end(message), &message->contacts);
}

static void read_authorization(str value, regmon_message_t *message)
{
	regmon_digest_read_within(
			value, text_end(message), &message->authorization);
}

static void read_challenge(str value, regmon_message_t *message)
{
	regmon_digest_read_within(value, text_end(message), &message->challenge);
	message->nonce_octets = regmon_base64_read(
			REGMON_DIGEST_TEXT(&message->challenge, NONCE), NULL, 0);
}

static void read_security_client(str value, regmon_message_t *message)
{
	regmon_security_read_within(
			value, text_end(message), &message->security_client);
}

static void read_security_server(str value, regmon_message_t *message)
{
	regmon_security_read_within(
			value, text_end(message), &message->security_server);
}

static void read_security_verify(str value, regmon_message_t *message)
{
	regmon_security_read_within(
			value, text_end(message), &message->security_verify);
}

static void read_access(str value, regmon_message_t *message)
{
	regmon_access_read_within(value, text_end(message), &message->access);
}

/* ---- the table of readers ---- */

/* FIRST: of the first line only */
#define READERS(FIRST, EVERY)                    \
	EVERY(VIA, read_via)                         \
	FIRST(FROM, read_from)                       \
	FIRST(TO, read_to)                           \
	FIRST(CALL_ID, read_call_id)                 \
	FIRST(CSEQ, read_cseq)                       \
	FIRST(MAX_FORWARDS, read_max_forwards)       \
	EVERY(CONTACT, read_contact)                 \
	FIRST(EXPIRES, read_expires)                 \
	FIRST(AUTHORIZATION, read_authorization)     \
	FIRST(WWW_AUTHENTICATE, read_challenge)      \
	EVERY(SECURITY_CLIENT, read_security_client) \
	EVERY(SECURITY_SERVER, read_security_server) \
	EVERY(SECURITY_VERIFY, read_security_verify) \
	EVERY(P_ACCESS_NETWORK_INFO, read_access)    \
	EVERY(SUPPORTED, read_supported)             \
	EVERY(REQUIRE, read_required)                \
	EVERY(PROXY_REQUIRE, read_proxy_required)    \
	FIRST(MIN_EXPIRES, read_min_expires)         \
	FIRST(RETRY_AFTER, read_retry_after)         \
	FIRST(CONTENT_LENGTH, read_content_length)   \
	FIRST(USER_AGENT, read_user_agent)

#define READER(id, function) [REGMON_HEADER_##id] = function,
#define BIT(id, function) | REGMON_HEADER_BIT(id)
#define NO_BIT(id, function)

typedef void reader_t(str value, regmon_message_t *message);
static reader_t *const readers[REGMON_HEADERS_N] = {READERS(READER, READER)};

const uint64_t regmon_readers_headers = 0 READERS(BIT, BIT);
/* those of which every line is read */
static const uint64_t every_line = 0 READERS(NO_BIT, BIT);
_Static_assert(REGMON_HEADERS_N <= 64, "one bit for each header");

static void read_header(regmon_message_t *message, unsigned header)
{
	const regmon_line_t *line = &message->lines[message->first[header] - 1];
	reader_t *read = readers[header];

	if(header == REGMON_HEADER_VIA)
		message->via_n = 0; /* they may have been counted */
	read(line->value, message);
	if(!((every_line >> header) & 1))
		return;
	while(line->next) {
		line = &message->lines[line->next - 1];
		read(line->value, message);
	}
}

void regmon_message_read_headers(regmon_message_t *message, uint64_t headers)
{
	uint64_t wanted = headers & message->unread;

	if(message->skipped && (wanted & ~REGMON_HEADERS_LEFT_OUT)) {
		regmon_message_scan_again(message);
		wanted = headers & message->unread;
	}
	message->unread &= ~wanted;
	for(; wanted; wanted &= wanted - 1)
		read_header(message, (unsigned)__builtin_ctzll(wanted));
}

static void count_vias(regmon_message_t *message)
{
	const regmon_line_t *line = regmon_message_line(message, REGMON_HEADER_VIA);
	const char *at, *end;

	for(; line; line = regmon_message_next_line(message, line)) {
		at = line->value.s;
		end = at + line->value.len;
		if(at == end || regmon_scan_find(at, at, end, ',', ',', ',') != end) {
			/* more than one value, or none */
			regmon_message_read_headers(message, REGMON_HEADER_BIT(VIA));
			return;
		}
	}
	message->via_n = message->count[REGMON_HEADER_VIA];
}

/* "<sip:user@host>;tag=x", as nearly everybody writes it; false: it has another form. */
static bool read_usual_tag(str value, str *ret_tag)
{
	const char *end = value.s + value.len, *at = value.s;

	if(value.len < 8 || *at != '<')
		return false;
	at = regmon_scan_find(value.s, at, end, '>', '>', '>') + 1;
	if(end - at < 6 || !regmon_same(at, ";tag=", 5))
		return false;
	at += 5;
	if((unsigned char)*at <= ' '
			|| regmon_scan_find(value.s, at, end, ';', '"', ' ') != end)
		return false;
	*ret_tag = (str){(char *)at, (int)(end - at)};
	return true;
}

void regmon_message_read_dialog(regmon_message_t *message)
{
	const regmon_line_t *from =
			regmon_message_line(message, REGMON_HEADER_FROM);
	regmon_party_t party = {.tag_given = false};

	if(message->unread & REGMON_HEADER_BIT(VIA))
		count_vias(message);
	if(message->unread & REGMON_HEADER_BIT(FROM)) {
		if(!REGMON_USUALLY(read_usual_tag(from->value, &party.tag)))
			read_address(from->value, text_end(message), &party);
		message->from.tag = party.tag;
	}
}

bool regmon_message_read_ahead(const char *text, int length, const char *at,
		regmon_ahead_t *ret_ahead)
{
	const char *end;

	if(at == NULL || at < text || at >= text + length)
		return false;
	end = memchr(at, '\n', text + length - at);
	if(end == NULL)
		return false;
	ret_ahead->value = regmon_scan_slice(at, end);
	regmon_clear(&ret_ahead->to, sizeof(ret_ahead->to));
	read_party(ret_ahead->value, text + length, NULL, &ret_ahead->to);
	return !ret_ahead->to.broken;
}

bool regmon_message_take_ahead(
		regmon_message_t *message, const regmon_ahead_t *ahead)
{
	const regmon_line_t *line = regmon_message_line(message, REGMON_HEADER_TO);

	if(line == NULL || line->value.s != ahead->value.s
			|| line->value.len != ahead->value.len
			|| !(message->unread & REGMON_HEADER_BIT(TO)))
		return false;
	message->to = ahead->to;
	message->unread &= ~REGMON_HEADER_BIT(TO);
	return true;
}

void regmon_readers_take(regmon_message_t *message, unsigned header, str value,
		bool is_first)
{
	if(readers[header] && (is_first || ((every_line >> header) & 1)))
		readers[header](value, message);
}

/* The arrays of entries (contacts, ...) are not emptied: their counters say how much of them is valid, and each entry
 * is written whole when it is used. */
void regmon_readers_empty(regmon_message_t *message)
{
	message->call_id = message->user_agent = (str){NULL, 0};
	regmon_clear(&message->to, sizeof(message->to));
	regmon_clear(&message->from, sizeof(message->from));
	memset(&message->cseq, 0, sizeof(message->cseq));
	message->cseq.number = REGMON_NUMBER_ABSENT;
	regmon_clear(&message->via, sizeof(message->via));
	message->via_n = 0;
	message->expires = message->min_expires = message->retry_after =
			message->max_forwards = message->content_length =
					REGMON_NUMBER_ABSENT;
	message->supported = message->required = message->proxy_required = 0;
	message->contacts.n = message->contacts.kept = 0;
	message->contacts.star = false;
	regmon_clear(&message->authorization, sizeof(message->authorization));
	regmon_clear(&message->challenge, sizeof(message->challenge));
	message->nonce_octets = 0;
	message->security_client.n = message->security_client.kept = 0;
	message->security_server.n = message->security_server.kept = 0;
	message->security_verify.n = message->security_verify.kept = 0;
	message->access.n = message->access.kept = 0;
}
