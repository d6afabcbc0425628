/* SPDX-License-Identifier: GPL-2.0-or-later */
/* identity-mismatch and broken-register: refused for what the REGISTER says. */
#include "diagnosis_record.h"

#define IDENTITY "identity-mismatch"
#define BROKEN "broken-register"

static const regmon_rule_t *find(const char *id, unsigned at)
{
	int index = regmon_rule_find((str){(char *)id, (int)strlen(id)});

	assert_true(index >= 0);
	record->last_findings[at] = index + 1;
	return regmon_rule_at(index);
}

/* A REGISTER that breaks these rules, worst first, and the answer of the core to it. second NULL: one rule. */
static void refused(
		const char *first, const char *second, int code, const char *reason)
{
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	record_sent(1);
	if(first)
		find(first, 0);
	if(second)
		find(second, 1);
	record_core(99, code);
	record_refusal(100, code, reason);
}

/* the line that names a rule */
static void check_rule_line(const char *cause, const char *id)
{
	const regmon_rule_t *rule = find(id, 0);
	char line[300];

	snprintf(line, sizeof(line), "%s (%s): %.60s", id, rule->clause, rule->text);
	record_says(cause, 200, line);
}

/* ---- identity-mismatch ---- */

static const char *const identity_rules[] = {"RURI-01", "RURI-02", "RURI-03",
		"RURI-04", "TO-01", "TO-02", "TO-05", "FROM-01", "AUTH-03", "AUTH-04"};

static void identity_refused(void **state)
{
	static const int codes[] = {
			400, 403, 404, 416, 478, 480, 483, 502, 503, 504, 604};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(codes); i++) {
		refused("TO-01", NULL, codes[i], "No");
		record_applies(IDENTITY, 200, REGMON_LIKELY);
	}
	record_says(IDENTITY, 200, "14:03:07.100 604 No, from the core");
	for(i = 0; i < REGMON_COUNT(identity_rules); i++) {
		refused(identity_rules[i], NULL, 403, "Forbidden");
		record_applies(IDENTITY, 200, REGMON_LIKELY);
		check_rule_line(IDENTITY, identity_rules[i]);
		/* also when it is not the worst */
		refused("CL-01", identity_rules[i], 403, "Forbidden");
		record_applies(IDENTITY, 200, REGMON_LIKELY);
		record_silent_of(IDENTITY, 200, "CL-01");
	}
	regmon_registration_set_string(
			record, REGMON_STRING_IMPU, REGMON_TEXT("sip:u@ims"));
	regmon_registration_set_string(
			record, REGMON_STRING_IMPI, REGMON_TEXT("001010000000001@ims"));
	record_says(IDENTITY, 200, "IMPU sip:u@ims, IMPI 001010000000001@ims");
	record->attempt.core_code = 0;
	record_says(IDENTITY, 200, "made by this node");
}

static void identity_and_no_answer(void **state)
{
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	find("RURI-01", 0);
	record_not(IDENTITY, 20000);
	record_end(128000, REGMON_RESULT_UNANSWERED);
	record_applies(IDENTITY, 128001, REGMON_POSSIBLE);
	record_says(IDENTITY, 128001, "14:05:15.000 the attempt ended: no-answer");
}

static void identity_in_its_forms(void **state)
{
	static const char *const of_domain[] = {
			"RURI-01", "RURI-02", "RURI-03", "RURI-04", "TO-02"};
	static const char *const of_imsi[] = {"TO-05", "AUTH-03", "AUTH-04"};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(of_domain); i++) {
		refused("TO-05", of_domain[i], 403, "Forbidden");
		record_suspects(IDENTITY, 200, "The phone's home domain: derived");
	}
	for(i = 0; i < REGMON_COUNT(of_imsi); i++) {
		refused("TO-01", of_imsi[i], 403, "Forbidden");
		record_suspects(IDENTITY, 200, "The card's or profile's identities");
	}
	refused("TO-01", NULL, 403, "Forbidden");
	record_suspects(IDENTITY, 200, "The phone's configuration of its public");
	refused("FROM-01", NULL, 403, "Forbidden");
	record_suspects(IDENTITY, 200, "The phone's configuration of its public");
}

static void identity_is_free(void **state)
{
	static const int codes[] = {
			401, 405, 408, 420, 421, 423, 439, 481, 482, 494, 500, 600, 603};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(codes); i++) {
		refused("TO-01", NULL, codes[i], "No");
		record_not(IDENTITY, 200);
	}
	/* accepted all the same */
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	find("TO-01", 0);
	record_grant(100, 3600);
	record_not(IDENTITY, 200);
	/* silent, or left by the phone */
	record_new();
	record_first_round(0, 1);
	find("TO-01", 0);
	record_end(240100, REGMON_RESULT_SILENT);
	record_not(IDENTITY, 240101);
	record->attempt.result = REGMON_RESULT_SUPERSEDED;
	record_not(IDENTITY, 240101);
	/* no such rule is broken */
	refused(NULL, NULL, 403, "Forbidden");
	record_not(IDENTITY, 200);
	refused("CL-01", "AUTH-06", 403, "Forbidden");
	record_not(IDENTITY, 200);
}

/* ---- broken-register ---- */

