/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state machine on unusual ways: repetitions, several legs, bindings that do not hold, headers that are
 * missing or broken. */
#include "test/unit/registration_world.h"

static void test_retransmissions(void **state)
{
	ask_t second = {.cseq = 2, .branch = "z9hG4bK2", .credentials = RESPONSE};
	ask_t first = {.credentials = EMPTY};
	const regmon_registration_t *phone;
	int i;

	begin();
	ask(&first);
	for(i = 0; i < 3; i++) {
		now_ms += 500;
		ask(&first);
		assert_true(outcome.retransmission);
	}
	answer(&first, (answer_t){.code = 401});
	now_ms += 399; /* under way already when the answer went out */
	ask(&first);
	assert_int_equal(the_phone()->attempt.retransmissions_after_answer, 0);
	now_ms += 1;
	ask(&first);
	phone = the_phone();
	assert_state(phone, REGMON_STATE_CHALLENGED);
	assert_int_equal(phone->attempt.retransmissions, 5);
	assert_int_equal(phone->attempt.retransmissions_after_answer, 1);
	assert_int_equal(phone->attempt.requests, 1);
	assert_int_equal(phone->timeline_n, 4); /* three repeats are one line */
	assert_int_equal(regmon_registration_entry(phone, 1)->repeats, 2);
	assert_int_equal(regmon_supplement_of(phone)->cseq_regressions, 0);
	answer(&first, (answer_t){.code = 401});
	assert_true(outcome.retransmission);
	assert_int_equal(the_phone()->attempt.challenges, 1);
	/* the first one once more after the second: neither an attempt nor a CSeq that goes back */
	ask(&second);
	ask(&first);
	assert_true(outcome.retransmission);
	phone = the_phone();
	assert_state(phone, REGMON_STATE_ANSWERED);
	assert_int_equal(regmon_supplement_of(phone)->cseq_regressions, 0);
	/* repetitions of the REGISTER before say nothing of the one that waits now */
	assert_int_equal(phone->attempt.retransmissions_after_answer, 0);
	assert_int_equal(told[REGMON_EVENT_RETRANSMISSION], 6);
	assert_int_equal(told[REGMON_EVENT_REQUEST], 2);
	assert_counts(phone, 1, 0, 0);
	end();
}

/* beyond timer F no transaction is left that could repeat itself */
static void test_same_branch_much_later(void **state)
{
	ask_t first = {.plain = true};

	begin();
	exchange(&first, (answer_t){.code = 200});
	pass_ms(200 * SECOND);
	ask(&first);
	assert_false(outcome.retransmission);
	assert_counts(the_phone(), 2, 1, 0);
	assert_int_equal(regmon_supplement_of(the_phone())->cseq_regressions, 1);
	end();
}

static void test_spiral(void **state)
{
	ask_t first = {.credentials = EMPTY}, inner = first, second = first;
	ask_t late;
	const regmon_registration_t *phone;

	begin();
	ask(&first);
	inner.vias = 2;
	inner.branch = "z9hG4bKinner";
	ask(&inner);
	assert_true(outcome.parallel_leg);
	assert_false(outcome.retransmission);
	sent_on(&inner);
	inner.vias = 3;
	ask(&inner);
	assert_true(outcome.parallel_leg);
	answer(&inner, (answer_t){.code = 401});
	assert_true(outcome.parallel_leg);
	phone = the_phone();
	assert_counts(phone, 1, 0, 0);
	assert_state(phone, REGMON_STATE_REGISTERING);
	assert_int_equal(phone->attempt.requests, 1);
	assert_true(regmon_registration_entry(phone, 1)->marks
				& REGMON_MARK_PARALLEL);
	answer_in(&first, (answer_t){.code = 401});
	answer(&first, (answer_t){.code = 401});
	assert_state(the_phone(), REGMON_STATE_CHALLENGED);
	/* an inner leg that overtakes nothing any more */
	second.cseq = 2;
	second.branch = "z9hG4bK2";
	second.credentials = RESPONSE;
	ask(&second);
	late = first;
	late.vias = 2;
	late.branch = "z9hG4bKlate";
	ask(&late);
	assert_true(outcome.parallel_leg);
	assert_int_equal(regmon_supplement_of(the_phone())->cseq_regressions, 0);
	assert_int_equal(the_phone()->attempt.requests, 2);
	answer(&second, (answer_t){.code = 200});
	assert_counts(the_phone(), 1, 1, 0);
	end();
}

