/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profiles: which one is in force, and what they come to. */
#include "show/rows.h"

static void write_list(
		regmon_writer_t *writer, const char *name, const str *list, unsigned n)
{
	unsigned i;

	if(n == 0)
		return;
	writer->open_list(writer, name);
	for(i = 0; i < n; i++)
		writer->text(writer, NULL, list[i]);
	writer->close_list(writer);
}

static void write_counts(regmon_writer_t *writer, const regmon_plan_t *plan)
{
	unsigned of_severity[REGMON_ERROR + 1] = {0}, of_mode[REGMON_MODES_N] = {0};
	unsigned i;

	for(i = 0; i < REGMON_MAX_RULES; i++) {
		regmon_severity_t severity = regmon_plan_severity(plan, i);

		/* an own rule that is off here is one of other profiles, as a rule */
		if(regmon_rule_at(i) == NULL
				|| (i >= REGMON_OWN_FIRST && severity == REGMON_OFF))
			continue;
		of_severity[severity]++;
		if(severity != REGMON_OFF)
			of_mode[regmon_plan_mode(plan, i)]++;
	}
	if(writer->for_eyes) {
		regmon_write_format(writer, "rules",
				"%u errors, %u warnings, %u notes, %u off",
				of_severity[REGMON_ERROR], of_severity[REGMON_WARNING],
				of_severity[REGMON_NOTE], of_severity[REGMON_OFF]);
	} else {
		writer->number(writer, "errors", of_severity[REGMON_ERROR]);
		writer->number(writer, "warnings", of_severity[REGMON_WARNING]);
		writer->number(writer, "notes", of_severity[REGMON_NOTE]);
		writer->number(writer, "off", of_severity[REGMON_OFF]);
	}
	if(of_mode[REGMON_MODE_SHADOW] || !writer->for_eyes)
		writer->number(writer, "shadow", of_mode[REGMON_MODE_SHADOW]);
	if(of_mode[REGMON_MODE_ENFORCE] || !writer->for_eyes)
		writer->number(writer, "enforce", of_mode[REGMON_MODE_ENFORCE]);
}

static void write_expected(
		regmon_writer_t *writer, const regmon_expectations_t *expected)
{
	write_list(writer, "home_domains", expected->home_domains,
			expected->home_domains_n);
	write_list(writer, "digest_algorithms", expected->digests,
			expected->digests_n);
	write_list(
			writer, "integrity_algorithms", expected->algs, expected->algs_n);
	write_list(writer, "encryption_algorithms", expected->ealgs,
			expected->ealgs_n);
	if(expected->min_expires_s > 0)
		writer->number(writer, "min_expires", expected->min_expires_s);
	if(expected->max_expires_s > 0)
		writer->number(writer, "max_expires", expected->max_expires_s);
}

static void write_own(
		regmon_writer_t *writer, const regmon_profiles_t *profiles, int profile)
{
	unsigned i, n = 0;

	for(i = 0; i < REGMON_MAX_OWN_RULES; i++) {
		const regmon_own_rule_t *own = &profiles->own[i];

		if(!own->loaded
				|| !regmon_profile_inherits(profiles, profile, own->profile))
			continue;
		if(n++ == 0)
			writer->open_list(writer, "own_rules");
		regmon_write_words(writer, NULL, own->id);
	}
	if(n > 0)
		writer->close_list(writer);
}

static unsigned exceptions_of(const regmon_profiles_t *profiles, int profile)
{
	unsigned i, n = 0;

	for(i = 0; i < profiles->exceptions_n; i++)
		n += regmon_profile_inherits(
				profiles, profile, profiles->exceptions[i].profile);
	return n;
}

static void write_profile(
		regmon_writer_t *writer, const regmon_rulebook_t *book, unsigned index)
{
	const regmon_profiles_t *profiles = book->profiles;
	const regmon_profile_t *profile = &profiles->profiles[index];
	regmon_profile_effect_t effect;
	unsigned i, exceptions = exceptions_of(profiles, index);

	regmon_profile_effect(profiles, index, &effect);
	writer->open_struct(writer, NULL);
	regmon_write_words(writer, "name", profile->name);
	regmon_write_yes_no(writer, "in_force", index == book->chosen);
	if(profile->parent >= 0)
		regmon_write_words(
				writer, "parent", profiles->profiles[profile->parent].name);
	if(profile->built_in)
		regmon_write_words(writer, "from", "built in");
	else
		regmon_write_format(writer, "from", "%s:%u", book->file, profile->line);
	regmon_write_text_if(writer, "description", profile->description);
	write_counts(writer, book->plans[index]);
	for(i = 0; i < REGMON_THRESHOLDS_N; i++) {
		if(effect.thresholds[i] > 0)
			writer->number(
					writer, regmon_threshold_name(i), effect.thresholds[i]);
	}
	write_expected(writer, &effect.expected);
	if(exceptions || !writer->for_eyes)
		writer->number(writer, "exceptions", exceptions);
	write_own(writer, profiles, index);
	writer->close_struct(writer);
}

void regmon_rows_profiles(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, int only, int64_t now_ms)
{
	const regmon_rulebook_t *book = monitor->rulebook;
	unsigned i;

	writer->text(writer, "in_force", monitor->profile);
	if(book->file[0])
		regmon_write_words(writer, "file", book->file);
	regmon_write_moment(writer, "loaded", book->loaded_ms, now_ms);
	writer->open_list(writer, "profiles");
	for(i = 0; i < book->profiles->profiles_n; i++) {
		if(only < 0 || (unsigned)only == i)
			write_profile(writer, book, i);
	}
	writer->close_list(writer);
}
