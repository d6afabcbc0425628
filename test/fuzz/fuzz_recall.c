/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a phone says again is not read again (registration/recall.c), and nobody must be able to tell. A REGISTER is changed
 * and sent, again and again, to two tables: one reads and judges everything, the other only what recall leaves over. After
 * each message both say the same: class, findings with their texts, news, outcome, every field of the message once it is
 * asked for, and all of the records.
 *
 * The input is a REGISTER, a NUL, and steps of four bytes: what happens, in which line (from 128 on: in which of those lines
 * that are left out of the outline), where in it, and with what. doc/fuzzing.md has the table. */
#define _GNU_SOURCE /* memmem() */
#include "test/fuzz/message.h"
#include "test/unit/registration_world.h"

#define MOST_STEPS 40
#define MOST_BYTES 3000
#define MOST_LINES 128
#define PLANS_N 3

typedef struct step
{
	unsigned what, line, at, b;
} step_t;

typedef struct sight
{
	regmon_message_t message;
	regmon_class_t class;
	regmon_findings_t findings;
	regmon_outcome_t outcome;
	unsigned told[REGMON_EVENTS_N];
} sight_t;

/* a REGISTER between its recall and its observation */
typedef struct recalled
{
	char *text;
	int length;
	const regmon_plan_t *plan;
	regmon_role_t role;
	regmon_repeat_t repeat;
	bool from_memory;
	sight_t sight;
} recalled_t;

static const regmon_plan_t *judges[PLANS_N]; /* expecting; an operator's; every rule */
static regmon_table_t *recalling;
static regmon_role_t role;
static char base[MOST_BYTES], text[2 * MOST_BYTES], last_sent[2 * MOST_BYTES];
static int base_length, length, last_length;
static recalled_t at_hand, held;
static sight_t in_full;
static unsigned blocks_at_start;

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	static regmon_severity_t severities[REGMON_MAX_RULES];
	unsigned i;

	message_start();
	for(i = 0; i < REGMON_MAX_RULES; i++)
		severities[i] = REGMON_WARNING;
	judges[0] = plans[0];
	judges[1] = plans[1];
	judges[2] = fixture_plan(severities, true);
	blocks_at_start = harness_live_blocks;
	return 0;
}

static void begin_both(void)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;

	limits.max_registrations = 8;
	limits.timeline_length = 6;
	now_ms = START_MS;
	table = regmon_table_make(&limits, key, NULL);
	recalling = regmon_table_make(&limits, key, NULL);
	demand(table && recalling, "no memory");
	regmon_events_forget_listeners();
	demand(regmon_events_listen(~0u, listen, NULL) == 0, "no room");
	plan = judges[0];
	role = REGMON_ROLE_AUTO;
	memcpy(text, base, base_length);
	length = base_length;
	last_length = 0;
}

static void end_both(void)
{
	char faults[2000];

	demand(regmon_table_check(recalling, faults, sizeof(faults)) == 0, "%s",
			faults);
	regmon_table_free(table);
	regmon_table_free(recalling);
	table = recalling = NULL;
	free(held.text);
	held.text = NULL;
	demand(harness_live_blocks == blocks_at_start, "%u blocks are left",
			harness_live_blocks - blocks_at_start);
}

/* ---- both say the same ---- */

static void show_difference(const recalled_t *recalled, const char *what)
{
	fprintf(stderr, "%s is not the same for\n%.*s\n", what, recalled->length,
			recalled->text);
}

#define demand_same(left, right, recalled, what)                          \
	do {                                                                  \
		if((left) != (right)) {                                           \
			show_difference(recalled, what);                              \
			demand(false, "%s: %lld read in full, %lld from memory", what, \
					(long long)(left), (long long)(right));               \
		}                                                                 \
	} while(0)

static void compare_classes(const recalled_t *recalled)
{
	const regmon_class_t *left = &in_full.class;
	const regmon_class_t *right = &recalled->sight.class;

	demand_same(left->leg, right->leg, recalled, "the leg");
	demand_same(left->purpose, right->purpose, recalled, "the purpose");
	demand_same(left->credentials, right->credentials, recalled, "credentials");
	demand_same(left->is_protected, right->is_protected, recalled, "protection");
	demand_same(left->emergency, right->emergency, recalled, "emergency");
	demand_same(left->ims, right->ims, recalled, "IMS");
}

