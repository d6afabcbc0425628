/* SPDX-License-Identifier: GPL-2.0-or-later */
/* network-deregistered, removed-by-this-node and contact-dropped. */
#include "diagnosis_record.h"

#define REMOVED "network-deregistered"
#define HERE "removed-by-this-node"
#define DROPPED "contact-dropped"

/* registered at 1200 (record_good), ended by a document at 13500 */
static void removed(regmon_reginfo_event_t event, unsigned retry_after_s)
{
	record_new();
	record_good(0);
	record->expires_ms = 0;
	record->state = REGMON_STATE_NETWORK_DEREGISTERED;
	record->state_since_ms = record->supplement->network.removed_ms = RECORD_START + 13500;
	record->supplement->network.event = event;
	record->supplement->network.retry_after_s = retry_after_s;
	record->supplement->network.removals = 1;
}

static void network_took_it_back(void **state)
{
	removed(REGMON_REGINFO_REJECTED, 0);
	record_applies(REMOVED, 20000, REGMON_CERTAIN);
	record_says(REMOVED, 20000, "14:03:20.500 a reg-event document ended the "
								"binding, 12 s after its 200: rejected, "
								"registering again will not help");
	record_suspects(REMOVED, 20000, "HSS: the subscription");
	record_not(HERE, 20000);
	record_not(DROPPED, 20000);
	removed(REGMON_REGINFO_DEACTIVATED, 0);
	record_suspects(REMOVED, 20000, "HSS or S-CSCF: the phone is to register");
	record_says(REMOVED, 20000, ": deactivated, the phone should register");
	removed(REGMON_REGINFO_EXPIRED, 0);
	record_suspects(REMOVED, 20000, "The S-CSCF did not get the refresh");
	removed(REGMON_REGINFO_UNREGISTERED, 0);
	record_suspects(REMOVED, 20000, "Somebody took the binding back");
	removed(REGMON_REGINFO_NONE, 0);
	record_suspects(REMOVED, 20000, "HSS or S-CSCF: an RTR");
	record_says(REMOVED, 20000, ": none, no reason given");
	record->supplement->network.removals = 3;
	record->supplement->network.gaps = 2;
	record_says(REMOVED, 20000, "3 times taken back");
	record_says(REMOVED, 20000, "2 documents came behind others");
}

static void network_on_probation(void **state)
{
	removed(REGMON_REGINFO_PROBATION, 60);
	record_suspects(REMOVED, 20000, "S-CSCF: it sends phones away");
	record_says(REMOVED, 20000, ": probation, the phone should register");
	record_says(REMOVED, 20000, "stay away until 14:04:20");
	/* it comes all the same */
	record_open(20000, REGMON_ATTEMPT_INITIAL);
	record_request(20000, 9, 0);
	record->supplement->network.attempts_against = 1;
	record_applies(REMOVED, 20001, REGMON_CERTAIN);
	record_says(REMOVED, 20001, "the phone tried 1 time all the same");
}

/* its twins: the phone is back, or comes back as it may */
static void network_and_back(void **state)
{
	removed(REGMON_REGINFO_DEACTIVATED, 0);
	record_open(20000, REGMON_ATTEMPT_INITIAL);
	record_request(20000, 9, 0);
	record_applies(REMOVED, 20001, REGMON_POSSIBLE);
	record_grant(21000, 3600);
	record->expires_ms = RECORD_START + 3621000;
	record_not(REMOVED, 21001);
	/* it took it back itself: the document only says so, too */
	record_new();
	record_good(0);
	record->expires_ms = 0;
	record->state = REGMON_STATE_DEREGISTERED;
	record_not(REMOVED, 20000);
}

/* the store of this node let go of the contact at 13500 */
static void dropped(regmon_store_t store, regmon_stored_t stored)
{
	record_new();
	record_good(0);
	record->kept.store = store;
	record->kept.stored = stored;
	record->supplement->dropped_ms = RECORD_START + 13500;
	record->supplement->drops = 1;
}

