/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scripted hour and a half: hundreds of phones do everything that registrations are known for, through the real table
 * and with a clock of their own. What they did is written down beside it (truth.h); every count, ratio, histogram, window
 * and first row has to be the same. */
#include "test/unit/truth_compare.h"

#define PHONES 300
#define HOURS_MS (90 * 60 * SECOND)
#define RULES 40	 /* that are broken now and then */

/* What a phone and the network do in one attempt, or in two when the phone begins anew:
 *   R  REGISTER with a new Call-ID       r  the same Call-ID once more, still without credentials
 *   A  response   U  auts   M  AUTN refused      t  the last REGISTER again
 *   P  refresh over the SA   D  de-registration   Q  query   T  third-party   K  as if registered before the start
 *   c  401   x  401 that could not be sent   m  423   s  200   S  200 that could not be sent   f  refused
 *   W  nothing more happens, until time ends it */
static const char *const when_free[] = {"Rs", "Rs", "RcAs", "RcAs", "RcAs",
		"RcAs", "RtcAts", "RtttcAs", "RcAcAcAcAf", "RcAf", "RcW", "RcW", "RtcW",
		"RW", "RttW", "RRcAs", "RcRcAs", "RcRcRcW", "Rmrs", "RmrcAs", "RmW",
		"RcUcAs", "RcUcUcW", "RcMf", "RcMcMW", "Rf", "Rf", "RxcAs", "RxW",
		"RcAxcAs", "RS", "RcAS", "Ts", "TW", "Tf", "Qs", "Qf"};
static const char *const when_bound[] = {"Ps", "Ps", "Ps", "PcAs", "PcAs", "Pf",
		"PtW", "PcW", "PPs", "PcPcAs", "PS", "Ds", "Ds", "DcAs", "Df", "DW",
		"DtttW", "Qs", "QW", "QRcAs"};
static const char *const when_new[] = {
		"Ks", "Kf", "KcAs", "KW", "KcW", "KS", "Rs", "RcAs"};

typedef struct place
{
	const char *header, *plmn, *tac, *cell;
	regmon_access_t access;
	char texts[3][64];
} place_t;

typedef struct phone
{
	char to[40], contact[40], instance[48], call_id[24], branch[24], device[24];
	ask_t ask; /* of the last REGISTER */
	unsigned number;
	place_t place;	  /* where it is */
	happened_t known; /* traits that the node knows of it */
	happened_t open;  /* the running attempt */
	bool is_open, bound, seen, challenge_open, waits;
	int severity; /* worst in the running attempt */
	int64_t last_request_ms, challenge_ms, wait_ms;
	const char *course; /* what is left of it */
	int64_t next_ms;
	int64_t not_sent_of; /* entry of the list, -1: none */
} phone_t;

static phone_t phones[PHONES];
static void sink(regmon_counter_t counter, int by)
{
	counts[counter] += by;
}

/* xorshift64*: the same row on every machine */
static uint64_t random_state;
static unsigned draw(unsigned below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (unsigned)((random_state * 0x2545f4914f6cdd1dULL) >> 33) % below;
}
#define PICK(array) array[draw(sizeof(array) / sizeof((array)[0]))]

/* the causes of this world, by what can be said of an attempt */
static uint64_t causes_of(regmon_result_t result, int code, unsigned challenges)
{
	switch(result) {
		case REGMON_RESULT_SILENT:
			return 1u << 3;
		case REGMON_RESULT_UNANSWERED:
			return 1u << 4 | 1u << 5;
		case REGMON_RESULT_SUPERSEDED:
			return challenges ? 1u << 3 : 0;
		case REGMON_RESULT_REFUSED:
			return code == 403 ? 7u : code >= 500 ? 1u << 5 : 0;
		default:
			return 0;
	}
}

static uint64_t diagnose(
		const regmon_registration_t *registration, int64_t at_ms)
{
	(void)at_ms;
	return causes_of(registration->attempt.result, registration->attempt.code,
			registration->attempt.challenges);
}

/* ---- phones ---- */

