/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show/http.h"

#include <stdio.h>

#include "show/gzip.h"
#include "show/http_api.h"
#include "show/http_request.h"
#include "show/page.h"

/* The answer is made behind room for its head, which is known last. One buffer per process: answers go out before the
 * next request is looked at. */
#define HEAD_ROOM 1024
#define BODY_ROOM (REGMON_HTTP_MOST_BYTES - HEAD_ROOM)
static char room[REGMON_HTTP_MOST_BYTES];

typedef struct reply
{
	int code;
	const char *content_type;
	const char *allow;	  /* methods, for 405 */
	const char *location; /* where it is, for 302 */
	const regmon_page_file_t *
			file; /* one of the page's, kept by the browser and asked for again by its tag */
	bool is_gzip;
	const char *vary; /* what else the answer follows */
	int body_length; /* bytes behind the head's room */
} reply_t;

static const char *reason_of(int code)
{
	switch(code) {
		case 200:
			return "OK";
		case 302:
			return "Found";
		case 304:
			return "Not Modified";
		case 400:
			return "Bad Request";
		case 403:
			return "Forbidden";
		case 404:
			return "Not Found";
		case 405:
			return "Method Not Allowed";
		case 414:
			return "URI Too Long";
		default:
			return "Service Unavailable";
	}
}

/* A page that lets nothing in but its own files: what a phone put into its REGISTER stays text. */
#define SECURITY_HEADERS                                               \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; " \
	"style-src 'self'; img-src 'self'; connect-src 'self'; "           \
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"  \
	"X-Content-Type-Options: nosniff\r\n"                              \
	"Referrer-Policy: no-referrer\r\n"                                 \
	"Cross-Origin-Resource-Policy: same-origin\r\n"

static int add_header(char *head, int used, const char *name, const char *value)
{
	return value == NULL ? used
						 : used
								   + snprintf(head + used, HEAD_ROOM - used,
										   "%s: %s\r\n", name, value);
}

static void finish(
		const reply_t *reply, bool with_body, regmon_http_answer_t *ret_answer)
{
	const regmon_page_file_t *file = reply->file;
	char head[HEAD_ROOM];
	int length = snprintf(head, sizeof(head),
			"HTTP/1.1 %d %s\r\n"
			"Content-Type: %s\r\n"
			"Content-Length: %d\r\n",
			reply->code, reason_of(reply->code), reply->content_type,
			reply->body_length);

	length = add_header(head, length, "Connection",
			ret_answer->keep_alive ? "keep-alive" : "close");
	length = add_header(
			head, length, "Cache-Control", file ? "no-cache" : "no-store");
	length = add_header(head, length, "ETag", file ? file->tag : NULL);
	length = add_header(
			head, length, "Content-Encoding", reply->is_gzip ? "gzip" : NULL);
	length = add_header(head, length, "Vary", reply->vary);
	length = add_header(head, length, "Allow", reply->allow);
	length = add_header(head, length, "Location", reply->location);
	length += snprintf(
			head + length, HEAD_ROOM - length, SECURITY_HEADERS "\r\n");
	memcpy(room + HEAD_ROOM - length, head, length);
	/* a 304 tells the length of what it does not bring */
	ret_answer->bytes = (str){room + HEAD_ROOM - length,
			length
					+ (with_body && reply->code != 304 ? reply->body_length
													   : 0)};
	ret_answer->code = reply->code;
}

static void refuse_as_text(reply_t *reply, const regmon_refusal_t *refusal)
{
	reply->code = refusal->code == 500 ? 503 : refusal->code;
	reply->content_type = "text/plain; charset=utf-8";
	reply->body_length =
			snprintf(room + HEAD_ROOM, BODY_ROOM, "%s\n", refusal->text);
}

static void refuse_as_json(reply_t *reply, const regmon_refusal_t *refusal)
{
	regmon_json_writer_t json;

	reply->code = refusal->code == 500 ? 503 : refusal->code;
	reply->content_type = "application/json";
	regmon_json_writer_start(&json, room + HEAD_ROOM, BODY_ROOM);
	json.writer.open_struct(&json.writer, "error");
	json.writer.number(&json.writer, "code", reply->code);
	regmon_write_words(&json.writer, "message", refusal->text);
	json.writer.close_struct(&json.writer);
	reply->body_length = regmon_json_writer_finish(&json);
}

/* ---- routes ---- */

static bool may_method(const regmon_http_request_t *request, bool with_post,
		reply_t *reply, regmon_refusal_t *refusal)
{
	if(request->method == REGMON_HTTP_GET || request->method == REGMON_HTTP_HEAD
			|| (with_post && request->method == REGMON_HTTP_POST))
		return true;
	reply->allow = with_post ? "GET, HEAD, POST" : "GET, HEAD";
	return regmon_refuse(refusal, 405,
			"this address answers %s only: nothing can be changed by HTTP",
			reply->allow);
}

static bool answer_api(str name, const regmon_http_request_t *request,
		reply_t *reply, regmon_refusal_t *refusal)
{
	const regmon_http_question_t *question = regmon_http_question_find(name);
	regmon_json_writer_t json;

	if(question == NULL)
		return regmon_http_question_unknown(name, refusal);
	if(!may_method(request, question->with_body, reply, refusal))
		return false;
	regmon_json_writer_start(&json, room + HEAD_ROOM, BODY_ROOM);
	if(!regmon_http_question_answer(question, request, &json, refusal))
		return false;
	reply->content_type = "application/json";
	reply->body_length = regmon_json_writer_finish(&json);
	return true;
}

