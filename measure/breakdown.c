/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts each ended attempt under its values. */
#include "measure/breakdown_private.h"

#include <stdio.h>

#include "diagnosis/diagnosis.h"
#include "registration/memory.h"

static const char *const dimension_names[] = {
#define X(id, name) name,
		REGMON_DIMENSIONS(X)
#undef X
};

/* a ranked dimension is the trait of that number */
#define X(id, name)                                                          \
	_Static_assert(                                                          \
			REGMON_DIMENSION_##id >= REGMON_RANKED_DIMENSIONS_N              \
					|| (int)REGMON_DIMENSION_##id == (int)REGMON_TRAIT_##id, \
			"order of " name);
#define REGMON_TRAIT_CAUSE 0
#define REGMON_TRAIT_RULE 0
REGMON_DIMENSIONS(X)
#undef X

const char *regmon_dimension_name(regmon_dimension_t dimension)
{
	return dimension < REGMON_DIMENSIONS_N ? dimension_names[dimension] : "?";
}

bool regmon_dimension_find(str name, regmon_dimension_t *ret_dimension)
{
	unsigned i;

	for(i = 0; i < REGMON_DIMENSIONS_N; i++) {
		str known = {
				(char *)dimension_names[i], (int)strlen(dimension_names[i])};

		if(regmon_text_is_nocase(name, known)) {
			*ret_dimension = (regmon_dimension_t)i;
			return true;
		}
	}
	return false;
}

const char *regmon_failure_name(regmon_failure_t failure, char buffer[8])
{
	unsigned value = failure & REGMON_FAILURE_VALUE;
	const regmon_cause_t *cause;

	switch(failure & REGMON_FAILURE_KIND) {
		case REGMON_FAILURE_CODE:
			snprintf(buffer, 8, "%u", value);
			return buffer;
		case REGMON_FAILURE_CAUSE:
			cause = regmon_cause_at(value);
			return cause ? cause->id : "?";
		case REGMON_FAILURE_RESULT:
			return regmon_result_name((regmon_result_t)value);
		default:
			return "";
	}
}

/* ---- memory ---- */

size_t regmon_breakdown_bytes(unsigned top_size)
{
	return sizeof(regmon_breakdown_t)
		   + REGMON_RANKED_DIMENSIONS_N
					 * (2 * regmon_heavy_bytes(top_size)
							 + top_size * sizeof(regmon_value_t)
							 + top_size * sizeof(regmon_failing_value_t));
}

static bool make_ranking(regmon_ranking_t *ranking, unsigned top_size,
		const regmon_secret_t *secret)
{
	ranking->by_attempts = regmon_memory_get(regmon_heavy_bytes(top_size));
	ranking->by_failures = regmon_memory_get(regmon_heavy_bytes(top_size));
	ranking->attempted = regmon_memory_get(top_size * sizeof(regmon_value_t));
	ranking->failing =
			regmon_memory_get(top_size * sizeof(regmon_failing_value_t));
	if(!ranking->by_attempts || !ranking->by_failures || !ranking->attempted
			|| !ranking->failing)
		return false;
	regmon_heavy_start(ranking->by_attempts, top_size, secret->factor);
	regmon_heavy_start(ranking->by_failures, top_size, secret->factor);
	return true;
}

regmon_breakdown_t *regmon_breakdown_make(
		unsigned top_size, const regmon_secret_t *secret)
{
	regmon_breakdown_t *breakdown = regmon_memory_get(sizeof(*breakdown));
	unsigned i;

	if(breakdown == NULL)
		return NULL;
	breakdown->top_size = top_size;
	for(i = 0; i < REGMON_RANKED_DIMENSIONS_N; i++)
		if(!make_ranking(&breakdown->rankings[i], top_size, secret)) {
			regmon_breakdown_free(breakdown);
			return NULL;
		}
	return breakdown;
}

void regmon_breakdown_free(regmon_breakdown_t *breakdown)
{
	unsigned i;

	if(breakdown == NULL)
		return;
	for(i = 0; i < REGMON_RANKED_DIMENSIONS_N; i++) {
		regmon_memory_put(breakdown->rankings[i].by_attempts);
		regmon_memory_put(breakdown->rankings[i].by_failures);
		regmon_memory_put(breakdown->rankings[i].attempted);
		regmon_memory_put(breakdown->rankings[i].failing);
	}
	regmon_memory_put(breakdown);
}

/* ---- counting ---- */

static bool is_failure(const regmon_attempt_t *attempt)
{
	return attempt->result != REGMON_RESULT_SUCCESS;
}

