/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A writer over Kamailio's RPC. JSON-RPC and its like get typed fields; kamcmd gets lines to read, because it shows
 * structs as tabs and braces and cuts numbers to 32 bits. */
#ifndef REGMON_SHOW_RPC_WRITER_H
#define REGMON_SHOW_RPC_WRITER_H

#include "core/rpc.h"

#include "show/writer.h"

#define REGMON_RPC_DEPTH 8

typedef struct regmon_rpc_writer
{
	regmon_writer_t writer; /* first: the functions are given a pointer to it */
	rpc_t *rpc;
	void *context;
	int used;  /* bytes written, an upper estimate */
	int most;  /* that may be written */
	int depth; /* structs and lists that are open */
	int lost;  /* opened ones that did not fit */
	/* typed fields */
	void *handle[REGMON_RPC_DEPTH];
	bool is_list[REGMON_RPC_DEPTH];
	/* lines */
	bool begun[REGMON_RPC_DEPTH]; /* something stands in it already */
	int unnamed[REGMON_RPC_DEPTH]; /* open structs without a name: no depth of their own */
} regmon_rpc_writer_t;

/* Opens the answer. -1: no memory, a fault was sent. */
int regmon_rpc_writer_start(
		regmon_rpc_writer_t *writer, rpc_t *rpc, void *context);
/* Says so when something did not fit. */
void regmon_rpc_writer_finish(regmon_rpc_writer_t *writer);

#endif
