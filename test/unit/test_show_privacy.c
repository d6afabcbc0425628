/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that is written about a phone, twice: with identities as they are, where each of them is to be found, and
 * hidden, where none is. */
#include "test/unit/rows_world.h"
#include "test/unit/writer_fake.h"

#include "registration/identity.h"
#include "show/cause_line.h"
#include "show/rows_outgoing.h"

static const uint8_t secret[REGMON_PSEUDONYM_KEY_BYTES + 1] = "a secret of test";

/* what names this phone, in whatever is written of it */
static const char *const names[] = {"262019876543210", "+4915112345678",
		"4915112345678", "ims.example.org", "a-contact", "10.20.30.40",
		"192.0.2.7", "35609911-000001", "Call-ID-of-mine", "bob@example.org",
		"00cafe00cafe"};
/* The IMEI's first eight digits are a device model and may be shown; where its serial number starts they are not. */

static const ask_t phone = {.to = "sip:+4915112345678@ims.example.org",
		.impi = "262019876543210@ims.mnc001.mcc262.3gppnetwork.org",
		.call_id = "Call-ID-of-mine@10.20.30.40",
		.contact = "sip:a-contact@10.20.30.40:5062",
		.source = "192.0.2.7",
		.access = "IEEE-802.11;i-wlan-node-id=00cafe00cafe",
		.device = "IMEI/35609911-000001-0",
		.security_client = true,
		.credentials = EMPTY};

static char *written; /* all of it */
static size_t length;
static FILE *file;

static fake_t fake;

static void keep(void)
{
	assert_int_equal(fake.depth, 0);
	fwrite(fake.text, 1, fake.used, file);
}

#define ROWS(call)                                             \
	do {                                                       \
		for(int for_eyes = 0; for_eyes < 2; for_eyes++) {      \
			fake_start(&fake, for_eyes);                       \
			call;                                              \
			keep();                                            \
		}                                                      \
	} while(0)

static void write_events(const regmon_registration_t *record)
{
	size_t bytes = sizeof(regmon_outgoing_t)
				   + record->timeline_n * sizeof(regmon_entry_t);
	static const char *const values[] = {"impu", "impi", "instance", "imei",
			"call_id", "device", "cell", "text", "reason"};
	regmon_outgoing_t *outgoing = calloc(1, bytes);
	regmon_event_at_hand_t hand = {.outgoing = outgoing};
	char line[REGMON_CAUSE_LINE_LENGTH], room[300];
	regmon_event_value_t value;
	unsigned kind, i;

	memcpy(&outgoing->record, record,
			sizeof(*record) + record->timeline_n * sizeof(regmon_entry_t));
	outgoing->causes_after = record->causes | 1;
	outgoing->now_ms = now_ms;
	regmon_diagnose(record, &thresholds, now_ms, &hand.diagnosis);
	for(kind = 0; kind < REGMON_OUTGOINGS_N; kind++) {
		outgoing->kind = (uint8_t)kind;
		fake_start(&fake, false);
		if(kind == REGMON_OUTGOING_RECORD)
			regmon_rows_record(&fake.writer, &monitor, &hand, 1, 0);
		else
			regmon_rows_event(&fake.writer, &monitor, &hand);
		keep();
		for(i = 0; i < REGMON_COUNT(values); i++)
			if(regmon_event_value(&hand,
					   (str){(char *)values[i], (int)strlen(values[i])},
					   &value, room, sizeof(room))
					&& !value.is_number)
				fprintf(file, "%s=%.*s\n", values[i], value.text.len,
						value.text.s);
	}
	outgoing->kind = REGMON_OUTGOING_CAUSE;
	i = (unsigned)regmon_cause_line(&hand, line);
	fprintf(file, "%.*s\n", (int)i, line);
	free(outgoing);
}

/* Evidence of every cause, whether it applies or not. */
static void write_evidence(const regmon_registration_t *record)
{
	const regmon_cause_t *cause;
	regmon_evidence_t evidence;
	unsigned i, line;

	for(i = 0; (cause = regmon_cause_at(i)); i++) {
		evidence.n = 0;
		cause->evidence(record, &thresholds, now_ms, &evidence);
		for(line = 0; line < evidence.n; line++)
			fprintf(file, "%s: %s\n", cause->id, evidence.line[line]);
	}
}

static void write_document(regmon_registration_t *record)
{
	static char buffer[28000];
	regmon_document_t document;
	str text;

	regmon_document_begin(&document, buffer, sizeof(buffer));
	regmon_document_add(&document, table, record, 1, now_ms);
	text = regmon_document_end(&document);
	fwrite(text.s, 1, text.len, file);
}

static void write_figures(void)
{
	static const regmon_dimension_t asked[] = {
			REGMON_DIMENSION_CELL, REGMON_DIMENSION_DEVICE};
	regmon_top_asked_t top;
	unsigned i;

	for(i = 0; i < REGMON_COUNT(asked); i++) {
		regmon_top_asked_start(&top);
		top.dimension = asked[i];
		top.has_dimension = true;
		top.order = REGMON_TOP_BY_ATTEMPTS;
		ROWS(regmon_rows_top(&fake.writer, &monitor, &top, now_ms));
	}
	ROWS(regmon_rows_summary(&fake.writer, &monitor, now_ms));
	ROWS(regmon_rows_kpi(&fake.writer, &monitor, REGMON_ALL_ACCESS, now_ms));
}

