/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lives as they should be, through a real table: first REGISTER, challenge, answer, 200, refresh, a refresh that is
 * challenged, de-registration. Not one finding above a note. And the same lives with one thing wrong: that is found. */
#include "registration/table.h"
#include "test/unit/rules_fixture.h"

#define LIVES "test/rules/life/"
#define START_MS INT64_C(1700000000000)

static const uint8_t key[] = "0123456789abcdef";

typedef struct life
{
	char *text;
	regmon_plan_t *plan;
	regmon_table_t *table;
	unsigned messages_n;
	char found[400]; /* ids above note, each followed by a blank */
	char noted[400]; /* ids of notes */
} life_t;

static void note(life_t *life, const regmon_findings_t *findings)
{
	unsigned i;

	for(i = 0; i < findings->n; i++) {
		const char *id = regmon_rule_at(findings->list[i].rule)->id;
		char *list = findings->list[i].severity > REGMON_NOTE ? life->found
															  : life->noted;

		if(strstr(list, id) == NULL)
			snprintf(list + strlen(list), sizeof(life->found) - strlen(list),
					"%s ", id);
	}
}

/* "@ SECONDS in|from-core|out", then the message */
static void live(life_t *life, const char *how, int64_t now_ms, const char *from,
		const char *to)
{
	regmon_findings_t findings;
	regmon_observation_t observation = {.now_ms = now_ms,
			.plan = life->plan,
			.findings = &findings};
	fixture_t fixture;
	size_t length;
	char *text = malloc(2 * (to - from) + 1), *at = text;

	assert_non_null(text);
	for(; from < to; from++) {
		if(*from == '\n')
			*at++ = '\r';
		*at++ = *from;
	}
	*at = '\0';
	fixture_read_text(&fixture, harness_copy(text, &length), at - text);
	free(text);
	observation.what = strcmp(how, "in") == 0 ? REGMON_HAPPENING_REQUEST_IN
					   : strcmp(how, "out") == 0
							   ? REGMON_HAPPENING_ANSWER_OUT
							   : REGMON_HAPPENING_ANSWER_IN;
	observation.message = &fixture.message;
	observation.class = &fixture.class;
	regmon_rules_judge(
			life->plan, &fixture.message, &fixture.class, &findings);
	regmon_table_observe(life->table, &observation, NULL);
	note(life, &findings);
	life->messages_n++;
	fixture_free(&fixture);
}

static void live_all(life_t *life)
{
	char *step = life->text;

	while(step && *step == '@') {
		char how[16];
		long long seconds;
		char *message = strchr(step, '\n') + 1;
		char *next = strstr(message, "\n@ ");

		assert_int_equal(sscanf(step, "@ %lld %15s", &seconds, how), 2);
		regmon_table_expire(life->table, START_MS + seconds * 1000);
		live(life, how, START_MS + seconds * 1000, message,
				next ? next + 1 : message + strlen(message));
		step = next ? next + 1 : NULL;
	}
}

/* replaces the text at its nth place (from 1); both are equally long */
static void change(life_t *life, int nth, const char *right, const char *wrong)
{
	char *at = life->text - 1;

	assert_int_equal(strlen(right), strlen(wrong));
	while(nth-- > 0) {
		at = strstr(at + 1, right);
		if(at == NULL)
			fail_msg("no %s", right);
	}
	memcpy(at, wrong, strlen(wrong));
}

static void begin(life_t *life, const char *name)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	char path[128];
	size_t length;
	char *file;

	memset(life, 0, sizeof(*life));
	snprintf(path, sizeof(path), LIVES "%s.flow", name);
	file = harness_read_file(path, &length);
	life->text = calloc(1, length + 1);
	assert_non_null(life->text);
	memcpy(life->text, file, length);
	free(file);
	limits.max_registrations = 100;
	life->table = regmon_table_make(&limits, key, NULL);
	assert_non_null(life->table);
	life->plan = fixture_plan(NULL, false);
}

static void end(life_t *life)
{
	char faults[400];

	if(regmon_table_check(life->table, faults, sizeof(faults)))
		fail_msg("%s", faults);
	regmon_table_free(life->table);
	free(life->plan);
	free(life->text);
}

static void healthy_lives(void **state)
{
	static const struct
	{
		const char *name;
		unsigned messages;
	} lives[] = {{"vonr-at-pcscf", 18}, {"vonr-at-scscf", 12},
			{"refused-at-pcscf", 4}, {"resync-at-pcscf", 6},
			{"plain-at-registrar", 12}};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(lives); i++) {
		life_t life;

		begin(&life, lives[i].name);
		live_all(&life);
		assert_int_equal(life.messages_n, lives[i].messages);
		if(life.found[0])
			fail_msg("%s: %s", lives[i].name, life.found);
		end(&life);
	}
}

