/* SPDX-License-Identifier: GPL-2.0-or-later */
/* To which records a reg-event document does something. */
#include "test/unit/registration_bound.h"

/* ---- which record ---- */

#define INSTANCE(number)                                          \
	"<unknown-param "                                             \
	"name=\"+sip.instance\">\"&lt;urn:gsma:imei:35609911-" number \
	"-0&gt;\"</unknown-param>"

static bool ends_by(const telling_t *told)
{
	bool ended;

	begin_bound();
	tell(told);
	ended = the_phone()->state == REGMON_STATE_NETWORK_DEREGISTERED;
	assert_int_equal(report.ended, ended);
	end();
	return ended;
}

static void test_by_address(void **state)
{
	telling_t told = {.event = "deactivated"};

	assert_true(ends_by(&told));
	/* parameters, display forms of the AOR, the port that is usual */
	told.contact = "sip:001010000000001@10.0.0.1;alias=10.0.0.1~5060~1;ob";
	told.aor =
			"SIP:001010000000001@IMS.mnc001.mcc001.3gppnetwork.org;user=phone";
	assert_true(ends_by(&told));
	told.contact = "sip:001010000000001@10.0.0.1:5062";
	assert_false(ends_by(&told));
	told.contact = "sip:001010000000009@10.0.0.1:5060";
	assert_false(ends_by(&told));
	told.contact = "sip:001010000000001@10.0.0.2:5060";
	assert_false(ends_by(&told));
	told.contact = USUAL_CONTACT;
	told.inside = INSTANCE("000001");
	assert_true(ends_by(&told));
	/* another device has taken the address over */
	told.inside = INSTANCE("000002");
	assert_false(ends_by(&told));
	told.inside = "<gr:pub-gruu uri=\"" USUAL_TO
				  ";gr=urn:gsma:imei:35609911-000002-0\"/>";
	assert_false(ends_by(&told));
	told.inside = "<gr:pub-gruu uri=\"" USUAL_TO
				  ";gr=urn:gsma:imei:35609911-000001-0\"/>";
	assert_true(ends_by(&told));
	/* an emergency registration is another one */
	told.inside = NULL;
	told.contact = USUAL_CONTACT ";sos";
	assert_false(ends_by(&told));
}

/* The phone has moved: its old binding is ended, under the same instance. */
static void test_old_contact(void **state)
{
	telling_t told = {.event = "deactivated",
			.contact = "sip:001010000000001@10.0.7.7:5060",
			.attributes = " callid=\"call-1\"",
			.inside = INSTANCE("000001")};

	assert_false(ends_by(&told));
	/* the very REGISTER that is in force: a node on the way has changed its Contact */
	told.attributes = " callid=\"call-1\" cseq=\"1\"";
	assert_true(ends_by(&told));
	told.attributes = " callid=\"call-1\" cseq=\"0\"";
	assert_false(ends_by(&told));
	told.attributes = " callid=\"call-7\" cseq=\"1\"";
	assert_false(ends_by(&told));
}

/* Told before the refresh that this node has seen granted. */
static void test_old_cseq(void **state)
{
	ask_t refresh = {.cseq = 2, .branch = "z9hG4bK2"};

	begin_bound();
	exchange(&refresh, (answer_t){.code = 200});
	tell(&(telling_t){.event = "deactivated",
			.attributes = " callid=\"call-1\" cseq=\"1\""});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_newest(REGMON_ENTRY_NETWORK, REGMON_REGINFO_DEACTIVATED, 0);
	tell(&(telling_t){.event = "deactivated",
			.attributes = " callid=\"call-1\" cseq=\"2\""});
	assert_state(the_phone(), REGMON_STATE_NETWORK_DEREGISTERED);
	end();
}

static void test_two_flows(void **state)
{
	ask_t one = {.call_id = "one", .reg_id = "1"};
	ask_t two = {.call_id = "two",
			.reg_id = "2",
			.branch = "z9hG4bKtwo",
			.contact = "sip:001010000000001@10.0.0.1:5070"};

	begin();
	exchange(&one, (answer_t){.code = 200});
	exchange(&two, (answer_t){.code = 200});
	assert_int_equal(find_all(USUAL_TO, NULL, 0), 2);
	now_ms += 60 * SECOND;
	/* the registrar writes where it came from; device and flow tell */
	tell(&(telling_t){.event = "deactivated",
			.contact = "sip:198.51.100.1:40000",
			.inside = INSTANCE("000001") "<unknown-param "
										 "name=\"reg-id\">2</unknown-param>"});
	assert_state(the("callid:one"), REGMON_STATE_REGISTERED);
	assert_state(the("callid:two"), REGMON_STATE_NETWORK_DEREGISTERED);
	end();
}

