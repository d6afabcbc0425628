/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads <own_rule>: a rule that an operator wrote. Its id keeps one index for the whole run. */
#include "rules/profile_reader.h"

#define LONGEST_TEXT 400
#define LONGEST_PATTERN 200

static const struct
{
	str name;
	unsigned legs;
} legs[] = {
		{STR_STATIC_INIT("U0"), REGMON_LEG_U0},
		{STR_STATIC_INIT("U1"), REGMON_LEG_U1},
		{STR_STATIC_INIT("U2"), REGMON_LEG_U2},
		{STR_STATIC_INIT("PI"), REGMON_LEG_PI},
		{STR_STATIC_INIT("IS"), REGMON_LEG_IS},
		{STR_STATIC_INIT("SA"), REGMON_LEG_SA},
		{STR_STATIC_INIT("AU"), REGMON_LEG_AU},
		{STR_STATIC_INIT("AC"), REGMON_LEG_AC},
};

/* ^OP-[A-Z0-9-]+$: apart from all ids of the catalogue */
static bool is_own_id(str id)
{
	int i;

	for(i = 3; i < id.len; i++) {
		if(id.s[i] != '-' && !regmon_is_digit(id.s[i])
				&& !(id.s[i] >= 'A' && id.s[i] <= 'Z'))
			return false;
	}
	return id.len > 3 && id.len <= REGMON_OWN_ID_LENGTH
		   && memcmp(id.s, "OP-", 3) == 0;
}

static bool is_spoken(str name)
{
	int i;

	for(i = 0; i < name.len; i++) {
		if(name.s[i] != '-' && !regmon_is_digit(name.s[i])
				&& !(name.s[i] >= 'a' && name.s[i] <= 'z'))
			return false;
	}
	return name.len > 0 && name.len <= 40;
}

/* The place of the id: the one it had, else the first that nobody ever had. */
static regmon_own_rule_t *place_for(
		regmon_profile_reader_t *reader, const xmlNode *node, str id)
{
	regmon_own_rule_t *own = reader->profiles->own, *empty = NULL;
	unsigned i;

	for(i = 0; i < REGMON_MAX_OWN_RULES; i++, own++) {
		if(own->id[0] == '\0') {
			empty = empty ? empty : own;
		} else if(regmon_text_is(
						  id, (str){own->id, (int)strlen(own->id)})) {
			if(!own->loaded)
				return own;
			regmon_reader_complain(reader, node,
					"own rule %s is there already", own->id);
			return NULL;
		}
	}
	if(empty == NULL)
		regmon_reader_complain(reader, node,
				"more than %d own rules since the start (a restart frees the"
				" ids that are used no longer)",
				REGMON_MAX_OWN_RULES);
	return empty;
}

static bool read_id(regmon_profile_reader_t *reader, const xmlNode *node,
		regmon_own_rule_t **ret_own)
{
	str id;

	if(!regmon_reader_needs(reader, node, "id", &id))
		return false;
	if(!is_own_id(id)) {
		regmon_reader_complain(reader, node,
				"id '%.40s' of an own rule: expected OP- and capitals, digits"
				" or '-' behind it, at most %d characters",
				id.s, REGMON_OWN_ID_LENGTH);
		return false;
	}
	*ret_own = place_for(reader, node, id);
	if(*ret_own == NULL)
		return false;
	memset(*ret_own, 0, sizeof(**ret_own));
	memcpy((*ret_own)->id, id.s, id.len);
	(*ret_own)->profile = reader->profile;
	(*ret_own)->loaded = true;
	return true;
}

/* the values of these are never shown */
static bool is_secret(str name)
{
	static const char names[] = "Authorization, WWW-Authenticate,"
								" Proxy-Authorization, Proxy-Authenticate,"
								" Authentication-Info";

	return regmon_text_list_holds(REGMON_TEXT(names), name);
}

