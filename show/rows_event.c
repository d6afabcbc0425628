/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state, finding and cause as fields. */
#include "show/rows_outgoing.h"

#include "show/rows.h"

static void write_finding(
		regmon_writer_t *writer, const regmon_outgoing_t *outgoing)
{
	const regmon_rule_t *rule = regmon_rule_at(outgoing->rule);

	if(rule == NULL)
		return;
	writer->open_struct(writer, "finding");
	regmon_write_words(writer, "id", rule->id);
	regmon_write_words(writer, "name", rule->name);
	regmon_write_words(
			writer, "severity", regmon_severity_name(outgoing->severity));
	regmon_write_words(writer, "text", rule->text);
	regmon_write_words(writer, "clause", rule->clause);
	regmon_write_words(writer, "next_step", rule->next_step);
	writer->close_struct(writer);
}

static void write_ids(
		regmon_writer_t *writer, const char *name, uint64_t causes)
{
	const regmon_cause_t *cause;
	unsigned i;

	writer->open_list(writer, name);
	for(i = 0; (cause = regmon_cause_at(i)); i++)
		if((causes >> i) & 1)
			regmon_write_words(writer, NULL, cause->id);
	writer->close_list(writer);
}

static void write_verdict(
		regmon_writer_t *writer, const regmon_verdict_t *verdict)
{
	writer->open_struct(writer, NULL);
	regmon_rows_verdict(writer, verdict);
	regmon_write_words(writer, "first_suspect", verdict->suspect);
	regmon_rows_evidence(writer, verdict);
	regmon_write_words(
			writer, "next_step", regmon_cause_at(verdict->cause)->next_step);
	writer->close_struct(writer);
}

/* title, suspect, next step, and as much evidence as there may be, all of it quotes */
#define VERDICT_ROOM \
	(REGMON_MAX_EVIDENCE * (2 * REGMON_EVIDENCE_LENGTH + 3) + 1000)

static void write_causes(
		regmon_writer_t *writer, const regmon_event_at_hand_t *event)
{
	const regmon_outgoing_t *outgoing = event->outgoing;
	unsigned i, more = 0;

	write_ids(writer, "new", outgoing->causes_after & ~outgoing->causes_before);
	write_ids(
			writer, "gone", outgoing->causes_before & ~outgoing->causes_after);
	writer->open_list(writer, "causes");
	for(i = 0; i < event->diagnosis.n; i++) {
		const regmon_verdict_t *verdict = &event->diagnosis.list[i];

		if(!((outgoing->causes_after >> verdict->cause) & 1))
			continue;
		if(writer->room(writer) < VERDICT_ROOM)
			more++;
		else
			write_verdict(writer, verdict);
	}
	writer->close_list(writer);
	if(more)
		writer->number(writer, "causes_more", more);
}

void regmon_rows_event(regmon_writer_t *writer, const regmon_monitor_t *monitor,
		const regmon_event_at_hand_t *event)
{
	const regmon_outgoing_t *outgoing = event->outgoing;
	const regmon_registration_t *record = &outgoing->record;

	regmon_rows_outgoing_start(writer, monitor, "ims_regmon.event",
			REGMON_EVENT_VERSION, outgoing);
	regmon_write_words(writer, "event", regmon_outgoing_name(outgoing->kind));
	regmon_rows_outgoing_phone(writer, record);
	if(outgoing->kind == REGMON_OUTGOING_STATE) {
		regmon_write_words(writer, "state_before",
				regmon_state_name(outgoing->state_before));
		regmon_write_words(
				writer, "state", regmon_state_name(outgoing->state_after));
	} else {
		regmon_write_words(writer, "state", regmon_state_name(record->state));
	}
	regmon_rows_outgoing_result(writer, record);
	if(outgoing->kind == REGMON_OUTGOING_FINDING)
		write_finding(writer, outgoing);
	if(outgoing->kind == REGMON_OUTGOING_CAUSE)
		write_causes(writer, event);
}
