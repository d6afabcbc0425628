/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a registrar says of registrations: an application/reginfo+xml document, RFC 3680 5, with the GRUUs of RFC 5628
 * and the wildcards and policies of TS 24.229 7.10. One document is one struct of fixed size, its texts copied into it;
 * what has no room is counted. */
#ifndef REGMON_MESSAGE_REGINFO_H
#define REGMON_MESSAGE_REGINFO_H

#include "message/xml.h"

#define REGMON_REGINFO_TYPE "application/reginfo+xml"
#define REGMON_REGINFO_MOST 65536 /* bytes; a longer document is not read */
#define REGMON_REGINFO_REGISTRATIONS 64
#define REGMON_REGINFO_CONTACTS 128 /* of the whole document */

/* What happened to a contact, and what it asks of the phone (RFC 3680 4.7.1). The order is kept in records. */
#define REGMON_REGINFO_EVENTS(X)                                           \
	X(NONE, "none", "no reason given")                                     \
	X(REGISTERED, "registered", "bound by a REGISTER")                     \
	X(CREATED, "created", "bound by the network")                          \
	X(REFRESHED, "refreshed", "refreshed by a REGISTER")                   \
	X(SHORTENED, "shortened", "the phone should register again in time")   \
	X(EXPIRED, "expired", "not refreshed in time")                         \
	X(DEACTIVATED, "deactivated", "the phone should register again now")   \
	X(PROBATION, "probation", "the phone should register again, later")    \
	X(UNREGISTERED, "unregistered", "taken back by a REGISTER")            \
	X(REJECTED, "rejected", "registering again will not help")
typedef enum regmon_reginfo_event
{
#define X(id, name, meaning) REGMON_REGINFO_##id,
	REGMON_REGINFO_EVENTS(X)
#undef X
	REGMON_REGINFO_EVENTS_N
} regmon_reginfo_event_t;
const char *regmon_reginfo_event_name(unsigned event);
const char *regmon_reginfo_event_meaning(unsigned event);

typedef enum regmon_reginfo_state
{
	REGMON_REGINFO_INIT,
	REGMON_REGINFO_ACTIVE,
	REGMON_REGINFO_TERMINATED,
	REGMON_REGINFO_STATES_N
} regmon_reginfo_state_t;

typedef struct regmon_reginfo_contact
{
	str id, uri;
	/* empty where there is none */
	str call_id;
	str instance; /* unknown-param +sip.instance, without quotes and brackets */
	str reg_id;	  /* unknown-param reg-id */
	str pub_gruu, temp_gruu;
	/* seconds and numbers; REGMON_NUMBER_ABSENT: not given */
	int64_t expires_s, retry_after_s, duration_s, cseq, first_cseq;
	uint8_t event; /* regmon_reginfo_event_t, never NONE */
	bool active;   /* false: terminated */
} regmon_reginfo_contact_t;

typedef struct regmon_reginfo_registration
{
	str aor, id;
	str wildcard; /* wildcardedIdentity: aor stands for all that match it */
	uint8_t state; /* regmon_reginfo_state_t */
	uint8_t policies; /* rph, privSender, pni and the like, for the P-CSCF; they say nothing of the registration */
	uint16_t first_contact, contacts_n; /* in contacts[] of the document */
	uint16_t contacts_more; /* had no room */
} regmon_reginfo_registration_t;

typedef struct regmon_reginfo
{
	uint32_t version;
	bool full; /* state="full": what is not in it is not registered */
	unsigned registrations_n, contacts_n;
	unsigned registrations_more, contacts_more; /* had no room, with all that is in them */
	regmon_reginfo_registration_t registrations[REGMON_REGINFO_REGISTRATIONS];
	regmon_reginfo_contact_t contacts[REGMON_REGINFO_CONTACTS];
	unsigned text_used;
	char text[REGMON_REGINFO_MOST];
} regmon_reginfo_t;

/* Reads it whole. false: the complaint says why, "reginfo:LINE: what"; nothing of the document is of use then.
 * Elements and attributes that are not known are passed over, wherever RFC 3680 5.2 lets them be. */
bool regmon_reginfo_read(str document, regmon_reginfo_t *ret_reginfo,
		regmon_complaint_t *ret_complaint);

/* "<urn:...>" with or without quotes around, as header fields and documents write it: the URN */
str regmon_reginfo_urn(str instance);

#endif
