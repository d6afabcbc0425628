/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the lines of an aka_keys file. */
#include "aka/keys.h"

#include <stdarg.h>
#include <stdio.h>

#include "aka/crypto.h"

int regmon_aka_reader_complain(
		regmon_aka_reader_t *reader, const char *format, ...)
{
	va_list arguments;
	int n;

	n = snprintf(reader->complaint, sizeof(reader->complaint),
			"%.200s:%u: ", reader->file, reader->line);
	va_start(arguments, format);
	vsnprintf(reader->complaint + n, sizeof(reader->complaint) - n, format,
			arguments);
	va_end(arguments);
	return -1;
}

void regmon_aka_reader_start(
		regmon_aka_reader_t *reader, const char *file, str text)
{
	*reader = (regmon_aka_reader_t){.file = file, .text = text};
}

/* false at the end of the text */
static bool next_line(regmon_aka_reader_t *reader, str *ret_line)
{
	str rest = regmon_text_from(reader->text, reader->position);
	const char *end;

	if(rest.len <= 0)
		return false;
	end = memchr(rest.s, '\n', rest.len);
	if(end)
		rest.len = (int)(end - rest.s);
	reader->position += rest.len + 1;
	reader->line++;
	*ret_line = regmon_text_trim(rest);
	return true;
}

/* The next field of a line; false: no more, or only a comment. */
static bool next_field(str line, int *position, str *ret_field)
{
	str rest = regmon_text_trim(regmon_text_from(line, *position));
	int length = 0;

	if(rest.len == 0 || rest.s[0] == '#')
		return false;
	while(length < rest.len && !regmon_is_space(rest.s[length]))
		length++;
	*position = (int)(rest.s - line.s) + length;
	*ret_field = (str){rest.s, length};
	return true;
}

static int read_impi(regmon_aka_reader_t *reader, str field)
{
	const char *at = memchr(field.s, '@', field.len);
	int i;

	for(i = 0; i < field.len; i++) {
		if(field.s[i] <= ' ' || field.s[i] > '~')
			return regmon_aka_reader_complain(reader,
					"the IMPI holds something else than printable ASCII");
	}
	if(at == NULL || at == field.s || at == field.s + field.len - 1)
		return regmon_aka_reader_complain(
				reader, "a line begins with the IMPI, which is user@domain");
	if(field.len > REGMON_AKA_MOST_IMPI)
		return regmon_aka_reader_complain(reader,
				"the IMPI is %d bytes long, at most %d are allowed", field.len,
				REGMON_AKA_MOST_IMPI);
	return 0;
}

static int digit_value(char c)
{
	return regmon_is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

static int read_octets(regmon_aka_reader_t *reader, const char *name,
		str digits, int octets, uint8_t *ret_octets)
{
	int i;

	if(digits.len != 2 * octets)
		return regmon_aka_reader_complain(reader,
				"%s wants %d hexadecimal digits, there are %d characters", name,
				2 * octets, digits.len);
	if(!regmon_text_all_hex(digits))
		return regmon_aka_reader_complain(reader,
				"%s has a character that is no hexadecimal digit", name);
	for(i = 0; i < octets; i++)
		ret_octets[i] = (uint8_t)(digit_value(digits.s[2 * i]) << 4
								  | digit_value(digits.s[2 * i + 1]));
	return 0;
}

typedef enum key_field
{
	FIELD_K,
	FIELD_OP,
	FIELD_OPC,
	FIELD_AMF,
	FIELDS_N
} key_field_t;

static const str field_names[] = {
		[FIELD_K] = STR_STATIC_INIT("k="),
		[FIELD_OP] = STR_STATIC_INIT("op="),
		[FIELD_OPC] = STR_STATIC_INIT("opc="),
		[FIELD_AMF] = STR_STATIC_INIT("amf="),
};

static int read_field(regmon_aka_reader_t *reader, str field, unsigned number,
		unsigned *given, regmon_aka_key_t *key)
{
	uint8_t *const octets[] = {[FIELD_K] = key->k,
			[FIELD_OP] = key->op,
			[FIELD_OPC] = key->op,
			[FIELD_AMF] = key->amf};
	const char *name;
	unsigned i;

	for(i = 0; i < FIELDS_N; i++)
		if(regmon_text_starts_nocase(field, field_names[i]))
			break;
	if(i == FIELDS_N)
		return regmon_aka_reader_complain(
				reader, "field %u is none of k=, op=, opc= and amf=", number);
	name = field_names[i].s;
	if(*given & (1u << i))
		return regmon_aka_reader_complain(reader, "%s is given twice", name);
	*given |= 1u << i;
	if((*given & (1u << FIELD_OP)) && (*given & (1u << FIELD_OPC)))
		return regmon_aka_reader_complain(
				reader, "op= and opc= are both given: leave one of them out");
	key->op_is_opc |= i == FIELD_OPC;
	return read_octets(reader, name,
			regmon_text_from(field, field_names[i].len),
			i == FIELD_AMF ? 2 : 16, octets[i]);
}

static int read_line(
		regmon_aka_reader_t *reader, str text, regmon_aka_line_t *line)
{
	unsigned given = 0, number = 1;
	int position = 0;
	str field = {NULL, 0};

	memset(line, 0, sizeof(*line));
	line->number = reader->line;
	next_field(text, &position, &line->impi);
	if(read_impi(reader, line->impi) < 0)
		return -1;
	while(next_field(text, &position, &field))
		if(read_field(reader, field, ++number, &given, &line->key) < 0)
			return -1;
	if(!(given & (1u << FIELD_K)))
		return regmon_aka_reader_complain(reader, "k= is missing");
	if(!(given & (1u << FIELD_OP)) && !(given & (1u << FIELD_OPC)))
		return regmon_aka_reader_complain(reader, "op= or opc= is missing");
	if(!(given & (1u << FIELD_AMF)))
		return regmon_aka_reader_complain(reader, "amf= is missing");
	return 1;
}

int regmon_aka_reader_next(
		regmon_aka_reader_t *reader, regmon_aka_line_t *ret_line)
{
	str text;
	int result;

	while(next_line(reader, &text)) {
		if(text.len == 0 || text.s[0] == '#')
			continue;
		result = read_line(reader, text, ret_line);
		if(result < 0)
			regmon_crypto_wipe(&ret_line->key, sizeof(ret_line->key));
		return result;
	}
	return 0;
}
