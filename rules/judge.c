/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a plan over one message. All findings are collected, not the first. */
#include "rules/plan.h"

static uint32_t facts_of_contacts(const regmon_contacts_t *contacts)
{
	uint32_t facts = contacts->star ? REGMON_WHEN_STAR : 0;
	int i;

	if(contacts->n > 1)
		facts |= REGMON_WHEN_SEVERAL;
	for(i = 0; i < contacts->kept; i++) {
		const regmon_contact_t *contact = &contacts->list[i];

		facts |= contact->instance.s ? REGMON_WHEN_INSTANCE
									 : REGMON_WHEN_NO_INSTANCE;
		if(contact->reg_id_given)
			facts |= REGMON_WHEN_REG_ID;
		if(contact->q.s)
			facts |= REGMON_WHEN_Q;
		if(contact->video.s)
			facts |= REGMON_WHEN_VIDEO_VALUE;
		if(contact->features & (REGMON_FEATURE_ICSI | REGMON_FEATURE_IARI))
			facts |= REGMON_WHEN_SERVICES;
		if(contact->features & REGMON_FEATURE_ACCESSTYPE)
			facts |= REGMON_WHEN_ACCESSTYPE;
	}
	return facts;
}

static uint32_t facts_of_access(const regmon_access_list_t *access)
{
	uint32_t facts = 0;
	int i;

	for(i = 0; i < access->kept; i++) {
		const regmon_access_value_t *value = &access->list[i];

		if(value->broken)
			facts |= REGMON_WHEN_ACCESS_BROKEN;
		if(!value->fits && value->cell_parameter != REGMON_CELL_NONE)
			facts |= REGMON_WHEN_ACCESS_MISFIT;
		if(value->is_class)
			facts |= REGMON_WHEN_ACCESS_CLASS;
		if(value->network_provided)
			facts |= REGMON_WHEN_ACCESS_PROVIDED;
	}
	return facts;
}

static uint64_t facts_of_past(const regmon_history_t *history)
{
	return (history->registered ? REGMON_WHEN_REGISTERED : 0)
		   | (history->challenge_open ? REGMON_WHEN_CHALLENGED : 0)
		   | (history->same_call_id ? REGMON_WHEN_SAME_CALL_ID
									: REGMON_WHEN_NEW_CALL_ID);
}

/* of a REGISTER and the ones before it */
static uint64_t facts_of_sequence(
		const regmon_message_t *message, const regmon_history_t *history)
{
	int64_t cseq = message->cseq.number, last = history->last_cseq;
	uint64_t facts = 0;

	if(last >= 0 && cseq >= 0 && cseq <= last)
		facts |= REGMON_WHEN_CSEQ_BACK;
	if(last >= 0 && cseq > last + 1)
		facts |= REGMON_WHEN_CSEQ_JUMPS;
	if(history->attempt_open)
		facts |= REGMON_WHEN_PENDING;
	else if(!history->challenge_open && history->last_answer_code < 300)
		facts |= REGMON_WHEN_OWN_REFRESH;
	if(history->retry_after_left_ms > 0 || history->failures_in_row >= 2)
		facts |= REGMON_WHEN_FAILED_OFTEN;
	if(history->verify >= REGMON_VERIFY_ORDER)
		facts |= REGMON_WHEN_VERIFY_DIFFERS;
	if(history->spis_in_use || history->port_s_changed)
		facts |= REGMON_WHEN_OFFER_IN_USE;
	return facts;
}

/* of an answer and its REGISTER */
static uint64_t facts_of_answered(
		const regmon_message_t *answer, const regmon_history_t *history)
{
	uint64_t facts = 0;

	if(history->path_lost)
		facts |= REGMON_WHEN_PATH_LOST;
	if(history->route_changed)
		facts |= REGMON_WHEN_ROUTE_CHANGED;
	if((answer->required | history->asked_options) & REGMON_OPTION_OUTBOUND)
		facts |= REGMON_WHEN_OUTBOUND;
	if(history->answered_s > history->requested_s)
		facts |= REGMON_WHEN_GRANTED_MORE;
	if(history->own_contact_missing || history->answered_s == 0)
		facts |= REGMON_WHEN_NOT_BOUND;
	return facts;
}

