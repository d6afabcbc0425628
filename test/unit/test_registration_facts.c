/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts that the state machine keeps for the diagnosis: what each is and when it is over. */
#include "test/unit/registration_world.h"

/* ---- the answer to a challenge ---- */

static void test_stale_answer(void **state)
{
	ask_t asked = {.credentials = RESPONSE,
			.cseq = 2,
			.branch = "z9hG4bK2",
			.nonce = "b2xk"};

	begin();
	ask(&(ask_t){.credentials = EMPTY});
	answer(&(ask_t){0}, (answer_t){.code = 401, .nonce = "bmV3"});
	ask(&asked);
	assert_int_equal(the_phone()->attempt.stale_answers, 1);
	answer(&asked, (answer_t){.code = 401, .nonce = "bmV3ZXI="});
	asked = (ask_t){.credentials = RESPONSE,
			.cseq = 3,
			.branch = "z9hG4bK3",
			.nonce = "bmV3ZXI="};
	ask(&asked);
	assert_int_equal(the_phone()->attempt.stale_answers, 1);
	end();
}

/* TS 24.229 5.1.1.4.2 a: a protected refresh repeats the nonce of the last challenge; that is no stale answer. */
static void test_refresh_is_not_stale(void **state)
{
	ask_t asked = {.credentials = RESPONSE,
			.cseq = 2,
			.branch = "z9hG4bK2",
			.nonce = "bmV3"};

	begin();
	ask(&(ask_t){.credentials = EMPTY});
	answer(&(ask_t){0}, (answer_t){.code = 401, .nonce = "bmV3"});
	exchange(&asked, (answer_t){.code = 200});
	now_ms += 3000 * SECOND;
	asked.cseq = 3;
	asked.branch = "z9hG4bK3";
	asked.security_verify = true;
	ask(&asked);
	assert_int_equal(the_phone()->attempt.kind, REGMON_ATTEMPT_REFRESH);
	assert_int_equal(the_phone()->attempt.stale_answers, 0);
	end();
}

/* ---- times ---- */

static void test_first_repeat(void **state)
{
	ask_t asked = {0};

	begin();
	ask(&asked);
	now_ms += 2 * SECOND;
	ask(&asked);
	now_ms += 4 * SECOND;
	ask(&asked);
	assert_int_equal(the_phone()->attempt.first_repeat_ms, 2000);
	end();
}

static void test_overlaps(void **state)
{
	ask_t asked = {0}, other = {.call_id = "call-2", .branch = "z9hG4bK2"};

	begin();
	ask(&asked);
	now_ms += SECOND;
	ask(&other);
	assert_int_equal(the_phone()->attempt.overlaps, 1);
	answer(&other, (answer_t){.code = 403});
	assert_int_equal(regmon_supplement_of(the_phone())->overlaps_in_row, 1);
	/* one after the other is none */
	now_ms += 60 * SECOND;
	asked = (ask_t){.call_id = "call-3", .branch = "z9hG4bK3"};
	ask(&asked);
	assert_int_equal(the_phone()->attempt.overlaps, 0);
	answer(&asked, (answer_t){.code = 200});
	assert_int_equal(regmon_supplement_of(the_phone())->overlaps_in_row, 0);
	end();
}

/* TS 24.229 5.1.1.2.1, RFC 5626 4.5 */
static void test_early_retries(void **state)
{
	static const struct
	{
		int wait_s;
		const char *retry_after;
		int early;
	} steps[] = {
			{0, "Retry-After: 30\r\n", 0}, /* the first of all */
			{29, "", 1},				   /* inside Retry-After */
			{59, "", 2},				   /* second failure: half of 120 s */
			{121, "", 0},				   /* third: half of 240 s */
	};
	char call_id[20], branch[20];
	ask_t asked = {.call_id = call_id, .branch = branch};
	unsigned i;

	begin();
	for(i = 0; i < REGMON_COUNT(steps); i++) {
		now_ms += steps[i].wait_s * SECOND;
		snprintf(call_id, sizeof(call_id), "early-%u", i);
		snprintf(branch, sizeof(branch), "z9hG4bKe%u", i);
		ask(&asked);
		assert_int_equal(regmon_supplement_of(the_phone())->early_retries, steps[i].early);
		answer(&asked, (answer_t){.code = 503, .lines = steps[i].retry_after});
	}
	end();
}

