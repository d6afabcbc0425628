/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints doc/ims_regmon_reference.xml: the parts of the manual that the code knows itself. doc/ims_regmon_admin.xml
 * takes each of them in by its id (XInclude), so that no default, bound, name or meaning is written down twice.
 *
 * Linked with the module's own objects and without Kamailio (`make docs`): tables are looked at, and of Kamailio's
 * functions only the two below are called. */
#include <stdio.h>
#include <string.h>

#include "core/counters.h"
#include "core/kemi.h"
#include "core/sr_module.h"

#include "hooks/hooks.h"
#include "ims_regmon.h"
#include "registration/registration.h"
#include "show/metrics.h"
#include "show/outbox.h"
#include "show/show.h"

extern struct module_exports exports;

/* ---- what Kamailio is told at the start ---- */

static const sr_kemi_t *kemi_functions;

int sr_kemi_modules_add(sr_kemi_t *list)
{
	kemi_functions = list;
	return 0;
}

#define MOST_COUNTERS 200
static struct
{
	const char *name, *meaning;
} counters[MOST_COUNTERS];
static unsigned counters_n;

int counter_register(counter_handle_t *handle, const char *group,
		const char *name, int flags, counter_cbk_f read, void *parameter,
		const char *meaning, int how)
{
	if(counters_n == MOST_COUNTERS)
		return -1;
	counters[counters_n].name = name;
	counters[counters_n++].meaning = meaning;
	return 0;
}

/* ---- XML ---- */

static void print_text(const char *text)
{
	for(; *text; text++) {
		if(*text == '<')
			fputs("&lt;", stdout);
		else if(*text == '&')
			fputs("&amp;", stdout);
		else
			putchar(*text);
	}
}

static void print_cell(const char *text)
{
	fputs("<entry>", stdout);
	print_text(text);
	fputs("</entry>", stdout);
}

static void print_name(const char *text)
{
	fputs("<entry><literal>", stdout);
	print_text(text);
	fputs("</literal></entry>", stdout);
}

/* a name that has a section of its own: p parameters, f functions, r commands of RPC */
static void print_linked(char kind, const char *name, const char *section)
{
	printf("<entry><link linkend=\"ims_regmon.%c.%s\"><literal>%s</literal>"
		   "</link></entry>",
			kind, section, name);
}

/* heads end with NULL */
static void open_table(const char *id, const char *const *heads)
{
	unsigned n = 0;

	while(heads[n])
		n++;
	printf("\n<informaltable id=\"ims_regmon.%s\" frame=\"all\">\n<tgroup "
		   "cols=\"%u\">\n<thead><row>",
			id, n);
	while(*heads)
		print_cell(*heads++);
	printf("</row></thead>\n<tbody>\n");
}

static void close_table(void)
{
	printf("</tbody>\n</tgroup>\n</informaltable>\n");
}

#define HEADS(...) \
	(const char *const[]) { __VA_ARGS__, NULL }

/* ---- parameters ---- */

static const regmon_parameter_range_t *range_of(const param_export_t *parameter)
{
	const regmon_parameter_range_t *range;

	for(range = regmon_parameter_ranges; range->name; range++)
		if(strcmp(range->name, parameter->name) == 0)
			return range;
	return NULL;
}

static bool is_number(const param_export_t *parameter)
{
	return (parameter->type & PARAM_INT) != 0;
}

/* a function takes each value */
static bool is_repeatable(const param_export_t *parameter)
{
	return (parameter->type & PARAM_USE_FUNC) != 0;
}

/* "": there is none */
static void print_default(
		const param_export_t *parameter, char *buffer, size_t size)
{
	static const regmon_thresholds_t thresholds = REGMON_THRESHOLDS_DEFAULT;
	const int *first = (const int *)&regmon_parameter_thresholds;
	const int *value = parameter->param_pointer;
	const char *text = NULL;

	buffer[0] = '\0';
	if(is_repeatable(parameter))
		return;
	if(is_number(parameter)) {
		if(value >= first && value < first + REGMON_THRESHOLDS_N)
			value = (const int *)&thresholds + (value - first);
		snprintf(buffer, size, "%d", *value);
		return;
	}
	if(parameter->type & PARAM_STR)
		text = ((const str *)parameter->param_pointer)->s;
	else
		text = *(char *const *)parameter->param_pointer;
	if(text)
		snprintf(buffer, size, "\"%s\"", text);
}

