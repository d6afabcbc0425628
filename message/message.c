/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a message: start line, the walk over its header lines, and the headers that are one number or one word.
 *
 * To read one more header: name it in REGMON_HEADERS (message.h, header_name.c) if it is not there, write its
 * reader in a file of its own (value in, plain struct out), give the struct a place in regmon_message_t, empty it in
 * empty_fields(), and add one line to readers[] below. */
#include "message/message.h"

#include "message/scan.h"

/* ---- small readers ---- */

static void read_party(str value, regmon_party_t *party)
{
	regmon_scan_t scan;
	str uri, name, text;
	bool is_tag;
	char ended;

	memset(party, 0, sizeof(*party));
	if(value.len <= 0) {
		party->broken = true;
		return;
	}
	regmon_scan_start(&scan, value);
	/* one value only, so a comma ends nothing */
	ended = regmon_scan_address(&scan.at, scan.end, ';', &uri, &party->broken);
	while(ended) {
		scan.at = regmon_scan_skip_space(scan.at, scan.end);
		is_tag = regmon_scan_name_is(&scan, "tag", 3);
		ended = regmon_scan_parameter(
				&scan, is_tag ? 3 : 0, ';', ';', &name, &text, &party->broken);
		if(is_tag && !party->tag_given) {
			party->tag_given = true;
			party->tag = text;
		}
	}
	regmon_uri_read(uri, &party->uri);
	party->broken |= uri.len == 0 || party->uri.scheme == REGMON_SCHEME_NONE;
}

static void read_to(str value, regmon_message_t *message)
{
	read_party(value, &message->to);
}

static void read_from(str value, regmon_message_t *message)
{
	read_party(value, &message->from);
}

static void read_call_id(str value, regmon_message_t *message)
{
	message->call_id = value;
}

static void read_cseq(str value, regmon_message_t *message)
{
	regmon_cseq_t *cseq = &message->cseq;
	int i;

	for(i = 0; i < value.len && !regmon_is_space(value.s[i]); i++)
		;
	cseq->number_text = (str){value.s, i};
	cseq->number = regmon_scan_number(message->text.s, cseq->number_text);
	cseq->method = regmon_text_trim(regmon_text_from(value, i));
}

