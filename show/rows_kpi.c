/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures by TS 32.409 and RFC 6076; doc/kpi.md tells each formula. */
#include "show/rows.h"

#include <stdio.h>

#include "diagnosis/diagnosis.h"

static const struct kind
{
	regmon_attempt_kind_t kind;
	const char *name, *title;
} kinds[] = {{REGMON_ATTEMPT_INITIAL, "initial", "initial registration"},
		{REGMON_ATTEMPT_REFRESH, "re_registration", "re-registration"},
		{REGMON_ATTEMPT_DEREGISTER, "de_registration",
				"de-registration by the phone"},
		{REGMON_ATTEMPT_THIRD_PARTY, "third_party", "third-party registration"},
		{REGMON_ATTEMPT_UNKNOWN, "unknown_before_start",
				"begun before this node started"},
		{REGMON_ATTEMPT_QUERY, "query", "query of the bindings"}};

bool regmon_kpi_access_read(
		str name, int *ret_access, char *complaint, int size)
{
	unsigned i;
	int used;

	if(regmon_text_is_nocase(name, REGMON_TEXT("LTE"))) {
		*ret_access = REGMON_ACCESS_E_UTRAN;
		return true;
	}
	for(i = 0; i < REGMON_ACCESS_KINDS_N; i++) {
		const char *known = regmon_access_name((regmon_access_t)i);

		if(regmon_text_is_nocase(
				   name, (str){(char *)known, (int)strlen(known)})) {
			*ret_access = (int)i;
			return true;
		}
	}
	used = snprintf(complaint, size, "no access type %.*s; one of LTE",
			name.len < 20 ? name.len : 20, name.s);
	for(i = 0; i < REGMON_ACCESS_KINDS_N && used < size; i++)
		used += snprintf(complaint + used, size - used, ", %s",
				regmon_access_name((regmon_access_t)i));
	return false;
}

/* ---- failures ---- */

static void write_codes_line(
		regmon_writer_t *writer, const regmon_kpi_cell_t *cell)
{
	char line[600];
	unsigned i;
	int used = 0;

	for(i = 0; i < REGMON_CODES_N && used < (int)sizeof(line); i++) {
		if(cell->by_code[i] == 0)
			continue;
		if(i == REGMON_CODE_OTHER)
			used += snprintf(line + used, sizeof(line) - used, "%sother %llu",
					used ? ", " : "", (unsigned long long)cell->by_code[i]);
		else
			used += snprintf(line + used, sizeof(line) - used, "%s%u %s %llu",
					used ? ", " : "", i + REGMON_CODES_FIRST,
					regmon_code_reason((int)i + REGMON_CODES_FIRST),
					(unsigned long long)cell->by_code[i]);
	}
	if(used)
		regmon_write_words(writer, "refused with", line);
}

static void write_codes(regmon_writer_t *writer, const regmon_kpi_cell_t *cell)
{
	const char *reason;
	unsigned i, code;

	writer->open_list(writer, "by_code");
	for(i = 0; i < REGMON_CODES_N; i++) {
		if(cell->by_code[i] == 0 || writer->room(writer) < REGMON_ROOM_ROW)
			continue;
		code = i == REGMON_CODE_OTHER ? 0 : i + REGMON_CODES_FIRST;
		reason = regmon_code_reason((int)code);
		writer->open_struct(writer, NULL);
		writer->number(writer, "code", code);
		if(reason[0])
			regmon_write_words(writer, "reason", reason);
		writer->number(writer, "failures", (int64_t)cell->by_code[i]);
		writer->close_struct(writer);
	}
	writer->close_list(writer);
}

static void write_causes_line(
		regmon_writer_t *writer, const regmon_kpi_cell_t *cell)
{
	char line[600];
	unsigned i;
	int used = 0;

	for(i = 0; i < regmon_causes_n() && used < (int)sizeof(line); i++)
		if(cell->by_cause[i])
			used += snprintf(line + used, sizeof(line) - used, "%s%s %llu",
					used ? ", " : "", regmon_cause_at(i)->id,
					(unsigned long long)cell->by_cause[i]);
	if(used)
		regmon_write_words(writer, "first cause", line);
}

static void write_causes(regmon_writer_t *writer, const regmon_kpi_cell_t *cell)
{
	unsigned i;

	writer->open_list(writer, "by_cause");
	for(i = 0; i < regmon_causes_n(); i++) {
		if(cell->by_cause[i] == 0)
			continue;
		writer->open_struct(writer, NULL);
		regmon_write_words(writer, "cause", regmon_cause_at(i)->id);
		writer->number(writer, "failures", (int64_t)cell->by_cause[i]);
		writer->close_struct(writer);
	}
	writer->close_list(writer);
}

