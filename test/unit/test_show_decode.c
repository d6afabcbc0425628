/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message read header by header: what is required, what it says, what is wrong; secrets stay hidden. */
#include <stdlib.h>

#include "test/unit/harness.h"
#include "test/unit/writer_fake.h"

#include "show/decode_value.h"
#include "show/header_meaning.h"
#include "show/rows.h"

static fake_t fake;
static regmon_plan_t *plan;
static regmon_monitor_t monitor;

static void decode(const char *text, int length)
{
	plan = regmon_memory_get(regmon_plan_size());
	assert_non_null(plan);
	regmon_plan_make(plan, NULL, NULL);
	monitor = (regmon_monitor_t){.plan = plan, .role = REGMON_ROLE_AUTO};
	fake_start(&fake, false);
	regmon_rows_decode_text(
			&fake.writer, &monitor, (str){(char *)text, length});
	assert_int_equal(fake.depth, 0);
	regmon_memory_put(plan);
}

static void decode_file(const char *path)
{
	size_t length;
	char *text = harness_read_sip(path, &length);

	decode(text, (int)length);
	free(text);
}

/* the row of a header: index in headers[], -1 none */
static int row_of(const char *header)
{
	char path[40];
	const char *name;
	int i;

	for(i = 0; i < 120; i++) {
		snprintf(path, sizeof(path), "headers[%d].header", i);
		name = fake_get(&fake, path);
		if(name == NULL)
			return -1;
		if(strcmp(name, header) == 0)
			return i;
	}
	return -1;
}

static const char *field_of(const char *header, const char *field)
{
	char path[60];
	int row = row_of(header);

	if(row < 0)
		fail_msg("no row %s in\n%s", header, fake.text);
	snprintf(path, sizeof(path), "headers[%d].%s", row, field);
	return fake_get(&fake, path);
}

static void test_clean_register(void **state)
{
	decode_file("test/rules/clean-vonr-u1.sip");
	assert_field(&fake, "message", "REGISTER");
	assert_field(&fake, "leg", "U1");
	assert_field(&fake, "purpose", "registration");
	assert_field(&fake, "credentials", "answers a challenge");
	assert_field(&fake, "ims", "yes");
	assert_string_equal(field_of("Via", "required"), "mandatory");
	assert_string_equal(field_of("Via", "says"), "1 hop");
	assert_string_equal(field_of("CSeq", "verdict"), "ok");
	assert_string_equal(field_of("To", "count"), "1");
	assert_holds(field_of("Contact", "says"), "reached at ");
	assert_holds(field_of("P-Access-Network-Info", "says"), "NR, PLMN ");
	assert_holds(field_of("Security-Client", "says"), "ipsec-3gpp");
	assert_holds(
			field_of("Authorization", "says"), "carries an answer to a challenge");
	assert_true(row_of("Max-Forwards") >= 0);
	assert_int_equal(row_of("Path"), -1);
}

/* neither the nonce nor what was computed from it, nor keys, in any field */
static void test_no_secrets(void **state)
{
	static const char text[] =
			"REGISTER sip:ims.mnc001.mcc001.3gppnetwork.org SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n"
			"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\n"
			"CSeq: 1 REGISTER\r\nMax-Forwards: 70\r\n"
			"Authorization: Digest username=\"a@b\", realm=\"b\", "
			"nonce=\"NONCENONCE\", uri=\"sip:b\", response=\"RESPONSE99\", "
			"auts=\"AUTSAUTS\", cnonce=\"CNONCE\", ck=\"CKCKCK\", "
			"ik=\"IKIKIK\"\r\n"
			"Authorization: Digest response=\"RESPONSE99\" broken \"\r\n"
			"WWW-Authenticate: Digest nonce=\"NONCENONCE\", ck=\"CKCKCK\"\r\n"
			"Authentication-Info: nextnonce=\"NONCENONCE\"\r\n"
			"Proxy-Authorization: Digest response=\"RESPONSE99\"\r\n"
			"X-Authorization-Copy: RESPONSE99\r\n\r\n";
	static const char *const secrets[] = {"NONCENONCE", "RESPONSE99",
			"AUTSAUTS", "CNONCE", "CKCKCK", "IKIKIK"};
	unsigned i;

	decode(text, sizeof(text) - 1);
	for(i = 0; i < REGMON_COUNT(secrets); i++)
		if(strstr(fake.text, secrets[i]))
			fail_msg("%s is shown:\n%s", secrets[i], fake.text);
	assert_holds(field_of("Authorization", "value"), "username=\"a@b\"");
	assert_holds(field_of("Authorization", "value"),
			"nonce (10 characters, not shown)");
	assert_holds(
			field_of("Authorization", "value"), "ck (present, not shown)");
	assert_holds(field_of("Authorization", "says"), "SQN out of range");
	assert_string_equal(field_of("Proxy-Authorization", "value"),
			"(28 characters, not shown)");
}

