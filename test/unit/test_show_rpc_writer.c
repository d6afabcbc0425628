/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two forms of an RPC answer and the reading of arguments, over an rpc_t that plays kamcmd or JSON-RPC: typed
 * calls, lines with indent and folds, what happens at the end of the room, digits instead of text. */
#include <stdarg.h>
#include <stdlib.h>

#include "test/unit/harness.h"

#include "show/rpc_arguments.c"
#include "show/rpc_writer.c"

/* the rules in force are no matter here */
void regmon_monitor_refresh(void)
{
}

static char told[400000]; /* every call in order */
static int told_used, calls;
static char fault[300];
static int fail_at; /* the nth call fails, 0: none */
static regmon_rpc_writer_t own;
static regmon_writer_t *const writer = &own.writer;

static int tell(const char *where, const char *fmt, const char *name,
		va_list *arguments)
{
	static char nodes[5000];
	static int nodes_n;

	calls++;
	if(calls == fail_at)
		return -1;
	told_used += snprintf(told + told_used, sizeof(told) - told_used,
			"%s%s%s%s=", where, name ? " " : "", name ? name : "", fmt);
	switch(fmt[0]) {
		case 'S': {
			str *value = va_arg(*arguments, str *);
			told_used += snprintf(told + told_used, sizeof(told) - told_used,
					"%.*s", value->len, value->s);
			break;
		}
		case 'd':
			told_used += snprintf(told + told_used, sizeof(told) - told_used,
					"%d", va_arg(*arguments, int));
			break;
		case 'f':
			told_used += snprintf(told + told_used, sizeof(told) - told_used,
					"%.1f", va_arg(*arguments, double));
			break;
		default:
			nodes_n = (nodes_n + 1) % 5000;
			*va_arg(*arguments, void **) = &nodes[nodes_n];
	}
	told_used += snprintf(told + told_used, sizeof(told) - told_used, "\n");
	return 0;
}

static int fake_add(void *context, char *fmt, ...)
{
	va_list arguments;
	int ret;

	va_start(arguments, fmt);
	ret = tell("add ", fmt, NULL, &arguments);
	va_end(arguments);
	return ret;
}

static int fake_struct_add(void *handle, char *fmt, ...)
{
	va_list arguments;
	const char *name;
	int ret;

	assert_non_null(handle);
	va_start(arguments, fmt);
	name = va_arg(arguments, char *);
	assert_non_null(name);
	ret = tell("struct", fmt, name, &arguments);
	va_end(arguments);
	return ret;
}

static int fake_array_add(void *handle, char *fmt, ...)
{
	va_list arguments;
	int ret;

	assert_non_null(handle);
	va_start(arguments, fmt);
	ret = tell("array ", fmt, NULL, &arguments);
	va_end(arguments);
	return ret;
}

static rpc_capabilities_t fake_capabilities(void *context)
{
	return 0;
}

static void fake_fault(void *context, int code, char *fmt, ...)
{
	va_list arguments;
	int n = snprintf(fault, sizeof(fault), "%d ", code);

	va_start(arguments, fmt);
	vsnprintf(fault + n, sizeof(fault) - n, fmt, arguments);
	va_end(arguments);
}

/* arguments: 't' text, 'i' int, 'f' real; a failed scan does not move on */
static const char *argument_kinds;
static const char *argument_text;
static int fake_scan(void *context, char *fmt, ...)
{
	va_list arguments;
	int ret = 0;

	assert_int_equal(fmt[0], '*');
	va_start(arguments, fmt);
	if((fmt[1] == 'S' && *argument_kinds == 't')
			|| (fmt[1] == 'd' && *argument_kinds == 'i')
			|| (fmt[1] == 'f' && *argument_kinds == 'f')) {
		if(fmt[1] == 'S')
			*va_arg(arguments, str *) = (str){
					(char *)argument_text, (int)strlen(argument_text)};
		argument_kinds++;
		ret = 1;
	}
	va_end(arguments);
	return ret;
}

static rpc_t rpc;

