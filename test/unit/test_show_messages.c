/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables behind ims_regmon.explain are whole and agree with rules, causes and headers; explain finds every word;
 * a message is given its place in the call flow. */
#include <ctype.h>

#include "measure/counters.h"
#include "show/header_meaning.h"
#include "show/messages.h"
#include "show/rows_explain.h"
#include "show/terms.h"
#include "test/unit/rules_fixture.h"

static str text_of(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}

/* ---- a writer into memory: "name=value" lines; struct and list must close as they opened ---- */

typedef struct capture
{
	regmon_writer_t writer;
	char text[80000];
	int used, depth;
	char open[16];
} capture_t;

static capture_t capture;

static void put(const char *name, str value)
{
	int left = (int)sizeof(capture.text) - capture.used;

	/* fields of a struct have names, elements of a list have none */
	assert_true((name != NULL) == (capture.open[capture.depth] == '{'));
	capture.used += snprintf(capture.text + capture.used, left, "%s=%.*s\n",
			name ? name : "", value.len, value.s);
	assert_true(capture.used < (int)sizeof(capture.text));
}

static int put_text(regmon_writer_t *writer, const char *name, str value)
{
	put(name, value);
	return 0;
}

static int put_number(regmon_writer_t *writer, const char *name, int64_t value)
{
	char buffer[24];

	snprintf(buffer, sizeof(buffer), "%lld", (long long)value);
	put(name, text_of(buffer));
	return 0;
}

static int put_real(regmon_writer_t *writer, const char *name, double value)
{
	return put_number(writer, name, (int64_t)value);
}

static int open_as(const char *name, char form)
{
	assert_true((name != NULL) == (capture.open[capture.depth] == '{'));
	assert_true(capture.depth + 1 < (int)sizeof(capture.open));
	capture.open[++capture.depth] = form;
	return 0;
}

static int open_struct(regmon_writer_t *writer, const char *name)
{
	return open_as(name, '{');
}

static int open_list(regmon_writer_t *writer, const char *name)
{
	return open_as(name, '[');
}

static int close_struct(regmon_writer_t *writer)
{
	assert_int_equal(capture.open[capture.depth--], '{');
	return 0;
}

static int close_list(regmon_writer_t *writer)
{
	assert_int_equal(capture.open[capture.depth--], '[');
	return 0;
}

static int much_room(const regmon_writer_t *writer)
{
	return 50000;
}

static regmon_writer_t *capture_start(char form, bool for_eyes)
{
	memset(&capture, 0, sizeof(capture));
	capture.writer = (regmon_writer_t){.text = put_text,
			.number = put_number,
			.real = put_real,
			.open_struct = open_struct,
			.close_struct = close_struct,
			.open_list = open_list,
			.close_list = close_list,
			.room = much_room,
			.for_eyes = for_eyes};
	capture.open[0] = form;
	return &capture.writer;
}

static bool captured(const char *part)
{
	return strstr(capture.text, part) != NULL;
}

/* what explain tells of a word */
static unsigned explain(const char *word, bool for_eyes)
{
	regmon_plan_t *plan = fixture_plan(NULL, false);
	regmon_monitor_t monitor = {.plan = plan};
	unsigned n = regmon_rows_explain(
			capture_start('[', for_eyes), &monitor, text_of(word));

	free(plan);
	assert_int_equal(capture.depth, 0);
	assert_int_equal(regmon_explain_count(text_of(word)), n);
	return n;
}

static void explains(const char *word, const char *part)
{
	if(explain(word, true) == 0)
		fail_msg("%s: unknown", word);
	if(explain(word, false) == 0 || !captured(part))
		fail_msg("%s: not told: %s", word, part);
}

/* ---- the tables ---- */

static void check_text(const char *where, const char *what, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if(length < 3 || length > 700)
		fail_msg("%s: %s has %zu bytes", where, what, length);
	if(strpbrk(text, "\n\t|") || strstr(text, "  ") || text[length - 1] == ' '
			|| text[length - 1] == '.' || isspace((unsigned char)text[0]))
		fail_msg("%s: %s: form of \"%s\"", where, what, text);
}

