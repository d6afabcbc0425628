/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a REGISTER and of its answer is kept so that the next one can be compared with it: hashes and small numbers,
 * never a text or a key; and the comparison itself, for the stateful rules. Slot lock held throughout. */
#include "message/scan.h"
#include "registration/table_private.h"

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0xff51afd7ed558ccdULL;
	return hash ^ (hash >> 32);
}

/* eight characters at a time; the last ones together with some before them */
static uint64_t mix_nocase(uint64_t hash, str text)
{
	const char *at = text.s, *end = at + text.len;
	char eight[8];
	uint64_t word;

	for(; end - at >= 8 || (at < end && text.len >= 8); at += 8) {
		memcpy(eight, end - at >= 8 ? at : end - 8, 8);
		regmon_lower_8(eight);
		memcpy(&word, eight, 8);
		hash = mix(hash, word);
	}
	for(; at < end; at++)
		hash = mix(hash, (unsigned char)*at | 0x20);
	return mix(hash, (uint64_t)text.len);
}

/* a word that is known counts as itself, an absent one as its default (TS 33.203 Annex H) */
static uint64_t word_or(uint8_t word, uint8_t normal)
{
	return word == REGMON_WORD_ABSENT ? normal : word;
}

static uint64_t mix_other(uint64_t hash, uint8_t word, str text)
{
	return word == REGMON_WORD_OTHER ? mix_nocase(hash, text) : hash;
}

/* q in thousandths, however it is written; -1: not given */
static int thousandths(str q)
{
	int i, value = 0, digits = -1;

	if(q.len == 0)
		return -1;
	for(i = 0; i < q.len && digits < 3; i++) {
		if(q.s[i] == '.') {
			digits = 0;
		} else if(regmon_is_digit(q.s[i])) {
			value = value * 10 + (q.s[i] - '0');
			if(digits >= 0)
				digits++;
		}
	}
	for(digits = digits < 0 ? 0 : digits; digits < 3; digits++)
		value *= 10;
	return value;
}

static uint64_t hash_of_value(const regmon_security_t *security)
{
	uint64_t hash = 0x9e3779b97f4a7c15ULL, words;

	if(!security->ipsec_3gpp)
		hash = mix_nocase(hash, security->mechanism);
	words = word_or(security->alg_word, REGMON_WORD_ABSENT)
			| word_or(security->ealg_word, REGMON_WORD_NULL) << 8
			| word_or(security->prot_word, REGMON_WORD_ESP) << 16
			| word_or(security->mod_word, REGMON_WORD_TRANS) << 24;
	hash = mix(hash, words ^ (uint64_t)thousandths(security->q) << 32);
	/* another word counts by its text */
	hash = mix_other(hash, security->alg_word, security->alg);
	hash = mix_other(hash, security->ealg_word, security->ealg);
	hash = mix_other(hash, security->prot_word, security->prot);
	hash = mix_other(hash, security->mod_word, security->mod);
	hash = mix(hash, (uint64_t)security->spi_c << 32 ^ (uint64_t)security->spi_s);
	hash = mix(
			hash, (uint64_t)security->port_c << 32 ^ (uint64_t)security->port_s);
	return security->unknown.len ? mix_nocase(hash, security->unknown) : hash;
}

/* RFC 3329 2.3.1: equal but for case, white space and the writing of q. The high half is the same in whatever order
 * the values stand, the low half is not. Entries of the media plane are left out (TS 24.229 7.2A.7). 0: no value. */
static uint32_t hash_of_list(const regmon_security_list_t *list)
{
	uint16_t sum = 0, chain = 0;
	uint64_t hash;
	int i, n = 0;

	for(i = 0; i < list->kept; i++) {
		if(list->list[i].mediasec)
			continue;
		hash = hash_of_value(&list->list[i]);
		sum += (uint16_t)(hash >> 16);
		chain = (uint16_t)(chain * 31 + (uint16_t)hash);
		n++;
	}
	return n ? ((uint32_t)sum << 16 | chain) | 1 : 0;
}

uint16_t regmon_compare_client_hash(const regmon_message_t *message)
{
	uint32_t hash = hash_of_list(&message->security_client);

	return (uint16_t)(hash >> 16 ^ hash);
}

uint32_t regmon_compare_verify_list(const regmon_message_t *message)
{
	return hash_of_list(&message->security_verify);
}

static const regmon_security_t *first_ipsec(const regmon_security_list_t *list)
{
	int i;

	for(i = 0; i < list->kept; i++) {
		if(list->list[i].ipsec_3gpp && !list->list[i].mediasec)
			return &list->list[i];
	}
	return NULL;
}

