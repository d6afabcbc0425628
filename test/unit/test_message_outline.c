/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The outline of a REGISTER changes with everything but the headers that are made anew for each one. */
#include "message/outline.h"
#include "test/unit/message_exact.h"

static const regmon_outline_secret_t secret = {
		{0x243f6a8885a308d3ULL, 0x13198a2e03707344ULL, 0xa4093822299f31d0ULL}};

#define TEXT                                                                   \
	"REGISTER sip:ims.example.org SIP/2.0\r\n"                                 \
	"Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;rport\r\n"                 \
	"Max-Forwards: 70\r\n"                                                     \
	"From: <sip:1@ims.example.org>;tag=a\r\n"                                  \
	"To: <sip:1@ims.example.org>\r\n"                                          \
	"Call-ID: c-1@10.0.0.1\r\n"                                                \
	"CSeq: 12 REGISTER\r\n"                                                    \
	"Contact: <sip:1@10.0.0.1:5060>;+g.3gpp.smsip\r\n"                         \
	"Expires: 600000\r\n"                                                      \
	"Authorization: Digest username=\"1@ims.example.org\",nonce=\"n\"\r\n"     \
	"Security-Client: ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1111;spi-s=2222\r\n"  \
	"P-Access-Network-Info: 3GPP-NR-FDD;utran-cell-id-3gpp=0010100002a100\r\n" \
	"X-Something: else\r\n"                                                    \
	"User-Agent: phone\r\n"                                                    \
	"Security-Verify: ipsec-3gpp;alg=hmac-sha-1-96;spi-c=3333\r\n"             \
	"Content-Length: 4\r\n"                                                    \
	"\r\n"                                                                     \
	"body"

static regmon_message_t message;

static regmon_outline_t outline_of(str text)
{
	regmon_outline_t outline;

	regmon_message_scan(text.s, text.len, &message);
	regmon_outline_read(&message, &secret, &outline);
	return outline;
}

/* what the byte is part of, in the text as it is */
typedef enum part
{
	REST,
	VARYING,
	CLIENT,
	VERIFY,
	ACCESS,
	NOWHERE /* name and white space of a header that is left out */
} part_t;

static part_t part_of(const regmon_message_t *message, const char *at)
{
	const regmon_line_t *line = message->lines;
	const regmon_line_t *end = line + message->lines_n;
	uint64_t bit;

	for(; line < end; line++) {
		const char *next = line + 1 < end ? line[1].name.s
										  : line->value.s + line->value.len;

		if(at < line->name.s || at >= next)
			continue;
		bit = UINT64_C(1) << line->header;
		if(!(bit & REGMON_HEADERS_LEFT_OUT))
			return REST;
		if(at < line->value.s || at >= line->value.s + line->value.len)
			return NOWHERE;
		switch(line->header) {
			case REGMON_HEADER_SECURITY_CLIENT:
				return CLIENT;
			case REGMON_HEADER_SECURITY_VERIFY:
				return VERIFY;
			case REGMON_HEADER_P_ACCESS_NETWORK_INFO:
				return ACCESS;
			default:
				return VARYING;
		}
	}
	return REST;
}

/* Each byte in turn becomes another one. */
static void every_byte_counts_where_it_belongs(void **state)
{
	str text = exact(TEXT);
	regmon_outline_t whole = outline_of(text), changed;
	unsigned parts[NOWHERE + 1] = {0};
	part_t part;
	int i;

	assert_true(whole.rest && whole.security_client && whole.security_verify
				&& whole.access);
	for(i = 0; i < text.len; i++) {
		/* a line end that goes would move the lines */
		if(text.s[i] == '\r' || text.s[i] == '\n')
			continue;
		regmon_message_scan(text.s, text.len, &message);
		part = part_of(&message, text.s + i);
		if(part == NOWHERE)
			continue;
		parts[part]++;
		text.s[i] ^= 1;
		changed = outline_of(text);
		text.s[i] ^= 1;
		if((changed.rest != whole.rest) != (part == REST)
				|| (changed.security_client != whole.security_client)
						   != (part == CLIENT)
				|| (changed.security_verify != whole.security_verify)
						   != (part == VERIFY)
				|| (changed.access != whole.access) != (part == ACCESS))
			fail_msg("byte %d of part %d", i, part);
	}
	for(i = 0; i < NOWHERE; i++)
		assert_true(parts[i] > 10);
}

