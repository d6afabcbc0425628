/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A phone is found by whatever of it is at hand, also when the index has lost it. */
#include "test/unit/registration_world.h"

static void assert_found(const char *who, unsigned expected)
{
	unsigned n = find_all(who, NULL, 0);

	if(n != expected)
		fail_msg("\"%s\" finds %u, not %u", who, n, expected);
}

static const ask_t volte = {.to = "sip:+4915112345678@ims.example.org;user=phone",
		.impi = "262019876543210@ims.mnc001.mcc262.3gppnetwork.org",
		.call_id = "abc-DEF@10.0.0.1", .contact = "sip:uuid@10.20.30.40:5062",
		.source = "192.0.2.7", .source_port = 40001, .credentials = EMPTY};
static const ask_t ipv6 = {.to = "tel:+49-30-12345", .call_id = "six",
		.contact = "sip:x@[2001:DB8::1]:5066", .source = "2001:db8::1",
		.source_port = 5066, .instance = "<urn:gsma:imei:490154203237518>",
		.branch = "z9hG4bK6"};
static const ask_t plain = {.to = "sip:Alice@Example.ORG:5060", .plain = true,
		.call_id = "plain", .contact = "sip:alice@10.9.9.9",
		.source = "10.9.9.9"};

static void fill(void)
{
	ask(&volte);
	ask(&ipv6);
	ask(&plain);
}

static void test_every_form(void **state)
{
	static const char *const of_volte[] = {"sip:+4915112345678@ims.example.org",
			"sip:+4915112345678@IMS.example.org;user=phone",
			"+4915112345678@ims.example.org",
			"impu:sip:+4915112345678@ims.example.org",
			"impu: +4915112345678@ims.example.org", "+4915112345678",
			"4915112345678", "msisdn:4915112345678", "MSISDN:+4915112345678",
			"262019876543210", "imsi:262019876543210",
			"262019876543210@ims.mnc001.mcc262.3gppnetwork.org",
			"impi:262019876543210@ims.mnc001.mcc262.3gppnetwork.org",
			"35609911-000001-0", "imei:35609911-000001-0", "35609911000001",
			"356099110000010", "356099110000017", "3560991100000101",
			"imei:35609911000001", "abc-DEF@10.0.0.1",
			"callid:abc-DEF@10.0.0.1", "192.0.2.7", "192.0.2.7:40001",
			"addr:192.0.2.7", "10.20.30.40", "10.20.30.40:5062",
			"addr:10.20.30.40:5062", "  10.20.30.40 "};
	static const char *const of_ipv6[] = {"tel:+493012345", "+493012345",
			"tel:+49-30-12345", "2001:db8::1", "[2001:db8::1]",
			"[2001:db8::1]:5066", "addr:[2001:DB8::1]:5066",
			"490154203237518", "imei:49015420-323751-8", "49015420323751"};
	static const char *const of_plain[] = {"sip:Alice@example.org",
			"Alice@example.org", "10.9.9.9:5060", "10.9.9.9"};
	static const char *const nobody[] = {"sip:bob@example.org", "26201987654321",
			"imsi:35609911000001", "imei:262019876543210",
			"imei:3560991100000", "192.0.2.7:40002", "10.20.30.40:5060",
			"addr:4915112345678", "callid:ABC-def@10.0.0.1",
			"[2001:db8::1]:1", "[2001:db8::1", "msisdn:", "   ", "",
			"msisdn:262019876543210", "+", "sip:", "impu:Alice",
			"35609911000001000000000"};
	unsigned i;

	begin();
	fill();
	for(i = 0; i < REGMON_COUNT(of_volte); i++) {
		assert_found(of_volte[i], 1);
		assert_string(the(of_volte[i]), REGMON_STRING_CALL_ID, volte.call_id);
	}
	for(i = 0; i < REGMON_COUNT(of_ipv6); i++) {
		assert_found(of_ipv6[i], 1);
		assert_string(the(of_ipv6[i]), REGMON_STRING_CALL_ID, "six");
	}
	for(i = 0; i < REGMON_COUNT(of_plain); i++) {
		assert_found(of_plain[i], 1);
		assert_string(the(of_plain[i]), REGMON_STRING_CALL_ID, "plain");
	}
	for(i = 0; i < REGMON_COUNT(nobody); i++)
		assert_found(nobody[i], 0);
	end();
}