static void test_missing(void **state)
{
	static const char text[] =
			"REGISTER sip:example.org SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n"
			"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n"
			"CSeq: 5000000000 REGISTER\r\nMax-Forwards: 70\r\n\r\n";

	decode(text, sizeof(text) - 1);
	assert_field(&fake, "purpose", "query");
	assert_string_equal(field_of("Call-ID", "count"), "0");
	assert_string_equal(field_of("Call-ID", "required"), "mandatory");
	assert_string_equal(field_of("Call-ID", "verdict"), "missing");
	assert_string_equal(field_of("Contact", "required"), "conditional");
	assert_holds(field_of("Contact", "condition"), "query");
	assert_holds(field_of("CSeq", "verdict"), "error CSEQ-04");
	assert_int_equal(row_of("Security-Client"), -1); /* no IMS phone */
	assert_int_equal(row_of("Content-Type"), -1);	 /* no body */
	assert_holds(fake_get(&fake, "verdict"), "the worst: error");
}

static void test_findings(void **state)
{
	int i;
	bool found = false;
	char path[40];

	decode_file("test/rules/CSEQ-04.sip");
	for(i = 0; i < 10; i++) {
		const char *id;

		snprintf(path, sizeof(path), "findings[%d].id", i);
		id = fake_get(&fake, path);
		if(id && strcmp(id, "CSEQ-04") == 0) {
			found = true;
			snprintf(path, sizeof(path), "findings[%d].seen", i);
			assert_non_null(fake_get(&fake, path));
			snprintf(path, sizeof(path), "findings[%d].clause", i);
			assert_field(&fake, path, "RFC 3261 8.1.1.5");
		}
	}
	assert_true(found);
}

static void test_answer(void **state)
{
	static const char text[] =
			"SIP/2.0 401 Unauthorized\r\n"
			"Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n"
			"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: x\r\n"
			"CSeq: 1 REGISTER\r\n\r\n";

	decode(text, sizeof(text) - 1);
	assert_field(&fake, "message", "answer");
	assert_string_equal(field_of("Status-Line", "value"), "401 Unauthorized");
	assert_string_equal(field_of("WWW-Authenticate", "required"), "mandatory");
	assert_string_equal(field_of("WWW-Authenticate", "verdict"),
			"error R401-01 challenge-incomplete");
	assert_string_equal(
			field_of("Security-Server", "required"), "conditional");
}

/* no room: rows are left out whole and counted */
static void test_no_room(void **state)
{
	size_t length;
	char *text = harness_read_sip("test/rules/clean-vonr-u1.sip", &length);

	plan = regmon_memory_get(regmon_plan_size());
	regmon_plan_make(plan, NULL, NULL);
	monitor = (regmon_monitor_t){.plan = plan};
	fake_start(&fake, false);
	fake.room = REGMON_ROOM_ROW + 2500;
	regmon_rows_decode_text(&fake.writer, &monitor, (str){text, (int)length});
	assert_int_equal(fake.depth, 0);
	assert_true(row_of("Request-URI") >= 0);
	assert_true(fake_get(&fake, "more") && atoi(fake_get(&fake, "more")) > 3);
	regmon_memory_put(plan);
	free(text);
}

