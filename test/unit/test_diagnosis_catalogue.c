/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for all causes: their texts, ranking, times in words, the summary, and records of any content. */
#include "diagnosis_record.h"

#include <stdlib.h>

static const char *const expected_ids[] = {"challenge-loop",
		"silent-after-challenge", "cseq-regression", "refresh-storm",
		"binding-does-not-hold", "no-answer-from-core", "sqn-out-of-range",
		"autn-mac-failure", "wrong-response", "stale-credentials",
		"security-agreement-mismatch", "answer-not-delivered",
		"unanswered-here", "forbidden-by-core", "refused-by-core",
		"refused-here", "qos-refused", "next-hop-unresolvable",
		"interval-too-brief", "extension-refused", "identity-mismatch",
		"broken-register", "expired-without-refresh", "back-off-ignored",
		"overlapping-registers", "duplicate-device", "network-deregistered",
		"removed-by-this-node", "contact-dropped"};

static void all_causes_are_there(void **state)
{
	unsigned i;

	assert_int_equal(regmon_causes_n(), REGMON_COUNT(expected_ids));
	assert_in_range(regmon_causes_n(), 1, REGMON_MAX_CAUSES);
	for(i = 0; i < REGMON_COUNT(expected_ids); i++)
		assert_string_equal(
				regmon_cause_at(record_cause(expected_ids[i]))->id,
				expected_ids[i]);
	assert_null(regmon_cause_at(regmon_causes_n()));
	assert_int_equal(regmon_cause_find(REGMON_TEXT("challenge")), -1);
	assert_int_equal(regmon_cause_find(REGMON_TEXT("")), -1);
	assert_int_equal(regmon_cause_find(REGMON_TEXT("CHALLENGE-LOOP")),
			record_cause("challenge-loop"));
}

/* A text is there, ends well, and holds nothing that would break a line or a table of the documentation. */
static void check_text(const char *text, unsigned least)
{
	assert_non_null(text);
	assert_in_range(strlen(text), least, 600);
	assert_null(strpbrk(text, "\n\t|"));
	assert_null(strstr(text, "  "));
	assert_true(text[strlen(text) - 1] != ' ');
}

static void texts_are_whole(void **state)
{
	const regmon_suspect_t *suspect;
	const regmon_cause_t *cause;
	unsigned i;

	for(i = 0; (cause = regmon_cause_at(i)); i++) {
		check_text(cause->title, 20);
		check_text(cause->cause, 20);
		check_text(cause->inspect, 20);
		check_text(cause->next_step, 20);
		check_text(cause->refuted_by, 20);
		check_text(cause->not_when, 20);
		check_text(cause->clause, 8);
		assert_non_null(strstr(cause->inspect, "kamcmd"));
		/* as deep as it goes: a cause that can only be possible never shows in a count */
		assert_true(cause->likely != NULL || cause->certain != NULL);
		if(cause->likely)
			check_text(cause->likely, 20);
		if(cause->certain)
			check_text(cause->certain, 20);
		if(cause->possible)
			check_text(cause->possible, 20);
		for(suspect = cause->suspects; suspect->text; suspect++) {
			check_text(suspect->when, 5);
			check_text(suspect->text, 20);
		}
		assert_true(suspect > cause->suspects);
	}
}

static void texts_are_unique(void **state)
{
	const regmon_cause_t *one, *other;
	unsigned i, k;

	for(i = 0; (one = regmon_cause_at(i)); i++)
		for(k = i + 1; (other = regmon_cause_at(k)); k++) {
			assert_string_not_equal(one->id, other->id);
			assert_string_not_equal(one->title, other->title);
			assert_string_not_equal(one->cause, other->cause);
			assert_string_not_equal(one->inspect, other->inspect);
			assert_string_not_equal(one->next_step, other->next_step);
			assert_string_not_equal(one->refuted_by, other->refuted_by);
			assert_int_not_equal(one->weight, other->weight);
		}
}

