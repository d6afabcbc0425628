/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table with a clock of its own, phones that send REGISTERs to it as text, a core that answers, and somebody who
 * counts the news. For the test_registration_* programs. */
#ifndef REGMON_TEST_REGISTRATION_WORLD_H
#define REGMON_TEST_REGISTRATION_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/unit/harness.h"

#include "registration/table.h"

#define START_MS INT64_C(1700000000000)
#define SECOND INT64_C(1000)

static const uint8_t key[] = "0123456789abcdef";

/* ---- the world ---- */
static regmon_table_t *table;
static int64_t now_ms;
static unsigned told[REGMON_EVENTS_N];
static unsigned results[REGMON_RESULTS_N];
static unsigned blocks_of_empty; /* of the table before its first record */
static unsigned lost_open; /* attempts that were open when their record was evicted */
static regmon_outcome_t outcome;
static regmon_diagnose_f world_diagnose; /* NULL: nobody asks for causes */

static inline void listen(const regmon_event_t *event, void *context)
{
	(void)context;
	assert_int_equal(harness_locks_held, 0);
	told[event->type]++;
	if(event->type == REGMON_EVENT_ATTEMPT_ENDED)
		results[event->attempt.result]++;
	if(event->type == REGMON_EVENT_EVICTED)
		lost_open += event->attempt.ended_ms == 0;
}

static inline void begin_with(const regmon_limits_t *limits)
{
	table = regmon_table_make(limits, key, world_diagnose);
	assert_non_null(table);
	blocks_of_empty = harness_live_blocks;
	now_ms = START_MS;
	memset(told, 0, sizeof(told));
	memset(results, 0, sizeof(results));
	lost_open = 0;
	regmon_events_forget_listeners();
	assert_int_equal(regmon_events_listen(~0u, listen, NULL), 0);
}

static inline void begin(void)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;

	begin_with(&limits);
}

static inline void check_clean(void)
{
	char faults[2000];

	if(regmon_table_check(table, faults, sizeof(faults)))
		fail_msg("%s", faults);
}

static inline void end(void)
{
	check_clean();
	regmon_table_free(table);
	table = NULL;
	regmon_events_forget_listeners();
}

/* Time passes second by second, as the timer process sees it. */
static inline void pass_ms(int64_t ms)
{
	int64_t until_ms = now_ms + ms;

	while(now_ms < until_ms) {
		now_ms += until_ms - now_ms < SECOND ? until_ms - now_ms : SECOND;
		regmon_table_expire(table, now_ms);
	}
}

static inline bool count_open(
		const regmon_registration_t *registration, void *context)
{
	*(unsigned *)context += registration->attempt.ended_ms == 0;
	return true;
}

static inline unsigned open_attempts(void)
{
	uint32_t cursor = 0;
	unsigned n = 0;

	regmon_table_visit(table, &cursor, count_open, &n);
	return n;
}

/* ---- texts ---- */
typedef enum credentials
{
	NO_AUTHORIZATION,
	EMPTY, /* as in a first REGISTER of an IMS phone */
	RESPONSE,
	AUTS,
	REFUSED
} credentials_t;

/* what a REGISTER says; NULL and 0: the usual */
typedef struct ask
{
	const char *to, *from, *impi, *call_id, *tag, *branch; /* from: as to */
	const char *contact;  /* URI; "*"; "": no Contact */
	const char *contacts; /* the whole value of Contact, instead */
	const char *instance; /* with "<" and ">"; "": none */
	const char *reg_id, *nonce, *access, *source, *features, *device;
	unsigned cseq; /* 0: 1 */
	const char *cseq_text;
	int expires; /* 0: 3600 */
	bool expires_0, no_via, no_call_id, plain;
	bool security_client, security_verify;
	credentials_t credentials;
	int vias; /* 0: 1 */
	int source_port;
} ask_t;

#define OR(value, usual) ((value) ? (value) : (usual))
#define USUAL_TO "sip:001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
#define USUAL_IMPI "001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
#define USUAL_CONTACT "sip:001010000000001@10.0.0.1:5060"
#define USUAL_INSTANCE "<urn:gsma:imei:35609911-000001-0>"
/* a second device of the usual IMPU */
#define OTHER_DEVICE                                        \
	(ask_t)                                                 \
	{                                                       \
		.call_id = "call-2", .branch = "z9hG4bK2",          \
		.contact = "sip:001010000000001@10.0.0.2:5060",     \
		.source = "10.0.0.2",                               \
		.instance = "<urn:gsma:imei:35609911-000002-0>"     \
	}