static void show_findings(const char *name, const regmon_findings_t *findings)
{
	unsigned i;

	fprintf(stderr, "%s:", name);
	for(i = 0; i < findings->n; i++)
		fprintf(stderr, " %s \"%.*s\"",
				regmon_rule_at(findings->list[i].rule)->id,
				findings->list[i].seen.len, findings->list[i].seen.s);
	fprintf(stderr, "\n");
}

static void compare_findings(const recalled_t *recalled)
{
	const regmon_findings_t *left = &in_full.findings;
	const regmon_findings_t *right = &recalled->sight.findings;
	unsigned i;

	if(left->n != right->n || left->total != right->total) {
		show_findings("read in full", left);
		show_findings("from memory", right);
	}
	demand_same(left->n, right->n, recalled, "the number of findings");
	demand_same(left->total, right->total, recalled, "the total of findings");
	for(i = 0; i < left->n; i++) {
		const char *id = regmon_rule_at(left->list[i].rule)->id;

		demand_same(left->list[i].rule, right->list[i].rule, recalled, id);
		demand_same(left->list[i].severity, right->list[i].severity, recalled,
				"a severity");
		demand_same(left->list[i].mode, right->list[i].mode, recalled, "a mode");
		demand_same(left->list[i].seen.len, right->list[i].seen.len, recalled, id);
		demand_same(left->list[i].seen.s - recalled->text,
				right->list[i].seen.s - recalled->text, recalled, id);
	}
	demand_same(left->worst, right->worst, recalled, "the worst");
	demand_same(left->worst_at, right->worst_at, recalled, "where the worst is");
}

static void compare_outcomes(const recalled_t *recalled)
{
	const regmon_outcome_t *left = &in_full.outcome;
	const regmon_outcome_t *right = &recalled->sight.outcome;
	unsigned i;

	demand_same(left->remembered, right->remembered, recalled, "remembered");
	demand_same(left->retransmission, right->retransmission, recalled, "repeat");
	demand_same(left->parallel_leg, right->parallel_leg, recalled, "parallel");
	demand_same(left->state, right->state, recalled, "the state");
	demand_same(left->kind, right->kind, recalled, "the attempt's kind");
	demand_same(left->attempts, right->attempts, recalled, "attempts");
	demand_same(left->failures, right->failures, recalled, "failures");
	demand_same(left->registered_ms, right->registered_ms, recalled, "since");
	demand_same(left->leg, right->leg, recalled, "the leg of the outcome");
	demand_same(left->impu_hash, right->impu_hash, recalled, "the IMPU");
	for(i = 0; i < REGMON_EVENTS_N; i++)
		demand_same(in_full.told[i], recalled->sight.told[i], recalled, "news");
}

/* a record but for its place in the table and what only one of them remembers */
typedef struct sum
{
	uint64_t hash;
	unsigned records_n;
} sum_t;

static bool add_record(const regmon_registration_t *registration, void *context)
{
	static char block[4000];
	regmon_registration_t *record = (regmon_registration_t *)block;
	size_t size = regmon_table_record_size(table), i;
	sum_t *sum = context;
	uint64_t word;

	demand(size <= sizeof(block) && size % 8 == 0, "a record of %zu bytes", size);
	memset(block, 0, size);
	regmon_registration_copy(registration, block);
	record->next = record->older = record->newer = NULL;
	record->supplement = NULL; /* what it has stands behind the timeline */
	record->said = (regmon_said_t){.client_hash = record->said.client_hash};
	for(i = 0; i < size; i += 8) {
		memcpy(&word, block + i, 8);
		sum->hash = target_mix(sum->hash, word);
		sum->hash ^= sum->hash >> 29;
	}
	sum->records_n++;
	return true;
}

static void compare_records(const recalled_t *recalled)
{
	sum_t sums[2] = {{TARGET_HASH_START, 0}, {TARGET_HASH_START, 0}};
	uint32_t cursor = 0;

	do
		regmon_table_visit(table, &cursor, add_record, &sums[0]);
	while(cursor);
	do
		regmon_table_visit(recalling, &cursor, add_record, &sums[1]);
	while(cursor);
	demand_same(sums[0].records_n, sums[1].records_n, recalled,
			"the number of records");
	demand_same(sums[0].hash, sums[1].hash, recalled, "a record");
}