static void names_of_certainty(void **state)
{
	assert_string_equal(regmon_certainty_name(REGMON_CERTAIN), "certain");
	assert_string_equal(regmon_certainty_name(REGMON_LIKELY), "likely");
	assert_string_equal(regmon_certainty_name(REGMON_POSSIBLE), "possible");
	assert_string_equal(
			regmon_certainty_name(REGMON_CERTAINTY_NONE), "does not apply");
	assert_string_equal(regmon_certainty_name(99), "?");
}

static void more_certain_first(void **state)
{
	record_new();
	record_good(0);
	/* one return: possible; twice without the contact: certain; storm with that: possible */
	record->supplement->bindings_missing = 2;
	record->early_refreshes = 3;
	record->shortest_refresh_s = 5;
	record->supplement->cseq_regressions = 1;
	record_verdict(NULL, 2000);
	assert_int_equal(record_diagnosis.n, 3);
	assert_int_equal(record_diagnosis.list[0].cause,
			record_cause("binding-does-not-hold"));
	assert_int_equal(record_diagnosis.list[0].certainty, REGMON_CERTAIN);
	/* equally possible: by weight */
	assert_int_equal(
			record_diagnosis.list[1].cause, record_cause("cseq-regression"));
	assert_int_equal(
			record_diagnosis.list[2].cause, record_cause("refresh-storm"));
}

static void check_time(int64_t at_ms, int utc_offset_s, const char *expected)
{
	char buffer[16];

	memset(buffer, 'x', sizeof(buffer));
	regmon_print_time(at_ms, utc_offset_s, buffer);
	assert_string_equal(buffer, expected);
}

static void times(void **state)
{
	check_time(0, 0, "00:00:00.000");
	check_time(RECORD_START + 120, 0, "14:03:07.120");
	check_time(RECORD_START, 3600, "15:03:07.000");
	check_time(RECORD_START, -5 * 3600 - 1800, "08:33:07.000");
	check_time(0, -1, "23:59:59.000");
	check_time(86399999, 0, "23:59:59.999");
	check_time(86399999, 1, "00:00:00.999");
	check_time(-1, 0, "23:59:59.999");
	check_time(INT64_MAX, 50400, "21:12:55.807");
	check_time(INT64_MIN, -43200, "04:47:04.192");
	record_new();
	regmon_set_utc_offset(7200);
	record_good(0);
	record_summary_says(2000, "since 16:03:08");
	regmon_set_utc_offset(0);
}

/* When it is read on another day, the time alone would name the wrong one. */
static void times_of_another_day(void **state)
{
	const int64_t to_midnight_ms = 86400000 - RECORD_START % 86400000;
	char buffer[REGMON_AT_LENGTH];

	record_new();
	record_good(0);
	record_summary_says(to_midnight_ms - 1, "since 14:03:08");
	/* day 20000 after 1970 */
	record_summary_says(to_midnight_ms, "since Oct 4 14:03:08");
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_first_round(0, 1);
	record_says("silent-after-challenge", to_midnight_ms, "Oct 4 14:03:0");
	/* no time is too long */
	regmon_print_at(INT64_MIN, INT64_MAX, buffer);
	assert_in_range(strlen(buffer), 12, REGMON_AT_LENGTH - 1);
}

static void check_duration(int64_t duration_ms, const char *expected)
{
	char buffer[32];

	regmon_print_duration(duration_ms, buffer, sizeof(buffer));
	assert_string_equal(buffer, expected);
}

static void durations(void **state)
{
	char small[6];

	check_duration(-5, "0 ms");
	check_duration(0, "0 ms");
	check_duration(999, "999 ms");
	check_duration(1000, "1.0 s");
	check_duration(3299, "3.2 s");
	check_duration(9999, "9.9 s");
	check_duration(10000, "10 s");
	check_duration(59999, "59 s");
	check_duration(60000, "1 min 0 s");
	check_duration(250000, "4 min 10 s");
	check_duration(3599999, "59 min 59 s");
	check_duration(7500000, "2 h 5 min");
	check_duration(86399999, "23 h 59 min");
	check_duration(86400000LL * 3 + 3600000LL * 4, "3 d 4 h");
	check_duration(INT64_MAX, "106751991167 d 7 h");
	regmon_print_duration(250000, small, sizeof(small));
	assert_string_equal(small, "4 min");
	memset(small, 'x', sizeof(small));
	regmon_print_duration(1, small, 0);
	assert_int_equal(small[0], 'x');
}

