/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P-Access-Network-Info: each line of the input is the value of one header line. */
#include "test/fuzz/view.h"

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	target_start();
	return 0;
}

/* text behind each value, or none: what a reader may use to be quicker, and must not read anything from */
static uint64_t read_lines(str text, const char *text_end)
{
	view_t view = {text.s, text.s + text.len, TARGET_HASH_START};
	regmon_access_list_t list;
	const regmon_access_value_t *best;
	str line;

	memset(&list, 0, sizeof(list));
	while(target_line(&text, &line)) {
		line = regmon_text_trim(line);
		regmon_access_read_within(
				line, text_end ? text_end : line.s + line.len, &list);
	}
	view_access(&view, &list);
	best = regmon_access_best(&list);
	demand((best != NULL) == (list.kept > 0), "the best of %d", list.kept);
	if(best)
		demand(regmon_access_name(best->access)[0], "an access without name");
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
