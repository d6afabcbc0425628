/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State machine, fifth part: what the registrar says of bindings in reg-event documents. */
#include "registration/network.h"

#include "registration/sought.h"

/* Documents and answers travel on different ways: this much earlier or later is no contradiction. */
#define SLACK_MS 5000
#define MOST_REPEATS 15

/* one document on its way through the table */
typedef struct document
{
	regmon_table_t *table;
	const regmon_reginfo_t *reginfo;
	bool after_gap;
	uint32_t number;
	int64_t now_ms;
	regmon_network_report_t *report;
} document_t;

/* what it says of one binding */
typedef struct word
{
	unsigned event; /* regmon_reginfo_event_t */
	bool ends;
	bool is_old; /* about a REGISTER before the last one that was granted */
	uint32_t seconds; /* what is left, or until the phone may come back */
} word_t;

/* ---- one record; slot lock held ---- */

static void write_entry(document_t *document,
		regmon_registration_t *registration, regmon_entry_kind_t kind,
		const word_t *word, uint32_t seconds)
{
	unsigned newest = registration->timeline_next
							  ? registration->timeline_next - 1u
							  : registration->timeline_length - 1u;
	regmon_entry_t *entry = &registration->timeline[newest];

	/* phone and P-CSCF subscribe both: the same word twice is one line */
	if(registration->timeline_n && entry->kind == kind
			&& entry->event == word->event && entry->seconds == seconds) {
		if(entry->repeats < MOST_REPEATS)
			entry->repeats++;
		return;
	}
	regmon_record_entry(registration, document->now_ms,
			(regmon_entry_t){.kind = kind,
					.side = REGMON_SIDE_CORE,
					.event = word->event,
					.seconds = seconds,
					.marks = document->after_gap ? REGMON_MARK_GAP : 0});
}

/* The binding has gone by then, or goes by what this node sees itself: nothing but a note. */
static bool ends_anyway(const document_t *document,
		const regmon_registration_t *registration, const word_t *word)
{
	const regmon_attempt_t *attempt = &registration->attempt;

	if(word->event != REGMON_REGINFO_UNREGISTERED
			&& word->event != REGMON_REGINFO_EXPIRED
			&& word->event != REGMON_REGINFO_NONE)
		return false;
	/* the 200 to the phone's own wish is on its way; some registrars write `expired` there, too */
	if(attempt->kind == REGMON_ATTEMPT_DEREGISTER && attempt->ended_ms == 0)
		return true;
	if(registration->expires_ms - document->now_ms <= SLACK_MS)
		return true; /* our own clock says so in a moment */
	/* about the binding before this one */
	return document->now_ms - registration->registered_ms < SLACK_MS;
}

static void remember_end(const document_t *document,
		regmon_registration_t *registration, const word_t *word,
		bool ends_binding)
{
	regmon_network_t *network;

	/* tell() has asked for memory, and counted where there is none */
	if(registration->supplement == NULL)
		return;
	network = &registration->supplement->network;
	network->removed_ms = document->now_ms;
	network->event = (uint8_t)word->event;
	network->retry_after_s =
			word->event == REGMON_REGINFO_PROBATION ? word->seconds : 0;
	network->attempts_against = 0;
	if(ends_binding)
		regmon_count_up(&network->removals);
}

/* Through network-deregistered also where an attempt under way has the last word: whoever counts wants to see it. */
static void end_binding(document_t *document,
		regmon_registration_t *registration, const word_t *word,
		regmon_news_t *news)
{
	regmon_state_t after = regmon_state_without_binding(
			registration, REGMON_STATE_NETWORK_DEREGISTERED);

	write_entry(document, registration, REGMON_ENTRY_REMOVED, word,
			word->event == REGMON_REGINFO_PROBATION ? word->seconds : 0);
	remember_end(document, registration, word, true);
	regmon_network_unbind_locked(document->table, registration, after, false,
			document->now_ms, news);
	document->report->ended++;
}

void regmon_network_unbind_locked(regmon_table_t *table,
		regmon_registration_t *registration, regmon_state_t after,
		bool ended_here, int64_t now_ms, regmon_news_t *news)
{
	registration->expires_ms = 0;
	registration->registered_ms = 0;
	registration->early_refreshes = 0;
	registration->kept.ended_here = ended_here;
	regmon_table_set_state_locked(table, registration,
			REGMON_STATE_NETWORK_DEREGISTERED, now_ms, news);
	if(after != REGMON_STATE_NETWORK_DEREGISTERED)
		regmon_table_set_state_locked(table, registration, after, now_ms, news);
	regmon_table_diagnose_locked(table, registration, now_ms, news);
}

