/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Versions of reg-event documents, RFC 3680 5.1: each subscription counts its own. A bounded table in shared memory; a
 * subscription that was pushed out of it is taken for a new one. */
#ifndef REGMON_REGISTRATION_SUBSCRIPTIONS_H
#define REGMON_REGISTRATION_SUBSCRIPTIONS_H

#include "message/text.h"

typedef struct regmon_subscriptions regmon_subscriptions_t;

/* NULL: no memory. most: how many are remembered, about. */
regmon_subscriptions_t *regmon_subscriptions_make(
		unsigned most, const uint8_t hash_key[16]);
void regmon_subscriptions_free(regmon_subscriptions_t *subscriptions);

/* the dialog that a NOTIFY belongs to (RFC 6665 4.4.1) */
typedef struct regmon_subscription
{
	str call_id, from_tag, to_tag;
} regmon_subscription_t;

typedef enum regmon_version
{
	REGMON_VERSION_NEW,	 /* to be applied */
	REGMON_VERSION_GAP,	 /* to be applied, but partial documents before it were not seen */
	REGMON_VERSION_KNOWN /* seen already, or older: to be discarded */
} regmon_version_t;

/* Remembers the version and says what it is. Takes one lock, no other is taken inside. */
regmon_version_t regmon_subscriptions_follow(
		regmon_subscriptions_t *subscriptions,
		const regmon_subscription_t *subscription, uint32_t version, bool full,
		int64_t now_ms);

#endif
