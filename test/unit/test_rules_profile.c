/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What profiles come to: built-in ones, inheritance, overrides, exceptions for phones, own rules. */
#include "rules/profile.h"

#include "test/unit/rules_fixture.h"

#define OPERATOR "test/profiles/operator.xml"

static regmon_profiles_t profiles;
static regmon_profile_effect_t effect;

static int profile_of(const char *name)
{
	int index = regmon_profile_find(
			&profiles, (str){(char *)name, (int)strlen(name)});

	if(index < 0)
		fail_msg("no profile %s", name);
	return index;
}

static int rule_of(const char *id)
{
	int index = regmon_rule_find((str){(char *)id, (int)strlen(id)});

	if(index < 0)
		fail_msg("no rule %s", id);
	return index;
}

static void load_text(const char *text)
{
	regmon_complaint_t complaint;

	regmon_profiles_start(&profiles, REGMON_ROLE_AUTO, NULL);
	if(!regmon_profiles_read(
			   &profiles, text, strlen(text), "p.xml", &complaint))
		fail_msg("%s", complaint.text);
	regmon_own_rules_use(&profiles);
}

static void load_operator(void)
{
	size_t length;
	char *bytes = harness_read_file(OPERATOR, &length);
	regmon_complaint_t complaint;

	regmon_profiles_start(&profiles, REGMON_ROLE_AUTO, NULL);
	if(!regmon_profiles_read(
			   &profiles, bytes, length, OPERATOR, &complaint))
		fail_msg("%s", complaint.text);
	free(bytes);
	regmon_own_rules_use(&profiles);
}

static regmon_plan_t *plan_of(const char *name)
{
	regmon_plan_t *plan = malloc(regmon_plan_size());

	assert_non_null(plan);
	regmon_profile_effect(&profiles, profile_of(name), &effect);
	regmon_plan_make_profile(plan, &profiles, profile_of(name), &effect);
	return plan;
}

static regmon_severity_t severity_in(
		regmon_role_t role, const char *profile, const char *rule)
{
	regmon_profiles_start(&profiles, role, NULL);
	regmon_profile_effect(&profiles, profile_of(profile), &effect);
	return effect.severities[rule_of(rule)];
}

/* ---- built in ---- */

static void built_in_ones_differ(void **state)
{
	static const char *const names[] = {
			"rfc3261", "ims", "volte", "vonr", "vowifi", "lab-strict"};
	static regmon_profile_effect_t effects[6];
	unsigned i, j;

	regmon_profiles_start(&profiles, REGMON_ROLE_AUTO, NULL);
	assert_int_equal(profiles.profiles_n, 6);
	for(i = 0; i < 6; i++) {
		memset(&effects[i], 0, sizeof(effects[i]));
		regmon_profile_effect(&profiles, profile_of(names[i]), &effects[i]);
		for(j = 0; j < i; j++)
			assert_memory_not_equal(
					&effects[i], &effects[j], sizeof(effects[i]));
	}
	/* the default is the catalogue */
	for(i = 0; i < regmon_rules_n(); i++)
		assert_int_equal(effects[1].severities[i],
				regmon_severity_bounded(
						regmon_rule_at(i), regmon_rule_at(i)->severity));
}

static void built_in_severities(void **state)
{
	const regmon_role_t any = REGMON_ROLE_AUTO;

	assert_int_equal(severity_in(any, "rfc3261", "SEC-01"), REGMON_OFF);
	assert_int_equal(severity_in(any, "rfc3261", "EXP-01"), REGMON_OFF);
	assert_int_equal(severity_in(any, "rfc3261", "CSEQ-04"), REGMON_ERROR);
	assert_int_equal(severity_in(any, "ims", "SEC-01"), REGMON_WARNING);
	assert_int_equal(severity_in(any, "volte", "SEC-01"), REGMON_ERROR);
	assert_int_equal(severity_in(any, "vonr", "SEC-01"), REGMON_ERROR);
	assert_int_equal(severity_in(any, "vonr", "PANI-09"), REGMON_OFF);
	assert_int_equal(severity_in(any, "vowifi", "SEC-01"), REGMON_NOTE);
	assert_int_equal(severity_in(any, "lab-strict", "EXP-01"), REGMON_ERROR);
	assert_int_equal(severity_in(any, "lab-strict", "FROM-01"), REGMON_ERROR);
	/* doubt stays doubt, in the laboratory too */
	assert_int_equal(severity_in(any, "lab-strict", "PVNI-01"), REGMON_WARNING);
	assert_int_equal(severity_in(any, "ims", "PATH-01"), REGMON_WARNING);
	assert_int_equal(
			severity_in(REGMON_ROLE_REGISTRAR, "ims", "PATH-01"), REGMON_OFF);
	assert_int_equal(
			severity_in(REGMON_ROLE_PCSCF, "lab-strict", "PATH-01"), REGMON_NOTE);
}

