/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ims_regmon.c hands to Kamailio: RPC commands, $regmon(...), counters of group ims_regmon. */
#ifndef REGMON_SHOW_SHOW_H
#define REGMON_SHOW_SHOW_H

#include "core/pvar.h"
#include "core/rpc.h"

#include "measure/counters.h"
#include "show/event_value.h"

extern rpc_export_t regmon_rpc_commands[];
extern pv_export_t regmon_variables[];

/* The value of $regmon(name); -1: no such name. */
int regmon_variable_get(
		struct sip_msg *msg, const str *name, pv_value_t *ret_value);

/* What $regmon(...) tells of while a script is told of an event; NULL: of the message at hand. */
extern const regmon_event_at_hand_t *regmon_event_at_hand;

/* mod_init: registers the counters with Kamailio and lets measure/ count there. */
int regmon_show_counters_register(void);
/* how far one of them has come */
int64_t regmon_show_counter(regmon_counter_t counter);

#endif
