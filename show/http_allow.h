/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may look by HTTP: addresses and networks, as http_allow lists them. Pure. */
#ifndef REGMON_SHOW_HTTP_ALLOW_H
#define REGMON_SHOW_HTTP_ALLOW_H

#include "message/text.h"

#define REGMON_MAX_NETWORKS 64

typedef struct regmon_subnet
{
	uint8_t bytes_n; /* 4 or 16 */
	uint8_t bits;	 /* that count */
	uint8_t bytes[16];
} regmon_subnet_t;

typedef struct regmon_networks
{
	unsigned n;
	regmon_subnet_t list[REGMON_MAX_NETWORKS];
} regmon_networks_t;

/* "127.0.0.1, 10.1.0.0/16 2001:db8::/32": IPv4 and IPv6, separated by commas or spaces. False: the complaint names the
 * entry that is wrong. */
bool regmon_networks_read(
		str text, regmon_networks_t *ret_networks, char *complaint, int size);
/* An address of 4 or 16 bytes, in network order. IPv4 inside IPv6 (::ffff:a.b.c.d) is IPv4. */
bool regmon_networks_hold(
		const regmon_networks_t *networks, const uint8_t *bytes, int bytes_n);

#endif
