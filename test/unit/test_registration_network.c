/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reg-event documents do to a record, and what is known of their versions. */
#include "test/unit/registration_bound.h"

/* ---- ends ---- */

static void test_each_end(void **state)
{
	static const struct
	{
		const char *event, *attributes;
		regmon_reginfo_event_t kept;
		uint32_t retry_after_s;
	} ends[] = {{"rejected", NULL, REGMON_REGINFO_REJECTED, 0},
			{"deactivated", NULL, REGMON_REGINFO_DEACTIVATED, 0},
			{"probation", " retry-after=\"600\"", REGMON_REGINFO_PROBATION,
					600},
			{"unregistered", NULL, REGMON_REGINFO_UNREGISTERED, 0},
			{"expired", " expires=\"0\"", REGMON_REGINFO_EXPIRED, 0}};
	const regmon_registration_t *phone;
	const regmon_network_t *network;
	unsigned i;

	for(i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		begin_bound();
		tell(&(telling_t){
				.event = ends[i].event, .attributes = ends[i].attributes});
		phone = the_phone();
		network = &regmon_supplement_of(phone)->network;
		assert_state(phone, REGMON_STATE_NETWORK_DEREGISTERED);
		assert_false(regmon_registration_is_bound(phone));
		assert_int_equal(phone->registered_ms, 0);
		assert_int_equal(phone->state_since_ms, now_ms);
		assert_int_equal(network->event, ends[i].kept);
		assert_int_equal(network->last_event, ends[i].kept);
		assert_int_equal(network->removed_ms, now_ms);
		assert_int_equal(network->told_ms, now_ms);
		assert_int_equal(network->removals, 1);
		assert_int_equal(network->retry_after_s, ends[i].retry_after_s);
		assert_counts(phone, 1, 1, 0);
		assert_newest(
				REGMON_ENTRY_REMOVED, ends[i].kept, ends[i].retry_after_s);
		assert_int_equal(network_ends, 1);
		assert_int_equal(report.ended, 1);
		assert_int_equal(report.known, 1);
		check_clean();
		/* and it goes when it has been kept long enough */
		pass_ms((86400 + 2) * SECOND);
		assert_int_equal(find_all(USUAL_TO, NULL, 0), 0);
		end();
	}
}

/* What the phone did itself, or the clock, is told by the network, too: that is no act of the network. */
static void test_known_ends(void **state)
{
	ask_t off = {.cseq = 2, .branch = "z9hG4bK2", .expires_0 = true};
	unsigned entries;

	begin_bound();
	ask(&off);
	/* faster than the 200; some registrars write `expired` */
	tell(&(telling_t){.event = "expired", .registration = "terminated"});
	assert_state(the_phone(), REGMON_STATE_DEREGISTERING);
	assert_newest(REGMON_ENTRY_NETWORK, REGMON_REGINFO_EXPIRED, 0);
	answer(&off, (answer_t){.code = 200, .contacts = ""});
	assert_state(the_phone(), REGMON_STATE_DEREGISTERED);
	entries = the_phone()->timeline_n;
	tell(&(telling_t){.event = "unregistered"});
	tell(&(telling_t){.event = "expired", .registration = "terminated"});
	assert_state(the_phone(), REGMON_STATE_DEREGISTERED);
	assert_int_equal(the_phone()->timeline_n, entries);
	assert_int_equal(the_network()->removed_ms, 0);
	assert_int_equal(the_network()->told, 3);
	end();

	begin_bound();
	now_ms += 3536 * SECOND; /* 3600 s after the grant, 4 s are left */
	tell(&(telling_t){.event = "expired"});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	pass_ms(6 * SECOND);
	assert_state(the_phone(), REGMON_STATE_EXPIRED);
	tell(&(telling_t){.event = "expired"});
	assert_state(the_phone(), REGMON_STATE_EXPIRED);
	assert_int_equal(network_ends, 0);
	/* what kind of end it was is news, the end is not */
	tell(&(telling_t){.event = "rejected"});
	assert_state(the_phone(), REGMON_STATE_EXPIRED);
	assert_int_equal(the_network()->event, REGMON_REGINFO_REJECTED);
	assert_newest(REGMON_ENTRY_NETWORK, REGMON_REGINFO_REJECTED, 0);
	end();

	/* the same without a word on the Contact */
	begin_bound();
	ask(&off);
	tell_document("full", TERMINATED(), false);
	assert_state(the_phone(), REGMON_STATE_DEREGISTERING);
	answer(&off, (answer_t){.code = 200, .contacts = ""});
	assert_state(the_phone(), REGMON_STATE_DEREGISTERED);
	assert_int_equal(network_ends, 0);
	end();

	/* about the binding before this one */
	begin();
	exchange(&first, (answer_t){.code = 200});
	now_ms += 4 * SECOND;
	tell(&(telling_t){.event = "unregistered"});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	tell(&(telling_t){.event = "deactivated"});
	assert_state(the_phone(), REGMON_STATE_NETWORK_DEREGISTERED);
	end();
}

