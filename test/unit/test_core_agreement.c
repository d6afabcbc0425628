/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our readers and Kamailio's parser read the same message and must see the same, on every fixture and, when it is
 * there, on every message of ../shared/corpus. Where they are known to differ, agreed_difference() says why. */
#define _GNU_SOURCE
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/parser/contact/parse_contact.h"
#include "core/parser/digest/digest.h"
#include "core/parser/hf.h"
#include "core/parser/msg_parser.h"
#include "core/parser/parse_content.h"
#include "core/parser/parse_cseq.h"
#include "core/parser/parse_expires.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_methods.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"
#include "core/parser/parse_via.h"

#include "message/message.h"
#include "test/unit/harness.h"
#include "test/unit/harness_core.h"

static const char *path_now;
static unsigned compared, refused, differences, agreed;
static regmon_message_t ours;

/* Where Kamailio's parser is known to see it otherwise: it keeps white space at the end of a header body, which we
 * drop; and it drops the one inside angle brackets, which we keep, as it has no place there. */
static bool agreed_difference(str mine, str theirs)
{
	return regmon_text_is(regmon_text_trim(mine), regmon_text_trim(theirs));
}

static void differ(const char *what, str mine, str theirs)
{
	if(agreed_difference(mine, theirs)) {
		agreed++;
		return;
	}
	differences++;
	print_error("%s: %s: ours \"%.*s\", core \"%.*s\"\n", path_now, what,
			mine.len, mine.s ? mine.s : "", theirs.len,
			theirs.s ? theirs.s : "");
}

static void same_text(const char *what, str mine, str theirs)
{
	if(!regmon_text_is(mine, theirs) && !(mine.len <= 0 && theirs.len <= 0))
		differ(what, mine, theirs);
}

static void same_number(const char *what, long long mine, long long theirs)
{
	char a[32], b[32];

	if(mine == theirs)
		return;
	snprintf(a, sizeof(a), "%lld", mine);
	snprintf(b, sizeof(b), "%lld", theirs);
	differ(what, (str){a, strlen(a)}, (str){b, strlen(b)});
}

static void compare_uri(const regmon_uri_t *mine)
{
	struct sip_uri theirs;
	char copy[1024];

	if(mine->text.len <= 0 || mine->text.len >= (int)sizeof(copy))
		return;
	memcpy(copy, mine->text.s, mine->text.len);
	copy[mine->text.len] = '\0';
	/* what the core cannot read is broken for us, or we read more than it does */
	if(parse_uri(copy, mine->text.len, &theirs) < 0 || mine->broken)
		return;
	if(theirs.type != SIP_URI_T && theirs.type != SIPS_URI_T)
		return;
	same_number("uri scheme", mine->scheme,
			theirs.type == SIPS_URI_T ? REGMON_SCHEME_SIPS : REGMON_SCHEME_SIP);
	same_text("user", mine->user, theirs.user);
	same_text("host", mine->host, theirs.host);
	same_number("port", mine->port, theirs.port_no);
	same_text("uri parameters", mine->parameters, theirs.params);
	same_text("uri headers", mine->headers, theirs.headers);
}

static void compare_lines(struct sip_msg *message)
{
	struct hdr_field *line = message->headers;
	int i;

	for(i = 0; i < ours.lines_n && line; i++, line = line->next) {
		same_text("header name", ours.lines[i].name, line->name);
		same_text("header body", ours.lines[i].value, line->body);
	}
	/* beyond our array nothing is kept; what the core leaves over is a difference */
	if(i < ours.lines_n)
		differ("header only ours", ours.lines[i].name, (str){NULL, 0});
	if(line && ours.lines_dropped == 0)
		differ("header only core", (str){NULL, 0}, line->name);
}

static void compare_via(struct sip_msg *message)
{
	struct via_body *via = message->via1;
	struct hdr_field *line;
	int n = 0;

	if(!via || via->error != PARSE_OK)
		return;
	for(line = message->h_via1; line; line = next_sibling_hdr(line)) {
		struct via_body *body = line->parsed;

		for(; body; body = body->next)
			n++;
	}
	/* only the first two lines are parsed by the core */
	if(!message->h_via2 || !next_sibling_hdr(message->h_via2))
		same_number("via count", ours.via_n, n);
	same_text("via host", ours.via.host, via->host);
	same_number("via port", ours.via.port, via->port);
	same_text("via transport", ours.via.transport, via->transport);
	if(via->branch)
		same_text("via branch", ours.via.branch, via->branch->value);
	else
		same_number("via branch", ours.via.branch.len, 0);
	if(via->received)
		same_text("via received", ours.via.received, via->received->value);
	same_number("via rport", ours.via.rport_given, via->rport != NULL);
}

