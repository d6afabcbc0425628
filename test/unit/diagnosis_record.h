/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records for tests of diagnosis/, written step by step as the state machine would leave them. Times are milliseconds
 * after RECORD_START, which is 14:03:07.000 UTC of some day. */
#ifndef REGMON_TEST_DIAGNOSIS_RECORD_H
#define REGMON_TEST_DIAGNOSIS_RECORD_H

#include "harness.h"

#include <stdio.h>

#include "diagnosis/diagnosis.h"

#define RECORD_START (INT64_C(20000) * 86400000 + 50587000)
#define RECORD_TIMELINE 32

static union
{
	regmon_registration_t registration;
	char room[sizeof(regmon_registration_t)
			  + RECORD_TIMELINE * sizeof(regmon_entry_t)
			  + sizeof(regmon_supplement_t)];
} record_block;
static regmon_supplement_t record_supplement;
static regmon_registration_t *const record = &record_block.registration;
static regmon_thresholds_t record_thresholds = REGMON_THRESHOLDS_DEFAULT;
static regmon_diagnosis_t record_diagnosis;

static inline void record_new(void)
{
	memset(&record_block, 0, sizeof(record_block));
	memset(&record_supplement, 0, sizeof(record_supplement));
	record->supplement = &record_supplement;
	record->timeline_length = RECORD_TIMELINE;
	record->timeline_from_s = RECORD_START / 1000;
	record->granted_s = record->requested_s = -1;
	record->transport = 'U';
	record->state = REGMON_STATE_UNKNOWN;
	regmon_set_utc_offset(0);
}

static inline regmon_entry_t *record_entry(
		regmon_entry_kind_t kind, regmon_side_t side, int64_t at)
{
	regmon_entry_t *entry = &record->timeline[record->timeline_next];

	*entry = (regmon_entry_t){
			.at = RECORD_START + at - record->timeline_from_s * INT64_C(1000),
			.kind = kind,
			.side = side,
			.cseq = record->attempt.last_cseq};
	if(record->timeline_n < record->timeline_length)
		record->timeline_n++;
	record->timeline_next =
			(record->timeline_next + 1) % record->timeline_length;
	return entry;
}

static inline void record_open(int64_t at, regmon_attempt_kind_t kind)
{
	if(record->attempt.ended_ms
			&& record->attempt.result != REGMON_RESULT_SUCCESS)
		record->supplement->before = record->attempt;
	else
		record->supplement->before.kind = REGMON_ATTEMPT_NONE;
	memset(&record->attempt, 0, sizeof(record->attempt));
	record->attempt.kind = kind;
	record->attempt.opened_ms = RECORD_START + at;
	record->attempt.driver_vias = 1;
}

static inline void record_end(int64_t at, regmon_result_t result)
{
	regmon_attempt_t *attempt = &record->attempt;
	regmon_supplement_t *supplement = record->supplement;

	if(result == REGMON_RESULT_SUCCESS) {
		record->failures_in_row = 0;
		supplement->loops_in_row = supplement->silent_in_row =
				supplement->unanswered_in_row = 0;
	} else {
		record->failures_in_row++;
		supplement->loops_in_row += attempt->rejected_answers || attempt->resyncs
								|| attempt->mac_failures;
		supplement->silent_in_row +=
				result == REGMON_RESULT_SILENT
				|| (result == REGMON_RESULT_SUPERSEDED
						&& attempt->challenge_open && !attempt->answered
						&& !attempt->resyncs && !attempt->mac_failures);
		supplement->unanswered_in_row += result == REGMON_RESULT_UNANSWERED;
	}
	attempt->result = result;
	attempt->ended_ms = RECORD_START + at;
	attempt->answer_pending = attempt->challenge_open = false;
	attempt->retry_open = false;
}

