/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a phone's authentication. Numbers and words only: there is no nonce, response or key to show. */
#include <inttypes.h>
#include <stdio.h>

#include "show/rows.h"

#define SQN_LENGTH 13

/* as people write it: 12 hexadecimal digits */
static const char *print_sqn(uint64_t sqn, char buffer[SQN_LENGTH])
{
	snprintf(buffer, SQN_LENGTH, "%012" PRIx64, sqn & UINT64_C(0xffffffffffff));
	return buffer;
}

static bool has(const regmon_aka_facts_t *facts, unsigned mark)
{
	return (facts->marks & mark) != 0;
}

/* "none", "other", "MD5", "AKAv1-MD5", ... */
static const char *algorithm_name(unsigned algorithm)
{
	return regmon_algorithm_name((regmon_digest_algorithm_t)algorithm);
}

/* ---- the challenge ---- */

static const char *const offer_names[] = {[REGMON_QOP_NOT_OFFERED] = "none",
		[REGMON_QOP_OFFERED] = "auth",
		[REGMON_QOP_OTHERS_OFFERED] = "without-auth"};

static void write_challenge_line(
		regmon_writer_t *writer, const regmon_aka_facts_t *facts)
{
	static const char *const nonces[] = {[REGMON_NONCE_ABSENT] = "no nonce",
			[REGMON_NONCE_NOT_BASE64] = "nonce is no base64",
			[REGMON_NONCE_TOO_SHORT] = "nonce too short for RAND and AUTN",
			[REGMON_NONCE_VECTOR] = "nonce has the size of RAND and AUTN"};
	char again[60] = "";

	if(facts->repeated_rands)
		snprintf(again, sizeof(again), ", same RAND as before, %u in a row",
				facts->repeated_rands);
	regmon_write_format(writer, "challenge", "algorithm %s, %s%s%s, qop %s%s",
			algorithm_name(facts->challenge_algorithm), nonces[facts->nonce],
			has(facts, REGMON_AKA_SERVER_OCTETS) ? " and more" : "", again,
			offer_names[facts->qop_offer],
			has(facts, REGMON_AKA_CHALLENGED_NOW) ? ""
												  : " (of an attempt before)");
}

static void write_challenge(
		regmon_writer_t *writer, const regmon_aka_facts_t *facts)
{
	if(!has(facts, REGMON_AKA_CHALLENGED))
		return;
	if(writer->for_eyes) {
		write_challenge_line(writer, facts);
		return;
	}
	writer->open_struct(writer, "challenge");
	regmon_write_words(
			writer, "algorithm", algorithm_name(facts->challenge_algorithm));
	regmon_write_words(writer, "nonce", regmon_nonce_kind_name(facts->nonce));
	regmon_write_yes_no(
			writer, "server_octets", has(facts, REGMON_AKA_SERVER_OCTETS));
	writer->number(writer, "repeated_rands", facts->repeated_rands);
	regmon_write_words(writer, "qop", offer_names[facts->qop_offer]);
	regmon_write_yes_no(
			writer, "this_attempt", has(facts, REGMON_AKA_CHALLENGED_NOW));
	writer->close_struct(writer);
}

/* ---- the answer ---- */

static const char *const nonce_names[] = {
		[REGMON_ANSWER_NONCE_UNKNOWN] = "unknown",
		[REGMON_ANSWER_NONCE_ISSUED] = "issued",
		[REGMON_ANSWER_NONCE_ACCEPTED] = "accepted",
		[REGMON_ANSWER_NONCE_OTHER] = "other"};
static const char *const realm_names[] = {
		[REGMON_ANSWER_REALM_UNKNOWN] = "unknown",
		[REGMON_ANSWER_REALM_SAME] = "same",
		[REGMON_ANSWER_REALM_DIFFERS] = "differs"};
static const char *const response_names[] = {
		[REGMON_ANSWER_RESPONSE_ABSENT] = "absent",
		[REGMON_ANSWER_RESPONSE_EMPTY] = "empty",
		[REGMON_ANSWER_RESPONSE_GIVEN] = "given"};
static const char *const use_names[] = {[REGMON_QOP_NOT_USED] = "none",
		[REGMON_QOP_COMPLETE] = "complete",
		[REGMON_QOP_INCOMPLETE] = "incomplete"};

static void write_answer_line(
		regmon_writer_t *writer, const regmon_aka_facts_t *facts)
{
	static const char *const nonces[] = {
			[REGMON_ANSWER_NONCE_UNKNOWN] =
					"nonce of a challenge not seen here",
			[REGMON_ANSWER_NONCE_ISSUED] = "nonce of the challenge before it",
			[REGMON_ANSWER_NONCE_ACCEPTED] = "nonce of the last success",
			[REGMON_ANSWER_NONCE_OTHER] = "another nonce"};
	char auts[60] = "";

	if(has(facts, REGMON_AKA_AUTS_NOT_BASE64))
		snprintf(auts, sizeof(auts), ", auts is no base64");
	else if(has(facts, REGMON_AKA_AUTS))
		snprintf(auts, sizeof(auts), ", auts of %u octets%s",
				facts->auts_octets,
				facts->auts_octets == REGMON_AUTS_OCTETS ? ""
														 : " instead of 14");
	regmon_write_format(writer, "answer",
			"algorithm %s, %s, realm %s, response %s%s, qop %s%s",
			algorithm_name(facts->answer_algorithm),
			nonces[facts->answer_nonce], realm_names[facts->answer_realm],
			response_names[facts->answer_response], auts,
			use_names[facts->qop_use],
			has(facts, REGMON_AKA_ANSWERED_NOW) ? ""
												: " (of an attempt before)");
}

