/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a REGISTER says, in hashes. A phone says nearly the same each time: two REGISTERs with one outline agree in all
 * but the headers that are made for each REGISTER, and what was read and found in the first holds for the second. */
#ifndef REGMON_MESSAGE_OUTLINE_H
#define REGMON_MESSAGE_OUTLINE_H

#include "message/message.h"

/* Random, so that nobody outside can write two texts with the same hash. */
typedef struct regmon_outline_secret
{
	uint64_t words[3];
} regmon_outline_secret_t;

typedef struct regmon_outline
{
	uint64_t
			rest; /* the text but for the headers above; 0: not to be compared */
	uint32_t security_client, security_verify, access; /* 0: absent */
} regmon_outline_t;
#define REGMON_OUTLINE_NONE 2 /* what no header has */

/* Of a message whose lines are known; nothing needs to have been read. A message with lines that are none, or with too
 * many of them, has rest 0. */
void regmon_outline_read(const regmon_message_t *message,
		const regmon_outline_secret_t *secret, regmon_outline_t *ret_outline);

/* Keyed hash of a text, going on from another hash, which nobody outside knows either: the first one is
 * secret->words[0]. */
uint64_t regmon_text_hash(uint64_t hash, const char *text, int length,
		const regmon_outline_secret_t *secret);
/* the same of a number */
uint64_t regmon_number_hash(
		uint64_t hash, uint64_t number, const regmon_outline_secret_t *secret);

#endif
