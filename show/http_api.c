/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show/http_api.h"

#include "core/mem/mem.h"

#include <stdio.h>

#include "registration/identity.h"
#include "show/documents.h"
#include "show/http_api_measure.h"
#include "show/pages.h"
#include "show/phones.h"
#include "show/rows.h"
#include "show/rows_explain.h"

/* ---- one phone ---- */

static bool read_who(const regmon_http_request_t *request,
		regmon_who_t *ret_who, regmon_refusal_t *refusal)
{
	return regmon_who_read(regmon_http_value(request, "who"), ret_who)
		   || regmon_refuse(refusal, 400,
				   "say who: IMPU, IMPI, IMSI, MSISDN, IMEI, Call-ID or "
				   "address, as in who=imsi:001010000000001");
}

/* how many were found: none is refused, and less than none is */
static bool is_known(const regmon_http_request_t *request, int found,
		regmon_refusal_t *refusal)
{
	str text = regmon_http_value(request, "who");

	if(found == 0 && regmon_identities_are_hidden())
		return regmon_refuse(refusal, 404,
				"that is not known here; api/list names the phones that are");
	if(found == 0)
		return regmon_refuse(refusal, 404,
				"%.*s is not known here; api/list names the phones that are",
				text.len < 80 ? text.len : 80, text.s);
	return found > 0;
}

static bool find_phones(const regmon_http_request_t *request,
		regmon_phones_t *phones, regmon_refusal_t *refusal)
{
	regmon_who_t who;

	return read_who(request, &who, refusal)
		   && is_known(request, regmon_phones_find(&who, phones, refusal),
				   refusal);
}

static bool of_who(const regmon_http_request_t *request,
		regmon_writer_t *writer, regmon_phone_row_f row, int64_t since,
		regmon_refusal_t *refusal)
{
	regmon_phones_t phones;

	if(!find_phones(request, &phones, refusal))
		return false;
	regmon_phones_write(writer, &phones, row, since);
	regmon_phones_free(&phones);
	return true;
}

static bool why(const regmon_http_request_t *request, regmon_writer_t *writer,
		regmon_refusal_t *refusal)
{
	return of_who(request, writer, regmon_phone_why, 0, refusal);
}

static bool show(const regmon_http_request_t *request, regmon_writer_t *writer,
		regmon_refusal_t *refusal)
{
	return of_who(request, writer, regmon_phone_show, 0, refusal);
}

static bool ladder(const regmon_http_request_t *request,
		regmon_writer_t *writer, regmon_refusal_t *refusal)
{
	return of_who(request, writer, regmon_phone_ladder, 0, refusal);
}

static bool timeline(const regmon_http_request_t *request,
		regmon_writer_t *writer, regmon_refusal_t *refusal)
{
	str text = regmon_http_value(request, "since");
	int64_t since = 0;

	if(text.s && !regmon_since_read(text, &since))
		return regmon_refuse(refusal, 400, REGMON_SINCE_COMPLAINT);
	return of_who(request, writer, regmon_phone_timeline, since, refusal);
}

/* As JSON it takes more room, so it is tried with less of it, down to a document that says what it leaves out. */
static bool reginfo(const regmon_http_request_t *request,
		regmon_writer_t *writer, regmon_refusal_t *refusal)
{
	int most = REGMON_DOCUMENT_MOST_BYTES, written = -1;
	regmon_who_t who;
	str document;

	if(!read_who(request, &who, refusal))
		return false;
	for(; written < 0; most = most * 3 / 4) {
		if(!is_known(request, regmon_document_of(&who, most, &document, refusal),
				   refusal))
			return false;
		written = regmon_json_writer_long_text(
				(regmon_json_writer_t *)writer, "document", document);
		pkg_free(document.s);
	}
	return true;
}

/* ---- all of them ---- */

static bool summary(const regmon_http_request_t *request,
		regmon_writer_t *writer, regmon_refusal_t *refusal)
{
	regmon_rows_summary(writer, &regmon_monitor, regmon_clock_now_ms());
	return true;
}

/* every pair but the one of that name */
static bool read_filter(const regmon_http_request_t *request, const char *but,
		regmon_list_filter_t *filter, regmon_refusal_t *refusal)
{
	char complaint[400];
	unsigned i;

	regmon_list_filter_start(filter);
	for(i = 0; i < request->pairs_n; i++) {
		const regmon_http_pair_t *pair = &request->pairs[i];

		/* an empty field of a form is no filter */
		if(pair->value.len == 0
				|| regmon_text_is(
						pair->name, (str){(char *)but, (int)strlen(but)}))
			continue;
		if(!regmon_list_filter_read(
				   filter, pair->word, complaint, sizeof(complaint)))
			return regmon_refuse(refusal, 400, "%.*s: %s", pair->name.len,
					pair->name.s, complaint);
	}
	return true;
}

static bool list(const regmon_http_request_t *request, regmon_writer_t *writer,
		regmon_refusal_t *refusal)
{
	regmon_list_filter_t filter;
	regmon_page_t page;

	if(!read_filter(request, "", &filter, refusal)
			|| !regmon_page_read(&filter, &page, refusal))
		return false;
	regmon_page_write(writer, &page, regmon_clock_now_ms());
	regmon_page_free(&page);
	return true;
}

static bool rules(const regmon_http_request_t *request, regmon_writer_t *writer,
		regmon_refusal_t *refusal)
{
	str word = regmon_text_trim(regmon_http_value(request, "word"));
	regmon_list_filter_t paging;

	if(!read_filter(request, "word", &paging, refusal)
			|| !regmon_rules_word_check(word, refusal))
		return false;
	if(!regmon_http_value(request, "limit").s)
		paging.limit = REGMON_LIST_MOST;
	regmon_rules_write(writer, word, paging.limit, paging.cursor);
	return true;
}

