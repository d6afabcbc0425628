/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IMPUs that somebody has chosen so that they meet in one slot of a hash table without a key: by the hash with which
 * Kamailio's own tables place strings. */
#ifndef REGMON_TEST_COLLIDING_H
#define REGMON_TEST_COLLIDING_H

#include "core/hashes.h"
#include "test/unit/registration_world.h"

#define COLLIDING_LENGTH 48

static inline unsigned colliding_slot(const char *name, unsigned slots)
{
	return get_hash1_raw(name, (int)strlen(name)) & (slots - 1);
}

/* n names that all go to slot 0; slots is a power of two */
static inline void colliding_make(
		char names[][COLLIDING_LENGTH], unsigned n, unsigned slots)
{
	unsigned number = 0, found = 0;

	while(found < n) {
		snprintf(names[found], COLLIDING_LENGTH, "sip:%010u@a.example",
				number++);
		if(colliding_slot(names[found], slots) == 0)
			found++;
	}
}

/* its REGISTER, from an address of its own */
static inline void colliding_observe(const char *name, unsigned number)
{
	char contact[COLLIDING_LENGTH], call_id[32], source[20];
	const ask_t asked = {.to = name,
			.contact = contact,
			.call_id = call_id,
			.branch = call_id,
			.source = source,
			.plain = true};

	snprintf(source, sizeof(source), "10.%u.%u.%u", number >> 16 & 255,
			number >> 8 & 255, number & 255);
	snprintf(contact, sizeof(contact), "sip:a@%s", source);
	snprintf(call_id, sizeof(call_id), "z9hG4bK%u", number);
	ask(&asked);
}

#endif
