/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose record a REGISTER belongs to: several devices, flows and Contacts of one IMPU, queries, third parties. */
#include "test/unit/registration_world.h"

#define OTHER_INSTANCE "<urn:gsma:imei:35609911-000002-0>"

static void test_query(void **state)
{
	ask_t asked = {0}, query = {.contact = "", .call_id = "call-q",
			.branch = "z9hG4bKq"};
	ask_t foreign = {.contact = "", .call_id = "call-f",
			.branch = "z9hG4bKf"};

	begin();
	exchange(&asked, (answer_t){.code = 200});
	exchange(&query, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_int_equal(the_phone()->attempt.kind, REGMON_ATTEMPT_QUERY);
	assert_counts(the_phone(), 2, 2, 0);
	/* somebody's query does not end the attempt that runs */
	asked.cseq = 2;
	asked.branch = "z9hG4bK2";
	ask(&asked);
	ask(&foreign);
	assert_int_equal(outcome.kind, REGMON_ATTEMPT_QUERY);
	assert_int_equal(outcome.attempts, 1);
	answer(&foreign, (answer_t){.code = 403});
	answer(&asked, (answer_t){.code = 200});
	assert_int_equal(find_all(USUAL_TO, NULL, 0), 2);
	assert_counts(the("callid:call-1"), 3, 3, 0);
	end();
}

/* asks with the Call-ID of its own attempt */
static void test_query_inside_attempt(void **state)
{
	ask_t asked = {0}, query = {.contact = "", .cseq = 2,
			.branch = "z9hG4bKq"};

	begin();
	exchange(&asked, (answer_t){.code = 401});
	exchange(&query, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_FAILED);
	assert_counts(the_phone(), 2, 1, 1);
	end();
}

static void test_third_party(void **state)
{
	static const char text[] =
			"REGISTER sip:as.example.org SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK1\r\n"
			"From: <sip:scscf.example.org>;tag=a\r\nTo: <" USUAL_TO ">\r\n"
			"Call-ID: call-as\r\nCSeq: 1 REGISTER\r\n"
			"Contact: <sip:scscf.example.org>\r\nExpires: 600\r\n\r\n";
	ask_t asked = {0};

	begin();
	exchange(&asked, (answer_t){.code = 200});
	observe_text(text, sizeof(text) - 1, REGMON_HAPPENING_REQUEST_IN, NULL);
	assert_int_equal(outcome.kind, REGMON_ATTEMPT_THIRD_PARTY);
	assert_int_equal(find_all(USUAL_TO, NULL, 0), 2);
	assert_true(the("callid:call-as")->third_party);
	assert_state(the("callid:call-1"), REGMON_STATE_REGISTERED);
	end();
}

static void test_two_devices(void **state)
{
	ask_t one = {.call_id = "one"};
	ask_t two = {.call_id = "two", .instance = OTHER_INSTANCE,
			.contact = "sip:u@10.0.0.2:5060", .branch = "z9hG4bKtwo"};
	ask_t all_off = {.call_id = "one", .contact = "*", .cseq = 2,
			.expires_0 = true, .branch = "z9hG4bKoff"};

	begin();
	exchange(&one, (answer_t){.code = 200});
	exchange(&two, (answer_t){.code = 200});
	assert_int_equal(find_all(USUAL_TO, NULL, 0), 2);
	assert_state(the("callid:one"), REGMON_STATE_REGISTERED);
	assert_state(the("callid:two"), REGMON_STATE_REGISTERED);
	exchange(&all_off, (answer_t){.code = 200, .contacts = ""});
	assert_state(the("callid:one"), REGMON_STATE_DEREGISTERED);
	assert_state(the("callid:two"), REGMON_STATE_DEREGISTERED);
	assert_counts(the("callid:one"), 2, 2, 0);
	assert_counts(the("callid:two"), 1, 1, 0);
	end();
}

/* one that registers again just now goes on with that */
static void test_all_bindings_off_during_refresh(void **state)
{
	ask_t one = {.call_id = "one"};
	ask_t two = {.call_id = "two", .instance = OTHER_INSTANCE,
			.contact = "sip:u@10.0.0.2:5060", .branch = "z9hG4bKtwo"};
	ask_t off = {.call_id = "one", .contact = "*", .cseq = 2,
			.expires_0 = true, .branch = "z9hG4bKoff"};

	begin();
	exchange(&one, (answer_t){.code = 200});
	exchange(&two, (answer_t){.code = 200});
	two.cseq = 2;
	two.branch = "z9hG4bKtwo2";
	two.security_verify = true;
	ask(&two);
	assert_state(the("callid:two"), REGMON_STATE_REFRESHING);
	exchange(&off, (answer_t){.code = 200, .contacts = ""});
	assert_state(the("callid:two"), REGMON_STATE_REGISTERING);
	answer(&two, (answer_t){.code = 200});
	assert_state(the("callid:two"), REGMON_STATE_REGISTERED);
	end();
}

/* two flows of one device: RFC 5626 */
static void test_reg_ids(void **state)
{
	ask_t flow = {.reg_id = "1", .contact = "sip:u@10.0.0.1:1001"};

	begin();
	exchange(&flow, (answer_t){.code = 200});
	flow.reg_id = "2";
	flow.contact = "sip:u@10.0.0.1:1002";
	flow.cseq = 2;
	flow.branch = "z9hG4bK2";
	exchange(&flow, (answer_t){.code = 200});
	assert_int_equal(find_all(USUAL_TO, NULL, 0), 2);
	flow.contact = "sip:u@10.0.0.7:1003";
	flow.cseq = 3;
	flow.call_id = "call-3";
	flow.branch = "z9hG4bK3";
	exchange(&flow, (answer_t){.code = 200});
	assert_int_equal(find_all(USUAL_TO, NULL, 0), 2);
	assert_counts(the("callid:call-3"), 2, 2, 0);
	end();
}

static void test_contact_changes(void **state)
{
	ask_t first = {.credentials = EMPTY}, plain = {.plain = true,
			.to = "sip:bob@example.org", .contact = "sip:bob@10.0.0.3"};
	ask_t second = {.cseq = 2, .branch = "z9hG4bK2", .instance = "",
			.credentials = RESPONSE, .contact = "sip:u@10.0.0.1:6100"};

	begin();
	exchange(&first, (answer_t){.code = 401});
	exchange(&second, (answer_t){.code = 200});
	assert_counts(the_phone(), 1, 1, 0);
	/* the protected Contact is the binding now, instance or not */
	second.cseq = 1;
	second.call_id = "call-1b";
	second.branch = "z9hG4bK1b";
	exchange(&second, (answer_t){.code = 200});
	assert_counts(the_phone(), 2, 2, 0);
	/* the same device after it moved */
	first.call_id = "call-2";
	first.branch = "z9hG4bK3";
	first.contact = "sip:001010000000001@10.5.5.5:5060";
	ask(&first);
	assert_counts(the_phone(), 3, 2, 0);

	exchange(&plain, (answer_t){.code = 200});
	pass_ms(1800 * SECOND);
	plain.cseq = 2;
	plain.branch = "z9hG4bK4";
	exchange(&plain, (answer_t){.code = 200});
	assert_counts(the("sip:bob@example.org"), 2, 2, 0);
	assert_int_equal(outcome.kind, REGMON_ATTEMPT_REFRESH);
	/* another Contact of a phone without instance is another binding */
	plain.contact = "sip:bob@10.0.0.4";
	plain.call_id = "call-5";
	exchange(&plain, (answer_t){.code = 200});
	assert_int_equal(find_all("sip:bob@example.org", NULL, 0), 2);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			world_test(test_query),
			world_test(test_query_inside_attempt),
			world_test(test_third_party),
			world_test(test_two_devices),
			world_test(test_all_bindings_off_during_refresh),
			world_test(test_reg_ids),
			world_test(test_contact_changes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
