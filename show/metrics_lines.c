/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text format, line by line: whole lines, and histograms whole, however little room there is. */
#include "show/metrics_private.h"

#include <stdarg.h>
#include <stdio.h>

#include "show/writer.h"

#define PREFIX REGMON_METRICS_PREFIX
#define LONGEST_NAME 80
#define LONGEST_LABEL 128 /* bytes of a label's value; a longer one is cut */
#define LONGEST_LINE 1024

static bool put(regmon_metrics_t *metrics, const char *text, int length)
{
	if(metrics->used + length > metrics->size)
		return false;
	memcpy(metrics->text + metrics->used, text, length);
	metrics->used += length;
	return true;
}

void regmon_metrics_family(regmon_metrics_t *metrics, const char *name,
		const char *type, const char *help)
{
	char line[LONGEST_LINE];
	int length = snprintf(line, sizeof(line),
			"# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, help,
			name, type);

	metrics->family = put(metrics, line, length) ? name : NULL;
}

static int escape_label(const char *value, char *buffer)
{
	char clean[LONGEST_LABEL];
	int i, used = 0;
	int length = regmon_clean_text(
			(str){(char *)value, (int)strlen(value)}, clean, sizeof(clean));

	for(i = 0; i < length; i++) {
		if(clean[i] == '"' || clean[i] == '\\')
			buffer[used++] = '\\';
		buffer[used++] = clean[i];
	}
	return used;
}

/* name, value, name, value, NULL; `le` is one like the others */
static int print_labels(char *buffer, va_list *labels)
{
	const char *name;
	int used = 0;

	while((name = va_arg(*labels, const char *)) != NULL) {
		used += sprintf(buffer + used, "%s%.40s=\"", used ? "," : "{", name);
		used += escape_label(va_arg(*labels, const char *), buffer + used);
		buffer[used++] = '"';
	}
	if(used)
		buffer[used++] = '}';
	return used;
}

_Static_assert(
		LONGEST_NAME + REGMON_METRICS_MOST_LABELS * (2 * LONGEST_LABEL + 45)
						+ 30
				<= LONGEST_LINE,
		"room for a line");

static bool put_line(regmon_metrics_t *metrics, const char *suffix,
		const char *value, va_list *labels)
{
	char line[LONGEST_LINE];
	int length;

	if(metrics->family == NULL)
		return false;
	length = snprintf(
			line, LONGEST_NAME, PREFIX "%s%s", metrics->family, suffix);
	length += print_labels(line + length, labels);
	length += snprintf(line + length, 26, " %s\n", value);
	return put(metrics, line, length);
}

void regmon_metrics_sample(regmon_metrics_t *metrics, int64_t value, ...)
{
	char digits[24];
	va_list labels;

	snprintf(digits, sizeof(digits), "%lld", (long long)value);
	va_start(labels, value);
	if(metrics->series < REGMON_METRICS_MOST_SERIES
			&& put_line(metrics, "", digits, &labels))
		metrics->series++;
	else
		metrics->left_out++;
	va_end(labels);
}

/* "0.05", "60": seconds without zeros behind them */
static void print_seconds(uint64_t ms, char buffer[24])
{
	int length = snprintf(buffer, 24, "%llu.%03u",
			(unsigned long long)(ms / 1000), (unsigned)(ms % 1000));

	while(buffer[length - 1] == '0')
		buffer[--length] = '\0';
	if(buffer[length - 1] == '.')
		buffer[length - 1] = '\0';
}

static bool put_part(regmon_metrics_t *metrics, const char *suffix,
		const char *value, ...)
{
	va_list labels;
	bool fits;

	va_start(labels, value);
	fits = put_line(metrics, suffix, value, &labels);
	va_end(labels);
	return fits;
}

void regmon_metrics_histogram(regmon_metrics_t *metrics,
		const regmon_metrics_times_t *times, const char *label,
		const char *value, const char *label_2, const char *value_2)
{
	unsigned i, lines = REGMON_DELAY_BUCKETS + 2;
	int begun = metrics->used;
	char bound[24], count[24], sum[24];
	bool fits = metrics->series + lines <= REGMON_METRICS_MOST_SERIES;

	for(i = 0; i < REGMON_DELAY_BUCKETS && fits; i++) {
		print_seconds((uint64_t)regmon_delay_bucket_ms[i], bound);
		snprintf(count, sizeof(count), "%llu",
				(unsigned long long)times->up_to[i]);
		fits = put_part(metrics, "_bucket", count, label, value, label_2,
				value_2, "le", i + 1 < REGMON_DELAY_BUCKETS ? bound : "+Inf",
				NULL);
	}
	print_seconds(times->sum_ms, sum);
	fits = fits
		   && put_part(metrics, "_sum", sum, label, value, label_2, value_2,
				   NULL)
		   && put_part(metrics, "_count", count, label, value, label_2, value_2,
				   NULL);
	if(fits) {
		metrics->series += lines;
	} else {
		metrics->used = begun;
		metrics->left_out += lines;
	}
}
