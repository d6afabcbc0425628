/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of phones with given traits, for tests of measure/. */
#ifndef REGMON_TEST_MEASURE_RECORD_H
#define REGMON_TEST_MEASURE_RECORD_H

#include <stdio.h>
#include <string.h>

#include "harness.h"

#include "registration/registration.h"

#define NOON (INT64_C(472222) * 3600000) /* a whole hour */

static const uint8_t random_bytes[16] = "0123456789abcde";

static inline void set_text(regmon_registration_t *record,
		regmon_string_t which, const char *text)
{
	regmon_registration_set_string(
			record, which, (str){(char *)text, text ? (int)strlen(text) : 0});
}

/* "00101", "0001", "0AB0001", "Pixel 9", "35609911"; NULL: it does not tell */
static inline void record_traits(regmon_registration_t *record,
		const char *plmn, const char *tac, const char *cell,
		const char *device, const char *imei_tac)
{
	char instance[64] = "";

	if(imei_tac)
		snprintf(instance, sizeof(instance), "urn:gsma:imei:%s-000001-0",
				imei_tac);
	memset(record, 0, sizeof(*record));
	set_text(record, REGMON_STRING_IMPU, "sip:a@b");
	set_text(record, REGMON_STRING_INSTANCE, instance);
	set_text(record, REGMON_STRING_PLMN, plmn);
	set_text(record, REGMON_STRING_TAC, tac);
	set_text(record, REGMON_STRING_CELL, cell);
	set_text(record, REGMON_STRING_DEVICE, device);
	record->last_access = plmn ? REGMON_ACCESS_NR : REGMON_ACCESS_NONE;
	record->attempt.kind = REGMON_ATTEMPT_INITIAL;
	record->received_port = 5060;
}

/* how its attempt ended */
static inline void record_end(regmon_registration_t *record, int64_t at_ms,
		regmon_result_t result, unsigned code)
{
	record->attempt.opened_ms = at_ms - 100;
	record->attempt.ended_ms = at_ms;
	record->attempt.result = (uint8_t)result;
	record->attempt.code = (uint16_t)code;
}

#endif
