/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain counters: the names of group `ims_regmon` in Kamailio's statistics, and what counts where. They listen to
 * the table's events; attempts are counted, never messages, where a name says so. */
#ifndef REGMON_MEASURE_COUNTERS_H
#define REGMON_MEASURE_COUNTERS_H

#include "registration/events.h"

#define REGMON_COUNTERS(X)                                                                                      \
	X(registers, "REGISTER requests seen on the phone's side, without retransmissions")                          \
	X(retransmissions, "REGISTER requests repeated in one transaction")                                         \
	X(attempts_initial, "attempts of initial registration opened (TS 32.409 UR.AttInitReg)")                    \
	X(successes_initial, "of these, ended with success (UR.SuccInitReg)")                                       \
	X(failures_initial, "of these, ended without success (UR.FailInitReg)")                                     \
	X(attempts_reregistration, "attempts of re-registration opened (UR.AttReReg)")                              \
	X(successes_reregistration, "of these, ended with success (UR.SuccReReg)")                                  \
	X(failures_reregistration, "of these, ended without success (UR.FailReReg)")                                \
	X(attempts_deregistration, "attempts of de-registration by the phone opened (UR.AttDeRegUe)")               \
	X(successes_deregistration, "of these, ended with success (UR.SuccDeRegUe)")                                \
	X(failures_deregistration, "of these, ended without success (UR.FailDeRegUe)")                              \
	X(attempts_third_party, "attempts of third-party registration opened (UR.Att3rdPartyReg)")                  \
	X(successes_third_party, "of these, ended with success (UR.Succ3rdPartyReg)")                               \
	X(failures_third_party, "of these, ended without success (UR.Fail3rdPartyReg)")                             \
	X(attempts_other, "attempts opened: queries, begun before this node started")                               \
	X(successes_other, "of these, ended with success")                                                          \
	X(failures_other, "of these, ended without success")                                                        \
	X(superseded, "attempts that the phone gave up for a new one; counted as failures, too")                    \
	X(silent_after_challenge, "attempts in which no REGISTER followed the 401 within 240 s")                    \
	X(unanswered, "attempts that got no final answer")                                                          \
	X(challenges, "401 answers sent to phones")                                                                 \
	X(answers_2xx, "2xx answers sent to phones")                                                                \
	X(answers_4xx, "4xx answers other than 401 sent to phones")                                                 \
	X(answers_5xx, "5xx answers sent to phones")                                                                \
	X(answers_other, "final answers of other classes sent to phones")                                           \
	X(answers_not_sent, "answers that could not be sent to the phone")                                          \
	X(findings_error, "findings of severity error")                                                             \
	X(findings_warning, "findings of severity warning")                                                         \
	X(findings_note, "findings of severity note")                                                               \
	X(shadow_replies, "REGISTERs that a rule in mode shadow would have had refused")                            \
	X(enforced_replies, "REGISTERs refused by ims_regmon_reply()")                                              \
	X(expired, "bindings that ran out without refresh or de-registration")                                      \
	X(network_deregistered, "bindings taken back by the network, or by this node as their registrar")           \
	X(reginfo_documents, "reg-event documents seen: NOTIFY, PUBLISH, ims_regmon_reginfo()")                     \
	X(reginfo_faulty, "of these, those that could not be read")                                                 \
	X(reginfo_repeated, "of these, those seen before or older than one that was: not applied")                  \
	X(reginfo_version_gaps, "of these, partial ones behind some that were not seen")                            \
	X(reginfo_cut, "of these, those with more registrations or contacts than are read")                         \
	X(reginfo_of_phones, "documents that came from a phone's address: not read, in none of the counts above")         \
	X(evicted, "records that had to go: table or shared memory was full, or one identity had too many bindings")                                \
	X(evicted_open, "of these, those whose attempt had not ended: it is in no success and no failure")                 \
	X(dropped, "messages not remembered for want of memory")                                                     \
	X(not_followed, "transactions of REGISTERs that tm had no memory to tell of: answers made here were not seen") \
	X(events_queued, "events and records put into the queue of the process 'regmon events'")                    \
	X(events_dropped, "events and records dropped because that queue was full")                                 \
	X(records_written, "records written to record_file")                                                        \
	X(record_write_errors, "records that could not be written to record_file")                                  \
	X(cause_lines, "lines logged about changes of causes")                                                      \
	X(cause_lines_suppressed, "lines about changes of causes beyond cause_log_per_minute")                                  \
	X(http_answered, "HTTP requests answered with what they asked for")                                         \
	X(http_forbidden, "HTTP requests refused: their address is not in http_allow")                              \
	X(http_wrong, "HTTP requests refused for another reason")                                                   \
	X(http_failed, "HTTP answers that could not be made or sent")

typedef enum regmon_counter
{
#define X(name, help) REGMON_COUNTER_##name,
	REGMON_COUNTERS(X)
#undef X
	REGMON_COUNTERS_N
} regmon_counter_t;

const char *regmon_counter_name(regmon_counter_t counter);
const char *regmon_counter_help(regmon_counter_t counter);

/* Where counts go: the module sets Kamailio's counters, tests an array. */
typedef void (*regmon_counter_sink_f)(regmon_counter_t counter, int by);
void regmon_counters_set_sink(regmon_counter_sink_f sink);

/* Counts what is no news of the table. */
void regmon_counters_add(regmon_counter_t counter, int by);

/* Subscribes to the table's events. -1: no room. */
int regmon_counters_listen(void);

/* Passes on the changes to network-deregistered, which are rare, so that nobody else has to look at every change. */
void regmon_counters_tell_deregistered(
		regmon_event_listener_f listener, void *context);

#endif
