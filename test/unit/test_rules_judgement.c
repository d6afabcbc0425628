/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered of a judgement is what judging again would say. Every message of the fixtures and of the corpus is
 * changed in the headers that change from one REGISTER to the next, in thousands of ways: wherever the basis stays the
 * same, the rules must find the same. A rule that looks at something the basis does not hold is found here. */
#define _GNU_SOURCE /* nftw(), memmem() */
#include <ftw.h>

#include "rules/judgement.h"
#include "rules/plan.h"
#include "test/unit/rules_fixture.h"

#define CORPUS "../shared/corpus"
#define MAX_PATH 512
#define MUTANTS 60
#define OTHERS 8  /* mutants that are compared with one another */
#define ROOM 4096 /* for what is put in */

static const regmon_outline_secret_t secret = {
		{0x243f6a8885a308d3ULL, 0x13198a2e03707344ULL, 0xa4093822299f31d0ULL}};

static regmon_plan_t *plan, *all; /* the defaults; every rule */
static unsigned compared_n, with_findings_n, kept_n;

static uint64_t random_state = 88172645463325251ULL;

static unsigned draw(unsigned below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state >> 33) % below;
}

typedef struct judged
{
	regmon_message_t message;
	regmon_class_t class;
	regmon_findings_t findings;
	uint64_t basis;
} judged_t;

static void judge(const regmon_plan_t *by, const char *text, int length,
		regmon_role_t role, judged_t *judged)
{
	regmon_message_t *message = &judged->message;
	regmon_outline_t outline;

	regmon_message_scan(text, length, message);
	regmon_outline_read(message, &secret, &outline);
	regmon_message_complete(message);
	judged->basis = regmon_judgement_basis(message, by, role, &outline,
			regmon_judgement_client_part(message, &secret),
			regmon_judgement_access_part(message, &secret), &secret);
	regmon_classify(message, NULL, role, &judged->class);
	regmon_rules_judge(by, message, &judged->class, &judged->findings);
}

static void print_message_text(const char *name, const judged_t *judged)
{
	print_message("%s:\n%.*s\n", name, judged->message.text.len,
			judged->message.text.s);
}

static bool same_findings(
		const regmon_findings_t *left, const regmon_findings_t *right)
{
	unsigned i;

	if(left->n != right->n || left->total != right->total
			|| left->worst != right->worst || left->worst_at != right->worst_at)
		return false;
	for(i = 0; i < left->n; i++)
		if(left->list[i].rule != right->list[i].rule
				|| left->list[i].severity != right->list[i].severity
				|| left->list[i].mode != right->list[i].mode)
			return false;
	return true;
}

static bool same_seen(
		const regmon_findings_t *left, const regmon_findings_t *right)
{
	unsigned i;

	for(i = 0; i < left->n; i++)
		if(left->list[i].seen.s != right->list[i].seen.s
				|| left->list[i].seen.len != right->list[i].seen.len)
			return false;
	return true;
}

static bool same_class(const regmon_class_t *left, const regmon_class_t *right)
{
	return left->leg == right->leg && left->purpose == right->purpose
		   && left->credentials == right->credentials
		   && left->is_protected == right->is_protected
		   && left->emergency == right->emergency && left->ims == right->ims;
}

/* What is kept of the first, given for the second. */
static void give(const regmon_plan_t *by, const char *name,
		const judged_t *first, const judged_t *second)
{
	regmon_judgement_t judgement = {0};
	regmon_findings_t findings;
	regmon_class_t class;

	regmon_judgement_keep(
			&judgement, first->basis, &first->class, &first->findings);
	if(judgement.basis == 0)
		return;
	kept_n++;
	memset(&class, 0, sizeof(class));
	regmon_judgement_give(&judgement, by, &class, &findings);
	regmon_judgement_show(by, &second->message, &class, &findings);
	if(!same_findings(&findings, &second->findings)
			|| !same_seen(&findings, &second->findings)
			|| !same_class(&class, &second->class)) {
		print_message_text("first", first);
		print_message_text("second", second);
		fail_msg("%s: remembered is not what is found", name);
	}
}

static void compare(const regmon_plan_t *by, const char *name,
		const judged_t *first, const judged_t *second)
{
	if(first->basis == 0 || first->basis != second->basis)
		return;
	compared_n++;
	with_findings_n += first->findings.n > 0;
	if(!same_findings(&first->findings, &second->findings)
			|| !same_class(&first->class, &second->class)) {
		print_message_text("first", first);
		print_message_text("second", second);
		fail_msg("%s: one basis, two judgements", name);
	}
	give(by, name, first, second);
	give(by, name, second, first);
}

/* ---- mutants ---- */

