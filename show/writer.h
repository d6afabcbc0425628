/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One row function serves every reader: it writes named fields into a writer, which is Kamailio's RPC (kamcmd,
 * JSON-RPC) or JSON text (HTTP). A row function asks for room before it begins a thing
 * that must be whole; a call that still does not fit returns -1 and sets full, so that nothing is cut in silence. */
#ifndef REGMON_SHOW_WRITER_H
#define REGMON_SHOW_WRITER_H

#include "message/text.h"

typedef struct regmon_writer regmon_writer_t;

/* one writer is a struct with these and what it needs behind them */
struct regmon_writer
{
	/* name is NULL for elements of a list */
	int (*text)(regmon_writer_t *writer, const char *name, str value);
	int (*number)(regmon_writer_t *writer, const char *name, int64_t value);
	int (*real)(regmon_writer_t *writer, const char *name, double value);
	int (*open_struct)(regmon_writer_t *writer, const char *name);
	int (*close_struct)(regmon_writer_t *writer);
	int (*open_list)(regmon_writer_t *writer, const char *name);
	int (*close_list)(regmon_writer_t *writer);
	int (*room)(const regmon_writer_t *writer); /* bytes that still fit, names and all counted */
	/* Takes back what was written since the mark, at the same depth; full is forgotten. NULL where it cannot be. */
	int (*mark)(const regmon_writer_t *writer);
	void (*undo)(regmon_writer_t *writer, int mark);
	bool full;	   /* a call failed for want of room */
	bool for_eyes; /* read by a person (kamcmd): no epoch numbers, rows of long lists as lines */
};

/* ---- what every row function needs; all return 0 or -1 as the calls above ---- */
int regmon_write_words(
		regmon_writer_t *writer, const char *name, const char *value);
/* longer than 1,000 bytes is cut */
int regmon_write_format(regmon_writer_t *writer, const char *name,
		const char *format, ...) __attribute__((format(printf, 3, 4)));
/* only when there is something to say */
int regmon_write_text_if(regmon_writer_t *writer, const char *name, str value);
/* "14:03:07.120 (3.2 s ago)", and for programs NAME_ms; nothing for 0 */
int regmon_write_moment(regmon_writer_t *writer, const char *name,
		int64_t at_ms, int64_t now_ms);
/* "3.2 s", and for programs NAME_ms; nothing for negative ones */
int regmon_write_duration(
		regmon_writer_t *writer, const char *name, int64_t duration_ms);
int regmon_write_yes_no(regmon_writer_t *writer, const char *name, bool value);

/* Where a thing of a list begins that may turn out too long: written before it, asked behind it. */
static inline int regmon_writer_mark(const regmon_writer_t *writer)
{
	return writer->mark ? writer->mark(writer) : -1;
}
/* true: it did not fit and was taken back, the list ends before it */
bool regmon_writer_undo_if_full(regmon_writer_t *writer, int mark);

#define REGMON_MOMENT_LENGTH 64
/* as regmon_print_at(), with " (3.2 s ago)" or " (in 25 min)" */
const char *regmon_print_moment(
		int64_t at_ms, int64_t now_ms, char buffer[REGMON_MOMENT_LENGTH]);

#endif
