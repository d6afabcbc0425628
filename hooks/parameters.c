/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What modparam gave, checked before anything starts: an error names the parameter, its value and what is allowed. */
#include "core/cfg/cfg.h"
#include "core/dprint.h"

#include <limits.h>
#include <stddef.h>

#include "hooks/events.h"
#include "hooks/hooks.h"
#include "show/monitor.h"

int regmon_parameter_observe = 1;
char *regmon_parameter_role = "auto";
int regmon_parameter_max_registrations = 10000;
int regmon_parameter_timeline_length = 16;
int regmon_parameter_keep_ended_s = 86400;
int regmon_parameter_top_size = 200;
int regmon_parameter_min_expires_s = 0;
char *regmon_parameter_profile = REGMON_PROFILE_DEFAULT;
char *regmon_parameter_profile_file = NULL;
char *regmon_parameter_aka_keys = NULL;

/* what the profile in force says counts where modparam says nothing */
#define NOT_GIVEN INT_MIN
regmon_thresholds_t regmon_parameter_thresholds = {NOT_GIVEN, NOT_GIVEN,
		NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN};

static regmon_expectations_t expectations;
static regmon_override_t overrides[REGMON_MAX_RULES];
static unsigned overrides_n;

/* An operator's own rule is known when the profiles are read. */
static bool is_known(str text, str id)
{
	char near[256];

	if(regmon_text_starts_nocase(id, REGMON_TEXT("OP-"))
			|| regmon_rule_find(id) >= 0)
		return true;
	regmon_rule_near(id, near, sizeof(near));
	LM_ERR("modparam rule \"%.*s\": no rule '%.*s'%s%s\n", text.len, text.s,
			id.len, id.s, near[0] ? "; near: " : "", near);
	return false;
}

/* "warning", "warning,enforce" */
static bool read_orders(str text, str orders, regmon_override_t *override)
{
	int comma = regmon_text_find_outside(orders, 0, ',');
	str name = regmon_text_trim(
			(str){orders.s, comma < 0 ? orders.len : comma});
	regmon_severity_t severity;
	regmon_mode_t mode;

	override->mode = REGMON_AS_PARENT;
	if(!regmon_severity_find(name, &severity)) {
		LM_ERR("modparam rule \"%.*s\": severity '%.*s' is none of off, note,"
			   " warning, error\n",
				text.len, text.s, name.len, name.s);
		return false;
	}
	override->severity = severity;
	if(comma < 0)
		return true;
	name = regmon_text_trim(regmon_text_from(orders, comma + 1));
	if(!regmon_mode_find(name, &mode)) {
		LM_ERR("modparam rule \"%.*s\": mode '%.*s' is none of monitor,"
			   " shadow, enforce\n",
				text.len, text.s, name.len, name.s);
		return false;
	}
	override->mode = mode;
	return true;
}

/* "CSEQ-04=off|note|warning|error[,monitor|shadow|enforce]"; called while the configuration is read */
int regmon_parameter_add_rule(modparam_t type, void *value)
{
	str text = {(char *)value, value ? (int)strlen(value) : 0};
	int equals = regmon_text_find_outside(text, 0, '=');
	regmon_override_t override;

	if(equals < 0) {
		LM_ERR("modparam rule \"%.*s\": expected"
			   " ID=off|note|warning|error[,monitor|shadow|enforce]\n",
				text.len, text.s);
		return -1;
	}
	override.id = regmon_text_trim((str){text.s, equals});
	if(!is_known(text, override.id)
			|| !read_orders(
					text, regmon_text_from(text, equals + 1), &override))
		return -1;
	if(overrides_n == REGMON_MAX_RULES) {
		LM_ERR("modparam rule \"%.*s\": more than %d of them\n", text.len,
				text.s, REGMON_MAX_RULES);
		return -1;
	}
	overrides[overrides_n++] = override;
	return 0;
}

int regmon_parameter_add_home_domain(modparam_t type, void *value)
{
	str domain = {(char *)value, value ? (int)strlen(value) : 0};

	if(domain.len == 0 || memchr(domain.s, ':', domain.len)
			|| memchr(domain.s, '@', domain.len)
			|| memchr(domain.s, ' ', domain.len)) {
		LM_ERR("modparam home_domain \"%.*s\": expected a bare domain, like"
			   " ims.mnc001.mcc001.3gppnetwork.org\n",
				domain.len, domain.s);
		return -1;
	}
	if(expectations.home_domains_n == REGMON_MAX_HOME_DOMAINS) {
		LM_ERR("modparam home_domain \"%.*s\": more than %d domains\n",
				domain.len, domain.s, REGMON_MAX_HOME_DOMAINS);
		return -1;
	}
	expectations.home_domains[expectations.home_domains_n++] = domain;
	return 0;
}

