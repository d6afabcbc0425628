/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The usual phone, registered for a minute, and a registrar that takes its binding back. */
#ifndef REGMON_TEST_REGISTRATION_BOUND_H
#define REGMON_TEST_REGISTRATION_BOUND_H

#include "test/unit/registration_network.h"

#define TERMINATED(inside)                                                     \
	"<registration aor=\"" USUAL_TO "\" id=\"r\" state=\"terminated\">" inside \
	"</registration>"

static const ask_t first = {0};
static unsigned
		network_ends; /* news that a state became network-deregistered */

static inline void count_ends(const regmon_event_t *event, void *context)
{
	(void)context;
	network_ends += event->to == REGMON_STATE_NETWORK_DEREGISTERED;
}

static inline void begin_bound(void)
{
	begin();
	network_ends = 0;
	assert_int_equal(regmon_events_listen(1u << REGMON_EVENT_STATE_CHANGED,
							 count_ends, NULL),
			0);
	exchange(&first, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	now_ms += 60 * SECOND;
}

static inline const regmon_entry_t *newest(void)
{
	const regmon_registration_t *phone = the_phone();

	return regmon_registration_entry(phone, phone->timeline_n - 1u);
}

static inline void assert_newest(
		regmon_entry_kind_t kind, unsigned event, uint32_t seconds)
{
	const regmon_entry_t *entry = newest();

	if(entry->kind != kind || entry->event != event
			|| entry->seconds != seconds)
		fail_msg("entry of kind %u: %s, %u s", entry->kind,
				regmon_reginfo_event_name(entry->event), entry->seconds);
}

#endif
