/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What engineers see of the network's word and of the contact store; and our own view as a reg-event document, which is
 * read back and checked against its schema. */
#include <libxml/parser.h>
#include <libxml/relaxng.h>

#include "test/unit/registration_network.h"
#include "test/unit/writer_fake.h"

#include "show/rows.h"

static fake_t fake;
static const regmon_thresholds_t thresholds = REGMON_THRESHOLDS_DEFAULT;
static regmon_plan_t *made_plan;
static regmon_monitor_t monitor;
static regmon_diagnosis_t diagnosis;

static const ask_t first = {0};

static void begin_shown(void)
{
	begin();
	made_plan = regmon_memory_get(regmon_plan_size());
	assert_non_null(made_plan);
	regmon_plan_make(made_plan, NULL, NULL);
	monitor = (regmon_monitor_t){.table = table,
			.plan = made_plan,
			.thresholds = &thresholds,
			.started_ms = START_MS};
	regmon_set_utc_offset(0);
	exchange(&first, (answer_t){.code = 200});
	now_ms += 60 * SECOND;
}

static void end_shown(void)
{
	regmon_memory_put(made_plan);
	end();
	forget_copy();
}

static void summary_is(const char *expected)
{
	regmon_diagnose(the_phone(), &thresholds, now_ms, &diagnosis);
	assert_string_equal(diagnosis.summary, expected);
}

static void summary_has(const char *part)
{
	regmon_diagnose(the_phone(), &thresholds, now_ms, &diagnosis);
	assert_holds(diagnosis.summary, part);
}

static void show(bool for_eyes)
{
	fake_start(&fake, for_eyes);
	regmon_rows_show(&fake.writer, &monitor, the_phone(), now_ms);
	assert_int_equal(fake.depth, 0);
}

static const char *last_line(void)
{
	static char path[40];
	unsigned n;

	fake_start(&fake, true);
	regmon_rows_timeline(&fake.writer, the_phone(), 0, now_ms);
	n = fake_count(&fake, "timeline[");
	snprintf(path, sizeof(path), "timeline[%u]", n - 1);
	return fake_get(&fake, path);
}

static const char *last_field(const char *name)
{
	static char path[80];

	fake_start(&fake, false);
	regmon_rows_timeline(&fake.writer, the_phone(), 0, now_ms);
	snprintf(path, sizeof(path), "timeline[%u].%s",
			(unsigned)the_phone()->timeline_n - 1, name);
	return fake_get(&fake, path);
}

/* ---- summary of why ---- */

static void test_summary(void **state)
{
	ask_t again = {.call_id = "call-2", .branch = "z9hG4bK2"};

	begin_shown(); /* 22:13:20, granted 22 ms later */
	tell(&(telling_t){.event = "rejected"});
	now_ms += 10 * SECOND;
	summary_is("De-registered by the network at 22:14:20 (10 s ago): rejected"
			   " (registering again will not help).");
	exchange(&again, (answer_t){.code = 403, .reason = "Forbidden"});
	summary_is("Not registered; the last attempt was refused with 403"
			   " Forbidden at 22:14:30 (0 ms ago), by the core; de-registered"
			   " by the network at 22:14:20: rejected; tried 1 time since.");
	end_shown();
	begin_shown();
	tell(&(telling_t){
			.event = "probation", .attributes = " retry-after=\"600\""});
	summary_is("De-registered by the network at 22:14:20 (0 ms ago): probation"
			   " (the phone should register again, later), not before"
			   " 22:24:20.");
	end_shown();
	begin_shown();
	tell_document("full",
			"<registration aor=\"" USUAL_TO
			"\" id=\"1\" state=\"terminated\"/>",
			false);
	summary_is("De-registered by the network at 22:14:20 (0 ms ago), no"
			   " reason given.");
	assert_string_equal(
			last_line(), "22:14:20.022  network        removed by the network");
	end_shown();
	begin_shown();
	tell(&(telling_t){.event = "shortened", .attributes = " expires=\"120\""});
	summary_is("Registered since 22:13:20 (1 min 0 s), granted 3600 s,"
			   " shortened to 120 s by the network at 22:14:20, next refresh"
			   " due about 22:15:20.");
	end_shown();
}

