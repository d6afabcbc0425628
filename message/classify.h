/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which leg a message is on and what it is for, decided per message: register.md's "classify first". Without this
 * half of all rules would raise false alarms. */
#ifndef REGMON_MESSAGE_CLASSIFY_H
#define REGMON_MESSAGE_CLASSIFY_H

#include "message/message.h"

/* Legs as bits, so that a rule names those on which it holds. */
typedef enum regmon_leg
{
	REGMON_LEG_U0 = 1 << 0, /* UE to P-CSCF, unprotected, no answer to a challenge */
	REGMON_LEG_U1 = 1 << 1, /* UE to P-CSCF, answers a challenge */
	REGMON_LEG_U2 = 1 << 2, /* UE to P-CSCF, protected, repeats the last answer or none */
	REGMON_LEG_PI = 1 << 3, /* P-CSCF to I-CSCF */
	REGMON_LEG_IS = 1 << 4, /* I-CSCF to S-CSCF */
	REGMON_LEG_SA = 1 << 5, /* S-CSCF to AS: third-party REGISTER */
	/* answers, by whom they are for */
	REGMON_LEG_AU = 1 << 6, /* answer towards the UE (one Via) */
	REGMON_LEG_AC = 1 << 7	/* answer inside the core (more Vias) */
} regmon_leg_t;
#define REGMON_LEGS_U (REGMON_LEG_U0 | REGMON_LEG_U1 | REGMON_LEG_U2)
#define REGMON_LEGS_CORE (REGMON_LEG_PI | REGMON_LEG_IS)
#define REGMON_LEGS_REQUEST (REGMON_LEGS_U | REGMON_LEGS_CORE | REGMON_LEG_SA)
#define REGMON_LEGS_ANSWER (REGMON_LEG_AU | REGMON_LEG_AC)

/* What a REGISTER is for; one of these. */
typedef enum regmon_purpose
{
	REGMON_PURPOSE_REGISTRATION = 1 << 0, /* at least one effective expiry > 0 */
	REGMON_PURPOSE_DEREGISTRATION = 1 << 1, /* all effective expiries are 0 */
	REGMON_PURPOSE_QUERY = 1 << 2, /* no Contact: asks for the bindings */
	REGMON_PURPOSE_THIRD_PARTY = 1 << 3
} regmon_purpose_t;
#define REGMON_PURPOSES_ALL 0x0f

/* What it says to a challenge; one of these. */
typedef enum regmon_credentials
{
	REGMON_CREDENTIALS_NONE,   /* no Authorization, or the empty one of a first REGISTER */
	REGMON_CREDENTIALS_ANSWER, /* a response */
	REGMON_CREDENTIALS_RESYNC, /* auts: SQN out of range */
	REGMON_CREDENTIALS_REFUSED /* nonce of a challenge, empty response, no auts: MAC failure */
} regmon_credentials_t;

typedef enum regmon_role
{
	REGMON_ROLE_AUTO,
	REGMON_ROLE_PCSCF,
	REGMON_ROLE_ICSCF,
	REGMON_ROLE_SCSCF,
	REGMON_ROLE_REGISTRAR,
	REGMON_ROLE_TAP
} regmon_role_t;

/* How a message came in; what the text alone cannot tell. All optional (0, empty). */
typedef struct regmon_arrival
{
	str source_address; /* printable, no brackets */
	int source_port;
	int received_port; /* our own port */
	char transport[5]; /* "UDP", "TCP", "TLS", "SCTP", "WS" */
	int64_t now_ms;
} regmon_arrival_t;

typedef struct regmon_class
{
	regmon_leg_t leg;
	regmon_purpose_t purpose;
	regmon_credentials_t credentials;
	bool is_protected; /* over an SA as far as the message shows: Security-Verify or integrity-protected="yes" */
	bool emergency;
	bool ims; /* shows IMS marks: AKA, sec-agree, 3GPP contact tags, PANI, 3gppnetwork.org; else plain SIP */
} regmon_class_t;

/* Pure; arrival may be NULL. For an answer only leg is set. */
void regmon_classify(const regmon_message_t *message,
		const regmon_arrival_t *arrival, regmon_role_t role,
		regmon_class_t *ret_class);

const char *regmon_leg_name(regmon_leg_t leg);
const char *regmon_purpose_name(regmon_purpose_t purpose);
const char *regmon_role_name(regmon_role_t role);
bool regmon_role_find(str name, regmon_role_t *ret_role);

#endif
