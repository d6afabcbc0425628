/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record: what is remembered of one registration (one IMPU on one binding), in one block of shared memory.
 * What a REGISTER touches stands first; strings are packed into one block at the end, the timeline behind it. What few
 * phones have stands in a supplement beside it. */
#ifndef REGMON_REGISTRATION_REGISTRATION_H
#define REGMON_REGISTRATION_REGISTRATION_H

#include "message/classify.h"
#include "message/reginfo.h"
#include "registration/aka_facts.h"
#include "registration/slabs.h"
#include "rules/judgement.h"

/* States of a registration; "register.md" 3.2. The order is shown to users and kept. */
#define REGMON_STATES(X)                                                         \
	X(UNKNOWN, "unknown", "seen only in part: it began before this node started") \
	X(REGISTERING, "registering", "first REGISTER seen, no answer yet")          \
	X(CHALLENGED, "challenged", "401 sent, waiting for the phone's answer")      \
	X(ANSWERED, "answered", "the phone answered the challenge, no final answer yet") \
	X(RESYNC, "resync", "the phone asked for a new SQN (auts), no answer yet")   \
	X(MAC_FAILURE, "mac-failure", "the phone refused the network's AUTN, no answer yet") \
	X(REGISTERED, "registered", "a binding is in force")                         \
	X(REFRESHING, "refreshing", "binding in force, a REGISTER waits for its answer") \
	X(DEREGISTERING, "deregistering", "the phone takes its binding back, no answer yet") \
	X(DEREGISTERED, "deregistered", "taken back by the phone")                   \
	X(NETWORK_DEREGISTERED, "network-deregistered", "taken back by the network") \
	X(EXPIRED, "expired", "ran out without refresh or de-registration")          \
	X(FAILED, "failed", "the last attempt ended without success")

typedef enum regmon_state
{
#define X(id, name, meaning) REGMON_STATE_##id,
	REGMON_STATES(X)
#undef X
	REGMON_STATES_N
} regmon_state_t;

const char *regmon_state_name(regmon_state_t state);
const char *regmon_state_meaning(regmon_state_t state);
bool regmon_state_find(str name, regmon_state_t *ret_state);

/* What an attempt is, decided when it opens. Names are those of TS 32.409. */
#define REGMON_ATTEMPTS(X)              \
	X(NONE, "none")                     \
	X(INITIAL, "initial")               \
	X(REFRESH, "re-registration")       \
	X(DEREGISTER, "de-registration")    \
	X(QUERY, "query")                   \
	X(THIRD_PARTY, "third-party")       \
	X(UNKNOWN, "unknown-before-start")
typedef enum regmon_attempt_kind
{
#define X(id, name) REGMON_ATTEMPT_##id,
	REGMON_ATTEMPTS(X)
#undef X
	REGMON_ATTEMPTS_N
} regmon_attempt_kind_t;
const char *regmon_attempt_name(regmon_attempt_kind_t kind);

/* How an attempt ended. */
#define REGMON_RESULTS(X)                      \
	X(OPEN, "open")                            \
	X(SUCCESS, "success")                      \
	X(REFUSED, "refused")           /* final answer that is neither 2xx nor asks to try again at once */ \
	X(SILENT, "silent-after-challenge") /* no REGISTER within 240 s of the 401 (TS 24.229 7.8) */ \
	X(UNANSWERED, "no-answer")      /* no answer in 128 s towards the phone, 32 s inside the core */ \
	X(SUPERSEDED, "superseded")     /* the phone began anew before this one ended */
typedef enum regmon_result
{
#define X(id, name) REGMON_RESULT_##id,
	REGMON_RESULTS(X)
#undef X
	REGMON_RESULTS_N
} regmon_result_t;
const char *regmon_result_name(regmon_result_t result);