static void print_range(
		const param_export_t *parameter, char *buffer, size_t size)
{
	const regmon_parameter_range_t *range = range_of(parameter);

	buffer[0] = '\0';
	if(range)
		snprintf(buffer, size, "%d to %d", range->least, range->most);
}

static void print_facts(const param_export_t *parameter)
{
	char value[200], range[40];

	print_default(parameter, value, sizeof(value));
	print_range(parameter, range, sizeof(range));
	printf("<para id=\"ims_regmon.p.%s.facts\"><emphasis>", parameter->name);
	if(is_repeatable(parameter))
		printf("Not set by default; may be set several times.");
	else if(value[0] == '\0')
		printf("Not set by default.");
	else
		printf("Default value is %s", value);
	if(range[0])
		printf("; allowed are %s", range);
	printf("%s</emphasis></para>\n",
			value[0] && !is_repeatable(parameter) ? "." : "");
}

static int print_parameters(void)
{
	const param_export_t *parameter;
	char value[200], range[40];

	for(parameter = exports.params; parameter->name; parameter++) {
		if(is_number(parameter) && range_of(parameter) == NULL) {
			fprintf(stderr,
					"manual_reference: parameter %s is missing in "
					"regmon_parameter_ranges (hooks/parameters.c)\n",
					parameter->name);
			return -1;
		}
		print_facts(parameter);
	}
	open_table("t.parameters", HEADS("parameter", "type", "default", "allowed"));
	for(parameter = exports.params; parameter->name; parameter++) {
		print_default(parameter, value, sizeof(value));
		print_range(parameter, range, sizeof(range));
		printf("<row>");
		print_linked('p', parameter->name, parameter->name);
		print_cell(is_number(parameter) ? "int" : "string");
		print_cell(value);
		print_cell(is_repeatable(parameter) ? "more than once" : range);
		printf("</row>\n");
	}
	close_table();
	return 0;
}

/* ---- functions ---- */

static unsigned parameters_of(const sr_kemi_t *function)
{
	unsigned n = 0;

	while(n < SR_KEMI_PARAMS_MAX && function->ptypes[n] != SR_KEMIP_NONE)
		n++;
	return n;
}

/* check(profile) is check_profile in KEMI: no two functions of one name there */
static const sr_kemi_t *twin_of(const cmd_export_t *function)
{
	const char *name = function->name + strlen("ims_regmon_");
	const sr_kemi_t *twin;

	for(twin = kemi_functions; twin->fname.s; twin++)
		if(strncmp(twin->fname.s, name, strlen(name)) == 0
				&& parameters_of(twin) == (unsigned)function->param_no)
			return twin;
	return NULL;
}

static const char *routes_of(const cmd_export_t *function)
{
	if(function->flags == ANY_ROUTE)
		return "any route";
	if(function->flags == REQUEST_ROUTE)
		return "request_route";
	return function->flags == EVENT_ROUTE ? "event_route" : "several routes";
}

static int print_functions(void)
{
	const cmd_export_t *function;

	open_table("t.functions",
			HEADS("function", "parameters", "in Lua and other KEMI languages",
					"where"));
	for(function = exports.cmds; function->name; function++) {
		const sr_kemi_t *twin = twin_of(function);

		if(twin == NULL) {
			fprintf(stderr, "manual_reference: %s/%d has no KEMI twin\n",
					function->name, function->param_no);
			return -1;
		}
		printf("<row>");
		print_linked('f', function->name, function->name);
		printf("<entry>%d</entry>", function->param_no);
		printf("<entry><literal>KSR.ims_regmon.%s</literal></entry>",
				twin->fname.s);
		print_cell(routes_of(function));
		printf("</row>\n");
	}
	close_table();
	return 0;
}

/* ---- RPC commands ---- */

static void print_commands(void)
{
	const rpc_export_t *command;
	const char *const *line;

	open_table("t.rpc", HEADS("command", "arguments and answer"));
	for(command = regmon_rpc_commands; command->name; command++) {
		printf("<row>");
		print_linked(
				'r', command->name, command->name + strlen("ims_regmon."));
		printf("<entry>");
		for(line = command->doc_str; *line; line++)
			print_text(*line);
		printf("</entry></row>\n");
	}
	close_table();
}

