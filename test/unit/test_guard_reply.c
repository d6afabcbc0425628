/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guard/reply: the shape of each answer, what only the script can give, and texts that try to break out. */
#include "guard/reply.h"

#include "test/unit/rules_fixture.h"

#define HOST "pcscf.example:5060"
#define SERVER          \
	"Security-Server: " \
	"ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;spi-c=1;spi-s=2;port-c=3;port-s=4\r\n"

static char headers[REGMON_REPLY_SIZE];
static regmon_reply_t reply;

static str words(const char *text)
{
	return (str){(char *)text, text ? (int)strlen(text) : 0};
}

static regmon_reply_terms_t terms_with(const char *extra)
{
	return (regmon_reply_terms_t){.host = words(HOST),
			.extra = words(extra),
			.min_expires_s = 600,
			.retry_after_s = 7};
}

static regmon_decision_t decision_for(const regmon_rule_t *rule)
{
	return (regmon_decision_t){
			.code = rule->answer, .severity = rule->severity, .rule = rule};
}

static bool build(const regmon_rule_t *rule, const regmon_message_t *message,
		const char *extra)
{
	regmon_reply_terms_t terms = terms_with(extra);
	regmon_decision_t decision = decision_for(rule);

	memset(headers, '#', sizeof(headers));
	return regmon_reply_build(
			&decision, message, &terms, headers, sizeof(headers), &reply);
}

static const regmon_rule_t *rule_of(const char *id)
{
	int index = regmon_rule_find(words(id));

	if(index < 0)
		fail_msg("no rule %s", id);
	return regmon_rule_at(index);
}

static regmon_rule_t own_rule(int answer)
{
	return (regmon_rule_t){.id = "OP-1",
			.name = "own",
			.header = "X-Site",
			.legs = REGMON_LEGS_REQUEST,
			.text = "X-Site comes from no phone.",
			.answer = answer};
}

/* The answer as a whole, read by the module's own reader: every line is a header, and none is one that Kamailio
 * writes. The block is of exactly the length, so that a byte read too far is seen. */
static void assert_well_formed(regmon_message_t *ret_message, char **ret_text)
{
	char whole[REGMON_REPLY_SIZE + 100];
	int i, length = snprintf(whole, sizeof(whole), "SIP/2.0 %d %s\r\n%.*s\r\n",
				   reply.code, reply.reason, reply.headers.len,
				   reply.headers.s);
	size_t copied;
	char *text = harness_copy(whole, &copied);

	assert_string_equal(reply.wrong, "");
	assert_ptr_equal(reply.headers.s, headers);
	assert_int_equal(copied, length);
	assert_true(regmon_message_read(text, length, ret_message));
	assert_int_equal(ret_message->code, reply.code);
	assert_int_equal(ret_message->lines_broken, 0);
	assert_false(ret_message->no_end_of_headers);
	assert_int_equal(ret_message->body.len, 0);
	for(i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if(c == '\r')
			assert_int_equal(text[i + 1], '\n');
		else if(c == '\n')
			assert_int_equal(text[i - 1], '\r');
		else
			assert_true(c >= ' ' && c < 0x7f);
	}
	for(i = 0; i < ret_message->lines_n; i++)
		assert_true(ret_message->lines[i].header != REGMON_HEADER_VIA
					&& ret_message->lines[i].header != REGMON_HEADER_TO
					&& ret_message->lines[i].header
							   != REGMON_HEADER_CONTENT_LENGTH);
	*ret_text = text;
}

static void assert_value(const regmon_message_t *message,
		regmon_header_t header, const char *expected)
{
	str value = regmon_message_value(message, header);

	if(!regmon_text_is(value, words(expected)))
		fail_msg("%s is '%.*s', expected '%s'", regmon_header_name(header),
				value.len, value.s ? value.s : "", expected);
	assert_int_equal(message->count[header], 1);
}

