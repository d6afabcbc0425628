/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A phone says nearly the same in each REGISTER. What the last one said is remembered in hashes: headers that say it
 * again are not read, what the rules found is not looked for again, and the record needs no change for it. */
#include "registration/table_private.h"

#include "message/scan.h"

#define CACHE_LINE 64

/* All that is part of the outline's rest and has a reader can stay unread together. */
static uint64_t repeated_headers(
		const regmon_said_t *said, const regmon_outline_t *outline)
{
	uint64_t repeated = ~REGMON_HEADERS_LEFT_OUT;

	if(outline->rest == 0 || said->rest != outline->rest)
		return 0;
	if(said->security_client == outline->security_client)
		repeated |= REGMON_HEADER_BIT(SECURITY_CLIENT);
	if(said->security_verify == outline->security_verify)
		repeated |= REGMON_HEADER_BIT(SECURITY_VERIFY);
	if(said->access == outline->access)
		repeated |= REGMON_HEADER_BIT(P_ACCESS_NETWORK_INFO);
	return repeated;
}

bool regmon_said_covers(const regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	uint64_t unread = observation->message->unread;

	return unread == 0
		   || !(unread
				   & ~repeated_headers(
						   &registration->said, &observation->repeat->outline));
}

/* The record of the phone that said this the last time; rest 0: of whoever has this IMPU. Slot lock held. */
static const regmon_registration_t *find_said(const regmon_table_t *table,
		unsigned slot, uint64_t impu_hash, uint64_t rest)
{
	const regmon_registration_t *registration;

	for(registration = table->slots[slot]; registration;
			registration = registration->next)
		if(registration->impu_hash == impu_hash && registration->said.rest
				&& (rest == 0 || registration->said.rest == rest))
			return registration;
	return NULL;
}

static unsigned judgement_of(const regmon_message_t *message)
{
	/* the leg in short: whoever answers a challenge or is protected has a response or Security-Verify */
	return message->count[REGMON_HEADER_SECURITY_VERIFY] > 0
		   || REGMON_DIGEST_FILLED(&message->authorization, RESPONSE);
}

str regmon_impu_of(const regmon_uri_t *to, char key[REGMON_MAX_KEY])
{
	if(regmon_text_empty(to->text))
		return (str){NULL, 0};
	if(to->text.len <= REGMON_MAX_KEY && regmon_uri_is_canonical(to))
		return to->text;
	return (str){key, regmon_uri_canonical(to, key, REGMON_MAX_KEY)};
}

/* With many phones neither slot nor record lies in any cache, and to wait for one line after the other takes longer than
 * all the rest. So they are fetched while there is something else to do. A record may be gone meanwhile, which does no
 * harm. */
static void fetch_slot(const regmon_table_t *table, unsigned slot)
{
	__builtin_prefetch(&table->slots[slot]);
	__builtin_prefetch(&table->due_s[slot], 1);
}

/* The record at the head of a chain, as far as a REGISTER looks that says what the last one said: of its texts IMPU, Contact
 * and Call-ID of most phones. Of the others and of the timeline it touches a line at most. */
#define FETCHED (offsetof(regmon_registration_t, strings) + 160)

static const regmon_registration_t *fetch_record(
		regmon_registration_t *const *chain)
{
	const regmon_registration_t *registration =
			__atomic_load_n(chain, __ATOMIC_RELAXED);
	const char *record = (const char *)registration;
	size_t at;

	if(record != NULL)
		for(at = 0; at < FETCHED; at += CACHE_LINE)
			__builtin_prefetch(record + at, 1);
	return registration;
}

/* What the record remembers, and which binding it is of. */
static bool look_up(regmon_table_t *table, regmon_repeat_t *repeat,
		uint64_t rest, regmon_said_t *ret_said)
{
	const regmon_registration_t *registration;
	unsigned slot = regmon_slot_of(table, repeat->impu_hash);

	regmon_slot_lock(table, slot);
	registration = find_said(table, slot, repeat->impu_hash, rest);
	if(registration) {
		*ret_said = registration->said;
		repeat->binding_hash = registration->binding_hash;
	}
	regmon_slot_unlock(table, slot);
	return registration != NULL;
}

/* The lines behind To. Nearly every IMPU has one record, and its phone says what it said the last time: whether it does
 * is seen from the hash at the end. ret_said: what this very phone has said, else rest is 0. */
static void scan_on(regmon_table_t *table, regmon_message_t *message,
		regmon_repeat_t *repeat, regmon_said_t *ret_said)
{
	const regmon_outline_secret_t *secret = &table->secret;
	bool found = !message->lines_broken && !message->lines_dropped
				 && look_up(table, repeat, 0, ret_said);

	regmon_message_scan_on(message, found ? &ret_said->runs : NULL);
	regmon_outline_read(message, secret, &repeat->outline);
	if(found && ret_said->rest == repeat->outline.rest)
		return;
	if(message->skipped) {
		regmon_message_scan_again(message);
		regmon_outline_read(message, secret, &repeat->outline);
	}
	if(!found || repeat->outline.rest == 0
			|| !look_up(table, repeat, repeat->outline.rest, ret_said))
		ret_said->rest = 0;
}

/* Whom the REGISTER is about; the slot is fetched. */
static void find_impu(const regmon_table_t *table, const regmon_uri_t *to,
		regmon_repeat_t *repeat)
{
	repeat->impu = regmon_impu_of(to, repeat->key);
	repeat->impu_hash = 0;
	if(regmon_text_empty(repeat->impu))
		return;
	repeat->impu_hash = regmon_impu_hash(table, repeat->impu);
	fetch_slot(table, regmon_slot_of(table, repeat->impu_hash));
}

