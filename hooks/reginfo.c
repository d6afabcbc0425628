/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reg-event documents on their way through this node, and those that the script hands over. */
#include "core/dprint.h"
#include "core/ip_addr.h"

#include "hooks/hooks.h"
#include "measure/counters.h"
#include "registration/identity.h"
#include "show/interval.h"
#include "show/monitor.h"

#define COMPLAIN_EVERY_MS 60000

/* One line a minute in each process: what a stranger sends must not fill the log. */
static bool may_complain(unsigned *ret_unsaid)
{
	static int64_t last_ms;
	static unsigned unsaid;
	int64_t now_ms = regmon_clock_now_ms();

	if(!regmon_interval_over(now_ms, last_ms, COMPLAIN_EVERY_MS)) {
		unsaid++;
		return false;
	}
	last_ms = now_ms;
	*ret_unsaid = unsaid;
	unsaid = 0;
	return true;
}

/* Under privacy of what is wrong the place alone: the sentence quotes the document, which is full of identities. */
static int fit_for_the_log(const regmon_complaint_t *complaint)
{
	const char *end = strstr(complaint->text, ": ");

	return regmon_identities_are_hidden() && end
				   ? (int)(end - complaint->text)
				   : (int)strlen(complaint->text);
}

static int refuse(struct sip_msg *msg, const regmon_complaint_t *complaint)
{
	char address[IP_ADDR_MAX_STR_SIZE + 1], buffer[REGMON_IDENTITY_LENGTH];
	str source = {address,
			ip_addr2sbuf(&msg->rcv.src_ip, address, sizeof(address))};
	unsigned unsaid;

	regmon_counters_add(REGMON_COUNTER_reginfo_faulty, 1);
	if(may_complain(&unsaid)) {
		source = regmon_identity_shown(
				REGMON_IDENTITY_SOURCE, source, buffer);
		LM_WARN("a reg-event document from %.*s is of no use: %.*s (%u more"
				" faults in it, %u more documents since the last such line)\n",
				source.len, source.s, fit_for_the_log(complaint),
				complaint->text, complaint->more, unsaid);
	}
	return -2;
}

/* -2: it cannot be read; 1: what it says is in the table. subscription NULL: nobody counts its versions. */
static int feed(struct sip_msg *msg, str body,
		const regmon_subscription_t *subscription)
{
	static regmon_reginfo_t reginfo; /* one per process, 90 kB */
	regmon_version_t version = REGMON_VERSION_NEW;
	regmon_network_report_t report;
	regmon_complaint_t complaint;
	int64_t now_ms = regmon_clock_now_ms();

	regmon_counters_add(REGMON_COUNTER_reginfo_documents, 1);
	if(!regmon_reginfo_read(body, &reginfo, &complaint))
		return refuse(msg, &complaint);
	if(subscription)
		version = regmon_subscriptions_follow(regmon_monitor.subscriptions,
				subscription, reginfo.version, reginfo.full, now_ms);
	if(version == REGMON_VERSION_KNOWN) {
		regmon_counters_add(REGMON_COUNTER_reginfo_repeated, 1);
		return 1;
	}
	if(version == REGMON_VERSION_GAP)
		regmon_counters_add(REGMON_COUNTER_reginfo_version_gaps, 1);
	if(reginfo.registrations_more || reginfo.contacts_more)
		regmon_counters_add(REGMON_COUNTER_reginfo_cut, 1);
	regmon_table_reginfo(regmon_monitor.table, &reginfo,
			version == REGMON_VERSION_GAP, now_ms, &report);
	LM_DBG("reg-event document, version %u: %u contacts known here, %u not;"
		   " %u bindings ended, %u shortened; no room for %u registrations"
		   " and %u contacts\n",
			reginfo.version, report.known, report.unknown, report.ended,
			report.shortened, reginfo.registrations_more,
			reginfo.contacts_more);
	return 1;
}

