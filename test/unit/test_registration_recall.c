/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a phone says again is not read again. Two tables get the same REGISTERs and answers; one is told by messages that
 * were read and judged in full, the other by what regmon_table_recall() leaves over: their records, findings and news
 * must stay the same. */
#define _GNU_SOURCE /* memmem() */
#include "test/unit/registration_world.h"
#include "test/unit/rules_fixture.h"

#define PHONES 6
#define FLOWS 120
#define STEPS 60

static regmon_plan_t *plans[2]; /* the defaults; every rule */
static regmon_table_t *recalling;

/* messages that were judged from memory; in which lines were skipped */
static unsigned recalled_n, skipped_n;

static uint64_t random_state;

static unsigned draw(unsigned below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state >> 33) % below;
}

/* ---- phones ---- */

typedef struct phone
{
	unsigned number, cseq, call, tag, port, cell, spi, features, expires;
	unsigned nonce;
} phone_t;

static int print_contact(char *text, const phone_t *phone, unsigned odd)
{
	int n;

	if(odd == 1)
		return sprintf(text, "Contact: *\r\n");
	if(odd == 2)
		return 0;
	n = sprintf(text, "Contact: <sip:%u@10.0.0.%u:%u>", phone->number,
			phone->number, phone->port);
	if(phone->features & 1)
		n += sprintf(text + n, ";+g.3gpp.smsip");
	if(phone->features & 2)
		n += sprintf(text + n,
				";+sip.instance=\"<urn:gsma:imei:35609911-%06u-0>\"",
				phone->number);
	if(phone->features & 4)
		n += sprintf(text + n, ";+g.3gpp.ps-data-off=\"active\"");
	if(phone->features & 8)
		n += sprintf(text + n, ";reg-id=1");
	if(odd == 3)
		n += sprintf(
				text + n, ",<sip:other@10.0.0.%u>;expires=60", phone->number);
	if(odd == 4)
		n += sprintf(text + n, ";+sip.instance=\"<urn:uuid:%0*d>\"", 90, 0);
	return n + sprintf(text + n, "\r\n");
}

static int print_register(
		char *text, const phone_t *phone, bool answers, unsigned odd)
{
	const char *domain = "ims.mnc001.mcc001.3gppnetwork.org";
	int n = sprintf(text,
			"REGISTER sip:%s SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 10.0.0.%u:%u;branch=z9hG4bK%u.%u.%u;rport\r\n"
			"Max-Forwards: 70\r\n"
			"From: <sip:00101012345678%u@%s>;tag=%u\r\n"
			"To: <sip:00101012345678%u@%s>\r\n"
			"Call-ID: %u-%u\r\nCSeq: %u REGISTER\r\n",
			domain, phone->number, phone->port, phone->number, phone->call,
			phone->cseq, phone->number, domain, phone->tag, phone->number,
			domain, phone->number, phone->call, phone->cseq);

	n += print_contact(text + n, phone, odd);
	if(odd == 13) /* where lines are skipped otherwise */
		n += sprintf(text + n, "Via: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bK9\r\n");
	n += sprintf(text + n,
			"Expires: %u\r\nRequire: sec-agree\r\nProxy-Require: sec-agree\r\n"
			"Supported: path%s\r\n"
			"Authorization: Digest username=\"00101012345678%u@%s\","
			"realm=\"%s\",uri=\"sip:%s\",nonce=\"%0*u\",response=\"%s\"%s\r\n",
			phone->expires, odd == 5 ? "" : ", sec-agree", phone->number,
			domain, domain, domain, answers ? 44 : 0,
			answers ? phone->nonce : 0,
			answers ? "0123456789abcdef0123456789abcdef" : "",
			answers ? ",algorithm=AKAv1-MD5" : "");
	if(odd != 6)
		n += sprintf(text + n,
				"Security-Client: ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;"
				"spi-c=%u;spi-s=%u;port-c=%u;port-s=%u%s\r\n",
				phone->spi, phone->spi + 1, phone->port + 1, phone->port,
				odd == 7 ? ";q=0.3" : "");
	if(answers)
		n += sprintf(text + n,
				"Security-Verify: ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;"
				"spi-c=4096;spi-s=%u;port-c=5100;port-s=6100\r\n",
				odd == 8 ? 9 : 4097);
	if(odd != 9)
		n += sprintf(text + n,
				"P-Access-Network-Info: 3GPP-%s;utran-cell-id-3gpp=%s%u\r\n",
				odd == 10 ? "E-UTRAN-FDD" : "NR-FDD",
				odd == 10 ? "001010001000000" : "00101000001000012",
				100 + phone->cell % 100);
	if(odd == 11)
		n += sprintf(text + n, "Path: <sip:p@example.org>\r\n");
	if(odd == 12)
		n += sprintf(text + n, "nonsense\r\n");
	return n
		   + sprintf(
				   text + n, "User-Agent: phone\r\nContent-Length: 0\r\n\r\n");
}

