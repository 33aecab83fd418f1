/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/mount.h>
#include <string.h>

#include "init/init.h"
#include "util/weak.h"

/* Is what stands at @parent/@name just what the operation asks for? */
static bool is_device(struct init *in, int parent, const char *name, const struct plan_op *op)
{
	struct stat st;
	int fd = sys_openat(parent, name, O_PATH | O_NOFOLLOW, 0), r;

	if (fd < 0)
		return false;
	r = sys_fstat(fd, &st);
	init_close(in, fd);
	if (weak(DEFENCE_DEVICE_CHECK))
		return true;
	return r == 0 && (st.st_mode & S_IFMT) == (op->num[0] & S_IFMT) &&
	       (S_ISFIFO(st.st_mode) || st.st_rdev == op->num[1]);
}

/* Where mknod is refused (user namespaces) the host's node is bound, after a
 * look whether it is the device that was asked for. */
static int bind_node(struct init *in, const struct plan_op *op, int parent,
		     const char *name)
{
	const char *source = plan_get_str(&in->plan, op->str[0]);
	struct stat st;
	int from, target, mfd, r;

	if (!source)
		return init_fail(in, -EPERM, "mknod");
	from = sys_openat(AT_FDCWD, source, O_PATH | O_NOFOLLOW, 0);
	if (from < 0)
		return init_fail(in, from, "open the host's device");
	r = sys_fstat(from, &st);
	if (r == 0 && (((st.st_mode ^ op->num[0]) & S_IFMT) ||
		       st.st_rdev != op->num[1]))
		r = -ENODEV;
	if (r < 0)
		return init_fail(in, r, "the host's node is another device");

	target = sys_openat(parent, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY,
			    0644);
	if (target == -EEXIST)
		target = sys_openat(parent, name, O_PATH | O_NOFOLLOW, 0);
	if (target < 0)
		return init_fail(in, target, "make a file to bind the device on");
	mfd = sys_open_tree(from, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
	if (mfd < 0)
		r = init_fail(in, mfd, "clone the host's device");
	else
		r = mount_attach(in, mfd, target);
	if (mfd >= 0)
		init_close(in, mfd);
	init_close(in, target);
	init_close(in, from);
	return r;
}

int op_dev_node(struct init *in, const struct plan_op *op)
{
	uint32_t uid = (uint32_t)(op->num[2] >> 32), gid = (uint32_t)op->num[2];
	const char *name;
	int parent, r;

	parent = target_parent(in, plan_get_str(&in->plan, op->str[3]), &name);
	if (parent < 0)
		return init_fail(in, parent, "open the directory");
	r = sys_mknodat(parent, name, (unsigned int)op->num[0], op->num[1]);
	if (r == -EPERM)
		r = bind_node(in, op, parent, name);
	else if (r == -EEXIST && is_device(in, parent, name, op))
		r = 0;
	else if (r < 0)
		r = init_fail(in, r, "mknod");
	else if (uid || gid)
		r = init_fail(in, sys_fchownat(parent, name, uid, gid,
					       AT_SYMLINK_NOFOLLOW), "chown");
	return r;
}

int op_symlink(struct init *in, const struct plan_op *op)
{
	const char *says = plan_get_str(&in->plan, op->str[0]), *name;
	int parent, r;

	parent = target_parent(in, plan_get_str(&in->plan, op->str[3]), &name);
	if (parent < 0)
		return init_fail(in, parent, "open the directory");
	r = sys_symlinkat(says, parent, name);
	if (r == -EEXIST && (op->flags & PLAN_F_REPLACE)) {
		r = sys_unlinkat(parent, name, 0);
		if (r == 0)
			r = sys_symlinkat(says, parent, name);
	} else if (r == -EEXIST) {
		r = 0;
	}
	return init_fail(in, r, "make the symbolic link");
}

int op_dir(struct init *in, const struct plan_op *op)
{
	int fd = target_make(in, plan_get_str(&in->plan, op->str[3]), TARGET_DIR,
			     (unsigned int)op->num[0], false);

	if (fd < 0)
		return init_fail(in, fd, "make the directory");
	init_close(in, fd);
	return 0;
}