static void move(phone_t *phone)
{
	place_t *place = &phone->place;
	unsigned area = draw(12), cell = draw(12);

	*place = (place_t){0};
	switch(draw(8)) {
		case 0:
			return; /* says nothing */
		case 1:
			snprintf(place->texts[0], 64,
					"IEEE-802.11;i-wlan-node-id=a4b1c1d1e1%02x", cell);
			snprintf(place->texts[2], 64, "a4b1c1d1e1%02x", cell);
			place->cell = place->texts[2];
			place->access = REGMON_ACCESS_WLAN;
			break;
		case 2:
		case 3:
			snprintf(place->texts[0], 64,
					"3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=%s%04X%07X",
					area % 2 ? "00101" : "262011", area, cell);
			snprintf(place->texts[1], 64, "%04X", area);
			snprintf(place->texts[2], 64, "%07X", cell);
			place->access = REGMON_ACCESS_E_UTRAN;
			break;
		default:
			snprintf(place->texts[0], 64,
					"3GPP-NR-TDD;utran-cell-id-3gpp=%s%06X%09X",
					area % 2 ? "00101" : "262011", area, cell);
			snprintf(place->texts[1], 64, "%06X", area);
			snprintf(place->texts[2], 64, "%09X", cell);
			place->access = REGMON_ACCESS_NR;
	}
	place->header = place->texts[0];
	if(place->access == REGMON_ACCESS_WLAN)
		return;
	place->plmn = area % 2 ? "00101" : "262011";
	place->tac = place->texts[1];
	place->cell = place->texts[2];
}

static void make_phone(phone_t *phone, unsigned number)
{
	memset(phone, 0, sizeof(*phone));
	phone->number = number;
	snprintf(phone->to, sizeof(phone->to), "sip:user%u@example.org", number);
	snprintf(phone->contact, sizeof(phone->contact), "sip:user%u@10.0.%u.%u",
			number, number / 200, number % 200);
	snprintf(phone->instance, sizeof(phone->instance),
			"<urn:gsma:imei:356099%02u-%06u-0>", number % 15, number);
	snprintf(phone->device, sizeof(phone->device), "Model %u/1.0", number % 20);
	if(number % 10)
		snprintf(phone->known.imei_tac, sizeof(phone->known.imei_tac),
				"356099%02u", number % 15);
	strcpy(phone->known.device, phone->device);
	phone->ask.cseq = draw(1000);
	phone->not_sent_of = -1;
	move(phone);
}

/* what this REGISTER tells of the place */
static void learn_place(phone_t *phone)
{
	const place_t *place = &phone->place;

	if(phone->ask.access == NULL)
		return;
	phone->known.access = place->access;
	snprintf(phone->known.plmn, sizeof(phone->known.plmn), "%s",
			place->plmn ? place->plmn : "");
	snprintf(phone->known.tac, sizeof(phone->known.tac), "%s%s%s",
			place->plmn ? place->plmn : "", place->plmn ? "-" : "",
			place->tac ? place->tac : "");
	snprintf(phone->known.cell, sizeof(phone->known.cell), "%s%s%s",
			place->plmn ? place->plmn : "", place->plmn ? "-" : "",
			place->cell ? place->cell : "");
}

static int64_t close_attempt(phone_t *phone, regmon_result_t result, int code)
{
	happened_t *one = &phone->open;

	strcpy(one->plmn, phone->known.plmn);
	strcpy(one->tac, phone->known.tac);
	strcpy(one->cell, phone->known.cell);
	strcpy(one->device, phone->known.device);
	strcpy(one->imei_tac, phone->known.imei_tac);
	one->access = phone->known.access;
	one->result = result;
	one->code = code;
	one->ended_ms = now_ms;
	one->network_ms += phone->wait_ms;
	one->causes = causes_of(result, code, one->challenges);
	phone->is_open = false;
	truth_add(one);
	return (int64_t)happened_n - 1;
}

/* ---- messages ---- */

static regmon_findings_t findings;

static void break_rules(phone_t *phone)
{
	unsigned i;

	memset(&findings, 0, sizeof(findings));
	findings.worst_at = -1;
	for(i = draw(4) ? 0 : 1 + draw(3); i > 0; i--) {
		regmon_finding_t *finding = &findings.list[findings.n];

		finding->rule = (regmon_rule_index_t)draw(RULES);
		finding->severity = (regmon_severity_t)(1 + draw(3));
		found[finding->rule]++;
		findings_n++;
		if(finding->severity > findings.worst) {
			findings.worst = finding->severity;
			findings.worst_at = (int)findings.n;
		}
		findings.n++;
	}
	if((int)findings.worst > phone->severity) {
		phone->severity = (int)findings.worst;
		phone->open.finding = findings.list[findings.worst_at].rule;
	}
}

