/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is written into a record: timeline entries, identities, findings; and the history that stateful rules read. */
#include "registration/table_private.h"

#include "message/scan.h"

#define LONGEST_STRING 128
#define SPREAD 0x9e3779b97f4a7c15ULL

/* What is left behind the last full block, or all of a short text; the length tells apart what overlaps. It is spread
 * over all bits, or a longer text with another last character would be the same. */
static inline uint64_t last_block(const char *text, int length, int left)
{
	uint64_t block = 0;
	uint32_t low, high;

	if(length >= 8) {
		memcpy(&block, text + length - 8, 8);
	} else if(left >= 4) {
		memcpy(&low, text, 4);
		memcpy(&high, text + length - 4, 4);
		block = (uint64_t)high << 32 | low;
	} else if(left > 0) {
		block = (uint64_t)(unsigned char)text[0] << 16
				| (uint64_t)(unsigned char)text[length / 2] << 8
				| (unsigned char)text[length - 1];
	}
	return block;
}

uint64_t regmon_quick_hash(str text)
{
	uint64_t hash = SPREAD, block;
	const char *at = text.s, *end;
	int length = text.s && text.len > 0 ? text.len : 0;

	for(end = at + (length & ~7); at < end; at += 8) {
		memcpy(&block, at, 8);
		hash = (hash ^ block) * 0xff51afd7ed558ccdULL;
		hash ^= hash >> 32;
	}
	block = length & 7 ? last_block(text.s, length, length & 7) : 0;
	hash = (hash ^ block ^ ((uint64_t)length * SPREAD)) * 0xc4ceb9fe1a85ec53ULL;
	return hash ^ (hash >> 29);
}

uint32_t regmon_tag_hash(str tag)
{
	return (uint32_t)regmon_quick_hash(tag);
}

/* RFC 5626 6: instance and reg-id when both are there, otherwise the Contact URI (RFC 3261 10.3 step 7). An emergency
 * registration is a binding of its own either way (TS 24.229 5.1.6.2). */
uint64_t regmon_binding_hash(
		const regmon_table_t *table, const regmon_message_t *message)
{
	const regmon_contact_t *contact = regmon_message_contact(message);

	if(contact == NULL)
		return 0;
	if(contact->instance.len > 0 && contact->reg_id.len > 0)
		return regmon_table_hash(table, contact->instance)
			   ^ regmon_quick_hash(contact->reg_id)
			   ^ (contact->sos ? SPREAD : 0);
	return regmon_quick_hash(contact->uri.text);
}

/* Entries have 34 bits of time: lets them count from another time, which they and now_ms fit behind. Those that are too
 * far away for that are forgotten, from the oldest on. Rare: with the first entry, and every 198 days. */
static void move_timeline_start(
		regmon_registration_t *registration, int64_t now_ms)
{
	int64_t from_ms = registration->timeline_from_s * INT64_C(1000);
	int64_t first_ms = now_ms, last_ms = now_ms, at_ms, lowest_ms, highest_ms;
	regmon_entry_t kept[REGMON_MAX_TIMELINE];
	unsigned n = 0, i;

	for(i = registration->timeline_n; i-- > 0; n++) {
		kept[n] = *regmon_registration_entry(registration, i);
		at_ms = from_ms + (int64_t)kept[n].at;
		lowest_ms = at_ms < first_ms ? at_ms : first_ms;
		highest_ms = at_ms > last_ms ? at_ms : last_ms;
		if(highest_ms - lowest_ms / 1000 * 1000 > REGMON_TIMELINE_SPAN_MS)
			break;
		first_ms = lowest_ms;
		last_ms = highest_ms;
	}
	registration->timeline_from_s = (uint32_t)(first_ms / 1000);
	for(i = 0; i < n; i++) {
		kept[i].at += (uint64_t)(from_ms - first_ms / 1000 * 1000);
		registration->timeline[n - 1 - i] = kept[i];
	}
	registration->timeline_n = (uint8_t)n;
	registration->timeline_next =
			(uint8_t)(n < registration->timeline_length ? n : 0);
}

static inline __attribute__((always_inline)) regmon_entry_t *add_entry(
		regmon_registration_t *registration, int64_t at, regmon_entry_t entry)
{
	regmon_entry_t *place =
			&registration->timeline[registration->timeline_next];

	if(registration->timeline_n < registration->timeline_length)
		registration->timeline_n++;
	if(++registration->timeline_next == registration->timeline_length)
		registration->timeline_next = 0;
	entry.at = (uint64_t)at;
	*place = entry;
	return place;
}

static __attribute__((noinline)) regmon_entry_t *add_entry_far_away(
		regmon_registration_t *registration, int64_t now_ms,
		regmon_entry_t entry)
{
	move_timeline_start(registration, now_ms);
	return add_entry(registration,
			now_ms - registration->timeline_from_s * INT64_C(1000), entry);
}

