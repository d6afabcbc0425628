/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module that runs, with some phones in its table, for the targets that ask it as a client would (shell.c). */
#ifndef REGMON_TEST_FUZZ_SHELL_H
#define REGMON_TEST_FUZZ_SHELL_H

#include <stdint.h>

extern unsigned shell_private_blocks; /* got and not given back */
extern int64_t shell_now_ms;

#endif