/* ---- a REGISTER into both ---- */

static regmon_arrival_t arrival(void)
{
	return (regmon_arrival_t){.source_address = REGMON_TEXT("10.0.0.1"),
			.source_port = 5060,
			.received_port = 5060,
			.transport = "UDP",
			.now_ms = now_ms};
}

static void observe_in(regmon_table_t *into, sight_t *sight,
		regmon_observation_t *observation)
{
	memset(told, 0, sizeof(told));
	memset(&sight->outcome, 0, sizeof(sight->outcome));
	observation->now_ms = now_ms;
	observation->message = &sight->message;
	observation->class = &sight->class;
	observation->findings = &sight->findings;
	regmon_table_observe(into, observation, &sight->outcome);
	memcpy(sight->told, told, sizeof(told));
	demand(harness_locks_held == 0, "a lock is still held");
}

/* Where To begins, or something else does: by the length, so that the input decides. */
static const char *where_to_begins(const char *from, int size)
{
	const char *to = memmem(from, size, "\nTo: ", 5);

	if(to == NULL || size % 8 == 0)
		return size % 3 ? NULL : from + size / 3;
	return to + 5;
}

/* as hooks/request.c does */
static void recall(recalled_t *recalled)
{
	regmon_arrival_t arrived = arrival();

	recalled->text = malloc(length ? length : 1);
	demand(recalled->text, "no memory");
	memcpy(recalled->text, text, length);
	recalled->length = length;
	recalled->plan = plan;
	recalled->role = role;
	regmon_table_recall(recalling, plan, role, recalled->text, length,
			where_to_begins(recalled->text, length), &recalled->sight.message,
			&recalled->repeat);
	recalled->from_memory = regmon_repeat_judge(plan, role,
			&recalled->sight.message, &arrived, &recalled->repeat,
			&recalled->sight.class, &recalled->sight.findings);
}

static void observe_both(recalled_t *recalled)
{
	regmon_arrival_t arrived = arrival();
	regmon_observation_t observation = {.what = REGMON_HAPPENING_REQUEST_IN,
			.arrival = &arrived,
			.plan = recalled->plan};
	sight_t *sight = &recalled->sight;
	uint64_t read;

	regmon_message_read(recalled->text, recalled->length, &in_full.message);
	read = view_message(&in_full.message);
	regmon_classify(
			&in_full.message, &arrived, recalled->role, &in_full.class);
	regmon_rules_judge(recalled->plan, &in_full.message, &in_full.class,
			&in_full.findings);
	observe_in(table, &in_full, &observation);
	observation.repeat = &recalled->repeat;
	observe_in(recalling, sight, &observation);
	if(recalled->from_memory)
		regmon_judgement_show(recalled->plan, &sight->message, &sight->class,
				&sight->findings);
	regmon_message_complete(&sight->message);
	compare_classes(recalled);
	compare_findings(recalled);
	compare_outcomes(recalled);
	compare_records(recalled);
	demand_same(read, view_message(&sight->message), recalled, "a late reading");
	free(recalled->text);
	recalled->text = NULL;
}

static void send_text(void)
{
	recall(&at_hand);
	observe_both(&at_hand);
	memcpy(last_sent, text, length);
	last_length = length;
}

/* What is recalled now is observed later, when another process may have been faster with another REGISTER. */
static void hold_or_release(void)
{
	if(held.text == NULL)
		recall(&held);
	else
		observe_both(&held);
}

/* ---- answers ---- */

static int copy_line(char *to, const char *name)
{
	const char *at = last_sent, *end = last_sent + last_length, *next;
	int n = (int)strlen(name);

	for(; at < end; at = next) {
		next = memchr(at, '\n', end - at);
		next = next ? next + 1 : end;
		if(next - at > n && memcmp(at, name, n) == 0) {
			memcpy(to, at, next - at);
			return (int)(next - at);
		}
	}
	return 0;
}

