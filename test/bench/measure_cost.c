/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What it costs to measure an ended attempt: drives the real table with registrations, with or without somebody who
 * measures, under callgrind (measure_cost.sh). The difference between the two runs is what a worker pays; what the timer
 * pays once a second is in the function settled().
 *
 *   measure_cost CASE MEASURE ATTEMPTS
 *     CASE     success: 50 cells and 20 models of phones, all of which register
 *              failure: the same, and all are refused
 *              flood:   a cell and a User-Agent that never came before, refused
 *     MEASURE  0 or 1 */
#include "test/unit/registration_world.h"

#include "diagnosis/diagnosis.h"
#include "measure/measure.h"

static const regmon_thresholds_t thresholds = REGMON_THRESHOLDS_DEFAULT;

static uint64_t diagnose(
		const regmon_registration_t *registration, int64_t at_ms)
{
	return regmon_diagnose_set(registration, &thresholds, at_ms);
}

/* callgrind counts inside of this function only */
__attribute__((noinline)) static void counted(regmon_observation_t *observation)
{
	regmon_table_observe(table, observation, &outcome);
	__asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) static void settled(regmon_measure_t *measure)
{
	regmon_sums_t sums;

	regmon_sums_read(measure, REGMON_LAST_MINUTE, now_ms, &sums);
	__asm__ volatile("" ::: "memory");
}

static void observe(const char *text, int length, regmon_happening_t what,
		const regmon_arrival_t *arrival)
{
	static regmon_message_t message;
	regmon_class_t class;
	regmon_observation_t observation = {.what = what,
			.now_ms = now_ms,
			.message = &message,
			.class = &class,
			.arrival = arrival};

	regmon_message_read(text, length, &message);
	regmon_classify(&message, arrival, REGMON_ROLE_AUTO, &class);
	counted(&observation);
}

static void attempt(unsigned number, bool flood, int code)
{
	static char text[TEXT_SIZE];
	char to[80], contact[80], call_id[40], access[80], device[80], instance[60];
	unsigned phone = flood ? number % 1000 : number % 1000;
	unsigned place = flood ? number * 7919 % 1000000 : phone % 50;
	ask_t asked = {.to = to,
			.contact = contact,
			.call_id = call_id,
			.access = access,
			.device = device,
			.instance = instance,
			.branch = call_id};
	regmon_arrival_t arrival = {.source_address = REGMON_TEXT("10.0.0.1"),
			.source_port = 5060,
			.received_port = 5060,
			.transport = "UDP"};
	answer_t given = {.code = code};

	snprintf(to, sizeof(to), "sip:00101%010u@ims.mnc001.mcc001.3gppnetwork.org",
			phone);
	snprintf(contact, sizeof(contact), "sip:00101%010u@10.0.0.1", phone);
	snprintf(call_id, sizeof(call_id), "call-%u", number);
	snprintf(instance, sizeof(instance), "<urn:gsma:imei:356099%02u-%06u-0>",
			phone % 20, phone);
	snprintf(access, sizeof(access),
			"3GPP-NR-TDD;utran-cell-id-3gpp=00101%06X%09X", place % 10, place);
	if(flood)
		snprintf(device, sizeof(device), "Fuzzer/%u with a long tail of it",
				number);
	else
		snprintf(device, sizeof(device), "Model %u build 20.1.%u IMS/1.0 of it",
				phone % 20, phone % 20);
	now_ms += 10;
	observe(text, write_register(text, sizeof(text), &asked),
			REGMON_HAPPENING_REQUEST_IN, &arrival);
	now_ms += 20;
	observe(text, write_answer(text, sizeof(text), &asked, &given, 1),
			REGMON_HAPPENING_ANSWER_OUT, NULL);
}

int main(int count, char **arguments)
{
	const uint8_t random[16] = "0123456789abcde";
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	regmon_measure_t *measure = NULL;
	unsigned i, attempts;
	bool flood;
	int code;

	if(count != 4)
		return 2;
	flood = strcmp(arguments[1], "flood") == 0;
	code = strcmp(arguments[1], "success") == 0 ? 200 : 403;
	attempts = (unsigned)atoi(arguments[3]);
	begin_with(&limits);
	regmon_table_free(table);
	table = regmon_table_make(&limits, key, diagnose);
	regmon_events_forget_listeners();
	if(atoi(arguments[2])) {
		measure = regmon_measure_make(200, random);
		if(measure == NULL || regmon_measure_listen(measure) < 0)
			return 2;
	}
	for(i = 0; i < attempts; i++) {
		attempt(i, flood, code);
		if(measure && i % 1000 == 999)
			settled(measure);
	}
	regmon_measure_free(measure);
	end();
	return 0;
}
