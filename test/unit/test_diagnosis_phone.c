/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expired-without-refresh, back-off-ignored, overlapping-registers and duplicate-device. What looks alike and is something
 * else goes through a real table, because its counters tell the two apart. */
#include "diagnosis_record.h"

#include "test/unit/registration_world.h"

#define EXPIRED "expired-without-refresh"
#define EARLY "back-off-ignored"
#define OVERLAP "overlapping-registers"
#define DUPLICATE "duplicate-device"

/* The table's record of this phone becomes the one that is asked about; returns the table's time. */
static int64_t take(const char *who)
{
	const regmon_registration_t *registration = the(who);

	assert_true(registration->timeline_length <= RECORD_TIMELINE);
	regmon_registration_copy(registration, &record_block);
	if(record->supplement == NULL) {
		memset(&record_supplement, 0, sizeof(record_supplement));
		record->supplement = &record_supplement;
	}
	return now_ms - RECORD_START;
}

/* ---- expired-without-refresh ---- */

/* granted for an hour at 14:03:08, ran out */
static void ran_out(void)
{
	record_new();
	record_good(0);
	record->requested_s = 3600;
	record->expires_ms = 0;
	record->state = REGMON_STATE_EXPIRED;
	record->expired_in_row = 1;
	record_entry(REGMON_ENTRY_EXPIRED, REGMON_SIDE_PHONE, 3601000);
}

static void ran_out_once(void **state)
{
	ran_out();
	record_applies(EXPIRED, 3700000, REGMON_POSSIBLE);
	record_suspects(EXPIRED, 3700000, "Coverage, battery or a crash");
	record_says(EXPIRED, 3700000, "15:03:08.000 the binding ran out; granted "
								  "3600 s at 14:03:08.000, refresh due after "
								  "3000 s");
	record_silent_of(EXPIRED, 3700000, "came back");
	record_silent_of(EXPIRED, 3700000, "in a row");
	record_silent_of(EXPIRED, 3700000, "asked for");
	record->requested_s = 600000;
	record_says(EXPIRED, 3700000, "the phone had asked for 600000 s");
}

static void ran_out_and_came_back(void **state)
{
	/* 10 minutes are soon, a millisecond more is not */
	ran_out();
	record_first_round(4201000, 7);
	record_applies(EXPIRED, 4201200, REGMON_LIKELY);
	record_suspects(EXPIRED, 4201200, "The phone was there");
	record_says(EXPIRED, 4201200, "the phone came back 10 min 0 s later");
	/* what counts is when it came, not how often since */
	record_first_round(9000000, 9);
	record_applies(EXPIRED, 9000200, REGMON_LIKELY);
	record_says(EXPIRED, 9000200, "the phone came back 10 min 0 s later");
	ran_out();
	record_first_round(4201001, 7);
	record_applies(EXPIRED, 4201200, REGMON_POSSIBLE);
	record_suspects(EXPIRED, 4201200, "Coverage, battery or a crash");
	record_says(EXPIRED, 4201200, "came back 10 min 0 s later");
}

static void ran_out_again(void **state)
{
	ran_out();
	record->expired_in_row = 2;
	record_applies(EXPIRED, 3700000, REGMON_LIKELY);
	record_says(EXPIRED, 3700000, "2 bindings in a row ran out");
	record_suspects(EXPIRED, 3700000, "Coverage, battery or a crash");
}

static void told_another_time(void **state)
{
	ran_out();
	record->attempt.changed_on_way = REGMON_CHANGED_EXPIRES;
	record_applies(EXPIRED, 3700000, REGMON_LIKELY);
	record_suspects(EXPIRED, 3700000, "This node: the phone was told");
	/* no other change on the way says this */
	record->attempt.changed_on_way = ~REGMON_CHANGED_EXPIRES & 0xf;
	record_applies(EXPIRED, 3700000, REGMON_POSSIBLE);
	record_suspects(EXPIRED, 3700000, "Coverage, battery or a crash");
}