static void test_expiries_in_row(void **state)
{
	char call_id[20], branch[20];
	ask_t asked = {.expires = 60, .call_id = call_id, .branch = branch};
	unsigned i;

	begin();
	for(i = 1; i <= 2; i++) {
		snprintf(call_id, sizeof(call_id), "row-%u", i);
		snprintf(branch, sizeof(branch), "z9hG4bKr%u", i);
		exchange(&asked, (answer_t){.code = 200, .granted = 60});
		pass_ms(61 * SECOND);
		assert_state(the_phone(), REGMON_STATE_EXPIRED);
		assert_int_equal(the_phone()->expired_in_row, i);
	}
	/* one that is refreshed ends the row */
	strcpy(branch, "z9hG4bKr3");
	exchange(&asked, (answer_t){.code = 200, .granted = 60});
	assert_int_equal(the_phone()->expired_in_row, 2);
	asked.cseq = 2;
	strcpy(branch, "z9hG4bKr4");
	exchange(&asked, (answer_t){.code = 200, .granted = 60});
	assert_int_equal(the_phone()->expired_in_row, 0);
	/* as does one that the phone takes back */
	pass_ms(61 * SECOND);
	assert_int_equal(the_phone()->expired_in_row, 1);
	strcpy(branch, "z9hG4bKr5");
	asked.cseq = 3;
	exchange(&asked, (answer_t){.code = 200, .granted = 60});
	strcpy(branch, "z9hG4bKr6");
	asked.cseq = 4;
	asked.expires_0 = true;
	exchange(&asked, (answer_t){.code = 200, .granted_0 = true});
	assert_state(the_phone(), REGMON_STATE_DEREGISTERED);
	assert_int_equal(the_phone()->expired_in_row, 0);
	end();
}

/* ---- both sides of this node ---- */

static void test_changed_on_the_way(void **state)
{
	static const struct
	{
		answer_t core, phone;
		unsigned changed;
	} cases[] = {
			{{.code = 401, .nonce = "YQ=="}, {.code = 401, .nonce = "YQ=="}, 0},
			{{.code = 401, .nonce = "YQ=="}, {.code = 401, .nonce = "Yg=="},
					REGMON_CHANGED_NONCE},
			{{.code = 401}, {.code = 403}, REGMON_CHANGED_CODE},
			{{.code = 200}, {.code = 200}, 0},
			{{.code = 200, .granted = 3600}, {.code = 200, .granted = 600},
					REGMON_CHANGED_EXPIRES},
	};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(cases); i++) {
		ask_t asked = {0};

		begin();
		ask(&asked);
		sent_on(&asked);
		answer_in(&asked, cases[i].core);
		answer(&asked, cases[i].phone);
		assert_int_equal(the_phone()->attempt.changed_on_way, cases[i].changed);
		end();
	}
}

/* Made here without the core, made here because the core did not answer, and passed on. */
static void test_answered_here(void **state)
{
	ask_t asked = {0};

	begin();
	answers_are_local = true;
	ask(&asked);
	answer(&asked, (answer_t){.code = 403});
	assert_true(the_phone()->attempt.answered_here);
	assert_int_equal(the_phone()->attempt.sent_to_core_ms, 0);
	answers_are_local = false;
	asked = (ask_t){.call_id = "call-2", .branch = "z9hG4bK2"};
	exchange(&asked, (answer_t){.code = 403});
	assert_false(the_phone()->attempt.answered_here);
	end();
}

