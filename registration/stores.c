/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State machine, sixth part: what this node's own contact store does with a binding. */
#include "registration/network.h"
#include "registration/sought.h"

/* A store runs out on its own clock and in rounds: this much before ours is no contradiction. */
#define SLACK_MS 5000

/* The store let go of what is in force, and neither the phone nor the clock wanted it. */
static bool is_dropped(
		const regmon_registration_t *registration, int64_t now_ms)
{
	return regmon_registration_is_bound(registration)
		   && !registration->attempt.answer_pending
		   && registration->expires_ms - now_ms > SLACK_MS;
}

static void dropped(regmon_table_t *table, regmon_registration_t *registration,
		bool was_pending, int64_t now_ms, regmon_news_t *news)
{
	regmon_supplement_t *supplement =
			regmon_supplement_need_locked(table, registration);

	if(supplement) {
		supplement->dropped_ms = now_ms;
		supplement->was_pending = was_pending;
		regmon_count_up(&supplement->drops);
	}
	/* elsewhere the registrar still has it, and the phone believes so, too */
	if(registration->kept.granted_here) {
		if(supplement) {
			supplement->network.removed_ms = now_ms;
			supplement->network.event = REGMON_REGINFO_NONE;
		}
		regmon_network_unbind_locked(table, registration,
				regmon_state_without_binding(
						registration, REGMON_STATE_NETWORK_DEREGISTERED),
				true, now_ms, news);
	} else {
		regmon_table_diagnose_locked(table, registration, now_ms, news);
	}
}

static bool is_gone(unsigned stored)
{
	return stored == REGMON_STORED_REMOVED || stored == REGMON_STORED_EXPIRED;
}

/* Each refresh stores it anew, and some stores tell of one end twice. Where two stores are loaded, that of the IMS
 * role is heard. */
static bool is_news(const regmon_registration_t *registration,
		const regmon_store_news_t *stored)
{
	const regmon_kept_t *kept = &registration->kept;

	if(kept->store != stored->store)
		return stored->store > kept->store;
	return kept->stored != stored->stored
		   && !(is_gone(stored->stored) && is_gone(kept->stored));
}

/* The place kept for a Contact whose REGISTER came to nothing: what is in force stands there under its own. */
static bool is_of_attempt_in_vain(const regmon_registration_t *registration,
		const regmon_store_news_t *stored)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	return is_gone(stored->stored)
		   && registration->kept.stored == REGMON_STORED_PENDING
		   && registration->kept.since_ms >= attempt->opened_ms
		   && attempt->ended_ms && attempt->result != REGMON_RESULT_SUCCESS
		   && regmon_registration_is_bound(registration);
}

/* slot lock held */
static void note(regmon_table_t *table, regmon_registration_t *registration,
		const regmon_store_news_t *stored, int64_t now_ms, regmon_news_t *news)
{
	regmon_kept_t *kept = &registration->kept;
	bool in_vain = is_of_attempt_in_vain(registration, stored);
	bool drops = is_gone(stored->stored) && !in_vain
				 && is_dropped(registration, now_ms);

	if(!is_news(registration, stored))
		return;
	kept->store = (uint8_t)stored->store;
	kept->stored = in_vain ? REGMON_STORED_UNKNOWN : (uint8_t)stored->stored;
	kept->since_ms = now_ms;
	regmon_record_entry(registration, now_ms,
			(regmon_entry_t){.kind = REGMON_ENTRY_STORE,
					.side = REGMON_SIDE_PHONE,
					.event = stored->stored});
	if(drops)
		dropped(table, registration, stored->was_pending, now_ms, news);
	regmon_table_set_due_locked(table, registration);
}

