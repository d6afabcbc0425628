/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times, as a histogram knows them: within buckets. */
#include "show/rows.h"

#include <stdio.h>

void regmon_print_bound(int32_t bound_ms, char buffer[24])
{
	if(bound_ms == INT32_MAX)
		snprintf(buffer, 24, "over %d ms",
				regmon_delay_bucket_ms[REGMON_DELAY_BUCKETS - 2]);
	else
		snprintf(buffer, 24, "up to %d ms", bound_ms);
}

static void write_times_line(regmon_writer_t *writer, const char *name,
		const regmon_histogram_t *histogram)
{
	char p50[24], p95[24], p99[24];

	if(regmon_histogram_count(histogram) == 0)
		return;
	regmon_print_bound(regmon_histogram_percentile(histogram, 50), p50);
	regmon_print_bound(regmon_histogram_percentile(histogram, 95), p95);
	regmon_print_bound(regmon_histogram_percentile(histogram, 99), p99);
	regmon_write_format(writer, name, "mean %lld ms, half %s, 95%% %s, 99%% %s",
			(long long)regmon_histogram_mean_ms(histogram), p50, p95, p99);
}

void regmon_write_percentile(regmon_writer_t *writer, const char *name,
		const regmon_histogram_t *histogram, unsigned percent)
{
	int32_t bound_ms = regmon_histogram_percentile(histogram, percent);

	if(bound_ms >= 0)
		writer->number(writer, name, bound_ms);
}

void regmon_write_histogram(regmon_writer_t *writer, const char *name,
		const regmon_histogram_t *histogram)
{
	uint64_t count = regmon_histogram_count(histogram);
	unsigned i;

	if(writer->for_eyes) {
		write_times_line(writer, name, histogram);
		return;
	}
	writer->open_struct(writer, name);
	writer->number(writer, "n", (int64_t)count);
	writer->number(writer, "sum_ms", (int64_t)histogram->sum_ms);
	if(count)
		writer->number(writer, "mean_ms", regmon_histogram_mean_ms(histogram));
	regmon_write_percentile(writer, "p50_ms", histogram, 50);
	regmon_write_percentile(writer, "p95_ms", histogram, 95);
	regmon_write_percentile(writer, "p99_ms", histogram, 99);
	writer->open_list(writer, "buckets");
	for(i = 0; count && i < REGMON_DELAY_BUCKETS; i++) {
		if(histogram->n[i] == 0)
			continue;
		writer->open_struct(writer, NULL);
		writer->number(writer, "up_to_ms", regmon_delay_bucket_ms[i]);
		writer->number(writer, "n", (int64_t)histogram->n[i]);
		writer->close_struct(writer);
	}
	writer->close_list(writer);
	writer->close_struct(writer);
}
