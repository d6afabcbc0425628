/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What events and records have in common: when, which node, which phone, how its attempt stands. */
#include "show/rows_outgoing.h"

#include <stdio.h>
#include <time.h>

#include "guard/reason.h"
#include "registration/identity.h"

const char *regmon_print_utc(int64_t at_ms, char buffer[REGMON_UTC_LENGTH])
{
	time_t seconds = at_ms / 1000;
	struct tm utc;
	size_t used;

	buffer[0] = '\0';
	if(at_ms < 0 || gmtime_r(&seconds, &utc) == NULL)
		return buffer;
	used = strftime(buffer, REGMON_UTC_LENGTH, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(buffer + used, REGMON_UTC_LENGTH - used, ".%03dZ",
			(int)(at_ms % 1000));
	return buffer;
}

static void write_node(regmon_writer_t *writer, const regmon_monitor_t *monitor)
{
	writer->open_struct(writer, "node");
	writer->text(writer, "name", monitor->node_name);
	if(monitor->server_id)
		writer->number(writer, "server_id", monitor->server_id);
	regmon_write_words(writer, "role", regmon_role_name(monitor->role));
	writer->number(writer, "started_ms", monitor->started_ms);
	writer->close_struct(writer);
}

void regmon_rows_outgoing_start(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, const char *schema, int version,
		const regmon_outgoing_t *outgoing)
{
	char at[REGMON_UTC_LENGTH];

	regmon_write_words(writer, "schema", schema);
	writer->number(writer, "version", version);
	regmon_write_words(writer, "at", regmon_print_utc(outgoing->now_ms, at));
	writer->number(writer, "at_ms", outgoing->now_ms);
	write_node(writer, monitor);
}

static void write_string(regmon_writer_t *writer, const char *name,
		const regmon_registration_t *record, regmon_string_t which)
{
	regmon_write_text_if(
			writer, name, regmon_registration_string(record, which));
}

static void write_identity(regmon_writer_t *writer, const char *name,
		const regmon_registration_t *record, regmon_identity_t which)
{
	char buffer[REGMON_IDENTITY_LENGTH];

	regmon_write_text_if(
			writer, name, regmon_identity_of(record, which, buffer));
}

void regmon_rows_outgoing_phone(
		regmon_writer_t *writer, const regmon_registration_t *record)
{
	static const struct
	{
		const char *name;
		regmon_identity_t which;
	} identities[] = {{"impu", REGMON_IDENTITY_IMPU},
			{"impi", REGMON_IDENTITY_IMPI}, {"imsi", REGMON_IDENTITY_IMSI},
			{"msisdn", REGMON_IDENTITY_MSISDN}, {"imei", REGMON_IDENTITY_IMEI},
			{"instance", REGMON_IDENTITY_INSTANCE},
			{"contact", REGMON_IDENTITY_CONTACT},
			{"call_id", REGMON_IDENTITY_CALL_ID},
			{"source", REGMON_IDENTITY_SOURCE}};
	unsigned i;

	writer->open_struct(writer, "phone");
	for(i = 0; i < REGMON_COUNT(identities); i++)
		write_identity(
				writer, identities[i].name, record, identities[i].which);
	if(record->source_port) {
		writer->number(writer, "source_port", record->source_port);
		regmon_write_words(writer, "transport", regmon_transport_name(record));
	}
	write_identity(writer, "device", record, REGMON_IDENTITY_DEVICE);
	writer->close_struct(writer);

	writer->open_struct(writer, "access");
	if(record->last_access != REGMON_ACCESS_NONE)
		regmon_write_words(
				writer, "access", regmon_access_name(record->last_access));
	write_identity(
			writer, "access_type", record, REGMON_IDENTITY_ACCESS_TYPE);
	write_string(writer, "plmn", record, REGMON_STRING_PLMN);
	write_string(writer, "tac", record, REGMON_STRING_TAC);
	write_identity(writer, "cell", record, REGMON_IDENTITY_CELL);
	writer->close_struct(writer);
}

void regmon_rows_outgoing_result(
		regmon_writer_t *writer, const regmon_registration_t *record)
{
	const regmon_attempt_t *attempt = &record->attempt;
	char buffer[REGMON_IDENTITY_LENGTH];
	str reason = regmon_identity_of(record, REGMON_IDENTITY_REASON, buffer);

	regmon_write_words(writer, "kind", regmon_attempt_name(attempt->kind));
	regmon_write_words(writer, "result", regmon_result_name(attempt->result));
	if(attempt->code) {
		writer->number(writer, "code", attempt->code);
		/* the phrase is kept of refusals alone */
		if(attempt->result == REGMON_RESULT_REFUSED && reason.len > 0)
			writer->text(writer, "reason", reason);
		else if(regmon_code_reason(attempt->code)[0])
			regmon_write_words(
					writer, "reason", regmon_code_reason(attempt->code));
	}
	if(attempt->core_code)
		writer->number(writer, "core_code", attempt->core_code);
}
