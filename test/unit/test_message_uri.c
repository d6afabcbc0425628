/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message/uri.h: the parts of a URI, the address-of-record, hosts. */
#include "test/unit/message_exact.h"

static void parts(void **state)
{
	/* NULL: absent */
	static const struct
	{
		const char *text;
		regmon_scheme_t scheme;
		const char *user, *host, *port_text;
		int port;
		const char *parameters, *headers;
		bool broken;
	} cases[] = {
			{"sip:ims.example.org", REGMON_SCHEME_SIP, NULL, "ims.example.org",
					NULL, 0, NULL, NULL, false},
			{"SIPS:alice@example.org:5061;lr?a=b", REGMON_SCHEME_SIPS, "alice",
					"example.org", "5061", 5061, "lr", "a=b", false},
			{"sip:alice:secret@example.org", REGMON_SCHEME_SIP, "alice:secret",
					"example.org", NULL, 0, NULL, NULL, false},
			{"sip:a@[2001:db8::1]:5060;transport=tcp;ob", REGMON_SCHEME_SIP,
					"a", "[2001:db8::1]", "5060", 5060, "transport=tcp;ob",
					NULL, false},
			{"sip:+1;phone-context=x@example.org", REGMON_SCHEME_SIP,
					"+1;phone-context=x", "example.org", NULL, 0, NULL, NULL,
					false},
			{"sip:host?Subject=x", REGMON_SCHEME_SIP, NULL, "host", NULL, 0,
					NULL, "Subject=x", false},
			{"sip:lab_host_1.a-very-long-name.example.org", REGMON_SCHEME_SIP,
					NULL, "lab_host_1.a-very-long-name.example.org", NULL, 0,
					NULL, NULL, false},
			{"sip:h:65535", REGMON_SCHEME_SIP, NULL, "h", "65535", 65535, NULL,
					NULL, false},
			{"tel:+1-201-555-0123;phone-context=x", REGMON_SCHEME_TEL,
					"+1-201-555-0123", NULL, NULL, 0, "phone-context=x", NULL,
					false},
			{"urn:service:sos", REGMON_SCHEME_URN, "service:sos", NULL, NULL, 0,
					NULL, NULL, false},
			{"mailto:a@b", REGMON_SCHEME_OTHER, NULL, NULL, NULL, 0, NULL, NULL,
					true},
			{"sip:h:65536", REGMON_SCHEME_SIP, NULL, "h", "65536", -1, NULL,
					NULL, true},
			{"sip:h:0", REGMON_SCHEME_SIP, NULL, "h", "0", -1, NULL, NULL,
					true},
			{"sip:h:", REGMON_SCHEME_SIP, NULL, "h", "", -1, NULL, NULL, true},
			{"sip:h:50x", REGMON_SCHEME_SIP, NULL, "h", "50x", -1, NULL, NULL,
					true},
			{"sip:", REGMON_SCHEME_SIP, NULL, "", NULL, 0, NULL, NULL, true},
			{"sip:a@", REGMON_SCHEME_SIP, "a", "", NULL, 0, NULL, NULL, true},
			{"sip:@h", REGMON_SCHEME_SIP, "", "h", NULL, 0, NULL, NULL, true},
			{"sip:a@b@c", REGMON_SCHEME_SIP, "a", "b", NULL, 0, NULL, NULL,
					true},
			{"sip:a b@c", REGMON_SCHEME_SIP, "a b", "c", NULL, 0, NULL, NULL,
					true},
			{"sip:a@h h", REGMON_SCHEME_SIP, "a", "h", NULL, 0, NULL, NULL,
					true},
			{"sip:a@h;x=\"y\"", REGMON_SCHEME_SIP, "a", "h", NULL, 0, "x=\"y\"",
					NULL, true},
			{"sip:a@h/x", REGMON_SCHEME_SIP, "a", "h", NULL, 0, NULL, NULL,
					true},
			{"sip:a@[2001:db8::1", REGMON_SCHEME_SIP, "a", "[2001:db8::1", NULL,
					0, NULL, NULL, true},
			{"sip:[]", REGMON_SCHEME_SIP, NULL, "[]", NULL, 0, NULL, NULL,
					true},
			{"alice", REGMON_SCHEME_NONE, NULL, NULL, NULL, 0, NULL, NULL,
					true},
			{":x", REGMON_SCHEME_NONE, NULL, NULL, NULL, 0, NULL, NULL, true},
			{"", REGMON_SCHEME_NONE, NULL, NULL, NULL, 0, NULL, NULL, true},
			{"tel:", REGMON_SCHEME_TEL, "", NULL, NULL, 0, NULL, NULL, true},
	};
	regmon_uri_t uri;
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		regmon_uri_read(exact(cases[i].text), &uri);
		if(uri.broken != cases[i].broken || uri.scheme != cases[i].scheme
				|| uri.port != cases[i].port)
			fail_msg("%s: broken %d scheme %d port %d", cases[i].text,
					uri.broken, uri.scheme, uri.port);
		if(cases[i].scheme == REGMON_SCHEME_OTHER)
			continue;
		assert_text(uri.user, cases[i].user ? cases[i].user : "");
		assert_int_equal(uri.user.s != NULL, cases[i].user != NULL);
		assert_text(uri.host, cases[i].host ? cases[i].host : "");
		assert_text(
				uri.port_text, cases[i].port_text ? cases[i].port_text : "");
		assert_int_equal(uri.port_text.s != NULL, cases[i].port_text != NULL);
		assert_text(
				uri.parameters, cases[i].parameters ? cases[i].parameters : "");
		assert_text(uri.headers, cases[i].headers ? cases[i].headers : "");
	}
}

