/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of an aka_keys file, one lab phone on a line:
 *
 *     001010000000001@ims.example.org k=0123... opc=0123... amf=8000    # comment
 *
 * No complaint shows anything that stands in the file: where a field is in the wrong place it may be a key. */
#ifndef REGMON_AKA_KEYS_H
#define REGMON_AKA_KEYS_H

#include "message/text.h"

#define REGMON_AKA_MOST_PHONES 10000
#define REGMON_AKA_MOST_IMPI 96 /* bytes */
#define REGMON_AKA_FILE_MOST (4 << 20)

typedef struct regmon_aka_key
{
	uint8_t k[16];
	uint8_t op[16]; /* OP or OPc */
	uint8_t amf[2];
	bool op_is_opc;
} regmon_aka_key_t;

typedef struct regmon_aka_line
{
	unsigned number;
	str impi; /* slice of the text */
	regmon_aka_key_t key;
} regmon_aka_line_t;

typedef struct regmon_aka_reader
{
	const char *file; /* its name, for the complaint */
	str text;
	int position;
	unsigned line;
	char complaint[300]; /* "FILE:LINE: what" */
} regmon_aka_reader_t;

void regmon_aka_reader_start(
		regmon_aka_reader_t *reader, const char *file, str text);
/* 1: ret_line holds the next phone; 0: that was all; -1: the complaint says what is wrong */
int regmon_aka_reader_next(
		regmon_aka_reader_t *reader, regmon_aka_line_t *ret_line);
/* "FILE:LINE: what" of the line read last; -1 */
int regmon_aka_reader_complain(regmon_aka_reader_t *reader,
		const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
