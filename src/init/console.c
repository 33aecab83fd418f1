/* SPDX-License-Identifier: Apache-2.0 */
#include <asm/termbits.h>
#include <errno.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/tty.h>
#include <sys/vfs.h>

#include "init/init.h"
#include "util/weak.h"

/* <asm/termbits.h> has no struct winsize and <sys/ioctl.h> clashes with it. */
struct window { unsigned short rows, columns, xpixel, ypixel; };

#ifndef TIOCSWINSZ
#define TIOCSWINSZ 0x5414
#endif
#ifndef TIOCSCTTY
#define TIOCSCTTY 0x540E
#endif
#ifndef TIOCSPTLCK
#define TIOCSPTLCK 0x40045431
#endif
#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif

static int ioctl_ptr(int fd, unsigned long request, void *arg)
{
	return (int)SYS3(SYS_ioctl, fd, request, arg);
}

/* The container's own devpts and nothing that somebody has put in its place: to
 * open a file of any other file system may do something, or never return. */
static int open_devpts(struct init *in)
{
	int root = target_root(in), dir;
	struct statfs fs;

	if (root < 0)
		return root;
	dir = sys_openat2(root, "dev/pts", O_PATH | O_DIRECTORY, 0,
			  RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (dir < 0 || (SYS2(SYS_fstatfs, dir, &fs) == 0 &&
			fs.f_type == DEVPTS_SUPER_MAGIC))
		return dir;
	init_close(in, dir);
	return -ENODEV;
}

static int open_master(struct init *in)
{
	int dir = open_devpts(in), fd;
	struct stat st;

	if (dir < 0)
		return dir;
	/* Not one that is mounted over it either. */
	fd = sys_openat2(dir, "ptmx", O_RDWR | O_NOCTTY, 0,
			 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	init_close(in, dir);
	if (fd >= 0 && (sys_fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) ||
			st.st_rdev != sys_makedev(5, 2))) {
		init_close(in, fd);
		return -ENODEV;
	}
	return fd;
}

/* TIOCGPTPEER opens the other end without a path (CVE-2025-52565). */
static int open_slave(struct init *in, const struct plan_op *op, int master)
{
	struct window w = { (unsigned short)op->num[0],
			    (unsigned short)op->num[1], 0, 0 };
	int unlock = 0, slave, r;

	r = ioctl_ptr(master, TIOCSPTLCK, &unlock);
	if (r < 0)
		return init_fail(in, r, "unlock the terminal");
	slave = (int)SYS3(SYS_ioctl, master, TIOCGPTPEER,
			  O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return init_fail(in, slave, "open the terminal's slave");
	if (op->num[0] || op->num[1])
		(void)ioctl_ptr(slave, TIOCSWINSZ, &w);
	if (op->num[2])
		r = sys_fchown(slave, (uint32_t)op->num[2], (uint32_t)-1);
	/* A uid without a mapping stays with root's terminal. */
	return r < 0 && r != -EINVAL && r != -EPERM
		       ? init_fail(in, r, "chown the terminal") : slave;
}

static int console_target(struct init *in)
{
	if (weak(DEFENCE_CONSOLE_NOFOLLOW))
		return sys_openat(target_root(in), "dev/console",
				  O_RDWR | O_CREAT | O_NOCTTY, 0620);
	return target_make(in, "dev/console", TARGET_FILE, 0620, true);
}

static int clone_slave(struct init *in, int slave)
{
	if (weak(DEFENCE_CONSOLE_BY_FD))
		return sys_open_tree(target_root(in), "dev/pts/0",
				     OPEN_TREE_CLONE);
	return sys_open_tree(slave, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
}

static int bind_console(struct init *in, int slave)
{
	int target, mfd, r;

	target = console_target(in);
	if (target < 0)
		return init_fail(in, target, "open /dev/console");
	mfd = clone_slave(in, slave);
	if (mfd < 0)
		r = init_fail(in, mfd, "clone the terminal's slave");
	else
		r = mount_attach(in, mfd, target);
	if (mfd >= 0)
		init_close(in, mfd);
	init_close(in, target);
	return r;
}

static int take_terminal(struct init *in, int slave)
{
	int r = ioctl_ptr(slave, TIOCSCTTY, NULL);

	for (int fd = 0; r >= 0 && fd <= 2; fd++)
		r = (int)SYS3(SYS_dup3, slave, fd, 0);
	return init_fail(in, r < 0 ? r : 0, "make it the controlling terminal");
}

int op_console(struct init *in, const struct plan_op *op)
{
	int master = open_master(in), slave, r;

	if (master < 0)
		return init_fail(in, master, "open /dev/pts/ptmx (a terminal "
				 "needs a devpts on /dev/pts)");
	slave = open_slave(in, op, master);
	if (slave < 0)
		return slave;
	r = op->flags & PLAN_F_BIND ? bind_console(in, slave) : 0;
	if (r == 0)
		r = take_terminal(in, slave);
	if (r == 0)
		r = init_fail(in, ladder_send(in->ladder, LADDER_CONSOLE, 0,
					      master), "pass the terminal on");
	init_close(in, master);
	init_close(in, slave);
	return r;
}
