/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a record keeps of one attempt for what comes after it, and what it lets go: certainty stands on it. */
#include "test/unit/registration_world.h"

static char call_id[20], branch[20];
static unsigned calls, branches;

/* the next REGISTER; first: with a new Call-ID, without credentials */
static ask_t *next(ask_t *asked, bool first)
{
	if(first) {
		snprintf(call_id, sizeof(call_id), "call-%u", ++calls);
		asked->credentials = EMPTY;
		asked->cseq = 0;
	} else {
		asked->credentials = RESPONSE;
	}
	snprintf(branch, sizeof(branch), "z9hG4bK%u", ++branches);
	asked->call_id = call_id;
	asked->branch = branch;
	asked->cseq++;
	asked->security_client = true;
	asked->security_verify = !first;
	return asked;
}

static void begin_kept(void)
{
	begin();
	calls = branches = 0;
}

/* ---- failures in a row ---- */

static void refused_in_a_loop(ask_t *asked)
{
	exchange(next(asked, true), (answer_t){.code = 401});
	exchange(next(asked, false), (answer_t){.code = 401});
	exchange(next(asked, false), (answer_t){.code = 403});
}

static void assert_rows(
		unsigned loops, unsigned silent, unsigned unanswered, unsigned overlaps)
{
	const regmon_registration_t *phone = the_phone();

	assert_int_equal(regmon_supplement_of(phone)->loops_in_row, loops);
	assert_int_equal(regmon_supplement_of(phone)->silent_in_row, silent);
	assert_int_equal(regmon_supplement_of(phone)->unanswered_in_row, unanswered);
	assert_int_equal(regmon_supplement_of(phone)->overlaps_in_row, overlaps);
}

static void test_rows_of_failures(void **state)
{
	ask_t asked = {0};

	begin_kept();
	refused_in_a_loop(&asked);
	refused_in_a_loop(&asked);
	assert_rows(2, 0, 0, 0);
	/* one that ends in another way ends the row */
	ask(next(&asked, true));
	pass_ms(130 * SECOND);
	assert_rows(0, 0, 1, 0);
	exchange(next(&asked, true), (answer_t){.code = 401});
	pass_ms(242 * SECOND);
	assert_rows(0, 1, 0, 0);
	/* left at the challenge, for another Call-ID: as silent as that */
	exchange(next(&asked, true), (answer_t){.code = 401});
	ask(next(&asked, true));
	assert_rows(0, 2, 0, 0);
	/* left before the answer: what it would have come to nobody knows, the row goes on */
	now_ms += SECOND;
	ask(next(&asked, true));
	assert_rows(0, 2, 0, 0);
	answer(&asked, (answer_t){.code = 403});
	assert_rows(0, 0, 0, 1);
	exchange(next(&asked, true), (answer_t){.code = 403});
	assert_rows(0, 0, 0, 0);
	assert_int_equal(the_phone()->failures_in_row, 8);
	end();
}

static void test_success_ends_the_rows(void **state)
{
	ask_t asked = {0};

	begin_kept();
	refused_in_a_loop(&asked);
	exchange(next(&asked, true), (answer_t){.code = 401});
	ask(next(&asked, true));
	answer(&asked, (answer_t){.code = 200});
	assert_rows(0, 0, 0, 0);
	pass_ms(2000 * SECOND);
	ask(next(&asked, true));
	pass_ms(130 * SECOND);
	assert_rows(0, 0, 1, 0);
	exchange(next(&asked, true), (answer_t){.code = 200});
	assert_rows(0, 0, 0, 0);
	end();
}

/* A success ends the row of attempts that came too early, too: a failure long after it is the first one. */
static void test_early_retries_before_a_success(void **state)
{
	ask_t asked = {0};
	unsigned i;

	begin_kept();
	for(i = 0; i < 3; i++) {
		exchange(next(&asked, true), (answer_t){.code = 503,
											 .lines = "Retry-After: 60\r\n"});
		assert_int_equal(regmon_supplement_of(the_phone())->early_retries, i);
	}
	exchange(next(&asked, true), (answer_t){.code = 200});
	assert_int_equal(regmon_supplement_of(the_phone())->early_retries, 0);
	exchange(next(&asked, true), (answer_t){.code = 403});
	assert_int_equal(regmon_supplement_of(the_phone())->early_retries, 0);
	end();
}

/* ---- one reason phrase ---- */

