/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What readers get, as fields in a writer. Pure: a copied record, the monitor and the time come in. Each function
 * writes into the struct that is open and closes what it opens. */
#ifndef REGMON_SHOW_ROWS_H
#define REGMON_SHOW_ROWS_H

#include "guard/reason.h"
#include "show/monitor.h"
#include "show/writer.h"

/* Room that one of these takes at most in usual cases; asked for before it is begun. */
#define REGMON_ROOM_PHONE 9000
#define REGMON_ROOM_ROW 1500

/* ---- rows_phone.c ---- */
/* who it is and where: impu, impi, imei, device, access, source, ... */
void regmon_rows_who(
		regmon_writer_t *writer, const regmon_registration_t *registration);
/* the rules that the record broke, of this severity and above: list `findings` */
void regmon_rows_findings(regmon_writer_t *writer,
		const regmon_monitor_t *monitor,
		const regmon_registration_t *registration, regmon_severity_t least,
		int64_t now_ms);
/* everything known */
void regmon_rows_show(regmon_writer_t *writer,
		const regmon_monitor_t *monitor,
		const regmon_registration_t *registration, int64_t now_ms);
/* "NR, PLMN 00101, TAC 000001, cell 12345"; returns its length */
int regmon_print_access(const regmon_registration_t *registration,
		char *buffer, int size);
/* the IMPU as it is shown, in front of rows that say no more of whom they are about */
int regmon_write_impu(
		regmon_writer_t *writer, const regmon_registration_t *registration);

/* ---- rows_aka.c ---- */
/* what is known of its authentication: struct `aka`, where it uses AKA or could */
void regmon_rows_aka(
		regmon_writer_t *writer, const regmon_registration_t *registration);

/* ---- rows_why.c ---- */
void regmon_rows_why(regmon_writer_t *writer, const regmon_monitor_t *monitor,
		const regmon_registration_t *registration, int64_t now_ms);
/* what each account of a cause begins with: its id, how certain it is, its title */
void regmon_rows_verdict(
		regmon_writer_t *writer, const regmon_verdict_t *verdict);
/* list `evidence` */
void regmon_rows_evidence(
		regmon_writer_t *writer, const regmon_verdict_t *verdict);

/* ---- rows_timeline.c ---- */
/* Entries after since (0: all), oldest first; ends with `next`, the since of the next call: milliseconds since 1970
 * times REGMON_SINCE_PLACES, plus the entry's place among those of that millisecond. */
#define REGMON_SINCE_PLACES 1000
void regmon_rows_timeline(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t since,
		int64_t now_ms);

/* one entry as a struct with the same fields, without those that repeat another one as text */
void regmon_rows_timeline_entry(regmon_writer_t *writer,
		const regmon_registration_t *registration, const regmon_entry_t *entry);
/* bytes that it takes at most as JSON */
int regmon_rows_timeline_entry_room(const regmon_entry_t *entry);

/* ---- rows_ladder.c ---- */
/* the same drawn as text, both sides of this node: list `ladder` of lines */
void regmon_rows_ladder(regmon_writer_t *writer,
		const regmon_monitor_t *monitor,
		const regmon_registration_t *registration, int64_t now_ms);

/* ---- rows_summary.c ---- */
void regmon_rows_summary(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, int64_t now_ms);

/* ---- rows_list.c ---- */
#define REGMON_LIST_LIMIT 50
#define REGMON_LIST_MOST 200

/* Filters and paging of a list, filled by regmon_list_filter_read(). */
typedef struct regmon_list_filter
{
	int state, cause, finding; /* index, -1: any; cause -2: with some cause */
	str access, plmn, tac, cell, device;
	int code; /* last answer to the phone, 0: any */
	unsigned limit;
	uint32_t cursor, cursor_skip; /* slot, and records of it to pass over */
} regmon_list_filter_t;
void regmon_list_filter_start(regmon_list_filter_t *filter);
/* One word `name=value`. False: complaint says what is wrong and what is allowed. */
bool regmon_list_filter_read(
		regmon_list_filter_t *filter, str word, char *complaint, int size);
bool regmon_list_matches(const regmon_list_filter_t *filter,
		const regmon_registration_t *registration);
void regmon_rows_list_row(regmon_writer_t *writer,
		const regmon_registration_t *registration, int64_t now_ms);

/* ---- rows_histogram.c ---- */
/* "up to 500 ms", "over 60000 ms" */
void regmon_print_bound(int32_t bound_ms, char buffer[24]);
/* only when there is one */
void regmon_write_percentile(regmon_writer_t *writer, const char *name,
		const regmon_histogram_t *histogram, unsigned percent);