static int print_answer(char *text, const char *request, const phone_t *phone,
		unsigned code, unsigned odd)
{
	static const char *const copied[] = {
			"\nVia: ", "\nFrom: ", "\nTo: ", "\nCall-ID: ", "\nCSeq: "};
	int n = sprintf(text, "SIP/2.0 %u Whatever\r\n", code);
	const char *contact = strstr(request, "\nContact: "), *line;
	unsigned i;

	for(i = 0; i < sizeof(copied) / sizeof(*copied); i++) {
		line = strstr(request, copied[i]) + 1;
		n += sprintf(text + n, "%.*s\r\n", (int)strcspn(line, "\r"), line);
	}
	if(code == 200 && contact && odd)
		n += sprintf(text + n, "%.*s;expires=3600\r\n",
				(int)strcspn(contact + 1, "\r"), contact + 1);
	if(code == 401)
		n += sprintf(text + n,
				"WWW-Authenticate: Digest realm=\"r\",nonce=\"%044u\","
				"algorithm=AKAv1-MD5\r\n"
				"Security-Server: ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;"
				"spi-c=4096;spi-s=4097;port-c=5100;port-s=6100\r\n",
				phone->nonce);
	return n + sprintf(text + n, "Content-Length: 0\r\n\r\n");
}

/* ---- both tables ---- */

typedef struct sight
{
	regmon_message_t message;
	regmon_class_t class;
	regmon_findings_t findings;
	bool from_memory;
	regmon_outcome_t outcome;
	unsigned told[REGMON_EVENTS_N];
} sight_t;

static void see(
		regmon_table_t *into, sight_t *sight, regmon_observation_t *observation)
{
	memset(told, 0, sizeof(told));
	memset(&sight->outcome, 0, sizeof(sight->outcome));
	observation->now_ms = now_ms;
	observation->message = &sight->message;
	observation->class = &sight->class;
	observation->plan = plan;
	observation->findings = &sight->findings;
	regmon_table_observe(into, observation, &sight->outcome);
	memcpy(sight->told, told, sizeof(told));
	assert_int_equal(harness_locks_held, 0);
}

static regmon_arrival_t arrival_of(const char *source)
{
	return (regmon_arrival_t){
			.source_address = {(char *)source, (int)strlen(source)},
			.source_port = 5060,
			.transport = "UDP",
			.now_ms = now_ms};
}

static void see_request_in_full(
		const char *text, int length, const char *source, sight_t *sight)
{
	regmon_arrival_t arrival = arrival_of(source);
	regmon_observation_t observation = {
			.what = REGMON_HAPPENING_REQUEST_IN, .arrival = &arrival};

	regmon_message_read(text, length, &sight->message);
	regmon_classify(&sight->message, &arrival, REGMON_ROLE_AUTO, &sight->class);
	regmon_rules_judge(plan, &sight->message, &sight->class, &sight->findings);
	see(table, sight, &observation);
}

static regmon_repeat_t repeat;

/* Where To begins, as somebody may say who knows it, or does not. */
static const char *where_to_begins(const char *text, int length)
{
	static unsigned turn;
	const char *to = memmem(text, length, "\nTo: ", 5);
	const char *from = memmem(text, length, "\nFrom: ", 7);

	switch(turn++ % 4) {
		case 0:
			return NULL;
		case 1:
			return from ? from + 7 : NULL;
		case 2:
			return length > 0 ? text + turn % (unsigned)length : NULL;
		default:
			return to ? to + 5 : NULL;
	}
}

