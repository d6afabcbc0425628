/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What belongs to one attempt and must not be told of the next: a retry of what failed is nothing that the phone does
 * anew, and what was refused or given up is over. */
#include "diagnosis/diagnosis.h"
#include "test/unit/registration_network.h"

static const regmon_thresholds_t thresholds = REGMON_THRESHOLDS_DEFAULT;
static regmon_diagnosis_t diagnosis;

/* what `why` says of the only phone with this cause, NULL: nothing */
static const regmon_verdict_t *verdict_of(const char *id)
{
	unsigned i;

	regmon_diagnose(the_phone(), &thresholds, now_ms, &diagnosis);
	for(i = 0; i < diagnosis.n; i++)
		if(strcmp(regmon_cause_at(diagnosis.list[i].cause)->id, id) == 0)
			return &diagnosis.list[i];
	return NULL;
}

static regmon_certainty_t certainty_of(const char *id)
{
	const regmon_verdict_t *verdict = verdict_of(id);

	return verdict ? verdict->certainty : REGMON_CERTAINTY_NONE;
}

/* the next REGISTER of the phone, each in a transaction of its own */
static ask_t *next(ask_t *asked)
{
	static char branch[20];

	asked->cseq = OR(asked->cseq, 1) + 1;
	snprintf(branch, sizeof(branch), "z9hG4bKn%u", asked->cseq);
	asked->branch = branch;
	return asked;
}

static void next_call(ask_t *asked)
{
	static char call_id[20];
	static unsigned n;

	snprintf(call_id, sizeof(call_id), "anew-%u", ++n);
	asked->call_id = call_id;
	next(asked);
}

/* ---- a retry is nothing new ---- */

/* A change of features is refused four times and tried again with the same words: none of it is early. */
static void test_retry_of_a_refresh(void **state)
{
	ask_t asked = {.security_verify = true};
	unsigned i;

	begin();
	exchange(&(ask_t){0}, (answer_t){.code = 200, .granted = 600000});
	now_ms += 60 * SECOND;
	asked.features = ";+g.3gpp.smsip;+g.3gpp.ussi";
	for(i = 0; i < 4; i++) {
		exchange(next(&asked), (answer_t){.code = 503});
		now_ms += 400 * SECOND;
	}
	exchange(next(&asked), (answer_t){.code = 200, .granted = 600000});
	assert_int_equal(the_phone()->early_refreshes, 0);
	assert_int_equal(certainty_of("refresh-storm"), REGMON_CERTAINTY_NONE);
	/* one that comes after the success is */
	now_ms += 60 * SECOND;
	exchange(next(&asked), (answer_t){.code = 200, .granted = 600000});
	assert_int_equal(the_phone()->early_refreshes, 1);
	end();
}

/* Restarted once, refused once: it came back once. */
static void test_retry_after_a_restart(void **state)
{
	ask_t asked = {.security_client = true};

	begin();
	exchange(&asked, (answer_t){.code = 200, .granted = 600000});
	now_ms += 60 * SECOND;
	next_call(&asked);
	exchange(&asked, (answer_t){.code = 503});
	now_ms += 60 * SECOND;
	next_call(&asked);
	exchange(&asked, (answer_t){.code = 503});
	/* its Call-ID is not that of the binding, though the phone keeps it */
	now_ms += 120 * SECOND;
	exchange(next(&asked), (answer_t){.code = 200, .granted = 600000});
	assert_int_equal(the_phone()->attempt.kind, REGMON_ATTEMPT_INITIAL);
	assert_int_equal(the_phone()->returns_unprotected, 1);
	assert_int_equal(certainty_of("binding-does-not-hold"), REGMON_POSSIBLE);
	/* once more is twice */
	now_ms += 60 * SECOND;
	next_call(&asked);
	exchange(&asked, (answer_t){.code = 200, .granted = 600000});
	assert_int_equal(certainty_of("binding-does-not-hold"), REGMON_LIKELY);
	end();
}

/* Replaced once, refused once on the way back: it was replaced once. */
static void test_retry_of_a_replaced_device(void **state)
{
	ask_t one = {0};
	ask_t other = OTHER_DEVICE;
	char who[30];

	begin();
	exchange(&one, (answer_t){.code = 200});
	exchange(&other, (answer_t){.code = 200});
	now_ms += 30 * SECOND;
	next_call(&one);
	exchange(&one, (answer_t){.code = 503});
	now_ms += 60 * SECOND;
	next_call(&one);
	exchange(&one, (answer_t){.code = 200});
	snprintf(who, sizeof(who), "callid:%s", one.call_id);
	assert_int_equal(the(who)->replaced_in_row, 1);
	end();
}

