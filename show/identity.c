/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identities of a record, the derived ones too. */
#include "show/identity.h"

static str imsi_of(const regmon_registration_t *registration)
{
	str imsi = regmon_identity_imsi(
			regmon_registration_string(registration, REGMON_STRING_IMPI));

	return imsi.len > 0 ? imsi
						: regmon_identity_imsi(regmon_registration_string(
								registration, REGMON_STRING_IMPU));
}

str regmon_identity_of(
		const regmon_registration_t *registration, regmon_identity_t which)
{
	regmon_string_t kept = REGMON_STRING_IMPU;

	switch(which) {
		case REGMON_IDENTITY_IMSI:
			return imsi_of(registration);
		case REGMON_IDENTITY_MSISDN:
			return regmon_identity_msisdn(regmon_registration_string(
					registration, REGMON_STRING_IMPU));
		case REGMON_IDENTITY_IMEI:
			return regmon_identity_imei(regmon_registration_string(
					registration, REGMON_STRING_INSTANCE));
		case REGMON_IDENTITY_IMPU:
			break;
		case REGMON_IDENTITY_IMPI:
			kept = REGMON_STRING_IMPI;
			break;
		case REGMON_IDENTITY_INSTANCE:
			kept = REGMON_STRING_INSTANCE;
			break;
		case REGMON_IDENTITY_CONTACT:
			kept = REGMON_STRING_CONTACT;
			break;
		case REGMON_IDENTITY_SOURCE:
			kept = REGMON_STRING_SOURCE;
			break;
		case REGMON_IDENTITY_CALL_ID:
			kept = REGMON_STRING_CALL_ID;
			break;
	}
	return regmon_registration_string(registration, kept);
}