/* a refresh came in time and failed in one of its ways; then it ran out */
static void refreshed_in_vain(regmon_result_t result)
{
	record_new();
	record_good(0);
	record_open(3000000, REGMON_ATTEMPT_REFRESH);
	record_request(3000000, 3, REGMON_MARK_CREDENTIALS);
	if(result == REGMON_RESULT_REFUSED)
		record_refusal(3000100, 403, "Forbidden");
	else if(result != REGMON_RESULT_OPEN)
		record_end(3128000, result);
	record->expires_ms = 0;
	record->state = REGMON_STATE_EXPIRED;
	record->expired_in_row = 1;
	record_entry(REGMON_ENTRY_EXPIRED, REGMON_SIDE_PHONE, 3601000);
}

static void tried_and_ran_out(void **state)
{
	static const regmon_result_t results[] = {REGMON_RESULT_REFUSED,
			REGMON_RESULT_UNANSWERED, REGMON_RESULT_SILENT,
			REGMON_RESULT_SUPERSEDED, REGMON_RESULT_OPEN};
	unsigned i, k;

	for(i = 0; i < REGMON_COUNT(results); i++) {
		refreshed_in_vain(results[i]);
		record_not(EXPIRED, 3700000);
		/* and it came back */
		record_first_round(3700000, 7);
		record_not(EXPIRED, 3700200);
		/* the timeline has forgotten the refresh, the attempt has not */
		refreshed_in_vain(results[i]);
		for(k = 1; k < RECORD_TIMELINE; k++)
			record_entry(REGMON_ENTRY_RETRANSMISSION, REGMON_SIDE_PHONE,
					3602000 + k);
		record_not(EXPIRED, 3700000);
		if(results[i] == REGMON_RESULT_OPEN)
			continue;
		record_open(3700000, REGMON_ATTEMPT_INITIAL);
		record_not(EXPIRED, 3700200);
	}
	/* with a first REGISTER it is the same */
	record_new();
	record_good(0);
	record_first_round(3000000, 9);
	record->expires_ms = 0;
	record->expired_in_row = 1;
	record_entry(REGMON_ENTRY_EXPIRED, REGMON_SIDE_PHONE, 3601000);
	record_not(EXPIRED, 3700000);
	/* its twin: a refresh that was accepted came before */
	record_new();
	record_good(0);
	record_open(1000000, REGMON_ATTEMPT_REFRESH);
	record_request(1000000, 3, REGMON_MARK_CREDENTIALS);
	record_grant(1000100, 3600);
	record->expires_ms = 0;
	record->expired_in_row = 1;
	record_entry(REGMON_ENTRY_EXPIRED, REGMON_SIDE_PHONE, 4600100);
	record_applies(EXPIRED, 4700000, REGMON_POSSIBLE);
	/* a query of bindings is no try */
	record->attempt.kind = REGMON_ATTEMPT_QUERY;
	record->attempt.result = REGMON_RESULT_REFUSED;
	record_applies(EXPIRED, 4700000, REGMON_POSSIBLE);
}

static void did_not_run_out(void **state)
{
	/* in force */
	record_new();
	record_good(0);
	record_not(EXPIRED, 2000);
	/* since then accepted again */
	ran_out();
	record_first_round(3700000, 7);
	record_request(3700500, 8, REGMON_MARK_CREDENTIALS);
	record_grant(3701000, 3600);
	record_not(EXPIRED, 3702000);
	/* so long ago that the timeline has lost it */
	ran_out();
	record->timeline_n = 0;
	record_not(EXPIRED, 3700000);
	/* taken back by the network: nothing ran out */
	ran_out();
	record->expired_in_row = 0;
	record_not(EXPIRED, 3700000);
}

static void taken_back_in_the_table(void **state)
{
	ask_t asked = {.expires = 60};
	int64_t at;

	begin();
	exchange(&asked, (answer_t){.code = 200, .granted = 60});
	asked = (ask_t){.cseq = 2, .branch = "z9hG4bK2", .expires_0 = true};
	exchange(&asked, (answer_t){.code = 200, .granted_0 = true});
	pass_ms(61 * SECOND);
	at = take(USUAL_TO);
	record_not(EXPIRED, at);
	/* its twin leaves it to run out */
	asked = (ask_t){.cseq = 3, .branch = "z9hG4bK3", .expires = 60};
	exchange(&asked, (answer_t){.code = 200, .granted = 60});
	pass_ms(61 * SECOND);
	at = take(USUAL_TO);
	record_applies(EXPIRED, at, REGMON_POSSIBLE);
	end();
}

