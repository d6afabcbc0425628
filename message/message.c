/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message as a whole: all of it read at once, and what is asked about more than one of its fields. Its lines are
 * found in lines.c, its headers are read in readers.c. */
#include "message/message.h"

bool regmon_message_read(
		const char *text, int length, regmon_message_t *ret_message)
{
	bool is_sip = regmon_message_scan(text, length, ret_message);

	regmon_message_read_headers(ret_message, ret_message->unread);
	return is_sip;
}

bool regmon_message_passed_on(
		regmon_message_t *message, const char *text, int length)
{
	unsigned first = message->first[REGMON_HEADER_VIA];
	regmon_line_t *line = &message->lines[first ? first - 1 : 0];
	const char *from = message->text.s, *end = from + message->text.len;
	const char *next;
	long before;

	/* of several values in one line only the first goes; of what stands behind a broken line nobody knows */
	if(first == 0 || first == message->lines_n || message->lines_broken
			|| message->lines_dropped
			|| message->count[REGMON_HEADER_VIA] != message->via_n)
		return false;
	next = line[1].name.s;
	before = line->name.s - from;
	if(length != before + (end - next) || memcmp(text, from, before) != 0
			|| memcmp(text + before, next, end - next) != 0)
		return false;
	message->first[REGMON_HEADER_VIA] = line->next;
	message->count[REGMON_HEADER_VIA]--;
	message->via_n--;
	if(!(message->unread & REGMON_HEADER_BIT(VIA)))
		memset(&message->via, 0, sizeof(message->via));
	line->header = REGMON_HEADER_OTHER;
	line->name = line->value = (str){NULL, 0};
	return true;
}

bool regmon_message_lists(
		const regmon_message_t *message, regmon_header_t header, str token)
{
	const regmon_line_t *line;

	for(line = regmon_message_line(message, header); line;
			line = regmon_message_next_line(message, line)) {
		if(regmon_text_list_holds(line->value, token))
			return true;
	}
	return false;
}

str regmon_message_impi(const regmon_message_t *message)
{
	const regmon_uri_t *to = &message->to.uri;

	if(REGMON_DIGEST_FILLED(&message->authorization, USERNAME))
		return REGMON_DIGEST_TEXT(&message->authorization, USERNAME);
	if(to->user.len > 0 && to->host.len > 0 && to->host.s > to->user.s)
		return (str){to->user.s,
				(int)(to->host.s + to->host.len - to->user.s)};
	return (str){NULL, 0};
}
