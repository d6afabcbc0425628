/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Authorization, WWW-Authenticate and Authentication-Info of a lab phone, and what its keys say of them. Each line of the
 * input is one message of one registration: its first letter tells which header it carries (A, W, I), the rest is the
 * header's value. What nobody finds by chance is put in where the input asks for it: $N a right nonce, $R a right
 * response, $A a right auts, $S a right rspauth. */
#include "test/fuzz/view.h"
#include "test/unit/aka_vectors.h"

#include "aka/book.h"
#include "aka/digest.h"
#include "aka/nonce.h"
#include "message/base64.h"
#include "message/classify.h"

#define IMPI "001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
#define KEYS                                           \
	IMPI " k=465b5ce8b199b49faa5f0a2ee238a6bc "        \
		 "op=cdc202d5123e20f62b6d676ac72cb318 amf=b9b9\n" \
	"other@example.org k=0396eb317b6d1c36f19c1c84cd6ffd16 " \
	"opc=53c15671c60a4b731c55b4a441c0bde2 amf=af17\n"
#define MOST_MESSAGES 12
#define HOLE "0123456789abcdef0123456789abcdef"

static regmon_aka_key_t key;
static uint8_t opc[16];
static void *book_block;
static regmon_aka_book_t *book;
static bool guarded;

static void get_guard(void *context)
{
	demand(!guarded, "the guard is taken twice");
	guarded = true;
}

static void put_guard(void *context)
{
	demand(guarded, "the guard is put back and was not taken");
	guarded = false;
}

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	regmon_aka_reader_t reader;
	regmon_aka_line_t line;

	target_start();
	regmon_aka_reader_start(&reader, "keys", text_of(KEYS));
	demand(regmon_aka_reader_next(&reader, &line) == 1, "%s", reader.complaint);
	key = line.key;
	demand(regmon_milenage_opc(key.k, key.op, opc), "OpenSSL");
	book_block = malloc(regmon_aka_book_bytes(2));
	return 0;
}

static void start_book(void)
{
	const regmon_aka_guard_t guard = {get_guard, put_guard, NULL};
	regmon_aka_reader_t reader;

	memset(book_block, 0, regmon_aka_book_bytes(2));
	book = regmon_aka_book_start(book_block, 2, &guard);
	regmon_aka_reader_start(&reader, "keys", text_of(KEYS));
	demand(regmon_aka_book_read(book, &reader) == 0, "%s", reader.complaint);
}

/* ---- what is right ---- */

static void put_sqn(uint64_t sqn, const uint8_t hidden_by[6], uint8_t octets[6])
{
	int i;

	for(i = 0; i < 6; i++)
		octets[i] = (uint8_t)(sqn >> (40 - 8 * i)) ^ hidden_by[i];
}

typedef struct vector
{
	uint8_t rand[16];
	uint64_t sqn;
	regmon_milenage_t values;
	char nonce[45], auts[21];
	char response[REGMON_HASH_MOST_TEXT + 1], rspauth[REGMON_HASH_MOST_TEXT + 1];
} vector_t;

static void make_vector(vector_t *vector, unsigned number)
{
	static const uint8_t no_amf[2] = {0, 0};
	uint8_t octets[32], auts[14], mac_s[8];
	unsigned i;

	for(i = 0; i < 16; i++)
		vector->rand[i] = (uint8_t)(number * 7 + i);
	vector->sqn = 32 * (uint64_t)number;
	demand(regmon_milenage_f2345(key.k, opc, vector->rand, &vector->values),
			"OpenSSL");
	memcpy(octets, vector->rand, 16);
	put_sqn(vector->sqn, vector->values.ak, octets + 16);
	memcpy(octets + 22, key.amf, 2);
	demand(regmon_milenage_f1(key.k, opc, vector->rand, vector->sqn, key.amf,
				   octets + 24, mac_s),
			"OpenSSL");
	write_base64(octets, 32, vector->nonce);
	put_sqn(vector->sqn, vector->values.ak_star, auts);
	demand(regmon_milenage_f1(key.k, opc, vector->rand, vector->sqn, no_amf,
				   octets, auts + 6),
			"OpenSSL");
	write_base64(auts, 14, vector->auts);
}

/* ---- one message ---- */

/* base64 is what it says: written anew it is the same but for bits that nobody looks at */
static void check_base64(str text)
{
	uint8_t octets[3000];
	char again[4001];
	int n = regmon_base64_read(text, octets, sizeof(octets));

	if(n < 0 || n > (int)sizeof(octets))
		return;
	demand(text.len == (n + 2) / 3 * 4, "%d octets of %d characters", n,
			text.len);
	write_base64(octets, n, again);
	demand(text.len < 4
					|| memcmp(again, text.s, text.len - 4 + (n % 3 ? 1 : 4))
							   == 0,
			"%.*s is %s", text.len, text.s, again);
}

