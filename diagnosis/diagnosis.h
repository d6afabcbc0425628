/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why it goes wrong: facts of one record in, ranked causes out. A cause names its evidence and what would refute it.
 * Pure; the record is a copy or its lock is held. One file per family of causes. */
#ifndef REGMON_DIAGNOSIS_DIAGNOSIS_H
#define REGMON_DIAGNOSIS_DIAGNOSIS_H

#include "registration/registration.h"

/* By the written table in doc/causes.md: which facts were seen, which are missing, which speak against it. */
typedef enum regmon_certainty
{
	REGMON_CERTAINTY_NONE, /* does not apply */
	REGMON_POSSIBLE, /* fits, but so do others, or a deciding fact was not seen */
	REGMON_LIKELY,	 /* the deciding facts were seen, nothing speaks against it */
	REGMON_CERTAIN	 /* cannot be otherwise */
} regmon_certainty_t;
const char *regmon_certainty_name(regmon_certainty_t certainty);

/* Changeable at run time; all bounded by the caller. */
typedef struct regmon_thresholds
{
	int challenge_loop;	  /* 401s in a row to answered challenges: 3 */
	int storm_count;	  /* early refreshes in a row: 3 */
	int storm_ratio;	  /* early: before this percent of the time until a refresh is due: 25 */
	int short_grant_s;	  /* a binding shorter than this does not hold: 60 */
	int silence_s;		  /* after a 401 before silence is named, before the 240 s are over: 30 */
	int no_answer_s;	  /* after a REGISTER before a missing answer is named: 10 */
	int regressions;	  /* CSeq going back: 1 */
} regmon_thresholds_t;
#define REGMON_THRESHOLDS_DEFAULT                                             \
	(regmon_thresholds_t)                                                      \
	{                                                                          \
		.challenge_loop = 3, .storm_count = 3, .storm_ratio = 25,              \
		.short_grant_s = 60, .silence_s = 30, .no_answer_s = 10,               \
		.regressions = 1                                                       \
	}

#define REGMON_MAX_EVIDENCE 8
#define REGMON_EVIDENCE_LENGTH 200

typedef struct regmon_evidence
{
	unsigned n;
	char line[REGMON_MAX_EVIDENCE][REGMON_EVIDENCE_LENGTH];
} regmon_evidence_t;
/* printf into the next line; silently full. Control characters, which only a message can have brought, become '?'. */
void regmon_evidence_add(regmon_evidence_t *evidence, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/* One form in which a cause shows itself, and whom to suspect first then. */
typedef struct regmon_suspect
{
	const char *when; /* what of the record tells this form from the others */
	const char *text; /* the first suspect in this form */
} regmon_suspect_t;

typedef struct regmon_cause
{
	const char *id;		/* stable: "challenge-loop" */
	const char *title;	/* what is seen, one sentence */
	const char *cause;	/* the likely reasons in general, the first suspect first */
	const char *inspect;
	const char *next_step;
	const char *refuted_by; /* what would show that it is something else */
	const char *clause;
	/* the written table of certainty: by which facts; NULL: never that certain */
	const char *certain, *likely, *possible;
	const char *not_when; /* looks alike and is something else */
	int weight; /* orders causes of equal certainty: higher first */
	/* says what was answered rather than why: stands behind a likely cause that says more */
	bool general;
	/* never applies to an attempt that ended as a success: then nobody asks it, which is most often */
	bool not_of_success;
	const regmon_suspect_t *suspects; /* ended by .text == NULL */
	regmon_certainty_t (*applies)(const regmon_registration_t *registration,
			const regmon_thresholds_t *thresholds, int64_t now_ms);
	/* index into suspects[]; asked only when the cause applies */
	unsigned (*suspect)(const regmon_registration_t *registration,
			const regmon_thresholds_t *thresholds, int64_t now_ms);
	void (*evidence)(const regmon_registration_t *registration,
			const regmon_thresholds_t *thresholds, int64_t now_ms,
			regmon_evidence_t *evidence);
} regmon_cause_t;

#define REGMON_MAX_CAUSES 64

unsigned regmon_causes_n(void);
const regmon_cause_t *regmon_cause_at(unsigned index);
int regmon_cause_find(str id); /* -1: unknown */
/* The cause of a set that is named first: the heaviest of those that are not general, else the heaviest. -1: the set is
 * empty. */
int regmon_cause_first(uint64_t causes);

/* The set of causes that apply at least as LIKELY: bit per index. Cheap: no text is made. */
uint64_t regmon_diagnose_set(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms);

typedef struct regmon_verdict
{
	unsigned cause; /* index */
	regmon_certainty_t certainty;
	bool is_of_before; /* of the attempt before the one that has just begun */
	const char *suspect; /* the first suspect by what this record shows; static text, never NULL */
	regmon_evidence_t evidence;
} regmon_verdict_t;

#define REGMON_MAX_VERDICTS 6
typedef struct regmon_diagnosis
{
	unsigned n;
	regmon_verdict_t list[REGMON_MAX_VERDICTS]; /* most certain first, then by weight */
	char summary[REGMON_EVIDENCE_LENGTH]; /* one sentence: how the phone stands, also when nothing is wrong */
} regmon_diagnosis_t;

void regmon_diagnose(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_diagnosis_t *ret_diagnosis);

/* "14:03:07.120", UTC offset as the caller's libc has it; buffer of at least 16 bytes. Pure: zone offset is given. */
void regmon_print_time(int64_t at_ms, int utc_offset_s, char *buffer);
/* The same, "Nov 14 14:03:07.120" when that is another day than now, by the offset below. Returns buffer. */
#define REGMON_AT_LENGTH 32
const char *regmon_print_at(
		int64_t at_ms, int64_t now_ms, char buffer[REGMON_AT_LENGTH]);
/* "3.2 s", "4 min 10 s", "2 h 5 min", "3 d 4 h" */
void regmon_print_duration(int64_t duration_ms, char *buffer, int size);
/* Used by evidence lines; set by show/ at start and where the zone's offset changes (0: UTC). */
void regmon_set_utc_offset(int utc_offset_s);

#endif
