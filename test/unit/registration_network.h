/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A registrar that tells of registrations, and a contact store, beside the phones of registration_world.h. */
#ifndef REGMON_TEST_REGISTRATION_NETWORK_H
#define REGMON_TEST_REGISTRATION_NETWORK_H

#include "test/unit/registration_world.h"

#include "registration/network.h"
#include "registration/subscriptions.h"

static regmon_network_report_t report;

/* what the network said of the usual phone; it holds until the next look */
static inline const regmon_network_t *the_network(void)
{
	return &regmon_supplement_of(the_phone())->network;
}

/* elements inside of a document */
static inline void tell_document(
		const char *state, const char *inside, bool gap)
{
	static regmon_reginfo_t reginfo;
	static char text[40000];
	regmon_complaint_t complaint;
	int length = snprintf(text, sizeof(text),
			"<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" "
			"xmlns:gr=\"urn:ietf:params:xml:ns:gruuinfo\" version=\"1\" "
			"state=\"%s\">%s</reginfo>",
			state, inside);

	assert_in_range(length, 1, sizeof(text) - 1);
	if(!regmon_reginfo_read((str){text, length}, &reginfo, &complaint))
		fail_msg("%s\n%s", complaint.text, text);
	regmon_table_reginfo(table, &reginfo, gap, now_ms, &report);
	assert_int_equal(harness_locks_held, 0);
}

/* what a document says of one contact; NULL: the usual */
typedef struct telling
{
	const char *aor, *contact;
	const char *event;
	const char *registration; /* its state; NULL: active */
	const char *document;	  /* NULL: partial */
	const char *attributes;	  /* more, with a space in front */
	const char *inside;		  /* more, behind <uri> */
	bool gap;
} telling_t;

static inline void tell(const telling_t *told)
{
	static const char *const active =
			" registered created refreshed shortened ";
	char text[2000], event[20];
	const char *state;

	snprintf(event, sizeof(event), " %s ", told->event);
	state = strstr(active, event) ? "active" : "terminated";

	assert_in_range(
			snprintf(text, sizeof(text),
					"<registration aor=\"%s\" id=\"r\" state=\"%s\">"
					"<contact id=\"c\" state=\"%s\" event=\"%s\"%s>"
					"<uri>%s</uri>%s</contact></registration>",
					OR(told->aor, USUAL_TO), OR(told->registration, "active"),
					state, told->event, OR(told->attributes, ""),
					OR(told->contact, USUAL_CONTACT), OR(told->inside, "")),
			1, sizeof(text) - 1);
	tell_document(OR(told->document, "partial"), text, told->gap);
}

static inline str text_of(const char *text)
{
	return text ? (str){(char *)text, (int)strlen(text)} : (str){NULL, 0};
}

static inline void store_tells(regmon_store_t store, regmon_stored_t stored,
		const char *aor, const char *contact)
{
	const regmon_store_news_t told = {.store = store,
			.stored = stored,
			.aor = text_of(aor),
			.contact = text_of(contact)};

	regmon_table_stored(table, &told, now_ms);
	assert_int_equal(harness_locks_held, 0);
}

#endif
