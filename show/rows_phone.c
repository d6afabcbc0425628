/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One phone: who it is, what it broke, everything known of it. */
#include "show/rows.h"

#include <stdio.h>

#include "registration/identity.h"

static str string_of(const regmon_registration_t *registration,
		regmon_string_t which)
{
	return regmon_registration_string(registration, which);
}

/* nothing where there is none */
static void write_identity(regmon_writer_t *writer, const char *name,
		const regmon_registration_t *registration, regmon_identity_t which)
{
	char buffer[REGMON_IDENTITY_LENGTH];

	regmon_write_text_if(
			writer, name, regmon_identity_of(registration, which, buffer));
}

int regmon_write_impu(
		regmon_writer_t *writer, const regmon_registration_t *registration)
{
	char buffer[REGMON_IDENTITY_LENGTH];

	return writer->text(writer, "impu",
			regmon_identity_of(registration, REGMON_IDENTITY_IMPU, buffer));
}

static void append(char *buffer, int size, int *used, const char *before,
		str value)
{
	if(value.len > 0 && *used < size - 1)
		*used += snprintf(buffer + *used, size - *used, "%s%.*s", before,
				value.len, value.s);
	if(*used > size - 1)
		*used = size - 1;
}

int regmon_print_access(const regmon_registration_t *registration,
		char *buffer, int size)
{
	const char *name = regmon_access_name(registration->last_access);
	char cell[REGMON_IDENTITY_LENGTH];
	int used = 0;

	buffer[0] = '\0';
	if(registration->last_access != REGMON_ACCESS_NONE)
		append(buffer, size, &used, "", (str){(char *)name, strlen(name)});
	append(buffer, size, &used, ", PLMN ",
			string_of(registration, REGMON_STRING_PLMN));
	append(buffer, size, &used, ", TAC ",
			string_of(registration, REGMON_STRING_TAC));
	append(buffer, size, &used, ", cell ",
			regmon_identity_of(registration, REGMON_IDENTITY_CELL, cell));
	return used;
}

static void write_access(
		regmon_writer_t *writer, const regmon_registration_t *registration)
{
	char buffer[160];

	if(writer->for_eyes) {
		if(regmon_print_access(registration, buffer, sizeof(buffer)))
			regmon_write_words(writer, "access", buffer);
		return;
	}
	if(registration->last_access != REGMON_ACCESS_NONE)
		regmon_write_words(
				writer, "access", regmon_access_name(registration->last_access));
	write_identity(writer, "access_type", registration,
			REGMON_IDENTITY_ACCESS_TYPE);
	regmon_write_text_if(
			writer, "plmn", string_of(registration, REGMON_STRING_PLMN));
	regmon_write_text_if(
			writer, "tac", string_of(registration, REGMON_STRING_TAC));
	write_identity(writer, "cell", registration, REGMON_IDENTITY_CELL);
}

static void write_source(
		regmon_writer_t *writer, const regmon_registration_t *registration)
{
	char buffer[REGMON_IDENTITY_LENGTH];
	str source = regmon_identity_of(
			registration, REGMON_IDENTITY_SOURCE, buffer);
	bool is_ipv6 = source.len > 0 && source.s != buffer
				   && memchr(source.s, ':', source.len);

	if(source.len > 0)
		regmon_write_format(writer, "source",
				is_ipv6 ? "[%.*s]:%u %s" : "%.*s:%u %s", source.len, source.s,
				registration->source_port, regmon_transport_name(registration));
}

void regmon_rows_who(
		regmon_writer_t *writer, const regmon_registration_t *registration)
{
	/* a person sees them in the lines above, unless those are hidden */
	bool in_full = !writer->for_eyes || regmon_identities_are_hidden();

	regmon_write_impu(writer, registration);
	write_identity(writer, "impi", registration, REGMON_IDENTITY_IMPI);
	if(in_full) {
		write_identity(writer, "imsi", registration, REGMON_IDENTITY_IMSI);
		write_identity(
				writer, "msisdn", registration, REGMON_IDENTITY_MSISDN);
	}
	if(!writer->for_eyes)
		write_identity(
				writer, "instance", registration, REGMON_IDENTITY_INSTANCE);
	write_identity(
			writer, "associated", registration, REGMON_IDENTITY_ASSOCIATED);
	write_identity(writer, "imei", registration, REGMON_IDENTITY_IMEI);
	write_identity(writer, "device", registration, REGMON_IDENTITY_DEVICE);
	write_access(writer, registration);
	write_source(writer, registration);
	write_identity(writer, "contact", registration, REGMON_IDENTITY_CONTACT);
	write_identity(writer, "call_id", registration, REGMON_IDENTITY_CALL_ID);
}

