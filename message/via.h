/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The topmost Via value, RFC 3261 20.42, RFC 3581 (rport), RFC 6223 (keep). */
#ifndef REGMON_MESSAGE_VIA_H
#define REGMON_MESSAGE_VIA_H

#include "message/text.h"

typedef struct regmon_via
{
	str text; /* the whole value; len 0: absent */
	str transport;
	str host; /* sent-by */
	int port; /* 0 absent, -1 bad */
	str branch, received, rport, keep;
	bool rport_given, keep_given;
	bool broken;
} regmon_via_t;

/* Reads the first value of a header line. There is text up to text_end, behind the value too: that makes it
 * quicker, what stands there means nothing. */
void regmon_via_read_within(
		str value, const char *text_end, regmon_via_t *ret_via);
static inline void regmon_via_read(str value, regmon_via_t *ret_via)
{
	regmon_via_read_within(value, value.s + value.len, ret_via);
}

#endif
