/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one way in and out of what is measured. News goes into a queue; whoever looks, and the timer once a second, counts
 * what waits there, under one lock. */
#include "measure/measure.h"

#include "diagnosis/diagnosis.h"
#include "measure/counters.h"
#include "measure/queue.h"
#include "registration/identity.h"
#include "registration/memory.h"

struct regmon_measure
{
	regmon_secret_t secret;
	regmon_queue_t *queue; /* put by all without a lock, taken out under it */
	/* atomic */
	uint64_t network_deregistrations, lost;
	uint64_t opened[REGMON_ATTEMPTS_N];
	regmon_lock_t *lock; /* one, guards all below */
	regmon_breakdown_t *breakdown;
	regmon_population_t *population;
	regmon_window_t window;
	regmon_kpi_cell_t cells[REGMON_ATTEMPTS_N][REGMON_ACCESS_KINDS_N];
};

size_t regmon_measure_bytes(unsigned top_size)
{
	return sizeof(regmon_measure_t) + sizeof(regmon_queue_t)
		   + regmon_breakdown_bytes(top_size)
		   + regmon_population_bytes(regmon_causes_n());
}

regmon_measure_t *regmon_measure_make(
		unsigned top_size, const uint8_t random[16])
{
	regmon_measure_t *measure = regmon_memory_get(sizeof(*measure));

	if(measure == NULL)
		return NULL;
	measure->secret = regmon_secret_of(random);
	measure->lock = regmon_locks_make(1);
	measure->queue = regmon_queue_make();
	measure->breakdown = regmon_breakdown_make(top_size, &measure->secret);
	measure->population =
			regmon_population_make(regmon_causes_n(), &measure->secret);
	if(!measure->lock || !measure->queue || !measure->breakdown
			|| !measure->population) {
		regmon_measure_free(measure);
		return NULL;
	}
	return measure;
}

void regmon_measure_free(regmon_measure_t *measure)
{
	if(measure == NULL)
		return;
	regmon_breakdown_free(measure->breakdown);
	regmon_population_free(measure->population);
	regmon_queue_free(measure->queue);
	if(measure->lock)
		regmon_locks_free(measure->lock, 1);
	regmon_memory_put(measure);
}

/* ---- news ---- */

static regmon_kpi_cell_t *cell_of(regmon_measure_t *measure,
		const regmon_attempt_t *attempt, unsigned access)
{
	return &measure->cells[attempt->kind < REGMON_ATTEMPTS_N ? attempt->kind
															 : 0]
						  [access < REGMON_ACCESS_KINDS_N ? access : 0];
}

/* one of the queue; lock held */
static void count_locked(regmon_measure_t *measure, regmon_event_type_t type,
		const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	regmon_kpi_cell_t *cell =
			cell_of(measure, attempt, registration->last_access);
	regmon_ended_t ended;

	regmon_ended_read(registration, &measure->secret, &ended);
	if(type == REGMON_EVENT_ATTEMPT_ENDED) {
		regmon_kpi_ended_attempt(cell, attempt, ended.cause);
		regmon_window_ended(&measure->window, attempt);
		regmon_breakdown_ended(measure->breakdown, &ended);
	} else {
		regmon_kpi_taken_back(cell, attempt, ended.cause);
		regmon_window_taken_back(&measure->window, attempt);
		regmon_breakdown_taken_back(measure->breakdown, &ended);
	}
}

/* Counts up to so many that wait. Lock held. */
static void settle_locked(regmon_measure_t *measure, unsigned most)
{
	const regmon_registration_t *registration;
	regmon_event_type_t type;

	while(most-- > 0
			&& (registration = regmon_queue_take(measure->queue, &type)))
		count_locked(measure, type, registration);
}

/* Whoever looks finds everything counted that had been told by then. */
static void lock(void *context)
{
	regmon_measure_t *measure = context;

	regmon_lock_get(measure->lock, 0);
	settle_locked(measure, REGMON_QUEUE_MOST);
}

static void unlock(void *context)
{
	regmon_lock_put(((regmon_measure_t *)context)->lock, 0);
}