/* It ended without us: what kind of end it was still says what the phone may do next. */
static void ended_before(document_t *document,
		regmon_registration_t *registration, const word_t *word)
{
	const regmon_network_t *network =
			&regmon_supplement_of(registration)->network;

	if(word->event == REGMON_REGINFO_UNREGISTERED
			|| word->event == REGMON_REGINFO_EXPIRED
			|| word->event == REGMON_REGINFO_NONE)
		return;
	/* the same end told to another subscriber */
	if(network->removed_ms > registration->granted_ms
			&& network->event == word->event)
		return;
	write_entry(document, registration, REGMON_ENTRY_NETWORK, word,
			word->event == REGMON_REGINFO_PROBATION ? word->seconds : 0);
	remember_end(document, registration, word, false);
}

static void terminated(document_t *document,
		regmon_registration_t *registration, const word_t *word,
		regmon_news_t *news)
{
	if(!regmon_registration_is_bound(registration))
		ended_before(document, registration, word);
	else if(word->is_old || ends_anyway(document, registration, word))
		write_entry(document, registration, REGMON_ENTRY_NETWORK, word, 0);
	else
		end_binding(document, registration, word, news);
}

static void active(document_t *document, regmon_registration_t *registration,
		const word_t *word, regmon_news_t *news)
{
	uint32_t seconds = word->seconds > INT32_MAX ? INT32_MAX : word->seconds;
	bool shortens = word->event == REGMON_REGINFO_SHORTENED && !word->is_old
					&& regmon_registration_is_bound(registration);

	write_entry(document, registration, REGMON_ENTRY_NETWORK, word,
			word->event == REGMON_REGINFO_SHORTENED ? word->seconds : 0);
	if(!shortens)
		return;
	if(registration->supplement) {
		registration->supplement->network.shortened_ms = document->now_ms;
		registration->supplement->network.shortened_s = seconds;
	}
	registration->expires_ms = document->now_ms + seconds * INT64_C(1000);
	document->report->shortened++;
	regmon_table_diagnose_locked(
			document->table, registration, document->now_ms, news);
}

static void note_told(const document_t *document, regmon_network_t *network,
		const word_t *word)
{
	network->told_ms = document->now_ms;
	network->last_event = (uint8_t)word->event;
	network->unlisted = 0;
	regmon_count_up(&network->told);
	if(document->after_gap)
		regmon_count_up(&network->gaps);
}

static void tell(document_t *document, regmon_registration_t *registration,
		const word_t *word, regmon_news_t *news)
{
	regmon_supplement_t *supplement =
			regmon_supplement_need_locked(document->table, registration);

	registration->document = document->number;
	if(supplement)
		note_told(document, &supplement->network, word);
	if(word->ends)
		terminated(document, registration, word, news);
	else
		active(document, registration, word, news);
	regmon_table_set_due_locked(document->table, registration);
	document->report->known++;
}

/* A full document without it, and it is not so new that the document could not know it: noted, not believed, for the
 * Contact may stand in it in another form. */
static void not_listed(
		document_t *document, regmon_registration_t *registration)
{
	regmon_supplement_t *supplement;

	registration->document = document->number;
	if(document->now_ms - registration->granted_ms < SLACK_MS)
		return;
	supplement = regmon_supplement_need_locked(document->table, registration);
	if(supplement)
		regmon_count_up(&supplement->network.unlisted);
}

bool regmon_is_usual_gruu(
		const regmon_registration_t *registration, str public_gruu)
{
	str impu = regmon_registration_string(registration, REGMON_STRING_IMPU);
	str instance =
			regmon_registration_string(registration, REGMON_STRING_INSTANCE);
	static const str between = {";gr=", 4};
	bool quoted;
	str gruu = regmon_text_unquote(public_gruu, &quoted);

	return instance.len > 0 && gruu.len == impu.len + between.len + instance.len
		   && regmon_text_starts_nocase(gruu, impu)
		   && regmon_text_starts_nocase(
				   regmon_text_from(gruu, impu.len), between)
		   && regmon_text_is(
				   regmon_text_from(gruu, impu.len + between.len), instance);
}

/* ---- contacts of the document ---- */

static void seek(
		const regmon_reginfo_contact_t *contact, regmon_sought_t *ret_sought)
{
	regmon_uri_t gruu;

	*ret_sought = (regmon_sought_t){.contact = contact->uri,
			.call_id = contact->call_id,
			.instance = contact->instance,
			.reg_id = contact->reg_id,
			.cseq = contact->cseq};
	/* a public GRUU names the instance, too (RFC 5627 3.2) */
	if(contact->instance.len == 0 && contact->pub_gruu.len > 0) {
		regmon_uri_read(contact->pub_gruu, &gruu);
		regmon_uri_parameter(&gruu, REGMON_TEXT("gr"), &ret_sought->instance);
	}
	regmon_sought_start(ret_sought);
}