/* The lines as far as To, which may have been read before. */
static bool scan_head(const regmon_table_t *table, const char *text, int length,
		const char *to, regmon_message_t *message, regmon_repeat_t *repeat)
{
	regmon_ahead_t ahead;
	bool is_ahead = regmon_message_read_ahead(text, length, to, &ahead), is_sip;

	if(is_ahead)
		find_impu(table, &ahead.to.uri, repeat);
	is_sip = regmon_message_scan_head(text, length, message);
	if(is_ahead && regmon_message_take_ahead(message, &ahead))
		return is_sip;
	regmon_message_read_headers(message, REGMON_HEADER_BIT(TO));
	find_impu(table, &message->to.uri, repeat);
	return is_sip;
}

bool regmon_table_recall(regmon_table_t *table, const regmon_plan_t *plan,
		regmon_role_t role, const char *text, int length, const char *to,
		regmon_message_t *ret_message, regmon_repeat_t *ret_repeat)
{
	const regmon_outline_secret_t *secret = &table->secret;
	regmon_message_t *message = ret_message;
	const regmon_registration_t *head;
	regmon_said_t said;
	uint64_t repeated;
	unsigned slot;
	bool is_sip;

	said.rest = 0;
	regmon_clear(ret_repeat, offsetof(regmon_repeat_t, key));
	is_sip = scan_head(table, text, length, to, message, ret_repeat);
	if(regmon_text_empty(ret_repeat->impu)) {
		regmon_message_scan_on(message, NULL);
	} else {
		slot = regmon_slot_of(table, ret_repeat->impu_hash);
		head = fetch_record(&table->slots[slot]);
		regmon_message_read_headers(message, REGMON_HEADERS_VARYING);
		/* without a lock: it may be gone, or another's; what is read of it here decides only what is fetched */
		if(head
				&& __atomic_load_n(&head->impu_hash, __ATOMIC_RELAXED)
						   != ret_repeat->impu_hash)
			fetch_record(&head->next);
		scan_on(table, message, ret_repeat, &said);
	}
	/* rules of answers look at what none of a REGISTER does */
	if(message->is_answer)
		said.rest = 0;
	repeated = repeated_headers(&said, &ret_repeat->outline);
	regmon_message_read_headers(message, ~repeated);
	ret_repeat->client_part =
			regmon_repeats(message, SECURITY_CLIENT)
					? said.client_part
					: regmon_judgement_client_part(message, secret);
	ret_repeat->access_part =
			regmon_repeats(message, P_ACCESS_NETWORK_INFO)
					? said.access_part
					: regmon_judgement_access_part(message, secret);
	ret_repeat->basis =
			regmon_judgement_basis(message, plan, role, &ret_repeat->outline,
					ret_repeat->client_part, ret_repeat->access_part, secret);
	if(said.rest)
		ret_repeat->judgement = said.judgement[judgement_of(message)];
	return is_sip;
}

bool regmon_repeat_judge(const regmon_plan_t *plan, regmon_role_t role,
		const regmon_message_t *message, const regmon_arrival_t *arrival,
		regmon_repeat_t *repeat, regmon_class_t *ret_class,
		regmon_findings_t *ret_findings)
{
	if(repeat->basis && repeat->judgement.basis == repeat->basis) {
		regmon_judgement_give(
				&repeat->judgement, plan, ret_class, ret_findings);
		return true;
	}
	regmon_classify(message, arrival, role, ret_class);
	regmon_rules_judge(plan, message, ret_class, ret_findings);
	regmon_judgement_keep(
			&repeat->judgement, repeat->basis, ret_class, ret_findings);
	return false;
}

/* Can all that a Contact says be found in the record? */
static bool is_kept_in_full(const regmon_registration_t *registration,
		const regmon_message_t *message)
{
	const unsigned cut =
			1u << REGMON_STRING_CONTACT | 1u << REGMON_STRING_INSTANCE;

	return message->contacts.n == 1 && message->contacts.kept == 1
		   && !message->contacts.star && !(registration->cut_strings & cut);
}

void regmon_said_keep(regmon_registration_t *registration,
		const regmon_observation_t *observation, uint32_t verify_list)
{
	const regmon_repeat_t *repeat = observation->repeat;
	const regmon_message_t *message = observation->message;
	regmon_said_t *said = &registration->said;

	if(repeat == NULL) {
		said->rest = 0;
		return;
	}
	if(!regmon_repeats(message, CONTACT)) {
		said->rest = is_kept_in_full(registration, message)
							 ? repeat->outline.rest
							 : 0;
		regmon_message_runs(message, &said->runs);
	}
	/* an offer that is not as it should be is not to be found in the record */
	said->security_client = repeat->client_part
									? repeat->outline.security_client
									: REGMON_OUTLINE_NONE;
	/* a first REGISTER has none, and leaves that of the one before as it was */
	if(repeat->outline.security_verify) {
		said->security_verify = repeat->outline.security_verify;
		said->verify_list = verify_list;
	}
	said->access = repeat->outline.access;
	said->client_part = repeat->client_part;
	said->access_part = repeat->access_part;
	if(repeat->basis && repeat->judgement.basis == repeat->basis)
		said->judgement[judgement_of(message)] = repeat->judgement;
}
