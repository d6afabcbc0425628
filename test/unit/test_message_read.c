/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message/message.h: start line, the walk over the lines, small headers; and what no input may do to it. */
#include "test/unit/message_exact.h"

static const char phone[] =
		"REGISTER sip:ims.mnc001.mcc001.3gppnetwork.org SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 10.45.0.2:31100;branch=z9hG4bKabc;rport\r\n"
		"Max-Forwards: 70\r\n"
		"From: <sip:001010000000001@ims.mnc001.mcc001.3gppnetwork.org>;"
		"tag=f1\r\n"
		"To: <sip:001010000000001@ims.mnc001.mcc001.3gppnetwork.org>\r\n"
		"Call-ID: c1@10.45.0.2\r\n"
		"CSeq: 2 REGISTER\r\n"
		"Contact: <sip:001010000000001@10.45.0.2:31100>;"
		"+sip.instance=\"<urn:gsma:imei:35609911-000001-0>\";+g.3gpp.smsip;"
		"expires=600000\r\n"
		"Expires: 600000\r\n"
		"Require: sec-agree\r\n"
		"Supported: path,\r\n"
		" sec-agree\r\n"
		"k: gruu\r\n"
		"Authorization: Digest username=\"001010000000001@x\",realm=\"x\","
		"uri=\"sip:x\",nonce=\"bm9uY2U=\",algorithm=AKAv1-MD5,response=\"00\","
		"qop=auth,nc=00000001,cnonce=\"1\"\r\n"
		"Security-Client: ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1;spi-s=2;"
		"port-c=3;port-s=4,ipsec-3gpp;alg=null\r\n"
		"Security-Verify: ipsec-3gpp;alg=hmac-sha-1-96;spi-c=5\r\n"
		"P-Access-Network-Info: 3GPP-NR-FDD;"
		"utran-cell-id-3gpp=00101000001000000001\r\n"
		"X-Own: 1\r\n"
		"User-Agent: phone\r\n"
		"Content-Length: 4\r\n"
		"\r\n"
		"body";

static const char answer[] =
		"SIP/2.0 401 Unauthorized\r\n"
		"Via: SIP/2.0/UDP a;branch=1,SIP/2.0/UDP b\r\n"
		"v: SIP/2.0/UDP c\r\n"
		"f: <sip:a@h>;tag=1\r\nt: \"x\" <sip:a@h>;tag=2\r\n"
		"i: c1\r\nCSeq: 1 REGISTER\r\n"
		"WWW-Authenticate: Digest realm=\"h\",nonce=\"n\",algorithm=MD5\r\n"
		"Security-Server: ipsec-3gpp;spi-c=1\r\n"
		"Min-Expires: 60\r\nRetry-After: 18000 (later);duration=3600\r\n"
		"l: 0\r\n\r\n";

static regmon_message_t *message;
static bool read_text(str text)
{
	memset(message, 0xa5, sizeof(*message));
	return regmon_message_read(text.s, text.len, message);
}
static bool read_string(const char *text)
{
	return read_text(exact(text));
}

static int make_message(void **state)
{
	message = malloc(sizeof(*message));
	return message ? 0 : -1;
}
static int free_message(void **state)
{
	free(message);
	return 0;
}

