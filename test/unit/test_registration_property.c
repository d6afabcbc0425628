/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fifty phones, a core and a network that do as they like, a clock that jumps and memory that is not there: whatever the
 * order of messages, the table stays sound and no attempt is lost or counted twice. */
#include "test/unit/registration_network.h"

#define PHONES 50
#define STEPS 200000
#define CHECK_EVERY 500

/* xorshift64*: the same row on every machine */
static uint64_t random_state;

static unsigned draw(unsigned below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (unsigned)((random_state * 0x2545f4914f6cdd1dULL) >> 33) % below;
}

typedef struct phone
{
	char to[60], contact[60], call_id[40], branch[40], tag[16], instance[60],
			source[20];
	ask_t ask, before;
	char branch_before[40], call_id_before[40];
} phone_t;

static phone_t phones[PHONES];
static unsigned heard; /* what a registrar said of bindings that have a record */
static int64_t latest_ms; /* the latest that the clock has shown */
static unsigned without_memory; /* messages told of that tm does not follow */

static void new_call_id(phone_t *phone, unsigned number)
{
	snprintf(phone->call_id, sizeof(phone->call_id), "c%u-%u", number,
			draw(1000000));
	snprintf(phone->tag, sizeof(phone->tag), "t%u", draw(3));
}

static void make_phone(phone_t *phone, unsigned number)
{
	memset(phone, 0, sizeof(*phone));
	/* some share an IMPU, some an address */
	snprintf(phone->to, sizeof(phone->to), "sip:user%u@example.org",
			number / 2 * (1 + number % 2));
	snprintf(phone->contact, sizeof(phone->contact), "sip:u%u@10.0.0.%u",
			number, number);
	snprintf(phone->instance, sizeof(phone->instance),
			"<urn:gsma:imei:35609911-%06u-0>", number);
	snprintf(phone->source, sizeof(phone->source), "10.0.0.%u", number % 9);
	new_call_id(phone, number);
	phone->ask = (ask_t){.to = phone->to, .contact = phone->contact,
			.call_id = phone->call_id, .branch = phone->branch,
			.tag = phone->tag, .source = phone->source,
			.instance = number % 3 ? phone->instance : "",
			.plain = number % 3 == 0, .cseq = 1};
}

static void send_register(phone_t *phone, unsigned number)
{
	static const credentials_t credentials[] = {NO_AUTHORIZATION, EMPTY,
			EMPTY, RESPONSE, RESPONSE, AUTS, REFUSED};

	phone->before = phone->ask;
	strcpy(phone->branch_before, phone->branch);
	strcpy(phone->call_id_before, phone->call_id);
	phone->before.branch = phone->branch_before;
	phone->before.call_id = phone->call_id_before;
	if(draw(6) == 0)
		new_call_id(phone, number);
	if(draw(20) == 0)
		snprintf(phone->contact, sizeof(phone->contact), "sip:u%u@10.0.%u.%u",
				number, draw(4), number);
	if(draw(15))
		phone->ask.cseq++;
	else
		phone->ask.cseq = 1 + draw(3);
	snprintf(phone->branch, sizeof(phone->branch), "z9hG4bK%u", draw(1u << 30));
	phone->ask.credentials =
			credentials[draw(sizeof(credentials) / sizeof(*credentials))];
	phone->ask.security_verify = draw(3) == 0;
	phone->ask.expires_0 = draw(8) == 0;
	phone->ask.contact = draw(12) ? phone->contact : draw(2) ? "*" : "";
	phone->ask.reg_id = draw(30) ? NULL : draw(2) ? "1" : "2";
	phone->ask.vias = draw(25) ? 1 : 2;
	phone->ask.cseq_text = draw(100) ? NULL : "x";
	ask(&phone->ask);
}

