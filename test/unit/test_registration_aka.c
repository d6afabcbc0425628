/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a record knows of challenge and answer: by their form, and by the verdicts that somebody with keys hands in. */
#include "test/unit/registration_world.h"

/* of the Milenage test sets 1 and 2 */
#define NONCE_1 "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="
#define NONCE_2 "wA1gMQPc7lLER4EZSUIC6Dn5bNmAD68XXfWzGAfiWLA="
/* RAND of the first with the rest of the second */
#define NONCE_1_AGAIN "I1U8vpY3qJ0hiuZNrke/NTn5bNmAD68XXfWzGAfiWLA="

static const regmon_aka_verdict_t *verdict; /* of the next message */
static unsigned cseq;
static const char *call_id;

static void say(const char *text, regmon_happening_t what)
{
	static regmon_message_t message;
	regmon_class_t class;
	regmon_observation_t observation = {.what = what,
			.now_ms = now_ms,
			.message = &message,
			.class = &class,
			.aka = verdict};

	now_ms += 10;
	regmon_message_read(text, (int)strlen(text), &message);
	regmon_classify(&message, NULL, REGMON_ROLE_AUTO, &class);
	regmon_table_observe(table, &observation, &outcome);
	assert_true(outcome.remembered);
	check_clean();
}

static void phone_says(const char *authorization)
{
	char text[2000];

	cseq++;
	snprintf(text, sizeof(text),
			"REGISTER sip:ims SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK%s%u\r\n"
			"From: <" USUAL_TO ">;tag=a\r\nTo: <" USUAL_TO ">\r\n"
			"Call-ID: %s\r\nCSeq: %u REGISTER\r\n"
			"Contact: <" USUAL_CONTACT ">\r\nExpires: 3600\r\n"
			"Authorization: Digest username=\"" USUAL_IMPI "\",%s\r\n\r\n",
			call_id, cseq, call_id, cseq, authorization);
	say(text, REGMON_HAPPENING_REQUEST_IN);
}

static void answer_is(int code, int vias, const char *lines)
{
	char text[2000], via[200] = "";

	if(vias > 1)
		strcpy(via, "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKhere\r\n");
	snprintf(text, sizeof(text),
			"SIP/2.0 %d Reason\r\n%s"
			"Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK%s%u\r\n"
			"From: <" USUAL_TO ">;tag=a\r\nTo: <" USUAL_TO ">;tag=b\r\n"
			"Call-ID: %s\r\nCSeq: %u REGISTER\r\n%s\r\n",
			code, via, call_id, cseq, call_id, cseq, lines);
	say(text, vias > 1 ? REGMON_HAPPENING_ANSWER_IN
					   : REGMON_HAPPENING_ANSWER_OUT);
}

static void challenge(const char *parameters)
{
	char line[600];

	snprintf(line, sizeof(line), "WWW-Authenticate: Digest %s\r\n", parameters);
	answer_is(401, 1, line);
}

static void accept(void)
{
	answer_is(200, 1, "Contact: <" USUAL_CONTACT ">;expires=3600\r\n");
}

#define FIRST "realm=\"ims\",uri=\"sip:ims\",nonce=\"\",response=\"\""
#define R32 "0123456789abcdef0123456789abcdef"

static void start(void)
{
	begin();
	cseq = 0;
	call_id = "call-1";
	verdict = NULL;
}

static const regmon_aka_facts_t *facts(void)
{
	return &the_phone()->aka;
}

static const regmon_aka_worth_t *worth(void)
{
	return &regmon_supplement_of(the_phone())->worth;
}

static bool is_marked(unsigned mark)
{
	return (facts()->marks & mark) != 0;
}

static void test_nothing_before_the_challenge(void **state)
{
	static const regmon_aka_facts_t nothing;

	start();
	phone_says(FIRST);
	assert_memory_equal(facts(), &nothing, sizeof(nothing));
	end();
}