static bool has_network_header(const regmon_message_t *message)
{
	const uint8_t *count = message->count;

	return count[REGMON_HEADER_PATH] | count[REGMON_HEADER_P_VISITED_NETWORK_ID]
		   | count[REGMON_HEADER_P_CHARGING_VECTOR]
		   | count[REGMON_HEADER_P_ASSOCIATED_URI]
		   | count[REGMON_HEADER_CELLULAR_NETWORK_INFO]
		   | count[REGMON_HEADER_GEOLOCATION]
		   | count[REGMON_HEADER_FEATURE_CAPS]
		   | count[REGMON_HEADER_RESOURCE_PRIORITY]
		   | count[REGMON_HEADER_PRIORITY_SHARE]
		   | count[REGMON_HEADER_RESOURCE_SHARE];
}

/* What an answer lacks. What it is for is told by the REGISTER that it answers; while that is not known every rule of
 * its leg holds. */
static uint64_t missing_of_answer(
		const regmon_message_t *answer, const regmon_history_t *history)
{
	uint64_t facts = REGMON_WHEN_REFUSED;

	if(answer->code < 300)
		facts = REGMON_WHEN_ACCEPTED;
	else if(answer->code == 401 || answer->code == 407)
		facts = REGMON_WHEN_CHALLENGE;
	if(regmon_algorithm_is_aka(answer->challenge.algorithm))
		facts |= REGMON_WHEN_AKA;
	if(history == NULL)
		return ~facts & (REGMON_WANTS_IMS - 1);
	facts |= facts_of_past(history) | facts_of_answered(answer, history);
	if(history->ims)
		facts |= REGMON_WANTS_IMS;
	return (~facts & ((REGMON_WANTS_IMS << 1) - 1))
		   | (uint64_t)history->purpose << REGMON_WANTS_PURPOSE_SHIFT;
}

/* What this message lacks, in the terms of regmon_plan_check_t.wants. */
static uint64_t missing_of(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history)
{
	uint64_t facts;

	if(class->leg & REGMON_LEGS_ANSWER)
		return missing_of_answer(message, history);
	/* no rule wants anything of headers that were not read, see judge_groups_since() */
	facts = 0;
	if(!(message->unread & REGMON_HEADER_BIT(CONTACT))) {
		facts |= facts_of_contacts(&message->contacts);
		if(message->count[REGMON_HEADER_EXPIRES] == 0)
			facts |= REGMON_WHEN_NO_EXPIRES;
		if(has_network_header(message))
			facts |= REGMON_WHEN_NETWORK_HEADER;
	}
	if(!(message->unread & REGMON_HEADER_BIT(P_ACCESS_NETWORK_INFO)))
		facts |= facts_of_access(&message->access);
	if(class->credentials == REGMON_CREDENTIALS_ANSWER)
		facts |= REGMON_WHEN_ANSWERS;
	else if(class->credentials == REGMON_CREDENTIALS_RESYNC)
		facts |= REGMON_WHEN_RESYNC;
	if(class->is_protected)
		facts |= REGMON_WHEN_PROTECTED;
	if(class->ims)
		facts |= REGMON_WANTS_IMS;
	if(message->to.uri.scheme == REGMON_SCHEME_SIPS)
		facts |= REGMON_WHEN_SIPS;
	if(history != NULL)
		facts |= facts_of_past(history) | facts_of_sequence(message, history);
	return (~facts & ((REGMON_WANTS_IMS << 1) - 1))
		   | (uint64_t)class->purpose << REGMON_WANTS_PURPOSE_SHIFT;
}