/* ---- inheritance and overrides ---- */

static void inherited(void **state)
{
	load_operator();
	regmon_profile_effect(&profiles, profile_of("example-lab"), &effect);
	/* own, the parent's, the grandparent's, the catalogue's */
	assert_int_equal(effect.severities[rule_of("EXP-01")], REGMON_ERROR);
	assert_int_equal(effect.severities[rule_of("PANI-05")], REGMON_NOTE);
	assert_int_equal(effect.severities[rule_of("SEC-01")], REGMON_ERROR);
	assert_int_equal(effect.severities[rule_of("CSEQ-04")], REGMON_ERROR);
	assert_int_equal(effect.modes[rule_of("PANI-01")], REGMON_MODE_SHADOW);
	assert_int_equal(effect.modes[rule_of("EXP-02")], REGMON_MODE_ENFORCE);
	assert_int_equal(effect.modes[rule_of("CSEQ-04")], REGMON_MODE_MONITOR);
	assert_int_equal(effect.severities[rule_of("OP-UA-01")], REGMON_ERROR);
	assert_int_equal(effect.modes[rule_of("OP-UA-01")], REGMON_MODE_ENFORCE);
	assert_int_equal(effect.thresholds[REGMON_THRESHOLD_challenge_loop], 4);
	assert_int_equal(effect.thresholds[REGMON_THRESHOLD_silence_s], 0);
	assert_int_equal(effect.expected.home_domains_n, 1);
	assert_int_equal(effect.expected.digests_n, 1); /* replaces volte's three */
	regmon_profile_effect(&profiles, profile_of("example-net"), &effect);
	assert_int_equal(effect.severities[rule_of("EXP-01")], REGMON_OFF);
	assert_int_equal(effect.severities[rule_of("OP-UA-01")], REGMON_WARNING);
	assert_int_equal(effect.severities[rule_of("OP-LAB-1")], REGMON_OFF);
}

static void overridden(void **state)
{
	const regmon_override_t overrides[] = {
			{REGMON_TEXT("cseq-out-of-range"), REGMON_OFF, REGMON_AS_PARENT},
			{REGMON_TEXT("OP-X-01"), REGMON_NOTE, REGMON_MODE_ENFORCE},
			{REGMON_TEXT("PANI-05"), REGMON_ERROR, REGMON_AS_PARENT},
			{REGMON_TEXT("OP-LAB-1"), REGMON_OFF, REGMON_AS_PARENT}};
	const regmon_expectations_t facts = {.home_domains_n = 2,
			.home_domains = {REGMON_TEXT("IMS.mnc001.mcc001.3gppnetwork.org"),
					REGMON_TEXT("other.example")},
			.min_expires_s = 900};
	int lab, net;

	load_operator();
	lab = profile_of("example-lab");
	net = profile_of("example-net");
	regmon_profile_effect(&profiles, lab, &effect);
	assert_int_equal(
			regmon_profile_override(&profiles, lab, overrides, 4, &effect), -1);
	assert_int_equal(effect.severities[rule_of("CSEQ-04")], REGMON_OFF);
	assert_int_equal(effect.severities[rule_of("OP-X-01")], REGMON_NOTE);
	assert_int_equal(effect.modes[rule_of("OP-X-01")], REGMON_MODE_ENFORCE);
	/* not verified: a warning at most */
	assert_int_equal(effect.severities[rule_of("PANI-05")], REGMON_WARNING);
	assert_int_equal(effect.modes[rule_of("PANI-01")], REGMON_MODE_SHADOW);
	regmon_profile_add_facts(&effect, &facts);
	assert_int_equal(effect.expected.home_domains_n, 2);
	assert_int_equal(effect.expected.min_expires_s, 900);
	/* the own rule of a child is none of the parent's */
	regmon_profile_effect(&profiles, net, &effect);
	assert_int_equal(
			regmon_profile_override(&profiles, net, overrides, 4, &effect), 3);
}

/* ---- judging ---- */

static const regmon_finding_t *finding_of(
		const regmon_findings_t *findings, const char *id)
{
	unsigned i;

	for(i = 0; i < findings->n; i++) {
		if(strcmp(regmon_rule_at(findings->list[i].rule)->id, id) == 0)
			return &findings->list[i];
	}
	return NULL;
}

static void judge_text(
		const regmon_plan_t *plan, const char *text, regmon_findings_t *findings)
{
	static fixture_t fixture;
	static char copy[4096];

	snprintf(copy, sizeof(copy), "%s", text);
	fixture_read_text(&fixture, copy, strlen(copy));
	regmon_rules_judge(plan, &fixture.message, &fixture.class, findings);
}

