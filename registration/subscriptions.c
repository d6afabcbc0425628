/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which version each subscription to reg has reached. */
#include "registration/subscriptions.h"

#include "registration/memory.h"
#include "registration/siphash.h"

#define WAYS 4
#define LEAST 64
#define MOST 65536
#define LOCKS 64

typedef struct follower
{
	uint64_t key; /* 0: free */
	uint32_t version;
	uint32_t seen_s;
} follower_t;

struct regmon_subscriptions
{
	uint8_t hash_key[16];
	unsigned buckets_n; /* power of two */
	regmon_lock_t *locks;
	follower_t followers[]; /* WAYS to a bucket */
};

regmon_subscriptions_t *regmon_subscriptions_make(
		unsigned most, const uint8_t hash_key[16])
{
	regmon_subscriptions_t *subscriptions;
	unsigned n = LEAST;

	while(n < most && n < MOST)
		n <<= 1;
	subscriptions =
			regmon_memory_get(sizeof(*subscriptions) + n * sizeof(follower_t));
	if(subscriptions == NULL)
		return NULL;
	memcpy(subscriptions->hash_key, hash_key, sizeof(subscriptions->hash_key));
	subscriptions->buckets_n = n / WAYS;
	subscriptions->locks = regmon_locks_make(LOCKS);
	if(subscriptions->locks)
		return subscriptions;
	regmon_memory_put(subscriptions);
	return NULL;
}

void regmon_subscriptions_free(regmon_subscriptions_t *subscriptions)
{
	if(subscriptions == NULL)
		return;
	regmon_locks_free(subscriptions->locks, LOCKS);
	regmon_memory_put(subscriptions);
}

static uint64_t hash_of(
		const regmon_subscriptions_t *subscriptions, str text, uint64_t before)
{
	return before * UINT64_C(0x9e3779b97f4a7c15)
		   + regmon_siphash_1_3(subscriptions->hash_key, text.s ? text.s : "",
				   text.s ? text.len : 0);
}

static uint64_t key_of(const regmon_subscriptions_t *subscriptions,
		const regmon_subscription_t *subscription)
{
	uint64_t key = hash_of(subscriptions, subscription->call_id, 1);

	key = hash_of(subscriptions, subscription->from_tag, key);
	key = hash_of(subscriptions, subscription->to_tag, key);
	return key ? key : 1;
}

/* the place of this key, or the one to give to it */
static follower_t *place_of(follower_t *bucket, uint64_t key)
{
	follower_t *oldest = bucket;
	unsigned i;

	for(i = 0; i < WAYS; i++) {
		if(bucket[i].key == key)
			return &bucket[i];
		if(bucket[i].key == 0
				|| (oldest->key != 0 && bucket[i].seen_s < oldest->seen_s))
			oldest = &bucket[i];
	}
	return oldest;
}

regmon_version_t regmon_subscriptions_follow(
		regmon_subscriptions_t *subscriptions,
		const regmon_subscription_t *subscription, uint32_t version, bool full,
		int64_t now_ms)
{
	uint64_t key = key_of(subscriptions, subscription);
	unsigned bucket = (unsigned)(key >> 8) & (subscriptions->buckets_n - 1);
	regmon_version_t verdict = REGMON_VERSION_NEW;
	follower_t *follower;

	regmon_lock_get(subscriptions->locks, bucket % LOCKS);
	follower = place_of(&subscriptions->followers[bucket * WAYS], key);
	if(follower->key == key) {
		if(version <= follower->version)
			verdict = REGMON_VERSION_KNOWN;
		else if(version - follower->version > 1 && !full)
			verdict = REGMON_VERSION_GAP;
	}
	if(verdict != REGMON_VERSION_KNOWN) {
		follower->key = key;
		follower->version = version;
	}
	follower->seen_s = (uint32_t)(now_ms / 1000);
	regmon_lock_put(subscriptions->locks, bucket % LOCKS);
	return verdict;
}