static void compare_parties(struct sip_msg *message)
{
	struct to_body *to = message->to ? get_to(message) : NULL;
	struct to_body *from;

	if(to && to->error == PARSE_OK) {
		same_text("to uri", ours.to.uri.text, to->uri);
		same_text("to tag", ours.to.tag, to->tag_value);
		compare_uri(&ours.to.uri);
	}
	if(message->from && parse_from_header(message) == 0) {
		from = get_from(message);
		same_text("from uri", ours.from.uri.text, from->uri);
		same_text("from tag", ours.from.tag, from->tag_value);
		compare_uri(&ours.from.uri);
	}
}

static void compare_contact(const regmon_contact_t *mine, contact_t *contact)
{
	same_text("contact uri", mine->uri.text, contact->uri);
	compare_uri(&mine->uri);
	same_number("contact expires given", mine->expires_given,
			contact->expires != NULL);
	if(contact->expires)
		same_text(
				"contact expires", mine->expires_text, contact->expires->body);
	if(contact->q)
		same_text("contact q", mine->q, contact->q->body);
	if(contact->instance)
		same_text("contact instance", mine->instance, contact->instance->body);
	if(contact->reg_id)
		same_text("contact reg-id", mine->reg_id, contact->reg_id->body);
}

static void compare_contacts(struct sip_msg *message)
{
	struct hdr_field *line;
	contact_t *contact;
	int n = 0, here, i, step;

	for(line = message->contact; line; line = next_sibling_hdr(line)) {
		if(parse_contact(line) < 0)
			return; /* broken for the core: nothing to compare */
		here = 0;
		contact = ((contact_body_t *)line->parsed)->contacts;
		for(; contact; contact = contact->next)
			here++;
		/* the core's list of one line is the other way round before 6.0 */
		contact = ((contact_body_t *)line->parsed)->contacts;
		step = here > 1 && contact->next->uri.s > contact->uri.s ? 1 : -1;
		i = step > 0 ? n : n + here - 1;
		for(; contact; contact = contact->next, i += step) {
			if(i < ours.contacts.kept)
				compare_contact(&ours.contacts.list[i], contact);
		}
		if(((contact_body_t *)line->parsed)->star) {
			same_number("star", ours.contacts.star, 1);
			here = 1;
		}
		n += here;
	}
	same_number("contact count", ours.contacts.n, n);
}

static void compare_digest(struct sip_msg *message)
{
	dig_cred_t *digest;

	if(!message->authorization
			|| parse_credentials(message->authorization) != 0)
		return;
	digest = &((auth_body_t *)message->authorization->parsed)->digest;
	same_text("username", REGMON_DIGEST_TEXT(&ours.authorization, USERNAME),
			digest->username.whole);
	same_text("realm", REGMON_DIGEST_TEXT(&ours.authorization, REALM),
			digest->realm);
	same_text("nonce", REGMON_DIGEST_TEXT(&ours.authorization, NONCE),
			digest->nonce);
	same_text("digest uri", REGMON_DIGEST_TEXT(&ours.authorization, URI),
			digest->uri);
	same_text("response", REGMON_DIGEST_TEXT(&ours.authorization, RESPONSE),
			digest->response);
	same_text("algorithm", REGMON_DIGEST_TEXT(&ours.authorization, ALGORITHM),
			digest->alg.alg_str);
	same_text("cnonce", REGMON_DIGEST_TEXT(&ours.authorization, CNONCE),
			digest->cnonce);
	same_text("opaque", REGMON_DIGEST_TEXT(&ours.authorization, OPAQUE),
			digest->opaque);
	same_text("qop", REGMON_DIGEST_TEXT(&ours.authorization, QOP),
			digest->qop.qop_str);
	same_text("nc", REGMON_DIGEST_TEXT(&ours.authorization, NC), digest->nc);
}

static void compare_numbers(struct sip_msg *message)
{
	if(message->cseq) {
		struct cseq_body *cseq = get_cseq(message);

		same_text("cseq number", ours.cseq.number_text, cseq->number);
		same_text("cseq method", ours.cseq.method, cseq->method);
	}
	if(message->callid)
		same_text("call-id", ours.call_id, message->callid->body);
	if(message->expires && parse_expires(message->expires) == 0) {
		exp_body_t *expires = message->expires->parsed;

		/* "60 junk" is 60 and valid for the core, bad for us; beyond 32 bits the core wraps */
		if(expires->valid && ours.expires >= 0 && ours.expires <= UINT32_MAX)
			same_number("expires", ours.expires, expires->val);
	}
	/* the core takes the digits in front, we want digits alone */
	if(message->content_length && ours.content_length >= 0)
		same_number("content-length", ours.content_length,
				get_content_length(message));
}

