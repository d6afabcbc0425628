/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is shown of identities: as they are, or as keyed hashes, which OpenSSL computes again here; and phones that are
 * found by what was shown. */
#include "test/unit/registration_world.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "registration/identity.h"

static const uint8_t secret[REGMON_PSEUDONYM_KEY_BYTES + 1] = "a secret of test";
static char buffer[REGMON_IDENTITY_LENGTH];

static const ask_t volte = {.to = "sip:+4915112345678@ims.example.org;user=phone",
		.impi = "262019876543210@ims.mnc001.mcc262.3gppnetwork.org",
		.call_id = "abc-DEF@10.0.0.1", .contact = "sip:uuid@10.20.30.40:5062",
		.source = "192.0.2.7", .source_port = 40001, .credentials = EMPTY,
		.instance = "<urn:gsma:imei:35609911-000001-0>",
		.access = "3GPP-NR-FDD;utran-cell-id-3gpp=0010100000100000AB01",
		.device = "Phone/1.0 (20250131) 35609911-000001-0/262019876543210"};
static const ask_t wlan = {.to = "sip:alice@example.org", .call_id = "at home",
		.contact = "sip:alice@[2001:DB8::1]", .source = "2001:db8::1",
		.access = "IEEE-802.11;i-wlan-node-id=00CAFE00CAFE",
		.instance = "<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"};

static void open_hidden(void)
{
	begin();
	ask(&volte);
	ask(&wlan);
	regmon_identities_hide(secret);
}

static void close_hidden(void)
{
	regmon_identities_hide(NULL);
	forget_copy();
	end();
}

static const char *shown(const char *who, regmon_identity_t which)
{
	static char text[REGMON_IDENTITY_LENGTH + 1];
	str value = regmon_identity_of(the(who), which, buffer);

	snprintf(text, sizeof(text), "%.*s", value.len, value.s);
	return text;
}

/* SipHash-2-4 of kind and text as OpenSSL has it */
static const char *by_openssl(const char *kind, const char *text)
{
	static char printed[64];
	char bytes[200];
	uint8_t octets[8];
	size_t length = 8, i;
	int used = snprintf(bytes, sizeof(bytes), "%s%s", kind, text);
	OSSL_PARAM size[] = {
			OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &length),
			OSSL_PARAM_construct_end()};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);

	assert_non_null(context);
	assert_int_equal(EVP_MAC_init(context, secret, REGMON_PSEUDONYM_KEY_BYTES, size), 1);
	assert_int_equal(EVP_MAC_update(context, (uint8_t *)bytes, used), 1);
	assert_int_equal(EVP_MAC_final(context, octets, &length, sizeof(octets)), 1);
	EVP_MAC_CTX_free(context);
	EVP_MAC_free(mac);
	used = snprintf(printed, sizeof(printed), "%s", kind);
	for(i = 0; i < sizeof(octets); i++)
		used += snprintf(
				printed + used, sizeof(printed) - used, "%02x", octets[i]);
	return printed;
}

/* of a text that stands in no record */
static const char *shown_text(regmon_identity_t which, const char *text)
{
	static char printed[REGMON_IDENTITY_LENGTH + 1];
	str value = regmon_identity_shown(
			which, (str){(char *)text, (int)strlen(text)}, buffer);

	snprintf(printed, sizeof(printed), "%.*s", value.len, value.s);
	return printed;
}

static void test_clear(void **state)
{
	begin();
	ask(&volte);
	assert_false(regmon_identities_are_hidden());
	assert_string_equal(shown("abc-DEF@10.0.0.1", REGMON_IDENTITY_IMPU),
			"sip:+4915112345678@ims.example.org");
	assert_string_equal(
			shown("abc-DEF@10.0.0.1", REGMON_IDENTITY_IMSI), "262019876543210");
	assert_string_equal(shown("abc-DEF@10.0.0.1", REGMON_IDENTITY_DEVICE),
			volte.device);
	assert_string_equal(
			shown("abc-DEF@10.0.0.1", REGMON_IDENTITY_CELL), "00000AB01");
	assert_int_equal(find_all("impu:0123456789abcdef", NULL, 0), 0);
	forget_copy();
	end();
}

