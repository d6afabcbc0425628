/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP requests as fields: well-formed ones, wrong ones, and bytes by chance; and who may look. */
#include <stdio.h>
#include <stdlib.h>

#include "test/unit/harness.h"

#include "rules/rule.h"
#include "show/http_allow.h"
#include "show/http_request.h"

static regmon_http_request_t request;
static regmon_refusal_t refusal;
static char *copy;

/* each text in a block of exactly its size, which lives until the next one */
static bool read_bytes(const char *text, int length)
{
	free(copy);
	copy = malloc(length ? length : 1);
	assert_non_null(copy);
	memcpy(copy, text, length);
	memset(&request, 0xa5, sizeof(request));
	return regmon_http_request_read((str){copy, length}, &request, &refusal);
}

static bool read_text(const char *text)
{
	return read_bytes(text, (int)strlen(text));
}

static int forget(void **state)
{
	free(copy);
	copy = NULL;
	return harness_teardown(state);
}

#define assert_text(value, expected)                                        \
	do {                                                                    \
		str found = value;                                                  \
		if(!regmon_text_is(found, REGMON_TEXT(expected)))                   \
			fail_msg("\"%.*s\", not \"%s\"", found.len, found.s, expected); \
	} while(0)
#define assert_refused(given, expected_code, part)                   \
	do {                                                             \
		assert_false(read_text(given));                              \
		assert_int_equal(refusal.code, expected_code);               \
		if(strstr(refusal.text, part) == NULL)                       \
			fail_msg("\"%s\" is not in \"%s\"", part, refusal.text); \
	} while(0)

static void test_usual(void **state)
{
	assert_true(
			read_text("GET /regmon/api/list?state=failed&cause=any&limit=20 "
					  "HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"x\"\r\n\r\n"));
	assert_int_equal(request.method, REGMON_HTTP_GET);
	assert_text(request.path, "/regmon/api/list");
	assert_int_equal(request.pairs_n, 3);
	assert_text(request.pairs[0].name, "state");
	assert_text(request.pairs[0].value, "failed");
	assert_text(request.pairs[0].word, "state=failed");
	assert_text(regmon_http_value(&request, "limit"), "20");
	assert_null(regmon_http_value(&request, "lim").s);
	assert_text(request.if_none_match, "\"x\"");
	assert_int_equal(request.body.len, 0);
	assert_true(request.keep_alive);
}

static void test_methods(void **state)
{
	assert_true(read_text("HEAD / HTTP/1.1\r\n\r\n"));
	assert_int_equal(request.method, REGMON_HTTP_HEAD);
	assert_true(
			read_text("POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nab\r\nc"));
	assert_int_equal(request.method, REGMON_HTTP_POST);
	assert_text(request.body, "ab\r\nc");
	assert_true(read_text("get / HTTP/1.1\r\n\r\n"));
	assert_int_equal(request.method, REGMON_HTTP_OTHER);
	assert_true(read_text("DELETE / HTTP/1.1\r\n\r\n"));
	assert_int_equal(request.method, REGMON_HTTP_OTHER);
}