static void test_summary_of_store(void **state)
{
	const regmon_store_news_t gone = {.store = REGMON_STORE_PCSCF,
			.stored = REGMON_STORED_EXPIRED,
			.was_pending = true,
			.contact = REGMON_TEXT(USUAL_CONTACT)};

	begin_shown();
	regmon_table_stored(table, &gone, now_ms);
	summary_has("; gone from this node's ims_usrloc_pcscf since 22:14:20, where"
				" it was still pending.");
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_STORED, NULL, USUAL_CONTACT);
	regmon_diagnose(the_phone(), &thresholds, now_ms, &diagnosis);
	assert_null(strstr(diagnosis.summary, "gone"));
	end_shown();
}

/* ---- show ---- */

static void test_show(void **state)
{
	begin_shown();
	show(false);
	assert_int_equal(fake_count(&fake, "network."), 0);
	assert_int_equal(fake_count(&fake, "contact_store."), 0);
	tell(&(telling_t){.event = "shortened",
			.attributes = " expires=\"120\"",
			.gap = true});
	tell(&(telling_t){
			.event = "probation", .attributes = " retry-after=\"600\""});
	now_ms += SECOND;
	show(false);
	assert_field(&fake, "network.last_event", "probation");
	assert_field(&fake, "network.removed_as", "probation");
	assert_field(&fake, "network.asks_for",
			"the phone should register again, later");
	assert_field(&fake, "network.removed", "22:14:20.022 (1.0 s ago)");
	assert_field(&fake, "network.retry_after_s", "600");
	assert_field(&fake, "network.may_return", "22:24:20.022 (in 9 min 59 s)");
	assert_field(&fake, "network.removals", "1");
	assert_field(&fake, "network.times_told", "2");
	assert_field(&fake, "network.attempts_against", "0");
	assert_field(&fake, "network.shortened_to_s", "120");
	assert_field(&fake, "network.documents_missed", "1");
	assert_field(&fake, "network.not_listed", "0");
	show(true);
	assert_no_field(&fake, "network.attempts_against");
	end_shown();
	begin_shown();
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_REMOVED, NULL, USUAL_CONTACT);
	show(false);
	assert_field(&fake, "contact_store.store", "ims_usrloc_pcscf");
	assert_field(&fake, "contact_store.contact", "removed");
	assert_field(&fake, "contact_store.dropped_in_force", "1");
	assert_field(&fake, "contact_store.was_pending", "no");
	assert_field(&fake, "contact_store.since_ms", "1700000060022");
	end_shown();
}

/* ---- timeline ---- */

static void test_timeline(void **state)
{
	begin_shown();
	tell(&(telling_t){.event = "registered"});
	now_ms += 10;
	tell(&(telling_t){.event = "registered"});
	assert_string_equal(last_line(),
			"22:14:20.022  network        network: registered (1x again)");
	tell(&(telling_t){.event = "shortened",
			.attributes = " expires=\"120\"",
			.gap = true});
	assert_string_equal(last_line(),
			"22:14:20.032  network        network: shortened to 120 s"
			"                             documents missing before it");
	assert_string_equal(last_field("what"), "network: shortened to 120 s");
	assert_string_equal(last_field("event"), "shortened");
	assert_string_equal(last_field("seconds"), "120");
	assert_null(last_field("cseq"));
	assert_null(last_field("code"));
	tell(&(telling_t){
			.event = "probation", .attributes = " retry-after=\"60\""});
	assert_string_equal(last_line(),
			"22:14:20.032  network        removed by the network: probation,"
			" retry after 60 s");
	assert_string_equal(last_field("event"), "probation");
	store_tells(
			REGMON_STORE_USRLOC, REGMON_STORED_REMOVED, NULL, USUAL_CONTACT);
	assert_string_equal(
			last_line(), "22:14:20.032  here           contact store: removed");
	assert_string_equal(last_field("direction"), "here");
	assert_string_equal(last_field("event"), "removed");
	end_shown();
}

/* ---- the document ---- */

static char buffer[28000];

