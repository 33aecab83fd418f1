/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/prctl.h>
#include <string.h>

#include "init/init.h"
#include "util/weak.h"

int init_fail(struct init *in, int r, const char *step)
{
	in->step = step;
	return r;
}

void init_note(struct init *in, const char *a, const char *b)
{
	struct text t = { in->note, in->note + sizeof(in->note) };

	text_put(&t, a);
	text_put(&t, b);
}

#define FDS_LEFT_OPEN 64 /* the size of the kernel's first table of fds */

void init_close(struct init *in, int fd)
{
	if (fd >= FDS_LEFT_OPEN)
		sys_close(fd);
}

/* Operations of one system call, with the name of the step that it is. */
static int op_simple(struct init *in, const struct plan_op *op)
{
	switch (op->code) {
	case PLAN_SETSID: {
		int r = weak(DEFENCE_SETSID) ? 0 : (int)SYS0(SYS_setsid);

		/* EPERM: a leader already, which is what was wanted. */
		return r < 0 && r != -EPERM ? init_fail(in, r, "setsid") : 0;
	}
	case PLAN_NO_NEW_PRIVS:
		return init_fail(in, sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
				 "set no_new_privs");
	case PLAN_CWD:
		in->cwd = plan_get_str(&in->plan, op->str[0]);
		in->in_target = false;
		(void)sys_chdir(in->cwd);
		return 0;
	case PLAN_UMASK:
		SYS1(SYS_umask, op->num[0]);
		return 0;
	case PLAN_PERSONALITY:
		return init_fail(in, (int)SYS1(SYS_personality, op->num[0]) < 0
				     ? -EINVAL : 0, "set the personality");
	case PLAN_CLOSE_FDS:
		if (weak(DEFENCE_CLOSE_FDS))
			return 0;
		return init_fail(in, sys_close_range((unsigned int)op->num[0],
						     ~0u, 4 /* CLOEXEC */),
				 "mark the other file descriptors");
	default:
		return init_fail(in, -EPROTO, "unknown operation");
	}
}

/* op_fork's way to say that the sibling goes on, and the end of a plan. */
#define NOTHING_LEFT 1

static int op_run(struct init *in, const struct plan_op *op)
{
	switch ((enum plan_code)op->code) {
	case PLAN_SIGNALS:	return op_signals(in, op);
	case PLAN_OOM_SCORE:	return op_oom_score(in, op);
	case PLAN_NS_JOIN:	return op_ns_join(in, op);
	case PLAN_NS_UNSHARE:	return op_ns_unshare(in, op);
	case PLAN_NS_MAP:	return op_ns_map(in, op);
	case PLAN_FORK:		return op_fork(in, op);
	case PLAN_TIME_OFFSETS:	return op_time_offsets(in, op);
	case PLAN_HOST_STEP:	return op_host_step(in, op);
	case PLAN_HOSTNAME:	return op_hostname(in, op);
	case PLAN_DOMAINNAME:	return op_domainname(in, op);
	case PLAN_KEYRING:	return op_keyring(in, op);
	case PLAN_PROPAGATION:	return op_propagation(in, op);
	case PLAN_ROOT:		return op_root(in, op);
	case PLAN_MOUNT_FS:	return op_mount_fs(in, op);
	case PLAN_MOUNT_TREE:	return op_mount_tree(in, op);
	case PLAN_MOUNT_CHANGE:	return op_mount_change(in, op);
	case PLAN_MOUNT_CGROUP:	return op_mount_cgroup(in, op);
	case PLAN_UNMOUNT:	return op_unmount(in, op);
	case PLAN_DEV_NODE:	return op_dev_node(in, op);
	case PLAN_SYMLINK:	return op_symlink(in, op);
	case PLAN_DIR:		return op_dir(in, op);
	case PLAN_MASK:		return op_mask(in, op);
	case PLAN_READONLY:	return op_readonly(in, op);
	case PLAN_SYSCTL:	return op_sysctl(in, op);
	case PLAN_CONSOLE:	return op_console(in, op);
	case PLAN_LABEL:	return op_label(in, op);
	case PLAN_HOOK:		return op_hook(in, op);
	case PLAN_ROOT_ATTR:	return op_root_attr(in, op);
	case PLAN_PIVOT:	return op_pivot(in, op);
	case PLAN_CHROOT:	return op_chroot(in, op);
	case PLAN_RLIMIT:	return op_rlimit(in, op);
	case PLAN_STDIO_OWNER:	return op_stdio_owner(in, op);
	case PLAN_FIND:		return op_find(in, op);
	case PLAN_READY:	return op_ready(in, op);
	case PLAN_CAP_BOUND:	return op_cap_bound(in, op);
	case PLAN_USER:		return op_user(in, op);
	case PLAN_CAPS:		return op_caps(in, op);
	case PLAN_CHDIR:	return op_chdir(in, op);
	case PLAN_MEMORY_POLICY: return op_memory_policy(in, op);
	case PLAN_LSM_EXEC:	return op_lsm_exec(in, op);
	case PLAN_SECCOMP:	return op_seccomp(in, op);
	case PLAN_ARGS:		return op_args(in, op);
	case PLAN_EXEC:		return op_exec(in, op);
	case PLAN_EXIT:		return NOTHING_LEFT;
	case PLAN_SETSID:
	case PLAN_CWD:
	case PLAN_PERSONALITY:
	case PLAN_NO_NEW_PRIVS:
	case PLAN_UMASK:
	case PLAN_CLOSE_FDS:
	case PLAN_END:
	case PLAN_CODES:
		break;
	}
	return op_simple(in, op);
}

