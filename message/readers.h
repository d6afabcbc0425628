/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the walk over the lines (lines.c) wants of the readers of headers. For these two only; everybody else asks
 * message.h. */
#ifndef REGMON_MESSAGE_READERS_H
#define REGMON_MESSAGE_READERS_H

#include "message/message.h"

/* the headers that have a reader (REGMON_HEADER_BIT) */
extern const uint64_t regmon_readers_headers;

/* Empties all fields that the readers fill. */
void regmon_readers_empty(regmon_message_t *message);

/* Reads one line more than there are places for. is_first: the first of its header. Nothing happens when nobody reads
 * that header, or only its first line. */
void regmon_readers_take(regmon_message_t *message, unsigned header, str value,
		bool is_first);

#endif