static void recall(
		const char *text, int length, const char *source, sight_t *sight)
{
	regmon_arrival_t arrival = arrival_of(source);

	regmon_table_recall(recalling, plan, REGMON_ROLE_AUTO, text, length,
			where_to_begins(text, length), &sight->message, &repeat);
	skipped_n += sight->message.skipped;
	sight->from_memory =
			regmon_repeat_judge(plan, REGMON_ROLE_AUTO, &sight->message,
					&arrival, &repeat, &sight->class, &sight->findings);
	recalled_n += sight->from_memory;
	assert_int_equal(sight->from_memory, sight->message.unread != 0);
}

static void observe_recalled(const char *source, sight_t *sight)
{
	regmon_arrival_t arrival = arrival_of(source);
	regmon_observation_t observation = {.what = REGMON_HAPPENING_REQUEST_IN,
			.arrival = &arrival,
			.repeat = &repeat};

	see(recalling, sight, &observation);
	if(sight->from_memory)
		regmon_judgement_show(
				plan, &sight->message, &sight->class, &sight->findings);
}

static void see_answer(regmon_table_t *into, const char *text, int length,
		regmon_happening_t what, sight_t *sight)
{
	regmon_observation_t observation = {.what = what};

	regmon_message_read(text, length, &sight->message);
	regmon_classify(&sight->message, NULL, REGMON_ROLE_AUTO, &sight->class);
	regmon_rules_judge(plan, &sight->message, &sight->class, &sight->findings);
	see(into, sight, &observation);
}

/* texts are read from two copies: compared by their place */
static void assert_same_sight(const sight_t *full, const sight_t *recalled)
{
	const regmon_findings_t *left = &full->findings;
	const regmon_findings_t *right = &recalled->findings;
	unsigned i;

	assert_int_equal(full->class.leg, recalled->class.leg);
	assert_int_equal(full->class.purpose, recalled->class.purpose);
	assert_int_equal(full->class.credentials, recalled->class.credentials);
	assert_int_equal(full->class.is_protected, recalled->class.is_protected);
	assert_int_equal(full->class.ims, recalled->class.ims);
	assert_int_equal(left->n, right->n);
	assert_int_equal(left->total, right->total);
	assert_int_equal(left->worst, right->worst);
	assert_int_equal(left->worst_at, right->worst_at);
	for(i = 0; i < left->n; i++) {
		assert_int_equal(left->list[i].rule, right->list[i].rule);
		assert_int_equal(left->list[i].severity, right->list[i].severity);
		assert_int_equal(left->list[i].seen.len, right->list[i].seen.len);
		assert_ptr_equal(left->list[i].seen.s, right->list[i].seen.s);
	}
	assert_memory_equal(full->told, recalled->told, sizeof(full->told));
	assert_memory_equal(
			&full->outcome, &recalled->outcome, sizeof(full->outcome));
}

/* a record but for its place in the table and what only one of them remembers */
static void forget_place(regmon_registration_t *registration)
{
	registration->next = registration->older = registration->newer = NULL;
	registration->supplement = NULL; /* what it has stands behind the timeline */
	registration->said =
			(regmon_said_t){.client_hash = registration->said.client_hash};
}

static void assert_same_records(void)
{
	size_t size = regmon_table_record_size(table);
	char *full = malloc(4 * size), *recalled = malloc(4 * size);
	char who[80];
	unsigned phone, n, i;

	assert_non_null(full);
	assert_non_null(recalled);
	for(phone = 0; phone < PHONES; phone++) {
		regmon_who_t asked;

		snprintf(who, sizeof(who),
				"impu:sip:00101012345678%u@ims.mnc001.mcc001.3gppnetwork.org",
				phone + 1);
		regmon_who_read((str){who, (int)strlen(who)}, &asked);
		memset(full, 0, 4 * size);
		memset(recalled, 0, 4 * size);
		n = regmon_table_find(table, &asked, full, 4);
		assert_int_equal(regmon_table_find(recalling, &asked, recalled, 4), n);
		for(i = 0; i < n && i < 4; i++) {
			forget_place((regmon_registration_t *)(full + i * size));
			forget_place((regmon_registration_t *)(recalled + i * size));
		}
		assert_memory_equal(full, recalled, 4 * size);
	}
	free(full);
	free(recalled);
}