/* ---- one kind of attempt ---- */

static uint64_t by_result(const regmon_kpi_cell_t *cell, regmon_result_t result)
{
	return cell->by_result[result];
}

static void write_percent(regmon_writer_t *writer, const char *name,
		uint64_t part, uint64_t whole)
{
	/* undefined without a denominator: not written */
	if(whole)
		writer->real(writer, name, regmon_percent(part, whole));
}

static void write_kind_lines(regmon_writer_t *writer, const char *title,
		const regmon_kpi_cell_t *cell, uint64_t opened)
{
	uint64_t ended = regmon_kpi_ended(cell);
	char before[48] = "";

	if(ended == 0 && opened == 0)
		return;
	writer->open_struct(writer, title);
	if(opened)
		snprintf(before, sizeof(before), "%llu opened, ",
				(unsigned long long)opened);
	if(ended)
		regmon_write_format(writer, "attempts",
				"%s%llu ended: %llu succeeded (%.1f%%), %llu failed", before,
				(unsigned long long)ended, (unsigned long long)cell->successes,
				regmon_percent(cell->successes, ended),
				(unsigned long long)regmon_kpi_failures(cell));
	else
		regmon_write_format(writer, "attempts", "%snone has ended", before);
	if(regmon_kpi_failures(cell))
		regmon_write_format(writer, "failed",
				"%llu refused, %llu silent after their challenge, %llu without "
				"an answer, %llu given up for a new one",
				(unsigned long long)by_result(cell, REGMON_RESULT_REFUSED),
				(unsigned long long)by_result(cell, REGMON_RESULT_SILENT),
				(unsigned long long)by_result(cell, REGMON_RESULT_UNANSWERED),
				(unsigned long long)by_result(cell, REGMON_RESULT_SUPERSEDED));
	write_codes_line(writer, cell);
	write_causes_line(writer, cell);
	regmon_write_histogram(writer, "set-up time", &cell->setup);
	regmon_write_histogram(writer, "without the phone", &cell->network);
	writer->close_struct(writer);
}

static void write_kind(regmon_writer_t *writer, const char *name,
		const regmon_kpi_cell_t *cell, uint64_t opened, bool opened_known)
{
	uint64_t ended = regmon_kpi_ended(cell);

	writer->open_struct(writer, name);
	if(opened_known)
		writer->number(writer, "attempts", (int64_t)opened);
	writer->number(writer, "ended", (int64_t)ended);
	writer->number(writer, "successes", (int64_t)cell->successes);
	writer->number(writer, "failures", (int64_t)regmon_kpi_failures(cell));
	write_percent(writer, "success_percent", cell->successes, ended);
	writer->number(
			writer, "refused", (int64_t)by_result(cell, REGMON_RESULT_REFUSED));
	writer->number(writer, "silent_after_challenge",
			(int64_t)by_result(cell, REGMON_RESULT_SILENT));
	writer->number(writer, "no_answer",
			(int64_t)by_result(cell, REGMON_RESULT_UNANSWERED));
	writer->number(writer, "superseded",
			(int64_t)by_result(cell, REGMON_RESULT_SUPERSEDED));
	writer->number(writer, "ineffective", (int64_t)cell->ineffective);
	writer->number(writer, "registers", (int64_t)cell->registers);
	writer->number(writer, "retransmissions", (int64_t)cell->retransmissions);
	write_codes(writer, cell);
	write_causes(writer, cell);
	regmon_write_histogram(writer, "setup_time", &cell->setup);
	regmon_write_histogram(writer, "network_time", &cell->network);
	writer->close_struct(writer);
}

static void write_kinds(
		regmon_writer_t *writer, const regmon_kpi_t *kpi, bool opened_known)
{
	unsigned i;

	for(i = 0; i < REGMON_COUNT(kinds); i++) {
		const regmon_kpi_cell_t *cell = &kpi->kinds[kinds[i].kind];
		uint64_t opened = opened_known ? kpi->opened[kinds[i].kind] : 0;

		if(writer->for_eyes)
			write_kind_lines(writer, kinds[i].title, cell, opened);
		else
			write_kind(writer, kinds[i].name, cell, opened, opened_known);
	}
}

/* ---- all kinds together ---- */

