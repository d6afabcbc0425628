/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the lines of a message: the start line, then one walk over the header lines, in one go or in two steps, or with
 * runs of known lines skipped. */
#include "message/header_name.h"
#include "message/readers.h"
#include "message/start_line.h"

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

	return seen & regmon_readers_headers & ~read;
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
	regmon_readers_take(message, header, value, is_first);
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

/* The lines are not emptied: lines_n says how many are valid, and each is written whole when it is used. */
static void empty_lines(regmon_message_t *message)
{
	message->is_answer = message->broken_start_line = false;
	message->code = 0;
	message->method = message->reason = message->request_uri_text =
			message->first_broken_line = message->body = (str){NULL, 0};
	regmon_clear(&message->request_uri, sizeof(message->request_uri));
	message->lines_n = message->lines_dropped = message->lines_broken = 0;
	memset(message->count, 0, sizeof(message->count));
	memset(message->first, 0, sizeof(message->first));
	message->no_end_of_headers = false;
	message->unread = message->seen = 0;
	message->skipped = false;
	message->scan_at = NULL;
}

/* The start line. Returns where the next one begins, NULL: there is none. */
static const char *scan_start_line(const char *text, int length,
		regmon_message_t *ret_message, bool *ret_is_sip)
{
	const char *at = text, *end, *to;

	*ret_is_sip = false;
	empty_lines(ret_message);
	regmon_readers_empty(ret_message);
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
				regmon_readers_headers & ~REGMON_HEADERS_LEFT_OUT & ~read;
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
