/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads <exception>, and what it has in common with <rule>: which rules are meant, and their severity. */
#include "rules/profile_reader.h"

bool regmon_reader_is_group(str id)
{
	return id.len > 0 && id.s[id.len - 1] == '*';
}

/* "CSEQ-*" begins the ids of a group, "*" of all */
bool regmon_reader_in_group(str group, const regmon_rule_t *rule)
{
	str id = {(char *)rule->id, (int)strlen(rule->id)};

	return regmon_text_starts_nocase(id, (str){group.s, group.len - 1});
}

void regmon_reader_no_rule(
		regmon_profile_reader_t *reader, const xmlNode *node, str id)
{
	char near[96];

	regmon_rule_near(id, near, sizeof(near));
	regmon_reader_complain(reader, node, "no rule '%.60s'%s%s", id.s,
			near[0] ? "; near: " : "", near);
}

/* severity of <rule>; false: it names none that is known */
bool regmon_reader_severity(regmon_profile_reader_t *reader,
		const xmlNode *node, uint8_t *ret_severity)
{
	str name = regmon_reader_attribute(node, "severity");
	regmon_severity_t severity;

	*ret_severity = REGMON_AS_PARENT;
	if(name.s == NULL)
		return true;
	if(!regmon_severity_find(name, &severity)) {
		regmon_reader_complain(reader, node,
				"severity '%.40s' is none of off, note, warning, error", name.s);
		return false;
	}
	*ret_severity = severity;
	return true;
}

/* ---- <exception> ---- */

static bool add_exception_rule(regmon_profile_reader_t *reader,
		const xmlNode *node, unsigned rule, uint8_t severity)
{
	regmon_profiles_t *profiles = reader->profiles;

	if(profiles->exception_rules_n == REGMON_MAX_EXCEPTION_RULES) {
		regmon_reader_complain(reader, node,
				"the exceptions set more than %d severities",
				REGMON_MAX_EXCEPTION_RULES);
		return false;
	}
	if(rule < REGMON_OWN_FIRST)
		severity = regmon_severity_bounded(regmon_rule_at(rule), severity);
	profiles->exception_rules[profiles->exception_rules_n++] =
			(regmon_exception_rule_t){rule, severity};
	profiles->exceptions[profiles->exceptions_n].n++;
	return true;
}

static void read_exception_rule(regmon_profile_reader_t *reader,
		const xmlNode *node, bool groups)
{
	str id = regmon_reader_attribute(node, "id");
	uint8_t severity;
	unsigned i, n = 0;
	int rule;

	if(regmon_reader_is_group(id) != groups)
		return;
	regmon_reader_know_attributes(reader, node, "id, severity");
	if(!regmon_reader_needs(reader, node, "id", &id)
			|| !regmon_reader_severity(reader, node, &severity))
		return;
	if(severity == REGMON_AS_PARENT) {
		regmon_reader_complain(reader, node,
				"<rule id=\"%.40s\"> of an exception needs severity", id.s);
		return;
	}
	rule = groups ? -1
				  : regmon_profile_rule(
						  reader->profiles, reader->profile, id);
	for(i = 0; groups && i < regmon_rules_n(); i++) {
		if(!regmon_reader_in_group(id, regmon_rule_at(i)))
			continue;
		n++;
		if(!add_exception_rule(reader, node, i, severity))
			return;
	}
	if(rule >= 0)
		add_exception_rule(reader, node, rule, severity);
	else if(n == 0)
		regmon_reader_no_rule(reader, node, id);
}

#define LARGEST_TAC 99999999
#define LONGEST_AGENT 120

static bool read_agent(regmon_profile_reader_t *reader, const xmlNode *node,
		const char *name, str *ret_kept)
{
	str value = regmon_reader_attribute(node, name);

	if(value.s == NULL)
		return true;
	if(value.len == 0 || value.len > LONGEST_AGENT) {
		regmon_reader_complain(reader, node,
				"<exception %s>: expected 1 to %d characters", name,
				LONGEST_AGENT);
		return false;
	}
	return regmon_reader_keep(reader, node, value, ret_kept);
}

static bool read_tac(regmon_profile_reader_t *reader, const xmlNode *node,
		const char *name, uint32_t *ret_tac)
{
	str value = regmon_reader_attribute(node, name);

	if(value.s == NULL)
		return true;
	if(value.len != 8 || !regmon_text_all_digits(value)) {
		regmon_reader_complain(reader, node,
				"<exception %s=\"%.40s\">: expected the first 8 digits of an"
				" IMEI",
				name, value.s);
		return false;
	}
	*ret_tac = (uint32_t)regmon_text_number(value);
	return true;
}

/* false: it is of no use */
static bool read_conditions(regmon_profile_reader_t *reader,
		const xmlNode *node, regmon_exception_t *exception)
{
	if(!read_agent(reader, node, "user_agent_prefix",
			   &exception->user_agent_prefix)
			|| !read_agent(reader, node, "user_agent_contains",
					&exception->user_agent_contains)
			|| !read_tac(reader, node, "tac_from", &exception->tac_from)
			|| !read_tac(reader, node, "tac_to", &exception->tac_to))
		return false;
	if(regmon_reader_attribute(node, "tac_to").s == NULL)
		exception->tac_to = exception->tac_from;
	else if(regmon_reader_attribute(node, "tac_from").s == NULL
			|| exception->tac_to < exception->tac_from) {
		regmon_reader_complain(reader, node,
				"<exception>: tac_to needs a tac_from that is not higher");
		return false;
	}
	if(exception->tac_to == 0 && exception->user_agent_prefix.len == 0
			&& exception->user_agent_contains.len == 0) {
		regmon_reader_complain(reader, node,
				"<exception> names no phones: give user_agent_prefix,"
				" user_agent_contains or tac_from");
		return false;
	}
	return true;
}

void regmon_reader_exception(
		regmon_profile_reader_t *reader, const xmlNode *node)
{
	regmon_profiles_t *profiles = reader->profiles;
	regmon_exception_t *exception =
			&profiles->exceptions[profiles->exceptions_n];
	const xmlNode *rule;
	unsigned wrong = reader->xml.wrong;
	int groups;

	if(profiles->exceptions_n == REGMON_MAX_EXCEPTIONS) {
		regmon_reader_complain(reader, node, "more than %d exceptions",
				REGMON_MAX_EXCEPTIONS);
		return;
	}
	*exception = (regmon_exception_t){.profile = reader->profile,
			.first = profiles->exception_rules_n};
	regmon_reader_know_attributes(reader, node,
			"user_agent_prefix, user_agent_contains, tac_from, tac_to");
	if(!read_conditions(reader, node, exception))
		return;
	/* single rules after the groups, so that they have the last word */
	for(groups = 1; groups >= 0; groups--) {
		for(rule = regmon_reader_element(reader, node->children); rule;
				rule = regmon_reader_element(reader, rule->next)) {
			if(regmon_reader_is(rule, "rule"))
				read_exception_rule(reader, rule, groups);
			else if(groups)
				regmon_reader_complain(reader, rule,
						"<%.60s> inside of <exception>, expected <rule>",
						rule->name);
		}
	}
	if(exception->n == 0 && reader->xml.wrong == wrong)
		regmon_reader_complain(
				reader, node, "<exception> changes no rule");
	profiles->exceptions_n++;
}
