/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands inside of <profile>: settings of rules, thresholds, expectations, exceptions. The own rules are read
 * first of all, in profile_own_xml.c, so that every profile may name them. */
#include "rules/profile_reader.h"

typedef void (*element_f)(
		regmon_profile_reader_t *reader, const xmlNode *node);

static regmon_profile_t *profile_of(regmon_profile_reader_t *reader)
{
	return &reader->profiles->profiles[reader->profile];
}

/* ---- which rules ---- */

static bool read_mode(regmon_profile_reader_t *reader, const xmlNode *node,
		uint8_t *ret_mode)
{
	str name = regmon_reader_attribute(node, "mode");
	regmon_mode_t mode;

	*ret_mode = REGMON_AS_PARENT;
	if(name.s == NULL)
		return true;
	if(!regmon_mode_find(name, &mode)) {
		regmon_reader_complain(reader, node,
				"mode '%.40s' is none of monitor, shadow, enforce", name.s);
		return false;
	}
	*ret_mode = mode;
	return true;
}

/* ---- <rule> of a profile ---- */

static void set_rule(regmon_profile_reader_t *reader, const xmlNode *node,
		unsigned rule, uint8_t severity, uint8_t mode)
{
	regmon_profile_t *profile = profile_of(reader);
	const regmon_rule_t *of =
			rule < REGMON_OWN_FIRST
					? regmon_rule_at(rule)
					: &reader->profiles->own[rule - REGMON_OWN_FIRST].rule;

	if(mode == REGMON_MODE_ENFORCE && !regmon_rule_can_be_enforced(of)) {
		regmon_reader_complain(reader, node,
				"rule %.40s cannot be enforced: no answer to a REGISTER belongs"
				" to it",
				of->id);
		return;
	}
	if(severity != REGMON_AS_PARENT)
		profile->severities[rule] = severity;
	if(mode != REGMON_AS_PARENT)
		profile->modes[rule] = mode;
}

static void set_group(regmon_profile_reader_t *reader, const xmlNode *node,
		str id, uint8_t severity, uint8_t mode)
{
	unsigned i, n = 0;

	for(i = 0; i < regmon_rules_n(); i++) {
		if(!regmon_reader_in_group(id, regmon_rule_at(i)))
			continue;
		set_rule(reader, node, i, severity, mode);
		n++;
	}
	if(n == 0)
		regmon_reader_complain(reader, node,
				"no rule's id begins with '%.*s'", id.len - 1, id.s);
}

static void read_rule(regmon_profile_reader_t *reader, const xmlNode *node,
		bool groups)
{
	str id = regmon_reader_attribute(node, "id");
	uint8_t severity, mode;
	int rule;

	if(regmon_reader_is_group(id) != groups)
		return;
	regmon_reader_know_attributes(reader, node, "id, severity, mode");
	if(regmon_reader_element(reader, node->children))
		regmon_reader_complain(reader, node, "<rule> holds nothing inside");
	if(!regmon_reader_needs(reader, node, "id", &id)
			|| !regmon_reader_severity(reader, node, &severity)
			|| !read_mode(reader, node, &mode))
		return;
	if(severity == REGMON_AS_PARENT && mode == REGMON_AS_PARENT) {
		regmon_reader_complain(reader, node,
				"<rule id=\"%.40s\"> sets neither severity nor mode", id.s);
		return;
	}
	if(groups) {
		set_group(reader, node, id, severity, mode);
		return;
	}
	rule = regmon_profile_rule(reader->profiles, reader->profile, id);
	if(rule < 0) {
		regmon_reader_no_rule(reader, node, id);
		return;
	}
	if(reader->set_at[rule] > 0) {
		regmon_reader_complain(reader, node,
				"rule %.40s is set already, in line %ld", id.s,
				reader->set_at[rule]);
		return;
	}
	reader->set_at[rule] = xmlGetLineNo(node);
	set_rule(reader, node, rule, severity, mode);
}

static void read_rule_group(
		regmon_profile_reader_t *reader, const xmlNode *node)
{
	read_rule(reader, node, true);
}

