/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The catalogue of causes, and the diagnosis of one record: which causes apply, how certainly, in which order. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

static const regmon_family_t *const families[] = {&regmon_family_challenge,
		&regmon_family_silence, &regmon_family_sequence,
		&regmon_family_refresh, &regmon_family_core, &regmon_family_aka,
		&regmon_family_response, &regmon_family_agreement,
		&regmon_family_delivery,
		&regmon_family_refused, &regmon_family_named_refusals,
		&regmon_family_form, &regmon_family_phone,
		&regmon_family_network};

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
	const regmon_cause_t *best = NULL, *cause;
	int first = -1, i;

	for(; causes; causes &= causes - 1) {
		i = __builtin_ctzll(causes);
		cause = regmon_cause_at((unsigned)i);
		if(cause == NULL)
			continue;
		if(best == NULL || (best->general && !cause->general)
				|| (best->general == cause->general
						&& cause->weight > best->weight)) {
			first = i;
			best = cause;
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

/* A new attempt has begun and tells nothing yet: the one before it still tells how the phone stands. */
static bool looks_back(const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	const regmon_supplement_t *supplement = regmon_supplement_of(registration);
	const regmon_attempt_t *before = &supplement->before;

	/* it asks for the time by now that the 423 wanted */
	if(before->code == 423 && supplement->min_expires_s
			&& registration->requested_s >= supplement->min_expires_s)
		return false;
	return attempt->ended_ms == 0 && before->kind
		   && attempt->answered <= before->answered
		   && attempt->challenges <= before->challenges;
}

/* The record as it stood at the end of the attempt before, as far as it still tells; the timeline stays behind, with the
 * caller's room. */
typedef union view
{
	regmon_registration_t record;
	char room[sizeof(regmon_registration_t)
			  + REGMON_MAX_TIMELINE * sizeof(regmon_entry_t)
			  + sizeof(regmon_supplement_t)];
} view_t;

/* The worst finding of the attempt before is still among those of the last REGISTER: then it is the same trouble. */
static bool is_broken_now(
		const regmon_registration_t *registration, uint16_t finding)
{
	unsigned i;

	for(i = 0; i < REGMON_LAST_FINDINGS; i++)
		if(finding && registration->last_findings[i] == finding)
			return true;
	return false;
}

static const regmon_registration_t *look_back(
		const regmon_registration_t *registration, view_t *view)
{
	/* looks_back() has seen a supplement */
	regmon_registration_copy(registration, view);
	view->record.attempt = registration->supplement->before;
	view->record.supplement->before.kind = REGMON_ATTEMPT_NONE;
	/* challenge and answer, what was offered and chosen, and the rules broken are of the attempt at hand by now */
	view->record.aka.marks &=
			~(REGMON_AKA_CHALLENGED_NOW | REGMON_AKA_ANSWERED_NOW);
	view->record.server.given = false;
	if(!is_broken_now(registration, view->record.attempt.finding))
		view->record.last_findings[0] = 0;
	return &view->record;
}

/* Whom to ask, and the bit of his answer: about a success few are left, and to find them among all takes longer than to
 * ask them. Each process makes its lists when it needs them first. */
typedef struct asked
{
	unsigned n;
	struct
	{
		regmon_certainty_t (*applies)(const regmon_registration_t *registration,
				const regmon_thresholds_t *thresholds, int64_t now_ms);
		uint64_t bit;
	} list[REGMON_MAX_CAUSES];
} asked_t;
static asked_t asked_always, asked_of_success;

static void make_list(asked_t *asked, bool of_success)
{
	const regmon_cause_t *cause;
	unsigned i;

	asked->n = 0;
	for(i = 0; (cause = regmon_cause_at(i)); i++) {
		if(of_success && cause->not_of_success)
			continue;
		asked->list[asked->n].applies = cause->applies;
		asked->list[asked->n++].bit = UINT64_C(1) << i;
	}
}

static uint64_t applying(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const bool success = registration->attempt.ended_ms
						 && registration->attempt.result == REGMON_RESULT_SUCCESS;
	asked_t *asked = success ? &asked_of_success : &asked_always;
	uint64_t set = 0;
	unsigned i;

	if(asked->n == 0)
		make_list(asked, success);
	for(i = 0; i < asked->n; i++)
		if(asked->list[i].applies(registration, thresholds, now_ms)
				>= REGMON_LIKELY)
			set |= asked->list[i].bit;
	return set;
}

uint64_t regmon_diagnose_set(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	uint64_t set = applying(registration, thresholds, now_ms);
	view_t view;

	if(set == 0 && looks_back(registration))
		set = applying(look_back(registration, &view), thresholds, now_ms);
	return set;
}

/* Certain before likely before possible; what only says how it was answered stands behind what says why, as long as that is
 * at least likely. */
static int rank_of(const regmon_verdict_t *verdict)
{
	bool general = regmon_cause_at(verdict->cause)->general;

	if(verdict->certainty == REGMON_POSSIBLE)
		return 0;
	return verdict->certainty == REGMON_CERTAIN ? (general ? 2 : 4)
												: (general ? 1 : 3);
}

/* a stands before b */
static bool ranks_higher(const regmon_verdict_t *a, const regmon_verdict_t *b)
{
	int weight_a = regmon_cause_at(a->cause)->weight;
	int weight_b = regmon_cause_at(b->cause)->weight;

	if(rank_of(a) != rank_of(b))
		return rank_of(a) > rank_of(b);
	return weight_a != weight_b ? weight_a > weight_b : a->cause < b->cause;
}

/* Keeps the list sorted; the last one falls out when it is full. Evidence is made later, for those that stay. */
static void insert(regmon_diagnosis_t *diagnosis, const regmon_verdict_t *verdict)
{
	unsigned at = diagnosis->n;

	while(at > 0 && ranks_higher(verdict, &diagnosis->list[at - 1]))
		at--;
	if(at == REGMON_MAX_VERDICTS)
		return;
	if(diagnosis->n < REGMON_MAX_VERDICTS)
		diagnosis->n++;
	memmove(&diagnosis->list[at + 1], &diagnosis->list[at],
			(diagnosis->n - 1 - at) * sizeof(diagnosis->list[0]));
	diagnosis->list[at] = *verdict;
}

/* before: the view of the attempt before, NULL: it has nothing to say. What that one came to is no more than likely for the
 * one that runs. */
static void find_causes(const regmon_registration_t *registration,
		const regmon_registration_t *before,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_diagnosis_t *diagnosis)
{
	const regmon_cause_t *cause;
	regmon_certainty_t of_before;
	regmon_verdict_t verdict;
	unsigned i;

	diagnosis->n = 0;
	for(i = 0; (cause = regmon_cause_at(i)); i++) {
		verdict.cause = i;
		verdict.certainty = cause->applies(registration, thresholds, now_ms);
		verdict.is_of_before = false;
		if(before) {
			of_before = cause->applies(before, thresholds, now_ms);
			if(of_before > REGMON_LIKELY)
				of_before = REGMON_LIKELY;
			if(of_before > verdict.certainty) {
				verdict.certainty = of_before;
				verdict.is_of_before = true;
			}
		}
		if(verdict.certainty != REGMON_CERTAINTY_NONE)
			insert(diagnosis, &verdict);
	}
}

static void explain(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_verdict_t *verdict)
{
	const regmon_cause_t *cause = regmon_cause_at(verdict->cause);

	verdict->suspect = cause->suspects[cause->suspect(
											   registration, thresholds, now_ms)]
							   .text;
	cause->evidence(registration, thresholds, now_ms, &verdict->evidence);
}

static void say_of_before(const regmon_registration_t *registration,
		regmon_evidence_t *evidence)
{
	char began[REGMON_PRINT_LENGTH], ended[REGMON_PRINT_LENGTH];

	regmon_evidence_add(evidence,
			"%s a new attempt began; what follows is of the one before it, which "
			"ended at %s",
			regmon_at(registration->attempt.opened_ms, began),
			regmon_at(regmon_supplement_of(registration)->before.ended_ms,
					ended));
}

void regmon_diagnose(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_diagnosis_t *ret_diagnosis)
{
	const regmon_registration_t *before = NULL;
	view_t view;
	unsigned i;

	regmon_facts_seen_from(now_ms);
	if(looks_back(registration)
			&& applying(registration, thresholds, now_ms) == 0)
		before = look_back(registration, &view);
	find_causes(registration, before, thresholds, now_ms, ret_diagnosis);
	for(i = 0; i < ret_diagnosis->n; i++) {
		regmon_verdict_t *verdict = &ret_diagnosis->list[i];

		verdict->evidence.n = 0;
		if(verdict->is_of_before)
			say_of_before(registration, &verdict->evidence);
		explain(verdict->is_of_before ? before : registration, thresholds,
				now_ms, verdict);
	}
	regmon_summarise(registration, now_ms, ret_diagnosis->summary,
			sizeof(ret_diagnosis->summary));
}
