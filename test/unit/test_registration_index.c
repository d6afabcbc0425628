/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index of identities: it leads to a phone without a walk, also after phones have come again and again with new
 * Call-IDs and addresses, and it forgets what they had before. */
#include "test/unit/registration_world.h"

#include "registration/table_private.h"

#define PHONES 1000
#define ROUNDS 50
#define FEW_LOCKS 3 /* of slots; a walk takes one for each record */

/* ---- what the index holds ---- */
typedef struct holding
{
	unsigned hints, lacking;
} holding_t;

static holding_t holding(void)
{
	holding_t sum = {0, 0};
	unsigned bucket, way;

	for(bucket = 0; bucket < table->index_n; bucket++) {
		const uint32_t *words = &table->index[bucket * REGMON_INDEX_BUCKET];

		for(way = 0; way < REGMON_INDEX_WAYS; way++)
			sum.hints += words[way] != 0;
		sum.lacking += words[REGMON_INDEX_WAYS] & 0xffff;
	}
	return sum;
}

static void assert_holds(unsigned hints)
{
	holding_t sum = holding();

	if(sum.hints != hints || sum.lacking)
		fail_msg("%u hints and %u without room, not %u", sum.hints,
				sum.lacking, hints);
}

/* slots that the index names for it */
static unsigned named(const char *identity)
{
	uint32_t slots[REGMON_INDEX_MOST];
	bool may_lack;

	return regmon_index_slots(table, (str){(char *)identity, (int)strlen(identity)},
			slots, &may_lack);
}

static unsigned locks_for_finding(const char *who, unsigned expected)
{
	unsigned before = harness_locks_taken, n = find_all(who, NULL, 0);

	if(n != expected)
		fail_msg("\"%s\" finds %u, not %u", who, n, expected);
	return harness_locks_taken - before;
}

/* ---- many phones, many times ---- */
typedef struct phone
{
	char to[80], contact[80], call_id[60], source[20], instance[60], lines[200];
	ask_t ask;
} phone_t;

/* Every fourth is behind NAT. */
static void phone_comes(phone_t *phone, unsigned number, unsigned round)
{
	unsigned network = number % 4 ? 10 : 172;

	snprintf(phone->to, sizeof(phone->to),
			"sip:00101000%07u@ims.mnc001.mcc001.3gppnetwork.org", number);
	snprintf(phone->source, sizeof(phone->source), "10.%u.%u.%u", round,
			number / 200, number % 200 + 1);
	snprintf(phone->contact, sizeof(phone->contact), "sip:uuid@%u.%u.%u.%u:%u",
			network, round, number / 200, number % 200 + 1, 5000 + round);
	snprintf(phone->call_id, sizeof(phone->call_id), "r%un%u@%s", round,
			number, phone->source);
	snprintf(phone->instance, sizeof(phone->instance),
			"<urn:gsma:imei:35609911-%06u-0>", number);
	snprintf(phone->lines, sizeof(phone->lines),
			"P-Associated-URI: <sip:+1555%07u@ims.example.org>, "
			"<tel:+1555%07u>, <%s>\r\n",
			number, number, phone->to);
	phone->ask = (ask_t){.to = phone->to, .impi = phone->to + 4,
			.contact = phone->contact, .call_id = phone->call_id,
			.source = phone->source, .source_port = 5000 + (int)round,
			.instance = phone->instance, .branch = phone->call_id,
			.credentials = EMPTY};
	ask(&phone->ask);
	answer(&phone->ask, (answer_t){.code = 200, .lines = phone->lines});
}