static void test_connection(void **state)
{
	assert_true(read_text("GET / HTTP/1.1\r\nconnection: Close\r\n\r\n"));
	assert_false(request.keep_alive);
	assert_true(read_text("GET / HTTP/1.1\r\nConnection: TE, close\r\n\r\n"));
	assert_false(request.keep_alive);
	assert_true(read_text("GET / HTTP/1.0\r\n\r\n"));
	assert_false(request.keep_alive);
	assert_true(read_text("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
	assert_true(request.keep_alive);
	/* the body is no header */
	assert_true(read_text("POST / HTTP/1.1\r\n\r\nConnection: close\r\n"));
	assert_true(request.keep_alive);
	/* bare line feeds, as some write them */
	assert_true(read_text("GET /a HTTP/1.0\nConnection: keep-alive\n\nbody"));
	assert_true(request.keep_alive);
	assert_text(request.body, "body");
}

static bool takes_gzip(const char *headers)
{
	char text[300];

	snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n%s\r\n", headers);
	assert_true(read_text(text));
	return request.takes_gzip;
}

static void test_gzip(void **state)
{
	assert_false(takes_gzip("Host: x\r\n"));
	assert_true(takes_gzip("Accept-Encoding: gzip\r\n"));
	assert_true(takes_gzip("accept-encoding: deflate, GZIP ;q=0.5,br\r\n"));
	assert_true(takes_gzip("Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n"));
	assert_true(takes_gzip("Accept-Encoding: gzip;q=1.000\r\n"));
	assert_true(takes_gzip("Accept-Encoding: gzip;q=0.001\r\n"));
	assert_false(takes_gzip("Accept-Encoding: gzip;q=0\r\n"));
	assert_false(takes_gzip("Accept-Encoding: gzip; Q=0.000, br\r\n"));
	assert_false(takes_gzip("Accept-Encoding: gzip;q=\r\n"));
	assert_false(takes_gzip("Accept-Encoding: xgzip, gzipx, deflate\r\n"));
	assert_false(takes_gzip("Accept-Encoding:\r\n"));
	assert_false(takes_gzip("X-Accept-Encoding: gzip\r\n"));
}

static void test_percent(void **state)
{
	assert_true(
			read_text("GET /a%2Fb?who=sip%3A%2b49%261%40x&t=%0d%0a&e=&n&x=a=b "
					  "HTTP/1.1\r\n\r\n"));
	assert_text(request.path, "/a/b");
	assert_text(regmon_http_value(&request, "who"), "sip:+49&1@x");
	assert_text(regmon_http_value(&request, "t"), "\r\n");
	assert_text(regmon_http_value(&request, "x"), "a=b");
	assert_int_equal(request.pairs_n, 5);
	assert_non_null(regmon_http_value(&request, "e").s);
	assert_text(request.pairs[3].name, "n");
	assert_text(request.pairs[3].value, "");
	assert_text(request.pairs[3].word, "n=");
	/* a plus is a plus: it stands in numbers */
	assert_true(read_text("GET /a?who=msisdn:+49 HTTP/1.1\r\n\r\n"));
	assert_text(regmon_http_value(&request, "who"), "msisdn:+49");
	assert_refused("GET /a%2 HTTP/1.1\r\n\r\n", 400, "path");
	assert_refused("GET /a%zz HTTP/1.1\r\n\r\n", 400, "path");
	assert_refused("GET /a?b=%1 HTTP/1.1\r\n\r\n", 400, "parameter b");
	assert_refused("GET /a?%=1 HTTP/1.1\r\n\r\n", 400, "parameter %");
	assert_refused("GET /a%00 HTTP/1.1\r\n\r\n", 400, "ASCII");
	assert_refused("GET /a%C3%A9 HTTP/1.1\r\n\r\n", 400, "ASCII");
	/* what is refused is quoted without its escapes */
	assert_refused("GET /a?\x1b[0m%q=1 HTTP/1.1\r\n\r\n", 400, "?[0m");
}

static void test_limits(void **state)
{
	char text[REGMON_HTTP_MAX_TARGET + 100];
	int i, n;

	/* as many names without "=" as there is room for */
	n = snprintf(text, sizeof(text), "GET /?");
	for(i = 0; i < REGMON_HTTP_MAX_PAIRS; i++)
		n += snprintf(text + n, sizeof(text) - n, "%sa", i ? "&" : "");
	snprintf(text + n, sizeof(text) - n, " HTTP/1.1\r\n\r\n");
	assert_true(read_text(text));
	assert_int_equal(request.pairs_n, REGMON_HTTP_MAX_PAIRS);
	snprintf(text + n, sizeof(text) - n, "&a HTTP/1.1\r\n\r\n");
	assert_refused(text, 400, "more than 16");
	/* the longest target, and one byte more */
	memset(text, 'a', sizeof(text));
	memcpy(text, "GET /?", 6);
	memcpy(text + 4 + REGMON_HTTP_MAX_TARGET - 1, " HTTP/1.1\r\n\r\n", 14);
	assert_true(read_text(text));
	assert_int_equal(request.pairs[0].name.len, REGMON_HTTP_MAX_TARGET - 3);
	memset(text, 'a', sizeof(text));
	memcpy(text, "GET /?", 6);
	memcpy(text + 4 + REGMON_HTTP_MAX_TARGET, " HTTP/1.1\r\n\r\n", 14);
	assert_refused(text, 414, "1999 bytes");
}

static void test_absolute_form(void **state)
{
	assert_true(
			read_text("GET http://10.0.0.1:5060/regmon?a=1 HTTP/1.1\r\n\r\n"));
	assert_text(request.path, "/regmon");
	assert_true(read_text("GET http://10.0.0.1 HTTP/1.1\r\n\r\n"));
	assert_text(request.path, "");
	assert_true(read_text("GET https://a?x=1 HTTP/1.1\r\n\r\n"));
	assert_text(request.path, "");
	assert_text(regmon_http_value(&request, "x"), "1");
}

static bool below(const char *text)
{
	size_t length;
	char *exact = harness_copy(text, &length);
	bool is_below = regmon_http_is_below(
			(str){exact, (int)length}, REGMON_TEXT("/regmon"));

	free(exact);
	return is_below;
}

static void test_is_below(void **state)
{
	assert_true(below("GET /regmon HTTP/1.1\r\n"));
	assert_true(below("GET /regmon/ HTTP/1.1\r\n"));
	assert_true(below("GET /regmon/api/x?y HTTP/1.0\r\n"));
	assert_true(below("DELETE /regmon?x HTTP/1.1"));
	assert_true(below("GET http://h:1/regmon HTTP/1.1\r\n"));
	assert_false(below("GET /regmonx HTTP/1.1\r\n"));
	assert_false(below("GET /regmo HTTP/1.1\r\n"));
	assert_false(below("GET / HTTP/1.1\r\n"));
	assert_false(below("GET /x/regmon HTTP/1.1\r\n"));
	assert_false(below("PRI * HTTP/2.0\r\n"));
	assert_false(below("GET /regmon HTTP/2.0\r\n"));
	assert_false(below("REGISTER sip:a SIP/2.0\r\n"));
	assert_false(below("GET /regmon"));
	assert_false(below("GET \r\n"));
	assert_false(below(""));
	/* only the first line counts */
	assert_false(below("GET / HTTP/1.1\r\nGET /regmon HTTP/1.1\r\n"));
}

/* whatever comes, the parts lie inside what they are parts of */
static void check_parts(int length)
{
	unsigned i;

	assert_true(request.body.s >= copy && request.body.len >= 0
				&& request.body.s + request.body.len <= copy + length);
	for(i = 0; i < request.pairs_n; i++) {
		const regmon_http_pair_t *pair = &request.pairs[i];

		assert_true(pair->word.s >= request.decoded
					&& pair->word.s + pair->word.len
							   <= request.decoded + sizeof(request.decoded));
		assert_int_equal(pair->word.len, pair->name.len + 1 + pair->value.len);
		assert_true(pair->value.len >= 0 && pair->name.len >= 0);
	}
}

static void test_by_chance(void **state)
{
	static const char base[] = "GET /regmon/api/list?state=failed&who=%2B49&x "
							   "HTTP/1.1\r\nConnection: close, x\r\n"
							   "If-None-Match: y\r\n"
							   "Accept-Encoding: br,gzip;q=0.5\r\n\r\nbody";
	static const char some[] = " ?&=%/\r\n:,;\"\0\x80z2";
	char text[sizeof(base)];
	unsigned seed = 1, round, k, read = 0;

	for(round = 0; round < 20000; round++) {
		int length = sizeof(base) - 1;

		memcpy(text, base, sizeof(base));
		for(k = 0; k < 1 + round % 4; k++) {
			seed = seed * 1103515245u + 12345u;
			text[(seed >> 8) % length] =
					some[(seed >> 20) % (sizeof(some) - 1)];
		}
		seed = seed * 1103515245u + 12345u;
		if(round % 3 == 0)
			length = (int)((seed >> 8) % length);
		if(read_bytes(text, length))
			read++;
		check_parts(length);
		regmon_http_is_below((str){copy, length}, REGMON_TEXT("/regmon"));
	}
	assert_in_range(read, 5000, 19999);
}

/* ---- http_allow ---- */

static regmon_networks_t networks;
static char complaint[300];

static bool allow(const char *text)
{
	size_t length;
	char *exact = harness_copy(text, &length);
	bool fine = regmon_networks_read(
			(str){exact, (int)length}, &networks, complaint, sizeof(complaint));

	free(exact);
	return fine;
}

static bool may4(int a, int b, int c, int d)
{
	const uint8_t bytes[4] = {(uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d};

	return regmon_networks_hold(&networks, bytes, 4);
}

static bool may6(const char *hex)
{
	uint8_t bytes[16];
	unsigned i, value;

	for(i = 0; i < 16; i++) {
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &value), 1);
		bytes[i] = (uint8_t)value;
	}
	return regmon_networks_hold(&networks, bytes, 16);
}

static void test_nobody(void **state)
{
	assert_true(allow(""));
	assert_true(allow(" , ,"));
	assert_int_equal(networks.n, 0);
	assert_false(may4(127, 0, 0, 1));
	assert_false(may6("00000000000000000000000000000001"));
}

static void test_addresses(void **state)
{
	assert_true(allow(
			"127.0.0.1,10.1.0.0/16 192.168.4.128/25,::1, [2001:db8::]/33"));
	assert_int_equal(networks.n, 5);
	assert_true(may4(127, 0, 0, 1));
	assert_false(may4(127, 0, 0, 2));
	assert_true(may4(10, 1, 255, 255));
	assert_false(may4(10, 2, 0, 0));
	assert_false(may4(10, 0, 255, 255));
	assert_true(may4(192, 168, 4, 128));
	assert_false(may4(192, 168, 4, 127));
	assert_true(may6("00000000000000000000000000000001"));
	assert_false(may6("00000000000000000000000000000002"));
	assert_true(may6("20010db8000000000000000000000007"));
	assert_true(may6("20010db87fff00000000000000000007"));
	assert_false(may6("20010db8800000000000000000000007"));
	/* IPv4 inside IPv6 */
	assert_true(may6("00000000000000000000ffff7f000001"));
	assert_false(may6("00000000000000000000ffff7f000002"));
}

static void test_everybody(void **state)
{
	assert_true(allow("0.0.0.0/0"));
	assert_true(may4(8, 8, 8, 8));
	assert_false(may6("20010db8000000000000000000000007"));
	assert_true(allow("::/0"));
	assert_false(may4(8, 8, 8, 8));
	assert_true(may6("20010db8000000000000000000000007"));
	assert_true(allow("::ffff:10.0.0.0/104"));
	assert_true(may4(10, 9, 8, 7));
	assert_false(may4(11, 0, 0, 0));
}

static void test_wrong_entries(void **state)
{
	static const struct
	{
		const char *text, *part;
	} wrong[] = {{"127.0.0.1,10.0.0.256", "'10.0.0.256' is no"},
			{"localhost", "'localhost' is no"}, {"10.0.0", "'10.0.0' is no"},
			{"10.0.0.1/33", "from 0 to 32"}, {"10.0.0.1/", "from 0 to 32"},
			{"10.0.0.1/-1", "from 0 to 32"}, {"10.0.0.1/8x", "from 0 to 32"},
			{"::1/129", "from 0 to 128"}, {"10.0.0.1/8", "has bits behind"},
			{"2001:db8::1/64", "has bits behind"}, {"/8", "'/8' is no"},
			{"1.2.3.4/8/8", "from 0 to 32"}, {"::g", "is no"},
			{"1.2.3.4;5.6.7.8", "is no"}, {"[::1", "is no"}};
	char many[70 * 9 + 1] = "";
	unsigned i;

	for(i = 0; i < REGMON_COUNT(wrong); i++) {
		assert_false(allow(wrong[i].text));
		if(strstr(complaint, wrong[i].part) == NULL)
			fail_msg("%s: \"%s\"", wrong[i].text, complaint);
	}
	for(i = 0; i < REGMON_MAX_NETWORKS; i++)
		strcat(many, "1.2.3.4 ");
	assert_true(allow(many));
	strcat(many, "4.3.2.1");
	assert_false(allow(many));
	assert_non_null(strstr(complaint, "'4.3.2.1' is one entry more"));
}

#define test_of(function) \
	cmocka_unit_test_setup_teardown(function, harness_setup, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {test_of(test_usual),
			test_of(test_methods), test_of(test_connection),
			test_of(test_gzip), test_of(test_percent),
			test_of(test_limits),
			test_of(test_absolute_form), test_of(test_is_below),
			test_of(test_by_chance), test_of(test_nobody),
			test_of(test_addresses), test_of(test_everybody),
			test_of(test_wrong_entries)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