#define THRESHOLD_RANGE(name, least, most) \
	{#name, &regmon_parameter_thresholds.name, least, most},

/* every whole number that modparam takes; the manual's defaults and bounds are made from here, too */
const regmon_parameter_range_t regmon_parameter_ranges[] = {
		{"observe", &regmon_parameter_observe, 0, 1},
		{"max_registrations", &regmon_parameter_max_registrations, 10,
				10000000},
		{"timeline_length", &regmon_parameter_timeline_length, 4,
				REGMON_MAX_TIMELINE},
		{"keep_ended", &regmon_parameter_keep_ended_s, 1, 30 * 86400},
		{"top_size", &regmon_parameter_top_size, REGMON_TOP_LEAST,
				REGMON_TOP_MOST},
		{"min_expires", &regmon_parameter_min_expires_s, 0, 3599},
		{"event_queue", &regmon_parameter_event_queue, 16, 1000000},
		{"record_file_max_mb", &regmon_parameter_record_file_max_mb, 1,
				1000000},
		{"record_file_keep", &regmon_parameter_record_file_keep, 1, 99},
		{"cause_log_per_minute", &regmon_parameter_cause_log_per_minute, 1,
				60000},
		REGMON_THRESHOLD_NAMES(THRESHOLD_RANGE){NULL, NULL, 0, 0}};

/* only a threshold may be: a profile says it then */
static bool is_not_given(const int *value)
{
	const int *first = (const int *)&regmon_parameter_thresholds;

	return *value == NOT_GIVEN && value >= first
		   && value < first + REGMON_THRESHOLDS_N;
}

static int check_ranges(void)
{
	const regmon_parameter_range_t *range;

	for(range = regmon_parameter_ranges; range->name; range++) {
		if((*range->value >= range->least && *range->value <= range->most)
				|| is_not_given(range->value))
			continue;
		LM_ERR("modparam %s %d: expected %d to %d\n", range->name,
				*range->value, range->least, range->most);
		return -1;
	}
	return 0;
}

int regmon_parameters_check(void)
{
	str role = {regmon_parameter_role, (int)strlen(regmon_parameter_role)};
	regmon_role_t found;

	if(!regmon_role_find(role, &found)) {
		LM_ERR("modparam role \"%s\": expected auto, pcscf, icscf, scscf, tap or"
			   " registrar\n",
				regmon_parameter_role);
		return -1;
	}
	expectations.min_expires_s = regmon_parameter_min_expires_s;
	return check_ranges();
}

/* the names of rules/ are the fields of diagnosis/, in one order */
#define X(name, least, most)                                         \
	_Static_assert(offsetof(regmon_thresholds_t, name)               \
						   == REGMON_THRESHOLD_##name * sizeof(int), \
			"order of " #name);
REGMON_THRESHOLD_NAMES(X)
#undef X
_Static_assert(
		sizeof(regmon_thresholds_t) == REGMON_THRESHOLDS_N * sizeof(int),
		"a threshold without a name");

/* modparam before profile before default; the parameters themselves become the storage of the cfg group */
void regmon_parameters_thresholds(
		const int profile[REGMON_THRESHOLDS_N], int *ret_thresholds)
{
	static regmon_thresholds_t given;
	static bool is_kept;
	const regmon_thresholds_t defaults = REGMON_THRESHOLDS_DEFAULT;
	const int *asked = (const int *)&given;
	unsigned i;

	if(!is_kept)
		given = regmon_parameter_thresholds;
	is_kept = true;
	for(i = 0; i < REGMON_THRESHOLDS_N; i++) {
		ret_thresholds[i] = asked[i];
		if(asked[i] == NOT_GIVEN)
			ret_thresholds[i] = profile[i] > 0
										? profile[i]
										: ((const int *)&defaults)[i];
	}
}

regmon_role_t regmon_parameters_role(void)
{
	str role = {regmon_parameter_role, (int)strlen(regmon_parameter_role)};
	regmon_role_t found = REGMON_ROLE_AUTO;

	regmon_role_find(role, &found);
	return found;
}

regmon_limits_t regmon_parameters_limits(void)
{
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;

	limits.max_registrations = regmon_parameter_max_registrations;
	limits.timeline_length = regmon_parameter_timeline_length;
	limits.keep_ended_s = regmon_parameter_keep_ended_s;
	limits.early_refresh_percent = regmon_parameter_thresholds.storm_ratio;
	limits.short_grant_s = regmon_parameter_thresholds.short_grant_s;
	if(limits.recheck_s > regmon_parameter_thresholds.silence_s)
		limits.recheck_s = regmon_parameter_thresholds.silence_s;
	return limits;
}

void regmon_parameters_orders(regmon_rulebook_orders_t *ret_orders)
{
	*ret_orders = (regmon_rulebook_orders_t){
			.role = regmon_parameters_role(),
			.profile = {regmon_parameter_profile,
					(int)strlen(regmon_parameter_profile)},
			.overrides = overrides,
			.overrides_n = overrides_n,
			.facts = &expectations};
}

#define THRESHOLD(name, least, most, help) \
	{                                      \
		#name, CFG_VAR_INT, least, most, 0, 0, help}

/* same order as regmon_thresholds_t: the struct is the group's storage */
static cfg_def_t threshold_definitions[] = {
		THRESHOLD(challenge_loop, 2, 100,
				"401s in a row to answered challenges that make a loop"),
		THRESHOLD(storm_count, 1, 1000,
				"early refreshes in a row that make a storm"),
		THRESHOLD(storm_ratio, 1, 100,
				"percent of the time until a refresh is due; earlier is early"),
		THRESHOLD(short_grant_s, 1, 3600,
				"seconds; a binding granted for less does not hold"),
		THRESHOLD(silence_s, 1, 240,
				"seconds after a 401 before the phone's silence is named"),
		THRESHOLD(no_answer_s, 1, 128,
				"seconds after a REGISTER before a missing answer is named"),
		THRESHOLD(regressions, 1, 1000,
				"times the CSeq went back before that is named"),
		{0, 0, 0, 0, 0, 0, 0}};

int regmon_parameters_declare_cfg(void)
{
	if(cfg_declare("ims_regmon", threshold_definitions,
			   &regmon_parameter_thresholds,
			   sizeof(regmon_parameter_thresholds),
			   (void **)(void *)&regmon_monitor.thresholds)
			< 0) {
		LM_ERR("Kamailio refused the run-time parameters of ims_regmon\n");
		return -1;
	}
	return 0;
}
