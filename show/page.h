/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of show/page/, gzipped at build by tools/embed.sh; each fits into one answer. */
#ifndef REGMON_SHOW_PAGE_H
#define REGMON_SHOW_PAGE_H

typedef struct regmon_page_file
{
	const char *name;
	const char *content_type;
	const char *tag; /* changes with the file, in quotes (ETag) */
	const unsigned char *bytes;
	int length;
} regmon_page_file_t;

extern const regmon_page_file_t
		regmon_page_files[]; /* ended by a name of NULL */

#endif