static uint32_t hash_of_spis(int64_t spi_c, int64_t spi_s)
{
	return (uint32_t)mix(mix(1, (uint64_t)spi_c), (uint64_t)spi_s) | 1;
}

static unsigned count_values(
		const regmon_message_t *message, regmon_header_t header)
{
	const regmon_line_t *line;
	unsigned n = 0;
	int position;
	str value;

	for(line = regmon_message_line(message, header); line;
			line = regmon_message_next_line(message, line))
		for(position = 0;
				regmon_text_next_element(line->value, &position, &value);)
			n++;
	return n;
}

/* Values of all lines of a header; those in front of skip are counted, the others are part of the hash. */
static uint16_t hash_of_values(const regmon_message_t *message,
		regmon_header_t header, unsigned skip, unsigned *ret_n)
{
	const regmon_line_t *line;
	uint64_t hash = 1;
	int position;
	str value;

	*ret_n = 0;
	for(line = regmon_message_line(message, header); line;
			line = regmon_message_next_line(message, line)) {
		position = 0;
		while(regmon_text_next_element(line->value, &position, &value)) {
			if(++*ret_n > skip)
				hash = mix(hash, regmon_quick_hash(value));
		}
	}
	return (uint16_t)hash;
}

/* the hosts of Service-Route; users and parameters in it may be of one registration only */
static uint16_t read_route(const regmon_message_t *message)
{
	const regmon_line_t *line;
	const char *open;
	uint64_t hash = 1;
	regmon_uri_t uri;
	int position;
	str value;

	for(line = regmon_message_line(message, REGMON_HEADER_SERVICE_ROUTE); line;
			line = regmon_message_next_line(message, line)) {
		position = 0;
		while(regmon_text_next_element(line->value, &position, &value)) {
			open = memchr(value.s, '<', value.len);
			if(open == NULL)
				continue;
			value.len -= (int)(open + 1 - value.s);
			value.s = (char *)open + 1;
			open = memchr(value.s, '>', value.len);
			if(open)
				value.len = (int)(open - value.s);
			regmon_uri_read(value, &uri);
			hash = mix_nocase(hash, uri.host);
		}
	}
	return hash == 1 ? 0 : (uint16_t)(hash | 1);
}

/* An S-CSCF tells all phones the same routes, so a process keeps what it read of the last few texts. */
#define KNOWN_ROUTES 16

static uint16_t hash_of_route(
		const regmon_message_t *message, const regmon_outline_secret_t *secret)
{
	static struct
	{
		uint64_t text;
		uint16_t route;
	} known[KNOWN_ROUTES], *place;
	const regmon_line_t *line =
			regmon_message_line(message, REGMON_HEADER_SERVICE_ROUTE);
	uint64_t text = secret->words[0];

	if(line == NULL)
		return 0;
	for(; line; line = regmon_message_next_line(message, line))
		text = regmon_text_hash(text, line->value.s, line->value.len, secret);
	place = &known[text % KNOWN_ROUTES];
	if(place->text != text) {
		place->route = read_route(message);
		place->text = text;
	}
	return place->route;
}

void regmon_compare_read_accepted(const regmon_message_t *answer,
		const regmon_outline_secret_t *secret,
		regmon_transaction_t *transaction)
{
	transaction->route = hash_of_route(answer, secret);
	transaction->associated_n = (uint16_t)count_values(
			answer, REGMON_HEADER_P_ASSOCIATED_URI);
}

#define MANY 15 /* most that the record counts */

static uint8_t few(unsigned n)
{
	return n > MANY ? MANY : (uint8_t)n;
}

static void keep_offer(regmon_registration_t *registration,
		const regmon_security_list_t *client)
{
	int i;

	registration->offered_algs = registration->offered_ealgs = 0;
	for(i = 0; i < client->kept; i++) {
		uint8_t ealg = client->list[i].ealg_word;

		if(!client->list[i].ipsec_3gpp || client->list[i].mediasec)
			continue;
		registration->offered_algs |= 1u << client->list[i].alg_word;
		registration->offered_ealgs |=
				1u << (ealg == REGMON_WORD_ABSENT ? REGMON_WORD_NULL : ealg);
	}
}

void regmon_compare_keep_request(regmon_registration_t *registration,
		const regmon_message_t *message, uint16_t client_hash)
{
	unsigned path_n = 0;

	registration->said.client_hash = client_hash;
	if(!regmon_repeats(message, SECURITY_CLIENT))
		keep_offer(registration, &message->security_client);
	if(regmon_repeats(message, CONTACT))
		return; /* neither Supported nor Path has changed */
	registration->asked_options = message->supported;
	registration->path_hash = 0;
	if(message->count[REGMON_HEADER_PATH])
		registration->path_hash = hash_of_values(
				message, REGMON_HEADER_PATH, 0, &path_n);
	registration->path_n = few(path_n);
}

