/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts a URI into its parts and makes the address-of-record from it. */
#include "message/uri.h"

#include <arpa/inet.h>

#include "message/scan.h"

/* what may stand in a URI somewhere: RFC 3261 25.1 unreserved, reserved, '%', and the brackets of paramchar */
static const bool uri_char[256] = {['0' ... '9'] = true,
		['a' ... 'z'] = true,
		['A' ... 'Z'] = true,
		['-'] = true,
		['_'] = true,
		['.'] = true,
		['!'] = true,
		['~'] = true,
		['*'] = true,
		['\''] = true,
		['('] = true,
		[')'] = true,
		[';'] = true,
		['/'] = true,
		['?'] = true,
		[':'] = true,
		['&'] = true,
		['='] = true,
		['+'] = true,
		['$'] = true,
		[','] = true,
		['%'] = true,
		['['] = true,
		[']'] = true};

/* First character that cannot be part of a host name, else end; begin..at is text too. '_' is against RFC 1123, but
 * private networks use it. */
static inline const char *host_end(
		const char *begin, const char *at, const char *end)
{
	while((at = regmon_scan_not_plain(begin, at, end)) < end && *at == '_')
		at++;
	return at;
}

static bool all_uri_chars(const char *begin, str text)
{
	const char *at = text.s, *end = text.s + text.len;

	/* mostly letters and digits with little between them */
	while((at = regmon_scan_not_plain(begin, at, end)) < end) {
		if(!uri_char[(unsigned char)*at])
			return false;
		at++;
	}
	return true;
}

static regmon_scheme_t read_other_scheme(str text, int *ret_length)
{
	const char *colon = memchr(text.s, ':', text.len);

	if(!colon || colon == text.s)
		return REGMON_SCHEME_NONE;
	*ret_length = colon + 1 - text.s;
	if(*ret_length == 4 && REGMON_NAME_IS(text, "tel"))
		return REGMON_SCHEME_TEL;
	if(*ret_length == 4 && REGMON_NAME_IS(text, "urn"))
		return REGMON_SCHEME_URN;
	if(*ret_length == 5 && REGMON_NAME_IS(text, "sips"))
		return REGMON_SCHEME_SIPS;
	return REGMON_SCHEME_OTHER;
}

static inline regmon_scheme_t read_scheme(str text, int *ret_length)
{
	if(text.len >= 4 && REGMON_NAME_IS(text, "sip:")) {
		*ret_length = 4;
		return REGMON_SCHEME_SIP;
	}
	return read_other_scheme(text, ret_length);
}

/* host[:port], at stands on the host; at..plain are characters of a host; returns where they end */
static inline const char *read_hostport(
		const char *at, const char *plain, const char *end, regmon_uri_t *uri)
{
	const char *from = at;
	int64_t port;

	if(at < end && *at == '[') {
		at = memchr(at, ']', end - at);
		if(!at) {
			uri->broken = true;
			uri->host = (str){(char *)from, end - from};
			return end;
		}
		at++;
		/* "[]" holds no address */
		uri->broken |= at - from <= 2;
	} else {
		at = host_end(uri->text.s, plain, end);
		uri->broken |= at == from;
	}
	uri->host = (str){(char *)from, at - from};
	if(at < end && *at == ':') {
		from = ++at;
		while(at < end && *at != ';' && *at != '?')
			at++;
		uri->port_text = (str){(char *)from, at - from};
		port = regmon_scan_number(uri->text.s, uri->port_text);
		uri->port = port < 1 || port > 65535 ? -1 : (int)port;
		uri->broken |= uri->port < 0;
	}
	return at;
}

static void read_tail(const char *at, const char *end, regmon_uri_t *uri)
{
	const char *question;

	if(at < end && *at == ';') {
		at++;
		question = memchr(at, '?', end - at);
		if(!question)
			question = end;
		uri->parameters = (str){(char *)at, question - at};
		uri->broken |= !all_uri_chars(uri->text.s, uri->parameters);
		at = question;
	}
	if(at < end && *at == '?') {
		uri->headers = (str){(char *)at + 1, end - at - 1};
		uri->broken |= !all_uri_chars(uri->text.s, uri->headers);
		at = end;
	}
	/* the host ended at a character that has no place there */
	uri->broken |= at < end;
}

