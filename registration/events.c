/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of those who listen to the table's news; filled once at start, read only afterwards. */
#include "registration/events.h"

#define MAX_LISTENERS 8 /* of one type */

typedef struct listener
{
	regmon_event_listener_f listener;
	void *context;
} listener_t;

/* of each type of news, so that nobody is asked whether he wants it */
static struct
{
	unsigned n;
	listener_t list[MAX_LISTENERS];
} listeners[REGMON_EVENTS_N];
static unsigned wanting_record; /* bits 1 << type */

int regmon_events_listen(
		unsigned types, regmon_event_listener_f listener, void *context)
{
	unsigned type;

	for(type = 0; type < REGMON_EVENTS_N; type++)
		if((types & (1u << type)) && listeners[type].n == MAX_LISTENERS)
			return -1;
	for(type = 0; type < REGMON_EVENTS_N; type++)
		if(types & (1u << type))
			listeners[type].list[listeners[type].n++] =
					(listener_t){listener, context};
	return 0;
}

int regmon_events_listen_with_record(
		unsigned types, regmon_event_listener_f listener, void *context)
{
	if(regmon_events_listen(types, listener, context) < 0)
		return -1;
	wanting_record |= types;
	return 0;
}

unsigned regmon_events_wanting_record(unsigned types)
{
	return wanting_record & types;
}

void regmon_events_tell(const regmon_event_t *event)
{
	const listener_t *listener = listeners[event->type].list;
	const listener_t *end = listener + listeners[event->type].n;

	for(; listener < end; listener++)
		listener->listener(event, listener->context);
}

void regmon_events_forget_listeners(void)
{
	memset(listeners, 0, sizeof(listeners));
	wanting_record = 0;
}
