/* SPDX-License-Identifier: GPL-2.0-or-later */
/* News of one message or one look of the timer: gathered under the slot's lock, told after it. */
#include "registration/table_private.h"

/* A process works on one message at a time, and listeners do not come back to the table. */
typedef union copy
{
	regmon_registration_t record;
	char room[sizeof(regmon_registration_t)
			  + REGMON_MAX_TIMELINE * sizeof(regmon_entry_t)
			  + sizeof(regmon_supplement_t)];
} copy_t;
static copy_t at_end, afterwards, of_others[REGMON_MAX_NEWS];

void regmon_news_start(regmon_news_t *news, regmon_outcome_t *outcome)
{
	news->n = 0;
	news->types = 0;
	news->outcome = outcome;
	news->at_end = news->afterwards = NULL;
}

regmon_event_t *regmon_news_add(
		regmon_news_t *news, regmon_event_type_t type, int64_t now_ms)
{
	regmon_event_t *event;

	if(news->n == REGMON_MAX_NEWS)
		return NULL;
	news->types |= 1u << type;
	event = &news->list[news->n++];
	memset(event, 0, offsetof(regmon_event_t, attempt));
	event->type = type;
	event->now_ms = now_ms;
	return event;
}

static const regmon_registration_t *copy_of(
		const regmon_registration_t *registration, copy_t *copy)
{
	regmon_registration_copy(registration, copy);
	return &copy->record;
}

void regmon_news_keep_end_locked(
		const regmon_registration_t *registration, regmon_news_t *news)
{
	unsigned types = news->types
					 & (1u << REGMON_EVENT_ATTEMPT_ENDED
							 | 1u << REGMON_EVENT_CAUSE);
	unsigned i;

	if(!regmon_events_wanting_record(types))
		return;
	news->at_end = copy_of(registration, &at_end);
	/* the causes of this end: the message may go on and open another attempt */
	for(i = 0; i < news->n; i++)
		if(news->list[i].type == REGMON_EVENT_CAUSE)
			news->list[i].registration = news->at_end;
}

void regmon_news_keep_other_locked(const regmon_registration_t *other,
		unsigned first, regmon_news_t *news)
{
	unsigned i;

	for(i = first; i < news->n; i++)
		if(regmon_events_wanting_record(1u << news->list[i].type))
			news->list[i].registration = copy_of(other, &of_others[i]);
}

void regmon_news_keep_record_locked(
		const regmon_registration_t *registration, unsigned more_types,
		regmon_news_t *news)
{
	unsigned types = news->types & ~(1u << REGMON_EVENT_ATTEMPT_ENDED);

	if(regmon_events_wanting_record(types | more_types))
		news->afterwards = copy_of(registration, &afterwards);
}

void regmon_news_tell(regmon_news_t *news, uint8_t access)
{
	unsigned i;

	for(i = 0; i < news->n; i++) {
		regmon_event_t *event = &news->list[i];

		event->access = access;
		if(event->registration == NULL)
			event->registration = event->type == REGMON_EVENT_ATTEMPT_ENDED
										  ? news->at_end
										  : news->afterwards;
		regmon_events_tell(event);
	}
}
