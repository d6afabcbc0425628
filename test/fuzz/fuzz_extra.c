/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header lines that a script gives to an answer, which may hold what it took from a message: whatever they are, the answer
 * is header lines, none of them one that Kamailio writes itself. */
#include "test/fuzz/message.h"

#define BROKEN "test/rules/many-findings.sip"

static regmon_message_t message;
static regmon_class_t class;
static regmon_findings_t findings;

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	size_t length;
	char *text;

	message_start();
	text = harness_read_sip(BROKEN, &length);
	regmon_message_read(text, (int)length, &message);
	regmon_classify(&message, NULL, REGMON_ROLE_AUTO, &class);
	regmon_rules_judge(plans[0], &message, &class, &findings);
	demand(findings.n > 5, "%s breaks %u rules", BROKEN, findings.n);
	return 0;
}

/* for each code that an answer may have */
static void check_codes(str extra)
{
	static const int codes[] = {300, 305, 400, 401, 403, 405, 407, 415, 420,
			421, 423, 494, 500, 503, 600};
	const regmon_reply_terms_t terms = {.host = extra, .extra = extra};
	static char buffer[REGMON_REPLY_SIZE];
	regmon_decision_t decision;
	regmon_reply_t reply;
	unsigned i;

	demand(regmon_decide_advice(&findings, &decision), "no decision");
	for(i = 0; i < REGMON_COUNT(codes); i++) {
		str rest, line;

		decision.code = codes[i];
		if(!regmon_reply_build(&decision, &message, &terms, buffer,
				   sizeof(buffer) >> (i % 5), &reply))
			continue;
		rest = reply.headers;
		while(target_line(&rest, &line)) {
			const char *colon = memchr(line.s, ':', line.len);
			str name = {line.s, colon ? (int)(colon - line.s) : 0};

			demand(regmon_text_is_token(name), "no header: %.*s", line.len,
					line.s);
			demand(line.s[line.len - 1] == '\r'
							&& !memchr(line.s, '\r', line.len - 1)
							&& !memchr(line.s, '\0', line.len),
					"a line end inside of a line");
			demand(!regmon_text_is_nocase(name, REGMON_TEXT("Via"))
							&& !regmon_text_is_nocase(
									name, REGMON_TEXT("Content-Length"))
							&& !regmon_text_is_nocase(name, REGMON_TEXT("l")),
					"a header of Kamailio's own");
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str extra = target_text(data, size);

	check_reply(&findings, &message, extra);
	check_codes(extra);
	return 0;
}
