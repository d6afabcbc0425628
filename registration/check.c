/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Self-check of the table. Each slot is checked under its lock; sums that no single lock covers are compared at the
 * end and are only exact while no record comes or goes; only sums of a quiet moment are compared. */
#include <stdarg.h>
#include <stdio.h>

#include "registration/table_private.h"

#define QUIET_TRIES 100

typedef struct report
{
	char *at;
	int room;
	unsigned faults;
	unsigned slot; /* whose records are looked at */
} report_t;

static void fault(report_t *report, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
static void fault(report_t *report, const char *format, ...)
{
	va_list arguments;
	int n;

	report->faults++;
	if(report->room <= 1)
		return;
	va_start(arguments, format);
	n = vsnprintf(report->at, report->room, format, arguments);
	va_end(arguments);
	if(n > report->room - 1)
		n = report->room - 1;
	report->at += n;
	report->room -= n;
}

static void check_strings(
		const regmon_registration_t *registration, report_t *report)
{
	int i, before = 0;

	for(i = 0; i < REGMON_STRINGS_N; i++) {
		if(registration->string_end[i] < before
				|| registration->string_end[i] > REGMON_STRINGS_BYTES)
			fault(report, "slot %u: string %d ends at %d, before %d\n",
					report->slot, i, registration->string_end[i],
					before);
		before = registration->string_end[i];
	}
}

static void check_attempt(
		const regmon_registration_t *registration, report_t *report)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	int waiting = attempt->answer_pending + attempt->challenge_open
				  + attempt->retry_open;

	if(attempt->kind == REGMON_ATTEMPT_NONE)
		fault(report, "slot %u: a record without attempt\n",
				report->slot);
	if(attempt->ended_ms == 0 && waiting != 1)
		fault(report, "slot %u: an open attempt waits for %d things\n",
				report->slot, waiting);
	if(attempt->ended_ms && waiting)
		fault(report, "slot %u: an ended attempt still waits\n",
				report->slot);
	if((attempt->ended_ms == 0) != (attempt->result == REGMON_RESULT_OPEN))
		fault(report, "slot %u: attempt end and result disagree\n",
				report->slot);
}

static void check_aka(
		const regmon_registration_t *registration, report_t *report)
{
	const regmon_aka_worth_t *worth = &regmon_supplement_of(registration)->worth;
	const regmon_aka_facts_t *facts = &registration->aka;

	if((registration->rand_hash != 0) != (facts->nonce == REGMON_NONCE_VECTOR)
			|| (facts->repeated_rands && registration->rand_hash == 0))
		fault(report, "slot %u: RAND of a nonce that is none\n",
				report->slot);
	if(((facts->marks & REGMON_AKA_CHALLENGED_NOW)
			   && !(facts->marks & REGMON_AKA_CHALLENGED))
			|| ((facts->marks & REGMON_AKA_ANSWERED_NOW)
					&& !(facts->marks & REGMON_AKA_ANSWERED)))
		fault(report, "slot %u: challenge or answer both there and not\n",
				report->slot);
	if(worth->of_core >= REGMON_AKA_VERDICTS_N
			|| worth->of_challenge >= REGMON_AKA_VERDICTS_N
			|| worth->of_answer >= REGMON_AKA_VERDICTS_N
			|| worth->of_acceptance >= REGMON_AKA_VERDICTS_N)
		fault(report, "slot %u: a verdict that is none\n",
				report->slot);
}

/* states that only an open attempt can leave again */
static bool waits_for_something(unsigned state)
{
	return (state >= REGMON_STATE_REGISTERING
				   && state <= REGMON_STATE_MAC_FAILURE)
		   || state == REGMON_STATE_REFRESHING
		   || state == REGMON_STATE_DEREGISTERING;
}

/* whoever looks for one takes the first */
static void check_binding(const regmon_registration_t *registration,
		unsigned slot, report_t *report)
{
	const regmon_registration_t *other;

	for(other = registration->next; other; other = other->next)
		if(registration->binding_hash
				&& other->binding_hash == registration->binding_hash
				&& other->impu_hash == registration->impu_hash)
			fault(report, "slot %u: two records of one binding\n", slot);
}

static void check_record(const regmon_table_t *table,
		const regmon_registration_t *registration, unsigned slot,
		report_t *report)
{
	bool bound = regmon_registration_is_bound(registration);
	str unknown;

	if(regmon_slot_of_record(table, registration) != slot)
		fault(report, "slot %u: holds a record of slot %u\n", slot,
				regmon_slot_of_record(table, registration));
	if(registration->state >= REGMON_STATES_N)
		fault(report, "slot %u: state %u\n", slot, registration->state);
	if(registration->timeline_n > registration->timeline_length
			|| registration->timeline_next >= registration->timeline_length)
		fault(report, "slot %u: timeline %u of %u, next %u\n", slot,
				registration->timeline_n, registration->timeline_length,
				registration->timeline_next);
	if(bound != (registration->list == REGMON_LIST_LIVE))
		fault(report, "slot %u: bound %d in list %u\n", slot, bound,
				registration->list);
	if((registration->state == REGMON_STATE_REGISTERED
			   || registration->state == REGMON_STATE_REFRESHING)
			&& !bound)
		fault(report, "slot %u: state %s without a binding\n", slot,
				regmon_state_name(registration->state));
	if(waits_for_something(registration->state)
			&& registration->attempt.ended_ms)
		fault(report, "slot %u: state %s after the attempt has ended\n", slot,
				regmon_state_name(registration->state));
	if(!registration->due_s)
		fault(report, "slot %u: a record that is never due\n", slot);
	if(registration->due_s
			&& (table->due_s[slot] == 0
					|| table->due_s[slot] > registration->due_s))
		fault(report, "slot %u: due at %u, slot says %u\n", slot,
				registration->due_s, table->due_s[slot]);
	report->slot = slot;
	check_binding(registration, slot, report);
	check_strings(registration, report);
	if(!regmon_index_knows(table, registration, &unknown))
		fault(report, "slot %u: the index does not lead to \"%.*s\"\n", slot,
				unknown.len, unknown.s);
	check_attempt(registration, report);
	check_aka(registration, report);
}

