/* SPDX-License-Identifier: GPL-2.0-or-later */
/* $regmon(name): what is known of the message at hand and of its registration, in an event route of the event at hand.
 * Null where nothing is known. Texts point into the message, into the event or into one buffer of this process, good
 * until the next variable is read. */
#include "core/dprint.h"
#include "core/pvar.h"

#include <stdio.h>

#include "guard/reply.h"
#include "message/reginfo.h"
#include "registration/identity.h"
#include "show/current.h"
#include "show/monitor.h"
#include "show/rows.h"
#include "show/show.h"

/* what a value is taken from */
typedef struct source
{
	struct sip_msg *msg;
	const regmon_current_t *current;
	pv_param_t *parameter;
	pv_value_t *result;
} source_t;

static char buffer[1024];

const regmon_event_at_hand_t *regmon_event_at_hand;

/* only asked by those who need it: it may have to search the table. NULL: nothing is remembered */
static const regmon_outcome_t *outcome_of(const source_t *source)
{
	return regmon_current_outcome(source->msg);
}

static int null(const source_t *source)
{
	return pv_get_null(source->msg, source->parameter, source->result);
}

static int text(const source_t *source, str value)
{
	if(value.len <= 0)
		return null(source);
	return pv_get_strval(
			source->msg, source->parameter, source->result, &value);
}

static int words(const source_t *source, const char *value)
{
	return text(source, (str){(char *)value, (int)strlen(value)});
}

static int number(const source_t *source, int64_t value)
{
	if(value < 0)
		return null(source);
	if(value > INT32_MAX)
		value = INT32_MAX;
	return pv_get_sintval(
			source->msg, source->parameter, source->result, (int)value);
}

/* ---- what the rules found ---- */

static const regmon_rule_t *worst_rule(const source_t *source)
{
	const regmon_findings_t *findings = &source->current->findings;

	return findings->worst_at < 0
				   ? NULL
				   : regmon_rule_at(findings->list[findings->worst_at].rule);
}

static int get_verdict(const source_t *source)
{
	regmon_severity_t worst = source->current->findings.worst;

	return words(
			source, worst == REGMON_OFF ? "ok" : regmon_severity_name(worst));
}

static int get_finding(const source_t *source)
{
	const regmon_rule_t *rule = worst_rule(source);

	return rule ? words(source, rule->id) : null(source);
}

static int get_findings(const source_t *source)
{
	const regmon_findings_t *findings = &source->current->findings;
	unsigned i;
	int used = 0;

	buffer[0] = '\0';
	for(i = 0; i < findings->n && used < (int)sizeof(buffer); i++)
		used += snprintf(buffer + used, sizeof(buffer) - used, "%s%s",
				i ? "," : "", regmon_rule_at(findings->list[i].rule)->id);
	return words(source, buffer);
}

static int get_text(const source_t *source)
{
	const regmon_rule_t *rule = worst_rule(source);

	return rule ? words(source, rule->text) : null(source);
}

/* An answer is not answered. */
static bool find_advice(const source_t *source, regmon_decision_t *ret_decision)
{
	return !source->current->message.is_answer
		   && regmon_decide_advice(
				   &source->current->findings, ret_decision);
}

static int get_code(const source_t *source)
{
	regmon_decision_t decision;

	return find_advice(source, &decision)
				   ? number(source, decision.code)
				   : null(source);
}

static int get_reason(const source_t *source)
{
	regmon_decision_t decision;

	return find_advice(source, &decision)
				   ? words(source, regmon_reply_reason(decision.code))
				   : null(source);
}

/* ---- what the message is and says ---- */

static int get_kind(const source_t *source)
{
	const regmon_outcome_t *outcome = outcome_of(source);

	if(outcome && outcome->kind != REGMON_ATTEMPT_NONE)
		return words(source, regmon_attempt_name(outcome->kind));
	if(source->current->message.is_answer)
		return null(source);
	switch(source->current->class.purpose) {
		case REGMON_PURPOSE_DEREGISTRATION:
			return words(source, regmon_attempt_name(REGMON_ATTEMPT_DEREGISTER));
		case REGMON_PURPOSE_QUERY:
			return words(source, regmon_attempt_name(REGMON_ATTEMPT_QUERY));
		case REGMON_PURPOSE_THIRD_PARTY:
			return words(
					source, regmon_attempt_name(REGMON_ATTEMPT_THIRD_PARTY));
		default:
			/* first one or refresh: only what is remembered could tell */
			return words(source, "registration");
	}
}