void regmon_ended_read(const regmon_registration_t *registration,
		const regmon_secret_t *secret, regmon_ended_t *ret_ended)
{
	ret_ended->registration = registration;
	ret_ended->attempt = &registration->attempt;
	ret_ended->cause = is_failure(ret_ended->attempt)
							   ? regmon_cause_first(registration->causes)
							   : -1;
	regmon_trait_keys(registration, secret, 0, REGMON_RANKED_DIMENSIONS_N - 1,
			ret_ended->keys);
}

static void next_half_hour(regmon_tries_t *tries, uint32_t half_hour)
{
	if(half_hour == tries->half_hour + 1)
		memcpy(tries->recent[1], tries->recent[0], sizeof(tries->recent[1]));
	else
		memset(tries->recent[1], 0, sizeof(tries->recent[1]));
	memset(tries->recent[0], 0, sizeof(tries->recent[0]));
	tries->half_hour = half_hour;
}

static inline void count(regmon_tries_t *tries, bool failed, uint32_t half_hour)
{
	unsigned which = 0;

	/* another process may be late by a moment with an attempt of the half hour before */
	if(tries->half_hour != half_hour) {
		if(tries->half_hour == half_hour + 1)
			which = 1;
		else
			next_half_hour(tries, half_hour);
	}
	tries->n[failed]++;
	tries->recent[which][failed]++;
}

static void remove_success(regmon_tries_t *tries, uint32_t half_hour)
{
	unsigned which = tries->half_hour == half_hour ? 0 : 1;

	if(tries->n[REGMON_SUCCEEDED] == 0)
		return;
	tries->n[REGMON_SUCCEEDED]--;
	if(tries->half_hour - half_hour <= 1
			&& tries->recent[which][REGMON_SUCCEEDED] > 0)
		tries->recent[which][REGMON_SUCCEEDED]--;
}

static void count_reason(regmon_reasons_t *reasons, regmon_failure_t failure)
{
	unsigned i, rarest = 0;

	for(i = 0; i < REGMON_REASONS_N; i++) {
		if(reasons->failure[i] == failure || reasons->failure[i] == 0)
			break;
		if(reasons->n[i] < reasons->n[rarest])
			rarest = i;
	}
	if(i == REGMON_REASONS_N) {
		i = rarest;
		reasons->inherited[i] = reasons->n[i];
	}
	reasons->failure[i] = failure;
	reasons->n[i]++;
}

static void start_value(regmon_value_t *value, const regmon_ended_t *ended,
		unsigned dimension, int64_t since_ms)
{
	memset(&value->tries, 0, sizeof(value->tries));
	value->since_ms = since_ms;
	value->length = regmon_trait_text(
			ended->registration, (regmon_trait_t)dimension, value->text);
}

static void count_failing(regmon_ranking_t *ranking,
		const regmon_ended_t *ended, unsigned dimension,
		regmon_failure_t failure, uint32_t half_hour)
{
	bool is_new;
	unsigned slot = regmon_heavy_count(
			ranking->by_failures, ended->keys[dimension], &is_new);
	regmon_failing_value_t *failing = &ranking->failing[slot];

	if(is_new) {
		/* of its successes before nothing is known here, however new it is */
		start_value(
				&failing->value, ended, dimension, ended->attempt->ended_ms);
		memset(&failing->reasons, 0, sizeof(failing->reasons));
	}
	count(&failing->value.tries, true, half_hour);
	count_reason(&failing->reasons, failure);
}

static inline void count_ranked(regmon_ranking_t *ranking,
		const regmon_ended_t *ended, unsigned dimension,
		regmon_failure_t failure, uint32_t half_hour)
{
	uint64_t key = ended->keys[dimension];
	bool failed = failure != 0, is_new;
	regmon_value_t *value;
	unsigned slot;

	if(key == 0) {
		count(&ranking->without, failed, half_hour);
		return;
	}
	count(&ranking->all, failed, half_hour);
	slot = regmon_heavy_count(ranking->by_attempts, key, &is_new);
	value = &ranking->attempted[slot];
	if(is_new)
		start_value(value, ended, dimension,
				ranking->by_attempts->slots[slot].error
						? ended->attempt->ended_ms
						: 0);
	count(&value->tries, failed, half_hour);
	if(failed) {
		count_failing(ranking, ended, dimension, failure, half_hour);
		return;
	}
	slot = regmon_heavy_find(ranking->by_failures, key);
	if(slot != REGMON_HEAVY_NONE)
		count(&ranking->failing[slot].value.tries, false, half_hour);
}

