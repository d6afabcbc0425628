/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64 as nonce and auts of AKA are written in (RFC 3310 3.2, 3.4). */
#ifndef REGMON_MESSAGE_BASE64_H
#define REGMON_MESSAGE_BASE64_H

#include "message/text.h"

/* How many octets the text stands for; -1: it is no strict base64 (RFC 4648 4): whole groups of four characters, '='
 * for what is missing in the last one only, nothing else between. The first of them, as many as most, go to
 * ret_octets, which may be NULL when most is 0. Bits behind the last octet are not looked at. */
int regmon_base64_read(str text, uint8_t *ret_octets, int most);
/* the six bits that a character stands for; it is known to be a good one and no '=' */
uint8_t regmon_base64_value(char c);

#endif