regmon_entry_t *regmon_record_entry(regmon_registration_t *registration,
		int64_t now_ms, regmon_entry_t entry)
{
	int64_t at = now_ms - registration->timeline_from_s * INT64_C(1000);

	if(__builtin_expect((uint64_t)at > REGMON_TIMELINE_SPAN_MS, 0))
		return add_entry_far_away(registration, now_ms, entry);
	return add_entry(registration, at, entry);
}

void regmon_record_findings(regmon_registration_t *registration,
		regmon_entry_t *entry, const regmon_findings_t *findings)
{
	unsigned i;

	if(findings == NULL || findings->n == 0)
		return;
	for(i = 0; i < findings->n; i++)
		registration->finding_bits[findings->list[i].rule / 64] |=
				1ULL << (findings->list[i].rule % 64);
	if(findings->worst_at >= 0) {
		entry->finding = findings->list[findings->worst_at].rule + 1;
		entry->severity = findings->worst;
		if(findings->worst > registration->attempt.severity) {
			registration->attempt.severity = (uint8_t)findings->worst;
			registration->attempt.finding = entry->finding;
		}
	}
}

void regmon_record_last_findings(
		regmon_registration_t *registration, const regmon_findings_t *findings)
{
	unsigned i, n = 0;
	int severity;

	memset(registration->last_findings, 0, sizeof(registration->last_findings));
	if(findings == NULL || findings->n == 0)
		return;
	for(severity = findings->worst; severity > REGMON_NOTE; severity--)
		for(i = 0; i < findings->n && n < REGMON_LAST_FINDINGS; i++)
			if((int)findings->list[i].severity == severity)
				registration->last_findings[n++] = findings->list[i].rule + 1;
}

/* Sets a string when it changed. */
static inline __attribute__((always_inline)) void update_string(
		regmon_registration_t *registration, regmon_string_t which,
		str value)
{
	if(!regmon_registration_string_is(registration, which, value))
		regmon_registration_set_string(registration, which, value);
}

#define X(id, max) _Static_assert((max) <= LONGEST_STRING, "room for " #id);
REGMON_STRINGS(X)
#undef X

static __attribute__((noinline)) void change_findable(regmon_table_t *table,
		regmon_registration_t *registration, regmon_string_t which, str value)
{
	str before = regmon_registration_string(registration, which);
	char buffer[LONGEST_STRING];

	memcpy(buffer, before.s, before.len);
	regmon_registration_set_string(registration, which, value);
	regmon_index_changed(
			table, registration, which, (str){buffer, before.len});
}

/* The same for a string that records are found by. */
static inline __attribute__((always_inline)) void update_findable(
		regmon_table_t *table, regmon_registration_t *registration,
		regmon_string_t which, str value)
{
	if(!regmon_registration_string_is(registration, which, value))
		change_findable(table, registration, which, value);
}

static void record_contact(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_message_t *message = observation->message;
	const regmon_contact_t *contact = regmon_message_contact(message);
	str instance;

	if(contact == NULL)
		return;
	registration->binding_hash = observation->transaction.binding_hash;
	update_findable(
			table, registration, REGMON_STRING_CONTACT, contact->uri.text);
	instance = regmon_instance_urn(contact->instance);
	if(instance.len > 0)
		update_findable(
				table, registration, REGMON_STRING_INSTANCE, instance);
	registration->last_features = contact->features;
	registration->last_reg_id = regmon_reg_id(contact->reg_id);
	registration->ps_data_off_given = contact->ps_data_off.s != NULL;
	registration->ps_data_off_active = regmon_text_is_nocase(
			contact->ps_data_off, REGMON_TEXT("active"));
}

static void record_access(
		regmon_registration_t *registration, const regmon_message_t *message)
{
	const regmon_access_value_t *access = regmon_access_best(&message->access);

	if(access == NULL)
		return;
	registration->last_access = access->access;
	registration->access_type = access->type_number;
	update_string(registration, REGMON_STRING_ACCESS_TYPE,
			access->type_number ? (str){NULL, 0} : access->type);
	update_string(registration, REGMON_STRING_PLMN, access->plmn);
	update_string(registration, REGMON_STRING_TAC, access->tac);
	update_string(registration, REGMON_STRING_CELL,
			access->fits ? access->cell : access->cell_text);
}

static bool looks_like_ipv4(str host)
{
	int i, dots = 0;

	for(i = 0; i < host.len; i++) {
		if(host.s[i] == '.')
			dots++;
		else if(!regmon_is_digit(host.s[i]))
			return false;
	}
	return dots == 3;
}

/* IPv6 addresses have many spellings: no claim about those. */
static bool is_other_ipv4(str host, str address)
{
	return !regmon_text_is(host, address) && looks_like_ipv4(host)
		   && looks_like_ipv4(address);
}

