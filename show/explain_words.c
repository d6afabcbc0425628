/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which words ims_regmon.explain knows, and which of them an unknown one may have meant. */
#include <stdio.h>

#include "measure/counters.h"
#include "measure/measure.h"
#include "show/header_meaning.h"
#include "show/messages.h"
#include "show/rows_explain.h"
#include "show/terms.h"

static const regmon_leg_t legs[] = {REGMON_LEG_U0, REGMON_LEG_U1, REGMON_LEG_U2,
		REGMON_LEG_PI, REGMON_LEG_IS, REGMON_LEG_SA, REGMON_LEG_AU,
		REGMON_LEG_AC};

/* the nth word of a kind; NULL: there are no more */
static const char *message_at(unsigned i)
{
	const regmon_explained_t *explained = regmon_explained_at(i);

	return explained ? explained->word : NULL;
}
static const char *flow_at(unsigned i)
{
	const regmon_flow_t *flow = regmon_flow_at(i);

	return flow ? flow->word : NULL;
}
static const char *header_at(unsigned i)
{
	if(i == 0)
		return "Request-URI";
	return i < REGMON_HEADERS_N ? regmon_header_name(i) : NULL;
}
static const char *rule_at(unsigned i)
{
	return i < regmon_rules_n() ? regmon_rule_at(i)->id : NULL;
}
static const char *rule_name_at(unsigned i)
{
	return i < regmon_rules_n() ? regmon_rule_at(i)->name : NULL;
}
static const char *cause_at(unsigned i)
{
	const regmon_cause_t *cause = regmon_cause_at(i);

	return cause ? cause->id : NULL;
}
static const char *state_at(unsigned i)
{
	return i < REGMON_STATES_N ? regmon_state_name(i) : NULL;
}
static const char *leg_at(unsigned i)
{
	return i < REGMON_COUNT(legs) ? regmon_leg_name(legs[i]) : NULL;
}
static const char *counter_at(unsigned i)
{
	if(i < REGMON_COUNTERS_N)
		return regmon_counter_name(i);
	i -= REGMON_COUNTERS_N;
	return i < REGMON_TOTALS_N ? regmon_total_name(i) : NULL;
}
static const char *term_at(unsigned i)
{
	const regmon_term_t *term = regmon_term_at(i);

	return term ? term->word : NULL;
}

static const struct kind
{
	const char *name;
	const char *(*at)(unsigned i);
	bool listed; /* else only found: it has another word in the list */
} kinds[] = {{"messages", message_at, true}, {"procedures", flow_at, true},
		{"causes", cause_at, true}, {"states", state_at, true},
		{"legs", leg_at, true}, {"headers", header_at, true},
		{"terms", term_at, true}, {"counters", counter_at, true},
		{"rules", rule_at, true}, {"rule_names", rule_name_at, false}};

void regmon_explain_visit(regmon_explain_word_f each, void *context)
{
	const char *word;
	unsigned k, i;

	for(k = 0; k < REGMON_COUNT(kinds); k++)
		for(i = 0; (word = kinds[k].at(i)); i++)
			if(!each(kinds[k].name, word, context))
				return;
}

/* words with commas between them, in lines of at most so many bytes */
static void write_joined(regmon_writer_t *writer, const struct kind *kind)
{
	char line[900];
	const char *word;
	int used = 0;
	unsigned i;

	for(i = 0; (word = kind->at(i)); i++) {
		if(used + (int)strlen(word) + 3 > (int)sizeof(line)) {
			regmon_write_words(writer, kind->name, line);
			used = 0;
		}
		used += snprintf(line + used, sizeof(line) - used, "%s%s",
				used ? ", " : "", word);
	}
	if(used)
		regmon_write_words(writer, kind->name, line);
}

void regmon_rows_explain_words(regmon_writer_t *writer)
{
	const char *word;
	unsigned k, i;

	for(k = 0; k < REGMON_COUNT(kinds); k++) {
		if(!kinds[k].listed)
			continue;
		if(writer->for_eyes) {
			write_joined(writer, &kinds[k]);
			continue;
		}
		writer->open_list(writer, kinds[k].name);
		for(i = 0; (word = kinds[k].at(i)); i++)
			regmon_write_words(writer, NULL, word);
		writer->close_list(writer);
	}
	regmon_write_words(writer, "hint",
			"ims_regmon.explain WORD; rules are found by their spoken names, "
			"too, headers by their compact forms, counters by the names of "
			"TS 32.409");
}

/* ---- words that look like it ---- */

#define MOST_LETTERS 40
#define MOST_NEAR 3

static char small(char c)
{
	if(c == '_' || c == ' ')
		return '-';
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* letters to add, remove or change until one is the other */
static int distance(str a, const char *b)
{
	int row[MOST_LETTERS + 1], i, k, length = (int)strlen(b);

	if(a.len > MOST_LETTERS || length > MOST_LETTERS)
		return MOST_LETTERS;
	for(k = 0; k <= length; k++)
		row[k] = k;
	for(i = 1; i <= a.len; i++) {
		int corner = row[0];

		row[0] = i;
		for(k = 1; k <= length; k++) {
			int changed = corner + (small(a.s[i - 1]) != small(b[k - 1]));
			int shifted = 1 + (row[k] < row[k - 1] ? row[k] : row[k - 1]);

			corner = row[k];
			row[k] = changed < shifted ? changed : shifted;
		}
	}
	return row[length];
}

static bool holds(const char *whole, str part)
{
	int i, k, length = (int)strlen(whole);

	for(i = 0; i + part.len <= length; i++) {
		for(k = 0; k < part.len; k++)
			if(small(whole[i + k]) != small(part.s[k]))
				break;
		if(k == part.len)
			return true;
	}
	return false;
}

typedef struct near
{
	str unknown;
	const char *words[MOST_NEAR];
	int far[MOST_NEAR];
	unsigned n;
} near_t;

static bool keep_near(const char *kind, const char *word, void *context)
{
	near_t *near = context;
	int far = distance(near->unknown, word);
	unsigned i;

	/* a part of a word is near; else a mistake for each three letters */
	if(near->unknown.len >= 3 && holds(word, near->unknown))
		far = far > 1 ? 1 : far;
	if(far > near->unknown.len / 3)
		return true;
	for(i = 0; i < near->n; i++)
		if(strcmp(near->words[i], word) == 0)
			return true;
	for(i = near->n; i > 0 && far < near->far[i - 1]; i--) {
		if(i == MOST_NEAR)
			continue;
		near->words[i] = near->words[i - 1];
		near->far[i] = near->far[i - 1];
	}
	if(i < MOST_NEAR) {
		near->words[i] = word;
		near->far[i] = far;
		if(near->n < MOST_NEAR)
			near->n++;
	}
	return true;
}

void regmon_explain_near(str unknown, char *buffer, int size)
{
	near_t near = {.unknown = regmon_text_trim(unknown)};
	unsigned i;
	int used = 0;

	buffer[0] = '\0';
	regmon_explain_visit(keep_near, &near);
	for(i = 0; i < near.n; i++)
		if(used + (int)strlen(near.words[i]) + 3 <= size)
			used += snprintf(buffer + used, size - used, "%s%s",
					used ? ", " : "", near.words[i]);
}
