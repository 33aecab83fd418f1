/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>

#include "init/init.h"
#include "util/weak.h"

/* What the runtime's caller ignores is none of the container's. */
int op_signals(struct init *in, const struct plan_op *op)
{
	for (int sig = 1; sig <= 64; sig++) {
		int r = 0;

		if (op->num[0] >> (sig - 1) & 1)
			r = sys_signal_default(sig);
		if (r < 0)
			return init_fail(in, r, "stop ignoring signals");
	}
	return 0;
}

int op_rlimit(struct init *in, const struct plan_op *op)
{
	uint64_t limit[2] = { op->num[1], op->num[2] };

	return init_fail(in, (int)SYS4(SYS_prlimit64, 0, op->num[0], limit, NULL),
			 "set the resource limit");
}

/* The container's user must be able to reopen its own /dev/stdout.  What is
 * not a stream of the container's alone stays: /dev/null is the host's. */
int op_stdio_owner(struct init *in, const struct plan_op *op)
{
	uint32_t uid = (uint32_t)op->num[0], gid = (uint32_t)op->num[1];

	for (int fd = 0; fd <= 2; fd++) {
		struct stat st;
		int r = sys_fstat(fd, &st);

		if (r < 0 || st.st_uid == uid ||
		    (!weak(DEFENCE_NULL_OWNER) && S_ISCHR(st.st_mode) &&
		     st.st_rdev == sys_makedev(1, 3)))
			continue;
		r = sys_fchown(fd, uid, gid);
		/* Not ours, not mapped, or not a thing with an owner. */
		if (r < 0 && r != -EPERM && r != -EINVAL && r != -EROFS &&
		    r != -ENOSYS)
			return init_fail(in, r, "chown a standard stream");
	}
	return 0;
}

/* A capability that the kernel does not know is not there to be dropped. */
int op_cap_bound(struct init *in, const struct plan_op *op)
{
	for (unsigned int cap = 0; cap < 64; cap++) {
		int r;

		if (op->num[0] >> cap & 1)
			continue;
		r = sys_prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
		if (r == -EINVAL)
			break;
		if (r < 0)
			return init_fail(in, r, "drop a bounding capability");
	}
	return 0;
}

int op_user(struct init *in, const struct plan_op *op)
{
	uint32_t len;
	const void *groups = plan_get_blob(&in->plan, op->str[0], &len);
	int r = 0;

	/* Only leaving uid 0 takes capabilities away. */
	if ((op->flags & PLAN_F_KEEP_CAPS) && op->num[0])
		r = sys_prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (r < 0)
		return init_fail(in, r, "keep the capabilities");
	if (!(op->flags & PLAN_F_KEEP_GROUPS))
		r = (int)SYS2(SYS_setgroups, len / sizeof(uint32_t), groups);
	if (r == -EPERM && op->num[2] && !len)
		r = 0;
	if (r < 0)
		return init_fail(in, r, r == -EPERM && op->num[2]
			? "set the additional groups (denied in a user namespace "
			  "that maps no group but its maker's)"
			: "set the additional groups");
	r = (int)SYS3(SYS_setresgid, op->num[1], op->num[1], op->num[1]);
	if (r < 0)
		return init_fail(in, r, "set the gid");
	r = (int)SYS3(SYS_setresuid, op->num[0], op->num[0], op->num[0]);
	if (r < 0)
		return init_fail(in, r, "set the uid");
	if (!op->num[0] || weak(DEFENCE_DUMPABLE))
		return 0;
	/* A change of uid makes a process dumpable again. */
	return init_fail(in, sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0),
			 "stay out of reach of ptrace");
}

static int raise_ambient(uint64_t ambient)
{
	int r = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);

	for (unsigned int cap = 0; r == 0 && cap < 64; cap++)
		if (ambient >> cap & 1)
			r = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap,
				      0, 0);
	return r;
}

int op_caps(struct init *in, const struct plan_op *op)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2];
	const struct plan_caps *c;
	uint32_t len;
	int r;

	c = plan_get_blob(&in->plan, op->str[0], &len);
	if (len != sizeof(*c))
		return init_fail(in, -EPROTO, "read the capabilities");
	for (int i = 0; i < 2; i++) {
		data[i].effective = (uint32_t)(c->effective >> (32 * i));
		data[i].permitted = (uint32_t)(c->permitted >> (32 * i));
		data[i].inheritable = (uint32_t)(c->inheritable >> (32 * i));
	}
	r = (int)SYS2(SYS_capset, &head, data);
	if (r < 0)
		return init_fail(in, r, "set the capabilities");
	return init_fail(in, raise_ambient(c->ambient),
			 "raise the ambient capabilities");
}