static str write_document(const char *who, int size)
{
	static char records[40 * 3000];
	regmon_document_t document;
	unsigned n;

	assert_in_range(regmon_table_record_size(table), 1, 3000);
	n = find_all(who, records, 40);
	assert_in_range(n, 1, 40);
	memset(buffer, 'x', sizeof(buffer));
	regmon_document_begin(&document, buffer, size);
	regmon_document_add(&document, table, records, n, now_ms);
	return regmon_document_end(&document);
}

static void is_valid(str document)
{
	size_t length;
	char *text = harness_read_file("doc/reginfo.rng", &length);
	xmlRelaxNGParserCtxt *reader =
			xmlRelaxNGNewMemParserCtxt(text, (int)length);
	xmlRelaxNG *schema = xmlRelaxNGParse(reader);
	xmlRelaxNGValidCtxt *check = xmlRelaxNGNewValidCtxt(schema);
	xmlDoc *tree = xmlReadMemory(
			document.s, document.len, NULL, NULL, XML_PARSE_NONET);

	assert_non_null(schema);
	assert_non_null(tree);
	if(xmlRelaxNGValidateDoc(check, tree) != 0)
		fail_msg("not valid:\n%.*s", document.len, document.s);
	xmlFreeDoc(tree);
	xmlRelaxNGFreeValidCtxt(check);
	xmlRelaxNGFree(schema);
	xmlRelaxNGFreeParserCtxt(reader);
	free(text);
}

static regmon_reginfo_t reginfo;

static void reads_back(str document)
{
	regmon_complaint_t complaint;

	is_valid(document);
	if(!regmon_reginfo_read(document, &reginfo, &complaint))
		fail_msg("%s\n%.*s", complaint.text, document.len, document.s);
}

static void test_document(void **state)
{
	static const char expected[] =
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\""
			" xmlns:gr=\"urn:ietf:params:xml:ns:gruuinfo\" version=\"0\""
			" state=\"full\">\n"
			"  <registration aor=\"" USUAL_TO
			"\" id=\"%016llx\" state=\"active\">\n"
			"    <contact id=\"%016llx\" state=\"active\" event=\"registered\""
			" expires=\"3540\" duration-registered=\"60\" callid=\"call-1\""
			" cseq=\"1\">\n"
			"      <uri>" USUAL_CONTACT "</uri>\n"
			"      <unknown-param "
			"name=\"+sip.instance\">&quot;&lt;urn:gsma:imei:"
			"35609911-000001-0&gt;&quot;</unknown-param>\n"
			"      <gr:pub-gruu uri=\"" USUAL_TO
			";gr=urn:gsma:imei:35609911-000001-0\"/>\n"
			"    </contact>\n"
			"  </registration>\n"
			"</reginfo>\n";
	const regmon_registration_t *phone;
	char text[2000];
	str document;

	begin_shown();
	tell(&(telling_t){.event = "registered",
			.inside = "<gr:pub-gruu uri=\"" USUAL_TO
					  ";gr=urn:gsma:imei:35609911-000001-0\"/>"});
	document = write_document(USUAL_TO, sizeof(buffer));
	phone = the_phone();
	snprintf(text, sizeof(text), expected, (unsigned long long)phone->impu_hash,
			(unsigned long long)phone->binding_hash);
	if(document.len != (int)strlen(text)
			|| memcmp(document.s, text, document.len) != 0)
		fail_msg("%.*s", document.len, document.s);
	reads_back(document);
	assert_true(reginfo.full);
	assert_int_equal(reginfo.contacts[0].event, REGMON_REGINFO_REGISTERED);
	end_shown();
}

