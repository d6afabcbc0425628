/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the answer that accepts, 200: bindings, routes and identities; and what no answer may carry. Most need
 * to know what the REGISTER asked for. */
#include "rules/rule.h"

static bool flow_timer_alone(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_FLOW_TIMER);
	return message->count[REGMON_HEADER_FLOW_TIMER] > 0
		   && !(message->required & REGMON_OPTION_OUTBOUND);
}

static bool record_route_in_answer(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_RECORD_ROUTE);
	return message->count[REGMON_HEADER_RECORD_ROUTE] > 0;
}

static bool charging_for_phone(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message,
			message->count[REGMON_HEADER_P_CHARGING_FUNCTION_ADDRESSES]
					? REGMON_HEADER_P_CHARGING_FUNCTION_ADDRESSES
					: REGMON_HEADER_P_CHARGING_VECTOR);
	return message->count[REGMON_HEADER_P_CHARGING_FUNCTION_ADDRESSES] > 0
		   || message->count[REGMON_HEADER_P_CHARGING_VECTOR] > 0;
}

static const regmon_rule_t rules[] = {
		{
				.id = "R200-11",
				.name = "flow-timer-without-outbound",
				.header = "Flow-Timer",
				.legs = REGMON_LEGS_ANSWER,
				.when = REGMON_WHEN_ACCEPTED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 5626 5.4",
				.text = "Flow-Timer stands only in a 200 that has outbound in "
						"Require.",
				.cause = "An edge proxy adds its keep-alive time to every 200.",
				.inspect = "Require of the 200 and reg-id of the REGISTER.",
				.next_step = "Make the proxy look for Require: outbound first. "
							 "Phones ignore the timer without it, and their NAT "
							 "binding closes.",
				.broken = flow_timer_alone,
		},
		{
				.id = "R200-12",
				.name = "record-route-in-answer",
				.header = "Record-Route",
				.legs = REGMON_LEGS_ANSWER,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.3",
				.text = "No answer to a REGISTER has Record-Route: it makes no "
						"dialog.",
				.cause = "A proxy's script calls record_route() for every request, "
						 "and the registrar copies what it finds.",
				.inspect = "Which proxies stand in the header: the first one begins "
						   "it.",
				.next_step = "Leave REGISTER out of record routing; use Path where "
							 "requests for the phone have to come back this way.",
				.broken = record_route_in_answer,
		},
		{
				.id = "R200-16",
				.name = "charging-sent-to-phone",
				.header = "P-Charging-Function-Addresses",
				.legs = REGMON_LEG_AU,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 7315 4.5",
				.text = "Charging headers stay among trusted nodes: the P-CSCF takes "
						"them out of answers for the phone.",
				.cause = "The P-CSCF's script removes them from requests only.",
				.inspect = "P-Charging-Vector and P-Charging-Function-Addresses "
						   "behind and in front of the P-CSCF.",
				.next_step = "Remove both in the P-CSCF's onreply route; they tell "
							 "strangers names and addresses of the core.",
				.broken = charging_for_phone,
		},
};

const regmon_rule_set_t regmon_rules_answer_any =
		REGMON_RULE_SET(rules, REGMON_HEADER_OTHER);

static bool binding_without_expires(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		if(!message->contacts.list[i].expires_given) {
			*seen = message->contacts.list[i].text;
			return true;
		}
	}
	return message->contacts.n == 0;
}

static bool own_contact_missing(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_CONTACT);
	return history->own_contact_missing || history->answered_s == 0;
}

static bool granted_more(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_CONTACT);
	return history->requested_s > 0 && history->answered_s > history->requested_s;
}

static bool still_bound(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_CONTACT);
	return history->answered_s > 0;
}

#define MAX_ADDRESS 256

/* TS 23.003 13.4B: made of the IMSI for the time until the real ones are known, and barred on purpose. */
static bool is_temporary_identity(str impu)
{
	const str network = REGMON_TEXT(".3gppnetwork.org");
	const char *at = memchr(impu.s, '@', impu.len);
	str user = {impu.s + 4, at ? (int)(at - impu.s) - 4 : 0};

	return (user.len == 14 || user.len == 15)
		   && memcmp(impu.s, "sip:", 4) == 0 && regmon_text_all_digits(user)
		   && impu.len - user.len - 5 > network.len
		   && memchr(at, ':', impu.s + impu.len - at) == NULL
		   && regmon_text_is(regmon_text_from(impu, impu.len - network.len),
				   network);
}

/* the URI of a P-Associated-URI value, between angle brackets or bare */
static str uri_of(str value)
{
	const char *open = memchr(value.s, '<', value.len);
	const char *close;

	if(open == NULL)
		return value;
	close = memchr(open, '>', value.s + value.len - open);
	return (str){(char *)open + 1,
			(int)((close ? close : value.s + value.len) - open - 1)};
}

