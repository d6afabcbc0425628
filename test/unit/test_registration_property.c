/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fifty phones, a core and a network that do as they like, a clock that jumps and memory that is not there: whatever the
 * order of messages, the table stays sound, no attempt is lost or counted twice, and what is said of the causes holds
 * together and is the same each time. */
#include "diagnosis/diagnosis.h"
#include "test/unit/rules_fixture.h"

#define PHONES 50
/* with those of the short runs a million */
#define STEPS 960000
#define SHORT_RUN 15000
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

#include "test/unit/registration_rounds.h"

static phone_t phones[PHONES];
static unsigned heard; /* what a registrar said of bindings that have a record */
static int64_t latest_ms; /* the latest that the clock has shown */
static unsigned without_memory; /* messages told of that tm does not follow */

/* ---- what is said of the causes ---- */

static const regmon_thresholds_t thresholds = REGMON_THRESHOLDS_DEFAULT;
static unsigned levels[REGMON_MAX_CAUSES]; /* bits 1 << regmon_certainty_t that came up */
static uint64_t verdicts;				   /* digest of all of them, and of each change of causes */

static uint64_t causes_of(const regmon_registration_t *registration, int64_t at_ms)
{
	return regmon_diagnose_set(registration, &thresholds, at_ms);
}

/* FNV-1a */
static uint64_t hash_on(uint64_t hash, const void *bytes, size_t size)
{
	const unsigned char *byte = bytes;
	size_t i;

	for(i = 0; i < size; i++)
		hash = (hash ^ byte[i]) * 0x100000001b3ULL;
	return hash;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	return hash_on(hash, text, strlen(text) + 1);
}

static void note_causes(const regmon_event_t *event, void *context)
{
	verdicts = hash_on(verdicts, &event->causes_before, sizeof(uint64_t));
	verdicts = hash_on(verdicts, &event->causes_after, sizeof(uint64_t));
	verdicts = hash_on(verdicts, &event->now_ms, sizeof(event->now_ms));
}

/* what the written table says of this certainty, NULL: never */
static const char *level_of(
		const regmon_cause_t *cause, regmon_certainty_t certainty)
{
	return certainty == REGMON_CERTAIN	? cause->certain
		   : certainty == REGMON_LIKELY ? cause->likely
										: cause->possible;
}

static uint64_t check_verdict(const regmon_verdict_t *verdict, uint64_t hash)
{
	const regmon_cause_t *cause = regmon_cause_at(verdict->cause);
	unsigned i;

	assert_non_null(cause);
	if(!verdict->is_of_before) {
		if(level_of(cause, verdict->certainty) == NULL)
			fail_msg("%s is never %s", cause->id,
					regmon_certainty_name(verdict->certainty));
		levels[verdict->cause] |= 1u << verdict->certainty;
	}
	assert_in_range(verdict->evidence.n, 1, REGMON_MAX_EVIDENCE);
	for(i = 0; i < verdict->evidence.n; i++) {
		assert_true(strlen(verdict->evidence.line[i]) > 0);
		hash = hash_text(hash, verdict->evidence.line[i]);
	}
	hash = hash_text(hash, cause->id);
	hash = hash_text(hash, regmon_certainty_name(verdict->certainty));
	return hash_text(hash, verdict->suspect);
}

/* one record: its list and its set agree, and neither asks what the other does not know */
static bool check_diagnosis(
		const regmon_registration_t *registration, void *context)
{
	static regmon_diagnosis_t diagnosis;
	uint64_t set = causes_of(registration, now_ms), listed = 0;
	uint64_t hash = 0xcbf29ce484222325ULL;
	unsigned i;

	regmon_diagnose(registration, &thresholds, now_ms, &diagnosis);
	for(i = 0; i < diagnosis.n; i++) {
		hash = check_verdict(&diagnosis.list[i], hash);
		if(diagnosis.list[i].certainty >= REGMON_LIKELY)
			listed |= UINT64_C(1) << diagnosis.list[i].cause;
	}
	if(diagnosis.n < REGMON_MAX_VERDICTS)
		assert_true(set == listed);
	else
		assert_true((listed & ~set) == 0);
	/* the order of records in the table does not matter */
	*(uint64_t *)context += hash_text(hash, diagnosis.summary);
	return true;
}

static bool count_causes(
		const regmon_registration_t *registration, void *context)
{
	unsigned *with_cause = context;
	uint64_t causes;

	for(causes = registration->causes; causes; causes &= causes - 1)
		with_cause[__builtin_ctzll(causes)]++;
	return true;
}

static void check_causes(void)
{
	regmon_table_numbers_t numbers;
	unsigned with_cause[REGMON_COUNT(numbers.with_cause)] = {0};
	uint32_t cursor = 0;
	uint64_t sum = 0;

	regmon_table_visit(table, &cursor, check_diagnosis, &sum);
	verdicts = hash_on(verdicts, &sum, sizeof(sum));
	cursor = 0;
	regmon_table_visit(table, &cursor, count_causes, with_cause);
	regmon_table_count(table, &numbers);
	assert_memory_equal(
			with_cause, numbers.with_cause, sizeof(with_cause));
}