/* ---- timeline ---- */
typedef enum regmon_entry_kind
{
	REGMON_ENTRY_REQUEST = 1, /* REGISTER */
	REGMON_ENTRY_ANSWER,	  /* code */
	REGMON_ENTRY_RETRANSMISSION, /* REGISTER again, same transaction */
	REGMON_ENTRY_NOT_SENT, /* an answer that could not be sent */
	REGMON_ENTRY_NO_ANSWER, /* transaction or attempt ended without a final answer */
	REGMON_ENTRY_EXPIRED,	/* the binding ran out */
	REGMON_ENTRY_REMOVED,	/* the network took the binding back: event, seconds */
	REGMON_ENTRY_NETWORK,	/* the network told something else of it: event, seconds */
	REGMON_ENTRY_STORE,		/* this node's contact store: event is a regmon_stored_t */
	REGMON_ENTRY_REPLACED	/* a 200 to another device of this IMPU did not list it */
} regmon_entry_kind_t;

/* which side of this node */
typedef enum regmon_side
{
	REGMON_SIDE_PHONE, /* where the REGISTER came from, or the answer went to */
	REGMON_SIDE_CORE   /* where it was sent on to, or the answer came from */
} regmon_side_t;

typedef enum regmon_entry_mark
{
	REGMON_MARK_PROTECTED = 1 << 0,
	REGMON_MARK_CREDENTIALS = 1 << 1, /* response not empty */
	REGMON_MARK_AUTS = 1 << 2,
	REGMON_MARK_REFUSED_AUTN = 1 << 3, /* empty response to a challenge */
	REGMON_MARK_EXPIRES_0 = 1 << 4,
	REGMON_MARK_SECURITY_SERVER = 1 << 5, /* in an answer */
	REGMON_MARK_LOCAL = 1 << 6,	 /* answer made by this node */
	REGMON_MARK_PARALLEL = 1 << 7, /* same REGISTER on another leg (spiral, tap) */
	REGMON_MARK_KEYS = 1 << 8,	 /* ck or ik were in it */
	REGMON_MARK_NEW_NONCE = 1 << 9,
	REGMON_MARK_SAME_NONCE = 1 << 10, /* challenge repeats the nonce of the one before */
	REGMON_MARK_GAP = 1 << 11 /* reg-event documents before this one were not seen */
} regmon_entry_mark_t;

/* Times are read by regmon_entry_at_ms() and regmon_entry_after_ms(), further down. */
typedef struct regmon_entry
{
	union
	{
		struct
		{
			uint64_t at : 34;	/* ms since timeline_from_s of the record */
			uint64_t after : 20; /* regmon_entry_after() */
			uint64_t code : 10; /* of an answer */
		};
		struct
		{
			uint64_t : 54;
			uint64_t event : 10; /* REMOVED, NETWORK: regmon_reginfo_event_t; STORE: regmon_stored_t */
		};
	};
	union
	{
		uint32_t cseq;
		uint32_t seconds; /* REMOVED: retry-after of probation; NETWORK: what is left of a shortened binding */
	};
	uint32_t marks : 12;   /* REGMON_MARK_* */
	uint32_t finding : 9;  /* rule index + 1 of the worst finding, 0: none */
	uint32_t severity : 2; /* of the finding */
	uint32_t kind : 4;	   /* regmon_entry_kind_t */
	uint32_t side : 1;	   /* regmon_side_t */
	uint32_t repeats : 4;  /* retransmissions folded into this entry, 15: many */
} regmon_entry_t;		   /* 16 bytes */

/* The oldest and the newest entry of a timeline are at most this far from each other, 198 days; what is older goes. */
#define REGMON_TIMELINE_SPAN_MS ((INT64_C(1) << 34) - 1)

/* What has passed before an entry: up to 8.7 minutes exact in milliseconds, from there on, with this bit, in whole steps.
 * 0: unknown. */
#define REGMON_AFTER_LONG (1u << 19)
#define REGMON_AFTER_STEP_MS 5000u

/* after_ms of an answer: since the REGISTER it answers on that side; of a REGISTER: since the last one of the phone; -1:
 * unknown */
static inline uint32_t regmon_entry_after(int32_t after_ms)
{
	uint32_t exact = (uint32_t)after_ms + 1;

	return exact < REGMON_AFTER_LONG
				   ? exact
				   : REGMON_AFTER_LONG
							 | ((uint32_t)after_ms / REGMON_AFTER_STEP_MS);
}

#define REGMON_MAX_TIMELINE 64 /* entries of one record */

