/* SPDX-License-Identifier: GPL-2.0-or-later */
/* refused-by-core and refused-here: that it was refused, and by whom. */
#include "diagnosis_record.h"

#define BY_CORE "refused-by-core"
#define HERE "refused-here"

static void asked(bool sent)
{
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	if(sent)
		record_sent(1);
}

static void by_core(int code, const char *reason)
{
	asked(true);
	record_core(99, code);
	record_refusal(100, code, reason);
}

static void here(int code, const char *reason)
{
	asked(false);
	record_refusal(5, code, reason);
}

static void find(const char *rule, unsigned at)
{
	int index = regmon_rule_find((str){(char *)rule, (int)strlen(rule)});

	assert_true(index >= 0);
	record->last_findings[at] = index + 1;
}

/* ---- refused-by-core ---- */

static void core_refuses(void **state)
{
	by_core(480, "Temporarily Unavailable");
	record_applies(BY_CORE, 200, REGMON_CERTAIN);
	record_says(BY_CORE, 200, "14:03:07.100 480 Temporarily Unavailable, 100 ms "
							  "after the REGISTER (CSeq 1, 0 challenges");
	record->supplement->retry_after_s = 30;
	record_says(BY_CORE, 200, "Retry-After: 30 s");
	record->supplement->early_retries = 2;
	record_says(BY_CORE, 200, "the phone came again too early 2 times in a row");
	find("TO-01", 0);
	record_says(BY_CORE, 200, "the REGISTER broke TO-01 (");
	record_silent_of(BY_CORE, 200, "attempts in a row failed");
	record->failures_in_row = 2;
	record_says(BY_CORE, 200, "2 attempts in a row failed");
	record_not(HERE, 200);
}

static void core_in_its_codes(void **state)
{
	static const struct
	{
		int code;
		const char *suspect;
	} cases[] = {{404, "The core does not serve this identity"},
			{408, "Further inside: the node that answered"},
			{504, "Further inside: the node that answered"},
			{480, "I-CSCF: its question to the HSS was not"},
			{481, "The registrar does not know this binding"},
			{500, "S-CSCF: no data for this registration"},
			{503, "The core is overloaded"}, {600, "I-CSCF: no S-CSCF can be"},
			{699, "I-CSCF: no S-CSCF can be"},
			{599, "The node that made the answer"},
			{300, "The node that made the answer"},
			{400, "The node that made the answer"}};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(cases); i++) {
		by_core(cases[i].code, "No");
		record_applies(BY_CORE, 200, REGMON_CERTAIN);
		record_suspects(BY_CORE, 200, cases[i].suspect);
	}
}

/* The phone got another code: the phrase that is kept is that of its own answer. */
static void core_and_another_code(void **state)
{
	asked(true);
	record_core(99, 480);
	record_refusal(100, 503, "Try Later");
	record_applies(BY_CORE, 200, REGMON_LIKELY);
	record_suspects(BY_CORE, 200, "I-CSCF: its question to the HSS was not");
	record_says(BY_CORE, 200, "14:03:07.100 the core answered 480 to CSeq 1, and "
							  "this node made it 503 Try Later for the phone");
	record_silent_of(BY_CORE, 200, "480 Try Later");
	record_not(HERE, 200);
	record->supplement->retry_after_s = 30;
	record_says(BY_CORE, 200, "Retry-After: 30 s");
}

static void core_has_not_refused(void **state)
{
	/* 403 has a cause of its own; challenges and successes are none */
	by_core(403, "Forbidden");
	record_not(BY_CORE, 200);
	asked(true);
	record_core(99, 401);
	record_refusal(100, 503, "No port left");
	record_not(BY_CORE, 200);
	asked(true);
	record_core(99, 407);
	record_refusal(100, 503, "No port left");
	record_not(BY_CORE, 200);
	asked(true);
	record_core(99, 299);
	record_refusal(100, 503, "Cannot store it");
	record_not(BY_CORE, 200);
	/* this node made it */
	here(503, "Overload");
	record_not(BY_CORE, 200);
	/* the attempt goes on after it */
	asked(true);
	record_core(99, 423);
	record_retry(100, 423, "Interval Too Brief");
	record_not(BY_CORE, 200);
	record_request(500, 2, 0);
	record_sent(501);
	record_core(599, 200);
	record_grant(600, 3600);
	record_not(BY_CORE, 700);
	/* nobody came to an end */
	asked(true);
	record_core(99, 500);
	record_not(BY_CORE, 200);
	record_end(128000, REGMON_RESULT_UNANSWERED);
	record_not(BY_CORE, 128001);
}

/* ---- refused-here ---- */

