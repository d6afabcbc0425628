/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The message at hand. Two places: what the hook read stays while tm's callbacks and routes look at other messages
 * of the same transaction. */
#include "show/current.h"

#include "core/mem/mem.h"

#include "show/monitor.h"

static regmon_current_t observed_one; /* filled by the hook */
static regmon_current_t other_one;	  /* read on demand */

static void empty(regmon_current_t *current, const struct sip_msg *msg)
{
	current->message_id = msg->id;
	current->buffer = msg->buf;
	current->text_hash = 0;
	current->observed = false;
	current->looked_up = false;
	current->class = (regmon_class_t){0};
	current->findings.n = current->findings.total = 0;
	current->findings.worst = REGMON_OFF;
	current->findings.worst_at = -1;
	current->texts_missing = false;
	current->outcome = (regmon_outcome_t){0};
}

regmon_current_t *regmon_current_start(struct sip_msg *msg)
{
	empty(&observed_one, msg);
	return &observed_one;
}

static bool concerns_register(const regmon_message_t *message)
{
	static const str method = {"REGISTER", 8};

	return regmon_text_is(
			message->is_answer ? message->cseq.method : message->method,
			method);
}

static bool read_and_judge(regmon_current_t *current, struct sip_msg *msg)
{
	current->texts_missing = false;
	if(!regmon_message_read(msg->buf, (int)msg->len, &current->message)
			|| !concerns_register(&current->message))
		return false;
	regmon_classify(&current->message, NULL, regmon_monitor.role,
			&current->class);
	regmon_monitor_refresh();
	regmon_rules_judge(regmon_monitor.plan, &current->message,
			&current->class, &current->findings);
	return true;
}

/* Buffers and ids of messages in shared memory are used again by others, so there the text itself has to be the
 * same. FNV-1a; never 0. */
static uint64_t hash_of(const char *text, int length)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	int i;

	for(i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return hash ? hash : 1;
}

static bool is_observed(const struct sip_msg *msg)
{
	return msg && msg->buf && observed_one.buffer == msg->buf
		   && observed_one.message_id == msg->id && observed_one.observed;
}

const regmon_current_t *regmon_current_observed(struct sip_msg *msg)
{
	if(!is_observed(msg))
		return NULL;
	/* msg_apply_changes() writes the new text into the same buffer */
	if(observed_one.message.text.len != (int)msg->len
			&& !read_and_judge(&observed_one, msg)) {
		observed_one.buffer = NULL;
		return NULL;
	}
	return &observed_one;
}

/* what the hook could do without */
static void complete(regmon_current_t *current)
{
	regmon_message_complete(&current->message);
	if(current->texts_missing)
		regmon_judgement_show(regmon_monitor.plan, &current->message,
				&current->class, &current->findings);
	current->texts_missing = false;
}

static regmon_current_t *find(struct sip_msg *msg)
{
	uint64_t hash;

	if(msg == NULL || msg->buf == NULL || msg->len == 0
			|| regmon_monitor.plan == NULL)
		return NULL;
	if(is_observed(msg)) {
		if(regmon_current_observed(msg) == NULL)
			return NULL;
		complete(&observed_one);
		return &observed_one;
	}
	hash = hash_of(msg->buf, (int)msg->len);
	if(other_one.buffer == msg->buf && other_one.message_id == msg->id
			&& other_one.text_hash == hash)
		return &other_one;
	empty(&other_one, msg);
	if(!read_and_judge(&other_one, msg)) {
		other_one.buffer = NULL;
		return NULL;
	}
	other_one.text_hash = hash;
	return &other_one;
}

const regmon_current_t *regmon_current_of(struct sip_msg *msg)
{
	return find(msg);
}

static void look_up(regmon_current_t *current)
{
	regmon_who_t who = {REGMON_WHO_CALL_ID, current->message.call_id};
	regmon_registration_t *record;

	current->looked_up = true;
	if(regmon_text_empty(who.text))
		return;
	record = pkg_malloc(regmon_table_record_size(regmon_monitor.table));
	if(record == NULL)
		return;
	if(regmon_table_find(regmon_monitor.table, &who, record, 1) > 0) {
		current->outcome.remembered = true;
		current->outcome.state = record->state;
		current->outcome.kind = record->attempt.kind;
		current->outcome.causes = record->causes;
		current->outcome.attempts = regmon_registration_attempts(record);
		current->outcome.failures = record->failures;
		current->outcome.registered_ms =
				regmon_registration_is_bound(record) ? record->registered_ms
													 : 0;
		current->outcome.leg = current->class.leg;
	}
	pkg_free(record);
}

const regmon_outcome_t *regmon_current_outcome(struct sip_msg *msg)
{
	regmon_current_t *current = find(msg);

	if(current == NULL)
		return NULL;
	if(!current->observed && !current->looked_up)
		look_up(current);
	return current->outcome.remembered ? &current->outcome : NULL;
}
