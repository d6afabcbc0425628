/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this node's own contact store does with a binding, and what that means for the record. */
#include "test/unit/registration_network.h"

static const ask_t first = {0};

/* granted by the core: this node is a P-CSCF */
static void begin_behind_core(void)
{
	begin();
	ask(&first);
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_PENDING, NULL, USUAL_CONTACT);
	sent_on(&first);
	answer_in(&first, (answer_t){.code = 200});
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_STORED, NULL, USUAL_CONTACT);
	answer(&first, (answer_t){.code = 200});
	now_ms += 60 * SECOND;
}

/* a 200 that this node makes itself, as a registrar does */
static void answer_here(const ask_t *asked, answer_t given)
{
	static char text[TEXT_SIZE];
	static regmon_message_t message;
	regmon_class_t class;
	regmon_observation_t observation = {.what = REGMON_HAPPENING_ANSWER_OUT,
			.now_ms = now_ms,
			.message = &message,
			.class = &class,
			.local = true};
	int length = write_answer(text, sizeof(text), asked, &given, 1);

	regmon_message_read(text, length, &message);
	regmon_classify(&message, NULL, REGMON_ROLE_AUTO, &class);
	regmon_table_observe(table, &observation, &outcome);
}

static void begin_registrar(void)
{
	begin();
	ask(&first);
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_STORED, "001010000000001",
			USUAL_CONTACT);
	answer_here(&first, (answer_t){.code = 200});
	now_ms += 60 * SECOND;
}

static unsigned store_entries(unsigned stored)
{
	const regmon_registration_t *phone = the_phone();
	unsigned i, n = 0;

	for(i = 0; i < phone->timeline_n; i++) {
		const regmon_entry_t *entry = regmon_registration_entry(phone, i);

		n += entry->kind == REGMON_ENTRY_STORE && entry->event == stored;
	}
	return n;
}

static void test_pending_then_stored(void **state)
{
	ask_t refresh = {.cseq = 2, .branch = "z9hG4bK2"};

	begin();
	ask(&first);
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_PENDING, NULL, USUAL_CONTACT);
	assert_int_equal(the_phone()->kept.stored, REGMON_STORED_PENDING);
	assert_int_equal(the_phone()->kept.store, REGMON_STORE_PCSCF);
	assert_int_equal(the_phone()->kept.since_ms, now_ms);
	now_ms += 50;
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_STORED, NULL, USUAL_CONTACT);
	answer(&first, (answer_t){.code = 200});
	assert_int_equal(the_phone()->kept.stored, REGMON_STORED_STORED);
	assert_int_equal(the_phone()->kept.since_ms, now_ms);
	assert_false(the_phone()->kept.granted_here);
	/* a refresh stores it again: no news */
	now_ms += 3000 * SECOND;
	exchange(&refresh, (answer_t){.code = 200});
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_STORED, NULL, USUAL_CONTACT);
	assert_int_equal(store_entries(REGMON_STORED_PENDING), 1);
	assert_int_equal(store_entries(REGMON_STORED_STORED), 1);
	assert_true(the_phone()->kept.since_ms < now_ms);
	end();
}

/* The core still has it: a fact, no end. */
static void test_dropped_behind_core(void **state)
{
	begin_behind_core();
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_REMOVED, NULL, USUAL_CONTACT);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_true(regmon_registration_is_bound(the_phone()));
	assert_int_equal(the_phone()->kept.stored, REGMON_STORED_REMOVED);
	assert_int_equal(regmon_supplement_of(the_phone())->drops, 1);
	assert_int_equal(regmon_supplement_of(the_phone())->dropped_ms, now_ms);
	assert_int_equal(the_network()->removed_ms, 0);
	/* told twice */
	now_ms += 10;
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_EXPIRED, NULL, USUAL_CONTACT);
	assert_int_equal(regmon_supplement_of(the_phone())->drops, 1);
	assert_int_equal(store_entries(REGMON_STORED_REMOVED), 1);
	assert_int_equal(store_entries(REGMON_STORED_EXPIRED), 0);
	end();
}

