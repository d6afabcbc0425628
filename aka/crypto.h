/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AES, MD5, SHA-256 and HMAC as this folder needs them: the only door to OpenSSL. Its contexts belong to the process
 * and are made at the first use, which is when a message of a lab phone comes: long after Kamailio has forked. What
 * fails leaves no error in OpenSSL's queue, where the TLS of this process would take it for its own. */
#ifndef REGMON_AKA_CRYPTO_H
#define REGMON_AKA_CRYPTO_H

#include "message/text.h"

/* AES-128 of single blocks: first the key, then any number of blocks. False: OpenSSL refused. */
bool regmon_crypto_key(const uint8_t key[16]);
bool regmon_crypto_block(const uint8_t block[16], uint8_t ret_block[16]);

typedef enum regmon_hash
{
	REGMON_HASH_MD5,
	REGMON_HASH_SHA_256
} regmon_hash_t;
#define REGMON_HASH_MOST_OCTETS 32
#define REGMON_HASH_MOST_TEXT (2 * REGMON_HASH_MOST_OCTETS)

/* H(parts joined by ':') as text in small hexadecimal digits, which is how a digest uses it everywhere. Returns its
 * length, 0: OpenSSL refused. */
int regmon_crypto_hash(regmon_hash_t hash, const str *parts, unsigned parts_n,
		char ret_text[REGMON_HASH_MOST_TEXT]);

/* base64 of HMAC. Returns its length, 0: OpenSSL refused. */
#define REGMON_HMAC_MOST_TEXT 44
int regmon_crypto_hmac(regmon_hash_t hash, const uint8_t *key, int key_bytes,
		str text, char ret_text[REGMON_HMAC_MOST_TEXT + 1]);

/* Overwrites what must not stay in memory. */
void regmon_crypto_wipe(void *memory, size_t bytes);

/* Gives this process's contexts back. */
void regmon_crypto_close(void);

#endif
