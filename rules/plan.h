/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The compiled plan, for plan.c and judge.c alone. Per leg a list of groups; a group is a run of checks that read
 * the same header and are called the same way. What is off is not in it. */
#ifndef REGMON_RULES_PLAN_H
#define REGMON_RULES_PLAN_H

#include "rules/profile.h"

#define REGMON_LEGS_N 8
#define REGMON_MAX_GROUPS 128
#define REGMON_MAX_CHECKS (REGMON_MAX_RULES * REGMON_LEGS_N)

/* how the checks of a group are called */
typedef enum regmon_plan_kind
{
	REGMON_PLAN_BROKEN,
	REGMON_PLAN_UNEXPECTED,
	REGMON_PLAN_SINCE,
	REGMON_PLAN_KINDS_N
} regmon_plan_kind_t;

/* What a check wants, as one word: facts (REGMON_WHEN_*), an IMS message, and none of the purposes it is not for. A
 * check is called when nothing of that is among what the message lacks. */
#define REGMON_WANTS_IMS (UINT64_C(1) << 59)
#define REGMON_WANTS_PURPOSE_SHIFT 60

typedef struct regmon_plan_check
{
	union
	{
		bool (*broken)(
				const regmon_message_t *, const regmon_class_t *, str *);
		bool (*unexpected)(const regmon_message_t *, const regmon_class_t *,
				const regmon_expectations_t *, str *);
		bool (*broken_since)(const regmon_message_t *, const regmon_class_t *,
				const regmon_history_t *, str *);
	} call;
	uint64_t wants;
	regmon_rule_index_t rule;
	uint8_t severity;
	uint8_t mode;
} regmon_plan_check_t;

typedef struct regmon_plan_group
{
	uint16_t first, n; /* in checks[] */
	uint8_t needs;	   /* regmon_header_t */
	uint8_t kind;
	uint64_t wants; /* what each of its checks wants */
	bool (*suspects)(const regmon_message_t *message); /* or NULL */
} regmon_plan_group_t;

typedef struct regmon_plan_leg
{
	uint16_t groups_n;
	uint16_t since; /* first of the stateful groups, which stand last */
	regmon_plan_group_t groups[REGMON_MAX_GROUPS];
} regmon_plan_leg_t;

struct regmon_plan
{
	regmon_expectations_t expected;
	uint64_t identity; /* a hash of all that decides on what is found, severities apart */
	unsigned checks_n;
	uint8_t severities[REGMON_MAX_RULES];
	uint8_t modes[REGMON_MAX_RULES];
	/* of the operator; n is 0 for nearly all */
	unsigned exceptions_n, own_n;
	const regmon_exception_t *exceptions[REGMON_MAX_EXCEPTIONS];
	const regmon_exception_rule_t *exception_rules;
	const regmon_own_rule_t *own[REGMON_MAX_OWN_RULES];
	regmon_rule_index_t own_index[REGMON_MAX_OWN_RULES];
	regmon_plan_leg_t legs[REGMON_LEGS_N];
	regmon_plan_check_t checks[REGMON_MAX_CHECKS];
};

/* Groups and checks out of what stands above them in the plan. */
void regmon_plan_compile(regmon_plan_t *plan);

#endif