/* Asks for the phone in every way; returns how many questions took a walk. */
static unsigned walks_for(const phone_t *phone, unsigned number)
{
	static const char *const forms[] = {"imsi:00101000%07u", "00101000%07u",
			"impi:00101000%07u@ims.mnc001.mcc001.3gppnetwork.org",
			"sip:00101000%07u@ims.mnc001.mcc001.3gppnetwork.org",
			"impu:sip:00101000%07u@ims.mnc001.mcc001.3gppnetwork.org",
			"00101000%07u@ims.mnc001.mcc001.3gppnetwork.org",
			"msisdn:+1555%07u", "1555%07u", "tel:+1555%07u",
			"sip:+1555%07u@ims.example.org", "imei:35609911-%06u-0",
			"35609911%06u", "35609911%06u0"};
	char who[100];
	unsigned walks = 0, i;

	for(i = 0; i < REGMON_COUNT(forms); i++) {
		snprintf(who, sizeof(who), forms[i], number);
		walks += locks_for_finding(who, 1) > FEW_LOCKS;
	}
	walks += locks_for_finding(phone->call_id, 1) > FEW_LOCKS;
	walks += locks_for_finding(phone->source, 1) > FEW_LOCKS;
	snprintf(who, sizeof(who), "callid:%s", phone->call_id);
	walks += locks_for_finding(who, 1) > FEW_LOCKS;
	snprintf(who, sizeof(who), "addr:%s:%d", phone->source,
			phone->ask.source_port);
	walks += locks_for_finding(who, 1) > FEW_LOCKS;
	snprintf(who, sizeof(who), "%s", strchr(phone->contact, '@') + 1);
	walks += locks_for_finding(who, 1) > FEW_LOCKS;
	return walks;
}

#define QUESTIONS 18

static void forget(const char *who, unsigned expected)
{
	regmon_who_t read;

	assert_true(regmon_who_read((str){(char *)who, (int)strlen(who)}, &read));
	assert_int_equal(regmon_table_forget(table, &read), expected);
}

static void test_phones_that_come_again(void **state)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	static phone_t phones[PHONES];
	unsigned i, round, walks = 0, once;
	char old[60];

	limits.max_registrations = PHONES;
	begin_with(&limits);
	for(i = 0; i < PHONES; i++)
		phone_comes(&phones[i], i, 0);
	/* IMSI, number, IMEI, Call-ID, address; and the Contact's behind NAT */
	once = holding().hints + holding().lacking;
	assert_int_equal(once, 5 * PHONES + PHONES / 4);
	for(round = 1; round <= ROUNDS; round++) {
		now_ms += 600 * SECOND;
		for(i = 0; i < PHONES; i++) {
			strcpy(old, phones[i].call_id);
			phone_comes(&phones[i], i, round);
			assert_int_equal(named(old), 0);
		}
	}
	assert_int_equal(holding().hints + holding().lacking, once);
	/* three quarters of all ways are taken, so few find both buckets full */
	assert_in_range(holding().lacking, 0, once / 100);
	for(i = 0; i < PHONES; i++)
		walks += walks_for(&phones[i], i);
	assert_in_range(walks, 0, QUESTIONS * PHONES / 100);
	check_clean();
	/* one is forgotten without a walk, by whatever it is known */
	for(i = walks = 0; i < PHONES / 4; i++) {
		snprintf(old, sizeof(old), i % 2 ? "imsi:00101000%07u" : "tel:+1555%07u", i);
		once = harness_locks_taken;
		forget(i % 3 ? old : phones[i].call_id, 1);
		/* and one of the order of eviction, one of the slabs */
		walks += harness_locks_taken - once > FEW_LOCKS + 2;
	}
	assert_in_range(walks, 0, PHONES / 100);
	check_clean();
	assert_int_equal(regmon_table_forget(table, NULL), PHONES - PHONES / 4);
	assert_holds(0);
	end();
}

/* ---- what several have in common ---- */

static void others_come(unsigned n)
{
	static phone_t phone;
	unsigned i;

	for(i = 0; i < n; i++)
		phone_comes(&phone, i, 0);
}