/* a REGISTER of the phone: marks are REGMON_MARK_CREDENTIALS, _AUTS, _REFUSED_AUTN or none */
static inline regmon_entry_t *record_request(
		int64_t at, uint32_t cseq, unsigned marks)
{
	regmon_attempt_t *attempt = &record->attempt;
	regmon_entry_t *entry;

	attempt->last_cseq = cseq;
	attempt->requests++;
	attempt->last_request_ms = record->last_seen_ms = RECORD_START + at;
	attempt->last_answers_challenge =
			(marks & REGMON_MARK_CREDENTIALS) && attempt->challenge_open;
	attempt->answer_pending = true;
	attempt->challenge_open = attempt->retry_open = false;
	attempt->retransmissions_after_answer = 0;
	attempt->answered_here = false;
	attempt->sent_to_core_ms = 0;
	attempt->core_code = 0;
	attempt->last_credentials =
			marks & REGMON_MARK_CREDENTIALS	   ? REGMON_CREDENTIALS_ANSWER
			: marks & REGMON_MARK_AUTS		   ? REGMON_CREDENTIALS_RESYNC
			: marks & REGMON_MARK_REFUSED_AUTN ? REGMON_CREDENTIALS_REFUSED
											   : REGMON_CREDENTIALS_NONE;
	attempt->answered += (marks & REGMON_MARK_CREDENTIALS) != 0;
	attempt->resyncs += (marks & REGMON_MARK_AUTS) != 0;
	attempt->mac_failures += (marks & REGMON_MARK_REFUSED_AUTN) != 0;
	entry = record_entry(REGMON_ENTRY_REQUEST, REGMON_SIDE_PHONE, at);
	entry->marks = marks;
	return entry;
}

/* it went on to the core */
static inline void record_sent(int64_t at)
{
	record->attempt.sent_to_core_ms = RECORD_START + at;
	record_entry(REGMON_ENTRY_REQUEST, REGMON_SIDE_CORE, at);
}

/* the core's final answer */
static inline void record_core(int64_t at, int code)
{
	record->attempt.core_code = code;
	record_entry(REGMON_ENTRY_ANSWER, REGMON_SIDE_CORE, at)->code = code;
}

/* 401 to the phone */
static inline void record_challenge(int64_t at)
{
	regmon_attempt_t *attempt = &record->attempt;

	attempt->code = 401;
	attempt->challenges++;
	attempt->challenge_ms = RECORD_START + at;
	attempt->challenge_open = true;
	attempt->answer_pending = false;
	attempt->rejected_answers += attempt->last_answers_challenge;
	record->state = REGMON_STATE_CHALLENGED;
	record_entry(REGMON_ENTRY_ANSWER, REGMON_SIDE_PHONE, at)->code = 401;
}

static inline void record_reason(const char *reason)
{
	regmon_registration_set_string(record, REGMON_STRING_REASON,
			(str){(char *)reason, (int)strlen(reason)});
}

/* an answer after which the phone's turn has come in the same attempt: 421, 423, 494 */
static inline void record_retry(int64_t at, int code, const char *reason)
{
	record->attempt.code = code;
	record->attempt.answered_here = record->attempt.core_code == 0;
	record->attempt.answer_pending = record->attempt.challenge_open = false;
	record->attempt.retry_open = true;
	record_entry(REGMON_ENTRY_ANSWER, REGMON_SIDE_PHONE, at)->code = code;
	record_reason(reason);
}

/* a final answer that is no challenge and ends the attempt in refusal */
static inline void record_refusal(int64_t at, int code, const char *reason)
{
	record->attempt.code = code;
	record->attempt.answered_here = record->attempt.core_code == 0;
	record_entry(REGMON_ENTRY_ANSWER, REGMON_SIDE_PHONE, at)->code = code;
	record_reason(reason);
	record->state = record->expires_ms ? REGMON_STATE_REGISTERED
									   : REGMON_STATE_FAILED;
	record_end(at, REGMON_RESULT_REFUSED);
}

