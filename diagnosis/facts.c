/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times and numbers in words, evidence lines, and readings of the timeline that several families need. */
#include "diagnosis/facts.h"

#include <stdarg.h>
#include <stdio.h>

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

static int utc_offset;
static int64_t seen_from_ms;

void regmon_facts_seen_from(int64_t now_ms)
{
	seen_from_ms = now_ms;
}

void regmon_set_utc_offset(int utc_offset_s)
{
	utc_offset = utc_offset_s;
}

void regmon_print_time(int64_t at_ms, int utc_offset_s, char *buffer)
{
	/* the remainder first: no time, however broken, overflows */
	int64_t of_day = (at_ms % DAY_MS + utc_offset_s % 86400 * SECOND_MS) % DAY_MS;
	unsigned day_ms = (unsigned)(of_day < 0 ? of_day + DAY_MS : of_day);

	snprintf(buffer, 16, "%02u:%02u:%02u.%03u", day_ms / 3600000 % 24,
			day_ms / 60000 % 60, day_ms / 1000 % 60, day_ms % 1000);
}

/* Day and month of a day number since 1970 (the civil calendar, Euclidean affine functions over a year that begins
 * in March); libc's would need the process' time zone. */
static void print_day(int64_t day, char *buffer, int size)
{
	static const char *const months[] = {"Mar", "Apr", "May", "Jun", "Jul",
			"Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb"};
	int64_t of_era = (day + 719468) % 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096)
				   / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	snprintf(buffer, size, "%s %d ", months[month],
			(int)(of_year - (153 * month + 2) / 5 + 1));
}

const char *regmon_print_at(
		int64_t at_ms, int64_t now_ms, char buffer[REGMON_AT_LENGTH])
{
	const int64_t day = (at_ms / SECOND_MS + utc_offset) / 86400;
	int used;

	buffer[0] = '\0';
	if(at_ms >= 0 && day != (now_ms / SECOND_MS + utc_offset) / 86400)
		print_day(day, buffer, REGMON_AT_LENGTH);
	used = (int)strlen(buffer);
	regmon_print_time(at_ms, utc_offset, buffer + used);
	return buffer;
}

void regmon_print_duration(int64_t duration_ms, char *buffer, int size)
{
	int64_t ms = duration_ms < 0 ? 0 : duration_ms;

	if(size <= 0)
		return;
	if(ms < SECOND_MS)
		snprintf(buffer, size, "%d ms", (int)ms);
	else if(ms < 10 * SECOND_MS)
		snprintf(buffer, size, "%d.%d s", (int)(ms / 1000),
				(int)(ms % 1000 / 100));
	else if(ms < MINUTE_MS)
		snprintf(buffer, size, "%d s", (int)(ms / SECOND_MS));
	else if(ms < HOUR_MS)
		snprintf(buffer, size, "%d min %d s", (int)(ms / MINUTE_MS),
				(int)(ms % MINUTE_MS / SECOND_MS));
	else if(ms < DAY_MS)
		snprintf(buffer, size, "%d h %d min", (int)(ms / HOUR_MS),
				(int)(ms % HOUR_MS / MINUTE_MS));
	else
		snprintf(buffer, size, "%lld d %d h", (long long)(ms / DAY_MS),
				(int)(ms % DAY_MS / HOUR_MS));
}

const char *regmon_at(int64_t at_ms, char buffer[REGMON_PRINT_LENGTH])
{
	return regmon_print_at(at_ms, seen_from_ms, buffer);
}

const char *regmon_at_second(int64_t at_ms, char buffer[REGMON_PRINT_LENGTH])
{
	regmon_print_at(at_ms, seen_from_ms, buffer);
	buffer[strlen(buffer) - 4] = '\0'; /* without .mmm */
	return buffer;
}

const char *regmon_for(int64_t duration_ms, char buffer[REGMON_PRINT_LENGTH])
{
	regmon_print_duration(duration_ms, buffer, REGMON_PRINT_LENGTH);
	return buffer;
}

void regmon_evidence_add(regmon_evidence_t *evidence, const char *format, ...)
{
	va_list arguments;
	char *line;
	int length;

	if(evidence->n >= REGMON_MAX_EVIDENCE)
		return;
	line = evidence->line[evidence->n];
	va_start(arguments, format);
	vsnprintf(line, REGMON_EVIDENCE_LENGTH, format, arguments);
	va_end(arguments);
	length = (int)strlen(line);
	line[regmon_clean_text((str){line, length}, line, length)] = '\0';
	evidence->n++;
}

void regmon_number_list_add(regmon_number_list_t *list, uint32_t number)
{
	int used = (int)strlen(list->text);
	int room = (int)sizeof(list->text) - used;

	list->n++;
	if(list->full)
		return;
	/* 12: a number and its comma; 6: the dots */
	if(room < 12 + 6) {
		snprintf(list->text + used, room, ", ...");
		list->full = true;
		return;
	}
	snprintf(list->text + used, room, "%s%u", used ? ", " : "", number);
}

