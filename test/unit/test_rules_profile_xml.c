/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading profile files: what is right comes in whole, what is wrong gives one line with its place. */
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <stdio.h>
#include <stdlib.h>

#include "rules/profile.h"
#include "test/unit/harness.h"

#define OPERATOR "test/profiles/operator.xml"
#define SCHEMA "doc/profile.rng"

static regmon_profiles_t profiles;
static regmon_complaint_t complaint;

static bool read_bytes(const char *bytes, size_t length)
{
	regmon_profiles_start(&profiles, REGMON_ROLE_AUTO, NULL);
	return regmon_profiles_read(
			&profiles, bytes, length, "/etc/p.xml", &complaint);
}

/* from a block of its own length */
static bool read_text(const char *text)
{
	size_t length;
	char *copy = harness_copy(text, &length);
	bool good = read_bytes(copy, length);

	free(copy);
	return good;
}

static void operator_file(void **state)
{
	size_t length;
	char *bytes = harness_read_file(OPERATOR, &length);
	int net, lab, rule;

	if(!read_bytes(bytes, length))
		fail_msg("%s", complaint.text);
	free(bytes);
	assert_int_equal(profiles.profiles_n, 8);
	net = regmon_profile_find(&profiles, REGMON_TEXT("example-net"));
	lab = regmon_profile_find(&profiles, REGMON_TEXT("Example-Lab"));
	assert_true(net >= 6 && lab > net);
	assert_int_equal(profiles.profiles[lab].parent, net);
	assert_string_equal(profiles.profiles[net].description.s,
			"Example Net: VoLTE and VoNR, Phase 3.");
	assert_int_equal(profiles.profiles[net].expected.ealgs_n, 2);
	assert_string_equal(profiles.profiles[net].expected.ealgs[0].s, "aes-cbc");
	assert_int_equal(profiles.profiles[net].expected.min_expires_s, 600);
	assert_int_equal(
			profiles.profiles[net].thresholds[REGMON_THRESHOLD_challenge_loop],
			4);
	assert_int_equal(profiles.exceptions_n, 2);
	assert_int_equal(profiles.exceptions[0].tac_to, 35609919);
	/* the single rule stands behind its group, though it is written last */
	rule = regmon_rule_find(REGMON_TEXT("PANI-01"));
	assert_int_equal(
			profiles.profiles[net].severities[rule], REGMON_WARNING);
	assert_int_equal(profiles.profiles[net].modes[rule], REGMON_MODE_SHADOW);
	rule = regmon_rule_find(REGMON_TEXT("PANI-05"));
	assert_int_equal(profiles.profiles[net].severities[rule], REGMON_NOTE);
	assert_string_equal(profiles.own[0].rule.name, "user-agent-without-version");
	assert_int_equal(profiles.own[0].header, REGMON_HEADER_USER_AGENT);
	assert_int_equal(profiles.own[1].header, REGMON_HEADER_OTHER);
	assert_string_equal(profiles.own[1].rule.header, "X-Site");
	assert_int_equal(profiles.own[2].rule.legs, REGMON_LEG_U0);
}

#define P(inside) "<profiles>\n<profile name=\"a\">\n" inside "</profile></profiles>"
#define OWN(more)                                                          \
	P("<own_rule id=\"OP-1\" header=\"X-A\" severity=\"note\" " more \
	  "><text>t</text></own_rule>")