static int get_leg(const source_t *source)
{
	const regmon_outcome_t *outcome = outcome_of(source);

	if(outcome && outcome->leg)
		return words(source, regmon_leg_name(outcome->leg));
	return words(source, regmon_leg_name(source->current->class.leg));
}

/* A pseudonym stands where no other value does, and stays until some more are read: a script compares two. */
static int identity(const source_t *source, regmon_identity_t which, str value)
{
	static char rooms[8][REGMON_IDENTITY_LENGTH];
	static unsigned next;

	return text(source, regmon_identity_shown(which, value,
								rooms[next++ % REGMON_COUNT(rooms)]));
}

static int get_impu(const source_t *source)
{
	int length = regmon_uri_canonical(
			&source->current->message.to.uri, buffer, sizeof(buffer));

	return identity(source, REGMON_IDENTITY_IMPU, (str){buffer, length});
}

static int get_impi(const source_t *source)
{
	return identity(source, REGMON_IDENTITY_IMPI,
			REGMON_DIGEST_TEXT(
					&source->current->message.authorization, USERNAME));
}

static const regmon_contact_t *first_contact(const source_t *source)
{
	const regmon_contacts_t *contacts = &source->current->message.contacts;

	return contacts->kept > 0 ? &contacts->list[0] : NULL;
}

/* without the quotes and brackets around the URN */
static str instance_of(const source_t *source)
{
	const regmon_contact_t *contact = first_contact(source);

	return regmon_reginfo_urn(contact ? contact->instance : (str){NULL, 0});
}

static int get_instance(const source_t *source)
{
	return identity(source, REGMON_IDENTITY_INSTANCE, instance_of(source));
}

static int get_imei(const source_t *source)
{
	return identity(source, REGMON_IDENTITY_IMEI,
			regmon_identity_imei(instance_of(source)));
}

static int get_call_id(const source_t *source)
{
	return identity(source, REGMON_IDENTITY_CALL_ID,
			source->current->message.call_id);
}

static int get_device(const source_t *source)
{
	return identity(source, REGMON_IDENTITY_DEVICE,
			source->current->message.user_agent);
}

static const regmon_access_value_t *access_of(const source_t *source)
{
	return regmon_access_best(&source->current->message.access);
}

static int get_access(const source_t *source)
{
	const regmon_access_value_t *access = access_of(source);

	return access ? words(source, regmon_access_name(access->access))
				  : null(source);
}

static int get_plmn(const source_t *source)
{
	const regmon_access_value_t *access = access_of(source);

	return access ? text(source, access->plmn) : null(source);
}

static int get_tac(const source_t *source)
{
	const regmon_access_value_t *access = access_of(source);

	return access ? text(source, access->tac) : null(source);
}

static int get_cell(const source_t *source)
{
	const regmon_access_value_t *access = access_of(source);

	return access ? identity(source, REGMON_IDENTITY_CELL, access->cell)
				  : null(source);
}

static int get_expires(const source_t *source)
{
	const regmon_message_t *message = &source->current->message;
	const regmon_contact_t *contact = first_contact(source);

	if(contact == NULL || contact->star)
		return number(source, message->expires);
	return number(source, regmon_contact_effective_expires(contact,
								  message->expires, REGMON_NUMBER_ABSENT));
}

/* Security-Client of a REGISTER, Security-Server of an answer: the first entry that is about IPsec */
static const regmon_security_t *security_of(const source_t *source)
{
	const regmon_message_t *message = &source->current->message;
	const regmon_security_list_t *list = message->is_answer
												 ? &message->security_server
												 : &message->security_client;
	int i;

	for(i = 0; i < list->kept; i++)
		if(list->list[i].ipsec_3gpp)
			return &list->list[i];
	return NULL;
}

static int get_spi_c(const source_t *source)
{
	const regmon_security_t *security = security_of(source);

	return number(source, security ? security->spi_c : -1);
}

static int get_spi_s(const source_t *source)
{
	const regmon_security_t *security = security_of(source);

	return number(source, security ? security->spi_s : -1);
}

static int get_port_c(const source_t *source)
{
	const regmon_security_t *security = security_of(source);

	return number(source, security ? security->port_c : -1);
}

static int get_port_s(const source_t *source)
{
	const regmon_security_t *security = security_of(source);

	return number(source, security ? security->port_s : -1);
}

/* ---- how the registration stands ---- */

static int get_state(const source_t *source)
{
	const regmon_outcome_t *outcome = outcome_of(source);

	return outcome ? words(source, regmon_state_name(outcome->state))
				   : null(source);
}

