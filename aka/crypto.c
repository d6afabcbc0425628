/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenSSL behind a few calls. */
#include "aka/crypto.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static EVP_CIPHER_CTX *cipher;
static EVP_MD_CTX *digest;

static bool done(bool well)
{
	if(!well)
		ERR_clear_error();
	return well;
}

/* The algorithm is looked up once: that costs more than a block. */
static bool make_cipher(void)
{
	EVP_CIPHER_CTX *made = EVP_CIPHER_CTX_new();

	if(made == NULL
			|| !EVP_EncryptInit_ex(made, EVP_aes_128_ecb(), NULL, NULL, NULL)) {
		EVP_CIPHER_CTX_free(made);
		return false;
	}
	cipher = made;
	return true;
}

bool regmon_crypto_key(const uint8_t key[16])
{
	return done((cipher || make_cipher())
				&& EVP_EncryptInit_ex(cipher, NULL, NULL, key, NULL));
}

bool regmon_crypto_block(const uint8_t block[16], uint8_t ret_block[16])
{
	int length = 0;

	return done(EVP_EncryptUpdate(cipher, ret_block, &length, block, 16)
				&& length == 16);
}

static const EVP_MD *function_of(regmon_hash_t hash)
{
	return hash == REGMON_HASH_MD5 ? EVP_md5() : EVP_sha256();
}

static bool hash_parts(regmon_hash_t hash, const str *parts, unsigned parts_n,
		uint8_t *ret_octets, unsigned *ret_length)
{
	unsigned i;

	if(digest == NULL)
		digest = EVP_MD_CTX_new();
	if(digest == NULL || !EVP_DigestInit_ex(digest, function_of(hash), NULL))
		return false;
	for(i = 0; i < parts_n; i++) {
		if((i > 0 && !EVP_DigestUpdate(digest, ":", 1))
				|| (parts[i].len > 0
						&& !EVP_DigestUpdate(
								digest, parts[i].s, (size_t)parts[i].len)))
			return false;
	}
	return EVP_DigestFinal_ex(digest, ret_octets, ret_length);
}

int regmon_crypto_hash(regmon_hash_t hash, const str *parts, unsigned parts_n,
		char ret_text[REGMON_HASH_MOST_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t octets[EVP_MAX_MD_SIZE];
	unsigned length, i;

	if(!done(hash_parts(hash, parts, parts_n, octets, &length)))
		return 0;
	for(i = 0; i < length; i++) {
		ret_text[2 * i] = digits[octets[i] >> 4];
		ret_text[2 * i + 1] = digits[octets[i] & 15];
	}
	return (int)(2 * length);
}

int regmon_crypto_hmac(regmon_hash_t hash, const uint8_t *key, int key_bytes,
		str text, char ret_text[REGMON_HMAC_MOST_TEXT + 1])
{
	uint8_t octets[EVP_MAX_MD_SIZE];
	unsigned length;

	if(!done(HMAC(function_of(hash), key, key_bytes, (const uint8_t *)text.s,
					 (size_t)text.len, octets, &length)
			   != NULL))
		return 0;
	return EVP_EncodeBlock((uint8_t *)ret_text, octets, (int)length);
}

void regmon_crypto_wipe(void *memory, size_t bytes)
{
	OPENSSL_cleanse(memory, bytes);
}

void regmon_crypto_close(void)
{
	EVP_CIPHER_CTX_free(cipher);
	EVP_MD_CTX_free(digest);
	cipher = NULL;
	digest = NULL;
}