static void test_usual_registration(void **state)
{
	start();
	phone_says(FIRST);
	challenge("realm=\"ims\",nonce=\"" NONCE_1
			  "\",algorithm=AKAv1-MD5,qop=\"auth,auth-int\"");
	assert_int_equal(facts()->nonce, REGMON_NONCE_VECTOR);
	assert_int_equal(facts()->challenge_algorithm, REGMON_ALGORITHM_AKAV1_MD5);
	assert_int_equal(facts()->qop_offer, REGMON_QOP_OFFERED);
	assert_int_equal(facts()->repeated_rands, 0);
	assert_int_equal(
			facts()->marks, REGMON_AKA_CHALLENGED | REGMON_AKA_CHALLENGED_NOW);
	phone_says("realm=\"ims\",uri=\"sip:ims\",nonce=\"" NONCE_1
			   "\",response=\"" R32 "\",algorithm=AKAv1-MD5,qop=auth,"
			   "nc=00000001,cnonce=\"x\"");
	assert_int_equal(facts()->answer_algorithm, REGMON_ALGORITHM_AKAV1_MD5);
	assert_int_equal(facts()->answer_nonce, REGMON_ANSWER_NONCE_ISSUED);
	assert_int_equal(facts()->answer_realm, REGMON_ANSWER_REALM_SAME);
	assert_int_equal(facts()->answer_response, REGMON_ANSWER_RESPONSE_GIVEN);
	assert_int_equal(facts()->qop_use, REGMON_QOP_COMPLETE);
	assert_int_equal(facts()->marks,
			REGMON_AKA_CHALLENGED | REGMON_AKA_CHALLENGED_NOW
					| REGMON_AKA_ANSWERED | REGMON_AKA_ANSWERED_NOW);
	assert_int_equal(worth()->of_answer, REGMON_AKA_NONE);
	accept();
	assert_state(the_phone(), REGMON_STATE_REGISTERED);
	end();
}

/* what the nonce is, whatever algorithm the challenge names */
static void test_kinds_of_nonces(void **state)
{
	static const struct
	{
		const char *parameters;
		unsigned nonce, algorithm, offer;
		bool server_octets;
	} rows[] = {
			{"realm=\"a\",nonce=\"" NONCE_1 "\"", REGMON_NONCE_VECTOR,
					REGMON_ALGORITHM_NONE, REGMON_QOP_NOT_OFFERED, false},
			{"realm=\"a\",algorithm=AKAv2-SHA-256,qop=\"auth-int\","
			 "nonce=\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"",
					REGMON_NONCE_VECTOR, REGMON_ALGORITHM_AKAV2_SHA_256,
					REGMON_QOP_OTHERS_OFFERED, true},
			{"realm=\"a\",algorithm=AKAv1-MD5,nonce=\"bm9uY2U=\"",
					REGMON_NONCE_TOO_SHORT, REGMON_ALGORITHM_AKAV1_MD5,
					REGMON_QOP_NOT_OFFERED, false},
			{"realm=\"a\",algorithm=MD5,qop=\"auth\",nonce=\"6553f100:00aa\"",
					REGMON_NONCE_NOT_BASE64, REGMON_ALGORITHM_MD5,
					REGMON_QOP_OFFERED, false},
			{"realm=\"a\",algorithm=Blowfish", REGMON_NONCE_ABSENT,
					REGMON_ALGORITHM_OTHER, REGMON_QOP_NOT_OFFERED, false},
	};
	unsigned i;

	start();
	for(i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		phone_says(FIRST);
		challenge(rows[i].parameters);
		assert_int_equal(facts()->nonce, rows[i].nonce);
		assert_int_equal(facts()->challenge_algorithm, rows[i].algorithm);
		assert_int_equal(facts()->qop_offer, rows[i].offer);
		assert_int_equal(
				is_marked(REGMON_AKA_SERVER_OCTETS), rows[i].server_octets);
	}
	end();
}

