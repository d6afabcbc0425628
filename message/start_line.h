/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start line of a message: RFC 3261 7.1 and 7.2. */
#ifndef REGMON_MESSAGE_START_LINE_H
#define REGMON_MESSAGE_START_LINE_H

#include "message/message.h"

/* line is without its end. Fills the fields of the start line in an emptied message; false: neither SIP request nor
 * answer. */
bool regmon_start_line_read(str line, regmon_message_t *message);

#endif