/* Compares per-lock counts with the chains under that lock. */
static void check_stripe(
		regmon_table_t *table, unsigned stripe, report_t *report)
{
	uint32_t in_state[REGMON_STATES_N] = {0};
	const regmon_registration_t *registration;
	unsigned slot, state;

	regmon_slot_lock(table, stripe);
	for(slot = stripe; slot < table->slots_n; slot += table->locks_n)
		for(registration = table->slots[slot]; registration;
				registration = registration->next) {
			check_record(table, registration, slot, report);
			if(registration->state < REGMON_STATES_N)
				in_state[registration->state]++;
		}
	for(state = 0; state < REGMON_STATES_N; state++)
		if(in_state[state] != table->stripes[stripe].in_state[state])
			fault(report, "lock %u: %u records in state %s, counted %u\n",
					stripe, in_state[state], regmon_state_name(state),
					table->stripes[stripe].in_state[state]);
	regmon_slot_unlock(table, stripe);
}

static void check_lists(regmon_table_t *table, report_t *report)
{
	unsigned list, n;
	const regmon_registration_t *registration;
	const regmon_registration_t *before;

	regmon_lock_get(table->order_lock, 0);
	for(list = 0; list < REGMON_LISTS_N; list++) {
		before = NULL;
		n = 0;
		for(registration = table->lists[list].oldest; registration;
				registration = registration->newer) {
			if(registration->list != list || registration->older != before)
				fault(report, "list %u: broken at its element %u\n", list, n);
			before = registration;
			if(++n > table->lists[list].n)
				break;
		}
		if(n != table->lists[list].n || before != table->lists[list].newest)
			fault(report, "list %u: %u records, counted %u\n", list, n,
					table->lists[list].n);
	}
	regmon_lock_put(table->order_lock, 0);
}

static void check_spares(regmon_table_t *table, report_t *report)
{
	const regmon_spare_t *spare;
	unsigned n = 0;

	regmon_lock_get(table->order_lock, 0);
	for(spare = table->spares; spare && n <= table->spares_n;
			spare = spare->next)
		n++;
	if(n != table->spares_n)
		fault(report, "%u spare supplements, counted %u\n", n,
				table->spares_n);
	regmon_lock_put(table->order_lock, 0);
}

/* Sum of the counts per lock, the common count and the places taken in slabs, all from a moment in which no record came or
 * went; false when there was none. */
static bool count_in_quiet(regmon_table_t *table, unsigned *ret_records,
		unsigned *ret_registrations, unsigned *ret_places)
{
	regmon_slabs_numbers_t slabs;
	uint64_t before, after;
	unsigned stripe, state;
	int tries;

	for(tries = 0; tries < QUIET_TRIES; tries++) {
		before = __atomic_load_n(&table->motion, __ATOMIC_SEQ_CST);
		*ret_records = 0;
		for(stripe = 0; stripe < table->locks_n; stripe++) {
			regmon_slot_lock(table, stripe);
			for(state = 0; state < REGMON_STATES_N; state++)
				*ret_records += table->stripes[stripe].in_state[state];
			regmon_slot_unlock(table, stripe);
		}
		*ret_registrations =
				__atomic_load_n(&table->registrations, __ATOMIC_SEQ_CST);
		regmon_slabs_count(table->slabs, &slabs);
		*ret_places = slabs.taken;
		after = __atomic_load_n(&table->motion, __ATOMIC_SEQ_CST);
		if(before == after && (uint32_t)before == 0)
			return true;
	}
	return false;
}

unsigned regmon_table_check(regmon_table_t *table, char *buffer, int size)
{
	report_t report = {buffer, size, 0, 0};
	unsigned stripe, records, registrations, places;
	const char *of_slabs;

	if(size > 0)
		buffer[0] = '\0';
	for(stripe = 0; stripe < table->locks_n; stripe++)
		check_stripe(table, stripe, &report);
	if(count_in_quiet(table, &records, &registrations, &places)
			&& (records != registrations || places != registrations))
		fault(&report, "%u records, counted %u, in %u places\n", records,
				registrations, places);
	check_lists(table, &report);
	of_slabs = regmon_slabs_check(table->slabs);
	if(of_slabs)
		fault(&report, "%s\n", of_slabs);
	check_spares(table, &report);
	return report.faults;
}
