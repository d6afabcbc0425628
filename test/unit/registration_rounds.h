/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole registrations on a way that loses and repeats, each with a trouble of its own that stays for some rounds. Drawn
 * from draw(), which the program defines before it includes this. */
#ifndef REGMON_TEST_REGISTRATION_ROUNDS_H
#define REGMON_TEST_REGISTRATION_ROUNDS_H

#include "test/unit/registration_network.h"

#define VECTOR_NONCE "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="

typedef struct phone
{
	char to[60], contact[60], call_id[40], branch[40], tag[16], instance[60],
			source[20], nonce[60];
	ask_t ask, before;
	char branch_before[40], call_id_before[40];
	unsigned trouble;
	bool has_lab_keys;
} phone_t;

enum trouble
{
	HEALTHY,
	/* the phone's */
	SAYS_NOTHING,
	WRONG_RESPONSE,
	OTHER_NONCE,
	ASKS_TO_RESYNC,
	CARD_REFUSES,
	COMES_TOO_OFTEN,
	CSEQ_GOES_BACK,
	TWO_AT_ONCE,
	BROKEN,
	/* this node's */
	NOT_PASSED_ON,
	REFUSED_HERE,
	KEPT_HERE,
	NOT_SENT,
	CHANGED_HERE,
	REGISTRAR_IS_HERE,
	/* the core's */
	CORE_SILENT,
	REFUSED_THERE,
	FORBIDDEN,
	NOT_LISTED,
	GRANTED_SHORT,
	OTHER_ALGORITHM,
	OFFER_DIFFERS,
	TROUBLES_N
};

static const struct
{
	int code;
	const char *reason, *lines;
} refusals[] = {{403, "Forbidden", ""}, {403, "User Unknown", ""},
		{403, "QoS refused", ""}, {478, "Unresolvable destination", ""},
		{420, "Bad Extension", "Unsupported: path\r\n"},
		{421, "Extension Required", "Require: sec-agree\r\n"},
		{423, "Interval Too Brief", "Min-Expires: 3600\r\n"},
		{494, "Security Agreement Required", ""}, {480, "Unavailable", ""},
		{500, "Server Error", ""}, {503, "Unavailable", "Retry-After: 30\r\n"},
		{408, "Timeout", ""}, {404, "Not Found", ""}, {400, "Bad Request", ""}};

/* one thing in twelve gets lost */
static bool is_lost(void)
{
	return draw(12) == 0;
}

static void time_jumps(int64_t ms)
{
	now_ms += ms;
	regmon_table_expire(table, now_ms);
}

static void new_call_id(phone_t *phone, unsigned number)
{
	snprintf(phone->call_id, sizeof(phone->call_id), "c%u-%u", number,
			draw(1000000));
	snprintf(phone->tag, sizeof(phone->tag), "t%u", draw(3));
}

static void keep_before(phone_t *phone)
{
	phone->before = phone->ask;
	strcpy(phone->branch_before, phone->branch);
	strcpy(phone->call_id_before, phone->call_id);
	phone->before.branch = phone->branch_before;
	phone->before.call_id = phone->call_id_before;
	snprintf(phone->branch, sizeof(phone->branch), "z9hG4bK%u", draw(1u << 30));
}

/* the next REGISTER as it should be */
static void next_register(phone_t *phone, credentials_t credentials)
{
	keep_before(phone);
	phone->ask.cseq++;
	phone->ask.credentials =
			phone->ask.plain && credentials == EMPTY ? NO_AUTHORIZATION
													 : credentials;
	phone->ask.nonce = *phone->nonce ? phone->nonce : NULL;
	phone->ask.contact = phone->contact;
	phone->ask.security_client = !phone->ask.plain;
	phone->ask.security_verify = !phone->ask.plain && credentials != EMPTY;
	phone->ask.expires_0 = false;
	phone->ask.reg_id = phone->ask.cseq_text = phone->ask.access = NULL;
	phone->ask.from = NULL;
	phone->ask.vias = 1;
	if(phone->trouble == CSEQ_GOES_BACK && draw(2))
		phone->ask.cseq = 1;
	if(phone->trouble == BROKEN) {
		phone->ask.cseq_text = draw(3) ? NULL : "x";
		phone->ask.from = draw(2) ? "sip:else@example.org" : NULL;
	}
}