static void request(void **state)
{
	assert_true(read_string(phone));
	assert_false(message->is_answer);
	assert_false(message->broken_start_line);
	assert_text(message->method, "REGISTER");
	assert_text(
			message->request_uri_text, "sip:ims.mnc001.mcc001.3gppnetwork.org");
	assert_text(message->request_uri.host, "ims.mnc001.mcc001.3gppnetwork.org");
	assert_int_equal(message->lines_n, 18);
	assert_int_equal(message->lines_broken, 0);
	assert_int_equal(message->lines_dropped, 0);
	assert_false(message->no_end_of_headers);
	assert_text(message->body, "body");
	assert_text(message->from.uri.user, "001010000000001");
	assert_text(message->from.tag, "f1");
	assert_true(message->from.tag_given);
	assert_false(message->to.tag_given);
	assert_text(message->call_id, "c1@10.45.0.2");
	assert_int_equal(message->cseq.number, 2);
	assert_text(message->cseq.method, "REGISTER");
	assert_text(message->via.branch, "z9hG4bKabc");
	assert_int_equal(message->via_n, 1);
	assert_int_equal(message->expires, 600000);
	assert_int_equal(message->max_forwards, 70);
	assert_int_equal(message->content_length, 4);
	assert_int_equal(message->min_expires, REGMON_NUMBER_ABSENT);
	assert_int_equal(message->retry_after, REGMON_NUMBER_ABSENT);
	assert_int_equal(message->contacts.n, 1);
	assert_int_equal(message->security_client.n, 2);
	assert_int_equal(message->security_server.n, 0);
	assert_int_equal(message->security_verify.n, 1);
	assert_int_equal(message->access.n, 1);
	assert_text(message->access.list[0].tac, "000001");
	assert_int_equal(
			message->authorization.algorithm, REGMON_ALGORITHM_AKAV1_MD5);
	assert_int_equal(message->challenge.text.len, 0);
	assert_text(message->user_agent, "phone");
	assert_int_equal(message->count[REGMON_HEADER_SUPPORTED], 2);
	assert_int_equal(message->count[REGMON_HEADER_OTHER], 1);
	assert_int_equal(message->count[REGMON_HEADER_ROUTE], 0);
	assert_text(regmon_message_value(message, REGMON_HEADER_SUPPORTED),
			"path,\r\n sec-agree");
	assert_true(regmon_message_lists(
			message, REGMON_HEADER_SUPPORTED, REGMON_TEXT("SEC-agree")));
	assert_true(regmon_message_lists(
			message, REGMON_HEADER_SUPPORTED, REGMON_TEXT("gruu")));
	assert_false(regmon_message_lists(
			message, REGMON_HEADER_REQUIRE, REGMON_TEXT("gruu")));
	assert_false(regmon_message_lists(
			message, REGMON_HEADER_PROXY_REQUIRE, REGMON_TEXT("sec-agree")));
	assert_int_equal(regmon_message_value(message, REGMON_HEADER_ROUTE).len, 0);
}

static void answer_fields(void **state)
{
	assert_true(read_string(answer));
	assert_true(message->is_answer);
	assert_int_equal(message->code, 401);
	assert_text(message->reason, "Unauthorized");
	assert_int_equal(message->via_n, 3);
	assert_text(message->via.host, "a");
	assert_text(message->to.tag, "2");
	assert_text(message->call_id, "c1");
	assert_int_equal(message->min_expires, 60);
	assert_int_equal(message->retry_after, 18000);
	assert_int_equal(message->content_length, 0);
	assert_text(REGMON_DIGEST_TEXT(&message->challenge, NONCE), "n");
	assert_int_equal(message->security_server.n, 1);
	assert_int_equal(message->body.len, 0);
}

