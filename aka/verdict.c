/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Computes what a network and a phone with the lab keys would have sent, and compares. */
#include "aka/verdict.h"

#include "aka/digest.h"
#include "aka/nonce.h"

static const char *const names[] = {
#define X(id, name, meaning) name,
		REGMON_AKA_VERDICTS(X)
#undef X
};

static const char *const meanings[] = {
#define X(id, name, meaning) meaning,
		REGMON_AKA_VERDICTS(X)
#undef X
};

const char *regmon_aka_verdict_name(unsigned kind)
{
	return kind < REGMON_AKA_VERDICTS_N ? names[kind] : "?";
}

const char *regmon_aka_verdict_meaning(unsigned kind)
{
	return kind < REGMON_AKA_VERDICTS_N ? meanings[kind] : "?";
}

/* A vector in the light of the keys. */
typedef struct opened
{
	uint8_t opc[16];
	regmon_vector_t vector;
	regmon_milenage_t values;
	bool is_of_these_keys;
} opened_t;

/* Fills what the verdict says of the network. */
static bool open_vector(const regmon_aka_key_t *key, opened_t *opened,
		regmon_aka_verdict_t *verdict)
{
	uint8_t mac_a[8], mac_s[8];
	uint64_t sqn;

	memcpy(opened->opc, key->op, sizeof(opened->opc));
	if((!key->op_is_opc && !regmon_milenage_opc(key->k, key->op, opened->opc))
			|| !regmon_milenage_f2345(
					key->k, opened->opc, opened->vector.rand, &opened->values))
		return false;
	sqn = regmon_sqn_read(opened->vector.hidden_sqn)
		  ^ regmon_sqn_read(opened->values.ak);
	if(!regmon_milenage_f1(key->k, opened->opc, opened->vector.rand, sqn,
			   opened->vector.amf, mac_a, mac_s))
		return false;
	opened->is_of_these_keys =
			memcmp(mac_a, opened->vector.mac_a, sizeof(mac_a)) == 0;
	if(!opened->is_of_these_keys)
		return true;
	verdict->sqn_he_known = true;
	verdict->sqn_he = sqn;
	verdict->amf_differs =
			memcmp(key->amf, opened->vector.amf, sizeof(key->amf)) != 0;
	return true;
}

/* Half a verdict is none. */
static bool finish(bool well, opened_t *opened, regmon_aka_verdict_t *verdict)
{
	regmon_crypto_wipe(opened, sizeof(*opened));
	if(!well)
		memset(verdict, 0, sizeof(*verdict));
	return well;
}

bool regmon_aka_judge_challenge(const regmon_aka_key_t *key,
		const regmon_digest_t *challenge, regmon_aka_verdict_t *ret_verdict)
{
	opened_t opened;
	bool well;

	memset(ret_verdict, 0, sizeof(*ret_verdict));
	if(!regmon_algorithm_is_aka(challenge->algorithm)
			|| !regmon_nonce_read(
					REGMON_DIGEST_TEXT(challenge, NONCE), &opened.vector))
		return true;
	well = open_vector(key, &opened, ret_verdict);
	if(well)
		ret_verdict->kind = opened.is_of_these_keys ? REGMON_AKA_CHALLENGE_RIGHT
													: REGMON_AKA_KEY_MISMATCH;
	return finish(well, &opened, ret_verdict);
}

/* ---- the response ---- */

typedef struct trial
{
	const regmon_message_t *message;
	str response;
	bool failed; /* OpenSSL refused */
} trial_t;

/* Would this password have given the response? Without case: what capital digits are worth is AUTH-12's to say. */
static bool gives(trial_t *trial, regmon_hash_t hash, str password)
{
	char text[REGMON_HASH_MOST_TEXT];
	str computed = {
			text, regmon_digest_response(hash, &trial->message->authorization,
						  trial->message->method, trial->message->body,
						  password, text)};

	trial->failed |= computed.len == 0;
	return computed.len > 0 && regmon_text_is_nocase(trial->response, computed);
}