/* what the keys of a lab say of its REGISTER (code 0) or of an answer to it */
static void judge_by_lab_keys(const phone_t *phone, int code)
{
	static const uint8_t kinds[][3] = {
			[EMPTY] = {REGMON_AKA_NONE, REGMON_AKA_NONE, REGMON_AKA_NONE},
			[RESPONSE] = {REGMON_AKA_RESPONSE_RIGHT, REGMON_AKA_RESPONSE_WRONG,
					REGMON_AKA_HEX_RESPONSE},
			[AUTS] = {REGMON_AKA_SQN_OUT_OF_RANGE, REGMON_AKA_SQN_OUT_OF_RANGE,
					REGMON_AKA_AUTS_WRONG},
			[REFUSED] = {REGMON_AKA_AUTN_REFUSED, REGMON_AKA_NONE,
					REGMON_AKA_NONE}};
	static const uint8_t of_challenge[] = {REGMON_AKA_CHALLENGE_RIGHT,
			REGMON_AKA_KEY_MISMATCH, REGMON_AKA_STALE_VECTOR};
	static regmon_aka_verdict_t verdict;

	by_lab_keys = NULL;
	if(!phone->has_lab_keys || (code && code != 401))
		return;
	verdict = (regmon_aka_verdict_t){
			.kind = code ? of_challenge[draw(3)]
						 : kinds[phone->ask.credentials][draw(3)],
			.sqn_he_known = code && draw(2),
			.sqn_ms_known = phone->ask.credentials == AUTS,
			.sqn_he = draw(1000),
			.sqn_ms = draw(1000)};
	by_lab_keys = &verdict;
}

/* The phone repeats its REGISTER until it gets through. False: the node has no answer to wait for. */
static bool goes_up(phone_t *phone)
{
	unsigned tries;

	for(tries = 0; tries < 4 && is_lost(); tries++)
		now_ms += INT64_C(500) << tries;
	if(tries == 4)
		return false;
	judge_by_lab_keys(phone, 0);
	ask(&phone->ask);
	by_lab_keys = NULL;
	if(draw(10) == 0) {
		now_ms += 500;
		ask(&phone->ask);
	}
	if(phone->trouble == NOT_PASSED_ON) {
		if(draw(2))
			without_message(
					&phone->ask, REGMON_HAPPENING_TRANSACTION_ENDED, 0);
		time_jumps(draw(140) * SECOND);
		return false;
	}
	if(phone->trouble == REFUSED_HERE && draw(3)) {
		unsigned which = draw(REGMON_COUNT(refusals));

		answers_are_local = true;
		answer(&phone->ask, (answer_t){.code = refusals[which].code,
									.reason = refusals[which].reason,
									.lines = refusals[which].lines});
		answers_are_local = false;
		return false;
	}
	if(phone->trouble == REGISTRAR_IS_HERE)
		return true;
	sent_on(&phone->ask);
	now_ms += draw(200);
	if(phone->trouble != CORE_SILENT && !is_lost())
		return true;
	if(draw(2))
		without_message(&phone->ask, REGMON_HAPPENING_TRANSACTION_ENDED, 0);
	time_jumps(draw(140) * SECOND);
	return false;
}

/* From the core through this node to the phone. False: it did not get it. */
static bool comes_down(phone_t *phone, answer_t given)
{
	judge_by_lab_keys(phone, given.code);
	answers_are_local = phone->trouble == REGISTRAR_IS_HERE;
	if(!answers_are_local)
		answer_in(&phone->ask, given);
	now_ms += draw(20);
	if(phone->trouble == KEPT_HERE && draw(2)) {
		by_lab_keys = NULL;
		time_jumps(draw(140) * SECOND);
		return false;
	}
	if(phone->trouble == CHANGED_HERE) {
		if(given.code == 401)
			given.nonce = "Y2hhbmdlZA==";
		else if(draw(2))
			given.granted = 300;
		else
			given.code = 500;
	}
	answer(&phone->ask, given);
	by_lab_keys = NULL;
	answers_are_local = false;
	if(phone->trouble == NOT_SENT && draw(2)) {
		without_message(&phone->ask, REGMON_HAPPENING_TRANSACTION_ENDED,
				given.code);
		return false;
	}
	if(!is_lost())
		return true;
	now_ms += 500;
	ask(&phone->ask);
	answer(&phone->ask, given);
	return draw(3) != 0;
}