/* The header may be written in any form; how many there are of it counts. */
static void a_header_that_goes_is_missed(void **state)
{
	static const char *const lines[] = {"Via: ", "From: ", "Call-ID: ",
			"CSeq: ", "Authorization: ", "Expires: ", "X-Something: "};
	str text = exact(TEXT), shorter;
	regmon_outline_t whole = outline_of(text);
	char copy[sizeof(TEXT)];
	const char *at, *next;
	unsigned i;

	for(i = 0; i < COUNT(lines); i++) {
		at = strstr(TEXT, lines[i]);
		next = strchr(at, '\n') + 1;
		snprintf(copy, sizeof(copy), "%.*s%s", (int)(at - TEXT), TEXT, next);
		shorter = exact(copy);
		if(outline_of(shorter).rest == whole.rest)
			fail_msg("%s is not missed", lines[i]);
	}
}

/* the same lines in another order, the changing ones apart */
static void where_the_varying_headers_stand_does_not_count(void **state)
{
	str first =
			exact("REGISTER sip:a SIP/2.0\r\nCall-ID: x\r\nTo: <sip:a@b>\r\n"
				  "CSeq: 1 REGISTER\r\nExpires: 1\r\n\r\n");
	str second = exact("REGISTER sip:a SIP/2.0\r\nCSeq: 2 REGISTER\r\n"
					   "To: <sip:a@b>\r\nCall-ID: yy\r\nExpires: 1\r\n\r\n");
	str third = exact("REGISTER sip:a SIP/2.0\r\nCSeq: 2 REGISTER\r\n"
					  "Expires: 1\r\nCall-ID: yy\r\nTo: <sip:a@b>\r\n\r\n");

	assert_true(outline_of(first).rest == outline_of(second).rest);
	assert_true(outline_of(first).rest != outline_of(third).rest);
}

static void no_outline_of_what_is_no_message(void **state)
{
	static char many[4000];
	int n = sprintf(many, "REGISTER sip:a SIP/2.0\r\n"), i;

	assert_int_equal(
			outline_of(exact("REGISTER sip:a SIP/2.0\r\nnonsense\r\n\r\n"))
					.rest,
			0);
	for(i = 0; i <= REGMON_MAX_LINES; i++)
		n += sprintf(many + n, "X-%d: a\r\n", i);
	assert_int_equal(outline_of(exact(many)).rest, 0);
	assert_true(outline_of(exact("REGISTER sip:a SIP/2.0\r\n\r\n")).rest != 0);
}

static void the_secret_decides(void **state)
{
	static const regmon_outline_secret_t other = {{1, 2, 3}};
	str text = exact(TEXT);
	regmon_outline_t ours = outline_of(text), theirs;

	regmon_message_scan(text.s, text.len, &message);
	regmon_outline_read(&message, &other, &theirs);
	assert_true(ours.rest != theirs.rest
				&& ours.security_client != theirs.security_client);
}