/* More than two buckets hold; those that stay are all found, whoever of them went. */
static void test_one_identity_of_many(void **state)
{
	char to[60], call_id[20], who[80];
	ask_t asked = {.to = to, .call_id = call_id, .impi = "family@example.org",
			.source = "192.0.2.99", .credentials = EMPTY, .instance = "",
			.contact = "sip:x@192.0.2.99"};
	unsigned i, left;

	begin();
	others_come(100);
	for(i = 0; i < 40; i++) {
		snprintf(to, sizeof(to), "sip:member%u@example.org", i);
		snprintf(call_id, sizeof(call_id), "c%u", i);
		ask(&asked);
	}
	assert_true(named("192.0.2.99") == REGMON_INDEX_MOST);
	for(left = 40; left > 0; left--) {
		locks_for_finding("impi:family@example.org", left);
		locks_for_finding("192.0.2.99", left);
		check_clean();
		/* in another order than they came */
		snprintf(who, sizeof(who), "impu:sip:member%u@example.org",
				left * 7 % 40);
		forget(who, 1);
	}
	assert_int_equal(named("family"), 0);
	assert_int_equal(named("192.0.2.99"), 0);
	/* all of them at once, also those that found no room in the index */
	for(i = 0; i < 40; i++) {
		snprintf(to, sizeof(to), "sip:member%u@example.org", i);
		snprintf(call_id, sizeof(call_id), "c%u", i);
		ask(&asked);
	}
	forget("192.0.2.99", 40);
	check_clean();
	forget("ims.example.org", 0);
	assert_int_equal(regmon_table_forget(table, NULL), 100);
	assert_holds(0);
	end();
}

/* Two bindings of one IMPU stand in one slot: what both have stays as long as one of them has it. */
static void test_two_of_one_slot(void **state)
{
	ask_t one = {.call_id = "both", .source = "192.0.2.5",
			.contact = "sip:x@Gate.example:5001", .credentials = EMPTY,
			.instance = "<urn:gsma:imei:35609911-000001-0>"};
	ask_t other = {.call_id = "both", .source = "192.0.2.5",
			.contact = "sip:x@gATE.example:5002", .credentials = EMPTY,
			.instance = "<urn:gsma:imei:35609911-000002-0>", .tag = "b",
			.branch = "z9hG4bK2"};

	begin();
	others_come(20);
	ask(&one);
	ask(&other);
	assert_in_range(locks_for_finding("192.0.2.5", 2), 1, FEW_LOCKS);
	assert_in_range(locks_for_finding("gate.example", 2), 1, FEW_LOCKS);
	/* one moves away */
	other.call_id = "new";
	other.branch = "z9hG4bK3";
	other.source = "192.0.2.6";
	other.contact = "sip:x@192.0.2.6:5002";
	ask(&other);
	assert_in_range(locks_for_finding("192.0.2.5", 1), 1, FEW_LOCKS);
	assert_in_range(locks_for_finding("gate.example", 1), 1, FEW_LOCKS);
	assert_in_range(locks_for_finding("both", 1), 1, FEW_LOCKS);
	assert_in_range(locks_for_finding("192.0.2.6", 1), 1, FEW_LOCKS);
	forget("new", 1);
	assert_in_range(locks_for_finding("imsi:001010000000001", 1), 1, FEW_LOCKS);
	assert_int_equal(named("192.0.2.6"), 0);
	forget("both", 1);
	assert_int_equal(named("both"), 0);
	assert_int_equal(named("001010000000001"), 0);
	assert_int_equal(regmon_table_forget(table, NULL), 19);
	assert_holds(0);
	end();
}

