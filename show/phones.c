/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show/phones.h"

#include "core/mem/mem.h"

#include "show/monitor.h"
#include "show/rows.h"

int regmon_phones_find(const regmon_who_t *who, regmon_phones_t *ret_phones,
		regmon_refusal_t *refusal)
{
	void *records =
			pkg_malloc(REGMON_MOST_PHONES
					   * regmon_table_record_size(regmon_monitor.table));
	unsigned matched;

	if(records == NULL) {
		regmon_refuse(refusal, 500,
				"no private memory for the answer: start Kamailio with a "
				"larger -M");
		return -1;
	}
	matched = regmon_table_find(
			regmon_monitor.table, who, records, REGMON_MOST_PHONES);
	if(matched == 0) {
		pkg_free(records);
		return 0;
	}
	*ret_phones = (regmon_phones_t){.records = records,
			.n = matched < REGMON_MOST_PHONES ? matched : REGMON_MOST_PHONES,
			.matched = matched,
			.now_ms = regmon_clock_now_ms()};
	return (int)matched;
}

void regmon_phones_free(regmon_phones_t *phones)
{
	pkg_free(phones->records);
	phones->records = NULL;
}

void regmon_phone_why(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms,
		int64_t since)
{
	regmon_rows_why(writer, &regmon_monitor, registration, now_ms);
}

void regmon_phone_show(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms,
		int64_t since)
{
	regmon_rows_show(writer, &regmon_monitor, registration, now_ms);
}

void regmon_phone_timeline(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms,
		int64_t since)
{
	regmon_rows_timeline(writer, registration, since, now_ms);
}

void regmon_phone_ladder(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms,
		int64_t since)
{
	regmon_rows_ladder(writer, &regmon_monitor, registration, now_ms);
}

void regmon_phone_decode(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms,
		int64_t since)
{
	regmon_rows_decode_record(writer, &regmon_monitor, registration, now_ms);
}

void regmon_phones_write(regmon_writer_t *writer, const regmon_phones_t *phones,
		regmon_phone_row_f row, int64_t since)
{
	bool bare = writer->for_eyes && phones->n == 1;
	unsigned i;
	int mark;

	if(!bare)
		writer->open_list(writer, "phones");
	for(i = 0; i < phones->n; i++) {
		if(i > 0 && writer->room(writer) < REGMON_ROOM_PHONE)
			break;
		/* the first one alone: cut, and said to be incomplete, rather than nothing */
		mark = i > 0 ? regmon_writer_mark(writer) : -1;
		if(!bare)
			writer->open_struct(writer, NULL);
		row(writer,
				regmon_table_record_in(
						regmon_monitor.table, phones->records, i),
				phones->now_ms, since);
		if(!bare)
			writer->close_struct(writer);
		if(regmon_writer_undo_if_full(writer, mark))
			break;
	}
	if(!bare)
		writer->close_list(writer);
	if(!writer->for_eyes)
		writer->number(writer, "matched", phones->matched);
	if(i < phones->matched)
		regmon_write_format(writer, "more",
				"%u more match, not seen as lately: name one by its Call-ID "
				"or address",
				phones->matched - i);
}

/* larger numbers are places in a timeline, smaller ones times (until the year 5138) */
#define LATEST_MS INT64_C(100000000000000)

bool regmon_since_read(str word, int64_t *ret_since)
{
	int64_t since;

	if(regmon_text_starts_nocase(word, REGMON_TEXT("since=")))
		word = regmon_text_from(word, 6);
	since = regmon_text_number(word);
	if(since < 0)
		return false;
	/* a bare time: everything of that millisecond is known */
	if(since > 0 && since < LATEST_MS)
		since = since * REGMON_SINCE_PLACES + REGMON_SINCE_PLACES - 1;
	*ret_since = since;
	return true;
}