static void start_lines(void **state)
{
	static const struct
	{
		const char *text;
		bool sip, is_answer, broken;
		int code;
	} cases[] = {
			{"REGISTER sip:h SIP/2.0\r\n\r\n", true, false, false, 0},
			{"\r\n\r\nREGISTER sip:h SIP/2.0\r\n\r\n", true, false, false, 0},
			{"REGISTER sip:h SIP/2.0\n\n", true, false, false, 0},
			{"REGISTER sip:h SIP/2.0", true, false, false, 0},
			{"REGISTER sip:h sip/2.0\r\n\r\n", true, false, false, 0},
			{"REGISTER  sip:h SIP/2.0\r\n\r\n", true, false, true, 0},
			{"REGISTER sip:h  SIP/2.0\r\n\r\n", true, false, true, 0},
			{"REGISTER sip:h SIP/2.0 \r\n\r\n", false, false, true, 0},
			{"REGISTER\tsip:h\tSIP/2.0\r\n\r\n", true, false, true, 0},
			{"REGISTER sip:h;x = y SIP/2.0\r\n\r\n", true, false, true, 0},
			{"REGISTER sip:h SIP/3.0\r\n\r\n", true, false, true, 0},
			{"REGISTER  SIP/2.0\r\n\r\n", true, false, true, 0},
			{"REGISTER SIP/2.0\r\n\r\n", true, false, true, 0},
			{"REGISTER sip:h\r\n\r\n", false, false, true, 0},
			{"GET / HTTP/1.1\r\n\r\n", false, false, true, 0},
			{"REG(ISTER sip:h SIP/2.0\r\n\r\n", false, false, true, 0},
			{"REGISTER", false, false, true, 0},
			{"\r\n\r\n", false, false, true, 0},
			{"", false, false, true, 0},
			{"SIP/2.0 200 OK\r\n\r\n", true, true, false, 200},
			{"SIP/2.0 200 \r\n\r\n", true, true, false, 200},
			{"SIP/2.0 200\r\n\r\n", true, true, false, 200},
			{"SIP/2.0  200 OK\r\n\r\n", true, true, false, 200},
			{"SIP/2.0 200  OK\r\n\r\n", true, true, false, 200},
			{"SIP/2.0 200 OK \r\n\r\n", true, true, false, 200},
			{"SIP/2.0 200 O\r\n\r\n", true, true, false, 200},
			{"SIP/2.0 100 x\r\n\r\n", true, true, false, 100},
			{"SIP/2.0 200x OK\r\n\r\n", false, true, true, 0},
			{"SIP/2.1 200 OK\r\n\r\n", true, true, true, 200},
			{"SIP/2.0 699 x\r\n\r\n", true, true, false, 699},
			{"SIP/2.0 99 x\r\n\r\n", false, true, true, 0},
			{"SIP/2.0 700 x\r\n\r\n", false, true, true, 0},
			{"SIP/2.0 2000 x\r\n\r\n", false, true, true, 0},
			{"SIP/2.0 20x x\r\n\r\n", false, true, true, 0},
			{"SIP/2.0\r\n\r\n", false, true, true, 0},
			{"SIP/", false, true, true, 0},
			{"SIP x SIP/2.0\r\n\r\n", true, false, false, 0},
	};
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		if(read_string(cases[i].text) != cases[i].sip
				|| message->is_answer != cases[i].is_answer
				|| message->broken_start_line != cases[i].broken
				|| message->code != cases[i].code)
			fail_msg("%s: answer %d broken %d code %d", cases[i].text,
					message->is_answer, message->broken_start_line,
					message->code);
	}
	assert_false(regmon_message_read(NULL, 0, message));
	assert_int_equal(message->lines_n, 0);
}

/* The usual form of a status line has a reader of its own: what it says is what the other one says. */
static void reasons(void **state)
{
	static const char *const phrases[] = {
			"O", "OK", "Not  Acceptable", "a\tb", "\xc3\xbc", "200 OK", "-"};
	char usual[64], other[64];
	regmon_message_t as_usual;
	unsigned i;

	for(i = 0; i < COUNT(phrases); i++) {
		snprintf(usual, sizeof(usual), "SIP/2.0 200 %s\r\n\r\n", phrases[i]);
		snprintf(other, sizeof(other), "SIP/2.0  200 \t%s \r\n\r\n",
				phrases[i]);
		assert_true(read_string(usual));
		assert_text(message->reason, phrases[i]);
		as_usual = *message;
		assert_true(read_string(other));
		assert_text(message->reason, phrases[i]);
		assert_int_equal(as_usual.code, message->code);
		assert_true(as_usual.is_answer && message->is_answer);
		assert_true(!as_usual.broken_start_line && !message->broken_start_line);
	}
}

