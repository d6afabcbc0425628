/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims_regmon.reginfo: whom it is about, all bindings of those IMPUs, and the document as text. */
#include "show/rpc_reginfo.h"

#include "core/mem/mem.h"

#include "show/monitor.h"
#include "show/rows.h"
#include "show/rpc_arguments.h"

#define MOST_PHONES 8
#define MOST_BINDINGS 32
/* ctl takes 32 KiB of lines, with a few bytes for each */
#define MOST_BYTES 28000

const char *regmon_reginfo_doc[] = {
		"WHO: this node's view of the phone's bindings as a document of the"
		" reg event package (RFC 3680).",
		0};

typedef struct work
{
	void *phones, *bindings;
	char *buffer;
} work_t;

static void give_back(work_t *work)
{
	if(work->phones)
		pkg_free(work->phones);
	if(work->bindings)
		pkg_free(work->bindings);
	if(work->buffer)
		pkg_free(work->buffer);
}

static bool take(rpc_t *rpc, void *context, work_t *work)
{
	size_t record = regmon_table_record_size(regmon_monitor.table);

	work->phones = pkg_malloc(MOST_PHONES * record);
	work->bindings = pkg_malloc(MOST_BINDINGS * record);
	work->buffer = pkg_malloc(MOST_BYTES);
	if(work->phones && work->bindings && work->buffer)
		return true;
	give_back(work);
	rpc->fault(context, 500,
			"no private memory for the answer: start Kamailio with a larger"
			" -M");
	return false;
}

static const regmon_registration_t *phone_at(
		const work_t *work, unsigned index)
{
	return regmon_table_record_in(regmon_monitor.table, work->phones, index);
}

static bool is_before(const work_t *work, unsigned index)
{
	unsigned i;

	for(i = 0; i < index; i++)
		if(phone_at(work, i)->impu_hash == phone_at(work, index)->impu_hash)
			return true;
	return false;
}

static str write_document(const work_t *work, unsigned phones)
{
	regmon_document_t document;
	unsigned i, n;

	regmon_document_begin(&document, work->buffer, MOST_BYTES);
	for(i = 0; i < phones; i++) {
		if(is_before(work, i))
			continue;
		n = regmon_table_find_bindings(regmon_monitor.table, phone_at(work, i),
				work->bindings, MOST_BINDINGS);
		regmon_document_add(&document, regmon_monitor.table, work->bindings,
				n < MOST_BINDINGS ? n : MOST_BINDINGS, regmon_clock_now_ms());
	}
	return regmon_document_end(&document);
}

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
	work_t work = {NULL, NULL, NULL};
	regmon_who_t who;
	unsigned n;

	if(!regmon_rpc_who(rpc, context, "ims_regmon.reginfo", &who)
			|| !take(rpc, context, &work))
		return;
	n = regmon_table_find(regmon_monitor.table, &who, work.phones, MOST_PHONES);
	if(n == 0)
		regmon_rpc_unknown_who(rpc, context, &who);
	else
		answer(rpc, context,
				write_document(&work, n < MOST_PHONES ? n : MOST_PHONES));
	give_back(&work);
}