static void read_header(regmon_profile_reader_t *reader, const xmlNode *node,
		regmon_own_rule_t *own)
{
	const regmon_header_t none = REGMON_HEADER_OTHER;
	str name;

	if(!regmon_reader_needs(reader, node, "header", &name))
		return;
	if(!regmon_text_is_token(name) || name.len > 60) {
		regmon_reader_complain(reader, node,
				"header '%.60s' is no name of a header", name.s);
		return;
	}
	own->header = regmon_header_find(name);
	/* compact forms are forms of the long name */
	if(own->header != none) {
		own->rule.header = regmon_header_name(own->header);
		own->header_name = (str){(char *)own->rule.header,
				(int)strlen(own->rule.header)};
	} else if(regmon_reader_keep(reader, node, name, &own->header_name)) {
		own->rule.header = own->header_name.s;
	}
	own->is_secret = is_secret(own->header_name);
}

static void read_test(regmon_profile_reader_t *reader, const xmlNode *node,
		regmon_own_rule_t *own)
{
	str pattern = regmon_reader_attribute(node, "pattern");
	const char *wrong = NULL;
	bool wants_pattern;
	str name;

	if(!regmon_reader_needs(reader, node, "broken_when", &name))
		return;
	for(own->test = 0; own->test < REGMON_OWN_TESTS_N; own->test++) {
		if(strcmp(regmon_own_test_name(own->test), name.s) == 0)
			break;
	}
	if(own->test == REGMON_OWN_TESTS_N) {
		regmon_reader_complain(reader, node,
				"broken_when '%.40s' is none of present, absent, matches,"
				" differs",
				name.s);
		return;
	}
	wants_pattern = own->test == REGMON_OWN_MATCHES
					|| own->test == REGMON_OWN_DIFFERS;
	if(wants_pattern != (pattern.s != NULL))
		regmon_reader_complain(reader, node,
				wants_pattern ? "broken_when=\"%s\" needs a pattern"
							  : "broken_when=\"%s\" takes no pattern",
				name.s);
	else if(wants_pattern && pattern.len > LONGEST_PATTERN)
		regmon_reader_complain(reader, node,
				"the pattern has more than %d characters", LONGEST_PATTERN);
	else if(wants_pattern
			&& !regmon_pattern_make(&own->pattern, pattern, &wrong))
		regmon_reader_complain(
				reader, node, "pattern '%.80s': %s", pattern.s, wrong);
}

/* "U0 U1 PI" */
static void read_legs(regmon_profile_reader_t *reader, const xmlNode *node,
		regmon_own_rule_t *own)
{
	str list = regmon_reader_attribute(node, "legs"), word;
	unsigned i;

	own->rule.legs = list.s ? 0 : REGMON_LEGS_U;
	while(list.len > 0) {
		for(word = (str){list.s, 0};
				word.len < list.len && !regmon_is_space(list.s[word.len]);)
			word.len++;
		list = regmon_text_trim(regmon_text_from(list, word.len));
		for(i = 0; i < REGMON_COUNT(legs); i++) {
			if(regmon_text_is(word, legs[i].name))
				break;
		}
		if(i == REGMON_COUNT(legs)) {
			regmon_reader_complain(reader, node,
					"leg '%.*s' is none of U0, U1, U2, PI, IS, SA, AU, AC",
					word.len < 40 ? word.len : 40, word.s);
			return;
		}
		own->rule.legs |= legs[i].legs;
	}
	if(own->rule.legs == 0)
		regmon_reader_complain(reader, node, "legs is empty");
}

static void read_severity_and_mode(regmon_profile_reader_t *reader,
		const xmlNode *node, regmon_own_rule_t *own)
{
	regmon_profile_t *profile = &reader->profiles->profiles[reader->profile];
	unsigned rule = REGMON_OWN_FIRST + (own - reader->profiles->own);
	str mode = regmon_reader_attribute(node, "mode");
	regmon_severity_t severity;
	regmon_mode_t found;
	str name;

	if(!regmon_reader_needs(reader, node, "severity", &name))
		return;
	if(!regmon_severity_find(name, &severity) || severity == REGMON_OFF)
		regmon_reader_complain(reader, node,
				"severity '%.40s' is none of note, warning, error", name.s);
	else
		profile->severities[rule] = own->rule.severity = severity;
	if(mode.s == NULL)
		return;
	if(!regmon_mode_find(mode, &found))
		regmon_reader_complain(reader, node,
				"mode '%.40s' is none of monitor, shadow, enforce", mode.s);
	else
		profile->modes[rule] = found;
}