/* what was told comes out again as it came in */
static void test_document_of_each_end(void **state)
{
	static const char *const events[] = {
			"rejected", "deactivated", "probation", "unregistered", "expired"};
	ask_t off = {.cseq = 2, .branch = "z9hG4bK2", .expires_0 = true};
	unsigned i;

	for(i = 0; i < 5; i++) {
		begin_shown();
		tell(&(telling_t){
				.event = events[i], .attributes = " retry-after=\"100\""});
		now_ms += 40 * SECOND;
		reads_back(write_document(USUAL_TO, sizeof(buffer)));
		assert_int_equal(
				reginfo.registrations[0].state, REGMON_REGINFO_TERMINATED);
		assert_false(reginfo.contacts[0].active);
		assert_string_equal(
				regmon_reginfo_event_name(reginfo.contacts[0].event),
				events[i]);
		assert_int_equal(reginfo.contacts[0].retry_after_s,
				i == 2 ? 60 : REGMON_NUMBER_ABSENT);
		end_shown();
	}
	begin_shown();
	exchange(&off, (answer_t){.code = 200, .contacts = ""});
	reads_back(write_document(USUAL_TO, sizeof(buffer)));
	assert_int_equal(reginfo.contacts[0].event, REGMON_REGINFO_UNREGISTERED);
	end_shown();
	begin_shown();
	pass_ms(3600 * SECOND);
	reads_back(write_document(USUAL_TO, sizeof(buffer)));
	assert_int_equal(reginfo.contacts[0].event, REGMON_REGINFO_EXPIRED);
	end_shown();
	begin_shown();
	tell(&(telling_t){.event = "shortened", .attributes = " expires=\"120\""});
	reads_back(write_document(USUAL_TO, sizeof(buffer)));
	assert_int_equal(reginfo.contacts[0].event, REGMON_REGINFO_SHORTENED);
	assert_int_equal(reginfo.contacts[0].expires_s, 120);
	end_shown();
	begin();
	ask(&first);
	reads_back(write_document(USUAL_TO, sizeof(buffer)));
	assert_int_equal(reginfo.registrations[0].state, REGMON_REGINFO_INIT);
	assert_int_equal(reginfo.contacts_n, 0);
	end();
	forget_copy();
}

/* Call-ID and Contact come from strangers. */
static void test_document_is_escaped(void **state)
{
	ask_t asked = {.call_id = "<&\"'>\xff\x01\xef\xbf\xbf]]>",
			.contact = "sip:a@10.0.0.1;x=%22&y='<!--z"};

	begin();
	exchange(&asked,
			(answer_t){.code = 200,
					.contacts = "<sip:a@10.0.0.1;x=%22&y=1>;expires=60"});
	reads_back(write_document(USUAL_TO, sizeof(buffer)));
	assert_int_equal(reginfo.contacts_n, 1);
	assert_memory_equal(reginfo.contacts[0].call_id.s, "<&\"'>???]]>", 10);
	assert_int_equal(reginfo.contacts[0].uri.len, strlen(asked.contact));
	assert_memory_equal(reginfo.contacts[0].uri.s, asked.contact,
			reginfo.contacts[0].uri.len);
	end();
	forget_copy();
}

/* whatever the room: a whole document, and what is missing is said */
static void test_document_in_little_room(void **state)
{
	char call_id[20], contact[40], branch[20];
	ask_t asked = {.call_id = call_id,
			.contact = contact,
			.branch = branch,
			.instance = ""};
	unsigned i, most = 0;
	int size;
	str document;

	begin();
	for(i = 0; i < 20; i++) {
		snprintf(call_id, sizeof(call_id), "call-%u", i);
		snprintf(contact, sizeof(contact), "sip:u@10.1.0.%u", i);
		snprintf(branch, sizeof(branch), "z9hG4bK-%u", i);
		exchange(&asked, (answer_t){.code = 200});
	}
	for(size = 500; size < 9000; size += 61) {
		document = write_document(USUAL_TO, size);
		assert_in_range(document.len, 1, size - 1);
		reads_back(document);
		if(reginfo.contacts_n < 20) {
			snprintf(call_id, sizeof(call_id), "<!-- %u more",
					20 - reginfo.contacts_n);
			buffer[document.len] = '\0';
			assert_non_null(strstr(buffer, call_id));
		}
		assert_true(reginfo.contacts_n >= most);
		most = reginfo.contacts_n;
	}
	assert_int_equal(most, 20);
	/* no room even for the head: nothing is written behind its end */
	write_document(USUAL_TO, 60);
	for(size = 60; size < 300; size++)
		assert_int_equal(buffer[size], 'x');
	end();
	forget_copy();
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_summary),
			harness_test(test_summary_of_store), harness_test(test_show),
			harness_test(test_timeline), harness_test(test_document),
			harness_test(test_document_of_each_end),
			harness_test(test_document_is_escaped),
			harness_test(test_document_in_little_room)};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	xmlCleanupParser();
	return failed;
}