/* Two restarts with a refresh in peace between them are not in a row. */
static void test_refresh_between_restarts(void **state)
{
	ask_t asked = {.security_client = true};

	begin();
	exchange(&asked, (answer_t){.code = 200});
	now_ms += 60 * SECOND;
	next_call(&asked);
	exchange(&asked, (answer_t){.code = 200});
	now_ms += 3000 * SECOND;
	asked.security_verify = true;
	exchange(next(&asked), (answer_t){.code = 200});
	assert_int_equal(the_phone()->attempt.kind, REGMON_ATTEMPT_REFRESH);
	now_ms += 60 * SECOND;
	asked.security_verify = false;
	next_call(&asked);
	exchange(&asked, (answer_t){.code = 200});
	assert_int_equal(certainty_of("binding-does-not-hold"), REGMON_POSSIBLE);
	end();
}

/* Three that came too early; the next one got no answer, and the one after it has waited. */
static void test_early_retries_are_over(void **state)
{
	ask_t asked = {0};
	unsigned i;

	begin();
	for(i = 0; i < 5; i++) {
		next_call(&asked);
		exchange(&asked, (answer_t){.code = 403});
		now_ms += SECOND;
	}
	assert_int_equal(certainty_of("back-off-ignored"), REGMON_LIKELY);
	/* to leave one without waiting for its answer is no waiting */
	next_call(&asked);
	ask(&asked);
	now_ms += SECOND;
	next_call(&asked);
	exchange(&asked, (answer_t){.code = 403});
	assert_int_equal(certainty_of("back-off-ignored"), REGMON_LIKELY);
	now_ms += SECOND;
	next_call(&asked);
	ask(&asked);
	pass_ms(3600 * SECOND);
	next_call(&asked);
	exchange(&asked, (answer_t){.code = 403});
	assert_int_equal(certainty_of("back-off-ignored"), REGMON_CERTAINTY_NONE);
	end();
}

/* ---- over and healed ---- */

/* CSeq went back once, and every refresh since was accepted: that the phone is switched off now says nothing. */
static void test_cseq_went_back_long_ago(void **state)
{
	regmon_plan_t *made = calloc(1, regmon_plan_size());
	ask_t asked = {.cseq = 5};
	unsigned i;

	assert_non_null(made);
	regmon_plan_make(made, NULL, NULL);
	plan = made;
	begin();
	exchange(&asked, (answer_t){.code = 200});
	now_ms += 3000 * SECOND;
	asked.cseq = 3;
	for(i = 0; i < REGMON_MAX_TIMELINE; i++) {
		exchange(next(&asked), (answer_t){.code = 200});
		now_ms += 3000 * SECOND;
	}
	asked.expires_0 = true;
	exchange(next(&asked), (answer_t){.code = 200, .granted_0 = true});
	assert_state(the_phone(), REGMON_STATE_DEREGISTERED);
	assert_int_equal(certainty_of("cseq-regression"), REGMON_POSSIBLE);
	plan = NULL;
	free(made);
	end();
}

/* The 200s were without the phone, which then took itself back: what comes a day later begins anew. */
static void test_missing_before_a_farewell(void **state)
{
	ask_t asked = {0};
	unsigned i;

	begin();
	for(i = 0; i < 2; i++)
		exchange(next(&asked),
				(answer_t){.code = 200,
						.contacts = "<sip:b@10.0.0.8>;expires=60"});
	assert_int_equal(certainty_of("binding-does-not-hold"), REGMON_CERTAIN);
	asked.expires_0 = true;
	exchange(next(&asked), (answer_t){.code = 200, .contacts = ""});
	now_ms += 86400 * SECOND;
	asked.expires_0 = false;
	next_call(&asked);
	exchange(&asked, (answer_t){.code = 403});
	assert_int_equal(
			certainty_of("binding-does-not-hold"), REGMON_CERTAINTY_NONE);
	end();
}