/* behind NAT the registrar keeps the source address */
static void test_source_address(void **state)
{
	ask_t asked = {.source = "198.51.100.9", .source_port = 40001};

	begin();
	exchange(&asked, (answer_t){.code = 200,
							 .contacts = "<sip:001010000000001@198.51.100.9:"
										 "40001>;expires=3600"});
	now_ms += 60 * SECOND;
	tell(&(telling_t){.event = "rejected",
			.contact = "sip:001010000000001@198.51.100.9:40001"});
	assert_state(the_phone(), REGMON_STATE_NETWORK_DEREGISTERED);
	end();
}

/* The IMPU of the REGISTER is barred and not listed; others of its implicit set have its Contact. */
static void test_implicit_set(void **state)
{
	static const char contact_ended[] =
			"<contact id=\"1\" state=\"terminated\" event=\"rejected\">"
			"<uri>" USUAL_CONTACT "</uri></contact></registration>";
	char text[1500];

	begin_bound();
	tell(&(telling_t){.event = "rejected", .aor = "tel:+4915112345678"});
	assert_state(the_phone(), REGMON_STATE_NETWORK_DEREGISTERED);
	assert_int_equal(the_network()->event, REGMON_REGINFO_REJECTED);
	end();

	/* one IMPU of the set is barred, the others stay */
	begin_bound();
	snprintf(text, sizeof(text),
			"<registration aor=\"tel:+49151\" id=\"1\" state=\"terminated\">%s"
			"<registration aor=\"sip:+49151@x\" id=\"2\" state=\"active\">"
			"<contact id=\"2\" state=\"active\" event=\"registered\">"
			"<uri>" USUAL_CONTACT "</uri></contact></registration>",
			contact_ended);
	tell_document("full", text, false);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_int_equal(the_network()->told, 1);
	/* its own word counts, whatever is said of the others */
	snprintf(text, sizeof(text),
			"<registration aor=\"tel:+49151\" id=\"1\" state=\"active\">"
			"<contact id=\"2\" state=\"active\" event=\"registered\">"
			"<uri>" USUAL_CONTACT "</uri></contact></registration>"
			"<registration aor=\"" USUAL_TO
			"\" id=\"1\" state=\"terminated\">%s",
			contact_ended);
	tell_document("full", text, false);
	assert_state(the_phone(), REGMON_STATE_NETWORK_DEREGISTERED);
	end();
}

static void test_several_alike(void **state)
{
	ask_t other = {.to = "sip:+49151@example.org",
			.call_id = "call-o",
			.branch = "z9hG4bKo"};

	begin_bound();
	exchange(&other, (answer_t){.code = 200});
	/* one Contact under two IMPUs, and the document names a third */
	tell(&(telling_t){.event = "rejected", .aor = "tel:+49151"});
	assert_int_equal(report.unknown, 1);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_state(the("callid:call-o"), REGMON_STATE_REGISTERED);
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
	static const ask_t as = {.call_id = "call-as",
			.tag = "a",
			.branch = "z9hG4bK1",
			.contact = "sip:scscf.example.org"};

	begin_bound();
	observe_text(text, sizeof(text) - 1, REGMON_HAPPENING_REQUEST_IN, NULL);
	answer(&as, (answer_t){.code = 200});
	assert_state(the("callid:call-as"), REGMON_STATE_REGISTERED);
	tell(&(telling_t){.event = "rejected", .registration = "terminated"});
	assert_state(the("callid:call-1"), REGMON_STATE_NETWORK_DEREGISTERED);
	assert_state(the("callid:call-as"), REGMON_STATE_REGISTERED);
	end();
}

/* ---- whole registrations ---- */

/* more bindings than one round of news has room for */
static void test_all_bindings(void **state)
{
	char call_id[20], contact[40], branch[20];
	ask_t asked = {.call_id = call_id,
			.contact = contact,
			.branch = branch,
			.instance = "",
			.source = "10.0.0.1"};
	unsigned i, bound;

	begin();
	network_ends = 0;
	regmon_events_listen(1u << REGMON_EVENT_STATE_CHANGED, count_ends, NULL);
	for(i = 0; i < 30; i++) {
		snprintf(call_id, sizeof(call_id), "call-%u", i);
		snprintf(contact, sizeof(contact), "sip:u@10.1.0.%u", i);
		snprintf(branch, sizeof(branch), "z9hG4bK-%u", i);
		exchange(&asked, (answer_t){.code = 200});
	}
	bound = find_all(USUAL_TO, NULL, 0);
	assert_int_equal(bound, 30);
	now_ms += 60 * SECOND;
	tell_document("full", TERMINATED(), false);
	assert_int_equal(network_ends, 30);
	assert_int_equal(report.ended, 30);
	assert_int_equal(regmon_supplement_of(the("callid:call-7"))->network.event, REGMON_REGINFO_NONE);
	end();
}

