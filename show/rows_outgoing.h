/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events and records as fields: what a script gets in $regmon(json) and record_file in its lines. Pure, as rows.h. The
 * forms are written down in doc/records.md, doc/record.schema.json and doc/event.schema.json. */
#ifndef REGMON_SHOW_ROWS_OUTGOING_H
#define REGMON_SHOW_ROWS_OUTGOING_H

#include "show/event_value.h"
#include "show/monitor.h"
#include "show/writer.h"

/* Counted up when a field changes its meaning or goes; new fields may come at any time. */
#define REGMON_RECORD_VERSION 1
#define REGMON_EVENT_VERSION 1

/* Bytes of the longest one. Kamailio's script puts texts together in 8,192 bytes (pv_buffer_size). */
#define REGMON_OUTGOING_MOST 8000

/* ---- rows_outgoing.c: what both begin with ---- */
void regmon_rows_outgoing_start(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, const char *schema, int version,
		const regmon_outgoing_t *outgoing);
/* structs `phone` and `access` */
void regmon_rows_outgoing_phone(
		regmon_writer_t *writer, const regmon_registration_t *record);
/* kind, result, codes on both sides, reason phrase */
void regmon_rows_outgoing_result(
		regmon_writer_t *writer, const regmon_registration_t *record);

/* ---- rows_event.c: state, finding, cause ---- */
void regmon_rows_event(regmon_writer_t *writer, const regmon_monitor_t *monitor,
		const regmon_event_at_hand_t *event);

/* ---- rows_record.c: an attempt that ended ---- */
/* serial: of the records of this process, from 1; dropped: records that found no room in the queue so far. */
void regmon_rows_record(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, const regmon_event_at_hand_t *event,
		uint64_t serial, uint64_t dropped);

#define REGMON_UTC_LENGTH 32
/* "2026-11-27T14:03:07.120Z" (RFC 3339); empty for times before 1970 */
const char *regmon_print_utc(int64_t at_ms, char buffer[REGMON_UTC_LENGTH]);

#endif