/* cause before answer before the way it ended */
static regmon_failure_t failure_of(const regmon_attempt_t *attempt, int cause)
{
	if(!is_failure(attempt))
		return 0;
	if(cause >= 0)
		return (regmon_failure_t)(REGMON_FAILURE_CAUSE | cause);
	if(attempt->result == REGMON_RESULT_REFUSED)
		return REGMON_FAILURE_CODE | (attempt->code & REGMON_FAILURE_VALUE);
	return REGMON_FAILURE_RESULT | attempt->result;
}

static int code_of(const regmon_attempt_t *attempt)
{
	return attempt->result == REGMON_RESULT_SUCCESS
						   || attempt->result == REGMON_RESULT_REFUSED
				   ? attempt->code
				   : 0;
}

static regmon_exact_t *of_code(regmon_breakdown_t *breakdown, int code)
{
	if(code == 0)
		return NULL;
	if(code < REGMON_ANSWERS_FIRST
			|| code >= REGMON_ANSWERS_FIRST + REGMON_ANSWERS_N - 1)
		return &breakdown->codes[REGMON_ANSWERS_N - 1];
	return &breakdown->codes[code - REGMON_ANSWERS_FIRST];
}

static regmon_exact_t *of_access(
		regmon_breakdown_t *breakdown, const regmon_ended_t *ended)
{
	unsigned access = ended->registration->last_access;

	return access != REGMON_ACCESS_NONE && access < REGMON_ACCESS_KINDS_N
				   ? &breakdown->access[access]
				   : NULL;
}

static regmon_exact_t *of_rule(
		regmon_breakdown_t *breakdown, const regmon_attempt_t *attempt)
{
	return attempt->finding > 0 && attempt->finding <= REGMON_MAX_RULES
				   ? &breakdown->rules[attempt->finding - 1]
				   : NULL;
}

/* row NULL: no value */
static inline void count_exact(regmon_breakdown_t *breakdown,
		regmon_dimension_t dimension, regmon_exact_t *row,
		regmon_failure_t failure, uint32_t half_hour)
{
	bool failed = failure != 0;

	if(row == NULL) {
		count(&breakdown->without[dimension], failed, half_hour);
		return;
	}
	count(&breakdown->all[dimension], failed, half_hour);
	count(&row->tries, failed, half_hour);
	if(failed)
		count_reason(&row->reasons, failure);
}

void regmon_breakdown_ended(
		regmon_breakdown_t *breakdown, const regmon_ended_t *ended)
{
	const regmon_attempt_t *attempt = ended->attempt;
	regmon_failure_t failure = failure_of(attempt, ended->cause);
	uint32_t half_hour = (uint32_t)(attempt->ended_ms / REGMON_HALF_HOUR_MS);
	unsigned i;

	if(attempt->kind == REGMON_ATTEMPT_QUERY)
		return;
	for(i = 0; i < REGMON_RANKED_DIMENSIONS_N; i++)
		count_ranked(&breakdown->rankings[i], ended, i, failure, half_hour);
	count_exact(breakdown, REGMON_DIMENSION_ACCESS, of_access(breakdown, ended),
			failure, half_hour);
	count_exact(breakdown, REGMON_DIMENSION_CODE,
			of_code(breakdown, code_of(attempt)), failure, half_hour);
	count_exact(breakdown, REGMON_DIMENSION_RULE, of_rule(breakdown, attempt),
			failure, half_hour);
	/* with a cause, what else it says is the answer */
	count_exact(breakdown, REGMON_DIMENSION_CAUSE,
			ended->cause >= 0 ? &breakdown->causes[ended->cause] : NULL,
			ended->cause >= 0 ? failure_of(attempt, -1) : failure, half_hour);
}

/* ---- a success that was none ---- */

static void success_to_failure(regmon_tries_t *tries, uint32_t half_hour)
{
	remove_success(tries, half_hour);
	count(tries, true, half_hour);
}

/* Was it counted there? Not when the value has lost its slot since then, and found another one. */
static bool is_as_old(const regmon_value_t *value, const regmon_ended_t *ended)
{
	return value->since_ms <= ended->attempt->ended_ms;
}

