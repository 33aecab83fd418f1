/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/rootfs.h"

#include <errno.h>
#include <linux/mount.h>
#include <stddef.h>

#include "oci/spec.h"
#include "rootfs/planner.h"
#include "util/auto.h"
#include "util/sys.h"
#include "wire/plan.h"

#define CWD_MODE 0755

int planner_init(struct planner *p, struct plan_builder *b,
		 const struct rootfs_request *r, struct arena *a,
		 struct err *e)
{
	const struct oci_linux *l = r->spec->linux_;

	*p = (struct planner){
		.b = b,
		.r = r,
		.a = a,
		.propagation = MS_REC | MS_PRIVATE,
		.userns = r->new_userns || r->in_userns ||
			  l->namespaces[OCI_NS_USER].listed,
	};
	if (!l->namespaces[OCI_NS_MOUNT].listed)
		return err_set(e, EINVAL, "linux.namespaces: a root of its own needs a mount namespace");
	if (r->joined_mount_ns && !r->privileged)
		return err_set(e, EPERM, "linux.namespaces: joining a mount namespace takes privileges over the caller's own");
	if (!l->rootfs_propagation || !l->rootfs_propagation[0])
		return 0;
	if (mount_propagation(l->rootfs_propagation, &p->propagation) < 0)
		return err_set(e, EINVAL, "linux.rootfsPropagation: %s: unknown",
			       l->rootfs_propagation);
	return 0;
}

/* --- before the hooks ----------------------------------------------------- */

/* See propagation.c; in a joined namespace "/" is its owner's business. */
static void add_propagation(struct planner *p)
{
	bool clones_paths = !p->r->privileged || p->userns;
	struct plan_op *op;

	if (p->r->joined_mount_ns)
		return;
	op = plan_add(p->b, PLAN_PROPAGATION, "linux.rootfsPropagation");
	op->num[0] = MS_REC | (clones_paths ? MS_SLAVE : MS_PRIVATE);
}

/*
 * The root cannot be shared when pivot_root(2) comes, and becomes what
 * rootfsPropagation says afterwards.  Until then it is a slave where the host's
 * mounts below it are to arrive, else private.
 */
static int add_root(struct planner *p, struct err *e)
{
	bool hears = p->propagation & (MS_SHARED | MS_SLAVE);
	auto_fd tree = -EBADF;
	struct plan_op *op;

	if (p->r->privileged) {
		tree = sys_open_tree(AT_FDCWD, p->r->rootfs,
				     OPEN_TREE_CLONE | AT_RECURSIVE);
		if (tree < 0)
			return err_sys(e, tree, "root.path: %s", p->r->rootfs);
	}
	op = plan_add(p->b, PLAN_ROOT, "root.path: %s", p->r->rootfs);
	op->str[0] = plan_str(p->b, p->r->rootfs);
	if (tree >= 0)
		op->fd[0] = plan_fd(p->b, fd_take(&tree));
	op->num[0] = MS_REC | (hears ? MS_SLAVE : MS_PRIVATE);
	return 0;
}

static int add_cwd(struct planner *p, const char *cwd, struct err *e)
{
	const char *path;
	struct plan_op *op;

	if (!cwd || !cwd[0])
		return 0;
	path = clean_path(p->a, cwd);
	if (!path)
		return err_set(e, ENOMEM, "process.cwd: out of memory");
	if (path[1] == '\0')
		return 0;
	op = plan_add(p->b, PLAN_DIR, "process.cwd: %s", cwd);
	op->str[3] = plan_str(p->b, path);
	op->num[0] = CWD_MODE;
	return 0;
}

static void add_console(struct planner *p, const struct oci_process *proc)
{
	struct plan_op *op = plan_add(p->b, PLAN_CONSOLE, "process.terminal");

	if (proc->console_size) {
		op->num[0] = proc->console_size->height;
		op->num[1] = proc->console_size->width;
	}
	op->num[2] = proc->user.uid;
	op->flags = PLAN_F_BIND;
}

