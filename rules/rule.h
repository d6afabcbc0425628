/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ought to be said: the shape of a rule, of the catalogue and of what a check finds. One record per rule
 * stands beside its check in the file of its header; RPC, documentation and tests are all derived from the
 * records. */
#ifndef REGMON_RULES_RULE_H
#define REGMON_RULES_RULE_H

#include "message/classify.h"
#include "rules/expectations.h"
#include "rules/history.h"

typedef enum regmon_severity
{
	REGMON_OFF,
	REGMON_NOTE,	/* worth knowing, nothing to repair */
	REGMON_WARNING, /* against the text or against experience, usually works */
	REGMON_ERROR	/* against the text, and registrations fail from it */
} regmon_severity_t;

/* What is done about a finding, set per rule. */
typedef enum regmon_mode
{
	REGMON_MODE_MONITOR, /* it is remembered and shown */
	REGMON_MODE_SHADOW,	 /* and counted as what would have been answered */
	REGMON_MODE_ENFORCE, /* and answered, where the script asks */
	REGMON_MODES_N
} regmon_mode_t;

/* Level of the requirement in the specification. */
typedef enum regmon_level
{
	REGMON_MUST,
	REGMON_SHOULD,
	REGMON_MAY,
	REGMON_HEURISTIC /* no text asks for it: experience */
} regmon_level_t;

/* What the rule rests on. Below VERIFIED a rule never rises above a warning. */
typedef enum regmon_confidence
{
	REGMON_VERIFIED,  /* the clause itself was read */
	REGMON_WELL_KNOWN, /* generally known reading of the clause, not re-read */
	REGMON_SECONDARY, /* from a summary, an implementation or experience */
} regmon_confidence_t;

/* What a REGISTER and its past show. Found once per message; a rule names those without which it cannot be broken
 * (all of them), and is not called where one is missing. */
typedef enum regmon_when
{
	REGMON_WHEN_PROTECTED = 1 << 0,
	REGMON_WHEN_STAR = 1 << 1,		/* Contact: * */
	REGMON_WHEN_SEVERAL = 1 << 2,	/* more than one Contact value */
	REGMON_WHEN_REG_ID = 1 << 3,	/* of any Contact, as those below */
	REGMON_WHEN_INSTANCE = 1 << 4,
	REGMON_WHEN_NO_INSTANCE = 1 << 5,
	REGMON_WHEN_Q = 1 << 6,
	REGMON_WHEN_SERVICES = 1 << 7,	/* icsi-ref or iari-ref */
	REGMON_WHEN_ACCESSTYPE = 1 << 8,
	REGMON_WHEN_VIDEO_VALUE = 1 << 9,
	REGMON_WHEN_NO_EXPIRES = 1 << 10, /* no Expires header */
	REGMON_WHEN_SIPS = 1 << 11, /* SIPS URI in To */
	/* of any P-Access-Network-Info value */
	REGMON_WHEN_ACCESS_BROKEN = 1 << 12,
	REGMON_WHEN_ACCESS_MISFIT = 1 << 13, /* a cell identity that does not fit */
	REGMON_WHEN_ACCESS_CLASS = 1 << 14,
	REGMON_WHEN_ACCESS_PROVIDED = 1 << 15, /* network-provided */
	/* of the past, for stateful rules */
	REGMON_WHEN_REGISTERED = 1 << 16,
	REGMON_WHEN_CHALLENGED = 1 << 17, /* the last answer was a 401 */
	REGMON_WHEN_SAME_CALL_ID = 1 << 18,
	REGMON_WHEN_NEW_CALL_ID = 1 << 19,
	/* of Authorization */
	REGMON_WHEN_ANSWERS = 1 << 20, /* a response */
	REGMON_WHEN_RESYNC = 1 << 21,  /* auts */
	/* a header that belongs to the network, or tells a place */
	REGMON_WHEN_NETWORK_HEADER = 1 << 22,
	/* of an answer */
	REGMON_WHEN_CHALLENGE = 1 << 23, /* 401, 407 */
	REGMON_WHEN_AKA = 1 << 24,		 /* its challenge names AKA */
	REGMON_WHEN_ACCEPTED = 1 << 25,	 /* 2xx */
	REGMON_WHEN_REFUSED = 1 << 26,	 /* any other final one */
	/* of a REGISTER beside its past: each is what some stateful rule asks first */
	REGMON_WHEN_CSEQ_BACK = INT64_C(1) << 32, /* CSeq is not above the last one */
	REGMON_WHEN_CSEQ_JUMPS = INT64_C(1) << 33, /* and here above the next one */
	REGMON_WHEN_PENDING = INT64_C(1) << 34, /* the REGISTER before it still waits */
	REGMON_WHEN_OWN_REFRESH = INT64_C(1) << 35, /* begun by the phone, no step of an attempt */
	REGMON_WHEN_FAILED_OFTEN = INT64_C(1) << 36, /* twice or more in a row, or Retry-After is not over */
	REGMON_WHEN_VERIFY_DIFFERS = INT64_C(1) << 37, /* in value or order */
	REGMON_WHEN_OFFER_IN_USE = INT64_C(1) << 38, /* SPIs or port_s of the association in use */
	/* of an answer beside the REGISTER that it is for */
	REGMON_WHEN_PATH_LOST = INT64_C(1) << 39,
	REGMON_WHEN_ROUTE_CHANGED = INT64_C(1) << 40,
	REGMON_WHEN_OUTBOUND = INT64_C(1) << 41, /* granted or asked for */
	REGMON_WHEN_GRANTED_MORE = INT64_C(1) << 42,
	REGMON_WHEN_NOT_BOUND = INT64_C(1) << 43 /* the phone's own Contact is not listed, or with 0 */
} regmon_when_t;

