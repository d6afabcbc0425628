/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of ended attempts and events as JSON text. Whether they keep to their schemas is asked in the scenarios. */
#include "test/unit/outgoing_world.h"

#define OF(kind) (1u << REGMON_OUTGOING_##kind)

static void test_success(void **state)
{
	open_world_of(OF(RECORD), 16);
	plan = NULL; /* nobody judges: rules may come */
	register_phone();
	assert_true(next());
	assert_string_equal(json,
			"{\"schema\":\"ims_regmon.record\",\"version\":1,"
			"\"at\":\"2023-11-14T22:13:20.144Z\",\"at_ms\":1700000000144,"
			"\"node\":{\"name\":\"pcscf-1\",\"server_id\":7,"
			"\"role\":\"pcscf\",\"started_ms\":1699999999000},"
			"\"serial\":3,\"dropped\":1,\"correction\":\"no\","
			"\"phone\":{"
			"\"impu\":\"sip:001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
			"\",\"impi\":\"001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
			"\",\"imsi\":\"001010000000001\",\"imei\":\"35609911-000001-0\","
			"\"instance\":\"urn:gsma:imei:35609911-000001-0\","
			"\"contact\":\"sip:001010000000001@10.0.0.1:5060\","
			"\"call_id\":\"call-1\",\"source\":\"10.0.0.1\","
			"\"source_port\":5060,\"transport\":\"UDP\","
			"\"device\":\"Phone/1.0\"},"
			"\"access\":{\"access\":\"NR\",\"access_type\":\"3GPP-NR-FDD\","
			"\"plmn\":\"00101\",\"tac\":\"000001\",\"cell\":\"00000AB01\"},"
			"\"kind\":\"initial\",\"result\":\"success\",\"code\":200,"
			"\"reason\":\"OK\",\"core_code\":200,\"state\":\"registered\","
			"\"ims\":\"yes\",\"emergency\":\"no\","
			"\"began_before_start\":\"no\",\"causes\":[],"
			"\"findings\":[],"
			"\"times\":{\"opened_ms\":1700000000000,"
			"\"ended_ms\":1700000000144,\"duration_ms\":144,"
			"\"network_ms\":44,\"core_ms\":40},"
			"\"counts\":{\"requests\":2,\"retransmissions\":0,"
			"\"challenges\":1,\"challenges_answered\":1,"
			"\"answers_rejected\":0,\"resyncs\":0,\"mac_failures\":0,"
			"\"repeated_nonces\":0,\"protected_requests\":1,"
			"\"answers_not_sent\":0},"
			"\"binding\":{\"in_force\":\"yes\",\"requested_s\":3600,"
			"\"granted_s\":3600,\"expires_ms\":1700003600144},"
			"\"security\":{\"integrity_offered\":[\"hmac-sha-1-96\"],"
			"\"encryption_offered\":[\"null\"],"
			"\"client\":{\"spi_c\":1111,\"spi_s\":2222,\"port_c\":5062,"
			"\"port_s\":5064},\"server\":{\"spi_c\":3333,\"spi_s\":4444,"
			"\"port_c\":6062,\"port_s\":6064}},"
			"\"timeline\":["
			"{\"at_ms\":1700000000000,\"direction\":\"phone -> here\","
			"\"what\":\"REGISTER\",\"cseq\":1},"
			"{\"at_ms\":1700000000001,\"direction\":\"here -> core\","
			"\"what\":\"REGISTER\",\"cseq\":1,\"after_ms\":1},"
			"{\"at_ms\":1700000000021,\"direction\":\"core -> here\","
			"\"what\":\"401 Unauthorized\",\"code\":401,\"cseq\":1,"
			"\"after_ms\":20,\"marks\":[\"security-server\"]},"
			"{\"at_ms\":1700000000022,\"direction\":\"here -> phone\","
			"\"what\":\"401 Unauthorized\",\"code\":401,\"cseq\":1,"
			"\"after_ms\":22,\"marks\":[\"security-server\","
			"\"new nonce\"]},"
			"{\"at_ms\":1700000000122,\"direction\":\"phone -> here\","
			"\"what\":\"REGISTER\",\"cseq\":2,\"after_ms\":122,"
			"\"marks\":[\"protected\",\"credentials\"]},"
			"{\"at_ms\":1700000000123,\"direction\":\"here -> core\","
			"\"what\":\"REGISTER\",\"cseq\":2,\"after_ms\":1},"
			"{\"at_ms\":1700000000143,\"direction\":\"core -> here\","
			"\"what\":\"200 OK\",\"code\":200,\"cseq\":2,\"after_ms\":20},"
			"{\"at_ms\":1700000000144,\"direction\":\"here -> phone\","
			"\"what\":\"200 OK\",\"code\":200,\"cseq\":2,\"after_ms\":22}"
			"]}");
	done_with();
	assert_false(next());
	close_world();
}

