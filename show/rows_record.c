/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of an attempt that ended. */
#include "show/rows_outgoing.h"

#include "message/security_agreement.h"
#include "show/rows.h"

static void write_causes(
		regmon_writer_t *writer, const regmon_diagnosis_t *diagnosis)
{
	unsigned i;

	writer->open_list(writer, "causes");
	for(i = 0; i < diagnosis->n; i++) {
		writer->open_struct(writer, NULL);
		regmon_write_words(
				writer, "cause", regmon_cause_at(diagnosis->list[i].cause)->id);
		regmon_write_words(writer, "certainty",
				regmon_certainty_name(diagnosis->list[i].certainty));
		writer->close_struct(writer);
	}
	writer->close_list(writer);
}

static void write_findings(
		regmon_writer_t *writer, const regmon_registration_t *record)
{
	regmon_rule_index_t rules[REGMON_ATTEMPT_FINDINGS_MOST];
	unsigned i, n = regmon_attempt_findings(
						record, rules, REGMON_ATTEMPT_FINDINGS_MOST);
	const regmon_rule_t *rule;

	writer->open_list(writer, "findings");
	for(i = 0; i < n; i++)
		if((rule = regmon_rule_at(rules[i])))
			regmon_write_words(writer, NULL, rule->id);
	writer->close_list(writer);
}

/* ---- times ---- */

/* How long the core took for its final answers, all rounds together; -1: not known. */
static int64_t core_ms(const regmon_registration_t *record)
{
	const regmon_entry_t *entry;
	int64_t sum_ms = 0;
	int32_t after_ms;
	bool is_whole;
	unsigned i = regmon_attempt_first_entry(record, &is_whole), n = 0;

	if(!is_whole)
		return -1;
	for(; i < record->timeline_n; i++) {
		entry = regmon_registration_entry(record, i);
		if(entry->side != REGMON_SIDE_CORE || entry->marks & REGMON_MARK_PARALLEL)
			continue;
		if(entry->kind != REGMON_ENTRY_NO_ANSWER
				&& (entry->kind != REGMON_ENTRY_ANSWER || entry->code < 200))
			continue;
		after_ms = regmon_entry_after_ms(record, entry);
		if(after_ms < 0)
			return -1;
		sum_ms += after_ms;
		n++;
	}
	return n ? sum_ms : -1;
}

/* How long the phone waited for final answers, all rounds together, the one that never came included. */
static int64_t waited_ms(const regmon_attempt_t *attempt)
{
	return attempt->waits_before_ms
		   + (attempt->result == REGMON_RESULT_UNANSWERED
						   ? attempt->ended_ms - attempt->last_request_ms
						   : (int64_t)attempt->last_wait_ms);
}

static void write_ms(regmon_writer_t *writer, const char *name, int64_t ms)
{
	if(ms >= 0)
		writer->number(writer, name, ms);
}

static void write_times(
		regmon_writer_t *writer, const regmon_registration_t *record)
{
	const regmon_attempt_t *attempt = &record->attempt;

	writer->open_struct(writer, "times");
	writer->number(writer, "opened_ms", attempt->opened_ms);
	writer->number(writer, "ended_ms", attempt->ended_ms);
	writer->number(
			writer, "duration_ms", attempt->ended_ms - attempt->opened_ms);
	writer->number(writer, "network_ms", waited_ms(attempt));
	write_ms(writer, "core_ms", core_ms(record));
	writer->close_struct(writer);
}

/* ---- counts ---- */

static void write_counts(
		regmon_writer_t *writer, const regmon_attempt_t *attempt)
{
	writer->open_struct(writer, "counts");
	writer->number(writer, "requests", attempt->requests);
	writer->number(writer, "retransmissions", attempt->retransmissions);
	writer->number(writer, "challenges", attempt->challenges);
	writer->number(writer, "challenges_answered", attempt->answered);
	writer->number(writer, "answers_rejected", attempt->rejected_answers);
	writer->number(writer, "resyncs", attempt->resyncs);
	writer->number(writer, "mac_failures", attempt->mac_failures);
	writer->number(writer, "repeated_nonces", attempt->repeated_nonces);
	writer->number(writer, "protected_requests", attempt->protected_requests);
	writer->number(writer, "answers_not_sent", attempt->not_sent);
	writer->close_struct(writer);
}

/* ---- the binding and its security ---- */

