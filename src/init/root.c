/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/mount.h>
#include <string.h>

#include "init/init.h"

/* <sys/mount.h> and <linux/mount.h> cannot be included together. */
#define MS_MOVE_FLAG 8192UL
#define MNT_DETACH_FLAG 2
#define MS_REC_FLAG 16384UL
#define MS_PRIVATE_FLAG (1UL << 18)
#define MS_SLAVE_FLAG (1UL << 19)

static int set_attrs(int fd, struct mount_attr a, unsigned int flags)
{
	return sys_mount_setattr(fd, "", AT_EMPTY_PATH | flags, &a, sizeof(a));
}

int op_propagation(struct init *in, const struct plan_op *op)
{
	in->root_private = op->num[0] == (MS_PRIVATE_FLAG | MS_REC_FLAG);
	return init_fail(in, sys_mount(NULL, "/", NULL, op->num[0], NULL),
			 "set the propagation of /");
}

/* pivot_root refuses a new root that lies on a shared mount: walks up from @fd
 * to the root of that mount and makes it private. */
static int make_parent_private(struct init *in, int fd)
{
	int cur = sys_openat(fd, ".", O_PATH | O_DIRECTORY, 0), r;

	if (cur < 0)
		return cur;
	for (;;) {
		struct mount_attr a = { .propagation = MS_PRIVATE_FLAG };
		int up;

		r = set_attrs(cur, a, 0);
		if (r != -EINVAL)
			break;
		up = sys_openat(cur, "..", O_PATH | O_DIRECTORY, 0);
		init_close(in, cur);
		if (up < 0)
			return up;
		cur = up;
	}
	init_close(in, cur);
	return r;
}

static int same_directory(int a, int b)
{
	struct stat x, y;
	int r = sys_fstat(a, &x);

	if (r == 0)
		r = sys_fstat(b, &y);
	if (r < 0)
		return r;
	return x.st_dev == y.st_dev && x.st_ino == y.st_ino ? 0 : -ESTALE;
}

/* The tree goes onto its own path, so that hooks which look there by the
 * host's name see the container's mounts. */
int op_root(struct init *in, const struct plan_op *op)
{
	const char *path = plan_get_str(&in->plan, op->str[0]);
	int place, tree, r;

	place = sys_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0);
	if (place < 0)
		return init_fail(in, place, "open the root filesystem");
	if (op->fd[0] >= 0)
		tree = in->fds[op->fd[0]];
	else
		tree = sys_open_tree(place, "", OPEN_TREE_CLONE | AT_EMPTY_PATH |
							AT_RECURSIVE);
	if (tree < 0)
		return init_fail(in, tree, "clone the root filesystem");
	r = same_directory(place, tree);
	if (r < 0)
		return init_fail(in, r, "the root filesystem was replaced "
					"while the container was starting");
	if (op->num[1]) {
		r = make_parent_private(in, place);
		if (r < 0)
			return init_fail(in, r, "make the parent mount private");
	}
	r = mount_attach(in, tree, place);
	if (r < 0)
		return r;
	init_close(in, place);
	in->root = tree;
	if (op->num[0]) {
		struct mount_attr a = { .propagation = op->num[0] & ~MS_REC_FLAG };

		r = set_attrs(tree, a, op->num[0] & MS_REC_FLAG ? AT_RECURSIVE : 0);
	}
	return init_fail(in, r, "set the propagation of the root");
}

int op_root_attr(struct init *in, const struct plan_op *op)
{
	struct mount_attr a = { .attr_set = op->num[0] };
	int root = target_root(in);

	return init_fail(in, root < 0 ? root : set_attrs(root, a, 0),
			 "set the attributes of the root");
}

/* For an initial ramfs, which pivot_root cannot leave. */
static int move_root(struct init *in)
{
	/* A full procfs or sysfs of the host must not stay reachable below. */
	sys_umount2("/proc", MNT_DETACH_FLAG);
	sys_umount2("/sys", MNT_DETACH_FLAG);
	return sys_mount(".", "/", NULL, MS_MOVE_FLAG, NULL);
}

static int pivot(struct init *in)
{
	int r = sys_pivot_root(".", ".");

	/* The old root lies on top of the new one now.  What is unmounted
	 * below must not be unmounted on the host. */
	if (r == 0 && !in->root_private)
		r = sys_mount(NULL, ".", NULL, MS_SLAVE_FLAG | MS_REC_FLAG, NULL);
	if (r == 0)
		r = sys_umount2(".", MNT_DETACH_FLAG);
	return r;
}

int op_pivot(struct init *in, const struct plan_op *op)
{
	bool no_pivot = op->flags & PLAN_F_NO_PIVOT;
	int r = sys_fchdir(in->root);

	if (r == 0)
		r = no_pivot ? move_root(in) : pivot(in);
	if (r < 0)
		return init_fail(in, r, no_pivot ? "move the root" : "pivot_root");
	/* After pivot_root the process stands in its root already. */
	if (no_pivot)
		r = (int)SYS1(SYS_chroot, ".");
	if (r == 0 && op->num[0])
		r = sys_mount(NULL, "/", NULL, op->num[0], NULL);
	return init_fail(in, r, "enter the root");
}

int op_chroot(struct init *in, const struct plan_op *op)
{
	int r = sys_fchdir(in->fds[op->fd[0]]);

	if (r == 0)
		r = (int)SYS1(SYS_chroot, ".");
	if (r == 0)
		r = sys_chdir("/");
	if (r == 0 && in->root < 0)
		in->root = in->fds[op->fd[0]];
	return init_fail(in, r, "enter the root");
}
