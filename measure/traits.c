/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys and texts of what phones share. */
#include "measure/traits.h"

#include <stdio.h>

#define IMEI_SCHEME 14 /* bytes of "urn:gsma:imei:" */
#define IMEI_TAC 8

const char *regmon_trait_name(regmon_trait_t trait)
{
	static const char *const names[] = {
#define X(id, name, title) name,
			REGMON_TRAITS(X)
#undef X
	};

	return trait < REGMON_TRAITS_N ? names[trait] : "?";
}

const char *regmon_trait_title(regmon_trait_t trait)
{
	static const char *const titles[] = {
#define X(id, name, title) title,
			REGMON_TRAITS(X)
#undef X
	};

	return trait < REGMON_TRAITS_N ? titles[trait] : "?";
}

regmon_secret_t regmon_secret_of(const uint8_t random[16])
{
	regmon_secret_t secret;

	memcpy(&secret, random, sizeof(secret));
	secret.factor |= 1;
	return secret;
}

/* The last block overlaps the one before it; the length, mixed in by itself, tells apart what that makes the same. */
uint64_t regmon_key_of_text(
		const regmon_secret_t *secret, uint64_t key, str text)
{
	const char *at = text.s, *end = at + text.len;
	uint64_t block;
	uint32_t low, high;

	key = regmon_key_mix(secret, key, (uint64_t)text.len);
	if(text.len >= 8) {
		for(; end - at > 8; at += 8) {
			memcpy(&block, at, 8);
			key = regmon_key_mix(secret, key, block);
		}
		memcpy(&block, end - 8, 8);
	} else if(text.len >= 4) {
		memcpy(&low, at, 4);
		memcpy(&high, end - 4, 4);
		block = (uint64_t)high << 32 | low;
	} else if(text.len > 0) {
		block = (uint64_t)(unsigned char)at[0] << 16
				| (uint64_t)(unsigned char)at[text.len / 2] << 8
				| (unsigned char)end[-1];
	} else {
		block = 0;
	}
	return regmon_key_mix(secret, key, block);
}

/* 0 means that there is none */
static uint64_t not_none(uint64_t key)
{
	return key ? key : 1;
}

static uint64_t key_of_number(const regmon_secret_t *secret, uint64_t number)
{
	return number ? not_none(regmon_key_mix(secret, secret->start, number)) : 0;
}

/* All eight are digits, or 0. */
static uint64_t eight_digits(const char *at)
{
	uint64_t word;

	memcpy(&word, at, 8);
	/* a digit is 0x30 to 0x39: adding 6 must not reach the next 16 */
	if((word & UINT64_C(0xf0f0f0f0f0f0f0f0)) != UINT64_C(0x3030303030303030)
			|| ((word + UINT64_C(0x0606060606060606))
					   & UINT64_C(0xf0f0f0f0f0f0f0f0))
					   != UINT64_C(0x3030303030303030))
		return 0;
	return word;
}

/* "urn:gsma:imei:" in any case: both halves overlap; the few other characters that this bit makes the same stand in no URN */
static bool is_imei_scheme(const char *at)
{
	const uint64_t small = UINT64_C(0x2020202020202020);
	uint64_t first, last, urn_gsma, ma_imei;

	memcpy(&first, at, 8);
	memcpy(&last, at + IMEI_SCHEME - 8, 8);
	memcpy(&urn_gsma, "urn:gsma", 8);
	memcpy(&ma_imei, "ma:imei:", 8);
	return (first | small) == urn_gsma && (last | small) == ma_imei;
}

/* The type allocation code of the IMEI (TS 23.003 6.2.1) in "urn:gsma:imei:35609911-..."; empty where there is none. */
static str imei_tac_of(const regmon_registration_t *registration)
{
	str instance =
			regmon_registration_string(registration, REGMON_STRING_INSTANCE);

	if(instance.len < IMEI_SCHEME + IMEI_TAC || !is_imei_scheme(instance.s)
			|| !eight_digits(instance.s + IMEI_SCHEME))
		return (str){NULL, 0};
	return (str){instance.s + IMEI_SCHEME, IMEI_TAC};
}

static uint32_t algorithms_of(const regmon_registration_t *registration)
{
	return (uint32_t)registration->offered_algs << 16
		   | registration->offered_ealgs;
}

static uint64_t key_of_place(const regmon_registration_t *registration,
		const regmon_secret_t *secret, regmon_string_t which)
{
	str plmn = regmon_registration_string(registration, REGMON_STRING_PLMN);
	str place = regmon_registration_string(registration, which);
	uint64_t key = secret->start + which;

	if(place.len == 0)
		return 0;
	if(plmn.len > 0)
		key = regmon_key_of_text(secret, key, plmn);
	return not_none(regmon_key_of_text(secret, key, place));
}

static uint64_t key_of_string(const regmon_registration_t *registration,
		const regmon_secret_t *secret, regmon_string_t which)
{
	str text = regmon_registration_string(registration, which);

	return text.len > 0 ? not_none(
				   regmon_key_of_text(secret, secret->start + which, text))
						: 0;
}