/* Nobody has looked for so long that the queue is full: more attempts end in one second than it holds. Then those who
 * put in count some, too. */
#define COUNT_AT_ONCE 64

static void put(regmon_measure_t *measure, const regmon_event_t *event)
{
	if(regmon_queue_put(measure->queue, event))
		return;
	regmon_lock_get(measure->lock, 0);
	settle_locked(measure, COUNT_AT_ONCE);
	regmon_lock_put(measure->lock, 0);
	/* still full: a process was stopped while it filled its entry */
	if(!regmon_queue_put(measure->queue, event))
		__atomic_fetch_add(&measure->lost, 1, __ATOMIC_RELAXED);
}

static void on_attempt(const regmon_event_t *event, void *context)
{
	/* without memory for its copy there is no record */
	if(event->registration == NULL
			|| event->registration->attempt.result == REGMON_RESULT_OPEN
			|| (event->type == REGMON_EVENT_NOT_SENT
					&& !event->success_taken_back))
		return;
	put(context, event);
}

static void on_rest(const regmon_event_t *event, void *context)
{
	regmon_measure_t *measure = context;

	if(event->type == REGMON_EVENT_FINDING)
		regmon_breakdown_finding(measure->breakdown, event->rule);
	else if(event->attempt.kind < REGMON_ATTEMPTS_N)
		__atomic_fetch_add(
				&measure->opened[event->attempt.kind], 1, __ATOMIC_RELAXED);
}

static void deregistered(const regmon_event_t *event, void *context)
{
	regmon_measure_t *measure = context;

	(void)event;
	__atomic_fetch_add(&measure->network_deregistrations, 1, __ATOMIC_RELAXED);
}

int regmon_measure_listen(regmon_measure_t *measure)
{
	if(regmon_events_listen_with_record(
			   1u << REGMON_EVENT_ATTEMPT_ENDED | 1u << REGMON_EVENT_NOT_SENT,
			   on_attempt, measure)
					< 0
			|| regmon_events_listen(1u << REGMON_EVENT_ATTEMPT_OPENED
											| 1u << REGMON_EVENT_FINDING,
					   on_rest, measure)
					   < 0)
		return -1;
	regmon_counters_tell_deregistered(deregistered, measure);
	return 0;
}

void regmon_measure_go_round(
		regmon_measure_t *measure, regmon_table_t *table, int64_t now_ms)
{
	/* what a round gathers is this process's own until it is published */
	bool is_complete = regmon_population_go_round(measure->population, table);

	lock(measure);
	if(is_complete)
		regmon_population_publish(measure->population, now_ms);
	unlock(measure);
}

/* ---- reading ---- */

double regmon_percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : -1.0;
}

void regmon_kpi_read_cell(regmon_measure_t *measure, regmon_attempt_kind_t kind,
		regmon_access_t access, regmon_kpi_cell_t *ret_cell)
{
	lock(measure);
	*ret_cell = measure->cells[kind][access];
	unlock(measure);
}

void regmon_opened_read(
		const regmon_measure_t *measure, regmon_opened_t *ret_opened)
{
	unsigned kind;

	for(kind = 0; kind < REGMON_ATTEMPTS_N; kind++)
		ret_opened->opened[kind] =
				__atomic_load_n(&measure->opened[kind], __ATOMIC_RELAXED);
	ret_opened->network_deregistrations = __atomic_load_n(
			&measure->network_deregistrations, __ATOMIC_RELAXED);
	ret_opened->lost = __atomic_load_n(&measure->lost, __ATOMIC_RELAXED);
}

void regmon_kpi_read(
		regmon_measure_t *measure, int access, regmon_kpi_t *ret_kpi)
{
	regmon_opened_t opened;
	unsigned kind, i;

	memset(ret_kpi, 0, sizeof(*ret_kpi));
	regmon_opened_read(measure, &opened);
	memcpy(ret_kpi->opened, opened.opened, sizeof(ret_kpi->opened));
	ret_kpi->network_deregistrations = opened.network_deregistrations;
	ret_kpi->lost = opened.lost;
	for(kind = 0; kind < REGMON_ATTEMPTS_N; kind++) {
		for(i = 0; i < REGMON_ACCESS_KINDS_N; i++) {
			if(access != REGMON_ALL_ACCESS && access != (int)i)
				continue;
			lock(measure);
			regmon_kpi_merge(&ret_kpi->kinds[kind], &measure->cells[kind][i]);
			unlock(measure);
		}
		if(kind != REGMON_ATTEMPT_QUERY)
			regmon_kpi_merge(&ret_kpi->all, &ret_kpi->kinds[kind]);
	}
}