static void test_rand_again(void **state)
{
	start();
	phone_says(FIRST);
	challenge("realm=\"a\",algorithm=AKAv1-MD5,nonce=\"" NONCE_1 "\"");
	phone_says(FIRST);
	/* another nonce, the same RAND */
	challenge("realm=\"a\",algorithm=AKAv1-MD5,nonce=\"" NONCE_1_AGAIN "\"");
	assert_int_equal(facts()->repeated_rands, 1);
	assert_int_equal(the_phone()->attempt.repeated_nonces, 0);
	/* over attempts */
	call_id = "call-2";
	phone_says(FIRST);
	challenge("realm=\"a\",algorithm=AKAv1-MD5,nonce=\"" NONCE_1 "\"");
	assert_int_equal(facts()->repeated_rands, 2);
	phone_says(FIRST);
	challenge("realm=\"a\",algorithm=AKAv1-MD5,nonce=\"" NONCE_2 "\"");
	assert_int_equal(facts()->repeated_rands, 0);
	/* no RAND twice is no repetition of one */
	phone_says(FIRST);
	challenge("realm=\"a\",algorithm=AKAv1-MD5,nonce=\"bm9uY2U=\"");
	phone_says(FIRST);
	challenge("realm=\"a\",algorithm=AKAv1-MD5,nonce=\"bm9uY2U=\"");
	assert_int_equal(facts()->repeated_rands, 0);
	end();
}

static void test_answers(void **state)
{
	static const struct
	{
		const char *authorization;
		unsigned nonce, realm, response, qop_use, auts;
		bool has_auts, not_base64;
	} rows[] = {
			{"realm=\"ims\",nonce=\"" NONCE_1 "\",response=\"\"",
					REGMON_ANSWER_NONCE_ISSUED, REGMON_ANSWER_REALM_SAME,
					REGMON_ANSWER_RESPONSE_EMPTY, REGMON_QOP_NOT_USED, 0, false,
					false},
			{"realm=\"IMS\",nonce=\"" NONCE_1
			 "\",auts=\"uoU/PBI8z0TpNZbjVcY=\"",
					REGMON_ANSWER_NONCE_ISSUED, REGMON_ANSWER_REALM_DIFFERS,
					REGMON_ANSWER_RESPONSE_ABSENT, REGMON_QOP_NOT_USED, 14,
					true, false},
			{"realm=\"ims\",nonce=\"" NONCE_2 "\",response=\"" R32
			 "\",auts=\"uoU/PBI8z0TpNZbjVcYA\"",
					REGMON_ANSWER_NONCE_OTHER, REGMON_ANSWER_REALM_SAME,
					REGMON_ANSWER_RESPONSE_GIVEN, REGMON_QOP_NOT_USED, 15, true,
					false},
			{"nonce=\"" NONCE_1 "\",response=\"" R32
			 "\",auts=\"?\",qop=auth,nc=1,cnonce=\"x\"",
					REGMON_ANSWER_NONCE_ISSUED, REGMON_ANSWER_REALM_UNKNOWN,
					REGMON_ANSWER_RESPONSE_GIVEN, REGMON_QOP_INCOMPLETE, 0,
					true, true},
			{"realm=\"ims\",response=\"" R32 "\",qop=auth,nc=00000001",
					REGMON_ANSWER_NONCE_OTHER, REGMON_ANSWER_REALM_SAME,
					REGMON_ANSWER_RESPONSE_GIVEN, REGMON_QOP_INCOMPLETE, 0,
					false, false},
			{"realm=\"ims\",nonce=\"" NONCE_1 "\",response=\"" R32
			 "\",nc=00000001",
					REGMON_ANSWER_NONCE_ISSUED, REGMON_ANSWER_REALM_SAME,
					REGMON_ANSWER_RESPONSE_GIVEN, REGMON_QOP_INCOMPLETE, 0,
					false, false},
			{"realm=\"ims\",nonce=\"" NONCE_1 "\",response=\"" R32
			 "\",cnonce=\"x\"",
					REGMON_ANSWER_NONCE_ISSUED, REGMON_ANSWER_REALM_SAME,
					REGMON_ANSWER_RESPONSE_GIVEN, REGMON_QOP_INCOMPLETE, 0,
					false, false},
			{"realm=\"ims\",nonce=\"" NONCE_1 "\",response=\"" R32
			 "\",qop=auth-int,nc=0000000A,cnonce=\"x\"",
					REGMON_ANSWER_NONCE_ISSUED, REGMON_ANSWER_REALM_SAME,
					REGMON_ANSWER_RESPONSE_GIVEN, REGMON_QOP_COMPLETE, 0, false,
					false},
	};
	unsigned i;

	start();
	phone_says(FIRST);
	challenge("realm=\"ims\",algorithm=AKAv1-MD5,nonce=\"" NONCE_1 "\"");
	for(i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		phone_says(rows[i].authorization);
		assert_int_equal(facts()->answer_nonce, rows[i].nonce);
		assert_int_equal(facts()->answer_realm, rows[i].realm);
		assert_int_equal(facts()->answer_response, rows[i].response);
		assert_int_equal(facts()->qop_use, rows[i].qop_use);
		assert_int_equal(facts()->auts_octets, rows[i].auts);
		assert_int_equal(is_marked(REGMON_AKA_AUTS), rows[i].has_auts);
		assert_int_equal(
				is_marked(REGMON_AKA_AUTS_NOT_BASE64), rows[i].not_base64);
	}
	end();
}

