/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims_regmon.explain finds every word and tells all that belongs to it. */

#include "measure/counters.h"
#include "show/header_meaning.h"
#include "show/messages.h"
#include "show/terms.h"
#include "test/unit/explain_capture.h"

static void headers_have_rows(void **state)
{
	int header;

	for(header = 1; header < REGMON_HEADERS_N; header++) {
		const regmon_header_meaning_t *meaning = regmon_header_meaning(header);

		if(meaning == NULL)
			fail_msg("no row for %s", regmon_header_name(header));
		assert_int_equal(strlen(meaning->required), 9);
		assert_int_equal(strspn(meaning->required, "mco-"), 9);
		explains(regmon_header_name(header), meaning->meaning);
	}
	explains("m", "header=Contact");
	explains("k", "header=Supported");
	explains("call-id", "compact_form=i");
	explains("Contact", "contact-without-address");
	explains(
			"Security-Verify", "from_the_phone=U1 conditional, U2 conditional");
	explains("WWW-Authenticate", "from_the_phone=not there");
	explains("WWW-Authenticate", "in_answers=401 mandatory");
	explains("Path", "inside_the_core=core mandatory");
}

static void every_word_is_told(void **state)
{
	unsigned i;

	for(i = 0; i < regmon_rules_n(); i++) {
		const regmon_rule_t *rule = regmon_rule_at(i);

		explains(rule->id, rule->text);
		explains(rule->name, rule->next_step);
		/* the rule's header is a word, too */
		explains(rule->header, rule->id);
	}
	for(i = 0; i < regmon_not_rules_n(); i++)
		explains(regmon_not_rule_at(i)->id, regmon_not_rule_at(i)->reason);
	for(i = 0; i < regmon_causes_n(); i++) {
		const regmon_cause_t *cause = regmon_cause_at(i);

		explains(cause->id, cause->title);
		explains(cause->id, cause->likely ? cause->likely : cause->certain);
		explains(cause->id, cause->not_when);
		explains(cause->id, cause->suspects[0].text);
	}
	for(i = 0; i < REGMON_STATES_N; i++)
		explains(regmon_state_name(i), regmon_state_meaning(i));
	for(i = 0; i < REGMON_COUNTERS_N; i++)
		explains(regmon_counter_name(i), regmon_counter_help(i));
	for(i = 0; i < regmon_explained_n(); i++)
		explains(regmon_explained_at(i)->word, regmon_explained_at(i)->phone);
	for(i = 0; i < regmon_flows_n(); i++)
		explains(regmon_flow_at(i)->word, regmon_flow_at(i)->preconditions);
	for(i = 0; i < regmon_terms_n(); i++)
		explains(regmon_term_at(i)->word, regmon_term_at(i)->meaning);
	for(i = REGMON_LEG_U0; i <= REGMON_LEG_AC; i <<= 1)
		explains(regmon_leg_name(i), "is=leg of a message");
	explains("UR.AttInitReg", "counter=attempts_initial");
	explains("UR.MeanInitRegSetupTime", "counter=setup_ms_initial");
	explains("ur.att3rdpartyreg", "counter=attempts_third_party");
	explains("DBU.NbrRegPubUserId", "counter=public_identities");
	assert_int_equal(explain("32.409", false), 0);
	explains("ur.succdereGUe", "counter=successes_deregistration");
	explains("Request-URI", "part=Request-URI");
	assert_int_equal(explain("UR.Att", false), 0);
	assert_int_equal(explain("", false), 0);
	assert_int_equal(explain("no-such-word", false), 0);
	/* one name, two things */
	assert_int_equal(explain("expired", false), 2);
	assert_true(captured("is=state") && captured("is=counter"));
	assert_int_equal(explain("network-deregistered", false), 3); /* state, counter, cause */
}

