/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims_regmon.reginfo WHO: our own view as a reg-event document. */
#ifndef REGMON_SHOW_RPC_REGINFO_H
#define REGMON_SHOW_RPC_REGINFO_H

#include "core/rpc.h"

extern const char *regmon_reginfo_doc[];
void regmon_rpc_reginfo(rpc_t *rpc, void *context);

#endif
