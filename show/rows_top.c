/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where registrations fail: the first values of one dimension, and the rest of them together. */
#include "show/rows.h"

#include <stdio.h>

#include "diagnosis/diagnosis.h"

/* ---- what is asked ---- */

static void print_dimensions(char *buffer, int size)
{
	unsigned i;
	int used = 0;

	for(i = 0; i < REGMON_DIMENSIONS_N && used < size; i++)
		used += snprintf(buffer + used, size - used, "%s%s", i ? ", " : "",
				regmon_dimension_name((regmon_dimension_t)i));
}

void regmon_top_asked_start(regmon_top_asked_t *asked)
{
	*asked = (regmon_top_asked_t){
			.order = REGMON_TOP_BY_FAILURES, .limit = REGMON_TOP_LIMIT};
}

static bool read_order(
		regmon_top_asked_t *asked, str value, char *complaint, int size)
{
	if(regmon_text_is_nocase(value, REGMON_TEXT("failures")))
		asked->order = REGMON_TOP_BY_FAILURES;
	else if(regmon_text_is_nocase(value, REGMON_TEXT("attempts")))
		asked->order = REGMON_TOP_BY_ATTEMPTS;
	else if(regmon_text_is_nocase(value, REGMON_TEXT("ratio")))
		asked->order = REGMON_TOP_BY_RATIO;
	else {
		snprintf(complaint, size, "by= is failures, attempts or ratio");
		return false;
	}
	return true;
}

static bool read_window(
		regmon_top_asked_t *asked, str value, char *complaint, int size)
{
	asked->recent = regmon_text_is_nocase(value, REGMON_TEXT("recent"));
	if(asked->recent || regmon_text_is_nocase(value, REGMON_TEXT("start")))
		return true;
	snprintf(complaint, size,
			"window= is start, or recent: this half hour and the one before");
	return false;
}

static bool read_limit(
		regmon_top_asked_t *asked, str value, char *complaint, int size)
{
	int64_t number = regmon_text_number(value);

	if(number < 1 || number > REGMON_LIST_MOST) {
		snprintf(complaint, size, "limit= is a number from 1 to %d",
				REGMON_LIST_MOST);
		return false;
	}
	asked->limit = (unsigned)number;
	return true;
}

bool regmon_top_asked_read(
		regmon_top_asked_t *asked, str word, char *complaint, int size)
{
	char allowed[120];

	if(regmon_text_starts_nocase(word, REGMON_TEXT("by=")))
		return read_order(asked, regmon_text_from(word, 3), complaint, size);
	if(regmon_text_starts_nocase(word, REGMON_TEXT("limit=")))
		return read_limit(asked, regmon_text_from(word, 6), complaint, size);
	if(regmon_text_starts_nocase(word, REGMON_TEXT("window=")))
		return read_window(asked, regmon_text_from(word, 7), complaint, size);
	if(!asked->has_dimension
			&& regmon_dimension_find(word, &asked->dimension)) {
		asked->has_dimension = true;
		return true;
	}
	print_dimensions(allowed, sizeof(allowed));
	snprintf(complaint, size, "no dimension %.*s; one of %s",
			word.len < 30 ? word.len : 30, word.s, allowed);
	return false;
}

bool regmon_top_asked_is_whole(
		const regmon_top_asked_t *asked, char *complaint, int size)
{
	char allowed[120];

	if(asked->has_dimension)
		return true;
	print_dimensions(allowed, sizeof(allowed));
	snprintf(complaint, size, "say of what: one of %s", allowed);
	return false;
}

/* ---- a row ---- */

/* the value as text, and what it means where that is more */
static str value_of(regmon_dimension_t dimension, const regmon_top_row_t *row,
		char buffer[12], const char **ret_meaning)
{
	const regmon_cause_t *cause;
	const regmon_rule_t *rule;
	const char *name = "other";

	*ret_meaning = "";
	switch(dimension) {
		case REGMON_DIMENSION_ACCESS:
			name = regmon_access_name((regmon_access_t)row->index);
			break;
		case REGMON_DIMENSION_CODE:
			if(row->index == 0)
				break;
			snprintf(buffer, 12, "%u", row->index);
			name = buffer;
			*ret_meaning = regmon_code_reason((int)row->index);
			break;
		case REGMON_DIMENSION_CAUSE:
			cause = regmon_cause_at(row->index);
			name = cause ? cause->id : "?";
			*ret_meaning = cause ? cause->title : "";
			break;
		case REGMON_DIMENSION_RULE:
			rule = regmon_rule_at((regmon_rule_index_t)row->index);
			name = rule ? rule->id : "?";
			*ret_meaning = rule ? rule->name : "";
			break;
		default:
			return (str){(char *)row->text, row->length};
	}
	return (str){(char *)name, (int)strlen(name)};
}