/* auts of 300 octets: the count says "more", and does not start again */
static void test_huge_auts(void **state)
{
	char line[700];

	start();
	phone_says(FIRST);
	challenge("realm=\"ims\",algorithm=AKAv1-MD5,nonce=\"" NONCE_1 "\"");
	snprintf(line, sizeof(line),
			"realm=\"ims\",nonce=\"" NONCE_1 "\",auts=\"%0400d\"", 0);
	phone_says(line);
	assert_int_equal(facts()->auts_octets, 255);
	end();
}

/* A refresh repeats the nonce that was accepted (TS 24.229 5.1.1.4.2), also after a challenge that was left alone. */
static void test_nonce_of_the_last_success(void **state)
{
#define ANSWER_1 "realm=\"ims\",nonce=\"" NONCE_1 "\",response=\"" R32 "\""
	start();
	phone_says(ANSWER_1);
	assert_int_equal(facts()->answer_nonce, REGMON_ANSWER_NONCE_UNKNOWN);
	challenge("realm=\"ims\",algorithm=AKAv1-MD5,nonce=\"" NONCE_1 "\"");
	phone_says(ANSWER_1);
	accept();
	phone_says(ANSWER_1);
	assert_int_equal(facts()->answer_nonce, REGMON_ANSWER_NONCE_ISSUED);
	challenge("realm=\"ims\",algorithm=AKAv1-MD5,nonce=\"" NONCE_2 "\"");
	phone_says(ANSWER_1);
	assert_int_equal(facts()->answer_nonce, REGMON_ANSWER_NONCE_ACCEPTED);
	/* accepted without the challenge being answered: the new nonce has not proved anything */
	accept();
	phone_says("realm=\"ims\",nonce=\"bm9uY2U=\",response=\"" R32 "\"");
	assert_int_equal(facts()->answer_nonce, REGMON_ANSWER_NONCE_OTHER);
	phone_says(ANSWER_1);
	assert_int_equal(facts()->answer_nonce, REGMON_ANSWER_NONCE_ACCEPTED);
	end();
}

/* the latest stays over attempts, and is marked as old */
static void test_reset(void **state)
{
	start();
	phone_says(FIRST);
	challenge("realm=\"ims\",algorithm=AKAv1-MD5,nonce=\"" NONCE_1 "\"");
	phone_says("realm=\"ims\",nonce=\"" NONCE_1 "\",response=\"\"");
	answer_is(403, 1, "");
	assert_true(is_marked(REGMON_AKA_ANSWERED_NOW));
	call_id = "call-2";
	phone_says(FIRST);
	assert_int_equal(
			facts()->marks, REGMON_AKA_CHALLENGED | REGMON_AKA_ANSWERED);
	assert_int_equal(facts()->nonce, REGMON_NONCE_VECTOR);
	assert_int_equal(facts()->answer_response, REGMON_ANSWER_RESPONSE_EMPTY);
	challenge("realm=\"ims\",algorithm=AKAv1-MD5,nonce=\"" NONCE_2 "\"");
	assert_int_equal(facts()->marks, REGMON_AKA_CHALLENGED
											 | REGMON_AKA_CHALLENGED_NOW
											 | REGMON_AKA_ANSWERED);
	/* repetitions and other legs change nothing */
	phone_says("realm=\"ims\",nonce=\"" NONCE_2 "\",response=\"" R32 "\"");
	cseq--;
	phone_says("realm=\"ims\",nonce=\"" NONCE_1 "\",response=\"\"");
	assert_true(outcome.retransmission);
	assert_int_equal(facts()->answer_response, REGMON_ANSWER_RESPONSE_GIVEN);
	end();
}

