/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles from the file into force: at the start and by RPC. Understanding them is in rules/. */
#include "core/cfg/cfg.h"
#include "core/cfg/cfg_ctx.h"
#include "core/dprint.h"

#include <stdio.h>
#include <stdlib.h>

#include "hooks/hooks.h"
#include "show/monitor.h"

static regmon_rulebook_t *make_book(
		const regmon_rulebook_t *previous, regmon_complaint_t *complaint)
{
	regmon_file_t wanted = {.path = regmon_parameter_profile_file,
			.most = REGMON_PROFILE_FILE_MOST};
	regmon_rulebook_orders_t orders;
	regmon_rulebook_t *book;
	char *bytes = NULL;

	regmon_parameters_orders(&orders);
	orders.now_ms = regmon_clock_now_ms();
	if(wanted.path != NULL) {
		orders.file = wanted.path;
		if(regmon_file_read(&wanted, &bytes, &orders.length, complaint) < 0)
			return NULL;
		orders.bytes = bytes;
	}
	book = regmon_rulebook_make(&orders, previous, complaint);
	free(bytes);
	return book;
}

static const char *more_of(const regmon_complaint_t *complaint, char buffer[32])
{
	buffer[0] = '\0';
	if(complaint->more > 0)
		snprintf(buffer, 32, " (and %u more)", complaint->more);
	return buffer;
}

/* ---- thresholds: a profile may set them, cfg.set may change them ---- */

static cfg_ctx_t *cfg_context;

/* Only what the new profile changes: what an operator has set by hand since stays. */
static void change_thresholds(
		const regmon_rulebook_t *old, const regmon_rulebook_t *book)
{
	int before[REGMON_THRESHOLDS_N], now[REGMON_THRESHOLDS_N];
	str group = str_init("ims_regmon");
	unsigned i;

	regmon_parameters_thresholds(old->thresholds, before);
	regmon_parameters_thresholds(book->thresholds, now);
	for(i = 0; i < REGMON_THRESHOLDS_N; i++) {
		const char *name = regmon_threshold_name(i);
		str variable = {(char *)name, (int)strlen(name)};

		if(before[i] != now[i]
				&& cfg_set_now_int(
						   cfg_context, &group, NULL, &variable, now[i])
						   != 0)
			LM_ERR("the threshold %s stays as it was: Kamailio refused %d\n",
					name, now[i]);
	}
}

/* ---- start and reload ---- */

static int reload(regmon_complaint_t *ret_complaint)
{
	const regmon_rulebook_t *old =
			regmon_rulebooks_begin(regmon_monitor.rulebooks);
	regmon_rulebook_t *book = make_book(old, ret_complaint);
	char more[32];

	if(book != NULL)
		change_thresholds(old, book);
	regmon_rulebooks_end(regmon_monitor.rulebooks, book);
	if(book == NULL) {
		LM_ERR("the profiles stay as they are: %s%s\n", ret_complaint->text,
				more_of(ret_complaint, more));
		return -1;
	}
	regmon_monitor_refresh();
	LM_NOTICE("profiles read again: '%.*s' in force, %u known\n",
			regmon_monitor.profile.len, regmon_monitor.profile.s,
			regmon_monitor.rulebook->profiles->profiles_n);
	return 0;
}

int regmon_rules_load(void)
{
	regmon_complaint_t complaint;
	regmon_rulebook_t *book;
	char more[32];

	if(regmon_file_check_path("profile_file", &regmon_parameter_profile_file)
			< 0)
		return -1;
	book = make_book(NULL, &complaint);
	if(book == NULL) {
		LM_ERR("profiles: %s%s\n", complaint.text, more_of(&complaint, more));
		return -1;
	}
	regmon_monitor.rulebooks = regmon_rulebooks_make(book);
	if(regmon_monitor.rulebooks == NULL
			|| cfg_register_ctx(&cfg_context, NULL) < 0) {
		if(regmon_monitor.rulebooks == NULL)
			regmon_rulebook_free(book);
		LM_ERR("no shared memory for the profiles\n");
		return -1;
	}
	regmon_monitor_use(book);
	regmon_monitor.reload = reload;
	regmon_parameters_thresholds(
			book->thresholds, (int *)&regmon_parameter_thresholds);
	return 0;
}