static void send_answer(phone_t *phone)
{
	static const int codes[] = {200, 200, 200, 200, 401, 401, 401, 403, 423,
			421, 494, 500, 408, 302, 100, 699};
	static const char *const lists[] = {
			NULL, NULL, NULL, NULL, "", "<sip:else@10.8.8.8>"};
	answer_t given = {.code = codes[draw(sizeof(codes) / sizeof(*codes))],
			.contacts = lists[draw(6)],
			.granted = 1 + (int)draw(600),
			.granted_0 = draw(40) == 0,
			/* the second one is RAND and AUTN in form */
			.nonce = draw(3) ? "n1"
							 : "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="};
	const ask_t *to = draw(12) ? &phone->ask : &phone->before;

	if(draw(3))
		answer_in(to, given);
	if(draw(10))
		answer(to, given);
	if(draw(10) == 0)
		answer(to, given);
}

static bool count_open(
		const regmon_registration_t *registration, void *context)
{
	*(unsigned *)context += registration->attempt.ended_ms == 0;
	return true;
}

static unsigned open_attempts(void)
{
	uint32_t cursor = 0;
	unsigned n = 0;

	regmon_table_visit(table, &cursor, count_open, &n);
	return n;
}

static void forget_some(void)
{
	unsigned before = open_attempts(), number = draw(PHONES);
	regmon_who_t who = {REGMON_WHO_ANY,
			{phones[number].to, (int)strlen(phones[number].to)}};

	regmon_table_forget(table, draw(20) ? &who : NULL);
	lost_open += before - open_attempts();
}

#define HOUR (3600 * SECOND)

static void let_time_pass(void)
{
	if(now_ms > latest_ms)
		latest_ms = now_ms;
	switch(draw(200) ? draw(20) : 20 + draw(2)) {
		case 20:
			now_ms -= HOUR;
			break;
		case 21:
			now_ms += HOUR;
			break;
		case 0:
			now_ms += draw(300) * SECOND;
			break;
		case 1:
			now_ms -= draw(1500);
			break;
		case 2:
			now_ms += draw(130) * SECOND;
			break;
		default:
			now_ms += draw(1200);
	}
	if(draw(3) == 0)
		regmon_table_expire(table, now_ms);
}

/* tm has no memory to tell of what it does: its answers only pass */
static void is_not_followed(phone_t *phone, unsigned number)
{
	answer_t given = {.code = draw(2) ? 200 : 401};

	send_register(phone, number);
	without_message(&phone->ask, REGMON_HAPPENING_NOT_FOLLOWED, 0);
	assert_true(regmon_table_misses_answers(table, now_ms));
	answers_pass = true;
	if(draw(3))
		answer_in(&phone->ask, given);
	if(draw(3))
		answer(draw(8) ? &phone->ask : &phone->before, given);
	answers_pass = false;
	without_memory++;
}

/* a registrar that says what it likes of anybody */
static void network_speaks(const phone_t *phone)
{
	static const char *const registrations[] = {
			"active", "active", "active", "terminated", "init"};
	static const char *const attributes[] = {" expires=\"30\" retry-after=\"9\"",
			" expires=\"600\" retry-after=\"0\" callid=\"c1\" cseq=\"2\""};
	const telling_t told = {
			.aor = draw(4) ? phone->to : "tel:+49151",
			.contact = phone->contact,
			.event = regmon_reginfo_event_name(
					1 + draw(REGMON_REGINFO_EVENTS_N - 1)),
			.registration = registrations[draw(5)],
			.document = draw(3) ? "partial" : "full",
			.attributes = attributes[draw(2)],
			.gap = draw(8) == 0};

	tell(&told);
	heard += report.known;
}

static void store_acts(const phone_t *phone)
{
	store_tells(1 + draw(REGMON_STORES_N - 1), 1 + draw(REGMON_STORED_N - 1),
			draw(4) ? phone->to : NULL, draw(6) ? phone->contact : NULL);
}

static void step(void)
{
	unsigned number = draw(PHONES);
	phone_t *phone = &phones[number];
	ask_t deeper;

	harness_fail_allocation = draw(50) == 0;
	switch(draw(19)) {
		case 18:
			is_not_followed(phone, number);
			break;
		case 0:
		case 1:
		case 2:
		case 3:
		case 4:
			send_register(phone, number);
			break;
		case 5:
			ask(&phone->ask);
			break;
		case 6:
			ask(&phone->before);
			break;
		case 7:
			deeper = phone->ask;
			deeper.vias = 2 + (int)draw(2);
			deeper.branch = "z9hG4bKdeeper";
			ask(&deeper);
			sent_on(&deeper);
			break;
		case 8:
			sent_on(&phone->ask);
			break;
		case 9:
			without_message(&phone->ask, REGMON_HAPPENING_TRANSACTION_ENDED,
					draw(2) ? 0 : 403);
			break;
		case 10:
			if(draw(40) == 0)
				forget_some();
			let_time_pass();
			break;
		case 11:
			let_time_pass();
			break;
		case 12:
			network_speaks(phone);
			break;
		case 13:
			store_acts(phone);
			break;
		default:
			send_answer(phone);
	}
	harness_fail_allocation = 0;
}

