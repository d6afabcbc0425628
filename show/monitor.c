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

/* Summer time begins and ends at a quarter of an hour, in each zone. */
#define ZONE_MS (15 * 60 * INT64_C(1000))
static int64_t zone_until_ms;

static void read_zone(int64_t now_ms)
{
	time_t seconds = now_ms / 1000;
	struct tm local;

	if(localtime_r(&seconds, &local))
		regmon_set_utc_offset((int)local.tm_gmtoff);
	zone_until_ms = (now_ms / ZONE_MS + 1) * ZONE_MS;
}

void regmon_clock_start(void)
{
	base_ms = read_ms(CLOCK_REALTIME) - read_ms(CLOCK_MONOTONIC);
	read_zone(base_ms + read_ms(CLOCK_MONOTONIC));
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

static int64_t own_now_ms(void)
{
	const int64_t now_ms = base_ms + read_ms(CLOCK_MONOTONIC);

	if(now_ms >= zone_until_ms)
		read_zone(now_ms);
	return now_ms;
}

int64_t regmon_clock_now_ms(void)
{
	const regmon_capture_clock_t *capture = regmon_monitor.capture;

	if(capture == NULL
			|| !__atomic_load_n(&capture->began, __ATOMIC_ACQUIRE))
		return own_now_ms();
	return own_now_ms() + __atomic_load_n(&capture->ahead_ms, __ATOMIC_RELAXED);
}

void regmon_clock_captured(int64_t at_ms, bool may_go_back)
{
	regmon_capture_clock_t *capture = regmon_monitor.capture;
	int64_t ahead_ms = at_ms - own_now_ms(), before;

	if(capture == NULL)
		return;
	before = __atomic_load_n(&capture->ahead_ms, __ATOMIC_RELAXED);
	while(ahead_ms > before || may_go_back || !capture->began)
		if(__atomic_compare_exchange_n(&capture->ahead_ms, &before, ahead_ms,
				   false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			break;
	__atomic_store_n(&capture->began, 1, __ATOMIC_RELEASE);
}
