/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an event says, by the names that $regmon(...) has for a message. */
#include "show/event_value.h"

#include <stdio.h>

#include "guard/reason.h"
#include "registration/identity.h"

typedef struct question
{
	const regmon_event_at_hand_t *event;
	const regmon_outgoing_t *outgoing;
	const regmon_registration_t *record;
	regmon_event_value_t *value;
	char *buffer;
	int size;
} question_t;

static bool text(const question_t *asked, str value)
{
	asked->value->is_number = false;
	asked->value->text = value;
	return value.len > 0;
}

static bool words(const question_t *asked, const char *value)
{
	return text(asked, (str){(char *)value, (int)strlen(value)});
}

/* negative ones are unknown */
static bool number(const question_t *asked, int64_t value)
{
	asked->value->is_number = true;
	asked->value->number = value;
	return value >= 0;
}

/* ---- the timeline ---- */

/* An attempt may have begun in the millisecond in which the one before it ended. */
unsigned regmon_attempt_first_entry(
		const regmon_registration_t *record, bool *ret_is_whole)
{
	const regmon_attempt_t *attempt = &record->attempt;
	const regmon_entry_t *entry;
	int64_t at_ms;
	unsigned i;

	*ret_is_whole = true;
	for(i = record->timeline_n; i > 0; i--) {
		entry = regmon_registration_entry(record, i - 1);
		at_ms = regmon_entry_at_ms(record, entry);
		if(at_ms < attempt->opened_ms)
			break;
		if(entry->kind == REGMON_ENTRY_REQUEST
				&& entry->side == REGMON_SIDE_PHONE
				&& at_ms == attempt->opened_ms
				&& entry->cseq == attempt->first_cseq)
			return i - 1;
	}
	*ret_is_whole = false;
	return i;
}

unsigned regmon_attempt_findings(const regmon_registration_t *record,
		regmon_rule_index_t *ret_rules, unsigned most)
{
	const regmon_entry_t *entry;
	bool is_whole;
	unsigned i, k, n = 0;

	for(i = regmon_attempt_first_entry(record, &is_whole);
			i < record->timeline_n && n < most; i++) {
		entry = regmon_registration_entry(record, i);
		if(entry->finding == 0)
			continue;
		for(k = 0; k < n && ret_rules[k] != entry->finding - 1; k++)
			;
		if(k == n)
			ret_rules[n++] = entry->finding - 1;
	}
	return n;
}

/* ---- findings ---- */

/* the finding of the event, the worst one of a record's attempt; NULL: none */
static const regmon_rule_t *finding_of(
		const question_t *asked, regmon_severity_t *ret_severity)
{
	const regmon_rule_t *worst = NULL;
	const regmon_entry_t *entry;
	bool is_whole;
	unsigned i;

	*ret_severity = REGMON_OFF;
	if(asked->outgoing->kind == REGMON_OUTGOING_FINDING) {
		*ret_severity = asked->outgoing->severity;
		return regmon_rule_at(asked->outgoing->rule);
	}
	if(asked->outgoing->kind != REGMON_OUTGOING_RECORD)
		return NULL;
	for(i = regmon_attempt_first_entry(asked->record, &is_whole);
			i < asked->record->timeline_n; i++) {
		entry = regmon_registration_entry(asked->record, i);
		if(entry->finding && entry->severity > *ret_severity) {
			*ret_severity = entry->severity;
			worst = regmon_rule_at(entry->finding - 1);
		}
	}
	return worst;
}

static bool get_finding(const question_t *asked)
{
	regmon_severity_t severity;
	const regmon_rule_t *rule = finding_of(asked, &severity);

	return rule && words(asked, rule->id);
}

static bool get_findings(const question_t *asked)
{
	regmon_rule_index_t rules[REGMON_ATTEMPT_FINDINGS_MOST];
	const regmon_rule_t *rule;
	unsigned i, n;
	int used = 0;

	if(asked->outgoing->kind != REGMON_OUTGOING_RECORD)
		return get_finding(asked);
	n = regmon_attempt_findings(
			asked->record, rules, REGMON_ATTEMPT_FINDINGS_MOST);
	for(i = 0; i < n && used < asked->size; i++)
		if((rule = regmon_rule_at(rules[i])))
			used += snprintf(asked->buffer + used, asked->size - used, "%s%s",
					used ? "," : "", rule->id);
	if(used >= asked->size)
		used = asked->size - 1;
	return text(asked, (str){asked->buffer, used});
}

static bool get_text(const question_t *asked)
{
	regmon_severity_t severity;
	const regmon_rule_t *rule = finding_of(asked, &severity);

	return rule && words(asked, rule->text);
}

static bool get_verdict(const question_t *asked)
{
	regmon_severity_t severity;
	bool has_findings = asked->outgoing->kind == REGMON_OUTGOING_FINDING
						|| asked->outgoing->kind == REGMON_OUTGOING_RECORD;

	if(!has_findings)
		return false;
	finding_of(asked, &severity);
	return words(asked,
			severity == REGMON_OFF ? "ok" : regmon_severity_name(severity));
}

/* ---- causes ---- */