static void read_single_rule(
		regmon_profile_reader_t *reader, const xmlNode *node)
{
	read_rule(reader, node, false);
}

/* ---- thresholds and expectations ---- */

static void read_threshold(
		regmon_profile_reader_t *reader, const xmlNode *node)
{
	static const char known[] =
#define X(name, least, most) #name " "
			REGMON_THRESHOLD_NAMES(X);
#undef X
	str name;
	int64_t value = 0;
	unsigned i;

	regmon_reader_know_attributes(reader, node, "name, value");
	if(!regmon_reader_needs(reader, node, "name", &name))
		return;
	for(i = 0; i < REGMON_THRESHOLDS_N; i++) {
		if(strcmp(regmon_threshold_name(i), name.s) == 0)
			break;
	}
	if(i == REGMON_THRESHOLDS_N) {
		regmon_reader_complain(reader, node,
				"no threshold '%.40s'; known: %.*s", name.s,
				(int)sizeof(known) - 2, known);
		return;
	}
	if(reader->threshold_at[i] > 0) {
		regmon_reader_complain(reader, node,
				"threshold %s is set already, in line %ld", name.s,
				reader->threshold_at[i]);
		return;
	}
	reader->threshold_at[i] = xmlGetLineNo(node);
	if(regmon_reader_attribute(node, "value").s == NULL)
		regmon_reader_complain(
				reader, node, "<threshold> needs the attribute 'value'");
	else if(regmon_reader_number(reader, node, "value",
					regmon_threshold_least(i), regmon_threshold_most(i),
					&value))
		profile_of(reader)->thresholds[i] = (int)value;
}

static void read_description(
		regmon_profile_reader_t *reader, const xmlNode *node)
{
	char buffer[400];
	str text;

	if(profile_of(reader)->description.s != NULL)
		regmon_reader_complain(reader, node, "a second <description>");
	else if(regmon_reader_text(reader, node, buffer, sizeof(buffer), &text))
		regmon_reader_keep(
				reader, node, text, &profile_of(reader)->description);
}

/* one word more of a list */
static void read_word(regmon_profile_reader_t *reader, const xmlNode *node,
		str *list, unsigned *n, unsigned most, bool (*is_good)(str word),
		const char *expected)
{
	char buffer[256];
	unsigned i;
	str word;

	if(!regmon_reader_text(reader, node, buffer, sizeof(buffer), &word))
		return;
	if(!is_good(word)) {
		regmon_reader_complain(reader, node, "<%s> '%.*s': expected %s",
				node->name, word.len < 60 ? word.len : 60, word.s, expected);
		return;
	}
	for(i = 0; i < *n; i++) {
		if(regmon_text_is_nocase(list[i], word)) {
			regmon_reader_complain(reader, node,
					"<%s> %.*s stands there already", node->name, word.len,
					word.s);
			return;
		}
	}
	if(*n == most)
		regmon_reader_complain(
				reader, node, "more than %u of <%s>", most, node->name);
	else if(regmon_reader_keep(reader, node, word, &list[*n]))
		(*n)++;
}

static bool is_domain(str word)
{
	int i;

	for(i = 0; i < word.len; i++) {
		if(word.s[i] != '.' && word.s[i] != '-' && word.s[i] != '_'
				&& !regmon_is_digit(word.s[i])
				&& !((word.s[i] | 0x20) >= 'a' && (word.s[i] | 0x20) <= 'z'))
			return false;
	}
	return true;
}

static bool is_digest(str word)
{
	regmon_digest_algorithm_t algorithm;

	for(algorithm = REGMON_ALGORITHM_MD5; algorithm < REGMON_ALGORITHM_OTHER;
			algorithm++) {
		const char *name = regmon_algorithm_name(algorithm);

		if(regmon_text_is_nocase(
				   word, (str){(char *)name, (int)strlen(name)}))
			return true;
	}
	return false;
}

static void read_home_domain(
		regmon_profile_reader_t *reader, const xmlNode *node)
{
	regmon_expectations_t *expected = &profile_of(reader)->expected;

	read_word(reader, node, expected->home_domains,
			&expected->home_domains_n, REGMON_MAX_HOME_DOMAINS, is_domain,
			"a bare domain, like ims.mnc001.mcc001.3gppnetwork.org");
}

