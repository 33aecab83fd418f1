/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/sys.h"

#define STACK_BYTES 32768 /* calls nothing but thin wrappers of system calls */

/* The child leaves its frames behind in execve(2); a sanitizer that marks frames
 * would find them later in memory of the parent. */
#define ON_BORROWED_STACK __attribute__((no_sanitize("address", "undefined")))

struct start {
	const struct spawn_args *a;
	int failed; /* errno, written by the child */
};

/* Ignored signals stay ignored over execve(2): some callers ignore SIGPIPE. */
ON_BORROWED_STACK static void reset_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig <= SIGRTMAX; sig++)
		sys_signal_default(sig);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Above 2 first: @in could be 1, and @out 0, when the caller had them closed. */
ON_BORROWED_STACK static int place_fds(const struct spawn_args *a)
{
	int in = fcntl(a->in, F_DUPFD, 3), out = fcntl(a->out, F_DUPFD, 3),
	    err = fcntl(a->err, F_DUPFD, 3);

	if (in < 0 || out < 0 || err < 0 || dup2(in, 0) < 0 ||
	    dup2(out, 1) < 0 || dup2(err, 2) < 0)
		return -1;
	return a->cwd >= 0 ? fchdir(a->cwd) : 0;
}

ON_BORROWED_STACK static int child(void *arg)
{
	struct start *s = arg;

	setpgid(0, 0);
	if (place_fds(s->a) == 0) {
		syscall(SYS_close_range, 3, UINT_MAX, 0);
		reset_signals();
		execve(s->a->path, s->a->argv, s->a->envp);
	}
	s->failed = errno;
	_exit(127);
}

static pid_t clone_child(struct start *s, int *ret_pidfd)
{
	_Alignas(16) char stack[STACK_BYTES];
	sigset_t all, before;
	pid_t pid;
	int saved;

	/* A handler of ours must not run in the child, on shared memory. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = clone(child, stack + sizeof(stack),
		    CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, s,
		    ret_pidfd);
	saved = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid < 0 ? -saved : pid;
}

pid_t spawn(const struct spawn_args *a, int *ret_pidfd)
{
	struct start s = { .a = a };
	int pidfd = -1;
	pid_t pid = clone_child(&s, &pidfd);

	if (pid < 0)
		return pid;
	if (!s.failed) {
		*ret_pidfd = pidfd;
		return pid;
	}
	close(pidfd);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return -s.failed;
}