/* n, sum, mean, percentiles and buckets; a person gets one line */
void regmon_write_histogram(regmon_writer_t *writer, const char *name,
		const regmon_histogram_t *histogram);

/* ---- rows_kpi.c ---- */
/* access: regmon_access_t, or REGMON_ALL_ACCESS */
void regmon_rows_kpi(regmon_writer_t *writer, const regmon_monitor_t *monitor,
		int access, int64_t now_ms);
/* "NR", "LTE" for E-UTRAN, "none" for those that say nothing of it. False: the complaint names all. */
bool regmon_kpi_access_read(
		str name, int *ret_access, char *complaint, int size);

/* bindings in force now, and the identities that the last round counted */
void regmon_rows_users(regmon_writer_t *writer, const regmon_monitor_t *monitor,
		unsigned bindings, int64_t now_ms);

/* ---- rows_shared.c ---- */
/* What the phones with this cause have in common, as of the last round, when it is significant: list `shared`; for a
 * person lines of this name (NULL: without). */
void regmon_rows_shared(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, unsigned cause,
		const char *name_for_eyes);

/* ---- rows_top.c ---- */
#define REGMON_TOP_LIMIT 20
/* Which values are asked for, filled by regmon_top_asked_read(). */
typedef struct regmon_top_asked
{
	regmon_dimension_t dimension;
	bool has_dimension;
	regmon_top_order_t order;
	bool recent; /* this half hour and the one before; else since start */
	unsigned limit; /* up to REGMON_LIST_MOST */
} regmon_top_asked_t;
void regmon_top_asked_start(regmon_top_asked_t *asked);
/* One word: the dimension, by=, limit= or window=. False: complaint says what is wrong and what is allowed. */
bool regmon_top_asked_read(
		regmon_top_asked_t *asked, str word, char *complaint, int size);
/* false: the dimension is missing */
bool regmon_top_asked_is_whole(
		const regmon_top_asked_t *asked, char *complaint, int size);
void regmon_rows_top(regmon_writer_t *writer, const regmon_monitor_t *monitor,
		const regmon_top_asked_t *asked, int64_t now_ms);

/* ---- rows_history.c ---- */
#define REGMON_HISTORY_LIMIT 60
/* room that a row of it takes at most */
#define REGMON_ROOM_PERIOD 450
/* Which periods are asked for, filled by regmon_history_asked_read(). */
typedef struct regmon_history_asked
{
	bool by_hour; /* else by minute */
	unsigned periods; /* the running one and those before it */
	uint32_t before; /* only those before this one, by its number since 1970; 0: all */
} regmon_history_asked_t;
void regmon_history_asked_start(regmon_history_asked_t *asked);
/* One word: minutes=, hours= or cursor=. False: complaint says what is wrong and what is allowed. */
bool regmon_history_asked_read(
		regmon_history_asked_t *asked, str word, char *complaint, int size);
/* a row for each period in which an attempt ended, the newest first */
void regmon_rows_history(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, const regmon_history_asked_t *asked,
		int64_t now_ms);

/* ---- rows_rules.c ---- */
/* a row of the catalogue */
void regmon_rows_rule_row(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, regmon_rule_index_t index);
/* all of one rule */
void regmon_rows_rule(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, regmon_rule_index_t index);

/* ---- rows_profiles.c ---- */
/* only: index of the one wanted, -1: all */
void regmon_rows_profiles(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, int only, int64_t now_ms);

/* ---- rows_decode.c ---- */
/* A message given as text, header by header. escapes: "\r\n" may be written as backslash and letter; the text is
 * unescaped in place. */
int regmon_unescape_message(char *text, int length);
void regmon_rows_decode_text(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, str text);
/* what is remembered of the last REGISTER */
void regmon_rows_decode_record(regmon_writer_t *writer,
		const regmon_monitor_t *monitor,
		const regmon_registration_t *registration, int64_t now_ms);

/* ---- rows_reginfo.c ---- */
/* Our own view as a reg-event document, RFC 3680 with the GRUUs of RFC 5628: begin, the records of one IMPU after the
 * other, end. What does not fit whole is left out, and a comment says how much. */
typedef struct regmon_document
{
	char *buffer;
	int size, used;
	int kept; /* bytes for what has to follow */
	unsigned left_out; /* bindings */
} regmon_document_t;
void regmon_document_begin(
		regmon_document_t *ret_document, char *buffer, int size);
void regmon_document_add(regmon_document_t *document,
		const regmon_table_t *table, void *records, unsigned n,
		int64_t now_ms);
str regmon_document_end(regmon_document_t *document);

#endif
