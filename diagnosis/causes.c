/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The catalogue of causes, and the diagnosis of one record: which causes apply, how certainly, in which order. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

static const regmon_family_t *const families[] = {&regmon_family_challenge,
		&regmon_family_silence, &regmon_family_sequence,
		&regmon_family_refresh, &regmon_family_core};

unsigned regmon_causes_n(void)
{
	unsigned i, n = 0;

	for(i = 0; i < REGMON_COUNT(families); i++)
		n += families[i]->n;
	return n;
}

const regmon_cause_t *regmon_cause_at(unsigned index)
{
	unsigned i;

	for(i = 0; i < REGMON_COUNT(families); i++) {
		if(index < families[i]->n)
			return &families[i]->causes[index];
		index -= families[i]->n;
	}
	return NULL;
}

int regmon_cause_find(str id)
{
	const regmon_cause_t *cause;
	unsigned i;

	for(i = 0; (cause = regmon_cause_at(i)); i++) {
		str known = {(char *)cause->id, (int)strlen(cause->id)};

		if(regmon_text_is_nocase(id, known))
			return (int)i;
	}
	return -1;
}

int regmon_cause_first(uint64_t causes)
{
	int first = -1, weight = 0, i;

	for(; causes; causes &= causes - 1) {
		const regmon_cause_t *cause;

		i = __builtin_ctzll(causes);
		cause = regmon_cause_at((unsigned)i);
		if(cause && (first < 0 || cause->weight > weight)) {
			first = i;
			weight = cause->weight;
		}
	}
	return first;
}

const char *regmon_certainty_name(regmon_certainty_t certainty)
{
	static const char *const names[] = {
			"does not apply", "possible", "likely", "certain"};

	return certainty < REGMON_COUNT(names) ? names[certainty] : "?";
}

uint64_t regmon_diagnose_set(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	uint64_t set = 0, bit = 1;
	unsigned i, k;

	for(i = 0; i < REGMON_COUNT(families); i++)
		for(k = 0; k < families[i]->n; k++, bit <<= 1)
			if(families[i]->causes[k].applies(registration, thresholds, now_ms)
					>= REGMON_LIKELY)
				set |= bit;
	return set;
}

/* a stands before b */
static bool ranks_higher(const regmon_verdict_t *a, const regmon_verdict_t *b)
{
	int weight_a = regmon_cause_at(a->cause)->weight;
	int weight_b = regmon_cause_at(b->cause)->weight;

	if(a->certainty != b->certainty)
		return a->certainty > b->certainty;
	return weight_a != weight_b ? weight_a > weight_b : a->cause < b->cause;
}

/* Keeps the list sorted; the last one falls out when it is full. Evidence is made later, for those that stay. */
static void insert(regmon_diagnosis_t *diagnosis, unsigned cause,
		regmon_certainty_t certainty)
{
	regmon_verdict_t verdict = {.cause = cause, .certainty = certainty};
	unsigned at = diagnosis->n;

	while(at > 0 && ranks_higher(&verdict, &diagnosis->list[at - 1]))
		at--;
	if(at == REGMON_MAX_VERDICTS)
		return;
	if(diagnosis->n < REGMON_MAX_VERDICTS)
		diagnosis->n++;
	memmove(&diagnosis->list[at + 1], &diagnosis->list[at],
			(diagnosis->n - 1 - at) * sizeof(diagnosis->list[0]));
	diagnosis->list[at] = verdict;
}

void regmon_diagnose(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_diagnosis_t *ret_diagnosis)
{
	const regmon_cause_t *cause;
	regmon_certainty_t certainty;
	unsigned i;

	ret_diagnosis->n = 0;
	for(i = 0; (cause = regmon_cause_at(i)); i++) {
		certainty = cause->applies(registration, thresholds, now_ms);
		if(certainty != REGMON_CERTAINTY_NONE)
			insert(ret_diagnosis, i, certainty);
	}
	for(i = 0; i < ret_diagnosis->n; i++) {
		regmon_verdict_t *verdict = &ret_diagnosis->list[i];

		cause = regmon_cause_at(verdict->cause);
		verdict->suspect =
				cause->suspects[cause->suspect(
										registration, thresholds, now_ms)]
						.text;
		cause->evidence(registration, thresholds, now_ms, &verdict->evidence);
	}
	regmon_summarise(registration, now_ms, ret_diagnosis->summary,
			sizeof(ret_diagnosis->summary));
}
