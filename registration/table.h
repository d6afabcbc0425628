/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table: all records in shared memory, bounded, found by any identity. One lock per slot (striped) guards the
 * records in it; the order lock guards the eviction lists and is the innermost one. */
#ifndef REGMON_REGISTRATION_TABLE_H
#define REGMON_REGISTRATION_TABLE_H

#include "registration/events.h"
#include "registration/registration.h"

typedef struct regmon_limits
{
	unsigned max_registrations;
	unsigned timeline_length; /* 4..REGMON_MAX_TIMELINE */
	int keep_ended_s;		  /* how long an ended record is kept */
	/* TS 24.229 7.8 and table 7.7.1 */
	int await_auth_s;	  /* 240 */
	int phone_timeout_s;  /* 128: timer F towards the phone */
	int core_timeout_s;	  /* 32 */
	int default_expires_s; /* where neither side gives one: 3600 */
	int recheck_s;		   /* how often an open attempt is diagnosed anew: 5 */
	int early_refresh_percent; /* of the time until it is due: below, a refresh is early: 25 */
	int short_grant_s;		   /* a binding granted for less is short: 60 */
} regmon_limits_t;

#define REGMON_LIMITS_DEFAULT                                             \
	(regmon_limits_t)                                                      \
	{                                                                      \
		.max_registrations = 10000, .timeline_length = 16,                 \
		.keep_ended_s = 86400, .await_auth_s = 240, .phone_timeout_s = 128, \
		.core_timeout_s = 32, .default_expires_s = 3600, .recheck_s = 5,   \
		.early_refresh_percent = 25, .short_grant_s = 60                   \
	}

/* Eviction lists: what goes first when the table is full. */
typedef enum regmon_list
{
	REGMON_LIST_ENDED, /* deregistered, expired */
	REGMON_LIST_FAILED,
	REGMON_LIST_OPEN, /* an attempt runs, no binding yet */
	REGMON_LIST_LIVE,
	REGMON_LISTS_N
} regmon_list_t;

typedef struct regmon_table regmon_table_t;

typedef struct regmon_table_numbers
{
	unsigned registrations, max_registrations;
	unsigned bound; /* with a binding in force */
	unsigned in_state[REGMON_STATES_N];
	unsigned with_cause[64];
	uint64_t evicted, dropped, evicted_by_source;
	uint64_t evicted_for_memory; /* for want of shared memory; the other evicted ones: of room in the table */
	uint64_t not_followed;
	uint64_t not_kept; /* facts of records, for want of memory for a supplement */
	size_t bytes; /* of all records and of the table itself */
} regmon_table_numbers_t;

/* One table in shared memory, NULL when there is none. diagnose may be NULL: the callback gives the set of causes
 * of a record, called with the slot's lock held. */
typedef uint64_t (*regmon_diagnose_f)(
		const regmon_registration_t *registration, int64_t now_ms);
regmon_table_t *regmon_table_make(const regmon_limits_t *limits,
		const uint8_t hash_key[16], regmon_diagnose_f diagnose);
void regmon_table_free(regmon_table_t *table);
/* bytes that a full table takes at most, when each record has a supplement, for the start warning */
size_t regmon_table_bytes_when_full(const regmon_limits_t *limits);
/* thresholds that the state machine needs and that may change at run time */
void regmon_table_set_thresholds(
		regmon_table_t *table, int early_refresh_percent, int short_grant_s);

/* ---- what is put in ---- */
typedef enum regmon_happening
{
	REGMON_HAPPENING_REQUEST_IN,	/* a REGISTER came; also a retransmission: the table tells them apart */
	REGMON_HAPPENING_REQUEST_OUT,	/* it was sent on; message may be NULL */
	REGMON_HAPPENING_ANSWER_IN,		/* an answer came from the core */
	REGMON_HAPPENING_ANSWER_OUT,	/* an answer is about to be sent towards the phone */
	/* tm forgot the transaction and the phone has no final answer from it: none was made, or (answer_not_sent) the
	 * one that was about to be sent could not be */
	REGMON_HAPPENING_TRANSACTION_ENDED,
	/* tm has no memory to tell of this REGISTER's answers: those that pass are looked at instead (seen_passing) */
	REGMON_HAPPENING_NOT_FOLLOWED
} regmon_happening_t;