static void read_digest(regmon_profile_reader_t *reader, const xmlNode *node)
{
	regmon_expectations_t *expected = &profile_of(reader)->expected;

	read_word(reader, node, expected->digests, &expected->digests_n,
			REGMON_MAX_ALGORITHMS, is_digest,
			"MD5, SHA-256, AKAv1-MD5, AKAv2-MD5, AKAv1-SHA-256 or "
			"AKAv2-SHA-256");
}

#define AN_ALGORITHM "a name as Security-Client has it, like aes-cbc"

static void read_integrity(
		regmon_profile_reader_t *reader, const xmlNode *node)
{
	regmon_expectations_t *expected = &profile_of(reader)->expected;

	read_word(reader, node, expected->algs, &expected->algs_n,
			REGMON_MAX_ALGORITHMS, regmon_text_is_token, AN_ALGORITHM);
}

static void read_encryption(
		regmon_profile_reader_t *reader, const xmlNode *node)
{
	regmon_expectations_t *expected = &profile_of(reader)->expected;

	read_word(reader, node, expected->ealgs, &expected->ealgs_n,
			REGMON_MAX_ALGORITHMS, regmon_text_is_token, AN_ALGORITHM);
}

#define LONGEST_EXPIRES INT64_C(4294967295)

static void read_expires(
		regmon_profile_reader_t *reader, const xmlNode *node)
{
	regmon_expectations_t *expected = &profile_of(reader)->expected;

	regmon_reader_know_attributes(reader, node, "min, max");
	if(expected->min_expires_s > 0 || expected->max_expires_s > 0) {
		regmon_reader_complain(reader, node, "a second <expires>");
		return;
	}
	if(regmon_reader_attribute(node, "min").s == NULL
			&& regmon_reader_attribute(node, "max").s == NULL)
		regmon_reader_complain(
				reader, node, "<expires> needs min, max or both");
	/* RFC 3261 10.3: nobody may refuse an hour and more */
	regmon_reader_number(
			reader, node, "min", 1, 3599, &expected->min_expires_s);
	regmon_reader_number(reader, node, "max", 60, LONGEST_EXPIRES,
			&expected->max_expires_s);
	if(expected->max_expires_s > 0
			&& expected->max_expires_s < expected->min_expires_s)
		regmon_reader_complain(reader, node, "<expires>: max is below min");
}

/* ---- all of a profile ---- */

/* read before: see regmon_reader_own_rules() */
static void pass_over(regmon_profile_reader_t *reader, const xmlNode *node)
{
	(void)reader;
	(void)node;
}

static const struct
{
	const char *name;
	element_f read;
} elements[] = {
		{"description", read_description},
		{"home_domain", read_home_domain},
		{"digest_algorithm", read_digest},
		{"integrity_algorithm", read_integrity},
		{"encryption_algorithm", read_encryption},
		{"expires", read_expires},
		{"threshold", read_threshold},
		{"rule", read_single_rule},
		{"exception", regmon_reader_exception},
		{"own_rule", pass_over},
};

void regmon_reader_elements(
		regmon_profile_reader_t *reader, const xmlNode *profile)
{
	const xmlNode *node;
	unsigned i;

	/* groups before single rules, so that these have the last word wherever they stand */
	for(node = profile->children; node; node = node->next) {
		if(node->type == XML_ELEMENT_NODE && regmon_reader_is(node, "rule"))
			read_rule_group(reader, node);
	}
	for(node = regmon_reader_element(reader, profile->children); node;
			node = regmon_reader_element(reader, node->next)) {
		for(i = 0; i < REGMON_COUNT(elements); i++) {
			if(regmon_reader_is(node, elements[i].name))
				break;
		}
		if(i < REGMON_COUNT(elements))
			elements[i].read(reader, node);
		else
			regmon_reader_complain(reader, node,
					"<%.60s> inside of <profile>; known: description,"
					" home_domain, digest_algorithm, integrity_algorithm,"
					" encryption_algorithm, expires, threshold, rule,"
					" exception, own_rule",
					node->name);
	}
}