/* ---- what everybody does ---- */

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
	phone->has_lab_keys = number % 4 == 1;
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

	keep_before(phone);
	if(draw(6) == 0)
		new_call_id(phone, number);
	if(draw(20) == 0)
		snprintf(phone->contact, sizeof(phone->contact), "sip:u%u@10.0.%u.%u",
				number, draw(4), number);
	if(draw(15))
		phone->ask.cseq++;
	else
		phone->ask.cseq = 1 + draw(3);
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
			.nonce = draw(3) ? "n1" : VECTOR_NONCE};
	const ask_t *to = draw(12) ? &phone->ask : &phone->before;

	if(draw(3))
		answer_in(to, given);
	if(draw(10))
		answer(to, given);
	if(draw(10) == 0)
		answer(to, given);
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

	/* slabs of two records, so that they come and go; now and then none */
	harness_most_bytes = draw(50) ? 4000 : 1;
	switch(draw(21)) {
		case 20:
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
		case 14:
		case 15:
			whole_round(phone, number);
			break;
		default:
			send_answer(phone);
	}
	harness_most_bytes = 0;
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
	check_causes();
}

/* over what a record remembers, order and addresses apart */
static bool digest_record(
		const regmon_registration_t *registration, void *context)
{
	const size_t first = offsetof(regmon_registration_t, supplement)
						 + sizeof(registration->supplement);
	size_t size = regmon_table_record_size(table);
	char *of_one = calloc(1, size);
	uint64_t hash;

	assert_non_null(of_one);
	regmon_registration_copy(registration, of_one);
	hash = hash_on(0xcbf29ce484222325ULL, of_one + first, size - first);
	free(of_one);

	*(uint64_t *)context += hash ^ registration->state ^ registration->due_s;
	return true;
}

typedef struct room
{
	unsigned records, entries;
} room_t;

/* returns a digest of all records at the end, and of all that was said of causes on the way */
static uint64_t run(uint64_t seed, unsigned steps, room_t room)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	uint64_t digest = 0;
	uint32_t cursor = 0;
	unsigned i;

	random_state = seed;
	heard = without_memory = 0;
	latest_ms = 0;
	verdicts = 0;
	limits.max_registrations = room.records;
	limits.timeline_length = room.entries;
	limits.keep_ended_s = 1000;
	begin_with(&limits);
	assert_int_equal(regmon_events_listen(
							 1u << REGMON_EVENT_CAUSE, note_causes, NULL),
			0);
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
	assert_int_equal(harness_live_blocks, blocks_of_empty + 1);
	/* the run was worth it */
	for(i = 0; i < REGMON_RESULTS_N; i++)
		if(i != REGMON_RESULT_OPEN && results[i] == 0)
			fail_msg("no attempt ended as %s", regmon_result_name(i));
	assert_true(told[REGMON_EVENT_RETRANSMISSION] > 100);
	assert_true(told[REGMON_EVENT_NOT_SENT] > 10);
	assert_true(heard > 100);
	assert_true(room.records > 1000 || told[REGMON_EVENT_EVICTED] > 100);
	end();
	return hash_on(verdicts, &digest, sizeof(digest));
}

/* Each cause came up, as certain as its table says it can be, and less. */
static void check_levels(void)
{
	const regmon_cause_t *cause;
	regmon_certainty_t level;
	unsigned i, missing = 0;

	for(i = 0; (cause = regmon_cause_at(i)); i++)
		for(level = REGMON_POSSIBLE; level <= REGMON_CERTAIN; level++)
			if(level_of(cause, level) && !((levels[i] >> level) & 1)) {
				print_error("%s: never %s\n", cause->id,
						regmon_certainty_name(level));
				missing++;
			}
	assert_int_equal(missing, 0);
}

static void test_any_order(void **state)
{
	memset(levels, 0, sizeof(levels));
	run(1, STEPS / 2, (room_t){.records = 30, .entries = 16});
	run(2, STEPS / 4, (room_t){.records = 12, .entries = 8});
	run(3, STEPS / 4, (room_t){.records = 2000, .entries = 16});
	check_levels();
}

static void test_same_seed_same_verdicts(void **state)
{
	const room_t room = {.records = 30, .entries = 16};
	uint64_t digest = run(7, SHORT_RUN, room);

	assert_true(digest != 0);
	assert_true(run(7, SHORT_RUN, room) == digest);
	assert_true(run(8, SHORT_RUN, room) != digest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_any_order),
			harness_test(test_same_seed_same_verdicts)};
	int failed;

	world_diagnose = causes_of;
	plan = fixture_plan(NULL, true);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free((void *)plan);
	return failed;
}
