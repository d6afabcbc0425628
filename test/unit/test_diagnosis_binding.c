/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cseq-regression, refresh-storm and binding-does-not-hold. */
#include "diagnosis_record.h"

#define BACK "cseq-regression"
#define STORM "refresh-storm"
#define LOST "binding-does-not-hold"

/* ---- cseq-regression ---- */

static void find(regmon_entry_t *entry, const char *id)
{
	int rule = regmon_rule_find((str){(char *)id, (int)strlen(id)});

	assert_in_range(rule, 0, REGMON_MAX_RULES - 1);
	record->finding_bits[rule / 64] |= UINT64_C(1) << (rule % 64);
	entry->finding = rule + 1;
	entry->severity = REGMON_ERROR;
}

/* registered with CSeq up to before, then a refresh with CSeq after, found or not */
static regmon_entry_t *step(uint32_t before, uint32_t after, int64_t at)
{
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, before, 0);
	record_grant(100, 3600);
	record->last_cseq = before;
	regmon_registration_set_string(
			record, REGMON_STRING_CALL_ID, REGMON_TEXT("abc@phone"));
	record_open(at, REGMON_ATTEMPT_REFRESH);
	return record_request(at, after, 0);
}

static void went_back(const char *rule)
{
	find(step(20, 1, 10000), rule);
	record->supplement->cseq_regressions = 1;
}

static void cseq_went_back(void **state)
{
	went_back("CSEQ-02");
	record_applies(BACK, 10001, REGMON_CERTAIN);
	record_says(BACK, 10001, "14:03:17.000 REGISTER with CSeq 1, 10 s after "
							 "CSeq 20");
	record_says(BACK, 10001, "1 time within one Call-ID");
	record_says(BACK, 10001, "no answer to it was seen");
	record_says(BACK, 10001, "Call-ID abc@phone");
	record_suspects(BACK, 10001, "The phone was restarted");
	record_refusal(10100, 500, "CSeq too low");
	record_applies(BACK, 10101, REGMON_CERTAIN);
	record_says(BACK, 10101, "answered with 500 at 14:03:17.100");
	went_back("CSEQ-03");
	record_applies(BACK, 10001, REGMON_CERTAIN);
	/* a registrar that does not look at CSeq accepts it: still so */
	record_grant(10100, 3600);
	record_applies(BACK, 10101, REGMON_CERTAIN);
	/* its twin: a later one, higher, is accepted */
	record_open(20000, REGMON_ATTEMPT_REFRESH);
	record_request(20000, 21, 0);
	record_grant(20100, 3600);
	record_applies(BACK, 20101, REGMON_POSSIBLE);
	record_says(BACK, 20101, "a later REGISTER of this phone was accepted");
}

static void cseq_in_its_forms(void **state)
{
	find(step(20, 19, 300), "CSEQ-02");
	record->supplement->cseq_regressions = 1;
	record_suspects(BACK, 400, "A REGISTER was overtaken");
	find(step(20, 20, 300), "CSEQ-02");
	record->supplement->cseq_regressions = 1;
	record_suspects(BACK, 400, "A REGISTER was overtaken");
	find(step(900, 450, 300), "CSEQ-02");
	record->supplement->cseq_regressions = 1;
	record_suspects(BACK, 400, "Two devices");
}

static void cseq_hidden_or_forgotten(void **state)
{
	regmon_entry_t *entry;
	unsigned i;

	/* the entry names a worse finding */
	entry = step(20, 1, 10000);
	find(entry, "CSEQ-02");
	find(entry, "CSEQ-04");
	record->supplement->cseq_regressions = 1;
	record_applies(BACK, 10001, REGMON_LIKELY);
	/* it has left the timeline */
	went_back("CSEQ-02");
	record_refusal(10100, 500, "no");
	for(i = 0; i < RECORD_TIMELINE; i++)
		record_entry(REGMON_ENTRY_RETRANSMISSION, REGMON_SIDE_PHONE, 11000 + i);
	record_applies(BACK, 12000, REGMON_POSSIBLE);
	record->expires_ms = 0;
	record->state = REGMON_STATE_EXPIRED;
	record_applies(BACK, 12000, REGMON_LIKELY);
	record_says(BACK, 12000, "not in the timeline any more; highest CSeq of "
							 "this Call-ID: 20");
	/* counted, but the rules are switched off */
	step(20, 1, 10000);
	record->supplement->cseq_regressions = 1;
	record_applies(BACK, 10001, REGMON_POSSIBLE);
	record->expires_ms = 0;
	record_applies(BACK, 10001, REGMON_POSSIBLE);
}