static void summaries(void **state)
{
	record_new();
	record_summary_says(0, "Seen only in part");
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	record->state = REGMON_STATE_REGISTERING;
	record_summary_says(
			2000, "Not registered; REGISTER seen at 14:03:07, no answer yet "
				  "(2.0 s).");
	record_new();
	record_good(0);
	record_summary_says(7501000,
			"Registered since 14:03:08 (2 h 5 min), granted 3600 s, ran out at "
			"15:03:08");
	record_summary_says(61000, "Registered since 14:03:08 (1 min 0 s), granted "
							   "3600 s, next refresh due about 14:53:08.");
	record_summary_says(3100000, "refresh was due about 14:53:08, expires at "
								 "15:03:08.");
	record_open(3000000, REGMON_ATTEMPT_REFRESH);
	record_request(3000000, 3, REGMON_MARK_CREDENTIALS);
	record->state = REGMON_STATE_REFRESHING;
	record_summary_says(3000500, "Registered since 14:03:08");
	record_summary_says(3000500, "; REGISTER seen at 14:53:07, no answer yet "
								 "(500 ms).");
	record_grant(3000600, 3600);
	record_summary_says(3000700, "since 14:03:08");
	record->expires_ms = 0;
	record->state = REGMON_STATE_EXPIRED;
	record_summary_says(3001000, "Expired at");
	record->state = REGMON_STATE_DEREGISTERED;
	record_summary_says(3001000, "De-registered by the phone at 14:53:07");
}

static void summaries_of_open_attempts(void **state)
{
	static const struct
	{
		regmon_state_t state;
		const char *text;
	} cases[] = {{REGMON_STATE_ANSWERED, "challenge answered by the phone at"},
			{REGMON_STATE_RESYNC, "new SQN asked for by the phone (auts) at"},
			{REGMON_STATE_MAC_FAILURE, "network's AUTN refused by the phone"},
			{REGMON_STATE_DEREGISTERING, "de-registration asked for at"}};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(cases); i++) {
		record_new();
		record_first_round(0, 1);
		record_request(500, 2, REGMON_MARK_CREDENTIALS);
		record->state = cases[i].state;
		record_summary_says(600, cases[i].text);
		record_summary_says(600, "14:03:07, no ");
	}
	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	record_request(0, 1, 0);
	record->attempt.answer_pending = false;
	record->attempt.retry_open = true;
	record->attempt.last_wait_ms = 100;
	record_summary_says(600, "asked at 14:03:07 to try again, waiting for the "
							 "phone (500 ms)");
	record->failures_in_row = 4;
	record_summary_says(600, "; 4 failures in a row before it");
	record->failures_in_row = 1;
	record_summary_says(600, "; 1 failure in a row before it");
}

