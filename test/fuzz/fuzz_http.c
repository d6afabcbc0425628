/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP requests, as bytes, to the whole of page, API and metrics; and lists of addresses that may ask. */
#define _GNU_SOURCE /* memmem() */
#include "test/fuzz/json_check.h"
#include "test/fuzz/shell_world.h"

#include "show/http.h"
#include "show/http_allow.h"
#include "show/http_request.h"
#include "show/page.h"

/* two small files in place of the page */
static const unsigned char file_bytes[] = "file";
const regmon_page_file_t regmon_page_files[] = {
		{"index.html", "text/html; charset=utf-8", "\"1\"", file_bytes, 4},
		{"app.js", "text/javascript; charset=utf-8", "\"2\"", file_bytes, 4},
		{0, 0, 0, 0, 0}};

static regmon_http_site_t site;

static int64_t counted(regmon_counter_t counter)
{
	return counter;
}

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	shell_start();
	site = (regmon_http_site_t){.path = REGMON_TEXT("/regmon"),
			.metrics = {.monitor = &regmon_monitor,
					.counter = counted,
					.memory = regmon_metrics_memory_make(),
					.version = "0",
					.kamailio_version = "\"5\\6"}};
	demand(site.metrics.memory, "no memory");
	return 0;
}

/* the line of a header in the head; .s NULL: it is not there */
static str header(str head, const char *name)
{
	str line;

	while(target_line(&head, &line))
		if(regmon_text_starts_nocase(
				   line, (str){(char *)name, (int)strlen(name)}))
			return regmon_text_trim(
					regmon_text_from(line, (int)strlen(name)));
	return (str){NULL, 0};
}

static str check_head(const regmon_http_answer_t *answer)
{
	str all = answer->bytes, rest = all, line, length;
	char *end = memmem(all.s, all.len, "\r\n\r\n", 4);
	int i, head = end ? (int)(end - all.s) + 2 : 0;
	char start[20];

	demand(end, "a head without end");
	snprintf(start, sizeof(start), "HTTP/1.1 %03d ", answer->code);
	demand(strncmp(all.s, start, 13) == 0, "it begins with %.20s", all.s);
	rest.len = head;
	for(i = 0; target_line(&rest, &line); i++) {
		demand(line.len > 1 && line.s[line.len - 1] == '\r'
						&& !memchr(line.s, '\r', line.len - 1),
				"a line end inside of a line");
		demand(i == 0 || memchr(line.s, ':', line.len), "no header: %.*s",
				line.len, line.s);
	}
	rest = (str){all.s, head};
	length = header(rest, "Content-Length:");
	demand(length.len > 0, "no length");
	all = regmon_text_from(all, head + 2);
	demand(all.len == 0 || all.len == regmon_text_number(length),
			"%d bytes, announced %.*s", all.len, length.len, length.s);
	if(all.len > 0
			&& regmon_text_is(header(rest, "Content-Type:"),
					REGMON_TEXT("application/json")))
		json_check(all.s, all.len, true);
	return all;
}

static void check_networks(str text)
{
	static const uint8_t address[16] = {10, 0, 0, 1};
	regmon_networks_t networks;
	char complaint[200];

	memset(complaint, 'x', sizeof(complaint));
	if(!regmon_networks_read(text, &networks, complaint, sizeof(complaint))) {
		demand(strnlen(complaint, sizeof(complaint)) < sizeof(complaint)
						&& complaint[0],
				"no complaint");
		return;
	}
	demand(networks.n <= REGMON_MAX_NETWORKS, "%u networks", networks.n);
	regmon_networks_hold(&networks, address, 4);
	regmon_networks_hold(&networks, address, 16);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = target_text(data, size);
	regmon_http_answer_t answer;

	check_networks(text);
	/* the rest is other modules' business */
	if(!regmon_http_is_below(text, site.path)) {
		static regmon_http_request_t request;
		regmon_refusal_t refusal;

		regmon_http_request_read(text, &request, &refusal);
		return 0;
	}
	regmon_http_answer(&site, text, size % 16 != 7, &answer);
	demand(answer.code >= 200 && answer.code < 600, "code %d", answer.code);
	check_head(&answer);
	shell_check();
	return 0;
}
