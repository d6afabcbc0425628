/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network's side of registrations: what a reg-event document says of bindings (RFC 3680), and what this node's own
 * contact store does with them. Both only change records that are there; nothing is made for what this node did not
 * see being registered. */
#ifndef REGMON_REGISTRATION_NETWORK_H
#define REGMON_REGISTRATION_NETWORK_H

#include "registration/table.h"

/* ---- reg-event documents ---- */

/* what became of a document, in contacts */
typedef struct regmon_network_report
{
	unsigned known;		/* of bindings that have a record here */
	unsigned unknown;	/* of nobody here, or of several alike */
	unsigned ended;		/* bindings taken back by it */
	unsigned shortened; /* bindings whose time it cut */
} regmon_network_report_t;

/* Applies it. after_gap: documents before it were not seen. Takes one slot lock at a time, tells the news under
 * none. */
void regmon_table_reginfo(regmon_table_t *table,
		const regmon_reginfo_t *reginfo, bool after_gap, int64_t now_ms,
		regmon_network_report_t *ret_report);

/* Does a phone register from this address, directly, as far as the index knows? What comes from there is no word of
 * the network. */
bool regmon_table_is_phone(regmon_table_t *table, str address);

/* ---- the contact store of this node ---- */

typedef struct regmon_store_news
{
	regmon_store_t store;
	regmon_stored_t stored;
	bool was_pending; /* REMOVED, EXPIRED: it still waited for its answer */
	str aor; /* an IMPU, its user part alone, or empty */
	/* empty: all Contacts of the IMPU */
	str contact, call_id, instance;
} regmon_store_news_t;

/* May be called with a lock of the store held: takes one slot lock at a time, and asks nothing of the store. */
void regmon_table_stored(regmon_table_t *table,
		const regmon_store_news_t *stored, int64_t now_ms);

#endif