static void test_refused(void **state)
{
	open_world_of(OF(RECORD), 16);
	exchange(&(ask_t){.contact = "sip:00101\"0000@10.0.0.1"},
			(answer_t){.code = 403, .reason = "No \"way\"\x1b[1m"});
	assert_true(next());
	assert_has("\"result\":\"refused\",\"code\":403,"
			   "\"reason\":\"No \\\"way\\\"?[1m\",\"core_code\":403,"
			   "\"state\":\"failed\"");
	assert_has("\"causes\":[{\"cause\":\"forbidden-by-core\","
			   "\"certainty\":\"certain\"},{\"cause\":\"broken-register\","
			   "\"certainty\":\"possible\"}]");
	assert_has("\"contact\":\"sip:00101\\\"0000@10.0.0.1\"");
	assert_has("\"binding\":{\"in_force\":\"no\",\"requested_s\":3600}");
	assert_has_not("\"security\"");
	done_with();
	close_world();
}

/* The record of an attempt that was given up tells nothing of the next one. */
static void test_superseded(void **state)
{
	open_world_of(OF(RECORD), 16);
	ask(&(ask_t){.call_id = "old", .cseq = 7});
	answer(&(ask_t){.call_id = "old", .cseq = 7}, (answer_t){.code = 401});
	now_ms += SECOND;
	ask(&(ask_t){.call_id = "new", .branch = "z9hG4bKn", .cseq = 31});
	assert_true(next());
	assert_has("\"call_id\":\"old\"");
	assert_has("\"result\":\"superseded\",\"code\":401,"
			   "\"reason\":\"Unauthorized\"");
	assert_has("\"duration_ms\":1000,");
	assert_has_not("\"cseq\":31");
	done_with();
	assert_false(next());
	close_world();
}

/* Only the entries of the attempt itself; what came before has had its own record. */
static void test_timeline_of_the_attempt(void **state)
{
	open_world_of(OF(RECORD), 16);
	exchange(&(ask_t){.call_id = "one"}, (answer_t){.code = 403});
	skip_all();
	now_ms += SECOND;
	exchange(&(ask_t){.call_id = "two", .branch = "z9hG4bK2", .cseq = 9},
			(answer_t){.code = 500});
	assert_true(next());
	assert_has("\"call_id\":\"two\"");
	assert_has_not("\"cseq\":1,");
	assert_has_not("403");
	assert_has("\"network_ms\":22,\"core_ms\":20}");
	done_with();
	close_world();
}

/* On a fast machine two attempts of one phone share a millisecond. */
static void test_timeline_of_the_same_millisecond(void **state)
{
	ask_t first = {.call_id = "one"},
		  second = {.call_id = "one", .branch = "z9hG4bK2", .cseq = 2};

	open_world_of(OF(RECORD), 16);
	ask(&first);
	answer(&first, (answer_t){.code = 500});
	ask(&second);
	answer(&second, (answer_t){.code = 403});
	skip_all();
	ask(&(ask_t){.call_id = "one", .branch = "z9hG4bK3", .cseq = 3});
	answer(&(ask_t){.call_id = "one", .branch = "z9hG4bK3", .cseq = 3},
			(answer_t){.code = 200});
	assert_true(next());
	assert_has("\"timeline\":[{\"at_ms\":1700000000000,\"direction\":\"phone "
			   "-> here\",\"what\":\"REGISTER\",\"cseq\":3");
	assert_has_not("\"cseq\":2");
	assert_has("\"network_ms\":0}");
	done_with();
	close_world();
}