/* 200 with a binding */
static inline void record_grant(int64_t at, int seconds)
{
	record->attempt.code = 200;
	record_entry(REGMON_ENTRY_ANSWER, REGMON_SIDE_PHONE, at)->code = 200;
	if(record->expires_ms == 0)
		record->registered_ms = RECORD_START + at;
	record->granted_ms = RECORD_START + at;
	record->granted_s = seconds;
	record->expires_ms = RECORD_START + at + seconds * INT64_C(1000);
	record->ever_registered = true;
	record->state = REGMON_STATE_REGISTERED;
	record->state_since_ms = RECORD_START + at;
	record_end(at, REGMON_RESULT_SUCCESS);
}

/* a first REGISTER with a new Call-ID and the 401 to it, 100 ms later */
static inline void record_first_round(int64_t at, uint32_t cseq)
{
	record_open(at, REGMON_ATTEMPT_INITIAL);
	record_request(at, cseq, 0);
	record_sent(at + 1);
	record_core(at + 99, 401);
	record_challenge(at + 100);
}

/* a whole good registration of 3600 s, done after one second */
static inline void record_good(int64_t at)
{
	record_first_round(at, 1);
	record_request(at + 500, 2, REGMON_MARK_CREDENTIALS);
	record_sent(at + 501);
	record_core(at + 999, 200);
	record_grant(at + 1000, 3600);
}

/* ---- what a program has shown of a cause ---- */

#define RECORD_LINES 48

typedef struct record_shown
{
	unsigned levels; /* bits 1 << regmon_certainty_t, asked for by record_applies */
	unsigned forms;	 /* bits 1 << index into suspects[], by record_suspects */
	bool absent;	 /* by record_not */
	unsigned lines_n; /* kinds of evidence lines seen, and whether record_says asked for one */
	struct
	{
		char words[120];
		bool asked;
	} lines[RECORD_LINES];
} record_shown_t;
static record_shown_t record_shown[REGMON_MAX_CAUSES];

/* A line without its numbers, times and reason phrase: its words of four letters and more, a plural as its singular. All
 * lines that name a rule are one. */
static inline void record_words(const char *line, char words[120])
{
	str reason = regmon_registration_string(record, REGMON_STRING_REASON);
	int used = 0, n, keep;

	if(regmon_rule_find((str){(char *)line, (int)strcspn(line, " ")}) >= 0)
		line = "rule";
	for(; *line; line += n ? n : 1) {
		n = reason.len;
		if(n && strncmp(line, reason.s, n) == 0)
			continue;
		for(n = 0; ((line[n] | 0x20) >= 'a' && (line[n] | 0x20) <= 'z'); n++)
			;
		keep = n && line[n - 1] == 's' ? n - 1 : n;
		if(keep >= 4 && used + keep + 1 < 120)
			used += sprintf(words + used, "%.*s ", keep, line);
	}
	words[used] = '\0';
}

/* the evidence of a verdict was looked at; asked: its line of that number was asked for, -1: none */
static inline void record_show_lines(const regmon_verdict_t *verdict, int asked)
{
	record_shown_t *shown = &record_shown[verdict->cause];
	char words[120];
	unsigned i, k;

	/* its first line is not of the cause */
	for(k = verdict->is_of_before; k < verdict->evidence.n; k++) {
		record_words(verdict->evidence.line[k], words);
		for(i = 0; i < shown->lines_n; i++)
			if(strcmp(shown->lines[i].words, words) == 0)
				break;
		if(i == shown->lines_n) {
			assert_true(shown->lines_n < RECORD_LINES);
			strcpy(shown->lines[shown->lines_n++].words, words);
		}
		shown->lines[i].asked |= (int)k == asked;
	}
}

/* ---- what is asked of it ---- */

static inline int record_cause(const char *id)
{
	int cause = regmon_cause_find((str){(char *)id, (int)strlen(id)});

	assert_true(cause >= 0);
	return cause;
}

