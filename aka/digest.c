/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HA1, HA2, response and the passwords of AKA. */
#include "aka/digest.h"

regmon_hash_t regmon_digest_hash(regmon_digest_algorithm_t algorithm)
{
	switch(algorithm) {
		case REGMON_ALGORITHM_SHA_256:
		case REGMON_ALGORITHM_AKAV1_SHA_256:
		case REGMON_ALGORITHM_AKAV2_SHA_256:
			return REGMON_HASH_SHA_256;
		default:
			return REGMON_HASH_MD5;
	}
}

int regmon_digest_ha1(regmon_hash_t hash, const regmon_digest_t *credentials,
		str password, char ret_text[REGMON_HASH_MOST_TEXT])
{
	str parts[] = {REGMON_DIGEST_TEXT(credentials, USERNAME),
			REGMON_DIGEST_TEXT(credentials, REALM), password};

	return regmon_crypto_hash(hash, parts, 3, ret_text);
}

int regmon_digest_ha2(regmon_hash_t hash, const regmon_digest_t *credentials,
		str method, str body, char ret_text[REGMON_HASH_MOST_TEXT])
{
	char body_hash[REGMON_HASH_MOST_TEXT];
	str parts[] = {
			method, REGMON_DIGEST_TEXT(credentials, URI), {body_hash, 0}};

	if(!regmon_text_is_nocase(
			   REGMON_DIGEST_TEXT(credentials, QOP), REGMON_TEXT("auth-int")))
		return regmon_crypto_hash(hash, parts, 2, ret_text);
	parts[2].len = regmon_crypto_hash(hash, &body, 1, body_hash);
	return parts[2].len ? regmon_crypto_hash(hash, parts, 3, ret_text) : 0;
}

int regmon_digest_response(regmon_hash_t hash,
		const regmon_digest_t *credentials, str method, str body, str password,
		char ret_text[REGMON_HASH_MOST_TEXT])
{
	char ha1[REGMON_HASH_MOST_TEXT], ha2[REGMON_HASH_MOST_TEXT];
	str parts[6] = {{ha1, regmon_digest_ha1(hash, credentials, password, ha1)},
			REGMON_DIGEST_TEXT(credentials, NONCE)};
	str last = {ha2, regmon_digest_ha2(hash, credentials, method, body, ha2)};
	unsigned n = 2;

	if(parts[0].len == 0 || last.len == 0)
		return 0;
	if(REGMON_DIGEST_FILLED(credentials, QOP)) {
		parts[n++] = REGMON_DIGEST_TEXT(credentials, NC);
		parts[n++] = REGMON_DIGEST_TEXT(credentials, CNONCE);
		parts[n++] = REGMON_DIGEST_TEXT(credentials, QOP);
	}
	parts[n++] = last;
	return regmon_crypto_hash(hash, parts, n, ret_text);
}

static str version_2(regmon_hash_t hash, const regmon_milenage_t *values,
		char buffer[REGMON_PASSWORD_BYTES])
{
	uint8_t key[sizeof(values->res) + sizeof(values->ik) + sizeof(values->ck)];
	int length;

	memcpy(key, values->res, sizeof(values->res));
	memcpy(key + sizeof(values->res), values->ik, sizeof(values->ik));
	memcpy(key + sizeof(values->res) + sizeof(values->ik), values->ck,
			sizeof(values->ck));
	length = regmon_crypto_hmac(hash, key, (int)sizeof(key),
			REGMON_TEXT("http-digest-akav2-password"), buffer);
	regmon_crypto_wipe(key, sizeof(key));
	return (str){buffer, length};
}

str regmon_aka_password(regmon_digest_algorithm_t algorithm,
		const regmon_milenage_t *values, char buffer[REGMON_PASSWORD_BYTES])
{
	if(algorithm == REGMON_ALGORITHM_AKAV2_MD5
			|| algorithm == REGMON_ALGORITHM_AKAV2_SHA_256)
		return version_2(regmon_digest_hash(algorithm), values, buffer);
	memcpy(buffer, values->res, sizeof(values->res));
	return (str){buffer, sizeof(values->res)};
}

str regmon_aka_hex_password(const regmon_milenage_t *values, bool capital,
		char buffer[REGMON_PASSWORD_BYTES])
{
	const char *digits = capital ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned i;

	for(i = 0; i < sizeof(values->res); i++) {
		buffer[2 * i] = digits[values->res[i] >> 4];
		buffer[2 * i + 1] = digits[values->res[i] & 15];
	}
	return (str){buffer, 2 * sizeof(values->res)};
}
