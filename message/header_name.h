/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the kind of a header by its name, in line for the walk over a message. */
#ifndef REGMON_MESSAGE_HEADER_NAME_H
#define REGMON_MESSAGE_HEADER_NAME_H

#include "message/message.h"
#include "message/scan.h"

/* Length, first and last letter place each name at an index of its own, so that finding a header is one look and one
 * comparison. */
#define REGMON_HEADER_INDEX(length, first, last) \
	(((length)*5 + (first) + (last)*8) & 0xff)
extern const uint8_t regmon_header_by_index[256];
/* per header, so that the comparison needs no terminating zero */
extern const uint8_t regmon_header_lengths[REGMON_HEADERS_N];
/* padded with zeros, so that they can be compared as they stand in a text */
extern const char regmon_header_names[REGMON_HEADERS_N][32];

/* As regmon_header_find() for a name of at least one byte in a text from which 32 bytes can be read. */
REGMON_INLINE unsigned regmon_header_find_at(const char *name, int length)
{
	unsigned char first = name[0] | 0x20, last = name[length - 1] | 0x20;
	unsigned header =
			regmon_header_by_index[REGMON_HEADER_INDEX(length, first, last)];

	/* nearly everybody writes them as the standard does */
	if(length == regmon_header_lengths[header]
			&& regmon_same_start(name, regmon_header_names[header], length))
		return header;
	return regmon_header_find((str){(char *)name, length});
}

#endif