static void answer_both(const step_t *step)
{
	static const char *const copied[] = {
			"Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: "};
	static const int codes[] = {200, 401, 200, 401, 403, 423, 494, 500};
	static char reply[2 * MOST_BYTES + 1000];
	int code = codes[step->line & 7], n = sprintf(reply, "SIP/2.0 %d A\r\n", code);
	regmon_observation_t observation = {
			.what = step->at & 1 ? REGMON_HAPPENING_ANSWER_IN
								 : REGMON_HAPPENING_ANSWER_OUT,
			.plan = plan};
	static sight_t other;
	unsigned i;

	for(i = 0; i < REGMON_COUNT(copied); i++)
		n += copy_line(reply + n, copied[i]);
	if(code == 200 && !(step->at & 2))
		n += copy_line(reply + n, "Contact: ");
	if(code == 401)
		n += sprintf(reply + n,
				"WWW-Authenticate: Digest realm=\"r\",nonce=\"%044u\","
				"algorithm=AKAv1-MD5\r\n"
				"Security-Server: ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;"
				"spi-c=4096;spi-s=%u;port-c=5100;port-s=6100\r\n",
				step->b, 4096 + step->b);
	n += sprintf(reply + n, "Expires: %u\r\nMin-Expires: 600\r\n\r\n",
			step->at & 4 ? 60u : 600000u);
	regmon_message_read(reply, n, &in_full.message);
	regmon_classify(&in_full.message, NULL, role, &in_full.class);
	regmon_rules_judge(
			plan, &in_full.message, &in_full.class, &in_full.findings);
	other = in_full;
	observe_in(table, &in_full, &observation);
	observe_in(recalling, &other, &observation);
}

/* ---- changes of the text ---- */

static const char *const words[] = {"\"", ";", ",", "<", ">", "=", " ", "\r\n ",
		"\t", ":", "@", "*", "0", "4294967296", "z9hG4bK", ";rport=5", ";keep",
		";tag=x", "REGISTER", "INVITE", "TCP", ";received=1.2.3.4", ";lr",
		"response=\"\"", "nonce=\"A\"", "auts=\"AAAA\"", "qop=auth", "nc=1",
		"integrity-protected=\"yes\"", "algorithm=MD5", "algorithm=AKAv2-MD5",
		"alg=hmac-md5-96", "ealg=null", "spi-c=1", "port-s=0", ";q=0.5", "tls",
		"ipsec-3gpp", ";mediasec", "3GPP-NR-FDD", "network-provided",
		"utran-cell-id-3gpp=\"0010", "IEEE-802.11", "class", ";expires=0",
		";reg-id=1", "+sip.instance=\"<urn:gsma:imei:1>\"", "path", "sec-agree",
		"Via: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bK9\r\n", "Path: <sip:p@a>\r\n",
		"Contact: <sip:b@b>\r\n", "P-Access-Network-Info: IEEE-802.11\r\n",
		"Security-Client: tls\r\n", "Security-Verify: tls\r\n",
		"From: <sip:c@c>;tag=c\r\n", "To: <sip:c@c>\r\n", "Expires: 0\r\n",
		"Authorization: Digest username=\"u\"\r\n", "nonsense\r\n", "\r\n",
		"Call-ID: 2\r\n", "CSeq: 7 REGISTER\r\n", "X: y\r\n"};

/* name: the first line of that header, NULL: the line of the step. false: there is none. */
static bool find_line(
		const step_t *step, const char *name, int *ret_from, int *ret_to)
{
	static int from[MOST_LINES], to[MOST_LINES];
	bool left_out = step->line & 0x80;
	int at = 0, n = 0, next;

	for(; at < length && n < MOST_LINES; at = next) {
		const char *lf = memchr(text + at, '\n', length - at);
		const char *colon = memchr(text + at, ':', length - at);
		str word = {text + at, colon ? (int)(colon - text) - at : 0};

		next = lf ? (int)(lf - text) + 1 : length;
		if(name ? !(word.len == (int)strlen(name)
						  && memcmp(word.s, name, word.len) == 0)
				: left_out
						&& !((REGMON_HEADERS_LEFT_OUT
									 >> regmon_header_find(word))
								& 1))
			continue;
		from[n] = at;
		to[n++] = next;
		if(name)
			break;
	}
	if(n == 0)
		return false;
	n = name ? 0 : (int)(step->line & 0x7f) % n;
	*ret_from = from[n];
	*ret_to = to[n];
	return true;
}