static void begin(bool is_kamcmd)
{
	told_used = calls = fail_at = 0;
	told[0] = fault[0] = '\0';
	memset(&rpc, 0, sizeof(rpc));
	rpc.add = fake_add;
	rpc.struct_add = fake_struct_add;
	rpc.array_add = fake_array_add;
	rpc.fault = fake_fault;
	rpc.scan = fake_scan;
	if(!is_kamcmd)
		rpc.capabilities = fake_capabilities;
	assert_int_equal(regmon_rpc_writer_start(&own, &rpc, NULL), 0);
}

static void write_something(void)
{
	regmon_write_words(writer, "first_name", "value");
	writer->number(writer, "small", -5);
	writer->number(writer, "large", INT64_C(1700000000000));
	writer->open_list(writer, "things");
	writer->open_struct(writer, NULL);
	regmon_write_words(writer, "a", "1");
	writer->close_struct(writer);
	writer->open_struct(writer, NULL);
	regmon_write_words(writer, "a", "2");
	writer->open_list(writer, "inner");
	regmon_write_words(writer, NULL, "x");
	regmon_write_words(writer, NULL, "y");
	writer->close_list(writer);
	writer->close_struct(writer);
	writer->close_list(writer);
	regmon_write_words(writer, "last", "end");
	regmon_rpc_writer_finish(&own);
}

static void test_typed(void **state)
{
	begin(false);
	assert_false(writer->for_eyes);
	write_something();
	assert_string_equal(told,
			"add {=\n"
			"struct first_nameS=value\n"
			"struct smalld=-5\n"
			"struct largef=1700000000000.0\n"
			"struct things[=\n"
			"array {=\n"
			"struct aS=1\n"
			"array {=\n"
			"struct aS=2\n"
			"struct inner[=\n"
			"array S=x\n"
			"array S=y\n"
			"struct lastS=end\n");
	assert_false(writer->full);
}

static void test_lines(void **state)
{
	begin(true);
	assert_true(writer->for_eyes);
	write_something();
	assert_string_equal(told,
			"add S=first name:         value\n"
			"add S=small:              -5\n"
			"add S=large:              1700000000000\n"
			"add S=things:\n"
			"add S=  a:                  1\n"
			"add S=\n"
			"add S=  a:                  2\n"
			"add S=  inner:\n"
			"add S=    x\n"
			"add S=    y\n"
			"add S=last:               end\n");
}

static void test_fold(void **state)
{
	char text[300];
	int i;

	begin(true);
	for(i = 0; i < 29; i++)
		memcpy(text + i * 10, "word word ", 10);
	text[119] = '\0';
	regmon_write_words(writer, "name", text);
	assert_string_equal(told,
			"add S=name:               word word word word word word word word "
			"word word word word word word word word word word\n"
			"add S=                    word word word word word word\n");
	/* a long word stays whole */
	begin(true);
	memset(text, 'x', 150);
	text[150] = '\0';
	regmon_write_words(writer, "name", text);
	assert_int_equal(strlen(told), strlen("add S=name:               \n") + 150);
	/* a row that begins with spaces goes on below them */
	begin(true);
	snprintf(text, sizeof(text), "%20sone %90s two", "", "long");
	regmon_write_words(writer, NULL, text);
	assert_non_null(strstr(told, "\nadd S=                    "));
}

static void test_hostile_text(void **state)
{
	static char longest[5000];

	begin(false);
	regmon_write_words(writer, "a", "\033[2Jx\n");
	assert_non_null(strstr(told, "struct aS=?[2Jx?\n"));
	memset(longest, 'y', sizeof(longest) - 1);
	regmon_write_words(writer, "b", longest);
	assert_non_null(strstr(told, "yyy...\n"));
	assert_in_range(told_used, 2000, 2200);
}

