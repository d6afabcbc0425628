/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of headers: kind to name, name to kind. */
#include "message/header_name.h"

const char regmon_header_names[REGMON_HEADERS_N][32] = {
		[REGMON_HEADER_OTHER] = "",
#define X(id, full, compact) [REGMON_HEADER_##id] = full,
		REGMON_HEADERS(X)
#undef X
};

/* Two names on one index do not compile: the factors of REGMON_HEADER_INDEX have to change then. A unit test looks
 * each name up. */
#define AT(length, first, last, id) \
	[REGMON_HEADER_INDEX(length, first, last)] = REGMON_HEADER_##id
const uint8_t regmon_header_by_index[256] = {
		AT(3, 'v', 'a', VIA),
		AT(4, 'f', 'm', FROM),
		AT(2, 't', 'o', TO),
		AT(7, 'c', 'd', CALL_ID),
		AT(4, 'c', 'q', CSEQ),
		AT(12, 'm', 's', MAX_FORWARDS),
		AT(7, 'c', 't', CONTACT),
		AT(7, 'e', 's', EXPIRES),
		AT(13, 'a', 'n', AUTHORIZATION),
		AT(16, 'w', 'e', WWW_AUTHENTICATE),
		AT(15, 's', 't', SECURITY_CLIENT),
		AT(15, 's', 'r', SECURITY_SERVER),
		AT(15, 's', 'y', SECURITY_VERIFY),
		AT(21, 'p', 'o', P_ACCESS_NETWORK_INFO),
		AT(9, 's', 'd', SUPPORTED),
		AT(7, 'r', 'e', REQUIRE),
		AT(13, 'p', 'e', PROXY_REQUIRE),
		AT(11, 'u', 'd', UNSUPPORTED),
		AT(4, 'p', 'h', PATH),
		AT(5, 'r', 'e', ROUTE),
		AT(12, 'r', 'e', RECORD_ROUTE),
		AT(13, 's', 'e', SERVICE_ROUTE),
		AT(16, 'p', 'i', P_ASSOCIATED_URI),
		AT(20, 'p', 'd', P_VISITED_NETWORK_ID),
		AT(17, 'p', 'r', P_CHARGING_VECTOR),
		AT(29, 'p', 's', P_CHARGING_FUNCTION_ADDRESSES),
		AT(20, 'p', 'y', P_PREFERRED_IDENTITY),
		AT(19, 'p', 'y', P_ASSERTED_IDENTITY),
		AT(19, 'a', 'o', AUTHENTICATION_INFO),
		AT(11, 'm', 's', MIN_EXPIRES),
		AT(11, 'r', 'r', RETRY_AFTER),
		AT(7, 'w', 'g', WARNING),
		AT(10, 'u', 't', USER_AGENT),
		AT(6, 's', 'r', SERVER),
		AT(5, 'a', 'w', ALLOW),
		AT(4, 'd', 'e', DATE),
		AT(14, 'c', 'h', CONTENT_LENGTH),
		AT(12, 'c', 'e', CONTENT_TYPE),
		AT(21, 'c', 'o', CELLULAR_NETWORK_INFO),
		AT(11, 'g', 'n', GEOLOCATION),
		AT(12, 'f', 's', FEATURE_CAPS),
		AT(17, 'r', 'y', RESOURCE_PRIORITY),
		AT(14, 'p', 'e', PRIORITY_SHARE),
		AT(14, 'r', 'e', RESOURCE_SHARE),
		AT(10, 'f', 'r', FLOW_TIMER),
		AT(5, 'e', 't', EVENT),
};

const uint8_t regmon_header_lengths[REGMON_HEADERS_N] = {
#define X(id, full, compact) [REGMON_HEADER_##id] = sizeof(full) - 1,
		REGMON_HEADERS(X)
#undef X
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
	unsigned char first, last;
	unsigned header;

	if(name.len <= 0)
		return REGMON_HEADER_OTHER;
	if(name.len == 1)
		return find_compact(name.s[0]);
	first = name.s[0] | 0x20;
	last = name.s[name.len - 1] | 0x20;
	header = regmon_header_by_index[REGMON_HEADER_INDEX(name.len, first, last)];
	return name.len == regmon_header_lengths[header]
						   && regmon_same_nocase(name.s,
								   regmon_header_names[header], name.len)
				   ? header
				   : REGMON_HEADER_OTHER;
}

const char *regmon_header_name(regmon_header_t header)
{
	return (unsigned)header < REGMON_HEADERS_N ? regmon_header_names[header]
											   : "";
}