static bool is_associated(const regmon_message_t *message, str wanted)
{
	char address[MAX_ADDRESS];
	const regmon_line_t *line;
	regmon_uri_t uri;
	str value;
	int position, length;

	for(line = regmon_message_line(message, REGMON_HEADER_P_ASSOCIATED_URI);
			line != NULL; line = regmon_message_next_line(message, line)) {
		position = 0;
		while(regmon_text_next_element(line->value, &position, &value)) {
			regmon_uri_read(uri_of(value), &uri);
			length = regmon_uri_canonical(&uri, address, sizeof(address));
			if(regmon_text_is((str){address, length}, wanted))
				return true;
		}
	}
	return false;
}

/* Is To what nearly everybody writes, "<" and the identity and ">"? Then it need not be read. */
static bool to_is(const regmon_message_t *message, str impu)
{
	str to = regmon_message_value(message, REGMON_HEADER_TO);

	return impu.len > 0 && to.len >= impu.len + 2 && to.s[0] == '<'
		   && to.s[impu.len + 1] == '>'
		   && memcmp(to.s + 1, impu.s, impu.len) == 0;
}

static bool identity_not_associated(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	char address[MAX_ADDRESS];
	str impu = history->impu;

	if(message->count[REGMON_HEADER_P_ASSOCIATED_URI] == 0)
		return false;
	if(!to_is(message, impu)) {
		regmon_message_need(message, REGMON_HEADER_BIT(TO));
		impu = (str){address, regmon_uri_canonical(&message->to.uri, address,
									  sizeof(address))};
	}
	if(impu.len > 0 && is_temporary_identity(impu))
		return false;
	*seen = regmon_message_value(message, REGMON_HEADER_P_ASSOCIATED_URI);
	return !is_associated(message, impu);
}

static bool service_route_missing(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	return message->count[REGMON_HEADER_SERVICE_ROUTE] == 0;
}

static bool path_lost(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_PATH);
	return history->path_lost;
}

static bool asked_outbound(const regmon_history_t *history)
{
	return history->asked_reg_id
		   && (history->asked_options & REGMON_OPTION_OUTBOUND);
}

static bool outbound_not_asked(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_REQUIRE);
	return (message->required & REGMON_OPTION_OUTBOUND)
		   && !asked_outbound(history);
}

static bool outbound_not_granted(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_REQUIRE);
	return !(message->required & REGMON_OPTION_OUTBOUND)
		   && asked_outbound(history);
}

static bool gruu_not_asked(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	bool asked = (history->asked_options & REGMON_OPTION_GRUU)
				 && history->asked_instance;
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		const regmon_contact_t *contact = &message->contacts.list[i];

		*seen = contact->pub_gruu.s ? contact->pub_gruu : contact->temp_gruu;
		if(seen->s != NULL
				&& (contact->instance.len == 0
						|| (!asked && message->contacts.n == 1)))
			return true;
	}
	return false;
}