static void test_demands(void **state)
{
	ask_t asked = {.expires = 60};

	begin();
	ask(&asked);
	answer(&asked, (answer_t){.code = 423, .lines = "Min-Expires: 900\r\n"});
	assert_int_equal(regmon_supplement_of(the_phone())->min_expires_s, 900);
	asked = (ask_t){.call_id = "call-2", .branch = "z9hG4bK2"};
	ask(&asked);
	answer(&asked, (answer_t){.code = 421, .lines = "Require: sec-agree\r\n"});
	assert_int_equal(regmon_supplement_of(the_phone())->named_options,
			REGMON_OPTION_SEC_AGREE);
	assert_int_equal(regmon_supplement_of(the_phone())->min_expires_s, 0);
	asked = (ask_t){.call_id = "call-3", .branch = "z9hG4bK3"};
	ask(&asked);
	answer(&asked, (answer_t){.code = 420, .lines = "Unsupported: path\r\n"});
	assert_int_equal(regmon_supplement_of(the_phone())->named_options, REGMON_OPTION_PATH);
	end();
}

/* ---- where it came from ---- */

static void test_behind_nat(void **state)
{
	begin();
	ask(&(ask_t){.source = "10.0.0.1"}); /* as its Via says */
	assert_false(the_phone()->behind_nat);
	assert_int_equal(the_phone()->received_port, 5060);
	ask(&(ask_t){.source = "192.0.2.7", .branch = "z9hG4bK2", .cseq = 2});
	assert_true(the_phone()->behind_nat);
	/* IPv6 has many spellings: no claim */
	ask(&(ask_t){.source = "2001:db8::1", .branch = "z9hG4bK3", .cseq = 3});
	assert_false(the_phone()->behind_nat);
	end();
}

/* ---- identities that the 200 brings ---- */

static void test_implicit_registration_set(void **state)
{
	begin();
	exchange(&(ask_t){0},
			(answer_t){.code = 200,
					.lines = "P-Associated-URI: <" USUAL_TO
							 ">,\"Ann\" <sip:+15550001234@ims.example>\r\n"
							 "P-Associated-URI: <tel:+15550001234>\r\n"});
	assert_string(the_phone(), REGMON_STRING_ASSOCIATED,
			"sip:+15550001234@ims.example,tel:+15550001234");
	assert_int_equal(find_all("msisdn:+15550001234", NULL, 0), 1);
	assert_int_equal(find_all("15550001234", NULL, 0), 1);
	assert_int_equal(find_all("impu:tel:+15550001234", NULL, 0), 1);
	assert_int_equal(find_all("sip:+15550001234@ims.example", NULL, 0), 1);
	assert_int_equal(find_all("+15550001234@ims.example", NULL, 0), 1);
	assert_int_equal(find_all("impi:tel:+15550001234", NULL, 0), 0);
	assert_int_equal(find_all("msisdn:+15550001235", NULL, 0), 0);
	end();
}

/* What is of the domain of the IMPU is kept without it, and found and shown with it. */
static void test_registration_set_of_own_domain(void **state)
{
	static const char whole[] =
			"sip:+15550001234@ims.mnc001.mcc001.3gppnetwork.org,"
			"tel:+15550001234,sip:x@ims.example";
	char buffer[REGMON_ASSOCIATED_BYTES];
	str list;

	begin();
	exchange(&(ask_t){0},
			(answer_t){.code = 200,
					.lines = "P-Associated-URI: <" USUAL_TO ">,"
							 "<sip:+15550001234@ims.mnc001.mcc001."
							 "3gppnetwork.org>,<tel:+15550001234>,<sip:of@>,"
							 "<sip:x@ims.example>\r\n"});
	assert_string(the_phone(), REGMON_STRING_ASSOCIATED,
			"sip:+15550001234@,tel:+15550001234,sip:x@ims.example");
	list = regmon_registration_associated(the_phone(), buffer);
	assert_int_equal(list.len, sizeof(whole) - 1);
	assert_memory_equal(list.s, whole, sizeof(whole) - 1);
	assert_int_equal(find_all("msisdn:+15550001234", NULL, 0), 1);
	assert_int_equal(find_all("impu:tel:+15550001234", NULL, 0), 1);
	assert_int_equal(
			find_all("sip:+15550001234@ims.mnc001.mcc001.3gppnetwork.org", NULL,
					0),
			1);
	assert_int_equal(
			find_all("impu:+15550001234@ims.mnc001.mcc001.3gppnetwork.org",
					NULL, 0),
			1);
	assert_int_equal(find_all("sip:+15550001234@", NULL, 0), 0);
	assert_int_equal(find_all("sip:+15550001234@ims.example", NULL, 0), 0);
	end();
}