static void check_clause(const char *where, const char *clause)
{
	check_text(where, "clause", clause);
	if(strncmp(clause, "RFC ", 4) != 0 && strncmp(clause, "TS ", 3) != 0)
		fail_msg("%s: clause %s", where, clause);
	if(!strpbrk(clause, "0123456789"))
		fail_msg("%s: clause %s has no number", where, clause);
}

static void check_troubles(const char *where, const regmon_trouble_t *troubles)
{
	unsigned i;

	assert_non_null(troubles[0].cause);
	for(i = 0; i < REGMON_MAX_TROUBLES && troubles[i].cause; i++) {
		check_text(where, "seen", troubles[i].seen);
		check_text(where, "likely cause", troubles[i].cause);
		check_text(where, "inspect", troubles[i].inspect);
		check_text(where, "next step", troubles[i].next_step);
	}
}

static void messages_are_whole(void **state)
{
	const regmon_explained_t *explained;
	unsigned i, k;

	assert_true(regmon_explained_n() > 25);
	for(i = 0; (explained = regmon_explained_at(i)); i++) {
		const struct
		{
			const char *what, *text;
		} fields[] = {{"word", explained->word}, {"name", explained->name},
				{"type", explained->type}, {"protocol", explained->protocol},
				{"technology", explained->technology},
				{"deployment", explained->deployment},
				{"direction", explained->direction},
				{"interface", explained->interface},
				{"bearer", explained->bearer}, {"trigger", explained->trigger},
				{"purpose", explained->purpose},
				{"position", explained->position},
				{"typical state", explained->typical_state},
				{"preconditions", explained->preconditions},
				{"previous", explained->previous}, {"next", explained->next},
				{"security", explained->security},
				{"procedures", explained->procedures},
				{"carries", explained->carries}, {"phone", explained->phone},
				{"release", explained->release}};

		for(k = 0; k < REGMON_COUNT(fields); k++)
			check_text(explained->word, fields[k].what, fields[k].text);
		check_clause(explained->word, explained->clause);
		check_troubles(explained->word, explained->troubles);
		/* a request that is not REGISTER says how it differs */
		if((explained->differs != NULL)
				!= (explained->code == 0
						&& strcmp(explained->word, "REGISTER") != 0))
			fail_msg("%s: difference", explained->word);
		if(explained->differs)
			check_text(explained->word, "differs", explained->differs);
		/* what is not founded on the clause says what is unsure */
		if(explained->doubt)
			check_text(explained->word, "doubt", explained->doubt);
		if(explained->confidence == REGMON_SECONDARY
				&& explained->doubt == NULL)
			fail_msg("%s: secondary without a doubt", explained->word);
		assert_string_not_equal(regmon_explained_basis(explained), "?");
		/* "401" and "401 Unauthorized" */
		if(explained->code && strncmp(explained->name, explained->word, 3) != 0)
			fail_msg("%s: %s", explained->word, explained->name);
	}
}

static void flows_are_whole(void **state)
{
	const regmon_flow_t *flow;
	const char *line;
	unsigned i, steps;

	assert_true(regmon_flows_n() > 10);
	for(i = 0; (flow = regmon_flow_at(i)); i++) {
		check_text(flow->word, "word", flow->word);
		check_text(flow->word, "name", flow->name);
		check_text(flow->word, "position", flow->position);
		check_text(flow->word, "typical state", flow->typical_state);
		check_text(flow->word, "preconditions", flow->preconditions);
		check_text(flow->word, "previous", flow->previous);
		check_text(flow->word, "next", flow->next);
		check_text(flow->word, "security", flow->security);
		check_clause(flow->word, flow->clause);
		check_troubles(flow->word, flow->troubles);
		for(steps = 0, line = flow->steps; line && *line; steps++) {
			line = strchr(line, '\n');
			assert_non_null(line);
			line++;
		}
		if(flow->steps && steps < 4)
			fail_msg("%s: %u steps", flow->word, steps);
	}
	assert_null(regmon_flow_at(regmon_flows_n()));
}