/* no 200 was saved: it ran out with the pending timer */
static void test_dropped_while_pending(void **state)
{
	const regmon_store_news_t gone = {.store = REGMON_STORE_PCSCF,
			.stored = REGMON_STORED_EXPIRED,
			.was_pending = true,
			.contact = REGMON_TEXT(USUAL_CONTACT)};

	begin();
	ask(&first);
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_PENDING, NULL, USUAL_CONTACT);
	answer(&first, (answer_t){.code = 200});
	now_ms += 30 * SECOND;
	regmon_table_stored(table, &gone, now_ms);
	assert_int_equal(regmon_supplement_of(the_phone())->drops, 1);
	assert_true(regmon_supplement_of(the_phone())->was_pending);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	end();
}

/* This node is the registrar: what its store has not is not registered. */
static void test_dropped_by_registrar(void **state)
{
	ask_t again = {.call_id = "call-2", .branch = "z9hG4bK2"};

	begin_registrar();
	assert_true(the_phone()->kept.granted_here);
	assert_int_equal(the_phone()->kept.stored, REGMON_STORED_STORED);
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_REMOVED, "001010000000001",
			USUAL_CONTACT);
	assert_state(the_phone(), REGMON_STATE_NETWORK_DEREGISTERED);
	assert_true(the_phone()->kept.ended_here);
	assert_false(regmon_registration_is_bound(the_phone()));
	assert_int_equal(the_network()->event, REGMON_REGINFO_NONE);
	assert_int_equal(the_network()->removed_ms, now_ms);
	check_clean();
	/* nobody has asked the phone to stay away */
	ask(&again);
	assert_int_equal(the_network()->attempts_against, 0);
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_STORED, "001010000000001",
			USUAL_CONTACT);
	answer_here(&again, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	/* this time the network ends it: not this node */
	now_ms += 60 * SECOND;
	tell(&(telling_t){.event = "rejected"});
	assert_state(the_phone(), REGMON_STATE_NETWORK_DEREGISTERED);
	assert_false(the_phone()->kept.ended_here);
	end();
}

static void test_no_drop(void **state)
{
	ask_t off = {.cseq = 2, .branch = "z9hG4bK2", .expires_0 = true};
	ask_t again = {.cseq = 2, .branch = "z9hG4bK2"};

	/* the phone's own wish, before its answer and after it */
	begin_registrar();
	ask(&off);
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_REMOVED, "001010000000001",
			USUAL_CONTACT);
	assert_state(the_phone(), REGMON_STATE_DEREGISTERING);
	answer_here(&off, (answer_t){.code = 200, .contacts = ""});
	assert_state(the_phone(), REGMON_STATE_DEREGISTERED);
	assert_int_equal(regmon_supplement_of(the_phone())->drops, 0);
	end();
	begin_registrar();
	ask(&off);
	answer_here(&off, (answer_t){.code = 200, .contacts = ""});
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_REMOVED, "001010000000001",
			USUAL_CONTACT);
	assert_state(the_phone(), REGMON_STATE_DEREGISTERED);
	assert_int_equal(regmon_supplement_of(the_phone())->drops, 0);
	end();
	/* a REGISTER that replaces its own Contact */
	begin_registrar();
	ask(&again);
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_REMOVED, "001010000000001",
			USUAL_CONTACT);
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_STORED, "001010000000001",
			USUAL_CONTACT);
	answer_here(&again, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_int_equal(regmon_supplement_of(the_phone())->drops, 0);
	end();
	/* its time is over on both clocks */
	begin_registrar();
	now_ms += 3537 * SECOND;
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_EXPIRED, "001010000000001",
			USUAL_CONTACT);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	pass_ms(5 * SECOND);
	assert_state(the_phone(), REGMON_STATE_EXPIRED);
	assert_int_equal(regmon_supplement_of(the_phone())->drops, 0);
	end();
}

/* The Contact that the phone has left runs out later, with the same device and Call-ID. */
static void test_old_contact(void **state)
{
	const regmon_store_news_t gone = {.store = REGMON_STORE_USRLOC,
			.stored = REGMON_STORED_EXPIRED,
			.aor = REGMON_TEXT("001010000000001"),
			.contact = REGMON_TEXT("sip:001010000000001@10.7.7.7:5060"),
			.call_id = REGMON_TEXT("call-1"),
			.instance = REGMON_TEXT("urn:gsma:imei:35609911-000001-0")};

	begin_registrar();
	regmon_table_stored(table, &gone, now_ms);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_int_equal(the_phone()->kept.stored, REGMON_STORED_STORED);
	end();
}

