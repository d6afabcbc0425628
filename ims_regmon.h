/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map. Nothing to include here for the folders: ims_regmon.c alone reads it.
 *
 * folder          owns                                                     may include
 * message/        one REGISTER or answer as fields                         -
 * rules/          the catalogue, and the judging of one message            message
 * aka/            Milenage, digest, verdicts by lab keys                    message
 * registration/   table, records, attempts, state machine, timeline        rules, aka, message
 * diagnosis/      causes, their evidence, how certain they are             registration and left of it
 * measure/        counters, figures, windows, first rows, what phones share diagnosis and left of it
 * guard/          which finding refuses a REGISTER, and the answer to it   measure and left of it
 * show/           RPC, page, API, metrics, $regmon(...), events, records,   guard and left of it
 *                 counters, clock
 * hooks/          script callbacks, tm, sl, HTTP, our processes,           everything above
 *                 functions, parameters
 * compat.h        what the versions this is built for call differently     -  (anybody may include it)
 *
 * Start order
 *   mod_register                KEMI functions
 *   mod_init                    parameters, table, plan, lab keys, counters, queue of events, RPC, cfg, script callbacks,
 *                               processes
 *   child_init(PROC_INIT)       tm, sl and contact stores, wherever their lines stand: every mod_init is over, nothing is
 *                               forked
 *   child_init(PROC_MAIN)       the processes "regmon timer" and "regmon events"
 *
 * Lock order: a contact store's own, then a slot lock of the table, then its order lock. News is told under none of
 * ours. The locks of subscriptions, of the lab keys and of the figures stand alone. */
#ifndef REGMON_IMS_REGMON_H
#define REGMON_IMS_REGMON_H

#define REGMON_VERSION "0.1.0"

#endif