static void compare(const char *path, const char *text, size_t length)
{
	struct sip_msg message;
	bool sip;

	path_now = path;
	sip = regmon_message_read(text, length, &ours);
	if(harness_core_parse(&message, text, length) != 0) {
		/* the core sees no more than a part of it; we see all, which other tests judge */
		refused++;
		harness_core_free(&message);
		return;
	}
	compared++;
	same_number("is SIP", sip,
			message.first_line.type == SIP_REQUEST
					|| message.first_line.type == SIP_REPLY);
	same_number("answer", ours.is_answer, message.first_line.type == SIP_REPLY);
	if(ours.is_answer) {
		same_number("code", ours.code, message.first_line.u.reply.statuscode);
		same_text("reason", ours.reason, message.first_line.u.reply.reason);
	} else {
		same_text("method", ours.method, message.first_line.u.request.method);
		same_text("request-uri", ours.request_uri_text,
				message.first_line.u.request.uri);
		compare_uri(&ours.request_uri);
	}
	compare_lines(&message);
	compare_via(&message);
	compare_parties(&message);
	compare_contacts(&message);
	compare_digest(&message);
	compare_numbers(&message);
	harness_core_free(&message);
}

static int visit(const char *path, const struct stat *status, int kind,
		struct FTW *where)
{
	size_t n = strlen(path), length;
	char *text;

	if(kind != FTW_F || n < 4 || strcmp(path + n - 4, ".sip") != 0)
		return 0;
	text = harness_read_file(path, &length);
	/* longer ones never come to a module in one piece */
	if(length <= 65535)
		compare(path, text, length);
	free(text);
	return 0;
}

static void compare_folder(const char *folder)
{
	char path[4096];

	compared = refused = differences = agreed = 0;
	snprintf(path, sizeof(path), "%s/%s", HARNESS_TREE, folder);
	assert_int_equal(nftw(path, visit, 8, FTW_PHYS), 0);
	print_message("%s: %u compared, %u refused by the core, %u known and %u "
				  "unknown differences\n",
			folder, compared, refused, agreed, differences);
	assert_true(compared > 0);
	assert_int_equal(differences, 0);
}

static void fixtures(void **state)
{
	if(!harness_exists("test/rules"))
		skip();
	compare_folder("test/rules");
}

static void corpus(void **state)
{
	if(!harness_exists("../shared/corpus"))
		skip();
	compare_folder("../shared/corpus");
}

/* The leniency that we do not share, shown on both sides, so that a core that changes is noticed. */
static void known_leniency(void **state)
{
	static const char head[] =
			"REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n";
	static const struct
	{
		const char *lines;
		bool core_takes;
		int64_t cseq, expires;
	} cases[] = {
			{"CSeq: 1 REGISTER\r\nExpires: 60 junk\r\n", true, 1,
					REGMON_NUMBER_BAD},
			{"CSeq: abc REGISTER\r\nExpires: 5\r\n", true, REGMON_NUMBER_BAD,
					5},
			{"CSeq: 4294967296 REGISTER\r\nExpires: 5\r\n", true, 4294967296LL,
					5},
			{"CSeq: 1 REGISTER\r\nExpires: 9999999999\r\n", true, 1,
					9999999999LL},
			{"CSeq:\r\nExpires: 5\r\n", false, REGMON_NUMBER_BAD, 5},
			{"CSeq: 1 REGISTER\r\nCSeq: 2\r\nExpires: 5\r\n", false, 1, 5},
	};
	struct sip_msg message;
	char text[512];
	unsigned i;

	for(i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int length = snprintf(text, sizeof(text), "%s%sTo: <sip:a@h>\r\n\r\n",
				head, cases[i].lines);
		bool taken = harness_core_parse(&message, text, length) == 0;

		harness_core_free(&message);
		if(taken != cases[i].core_takes)
			fail_msg("case %u: the core takes it: %d", i, taken);
		assert_true(regmon_message_read(text, length, &ours));
		assert_true(ours.cseq.number == cases[i].cseq);
		assert_true(ours.expires == cases[i].expires);
		assert_int_equal(ours.count[REGMON_HEADER_TO], 1);
	}
}

static int start(void **state)
{
	harness_core_start();
	return 0;
}

static int nothing_left(void **state)
{
	assert_int_equal(harness_core_live_blocks, 0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test_teardown(known_leniency, nothing_left),
			cmocka_unit_test_teardown(fixtures, nothing_left),
			cmocka_unit_test_teardown(corpus, nothing_left)};

	return cmocka_run_group_tests(tests, start, NULL);
}
