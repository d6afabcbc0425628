/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash (Aumasson, Bernstein 2012): a keyed hash, so that nobody outside can aim at one slot of the table. */
#ifndef REGMON_REGISTRATION_SIPHASH_H
#define REGMON_REGISTRATION_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* The published 2-4 variant. */
uint64_t regmon_siphash_2_4(const uint8_t key[16], const void *bytes, size_t length);
/* One round per block and three at the end: enough for hash tables, a third cheaper. */
uint64_t regmon_siphash_1_3(const uint8_t key[16], const void *bytes, size_t length);

#endif