/* ---- findings ---- */

/* when the timeline saw it last as the worst of a message; 0: not any more */
static int64_t last_seen_ms(
		const regmon_registration_t *registration, unsigned rule)
{
	const regmon_entry_t *entry;
	unsigned i;

	for(i = registration->timeline_n; i > 0; i--) {
		entry = regmon_registration_entry(registration, i - 1);
		if(entry->finding == rule + 1)
			return regmon_entry_at_ms(registration, entry);
	}
	return 0;
}

static void write_finding(regmon_writer_t *writer,
		const regmon_registration_t *registration, unsigned index,
		regmon_severity_t severity, int64_t now_ms)
{
	const regmon_rule_t *rule = regmon_rule_at(index);
	char at[REGMON_MOMENT_LENGTH];
	int64_t seen_ms = last_seen_ms(registration, index);

	if(writer->for_eyes) {
		regmon_write_format(writer, NULL, "%s %s %s%s%s: %s",
				regmon_severity_name(severity), rule->id, rule->name,
				seen_ms ? ", last at " : "",
				seen_ms ? regmon_print_moment(seen_ms, now_ms, at) : "",
				rule->text);
		return;
	}
	writer->open_struct(writer, NULL);
	regmon_write_words(writer, "id", rule->id);
	regmon_write_words(writer, "name", rule->name);
	regmon_write_words(writer, "severity", regmon_severity_name(severity));
	regmon_write_words(writer, "header", rule->header);
	regmon_write_words(writer, "text", rule->text);
	regmon_write_words(writer, "clause", rule->clause);
	regmon_write_words(writer, "next_step", rule->next_step);
	regmon_write_moment(writer, "last_seen", seen_ms, now_ms);
	writer->close_struct(writer);
}

void regmon_rows_findings(regmon_writer_t *writer,
		const regmon_monitor_t *monitor,
		const regmon_registration_t *registration, regmon_severity_t least,
		int64_t now_ms)
{
	unsigned i, more = 0;
	bool any = false;
	int severity;

	for(i = 0; i < REGMON_MAX_RULES; i++)
		any = any
			  || (regmon_registration_has_finding(registration, i)
					  && regmon_plan_severity(monitor->plan, i) >= least);
	if(!any && writer->for_eyes)
		return;
	writer->open_list(writer, "findings");
	for(severity = REGMON_ERROR; severity >= (int)least; severity--) {
		for(i = 0; i < REGMON_MAX_RULES; i++) {
			if(!regmon_registration_has_finding(registration, i)
					|| (int)regmon_plan_severity(monitor->plan, i) != severity)
				continue;
			if(writer->room(writer) < REGMON_ROOM_ROW)
				more++;
			else
				write_finding(writer, registration, i, severity, now_ms);
		}
	}
	writer->close_list(writer);
	if(more)
		regmon_write_format(writer, "findings_more",
				"%u more do not fit into one answer", more);
}

/* ---- everything ---- */

/* a person is not bothered with zeros */
static void write_count(regmon_writer_t *writer, const char *name, int64_t n)
{
	if(n || !writer->for_eyes)
		writer->number(writer, name, n);
}

static void write_seconds(regmon_writer_t *writer, const char *name, int32_t s)
{
	if(s >= 0)
		writer->number(writer, name, s);
}

static void write_state(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms)
{
	regmon_write_words(
			writer, "state", regmon_state_name(registration->state));
	regmon_write_words(
			writer, "meaning", regmon_state_meaning(registration->state));
	regmon_write_moment(
			writer, "state_since", registration->state_since_ms, now_ms);
	regmon_write_moment(
			writer, "first_seen", registration->created_ms, now_ms);
	regmon_write_moment(
			writer, "last_seen", registration->last_seen_ms, now_ms);
	if(registration->emergency || !writer->for_eyes)
		regmon_write_yes_no(writer, "emergency", registration->emergency);
	regmon_write_yes_no(writer, "ims", registration->ims);
}

