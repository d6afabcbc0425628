/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front door: what Kamailio sees of the module. Glue only. */
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/pt.h"
#include "core/rpc_lookup.h"
#include "core/sr_module.h"

#include <sys/random.h>

#include "hooks/events.h"
#include "hooks/hooks.h"
#include "ims_regmon.h"
#include "measure/counters.h"
#include "registration/memory.h"
#include "show/monitor.h"
#include "show/show.h"

MODULE_VERSION

static int mod_init(void);
static int child_init(int rank);
static void mod_destroy(void);

static param_export_t parameters[] = {
		{"observe", PARAM_INT, &regmon_parameter_observe},
		{"role", PARAM_STRING, &regmon_parameter_role},
		{"rule", PARAM_STRING | PARAM_USE_FUNC,
				(void *)regmon_parameter_add_rule},
		{"home_domain", PARAM_STRING | PARAM_USE_FUNC,
				(void *)regmon_parameter_add_home_domain},
		{"min_expires", PARAM_INT, &regmon_parameter_min_expires_s},
		{"profile", PARAM_STRING, &regmon_parameter_profile},
		{"profile_file", PARAM_STRING, &regmon_parameter_profile_file},
		{"aka_keys", PARAM_STRING, &regmon_parameter_aka_keys},
		{"privacy", PARAM_STRING, &regmon_parameter_privacy},
		{"privacy_key", PARAM_STRING, &regmon_parameter_privacy_key},
		{"max_registrations", PARAM_INT, &regmon_parameter_max_registrations},
		{"timeline_length", PARAM_INT, &regmon_parameter_timeline_length},
		{"keep_ended", PARAM_INT, &regmon_parameter_keep_ended_s},
		{"top_size", PARAM_INT, &regmon_parameter_top_size},
		{"challenge_loop", PARAM_INT,
				&regmon_parameter_thresholds.challenge_loop},
		{"storm_count", PARAM_INT, &regmon_parameter_thresholds.storm_count},
		{"storm_ratio", PARAM_INT, &regmon_parameter_thresholds.storm_ratio},
		{"short_grant_s", PARAM_INT,
				&regmon_parameter_thresholds.short_grant_s},
		{"silence_s", PARAM_INT, &regmon_parameter_thresholds.silence_s},
		{"no_answer_s", PARAM_INT, &regmon_parameter_thresholds.no_answer_s},
		{"regressions", PARAM_INT, &regmon_parameter_thresholds.regressions},
		{"event_queue", PARAM_INT, &regmon_parameter_event_queue},
		{"event_callback", PARAM_STR, &regmon_parameter_event_callback},
		{"events", PARAM_STRING, &regmon_parameter_events},
		{"node_name", PARAM_STRING, &regmon_parameter_node_name},
		{"record_file", PARAM_STRING, &regmon_parameter_record_file},
		{"record_file_max_mb", PARAM_INT,
				&regmon_parameter_record_file_max_mb},
		{"record_file_keep", PARAM_INT, &regmon_parameter_record_file_keep},
		{"cause_log_level", PARAM_STRING, &regmon_parameter_cause_log_level},
		{"cause_log_per_minute", PARAM_INT,
				&regmon_parameter_cause_log_per_minute},
		{"http_path", PARAM_STRING, &regmon_parameter_http_path},
		{"http_allow", PARAM_STRING, &regmon_parameter_http_allow},
		{0, 0, 0}};

struct module_exports exports = {.name = "ims_regmon",
		.dlflags = DEFAULT_DLFLAGS,
		.cmds = regmon_functions,
		.params = parameters,
		.pv_items = regmon_variables,
		.response_f = regmon_answer_is_forwarded,
		.init_mod_f = mod_init,
		.init_child_f = child_init,
		.destroy_mod_f = mod_destroy};

int mod_register(char *path, int *dlflags, void *unused1, void *unused2)
{
	regmon_http_note_order();
	return regmon_kemi_register();
}

static uint64_t causes_of(
		const regmon_registration_t *registration, int64_t now_ms)
{
	return regmon_diagnose_set(
			registration, regmon_monitor.thresholds, now_ms);
}

static int make_table(void)
{
	regmon_limits_t limits = regmon_parameters_limits();
	size_t when_full = regmon_table_bytes_when_full(&limits);
	uint8_t key[16];

	if(getrandom(key, sizeof(key), 0) != sizeof(key)) {
		LM_ERR("the system gives no random bytes for the hash key\n");
		return -1;
	}
	if(when_full > shm_mem_size / 2)
		LM_WARN("max_registrations=%u may take %zu of %lu MB shared memory:"
				" start Kamailio with -m %zu or more\n",
				limits.max_registrations, when_full >> 20,
				shm_mem_size >> 20, (when_full >> 19) + 64);
	regmon_monitor.table = regmon_table_make(&limits, key, causes_of);
	if(regmon_monitor.table == NULL) {
		LM_ERR("no shared memory for max_registrations=%u: start Kamailio"
			   " with -m %zu or more\n",
				limits.max_registrations, (when_full >> 19) + 64);
		return -1;
	}
	regmon_monitor.subscriptions =
			regmon_subscriptions_make(limits.max_registrations, key);
	if(regmon_monitor.subscriptions == NULL) {
		LM_ERR("no shared memory for the versions of reg-event documents\n");
		return -1;
	}
	return 0;
}