static void test_reason_of_a_refusal(void **state)
{
	ask_t asked = {0};

	begin_kept();
	exchange(next(&asked, true), (answer_t){.code = 403, .reason = "Barred"});
	assert_string(the_phone(), REGMON_STRING_REASON, "Barred");
	/* a challenge refuses nothing: the attempt before is still told of with its phrase */
	exchange(next(&asked, true),
			(answer_t){.code = 401, .reason = "Unauthorized"});
	assert_string(the_phone(), REGMON_STRING_REASON, "Barred");
	assert_int_equal(regmon_supplement_of(the_phone())->before.code, 403);
	end();
}

static void test_reason_of_another_refusal(void **state)
{
	ask_t asked = {0};

	/* the phrase of this attempt's 423 is none for the refusal before it */
	begin_kept();
	exchange(next(&asked, true), (answer_t){.code = 403, .reason = "Barred"});
	exchange(next(&asked, true), (answer_t){.code = 423, .reason = "Brief"});
	assert_string(the_phone(), REGMON_STRING_REASON, "Brief");
	assert_int_equal(regmon_supplement_of(the_phone())->before.kind, REGMON_ATTEMPT_NONE);
	/* what was not refused needs none */
	pass_ms(200 * SECOND);
	ask(next(&asked, true));
	pass_ms(130 * SECOND);
	exchange(next(&asked, true), (answer_t){.code = 423, .reason = "Brief"});
	assert_int_equal(regmon_supplement_of(the_phone())->before.result,
			REGMON_RESULT_UNANSWERED);
	assert_int_not_equal(regmon_supplement_of(the_phone())->before.kind, REGMON_ATTEMPT_NONE);
	end();
}

/* ---- the nonce on its way ---- */

static void challenged_with(const ask_t *asked, const char *core_nonce,
		const char *phone_nonce)
{
	ask(asked);
	sent_on(asked);
	answer_in(asked, (answer_t){.code = 401, .nonce = core_nonce});
	answer(asked, (answer_t){.code = 401, .nonce = phone_nonce});
}

static void test_nonce_changed_here(void **state)
{
	ask_t asked = {.nonce = "b3RoZXI="};

	begin_kept();
	challenged_with(next(&asked, true), "bm9uY2U=", "b3RoZXI=");
	assert_int_equal(the_phone()->attempt.changed_on_way, REGMON_CHANGED_NONCE);
	/* the REGISTER that answers it remembers, whatever becomes of its own answer */
	ask(next(&asked, false));
	assert_int_equal(
			the_phone()->attempt.changed_on_way, REGMON_CHANGED_CHALLENGE);
	sent_on(&asked);
	answer_in(&asked, (answer_t){.code = 403});
	answer(&asked, (answer_t){.code = 500});
	assert_int_equal(the_phone()->attempt.changed_on_way,
			REGMON_CHANGED_CHALLENGE | REGMON_CHANGED_CODE);
	/* the next one does not */
	challenged_with(next(&asked, true), "bm9uY2U=", "bm9uY2U=");
	assert_int_equal(the_phone()->attempt.changed_on_way, 0);
	ask(next(&asked, false));
	assert_int_equal(the_phone()->attempt.changed_on_way, 0);
	end();
}

static void test_answer_to_an_old_challenge(void **state)
{
	ask_t asked = {.nonce = "b2xk"};

	begin_kept();
	exchange(next(&asked, true), (answer_t){.code = 401});
	ask(next(&asked, false));
	assert_int_equal(the_phone()->attempt.stale_answers, 1);
	answer(&asked, (answer_t){.code = 403});
	/* a new attempt answers no challenge of the one that it leaves */
	exchange(next(&asked, true), (answer_t){.code = 401});
	next(&asked, true);
	asked.credentials = RESPONSE;
	ask(&asked);
	assert_int_equal(regmon_supplement_of(the_phone())->before.result,
			REGMON_RESULT_SUPERSEDED);
	assert_int_equal(the_phone()->attempt.stale_answers, 0);
	end();
}

/* ---- the security agreement ---- */

#define SERVER(alg, spi)                                      \
	"ipsec-3gpp;alg=" alg ";ealg=null;spi-c=" spi ";spi-s=2;" \
	"port-c=6062;port-s=6064"