/* 399 HOST "ims_regmon ID HEADER: TEXT", with no quote inside */
static void assert_warning(
		const regmon_message_t *message, const regmon_rule_t *rule)
{
	str value = regmon_message_value(message, REGMON_HEADER_WARNING);
	char start[200];

	snprintf(start, sizeof(start),
			"399 " HOST " \"ims_regmon %s %s: ", rule->id, rule->header);
	if(value.len < (int)strlen(start) + 2
			|| strncmp(value.s, start, strlen(start)) != 0
			|| value.s[value.len - 1] != '"')
		fail_msg("Warning of %s: %.*s", rule->id, value.len, value.s);
	assert_null(memchr(
			value.s + strlen(start), '"', value.len - strlen(start) - 1));
	assert_null(memchr(value.s, '\\', value.len));
}

/* what the script has to give, NULL: nothing */
static const char *needed_by(const regmon_rule_t *rule)
{
	if(rule->answer == 401)
		return "WWW-Authenticate";
	if(rule->answer == 494)
		return "Security-Server";
	if(rule->answer == 421)
		return strcmp(rule->id, "SUP-01") == 0 ? NULL : "Security-Server";
	return NULL;
}

/* Each rule of the catalogue that has an answer, with its own message. */
static void each_rule_has_its_answer(void **state)
{
	unsigned codes[700] = {0};
	const regmon_rule_t *rule;
	unsigned i, n = 0;

	for(i = 0; (rule = regmon_rule_at(i)) != NULL; i++) {
		const char *needed = needed_by(rule);
		char extra[200] = "";
		regmon_message_t answer;
		fixture_t fixture;
		char *text;

		if(!regmon_rule_can_be_enforced(rule))
			continue;
		fixture_read(&fixture, rule->id);
		if(needed != NULL) {
			assert_false(build(rule, &fixture.message, NULL));
			if(strstr(reply.wrong, needed) == NULL)
				fail_msg("%s: '%s' does not name %s", rule->id, reply.wrong,
						needed);
			snprintf(extra, sizeof(extra), "%s: given\r\n", needed);
		}
		if(!build(rule, &fixture.message, extra))
			fail_msg("%s: %s", rule->id, reply.wrong);
		assert_int_equal(reply.code, rule->answer);
		assert_string_not_equal(reply.reason, "Refused");
		assert_well_formed(&answer, &text);
		assert_warning(&answer, rule);
		free(text);
		fixture_free(&fixture);
		codes[rule->answer]++;
		n++;
	}
	assert_true(n >= 40);
	for(i = 0; i < 8; i++)
		assert_true(codes[((int[]){400, 403, 416, 420, 421, 423, 494, 500})[i]]
					> 0);
}

/* ---- the headers of a code ---- */

static void expect(const regmon_rule_t *rule, const char *register_text,
		const char *extra, regmon_header_t header, const char *value)
{
	regmon_message_t message, answer;
	size_t length;
	char *text, *request = harness_copy(register_text, &length);

	regmon_message_read(request, (int)length, &message);
	if(!build(rule, &message, extra))
		fail_msg("%s: %s", rule->id, reply.wrong);
	assert_well_formed(&answer, &text);
	assert_value(&answer, header, value);
	free(text);
	free(request);
}

#define REGISTER "REGISTER sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n"

static void headers_of_codes(void **state)
{
	regmon_rule_t own = own_rule(423);

	expect(rule_of("EXP-02"), REGISTER "\r\n", NULL, REGMON_HEADER_MIN_EXPIRES,
			"600");
	expect(rule_of("SUP-02"), REGISTER "\r\n", NULL, REGMON_HEADER_UNSUPPORTED,
			"path");
	expect(rule_of("SUP-01"), REGISTER "\r\n", NULL, REGMON_HEADER_REQUIRE,
			"path");
	expect(rule_of("SEC-01"), REGISTER "\r\n", SERVER, REGMON_HEADER_REQUIRE,
			"sec-agree");
	expect(rule_of("SEC-14"), REGISTER "\r\n", SERVER, REGMON_HEADER_REQUIRE,
			"sec-agree");
	expect(rule_of("SEC-14"), REGISTER "\r\n", SERVER,
			REGMON_HEADER_SECURITY_SERVER,
			"ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;spi-c=1;spi-s=2;port-c=3;"
			"port-s=4");
	expect(rule_of("CSEQ-02"), REGISTER "\r\n", NULL, REGMON_HEADER_RETRY_AFTER,
			"7");
	expect(&own, REGISTER "\r\n", NULL, REGMON_HEADER_MIN_EXPIRES, "600");
	own = own_rule(503);
	expect(&own, REGISTER "\r\n", NULL, REGMON_HEADER_RETRY_AFTER, "7");
	own = own_rule(421);
	own.header = "Security-Client";
	expect(&own, REGISTER "\r\n", SERVER, REGMON_HEADER_REQUIRE, "sec-agree");
}