/* Switched off before the challenge of its farewell came: switched on again, it has not been silent. */
static void test_challenged_farewell(void **state)
{
	ask_t asked = {.security_client = true};

	begin();
	exchange(&asked, (answer_t){.code = 200});
	now_ms += 60 * SECOND;
	asked.expires_0 = true;
	exchange(next(&asked), (answer_t){.code = 401});
	pass_ms(4000 * SECOND);
	assert_int_equal(regmon_supplement_of(the_phone())->silent_in_row, 0);
	asked.expires_0 = false;
	next_call(&asked);
	ask(&asked);
	assert_true(certainty_of("silent-after-challenge") <= REGMON_POSSIBLE);
	end();
}

/* This node dropped it once; later it registers, leaves, and then the network rejects it. */
static void test_removed_here_long_ago(void **state)
{
	ask_t asked = {0};

	begin();
	answers_are_local = true;
	ask(&asked);
	store_tells(
			REGMON_STORE_SCSCF, REGMON_STORED_STORED, USUAL_TO, USUAL_CONTACT);
	answer(&asked, (answer_t){.code = 200});
	now_ms += 60 * SECOND;
	store_tells(
			REGMON_STORE_SCSCF, REGMON_STORED_REMOVED, USUAL_TO, USUAL_CONTACT);
	assert_int_equal(certainty_of("removed-by-this-node"), REGMON_CERTAIN);
	now_ms += 60 * SECOND;
	next_call(&asked);
	ask(&asked);
	answer(&asked, (answer_t){.code = 200});
	asked.expires_0 = true;
	ask(next(&asked));
	answer(&asked, (answer_t){.code = 200, .granted_0 = true});
	now_ms += 60 * SECOND;
	tell(&(telling_t){.event = "rejected"});
	asked.expires_0 = false;
	next_call(&asked);
	ask(&asked);
	answer(&asked, (answer_t){.code = 403});
	answers_are_local = false;
	assert_int_equal(certainty_of("network-deregistered"), REGMON_CERTAIN);
	assert_null(strstr(diagnosis.summary, "by this node itself at"));
	end();
}

/* ---- of another REGISTER ---- */

/* The phone was sent nothing: the phrase of last time is no reason for this one. */
static void test_phrase_of_another_refusal(void **state)
{
	ask_t asked = {0};

	begin();
	exchange(&asked, (answer_t){.code = 403, .reason = "Roaming not allowed"});
	assert_non_null(
			strstr(verdict_of("forbidden-by-core")->suspect, "Cx 5004"));
	now_ms += 3600 * SECOND;
	next_call(&asked);
	ask(&asked);
	sent_on(&asked);
	answer_in(&asked, (answer_t){.code = 403, .reason = "Forbidden"});
	pass_ms(200 * SECOND);
	assert_null(strstr(verdict_of("forbidden-by-core")->suspect, "Cx 5004"));
	/* sent after all, with a phrase of its own */
	answer(&asked, (answer_t){.code = 403, .reason = "Roaming not allowed"});
	assert_non_null(
			strstr(verdict_of("forbidden-by-core")->suspect, "Cx 5004"));
	end();
}

/* Asked for more, the phone is waited for; and when it asks for more, that is no interval too brief. */
static void test_asked_for_more(void **state)
{
	ask_t asked = {.expires = 60};

	begin();
	exchange(&asked, (answer_t){.code = 423, .lines = "Min-Expires: 3000\r\n"});
	now_ms += SECOND;
	assert_int_equal(certainty_of("interval-too-brief"), REGMON_POSSIBLE);
	assert_non_null(strstr(diagnosis.summary, "to try again, waiting"));
	/* it has not understood */
	next_call(&asked);
	ask(&asked);
	assert_int_equal(certainty_of("interval-too-brief"), REGMON_LIKELY);
	answer(&asked, (answer_t){.code = 423, .lines = "Min-Expires: 3000\r\n"});
	asked.expires = 3600;
	next_call(&asked);
	ask(&asked);
	assert_int_equal(certainty_of("interval-too-brief"), REGMON_CERTAINTY_NONE);
	end();
}

/* Half a minute, as the phone asked; a query asks for no time, nor does a farewell. */
static void test_query_asks_for_no_time(void **state)
{
	ask_t asked = {.expires = 30};

	begin();
	exchange(&asked, (answer_t){.code = 200, .granted = 30});
	assert_int_equal(certainty_of("binding-does-not-hold"), REGMON_POSSIBLE);
	asked.contact = "";
	exchange(next(&asked),
			(answer_t){.code = 200,
					.contacts = "<" USUAL_CONTACT ">;expires=30"});
	assert_int_equal(certainty_of("binding-does-not-hold"), REGMON_POSSIBLE);
	/* nor does a farewell, be it refused */
	asked.contact = NULL;
	asked.expires_0 = true;
	exchange(next(&asked), (answer_t){.code = 403});
	assert_int_equal(certainty_of("binding-does-not-hold"), REGMON_POSSIBLE);
	end();
}