/* what the written table says of this certainty, NULL: never */
static inline const char *record_level(
		const regmon_cause_t *cause, regmon_certainty_t certainty)
{
	return certainty == REGMON_CERTAIN	? cause->certain
		   : certainty == REGMON_LIKELY ? cause->likely
										: cause->possible;
}

/* certain before likely before possible; but what only says how it was answered stands behind what is at least likely */
static inline int record_rank(const regmon_verdict_t *verdict)
{
	bool general = regmon_cause_at(verdict->cause)->general;

	switch(verdict->certainty) {
		case REGMON_CERTAIN:
			return general ? 2 : 4;
		case REGMON_LIKELY:
			return general ? 1 : 3;
		default:
			return 0;
	}
}

/* The verdict on this cause at a time, NULL when it does not apply. Each call also checks what holds for every
 * diagnosis: the set agrees with the list, the order is right, no text is missing. */
static inline const regmon_verdict_t *record_verdict(
		const char *id, int64_t at)
{
	const regmon_verdict_t *found = NULL, *verdict;
	uint64_t set = regmon_diagnose_set(
			record, &record_thresholds, RECORD_START + at);
	uint64_t listed = 0;
	unsigned i, k;

	memset(&record_diagnosis, 0xa5, sizeof(record_diagnosis));
	regmon_diagnose(record, &record_thresholds, RECORD_START + at,
			&record_diagnosis);
	assert_in_range(record_diagnosis.n, 0, REGMON_MAX_VERDICTS);
	assert_in_range(strnlen(record_diagnosis.summary, REGMON_EVIDENCE_LENGTH),
			5, REGMON_EVIDENCE_LENGTH - 1);
	for(i = 0; i < record_diagnosis.n; i++) {
		verdict = &record_diagnosis.list[i];
		assert_in_range(verdict->cause, 0, regmon_causes_n() - 1);
		assert_in_range(verdict->certainty, REGMON_POSSIBLE, REGMON_CERTAIN);
		/* no cause is ever as certain as its table says it never is; what is of the attempt before is cut down to likely */
		if(!verdict->is_of_before
				&& record_level(regmon_cause_at(verdict->cause),
						   verdict->certainty)
						   == NULL)
			fail_msg("%s is never %s", regmon_cause_at(verdict->cause)->id,
					regmon_certainty_name(verdict->certainty));
		assert_non_null(verdict->suspect);
		assert_in_range(verdict->evidence.n, 1, REGMON_MAX_EVIDENCE);
		for(k = 0; k < verdict->evidence.n; k++)
			assert_in_range(strnlen(verdict->evidence.line[k],
									REGMON_EVIDENCE_LENGTH),
					1, REGMON_EVIDENCE_LENGTH - 1);
		if(i > 0)
			assert_true(record_rank(verdict)
						<= record_rank(&record_diagnosis.list[i - 1]));
		if(i > 0
				&& record_rank(verdict)
						   == record_rank(&record_diagnosis.list[i - 1]))
			assert_true(regmon_cause_at(verdict->cause)->weight
						<= regmon_cause_at(record_diagnosis.list[i - 1].cause)
								   ->weight);
		if(verdict->certainty >= REGMON_LIKELY)
			listed |= UINT64_C(1) << verdict->cause;
		if(id && verdict->cause == (unsigned)record_cause(id))
			found = verdict;
	}
	if(record_diagnosis.n < REGMON_MAX_VERDICTS)
		assert_int_equal(set, listed);
	return found;
}

static inline void record_applies(
		const char *id, int64_t at, regmon_certainty_t certainty)
{
	const regmon_verdict_t *verdict = record_verdict(id, at);

	if(verdict == NULL)
		fail_msg("%s does not apply", id);
	else if(verdict->certainty != certainty)
		fail_msg("%s is %s, not %s", id,
				regmon_certainty_name(verdict->certainty),
				regmon_certainty_name(certainty));
	record_show_lines(verdict, -1);
	if(!verdict->is_of_before)
		record_shown[verdict->cause].levels |= 1u << certainty;
}

