/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tm does with a REGISTER: the leg towards the core, answers from there, what is really sent to the phone, and
 * transactions that end without it. tm is optional and may be loaded after us. */
#include "core/dprint.h"
#include "modules/tm/tm_load.h"

#include "hooks/hooks.h"
#include "measure/counters.h"
#include "show/current.h"
#include "show/monitor.h"

_Static_assert(sizeof(void *) == sizeof(uint64_t), "a hash fits a pointer");

static struct tm_binds tm;

/* tm keeps one pointer for each registered callback; it tells how far the final answer has come, so that the end of a
 * healthy transaction costs nothing. The answer is written down before it is sent: on the way back from the network
 * the phone's next REGISTER may be with another worker before we are told that it went out. */
#define FINAL_ANSWER_IS_READY 1
#define FINAL_ANSWER_WENT_OUT 2
#define MARKS 3 /* the table's key of the IMPU leaves these bits free */

/* Who a transaction is about when there is no message at hand. */
static void about(const regmon_message_t *request, regmon_observation_t *about)
{
	about->to_uri = request->to.uri.text;
	about->call_id = request->call_id;
	about->from_tag = request->from.tag;
	about->cseq = (uint32_t)request->cseq.number;
	about->vias = request->via_n;
}

/* What leaves this node is judged where it is known what it is: a P-CSCF and an I-CSCF must have taken away and added what is
 * theirs (TS 24.229 5.2.2, 5.3.1). Any other node forwards REGISTERs of a leg that is not known. */
static bool judges_what_it_sends(void)
{
	return regmon_monitor.role == REGMON_ROLE_PCSCF
		   || regmon_monitor.role == REGMON_ROLE_ICSCF;
}

static bool judge_sent(str sent, regmon_findings_t *ret_findings)
{
	regmon_message_t message;
	regmon_class_t class;

	if(sent.s == NULL || sent.len <= 0
			|| !regmon_message_read(sent.s, sent.len, &message)
			|| message.is_answer)
		return false;
	regmon_classify(&message, NULL, REGMON_ROLE_AUTO, &class);
	regmon_rules_judge(regmon_monitor.plan, &message, &class, ret_findings);
	/* the offending texts point into a buffer of tm */
	return true;
}

static void sent_to_core(
		struct sip_msg *request, str sent, uint64_t impu_hash)
{
	const regmon_current_t *current =
			request ? regmon_current_observed(request) : NULL;
	regmon_observation_t observation = {
			.what = REGMON_HAPPENING_REQUEST_OUT};
	regmon_findings_t findings;
	regmon_message_t resumed;

	if(request == NULL)
		return;
	if(judges_what_it_sends() && judge_sent(sent, &findings))
		observation.findings = &findings;
	if(current) {
		about(&current->message, &observation);
		observation.dialog = &current->outcome.dialog;
	} else if(request->buf
			&& regmon_message_read(
					request->buf, (int)request->len, &resumed)) {
		about(&resumed, &observation); /* by another process: async, or ims_icscf after its HSS */
	} else {
		return;
	}
	observation.impu_hash = impu_hash;
	observation.now_ms = regmon_clock_now_ms();
	regmon_table_observe(regmon_monitor.table, &observation, NULL);
}

static void transaction_ended(
		struct cell *transaction, bool answer_not_sent, uint64_t impu_hash)
{
	struct sip_msg *request = transaction->uas.request;
	regmon_message_t message;
	regmon_observation_t observation = {
			.what = REGMON_HAPPENING_TRANSACTION_ENDED};

	if(request == NULL || request->buf == NULL
			|| !regmon_message_read(
					request->buf, (int)request->len, &message))
		return;
	about(&message, &observation);
	observation.impu_hash = impu_hash;
	observation.final_code = (int)transaction->uas.status;
	observation.answer_not_sent = answer_not_sent;
	observation.now_ms = regmon_clock_now_ms();
	regmon_table_observe(regmon_monitor.table, &observation, NULL);
}