/* A refresh from another address was refused: the place that was kept for it runs out, and nothing is lost. */
static void test_place_of_a_refused_contact(void **state)
{
	static const char other[] = "sip:001010000000001@10.0.0.9:5060";
	ask_t asked = {.contact = other};
	regmon_store_news_t gone = {.store = REGMON_STORE_PCSCF,
			.stored = REGMON_STORED_EXPIRED,
			.was_pending = true,
			.contact = text_of(other)};

	begin();
	exchange(&(ask_t){0}, (answer_t){.code = 200});
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_STORED, NULL, USUAL_CONTACT);
	now_ms += 60 * SECOND;
	ask(next(&asked));
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_PENDING, NULL, other);
	answer(&asked, (answer_t){.code = 503});
	now_ms += 30 * SECOND;
	regmon_table_stored(table, &gone, now_ms);
	assert_int_equal(certainty_of("contact-dropped"), REGMON_CERTAINTY_NONE);
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	/* what is in force may still be lost */
	asked.contact = USUAL_CONTACT;
	exchange(next(&asked), (answer_t){.code = 200});
	now_ms += 30 * SECOND;
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_REMOVED, NULL, USUAL_CONTACT);
	assert_int_equal(certainty_of("contact-dropped"), REGMON_LIKELY);
	end();
}

/* The same news, when it is no place of the refused attempt: then it is what it says. */
static void test_place_of_what_is_in_force(void **state)
{
	const regmon_stored_t known[] = {
			REGMON_STORED_STORED, REGMON_STORED_PENDING};
	ask_t asked;
	unsigned i;

	for(i = 0; i < 2; i++) {
		begin();
		asked = (ask_t){0};
		ask(&asked);
		/* some stores never tell more than that it is pending */
		store_tells(REGMON_STORE_PCSCF, known[i], NULL, USUAL_CONTACT);
		answer(&asked, (answer_t){.code = 200});
		now_ms += 60 * SECOND;
		exchange(next(&asked), (answer_t){.code = 503});
		now_ms += 30 * SECOND;
		store_tells(
				REGMON_STORE_PCSCF, REGMON_STORED_REMOVED, NULL, USUAL_CONTACT);
		assert_int_equal(the_phone()->kept.stored, REGMON_STORED_REMOVED);
		assert_int_not_equal(
				certainty_of("contact-dropped"), REGMON_CERTAINTY_NONE);
		end();
	}
	/* it was more than a place for a moment */
	begin();
	asked = (ask_t){0};
	exchange(&asked, (answer_t){.code = 200});
	ask(next(&asked));
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_PENDING, NULL, USUAL_CONTACT);
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_STORED, NULL, USUAL_CONTACT);
	answer(&asked, (answer_t){.code = 503});
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_REMOVED, NULL, USUAL_CONTACT);
	assert_int_equal(the_phone()->kept.stored, REGMON_STORED_REMOVED);
	end();
	/* nothing is in force */
	begin();
	asked = (ask_t){0};
	ask(&asked);
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_PENDING, NULL, USUAL_CONTACT);
	answer(&asked, (answer_t){.code = 503});
	now_ms += 30 * SECOND;
	store_tells(REGMON_STORE_PCSCF, REGMON_STORED_EXPIRED, NULL, USUAL_CONTACT);
	assert_int_equal(the_phone()->kept.stored, REGMON_STORED_EXPIRED);
	end();
}