static void record_source(regmon_table_t *table,
		regmon_registration_t *registration, const regmon_message_t *message,
		const regmon_arrival_t *arrival)
{
	if(arrival == NULL)
		return;
	registration->source_port = (uint16_t)arrival->source_port;
	registration->received_port = (uint16_t)arrival->received_port;
	registration->behind_nat =
			is_other_ipv4(message->via.host, arrival->source_address);
	registration->transport =
			(uint8_t)(arrival->transport[0] == 'T'
									  && arrival->transport[1] == 'L'
							  ? 'L'
							  : arrival->transport[0]);
	update_findable(table, registration, REGMON_STRING_SOURCE,
			arrival->source_address);
}

/* One of a list of ipsec-3gpp: the first that was offered, for that is what the phone takes (TS 33.203 7.2), else the
 * first; NULL: none. */
static const regmon_security_t *choose_agreement(
		const regmon_security_list_t *list, unsigned algs, unsigned ealgs)
{
	const regmon_security_t *security, *first = NULL;
	unsigned ealg;
	int i;

	for(i = 0; i < list->kept; i++) {
		security = &list->list[i];
		if(!security->ipsec_3gpp || security->mediasec)
			continue;
		ealg = security->ealg_word == REGMON_WORD_ABSENT ? REGMON_WORD_NULL
														 : security->ealg_word;
		if(((algs >> security->alg_word) & 1) && ((ealgs >> ealg) & 1))
			return security;
		if(first == NULL)
			first = security;
	}
	return first;
}

static void record_agreement(regmon_agreement_t *agreement,
		const regmon_security_list_t *list, unsigned algs, unsigned ealgs)
{
	const regmon_security_t *first = choose_agreement(list, algs, ealgs);

	if(first == NULL)
		return;
	agreement->given = true;
	agreement->offered_n = list->n > 255 ? 255 : (uint8_t)list->n;
	agreement->spi_c = first->spi_c < 0 ? 0 : (uint32_t)first->spi_c;
	agreement->spi_s = first->spi_s < 0 ? 0 : (uint32_t)first->spi_s;
	agreement->port_c = first->port_c < 0 ? 0 : (uint16_t)first->port_c;
	agreement->port_s = first->port_s < 0 ? 0 : (uint16_t)first->port_s;
	agreement->alg = first->alg_word;
	agreement->ealg = first->ealg_word;
}

void regmon_record_identities(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_message_t *message = observation->message;
	str impi;

	if(message->is_answer) {
		record_agreement(&registration->server, &message->security_server,
				registration->offered_algs, registration->offered_ealgs);
		return;
	}
	update_findable(
			table, registration, REGMON_STRING_CALL_ID, message->call_id);
	impi = regmon_message_impi(message);
	if(impi.len)
		update_findable(table, registration, REGMON_STRING_IMPI, impi);
	if(!regmon_repeats(message, CONTACT)) {
		record_contact(table, registration, observation);
		if(message->user_agent.len)
			update_string(
					registration, REGMON_STRING_DEVICE, message->user_agent);
	}
	if(!regmon_repeats(message, P_ACCESS_NETWORK_INFO))
		record_access(registration, message);
	record_source(table, registration, message, observation->arrival);
	if(!regmon_repeats(message, SECURITY_CLIENT))
		record_agreement(
				&registration->client, &message->security_client, 0, 0);
	registration->ims |= observation->class->ims;
	registration->emergency |= observation->class->emergency;
	registration->third_party =
			observation->class->purpose == REGMON_PURPOSE_THIRD_PARTY;
}

/* the URI of one value, without its brackets and display name */
static str uri_in_brackets(str value)
{
	const char *open = memchr(value.s, '<', value.len), *close;

	if(open == NULL)
		return value;
	value.len -= (int)(open + 1 - value.s);
	value.s = (char *)open + 1;
	close = memchr(value.s, '>', value.len);
	if(close)
		value.len = (int)(close - value.s);
	return value;
}

static bool is_of_domain(str uri, str domain)
{
	return domain.len > 0 && uri.len > domain.len
		   && uri.s[uri.len - domain.len - 1] == '@'
		   && regmon_text_is(
				   regmon_text_from(uri, uri.len - domain.len), domain);
}

