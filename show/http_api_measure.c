/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show/http_api_measure.h"

#include "show/rows.h"

bool regmon_http_kpi(const regmon_http_request_t *request,
		regmon_writer_t *writer, regmon_refusal_t *refusal)
{
	str name = regmon_text_trim(regmon_http_value(request, "access"));
	int access = REGMON_ALL_ACCESS;
	char complaint[240];

	if(name.len > 0
			&& !regmon_kpi_access_read(
					name, &access, complaint, sizeof(complaint)))
		return regmon_refuse(refusal, 400, "access: %s", complaint);
	regmon_rows_kpi(writer, &regmon_monitor, access, regmon_clock_now_ms());
	return true;
}

bool regmon_http_top(const regmon_http_request_t *request,
		regmon_writer_t *writer, regmon_refusal_t *refusal)
{
	regmon_top_asked_t asked;
	char complaint[240];
	unsigned i;

	regmon_top_asked_start(&asked);
	for(i = 0; i < request->pairs_n; i++) {
		const regmon_http_pair_t *pair = &request->pairs[i];
		bool is_dimension =
				regmon_text_is(pair->name, REGMON_TEXT("dimension"));

		/* an empty field of a form asks for nothing */
		if(pair->value.len > 0
				&& !regmon_top_asked_read(&asked,
						is_dimension ? pair->value : pair->word, complaint,
						sizeof(complaint)))
			return regmon_refuse(refusal, 400, "%.*s: %s", pair->name.len,
					pair->name.s, complaint);
	}
	if(!regmon_top_asked_is_whole(&asked, complaint, sizeof(complaint)))
		return regmon_refuse(refusal, 400, "dimension: %s", complaint);
	regmon_rows_top(writer, &regmon_monitor, &asked, regmon_clock_now_ms());
	return true;
}

bool regmon_http_history(const regmon_http_request_t *request,
		regmon_writer_t *writer, regmon_refusal_t *refusal)
{
	regmon_history_asked_t asked;
	char complaint[240];
	unsigned i;

	regmon_history_asked_start(&asked);
	for(i = 0; i < request->pairs_n; i++) {
		const regmon_http_pair_t *pair = &request->pairs[i];

		if(pair->value.len > 0
				&& !regmon_history_asked_read(
						&asked, pair->word, complaint, sizeof(complaint)))
			return regmon_refuse(refusal, 400, "%.*s: %s", pair->name.len,
					pair->name.s, complaint);
	}
	regmon_rows_history(writer, &regmon_monitor, &asked, regmon_clock_now_ms());
	return true;
}
