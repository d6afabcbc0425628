/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This node's view of a phone as a document of the reg event package (RFC 3680), for RPC and HTTP alike. */
#ifndef REGMON_SHOW_DOCUMENTS_H
#define REGMON_SHOW_DOCUMENTS_H

#include "registration/table.h"
#include "show/refusal.h"

/* ctl takes 32 KiB of lines, with a few bytes for each */
#define REGMON_DOCUMENT_MOST_BYTES 28000

/* All bindings of the IMPUs that the phone has, in at most so many bytes of private memory: pkg_free(ret_document->s) is
 * due. 0: nobody is known by that name. -1: no private memory, the refusal says so. */
int regmon_document_of(const regmon_who_t *who, int most_bytes,
		str *ret_document, regmon_refusal_t *refusal);

#endif