static void write_binding(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms)
{
	writer->open_struct(writer, "binding");
	regmon_write_yes_no(
			writer, "in_force", regmon_registration_is_bound(registration));
	write_seconds(writer, "requested_s", registration->requested_s);
	write_seconds(writer, "granted_s", registration->granted_s);
	regmon_write_moment(
			writer, "registered", registration->registered_ms, now_ms);
	regmon_write_moment(writer, "granted", registration->granted_ms, now_ms);
	if(regmon_registration_is_bound(registration)
			&& registration->granted_s > 0)
		regmon_write_moment(writer, "refresh_due",
				regmon_registration_refresh_due_ms(registration), now_ms);
	regmon_write_moment(writer, "expires", registration->expires_ms, now_ms);
	regmon_write_moment(writer, "association_until",
			regmon_association_until_ms(registration), now_ms);
	writer->close_struct(writer);
}

/* what of the answer this node changed on its way to the phone */
static void write_changes(
		regmon_writer_t *writer, const regmon_attempt_t *attempt)
{
	if(attempt->changed_on_way & REGMON_CHANGED_CODE)
		regmon_write_format(writer, "changed_on_the_way", "code %u to %u",
				attempt->core_code, attempt->code);
	else if(attempt->changed_on_way & REGMON_CHANGED_NONCE)
		regmon_write_words(writer, "changed_on_the_way", "nonce");
	else if(attempt->changed_on_way & REGMON_CHANGED_EXPIRES)
		regmon_write_format(writer, "changed_on_the_way",
				"expires, the core granted %d s", attempt->core_granted_s);
}

static void write_attempt(regmon_writer_t *writer,
		const regmon_attempt_t *attempt, int64_t now_ms)
{
	writer->open_struct(writer, "attempt");
	regmon_write_words(writer, "kind", regmon_attempt_name(attempt->kind));
	regmon_write_words(
			writer, "result", regmon_result_name(attempt->result));
	regmon_write_moment(writer, "opened", attempt->opened_ms, now_ms);
	regmon_write_moment(
			writer, "last_request", attempt->last_request_ms, now_ms);
	regmon_write_moment(
			writer, "sent_to_core", attempt->sent_to_core_ms, now_ms);
	regmon_write_moment(writer, "challenged", attempt->challenge_ms, now_ms);
	regmon_write_moment(writer, "ended", attempt->ended_ms, now_ms);
	writer->number(writer, "first_cseq", attempt->first_cseq);
	writer->number(writer, "last_cseq", attempt->last_cseq);
	write_count(writer, "last_answer", attempt->code);
	write_count(writer, "last_answer_of_core", attempt->core_code);
	writer->number(writer, "requests", attempt->requests);
	write_count(writer, "retransmissions", attempt->retransmissions);
	write_count(writer, "challenges", attempt->challenges);
	write_count(writer, "challenges_answered", attempt->answered);
	write_count(writer, "answers_rejected", attempt->rejected_answers);
	write_count(writer, "resyncs", attempt->resyncs);
	write_count(writer, "mac_failures", attempt->mac_failures);
	write_count(writer, "repeated_nonces", attempt->repeated_nonces);
	write_count(writer, "stale_answers", attempt->stale_answers);
	write_count(writer, "overlaps", attempt->overlaps);
	if(attempt->first_repeat_ms)
		regmon_write_duration(
				writer, "first_repeat_after", attempt->first_repeat_ms);
	if(attempt->code)
		regmon_write_yes_no(writer, "answered_here",
				attempt->answered_here
						|| (attempt->core_code
								&& attempt->core_code != attempt->code));
	write_changes(writer, attempt);
	write_count(writer, "protected_requests", attempt->protected_requests);
	write_count(writer, "answers_not_sent", attempt->not_sent);
	write_count(writer, "retransmissions_after_answer",
			attempt->retransmissions_after_answer);
	if(attempt->unknown_start || !writer->for_eyes)
		regmon_write_yes_no(
				writer, "began_before_start", attempt->unknown_start);
	writer->close_struct(writer);
}