/* The REGISTER that a message belongs to, worked out once and before any lock is taken. */
typedef struct regmon_transaction
{
	uint64_t hash; /* branch, Call-ID and CSeq; of a REGISTER */
	uint64_t call_id_hash;
	uint64_t binding_hash; /* of the first Contact of a REGISTER, 0: none */
	uint64_t nonce; /* keyed hash of that in the credentials or in the challenge, 0: none */
	uint32_t from_tag_hash;
	/* of a 2xx to the phone */
	uint16_t route;		  /* hosts of Service-Route, 0: none */
	uint16_t associated_n; /* values of P-Associated-URI */
	/* of any 2xx, found under the lock: the phone's own binding in it; NULL: not listed */
	const regmon_contact_t *own;
	uint32_t cseq; /* an unreadable one is some number too, the same in REGISTER and answer */
	int vias;	   /* of the message, at most 255 */
} regmon_transaction_t;

/* By what an answer is known to be of a REGISTER's dialog: hashes of Call-ID and From tag. */
typedef struct regmon_dialog
{
	uint64_t call_id_hash;
	uint32_t from_tag_hash;
} regmon_dialog_t;

#define REGMON_MAX_KEY 256 /* bytes of a canonical IMPU that are hashed */

/* What a REGISTER has in common with the last one of its phone; filled by regmon_table_recall(). */
typedef struct regmon_repeat
{
	/* of the REGISTER at hand */
	str impu;			/* canonical, in key[] or in the message; empty: no To */
	uint64_t impu_hash;
	regmon_outline_t outline;
	uint32_t client_part, access_part;
	uint64_t basis; /* of what the stateless rules find; 0: they have to be asked each time */
	/* out of the record, else 0 */
	uint64_t binding_hash;
	regmon_judgement_t judgement;
	char key[REGMON_MAX_KEY];
} regmon_repeat_t;

/* Instead of regmon_message_read(): reads a REGISTER, looks for the record of its phone, and leaves out what that has said
 * word for word the last time. It is in the record; its headers stay in message->unread, and regmon_message_complete()
 * reads them for whoever wants them. to: where the value of To begins, if that is known, else NULL: it saves waiting for
 * memory, and is not relied upon. Takes one slot lock. The repeat goes into the observation of this REGISTER and must
 * outlive it. Returns false when the text is no SIP. */
bool regmon_table_recall(regmon_table_t *table, const regmon_plan_t *plan,
		regmon_role_t role, const char *text, int length, const char *to,
		regmon_message_t *ret_message, regmon_repeat_t *ret_repeat);
/* Instead of regmon_classify() and regmon_rules_judge(): the same, from memory where it can be; then the texts of the
 * findings are missing, regmon_judgement_show() adds them. Returns whether it was from memory. */
bool regmon_repeat_judge(const regmon_plan_t *plan, regmon_role_t role,
		const regmon_message_t *message, const regmon_arrival_t *arrival,
		regmon_repeat_t *repeat, regmon_class_t *ret_class,
		regmon_findings_t *ret_findings);

typedef struct regmon_observation
{
	regmon_happening_t what;
	int64_t now_ms;
	const regmon_message_t *message; /* REQUEST_IN, REQUEST_OUT, ANSWER_*: read in full, or by regmon_table_recall() */
	const regmon_repeat_t *repeat; /* REQUEST_IN: of regmon_table_recall(); NULL: the message was read in full */
	const regmon_class_t *class;
	const regmon_arrival_t *arrival; /* REQUEST_IN */
	const regmon_plan_t *plan;		 /* REQUEST_IN, ANSWER_*: for the stateful rules; NULL: none */
	/* REQUEST_IN, ANSWER_*: judged so far; stateful ones are added. REQUEST_OUT: of the REGISTER as it was sent on, where
	 * somebody read it */
	regmon_findings_t *findings;
	const regmon_aka_verdict_t *aka; /* REQUEST_IN, ANSWER_*: what lab keys say of it; NULL: nothing */
	bool local;						 /* ANSWER_OUT: made by this node */
	bool tapped; /* seen passing by: this node neither got it nor answers it */
	bool seen_passing; /* ANSWER_*: counts only where the REGISTER's transaction is not followed */
	/* where there is no message: what it is about (TRANSACTION_ENDED, REQUEST_OUT, NOT_FOLLOWED) */
	str to_uri, call_id, from_tag;
	uint32_t cseq;
	int vias; /* of the REGISTER as it came in */
	int final_code; /* TRANSACTION_ENDED: what tm had, 0: nothing */
	bool answer_not_sent;
	/* outcome.impu_hash of the REGISTER that this is about, where it is at hand: spares reading To; 0: not known. Never
	 * for REQUEST_IN. */
	uint64_t impu_hash;
	/* outcome.dialog of that REGISTER, or of the same answer on its other leg: spares hashing; NULL: not known */
	const regmon_dialog_t *dialog;
	regmon_transaction_t transaction; /* filled by the table */
} regmon_observation_t;

