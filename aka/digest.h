/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The digest of RFC 2617 and RFC 7616 with the passwords that AKA makes of RES: RFC 3310 3.3, RFC 4169 2. */
#ifndef REGMON_AKA_DIGEST_H
#define REGMON_AKA_DIGEST_H

#include "aka/crypto.h"
#include "aka/milenage.h"
#include "message/authorization.h"

regmon_hash_t regmon_digest_hash(regmon_digest_algorithm_t algorithm);

/* All lengths are of hexadecimal text; 0: OpenSSL refused. */

/* H(username:realm:password); the password may hold any octet */
int regmon_digest_ha1(regmon_hash_t hash, const regmon_digest_t *credentials,
		str password, char ret_text[REGMON_HASH_MOST_TEXT]);
/* H(method:uri), with qop=auth-int H(method:uri:H(body)). An empty method is that of rspauth. */
int regmon_digest_ha2(regmon_hash_t hash, const regmon_digest_t *credentials,
		str method, str body, char ret_text[REGMON_HASH_MOST_TEXT]);
/* The response, or with an empty method the server's rspauth (RFC 2617 3.2.3). With nc, cnonce and qop where the
 * credentials have a qop. */
int regmon_digest_response(regmon_hash_t hash,
		const regmon_digest_t *credentials, str method, str body, str password,
		char ret_text[REGMON_HASH_MOST_TEXT]);

/* The password that an AKA algorithm makes of RES, IK and CK: version 1 takes the octets of RES as they are, version 2
 * base64 of an HMAC. In buffer; empty: OpenSSL refused. */
#define REGMON_PASSWORD_BYTES (REGMON_HMAC_MOST_TEXT + 1)
str regmon_aka_password(regmon_digest_algorithm_t algorithm,
		const regmon_milenage_t *values, char buffer[REGMON_PASSWORD_BYTES]);
/* What a phone uses that takes RES for a text: its hexadecimal digits, small or capital ones. */
str regmon_aka_hex_password(const regmon_milenage_t *values, bool capital,
		char buffer[REGMON_PASSWORD_BYTES]);

#endif
