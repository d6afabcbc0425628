/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How Kamailio tells us: script callbacks, tm, sl, timers, script functions. Each turns what it is told into one call
 * of regmon_table_observe(). */
#ifndef REGMON_HOOKS_HOOKS_H
#define REGMON_HOOKS_HOOKS_H

#include "core/parser/msg_parser.h"
#include "core/sr_module.h"

#include "aka/book.h"
#include "diagnosis/diagnosis.h"
#include "registration/network.h"
#include "registration/table.h"
#include "show/rulebook.h"

/* ---- parameters.c: what modparam gave ---- */
extern int regmon_parameter_observe;
extern char *regmon_parameter_role;
extern int regmon_parameter_max_registrations;
extern int regmon_parameter_timeline_length;
extern int regmon_parameter_keep_ended_s;
extern int regmon_parameter_top_size;
extern int regmon_parameter_min_expires_s;
extern char *regmon_parameter_profile;
extern char *regmon_parameter_profile_file;
extern char *regmon_parameter_aka_keys;
extern regmon_thresholds_t regmon_parameter_thresholds;
int regmon_parameter_add_rule(modparam_t type, void *value);
int regmon_parameter_add_home_domain(modparam_t type, void *value);
/* The whole numbers among all parameters, those of events.h, too; the list ends with a NULL name. */
typedef struct regmon_parameter_range
{
	const char *name;
	const int *value;
	int least, most;
} regmon_parameter_range_t;
extern const regmon_parameter_range_t regmon_parameter_ranges[];
/* Checks the role and all ranges; LM_ERR names the parameter, its value and what is allowed. */
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

/* ---- file.c: the bytes of a file that a parameter names ---- */
typedef struct regmon_file
{
	const char *path;
	int most;		/* bytes that are read */
	bool is_secret; /* refused when group or others may read it */
} regmon_file_t;
/* ret_bytes is the caller's to free(); -1: the complaint says why not */
int regmon_file_read(const regmon_file_t *wanted, char **ret_bytes,
		size_t *ret_length, regmon_complaint_t *complaint);
/* An empty path becomes NULL; -1: it does not begin at the root, or is too long, which was logged. */
int regmon_file_check_path(const char *parameter, char **path);

/* ---- reload.c: profiles from the file ---- */
int regmon_rules_load(void); /* mod_init, behind regmon_parameters_check() */

/* ---- privacy.c: what is shown of identities ---- */
extern char *regmon_parameter_privacy;
extern char *regmon_parameter_privacy_key;
int regmon_privacy_check(void); /* mod_init; LM_ERR says what is wrong */
int regmon_privacy_start(void); /* child_init(PROC_INIT): OpenSSL is no sooner asked for anything */

/* ---- request.c: REGISTER comes in ---- */
int regmon_hook_requests(void); /* mod_init, when observe is on */
/* Reads, judges and remembers this REGISTER once; false when it is none. */
bool regmon_observe_request(struct sip_msg *msg);

/* ---- capture.c: role tap ---- */
int regmon_hook_tap(void); /* mod_init, for role tap */
/* The message that sipcapture has in hand (event_route[sipcapture:request]), at the time it was captured. 1: a REGISTER or an
 * answer to one; -1: anything else */
int regmon_captured(struct sip_msg *msg);

/* ---- reginfo.c: what the registrar tells of registrations ---- */
/* A NOTIFY or PUBLISH: applies the reg-event document in it, when there is one and no phone sent it. */
void regmon_observe_reginfo(struct sip_msg *msg);
/* The script hands over the message at hand, whoever sent it, or a document. 1: read; -1: no document; -2: it cannot
 * be read, the log says why. */
int regmon_reginfo(struct sip_msg *msg);
int regmon_reginfo_text(struct sip_msg *msg, str body);

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

/* ---- store_*.c: contact stores that are loaded; false: it is not ---- */
/* child_init(PROC_INIT) */
bool regmon_hook_usrloc(void);
bool regmon_hook_pcscf_store(void);
bool regmon_hook_scscf_store(void);
/* from their callbacks, with a lock of theirs held */
void regmon_tell_stored(const regmon_store_news_t *stored);

/* ---- reply.c: refusing a REGISTER ---- */
/* 1: an answer was sent; -1: nothing is to be refused; -2: something is, and it could not be sent */
int regmon_reply(struct sip_msg *msg, str extra_headers);

/* ---- answer.c: the common way of an answer into the table ---- */
/* impu_hash: outcome of its REGISTER, 0: not known */
void regmon_observe_answer(regmon_happening_t what, const char *text,
		int length, bool local, uint64_t impu_hash);
/* One that sl has made of this REGISTER: it copies Via and From. */
void regmon_observe_stateless_answer(const char *text, int length,
		const regmon_message_t *request, const regmon_outcome_t *outcome);
/* one that tm has received; most often the same goes out next */
void regmon_observe_received_answer(
		const char *text, int length, uint64_t impu_hash);
/* An answer that is seen once, on its way through: from the core and on to the phone. of_transaction: tm has it in hand, and
 * it counts only where tm had no memory to tell of it. */
void regmon_observe_forwarded_answer(
		const char *text, int length, bool of_transaction);
/* seen by a tap, at this time */
void regmon_observe_tapped_answer(
		const regmon_message_t *message, int64_t now_ms);
/* it came from the core and goes nowhere */
void regmon_observe_dropped_answer(const char *text, int length);

/* ---- aka.c: lab keys ---- */
extern regmon_aka_book_t *regmon_aka_book; /* NULL: no key file, which is the rule */
int regmon_aka_load(void);	/* mod_init; -1: a line of the log says what is wrong */
void regmon_aka_forget(void); /* mod_destroy */
/* What lab keys say of a REGISTER, or (class NULL) of an answer, in *room; NULL: nothing. No lock may be held. */
const regmon_aka_verdict_t *regmon_aka_judge(const regmon_message_t *message,
		const regmon_class_t *class, regmon_aka_verdict_t *room);
static inline const regmon_aka_verdict_t *regmon_aka_verdict(
		const regmon_message_t *message, const regmon_class_t *class,
		regmon_aka_verdict_t *room)
{
	return __builtin_expect(regmon_aka_book != NULL, 0)
				   ? regmon_aka_judge(message, class, room)
				   : NULL;
}

/* ---- process.c ---- */
/* Kamailio ends, and modules tell of what they throw away: nobody is left whom it interests. */
bool regmon_is_over(void);
/* A process of our own, ready to live, with Kamailio's settings; in child_init(PROC_MAIN). 0 in it, -1: said why. */
int regmon_fork(int rank, const char *name);

/* ---- timer.c: our own timer process ---- */
int regmon_timer_register(void); /* mod_init */
int regmon_timer_fork(void);	 /* child_init(PROC_MAIN) */

/* ---- http.c: our pages by HTTP ---- */
extern char *regmon_parameter_http_path;
extern char *regmon_parameter_http_allow;
int regmon_http_check_parameters(void); /* mod_init; LM_ERR says what is wrong */
int regmon_http_start(void);			/* mod_init, behind the table */
void regmon_http_stop(void);
void regmon_http_note_order(void); /* mod_register: modules named so far are before us */
void regmon_http_say_what_is_missing(void); /* child_init(PROC_INIT): at most one line */
int regmon_http(struct sip_msg *msg);		/* ims_regmon_http() */
int regmon_http_fixup(void **unused, int number);

/* ---- functions.c: script functions and KEMI twins ---- */
extern cmd_export_t regmon_functions[];
int regmon_kemi_register(void); /* mod_register */

#endif