static void test_whose_it_is(void **state)
{
	ask_t other = {.to = "sip:other@example.org",
			.call_id = "call-o",
			.branch = "z9hG4bKo"};

	/* AOR as user, user@host and URI; somebody else's; nobody's */
	begin_registrar();
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_REMOVED, "001010000000002",
			USUAL_CONTACT);
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_REMOVED,
			"001010000000001@other.example.org", USUAL_CONTACT);
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_REMOVED, "", "");
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_REMOVED, NULL, "*");
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_REMOVED,
			"001010000000001@ims.mnc001.mcc001.3gppnetwork.org", USUAL_CONTACT);
	assert_state(the_phone(), REGMON_STATE_NETWORK_DEREGISTERED);
	end();
	/* one Contact of two IMPUs: the user part tells */
	begin_registrar();
	ask(&other);
	answer_here(&other, (answer_t){.code = 200});
	now_ms += 60 * SECOND;
	store_tells(
			REGMON_STORE_USRLOC, REGMON_STORED_REMOVED, "other", USUAL_CONTACT);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_state(the("callid:call-o"), REGMON_STATE_NETWORK_DEREGISTERED);
	/* without: nobody's */
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_REMOVED, NULL, USUAL_CONTACT);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_int_equal(the_phone()->kept.store, REGMON_STORE_USRLOC);
	end();
}

/* An S-CSCF forgets a whole IMPU: RTR of the HSS. */
static void test_all_of_impu(void **state)
{
	ask_t other = {.call_id = "call-2",
			.branch = "z9hG4bK2",
			.contact = "sip:001010000000001@10.0.0.2",
			.instance = "<urn:gsma:imei:35609911-000002-0>"};

	begin();
	ask(&first);
	answer_here(&first, (answer_t){.code = 200});
	ask(&other);
	answer_here(&other, (answer_t){.code = 200});
	now_ms += 60 * SECOND;
	store_tells(
			REGMON_STORE_SCSCF, REGMON_STORED_STORED, USUAL_TO, USUAL_CONTACT);
	store_tells(
			REGMON_STORE_SCSCF, REGMON_STORED_EXPIRED, USUAL_TO, USUAL_CONTACT);
	assert_state(the("callid:call-1"), REGMON_STATE_NETWORK_DEREGISTERED);
	assert_state(the("callid:call-2"), REGMON_STATE_REGISTERED);
	store_tells(REGMON_STORE_SCSCF, REGMON_STORED_REMOVED, USUAL_TO, NULL);
	assert_state(the("callid:call-2"), REGMON_STATE_NETWORK_DEREGISTERED);
	assert_int_equal(regmon_supplement_of(the("callid:call-1"))->drops, 1);
	assert_int_equal(regmon_supplement_of(the("callid:call-2"))->drops, 1);
	store_tells(
			REGMON_STORE_SCSCF, REGMON_STORED_REMOVED, "sip:nobody@x", NULL);
	end();
}

/* usrloc beside the store of the IMS role: one is heard */
static void test_two_stores(void **state)
{
	begin_behind_core();
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_STORED, "001010000000001",
			USUAL_CONTACT);
	store_tells(REGMON_STORE_USRLOC, REGMON_STORED_REMOVED, "001010000000001",
			USUAL_CONTACT);
	assert_int_equal(the_phone()->kept.store, REGMON_STORE_PCSCF);
	assert_int_equal(the_phone()->kept.stored, REGMON_STORED_STORED);
	assert_int_equal(regmon_supplement_of(the_phone())->drops, 0);
	end();
}

static void test_names(void **state)
{
	assert_string_equal(
			regmon_store_name(REGMON_STORE_PCSCF), "ims_usrloc_pcscf");
	assert_string_equal(regmon_store_name(REGMON_STORES_N), "?");
	assert_string_equal(regmon_stored_name(REGMON_STORED_PENDING), "pending");
	assert_string_equal(regmon_stored_name(REGMON_STORED_N), "?");
	assert_string_equal(regmon_stored_meaning(REGMON_STORED_N), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {world_test(test_pending_then_stored),
			world_test(test_dropped_behind_core),
			world_test(test_dropped_while_pending),
			world_test(test_dropped_by_registrar), world_test(test_no_drop),
			world_test(test_old_contact), world_test(test_whose_it_is),
			world_test(test_all_of_impu), world_test(test_two_stores),
			world_test(test_names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