static bool is_challenged(phone_t *phone)
{
	answer_t given = {.code = 401, .security_server = !phone->ask.plain};

	if(phone->trouble == OTHER_ALGORITHM) {
		given.security_server = false;
		given.lines = draw(4) ? "Security-Server: ipsec-3gpp;"
								"alg=hmac-md5-96;ealg=null;spi-c=1;spi-s=2;"
								"port-c=3;port-s=4\r\n"
							  : "";
	}
	given.nonce = draw(3) ? VECTOR_NONCE : "b3RoZXI=";
	if(!comes_down(phone, given))
		return false;
	snprintf(phone->nonce, sizeof(phone->nonce), "%s",
			phone->trouble == OTHER_NONCE ? "c3RhbGU=" : given.nonce);
	return true;
}

static bool is_refused(phone_t *phone)
{
	unsigned which = phone->trouble == FORBIDDEN
							 ? 0
							 : draw(REGMON_COUNT(refusals));

	return comes_down(phone, (answer_t){.code = refusals[which].code,
									 .reason = refusals[which].reason,
									 .lines = refusals[which].lines});
}

static bool is_accepted(phone_t *phone)
{
	static const int granted_s[] = {60, 300, 600, 3600, 3600};
	answer_t given = {.code = 200, .granted = granted_s[draw(5)]};

	if(phone->trouble == NOT_LISTED)
		given.contacts = draw(2) ? "" : "<sip:else@10.8.8.8>";
	if(phone->trouble == GRANTED_SHORT)
		given.granted = 20;
	return comes_down(phone, given);
}

/* how the phone reacts to a 401; false: not at all */
static bool react(phone_t *phone)
{
	switch(phone->trouble) {
		case SAYS_NOTHING:
			return false;
		case ASKS_TO_RESYNC:
			next_register(phone, AUTS);
			return true;
		case CARD_REFUSES:
			next_register(phone, REFUSED);
			return true;
		default:
			next_register(phone, RESPONSE);
			if(phone->trouble == OFFER_DIFFERS)
				phone->ask.security_verify = false;
			return true;
	}
}

static void refresh_at_once(phone_t *phone)
{
	unsigned i;

	for(i = draw(6); i > 0; i--) {
		now_ms += draw(5000);
		next_register(phone, RESPONSE);
		if(!goes_up(phone) || !is_accepted(phone))
			return;
	}
}

/* A registration from its first REGISTER, or a refresh with what the phone has. */
static void whole_round(phone_t *phone, unsigned number)
{
	bool refuses = phone->trouble == REFUSED_THERE && draw(2);
	unsigned turn;

	if(draw(5) == 0)
		phone->trouble = draw(3) ? draw(TROUBLES_N) : HEALTHY;
	if(phone->trouble == TWO_AT_ONCE) {
		next_register(phone, EMPTY);
		ask(&phone->ask);
		now_ms += draw(3000);
	}
	if(draw(4))
		new_call_id(phone, number);
	next_register(phone, EMPTY);
	for(turn = 0; turn < 6; turn++) {
		if(!goes_up(phone))
			return;
		if(refuses || (turn && phone->trouble == FORBIDDEN)
				|| (turn && phone->trouble == REFUSED_THERE)) {
			is_refused(phone);
			return;
		}
		if(turn
				&& !(phone->trouble >= WRONG_RESPONSE
						&& phone->trouble <= CARD_REFUSES))
			break;
		if(!is_challenged(phone))
			return;
		now_ms += draw(300);
		if(!react(phone)) {
			time_jumps(draw(3) ? draw(60) * SECOND : 241 * SECOND);
			return;
		}
	}
	if(turn == 6 || !is_accepted(phone))
		return;
	if(phone->trouble == COMES_TOO_OFTEN)
		refresh_at_once(phone);
	if(phone->trouble == REGISTRAR_IS_HERE && draw(2))
		store_tells(REGMON_STORE_SCSCF,
				draw(2) ? REGMON_STORED_REMOVED : REGMON_STORED_EXPIRED,
				phone->to, phone->contact);
}

#endif