static uint64_t key_of(const regmon_registration_t *registration,
		const regmon_secret_t *secret, regmon_trait_t trait)
{
	str text;

	switch(trait) {
		case REGMON_TRAIT_PLMN:
			return key_of_string(registration, secret, REGMON_STRING_PLMN);
		case REGMON_TRAIT_TAC:
			return key_of_place(registration, secret, REGMON_STRING_TAC);
		case REGMON_TRAIT_CELL:
			return key_of_place(registration, secret, REGMON_STRING_CELL);
		case REGMON_TRAIT_DEVICE:
			return key_of_string(registration, secret, REGMON_STRING_DEVICE);
		case REGMON_TRAIT_IMEI_TAC:
			text = imei_tac_of(registration);
			return text.len ? key_of_number(secret, eight_digits(text.s)) : 0;
		case REGMON_TRAIT_PORT:
			return key_of_number(secret, registration->received_port);
		case REGMON_TRAIT_ALGORITHM:
			return key_of_number(secret, algorithms_of(registration));
		case REGMON_TRAIT_ACCESS:
			return key_of_number(secret, registration->last_access);
		case REGMON_TRAIT_CODE:
			return key_of_number(secret, registration->attempt.code);
		default:
			return 0;
	}
}

void regmon_trait_keys(const regmon_registration_t *registration,
		const regmon_secret_t *secret, regmon_trait_t first,
		regmon_trait_t last, uint64_t ret_keys[REGMON_TRAITS_N])
{
	unsigned trait;

	for(trait = first; trait <= last; trait++)
		ret_keys[trait] = key_of(registration, secret, trait);
}

/* ---- texts ---- */

static int put(char *text, int used, str part)
{
	if(part.len > REGMON_TRAIT_TEXT - used)
		part.len = REGMON_TRAIT_TEXT - used;
	if(part.len > 0)
		memcpy(text + used, part.s, part.len);
	return used + (part.len > 0 ? part.len : 0);
}

static int put_number(char *text, unsigned number)
{
	char digits[12];

	return put(text, 0,
			(str){digits, snprintf(digits, sizeof(digits), "%u", number)});
}

static int put_place(const regmon_registration_t *registration,
		regmon_string_t which, char *text)
{
	int used = put(text, 0,
			regmon_registration_string(registration, REGMON_STRING_PLMN));

	if(used)
		used = put(text, used, REGMON_TEXT("-"));
	return put(text, used, regmon_registration_string(registration, which));
}

/* "hmac-sha-1-96+hmac-md5-96/null+aes-cbc" */
static int put_words(char *text, int used, unsigned words)
{
	static const char *const names[] = {[REGMON_WORD_OTHER] = "other",
			[REGMON_WORD_HMAC_MD5_96] = "hmac-md5-96",
			[REGMON_WORD_HMAC_SHA_1_96] = "hmac-sha-1-96",
			[REGMON_WORD_HMAC_SHA_256_128] = "hmac-sha-256-128",
			[REGMON_WORD_AES_GMAC] = "aes-gmac",
			[REGMON_WORD_AES_CBC] = "aes-cbc",
			[REGMON_WORD_AES_GCM] = "aes-gcm",
			[REGMON_WORD_DES_EDE3_CBC] = "des-ede3-cbc",
			[REGMON_WORD_NULL] = "null"};
	bool first = true;
	unsigned word;

	for(word = 0; word < sizeof(names) / sizeof(*names); word++) {
		if(!((words >> word) & 1) || names[word] == NULL)
			continue;
		if(!first)
			used = put(text, used, REGMON_TEXT("+"));
		used = put(text, used,
				(str){(char *)names[word], (int)strlen(names[word])});
		first = false;
	}
	return used;
}

int regmon_trait_text(const regmon_registration_t *registration,
		regmon_trait_t trait, char ret_text[REGMON_TRAIT_TEXT])
{
	const char *name;
	int used;

	switch(trait) {
		case REGMON_TRAIT_PLMN:
			return put(ret_text, 0,
					regmon_registration_string(
							registration, REGMON_STRING_PLMN));
		case REGMON_TRAIT_TAC:
			return put_place(registration, REGMON_STRING_TAC, ret_text);
		case REGMON_TRAIT_CELL:
			return put_place(registration, REGMON_STRING_CELL, ret_text);
		case REGMON_TRAIT_DEVICE:
			return put(ret_text, 0,
					regmon_registration_string(
							registration, REGMON_STRING_DEVICE));
		case REGMON_TRAIT_IMEI_TAC:
			return put(ret_text, 0, imei_tac_of(registration));
		case REGMON_TRAIT_PORT:
			return put_number(ret_text, registration->received_port);
		case REGMON_TRAIT_ALGORITHM:
			used = put_words(ret_text, 0, registration->offered_algs);
			used = put(ret_text, used, REGMON_TEXT("/"));
			return put_words(ret_text, used, registration->offered_ealgs);
		case REGMON_TRAIT_ACCESS:
			name = regmon_access_name(registration->last_access);
			return put(ret_text, 0, (str){(char *)name, (int)strlen(name)});
		case REGMON_TRAIT_CODE:
			return put_number(ret_text, registration->attempt.code);
		default:
			return 0;
	}
}