static void test_no_answer(void **state)
{
	open_world_of(OF(RECORD), 16);
	ask(&(ask_t){0});
	pass_ms(130 * SECOND);
	assert_true(next());
	assert_has("\"kind\":\"initial\",\"result\":\"no-answer\",\"state\":");
	assert_has("\"what\":\"no final answer\"");
	assert_has("\"duration_ms\":128000,\"network_ms\":128000}");
	assert_has_not("\"code\":");
	done_with();
	close_world();
}

static void test_silent(void **state)
{
	open_world_of(OF(RECORD), 16);
	exchange(&(ask_t){0}, (answer_t){.code = 401});
	pass_ms(250 * SECOND);
	assert_true(next());
	assert_has("\"result\":\"silent-after-challenge\",\"code\":401");
	/* the phone was waited for, not the network */
	assert_has("\"network_ms\":22,");
	done_with();
	close_world();
}

static void test_correction(void **state)
{
	open_world_of(OF(RECORD), 16);
	exchange(&(ask_t){0}, (answer_t){.code = 200});
	assert_true(next());
	assert_has("\"correction\":\"no\"");
	assert_has("\"result\":\"success\"");
	done_with();
	now_ms += 5 * SECOND;
	without_message(&(ask_t){0}, REGMON_HAPPENING_TRANSACTION_ENDED, 200);
	assert_true(next());
	assert_has("\"correction\":\"yes\"");
	assert_has("\"result\":\"no-answer\"");
	assert_has("\"opened_ms\":1700000000000,");
	assert_has("\"answers_not_sent\":1}");
	done_with();
	close_world();
}

/* When the first entries are not kept any more, a sum over the others would be wrong. */
static void test_cut_timeline(void **state)
{
	open_world_of(OF(RECORD), 4);
	register_phone();
	assert_true(next());
	assert_has("\"duration_ms\":144,\"network_ms\":44}");
	assert_has_not("\"core_ms\"");
	assert_has("\"cseq\":2");
	assert_has_not("\"cseq\":1,");
	done_with();
	close_world();
}

/* Neither the nonce nor what answers it is in anything that leaves. */
static void test_no_secrets(void **state)
{
	unsigned n = 0;

	open_world_of(REGMON_OUTGOING_ALL, 16);
	exchange(&(ask_t){.credentials = EMPTY},
			(answer_t){.code = 401, .nonce = "Tm9uY2VTZWNyZXQ="});
	exchange(&(ask_t){.credentials = AUTS,
					 .nonce = "Tm9uY2VTZWNyZXQ=",
					 .cseq = 2,
					 .branch = "z9hG4bK2"},
			(answer_t){.code = 401, .nonce = "QW5vdGhlck9uZQ=="});
	exchange(&(ask_t){.credentials = RESPONSE,
					 .nonce = "QW5vdGhlck9uZQ==",
					 .cseq = 3,
					 .branch = "z9hG4bK3"},
			(answer_t){.code = 403});
	for(; next(); done_with(), n++) {
		assert_has_not("Tm9uY2VTZWNyZXQ");
		assert_has_not("QW5vdGhlck9uZQ");
		assert_has_not("0123456789abcdef0123456789abcdef");
		assert_has_not("AAAAAAAAAAAAAAAAAAA");
	}
	assert_true(n >= 6);
	close_world();
}

/* ---- the longest ones ---- */

static union
{
	regmon_outgoing_t outgoing;
	char room[sizeof(regmon_outgoing_t)
			  + REGMON_MAX_TIMELINE * sizeof(regmon_entry_t)];
} crafted;