static void write_history(
		regmon_writer_t *writer, const regmon_registration_t *registration)
{
	const regmon_supplement_t *supplement = regmon_supplement_of(registration);

	writer->open_struct(writer, "history");
	writer->number(writer, "attempts", regmon_registration_attempts(registration));
	writer->number(writer, "successes", registration->successes);
	writer->number(writer, "failures", registration->failures);
	write_count(writer, "failures_in_row", registration->failures_in_row);
	write_count(writer, "challenge_loops_in_row", supplement->loops_in_row);
	write_count(writer, "silent_in_row", supplement->silent_in_row);
	write_count(writer, "unanswered_in_row", supplement->unanswered_in_row);
	write_count(writer, "early_refreshes", registration->early_refreshes);
	write_count(writer, "cseq_regressions", supplement->cseq_regressions);
	write_count(
			writer, "returns_unprotected", registration->returns_unprotected);
	write_count(writer, "short_grants", registration->short_grants);
	write_count(writer, "bindings_missing", supplement->bindings_missing);
	write_count(writer, "replaced_in_row", registration->replaced_in_row);
	write_count(writer, "expired_in_row", registration->expired_in_row);
	write_count(writer, "early_retries", supplement->early_retries);
	write_count(writer, "overlaps_in_row", supplement->overlaps_in_row);
	write_count(writer, "retry_after_s", supplement->retry_after_s);
	write_count(writer, "min_expires_s", (unsigned)supplement->min_expires_s);
	write_identity(writer, "last_reason_phrase", registration,
			REGMON_IDENTITY_REASON);
	writer->close_struct(writer);
}

/* what the registrar told of it in reg-event documents; nothing where it never did */
static void write_network(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms)
{
	const regmon_network_t *network =
			&regmon_supplement_of(registration)->network;

	if(network->told == 0 && network->unlisted == 0)
		return;
	writer->open_struct(writer, "network");
	if(network->told > 0)
		regmon_write_words(writer, "last_event",
				regmon_reginfo_event_name(network->last_event));
	regmon_write_moment(writer, "told", network->told_ms, now_ms);
	writer->number(writer, "times_told", network->told);
	if(network->removed_ms && network->event != REGMON_REGINFO_NONE) {
		regmon_write_words(writer, "removed_as",
				regmon_reginfo_event_name(network->event));
		regmon_write_words(writer, "asks_for",
				regmon_reginfo_event_meaning(network->event));
	}
	regmon_write_moment(writer, "removed", network->removed_ms, now_ms);
	if(network->event == REGMON_REGINFO_PROBATION) {
		writer->number(writer, "retry_after_s", network->retry_after_s);
		regmon_write_moment(writer, "may_return",
				network->removed_ms + network->retry_after_s * INT64_C(1000),
				now_ms);
	}
	write_count(writer, "removals", network->removals);
	write_count(writer, "attempts_against", network->attempts_against);
	regmon_write_moment(writer, "shortened", network->shortened_ms, now_ms);
	if(network->shortened_ms)
		writer->number(writer, "shortened_to_s", network->shortened_s);
	write_count(writer, "documents_missed", network->gaps);
	write_count(writer, "not_listed", network->unlisted);
	writer->close_struct(writer);
}

/* what this node's own contact store did with it; nothing where none is loaded */
static void write_kept(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms)
{
	const regmon_supplement_t *supplement = regmon_supplement_of(registration);
	const regmon_kept_t *kept = &registration->kept;

	if(kept->stored == REGMON_STORED_UNKNOWN)
		return;
	writer->open_struct(writer, "contact_store");
	regmon_write_words(writer, "store", regmon_store_name(kept->store));
	regmon_write_words(writer, "contact", regmon_stored_name(kept->stored));
	regmon_write_words(
			writer, "meaning", regmon_stored_meaning(kept->stored));
	regmon_write_moment(writer, "since", kept->since_ms, now_ms);
	write_count(writer, "dropped_in_force", supplement->drops);
	regmon_write_moment(writer, "dropped", supplement->dropped_ms, now_ms);
	if(supplement->dropped_ms)
		regmon_write_yes_no(writer, "was_pending", supplement->was_pending);
	writer->close_struct(writer);
}

static void write_agreement(regmon_writer_t *writer, const char *name,
		const regmon_agreement_t *agreement)
{
	if(!agreement->given)
		return;
	if(writer->for_eyes) {
		regmon_write_format(writer, name,
				"spi-c %u, spi-s %u, port-c %u, port-s %u, alg %s, ealg %s",
				agreement->spi_c, agreement->spi_s, agreement->port_c,
				agreement->port_s, regmon_security_word_name(agreement->alg),
				regmon_security_word_name(agreement->ealg));
		return;
	}
	writer->open_struct(writer, name);
	writer->number(writer, "spi_c", agreement->spi_c);
	writer->number(writer, "spi_s", agreement->spi_s);
	writer->number(writer, "port_c", agreement->port_c);
	writer->number(writer, "port_s", agreement->port_s);
	writer->number(writer, "offered", agreement->offered_n);
	regmon_write_words(
			writer, "alg", regmon_security_word_name(agreement->alg));
	regmon_write_words(
			writer, "ealg", regmon_security_word_name(agreement->ealg));
	writer->close_struct(writer);
}

