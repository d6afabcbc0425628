/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers that are read later, or in part, say what they say when all is read at once; and an answer that is passed on
 * is the one that was received. */
#define _XOPEN_SOURCE 700 /* nftw() */
#include <ftw.h>

#include "test/unit/message_exact.h"

#define CORPUS "../shared/corpus"
#define MAX_PATH 512

static unsigned messages_n, passed_on_n;

static bool same_text(str left, str right)
{
	return left.s == right.s && left.len == right.len;
}

#define SAME(field) (left->field == right->field)
#define SAME_TEXT(field) same_text(left->field, right->field)

static bool same_uri(const regmon_uri_t *left, const regmon_uri_t *right)
{
	return SAME_TEXT(text) && SAME_TEXT(user) && SAME_TEXT(host)
		   && SAME_TEXT(port_text) && SAME_TEXT(parameters)
		   && SAME_TEXT(headers) && SAME(port) && SAME(scheme) && SAME(broken);
}

static bool same_party(const regmon_party_t *left, const regmon_party_t *right)
{
	return same_uri(&left->uri, &right->uri) && SAME_TEXT(tag)
		   && SAME(tag_given) && SAME(broken);
}

static bool same_via(const regmon_via_t *left, const regmon_via_t *right)
{
	return SAME_TEXT(text) && SAME_TEXT(transport) && SAME_TEXT(host)
		   && SAME_TEXT(branch) && SAME_TEXT(received) && SAME_TEXT(rport)
		   && SAME_TEXT(keep) && SAME(port) && SAME(rport_given)
		   && SAME(keep_given) && SAME(broken);
}

static bool same_digest(
		const regmon_digest_t *left, const regmon_digest_t *right)
{
	int i;

	for(i = 0; i < REGMON_DIGEST_FIELDS_N; i++)
		if(!SAME_TEXT(field[i]))
			return false;
	return SAME_TEXT(text) && SAME_TEXT(scheme) && SAME(given) && SAME(quoted)
		   && SAME(repeated) && SAME(algorithm) && SAME(broken);
}

static bool same_contacts(
		const regmon_contacts_t *left, const regmon_contacts_t *right)
{
	int i;

	for(i = 0; i < left->kept && i < right->kept; i++)
		if(!SAME_TEXT(list[i].text) || !SAME_TEXT(list[i].instance)
				|| !SAME(list[i].features) || !SAME(list[i].expires)
				|| !same_uri(&left->list[i].uri, &right->list[i].uri))
			return false;
	return SAME(n) && SAME(kept) && SAME(star);
}

static bool same_security(
		const regmon_security_list_t *left, const regmon_security_list_t *right)
{
	int i;

	for(i = 0; i < left->kept && i < right->kept; i++)
		if(!SAME_TEXT(list[i].text) || !SAME_TEXT(list[i].alg)
				|| !SAME(list[i].spi_c) || !SAME(list[i].port_s))
			return false;
	return SAME(n) && SAME(kept);
}

/* all that readers fill */
static void assert_same(const regmon_message_t *left,
		const regmon_message_t *right, const char *name)
{
	if(left->unread || !SAME(lines_n)
			|| memcmp(left->count, right->count, sizeof(left->count))
			|| !same_party(&left->to, &right->to)
			|| !same_party(&left->from, &right->from)
			|| !same_via(&left->via, &right->via) || !SAME(via_n)
			|| !SAME_TEXT(call_id) || !SAME(cseq.number)
			|| !SAME_TEXT(cseq.method) || !SAME(expires) || !SAME(min_expires)
			|| !SAME(retry_after) || !SAME(max_forwards)
			|| !SAME(content_length) || !SAME(supported) || !SAME(required)
			|| !SAME(proxy_required)
			|| !same_digest(&left->authorization, &right->authorization)
			|| !same_digest(&left->challenge, &right->challenge)
			|| !same_security(&left->security_client, &right->security_client)
			|| !same_security(&left->security_server, &right->security_server)
			|| !same_security(&left->security_verify, &right->security_verify)
			|| !SAME(access.n) || !SAME(access.kept) || !SAME_TEXT(user_agent)
			|| !same_contacts(&left->contacts, &right->contacts))
		fail_msg("%s: read late it says something else", name);
}

