/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map. Nothing to include here for the folders: ims_regmon.c alone reads it.
 *
 * folder          owns                                                     may include
 * message/        one REGISTER or answer as fields                         -
 * rules/          the catalogue, and the judging of one message            message
 * registration/   table, records, attempts, state machine, timeline        rules and left of it
 * diagnosis/      causes, their evidence, how certain they are             registration and left of it
 * measure/        counters, figures, windows, first rows, what phones share diagnosis and left of it
 * guard/          which finding refuses a REGISTER, and the answer to it   measure and left of it
 * show/           RPC, $regmon(...), Kamailio's counters, the clock        guard and left of it
 * hooks/          script callbacks, tm, sl, timer, functions, parameters   everything above
 *
 * Start order
 *   mod_register                KEMI functions
 *   mod_init                    parameters, table, plan, counters, RPC, cfg, script callbacks, timer process
 *   child_init(PROC_INIT)       tm and sl, wherever their lines stand: every mod_init is over, nothing is forked
 *   child_init(PROC_MAIN)       the process "regmon timer"
 *
 * Lock order: slot lock of the table, then its order lock. News is told under none. The lock of the figures is held
 * alone. */
#ifndef REGMON_IMS_REGMON_H
#define REGMON_IMS_REGMON_H

#define REGMON_VERSION "0.1.0"

#endif
