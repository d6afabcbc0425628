/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RPC command ims_regmon.explain. */
#ifndef REGMON_SHOW_RPC_EXPLAIN_H
#define REGMON_SHOW_RPC_EXPLAIN_H

#include "core/rpc.h"

void regmon_rpc_explain(rpc_t *rpc, void *context);

#endif