static int make_measures(void)
{
	uint8_t random[16];

	if(getrandom(random, sizeof(random), 0) != sizeof(random)) {
		LM_ERR("the system gives no random bytes for the keys of figures\n");
		return -1;
	}
	regmon_monitor.measure =
			regmon_measure_make((unsigned)regmon_parameter_top_size, random);
	if(regmon_monitor.measure == NULL) {
		LM_ERR("no shared memory for the figures, %zu KiB with top_size=%d:"
			   " start Kamailio with a larger -m\n",
				regmon_measure_bytes((unsigned)regmon_parameter_top_size)
						>> 10,
				regmon_parameter_top_size);
		return -1;
	}
	regmon_monitor.tally = regmon_tally_make();
	if(regmon_monitor.tally == NULL) {
		LM_ERR("no shared memory for the counts of refusals\n");
		return -1;
	}
	if(regmon_measure_listen(regmon_monitor.measure) < 0
			|| regmon_counters_listen() < 0) {
		LM_BUG("no room for another listener\n");
		return -1;
	}
	return regmon_show_counters_register();
}

static int mod_init(void)
{
	regmon_clock_start();
	if(regmon_parameters_check() || regmon_privacy_check()
			|| regmon_http_check_parameters() || regmon_rules_load()
			|| regmon_parameters_declare_cfg())
		return -1;
	regmon_monitor.role = regmon_parameters_role();
	regmon_monitor.started_ms = regmon_clock_now_ms();
	regmon_monitor.version = REGMON_VERSION;
	if(make_table() || make_measures() || regmon_aka_load() < 0
			|| regmon_events_prepare() || regmon_http_start())
		return -1;
	if(rpc_register_array(regmon_rpc_commands) != 0) {
		LM_ERR("Kamailio refused the RPC commands ims_regmon.*\n");
		return -1;
	}
	if(regmon_monitor.role == REGMON_ROLE_TAP) {
		if(regmon_hook_tap() < 0)
			return -1;
	} else if((regmon_parameter_observe && regmon_hook_requests() < 0)
			  || regmon_hook_forwarded_answers() < 0) {
		return -1;
	}
	return regmon_timer_register();
}

static int child_init(int rank)
{
	if(rank == PROC_INIT) {
		if(regmon_privacy_start() < 0)
			return -1;
		if(regmon_rulebooks_expect(
				   regmon_monitor.rulebooks, (unsigned)get_max_procs())
				< 0) {
			LM_ERR("no shared memory for %d processes\n", get_max_procs());
			return -1;
		}
		if(regmon_monitor.role == REGMON_ROLE_TAP)
			return 0; /* what passes by has no transaction here */
		regmon_monitor.tm_bound = regmon_hook_transactions();
		regmon_monitor.sl_bound = regmon_hook_sl();
		regmon_hook_usrloc();
		regmon_hook_pcscf_store();
		regmon_hook_scscf_store();
		if(!regmon_monitor.tm_bound && !regmon_monitor.sl_bound)
			LM_WARN("neither tm nor sl is loaded: only answers that are"
					" forwarded statelessly will be seen\n");
		regmon_http_say_what_is_missing();
		return regmon_events_try_file();
	}
	regmon_monitor_refresh();
	if(rank == PROC_MAIN)
		return regmon_timer_fork() || regmon_events_fork() ? -1 : 0;
	return 0;
}

static void mod_destroy(void)
{
	regmon_table_free(regmon_monitor.table);
	regmon_subscriptions_free(regmon_monitor.subscriptions);
	regmon_measure_free(regmon_monitor.measure);
	regmon_tally_free(regmon_monitor.tally);
	regmon_memory_put(regmon_monitor.capture);
	regmon_aka_forget();
	regmon_outbox_free(regmon_monitor.outbox);
	regmon_http_stop();
	regmon_own_rules_use(NULL);
	regmon_rulebooks_free(regmon_monitor.rulebooks);
	regmon_monitor.table = NULL;
	regmon_monitor.subscriptions = NULL;
	regmon_monitor.measure = NULL;
	regmon_monitor.tally = NULL;
	regmon_monitor.capture = NULL;
	regmon_monitor.outbox = NULL;
	regmon_monitor.plan = NULL;
	regmon_monitor.rulebook = NULL;
	regmon_monitor.rulebooks = NULL;
}