/* ---- counters, metrics ---- */

static int print_counters(void)
{
	unsigned i;

	if(regmon_show_counters_register() < 0) {
		fprintf(stderr, "manual_reference: more than %d counters\n",
				MOST_COUNTERS);
		return -1;
	}
	open_table("t.counters", HEADS("counter", "meaning"));
	for(i = 0; i < counters_n; i++) {
		printf("<row>");
		print_name(counters[i].name);
		print_cell(counters[i].meaning);
		printf("</row>\n");
	}
	close_table();
	return 0;
}

static int64_t no_counts(regmon_counter_t counter)
{
	return 0;
}

static uint64_t no_causes(
		const regmon_registration_t *registration, int64_t now_ms)
{
	return 0;
}

/* The values of one label of a family, as the samples between its TYPE and the next HELP have them. A histogram's `le`
 * and a version are no set of words. */
static void print_label(const char *samples, const char *end, const char *name)
{
	char seen[4000] = " ", pattern[64], word[140];
	const char *at = samples;
	int n = 0, used = 1;

	snprintf(pattern, sizeof(pattern), "%s=\"", name);
	while((at = strstr(at, pattern)) && at < end) {
		at += strlen(pattern);
		snprintf(word, sizeof(word), " %.*s ", (int)strcspn(at, "\""), at);
		if(strstr(seen, word) || used + strlen(word) >= sizeof(seen))
			continue;
		if(n++ < 6) {
			printf(n == 1 ? ": %.*s" : ", %.*s", (int)strlen(word) - 2,
					word + 1);
		}
		used += snprintf(seen + used, sizeof(seen) - used, "%s", word + 1);
	}
	if(n > 6)
		printf(" and %d more", n - 6);
}

static bool is_open_set(const char *label)
{
	return strcmp(label, "le") == 0 || strcmp(label, "version") == 0
		   || strcmp(label, "kamailio") == 0;
}

static void print_labels(const char *samples, const char *end)
{
	const char *at = strchr(samples, '{');
	char name[60];
	int n = 0;

	printf("<entry>");
	for(; at && at < end && (*at == '{' || *at == ','); n++) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 1, "="), at + 1);
		printf("%s<literal>%s</literal>", n ? "; " : "", name);
		if(!is_open_set(name))
			print_label(samples, end, name);
		at = strchr(at, '"') + 1;
		at = strchr(at, '"') + 1;
	}
	printf("</entry>");
}

static void print_family(const char *help)
{
	const char *name = help + strlen("# HELP ");
	const char *meaning = name + strcspn(name, " ");
	const char *type = strstr(help, "\n# TYPE ") + strlen("\n# TYPE ")
					   + (meaning - name) + 1;
	const char *samples = strchr(type, '\n') + 1;
	const char *end = strstr(samples, "# HELP ");
	char word[800];

	printf("<row>");
	snprintf(word, sizeof(word), "%.*s", (int)(meaning - name), name);
	print_name(word);
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(type, "\n"), type);
	print_cell(word);
	print_labels(samples, end ? end : samples + strlen(samples));
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(meaning, "\n") - 1,
			meaning + 1);
	print_cell(word);
	printf("</row>\n");
}

static int print_metrics(void)
{
	static char text[200000];
	static const uint8_t key[16];
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	regmon_metrics_source_t source = {.monitor = &regmon_monitor,
			.counter = no_counts,
			.memory = regmon_metrics_memory_make(),
			.version = REGMON_VERSION,
			.kamailio_version = "5.6"};
	const char *at;

	limits.max_registrations = 10;
	regmon_monitor.table = regmon_table_make(&limits, key, no_causes);
	regmon_monitor.measure = regmon_measure_make(REGMON_TOP_LEAST, key);
	if(!regmon_monitor.table || !regmon_monitor.measure || !source.memory)
		return -1;
	text[regmon_metrics_write(&source, text, sizeof(text) - 1)] = '\0';
	open_table("t.metrics", HEADS("metric", "type", "labels", "meaning"));
	for(at = text; (at = strstr(at, "# HELP ")); at++)
		print_family(at);
	close_table();
	regmon_table_free(regmon_monitor.table);
	regmon_measure_free(regmon_monitor.measure);
	regmon_metrics_memory_free(source.memory);
	return 0;
}

