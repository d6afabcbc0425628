/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads digest credentials and challenges. */
#include "message/authorization.h"

#include "message/parameter.h"

/* REGMON_DIGEST_FIELDS_N: a parameter that nobody here asks for */
REGMON_INLINE int find_field(
		const regmon_scan_t *scan, bool exact, int *ret_length)
{
	*ret_length = 0;
	if(!exact && scan->at >= scan->end)
		return REGMON_DIGEST_FIELDS_N;
	switch(*scan->at | 0x20) {
		case 'a':
			REGMON_NAME_GIVES("algorithm", REGMON_DIGEST_ALGORITHM);
			REGMON_NAME_GIVES("auts", REGMON_DIGEST_AUTS);
			break;
		case 'c':
			REGMON_NAME_GIVES("cnonce", REGMON_DIGEST_CNONCE);
			REGMON_NAME_GIVES("ck", REGMON_DIGEST_CK);
			break;
		case 'd':
			REGMON_NAME_GIVES("domain", REGMON_DIGEST_DOMAIN);
			break;
		case 'i':
			REGMON_NAME_GIVES("ik", REGMON_DIGEST_IK);
			REGMON_NAME_GIVES(
					"integrity-protected", REGMON_DIGEST_INTEGRITY_PROTECTED);
			break;
		case 'n':
			REGMON_NAME_GIVES("nonce", REGMON_DIGEST_NONCE);
			REGMON_NAME_GIVES("nc", REGMON_DIGEST_NC);
			break;
		case 'o':
			REGMON_NAME_GIVES("opaque", REGMON_DIGEST_OPAQUE);
			break;
		case 'q':
			REGMON_NAME_GIVES("qop", REGMON_DIGEST_QOP);
			break;
		case 'r':
			REGMON_NAME_GIVES("realm", REGMON_DIGEST_REALM);
			REGMON_NAME_GIVES("response", REGMON_DIGEST_RESPONSE);
			break;
		case 's':
			REGMON_NAME_GIVES("stale", REGMON_DIGEST_STALE);
			break;
		case 'u':
			REGMON_NAME_GIVES("username", REGMON_DIGEST_USERNAME);
			REGMON_NAME_GIVES("uri", REGMON_DIGEST_URI);
			break;
		default:
			break;
	}
	return REGMON_DIGEST_FIELDS_N;
}

REGMON_THOROUGH(read_thoroughly, find_field, ',', ',')

static const struct
{
	str name;
	regmon_digest_algorithm_t algorithm;
} algorithms[] = {
		{STR_STATIC_INIT("AKAv1-MD5"), REGMON_ALGORITHM_AKAV1_MD5},
		{STR_STATIC_INIT("MD5"), REGMON_ALGORITHM_MD5},
		{STR_STATIC_INIT("AKAv2-SHA-256"), REGMON_ALGORITHM_AKAV2_SHA_256},
		{STR_STATIC_INIT("AKAv2-MD5"), REGMON_ALGORITHM_AKAV2_MD5},
		{STR_STATIC_INIT("AKAv1-SHA-256"), REGMON_ALGORITHM_AKAV1_SHA_256},
		{STR_STATIC_INIT("SHA-256"), REGMON_ALGORITHM_SHA_256},
};
#define ALGORITHMS_N (sizeof(algorithms) / sizeof(algorithms[0]))

static regmon_digest_algorithm_t find_algorithm(str name)
{
	unsigned i;

	for(i = 0; i < ALGORITHMS_N; i++) {
		if(regmon_text_is_nocase(name, algorithms[i].name))
			return algorithms[i].algorithm;
	}
	return REGMON_ALGORITHM_OTHER;
}

const char *regmon_algorithm_name(regmon_digest_algorithm_t algorithm)
{
	unsigned i;

	for(i = 0; i < ALGORITHMS_N; i++) {
		if(algorithms[i].algorithm == algorithm)
			return algorithms[i].name.s;
	}
	return algorithm == REGMON_ALGORITHM_NONE ? "none" : "other";
}

static void take_other(str name, str value, regmon_digest_t *digest)
{
	/* empty elements of a list say nothing (RFC 7230 7) */
	if(name.len == 0)
		digest->broken |= value.s != NULL;
	else if(value.s == NULL || !regmon_text_is_token(name))
		digest->broken = true;
}

REGMON_INLINE void take_parameter(
		const regmon_parameter_t *parameter, regmon_digest_t *digest)
{
	str value = parameter->value;
	uint32_t bit;

	if(parameter->id == REGMON_DIGEST_FIELDS_N) {
		take_other(parameter->name, value, digest);
		return;
	}
	if(value.s == NULL) {
		digest->broken = true;
		return;
	}
	bit = 1u << parameter->id;
	if(digest->given & bit) {
		digest->repeated |= bit;
		return;
	}
	digest->given |= bit;
	if(value.len >= 2 && value.s[0] == '"' && value.s[value.len - 1] == '"') {
		digest->quoted |= bit;
		value.s++;
		value.len -= 2;
	}
	digest->field[parameter->id] = value;
}

void regmon_digest_read_within(
		str value, const char *text_end, regmon_digest_t *ret_digest)
{
	regmon_scan_t scan;
	regmon_parameter_t parameter;
	int i;
	char ended;

	regmon_clear(ret_digest, sizeof(*ret_digest));
	value = regmon_text_trim(value);
	if(value.len <= 0)
		return;
	ret_digest->text = value;
	if(value.len > 6 && regmon_same(value.s, "Digest", 6))
		i = 6;
	else
		i = 0;
	while(i < value.len && regmon_is_token_char(value.s[i]))
		i++;
	ret_digest->scheme = (str){value.s, i};
	/* a scheme is a token with white space behind it */
	ret_digest->broken =
			i == 0 || i == value.len || !regmon_is_space(value.s[i]);
	if(i == value.len)
		return;
	regmon_scan_start(&scan, regmon_text_from(value, i), text_end);
	do {
		ended = regmon_scan_next(&scan, find_field, read_thoroughly, ',', ',',
				&parameter, &ret_digest->broken);
		take_parameter(&parameter, ret_digest);
	} while(ended);
	if(REGMON_DIGEST_HAS(ret_digest, ALGORITHM))
		ret_digest->algorithm =
				find_algorithm(REGMON_DIGEST_TEXT(ret_digest, ALGORITHM));
}
