/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As much of Kamailio and of show/monitor.c as RPC commands and HTTP questions need: private memory, what is running,
 * a clock that stands still. */
#include <stdlib.h>

#include "core/mem/mem.h"

#include "show/monitor.h"
#include "test/fuzz/shell.h"

unsigned shell_private_blocks;
int64_t shell_now_ms;
regmon_monitor_t regmon_monitor;

#ifdef DBG_SR_MEMORY
#define PLACE \
	, const char *file, const char *function, unsigned int line, const char *name
#else
#define PLACE
#endif

static void *get_block(void *pool, size_t bytes PLACE)
{
	shell_private_blocks++;
	return malloc(bytes);
}

static void put_block(void *pool, void *block PLACE)
{
	shell_private_blocks -= block != NULL;
	free(block);
}

sr_pkg_api_t _pkg_root = {.xmalloc = get_block, .xfree = put_block};

void regmon_monitor_refresh(void)
{
}

int64_t regmon_clock_now_ms(void)
{
	return shell_now_ms;
}