typedef struct judged
{
	const regmon_plan_t *plan;
	const regmon_message_t *message;
	const regmon_class_t *class;
	const regmon_history_t *history;
	uint64_t missing;
	regmon_findings_t *findings;
	/* the plan's exceptions that hold for this message; found out with the first finding */
	bool exceptions_known;
	uint64_t exceptions;
} judged_t;

/* The last exception that holds has the last word. */
static regmon_severity_t severity_for_phone(
		judged_t *judged, const regmon_plan_check_t *check)
{
	const regmon_plan_t *plan = judged->plan;
	regmon_severity_t severity = check->severity;
	unsigned i, j;

	if(!judged->exceptions_known) {
		judged->exceptions = regmon_exceptions_match(
				plan->exceptions, plan->exceptions_n, judged->message);
		judged->exceptions_known = true;
	}
	for(i = 0; i < plan->exceptions_n; i++) {
		const regmon_exception_t *exception = plan->exceptions[i];

		if(!((judged->exceptions >> i) & 1))
			continue;
		for(j = exception->first; j < exception->first + exception->n; j++) {
			if(plan->exception_rules[j].rule == check->rule)
				severity = plan->exception_rules[j].severity;
		}
	}
	return severity;
}

/* What may leave a full list: the last finding that neither is the worst nor does anything. -1: none may. */
static int least_needed(const regmon_findings_t *findings)
{
	int i;

	for(i = (int)findings->n - 1; i >= 0; i--) {
		if(i != findings->worst_at
				&& findings->list[i].mode == REGMON_MODE_MONITOR)
			return i;
	}
	return -1;
}

static __attribute__((noinline)) void add_finding(
		judged_t *judged, const regmon_plan_check_t *check, str seen)
{
	regmon_findings_t *findings = judged->findings;
	regmon_severity_t severity = check->severity;
	int at = (int)findings->n;
	bool worse;

	if(judged->plan->exceptions_n > 0) {
		severity = severity_for_phone(judged, check);
		if(severity == REGMON_OFF)
			return;
	}
	worse = severity > findings->worst;
	findings->total++;
	if(worse)
		findings->worst = severity;
	if(findings->n == REGMON_MAX_SEEN) {
		/* the worst must not fall off the end of a long list, nor what is enforced: nobody gets past it by breaking
		 * many other rules */
		if(!worse && check->mode == REGMON_MODE_MONITOR)
			return;
		at = least_needed(findings);
		if(at < 0 && !worse)
			return;
		if(at < 0)
			at = REGMON_MAX_SEEN - 1;
	} else {
		findings->n++;
	}
	if(worse)
		findings->worst_at = at;
	findings->list[at] =
			(regmon_finding_t){check->rule, check->mode, severity, seen};
}

/* Is there anything in the group for this message? */
static inline __attribute__((always_inline)) bool is_entered(
		const regmon_plan_group_t *group, const regmon_message_t *message,
		uint64_t missing)
{
	return !(group->wants & missing)
		   && (group->needs == REGMON_HEADER_OTHER
				   || message->count[group->needs]);
}

static void judge_unexpected(judged_t *judged, const regmon_plan_group_t *group)
{
	const regmon_plan_check_t *check = &judged->plan->checks[group->first];
	const regmon_plan_check_t *end = check + group->n;

	for(; check < end; check++) {
		str seen = {NULL, 0};

		if(!(check->wants & judged->missing)
				&& check->call.unexpected(judged->message, judged->class,
						&judged->plan->expected, &seen))
			add_finding(judged, check, seen);
	}
}