static void write_answer(
		regmon_writer_t *writer, const regmon_aka_facts_t *facts)
{
	if(!has(facts, REGMON_AKA_ANSWERED))
		return;
	if(writer->for_eyes) {
		write_answer_line(writer, facts);
		return;
	}
	writer->open_struct(writer, "answer");
	regmon_write_words(
			writer, "algorithm", algorithm_name(facts->answer_algorithm));
	regmon_write_words(writer, "nonce", nonce_names[facts->answer_nonce]);
	regmon_write_words(writer, "realm", realm_names[facts->answer_realm]);
	regmon_write_words(
			writer, "response", response_names[facts->answer_response]);
	regmon_write_words(writer, "auts",
			has(facts, REGMON_AKA_AUTS_NOT_BASE64) ? "not-base64"
			: has(facts, REGMON_AKA_AUTS)		   ? "given"
												   : "absent");
	if(has(facts, REGMON_AKA_AUTS))
		writer->number(writer, "auts_octets", facts->auts_octets);
	regmon_write_words(writer, "qop", use_names[facts->qop_use]);
	regmon_write_yes_no(
			writer, "this_attempt", has(facts, REGMON_AKA_ANSWERED_NOW));
	writer->close_struct(writer);
}

/* ---- lab keys ---- */

static void write_verdict(
		regmon_writer_t *writer, const char *name, unsigned kind)
{
	if(kind == REGMON_AKA_NONE)
		return;
	if(writer->for_eyes)
		regmon_write_format(writer, name, "%s: %s",
				regmon_aka_verdict_name(kind),
				regmon_aka_verdict_meaning(kind));
	else
		regmon_write_words(writer, name, regmon_aka_verdict_name(kind));
}

static void write_sqn(regmon_writer_t *writer, const regmon_aka_facts_t *facts,
		const regmon_aka_worth_t *worth)
{
	int64_t difference = regmon_aka_sqn_difference(worth);
	char buffer[SQN_LENGTH];

	if(has(facts, REGMON_AKA_SQN_HE_KNOWN))
		regmon_write_words(
				writer, "sqn_network", print_sqn(worth->sqn_he, buffer));
	if(!has(facts, REGMON_AKA_SQN_MS_KNOWN))
		return;
	regmon_write_words(writer, "sqn_card", print_sqn(worth->sqn_ms, buffer));
	if(!has(facts, REGMON_AKA_SQN_HE_KNOWN))
		return;
	if(writer->for_eyes)
		regmon_write_format(writer, "sqn_difference", "%" PRId64 "%s",
				difference,
				difference > 0	 ? ": the network is behind the card"
				: difference < 0 ? ": the network is ahead of the card"
								 : "");
	else
		writer->number(writer, "sqn_difference", difference);
}

static void write_lab_keys(regmon_writer_t *writer,
		const regmon_aka_facts_t *facts, const regmon_aka_worth_t *worth)
{
	if(worth->of_core == REGMON_AKA_NONE
			&& worth->of_challenge == REGMON_AKA_NONE
			&& worth->of_answer == REGMON_AKA_NONE
			&& !has(facts, REGMON_AKA_SQN_HE_KNOWN | REGMON_AKA_SQN_MS_KNOWN))
		return;
	writer->open_struct(writer, "lab_keys");
	/* mostly the same as what the phone got */
	if(!writer->for_eyes || worth->of_core != worth->of_challenge)
		write_verdict(writer, "challenge_from_core", worth->of_core);
	write_verdict(writer, "challenge", worth->of_challenge);
	write_verdict(writer, "answer", worth->of_answer);
	if(facts->computed_as != REGMON_ALGORITHM_NONE)
		regmon_write_words(
				writer, "computed_as", algorithm_name(facts->computed_as));
	if(has(facts, REGMON_AKA_OF_EMPTY_PASSWORD))
		regmon_write_yes_no(writer, "response_of_empty_password", true);
	write_verdict(writer, "acceptance", worth->of_acceptance);
	if(has(facts, REGMON_AKA_AMF_DIFFERS))
		regmon_write_yes_no(writer, "amf_differs", true);
	write_sqn(writer, facts, worth);
	writer->close_struct(writer);
}

/* Plain digest is told by the rules about it. */
static bool concerns_aka(const regmon_registration_t *registration)
{
	const regmon_aka_facts_t *facts = &registration->aka;

	return (has(facts, REGMON_AKA_CHALLENGED | REGMON_AKA_ANSWERED)
				   || regmon_supplement_of(registration)->worth.of_core
							  != REGMON_AKA_NONE)
		   && (registration->ims || has(facts, REGMON_AKA_AUTS)
				   || regmon_algorithm_is_aka((
						   regmon_digest_algorithm_t)facts->challenge_algorithm)
				   || regmon_algorithm_is_aka(
						   (regmon_digest_algorithm_t)facts->answer_algorithm));
}

void regmon_rows_aka(
		regmon_writer_t *writer, const regmon_registration_t *registration)
{
	if(!concerns_aka(registration))
		return;
	writer->open_struct(writer, "aka");
	write_challenge(writer, &registration->aka);
	write_answer(writer, &registration->aka);
	write_lab_keys(writer, &registration->aka,
			&regmon_supplement_of(registration)->worth);
	writer->close_struct(writer);
}
