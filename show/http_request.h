/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One HTTP/1.x request as fields (RFC 9112): path, name=value pairs, what is said of the connection. Pure; everything is
 * bounded and whatever does not fit or is wrong is refused with a code and a sentence. */
#ifndef REGMON_SHOW_HTTP_REQUEST_H
#define REGMON_SHOW_HTTP_REQUEST_H

#include "show/refusal.h"

#define REGMON_HTTP_MAX_TARGET 2000
#define REGMON_HTTP_MAX_PAIRS 16

typedef enum regmon_http_method
{
	REGMON_HTTP_GET,
	REGMON_HTTP_HEAD,
	REGMON_HTTP_POST,
	REGMON_HTTP_OTHER
} regmon_http_method_t;

typedef struct regmon_http_pair
{
	str name, value;
	str word; /* "name=value" as one */
} regmon_http_pair_t;

typedef struct regmon_http_request
{
	regmon_http_method_t method;
	str path; /* percent-decoded, printable ASCII */
	regmon_http_pair_t
			pairs[REGMON_HTTP_MAX_PAIRS]; /* percent-decoded; '+' is a plus */
	unsigned pairs_n;
	str body;
	str if_none_match;
	bool keep_alive; /* the client wants to go on with this connection */
	bool takes_gzip; /* by Accept-Encoding */
	char decoded[REGMON_HTTP_MAX_TARGET]; /* where path and pairs stand */
} regmon_http_request_t;

/* Is this the start line of a request for the path or for something below it? Looks at no more than that line. */
bool regmon_http_is_below(str text, str path);

/* False: refused. keep_alive and method are right also then, as far as they could be read. The text must outlive the
 * request. */
bool regmon_http_request_read(str text, regmon_http_request_t *ret_request,
		regmon_refusal_t *refusal);

/* The value of a pair; s NULL: it is not there. */
str regmon_http_value(const regmon_http_request_t *request, const char *name);

#endif
