/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of phones and of rules: their arguments. */
#include "show/rpc_lists.h"

#include "show/pages.h"
#include "show/rpc_arguments.h"
#include "show/rpc_writer.h"

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
			regmon_rpc_fault(rpc, context, 400, "%s", complaint);
			return false;
		}
	}
	return found == 0;
}

void regmon_rpc_list(rpc_t *rpc, void *context)
{
	regmon_list_filter_t filter;
	regmon_rpc_writer_t own;
	regmon_refusal_t refusal;
	regmon_page_t page;

	if(!read_filter(rpc, context, &filter))
		return;
	if(!regmon_page_read(&filter, &page, &refusal)) {
		rpc->fault(context, refusal.code, "%s", refusal.text);
		return;
	}
	if(regmon_rpc_writer_start(&own, rpc, context) == 0) {
		regmon_page_write(&own.writer, &page, regmon_clock_now_ms());
		regmon_rpc_writer_finish(&own);
	}
	regmon_page_free(&page);
}

/* limit, cursor and one word */
static bool read_rules_arguments(rpc_t *rpc, void *context, str *ret_word,
		regmon_list_filter_t *paging)
{
	regmon_refusal_t refusal;
	char complaint[240];
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
			regmon_rpc_fault(rpc, context, 400, "%s", complaint);
			return false;
		}
	}
	if(found < 0)
		return false;
	if(regmon_rules_word_check(*ret_word, &refusal))
		return true;
	rpc->fault(context, refusal.code, "%s", refusal.text);
	return false;
}

void regmon_rpc_rules(rpc_t *rpc, void *context)
{
	regmon_list_filter_t paging;
	regmon_rpc_writer_t own;
	str word;

	if(!read_rules_arguments(rpc, context, &word, &paging)
			|| regmon_rpc_writer_start(&own, rpc, context) < 0)
		return;
	regmon_rules_write(&own.writer, word, paging.limit, paging.cursor);
	regmon_rpc_writer_finish(&own);
}
