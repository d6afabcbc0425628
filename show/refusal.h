/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a question is not answered: a code and one sentence, whatever way it came in. */
#ifndef REGMON_SHOW_REFUSAL_H
#define REGMON_SHOW_REFUSAL_H

#include "message/text.h"

#define REGMON_REFUSAL_LENGTH 500

typedef struct regmon_refusal
{
	int code; /* as of RPC and HTTP: 400, 404, 500, ... */
	char text[REGMON_REFUSAL_LENGTH];
} regmon_refusal_t;

/* Fills it, printf into text; control characters and bytes that are no UTF-8 become '?'. False, so that it can be
 * returned. */
bool regmon_refuse(regmon_refusal_t *refusal, int code, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

#endif
