/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passive mode (role tap): messages that pass elsewhere, from sipcapture's HEP with the time at which they were captured, or
 * from a script that gets copies of them. Nothing is forwarded and nothing answered here. */
#include "core/dprint.h"
#include "core/pvar.h"
#include "core/script_cb.h"

#include "hooks/hooks.h"
#include "registration/memory.h"
#include "show/monitor.h"

/* chunks of HEP version 3, as sipcapture's variable gives them */
typedef enum hep_chunk
{
	HEP_TRANSPORT,
	HEP_SOURCE_IPV4,
	HEP_SOURCE_IPV6,
	HEP_SOURCE_PORT,
	HEP_TARGET_PORT,
	HEP_SECONDS,
	HEP_MICROSECONDS,
	HEP_PAYLOAD,
	HEP_CHUNKS_N
} hep_chunk_t;

static const char *const chunk_names[HEP_CHUNKS_N] = {
		[HEP_TRANSPORT] = "$hep(0x002)",
		[HEP_SOURCE_IPV4] = "$hep(0x003)",
		[HEP_SOURCE_IPV6] = "$hep(0x005)",
		[HEP_SOURCE_PORT] = "$hep(0x007)",
		[HEP_TARGET_PORT] = "$hep(0x008)",
		[HEP_SECONDS] = "$hep(0x009)",
		[HEP_MICROSECONDS] = "$hep(0x00a)",
		[HEP_PAYLOAD] = "$hep(0x00f)"};

/* Looked up once in each process. false: sipcapture is not there. */
static bool find_chunks(pv_spec_t *chunks[HEP_CHUNKS_N])
{
	static pv_spec_t *found[HEP_CHUNKS_N];
	static bool is_told;
	unsigned i;
	str name;

	for(i = 0; i < HEP_CHUNKS_N && found[HEP_CHUNKS_N - 1] == NULL; i++) {
		name = (str){(char *)chunk_names[i], (int)strlen(chunk_names[i])};
		found[i] = pv_cache_get(&name);
		if(found[i])
			continue;
		if(!is_told)
			LM_ERR("ims_regmon_captured(): there is no $hep(...): load "
				   "sipcapture before and set its nonsip_hook\n");
		is_told = true;
		return false;
	}
	memcpy(chunks, found, sizeof(found));
	return true;
}

static bool get_text(struct sip_msg *msg, pv_spec_t *chunk, str *ret_text)
{
	pv_value_t value;

	memset(&value, 0, sizeof(value));
	if(pv_get_spec_value(msg, chunk, &value) < 0 || (value.flags & PV_VAL_NULL)
			|| !(value.flags & PV_VAL_STR))
		return false;
	*ret_text = value.rs;
	return ret_text->len > 0;
}

/* -1: not there */
static int64_t get_number(struct sip_msg *msg, pv_spec_t *chunk)
{
	pv_value_t value;

	memset(&value, 0, sizeof(value));
	if(pv_get_spec_value(msg, chunk, &value) < 0
			|| (value.flags & PV_VAL_NULL) || !(value.flags & PV_VAL_INT))
		return -1;
	return (int64_t)(uint32_t)value.ri;
}

static void set_transport(regmon_arrival_t *arrival, int64_t protocol)
{
	switch(protocol) {
		case IPPROTO_TCP:
			memcpy(arrival->transport, "TCP", 4);
			break;
		case IPPROTO_SCTP:
			memcpy(arrival->transport, "SCTP", 5);
			break;
		default:
			memcpy(arrival->transport, "UDP", 4);
	}
}

static bool is_empty(void)
{
	regmon_table_numbers_t numbers;

	regmon_table_count(regmon_monitor.table, &numbers);
	return numbers.registrations == 0;
}

static void observe_register(
		const regmon_message_t *message, const regmon_arrival_t *arrival)
{
	regmon_class_t class;
	regmon_findings_t findings;
	regmon_observation_t observation = {.what = REGMON_HAPPENING_REQUEST_IN,
			.now_ms = arrival->now_ms, .message = message, .class = &class,
			.arrival = arrival, .findings = &findings, .tapped = true};

	regmon_monitor_refresh();
	regmon_classify(message, arrival, regmon_monitor.role, &class);
	regmon_rules_judge(regmon_monitor.plan, message, &class, &findings);
	observation.plan = regmon_monitor.plan;
	regmon_table_observe(regmon_monitor.table, &observation, NULL);
}

int regmon_captured(struct sip_msg *msg)
{
	static const str method = {"REGISTER", 8};
	pv_spec_t *chunks[HEP_CHUNKS_N];
	regmon_arrival_t arrival = {{NULL, 0}, 0, 0, "", 0};
	regmon_message_t message;
	int64_t seconds;
	str text;

	if(!find_chunks(chunks) || !get_text(msg, chunks[HEP_PAYLOAD], &text)
			|| !regmon_message_read(text.s, text.len, &message)
			|| !regmon_text_is(
					message.is_answer ? message.cseq.method : message.method,
					method))
		return -1;
	seconds = get_number(msg, chunks[HEP_SECONDS]);
	arrival.now_ms = regmon_clock_now_ms();
	if(seconds > 0) {
		arrival.now_ms = seconds * 1000
						 + get_number(msg, chunks[HEP_MICROSECONDS]) / 1000;
		regmon_clock_captured(arrival.now_ms, is_empty());
	}
	if(message.is_answer) {
		regmon_observe_tapped_answer(&message, arrival.now_ms);
		return 1;
	}
	if(!get_text(msg, chunks[HEP_SOURCE_IPV4], &arrival.source_address))
		get_text(msg, chunks[HEP_SOURCE_IPV6], &arrival.source_address);
	arrival.source_port = (int)get_number(msg, chunks[HEP_SOURCE_PORT]);
	arrival.received_port = (int)get_number(msg, chunks[HEP_TARGET_PORT]);
	set_transport(&arrival, get_number(msg, chunks[HEP_TRANSPORT]));
	observe_register(&message, &arrival);
	return 1;
}

/* 1: go on with the script, whatever happened here. */
static int before_script(struct sip_msg *msg, unsigned flags, void *parameter)
{
	regmon_message_t message;

	if(msg->first_line.type == SIP_REQUEST)
		regmon_observe_request(msg);
	else if(regmon_message_read(msg->buf, (int)msg->len, &message))
		regmon_observe_tapped_answer(&message, regmon_clock_now_ms());
	return 1;
}

int regmon_hook_tap(void)
{
	regmon_monitor.capture = regmon_memory_get(sizeof(*regmon_monitor.capture));
	if(regmon_monitor.capture == NULL) {
		LM_ERR("no shared memory for the clock of the capture\n");
		return -1;
	}
	if(regmon_parameter_observe
			&& (register_script_cb(
						before_script, PRE_SCRIPT_CB | REQUEST_CB, NULL)
							< 0
					|| register_script_cb(
							   before_script, PRE_SCRIPT_CB | ONREPLY_CB, NULL)
							   < 0)) {
		LM_ERR("Kamailio refused the pre-script callbacks: no memory?\n");
		return -1;
	}
	return 0;
}