static void check_differ(const char *a, const char *b, const char *what)
{
	if(strcasecmp(a, b) == 0)
		fail_msg("%s twice: %s", what, a);
}

static void texts_are_unique(void **state)
{
	const regmon_explained_t *one, *other;
	const regmon_flow_t *flow, *other_flow;
	unsigned i, k;

	for(i = 0; (one = regmon_explained_at(i)); i++)
		for(k = i + 1; (other = regmon_explained_at(k)); k++) {
			check_differ(one->word, other->word, "word");
			check_differ(one->name, other->name, "name");
			check_differ(one->purpose, other->purpose, "purpose");
			check_differ(one->trigger, other->trigger, "trigger");
			check_differ(one->troubles[0].cause, other->troubles[0].cause,
					"trouble");
			check_differ(one->troubles[0].next_step,
					other->troubles[0].next_step, "next step");
			if(one->code && one->code == other->code)
				fail_msg("code %d twice", one->code);
		}
	for(i = 0; (flow = regmon_flow_at(i)); i++)
		for(k = i + 1; (other_flow = regmon_flow_at(k)); k++) {
			check_differ(flow->word, other_flow->word, "word");
			check_differ(flow->position, other_flow->position, "position");
			check_differ(flow->preconditions, other_flow->preconditions,
					"preconditions");
			check_differ(flow->security, other_flow->security, "security");
		}
}

/* every word by which a record can be asked for leads to that record */
static void words_lead_home(void **state)
{
	const regmon_explained_t *explained;
	const regmon_flow_t *flow;
	unsigned i;
	int at;
	str word;

	for(i = 0; (explained = regmon_explained_at(i)); i++) {
		assert_ptr_equal(
				regmon_explained_find(text_of(explained->word)), explained);
		assert_ptr_equal(
				regmon_explained_find(text_of(explained->name)), explained);
		for(at = 0; explained->also
					&& regmon_text_next_element(
							text_of(explained->also), &at, &word);)
			if(regmon_explained_find(word) != explained)
				fail_msg("%s: %.*s", explained->word, word.len, word.s);
	}
	for(i = 0; (flow = regmon_flow_at(i)); i++) {
		assert_ptr_equal(regmon_flow_find(text_of(flow->word)), flow);
		for(at = 0;
				flow->also
				&& regmon_text_next_element(text_of(flow->also), &at, &word);)
			if(regmon_flow_find(word) != flow
					|| regmon_explained_find(word) != NULL)
				fail_msg("%s: %.*s", flow->word, word.len, word.s);
	}
	assert_null(regmon_explained_find(text_of("")));
	assert_null(regmon_explained_find(text_of("REGISTE")));
	assert_null(regmon_flow_find(text_of("")));
	assert_ptr_equal(regmon_explained_find(text_of("REG_EVENT")),
			regmon_explained_find(text_of("reg event")));
	assert_ptr_equal(regmon_explained_find(text_of("reg-event")),
			regmon_explained_find(text_of("reg event")));
}

static void codes_have_records(void **state)
{
	static const int codes[] = {100, 200, 305, 400, 401, 403, 404, 407, 408,
			420, 421, 423, 439, 480, 481, 494, 500, 503, 504, 600};
	static const struct
	{
		int code, taken_as;
	} others[] = {{183, 100}, {202, 200}, {302, 305}, {484, 400}, {499, 400},
			{513, 500}, {603, 600}};
	unsigned i;
	int code;

	for(i = 0; i < REGMON_COUNT(codes); i++)
		assert_int_equal(regmon_explained_code(codes[i])->code, codes[i]);
	/* what a rule asks for, a reader can look up */
	for(i = 0; i < regmon_rules_n(); i++) {
		code = regmon_rule_at(i)->answer;
		if(code && regmon_explained_code(code)->code != code)
			fail_msg("%s: %d", regmon_rule_at(i)->id, code);
	}
	for(i = 0; i < REGMON_COUNT(others); i++)
		assert_int_equal(regmon_explained_code(others[i].code)->code,
				others[i].taken_as);
	assert_null(regmon_explained_code(99));
	assert_null(regmon_explained_code(700));
	assert_null(regmon_explained_code(0));
	assert_null(regmon_explained_code(-1));
	explains("484", "484 has no meaning of its own");
	explains("484", "name=400 Bad Request");
	explains("603", "name=6xx Global Failure");
	assert_int_equal(explain("401", false), 1);
	assert_false(captured("no meaning of its own"));
}