#define REGISTER_BY(agent, imei, more)                                        \
	"REGISTER sip:ims.mnc001.mcc001.3gppnetwork.org SIP/2.0\r\n"              \
	"Via: SIP/2.0/UDP 10.45.12.34:5060;branch=z9hG4bK-1;rport;keep\r\n"       \
	"Max-Forwards: 70\r\n"                                                    \
	"From: <sip:001010123456789@ims.mnc001.mcc001.3gppnetwork.org>;tag=a\r\n" \
	"To: <sip:001010123456789@ims.mnc001.mcc001.3gppnetwork.org>\r\n"         \
	"Call-ID: a@10.45.12.34\r\nCSeq: 1 REGISTER\r\n"                          \
	"Contact: <sip:a@10.45.12.34:5060>;q=7;+sip.instance=\"<urn:gsma:imei:" imei  \
	">\"\r\nExpires: 3600\r\nUser-Agent: " agent "\r\n" more                  \
	"Content-Length: 0\r\n\r\n"

static void exceptions(void **state)
{
	static const struct
	{
		const char *text;
		bool excepted;
	} cases[] = {
			{REGISTER_BY("Phone/1.0", "35609911-123456-0", ""), true},
			{REGISTER_BY("phone/1.9", "35609900-123456-0", ""), true},
			{REGISTER_BY("Phone/1.0", "35609919-123456-0", ""), true},
			{REGISTER_BY("Phone/1.0", "35609920-123456-0", ""), false},
			{REGISTER_BY("Phone/1.0", "35609899-123456-0", ""), false},
			{REGISTER_BY("Phone/2.0", "35609911-123456-0", ""), false},
			{REGISTER_BY("A Phone/1.0", "35609911-123456-0", ""), false},
			{REGISTER_BY("Phone/1.0", "3560991x-123456-0", ""), false},
	};
	regmon_findings_t findings;
	regmon_plan_t *plan;
	unsigned i;

	load_operator();
	plan = plan_of("example-net");
	for(i = 0; i < REGMON_COUNT(cases); i++) {
		judge_text(plan, cases[i].text, &findings);
		if((finding_of(&findings, "CON-22") == NULL) != cases[i].excepted)
			fail_msg("case %u", i);
	}
	free(plan);
}

/* Worst and total are those behind the exception; a single rule is stronger than its group. */
static void exceptions_count(void **state)
{
	regmon_findings_t with, without;
	regmon_plan_t *plan;

	load_text("<profiles><profile name='a'>"
			  "<exception user_agent_contains='HONE/1'>"
			  "<rule id='CON-22' severity='note'/>"
			  "<rule id='CON-*' severity='off'/>"
			  "<rule id='EXP-01' severity='error'/>"
			  "</exception></profile></profiles>");
	plan = plan_of("a");
	judge_text(plan, REGISTER_BY("Phone/1.0", "35609911-123456-0", ""), &with);
	judge_text(plan, REGISTER_BY("Tone/1.0", "35609911-123456-0", ""), &without);
	assert_int_equal(finding_of(&with, "CON-22")->severity, REGMON_NOTE);
	assert_int_equal(finding_of(&without, "CON-22")->severity, REGMON_WARNING);
	assert_int_equal(with.worst, REGMON_ERROR);
	assert_int_equal(with.list[with.worst_at].severity, REGMON_ERROR);
	assert_string_equal(
			regmon_rule_at(with.list[with.worst_at].rule)->id, "EXP-01");
	assert_int_equal(with.total, without.total);
	assert_true(without.worst < REGMON_ERROR);
	free(plan);
}

/* A rule that is off in the profile wakes for the phones of an exception, and for no others. */
static void exceptions_wake(void **state)
{
	regmon_findings_t findings;
	regmon_plan_t *plan;

	load_text("<profiles><profile name='a'>"
			  "<rule id='EXP-01' severity='off'/>"
			  "<exception user_agent_prefix='Phone'>"
			  "<rule id='EXP-01' severity='warning'/>"
			  "</exception></profile></profiles>");
	plan = plan_of("a");
	judge_text(
			plan, REGISTER_BY("Phone/1.0", "35609911-123456-0", ""), &findings);
	assert_non_null(finding_of(&findings, "EXP-01"));
	judge_text(
			plan, REGISTER_BY("Other/1.0", "35609911-123456-0", ""), &findings);
	assert_null(finding_of(&findings, "EXP-01"));
	free(plan);
}

