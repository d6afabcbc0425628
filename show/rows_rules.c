/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The catalogue of rules: a row, and all of one rule. */
#include "show/rows.h"

#include <stdio.h>

/* "warning", or "warning (default error)" where the operator changed it */
static void print_severity(const regmon_monitor_t *monitor,
		regmon_rule_index_t index, char *buffer, int size)
{
	const regmon_rule_t *rule = regmon_rule_at(index);
	regmon_severity_t now = regmon_plan_severity(monitor->plan, index);

	if(now == rule->severity)
		snprintf(buffer, size, "%s", regmon_severity_name(now));
	else
		snprintf(buffer, size, "%s (default %s)", regmon_severity_name(now),
				regmon_severity_name(rule->severity));
}

void regmon_rows_rule_row(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, regmon_rule_index_t index)
{
	const regmon_rule_t *rule = regmon_rule_at(index);
	char severity[40];

	if(writer->for_eyes) {
		print_severity(monitor, index, severity, sizeof(severity));
		regmon_write_format(writer, NULL, "%-8s %-8s %-28s %s", rule->id,
				severity, rule->name, rule->text);
		return;
	}
	writer->open_struct(writer, NULL);
	regmon_write_words(writer, "id", rule->id);
	regmon_write_words(writer, "name", rule->name);
	regmon_write_words(writer, "header", rule->header);
	regmon_write_words(writer, "severity",
			regmon_severity_name(regmon_plan_severity(monitor->plan, index)));
	regmon_write_words(
			writer, "default_severity", regmon_severity_name(rule->severity));
	regmon_write_words(writer, "text", rule->text);
	writer->close_struct(writer);
}

static void write_legs(regmon_writer_t *writer, unsigned legs)
{
	char buffer[80] = "";
	unsigned bit;
	int used = 0;

	for(bit = 1; bit <= REGMON_LEG_AC; bit <<= 1)
		if((legs & bit) && used < (int)sizeof(buffer))
			used += snprintf(buffer + used, sizeof(buffer) - used, "%s%s",
					used ? ", " : "", regmon_leg_name(bit));
	regmon_write_words(writer, "legs", buffer);
}

static void write_if(
		regmon_writer_t *writer, const char *name, const char *value)
{
	if(value && value[0])
		regmon_write_words(writer, name, value);
}

/* What is done about it, and how often that was, or would have been. */
static void write_guard(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, regmon_rule_index_t index)
{
	regmon_mode_t mode = regmon_plan_mode(monitor->plan, index);
	unsigned long shadow = 0, enforced = 0;

	if(monitor->tally != NULL) {
		shadow = regmon_tally_shadow_of(monitor->tally, index);
		enforced = regmon_tally_enforced_of(monitor->tally, index);
	}
	regmon_write_words(writer, "mode", regmon_mode_name(mode));
	if(mode == REGMON_MODE_SHADOW || shadow > 0)
		writer->number(writer, "broken_in_shadow", (int64_t)shadow);
	if(mode == REGMON_MODE_ENFORCE || enforced > 0)
		writer->number(writer, "refused", (int64_t)enforced);
}

void regmon_rows_rule(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, regmon_rule_index_t index)
{
	const regmon_rule_t *rule = regmon_rule_at(index);

	writer->open_struct(writer, NULL);
	regmon_write_words(writer, "id", rule->id);
	regmon_write_words(writer, "name", rule->name);
	regmon_write_words(writer, "header", rule->header);
	regmon_write_words(writer, "severity",
			regmon_severity_name(regmon_plan_severity(monitor->plan, index)));
	regmon_write_words(
			writer, "default_severity", regmon_severity_name(rule->severity));
	regmon_write_words(writer, "level", regmon_level_name(rule->level));
	regmon_write_words(
			writer, "confidence", regmon_confidence_name(rule->confidence));
	regmon_write_words(writer, "clause", rule->clause);
	write_legs(writer, rule->legs);
	regmon_write_words(writer, "text", rule->text);
	write_if(writer, "cause", rule->cause);
	write_if(writer, "inspect", rule->inspect);
	write_if(writer, "next_step", rule->next_step);
	if(rule->answer)
		writer->number(writer, "answer", rule->answer);
	write_guard(writer, monitor, index);
	write_if(writer, "implies", rule->implies);
	regmon_write_yes_no(writer, "ims_only", rule->ims_only);
	regmon_write_words(writer, "compares_with",
			rule->broken_since ? "earlier messages of the phone"
			: rule->unexpected ? "what the operator configured"
							   : "the message alone");
	if(rule->unreachable)
		regmon_write_words(writer, "note",
				"Kamailio drops such a message before any module sees it");
	writer->close_struct(writer);
}
