/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes nonce and auts apart. */
#include "aka/nonce.h"

#include "message/base64.h"

static const char *const kind_names[] = {
#define X(id, name) name,
		REGMON_NONCE_KINDS(X)
#undef X
};

const char *regmon_nonce_kind_name(unsigned kind)
{
	return kind < REGMON_NONCE_KINDS_N ? kind_names[kind] : "?";
}

#define VECTOR_OCTETS (REGMON_RAND_OCTETS + REGMON_AUTN_OCTETS)
_Static_assert(sizeof(regmon_vector_t) == VECTOR_OCTETS, "octets in a row");
_Static_assert(sizeof(regmon_auts_t) == REGMON_AUTS_OCTETS, "octets in a row");

regmon_nonce_kind_t regmon_nonce_kind(str nonce, int *ret_server_octets)
{
	return regmon_nonce_kind_of(
			regmon_base64_read(nonce, NULL, 0), ret_server_octets);
}

regmon_nonce_kind_t regmon_nonce_kind_of(int octets, int *ret_server_octets)
{
	*ret_server_octets = 0;
	if(octets == 0)
		return REGMON_NONCE_ABSENT;
	if(octets < 0)
		return REGMON_NONCE_NOT_BASE64;
	if(octets < VECTOR_OCTETS)
		return REGMON_NONCE_TOO_SHORT;
	*ret_server_octets = octets - VECTOR_OCTETS;
	return REGMON_NONCE_VECTOR;
}

bool regmon_nonce_read(str nonce, regmon_vector_t *ret_vector)
{
	uint8_t octets[VECTOR_OCTETS];

	if(regmon_base64_read(nonce, octets, VECTOR_OCTETS) < VECTOR_OCTETS)
		return false;
	memcpy(ret_vector, octets, VECTOR_OCTETS);
	return true;
}

int regmon_auts_read(str auts, regmon_auts_t *ret_auts)
{
	uint8_t octets[REGMON_AUTS_OCTETS];
	int n = regmon_base64_read(auts, octets, REGMON_AUTS_OCTETS);

	if(n == REGMON_AUTS_OCTETS)
		memcpy(ret_auts, octets, sizeof(octets));
	return n;
}