static void send(phone_t *phone, bool again)
{
	static char text[TEXT_SIZE];
	static regmon_message_t message;
	regmon_arrival_t arrival = {.source_address = REGMON_TEXT("10.0.0.1"),
			.source_port = 5060,
			.transport = "UDP"};
	regmon_class_t class;
	regmon_observation_t observation = {.what = REGMON_HAPPENING_REQUEST_IN,
			.now_ms = now_ms,
			.message = &message,
			.class = &class,
			.arrival = &arrival,
			.findings = again ? NULL : &findings};

	arrival.received_port = (int)phone->open.port;
	regmon_message_read(
			text, write_register(text, sizeof(text), &phone->ask), &message);
	regmon_classify(&message, &arrival, REGMON_ROLE_AUTO, &class);
	regmon_table_observe(table, &observation, &outcome);
	assert_int_equal(outcome.retransmission, again);
}

static void start_attempt(phone_t *phone, regmon_attempt_kind_t kind)
{
	static unsigned serial;

	if(phone->is_open)
		close_attempt(phone, REGMON_RESULT_SUPERSEDED, phone->open.code);
	phone->open =
			(happened_t){.kind = kind, .opened_ms = now_ms, .finding = -1};
	phone->is_open = true;
	phone->severity = 0;
	phone->challenge_open = false;
	phone->wait_ms = 0;
	snprintf(phone->call_id, sizeof(phone->call_id), "c%u", serial++);
	opened[kind]++;
}

/* a REGISTER that is no repetition */
static void request(phone_t *phone, credentials_t credentials)
{
	static unsigned serial;
	happened_t *open = &phone->open;
	static const unsigned ports[] = {5060, 5060, 5062, 6100};

	snprintf(phone->branch, sizeof(phone->branch), "z9hG4bK%u", serial++);
	phone->ask.to = phone->to;
	phone->ask.contact = phone->contact;
	phone->ask.instance = phone->number % 10 ? phone->instance : "";
	phone->ask.call_id = phone->call_id;
	phone->ask.branch = phone->branch;
	phone->ask.device = phone->device;
	phone->ask.credentials = credentials;
	phone->ask.cseq++;
	phone->ask.access = draw(5) ? phone->place.header : NULL;
	if(open->kind == REGMON_ATTEMPT_QUERY)
		phone->ask.contact = "";
	phone->ask.expires_0 = open->kind == REGMON_ATTEMPT_DEREGISTER;
	phone->ask.from = open->kind == REGMON_ATTEMPT_THIRD_PARTY
							  ? "sip:scscf.example.org"
							  : NULL;
	phone->ask.security_verify = open->kind == REGMON_ATTEMPT_REFRESH
								 || open->kind == REGMON_ATTEMPT_DEREGISTER
								 || open->kind == REGMON_ATTEMPT_UNKNOWN;
	learn_place(phone);
	open->port = PICK(ports);
	open->registers++;
	registers++;
	open->network_ms += phone->wait_ms;
	phone->wait_ms = 0;
	open->answered += credentials == RESPONSE;
	open->resyncs += credentials == AUTS;
	open->mac_failures += credentials == REFUSED;
	open->late_answers += phone->challenge_open && credentials > EMPTY
						  && now_ms - phone->challenge_ms > 5000;
	phone->challenge_open = false;
	phone->waits = true;
	phone->last_request_ms = now_ms;
	phone->seen = true;
	break_rules(phone);
	send(phone, false);
}

static void respond(phone_t *phone, int code)
{
	answer(&phone->ask, (answer_t){.code = code, .granted = 36000});
	answers[code / 100]++;
	phone->open.code = code;
	phone->wait_ms = now_ms - phone->last_request_ms;
	phone->waits = false;
}

