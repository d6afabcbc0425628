/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims_regmon.decode of any text: JSON in whatever room, and no secret in it. */
#include "test/fuzz/json_check.h"
#include "test/unit/rows_world.h"

#include "show/json_writer.h"
#include "show/rows.h"

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	target_start();
	open_world();
	return 0;
}

static unsigned count_in(str text, str piece)
{
	unsigned n = 0;
	int i;

	for(i = 0; i + piece.len <= text.len; i++)
		n += memcmp(text.s + i, piece.s, piece.len) == 0;
	return n;
}

typedef struct view
{
	int room;
	bool for_page, for_eyes;
} view_t;

/* for the caller to free */
static str write_view(str text, const view_t *view)
{
	char *buffer = malloc(view->room);
	regmon_json_writer_t json;
	int length;

	demand(buffer, "no memory");
	if(view->for_page)
		regmon_json_writer_start(&json, buffer, view->room);
	else
		regmon_json_writer_start_plain(&json, buffer, view->room);
	/* rows of words and lines mix then, which is no JSON: only the sanitizer looks */
	json.writer.for_eyes = view->for_eyes;
	regmon_rows_decode_text(&json.writer, &monitor, text);
	length = regmon_json_writer_finish(&json);
	if(length < 0)
		length = (int)strlen(buffer);
	return (str){buffer, length};
}

/* A key may be spelled as a word of the module's own, a rule's name: that one is shown without it, too. */
static bool is_own_word(str text, str secret, const view_t *view)
{
	char *without = malloc(text.len);
	str shown;
	bool found;

	demand(without, "no memory");
	memcpy(without, text.s, text.len);
	memset(without + (secret.s - text.s), 'q', secret.len);
	shown = write_view((str){without, text.len}, view);
	found = count_in(shown, secret) > 0;
	free(shown.s);
	free(without);
	return found;
}

/* What a key could be guessed from is not shown: not where the message has it in its credentials alone. */
static void check_secrets(str text, str shown, const view_t *view)
{
	static const regmon_digest_field_t secrets[] = {REGMON_DIGEST_NONCE,
			REGMON_DIGEST_RESPONSE, REGMON_DIGEST_CK, REGMON_DIGEST_IK};
	static regmon_message_t message;
	unsigned i;
	int j;

	regmon_message_read(text.s, text.len, &message);
	for(i = 0; i < REGMON_COUNT(secrets); i++) {
		str secret = message.authorization.field[secrets[i]];
		bool is_word = secret.len >= 16;

		for(j = 0; j < secret.len && is_word; j++)
			is_word = (unsigned char)secret.s[j] > ' '
					  && (unsigned char)secret.s[j] < 0x7f
					  && !strchr("\"\\<>&", secret.s[j]);
		if(is_word && count_in(text, secret) == 1
				&& count_in(shown, secret) > 0)
			demand(is_own_word(text, secret, view), "shown: %.*s", secret.len,
					secret.s);
	}
}

static void decode(str text, int room, bool for_page, bool for_eyes)
{
	const view_t view = {room, for_page, for_eyes};
	str shown = write_view(text, &view);

	if(!for_eyes)
		json_check(shown.s, shown.len, for_page);
	check_secrets(text, shown, &view);
	free(shown.s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	int length;

	demand(copy, "no memory");
	memcpy(copy, data, size);
	length = regmon_unescape_message(copy, (int)size);
	demand(length >= 0 && length <= (int)size, "%d bytes of %zu", length, size);
	/* one of the three ways, by what the text is */
	if(size % 4 == 3)
		decode((str){copy, length}, 30000, false, true);
	else if(size % 4 == 2)
		decode((str){copy, length}, 2048 + (int)size % 3000, size & 8, false);
	else
		decode((str){copy, length}, 30000, true, false);
	free(copy);
	return 0;
}
