/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Troubles of order: CSeq that goes back within one Call-ID. */
#include "diagnosis/facts.h"
#include "diagnosis/families.h"

/* The rules that a REGISTER breaks whose CSeq does not rise. Their indexes are looked up by id, because an index holds
 * for one process only. */
static bool is_order_rule(unsigned rule)
{
	return (int)rule == regmon_rule_find(REGMON_TEXT("CSEQ-02"))
		   || (int)rule == regmon_rule_find(REGMON_TEXT("CSEQ-03"));
}

static bool order_rule_was_broken(const regmon_registration_t *registration)
{
	static const str ids[] = {{"CSEQ-02", 7}, {"CSEQ-03", 7}};
	unsigned i;
	int rule;

	for(i = 0; i < REGMON_COUNT(ids); i++) {
		rule = regmon_rule_find(ids[i]);
		if(rule >= 0 && rule < REGMON_MAX_RULES
				&& regmon_registration_has_finding(registration, rule))
			return true;
	}
	return false;
}

/* The last step back that the timeline still holds. Entries do not carry the Call-ID, so a lower CSeq counts only
 * where the finding stands at it. An entry names only its worst finding: where another one stands, it may hide this. */
typedef struct step_back
{
	const regmon_entry_t *before, *request, *answer; /* request NULL: none */
	bool hidden; /* another finding stands at it */
	bool healed; /* a later REGISTER was accepted */
} step_back_t;

static step_back_t last_step_back(const regmon_registration_t *registration)
{
	const regmon_entry_t *entry, *last = NULL;
	step_back_t step = {NULL, NULL, NULL, false, false};
	unsigned i;

	for(i = 0; i < registration->timeline_n; i++) {
		entry = regmon_registration_entry(registration, i);
		if(!regmon_is_of_phone(entry))
			continue;
		if(entry->kind == REGMON_ENTRY_REQUEST) {
			if(last && entry->cseq <= last->cseq && entry->finding)
				step = (step_back_t){last, entry, NULL,
						!is_order_rule(entry->finding - 1u), false};
			last = entry;
		} else if(entry->kind == REGMON_ENTRY_ANSWER) {
			if(step.request && last == step.request)
				step.answer = entry;
			else if(entry->code >= 200 && entry->code < 300)
				step.healed = true;
		}
	}
	return step;
}

static regmon_certainty_t back_applies(
		const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	const regmon_supplement_t *supplement = registration->supplement;
	step_back_t step;

	(void)now_ms;
	if(supplement == NULL || supplement->cseq_regressions == 0
			|| supplement->cseq_regressions < thresholds->regressions)
		return REGMON_CERTAINTY_NONE;
	if(!order_rule_was_broken(registration))
		return REGMON_POSSIBLE;
	step = last_step_back(registration);
	if(step.request == NULL)
		return step.healed || regmon_registration_is_bound(registration)
					   ? REGMON_POSSIBLE
					   : REGMON_LIKELY;
	if(step.healed)
		return REGMON_POSSIBLE;
	return step.hidden ? REGMON_LIKELY : REGMON_CERTAIN;
}

enum back_form
{
	BACK_TO_START,
	BACK_BY_ONE,
	BACK_INTERLEAVED
};

static const regmon_suspect_t back_suspects[] = {
		[BACK_TO_START] = {"CSeq fell to the beginning (10 or less)",
				"The phone was restarted: it kept its Call-ID and lost its "
				"counter."},
		[BACK_BY_ONE] = {"CSeq was repeated or one too low",
				"A REGISTER was overtaken on the way (two paths, TCP and UDP "
				"mixed), or replayed after its transaction was over."},
		[BACK_INTERLEAVED] = {"any other step",
				"Two devices, or two stacks of one, use the same stored "
				"Call-ID: a cloned profile or a test tool."},
		{NULL, NULL}};

