/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Six phones, a core, a registrar and a contact store that do as they like, in whatever order, while time jumps and memory
 * runs out: the table stays sound, no attempt is lost or counted twice, and what readers get of it is well formed.
 *
 * The input is a program: four bytes for each step, of which the first says what happens and the second to whom (its low
 * three bits) and how; steps that need text take it from the bytes behind. doc/fuzzing.md has the table. */
#include "test/fuzz/json_check.h"
#include "test/unit/registration_network.h"

#include "measure/counters.h"
#include "show/json_writer.h"
#include "show/rows.h"
#include "show/rows_outgoing.h"

#define PHONES 6
#define MOST_STEPS 100
#define CHECK_EVERY 16
#define ANSWER_ROOM 30000
#define VECTOR "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="

typedef struct phone
{
	char to[60], contact[80], call_id[40], branch[40], tag[16], instance[60];
	char text[64]; /* what a stranger gave it to say */
	ask_t ask, before;
	char branch_before[40], call_id_before[40];
} phone_t;

typedef struct step
{
	unsigned what, a, b;
	unsigned number; /* of the phone */
	unsigned how;	 /* the five other bits of that byte */
	phone_t *phone;
} step_t;

static phone_t phones[PHONES];
static const uint8_t *at, *until;
static unsigned serial, blocks_at_start;
static bool granted_for_a_century; /* by a document: more seconds than the end of a sequence lets pass */
static int counters[REGMON_COUNTERS_N];
static regmon_plan_t *made_plan;
static regmon_monitor_t monitor;
static regmon_outbox_t *outbox;
static regmon_measure_t *measure; /* empty: for the readers, who ask it */
static const regmon_thresholds_t thresholds = REGMON_THRESHOLDS_DEFAULT;

static uint64_t diagnose(
		const regmon_registration_t *registration, int64_t at_ms)
{
	return regmon_diagnose_set(registration, &thresholds, at_ms);
}

static void sink(regmon_counter_t counter, int by)
{
	counters[counter] += by;
}

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	target_start();
	regmon_set_utc_offset(0);
	regmon_counters_set_sink(sink);
	made_plan = malloc(regmon_plan_size());
	measure = regmon_measure_make(20, key);
	demand(made_plan && measure, "no memory");
	regmon_plan_make(made_plan, NULL, NULL);
	blocks_at_start = harness_live_blocks;
	return 0;
}

/* ---- the world ---- */

static void make_phone(phone_t *phone, unsigned number)
{
	memset(phone, 0, sizeof(*phone));
	/* the last two are devices of one IMPU, the fifth has a number */
	snprintf(phone->to, sizeof(phone->to),
			number == 4 ? "tel:+4915100000%u" : "sip:00101000000000%u@a.org",
			number < 2 ? 0 : number);
	snprintf(phone->contact, sizeof(phone->contact), "sip:u%u@10.0.0.%u",
			number, number);
	snprintf(phone->instance, sizeof(phone->instance),
			"<urn:gsma:imei:35609911-%06u-0>", number);
	snprintf(phone->call_id, sizeof(phone->call_id), "c%u", number);
	snprintf(phone->tag, sizeof(phone->tag), "t");
	phone->ask = (ask_t){.to = phone->to,
			.contact = phone->contact,
			.call_id = phone->call_id,
			.branch = phone->branch,
			.tag = phone->tag,
			.instance = number == 3 ? "" : phone->instance,
			.plain = number == 3,
			.security_client = number != 3,
			.cseq = 1};
	phone->before = phone->ask;
}

static void begin_sequence(unsigned first)
{
	static const unsigned sizes[] = {64, 8, 5, 3};
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	unsigned i;

	limits.max_registrations = sizes[first & 3];
	limits.timeline_length = first & 4 ? 4 : 12;
	limits.keep_ended_s = 3600;
	now_ms = START_MS;
	table = regmon_table_make(&limits, key, diagnose);
	demand(table, "no memory");
	regmon_events_forget_listeners();
	memset(told, 0, sizeof(told));
	memset(results, 0, sizeof(results));
	memset(counters, 0, sizeof(counters));
	lost_open = 0;
	granted_for_a_century = false;
	outbox = regmon_outbox_make(32, regmon_table_record_size(table));
	demand(outbox && regmon_events_listen(~0u, listen, NULL) == 0
					&& regmon_counters_listen() == 0
					&& regmon_outbox_listen(outbox, REGMON_OUTGOING_ALL) == 0,
			"no room");
	plan = first & 8 ? NULL : made_plan;
	monitor = (regmon_monitor_t){.table = table,
			.plan = made_plan,
			.outbox = outbox,
			.measure = measure,
			.thresholds = &thresholds,
			.role = REGMON_ROLE_PCSCF,
			.node_name = REGMON_TEXT("node"),
			.started_ms = START_MS};
	for(i = 0; i < PHONES; i++)
		make_phone(&phones[i], i);
	serial = 0;
	by_lab_keys = NULL;
	answers_are_local = false;
	harness_fail_allocation = 0;
	harness_most_bytes = 0;
}

