/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header lines that the script gives. They may hold what the script took from a message, so a line is taken only when
 * it is one header and none that Kamailio writes itself. */
#include "guard/reply.h"

/* what makes an answer fit its request and end where it ends */
static bool is_reserved(str name)
{
	static const char *const reserved[] = {"Via", "v", "From", "f", "To", "t",
			"Call-ID", "i", "CSeq", "Content-Length", "l", "Content-Type", "c",
			"Content-Encoding", "e"};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(reserved); i++) {
		str other = {(char *)reserved[i], (int)strlen(reserved[i])};

		if(regmon_text_is_nocase(name, other))
			return true;
	}
	return false;
}

static bool is_printable(str value)
{
	int i;

	for(i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.s[i];

		if((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* up to the line end, which may be CRLF or LF; *position moves behind it */
static str take_line(str text, int *position)
{
	str line = regmon_text_from(text, *position);
	const char *end = memchr(line.s, '\n', line.len);

	if(end != NULL)
		line.len = (int)(end - line.s);
	*position += line.len + (end != NULL);
	if(line.len > 0 && line.s[line.len - 1] == '\r')
		line.len--;
	return line;
}

bool regmon_reply_next_extra(str extra, int *position, str *ret_name,
		str *ret_value, const char **ret_wrong)
{
	const char *colon;
	str line, name, value;

	*ret_wrong = NULL;
	if(extra.s == NULL || *position >= extra.len
			|| regmon_text_trim(regmon_text_from(extra, *position)).len == 0)
		return false;
	line = take_line(extra, position);
	colon = memchr(line.s, ':', line.len);
	name = (str){line.s, colon ? (int)(colon - line.s) : 0};
	while(name.len > 0
			&& (name.s[name.len - 1] == ' ' || name.s[name.len - 1] == '\t'))
		name.len--;
	if(!regmon_text_is_token(name)) {
		*ret_wrong = "a line of the headers given is not 'Name: value'";
		return false;
	}
	value = regmon_text_from(line, (int)(colon - line.s) + 1);
	if(!is_printable(value)) {
		*ret_wrong = "a header given has a control character";
		return false;
	}
	if(is_reserved(name)) {
		*ret_wrong = "a header given is one that Kamailio writes itself";
		return false;
	}
	*ret_name = name;
	*ret_value = regmon_text_trim(value);
	return true;
}

bool regmon_reply_extra_has(str extra, const char *name)
{
	str wanted = {(char *)name, (int)strlen(name)};
	const char *wrong;
	int position = 0;
	str found, value;

	while(regmon_reply_next_extra(extra, &position, &found, &value, &wrong)) {
		if(regmon_text_is_nocase(found, wanted) && value.len > 0)
			return true;
	}
	return false;
}
