/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about P-Access-Network-Info: where the phone says it is, and what the network adds to that. */
#include "rules/home_domain.h"
#include "rules/judgement.h"

static bool grammar_broken(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->access.kept; i++) {
		const regmon_access_value_t *value = &message->access.list[i];

		if(value->broken) {
			*seen = value->broken_part.len ? value->broken_part : value->text;
			return true;
		}
	}
	return false;
}

static bool sent_unprotected(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_P_ACCESS_NETWORK_INFO);
	return !class->is_protected;
}

static bool missing_when_protected(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	return message->count[REGMON_HEADER_P_ACCESS_NETWORK_INFO] == 0;
}

static bool has_separators(const regmon_access_value_t *value)
{
	return value->access == REGMON_ACCESS_WLAN
		   && value->cell_parameter == REGMON_CELL_I_WLAN_NODE_ID
		   && value->cell_text.len > 2
		   && (value->cell_text.s[2] == ':' || value->cell_text.s[2] == '-');
}

/* Fixed accesses and unknown tokens have no form that could be broken. */
static bool cell_does_not_fit(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->access.kept; i++) {
		const regmon_access_value_t *value = &message->access.list[i];

		if(value->fits || value->broken
				|| value->cell_parameter == REGMON_CELL_NONE
				|| value->access < REGMON_ACCESS_GERAN
				|| value->access > REGMON_ACCESS_3GPP2_HRPD
				|| has_separators(value))
			continue;
		*seen = value->cell_text.len ? value->cell_text : value->text;
		return true;
	}
	return false;
}

static bool all_are(str text, char c)
{
	int i;

	/* from the end, where real identities differ from placeholders */
	for(i = text.len - 1; i >= 0; i--) {
		if((text.s[i] | 0x20) != (c | 0x20))
			return false;
	}
	return text.len > 0;
}

static bool is_placeholder(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->access.kept; i++) {
		const regmon_access_value_t *value = &message->access.list[i];

		if(!value->fits)
			continue;
		if(all_are(value->tac, '0') || all_are(value->cell, '0')
				|| (value->access == REGMON_ACCESS_WLAN
						&& all_are(value->cell, 'f'))) {
			*seen = value->cell_text;
			return true;
		}
	}
	return false;
}

static bool class_instead_of_type(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->access.kept; i++) {
		const regmon_access_value_t *value = &message->access.list[i];

		if(value->is_class && !value->network_provided) {
			*seen = value->type;
			return true;
		}
	}
	return false;
}

static bool network_provided_by_phone(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->access.kept; i++) {
		if(message->access.list[i].network_provided) {
			*seen = message->access.list[i].text;
			return true;
		}
	}
	return false;
}

static bool cell_of_other_network(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_access_value_t *value = regmon_access_best(&message->access);
	regmon_home_domain_t home;

	if(value == NULL || value->plmn.len == 0)
		return false;
	regmon_home_domain_read(message->request_uri.host, &home);
	*seen = value->plmn;
	return home.well_formed && !regmon_home_domain_has(&home, value->plmn, true);
}

static bool access_changed(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	const regmon_access_value_t *value = regmon_access_best(&message->access);

	if(value == NULL || history->last_access == REGMON_ACCESS_NONE)
		return false;
	*seen = value->type;
	return value->access != history->last_access;
}

static bool mac_with_separators(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->access.kept; i++) {
		if(has_separators(&message->access.list[i])) {
			*seen = message->access.list[i].cell_text;
			return true;
		}
	}
	return false;
}

/* of all that is looked at in one value; what is compared with other headers is not in question */
bool regmon_access_looks_odd(const regmon_message_t *message)
{
	str seen;

	return grammar_broken(message, NULL, &seen)
		   || cell_does_not_fit(message, NULL, &seen)
		   || is_placeholder(message, NULL, &seen)
		   || class_instead_of_type(message, NULL, &seen)
		   || network_provided_by_phone(message, NULL, &seen)
		   || mac_with_separators(message, NULL, &seen);
}