static void each_name_is_found(void **state)
{
	static const struct
	{
		const char *name;
		char compact;
	} names[] = {
#define X(id, full, compact) [REGMON_HEADER_##id] = {full, compact},
			REGMON_HEADERS(X)
#undef X
	};
	char text[64];
	unsigned i, at;

	for(i = 1; i < REGMON_HEADERS_N; i++) {
		assert_string_equal(regmon_header_name(i), names[i].name);
		assert_int_equal(regmon_header_find(exact(names[i].name)), i);
		strcpy(text, names[i].name);
		for(at = 0; text[at]; at++)
			text[at] ^= (text[at] | 0x20) >= 'a' && (text[at] | 0x20) <= 'z'
								? 0x20
								: 0;
		assert_int_equal(regmon_header_find(exact(text)), i);
		/* not the name with one character changed */
		for(at = 0; text[at]; at++) {
			char kept = text[at];

			text[at] = kept == '-' ? '\r' : '#';
			assert_int_equal(
					regmon_header_find(exact(text)), REGMON_HEADER_OTHER);
			text[at] = kept;
		}
		strcat(text, "x");
		assert_int_equal(regmon_header_find(exact(text)), REGMON_HEADER_OTHER);
		if(names[i].compact) {
			text[0] = names[i].compact;
			text[1] = '\0';
			assert_int_equal(regmon_header_find(exact(text)), i);
			text[0] -= 0x20;
			assert_int_equal(regmon_header_find(exact(text)), i);
		}
	}
	assert_int_equal(regmon_header_find(exact("")), REGMON_HEADER_OTHER);
	assert_int_equal(regmon_header_find(exact("z")), REGMON_HEADER_OTHER);
	assert_int_equal(regmon_header_find(exact("\x06")), REGMON_HEADER_OTHER);
	assert_int_equal(
			regmon_header_find(exact_bytes("\0", 1)), REGMON_HEADER_OTHER);
	assert_string_equal(regmon_header_name(REGMON_HEADER_OTHER), "");
	assert_string_equal(regmon_header_name(REGMON_HEADERS_N), "");
}

#define START "REGISTER sip:h SIP/2.0\r\n"

static void lines(void **state)
{
	const regmon_line_t *line;

	read_string(START "Route: 1\r\nA : b\r\nroute:\t2\r\nnothing here\r\n"
					  ": empty\r\nROUTE:\r\n  3\r\n\t4\r\n\r\nx: body\r\n");
	assert_int_equal(message->lines_n, 4);
	assert_int_equal(message->lines_broken, 2);
	assert_text(message->first_broken_line, "nothing here");
	assert_int_equal(message->count[REGMON_HEADER_ROUTE], 3);
	line = regmon_message_line(message, REGMON_HEADER_ROUTE);
	assert_text(line->value, "1");
	line = regmon_message_next_line(message, line);
	assert_text(line->value, "2");
	line = regmon_message_next_line(message, line);
	assert_text(line->value, "3\r\n\t4");
	assert_text(line->name, "ROUTE");
	assert_null(regmon_message_next_line(message, line));
	assert_text(message->lines[1].name, "A");
	assert_text(message->lines[1].value, "b");
	assert_text(message->body, "x: body\r\n");
	assert_null(regmon_message_line(message, REGMON_HEADER_VIA));
}

static void line_ends(void **state)
{
	read_string("REGISTER sip:h SIP/2.0\nExpires: 5\nTo:\n <sip:a@h>\n\nbody");
	assert_int_equal(message->expires, 5);
	assert_text(message->to.uri.user, "a");
	assert_text(message->body, "body");
	assert_false(message->no_end_of_headers);
	/* a fold behind the start line continues nothing */
	read_string(START " Expires: 5\r\nExpires: 6\r\n\r\n");
	assert_int_equal(message->lines_broken, 1);
	assert_int_equal(message->expires, 6);
	read_string(START "Expires: 5\r\n");
	assert_true(message->no_end_of_headers);
	assert_int_equal(message->expires, 5);
	read_string(START "Expires: 5");
	assert_true(message->no_end_of_headers);
	assert_int_equal(message->expires, 5);
	/* a line of white space alone is a fold */
	read_string(START "Expires: 5\r\n \r\nTo: x\r\n\r\n");
	assert_int_equal(message->expires, 5);
	assert_int_equal(message->count[REGMON_HEADER_TO], 1);
	read_text(exact_bytes(START "Ex\0pires: 5\r\nCall-ID: a\0b\r\n\r\n",
			sizeof(START "Ex\0pires: 5\r\nCall-ID: a\0b\r\n\r\n") - 1));
	assert_int_equal(message->expires, REGMON_NUMBER_ABSENT);
	assert_int_equal(message->call_id.len, 3);
}

