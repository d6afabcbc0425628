/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RPC commands: they read arguments, copy records out of the table and hand them to the row functions. */
#include "core/mem/mem.h"
#include "core/rpc.h"

#include "show/phones.h"
#include "show/rows.h"
#include "show/rpc_arguments.h"
#include "show/rpc_explain.h"
#include "show/rpc_lists.h"
#include "show/rpc_measure.h"
#include "show/rpc_profiles.h"
#include "show/rpc_reginfo.h"
#include "show/rpc_writer.h"
#include "show/show.h"

/* false: fault sent; else regmon_phones_free() is due */
static bool find_phones(rpc_t *rpc, void *context, const regmon_who_t *who,
		regmon_phones_t *phones)
{
	regmon_refusal_t refusal;
	int matched = regmon_phones_find(who, phones, &refusal);

	if(matched < 0)
		rpc->fault(context, refusal.code, "%s", refusal.text);
	else if(matched == 0)
		regmon_rpc_unknown_who(rpc, context, who);
	return matched > 0;
}

static void write_phones(rpc_t *rpc, void *context, regmon_phones_t *phones,
		regmon_phone_row_f row, int64_t since)
{
	regmon_rpc_writer_t own;

	if(regmon_rpc_writer_start(&own, rpc, context) == 0) {
		regmon_phones_write(&own.writer, phones, row, since);
		regmon_rpc_writer_finish(&own);
	}
	regmon_phones_free(phones);
}

static void of_who(rpc_t *rpc, void *context, const char *command,
		regmon_phone_row_f row)
{
	regmon_who_t who;
	regmon_phones_t phones;

	if(regmon_rpc_who(rpc, context, command, &who)
			&& find_phones(rpc, context, &who, &phones))
		write_phones(rpc, context, &phones, row, 0);
}

/* ---- summary, why, show, timeline ---- */

static void rpc_summary(rpc_t *rpc, void *context)
{
	regmon_rpc_writer_t own;

	if(regmon_rpc_writer_start(&own, rpc, context) < 0)
		return;
	regmon_rows_summary(&own.writer, &regmon_monitor, regmon_clock_now_ms());
	regmon_rpc_writer_finish(&own);
}

static void rpc_why(rpc_t *rpc, void *context)
{
	of_who(rpc, context, "ims_regmon.why", regmon_phone_why);
}

static void rpc_show(rpc_t *rpc, void *context)
{
	of_who(rpc, context, "ims_regmon.show", regmon_phone_show);
}

static void rpc_ladder(rpc_t *rpc, void *context)
{
	of_who(rpc, context, "ims_regmon.ladder", regmon_phone_ladder);
}

static void rpc_timeline(rpc_t *rpc, void *context)
{
	static const char command[] = "ims_regmon.timeline";
	regmon_who_t who;
	regmon_phones_t phones;
	str word;
	int64_t since = 0;
	int found;

	if(!regmon_rpc_who(rpc, context, command, &who))
		return;
	found = regmon_rpc_word(rpc, context, "since=1700000000000", &word);
	if(found < 0)
		return;
	if(found > 0 && !regmon_since_read(word, &since)) {
		rpc->fault(context, 400, REGMON_SINCE_COMPLAINT);
		return;
	}
	if(find_phones(rpc, context, &who, &phones))
		write_phones(rpc, context, &phones, regmon_phone_timeline, since);
}

/* ---- decode ---- */

static void decode_text(rpc_t *rpc, void *context, str text)
{
	regmon_rpc_writer_t own;
	char *copy = pkg_malloc(text.len);

	if(copy == NULL) {
		rpc->fault(context, 500, "no private memory for %d bytes", text.len);
		return;
	}
	memcpy(copy, text.s, text.len);
	text = (str){copy, regmon_unescape_message(copy, text.len)};
	if(regmon_rpc_writer_start(&own, rpc, context) == 0) {
		regmon_rows_decode_text(&own.writer, &regmon_monitor, text);
		regmon_rpc_writer_finish(&own);
	}
	pkg_free(copy);
}

static void rpc_decode(rpc_t *rpc, void *context)
{
	regmon_who_t who;
	regmon_phones_t phones;
	str text, word;
	/* the empty line at its end belongs to a message */
	int found = regmon_rpc_text(
			rpc, context, "ims_regmon.decode imsi:001010000000001", &text);

	if(found < 0)
		return;
	word = regmon_text_trim(text);
	if(found == 0 || !regmon_who_read(word, &who)) {
		rpc->fault(context, 400,
				"say what: WHO, or a message in one argument with \\r\\n between "
				"its lines");
		return;
	}
	if(regmon_text_starts_nocase(text, REGMON_TEXT("REGISTER "))
			|| regmon_text_starts_nocase(text, REGMON_TEXT("SIP/2.0"))) {
		decode_text(rpc, context, text);
		return;
	}
	if(find_phones(rpc, context, &who, &phones))
		write_phones(rpc, context, &phones, regmon_phone_decode, 0);
}

