/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State machine, third part: what time does to a registration. Slot lock held in regmon_machine_*. */
#include "registration/table_private.h"

/* When the open attempt ends by itself, 0: it does not. */
static int64_t attempt_deadline_ms(const regmon_table_t *table,
		const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	const regmon_limits_t *limits = &table->limits;

	if(attempt->kind == REGMON_ATTEMPT_NONE || attempt->ended_ms)
		return 0;
	if(attempt->answer_pending)
		return attempt->last_request_ms
			   + 1000LL
						 * (attempt->driver_vias > 1
										 ? limits->core_timeout_s
										 : limits->phone_timeout_s);
	if(attempt->challenge_open)
		return attempt->challenge_ms + 1000LL * limits->await_auth_s;
	/* 421, 423, 494: the phone had its time to try again */
	return attempt->last_request_ms + 1000LL * limits->phone_timeout_s;
}

/* when an ended record has been kept long enough: it may have ended (run out) long after it was last seen */
static int64_t forgotten_ms(const regmon_table_t *table,
		const regmon_registration_t *registration)
{
	int64_t from_ms = registration->last_seen_ms > registration->state_since_ms
							  ? registration->last_seen_ms
							  : registration->state_since_ms;

	return from_ms + 1000LL * table->limits.keep_ended_s;
}

int64_t regmon_machine_due_ms(const regmon_table_t *table,
		const regmon_registration_t *registration)
{
	int64_t due_ms = attempt_deadline_ms(table, registration);
	const regmon_attempt_t *attempt = &registration->attempt;
	int64_t look_ms = 1000LL * registration->looked_at_s;

	if(due_ms) {
		/* causes like silence show before the attempt is over: look at open ones from time to time */
		if(look_ms < attempt->opened_ms)
			look_ms = attempt->opened_ms;
		look_ms += 1000LL * table->limits.recheck_s;
		if(look_ms < due_ms)
			due_ms = look_ms;
	}
	if(regmon_registration_is_bound(registration))
		return due_ms && due_ms < registration->expires_ms
					   ? due_ms
					   : registration->expires_ms;
	if(due_ms)
		return due_ms;
	return forgotten_ms(table, registration);
}

static void end_by_time(regmon_table_t *table,
		regmon_registration_t *registration, int64_t now_ms,
		regmon_news_t *news)
{
	regmon_attempt_t *attempt = &registration->attempt;
	regmon_result_t result = REGMON_RESULT_REFUSED;

	if(attempt->answer_pending) {
		result = REGMON_RESULT_UNANSWERED;
		regmon_record_entry(registration, now_ms,
				(regmon_entry_t){.kind = REGMON_ENTRY_NO_ANSWER,
						.side = REGMON_SIDE_PHONE,
						.cseq = attempt->last_cseq,
						.after = regmon_entry_after(regmon_elapsed_ms(
								attempt->last_request_ms, now_ms))});
	} else if(attempt->challenge_open) {
		result = REGMON_RESULT_SILENT;
	}
	if(attempt->kind != REGMON_ATTEMPT_QUERY)
		regmon_table_set_state_locked(table, registration,
				regmon_registration_is_bound(registration)
						? REGMON_STATE_REGISTERED
						: REGMON_STATE_FAILED,
				now_ms, news);
	regmon_attempt_end_locked(
			table, registration, result, attempt->code, now_ms, news);
}

void regmon_machine_overdue(regmon_table_t *table,
		regmon_registration_t *registration, int64_t now_ms,
		regmon_news_t *news)
{
	int64_t deadline_ms = attempt_deadline_ms(table, registration);

	if(deadline_ms && deadline_ms <= now_ms)
		end_by_time(table, registration, now_ms, news);
}