/* ---- lives ---- */

static phone_t phones[PHONES];
static char request[8000], reply[8000];
static sight_t in_full, as_recalled;

static void begin_both(void)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	unsigned i;

	begin();
	recalling = regmon_table_make(&limits, key, NULL);
	assert_non_null(recalling);
	plan = plans[0];
	for(i = 0; i < PHONES; i++)
		phones[i] = (phone_t){.number = i + 1,
				.cseq = 1,
				.call = 1,
				.tag = 1,
				.port = 31100,
				.spi = 1000,
				.features = draw(16),
				.expires = 600000};
}

static void end_both(void)
{
	char faults[2000];

	if(regmon_table_check(recalling, faults, sizeof(faults)))
		fail_msg("%s", faults);
	regmon_table_free(recalling);
	end();
}

static void change_something(phone_t *phone)
{
	switch(draw(8)) {
		case 0:
			phone->call++;
			phone->cseq = 1;
			break;
		case 1:
			phone->tag++;
			break;
		case 2:
			phone->port++;
			break;
		case 3:
			phone->cell++;
			break;
		case 4:
			phone->spi += 2;
			break;
		case 5:
			phone->features = draw(16);
			break;
		case 6:
			phone->expires = draw(3) ? 600000 : 0;
			break;
		default:
			plan = plans[draw(2)];
	}
}

static void both_see_request(const char *text, int length, const char *source)
{
	see_request_in_full(text, length, source, &in_full);
	recall(text, length, source, &as_recalled);
	observe_recalled(source, &as_recalled);
	assert_same_sight(&in_full, &as_recalled);
}

static void both_see_answer(
		const char *text, int length, regmon_happening_t what)
{
	see_answer(table, text, length, what, &in_full);
	see_answer(recalling, text, length, what, &as_recalled);
	assert_same_sight(&in_full, &as_recalled);
}

static void step(void)
{
	static const unsigned codes[] = {200, 200, 200, 401, 401, 403, 423};
	phone_t *phone = &phones[draw(PHONES)];
	unsigned odd = draw(6) ? 0 : draw(14), code = codes[draw(7)];
	int length;

	now_ms += draw(3) ? draw(2000) : draw(1000000);
	if(draw(6) == 0)
		change_something(phone);
	phone->cseq++;
	length = print_register(request, phone, draw(2), odd);
	both_see_request(request, length, draw(20) ? "10.0.0.1" : "10.0.0.2");
	if(draw(8) == 0)
		both_see_request(request, length, "10.0.0.1"); /* again */
	if(draw(8) == 0)
		return;
	now_ms += draw(100);
	phone->nonce += draw(4) > 0;
	both_see_answer(reply, print_answer(reply, request, phone, code, draw(6)),
			REGMON_HAPPENING_ANSWER_OUT);
}

static void lives_are_the_same(void **state)
{
	unsigned flow, i;

	recalled_n = skipped_n = 0;
	for(flow = 1; flow <= FLOWS; flow++) {
		random_state = flow * 0x9e3779b97f4a7c15ULL;
		begin_both();
		for(i = 0; i < STEPS; i++) {
			step();
			if(i % 10 == 9)
				assert_same_records();
		}
		end_both();
	}
	print_message(
			"%u judgements recalled, lines of %u messages skipped, of %u\n",
			recalled_n, skipped_n, FLOWS * STEPS);
	assert_true(recalled_n > 2000 && skipped_n > 3000);
}

/* ---- what changes between recall and observation ---- */

/* a phone that has registered and says the same again; the recall is made, the observation not yet */
static int recall_again(void)
{
	int length;

	random_state = 1;
	begin_both();
	phones[0].features = 3;
	length = print_register(request, &phones[0], true, 0);
	both_see_request(request, length, "10.0.0.1");
	now_ms += 200000;
	phones[0].cseq++;
	length = print_register(request, &phones[0], true, 0);
	recall(request, length, "10.0.0.1", &as_recalled);
	assert_true(as_recalled.from_memory && as_recalled.message.skipped);
	return length;
}

