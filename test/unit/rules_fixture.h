/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a message and its past for the tests of rules/. The past of NAME.sip stands in NAME.history, lines of
 * key=value named as in rules/history.h; without that file nothing is known. */
#ifndef REGMON_TEST_RULES_FIXTURE_H
#define REGMON_TEST_RULES_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "rules/rule.h"
#include "test/unit/harness.h"

#define FIXTURES "test/rules/"
#define FIXTURE_HOME_DOMAIN "ims.mnc001.mcc001.3gppnetwork.org"
#define FIXTURE_MIN_EXPIRES_S 600

typedef struct fixture
{
	char *text, *past;
	regmon_message_t message;
	regmon_class_t class;
	bool has_past;
	regmon_history_t history;
} fixture_t;

/* what the operator of the fixtures expects */
static inline regmon_expectations_t fixture_expectations(void)
{
	return (regmon_expectations_t){.home_domains_n = 1,
			.home_domains = {REGMON_TEXT(FIXTURE_HOME_DOMAIN)},
			.min_expires_s = FIXTURE_MIN_EXPIRES_S,
			.max_expires_s = 600000,
			.digests_n = 2,
			.digests = {REGMON_TEXT("AKAv1-MD5"), REGMON_TEXT("AKAv2-SHA-256")},
			.algs_n = 1,
			.algs = {REGMON_TEXT("hmac-sha-1-96")},
			.ealgs_n = 2,
			.ealgs = {REGMON_TEXT("aes-cbc"), REGMON_TEXT("null")}};
}

static inline regmon_plan_t *fixture_plan(
		const regmon_severity_t *severities, bool expecting)
{
	regmon_plan_t *plan = malloc(regmon_plan_size());
	regmon_expectations_t expected = fixture_expectations();

	assert_non_null(plan);
	regmon_plan_make(plan, severities, expecting ? &expected : NULL);
	return plan;
}

/* numbers and flags by the name of their field */
static inline void fixture_set_number(
		regmon_history_t *history, const char *name, long long value)
{
#define FIELD(field)                \
	if(strcmp(name, #field) == 0) { \
		history->field = value;     \
		return;                     \
	}
	FIELD(known)
	FIELD(registered)
	FIELD(attempt_open)
	FIELD(same_call_id)
	FIELD(same_from_tag)
	FIELD(same_contact)
	FIELD(challenge_open)
	FIELD(challenge_offered_server)
	FIELD(challenge_wants_server)
	FIELD(nonce_is_last_issued)
	FIELD(nonce_is_last_accepted)
	FIELD(retransmission)
	FIELD(last_answer_code)
	FIELD(last_cseq)
	FIELD(since_last_register_ms)
	FIELD(since_challenge_ms)
	FIELD(granted_s)
	FIELD(shortened)
	FIELD(granted_ago_ms)
	FIELD(last_features)
	FIELD(last_ps_data_off_active)
	FIELD(last_ps_data_off_given)
	FIELD(last_reg_id)
	FIELD(failures_in_row)
	FIELD(since_failure_ms)
	FIELD(retry_after_left_ms)
	FIELD(client_changed)
	FIELD(spis_as_before)
	FIELD(spis_in_use)
	FIELD(port_s_changed)
	FIELD(verify)
	FIELD(purpose)
	FIELD(ims)
	FIELD(requested_s)
	FIELD(asked_options)
	FIELD(asked_reg_id)
	FIELD(asked_instance)
	FIELD(offered_algs)
	FIELD(offered_ealgs)
	FIELD(nonce_repeated)
	FIELD(server_spis_in_use)
	FIELD(own_contact_missing)
	FIELD(answered_s)
	FIELD(path_lost)
	FIELD(route_changed)
	FIELD(associated_n)
	FIELD(last_associated_n)
#undef FIELD
	fail_msg("history has no field %s", name);
}

static inline regmon_access_t fixture_access(const char *name)
{
	int access;

	for(access = 0; access < REGMON_ACCESS_KINDS_N; access++) {
		if(strcasecmp(name, regmon_access_name(access)) == 0)
			return access;
	}
	fail_msg("no access %s", name);
	return REGMON_ACCESS_NONE;
}

static inline void fixture_set(
		regmon_history_t *history, const char *name, char *value)
{
	str text = {value, (int)strlen(value)};

	if(strcmp(name, "last_instance") == 0)
		history->last_instance = text;
	else if(strcmp(name, "last_contact") == 0)
		history->last_contact = text;
	else if(strcmp(name, "last_impi") == 0)
		history->last_impi = text;
	else if(strcmp(name, "last_access") == 0)
		history->last_access = fixture_access(value);
	else
		fixture_set_number(history, name, strtoll(value, NULL, 10));
}

static inline void fixture_read_past(fixture_t *fixture, const char *path)
{
	size_t length;
	char *file = harness_read_file(path, &length);
	char *line, *rest = NULL;

	fixture->past = malloc(length + 1);
	assert_non_null(fixture->past);
	memcpy(fixture->past, file, length);
	fixture->past[length] = '\0';
	free(file);
	fixture->has_past = true;
	fixture->history.last_cseq = REGMON_NUMBER_ABSENT;
	fixture->history.last_reg_id = REGMON_NUMBER_ABSENT;
	fixture->history.since_challenge_ms = -1;
	fixture->history.since_failure_ms = -1;
	fixture->history.requested_s = REGMON_NUMBER_ABSENT;
	fixture->history.answered_s = REGMON_NUMBER_ABSENT;
	for(line = strtok_r(fixture->past, "\n", &rest); line != NULL;
			line = strtok_r(NULL, "\n", &rest)) {
		char *value = strchr(line, '=');

		if(value == NULL)
			fail_msg("%s: no '=' in %s", path, line);
		else
			*value++ = '\0';
		fixture_set(&fixture->history, line, value);
	}
}

static inline void fixture_read_text(fixture_t *fixture, char *text, size_t length)
{
	memset(fixture, 0, sizeof(*fixture));
	fixture->text = text;
	regmon_message_read(text, (int)length, &fixture->message);
	regmon_classify(
			&fixture->message, NULL, REGMON_ROLE_AUTO, &fixture->class);
}

/* name without its ending: "CSEQ-04", "CSEQ-04.ok", "clean-pi" */
static inline void fixture_read(fixture_t *fixture, const char *name)
{
	char path[256];
	size_t length;
	char *text;

	snprintf(path, sizeof(path), FIXTURES "%s.sip", name);
	text = harness_read_sip(path, &length);
	fixture_read_text(fixture, text, length);
	snprintf(path, sizeof(path), FIXTURES "%s.history", name);
	if(harness_exists(path))
		fixture_read_past(fixture, path);
}

static inline void fixture_free(fixture_t *fixture)
{
	free(fixture->text);
	free(fixture->past);
}

/* both kinds of rules, as the module runs them */
static inline void fixture_judge(const regmon_plan_t *plan,
		const fixture_t *fixture, regmon_findings_t *findings)
{
	regmon_rules_judge(plan, &fixture->message, &fixture->class, findings);
	if(fixture->has_past)
		regmon_rules_judge_since(plan, &fixture->message, &fixture->class,
				&fixture->history, findings);
}

/* is the id one of a comma separated list? */
static inline bool fixture_list_holds(const char *list, const char *id)
{
	return list != NULL
		   && regmon_text_list_holds((str){(char *)list, (int)strlen(list)},
				   (str){(char *)id, (int)strlen(id)});
}

#endif