/* every byte value in user and host, at places inside and outside a block of 16 */
static void each_byte(void **state)
{
	static const char good_user[] = "abcxyzABCXYZ0189-_.!~*'();/?:&=+$,%[]";
	static const char good_host[] = "abcxyzABCXYZ0189-._";
	char text[80];
	regmon_uri_t uri;
	unsigned at;
	int c;

	for(c = 1; c < 256; c++) {
		for(at = 0; at < 30; at++) {
			strcpy(text, "sip:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b");
			text[4 + at] = (char)c;
			if(c == '@' || (at == 0 && c == '@'))
				continue;
			regmon_uri_read(exact(text), &uri);
			if(strchr(good_user, c) || (c >= '0' && c <= '9')
					|| ((c | 0x20) >= 'a' && (c | 0x20) <= 'z' && c < 128))
				assert_false(uri.broken);
			else
				assert_true(uri.broken);
			strcpy(text, "sip:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
			text[5 + at] = (char)c;
			if(strchr(":;?@", c))
				continue;
			regmon_uri_read(exact(text), &uri);
			if(strchr(good_host, c) || (c >= '0' && c <= '9')
					|| ((c | 0x20) >= 'a' && (c | 0x20) <= 'z' && c < 128))
				assert_false(uri.broken);
			else
				assert_true(uri.broken);
			exact_free(NULL);
		}
	}
}

static void uri_parameters(void **state)
{
	regmon_uri_t uri;
	str value;

	regmon_uri_read(exact("sip:a@h;Transport=TCP;sos;q="), &uri);
	assert_true(regmon_uri_parameter(&uri, REGMON_TEXT("transport"), &value));
	assert_text(value, "TCP");
	assert_true(regmon_uri_parameter(&uri, REGMON_TEXT("SOS"), &value));
	assert_null(value.s);
	assert_true(regmon_uri_parameter(&uri, REGMON_TEXT("q"), &value));
	assert_non_null(value.s);
	assert_int_equal(value.len, 0);
	assert_false(regmon_uri_parameter(&uri, REGMON_TEXT("so"), &value));
}

static void canonical(void **state)
{
	static const struct
	{
		const char *text, *key;
	} cases[] = {
			{"SIP:Alice@Example.ORG", "sip:Alice@example.org"},
			{"sips:a@h", "sips:a@h"},
			{"sip:a:secret@h;transport=tcp?x=y", "sip:a@h"},
			{"sip:%61%6C%69ce@h", "sip:alice@h"},
			{"sip:a%20b%2fc%40@h", "sip:a%20b/c%40@h"},
			{"sip:a%4@h", "sip:a%4@h"},
			{"sip:a%zz@h", "sip:a%zz@h"},
			{"sip:a%c3%a4@h", "sip:a%C3%A4@h"},
			{"sip:a@h:5060", "sip:a@h"},
			{"sip:a@h:5061", "sip:a@h:5061"},
			{"sips:a@h:5061", "sips:a@h"},
			{"sip:H", "sip:h"},
			{"sip:a@[2001:DB8::1]:5070", "sip:a@[2001:db8::1]:5070"},
			{"tel:+1-(201).555-0123;x=y", "tel:+12015550123"},
			{"TEL:+12015550123", "tel:+12015550123"},
			{"tel:7A42;phone-context=Example.com",
					"tel:7a42;phone-context=example.com"},
			{"urn:service:SOS", "urn:service:SOS"},
			{"", ""},
			{"alice", "alice"},
	};
	char key[128];
	regmon_uri_t uri;
	unsigned i;
	int n, size;

	for(i = 0; i < COUNT(cases); i++) {
		regmon_uri_read(exact(cases[i].text), &uri);
		n = regmon_uri_canonical(&uri, key, sizeof(key));
		assert_text(((str){key, n}), cases[i].key);
		/* cut, never written beyond */
		for(size = 0; size <= n; size++) {
			str room = exact_bytes(key, size);

			assert_int_equal(regmon_uri_canonical(&uri, room.s, size), size);
			assert_memory_equal(room.s, cases[i].key, size);
		}
	}
}

static void hosts(void **state)
{
	static const struct
	{
		const char *text;
		regmon_host_kind_t kind;
		bool unreachable;
	} cases[] = {
			{"", REGMON_HOST_NONE, false},
			{"ims.example.org", REGMON_HOST_NAME, false},
			{"10.0.0.1", REGMON_HOST_IPV4, false},
			{"255.255.255.255", REGMON_HOST_IPV4, false},
			{"256.0.0.1", REGMON_HOST_NAME, false},
			{"1.2.3", REGMON_HOST_NAME, false},
			{"1.2.3.4.5", REGMON_HOST_NAME, false},
			{"1.2.3.", REGMON_HOST_NAME, false},
			{"0001.2.3.4", REGMON_HOST_NAME, false},
			{"0.0.0.0", REGMON_HOST_IPV4, true},
			{"127.0.0.1", REGMON_HOST_IPV4, true},
			{"127.255.0.9", REGMON_HOST_IPV4, true},
			{"128.0.0.1", REGMON_HOST_IPV4, false},
			{"169.254.3.4", REGMON_HOST_IPV4, true},
			{"169.253.3.4", REGMON_HOST_IPV4, false},
			{"[2001:db8::1]", REGMON_HOST_IPV6, false},
			{"2001:db8::1", REGMON_HOST_IPV6, false},
			{"[::]", REGMON_HOST_IPV6, true},
			{"[::1]", REGMON_HOST_IPV6, true},
			{"[::2]", REGMON_HOST_IPV6, false},
			{"[fe80::1]", REGMON_HOST_IPV6, true},
			{"[febf::1]", REGMON_HOST_IPV6, true},
			{"[fec0::1]", REGMON_HOST_IPV6, false},
			{"[fe80::1%eth0]", REGMON_HOST_IPV6, true},
			{"[::ffff:127.0.0.1]", REGMON_HOST_IPV6, true},
			{"[::ffff:10.0.0.1]", REGMON_HOST_IPV6, false},
			{"[2001:db8::g]", REGMON_HOST_NAME, false},
			{"[", REGMON_HOST_NAME, false},
			{"[]", REGMON_HOST_NAME, false},
			{"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]",
					REGMON_HOST_NAME, false},
	};
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		str host = exact(cases[i].text);

		if(regmon_host_kind(host) != cases[i].kind
				|| regmon_host_unreachable(host) != cases[i].unreachable)
			fail_msg("%s: kind %d unreachable %d", cases[i].text,
					regmon_host_kind(host), regmon_host_unreachable(host));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {exact_test(parts), exact_test(each_byte),
			exact_test(uri_parameters), exact_test(canonical),
			exact_test(hosts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