/* What of an answer is not the same on both sides of this node. */
typedef enum regmon_changed
{
	REGMON_CHANGED_NONCE = 1 << 0,
	REGMON_CHANGED_EXPIRES = 1 << 1, /* of the phone's own Contact in the 200 */
	REGMON_CHANGED_CODE = 1 << 2,
	REGMON_CHANGED_CHALLENGE = 1 << 3 /* the nonce of the 401 before, which the last REGISTER answers */
} regmon_changed_t;

/* ---- strings of a record ---- */
#define REGMON_ASSOCIATED_BYTES 96
#define REGMON_STRINGS(X)                                                       \
	X(IMPU, 128)	  /* canonical, the key */                                  \
	X(CONTACT, 128)	  /* first Contact URI as written */                         \
	X(CALL_ID, 96)	  /* of the last attempt */                                  \
	X(IMPI, 96)		  /* Authorization username, else derived from To (TS 24.229 5.4.1.1) */ \
	X(INSTANCE, 64)	  /* +sip.instance without quotes and brackets */            \
	X(SOURCE, 46)	  /* address the last first-hop REGISTER came from */        \
	X(ACCESS_TYPE, 32) /* of P-Access-Network-Info, where access_type does not say it */ \
	X(PLMN, 6)                                                                  \
	X(TAC, 6)                                                                   \
	X(CELL, 44)                                                                 \
	X(DEVICE, 64)	  /* User-Agent */                                          \
	/* P-Associated-URI of the last 200 without the IMPU: comma separated, for    \
	 * regmon_registration_associated() */                                       \
	X(ASSOCIATED, REGMON_ASSOCIATED_BYTES)                                      \
	X(REASON, 48)	  /* reason phrase of the last answer that was neither 2xx nor a challenge */
typedef enum regmon_string
{
#define X(id, max) REGMON_STRING_##id,
	REGMON_STRINGS(X)
#undef X
	REGMON_STRINGS_N
} regmon_string_t;

_Static_assert(REGMON_STRINGS_N <= 16, "cut_strings has a bit for each");

/* All strings of a record together; the one that finds too little room left is cut and marked. */
#define REGMON_STRINGS_BYTES 305

/* Hashes that are kept have 48 bits: two texts have the same one about once in 10^14. */
#define REGMON_HASH_48 ((UINT64_C(1) << 48) - 1)

/* CSeqs end at 2^31 (RFC 3261 8.1.1.5); what is written may have 18 digits. */
#define REGMON_LAST_CSEQ_MOST ((INT64_C(1) << 47) - 1)

