/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the phones with one cause have in common. */
#include "show/rows.h"

#define MOST_SHARED 3

/* "42 of 45 phones with it share TAC 00101-0001; of the 955 others 12.0% have it" */
static void write_sentence(regmon_writer_t *writer, const char *name,
		const regmon_shared_t *shared)
{
	regmon_write_format(writer, name,
			"%s%u of %u phones with it share %s %.*s; of the %u others %.1f%% "
			"have it",
			writer->for_eyes && name == NULL ? "    " : "", shared->with_it, shared->affected,
			regmon_trait_title(shared->trait), shared->length, shared->text,
			shared->others,
			regmon_percent(shared->others_with_it, shared->others));
}

static void write_shared(regmon_writer_t *writer, const char *name_for_eyes,
		const regmon_shared_t *shared)
{
	if(writer->for_eyes) {
		write_sentence(writer, name_for_eyes, shared);
		return;
	}
	writer->open_struct(writer, NULL);
	regmon_write_words(writer, "trait", regmon_trait_name(shared->trait));
	writer->text(writer, "value", (str){(char *)shared->text, shared->length});
	writer->number(writer, "with_it", shared->with_it);
	writer->number(writer, "affected", shared->affected);
	writer->number(writer, "others_with_it", shared->others_with_it);
	writer->number(writer, "others", shared->others);
	write_sentence(writer, "says", shared);
	writer->close_struct(writer);
}

void regmon_rows_shared(regmon_writer_t *writer,
		const regmon_monitor_t *monitor, unsigned cause,
		const char *name_for_eyes)
{
	regmon_population_of_cause_t found;
	unsigned i;

	regmon_shared_read(monitor->measure, cause, &found);
	if(!writer->for_eyes)
		writer->open_list(writer, "shared");
	/* the significant ones stand first */
	for(i = 0;
			i < found.shared_n && i < MOST_SHARED && found.shared[i].significant
			&& writer->room(writer) >= REGMON_ROOM_ROW;
			i++)
		write_shared(writer, name_for_eyes, &found.shared[i]);
	if(!writer->for_eyes)
		writer->close_list(writer);
}