static void check_digest(const regmon_digest_t *digest)
{
	regmon_vector_t vector;
	regmon_auts_t auts;
	int server_octets = -7, octets;
	regmon_nonce_kind_t kind = regmon_nonce_kind(
			REGMON_DIGEST_TEXT(digest, NONCE), &server_octets);

	demand((kind == REGMON_NONCE_VECTOR)
					== regmon_nonce_read(
							REGMON_DIGEST_TEXT(digest, NONCE), &vector),
			"a nonce that is a vector and none");
	octets = regmon_auts_read(REGMON_DIGEST_TEXT(digest, AUTS), &auts);
	demand(octets >= -1, "%d octets", octets);
	check_base64(REGMON_DIGEST_TEXT(digest, NONCE));
	check_base64(REGMON_DIGEST_TEXT(digest, AUTS));
}

static int put_in(char *text, int size, str value, const vector_t *vector)
{
	int i, used = 0;

	for(i = 0; i < value.len && used < size - 100; i++) {
		const char *right = NULL;

		if(value.s[i] == '$' && i + 1 < value.len)
			switch(value.s[i + 1]) {
				case 'N':
					right = vector->nonce;
					break;
				case 'A':
					right = vector->auts;
					break;
				case 'R':
					right = HOLE;
					break;
				case 'S':
					right = vector->rspauth;
					break;
			}
		if(right) {
			used += snprintf(text + used, size - used, "%s", right);
			i++;
		} else {
			text[used++] = value.s[i];
		}
	}
	return used;
}

/* The response stands where the hole was left; the server's is known with it. */
static void put_response(regmon_message_t *message, vector_t *vector)
{
	const regmon_digest_t *credentials = &message->authorization;
	regmon_digest_algorithm_t algorithm = credentials->algorithm;
	str hole = REGMON_DIGEST_TEXT(credentials, RESPONSE), password;
	char buffer[REGMON_PASSWORD_BYTES], right[REGMON_HASH_MOST_TEXT + 1];
	int length;

	if(!regmon_text_is(hole, REGMON_TEXT(HOLE)))
		return;
	if(!regmon_algorithm_is_aka(algorithm))
		algorithm = REGMON_ALGORITHM_AKAV1_MD5;
	password = regmon_aka_password(algorithm, &vector->values, buffer);
	length = regmon_digest_response(regmon_digest_hash(algorithm), credentials,
			(str){NULL, 0}, (str){NULL, 0}, password, vector->rspauth);
	vector->rspauth[length] = '\0';
	length = regmon_digest_response(regmon_digest_hash(algorithm), credentials,
			message->method, message->body, password, right);
	/* of SHA-256 only half has room, which is a wrong response */
	memcpy(hole.s, right, length < hole.len ? length : hole.len);
}

static void observe(str line, unsigned cseq, vector_t *vector)
{
	static char text[9000];
	static regmon_message_t message;
	const char *start = line.s[0] == 'W'   ? "SIP/2.0 401 Unauthorized"
						: line.s[0] == 'I' ? "SIP/2.0 200 OK"
										   : "REGISTER sip:ims.example.org SIP/2.0";
	const char *header = line.s[0] == 'W'	? "WWW-Authenticate"
						 : line.s[0] == 'I' ? "Authentication-Info"
											: "Authorization";
	regmon_aka_verdict_t verdict;
	regmon_class_t class;
	int said, n = snprintf(text, sizeof(text),
			"%s\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK%u\r\n"
			"From: <sip:" IMPI ">;tag=a\r\nTo: <sip:" IMPI ">\r\n"
			"Call-ID: c\r\nCSeq: %u REGISTER\r\n%s: ",
			start, cseq / 2, cseq / 2, header);

	n += put_in(text + n, (int)sizeof(text) - n - 10,
			regmon_text_from(line, 1), vector);
	n += snprintf(text + n, sizeof(text) - n, "\r\n\r\n");
	regmon_message_read(text, n, &message);
	if(!message.is_answer) {
		put_response(&message, vector);
		regmon_message_read(text, n, &message);
	}
	view_message(&message);
	check_digest(&message.authorization);
	check_digest(&message.challenge);
	if(message.is_answer) {
		said = regmon_aka_observe_answer(book, &message, &verdict);
	} else {
		regmon_classify(&message, NULL, REGMON_ROLE_AUTO, &class);
		said = regmon_aka_observe_request(book, &message, &class, &verdict);
	}
	demand(!guarded, "the guard is still held");
	demand(said >= 0, "OpenSSL refused");
	demand(verdict.kind < REGMON_AKA_VERDICTS_N
					&& (said == 1) == (verdict.kind != REGMON_AKA_NONE),
			"verdict %d, said %d", verdict.kind, said);
	demand(regmon_aka_verdict_name(verdict.kind)[0] != '?', "no name");
	demand(line.s[0] != 'W' || said == 0
					|| !regmon_text_is(
							REGMON_DIGEST_TEXT(&message.challenge, NONCE),
							text_of(vector->nonce))
					|| verdict.kind != REGMON_AKA_KEY_MISMATCH,
			"a right AUTN is called wrong");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str rest = target_text(data, size), line;
	vector_t vector = {.sqn = 0};
	unsigned cseq;

	start_book();
	for(cseq = 2; cseq < 2 + 2 * MOST_MESSAGES && target_line(&rest, &line);
			cseq++) {
		if(line.len == 0 || line.len > 6000)
			continue;
		/* each challenge has a vector of its own */
		if(line.s[0] == 'W' || cseq == 2)
			make_vector(&vector, cseq);
		observe(line, cseq, &vector);
	}
	regmon_aka_book_wipe(book);
	return 0;
}