static void this_node_refuses(void **state)
{
	here(403, "Not in our list");
	record_applies(HERE, 200, REGMON_CERTAIN);
	record_suspects(HERE, 200, "This node's script: a check or a limit");
	record_says(HERE, 200, "14:03:07.005 this node itself answered 403 Not in "
						   "our list");
	record_says(HERE, 200, "the REGISTER (CSeq 1) was not passed on; 0 ");
	record->supplement->retry_after_s = 60;
	record_says(HERE, 200, "Retry-After: 60 s");
	record->supplement->early_retries = 4;
	record_says(HERE, 200, "the phone came again too early 4 times in a row");
	find("TO-01", 0);
	record_says(HERE, 200, "the REGISTER broke TO-01 (");
	record->failures_in_row = 3;
	record_says(HERE, 200, "3 attempts in a row failed");
}

static void this_node_in_its_forms(void **state)
{
	static const char *const phrases[] = {"HSS User Unknown",
			"Identities do not match", "Barred", "Roaming not allowed",
			"Authentication vectors missing"};
	unsigned i;

	here(503, "No memory");
	record_suspects(HERE, 200, "This node: a module failed");
	here(599, "No memory");
	record_suspects(HERE, 200, "This node: a module failed");
	here(600, "Busy Everywhere");
	record_suspects(HERE, 200, "This node's script: a check or a limit");
	/* an IMS phone without IPsec */
	here(503, "IPsec wanted");
	record->ims = true;
	record_suspects(HERE, 200, "This node's script or module demands IPsec");
	record_says(HERE, 200, "the phone offered no Security-Client");
	record->attempt.offered_security = true;
	record_suspects(HERE, 200, "This node: a module failed");
	record_silent_of(HERE, 200, "Security-Client");
	/* Contact: * */
	here(400, "No contact headers");
	record->ims = true;
	record->attempt.all_bindings = true;
	record_suspects(HERE, 200, "This node's registrar module does not handle");
	record_says(HERE, 200, "it was a de-registration of all bindings");
	/* behind the first hop */
	record->attempt.driver_vias = 2;
	record_suspects(HERE, 200, "This node's HSS answer");
	for(i = 0; i < 3; i++) {
		here((int[]){408, 480, 504}[i], "Later");
		record_suspects(HERE, 200, i == 2 ? "This node: a module failed"
										  : "This node's script: a check");
		record->attempt.driver_vias = 2;
		record_suspects(HERE, 200, "HSS: this node's question to it");
	}
	for(i = 0; i < REGMON_COUNT(phrases); i++) {
		here(403, phrases[i]);
		record->attempt.driver_vias = 2;
		record_suspects(HERE, 200, "HSS: what the phrase says");
	}
}

/* The core let it on, and this node refused it: with a challenge in hand, or with a 200. */
static void turned_here(void **state)
{
	static const int codes[] = {401, 407, 200, 202};
	const char *suspect = "This node: what it does with the core's answer";
	unsigned i;

	for(i = 0; i < REGMON_COUNT(codes); i++) {
		asked(true);
		record_core(99, codes[i]);
		record_refusal(100, 503, "No port left");
		record_applies(HERE, 200, REGMON_CERTAIN);
		record_suspects(HERE, 200, suspect);
	}
	record_says(HERE, 200, "the core answered 202 to CSeq 1, and this node made "
						   "it 503 No port left for the phone");
	record_silent_of(HERE, 200, "not passed on");
	record->supplement->early_retries = 2;
	record_says(HERE, 200, "came again too early 2 times in a row");
}

static void not_refused_here(void **state)
{
	/* by the core */
	by_core(480, "Later");
	record_not(HERE, 200);
	by_core(403, "Forbidden");
	record_not(HERE, 200);
	/* passed on, and nothing came back */
	asked(true);
	record_refusal(5000, 408, "Request Timeout");
	record_not(HERE, 5001);
	/* not refused */
	asked(false);
	record_challenge(10);
	record_not(HERE, 20);
	asked(false);
	record_retry(10, 423, "Interval Too Brief");
	record_not(HERE, 20);
	asked(false);
	record_grant(10, 3600);
	record_not(HERE, 20);
	/* it went by on a tap, or statelessly: nobody here made that answer */
	here(403, "Forbidden");
	record->attempt.answered_here = false;
	record_not(HERE, 200);
	record_new();
	record_not(HERE, 200);
}

static void all_is_shown(void **state)
{
	record_all_shown(BY_CORE);
	record_all_shown(HERE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(core_refuses),
			harness_test(core_in_its_codes),
			harness_test(core_and_another_code),
			harness_test(core_has_not_refused),
			harness_test(this_node_refuses),
			harness_test(this_node_in_its_forms), harness_test(turned_here),
			harness_test(not_refused_here), harness_test(all_is_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