static inline int add_vias(char *text, int size, int vias, const char *branch)
{
	int length = 0, i;

	for(i = vias; i > 1; i--)
		length += snprintf(text + length, size - length,
				"Via: SIP/2.0/UDP 127.0.0.%d;branch=z9hG4bKhop%d%s\r\n", i, i,
				branch);
	return length
		   + snprintf(text + length, size - length,
				   "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=%s\r\n", branch);
}

static inline int add_authorization(char *text, int size, const ask_t *ask)
{
	static const char *const ends[] = {
			[EMPTY] = "nonce=\"\", response=\"\"",
			[RESPONSE] = "response=\"0123456789abcdef0123456789abcdef\"",
			[AUTS] = "response=\"0123456789abcdef0123456789abcdef\", "
					 "auts=\"AAAAAAAAAAAAAAAAAAA=\"",
			[REFUSED] = "response=\"\""};

	if(ask->credentials == NO_AUTHORIZATION)
		return 0;
	return snprintf(text, size,
			"Authorization: Digest username=\"%s\", "
			"realm=\"ims.mnc001.mcc001.3gppnetwork.org\", uri=\"sip:ims\", "
			"%s%s%s%s\r\n",
			OR(ask->impi, USUAL_IMPI),
			ask->credentials == EMPTY ? "" : "nonce=\"",
			ask->credentials == EMPTY ? "" : OR(ask->nonce, "bm9uY2U="),
			ask->credentials == EMPTY ? "" : "\", ",
			ends[ask->credentials]);
}

static inline int add_contact(char *text, int size, const ask_t *ask)
{
	const char *contact = OR(ask->contact, USUAL_CONTACT);
	const char *instance = OR(ask->instance, ask->plain ? "" : USUAL_INSTANCE);
	int length;

	if(ask->contacts)
		return snprintf(text, size, "Contact: %s\r\n", ask->contacts);
	if(*contact == '\0')
		return 0;
	if(strcmp(contact, "*") == 0)
		return snprintf(text, size, "Contact: *\r\n");
	length = snprintf(text, size, "Contact: <%s>", contact);
	if(*instance)
		length += snprintf(text + length, size - length,
				";+sip.instance=\"%s\"", instance);
	if(ask->reg_id)
		length += snprintf(
				text + length, size - length, ";reg-id=%s", ask->reg_id);
	return length
		   + snprintf(text + length, size - length, "%s\r\n",
				   OR(ask->features, ask->plain ? "" : ";+g.3gpp.smsip"));
}

static inline int write_register(char *text, int size, const ask_t *ask)
{
	const char *to = OR(ask->to, USUAL_TO);
	char cseq[16];
	int n;

	snprintf(cseq, sizeof(cseq), "%u", OR(ask->cseq, 1));
	n = snprintf(text, size, "REGISTER sip:ims.example.org SIP/2.0\r\n");
	if(!ask->no_via)
		n += add_vias(text + n, size - n, OR(ask->vias, 1),
				OR(ask->branch, "z9hG4bK1"));
	n += snprintf(text + n, size - n,
			"From: <%s>;tag=%s\r\nTo: <%s>\r\nCSeq: %s REGISTER\r\n",
			OR(ask->from, to), OR(ask->tag, "a"), to,
			OR(ask->cseq_text, cseq));
	if(!ask->no_call_id)
		n += snprintf(text + n, size - n, "Call-ID: %s\r\n",
				OR(ask->call_id, "call-1"));
	n += add_contact(text + n, size - n, ask);
	n += add_authorization(text + n, size - n, ask);
	if(ask->security_client)
		n += snprintf(text + n, size - n,
				"Security-Client: ipsec-3gpp;alg=hmac-sha-1-96;ealg=null;"
				"spi-c=1111;spi-s=2222;port-c=5062;port-s=5064\r\n");
	if(ask->security_verify)
		n += snprintf(text + n, size - n,
				"Security-Verify: ipsec-3gpp;alg=hmac-sha-1-96;ealg=null;"
				"spi-c=3333;spi-s=4444;port-c=6062;port-s=6064\r\n");
	if(ask->access)
		n += snprintf(text + n, size - n, "P-Access-Network-Info: %s\r\n",
				ask->access);
	n += snprintf(text + n, size - n,
			"Expires: %d\r\nUser-Agent: %s\r\nContent-Length: 0\r\n"
			"\r\n",
			ask->expires_0 ? 0 : OR(ask->expires, 3600),
			OR(ask->device, "Phone/1.0"));
	assert_in_range(n, 1, size - 1);
	return n;
}

