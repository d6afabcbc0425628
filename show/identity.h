/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one door by which what names a phone or its user leaves this node in events, records and lines of the log. */
#ifndef REGMON_SHOW_IDENTITY_H
#define REGMON_SHOW_IDENTITY_H

#include "registration/registration.h"

typedef enum regmon_identity
{
	REGMON_IDENTITY_IMPU,
	REGMON_IDENTITY_IMPI,
	REGMON_IDENTITY_IMSI, /* of the IMPI, else of the IMPU */
	REGMON_IDENTITY_MSISDN,
	REGMON_IDENTITY_IMEI,
	REGMON_IDENTITY_INSTANCE,
	REGMON_IDENTITY_CONTACT,
	REGMON_IDENTITY_SOURCE, /* address without port */
	REGMON_IDENTITY_CALL_ID
} regmon_identity_t;

/* A slice of the record, empty where there is none; at most 128 bytes. As a stranger wrote it: not clean. */
str regmon_identity_of(
		const regmon_registration_t *registration, regmon_identity_t which);

#endif
