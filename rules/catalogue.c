/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The catalogue: every rule of every header under one index, found by id or by spoken name. */
#include <ctype.h>
#include <stdio.h>

#include "rules/profile.h"
#include "rules/sets.h"

static const regmon_rule_set_t *const sets[] = {
	&regmon_rules_request_uri,
	&regmon_rules_to,
	&regmon_rules_from,
	&regmon_rules_call_id,
	&regmon_rules_cseq,
	&regmon_rules_contact,
	&regmon_rules_contact_tags,
	&regmon_rules_contact_since,
	&regmon_rules_expires,
	&regmon_rules_p_access_network_info,
	&regmon_rules_p_access_network_info_absent,
	&regmon_rules_via,
	&regmon_rules_max_forwards,
	&regmon_rules_route,
	&regmon_rules_record_route,
	&regmon_rules_message_form,
	&regmon_rules_authorization,
	&regmon_rules_authorization_first,
	&regmon_rules_authorization_identity,
	&regmon_rules_path,
	&regmon_rules_network_headers,
	&regmon_rules_security_agreement,
	&regmon_rules_security_client,
	&regmon_rules_security_verify,
	&regmon_rules_security_offer,
	&regmon_rules_security_since,
	&regmon_rules_sequence,
	&regmon_rules_sequence_answer,
	&regmon_rules_answer_challenge,
	&regmon_rules_answer_challenge_since,
	&regmon_rules_answer_any,
	&regmon_rules_answer_success,
	&regmon_rules_answer_failure,
	&regmon_rules_answer_failure_since,
	&regmon_rules_profile_answer,
	&regmon_rules_profile_challenge,
	&regmon_rules_profile_offer,
	&regmon_rules_profile_interval,
};

#define MAX_NAME 64 /* longest id or name that is compared for likeness */
#define MAX_NEAR 5

unsigned regmon_rules_n(void)
{
	unsigned i, n = 0;

	for(i = 0; i < REGMON_COUNT(sets); i++)
		n += sets[i]->n;
	return n;
}

const regmon_rule_set_t *regmon_rule_set_at(unsigned index)
{
	return index < REGMON_COUNT(sets) ? sets[index] : NULL;
}

const regmon_rule_t *regmon_rule_at(regmon_rule_index_t index)
{
	unsigned i, left = index;

	for(i = 0; i < REGMON_COUNT(sets); i++) {
		if(left < sets[i]->n)
			return &sets[i]->rules[left];
		left -= sets[i]->n;
	}
	return regmon_own_rule_at(index);
}

static str text_of(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}

int regmon_rule_find(str id_or_name)
{
	unsigned i, j;
	int index = 0;

	for(i = 0; i < REGMON_COUNT(sets); i++) {
		for(j = 0; j < sets[i]->n; j++, index++) {
			const regmon_rule_t *rule = &sets[i]->rules[j];

			if(regmon_text_is_nocase(id_or_name, text_of(rule->id))
					|| regmon_text_is_nocase(id_or_name, text_of(rule->name)))
				return index;
		}
	}
	return regmon_own_rule_find(id_or_name);
}

/* Insertions, deletions and exchanges between two words, without case. */
static int distance(str a, str b)
{
	int row[MAX_NAME + 1];
	int i, j;

	if(a.len > MAX_NAME || b.len > MAX_NAME)
		return MAX_NAME;
	for(j = 0; j <= b.len; j++)
		row[j] = j;
	for(i = 1; i <= a.len; i++) {
		int diagonal = row[0];

		row[0] = i;
		for(j = 1; j <= b.len; j++) {
			int best = diagonal
					   + (tolower((unsigned char)a.s[i - 1])
							   != tolower((unsigned char)b.s[j - 1]));

			diagonal = row[j];
			if(row[j] + 1 < best)
				best = row[j] + 1;
			if(row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b.len];
}

/* How alike the word and a rule are, 0 the same; a word that a name contains is nearly it. */
static int unlikeness(str word, const regmon_rule_t *rule)
{
	str id = text_of(rule->id), name = text_of(rule->name);
	int to_id = distance(word, id), to_name = distance(word, name);
	int best = to_id < to_name ? to_id : to_name;
	int i;

	for(i = 0; word.len >= 3 && i + word.len <= name.len && best > 1; i++) {
		if(strncasecmp(name.s + i, word.s, word.len) == 0)
			best = 1;
	}
	return best;
}

void regmon_rule_near(str unknown, char *buffer, int size)
{
	int limit, wanted, used = 0, n = 0;
	unsigned i, rules_n = regmon_rules_n();

	if(size <= 0)
		return;
	buffer[0] = '\0';
	if(regmon_text_empty(unknown) || unknown.len > MAX_NAME)
		return;
	limit = unknown.len < 8 ? 2 : unknown.len / 3;
	for(wanted = 0; wanted <= limit && n < MAX_NEAR; wanted++) {
		for(i = 0; i < rules_n && n < MAX_NEAR; i++) {
			const regmon_rule_t *rule = regmon_rule_at(i);
			int length = (int)strlen(rule->id) + (n ? 2 : 0);

			if(unlikeness(unknown, rule) != wanted || used + length >= size)
				continue;
			used += snprintf(buffer + used, size - used, "%s%s",
					n ? ", " : "", rule->id);
			n++;
		}
	}
}

static const char *const severity_names[] = {
		[REGMON_OFF] = "off",
		[REGMON_NOTE] = "note",
		[REGMON_WARNING] = "warning",
		[REGMON_ERROR] = "error",
};

const char *regmon_severity_name(regmon_severity_t severity)
{
	return (unsigned)severity < REGMON_COUNT(severity_names)
				   ? severity_names[severity]
				   : "";
}

bool regmon_severity_find(str name, regmon_severity_t *ret_severity)
{
	unsigned i;

	for(i = 0; i < REGMON_COUNT(severity_names); i++) {
		if(regmon_text_is_nocase(name, text_of(severity_names[i]))) {
			*ret_severity = i;
			return true;
		}
	}
	return false;
}

static const char *const mode_names[] = {
		[REGMON_MODE_MONITOR] = "monitor",
		[REGMON_MODE_SHADOW] = "shadow",
		[REGMON_MODE_ENFORCE] = "enforce",
};

const char *regmon_mode_name(regmon_mode_t mode)
{
	return (unsigned)mode < REGMON_COUNT(mode_names) ? mode_names[mode] : "";
}

bool regmon_mode_find(str name, regmon_mode_t *ret_mode)
{
	unsigned i;

	for(i = 0; i < REGMON_COUNT(mode_names); i++) {
		if(regmon_text_is_nocase(name, text_of(mode_names[i]))) {
			*ret_mode = i;
			return true;
		}
	}
	return false;
}

const char *regmon_level_name(regmon_level_t level)
{
	static const char *const names[] = {
			[REGMON_MUST] = "must",
			[REGMON_SHOULD] = "should",
			[REGMON_MAY] = "may",
			[REGMON_HEURISTIC] = "heuristic",
	};

	return (unsigned)level < REGMON_COUNT(names) ? names[level] : "";
}

const char *regmon_confidence_name(regmon_confidence_t confidence)
{
	static const char *const names[] = {
			[REGMON_VERIFIED] = "verified",
			[REGMON_WELL_KNOWN] = "well-known",
			[REGMON_SECONDARY] = "secondary",
	};

	return (unsigned)confidence < REGMON_COUNT(names) ? names[confidence] : "";
}
