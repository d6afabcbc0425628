/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one door by which what names a phone, its user or the place of a household leaves a record. With
 * privacy=pseudonym it gives keyed hashes that show their kind ("imsi:3f9a0c1b2d4e5f60"), and texts of strangers
 * without the numbers in them. Nobody but registration/ and measure/ reads those strings of a record by another way:
 * tools/layers.sh sees to it. */
#ifndef REGMON_REGISTRATION_IDENTITY_H
#define REGMON_REGISTRATION_IDENTITY_H

#include "registration/registration.h"

/* What the fields are, and what their pseudonyms begin with; NULL: they have none, see below. */
#define REGMON_IDENTITIES(X)                                                  \
	X(IMPU, "impu:")		 /* canonical */                                  \
	X(IMPI, "impi:")                                                          \
	X(IMSI, "imsi:")		 /* of the IMPI, else of the IMPU */              \
	X(MSISDN, "msisdn:")                                                      \
	X(IMEI, "imei:")		 /* its pseudonym is of the first 14 digits */    \
	X(INSTANCE, "instance:") /* +sip.instance without quotes and brackets */  \
	X(CONTACT, "contact:")	 /* behind it the address: "contact:..@addr:..:5060" */ \
	X(SOURCE, "addr:")		 /* address without port */                       \
	X(CALL_ID, "callid:")                                                     \
	X(ASSOCIATED, NULL)		 /* list of IMPUs */                              \
	/* no identities; what stands for one in them is hidden */                \
	X(CELL, "wlan:")		 /* of a WLAN, which is one household's */        \
	X(DEVICE, NULL)                                                           \
	X(REASON, NULL)                                                           \
	X(ACCESS_TYPE, NULL)
typedef enum regmon_identity
{
#define X(id, prefix) REGMON_IDENTITY_##id,
	REGMON_IDENTITIES(X)
#undef X
	REGMON_IDENTITIES_N
} regmon_identity_t;

/* The key of pseudonyms, copied; NULL: identities are shown as they are. Set at the start, before processes are
 * forked. */
#define REGMON_PSEUDONYM_KEY_BYTES 16
void regmon_identities_hide(const uint8_t key[REGMON_PSEUDONYM_KEY_BYTES]);
bool regmon_identities_are_hidden(void);

/* enough for every pseudonym, and for a hidden list */
#define REGMON_IDENTITY_LENGTH 160
/* One of a record: a slice of it, or a pseudonym in the buffer, which is good as long as the buffer is. Empty where
 * there is none. As a stranger wrote it: not clean. */
str regmon_identity_of(const regmon_registration_t *registration,
		regmon_identity_t which, char buffer[REGMON_IDENTITY_LENGTH]);
/* The same of a text that stands in no record: of a message, of an address that is logged. */
str regmon_identity_shown(regmon_identity_t which, str text,
		char buffer[REGMON_IDENTITY_LENGTH]);

/* false: none is there, or it was too long and has been cut */
bool regmon_identity_is_whole(
		const regmon_registration_t *registration, regmon_identity_t which);
/* Is this what the field holds, or what is shown of it? Without case. */
bool regmon_identity_is(const regmon_registration_t *registration,
		regmon_identity_t which, str asked);

/* ---- looking for a phone by what was shown of it ---- */
typedef struct regmon_pseudonym
{
	regmon_identity_t which;
	uint64_t hash;
	int port; /* behind an address, 0: any */
} regmon_pseudonym_t;
/* "impu:" and 16 hexadecimal digits, as they are shown. False: no pseudonym, or identities are not hidden. */
bool regmon_pseudonym_read(str text, regmon_pseudonym_t *ret_pseudonym);
bool regmon_pseudonym_is_of(const regmon_pseudonym_t *pseudonym,
		const regmon_registration_t *registration);

#endif