typedef struct regmon_rule
{
	const char *id;	  /* stable, never reused: "CSEQ-04" */
	const char *name; /* spoken: "cseq-out-of-range" */
	const char *header; /* what it is about: "CSeq", "Request-URI" */
	unsigned legs;	  /* REGMON_LEG_* on which it holds */
	unsigned purposes; /* REGMON_PURPOSE_*; 0 means all */
	uint64_t when;	   /* REGMON_WHEN_*; 0 means always */
	regmon_level_t level;
	regmon_severity_t severity; /* default */
	regmon_confidence_t confidence;
	const char *clause; /* "RFC 3261 8.1.1.5" */
	const char *text;	/* the requirement in one sentence */
	const char *cause;	/* likely cause of breaking it */
	const char *inspect;
	const char *next_step;
	int answer;			/* code that a standards-following node gives, 0: none */
	const char *implies; /* ids (comma separated) of rules that necessarily break with it; NULL: none */
	bool ims_only; /* skipped for a REGISTER without any IMS mark */
	bool unreachable; /* Kamailio drops such a message before any module sees it */
	/* true: broken. *seen: the offending text, a slice of the message (or left empty); no log, no allocation.
	 * Exactly one of the three is set. Via, From and To of an answer may be unread: regmon_message_need(). */
	bool (*broken)(const regmon_message_t *message, const regmon_class_t *class,
			str *seen);
	/* compares with what the operator expects; silent where that is empty */
	bool (*unexpected)(const regmon_message_t *message,
			const regmon_class_t *class, const regmon_expectations_t *expected,
			str *seen);
	/* Compares with the past; only called when the registration is known and the REGISTER no repetition. A header may
	 * not have been read because it says word for word what it said in the last REGISTER: then the rules of the sets
	 * that need it are not called, and all others ask history->contact_repeats or history->access_repeats first. */
	bool (*broken_since)(const regmon_message_t *message,
			const regmon_class_t *class, const regmon_history_t *history,
			str *seen);
} regmon_rule_t;

typedef struct regmon_rule_set
{
	const regmon_rule_t *rules;
	unsigned n;
	/* header whose presence the rules need, REGMON_HEADER_OTHER: they look at every message */
	regmon_header_t needs;
	/* NULL, or a cheap question: false when no stateless rule of the set can be broken */
	bool (*suspects)(const regmon_message_t *message);
} regmon_rule_set_t;

/* A row of the catalogue of requirements that is no rule, and why. */
typedef struct regmon_not_rule
{
	const char *id;
	const char *clause;
	const char *text;	/* what the row says */
	const char *reason; /* why no message can break it here */
} regmon_not_rule_t;