/* A tap cannot look into the SA: the second REGISTER is seen behind the P-CSCF only. */
static void test_second_register_seen_deeper(void **state)
{
	ask_t first = {.credentials = EMPTY};
	ask_t second = {.cseq = 2, .branch = "z9hG4bK2", .credentials = RESPONSE,
			.vias = 2};

	begin();
	exchange(&first, (answer_t){.code = 401});
	exchange(&second, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_counts(the_phone(), 1, 1, 0);
	assert_int_equal(the_phone()->attempt.requests, 2);
	end();
}

/* as an I- or S-CSCF sees it */
static void test_deep_node(void **state)
{
	ask_t first = {.credentials = EMPTY, .vias = 3};
	ask_t second = {.cseq = 2, .branch = "z9hG4bK2", .credentials = RESPONSE,
			.vias = 3};

	begin();
	exchange(&first, (answer_t){.code = 401});
	assert_state(the_phone(), REGMON_STATE_CHALLENGED);
	assert_int_equal(the_phone()->timeline_n, 4);
	exchange(&second, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_counts(the_phone(), 1, 1, 0);
	end();
}

static void test_cseq_goes_back(void **state)
{
	ask_t asked = {.cseq = 5};

	begin();
	exchange(&asked, (answer_t){.code = 200});
	asked.branch = "z9hG4bK2";
	exchange(&asked, (answer_t){.code = 200});
	assert_int_equal(regmon_supplement_of(the_phone())->cseq_regressions, 1);
	asked.branch = "z9hG4bK3";
	asked.cseq = 3;
	exchange(&asked, (answer_t){.code = 500});
	assert_int_equal(regmon_supplement_of(the_phone())->cseq_regressions, 2);
	assert_int_equal((int)the_phone()->last_cseq, 5);
	asked.branch = "z9hG4bK4";
	asked.call_id = "call-2";
	asked.cseq = 1;
	exchange(&asked, (answer_t){.code = 200});
	assert_int_equal(regmon_supplement_of(the_phone())->cseq_regressions, 2);
	assert_counts(the_phone(), 4, 3, 1);
	end();
}

/* A CSeq beyond what the record has bits for is no small one. */
static void test_huge_cseq(void **state)
{
	static const char *const texts[] = {"281474976710661", "140737488355328",
			"281474976710655", "999999999999999999"};
	ask_t asked = {.branch = "z9hG4bKhuge"};
	unsigned i;

	for(i = 0; i < 4; i++) {
		begin();
		asked.cseq_text = texts[i];
		ask(&asked);
		assert_int_equal(the_phone()->last_cseq, REGMON_LAST_CSEQ_MOST);
		ask(&(ask_t){.cseq = 6, .branch = "z9hG4bKsmall"});
		assert_int_equal(the_phone()->last_cseq, REGMON_LAST_CSEQ_MOST);
		assert_int_equal(
				regmon_supplement_of(the_phone())->cseq_regressions, 1);
		end();
	}
}

/* Nothing to tell attempts by but the IMPU: counted as far as possible, and answered. */
static void test_missing_headers(void **state)
{
	static const char *const texts[] = {"abc", "99999999999", "-1", ""};
	ask_t asked = {.no_via = true, .no_call_id = true};
	static const char nobody[] =
			"REGISTER sip:a SIP/2.0\r\nCSeq: 1 REGISTER\r\n\r\n";
	unsigned i;

	for(i = 0; i < 4; i++) {
		begin();
		asked.cseq_text = texts[i];
		ask(&asked);
		assert_true(outcome.remembered);
		ask(&asked);
		assert_true(outcome.retransmission);
		assert_counts(the_phone(), 1, 0, 0);
		answer(&asked, (answer_t){.code = 401});
		assert_state(the_phone(), REGMON_STATE_CHALLENGED);
		assert_int_equal(regmon_supplement_of(the_phone())->cseq_regressions, 0);
		end();
	}
	begin();
	observe_text(
			nobody, sizeof(nobody) - 1, REGMON_HAPPENING_REQUEST_IN, NULL);
	assert_false(outcome.remembered);
	assert_int_equal(told[REGMON_EVENT_REQUEST], 1);
	end();
}

static void test_unknown_answers(void **state)
{
	ask_t asked = {.call_id = "call-x"}, first = {0}, tag = {.tag = "b"};

	begin();
	answer(&asked, (answer_t){.code = 200});
	assert_false(outcome.remembered);
	ask(&first);
	answer(&asked, (answer_t){.code = 200});
	assert_false(outcome.remembered);
	answer(&tag, (answer_t){.code = 200});
	assert_false(outcome.remembered);
	assert_state(the_phone(), REGMON_STATE_REGISTERING);
	/* to an older CSeq: written down, no more */
	first.cseq = 2;
	first.branch = "z9hG4bK2";
	ask(&first);
	first.cseq = 1;
	answer(&first, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERING);
	assert_int_equal(the_phone()->timeline_n, 3);
	end();
}

/* the phone took the first of two final answers */
static void test_second_final_answer(void **state)
{
	ask_t first = {0};

	begin();
	exchange(&first, (answer_t){.code = 200});
	answer(&first, (answer_t){.code = 500});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_counts(the_phone(), 1, 1, 0);
	assert_int_equal(the_phone()->attempt.code, 200);
	end();
}

static void test_new_from_tag_answers_challenge(void **state)
{
	ask_t first = {.credentials = EMPTY};
	ask_t second = {.cseq = 2, .branch = "z9hG4bK2", .tag = "b",
			.credentials = RESPONSE};

	begin();
	exchange(&first, (answer_t){.code = 401});
	exchange(&second, (answer_t){.code = 200});
	assert_counts(the_phone(), 1, 1, 0);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	end();
}

static void test_switched_off_while_challenged(void **state)
{
	ask_t first = {.credentials = EMPTY};
	ask_t off = {.cseq = 2, .branch = "z9hG4bK2", .expires_0 = true};

	begin();
	exchange(&first, (answer_t){.code = 401});
	exchange(&off, (answer_t){.code = 200, .contacts = ""});
	assert_counts(the_phone(), 2, 1, 1);
	assert_state(the_phone(), REGMON_STATE_DEREGISTERED);
	assert_int_equal(regmon_supplement_of(the_phone())->bindings_missing, 0);
	end();
}

static void test_bindings_that_do_not_hold(void **state)
{
	ask_t asked = {.credentials = EMPTY};
	unsigned i;
	char branch[20];

	begin();
	exchange(&asked,
			(answer_t){.code = 200, .contacts = "<sip:other@10.9.9.9:5060>"});
	assert_state(the_phone(), REGMON_STATE_FAILED);
	assert_int_equal(regmon_supplement_of(the_phone())->bindings_missing, 1);
	assert_counts(the_phone(), 1, 1, 0);
	for(i = 2; i < 5; i++) {
		snprintf(branch, sizeof(branch), "z9hG4bK%u", i);
		asked.branch = branch;
		asked.cseq = i;
		exchange(&asked, (answer_t){.code = 200, .granted = 59});
		assert_int_equal(the_phone()->short_grants, i - 1);
		assert_int_equal(regmon_supplement_of(the_phone())->bindings_missing, 0);
	}
	asked.branch = "z9hG4bK5";
	asked.cseq = 5;
	exchange(&asked, (answer_t){.code = 200, .granted = 60});
	assert_int_equal(the_phone()->short_grants, 0);
	asked.branch = "z9hG4bK6";
	asked.cseq = 6;
	exchange(&asked, (answer_t){.code = 200, .granted_0 = true});
	assert_state(the_phone(), REGMON_STATE_FAILED);
	assert_false(regmon_registration_is_bound(the_phone()));
	end();
}

/* Own contact is found by instance, by its address, or by the address the REGISTER came from. */
static void test_own_contact_forms(void **state)
{
	static const char *const lists[] = {
			"<sip:001010000000001@10.0.0.1:5060;alias=1>",
			"<sip:x@10.7.7.7>;+sip.instance=\"" USUAL_INSTANCE "\"",
			"<sip:001010000000001@192.0.2.1:40000>",
			"<sip:1@a>,<sip:2@a>,<sip:3@a>,<sip:4@a>,<sip:5@a>,<sip:6@a>,"
			"<sip:7@a>,<sip:8@a>,<sip:9@a>",
			""};
	ask_t asked = {.source = "192.0.2.1", .source_port = 40000};
	unsigned i;

	for(i = 0; i < 5; i++) {
		begin();
		exchange(&asked, (answer_t){.code = 200, .contacts = lists[i]});
		assert_state(the_phone(), REGMON_STATE_REGISTERED);
		end();
	}
}

static void test_early_refresh(void **state)
{
	ask_t asked = {.security_verify = true};
	const regmon_registration_t *phone;
	char branch[20];
	unsigned i;

	begin();
	exchange(&asked, (answer_t){.code = 200});
	for(i = 2; i < 5; i++) {
		pass_ms((100 - i) * SECOND);
		snprintf(branch, sizeof(branch), "z9hG4bK%u", i);
		asked.branch = branch;
		asked.cseq = i;
		exchange(&asked, (answer_t){.code = 200});
	}
	phone = the_phone();
	assert_int_equal(phone->early_refreshes, 3);
	assert_in_range(phone->shortest_refresh_s, 95, 97);
	asked.branch = "z9hG4bK5";
	asked.cseq = 5;
	asked.features = ";+g.3gpp.smsip;video";
	exchange(&asked, (answer_t){.code = 200});
	assert_int_equal(the_phone()->early_refreshes, 0);
	/* a quarter of 3000 s is where early ends */
	pass_ms(749 * SECOND);
	asked.branch = "z9hG4bK6";
	asked.cseq = 6;
	exchange(&asked, (answer_t){.code = 200});
	assert_int_equal(the_phone()->early_refreshes, 1);
	pass_ms(751 * SECOND);
	asked.branch = "z9hG4bK7";
	asked.cseq = 7;
	exchange(&asked, (answer_t){.code = 200});
	assert_int_equal(the_phone()->early_refreshes, 0);
	end();
}

static void test_returns_unprotected(void **state)
{
	ask_t asked = {.credentials = EMPTY};

	begin();
	exchange(&asked, (answer_t){.code = 200});
	asked.call_id = "call-2";
	asked.branch = "z9hG4bK2";
	ask(&asked);
	assert_int_equal(outcome.kind, REGMON_ATTEMPT_INITIAL);
	assert_int_equal(the_phone()->returns_unprotected, 1);
	assert_state(the_phone(), REGMON_STATE_REGISTERING);
	assert_true(regmon_registration_is_bound(the_phone()));
	answer(&asked, (answer_t){.code = 403});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	end();
}

static void test_unknown_before_start(void **state)
{
	ask_t asked = {.cseq = 7, .security_verify = true,
			.credentials = RESPONSE};

	begin();
	ask(&asked);
	assert_int_equal(outcome.kind, REGMON_ATTEMPT_UNKNOWN);
	assert_true(the_phone()->attempt.unknown_start);
	answer(&asked, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_counts(the_phone(), 1, 1, 0);
	end();
}

static void test_stateful_rules_are_asked(void **state)
{
	regmon_plan_t *made = calloc(1, regmon_plan_size());
	ask_t asked = {.cseq = 5};
	const regmon_registration_t *phone;
	int rule = regmon_rule_find(REGMON_TEXT("CSEQ-02"));

	assert_non_null(made);
	assert_true(rule >= 0);
	regmon_plan_make(made, NULL, NULL);
	plan = made;
	begin();
	ask(&asked);
	assert_false(regmon_registration_has_finding(the_phone(), rule));
	asked.cseq = 4;
	asked.branch = "z9hG4bK2";
	told[REGMON_EVENT_FINDING] = 0;
	ask(&asked);
	phone = the_phone();
	assert_true(regmon_registration_has_finding(phone, rule));
	assert_int_not_equal(regmon_registration_entry(phone, 1)->finding, 0);
	assert_true(told[REGMON_EVENT_FINDING] > 0);
	plan = NULL;
	free(made);
	end();
}

static void test_clock_set_back(void **state)
{
	ask_t first = {.credentials = EMPTY};
	ask_t second = {.cseq = 2, .branch = "z9hG4bK2", .credentials = RESPONSE};
	const regmon_registration_t *phone;
	unsigned i;

	begin();
	ask(&first);
	now_ms -= 3000;
	answer(&first, (answer_t){.code = 401});
	now_ms -= 3000;
	regmon_table_expire(table, now_ms);
	ask(&second);
	now_ms -= 500;
	answer(&second, (answer_t){.code = 200});
	phone = the_phone();
	assert_state(phone, REGMON_STATE_REGISTERED);
	for(i = 0; i < phone->timeline_n; i++)
		assert_int_equal(after_ms_of(phone, i), -1);
	end();
}

/* Tags of another length that end in the same way up to the last character: two attempts. */
static void test_tags_that_look_alike(void **state)
{
	static const char *const tags[] = {"0000", "000002", "00000014", "00000",
			"00000000000000000", "0000000000000000002"};
	unsigned i;

	begin();
	for(i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		ask(&(ask_t){.tag = tags[i], .cseq = i + 1, .branch = tags[i]});
		assert_int_equal(told[REGMON_EVENT_ATTEMPT_OPENED], i + 1);
		assert_int_equal(results[REGMON_RESULT_SUPERSEDED], i);
		now_ms += SECOND;
	}
	end();
}

static bool was_found(const char *id)
{
	int rule = regmon_rule_find((str){(char *)id, (int)strlen(id)});

	assert_true(rule >= 0);
	return the_phone()->finding_bits[rule / 64] >> (rule % 64) & 1;
}

static void say_twice(const ask_t *first, ask_t second)
{
	begin();
	exchange(first, (answer_t){.code = 200});
	now_ms += 3000 * SECOND;
	second.cseq = 2;
	second.branch = "z9hG4bK2";
	exchange(&second, (answer_t){.code = 200});
}

/* What is too long to be kept, or badly written, is no change when it is said again. */
static void test_the_same_is_no_change(void **state)
{
	static char instance[120], impi[160];
	ask_t odd = {.instance = "<urn:gsma:imei:35609911-000001-0",
			.credentials = RESPONSE,
			.security_verify = true},
		  other = odd;
	regmon_plan_t *judge = malloc(regmon_plan_size());

	assert_non_null(judge);
	regmon_plan_make(judge, NULL, NULL);
	plan = judge;
	say_twice(&odd, odd);
	assert_false(was_found("CON-10"));
	end();
	snprintf(instance, sizeof(instance), "<urn:uuid:%090d>", 1);
	snprintf(impi, sizeof(impi), "%0120d@a.org", 1);
	odd.instance = instance;
	odd.impi = impi;
	say_twice(&odd, odd);
	assert_false(was_found("CON-10"));
	assert_false(was_found("AUTH-24"));
	end();
	odd = other;
	odd.contact = "sip:u@10.0.0.1";
	other.contact = odd.contact;
	other.instance = "<urn:gsma:imei:35609911-000002-0";
	odd.call_id = other.call_id = "call-7";
	odd.impi = "one@a.org";
	other.impi = "two@a.org";
	say_twice(&odd, other);
	assert_true(was_found("CON-10"));
	assert_true(was_found("AUTH-24"));
	end();
	plan = NULL;
	free(judge);
}

/* RFC 3261 10.3 step 7: higher, not as high */
static void test_the_same_cseq_does_not_rise(void **state)
{
	regmon_plan_t *judge = malloc(regmon_plan_size());

	assert_non_null(judge);
	regmon_plan_make(judge, NULL, NULL);
	plan = judge;
	begin();
	exchange(&(ask_t){.cseq = 4}, (answer_t){.code = 403});
	now_ms += 300 * SECOND;
	ask(&(ask_t){.cseq = 5, .branch = "z9hG4bK2"});
	assert_false(was_found("CSEQ-02"));
	now_ms += 300 * SECOND;
	ask(&(ask_t){.cseq = 5, .branch = "z9hG4bK3"});
	assert_true(was_found("CSEQ-02"));
	end();
	plan = NULL;
	free(judge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {world_test(test_retransmissions),
			world_test(test_same_branch_much_later),
			world_test(test_spiral),
			world_test(test_second_register_seen_deeper),
			world_test(test_deep_node), world_test(test_cseq_goes_back),
			world_test(test_huge_cseq), world_test(test_missing_headers),
			world_test(test_unknown_answers),
			world_test(test_second_final_answer),
			world_test(test_new_from_tag_answers_challenge),
			world_test(test_switched_off_while_challenged),
			world_test(test_bindings_that_do_not_hold),
			world_test(test_own_contact_forms),
			world_test(test_early_refresh),
			world_test(test_returns_unprotected),
			world_test(test_unknown_before_start),
			world_test(test_stateful_rules_are_asked),
			world_test(test_clock_set_back),
			world_test(test_tags_that_look_alike),
			world_test(test_the_same_is_no_change),
			world_test(test_the_same_cseq_does_not_rise)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