static void test_long_registration_set(void **state)
{
	char lines[1200] = "P-Associated-URI: <sip:first@home.net>";
	unsigned i;

	begin();
	for(i = 0; i < 20; i++)
		snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines),
				",<sip:+1555000%04u@ims.example.org>", i);
	strcat(lines, "\r\n");
	exchange(&(ask_t){0}, (answer_t){.code = 200, .lines = lines});
	assert_true(
			regmon_registration_string(the_phone(), REGMON_STRING_ASSOCIATED)
					.len
			<= 96);
	assert_int_equal(find_all("sip:first@home.net", NULL, 0), 1);
	end();
}

/* ---- several bindings ---- */

static void test_emergency_is_a_binding_of_its_own(void **state)
{
	ask_t usual = {0};
	ask_t emergency = {.call_id = "sos-1",
			.branch = "z9hG4bKsos",
			.contact = "sip:001010000000001@10.0.0.1:5060;sos"};

	begin();
	exchange(&usual, (answer_t){.code = 200});
	exchange(&emergency, (answer_t){.code = 200});
	assert_int_equal(find_all(USUAL_TO, NULL, 0), 2);
	assert_true(the("callid:sos-1")->emergency);
	assert_false(the("callid:call-1")->emergency);
	assert_state(the("callid:call-1"), REGMON_STATE_REGISTERED);
	assert_int_equal(regmon_refresh_due_s(the("callid:sos-1")), 1800);
	end();
	/* also where instance and flow are the same */
	begin();
	usual.reg_id = emergency.reg_id = "1";
	exchange(&usual, (answer_t){.code = 200});
	exchange(&emergency, (answer_t){.code = 200});
	assert_true(the("callid:sos-1")->emergency);
	assert_false(the("callid:call-1")->emergency);
	end();
}

/* A REGISTER that takes one Contact back and registers another is a registration of the other. */
static void test_takes_one_back_and_registers_another(void **state)
{
	ask_t old = {.plain = true, .contact = "sip:a@10.0.0.1"};
	ask_t both = {.plain = true,
			.branch = "z9hG4bK2",
			.call_id = "call-2",
			.contacts = "<sip:a@10.0.0.1>;expires=0, <sip:a@10.0.0.2>"};

	begin();
	exchange(&old, (answer_t){.code = 200});
	exchange(&both, (answer_t){.code = 200,
							.contacts = "<sip:a@10.0.0.2>;expires=3600"});
	assert_state(the("callid:call-1"), REGMON_STATE_DEREGISTERED);
	assert_state(the("callid:call-2"), REGMON_STATE_REGISTERED);
	assert_string(
			the("callid:call-2"), REGMON_STRING_CONTACT, "sip:a@10.0.0.2");
	assert_int_equal(regmon_supplement_of(the("callid:call-2"))->bindings_missing, 0);
	end();
}