static void test_each_kind(void **state)
{
	static const struct
	{
		regmon_identity_t which;
		const char *kind, *text;
	} kinds[] = {{REGMON_IDENTITY_IMPU, "impu:",
						 "sip:+4915112345678@ims.example.org"},
			{REGMON_IDENTITY_IMPI, "impi:",
					"262019876543210@ims.mnc001.mcc262.3gppnetwork.org"},
			{REGMON_IDENTITY_IMSI, "imsi:", "262019876543210"},
			{REGMON_IDENTITY_MSISDN, "msisdn:", "4915112345678"},
			{REGMON_IDENTITY_IMEI, "imei:", "35609911000001"},
			{REGMON_IDENTITY_INSTANCE, "instance:",
					"urn:gsma:imei:35609911-000001-0"},
			{REGMON_IDENTITY_SOURCE, "addr:", "192.0.2.7"},
			{REGMON_IDENTITY_CALL_ID, "callid:", "abc-DEF@10.0.0.1"}};
	unsigned i;

	open_hidden();
	for(i = 0; i < REGMON_COUNT(kinds); i++)
		assert_string_equal(shown("imsi:262019876543210", kinds[i].which),
				by_openssl(kinds[i].kind, kinds[i].text));
	close_hidden();
}

/* the same identity elsewhere: a message, other forms of it */
static void test_one_identity_one_pseudonym(void **state)
{
	static const char *const imeis[] = {
			"35609911-000001-0", "356099110000010", "35609911000001"};
	char long_call_id[300];
	unsigned i;

	open_hidden();
	for(i = 0; i < REGMON_COUNT(imeis); i++)
		assert_string_equal(shown("imsi:262019876543210", REGMON_IDENTITY_IMEI),
				shown_text(REGMON_IDENTITY_IMEI, imeis[i]));
	assert_string_equal(shown("callid:at home", REGMON_IDENTITY_SOURCE),
			shown_text(REGMON_IDENTITY_SOURCE, "[2001:DB8::1]"));
	/* as long as a record keeps it */
	memset(long_call_id, 'x', sizeof(long_call_id) - 1);
	long_call_id[sizeof(long_call_id) - 1] = '\0';
	ask(&(ask_t){.to = "sip:bob@example.org",
			.contact = "sip:b@10.0.0.9",
			.instance = "",
			.call_id = long_call_id});
	assert_string_equal(shown("sip:bob@example.org", REGMON_IDENTITY_CALL_ID),
			shown_text(REGMON_IDENTITY_CALL_ID, long_call_id));
	close_hidden();
}

static void test_another_key_another_pseudonym(void **state)
{
	uint8_t other[REGMON_PSEUDONYM_KEY_BYTES];
	char before[64];

	open_hidden();
	snprintf(before, sizeof(before), "%s",
			shown("callid:at home", REGMON_IDENTITY_IMPU));
	memcpy(other, secret, sizeof(other));
	other[15] ^= 1;
	regmon_identities_hide(other);
	assert_string_not_equal(
			shown("callid:at home", REGMON_IDENTITY_IMPU), before);
	assert_int_equal(find_all(before, NULL, 0), 0);
	regmon_identities_hide(secret);
	assert_string_equal(shown("callid:at home", REGMON_IDENTITY_IMPU), before);
	close_hidden();
}

static void test_contact_shows_its_address(void **state)
{
	char expected[100];
	int used;

	open_hidden();
	used = snprintf(expected, sizeof(expected), "%s@",
			by_openssl("contact:", "sip:uuid@10.20.30.40:5062"));
	snprintf(expected + used, sizeof(expected) - used, "%s:5062",
			by_openssl("addr:", "10.20.30.40"));
	assert_string_equal(
			shown("imsi:262019876543210", REGMON_IDENTITY_CONTACT), expected);
	assert_int_equal(find_all(expected, NULL, 0), 1);
	used = snprintf(expected, sizeof(expected), "%s@",
			by_openssl("contact:", "sip:alice@[2001:DB8::1]"));
	snprintf(expected + used, sizeof(expected) - used, "%s",
			by_openssl("addr:", "2001:db8::1"));
	assert_string_equal(
			shown("callid:at home", REGMON_IDENTITY_CONTACT), expected);
	close_hidden();
}

static void test_texts_of_strangers(void **state)
{
	static const char *const kept[] = {"Phone/1.0", "iOS/18.1 iPhone17,1",
			"SM-S928B-U1 Samsung IMS 6.0", "QP1A.190711.020", "123456789",
			"1-2--34567890", "-", ""};
	static const char *const hidden[] = {
			"0123456789", "a 49151-12345-678 b", "1-2-3-45-6-7-8-9-0"};
	char expected[100];
	unsigned i;
	int used;

	open_hidden();
	for(i = 0; i < REGMON_COUNT(kept); i++)
		assert_string_equal(
				shown_text(REGMON_IDENTITY_DEVICE, kept[i]), kept[i]);
	for(i = 0; i < REGMON_COUNT(hidden); i++) {
		assert_non_null(
				strchr(shown_text(REGMON_IDENTITY_REASON, hidden[i]), '#'));
		assert_null(strstr(shown_text(REGMON_IDENTITY_REASON, hidden[i]), "45"));
	}
	/* the number in full goes, whatever stands around it */
	used = snprintf(expected, sizeof(expected), "Phone/1.0 (20250131) %.9s/",
			by_openssl("#", "35609911-000001-0"));
	snprintf(expected + used, sizeof(expected) - used, "%.9s",
			by_openssl("#", "262019876543210"));
	assert_string_equal(
			shown("imsi:262019876543210", REGMON_IDENTITY_DEVICE), expected);
	close_hidden();
}