/* Every header by itself, from the last to the first, each asked for twice. */
static void read_late(str text, regmon_message_t *message, const char *name)
{
	static regmon_message_t at_once;
	unsigned header;

	memset(message, 0, sizeof(*message));
	memset(&at_once, 0, sizeof(at_once));
	regmon_message_read(text.s, text.len, &at_once);
	regmon_message_scan(text.s, text.len, message);
	regmon_message_read_dialog(message);
	if(message->via_n != at_once.via_n)
		fail_msg("%s: %d Vias instead of %d", name, message->via_n,
				at_once.via_n);
	if(!same_text(message->from.tag, at_once.from.tag))
		fail_msg("%s: another From tag", name);
	for(header = REGMON_HEADERS_N; header-- > 0;) {
		regmon_message_need(message, UINT64_C(1) << header);
		regmon_message_need(message, UINT64_C(1) << header);
	}
	assert_same(message, &at_once, name);
	regmon_message_read_dialog(message);
	assert_same(message, &at_once, name);
}

/* What a proxy makes of an answer: the first Via line is gone. */
static void pass_on(str text, const char *name)
{
	static regmon_message_t received, sent;
	const regmon_line_t *via;
	const char *next;
	str shorter;
	char *copy;
	int before;

	regmon_message_read(text.s, text.len, &received);
	via = regmon_message_line(&received, REGMON_HEADER_VIA);
	if(!received.is_answer || via == NULL
			|| via + 1 == received.lines + received.lines_n)
		return;
	next = via[1].name.s;
	before = (int)(via->name.s - text.s);
	copy = malloc(text.len);
	assert_non_null(copy);
	memcpy(copy, text.s, before);
	memcpy(copy + before, next, text.s + text.len - next);
	shorter = exact_bytes(copy, before + (text.s + text.len - next));
	free(copy);
	regmon_message_read(shorter.s, shorter.len, &sent);
	/* the text with one Via is not the text with another byte changed */
	shorter.s[shorter.len - 1] ^= 1;
	assert_false(regmon_message_passed_on(&received, shorter.s, shorter.len));
	shorter.s[shorter.len - 1] ^= 1;
	assert_false(regmon_message_passed_on(&received, text.s, text.len));
	if(!regmon_message_passed_on(&received, shorter.s, shorter.len))
		return;
	passed_on_n++;
	if(received.via_n != sent.via_n || received.code != sent.code
			|| memcmp(received.count, sent.count, sizeof(sent.count))
			|| received.contacts.n != sent.contacts.n
			|| received.security_server.n != sent.security_server.n
			|| received.challenge.given != sent.challenge.given
			|| received.expires != sent.expires
			|| received.cseq.number != sent.cseq.number
			|| received.call_id.len != sent.call_id.len
			|| received.body.len != sent.body.len)
		fail_msg("%s: passed on it says something else", name);
	regmon_message_need(&received, REGMON_HEADER_BIT(VIA));
	assert_int_equal(received.via_n, sent.via_n);
}

static int read_file(const char *path, const struct stat *status, int kind,
		struct FTW *where)
{
	static regmon_message_t message;
	size_t length;
	char *text;
	str block;

	if(kind != FTW_F || strstr(path, ".sip") == NULL || status->st_size > 65535)
		return 0;
	text = harness_read_sip(path, &length);
	block = exact_bytes(text, length);
	free(text);
	messages_n++;
	read_late(block, &message, path);
	pass_on(block, path);
	exact_free(NULL);
	return 0;
}

static void read_folder(const char *name)
{
	char folder[MAX_PATH];

	snprintf(folder, sizeof(folder), "%s/%s", HARNESS_TREE, name);
	assert_int_equal(nftw(folder, read_file, 16, FTW_PHYS), 0);
}

static void fixtures(void **state)
{
	messages_n = passed_on_n = 0;
	read_folder("test/rules");
	assert_true(messages_n > 300);
}

static void corpus(void **state)
{
	if(!harness_exists(CORPUS)) {
		print_message("no %s beside the tree: skipped\n", CORPUS);
		skip();
	}
	messages_n = passed_on_n = 0;
	read_folder(CORPUS);
	assert_true(passed_on_n > 50);
}

#define ANSWER "SIP/2.0 200 OK\r\n"
#define REST                                                           \
	"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nContent-Length: " \
	"0\r\n\r\n"