static void challenge(phone_t *phone, bool is_sent)
{
	respond(phone, 401);
	phone->open.challenges++;
	phone->challenge_open = true;
	phone->challenge_ms = now_ms;
	answers[4]--;
	if(is_sent) {
		challenges_sent++;
		return;
	}
	without_message(&phone->ask, REGMON_HAPPENING_TRANSACTION_ENDED, 401);
	not_sent++;
	phone->challenge_open = false;
	phone->waits = true;
	phone->wait_ms = 0;
}

static void accept(phone_t *phone, bool is_sent)
{
	regmon_attempt_kind_t kind = phone->open.kind;
	int64_t entry;

	respond(phone, 200);
	entry = close_attempt(phone, REGMON_RESULT_SUCCESS, 200);
	if(kind == REGMON_ATTEMPT_DEREGISTER)
		phone->bound = false;
	else if(kind != REGMON_ATTEMPT_QUERY)
		phone->bound = true;
	if(!is_sent)
		phone->not_sent_of = entry;
}

/* tm tells late that the 200 could not be sent */
static void take_back(phone_t *phone)
{
	happened_t *one = &happened[phone->not_sent_of];

	without_message(&phone->ask, REGMON_HAPPENING_TRANSACTION_ENDED, 200);
	not_sent++;
	answers[2]--;
	one->result = REGMON_RESULT_UNANSWERED;
	one->causes = causes_of(one->result, one->code, one->challenges);
	if(one->kind == REGMON_ATTEMPT_INITIAL
			|| one->kind == REGMON_ATTEMPT_UNKNOWN)
		phone->bound = false;
	phone->not_sent_of = -1;
}

/* when time ends the attempt: the timer looks at whole seconds */
static int64_t end_by_time(const phone_t *phone)
{
	int64_t deadline_ms = phone->challenge_open
								  ? phone->challenge_ms + 240 * SECOND
								  : phone->last_request_ms + 128 * SECOND;

	return (deadline_ms + 999) / 1000 * 1000;
}

static void time_is_over(phone_t *phone)
{
	close_attempt(phone,
			phone->waits			? REGMON_RESULT_UNANSWERED
			: phone->challenge_open ? REGMON_RESULT_SILENT
									: REGMON_RESULT_REFUSED,
			phone->open.code);
}

static void next_course(phone_t *phone)
{
	if(!phone->seen)
		phone->course = PICK(when_new);
	else if(phone->bound)
		phone->course = PICK(when_bound);
	else
		phone->course = PICK(when_free);
	if(draw(4) == 0)
		move(phone);
}

static void begin_attempt(phone_t *phone, char step)
{
	static const struct
	{
		char step;
		regmon_attempt_kind_t kind;
		credentials_t credentials;
	} steps[] = {{'R', REGMON_ATTEMPT_INITIAL, EMPTY},
			{'P', REGMON_ATTEMPT_REFRESH, RESPONSE},
			{'D', REGMON_ATTEMPT_DEREGISTER, RESPONSE},
			{'Q', REGMON_ATTEMPT_QUERY, EMPTY},
			{'T', REGMON_ATTEMPT_THIRD_PARTY, NO_AUTHORIZATION},
			{'K', REGMON_ATTEMPT_UNKNOWN, RESPONSE}};
	unsigned i;

	for(i = 0; steps[i].step != step; i++)
		assert_in_range(i, 0, REGMON_COUNT(steps) - 2);
	start_attempt(phone, steps[i].kind);
	request(phone, steps[i].credentials);
}

static void step(phone_t *phone)
{
	static const int codes[] = {
			302, 400, 402, 403, 403, 403, 404, 408, 480, 500, 503, 504, 603};
	char now = *phone->course++;

	switch(now) {
		case 'r':
			request(phone, EMPTY);
			break;
		case 'A':
			request(phone, RESPONSE);
			break;
		case 'U':
			request(phone, AUTS);
			break;
		case 'M':
			request(phone, REFUSED);
			break;
		case 't':
			phone->open.retransmissions++;
			retransmissions++;
			send(phone, true);
			break;
		case 'c':
			challenge(phone, true);
			break;
		case 'x':
			challenge(phone, false);
			break;
		case 'm':
			respond(phone, 423);
			break;
		case 's':
			accept(phone, true);
			break;
		case 'S':
			accept(phone, false);
			break;
		case 'f':
			respond(phone, PICK(codes));
			close_attempt(phone, REGMON_RESULT_REFUSED, phone->open.code);
			break;
		case 'W':
			time_is_over(phone);
			break;
		default:
			begin_attempt(phone, now);
	}
}