/* ---- forget, check_invariants ---- */

static void rpc_forget(rpc_t *rpc, void *context)
{
	static const char command[] = "ims_regmon.forget";
	regmon_rpc_writer_t own;
	regmon_who_t who;
	bool is_all;
	unsigned n;

	if(!regmon_rpc_who(rpc, context, command, &who))
		return;
	is_all = who.kind == REGMON_WHO_ANY
			 && regmon_text_is_nocase(who.text, REGMON_TEXT("all"));
	n = regmon_table_forget(regmon_monitor.table, is_all ? NULL : &who);
	if(n == 0 && !is_all) {
		regmon_rpc_unknown_who(rpc, context, &who);
		return;
	}
	if(regmon_rpc_writer_start(&own, rpc, context) < 0)
		return;
	own.writer.number(&own.writer, "forgotten", n);
	regmon_rpc_writer_finish(&own);
}

static void rpc_check_invariants(rpc_t *rpc, void *context)
{
	regmon_rpc_writer_t own;
	regmon_writer_t *writer = &own.writer;
	char buffer[4000] = "", *line = buffer, *end;
	unsigned faults = regmon_table_check(
			regmon_monitor.table, buffer, sizeof(buffer));

	if(regmon_rpc_writer_start(&own, rpc, context) < 0)
		return;
	regmon_write_yes_no(writer, "ok", faults == 0);
	writer->number(writer, "faults", faults);
	if(faults > 0 || !writer->for_eyes) {
		writer->open_list(writer, "first_faults");
		for(; faults > 0 && *line; line = end) {
			end = line + strcspn(line, "\n");
			writer->text(writer, NULL, (str){line, (int)(end - line)});
			if(*end)
				end++;
		}
		writer->close_list(writer);
	}
	regmon_rpc_writer_finish(&own);
}

/* ---- the table of commands ---- */

static const char *summary_doc[] = {
		"The first screen: registrations by state, the last minute, delays,"
		" top causes, drops.",
		0};
static const char *why_doc[] = {
		"WHO: why this phone's registration fails or does not hold: ranked"
		" causes, evidence, next step.",
		0};
static const char *show_doc[] = {"WHO: everything known of one phone.", 0};
static const char *timeline_doc[] = {
		"WHO [since=MS]: the phone's events as rows; since follows by polling.",
		0};
static const char *ladder_doc[] = {
		"WHO: the same as a drawn ladder: phone, this node, core.", 0};
static const char *list_doc[] = {
		"[state= cause= finding= access= plmn= tac= cell= device= code= limit="
		" cursor=]: the phones that match.",
		0};
static const char *rules_doc[] = {
		"[ID, name, prefix or header] [limit= cursor=]: the rules; one rule in"
		" full.",
		0};
static const char *decode_doc[] = {
		"WHO or TEXT of a message: header by header, with meaning and verdict.",
		0};
static const char *explain_doc[] = {
		"[WORD]: a message, answer code, header, rule, cause, state, counter or"
		" term told in full; without a word: all of them.",
		0};
static const char *forget_doc[] = {
		"WHO or all: delete the records; returns how many.", 0};
static const char *check_doc[] = {
		"Self-check of the table; names the first faults.", 0};

rpc_export_t regmon_rpc_commands[] = {
		{"ims_regmon.summary", rpc_summary, summary_doc, 0},
		{"ims_regmon.why", rpc_why, why_doc, 0},
		{"ims_regmon.show", rpc_show, show_doc, 0},
		{"ims_regmon.timeline", rpc_timeline, timeline_doc, 0},
		{"ims_regmon.ladder", rpc_ladder, ladder_doc, 0},
		{"ims_regmon.list", regmon_rpc_list, list_doc, 0},
		{"ims_regmon.kpi", regmon_rpc_kpi, regmon_kpi_doc, 0},
		{"ims_regmon.top", regmon_rpc_top, regmon_top_doc, 0},
		{"ims_regmon.history", regmon_rpc_history, regmon_history_doc, 0},
		{"ims_regmon.rules", regmon_rpc_rules, rules_doc, 0},
		{"ims_regmon.decode", rpc_decode, decode_doc, 0},
		{"ims_regmon.explain", regmon_rpc_explain, explain_doc, 0},
		{"ims_regmon.forget", rpc_forget, forget_doc, 0},
		{"ims_regmon.check_invariants", rpc_check_invariants, check_doc, 0},
		{"ims_regmon.profiles", regmon_rpc_profiles, regmon_profiles_doc, 0},
		{"ims_regmon.reload", regmon_rpc_reload, regmon_reload_doc, 0},
		{"ims_regmon.reginfo", regmon_rpc_reginfo, regmon_reginfo_doc, 0},
		{0, 0, 0, 0}};
