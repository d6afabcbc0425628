/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message/scan.h as it is on processors without vectors. */
#define REGMON_SCAN_PLAIN
#include "test/unit/message_scan.h"

int main(void)
{
	return cmocka_run_group_tests(scan_tests, NULL, NULL);
}