/* ---- facts of one attempt ---- */
typedef struct regmon_attempt
{
	/* Times of 48 bits, which are enough for 4000 years, and behind each what fits into the rest of its word. */
	int64_t opened_ms : 48;
	uint64_t code : 16; /* last answer to the phone */
	int64_t last_request_ms : 48; /* of the phone, retransmissions not counted; the first is opened_ms */
	uint64_t core_code : 16; /* last final answer from the core, 0: none */
	int64_t challenge_ms : 48; /* last 401 to the phone, 0: none */
	uint64_t finding : 16; /* rule index + 1 of the worst finding, 0: none */
	int64_t sent_to_core_ms : 48; /* last REGISTER sent on, 0: none */
	uint64_t driver_vias : 8; /* Via count of the leg that drives it: that of its last REGISTER */
	uint64_t not_sent : 8; /* answers that could not be sent */
	int64_t ended_ms : 48; /* 0: open */
	uint64_t kind : 4;	   /* regmon_attempt_kind_t */
	uint64_t result : 4;   /* regmon_result_t */
	uint64_t last_credentials : 4; /* regmon_credentials_t of the last REGISTER */
	uint64_t changed_on_way : 4; /* REGMON_CHANGED_*, of the last answer */
	uint64_t call_id_hash;	 /* the text is cut, this is not */
	uint64_t core_nonce;	 /* keyed hash of the nonce in the core's last 401, 0: none */
	int32_t core_granted_s;	 /* for the own Contact in the core's last 200, -1: none */
	int32_t first_repeat_ms; /* after which the phone first repeated a REGISTER: its T1; 0: it did not */
	uint32_t from_tag_hash;
	uint32_t first_cseq, last_cseq;
	uint16_t requests;		  /* REGISTERs of the phone without retransmissions */
	uint16_t retransmissions; /* of the phone */
	uint16_t challenges;	  /* 401 sent to the phone */
	uint16_t answered;		  /* REGISTERs with a response */
	uint16_t resyncs, mac_failures;
	uint16_t rejected_answers; /* 401s to REGISTERs that answered a 401 with a response */
	uint16_t repeated_nonces;
	uint16_t stale_answers; /* of answered: with another nonce than that of the 401 before */
	uint8_t protected_requests;
	uint8_t retransmissions_after_answer;
	uint8_t overlaps; /* REGISTERs of the phone that came while another one waited for its answer */
	uint8_t late_answers; /* REGISTERs that answered a 401 after more than REGMON_LATE_ANSWER_MS */
	bool challenge_had_security_server : 1;
	bool offered_security : 1;
	bool unknown_start : 1; /* began before this node started */
	bool answer_pending : 1; /* a REGISTER of the phone waits for an answer */
	bool challenge_open : 1; /* the last answer was a 401; the phone's turn */
	bool all_bindings : 1; /* de-registration by `Contact: *` */
	bool retry_open : 1;	 /* the last answer was 421, 423 or 494; the phone's turn */
	bool last_answers_challenge : 1; /* it had a response and a 401 stood before it */
	bool sent_on_told_by_answer : 1;
	bool answered_here : 1; /* the last answer was made by this node, the core had not answered */
	bool takes_back : 1; /* its last REGISTER takes back other records' bindings, which are marked taken_back */
	bool not_followed : 1; /* nobody tells of the answer to not_followed_cseq: it is looked for among those that pass */
	uint8_t severity : 4; /* of the worst finding */
	/* What its REGISTERs waited for their answers: the last one, and those before it together. The rest of its time was
	 * the phone's: between an answer and the next REGISTER. */
	uint32_t last_wait_ms, waits_before_ms;
	uint32_t not_followed_cseq;
} regmon_attempt_t;
_Static_assert(sizeof(regmon_attempt_t) <= 112, "every record pays for it");

#define REGMON_LATE_ANSWER_MS 5000

/* facts about a security agreement: TS 33.203 Annex H numbers, no keys */
typedef struct regmon_agreement
{
	uint32_t spi_c, spi_s;
	uint16_t port_c, port_s;
	uint8_t offered_n; /* mechanisms offered */
	uint8_t alg, ealg; /* regmon_security_word_t of the first one */
	bool given;
} regmon_agreement_t;

/* What the network said of the binding (reg-event, RFC 3680). */
typedef struct regmon_network
{
	int64_t told_ms;	  /* last time it spoke of it, 0: never */
	int64_t removed_ms;	  /* last time it took it back, 0: never */
	int64_t shortened_ms; /* last time it cut its time, 0: never */
	uint32_t shortened_s; /* to this */
	uint32_t retry_after_s; /* of `probation` */
	uint16_t told, removals;
	uint16_t gaps;	   /* documents that came behind some that were not seen */
	uint16_t unlisted; /* full documents in a row that did not list it, though it is in force */
	/* attempts of the phone behind `rejected`, or before the time of `probation` was over */
	uint16_t attempts_against;
	uint8_t event;		/* regmon_reginfo_event_t: how it took it back last */
	uint8_t last_event; /* the last it told */
} regmon_network_t;

/* what this node's own contact store did with the binding: usrloc, ims_usrloc_pcscf, ims_usrloc_scscf */
#define REGMON_STORES(X)               \
	X(NONE, "none")                    \
	X(USRLOC, "usrloc")                \
	X(PCSCF, "ims_usrloc_pcscf")       \
	X(SCSCF, "ims_usrloc_scscf")
typedef enum regmon_store
{
#define X(id, name) REGMON_STORE_##id,
	REGMON_STORES(X)
#undef X
	REGMON_STORES_N
} regmon_store_t;
const char *regmon_store_name(unsigned store);
#define REGMON_STORED(X)                                                       \
	X(UNKNOWN, "unknown", "nothing heard from the contact store")              \
	X(PENDING, "pending", "stored for the time being, waiting for the answer") \
	X(STORED, "stored", "stored")                                              \
	X(REMOVED, "removed", "removed from the store")                            \
	X(EXPIRED, "expired", "ran out in the store")
