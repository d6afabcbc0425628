/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading arguments. kamcmd turns every word that looks like a number into an int of 32 bits, so an IMSI or a
 * number in digits never arrives whole: such a word is answered, not guessed. */
#include "show/rpc_arguments.h"

#include <stdarg.h>
#include <stdio.h>

#include "registration/identity.h"
#include "show/writer.h"

#define MOST_FAULT 500

void regmon_rpc_fault(
		rpc_t *rpc, void *context, int code, const char *format, ...)
{
	char text[MOST_FAULT], clean[MOST_FAULT];
	va_list arguments;
	int length;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	length = regmon_clean_text(
			(str){text, (int)strlen(text)}, clean, sizeof(clean) - 1);
	clean[length] = '\0';
	rpc->fault(context, code, "%s", clean);
}

static bool is_number(rpc_t *rpc, void *context)
{
	double real = 0;
	int number = 0;

	/* a failed scan leaves the argument in place */
	return rpc->scan(context, "*d", &number) > 0
		   || rpc->scan(context, "*f", &real) > 0;
}

int regmon_rpc_text(
		rpc_t *rpc, void *context, const char *example, str *ret_text)
{
	str word;

	*ret_text = (str){NULL, 0};
	if(rpc->scan(context, "*S", ret_text) > 0) {
		word = regmon_text_trim(*ret_text);
		if(word.s > ret_text->s)
			*ret_text = regmon_text_from(*ret_text, (int)(word.s - ret_text->s));
		/* kamcmd takes the mark off, others leave it to us */
		if(regmon_text_starts_nocase(*ret_text, REGMON_TEXT("s:")))
			*ret_text = regmon_text_from(*ret_text, 2);
		return 1;
	}
	*ret_text = (str){NULL, 0};
	if(!is_number(rpc, context))
		return 0;
	rpc->fault(context, 400,
			"bare digits arrive cut to 32 bits: write it like %s, or with s: in "
			"front",
			example);
	return -1;
}

int regmon_rpc_word(
		rpc_t *rpc, void *context, const char *example, str *ret_word)
{
	int found = regmon_rpc_text(rpc, context, example, ret_word);

	if(found > 0)
		*ret_word = regmon_text_trim(*ret_word);
	return found;
}

bool regmon_rpc_who(rpc_t *rpc, void *context, const char *command,
		regmon_who_t *ret_who)
{
	char example[80];
	str word;
	int found;

	snprintf(example, sizeof(example), "%s imsi:001010000000001", command);
	found = regmon_rpc_word(rpc, context, example, &word);

	if(found < 0)
		return false;
	if(found > 0 && regmon_who_read(word, ret_who))
		return true;
	rpc->fault(context, 400,
			"say who: IMPU, IMPI, IMSI, MSISDN, IMEI, Call-ID or address, as in "
			"%s",
			example);
	return false;
}

void regmon_rpc_unknown_who(
		rpc_t *rpc, void *context, const regmon_who_t *who)
{
	static const char *const kinds[] = {
			"IMPU, IMPI, IMSI, MSISDN, IMEI, Call-ID or address", "IMPU",
			"IMPI", "IMSI", "MSISDN", "IMEI", "Call-ID", "address"};
	bool is_json = rpc->capabilities != NULL;
	int most = is_json && who->kind == REGMON_WHO_ANY ? 34 : 60;
	char text[61];
	int length = regmon_text_empty(who->text) ? 0 : who->text.len;
	int i;

	/* what was typed may be a clear identity, and this goes into logs of commands */
	if(regmon_identities_are_hidden()) {
		rpc->fault(context, 404,
				"that is no %s known here; see ims_regmon.list",
				kinds[who->kind]);
		return;
	}
	if(length > most)
		length = most;
	for(i = 0; i < length; i++) {
		char c = who->text.s[i];

		text[i] = c >= ' ' && c < 0x7f ? c : '?';
	}
	rpc->fault(context, 404, "%.*s is no %s known here; see ims_regmon.list",
			length, text, kinds[who->kind]);
}