static void ended_here(regmon_stored_t stored)
{
	dropped(REGMON_STORE_SCSCF, stored);
	record->kept.ended_here = record->kept.granted_here = true;
	record->expires_ms = 0;
	record->state = REGMON_STATE_NETWORK_DEREGISTERED;
	record->state_since_ms = record->supplement->dropped_ms;
}

static void registrar_of_this_node(void **state)
{
	ended_here(REGMON_STORED_REMOVED);
	record_applies(HERE, 20000, REGMON_CERTAIN);
	record_says(HERE, 20000, "14:03:20.500 the contact went from "
							 "ims_usrloc_scscf (removed from the store), 12 s "
							 "after the 200");
	record_suspects(HERE, 20000, "This node deleted it");
	record_not(REMOVED, 20000);
	record_not(DROPPED, 20000);
	regmon_registration_set_string(record, REGMON_STRING_CONTACT,
			REGMON_TEXT("sip:u@10.0.0.1:5060"));
	record_says(HERE, 20000, "contact of the phone: sip:u@10.0.0.1:5060");
	record_says(HERE, 20000, "granted 3600 s, expires at 15:03:08 unless");
	ended_here(REGMON_STORED_EXPIRED);
	record_says(HERE, 20000, "ims_usrloc_scscf (ran out in the store)");
	record_suspects(HERE, 20000, "This node's registrar counts the time");
	/* its twin: the phone comes back */
	record_open(20000, REGMON_ATTEMPT_INITIAL);
	record_request(20000, 9, 0);
	record_applies(HERE, 20001, REGMON_POSSIBLE);
	record_grant(21000, 3600);
	record->expires_ms = RECORD_START + 3621000;
	record->kept.ended_here = false;
	record_not(HERE, 21001);
}

static void store_beside_the_registrar(void **state)
{
	dropped(REGMON_STORE_PCSCF, REGMON_STORED_REMOVED);
	record_applies(DROPPED, 20000, REGMON_LIKELY);
	record_says(DROPPED, 20000, "14:03:20.500 the contact went from "
								"ims_usrloc_pcscf (removed from the store)");
	record_says(DROPPED, 20000, "granted 3600 s, expires at 15:03:08");
	record_says(DROPPED, 20000, "contact of the phone: ");
	record_suspects(DROPPED, 20000, "This node removed it: its own keepalive");
	record_not(HERE, 20000);
	record->supplement->drops = 4;
	record_says(DROPPED, 20000, "4 times dropped");
	dropped(REGMON_STORE_PCSCF, REGMON_STORED_EXPIRED);
	record_says(DROPPED, 20000, "ims_usrloc_pcscf (ran out in the store)");
	record_suspects(DROPPED, 20000, "The store counts a shorter time");
	record->supplement->was_pending = true;
	record_suspects(DROPPED, 20000, "This node's script: the 200 was not saved");
	record_says(DROPPED, 20000, "it was still pending there");
}

/* its twins: the store has it again, a drop before the last 200, and a phone that left */
static void store_has_it(void **state)
{
	dropped(REGMON_STORE_PCSCF, REGMON_STORED_STORED);
	record_not(DROPPED, 20000);
	dropped(REGMON_STORE_PCSCF, REGMON_STORED_REMOVED);
	record->supplement->dropped_ms = record->granted_ms - 1;
	record_not(DROPPED, 20000);
	dropped(REGMON_STORE_PCSCF, REGMON_STORED_REMOVED);
	record->expires_ms = 0;
	record->state = REGMON_STATE_DEREGISTERED;
	record_not(DROPPED, 20000);
}

static void all_is_shown(void **state)
{
	record_all_shown(REMOVED);
	record_all_shown(HERE);
	record_all_shown(DROPPED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(network_took_it_back),
			harness_test(network_on_probation), harness_test(network_and_back),
			harness_test(registrar_of_this_node),
			harness_test(store_beside_the_registrar),
			harness_test(store_has_it),
			harness_test(all_is_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