typedef enum regmon_stored
{
#define X(id, name, meaning) REGMON_STORED_##id,
	REGMON_STORED(X)
#undef X
	REGMON_STORED_N
} regmon_stored_t;
const char *regmon_stored_name(unsigned stored);
const char *regmon_stored_meaning(unsigned stored);

typedef struct regmon_kept
{
	int64_t since_ms : 48; /* of stored */
	uint64_t granted_here : 8; /* yes or no: the last 200 was made by this node, its store is the registrar's */
	uint64_t ended_here : 1; /* state network-deregistered because this node's own registrar dropped it */
	uint64_t store : 3;	 /* regmon_store_t */
	uint64_t stored : 4; /* regmon_stored_t */
} regmon_kept_t;

#define REGMON_LAST_FINDINGS 4

/* What the last REGISTER said, in hashes, and what was found in the last ones: what the next one says again is neither
 * read nor judged (recall.c). */
typedef struct regmon_said
{
	/* regmon_outline_t; REGMON_OUTLINE_NONE, or rest 0: the record has not all that was said */
	uint64_t rest;
	uint32_t security_client, security_verify, access;
	uint32_t client_part, access_part; /* as the rules look at them */
	uint32_t verify_list; /* Security-Verify as comparison.c looks at it */
	regmon_runs_t runs;	  /* where the lines of rest stand */
	uint16_t client_hash; /* Security-Client as comparison.c looks at it, kept whether rest is or not */
	/* of a first REGISTER, and of one that answers a challenge or is protected: phones send them in turn */
	regmon_judgement_t judgement[2];
} regmon_said_t;

/* What a phone that registers as it should has nothing of: one block beside the record, asked for when the first of it has to
 * be kept and given back when nothing of it is left. There may be no memory for it; then none of it is known. */
typedef struct regmon_supplement
{
	regmon_attempt_t before; /* the attempt before, where that failed; kind NONE: it did not */
	regmon_network_t network;
	/* last time this node's contact store let go of it while the binding was in force and the phone had not asked for
	 * it, 0: never */
	int64_t dropped_ms;
	uint16_t drops;
	bool was_pending; /* when it was dropped it still waited for the answer */
	/* of the last refusal; forgotten once it has been followed by a success */
	uint8_t named_options;	/* REGMON_OPTION_* that a 420 or 421 names */
	uint16_t retry_after_s;
	int32_t min_expires_s; /* of a 423, 0: none */
	uint16_t cseq_regressions;
	uint16_t bindings_missing; /* 200s that did not list the own contact, in a row */
	uint16_t early_retries;	  /* in a row: attempts that began before Retry-After or back-off was over */
	/* failed attempts in a row with overlapping REGISTERs, that ended in rounds of 401, with a 401 that was not answered,
	 * and without an answer */
	uint16_t overlaps_in_row, loops_in_row, silent_in_row, unanswered_in_row;
	regmon_aka_worth_t worth;
} regmon_supplement_t;