static void test_verify_without_its_list(void **state)
{
	ask_t asked = {0};

	begin_kept();
	exchange(next(&asked, true),
			(answer_t){.code = 401,
					.lines = "Security-Server: " SERVER(
							"hmac-sha-1-96", "1") "\r\n"});
	exchange(next(&asked, false), (answer_t){.code = 403});
	assert_int_equal(the_phone()->verify, REGMON_VERIFY_DIFFERS);
	/* this 401 has none: whether the list repeats it cannot be said */
	exchange(next(&asked, true), (answer_t){.code = 401});
	exchange(next(&asked, false), (answer_t){.code = 403});
	assert_int_equal(the_phone()->verify, REGMON_VERIFY_UNKNOWN);
	end();
}

/* The phone takes the first one that it offered (TS 33.203 7.2), wherever it stands. */
static void test_choice_of_several(void **state)
{
	ask_t asked = {0};

	begin_kept();
	exchange(next(&asked, true),
			(answer_t){.code = 401,
					.lines = "Security-Server: tls, " SERVER("hmac-md5-96",
							"11") ", " SERVER("hmac-sha-1-96", "22") "\r\n"});
	assert_int_equal(the_phone()->server.alg, REGMON_WORD_HMAC_SHA_1_96);
	assert_int_equal(the_phone()->server.spi_c, 22);
	/* none that it offered: the first */
	exchange(next(&asked, true),
			(answer_t){.code = 401,
					.lines = "Security-Server: tls, " SERVER("hmac-md5-96",
							"33") ", " SERVER("aes-gmac", "44") "\r\n"});
	assert_int_equal(the_phone()->server.alg, REGMON_WORD_HMAC_MD5_96);
	assert_int_equal(the_phone()->server.spi_c, 33);
	end();
}

/* ---- the end of an attempt ---- */

static unsigned entries_of(regmon_entry_kind_t kind)
{
	const regmon_registration_t *phone = the_phone();
	unsigned i, n = 0;

	for(i = 0; i < phone->timeline_n; i++)
		n += regmon_registration_entry(phone, i)->kind == kind;
	return n;
}

/* tm tells of the end when this module has given the attempt up: that is written down, and ends nothing twice */
static void test_tm_tells_late(void **state)
{
	ask_t asked = {0};

	begin_kept();
	ask(next(&asked, true));
	pass_ms(130 * SECOND);
	assert_int_equal(the_phone()->attempt.result, REGMON_RESULT_UNANSWERED);
	assert_int_equal(entries_of(REGMON_ENTRY_NO_ANSWER), 1);
	without_message(&asked, REGMON_HAPPENING_TRANSACTION_ENDED, 0);
	assert_int_equal(entries_of(REGMON_ENTRY_NO_ANSWER), 2);
	assert_counts(the_phone(), 1, 0, 1);
	/* of one that was answered, and given up later, it says nothing */
	exchange(next(&asked, true), (answer_t){.code = 401});
	pass_ms(242 * SECOND);
	without_message(&asked, REGMON_HAPPENING_TRANSACTION_ENDED, 0);
	assert_int_equal(entries_of(REGMON_ENTRY_NO_ANSWER), 2);
	end();
}

/* A phone comes again in the very second in which its time is over, and the timer has not looked yet. */
static void test_over_before_the_timer_looks(void **state)
{
	ask_t asked = {0};

	begin_kept();
	ask(next(&asked, true));
	now_ms += 129 * SECOND;
	ask(next(&asked, true));
	assert_int_equal(results[REGMON_RESULT_UNANSWERED], 1);
	assert_int_equal(results[REGMON_RESULT_SUPERSEDED], 0);
	assert_int_equal(the_phone()->attempt.overlaps, 0);
	answer(&asked, (answer_t){.code = 401});
	now_ms += 241 * SECOND;
	ask(next(&asked, true));
	assert_int_equal(results[REGMON_RESULT_SILENT], 1);
	assert_int_equal(results[REGMON_RESULT_SUPERSEDED], 0);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_rows_of_failures),
			harness_test(test_success_ends_the_rows),
			harness_test(test_early_retries_before_a_success),
			harness_test(test_reason_of_a_refusal),
			harness_test(test_reason_of_another_refusal),
			harness_test(test_nonce_changed_here),
			harness_test(test_answer_to_an_old_challenge),
			harness_test(test_verify_without_its_list),
			harness_test(test_choice_of_several),
			harness_test(test_tm_tells_late),
			harness_test(test_over_before_the_timer_looks)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