static void test_two_subscribers(void **state)
{
	begin_bound();
	tell(&(telling_t){
			.event = "registered", .attributes = " expires=\"3540\""});
	now_ms += 20;
	tell(&(telling_t){
			.event = "registered", .attributes = " expires=\"3539\""});
	assert_newest(REGMON_ENTRY_NETWORK, REGMON_REGINFO_REGISTERED, 0);
	assert_int_equal(newest()->repeats, 1);
	tell(&(telling_t){.event = "rejected"});
	now_ms += 20;
	tell(&(telling_t){.event = "rejected"});
	assert_newest(REGMON_ENTRY_REMOVED, REGMON_REGINFO_REJECTED, 0);
	assert_int_equal(the_network()->removals, 1);
	assert_int_equal(the_network()->told, 4);
	assert_int_equal(the_network()->removed_ms, now_ms - 20);
	assert_int_equal(network_ends, 1);
	end();
}

/* The attempt under way goes on, and whoever counts still sees the end. */
static void test_refresh_under_way(void **state)
{
	ask_t refresh = {.cseq = 2, .branch = "z9hG4bK2"};

	begin_bound();
	ask(&refresh);
	assert_state(the_phone(), REGMON_STATE_REFRESHING);
	tell(&(telling_t){.event = "deactivated"});
	assert_state(the_phone(), REGMON_STATE_REGISTERING);
	assert_false(regmon_registration_is_bound(the_phone()));
	assert_int_equal(network_ends, 1);
	check_clean();
	answer(&refresh, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_counts(the_phone(), 2, 2, 0);
	end();
}

/* ---- what the phone makes of it ---- */

static void test_rejected_phone_comes_again(void **state)
{
	ask_t again = {.call_id = "call-2", .branch = "z9hG4bKagain"};
	ask_t off = {.call_id = "call-2",
			.branch = "z9hG4bKoff",
			.cseq = 2,
			.expires_0 = true};

	begin_bound();
	tell(&(telling_t){.event = "rejected"});
	now_ms += 3600 * SECOND;
	exchange(&again, (answer_t){.code = 403});
	assert_int_equal(the_network()->attempts_against, 1);
	again.cseq = 2;
	again.branch = "z9hG4bKagain2";
	again.call_id = "call-3";
	exchange(&again, (answer_t){.code = 200});
	assert_int_equal(the_network()->attempts_against, 2);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	/* granted again: the word of the network is old */
	again.cseq = 3;
	again.branch = "z9hG4bKagain3";
	exchange(&again, (answer_t){.code = 200});
	exchange(&off, (answer_t){.code = 200, .contacts = ""});
	assert_int_equal(the_network()->attempts_against, 2);
	end();

	begin_bound();
	tell(&(telling_t){.event = "deactivated"});
	exchange(&again, (answer_t){.code = 403});
	assert_int_equal(the_network()->attempts_against, 0);
	end();
}

static void test_probation(void **state)
{
	ask_t again = {.call_id = "call-2", .branch = "z9hG4bKagain"};

	begin_bound();
	tell(&(telling_t){
			.event = "probation", .attributes = " retry-after=\"600\""});
	now_ms += 599 * SECOND;
	exchange(&again, (answer_t){.code = 480});
	assert_int_equal(the_network()->attempts_against, 1);
	now_ms += 2 * SECOND;
	again.call_id = "call-3";
	again.branch = "z9hG4bKagain2";
	exchange(&again, (answer_t){.code = 200});
	assert_int_equal(the_network()->attempts_against, 1);
	end();
}

/* ---- shortened ---- */

static void test_shortened(void **state)
{
	ask_t refresh = {.cseq = 2, .branch = "z9hG4bK2"};
	const regmon_registration_t *phone;

	begin_bound();
	tell(&(telling_t){.event = "shortened", .attributes = " expires=\"120\""});
	phone = the_phone();
	assert_state(phone, REGMON_STATE_REGISTERED);
	assert_int_equal(phone->expires_ms, now_ms + 120 * SECOND);
	assert_int_equal(
			regmon_registration_refresh_due_ms(phone), now_ms + 60 * SECOND);
	assert_int_equal(phone->granted_s, 3600);
	assert_int_equal(report.shortened, 1);
	assert_newest(REGMON_ENTRY_NETWORK, REGMON_REGINFO_SHORTENED, 120);
	check_clean();
	/* it was asked to come early */
	now_ms += 2 * SECOND;
	exchange(&refresh, (answer_t){.code = 200});
	phone = the_phone();
	assert_int_equal(phone->early_refreshes, 0);
	assert_int_equal(phone->expires_ms, now_ms + 3600 * SECOND);
	assert_int_equal(
			regmon_registration_refresh_due_ms(phone), now_ms + 3000 * SECOND);
	/* the next early one is early */
	refresh.cseq = 3;
	refresh.branch = "z9hG4bK3";
	now_ms += 2 * SECOND;
	exchange(&refresh, (answer_t){.code = 200});
	assert_int_equal(the_phone()->early_refreshes, 1);
	/* or it does not come at all */
	tell(&(telling_t){.event = "shortened", .attributes = " expires=\"10\""});
	pass_ms(12 * SECOND);
	assert_state(the_phone(), REGMON_STATE_EXPIRED);
	tell(&(telling_t){.event = "shortened", .attributes = " expires=\"10\""});
	assert_false(regmon_registration_is_bound(the_phone()));
	end();
}

/* Rules that look at the time of a refresh know of it, too. */
static bool breaks(const char *id, bool shortened, int64_t after_ms)
{
	regmon_plan_t *made = regmon_memory_get(regmon_plan_size());
	ask_t refresh = {.cseq = 2, .branch = "z9hG4bK2"};
	bool broken;

	begin_bound();
	assert_non_null(made);
	regmon_plan_make(made, NULL, NULL);
	plan = made;
	if(shortened)
		tell(&(telling_t){
				.event = "shortened", .attributes = " expires=\"1200\""});
	now_ms += after_ms;
	ask(&refresh);
	broken = regmon_registration_has_finding(the_phone(),
			(unsigned)regmon_rule_find((str){(char *)id, (int)strlen(id)}));
	plan = NULL;
	regmon_memory_put(made);
	end();
	return broken;
}

static void test_rules_know_shortened(void **state)
{
	assert_true(breaks("ST-13", false, SECOND));
	assert_false(breaks("ST-13", true, SECOND));
	/* due 600 s after the cut, 3000 s after the grant */
	assert_false(breaks("ST-14", false, 900 * SECOND));
	assert_true(breaks("ST-14", true, 900 * SECOND));
}

/* ---- nothing is invented ---- */

static void test_nothing_invented(void **state)
{
	const regmon_registration_t *phone;

	begin();
	tell(&(telling_t){.event = "registered"});
	assert_int_equal(report.unknown, 1);
	assert_int_equal(report.known, 0);
	assert_int_equal(find_all(USUAL_TO, NULL, 0), 0);
	/* a record without binding gets none by a word of the network */
	exchange(&first, (answer_t){.code = 403});
	tell(&(telling_t){.event = "created", .attributes = " expires=\"3600\""});
	phone = the_phone();
	assert_state(phone, REGMON_STATE_FAILED);
	assert_false(regmon_registration_is_bound(phone));
	assert_counts(phone, 1, 0, 1);
	assert_int_equal(regmon_supplement_of(phone)->network.last_event,
			REGMON_REGINFO_CREATED);
	assert_newest(REGMON_ENTRY_NETWORK, REGMON_REGINFO_CREATED, 0);
	/* of somebody else */
	tell(&(telling_t){.event = "rejected", .contact = "sip:x@10.9.9.9"});
	assert_int_equal(report.unknown, 1);
	assert_int_equal(the_network()->told, 1);
	end();
}

static void test_gap(void **state)
{
	begin_bound();
	tell(&(telling_t){.event = "refreshed", .gap = true});
	assert_int_equal(the_network()->gaps, 1);
	assert_true(newest()->marks & REGMON_MARK_GAP);
	tell(&(telling_t){.event = "rejected"});
	assert_int_equal(the_network()->gaps, 1);
	assert_false(newest()->marks & REGMON_MARK_GAP);
	end();
}

/* ---- versions ---- */

static regmon_subscriptions_t *subscriptions;

static regmon_version_t follow(const char *to_tag, uint32_t version, bool full)
{
	const regmon_subscription_t subscription = {
			REGMON_TEXT("call-s"), REGMON_TEXT("notifier"), text_of(to_tag)};
	regmon_version_t verdict = regmon_subscriptions_follow(
			subscriptions, &subscription, version, full, now_ms);

	assert_int_equal(harness_locks_held, 0);
	return verdict;
}

static void test_versions(void **state)
{
	subscriptions = regmon_subscriptions_make(100, key);
	assert_non_null(subscriptions);
	now_ms = START_MS;
	/* joined late: no gap */
	assert_int_equal(follow("a", 5, false), REGMON_VERSION_NEW);
	assert_int_equal(follow("a", 6, false), REGMON_VERSION_NEW);
	assert_int_equal(follow("a", 6, false), REGMON_VERSION_KNOWN);
	assert_int_equal(follow("a", 6, true), REGMON_VERSION_KNOWN);
	assert_int_equal(follow("a", 3, true), REGMON_VERSION_KNOWN);
	assert_int_equal(follow("a", 8, false), REGMON_VERSION_GAP);
	assert_int_equal(follow("a", 9, false), REGMON_VERSION_NEW);
	/* a full one makes good what was missed */
	assert_int_equal(follow("a", 20, true), REGMON_VERSION_NEW);
	assert_int_equal(follow("a", 21, false), REGMON_VERSION_NEW);
	/* the other subscriber counts for itself */
	assert_int_equal(follow("b", 0, true), REGMON_VERSION_NEW);
	assert_int_equal(follow("b", 2, false), REGMON_VERSION_GAP);
	assert_int_equal(follow("a", 4294967295u, true), REGMON_VERSION_NEW);
	assert_int_equal(follow("a", 0, false), REGMON_VERSION_KNOWN);
	regmon_subscriptions_free(subscriptions);
}

static void test_many_subscriptions(void **state)
{
	char tag[20];
	unsigned i, known = 0;

	subscriptions = regmon_subscriptions_make(1000, key);
	assert_non_null(subscriptions);
	assert_int_equal(harness_live_blocks, 2);
	for(i = 0; i < 20000; i++) {
		now_ms = START_MS + i * SECOND;
		snprintf(tag, sizeof(tag), "t%u", i);
		assert_int_equal(follow(tag, 7, false), REGMON_VERSION_NEW);
	}
	/* the last ones are remembered, the first are not */
	for(i = 19800; i < 20000; i++) {
		snprintf(tag, sizeof(tag), "t%u", i);
		known += follow(tag, 7, false) == REGMON_VERSION_KNOWN;
	}
	assert_in_range(known, 195, 200);
	assert_int_equal(follow("t5", 1, false), REGMON_VERSION_NEW);
	assert_int_equal(harness_live_blocks, 2);
	regmon_subscriptions_free(subscriptions);
}

static void test_no_memory_for_versions(void **state)
{
	unsigned i;

	for(i = 1; i <= 2; i++) {
		harness_fail_allocation = i;
		assert_null(regmon_subscriptions_make(100, key));
		assert_int_equal(harness_live_blocks, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {world_test(test_each_end),
			world_test(test_known_ends), world_test(test_two_subscribers),
			world_test(test_refresh_under_way),
			world_test(test_rejected_phone_comes_again),
			world_test(test_probation), world_test(test_shortened),
			world_test(test_rules_know_shortened),
			world_test(test_nothing_invented), world_test(test_gap),
			world_test(test_versions), world_test(test_many_subscriptions),
			world_test(test_no_memory_for_versions)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
