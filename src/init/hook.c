/* SPDX-License-Identifier: Apache-2.0 */
/* Hooks that run in the container's namespaces: createContainer before the
 * root is entered, startContainer after it. */
#include <errno.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "init/init.h"

#define WAIT_EXITED 0x00000004 /* WEXITED */

/* Slot @slot becomes the standard stream @to; without one it stays. */
static bool place_stream(const struct init *in, int32_t slot, int to)
{
	return slot < 0 || SYS3(SYS_dup3, in->fds[slot], to, 0) == to;
}

/* @why: where the error number goes if the program cannot be executed */
static _Noreturn void hook_child(struct init *in, const struct plan_op *op,
				 int in_fd, int why)
{
	char **args = vector_pointers(in, op->str[1], 0, NULL);
	char **env = vector_pointers(in, op->str[2], 0, NULL);
	int r;

	if (args && env && SYS3(SYS_dup3, in_fd, 0, 0) == 0 &&
	    place_stream(in, op->fd[0], 1) && place_stream(in, op->fd[1], 2) &&
	    sys_close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) == 0) {
		r = (int)SYS3(SYS_execve, plan_get_str(&in->plan, op->str[0]),
			      args, env);
		sys_write(why, &r, sizeof(r));
	}
	SYS1(SYS_exit_group, 127);
	__builtin_unreachable();
}

/* The state document with this process's pid, as the runtime sees it, in the
 * place that was kept free for it: right-aligned, blanks before. */
static const char *state_with_pid(struct init *in, const struct plan_op *op,
				  uint32_t *ret_len)
{
	const char *blob = plan_get_blob(&in->plan, op->str[3], ret_len);
	char *at = (char *)(uintptr_t)blob + op->num[1];
	char number[24];
	struct text t = { number, number + sizeof(number) };
	size_t len;

	if (op->num[1] > *ret_len || *ret_len - op->num[1] < PLAN_PID_WIDTH)
		return NULL;
	text_number(&t, in->pid);
	len = strlen(number);
	memset(at, ' ', PLAN_PID_WIDTH);
	memcpy(at + PLAN_PID_WIDTH - len, number, len);
	return blob;
}

static long now_ms(void)
{
	struct timespec t;

	SYS2(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The reading end stays open here too while there is something to write: a hook
 * that closes its stdin must not make the kernel send SIGPIPE. */
struct feed { const char *data; size_t left; int fd, peer; };

static void stop_feeding(struct feed *f)
{
	if (f->fd < 0)
		return;
	sys_close(f->fd);
	sys_close(f->peer);
	f->fd = -1;
}

/* Waits until the hook ends, feeding its stdin meanwhile; a hook that never
 * reads cannot hold anything up.  Return: 0, or -ETIMEDOUT. */
static int watch(int pidfd, struct feed *f, long deadline)
{
	for (;;) {
		struct pollfd p[2] = { { .fd = pidfd, .events = POLLIN },
				       { .fd = f->fd, .events = POLLOUT } };
		long left = deadline ? deadline - now_ms() : 0;
		struct timespec wait = { left / 1000, left % 1000 * 1000000 };
		long r;

		if (deadline && left <= 0)
			return -ETIMEDOUT;
		r = SYS5(SYS_ppoll, p, 2, deadline ? &wait : NULL, NULL, 8);
		if (r < 0 && r != -EINTR)
			return (int)r;
		if (r > 0 && p[0].revents)
			return 0;
		if (r <= 0 || !p[1].revents)
			continue;
		r = sys_write(f->fd, f->data, f->left);
		if (r > 0) {
			f->data += r;
			f->left -= (size_t)r;
		}
		if ((r < 0 && r != -EAGAIN && r != -EINTR) || !f->left)
			stop_feeding(f);
	}
}

static int reap(struct init *in, int pidfd, int why)
{
	siginfo_t info;
	char number[24];
	struct text t = { number, number + sizeof(number) };
	int code;
	long r;

	memset(&info, 0, sizeof(info));
	r = SYS5(SYS_waitid, 3 /* P_PIDFD */, pidfd, &info, WAIT_EXITED, NULL);
	if (r < 0)
		return init_fail(in, (int)r, "wait for it");
	if (info.si_code == CLD_EXITED && info.si_status == 0)
		return 0;
	if (sys_read(why, &code, sizeof(code)) == sizeof(code))
		return init_fail(in, code, "execute it");
	text_number(&t, info.si_status);
	init_note(in, info.si_code == CLD_EXITED ? "exit status " : "signal ",
		  number);
	return init_fail(in, -ECANCELED, "it failed");
}

static int finish(struct init *in, const struct plan_op *op, int pidfd, int why,
		  struct feed *f)
{
	int r = watch(pidfd, f,
		      op->num[0] ? now_ms() + (long)op->num[0] * 1000 : 0);

	stop_feeding(f);
	if (r == 0)
		return reap(in, pidfd, why);
	sys_pidfd_send_signal(pidfd, SIGKILL);
	(void)reap(in, pidfd, why);
	in->note[0] = '\0';
	return init_fail(in, r, "it ran longer than its timeout");
}

static int make_pipe(struct init *in, int pipe[2])
{
	return init_fail(in, (int)SYS2(SYS_pipe2, pipe, O_CLOEXEC | O_NONBLOCK),
			 "make a pipe");
}

int op_hook(struct init *in, const struct plan_op *op)
{
	int pidfd = -1, pipe[2], why[2], r;
	struct clone_args args = { .flags = CLONE_PIDFD, .exit_signal = SIGCHLD,
				   .pidfd = (uintptr_t)&pidfd };
	struct feed f;
	uint32_t len;
	long pid;

	f.data = state_with_pid(in, op, &len);
	if (!f.data)
		return init_fail(in, -EPROTO, "no room for the pid");
	r = make_pipe(in, pipe);
	if (r < 0)
		return r;
	f.left = len;
	f.fd = pipe[1];
	f.peer = pipe[0];
	r = make_pipe(in, why);
	if (r < 0) {
		stop_feeding(&f);
		return r;
	}
	/* The hook itself expects an stdin that blocks. */
	SYS3(SYS_fcntl, pipe[0], F_SETFL, 0);
	pid = SYS2(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		hook_child(in, op, pipe[0], why[1]);
	r = pid < 0 ? init_fail(in, (int)pid, "fork")
		    : finish(in, op, pidfd, why[0], &f);
	stop_feeding(&f);
	sys_close(why[0]);
	sys_close(why[1]);
	if (pidfd >= 0)
		sys_close(pidfd);
	return r;
}