/* ---- back-off-ignored ---- */

/* failures refused with 503, the last REGISTER 5 s behind the last of them */
static void came_early(unsigned early, unsigned failures, unsigned retry_after_s)
{
	unsigned i;

	record_new();
	for(i = 0; i < failures; i++) {
		record_open(i * 6000, REGMON_ATTEMPT_INITIAL);
		record_request(i * 6000, 10 + i, 0);
		record_sent(i * 6000 + 1);
		record_core(i * 6000 + 900, 503);
		record_refusal(i * 6000 + 1000, 503, "Service Unavailable");
	}
	record_open(failures * 6000, REGMON_ATTEMPT_INITIAL);
	record_request(failures * 6000, 30, 0);
	record->supplement->early_retries = early;
	record->supplement->retry_after_s = retry_after_s;
}

static void early_by_retry_after(void **state)
{
	const char *suspect = "The phone's stack: it does not look at Retry-After";

	came_early(1, 1, 30);
	record_applies(EARLY, 6001, REGMON_POSSIBLE);
	record_suspects(EARLY, 6001, suspect);
	record_says(EARLY, 6001, "1 attempt in a row began too early");
	record_says(EARLY, 6001, "the last came 5.0 s after 503");
	record_says(EARLY, 6001, "Retry-After: 30 s");
	/* one failure asks for no other waiting time */
	record_silent_of(EARLY, 6001, "it should wait");
	came_early(2, 2, 30);
	record_applies(EARLY, 12001, REGMON_POSSIBLE);
	came_early(3, 3, 30);
	record_applies(EARLY, 18001, REGMON_LIKELY);
	record_suspects(EARLY, 18001, suspect);
}

static void early_by_back_off(void **state)
{
	came_early(3, 4, 0);
	record_applies(EARLY, 24001, REGMON_LIKELY);
	record_suspects(EARLY, 24001, "The phone's stack: its waiting time");
	record_says(EARLY, 24001,
			"after 4 failures in a row it should wait 4 min 0 s at least");
	record_silent_of(EARLY, 24001, "Retry-After:");
	/* the attempt before was a success or is not known */
	record->supplement->before.kind = REGMON_ATTEMPT_NONE;
	record_silent_of(EARLY, 24001, "the last came");
	/* it ends in a refusal, too */
	record_refusal(24100, 503, "Service Unavailable");
	record_applies(EARLY, 24200, REGMON_LIKELY);
}

static void not_early(void **state)
{
	came_early(0, 3, 30);
	record_not(EARLY, 18001);
	came_early(3, 3, 30);
	record_grant(18100, 3600);
	record_not(EARLY, 18200);
}

/* one attempt after the other, each refused */
static void retry_in_the_table(
		unsigned attempts, int64_t every_ms, const char *lines)
{
	char call_id[20], branch[20];
	ask_t asked = {
			.call_id = call_id, .branch = branch, .credentials = EMPTY};
	unsigned i;

	begin();
	for(i = 0; i < attempts; i++) {
		if(i)
			pass_ms(every_ms);
		snprintf(call_id, sizeof(call_id), "retry-%u", i);
		snprintf(branch, sizeof(branch), "z9hG4bKr%u", i);
		exchange(&asked, (answer_t){.code = 503, .lines = lines});
	}
}

static void early_in_the_table(void **state)
{
	/* the first retry after a failure without Retry-After is free */
	retry_in_the_table(2, 100, "");
	record_not(EARLY, take(USUAL_TO));
	end();
	retry_in_the_table(3, 100, "");
	record_applies(EARLY, take(USUAL_TO), REGMON_POSSIBLE);
	end();
	retry_in_the_table(5, 100, "");
	record_applies(EARLY, take(USUAL_TO), REGMON_LIKELY);
	end();
	/* with it, none is */
	retry_in_the_table(2, 10 * SECOND, "Retry-After: 30\r\n");
	record_applies(EARLY, take(USUAL_TO), REGMON_POSSIBLE);
	end();
	retry_in_the_table(2, 31 * SECOND, "Retry-After: 30\r\n");
	record_not(EARLY, take(USUAL_TO));
	end();
	/* half of the greatest back-off time is always long enough */
	retry_in_the_table(8, 901 * SECOND, "");
	record_not(EARLY, take(USUAL_TO));
	end();
}