static bool gives_by(trial_t *trial, regmon_digest_algorithm_t algorithm,
		const regmon_milenage_t *values)
{
	char buffer[REGMON_PASSWORD_BYTES];
	str password = regmon_aka_password(algorithm, values, buffer);
	bool same;

	trial->failed |= password.len == 0;
	same = gives(trial, regmon_digest_hash(algorithm), password);
	regmon_crypto_wipe(buffer, sizeof(buffer));
	return same;
}

/* RES as a text that somebody made of it, or as one that ends where a zero octet is */
static regmon_aka_verdict_kind_t by_mistake(trial_t *trial,
		regmon_digest_algorithm_t algorithm, const regmon_milenage_t *values)
{
	regmon_hash_t hash = regmon_digest_hash(algorithm);
	char buffer[REGMON_PASSWORD_BYTES];
	const void *zero = memchr(values->res, 0, sizeof(values->res));
	regmon_aka_verdict_kind_t kind = REGMON_AKA_NONE;

	if(gives(trial, hash, regmon_aka_hex_password(values, false, buffer))
			|| gives(
					trial, hash, regmon_aka_hex_password(values, true, buffer)))
		kind = REGMON_AKA_HEX_RESPONSE;
	else if(zero
			&& gives(trial, hash,
					(str){(char *)values->res,
							(int)((const uint8_t *)zero - values->res)}))
		kind = REGMON_AKA_CUT_RESPONSE;
	regmon_crypto_wipe(buffer, sizeof(buffer));
	return kind;
}