static void own_rules(void **state)
{
	const regmon_finding_t *finding;
	regmon_findings_t findings;
	regmon_plan_t *plan;

	load_operator();
	plan = plan_of("example-lab");
	judge_text(plan,
			REGISTER_BY("Phone", "35609920-123456-0", "x-site: 12\r\n"),
			&findings);
	finding = finding_of(&findings, "OP-UA-01");
	assert_non_null(finding);
	assert_int_equal(finding->mode, REGMON_MODE_ENFORCE);
	assert_int_equal(finding->severity, REGMON_ERROR);
	assert_true(regmon_text_is(finding->seen, REGMON_TEXT("Phone")));
	assert_int_equal(regmon_rule_at(finding->rule)->answer, 403);
	finding = finding_of(&findings, "OP-X-01");
	assert_non_null(finding);
	assert_true(regmon_text_is(finding->seen, REGMON_TEXT("12")));
	assert_non_null(finding_of(&findings, "OP-LAB-1"));
	judge_text(plan,
			REGISTER_BY("Phone/1", "35609920-123456-0", "Organization: b\r\n"),
			&findings);
	assert_null(finding_of(&findings, "OP-UA-01"));
	assert_null(finding_of(&findings, "OP-X-01"));
	assert_null(finding_of(&findings, "OP-LAB-1"));
	/* an exception of the parent switches it off */
	judge_text(plan,
			REGISTER_BY("my TESTBOX", "35609920-123456-0", ""), &findings);
	assert_null(finding_of(&findings, "OP-UA-01"));
	free(plan);
	/* the parent has no OP-LAB-1 */
	plan = plan_of("example-net");
	judge_text(
			plan, REGISTER_BY("Phone/1", "35609920-123456-0", ""), &findings);
	assert_null(finding_of(&findings, "OP-LAB-1"));
	free(plan);
}

static void own_rules_show_no_secret(void **state)
{
	regmon_findings_t findings;
	regmon_plan_t *plan;

	load_text("<profiles><profile name='a'><own_rule id='OP-1' "
			  "header='Authorization' broken_when='matches' pattern='nonce' "
			  "severity='note'><text>t</text></own_rule></profile></profiles>");
	plan = plan_of("a");
	judge_text(plan,
			REGISTER_BY("P/1", "35609911-123456-0",
					"Authorization: Digest username=\"a\",nonce=\"secret\"\r\n"),
			&findings);
	assert_non_null(finding_of(&findings, "OP-1"));
	assert_int_equal(finding_of(&findings, "OP-1")->seen.len, 0);
	free(plan);
}

/* One id keeps one index, whatever files come and go; nothing that a record may hold is ever NULL. */
static void own_indexes_stay(void **state)
{
#define OWN(id)                                                           \
	"<own_rule id='" id "' header='X-A' broken_when='absent' severity='note'>" \
	"<text>t</text></own_rule>"
	static const char second[] =
			"<profiles><profile name='a'>" OWN("OP-3") OWN("OP-2")
			"</profile></profiles>";
	static regmon_profiles_t next;
	regmon_complaint_t complaint;
	int one, two;

	load_text("<profiles><profile name='a'>" OWN("OP-1") OWN("OP-2")
			  "</profile></profiles>");
	one = rule_of("OP-1");
	two = rule_of("OP-2");
	regmon_profiles_start(&next, REGMON_ROLE_AUTO, &profiles);
	assert_true(regmon_profiles_read(
			&next, second, sizeof(second) - 1, "p", &complaint));
	regmon_own_rules_use(&next);
	assert_int_equal(rule_of("OP-2"), two);
	assert_true(rule_of("OP-3") != one && rule_of("OP-3") != two);
	assert_int_equal(rule_of("OP-1"), one);
	assert_string_equal(regmon_rule_at(one)->id, "OP-1");
	assert_int_equal(regmon_rule_at(one)->severity, REGMON_OFF);
	assert_int_equal(
			regmon_profile_rule(&next, 6, REGMON_TEXT("OP-1")), -1);
	regmon_own_rules_use(NULL);
	assert_null(regmon_rule_at(one));
	assert_int_equal(regmon_rule_find(REGMON_TEXT("OP-1")), -1);
}

static void room_for_own_rules(void **state)
{
	assert_true(regmon_rules_n() <= REGMON_OWN_FIRST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(built_in_ones_differ),
			cmocka_unit_test(built_in_severities),
			cmocka_unit_test(inherited),
			cmocka_unit_test(overridden),
			cmocka_unit_test(exceptions),
			cmocka_unit_test(exceptions_count),
			cmocka_unit_test(exceptions_wake),
			cmocka_unit_test(own_rules),
			cmocka_unit_test(own_rules_show_no_secret),
			cmocka_unit_test(own_indexes_stay),
			cmocka_unit_test(room_for_own_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
