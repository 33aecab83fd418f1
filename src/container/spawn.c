/* SPDX-License-Identifier: Apache-2.0 */
#include "container/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/cgroup.h"
#include "process/affinity.h"
#include "util/auto.h"
#include "util/fs.h"
#include "util/sys.h"
#include "wire/plan.h"

/* All but SIGKILL (9) and SIGSTOP (19). */
#define CAN_BE_IGNORED (~(UINT64_C(1) << 8 | UINT64_C(1) << 18))

/* One look here instead of a sigaction for each of 64 signals. */
static uint64_t ignored_signals(void)
{
	char status[4096], *line;

	if (fs_read_small(AT_FDCWD, "/proc/self/status", status,
			  sizeof(status)) <= 0)
		return CAN_BE_IGNORED;
	line = strstr(status, "\nSigIgn:");
	return line ? strtoull(line + 8, NULL, 16) : CAN_BE_IGNORED;
}

void spawn_plan(struct plan_builder *b)
{
	uint64_t ignored = ignored_signals();

	if (ignored)
		plan_add(b, PLAN_SIGNALS, NULL)->num[0] = ignored;
}

/*
 * On shared memory: nothing here may touch what the parent has, errno and the
 * frames that a sanitizer marks included.
 */
#define ON_BORROWED_STACK __attribute__((no_sanitize("address", "undefined"), noreturn))

ON_BORROWED_STACK static void run_child(void *user)
{
	struct spawn_room *c = user;
	char name[] = "berth-init";
	char *argv[] = { name, c->ladder_arg, NULL };
	char *envp[] = { NULL };

	if (SYS4(SYS_rt_sigprocmask, SIG_SETMASK, &c->mask, NULL,
		 sizeof(c->mask)) == 0 &&
	    SYS3(SYS_fcntl, c->ladder, F_SETFD, 0) == 0)
		SYS5(SYS_execveat, c->image, "", argv, envp, AT_EMPTY_PATH);
	for (;;)
		SYS1(SYS_exit_group, 126);
}

static pid_t do_clone(struct spawn_room *room, uint64_t flags,
		      const struct cgroup *cg, int *ret_pidfd)
{
	struct clone_args args = {
		.flags = flags | CLONE_VM | CLONE_PIDFD | CLONE_CLEAR_SIGHAND |
			 (cg ? CLONE_INTO_CGROUP : 0),
		.pidfd = (uintptr_t)ret_pidfd,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)room->stack,
		.stack_size = sizeof(room->stack),
		.cgroup = cg ? (uint64_t)cg->fd : 0,
	};

	return (pid_t)sys_clone3_fn(&args, sizeof(args), run_child, room);
}

/* Into its cgroup, with the processors of before and after. */
static int place(const struct spawn_args *args, pid_t pid, bool born_there,
		 struct err *e)
{
	int r = 0;

	if (args->affinity)
		r = affinity_apply_initial(args->affinity, pid, e);
	if (r == 0 && args->cgroup && !born_there)
		r = cgroup_attach(args->cgroup, pid, e);
	if (r == 0 && args->affinity)
		r = affinity_apply_final(args->affinity, pid, e);
	return r;
}

int spawn_init(const struct spawn_args *args, pid_t *ret_pid, int *ret_pidfd,
	       struct err *e)
{
	struct spawn_room *room = args->room;
	auto_fd pidfd = -EBADF;
	bool before = args->affinity && args->affinity->has_initial;
	bool born_there = args->cgroup && !before;
	pid_t pid;
	int r;

	memcpy(&room->mask, args->mask, sizeof(room->mask));
	room->image = args->image;
	room->ladder = args->ladder;
	snprintf(room->ladder_arg, sizeof(room->ladder_arg), "%d", args->ladder);
	pid = do_clone(room, args->clone_flags,
		       born_there ? args->cgroup : NULL, &pidfd);
	/* EAGAIN: a limit of processes, which moving one in would get round. */
	if (pid < 0 && born_there && pid != -EAGAIN) {
		born_there = false;
		pid = do_clone(room, args->clone_flags, NULL, &pidfd);
	}
	if (pid < 0)
		return err_sys(e, pid, "create the container's process%s (clone3)",
			       pid == -EAGAIN ? ", which a limit forbids" : "");
	r = place(args, pid, born_there, e);
	if (r < 0) {
		sys_pidfd_send_signal(pidfd, SIGKILL);
		SYS5(SYS_waitid, 3 /* P_PIDFD */, pidfd, NULL, 4 /* WEXITED */,
		     NULL);
		return r;
	}
	*ret_pid = pid;
	*ret_pidfd = fd_take(&pidfd);
	return 0;
}