/* when the next thing happens to a phone */
static void plan_next(phone_t *phone, bool may_begin)
{
	if(phone->not_sent_of >= 0) {
		phone->next_ms = now_ms + 5000;
		return;
	}
	switch(*phone->course) {
		case '\0':
			phone->next_ms =
					may_begin ? now_ms + 1000 + draw(60000) : INT64_MAX;
			break;
		case 'W':
			phone->next_ms = end_by_time(phone);
			break;
		case 'A':
		case 'U':
		case 'M':
		case 'r':
			phone->next_ms = now_ms + 20 + draw(draw(5) ? 2000 : 9000);
			break;
		default:
			phone->next_ms = now_ms + 1 + draw(draw(6) ? 300 : 4000);
	}
}

static phone_t *earliest(void)
{
	phone_t *first = &phones[0];
	unsigned i;

	for(i = 1; i < PHONES; i++)
		if(phones[i].next_ms < first->next_ms)
			first = &phones[i];
	return first;
}

/* ---- the run ---- */

static void open_world(void)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;

	limits.max_registrations = 1000;
	limits.timeline_length = 8;
	begin_with(&limits);
	regmon_table_free(table);
	table = regmon_table_make(&limits, key, diagnose);
	measure = regmon_measure_make(TOP_SIZE, key);
	assert_non_null(measure);
	assert_int_equal(regmon_measure_listen(measure), 0);
	regmon_counters_set_sink(sink);
	assert_int_equal(regmon_counters_listen(), 0);
}

static void close_world(void)
{
	regmon_measure_free(measure);
	regmon_counters_set_sink(NULL);
	regmon_counters_tell_deregistered(NULL, NULL);
	truth_forget();
	end();
}

static void play(phone_t *phone, bool may_begin)
{
	if(phone->not_sent_of >= 0)
		take_back(phone);
	else if(phone->course == NULL || *phone->course == '\0')
		next_course(phone);
	else
		step(phone);
	plan_next(phone, may_begin);
}

static void test_a_scripted_hour(void **state)
{
	int64_t end_ms, tick_ms, check_ms;
	regmon_kpi_cell_t cell;
	unsigned i, kind;
	phone_t *phone;

	open_world();
	random_state = 4711;
	end_ms = now_ms + HOURS_MS;
	check_ms = now_ms + 700 * SECOND;
	tick_ms = now_ms + SECOND;
	for(i = 0; i < PHONES; i++) {
		make_phone(&phones[i], i);
		phones[i].next_ms = now_ms + 1 + draw(60000);
	}
	/* what waits for its end goes on after the last one has begun */
	while((phone = earliest())->next_ms < INT64_MAX) {
		if(tick_ms <= phone->next_ms) {
			now_ms = tick_ms;
			tick_ms += SECOND;
			regmon_table_expire(table, now_ms);
			if(now_ms % 7000 == 0)
				regmon_measure_go_round(measure, table, now_ms);
			continue;
		}
		if(check_ms < phone->next_ms) {
			now_ms = check_ms;
			check_ms += 900 * SECOND;
			check_everything();
			continue;
		}
		now_ms = phone->next_ms;
		play(phone, now_ms < end_ms);
	}
	check_everything();
	/* all that were opened have ended, and the run was worth it */
	for(kind = REGMON_ATTEMPT_INITIAL; kind < REGMON_ATTEMPTS_N; kind++) {
		truth_cell((regmon_attempt_kind_t)kind, -1, &cell);
		assert_int_equal(opened[kind], regmon_kpi_ended(&cell));
		assert_true(cell.successes > 20);
		assert_true(regmon_kpi_failures(&cell) > 20);
	}
	truth_cell(REGMON_ATTEMPT_INITIAL, -1, &cell);
	for(i = REGMON_RESULT_REFUSED; i < REGMON_RESULTS_N; i++)
		assert_true(cell.by_result[i] > 100);
	assert_true(happened_n > 8000);
	assert_true(cell.late_answers > 50 && cell.resynced > 50);
	print_message("%u attempts of %u phones, %u REGISTERs, %u findings\n",
			happened_n, PHONES, registers, findings_n);
	close_world();
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_a_scripted_hour)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
