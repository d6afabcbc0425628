/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the table, for the files of registration/ only.
 * Lock order: slot lock, then order lock. Neither is held while news is told, nor while a record's memory is taken or put
 * back: the slabs have a lock of their own. */
#ifndef REGMON_REGISTRATION_TABLE_PRIVATE_H
#define REGMON_REGISTRATION_TABLE_PRIVATE_H

#include "registration/identity.h"
#include "registration/memory.h"
#include "registration/siphash.h"
#include "registration/slabs.h"
#include "registration/table.h"

#define REGMON_MAX_LOCKS 1024
#define REGMON_SOURCE_BUCKETS 1024
#define REGMON_SOURCE_ROWS 2
#define REGMON_NO_SOURCE UINT32_MAX
/* words of a bucket of the index: hints, and one that counts those which found no room */
#define REGMON_INDEX_BUCKET 8
#define REGMON_INDEX_WAYS (REGMON_INDEX_BUCKET - 1)
#define REGMON_INDEX_MOST (2 * REGMON_INDEX_WAYS) /* hints of one identity */
#define REGMON_IMEI_LONGEST 18 /* as written: 16 digits of an IMEISV and two dashes */
#define REGMON_IMEI_DIGITS 14 /* the 15th is a check digit that SIP does not carry (RFC 7254) */
/* Records of one IMPU: they share a slot, and whoever adds Contacts to one IMPU must not make its chain long. */
#define REGMON_MAX_BINDINGS 32

/* counts kept under a slot lock, one set per lock: nobody shares a cache line for them */
typedef struct regmon_stripe
{
	uint32_t in_state[REGMON_STATES_N];
	uint32_t spare[3];
} regmon_stripe_t; /* 64 bytes */

typedef struct regmon_order_list
{
	regmon_registration_t *oldest, *newest;
	/* the last of those in front that their sources have beyond their share, NULL: none */
	regmon_registration_t *last_beyond_share;
	unsigned n;
} regmon_order_list_t;

typedef union regmon_spare
{
	union regmon_spare *next;
	regmon_supplement_t supplement;
} regmon_spare_t;

struct regmon_table
{
	regmon_limits_t limits;
	uint8_t hash_key[16];
	regmon_outline_secret_t secret; /* of outlines, out of the key */
	regmon_diagnose_f diagnose;
	size_t record_size;
	unsigned slots_n, locks_n, index_n; /* powers of two */
	regmon_registration_t **slots;
	uint32_t *due_s; /* per slot: the earliest due time of its records, 0: none */
	/* Which slots hold an identity: buckets of 4-byte hints, see hints.c; atomic. What finds no room is counted, and the
	 * lookup is slower then, never wrong. */
	uint32_t *index;
	regmon_stripe_t *stripes;
	regmon_lock_t *locks;
	regmon_lock_t *order_lock; /* one */
	/* under the order lock */
	regmon_order_list_t lists[REGMON_LISTS_N];
	/* Open and failed records of a source, counted once in each row. A source is over its share when both rows say so:
	 * two sources share a bucket now and then, hardly ever in both rows. */
	uint32_t source_count[REGMON_SOURCE_ROWS][REGMON_SOURCE_BUCKETS];
	/* Records that are being made or removed, their memory too (low half), and how many ever were (high half): tells the
	 * self-check whether the counts stood still. */
	uint64_t motion;
	regmon_slabs_t *slabs; /* memory of the records, each byte of it */
	/* atomic */
	uint32_t registrations;
	uint32_t documents; /* reg-event documents so far */
	uint32_t with_cause[64];
	uint64_t evicted, dropped, evicted_by_source, evicted_for_memory;
	uint64_t not_followed;
	int64_t not_followed_ms; /* the last one, 0: never */
	/* Supplements: spare ones stand ready, because none is asked for under a lock. The chain is under the order lock. */
	regmon_spare_t *spares;
	unsigned spares_n;
	/* atomic */
	bool spares_moved; /* one was taken or came back since it was seen to that there are enough */
	uint32_t supplements; /* spare ones, too */
	uint64_t not_kept;
};

