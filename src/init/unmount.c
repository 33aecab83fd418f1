/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/limits.h>
#include <string.h>

#include "init/init.h"

/* <sys/mount.h> and <linux/mount.h> cannot be included together. */
#define MNT_DETACH_FLAG 2
#define UMOUNT_NOFOLLOW_FLAG 8

static int same_file(int fd, int dir, const char *name)
{
	struct stat a, b;
	int r = sys_fstat(fd, &a);

	if (r == 0)
		r = (int)SYS4(SYS_newfstatat, dir, name, &b, AT_SYMLINK_NOFOLLOW);
	if (r < 0)
		return r;
	if (S_ISLNK(b.st_mode))
		return -ELOOP;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino ? 0 : -ESTALE;
}

/* One cannot stand on a file, so its name in the directory that has it is the
 * only one that there is.  Whoever swaps it now only cheats himself: nothing
 * but a mount of this namespace can be meant. */
static int unmount_file(struct init *in, const char *path, int target)
{
	char dir[PATH_MAX];
	size_t len = strlen(path), end = len;
	int parent, r;

	while (end && path[end - 1] != '/')
		end--;
	if (end >= sizeof(dir))
		return -ENAMETOOLONG;
	memcpy(dir, path, end);
	dir[end] = '\0';
	parent = target_find(in, end ? dir : ".", false);
	if (parent < 0)
		return parent;
	r = same_file(target, parent, path + end);
	if (r == 0)
		r = sys_fchdir(parent);
	if (r == 0)
		r = sys_umount2(path + end, MNT_DETACH_FLAG | UMOUNT_NOFOLLOW_FLAG);
	init_close(in, parent);
	return r;
}

int op_unmount(struct init *in, const struct plan_op *op)
{
	const char *path = plan_get_str(&in->plan, op->str[3]);
	int target = target_find(in, path, false), r;
	struct stat st;

	if (target < 0)
		return init_fail(in, target, "open the target");
	target_forget_parent(in);
	r = sys_fstat(target, &st);
	if (r == 0 && S_ISDIR(st.st_mode)) {
		r = sys_fchdir(target);
		if (r == 0)
			r = sys_umount2(".", MNT_DETACH_FLAG);
	} else if (r == 0) {
		r = unmount_file(in, path, target);
	}
	init_close(in, target);
	in->in_target = true;
	if (r == -EINVAL)
		return init_fail(in, r, "it is not a mount point, or one that "
					"cannot be taken away");
	return init_fail(in, r, r == -ELOOP ? "the target is a symbolic link"
					    : "unmount");
}
