/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A REGISTER as text: read, classified, judged, answered. */
#include "test/fuzz/message.h"

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	message_start();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	message_run(target_text(data, size), false);
	return 0;
}