/* What the script may ask afterwards; a copy. */
typedef struct regmon_outcome
{
	bool remembered; /* false: no record (no memory, answer to nothing known) */
	bool retransmission, parallel_leg;
	regmon_state_t state;
	regmon_attempt_kind_t kind;
	uint64_t causes;
	uint32_t attempts, failures;
	int64_t registered_ms; /* 0: not registered */
	regmon_leg_t leg;	   /* refined by what is remembered */
	uint64_t impu_hash;	   /* key of the IMPU, 0: no To; its two lowest bits are 0 */
	regmon_dialog_t dialog;
} regmon_outcome_t;

/* Takes one slot lock once, tells the news after it is released. ret_outcome may be NULL. */
void regmon_table_observe(regmon_table_t *table,
		regmon_observation_t *observation, regmon_outcome_t *ret_outcome);

/* May answers pass that nobody else tells of? True for some minutes behind each REGMON_HAPPENING_NOT_FOLLOWED. */
bool regmon_table_misses_answers(const regmon_table_t *table, int64_t now_ms);

/* Time passes: answers that do not come, bindings that run out, old records. Call once a second from one process;
 * looks only at slots in which something is due. Returns how many records it looked at. */
unsigned regmon_table_expire(regmon_table_t *table, int64_t now_ms);

/* ---- what is taken out ---- */
typedef enum regmon_who_kind
{
	REGMON_WHO_ANY,
	REGMON_WHO_IMPU,
	REGMON_WHO_IMPI,
	REGMON_WHO_IMSI,
	REGMON_WHO_MSISDN,
	REGMON_WHO_IMEI,
	REGMON_WHO_CALL_ID,
	REGMON_WHO_ADDRESS
} regmon_who_kind_t;
typedef struct regmon_who
{
	regmon_who_kind_t kind;
	str text;
} regmon_who_t;
/* "imsi:001010..." or without prefix; false for empty text */
bool regmon_who_read(str text, regmon_who_t *ret_who);

/* Copies of the records that match, the one seen last first. room: how many fit into records[], each of
 * regmon_table_record_size() bytes: a copy has its supplement in it. Returns how many matched, which may be more than room. */
size_t regmon_table_record_size(const regmon_table_t *table);
unsigned regmon_table_find(regmon_table_t *table, const regmon_who_t *who,
		void *records, unsigned room);
/* The same for all bindings of the IMPU of this record, a copy. */
unsigned regmon_table_find_bindings(regmon_table_t *table,
		const regmon_registration_t *copy, void *records, unsigned room);
static inline regmon_registration_t *regmon_table_record_in(
		const regmon_table_t *table, void *records, unsigned index)
{
	return (regmon_registration_t *)((char *)records
									 + index * regmon_table_record_size(table));
}

/* Walks all records from *cursor (0: the start) slot by slot; visit gets a record with its slot's lock held and must
 * be short (copy out). It returns false to stop after this record's slot. *cursor becomes 0 at the end. */
typedef bool (*regmon_visit_f)(const regmon_registration_t *registration, void *context);
void regmon_table_visit(regmon_table_t *table, uint32_t *cursor,
		regmon_visit_f visit, void *context);
/* The same for so many slots at most, also where they are empty. */
void regmon_table_visit_slots(regmon_table_t *table, uint32_t *cursor,
		unsigned slots_n, regmon_visit_f visit, void *context);
/* the slot of the record that visit has got */
unsigned regmon_table_slot(const regmon_table_t *table,
		const regmon_registration_t *registration);
unsigned regmon_table_slots_n(const regmon_table_t *table);

/* Deletes; returns how many. who NULL: all. */
unsigned regmon_table_forget(regmon_table_t *table, const regmon_who_t *who);

void regmon_table_count(
		const regmon_table_t *table, regmon_table_numbers_t *ret_numbers);

/* Self-check: chains, counts, lists, due times, strings, attempts. Returns the number of faults; the first ones as
 * lines in buffer. */
unsigned regmon_table_check(regmon_table_t *table, char *buffer, int size);

#endif
