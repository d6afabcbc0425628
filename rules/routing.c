/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about Max-Forwards, Route and Record-Route of a REGISTER. */
#include "rules/rule.h"

static bool max_forwards_unusable(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_MAX_FORWARDS);
	return message->max_forwards < 0 || message->max_forwards > 255;
}

static bool no_hop_left(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_MAX_FORWARDS);
	return message->max_forwards == 0;
}

static bool route_given(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_ROUTE);
	return message->count[REGMON_HEADER_ROUTE] > 0;
}

/* one value may be the P-CSCF itself; a list is that of a Service-Route */
static bool routes_given(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_line_t *line =
			regmon_message_line(message, REGMON_HEADER_ROUTE);

	if(line == NULL)
		return false;
	*seen = line->value;
	return line->next || regmon_text_find_outside(line->value, 0, ',') >= 0;
}

static bool record_route_given(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_RECORD_ROUTE);
	return message->count[REGMON_HEADER_RECORD_ROUTE] > 0;
}

static const regmon_rule_t max_forwards_rules[] = {
		{
				.id = "MF-01",
				.name = "max-forwards-unusable",
				.header = "Max-Forwards",
				.legs = REGMON_LEGS_REQUEST,
				.level = REGMON_MUST,
				/* proxies bear its absence for the sake of RFC 2543 (16.3) */
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 8.1.1.6",
				.text = "Max-Forwards is there, a number from 0 to 255; a client "
						"starts with 70.",
				.cause = "A hand-made or very old client that leaves the header "
						 "out or fills it with something else.",
				.inspect = "Max-Forwards here and at the next hop, which may have "
						   "added it.",
				.next_step = "Add Max-Forwards: 70 to the client's template; a "
							 "routing loop of this REGISTER would otherwise run "
							 "until timers stop it.",
				.answer = 400,
				.broken = max_forwards_unusable,
		},
		{
				.id = "MF-02",
				.name = "no-hop-left",
				.header = "Max-Forwards",
				.legs = REGMON_LEGS_U | REGMON_LEG_PI,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 3261 16.3",
				.text = "A REGISTER that still has to be forwarded comes with "
						"Max-Forwards above 0.",
				.cause = "A routing loop between P-CSCF and I-CSCF, or a client "
						 "that starts with 0.",
				.inspect = "The Via list: the same two hosts in turn are a loop.",
				.next_step = "Find the node whose next hop is one that the request "
							 "came from (DNS of the home domain, dispatcher or "
							 "Route); 483 is the answer to it.",
				.answer = 483,
				.ims_only = true,
				.broken = no_hop_left,
		},
};

const regmon_rule_set_t regmon_rules_max_forwards =
		REGMON_RULE_SET(max_forwards_rules, REGMON_HEADER_OTHER);

static const regmon_rule_t route_rules[] = {
		{
				.id = "RT-01",
				.name = "route-in-first-register",
				.header = "Route",
				.legs = REGMON_LEG_U0,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 34.229 part 1 A.1.1",
				.text = "The first REGISTER goes to the discovered P-CSCF without "
						"any Route.",
				.cause = "The client has an outbound proxy configured, as "
						 "softphones do.",
				.inspect = "Whether Route names this P-CSCF or another node.",
				.next_step = "Nothing when it names this P-CSCF; else the request "
							 "goes on to the node named there, past the I-CSCF.",
				.ims_only = true,
				.broken = route_given,
		},
		{
				.id = "RT-02",
				.name = "service-route-in-register",
				.header = "Route",
				.legs = REGMON_LEG_U1 | REGMON_LEG_U2,
				.level = REGMON_SHOULD,
				.severity = REGMON_NOTE,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 3608 6.1",
				.text = "The Service-Route of the last 200 is for other requests, "
						"not for the next REGISTER.",
				.cause = "The phone preloads the same route set for everything it "
						 "sends.",
				.inspect = "Route of this REGISTER beside Service-Route of the "
						   "last 200.",
				.next_step = "Have the P-CSCF drop Route of a REGISTER: with it "
							 "the refresh goes to the old S-CSCF even when the "
							 "HSS has named another.",
				.ims_only = true,
				.broken = routes_given,
		},
};

const regmon_rule_set_t regmon_rules_route =
		REGMON_RULE_SET(route_rules, REGMON_HEADER_ROUTE);

static const regmon_rule_t record_route_rules[] = {
		{
				.id = "RR-01",
				.name = "record-route-in-register",
				.header = "Record-Route",
				.legs = REGMON_LEGS_REQUEST,
				.level = REGMON_MUST,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.3",
				.text = "Record-Route does nothing in a REGISTER: the registrar "
						"ignores it and no answer carries it.",
				.cause = "A proxy script calls record_route() for every request.",
				.inspect = "Which host the Record-Route names.",
				.next_step = "Exempt REGISTER from record routing in that proxy; "
							 "what it wants here is Path.",
				.broken = record_route_given,
		},
};

const regmon_rule_set_t regmon_rules_record_route =
		REGMON_RULE_SET(record_route_rules, REGMON_HEADER_RECORD_ROUTE);