/* ---- invariants ---- */

static int sum_of(const char *start)
{
	int sum = 0;
	unsigned i;

	for(i = 0; i < REGMON_COUNTERS_N; i++)
		if(strncmp(regmon_counter_name(i), start, strlen(start)) == 0)
			sum += counters[i];
	return sum;
}

static void check_sums(void)
{
	regmon_table_numbers_t numbers;
	unsigned state, records = 0, open = open_attempts();
	char faults[2000];

	demand(regmon_table_check(table, faults, sizeof(faults)) == 0, "%s",
			faults);
	demand(harness_locks_held == 0, "a lock is still held");
	regmon_table_count(table, &numbers);
	for(state = 0; state < REGMON_STATES_N; state++)
		records += numbers.in_state[state];
	demand(records == numbers.registrations
					&& numbers.registrations <= numbers.max_registrations,
			"%u records in states, %u in all, %u at most", records,
			numbers.registrations, numbers.max_registrations);
	demand(told[REGMON_EVENT_ATTEMPT_OPENED]
					== told[REGMON_EVENT_ATTEMPT_ENDED] + open + lost_open,
			"%u attempts opened, %u ended, %u open, %u lost with their record",
			told[REGMON_EVENT_ATTEMPT_OPENED],
			told[REGMON_EVENT_ATTEMPT_ENDED], open, lost_open);
	demand(results[REGMON_RESULT_OPEN] == 0, "an attempt ended open");
	demand(numbers.evicted == told[REGMON_EVENT_EVICTED]
					&& numbers.dropped == told[REGMON_EVENT_DROPPED],
			"evicted or dropped without a word");
	demand(sum_of("attempts_") == (int)told[REGMON_EVENT_ATTEMPT_OPENED]
					&& sum_of("successes_") + sum_of("failures_")
							   == (int)told[REGMON_EVENT_ATTEMPT_ENDED],
			"counters: %d attempts, %d successes, %d failures",
			sum_of("attempts_"), sum_of("successes_"), sum_of("failures_"));
}

/* ---- what readers get ---- */

static void finish_json(regmon_json_writer_t *json, bool for_page)
{
	int length = regmon_json_writer_finish(json);

	if(length < 0)
		length = (int)strlen(json->text);
	json_check(json->text, length, for_page);
}

/* Events and records on their way to scripts, files and brokers. */
static void take_outgoing(void)
{
	static regmon_event_at_hand_t hand;
	static char text[REGMON_OUTGOING_MOST];
	regmon_json_writer_t json;
	int length;

	for(; (hand.outgoing = regmon_outbox_first(outbox));
			regmon_outbox_taken(outbox)) {
		/* one of four events, and every record */
		if(++serial % 4 && hand.outgoing->kind != REGMON_OUTGOING_RECORD)
			continue;
		regmon_diagnose(&hand.outgoing->record, &thresholds,
				hand.outgoing->now_ms, &hand.diagnosis);
		regmon_json_writer_start_plain(&json, text, sizeof(text));
		if(hand.outgoing->kind == REGMON_OUTGOING_RECORD)
			regmon_rows_record(&json.writer, &monitor, &hand, serial, 0);
		else
			regmon_rows_event(&json.writer, &monitor, &hand);
		length = regmon_json_writer_finish(&json);
		demand(length > 0, "a record too long for its buffer");
		json_check(text, length, false);
	}
}

static void read_one(const regmon_registration_t *record, unsigned which,
		char *text, int room)
{
	regmon_json_writer_t json;

	regmon_json_writer_start(&json, text, room);
	switch(which) {
		case 0:
			regmon_rows_why(&json.writer, &monitor, record, now_ms);
			break;
		case 1:
			regmon_rows_show(&json.writer, &monitor, record, now_ms);
			break;
		case 2:
			regmon_rows_timeline(&json.writer, record, 0, now_ms);
			break;
		case 3:
			regmon_rows_ladder(&json.writer, &monitor, record, now_ms);
			break;
		case 4:
			regmon_rows_decode_record(&json.writer, &monitor, record, now_ms);
			break;
		default:
			json.writer.open_list(&json.writer, "phones");
			regmon_rows_list_row(&json.writer, record, now_ms);
			json.writer.close_list(&json.writer);
	}
	finish_json(&json, true);
}

