/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/keyctl.h>
#include <linux/magic.h>
#include <linux/prctl.h>
#include <string.h>
#include <sys/vfs.h>

#include "init/init.h"
#include "util/weak.h"

#define LEFT_TO_SIBLING 1

/* What /proc shows of a process that is not dumpable belongs to the machine's
 * root, also to the process itself. */
static int open_own_proc(const char *path)
{
	int fd = sys_openat2(AT_FDCWD, path, O_WRONLY, 0, 0), r;

	if (fd != -EACCES)
		return fd;
	r = sys_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (r < 0)
		return r;
	fd = sys_openat2(AT_FDCWD, path, O_WRONLY, 0, 0);
	r = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return r < 0 ? r : fd;
}

/* Writes @text to a file of procfs.  Before the root is entered "/proc" is the
 * host's; that it really is a procfs is checked all the same. */
static int write_proc(const char *path, const char *text)
{
	struct statfs fs;
	int fd = open_own_proc(path);
	long r;

	if (fd < 0)
		return fd;
	r = SYS2(SYS_fstatfs, fd, &fs);
	if (r == 0 && fs.f_type != PROC_SUPER_MAGIC)
		r = -EXDEV;
	if (r == 0)
		r = sys_write(fd, text, strlen(text));
	sys_close(fd);
	return r < 0 ? (int)r : 0;
}

int op_oom_score(struct init *in, const struct plan_op *op)
{
	char number[24];
	struct text t = { number, number + sizeof(number) };

	text_number(&t, (int64_t)op->num[0]);
	return init_fail(in, write_proc("/proc/self/oom_score_adj", number),
			 "write oom_score_adj");
}

static int become(uint64_t uid, uint64_t gid)
{
	int r = (int)SYS3(SYS_setresgid, gid, gid, gid);

	return r < 0 ? r : (int)SYS3(SYS_setresuid, uid, uid, uid);
}

int op_ns_join(struct init *in, const struct plan_op *op)
{
	int r = 0;

	if ((uint32_t)op->fd[0] >= in->n_fds)
		r = ladder_receive_late(in);
	if (r < 0)
		return init_fail(in, r, "wait for the namespace");
	r = sys_setns(in->fds[op->fd[0]], (int)op->num[0]);
	if (r < 0)
		return init_fail(in, r, "join the namespace");
	r = op->num[1] ? become(0, 0) : 0;
	/* EINVAL: the namespace maps no root. */
	return init_fail(in, r == -EINVAL ? 0 : r,
			 "become root of the user namespace");
}

int op_ns_unshare(struct init *in, const struct plan_op *op)
{
	bool user = op->num[0] & CLONE_NEWUSER;
	int r = sys_unshare(op->num[0]);

	if (r == -EPERM && user)
		return init_fail(in, r, "create a user namespace (for users the "
				 "sysctls kernel.unprivileged_userns_clone and "
				 "kernel.apparmor_restrict_unprivileged_userns may "
				 "forbid it)");
	if (r == -ENOSPC)
		return init_fail(in, r, user ? "create a user namespace (the "
				 "sysctl user.max_user_namespaces says how many "
				 "there may be)" : "create namespaces (the sysctls "
				 "user.max_*_namespaces say how many there may be)");
	return init_fail(in, r, "create namespaces");
}

/* Nobody of the container is there yet who could use it that the process is
 * within reach of its user. */
int op_ns_map(struct init *in, const struct plan_op *op)
{
	int r = op->num[2] ? sys_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) : 0;

	if (r == 0)
		r = ladder_send(in->ladder, LADDER_USERNS, 0, -1);
	if (r == 0)
		r = ladder_wait(in->ladder, LADDER_MAPPED, NULL);
	if (r < 0)
		return init_fail(in, r, "wait for the id maps");
	r = become(op->num[0], op->num[1]);
	if (r == 0)
		r = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return init_fail(in, r, "become root of the user namespace");
}

/* A sibling goes on: children of the runtime both, so that it can wait for the
 * container's process although another one made it. */
int op_fork(struct init *in, const struct plan_op *op)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = CLONE_PARENT | CLONE_PIDFD | op->num[0],
		.pidfd = (uintptr_t)&pidfd,
	};
	long pid = SYS2(SYS_clone3, &args, sizeof(args));
	int r;

	/* pid_namespaces(7): what the kernel says without a first process. */
	if (pid < 0)
		return init_fail(in, (int)pid, pid == -ENOMEM
			? "fork into the namespaces (whose first process may "
			  "have ended)" : "fork into the namespaces");
	if (pid == 0) {
		int32_t outside;

		/* The runtime answers once it has taken the pidfd over. */
		r = ladder_wait(in->ladder, LADDER_FORKED, &outside);
		if (r < 0)
			return init_fail(in, r, "wait for the runtime");
		in->pid = outside;
		return sys_prctl(PR_SET_DUMPABLE, weak(DEFENCE_DUMPABLE), 0, 0, 0);
	}
	r = ladder_send(in->ladder, LADDER_FORKED, (int32_t)pid, pidfd);
	return r < 0 ? init_fail(in, r, "report the forked process")
		     : LEFT_TO_SIBLING;
}

int op_time_offsets(struct init *in, const struct plan_op *op)
{
	int r = write_proc("/proc/self/timens_offsets",
			   plan_get_str(&in->plan, op->str[0]));

	return init_fail(in, r, r == -ERANGE
		? "write timens_offsets (a clock would be before 0, or later than "
		  "the kernel can count)" : "write timens_offsets");
}

int op_host_step(struct init *in, const struct plan_op *op)
{
	int r = ladder_send(in->ladder, LADDER_NAMESPACES, 0, -1);

	if (r == 0)
		r = ladder_wait(in->ladder, LADDER_HOST_READY, NULL);
	return init_fail(in, r, "wait for the host's side");
}

int op_hostname(struct init *in, const struct plan_op *op)
{
	const char *name = plan_get_str(&in->plan, op->str[0]);

	return init_fail(in, (int)SYS2(SYS_sethostname, name, strlen(name)),
			 "set the hostname");
}

int op_domainname(struct init *in, const struct plan_op *op)
{
	const char *name = plan_get_str(&in->plan, op->str[0]);

	return init_fail(in, (int)SYS2(SYS_setdomainname, name, strlen(name)),
			 "set the domainname");
}

int op_keyring(struct init *in, const struct plan_op *op)
{
	const char *name = plan_get_str(&in->plan, op->str[0]);
	long r = SYS2(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);

	/* No keyrings in this kernel, or a filter around berth, which is around
	 * the container as well: there are no keys to be kept from it. */
	if (r == -ENOSYS || r == -EPERM)
		return 0;
	if (r == -EDQUOT)
		return init_fail(in, -EDQUOT, "no more keys for this user (raise "
				 "kernel.keys.maxkeys, or use --no-new-keyring)");
	if (r < 0)
		return init_fail(in, (int)r, "join a session keyring");
	if (op->num[0])
		r = SYS3(SYS_keyctl, KEYCTL_SETPERM, r, op->num[0]);
	return init_fail(in, r < 0 ? (int)r : 0,
			 "set the permissions of the session keyring");
}
