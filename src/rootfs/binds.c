/* SPDX-License-Identifier: Apache-2.0 */
/* Binds, and changes of mounts that are there. */
#include <errno.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>

#include "rootfs/planner.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/sys.h"
#include "wire/plan.h"

/* --- what the options ask for, as one or two operations ------------------ */

/* The mount and its tree in one operation only where their order does not
 * matter, which plan.h leaves open. */
static bool needs_two_steps(const struct mount_options *o)
{
	bool on_mount = o->mount.set || o->mount.clear;

	return (o->tree.clear && on_mount) || (o->tree.set & o->mount.clear);
}

static void set_attrs(struct plan_op *op, const struct mount_attrs *mount,
		      const struct mount_attrs *tree)
{
	op->num[0] = mount->set;
	op->num[1] = mount->clear;
	op->num[3] = tree->set;
	if (tree->clear) {
		op->num[1] = tree->clear;
		op->flags |= PLAN_F_CLEAR_TREE;
	}
}

static struct plan_op *add_change(struct planner *p, const struct mount_entry *m)
{
	struct plan_op *op = plan_add(p->b, PLAN_MOUNT_CHANGE, "%s", m->what);

	op->str[3] = plan_str(p->b, m->target);
	return op;
}

/*
 * set_all - attributes and propagation of @op, which is a PLAN_MOUNT_TREE or a
 * PLAN_MOUNT_CHANGE, and a second operation when one is not enough.
 */
static void set_all(struct planner *p, const struct mount_entry *m,
		    struct plan_op *op, const struct bind_propagation *prop)
{
	static const struct mount_attrs none;
	bool two = needs_two_steps(&m->o);

	set_attrs(op, two ? &none : &m->o.mount, &m->o.tree);
	op->num[2] = prop->tree;
	if (!two && !prop->mount)
		return;

	op = add_change(p, m);
	if (two)
		set_attrs(op, &m->o.mount, &none);
	op->num[2] = prop->mount;
}

/* Flags of the superblock and the file system's own options, for a change of
 * the superblock; 0 when there are none, which leaves it alone.  "ro" and
 * "rw" are never among them: the superblock may be another one's too. */
static uint32_t change_vec(struct planner *p, const struct mount_options *o)
{
	const struct oci_strv *parts[] = { &o->super, &o->super_off, &o->data };
	size_t total = o->super.n + o->super_off.n + o->data.n, n = 0;
	char **v = arena_array(p->a, total + 1, sizeof(*v));

	if (!v) {
		p->b->failed = ENOMEM;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		for (size_t k = 0; k < parts[i]->n; k++)
			v[n++] = parts[i]->v[k];
	return n ? plan_vec(p->b, v, n) : 0;
}

void plan_change(struct planner *p, const struct mount_entry *m)
{
	struct bind_propagation prop = { .tree = m->o.propagation };
	struct plan_op *op = add_change(p, m);

	if (!(m->o.flags & MOUNT_OPT_BIND))
		op->str[2] = change_vec(p, &m->o);
	set_all(p, m, op, &prop);
}

/* --- sources -------------------------------------------------------------- */

/* The path as berth-init can follow it, which is not in the bundle. */
static const char *absolute(struct planner *p, const char *path)
{
	char link[32], dir[4096];
	long n;

	if (path[0] == '/')
		return path;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", p->r->bundle_fd);
	n = sys_readlinkat(AT_FDCWD, link, dir, sizeof(dir));
	if (n < 0 || (size_t)n == sizeof(dir))
		return NULL;
	return arena_printf(p->a, "%.*s/%s", (int)n, dir, path);
}

static int clone_tree(struct planner *p, const struct bind_source *s)
{
	unsigned int flags = OPEN_TREE_CLONE;

	if (s->recursive)
		flags |= AT_RECURSIVE;
	if (s->nofollow)
		flags |= AT_SYMLINK_NOFOLLOW;
	return sys_open_tree(p->r->bundle_fd, s->path, flags);
}

/* What the source is, from the clone when there is one. */
static int stat_source(struct planner *p, const struct bind_source *s, int tree,
		       struct stat *ret)
{
	int at = s->nofollow ? AT_SYMLINK_NOFOLLOW : 0;

	if (tree >= 0)
		return sys_fstat(tree, ret);
	return fstatat(p->r->bundle_fd, s->path, ret, at) < 0 ? -errno : 0;
}

/* In a user namespace a shared tree stays a peer of the host's mount, unless
 * it is a slave first; see propagation.c. */
static int demote(int tree)
{
	struct mount_attr attr = { .propagation = MS_SLAVE };

	return sys_mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr,
				 sizeof(attr));
}

