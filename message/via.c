/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the first Via value of a line: sent-protocol, sent-by, parameters. */
#include "message/via.h"

#include "message/parameter.h"

static const char *skip_token(const char *at, const char *end)
{
	while(at < end && regmon_is_token_char(*at))
		at++;
	return at;
}

/* "SIP / 2.0 / UDP"; returns where it ends */
static inline const char *read_protocol(
		const char *at, const char *end, regmon_via_t *via)
{
	const char *from;
	int part;

	if(end - at > 8 && regmon_same_nocase(at, "SIP/2.0/", 8)) {
		from = at + 8;
		at = skip_token(from, end);
	} else {
		for(part = 0, from = at; part < 2; part++) {
			at = skip_token(at, end);
			via->broken |= at == from;
			at = regmon_scan_skip_space(at, end);
			if(at >= end || *at != '/') {
				via->broken = true;
				from = at;
				break;
			}
			from = at = regmon_scan_skip_space(at + 1, end);
		}
		at = skip_token(from, end);
	}
	via->transport = (str){(char *)from, at - from};
	via->broken |= at == from;
	return at;
}

static inline void read_sent_by(str sent_by, regmon_via_t *via)
{
	const char *end = sent_by.s + sent_by.len, *at;
	int64_t port;

	if(sent_by.len > 0 && sent_by.s[0] == '[') {
		at = memchr(sent_by.s, ']', sent_by.len);
		if(!at) {
			via->broken = true;
			via->host = sent_by;
			return;
		}
		at++;
	} else {
		at = sent_by.len > 0 ? memchr(sent_by.s, ':', sent_by.len) : NULL;
		if(!at)
			at = end;
	}
	via->host = regmon_scan_slice(sent_by.s, at);
	via->broken |= via->host.len == 0;
	at = regmon_scan_skip_space(at, end);
	if(at >= end)
		return;
	port = *at == ':' ? regmon_scan_number(
				   sent_by.s, regmon_scan_slice(at + 1, end))
					  : REGMON_NUMBER_BAD;
	via->port = port < 1 || port > 65535 ? -1 : (int)port;
	via->broken |= via->port < 0;
}

typedef enum parameter
{
	OTHER,
	BRANCH,
	RECEIVED,
	RPORT,
	KEEP
} parameter_t;

REGMON_INLINE int find_parameter(
		const regmon_scan_t *scan, bool exact, int *ret_length)
{
	*ret_length = 0;
	REGMON_NAME_GIVES("branch", BRANCH);
	REGMON_NAME_GIVES("rport", RPORT);
	REGMON_NAME_GIVES("received", RECEIVED);
	REGMON_NAME_GIVES("keep", KEEP);
	return OTHER;
}
REGMON_THOROUGH(read_thoroughly, find_parameter, ';', ',')

REGMON_INLINE void take_parameter(
		const regmon_parameter_t *parameter, regmon_via_t *via)
{
	str value = parameter->value;

	switch(parameter->id) {
		case BRANCH:
			via->branch = value;
			break;
		case RECEIVED:
			via->received = value;
			break;
		case RPORT:
			via->rport_given = true;
			via->rport = value;
			break;
		case KEEP:
			via->keep_given = true;
			via->keep = value;
			break;
		default:
			via->broken |= parameter->name.len == 0 && value.s != NULL;
			break;
	}
}

void regmon_via_read_within(
		str value, const char *text_end, regmon_via_t *ret_via)
{
	const char *at, *end = value.s + value.len, *from;
	regmon_parameter_t parameter;
	regmon_scan_t scan;
	char ended;

	regmon_clear(ret_via, sizeof(*ret_via));
	if(value.len <= 0)
		return;
	at = regmon_scan_skip_space(value.s, end);
	from = regmon_scan_skip_space(read_protocol(at, end, ret_via), end);
	at = regmon_scan_find(value.s, from, end, ';', ',', ',');
	read_sent_by(regmon_scan_slice(from, at), ret_via);
	if(at < end && *at == ';') {
		regmon_scan_start(&scan, (str){(char *)at + 1, end - at - 1}, text_end);
		do {
			ended = regmon_scan_next(&scan, find_parameter, read_thoroughly,
					';', ',', &parameter, &ret_via->broken);
			take_parameter(&parameter, ret_via);
		} while(ended == ';');
		at = ended == ',' ? scan.at - 1 : scan.end;
	}
	ret_via->text = regmon_scan_slice(value.s, at);
}
