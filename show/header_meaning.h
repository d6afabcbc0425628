/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each header of a REGISTER and of its answers is for, and where it has to be. */
#ifndef REGMON_SHOW_HEADER_MEANING_H
#define REGMON_SHOW_HEADER_MEANING_H

#include "message/classify.h"

typedef enum regmon_requirement
{
	REGMON_OPTIONAL,
	REGMON_CONDITIONAL,
	REGMON_MANDATORY,
	REGMON_NOT_EXPECTED
} regmon_requirement_t;
const char *regmon_requirement_name(regmon_requirement_t requirement);

typedef struct regmon_header_meaning
{
	regmon_header_t header;
	/* a letter per kind of message: U0 U1 U2 core third-party plain 401 2xx other; m c o or - (not expected) */
	const char *required;
	const char *meaning;
	const char *condition; /* of a conditional one; NULL: none */
} regmon_header_meaning_t;

/* NULL: a header without a row. */
const regmon_header_meaning_t *regmon_header_meaning(regmon_header_t header);
regmon_requirement_t regmon_header_required(
		const regmon_header_meaning_t *meaning, const regmon_message_t *message,
		const regmon_class_t *class);

#endif