/* News gathered under the lock, told after it. */
#define REGMON_MAX_NEWS 12
typedef struct regmon_news
{
	unsigned n;
	unsigned types; /* of those in the list, bits 1 << REGMON_EVENT_* */
	regmon_outcome_t *outcome; /* what the machine says of this very message */
	/* copies of the record where somebody wants them; of the next message's when that comes */
	const regmon_registration_t *at_end, *afterwards;
	regmon_event_t list[REGMON_MAX_NEWS];
} regmon_news_t;

/* ---- table.c ---- */
uint64_t regmon_table_hash(const regmon_table_t *table, str text);
/* The key of an IMPU. Its two lowest bits are left free for whoever has to keep it in one pointer together with a
 * mark of his own (tm's callback does). */
static inline uint64_t regmon_impu_hash(const regmon_table_t *table, str impu)
{
	return regmon_table_hash(table, impu) & ~UINT64_C(3);
}
static inline unsigned regmon_slot_of(
		const regmon_table_t *table, uint64_t impu_hash)
{
	return (unsigned)(impu_hash >> 2) & (table->slots_n - 1);
}
static inline unsigned regmon_slot_of_record(const regmon_table_t *table,
		const regmon_registration_t *registration)
{
	return regmon_slot_of(table, registration->impu_hash);
}
/* the first record of its slot, with the slot lock held */
static inline regmon_registration_t *regmon_chain_of(
		const regmon_table_t *table, const regmon_registration_t *registration)
{
	return table->slots[regmon_slot_of_record(table, registration)];
}
static inline unsigned regmon_table_lock_of(
		const regmon_table_t *table, unsigned slot)
{
	return slot & (table->locks_n - 1);
}
void regmon_motion_begin(regmon_table_t *table);
void regmon_motion_end(regmon_table_t *table);
void regmon_slot_lock(regmon_table_t *table, unsigned slot);
void regmon_slot_unlock(regmon_table_t *table, unsigned slot);
/* The slot's lock is held in all of these. */
void regmon_slot_add_locked(regmon_table_t *table, unsigned slot,
		regmon_registration_t *registration);
/* Out of chain, lists and counts. The caller puts its memory back after unlocking: regmon_table_put_record(). */
void regmon_slot_remove_locked(
		regmon_table_t *table, regmon_registration_t *registration);
void regmon_table_set_state_locked(regmon_table_t *table,
		regmon_registration_t *registration, regmon_state_t state,
		int64_t now_ms, regmon_news_t *news);
void regmon_table_set_due_locked(
		regmon_table_t *table, regmon_registration_t *registration);
void regmon_table_diagnose_locked(regmon_table_t *table,
		regmon_registration_t *registration, int64_t now_ms,
		regmon_news_t *news);
/* keyed hash of an address, REGMON_NO_SOURCE: of none */
uint32_t regmon_table_source(const regmon_table_t *table, str address);

/* ---- eviction.c ---- */
/* The record is put into the eviction list that its state asks for, and taken out. Slot lock held. */
void regmon_order_enter_locked(
		regmon_table_t *table, regmon_registration_t *registration);
void regmon_order_leave_locked(
		regmon_table_t *table, regmon_registration_t *registration);
/* Moves it to the list that its state asks for now. Slot lock held. */
void regmon_table_relist_locked(
		regmon_table_t *table, regmon_registration_t *registration);
/* A record of nobody yet; makes room by eviction when the table is full or there is no memory. NULL when there is no memory
 * and nothing to evict. No lock may be held. It is put into a slot or given back. */
regmon_registration_t *regmon_table_new_record(
		regmon_table_t *table, uint32_t source, int64_t now_ms);
/* Not used after all: it counts no more, and its memory is put back like that of one removed. */
void regmon_table_give_back(regmon_table_t *table);
/* The memory of a record that was removed or given back; NULL is let pass. No lock may be held. */
void regmon_table_put_record(
		regmon_table_t *table, regmon_registration_t *registration);

/* ---- supplement.c ---- */
/* The supplement of a record, made where there is none; NULL: no memory. Then what was to be kept in it is not, which is
 * counted. Slot lock held. */
