/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the families of causes ask of a record and its timeline, and how evidence is worded. For this folder only. */
#ifndef REGMON_DIAGNOSIS_FACTS_H
#define REGMON_DIAGNOSIS_FACTS_H

#include "diagnosis/diagnosis.h"
#include "registration/identity.h"

/* enough for "Nov 14 14:03:07.120" and "12345 d 23 h" */
#define REGMON_PRINT_LENGTH 32
_Static_assert(REGMON_PRINT_LENGTH >= REGMON_AT_LENGTH, "a time fits");
/* The moment from which the times below are seen: of another day they have the date. Once for each diagnosis. */
void regmon_facts_seen_from(int64_t now_ms);
/* The same texts for use inside printf arguments; each needs a buffer of its own. */
const char *regmon_at(int64_t at_ms, char buffer[REGMON_PRINT_LENGTH]);
const char *regmon_at_second(int64_t at_ms, char buffer[REGMON_PRINT_LENGTH]);
const char *regmon_for(int64_t duration_ms, char buffer[REGMON_PRINT_LENGTH]);

/* "2, 3, 4", grown number by number; what no longer fits becomes "..." */
typedef struct regmon_number_list
{
	unsigned n;
	bool full;
	char text[64];
} regmon_number_list_t;
void regmon_number_list_add(regmon_number_list_t *list, uint32_t number);

/* An entry of the phone's own leg: of its side, and not of the same REGISTER passing here once more. */
static inline bool regmon_is_of_phone(const regmon_entry_t *entry)
{
	return entry->side == REGMON_SIDE_PHONE
		   && !(entry->marks & REGMON_MARK_PARALLEL);
}
/* a REGISTER that reacts to a challenge */
#define REGMON_MARKS_REACTION \
	(REGMON_MARK_CREDENTIALS | REGMON_MARK_AUTS | REGMON_MARK_REFUSED_AUTN)

/* The last REGISTER sent to the core within [from_ms, to_ms) and the core's final answer to it. */
typedef struct regmon_exchange
{
	const regmon_entry_t *request; /* NULL: none in the timeline */
	const regmon_entry_t *answer;  /* NULL: none seen */
	unsigned sent;				   /* how often a REGISTER of this CSeq was sent on */
} regmon_exchange_t;
void regmon_read_core_exchange(const regmon_registration_t *registration,
		int64_t from_ms, int64_t to_ms, regmon_exchange_t *ret_exchange);

static inline bool regmon_is_challenge(int code)
{
	return code == 401 || code == 407;
}

/* reason phrase of the last refusal, as it may be shown */
const char *regmon_reason(const regmon_registration_t *registration,
		char buffer[REGMON_IDENTITY_LENGTH + 1]);
#define REGMON_REASON(registration) \
	regmon_reason(registration, (char[REGMON_IDENTITY_LENGTH + 1]){""})
bool regmon_reason_has(
		const regmon_registration_t *registration, const char *word);

/* the attempt is over and was no success */
static inline bool regmon_has_failed(const regmon_attempt_t *attempt)
{
	return attempt->ended_ms && attempt->result != REGMON_RESULT_SUCCESS;
}
/* its last answer stands: it ended with that one, or the phone's turn has come; not so where the phone tried again in vain */
static inline bool regmon_last_answer_stands(const regmon_attempt_t *attempt)
{
	return attempt->result == REGMON_RESULT_OPEN
				   ? attempt->retry_open
				   : regmon_has_failed(attempt)
							 && attempt->result != REGMON_RESULT_UNANSWERED;
}
/* the phone's last REGISTER was answered with a challenge, and the phone has not reacted to it */
static inline bool regmon_stands_at_challenge(const regmon_attempt_t *attempt)
{
	return attempt->challenge_open || attempt->result == REGMON_RESULT_SILENT
		   || (attempt->result == REGMON_RESULT_SUPERSEDED
				   && regmon_is_challenge(attempt->code)
				   && attempt->challenge_ms >= attempt->last_request_ms);
}
/* Words in which a node passes on what the HSS said (Cx 5001 to 5004) or what kept it from asking; then a 403 is about the
 * subscription and not about the answer to a challenge. */
bool regmon_reason_names_subscription(
		const regmon_registration_t *registration);

/* The rules that the last REGISTER broke: one whose id is in the list (comma separated, "RURI-01,TO-05"), NULL: none. */
const regmon_rule_t *regmon_broken_rule(
		const regmon_registration_t *registration, const char *ids);
/* the worst one of them all, NULL: none above a note */
const regmon_rule_t *regmon_worst_broken_rule(
		const regmon_registration_t *registration);

/* the newest REGISTER of the phone in the timeline, or answer to it, sent or not; repetitions apart. NULL: none */
const regmon_entry_t *regmon_last_of_phone(
		const regmon_registration_t *registration);
/* tm gave up on the last REGISTER: its entry stands behind that REGISTER */
bool regmon_transaction_is_over(const regmon_registration_t *registration);

/* one line: how the attempt ended, or for how long its challenge has been open */
void regmon_evidence_of_end(const regmon_registration_t *registration,
		int64_t now_ms, regmon_evidence_t *evidence);

/* the last REGISTER of the attempt reacted to a challenge in this way */
static inline bool regmon_last_was(const regmon_registration_t *registration,
		regmon_credentials_t credentials)
{
	return registration->attempt.last_credentials == (uint8_t)credentials;
}

/* What lab keys say of the last challenge and of the last answer of the attempt at hand: regmon_aka_verdict_kind_t. */
static inline unsigned regmon_challenge_verdict(
		const regmon_registration_t *registration)
{
	return registration->aka.marks & REGMON_AKA_CHALLENGED_NOW
				   ? regmon_supplement_of(registration)->worth.of_challenge
				   : REGMON_AKA_NONE;
}
static inline unsigned regmon_answer_verdict(
		const regmon_registration_t *registration)
{
	return registration->aka.marks & REGMON_AKA_ANSWERED_NOW
				   ? regmon_supplement_of(registration)->worth.of_answer
				   : REGMON_AKA_NONE;
}

/* .suspect of a cause that has but one */
unsigned regmon_only_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms);

/* summary.c */
void regmon_summarise(const regmon_registration_t *registration,
		int64_t now_ms, char *buffer, int size);

#endif
