/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How our own processes begin, and how all of it ends. */
#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "core/pt.h"
#include "core/sr_module.h"

#include <signal.h>
#include <unistd.h>

#include "hooks/hooks.h"
#include "show/monitor.h"

/* Modules go in the reverse order of their loading: our table may be gone already. Where it is still there, a worker that was
 * killed may have died with one of its locks, and the main process would wait for that for ever. */
bool regmon_is_over(void)
{
	return regmon_monitor.table == NULL || destroy_modules_phase();
}

/* Kamailio's signal handler takes a process that was forked this very moment for the main one, and notes a SIGTERM
 * that nobody will ever look at: Kamailio would wait a minute for this process at its end. So signals wait until the
 * process knows what it is. */
int regmon_fork(int rank, const char *name)
{
	sigset_t ends, before;
	int pid;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, &before);
	pid = fork_process(rank, (char *)name, 1);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if(pid < 0) {
		LM_ERR("cannot start the process '%s'\n", name);
	} else if(pid == 0 && cfg_child_init()) {
		LM_ERR("no memory for the settings of the process '%s'\n", name);
		_exit(1);
	}
	return pid;
}
