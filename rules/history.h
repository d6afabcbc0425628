/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a stateful rule may know of the past: a plain copy that registration/ fills under its lock, before the
 * REGISTER at hand changes the record. Text slices point into the record and hold only during the check. */
#ifndef REGMON_RULES_HISTORY_H
#define REGMON_RULES_HISTORY_H

#include "message/classify.h"

/* How Security-Verify compares with the Security-Server that it has to repeat. */
typedef enum regmon_verify
{
	REGMON_VERIFY_UNKNOWN, /* one of both was not seen */
	REGMON_VERIFY_SAME,
	REGMON_VERIFY_ORDER, /* the same values in another order */
	REGMON_VERIFY_DIFFERS
} regmon_verify_t;

/* RFC 5626 4.5: the wait after so many failures in a row is drawn from the upper half of W = min(1800 s, 30 s * 2^n); less
 * than half of W is no wait. TS 24.229 5.1.1.2.1: from the second failure on. 0: none is asked for. */
static inline int64_t regmon_least_wait_ms(int failures_in_row)
{
	const int64_t most_s = 1800;
	int64_t wait_s = 30;

	if(failures_in_row < 2)
		return 0;
	for(; failures_in_row > 0 && wait_s < most_s; failures_in_row--)
		wait_s *= 2;
	return 1000 * (wait_s < most_s ? wait_s : most_s) / 2;
}

typedef struct regmon_history
{
	bool known; /* a record existed; false: nothing below holds */
	bool registered; /* a binding was in force when this REGISTER came */
	bool attempt_open; /* another REGISTER of this phone still waits for its final answer */
	bool same_call_id; /* as the last REGISTER of this record */
	bool same_from_tag;
	bool same_contact; /* first Contact URI is textually the same */
	/* The header says what it said in the last REGISTER and was not read: there is one Contact, and it is no "*". */
	bool contact_repeats, access_repeats;
	bool challenge_open; /* the last answer was a 401 and no REGISTER came since */
	bool challenge_offered_server; /* that 401 carried a Security-Server of ipsec-3gpp with SPIs and ports */
	bool challenge_wants_server; /* the REGISTER before it offered sec-agree */
	bool nonce_is_last_issued; /* Authorization nonce equals that of the last 401 seen */
	bool nonce_is_last_accepted; /* equals the nonce of the last REGISTER that got 200 */
	bool retransmission; /* of a REGISTER already judged, or the same REGISTER on a further leg */
	int last_answer_code; /* 0: none yet */
	int64_t last_cseq;	  /* highest CSeq seen with this Call-ID; REGMON_NUMBER_ABSENT: Call-ID is new */
	int64_t since_last_register_ms;
	int64_t since_challenge_ms; /* -1: no 401 yet */
	int64_t granted_s; /* of the binding in force, 0: none */
	bool shortened; /* the network has cut it since, and wants to see the phone early */
	int64_t granted_ago_ms;
	uint32_t last_features; /* of the first Contact of the last REGISTER, REGMON_FEATURE_* */
	bool last_ps_data_off_active, last_ps_data_off_given;
	regmon_access_t last_access;
	str last_instance; /* the URN, without angle brackets */
	str last_contact, last_impi; /* all three empty where they are too long to be kept */
	int64_t last_reg_id;  /* REGMON_NUMBER_ABSENT: none */
	int failures_in_row; /* attempts of this registration that ended badly */
	int64_t since_failure_ms;	 /* since the last one was refused; -1: it was not */
	int64_t retry_after_left_ms; /* of the Retry-After in that refusal; 0: over, or none */

	/* a REGISTER: security agreement */
	bool client_changed; /* Security-Client differs from that of the REGISTER before */
	bool spis_as_before; /* SPIs of the REGISTER before */
	bool spis_in_use;	 /* SPIs of the security association in use */
	bool port_s_changed; /* port-s differs from that of the security association in use */
	regmon_verify_t verify;

	/* an answer: the REGISTER that it is for */
	regmon_purpose_t purpose;
	bool ims;
	int64_t requested_s; /* REGMON_NUMBER_ABSENT: none named */
	uint8_t asked_options; /* REGMON_OPTION_* in its Supported */
	bool asked_reg_id, asked_instance;
	uint16_t offered_algs, offered_ealgs; /* bits 1 << regmon_security_word_t; 0: nothing offered */
	/* and what it says in their light */
	bool nonce_repeated; /* the nonce of the challenge before, again */
	bool server_spis_in_use; /* Security-Server names the SPIs of the security association in use */
	bool own_contact_missing; /* Contact lists others, and surely not the phone's own */
	int64_t answered_s; /* expires of the phone's own Contact; REGMON_NUMBER_ABSENT: not listed, or without */
	bool path_lost;		/* the Path of the REGISTER is not repeated */
	bool route_changed; /* Service-Route leads to another host than that of the 200 before */
	int associated_n, last_associated_n; /* URIs in P-Associated-URI, and of the 200 before; 0: none */
	str impu; /* the canonical To, empty: to be had from the message alone */
} regmon_history_t;

#endif