static void evidence_is_bounded(void **state)
{
	regmon_evidence_t evidence;
	char long_text[1000];
	unsigned i;

	memset(&evidence, 0x55, sizeof(evidence));
	evidence.n = 0;
	memset(long_text, 'y', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	for(i = 0; i < 2 * REGMON_MAX_EVIDENCE; i++)
		regmon_evidence_add(&evidence, "%u %s", i, long_text);
	assert_int_equal(evidence.n, REGMON_MAX_EVIDENCE);
	for(i = 0; i < REGMON_MAX_EVIDENCE; i++)
		assert_int_equal(strlen(evidence.line[i]), REGMON_EVIDENCE_LENGTH - 1);
	assert_int_equal(atoi(evidence.line[REGMON_MAX_EVIDENCE - 1]),
			REGMON_MAX_EVIDENCE - 1);
	/* what a message has brought a terminal must not obey */
	evidence.n = 0;
	regmon_evidence_add(&evidence, "%s", "a\033[1m\r\xc2\x9b" "2J\xc3\xa9\xff");
	assert_string_equal(evidence.line[0], "a?[1m???2J\xc3\xa9?");
}

/* The longest loop that a timeline can hold still fits a line. */
static void long_lists_are_cut(void **state)
{
	uint32_t cseq;

	record_new();
	record_open(0, REGMON_ATTEMPT_INITIAL);
	for(cseq = 0; cseq < 40; cseq++) {
		record_request(cseq * 1000, 2147480000 + cseq, REGMON_MARK_CREDENTIALS);
		record_challenge(cseq * 1000 + 100);
	}
	record_applies("challenge-loop", 50000, REGMON_CERTAIN);
	record_says("challenge-loop", 50000, "CSeq 2147480024, 2147480025,");
	record_says("challenge-loop", 50000, ", ...");
}

/* ---- records of any content ---- */

static uint64_t random_state;
static uint64_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Mostly small numbers, so that conditions meet; sometimes the ends of the range. */
static uint64_t random_value(void)
{
	switch(random_number() % 8) {
		case 0:
			return random_number();
		case 1:
			return UINT64_MAX >> (random_number() % 64);
		default:
			return random_number() % 6;
	}
}

static int64_t random_time(void)
{
	return random_number() % 5 == 0
				   ? 0
				   : RECORD_START + (int64_t)(random_number() % 400000);
}

static void random_attempt(regmon_attempt_t *attempt)
{
	attempt->opened_ms = random_time();
	attempt->last_request_ms = random_time();
	attempt->challenge_ms = random_time();
	attempt->sent_to_core_ms = random_time();
	attempt->ended_ms = random_number() % 2 ? random_time() : 0;
	attempt->last_cseq = random_value();
	attempt->requests = random_value();
	attempt->retransmissions = random_value();
	attempt->challenges = random_value();
	attempt->answered = random_value();
	attempt->resyncs = random_value();
	attempt->mac_failures = random_value();
	attempt->rejected_answers = random_value();
	attempt->repeated_nonces = random_value();
	attempt->code = (uint16_t[]){0, 200, 400, 401, 403, 404, 408, 420, 421, 423,
			439, 478, 494, 500, 503, 65535}[random_number() % 16];
	attempt->core_code =
			(uint16_t[]){0, 0, 0, 401, 403, 500}[random_number() % 6];
	attempt->stale_answers = random_value();
	attempt->overlaps = random_value();
	attempt->changed_on_way = random_number() % 8;
	attempt->answered_here = random_number() % 2;
	attempt->all_bindings = random_number() % 2;
	attempt->last_answers_challenge = random_number() % 2;
	attempt->first_repeat_ms = random_value();
	attempt->kind = random_number() % (REGMON_ATTEMPTS_N + 1);
	attempt->result = attempt->ended_ms
							  ? random_number() % (REGMON_RESULTS_N + 1)
							  : REGMON_RESULT_OPEN;
	attempt->driver_vias = random_value();
	attempt->not_sent = random_number() % 3;
	attempt->protected_requests = random_value();
	attempt->retransmissions_after_answer = random_value();
	attempt->challenge_had_security_server = random_number() % 2;
	attempt->offered_security = random_number() % 2;
	attempt->unknown_start = random_number() % 2;
	attempt->answer_pending = random_number() % 2;
	attempt->challenge_open = random_number() % 2;
	attempt->retry_open = random_number() % 2;
	attempt->last_credentials = random_number() % 5;
}

static void random_text(regmon_string_t which)
{
	char text[160];
	unsigned i, length = random_number() % sizeof(text);

	for(i = 0; i < length; i++)
		text[i] = random_number();
	regmon_registration_set_string(record, which, (str){text, length});
}

static void random_network(void)
{
	regmon_network_t *network = &record->supplement->network;
	regmon_kept_t *kept = &record->kept;

	network->removed_ms = random_number() % 2 ? random_time() : 0;
	network->shortened_ms = random_number() % 2 ? random_time() : 0;
	network->shortened_s = random_value();
	network->retry_after_s = random_value();
	network->removals = random_value();
	network->gaps = random_value();
	network->attempts_against = random_value();
	network->event = random_number() % 12;
	record->supplement->dropped_ms = random_number() % 2 ? random_time() : 0;
	record->supplement->drops = random_value();
	kept->store = random_number() % 6;
	kept->stored = random_number() % 7;
	record->supplement->was_pending = random_number() % 2;
	kept->ended_here = random_number() % 2;
}

static void random_aka(void)
{
	regmon_aka_worth_t *worth = &record->supplement->worth;
	regmon_aka_facts_t *aka = &record->aka;

	worth->sqn_he = random_number();
	worth->sqn_ms = random_number();
	worth->of_challenge = random_number() % (REGMON_AKA_VERDICTS_N + 1);
	worth->of_core = random_number() % (REGMON_AKA_VERDICTS_N + 1);
	worth->of_answer = random_number() % (REGMON_AKA_VERDICTS_N + 1);
	aka->marks = random_value();
	aka->repeated_rands = random_value();
	aka->auts_octets = random_value();
	aka->challenge_algorithm = random_number();
	aka->answer_algorithm = random_number();
	aka->nonce = random_number();
	aka->qop_offer = random_number();
	aka->qop_use = random_number();
	aka->answer_realm = random_number();
}

static void random_record(void)
{
	unsigned i;

	record_new();
	random_attempt(&record->attempt);
	record->state = random_number() % (REGMON_STATES_N + 1);
	record->transport = "UTSW"[random_number() % 4];
	record->state_since_ms = random_time();
	record->last_seen_ms = random_time();
	record->registered_ms = random_time();
	record->granted_ms = random_time();
	record->expires_ms = random_number() % 2 ? random_time() : 0;
	record->granted_s = random_number() % 3 ? (int32_t)random_value() : 3600;
	record->requested_s = random_value();
	record->failures_in_row = random_value();
	record->supplement->loops_in_row = random_value();
	record->supplement->silent_in_row = random_value();
	record->supplement->unanswered_in_row = random_value();
	record->early_refreshes = random_value();
	record->supplement->cseq_regressions = random_value();
	record->returns_unprotected = random_value();
	record->short_grants = random_value();
	record->supplement->bindings_missing = random_value();
	record->shortest_refresh_s = random_value();
	record->last_cseq = random_value();
	record->ever_registered = random_number() % 2;
	for(i = 0; i < REGMON_COUNT(record->finding_bits); i++)
		record->finding_bits[i] = random_value() ? random_number() : 0;
	random_attempt(&record->supplement->before);
	random_network();
	random_aka();
	record->ims = random_number() % 2;
	record->behind_nat = random_number() % 2;
	record->emergency = random_number() % 2;
	record->verify = random_value();
	record->client.alg = random_value();
	record->server = (regmon_agreement_t){.given = random_number() % 2,
			.alg = random_value(),
			.ealg = random_value(),
			.port_s = random_value()};
	record->offered_algs = random_value();
	record->offered_ealgs = random_value();
	record->asked_options = random_value();
	record->supplement->named_options = random_value();
	record->supplement->min_expires_s = random_value();
	record->supplement->retry_after_s = random_value();
	record->replaced_in_row = random_value();
	record->supplement->early_retries = random_value();
	record->supplement->overlaps_in_row = random_value();
	record->expired_in_row = random_value();
	for(i = 0; i < REGMON_LAST_FINDINGS; i++)
		record->last_findings[i] = random_value() % (REGMON_MAX_RULES + 1);
	random_text(REGMON_STRING_REASON);
	if(random_number() % 4 == 0)
		regmon_registration_set_string(record, REGMON_STRING_REASON,
				random_number() % 2
						? REGMON_TEXT("Can't register to QoS for signalling")
						: REGMON_TEXT("Unresolvable destination (478/SL)"));
	random_text(REGMON_STRING_CALL_ID);
	random_text(REGMON_STRING_CONTACT);
	record->timeline_length = 1 + random_number() % RECORD_TIMELINE;
	for(i = random_number() % 40; i > 0; i--) {
		regmon_entry_t *entry = record_entry(random_number() % 9,
				random_number() % 2, (int64_t)(random_number() % 400000));

		entry->cseq = random_value();
		entry->code = (uint16_t[]){0, 100, 200, 401, 403, 500}
				[random_number() % 6];
		entry->marks = random_number() & random_number() & 0x7ff;
		entry->finding = random_value() % (REGMON_MAX_RULES + 1);
	}
}

static uint64_t bit(const char *id)
{
	return UINT64_C(1) << regmon_cause_find((str){(char *)id, (int)strlen(id)});
}

/* of a set, without what a record would say of certainty */
static void first_of_a_set(void **state)
{
	uint64_t all = (UINT64_C(1) << regmon_causes_n()) - 1;

	assert_int_equal(regmon_cause_first(0), -1);
	assert_true(bit("refused-by-core")
				== UINT64_C(1) << regmon_cause_first(bit("refused-by-core")));
	/* what says only how it was answered is not the reason */
	assert_true(bit("cseq-regression")
				== UINT64_C(1) << regmon_cause_first(
						   bit("cseq-regression") | bit("refused-by-core")));
	assert_true(bit("sqn-out-of-range")
				== UINT64_C(1) << regmon_cause_first(
						   bit("sqn-out-of-range") | bit("wrong-response")));
	assert_true(bit("autn-mac-failure")
				== UINT64_C(1) << regmon_cause_first(all));
}

/* An attempt that ended as a success: the causes that are not asked then have nothing to say. */
static void some_causes_are_not_of_success(void **state)
{
	const regmon_cause_t *cause;
	unsigned i, k, not_asked = 0;

	for(k = 0; (cause = regmon_cause_at(k)); k++)
		not_asked += cause->not_of_success;
	assert_in_range(not_asked, 1, regmon_causes_n() - 1);
	random_state = 0x2545f4914f6cdd1dULL;
	for(i = 0; i < 20000; i++) {
		uint64_t set = 0, bit = 1;

		random_record();
		record->attempt.result = REGMON_RESULT_SUCCESS;
		record->attempt.ended_ms = RECORD_START + 1;
		for(k = 0; (cause = regmon_cause_at(k)); k++, bit <<= 1) {
			regmon_certainty_t certainty = cause->applies(record,
					&REGMON_THRESHOLDS_DEFAULT, RECORD_START + 400000);

			if(cause->not_of_success && certainty != REGMON_CERTAINTY_NONE)
				fail_msg("%s applies to a success", cause->id);
			if(certainty >= REGMON_LIKELY)
				set |= bit;
		}
		assert_true(regmon_diagnose_set(record, &REGMON_THRESHOLDS_DEFAULT,
							RECORD_START + 400000)
					== set);
	}
}

/* No content, however wrong, makes a diagnosis crash, overflow or contradict itself; and each cause can be met. */
static void records_of_any_content(void **state)
{
	unsigned met[REGMON_MAX_CAUSES] = {0};
	uint64_t first = 0;
	unsigned i, k;

	random_state = 0x9e3779b97f4a7c15ULL;
	for(i = 0; i < 40000; i++) {
		random_record();
		record_verdict(NULL, random_number() % 1000000);
		for(k = 0; k < record_diagnosis.n; k++)
			met[record_diagnosis.list[k].cause]++;
		first ^= record_diagnosis.n * random_number();
	}
	assert_true(first != 0);
	for(i = 0; i < regmon_causes_n(); i++)
		if(met[i] == 0)
			fail_msg("%s never met", regmon_cause_at(i)->id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(all_causes_are_there),
			harness_test(texts_are_whole), harness_test(texts_are_unique),
			harness_test(names_of_certainty), harness_test(more_certain_first),
			harness_test(times), harness_test(times_of_another_day),
			harness_test(durations),
			harness_test(summaries), harness_test(summaries_of_open_attempts),
			harness_test(evidence_is_bounded), harness_test(long_lists_are_cut),
			harness_test(first_of_a_set),
			harness_test(some_causes_are_not_of_success),
			harness_test(records_of_any_content)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