static const struct
{
	const char *text;
	unsigned line;
	const char *says; /* somewhere in the complaint */
} wrong[] = {
		{"", 1, "is empty"},
		{" ", 1, "XML"},
		{"hello", 1, "XML"},
		{"<profiles><profile name='a'></profiles>", 1, "mismatch"},
		{"<profiles>\n\n<profile name='a'>", 3, "XML"},
		{"<profiles/>", 1, "holds no <profile>"},
		{"<rules/>", 1, "expected <profiles>"},
		{"<profiles xmlns='x'><profile name='a'/></profiles>", 1, "xmlns"},
		{"<profiles lang='x'><profile name='a'/></profiles>", 1,
				"no attribute 'lang'"},
		{"<profiles>\n<prfile name='a'/></profiles>", 2, "<prfile>"},
		{"<profiles>\nwords<profile name='a'/></profiles>", 2, "text inside"},
		{"<profiles>\n<profile/></profiles>", 2, "needs the attribute 'name'"},
		{"<profiles>\n<profile name=''/></profiles>", 2, "which is empty"},
		{"<profiles>\n<profile name='a b'/></profiles>", 2, "'a b'"},
		{"<profiles>\n<profile name='VoLTE'/></profiles>", 2, "built in"},
		{"<profiles><profile name='a'/>\n<profile name='A'/></profiles>", 2,
				"already, in line 1"},
		{"<profiles>\n<profile name='a' parent='volt'/></profiles>", 2,
				"no parent 'volt'; known: rfc3261, ims, volte"},
		{"<profiles>\n<profile name='a' parent='a'/></profiles>", 2,
				"'a' inherits from itself"},
		{"<profiles>\n<profile name='a' parent='b'/>\n<profile name='b' "
		 "parent='c'/>\n<profile name='c' parent='a'/></profiles>",
				2, "'a' inherits from itself by way of b"},
		{P("<rle id=\"CSEQ-04\"/>"), 3, "<rle> inside of <profile>; known:"},
		{P("<rule id=\"CSEC-04\" severity=\"off\"/>"), 3,
				"no rule 'CSEC-04'; near: CSEQ-04"},
		{P("<rule id=\"XYZ-*\" severity=\"off\"/>"), 3, "begins with 'XYZ-'"},
		{P("<rule id=\"CSEQ-04\" severity=\"fatal\"/>"), 3,
				"'fatal' is none of off, note, warning, error"},
		{P("<rule id=\"CSEQ-04\" mode=\"kill\"/>"), 3,
				"'kill' is none of monitor, shadow, enforce"},
		{P("<rule id=\"CSEQ-04\"/>"), 3, "neither severity nor mode"},
		{P("<rule severity=\"off\"/>"), 3, "needs the attribute 'id'"},
		{P("<rule id=\"CSEQ-04\" sev=\"off\"/>"), 3,
				"no attribute 'sev', only id, severity, mode"},
		{P("<rule id=\"CSEQ-04\" Severity=\"off\"/>"), 3, "'Severity'"},
		{P("<rule id=\"CSEQ-04\" severity=\"off\"><b/></rule>"), 3,
				"nothing inside"},
		{P("<rule id=\"CSEQ-04\" severity=\"off\"/>\n<rule "
		   "id=\"cseq-out-of-range\" severity=\"note\"/>"),
				4, "already, in line 3"},
		{P("<rule id=\"OP-9\" severity=\"off\"/>"), 3, "no rule 'OP-9'"},
		{P("<threshold name=\"challenge_loop\" value=\"many\"/>"), 3,
				"value=\"many\">: expected a number from 2 to 100"},
		{P("<threshold name=\"challenge_loop\" value=\"1\"/>"), 3, "2 to 100"},
		{P("<threshold name=\"loop\" value=\"3\"/>"), 3,
				"no threshold 'loop'; known: challenge_loop"},
		{P("<threshold name=\"silence_s\"/>"), 3, "needs the attribute 'value'"},
		{P("<threshold name=\"silence_s\" value=\"9\"/><threshold "
		   "name=\"silence_s\" value=\"9\"/>"),
				3, "already"},
		{P("<home_domain>sip:a.b</home_domain>"), 3, "expected a bare domain"},
		{P("<home_domain/>"), 3, "is empty"},
		{P("<home_domain>a<b/></home_domain>"), 3, "holds text only"},
		{P("<home_domain>a.b</home_domain><home_domain>A.B</home_domain>"), 3,
				"stands there already"},
		{P("<digest_algorithm>AKA</digest_algorithm>"), 3, "AKAv1-MD5"},
		{P("<encryption_algorithm>a b</encryption_algorithm>"), 3, "'a b'"},
		{P("<expires/>"), 3, "needs min, max or both"},
		{P("<expires min=\"3600\"/>"), 3, "1 to 3599"},
		{P("<expires min=\"600\" max=\"60\"/>"), 3, "max is below min"},
		{P("<expires max=\"60\"/>\n<expires max=\"70\"/>"), 4, "second"},
		{P("<description>a</description><description>b</description>"), 3,
				"second"},
		{P("<exception><rule id=\"CSEQ-04\" severity=\"off\"/></exception>"), 3,
				"names no phones"},
		{P("<exception user_agent_prefix=\"A\"/>"), 3, "changes no rule"},
		{P("<exception user_agent_prefix=\"\"><rule id=\"CSEQ-04\" "
		   "severity=\"off\"/></exception>"),
				3, "1 to 120 characters"},
		{P("<exception tac_from=\"123\"><rule id=\"CSEQ-04\" "
		   "severity=\"off\"/></exception>"),
				3, "8 digits of an IMEI"},
		{P("<exception tac_to=\"12345678\"><rule id=\"CSEQ-04\" "
		   "severity=\"off\"/></exception>"),
				3, "tac_to needs a tac_from"},
		{P("<exception tac_from=\"22345678\" tac_to=\"12345678\"><rule "
		   "id=\"CSEQ-04\" severity=\"off\"/></exception>"),
				3, "not higher"},
		{P("<exception tac_from=\"22345678\">\n<rule id=\"NO-1\" "
		   "severity=\"off\"/></exception>"),
				4, "no rule 'NO-1'"},
		{P("<exception tac_from=\"22345678\"><rule id=\"CSEQ-04\" "
		   "mode=\"shadow\"/></exception>"),
				3, "no attribute 'mode'"},
		{P("<own_rule/>"), 3, "needs the attribute 'id'"},
		{P("<own_rule id=\"X-1\" header=\"A\" broken_when=\"absent\" "
		   "severity=\"note\"><text>t</text></own_rule>"),
				3, "expected OP-"},
		{OWN("broken_when=\"missing\""), 3,
				"none of present, absent, matches, differs"},
		{OWN("broken_when=\"matches\""), 3, "needs a pattern"},
		{OWN("broken_when=\"absent\" pattern=\"a\""), 3, "takes no pattern"},
		{OWN("broken_when=\"matches\" pattern=\"(a\""), 3,
				"pattern '(a': '(' without ')'"},
		{OWN("broken_when=\"absent\" legs=\"U0 U9\""), 3, "leg 'U9'"},
		{OWN("broken_when=\"absent\" legs=\"\""), 3, "legs is empty"},
		{OWN("broken_when=\"absent\" answer=\"200\""), 3, "300 to 699"},
		{OWN("broken_when=\"absent\" name=\"cseq-out-of-range\""), 3,
				"of another rule"},
		{P("<own_rule id=\"OP-1\" header=\"X-A\" broken_when=\"absent\" "
		   "severity=\"off\"><text>t</text></own_rule>"),
				3, "none of note, warning, error"},
		{P("<own_rule id=\"OP-1\" header=\"X A\" broken_when=\"absent\" "
		   "severity=\"note\"><text>t</text></own_rule>"),
				3, "no name of a header"},
		{P("<own_rule id=\"OP-1\" header=\"X-A\" broken_when=\"absent\" "
		   "severity=\"note\"/>"),
				3, "needs <text>"},
		/* nothing is declared, expanded or fetched */
		{"<?xml version='1.0'?>\n<!DOCTYPE p [<!ENTITY a 'aaaa'>]>\n"
		 "<profiles><profile name='&a;'/></profiles>",
				2, "DOCTYPE is not allowed"},
		{"<!DOCTYPE profiles SYSTEM 'http://127.0.0.1/x.dtd'>\n<profiles/>", 1,
				"DOCTYPE is not allowed"},
		{"<profiles><profile name='&a;'/></profiles>", 1, "XML"},
};

