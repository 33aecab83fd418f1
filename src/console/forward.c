/* SPDX-License-Identifier: Apache-2.0 */
#include "console/forward.h"

#include <sys/signalfd.h>

#include "console/tty.h"
#include "util/auto.h"
#include "util/sys.h"

static const int never[] = {
	SIGKILL, SIGSTOP, SIGCHLD, SIGURG, SIGPIPE, SIGSEGV, SIGBUS,
	SIGFPE,	 SIGILL,  SIGTRAP, SIGSYS, SIGABRT,
};

static const int job_control[] = {
	SIGWINCH, SIGTSTP, SIGCONT, SIGTTIN, SIGTTOU,
};

void forward_set(bool terminal, sigset_t *ret)
{
	sigfillset(ret);
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		sigdelset(ret, never[i]);
	for (size_t i = 0; terminal && i < ARRAY_LEN(job_control); i++)
		sigdelset(ret, job_control[i]);
}

static const int inherited[] = { SIGHUP, SIGINT, SIGQUIT };

void forward_ignored(sigset_t *ret)
{
	struct sigaction now;

	sigemptyset(ret);
	for (size_t i = 0; i < ARRAY_LEN(inherited); i++)
		if (sigaction(inherited[i], NULL, &now) == 0 &&
		    now.sa_handler == SIG_IGN)
			sigaddset(ret, inherited[i]);
}

void forward_leave(sigset_t *set, const sigset_t *ignored)
{
	for (size_t i = 0; i < ARRAY_LEN(inherited); i++)
		if (sigismember(ignored, inherited[i]) == 1)
			sigdelset(set, inherited[i]);
}

/* A container that is gone gets nothing; its end is seen elsewhere. */
static void pass_on(struct forward *f, int signo)
{
	if (f->pidfd < 0)
		sigaddset(&f->held, signo);
	else
		sys_pidfd_send_signal(f->pidfd, signo);
}

static void on_signal(struct ev *ev, void *user,
		      const struct signalfd_siginfo *info)
{
	struct forward *f = user;
	int signo = (int)info->ssi_signo;

	if (f->seen)
		f->seen(ev, f->user, signo);
	if (!f->signals.link)
		return; /* the one who saw it has stopped us */
	pass_on(f, signo);
	if (signo == SIGTSTP)
		tty_stop_self();
}

int forward_start(struct forward *f, struct ev *ev, int pidfd, bool terminal,
		  struct err *e)
{
	sigset_t set, ignored;
	int r;

	forward_set(terminal, &set);
	if (!f->ignored)
		forward_ignored(&ignored);
	forward_leave(&set, f->ignored ? f->ignored : &ignored);
	sigemptyset(&f->held);
	f->pidfd = pidfd;
	r = ev_signal_add_set(ev, &f->signals, &set, on_signal, f);
	return r < 0 ? err_sys(e, r, "receive signals") : 0;
}

void forward_to(struct forward *f, int pidfd)
{
	f->pidfd = pidfd;
	for (int signo = 1; signo <= SIGRTMAX; signo++)
		if (sigismember(&f->held, signo) == 1)
			pass_on(f, signo);
	sigemptyset(&f->held);
}

void forward_stop(struct forward *f, struct ev *ev)
{
	ev_signal_remove(ev, &f->signals);
}
