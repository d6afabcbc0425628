/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process remembers of Service-Route: the same as what it would read. */
#include <stdio.h>

#include "registration/table_private.h"
#include "test/unit/harness.h"

static uint64_t random_state = 0x2545f4914f6cdd1dULL;

static unsigned below(unsigned n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state >> 33) % n;
}

static uint16_t route_of(const char *answer, const regmon_outline_secret_t *secret)
{
	regmon_message_t message;
	regmon_transaction_t transaction;

	assert_true(regmon_message_read(answer, (int)strlen(answer), &message));
	regmon_compare_read_accepted(&message, secret, &transaction);
	return transaction.route;
}

/* More routes than are remembered, in one line and in two, and lines that make no sense. */
static void write_answer(char *text, size_t size)
{
	static const char *const separators[] = {", ", ",", "\r\nService-Route: "};
	unsigned n = below(4), i;
	size_t at = (size_t)snprintf(text, size, "SIP/2.0 200 OK\r\n");

	for(i = 0; i < n; i++) {
		at += (size_t)snprintf(text + at, size - at, "%s",
				i == 0 ? "Service-Route: " : separators[below(3)]);
		at += (size_t)snprintf(text + at, size - at,
				below(9) ? "<sip:u%u@scscf%u.example:6060;lr>" : "sip:%u%u",
				below(3), below(12));
	}
	snprintf(text + at, size - at, "%sContent-Length: 0\r\n\r\n",
			n ? "\r\n" : "");
}

static void known_routes(void **state)
{
	regmon_outline_secret_t secret = {{1, 2, 3}}, fresh = {{4, 5, 6}};
	unsigned i, given = 0;
	char text[400];

	for(i = 0; i < 200000; i++) {
		write_answer(text, sizeof(text));
		/* under a key that was never used nothing is known */
		fresh.words[0] += 0x9e3779b97f4a7c15ULL;
		if(route_of(text, &secret) != route_of(text, &fresh))
			fail_msg("remembered as another one: %s", text);
		given += route_of(text, &secret) != 0;
	}
	assert_in_range(given, 100000, 180000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(known_routes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