void regmon_uri_read(str text, regmon_uri_t *ret_uri)
{
	const char *at, *end, *stop, *at_sign;
	int scheme_length = 0;

	regmon_clear(ret_uri, sizeof(*ret_uri));
	ret_uri->text = text;
	if(text.len <= 0) {
		ret_uri->broken = true;
		return;
	}
	ret_uri->scheme = read_scheme(text, &scheme_length);
	at = text.s + scheme_length;
	end = text.s + text.len;
	if(ret_uri->scheme == REGMON_SCHEME_NONE) {
		ret_uri->broken = true;
		return;
	}
	if(ret_uri->scheme != REGMON_SCHEME_SIP
			&& ret_uri->scheme != REGMON_SCHEME_SIPS) {
		/* no host: what stands before ';' is the number or the name */
		const char *semicolon = memchr(at, ';', end - at);

		ret_uri->user = (str){(char *)at, (semicolon ? semicolon : end) - at};
		ret_uri->broken = ret_uri->user.len == 0
						  || !all_uri_chars(ret_uri->text.s, ret_uri->user);
		if(semicolon)
			read_tail(semicolon, end, ret_uri);
		return;
	}
	/* most users are letters and digits, and so are hosts */
	stop = regmon_scan_not_plain(text.s, at, end);
	at_sign = stop < end && *stop != '@' ? memchr(stop, '@', end - stop) : stop;
	if(at_sign && at_sign < end) {
		ret_uri->user = (str){(char *)at, at_sign - at};
		ret_uri->broken =
				at_sign == at
				|| (at_sign != stop && !all_uri_chars(text.s, ret_uri->user));
		stop = at = at_sign + 1;
	}
	at = read_hostport(at, stop, end, ret_uri);
	if(at < end)
		read_tail(at, end, ret_uri);
}

bool regmon_uri_parameter(const regmon_uri_t *uri, str name, str *ret_value)
{
	str found, value;
	int position = 0;

	while(regmon_text_next_parameter(
			uri->parameters, ';', &position, &found, &value)) {
		if(regmon_text_is_nocase(found, name)) {
			*ret_value = value;
			return true;
		}
	}
	return false;
}

/* ---- canonical form ---- */

typedef struct output
{
	char *buffer;
	int size, used;
} output_t;

static void put(output_t *out, char c)
{
	if(out->used < out->size)
		out->buffer[out->used++] = c;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? c - 32 : c;
}

static void put_text(output_t *out, str text)
{
	int n = out->size - out->used;

	if(text.len < n)
		n = text.len;
	if(n > 0) {
		memcpy(out->buffer + out->used, text.s, n);
		out->used += n;
	}
}

static void put_lower(output_t *out, str text)
{
	char *begin = out->buffer + out->used, *at = begin, *end;

	put_text(out, text);
	end = out->buffer + out->used;
	for(; end - at >= 8; at += 8)
		regmon_lower_8(at);
	if(at < end && end - begin >= 8) {
		regmon_lower_8(end - 8);
		return;
	}
	for(; at < end; at++)
		*at = lower(*at);
}

static int hex_value(char c)
{
	return c <= '9' ? c - '0' : lower(c) - 'a' + 10;
}

/* unreserved and user-unreserved of RFC 3261 25.1: their escape says the same as they do */
static bool means_itself(char c)
{
	return regmon_is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z')
		   || (c != '\0' && strchr("-_.!~*'()&=+$,;?/", c) != NULL);
}

static void put_user(output_t *out, str user)
{
	const char *end = user.s + user.len;
	const char *stop = regmon_scan_find(user.s, user.s, end, ':', '%', '%');
	char c;
	int i = stop - user.s;

	put_text(out, (str){user.s, i});
	for(; i < user.len && user.s[i] != ':'; i++) {
		if(user.s[i] != '%' || i + 2 >= user.len
				|| !regmon_is_hex(user.s[i + 1])
				|| !regmon_is_hex(user.s[i + 2])) {
			put(out, user.s[i]);
			continue;
		}
		c = (char)(hex_value(user.s[i + 1]) * 16 + hex_value(user.s[i + 2]));
		if(means_itself(c)) {
			put(out, c);
		} else {
			put(out, '%');
			put(out, upper(user.s[i + 1]));
			put(out, upper(user.s[i + 2]));
		}
		i += 2;
	}
}

static void put_tel(output_t *out, const regmon_uri_t *uri)
{
	str context;
	int i;

	put_lower(out, REGMON_TEXT("tel:"));
	for(i = 0; i < uri->user.len; i++) {
		/* visual separators of RFC 3966 */
		if(uri->user.s[i] != '-' && uri->user.s[i] != '.'
				&& uri->user.s[i] != '(' && uri->user.s[i] != ')')
			put(out, lower(uri->user.s[i]));
	}
	/* a local number is another one in another context (RFC 3966 5.1.4) */
	if(uri->user.len > 0 && uri->user.s[0] != '+'
			&& regmon_uri_parameter(
					uri, REGMON_TEXT("phone-context"), &context)) {
		put_lower(out, REGMON_TEXT(";phone-context="));
		put_lower(out, context);
	}
}