/* Gzipped, all of them have room in an answer; plain, the last ones may not. */
static bool answer_metrics(const regmon_http_site_t *site,
		const regmon_http_request_t *request, reply_t *reply)
{
	static char text[REGMON_METRICS_ROOM];
	int length;

	reply->content_type = REGMON_METRICS_CONTENT_TYPE;
	reply->vary = "Accept-Encoding";
	if(request->takes_gzip) {
		length = regmon_metrics_write(&site->metrics, text, sizeof(text));
		reply->body_length =
				regmon_gzip(text, length, room + HEAD_ROOM, BODY_ROOM);
		reply->is_gzip = reply->body_length >= 0;
	}
	if(!reply->is_gzip)
		reply->body_length = regmon_metrics_write(
				&site->metrics, room + HEAD_ROOM, BODY_ROOM);
	return true;
}

/* The page's links are relative: it stands at "/regmon/", and so also behind a proxy with paths of its own. */
static bool answer_redirect(const regmon_http_site_t *site, reply_t *reply)
{
	static char location[HEAD_ROOM / 4];
	int last = site->path.len;

	while(site->path.s[last - 1] != '/')
		last--;
	snprintf(location, sizeof(location), "%.*s/", site->path.len - last,
			site->path.s + last);
	reply->code = 302;
	reply->location = location;
	reply->content_type = "text/plain; charset=utf-8";
	reply->body_length =
			snprintf(room + HEAD_ROOM, BODY_ROOM, "%s\n", location);
	return true;
}

static bool answer_file(str name, const regmon_http_request_t *request,
		reply_t *reply, regmon_refusal_t *refusal)
{
	const regmon_page_file_t *file = regmon_page_files;

	while(file->name
			&& !regmon_text_is(
					name, (str){(char *)file->name, (int)strlen(file->name)}))
		file++;
	if(file->name == NULL || file->length > BODY_ROOM)
		return regmon_refuse(refusal, 404, "the page has no such file");
	reply->file = file;
	reply->is_gzip = true;
	reply->content_type = file->content_type;
	reply->body_length = file->length;
	if(regmon_text_is(request->if_none_match,
			   (str){(char *)file->tag, (int)strlen(file->tag)}))
		reply->code = 304;
	else
		memcpy(room + HEAD_ROOM, file->bytes, file->length);
	return true;
}

static bool route(const regmon_http_site_t *site,
		const regmon_http_request_t *request, reply_t *reply,
		regmon_refusal_t *refusal, bool *ret_is_api)
{
	str api = REGMON_TEXT("/api/"), assets = REGMON_TEXT("/assets/");
	str rest = regmon_text_from(request->path, site->path.len);

	*ret_is_api = regmon_text_starts_nocase(rest, api);
	if(*ret_is_api)
		return answer_api(
				regmon_text_from(rest, api.len), request, reply, refusal);
	if(!may_method(request, false, reply, refusal))
		return false;
	if(rest.len == 0)
		return answer_redirect(site, reply);
	if(regmon_text_is(rest, REGMON_TEXT("/")))
		return answer_file(REGMON_TEXT("index.html"), request, reply, refusal);
	if(regmon_text_starts_nocase(rest, assets))
		return answer_file(
				regmon_text_from(rest, assets.len), request, reply, refusal);
	if(regmon_text_is(rest, REGMON_TEXT("/metrics")))
		return answer_metrics(site, request, reply);
	return regmon_refuse(refusal, 404,
			"there is nothing here; there are %.*s/, %.*s/metrics and "
			"%.*s/api/summary",
			site->path.len, site->path.s, site->path.len, site->path.s,
			site->path.len, site->path.s);
}

void regmon_http_answer(const regmon_http_site_t *site, str text, bool allowed,
		regmon_http_answer_t *ret_answer)
{
	static regmon_http_request_t
			request; /* large for a stack that is not ours */
	reply_t reply = {.code = 200};
	regmon_refusal_t refusal;
	bool is_api = false, fine;

	if(!allowed) {
		ret_answer->keep_alive = false;
		regmon_refuse(&refusal, 403,
				"this address may not look: it is not in http_allow, a "
				"parameter "
				"of the module ims_regmon");
		refuse_as_text(&reply, &refusal);
		finish(&reply, !regmon_text_starts_nocase(text, REGMON_TEXT("HEAD ")),
				ret_answer);
		return;
	}
	regmon_monitor_refresh();
	fine = regmon_http_request_read(text, &request, &refusal)
		   && (request.path.len >= site->path.len
				   || regmon_refuse(&refusal, 404, "there is nothing here"))
		   && route(site, &request, &reply, &refusal, &is_api);
	ret_answer->keep_alive = request.keep_alive;
	if(!fine && is_api)
		refuse_as_json(&reply, &refusal);
	else if(!fine)
		refuse_as_text(&reply, &refusal);
	finish(&reply, request.method != REGMON_HTTP_HEAD, ret_answer);
}