/* The filters of ims_regmon.list that show its phones; "" where there is none for it. */
static const char *filter_of(
		regmon_dimension_t dimension, str value, char *buffer, int size)
{
	const char *dash = value.len > 0 ? memchr(value.s, '-', value.len) : NULL;
	int plmn = dash ? (int)(dash - value.s) : 0;

	buffer[0] = '\0';
	switch(dimension) {
		case REGMON_DIMENSION_TAC:
		case REGMON_DIMENSION_CELL:
			if(plmn >= 5 && plmn <= 6)
				snprintf(buffer, size, "plmn=%.*s %s=%.*s", plmn, value.s,
						regmon_dimension_name(dimension), value.len - plmn - 1,
						dash + 1);
			else
				snprintf(buffer, size, "%s=%.*s",
						regmon_dimension_name(dimension), value.len, value.s);
			break;
		case REGMON_DIMENSION_PLMN:
		case REGMON_DIMENSION_ACCESS:
		case REGMON_DIMENSION_CODE:
		case REGMON_DIMENSION_CAUSE:
			snprintf(buffer, size, "%s=%.*s", regmon_dimension_name(dimension),
					value.len, value.s);
			break;
		case REGMON_DIMENSION_DEVICE:
			/* with its quotes, because most have blanks in them */
			snprintf(buffer, size, "\"device=%.*s\"", value.len, value.s);
			break;
		case REGMON_DIMENSION_RULE:
			snprintf(buffer, size, "finding=%.*s", value.len, value.s);
			break;
		default:
			break;
	}
	return buffer;
}

static void write_line(regmon_writer_t *writer, const regmon_top_asked_t *asked,
		const regmon_top_row_t *row, int64_t now_ms)
{
	char code[12], failure[8], at[REGMON_MOMENT_LENGTH],
			missed[120] = "", mostly[80] = "", found[48] = "";
	const char *meaning;
	str value = value_of(asked->dimension, row, code, &meaning);

	if(row->missed)
		snprintf(missed, sizeof(missed), "; up to %llu more before %s",
				(unsigned long long)row->missed,
				regmon_print_at(row->since_ms, now_ms, at));
	if(row->failure && asked->dimension != REGMON_DIMENSION_CODE)
		snprintf(mostly, sizeof(mostly), "; mostly %s (%llu)",
				regmon_failure_name(row->failure, failure),
				(unsigned long long)row->failure_n);
	if(row->found)
		snprintf(found, sizeof(found), "; %llu message%s broke it",
				(unsigned long long)row->found, regmon_plural(row->found));
	regmon_write_format(writer, NULL,
			"%-30.*s %7llu of %7llu failed (%5.1f%%)%s%s%s%s%s", value.len,
			value.s, (unsigned long long)row->failures,
			(unsigned long long)row->attempts,
			regmon_percent(row->failures, row->attempts), mostly, found,
			meaning[0] ? "; " : "", meaning, missed);
}

static void write_counts(regmon_writer_t *writer, uint64_t attempts,
		uint64_t successes, uint64_t failures)
{
	writer->number(writer, "attempts", (int64_t)attempts);
	writer->number(writer, "successes", (int64_t)successes);
	writer->number(writer, "failures", (int64_t)failures);
	if(attempts)
		writer->real(
				writer, "failure_percent", regmon_percent(failures, attempts));
}

static void write_row(regmon_writer_t *writer, const regmon_top_asked_t *asked,
		const regmon_top_row_t *row, int64_t now_ms)
{
	char code[12], failure[8], filter[160];
	const char *meaning;
	str value = value_of(asked->dimension, row, code, &meaning);

	writer->open_struct(writer, NULL);
	writer->text(writer, "value", value);
	if(meaning[0])
		regmon_write_words(writer, "meaning", meaning);
	write_counts(writer, row->attempts, row->successes, row->failures);
	writer->number(writer, "missed", (int64_t)row->missed);
	regmon_write_moment(writer, "since", row->since_ms, now_ms);
	if(row->failure) {
		regmon_write_words(writer, "top_failure",
				regmon_failure_name(row->failure, failure));
		writer->number(writer, "top_failure_n", (int64_t)row->failure_n);
	}
	if(asked->dimension == REGMON_DIMENSION_RULE)
		writer->number(writer, "messages", (int64_t)row->found);
	if(filter_of(asked->dimension, value, filter, sizeof(filter))[0])
		regmon_write_format(
				writer, "look_closer", "ims_regmon.list %s", filter);
	writer->close_struct(writer);
}

/* ---- the whole ---- */

static const char *order_name(regmon_top_order_t order)
{
	static const char *const names[] = {[REGMON_TOP_BY_FAILURES] = "failures",
			[REGMON_TOP_BY_ATTEMPTS] = "attempts",
			[REGMON_TOP_BY_RATIO] = "ratio"};

	return names[order];
}