static bool profiles(const regmon_http_request_t *request,
		regmon_writer_t *writer, regmon_refusal_t *refusal)
{
	const regmon_profiles_t *known = regmon_monitor.rulebook->profiles;
	str name = regmon_text_trim(regmon_http_value(request, "name"));
	int only = name.len > 0 ? regmon_profile_find(known, name) : -1;
	char names[300];

	if(name.len > 0 && only < 0) {
		regmon_profile_names(known, names, sizeof(names));
		return regmon_refuse(refusal, 404, "no such profile; known: %s", names);
	}
	regmon_rows_profiles(writer, &regmon_monitor, only, regmon_clock_now_ms());
	return true;
}

/* ---- messages and words ---- */

/* Kamailio's core writes Hia instead of the first Via of an HTTP request, and looks for it in the body, too, when that came
 * in the same packet. */
static void restore_via(str body)
{
	int i;

	for(i = 0; i + 5 <= body.len; i++)
		if(body.s[i] == '\n' && body.s[i + 1] == 'H'
				&& strncasecmp(body.s + i + 2, "ia:", 3) == 0) {
			body.s[i + 1] = 'V';
			return;
		}
}

static bool decode_text(
		str text, regmon_writer_t *writer, regmon_refusal_t *refusal)
{
	char *copy = pkg_malloc(text.len);

	if(copy == NULL)
		return regmon_refuse(
				refusal, 500, "no private memory for %d bytes", text.len);
	memcpy(copy, text.s, text.len);
	restore_via((str){copy, text.len});
	text = (str){copy, regmon_unescape_message(copy, text.len)};
	regmon_rows_decode_text(writer, &regmon_monitor, text);
	pkg_free(copy);
	return true;
}

static bool decode(const regmon_http_request_t *request,
		regmon_writer_t *writer, regmon_refusal_t *refusal)
{
	str text = request->method == REGMON_HTTP_POST
					   ? request->body
					   : regmon_http_value(request, "text");

	if(!regmon_text_empty(regmon_http_value(request, "who")))
		return of_who(request, writer, regmon_phone_decode, 0, refusal);
	if(regmon_text_starts_nocase(text, REGMON_TEXT("REGISTER "))
			|| regmon_text_starts_nocase(text, REGMON_TEXT("SIP/2.0")))
		return decode_text(text, writer, refusal);
	return regmon_refuse(refusal, 400,
			"say what: who=, or a REGISTER or an answer to one as text= or as "
			"the body of a POST");
}

static bool explain(const regmon_http_request_t *request,
		regmon_writer_t *writer, regmon_refusal_t *refusal)
{
	str word = regmon_text_trim(regmon_http_value(request, "word"));
	char near[120];

	if(word.len == 0) {
		regmon_rows_explain_words(writer);
		return true;
	}
	if(regmon_explain_count(word) == 0) {
		regmon_explain_near(word, near, sizeof(near));
		return regmon_refuse(refusal, 404, "%.*s is no word known here%s%s",
				word.len < 40 ? word.len : 40, word.s,
				near[0] ? "; near: " : "", near);
	}
	writer->open_list(writer, "explained");
	regmon_rows_explain(writer, &regmon_monitor, word);
	writer->close_list(writer);
	return true;
}

/* ---- the table of questions ---- */

static const regmon_http_question_t questions[] = {
		{"summary", "", false, summary},
		{"why", "who", false, why},
		{"show", "who", false, show},
		{"timeline", "who,since", false, timeline},
		{"ladder", "who", false, ladder},
		{"list",
				"state,cause,finding,access,plmn,tac,cell,device,code,limit,"
				"cursor",
				false, list},
		{"kpi", "access", false, regmon_http_kpi},
		{"top", "dimension,by,limit,window", false, regmon_http_top},
		{"history", "minutes,hours,cursor", false, regmon_http_history},
		{"rules", "word,limit,cursor", false, rules},
		{"decode", "who,text", true, decode},
		{"explain", "word", false, explain},
		{"profiles", "name", false, profiles},
		{"reginfo", "who", false, reginfo}};

const regmon_http_question_t *regmon_http_question_find(str name)
{
	unsigned i;

	for(i = 0; i < REGMON_COUNT(questions); i++)
		if(regmon_text_is(name, (str){(char *)questions[i].name,
										(int)strlen(questions[i].name)}))
			return &questions[i];
	return NULL;
}

bool regmon_http_question_unknown(str name, regmon_refusal_t *refusal)
{
	char names[200];
	unsigned i;
	int used = 0;

	for(i = 0; i < REGMON_COUNT(questions); i++)
		used += snprintf(names + used, sizeof(names) - used, "%s%s",
				i ? ", " : "", questions[i].name);
	return regmon_refuse(refusal, 404, "no question '%.*s'; there are %s",
			name.len < 30 ? name.len : 30, name.s, names);
}

bool regmon_http_question_answer(const regmon_http_question_t *question,
		const regmon_http_request_t *request, regmon_json_writer_t *json,
		regmon_refusal_t *refusal)
{
	str known = {
			(char *)question->parameters, (int)strlen(question->parameters)};
	unsigned i;

	for(i = 0; i < request->pairs_n; i++) {
		str name = request->pairs[i].name;

		if(regmon_text_list_holds(known, name))
			continue;
		return regmon_refuse(refusal, 400, "%s takes no parameter '%.*s'%s%s",
				question->name, name.len < 30 ? name.len : 30, name.s,
				known.len ? "; it takes " : "", question->parameters);
	}
	return question->answer(request, &json->writer, refusal);
}