static inline void record_not(const char *id, int64_t at)
{
	const regmon_verdict_t *verdict = record_verdict(id, at);

	if(verdict)
		fail_msg("%s applies (%s): %s", id,
				regmon_certainty_name(verdict->certainty),
				verdict->evidence.line[0]);
	record_shown[record_cause(id)].absent = true;
}

/* one line of the cause's evidence has this text */
static inline void record_says(const char *id, int64_t at, const char *text)
{
	const regmon_verdict_t *verdict = record_verdict(id, at);
	unsigned i;

	if(verdict == NULL)
		fail_msg("%s does not apply", id);
	for(i = 0; i < verdict->evidence.n; i++)
		if(strstr(verdict->evidence.line[i], text)) {
			record_show_lines(verdict, (int)i);
			return;
		}
	for(i = 0; i < verdict->evidence.n; i++)
		print_message("  %s\n", verdict->evidence.line[i]);
	fail_msg("%s does not say \"%s\"", id, text);
}

static inline void record_suspects(
		const char *id, int64_t at, const char *start)
{
	const regmon_verdict_t *verdict = record_verdict(id, at);
	const regmon_suspect_t *suspects;
	unsigned i, found = 0;

	if(verdict == NULL)
		fail_msg("%s does not apply", id);
	if(strncmp(verdict->suspect, start, strlen(start)) != 0)
		fail_msg("%s suspects \"%s\"", id, verdict->suspect);
	suspects = regmon_cause_at(verdict->cause)->suspects;
	for(i = 0; suspects[i].text; i++) {
		found += strncmp(suspects[i].text, start, strlen(start)) == 0;
		if(suspects[i].text == verdict->suspect)
			record_shown[verdict->cause].forms |= 1u << i;
	}
	if(found != 1)
		fail_msg("\"%s\" begins %u forms of %s", start, found, id);
}

/* no line of the cause's evidence has this text */
static inline void record_silent_of(const char *id, int64_t at, const char *text)
{
	const regmon_verdict_t *verdict = record_verdict(id, at);
	unsigned i;

	if(verdict == NULL)
		fail_msg("%s does not apply", id);
	for(i = 0; i < verdict->evidence.n; i++)
		if(strstr(verdict->evidence.line[i], text))
			fail_msg("%s says \"%s\"", id, verdict->evidence.line[i]);
}

/* The tests before this one have met each certainty that the cause's table names, each of its forms and a record in which it
 * is absent, and have asked for each line of evidence that came up. */
static inline void record_all_shown(const char *id)
{
	unsigned index = record_cause(id), i, wrong = 0;
	const regmon_cause_t *cause = regmon_cause_at(index);
	const record_shown_t *shown = &record_shown[index];
	regmon_certainty_t level;

	for(level = REGMON_POSSIBLE; level <= REGMON_CERTAIN; level++)
		if(record_level(cause, level) && !((shown->levels >> level) & 1)) {
			print_error("%s: never %s\n", id, regmon_certainty_name(level));
			wrong++;
		}
	for(i = 0; cause->suspects[i].text; i++)
		if(!((shown->forms >> i) & 1)) {
			print_error("%s: no record where %s\n", id,
					cause->suspects[i].when);
			wrong++;
		}
	for(i = 0; i < shown->lines_n; i++)
		if(!shown->lines[i].asked) {
			print_error("%s: nobody asks for \"%s\"\n", id,
					shown->lines[i].words);
			wrong++;
		}
	if(wrong || !shown->absent)
		fail_msg("%s: %u things not shown%s", id, wrong,
				shown->absent ? "" : ", and never absent");
}

static inline void record_summary_says(int64_t at, const char *text)
{
	record_verdict(NULL, at);
	if(strstr(record_diagnosis.summary, text) == NULL)
		fail_msg("summary: %s", record_diagnosis.summary);
}

#endif
