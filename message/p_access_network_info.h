/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P-Access-Network-Info: RFC 7315 5.4, RFC 7913, TS 24.229 7.2A.4. Complete grammar, several values, the cell
 * identity cut into PLMN, TAC or LAC, and cell. */
#ifndef REGMON_MESSAGE_P_ACCESS_NETWORK_INFO_H
#define REGMON_MESSAGE_P_ACCESS_NETWORK_INFO_H

#include "message/text.h"

/* family of an access type: what decides on the form of the cell identity */
typedef enum regmon_access
{
	REGMON_ACCESS_NONE, /* no value */
	REGMON_ACCESS_GERAN,
	REGMON_ACCESS_UTRAN,
	REGMON_ACCESS_E_UTRAN,
	REGMON_ACCESS_NR,
	REGMON_ACCESS_WLAN,
	REGMON_ACCESS_3GPP2_1X,
	REGMON_ACCESS_3GPP2_HRPD,
	REGMON_ACCESS_FIXED, /* xDSL, DOCSIS, Ethernet, GPON, ... */
	REGMON_ACCESS_OTHER	 /* any other token: an open list */
} regmon_access_t;
#define REGMON_ACCESS_KINDS_N (REGMON_ACCESS_OTHER + 1)

typedef enum regmon_cell_parameter
{
	REGMON_CELL_NONE,
	REGMON_CELL_CGI_3GPP,
	REGMON_CELL_UTRAN_CELL_ID_3GPP,
	REGMON_CELL_UTRAN_SAI_3GPP,
	REGMON_CELL_I_WLAN_NODE_ID,
	REGMON_CELL_CI_3GPP2,
	REGMON_CELL_CI_3GPP2_FEMTO,
	REGMON_CELL_DSL_LOCATION,
	REGMON_CELL_ETH_LOCATION,
	REGMON_CELL_FIBER_LOCATION,
	REGMON_CELL_GSTN_LOCATION,
	REGMON_CELL_DVB_RCS2_NODE_ID
} regmon_cell_parameter_t;

typedef struct regmon_access_value
{
	str text; /* the whole value */
	str type; /* access-type or access-class as written */
	regmon_access_t access;
	bool known;		 /* the token is in the lists of RFC 7315 or 24.229 */
	bool is_class;	 /* known as access-class only (3GPP-UTRAN without FDD/TDD) */
	uint8_t type_number; /* of regmon_access_type(), where it is written as there; 0: it is not */
	bool network_provided;
	bool broken;	 /* does not follow the grammar */
	str broken_part; /* where it does not */
	regmon_cell_parameter_t cell_parameter; /* first location parameter */
	str cell_parameter_name;
	str cell_text; /* its value, quotes removed */
	bool cell_quoted;
	bool fits;	/* cell_parameter goes with this access, length and digits do too */
	/* only when fits, else len 0 */
	str plmn; /* MCC MNC, 5 or 6 digits */
	str tac;  /* TAC or LAC, hex */
	str cell; /* cell, sector, service area or MAC, hex */
	str nid;  /* of an SNPN, hex */
} regmon_access_value_t;

#define REGMON_MAX_ACCESS 4

typedef struct regmon_access_list
{
	int n;	  /* values over all lines */
	int kept; /* of these in list[] */
	regmon_access_value_t list[REGMON_MAX_ACCESS];
} regmon_access_list_t;

/* Reads one header line and appends its values. There is text up to text_end, behind the value too: that makes it
 * quicker, what stands there means nothing. */
void regmon_access_read_within(
		str value, const char *text_end, regmon_access_list_t *list);
static inline void regmon_access_read(str value, regmon_access_list_t *list)
{
	regmon_access_read_within(value, value.s + value.len, list);
}

/* The value that tells where the phone is: the first that the network provided, else the first. NULL: none. */
const regmon_access_value_t *regmon_access_best(const regmon_access_list_t *list);

/* The token of that number, which is no more than 255: "3GPP-NR-FDD". Empty: there is none. */
str regmon_access_type(unsigned number);

/* "NR", "E-UTRAN", "WLAN", ... as shown in lists and breakdowns */
const char *regmon_access_name(regmon_access_t access);

#endif
