/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The explanation of one phone: how it stands, the ranked causes with their evidence, the broken rules. */
#include "show/rows.h"

#include <stdio.h>

/* What stands behind the first two, or says less than what stands before it, is told in short to a person: the first screen
 * has to be read at a glance. */
#define FULL_FOR_EYES 2

void regmon_rows_verdict(
		regmon_writer_t *writer, const regmon_verdict_t *verdict)
{
	const regmon_cause_t *cause = regmon_cause_at(verdict->cause);

	regmon_write_words(writer, "cause", cause->id);
	regmon_write_words(
			writer, "certainty", regmon_certainty_name(verdict->certainty));
	regmon_write_words(writer, "title", cause->title);
}

void regmon_rows_evidence(
		regmon_writer_t *writer, const regmon_verdict_t *verdict)
{
	unsigned i;

	writer->open_list(writer, "evidence");
	for(i = 0; i < verdict->evidence.n; i++)
		regmon_write_words(writer, NULL, verdict->evidence.line[i]);
	writer->close_list(writer);
}

static void write_verdict(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, const regmon_verdict_t *verdict,
		bool in_short)
{
	const regmon_cause_t *cause = regmon_cause_at(verdict->cause);

	writer->open_struct(writer, NULL);
	regmon_rows_verdict(writer, verdict);
	regmon_rows_evidence(writer, verdict);
	if(in_short) {
		regmon_write_format(writer, "in_full", "kamcmd ims_regmon.explain %s",
				cause->id);
		writer->close_struct(writer);
		return;
	}
	regmon_write_words(writer, "first_suspect", verdict->suspect);
	regmon_write_words(writer, "likely_reasons", cause->cause);
	regmon_write_words(writer, "inspect", cause->inspect);
	regmon_write_words(writer, "next_step", cause->next_step);
	regmon_write_words(writer, "refuted_by", cause->refuted_by);
	regmon_write_words(writer, "clause", cause->clause);
	regmon_rows_shared(
			writer, monitor, verdict->cause, "other phones with it");
	writer->close_struct(writer);
}

void regmon_rows_why(regmon_writer_t *writer, const regmon_monitor_t *monitor,
		const regmon_registration_t *registration, int64_t now_ms)
{
	regmon_diagnosis_t diagnosis;
	unsigned i, more = 0;

	regmon_diagnose(registration, monitor->thresholds, now_ms, &diagnosis);
	regmon_rows_who(writer, registration);
	regmon_write_words(
			writer, "state", regmon_state_name(registration->state));
	regmon_write_words(writer, "summary", diagnosis.summary);
	if(diagnosis.n == 0)
		regmon_write_words(writer, "verdict",
				"no known cause of trouble applies to this phone now");
	else
		regmon_write_format(writer, "verdict", "%s: %s",
				regmon_certainty_name(diagnosis.list[0].certainty),
				regmon_cause_at(diagnosis.list[0].cause)->title);
	if(diagnosis.n > 0 || !writer->for_eyes) {
		writer->open_list(writer, "causes");
		for(i = 0; i < diagnosis.n; i++) {
			if(writer->room(writer) < 3 * REGMON_ROOM_ROW)
				more++;
			else
				write_verdict(writer, monitor, &diagnosis.list[i],
						writer->for_eyes
								&& (i >= FULL_FOR_EYES
										|| (i > 0
												&& regmon_cause_at(
														   diagnosis.list[i]
																   .cause)
														   ->general)));
		}
		writer->close_list(writer);
	}
	if(more)
		regmon_write_format(writer, "causes_more",
				"%u more do not fit into one answer", more);
	regmon_rows_findings(
			writer, monitor, registration, REGMON_WARNING, now_ms);
}