typedef struct regmon_registration
{
	/* chain and key */
	struct regmon_registration *next;
	uint64_t impu_hash;
	uint64_t binding_hash; /* instance and reg-id, else Contact URI */
	uint32_t due_s;		   /* when expiry has to look again, table clock; 0: never */
	uint8_t state;		   /* regmon_state_t */
	uint8_t list;		   /* regmon_list_t: eviction order, under the order lock */
	uint8_t timeline_n, timeline_next; /* ring */
	/* order of eviction, under the table's order lock */
	struct regmon_registration *older, *newer;
	uint32_t source; /* keyed hash of the address it came from */
	uint32_t timeline_from_s; /* the times of its entries count from here, table clock */
	regmon_supplement_t *supplement; /* NULL: none; to be read by regmon_supplement_of() */
	/* Hashes and times of 48 bits, the latter enough for 4000 years, and behind each what fits into the rest of its
	 * word. Whatever is written under another lock than the slot's must not be one of these. */
	/* identity of the last messages: hashes, those of nonces keyed, never a text; 0: none */
	uint64_t nonce_issued : 48;
	uint64_t transport : 8; /* first letter: U T S W; L for TLS */
	uint64_t timeline_length : 8;
	uint64_t nonce_accepted : 48;
	uint64_t cut_strings : 16; /* bit per regmon_string_t */
	uint64_t transaction_hash : 48; /* of the phone's last REGISTER */
	uint64_t asked_options : 8; /* REGMON_OPTION_* in Supported of the last REGISTER */
	uint64_t last_access : 8;
	uint64_t transaction_before_hash : 48; /* of the REGISTER before it */
	uint64_t place : REGMON_SLAB_PLACE_BITS; /* of this record in its slab, with it from the first to the last */
	uint64_t path_n : 4; /* values, 15: many */
	uint64_t associated_n : 4; /* identities in the last P-Associated-URI, 15: many */
	uint64_t rand_hash : 48; /* of the challenge that aka speaks of */
	uint64_t last_features : 16; /* REGMON_FEATURE_* */
	int64_t last_cseq : 48; /* highest with the Call-ID at hand, REGMON_LAST_CSEQ_MOST at most */
	uint64_t port_s_in_use : 16;
	int64_t state_since_ms : 48;
	uint64_t associated_hash : 16; /* of the last P-Associated-URI, as written */
	int64_t last_seen_ms : 48;
	uint64_t source_port : 16; /* of the phone */
	int64_t granted_ms : 48; /* of the last 200 */
	uint64_t ims : 1;
	uint64_t impi_in_impu : 1; /* the IMPI is the IMPU without "sip:", as it mostly is: not kept twice */
	uint64_t ps_data_off_given : 1, ps_data_off_active : 1;
	uint64_t emergency : 1, third_party : 1;
	uint64_t ever_registered : 1;
	uint64_t is_replaced : 1; /* a 200 to another device of this IMPU did not list it, since its own last 200 */
	uint64_t taken_back : 1; /* a REGISTER with several Contacts has this one with an expiry of 0 */
	uint64_t tapped : 1; /* seen passing by, on one leg: what the network answers is the core's answer */
	uint64_t public_gruu : 1; /* its public GRUU is the IMPU with ;gr=INSTANCE (RFC 5627 A.1) */
	uint64_t behind_nat : 1; /* the last REGISTER came from another IPv4 address than its Via names */
	uint64_t verify : 3; /* regmon_verify_t of the last REGISTER that had Security-Verify */
	int64_t expires_ms : 48; /* when the binding runs out, 0: none */
	uint64_t failures_in_row : 16;
	int64_t registered_ms : 48; /* of the first 200 of the binding in force, 0: none */
	uint64_t route_hash : 16; /* hosts of the last Service-Route */
	int64_t created_ms : 48;
	uint64_t path_hash : 16; /* Path of the last REGISTER */
	int32_t requested_s, granted_s; /* -1: not given */
	/* what has happened */
	uint32_t successes, failures; /* ended attempts */
	uint16_t early_refreshes; /* in a row, without a reason to */
	uint16_t returns_unprotected; /* initial REGISTERs inside the granted time, in a row */
	uint16_t short_grants;
	uint16_t replaced_in_row; /* times it had to begin anew after a 200 to another device did not list it */
	uint16_t last_findings[REGMON_LAST_FINDINGS]; /* rule index + 1, the worst of the last REGISTER; 0: no more */
	int32_t shortest_refresh_s; /* of the early ones */
	uint32_t document; /* of reg-event, the last one that spoke of it; one document changes a binding once */
	int32_t last_reg_id; /* -1: none */
	regmon_agreement_t client, server; /* offered by the phone, given by the P-CSCF */
	uint32_t spis_in_use; /* hash of the phone's SPIs of the association in use, 0: none */
	/* What the next message is compared with (comparison.c). A short hash may take two values for one, then a
	 * difference is not told; never the reverse. */
	uint32_t server_issued, server_accepted; /* Security-Server of the last 401, and of the association in use */
	regmon_kept_t kept;
	regmon_said_t said;
	uint64_t finding_bits[(REGMON_MAX_RULES + 63) / 64]; /* ever, by process-local index */
	regmon_aka_facts_t aka;
	/* Of an attempt that has ended measure/queue.h keeps what follows, and some of the strings. */
	regmon_attempt_t attempt; /* the current or last one */
	uint64_t causes; /* bit per cause, as diagnosed last */
	/* two that counting does not need, but here is room */
	uint32_t looked_at_s;	 /* by the timer */
	uint16_t expired_in_row; /* bindings that ran out, none of them refreshed or taken back */
	uint16_t offered_algs, offered_ealgs; /* bits 1 << regmon_security_word_t */
	uint16_t received_port; /* of this node */
	uint16_t string_end[REGMON_STRINGS_N];
	uint8_t access_type; /* regmon_access_type() it is, 0: ACCESS_TYPE has the text */
	char strings[REGMON_STRINGS_BYTES];
	regmon_entry_t timeline[]; /* timeline_length entries */
} regmon_registration_t;
_Static_assert(sizeof(regmon_registration_t) <= 848, "every phone pays for it");