/* ---- what texts name exists ---- */

static void check_commands(const char *where, const char *text)
{
	static const char *const commands[] = {"summary", "why", "show", "timeline",
			"list", "rules", "decode", "explain"};
	static const char start[] = "ims_regmon.";
	const char *at = text;
	unsigned i;

	while(at && (at = strstr(at, start))) {
		at += sizeof(start) - 1;
		for(i = 0; i < REGMON_COUNT(commands); i++) {
			size_t length = strlen(commands[i]);

			if(strncmp(at, commands[i], length) == 0
					&& !isalpha((unsigned char)at[length]))
				break;
		}
		if(i == REGMON_COUNT(commands))
			fail_msg("%s: no command %.12s", where, at);
		if(strncmp(at, "explain ", 8) == 0) {
			str word = {(char *)at + 8, (int)strcspn(at + 8, " ,;.")};

			if(regmon_explain_count(word) == 0)
				fail_msg("%s: explain %.*s", where, word.len, word.s);
		}
	}
}

static void names_exist(void **state)
{
	const regmon_explained_t *explained;
	const regmon_flow_t *flow;
	unsigned i, k;
	int at;
	str cause;

	for(i = 0; (explained = regmon_explained_at(i)); i++) {
		for(at = 0; explained->causes
					&& regmon_text_next_element(
							text_of(explained->causes), &at, &cause);)
			if(regmon_cause_find(cause) < 0)
				fail_msg("%s: no cause %.*s", explained->word, cause.len,
						cause.s);
		for(k = 0; k < REGMON_MAX_TROUBLES; k++) {
			check_commands(explained->word, explained->troubles[k].next_step);
			check_commands(explained->word, explained->troubles[k].inspect);
		}
	}
	for(i = 0; (flow = regmon_flow_at(i)); i++)
		for(k = 0; k < REGMON_MAX_TROUBLES; k++) {
			check_commands(flow->word, flow->troubles[k].next_step);
			check_commands(flow->word, flow->troubles[k].inspect);
		}
	/* each cause is named by some message */
	for(i = 0; i < regmon_causes_n(); i++) {
		for(k = 0; (explained = regmon_explained_at(k)); k++)
			if(regmon_word_in(
					   text_of(regmon_cause_at(i)->id), explained->causes))
				break;
		if(explained == NULL)
			fail_msg("no message names %s", regmon_cause_at(i)->id);
	}
}

/* ---- explain ---- */

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

/* ---- examples and places ---- */

/* with the line ends that SIP wants */
static char *example_of(const char *word, size_t *ret_length)
{
	const char *from = regmon_explained_find(text_of(word))->example;
	char *text = malloc(2 * strlen(from) + 3), *to = text;

	assert_non_null(text);
	for(; *from; from++) {
		if(*from == '\n')
			*to++ = '\r';
		*to++ = *from;
	}
	*to++ = '\r';
	*to++ = '\n';
	*ret_length = to - text;
	return text;
}

static void examples_are_good(void **state)
{
	static const char *const words[] = {"REGISTER", "401", "200"};
	regmon_plan_t *plan = fixture_plan(NULL, false);
	static regmon_message_t message;
	regmon_class_t class;
	regmon_findings_t findings;
	size_t length;
	unsigned i;
	char *text;

	for(i = 0; i < REGMON_COUNT(words); i++) {
		text = example_of(words[i], &length);
		assert_true(regmon_message_read(text, (int)length, &message));
		memset(&class, 0, sizeof(class));
		regmon_classify(&message, NULL, REGMON_ROLE_AUTO, &class);
		regmon_rules_judge(plan, &message, &class, &findings);
		if(findings.worst > REGMON_NOTE)
			fail_msg("example of %s breaks %s", words[i],
					regmon_rule_at(findings.list[findings.worst_at].rule)->id);
		assert_int_equal(message.is_answer, i > 0);
		if(i > 0)
			assert_int_equal(message.code, atoi(words[i]));
		free(text);
	}
	free(plan);
}

