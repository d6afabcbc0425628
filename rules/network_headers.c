/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about headers that belong to the network, not to the phone: visited network, charging, identities, features,
 * priority; and the location headers beside P-Access-Network-Info. */
#include "rules/rule.h"

static bool visited_network_missing(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_P_VISITED_NETWORK_ID);
	return seen->len == 0;
}

static bool visited_network_given(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_P_VISITED_NETWORK_ID);
	return message->count[REGMON_HEADER_P_VISITED_NETWORK_ID] > 0;
}

static bool icid_not_first(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	str name, value;
	int position = 0;

	*seen = regmon_message_value(message, REGMON_HEADER_P_CHARGING_VECTOR);
	if(message->count[REGMON_HEADER_P_CHARGING_VECTOR] == 0)
		return false;
	return !regmon_text_next_parameter(*seen, ';', &position, &name, &value)
		   || !regmon_text_is_nocase(name, REGMON_TEXT("icid-value"))
		   || value.len == 0;
}

static bool charging_vector_given(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_P_CHARGING_VECTOR);
	return message->count[REGMON_HEADER_P_CHARGING_VECTOR] > 0;
}

static bool associated_uri_given(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_P_ASSOCIATED_URI);
	return message->count[REGMON_HEADER_P_ASSOCIATED_URI] > 0;
}

static bool cellular_info_beside_cellular(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	if(message->count[REGMON_HEADER_CELLULAR_NETWORK_INFO] == 0)
		return false;
	*seen = regmon_message_value(message, REGMON_HEADER_CELLULAR_NETWORK_INFO);
	for(i = 0; i < message->access.kept; i++) {
		regmon_access_t access = message->access.list[i].access;

		if(access >= REGMON_ACCESS_GERAN && access <= REGMON_ACCESS_NR)
			return true;
	}
	return false;
}

static bool geolocation_outside_emergency(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	/* the place itself is nobody's to see */
	return message->count[REGMON_HEADER_GEOLOCATION] > 0 && !class->emergency;
}

static bool feature_caps_given(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_FEATURE_CAPS);
	return message->count[REGMON_HEADER_FEATURE_CAPS] > 0;
}

static bool priority_given(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	static const uint8_t headers[] = {REGMON_HEADER_RESOURCE_PRIORITY,
			REGMON_HEADER_PRIORITY_SHARE, REGMON_HEADER_RESOURCE_SHARE};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(headers); i++) {
		if(message->count[headers[i]] > 0) {
			*seen = regmon_message_value(message, headers[i]);
			return true;
		}
	}
	return false;
}

