/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show/gzip.h"

#include <stddef.h>
#include <zlib.h>

/* A window of 8 KiB finds the line before and the family before; more would cost memory and gain little. */
#define WINDOW_BITS 13
#define GZIP_FORMAT 16
#define MEMORY_LEVEL 7
#define LEVEL 4
/* what deflate takes for these, (1 << (13 + 2)) + (1 << (7 + 9)) bytes and its own structs, with room to spare */
#define ROOM (128 * 1024)

static _Alignas(16) unsigned char room[ROOM];
static size_t taken;

static void *take(void *unused, unsigned items, unsigned size)
{
	size_t bytes = ((size_t)items * size + 15) & ~(size_t)15;
	void *block = room + taken;

	(void)unused;
	if(bytes > ROOM - taken)
		return NULL;
	taken += bytes;
	return block;
}

static void give_back(void *unused, void *block)
{
	(void)unused;
	(void)block;
}

int regmon_gzip(const char *text, int length, char *buffer, int size)
{
	z_stream stream = {.zalloc = take,
			.zfree = give_back,
			.next_in = (unsigned char *)text,
			.avail_in = (unsigned)length,
			.next_out = (unsigned char *)buffer,
			.avail_out = (unsigned)size};
	int done = -1;

	taken = 0;
	if(deflateInit2(&stream, LEVEL, Z_DEFLATED, WINDOW_BITS + GZIP_FORMAT,
			   MEMORY_LEVEL, Z_DEFAULT_STRATEGY)
			!= Z_OK)
		return -1;
	if(deflate(&stream, Z_FINISH) == Z_STREAM_END)
		done = (int)stream.total_out;
	deflateEnd(&stream);
	return done;
}