/* Lines that are skipped are part of the outline all the same, and come back when they are asked for. */
static void skipped_lines_are_not_lost(void **state)
{
	static regmon_message_t whole;
	str text = exact(TEXT);
	regmon_outline_t outline = outline_of(text), skipped;
	regmon_runs_t runs, wrong = {{1, 2, 3}};
	int i;

	regmon_message_read(text.s, text.len, &whole);
	regmon_message_runs(&whole, &runs);
	/* Contact and Expires; X-Something and User-Agent; the last line is always looked at */
	assert_true(runs.bytes[0] > 0 && runs.bytes[1] > 0);
	assert_int_equal(runs.bytes[2], 0);
	regmon_message_scan_head(text.s, text.len, &message);
	/* behind To: Call-ID and CSeq, which are left out */
	assert_int_equal(message.lines_n, 6);
	regmon_message_scan_on(&message, &runs);
	assert_true(message.skipped);
	assert_int_equal(message.lines_n, whole.lines_n - 4);
	assert_int_equal(message.body.len, 4);
	regmon_outline_read(&message, &secret, &skipped);
	assert_true(skipped.rest == outline.rest);
	/* of what was not skipped anything can be read without the others */
	regmon_message_need(&message, REGMON_HEADERS_LEFT_OUT);
	assert_true(message.skipped);
	assert_int_equal(message.cseq.number, 12);
	regmon_message_complete(&message);
	assert_false(message.skipped);
	assert_int_equal(message.lines_n, whole.lines_n);
	for(i = 0; i < whole.lines_n; i++)
		assert_ptr_equal(message.lines[i].value.s, whole.lines[i].value.s);
	assert_memory_equal(message.count, whole.count, sizeof(whole.count));
	assert_int_equal(message.contacts.n, 1);
	assert_int_equal(message.expires, 600000);
	assert_int_equal(message.via_n, 1);
	/* runs that end inside a line are none */
	regmon_message_scan_head(text.s, text.len, &message);
	regmon_message_scan_on(&message, &wrong);
	assert_false(message.skipped);
	assert_int_equal(message.lines_n, whole.lines_n);
}

/* A header that is left out, inside of what is skipped: the outline is another one. */
static void a_run_may_not_hide_a_header(void **state)
{
	str text = exact(TEXT), other;
	regmon_outline_t outline = outline_of(text), hidden;
	regmon_runs_t runs;
	char copy[sizeof(TEXT)];
	char *expires;

	regmon_message_runs(&message, &runs);
	memcpy(copy, TEXT, sizeof(TEXT));
	expires = strstr(copy, "Expires: 600000");
	memcpy(expires, "CSeq: 99 REGIST", 15);
	other = exact(copy);
	regmon_message_scan_head(other.s, other.len, &message);
	regmon_message_scan_on(&message, &runs);
	assert_true(message.skipped);
	regmon_outline_read(&message, &secret, &hidden);
	assert_true(hidden.rest != outline.rest);
	regmon_message_scan_again(&message);
	regmon_message_complete(&message);
	assert_int_equal(message.count[REGMON_HEADER_CSEQ], 2);
}

/* Via may be read before all lines are known, and then another one turns up: among those that were looked at, or among
 * those that were skipped. */
static void a_later_via_is_not_lost(void **state)
{
	static const char *const places[] = {
			"Expires: 600000", "X-Something: else"};
	static const char *const vias[] = {"Via: a/b/c d.ef", "Via: a/b/c d.e.fg"};
	regmon_runs_t runs;
	char copy[sizeof(TEXT)];
	unsigned i, skip;
	str text;

	for(i = 0; i < COUNT(places); i++) {
		for(skip = 0; skip < 2; skip++) {
			outline_of(exact(TEXT));
			regmon_message_runs(&message, &runs);
			memcpy(copy, TEXT, sizeof(TEXT));
			memcpy(strstr(copy, places[i]), vias[i], strlen(vias[i]));
			text = exact(copy);
			regmon_message_scan_head(text.s, text.len, &message);
			regmon_message_need(&message, REGMON_HEADERS_VARYING);
			assert_int_equal(message.via_n, 1);
			regmon_message_scan_on(&message, skip ? &runs : NULL);
			assert_int_equal(message.skipped, skip);
			regmon_message_complete(&message);
			assert_int_equal(message.via_n, 2);
			assert_int_equal(message.count[REGMON_HEADER_VIA], 2);
			assert_text(message.via.host, "10.0.0.1");
			assert_int_equal(message.cseq.number, 12);
		}
	}
}