static void broken_and_refused_for_it(void **state)
{
	/* just the code of its clause */
	refused("MF-02", NULL, 483, "Too Many Hops");
	record_applies(BROKEN, 200, REGMON_LIKELY);
	record_suspects(BROKEN, 200, "The phone's stack, or a node on the way");
	record_says(BROKEN, 200, "14:03:07.100 483 Too Many Hops, from the core");
	check_rule_line(BROKEN, "MF-02");
	refused("VIA-07", NULL, 502, "Bad Gateway");
	record_applies(BROKEN, 200, REGMON_LIKELY);
	/* 400 */
	refused("PATH-01", NULL, 400, "Bad Request");
	record_applies(BROKEN, 200, REGMON_LIKELY);
	/* a rule of less weight behind one about time */
	refused("CSEQ-02", "PATH-01", 400, "Bad Request");
	record_applies(BROKEN, 200, REGMON_LIKELY);
	refused("ST-17", "MF-02", 483, "Too Many Hops");
	record_applies(BROKEN, 200, REGMON_LIKELY);
	regmon_registration_set_string(
			record, REGMON_STRING_DEVICE, REGMON_TEXT("Phone/1.0"));
	record_says(BROKEN, 200, "device: Phone/1.0");
	record->attempt.core_code = 0;
	record_says(BROKEN, 200, "made by this node");
}

static void broken_and_another_code(void **state)
{
	static const int others[] = {403, 404, 405, 420, 421, 423, 482, 494, 499};
	static const int never[] = {300, 399, 408, 480, 500, 501, 503, 599, 600, 603};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(others); i++) {
		refused("PATH-01", NULL, others[i], "No");
		record_applies(BROKEN, 200, REGMON_POSSIBLE);
	}
	for(i = 0; i < REGMON_COUNT(never); i++) {
		refused("PATH-01", NULL, never[i], "No");
		record_not(BROKEN, 200);
	}
	/* the worst rule names another code, one behind it this one */
	refused("CL-01", "MF-02", 483, "Too Many Hops");
	record_applies(BROKEN, 200, REGMON_POSSIBLE);
}

static void broken_credentials(void **state)
{
	static const char *const rules[] = {"AUTH-06", "AUTH-07", "AUTH-08",
			"AUTH-09", "AUTH-10", "AUTH-12", "AUTH-15", "AUTH-17", "AUTH-25"};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(rules); i++) {
		/* behind another rule, so that its own code does not matter */
		refused("PATH-01", rules[i], 403, "Forbidden");
		record_applies(BROKEN, 200, REGMON_POSSIBLE);
		record_suspects(BROKEN, 200, "The phone's digest: a parameter is");
		record->attempt.last_credentials = REGMON_CREDENTIALS_ANSWER;
		record_applies(BROKEN, 200, REGMON_LIKELY);
		refused("PATH-01", rules[i], 400, "Bad Request");
		record->attempt.last_credentials = REGMON_CREDENTIALS_ANSWER;
		record_applies(BROKEN, 200, REGMON_LIKELY);
		refused("PATH-01", rules[i], 404, "Not Found");
		record->attempt.last_credentials = REGMON_CREDENTIALS_ANSWER;
		record_applies(BROKEN, 200, REGMON_POSSIBLE);
	}
}

static void form_is_not_at_fault(void **state)
{
	/* the phrase names the subscription */
	refused("CL-01", NULL, 400, "HSS User Unknown");
	record_not(BROKEN, 200);
	refused("AUTH-06", NULL, 403, "Roaming not allowed");
	record_not(BROKEN, 200);
	/* no rule, or only ones about order and time */
	refused(NULL, NULL, 400, "Bad Request");
	record_not(BROKEN, 200);
	refused("CSEQ-02", NULL, 500, "Server Internal Error");
	record_not(BROKEN, 200);
	refused("CSEQ-03", "CSEQ-02", 400, "Bad Request");
	record_not(BROKEN, 200);
	refused("ST-02", "ST-17", 482, "Loop Detected");
	record_not(BROKEN, 200);
	/* not refused */
	refused("CL-01", NULL, 400, "Bad Request");
	record->attempt.result = REGMON_RESULT_UNANSWERED;
	record_not(BROKEN, 200);
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	find("CL-01", 0);
	record_not(BROKEN, 50);
	record_grant(100, 3600);
	record_not(BROKEN, 200);
}

/* While the next attempt tells nothing yet, the one before is looked at: but the rules that are known as broken are those of
 * the new REGISTER. */
static void broken_since(void **state)
{
	refused(NULL, NULL, 403, "Forbidden");
	record_open(2000, REGMON_ATTEMPT_INITIAL);
	record_request(2000, 9, 0);
	find("TO-01", 0);
	record_not(IDENTITY, 2100);
	record_not(BROKEN, 2100);
	/* another one than before */
	record->supplement->before.finding = record->last_findings[0] + 1;
	record_not(IDENTITY, 2100);
	/* the same trouble again, which need not be the worst now */
	record->supplement->before.finding = record->last_findings[0];
	record_applies(IDENTITY, 2100, REGMON_LIKELY);
	record_says(IDENTITY, 2100, "a new attempt began; what follows is of the one "
								"before it, which ended at 14:03:07.100");
	find("TO-01", 1);
	find("CL-01", 0);
	record_applies(IDENTITY, 2100, REGMON_LIKELY);
}

/* An index that no rule has any more is passed over. */
static void unknown_rules(void **state)
{
	refused("CL-01", "TO-01", 400, "Bad Request");
	record->last_findings[0] = REGMON_OWN_FIRST;
	record_applies(IDENTITY, 200, REGMON_LIKELY);
	record_applies(BROKEN, 200, REGMON_LIKELY);
	record->last_findings[1] = 0;
	record_not(IDENTITY, 200);
	record_not(BROKEN, 200);
}

static void all_is_shown(void **state)
{
	record_all_shown(IDENTITY);
	record_all_shown(BROKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(identity_refused),
			harness_test(identity_and_no_answer),
			harness_test(identity_in_its_forms),
			harness_test(identity_is_free),
			harness_test(broken_and_refused_for_it),
			harness_test(broken_and_another_code),
			harness_test(broken_credentials),
			harness_test(form_is_not_at_fault), harness_test(broken_since),
			harness_test(unknown_rules),
			harness_test(all_is_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
