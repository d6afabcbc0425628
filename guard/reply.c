/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds the headers of an answer. A header that the script gives takes the place of the one made here. */
#include "guard/reply.h"

#include <stdarg.h>
#include <stdio.h>

#include "guard/reason.h"

#define MOST_TAGS 16
#define LONGEST_TAG 64
#define LONGEST_WARNING 200
/* Only intervals below an hour may be refused (RFC 3261 10.3), so with an hour the phone is right in any case. */
#define MIN_EXPIRES_UNKNOWN_S 3600

typedef struct answer
{
	const regmon_decision_t *decision;
	const regmon_message_t *message;
	const regmon_reply_terms_t *terms;
	regmon_reply_t *reply;
	char *buffer;
	int size, used;
	bool is_cut;
} answer_t;

static __attribute__((format(printf, 2, 3))) void append(
		answer_t *answer, const char *format, ...)
{
	int left = answer->size - answer->used, length;
	va_list arguments;

	va_start(arguments, format);
	length = vsnprintf(answer->buffer + answer->used, left, format, arguments);
	va_end(arguments);
	if(length < 0 || length >= left)
		answer->is_cut = true;
	else
		answer->used += length;
}

static bool is_given(const answer_t *answer, const char *name)
{
	return regmon_reply_extra_has(answer->terms->extra, name);
}

static bool refuse(answer_t *answer, const char *why)
{
	snprintf(answer->reply->wrong, sizeof(answer->reply->wrong), "%s", why);
	return false;
}

/* What the code must have and only the script can know. */
static bool needs(answer_t *answer, const char *name, const char *clause)
{
	if(is_given(answer, name))
		return true;
	snprintf(answer->reply->wrong, sizeof(answer->reply->wrong),
			"a %d has %s (%s): the script has to give it",
			answer->decision->code, name, clause);
	return false;
}

static void append_number(answer_t *answer, const char *name, int64_t number)
{
	if(!is_given(answer, name))
		append(answer, "%s: %lld\r\n", name, (long long)number);
}

static void append_word(answer_t *answer, const char *name, const char *word)
{
	if(!is_given(answer, name))
		append(answer, "%s: %s\r\n", name, word);
}

/* ---- which extension ---- */

/* The option tag that a rule is about; NULL: its own text does not tell. */
static const char *extension_of(const regmon_rule_t *rule)
{
	static const struct
	{
		const char *id, *extension;
	} known[] = {{"SUP-01", "path"}, {"SUP-02", "path"},
			{"SEC-01", "sec-agree"}, {"SEC-03", "sec-agree"}};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(known); i++) {
		if(strcmp(rule->id, known[i].id) == 0)
			return known[i].extension;
	}
	/* of an operator's own rules */
	return strncasecmp(rule->header, "Security-", 9) == 0 ? "sec-agree" : NULL;
}

/* What every registrar of an IMS understands is no answer to the question which tags it does not. */
static bool is_common(str tag)
{
	static const str common[] = {STR_STATIC_INIT("path"),
			STR_STATIC_INIT("sec-agree"), STR_STATIC_INIT("gruu"),
			STR_STATIC_INIT("outbound")};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(common); i++) {
		if(regmon_text_is_nocase(tag, common[i]))
			return true;
	}
	return false;
}

/* Tags of Require that are tokens, common ones or the others; how many. */
static unsigned list_required(
		const answer_t *answer, bool common, str tags[MOST_TAGS])
{
	const regmon_line_t *line =
			regmon_message_line(answer->message, REGMON_HEADER_REQUIRE);
	unsigned n = 0;

	for(; line; line = regmon_message_next_line(answer->message, line)) {
		int position = 0;
		str tag;

		while(n < MOST_TAGS
				&& regmon_text_next_element(line->value, &position, &tag)) {
			if(tag.len <= LONGEST_TAG && regmon_text_is_token(tag)
					&& is_common(tag) == common)
				tags[n++] = tag;
		}
	}
	return n;
}

/* RFC 3261 8.2.2.3: the tags of Require that are not understood. Which ones that are is not written in the message:
 * those that no IMS registration uses, else, because the rule is broken, all of them. */
static bool append_unsupported(answer_t *answer)
{
	const char *extension = extension_of(answer->decision->rule);
	str tags[MOST_TAGS];
	unsigned i, n;

	if(is_given(answer, "Unsupported"))
		return true;
	if(extension != NULL) {
		append_word(answer, "Unsupported", extension);
		return true;
	}
	n = list_required(answer, false, tags);
	if(n == 0)
		n = list_required(answer, true, tags);
	if(n == 0)
		return needs(answer, "Unsupported", "RFC 3261 21.4.15");
	for(i = 0; i < n; i++)
		append(answer, "%s%.*s", i ? ", " : "Unsupported: ", tags[i].len,
				tags[i].s);
	append(answer, "\r\n");
	return true;
}