static const char *const bits[] = {";", ",", "=", "\"", "<", ">", " ", "0", "9",
		"a", "@", ":", "sip:", "z9hG4bK", ";rport", ";rport=5", ";keep",
		";keep=1", "branch=", ";tag=", "REGISTER", "INVITE", "4294967296",
		"TCP", "response", "nonce=\"\"", "nc=00000002", "cnonce=\"x\"",
		"auts=\"AAAA\"", "integrity-protected=\"yes\"", "algorithm=MD5",
		"qop=auth", "0123456789abcdef0123456789abcdef", "alg=hmac-md5-96",
		"ealg=null", "spi-c=1", "port-s=5060", ";q=0.5", "tls", "ipsec-3gpp",
		"3GPP-E-UTRAN-FDD", "network-provided",
		"utran-cell-id-3gpp=0010100000000000", "IEEE-802.11"};

/* Another algorithm that is known, in place of the one that is named. */
static int change_algorithm(char *text, int length)
{
	static const char *const names[] = {"AKAv1-MD5", "MD5", "SHA-256",
			"AKAv2-SHA-256", "AKAv2-MD5", "AKAv1-SHA-256"};
	const char *to = names[draw(6)];
	char *at = memmem(text, length, "AKAv1-MD5", 9);

	if(at == NULL)
		return length;
	memmove(at + strlen(to), at + 9, text + length - at - 9);
	memcpy(at, to, strlen(to));
	return length - 9 + (int)strlen(to);
}

/* Changes some of what stands in the headers that change, in place. */
static int mutate(const regmon_message_t *message, char *text, int length)
{
	const uint64_t changing = REGMON_HEADERS_LEFT_OUT;
	const regmon_line_t *line =
			&message->lines[draw(message->lines_n ? message->lines_n : 1)];
	const char *bit = bits[draw(sizeof(bits) / sizeof(*bits))];
	int at = (int)(line->value.s - message->text.s), n, put;

	if(message->lines_n == 0 || !((changing >> line->header) & 1)
			|| line->value.len == 0)
		return length;
	at += (int)draw(line->value.len);
	n = (int)draw(3);
	if(n > line->value.s + line->value.len - message->text.s - at)
		n = 0;
	put = draw(3) ? (int)strlen(bit) : 0;
	memmove(text + at + put, text + at + n, length - at - n);
	memcpy(text + at, bit, put);
	return length - n + put;
}

static char *make_mutant(
		const regmon_message_t *message, const char *text, int *length)
{
	static char copy[65536 + ROOM];
	char *mutant;
	int times;

	memcpy(copy, text, *length);
	if(draw(8) == 0)
		*length = change_algorithm(copy, *length);
	else
		for(times = 1 + (int)draw(2); times > 0; times--)
			*length = mutate(message, copy, *length);
	mutant = malloc(*length);
	assert_non_null(mutant);
	memcpy(mutant, copy, *length);
	return mutant;
}

static void judge_mutants(
		const regmon_plan_t *by, const char *name, const char *text, int length)
{
	static judged_t first, others[OTHERS];
	char *mutants[OTHERS] = {NULL};
	regmon_role_t role = draw(6);
	int i, n, at, other;

	judge(by, text, length, role, &first);
	if(first.message.is_answer
			|| !regmon_text_is(first.message.method, REGMON_TEXT("REGISTER")))
		return;
	compare(by, name, &first, &first);
	for(i = 0; i < MUTANTS; i++) {
		at = i % OTHERS;
		free(mutants[at]);
		n = length;
		mutants[at] = make_mutant(&first.message, text, &n);
		judge(by, mutants[at], n, role, &others[at]);
		compare(by, name, &first, &others[at]);
		for(other = 0; other < OTHERS; other++)
			if(other != at && mutants[other])
				compare(by, name, &others[at], &others[other]);
	}
	for(i = 0; i < OTHERS; i++)
		free(mutants[i]);
}

static int judge_file(const char *path, const struct stat *status, int kind,
		struct FTW *where)
{
	size_t length;
	char *text;

	if(kind != FTW_F || strstr(path, ".sip") == NULL || status->st_size > 30000)
		return 0;
	text = harness_read_sip(path, &length);
	judge_mutants(plan, path, text, (int)length);
	judge_mutants(all, path, text, (int)length);
	free(text);
	return 0;
}

static void judge_folder(const char *name)
{
	char folder[MAX_PATH];

	snprintf(folder, sizeof(folder), "%s/%s", HARNESS_TREE, name);
	compared_n = with_findings_n = kept_n = 0;
	assert_int_equal(nftw(folder, judge_file, 16, FTW_PHYS), 0);
}

static void fixtures(void **state)
{
	judge_folder("test/rules");
	print_message("%u compared, %u of them with findings, %u kept\n",
			compared_n, with_findings_n, kept_n);
	assert_true(compared_n > 2000 && with_findings_n > 300 && kept_n > 2000);
}

static void corpus(void **state)
{
	if(!harness_exists(CORPUS)) {
		print_message("no %s beside the tree: skipped\n", CORPUS);
		skip();
	}
	judge_folder(CORPUS);
	print_message("%u compared, %u of them with findings, %u kept\n",
			compared_n, with_findings_n, kept_n);
	assert_true(with_findings_n > 300);
}