static void cseq_is_fine(void **state)
{
	/* lower with a new Call-ID: neither counted nor found */
	step(20, 1, 10000);
	record_not(BACK, 10001);
	/* a finding of old, the counter says nothing */
	find(step(20, 1, 10000), "CSEQ-02");
	record_not(BACK, 10001);
	/* the same REGISTER on another leg is no step back */
	went_back("CSEQ-02");
	record->timeline[record->timeline_next - 1].marks |= REGMON_MARK_PARALLEL;
	record_applies(BACK, 10001, REGMON_POSSIBLE);
}

/* ---- refresh-storm ---- */

static int64_t storm(unsigned refreshes, int64_t every)
{
	int64_t at = 1000;
	unsigned i;

	record_new();
	record_good(0);
	for(i = 1; i <= refreshes; i++) {
		at = 1000 + i * every;
		record_open(at - 100, REGMON_ATTEMPT_REFRESH);
		record_request(at - 100, 2 + i, REGMON_MARK_CREDENTIALS);
		record_grant(at, 3600);
		record->early_refreshes = i;
		record->shortest_refresh_s = every / 1000;
	}
	return at;
}

static void storm_seen(void **state)
{
	int64_t at = storm(2, 20000);

	record_not(STORM, at);
	at = storm(3, 20000);
	record_applies(STORM, at + 10, REGMON_LIKELY);
	record_says(STORM, at, "3 refreshes in a row came early, the earliest 20 s "
						   "after the 200; due after 3000 s (granted 3600 s)");
	record_says(STORM, at, "seconds from 200 to 200: 20, 20, 20");
	record_says(STORM, at, "no reason showed in them: same contact");
	record_says(STORM, at + 2000,
			"the last REGISTER came at 14:04:07.900, 2.1 s ago");
	record_suspects(STORM, at, "The phone: a timer");
	at = storm(30, 2000);
	record_applies(STORM, at, REGMON_LIKELY);
	record_says(STORM, at, "2, 2, 2");
	record_says(STORM, at, "30 refreshes in a row");
	record_thresholds.storm_count = 1;
	at = storm(1, 20000);
	record_says(STORM, at, "1 refresh in a row came early");
	record_thresholds.storm_count = 3;
}

static void storm_with_another_reason(void **state)
{
	int64_t at = storm(4, 20000);

	/* it fell quiet: 750 s are a quarter of 3000 s */
	record_applies(STORM, at + 749000, REGMON_LIKELY);
	record_applies(STORM, at + 751000, REGMON_POSSIBLE);
	/* its refreshes fail */
	record->failures_in_row = 2;
	record_applies(STORM, at, REGMON_POSSIBLE);
	record_suspects(STORM, at, "The 200:");
	record_says(STORM, at, "speaks against it: 2 attempts failed since");
	/* its binding is not there */
	at = storm(4, 20000);
	record->supplement->bindings_missing = 2;
	record_applies(STORM, at, REGMON_POSSIBLE);
	assert_int_equal(record_diagnosis.list[0].cause, record_cause(LOST));
	/* granted so little that it must come often */
	at = storm(4, 5000);
	record->granted_s = 50;
	record->expires_ms = RECORD_START + at + 50000;
	record_applies(STORM, at, REGMON_POSSIBLE);
	record_says(STORM, at, "speaks against it: granted for 50 s only");
}

static void no_storm(void **state)
{
	int64_t at = storm(4, 20000);

	/* no binding any more */
	record->expires_ms = 0;
	record->state = REGMON_STATE_DEREGISTERED;
	record_not(STORM, at);
	/* early, but not before this operator's quarter of the due time: 750 s */
	at = storm(4, 750000);
	record_not(STORM, at);
	at = storm(4, 749000);
	record_applies(STORM, at, REGMON_LIKELY);
	/* the counter went back to nothing: the last one came in time */
	at = storm(4, 20000);
	record->early_refreshes = 0;
	record_not(STORM, at);
	record_new();
	record_good(0);
	record_not(STORM, 2000);
}