static void note_and_unlock(regmon_table_t *table,
		regmon_registration_t *registration, const regmon_store_news_t *stored,
		int64_t now_ms)
{
	uint8_t access = registration->last_access;
	unsigned slot = regmon_slot_of_record(table, registration);
	regmon_outcome_t outcome;
	regmon_news_t news;

	regmon_news_start(&news, &outcome);
	note(table, registration, stored, now_ms, &news);
	regmon_news_keep_record_locked(registration, 0, &news);
	regmon_slot_unlock(table, slot);
	regmon_supplements_level(table);
	regmon_news_tell(&news, access);
}

/* The IMPU under which records stand: stores write it with scheme, without, or its user part alone. */
static str impu_of(str aor, char buffer[REGMON_MAX_KEY])
{
	char with_scheme[REGMON_MAX_KEY];
	regmon_uri_t uri;
	bool has_scheme = regmon_text_starts_nocase(aor, REGMON_TEXT("sip:"))
					  || regmon_text_starts_nocase(aor, REGMON_TEXT("sips:"))
					  || regmon_text_starts_nocase(aor, REGMON_TEXT("tel:"));

	if(aor.len == 0 || aor.len > REGMON_MAX_KEY - 4
			|| (!has_scheme && memchr(aor.s, '@', aor.len) == NULL))
		return (str){NULL, 0};
	if(!has_scheme) {
		memcpy(with_scheme, "sip:", 4);
		memcpy(with_scheme + 4, aor.s, aor.len);
		aor = (str){with_scheme, aor.len + 4};
	}
	regmon_uri_read(aor, &uri);
	return (str){buffer, regmon_uri_canonical(&uri, buffer, REGMON_MAX_KEY)};
}

/* with the lock of its slot; NULL: none, no lock */
static regmon_registration_t *find(regmon_table_t *table,
		const regmon_store_news_t *stored, str impu, regmon_sought_t *sought)
{
	uint64_t hash = regmon_impu_hash(table, impu);
	unsigned slot = regmon_slot_of(table, hash);
	regmon_registration_t *registration;

	if(impu.len > 0) {
		regmon_slot_lock(table, slot);
		registration = regmon_sought_of_impu(table, sought, hash, impu, 0);
		if(registration)
			return registration;
		regmon_slot_unlock(table, slot);
		return NULL;
	}
	sought->user = stored->aor;
	return regmon_sought_anywhere(table, sought);
}

/* All bindings of an IMPU, one lock and one record at a time. */
static void note_all(regmon_table_t *table, str impu,
		const regmon_store_news_t *stored, int64_t now_ms)
{
	uint64_t hash = regmon_impu_hash(table, impu);
	unsigned slot = regmon_slot_of(table, hash);
	regmon_registration_t *registration;
	int most = REGMON_MAX_BINDINGS;

	while(most-- > 0) {
		regmon_slot_lock(table, slot);
		for(registration = table->slots[slot]; registration;
				registration = registration->next)
			if(registration->impu_hash == hash
					&& regmon_registration_string_is(
							registration, REGMON_STRING_IMPU, impu)
					&& !registration->third_party
					&& is_news(registration, stored))
				break;
		if(registration == NULL) {
			regmon_slot_unlock(table, slot);
			return;
		}
		note_and_unlock(table, registration, stored, now_ms);
	}
}

void regmon_table_stored(regmon_table_t *table,
		const regmon_store_news_t *stored, int64_t now_ms)
{
	char key[REGMON_MAX_KEY];
	str impu = impu_of(stored->aor, key);
	regmon_registration_t *registration;
	/* a store has the old Contact beside the new one for a while: by its address alone */
	regmon_sought_t sought = {.contact = stored->contact,
			.call_id = stored->call_id,
			.instance = stored->instance,
			.cseq = REGMON_NUMBER_ABSENT};

	if(stored->contact.len == 0) {
		if(impu.len > 0)
			note_all(table, impu, stored, now_ms);
		return;
	}
	regmon_sought_start(&sought);
	registration = find(table, stored, impu, &sought);
	if(registration)
		note_and_unlock(table, registration, stored, now_ms);
}
