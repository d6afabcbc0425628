/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a message: the walk over its header lines, and the headers that are one number or one word.
 *
 * To read one more header: name it in REGMON_HEADERS (message.h, header_name.c) if it is not there, write its
 * reader in a file of its own (value in, plain struct out), give the struct a place in regmon_message_t, empty it in
 * empty_fields(), and add one line to READERS below. */
#include "message/message.h"

#include "message/header_name.h"
#include "message/parameter.h"
#include "message/start_line.h"

static const char *text_end(const regmon_message_t *message)
{
	return message->text.s + message->text.len;
}

/* ---- small readers ---- */

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

static void read_call_id(str value, regmon_message_t *message)
{
	message->call_id = value;
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

void regmon_message_read_dialog(regmon_message_t *message)
{
	const regmon_line_t *from =
			regmon_message_line(message, REGMON_HEADER_FROM);
	regmon_party_t party = {.tag_given = false};

	if(message->unread & REGMON_HEADER_BIT(VIA))
		count_vias(message);
	if(message->unread & REGMON_HEADER_BIT(FROM)) {
		read_address(from->value, text_end(message), &party);
		message->from.tag = party.tag;
	}
}

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

static void read_user_agent(str value, regmon_message_t *message)
{
	message->user_agent = value;
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

/* headers with a reader of their first line, and of every line */
static const uint64_t first_line = 0 READERS(BIT, NO_BIT);
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

/* The arrays of entries (lines, contacts, ...) are not emptied: their counters say how much of them is valid, and
 * each entry is written whole when it is used. */
static void empty_fields(regmon_message_t *message)
{
	message->is_answer = message->broken_start_line = false;
	message->code = 0;
	message->method = message->reason = message->request_uri_text =
			message->first_broken_line = message->body = message->call_id =
					message->user_agent = (str){NULL, 0};
	regmon_clear(&message->request_uri, sizeof(message->request_uri));
	message->lines_n = message->lines_dropped = message->lines_broken = 0;
	memset(message->count, 0, sizeof(message->count));
	memset(message->first, 0, sizeof(message->first));
	message->no_end_of_headers = false;
	message->unread = message->seen = 0;
	message->skipped = false;
	message->scan_at = NULL;
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
	message->security_client.n = message->security_client.kept = 0;
	message->security_server.n = message->security_server.kept = 0;
	message->security_verify.n = message->security_verify.kept = 0;
	message->access.n = message->access.kept = 0;
}

/* ---- header lines ---- */

/* what the walk knows besides the view */
typedef struct walk
{
	regmon_line_t *line; /* the next one goes here */
	unsigned kept;		 /* lines */
	uint64_t seen;		 /* headers */
} walk_t;

/* Those of the headers seen that have a reader and were not read before this walk. */
static uint64_t unread_of(const regmon_message_t *message, uint64_t seen)
{
	const uint64_t read = message->seen & ~message->unread;

	return seen & (first_line | every_line) & ~read;
}

/* There are more lines than places. Those that are kept are read first, so that this one can be read in its turn. */
static void take_line_beyond(regmon_message_t *message, const walk_t *walk,
		str value, unsigned header)
{
	const bool is_first = message->count[header] == 0;

	if(message->lines_dropped == 0) {
		message->unread = unread_of(message, walk->seen);
		regmon_message_read_headers(message, message->unread);
	}
	if(message->lines_dropped < UINT16_MAX)
		message->lines_dropped++;
	if(message->count[header] < UINT8_MAX)
		message->count[header]++;
	if(readers[header] && (is_first || ((every_line >> header) & 1)))
		readers[header](value, message);
}

/* The second and later lines of a header are few. */
static __attribute__((noinline)) void chain_line(
		regmon_message_t *message, unsigned header, unsigned kept)
{
	regmon_line_t *line = &message->lines[message->first[header] - 1];

	while(line->next)
		line = &message->lines[line->next - 1];
	line->next = kept;
	if(message->count[header] < UINT8_MAX)
		message->count[header]++;
}

/* there is a place */
REGMON_INLINE void keep_line(regmon_message_t *message, walk_t *walk, str name,
		str value, unsigned header)
{
	regmon_line_t *line = walk->line++;

	line->name = name;
	line->value = value;
	line->header = header;
	line->next = 0;
	walk->kept++;
	walk->seen |= 1ULL << header;
	if(!REGMON_USUALLY(message->first[header] == 0)) {
		chain_line(message, header, walk->kept);
		return;
	}
	message->first[header] = walk->kept;
	message->count[header] = 1;
}

static void take_broken_line(
		regmon_message_t *message, const char *from, const char *to)
{
	if(message->lines_broken < UINT16_MAX)
		message->lines_broken++;
	if(!message->first_broken_line.s)
		message->first_broken_line = regmon_scan_slice(from, to);
}

/* A line in whatever form; to is its line feed, or the end. */
static __attribute__((noinline)) void take_odd_line(regmon_message_t *message,
		walk_t *walk, const char *from, const char *to)
{
	const char *colon =
			regmon_scan_find(message->text.s, from, to, ':', ':', ':');
	unsigned header;
	str name, value;

	/* a fold needs a line that it continues: behind the start line there is none */
	if(colon >= to || colon == from || (unsigned char)*from <= ' ') {
		take_broken_line(message, from, to);
		return;
	}
	if(to - 1 > colon && to[-1] == '\r')
		to--;
	name = regmon_scan_slice(from, colon);
	value = regmon_scan_slice(colon + 1, to);
	header = regmon_header_find(name);
	if(walk->kept == REGMON_MAX_LINES)
		take_line_beyond(message, walk, value, header);
	else
		keep_line(message, walk, name, value, header);
}

/* The form of nearly all lines: "Name: value" CR LF, neither more white space nor less. length: of the name with what is
 * behind it, 0: it has another form. false: the line has another form, or there is no place left. */
REGMON_INLINE bool take_usual_line(regmon_message_t *message, walk_t *walk,
		const char *from, const char *to, unsigned header, unsigned length)
{
	const char *value = from + length;

	if(!REGMON_USUALLY(length && to - value > 1 && (unsigned char)value[0] > ' '
					   && (unsigned char)to[-2] > ' ' && to[-1] == '\r'
					   && walk->kept < REGMON_MAX_LINES))
		return false;
	keep_line(message, walk, (str){(char *)from, (int)length - 2},
			(str){(char *)value, (int)(to - value) - 1}, header);
	return true;
}

/* where two windows may begin at most */
static const char *last_windows(const char *begin, const char *end)
{
	return end - begin >= 2 * REGMON_SCAN_WINDOW ? end - 2 * REGMON_SCAN_WINDOW
												 : NULL;
}

/* End of the line that starts at from, folds included: its LF, or end. A fold is a line end with white space behind
 * it; but a line of its own that is empty ends the headers. */
REGMON_INLINE const char *line_end(
		const char *begin, const char *from, const char *last, const char *end)
{
	const char *lf = from;

	for(;; lf++) {
		lf = regmon_scan_line_feed(begin, lf, last, end);
		if(lf + 1 >= end || (unsigned char)lf[1] > ' '
				|| (lf[1] != ' ' && lf[1] != '\t'))
			return lf;
	}
}

/* Where a run that begins at `at` ends, NULL: there can be none of this length. */
static const char *run_end(const char *at, const char *end, unsigned bytes)
{
	return bytes > 0 && end - at >= (long)bytes && at[bytes - 1] == '\n'
				   ? at + bytes
				   : NULL;
}

/* From `at`, the start of a line, to the end of the headers; or, behind the first line of a header of `until`, as far as
 * headers are left out, then message->scan_at tells where. */
REGMON_INLINE void walk_lines(regmon_message_t *message, const char *at,
		uint64_t until, const regmon_runs_t *runs)
{
	const char *begin = message->text.s, *end = begin + message->text.len;
	const char *last = last_windows(begin, end), *to;
	walk_t walk = {&message->lines[message->lines_n], message->lines_n,
				   message->seen},
		   copy;
	unsigned header, length, run = 0;

	message->no_end_of_headers = false;
	message->scan_at = NULL;
	for(; at < end; at = to + 1) {
		if(!REGMON_USUALLY((unsigned char)*at > '\r')) {
			if(*at == '\n')
				goto out;
			if(*at == '\r' && at + 1 < end && at[1] == '\n') {
				at++;
				goto out;
			}
		}
		header = REGMON_HEADER_OTHER;
		length = end - at >= REGMON_SCAN_WINDOW
						 ? regmon_header_start(at, end - at, &header)
						 : 0;
		if((walk.seen & until) && !((REGMON_HEADERS_LEFT_OUT >> header) & 1)) {
			message->scan_at = at;
			break;
		}
		if(runs && run < REGMON_RUNS_N
				&& !((REGMON_HEADERS_LEFT_OUT >> header) & 1)) {
			to = run_end(at, end, runs->bytes[run++]);
			if(to) {
				message->skipped = true;
				to--;
				continue;
			}
		}
		to = line_end(begin, at, last, end);
		if(!REGMON_USUALLY(
				   take_usual_line(message, &walk, at, to, header, length))) {
			/* a copy, so that the walk itself can live in registers */
			copy = walk;
			take_odd_line(message, &copy, at, to);
			walk = copy;
		}
	}
	if(message->scan_at == NULL) {
		message->no_end_of_headers = true;
		at = end - 1;
	}
out:
	message->lines_n = walk.kept;
	if(message->lines_dropped == 0)
		message->unread = unread_of(message, walk.seen);
	message->seen = walk.seen;
	if(message->scan_at == NULL)
		message->body = (str){(char *)at + 1, (int)(end - at) - 1};
}

/* The start line. Returns where the next one begins, NULL: there is none. */
static const char *scan_start_line(const char *text, int length,
		regmon_message_t *ret_message, bool *ret_is_sip)
{
	const char *at = text, *end, *to;

	*ret_is_sip = false;
	empty_fields(ret_message);
	if(!text || length < 0)
		length = 0;
	ret_message->text = (str){(char *)text, length};
	ret_message->no_end_of_headers = true;
	ret_message->broken_start_line = true;
	if(length == 0)
		return NULL;
	end = text + length;
	/* empty lines in front are allowed (RFC 3261 7.5) */
	while(at < end && (*at == '\r' || *at == '\n'))
		at++;
	if(at == end)
		return NULL;
	to = regmon_scan_line_feed(text, at, last_windows(text, end), end);
	ret_message->broken_start_line = false;
	*ret_is_sip = regmon_start_line_read(
			(str){(char *)at, (to > at && to[-1] == '\r' ? to - 1 : to) - at},
			ret_message);
	return to < end ? to + 1 : NULL;
}

bool regmon_message_scan(
		const char *text, int length, regmon_message_t *ret_message)
{
	bool is_sip;
	const char *at = scan_start_line(text, length, ret_message, &is_sip);

	if(at)
		walk_lines(ret_message, at, 0, NULL);
	return is_sip;
}

bool regmon_message_scan_head(
		const char *text, int length, regmon_message_t *ret_message)
{
	bool is_sip;
	const char *at = scan_start_line(text, length, ret_message, &is_sip);

	if(at)
		walk_lines(ret_message, at, REGMON_HEADER_BIT(TO), NULL);
	return is_sip;
}

void regmon_message_scan_on(
		regmon_message_t *message, const regmon_runs_t *runs)
{
	const uint64_t read = message->seen & ~message->unread;
	const unsigned vias = message->count[REGMON_HEADER_VIA];

	if(message->scan_at == NULL)
		return;
	walk_lines(message, message->scan_at, 0, runs);
	/* there is more to read of it than was */
	if(message->count[REGMON_HEADER_VIA] != vias && message->lines_dropped == 0)
		message->unread |= REGMON_HEADER_BIT(VIA);
	/* whatever may stand in the runs */
	if(message->skipped)
		message->unread |=
				(first_line | every_line) & ~REGMON_HEADERS_LEFT_OUT & ~read;
}

void regmon_message_scan_again(regmon_message_t *message)
{
	/* there may have been another Via among the lines that were skipped */
	const uint64_t read =
			message->seen & ~message->unread & ~REGMON_HEADER_BIT(VIA);
	/* nothing is skipped in front of To, and no line there was broken */
	const char *at = message->lines[0].name.s;

	message->lines_n = message->lines_dropped = message->lines_broken = 0;
	message->first_broken_line = (str){NULL, 0};
	memset(message->count, 0, sizeof(message->count));
	memset(message->first, 0, sizeof(message->first));
	message->seen = read;
	message->unread = 0;
	message->skipped = false;
	walk_lines(message, at, 0, NULL);
}

void regmon_message_runs(
		const regmon_message_t *message, regmon_runs_t *ret_runs)
{
	const regmon_line_t *line = regmon_message_line(message, REGMON_HEADER_TO);
	const regmon_line_t *end = message->lines + message->lines_n;
	const char *from = NULL;
	unsigned run = 0;

	memset(ret_runs, 0, sizeof(*ret_runs));
	/* the last line is always looked at: what is behind it is no line */
	for(line = line ? line + 1 : end; line < end && run < REGMON_RUNS_N;
			line++) {
		const bool is_left_out = (REGMON_HEADERS_LEFT_OUT >> line->header) & 1;

		if(from == NULL && !is_left_out)
			from = line->name.s;
		if(from && (is_left_out || line + 1 == end)) {
			if(line->name.s - from <= UINT16_MAX)
				ret_runs->bytes[run] = (uint16_t)(line->name.s - from);
			run++;
			from = NULL;
		}
	}
}

bool regmon_message_read(
		const char *text, int length, regmon_message_t *ret_message)
{
	bool is_sip = regmon_message_scan(text, length, ret_message);

	regmon_message_read_headers(ret_message, ret_message->unread);
	return is_sip;
}

bool regmon_message_passed_on(
		regmon_message_t *message, const char *text, int length)
{
	unsigned first = message->first[REGMON_HEADER_VIA];
	regmon_line_t *line = &message->lines[first ? first - 1 : 0];
	const char *from = message->text.s, *end = from + message->text.len;
	const char *next;
	long before;

	/* of several values in one line only the first goes; of what stands behind a broken line nobody knows */
	if(first == 0 || first == message->lines_n || message->lines_broken
			|| message->lines_dropped
			|| message->count[REGMON_HEADER_VIA] != message->via_n)
		return false;
	next = line[1].name.s;
	before = line->name.s - from;
	if(length != before + (end - next) || memcmp(text, from, before) != 0
			|| memcmp(text + before, next, end - next) != 0)
		return false;
	message->first[REGMON_HEADER_VIA] = line->next;
	message->count[REGMON_HEADER_VIA]--;
	message->via_n--;
	if(!(message->unread & REGMON_HEADER_BIT(VIA)))
		memset(&message->via, 0, sizeof(message->via));
	line->header = REGMON_HEADER_OTHER;
	line->name = line->value = (str){NULL, 0};
	return true;
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

str regmon_message_impi(const regmon_message_t *message)
{
	const regmon_uri_t *to = &message->to.uri;

	if(REGMON_DIGEST_FILLED(&message->authorization, USERNAME))
		return REGMON_DIGEST_TEXT(&message->authorization, USERNAME);
	if(to->user.len > 0 && to->host.len > 0 && to->host.s > to->user.s)
		return (str){to->user.s,
				(int)(to->host.s + to->host.len - to->user.s)};
	return (str){NULL, 0};
}