/* ---- with keys ---- */

static void test_verdicts_are_kept(void **state)
{
	regmon_aka_verdict_t stale = {.kind = REGMON_AKA_STALE_VECTOR,
			.sqn_he_known = true,
			.sqn_he = UINT64_C(0xffff00000020),
			.amf_differs = true};
	regmon_aka_verdict_t right = {.kind = REGMON_AKA_CHALLENGE_RIGHT,
			.sqn_he_known = true,
			.sqn_he = 0x20};
	regmon_aka_verdict_t resync = {.kind = REGMON_AKA_SQN_OUT_OF_RANGE,
			.sqn_he_known = true,
			.sqn_he = UINT64_C(0xffff00000020),
			.sqn_ms_known = true,
			.sqn_ms = UINT64_C(0xffffffffffff),
			.of_empty_password = true};
	regmon_aka_verdict_t version = {.kind = REGMON_AKA_WRONG_AKA_VERSION,
			.computed_as = REGMON_ALGORITHM_AKAV2_SHA_256};
	regmon_aka_verdict_t proof = {.kind = REGMON_AKA_RSPAUTH_WRONG};

	start();
	phone_says(FIRST);
	verdict = &right;
	answer_is(401, 2,
			"WWW-Authenticate: Digest realm=\"ims\",nonce=\"" NONCE_2
			"\",algorithm=AKAv1-MD5\r\n");
	assert_int_equal(worth()->of_core, REGMON_AKA_CHALLENGE_RIGHT);
	assert_false(is_marked(REGMON_AKA_CHALLENGED));
	verdict = &stale;
	challenge("realm=\"ims\",algorithm=AKAv1-MD5,nonce=\"" NONCE_1 "\"");
	assert_int_equal(worth()->of_core, REGMON_AKA_CHALLENGE_RIGHT);
	assert_int_equal(worth()->of_challenge, REGMON_AKA_STALE_VECTOR);
	assert_true(worth()->sqn_he == UINT64_C(0xffff00000020));
	assert_true(is_marked(REGMON_AKA_SQN_HE_KNOWN));
	assert_true(is_marked(REGMON_AKA_AMF_DIFFERS));
	assert_false(is_marked(REGMON_AKA_SQN_MS_KNOWN));
	verdict = &resync;
	phone_says("realm=\"ims\",nonce=\"" NONCE_1
			   "\",auts=\"uoU/PBI8z0TpNZbjVcY=\"");
	assert_int_equal(worth()->of_answer, REGMON_AKA_SQN_OUT_OF_RANGE);
	assert_true(is_marked(REGMON_AKA_SQN_MS_KNOWN));
	assert_true(is_marked(REGMON_AKA_OF_EMPTY_PASSWORD));
	assert_true(regmon_aka_sqn_difference(worth()) == UINT64_C(0xffffffdf));
	/* the card's SQN stays known while the network catches up */
	verdict = &right;
	challenge("realm=\"ims\",algorithm=AKAv1-MD5,nonce=\"" NONCE_2 "\"");
	assert_true(regmon_aka_sqn_difference(worth())
				== INT64_C(0xffffffffffff) - 0x20);
	assert_false(is_marked(REGMON_AKA_AMF_DIFFERS));
	assert_int_equal(worth()->of_answer, REGMON_AKA_SQN_OUT_OF_RANGE);
	/* this one did not come from the core */
	assert_int_equal(worth()->of_core, REGMON_AKA_NONE);
	verdict = &version;
	phone_says("realm=\"ims\",nonce=\"" NONCE_2 "\",response=\"" R32 "\"");
	assert_int_equal(worth()->of_answer, REGMON_AKA_WRONG_AKA_VERSION);
	assert_int_equal(facts()->computed_as, REGMON_ALGORITHM_AKAV2_SHA_256);
	assert_false(is_marked(REGMON_AKA_OF_EMPTY_PASSWORD));
	assert_true(worth()->sqn_he == 0x20);
	/* a verdict on the core's 200 is none on its challenge */
	verdict = &proof;
	answer_is(200, 2, "Contact: <" USUAL_CONTACT ">;expires=3600\r\n");
	assert_int_equal(worth()->of_core, REGMON_AKA_NONE);
	assert_int_equal(worth()->of_acceptance, REGMON_AKA_NONE);
	accept();
	assert_int_equal(worth()->of_acceptance, REGMON_AKA_RSPAUTH_WRONG);
	verdict = NULL;
	phone_says("realm=\"ims\",nonce=\"" NONCE_2 "\",response=\"" R32 "\"");
	assert_int_equal(worth()->of_answer, REGMON_AKA_NONE);
	assert_int_equal(worth()->of_acceptance, REGMON_AKA_NONE);
	assert_int_equal(facts()->computed_as, REGMON_ALGORITHM_NONE);
	/* without keys a new challenge has no verdict, and the SQN is that of the last vector that had one */
	challenge("realm=\"ims\",algorithm=AKAv1-MD5,nonce=\"" NONCE_1 "\"");
	assert_int_equal(worth()->of_challenge, REGMON_AKA_NONE);
	assert_true(is_marked(REGMON_AKA_SQN_HE_KNOWN));
	end();
}

