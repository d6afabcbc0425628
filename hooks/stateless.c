/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers without a transaction: those that sl makes, and those that the core passes through. */
#include "core/dprint.h"
#include "core/script_cb.h"
#include "modules/sl/sl.h"

#include "hooks/hooks.h"
#include "show/current.h"
#include "show/monitor.h"

static sl_api_t sl;

static void on_stateless_reply(sl_cbp_t *reply)
{
	const regmon_current_t *current;

	if(reply->req == NULL || reply->reply == NULL || reply->code < 200
			|| reply->req->first_line.type != SIP_REQUEST
			|| reply->req->first_line.u.request.method_value
					   != METHOD_REGISTER)
		return;
	current = regmon_current_observed(reply->req);
	if(current)
		regmon_observe_stateless_answer(reply->reply->s, reply->reply->len,
				&current->message, &current->outcome);
}

/* sl keeps a pointer to it for good */
static sl_cbelem_t sl_listener = {
		SLCB_REPLY_READY, on_stateless_reply, NULL, NULL};

bool regmon_hook_sl(void)
{
	if(find_export("bind_sl", 0, 0) == NULL || sl_load_api(&sl) < 0)
		return false;
	if(sl.register_cb(&sl_listener) < 0) {
		LM_ERR("sl refused the callback for stateless answers\n");
		return false;
	}
	return true;
}

int regmon_answer_stateless(struct sip_msg *msg, int code, const char *reason)
{
	str phrase = {(char *)reason, (int)strlen(reason)};

	if(sl.freply == NULL)
		return 0;
	return sl.freply(msg, code, &phrase) < 0 ? -1 : 1;
}

/* An answer that reply_route dropped comes to the post-script callback, too, but not here. */
static unsigned forwarded_id;

int regmon_answer_is_forwarded(struct sip_msg *msg)
{
	forwarded_id = msg->id;
	return 1; /* go on with it */
}

/* After routing: what tm did not take was passed on statelessly, or dropped by reply_route before anybody saw it. */
static int after_answer(struct sip_msg *msg, unsigned flags, void *parameter)
{
	bool of_transaction = (msg->msg_flags & FL_TM_RPL_MATCHED) != 0;

	if(msg->first_line.type != SIP_REPLY
			|| (of_transaction
					&& !regmon_table_misses_answers(
							regmon_monitor.table, regmon_clock_now_ms()))
			|| msg->cseq == NULL || get_cseq(msg) == NULL
			|| get_cseq(msg)->method_id != METHOD_REGISTER)
		return 1;
	if(of_transaction || forwarded_id == msg->id)
		regmon_observe_forwarded_answer(
				msg->buf, (int)msg->len, of_transaction);
	else
		regmon_observe_dropped_answer(msg->buf, (int)msg->len);
	return 1;
}

int regmon_hook_forwarded_answers(void)
{
	if(register_script_cb(after_answer, POST_SCRIPT_CB | ONREPLY_CB, NULL)
			< 0) {
		LM_ERR("Kamailio refused the callback for answers: no memory?\n");
		return -1;
	}
	return 0;
}
