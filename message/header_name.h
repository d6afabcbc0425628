/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the kind of a header by its name, in line for the walk over a message. */
#ifndef REGMON_MESSAGE_HEADER_NAME_H
#define REGMON_MESSAGE_HEADER_NAME_H

#include "message/message.h"
#include "message/scan.h"

/* The first three letters, without case, place a name at an index; where several begin with the same letters they stand
 * in a row. No two rows share an index: that would not compile. */
#define REGMON_HEADER_INDEX(three) ((uint32_t)((three)*0x8a05a7u) >> 24)
extern const uint8_t regmon_header_by_index[256];
extern const uint8_t regmon_header_next_alike[REGMON_HEADERS_N]; /* 0: none */
/* "Contact: ", padded with zeros, and how long it is */
extern const char regmon_header_starts[REGMON_HEADERS_N][32];
extern const uint8_t regmon_header_start_lengths[REGMON_HEADERS_N];

/* Of a line that begins here: how many bytes its name takes together with the colon and the one space that nearly
 * everybody puts behind it, 0: it has another form. Then one comparison finds the header, without a search for the
 * colon. room: bytes that can be read, 16 at least. */
REGMON_INLINE unsigned regmon_header_start(
		const char *text, long room, unsigned *ret_header)
{
	unsigned header = regmon_header_by_index[REGMON_HEADER_INDEX(
			regmon_three_nocase(text))];
	unsigned length;

	*ret_header = header;
	if(!REGMON_USUALLY(header != REGMON_HEADER_OTHER)) {
		/* no name that is known here begins so; but a compact form may */
		length = __builtin_ctz(regmon_scan_mask(text, ':', ':', ':')
							   | 1u << (REGMON_SCAN_WINDOW - 2));
		return length > 1 && text[length] == ':' && text[length + 1] == ' '
							   && (unsigned char)text[0] > ' '
							   && (unsigned char)text[length - 1] > ' '
					   ? length + 2
					   : 0;
	}
	do {
		length = regmon_header_start_lengths[header];
		if(length > REGMON_SCAN_WINDOW && room < 2 * REGMON_SCAN_WINDOW)
			return 0;
		if(REGMON_USUALLY(regmon_same_start(
				   text, regmon_header_starts[header], length))) {
			*ret_header = header;
			return length;
		}
		header = regmon_header_next_alike[header];
	} while(header != REGMON_HEADER_OTHER);
	return 0;
}

#endif
