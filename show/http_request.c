/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show/http_request.h"

/* up to and without the next space; the rest begins behind it */
static str next_word(str *rest)
{
	const char *space = rest->len > 0 ? memchr(rest->s, ' ', rest->len) : NULL;
	str word = {rest->s, space ? (int)(space - rest->s) : rest->len};

	*rest = space ? regmon_text_from(*rest, word.len + 1)
				  : (str){rest->s + rest->len, 0};
	return word;
}

/* up to and without the line end; the rest begins behind it */
static str next_line(str *rest)
{
	const char *end = rest->len > 0 ? memchr(rest->s, '\n', rest->len) : NULL;
	str line = {rest->s, end ? (int)(end - rest->s) : rest->len};

	*rest = end ? regmon_text_from(*rest, line.len + 1)
				: (str){rest->s + rest->len, 0};
	if(line.len > 0 && line.s[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* "http://host:port/path" is as good as "/path" (RFC 9112 3.2.2) */
static str without_authority(str target)
{
	int i = regmon_text_starts_nocase(target, REGMON_TEXT("http://"))	 ? 7
			: regmon_text_starts_nocase(target, REGMON_TEXT("https://")) ? 8
																		 : 0;

	if(i == 0)
		return target;
	while(i < target.len && target.s[i] != '/' && target.s[i] != '?')
		i++;
	return regmon_text_from(target, i);
}

bool regmon_http_is_below(str text, str path)
{
	str line = next_line(&text), target;
	char behind;

	next_word(&line);
	target = without_authority(next_word(&line));
	if(!regmon_text_starts_nocase(line, REGMON_TEXT("HTTP/1."))
			|| target.len < path.len || memcmp(target.s, path.s, path.len) != 0)
		return false;
	behind = target.len > path.len ? target.s[path.len] : '/';
	return behind == '/' || behind == '?';
}

static int hex_value(char c)
{
	return regmon_is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Decodes into `to`, which has room: the result is never longer. -1: a % without its two digits. */
static int decode(str text, char *to)
{
	int i, used = 0;

	for(i = 0; i < text.len; i++) {
		if(text.s[i] != '%') {
			to[used++] = text.s[i];
			continue;
		}
		if(i + 2 >= text.len || !regmon_is_hex(text.s[i + 1])
				|| !regmon_is_hex(text.s[i + 2]))
			return -1;
		to[used++] = (char)(hex_value(text.s[i + 1]) << 4
							| hex_value(text.s[i + 2]));
		i += 2;
	}
	return used;
}

static bool read_path(
		str text, regmon_http_request_t *request, regmon_refusal_t *refusal)
{
	int i, length = decode(text, request->decoded);

	if(length < 0)
		return regmon_refuse(refusal, 400,
				"a %% in the path is not followed by two hex digits");
	for(i = 0; i < length; i++)
		if(request->decoded[i] <= ' ' || request->decoded[i] >= 0x7f)
			return regmon_refuse(
					refusal, 400, "the path holds more than printable ASCII");
	request->path = (str){request->decoded, length};
	return true;
}

/* One "name=value"; used: bytes of decoded[] that are taken. */
static bool read_pair(str text, regmon_http_request_t *request, int *used,
		regmon_refusal_t *refusal)
{
	const char *equals = memchr(text.s, '=', text.len);
	str name = {text.s, equals ? (int)(equals - text.s) : text.len};
	str value = equals ? regmon_text_from(text, name.len + 1)
					   : (str){text.s + text.len, 0};
	char *at = request->decoded + *used;
	regmon_http_pair_t *pair;
	int name_length, value_length;

	if(request->pairs_n == REGMON_HTTP_MAX_PAIRS)
		return regmon_refuse(
				refusal, 400, "more than %d parameters", REGMON_HTTP_MAX_PAIRS);
	/* one more byte than the text where "=" is missing; there '&' or the end made room for it */
	name_length = decode(name, at);
	value_length = name_length < 0 ? -1 : decode(value, at + name_length + 1);
	if(value_length < 0)
		return regmon_refuse(refusal, 400,
				"a %% in parameter %.*s is not followed by two hex digits",
				name.len < 30 ? name.len : 30, name.s);
	at[name_length] = '=';
	pair = &request->pairs[request->pairs_n++];
	pair->name = (str){at, name_length};
	pair->value = (str){at + name_length + 1, value_length};
	pair->word = (str){at, name_length + 1 + value_length};
	*used += pair->word.len;
	return true;
}

static bool read_query(
		str text, regmon_http_request_t *request, regmon_refusal_t *refusal)
{
	int used = request->path.len;
	const char *end;
	str pair;

	while(text.len > 0) {
		end = memchr(text.s, '&', text.len);
		pair = (str){text.s, end ? (int)(end - text.s) : text.len};
		text = end ? regmon_text_from(text, pair.len + 1)
				   : (str){text.s + text.len, 0};
		if(pair.len > 0 && !read_pair(pair, request, &used, refusal))
			return false;
	}
	return true;
}

/* A fragment never leaves a browser. */
static bool read_target(
		str target, regmon_http_request_t *request, regmon_refusal_t *refusal)
{
	const char *question;
	str path = without_authority(target);

	/* one byte is left for a last name without "=" */
	if(target.len > REGMON_HTTP_MAX_TARGET - 1)
		return regmon_refuse(refusal, 414,
				"the address is longer than %d bytes; send the text of a "
				"message as the body of a POST",
				REGMON_HTTP_MAX_TARGET - 1);
	question = path.len > 0 ? memchr(path.s, '?', path.len) : NULL;
	if(question == NULL)
		return read_path(path, request, refusal);
	return read_path((str){path.s, (int)(question - path.s)}, request, refusal)
		   && read_query(regmon_text_from(path, (int)(question - path.s) + 1),
				   request, refusal);
}

static bool is_more_than_zero(str quality)
{
	int i;

	for(i = 0; i < quality.len; i++)
		if(quality.s[i] >= '1' && quality.s[i] <= '9')
			return true;
	return false;
}

/* "gzip", "deflate, gzip;q=0.5"; a quality of 0 is a no (RFC 9110 12.5.3) */
static bool takes_gzip(str list)
{
	str element, coding, name, value;
	int at = 0, part;
	bool takes = false;

	while(regmon_text_next_element(list, &at, &element)) {
		part = 0;
		if(!regmon_text_next_parameter(element, ';', &part, &coding, &value)
				|| !regmon_text_is_nocase(coding, REGMON_TEXT("gzip")))
			continue;
		takes = true;
		while(regmon_text_next_parameter(element, ';', &part, &name, &value))
			if(regmon_text_is_nocase(name, REGMON_TEXT("q")))
				takes = is_more_than_zero(value);
	}
	return takes;
}

static void read_header(str line, regmon_http_request_t *request)
{
	const char *colon = memchr(line.s, ':', line.len);
	str name, value;

	if(colon == NULL)
		return;
	name = (str){line.s, (int)(colon - line.s)};
	value = regmon_text_trim(regmon_text_from(line, name.len + 1));
	if(regmon_text_is_nocase(name, REGMON_TEXT("Connection"))) {
		if(regmon_text_list_holds(value, REGMON_TEXT("close")))
			request->keep_alive = false;
		else if(regmon_text_list_holds(value, REGMON_TEXT("keep-alive")))
			request->keep_alive = true;
	} else if(regmon_text_is_nocase(name, REGMON_TEXT("If-None-Match"))) {
		request->if_none_match = value;
	} else if(regmon_text_is_nocase(name, REGMON_TEXT("Accept-Encoding"))) {
		request->takes_gzip = request->takes_gzip || takes_gzip(value);
	}
}

static regmon_http_method_t method_of(str word)
{
	/* methods have case (RFC 9110 9.1) */
	return regmon_text_is(word, REGMON_TEXT("GET"))	   ? REGMON_HTTP_GET
		   : regmon_text_is(word, REGMON_TEXT("HEAD")) ? REGMON_HTTP_HEAD
		   : regmon_text_is(word, REGMON_TEXT("POST")) ? REGMON_HTTP_POST
													   : REGMON_HTTP_OTHER;
}

bool regmon_http_request_read(
		str text, regmon_http_request_t *ret_request, regmon_refusal_t *refusal)
{
	str line = next_line(&text), target;

	ret_request->method = method_of(next_word(&line));
	ret_request->path = (str){ret_request->decoded, 0};
	ret_request->pairs_n = 0;
	ret_request->if_none_match = (str){NULL, 0};
	ret_request->takes_gzip = false;
	target = next_word(&line);
	ret_request->keep_alive =
			!regmon_text_starts_nocase(line, REGMON_TEXT("HTTP/1.0"));
	for(;;) {
		line = next_line(&text);
		if(line.len <= 0)
			break;
		read_header(line, ret_request);
	}
	ret_request->body = text;
	return read_target(target, ret_request, refusal);
}

str regmon_http_value(const regmon_http_request_t *request, const char *name)
{
	str wanted = {(char *)name, (int)strlen(name)};
	unsigned i;

	for(i = 0; i < request->pairs_n; i++)
		if(regmon_text_is(request->pairs[i].name, wanted))
			return request->pairs[i].value;
	return (str){NULL, 0};
}