static void write_binding(
		regmon_writer_t *writer, const regmon_registration_t *record)
{
	writer->open_struct(writer, "binding");
	regmon_write_yes_no(
			writer, "in_force", regmon_registration_is_bound(record));
	if(record->requested_s >= 0)
		writer->number(writer, "requested_s", record->requested_s);
	if(regmon_registration_is_bound(record)) {
		if(record->granted_s >= 0)
			writer->number(writer, "granted_s", record->granted_s);
		writer->number(writer, "expires_ms", record->expires_ms);
	}
	writer->close_struct(writer);
}

static void write_algorithms(
		regmon_writer_t *writer, const char *name, unsigned offered)
{
	static const struct
	{
		regmon_security_word_t word;
		const char *name;
	} words[] = {{REGMON_WORD_HMAC_MD5_96, "hmac-md5-96"},
			{REGMON_WORD_HMAC_SHA_1_96, "hmac-sha-1-96"},
			{REGMON_WORD_HMAC_SHA_256_128, "hmac-sha-256-128"},
			{REGMON_WORD_AES_GMAC, "aes-gmac"},
			{REGMON_WORD_AES_CBC, "aes-cbc"}, {REGMON_WORD_AES_GCM, "aes-gcm"},
			{REGMON_WORD_DES_EDE3_CBC, "des-ede3-cbc"},
			{REGMON_WORD_NULL, "null"}, {REGMON_WORD_OTHER, "other"}};
	unsigned i;

	writer->open_list(writer, name);
	for(i = 0; i < REGMON_COUNT(words); i++)
		if((offered >> words[i].word) & 1)
			regmon_write_words(writer, NULL, words[i].name);
	writer->close_list(writer);
}

static void write_agreement(regmon_writer_t *writer, const char *name,
		const regmon_agreement_t *agreement)
{
	if(!agreement->given)
		return;
	writer->open_struct(writer, name);
	writer->number(writer, "spi_c", agreement->spi_c);
	writer->number(writer, "spi_s", agreement->spi_s);
	writer->number(writer, "port_c", agreement->port_c);
	writer->number(writer, "port_s", agreement->port_s);
	writer->close_struct(writer);
}

/* Numbers of security associations, no keys. */
static void write_security(
		regmon_writer_t *writer, const regmon_registration_t *record)
{
	if(!record->client.given && !record->server.given)
		return;
	writer->open_struct(writer, "security");
	write_algorithms(writer, "integrity_offered", record->offered_algs);
	write_algorithms(writer, "encryption_offered", record->offered_ealgs);
	write_agreement(writer, "client", &record->client);
	write_agreement(writer, "server", &record->server);
	writer->close_struct(writer);
}

/* ---- the way of it ---- */

/* The last entries that fit, in their order. */
static void write_timeline(
		regmon_writer_t *writer, const regmon_registration_t *record)
{
	/* the list itself and the number of what is missing */
	int left = writer->room(writer) - 50;
	bool is_whole;
	unsigned oldest = regmon_attempt_first_entry(record, &is_whole);
	unsigned first = record->timeline_n, more, i;

	while(first > oldest) {
		left -= regmon_rows_timeline_entry_room(
				regmon_registration_entry(record, first - 1));
		if(left < 0)
			break;
		first--;
	}
	more = first - oldest;
	writer->open_list(writer, "timeline");
	for(i = first; i < record->timeline_n; i++)
		regmon_rows_timeline_entry(
				writer, record, regmon_registration_entry(record, i));
	writer->close_list(writer);
	if(more)
		writer->number(writer, "timeline_more", more);
}

void regmon_rows_record(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, const regmon_event_at_hand_t *event,
		uint64_t serial, uint64_t dropped)
{
	const regmon_registration_t *record = &event->outgoing->record;

	regmon_rows_outgoing_start(writer, monitor, "ims_regmon.record",
			REGMON_RECORD_VERSION, event->outgoing);
	writer->number(writer, "serial", (int64_t)serial);
	writer->number(writer, "dropped", (int64_t)dropped);
	regmon_write_yes_no(writer, "correction", event->outgoing->correction);
	regmon_rows_outgoing_phone(writer, record);
	regmon_rows_outgoing_result(writer, record);
	regmon_write_words(writer, "state", regmon_state_name(record->state));
	regmon_write_yes_no(writer, "ims", record->ims);
	regmon_write_yes_no(writer, "emergency", record->emergency);
	regmon_write_yes_no(
			writer, "began_before_start", record->attempt.unknown_start);
	write_causes(writer, &event->diagnosis);
	write_findings(writer, record);
	write_times(writer, record);
	write_counts(writer, &record->attempt);
	write_binding(writer, record);
	write_security(writer, record);
	write_timeline(writer, record);
}
