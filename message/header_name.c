/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of headers: kind to name, name to kind. */
#include "message/header_name.h"

static const char *const names[REGMON_HEADERS_N] = {[REGMON_HEADER_OTHER] = "",
#define X(id, full, compact) [REGMON_HEADER_##id] = full,
		REGMON_HEADERS(X)
#undef X
};

const regmon_header_start_t regmon_header_starts[REGMON_HEADERS_N] = {
#define X(id, full, compact)                              \
	[REGMON_HEADER_##id] = {.text = full ": ",            \
			.mask = {[0 ... sizeof(full ": ") - 2] = -1}, \
			.length = sizeof(full ": ") - 1},
		REGMON_HEADERS(X)
#undef X
};

/* The first of those that begin with these letters. Two on one index do not compile: alike ones belong into the row
 * below, for others the factor of REGMON_HEADER_INDEX has to change. A unit test looks each name up. */
#define AT(first, second, third, id)                            \
	[REGMON_HEADER_INDEX(REGMON_THREE(first, second, third))] = \
			REGMON_HEADER_##id
const uint8_t regmon_header_by_index[256] = {
		AT('v', 'i', 'a', VIA),
		AT('f', 'r', 'o', FROM),
		AT('t', 'o', ':', TO),
		AT('c', 'a', 'l', CALL_ID),
		AT('c', 's', 'e', CSEQ),
		AT('m', 'a', 'x', MAX_FORWARDS),
		AT('c', 'o', 'n', CONTACT),
		AT('e', 'x', 'p', EXPIRES),
		AT('a', 'u', 't', AUTHORIZATION),
		AT('w', 'w', 'w', WWW_AUTHENTICATE),
		AT('s', 'e', 'c', SECURITY_CLIENT),
		AT('p', '-', 'a', P_ACCESS_NETWORK_INFO),
		AT('s', 'u', 'p', SUPPORTED),
		AT('r', 'e', 'q', REQUIRE),
		AT('p', 'r', 'o', PROXY_REQUIRE),
		AT('u', 'n', 's', UNSUPPORTED),
		AT('p', 'a', 't', PATH),
		AT('r', 'o', 'u', ROUTE),
		AT('r', 'e', 'c', RECORD_ROUTE),
		AT('s', 'e', 'r', SERVICE_ROUTE),
		AT('p', '-', 'v', P_VISITED_NETWORK_ID),
		AT('p', '-', 'c', P_CHARGING_VECTOR),
		AT('p', '-', 'p', P_PREFERRED_IDENTITY),
		AT('m', 'i', 'n', MIN_EXPIRES),
		AT('r', 'e', 't', RETRY_AFTER),
		AT('w', 'a', 'r', WARNING),
		AT('u', 's', 'e', USER_AGENT),
		AT('a', 'l', 'l', ALLOW),
		AT('d', 'a', 't', DATE),
		AT('c', 'e', 'l', CELLULAR_NETWORK_INFO),
		AT('g', 'e', 'o', GEOLOCATION),
		AT('f', 'e', 'a', FEATURE_CAPS),
		AT('r', 'e', 's', RESOURCE_PRIORITY),
		AT('p', 'r', 'i', PRIORITY_SHARE),
		AT('f', 'l', 'o', FLOW_TIMER),
		AT('e', 'v', 'e', EVENT),
};

/* what phones send stands before what they do not */
#define THEN(id, next) [REGMON_HEADER_##id] = REGMON_HEADER_##next
const uint8_t regmon_header_next_alike[REGMON_HEADERS_N] = {
		THEN(CONTACT, CONTENT_LENGTH),
		THEN(CONTENT_LENGTH, CONTENT_TYPE),
		THEN(AUTHORIZATION, AUTHENTICATION_INFO),
		THEN(SECURITY_CLIENT, SECURITY_VERIFY),
		THEN(SECURITY_VERIFY, SECURITY_SERVER),
		THEN(P_ACCESS_NETWORK_INFO, P_ASSOCIATED_URI),
		THEN(P_ASSOCIATED_URI, P_ASSERTED_IDENTITY),
		THEN(SERVICE_ROUTE, SERVER),
		THEN(P_CHARGING_VECTOR, P_CHARGING_FUNCTION_ADDRESSES),
		THEN(RESOURCE_PRIORITY, RESOURCE_SHARE),
};

static regmon_header_t find_compact(char letter)
{
#define X(id, full, compact)                       \
	if(compact != 0 && (letter | 0x20) == compact) \
		return REGMON_HEADER_##id;
	REGMON_HEADERS(X)
#undef X
	return REGMON_HEADER_OTHER;
}

regmon_header_t regmon_header_find(str name)
{
	/* "To" is followed by its colon */
	char letters[4] = {':', ':', ':', ':'};
	unsigned header;

	if(name.len <= 0)
		return REGMON_HEADER_OTHER;
	if(name.len == 1)
		return find_compact(name.s[0]);
	memcpy(letters, name.s, name.len < 3 ? name.len : 3);
	header = regmon_header_by_index[REGMON_HEADER_INDEX(
			regmon_three_nocase(letters))];
	while(header != REGMON_HEADER_OTHER
			&& (name.len != regmon_header_starts[header].length - 2
					|| !regmon_same_nocase(name.s, names[header], name.len)))
		header = regmon_header_next_alike[header];
	return header;
}

const char *regmon_header_name(regmon_header_t header)
{
	return (unsigned)header < REGMON_HEADERS_N ? names[header] : "";
}