/* ---- overlapping-registers ---- */

static void crossed(void)
{
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	record_end(1000, REGMON_RESULT_SUPERSEDED);
	record_open(1000, REGMON_ATTEMPT_DEREGISTER);
	record_request(1000, 2, 0);
	record->attempt.overlaps = 1;
}

static void overlaps(void **state)
{
	crossed();
	record_applies(OVERLAP, 1100, REGMON_POSSIBLE);
	record_suspects(OVERLAP, 1100, "The phone sends a REGISTER while another");
	record_says(OVERLAP, 1100,
			"overlapping REGISTERs in this attempt (de-registration): 1");
	record_says(OVERLAP, 1100,
			"the attempt before it (initial) was overtaken");
	record_silent_of(OVERLAP, 1100, "failed attempts with such");
	/* it fails, whatever its end */
	record_refusal(2000, 500, "Overlapping Requests");
	record->supplement->overlaps_in_row = 1;
	record_applies(OVERLAP, 2001, REGMON_LIKELY);
	record_says(OVERLAP, 2001, "failed attempts with such overlaps: 1");
	crossed();
	record_end(129000, REGMON_RESULT_UNANSWERED);
	record_applies(OVERLAP, 130000, REGMON_LIKELY);
}

static void overlaps_before(void **state)
{
	/* the attempt at hand has none */
	record_new();
	record_first_round(0, 1);
	record->supplement->overlaps_in_row = 1;
	record_applies(OVERLAP, 200, REGMON_POSSIBLE);
	record_silent_of(OVERLAP, 200, "in this attempt");
	record_silent_of(OVERLAP, 200, "was overtaken");
	record->supplement->overlaps_in_row = 2;
	record_applies(OVERLAP, 200, REGMON_LIKELY);
	record_says(OVERLAP, 200, "failed attempts with such overlaps: 2");
}

static void no_overlap(void **state)
{
	record_new();
	record_first_round(0, 1);
	record_not(OVERLAP, 200);
	/* it went well all the same */
	crossed();
	record->supplement->overlaps_in_row = 3;
	record_grant(2000, 3600);
	record_not(OVERLAP, 2001);
}

static void overlap_in_the_table(void **state)
{
	ask_t asked = {0}, next = {.call_id = "call-2", .branch = "z9hG4bK2"};

	/* the same REGISTER over and over */
	begin();
	ask(&asked);
	sent_on(&asked);
	pass_ms(SECOND);
	ask(&asked);
	pass_ms(SECOND);
	ask(&asked);
	answer(&asked, (answer_t){.code = 403});
	record_not(OVERLAP, take(USUAL_TO));
	/* a new one after the final answer */
	ask(&next);
	record_not(OVERLAP, take(USUAL_TO));
	answer(&next, (answer_t){.code = 403});
	record_not(OVERLAP, take(USUAL_TO));
	end();
	/* a new one after the timeout: the timer process may be late */
	begin();
	ask(&asked);
	sent_on(&asked);
	now_ms += 128 * SECOND;
	ask(&next);
	record_not(OVERLAP, take(USUAL_TO));
	answer(&next, (answer_t){.code = 403});
	record_not(OVERLAP, take(USUAL_TO));
	end();
	/* their twin: while the first one waits */
	begin();
	ask(&asked);
	sent_on(&asked);
	now_ms += 2 * SECOND;
	ask(&next);
	record_applies(OVERLAP, take(USUAL_TO), REGMON_POSSIBLE);
	record_says(OVERLAP, take(USUAL_TO),
			"overlapping REGISTERs in this attempt (initial): 1");
	answer(&next, (answer_t){.code = 403});
	record_applies(OVERLAP, take(USUAL_TO), REGMON_LIKELY);
	end();
}

/* ---- duplicate-device ---- */

