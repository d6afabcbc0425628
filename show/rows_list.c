/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of phones: filters as words, and one row. */
#include "show/rows.h"

#include <stdio.h>

#include "registration/identity.h"

#define ANY (-1)
#define SOME_CAUSE (-2)
#define FILTER_NAMES                                                         \
	"state, cause, finding, access, plmn, tac, cell, device, code, limit, " \
	"cursor"

void regmon_list_filter_start(regmon_list_filter_t *filter)
{
	memset(filter, 0, sizeof(*filter));
	filter->state = filter->cause = filter->finding = ANY;
	filter->limit = REGMON_LIST_LIMIT;
}

static void print_states(char *buffer, int size)
{
	int i, used = 0;

	for(i = 0; i < REGMON_STATES_N && used < size; i++)
		used += snprintf(buffer + used, size - used, "%s%s", i ? ", " : "",
				regmon_state_name(i));
}

static void print_causes(char *buffer, int size)
{
	unsigned i;
	int used = snprintf(buffer, size, "any");

	for(i = 0; i < regmon_causes_n() && used < size; i++)
		used += snprintf(
				buffer + used, size - used, ", %s", regmon_cause_at(i)->id);
}

static bool read_state(regmon_list_filter_t *filter, str value, char *complaint,
		int size)
{
	regmon_state_t state;
	char allowed[200];

	if(regmon_state_find(value, &state)) {
		filter->state = state;
		return true;
	}
	print_states(allowed, sizeof(allowed));
	snprintf(complaint, size, "no such state; one of %s", allowed);
	return false;
}

static bool read_cause(regmon_list_filter_t *filter, str value, char *complaint,
		int size)
{
	char allowed[400];

	filter->cause = regmon_text_is_nocase(value, REGMON_TEXT("any"))
							? SOME_CAUSE
							: regmon_cause_find(value);
	if(filter->cause != ANY)
		return true;
	print_causes(allowed, sizeof(allowed));
	snprintf(complaint, size, "no such cause; one of %s", allowed);
	return false;
}

static bool read_finding(regmon_list_filter_t *filter, str value,
		char *complaint, int size)
{
	char near[64];

	filter->finding = regmon_rule_find(value);
	if(filter->finding != ANY)
		return true;
	regmon_rule_near(value, near, sizeof(near));
	snprintf(complaint, size,
			"no rule %.*s%s%s; ims_regmon.rules lists them all",
			value.len < 30 ? value.len : 30, value.s,
			near[0] ? "; like it: " : "", near);
	return false;
}

static bool read_number(str value, int64_t least, int64_t most,
		int64_t *ret_number, char *complaint, int size)
{
	*ret_number = regmon_text_number(value);
	if(*ret_number >= least && *ret_number <= most)
		return true;
	snprintf(complaint, size, "%.*s is no number from %lld to %lld",
			value.len < 30 ? value.len : 30, value.s, (long long)least,
			(long long)most);
	return false;
}

/* "slot" or "slot.records passed over" */
static bool read_cursor(regmon_list_filter_t *filter, str value,
		char *complaint, int size)
{
	const char *dot =
			value.len > 0 ? memchr(value.s, '.', value.len) : NULL;
	str slot = value, skip = {NULL, 0};
	int64_t slot_number, skip_number = 0;

	if(dot) {
		slot.len = (int)(dot - value.s);
		skip = regmon_text_from(value, slot.len + 1);
	}
	slot_number = regmon_text_number(slot);
	if(dot)
		skip_number = regmon_text_number(skip);
	if(slot_number < 0 || slot_number > UINT32_MAX || skip_number < 0
			|| skip_number > UINT32_MAX) {
		snprintf(complaint, size,
				"cursor is what the end of the last answer names");
		return false;
	}
	filter->cursor = (uint32_t)slot_number;
	filter->cursor_skip = (uint32_t)skip_number;
	return true;
}

bool regmon_list_filter_read(
		regmon_list_filter_t *filter, str word, char *complaint, int size)
{
	const char *equals = word.len > 0 ? memchr(word.s, '=', word.len) : NULL;
	str name = word, value = {NULL, 0};
	int64_t number = 0;
	bool fine = true;

	if(equals) {
		name.len = (int)(equals - word.s);
		value = regmon_text_from(word, name.len + 1);
	}
	if(equals == NULL || value.len == 0) {
		snprintf(complaint, size,
				"%.*s: write name=value; names: " FILTER_NAMES,
				word.len < 30 ? word.len : 30, word.s);
		return false;
	}
#define IS(literal) regmon_text_is_nocase(name, REGMON_TEXT(literal))
	if(IS("state"))
		return read_state(filter, value, complaint, size);
	if(IS("cause"))
		return read_cause(filter, value, complaint, size);
	if(IS("finding"))
		return read_finding(filter, value, complaint, size);
	if(IS("cursor"))
		return read_cursor(filter, value, complaint, size);
	if(IS("access"))
		filter->access = value;
	else if(IS("plmn"))
		filter->plmn = value;
	else if(IS("tac"))
		filter->tac = value;
	else if(IS("cell"))
		filter->cell = value;
	else if(IS("device"))
		filter->device = value;
	else if(IS("code")) {
		fine = read_number(value, 100, 699, &number, complaint, size);
		filter->code = (int)number;
	} else if(IS("limit")) {
		fine = read_number(
				value, 1, REGMON_LIST_MOST, &number, complaint, size);
		filter->limit = (unsigned)number;
	} else {
		snprintf(complaint, size, "no filter %.*s; names: " FILTER_NAMES,
				name.len < 30 ? name.len : 30, name.s);
		return false;
	}
#undef IS
	return fine;
}