static void on_transaction(
		struct cell *transaction, int type, struct tmcb_params *params)
{
	uintptr_t kept = (uintptr_t)*params->param;
	uint64_t impu_hash = kept & ~(uintptr_t)MARKS;

	if(regmon_is_over())
		return;
	switch(type) {
		case TMCB_REQUEST_OUT:
			sent_to_core(params->req, params->send_buf, impu_hash);
			break;
		case TMCB_RESPONSE_IN:
			if(params->rpl && params->rpl != FAKED_REPLY
					&& params->code >= 200)
				regmon_observe_received_answer(params->rpl->buf,
						(int)params->rpl->len, impu_hash);
			break;
		case TMCB_RESPONSE_READY:
			if(params->code < 200)
				break;
			*params->param = (void *)(impu_hash | FINAL_ANSWER_IS_READY);
			regmon_observe_answer(REGMON_HAPPENING_ANSWER_OUT,
					params->send_buf.s, params->send_buf.len,
					params->rpl == FAKED_REPLY, impu_hash);
			break;
		case TMCB_RESPONSE_OUT:
			if(params->code >= 200)
				*params->param = (void *)(impu_hash | FINAL_ANSWER_WENT_OUT);
			break;
		case TMCB_DESTROY:
			if((kept & MARKS) != FINAL_ANSWER_WENT_OUT)
				transaction_ended(transaction,
						(kept & MARKS) == FINAL_ANSWER_IS_READY, impu_hash);
			break;
	}
}

/* No memory. The timer process says so; answers of the core are seen on their way through (hooks/stateless.c). */
static void is_not_followed(const regmon_current_t *current)
{
	regmon_observation_t observation = {
			.what = REGMON_HAPPENING_NOT_FOLLOWED,
			.impu_hash = current->outcome.impu_hash,
			.now_ms = regmon_clock_now_ms()};

	about(&current->message, &observation);
	regmon_table_observe(regmon_monitor.table, &observation, NULL);
	regmon_counters_add(REGMON_COUNTER_not_followed, 1);
}

/* A new transaction. Only REGISTERs that were observed are followed; with observe=0 the script decides. */
static void on_request_in(
		struct cell *transaction, int type, struct tmcb_params *params)
{
	struct sip_msg *msg = params->req;
	const regmon_current_t *current;

	if(msg->first_line.type != SIP_REQUEST
			|| msg->first_line.u.request.method_value != METHOD_REGISTER)
		return;
	current = regmon_current_observed(msg);
	if(current == NULL)
		return;
	if(tm.register_tmcb(msg, transaction,
			   TMCB_REQUEST_OUT | TMCB_RESPONSE_IN | TMCB_RESPONSE_READY
					   | TMCB_RESPONSE_OUT | TMCB_DESTROY,
			   on_transaction, (void *)current->outcome.impu_hash, NULL)
			< 0)
		is_not_followed(current);
}

int regmon_answer_in_transaction(
		struct sip_msg *msg, int code, const char *reason, bool make)
{
	struct cell *transaction;
	int made;

	if(tm.t_reply == NULL)
		return 0;
	transaction = tm.t_gett();
	if(transaction == NULL || transaction == T_UNDEFINED) {
		if(!make)
			return 0;
		made = tm.t_newtran(msg);
		if(made < 0)
			return -1;
		if(made == 0)
			return 1;
	}
	return tm.t_reply(msg, (unsigned)code, (char *)reason) < 0 ? -1 : 1;
}

bool regmon_hook_transactions(void)
{
	/* asked first: without tm the loader would write an error */
	if(find_export("load_tm", NO_SCRIPT, 0) == NULL || tm_load_api(&tm) < 0)
		return false;
	if(tm.register_tmcb(
			   NULL, NULL, TMCB_REQUEST_IN, on_request_in, NULL, NULL)
			<= 0) {
		LM_ERR("tm refused the callback for new transactions\n");
		return false;
	}
	return true;
}
