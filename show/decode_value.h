/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One header line as a reader may see it, and what it says in words. */
#ifndef REGMON_SHOW_DECODE_VALUE_H
#define REGMON_SHOW_DECODE_VALUE_H

#include "message/classify.h"

/* The value without secrets: of digest headers only what is no secret is written out. */
void regmon_decode_value(const regmon_message_t *message,
		const regmon_line_t *line, char *buffer, int size);
/* What it says, in words; "" when the value speaks for itself. */
void regmon_decode_says(const regmon_message_t *message,
		const regmon_line_t *line, char *buffer, int size);
/* Authorization and all its kin */
bool regmon_is_secret_header(const char *name);

/* "phone to P-CSCF, answers a challenge" */
const char *regmon_leg_meaning(regmon_leg_t leg);

#endif