static int get_cause(const source_t *source)
{
	const regmon_outcome_t *outcome = outcome_of(source);
	int first = outcome ? regmon_cause_first(outcome->causes) : -1;

	return first >= 0 ? words(source, regmon_cause_at((unsigned)first)->id)
					  : null(source);
}

static int get_attempts(const source_t *source)
{
	const regmon_outcome_t *outcome = outcome_of(source);

	return outcome ? number(source, outcome->attempts) : null(source);
}

static int get_failures(const source_t *source)
{
	const regmon_outcome_t *outcome = outcome_of(source);

	return outcome ? number(source, outcome->failures) : null(source);
}

static int get_registered_for(const source_t *source)
{
	const regmon_outcome_t *outcome = outcome_of(source);

	if(outcome == NULL || outcome->registered_ms == 0)
		return null(source);
	return number(
			source, (regmon_clock_now_ms() - outcome->registered_ms) / 1000);
}

/* ---- what only an event has ---- */

#define OF_EVENT(name)                             \
	static int get_##name(const source_t *source) \
	{                                              \
		return null(source);                       \
	}
OF_EVENT(event)
OF_EVENT(json)
OF_EVENT(state_before)
OF_EVENT(certainty)
OF_EVENT(result)

/* ---- names ---- */

#define VARIABLES(X)                                                        \
	X(verdict) X(kind) X(leg) X(finding) X(findings) X(text) X(code)        \
	X(reason) X(impu) X(impi) X(instance) X(imei) X(device) X(access)       \
	X(plmn) X(tac) X(cell) X(expires) X(state) X(cause) X(attempts)         \
	X(failures) X(registered_for) X(spi_c) X(spi_s) X(port_c) X(port_s)     \
	X(call_id) X(event) X(json) X(state_before) X(certainty) X(result)

static const struct
{
	str name;
	int (*get)(const source_t *source);
} variables[] = {
#define X(name) {{#name, sizeof(#name) - 1}, get_##name},
		VARIABLES(X)
#undef X
};

static int find_variable(const str *name)
{
	unsigned i;

	for(i = 0; i < REGMON_COUNT(variables); i++)
		if(regmon_text_is_nocase(*name, variables[i].name))
			return (int)i;
	return -1;
}

/* Short texts get a zero byte behind them: some modules that take events on (nats) look for it. The JSON has one. */
static int get_of_event(const source_t *source, str name)
{
	regmon_event_value_t value;

	if(!regmon_event_value(
			   regmon_event_at_hand, name, &value, buffer, sizeof(buffer)))
		return null(source);
	if(value.is_number)
		return number(source, value.number);
	if(value.text.len < (int)sizeof(buffer)) {
		memmove(buffer, value.text.s, value.text.len);
		buffer[value.text.len] = '\0';
		value.text.s = buffer;
	}
	return text(source, value.text);
}

static int get_at(struct sip_msg *msg, unsigned index, pv_param_t *parameter,
		pv_value_t *result)
{
	source_t source = {msg, NULL, parameter, result};

	if(regmon_event_at_hand != NULL)
		return get_of_event(&source, variables[index].name);
	source.current = regmon_current_of(msg);
	if(source.current == NULL)
		return pv_get_null(msg, parameter, result);
	return variables[index].get(&source);
}

static int get_variable(
		struct sip_msg *msg, pv_param_t *parameter, pv_value_t *result)
{
	return get_at(msg, (unsigned)parameter->pvn.u.isname.name.n, parameter,
			result);
}

int regmon_variable_get(
		struct sip_msg *msg, const str *name, pv_value_t *ret_value)
{
	int index = find_variable(name);

	return index < 0 ? -1 : get_at(msg, (unsigned)index, NULL, ret_value);
}

static int parse_name(pv_spec_p spec, str *name)
{
	static const char names[] =
#define X(name) " " #name
			VARIABLES(X)
#undef X
			;
	int index = name ? find_variable(name) : -1;

	if(index < 0) {
		LM_ERR("$regmon(%.*s): no such name; there are:%s\n",
				name ? name->len : 0, name ? name->s : "", names);
		return -1;
	}
	spec->pvp.pvn.type = PV_NAME_INTSTR;
	spec->pvp.pvn.u.isname.type = 0;
	spec->pvp.pvn.u.isname.name.n = index;
	return 0;
}

pv_export_t regmon_variables[] = {
		{{"regmon", sizeof("regmon") - 1}, PVT_OTHER, get_variable, 0,
				parse_name, 0, 0, 0},
		{{0, 0}, 0, 0, 0, 0, 0, 0, 0}};
