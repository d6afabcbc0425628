/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What modparam gave about events, records and the lines about causes. */
#include "core/dprint.h"

#include <unistd.h>

#include "hooks/events.h"
#include "show/monitor.h"
#include "show/record_file.h"

int regmon_parameter_event_queue = 2048;
str regmon_parameter_event_callback = STR_NULL;
char *regmon_parameter_events = "state,finding,cause,record";
char *regmon_parameter_node_name = NULL;
char *regmon_parameter_record_file = NULL;
int regmon_parameter_record_file_max_mb = 100;
int regmon_parameter_record_file_keep = 5;
char *regmon_parameter_cause_log_level = "info";
int regmon_parameter_cause_log_per_minute = 60;

#define NODE_NAME_MOST 63

/* empty is as good as not given */
static bool is_given(const char *value)
{
	return value != NULL && value[0] != '\0';
}

static int find_kind(str name)
{
	int kind;

	for(kind = 0; kind < REGMON_OUTGOINGS_N; kind++) {
		const char *known = regmon_outgoing_name(kind);

		if(regmon_text_is_nocase(
				   name, (str){(char *)known, (int)strlen(known)}))
			return kind;
	}
	return -1;
}

/* "state,record" */
static int read_kinds(unsigned *ret_kinds)
{
	str left = {regmon_parameter_events, (int)strlen(regmon_parameter_events)};
	unsigned kinds = 0;

	do {
		int comma = regmon_text_find_outside(left, 0, ',');
		str name =
				regmon_text_trim((str){left.s, comma < 0 ? left.len : comma});
		int kind = find_kind(name);

		if(kind < 0) {
			LM_ERR("modparam events \"%s\": '%.*s' is none of state, finding,"
				   " cause, record\n",
					regmon_parameter_events, name.len, name.s);
			return -1;
		}
		kinds |= 1u << kind;
		left = comma < 0 ? (str){NULL, 0} : regmon_text_from(left, comma + 1);
	} while(left.s != NULL);
	*ret_kinds = kinds;
	return 0;
}

static int read_level(int *ret_level)
{
	static const struct
	{
		const char *name;
		int level;
	} levels[] = {{"off", REGMON_CAUSE_LOG_OFF}, {"error", L_ERR},
			{"warning", L_WARN}, {"notice", L_NOTICE}, {"info", L_INFO},
			{"debug", L_DBG}};
	unsigned i;

	for(i = 0; i < REGMON_COUNT(levels); i++)
		if(strcasecmp(regmon_parameter_cause_log_level, levels[i].name) == 0) {
			*ret_level = levels[i].level;
			return 0;
		}
	LM_ERR("modparam cause_log_level \"%s\": expected off, error, warning,"
		   " notice, info or debug\n",
			regmon_parameter_cause_log_level);
	return -1;
}

/* the working directory changes when Kamailio becomes a daemon */
static int check_path(void)
{
	const char *path = regmon_parameter_record_file;

	if(!is_given(path)
			|| (path[0] == '/' && path[strlen(path) - 1] != '/'
					&& strlen(path) <= REGMON_RECORD_PATH_LENGTH))
		return 0;
	LM_ERR("modparam record_file \"%s\": expected the path of a file from / on,"
		   " of at most %d characters\n",
			path, REGMON_RECORD_PATH_LENGTH);
	return -1;
}

static int check_node_name(void)
{
	static char host[NODE_NAME_MOST + 1];
	char *name = regmon_parameter_node_name;
	size_t i, length;

	if(!is_given(name)) {
		if(gethostname(host, sizeof(host) - 1) < 0 || host[0] == '\0')
			strcpy(host, "unknown");
		name = host;
	}
	length = strlen(name);
	for(i = 0; i < length && name[i] > ' ' && name[i] < 0x7f; i++)
		;
	if(i < length || length > NODE_NAME_MOST) {
		LM_ERR("modparam node_name \"%s\": expected at most %d printable ASCII"
			   " characters without spaces\n",
				name, NODE_NAME_MOST);
		return -1;
	}
	regmon_monitor.node_name = (str){name, (int)length};
	return 0;
}

int regmon_event_parameters_check(regmon_event_orders_t *ret_orders)
{
	regmon_event_orders_t orders = {
			.queue = (unsigned)regmon_parameter_event_queue,
			.callback = regmon_parameter_event_callback,
			.file = is_given(regmon_parameter_record_file)
							? regmon_parameter_record_file
							: NULL,
			.file_most_bytes =
					regmon_parameter_record_file_max_mb * INT64_C(1000000),
			.file_keep = regmon_parameter_record_file_keep,
			.cause_lines_per_minute = regmon_parameter_cause_log_per_minute};

	if(read_kinds(&orders.callback_kinds)
			|| read_level(&orders.cause_log_level) || check_path()
			|| check_node_name())
		return -1;
	*ret_orders = orders;
	return 0;
}