static void replaced(void **state)
{
	record_new();
	record_good(0);
	record->replaced_in_row = 1;
	record_applies(DUPLICATE, 2000, REGMON_POSSIBLE);
	record_suspects(DUPLICATE, 2000, "Two devices use one identity");
	record_says(DUPLICATE, 2000, "1 time in a row a 200 to another device did "
								 "not list this one");
	record_silent_of(DUPLICATE, 2000, "the last time at");
	record_silent_of(DUPLICATE, 2000, "this device");
	record->replaced_in_row = 2;
	record_entry(REGMON_ENTRY_REPLACED, REGMON_SIDE_PHONE, 20000);
	record_entry(REGMON_ENTRY_REPLACED, REGMON_SIDE_PHONE, 50000);
	record_entry(REGMON_ENTRY_STORE, REGMON_SIDE_PHONE, 50001);
	regmon_registration_set_string(record, REGMON_STRING_INSTANCE,
			REGMON_TEXT("<urn:gsma:imei:35609911-000001-0>"));
	record_applies(DUPLICATE, 60000, REGMON_LIKELY);
	record_says(DUPLICATE, 60000, "the last time at 14:03:57.000");
	record_says(DUPLICATE, 60000,
			"this device: <urn:gsma:imei:35609911-000001-0>");
}

static void not_replaced(void **state)
{
	record_new();
	record_good(0);
	record_entry(REGMON_ENTRY_REPLACED, REGMON_SIDE_PHONE, 20000);
	record_not(DUPLICATE, 60000);
}

#define OTHER_CONTACT "sip:001010000000001@10.0.0.2:5060"

/* two Contacts begin anew in turn, each after the other's 200, which names only the one that asked */
static void take_turns(const char *other_instance)
{
	char call_id[20], branch[20];
	ask_t asked = {.call_id = call_id, .branch = branch};
	unsigned i;

	begin();
	for(i = 0; i < 6; i++) {
		snprintf(call_id, sizeof(call_id), "turn-%u", i);
		snprintf(branch, sizeof(branch), "z9hG4bKt%u", i);
		asked.contact = i % 2 ? OTHER_CONTACT : USUAL_CONTACT;
		asked.instance = i % 2 ? other_instance : USUAL_INSTANCE;
		asked.source = i % 2 ? "10.0.0.2" : "10.0.0.1";
		exchange(&asked, (answer_t){.code = 200});
		now_ms += 30 * SECOND;
	}
}

static void duplicate_in_the_table(void **state)
{
	ask_t one = {0}, other = OTHER_DEVICE;
	char branch[20];
	unsigned i;

	take_turns(other.instance);
	record_applies(DUPLICATE, take("callid:turn-4"), REGMON_LIKELY);
	record_applies(DUPLICATE, take("callid:turn-5"), REGMON_LIKELY);
	end();
	/* the same device with a new address each time */
	take_turns(USUAL_INSTANCE);
	record_not(DUPLICATE, take("callid:turn-5"));
	end();
	/* a node that lists only the asker's Contact: both refresh in peace */
	begin();
	exchange(&one, (answer_t){.code = 200});
	exchange(&other, (answer_t){.code = 200});
	one.security_verify = other.security_verify = true;
	for(i = 2; i < 5; i++) {
		pass_ms(3000 * SECOND);
		snprintf(branch, sizeof(branch), "z9hG4bKp%u", i);
		one.cseq = other.cseq = i;
		one.branch = other.branch = branch;
		exchange(&one, (answer_t){.code = 200});
		exchange(&other, (answer_t){.code = 200});
		record_not(DUPLICATE, take("callid:call-1"));
		record_not(DUPLICATE, take("callid:call-2"));
	}
	end();
}

static void all_is_shown(void **state)
{
	forget_copy();
	record_all_shown(EXPIRED);
	record_all_shown(EARLY);
	record_all_shown(OVERLAP);
	record_all_shown(DUPLICATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(ran_out_once),
			harness_test(ran_out_and_came_back), harness_test(ran_out_again),
			harness_test(told_another_time), harness_test(tried_and_ran_out),
			harness_test(did_not_run_out),
			harness_test(taken_back_in_the_table),
			harness_test(early_by_retry_after),
			harness_test(early_by_back_off), harness_test(not_early),
			harness_test(early_in_the_table), harness_test(overlaps),
			harness_test(overlaps_before), harness_test(no_overlap),
			harness_test(overlap_in_the_table), harness_test(replaced),
			harness_test(not_replaced), harness_test(duplicate_in_the_table),
			harness_test(all_is_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
