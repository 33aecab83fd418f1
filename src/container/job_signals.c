/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that end a start which is under way. */
#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "console/forward.h"
#include "container/job.h"
#include "util/auto.h"

static void on_signal(struct ev *ev, void *user,
		      const struct signalfd_siginfo *info)
{
	struct job *j = user;
	struct err e = { 0 };
	int r;

	if (j->ladder.sock < 0)
		return;
	r = err_set(&e, EINTR, "interrupted by signal %u while the container "
		    "was being created", info->ssi_signo);
	if (j->hooks.fn)
		hooks_cancel(&j->hooks, &j->ev);
	ladder_fail(&j->ladder, r, &e);
}

int job_watch_signals(struct job *j)
{
	static const int fatal[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	sigset_t set;
	int r;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(fatal); i++)
		sigaddset(&set, fatal[i]);
	forward_ignored(&j->ignored);
	forward_leave(&set, &j->ignored);
	r = ev_signal_add_set(&j->ev, &j->signals, &set, on_signal, j);
	return r < 0 ? err_sys(j->e, r, "watch signals") : 0;
}