/* minutes that are looked at with one holding of the lock */
#define MINUTES_AT_ONCE 60

void regmon_sums_read(regmon_measure_t *measure, regmon_span_t span,
		int64_t now_ms, regmon_sums_t *ret_sums)
{
	uint32_t last = (uint32_t)(now_ms / 60000);
	uint32_t minutes = span == REGMON_LAST_HOUR ? 60 : REGMON_WINDOW_MINUTES;
	uint32_t first = last + 1 - minutes;

	if(span == REGMON_LAST_MINUTE) {
		lock(measure);
		regmon_window_last_minute(&measure->window, now_ms, ret_sums);
		unlock(measure);
		return;
	}
	memset(ret_sums, 0, sizeof(*ret_sums));
	for(; minutes > 0; minutes -= MINUTES_AT_ONCE) {
		lock(measure);
		regmon_window_add_minutes(
				&measure->window, first, first + MINUTES_AT_ONCE - 1, ret_sums);
		unlock(measure);
		first += MINUTES_AT_ONCE;
	}
}

void regmon_minutes_read(regmon_measure_t *measure, int64_t now_ms, unsigned n,
		regmon_period_t *ret_rows)
{
	uint32_t first = (uint32_t)(now_ms / 60000) + 1 - n;
	unsigned i;

	for(i = 0; i < n; i++) {
		lock(measure);
		regmon_window_minute(&measure->window, first + i, &ret_rows[i]);
		unlock(measure);
	}
}

void regmon_hours_read(regmon_measure_t *measure, int64_t now_ms, unsigned n,
		regmon_period_t *ret_rows)
{
	uint32_t first = (uint32_t)(now_ms / 3600000) + 1 - n;
	unsigned i;

	for(i = 0; i < n; i++) {
		lock(measure);
		regmon_window_hour(&measure->window, first + i, &ret_rows[i]);
		unlock(measure);
	}
}

/* A value as it may be shown, in its place: what a phone writes into User-Agent may be somebody's number. Returns its
 * length. */
static int hide(regmon_trait_t trait, char text[REGMON_TRAIT_TEXT], int length)
{
	char buffer[REGMON_IDENTITY_LENGTH];
	str shown;

	if(trait != REGMON_TRAIT_DEVICE && trait != REGMON_TRAIT_CELL)
		return length;
	shown = regmon_identity_shown(trait == REGMON_TRAIT_DEVICE
										  ? REGMON_IDENTITY_DEVICE
										  : REGMON_IDENTITY_CELL,
			(str){text, length}, buffer);
	if(shown.len > REGMON_TRAIT_TEXT)
		shown.len = REGMON_TRAIT_TEXT;
	memmove(text, shown.s, (size_t)shown.len);
	return shown.len;
}

void regmon_top_read(regmon_measure_t *measure, regmon_dimension_t dimension,
		regmon_top_order_t order, bool recent, int64_t now_ms,
		regmon_top_row_t *rows, unsigned room, regmon_top_t *ret_top)
{
	const regmon_guard_t guard = {lock, unlock, measure};

	unsigned i;

	regmon_breakdown_top(measure->breakdown, &guard, dimension, order,
			recent ? now_ms : 0, rows, room, ret_top);
	for(i = 0; i < ret_top->rows_n && dimension < REGMON_RANKED_DIMENSIONS_N;
			i++)
		rows[i].length = hide((regmon_trait_t)dimension, rows[i].text,
				rows[i].length);
}

void regmon_findings_read(
		const regmon_measure_t *measure, uint64_t ret_found[REGMON_MAX_RULES])
{
	regmon_breakdown_found(measure->breakdown, ret_found);
}