/* what Kamailio's own parser lets pass or hides stays visible */
static void not_lenient(void **state)
{
	static const struct
	{
		const char *value;
		int64_t number;
		const char *method;
	} cseqs[] = {{"1 REGISTER", 1, "REGISTER"},
			{"4294967296 REGISTER", 4294967296LL, "REGISTER"},
			{"999999999999999999 REGISTER", 999999999999999999LL, "REGISTER"},
			{"1000000000000000000 REGISTER", REGMON_NUMBER_BAD, "REGISTER"},
			{"abc REGISTER", REGMON_NUMBER_BAD, "REGISTER"},
			{"-1 REGISTER", REGMON_NUMBER_BAD, "REGISTER"},
			{"1\r\n\tREGISTER", 1, "REGISTER"}, {"1", 1, ""},
			{"1  REGISTER x", 1, "REGISTER x"},
			{"REGISTER", REGMON_NUMBER_BAD, ""}, {"", REGMON_NUMBER_BAD, ""}};
	char text[200];
	unsigned i;

	for(i = 0; i < COUNT(cseqs); i++) {
		snprintf(text, sizeof(text), START "CSeq: %s\r\nTo: <sip:a@h>\r\n\r\n",
				cseqs[i].value);
		read_string(text);
		if(message->cseq.number != cseqs[i].number)
			fail_msg("%s: %ld", cseqs[i].value, (long)message->cseq.number);
		assert_text(message->cseq.method, cseqs[i].method);
		assert_int_equal(message->count[REGMON_HEADER_TO], 1);
	}
	read_string(START "CSeq: 1 REGISTER\r\nCSeq: x\r\nExpires: 60 junk\r\n"
					  "Expires: 5\r\nTo: x\r\n\r\n");
	assert_int_equal(message->count[REGMON_HEADER_CSEQ], 2);
	assert_int_equal(message->cseq.number, 1);
	assert_int_equal(message->count[REGMON_HEADER_EXPIRES], 2);
	assert_int_equal(message->expires, REGMON_NUMBER_BAD);
	assert_int_equal(message->count[REGMON_HEADER_TO], 1);
	read_string(START "Expires: 9999999999\r\n\r\n");
	assert_true(message->expires == 9999999999LL);
	read_string(START "Expires:\r\n\r\n");
	assert_int_equal(message->expires, REGMON_NUMBER_BAD);
}

static void parties(void **state)
{
	static const struct
	{
		const char *value, *user, *tag;
		bool tag_given, broken;
	} cases[] = {{"<sip:a@h>;tag=1", "a", "1", true, false},
			{"sip:a@h;tag=1", "a", "1", true, false},
			{"\"x;tag=2\" <sip:a@h;tag=3>", "a", "", false, false},
			{"Bell, A <sip:a@h> ; TAG = 1", "a", "1", true, false},
			{"<sip:a@h>;tag", "a", "", true, false},
			{"<sip:a@h>;tag=", "a", "", true, false},
			{"<sip:a@h>;tag=1;tag=2", "a", "1", true, false},
			{"<sip:a@h>;x=tag;tagx=1", "a", "", false, false},
			{"<sip:a@h", "a", "", false, true},
			{"\"open <sip:a@h>", "", "", false, true},
			{"", "", "", false, true}, {"alice", "", "", false, true},
			{";tag=1", "", "1", true, true}};
	char text[200];
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		snprintf(text, sizeof(text), START "From: %s\r\n\r\n", cases[i].value);
		read_string(text);
		assert_text(message->from.uri.user, cases[i].user);
		assert_text(message->from.tag, cases[i].tag);
		if(message->from.tag_given != cases[i].tag_given
				|| message->from.broken != cases[i].broken)
			fail_msg("%s: tag %d broken %d", cases[i].value,
					message->from.tag_given, message->from.broken);
	}
}