static const regmon_rule_t rules[] = {
		{
				.id = "PANI-01",
				.name = "access-info-malformed",
				.header = "P-Access-Network-Info",
				.legs = REGMON_LEGS_REQUEST,
				.when = REGMON_WHEN_ACCESS_BROKEN,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 7315 5.4",
				.text = "P-Access-Network-Info is a list of access types, each "
						"followed by ;name=value parts that are tokens or quoted "
						"strings.",
				.cause = "An unquoted value with a colon, blank or slash in it, a "
						 "missing type, or an open quote.",
				.inspect = "The part shown; a strict node reads nothing behind "
						   "it.",
				.next_step = "Quote the value in the phone, or repair the node "
							 "that adds its own part. Charging and emergency "
							 "routing have no location for this phone until then.",
				.broken = grammar_broken,
		},
		{
				.id = "PANI-02",
				.name = "access-info-unprotected",
				.header = "P-Access-Network-Info",
				.legs = REGMON_LEG_U0,
				.level = REGMON_MUST,
				/* nearly every phone does it */
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "Since Release 8 the phone tells its access network only "
						"over a security association or TLS, so not in the first "
						"REGISTER.",
				.cause = "The phone adds the header to every request, as nearly "
						 "all do.",
				.inspect = "Nothing is wrong with the registration; the location "
						   "is readable for whoever listens on this leg.",
				.next_step = "Leave it. Only where privacy of the cell matters on "
							 "the unprotected leg, ask for a phone profile "
							 "without it.",
				.broken = sent_unprotected,
		},
		{
				.id = "PANI-04",
				.name = "cell-identity-does-not-fit",
				.header = "P-Access-Network-Info",
				.legs = REGMON_LEGS_REQUEST,
				.when = REGMON_WHEN_ACCESS_MISFIT,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 24.229 7.2A.4.3",
				.text = "The cell identity has the parameter, the length and the "
						"digits of its access type: for NR 20 or 21 characters "
						"(MCC, MNC, 6 of TAC, 9 of NCI), for E-UTRAN 16 or 17.",
				.cause = "Leading zeros of TAC or cell were dropped, the layout "
						 "of another access type was used (LTE layout under NR), "
						 "or decimal digits stand where hexadecimal belong.",
				.inspect = "Length of the value, then cut it: 3 MCC, 2 or 3 MNC, "
						   "the rest as the access type wants it.",
				.next_step = "Compare with the cell that the MME or AMF has for "
							 "this phone, then report the format to the maker of "
							 "the stack; PCRF, charging and emergency location "
							 "reject or misread it.",
				.broken = cell_does_not_fit,
		},
		{
				.id = "PANI-05",
				.name = "cell-identity-placeholder",
				.header = "P-Access-Network-Info",
				.legs = REGMON_LEGS_REQUEST,
				.level = REGMON_HEURISTIC,
				.severity = REGMON_WARNING,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 24.229 7.2A.4.3",
				.text = "The cell identity is that of a real cell or access "
						"point: TAC, cell and MAC are not all zeros, the MAC not "
						"all f.",
				.cause = "The modem had no cell yet when the stack asked, the "
						 "operating system hides the MAC from the stack, or a "
						 "test value was left in.",
				.inspect = "Whether later REGISTERs of the phone bring a real "
						   "value.",
				.next_step = "If it never does, grant the IMS application the "
							 "location right on the phone; an emergency call "
							 "would be routed by this value.",
				.broken = is_placeholder,
		},
		{
				.id = "PANI-06",
				.name = "access-class-from-phone",
				.header = "P-Access-Network-Info",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_ACCESS_CLASS,
				.level = REGMON_HEURISTIC,
				.severity = REGMON_NOTE,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 7315 5.4",
				.text = "A phone names the access type (3GPP-E-UTRAN-FDD); the "
						"class (3GPP-E-UTRAN) is meant for values that the "
						"network provides.",
				.cause = "The stack does not know the duplex mode of its cell, or "
						 "follows a profile of its maker.",
				.inspect = "The access type, and whether the core's breakdowns "
						   "by access count this phone rightly.",
				.next_step = "Nothing to repair for the registration; map the "
							 "class in your reports.",
				.broken = class_instead_of_type,
		},
		{
				.id = "PANI-07",
				.name = "network-provided-from-phone",
				.header = "P-Access-Network-Info",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_ACCESS_PROVIDED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 7315 4.4",
				.text = "network-provided is a mark of the network: a phone does "
						"not send it and the P-CSCF takes it out.",
				.cause = "A phone or test tool that copies a header it got from "
						 "the network, or a try to pass off a false location.",
				.inspect = "What the P-CSCF sends on: whether the value was "
						   "removed on Mw.",
				.next_step = "Make sure that the P-CSCF removes or overwrites it; "
							 "location for charging and emergency calls must not "
							 "be taken from here.",
				.broken = network_provided_by_phone,
		},
		{
				.id = "PANI-08",
				.name = "roaming-by-cell",
				.header = "P-Access-Network-Info",
				.legs = REGMON_LEG_PI,
				.level = REGMON_HEURISTIC,
				.severity = REGMON_NOTE,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 24.229 7.2A.4.3",
				.text = "The network of the cell is not the home network of the "
						"phone: it is roaming.",
				.cause = "A roamer, or a cell that broadcasts another PLMN "
						 "identity (shared network).",
				.inspect = "P-Visited-Network-ID of the same REGISTER: the cell's "
						   "network for local breakout, the home network for "
						   "home routed roaming.",
				.next_step = "If the registration fails with 403, check roaming "
							 "permission in the HSS for the network named in "
							 "P-Visited-Network-ID.",
				.broken = cell_of_other_network,
		},
		{
				.id = "PANI-09",
				.name = "access-changed",
				.header = "P-Access-Network-Info",
				.legs = REGMON_LEG_U1 | REGMON_LEG_U2,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 L.3.1.0",
				.text = "The kind of access differs from that of the REGISTER "
						"before: a lawful reason for an early refresh.",
				.cause = "The phone went from LTE to NR, to WLAN or back.",
				.inspect = "How often it changes: a phone at the edge of coverage "
						   "swings.",
				.next_step = "With many changes an hour look at the handover "
							 "thresholds of that cell or at the WLAN preference "
							 "of the phone.",
				.broken_since = access_changed,
		},
		{
				.id = "PANI-10",
				.name = "mac-with-separators",
				.header = "P-Access-Network-Info",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 24.229 7.2A.4.3",
				.text = "The MAC address in i-wlan-node-id is twelve hexadecimal "
						"digits without colons or hyphens.",
				.cause = "The stack took the text form of the operating system "
						 "as it is.",
				.inspect = "The third character of the value.",
				.next_step = "Have the stack strip the separators; a lookup of "
							 "the access point's place by its MAC finds nothing "
							 "in this form.",
				.broken = mac_with_separators,
		},
};

const regmon_rule_set_t regmon_rules_p_access_network_info =
		REGMON_RULE_SET(rules, REGMON_HEADER_P_ACCESS_NETWORK_INFO);

static const regmon_rule_t rules_absent[] = {
		{
				.id = "PANI-03",
				.name = "access-info-missing",
				.header = "P-Access-Network-Info",
				.legs = REGMON_LEG_U1 | REGMON_LEG_U2,
				.when = REGMON_WHEN_PROTECTED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.4.1",
				.text = "Over a security association the phone sends "
						"P-Access-Network-Info when its access has one.",
				.cause = "A test client or fixed device without any cell, or a "
						 "phone that may not read its location.",
				.inspect = "User-Agent, and whether other REGISTERs of this phone "
						   "have the header.",
				.next_step = "Let the P-CSCF ask the PCRF or PCF for the location "
							 "(network-provided), or allow the IMS application "
							 "to read it on the phone.",
				.ims_only = true,
				.broken = missing_when_protected,
		},
};

const regmon_rule_set_t regmon_rules_p_access_network_info_absent =
		REGMON_RULE_SET(rules_absent, REGMON_HEADER_OTHER);