#define REGMON_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define REGMON_RULE_SET(array, header)          \
	{                                           \
		array, REGMON_COUNT(array), header, NULL \
	}

#define REGMON_MAX_RULES 320
#define REGMON_MAX_SEEN 24

/* The last indexes are kept for the rules that operators write (rules/profile.h): one id keeps one index for the whole
 * run, so that records may hold it. Between the catalogue and them there is nothing. */
#define REGMON_MAX_OWN_RULES 32
#define REGMON_OWN_FIRST (REGMON_MAX_RULES - REGMON_MAX_OWN_RULES)

/* Index of a rule in the catalogue: for this process only, never stored or sent. */
typedef uint16_t regmon_rule_index_t;

typedef struct regmon_finding
{
	regmon_rule_index_t rule;
	uint8_t mode; /* regmon_mode_t */
	regmon_severity_t severity;
	str seen;
} regmon_finding_t;

typedef struct regmon_findings
{
	unsigned n;	   /* in list[] */
	unsigned total; /* found; those beyond REGMON_MAX_SEEN are only counted */
	regmon_severity_t worst;
	int worst_at; /* index in list[] of the first finding of worst severity, -1: none */
	regmon_finding_t list[REGMON_MAX_SEEN];
} regmon_findings_t;

/* Refusing takes an answer code, and a REGISTER to refuse. */
static inline bool regmon_rule_can_be_enforced(const regmon_rule_t *rule)
{
	return rule->answer >= 300 && (rule->legs & REGMON_LEGS_REQUEST);
}

/* ---- the catalogue ---- */
unsigned regmon_rules_n(void); /* without the operator's own ones */
const regmon_rule_t *regmon_rule_at(regmon_rule_index_t index);
/* by id ("CSEQ-04") or spoken name, without case; -1: unknown */
int regmon_rule_find(str id_or_name);
/* ids that look like the unknown one, comma separated, for error messages; "" when none does */
void regmon_rule_near(str unknown, char *buffer, int size);
/* the rows that are no rules, for the documentation */
unsigned regmon_not_rules_n(void);
const regmon_not_rule_t *regmon_not_rule_at(unsigned index);

const char *regmon_severity_name(regmon_severity_t severity);
bool regmon_severity_find(str name, regmon_severity_t *ret_severity);
const char *regmon_mode_name(regmon_mode_t mode);
bool regmon_mode_find(str name, regmon_mode_t *ret_mode);
const char *regmon_level_name(regmon_level_t level);
const char *regmon_confidence_name(regmon_confidence_t confidence);

/* ---- what is checked: severities in force, compiled so that a rule switched off costs nothing ---- */
typedef struct regmon_plan regmon_plan_t;
/* bytes of a plan; the caller gives the memory (shared memory in the module) */
size_t regmon_plan_size(void);
/* severities[] of regmon_rules_n() entries; NULL: the defaults. A rule whose confidence is below VERIFIED is held
 * at warning even when the severity asks for more. expectations are copied, NULL: none. */
void regmon_plan_make(regmon_plan_t *plan, const regmon_severity_t *severities,
		const regmon_expectations_t *expectations);
regmon_severity_t regmon_plan_severity(
		const regmon_plan_t *plan, regmon_rule_index_t rule);
regmon_mode_t regmon_plan_mode(
		const regmon_plan_t *plan, regmon_rule_index_t rule);
const regmon_expectations_t *regmon_plan_expected(const regmon_plan_t *plan);
/* the severity that a rule may have: its confidence bounds it */
regmon_severity_t regmon_severity_bounded(
		const regmon_rule_t *rule, regmon_severity_t severity);

/* All findings of one message, not the first; findings is emptied first. Stateless rules only. */
void regmon_rules_judge(const regmon_plan_t *plan,
		const regmon_message_t *message, const regmon_class_t *class,
		regmon_findings_t *findings);
/* Stateful rules, appended to findings. Called with the registration's lock held: short and without side effects.
 * Silent when nothing is known of the registration and for a repetition. */
void regmon_rules_judge_since(const regmon_plan_t *plan,
		const regmon_message_t *message, const regmon_class_t *class,
		const regmon_history_t *history, regmon_findings_t *findings);

#endif
