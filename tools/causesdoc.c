/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints doc/causes.md: every cause of the catalogue with all its texts and its table of certainty. */
#include <stdio.h>

#include "diagnosis/diagnosis.h"

static void print_row(const char *name, const char *text)
{
	printf("| %s | %s |\n", name, text ? text : "never");
}

static void print_cause(const regmon_cause_t *cause)
{
	const regmon_suspect_t *suspect;

	printf("\n## %s\n\n%s\n\n", cause->id, cause->title);
	printf("- **Cause:** %s\n", cause->cause);
	printf("- **Inspect:** %s\n", cause->inspect);
	printf("- **Next step:** %s\n", cause->next_step);
	printf("- **Refuted by:** %s\n", cause->refuted_by);
	printf("- **Clause:** %s\n", cause->clause);
	printf("\n| certainty | when |\n|---|---|\n");
	print_row("certain", cause->certain);
	print_row("likely", cause->likely);
	print_row("possible", cause->possible);
	print_row("does not apply", cause->not_when);
	printf("\n| what the record shows | first suspect |\n|---|---|\n");
	for(suspect = cause->suspects; suspect->text; suspect++)
		print_row(suspect->when, suspect->text);
}

int main(void)
{
	regmon_thresholds_t thresholds = REGMON_THRESHOLDS_DEFAULT;
	const regmon_cause_t *cause;
	unsigned i;

	printf("# Causes\n\n"
		   "Written by `make docs` from the catalogue in `diagnosis/`; do not "
		   "edit.\n\n"
		   "A cause says what is seen (its title) and whom to suspect first. "
		   "How certain it is, is decided by the facts in its table and by "
		   "nothing else:\n\n"
		   "- **certain**: what the title says cannot be otherwise;\n"
		   "- **likely**: the deciding facts were seen, and nothing speaks "
		   "against it;\n"
		   "- **possible**: it fits, but so do others, or a deciding fact was "
		   "not seen.\n\n"
		   "Certainty is about the title, never about the reason behind it: "
		   "the suspects are where to look first. Causes of equal certainty "
		   "are ordered by weight. Counters and the set of causes of a phone "
		   "hold those that are at least likely.\n\n"
		   "Thresholds and their defaults: `challenge_loop` %d, `storm_count` "
		   "%d, `storm_ratio` %d percent, `short_grant_s` %d, `silence_s` %d, "
		   "`no_answer_s` %d, `regressions` %d.\n\n"
		   "| cause | weight | what is seen |\n|---|---|---|\n",
			thresholds.challenge_loop, thresholds.storm_count,
			thresholds.storm_ratio, thresholds.short_grant_s,
			thresholds.silence_s, thresholds.no_answer_s,
			thresholds.regressions);
	for(i = 0; (cause = regmon_cause_at(i)); i++)
		printf("| `%s` | %d | %s |\n", cause->id, cause->weight, cause->title);
	for(i = 0; (cause = regmon_cause_at(i)); i++)
		print_cause(cause);
	return 0;
}