static void wrong_files(void **state)
{
	char place[32];
	unsigned i;

	for(i = 0; i < REGMON_COUNT(wrong); i++) {
		if(read_text(wrong[i].text))
			fail_msg("taken: %s", wrong[i].text);
		snprintf(place, sizeof(place), "/etc/p.xml:%u: ", wrong[i].line);
		if(strncmp(complaint.text, place, strlen(place)) != 0
				|| strstr(complaint.text, wrong[i].says) == NULL)
			fail_msg("%s\n says %s", wrong[i].text, complaint.text);
		assert_null(strchr(complaint.text, '\n'));
	}
}

static void first_complaint_and_count(void **state)
{
	assert_false(read_text("<profiles>\n<profile name='a'>\n"
						   "<rule id='NO-1' severity='off'/>\n"
						   "<own_rule id='bad' header='X'/>\n"
						   "<rule id='NO-2' severity='off'/>\n"
						   "</profile></profiles>"));
	assert_non_null(strstr(complaint.text, ":3: no rule 'NO-1'"));
	assert_int_equal(complaint.more, 2);
}

/* ---- sizes ---- */

static bool read_repeated(const char *head, const char *part, unsigned times,
		const char *tail)
{
	size_t size = strlen(head) + strlen(part) * times + strlen(tail) + 1;
	char *text = malloc(size), *to;
	bool good;

	assert_non_null(text);
	to = stpcpy(text, head);
	while(times-- > 0)
		to = stpcpy(to, part);
	strcpy(to, tail);
	good = read_bytes(text, size - 1);
	free(text);
	return good;
}

static void deep_and_huge(void **state)
{
	assert_false(read_repeated("<profiles>", "<a>", 20000, ""));
	assert_non_null(strstr(complaint.text, "depth"));
	/* in the depth that the parser allows */
	assert_false(read_repeated("<profiles><profile name='a'>", "<a>", 100,
			"</a>"));
	assert_false(read_repeated("<profiles>",
			"<!-- 0123456789012345678901234567890123456789012345678 -->",
			20000, "<profile name='a'/></profiles>"));
	assert_non_null(strstr(complaint.text, "at most 1048576"));
	/* many complaints stay one line */
	assert_false(
			read_repeated("<profiles>", "<x/>\n", 50000, "</profiles>"));
	assert_int_equal(complaint.more, 49999);
	/* a name as long as the file */
	assert_false(read_repeated(
			"<profiles><profile name='", "aaaaaaaaaa", 50000, "'/></profiles>"));
	assert_true(strlen(complaint.text) < sizeof(complaint.text));
}