static void the_record_has_gone(void **state)
{
	int length = recall_again();

	assert_int_equal(regmon_table_forget(table, NULL), 1);
	assert_int_equal(regmon_table_forget(recalling, NULL), 1);
	see_request_in_full(request, length, "10.0.0.1", &in_full);
	observe_recalled("10.0.0.1", &as_recalled);
	assert_same_sight(&in_full, &as_recalled);
	assert_same_records();
	end_both();
}

/* Between the recall of a REGISTER and its observation another process observes this one; repeat is that of the first. */
static void another_comes_first(phone_t *moved, int length)
{
	static char other[8000];
	static sight_t meanwhile;
	const regmon_repeat_t kept = repeat;
	int other_length;

	moved->cseq++;
	other_length = print_register(other, moved, true, 0);
	see_request_in_full(other, other_length, "10.0.0.1", &in_full);
	recall(other, other_length, "10.0.0.1", &meanwhile);
	observe_recalled("10.0.0.1", &meanwhile);
	see_request_in_full(request, length, "10.0.0.1", &in_full);
	repeat = kept;
	observe_recalled("10.0.0.1", &as_recalled);
}

static void the_phone_said_something_else_meanwhile(void **state)
{
	int length = recall_again();
	phone_t moved = phones[0];

	moved.port = 7000;
	moved.cell = 9;
	moved.spi = 5000;
	another_comes_first(&moved, length);
	/* what was found is that of the message; what the past makes of it is that of the record as it is now */
	assert_int_equal(in_full.findings.n, as_recalled.findings.n);
	assert_same_records();
	end_both();
}

/* The same, but only the cell has changed: what is unread of the rest still holds. */
static void only_the_cell_has_changed_meanwhile(void **state)
{
	int length = recall_again();
	phone_t moved = phones[0];

	moved.cell = 9;
	another_comes_first(&moved, length);
	assert_same_records();
	end_both();
}

static void a_table_without_the_phone_reads_all(void **state)
{
	int length;

	random_state = 1;
	begin_both();
	length = print_register(request, &phones[0], false, 0);
	recall(request, length, "10.0.0.1", &as_recalled);
	assert_true(as_recalled.message.unread == 0);
	assert_true(repeat.judgement.basis == repeat.basis && repeat.basis);
	length = print_register(request, &phones[0], false, 2);
	both_see_request(request, length, "10.0.0.1");
	now_ms += 200000;
	/* without a Contact there is nothing to be found in the record */
	phones[0].cseq++;
	length = print_register(request, &phones[0], false, 2);
	recall(request, length, "10.0.0.1", &as_recalled);
	assert_true(as_recalled.message.unread == 0);
	end_both();
}

static void what_is_not_sip_is_recalled_as_nothing(void **state)
{
	static const char *const texts[] = {"", "\r\n", "REGISTER",
			"nonsense\r\n\r\n", "REGISTER sip:a SIP/2.0\r\n\r\n",
			"REGISTER sip:a SIP/2.0\r\nTo: \r\nContact: <sip:a@b>\r\n\r\n",
			"REGISTER sip:a SIP/2.0\r\nTo: <tel:+49>\r\nContact: *\r\n\r\n"};
	unsigned i;

	random_state = 1;
	begin_both();
	for(i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		both_see_request(texts[i], (int)strlen(texts[i]), "10.0.0.1");
	end_both();
}

static int setup(void **state)
{
	static regmon_severity_t severities[REGMON_MAX_RULES];
	unsigned i;

	for(i = 0; i < REGMON_MAX_RULES; i++)
		severities[i] = REGMON_WARNING;
	plans[0] = fixture_plan(NULL, false);
	plans[1] = fixture_plan(severities, true);
	return 0;
}

static int teardown(void **state)
{
	free(plans[0]);
	free(plans[1]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			harness_test(lives_are_the_same),
			harness_test(the_record_has_gone),
			harness_test(the_phone_said_something_else_meanwhile),
			harness_test(only_the_cell_has_changed_meanwhile),
			harness_test(a_table_without_the_phone_reads_all),
			harness_test(what_is_not_sip_is_recalled_as_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