regmon_supplement_t *regmon_supplement_need_locked(
		regmon_table_t *table, regmon_registration_t *registration);
/* Gives it back; when_empty: only where nothing is left in it. Slot lock held. */
void regmon_supplement_leave_locked(regmon_table_t *table,
		regmon_registration_t *registration, bool when_empty);
/* Sees to it that there are as many spare ones as there should be; false: no memory. No lock may be held. */
bool regmon_supplements_refill(regmon_table_t *table);
/* The same where one was taken or came back; after each unlocking of a slot in which that may have been. */
static inline void regmon_supplements_level(regmon_table_t *table)
{
	if(__builtin_expect(
			   __atomic_load_n(&table->spares_moved, __ATOMIC_RELAXED), 0))
		regmon_supplements_refill(table);
}

/* ---- news.c ---- */
void regmon_news_start(regmon_news_t *news, regmon_outcome_t *outcome);
/* NULL: no room for more */
regmon_event_t *regmon_news_add(regmon_news_t *news,
		regmon_event_type_t type, int64_t now_ms);
/* the record as it stands when its attempt ends: what comes next may write over it */
void regmon_news_keep_end_locked(
		const regmon_registration_t *registration, regmon_news_t *news);
/* another record of the same slot, which the news from the one numbered first on are about */
void regmon_news_keep_other_locked(const regmon_registration_t *other,
		unsigned first, regmon_news_t *news);
/* the record after all; more_types: of what is told beside the list */
void regmon_news_keep_record_locked(
		const regmon_registration_t *registration, unsigned more_types,
		regmon_news_t *news);
/* No lock may be held. */
void regmon_news_tell(regmon_news_t *news, uint8_t access);

/* ---- machine_*.c: what a message does to a record ---- */
void regmon_attempt_end_locked(regmon_table_t *table,
		regmon_registration_t *registration, regmon_result_t result, int code,
		int64_t now_ms, regmon_news_t *news);
/* an attempt told as a success has turned out unanswered */
void regmon_attempt_success_taken_back(
		regmon_table_t *table, regmon_registration_t *registration);
void regmon_machine_request(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news);
void regmon_machine_answer(regmon_table_t *table,
		regmon_registration_t *registration, regmon_observation_t *observation,
		regmon_news_t *news);
/* ---- machine_binding.c ---- */
/* user, host and port of two Contact URIs; parameters apart, because nodes on the way add theirs (alias, ob) */
bool regmon_same_contact(const regmon_uri_t *left, const regmon_uri_t *right);
/* Is uri the address that the REGISTER of own came from, as a node that repairs Contacts behind NAT stores it? */
bool regmon_is_source(const regmon_registration_t *registration,
		const regmon_uri_t *own, const regmon_uri_t *uri);
/* The phone's own binding in a 200 (RFC 3261 10.3 step 8), NULL: not listed. */
const regmon_contact_t *regmon_own_contact(
		const regmon_registration_t *registration,
		const regmon_message_t *answer);
/* Not listed, and surely so: neither was our Contact cut, nor the list read in part. Asked when regmon_own_contact is
 * NULL. */
bool regmon_lacks_own_contact(const regmon_registration_t *registration,
		const regmon_message_t *answer);
/* seconds that the 200 grants to this Contact of it */
int32_t regmon_granted_s(const regmon_table_t *table,
		const regmon_registration_t *registration, const regmon_contact_t *own,
		const regmon_message_t *answer);
/* A REGISTER with several Contacts takes those back that have an expiry of 0; the 200 makes it true. */
void regmon_machine_mark_taken_back(const regmon_table_t *table,
		regmon_registration_t *registration, const regmon_message_t *message);
/* a 2xx to the phone */
void regmon_machine_accepted(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news);

/* the state after the binding has gone: an attempt under way keeps its own, it has become one of initial registration
 * in fact */
regmon_state_t regmon_state_without_binding(
		const regmon_registration_t *registration, regmon_state_t otherwise);
/* It was sent towards the core. by_its_answer: nobody told, but here is the answer; tm's own word comes later. */
void regmon_machine_sent_on(regmon_registration_t *registration,
		const regmon_observation_t *observation, bool by_its_answer);