void regmon_users_read(regmon_measure_t *measure, regmon_users_t *ret_users)
{
	lock(measure);
	regmon_population_users(measure->population, ret_users);
	unlock(measure);
}

void regmon_shared_read(regmon_measure_t *measure, unsigned cause,
		regmon_population_of_cause_t *ret_found)
{
	regmon_shared_t *shared = ret_found->shared;
	unsigned i;

	lock(measure);
	regmon_population_of(measure->population, cause, ret_found);
	unlock(measure);
	for(i = 0; i < ret_found->shared_n; i++)
		shared[i].length =
				hide(shared[i].trait, shared[i].text, shared[i].length);
}

/* ---- plain totals ---- */

const char *regmon_total_name(regmon_total_t total)
{
	static const char *const names[] = {
#define X(name, help) #name,
			REGMON_TOTALS(X)
#undef X
	};

	return total < REGMON_TOTALS_N ? names[total] : "?";
}

const char *regmon_total_help(regmon_total_t total)
{
	static const char *const helps[] = {
#define X(name, help) help,
			REGMON_TOTALS(X)
#undef X
	};

	return total < REGMON_TOTALS_N ? helps[total] : "?";
}

/* one number, at this place of every cell of a kind, or of all kinds but queries (REGMON_ATTEMPT_NONE) */
static uint64_t sum_of(regmon_measure_t *measure, unsigned wanted, size_t place)
{
	uint64_t sum = 0;
	unsigned kind, access;

	lock(measure);

	for(kind = 0; kind < REGMON_ATTEMPTS_N; kind++) {
		if(wanted == REGMON_ATTEMPT_NONE ? kind == REGMON_ATTEMPT_QUERY
										 : kind != wanted)
			continue;
		for(access = 0; access < REGMON_ACCESS_KINDS_N; access++)
			sum += *(const uint64_t *)((const char *)&measure
											   ->cells[kind][access]
									   + place);
	}
	unlock(measure);
	return sum;
}

uint64_t regmon_total_read(regmon_measure_t *measure, regmon_total_t total)
{
	static const struct
	{
		unsigned kind;
		size_t place;
	} sums[REGMON_TOTALS_N] = {
#define ALL(field) {REGMON_ATTEMPT_NONE, offsetof(regmon_kpi_cell_t, field)}
#define OF(kind, field)                                           \
	{                                                             \
		REGMON_ATTEMPT_##kind, offsetof(regmon_kpi_cell_t, field) \
	}
			[REGMON_TOTAL_refused] = ALL(by_result[REGMON_RESULT_REFUSED]),
			[REGMON_TOTAL_ineffective] = ALL(ineffective),
			[REGMON_TOTAL_setup_ms_initial] = OF(INITIAL, setup.sum_ms),
			[REGMON_TOTAL_setup_ms_reregistration] = OF(REFRESH, setup.sum_ms),
			[REGMON_TOTAL_setup_ms_deregistration] =
					OF(DEREGISTER, setup.sum_ms),
			[REGMON_TOTAL_setup_ms_third_party] = OF(THIRD_PARTY, setup.sum_ms),
			[REGMON_TOTAL_setup_network_ms_initial] =
					OF(INITIAL, network.sum_ms),
			[REGMON_TOTAL_challenged] = ALL(challenged),
			[REGMON_TOTAL_challenged_successes] = ALL(challenged_successes),
			[REGMON_TOTAL_resynced] = ALL(resynced),
			[REGMON_TOTAL_mac_failed] = ALL(mac_failed),
			[REGMON_TOTAL_late_answers] = ALL(late_answers)
#undef ALL
#undef OF
	};
	regmon_users_t users;

	switch(total) {
		case REGMON_TOTAL_public_identities:
		case REGMON_TOTAL_private_identities:
			regmon_users_read(measure, &users);
			return total == REGMON_TOTAL_public_identities
						   ? users.public_identities
						   : users.private_identities;
		default:
			return total < REGMON_TOTALS_N ? sum_of(
						   measure, sums[total].kind, sums[total].place)
										   : 0;
	}
}
