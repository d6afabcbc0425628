/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event_route[ims_regmon:NAME] and its KEMI twin, run with a message that was made up for them. */
#include "core/dprint.h"
#include "core/fmsg.h"
#include "core/kemi.h"
#include "core/receive.h"
#include "core/route.h"
#include "core/script_cb.h"

#include <stdio.h>

#include "hooks/events.h"
#include "show/show.h"

/* Kamailio's reader of configurations takes no "_" in front of the colon: of event_route[ims_regmon:state] it prints the
 * "ims_" and keeps the rest. So the short form is what is there, and what may be written; KEMI gets the long one. */
static const char *const prefixes[] = {"regmon:", "ims_regmon:"};
#define PREFIXES_N 2
#define NAME_LENGTH 64

static int routes[REGMON_OUTGOINGS_N]; /* -1: none */
static str callback;				   /* empty: native routes */
static unsigned wanted;

static const char *name_of(
		regmon_outgoing_kind_t kind, unsigned prefix, char buffer[NAME_LENGTH])
{
	snprintf(buffer, NAME_LENGTH, "%s%s", prefixes[prefix],
			regmon_outgoing_name(kind));
	return buffer;
}

static int native_route(regmon_outgoing_kind_t kind)
{
	char name[NAME_LENGTH];
	unsigned prefix;
	int route;

	for(prefix = 0; prefix < PREFIXES_N; prefix++) {
		route = route_lookup(&event_rt, (char *)name_of(kind, prefix, name));
		if(route >= 0 && event_rt.rlist[route] != NULL)
			return route;
	}
	return -1;
}

static bool is_misspelt(str route)
{
	char name[NAME_LENGTH];
	bool is_ours = false;
	unsigned prefix;
	int kind;

	for(prefix = 0; prefix < PREFIXES_N; prefix++) {
		str ours = {(char *)prefixes[prefix], (int)strlen(prefixes[prefix])};

		is_ours |= regmon_text_starts_nocase(route, ours);
		for(kind = 0; kind < REGMON_OUTGOINGS_N; kind++) {
			name_of(kind, prefix, name);
			if(regmon_text_is(route, (str){name, (int)strlen(name)}))
				return false;
		}
	}
	return is_ours;
}

/* It would never be run, and nobody would know why. */
static void warn_of_misspelt_routes(void)
{
	struct str_hash_head *head = event_rt.names.table;
	struct str_hash_head *end = head + event_rt.names.size;
	struct str_hash_entry *entry;

	for(; head < end; head++) {
		clist_foreach(head, entry, next)
		{
			if(is_misspelt(entry->key))
				LM_WARN("event_route[%.*s] is never run: there are state,"
						" finding, cause and record\n",
						entry->key.len, entry->key.s);
		}
	}
}

int regmon_event_routes_find(const regmon_event_orders_t *orders)
{
	int kind;

	callback = orders->callback;
	wanted = 0;
	warn_of_misspelt_routes();
	if(callback.len > 0) {
		if(sr_kemi_eng_get() == NULL) {
			LM_ERR("modparam event_callback \"%.*s\": it is a function of a"
				   " KEMI script, and there is no cfgengine; native scripts"
				   " have event_route[ims_regmon:record]\n",
					callback.len, callback.s);
			return -1;
		}
		wanted = orders->callback_kinds;
		return (int)wanted;
	}
	for(kind = 0; kind < REGMON_OUTGOINGS_N; kind++) {
		routes[kind] = native_route(kind);
		if(routes[kind] >= 0)
			wanted |= 1u << kind;
	}
	return (int)wanted;
}

bool regmon_event_route_wants(regmon_outgoing_kind_t kind)
{
	return (wanted >> kind) & 1;
}

static void run(struct sip_msg *msg, regmon_outgoing_kind_t kind)
{
	struct run_act_ctx context;
	sr_kemi_eng_t *engine;
	char name[NAME_LENGTH];
	str event;

	if(callback.len == 0) {
		init_run_actions_ctx(&context);
		run_top_route(event_rt.rlist[routes[kind]], msg, &context);
		return;
	}
	name_of(kind, 1, name);
	event = (str){name, (int)strlen(name)};
	engine = sr_kemi_eng_get();
	/* the engine itself has said what is wrong */
	if(engine)
		sr_kemi_route(engine, msg, EVENT_ROUTE, &callback, &event);
}

void regmon_event_route_run(const regmon_event_at_hand_t *event)
{
	struct sip_msg msg;
	int type = get_route_type();

	/* one of its own for each event: what a script puts into it goes with it */
	if(faked_msg_get_new(&msg) < 0)
		return;
	set_route_type(EVENT_ROUTE);
	regmon_event_at_hand = event;
	run(&msg, event->outgoing->kind);
	regmon_event_at_hand = NULL;
	set_route_type(type);
	free_sip_msg(&msg);
	ksr_msg_env_reset();
}
