/* SPDX-License-Identifier: GPL-2.0-or-later */
/* REGISTER comes in: the pre-script callback sees it before the routing script does, also those that the script
 * will drop. */
#include "core/dprint.h"
#include "core/ip_addr.h"
#include "core/script_cb.h"

#include "hooks/hooks.h"
#include "show/current.h"
#include "show/monitor.h"

static void set_transport(regmon_arrival_t *arrival, int protocol)
{
	switch(protocol) {
		case PROTO_TCP:
			memcpy(arrival->transport, "TCP", 4);
			break;
		case PROTO_TLS:
			memcpy(arrival->transport, "TLS", 4);
			break;
		case PROTO_SCTP:
			memcpy(arrival->transport, "SCTP", 5);
			break;
		case PROTO_WS:
		case PROTO_WSS:
			memcpy(arrival->transport, "WS", 3);
			break;
		default:
			memcpy(arrival->transport, "UDP", 4);
	}
}

static char *put_number(char *at, unsigned number)
{
	if(number >= 100)
		*at++ = (char)('0' + number / 100);
	if(number >= 10)
		*at++ = (char)('0' + number / 10 % 10);
	*at++ = (char)('0' + number % 10);
	return at;
}

/* As ip_addr2sbuf() writes it, IPv4 in a third of its time: every REGISTER pays for it. */
static int put_address(struct ip_addr *ip, char *buffer, int size)
{
	char *at = buffer;
	int i;

	if(ip->af != AF_INET)
		return ip_addr2sbuf(ip, buffer, size);
	for(i = 0; i < 4; i++) {
		at = put_number(at, ip->u.addr[i]);
		*at++ = '.';
	}
	return (int)(at - buffer) - 1;
}

/* HTTP requests, timer routes and replayed messages run through the same callbacks. */
static bool is_request(const struct sip_msg *msg, int methods)
{
	return msg->first_line.type == SIP_REQUEST
		   && (msg->first_line.u.request.method_value & methods)
		   && (msg->first_line.flags & FLINE_FLAG_PROTO_SIP)
		   && !(msg->rcv.rflags & RECV_F_INTERNAL);
}

bool regmon_observe_request(struct sip_msg *msg)
{
	char address[IP_ADDR_MAX_STR_SIZE + 1];
	regmon_arrival_t arrival = {{NULL, 0}, 0, 0, "", 0};
	regmon_observation_t observation = {
			.what = REGMON_HAPPENING_REQUEST_IN};
	regmon_aka_verdict_t verdict;
	regmon_current_t *current;
	regmon_repeat_t repeat;

	if(!is_request(msg, METHOD_REGISTER))
		return false;
	regmon_monitor_refresh();
	current = regmon_current_start(msg);
	regmon_table_recall(regmon_monitor.table, regmon_monitor.plan,
			regmon_monitor.role, msg->buf, (int)msg->len,
			msg->to ? msg->to->body.s : NULL, &current->message, &repeat);
	arrival.now_ms = regmon_clock_now_ms();
	arrival.source_address.s = address;
	arrival.source_address.len =
			put_address(&msg->rcv.src_ip, address, sizeof(address));
	arrival.source_port = msg->rcv.src_port;
	arrival.received_port = msg->rcv.dst_port;
	set_transport(&arrival, msg->rcv.proto);
	current->texts_missing = regmon_repeat_judge(regmon_monitor.plan,
			regmon_monitor.role, &current->message, &arrival, &repeat,
			&current->class, &current->findings);
	observation.now_ms = arrival.now_ms;
	observation.message = &current->message;
	observation.class = &current->class;
	observation.arrival = &arrival;
	observation.repeat = &repeat;
	observation.plan = regmon_monitor.plan;
	observation.findings = &current->findings;
	observation.tapped = regmon_monitor.role == REGMON_ROLE_TAP;
	observation.aka = regmon_aka_verdict(
			&current->message, &current->class, &verdict);
	regmon_table_observe(
			regmon_monitor.table, &observation, &current->outcome);
	current->observed = true;
	if(!current->outcome.retransmission)
		regmon_tally_findings(regmon_monitor.tally, &current->findings);
	return true;
}

/* 1: go on with the script, whatever happened here. */
static int before_script(struct sip_msg *msg, unsigned flags, void *parameter)
{
	if(!regmon_observe_request(msg)
			&& is_request(msg, METHOD_NOTIFY | METHOD_PUBLISH))
		regmon_observe_reginfo(msg);
	return 1;
}

int regmon_hook_requests(void)
{
	if(register_script_cb(before_script, PRE_SCRIPT_CB | REQUEST_CB, NULL)
			< 0) {
		LM_ERR("Kamailio refused the pre-script callback: no memory?\n");
		return -1;
	}
	return 0;
}