/* offered, chosen, verified: where they do not fit, the reader sees it here */
static void write_security(
		regmon_writer_t *writer, const regmon_registration_t *registration)
{
	static const char *const verify[] = {
			NULL, "as sent", "as sent, in another order", "differs"};
	char words[120];

	write_agreement(writer, "security_client", &registration->client);
	if(registration->offered_algs) {
		regmon_security_words(
				registration->offered_algs, words, sizeof(words));
		regmon_write_words(writer, "offered_alg", words);
		regmon_security_words(
				registration->offered_ealgs, words, sizeof(words));
		regmon_write_words(writer, "offered_ealg", words);
	}
	write_agreement(writer, "security_server", &registration->server);
	if(registration->verify != REGMON_VERIFY_UNKNOWN
			&& registration->verify < REGMON_COUNT(verify))
		regmon_write_words(
				writer, "security_verify", verify[registration->verify]);
	if(registration->received_port)
		writer->number(writer, "arrived_on_port", registration->received_port);
	if(registration->behind_nat || !writer->for_eyes)
		regmon_write_yes_no(writer, "behind_nat", registration->behind_nat);
}

static void write_features(
		regmon_writer_t *writer, const regmon_registration_t *registration)
{
	static const struct
	{
		uint32_t bit;
		const char *name;
	} features[] = {{REGMON_FEATURE_MMTEL, "mmtel"},
			{REGMON_FEATURE_SMSIP, "smsip"}, {REGMON_FEATURE_VIDEO, "video"},
			{REGMON_FEATURE_AUDIO, "audio"}, {REGMON_FEATURE_TEXT, "text"},
			{REGMON_FEATURE_MID_CALL, "mid-call"},
			{REGMON_FEATURE_SRVCC_ALERTING, "srvcc-alerting"},
			{REGMON_FEATURE_PS2CS_SRVCC, "ps2cs-srvcc-orig-pre-alerting"},
			{REGMON_FEATURE_PS_DATA_OFF, "ps-data-off"},
			{REGMON_FEATURE_ICSI, "icsi-ref"},
			{REGMON_FEATURE_IARI, "iari-ref"},
			{REGMON_FEATURE_ACCESSTYPE, "accesstype"},
			{REGMON_FEATURE_OTHER, "others"}};
	char buffer[200] = "";
	unsigned i;
	int used = 0;

	if(!writer->for_eyes)
		writer->open_list(writer, "features");
	for(i = 0; i < REGMON_COUNT(features); i++) {
		str name = {(char *)features[i].name, (int)strlen(features[i].name)};

		if(!(registration->last_features & features[i].bit))
			continue;
		if(writer->for_eyes)
			append(buffer, sizeof(buffer), &used, used ? ", " : "", name);
		else
			writer->text(writer, NULL, name);
	}
	if(!writer->for_eyes)
		writer->close_list(writer);
	else if(used)
		regmon_write_words(writer, "features", buffer);
}

static void write_causes(
		regmon_writer_t *writer, const regmon_registration_t *registration)
{
	const regmon_cause_t *cause;
	unsigned i;

	if(registration->causes == 0 && writer->for_eyes)
		return;
	writer->open_list(writer, "causes");
	for(i = 0; (cause = regmon_cause_at(i)); i++)
		if((registration->causes >> i) & 1)
			regmon_write_words(writer, NULL, cause->id);
	writer->close_list(writer);
}

void regmon_rows_show(regmon_writer_t *writer,
		const regmon_monitor_t *monitor,
		const regmon_registration_t *registration, int64_t now_ms)
{
	regmon_rows_who(writer, registration);
	write_state(writer, registration, now_ms);
	write_binding(writer, registration, now_ms);
	write_attempt(writer, &registration->attempt, now_ms);
	write_history(writer, registration);
	write_network(writer, registration, now_ms);
	write_kept(writer, registration, now_ms);
	write_security(writer, registration);
	regmon_rows_aka(writer, registration);
	write_features(writer, registration);
	write_causes(writer, registration);
	regmon_rows_findings(
			writer, monitor, registration, REGMON_NOTE, now_ms);
}