static bool shares(const struct bind_propagation *prop)
{
	return (prop->tree | prop->mount) & MS_SHARED;
}

static int open_source(struct planner *p, const struct bind_source *s,
		       const struct bind_propagation *prop, int *ret,
		       struct err *e)
{
	auto_fd tree = clone_tree(p, s);
	int r;

	if (tree == -EPERM && s->userns >= 0)
		return err_set(e, EPERM, "%s: an id-mapped mount takes privileges over the mount namespace",
			       s->path);
	if (tree == -EINVAL)
		return err_set(e, EINVAL, "%s: cannot be bound: it is on an unbindable mount, or only with the mounts below it (rbind)",
			       s->path);
	if (tree < 0)
		return err_sys(e, tree, "%s", s->path);
	if (p->userns && shares(prop)) {
		r = demote(tree);
		if (r < 0)
			return err_sys(e, r, "%s: make it a slave mount",
				       s->path);
	}
	if (s->userns >= 0) {
		r = idmap_apply(p, s, tree, e);
		if (r < 0)
			return r;
	}
	*ret = fd_take(&tree);
	return 0;
}

static bool follows_no_link(const struct mount_entry *m)
{
	return (m->o.flags & MOUNT_OPT_DEST_NOFOLLOW) ||
	       strcmp(m->target, "/proc") == 0 || strcmp(m->target, "/sys") == 0;
}

/*
 * In a user namespace a clone that the container makes of a mount it has
 * inherited keeps the host's ro, nosuid, nodev and noexec locked, and what lies
 * under the mounts below it covered; of a detached tree that it is given it
 * could take both off (measured on 6.1 and 6.18).  So the tree is only for a
 * path that the container's root may not follow, and for id-mapped mounts, which
 * only who has the file system's privileges can make.
 */
static bool path_goes_first(const struct planner *p,
			    const struct bind_source *s)
{
	return p->userns && !p->r->joined_mount_ns && !s->nofollow &&
	       s->userns < 0;
}

int plan_bind(struct planner *p, const struct mount_entry *m,
	      const struct bind_source *s, struct err *e)
{
	struct bind_propagation prop =
		bind_propagation(p, m->o.propagation, s->recursive);
	const char *path = NULL;
	auto_fd tree = -EBADF;
	struct plan_op *op;
	struct stat st;
	int r = 0;

	if (p->r->privileged || s->userns >= 0)
		r = open_source(p, s, &prop, &tree, e);
	if (r < 0)
		return r;
	r = stat_source(p, s, tree, &st);
	if (r < 0)
		return err_sys(e, r, "%s", s->path);
	/* The plan's path is followed where it is cloned. */
	if (tree < 0 && S_ISLNK(st.st_mode))
		return err_set(e, EPERM, "%s: binding a symlink itself takes privileges over the mount namespace",
			       s->path);
	if (tree < 0 || path_goes_first(p, s)) {
		path = absolute(p, s->path);
		if (!path)
			return err_set(e, EIO, "%s: no path to the bundle",
				       s->path);
	}

	op = plan_add(p->b, PLAN_MOUNT_TREE, "%s", m->what);
	op->str[0] = plan_str(p->b, path);
	if (tree >= 0)
		op->fd[0] = plan_fd(p->b, fd_take(&tree));
	op->str[3] = plan_str(p->b, m->target);
	op->flags = (s->recursive ? PLAN_F_RECURSIVE : 0) |
		    (S_ISDIR(st.st_mode) ? 0 : PLAN_F_FILE) |
		    (follows_no_link(m) ? PLAN_F_NOFOLLOW : 0);
	set_all(p, m, op, &prop);
	return 0;
}