/* RFC 3329 2.3.1: both 421 and 494 for want of an agreement list what this node offers, which only the script knows,
 * and require sec-agree. */
static bool append_agreement(answer_t *answer)
{
	append_word(answer, "Require", "sec-agree");
	return needs(answer, "Security-Server", "RFC 3329 2.3.1");
}

/* RFC 3261 21.4.16: 421 names the extension in Require. */
static bool append_extension(answer_t *answer)
{
	const char *extension = extension_of(answer->decision->rule);

	if(extension && strcmp(extension, "sec-agree") == 0)
		return append_agreement(answer);
	if(extension == NULL)
		return needs(answer, "Require", "RFC 3261 21.4.16");
	append_word(answer, "Require", extension);
	return true;
}

/* ---- what else a code has ---- */

static bool append_of_code(answer_t *answer)
{
	const regmon_reply_terms_t *terms = answer->terms;

	switch(answer->decision->code) {
		case 300:
		case 301:
		case 302:
		case 305:
			return needs(answer, "Contact", "RFC 3261 21.3");
		case 401:
			return needs(answer, "WWW-Authenticate", "RFC 3261 21.4.2");
		case 405:
			return needs(answer, "Allow", "RFC 3261 21.4.6");
		case 407:
			return needs(answer, "Proxy-Authenticate", "RFC 3261 21.4.8");
		case 415:
			/* empty: no body is acceptable (RFC 3261 20.1) */
			append_word(answer, "Accept", "");
			return true;
		case 420:
			return append_unsupported(answer);
		case 421:
			return append_extension(answer);
		case 423:
			append_number(answer, "Min-Expires",
					terms->min_expires_s > 0 ? terms->min_expires_s
											 : MIN_EXPIRES_UNKNOWN_S);
			return true;
		case 494:
			return append_agreement(answer);
		case 500:
		case 503:
			append_number(answer, "Retry-After", terms->retry_after_s);
			return true;
		default:
			return true;
	}
}

/* ---- Warning (RFC 3261 20.43) ---- */

/* warn-agent: hostport, or a pseudonym */
static bool is_host(str host)
{
	int i;

	for(i = 0; i < host.len; i++) {
		char c = host.s[i];

		if(!regmon_is_digit(c) && !(c >= 'a' && c <= 'z')
				&& !(c >= 'A' && c <= 'Z')
				&& (c == '\0' || strchr(".:-[]", c) == NULL))
			return false;
	}
	return host.len > 0 && host.len <= 255;
}

/* Inside of a quoted string: plain ASCII, without what would end it; a character beyond is one '?'. */
static void append_quotable(answer_t *answer, const char *text, int most)
{
	const unsigned char *c = (const unsigned char *)text;
	int length = 0;

	for(; c && *c && length < most; c++) {
		if(*c >= 0x80 && *c < 0xc0)
			continue; /* goes on a character of several bytes */
		if(*c == '"' || *c == '\\')
			append(answer, "'");
		else
			append(answer, "%c", *c < ' ' ? ' ' : *c >= 0x7f ? '?' : *c);
		length++;
	}
}

static void append_warning(answer_t *answer)
{
	const regmon_rule_t *rule = answer->decision->rule;
	str host = answer->terms->host;

	if(!is_host(host))
		host = REGMON_TEXT("ims_regmon");
	append(answer, "Warning: 399 %.*s \"ims_regmon ", host.len, host.s);
	append_quotable(answer, rule->id, LONGEST_TAG);
	append(answer, " ");
	append_quotable(answer, rule->header, LONGEST_TAG);
	append(answer, ": ");
	append_quotable(answer, rule->text, LONGEST_WARNING);
	append(answer, "\"\r\n");
}

/* ---- the whole ---- */

static bool append_extra(answer_t *answer)
{
	const char *wrong = NULL;
	int position = 0;
	str name, value;

	while(regmon_reply_next_extra(
			answer->terms->extra, &position, &name, &value, &wrong))
		append(answer, "%.*s: %.*s\r\n", name.len, name.s, value.len, value.s);
	return wrong == NULL || refuse(answer, wrong);
}

const char *regmon_reply_reason(int code)
{
	const char *reason = regmon_code_reason(code);

	return reason[0] ? reason : "Refused";
}

bool regmon_reply_build(const regmon_decision_t *decision,
		const regmon_message_t *message, const regmon_reply_terms_t *terms,
		char *buffer, int size, regmon_reply_t *ret_reply)
{
	answer_t answer = {
			decision, message, terms, ret_reply, buffer, size, 0, size <= 0};

	ret_reply->code = decision->code;
	ret_reply->reason = regmon_reply_reason(decision->code);
	ret_reply->wrong[0] = '\0';
	if(!append_extra(&answer) || !append_of_code(&answer))
		return false;
	append_warning(&answer);
	if(answer.is_cut)
		return refuse(&answer, "the headers given are too long");
	ret_reply->headers = (str){buffer, answer.used};
	return true;
}