/* the Contact is not recognised, but there is no other left */
static void test_reason_for_all(void **state)
{
	begin_bound();
	tell(&(telling_t){.event = "probation",
			.registration = "terminated",
			.attributes = " retry-after=\"30\"",
			.contact = "sip:scscf-rewrote-it"});
	assert_int_equal(the_network()->event, REGMON_REGINFO_PROBATION);
	assert_int_equal(the_network()->retry_after_s, 30);
	end();

	begin_bound();
	tell_document("partial",
			TERMINATED("<contact id=\"1\" state=\"terminated\" "
					   "event=\"rejected\"><uri>sip:a</uri></contact><contact "
					   "id=\"2\" state=\"terminated\" event=\"expired\"><uri>"
					   "sip:b</uri></contact>"),
			false);
	assert_state(the_phone(), REGMON_STATE_NETWORK_DEREGISTERED);
	assert_int_equal(the_network()->event, REGMON_REGINFO_NONE);
	end();

	/* a contact that is registered in what is terminated: no binding ends as "registered" */
	begin_bound();
	tell_document("partial",
			TERMINATED("<contact id=\"1\" state=\"active\" "
					   "event=\"registered\"><uri>sip:a</uri></contact>"),
			false);
	assert_state(the_phone(), REGMON_STATE_NETWORK_DEREGISTERED);
	assert_int_equal(the_network()->event, REGMON_REGINFO_NONE);
	end();
}

static void test_not_listed(void **state)
{
	telling_t told = {.event = "registered",
			.document = "full",
			.contact = "sip:somebody@10.9.9.9"};

	begin_bound();
	tell(&told);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_int_equal(the_network()->unlisted, 1);
	tell(&told);
	assert_int_equal(the_network()->unlisted, 2);
	told.document = "partial";
	tell(&told);
	assert_int_equal(the_network()->unlisted, 2);
	told.contact = NULL;
	tell(&told);
	assert_int_equal(the_network()->unlisted, 0);
	end();

	/* granted so lately that the document may not know it */
	begin();
	exchange(&first, (answer_t){.code = 200});
	told.document = "full";
	told.contact = "sip:somebody@10.9.9.9";
	now_ms += 4 * SECOND;
	tell(&told);
	assert_int_equal(the_network()->unlisted, 0);
	end();
}

/* ---- public GRUU ---- */

static void test_public_gruu(void **state)
{
#define GRUU USUAL_TO ";gr=urn:gsma:imei:35609911-000001-0"
	begin();
	exchange(
			&first, (answer_t){.code = 200,
							.contacts = "<" USUAL_CONTACT
										">;expires=600;pub-gruu=\"" GRUU "\""});
	assert_true(the_phone()->public_gruu);
	end();
	begin_bound();
	assert_false(the_phone()->public_gruu);
	tell(&(telling_t){.event = "registered",
			.inside = "<gr:pub-gruu uri=\"sip:other;gr=1\"/>"});
	assert_false(the_phone()->public_gruu);
	tell(&(telling_t){.event = "registered",
			.inside = "<gr:pub-gruu uri=\"" GRUU "\"/>"});
	assert_true(the_phone()->public_gruu);
	end();
}

/* ---- whose word it is ---- */

static void test_is_phone(void **state)
{
	ask_t inside_core = {.source = "10.0.0.2", .vias = 2};

	begin_bound();
	assert_true(regmon_table_is_phone(table, REGMON_TEXT("10.0.0.1")));
	assert_false(regmon_table_is_phone(table, REGMON_TEXT("10.0.0.2")));
	assert_false(regmon_table_is_phone(table, REGMON_TEXT("")));
	end();
	/* at an S-CSCF the source is a P-CSCF */
	begin();
	exchange(&inside_core, (answer_t){.code = 200});
	assert_false(regmon_table_is_phone(table, REGMON_TEXT("10.0.0.2")));
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {world_test(test_by_address),
			world_test(test_old_contact), world_test(test_old_cseq),
			world_test(test_two_flows), world_test(test_source_address),
			world_test(test_implicit_set), world_test(test_several_alike),
			world_test(test_third_party), world_test(test_all_bindings),
			world_test(test_reason_for_all), world_test(test_not_listed),
			world_test(test_public_gruu), world_test(test_is_phone)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
