/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lab phones by IMPI and by Call-ID, and the way of a message through them. */
#include "aka/book.h"

#define NOBODY UINT32_MAX

typedef struct phone
{
	char impi[REGMON_AKA_MOST_IMPI];
	uint8_t impi_bytes;
	regmon_aka_key_t key;
	unsigned line; /* of the file */
	uint32_t next_of_impi;
	/* from here on under the guard; hashes are of texts, 0: none */
	uint32_t next_of_call;
	uint64_t call; /* Call-ID of its last REGISTER */
	bool any_sqn;
	uint64_t
			last_sqn; /* the highest of the network's vectors, or what the card named since */
	/* the last challenge */
	uint64_t challenge_call, nonce;
	int64_t challenge_cseq;
	regmon_digest_algorithm_t algorithm;
	regmon_aka_verdict_t verdict;
	/* the last right response */
	uint64_t answered_call;
	int64_t answered_cseq;
	regmon_rspauth_t rspauth;
} phone_t;

struct regmon_aka_book
{
	regmon_aka_guard_t guard;
	unsigned phones_n, most_phones;
	unsigned buckets_n; /* of each index, a power of two */
	uint32_t *by_impi, *by_call;
	phone_t phones[];
};

/* FNV-1a; never 0 */
static uint64_t hash_of(str text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	int i;

	for(i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.s[i]) * UINT64_C(0x100000001b3);
	return hash ? hash : 1;
}

static unsigned buckets_for(unsigned most_phones)
{
	unsigned n = 16;

	while(n < most_phones)
		n *= 2;
	return n;
}

size_t regmon_aka_book_bytes(unsigned most_phones)
{
	return sizeof(regmon_aka_book_t) + most_phones * sizeof(phone_t)
		   + 2 * buckets_for(most_phones) * sizeof(uint32_t);
}

regmon_aka_book_t *regmon_aka_book_start(
		void *block, unsigned most_phones, const regmon_aka_guard_t *guard)
{
	regmon_aka_book_t *book = block;

	book->guard = *guard;
	book->most_phones = most_phones;
	book->buckets_n = buckets_for(most_phones);
	book->by_impi = (uint32_t *)&book->phones[most_phones];
	book->by_call = book->by_impi + book->buckets_n;
	memset(book->by_impi, 0xff, 2 * book->buckets_n * sizeof(uint32_t));
	return book;
}

static unsigned bucket_of(const regmon_aka_book_t *book, uint64_t hash)
{
	return (unsigned)(hash ^ hash >> 32) & (book->buckets_n - 1);
}

static phone_t *find(regmon_aka_book_t *book, str impi)
{
	uint32_t i = book->by_impi[bucket_of(book, hash_of(impi))];

	for(; i != NOBODY; i = book->phones[i].next_of_impi)
		if(regmon_text_is(impi,
				   (str){book->phones[i].impi, book->phones[i].impi_bytes}))
			return &book->phones[i];
	return NULL;
}

/* ---- the file ---- */

int regmon_aka_book_count(regmon_aka_reader_t *reader)
{
	regmon_aka_line_t line = {0};
	int n = 0, result;

	while((result = regmon_aka_reader_next(reader, &line)) > 0
			&& n < REGMON_AKA_MOST_PHONES)
		n++;
	regmon_crypto_wipe(&line, sizeof(line));
	if(result > 0)
		regmon_aka_reader_complain(
				reader, "more than %d phones", REGMON_AKA_MOST_PHONES);
	return result ? -1 : n;
}

static int add(regmon_aka_book_t *book, regmon_aka_reader_t *reader,
		const regmon_aka_line_t *line)
{
	uint32_t *bucket = &book->by_impi[bucket_of(book, hash_of(line->impi))];
	phone_t *phone = find(book, line->impi);

	if(phone)
		return regmon_aka_reader_complain(reader,
				"the same IMPI has keys in line %u already", phone->line);
	if(book->phones_n == book->most_phones)
		return regmon_aka_reader_complain(
				reader, "no room for more than %u phones", book->most_phones);
	phone = &book->phones[book->phones_n];
	memcpy(phone->impi, line->impi.s, line->impi.len);
	phone->impi_bytes = (uint8_t)line->impi.len;
	phone->key = line->key;
	phone->line = line->number;
	phone->next_of_call = NOBODY;
	phone->next_of_impi = *bucket;
	*bucket = book->phones_n++;
	return 0;
}

int regmon_aka_book_read(regmon_aka_book_t *book, regmon_aka_reader_t *reader)
{
	regmon_aka_line_t line = {0};
	int result;

	while((result = regmon_aka_reader_next(reader, &line)) > 0
			&& (result = add(book, reader, &line)) == 0)
		;
	regmon_crypto_wipe(&line, sizeof(line));
	return result;
}

void regmon_aka_book_wipe(regmon_aka_book_t *book)
{
	regmon_crypto_wipe(book->phones, book->most_phones * sizeof(phone_t));
}

/* ---- messages ---- */

static void guard(const regmon_aka_book_t *book)
{
	book->guard.get(book->guard.context);
}

static void release(const regmon_aka_book_t *book)
{
	book->guard.put(book->guard.context);
}

/* The answer to this REGISTER will be looked for under its Call-ID. */
static void follow_call(regmon_aka_book_t *book, phone_t *phone, uint64_t call)
{
	uint32_t self = (uint32_t)(phone - book->phones), *at;

	if(phone->call == call)
		return;
	if(phone->call) {
		at = &book->by_call[bucket_of(book, phone->call)];
		while(*at != self)
			at = &book->phones[*at].next_of_call;
		*at = phone->next_of_call;
	}
	at = &book->by_call[bucket_of(book, call)];
	phone->next_of_call = *at;
	phone->call = call;
	*at = self;
}

