/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a caller of an RPC command may say: words, and who is meant. Each complaint is one fault with one sentence;
 * jsonrpcs keeps 127 bytes of it. */
#ifndef REGMON_SHOW_RPC_ARGUMENTS_H
#define REGMON_SHOW_RPC_ARGUMENTS_H

#include "core/rpc.h"

#include "registration/table.h"

/* The next argument from its first letter to its very end: 1, 0 when there is none, -1 when it was no text (fault sent, which
 * shows the example). */
int regmon_rpc_text(
		rpc_t *rpc, void *context, const char *example, str *ret_text);
/* The same without blanks and line ends around it. */
int regmon_rpc_word(
		rpc_t *rpc, void *context, const char *example, str *ret_word);
/* The first argument as WHO; false: fault sent. */
bool regmon_rpc_who(rpc_t *rpc, void *context, const char *command,
		regmon_who_t *ret_who);
void regmon_rpc_unknown_who(
		rpc_t *rpc, void *context, const regmon_who_t *who);
/* A fault with words of the caller or of a file in it: fit for a terminal, as everything that is shown. */
void regmon_rpc_fault(rpc_t *rpc, void *context, int code, const char *format,
		...) __attribute__((format(printf, 4, 5)));

#endif
