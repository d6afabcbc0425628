/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a record keeps of texts: how they share its room, what is cut, and what is not kept twice. */
#include "test/unit/registration_world.h"

#include "registration/identity.h"

static void assert_shown(const regmon_registration_t *registration,
		regmon_identity_t which, const char *expected)
{
	char buffer[REGMON_IDENTITY_LENGTH];
	str value = regmon_identity_of(registration, which, buffer);

	assert_int_equal(value.len, strlen(expected));
	assert_memory_equal(value.s, expected, value.len);
}

static void test_long_strings(void **state)
{
	char to[400], contact[600], call_id[500], impi[300], instance[300];
	ask_t first = {.to = to, .contact = contact, .call_id = call_id,
			.impi = impi, .instance = instance, .credentials = EMPTY};
	ask_t second;
	const regmon_registration_t *phone;

	memset(to, 'u', sizeof(to));
	memcpy(to, "sip:", 4);
	strcpy(to + 300, "@example.org");
	memset(contact, 'c', sizeof(contact));
	memcpy(contact, "sip:", 4);
	strcpy(contact + 500, "@10.0.0.1:5060");
	memset(call_id, 'i', sizeof(call_id));
	call_id[sizeof(call_id) - 1] = '\0';
	memset(impi, 'p', sizeof(impi));
	impi[sizeof(impi) - 1] = '\0';
	memset(instance, 'n', sizeof(instance));
	instance[sizeof(instance) - 1] = '\0';
	begin();
	exchange(&first, (answer_t){.code = 401});
	second = first;
	second.cseq = 2;
	second.branch = "z9hG4bK2";
	second.credentials = RESPONSE;
	exchange(&second, (answer_t){.code = 200});
	phone = the(to);
	assert_counts(phone, 1, 1, 0);
	assert_state(phone, REGMON_STATE_REGISTERED);
	assert_int_equal(regmon_supplement_of(phone)->cseq_regressions, 0);
	assert_true(phone->cut_strings >> REGMON_STRING_IMPU & 1);
	assert_true(phone->cut_strings >> REGMON_STRING_CALL_ID & 1);
	/* a Call-ID that differs only behind the part that is kept is another one */
	call_id[400] = 'x';
	second.cseq = 1;
	second.branch = "z9hG4bK3";
	ask(&second);
	assert_counts(the(to), 2, 1, 0);
	assert_int_equal(regmon_supplement_of(the(to))->cseq_regressions, 0);
	end();
}

static void test_packed_strings(void **state)
{
	void *block = calloc(1, regmon_registration_size(4));
	regmon_registration_t *registration = block;
	char text[REGMON_STRINGS_BYTES];
	int i, total = 0;

	assert_non_null(block);
	memset(text, 'x', sizeof(text));
	regmon_registration_set_string(
			registration, REGMON_STRING_REASON, REGMON_TEXT("end"));
	regmon_registration_set_string(
			registration, REGMON_STRING_IMPU, REGMON_TEXT("sip:a@b"));
	regmon_registration_set_string(
			registration, REGMON_STRING_CELL, REGMON_TEXT("cell"));
	regmon_registration_set_string(
			registration, REGMON_STRING_IMPU, REGMON_TEXT("sip:longer@b"));
	assert_string(registration, REGMON_STRING_REASON, "end");
	assert_string(registration, REGMON_STRING_CELL, "cell");
	assert_string(registration, REGMON_STRING_IMPU, "sip:longer@b");
	assert_string(registration, REGMON_STRING_IMPI, "");
	assert_int_equal(registration->cut_strings, 0);
	for(i = 0; i < REGMON_STRINGS_N; i++)
		regmon_registration_set_string(
				registration, i, (str){text, sizeof(text)});
	for(i = 0; i < REGMON_STRINGS_N; i++)
		total += regmon_registration_string(registration, i).len;
	assert_int_equal(total, REGMON_STRINGS_BYTES);
	/* nothing was kept of the last: it is equal to nothing */
	assert_int_equal(
			regmon_registration_string(registration, REGMON_STRING_DEVICE).len,
			0);
	assert_false(regmon_registration_string_is(
			registration, REGMON_STRING_DEVICE, REGMON_TEXT("Phone")));
	assert_true(regmon_registration_string_is(
			registration, REGMON_STRING_IMPU, (str){text, sizeof(text)}));
	assert_false(regmon_registration_string_is(
			registration, REGMON_STRING_IMPU, (str){text, 20}));
	regmon_registration_set_string(
			registration, REGMON_STRING_IMPU, (str){NULL, 0});
	regmon_registration_set_string(
			registration, REGMON_STRING_DEVICE, REGMON_TEXT("Phone"));
	assert_string(registration, REGMON_STRING_DEVICE, "Phone");
	free(block);
}

