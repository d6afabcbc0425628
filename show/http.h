/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is answered to an HTTP request: the routes below http_path, and the answer's bytes. Read-only; how requests come
 * and answers go is in hooks/http.c. */
#ifndef REGMON_SHOW_HTTP_H
#define REGMON_SHOW_HTTP_H

#include "show/metrics.h"
#include "show/refusal.h"

/* Kamailio's write queue of a TCP connection holds 32 KiB (tcp_conn_wq_max), and a slow reader may need all of it. */
#define REGMON_HTTP_MOST_BYTES 32768

typedef struct regmon_http_site
{
	str path; /* "/regmon" */
	regmon_metrics_source_t metrics;
} regmon_http_site_t;

typedef struct regmon_http_answer
{
	str bytes; /* the whole answer; in a buffer of the process until the next one */
	bool keep_alive; /* false: the connection is closed behind it */
	int code;
} regmon_http_answer_t;

/* text: the request. allowed: its address may look; else the answer is 403. */
void regmon_http_answer(const regmon_http_site_t *site, str text, bool allowed,
		regmon_http_answer_t *ret_answer);

#endif
