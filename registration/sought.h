/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A binding as somebody else names it, a registrar's document or a contact store, and which record that is. For the
 * files of registration/ only. */
#ifndef REGMON_REGISTRATION_SOUGHT_H
#define REGMON_REGISTRATION_SOUGHT_H

#include "registration/table_private.h"

typedef struct regmon_sought
{
	/* as whoever names it tells; empty: not told */
	str contact; /* Contact URI */
	str call_id;
	str instance; /* URN */
	str reg_id;
	str user;	  /* of the AOR, where that is all that is told */
	int64_t cseq; /* of the REGISTER that bound it, with call_id; negative: not told */
	/* worked out by regmon_sought_start() */
	regmon_uri_t uri;
	uint64_t call_id_hash;
	bool emergency;
} regmon_sought_t;
void regmon_sought_start(regmon_sought_t *sought);

/* How well a record fits; the higher the better. The same device on another address is no fit: a phone that moved has
 * an old binding beside its new one for a while. */
typedef enum regmon_fit
{
	REGMON_FIT_NONE,
	REGMON_FIT_REGISTER, /* bound by the same REGISTER: a node on the way changed the Contact */
	REGMON_FIT_FLOW,	 /* the same device and reg-id (RFC 5626 6) */
	REGMON_FIT_SOURCE,	 /* the address that the REGISTER came from, behind NAT */
	REGMON_FIT_ADDRESS,	 /* the same user, host and port */
	REGMON_FIT_ALL		 /* and the same device */
} regmon_fit_t;
/* slot lock held */
regmon_fit_t regmon_sought_fit(const regmon_sought_t *sought,
		const regmon_registration_t *registration);

/* The record of an IMPU that fits best; of equal ones that with a binding in force, then the one seen last. Those that
 * this document has spoken of already are passed over; 0: none is. NULL: none fits. Slot lock held. */
regmon_registration_t *regmon_sought_of_impu(const regmon_table_t *table,
		const regmon_sought_t *sought, uint64_t impu_hash, str impu,
		uint32_t document);

/* The only record that fits, whatever its IMPU. Returns with the lock of its slot held; NULL:
 * none or several, no lock held. Looks where the index points to, never at the whole table. */
regmon_registration_t *regmon_sought_anywhere(
		regmon_table_t *table, const regmon_sought_t *sought);

#endif