static void too_many(void **state)
{
	static char text[65536];
	int n, i;

	n = sprintf(text, START);
	for(i = 0; i < 300; i++)
		n += sprintf(text + n, "Route: <sip:h>\r\n");
	n += sprintf(text + n, "Expires: 7\r\nContact: <sip:a@h>\r\n\r\n");
	read_text(exact_bytes(text, n));
	assert_int_equal(message->lines_n, REGMON_MAX_LINES);
	assert_int_equal(message->lines_dropped, 302 - REGMON_MAX_LINES);
	assert_int_equal(message->count[REGMON_HEADER_ROUTE], 255);
	/* beyond the kept lines, and read all the same */
	assert_int_equal(message->expires, 7);
	assert_int_equal(message->contacts.n, 1);
	n = sprintf(text, START);
	while(n < 65000)
		n += sprintf(text + n, "x\r\n");
	read_text(exact_bytes(text, n));
	assert_true(message->lines_broken > 20000);
	assert_text(message->first_broken_line, "x");
}

static void every_prefix(void **state)
{
	static const char *const texts[] = {phone, answer};
	unsigned i;
	int n, length;

	for(i = 0; i < COUNT(texts); i++) {
		length = strlen(texts[i]);
		for(n = 0; n <= length; n++) {
			read_text(exact_bytes(texts[i], n));
			assert_true(message->lines_n <= 20);
			assert_int_equal(message->text.len, n);
			exact_free(NULL);
		}
	}
}

static bool inside(str text)
{
	return text.len == 0
		   || (text.len > 0 && text.s >= message->text.s
				   && text.s + text.len <= message->text.s + message->text.len);
}

/* every slice of the view lies in the text, every counter within its array */
static void check_view(void)
{
	int i, j;

	assert_true(inside(message->method) && inside(message->reason)
				&& inside(message->request_uri_text) && inside(message->body)
				&& inside(message->call_id) && inside(message->user_agent)
				&& inside(message->first_broken_line));
	assert_true(message->lines_n <= REGMON_MAX_LINES);
	for(i = 0; i < message->lines_n; i++) {
		assert_true(inside(message->lines[i].name)
					&& inside(message->lines[i].value));
		assert_true(message->lines[i].name.len > 0);
		assert_true(message->lines[i].header < REGMON_HEADERS_N);
		assert_true(message->lines[i].next == 0
					|| (message->lines[i].next > i + 1
							&& message->lines[i].next <= message->lines_n));
	}
	assert_true(inside(message->to.uri.host) && inside(message->from.tag)
				&& inside(message->via.text) && inside(message->via.host)
				&& inside(message->via.branch) && inside(message->cseq.method));
	for(i = 0; i < message->contacts.kept; i++) {
		const regmon_contact_t *contact = &message->contacts.list[i];

		assert_true(inside(contact->text) && inside(contact->uri.text)
					&& inside(contact->uri.host) && inside(contact->instance)
					&& inside(contact->icsi_ref)
					&& inside(contact->expires_text));
	}
	assert_true(message->contacts.kept <= REGMON_MAX_CONTACTS
				&& message->contacts.kept <= message->contacts.n);
	for(i = 0; i < REGMON_DIGEST_FIELDS_N; i++) {
		assert_true(inside(message->authorization.field[i])
					&& inside(message->challenge.field[i]));
		assert_true(message->authorization.field[i].len == 0
					|| ((message->authorization.given >> i) & 1));
	}
	for(i = 0; i < message->security_client.kept; i++) {
		assert_true(inside(message->security_client.list[i].text)
					&& inside(message->security_client.list[i].unknown));
	}
	for(j = 0; j < message->access.kept; j++) {
		const regmon_access_value_t *access = &message->access.list[j];

		assert_true(inside(access->text) && inside(access->plmn)
					&& inside(access->tac) && inside(access->cell)
					&& inside(access->nid) && inside(access->broken_part)
					&& inside(access->cell_text));
	}
}

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void mutations(void **state)
{
	static const char *const pieces[] = {"\r\n", "\r\n ", "\n", "\"", "<", ">",
			";", ",", "=", ":", "\\", "[", "]", "@", "*", "\r\n\r\n",
			"\r\nv: ", "\r\nContact: ", "\r\nm:", "\r\nAuthorization: Digest ",
			";expires=", "\r\nP-Access-Network-Info:", "%", "sip:", " "};
	static char text[4096];
	unsigned seed = 20240229, round, change, changes;
	int length, at, cut;

	for(round = 0; round < 20000; round++) {
		const char *source = round & 1 ? answer : phone;

		length = strlen(source);
		memcpy(text, source, length);
		changes = 1 + next_random(&seed) % 6;
		for(change = 0; change < changes && length > 0; change++) {
			at = next_random(&seed) % length;
			switch(next_random(&seed) % 4) {
				case 0:
					text[at] = (char)next_random(&seed);
					break;
				case 1:
					cut = next_random(&seed) % 40;
					if(cut > length - at)
						cut = length - at;
					memmove(text + at, text + at + cut, length - at - cut);
					length -= cut;
					break;
				default: {
					const char *piece =
							pieces[next_random(&seed) % COUNT(pieces)];
					int n = strlen(piece);

					memmove(text + at + n, text + at, length - at);
					memcpy(text + at, piece, n);
					length += n;
				}
			}
		}
		read_text(exact_bytes(text, length));
		check_view();
		exact_free(NULL);
	}
}