/* tm has forgotten the transaction, and the phone did not get a final answer in it. */
void regmon_machine_transaction_ended(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_news_t *news);
/* nobody will tell of the answers to its last REGISTER */
void regmon_machine_not_followed(regmon_registration_t *registration,
		const regmon_observation_t *observation);
/* deadlines of attempt and binding; true when the record may be deleted */
bool regmon_machine_time(regmon_table_t *table,
		regmon_registration_t *registration, int64_t now_ms,
		regmon_news_t *news);
/* Ends the attempt whose time is over: the timer may be a second late, and phones come again right when it is. */
void regmon_machine_overdue(regmon_table_t *table,
		regmon_registration_t *registration, int64_t now_ms,
		regmon_news_t *news);
/* when regmon_machine_time has to look again */
int64_t regmon_machine_due_ms(const regmon_table_t *table,
		const regmon_registration_t *registration);

/* ---- network.c: what the registrar tells ---- */
/* An attempt of the phone was opened: perhaps one that the network has asked it not to make. */
void regmon_network_attempt_opened(
		regmon_registration_t *registration, int64_t now_ms);
/* Is this public GRUU, in quotes or not, made of IMPU and instance? Then it need not be kept. */
bool regmon_is_usual_gruu(
		const regmon_registration_t *registration, str public_gruu);
/* The binding is gone by the network's will, or by that of this node's own registrar (ended_here); after:
 * regmon_state_without_binding() of before. */
void regmon_network_unbind_locked(regmon_table_t *table,
		regmon_registration_t *registration, regmon_state_t after,
		bool ended_here, int64_t now_ms, regmon_news_t *news);

/* ---- record.c: what is written down ---- */
/* Adds an entry to the timeline, whose time is set here. */
regmon_entry_t *regmon_record_entry(regmon_registration_t *registration,
		int64_t now_ms, regmon_entry_t entry);
void regmon_record_identities(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation);
void regmon_record_findings(regmon_registration_t *registration,
		regmon_entry_t *entry, const regmon_findings_t *findings);
/* the worst ones, errors first */
void regmon_record_last_findings(
		regmon_registration_t *registration, const regmon_findings_t *findings);
/* the implicit registration set of a 2xx, findable from then on */
void regmon_record_associated(regmon_table_t *table,
		regmon_registration_t *registration, const regmon_message_t *answer);
void regmon_record_history(const regmon_registration_t *registration,
		const regmon_observation_t *observation, uint16_t client_hash,
		uint32_t verify_list, regmon_history_t *ret_history);
/* Unkeyed: it only tells one Call-ID, tag or branch from another. */
uint64_t regmon_quick_hash(str text);
uint32_t regmon_tag_hash(str tag);
/* 31 bits (RFC 5626 4.2.1); -1: none, REGMON_NUMBER_BAD: unreadable */
static inline int32_t regmon_reg_id(str text)
{
	int64_t number =
			text.len > 0 ? regmon_text_number(text) : REGMON_NUMBER_ABSENT;

	return number > INT32_MAX ? REGMON_NUMBER_BAD : (int32_t)number;
}
/* what passed since then, -1: unknown, or the clock was set back */
static inline int32_t regmon_elapsed_ms(int64_t from_ms, int64_t now_ms)
{
	return from_ms && now_ms >= from_ms && now_ms - from_ms <= INT32_MAX
				   ? (int32_t)(now_ms - from_ms)
				   : -1;
}
static inline void regmon_count_up(uint16_t *counter)
{
	if(*counter < UINT16_MAX)
		(*counter)++;
}
static inline bool regmon_same_call_id(const regmon_registration_t *registration,
		const regmon_transaction_t *transaction)
{
	return registration->attempt.call_id_hash == transaction->call_id_hash;
}
static inline bool regmon_same_dialog(const regmon_registration_t *registration,
		const regmon_transaction_t *transaction)
{
	return regmon_same_call_id(registration, transaction)
		   && registration->attempt.from_tag_hash == transaction->from_tag_hash;
}
uint64_t regmon_binding_hash(
		const regmon_table_t *table, const regmon_message_t *message);