static void write_all(void)
{
	static regmon_supplement_t supplement;
	regmon_registration_t *record;

	free(written);
	written = NULL;
	file = open_memstream(&written, &length);
	assert_non_null(file);
	record = (regmon_registration_t *)the("callid:Call-ID-of-mine@10.20.30.40");
	/* what makes evidence speak of identities */
	record->behind_nat = true;
	supplement.bindings_missing = 1;
	record->replaced_in_row = 1;
	supplement.cseq_regressions = 1;
	record->supplement = &supplement;
	record->attempt.result = REGMON_RESULT_REFUSED;
	record->attempt.code = record->attempt.core_code = 403;
	record->attempt.ended_ms = now_ms;
	regmon_registration_set_string(record, REGMON_STRING_REASON,
			REGMON_TEXT("No user 262019876543210 here"));
	ROWS(regmon_rows_who(&fake.writer, record));
	ROWS(regmon_rows_show(&fake.writer, &monitor, record, now_ms));
	ROWS(regmon_rows_why(&fake.writer, &monitor, record, now_ms));
	ROWS(regmon_rows_timeline(&fake.writer, record, 0, now_ms));
	ROWS(regmon_rows_ladder(&fake.writer, &monitor, record, now_ms));
	ROWS(regmon_rows_decode_record(&fake.writer, &monitor, record, now_ms));
	fake_start(&fake, false);
	fake.writer.open_list(&fake.writer, "phones");
	regmon_rows_list_row(&fake.writer, record, now_ms);
	fake.writer.close_list(&fake.writer);
	keep();
	fake_start(&fake, true);
	regmon_rows_list_row(&fake.writer, record, now_ms);
	keep();
	write_evidence(record);
	write_events(record);
	write_document(record);
	write_figures();
	fclose(file);
}

static void open_phone(void)
{
	open_world();
	exchange(&phone,
			(answer_t){.code = 200,
					.lines = "P-Associated-URI: <sip:bob@example.org>\r\n"});
}

static unsigned times(const char *text)
{
	unsigned n = 0;
	const char *at = written;

	while((at = strstr(at, text))) {
		n++;
		at += strlen(text);
	}
	return n;
}

static void test_no_name_leaves(void **state)
{
	unsigned i, clear[REGMON_COUNT(names)];

	open_phone();
	write_all();
	for(i = 0; i < REGMON_COUNT(names); i++) {
		clear[i] = times(names[i]);
		if(clear[i] < 3)
			fail_msg("%s is written %u times in clear", names[i], clear[i]);
	}
	regmon_identities_hide(secret);
	write_all();
	for(i = 0; i < REGMON_COUNT(names); i++)
		if(times(names[i])) {
			const char *at = strstr(written, names[i]);
			const char *line = at;

			while(line > written && line[-1] != '\n')
				line--;
			fail_msg("%s in %.*s", names[i], (int)strcspn(line, "\n"), line);
		}
	/* what a phone is told by stays */
	assert_true(times("impu:") > 10);
	assert_true(times("addr:") > 5);
	assert_true(times("WLAN") > 2);
	regmon_identities_hide(NULL);
	free(written);
	written = NULL;
	close_world();
}

/* Every field that is shown of a phone leads back to it. */
static void test_fields_lead_back(void **state)
{
	static const char *const fields[] = {"impu", "impi", "imsi", "msisdn",
			"instance", "imei", "contact", "call_id", "associated"};
	const regmon_registration_t *record;
	char source[100];
	unsigned i;

	open_phone();
	regmon_identities_hide(secret);
	record = the("callid:Call-ID-of-mine@10.20.30.40");
	fake_start(&fake, false);
	regmon_rows_who(&fake.writer, record);
	for(i = 0; i < REGMON_COUNT(fields); i++)
		assert_int_equal(find_all(fake_get(&fake, fields[i]), NULL, 0), 1);
	/* "addr:HASH:5060 UDP" */
	snprintf(source, sizeof(source), "%.90s", fake_get(&fake, "source"));
	source[strcspn(source, " ")] = '\0';
	assert_int_equal(find_all(source, NULL, 0), 1);
	regmon_identities_hide(NULL);
	close_world();
}

static void test_list_by_what_is_shown(void **state)
{
	regmon_list_filter_t filter;
	char word[100], complaint[300];
	const regmon_registration_t *record;

	open_phone();
	regmon_identities_hide(secret);
	record = the("callid:Call-ID-of-mine@10.20.30.40");
	fake_start(&fake, false);
	regmon_rows_who(&fake.writer, record);
	regmon_list_filter_start(&filter);
	snprintf(word, sizeof(word), "cell=%.80s", fake_get(&fake, "cell"));
	assert_true(regmon_list_filter_read(&filter,
			(str){word, (int)strlen(word)}, complaint, sizeof(complaint)));
	assert_true(regmon_list_matches(&filter, record));
	regmon_list_filter_start(&filter);
	assert_true(regmon_list_filter_read(&filter,
			REGMON_TEXT("cell=00cafe00cafe"), complaint, sizeof(complaint)));
	assert_true(regmon_list_matches(&filter, record));
	regmon_list_filter_start(&filter);
	snprintf(word, sizeof(word), "device=%.80s", fake_get(&fake, "device"));
	assert_true(regmon_list_filter_read(&filter,
			(str){word, (int)strlen(word)}, complaint, sizeof(complaint)));
	assert_true(regmon_list_matches(&filter, record));
	regmon_identities_hide(NULL);
	close_world();
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_no_name_leaves),
			harness_test(test_fields_lead_back),
			harness_test(test_list_by_what_is_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