/* What a reader wants to know of REGISTER, and where explain says it. */
static void register_is_told_whole(void **state)
{
	static const struct
	{
		const char *question, *answer;
	} facts[] = {{"what it does", "purpose=Makes the phone reachable: binds"},
			{"full name", "name=IMS SIP REGISTER"},
			{"kind of message", "type=SIP request method"},
			{"protocol", "protocol=SIP (text, no ASN.1)"},
			{"network", "technology=4G (LTE), 5G (NR)"},
			{"where deployed", "deployment=VoLTE, VoNR"},
			{"direction", "direction=phone -> network"},
			{"interface", "interface=Gm (phone - P-CSCF)"},
			{"onward way", "Mw (P-CSCF - I-CSCF - S-CSCF)"},
			{"bearer in LTE", "QCI 5"}, {"bearer in NR", "5QI 5"},
			{"dialog or not", "there is no dialog"},
			{"trigger: power-on", "when IMS is switched on"},
			{"trigger: refresh", "before expiry"},
			{"trigger: return", "service was lost"},
			{"removal, too", "removes that binding"},
			{"call flow position", "call_flow_position=The first SIP request"},
			{"typical state", "typical_state=The phone has IP connectivity"},
			{"precondition: bearer", "PDN connection or PDU session"},
			{"precondition: P-CSCF", "P-CSCF address known"},
			{"previous", "previous_messages=First: default bearer"},
			{"next", "next_messages=401 Unauthorized to a first one, 200 OK"},
			{"security", "security_context=IMS AKA"},
			{"digest beside it", "SIP digest"},
			{"specification", "clause=RFC 3261 10; TS 24.229 5.1.1.2"},
			{"release", "release=3GPP Release 5"},
			{"procedures", "VoLTE registration, VoNR registration"},
			{"place of each kind", "word=challenge-answer"},
			{"procedure pages", "word=vonr-registration"},
			{"skeleton and example", "=REGISTER sip:ims.mnc001"},
			{"header table", "header=Request-URI"}, {"", "header=To"},
			{"", "header=From"}, {"", "header=Call-ID"}, {"", "header=CSeq"},
			{"", "header=Via"}, {"", "header=Contact"}, {"", "header=Expires"},
			{"", "header=Authorization"}, {"", "header=Supported"},
			{"", "header=P-Access-Network-Info"}, {"", "header=User-Agent"},
			{"", "header=Content-Length"},
			{"required or not", "first=mandatory"},
			{"optional ones", "first=optional"},
			{"trouble: refused", "likely_cause=Identity, contact or cred"},
			{"trouble: loop", "seen=REGISTER after REGISTER"},
			{"inspect", "inspect=CSeq, Contact, Expires and nonce"},
			{"next step", "next_step=Find the answer that starts the round"}};
	unsigned i;

	assert_int_equal(explain("REGISTER", false), 1);
	for(i = 0; i < REGMON_COUNT(facts); i++)
		if(!captured(facts[i].answer))
			fail_msg("%s: %s", facts[i].question, facts[i].answer);
	/* a person gets the same in fewer lines */
	assert_int_equal(explain("REGISTER", true), 1);
	assert_true(captured("=m m m m m m  Call-ID"));
	assert_true(captured("=m m m m m m  Request-URI"));
	assert_true(captured("=c m m c - c  Authorization"));
	assert_true(capture.used < 24000); /* one answer of kamcmd */
	/* the two accesses differ in what comes before */
	explains("VoLTE registration", "previous_messages=Activate default EPS");
	explains("VoNR registration", "previous_messages=PDU session");
	explains("INVITE", "unlike_register=REGISTER creates reachability, INVITE "
					   "a session");
}

static bool count_word(const char *kind, const char *word, void *context)
{
	unsigned *n = context;

	if(regmon_explain_count(text_of(word)) == 0)
		fail_msg("listed and not told: %s %s", kind, word);
	++*n;
	return true;
}

static void list_of_words(void **state)
{
	unsigned n = 0;

	regmon_explain_visit(count_word, &n);
	assert_true(n > 2 * regmon_rules_n() + regmon_causes_n() + REGMON_STATES_N
							+ REGMON_COUNTERS_N);
	regmon_rows_explain_words(capture_start('{', false));
	assert_int_equal(capture.depth, 0);
	assert_true(captured("=challenge-loop\n") && captured("=CSEQ-04\n")
				&& captured("=REGISTER\n") && captured("=registered\n"));
	regmon_rows_explain_words(capture_start('{', true));
	assert_true(captured("states=unknown, registering, challenged"));
	assert_true(captured("CSEQ-04"));
}

static void near_words(void **state)
{
	static const struct
	{
		const char *unknown, *first;
	} cases[] = {{"chalenge-loop", "challenge-loop"},
			{"Challenge loops", "challenge-loop"}, {"REGISTR", "REGISTER"},
			{"CSEQ-0", "CSEQ-0"}, {"authorisation", "Authorization"},
			{"emergency-reg", "emergency-registration"},
			{"servise-route", "Service-Route"}};
	char buffer[61], small[12];
	unsigned i;

	for(i = 0; i < REGMON_COUNT(cases); i++) {
		regmon_explain_near(text_of(cases[i].unknown), buffer, sizeof(buffer));
		if(strncmp(buffer, cases[i].first, strlen(cases[i].first)) != 0)
			fail_msg("%s: near is %s", cases[i].unknown, buffer);
		assert_true(strlen(buffer) < sizeof(buffer));
	}
	regmon_explain_near(text_of("xyzzyq"), buffer, sizeof(buffer));
	assert_string_equal(buffer, "");
	regmon_explain_near(text_of(""), buffer, sizeof(buffer));
	assert_string_equal(buffer, "");
	/* a word that does not fit is left out whole */
	regmon_explain_near(text_of("chalenge-loop"), small, sizeof(small));
	assert_null(strstr(small, "chal"));
	memset(buffer, 'x', sizeof(buffer));
	regmon_explain_near((str){buffer, sizeof(buffer)}, small, sizeof(small));
	assert_string_equal(small, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(headers_have_rows),
			harness_test(every_word_is_told),
			harness_test(register_is_told_whole), harness_test(list_of_words),
			harness_test(near_words)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
