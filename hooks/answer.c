/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The common way of an answer into the table. It is read from the bytes that came or went, so that what the phone
 * really got is judged, changes of the script included. */
#include "hooks/hooks.h"
#include "show/monitor.h"

/* Most answers pass a stateful proxy as they are, without its own Via: then they are read on their way in only. The view
 * is of a copy, because routing may change the text in between. */
#define LONGEST_KEPT 4096

static struct
{
	bool kept;
	regmon_message_t message;
	regmon_dialog_t dialog;
	char text[LONGEST_KEPT];
} received;

static bool is_answer_to_register(const regmon_message_t *message)
{
	static const str method = {"REGISTER", 8};

	return message->is_answer && message->code >= 200
		   && regmon_text_is(message->cseq.method, method);
}

/* Via, From and To are those of the REGISTER: it is enough to know how many the first are and the tag of the second;
 * whoever wants more reads it. Nobody asks how long an answer is. request: the REGISTER, of which these lines were copied
 * as they are, Call-ID and CSeq, too; NULL: who knows. */
static bool read_answer(const char *text, int length,
		const regmon_message_t *request, regmon_message_t *message)
{
	const uint64_t unasked = REGMON_HEADER_BIT(VIA) | REGMON_HEADER_BIT(FROM)
							 | REGMON_HEADER_BIT(TO)
							 | REGMON_HEADER_BIT(CONTENT_LENGTH);
	const uint64_t copied =
			REGMON_HEADER_BIT(CALL_ID) | REGMON_HEADER_BIT(CSEQ);

	if(!regmon_message_scan(text, length, message))
		return false;
	if(request) {
		regmon_message_read_headers(message, ~(unasked | copied));
		message->via_n = request->via_n;
		message->from.tag = request->from.tag;
		message->call_id = request->call_id;
		message->cseq = request->cseq;
	} else {
		regmon_message_read_headers(message, ~unasked);
		regmon_message_read_dialog(message);
	}
	return is_answer_to_register(message);
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

/* dialog: when it is known. Returns it. */
static regmon_dialog_t observe(regmon_happening_t what,
		const regmon_message_t *message, bool local, uint64_t impu_hash,
		const regmon_dialog_t *dialog)
{
	regmon_observation_t observation = {.what = what, .message = message,
			.local = local, .impu_hash = impu_hash, .dialog = dialog,
			.now_ms = regmon_clock_now_ms()};

	judge_and_observe(&observation);
	return (regmon_dialog_t){observation.transaction.call_id_hash,
			observation.transaction.from_tag_hash};
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

void regmon_observe_received_answer(
		const char *text, int length, uint64_t impu_hash)
{
	received.kept = false;
	if(text == NULL || length <= 0)
		return;
	if(length > LONGEST_KEPT) {
		regmon_observe_answer(REGMON_HAPPENING_ANSWER_IN, text, length, false,
				impu_hash);
		return;
	}
	/* of a length that is not known memmove() is a call, memcpy() here a slow loop */
	memmove(received.text, text, length);
	if(!read_answer(received.text, length, NULL, &received.message))
		return;
	received.kept = true;
	received.dialog = observe(REGMON_HAPPENING_ANSWER_IN, &received.message,
			false, impu_hash, NULL);
}

void regmon_observe_answer(regmon_happening_t what, const char *text,
		int length, bool local, uint64_t impu_hash)
{
	regmon_message_t message;

	if(text == NULL || length <= 0)
		return;
	if(received.kept && what == REGMON_HAPPENING_ANSWER_OUT && !local) {
		received.kept = false;
		if(regmon_message_passed_on(&received.message, text, length)) {
			observe(what, &received.message, local, impu_hash,
					&received.dialog);
			return;
		}
	}
	if(read_answer(text, length, NULL, &message))
		observe(what, &message, local, impu_hash, NULL);
}

void regmon_observe_stateless_answer(const char *text, int length,
		const regmon_message_t *request, const regmon_outcome_t *outcome)
{
	regmon_message_t message;

	if(text != NULL && length > 0
			&& read_answer(text, length, request, &message))
		observe(REGMON_HAPPENING_ANSWER_OUT, &message, true, outcome->impu_hash,
				&outcome->dialog);
}

/* false: not to be looked at; one Via: an answer to a REGISTER of our own */
static bool read_passing(
		const char *text, int length, regmon_message_t *ret_message)
{
	return read_answer(text, length, NULL, ret_message)
		   && ret_message->via_n > 1;
}

void regmon_observe_dropped_answer(const char *text, int length)
{
	regmon_message_t message;

	if(read_passing(text, length, &message))
		observe(REGMON_HAPPENING_ANSWER_IN, &message, false, 0, NULL);
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