static regmon_digest_algorithm_t other_version(trial_t *trial,
		regmon_digest_algorithm_t algorithm, const regmon_milenage_t *values)
{
	static const regmon_digest_algorithm_t all[] = {REGMON_ALGORITHM_AKAV1_MD5,
			REGMON_ALGORITHM_AKAV2_MD5, REGMON_ALGORITHM_AKAV1_SHA_256,
			REGMON_ALGORITHM_AKAV2_SHA_256};
	unsigned i;

	for(i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if(all[i] != algorithm && gives_by(trial, all[i], values))
			return all[i];
	return REGMON_ALGORITHM_NONE;
}

static void judge_response(trial_t *trial, const opened_t *opened,
		regmon_digest_algorithm_t algorithm, regmon_aka_verdict_t *verdict)
{
	verdict->kind = REGMON_AKA_RESPONSE_RIGHT;
	if(gives_by(trial, algorithm, &opened->values))
		return;
	verdict->of_empty_password =
			gives(trial, regmon_digest_hash(algorithm), (str){NULL, 0});
	verdict->kind = verdict->of_empty_password
							? REGMON_AKA_EMPTY_PASSWORD
							: by_mistake(trial, algorithm, &opened->values);
	if(verdict->kind != REGMON_AKA_NONE)
		return;
	verdict->computed_as = other_version(trial, algorithm, &opened->values);
	if(verdict->computed_as != REGMON_ALGORITHM_NONE)
		verdict->kind = REGMON_AKA_WRONG_AKA_VERSION;
	else /* to another network's challenge nobody can tell what is right */
		verdict->kind = opened->is_of_these_keys ? REGMON_AKA_RESPONSE_WRONG
												 : REGMON_AKA_KEY_MISMATCH;
}

/* What the server will have to prove. Not for auth-int, which wants the body of its answer. */
static void expect_rspauth(const trial_t *trial, const opened_t *opened,
		regmon_digest_algorithm_t algorithm, regmon_rspauth_t *rspauth)
{
	const regmon_digest_t *credentials = &trial->message->authorization;
	char buffer[REGMON_PASSWORD_BYTES];

	if(regmon_text_is_nocase(
			   REGMON_DIGEST_TEXT(credentials, QOP), REGMON_TEXT("auth-int")))
		return;
	rspauth->length = regmon_digest_response(regmon_digest_hash(algorithm),
			credentials, (str){NULL, 0}, (str){NULL, 0},
			regmon_aka_password(algorithm, &opened->values, buffer),
			rspauth->text);
	regmon_crypto_wipe(buffer, sizeof(buffer));
}

/* ---- auts ---- */

static bool judge_auts(const regmon_aka_key_t *key, trial_t *trial,
		const opened_t *opened, regmon_digest_algorithm_t algorithm,
		regmon_aka_verdict_t *verdict)
{
	static const uint8_t no_amf[2] = {0, 0}; /* TS 33.102 6.3.3 */
	uint8_t mac_a[8], mac_s[8];
	regmon_auts_t auts;
	uint64_t sqn;

	verdict->kind = REGMON_AKA_AUTS_WRONG;
	verdict->of_empty_password =
			trial->response.len > 0
			&& gives(trial, regmon_digest_hash(algorithm), (str){NULL, 0});
	if(regmon_auts_read(
			   REGMON_DIGEST_TEXT(&trial->message->authorization, AUTS), &auts)
			!= REGMON_AUTS_OCTETS)
		return true;
	sqn = regmon_sqn_read(auts.hidden_sqn)
		  ^ regmon_sqn_read(opened->values.ak_star);
	if(!regmon_milenage_f1(key->k, opened->opc, opened->vector.rand, sqn,
			   no_amf, mac_a, mac_s))
		return false;
	if(memcmp(mac_s, auts.mac_s, sizeof(mac_s)) == 0) {
		verdict->kind = REGMON_AKA_SQN_OUT_OF_RANGE;
		verdict->sqn_ms_known = true;
		verdict->sqn_ms = sqn;
	} else if(!opened->is_of_these_keys) {
		verdict->kind = REGMON_AKA_KEY_MISMATCH;
	}
	return true;
}

static regmon_digest_algorithm_t algorithm_of(const regmon_aka_answer_t *answer)
{
	regmon_digest_algorithm_t algorithm = answer->challenged;

	if(algorithm == REGMON_ALGORITHM_NONE)
		algorithm = answer->message->authorization.algorithm;
	/* RFC 3310's own example leaves it out */
	return algorithm == REGMON_ALGORITHM_NONE ? REGMON_ALGORITHM_AKAV1_MD5
											  : algorithm;
}

bool regmon_aka_judge_answer(const regmon_aka_key_t *key,
		const regmon_aka_answer_t *answer, regmon_aka_verdict_t *ret_verdict,
		regmon_rspauth_t *ret_rspauth)
{
	const regmon_digest_t *credentials = &answer->message->authorization;
	regmon_digest_algorithm_t algorithm = algorithm_of(answer);
	trial_t trial = {.message = answer->message,
			.response = REGMON_DIGEST_TEXT(credentials, RESPONSE)};
	opened_t opened;
	bool well;

	memset(ret_verdict, 0, sizeof(*ret_verdict));
	ret_rspauth->length = 0;
	if(!regmon_algorithm_is_aka(algorithm)
			|| !regmon_nonce_read(
					REGMON_DIGEST_TEXT(credentials, NONCE), &opened.vector))
		return true;
	well = open_vector(key, &opened, ret_verdict);
	if(well && answer->credentials == REGMON_CREDENTIALS_RESYNC)
		well = judge_auts(key, &trial, &opened, algorithm, ret_verdict);
	else if(well && answer->credentials == REGMON_CREDENTIALS_REFUSED)
		ret_verdict->kind = opened.is_of_these_keys ? REGMON_AKA_AUTN_REFUSED
													: REGMON_AKA_KEY_MISMATCH;
	else if(well && answer->credentials == REGMON_CREDENTIALS_ANSWER)
		judge_response(&trial, &opened, algorithm, ret_verdict);
	well = well && !trial.failed;
	if(well && ret_verdict->kind == REGMON_AKA_RESPONSE_RIGHT)
		expect_rspauth(&trial, &opened, algorithm, ret_rspauth);
	return finish(well, &opened, ret_verdict);
}
