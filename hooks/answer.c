/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The common way of an answer into the table. It is read from the bytes that came or went, so that what the phone
 * really got is judged, changes of the script included. */
#include "hooks/hooks.h"
#include "show/monitor.h"

static bool is_answer_to_register(const regmon_message_t *message)
{
	static const str method = {"REGISTER", 8};

	return message->is_answer && message->code >= 200
		   && regmon_text_is(message->cseq.method, method);
}

static void judge_and_observe(regmon_observation_t *observation)
{
	const regmon_message_t *message = observation->message;
	regmon_class_t class;
	regmon_findings_t findings;
	regmon_aka_verdict_t verdict;

	regmon_monitor_refresh();
	regmon_classify(message, NULL, regmon_monitor.role, &class);
	regmon_rules_judge(regmon_monitor.plan, message, &class, &findings);
	observation->plan = regmon_monitor.plan;
	observation->findings = &findings;
	observation->class = &class;
	observation->aka = regmon_aka_verdict(message, NULL, &verdict);
	regmon_table_observe(regmon_monitor.table, observation, NULL);
}

static void observe(regmon_happening_t what, const regmon_message_t *message,
		bool local, uint64_t impu_hash)
{
	regmon_observation_t observation = {.what = what, .message = message,
			.local = local, .impu_hash = impu_hash,
			.now_ms = regmon_clock_now_ms()};

	judge_and_observe(&observation);
}

static void observe_passing(regmon_happening_t what,
		const regmon_message_t *message, bool of_transaction)
{
	regmon_observation_t observation = {.what = what, .message = message,
			.seen_passing = of_transaction, .now_ms = regmon_clock_now_ms()};

	judge_and_observe(&observation);
}

void regmon_observe_tapped_answer(
		const regmon_message_t *message, int64_t now_ms)
{
	regmon_observation_t observation = {.what = REGMON_HAPPENING_ANSWER_OUT,
			.message = message, .now_ms = now_ms, .tapped = true};

	if(is_answer_to_register(message))
		judge_and_observe(&observation);
}

void regmon_observe_answer(regmon_happening_t what, const char *text,
		int length, bool local, uint64_t impu_hash)
{
	regmon_message_t message;

	if(text == NULL || length <= 0
			|| !regmon_message_read(text, length, &message)
			|| !is_answer_to_register(&message))
		return;
	observe(what, &message, local, impu_hash);
}

/* false: not to be looked at; one Via: an answer to a REGISTER of our own */
static bool read_passing(
		const char *text, int length, regmon_message_t *ret_message)
{
	return regmon_message_read(text, length, ret_message)
		   && is_answer_to_register(ret_message) && ret_message->via_n > 1;
}

void regmon_observe_dropped_answer(const char *text, int length)
{
	regmon_message_t message;

	if(read_passing(text, length, &message))
		observe(REGMON_HAPPENING_ANSWER_IN, &message, false, 0);
}

void regmon_observe_forwarded_answer(
		const char *text, int length, bool of_transaction)
{
	regmon_message_t message;

	if(!read_passing(text, length, &message))
		return;
	observe_passing(REGMON_HAPPENING_ANSWER_IN, &message, of_transaction);
	message.via_n--; /* ours is taken off on the way out */
	observe_passing(REGMON_HAPPENING_ANSWER_OUT, &message, of_transaction);
}
