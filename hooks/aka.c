/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lab keys: the file, the shared memory and the lock around aka/book.h. The keys never leave that memory; what goes
 * further is a verdict. */
#include "core/dprint.h"

#include <stdlib.h>

#include "aka/crypto.h"
#include "hooks/hooks.h"
#include "registration/memory.h"
#include "show/interval.h"
#include "show/monitor.h"

regmon_aka_book_t *regmon_aka_book;
static regmon_lock_t *lock;

static void lock_book(void *locks)
{
	regmon_lock_get(locks, 0);
}

static void unlock_book(void *locks)
{
	regmon_lock_put(locks, 0);
}

/* ---- start ---- */

static int make_book(unsigned phones_n)
{
	regmon_aka_guard_t guard = {lock_book, unlock_book, NULL};
	void *block = regmon_memory_get(regmon_aka_book_bytes(phones_n));

	guard.context = lock = regmon_locks_make(1);
	if(block == NULL || lock == NULL) {
		regmon_memory_put(block);
		LM_ERR("no shared memory for the keys of %u lab phones\n", phones_n);
		return -1;
	}
	regmon_aka_book = regmon_aka_book_start(block, phones_n, &guard);
	return 0;
}

/* Twice over the text: how much memory it takes is known when it has been checked. */
static int read_keys(str text)
{
	regmon_aka_reader_t reader;
	int n;

	regmon_aka_reader_start(&reader, regmon_parameter_aka_keys, text);
	n = regmon_aka_book_count(&reader);
	if(n < 0)
		goto wrong;
	if(n == 0) {
		LM_ERR("modparam aka_keys: %s holds no keys\n",
				regmon_parameter_aka_keys);
		return -1;
	}
	if(make_book((unsigned)n) < 0)
		return -1;
	regmon_aka_reader_start(&reader, regmon_parameter_aka_keys, text);
	if(regmon_aka_book_read(regmon_aka_book, &reader) < 0)
		goto wrong;
	LM_NOTICE("lab phones whose authentication is checked with their keys:"
			  " %d\n",
			n);
	return 0;
wrong:
	LM_ERR("modparam aka_keys: %s\n", reader.complaint);
	return -1;
}

int regmon_aka_load(void)
{
	regmon_file_t wanted = {.most = REGMON_AKA_FILE_MOST, .is_secret = true};
	regmon_complaint_t complaint;
	char *bytes = NULL;
	size_t length = 0;
	int failed;

	if(regmon_file_check_path("aka_keys", &regmon_parameter_aka_keys) < 0)
		return -1;
	if(regmon_parameter_aka_keys == NULL)
		return 0;
	wanted.path = regmon_parameter_aka_keys;
	if(regmon_file_read(&wanted, &bytes, &length, &complaint) < 0) {
		LM_ERR("modparam aka_keys: %s\n", complaint.text);
		return -1;
	}
	failed = read_keys((str){bytes, (int)length});
	regmon_crypto_wipe(bytes, length);
	free(bytes);
	return failed;
}

void regmon_aka_forget(void)
{
	if(regmon_aka_book)
		regmon_aka_book_wipe(regmon_aka_book);
	regmon_memory_put(regmon_aka_book);
	if(lock)
		regmon_locks_free(lock, 1);
	regmon_aka_book = NULL;
	lock = NULL;
	regmon_crypto_close();
}

/* ---- messages ---- */

/* One line a minute in each process: an OpenSSL that refuses MD5 or AES refuses it for every message. */
static void report_refusal(void)
{
	static int64_t reported_ms;
	static unsigned refused;
	int64_t now_ms = regmon_clock_now_ms();

	refused++;
	if(!regmon_interval_over(now_ms, reported_ms, 60000))
		return;
	LM_WARN("OpenSSL refused to compute: %u messages of lab phones have no"
			" verdict (no MD5 or AES-128 in its FIPS mode?)\n",
			refused);
	reported_ms = now_ms;
	refused = 0;
}

const regmon_aka_verdict_t *regmon_aka_judge(const regmon_message_t *message,
		const regmon_class_t *class, regmon_aka_verdict_t *room)
{
	int said =
			class ? regmon_aka_observe_request(
					regmon_aka_book, message, class, room)
				  : regmon_aka_observe_answer(regmon_aka_book, message, room);

	if(said < 0)
		report_refusal();
	return said > 0 ? room : NULL;
}