static void read_via(str value, regmon_message_t *message)
{
	const char *at = value.s, *end = value.s + value.len;
	regmon_via_t later, *via = message->via_n == 0 ? &message->via : &later;
	int position = 0;
	str element;

	if(value.len <= 0)
		return;
	regmon_via_read(value, via);
	if(via->text.len > 0) {
		message->via_n++;
		at = via->text.s + via->text.len;
	}
	while(regmon_text_next_element(
			(str){(char *)at, end - at}, &position, &element))
		message->via_n++;
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

static void read_contact(str value, regmon_message_t *message)
{
	regmon_contacts_read(value, &message->contacts);
}

static void read_authorization(str value, regmon_message_t *message)
{
	regmon_digest_read(value, &message->authorization);
}

static void read_challenge(str value, regmon_message_t *message)
{
	regmon_digest_read(value, &message->challenge);
}

static void read_security_client(str value, regmon_message_t *message)
{
	regmon_security_read(value, &message->security_client);
}

static void read_security_server(str value, regmon_message_t *message)
{
	regmon_security_read(value, &message->security_server);
}

static void read_security_verify(str value, regmon_message_t *message)
{
	regmon_security_read(value, &message->security_verify);
}

static void read_access(str value, regmon_message_t *message)
{
	regmon_access_read(value, &message->access);
}

static void read_user_agent(str value, regmon_message_t *message)
{
	message->user_agent = value;
}

/* ---- the table of readers ---- */

typedef struct reader
{
	void (*read)(str value, regmon_message_t *message);
	bool every_line; /* else the first line only */
} reader_t;

static const reader_t readers[REGMON_HEADERS_N] = {
		[REGMON_HEADER_VIA] = {read_via, true},
		[REGMON_HEADER_FROM] = {read_from, false},
		[REGMON_HEADER_TO] = {read_to, false},
		[REGMON_HEADER_CALL_ID] = {read_call_id, false},
		[REGMON_HEADER_CSEQ] = {read_cseq, false},
		[REGMON_HEADER_MAX_FORWARDS] = {read_max_forwards, false},
		[REGMON_HEADER_CONTACT] = {read_contact, true},
		[REGMON_HEADER_EXPIRES] = {read_expires, false},
		[REGMON_HEADER_AUTHORIZATION] = {read_authorization, false},
		[REGMON_HEADER_WWW_AUTHENTICATE] = {read_challenge, false},
		[REGMON_HEADER_SECURITY_CLIENT] = {read_security_client, true},
		[REGMON_HEADER_SECURITY_SERVER] = {read_security_server, true},
		[REGMON_HEADER_SECURITY_VERIFY] = {read_security_verify, true},
		[REGMON_HEADER_P_ACCESS_NETWORK_INFO] = {read_access, true},
		[REGMON_HEADER_SUPPORTED] = {read_supported, true},
		[REGMON_HEADER_REQUIRE] = {read_required, true},
		[REGMON_HEADER_PROXY_REQUIRE] = {read_proxy_required, true},
		[REGMON_HEADER_MIN_EXPIRES] = {read_min_expires, false},
		[REGMON_HEADER_RETRY_AFTER] = {read_retry_after, false},
		[REGMON_HEADER_CONTENT_LENGTH] = {read_content_length, false},
		[REGMON_HEADER_USER_AGENT] = {read_user_agent, false},
};

/* The arrays of entries (lines, contacts, ...) are not emptied: their counters say how much of them is valid, and
 * each entry is written whole when it is used. */
static void empty_fields(regmon_message_t *message)
{
	message->is_answer = message->broken_start_line = false;
	message->code = 0;
	message->method = message->reason = message->request_uri_text =
			message->first_broken_line = message->body = message->call_id =
					message->user_agent = (str){NULL, 0};
	memset(&message->request_uri, 0, sizeof(message->request_uri));
	message->lines_n = message->lines_dropped = message->lines_broken = 0;
	memset(message->count, 0, sizeof(message->count));
	memset(message->first, 0, sizeof(message->first));
	message->no_end_of_headers = false;
	memset(&message->to, 0, sizeof(message->to));
	memset(&message->from, 0, sizeof(message->from));
	memset(&message->cseq, 0, sizeof(message->cseq));
	message->cseq.number = REGMON_NUMBER_ABSENT;
	memset(&message->via, 0, sizeof(message->via));
	message->via_n = 0;
	message->expires = message->min_expires = message->retry_after =
			message->max_forwards = message->content_length =
					REGMON_NUMBER_ABSENT;
	message->supported = message->required = message->proxy_required = 0;
	message->contacts.n = message->contacts.kept = 0;
	message->contacts.star = false;
	memset(&message->authorization, 0, sizeof(message->authorization));
	memset(&message->challenge, 0, sizeof(message->challenge));
	message->security_client.n = message->security_client.kept = 0;
	message->security_server.n = message->security_server.kept = 0;
	message->security_verify.n = message->security_verify.kept = 0;
	message->access.n = message->access.kept = 0;
}

/* ---- start line ---- */

static bool is_version(str text)
{
	return text.len == 7 && REGMON_NAME_IS(text, "SIP/2.0");
}

/* "SIP/2.0 401 Unauthorized" */
static bool read_status_line(str line, regmon_message_t *message)
{
	str rest;
	int i, code = 0;

	message->is_answer = true;
	for(i = 0; i < line.len && line.s[i] != ' '; i++)
		;
	message->broken_start_line = !is_version((str){line.s, i});
	rest = regmon_text_trim(regmon_text_from(line, i));
	for(i = 0; i < rest.len && i < 3 && regmon_is_digit(rest.s[i]); i++)
		code = code * 10 + (rest.s[i] - '0');
	if(i < 3 || code < 100 || code > 699
			|| (rest.len > 3 && rest.s[3] != ' ')) {
		message->broken_start_line = true;
		return false;
	}
	message->code = code;
	message->reason = regmon_text_trim(regmon_text_from(rest, 3));
	return true;
}

/* "REGISTER sip:ims.example.org SIP/2.0" */
static bool read_request_line(str line, regmon_message_t *message)
{
	const char *end = line.s + line.len, *at, *version = end;
	str uri;

	for(at = line.s; at < end && !regmon_is_space(*at); at++)
		;
	while(version > at && !regmon_is_space(version[-1]))
		version--;
	message->method = (str){line.s, at - line.s};
	if(version == at || !regmon_text_is_token(message->method)
			|| end - version < 4 || !regmon_same_nocase(version, "SIP/", 4)) {
		message->broken_start_line = true;
		return false;
	}
	uri = regmon_scan_slice(at, version);
	message->request_uri_text = uri;
	regmon_uri_read(uri, &message->request_uri);
	/* single spaces, nothing inside the URI (RFC 3261 7.1) */
	message->broken_start_line =
			!is_version((str){(char *)version, end - version}) || uri.len == 0
			|| *at != ' ' || version[-1] != ' ' || uri.s != at + 1
			|| uri.s + uri.len != version - 1 || memchr(uri.s, ' ', uri.len)
			|| memchr(uri.s, '\t', uri.len);
	return true;
}

static bool read_start_line(str line, regmon_message_t *message)
{
	/* a method may begin with "SIP" too, so the slash counts */
	if(line.len >= 4 && regmon_same_nocase(line.s, "SIP/", 4))
		return read_status_line(line, message);
	return read_request_line(line, message);
}

/* ---- header lines ---- */

/* what the walk knows besides the view */
typedef struct walk
{
	regmon_line_t *line; /* next free one */
	uint8_t last
			[REGMON_HEADERS_N]; /* last kept line of each header as index + 1 */
} walk_t;

static inline void keep_line(regmon_message_t *message, walk_t *walk, str name,
		str value, unsigned header)
{
	unsigned number = walk->line - message->lines + 1;

	if(number > REGMON_MAX_LINES) {
		if(message->lines_dropped < UINT16_MAX)
			message->lines_dropped++;
		return;
	}
	walk->line->name = name;
	walk->line->value = value;
	walk->line->header = header;
	walk->line->next = 0;
	walk->line++;
	if(message->first[header] == 0)
		message->first[header] = number;
	else
		message->lines[walk->last[header] - 1].next = number;
	walk->last[header] = number;
}

static void take_broken_line(
		regmon_message_t *message, const char *from, const char *to)
{
	if(message->lines_broken < UINT16_MAX)
		message->lines_broken++;
	if(!message->first_broken_line.s)
		message->first_broken_line = regmon_scan_slice(from, to);
}

/* What stands between colon and line end; most often one space is in front and CR behind. */
static inline str line_value(const char *from, const char *to)
{
	if(from < to && *from == ' ')
		from++;
	if(from < to && to[-1] == '\r')
		to--;
	if(from < to
			&& ((unsigned char)*from <= ' ' || (unsigned char)to[-1] <= ' '))
		return regmon_scan_slice(from, to);
	return (str){(char *)from, to - from};
}

static inline void take_line(regmon_message_t *message, walk_t *walk,
		const char *from, const char *to)
{
	const char *colon =
			regmon_scan_find(message->text.s, from, to, ':', ':', ':');
	str name = {(char *)from, colon - from}, value;
	const reader_t *reader;
	unsigned header;

	/* a fold needs a line that it continues: behind the start line there is none */
	if(colon == to || colon == from || (unsigned char)*from <= ' ') {
		take_broken_line(message, from, to);
		return;
	}
	if((unsigned char)colon[-1] <= ' ')
		name = regmon_scan_slice(from, colon);
	value = line_value(colon + 1, to);
	header = regmon_header_find(name);
	keep_line(message, walk, name, value, header);
	if(message->count[header] < UINT8_MAX)
		message->count[header]++;
	reader = &readers[header];
	if(reader->read && (message->count[header] == 1 || reader->every_line))
		reader->read(value, message);
}

/* End of the line that starts at from, folds included: its LF, or end. A fold is a line end with white space behind
 * it; but a line of its own that is empty ends the headers. */
static inline const char *line_end(const char *from, const char *end)
{
	const char *lf = from;

	for(;; lf++) {
		lf = memchr(lf, '\n', end - lf);
		if(!lf)
			return end;
		if(lf + 1 >= end || (unsigned char)lf[1] > ' '
				|| (lf[1] != ' ' && lf[1] != '\t'))
			return lf;
	}
}

static const char *walk_lines(
		const char *at, const char *end, regmon_message_t *message)
{
	const char *to;
	walk_t walk = {.line = message->lines};

	message->no_end_of_headers = false;
	for(; at < end; at = to < end ? to + 1 : end) {
		if((unsigned char)*at <= '\r') {
			if(*at == '\n')
				goto out;
			if(*at == '\r' && at + 1 < end && at[1] == '\n') {
				at++;
				goto out;
			}
		}
		to = line_end(at, end);
		take_line(message, &walk, at, to);
	}
	message->no_end_of_headers = true;
	at = end - 1;
out:
	message->lines_n = walk.line - message->lines;
	return at + 1;
}

bool regmon_message_read(
		const char *text, int length, regmon_message_t *ret_message)
{
	const char *at = text, *end, *to;
	bool is_sip;

	empty_fields(ret_message);
	if(!text || length < 0)
		length = 0;
	ret_message->text = (str){(char *)text, length};
	ret_message->no_end_of_headers = true;
	ret_message->broken_start_line = true;
	if(length == 0)
		return false;
	end = text + length;
	/* empty lines in front are allowed (RFC 3261 7.5) */
	while(at < end && (*at == '\r' || *at == '\n'))
		at++;
	if(at == end)
		return false;
	to = memchr(at, '\n', end - at);
	if(!to)
		to = end;
	ret_message->broken_start_line = false;
	is_sip = read_start_line(
			(str){(char *)at, (to > at && to[-1] == '\r' ? to - 1 : to) - at},
			ret_message);
	if(to == end)
		return is_sip;
	at = walk_lines(to + 1, end, ret_message);
	ret_message->body = (str){(char *)at, end - at};
	return is_sip;
}

bool regmon_message_lists(
		const regmon_message_t *message, regmon_header_t header, str token)
{
	const regmon_line_t *line;

	for(line = regmon_message_line(message, header); line;
			line = regmon_message_next_line(message, line)) {
		if(regmon_text_list_holds(line->value, token))
			return true;
	}
	return false;
}
