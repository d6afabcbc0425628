/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The questions below /api/ that ask for figures; false: refused. */
#ifndef REGMON_SHOW_HTTP_API_MEASURE_H
#define REGMON_SHOW_HTTP_API_MEASURE_H

#include "show/http_request.h"
#include "show/writer.h"

bool regmon_http_kpi(const regmon_http_request_t *request,
		regmon_writer_t *writer, regmon_refusal_t *refusal);
bool regmon_http_top(const regmon_http_request_t *request,
		regmon_writer_t *writer, regmon_refusal_t *refusal);
bool regmon_http_history(const regmon_http_request_t *request,
		regmon_writer_t *writer, regmon_refusal_t *refusal);

#endif