/* a name that is no number is known from the record */
static void test_own_name_in_texts(void **state)
{
	begin();
	ask(&(ask_t){.to = "sip:Alice@example.org", .device = "aliCE's phone"});
	regmon_identities_hide(secret);
	assert_null(strstr(shown("call-1", REGMON_IDENTITY_DEVICE), "aliCE"));
	assert_non_null(
			strstr(shown("call-1", REGMON_IDENTITY_DEVICE), "'s phone"));
	close_hidden();
}

static void test_cells(void **state)
{
	open_hidden();
	assert_string_equal(
			shown("imsi:262019876543210", REGMON_IDENTITY_CELL), "00000AB01");
	assert_string_equal(shown("callid:at home", REGMON_IDENTITY_CELL),
			by_openssl("wlan:", "00cafe00cafe"));
	assert_true(regmon_identity_is(the("callid:at home"), REGMON_IDENTITY_CELL,
			REGMON_TEXT("00cafe00cafe")));
	snprintf(buffer, sizeof(buffer), "%s",
			shown("callid:at home", REGMON_IDENTITY_CELL));
	assert_true(regmon_identity_is(the("callid:at home"), REGMON_IDENTITY_CELL,
			(str){buffer, (int)strlen(buffer)}));
	close_hidden();
}

static void test_associated(void **state)
{
	char expected[200];
	int used;

	begin();
	ask(&volte);
	answer(&volte,
			(answer_t){.code = 200,
					.lines = "P-Associated-URI: "
							 "<sip:+4915112345678@ims.example.org>, "
							 "<tel:+49-151-12345678>, "
							 "<sip:Bob@Example.ORG:5060>\r\n"});
	regmon_identities_hide(secret);
	used = snprintf(expected, sizeof(expected), "%s",
			by_openssl("impu:", "tel:+4915112345678"));
	snprintf(expected + used, sizeof(expected) - used, ", %s",
			by_openssl("impu:", "sip:Bob@example.org"));
	assert_string_equal(
			shown("imsi:262019876543210", REGMON_IDENTITY_ASSOCIATED),
			expected);
	assert_int_equal(
			find_all(by_openssl("impu:", "sip:Bob@example.org"), NULL, 0), 1);
	close_hidden();
}

/* Where a record has no room left for all of the list, the part of an identity at its end is none. */
static void test_cut_list(void **state)
{
	static const char name[] = "a-long-name-of-a-contact-that-leaves-little-room-"
							   "for-whatever-else-is-kept-of-it-and-more-of-it";
	char contact[140];
	ask_t asked = volte;
	int room;

	begin();
	ask(&volte);
	room = REGMON_STRINGS_BYTES
		   - the("imsi:262019876543210")->string_end[REGMON_STRINGS_N - 1];
	end();
	assert_in_range(room - 30, 1, sizeof(name) - 1);
	snprintf(contact, sizeof(contact), "sip:%.*s%s", room - 30, name,
			volte.contact + 4);
	begin();
	asked.contact = contact;
	ask(&asked);
	answer(&asked,
			(answer_t){.code = 200,
					.lines = "P-Associated-URI: <sip:one@ims.example.org>, "
							 "<sip:second-one-with-a-long-name@ims.example.org>"
							 "\r\n"});
	regmon_identities_hide(secret);
	assert_true(the("imsi:262019876543210")->cut_strings
						>> REGMON_STRING_ASSOCIATED
				& 1);
	assert_string_equal(
			shown("imsi:262019876543210", REGMON_IDENTITY_ASSOCIATED),
			by_openssl("impu:", "sip:one@ims.example.org"));
	close_hidden();
}