/* ---- comparison.c: what is kept of a message for the next one, and compared with it ---- */
/* of Security-Client, in short */
uint16_t regmon_compare_client_hash(const regmon_message_t *message);
void regmon_compare_keep_request(regmon_registration_t *registration,
		const regmon_message_t *message, uint16_t client_hash);
void regmon_compare_keep_answer(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation);
/* what is worked out before the lock is taken */
void regmon_compare_read_accepted(const regmon_message_t *answer,
		const regmon_outline_secret_t *secret,
		regmon_transaction_t *transaction);
uint32_t regmon_compare_verify_list(const regmon_message_t *message);
/* adds to what regmon_record_history found */
void regmon_compare_request(const regmon_registration_t *registration,
		const regmon_message_t *message, uint16_t client_hash,
		uint32_t verify_list, int64_t now_ms, regmon_history_t *history);
/* own: the phone's own Contact in a 200, NULL: not listed */
void regmon_compare_answer(const regmon_registration_t *registration,
		const regmon_observation_t *observation,
		const regmon_contact_t *own, regmon_history_t *ret_history);

/* ---- aka_facts.c: what challenge and answer are worth ---- */
/* a REGISTER of the phone that is no repetition, when it has been counted in its attempt */
void regmon_aka_facts_request(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation);
/* a 401 that the phone gets */
void regmon_aka_facts_challenge(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation);
/* a final answer from the core to the phone's last REGISTER */
void regmon_aka_facts_core(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation);
/* a 2xx that the phone gets */
void regmon_aka_facts_acceptance(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation);

/* ---- recall.c: what a REGISTER says again ---- */
/* Does it say what the last one said? Then it was not read. */
#define regmon_repeats(message, id) \
	(((message)->unread >> REGMON_HEADER_##id) & 1)
/* Is all that was not read to be found in this record? It may have changed since it was recalled. */
bool regmon_said_covers(const regmon_registration_t *registration,
		const regmon_observation_t *observation);
/* verify_list: as regmon_compare_verify_list() has it */
void regmon_said_keep(regmon_registration_t *registration,
		const regmon_observation_t *observation, uint32_t verify_list);
/* the key of the To of a message, in the message itself where it can be */
str regmon_impu_of(const regmon_uri_t *to, char key[REGMON_MAX_KEY]);

/* ---- who.c ---- */
/* whom somebody looks for, worked out once */
typedef struct regmon_asked
{
	const regmon_who_t *who;
	bool by_pseudonym; /* may be meant as one; a Call-ID of 16 digits looks alike */
	regmon_pseudonym_t pseudonym;
} regmon_asked_t;
regmon_asked_t regmon_asked_for(const regmon_who_t *who);
/* Is this the one? Slot lock held. */
bool regmon_asked_is(const regmon_asked_t *asked,
		const regmon_registration_t *registration);

/* ---- hints.c ---- */
/* A string of a record in its slot has changed: it is found by what it is now, and no more by what it was before (empty:
 * nothing), unless somebody else in this slot is. Strings that nobody is found by are let pass. Slot lock held. */
void regmon_index_changed(regmon_table_t *table,
		const regmon_registration_t *registration, regmon_string_t which,
		str before);
/* The record is out of its slot's chain and found by nothing any more. Slot lock held. */
void regmon_index_left(
		regmon_table_t *table, const regmon_registration_t *registration);
/* Slots that may hold the identity, at most REGMON_INDEX_MOST of them; returns how many. ret_may_lack: others may hold it
 * too. No lock. */
unsigned regmon_index_slots(const regmon_table_t *table, str identity,
		uint32_t *ret_slots, bool *ret_may_lack);
/* Self-check: does the index lead to all that the record is found by, or know that it does not? Slot lock held. */
bool regmon_index_knows(const regmon_table_t *table,
		const regmon_registration_t *registration, str *ret_unknown);
/* sip:, sips: or tel: in front */
bool regmon_has_scheme(str text);
/* The first 14 digits of an IMEI, written with or without dashes; shorter or empty when it is none. */
str regmon_imei_digits(str text, char buffer[REGMON_IMEI_DIGITS]);

#endif