int regmon_uri_canonical(const regmon_uri_t *uri, char *buffer, int size)
{
	output_t out = {buffer, size, 0};
	int default_port = 5060, scheme_length = 0;

	switch(uri->scheme) {
		case REGMON_SCHEME_SIP:
			put_lower(&out, REGMON_TEXT("sip:"));
			break;
		case REGMON_SCHEME_SIPS:
			put_lower(&out, REGMON_TEXT("sips:"));
			default_port = 5061;
			break;
		case REGMON_SCHEME_TEL:
			put_tel(&out, uri);
			return out.used;
		default:
			if(uri->text.len <= 0)
				return 0;
			read_scheme(uri->text, &scheme_length);
			put_lower(&out, (str){uri->text.s, scheme_length});
			put_text(&out, regmon_text_from(uri->text, scheme_length));
			return out.used;
	}
	if(uri->user.s) {
		put_user(&out, uri->user);
		put(&out, '@');
	}
	put_lower(&out, uri->host);
	if(uri->port_text.len > 0 && uri->port != default_port) {
		put(&out, ':');
		put_lower(&out, uri->port_text);
	}
	return out.used;
}

static bool has_capitals(str text)
{
	const char *at = text.s, *end = at + text.len;
	uint64_t capitals = 0;

	if(text.len < 8) {
		while(at < end && !(*at >= 'A' && *at <= 'Z'))
			at++;
		return at < end;
	}
	for(; end - at > 8; at += 8)
		capitals |= regmon_capitals_8(at);
	return (capitals | regmon_capitals_8(end - 8)) != 0;
}

/* "sip:", a user without escapes or password, a host in small letters, and nothing else. */
bool regmon_uri_is_canonical(const regmon_uri_t *uri)
{
	const char *user_end = uri->user.s + uri->user.len;

	return uri->scheme == REGMON_SCHEME_SIP && uri->user.len > 0
		   && uri->host.len > 0 && memcmp(uri->text.s, "sip:", 4) == 0
		   && uri->host.s + uri->host.len == uri->text.s + uri->text.len
		   && regmon_scan_find(
					  uri->text.s, uri->user.s, user_end, ':', '%', '%')
					  == user_end
		   && !has_capitals(uri->host);
}

/* ---- hosts ---- */

static bool read_ipv4(str host, unsigned char *ret_address)
{
	int i = 0, part, digits, number;

	for(part = 0; part < 4; part++) {
		if(part > 0 && (i >= host.len || host.s[i++] != '.'))
			return false;
		number = 0;
		for(digits = 0;
				digits < 3 && i < host.len && regmon_is_digit(host.s[i]);
				digits++)
			number = number * 10 + (host.s[i++] - '0');
		if(digits == 0 || number > 255)
			return false;
		ret_address[part] = number;
	}
	return i == host.len;
}

static bool read_ipv6(str host, unsigned char *ret_address)
{
	char copy[INET6_ADDRSTRLEN];
	const char *zone;

	if(host.len >= 2 && host.s[0] == '[' && host.s[host.len - 1] == ']') {
		host.s++;
		host.len -= 2;
	}
	zone = host.len > 0 ? memchr(host.s, '%', host.len) : NULL;
	if(zone)
		host.len = zone - host.s;
	if(host.len < 2 || host.len >= (int)sizeof(copy)
			|| memchr(host.s, '\0', host.len))
		return false;
	memcpy(copy, host.s, host.len);
	copy[host.len] = '\0';
	return inet_pton(AF_INET6, copy, ret_address) == 1;
}

regmon_host_kind_t regmon_host_kind(str host)
{
	unsigned char address[16];

	if(regmon_text_empty(host))
		return REGMON_HOST_NONE;
	if(read_ipv4(host, address))
		return REGMON_HOST_IPV4;
	if(read_ipv6(host, address))
		return REGMON_HOST_IPV6;
	return REGMON_HOST_NAME;
}

static bool ipv4_unreachable(const unsigned char *address)
{
	return address[0] == 127 || (address[0] == 169 && address[1] == 254)
		   || (address[0] | address[1] | address[2] | address[3]) == 0;
}

bool regmon_host_unreachable(str host)
{
	static const unsigned char zero[16] = {0};
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	unsigned char address[16];

	if(regmon_text_empty(host))
		return false;
	if(read_ipv4(host, address))
		return ipv4_unreachable(address);
	if(!read_ipv6(host, address))
		return false;
	if(memcmp(address, mapped, sizeof(mapped)) == 0)
		return ipv4_unreachable(address + 12);
	if(address[0] == 0xfe && (address[1] & 0xc0) == 0x80)
		return true;
	return memcmp(address, zero, 15) == 0 && address[15] <= 1;
}
