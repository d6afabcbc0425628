/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security-Client, Security-Server, Security-Verify: each line of the input is the value of one header line. */
#include "test/fuzz/view.h"

#include "message/security_agreement.h"

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	target_start();
	return 0;
}

static uint64_t read_lines(str text, const char *text_end)
{
	view_t view = {text.s, text.s + text.len, TARGET_HASH_START};
	regmon_security_list_t list;
	unsigned words = 0;
	char names[200];
	str line;
	int i;

	memset(&list, 0, sizeof(list));
	while(target_line(&text, &line)) {
		line = regmon_text_trim(line);
		regmon_security_read_within(
				line, text_end ? text_end : line.s + line.len, &list);
	}
	view_security(&view, &list);
	for(i = 0; i < list.kept; i++)
		words |= 1u << list.list[i].alg_word | 1u << list.list[i].ealg_word;
	memset(names, 'x', sizeof(names));
	regmon_security_words(words, names, 1 + view.hash % sizeof(names));
	demand(strlen(names) < sizeof(names), "names without end");
	return view.hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = target_text(data, size);
	uint64_t alone = read_lines(text, NULL);

	demand(read_lines(text, text.s + text.len) == alone,
			"what stands behind a value changes it");
	return 0;
}
