/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/vfs.h>

#include "init/init.h"
#include "util/weak.h"

static bool nothing_there(int r)
{
	return r == -ENOENT || r == -ENOTDIR;
}

/* The host's /dev/null, not one that an image brings (CVE-2025-31133): "/" is
 * still the host's, and what the fd is gets checked before it is used. */
static int host_null(struct init *in)
{
	struct stat st;
	int fd, r;

	if (in->host_null >= 0)
		return in->host_null;
	if (weak(DEFENCE_HOST_NULL))
		return sys_openat(target_root(in), "dev/null", O_PATH, 0);
	fd = sys_openat(AT_FDCWD, "/dev/null", O_PATH | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	r = sys_fstat(fd, &st);
	if (r == 0 && (!S_ISCHR(st.st_mode) || st.st_rdev != sys_makedev(1, 3)))
		r = -ENODEV;
	if (r < 0) {
		init_close(in, fd);
		return r;
	}
	in->host_null = fd;
	return fd;
}

/* One empty read-only tmpfs serves all masked directories: a superblock for
 * each would cost the host memory for every container. */
static int mask_directory(struct init *in, int target, uint32_t options)
{
	int mfd, r;

	if (in->empty_dir >= 0) {
		mfd = sys_open_tree(in->empty_dir, "",
				    OPEN_TREE_CLONE | AT_EMPTY_PATH);
		if (mfd < 0)
			return init_fail(in, mfd, "clone the empty directory");
		r = mount_attach(in, mfd, target);
		init_close(in, mfd);
		return r;
	}
	mfd = mount_create(in, "tmpfs", "tmpfs", options,
			   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
				   MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (mfd < 0)
		return mfd;
	/* A clone of it is possible only once it is attached. */
	r = mount_attach(in, mfd, target);
	in->empty_dir = mfd;
	return r;
}

static int mask_file(struct init *in, int target)
{
	int null = host_null(in), mfd, r;

	if (null < 0)
		return init_fail(in, null, "open the host's /dev/null");
	mfd = sys_open_tree(null, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
	if (mfd < 0)
		return init_fail(in, mfd, "clone the host's /dev/null");
	r = mount_attach(in, mfd, target);
	init_close(in, mfd);
	return r;
}

int op_mask(struct init *in, const struct plan_op *op)
{
	int target = target_find(in, plan_get_str(&in->plan, op->str[3]), false);
	struct stat st;
	int r;

	if (nothing_there(target))
		return 0;
	if (target < 0)
		return init_fail(in, target, "open the path");
	r = sys_fstat(target, &st);
	if (r < 0)
		init_fail(in, r, "look at the path");
	else if (S_ISDIR(st.st_mode))
		r = mask_directory(in, target, op->str[2]);
	else
		r = mask_file(in, target);
	init_close(in, target);
	return r;
}

int op_readonly(struct init *in, const struct plan_op *op)
{
	int target = target_find(in, plan_get_str(&in->plan, op->str[3]), false);
	struct mount_attr a = { .attr_set = MOUNT_ATTR_RDONLY };
	int mfd, r;

	if (nothing_there(target))
		return 0;
	if (target < 0)
		return init_fail(in, target, "open the path");
	mfd = sys_open_tree(target, "", OPEN_TREE_CLONE | AT_EMPTY_PATH |
						AT_RECURSIVE);
	if (mfd < 0) {
		init_close(in, target);
		return init_fail(in, mfd, "clone the mount");
	}
	r = init_fail(in, sys_mount_setattr(mfd, "", AT_EMPTY_PATH | AT_RECURSIVE,
					    &a, sizeof(a)),
		      "make it read-only");
	if (r == 0)
		r = mount_attach(in, mfd, target);
	init_close(in, mfd);
	init_close(in, target);
	return r;
}

/* A procfs of our own, or the host's: never the one in the container's root,
 * over which an image may have put anything (CVE-2025-52881). */
static int sysctl_proc(struct init *in)
{
	struct statfs fs;
	int fd;

	if (in->proc >= 0)
		return in->proc;
	if (weak(DEFENCE_OWN_PROC))
		return sys_openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY, 0);
	fd = mount_create(in, "proc", "proc", 0,
			  MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				  MOUNT_ATTR_NOEXEC);
	in->note[0] = '\0';
	if (fd < 0) /* EPERM in a user namespace without a pid namespace */
		fd = sys_openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY, 0);
	if (fd < 0)
		return fd;
	if (SYS2(SYS_fstatfs, fd, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC) {
		init_close(in, fd);
		return -EXDEV;
	}
	in->proc = fd;
	return fd;
}

static int open_sysctl(int proc, const char *path)
{
	if (weak(DEFENCE_OWN_PROC) || weak(DEFENCE_SYSCTL_NAME))
		return sys_openat(proc, path, O_WRONLY, 0);
	return sys_openat2(proc, path, O_WRONLY, 0,
			   RESOLVE_BENEATH | RESOLVE_NO_XDEV |
				   RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

int op_sysctl(struct init *in, const struct plan_op *op)
{
	const char *value = plan_get_str(&in->plan, op->str[1]);
	char path[512];
	struct text t = { path, path + sizeof(path) };
	int proc = sysctl_proc(in), fd;
	long r;

	if (proc < 0)
		return init_fail(in, proc, "open a procfs");
	text_put(&t, "sys/");
	text_put(&t, plan_get_str(&in->plan, op->str[0]));
	if (t.at + 1 >= t.end)
		return init_fail(in, -ENAMETOOLONG, "open the sysctl");
	fd = open_sysctl(proc, path);
	if (fd < 0)
		return init_fail(in, fd, "open the sysctl");
	/* Nothing at all would change nothing, and be no error.  A line's end is
	 * what a shell's echo writes: the kernel says what it thinks of that. */
	r = *value ? sys_write(fd, value, strlen(value)) : sys_write(fd, "\n", 1);
	init_close(in, fd);
	if (r < 0)
		init_note(in, value, NULL);
	return init_fail(in, r < 0 ? (int)r : 0, "write the value");
}