/* the room is used up: no call after that, nesting stays right, and the answer says so */
static void test_full(void **state)
{
	int form, i;

	for(form = 0; form < 2; form++) {
		char text[1001];
		int before;

		begin(form == 1);
		memset(text, 'z', 1000);
		text[1000] = '\0';
		writer->open_list(writer, "things");
		for(i = 0; i < 100; i++) {
			bool was_full = writer->full;

			before = calls;
			writer->open_struct(writer, NULL);
			regmon_write_words(writer, "text", text);
			writer->close_struct(writer);
			if(was_full)
				assert_int_equal(calls, before);
		}
		writer->close_list(writer);
		assert_true(writer->full);
		assert_int_equal(writer->room(writer), 0);
		assert_int_equal(own.depth, 0);
		assert_int_equal(own.lost, 0);
		assert_in_range(told_used, 25000, form == 1 ? 32768 : 65456);
		before = calls;
		regmon_rpc_writer_finish(&own);
		assert_int_equal(calls, before + 1);
		assert_non_null(strstr(told, "did not fit"));
	}
}

/* every call of the transport fails once: never a crash, never a fall out of the nesting */
static void test_failing_calls(void **state)
{
	int form, n;

	for(form = 0; form < 2; form++)
		for(n = form == 0 ? 2 : 1; n < 14; n++) {
			begin(form == 1);
			fail_at = n;
			write_something();
			assert_int_equal(own.depth, 0);
			if(calls >= n && calls > 1 && n <= 11)
				assert_true(writer->full);
		}
}

static void set_arguments(const char *kinds, const char *text)
{
	argument_kinds = kinds;
	argument_text = text;
	fault[0] = '\0';
}

static void test_who(void **state)
{
	regmon_who_t who;

	begin(true);
	set_arguments("t", "imsi:001010000000001");
	assert_true(regmon_rpc_who(&rpc, NULL, "ims_regmon.why", &who));
	assert_int_equal(who.kind, REGMON_WHO_IMSI);
	assert_string_equal(fault, "");
	set_arguments("t", "s:001010000000001");
	assert_true(regmon_rpc_who(&rpc, NULL, "ims_regmon.why", &who));
	assert_int_equal(who.kind, REGMON_WHO_ANY);
	assert_int_equal(who.text.len, 15);
	/* digits: one sentence with the right form, short enough for jsonrpcs */
	set_arguments("i", NULL);
	assert_false(regmon_rpc_who(&rpc, NULL, "ims_regmon.timeline", &who));
	assert_non_null(strstr(fault, "400 "));
	assert_non_null(strstr(fault, "ims_regmon.timeline imsi:001010000000001"));
	assert_in_range(strlen(fault), 20, 4 + 127);
	set_arguments("f", NULL);
	assert_false(regmon_rpc_who(&rpc, NULL, "ims_regmon.why", &who));
	assert_non_null(strstr(fault, "imsi:"));
	set_arguments("", NULL);
	assert_false(regmon_rpc_who(&rpc, NULL, "ims_regmon.timeline", &who));
	assert_non_null(strstr(fault, "say who"));
	assert_in_range(strlen(fault), 20, 4 + 127);
	set_arguments("t", "imsi: ");
	assert_false(regmon_rpc_who(&rpc, NULL, "ims_regmon.why", &who));
	assert_non_null(strstr(fault, "say who"));
}

static void test_unknown_who(void **state)
{
	regmon_who_t who = {REGMON_WHO_ANY,
			REGMON_TEXT("sip:\033[1m0010100000000010000000000000000000000001@i"
						"ms.mnc001.mcc001.3gppnetwork.org")};

	begin(false);
	regmon_rpc_unknown_who(&rpc, NULL, &who);
	assert_non_null(strstr(fault, "404 sip:?[1m0010"));
	assert_non_null(strstr(fault, "see ims_regmon.list"));
	assert_in_range(strlen(fault), 20, 4 + 127);
	who.kind = REGMON_WHO_IMEI;
	regmon_rpc_unknown_who(&rpc, NULL, &who);
	assert_non_null(strstr(fault, " is no IMEI known here"));
	assert_in_range(strlen(fault), 20, 4 + 127);
}

int main(void)
{
	const struct CMUnitTest tests[] = {harness_test(test_typed),
			harness_test(test_lines), harness_test(test_fold),
			harness_test(test_hostile_text), harness_test(test_full),
			harness_test(test_failing_calls), harness_test(test_who),
			harness_test(test_unknown_who)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