static void test_very_long_question(void **state)
{
	char asked[5000];

	begin();
	fill();
	memset(asked, '9', sizeof(asked));
	asked[sizeof(asked) - 1] = '\0';
	assert_found(asked, 0);
	memcpy(asked, "[", 1);
	assert_found(asked, 0);
	memcpy(asked, "sip:", 4);
	asked[2000] = '@';
	assert_found(asked, 0);
	end();
}

static void test_forget_by_every_kind(void **state)
{
	static const char *const kinds[] = {"impu:sip:+4915112345678@ims.example.org",
			"impi:262019876543210@ims.mnc001.mcc262.3gppnetwork.org",
			"imsi:262019876543210", "msisdn:4915112345678",
			"imei:35609911000001", "callid:abc-DEF@10.0.0.1",
			"addr:192.0.2.7:40001", "192.0.2.7"};
	regmon_who_t who;
	unsigned i;

	begin();
	fill();
	for(i = 0; i < REGMON_COUNT(kinds); i++) {
		assert_true(regmon_who_read(
				(str){(char *)kinds[i], (int)strlen(kinds[i])}, &who));
		assert_int_equal(regmon_table_forget(table, &who), 1);
		assert_found(kinds[i], 0);
		check_clean();
		ask(&volte);
	}
	assert_found("six", 1);
	assert_found("plain", 1);
	end();
}

/* One address in front of many phones: its hints do not fit into a bucket. */
static void test_more_than_the_index_holds(void **state)
{
	char to[40], call_id[40], *records;
	ask_t asked = {.to = to, .call_id = call_id, .plain = true,
			.source = "192.0.2.99"};
	const regmon_registration_t *record;
	size_t size;
	unsigned i;

	begin();
	for(i = 0; i < 300; i++) {
		snprintf(to, sizeof(to), "sip:u%u@example.org", i);
		snprintf(call_id, sizeof(call_id), "c%u", i);
		ask(&asked);
		now_ms += 10;
	}
	assert_found("192.0.2.99", 300);
	assert_found("c0", 1);
	assert_found("c299", 1);
	/* the newest of them, newest first */
	size = regmon_table_record_size(table);
	records = malloc(5 * size);
	assert_non_null(records);
	assert_int_equal(find_all("192.0.2.99", records, 5), 300);
	for(i = 0; i < 5; i++) {
		snprintf(call_id, sizeof(call_id), "c%u", 299 - i);
		record = regmon_table_record_in(table, records, i);
		assert_string(record, REGMON_STRING_CALL_ID, call_id);
	}
	free(records);
	end();
}

/* Call-IDs come and go until every bucket of a small table is full; the oldest phone is found all the same. */
static void test_lost_hints(void **state)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	char call_id[40], branch[40];
	ask_t asked = plain;
	unsigned i;

	limits.max_registrations = 50;
	begin_with(&limits);
	fill();
	asked.call_id = call_id;
	asked.branch = branch;
	for(i = 0; i < 4000; i++) {
		char to[40];

		snprintf(to, sizeof(to), "sip:u%u@example.org", i % 40);
		asked.to = to;
		snprintf(call_id, sizeof(call_id), "churn-%u", i);
		snprintf(branch, sizeof(branch), "z9hG4bKchurn%u", i);
		ask(&asked);
	}
	assert_found("262019876543210", 1);
	assert_found("imei:356099110000010", 1);
	assert_found("callid:abc-DEF@10.0.0.1", 1);
	assert_found("192.0.2.7:40001", 1);
	assert_found("churn-3999", 1);
	assert_found("churn-0", 0);
	end();
}