static bool is_passed_on(const char *in, const char *out)
{
	static regmon_message_t message;
	str text = exact(in), sent = exact(out);

	regmon_message_read(text.s, text.len, &message);
	return regmon_message_passed_on(&message, sent.s, sent.len);
}

static void only_the_topmost_via_may_go(void **state)
{
	assert_true(is_passed_on(ANSWER
			"Via: SIP/2.0/UDP own\r\nVia: SIP/2.0/UDP a\r\n" REST,
			ANSWER "Via: SIP/2.0/UDP a\r\n" REST));
	assert_false(is_passed_on(ANSWER
			"Via: SIP/2.0/UDP own\r\nVia: SIP/2.0/UDP a\r\n" REST,
			ANSWER "Via: SIP/2.0/UDP own\r\n" REST));
	/* of several in one line the first goes and the line stays */
	assert_false(
			is_passed_on(ANSWER "Via: SIP/2.0/UDP own, SIP/2.0/UDP a\r\n" REST,
					ANSWER REST));
	assert_false(is_passed_on(ANSWER REST, ANSWER REST));
	/* the last line has no next one */
	assert_false(
			is_passed_on(ANSWER "Via: SIP/2.0/UDP own\r\n\r\n", ANSWER "\r\n"));
	/* a line that is none may hide anything */
	assert_false(
			is_passed_on(ANSWER "Via: SIP/2.0/UDP own\r\nnonsense\r\n" REST,
					ANSWER "nonsense\r\n" REST));
}

/* The usual form of From has a reader of its own for the tag: it finds what is read in full, whatever pieces From is made
 * of. */
static void tags_in_any_form(void **state)
{
	static const char *const pieces[] = {"<sip:a@b>", "<", ">", ";tag=", "tag=",
			";TAG=", "1928301774-ab", "x", ";", "\"", "\"x\"", " ", "\t",
			"\r\n ", ";ob", "sip:a@b", ",", "=", "\\", "\x01",
			"<sip:alice@ims.mnc001.mcc001.3gppnetwork.org;user=phone>"};
	static regmon_message_t message;
	uint64_t random = 0x9e3779b97f4a7c15ULL;
	unsigned i, n, tags = 0;
	char from[600], text[800];

	for(i = 0; i < 100000; i++) {
		/* half of them begin as they should */
		strcpy(from, i & 1 ? "<sip:alice@example.org>;tag=" : "");
		for(n = i / 2 % 6; n > 0; n--) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			strcat(from, pieces[(random >> 33)
								% (sizeof(pieces) / sizeof(pieces[0]))]);
		}
		n = (unsigned)snprintf(
				text, sizeof(text), ANSWER "From:%s%s", from,
				i % 3 ? "\r\nTo: <sip:a@b>;tag=2\r\n\r\n" : "");
		read_late(exact_bytes(text, (int)n), &message, text);
		tags += message.from.tag.len > 0;
		exact_free(NULL);
	}
	assert_true(tags > 20000);
}

/* Lines beyond the last place are read where they stand, also when the others wait. */
static void lines_beyond_the_last_place(void **state)
{
	static char text[20000];
	static regmon_message_t message;
	int n = sprintf(text, "REGISTER sip:a SIP/2.0\r\n"), i;
	str block;

	for(i = 0; i < REGMON_MAX_LINES; i++)
		n += sprintf(text + n, "X-%d: a\r\n", i);
	n += sprintf(text + n, "Contact: <sip:a@b>\r\nCSeq: 7 REGISTER\r\n"
						   "Contact: <sip:c@d>\r\nCSeq: 8 REGISTER\r\n\r\n");
	block = exact_bytes(text, n);
	regmon_message_scan(block.s, block.len, &message);
	assert_int_equal(message.lines_dropped, 4);
	assert_int_equal(message.unread, 0);
	assert_int_equal(message.contacts.n, 2);
	assert_int_equal(message.cseq.number, 7);
	assert_int_equal(message.count[REGMON_HEADER_CSEQ], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			exact_test(fixtures),
			exact_test(corpus),
			exact_test(only_the_topmost_via_may_go),
			exact_test(tags_in_any_form),
			exact_test(lines_beyond_the_last_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