#define LONGEST 140

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/* Texts of all lengths, each with one bit changed at each place: no two hashes are the same. */
static void hashes_tell_texts_apart(void **state)
{
	static uint64_t hashes[(LONGEST + 1) * (LONGEST * 8 + 1)];
	char zeros[LONGEST + 1] = "";
	unsigned n = 0, i, bit;
	int length;
	str text;

	for(length = 0; length <= LONGEST; length++) {
		text = exact_bytes(zeros, length);
		hashes[n++] =
				regmon_text_hash(secret.words[0], text.s, text.len, &secret);
		for(bit = 0; bit < (unsigned)length * 8; bit++) {
			text.s[bit / 8] ^= 1 << bit % 8;
			hashes[n++] = regmon_text_hash(
					secret.words[0], text.s, text.len, &secret);
			text.s[bit / 8] ^= 1 << bit % 8;
		}
	}
	qsort(hashes, n, sizeof(*hashes), compare);
	for(i = 1; i < n; i++)
		if(hashes[i] == hashes[i - 1])
			fail_msg("two of %u hashes are the same", n);
}

static bool ahead(str text, const char *at)
{
	regmon_ahead_t read;

	return regmon_message_read_ahead(text.s, text.len, at, &read)
		   && (regmon_message_scan_head(text.s, text.len, &message),
				   regmon_message_take_ahead(&message, &read));
}

static void assert_same_party(const regmon_party_t *a, const regmon_party_t *b)
{
	assert_ptr_equal(a->uri.text.s, b->uri.text.s);
	assert_int_equal(a->uri.text.len, b->uri.text.len);
	assert_ptr_equal(a->uri.host.s, b->uri.host.s);
	assert_int_equal(a->uri.scheme, b->uri.scheme);
	assert_int_equal(a->tag_given, b->tag_given);
	assert_ptr_equal(a->tag.s, b->tag.s);
	assert_int_equal(a->tag.len, b->tag.len);
	assert_int_equal(a->broken, b->broken);
}

/* To is what its line says, wherever it is said to stand. */
static void to_is_not_made_up(void **state)
{
	static const char *const odd[] = {"To: <sip:1@a.b>\r\n ;tag=x",
			"To : <sip:1@a.b>", "t: <sip:1@a.b>", "To:sip:1@a.b",
			"To:  <sip:1@a.b>  ", "To: \"b\\\"<x>\" <sip:1@a.b>;tag=x", "To:"};
	static regmon_message_t whole;
	unsigned i, taken = 0;
	char copy[600];
	str text;
	int at;

	for(i = 0; i <= COUNT(odd); i++) {
		snprintf(copy, sizeof(copy),
				"REGISTER sip:b SIP/2.0\r\nFrom: <sip:2@a.b>;tag=f\r\n%s\r\n"
				"To: <sip:3@a.b>\r\nCSeq: 1 REGISTER\r\n\r\n",
				i < COUNT(odd) ? odd[i] : "To: <sip:1@a.b>;tag=y");
		text = exact(copy);
		regmon_message_read(text.s, text.len, &whole);
		for(at = -1; at <= text.len; at++) {
			if(ahead(text, at < 0 ? NULL : text.s + at)) {
				taken++;
				assert_true(text.s + at >= whole.lines[1].value.s - 2
							&& text.s + at <= whole.lines[1].value.s);
			} else {
				regmon_message_scan_head(text.s, text.len, &message);
			}
			regmon_message_complete(&message);
			assert_same_party(&message.to, &whole.to);
		}
	}
	/* those with a value in one line, some with white space in front */
	assert_in_range(taken, 6, 16);
	assert_false(ahead((str){NULL, 0}, NULL));
	assert_false(ahead((str){text.s, 0}, text.s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			exact_test(every_byte_counts_where_it_belongs),
			exact_test(a_header_that_goes_is_missed),
			exact_test(where_the_varying_headers_stand_does_not_count),
			exact_test(no_outline_of_what_is_no_message),
			exact_test(the_secret_decides),
			exact_test(skipped_lines_are_not_lost),
			exact_test(a_run_may_not_hide_a_header),
			exact_test(a_later_via_is_not_lost),
			exact_test(to_is_not_made_up),
			exact_test(hashes_tell_texts_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
