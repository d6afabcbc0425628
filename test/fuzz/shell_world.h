/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The phones that RPC and HTTP tell of: a registered one, one that is refused, one that falls silent, one with texts that
 * a stranger would write. */
#ifndef REGMON_TEST_FUZZ_SHELL_WORLD_H
#define REGMON_TEST_FUZZ_SHELL_WORLD_H

#include "test/fuzz/shell.h"
#include "test/fuzz/target.h"
#include "test/unit/registration_world.h"

#include "show/monitor.h"

#define SHELL_PHONES 4

static const regmon_thresholds_t thresholds = REGMON_THRESHOLDS_DEFAULT;

static inline uint64_t diagnose(
		const regmon_registration_t *registration, int64_t at_ms)
{
	return regmon_diagnose_set(registration, &thresholds, at_ms);
}

static inline void fill_table(void)
{
	const answer_t challenge = {.code = 401, .security_server = true};
	ask_t one = {.credentials = EMPTY,
			.security_client = true,
			.access = "3GPP-NR-FDD;utran-cell-id-3gpp=0010100000100000AB01"};
	ask_t refused = {.to = "sip:+491510000001@example.org",
			.contact = "sip:+491510000001@10.0.0.2",
			.call_id = "refused",
			.instance = "<urn:gsma:imei:35609911-000002-0>"};
	ask_t silent = {.to = "sip:001010000000003@example.org",
			.contact = "sip:001010000000003@10.0.0.3",
			.call_id = "silent",
			.instance = "<urn:gsma:imei:35609911-000003-0>"};
	ask_t strange = {.to = "sip:x\"<script>&amp;\\@example.org",
			.contact = "sip:%00\x80@[::1]",
			.call_id = "strange\"}",
			.device = "</script>\x1b[31m\xe2\x80\xa8\"\\",
			.access = "X\";y=\"z",
			.instance = "\"<urn:uuid:0>"};

	exchange(&one, challenge);
	now_ms += 100;
	one.cseq = 2;
	one.branch = "z9hG4bK2";
	one.credentials = RESPONSE;
	one.security_verify = true;
	exchange(&one, (answer_t){.code = 200});
	exchange(&refused, (answer_t){.code = 403, .reason = "HSS \"User\" Unknown"});
	exchange(&silent, challenge);
	pass_ms(300 * SECOND);
	exchange(&strange, (answer_t){.code = 503});
}

/* Made anew when a command has deleted something, so that each input finds the same. */
static inline void shell_fill(void)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;

	if(table)
		regmon_table_free(table);
	limits.max_registrations = 16;
	table = regmon_table_make(&limits, key, diagnose);
	now_ms = START_MS;
	regmon_events_forget_listeners();
	fill_table();
	shell_now_ms = now_ms + 2000;
	regmon_monitor.table = table;
}

static inline int reload_fails(regmon_complaint_t *ret_complaint)
{
	snprintf(ret_complaint->text, sizeof(ret_complaint->text),
			"profile_file: no file");
	return -1;
}

static inline void shell_start(void)
{
	static const regmon_expectations_t facts = {.min_expires_s = 60};
	const regmon_rulebook_orders_t orders = {.role = REGMON_ROLE_PCSCF,
			.profile = REGMON_TEXT("ims"),
			.facts = &facts,
			.now_ms = START_MS};
	regmon_complaint_t complaint;
	regmon_rulebook_t *book;

	target_start();
	regmon_set_utc_offset(0);
	book = regmon_rulebook_make(&orders, NULL, &complaint);
	demand(book, "%s", complaint.text);
	regmon_monitor = (regmon_monitor_t){.rulebook = book,
			.plan = regmon_rulebook_plan(book),
			.reload = reload_fails,
			.measure = regmon_measure_make(20, key),
			.tally = regmon_tally_make(),
			.thresholds = &thresholds,
			.role = REGMON_ROLE_PCSCF,
			.profile = REGMON_TEXT("ims"),
			.node_name = REGMON_TEXT("node"),
			.started_ms = START_MS,
			.version = "0",
			.tm_bound = true,
			.sl_bound = true};
	demand(regmon_monitor.measure && regmon_monitor.tally, "no memory");
	plan = regmon_monitor.plan;
	shell_fill();
}

/* behind each input */
static inline void shell_check(void)
{
	regmon_table_numbers_t numbers;

	demand(shell_private_blocks == 0, "%u private blocks are left",
			shell_private_blocks);
	demand(harness_locks_held == 0, "a lock is still held");
	regmon_table_count(table, &numbers);
	if(numbers.registrations != SHELL_PHONES)
		shell_fill();
}

#endif