/* The flows of one device have its IMEI and its numbers in common. */
static void test_two_flows(void **state)
{
	const answer_t answered = {.code = 200,
			.lines = "P-Associated-URI: <tel:+4930111>\r\n"};
	ask_t flow = {.reg_id = "1", .credentials = EMPTY};

	begin();
	others_come(20);
	ask(&flow);
	answer(&flow, answered);
	flow.reg_id = "2";
	flow.call_id = flow.tag = "second";
	flow.contact = "sip:x@10.0.0.1:5099";
	flow.branch = "z9hG4bK2";
	ask(&flow);
	answer(&flow, answered);
	locks_for_finding("msisdn:4930111", 2);
	forget("second", 1);
	assert_in_range(locks_for_finding("msisdn:4930111", 1), 1, FEW_LOCKS);
	/* one of the twenty has it, too */
	assert_in_range(locks_for_finding("imei:35609911000001", 2), 1, FEW_LOCKS);
	end();
}

/* ---- odd identities ---- */
static void test_odd_forms(void **state)
{
	static const char long_call_id[] =
			"0123456789012345678901234567890123456789012345678901234567890123"
			"4567890123456789012345678901234567890123456789@host";
	static const ask_t asked[] = {
			{.to = "tel:+49-30-12345", .call_id = "six@[2001:db8::7]",
					.contact = "sip:x@[2001:DB8::1]:5066",
					.source = "2001:db8::1", .plain = true},
			{.to = "sip:Alice@Example.ORG:5060", .call_id = "@odd",
					.contact = "sip:alice@10.9.9.9", .source = "10.9.9.9",
					.plain = true},
			{.to = "sip:bob@example.org", .call_id = "12345678-123456-7@host",
					.contact = "sip:b@host.example", .source = "10.9.9.8",
					.plain = true},
			{.to = "sip:+4915112345678@ims.example.org;user=phone",
					.call_id = long_call_id, .source = "10.9.9.7",
					.contact = "sip:b@10.9.9.7", .plain = true}};
	static const char *const whos[] = {"2001:DB8::1", "[2001:db8::1]",
			"[2001:db8::1]:5066", "addr:[2001:db8::1]:5066", "+493012345",
			"tel:+49-30-12345", "six@[2001:db8::7]", "@odd", "callid:@odd",
			"12345678-123456-7@host", "10.9.9.9:5060", "host.example",
			"HOST.example:5060", "sip:Alice@example.org", "Alice@example.org",
			"msisdn:4915112345678", "4915112345678", long_call_id};
	unsigned i, locks;

	begin();
	others_come(100);
	for(i = 0; i < REGMON_COUNT(asked); i++)
		ask(&asked[i]);
	for(i = 0; i < REGMON_COUNT(whos); i++) {
		locks = locks_for_finding(whos[i], 1);
		if(locks > FEW_LOCKS)
			fail_msg("\"%s\" takes %u locks", whos[i], locks);
	}
	assert_int_equal(regmon_table_forget(table, NULL), 104);
	assert_holds(0);
	end();
}

/* A set of numbers that shrinks: those that are in it no more lead nowhere. */
static void test_another_set(void **state)
{
	ask_t asked = {.credentials = EMPTY};

	begin();
	others_come(20);
	ask(&asked);
	answer(&asked, (answer_t){.code = 200,
						   .lines = "P-Associated-URI: <tel:+4930111>, "
									"<sip:+4930111@a.example>, "
									"<sip:work@a.example>\r\n"});
	assert_int_equal(named("4930111"), 1);
	assert_int_equal(named("sip:work@a.example"), 1);
	asked.cseq = 2;
	asked.branch = "z9hG4bK2";
	ask(&asked);
	answer(&asked, (answer_t){.code = 200,
						   .lines = "P-Associated-URI: "
									"<sip:+4930111@b.example>\r\n"});
	assert_in_range(locks_for_finding("msisdn:4930111", 1), 1, FEW_LOCKS);
	assert_int_equal(named("sip:work@a.example"), 0);
	assert_int_equal(regmon_table_forget(table, NULL), 20);
	assert_holds(0);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			harness_test(test_phones_that_come_again),
			harness_test(test_one_identity_of_many),
			harness_test(test_two_of_one_slot), harness_test(test_two_flows),
			harness_test(test_odd_forms),
			harness_test(test_another_set)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