extern const regmon_supplement_t regmon_no_supplement; /* all 0 */
static inline const regmon_supplement_t *regmon_supplement_of(
		const regmon_registration_t *registration)
{
	return __builtin_expect(registration->supplement != NULL, 0)
				   ? registration->supplement
				   : &regmon_no_supplement;
}

/* slice into the record's strings */
static inline str regmon_registration_string(
		const regmon_registration_t *registration, regmon_string_t which)
{
	int start = which ? registration->string_end[which - 1] : 0;

	if(which == REGMON_STRING_IMPI && registration->impi_in_impu)
		return (str){(char *)registration->strings + 4,
				registration->string_end[REGMON_STRING_IMPU] - 4};
	return (str){(char *)registration->strings + start,
			registration->string_end[which] - start};
}
/* Replaces one string; cut to its maximum and to the room left. */
void regmon_registration_set_string(regmon_registration_t *registration,
		regmon_string_t which, str value);

/* Is this the value the string was set to? A cut string is compared as far as it was kept; one of which nothing was
 * kept is no value. */
bool regmon_registration_cut_string_is(
		const regmon_registration_t *registration, regmon_string_t which,
		str value);
static inline bool regmon_registration_string_is(
		const regmon_registration_t *registration, regmon_string_t which,
		str value)
{
	if(__builtin_expect((registration->cut_strings >> which) & 1, 0))
		return regmon_registration_cut_string_is(registration, which, value);
	return regmon_text_is(
			regmon_registration_string(registration, which), value);
}

/* P-Associated-URI of the last 200 in full. In the record an identity of the IMPU's own domain ends with its "@". */
str regmon_registration_associated(const regmon_registration_t *registration,
		char buffer[REGMON_ASSOCIATED_BYTES]);
/* the domain of the IMPU, empty where it has none or was cut */
str regmon_registration_domain(const regmon_registration_t *registration);

/* bytes of a record with this timeline, its supplement apart */
size_t regmon_registration_size(unsigned timeline_length);
/* room for a copy, with a supplement */
size_t regmon_registration_copy_size(unsigned timeline_length);
/* Copies the record and the filled part of its timeline, and behind the room for the whole of it the supplement, which the
 * copy has for itself. */
void regmon_registration_copy(
		const regmon_registration_t *registration, void *room);
/* A copy has been moved, as bytes and to an address of the same alignment: finds its supplement again. */
void regmon_registration_copy_moved(regmon_registration_t *copy);

/* entry by age: 0 is the oldest kept */
static inline const regmon_entry_t *regmon_registration_entry(
		const regmon_registration_t *registration, unsigned index)
{
	unsigned oldest = registration->timeline_n < registration->timeline_length
							  ? 0
							  : registration->timeline_next;
	return &registration->timeline[(oldest + index)
								   % registration->timeline_length];
}

static inline int64_t regmon_entry_at_ms(
		const regmon_registration_t *registration, const regmon_entry_t *entry)
{
	return registration->timeline_from_s * INT64_C(1000)
		   + (int64_t)entry->at;
}

/* Of more than 8.7 minutes: exact as long as the REGISTER it counts from is in the timeline, else in whole steps. */
int32_t regmon_entry_long_after_ms(const regmon_registration_t *registration,
		const regmon_entry_t *entry);
/* What has passed before it, -1: unknown. The entry stands in the timeline of this record. */
static inline int32_t regmon_entry_after_ms(
		const regmon_registration_t *registration, const regmon_entry_t *entry)
{
	return entry->after < REGMON_AFTER_LONG
				   ? (int32_t)entry->after - 1
				   : regmon_entry_long_after_ms(registration, entry);
}