/* The way from the texts over the record to the rule, one rule at a time. */
static void one_thing_wrong(void **state)
{
	static const struct
	{
		const char *life;
		int nth;
		const char *right, *wrong, *found;
	} cases[] = {
			/* phone */
			{"vonr-at-pcscf", 2, "spi-c=160001", "spi-c=160009", "SEC-13 "},
			{"vonr-at-pcscf", 2, "q=0.1;prot", "q=0.2;prot", "SEC-14 "},
			{"vonr-at-pcscf", 2, "q=0.1;prot", "q=.10;prot", ""},
			{"vonr-at-pcscf", 2, "q=0.1;prot", "Q=0.1;PROT", ""},
			{"vonr-at-pcscf", 4, "q=0.1;prot", "q=0.2;prot", "SEC-16 "},
			{"vonr-at-pcscf", 1, "spi-c=160003;spi-s=160004",
					"spi-c=160001;spi-s=160002", "SEC-17 "},
			{"vonr-at-pcscf", 3, "CSeq: 3 R", "CSeq: 9 R", ""},
			/* network */
			{"vonr-at-pcscf", 1, "spi-s=4097;port-c=5100",
					"xxx-s=4097;port-c=5100", "R401-05 SEC-14 SEC-16 "},
			{"vonr-at-pcscf", 1,
					"q=0.1;prot=esp;mod=trans;alg=hmac-sha-1-96;ealg=aes-cbc",
					"q=0.1;prot=esp;mod=trans;alg=hmac-sha-1-96;ealg=aes-gcm",
					"R401-06 SEC-14 SEC-16 "},
			{"vonr-at-pcscf", 1, ",ck=", ",cx=", "R401-04 "},
			{"vonr-at-pcscf", 2, "Service-Route", "Service-Fault", "R200-05 "},
			{"vonr-at-pcscf", 1, "spi-c=4098;spi-s=4099",
					"spi-c=4096;spi-s=4097", "R401-07 SEC-14 SEC-16 "},
			{"vonr-at-pcscf", 2, ";expires=600000", ";expires=700000",
					"R200-03 "},
			{"vonr-at-pcscf", 2, ";expires=600000", ";expirez=600000",
					"R200-01 "},
			{"vonr-at-scscf", 2, "Path: <sip:term@pcscf1", "Path: <sip:term@pcscf2",
					"R200-07 "},
			{"refused-at-pcscf", 1, "@ 31 in", "@ 29 in", "ST-16 "},
			{"resync-at-pcscf", 1, "spi-c=160003;spi-s=160004",
					"spi-c=160001;spi-s=160002", "SEC-18 SEC-13 "},
			{"plain-at-registrar", 1, "192.0.2.10:5060>;expires=3600",
					"192.0.2.99:5060>;expires=3600", "R200-02 "},
			{"plain-at-registrar", 1, ";expires=3600", ";expires=9999",
					"R200-03 "},
	};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(cases); i++) {
		life_t life;

		begin(&life, cases[i].life);
		change(&life, cases[i].nth, cases[i].right, cases[i].wrong);
		live_all(&life);
		if(strcmp(life.found, cases[i].found) != 0)
			fail_msg("%s, %s for %s: found \"%s\", not \"%s\"", cases[i].life,
					cases[i].wrong, cases[i].right, life.found,
					cases[i].found);
		end(&life);
	}
}

static void one_thing_worth_a_note(void **state)
{
	static const struct
	{
		const char *life;
		int nth;
		const char *right, *wrong, *noted;
	} cases[] = {
			{"vonr-at-pcscf", 4, "orig@scscf1", "orig@scscf2", "ST-26 "},
			{"vonr-at-pcscf", 4, ", <tel:+15550001234>",
					";xxtel:+15550001234x", "ST-19 "},
			{"vonr-at-pcscf", 1, "@ 599403 in", "@ 599599 in", "ST-14 "},
			{"vonr-at-pcscf", 1, "@ 599403 in", "@ 000403 in", "ST-13 "},
	};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(cases); i++) {
		life_t life;

		begin(&life, cases[i].life);
		change(&life, cases[i].nth, cases[i].right, cases[i].wrong);
		live_all(&life);
		if(strstr(life.noted, cases[i].noted) == NULL || life.found[0])
			fail_msg("%s for %s: noted \"%s\", not \"%s\"; found \"%s\"",
					cases[i].wrong, cases[i].right, life.noted, cases[i].noted,
					life.found);
		end(&life);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(healthy_lives),
			cmocka_unit_test(one_thing_wrong),
			cmocka_unit_test(one_thing_worth_a_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