static const regmon_rule_t since_rules[] = {
		{
				.id = "R200-01",
				.name = "binding-without-expires",
				.header = "Contact",
				.legs = REGMON_LEGS_ANSWER,
				.when = REGMON_WHEN_ACCEPTED,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 3261 10.3",
				.text = "The 200 lists every current binding in Contact, each with "
						"the expires that the registrar chose.",
				.cause = "A registrar or test server that copies Expires back "
						 "instead of listing its bindings.",
				.inspect = "Contact of the 200 where it leaves the registrar.",
				.next_step = "Let the registrar's save function make the answer. "
							 "Phones then guess the interval, and some refresh too "
							 "late.",
				.broken_since = binding_without_expires,
		},
		{
				.id = "R200-02",
				.name = "own-contact-missing",
				.header = "Contact",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_ACCEPTED
						| REGMON_WHEN_NOT_BOUND,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MUST,
				.severity = REGMON_ERROR,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.3",
				.text = "The phone's own Contact is in the list of the 200, with "
						"expires above 0.",
				.cause = "The registrar's limit of contacts or its rule against a "
						 "second device dropped the new one, or a node between "
						 "rewrote the Contact.",
				.inspect = "Every Contact of the 200 beside that of the REGISTER, on "
						   "both sides of this node.",
				.next_step = "Raise or overwrite at the limit (max_contacts); if the "
							 "registrar lists it and the phone does not see it, "
							 "stop the node that rewrites it.",
				.broken_since = own_contact_missing,
		},
		{
				.id = "R200-03",
				.name = "granted-more-than-asked",
				.header = "Contact",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_ACCEPTED
						| REGMON_WHEN_GRANTED_MORE,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.3",
				.text = "The registrar may shorten the interval that the phone asked "
						"for, not lengthen it.",
				.cause = "A minimum in the registrar that silently replaces shorter "
						 "requests instead of answering 423.",
				.inspect = "Asked and granted seconds, and the registrar's "
						   "min_expires.",
				.next_step = "Nothing urgent. A phone that counts its own time "
							 "refreshes early and looks like a storm: answer 423 "
							 "instead.",
				.broken_since = granted_more,
		},
		{
				.id = "R200-04",
				.name = "identity-not-associated",
				.header = "P-Associated-URI",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_ACCEPTED,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "P-Associated-URI names the registered identity; one that is "
						"missing there counts as barred for the phone.",
				.cause = "The identity is barred in the HSS, or its implicit set "
						 "lists it in another spelling than the phone registers.",
				.inspect = "To of the REGISTER, and the set in the Cx SAA.",
				.next_step = "Compare spelling and barring in the subscription: the "
							 "phone will not call under this identity.",
				.ims_only = true,
				.broken_since = identity_not_associated,
		},
		{
				.id = "R200-05",
				.name = "service-route-missing",
				.header = "Service-Route",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_ACCEPTED,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "The 200 has Service-Route, of which the phone makes the "
						"Route of all its later requests.",
				.cause = "The S-CSCF was set up without it, or a node on the way "
						 "takes it out.",
				.inspect = "Service-Route where the 200 leaves the S-CSCF and where "
						   "the phone gets it.",
				.next_step = "Try an outgoing call: it ends at the P-CSCF with 403 "
							 "or 404. Let the S-CSCF insert its URI.",
				.ims_only = true,
				.broken_since = service_route_missing,
		},
		{
				.id = "R200-07",
				.name = "path-not-repeated",
				.header = "Path",
				.legs = REGMON_LEGS_ANSWER,
				.when = REGMON_WHEN_ACCEPTED
						| REGMON_WHEN_PATH_LOST,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3327 5.3",
				.text = "The 200 repeats the Path of the REGISTER unchanged.",
				.cause = "The registrar does not support Path, or it is switched off "
						 "there.",
				.inspect = "Path in the REGISTER as it came in here and in the 200 "
						   "as it went back.",
				.next_step = "Look whether the registrar stored the Path with the "
							 "binding (use_path): if not, no call reaches the "
							 "phone.",
				.broken_since = path_lost,
		},
		{
				.id = "R200-08",
				.name = "outbound-granted-unasked",
				.header = "Require",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_ACCEPTED
						| REGMON_WHEN_OUTBOUND,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 5626 6",
				.text = "Require: outbound stands in the 200 only when the REGISTER "
						"had reg-id and outbound in Supported.",
				.cause = "The registrar answers by its setting, not by what it was "
						 "asked.",
				.inspect = "reg-id and Supported in the REGISTER.",
				.next_step = "Set outbound to 'if asked' in the registrar; a phone "
							 "that does not know the tag has to discard the answer.",
				.broken_since = outbound_not_asked,
		},
		{
				.id = "R200-09",
				.name = "outbound-not-granted",
				.header = "Require",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_ACCEPTED
						| REGMON_WHEN_OUTBOUND,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "Without Require: outbound in the 200 the phone has a single "
						"binding, though it asked for flows.",
				.cause = "Outbound is off in the registrar or in the edge proxy.",
				.inspect = "ob in the first Path URI and the registrar's outbound "
						   "setting.",
				.next_step = "Nothing while the phone has one access. With cellular "
							 "and WLAN at once the second registration replaces "
							 "the first.",
				.broken_since = outbound_not_granted,
		},
		{
				.id = "R200-10",
				.name = "gruu-not-asked",
				.header = "Contact",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_ACCEPTED,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "pub-gruu and temp-gruu are given to a phone that sent "
						"+sip.instance and listed gruu in Supported.",
				.cause = "A registrar that gives GRUUs to everybody with an "
						 "instance.",
				.inspect = "Supported and +sip.instance of the REGISTER.",
				.next_step = "Check if the parameters make the 200 too large for UDP; "
							 "a phone that did not ask ignores them.",
				.broken_since = gruu_not_asked,
		},
		{
				.id = "R200-15",
				.name = "still-bound",
				.header = "Contact",
				.legs = REGMON_LEG_AU,
				.when = REGMON_WHEN_ACCEPTED,
				.purposes = REGMON_PURPOSE_DEREGISTRATION,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 24.229 5.4.1.4",
				.text = "The 200 to a de-registration lists the phone's own Contact "
						"no more, or with expires=0.",
				.cause = "The registrar compared the Contact with another spelling "
						 "and removed nothing.",
				.inspect = "The Contact that is left beside the one in the REGISTER: "
						   "port, transport and parameters.",
				.next_step = "Remove the binding by hand if calls ring nowhere; give "
							 "the phone an instance so that it is found again.",
				.broken_since = still_bound,
		},
};

const regmon_rule_set_t regmon_rules_answer_success =
		REGMON_RULE_SET(since_rules, REGMON_HEADER_OTHER);