static unsigned back_suspect(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms)
{
	step_back_t step = last_step_back(registration);

	(void)thresholds;
	(void)now_ms;
	if(step.request == NULL)
		return BACK_INTERLEAVED;
	if(step.before->cseq - step.request->cseq <= 1)
		return BACK_BY_ONE;
	return step.request->cseq <= 10 ? BACK_TO_START : BACK_INTERLEAVED;
}

static void back_evidence(const regmon_registration_t *registration,
		const regmon_thresholds_t *thresholds, int64_t now_ms,
		regmon_evidence_t *evidence)
{
	step_back_t step = last_step_back(registration);
	char buffer[REGMON_IDENTITY_LENGTH];
	str call_id = regmon_identity_of(
			registration, REGMON_IDENTITY_CALL_ID, buffer);
	char at[REGMON_PRINT_LENGTH], gap[REGMON_PRINT_LENGTH];
	int64_t request_ms;
	unsigned regressions = regmon_supplement_of(registration)->cseq_regressions;

	(void)thresholds;
	(void)now_ms;
	regmon_evidence_add(evidence, "CSeq did not rise %u time%s within one Call-ID",
			regressions, regmon_plural(regressions));
	if(step.request == NULL) {
		regmon_evidence_add(evidence,
				"the step back itself is not in the timeline any more; highest "
				"CSeq of this Call-ID: %lld",
				(long long)registration->last_cseq);
	} else {
		request_ms = regmon_entry_at_ms(registration, step.request);
		regmon_evidence_add(evidence,
				"%s REGISTER with CSeq %u, %s after CSeq %u",
				regmon_at(request_ms, at), step.request->cseq,
				regmon_for(request_ms
								   - regmon_entry_at_ms(
										   registration, step.before),
						gap),
				step.before->cseq);
		if(step.answer)
			regmon_evidence_add(evidence, "it was answered with %u at %s",
					step.answer->code,
					regmon_at(
							regmon_entry_at_ms(registration, step.answer), at));
		else
			regmon_evidence_add(evidence, "no answer to it was seen");
		if(step.healed)
			regmon_evidence_add(
					evidence, "a later REGISTER of this phone was accepted");
	}
	regmon_evidence_add(evidence, "Call-ID %.*s", call_id.len, call_id.s);
}

static const regmon_cause_t causes[] = {
		{.id = "cseq-regression",
				.title = "CSeq went back, or stood still, within one Call-ID.",
				.cause = "The phone restarted and kept its Call-ID but not its "
						 "counter, two devices share one Call-ID, or a "
						 "REGISTER was overtaken or replayed.",
				.inspect = "kamcmd ims_regmon.timeline WHO: a fall to 1 is a "
						   "restart, one too low after a short time is "
						   "overtaking, two interleaved rows are two devices. "
						   "Registrar: kamcmd ulscscf.showimpu IMPU for Call-ID "
						   "and CSeq stored with the binding.",
				.next_step = "Let the phone take a new Call-ID when it loses its "
							 "counter; until then remove the stale binding at "
							 "the registrar, which refuses the update (500 or "
							 "400).",
				.refuted_by = "A different Call-ID in the two REGISTERs, or the "
							  "same branch (then it is a retransmission).",
				.clause = "RFC 3261 10.2, 10.3",
				.certain = "counted, and the timeline holds the REGISTER at "
						   "which CSEQ-02 or CSEQ-03 was found, with the higher "
						   "CSeq before it",
				.likely = "counted and found, but a worse finding hides it in the "
						  "timeline, or it has left the timeline and no binding "
						  "is in force",
				.possible = "counted, but a later REGISTER was accepted, or a "
							"binding is in force and the REGISTER has left the "
							"timeline, or the rules were switched off",
				.not_when = "a lower CSeq with a new Call-ID; a retransmission "
							"(same branch); the same REGISTER on another leg",
				.weight = 70,
				.suspects = back_suspects,
				.applies = back_applies,
				.suspect = back_suspect,
				.evidence = back_evidence}};

const regmon_family_t regmon_family_sequence = {causes, REGMON_COUNT(causes)};
