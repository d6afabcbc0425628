/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be done once in a while. */
#ifndef REGMON_SHOW_INTERVAL_H
#define REGMON_SHOW_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>

/* Has so long passed since the last time (0: never)? All in ms. A clock that is behind the last time went back, as that of
 * captures does with the next file: waiting until it comes there again could take days. */
static inline bool regmon_interval_over(
		int64_t now_ms, int64_t last_ms, int64_t interval_ms)
{
	return last_ms == 0 || now_ms < last_ms || now_ms - last_ms >= interval_ms;
}

#endif
