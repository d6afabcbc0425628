/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show/refusal.h"

#include <stdarg.h>
#include <stdio.h>

#include "show/writer.h"

bool regmon_refuse(regmon_refusal_t *refusal, int code, const char *format, ...)
{
	char buffer[REGMON_REFUSAL_LENGTH];
	va_list arguments;
	int length;

	va_start(arguments, format);
	vsnprintf(buffer, sizeof(buffer), format, arguments);
	va_end(arguments);
	refusal->code = code;
	length = regmon_clean_text((str){buffer, (int)strlen(buffer)},
			refusal->text, sizeof(refusal->text) - 1);
	refusal->text[length] = '\0';
	return false;
}