/* ---- shared memory ---- */

static void print_memory(void)
{
	static const unsigned sizes[] = {10000, 100000, 1000000};
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	char number[24];
	size_t when_full, record, copy;
	unsigned places, i;

	record = regmon_registration_size(limits.timeline_length);
	copy = regmon_registration_copy_size(limits.timeline_length);
	places = regmon_slabs_places(record, sizes[0]);
	printf("\n<para id=\"ims_regmon.size.record\">One registration takes %zu "
		   "bytes with the default <varname>timeline_length</varname> of %u, "
		   "about %zu more or less for each entry. Shared memory is taken for "
		   "%u of them at a time. One whose attempts fail, or of which the "
		   "network speaks in reg-event documents, takes %zu bytes more; a "
		   "full table is reckoned as if all of them were such.</para>\n",
			(regmon_slabs_bytes_when_full(record, places) + places - 1)
					/ places,
			limits.timeline_length, sizeof(regmon_entry_t), places,
			sizeof(regmon_supplement_t));
	printf("\n<para id=\"ims_regmon.size.event\">One entry of "
		   "<varname>event_queue</varname> takes %zu bytes.</para>\n",
			(regmon_outbox_bytes(1016, copy) - regmon_outbox_bytes(16, copy))
					/ 1000);
	open_table("t.memory", HEADS("max_registrations", "table, empty",
								   "table, full", "kamailio -m"));
	for(i = 0; i < REGMON_COUNT(sizes); i++) {
		limits.max_registrations = sizes[i];
		when_full = regmon_table_bytes_when_full(&limits);
		snprintf(number, sizeof(number), "%u", sizes[i]);
		printf("<row>");
		print_cell(number);
		printf("<entry>%.1f MiB</entry><entry>%.0f MiB</entry>",
				(double)(when_full
						 - regmon_slabs_bytes_when_full(record, sizes[i])
						 - sizes[i] * sizeof(regmon_supplement_t))
						/ (1 << 20),
				(double)when_full / (1 << 20));
		/* what the warning at the start asks for */
		printf("<entry>%zu</entry></row>\n", (when_full >> 19) + 64);
	}
	close_table();
}

/* ---- causes, rules, states ---- */

static void print_causes(void)
{
	const regmon_cause_t *cause;
	unsigned i;

	open_table("t.causes", HEADS("cause", "what is seen"));
	for(i = 0; (cause = regmon_cause_at(i)); i++) {
		printf("<row>");
		print_name(cause->id);
		print_cell(cause->title);
		printf("</row>\n");
	}
	close_table();
}

static void print_rules(void)
{
	unsigned i;

	open_table("t.rules", HEADS("rule", "severity", "header", "what it asks for"));
	for(i = 0; i < regmon_rules_n(); i++) {
		const regmon_rule_t *rule = regmon_rule_at((regmon_rule_index_t)i);

		printf("<row>");
		print_name(rule->id);
		print_cell(regmon_severity_name(rule->severity));
		print_cell(rule->header);
		print_cell(rule->text);
		printf("</row>\n");
	}
	close_table();
}

static void print_states(void)
{
	int i;

	open_table("t.states", HEADS("state", "meaning"));
	for(i = 0; i < REGMON_STATES_N; i++) {
		printf("<row>");
		print_name(regmon_state_name(i));
		print_cell(regmon_state_meaning(i));
		printf("</row>\n");
	}
	close_table();
}

int main(void)
{
	printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		   "<!-- SPDX-License-Identifier: GPL-2.0-or-later -->\n"
		   "<!-- Written by `make docs` from the code; do not edit. -->\n"
		   "<!DOCTYPE reference [\n"
		   "<!ATTLIST para id ID #IMPLIED>\n"
		   "<!ATTLIST informaltable id ID #IMPLIED>\n"
		   "]>\n"
		   "<reference>\n");
	if(regmon_kemi_register() < 0 || print_parameters() || print_functions())
		return 1;
	print_commands();
	if(print_counters() || print_metrics())
		return 1;
	print_memory();
	print_states();
	print_causes();
	print_rules();
	printf("</reference>\n");
	return 0;
}