/* ---- what no basis is given for ---- */

#define CLEAN FIXTURES "clean-vonr-u1.sip"

static uint64_t basis_of(const char *from, const char *to)
{
	static judged_t judged;
	size_t length;
	char *text = harness_read_sip(CLEAN, &length), *at;
	char *changed = malloc(length + strlen(to) + 1);
	int n;

	assert_non_null(changed);
	at = memmem(text, length, from, strlen(from));
	assert_non_null(at);
	n = (int)(at - text);
	memcpy(changed, text, n);
	memcpy(changed + n, to, strlen(to));
	memcpy(changed + n + strlen(to), at + strlen(from),
			text + length - at - strlen(from));
	judge(plan, changed, (int)(length - strlen(from) + strlen(to)),
			REGMON_ROLE_AUTO, &judged);
	free(text);
	free(changed);
	return judged.basis;
}

static void unusual_forms_are_judged_each_time(void **state)
{
	uint64_t usual = basis_of("CSeq: ", "CSeq: ");

	assert_true(usual != 0);
	assert_true(basis_of("branch=z9hG4bK", "branch=z9hG4bKother") == usual);
	assert_int_equal(basis_of("branch=z9hG4bK", "branch=abc"), 0);
	assert_int_equal(basis_of("CSeq: ", "CSeq: x"), 0);
	assert_int_equal(basis_of(" REGISTER\r\n", " INVITE\r\n"), 0);
	assert_int_equal(basis_of(";tag=", ";gat="), 0);
	assert_int_equal(basis_of("Authorization: Digest ",
							 "Authorization: Digest auts=\"a\", "),
			0);
	assert_int_equal(basis_of("spi-c=", "spi-c=x"), 0);
	assert_true(basis_of("Expires: ", "Expires: 1") != usual);
	assert_true(basis_of("alg=hmac-sha-1-96", "alg=hmac-md5-96") != usual);
}

static void plans_of_other_rules_have_another_basis(void **state)
{
	static judged_t by_default, by_all, by_expecting;
	regmon_plan_t *expecting = fixture_plan(NULL, true);
	regmon_plan_t *again = fixture_plan(NULL, false);
	size_t length;
	char *text = harness_read_sip(CLEAN, &length);

	judge(plan, text, (int)length, REGMON_ROLE_AUTO, &by_default);
	judge(all, text, (int)length, REGMON_ROLE_AUTO, &by_all);
	judge(expecting, text, (int)length, REGMON_ROLE_AUTO, &by_expecting);
	assert_true(by_default.basis != by_all.basis);
	assert_true(by_default.basis != by_expecting.basis);
	judge(again, text, (int)length, REGMON_ROLE_AUTO, &by_all);
	assert_true(by_default.basis == by_all.basis);
	judge(again, text, (int)length, REGMON_ROLE_SCSCF, &by_all);
	assert_true(by_default.basis != by_all.basis);
	free(text);
	free(again);
	free(expecting);
}

static void too_many_findings_are_not_kept(void **state)
{
	static judged_t judged;
	static regmon_findings_t given;
	regmon_judgement_t judgement = {0};
	regmon_class_t class;
	size_t length;
	unsigned i;
	char *text = harness_read_sip(CLEAN, &length);

	judge(plan, text, (int)length, REGMON_ROLE_AUTO, &judged);
	judged.findings.n = judged.findings.total = REGMON_JUDGEMENT_FINDINGS + 1;
	regmon_judgement_keep(
			&judgement, judged.basis, &judged.class, &judged.findings);
	assert_true(judgement.basis == 0);
	judged.findings.n = judged.findings.total = REGMON_JUDGEMENT_FINDINGS;
	for(i = 0; i < REGMON_JUDGEMENT_FINDINGS; i++)
		judged.findings.list[i].rule = REGMON_MAX_RULES - 1 - i;
	regmon_judgement_keep(
			&judgement, judged.basis, &judged.class, &judged.findings);
	regmon_judgement_give(&judgement, plan, &class, &given);
	assert_int_equal(given.n, REGMON_JUDGEMENT_FINDINGS);
	for(i = 0; i < REGMON_JUDGEMENT_FINDINGS; i++)
		assert_int_equal(given.list[i].rule, REGMON_MAX_RULES - 1 - i);
	assert_true(same_class(&class, &judged.class));
	free(text);
}

static int setup(void **state)
{
	static regmon_severity_t severities[REGMON_MAX_RULES];
	unsigned i;

	for(i = 0; i < REGMON_MAX_RULES; i++)
		severities[i] = REGMON_ERROR;
	plan = fixture_plan(NULL, false);
	all = fixture_plan(severities, true);
	return 0;
}

static int teardown(void **state)
{
	free(plan);
	free(all);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(fixtures),
			cmocka_unit_test(corpus),
			cmocka_unit_test(unusual_forms_are_judged_each_time),
			cmocka_unit_test(plans_of_other_rules_have_another_basis),
			cmocka_unit_test(too_many_findings_are_not_kept),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