/* Refused: then nothing was taken back. */
static void test_taken_back_only_with_the_200(void **state)
{
	ask_t old = {.plain = true, .contact = "sip:a@10.0.0.1"};
	ask_t both = {.plain = true,
			.branch = "z9hG4bK2",
			.call_id = "call-2",
			.contacts = "<sip:a@10.0.0.2>, <sip:a@10.0.0.1>;expires=0"};
	ask_t other = {.plain = true,
			.branch = "z9hG4bK3",
			.call_id = "call-3",
			.contact = "sip:a@10.0.0.3"};

	begin();
	exchange(&old, (answer_t){.code = 200});
	exchange(&both, (answer_t){.code = 403});
	assert_state(the("callid:call-1"), REGMON_STATE_REGISTERED);
	/* and what another device gets afterwards has nothing to do with it, nor what the same one gets that asks for less */
	exchange(&other, (answer_t){.code = 200});
	assert_state(the("callid:call-1"), REGMON_STATE_REGISTERED);
	both.contacts = "<sip:a@10.0.0.2>, <sip:a@10.0.0.1>";
	both.cseq = 2;
	both.branch = "z9hG4bK4";
	exchange(&both, (answer_t){.code = 200});
	assert_state(the("callid:call-1"), REGMON_STATE_REGISTERED);
	end();
}

/* What counts is what the REGISTER asks for that got the 200: not the one before, nor the first of the same attempt. */
static void test_taken_back_by_the_last(void **state)
{
	ask_t old = {.plain = true, .contact = "sip:a@10.0.0.1"};
	ask_t other = {.plain = true,
			.branch = "z9hG4bK3",
			.call_id = "call-3",
			.contact = "sip:a@10.0.0.3"};
	ask_t both = {.plain = true,
			.branch = "z9hG4bK2",
			.call_id = "call-2",
			.contacts = "<sip:a@10.0.0.2>, <sip:a@10.0.0.1>;expires=0"};

	begin();
	exchange(&old, (answer_t){.code = 200});
	exchange(&other, (answer_t){.code = 200});
	exchange(&both, (answer_t){.code = 403});
	both.branch = "z9hG4bK4";
	both.cseq = 2;
	exchange(&both, (answer_t){.code = 401});
	both.branch = "z9hG4bK5";
	both.cseq = 3;
	both.credentials = RESPONSE;
	both.contacts = "<sip:a@10.0.0.2>";
	exchange(&both, (answer_t){.code = 200});
	assert_state(the("callid:call-1"), REGMON_STATE_REGISTERED);
	both.branch = "z9hG4bK6";
	both.cseq = 4;
	both.contacts = "<sip:a@10.0.0.2>, <sip:a@10.0.0.3>;expires=0";
	exchange(&both, (answer_t){.code = 200});
	assert_state(the("callid:call-1"), REGMON_STATE_REGISTERED);
	assert_state(the("callid:call-3"), REGMON_STATE_DEREGISTERED);
	end();
}

/* Two phones on one IMPU push each other out: each has to begin anew inside its granted time. */
static void test_devices_that_replace_each_other(void **state)
{
	char call_id[20], branch[20];
	ask_t asked = {.call_id = call_id, .branch = branch};
	unsigned i;

	begin();
	for(i = 0; i < 6; i++) {
		snprintf(call_id, sizeof(call_id), "turn-%u", i);
		snprintf(branch, sizeof(branch), "z9hG4bKt%u", i);
		asked.contact =
				i % 2 ? "sip:001010000000001@10.0.0.2:5060" : USUAL_CONTACT;
		asked.instance =
				i % 2 ? "<urn:gsma:imei:35609911-000002-0>" : USUAL_INSTANCE;
		asked.source = i % 2 ? "10.0.0.2" : "10.0.0.1";
		exchange(&asked, (answer_t){.code = 200});
		now_ms += 30 * SECOND;
	}
	assert_int_equal(the("callid:turn-4")->replaced_in_row, 2);
	assert_int_equal(the("callid:turn-5")->replaced_in_row, 2);
	end();
}