static bool holds(str text, str part)
{
	int i;

	for(i = 0; i + part.len <= text.len; i++)
		if(strncasecmp(text.s + i, part.s, part.len) == 0)
			return true;
	return false;
}

static bool string_matches(const regmon_registration_t *registration,
		regmon_string_t which, str wanted)
{
	return wanted.len == 0
		   || regmon_text_is_nocase(
				   regmon_registration_string(registration, which), wanted);
}

/* as it was kept, or as it is shown */
static bool identity_matches(const regmon_registration_t *registration,
		regmon_identity_t which, str wanted)
{
	return wanted.len == 0
		   || regmon_identity_is(registration, which, wanted);
}

static bool device_matches(
		const regmon_registration_t *registration, str wanted)
{
	char buffer[REGMON_IDENTITY_LENGTH];

	return wanted.len == 0
		   || holds(regmon_identity_of(
							registration, REGMON_IDENTITY_DEVICE, buffer),
				   wanted);
}

/* by family ("NR", "WLAN") or as the phone wrote it ("3GPP-NR-FDD") */
static bool access_matches(
		const regmon_registration_t *registration, str wanted)
{
	const char *name = regmon_access_name(registration->last_access);

	return wanted.len == 0
		   || regmon_text_is_nocase(
				   (str){(char *)name, (int)strlen(name)}, wanted)
		   || identity_matches(
				   registration, REGMON_IDENTITY_ACCESS_TYPE, wanted);
}

bool regmon_list_matches(const regmon_list_filter_t *filter,
		const regmon_registration_t *registration)
{
	if(filter->state != ANY && registration->state != filter->state)
		return false;
	if(filter->cause == SOME_CAUSE ? registration->causes == 0
								   : filter->cause != ANY
											 && !((registration->causes
														 >> filter->cause)
													 & 1))
		return false;
	if(filter->finding != ANY
			&& !regmon_registration_has_finding(
					registration, (unsigned)filter->finding))
		return false;
	if(filter->code && registration->attempt.code != filter->code)
		return false;
	return access_matches(registration, filter->access)
		   && string_matches(registration, REGMON_STRING_PLMN, filter->plmn)
		   && string_matches(registration, REGMON_STRING_TAC, filter->tac)
		   && identity_matches(
				   registration, REGMON_IDENTITY_CELL, filter->cell)
		   && device_matches(registration, filter->device);
}

static int print_cause_names(uint64_t causes, char *buffer, int size)
{
	const regmon_cause_t *cause;
	unsigned i;
	int used = 0;

	buffer[0] = '\0';
	for(i = 0; (cause = regmon_cause_at(i)); i++)
		if(((causes >> i) & 1) && used < size)
			used += snprintf(buffer + used, size - used, "%s%s",
					used ? ", " : "", cause->id);
	return used;
}

static void write_line(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms)
{
	char at[REGMON_MOMENT_LENGTH], access[160], causes[200], code[16] = "";
	char buffer[REGMON_IDENTITY_LENGTH];
	str impu = regmon_identity_of(registration, REGMON_IDENTITY_IMPU, buffer);

	regmon_print_access(registration, access, sizeof(access));
	print_cause_names(registration->causes, causes, sizeof(causes));
	if(registration->attempt.code)
		snprintf(code, sizeof(code), "%u", registration->attempt.code);
	regmon_write_format(writer, NULL, "%-13s %-3s %-56.*s  %s  %s%s%s",
			regmon_state_name(registration->state), code,
			impu.len, impu.s,
			regmon_print_moment(registration->last_seen_ms, now_ms, at),
			causes, causes[0] && access[0] ? "; " : "", access);
}

void regmon_rows_list_row(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms)
{
	const regmon_cause_t *cause;
	unsigned i;

	if(writer->for_eyes) {
		write_line(writer, registration, now_ms);
		return;
	}
	writer->open_struct(writer, NULL);
	regmon_rows_who(writer, registration);
	regmon_write_words(
			writer, "state", regmon_state_name(registration->state));
	regmon_write_moment(
			writer, "last_seen", registration->last_seen_ms, now_ms);
	if(registration->attempt.code)
		writer->number(writer, "code", registration->attempt.code);
	writer->number(writer, "attempts", regmon_registration_attempts(registration));
	writer->number(writer, "failures", registration->failures);
	writer->open_list(writer, "causes");
	for(i = 0; (cause = regmon_cause_at(i)); i++)
		if((registration->causes >> i) & 1)
			regmon_write_words(writer, NULL, cause->id);
	writer->close_list(writer);
	writer->close_struct(writer);
}