static void random_bytes(void **state)
{
	static const char some[] = "\r\n :;,=\"<>@sipvmtf*[]\\\0a1";
	static char text[512];
	unsigned seed = 7, round;
	int length, i;

	for(round = 0; round < 5000; round++) {
		length = next_random(&seed) % sizeof(text);
		for(i = 0; i < length; i++)
			text[i] = some[next_random(&seed) % sizeof(some)];
		read_text(exact_bytes(text, length));
		check_view();
		memcpy(text, START, sizeof(START) - 1);
		read_text(exact_bytes(text,
				length < (int)sizeof(START) ? (int)sizeof(START) : length));
		check_view();
		exact_free(NULL);
	}
}

/* the longest datagram, filled with what costs most */
static void long_messages(void **state)
{
	static const char *const fillers[] = {"\"", "<", ",", ";", "=", "\\",
			"a\r\n ", "\r\n", ":", "\"\\", "<>", ";\"", "a:\r\n", "=\"\"", " ",
			"\r\n\t", "::", "@", "[", "%41", "SIP/2.0/UDP a,", "a;b;", "i"};
	static const char *const headers[] = {
			"Contact: ", "Via: ", "To: ", "Authorization: Digest ",
			"Security-Client: ", "P-Access-Network-Info: ", "Supported: ",
			"Call-ID: ", "Contact: <sip:a@h;",
			"Contact: <sip:a@h>;+g.3gpp.icsi-ref=\"",
			"Via: SIP/2.0/UDP a;branch=\"", "To: <sip:", "X: "};
	char *text = malloc(65535);
	unsigned i, j;
	int n, from;

	for(i = 0; i < COUNT(headers); i++) {
		for(j = 0; j < COUNT(fillers); j++) {
			int length = strlen(fillers[j]);

			from = sprintf(text, START "%s", headers[i]);
			for(n = from; n < 65535; n++)
				text[n] = fillers[j][(n - from) % length];
			read_text((str){text, 65535});
			check_view();
			regmon_message_lists(
					message, REGMON_HEADER_SUPPORTED, REGMON_TEXT("x"));
		}
	}
	free(text);
}

static void read_folder(const char *folder, unsigned *n)
{
	size_t count, i, length;
	char **paths = harness_list_files(folder, ".sip", &count);

	for(i = 0; i < count; i++) {
		char *text = harness_read_file(paths[i], &length);

		if(length <= 65535) {
			read_text((str){text, (int)length});
			check_view();
			(*n)++;
		}
		free(text);
	}
	harness_free_list(paths, count);
}

static void fixtures(void **state)
{
	unsigned n = 0;

	if(!harness_exists("test/rules"))
		skip();
	read_folder("test/rules", &n);
	assert_true(n > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {exact_test(request),
			exact_test(answer_fields), exact_test(start_lines),
			exact_test(reasons),
			exact_test(each_name_is_found), exact_test(lines),
			exact_test(line_ends), exact_test(not_lenient), exact_test(parties),
			exact_test(too_many), exact_test(every_prefix),
			exact_test(mutations), exact_test(random_bytes),
			exact_test(long_messages), exact_test(fixtures)};

	return cmocka_run_group_tests(tests, make_message, free_message);
}
