/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show/documents.h"

#include "core/mem/mem.h"

#include "show/monitor.h"
#include "show/rows.h"

#define MOST_PHONES 8
#define MOST_BINDINGS 32

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

static bool take(work_t *work, int most_bytes, regmon_refusal_t *refusal)
{
	size_t record = regmon_table_record_size(regmon_monitor.table);

	work->phones = pkg_malloc(MOST_PHONES * record);
	work->bindings = pkg_malloc(MOST_BINDINGS * record);
	work->buffer = pkg_malloc(most_bytes);
	if(work->phones && work->bindings && work->buffer)
		return true;
	give_back(work);
	return regmon_refuse(refusal, 500,
			"no private memory for the answer: start Kamailio with a larger "
			"-M");
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

static str write_document(const work_t *work, unsigned phones, int most_bytes)
{
	regmon_document_t document;
	unsigned i, n;

	regmon_document_begin(&document, work->buffer, most_bytes);
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

int regmon_document_of(const regmon_who_t *who, int most_bytes,
		str *ret_document, regmon_refusal_t *refusal)
{
	work_t work = {NULL, NULL, NULL};
	unsigned n;

	if(!take(&work, most_bytes, refusal))
		return -1;
	n = regmon_table_find(regmon_monitor.table, who, work.phones, MOST_PHONES);
	if(n > 0) {
		*ret_document = write_document(
				&work, n < MOST_PHONES ? n : MOST_PHONES, most_bytes);
		work.buffer = NULL; /* the caller's */
	}
	give_back(&work);
	return n > 0;
}