static void accept_is_empty(void **state)
{
	regmon_message_t message, answer;
	char *text;
	int i, n = 0;

	regmon_message_read(REGISTER "\r\n", sizeof(REGISTER) + 1, &message);
	assert_true(build(rule_of("HDR-05"), &message, NULL));
	assert_well_formed(&answer, &text);
	for(i = 0; i < answer.lines_n; i++) {
		if(!regmon_text_is_nocase(answer.lines[i].name, words("Accept")))
			continue;
		assert_int_equal(answer.lines[i].value.len, 0);
		n++;
	}
	assert_int_equal(n, 1);
	free(text);
}

/* Only below an hour may a registrar refuse (RFC 3261 10.3). */
static void interval_not_known(void **state)
{
	regmon_reply_terms_t terms = terms_with(NULL);
	regmon_rule_t own = own_rule(423);
	regmon_decision_t decision = decision_for(&own);
	regmon_message_t message, answer;
	char *text;

	regmon_message_read(REGISTER "\r\n", sizeof(REGISTER) + 1, &message);
	terms.min_expires_s = 0;
	assert_true(regmon_reply_build(
			&decision, &message, &terms, headers, sizeof(headers), &reply));
	assert_well_formed(&answer, &text);
	assert_value(&answer, REGMON_HEADER_MIN_EXPIRES, "3600");
	free(text);
}

static void tags_not_understood(void **state)
{
	regmon_rule_t own = own_rule(420);
	regmon_message_t message;

	own.header = "Require";
	expect(&own,
			REGISTER "Require: path, foo, sec-agree\r\nRequire: bar\r\n\r\n",
			NULL, REGMON_HEADER_UNSUPPORTED, "foo, bar");
	expect(&own, REGISTER "Require: Path,gruu\r\n\r\n", NULL,
			REGMON_HEADER_UNSUPPORTED, "Path, gruu");
	/* what is no token is left out */
	expect(&own,
			REGISTER "Require: a b, \"x\", <sip:a@b>, ok, c;d, e\x01\r\n\r\n",
			NULL, REGMON_HEADER_UNSUPPORTED, "ok");
	/* a tag of 65 characters, too */
	expect(&own,
			REGISTER
			"Require: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeef"
			"fffffffffggggg, ok\r\n\r\n",
			NULL, REGMON_HEADER_UNSUPPORTED, "ok");
	regmon_message_read(REGISTER "\r\n", sizeof(REGISTER) + 1, &message);
	assert_false(build(&own, &message, NULL));
	assert_non_null(strstr(reply.wrong, "Unsupported"));
	expect(&own, REGISTER "\r\n", "Unsupported: x\r\n",
			REGMON_HEADER_UNSUPPORTED, "x");
}

/* Own rules may have any code; what it must have is asked for. */
static void what_the_script_has_to_give(void **state)
{
	static const struct
	{
		int code;
		const char *header;
	} cases[] = {{302, "Contact"}, {401, "WWW-Authenticate"}, {405, "Allow"},
			{407, "Proxy-Authenticate"}, {421, "Require"},
			{494, "Security-Server"}, {403, NULL}, {480, NULL}, {600, NULL}};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(cases); i++) {
		regmon_rule_t own = own_rule(cases[i].code);
		regmon_message_t message, answer;
		char extra[64], code[8], *text;

		regmon_message_read(REGISTER "\r\n", sizeof(REGISTER) + 1, &message);
		if(cases[i].header == NULL) {
			assert_true(build(&own, &message, NULL));
			continue;
		}
		assert_false(build(&own, &message, NULL));
		snprintf(code, sizeof(code), "%d", cases[i].code);
		assert_non_null(strstr(reply.wrong, code));
		assert_non_null(strstr(reply.wrong, cases[i].header));
		/* an empty one does not do */
		snprintf(extra, sizeof(extra), "%s: \r\n", cases[i].header);
		assert_false(build(&own, &message, extra));
		snprintf(extra, sizeof(extra), "%s: x\r\n", cases[i].header);
		assert_true(build(&own, &message, extra));
		assert_well_formed(&answer, &text);
		free(text);
	}
}