/* Both loops below run for every message and keep what they need in registers: hence no common function. */
static void judge_groups(judged_t *judged, const regmon_plan_leg_t *leg)
{
	const regmon_message_t *message = judged->message;
	const regmon_class_t *class = judged->class;
	const regmon_plan_check_t *checks = judged->plan->checks;
	const regmon_plan_group_t *group = leg->groups, *end = group + leg->since;
	const regmon_plan_check_t *check, *last;
	uint64_t missing = judged->missing;
	str seen;

	for(; group < end; group++) {
		if(!is_entered(group, message, missing)
				|| (group->suspects != NULL && !group->suspects(message)))
			continue;
		if(group->kind != REGMON_PLAN_BROKEN) {
			judge_unexpected(judged, group);
			continue;
		}
		check = checks + group->first;
		for(last = check + group->n; check < last; check++) {
			if(check->wants & missing)
				continue;
			seen = (str){NULL, 0};
			if(check->call.broken(message, class, &seen))
				add_finding(judged, check, seen);
		}
	}
}

static void judge_groups_since(judged_t *judged, const regmon_plan_leg_t *leg)
{
	const regmon_message_t *message = judged->message;
	const regmon_class_t *class = judged->class;
	const regmon_history_t *history = judged->history;
	const regmon_plan_check_t *checks = judged->plan->checks;
	const regmon_plan_group_t *group = leg->groups + leg->since;
	const regmon_plan_group_t *end = leg->groups + leg->groups_n;
	const regmon_plan_check_t *check, *last;
	uint64_t missing = judged->missing;
	str seen;

	for(; group < end; group++) {
		/* what a header says again word for word needs no comparison */
		if(!is_entered(group, message, missing)
				|| ((message->unread >> group->needs) & 1))
			continue;
		check = checks + group->first;
		for(last = check + group->n; check < last; check++) {
			if(check->wants & missing)
				continue;
			seen = (str){NULL, 0};
			if(check->call.broken_since(message, class, history, &seen))
				add_finding(judged, check, seen);
		}
	}
}

/* the operator's own rules */
static void judge_own(judged_t *judged)
{
	const regmon_plan_t *plan = judged->plan;
	unsigned i;

	for(i = 0; i < plan->own_n; i++) {
		const regmon_own_rule_t *own = plan->own[i];
		regmon_plan_check_t check = {.rule = plan->own_index[i]};
		str seen = {NULL, 0};

		if(!(own->rule.legs & judged->class->leg)
				|| !regmon_own_rule_broken(own, judged->message, &seen))
			continue;
		check.severity = plan->severities[check.rule];
		check.mode = plan->modes[check.rule];
		add_finding(judged, &check, seen);
	}
}

static const regmon_plan_leg_t *leg_of(
		const regmon_plan_t *plan, const regmon_class_t *class)
{
	unsigned bits = (unsigned)class->leg & ((1u << REGMON_LEGS_N) - 1);

	return bits ? &plan->legs[__builtin_ctz(bits)] : NULL;
}

void regmon_rules_judge(const regmon_plan_t *plan,
		const regmon_message_t *message, const regmon_class_t *class,
		regmon_findings_t *findings)
{
	const regmon_plan_leg_t *leg = leg_of(plan, class);
	judged_t judged = {plan, message, class, NULL, 0, findings, false, 0};

	if(!message->is_answer)
		regmon_message_complete(message);
	findings->n = findings->total = 0;
	findings->worst = REGMON_OFF;
	findings->worst_at = -1;
	if(leg == NULL)
		return;
	if(leg->since > 0) {
		judged.missing = missing_of(message, class, NULL);
		judge_groups(&judged, leg);
	}
	if(plan->own_n > 0)
		judge_own(&judged);
}

void regmon_rules_judge_since(const regmon_plan_t *plan,
		const regmon_message_t *message, const regmon_class_t *class,
		const regmon_history_t *history, regmon_findings_t *findings)
{
	const regmon_plan_leg_t *leg = leg_of(plan, class);
	judged_t judged = {plan, message, class, history, 0, findings, false, 0};

	if(leg == NULL || !history->known || history->retransmission
			|| leg->since == leg->groups_n)
		return;
	judged.missing = missing_of(message, class, history);
	judge_groups_since(&judged, leg);
}
