/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is running, and the clock. */
#include "show/monitor.h"

#include "core/pt.h"

#include <time.h>

#include "diagnosis/diagnosis.h"

regmon_monitor_t regmon_monitor = {.profile = STR_STATIC_INIT("default")};

/* wall clock minus monotonic clock at start; set before the fork, so the same in all processes */
static int64_t base_ms;

static int64_t read_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

void regmon_clock_start(void)
{
	struct tm local;
	time_t seconds;

	base_ms = read_ms(CLOCK_REALTIME) - read_ms(CLOCK_MONOTONIC);
	seconds = regmon_clock_now_ms() / 1000;
	if(localtime_r(&seconds, &local))
		regmon_set_utc_offset((int)local.tm_gmtoff);
}

void regmon_monitor_use(const regmon_rulebook_t *book)
{
	char *name = book->profiles->profiles[book->chosen].name;

	regmon_monitor.rulebook = book;
	regmon_monitor.plan = regmon_rulebook_plan(book);
	regmon_monitor.profile = (str){name, (int)strlen(name)};
	regmon_own_rules_use(book->profiles);
}

void regmon_monitor_refresh(void)
{
	static unsigned serial; /* of the book in use; an address may come again */
	const regmon_rulebook_t *book;

	if(regmon_monitor.rulebooks == NULL)
		return;
	book = regmon_rulebooks_pin(
			regmon_monitor.rulebooks, (unsigned)process_no);
	if(book->serial == serial)
		return;
	serial = book->serial;
	regmon_monitor_use(book);
}

int64_t regmon_clock_now_ms(void)
{
	return base_ms + read_ms(CLOCK_MONOTONIC);
}