/* ---- binding-does-not-hold ---- */

static void binding_missing(void **state)
{
	record_new();
	record_good(0);
	record->expires_ms = 0;
	record->state = REGMON_STATE_FAILED;
	record->supplement->bindings_missing = 1;
	regmon_registration_set_string(
			record, REGMON_STRING_CONTACT, REGMON_TEXT("sip:a@192.0.2.7"));
	record_applies(LOST, 2000, REGMON_LIKELY);
	record_says(LOST, 2000, "1 time in a row the 200 was without");
	record_says(LOST, 2000, "contact of the phone: sip:a@192.0.2.7");
	record_suspects(LOST, 2000, "The registrar did not store");
	record_summary_says(2000, "without a binding of this phone in the answer");
	record->supplement->bindings_missing = 2;
	record_applies(LOST, 2000, REGMON_CERTAIN);
	record->state = REGMON_STATE_DEREGISTERED;
	record_not(LOST, 2000);
}

static void binding_short(void **state)
{
	record_new();
	record_good(0);
	record->granted_s = 59;
	record->requested_s = 600000;
	record->short_grants = 4;
	record_applies(LOST, 2000, REGMON_LIKELY);
	record_says(LOST, 2000, "4 short grants in a row");
	record_says(LOST, 2000, "last granted 59 s at 14:03:08.000");
	record_says(LOST, 2000, "the phone asked for 600000 s");
	record_suspects(LOST, 2000, "The registrar's limits");
	record->requested_s = 59;
	record_applies(LOST, 2000, REGMON_POSSIBLE);
	record_suspects(LOST, 2000, "The phone's configuration");
	record->requested_s = 600000;
	record->granted_s = 60;
	record_not(LOST, 2000);
}

static void phone_returns(void **state)
{
	record_new();
	record_good(0);
	record_first_round(60000, 1);
	record->returns_unprotected = 1;
	record_applies(LOST, 60200, REGMON_POSSIBLE);
	record->returns_unprotected = 2;
	record_applies(LOST, 60200, REGMON_LIKELY);
	record_says(LOST, 60200, "2 times in a row the phone came with a new, "
							 "unprotected REGISTER inside the granted time");
	record_says(LOST, 60200, "the last at 14:04:07.000");
	record_suspects(LOST, 60200, "The phone lost the 200 or its SA");
	/* its twin: since then it refreshes in peace */
	record_request(60500, 2, REGMON_MARK_CREDENTIALS);
	record_grant(61000, 3600);
	record_open(3060000, REGMON_ATTEMPT_REFRESH);
	record_request(3060000, 3, REGMON_MARK_CREDENTIALS);
	record_grant(3060100, 3600);
	record_not(LOST, 3060200);
}

/* what the network takes back is another cause, however soon */
static void binding_taken_back(void **state)
{
	record_new();
	record_good(0);
	record->expires_ms = 0;
	record->state = REGMON_STATE_NETWORK_DEREGISTERED;
	record->state_since_ms = RECORD_START + 13500;
	record_not(LOST, 20000);
}

static void binding_holds(void **state)
{
	record_new();
	record_not(LOST, 0);
	record_good(0);
	record_not(LOST, 2000);
	assert_int_equal(record_diagnosis.n, 0);
	/* ran out, an hour granted */
	record->expires_ms = 0;
	record->state = REGMON_STATE_EXPIRED;
	record_not(LOST, 4000000);
}

static void all_is_shown(void **state)
{
	record_all_shown(BACK);
	record_all_shown(STORM);
	record_all_shown(LOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(cseq_went_back),
			harness_test(cseq_in_its_forms),
			harness_test(cseq_hidden_or_forgotten), harness_test(cseq_is_fine),
			harness_test(storm_seen), harness_test(storm_with_another_reason),
			harness_test(no_storm), harness_test(binding_missing),
			harness_test(binding_short), harness_test(phone_returns),
			harness_test(binding_taken_back), harness_test(binding_holds),
			harness_test(all_is_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