/* Given up and answered after all: then it was not kept here. */
static void test_answered_when_given_up(void **state)
{
	ask_t asked = {.vias = 2}, earlier;

	begin();
	ask(&asked);
	sent_on(&asked);
	pass_ms(34 * SECOND);
	assert_int_equal(the_phone()->attempt.result, REGMON_RESULT_UNANSWERED);
	answer_in(&asked, (answer_t){.code = 200});
	answer(&asked, (answer_t){.code = 200});
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	assert_int_equal(
			certainty_of("answer-not-delivered"), REGMON_CERTAINTY_NONE);
	/* and what comes next is no retry */
	now_ms += 3000 * SECOND;
	ask(next(&asked));
	assert_int_equal(the_phone()->attempt.kind, REGMON_ATTEMPT_REFRESH);
	asked = (ask_t){.vias = 2};
	end();
	/* nor left without an answer, where this node makes it */
	begin();
	ask(&asked);
	pass_ms(34 * SECOND);
	assert_int_equal(certainty_of("unanswered-here"), REGMON_LIKELY);
	answer(&asked, (answer_t){.code = 200});
	assert_int_equal(certainty_of("unanswered-here"), REGMON_CERTAINTY_NONE);
	end();
	/* an answer to the REGISTER before is none */
	begin();
	asked = (ask_t){.vias = 2};
	ask(&asked);
	earlier = asked;
	now_ms += SECOND;
	ask(next(&asked));
	now_ms += SECOND;
	answer(&earlier, (answer_t){.code = 401});
	pass_ms(34 * SECOND);
	assert_int_equal(certainty_of("unanswered-here"), REGMON_LIKELY);
	end();
}

/* A challenge that led to nothing: the phone goes on with the nonce that was accepted, and so does the record. */
static void test_nonce_of_a_lost_challenge(void **state)
{
	ask_t asked = {.credentials = EMPTY};
	uint64_t accepted;

	begin();
	exchange(&asked, (answer_t){.code = 401, .nonce = "b25l"});
	asked.credentials = RESPONSE;
	asked.nonce = "b25l";
	exchange(next(&asked), (answer_t){.code = 200});
	accepted = the_phone()->nonce_accepted;
	assert_true(accepted != 0 && accepted == the_phone()->nonce_issued);
	now_ms += 3000 * SECOND;
	exchange(next(&asked), (answer_t){.code = 401, .nonce = "dHdv"});
	pass_ms(300 * SECOND);
	exchange(next(&asked), (answer_t){.code = 200});
	assert_true(the_phone()->nonce_accepted == accepted);
	/* one that is answered counts */
	now_ms += 3000 * SECOND;
	exchange(next(&asked), (answer_t){.code = 401, .nonce = "ZHJlaQ=="});
	asked.nonce = "ZHJlaQ==";
	exchange(next(&asked), (answer_t){.code = 200});
	assert_true(the_phone()->nonce_accepted != accepted);
	assert_true(the_phone()->nonce_accepted == the_phone()->nonce_issued);
	end();
}

/* An offer that the 401 did not take up makes no security association. */
static void test_offer_without_an_answer(void **state)
{
	ask_t asked = {.security_client = true, .credentials = EMPTY};

	begin();
	exchange(&asked, (answer_t){.code = 401});
	asked.credentials = RESPONSE;
	exchange(next(&asked), (answer_t){.code = 200});
	assert_int_equal(regmon_association_until_ms(the_phone()), 0);
	end();
}

/* A query after the 200 is not what a document speaks of: the binding is that of the REGISTER before. */
static void test_document_behind_a_query(void **state)
{
	ask_t asked = {0};

	begin();
	exchange(&asked, (answer_t){.code = 200});
	now_ms += 60 * SECOND;
	asked.contact = "";
	exchange(next(&asked),
			(answer_t){.code = 200,
					.contacts = "<" USUAL_CONTACT ">;expires=3540"});
	now_ms += 60 * SECOND;
	tell(&(telling_t){.event = "deactivated",
			.attributes = " callid=\"call-1\" cseq=\"1\""});
	assert_state(the_phone(), REGMON_STATE_NETWORK_DEREGISTERED);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {world_test(test_retry_of_a_refresh),
			world_test(test_retry_after_a_restart),
			world_test(test_retry_of_a_replaced_device),
			world_test(test_refresh_between_restarts),
			world_test(test_early_retries_are_over),
			world_test(test_cseq_went_back_long_ago),
			world_test(test_missing_before_a_farewell),
			world_test(test_challenged_farewell),
			world_test(test_removed_here_long_ago),
			world_test(test_phrase_of_another_refusal),
			world_test(test_asked_for_more),
			world_test(test_query_asks_for_no_time),
			world_test(test_place_of_a_refused_contact),
			world_test(test_place_of_what_is_in_force),
			world_test(test_answered_when_given_up),
			world_test(test_nonce_of_a_lost_challenge),
			world_test(test_offer_without_an_answer),
			world_test(test_document_behind_a_query)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