void regmon_record_associated(regmon_table_t *table,
		regmon_registration_t *registration, const regmon_message_t *answer)
{
	const regmon_line_t *line =
			regmon_message_line(answer, REGMON_HEADER_P_ASSOCIATED_URI);
	str domain, uri;
	char list[REGMON_ASSOCIATED_BYTES];
	int position, used = 0, in_full = 0;
	uint16_t hash;

	if(line == NULL)
		return;
	hash = (uint16_t)regmon_quick_hash(line->value) | 1;
	if(hash == registration->associated_hash)
		return;
	registration->associated_hash = hash;
	domain = regmon_registration_domain(registration);
	for(; line; line = regmon_message_next_line(answer, line)) {
		position = 0;
		while(regmon_text_next_element(line->value, &position, &uri)) {
			uri = uri_in_brackets(uri);
			/* what ends with "@" here is of the IMPU's own domain */
			if(uri.len <= 0 || uri.s[uri.len - 1] == '@'
					|| in_full + uri.len + 1 > (int)sizeof(list)
					|| regmon_registration_string_is(
							registration, REGMON_STRING_IMPU, uri))
				continue;
			in_full += uri.len + (used > 0);
			if(is_of_domain(uri, domain))
				uri.len -= domain.len;
			if(used)
				list[used++] = ',';
			memcpy(list + used, uri.s, uri.len);
			used += uri.len;
		}
	}
	update_findable(table, registration, REGMON_STRING_ASSOCIATED,
			(str){list, used});
}

/* Empty where it was cut: the rest of it would look like a change. */
static str whole_string(
		const regmon_registration_t *registration, regmon_string_t which)
{
	if((registration->cut_strings >> which) & 1)
		return (str){NULL, 0};
	return regmon_registration_string(registration, which);
}

void regmon_record_history(const regmon_registration_t *registration,
		const regmon_observation_t *observation, uint16_t client_hash,
		uint32_t verify_list, regmon_history_t *ret_history)
{
	const regmon_message_t *message = observation->message;
	const regmon_attempt_t *attempt = &registration->attempt;
	const regmon_contact_t *contact = regmon_message_contact(message);
	int64_t now_ms = observation->now_ms;
	uint64_t nonce = observation->transaction.nonce;

	regmon_clear(ret_history, sizeof(*ret_history));
	ret_history->last_cseq = REGMON_NUMBER_ABSENT;
	ret_history->since_challenge_ms = ret_history->since_failure_ms = -1;
	ret_history->last_reg_id = REGMON_NUMBER_ABSENT;
	if(attempt->kind == REGMON_ATTEMPT_NONE)
		return; /* the record was made for this very message */
	ret_history->known = true;
	ret_history->registered = regmon_registration_is_bound(registration);
	ret_history->attempt_open =
			attempt->ended_ms == 0 && attempt->answer_pending;
	ret_history->same_call_id =
			regmon_same_call_id(registration, &observation->transaction);
	ret_history->same_from_tag = attempt->from_tag_hash
								 == observation->transaction.from_tag_hash;
	ret_history->last_contact =
			whole_string(registration, REGMON_STRING_CONTACT);
	ret_history->last_instance =
			whole_string(registration, REGMON_STRING_INSTANCE);
	ret_history->last_impi =
			whole_string(registration, REGMON_STRING_IMPI);
	ret_history->contact_repeats = regmon_repeats(message, CONTACT);
	ret_history->access_repeats =
			regmon_repeats(message, P_ACCESS_NETWORK_INFO);
	ret_history->same_contact =
			ret_history->contact_repeats
			|| (contact != NULL
					&& regmon_registration_string_is(registration,
							REGMON_STRING_CONTACT, contact->uri.text));
	ret_history->challenge_open = attempt->challenge_open;
	ret_history->challenge_offered_server =
			attempt->challenge_had_security_server;
	ret_history->challenge_wants_server = attempt->offered_security;
	ret_history->nonce_is_last_issued =
			nonce != 0 && nonce == registration->nonce_issued;
	ret_history->nonce_is_last_accepted =
			nonce != 0 && nonce == registration->nonce_accepted;
	ret_history->last_answer_code = attempt->code;
	if(ret_history->same_call_id)
		ret_history->last_cseq = registration->last_cseq;
	ret_history->since_last_register_ms =
			now_ms - attempt->last_request_ms;
	if(attempt->challenge_ms)
		ret_history->since_challenge_ms = now_ms - attempt->challenge_ms;
	if(ret_history->registered) {
		ret_history->granted_s = registration->granted_s;
		ret_history->granted_ago_ms = now_ms - registration->granted_ms;
		ret_history->shortened =
				regmon_registration_is_shortened(registration);
		if(ret_history->shortened) {
			const regmon_network_t *network =
					&regmon_supplement_of(registration)->network;

			ret_history->granted_s = network->shortened_s;
			ret_history->granted_ago_ms = now_ms - network->shortened_ms;
		}
	}
	ret_history->last_features = registration->last_features;
	ret_history->last_ps_data_off_given = registration->ps_data_off_given;
	ret_history->last_ps_data_off_active = registration->ps_data_off_active;
	ret_history->last_access = registration->last_access;
	ret_history->last_reg_id = registration->last_reg_id;
	regmon_compare_request(registration, message, client_hash, verify_list,
			now_ms, ret_history);
}