/* the option tags that a 420 or 421 is about */
static uint8_t named_options(const regmon_message_t *answer)
{
	uint8_t options = 0;

	if(answer->code == 421)
		return answer->required;
	if(answer->code != 420)
		return 0;
	if(regmon_message_lists(
			   answer, REGMON_HEADER_UNSUPPORTED, REGMON_TEXT("path")))
		options |= REGMON_OPTION_PATH;
	if(regmon_message_lists(
			   answer, REGMON_HEADER_UNSUPPORTED, REGMON_TEXT("sec-agree")))
		options |= REGMON_OPTION_SEC_AGREE;
	if(regmon_message_lists(
			   answer, REGMON_HEADER_UNSUPPORTED, REGMON_TEXT("outbound")))
		options |= REGMON_OPTION_OUTBOUND;
	return options;
}

/* what the answer wants changed before the next REGISTER (RFC 3261 10.3, 8.2.2.3; RFC 3329 2.3.1) */
static void keep_demands(regmon_table_t *table,
		regmon_registration_t *registration, const regmon_message_t *answer)
{
	regmon_supplement_t *supplement = registration->supplement;
	int64_t retry_after = answer->retry_after > 0 ? answer->retry_after : 0;
	int32_t min_expires_s = answer->code == 423 && answer->min_expires > 0
											&& answer->min_expires <= INT32_MAX
									? (int32_t)answer->min_expires
									: 0;
	uint8_t options = named_options(answer);

	if(retry_after || min_expires_s || options)
		supplement = regmon_supplement_need_locked(table, registration);
	if(supplement == NULL)
		return;
	supplement->retry_after_s =
			retry_after > UINT16_MAX ? UINT16_MAX : (uint16_t)retry_after;
	supplement->min_expires_s = min_expires_s;
	supplement->named_options = options;
}

void regmon_compare_keep_answer(regmon_table_t *table,
		regmon_registration_t *registration,
		const regmon_observation_t *observation)
{
	const regmon_message_t *message = observation->message;
	const regmon_attempt_t *attempt = &registration->attempt;

	if(message->code == 401 || message->code == 407) {
		registration->server_issued = hash_of_list(&message->security_server);
		return;
	}
	if(message->code >= 300) {
		keep_demands(table, registration, message);
		return;
	}
	if(registration->supplement)
		registration->supplement->retry_after_s = 0;
	if(attempt->kind == REGMON_ATTEMPT_DEREGISTER
			|| attempt->kind == REGMON_ATTEMPT_QUERY)
		return;
	if(attempt->challenges) {
		/* what the last challenge agreed on is in use from now on */
		registration->server_accepted = registration->server_issued;
		registration->spis_in_use =
				registration->client.given
								&& attempt->challenge_had_security_server
						? hash_of_spis(registration->client.spi_c,
								  registration->client.spi_s)
						: 0;
		registration->port_s_in_use = registration->client.port_s;
	}
	if(observation->transaction.route)
		registration->route_hash = observation->transaction.route;
	if(message->count[REGMON_HEADER_P_ASSOCIATED_URI])
		registration->associated_n =
				few(observation->transaction.associated_n);
}

static regmon_verify_t compare_verify(uint32_t verify, uint32_t server)
{
	if(verify == 0)
		return REGMON_VERIFY_UNKNOWN;
	if(verify == server)
		return REGMON_VERIFY_SAME;
	return verify >> 16 == server >> 16 ? REGMON_VERIFY_ORDER
										: REGMON_VERIFY_DIFFERS;
}

/* What an offer has in common with the one before and with the association in use. */
static void compare_offer(const regmon_registration_t *registration,
		int64_t spi_c, int64_t spi_s, int64_t port_s, regmon_history_t *history)
{
	history->spis_as_before = registration->client.given
							  && spi_c == registration->client.spi_c
							  && spi_s == registration->client.spi_s;
	history->spis_in_use =
			registration->spis_in_use != 0
			&& hash_of_spis(spi_c, spi_s) == registration->spis_in_use;
	history->port_s_changed = registration->port_s_in_use != 0
							  && port_s != registration->port_s_in_use;
}

