/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preloaded: the child of the nth fork() of the first process (SLOW_FORK=n) needs two seconds to begin. */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

pid_t fork(void)
{
	static int forks;
	pid_t (*next)(void) = (pid_t(*)(void))dlsym(RTLD_NEXT, "fork");
	const char *slow = getenv("SLOW_FORK");
	struct timespec left = {2, 0};
	pid_t pid;

	forks++;
	pid = next();
	if(pid == 0 && slow && atoi(slow) == forks)
		while(nanosleep(&left, &left) < 0)
			; /* a signal */
	return pid;
}
