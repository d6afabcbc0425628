/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims_regmon.reginfo: whom it is about, all bindings of those IMPUs, and the document as text. */
#include "show/rpc_reginfo.h"

#include "core/mem/mem.h"

#include "show/documents.h"
#include "show/rpc_arguments.h"

const char *regmon_reginfo_doc[] = {
		"WHO: this node's view of the phone's bindings as a document of the"
		" reg event package (RFC 3680).",
		0};

/* kamcmd gets it line by line, to be piped on; everybody else as one text */
static void answer(rpc_t *rpc, void *context, str document)
{
	void *handle;
	str line = document;
	int i;

	if(rpc->capabilities) {
		if(rpc->add(context, "{", &handle) >= 0)
			rpc->struct_add(handle, "S", "document", &document);
		return;
	}
	for(i = 0; i < document.len; i++) {
		if(document.s[i] != '\n')
			continue;
		line.len = (int)(document.s + i - line.s);
		if(rpc->add(context, "S", &line) < 0)
			return;
		line.s = document.s + i + 1;
	}
}

void regmon_rpc_reginfo(rpc_t *rpc, void *context)
{
	regmon_refusal_t refusal;
	regmon_who_t who;
	str document;
	int found;

	if(!regmon_rpc_who(rpc, context, "ims_regmon.reginfo", &who))
		return;
	found = regmon_document_of(
			&who, REGMON_DOCUMENT_MOST_BYTES, &document, &refusal);
	if(found < 0)
		rpc->fault(context, refusal.code, "%s", refusal.text);
	else if(found == 0)
		regmon_rpc_unknown_who(rpc, context, &who);
	else {
		answer(rpc, context, document);
		pkg_free(document.s);
	}
}