static void place_is(const char *path, const char *word)
{
	static regmon_message_t message;
	regmon_class_t class;
	size_t length;
	char *text = harness_read_sip(path, &length);
	const regmon_flow_t *flow;

	regmon_message_read(text, (int)length, &message);
	memset(&class, 0, sizeof(class));
	regmon_classify(&message, NULL, REGMON_ROLE_AUTO, &class);
	flow = regmon_flow_of(&message, &class);
	if(flow == NULL || strcmp(flow->word, word) != 0)
		fail_msg("%s: %s", path, flow ? flow->word : "no place");
	regmon_rows_message_context(capture_start('{', false), &message, &class);
	assert_int_equal(capture.depth, 0);
	assert_true(captured("previous_messages=") && captured("next_messages=")
				&& captured("preconditions=") && captured("likely_cause="));
	assert_true(captured(flow->security));
	free(text);
}

static void messages_have_places(void **state)
{
	place_is(FIXTURES "clean-volte-u0.sip", "first-register");
	place_is(FIXTURES "clean-vonr-u0.sip", "first-register");
	place_is(FIXTURES "clean-vowifi-u1.sip", "challenge-answer");
	/* repeats the last response: by its text an answer to a challenge */
	place_is(FIXTURES "clean-vonr-refresh.sip", "challenge-answer");
	place_is(FIXTURES "clean-vonr-u2.sip", "refresh");
	assert_true(captured("security_here=protected; Authorization: "
						 "without a response; "
						 "Security-Client is there; Security-Verify is there"));
	place_is(FIXTURES "clean-deregister.sip", "de-registration");
	place_is(FIXTURES "clean-deregister-star.sip", "de-registration");
	place_is(FIXTURES "clean-resync.sip", "resync");
	place_is(FIXTURES "clean-mac-failure.sip", "autn-refused");
	place_is(FIXTURES "clean-query.sip", "query");
	place_is(FIXTURES "clean-emergency.sip", "emergency-registration");
	place_is(FIXTURES "clean-pi.sip", "core-register");
	place_is(FIXTURES "clean-is.sip", "core-register");
	place_is(FIXTURES "clean-sa.sip", "third-party-register");
	place_is(FIXTURES "clean-plain.sip", "plain-register");
}

static void answers_have_places(void **state)
{
	static regmon_message_t message;
	regmon_class_t class;
	size_t length;
	char *text = example_of("401", &length);

	assert_true(regmon_message_read(text, (int)length, &message));
	memset(&class, 0, sizeof(class));
	regmon_classify(&message, NULL, REGMON_ROLE_AUTO, &class);
	assert_null(regmon_flow_of(&message, &class));
	regmon_rows_message_context(capture_start('{', true), &message, &class);
	assert_int_equal(capture.depth, 0);
	assert_true(captured("position=Second message of each initial"));
	assert_true(captured("phone_reaction=Checks AUTN"));
	assert_true(captured("security_here=WWW-Authenticate is there; "
						 "Security-Server is there"));
	free(text);
	/* no SIP code: nothing is told */
	message.code = 999;
	regmon_rows_message_context(capture_start('{', true), &message, &class);
	assert_int_equal(capture.used, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(messages_are_whole),
			harness_test(flows_are_whole), harness_test(texts_are_unique),
			harness_test(words_lead_home), harness_test(codes_have_records),
			harness_test(names_exist), harness_test(headers_have_rows),
			harness_test(every_word_is_told),
			harness_test(register_is_told_whole), harness_test(list_of_words),
			harness_test(near_words), harness_test(examples_are_good),
			harness_test(messages_have_places),
			harness_test(answers_have_places)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
