/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RPC commands that show what is measured. */
#ifndef REGMON_SHOW_RPC_MEASURE_H
#define REGMON_SHOW_RPC_MEASURE_H

#include "core/rpc.h"

void regmon_rpc_kpi(rpc_t *rpc, void *context);
void regmon_rpc_top(rpc_t *rpc, void *context);
void regmon_rpc_history(rpc_t *rpc, void *context);
extern const char *regmon_kpi_doc[];
extern const char *regmon_top_doc[];
extern const char *regmon_history_doc[];

#endif