/* What this node says of its bindings is a document that it would read. */
static void check_own_document(void *records, unsigned n)
{
	static regmon_reginfo_t reginfo;
	static char text[ANSWER_ROOM];
	regmon_complaint_t complaint;
	regmon_document_t document;
	str whole;

	regmon_document_begin(&document, text, sizeof(text));
	regmon_document_add(&document, table, records, n, now_ms);
	whole = regmon_document_end(&document);
	demand(regmon_reginfo_read(whole, &reginfo, &complaint), "%s\n%.*s",
			complaint.text, whole.len, whole.s);
}

static void look(const step_t *step)
{
	static const char *const prefixes[] = {"", "impu:", "callid:", "addr:"};
	static char text[ANSWER_ROOM], who_text[100];
	void *records = malloc(4 * regmon_table_record_size(table));
	regmon_who_t who;
	unsigned n, i;

	demand(records, "no memory");
	snprintf(who_text, sizeof(who_text), "%s%s", prefixes[step->how & 3],
			(step->how & 3) == 2   ? step->phone->call_id
			: (step->how & 3) == 3 ? "10.0.0.1"
								   : step->phone->to);
	demand(regmon_who_read(text_of(who_text), &who), "nobody");
	n = regmon_table_find(table, &who, records, 4);
	for(i = 0; i < n && i < 4; i++)
		read_one(regmon_table_record_in(table, records, i), step->a % 6, text,
				step->b & 1 ? ANSWER_ROOM : 2048 + (int)step->b * 16);
	if(n > 0)
		check_own_document(records, n < 4 ? n : 4);
	free(records);
}

/* ---- steps ---- */

static void new_call_id(phone_t *phone, unsigned which)
{
	snprintf(phone->call_id, sizeof(phone->call_id), "c%td-%u",
			phone - phones, which);
}

/* a: bits of what is new; b: credentials, Contact, intervals */
static void send_register(const step_t *step)
{
	static const credentials_t credentials[] = {
			NO_AUTHORIZATION, EMPTY, EMPTY, RESPONSE, RESPONSE, RESPONSE, AUTS, REFUSED};
	static const int intervals[] = {3600, 600000, 60, 1};
	phone_t *phone = step->phone;
	unsigned a = step->a, b = step->b;

	phone->before = phone->ask;
	strcpy(phone->branch_before, phone->branch);
	strcpy(phone->call_id_before, phone->call_id);
	phone->before.branch = phone->branch_before;
	phone->before.call_id = phone->call_id_before;
	if(a & 1)
		new_call_id(phone, a >> 4);
	phone->ask.cseq = a & 2 ? 1 + (a >> 4) : phone->ask.cseq + 1;
	snprintf(phone->tag, sizeof(phone->tag), a & 4 ? "t%u" : "t", a >> 4);
	if(a & 8)
		snprintf(phone->contact, sizeof(phone->contact), "sip:u%u@10.0.%u.1",
				step->number, a >> 4);
	snprintf(phone->branch, sizeof(phone->branch), "z9hG4bK%u", ++serial);
	phone->ask.credentials = credentials[b & 7];
	phone->ask.security_verify = b & 8;
	phone->ask.expires_0 = (b & 0x30) == 0x30;
	phone->ask.expires = intervals[b >> 6];
	phone->ask.contact = (step->how & 3) == 1	? "*"
						 : (step->how & 3) == 2 ? ""
												: phone->contact;
	phone->ask.reg_id = step->how & 4 ? "1" : NULL;
	phone->ask.vias = step->how & 8 ? 2 : 1;
	phone->ask.nonce = step->how & 16 ? VECTOR : NULL;
	ask(&phone->ask);
}