/* The IMPI mostly is the IMPU without its scheme; it is not kept twice and read all the same. */
static void test_impi_inside_impu(void **state)
{
	regmon_registration_t *registration =
			calloc(1, regmon_registration_size(4));
	int before;

	assert_non_null(registration);
	regmon_registration_set_string(
			registration, REGMON_STRING_IMPU, REGMON_TEXT("sip:1@home.net"));
	before = registration->string_end[REGMON_STRINGS_N - 1];
	regmon_registration_set_string(
			registration, REGMON_STRING_IMPI, REGMON_TEXT("1@home.net"));
	assert_int_equal(registration->string_end[REGMON_STRINGS_N - 1], before);
	assert_string(registration, REGMON_STRING_IMPI, "1@home.net");
	assert_true(regmon_registration_string_is(
			registration, REGMON_STRING_IMPI, REGMON_TEXT("1@home.net")));
	regmon_registration_set_string(
			registration, REGMON_STRING_IMPI, REGMON_TEXT("2@home.net"));
	assert_string(registration, REGMON_STRING_IMPI, "2@home.net");
	assert_string(registration, REGMON_STRING_IMPU, "sip:1@home.net");
	regmon_registration_set_string(
			registration, REGMON_STRING_IMPI, (str){NULL, 0});
	assert_string(registration, REGMON_STRING_IMPI, "");
	free(registration);
}

/* A known access type is kept as its number, as it was written all the same. */
static void test_access_types(void **state)
{
	static const struct
	{
		const char *type;
		bool known;
	} types[] = {{"3GPP-E-UTRAN-FDD", true}, {"3gpp-e-utran-fdd", false},
			{"XGPON1", true}, {"VLC-802.15.7", false}, {"DVB-RCS2", true}};
	char branch[20];
	ask_t asked = {.branch = branch};
	unsigned i;

	begin();
	for(i = 0; i < REGMON_COUNT(types); i++) {
		snprintf(branch, sizeof(branch), "z9hG4bK%u", i);
		asked.cseq = i + 1;
		asked.access = types[i].type;
		ask(&asked);
		assert_shown(
				the_phone(), REGMON_IDENTITY_ACCESS_TYPE, types[i].type);
		assert_string(the_phone(), REGMON_STRING_ACCESS_TYPE,
				types[i].known ? "" : types[i].type);
	}
	end();
}

static void set_associated(regmon_registration_t *registration,
		const char *impu, const char *list)
{
	regmon_registration_set_string(registration, REGMON_STRING_IMPU,
			(str){(char *)impu, (int)strlen(impu)});
	regmon_registration_set_string(registration, REGMON_STRING_ASSOCIATED,
			(str){(char *)list, (int)strlen(list)});
}

static void test_associated_in_full(void **state)
{
	regmon_registration_t *registration =
			calloc(1, regmon_registration_size(4));

	assert_non_null(registration);
	set_associated(registration, "sip:1@home.net", "sip:+2@,tel:+2,sip:3@");
	assert_shown(registration, REGMON_IDENTITY_ASSOCIATED,
			"sip:+2@home.net,tel:+2,sip:3@home.net");
	set_associated(registration, "sip:1@home.net", "sip:2@other.net,sip:3@");
	assert_shown(registration, REGMON_IDENTITY_ASSOCIATED,
			"sip:2@other.net,sip:3@home.net");
	/* cut behind the "@": whose domain it was is not known any more */
	registration->cut_strings |= 1u << REGMON_STRING_ASSOCIATED;
	assert_shown(registration, REGMON_IDENTITY_ASSOCIATED,
			"sip:2@other.net,sip:3@");
	set_associated(registration, "tel:+1", "sip:2@other.net");
	assert_shown(
			registration, REGMON_IDENTITY_ASSOCIATED, "sip:2@other.net");
	/* all the room there is */
	set_associated(registration,
			"sip:1@a-domain-of-45-bytes.with-much-in-it.home.net", "aa@,b@");
	assert_shown(registration, REGMON_IDENTITY_ASSOCIATED,
			"aa@a-domain-of-45-bytes.with-much-in-it.home.net,"
			"b@a-domain-of-45-bytes.with-much-in-it.home.net");
	/* whatever stands there: not more than there is room for */
	set_associated(registration, "sip:1@a-domain-of-a-fair-length.home.net",
			"a@,b@,c@,d@,e@,f@");
	assert_shown(registration, REGMON_IDENTITY_ASSOCIATED,
			"a@a-domain-of-a-fair-length.home.net,"
			"b@a-domain-of-a-fair-length.home.net,c@,d@,e@,f@");
	free(registration);
}

/* All strings of a usual VoNR phone have room, and the record stays small. */
static void test_usual_strings_fit(void **state)
{
	ask_t asked = {.credentials = RESPONSE, .security_verify = true,
			.call_id = "a84b4c76e66710c8b7d2f1e0@10.46.0.17",
			.contact = "sip:001010000000001@10.46.0.17:50602;transport=udp",
			.source = "2001:db8:46::10:17",
			.access = "3GPP-NR-FDD;utran-cell-id-3gpp=0010100000100a1b2c30"};
	const regmon_registration_t *phone;

	begin();
	exchange(&asked, (answer_t){.code = 403, .reason = "Forbidden - no such user"});
	phone = the_phone();
	assert_int_equal(phone->cut_strings, 0);
	assert_true(phone->string_end[REGMON_STRINGS_N - 1] > 200);
	assert_shown(phone, REGMON_IDENTITY_ACCESS_TYPE, "3GPP-NR-FDD");
	assert_string(phone, REGMON_STRING_PLMN, "00101");
	assert_string(phone, REGMON_STRING_TAC, "000001");
	assert_in_range(regmon_registration_size(16), 1, 1600);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			world_test(test_long_strings),
			world_test(test_packed_strings),
			world_test(test_impi_inside_impu),
			world_test(test_access_types),
			world_test(test_associated_in_full),
			world_test(test_usual_strings_fit)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