static inline bool regmon_registration_has_finding(
		const regmon_registration_t *registration, unsigned rule)
{
	return (registration->finding_bits[rule / 64] >> (rule % 64)) & 1;
}

/* Is a binding in force? Also true in CHALLENGED and ANSWERED when a refresh was challenged: the old binding and
 * its SA stay in use until then (TS 24.229 5.1.1.5.1). */
static inline bool regmon_registration_is_bound(
		const regmon_registration_t *registration)
{
	return registration->expires_ms != 0;
}

/* Seconds after the 200 at which the refresh is due: E - 600 above 1200 s, else E / 2 (TS 24.229 5.1.1.4.1); half of it
 * for an emergency registration (TS 24.229 5.1.6.4). */
static inline int32_t regmon_refresh_due_of_s(
		const regmon_registration_t *registration, int32_t granted_s)
{
	return granted_s > 1200 && !registration->emergency ? granted_s - 600
														: granted_s / 2;
}
static inline int32_t regmon_refresh_due_s(
		const regmon_registration_t *registration)
{
	return regmon_refresh_due_of_s(registration, registration->granted_s);
}

/* When the phone's security association ends: 30 s after the registration (TS 24.229 5.1.1.2.2), four minutes after a
 * challenge that made a temporary one (TS 24.229 5.1.1.5.1). 0: none is in use as far as seen. */
static inline int64_t regmon_association_until_ms(
		const regmon_registration_t *registration)
{
	if(registration->expires_ms && registration->spis_in_use)
		return registration->expires_ms + 30000;
	if(registration->attempt.challenge_open
			&& registration->attempt.challenge_had_security_server)
		return registration->attempt.challenge_ms + 240000;
	return 0;
}

/* Has the network cut the time that was granted last (RFC 3680 4.7.1)? */
static inline bool regmon_registration_is_shortened(
		const regmon_registration_t *registration)
{
	const regmon_network_t *network =
			&regmon_supplement_of(registration)->network;

	return network->shortened_ms
		   && network->shortened_ms >= registration->granted_ms;
}

/* attempts so far, the open one included */
static inline uint32_t regmon_registration_attempts(
		const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	return registration->successes + registration->failures
		   + (attempt->kind != REGMON_ATTEMPT_NONE && attempt->ended_ms == 0);
}

/* when the refresh of the binding in force is due */
static inline int64_t regmon_registration_refresh_due_ms(
		const regmon_registration_t *registration)
{
	const regmon_network_t *network =
			&regmon_supplement_of(registration)->network;

	if(regmon_registration_is_shortened(registration))
		return network->shortened_ms
			   + regmon_refresh_due_of_s(
						   registration, (int32_t)network->shortened_s)
						 * INT64_C(1000);
	return registration->granted_ms
		   + regmon_refresh_due_s(registration) * INT64_C(1000);
}

/* Must the phone not register again yet? After `rejected`, and in the time of `probation`, until it is granted again. */
static inline bool regmon_registration_is_unwanted(
		const regmon_registration_t *registration, int64_t now_ms)
{
	const regmon_network_t *network =
			&regmon_supplement_of(registration)->network;

	return network->removed_ms && network->removed_ms >= registration->granted_ms
		   && (network->event == REGMON_REGINFO_REJECTED
				   || (network->event == REGMON_REGINFO_PROBATION
						   && now_ms < network->removed_ms
											   + network->retry_after_s
														 * INT64_C(1000)));
}

/* "UDP", "TCP", "TLS", "SCTP", "WS"; "" before the first REGISTER on the first hop */
const char *regmon_transport_name(const regmon_registration_t *registration);

/* The phone's number forms inside identities, slices of the given text; empty where there is none. */
str regmon_identity_imsi(str impi_or_impu);	  /* 14-15 digits in front of '@' (TS 23.003 13.3) */
str regmon_identity_msisdn(str impu);		  /* sip:+49..., tel:+49..., user=phone forms: digits */
str regmon_identity_imei(str instance);		  /* urn:gsma:imei:35609911-000001-0 */

#endif