/* in front of parameters: "reg;id=1", "application/reginfo+xml;charset=utf-8" */
static bool value_is(
		const regmon_message_t *message, regmon_header_t header, str word)
{
	str value = regmon_message_value(message, header);
	int end;

	for(end = 0; end < value.len && value.s[end] != ';'; end++)
		;
	return regmon_text_is_nocase(regmon_text_trim((str){value.s, end}), word);
}

/* a datagram may hold more than its message */
static str body_of(const regmon_message_t *message)
{
	str body = message->body;

	if(message->content_length >= 0 && message->content_length < body.len)
		body.len = (int)message->content_length;
	return body;
}

static int feed_message(struct sip_msg *msg, const regmon_message_t *message)
{
	const regmon_subscription_t subscription = {
			message->call_id, message->from.tag, message->to.tag};

	/* each PUBLISH stands for itself (RFC 3903) */
	return feed(msg, body_of(message),
			msg->first_line.u.request.method_value == METHOD_NOTIFY
					? &subscription
					: NULL);
}

/* what became of the message at hand; its document changes nothing a second time */
static unsigned last_id;
static const char *last_buffer;
static int last_result;

static void remember(const struct sip_msg *msg, int result)
{
	last_id = msg->id;
	last_buffer = msg->buf;
	last_result = result;
}

static bool is_remembered(const struct sip_msg *msg)
{
	return last_buffer == msg->buf && last_id == msg->id;
}

/* Whoever registers here has no word in what the network does. This node's own address is none of theirs. */
static bool comes_from_phone(struct sip_msg *msg)
{
	char address[IP_ADDR_MAX_STR_SIZE + 1], buffer[REGMON_IDENTITY_LENGTH];
	str source = {address, 0};
	unsigned unsaid;

	if(ip_addr_cmp(&msg->rcv.src_ip, &msg->rcv.dst_ip))
		return false;
	source.len = ip_addr2sbuf(&msg->rcv.src_ip, address, sizeof(address));
	if(!regmon_table_is_phone(regmon_monitor.table, source))
		return false;
	regmon_counters_add(REGMON_COUNTER_reginfo_of_phones, 1);
	if(may_complain(&unsaid)) {
		source = regmon_identity_shown(
				REGMON_IDENTITY_SOURCE, source, buffer);
		LM_WARN("a reg-event document from %.*s is not believed: a phone"
				" registers from there (%u more documents since the last such"
				" line)\n",
				source.len, source.s, unsaid);
	}
	return true;
}

void regmon_observe_reginfo(struct sip_msg *msg)
{
	static const str package = {"reg", 3};
	static const str type = {
			REGMON_REGINFO_TYPE, sizeof(REGMON_REGINFO_TYPE) - 1};
	regmon_message_t message;

	if(!regmon_message_read(msg->buf, (int)msg->len, &message)
			|| !value_is(&message, REGMON_HEADER_EVENT, package)
			|| !value_is(&message, REGMON_HEADER_CONTENT_TYPE, type)
			|| body_of(&message).len == 0 || comes_from_phone(msg))
		return;
	remember(msg, feed_message(msg, &message));
}

int regmon_reginfo(struct sip_msg *msg)
{
	static const str type = {
			REGMON_REGINFO_TYPE, sizeof(REGMON_REGINFO_TYPE) - 1};
	regmon_message_t message;

	if(is_remembered(msg))
		return last_result;
	if(msg->first_line.type != SIP_REQUEST
			|| !regmon_message_read(msg->buf, (int)msg->len, &message)
			|| !value_is(&message, REGMON_HEADER_CONTENT_TYPE, type)
			|| body_of(&message).len == 0)
		return -1;
	remember(msg, feed_message(msg, &message));
	return last_result;
}

int regmon_reginfo_text(struct sip_msg *msg, str body)
{
	return regmon_text_empty(body) ? -1 : feed(msg, body, NULL);
}
