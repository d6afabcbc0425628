/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A SIP or tel URI cut into its parts, RFC 3261 19.1 and RFC 3966. Slices into the message, nothing decoded. */
#ifndef REGMON_MESSAGE_URI_H
#define REGMON_MESSAGE_URI_H

#include "message/text.h"

typedef enum regmon_scheme
{
	REGMON_SCHEME_NONE, /* no ':' at all: not a URI */
	REGMON_SCHEME_SIP,
	REGMON_SCHEME_SIPS,
	REGMON_SCHEME_TEL,
	REGMON_SCHEME_URN,
	REGMON_SCHEME_OTHER
} regmon_scheme_t;

typedef struct regmon_uri
{
	str text;		/* the whole URI; len 0: absent */
	str user;		/* before '@', password included; s NULL: no '@' */
	str host;		/* brackets of IPv6 included */
	str port_text;	/* s NULL: no ':' */
	str parameters; /* after the first ';', without it */
	str headers;	/* after '?', without it */
	int port;		/* 1..65535; 0 absent; -1 bad */
	regmon_scheme_t scheme;
	bool broken; /* no host, forbidden character, open bracket, bad port */
} regmon_uri_t;

/* Never fails: what cannot be cut is broken. */
void regmon_uri_read(str text, regmon_uri_t *ret_uri);

/* value of a URI parameter, compared without case. false: not there; value.s NULL: there without '='. */
bool regmon_uri_parameter(const regmon_uri_t *uri, str name, str *ret_value);

/* The address-of-record as key (RFC 3261 10.3 step 5): scheme and host in lower case, escapes of unreserved
 * characters decoded, password, port and all parameters dropped. Writes at most size bytes, returns the length; a
 * longer key is cut. A tel URI keeps its digits without visual separators. */
int regmon_uri_canonical(const regmon_uri_t *uri, char *buffer, int size);

/* Is its text that key already, as most phones write it? Also false where finding out would take longer. */
bool regmon_uri_is_canonical(const regmon_uri_t *uri);

typedef enum regmon_host_kind
{
	REGMON_HOST_NONE,
	REGMON_HOST_NAME,
	REGMON_HOST_IPV4,
	REGMON_HOST_IPV6
} regmon_host_kind_t;
/* What the host part is; a dotted quad out of range is a NAME that cannot be. */
regmon_host_kind_t regmon_host_kind(str host);
/* true for 0.0.0.0, ::, 127/8, ::1, 169.254/16, fe80::/10: nobody can be reached there (CON-03) */
bool regmon_host_unreachable(str host);

#endif