void regmon_compare_request(const regmon_registration_t *registration,
		const regmon_message_t *message, uint16_t client_hash,
		uint32_t verify_list, int64_t now_ms, regmon_history_t *history)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	const regmon_agreement_t *before = &registration->client;
	const regmon_security_t *offer;
	uint32_t server = attempt->challenge_open ? registration->server_issued
											  : registration->server_accepted;

	if(verify_list && server)
		history->verify = compare_verify(verify_list, server);
	if(regmon_repeats(message, SECURITY_CLIENT)) {
		compare_offer(registration, before->spi_c, before->spi_s,
				before->port_s, history);
	} else {
		offer = first_ipsec(&message->security_client);
		if(offer) {
			history->client_changed = registration->said.client_hash != 0
									  && registration->said.client_hash
												 != client_hash;
			compare_offer(registration, offer->spi_c, offer->spi_s,
					offer->port_s, history);
		}
	}
	history->failures_in_row = registration->failures_in_row;
	if(attempt->ended_ms && attempt->result == REGMON_RESULT_REFUSED) {
		history->since_failure_ms = now_ms - attempt->ended_ms;
		history->retry_after_left_ms = 1000LL
											   * regmon_supplement_of(registration)
														 ->retry_after_s
									   - history->since_failure_ms;
		if(history->retry_after_left_ms < 0)
			history->retry_after_left_ms = 0;
	}
}

static regmon_purpose_t purpose_of(regmon_attempt_kind_t kind)
{
	switch(kind) {
		case REGMON_ATTEMPT_DEREGISTER:
			return REGMON_PURPOSE_DEREGISTRATION;
		case REGMON_ATTEMPT_QUERY:
			return REGMON_PURPOSE_QUERY;
		case REGMON_ATTEMPT_THIRD_PARTY:
			return REGMON_PURPOSE_THIRD_PARTY;
		default:
			return REGMON_PURPOSE_REGISTRATION;
	}
}

/* Proxies on the way put their own values in front (RFC 3327 5.2). */
static bool is_path_lost(const regmon_registration_t *registration,
		const regmon_message_t *answer)
{
	unsigned n;

	if(registration->path_n == 0 || registration->path_n == MANY)
		return false;
	n = count_values(answer, REGMON_HEADER_PATH);
	return n < registration->path_n
		   || hash_of_values(answer, REGMON_HEADER_PATH,
					  n - registration->path_n, &n)
					  != registration->path_hash;
}

static void compare_challenge(const regmon_registration_t *registration,
		const regmon_observation_t *observation, regmon_history_t *history)
{
	const regmon_security_t *offer =
			first_ipsec(&observation->message->security_server);
	uint64_t nonce = observation->transaction.nonce;

	history->nonce_repeated = nonce && nonce == registration->nonce_issued;
	history->server_spis_in_use =
			offer != NULL && registration->attempt.challenges == 0
			&& registration->server_accepted
			&& registration->server_accepted == registration->server_issued
			&& offer->spi_c == registration->server.spi_c
			&& offer->spi_s == registration->server.spi_s;
}

void regmon_compare_answer(const regmon_registration_t *registration,
		const regmon_observation_t *observation,
		const regmon_contact_t *own, regmon_history_t *ret_history)
{
	const regmon_attempt_t *attempt = &registration->attempt;
	const regmon_message_t *answer = observation->message;
	uint16_t route = observation->transaction.route;

	regmon_clear(ret_history, sizeof(*ret_history));
	ret_history->known = true;
	ret_history->registered = regmon_registration_is_bound(registration);
	ret_history->last_cseq = ret_history->last_reg_id = REGMON_NUMBER_ABSENT;
	ret_history->since_challenge_ms = ret_history->since_failure_ms = -1;
	ret_history->purpose = purpose_of(attempt->kind);
	if(!((registration->cut_strings >> REGMON_STRING_IMPU) & 1))
		ret_history->impu = regmon_registration_string(
				registration, REGMON_STRING_IMPU);
	ret_history->ims = registration->ims;
	ret_history->requested_s = registration->requested_s;
	ret_history->asked_options = registration->asked_options;
	ret_history->asked_reg_id =
			registration->last_reg_id != REGMON_NUMBER_ABSENT;
	ret_history->asked_instance =
			regmon_registration_string(registration, REGMON_STRING_INSTANCE)
					.len
			> 0;
	ret_history->offered_algs = registration->offered_algs;
	ret_history->offered_ealgs = registration->offered_ealgs;
	ret_history->answered_s = REGMON_NUMBER_ABSENT;
	if(answer->code == 401) {
		compare_challenge(registration, observation, ret_history);
		return;
	}
	if(answer->code >= 300
			|| observation->what != REGMON_HAPPENING_ANSWER_OUT)
		return;
	if(own)
		ret_history->answered_s =
				own->expires >= 0 ? own->expires : answer->expires;
	ret_history->path_lost = is_path_lost(registration, answer);
	ret_history->route_changed = route && registration->route_hash
								 && route != registration->route_hash;
	ret_history->last_associated_n = registration->associated_n;
	ret_history->associated_n = observation->transaction.associated_n;
}