static word_t word_of(const regmon_reginfo_contact_t *contact,
		const regmon_sought_t *sought,
		const regmon_registration_t *registration)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	int64_t seconds = contact->event == REGMON_REGINFO_PROBATION
							  ? contact->retry_after_s
							  : contact->expires_s;

	return (word_t){.event = contact->event,
			.ends = !contact->active,
			.is_old = contact->cseq >= 0 && sought->call_id_hash
					  && sought->call_id_hash == attempt->call_id_hash
					  && attempt->result == REGMON_RESULT_SUCCESS
					  && attempt->kind != REGMON_ATTEMPT_QUERY
					  && contact->cseq < attempt->last_cseq,
			.seconds = seconds < 0 ? 0 : (uint32_t)seconds};
}

/* Ends the lock that was taken for this record. */
static void tell_and_unlock(document_t *document,
		regmon_registration_t *registration, const word_t *word)
{
	uint8_t access = registration->last_access;
	unsigned slot = regmon_slot_of_record(document->table, registration);
	regmon_outcome_t outcome;
	regmon_news_t news;

	regmon_news_start(&news, &outcome);
	tell(document, registration, word, &news);
	regmon_news_keep_record_locked(registration, 0, &news);
	regmon_slot_unlock(document->table, slot);
	regmon_supplements_level(document->table);
	regmon_news_tell(&news, access);
}

/* ---- registrations of the document ---- */

typedef struct subject
{
	char key[REGMON_MAX_KEY];
	str impu;
	uint64_t hash;
	unsigned slot;
} subject_t;

static void read_subject(
		const regmon_table_t *table, str aor, subject_t *subject)
{
	regmon_uri_t uri;

	regmon_uri_read(aor, &uri);
	subject->impu = (str){subject->key,
			regmon_uri_canonical(&uri, subject->key, sizeof(subject->key))};
	subject->hash = regmon_impu_hash(table, subject->impu);
	subject->slot = regmon_slot_of(table, subject->hash);
}

static bool is_of(
		const regmon_registration_t *registration, const subject_t *subject)
{
	return registration->impu_hash == subject->hash
		   && regmon_registration_string_is(
				   registration, REGMON_STRING_IMPU, subject->impu);
}

static bool is_known(regmon_table_t *table, const subject_t *subject)
{
	const regmon_registration_t *registration;

	regmon_slot_lock(table, subject->slot);
	for(registration = table->slots[subject->slot]; registration;
			registration = registration->next)
		if(is_of(registration, subject))
			break;
	regmon_slot_unlock(table, subject->slot);
	return registration != NULL;
}

static void apply_contact(document_t *document, const subject_t *subject,
		const regmon_reginfo_contact_t *contact)
{
	regmon_registration_t *registration;
	regmon_sought_t sought;
	word_t word;

	seek(contact, &sought);
	regmon_slot_lock(document->table, subject->slot);
	registration = regmon_sought_of_impu(document->table, &sought,
			subject->hash, subject->impu, document->number);
	if(registration == NULL) {
		regmon_slot_unlock(document->table, subject->slot);
		document->report->unknown++;
		return;
	}
	word = word_of(contact, &sought, registration);
	registration->public_gruu |=
			regmon_is_usual_gruu(registration, contact->pub_gruu);
	tell_and_unlock(document, registration, &word);
}

/* A registration without any contact left: what its contacts were told is told of all of them. */
static word_t word_for_all(const document_t *document,
		const regmon_reginfo_registration_t *registration)
{
	const regmon_reginfo_contact_t *contact =
			&document->reginfo->contacts[registration->first_contact];
	word_t word = {.event = REGMON_REGINFO_NONE, .ends = true};
	unsigned i;

	for(i = 0; i < registration->contacts_n; i++) {
		/* the document contradicts itself: what an active contact is told is no reason for an end */
		if(contact[i].active || (i > 0 && contact[i].event != word.event))
			return (word_t){.event = REGMON_REGINFO_NONE, .ends = true};
		word.event = contact[i].event;
		if(contact[i].retry_after_s > word.seconds)
			word.seconds = (uint32_t)contact[i].retry_after_s;
	}
	return word;
}

/* The bindings in force that the document has not spoken of. One lock, one record, one piece of news at a time: an IMPU
 * may have more bindings than news has room. */
