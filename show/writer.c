/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields in the forms that all rows share: words, moments, durations, and text that a stranger wrote. */
#include "show/writer.h"

#include <stdarg.h>
#include <stdio.h>

#include "diagnosis/diagnosis.h"

int regmon_write_words(
		regmon_writer_t *writer, const char *name, const char *value)
{
	return writer->text(
			writer, name, (str){(char *)value, (int)strlen(value)});
}

int regmon_write_format(
		regmon_writer_t *writer, const char *name, const char *format, ...)
{
	char buffer[1001];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(buffer, sizeof(buffer), format, arguments);
	va_end(arguments);
	return regmon_write_words(writer, name, buffer);
}

int regmon_write_text_if(regmon_writer_t *writer, const char *name, str value)
{
	return value.len > 0 ? writer->text(writer, name, value) : 0;
}

int regmon_write_yes_no(regmon_writer_t *writer, const char *name, bool value)
{
	return regmon_write_words(writer, name, value ? "yes" : "no");
}

bool regmon_writer_undo_if_full(regmon_writer_t *writer, int mark)
{
	if(!writer->full || mark < 0)
		return false;
	writer->undo(writer, mark);
	return true;
}

/* the same value as a number beside the text, for programs */
static int write_ms(regmon_writer_t *writer, const char *name, int64_t value)
{
	char longer[48];

	if(writer->for_eyes)
		return 0;
	snprintf(longer, sizeof(longer), "%s_ms", name);
	return writer->number(writer, longer, value);
}

int regmon_write_moment(regmon_writer_t *writer, const char *name,
		int64_t at_ms, int64_t now_ms)
{
	char buffer[REGMON_MOMENT_LENGTH];

	if(at_ms <= 0)
		return 0;
	regmon_write_words(
			writer, name, regmon_print_moment(at_ms, now_ms, buffer));
	return write_ms(writer, name, at_ms);
}

int regmon_write_duration(
		regmon_writer_t *writer, const char *name, int64_t duration_ms)
{
	char buffer[REGMON_MOMENT_LENGTH];

	if(duration_ms < 0)
		return 0;
	regmon_print_duration(duration_ms, buffer, sizeof(buffer));
	regmon_write_words(writer, name, buffer);
	return write_ms(writer, name, duration_ms);
}

const char *regmon_print_moment(
		int64_t at_ms, int64_t now_ms, char buffer[REGMON_MOMENT_LENGTH])
{
	char duration[32];
	int used;

	regmon_print_at(at_ms, now_ms, buffer);
	used = (int)strlen(buffer);
	regmon_print_duration(at_ms > now_ms ? at_ms - now_ms : now_ms - at_ms,
			duration, sizeof(duration));
	snprintf(buffer + used, REGMON_MOMENT_LENGTH - used,
			at_ms > now_ms ? " (in %s)" : " (%s ago)", duration);
	return buffer;
}