/* The directory must be inside the root: a working directory that came through
 * a leaked fd or a magic link shows as "(unreachable)" (CVE-2024-21626). */
int op_chdir(struct init *in, const struct plan_op *op)
{
	const char *path = plan_get_str(&in->plan, op->str[0]);
	char cwd[4096];
	long r;

	if (in->in_cwd)
		return 0;
	r = sys_chdir(path);
	if (r < 0)
		return init_fail(in, (int)r, "change the working directory");
	r = SYS2(SYS_getcwd, cwd, sizeof(cwd));
	if (r < 0)
		return init_fail(in, (int)r, "check the working directory");
	if (cwd[0] != '/' && !weak(DEFENCE_CWD_INSIDE)) {
		sys_chdir("/");
		return init_fail(in, -EPERM, "the working directory is outside "
				 "the container's root");
	}
	in->in_cwd = true;
	return 0;
}

int op_memory_policy(struct init *in, const struct plan_op *op)
{
	uint32_t len;
	const void *nodes = plan_get_blob(&in->plan, op->str[0], &len);

	if (op->num[1] > 8 * (uint64_t)len + 1)
		return init_fail(in, -EPROTO, "read the set of nodes");
	return init_fail(in, (int)SYS3(SYS_set_mempolicy, op->num[0], nodes,
				       op->num[1]), "set the memory policy");
}

/*
 * The listener's way out.  Once the filter is installed, any system call of
 * this process may itself wait for the listener's owner, so nothing may be
 * called: the number that the fd will have is sent before, the runtime fetches
 * it with pidfd_getfd and then sets a flag in memory that both have mapped.
 */
struct listener {
	volatile uint32_t *flag;
	int number;
};

#define SPIN_LIMIT (1ull << 34) /* some seconds; the runtime needs microseconds */

static int announce_listener(struct init *in, struct listener *l)
{
	int mem = (int)SYS2(SYS_memfd_create, "listener", MFD_CLOEXEC);
	long p, r;

	if (mem < 0)
		return mem;
	r = SYS2(SYS_ftruncate, mem, sizeof(uint32_t));
	p = r < 0 ? r : sys_call6(SYS_mmap, 0, sizeof(uint32_t), PROT_READ,
				  MAP_SHARED | MAP_POPULATE, mem, 0);
	if (p < 0 && p > -4096) {
		sys_close(mem);
		return (int)p;
	}
	l->flag = (volatile uint32_t *)p;
	/* The lowest free number is the one that seccomp(2) will give. */
	l->number = (int)SYS3(SYS_fcntl, mem, F_DUPFD_CLOEXEC, 0);
	if (l->number >= 0)
		sys_close(l->number);
	r = l->number < 0 ? l->number
			  : ladder_send(in->ladder, LADDER_LISTENER, l->number,
					mem);
	/* mem stays open: closing it would free a lower number. */
	return (int)r;
}

int op_seccomp(struct init *in, const struct plan_op *op)
{
	struct { unsigned short len; const void *filter; } prog;
	bool notify = op->num[0] & SECCOMP_FILTER_FLAG_NEW_LISTENER;
	struct listener l = { 0 };
	uint32_t len;
	int r;

	prog.filter = plan_get_blob(&in->plan, op->str[0], &len);
	prog.len = (unsigned short)(len / 8);
	if (len % 8 || len / 8 > 4096 || !len)
		return init_fail(in, -EINVAL, "size of the seccomp filter");
	r = notify ? announce_listener(in, &l) : 0;
	if (r < 0)
		return init_fail(in, r, "announce the seccomp listener");
	r = sys_seccomp(SECCOMP_SET_MODE_FILTER, (unsigned int)op->num[0], &prog);
	if (r < 0 || !notify)
		return init_fail(in, r, "install the seccomp filter");
	for (uint64_t i = 0; !*l.flag && i < SPIN_LIMIT; i++)
		__asm__ volatile("" ::: "memory");
	return *l.flag ? 0 : init_fail(in, -ETIMEDOUT, "hand the listener over");
}
