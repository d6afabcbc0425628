/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims_regmon.profiles and ims_regmon.reload: what the profiles are, and reading them anew. */
#include "show/rpc_profiles.h"

#include "show/monitor.h"
#include "show/rows.h"
#include "show/rpc_arguments.h"
#include "show/rpc_writer.h"

const char *regmon_profiles_doc[] = {
		"[NAME]: the profiles, which one is in force, and what they come to.", 0};
const char *regmon_reload_doc[] = {
		"Reads profile_file again; the old profiles stay when it is wrong.", 0};

void regmon_rpc_profiles(rpc_t *rpc, void *context)
{
	const regmon_rulebook_t *book;
	regmon_rpc_writer_t own;
	int found, only = -1;
	char known[90];
	str word;

	regmon_monitor_refresh();
	book = regmon_monitor.rulebook;
	found = regmon_rpc_word(rpc, context, "ims_regmon.profiles volte", &word);
	if(found < 0)
		return;
	if(found > 0 && (only = regmon_profile_find(book->profiles, word)) < 0) {
		regmon_profile_names(book->profiles, known, sizeof(known));
		regmon_rpc_fault(
				rpc, context, 404, "no such profile; known: %s", known);
		return;
	}
	if(regmon_rpc_writer_start(&own, rpc, context) < 0)
		return;
	book = regmon_monitor.rulebook; /* another one perhaps since */
	only = found > 0 ? regmon_profile_find(book->profiles, word) : -1;
	regmon_rows_profiles(
			&own.writer, &regmon_monitor, only, regmon_clock_now_ms());
	regmon_rpc_writer_finish(&own);
}

/* jsonrpcs keeps 127 bytes of a fault: the folder of the file is in the log */
static const char *without_folder(const regmon_complaint_t *complaint)
{
	const char *file = regmon_monitor.rulebook->file, *slash;
	size_t length = strlen(file);

	if(length == 0 || strncmp(complaint->text, file, length) != 0)
		return complaint->text;
	slash = strrchr(file, '/');
	return complaint->text + (slash ? slash + 1 - file : 0);
}

void regmon_rpc_reload(rpc_t *rpc, void *context)
{
	regmon_complaint_t complaint;
	regmon_rpc_writer_t own;

	if(regmon_monitor.reload(&complaint) < 0) {
		if(complaint.more > 0)
			regmon_rpc_fault(rpc, context, 400, "%s (and %u more)",
					without_folder(&complaint), complaint.more);
		else
			regmon_rpc_fault(
					rpc, context, 400, "%s", without_folder(&complaint));
		return;
	}
	if(regmon_rpc_writer_start(&own, rpc, context) < 0)
		return;
	own.writer.text(&own.writer, "in_force", regmon_monitor.profile);
	own.writer.number(&own.writer, "profiles",
			regmon_monitor.rulebook->profiles->profiles_n);
	regmon_write_words(&own.writer, "file",
			regmon_monitor.rulebook->file[0] ? regmon_monitor.rulebook->file
											 : "none: built-in profiles only");
	regmon_rpc_writer_finish(&own);
}