static answer_t answer_by(const step_t *step)
{
	static const int codes[] = {200, 401, 403, 404, 408, 420, 421, 423, 480,
			486, 494, 500, 503, 504, 600, 699, 302, 407, 100, 183, 200, 401,
			405, 439, 440, 481, 555, 202, 305, 401, 200, 403};
	static const int grants[] = {3600, 60, 1, 600000};
	answer_t answer = {.code = codes[step->a & 31],
			.granted = grants[step->a >> 5 & 3],
			.granted_0 = step->a >> 7,
			.security_server = step->b & 1,
			.nonce = step->b & 2 ? VECTOR : "n1"};

	if(step->b & 4)
		answer.contacts = "<sip:else@10.8.8.8>;expires=60";
	else if(step->b & 8)
		answer.contacts = "";
	if(step->b & 16)
		answer.lines = "Retry-After: 30\r\nService-Route: <sip:orig@a.org>\r\n"
					   "P-Associated-URI: <tel:+49151>\r\n";
	if(step->b & 32)
		answer.lines = "Min-Expires: 7200\r\nUnsupported: path\r\n"
					   "Require: sec-agree\r\nWarning: 399 a \"b\"\r\n";
	if(step->b & 64)
		answer.reason = step->phone->text;
	answer.vias = step->b >> 7 ? 3 : 0;
	return answer;
}

static void send_answer(const step_t *step)
{
	const ask_t *to = step->how & 1 ? &step->phone->before : &step->phone->ask;
	answer_t given = answer_by(step);

	answers_are_local = step->how & 2;
	if(step->how & 4)
		answer_in(to, given);
	if(!(step->how & 8))
		answer(to, given);
	if(step->how & 16)
		answer(to, given);
	answers_are_local = false;
}

static void pass_through_core(const step_t *step)
{
	ask_t deeper = step->phone->ask;

	sent_on(&step->phone->ask);
	if(!(step->how & 1))
		return;
	deeper.vias = 2 + (step->a & 1);
	deeper.branch = "z9hG4bKdeeper";
	ask(&deeper);
	sent_on(&deeper);
}

/* seconds that matter to somebody */
static int64_t jump_of(const step_t *step)
{
	static const int64_t seconds[] = {1, 5, 31, 33, 61, 129, 241, 600, 1800,
			3599, 3601, 7200, 86400, 600000, -1, -3600};

	return seconds[step->a & 15] * SECOND * (step->a & 16 ? 1 + step->b : 1);
}

static void time_passes(const step_t *step)
{
	if(step->what & 1)
		now_ms += step->a * 256 + step->b;
	else
		now_ms += jump_of(step);
	if(now_ms < START_MS - 86400 * SECOND)
		now_ms = START_MS;
	if(step->how & 1)
		regmon_table_expire(table, now_ms);
}

static void network_speaks(const step_t *step)
{
	static const char *const registrations[] = {"active", "terminated", "init"};
	/* a document that leaves out what RFC 3680 wants is not read at all */
	static const char *const attributes[] = {
			" expires=\"0\" retry-after=\"0\"",
			" expires=\"30\" retry-after=\"9\"",
			" expires=\"600\" retry-after=\"9\" callid=\"c1\" cseq=\"2\"",
			" expires=\"4294967295\" retry-after=\"4294967295\""};
	const telling_t said = {
			.aor = step->b & 1 ? "tel:+49151" : step->phone->to,
			.contact = step->b & 2 ? "sip:else@10.8.8.8" : step->phone->contact,
			.event = regmon_reginfo_event_name(
					1 + step->a % (REGMON_REGINFO_EVENTS_N - 1)),
			.registration = registrations[(step->b >> 2) % 3],
			.document = step->b & 16 ? "full" : "partial",
			.attributes = attributes[step->b >> 5 & 3],
			.gap = step->b >> 7};

	granted_for_a_century |= said.attributes == attributes[3];
	tell(&said);
}

static void store_acts(const step_t *step)
{
	const regmon_store_news_t said = {
			.store = 1 + step->a % (REGMON_STORES_N - 1),
			.stored = 1 + (step->a >> 3) % (REGMON_STORED_N - 1),
			.was_pending = step->b & 1,
			.aor = text_of(step->b & 2 ? NULL : step->phone->to),
			.contact = text_of(step->b & 4 ? NULL : step->phone->contact),
			.call_id = text_of(step->b & 8 ? step->phone->call_id : NULL),
			.instance = text_of(step->b & 16 ? step->phone->instance : NULL)};

	regmon_table_stored(table, &said, now_ms);
}

static void forget(const step_t *step)
{
	unsigned before = open_attempts();
	regmon_who_t who = {REGMON_WHO_ANY, text_of(step->phone->to)};

	regmon_table_forget(table, step->a == 255 ? NULL : &who);
	lost_open += before - open_attempts();
}

