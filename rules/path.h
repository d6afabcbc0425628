/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Path as more than one group of rules reads it. */
#ifndef REGMON_RULES_PATH_H
#define REGMON_RULES_PATH_H

#include "message/message.h"

/* Does any Contact ask for outbound: reg-id, and the option among those supported? */
bool regmon_asks_outbound(const regmon_message_t *message);

/* Has any Path URI the parameter ob? Which value is the phone's first hop depends on proxies that add none. *ret_path:
 * the last Path line, empty where there is none. */
bool regmon_path_has_ob(const regmon_message_t *message, str *ret_path);

#endif
