/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rule sets, for the catalogue alone: two lines (here and in catalogue.c) per file of rules. */
#ifndef REGMON_RULES_SETS_H
#define REGMON_RULES_SETS_H

#include "rules/rule.h"

extern const regmon_rule_set_t regmon_rules_request_uri;
extern const regmon_rule_set_t regmon_rules_to;
extern const regmon_rule_set_t regmon_rules_from;
extern const regmon_rule_set_t regmon_rules_call_id;
extern const regmon_rule_set_t regmon_rules_cseq;
extern const regmon_rule_set_t regmon_rules_contact;
extern const regmon_rule_set_t regmon_rules_contact_tags;
extern const regmon_rule_set_t regmon_rules_contact_since;
extern const regmon_rule_set_t regmon_rules_expires;
extern const regmon_rule_set_t regmon_rules_p_access_network_info;
extern const regmon_rule_set_t regmon_rules_p_access_network_info_absent;

extern const regmon_rule_set_t regmon_rules_via;
extern const regmon_rule_set_t regmon_rules_max_forwards;
extern const regmon_rule_set_t regmon_rules_route;
extern const regmon_rule_set_t regmon_rules_record_route;
extern const regmon_rule_set_t regmon_rules_message_form;
extern const regmon_rule_set_t regmon_rules_authorization;
extern const regmon_rule_set_t regmon_rules_authorization_first;
extern const regmon_rule_set_t regmon_rules_authorization_identity;
extern const regmon_rule_set_t regmon_rules_path;
extern const regmon_rule_set_t regmon_rules_network_headers;
extern const regmon_rule_set_t regmon_rules_security_agreement;
extern const regmon_rule_set_t regmon_rules_security_client;
extern const regmon_rule_set_t regmon_rules_security_verify;
extern const regmon_rule_set_t regmon_rules_security_offer;
extern const regmon_rule_set_t regmon_rules_security_since;
extern const regmon_rule_set_t regmon_rules_sequence;
extern const regmon_rule_set_t regmon_rules_sequence_answer;
extern const regmon_rule_set_t regmon_rules_answer_challenge;
extern const regmon_rule_set_t regmon_rules_answer_challenge_since;
extern const regmon_rule_set_t regmon_rules_answer_any;
extern const regmon_rule_set_t regmon_rules_answer_success;
extern const regmon_rule_set_t regmon_rules_answer_failure;
extern const regmon_rule_set_t regmon_rules_answer_failure_since;
extern const regmon_rule_set_t regmon_rules_profile_answer;
extern const regmon_rule_set_t regmon_rules_profile_challenge;
extern const regmon_rule_set_t regmon_rules_profile_offer;
extern const regmon_rule_set_t regmon_rules_profile_interval;
/* set by set, in the order of the index; NULL after the last */
const regmon_rule_set_t *regmon_rule_set_at(unsigned index);

#endif
