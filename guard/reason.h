/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reason phrases of SIP answers. */
#ifndef REGMON_GUARD_REASON_H
#define REGMON_GUARD_REASON_H

/* "Unauthorized"; "" for a code without a name here */
const char *regmon_code_reason(int code);

#endif
