/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts as much of Kamailio's core as its parser needs. Both of its memories
 * are backed by malloc(), so that the sanitizer sees into them. */
#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"
#include "core/mem/mem.h"
#include "core/mem/pkg.h"
#include "core/mem/shm_mem.h"
#include "core/parser/hf.h"
#include "core/parser/parse_hname2.h"

#include "test/unit/harness_core.h"

unsigned harness_core_live_blocks;

#ifdef DBG_SR_MEMORY
#define PLACE \
	, const char *file, const char *function, unsigned int line, const char *name
#else
#define PLACE
#endif

static void *get_block(void *pool, size_t bytes PLACE)
{
	harness_core_live_blocks++;
	return malloc(bytes);
}

static void *get_zeroed(void *pool, size_t bytes PLACE)
{
	harness_core_live_blocks++;
	return calloc(1, bytes);
}

static void put_block(void *pool, void *block PLACE)
{
	if(block)
		harness_core_live_blocks--;
	free(block);
}

static void *resize_block(void *pool, void *block, size_t bytes PLACE)
{
	if(!block)
		harness_core_live_blocks++;
	return realloc(block, bytes);
}

void harness_core_start(void)
{
	static sr_pkg_api_t private_memory = {.mname = "harness",
			.xmalloc = get_block,
			.xmallocxz = get_zeroed,
			.xfree = put_block,
			.xrealloc = resize_block,
			.xreallocxf = resize_block};
	static sr_shm_api_t shared_memory = {.mname = "harness",
			.xmalloc = get_block,
			.xmallocxz = get_zeroed,
			.xmalloc_unsafe = get_block,
			.xfree = put_block,
			.xfree_unsafe = put_block,
			.xrealloc = resize_block,
			.xreallocxf = resize_block};

	pkg_init_api(&private_memory);
	shm_init_api(&shared_memory);
	/* Without the index every header is "other", and nothing warns. */
	ksr_hname_init_index();
}

int harness_core_parse(
		struct sip_msg *message, const char *text, size_t length)
{
	memset(message, 0, sizeof(*message));
	/* The parser writes into the buffer and wants a NUL behind it. */
	message->buf = malloc(length + 1);
	if(!message->buf)
		abort();
	memcpy(message->buf, text, length);
	message->buf[length] = 0;
	message->len = length;
	if(parse_msg(message->buf, message->len, message) != 0)
		return -1;
	return parse_headers(message, HDR_EOH_F, 0) < 0 ? -1 : 0;
}

void harness_core_free(struct sip_msg *message)
{
	char *text = message->buf;

	free_sip_msg(message);
	free(text);
	memset(message, 0, sizeof(*message));
}
