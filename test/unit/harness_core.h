/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kamailio's parser in a test_core_* program, over malloc() and free(). */
#ifndef REGMON_TEST_HARNESS_CORE_H
#define REGMON_TEST_HARNESS_CORE_H

#include <stddef.h>

#include "core/parser/msg_parser.h"

/* Blocks of Kamailio's private and shared memory that are not freed. */
extern unsigned harness_core_live_blocks;

/* Once per program, before anything of the core. */
void harness_core_start(void);
/* Parses the message and all its headers. 0, or -1 when the core refuses either
 * (harness_core_free() is due all the same). The text is copied. */
int harness_core_parse(
		struct sip_msg *message, const char *text, size_t length);
void harness_core_free(struct sip_msg *message);

#endif