int rootfs_plan_mounts(struct plan_builder *b, const struct rootfs_request *r,
		       struct arena *a, struct err *e)
{
	const struct oci_process *proc = r->spec->process;
	struct planner p;
	int ret = planner_init(&p, b, r, a, e);

	if (ret < 0)
		return ret;
	add_propagation(&p);
	ret = add_root(&p, e);
	for (size_t i = 0; ret == 0 && i < r->spec->n_mounts; i++)
		ret = plan_mount(&p, i, e);
	if (ret == 0)
		ret = plan_devices(&p, e);
	if (ret == 0 && proc)
		ret = add_cwd(&p, proc->cwd, e);
	if (ret == 0 && proc && proc->terminal)
		add_console(&p, proc);
	return ret;
}

/* --- after the hooks ------------------------------------------------------ */

static int add_paths(struct planner *p, enum plan_code code, const char *name,
		     const struct oci_strv *paths, struct err *e)
{
	for (size_t i = 0; i < paths->n; i++) {
		const char *path = paths->v[i];
		struct plan_op *op;

		if (path[0] != '/')
			return err_set(e, EINVAL, "linux.%s[%zu]: %s: must be absolute",
				       name, i, path);
		op = plan_add(p->b, code, "linux.%s[%zu]: %s", name, i, path);
		op->str[3] = plan_str(p->b, path);
		if (code == PLAN_MASK)
			op->str[2] = p->mask_options;
	}
	return 0;
}

/* The empty directory over what is masked is a tmpfs as any other. */
static int add_masks(struct planner *p, struct err *e)
{
	const struct oci_linux *l = p->r->spec->linux_;
	struct oci_strv options = { 0 };

	if (label_options(p, "tmpfs", &options) < 0)
		return err_set(e, ENOMEM, "linux.mountLabel: out of memory");
	if (options.n)
		p->mask_options = plan_vec(p->b, options.v, options.n);
	return add_paths(p, PLAN_MASK, "maskedPaths", &l->masked_paths, e);
}

static void add_read_only(struct planner *p)
{
	struct plan_op *op = plan_add(p->b, PLAN_ROOT_ATTR, "root.readonly");

	op->num[0] = MOUNT_ATTR_RDONLY;
}

/* The slot of the tree that PLAN_ROOT has made the root. */
static int root_slot(const struct plan_builder *b)
{
	for (size_t i = 0; i < b->n_ops; i++)
		if (b->ops[i].code == PLAN_ROOT)
			return b->ops[i].fd[0];
	return PLAN_NO_FD;
}

static void add_chroot(struct planner *p)
{
	struct plan_op *op =
		plan_add(p->b, PLAN_CHROOT, "root.path: %s", p->r->rootfs);

	op->fd[0] = root_slot(p->b);
}

static void add_pivot(struct planner *p)
{
	struct plan_op *op =
		plan_add(p->b, PLAN_PIVOT, "root.path: %s", p->r->rootfs);

	if (p->r->no_pivot)
		op->flags = PLAN_F_NO_PIVOT;
	/* Of the root alone: each mount has its own already, and the root is
	 * private or a slave already. */
	op->num[0] = p->propagation & (MS_SHARED | MS_UNBINDABLE);
}

int rootfs_plan_finish(struct plan_builder *b, const struct rootfs_request *r,
		       struct arena *a, struct err *e)
{
	const struct oci_linux *l = r->spec->linux_;
	struct planner p;
	int ret = planner_init(&p, b, r, a, e);

	if (ret == 0)
		ret = add_masks(&p, e);
	if (ret == 0)
		ret = add_paths(&p, PLAN_READONLY, "readonlyPaths",
				&l->readonly_paths, e);
	if (ret < 0)
		return ret;
	if (r->spec->root && r->spec->root->readonly)
		add_read_only(&p);
	if (r->joined_mount_ns)
		add_chroot(&p);
	else
		add_pivot(&p);
	return 0;
}