static bool is_instead(const struct plan *p, uint32_t i)
{
	return i < p->header->n_ops && (p->ops[i].flags & PLAN_F_INSTEAD);
}

/* Whether those after @i take the place of one that failed so. */
static bool has_another_way(const struct init *in, uint32_t i, int r)
{
	return (r == -EPERM || r == -EACCES || r == -EBUSY) &&
	       !is_instead(&in->plan, i) && is_instead(&in->plan, i + 1);
}

static int run_plan(struct init *in)
{
	bool refused = false;

	for (uint32_t i = 0; i < in->plan.header->n_ops; i++) {
		const struct plan_op *op = &in->plan.ops[i];
		int r;

		if ((op->flags & PLAN_F_INSTEAD) && !refused)
			continue;
		r = op_run(in, op);
		if (r == NOTHING_LEFT)
			return 0;
		if (!(op->flags & PLAN_F_INSTEAD))
			refused = has_another_way(in, i, r);
		if (r < 0 && !(op->flags & PLAN_F_OPTIONAL) &&
		    !has_another_way(in, i, r)) {
			ladder_send_failure(in, op, r);
			return 1;
		}
		in->note[0] = '\0';
	}
	in->step = "the plan ends without a program";
	ladder_send_failure(in, NULL, -EPROTO);
	return 1;
}

int init_main(int ladder)
{
	struct init in;
	int r;

	memset(&in, 0, offsetof(struct init, fds));
	in.n_fds = in.n_pointers = 0;
	in.ladder = ladder;
	in.root = in.host_null = in.empty_dir = in.proc = in.parent = -1;
	in.root_private = in.in_cwd = in.made_there = in.in_target = false;
	in.exec_path = in.step = in.cwd = NULL;
	in.args = in.env = NULL;
	in.note[0] = '\0';

	/* Until execve nobody in the container may trace this process or look
	 * through its /proc/PID.  CAP_SYS_PTRACE does not help in a user namespace
	 * of the container's own; in the host's it is a right over the host. */
	r = sys_prctl(PR_SET_DUMPABLE, weak(DEFENCE_DUMPABLE), 0, 0, 0);
	if (r == 0)
		r = ladder_receive_plan(&in);
	if (r < 0) {
		in.step = "berth-init: receive the start plan";
		/* A dead runtime hears nothing: that is fine. */
		ladder_send_failure(&in, NULL, r);
		return 1;
	}
	return run_plan(&in);
}