static void check_sums(void)
{
	regmon_table_numbers_t numbers;
	unsigned state, records = 0, open = open_attempts();

	check_clean();
	regmon_table_count(table, &numbers);
	for(state = 0; state < REGMON_STATES_N; state++)
		records += numbers.in_state[state];
	assert_int_equal(records, numbers.registrations);
	assert_true(numbers.registrations <= numbers.max_registrations);
	assert_int_equal(told[REGMON_EVENT_ATTEMPT_OPENED],
			told[REGMON_EVENT_ATTEMPT_ENDED] + open + lost_open);
	assert_int_equal(results[REGMON_RESULT_OPEN], 0);
	assert_true(numbers.evicted == told[REGMON_EVENT_EVICTED]);
	assert_int_equal(numbers.dropped, told[REGMON_EVENT_DROPPED]);
	assert_true(numbers.evicted_for_memory <= numbers.evicted);
	assert_int_equal(numbers.not_followed, without_memory);
}

/* FNV-1a over what a record remembers, order and addresses apart */
static bool digest_record(
		const regmon_registration_t *registration, void *context)
{
	const unsigned char *bytes = (const unsigned char *)registration;
	uint64_t hash = 0xcbf29ce484222325ULL;
	size_t i, size = regmon_table_record_size(table);

	for(i = offsetof(regmon_registration_t, nonce_issued); i < size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	*(uint64_t *)context += hash ^ registration->state ^ registration->due_s;
	return true;
}

static uint64_t run(uint64_t seed, unsigned steps, unsigned max_registrations)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	uint64_t digest = 0;
	uint32_t cursor = 0;
	unsigned i;

	random_state = seed;
	heard = without_memory = 0;
	latest_ms = 0;
	limits.max_registrations = max_registrations;
	limits.timeline_length = 8;
	limits.keep_ended_s = 1000;
	begin_with(&limits);
	for(i = 0; i < PHONES; i++)
		make_phone(&phones[i], i);
	for(i = 1; i <= steps; i++) {
		step();
		if(i % CHECK_EVERY == 0)
			check_sums();
	}
	check_sums();
	regmon_table_visit(table, &cursor, digest_record, &digest);
	/* nothing is stuck: with time enough everything ends and goes */
	pass_ms(latest_ms > now_ms ? latest_ms - now_ms : 0);
	pass_ms(3800 * SECOND);
	assert_int_equal(open_attempts(), 0);
	pass_ms(1100 * SECOND);
	check_sums();
	assert_int_equal(harness_live_blocks, 7);
	/* the run was worth it */
	for(i = 0; i < REGMON_RESULTS_N; i++)
		if(i != REGMON_RESULT_OPEN && results[i] == 0)
			fail_msg("no attempt ended as %s",
					regmon_result_name(i));
	assert_true(told[REGMON_EVENT_RETRANSMISSION] > 100);
	assert_true(told[REGMON_EVENT_NOT_SENT] > 10);
	assert_true(heard > 100);
	assert_true(max_registrations > 1000 || told[REGMON_EVENT_EVICTED] > 100);
	end();
	return digest;
}

static void test_any_order(void **state)
{
	run(1, STEPS / 2, 30);
	run(2, STEPS / 4, 12);
	run(3, STEPS / 4, 2000);
}

static void test_same_seed_same_records(void **state)
{
	uint64_t digest = run(7, 10000, 30);

	assert_true(digest != 0);
	assert_true(run(7, 10000, 30) == digest);
	assert_true(run(8, 10000, 30) != digest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_any_order),
			harness_test(test_same_seed_same_records)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
