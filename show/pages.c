/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show/pages.h"

#include "core/mem/mem.h"

/* ---- phones ---- */

static bool gather(const regmon_registration_t *registration, void *context)
{
	regmon_page_t *page = context;
	uint32_t slot = regmon_table_slot(regmon_monitor.table, registration);

	if(page->begun && slot == page->now.slot)
		page->now.before++;
	else
		page->now = (regmon_place_t){slot, 0};
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
	/* the timeline stays behind, and the supplement, which may go when the lock is released */
	page->rows[page->n].timeline_n = 0;
	page->rows[page->n].supplement = NULL;
	page->places[page->n] = page->now;
	page->n++;
	return true;
}

bool regmon_page_read(const regmon_list_filter_t *filter,
		regmon_page_t *ret_page, regmon_refusal_t *refusal)
{
	uint32_t cursor = filter->cursor;

	*ret_page = (regmon_page_t){.filter = filter};
	ret_page->rows =
			pkg_malloc(filter->limit
					   * (sizeof(*ret_page->rows) + sizeof(*ret_page->places)));
	if(ret_page->rows == NULL)
		return regmon_refuse(refusal, 500,
				"no private memory for %u rows: ask with a smaller limit=",
				filter->limit);
	ret_page->places = (regmon_place_t *)(ret_page->rows + filter->limit);
	regmon_table_visit(regmon_monitor.table, &cursor, gather, ret_page);
	return true;
}

void regmon_page_free(regmon_page_t *page)
{
	pkg_free(page->rows);
	page->rows = NULL;
}

void regmon_page_write(
		regmon_writer_t *writer, regmon_page_t *page, int64_t now_ms)
{
	unsigned i;
	int mark;

	if(page->n == 0 && writer->for_eyes) {
		regmon_write_words(writer, "phones", "none match");
		return;
	}
	writer->open_list(writer, "phones");
	for(i = 0; i < page->n; i++) {
		if(i > 0 && writer->room(writer) < REGMON_ROOM_ROW)
			break;
		mark = i > 0 ? regmon_writer_mark(writer) : -1;
		regmon_rows_list_row(writer, &page->rows[i], now_ms);
		if(regmon_writer_undo_if_full(writer, mark))
			break;
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
	regmon_write_format(
			writer, "cursor", "%u.%u", page->next.slot, page->next.before);
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

bool regmon_rules_word_check(str word, regmon_refusal_t *refusal)
{
	char near[64];
	unsigned i;

	if(word.len == 0 || regmon_rule_find(word) >= 0
			|| regmon_profile_find(regmon_monitor.rulebook->profiles, word)
					   >= 0)
		return true;
	for(i = 0; i < REGMON_MAX_RULES; i++)
		if(rule_matches(i, word))
			return true;
	regmon_rule_near(word, near, sizeof(near));
	return regmon_refuse(refusal, 404,
			"no rule %.*s%s%s; ims_regmon.rules lists all",
			word.len < 30 ? word.len : 30, word.s, near[0] ? "; like it: " : "",
			near);
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
		if(more || shown == limit || writer->room(writer) < REGMON_ROOM_ROW) {
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

void regmon_rules_write(
		regmon_writer_t *writer, str word, unsigned limit, unsigned cursor)
{
	int index = word.len > 0 ? regmon_rule_find(word) : -1;

	if(index < 0) {
		write_rules(writer, word, limit, cursor);
		return;
	}
	if(!writer->for_eyes)
		writer->open_list(writer, "rules");
	regmon_rows_rule(writer, &regmon_monitor, (regmon_rule_index_t)index);
	if(!writer->for_eyes)
		writer->close_list(writer);
}
