/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of those who listen to the table's news; filled once at start, read only afterwards. */
#include "registration/events.h"

#define MAX_LISTENERS 8

static struct
{
	unsigned types;
	regmon_event_listener_f listener;
	void *context;
} listeners[MAX_LISTENERS];
static unsigned listeners_n;

int regmon_events_listen(
		unsigned types, regmon_event_listener_f listener, void *context)
{
	if(listeners_n == MAX_LISTENERS)
		return -1;
	listeners[listeners_n].types = types;
	listeners[listeners_n].listener = listener;
	listeners[listeners_n].context = context;
	listeners_n++;
	return 0;
}

void regmon_events_tell(const regmon_event_t *event)
{
	unsigned i;

	for(i = 0; i < listeners_n; i++)
		if(listeners[i].types & (1u << event->type))
			listeners[i].listener(event, listeners[i].context);
}

void regmon_events_forget_listeners(void)
{
	listeners_n = 0;
}
