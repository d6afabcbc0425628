/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reg-event documents do to records, and to which. */
#include "test/unit/registration_network.h"

static const ask_t first = {0};
static unsigned
		network_ends; /* news that a state became network-deregistered */

static void count_ends(const regmon_event_t *event, void *context)
{
	(void)context;
	network_ends += event->to == REGMON_STATE_NETWORK_DEREGISTERED;
}

static void begin_bound(void)
{
	begin();
	network_ends = 0;
	assert_int_equal(regmon_events_listen(1u << REGMON_EVENT_STATE_CHANGED,
							 count_ends, NULL),
			0);
	exchange(&first, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	now_ms += 60 * SECOND;
}

static const regmon_entry_t *newest(void)
{
	const regmon_registration_t *phone = the_phone();

	return regmon_registration_entry(phone, phone->timeline_n - 1u);
}

static void assert_newest(
		regmon_entry_kind_t kind, unsigned event, uint32_t seconds)
{
	const regmon_entry_t *entry = newest();

	if(entry->kind != kind || entry->event != event
			|| entry->seconds != seconds)
		fail_msg("entry of kind %u: %s, %u s", entry->kind,
				regmon_reginfo_event_name(entry->event), entry->seconds);
}

/* ---- ends ---- */

#define TERMINATED(inside)                                                     \
	"<registration aor=\"" USUAL_TO "\" id=\"r\" state=\"terminated\">" inside \
	"</registration>"

static void test_each_end(void **state)
{
	static const struct
	{
		const char *event, *attributes;
		regmon_reginfo_event_t kept;
		uint32_t retry_after_s;
	} ends[] = {{"rejected", NULL, REGMON_REGINFO_REJECTED, 0},
			{"deactivated", NULL, REGMON_REGINFO_DEACTIVATED, 0},
			{"probation", " retry-after=\"600\"", REGMON_REGINFO_PROBATION,
					600},
			{"unregistered", NULL, REGMON_REGINFO_UNREGISTERED, 0},
			{"expired", " expires=\"0\"", REGMON_REGINFO_EXPIRED, 0}};
	const regmon_registration_t *phone;
	const regmon_network_t *network;
	unsigned i;

	for(i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		begin_bound();
		tell(&(telling_t){
				.event = ends[i].event, .attributes = ends[i].attributes});
		phone = the_phone();
		network = &regmon_supplement_of(phone)->network;
		assert_state(phone, REGMON_STATE_NETWORK_DEREGISTERED);
		assert_false(regmon_registration_is_bound(phone));
		assert_int_equal(phone->registered_ms, 0);
		assert_int_equal(phone->state_since_ms, now_ms);
		assert_int_equal(network->event, ends[i].kept);
		assert_int_equal(network->last_event, ends[i].kept);
		assert_int_equal(network->removed_ms, now_ms);
		assert_int_equal(network->told_ms, now_ms);
		assert_int_equal(network->removals, 1);
		assert_int_equal(network->retry_after_s, ends[i].retry_after_s);
		assert_counts(phone, 1, 1, 0);
		assert_newest(
				REGMON_ENTRY_REMOVED, ends[i].kept, ends[i].retry_after_s);
		assert_int_equal(network_ends, 1);
		assert_int_equal(report.ended, 1);
		assert_int_equal(report.known, 1);
		check_clean();
		/* and it goes when it has been kept long enough */
		pass_ms((86400 + 2) * SECOND);
		assert_int_equal(find_all(USUAL_TO, NULL, 0), 0);
		end();
	}
}

/* What the phone did itself, or the clock, is told by the network, too: that is no act of the network. */
static void test_known_ends(void **state)
{
	ask_t off = {.cseq = 2, .branch = "z9hG4bK2", .expires_0 = true};
	unsigned entries;

	begin_bound();
	ask(&off);
	/* faster than the 200; some registrars write `expired` */
	tell(&(telling_t){.event = "expired", .registration = "terminated"});
	assert_state(the_phone(), REGMON_STATE_DEREGISTERING);
	assert_newest(REGMON_ENTRY_NETWORK, REGMON_REGINFO_EXPIRED, 0);
	answer(&off, (answer_t){.code = 200, .contacts = ""});
	assert_state(the_phone(), REGMON_STATE_DEREGISTERED);
	entries = the_phone()->timeline_n;
	tell(&(telling_t){.event = "unregistered"});
	tell(&(telling_t){.event = "expired", .registration = "terminated"});
	assert_state(the_phone(), REGMON_STATE_DEREGISTERED);
	assert_int_equal(the_phone()->timeline_n, entries);
	assert_int_equal(the_network()->removed_ms, 0);
	assert_int_equal(the_network()->told, 3);
	end();

	begin_bound();
	now_ms += 3536 * SECOND; /* 3600 s after the grant, 4 s are left */
	tell(&(telling_t){.event = "expired"});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	pass_ms(6 * SECOND);
	assert_state(the_phone(), REGMON_STATE_EXPIRED);
	tell(&(telling_t){.event = "expired"});
	assert_state(the_phone(), REGMON_STATE_EXPIRED);
	assert_int_equal(network_ends, 0);
	/* what kind of end it was is news, the end is not */
	tell(&(telling_t){.event = "rejected"});
	assert_state(the_phone(), REGMON_STATE_EXPIRED);
	assert_int_equal(the_network()->event, REGMON_REGINFO_REJECTED);
	assert_newest(REGMON_ENTRY_NETWORK, REGMON_REGINFO_REJECTED, 0);
	end();

	/* the same without a word on the Contact */
	begin_bound();
	ask(&off);
	tell_document("full", TERMINATED(), false);
	assert_state(the_phone(), REGMON_STATE_DEREGISTERING);
	answer(&off, (answer_t){.code = 200, .contacts = ""});
	assert_state(the_phone(), REGMON_STATE_DEREGISTERED);
	assert_int_equal(network_ends, 0);
	end();

	/* about the binding before this one */
	begin();
	exchange(&first, (answer_t){.code = 200});
	now_ms += 4 * SECOND;
	tell(&(telling_t){.event = "unregistered"});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	tell(&(telling_t){.event = "deactivated"});
	assert_state(the_phone(), REGMON_STATE_NETWORK_DEREGISTERED);
	end();
}

static void test_two_subscribers(void **state)
{
	begin_bound();
	tell(&(telling_t){
			.event = "registered", .attributes = " expires=\"3540\""});
	now_ms += 20;
	tell(&(telling_t){
			.event = "registered", .attributes = " expires=\"3539\""});
	assert_newest(REGMON_ENTRY_NETWORK, REGMON_REGINFO_REGISTERED, 0);
	assert_int_equal(newest()->repeats, 1);
	tell(&(telling_t){.event = "rejected"});
	now_ms += 20;
	tell(&(telling_t){.event = "rejected"});
	assert_newest(REGMON_ENTRY_REMOVED, REGMON_REGINFO_REJECTED, 0);
	assert_int_equal(the_network()->removals, 1);
	assert_int_equal(the_network()->told, 4);
	assert_int_equal(the_network()->removed_ms, now_ms - 20);
	assert_int_equal(network_ends, 1);
	end();
}

/* The attempt under way goes on, and whoever counts still sees the end. */
static void test_refresh_under_way(void **state)
{
	ask_t refresh = {.cseq = 2, .branch = "z9hG4bK2"};

	begin_bound();
	ask(&refresh);
	assert_state(the_phone(), REGMON_STATE_REFRESHING);
	tell(&(telling_t){.event = "deactivated"});
	assert_state(the_phone(), REGMON_STATE_REGISTERING);
	assert_false(regmon_registration_is_bound(the_phone()));
	assert_int_equal(network_ends, 1);
	check_clean();
	answer(&refresh, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_counts(the_phone(), 2, 2, 0);
	end();
}

/* ---- what the phone makes of it ---- */

static void test_rejected_phone_comes_again(void **state)
{
	ask_t again = {.call_id = "call-2", .branch = "z9hG4bKagain"};
	ask_t off = {.call_id = "call-2",
			.branch = "z9hG4bKoff",
			.cseq = 2,
			.expires_0 = true};

	begin_bound();
	tell(&(telling_t){.event = "rejected"});
	now_ms += 3600 * SECOND;
	exchange(&again, (answer_t){.code = 403});
	assert_int_equal(the_network()->attempts_against, 1);
	again.cseq = 2;
	again.branch = "z9hG4bKagain2";
	again.call_id = "call-3";
	exchange(&again, (answer_t){.code = 200});
	assert_int_equal(the_network()->attempts_against, 2);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	/* granted again: the word of the network is old */
	again.cseq = 3;
	again.branch = "z9hG4bKagain3";
	exchange(&again, (answer_t){.code = 200});
	exchange(&off, (answer_t){.code = 200, .contacts = ""});
	assert_int_equal(the_network()->attempts_against, 2);
	end();

	begin_bound();
	tell(&(telling_t){.event = "deactivated"});
	exchange(&again, (answer_t){.code = 403});
	assert_int_equal(the_network()->attempts_against, 0);
	end();
}

static void test_probation(void **state)
{
	ask_t again = {.call_id = "call-2", .branch = "z9hG4bKagain"};

	begin_bound();
	tell(&(telling_t){
			.event = "probation", .attributes = " retry-after=\"600\""});
	now_ms += 599 * SECOND;
	exchange(&again, (answer_t){.code = 480});
	assert_int_equal(the_network()->attempts_against, 1);
	now_ms += 2 * SECOND;
	again.call_id = "call-3";
	again.branch = "z9hG4bKagain2";
	exchange(&again, (answer_t){.code = 200});
	assert_int_equal(the_network()->attempts_against, 1);
	end();
}

/* ---- shortened ---- */

static void test_shortened(void **state)
{
	ask_t refresh = {.cseq = 2, .branch = "z9hG4bK2"};
	const regmon_registration_t *phone;

	begin_bound();
	tell(&(telling_t){.event = "shortened", .attributes = " expires=\"120\""});
	phone = the_phone();
	assert_state(phone, REGMON_STATE_REGISTERED);
	assert_int_equal(phone->expires_ms, now_ms + 120 * SECOND);
	assert_int_equal(
			regmon_registration_refresh_due_ms(phone), now_ms + 60 * SECOND);
	assert_int_equal(phone->granted_s, 3600);
	assert_int_equal(report.shortened, 1);
	assert_newest(REGMON_ENTRY_NETWORK, REGMON_REGINFO_SHORTENED, 120);
	check_clean();
	/* it was asked to come early */
	now_ms += 2 * SECOND;
	exchange(&refresh, (answer_t){.code = 200});
	phone = the_phone();
	assert_int_equal(phone->early_refreshes, 0);
	assert_int_equal(phone->expires_ms, now_ms + 3600 * SECOND);
	assert_int_equal(
			regmon_registration_refresh_due_ms(phone), now_ms + 3000 * SECOND);
	/* the next early one is early */
	refresh.cseq = 3;
	refresh.branch = "z9hG4bK3";
	now_ms += 2 * SECOND;
	exchange(&refresh, (answer_t){.code = 200});
	assert_int_equal(the_phone()->early_refreshes, 1);
	/* or it does not come at all */
	tell(&(telling_t){.event = "shortened", .attributes = " expires=\"10\""});
	pass_ms(12 * SECOND);
	assert_state(the_phone(), REGMON_STATE_EXPIRED);
	tell(&(telling_t){.event = "shortened", .attributes = " expires=\"10\""});
	assert_false(regmon_registration_is_bound(the_phone()));
	end();
}

/* Rules that look at the time of a refresh know of it, too. */
static bool breaks(const char *id, bool shortened, int64_t after_ms)
{
	regmon_plan_t *made = regmon_memory_get(regmon_plan_size());
	ask_t refresh = {.cseq = 2, .branch = "z9hG4bK2"};
	bool broken;

	begin_bound();
	assert_non_null(made);
	regmon_plan_make(made, NULL, NULL);
	plan = made;
	if(shortened)
		tell(&(telling_t){
				.event = "shortened", .attributes = " expires=\"1200\""});
	now_ms += after_ms;
	ask(&refresh);
	broken = regmon_registration_has_finding(the_phone(),
			(unsigned)regmon_rule_find((str){(char *)id, (int)strlen(id)}));
	plan = NULL;
	regmon_memory_put(made);
	end();
	return broken;
}

static void test_rules_know_shortened(void **state)
{
	assert_true(breaks("ST-13", false, SECOND));
	assert_false(breaks("ST-13", true, SECOND));
	/* due 600 s after the cut, 3000 s after the grant */
	assert_false(breaks("ST-14", false, 900 * SECOND));
	assert_true(breaks("ST-14", true, 900 * SECOND));
}

/* ---- nothing is invented ---- */

static void test_nothing_invented(void **state)
{
	const regmon_registration_t *phone;

	begin();
	tell(&(telling_t){.event = "registered"});
	assert_int_equal(report.unknown, 1);
	assert_int_equal(report.known, 0);
	assert_int_equal(find_all(USUAL_TO, NULL, 0), 0);
	/* a record without binding gets none by a word of the network */
	exchange(&first, (answer_t){.code = 403});
	tell(&(telling_t){.event = "created", .attributes = " expires=\"3600\""});
	phone = the_phone();
	assert_state(phone, REGMON_STATE_FAILED);
	assert_false(regmon_registration_is_bound(phone));
	assert_counts(phone, 1, 0, 1);
	assert_int_equal(regmon_supplement_of(phone)->network.last_event,
			REGMON_REGINFO_CREATED);
	assert_newest(REGMON_ENTRY_NETWORK, REGMON_REGINFO_CREATED, 0);
	/* of somebody else */
	tell(&(telling_t){.event = "rejected", .contact = "sip:x@10.9.9.9"});
	assert_int_equal(report.unknown, 1);
	assert_int_equal(the_network()->told, 1);
	end();
}

static void test_gap(void **state)
{
	begin_bound();
	tell(&(telling_t){.event = "refreshed", .gap = true});
	assert_int_equal(the_network()->gaps, 1);
	assert_true(newest()->marks & REGMON_MARK_GAP);
	tell(&(telling_t){.event = "rejected"});
	assert_int_equal(the_network()->gaps, 1);
	assert_false(newest()->marks & REGMON_MARK_GAP);
	end();
}

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

/* ---- versions ---- */

static regmon_subscriptions_t *subscriptions;

static regmon_version_t follow(const char *to_tag, uint32_t version, bool full)
{
	const regmon_subscription_t subscription = {
			REGMON_TEXT("call-s"), REGMON_TEXT("notifier"), text_of(to_tag)};
	regmon_version_t verdict = regmon_subscriptions_follow(
			subscriptions, &subscription, version, full, now_ms);

	assert_int_equal(harness_locks_held, 0);
	return verdict;
}

static void test_versions(void **state)
{
	subscriptions = regmon_subscriptions_make(100, key);
	assert_non_null(subscriptions);
	now_ms = START_MS;
	/* joined late: no gap */
	assert_int_equal(follow("a", 5, false), REGMON_VERSION_NEW);
	assert_int_equal(follow("a", 6, false), REGMON_VERSION_NEW);
	assert_int_equal(follow("a", 6, false), REGMON_VERSION_KNOWN);
	assert_int_equal(follow("a", 6, true), REGMON_VERSION_KNOWN);
	assert_int_equal(follow("a", 3, true), REGMON_VERSION_KNOWN);
	assert_int_equal(follow("a", 8, false), REGMON_VERSION_GAP);
	assert_int_equal(follow("a", 9, false), REGMON_VERSION_NEW);
	/* a full one makes good what was missed */
	assert_int_equal(follow("a", 20, true), REGMON_VERSION_NEW);
	assert_int_equal(follow("a", 21, false), REGMON_VERSION_NEW);
	/* the other subscriber counts for itself */
	assert_int_equal(follow("b", 0, true), REGMON_VERSION_NEW);
	assert_int_equal(follow("b", 2, false), REGMON_VERSION_GAP);
	assert_int_equal(follow("a", 4294967295u, true), REGMON_VERSION_NEW);
	assert_int_equal(follow("a", 0, false), REGMON_VERSION_KNOWN);
	regmon_subscriptions_free(subscriptions);
}

static void test_many_subscriptions(void **state)
{
	char tag[20];
	unsigned i, known = 0;

	subscriptions = regmon_subscriptions_make(1000, key);
	assert_non_null(subscriptions);
	assert_int_equal(harness_live_blocks, 2);
	for(i = 0; i < 20000; i++) {
		now_ms = START_MS + i * SECOND;
		snprintf(tag, sizeof(tag), "t%u", i);
		assert_int_equal(follow(tag, 7, false), REGMON_VERSION_NEW);
	}
	/* the last ones are remembered, the first are not */
	for(i = 19800; i < 20000; i++) {
		snprintf(tag, sizeof(tag), "t%u", i);
		known += follow(tag, 7, false) == REGMON_VERSION_KNOWN;
	}
	assert_in_range(known, 195, 200);
	assert_int_equal(follow("t5", 1, false), REGMON_VERSION_NEW);
	assert_int_equal(harness_live_blocks, 2);
	regmon_subscriptions_free(subscriptions);
}

static void test_no_memory_for_versions(void **state)
{
	unsigned i;

	for(i = 1; i <= 2; i++) {
		harness_fail_allocation = i;
		assert_null(regmon_subscriptions_make(100, key));
		assert_int_equal(harness_live_blocks, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_each_end),
			harness_test(test_known_ends), harness_test(test_two_subscribers),
			harness_test(test_refresh_under_way),
			harness_test(test_rejected_phone_comes_again),
			harness_test(test_probation), harness_test(test_shortened),
			harness_test(test_rules_know_shortened),
			harness_test(test_nothing_invented), harness_test(test_gap),
			harness_test(test_by_address), harness_test(test_old_contact),
			harness_test(test_old_cseq), harness_test(test_two_flows),
			harness_test(test_source_address), harness_test(test_implicit_set),
			harness_test(test_several_alike), harness_test(test_third_party),
			harness_test(test_all_bindings), harness_test(test_reason_for_all),
			harness_test(test_not_listed), harness_test(test_public_gruu),
			harness_test(test_is_phone), harness_test(test_versions),
			harness_test(test_many_subscriptions),
			harness_test(test_no_memory_for_versions)};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	forget_copy();
	return failed;
}
