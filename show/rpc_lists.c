/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of phones and of rules, page by page. */
#include "show/rpc_lists.h"

#include "core/mem/mem.h"

#include <stdio.h>

#include "show/rows.h"
#include "show/rpc_arguments.h"
#include "show/rpc_writer.h"

/* ---- list ---- */

/* where a record stands: its slot, and how many of the slot come before it */
typedef struct place
{
	uint32_t slot, before;
} place_t;

typedef struct page
{
	const regmon_list_filter_t *filter;
	regmon_registration_t *rows; /* without timelines */
	place_t *places;
	unsigned n, more;
	place_t next; /* of the first that found no room */
	place_t now;
	bool begun;
} page_t;

static bool gather(const regmon_registration_t *registration, void *context)
{
	page_t *page = context;

	if(page->begun && registration->slot == page->now.slot)
		page->now.before++;
	else
		page->now = (place_t){registration->slot, 0};
	page->begun = true;
	if((page->now.slot == page->filter->cursor
			   && page->now.before < page->filter->cursor_skip)
			|| !regmon_list_matches(page->filter, registration))
		return true;
	if(page->n == page->filter->limit) {
		if(page->more++ == 0)
			page->next = page->now;
		return true;
	}
	memcpy(&page->rows[page->n], registration, sizeof(page->rows[0]));
	/* the timeline stays behind */
	page->rows[page->n].timeline_n = 0;
	page->places[page->n] = page->now;
	page->n++;
	return true;
}

static void write_page(regmon_writer_t *writer, page_t *page, int64_t now_ms)
{
	unsigned i;

	if(page->n == 0 && writer->for_eyes) {
		regmon_write_words(writer, "phones", "none match");
		return;
	}
	writer->open_list(writer, "phones");
	for(i = 0; i < page->n; i++) {
		if(i > 0 && writer->room(writer) < REGMON_ROOM_ROW)
			break;
		regmon_rows_list_row(writer, &page->rows[i], now_ms);
	}
	writer->close_list(writer);
	if(i < page->n) {
		page->next = page->places[i];
		page->more += page->n - i;
	}
	writer->number(writer, "shown", i);
	if(page->more == 0)
		return;
	if(writer->for_eyes) {
		regmon_write_format(writer, "more",
				"%u: the same command with cursor=%u.%u", page->more,
				page->next.slot, page->next.before);
		return;
	}
	writer->number(writer, "more", page->more);
	regmon_write_format(writer, "cursor", "%u.%u", page->next.slot,
			page->next.before);
}

static bool read_filter(
		rpc_t *rpc, void *context, regmon_list_filter_t *filter)
{
	char complaint[240];
	str word;
	int found;

	regmon_list_filter_start(filter);
	while((found = regmon_rpc_word(rpc, context, "ims_regmon.list limit=20", &word))
			> 0) {
		if(!regmon_list_filter_read(
				   filter, word, complaint, sizeof(complaint))) {
			rpc->fault(context, 400, "%s", complaint);
			return false;
		}
	}
	return found == 0;
}

void regmon_rpc_list(rpc_t *rpc, void *context)
{
	regmon_list_filter_t filter;
	regmon_rpc_writer_t own;
	page_t page = {.filter = &filter};
	uint32_t cursor;

	if(!read_filter(rpc, context, &filter))
		return;
	page.rows = pkg_malloc(
			filter.limit * (sizeof(*page.rows) + sizeof(*page.places)));
	if(page.rows == NULL) {
		rpc->fault(context, 500,
				"no private memory for %u rows: ask with a smaller limit=",
				filter.limit);
		return;
	}
	page.places = (place_t *)(page.rows + filter.limit);
	cursor = filter.cursor;
	regmon_table_visit(regmon_monitor.table, &cursor, gather, &page);
	if(regmon_rpc_writer_start(&own, rpc, context) == 0) {
		write_page(&own.writer, &page, regmon_clock_now_ms());
		regmon_rpc_writer_finish(&own);
	}
	pkg_free(page.rows);
}

/* ---- rules ---- */

