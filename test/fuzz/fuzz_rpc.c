/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RPC commands as clients call them: the first line of the input is the name of a command, each further one an argument.
 * A name that begins with '!' is called as kamcmd does, which makes numbers of what looks like one and gets lines. */
#include "test/fuzz/shell_world.h"

#include "show/rpc_writer.h"

/* show/show.h brings sockets, whose listen() is another one */
extern rpc_export_t regmon_rpc_commands[];

#define MOST_ARGUMENTS 16

typedef struct call
{
	str arguments[MOST_ARGUMENTS];
	unsigned n, next;
	bool is_kamcmd;
	unsigned faults, answers;
	int depth;
} call_t;

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	shell_start();
	return 0;
}

/* ---- arguments ---- */

static bool is_number(str word)
{
	bool has_digit = false;
	int i;

	for(i = word.len > 1 && word.s[0] == '-'; i < word.len; i++) {
		if(!regmon_is_digit(word.s[i]) && word.s[i] != '.')
			return false;
		has_digit |= regmon_is_digit(word.s[i]);
	}
	return has_digit;
}

/* the formats that this module asks for: "*S", "*d", "*f", one at a time */
static int scan(void *context, char *format, ...)
{
	call_t *call = context;
	char text[32];
	va_list out;
	str word;
	bool fits;

	demand(format[0] == '*' && format[1] && !format[2], "format %s", format);
	if(call->next == call->n)
		return 0;
	word = call->arguments[call->next];
	fits = (format[1] == 'S') == !(call->is_kamcmd && is_number(word));
	if(!fits)
		return 0;
	call->next++;
	snprintf(text, sizeof(text), "%.*s", word.len, word.s);
	va_start(out, format);
	if(format[1] == 'S')
		*va_arg(out, str *) = word;
	else if(format[1] == 'd')
		*va_arg(out, int *) = (int)strtoll(text, NULL, 10);
	else
		*va_arg(out, double *) = strtod(text, NULL);
	va_end(out);
	return 1;
}

/* ---- answers ---- */

/* What reaches a terminal or a parser of JSON: whole characters, no control among them. */
static void check_text(const char *text, int length)
{
	char clean[4000];

	demand(length >= 0 && length < (int)sizeof(clean), "%d bytes", length);
	demand(regmon_clean_text((str){(char *)text, length}, clean,
				   sizeof(clean))
							== length
					&& memcmp(clean, text, length) == 0,
			"not clean: %.*s", length, text);
}

static void fault(void *context, int code, char *format, ...)
{
	call_t *call = context;
	char text[600];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	demand(code >= 400 && code < 600, "code %d", code);
	demand(length > 0 && length < (int)sizeof(text), "%d bytes of fault",
			length);
	check_text(text, length);
	demand(++call->faults == 1, "two faults: %s", text);
	demand(call->answers == 0, "a fault behind an answer: %s", text);
}

static int put(call_t *call, const char *format, va_list *arguments)
{
	double real;
	str *text;

	call->answers++;
	switch(format[0]) {
		case 'S':
			text = va_arg(*arguments, str *);
			check_text(text->s, text->len);
			break;
		case 'd':
			(void)va_arg(*arguments, int);
			break;
		case 'f':
			real = va_arg(*arguments, double);
			demand(real == real, "a number that is none");
			break;
		case '{':
		case '[':
			*va_arg(*arguments, void **) = call;
			break;
		default:
			demand(false, "format %s", format);
	}
	demand(format[1] == '\0', "format %s", format);
	return 0;
}

/* the one text that has lines: a reg-event document */
static void check_lines(const str *text)
{
	str rest = *text, line;

	while(target_line(&rest, &line))
		check_text(line.s, line.len);
}

static int add(void *context, char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	put(context, format, &arguments);
	va_end(arguments);
	return 0;
}

static int struct_add(void *handle, char *format, ...)
{
	va_list arguments;
	const char *name;

	va_start(arguments, format);
	name = va_arg(arguments, char *);
	demand(name && name[0], "a field without name");
	if(strcmp(name, "document") == 0)
		check_lines(va_arg(arguments, str *));
	else
		put(handle, format, &arguments);
	va_end(arguments);
	return 0;
}

static rpc_capabilities_t capabilities(void *context)
{
	return 0;
}

/* ---- the call ---- */

static const rpc_export_t *command_named(str name)
{
	const rpc_export_t *command;

	for(command = regmon_rpc_commands; command->name; command++)
		if(regmon_text_is(name,
				   (str){(char *)command->name + 11,
						   (int)strlen(command->name) - 11}))
			return command;
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	rpc_t rpc = {.fault = fault,
			.add = add,
			.scan = scan,
			.struct_add = struct_add,
			.array_add = add,
			.capabilities = capabilities};
	call_t call = {.n = 0};
	str rest = target_text(data, size), name;
	const rpc_export_t *command;

	if(!target_line(&rest, &name))
		return 0;
	call.is_kamcmd = name.len > 0 && name.s[0] == '!';
	if(call.is_kamcmd) {
		rpc.capabilities = NULL;
		name = regmon_text_from(name, 1);
	}
	command = command_named(name);
	if(command == NULL)
		return 0;
	while(call.n < MOST_ARGUMENTS
			&& target_line(&rest, &call.arguments[call.n]))
		call.n++;
	command->function(&rpc, &call);
	demand(call.faults + call.answers > 0, "no answer");
	shell_check();
	return 0;
}