static void replace(int at, int n, const char *by, int by_n)
{
	if(length - n + by_n > MOST_BYTES)
		return;
	memmove(text + at + by_n, text + at + n, length - at - n);
	memcpy(text + at, by, by_n);
	length += by_n - n;
}

/* the last digit or letter in front of the first of these characters, or of the line's end */
static void count_up(const char *name, const char *part)
{
	const step_t none = {0, 0, 0, 0};
	int from, to, at, n = (int)strlen(part);

	if(!find_line(&none, name, &from, &to))
		return;
	for(at = from; at + n < to && memcmp(text + at, part, n) != 0; at++)
		;
	for(at += n; at < to; at++) {
		char *end = &text[at];

		if(*end < '0' || *end > '9')
			continue;
		*end = *end == '9' ? '0' : *end + 1;
		if(*end == '0' && at > from && end[-1] >= '0' && end[-1] < '9')
			end[-1]++;
		return;
	}
}

/* as a phone does for its next REGISTER */
static void next_of_phone(void)
{
	count_up("CSeq", ":");
	count_up("Via", "branch=z9hG4bK");
}

static void change_line(const step_t *step, int from, int to)
{
	int at = from + (to > from ? (int)step->at % (to - from) : 0);
	const char *word = words[step->b % REGMON_COUNT(words)];
	char byte = (char)step->b;
	static char line[MOST_BYTES];

	switch(step->what) {
		case 3:
			replace(at, 0, word, (int)strlen(word));
			break;
		case 4: /* instead of what stands there */
			replace(at, to - at < (int)strlen(word) ? to - at : (int)strlen(word),
					word, (int)strlen(word));
			break;
		case 5:
			if(at < to)
				text[at] = byte;
			break;
		case 6:
			replace(at, to - at < 1 + (int)step->b % 24 ? to - at
														: 1 + (int)step->b % 24,
					"", 0);
			break;
		case 7: /* the same line once more, further on or further in front */
			if(to - from > MOST_BYTES)
				break;
			memcpy(line, text + from, to - from);
			if(step->b & 1 && find_line(&(step_t){.line = step->at}, NULL, &at,
									  &(int){0}))
				replace(at, 0, line, to - from);
			else
				replace(to, 0, line, to - from);
			break;
		case 8:
			replace(from, to - from, "", 0);
			break;
		default: /* a line in front of it */
			word = words[REGMON_COUNT(words) - 1 - step->b % 16];
			replace(from, 0, word, (int)strlen(word));
	}
}

/* ---- steps ---- */

static void take(const step_t *step)
{
	static const int64_t seconds[] = {0, 1, 3, 33, 129, 241, 3601, 600000};
	int from, to;

	switch(step->what) {
		case 0:
			send_text();
			break;
		case 1:
		case 2:
			now_ms += 200 * SECOND;
			next_of_phone();
			send_text();
			break;
		case 10:
			memcpy(text, base, base_length);
			length = base_length;
			break;
		case 11:
			answer_both(step);
			break;
		case 12:
			now_ms += seconds[step->at & 7] * SECOND + step->b;
			if(step->line & 1) {
				regmon_table_expire(table, now_ms);
				regmon_table_expire(recalling, now_ms);
			}
			break;
		case 13:
			plan = judges[step->at % PLANS_N];
			role = step->b % (REGMON_ROLE_TAP + 1);
			break;
		case 14:
			regmon_table_forget(table, NULL);
			regmon_table_forget(recalling, NULL);
			break;
		case 15:
			hold_or_release();
			break;
		default:
			if(find_line(step, NULL, &from, &to))
				change_line(step, from, to);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, 0, size), *at;
	unsigned steps;

	if(end == NULL || end - data > MOST_BYTES || end - data < 12)
		return 0;
	base_length = (int)(end - data);
	memcpy(base, data, base_length);
	begin_both();
	send_text();
	for(at = end + 1, steps = 0; data + size - at >= 4 && steps < MOST_STEPS;
			at += 4, steps++)
		take(&(step_t){at[0] & 15, at[1], at[2], at[3]});
	next_of_phone();
	send_text();
	if(held.text)
		observe_both(&held);
	end_both();
	return 0;
}
