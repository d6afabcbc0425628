/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for a client that takes it gzipped, so that much of it fits into one answer. No allocation: zlib works in memory
 * of the process, one text at a time. */
#ifndef REGMON_SHOW_GZIP_H
#define REGMON_SHOW_GZIP_H

/* Returns the bytes written, -1 when they do not fit. */
int regmon_gzip(const char *text, int length, char *buffer, int size);

#endif