static const regmon_rule_t rules[] = {
		{
				.id = "PVNI-01",
				.name = "visited-network-missing",
				.header = "P-Visited-Network-ID",
				.legs = REGMON_LEG_PI,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 7315 4.3",
				.text = "The P-CSCF names its network to the home network in "
						"P-Visited-Network-ID.",
				.cause = "The P-CSCF was set up without its network name, or a "
						 "node between dropped the header.",
				.inspect = "P-Visited-Network-ID behind the P-CSCF and "
						   "Visited-Network-Identifier in the UAR.",
				.next_step = "Configure the name at the P-CSCF: without it the HSS "
							 "cannot check roaming and may answer 403 to "
							 "everybody.",
				.ims_only = true,
				.broken = visited_network_missing,
		},
		{
				.id = "PVNI-02",
				.name = "visited-network-from-phone",
				.header = "P-Visited-Network-ID",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_NETWORK_HEADER,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 7315 4.3.2",
				.text = "P-Visited-Network-ID is added by the P-CSCF, not by the "
						"phone.",
				.cause = "A carrier profile that asks the phone for it.",
				.inspect = "What the P-CSCF sends on: one value, its own.",
				.next_step = "Have the P-CSCF replace it; roaming checks must not "
							 "rest on what a phone says.",
				.broken = visited_network_given,
		},
		{
				.id = "PCV-01",
				.name = "icid-missing",
				.header = "P-Charging-Vector",
				.legs = REGMON_LEG_PI,
				.when = REGMON_WHEN_NETWORK_HEADER,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 7315 5.6",
				.text = "P-Charging-Vector begins with a filled icid-value.",
				.cause = "The P-CSCF writes the operator identifiers but draws no "
						 "charging identity.",
				.inspect = "P-Charging-Vector behind the P-CSCF and the ICID of "
						   "its charging records.",
				.next_step = "Let the P-CSCF generate the icid; records of the "
							 "nodes cannot be put together without it.",
				.broken = icid_not_first,
		},
		{
				.id = "PCV-03",
				.name = "charging-vector-from-phone",
				.header = "P-Charging-Vector",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_NETWORK_HEADER,
				.level = REGMON_MUST,
				.severity = REGMON_NOTE,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "TS 24.229 5.2",
				.text = "A P-Charging-Vector of a phone is dropped by the P-CSCF.",
				.cause = "A test tool that replays a core trace, or a PBX that "
						 "adds charging headers.",
				.inspect = "Whether the same icid appears behind the P-CSCF.",
				.next_step = "Make sure that it does not: charging identities of "
							 "strangers would enter your records.",
				.broken = charging_vector_given,
		},
		{
				.id = "PAU-01",
				.name = "associated-uri-in-request",
				.header = "P-Associated-URI",
				.legs = REGMON_LEGS_REQUEST,
				.when = REGMON_WHEN_NETWORK_HEADER,
				.level = REGMON_MUST,
				.severity = REGMON_NOTE,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 7315 4.1",
				.text = "P-Associated-URI belongs into the 200, not into a "
						"REGISTER.",
				.cause = "A client that sends back what it got, or a script that "
						 "adds the header on the wrong side.",
				.inspect = "On which leg it appears first.",
				.next_step = "Remove it there; nothing may learn identities from "
							 "a request.",
				.broken = associated_uri_given,
		},
		{
				.id = "CNI-01",
				.name = "cellular-info-beside-cellular",
				.header = "Cellular-Network-Info",
				.legs = REGMON_LEG_U1 | REGMON_LEG_U2,
				.when = REGMON_WHEN_NETWORK_HEADER,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 24.229 7.2.15",
				.text = "Cellular-Network-Info tells the last cell of a phone that "
						"is on WLAN or another non-cellular access.",
				.cause = "The phone came back from WLAN to its cell and kept the "
						 "header.",
				.inspect = "Access type and cell-info-age.",
				.next_step = "Take the cell from P-Access-Network-Info in this "
							 "case; the other may be old.",
				.broken = cellular_info_beside_cellular,
		},
		{
				.id = "GEO-01",
				.name = "geolocation-outside-emergency",
				.header = "Geolocation",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_NETWORK_HEADER,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_SECONDARY,
				.clause = "RFC 6442 4.1",
				.text = "A phone tells its place in a REGISTER only for an "
						"emergency registration or a location service.",
				.cause = "The location service of the phone applies to all "
						 "requests.",
				.inspect = "Which nodes log or pass on the header.",
				.next_step = "Keep it out of logs and records, it is personal "
							 "data; the registration does not need it.",
				.broken = geolocation_outside_emergency,
		},
		{
				.id = "FC-01",
				.name = "feature-caps-from-phone",
				.header = "Feature-Caps",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_NETWORK_HEADER,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_SECONDARY,
				.clause = "RFC 6809 4.2",
				.text = "Feature-Caps is how nodes of the network tell what they "
						"can; a phone tells it in Contact.",
				.cause = "A gateway in front of the P-CSCF, or a phone that puts "
						 "its tags into the wrong header.",
				.inspect = "The tags in Feature-Caps and those in Contact.",
				.next_step = "If a gateway adds it on purpose, take it for part of "
							 "the network; else the tags are lost, and services "
							 "with them.",
				.broken = feature_caps_given,
		},
		{
				.id = "RP-01",
				.name = "priority-from-phone",
				.header = "Resource-Priority",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_NETWORK_HEADER,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 24.229 7.2.13",
				.text = "Resource-Priority, Priority-Share and Resource-Share are "
						"of no use in a phone's REGISTER.",
				.cause = "A phone of a priority service that marks every request.",
				.inspect = "Whether the subscriber has the priority service.",
				.next_step = "Do not let the P-CSCF prefer traffic by it without "
							 "that subscription.",
				.broken = priority_given,
		},
};

const regmon_rule_set_t regmon_rules_network_headers =
		REGMON_RULE_SET(rules, REGMON_HEADER_OTHER);
