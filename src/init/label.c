/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#include "init/init.h"

/* The file itself or nothing: whatever may lie over a part of the path, even in
 * the runtime's own /proc, is not entered. */
static int open_attribute(int procfs, const char *path)
{
	struct statfs fs;
	int fd = sys_openat2(procfs, path, O_WRONLY | O_NOCTTY, 0,
			     RESOLVE_BENEATH | RESOLVE_NO_XDEV |
				     RESOLVE_NO_MAGICLINKS);
	int r = fd < 0 ? fd : (int)SYS2(SYS_fstatfs, fd, &fs);

	if (r == 0 && fs.f_type != PROC_SUPER_MAGIC)
		r = -EXDEV;
	if (r == 0)
		return fd;
	if (fd >= 0)
		sys_close(fd);
	return r;
}

int op_lsm_exec(struct init *in, const struct plan_op *op)
{
	const char *text = plan_get_str(&in->plan, op->str[1]);
	char path[64] = "", note[96] = "";
	struct text p = { path, path + sizeof(path) };
	struct text n = { note, note + sizeof(note) };
	int fd;
	long r;

	text_put(&p, "thread-self/attr/");
	text_put(&p, plan_get_str(&in->plan, op->str[0]));
	/* Engines look for the path in these quotes. */
	text_put(&n, "`/proc/");
	text_put(&n, path);
	text_put(&n, "`");
	init_note(in, note, NULL);
	fd = open_attribute(in->fds[op->fd[0]], path);
	if (fd < 0)
		return init_fail(in, fd, "open the file for the label");
	r = sys_write(fd, text, strlen(text));
	sys_close(fd);
	/* They take "No such file" for a missing program. */
	if (r == -ENOENT)
		return init_fail(in, -ECANCELED, "no profile of this name is loaded");
	return init_fail(in, r < 0 ? (int)r : 0, "write the label");
}

int op_label(struct init *in, const struct plan_op *op)
{
	const char *label = plan_get_str(&in->plan, op->str[0]);
	int target = target_find(in, plan_get_str(&in->plan, op->str[3]), true);
	int fd, r;

	if (target < 0)
		return init_fail(in, target, "open the target");
	fd = sys_openat(target, ".", O_RDONLY | O_DIRECTORY, 0);
	init_close(in, target);
	if (fd < 0)
		return init_fail(in, fd, "open the target");
	r = (int)SYS5(SYS_fsetxattr, fd, "security.selinux", label,
		      strlen(label), 0);
	init_close(in, fd);
	return init_fail(in, r == -EOPNOTSUPP ? 0 : r, "label the directory");
}