static void take_back_ranked(regmon_ranking_t *ranking,
		const regmon_ended_t *ended, unsigned dimension,
		regmon_failure_t failure, uint32_t half_hour)
{
	uint64_t key = ended->keys[dimension];
	unsigned slot;

	if(key == 0) {
		success_to_failure(&ranking->without, half_hour);
		return;
	}
	success_to_failure(&ranking->all, half_hour);
	slot = regmon_heavy_find(ranking->by_attempts, key);
	if(slot != REGMON_HEAVY_NONE && is_as_old(&ranking->attempted[slot], ended))
		success_to_failure(&ranking->attempted[slot].tries, half_hour);
	slot = regmon_heavy_find(ranking->by_failures, key);
	if(slot != REGMON_HEAVY_NONE
			&& is_as_old(&ranking->failing[slot].value, ended))
		remove_success(&ranking->failing[slot].value.tries, half_hour);
	count_failing(ranking, ended, dimension, failure, half_hour);
}

static void take_back_exact(regmon_breakdown_t *breakdown,
		regmon_dimension_t dimension, regmon_exact_t *before,
		regmon_exact_t *after, regmon_failure_t failure, uint32_t half_hour)
{
	if(before) {
		remove_success(&breakdown->all[dimension], half_hour);
		remove_success(&before->tries, half_hour);
	} else {
		remove_success(&breakdown->without[dimension], half_hour);
	}
	count_exact(breakdown, dimension, after, failure, half_hour);
}

/* The half hour in which it was counted; so late that nobody knows it any more, the running one. */
static uint32_t half_hour_of(
		const regmon_breakdown_t *breakdown, const regmon_ended_t *ended)
{
	uint32_t then = (uint32_t)(ended->attempt->ended_ms / REGMON_HALF_HOUR_MS);
	uint32_t latest = breakdown->all[REGMON_DIMENSION_CODE].half_hour;

	return latest > then + 1 ? latest : then;
}

void regmon_breakdown_taken_back(
		regmon_breakdown_t *breakdown, const regmon_ended_t *ended)
{
	const regmon_attempt_t *attempt = ended->attempt;
	regmon_failure_t failure = failure_of(attempt, ended->cause);
	uint32_t half_hour = half_hour_of(breakdown, ended);
	regmon_exact_t *row;
	unsigned i;

	if(attempt->kind == REGMON_ATTEMPT_QUERY)
		return;
	for(i = 0; i < REGMON_RANKED_DIMENSIONS_N; i++)
		take_back_ranked(&breakdown->rankings[i], ended, i, failure, half_hour);
	row = of_access(breakdown, ended);
	take_back_exact(
			breakdown, REGMON_DIMENSION_ACCESS, row, row, failure, half_hour);
	row = of_rule(breakdown, attempt);
	take_back_exact(
			breakdown, REGMON_DIMENSION_RULE, row, row, failure, half_hour);
	take_back_exact(breakdown, REGMON_DIMENSION_CODE,
			of_code(breakdown, attempt->code), NULL, failure, half_hour);
	row = ended->cause >= 0 ? &breakdown->causes[ended->cause] : NULL;
	take_back_exact(breakdown, REGMON_DIMENSION_CAUSE, NULL, row,
			row ? failure_of(attempt, -1) : failure, half_hour);
}

void regmon_breakdown_finding(
		regmon_breakdown_t *breakdown, regmon_rule_index_t rule)
{
	if(rule < REGMON_MAX_RULES)
		__atomic_fetch_add(&breakdown->found[rule], 1, __ATOMIC_RELAXED);
}

void regmon_breakdown_found(const regmon_breakdown_t *breakdown,
		uint64_t ret_found[REGMON_MAX_RULES])
{
	unsigned i;

	for(i = 0; i < REGMON_MAX_RULES; i++)
		ret_found[i] = __atomic_load_n(&breakdown->found[i], __ATOMIC_RELAXED);
}

const regmon_exact_t *regmon_breakdown_exact(
		const regmon_breakdown_t *breakdown, regmon_dimension_t dimension,
		unsigned *ret_n)
{
	switch(dimension) {
		case REGMON_DIMENSION_ACCESS:
			*ret_n = REGMON_COUNT(breakdown->access);
			return breakdown->access;
		case REGMON_DIMENSION_CODE:
			*ret_n = REGMON_COUNT(breakdown->codes);
			return breakdown->codes;
		case REGMON_DIMENSION_CAUSE:
			*ret_n = REGMON_COUNT(breakdown->causes);
			return breakdown->causes;
		case REGMON_DIMENSION_RULE:
			*ret_n = REGMON_COUNT(breakdown->rules);
			return breakdown->rules;
		default:
			*ret_n = 0;
			return NULL;
	}
}