const regmon_cause_t *regmon_event_cause(const regmon_event_at_hand_t *event,
		const regmon_verdict_t **ret_verdict)
{
	uint64_t causes = event->outgoing->kind == REGMON_OUTGOING_CAUSE
							  ? event->outgoing->causes_after
							  : event->outgoing->record.causes;
	const regmon_cause_t *cause, *heaviest = NULL;
	unsigned i;

	*ret_verdict = NULL;
	for(i = 0; i < event->diagnosis.n; i++)
		if((causes >> event->diagnosis.list[i].cause) & 1) {
			*ret_verdict = &event->diagnosis.list[i];
			return regmon_cause_at(event->diagnosis.list[i].cause);
		}
	/* more causes than verdicts, or a threshold was changed since */
	for(i = 0; (cause = regmon_cause_at(i)); i++)
		if(((causes >> i) & 1)
				&& (heaviest == NULL || cause->weight > heaviest->weight))
			heaviest = cause;
	return heaviest;
}

static bool get_cause(const question_t *asked)
{
	const regmon_verdict_t *verdict;
	const regmon_cause_t *cause = regmon_event_cause(asked->event, &verdict);

	return cause && words(asked, cause->id);
}

static bool get_certainty(const question_t *asked)
{
	const regmon_verdict_t *verdict;

	regmon_event_cause(asked->event, &verdict);
	return verdict && words(asked, regmon_certainty_name(verdict->certainty));
}

/* ---- the event and its attempt ---- */

static bool get_event(const question_t *asked)
{
	return words(asked, regmon_outgoing_name(asked->outgoing->kind));
}

static bool get_json(const question_t *asked)
{
	return text(asked, asked->event->json);
}

static bool get_kind(const question_t *asked)
{
	return words(asked, regmon_attempt_name(asked->record->attempt.kind));
}

static bool get_result(const question_t *asked)
{
	return words(asked, regmon_result_name(asked->record->attempt.result));
}

static bool get_code(const question_t *asked)
{
	int code = asked->record->attempt.code;

	return number(asked, code ? code : -1);
}

static bool get_reason(const question_t *asked)
{
	return words(asked, regmon_code_reason(asked->record->attempt.code));
}

static bool get_state(const question_t *asked)
{
	return words(asked,
			regmon_state_name(asked->outgoing->kind == REGMON_OUTGOING_STATE
									  ? asked->outgoing->state_after
									  : asked->record->state));
}

static bool get_state_before(const question_t *asked)
{
	return asked->outgoing->kind == REGMON_OUTGOING_STATE
		   && words(asked, regmon_state_name(asked->outgoing->state_before));
}

static bool get_attempts(const question_t *asked)
{
	return number(asked, regmon_registration_attempts(asked->record));
}

static bool get_failures(const question_t *asked)
{
	return number(asked, asked->record->failures);
}

static bool get_registered_for(const question_t *asked)
{
	if(!regmon_registration_is_bound(asked->record)
			|| asked->record->registered_ms == 0)
		return false;
	return number(asked,
			(asked->outgoing->now_ms - asked->record->registered_ms) / 1000);
}

static bool get_expires(const question_t *asked)
{
	return number(asked, asked->record->requested_s);
}

/* ---- who and where ---- */

/* pseudonyms stand in the caller's buffer */
static bool identity(const question_t *asked, regmon_identity_t which)
{
	char room[REGMON_IDENTITY_LENGTH];
	str value = regmon_identity_of(asked->record, which, room);

	if(value.s == room) {
		if(value.len > asked->size)
			return false;
		memcpy(asked->buffer, room, value.len);
		value.s = asked->buffer;
	}
	return text(asked, value);
}

#define IDENTITY(name, which)                            \
	static bool get_##name(const question_t *asked)      \
	{                                                    \
		return identity(asked, REGMON_IDENTITY_##which); \
	}
IDENTITY(impu, IMPU)
IDENTITY(impi, IMPI)
IDENTITY(instance, INSTANCE)
IDENTITY(imei, IMEI)
IDENTITY(call_id, CALL_ID)
IDENTITY(device, DEVICE)
IDENTITY(cell, CELL)

#define STRING(name, which)                                                \
	static bool get_##name(const question_t *asked)                        \
	{                                                                      \
		return text(asked, regmon_registration_string(                     \
								   asked->record, REGMON_STRING_##which)); \
	}
STRING(plmn, PLMN)
STRING(tac, TAC)

static bool get_access(const question_t *asked)
{
	return asked->record->last_access != REGMON_ACCESS_NONE
		   && words(asked, regmon_access_name(asked->record->last_access));
}

#define OFFERED(name)                                        \
	static bool get_##name(const question_t *asked)          \
	{                                                        \
		return asked->record->client.given                   \
			   && number(asked, asked->record->client.name); \
	}
OFFERED(spi_c)
OFFERED(spi_s)
OFFERED(port_c)
OFFERED(port_s)

/* ---- names ---- */

#define VALUES(X)                                                            \
	X(event) X(json) X(state) X(state_before) X(cause) X(certainty)          \
	X(finding) X(findings) X(text) X(verdict) X(kind) X(result) X(code)      \
	X(reason) X(impu) X(impi) X(instance) X(imei) X(call_id) X(device)       \
	X(access) X(plmn) X(tac) X(cell) X(expires) X(attempts) X(failures)      \
	X(registered_for) X(spi_c) X(spi_s) X(port_c) X(port_s)

bool regmon_event_value(const regmon_event_at_hand_t *event, str name,
		regmon_event_value_t *ret_value, char *buffer, int size)
{
	static const struct
	{
		str name;
		bool (*get)(const question_t *asked);
	} values[] = {
#define X(name) {{#name, sizeof(#name) - 1}, get_##name},
			VALUES(X)
#undef X
	};
	question_t asked = {event, event->outgoing, &event->outgoing->record,
			ret_value, buffer, size};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(values); i++)
		if(regmon_text_is_nocase(name, values[i].name))
			return values[i].get(&asked);
	return false;
}