/* They live side by side: the 200s name only the asker (a node on the way filters), and both refresh in peace. */
static void test_devices_side_by_side(void **state)
{
	ask_t one = {0};
	ask_t other = OTHER_DEVICE;
	unsigned i;

	begin();
	exchange(&one, (answer_t){.code = 200});
	exchange(&other, (answer_t){.code = 200});
	for(i = 2; i < 5; i++) {
		char branch[20];

		now_ms += 3000 * SECOND;
		snprintf(branch, sizeof(branch), "z9hG4bKa%u", i);
		one.cseq = other.cseq = i;
		one.security_verify = other.security_verify = true;
		one.branch = branch;
		exchange(&one, (answer_t){.code = 200});
		other.branch = branch;
		exchange(&other, (answer_t){.code = 200});
	}
	assert_state(the("callid:call-1"), REGMON_STATE_REGISTERED);
	assert_state(the("callid:call-2"), REGMON_STATE_REGISTERED);
	assert_int_equal(the("callid:call-1")->replaced_in_row, 0);
	assert_int_equal(the("callid:call-2")->replaced_in_row, 0);
	end();
}

/* tm's word that a REGISTER was sent on, with what was found in it; behind its answer, then behind the next REGISTER */
static void test_found_in_what_is_told_late(void **state)
{
	ask_t asked = {.credentials = EMPTY}, second = {.cseq = 2,
											 .branch = "z9hG4bK2",
											 .credentials = RESPONSE};
	regmon_findings_t findings = {.n = 1, .worst = REGMON_WARNING};
	regmon_observation_t late = {.what = REGMON_HAPPENING_REQUEST_OUT,
			.to_uri = REGMON_TEXT(USUAL_TO),
			.call_id = REGMON_TEXT("call-1"),
			.from_tag = REGMON_TEXT("a"),
			.cseq = 1,
			.vias = 1,
			.findings = &findings};
	const regmon_registration_t *phone;

	findings.list[0].rule = 7;
	begin();
	ask(&asked);
	answer_in(&asked, (answer_t){.code = 401});
	late.now_ms = ++now_ms;
	regmon_table_observe(table, &late, NULL);
	phone = the_phone();
	assert_int_equal(phone->timeline_n, 3);
	assert_int_equal(regmon_registration_entry(phone, 1)->finding, 8);
	assert_int_equal(
			regmon_registration_entry(phone, 1)->severity, REGMON_WARNING);
	assert_true(phone->finding_bits[0] & (1ULL << 7));
	answer(&asked, (answer_t){.code = 401});
	ask(&second);
	answer_in(&second, (answer_t){.code = 200});
	answer(&second, (answer_t){.code = 200});
	ask(&(ask_t){.cseq = 3, .branch = "z9hG4bK3", .credentials = RESPONSE});
	findings.list[0].rule = 9;
	late.cseq = 2;
	late.now_ms = ++now_ms;
	regmon_table_observe(table, &late, NULL);
	phone = the_phone();
	assert_int_equal(phone->timeline_n, 9);
	assert_int_equal(regmon_registration_entry(phone, 5)->finding, 10);
	assert_true(phone->attempt.sent_to_core_ms == 0);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {world_test(test_stale_answer),
			world_test(test_refresh_is_not_stale),
			world_test(test_first_repeat), world_test(test_overlaps),
			world_test(test_early_retries),
			world_test(test_expiries_in_row),
			world_test(test_changed_on_the_way),
			world_test(test_answered_here), world_test(test_demands),
			world_test(test_behind_nat),
			world_test(test_implicit_registration_set),
			world_test(test_registration_set_of_own_domain),
			world_test(test_long_registration_set),
			world_test(test_emergency_is_a_binding_of_its_own),
			world_test(test_takes_one_back_and_registers_another),
			world_test(test_taken_back_only_with_the_200),
			world_test(test_taken_back_by_the_last),
			world_test(test_devices_that_replace_each_other),
			world_test(test_devices_side_by_side),
			world_test(test_found_in_what_is_told_late)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
