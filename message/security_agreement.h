/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security-Client, Security-Server, Security-Verify: RFC 3329 2.2, TS 33.203 Annex H. */
#ifndef REGMON_MESSAGE_SECURITY_AGREEMENT_H
#define REGMON_MESSAGE_SECURITY_AGREEMENT_H

#include "message/text.h"

/* What TS 33.203 Annex H and later releases know for alg, ealg, prot and mod. */
typedef enum regmon_security_word
{
	REGMON_WORD_ABSENT,
	REGMON_WORD_OTHER, /* none of these */
	REGMON_WORD_HMAC_MD5_96,
	REGMON_WORD_HMAC_SHA_1_96,
	REGMON_WORD_HMAC_SHA_256_128,
	REGMON_WORD_AES_GMAC,
	REGMON_WORD_AES_CBC,
	REGMON_WORD_AES_GCM,
	REGMON_WORD_DES_EDE3_CBC,
	REGMON_WORD_NULL,
	REGMON_WORD_ESP,
	REGMON_WORD_AH,
	REGMON_WORD_TRANS,
	REGMON_WORD_TUN,
	REGMON_WORD_UDP_ENC_TUN,
	REGMON_WORDS_N
} regmon_security_word_t;
/* as the header writes it ("hmac-sha-1-96"), "none" for an absent one, "another" for an unknown one */
const char *regmon_security_word_name(unsigned word);
/* of a set of bits 1 << word: "hmac-md5-96, hmac-sha-1-96" */
void regmon_security_words(unsigned set, char *buffer, int size);

typedef struct regmon_security
{
	str text; /* the whole value */
	str mechanism;
	str alg, ealg, prot, mod, q; /* s NULL: absent */
	int64_t spi_c, spi_s, port_c, port_s; /* REGMON_NUMBER_ABSENT, _BAD or value */
	str unknown; /* first parameter that is none of these */
	uint8_t alg_word, ealg_word, prot_word, mod_word; /* regmon_security_word_t */
	bool ipsec_3gpp;
	bool mediasec; /* media plane entry (TS 24.229 7.2A.7): not about SAs */
	bool broken;
} regmon_security_t;

#define REGMON_MAX_SECURITY 6

typedef struct regmon_security_list
{
	int n;	  /* values over all lines */
	int kept; /* of these in list[] */
	regmon_security_t list[REGMON_MAX_SECURITY];
} regmon_security_list_t;

/* Reads one header line and appends its values. There is text up to text_end, behind the value too: that makes it
 * quicker, what stands there means nothing. */
void regmon_security_read_within(
		str value, const char *text_end, regmon_security_list_t *list);
static inline void regmon_security_read(str value, regmon_security_list_t *list)
{
	regmon_security_read_within(value, value.s + value.len, list);
}

#endif