static bool rule_matches(unsigned index, str word)
{
	const regmon_rule_t *rule = regmon_rule_at(index);
	str id, header;

	if(rule == NULL)
		return false; /* between the catalogue and the own rules */
	id = (str){(char *)rule->id, (int)strlen(rule->id)};
	header = (str){(char *)rule->header, (int)strlen(rule->header)};
	return word.len == 0 || regmon_text_starts_nocase(id, word)
		   || regmon_text_is_nocase(header, word);
}

/* What the rules are shown of: a profile that is named, else the one in force. The word is used up then. */
static regmon_monitor_t monitor_of(str *word)
{
	regmon_monitor_t monitor = regmon_monitor;
	const regmon_rulebook_t *book = monitor.rulebook;
	int profile = book ? regmon_profile_find(book->profiles, *word) : -1;

	if(profile >= 0) {
		monitor.plan = book->plans[profile];
		*word = (str){NULL, 0};
	}
	return monitor;
}

static void write_rules(
		regmon_writer_t *writer, str word, unsigned limit, unsigned cursor)
{
	const regmon_monitor_t monitor = monitor_of(&word);
	unsigned i, shown = 0, more = 0, next = 0;

	writer->open_list(writer, "rules");
	for(i = cursor; i < REGMON_MAX_RULES; i++) {
		if(!rule_matches(i, word))
			continue;
		if(more || shown == limit
				|| writer->room(writer) < REGMON_ROOM_ROW) {
			next = more++ ? next : i;
			continue;
		}
		regmon_rows_rule_row(writer, &monitor, i);
		shown++;
	}
	writer->close_list(writer);
	writer->number(writer, "shown", shown);
	if(more && writer->for_eyes) {
		regmon_write_format(writer, "more",
				"%u: the same command with cursor=%u", more, next);
	} else if(more) {
		writer->number(writer, "more", more);
		regmon_write_format(writer, "cursor", "%u", next);
	}
}

static bool no_such_rule(rpc_t *rpc, void *context, str word)
{
	char near[64];

	regmon_rule_near(word, near, sizeof(near));
	rpc->fault(context, 404, "no rule %.*s%s%s; ims_regmon.rules lists all",
			word.len < 30 ? word.len : 30, word.s,
			near[0] ? "; like it: " : "", near);
	return false;
}

/* limit, cursor and one word */
static bool read_rules_arguments(rpc_t *rpc, void *context, str *ret_word,
		regmon_list_filter_t *paging)
{
	char complaint[240];
	unsigned i;
	str word;
	int found;

	*ret_word = (str){NULL, 0};
	regmon_list_filter_start(paging);
	paging->limit = REGMON_LIST_MOST;
	while((found = regmon_rpc_word(rpc, context, "ims_regmon.rules limit=20", &word))
			> 0) {
		if(!regmon_text_starts_nocase(word, REGMON_TEXT("limit="))
				&& !regmon_text_starts_nocase(word, REGMON_TEXT("cursor="))) {
			*ret_word = word;
			continue;
		}
		if(!regmon_list_filter_read(
				   paging, word, complaint, sizeof(complaint))) {
			rpc->fault(context, 400, "%s", complaint);
			return false;
		}
	}
	if(found < 0)
		return false;
	if(ret_word->len == 0 || regmon_rule_find(*ret_word) >= 0
			|| regmon_profile_find(
					   regmon_monitor.rulebook->profiles, *ret_word)
					   >= 0)
		return true;
	for(i = 0; i < REGMON_MAX_RULES; i++)
		if(rule_matches(i, *ret_word))
			return true;
	return no_such_rule(rpc, context, *ret_word);
}

void regmon_rpc_rules(rpc_t *rpc, void *context)
{
	regmon_list_filter_t paging;
	regmon_rpc_writer_t own;
	regmon_writer_t *writer = &own.writer;
	str word;
	int index;

	if(!read_rules_arguments(rpc, context, &word, &paging)
			|| regmon_rpc_writer_start(&own, rpc, context) < 0)
		return;
	index = word.len > 0 ? regmon_rule_find(word) : -1;
	if(index >= 0) {
		if(!writer->for_eyes)
			writer->open_list(writer, "rules");
		regmon_rows_rule(writer, &regmon_monitor, (regmon_rule_index_t)index);
		if(!writer->for_eyes)
			writer->close_list(writer);
	} else {
		write_rules(writer, word, paging.limit, paging.cursor);
	}
	regmon_rpc_writer_finish(&own);
}
