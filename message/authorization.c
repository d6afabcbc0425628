/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads digest credentials and challenges. */
#include "message/authorization.h"

#include "message/scan.h"

/* REGMON_DIGEST_FIELDS_N: a parameter that nobody here asks for */
static inline regmon_digest_field_t find_field(
		const regmon_scan_t *scan, int *ret_length)
{
	*ret_length = 0;
	if(scan->at >= scan->end)
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

static inline void take_parameter(
		regmon_digest_field_t id, str name, str value, regmon_digest_t *digest)
{
	uint32_t bit;

	if(name.len == 0) {
		/* empty elements of a list say nothing (RFC 7230 7) */
		digest->broken |= value.s != NULL;
		return;
	}
	if(value.s == NULL) {
		digest->broken = true;
		return;
	}
	if(id == REGMON_DIGEST_FIELDS_N) {
		digest->broken |= !regmon_text_is_token(name);
		return;
	}
	bit = 1u << id;
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
	digest->field[id] = value;
}

void regmon_digest_read(str value, regmon_digest_t *ret_digest)
{
	regmon_scan_t scan;
	str name, parameter;
	int i, known;
	regmon_digest_field_t id;
	char ended;

	memset(ret_digest, 0, sizeof(*ret_digest));
	value = regmon_text_trim(value);
	if(value.len <= 0)
		return;
	ret_digest->text = value;
	for(i = 0; i < value.len && regmon_is_token_char(value.s[i]); i++)
		;
	ret_digest->scheme = (str){value.s, i};
	/* a scheme is a token with white space behind it */
	ret_digest->broken =
			i == 0 || i == value.len || !regmon_is_space(value.s[i]);
	if(i == value.len)
		return;
	regmon_scan_start(&scan, regmon_text_from(value, i));
	do {
		scan.at = regmon_scan_skip_space(scan.at, scan.end);
		id = find_field(&scan, &known);
		ended = regmon_scan_parameter(
				&scan, known, ',', ',', &name, &parameter, &ret_digest->broken);
		take_parameter(id, name, parameter, ret_digest);
	} while(ended);
	if(REGMON_DIGEST_HAS(ret_digest, ALGORITHM))
		ret_digest->algorithm =
				find_algorithm(REGMON_DIGEST_TEXT(ret_digest, ALGORITHM));
}
