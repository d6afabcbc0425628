/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The home network domain derived from an IMSI, TS 23.003 13.2: ims.[nidNID.]mncMNC.mccMCC.3gppnetwork.org. Shared by
 * the rules that compare it with an IMSI or a cell. */
#ifndef REGMON_RULES_HOME_DOMAIN_H
#define REGMON_RULES_HOME_DOMAIN_H

#include "message/text.h"

typedef struct regmon_home_domain
{
	bool is_3gpp;	  /* ends in .3gppnetwork.org: claims the derived form */
	bool well_formed; /* and has it; else nothing below holds */
	str mcc, mnc;	  /* three digits each; a two-digit MNC has a 0 in front */
} regmon_home_domain_t;

void regmon_home_domain_read(str host, regmon_home_domain_t *ret_domain);

/* Begins digits (an IMSI, or MCC and MNC of a cell) with the PLMN of this domain? The padding of a two-digit MNC
 * exists only in the domain (TS 23.003 13.2), so both readings are right. exact: digits are MCC and MNC alone. */
bool regmon_home_domain_has(
		const regmon_home_domain_t *domain, str digits, bool exact);

#endif