void regmon_read_core_exchange(const regmon_registration_t *registration,
		int64_t from_ms, int64_t to_ms, regmon_exchange_t *ret_exchange)
{
	const regmon_entry_t *entry;
	int64_t at_ms;
	unsigned i;

	*ret_exchange = (regmon_exchange_t){0};
	for(i = 0; i < registration->timeline_n; i++) {
		entry = regmon_registration_entry(registration, i);
		at_ms = regmon_entry_at_ms(registration, entry);
		if(entry->side != REGMON_SIDE_CORE
				|| (entry->marks & REGMON_MARK_PARALLEL) || at_ms < from_ms
				|| at_ms >= to_ms)
			continue;
		if(entry->kind == REGMON_ENTRY_REQUEST) {
			if(ret_exchange->request == NULL
					|| ret_exchange->request->cseq != entry->cseq)
				ret_exchange->sent = 0;
			ret_exchange->request = entry;
			ret_exchange->answer = NULL;
			ret_exchange->sent++;
		} else if(entry->kind == REGMON_ENTRY_ANSWER && entry->code >= 200
				  && ret_exchange->request
				  && ret_exchange->request->cseq == entry->cseq) {
			ret_exchange->answer = entry;
		}
	}
}

const char *regmon_reason(const regmon_registration_t *registration,
		char buffer[REGMON_IDENTITY_LENGTH + 1])
{
	char room[REGMON_IDENTITY_LENGTH];
	str reason =
			regmon_identity_of(registration, REGMON_IDENTITY_REASON, room);

	memcpy(buffer, reason.s, reason.len);
	buffer[reason.len] = '\0';
	return buffer;
}

bool regmon_reason_has(
		const regmon_registration_t *registration, const char *word)
{
	str reason = regmon_registration_string(registration, REGMON_STRING_REASON);
	int length = (int)strlen(word);

	for(; reason.len >= length; reason.s++, reason.len--)
		if(strncasecmp(reason.s, word, length) == 0)
			return true;
	return false;
}

bool regmon_reason_names_subscription(
		const regmon_registration_t *registration)
{
	static const char *const words[] = {"unknown", "roaming", "qos", "vecto",
			"scheme", "match", "identit", "authorization", "barred",
			"rejected"};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(words); i++)
		if(regmon_reason_has(registration, words[i]))
			return true;
	return false;
}

const regmon_rule_t *regmon_broken_rule(
		const regmon_registration_t *registration, const char *ids)
{
	const regmon_rule_t *rule;
	const char *at;
	unsigned i;
	size_t n;

	for(i = 0; i < REGMON_LAST_FINDINGS && registration->last_findings[i];
			i++) {
		rule = regmon_rule_at(registration->last_findings[i] - 1u);
		if(rule == NULL)
			continue;
		n = strlen(rule->id);
		for(at = ids; at; at = strchr(at, ',')) {
			at += *at == ',';
			if(strncmp(at, rule->id, n) == 0
					&& (at[n] == ',' || at[n] == '\0'))
				return rule;
		}
	}
	return NULL;
}

const regmon_rule_t *regmon_worst_broken_rule(
		const regmon_registration_t *registration)
{
	return registration->last_findings[0]
				   ? regmon_rule_at(registration->last_findings[0] - 1u)
				   : NULL;
}

const regmon_entry_t *regmon_last_of_phone(
		const regmon_registration_t *registration)
{
	const regmon_entry_t *entry;
	unsigned i;

	for(i = registration->timeline_n; i-- > 0;) {
		entry = regmon_registration_entry(registration, i);
		if(regmon_is_of_phone(entry)
				&& (entry->kind == REGMON_ENTRY_REQUEST
						|| entry->kind == REGMON_ENTRY_ANSWER
						|| entry->kind == REGMON_ENTRY_NOT_SENT))
			return entry;
	}
	return NULL;
}

bool regmon_transaction_is_over(const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	const regmon_entry_t *entry;
	unsigned i;

	for(i = registration->timeline_n; i-- > 0;) {
		entry = regmon_registration_entry(registration, i);
		/* the attempt was given up by this module's clock: tm has not said anything */
		if(entry->kind == REGMON_ENTRY_NO_ANSWER
				&& attempt->result == REGMON_RESULT_UNANSWERED
				&& regmon_entry_at_ms(registration, entry)
						   == attempt->ended_ms)
			continue;
		if(entry->kind == REGMON_ENTRY_NO_ANSWER)
			return entry->cseq == attempt->last_cseq;
		if(regmon_is_of_phone(entry) && entry->kind == REGMON_ENTRY_REQUEST)
			return false;
	}
	return false;
}

void regmon_evidence_of_end(const regmon_registration_t *registration,
		int64_t now_ms, regmon_evidence_t *evidence)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	const char *again = attempt->challenges > 1 ? " again" : "";
	char at[REGMON_PRINT_LENGTH], lasted[REGMON_PRINT_LENGTH];

	switch(attempt->result) {
		case REGMON_RESULT_OPEN:
			if(attempt->challenge_open)
				regmon_evidence_add(evidence,
						"%s challenged%s, nothing came back in %s so far",
						regmon_at(attempt->challenge_ms, at), again,
						regmon_for(now_ms - attempt->challenge_ms, lasted));
			break;
		case REGMON_RESULT_REFUSED:
			regmon_evidence_add(evidence, "%s it ended with %u %s",
					regmon_at(attempt->ended_ms, at), attempt->code,
					REGMON_REASON(registration));
			break;
		case REGMON_RESULT_SILENT:
			regmon_evidence_add(evidence,
					"%s challenged%s, then the phone was silent",
					regmon_at(attempt->challenge_ms, at), again);
			break;
		default:
			regmon_evidence_add(evidence, "%s it ended: %s",
					regmon_at(attempt->ended_ms, at),
					regmon_result_name(attempt->result));
	}
}

unsigned regmon_only_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	(void)registration;
	(void)thresholds;
	(void)now_ms;
	return 0;
}
