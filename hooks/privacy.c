/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What modparam gave about privacy, and the key of pseudonyms made of it. */
#include "core/dprint.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <strings.h>

#include "hooks/hooks.h"
#include "registration/identity.h"

char *regmon_parameter_privacy = "clear";
char *regmon_parameter_privacy_key = NULL;

#define LEAST_KEY 16 /* characters */
#define MOST_KEY 256
/* The same on every node, or one phone would have two pseudonyms. Each guess at a weak key costs an attacker, who knows
 * an identity and its pseudonym, so many rounds; the start of Kamailio some 50 ms. */
#define SALT "ims_regmon privacy 1"
#define ROUNDS 100000

static bool wanted;

int regmon_privacy_check(void)
{
	const char *key = regmon_parameter_privacy_key;
	size_t length = key ? strlen(key) : 0;

	wanted = strcasecmp(regmon_parameter_privacy, "pseudonym") == 0;
	if(!wanted && strcasecmp(regmon_parameter_privacy, "clear") != 0) {
		LM_ERR("modparam privacy \"%s\": expected clear or pseudonym\n",
				regmon_parameter_privacy);
		return -1;
	}
	if(!wanted || (length >= LEAST_KEY && length <= MOST_KEY))
		return 0;
	LM_ERR("modparam privacy_key: %s; privacy \"pseudonym\" wants a secret of"
		   " %d to %d characters, which 'openssl rand -hex 32' makes\n",
			length == 0 ? "none is given"
			: length < LEAST_KEY
					? "it is too short"
					: "it is too long",
			LEAST_KEY, MOST_KEY);
	return -1;
}

int regmon_privacy_start(void)
{
	uint8_t key[REGMON_PSEUDONYM_KEY_BYTES];
	int made;

	if(!wanted)
		return 0;
	made = PKCS5_PBKDF2_HMAC(regmon_parameter_privacy_key,
			(int)strlen(regmon_parameter_privacy_key),
			(const unsigned char *)SALT, sizeof(SALT) - 1, ROUNDS,
			EVP_sha256(), sizeof(key), key);
	if(made != 1) {
		LM_ERR("OpenSSL refused to make a key of privacy_key (PBKDF2 with"
			   " SHA-256)\n");
		return -1;
	}
	regmon_identities_hide(key);
	OPENSSL_cleanse(key, sizeof(key));
	return 0;
}