static void read_texts(regmon_profile_reader_t *reader, const xmlNode *node,
		regmon_own_rule_t *own)
{
	static const char *const names[] = {
			"text", "cause", "inspect", "next_step"};
	const char **const texts[] = {&own->rule.text, &own->rule.cause,
			&own->rule.inspect, &own->rule.next_step};
	char buffer[LONGEST_TEXT];
	const xmlNode *child;
	str text, kept;
	unsigned i;

	for(child = regmon_reader_element(reader, node->children); child;
			child = regmon_reader_element(reader, child->next)) {
		for(i = 0; i < REGMON_COUNT(names); i++) {
			if(regmon_reader_is(child, names[i]))
				break;
		}
		if(i == REGMON_COUNT(names))
			regmon_reader_complain(reader, child,
					"<%.60s> inside of <own_rule>; known: text, cause,"
					" inspect, next_step",
					child->name);
		else if(*texts[i] != NULL)
			regmon_reader_complain(
					reader, child, "a second <%s>", child->name);
		else if(regmon_reader_text(
						reader, child, buffer, sizeof(buffer), &text)
				&& regmon_reader_keep(reader, child, text, &kept))
			*texts[i] = kept.s;
	}
	if(own->rule.text == NULL)
		regmon_reader_complain(reader, node, "<own_rule> needs <text>");
	for(i = 0; i < REGMON_COUNT(texts); i++)
		*texts[i] = *texts[i] ? *texts[i] : "";
}

/* The names of the file in force do not count: they may be those of this one. */
static bool is_taken(const regmon_profile_reader_t *reader, str name)
{
	const regmon_own_rule_t *own = reader->profiles->own;
	int index = regmon_rule_find(name);
	unsigned i;

	if(index >= 0 && index < REGMON_OWN_FIRST)
		return true;
	for(i = 0; i < REGMON_MAX_OWN_RULES; i++) {
		if(own[i].loaded
				&& regmon_text_is_nocase(name,
						(str){(char *)own[i].rule.name,
								(int)strlen(own[i].rule.name)}))
			return true;
	}
	return false;
}

static void read_own_rule(
		regmon_profile_reader_t *reader, const xmlNode *node)
{
	regmon_own_rule_t *own;
	str name = regmon_reader_attribute(node, "name"), kept;
	int64_t answer = 0;

	regmon_reader_know_attributes(reader, node,
			"id, name, header, broken_when, pattern, severity, mode, legs,"
			" answer");
	if(!read_id(reader, node, &own))
		return;
	own->rule.id = own->rule.name = own->id;
	own->rule.header = "";
	own->rule.level = REGMON_MAY;
	own->rule.confidence = REGMON_VERIFIED; /* the operator is the clause */
	own->rule.clause = "operator";
	if(name.s != NULL && (!is_spoken(name) || is_taken(reader, name)))
		regmon_reader_complain(reader, node,
				"name '%.60s': expected small letters, digits and '-', and no"
				" name or id of another rule",
				name.s);
	else if(name.s != NULL && regmon_reader_keep(reader, node, name, &kept))
		own->rule.name = kept.s;
	read_header(reader, node, own);
	read_test(reader, node, own);
	read_legs(reader, node, own);
	read_severity_and_mode(reader, node, own);
	regmon_reader_number(reader, node, "answer", 300, 699, &answer);
	own->rule.answer = (int)answer;
	if(reader->profiles->profiles[reader->profile]
							.modes[REGMON_OWN_FIRST
								   + (own - reader->profiles->own)]
					== REGMON_MODE_ENFORCE
			&& !regmon_rule_can_be_enforced(&own->rule))
		regmon_reader_complain(reader, node,
				"rule %.40s cannot be enforced: it needs an answer, and a leg"
				" of a REGISTER",
				own->id);
	read_texts(reader, node, own);
}

void regmon_reader_own_rules(
		regmon_profile_reader_t *reader, const xmlNode *profile)
{
	const xmlNode *node;

	for(node = profile->children; node; node = node->next) {
		if(node->type == XML_ELEMENT_NODE
				&& regmon_reader_is(node, "own_rule"))
			read_own_rule(reader, node);
	}
}
