/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about Path: how requests find back to the phone. */
#include "rules/path.h"
#include "rules/rule.h"

static bool has_parameter(str text, const char *name, int length)
{
	int i;

	for(i = 0; i + 1 + length <= text.len; i++) {
		if(text.s[i] == ';' && strncasecmp(text.s + i + 1, name, length) == 0
				&& (i + 1 + length == text.len
						|| !regmon_is_token_char(text.s[i + 1 + length])))
			return true;
	}
	return false;
}

bool regmon_asks_outbound(const regmon_message_t *message)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		if(message->contacts.list[i].reg_id_given)
			return (message->supported & REGMON_OPTION_OUTBOUND);
	}
	return false;
}

bool regmon_path_has_ob(const regmon_message_t *message, str *ret_path)
{
	const regmon_line_t *line;

	*ret_path = (str){NULL, 0};
	for(line = regmon_message_line(message, REGMON_HEADER_PATH); line != NULL;
			line = regmon_message_next_line(message, line)) {
		*ret_path = line->value;
		if(has_parameter(line->value, "ob", 2))
			return true;
	}
	return false;
}

static bool missing_or_strict(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	str first;
	int position = 0;

	*seen = regmon_message_value(message, REGMON_HEADER_PATH);
	return !regmon_text_next_element(*seen, &position, &first)
		   || !has_parameter(first, "lr", 2);
}

static bool not_required(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_REQUIRE);
	return message->count[REGMON_HEADER_PATH] > 0
		   && !(message->required & REGMON_OPTION_PATH);
}

static bool without_ob(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	return regmon_asks_outbound(message) && !regmon_path_has_ob(message, seen);
}

static bool given_by_phone(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_PATH);
	return message->count[REGMON_HEADER_PATH] > 0;
}

static bool not_supported(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	*seen = regmon_message_value(message, REGMON_HEADER_PATH);
	return message->count[REGMON_HEADER_PATH] > 0
		   && !(message->supported & REGMON_OPTION_PATH);
}

static const regmon_rule_t rules[] = {
		{
				.id = "PATH-01",
				.name = "path-missing",
				.header = "Path",
				.legs = REGMON_LEG_PI,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3327 5.2",
				.text = "The P-CSCF puts itself on top of Path, with lr.",
				.cause = "Path handling is not switched on at the P-CSCF, or an "
						 "interconnection node removed the header.",
				.inspect = "Path behind the P-CSCF and at the S-CSCF.",
				.next_step = "Add Path at the P-CSCF. Registration may well "
							 "succeed without it, but no call reaches the phone, "
							 "because the S-CSCF does not know its P-CSCF.",
				.ims_only = true,
				.broken = missing_or_strict,
		},
		{
				.id = "PATH-02",
				.name = "path-not-required",
				.header = "Path",
				.legs = REGMON_LEG_PI,
				.when = REGMON_WHEN_NETWORK_HEADER,
				.level = REGMON_SHOULD,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3327 5.2",
				.text = "The node that adds Path also puts path into Require, so "
						"that a registrar without it refuses instead of losing "
						"calls.",
				.cause = "The P-CSCF adds Path only.",
				.inspect = "Require on the leg to the I-CSCF.",
				.next_step = "Add Require: path if REGISTERs of this P-CSCF can "
							 "ever reach a registrar outside the IMS.",
				.ims_only = true,
				.broken = not_required,
		},
		{
				.id = "PATH-03",
				.name = "path-without-ob",
				.header = "Path",
				.legs = REGMON_LEG_PI,
				.when = REGMON_WHEN_REG_ID,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 5626 5.1",
				.text = "For a phone that asks for outbound, the first node puts a "
						"flow token and ob into its Path URI.",
				.cause = "Outbound is off at the P-CSCF while the phone offers "
						 "it.",
				.inspect = "reg-id in Contact, outbound in Supported, and the "
						   "Path URI.",
				.next_step = "Switch outbound on at the P-CSCF, or strip outbound "
							 "from Supported so that the phone learns that it has "
							 "none.",
				.broken = without_ob,
		},
		{
				.id = "PATH-04",
				.name = "path-from-phone",
				.header = "Path",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_NETWORK_HEADER,
				.level = REGMON_HEURISTIC,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3327 5.1",
				.text = "Path is for proxies; from a phone it is lawful and "
						"unusual.",
				.cause = "A gateway or SBC that hides its Via, or a tester.",
				.inspect = "Whose address the Path names.",
				.next_step = "If it is no node of yours, drop it at the P-CSCF: "
							 "calls for this identity would be sent there.",
				.broken = given_by_phone,
		},
		{
				.id = "SUP-02",
				.name = "path-not-supported",
				.header = "Supported",
				.legs = REGMON_LEG_IS,
				.when = REGMON_WHEN_NETWORK_HEADER,
				.level = REGMON_SHOULD,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3327 5.3",
				.text = "Where a proxy added Path, the phone has said Supported: "
						"path, or the registrar may refuse.",
				.cause = "The phone does not list path, or a proxy rebuilt "
						 "Supported and lost it.",
				.inspect = "Supported as the phone sent it and as it arrives at "
						   "the S-CSCF.",
				.next_step = "Let the S-CSCF accept Path all the same, or expect "
							 "420 with Unsupported: path.",
				.answer = 420,
				.broken = not_supported,
		},
};

const regmon_rule_set_t regmon_rules_path =
		REGMON_RULE_SET(rules, REGMON_HEADER_OTHER);