static void script_has_the_last_word(void **state)
{
	expect(rule_of("EXP-02"), REGISTER "\r\n", "min-expires: 1200\r\n",
			REGMON_HEADER_MIN_EXPIRES, "1200");
	expect(rule_of("CSEQ-02"), REGISTER "\r\n", "Retry-After: 60",
			REGMON_HEADER_RETRY_AFTER, "60");
	expect(rule_of("SEC-14"), REGISTER "\r\n",
			SERVER "Require: sec-agree, x\r\n", REGMON_HEADER_REQUIRE,
			"sec-agree, x");
}

/* ---- header lines of the script ---- */

static void lines_of_the_script(void **state)
{
	static const struct
	{
		const char *extra;
		unsigned n; /* lines, or: */
		const char *wrong;
	} cases[] = {{"", 0, NULL}, {" \r\n\r\n", 0, NULL}, {"A: 1", 1, NULL},
			{"A: 1\r\n", 1, NULL}, {"A: 1\nB : 2\r\n\r\n", 2, NULL},
			{"A:", 1, NULL}, {"A: a\tb: c", 1, NULL},
			{"A 1\r\n", 0, "not 'Name: value'"},
			{"A: 1\r\n\r\nB: 2\r\n", 1, "not 'Name: value'"},
			{"A: 1\r\n folded", 1, "not 'Name: value'"},
			{": 1\r\n", 0, "not 'Name: value'"},
			{"A B: 1\r\n", 0, "not 'Name: value'"},
			{"A: 1\rB: 2\r\n", 0, "control character"},
			{"A: 1\x01\r\n", 0, "control character"},
			{"A: 1\x7f\r\n", 0, "control character"},
			{"Via: x\r\n", 0, "Kamailio"}, {"v: x\r\n", 0, "Kamailio"},
			{"X: 1\r\ncontent-length : 0\r\n", 1, "Kamailio"},
			{"L: 5\r\n", 0, "Kamailio"}, {"CSeq: 1 A\r\n", 0, "Kamailio"}};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(cases); i++) {
		const char *wrong;
		unsigned n = 0;
		int position = 0;
		size_t length;
		char *text = harness_copy(cases[i].extra, &length);
		str extra = {text, (int)length}, name, value;

		while(regmon_reply_next_extra(extra, &position, &name, &value, &wrong))
			n++;
		if(n != cases[i].n || (wrong == NULL) != (cases[i].wrong == NULL)
				|| (wrong && strstr(wrong, cases[i].wrong) == NULL))
			fail_msg("'%s': %u lines, %s", cases[i].extra, n,
					wrong ? wrong : "right");
		free(text);
	}
}

static void wrong_lines_send_nothing(void **state)
{
	regmon_message_t message;

	regmon_message_read(REGISTER "\r\n", sizeof(REGISTER) + 1, &message);
	assert_false(build(rule_of("TO-04"), &message, "X: 1\r\n\r\nbody"));
	assert_string_not_equal(reply.wrong, "");
	assert_false(build(rule_of("TO-04"), &message, "Content-Length: 9\r\n"));
}

/* ---- texts that try to break out ---- */