regmon_state_t regmon_state_without_binding(
		const regmon_registration_t *registration, regmon_state_t otherwise)
{
	if(registration->attempt.ended_ms
			|| registration->state == REGMON_STATE_REGISTERED)
		return otherwise; /* nothing runs, or a query */
	return registration->state == REGMON_STATE_REFRESHING
				   ? REGMON_STATE_REGISTERING
				   : registration->state;
}

static void run_out(regmon_table_t *table, regmon_registration_t *registration,
		int64_t now_ms, regmon_news_t *news)
{
	regmon_record_entry(registration, now_ms,
			(regmon_entry_t){.kind = REGMON_ENTRY_EXPIRED,
					.side = REGMON_SIDE_PHONE,
					.cseq = registration->attempt.last_cseq});
	registration->expires_ms = 0;
	registration->registered_ms = 0;
	registration->early_refreshes = 0;
	regmon_count_up(&registration->expired_in_row);
	regmon_table_set_state_locked(table, registration,
			regmon_state_without_binding(registration, REGMON_STATE_EXPIRED),
			now_ms, news);
	regmon_table_diagnose_locked(table, registration, now_ms, news);
}

bool regmon_machine_time(regmon_table_t *table,
		regmon_registration_t *registration, int64_t now_ms,
		regmon_news_t *news)
{
	regmon_machine_overdue(table, registration, now_ms, news);
	registration->looked_at_s = (uint32_t)(now_ms / 1000);
	if(attempt_deadline_ms(table, registration))
		regmon_table_diagnose_locked(table, registration, now_ms, news);
	if(regmon_registration_is_bound(registration)
			&& registration->expires_ms <= now_ms)
		run_out(table, registration, now_ms, news);
	return !regmon_registration_is_bound(registration)
		   && registration->attempt.ended_ms
		   && forgotten_ms(table, registration) <= now_ms;
}

/* One due record of the slot: lets time pass for it. false: none was due; the slot's own due time is right then. */
static bool expire_one(regmon_table_t *table, unsigned slot, int64_t now_ms)
{
	uint32_t now_s = (uint32_t)(now_ms / 1000), earliest = 0;
	regmon_registration_t *registration, *dead = NULL;
	regmon_outcome_t outcome;
	regmon_news_t news;
	uint8_t access = 0;
	bool is_over;

	regmon_news_start(&news, &outcome);
	regmon_slot_lock(table, slot);
	for(registration = table->slots[slot]; registration;
			registration = registration->next) {
		if(registration->due_s && registration->due_s <= now_s)
			break;
		if(registration->due_s
				&& (earliest == 0 || registration->due_s < earliest))
			earliest = registration->due_s;
	}
	if(registration == NULL) {
		__atomic_store_n(&table->due_s[slot], earliest, __ATOMIC_RELAXED);
	} else {
		is_over = regmon_machine_time(table, registration, now_ms, &news);
		access = registration->last_access;
		regmon_news_keep_record_locked(registration, 0, &news);
		if(is_over) {
			dead = registration;
			regmon_slot_remove_locked(table, dead);
		} else {
			regmon_table_set_due_locked(table, registration);
			/* whatever is still due waits for the next second: this loop has to end */
			if(registration->due_s && registration->due_s <= now_s)
				registration->due_s = now_s + 1;
		}
	}
	regmon_slot_unlock(table, slot);
	regmon_table_put_record(table, dead);
	/* when the core is silent, more attempts end in one second than there are spare ones */
	regmon_supplements_level(table);
	regmon_news_tell(&news, access);
	return registration != NULL;
}

unsigned regmon_table_expire(regmon_table_t *table, int64_t now_ms)
{
	uint32_t now_s = (uint32_t)(now_ms / 1000), due_s;
	unsigned slot, looked_at = 0;

	for(slot = 0; slot < table->slots_n; slot++) {
		due_s = __atomic_load_n(&table->due_s[slot], __ATOMIC_RELAXED);
		if(due_s == 0 || due_s > now_s)
			continue;
		while(expire_one(table, slot, now_ms))
			looked_at++;
	}
	return looked_at;
}