static void apply_rest(document_t *document, const subject_t *subject,
		const regmon_reginfo_registration_t *told)
{
	bool all_end = told->state == REGMON_REGINFO_TERMINATED;
	word_t word = word_for_all(document, told);
	regmon_registration_t *registration;
	int most = REGMON_MAX_BINDINGS;

	if(!all_end && (!document->reginfo->full || told->contacts_more))
		return;
	while(most-- > 0) {
		regmon_slot_lock(document->table, subject->slot);
		for(registration = document->table->slots[subject->slot]; registration;
				registration = registration->next)
			if(is_of(registration, subject)
					&& regmon_registration_is_bound(registration)
					&& !registration->third_party
					&& registration->document != document->number)
				break;
		if(registration && all_end) {
			tell_and_unlock(document, registration, &word);
			continue;
		}
		if(registration)
			not_listed(document, registration);
		regmon_slot_unlock(document->table, subject->slot);
		regmon_supplements_level(document->table);
		if(registration == NULL)
			return;
	}
}

/* false: this node has no record of that IMPU. */
static bool apply_registration(
		document_t *document, const regmon_reginfo_registration_t *told)
{
	const regmon_reginfo_contact_t *contact =
			&document->reginfo->contacts[told->first_contact];
	subject_t subject;
	unsigned i;

	read_subject(document->table, told->aor, &subject);
	if(!is_known(document->table, &subject))
		return false;
	for(i = 0; i < told->contacts_n; i++)
		apply_contact(document, &subject, &contact[i]);
	apply_rest(document, &subject, told);
	return true;
}

/* Another IMPU of the implicit set than that of the REGISTER, which is barred or was not listed: the Contact tells
 * whose it is. */
static void apply_by_contact(
		document_t *document, const regmon_reginfo_contact_t *contact)
{
	regmon_registration_t *registration;
	regmon_sought_t sought;
	word_t word;

	seek(contact, &sought);
	registration = regmon_sought_anywhere(document->table, &sought);
	if(registration == NULL) {
		document->report->unknown++;
		return;
	}
	if(registration->document == document->number) {
		regmon_slot_unlock(document->table,
				regmon_slot_of_record(document->table, registration));
		return;
	}
	word = word_of(contact, &sought, registration);
	tell_and_unlock(document, registration, &word);
}

/* As long as one IMPU of the set has the contact, the binding is there: active ones speak first. */
static void apply_others(document_t *document, uint64_t others, bool active)
{
	const regmon_reginfo_t *reginfo = document->reginfo;
	const regmon_reginfo_registration_t *told;
	const regmon_reginfo_contact_t *contact;
	unsigned i, k;

	for(i = 0; i < reginfo->registrations_n; i++) {
		if(!((others >> i) & 1))
			continue;
		told = &reginfo->registrations[i];
		for(k = 0; k < told->contacts_n; k++) {
			contact = &reginfo->contacts[told->first_contact + k];
			if(contact->active == active)
				apply_by_contact(document, contact);
		}
	}
}

_Static_assert(
		REGMON_REGINFO_REGISTRATIONS <= 64, "one bit for each registration");

void regmon_table_reginfo(regmon_table_t *table,
		const regmon_reginfo_t *reginfo, bool after_gap, int64_t now_ms,
		regmon_network_report_t *ret_report)
{
	document_t document = {.table = table,
			.reginfo = reginfo,
			.after_gap = after_gap,
			.now_ms = now_ms,
			.report = ret_report};
	uint64_t others = 0;
	unsigned i;

	*ret_report = (regmon_network_report_t){0};
	do {
		document.number =
				__atomic_add_fetch(&table->documents, 1, __ATOMIC_RELAXED);
	} while(document.number == 0); /* of records that none spoke of */
	for(i = 0; i < reginfo->registrations_n; i++)
		if(!apply_registration(&document, &reginfo->registrations[i]))
			others |= UINT64_C(1) << i;
	apply_others(&document, others, true);
	apply_others(&document, others, false);
}

bool regmon_table_is_phone(regmon_table_t *table, str address)
{
	uint32_t slots[REGMON_INDEX_MOST];
	bool may_lack;
	unsigned n = regmon_index_slots(table, address, slots, &may_lack), i;
	const regmon_registration_t *registration = NULL;

	for(i = 0; i < n && registration == NULL; i++) {
		regmon_slot_lock(table, slots[i]);
		for(registration = table->slots[slots[i]]; registration;
				registration = registration->next)
			if(registration->attempt.driver_vias == 1
					&& regmon_registration_string_is(
							registration, REGMON_STRING_SOURCE, address))
				break;
		regmon_slot_unlock(table, slots[i]);
	}
	return registration != NULL;
}

void regmon_network_attempt_opened(
		regmon_registration_t *registration, int64_t now_ms)
{
	regmon_attempt_kind_t kind = registration->attempt.kind;

	if(registration->supplement == NULL)
		return;
	if(kind != REGMON_ATTEMPT_DEREGISTER && kind != REGMON_ATTEMPT_QUERY
			&& regmon_registration_is_unwanted(registration, now_ms))
		regmon_count_up(
				&registration->supplement->network.attempts_against);
}