static void assert_slice(str found, const char *expected)
{
	if(found.len != (int)strlen(expected)
			|| (found.len && memcmp(found.s, expected, found.len) != 0))
		fail_msg("\"%.*s\" instead of \"%s\"", found.len, found.s, expected);
}

static void test_numbers_in_identities(void **state)
{
	assert_slice(regmon_identity_imsi(REGMON_TEXT("001010123456789@ims")),
			"001010123456789");
	assert_slice(regmon_identity_imsi(REGMON_TEXT("sip:00101012345678@ims")),
			"00101012345678");
	assert_slice(regmon_identity_imsi(REGMON_TEXT("0010101234567@ims")), "");
	assert_slice(regmon_identity_imsi(REGMON_TEXT("0010101234567891@ims")), "");
	assert_slice(regmon_identity_imsi(REGMON_TEXT("001010123456789")), "");
	assert_slice(
			regmon_identity_msisdn(REGMON_TEXT("tel:+4930123")), "4930123");
	assert_slice(regmon_identity_msisdn(REGMON_TEXT("sip:+4930123@x;user=phone")),
			"4930123");
	assert_slice(regmon_identity_msisdn(REGMON_TEXT("sips:4930123@x")),
			"4930123");
	assert_slice(
			regmon_identity_msisdn(REGMON_TEXT("sip:001010123456789@x")), "");
	assert_slice(regmon_identity_msisdn(REGMON_TEXT("sip:49a@x")), "");
	assert_slice(regmon_identity_msisdn(REGMON_TEXT("")), "");
	assert_slice(regmon_identity_imei(
						 REGMON_TEXT("urn:gsma:imei:35609911-000001-0;x=1")),
			"35609911-000001-0");
	assert_slice(regmon_identity_imei(REGMON_TEXT("urn:uuid:356")), "");
}

static void test_refresh_due(void **state)
{
	static const int32_t granted_and_due[][2] = {
			{3600, 3000}, {1201, 601}, {1200, 600}, {120, 60}};
	regmon_registration_t registration = {0};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(granted_and_due); i++) {
		registration.granted_s = granted_and_due[i][0];
		assert_int_equal(
				regmon_refresh_due_s(&registration), granted_and_due[i][1]);
	}
	/* an emergency registration is refreshed at half time, however long */
	registration.granted_s = 3600;
	registration.emergency = true;
	assert_int_equal(regmon_refresh_due_s(&registration), 1800);
}

static void test_names(void **state)
{
	regmon_state_t found;
	unsigned i;

	for(i = 0; i < REGMON_STATES_N; i++) {
		const char *name = regmon_state_name(i);

		assert_true(regmon_state_find(
				(str){(char *)name, (int)strlen(name)}, &found));
		assert_int_equal(found, i);
		assert_true(strlen(regmon_state_meaning(i)) > 5);
	}
	assert_false(regmon_state_find(REGMON_TEXT("register"), &found));
	assert_string_equal(regmon_state_name(REGMON_STATES_N), "?");
	assert_string_equal(regmon_state_meaning(REGMON_STATES_N), "?");
	assert_string_equal(regmon_attempt_name(REGMON_ATTEMPT_REFRESH),
			"re-registration");
	assert_string_equal(regmon_attempt_name(REGMON_ATTEMPTS_N), "?");
	assert_string_equal(
			regmon_result_name(REGMON_RESULT_UNANSWERED), "no-answer");
	assert_string_equal(regmon_result_name(REGMON_RESULTS_N), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {world_test(test_every_form),
			world_test(test_very_long_question),
			world_test(test_forget_by_every_kind),
			world_test(test_more_than_the_index_holds),
			world_test(test_lost_hints),
			world_test(test_numbers_in_identities),
			world_test(test_refresh_due), world_test(test_names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
