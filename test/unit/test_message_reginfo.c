/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading reg-event documents: what is right comes in whole, what is wrong gives one line with its place, and nothing
 * that a stranger writes costs more than its length allows. */
#include <libxml/parser.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "message/reginfo.h"
#include "test/unit/harness.h"

/* ---- libxml2's memory, counted and failing on demand ---- */
static size_t live_bytes, peak_bytes;
static unsigned allocations, fail_at; /* 0: none fails */

static void *count_block(void *block)
{
	if(block)
		live_bytes += malloc_usable_size(block);
	if(live_bytes > peak_bytes)
		peak_bytes = live_bytes;
	return block;
}

static void uncount(void *block)
{
	if(block)
		live_bytes -= malloc_usable_size(block);
}

static void *get(size_t bytes)
{
	if(++allocations == fail_at)
		return NULL;
	return count_block(malloc(bytes));
}

static void put(void *block)
{
	uncount(block);
	free(block);
}

static void *resize(void *block, size_t bytes)
{
	if(++allocations == fail_at)
		return NULL;
	uncount(block);
	return count_block(realloc(block, bytes));
}

static char *copy_text(const char *text)
{
	char *copy = get(strlen(text) + 1);

	return copy ? strcpy(copy, text) : NULL;
}

static int setup(void **state)
{
	if(xmlMemSetup(put, get, resize, copy_text) != 0)
		return -1;
	xmlInitParser();
	return 0;
}

/* ---- reading ---- */
static regmon_reginfo_t reginfo;
static regmon_complaint_t complaint;

static bool read_bytes(const char *bytes, size_t length)
{
	/* a block of its own length; and nothing of the last document left behind */
	char *copy = malloc(length ? length : 1);
	bool good;

	assert_non_null(copy);
	memcpy(copy, bytes, length);
	memset(&reginfo, 0xa5, sizeof(reginfo));
	allocations = 0;
	peak_bytes = live_bytes;
	good = regmon_reginfo_read((str){copy, (int)length}, &reginfo, &complaint);
	free(copy);
	return good;
}

static bool read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static void reads(const char *text)
{
	if(!read_text(text))
		fail_msg("%s", complaint.text);
	assert_string_equal(complaint.text, "");
}