/* all strings full of what has to be escaped, a full timeline of the longest entries */
static void craft(void)
{
	regmon_registration_t *record = &crafted.outgoing.record;
	char quotes[200];
	unsigned i;

	memset(&crafted, 0, sizeof(crafted));
	memset(quotes, '"', sizeof(quotes));
	crafted.outgoing.now_ms = START_MS;
	for(i = 0; i < REGMON_STRINGS_N; i++)
		regmon_registration_set_string(
				record, i, (str){quotes, sizeof(quotes)});
	record->last_access = REGMON_ACCESS_NR;
	record->requested_s = record->granted_s = INT32_MAX;
	record->expires_ms = record->registered_ms = INT64_C(9999999999999);
	record->source_port = 65535;
	record->transport = 'S';
	record->client = record->server = (regmon_agreement_t){.spi_c = UINT32_MAX,
			.spi_s = UINT32_MAX,
			.port_c = 65535,
			.port_s = 65535,
			.given = true,
			.alg = 255,
			.ealg = 255};
	record->offered_algs = record->offered_ealgs = UINT16_MAX;
	record->attempt = (regmon_attempt_t){.opened_ms = 1,
			.ended_ms = START_MS,
			.requests = 65535,
			.retransmissions = 65535,
			.challenges = 65535,
			.answered = 65535,
			.resyncs = 65535,
			.mac_failures = 65535,
			.rejected_answers = 65535,
			.repeated_nonces = 65535,
			.code = 699,
			.core_code = 699,
			.kind = REGMON_ATTEMPT_UNKNOWN,
			.result = REGMON_RESULT_REFUSED,
			.not_sent = 255,
			.protected_requests = 255,
			.unknown_start = true};
	record->timeline_length = record->timeline_n = REGMON_MAX_TIMELINE;
	record->timeline_from_s = START_MS / 1000;
	for(i = 0; i < REGMON_MAX_TIMELINE; i++)
		record->timeline[i] = (regmon_entry_t){.at = i,
				.cseq = UINT32_MAX - i,
				.after = regmon_entry_after(INT32_MAX),
				.code = 401,
				.marks = 0xfff,
				.finding = i + 1,
				.kind = REGMON_ENTRY_ANSWER,
				.severity = REGMON_ERROR,
				.repeats = 15};
	hand.outgoing = &crafted.outgoing;
	hand.diagnosis.n = REGMON_MAX_VERDICTS;
	for(i = 0; i < REGMON_MAX_VERDICTS; i++) {
		regmon_verdict_t *verdict = &hand.diagnosis.list[i];
		unsigned k;

		verdict->cause = i;
		verdict->certainty = REGMON_POSSIBLE;
		verdict->suspect = regmon_cause_at(i)->suspects[0].text;
		verdict->evidence.n = REGMON_MAX_EVIDENCE;
		for(k = 0; k < REGMON_MAX_EVIDENCE; k++) {
			memset(verdict->evidence.line[k], '"', REGMON_EVIDENCE_LENGTH - 1);
			verdict->evidence.line[k][REGMON_EVIDENCE_LENGTH - 1] = '\0';
		}
	}
}

static void test_longest_record_fits(void **state)
{
	regmon_json_writer_t writer;

	open_world_of(OF(RECORD), 16);
	craft();
	crafted.outgoing.kind = REGMON_OUTGOING_RECORD;
	regmon_json_writer_start_plain(&writer, json, sizeof(json));
	regmon_rows_record(&writer.writer, &monitor, &hand, UINT32_MAX, UINT32_MAX);
	assert_in_range(regmon_json_writer_finish(&writer), 6000, sizeof(json));
	/* the last entries are there, and how many are not */
	assert_has("\"cseq\":4294967232,");
	assert_has_not("\"cseq\":4294967295,");
	assert_has("],\"timeline_more\":");
	close_world();
}

static void test_longest_event_fits(void **state)
{
	regmon_json_writer_t writer;

	open_world_of(OF(RECORD), 16);
	craft();
	crafted.outgoing.kind = REGMON_OUTGOING_CAUSE;
	crafted.outgoing.causes_before = 1;
	crafted.outgoing.causes_after = ~UINT64_C(0);
	regmon_json_writer_start_plain(&writer, json, sizeof(json));
	regmon_rows_event(&writer.writer, &monitor, &hand);
	assert_in_range(regmon_json_writer_finish(&writer), 4000, sizeof(json));
	assert_has("\"causes\":[{\"cause\":");
	assert_has("\"causes_more\":5");
	close_world();
}

