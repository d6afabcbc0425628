/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The questions below /api/: names and parameters of the RPC commands, answered by the same row functions. */
#ifndef REGMON_SHOW_HTTP_API_H
#define REGMON_SHOW_HTTP_API_H

#include "show/http_request.h"
#include "show/json_writer.h"

typedef struct regmon_http_question
{
	const char *name;
	const char *parameters; /* names that it takes, comma separated */
	bool with_body;			/* may be a POST */
	/* false: refused, what was written is thrown away */
	bool (*answer)(const regmon_http_request_t *request,
			regmon_writer_t *writer, regmon_refusal_t *refusal);
} regmon_http_question_t;

/* NULL: there is no such question */
const regmon_http_question_t *regmon_http_question_find(str name);
/* false, with the names of those that there are */
bool regmon_http_question_unknown(str name, regmon_refusal_t *refusal);
/* Checks the parameters' names, then answers. False: refused. */
bool regmon_http_question_answer(const regmon_http_question_t *question,
		const regmon_http_request_t *request, regmon_json_writer_t *json,
		regmon_refusal_t *refusal);

#endif