static void is(str found, const char *expected)
{
	if(found.len != (int)strlen(expected)
			|| strncmp(found.s ? found.s : "", expected, found.len) != 0)
		fail_msg("\"%.*s\" instead of \"%s\"", found.len, found.s, expected);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NS "xmlns=\"urn:ietf:params:xml:ns:reginfo\""
#define DOCUMENT(inside)                    \
	"<?xml version=\"1.0\"?>\n<reginfo " NS \
	" version=\"7\" state=\"partial\">\n" inside "</reginfo>"
#define REGISTRATION(inside)                                     \
	DOCUMENT("<registration aor=\"sip:a@example.org\" id=\"r\" " \
			 "state=\"active\">\n" inside "</registration>\n")
#define CONTACT(attributes, inside) \
	REGISTRATION("<contact id=\"c\" " attributes ">" inside "</contact>\n")
#define URI "<uri>sip:a@10.0.0.1</uri>"

/* as in RFC 3680 5.3, with our own phones */
static void test_two_contacts(void **state)
{
	const regmon_reginfo_registration_t *registration;
	const regmon_reginfo_contact_t *contact;

	reads("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
		  "<reginfo " NS " version=\"0\" state=\"full\">\r\n"
		  "  <registration aor=\"sip:anna@example.org\" id=\"as9\" "
		  "state=\"active\">\r\n"
		  "    <contact id=\"76\" state=\"active\" event=\"registered\" "
		  "duration-registered=\"7322\" q=\"0.8\" callid=\"abc@10.0.0.1\" "
		  "cseq=\"12\" expires=\"3600\">\r\n"
		  "      <uri>\r\n        sip:anna@pc887.example.org\r\n      "
		  "</uri>\r\n"
		  "      <display-name xml:lang=\"en\">Anna</display-name>\r\n"
		  "      <unknown-param name=\"audio\"/>\r\n"
		  "    </contact>\r\n"
		  "    <contact id=\"77\" state=\"terminated\" event=\"expired\" "
		  "duration-registered=\"3600\" q=\"0.5\">\r\n"
		  "      <uri>sip:anna@198.51.100.7;x=&lt;1&gt;</uri>\r\n"
		  "    </contact>\r\n"
		  "  </registration>\r\n"
		  "</reginfo>\r\n\r\n");
	assert_int_equal(reginfo.version, 0);
	assert_true(reginfo.full);
	assert_int_equal(reginfo.registrations_n, 1);
	assert_int_equal(reginfo.contacts_n, 2);
	registration = &reginfo.registrations[0];
	is(registration->aor, "sip:anna@example.org");
	is(registration->id, "as9");
	assert_int_equal(registration->state, REGMON_REGINFO_ACTIVE);
	assert_int_equal(registration->first_contact, 0);
	assert_int_equal(registration->contacts_n, 2);
	contact = &reginfo.contacts[0];
	is(contact->id, "76");
	is(contact->uri, "sip:anna@pc887.example.org");
	is(contact->call_id, "abc@10.0.0.1");
	is(contact->instance, "");
	assert_true(contact->active);
	assert_int_equal(contact->event, REGMON_REGINFO_REGISTERED);
	assert_int_equal(contact->duration_s, 7322);
	assert_int_equal(contact->cseq, 12);
	assert_int_equal(contact->expires_s, 3600);
	assert_int_equal(contact->retry_after_s, REGMON_NUMBER_ABSENT);
	contact = &reginfo.contacts[1];
	is(contact->uri, "sip:anna@198.51.100.7;x=<1>");
	assert_false(contact->active);
	assert_int_equal(contact->event, REGMON_REGINFO_EXPIRED);
	assert_int_equal(contact->cseq, REGMON_NUMBER_ABSENT);
}

/* RFC 5628, TS 24.229 7.10.2 and 7.10.3; other prefixes, other order, strangers in between */
static void test_extensions(void **state)
{
	const regmon_reginfo_contact_t *contact;

	reads("<r:reginfo xmlns:r=\"urn:ietf:params:xml:ns:reginfo\" "
		  "xmlns:g=\"urn:ietf:params:xml:ns:gruuinfo\" "
		  "xmlns:ere=\"urn:3gpp:ns:extRegExp:1.0\" "
		  "xmlns:eri=\"urn:3gpp:ns:extRegInfo:1.0\" xmlns:o=\"urn:other\" "
		  "state=\"full\" version=\"00000000012\" o:version=\"x\">\n"
		  "<o:contact/><r:later o:x=\"1\"><r:registration/></r:later>\n"
		  "<r:registration state=\"active\" id=\"1\" "
		  "aor=\"sip:+49151@example.org\" new=\"1\">\n"
		  "<eri:actions><eri:rph ns=\"wps\" val=\"1\"/><eri:privSender/>"
		  "<eri:pni fwd=\"true\"/><o:thing/></eri:actions>\n"
		  "<ere:wildcardedIdentity>sip:pbx!.*!@example.org"
		  "</ere:wildcardedIdentity>\n"
		  "<o:contact id=\"1\"/>text is nobody's business\n"
		  "<r:contact event=\"created\" state=\"active\" id=\"2\">\n"
		  "<g:temp-gruu first-cseq=\"54301\" "
		  "uri=\"sip:tgruu.7h@example.org;gr\"/>"
		  "<r:unknown-param name=\"reg-id\">1</r:unknown-param>"
		  "<!-- so --><r:unknown-param name=\"+sip.instance\">"
		  "\"&lt;urn:gsma:imei:35609911-000001-0&gt;\"</r:unknown-param>"
		  "<g:pub-gruu uri=\"sip:+49151@example.org;gr=urn:gsma:imei:35609911-"
		  "000001-0\"/><o:uri>sip:x</o:uri>"
		  "<r:uri><![CDATA[sip:+49151@]]>10.0.0.1</r:uri>\n"
		  "</r:contact></r:registration></r:reginfo>");
	assert_int_equal(reginfo.version, 12);
	assert_int_equal(reginfo.registrations_n, 1);
	assert_int_equal(reginfo.contacts_n, 1);
	is(reginfo.registrations[0].wildcard, "sip:pbx!.*!@example.org");
	assert_int_equal(reginfo.registrations[0].policies, 3);
	contact = &reginfo.contacts[0];
	assert_int_equal(contact->event, REGMON_REGINFO_CREATED);
	is(contact->uri, "sip:+49151@10.0.0.1");
	is(contact->instance, "urn:gsma:imei:35609911-000001-0");
	is(contact->reg_id, "1");
	is(contact->pub_gruu,
			"sip:+49151@example.org;gr=urn:gsma:imei:35609911-000001-0");
	is(contact->temp_gruu, "sip:tgruu.7h@example.org;gr");
	assert_int_equal(contact->first_cseq, 54301);
}

static void test_each_event(void **state)
{
	static const struct
	{
		const char *attributes;
		regmon_reginfo_event_t event;
	} events[] = {{"state=\"active\" event=\"registered\"",
						  REGMON_REGINFO_REGISTERED},
			{"state=\"active\" event=\"created\"", REGMON_REGINFO_CREATED},
			{"state=\"active\" event=\"refreshed\"", REGMON_REGINFO_REFRESHED},
			{"state=\"active\" event=\"shortened\" expires=\"600\"",
					REGMON_REGINFO_SHORTENED},
			{"state=\"terminated\" event=\"expired\"", REGMON_REGINFO_EXPIRED},
			{"state=\"terminated\" event=\"deactivated\"",
					REGMON_REGINFO_DEACTIVATED},
			{"state=\"terminated\" event=\"probation\" retry-after=\"600\"",
					REGMON_REGINFO_PROBATION},
			{"state=\"terminated\" event=\"unregistered\"",
					REGMON_REGINFO_UNREGISTERED},
			{"state=\"terminated\" event=\"rejected\"",
					REGMON_REGINFO_REJECTED}};
	char text[1000];
	unsigned i;

	for(i = 0; i < COUNT(events); i++) {
		snprintf(text, sizeof(text), CONTACT("%s", URI), events[i].attributes);
		reads(text);
		assert_int_equal(reginfo.contacts[0].event, events[i].event);
		assert_int_equal(reginfo.contacts[0].active,
				strstr(events[i].attributes, "active") != NULL
						&& strstr(events[i].attributes, "\"active") != NULL);
		assert_true(strstr(events[i].attributes,
							regmon_reginfo_event_name(events[i].event))
					!= NULL);
		assert_true(strlen(regmon_reginfo_event_meaning(events[i].event)) > 5);
	}
	assert_int_equal(i + 1, REGMON_REGINFO_EVENTS_N);
	assert_string_equal(
			regmon_reginfo_event_name(REGMON_REGINFO_EVENTS_N), "?");
}

/* what a registrar of this family of servers writes: broken q, expires="0" at the end, ids that are pointers */
static void test_as_they_come(void **state)
{
	reads("<?xml version=\"1.0\"?>\n"
		  "<reginfo " NS " version=\"3\" state=\"full\">\n"
		  "\t<registration aor=\"sip:001010000000001@ims.test\" "
		  "id=\"0x7f3c5b0a\" state=\"terminated\">\n"
		  "\t\t<contact id=\"0x1\" state=\"terminated\" event=\"expired\" "
		  "expires=\"0\" q=\"-nan\">\n"
		  "\t\t\t<uri>sip:001010000000001@10.78.0.1:5060</uri>\n"
		  "\t\t<unknown-param name=\"+g.3gpp.smsip\"></unknown-param>\n"
		  "\t\t</contact>\n\t</registration>\n</reginfo>\n");
	assert_int_equal(reginfo.contacts[0].expires_s, 0);
	/* a byte order mark; no XML declaration; nobody registered */
	reads("\xef\xbb\xbf<?xml version=\"1.0\" encoding='UTF-8'?><reginfo " NS
		  " version=\"4294967295\" state=\"partial\"/>");
	assert_int_equal(reginfo.version, 4294967295u);
	assert_int_equal(reginfo.registrations_n, 0);
	reads("<reginfo " NS " version=\"1\" state=\"full\"><registration "
		  "aor=\"tel:+49151\" id=\"1\" state=\"init\"/></reginfo>");
	assert_int_equal(reginfo.registrations[0].state, REGMON_REGINFO_INIT);
	assert_int_equal(reginfo.registrations[0].contacts_n, 0);
}

static const struct
{
	const char *text;
	unsigned line;
	const char *says;
} wrong[] = {{"", 1, "it is empty"}, {" ", 1, "XML"}, {"{}", 1, "XML"},
		{"<reginfo " NS " version=\"0\" state=\"full\">\n", 2, "XML"},
		{"<reginfo version=\"0\" state=\"full\"/>", 1,
				"<reginfo>, without a namespace; expected <reginfo> of"
				" namespace urn:ietf:params:xml:ns:reginfo"},
		{"\n<reginfo xmlns=\"urn:x\" version=\"0\" state=\"full\"/>", 2,
				"namespace urn:x;"},
		{"<presence " NS " version=\"0\" state=\"full\"/>", 1, "<presence>"},
		{"<reginfo " NS " state=\"full\"/>", 1,
				"needs the attribute 'version'"},
		{"<reginfo " NS " version=\"\" state=\"full\"/>", 1, "which is empty"},
		{"<reginfo " NS " version=\"-1\" state=\"full\"/>", 1,
				"<reginfo version=\"-1\">: expected a number from 0 to "
				"4294967295"},
		{"<reginfo " NS " version=\"4294967296\" state=\"full\"/>", 1,
				"expected a number"},
		{"<reginfo " NS " version=\"one\" state=\"full\"/>", 1,
				"expected a number"},
		{"<reginfo " NS " version=\"0\"/>", 1, "needs the attribute 'state'"},
		{"<reginfo " NS " version=\"0\" state=\"half\"/>", 1,
				"<reginfo state=\"half\">: expected one of full, partial"},
		{DOCUMENT("<registration id=\"1\" state=\"init\"/>"), 3,
				"<registration> needs the attribute 'aor'"},
		{DOCUMENT("<registration aor=\"sip:a\" state=\"init\"/>"), 3,
				"needs the attribute 'id'"},
		{DOCUMENT("<registration aor=\"sip:a\" id=\"1\"/>"), 3,
				"needs the attribute 'state'"},
		{DOCUMENT("<registration aor=\"sip:a\" id=\"1\" state=\"gone\"/>"), 3,
				"expected one of init, active, terminated"},
		{REGISTRATION("<contact state=\"active\" event=\"created\">" URI
					  "</contact>"),
				4, "<contact> needs the attribute 'id'"},
		{CONTACT("event=\"created\"", URI), 4, "needs the attribute 'state'"},
		{CONTACT("state=\"init\" event=\"created\"", URI), 4,
				"expected one of active, terminated"},
		{CONTACT("state=\"active\"", URI), 4, "needs the attribute 'event'"},
		{CONTACT("state=\"active\" event=\"Registered\"", URI), 4,
				"expected one of registered, created, refreshed, shortened, "
				"expired, deactivated, probation, unregistered, rejected"},
		{CONTACT("state=\"active\" event=\"none\"", URI), 4,
				"event=\"none\">: expected one of"},
		{CONTACT("state=\"active\" event=\"rejected\"", URI), 4,
				"one contradicts the other"},
		{CONTACT("state=\"terminated\" event=\"shortened\" expires=\"1\"", URI),
				4, "one contradicts the other"},
		{CONTACT("state=\"active\" event=\"shortened\"", URI), 4,
				"needs the attribute 'expires'"},
		{CONTACT("state=\"terminated\" event=\"probation\"", URI), 4,
				"needs the attribute 'retry-after'"},
		{CONTACT("state=\"active\" event=\"created\" expires=\"soon\"", URI), 4,
				"expires=\"soon\">: expected a number"},
		{CONTACT("state=\"active\" event=\"created\"", ""), 4,
				"needs an element <uri>"},
		{CONTACT("state=\"active\" event=\"created\"", "<uri> </uri>"), 4,
				"needs an element <uri>"},
		{CONTACT("state=\"active\" event=\"created\"",
				 URI "\n<unknown-param>1</unknown-param>"),
				5, "<unknown-param> needs the attribute 'name'"},
		{CONTACT("state=\"active\" event=\"created\"", URI
				 "\n<g:temp-gruu xmlns:g=\"urn:ietf:params:xml:ns:gruuinfo\""
				 " uri=\"sip:x\"/>"),
				5, "needs the attribute 'first-cseq'"},
		{"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><reginfo/>", 1,
				"encoding 'ISO-8859-1', expected UTF-8"},
		{"<?xml version='1.0' encoding='UTF-7'?><reginfo/>", 1,
				"encoding 'UTF-7', expected UTF-8"},
		{DOCUMENT("\n<registration aor=\"sip:\xe4\" id=\"1\" state=\"init\"/>"),
				4, "encoding"},
		{"<!DOCTYPE a [<!ENTITY x \"y\">]>\n<reginfo " NS
		 " version=\"0\" state=\"full\"/>",
				1, "a DOCTYPE is not allowed"},
		{"\n<!DOCTYPE reginfo SYSTEM \"file:///etc/passwd\"><reginfo/>", 2,
				"a DOCTYPE is not allowed"},
		{DOCUMENT("<registration aor=\"&x;\" id=\"1\" state=\"init\"/>"), 3,
				"XML"}};

static void test_wrong(void **state)
{
	char place[20];
	unsigned i;

	for(i = 0; i < COUNT(wrong); i++) {
		if(read_text(wrong[i].text))
			fail_msg("taken: %s", wrong[i].text);
		snprintf(place, sizeof(place), "reginfo:%u: ", wrong[i].line);
		if(strncmp(complaint.text, place, strlen(place)) != 0
				|| strstr(complaint.text, wrong[i].says) == NULL)
			fail_msg("%s\n%s, line %u \"%s\" expected", wrong[i].text,
					complaint.text, wrong[i].line, wrong[i].says);
		assert_null(strchr(complaint.text, '\n'));
	}
	/* the first of several is told, the others are counted */
	assert_false(read_text(
			DOCUMENT("<registration/>\n<registration/>\n<registration/>")));
	assert_non_null(strstr(complaint.text, "reginfo:3: "));
	assert_int_equal(complaint.more, 8);
	/* what a terminal would obey: controls of 8 bits, and the other direction of writing */
	assert_false(read_text(DOCUMENT("<registration aor=\"sip:a\" id=\"1\" "
									"state=\"&#x9b;31m&#x202e;&#xe9;\"/>")));
	assert_non_null(strstr(complaint.text, "??31m???\xc3\xa9"));
	/* UTF-16 */
	assert_false(read_bytes("\xff\xfe<\0r\0/\0>\0", 10));
	assert_non_null(strstr(complaint.text, "UTF-16"));
}

/* what is beyond our room is counted, and what is in it is whole */
static void test_too_many(void **state)
{
	static char text[REGMON_REGINFO_MOST];
	int n, i;

	n = snprintf(text, sizeof(text),
			"<reginfo " NS " version=\"0\" state=\"full\">");
	for(i = 0; i < 70; i++)
		n += snprintf(text + n, sizeof(text) - n,
				"<registration aor=\"sip:a%d@x\" id=\"%d\" state=\"active\">"
				"<contact id=\"c\" state=\"active\" "
				"event=\"created\"><uri>sip:%d"
				"</uri></contact><contact id=\"d\" state=\"active\" "
				"event=\"created\"><uri>sip:d</uri></contact><contact id=\"e\" "
				"state=\"active\" event=\"created\"><uri>sip:e</uri></contact>"
				"</registration>",
				i, i, i);
	n += snprintf(text + n, sizeof(text) - n, "</reginfo>");
	assert_in_range(n, 10000, sizeof(text) - 1);
	reads(text);
	assert_int_equal(reginfo.registrations_n, REGMON_REGINFO_REGISTRATIONS);
	assert_int_equal(reginfo.registrations_more, 6);
	assert_int_equal(reginfo.contacts_n, REGMON_REGINFO_CONTACTS);
	/* of the registrations that are kept */
	assert_int_equal(reginfo.contacts_more, 64 * 3 - 128);
	assert_int_equal(reginfo.registrations[41].first_contact, 123);
	assert_int_equal(reginfo.registrations[42].contacts_n, 2);
	assert_int_equal(reginfo.registrations[42].contacts_more, 1);
	assert_int_equal(reginfo.registrations[63].contacts_n, 0);
	assert_int_equal(reginfo.registrations[63].contacts_more, 3);
	is(reginfo.contacts[126].uri, "sip:42");
}

/* ---- hostile documents ---- */

static char big[4 << 20];

static int fill(const char *start, const char *again, const char *end, int size)
{
	int n = (int)strlen(start), length = (int)strlen(again);

	strcpy(big, start);
	while(n + length + (int)strlen(end) < size) {
		memcpy(big + n, again, length);
		n += length;
	}
	strcpy(big + n, end);
	return n + (int)strlen(end);
}

/* Refused or read: in either case within these bounds, on any machine. Measured: up to 1.2 MB at once and 26,000
 * allocations. */
static void is_bounded(const char *what, int length, bool good)
{
	size_t before = live_bytes;
	bool taken = read_bytes(big, (size_t)length);

	if(taken != good)
		fail_msg("%s: %s", what, taken ? "taken" : complaint.text);
	assert_int_equal(live_bytes, before);
	if(peak_bytes - before > (2 << 20) || allocations > 40000)
		fail_msg("%s: %zu bytes at once, %u allocations", what,
				peak_bytes - before, allocations);
}

#define OPEN "<reginfo " NS " version=\"0\" state=\"full\""

static void test_bombs(void **state)
{
	int size = REGMON_REGINFO_MOST;

	strcpy(big,
			"<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\">"
			"<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
			"<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">"
			"<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">"
			"<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;\">"
			"<!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;\">"
			"<!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;\">]>" OPEN ">&g;</reginfo>");
	is_bounded("entities", (int)strlen(big), false);
	assert_true(allocations < 100);
	is_bounded("4 MB", fill(OPEN ">", " ", "</reginfo>", 4 << 20), false);
	assert_int_equal(allocations, 0);
	assert_non_null(strstr(complaint.text, "at most 65536 are read"));
	is_bounded("spaces", fill(OPEN ">", " ", "</reginfo>", size), true);
	is_bounded("lines", fill(OPEN ">", "\n", "</reginfo>", size), true);
	is_bounded("depth", fill(OPEN ">", "<a>", "</reginfo>", 20000), false);
	assert_non_null(strstr(complaint.text, "epth"));
	is_bounded("elements", fill(OPEN ">", "<a/>", "</reginfo>", size), false);
	assert_non_null(strstr(complaint.text, "more than 8192 tags"));
	is_bounded("elements", fill(OPEN ">", "<a/>", "</reginfo>", 32000), true);
	is_bounded("attributes", fill(OPEN, " a=''", "/>", size), false);
	assert_non_null(strstr(complaint.text, "more than 64 attributes"));
	is_bounded("namespaces",
			fill(OPEN ">", "<a xmlns:b='c' b:d=''/>", "</reginfo>", size),
			true);
	is_bounded("nested namespaces",
			fill(OPEN ">", "<a xmlns:b='c'>", "</reginfo>", size), false);
	is_bounded("contacts that lack all",
			fill(OPEN "><registration>", "<contact/>",
					"</registration></reginfo>", size),
			false);
	is_bounded("comments", fill(OPEN ">", "<!---->", "</reginfo>", size / 2),
			true);
	is_bounded(
			"a long name", fill(OPEN "><", "a", "/></reginfo>", size), false);
	is_bounded("references",
			fill(OPEN "><registration id='1' state='init' aor='", "&lt;",
					"'/></reginfo>", size),
			true);
	assert_true(reginfo.registrations[0].aor.len > 16000);
	is_bounded("one value",
			fill(OPEN "><registration id='1' state='init' aor='", "x",
					"'/></reginfo>", size),
			true);
	is_bounded(
			"processing", fill(OPEN ">", "<?a b?>", "</reginfo>", 50000), true);
}

/* every byte cut, and every byte another one: never a crash, and nothing is left behind */
static void test_torn(void **state)
{
	static const char text[] = CONTACT(
			"state=\"terminated\" event=\"probation\" retry-after=\"60\"", URI);
	char torn[sizeof(text)];
	size_t i, before = live_bytes;

	for(i = 0; i < sizeof(text) - 1; i++) {
		assert_false(read_bytes(text, i));
		memcpy(torn, text, sizeof(text));
		torn[i] = (char)(torn[i] ^ (1 << (i % 8)));
		read_bytes(torn, sizeof(text) - 1);
	}
	assert_int_equal(live_bytes, before);
}

static void test_no_memory(void **state)
{
	static const char text[] =
			CONTACT("state=\"terminated\" event=\"rejected\"", URI);
	size_t before = live_bytes;
	unsigned needed, i;

	reads(text);
	needed = allocations;
	assert_in_range(needed, 10, 2000);
	for(i = 1; i <= needed; i++) {
		fail_at = i;
		if(!read_text(text))
			assert_string_equal(
					complaint.text, "reginfo:1: no memory to read it");
		else /* libxml2 can do without */
			is(reginfo.contacts[0].uri, "sip:a@10.0.0.1");
		fail_at = 0;
		assert_int_equal(live_bytes, before);
	}
	reads(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_two_contacts),
			harness_test(test_extensions), harness_test(test_each_event),
			harness_test(test_as_they_come), harness_test(test_wrong),
			harness_test(test_too_many), harness_test(test_bombs),
			harness_test(test_torn), harness_test(test_no_memory)};

	return cmocka_run_group_tests(tests, setup, NULL);
}