static void assert_unescaped(const char *from, const char *to)
{
	size_t length;
	char *text = harness_copy(from, &length);
	int left = regmon_unescape_message(text, (int)length);

	if(left != (int)strlen(to) || memcmp(text, to, left) != 0)
		fail_msg("%s became %.*s", from, left, text);
	free(text);
}

static void test_unescape(void **state)
{
	assert_unescaped("A\\r\\nB\\r\\n\\r\\n", "A\r\nB\r\n\r\n");
	assert_unescaped("A\\nB\\n\\n", "A\r\nB\r\n\r\n");
	assert_unescaped("\\n", "\r\n");
	assert_unescaped("a\\tb\\", "a\tb\\");
	assert_unescaped("a\\xb", "a\\xb");
	/* with a real line end nothing is touched */
	assert_unescaped("A\\r\\n\r\nB", "A\\r\\n\r\nB");
	assert_unescaped("", "");
}

/* every header has a row, every row a letter for each kind of message */
static void test_meanings(void **state)
{
	int header;

	for(header = 1; header < REGMON_HEADERS_N; header++) {
		const regmon_header_meaning_t *meaning = regmon_header_meaning(header);

		if(meaning == NULL)
			fail_msg("%s has no row", regmon_header_name(header));
		assert_int_equal(strlen(meaning->required), 9);
		assert_int_equal(strspn(meaning->required, "mco-"), 9);
		assert_true(strlen(meaning->meaning) > 5);
		if(strchr(meaning->required, 'c') && meaning->condition == NULL)
			fail_msg("%s has no condition", regmon_header_name(header));
	}
	assert_null(regmon_header_meaning(REGMON_HEADER_OTHER));
}

static void test_clean_text(void **state)
{
	char buffer[8];
	int n;

#define CLEAN(text) \
	(n = regmon_clean_text(REGMON_TEXT(text), buffer, sizeof(buffer)), \
			buffer[n < 8 ? n : 7] = '\0', buffer)
	assert_string_equal(CLEAN("a\033[1mb"), "a?[1mb");
	assert_string_equal(CLEAN("a\r\nb\x7f"), "a??b?");
	assert_string_equal(CLEAN("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
	assert_string_equal(CLEAN("\xc3"), "?");
	assert_string_equal(CLEAN("\xc0\xaf"), "??");			/* overlong */
	assert_string_equal(CLEAN("\xed\xa0\x80"), "???");		/* surrogate */
	assert_string_equal(CLEAN("\xc2\x9b" "1m"), "??1m");	/* CSI in 8 bits */
	assert_string_equal(CLEAN("\xf5\x80\x80\x80"), "????");
	/* ends of lines, the other direction of writing, nothing at all */
	assert_string_equal(CLEAN("a\xe2\x80\xa8"), "a???");
	assert_string_equal(CLEAN("a\xe2\x80\xae"), "a???");
	assert_string_equal(CLEAN("a\xe2\x81\xa6"), "a???");
	assert_string_equal(CLEAN("a\xe2\x80\x8b"), "a???");
	assert_string_equal(CLEAN("\xe2\x80\x93\xe2\x80\xa6"),
			"\xe2\x80\x93\xe2\x80\xa6");
	/* cut between characters */
	assert_int_equal(regmon_clean_text(
							 REGMON_TEXT("1234567\xc3\xbc"), buffer, 8),
			7);
#undef CLEAN
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_clean_register),
			harness_test(test_no_secrets), harness_test(test_missing),
			harness_test(test_findings), harness_test(test_answer),
			harness_test(test_no_room), harness_test(test_unescape),
			harness_test(test_meanings), harness_test(test_clean_text)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
