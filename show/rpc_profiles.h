/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RPC commands about profiles. */
#ifndef REGMON_SHOW_RPC_PROFILES_H
#define REGMON_SHOW_RPC_PROFILES_H

#include "core/rpc.h"

extern const char *regmon_profiles_doc[];
extern const char *regmon_reload_doc[];
void regmon_rpc_profiles(rpc_t *rpc, void *context);
void regmon_rpc_reload(rpc_t *rpc, void *context);

#endif