/* RFC 6076 4.2: by the letter, of all REGISTERs; and of attempts, each of which takes two REGISTERs as a rule. */
static void write_ineffective(
		regmon_writer_t *writer, const regmon_kpi_cell_t *all)
{
	uint64_t ended = regmon_kpi_ended(all);

	if(writer->for_eyes) {
		if(all->registers)
			regmon_write_format(writer, "ineffective (IRA)",
					"%llu: %.2f%% of %llu REGISTER%s, %.2f%% of %llu attempt%s",
					(unsigned long long)all->ineffective,
					regmon_percent(all->ineffective, all->registers),
					(unsigned long long)all->registers,
					regmon_plural(all->registers),
					regmon_percent(all->ineffective, ended),
					(unsigned long long)ended, regmon_plural(ended));
		return;
	}
	writer->open_struct(writer, "ira");
	writer->number(writer, "ineffective", (int64_t)all->ineffective);
	writer->number(writer, "registers", (int64_t)all->registers);
	writer->number(writer, "attempts", (int64_t)ended);
	write_percent(writer, "ira_percent", all->ineffective, all->registers);
	write_percent(writer, "of_attempts_percent", all->ineffective, ended);
	writer->close_struct(writer);
}

static void write_aka(regmon_writer_t *writer, const regmon_kpi_cell_t *all)
{
	double each = all->challenged_successes
						  ? (double)all->challenges
									/ (double)all->challenged_successes
						  : 0;

	if(writer->for_eyes) {
		if(all->challenged == 0)
			return;
		regmon_write_format(writer, "challenges",
				"%llu 401%s in %llu attempt%s, %llu of which succeeded (%.2f for "
				"each); new SQN asked for in %llu (%.1f%%), AUTN refused in "
				"%llu; answered after more than 5 s: %llu",
				(unsigned long long)all->challenges,
				regmon_plural(all->challenges),
				(unsigned long long)all->challenged,
				regmon_plural(all->challenged),
				(unsigned long long)all->challenged_successes, each,
				(unsigned long long)all->resynced,
				regmon_percent(all->resynced, all->challenged),
				(unsigned long long)all->mac_failed,
				(unsigned long long)all->late_answers);
		return;
	}
	writer->open_struct(writer, "aka");
	writer->number(writer, "challenged", (int64_t)all->challenged);
	writer->number(
			writer, "challenged_successes", (int64_t)all->challenged_successes);
	writer->number(writer, "challenges", (int64_t)all->challenges);
	if(all->challenged_successes)
		writer->real(writer, "challenges_per_success", each);
	writer->number(writer, "resynced", (int64_t)all->resynced);
	write_percent(writer, "resync_percent", all->resynced, all->challenged);
	writer->number(writer, "mac_failed", (int64_t)all->mac_failed);
	writer->number(writer, "answers", (int64_t)all->answers);
	writer->number(writer, "late_answers", (int64_t)all->late_answers);
	writer->close_struct(writer);
}

static void write_by_access(
		regmon_writer_t *writer, const regmon_monitor_t *monitor)
{
	static regmon_kpi_cell_t cell;
	unsigned access;
	uint64_t ended;
	char p95[24];

	writer->open_list(writer, writer->for_eyes
									  ? "initial registrations by access type"
									  : "by_access");
	for(access = 0; access < REGMON_ACCESS_KINDS_N; access++) {
		const char *name = regmon_access_name((regmon_access_t)access);

		regmon_kpi_read_cell(monitor->measure, REGMON_ATTEMPT_INITIAL,
				(regmon_access_t)access, &cell);
		ended = regmon_kpi_ended(&cell);
		if(ended == 0)
			continue;
		if(writer->for_eyes) {
			regmon_print_bound(
					regmon_histogram_percentile(&cell.setup, 95), p95);
			regmon_write_format(writer, NULL,
					"%-10s %7llu ended, %5.1f%% succeeded%s%s", name,
					(unsigned long long)ended,
					regmon_percent(cell.successes, ended),
					cell.successes ? ", 95% " : "", cell.successes ? p95 : "");
			continue;
		}
		writer->open_struct(writer, NULL);
		regmon_write_words(writer, "access", name);
		writer->number(writer, "ended", (int64_t)ended);
		writer->number(writer, "successes", (int64_t)cell.successes);
		writer->number(writer, "failures", (int64_t)regmon_kpi_failures(&cell));
		write_percent(writer, "success_percent", cell.successes, ended);
		regmon_write_percentile(writer, "p95_ms", &cell.setup, 95);
		writer->close_struct(writer);
	}
	writer->close_list(writer);
}

/* ---- users, and weeks ---- */