/* The phone is given a text of its own to say: from here on in one of its headers. */
static void learn_text(const step_t *step)
{
	phone_t *phone = step->phone;
	unsigned length = step->a % sizeof(phone->text), i;

	if(length > until - at)
		length = (unsigned)(until - at);
	memcpy(phone->text, at, length);
	at += length;
	/* the world writes its messages with printf */
	for(i = 0; i < length; i++)
		if(phone->text[i] == '\0' || phone->text[i] == '\n')
			phone->text[i] = '\r';
	phone->text[length] = '\0';
	switch(step->b % 6) {
		case 0:
			phone->ask.device = phone->text;
			break;
		case 1:
			phone->ask.access = phone->text;
			break;
		case 2:
			phone->ask.features = phone->text;
			break;
		case 3:
			phone->ask.impi = phone->text;
			break;
		case 4:
			phone->ask.cseq_text = phone->text;
			break;
		default:
			phone->ask.device = phone->ask.access = phone->ask.features =
					phone->ask.impi = phone->ask.cseq_text = NULL;
	}
}

static void lab_speaks(const step_t *step)
{
	static regmon_aka_verdict_t verdict;

	verdict = (regmon_aka_verdict_t){
			.kind = step->a % REGMON_AKA_VERDICTS_N,
			.computed_as = step->b % (REGMON_ALGORITHM_OTHER + 1),
			.sqn_he_known = step->how & 1,
			.sqn_ms_known = step->how & 2,
			.amf_differs = step->how & 4,
			.of_empty_password = step->how & 8,
			.sqn_he = (uint64_t)step->b << 32 | 5,
			.sqn_ms = (uint64_t)step->a << 36};
	by_lab_keys = step->how & 16 ? NULL : &verdict;
}

static void take(const step_t *step)
{
	switch(step->what) {
		case 0:
		case 1:
		case 2:
		case 3:
			send_register(step);
			break;
		case 4:
			ask(step->how & 1 ? &step->phone->before : &step->phone->ask);
			break;
		case 5:
			pass_through_core(step);
			break;
		case 6:
		case 7:
		case 8:
		case 9:
			send_answer(step);
			break;
		case 10:
			without_message(&step->phone->ask,
					REGMON_HAPPENING_TRANSACTION_ENDED,
					step->a & 1 ? 200 + step->b * 2 : 0);
			break;
		case 11:
		case 12:
			time_passes(step);
			break;
		case 13:
			network_speaks(step);
			break;
		case 14:
			store_acts(step);
			break;
		case 15:
			if(step->how == 7)
				forget(step);
			break;
		case 16:
			learn_text(step);
			break;
		case 17:
			lab_speaks(step);
			break;
		case 18:
			harness_fail_allocation = 1 + step->a % 4;
			/* or from now on: no memory at all, or for slabs of few records */
			harness_most_bytes = step->b % 3 == 0	? 0
								 : step->b % 3 == 1 ? 1
													: 4000;
			break;
		case 19:
			regmon_table_set_thresholds(
					table, step->a % 101, 1 + step->b % 3600);
			break;
		default:
			look(step);
	}
}

/* With time enough everything ends and goes. */
static void end_sequence(void)
{
	unsigned i;

	harness_fail_allocation = 0;
	harness_most_bytes = 0;
	for(i = 0; i < 6; i++) {
		now_ms += 600 * INT64_C(86400) * SECOND;
		regmon_table_expire(table, now_ms);
		take_outgoing();
	}
	check_sums();
	demand(open_attempts() == 0, "an attempt never ends");
	i = regmon_table_forget(table, NULL);
	demand(i == 0 || granted_for_a_century, "%u records are never forgotten",
			i);
	regmon_outbox_free(outbox);
	regmon_table_free(table);
	table = NULL;
	demand(harness_live_blocks == blocks_at_start, "%u blocks are left",
			harness_live_blocks - blocks_at_start);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned steps;
	step_t step;

	at = data;
	until = data + size;
	if(size < 5)
		return 0;
	begin_sequence(*at++);
	for(steps = 1; steps <= MOST_STEPS && until - at >= 4; steps++) {
		step = (step_t){.what = at[0] % 21,
				.number = (at[1] & 7) % PHONES,
				.how = at[1] >> 3,
				.a = at[2],
				.b = at[3]};
		step.phone = &phones[step.number];
		at += 4;
		take(&step);
		take_outgoing();
		if(steps % CHECK_EVERY == 0)
			check_sums();
	}
	check_sums();
	end_sequence();
	return 0;
}