static void bounds(void **state)
{
	char text[65536], *to = text;
	unsigned i;

	to += sprintf(to, "<profiles>");
	for(i = 0; i < REGMON_MAX_PROFILES; i++)
		to += sprintf(to, "\n<profile name='p%u'/>", i);
	sprintf(to, "</profiles>");
	assert_false(read_text(text));
	assert_non_null(strstr(complaint.text, ":20: more than 24 profiles"));

	to = text + sprintf(text, "<profiles><profile name='a'>");
	for(i = 0; i <= REGMON_MAX_EXCEPTIONS; i++)
		to += sprintf(to, "\n<exception tac_from='12345678'><rule id='CSEQ-04'"
						  " severity='off'/></exception>");
	strcpy(to, "</profile></profiles>");
	assert_false(read_text(text));
	assert_non_null(strstr(complaint.text, ":66: more than 64 exceptions"));

	to = text + sprintf(text, "<profiles><profile name='a'>");
	for(i = 0; i <= REGMON_MAX_OWN_RULES; i++)
		to += sprintf(to,
				"\n<own_rule id='OP-%u' header='X' broken_when='absent'"
				" severity='note'><text>t</text></own_rule>",
				i);
	strcpy(to, "</profile></profiles>");
	assert_false(read_text(text));
	assert_non_null(strstr(complaint.text, ":34: more than 32 own rules"));
}

/* Each cut of a good file is refused, and nothing is read beyond its end. */
static void cut_files(void **state)
{
	size_t length, i;
	char *bytes = harness_read_file(OPERATOR, &length);

	for(i = 0; i + 2 < length; i += 13) {
		char *cut = malloc(i ? i : 1);

		assert_non_null(cut);
		memcpy(cut, bytes, i);
		assert_false(read_bytes(cut, i));
		free(cut);
	}
	free(bytes);
}

/* ---- the schema ---- */

static bool schema_takes(xmlRelaxNGValidCtxt *valid, const char *text)
{
	xmlDoc *document = xmlReadMemory(text, (int)strlen(text), NULL, NULL,
			XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	bool good = document && xmlRelaxNGValidateDoc(valid, document) == 0;

	xmlFreeDoc(document);
	return good;
}

static void quiet(void *context, const char *format, ...)
{
}

/* What the schema refuses, the reader refuses; the operator's file pleases both. */
static void schema_agrees(void **state)
{
	static const char *const beyond[] = {"built in", "already", "no parent",
			"itself", "no rule", "begins with", "DOCTYPE", "expected a number",
			"2 to 100", "AKAv1-MD5", "max is below", "tac_to needs",
			"not higher", "names no phones", "pattern '", "another rule",
			"name of a header", "stands there"};
	char *text = NULL;
	size_t length, i, j;
	char *schema = harness_read_file(SCHEMA, &length);
	xmlRelaxNGParserCtxt *parser =
			xmlRelaxNGNewMemParserCtxt(schema, (int)length);
	xmlRelaxNG *grammar = xmlRelaxNGParse(parser);
	xmlRelaxNGValidCtxt *valid;

	assert_non_null(grammar);
	valid = xmlRelaxNGNewValidCtxt(grammar);
	xmlRelaxNGSetValidErrors(valid, quiet, quiet, NULL);
	xmlSetGenericErrorFunc(NULL, quiet);
	free(schema);
	schema = harness_read_file(OPERATOR, &length);
	text = strndup(schema, length);
	if(!schema_takes(valid, text))
		fail_msg("%s is against %s", OPERATOR, SCHEMA);
	free(text);
	free(schema);
	for(i = 0; i < REGMON_COUNT(wrong); i++) {
		bool is_beyond = false;

		for(j = 0; j < REGMON_COUNT(beyond); j++)
			is_beyond |= strstr(wrong[i].says, beyond[j]) != NULL;
		if(!is_beyond && schema_takes(valid, wrong[i].text))
			fail_msg("the schema takes %s", wrong[i].text);
	}
	xmlRelaxNGFreeValidCtxt(valid);
	xmlRelaxNGFree(grammar);
	xmlRelaxNGFreeParserCtxt(parser);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(operator_file),
			cmocka_unit_test(wrong_files),
			cmocka_unit_test(first_complaint_and_count),
			cmocka_unit_test(deep_and_huge),
			cmocka_unit_test(bounds),
			cmocka_unit_test(cut_files),
			cmocka_unit_test(schema_agrees),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	xmlCleanupParser();
	return failed;
}