void regmon_rows_users(regmon_writer_t *writer, const regmon_monitor_t *monitor,
		unsigned bindings, int64_t now_ms)
{
	regmon_users_t users;
	char at[REGMON_MOMENT_LENGTH];

	regmon_users_read(monitor->measure, &users);
	if(writer->for_eyes) {
		if(users.at_ms == 0)
			regmon_write_format(writer, "registered users",
					"%u binding%s; identities are not counted yet", bindings,
					regmon_plural(bindings));
		else
			regmon_write_format(writer, "registered users",
					"%u binding%s; public identities: %u, private: %s%u, "
					"counted %s",
					bindings, regmon_plural(bindings), users.public_identities,
					users.estimated ? "about " : "", users.private_identities,
					regmon_print_moment(users.at_ms, now_ms, at));
		return;
	}
	writer->open_struct(writer, "registered_users");
	writer->number(writer, "bindings", bindings);
	if(users.at_ms) {
		writer->number(writer, "public_identities", users.public_identities);
		writer->number(writer, "private_identities", users.private_identities);
		regmon_write_yes_no(
				writer, "private_identities_estimated", users.estimated);
		regmon_write_moment(writer, "counted", users.at_ms, now_ms);
	}
	writer->close_struct(writer);
}

static void write_hour(regmon_writer_t *writer, const char *name,
		const char *title, const regmon_period_t *hour, int64_t now_ms)
{
	regmon_sums_t sums = {0};
	char at[REGMON_MOMENT_LENGTH], p95[24];
	int64_t begin_ms = hour->number * INT64_C(3600000);

	regmon_sums_add(&sums, hour);
	if(writer->for_eyes) {
		regmon_print_bound(regmon_histogram_percentile(&sums.delays, 95), p95);
		if(sums.ended == 0)
			regmon_write_format(writer, title, "from %s: no attempt ended",
					regmon_print_at(begin_ms, now_ms, at));
		else
			regmon_write_format(writer, title,
					"from %s: %llu ended, %.1f%% succeeded%s%s",
					regmon_print_at(begin_ms, now_ms, at),
					(unsigned long long)sums.ended,
					regmon_percent(sums.succeeded, sums.ended),
					sums.initial_succeeded ? ", 95% of set-ups " : "",
					sums.initial_succeeded ? p95 : "");
		return;
	}
	writer->open_struct(writer, name);
	regmon_write_moment(writer, "from", begin_ms, now_ms);
	writer->number(writer, "ended", (int64_t)sums.ended);
	writer->number(writer, "succeeded", (int64_t)sums.succeeded);
	writer->number(writer, "failed", (int64_t)sums.failed);
	write_percent(writer, "success_percent", sums.succeeded, sums.ended);
	writer->number(
			writer, "initial_succeeded", (int64_t)sums.initial_succeeded);
	writer->number(writer, "initial_failed", (int64_t)sums.initial_failed);
	regmon_write_percentile(writer, "p95_ms", &sums.delays, 95);
	writer->close_struct(writer);
}

/* The last whole hour beside the same one a day and a week before. */
static void write_week(regmon_writer_t *writer, const regmon_monitor_t *monitor,
		int64_t now_ms)
{
	static regmon_period_t hours[REGMON_WINDOW_HOURS];
	const regmon_period_t *last = &hours[REGMON_WINDOW_HOURS - 2];

	regmon_hours_read(monitor->measure, now_ms, REGMON_WINDOW_HOURS, hours);
	writer->open_struct(
			writer, writer->for_eyes ? "the last whole hour" : "last_hours");
	write_hour(writer, "last", "last", last, now_ms);
	write_hour(writer, "day_before", "a day before", last - 24, now_ms);
	write_hour(writer, "week_before", "a week before", last - 7 * 24, now_ms);
	writer->close_struct(writer);
}

void regmon_rows_kpi(regmon_writer_t *writer, const regmon_monitor_t *monitor,
		int access, int64_t now_ms)
{
	/* a process answers one question at a time */
	static regmon_kpi_t kpi;
	regmon_table_numbers_t numbers;
	bool is_all = access == REGMON_ALL_ACCESS;

	regmon_kpi_read(monitor->measure, access, &kpi);
	regmon_write_words(writer, "measured",
			"at this node: from the arrival of a REGISTER to the leaving of "
			"its answer");
	regmon_write_moment(writer, "since", monitor->started_ms, now_ms);
	regmon_write_words(writer, "access",
			is_all ? "all" : regmon_access_name((regmon_access_t)access));
	write_kinds(writer, &kpi, is_all);
	write_ineffective(writer, &kpi.all);
	write_aka(writer, &kpi.all);
	if(kpi.lost)
		writer->number(writer, "not_counted", (int64_t)kpi.lost);
	if(!is_all)
		return;
	if(kpi.network_deregistrations || !writer->for_eyes)
		writer->number(writer, "de_registrations_by_network",
				(int64_t)kpi.network_deregistrations);
	regmon_table_count(monitor->table, &numbers);
	regmon_rows_users(writer, monitor, numbers.bound, now_ms);
	write_by_access(writer, monitor);
	write_week(writer, monitor, now_ms);
}
