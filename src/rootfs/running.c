/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts of a container that runs already. */
#include <errno.h>
#include <linux/mount.h>
#include <string.h>

#include "rootfs/planner.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/sys.h"
#include "wire/plan.h"

/* --- a file system that is made on this side --------------------------------
 * Its source and the paths among its options are the host's, which the plan's
 * executor cannot see once it is in the container. */

#define KERNEL_TEXT 200

/* What the kernel says on the file system's fd: "e ext4: bad superblock". */
static void add_kernel_text(int fsfd, struct err *e)
{
	char text[KERNEL_TEXT];
	long n = sys_read(fsfd, text, sizeof(text) - 1);
	struct err said = { 0 };

	if (n <= 2 || !e)
		return;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	err_set(&said, e->code, "%s: %s", e->text,
		text[1] == ' ' ? text + 2 : text);
	*e = said;
}

static int set_option(int fsfd, const char *option, struct arena *a)
{
	const char *eq = strchr(option, '=');
	char *key;

	if (!eq)
		return sys_fsconfig(fsfd, FSCONFIG_SET_FLAG, option, NULL, 0);
	key = arena_dup(a, option, (size_t)(eq - option));
	if (!key)
		return -ENOMEM;
	return sys_fsconfig(fsfd, FSCONFIG_SET_STRING, key, eq + 1, 0);
}

static int set_options(int fsfd, const struct oci_strv *v, struct arena *a,
		       struct err *e)
{
	for (size_t i = 0; i < v->n; i++) {
		int r = set_option(fsfd, v->v[i], a);

		if (r < 0)
			return err_sys(e, r, "set the option %s", v->v[i]);
	}
	return 0;
}

static int configure(int fsfd, const struct mount_entry *m, struct arena *a,
		     struct err *e)
{
	const char *source = m->m->source;
	int r = 0;

	if (source && source[0])
		r = sys_fsconfig(fsfd, FSCONFIG_SET_STRING, "source", source, 0);
	if (r < 0)
		return err_sys(e, r, "set the source %s", source);
	r = set_options(fsfd, &m->o.super, a, e);
	if (r == 0)
		r = set_options(fsfd, &m->o.data, a, e);
	if (r < 0)
		return r;
	if (fresh_attrs(&m->o) & MOUNT_ATTR_RDONLY)
		r = sys_fsconfig(fsfd, FSCONFIG_SET_FLAG, "ro", NULL, 0);
	if (r == 0)
		r = sys_fsconfig(fsfd, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	return r < 0 ? err_sys(e, r, "create the file system") : 0;
}

static int make_fs(struct planner *p, const struct mount_entry *m, int *ret,
		   struct err *e)
{
	auto_fd fsfd = sys_fsopen(m->m->type, FSOPEN_CLOEXEC);
	int r;

	if (fsfd == -ENODEV)
		return err_set(e, ENODEV, "this kernel has no file system of "
			       "type %s", m->m->type);
	if (fsfd < 0)
		return err_sys(e, fsfd, "fsopen %s", m->m->type);
	r = configure(fsfd, m, p->a, e);
	if (r < 0) {
		add_kernel_text(fsfd, e);
		return r;
	}
	r = sys_fsmount(fsfd, FSMOUNT_CLOEXEC, (unsigned int)fresh_attrs(&m->o));
	if (r < 0)
		return err_sys(e, r, "mount the file system");
	*ret = r;
	return 0;
}

int plan_outside(struct planner *p, const struct mount_entry *m, struct err *e)
{
	struct plan_op *op;
	int fd = -1, r = make_fs(p, m, &fd, e);

	if (r < 0)
		return err_wrap(e, "mounts[%zu]: %s", m->index, m->m->destination);
	op = plan_add(p->b, PLAN_MOUNT_TREE, "%s", m->what);
	op->fd[0] = plan_fd(p->b, fd);
	op->str[3] = plan_str(p->b, m->target);
	op->num[2] = fresh_propagation(p, m->o.propagation);
	if (m->o.flags & MOUNT_OPT_DEST_NOFOLLOW)
		op->flags = PLAN_F_NOFOLLOW;
	return 0;
}

/* --- one entry --------------------------------------------------------------- */

int rootfs_plan_running(struct plan_builder *b, const struct rootfs_request *r,
			size_t index, struct arena *a, struct err *e)
{
	struct planner p;
	int ret = planner_init(&p, b, r, a, e);

	return ret < 0 ? ret : plan_mount(&p, index, e);
}

int rootfs_plan_unmount(struct plan_builder *b, const struct rootfs_request *r,
			size_t index, struct arena *a, struct err *e)
{
	struct mount_entry m = { .m = &r->spec->mounts[index], .index = index };
	struct planner p;
	int ret = planner_init(&p, b, r, a, e);

	if (ret == 0)
		ret = mount_target(&p, &m, e);
	if (ret < 0)
		return ret;
	plan_add(b, PLAN_UNMOUNT, "%s", m.what)->str[3] = plan_str(b, m.target);
	return 0;
}