/* What rows_event.c reckons with for the texts of a cause, evidence apart. */
static void test_texts_of_causes_fit(void **state)
{
	const regmon_cause_t *cause;
	const regmon_suspect_t *suspect;
	unsigned i;

	for(i = 0; (cause = regmon_cause_at(i)); i++)
		for(suspect = cause->suspects; suspect->text; suspect++)
			assert_in_range(strlen(cause->id) + strlen(cause->title)
									+ strlen(suspect->text)
									+ strlen(cause->next_step),
					1, 850);
}

/* ---- events ---- */

static void test_state_event(void **state)
{
	open_world_of(OF(STATE), 16);
	exchange(&(ask_t){0}, (answer_t){.code = 200});
	assert_true(next());
	assert_has("{\"schema\":\"ims_regmon.event\",\"version\":1,");
	assert_has("\"event\":\"state\",\"phone\":{\"impu\":\"sip:0010");
	assert_has("\"state_before\":\"unknown\",\"state\":\"registering\"");
	done_with();
	assert_true(next());
	assert_has("\"state_before\":\"registering\",\"state\":\"registered\"");
	assert_has("\"kind\":\"initial\",\"result\":\"success\",\"code\":200");
	done_with();
	assert_false(next());
	close_world();
}

static void test_finding_event(void **state)
{
	open_world_of(OF(FINDING), 16);
	/* no Call-ID: not even a reply could be matched */
	ask(&(ask_t){.contact = "sip:001010000000001@300.0.0.1:99999"});
	assert_true(next());
	assert_has("\"event\":\"finding\"");
	assert_has("\"finding\":{\"id\":\"");
	assert_has("\"severity\":\"");
	assert_has("\"clause\":\"");
	close_world();
}

static void test_cause_event(void **state)
{
	open_world_of(OF(CAUSE), 16);
	exchange(&(ask_t){0}, (answer_t){.code = 403});
	assert_true(next());
	assert_has("\"event\":\"cause\"");
	assert_has("\"new\":[\"forbidden-by-core\"],\"gone\":[],"
			   "\"causes\":[{\"cause\":\"forbidden-by-core\","
			   "\"certainty\":\"certain\",\"title\":");
	assert_has("\"evidence\":[\"");
	assert_has("\"first_suspect\":\"HSS: ");
	done_with();
	now_ms += SECOND;
	exchange(&(ask_t){.call_id = "two", .branch = "z9hG4bK2", .cseq = 2},
			(answer_t){.code = 200});
	assert_true(next());
	assert_has("\"new\":[],\"gone\":[\"forbidden-by-core\"],\"causes\":[]}");
	done_with();
	close_world();
}

static void test_utc(void **state)
{
	char buffer[REGMON_UTC_LENGTH];

	assert_string_equal(
			regmon_print_utc(0, buffer), "1970-01-01T00:00:00.000Z");
	assert_string_equal(regmon_print_utc(INT64_C(951782399999), buffer),
			"2000-02-28T23:59:59.999Z");
	assert_string_equal(regmon_print_utc(INT64_C(951782400000), buffer),
			"2000-02-29T00:00:00.000Z");
	assert_string_equal(regmon_print_utc(INT64_C(4102444800001), buffer),
			"2100-01-01T00:00:00.001Z");
	assert_string_equal(regmon_print_utc(-1, buffer), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_success),
			harness_test(test_refused), harness_test(test_superseded),
			harness_test(test_timeline_of_the_attempt),
			harness_test(test_timeline_of_the_same_millisecond),
			harness_test(test_no_answer), harness_test(test_silent),
			harness_test(test_correction), harness_test(test_cut_timeline),
			harness_test(test_no_secrets),
			harness_test(test_longest_record_fits),
			harness_test(test_longest_event_fits),
			harness_test(test_texts_of_causes_fit),
			harness_test(test_state_event), harness_test(test_finding_event),
			harness_test(test_cause_event), harness_test(test_utc)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
