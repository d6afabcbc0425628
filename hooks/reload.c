/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles from the file into force: at the start and by RPC. Reading bytes is here, understanding them in rules/. */
#include "core/cfg/cfg.h"
#include "core/cfg/cfg_ctx.h"
#include "core/dprint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hooks/hooks.h"
#include "show/monitor.h"

static __attribute__((format(printf, 2, 3))) int complain(
		regmon_complaint_t *complaint, const char *format, ...)
{
	va_list arguments;

	complaint->more = 0;
	va_start(arguments, format);
	vsnprintf(complaint->text, sizeof(complaint->text), format, arguments);
	va_end(arguments);
	return -1;
}

/* ---- the file ---- */

static int read_open_file(int file, const char *path, char **ret_bytes,
		size_t *ret_length, regmon_complaint_t *complaint)
{
	struct stat found;
	ssize_t part;
	char *bytes;
	size_t length = 0;

	if(fstat(file, &found) < 0 || !S_ISREG(found.st_mode))
		return complain(complaint, "%s: no regular file", path);
	if(found.st_size > REGMON_PROFILE_FILE_MOST)
		return complain(complaint, "%s: %lld bytes; at most %d are read", path,
				(long long)found.st_size, REGMON_PROFILE_FILE_MOST);
	/* not from Kamailio's private pool, which a file of this size could break up */
	bytes = malloc(found.st_size + 1);
	if(bytes == NULL)
		return complain(complaint, "%s: no memory for %lld bytes", path,
				(long long)found.st_size);
	while(length < (size_t)found.st_size
			&& (part = read(file, bytes + length, found.st_size - length))
					   > 0)
		length += part;
	if(length < (size_t)found.st_size) {
		free(bytes);
		return complain(complaint, "%s: it changed while it was read", path);
	}
	*ret_bytes = bytes;
	*ret_length = length;
	return 0;
}

/* Not blocked by a FIFO, not followed by children. */
static int read_file(const char *path, char **ret_bytes, size_t *ret_length,
		regmon_complaint_t *complaint)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), failed;

	if(file < 0)
		return complain(complaint, "%s: %s", path, strerror(errno));
	failed = read_open_file(file, path, ret_bytes, ret_length, complaint);
	close(file);
	return failed;
}

static regmon_rulebook_t *make_book(
		const regmon_rulebook_t *previous, regmon_complaint_t *complaint)
{
	regmon_rulebook_orders_t orders;
	regmon_rulebook_t *book;
	char *bytes = NULL;

	regmon_parameters_orders(&orders);
	orders.now_ms = regmon_clock_now_ms();
	if(regmon_parameter_profile_file != NULL) {
		orders.file = regmon_parameter_profile_file;
		if(read_file(orders.file, &bytes, &orders.length, complaint) < 0)
			return NULL;
		orders.bytes = bytes;
	}
	book = regmon_rulebook_make(&orders, previous, complaint);
	free(bytes);
	return book;
}

static const char *more_of(const regmon_complaint_t *complaint, char buffer[32])
{
	buffer[0] = '\0';
	if(complaint->more > 0)
		snprintf(buffer, 32, " (and %u more)", complaint->more);
	return buffer;
}

/* ---- thresholds: a profile may set them, cfg.set may change them ---- */

static cfg_ctx_t *cfg_context;

/* Only what the new profile changes: what an operator has set by hand since stays. */
static void change_thresholds(
		const regmon_rulebook_t *old, const regmon_rulebook_t *book)
{
	int before[REGMON_THRESHOLDS_N], now[REGMON_THRESHOLDS_N];
	str group = str_init("ims_regmon");
	unsigned i;

	regmon_parameters_thresholds(old->thresholds, before);
	regmon_parameters_thresholds(book->thresholds, now);
	for(i = 0; i < REGMON_THRESHOLDS_N; i++) {
		const char *name = regmon_threshold_name(i);
		str variable = {(char *)name, (int)strlen(name)};

		if(before[i] != now[i]
				&& cfg_set_now_int(
						   cfg_context, &group, NULL, &variable, now[i])
						   != 0)
			LM_ERR("the threshold %s stays as it was: Kamailio refused %d\n",
					name, now[i]);
	}
}

/* ---- start and reload ---- */

static int reload(regmon_complaint_t *ret_complaint)
{
	const regmon_rulebook_t *old =
			regmon_rulebooks_begin(regmon_monitor.rulebooks);
	regmon_rulebook_t *book = make_book(old, ret_complaint);
	char more[32];

	if(book != NULL)
		change_thresholds(old, book);
	regmon_rulebooks_end(regmon_monitor.rulebooks, book);
	if(book == NULL) {
		LM_ERR("the profiles stay as they are: %s%s\n", ret_complaint->text,
				more_of(ret_complaint, more));
		return -1;
	}
	regmon_monitor_refresh();
	LM_NOTICE("profiles read again: '%.*s' in force, %u known\n",
			regmon_monitor.profile.len, regmon_monitor.profile.s,
			regmon_monitor.rulebook->profiles->profiles_n);
	return 0;
}

static int check_path(void)
{
	const char *path = regmon_parameter_profile_file;

	if(path == NULL || path[0] == '\0') {
		regmon_parameter_profile_file = NULL;
		return 0;
	}
	/* the working directory changes when Kamailio becomes a daemon */
	if(path[0] == '/' && strlen(path) <= REGMON_PROFILE_PATH_LENGTH)
		return 0;
	LM_ERR("modparam profile_file \"%s\": expected a path from / on, of at most"
		   " %d characters\n",
			path, REGMON_PROFILE_PATH_LENGTH);
	return -1;
}

int regmon_rules_load(void)
{
	regmon_complaint_t complaint;
	regmon_rulebook_t *book;
	char more[32];

	if(check_path() < 0)
		return -1;
	book = make_book(NULL, &complaint);
	if(book == NULL) {
		LM_ERR("profiles: %s%s\n", complaint.text, more_of(&complaint, more));
		return -1;
	}
	regmon_monitor.rulebooks = regmon_rulebooks_make(book);
	if(regmon_monitor.rulebooks == NULL
			|| cfg_register_ctx(&cfg_context, NULL) < 0) {
		if(regmon_monitor.rulebooks == NULL)
			regmon_rulebook_free(book);
		LM_ERR("no shared memory for the profiles\n");
		return -1;
	}
	regmon_monitor_use(book);
	regmon_monitor.reload = reload;
	regmon_parameters_thresholds(
			book->thresholds, (int *)&regmon_parameter_thresholds);
	return 0;
}
