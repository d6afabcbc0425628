/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an operator's profile adds to the judging: own rules, and exceptions for certain phones. */
#include "rules/profile.h"

/* of this process; changed between two messages only */
static const regmon_profiles_t *in_use;

void regmon_own_rules_use(const regmon_profiles_t *profiles)
{
	in_use = profiles;
}

const regmon_rule_t *regmon_own_rule_at(regmon_rule_index_t index)
{
	const regmon_own_rule_t *own;

	if(in_use == NULL || index < REGMON_OWN_FIRST
			|| index >= REGMON_OWN_FIRST + REGMON_MAX_OWN_RULES)
		return NULL;
	own = &in_use->own[index - REGMON_OWN_FIRST];
	return own->id[0] ? &own->rule : NULL;
}

int regmon_own_rule_find(str id_or_name)
{
	int i;

	for(i = 0; in_use != NULL && i < REGMON_MAX_OWN_RULES; i++) {
		const regmon_own_rule_t *own = &in_use->own[i];
		str id = {(char *)own->id, (int)strlen(own->id)};

		if(id.len > 0
				&& (regmon_text_is_nocase(id_or_name, id)
						|| regmon_text_is_nocase(id_or_name,
								(str){(char *)own->rule.name,
										(int)strlen(own->rule.name)})))
			return REGMON_OWN_FIRST + i;
	}
	return -1;
}

/* ---- own rules ---- */

/* One value of the header. true: the rule is broken, and nothing more is to be looked at. */
static bool value_breaks(const regmon_own_rule_t *own, str value)
{
	switch(own->test) {
		case REGMON_OWN_PRESENT:
			return true;
		case REGMON_OWN_MATCHES:
			return regmon_pattern_matches(&own->pattern, value);
		case REGMON_OWN_DIFFERS:
			return !regmon_pattern_matches(&own->pattern, value);
		default:
			return false;
	}
}

static bool is_header(const regmon_own_rule_t *own, const regmon_line_t *line)
{
	if(own->header != REGMON_HEADER_OTHER || line->header != own->header)
		return line->header == own->header;
	return regmon_text_is_nocase(line->name, own->header_name);
}

bool regmon_own_rule_broken(const regmon_own_rule_t *own,
		const regmon_message_t *message, str *seen)
{
	bool there = false;
	unsigned i;

	if(own->header != REGMON_HEADER_OTHER && !message->count[own->header])
		return own->test == REGMON_OWN_ABSENT;
	for(i = 0; i < message->lines_n; i++) {
		const regmon_line_t *line = &message->lines[i];

		if(!is_header(own, line))
			continue;
		there = true;
		if(value_breaks(own, line->value)) {
			if(!own->is_secret)
				*seen = line->value;
			return true;
		}
	}
	/* lines that found no place may hold it: then nothing is claimed */
	return own->test == REGMON_OWN_ABSENT && !there
		   && message->lines_dropped == 0;
}

/* ---- exceptions ---- */

#define IMEI "urn:gsma:imei:"
#define TAC_LENGTH 8

/* The type allocation code of the first Contact that names an IMEI, TS 23.003 13.8; 0: none does. */
static uint32_t tac_of(const regmon_message_t *message)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		str urn = regmon_instance_urn(message->contacts.list[i].instance);
		str tac;

		if(urn.len < (int)sizeof(IMEI) - 1 + TAC_LENGTH
				|| !regmon_text_starts_nocase(urn, REGMON_TEXT(IMEI)))
			continue;
		tac = (str){urn.s + sizeof(IMEI) - 1, TAC_LENGTH};
		if(regmon_text_all_digits(tac))
			return (uint32_t)regmon_text_number(tac);
	}
	return 0;
}

static bool contains_nocase(str text, str part)
{
	for(; text.len >= part.len; text = regmon_text_from(text, 1)) {
		if(regmon_text_starts_nocase(text, part))
			return true;
	}
	return false;
}

uint64_t regmon_exceptions_match(const regmon_exception_t *const *exceptions,
		unsigned n, const regmon_message_t *message)
{
	str agent = message->user_agent;
	uint32_t tac = tac_of(message);
	uint64_t matching = 0;
	unsigned i;

	/* an answer tells of the server, not of the phone */
	if(message->is_answer)
		return 0;
	for(i = 0; i < n; i++) {
		const regmon_exception_t *exception = exceptions[i];

		if(exception->user_agent_prefix.len > 0
				&& !regmon_text_starts_nocase(
						agent, exception->user_agent_prefix))
			continue;
		if(exception->user_agent_contains.len > 0
				&& !contains_nocase(agent, exception->user_agent_contains))
			continue;
		if(exception->tac_to > 0
				&& (tac < exception->tac_from || tac > exception->tac_to))
			continue;
		matching |= UINT64_C(1) << i;
	}
	return matching;
}