static phone_t *find_call(regmon_aka_book_t *book, uint64_t call)
{
	uint32_t i = book->by_call[bucket_of(book, call)];

	while(i != NOBODY && book->phones[i].call != call)
		i = book->phones[i].next_of_call;
	return i == NOBODY ? NULL : &book->phones[i];
}

static void keep_answer(phone_t *phone, const regmon_message_t *message,
		const regmon_aka_verdict_t *verdict, const regmon_rspauth_t *rspauth)
{
	if(verdict->sqn_ms_known) {
		/* the network goes on from there, which may be below what it had */
		phone->last_sqn = verdict->sqn_ms;
		phone->any_sqn = true;
	}
	phone->answered_call = hash_of(message->call_id);
	phone->answered_cseq = message->cseq.number;
	phone->rspauth = *rspauth;
}

int regmon_aka_observe_request(regmon_aka_book_t *book,
		const regmon_message_t *message, const regmon_class_t *class,
		regmon_aka_verdict_t *ret_verdict)
{
	phone_t *phone = find(book, regmon_message_impi(message));
	regmon_aka_answer_t answer = {
			.message = message, .credentials = class->credentials};
	uint64_t call, nonce;
	regmon_rspauth_t rspauth;

	memset(ret_verdict, 0, sizeof(*ret_verdict));
	if(phone == NULL)
		return 0;
	call = hash_of(message->call_id);
	nonce = hash_of(REGMON_DIGEST_TEXT(&message->authorization, NONCE));
	guard(book);
	follow_call(book, phone, call);
	if(phone->nonce == nonce)
		answer.challenged = phone->algorithm;
	release(book);
	if(class->credentials == REGMON_CREDENTIALS_NONE)
		return 0;
	if(!regmon_aka_judge_answer(&phone->key, &answer, ret_verdict, &rspauth))
		return -1;
	guard(book);
	keep_answer(phone, message, ret_verdict, &rspauth);
	release(book);
	return ret_verdict->kind != REGMON_AKA_NONE;
}

/* The same challenge on its way through this node, or sent again: its own SQN must not make it stale. */
static bool is_same_challenge(
		const phone_t *phone, uint64_t call, int64_t cseq, uint64_t nonce)
{
	return phone->challenge_call == call && phone->challenge_cseq == cseq
		   && phone->nonce == nonce;
}

static void keep_challenge(phone_t *phone, const regmon_message_t *answer,
		uint64_t call, uint64_t nonce, regmon_aka_verdict_t *verdict)
{
	if(verdict->kind == REGMON_AKA_CHALLENGE_RIGHT) {
		if(phone->any_sqn && verdict->sqn_he <= phone->last_sqn)
			verdict->kind = REGMON_AKA_STALE_VECTOR;
		else
			phone->last_sqn = verdict->sqn_he;
		phone->any_sqn = true;
	}
	phone->challenge_call = call;
	phone->challenge_cseq = answer->cseq.number;
	phone->nonce = nonce;
	phone->algorithm = answer->challenge.algorithm;
	phone->verdict = *verdict;
}

static int observe_challenge(regmon_aka_book_t *book,
		const regmon_message_t *answer, regmon_aka_verdict_t *verdict)
{
	uint64_t call = hash_of(answer->call_id);
	uint64_t nonce = hash_of(REGMON_DIGEST_TEXT(&answer->challenge, NONCE));
	phone_t *phone;
	bool is_known;

	guard(book);
	phone = find_call(book, call);
	is_known = phone != NULL
			   && is_same_challenge(phone, call, answer->cseq.number, nonce);
	if(is_known)
		*verdict = phone->verdict;
	release(book);
	if(phone == NULL || is_known)
		return verdict->kind != REGMON_AKA_NONE;
	if(!regmon_aka_judge_challenge(&phone->key, &answer->challenge, verdict))
		return -1;
	guard(book);
	keep_challenge(phone, answer, call, nonce, verdict);
	release(book);
	return verdict->kind != REGMON_AKA_NONE;
}

/* rspauth of Authentication-Info; empty where there is none */
static str rspauth_of(const regmon_message_t *answer)
{
	str list = regmon_message_value(answer, REGMON_HEADER_AUTHENTICATION_INFO);
	str name, value;
	bool quoted;
	int position = 0;

	while(regmon_text_next_parameter(list, ',', &position, &name, &value))
		if(regmon_text_is_nocase(name, REGMON_TEXT("rspauth")))
			return regmon_text_unquote(value, &quoted);
	return (str){NULL, 0};
}

static int observe_acceptance(regmon_aka_book_t *book,
		const regmon_message_t *answer, regmon_aka_verdict_t *verdict)
{
	uint64_t call = hash_of(answer->call_id);
	str given = rspauth_of(answer);
	regmon_rspauth_t expected = {.length = 0};
	const phone_t *phone;

	if(given.len == 0)
		return 0;
	guard(book);
	phone = find_call(book, call);
	if(phone && phone->answered_call == call
			&& phone->answered_cseq == answer->cseq.number)
		expected = phone->rspauth;
	release(book);
	if(expected.length == 0)
		return 0;
	verdict->kind =
			regmon_text_is_nocase(given, (str){expected.text, expected.length})
					? REGMON_AKA_RSPAUTH_RIGHT
					: REGMON_AKA_RSPAUTH_WRONG;
	return 1;
}

int regmon_aka_observe_answer(regmon_aka_book_t *book,
		const regmon_message_t *message, regmon_aka_verdict_t *ret_verdict)
{
	memset(ret_verdict, 0, sizeof(*ret_verdict));
	if(message->code == 401)
		return observe_challenge(book, message, ret_verdict);
	if(message->code < 300)
		return observe_acceptance(book, message, ret_verdict);
	return 0;
}
