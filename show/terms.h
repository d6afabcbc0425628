/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Short words that answers of this module use: measurements and abbreviations. */
#ifndef REGMON_SHOW_TERMS_H
#define REGMON_SHOW_TERMS_H

#include "message/text.h"

typedef struct regmon_term
{
	const char *word;
	const char *name; /* written out */
	const char *meaning;
	const char *clause;
} regmon_term_t;

unsigned regmon_terms_n(void);
const regmon_term_t *regmon_term_at(unsigned index);

#endif
