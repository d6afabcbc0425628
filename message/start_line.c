/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the start line of a request or of an answer. */
#include "message/start_line.h"

#include "message/scan.h"

static bool is_version(str text)
{
	return text.len == 7 && REGMON_NAME_IS(text, "SIP/2.0");
}

/* "SIP/2.0 401 Unauthorized", as nearly everybody writes it */
static bool read_usual_status_line(str line, regmon_message_t *message)
{
	const char *code = line.s + 8, *reason = line.s + 12;

	if(line.len < 13 || !regmon_same(line.s, "SIP/2.0 ", 8) || code[0] < '1'
			|| code[0] > '6' || !regmon_is_digit(code[1])
			|| !regmon_is_digit(code[2]) || code[3] != ' '
			|| (unsigned char)reason[0] <= ' '
			|| (unsigned char)line.s[line.len - 1] <= ' ')
		return false;
	message->code =
			(code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
	message->reason = regmon_text_from(line, 12);
	message->broken_start_line = false;
	return true;
}

static bool read_status_line(str line, regmon_message_t *message)
{
	str rest;
	int i, code = 0;

	message->is_answer = true;
	if(REGMON_USUALLY(read_usual_status_line(line, message)))
		return true;
	for(i = 0; i < line.len && line.s[i] != ' '; i++)
		;
	message->broken_start_line = !is_version((str){line.s, i});
	rest = regmon_text_trim(regmon_text_from(line, i));
	for(i = 0; i < rest.len && i < 3 && regmon_is_digit(rest.s[i]); i++)
		code = code * 10 + (rest.s[i] - '0');
	if(i < 3 || code < 100 || code > 699
			|| (rest.len > 3 && rest.s[3] != ' ')) {
		message->broken_start_line = true;
		return false;
	}
	message->code = code;
	message->reason = regmon_text_trim(regmon_text_from(rest, 3));
	return true;
}

/* The usual form of it. */
static bool is_plain_register(str line)
{
	return line.len > 17 && regmon_same(line.s, "REGISTER ", 9)
		   && regmon_same(line.s + line.len - 8, " SIP/2.0", 8);
}

/* "REGISTER sip:ims.example.org SIP/2.0" */
static bool read_request_line(str line, regmon_message_t *message)
{
	const char *end = line.s + line.len, *at = line.s, *version = end;
	const bool plain = is_plain_register(line);
	str uri;

	if(plain) {
		at += 8;
		version -= 7;
	} else {
		while(at < end && !regmon_is_space(*at))
			at++;
		while(version > at && !regmon_is_space(version[-1]))
			version--;
	}
	message->method = (str){line.s, at - line.s};
	if(!plain
			&& (version == at || !regmon_text_is_token(message->method)
					|| end - version < 4
					|| !regmon_same_nocase(version, "SIP/", 4))) {
		message->broken_start_line = true;
		return false;
	}
	uri = regmon_scan_slice(at, version);
	message->request_uri_text = uri;
	regmon_uri_read(uri, &message->request_uri);
	/* single spaces, nothing inside the URI (RFC 3261 7.1) */
	message->broken_start_line =
			!is_version((str){(char *)version, end - version}) || uri.len == 0
			|| *at != ' ' || version[-1] != ' ' || uri.s != at + 1
			|| uri.s + uri.len != version - 1
			|| regmon_scan_find(uri.s, uri.s, version - 1, ' ', '\t', '\t')
					   != version - 1;
	return true;
}

bool regmon_start_line_read(str line, regmon_message_t *message)
{
	/* a method may begin with "SIP" too, so the slash counts */
	if(line.len >= 4 && regmon_same_nocase(line.s, "SIP/", 4))
		return read_status_line(line, message);
	return read_request_line(line, message);
}