static void hostile_texts(void **state)
{
	regmon_rule_t own = own_rule(403);
	regmon_decision_t decision;
	regmon_reply_terms_t terms;
	regmon_message_t message, answer;
	static const char *const hosts[] = {
			"a\r\nEvil: 1", "a b", "a\"", "", "a,b"};
	char *text;
	unsigned i;

	own.id = "OP-\r\nEvil: 1";
	own.header = "X\"\r\n\r\nbody";
	own.text = "say \"no\" \\ and\r\nEvil: 1\t\x01\x7f gr\xc3\xbc\xc3\x9f "
			   "\xe2\x82\xac \xff";
	regmon_message_read(REGISTER "\r\n", sizeof(REGISTER) + 1, &message);
	assert_true(build(&own, &message, NULL));
	assert_well_formed(&answer, &text);
	assert_int_equal(answer.lines_n, 1);
	assert_value(&answer, REGMON_HEADER_WARNING,
			"399 " HOST " \"ims_regmon OP-  Evil: 1 X'    body: say 'no' ' and"
			"  Evil: 1  ? gr?? ? ?\"");
	free(text);
	for(i = 0; i < REGMON_COUNT(hosts); i++) {
		own = own_rule(403);
		decision = decision_for(&own);
		terms = terms_with(NULL);
		terms.host = words(hosts[i]);
		assert_true(regmon_reply_build(
				&decision, &message, &terms, headers, sizeof(headers), &reply));
		assert_well_formed(&answer, &text);
		assert_value(&answer, REGMON_HEADER_WARNING,
				"399 ims_regmon \"ims_regmon OP-1 X-Site: X-Site comes from no"
				" phone.\"");
		free(text);
	}
}

/* Whatever the REGISTER says, nothing of it but option tags gets into the answer. */
static void nothing_of_the_message(void **state)
{
	const regmon_rule_t *rule;
	unsigned i, n = 0;

	for(i = 0; (rule = regmon_rule_at(i)) != NULL; i++) {
		regmon_decision_t decision = decision_for(rule);
		regmon_reply_terms_t terms =
				terms_with("WWW-Authenticate: x\r\nSecurity-Server: x\r\n");
		regmon_message_t message;
		char first[REGMON_REPLY_SIZE];
		fixture_t fixture;
		int length;

		if(!regmon_rule_can_be_enforced(rule) || rule->answer == 420)
			continue;
		fixture_read(&fixture, rule->id);
		assert_true(regmon_reply_build(&decision, &fixture.message, &terms,
				headers, sizeof(headers), &reply));
		length = reply.headers.len;
		memcpy(first, headers, length);
		regmon_message_read(REGISTER "\r\n", sizeof(REGISTER) + 1, &message);
		decision.seen = words("x\r\nEvil: secret");
		assert_true(regmon_reply_build(
				&decision, &message, &terms, headers, sizeof(headers), &reply));
		assert_int_equal(reply.headers.len, length);
		assert_memory_equal(headers, first, length);
		fixture_free(&fixture);
		n++;
	}
	assert_true(n >= 40);
}

/* A buffer too small is no answer, whatever its size; none of its neighbours is touched. */
static void too_small_a_buffer(void **state)
{
	regmon_reply_terms_t terms = terms_with(SERVER);
	regmon_decision_t decision = decision_for(rule_of("SEC-14"));
	regmon_message_t message;
	int whole, size;

	regmon_message_read(REGISTER "\r\n", sizeof(REGISTER) + 1, &message);
	assert_true(regmon_reply_build(
			&decision, &message, &terms, headers, sizeof(headers), &reply));
	whole = reply.headers.len;
	for(size = 1; size <= whole + 1; size++) {
		char *exact = malloc(size);
		bool built = regmon_reply_build(
				&decision, &message, &terms, exact, size, &reply);

		assert_int_equal(built, size == whole + 1);
		if(!built)
			assert_non_null(strstr(reply.wrong, "too long"));
		free(exact);
	}
}

static void reasons(void **state)
{
	assert_string_equal(regmon_reply_reason(423), "Interval Too Brief");
	assert_string_equal(
			regmon_reply_reason(494), "Security Agreement Required");
	assert_string_equal(regmon_reply_reason(499), "Refused");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			harness_test(each_rule_has_its_answer),
			harness_test(headers_of_codes),
			harness_test(accept_is_empty),
			harness_test(interval_not_known),
			harness_test(tags_not_understood),
			harness_test(what_the_script_has_to_give),
			harness_test(script_has_the_last_word),
			harness_test(lines_of_the_script),
			harness_test(wrong_lines_send_nothing),
			harness_test(hostile_texts),
			harness_test(nothing_of_the_message),
			harness_test(too_small_a_buffer),
			harness_test(reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