static void test_found_by_what_was_shown(void **state)
{
	static const regmon_identity_t kinds[] = {REGMON_IDENTITY_IMPU,
			REGMON_IDENTITY_IMPI, REGMON_IDENTITY_IMSI, REGMON_IDENTITY_MSISDN,
			REGMON_IDENTITY_IMEI, REGMON_IDENTITY_INSTANCE,
			REGMON_IDENTITY_CONTACT, REGMON_IDENTITY_SOURCE,
			REGMON_IDENTITY_CALL_ID};
	char text[100];
	unsigned i;

	open_hidden();
	for(i = 0; i < REGMON_COUNT(kinds); i++) {
		snprintf(text, sizeof(text), "%s",
				shown("imsi:262019876543210", kinds[i]));
		assert_string(the(text), REGMON_STRING_CALL_ID, volte.call_id);
		/* a field that is pasted behind its own name */
		memmove(text + strcspn(text, ":") + 1, text, strlen(text) + 1);
		assert_string(the(text), REGMON_STRING_CALL_ID, volte.call_id);
	}
	snprintf(text, sizeof(text), "%s:40001", by_openssl("addr:", "192.0.2.7"));
	assert_int_equal(find_all(text, NULL, 0), 1);
	snprintf(text, sizeof(text), "%s:40002", by_openssl("addr:", "192.0.2.7"));
	assert_int_equal(find_all(text, NULL, 0), 0);
	snprintf(text, sizeof(text), "%s:5062", by_openssl("addr:", "10.20.30.40"));
	assert_int_equal(find_all(text, NULL, 0), 1);
	/* upper case, and what is none */
	snprintf(text, sizeof(text), "%s", by_openssl("imsi:", "262019876543210"));
	for(i = 0; text[i]; i++)
		text[i] = (char)(text[i] >= 'a' ? text[i] - 32 : text[i]);
	assert_int_equal(find_all(text, NULL, 0), 1);
	text[strlen(text) - 1] = '\0';
	assert_int_equal(find_all(text, NULL, 0), 0);
	assert_int_equal(
			find_all(by_openssl("imsi:", "262019876543211"), NULL, 0), 0);
	/* the hash of one kind is none of another */
	snprintf(text, sizeof(text), "impi:%s",
			by_openssl("imsi:", "262019876543210") + 5);
	assert_int_equal(find_all(text, NULL, 0), 0);
	/* and it is no word for itself */
	assert_int_equal(
			find_all(by_openssl("imsi:", "262019876543210") + 5, NULL, 0), 0);
	close_hidden();
}

/* A Call-ID may look like a pseudonym. */
static void test_call_id_of_sixteen_digits(void **state)
{
	static const ask_t alike = {.to = "sip:carol@example.org",
			.call_id = "0123456789abcdef", .contact = "sip:c@10.9.9.9",
			.instance = ""};

	open_hidden();
	ask(&alike);
	assert_string(the("callid:0123456789abcdef"), REGMON_STRING_IMPU, alike.to);
	assert_string(the(by_openssl("callid:", "0123456789abcdef")),
			REGMON_STRING_IMPU, alike.to);
	close_hidden();
}

static void test_forgotten_by_pseudonym(void **state)
{
	regmon_who_t who;
	const char *text = by_openssl("imsi:", "262019876543210");

	open_hidden();
	assert_true(regmon_who_read((str){(char *)text, (int)strlen(text)}, &who));
	assert_int_equal(regmon_table_forget(table, &who), 1);
	assert_int_equal(find_all("imsi:262019876543210", NULL, 0), 0);
	assert_int_equal(find_all("callid:at home", NULL, 0), 1);
	assert_int_equal(regmon_table_forget(table, NULL), 1);
	close_hidden();
}

/* whatever strangers write, in strings of every length */
static void test_any_bytes(void **state)
{
	char text[200];
	unsigned which, round, i;
	str value;

	regmon_identities_hide(secret);
	srand(4711);
	for(round = 0; round < 20000; round++) {
		int length = rand() % (int)sizeof(text);

		for(i = 0; i < (unsigned)length; i++)
			text[i] = rand() % 2 ? (char)('0' + rand() % 10) : (char)rand();
		for(which = 0; which < REGMON_IDENTITIES_N; which++) {
			value = regmon_identity_shown(
					which, (str){text, length}, buffer);
			assert_in_range(value.len, 0, sizeof(text));
			assert_true(value.s == text || value.len <= (int)sizeof(buffer));
			if(length && value.s == buffer && which <= REGMON_IDENTITY_CALL_ID)
				assert_in_range(value.len, 21, REGMON_IDENTITY_LENGTH);
		}
	}
	regmon_identities_hide(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_clear),
			harness_test(test_each_kind),
			harness_test(test_one_identity_one_pseudonym),
			harness_test(test_another_key_another_pseudonym),
			harness_test(test_contact_shows_its_address),
			harness_test(test_texts_of_strangers),
			harness_test(test_own_name_in_texts), harness_test(test_cells),
			harness_test(test_associated), harness_test(test_cut_list),
			harness_test(test_found_by_what_was_shown),
			harness_test(test_call_id_of_sixteen_digits),
			harness_test(test_forgotten_by_pseudonym),
			harness_test(test_any_bytes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