/* how far the figures can be trusted, in one sentence */
static void write_trust(regmon_writer_t *writer,
		const regmon_top_asked_t *asked, const regmon_top_t *top)
{
	const char *what =
			asked->order == REGMON_TOP_BY_ATTEMPTS ? "attempts" : "failures";

	if(asked->order == REGMON_TOP_BY_RATIO)
		regmon_write_format(writer, "compared",
				"only values with at least %d attempts",
				REGMON_TOP_RATIO_LEAST);
	if(top->replaced == 0)
		return;
	regmon_write_format(writer, "kept",
			"there are more values than places (top_size): one lost its place "
			"%llu time%s; a value that is missing here has at most %llu %s "
			"since start",
			(unsigned long long)top->replaced, regmon_plural(top->replaced),
			(unsigned long long)top->floor,
			what);
}

static void write_head(regmon_writer_t *writer, const regmon_monitor_t *monitor,
		const regmon_top_asked_t *asked, const regmon_top_t *top,
		int64_t now_ms)
{
	int64_t since_ms = top->since_ms > monitor->started_ms
							   ? top->since_ms
							   : monitor->started_ms;
	char at[REGMON_MOMENT_LENGTH];

	if(writer->for_eyes) {
		regmon_write_format(writer, regmon_dimension_name(asked->dimension),
				"by %s, of %llu attempt%s that ended since %s",
				order_name(asked->order),
				(unsigned long long)(top->attempts + top->without),
				regmon_plural(top->attempts + top->without),
				regmon_print_at(since_ms, now_ms, at));
		write_trust(writer, asked, top);
		return;
	}
	regmon_write_words(
			writer, "dimension", regmon_dimension_name(asked->dimension));
	regmon_write_words(writer, "by", order_name(asked->order));
	regmon_write_words(writer, "window", asked->recent ? "recent" : "start");
	regmon_write_moment(writer, "since", since_ms, now_ms);
	write_counts(writer, top->attempts, top->successes, top->failures);
	writer->number(writer, "without_value", (int64_t)top->without);
	writer->number(writer, "values", top->values);
	writer->number(writer, "replaced", (int64_t)top->replaced);
	writer->number(writer, "floor", (int64_t)top->floor);
	write_trust(writer, asked, top);
}

/* what the rows do not show; of counts that began late, the part before that, too */
static void write_other(regmon_writer_t *writer, const regmon_top_t *top,
		const regmon_top_row_t *rows, unsigned shown)
{
	uint64_t successes = top->successes, failures = top->failures;
	unsigned i;

	for(i = 0; i < shown; i++) {
		successes -=
				rows[i].successes < successes ? rows[i].successes : successes;
		failures -= rows[i].failures < failures ? rows[i].failures : failures;
	}
	if(!writer->for_eyes) {
		writer->open_struct(writer, "other");
		write_counts(writer, successes + failures, successes, failures);
		writer->close_struct(writer);
		return;
	}
	if(successes + failures)
		regmon_write_format(writer, "all other values",
				"%llu of %llu failed (%.1f%%)", (unsigned long long)failures,
				(unsigned long long)(successes + failures),
				regmon_percent(failures, successes + failures));
	if(top->without)
		regmon_write_format(writer, "without a value", "%llu attempt%s",
				(unsigned long long)top->without, top->without == 1 ? "" : "s");
}

void regmon_rows_top(regmon_writer_t *writer, const regmon_monitor_t *monitor,
		const regmon_top_asked_t *asked, int64_t now_ms)
{
	/* a process answers one question at a time */
	static regmon_top_row_t rows[REGMON_LIST_MOST];
	char filter[160], code[12];
	const char *meaning;
	regmon_top_t top;
	unsigned shown;

	regmon_top_read(monitor->measure, asked->dimension, asked->order,
			asked->recent, now_ms, rows, asked->limit, &top);
	write_head(writer, monitor, asked, &top, now_ms);
	writer->open_list(writer, "rows");
	for(shown = 0; shown < top.rows_n; shown++) {
		if(writer->room(writer) < REGMON_ROOM_ROW)
			break;
		if(writer->for_eyes)
			write_line(writer, asked, &rows[shown], now_ms);
		else
			write_row(writer, asked, &rows[shown], now_ms);
	}
	writer->close_list(writer);
	write_other(writer, &top, rows, shown);
	if(!writer->for_eyes)
		writer->number(writer, "shown", shown);
	if(shown < top.values) {
		if(writer->for_eyes)
			regmon_write_format(
					writer, "more", "%u value%s: limit=", top.values - shown,
					regmon_plural(top.values - shown));
		else
			writer->number(writer, "more", top.values - shown);
	}
	if(writer->for_eyes && shown > 0
			&& filter_of(asked->dimension,
					value_of(asked->dimension, &rows[0], code, &meaning),
					filter, sizeof(filter))[0])
		regmon_write_format(
				writer, "look closer", "kamcmd ims_regmon.list %s", filter);
}
