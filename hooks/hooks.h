/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How Kamailio tells us: script callbacks, tm, sl, timers, script functions. Each turns what it is told into one call
 * of regmon_table_observe(). */
#ifndef REGMON_HOOKS_HOOKS_H
#define REGMON_HOOKS_HOOKS_H

#include "core/parser/msg_parser.h"
#include "core/sr_module.h"

#include "diagnosis/diagnosis.h"
#include "registration/table.h"
#include "show/rulebook.h"

/* ---- parameters.c: what modparam gave ---- */
extern int regmon_parameter_observe;
extern char *regmon_parameter_role;
extern int regmon_parameter_max_registrations;
extern int regmon_parameter_timeline_length;
extern int regmon_parameter_keep_ended_s;
extern int regmon_parameter_min_expires_s;
extern char *regmon_parameter_profile;
extern char *regmon_parameter_profile_file;
extern regmon_thresholds_t regmon_parameter_thresholds;
int regmon_parameter_add_rule(modparam_t type, void *value);
int regmon_parameter_add_home_domain(modparam_t type, void *value);
/* Checks all of them; LM_ERR names the parameter, its value and what is allowed. */
int regmon_parameters_check(void);
regmon_role_t regmon_parameters_role(void);
regmon_limits_t regmon_parameters_limits(void);
/* what the rules are made of, the file apart */
void regmon_parameters_orders(regmon_rulebook_orders_t *ret_orders);
/* the thresholds in force when the profile says so */
void regmon_parameters_thresholds(
		const int profile[REGMON_THRESHOLDS_N], int *ret_thresholds);
/* Makes the thresholds changeable at run time (cfg.set, cfg.get). */
int regmon_parameters_declare_cfg(void);

/* ---- reload.c: profiles from the file ---- */
int regmon_rules_load(void); /* mod_init, behind regmon_parameters_check() */

/* ---- request.c: REGISTER comes in ---- */
int regmon_hook_requests(void); /* mod_init, when observe is on */
/* Reads, judges and remembers this REGISTER once; false when it is none. */
bool regmon_observe_request(struct sip_msg *msg);

/* ---- transaction.c: what tm does with it ---- */
/* child_init(PROC_INIT): after every mod_init, before any fork. Without tm: nothing, returns false. */
bool regmon_hook_transactions(void);

/* Sends this REGISTER's answer through its transaction. make: open one where there is none yet. 1: sent; 0: there is no
 * transaction, nothing was done; -1: it failed. A repetition that tm has answered by itself counts as sent. */
int regmon_answer_in_transaction(
		struct sip_msg *msg, int code, const char *reason, bool make);

/* ---- stateless.c: answers without a transaction ---- */
bool regmon_hook_sl(void);			   /* child_init(PROC_INIT) */
int regmon_hook_forwarded_answers(void); /* mod_init */
int regmon_answer_is_forwarded(struct sip_msg *msg); /* the module's response_f */
/* 1: sent; 0: there is no sl; -1: it failed */
int regmon_answer_stateless(
		struct sip_msg *msg, int code, const char *reason);

/* ---- reply.c: refusing a REGISTER ---- */
/* 1: an answer was sent; -1: nothing is to be refused; -2: something is, and it could not be sent */
int regmon_reply(struct sip_msg *msg, str extra_headers);

/* ---- answer.c: the common way of an answer into the table ---- */
/* impu_hash: outcome of its REGISTER, 0: not known */
void regmon_observe_answer(regmon_happening_t what, const char *text,
		int length, bool local, uint64_t impu_hash);
/* one that tm has received; most often the same goes out next */
void regmon_observe_received_answer(
		const char *text, int length, uint64_t impu_hash);
/* a stateless answer is seen once, on its way through: from the core and on to the phone */
void regmon_observe_forwarded_answer(const char *text, int length);

/* ---- timer.c: our own timer process ---- */
int regmon_timer_register(void); /* mod_init */
int regmon_timer_fork(void);	 /* child_init(PROC_MAIN) */

/* ---- functions.c: script functions and KEMI twins ---- */
extern cmd_export_t regmon_functions[];
int regmon_kemi_register(void); /* mod_register */

#endif
