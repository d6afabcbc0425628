/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the kind of a header by its name, in line for the walk over a message. */
#ifndef REGMON_MESSAGE_HEADER_NAME_H
#define REGMON_MESSAGE_HEADER_NAME_H

#include "message/message.h"
#include "message/scan.h"

/* What a line of this header begins with in the form that nearly everybody uses: "Contact: ". One comparison of what
 * stands in the text finds it, without a search for the colon. */
typedef struct regmon_header_start
{
	char text[32];
	char mask[32]; /* 0xff for each byte of it */
	uint8_t length;
} regmon_header_start_t;
extern const regmon_header_start_t regmon_header_starts[REGMON_HEADERS_N];

/* The first three letters, without case, place a name at an index; where several begin with the same letters they stand
 * in a row. No two rows share an index: that would not compile. */
#define REGMON_HEADER_INDEX(three) ((uint32_t)((three)*0x8a05a7u) >> 24)
extern const uint8_t regmon_header_by_index[256];
extern const uint8_t regmon_header_next_alike[REGMON_HEADERS_N]; /* 0: none */

/* Does the text begin like this, up to 16 bytes of it from the offset on? */
REGMON_INLINE bool regmon_header_begins(
		const char *text, const regmon_header_start_t *start, int offset)
{
#ifdef REGMON_SCAN_SSE2
	__m128i bytes = _mm_loadu_si128((const __m128i *)(text + offset));
	__m128i mask = _mm_loadu_si128((const __m128i *)(start->mask + offset));
	__m128i wanted = _mm_loadu_si128((const __m128i *)(start->text + offset));

	return _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_and_si128(bytes, mask), wanted))
		   == 0xffff;
#else
	int n = start->length - offset;

	return memcmp(text + offset, start->text + offset, n < 16 ? n : 16) == 0;
#endif
}

/* Of a line that begins here: how many bytes its name takes together with the colon and the one space behind it, 0: it
 * has another form. room: bytes that can be read, 16 at least. */
REGMON_INLINE unsigned regmon_header_start(
		const char *text, long room, unsigned *ret_header)
{
	unsigned header = regmon_header_by_index[REGMON_HEADER_INDEX(
			regmon_three_nocase(text))];
	const regmon_header_start_t *start;
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
		start = &regmon_header_starts[header];
		if(REGMON_USUALLY(regmon_header_begins(text, start, 0))) {
			*ret_header = header;
			if(REGMON_USUALLY(start->length <= REGMON_SCAN_WINDOW))
				return start->length;
			if(room >= 2 * REGMON_SCAN_WINDOW
					&& regmon_header_begins(text, start, REGMON_SCAN_WINDOW))
				return start->length;
		}
		header = regmon_header_next_alike[header];
	} while(header != REGMON_HEADER_OTHER);
	return 0;
}

#endif
