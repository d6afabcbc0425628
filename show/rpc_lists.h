/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RPC commands that page: lists of phones and of rules. */
#ifndef REGMON_SHOW_RPC_LISTS_H
#define REGMON_SHOW_RPC_LISTS_H

#include "core/rpc.h"

void regmon_rpc_list(rpc_t *rpc, void *context);
void regmon_rpc_rules(rpc_t *rpc, void *context);

#endif
