/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer that belongs to a decision, as text: code, reason phrase and the headers that the code's clause wants.
 * From the message only option tags that are tokens get into it; identities, keys and other texts of it never do. */
#ifndef REGMON_GUARD_REPLY_H
#define REGMON_GUARD_REPLY_H

#include "guard/decision.h"

#define REGMON_REPLY_SIZE 4096 /* enough for all headers of one answer */

typedef struct regmon_reply_terms
{
	str host;			   /* of this node, for Warning */
	str extra;			   /* header lines that the script gives */
	int64_t min_expires_s; /* the registrar's shortest interval, 0: not known */
	int retry_after_s;
} regmon_reply_terms_t;

typedef struct regmon_reply
{
	int code;
	const char *reason;
	str headers;	 /* each line with its CRLF, in the caller's buffer */
	char wrong[120]; /* "", or why there is no such answer */
} regmon_reply_t;

/* never "": as ims_regmon_reply() sends it and $regmon(reason) shows it */
const char *regmon_reply_reason(int code);

/* false: ret_reply->wrong says why, and nothing of the rest is to be used. */
bool regmon_reply_build(const regmon_decision_t *decision,
		const regmon_message_t *message, const regmon_reply_terms_t *terms,
		char *buffer, int size, regmon_reply_t *ret_reply);

/* ---- reply_extra.c: header lines of the script ---- */
/* The next line of the text; false at its end, or when *ret_wrong says what is wrong with it. *position starts at 0. */
bool regmon_reply_next_extra(str extra, int *position, str *ret_name,
		str *ret_value, const char **ret_wrong);
bool regmon_reply_extra_has(str extra, const char *name);

#endif