/* what an answer says */
typedef struct answer
{
	int code;
	const char *reason, *nonce;
	const char *lines;	  /* more header lines, each with its CRLF */
	const char *contacts; /* header value; NULL: the asker's own; "": none */
	int granted;		  /* 0: 3600; in the own Contact */
	bool granted_0, security_server;
	int vias; /* 0: as many as the REGISTER, and one more from the core */
} answer_t;

static inline int write_answer(char *text, int size, const ask_t *ask,
		const answer_t *answer, int vias)
{
	const char *to = OR(ask->to, USUAL_TO);
	char cseq[16];
	int n;

	snprintf(cseq, sizeof(cseq), "%u", OR(ask->cseq, 1));
	n = snprintf(text, size, "SIP/2.0 %d %s\r\n", answer->code,
			OR(answer->reason, "Reason"));
	if(!ask->no_via)
		n += add_vias(text + n, size - n, vias, OR(ask->branch, "z9hG4bK1"));
	n += snprintf(text + n, size - n,
			"From: <%s>;tag=%s\r\nTo: <%s>;tag=core\r\n"
			"CSeq: %s REGISTER\r\n",
			to, OR(ask->tag, "a"), to, OR(ask->cseq_text, cseq));
	if(!ask->no_call_id)
		n += snprintf(text + n, size - n, "Call-ID: %s\r\n",
				OR(ask->call_id, "call-1"));
	if(answer->code == 401)
		n += snprintf(text + n, size - n,
				"WWW-Authenticate: Digest realm=\"ims\", nonce=\"%s\", "
				"algorithm=AKAv1-MD5\r\n",
				OR(answer->nonce, "bm9uY2U="));
	if(answer->security_server)
		n += snprintf(text + n, size - n,
				"Security-Server: ipsec-3gpp;alg=hmac-sha-1-96;ealg=null;"
				"spi-c=3333;spi-s=4444;port-c=6062;port-s=6064\r\n");
	if(answer->code == 200 && answer->contacts == NULL)
		n += snprintf(text + n, size - n, "Contact: <%s>;expires=%d\r\n",
				OR(ask->contact, USUAL_CONTACT),
				answer->granted_0 ? 0 : OR(answer->granted, 3600));
	else if(answer->code == 200 && *answer->contacts)
		n += snprintf(text + n, size - n, "Contact: %s\r\n", answer->contacts);
	n += snprintf(text + n, size - n, "%sContent-Length: 0\r\n\r\n",
			OR(answer->lines, ""));
	assert_in_range(n, 1, size - 1);
	return n;
}

/* ---- messages into the table ---- */
#define TEXT_SIZE 16000

static const regmon_plan_t *plan; /* NULL: nobody judges */
static bool answers_are_local;	  /* made by this node */
static const regmon_aka_verdict_t *by_lab_keys; /* NULL: there are none */
static bool answers_pass;		  /* seen where nobody tells of a transaction */
/* That of the last REGISTER is given with what follows, and then no text is there to make it of. */
static bool dialog_is_known;
static regmon_dialog_t known_dialog;

static inline void observe_text(const char *text, int length,
		regmon_happening_t what, const regmon_arrival_t *arrival)
{
	static regmon_message_t message;
	static regmon_findings_t findings;
	regmon_class_t class;
	regmon_observation_t observation = {.what = what,
			.now_ms = now_ms,
			.message = &message,
			.class = &class,
			.arrival = arrival};

	regmon_message_read(text, length, &message);
	regmon_classify(&message, arrival, REGMON_ROLE_AUTO, &class);
	if(plan && what == REGMON_HAPPENING_REQUEST_IN) {
		regmon_rules_judge(plan, &message, &class, &findings);
		observation.plan = plan;
		observation.findings = &findings;
	}
	observation.local = answers_are_local;
	observation.aka = by_lab_keys;
	observation.seen_passing =
			answers_pass && what != REGMON_HAPPENING_REQUEST_IN;
	if(dialog_is_known && what != REGMON_HAPPENING_REQUEST_IN) {
		message.call_id = message.from.tag = (str){NULL, 0};
		observation.dialog = &known_dialog;
	}
	memset(&outcome, 0xee, sizeof(outcome));
	regmon_table_observe(table, &observation, &outcome);
	if(what == REGMON_HAPPENING_REQUEST_IN)
		known_dialog = outcome.dialog;
	assert_int_equal(harness_locks_held, 0);
}

