/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures by RPC: arguments in, rows out. */
#include "show/rpc_measure.h"

#include "show/rows.h"
#include "show/rpc_arguments.h"
#include "show/rpc_writer.h"

const char *regmon_kpi_doc[] = {
		"[access=NR]: attempts, successes, failures and set-up times by"
		" TS 32.409 and RFC 6076.",
		0};
const char *regmon_top_doc[] = {
		"DIMENSION [by=failures|attempts|ratio] [limit=] [window=recent]: the"
		" first cells, TACs, PLMNs, devices, codes, causes, rules.",
		0};

const char *regmon_history_doc[] = {
		"[minutes=60 or hours=24] [cursor=]: what came of the attempts of each"
		" minute or hour, the newest first.",
		0};

/* false: fault sent */
static bool read_kpi_arguments(rpc_t *rpc, void *context, int *ret_access)
{
	char complaint[240];
	str word;
	int found;

	*ret_access = REGMON_ALL_ACCESS;
	while((found = regmon_rpc_word(
				   rpc, context, "ims_regmon.kpi access=NR", &word))
			> 0) {
		if(!regmon_text_starts_nocase(word, REGMON_TEXT("access="))) {
			regmon_rpc_fault(rpc, context, 400,
					"%.*s: the only argument is access=NR",
					word.len < 30 ? word.len : 30, word.s);
			return false;
		}
		if(!regmon_kpi_access_read(regmon_text_from(word, 7), ret_access,
				   complaint, sizeof(complaint))) {
			regmon_rpc_fault(rpc, context, 400, "%s", complaint);
			return false;
		}
	}
	return found == 0;
}

void regmon_rpc_kpi(rpc_t *rpc, void *context)
{
	regmon_rpc_writer_t own;
	int access;

	if(!read_kpi_arguments(rpc, context, &access)
			|| regmon_rpc_writer_start(&own, rpc, context) < 0)
		return;
	regmon_rows_kpi(
			&own.writer, &regmon_monitor, access, regmon_clock_now_ms());
	regmon_rpc_writer_finish(&own);
}

static bool read_top_arguments(
		rpc_t *rpc, void *context, regmon_top_asked_t *asked)
{
	char complaint[240];
	bool fine = true;
	str word;
	int found;

	regmon_top_asked_start(asked);
	while((found = regmon_rpc_word(
				   rpc, context, "ims_regmon.top tac limit=20", &word))
			> 0) {
		fine = regmon_top_asked_read(asked, word, complaint, sizeof(complaint));
		if(!fine)
			break;
	}
	if(found < 0)
		return false;
	if(fine)
		fine = regmon_top_asked_is_whole(asked, complaint, sizeof(complaint));
	if(!fine)
		regmon_rpc_fault(rpc, context, 400, "%s", complaint);
	return fine;
}

void regmon_rpc_top(rpc_t *rpc, void *context)
{
	regmon_rpc_writer_t own;
	regmon_top_asked_t asked;

	if(!read_top_arguments(rpc, context, &asked)
			|| regmon_rpc_writer_start(&own, rpc, context) < 0)
		return;
	regmon_rows_top(
			&own.writer, &regmon_monitor, &asked, regmon_clock_now_ms());
	regmon_rpc_writer_finish(&own);
}

static bool read_history_arguments(
		rpc_t *rpc, void *context, regmon_history_asked_t *asked)
{
	char complaint[240];
	str word;
	int found;

	regmon_history_asked_start(asked);
	while((found = regmon_rpc_word(
				   rpc, context, "ims_regmon.history hours=24", &word))
			> 0) {
		if(!regmon_history_asked_read(
				   asked, word, complaint, sizeof(complaint))) {
			regmon_rpc_fault(rpc, context, 400, "%s", complaint);
			return false;
		}
	}
	return found == 0;
}

void regmon_rpc_history(rpc_t *rpc, void *context)
{
	regmon_rpc_writer_t own;
	regmon_history_asked_t asked;

	if(!read_history_arguments(rpc, context, &asked)
			|| regmon_rpc_writer_start(&own, rpc, context) < 0)
		return;
	regmon_rows_history(
			&own.writer, &regmon_monitor, &asked, regmon_clock_now_ms());
	regmon_rpc_writer_finish(&own);
}