static void test_difference_has_a_sign(void **state)
{
	regmon_aka_worth_t some = {.sqn_ms = 5, .sqn_he = 37};

	assert_true(regmon_aka_sqn_difference(&some) == -32);
}

static void break_rand(regmon_registration_t *some)
{
	some->rand_hash = 0;
}

static void break_marks(regmon_registration_t *some)
{
	some->aka.marks &= ~REGMON_AKA_CHALLENGED;
}

static void break_verdict(regmon_registration_t *some)
{
	static regmon_supplement_t wrong = {
			.worth.of_answer = REGMON_AKA_VERDICTS_N};

	some->supplement = &wrong;
}

static bool change(const regmon_registration_t *registration, void *context)
{
	void (*how)(regmon_registration_t *) =
			*(void (**)(regmon_registration_t *))context;

	how((regmon_registration_t *)registration);
	return true;
}

/* that of break_verdict is none of the table's */
static bool take_away(const regmon_registration_t *registration, void *context)
{
	((regmon_registration_t *)registration)->supplement = NULL;
	return true;
}

/* the self-check finds each of the contradictions that it knows */
static void test_self_check(void **state)
{
	static void (*const breaks[])(regmon_registration_t *) = {
			break_rand, break_marks, break_verdict};
	char faults[300];
	uint32_t cursor;
	unsigned i;

	for(i = 0; i < 3; i++) {
		start();
		phone_says(FIRST);
		challenge("realm=\"a\",algorithm=AKAv1-MD5,nonce=\"" NONCE_1 "\"");
		assert_int_equal(regmon_table_check(table, faults, sizeof(faults)), 0);
		cursor = 0;
		regmon_table_visit(table, &cursor, change, (void *)&breaks[i]);
		assert_int_equal(regmon_table_check(table, faults, sizeof(faults)), 1);
		cursor = 0;
		regmon_table_visit(table, &cursor, take_away, NULL);
		regmon_table_forget(table, NULL);
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {world_test(test_nothing_before_the_challenge),
			world_test(test_usual_registration), world_test(test_kinds_of_nonces),
			world_test(test_rand_again), world_test(test_answers), world_test(test_huge_auts),
			world_test(test_nonce_of_the_last_success), world_test(test_reset),
			world_test(test_verdicts_are_kept), world_test(test_difference_has_a_sign),
			world_test(test_self_check)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