static inline void ask(const ask_t *asked)
{
	static char text[TEXT_SIZE];
	int length = write_register(text, sizeof(text), asked);
	const char *source = OR(asked->source, "10.0.0.1");
	regmon_arrival_t arrival = {
			.source_address = {(char *)source, (int)strlen(source)},
			.source_port = OR(asked->source_port, 5060),
			.received_port = 5060,
			.transport = "UDP",
			.now_ms = now_ms};

	observe_text(text, length, REGMON_HAPPENING_REQUEST_IN, &arrival);
}

static inline void answer_of(const ask_t *asked, const answer_t *answer,
		regmon_happening_t what, int vias)
{
	static char text[TEXT_SIZE];

	observe_text(text,
			write_answer(text, sizeof(text), asked, answer, vias), what, NULL);
}

/* towards the phone */
static inline void answer(const ask_t *asked, answer_t answer)
{
	answer_of(asked, &answer, REGMON_HAPPENING_ANSWER_OUT,
			answer.vias ? answer.vias : OR(asked->vias, 1));
}

/* from the core */
static inline void answer_in(const ask_t *asked, answer_t answer)
{
	answer_of(asked, &answer, REGMON_HAPPENING_ANSWER_IN,
			answer.vias ? answer.vias : OR(asked->vias, 1) + 1);
}

static inline void without_message(const ask_t *asked, regmon_happening_t what,
		int final_code)
{
	const char *to = OR(asked->to, USUAL_TO);
	const char *call_id = OR(asked->call_id, "call-1");
	const char *tag = OR(asked->tag, "a");
	regmon_observation_t observation = {.what = what,
			.now_ms = now_ms,
			.to_uri = {(char *)to, (int)strlen(to)},
			.call_id = {(char *)call_id, (int)strlen(call_id)},
			.from_tag = {(char *)tag, (int)strlen(tag)},
			.cseq = OR(asked->cseq, 1),
			.vias = OR(asked->vias, 1),
			.final_code = final_code,
			.answer_not_sent = final_code >= 200};

	if(dialog_is_known) {
		observation.call_id = observation.from_tag = (str){NULL, 0};
		observation.dialog = &known_dialog;
	}
	regmon_table_observe(table, &observation, NULL);
	assert_int_equal(harness_locks_held, 0);
}

static inline void sent_on(const ask_t *asked)
{
	without_message(asked, REGMON_HAPPENING_REQUEST_OUT, 0);
}

/* REGISTER, on to the core, answer from there, answer to the phone */
static inline void exchange(const ask_t *asked, answer_t given)
{
	ask(asked);
	now_ms += 1;
	sent_on(asked);
	now_ms += 20;
	answer_in(asked, given);
	now_ms += 1;
	answer(asked, given);
}

/* ---- looking ---- */
static inline unsigned find_all(const char *who, void *records, unsigned room)
{
	regmon_who_t read;

	if(!regmon_who_read((str){(char *)who, (int)strlen(who)}, &read))
		return 0;
	return regmon_table_find(table, &read, records, room);
}

static void *copy;

static inline void forget_copy(void)
{
	free(copy);
	copy = NULL;
}

static inline int world_teardown(void **state)
{
	forget_copy();
	return harness_teardown(state);
}

/* a test that looks at copies */
#define world_test(function) \
	cmocka_unit_test_setup_teardown(function, harness_setup, world_teardown)

/* a copy of the only record that matches; it holds until the next call */
static inline const regmon_registration_t *the(const char *who)
{
	forget_copy();
	copy = malloc(regmon_table_record_size(table));
	assert_non_null(copy);
	assert_int_equal(find_all(who, copy, 1), 1);
	return copy;
}

static inline int32_t after_ms_of(
		const regmon_registration_t *registration, unsigned index)
{
	return regmon_entry_after_ms(
			registration, regmon_registration_entry(registration, index));
}

static inline const regmon_registration_t *the_phone(void)
{
	return the(USUAL_TO);
}

static inline void assert_state(
		const regmon_registration_t *registration, regmon_state_t state)
{
	assert_string_equal(
			regmon_state_name(registration->state), regmon_state_name(state));
}

static inline void assert_counts(const regmon_registration_t *registration,
		unsigned attempts, unsigned successes, unsigned failures)
{
	assert_int_equal(regmon_registration_attempts(registration), attempts);
	assert_int_equal(registration->successes, successes);
	assert_int_equal(registration->failures, failures);
}

static inline void assert_string(const regmon_registration_t *registration,
		regmon_string_t which, const char *expected)
{
	str kept = regmon_registration_string(registration, which);

	if(kept.len != (int)strlen(expected)
			|| memcmp(kept.s, expected, kept.len) != 0)
		fail_msg("\"%.*s\" instead of \"%s\"", kept.len, kept.s, expected);
}

#endif
