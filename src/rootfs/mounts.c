/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of `mounts`: which operation it becomes. */
#include <linux/mount.h>
#include <string.h>

#include "rootfs/planner.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/num.h"
#include "util/sys.h"
#include "util/weak.h"
#include "wire/plan.h"

#define TARGET_MODE 0755	/* of a directory made for a mount */
#define TMPFS_MODE 01777	/* and for a tmpfs, which starts with that */

/*
 * File systems whose "ro" is a matter of the mount alone: their superblock may
 * be shared with other containers or the host (sysfs, mqueue), or has to be
 * filled first (tmpfs).  Any other gets its superblock read-only as well, which
 * for one on a disk decides whether a journal is replayed.
 *
 * The first three belong to a namespace.  A user namespace may mount them
 * only with a namespace of that kind of its own; otherwise what the container
 * is to see is the host's, so the host's mount is bound.
 */
struct virtual_fs {
	const char *type;
	const char *host; /* where the host has it; NULL: no namespace needed */
	enum oci_ns ns;
};

static const struct virtual_fs virtual_fs[] = {
	{ "proc", "/proc", OCI_NS_PID },
	{ "sysfs", "/sys", OCI_NS_NETWORK },
	{ "mqueue", "/dev/mqueue", OCI_NS_IPC },
	{ .type = "binfmt_misc" },
	{ .type = "bpf" },
	{ .type = "configfs" },
	{ .type = "debugfs" },
	{ .type = "devpts" },
	{ .type = "devtmpfs" },
	{ .type = "efivarfs" },
	{ .type = "fusectl" },
	{ .type = "hugetlbfs" },
	{ .type = "pstore" },
	{ .type = "ramfs" },
	{ .type = "securityfs" },
	{ .type = "tmpfs" },
	{ .type = "tracefs" },
};

static const struct virtual_fs *find_virtual(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(virtual_fs); i++)
		if (strcmp(virtual_fs[i].type, type) == 0)
			return &virtual_fs[i];
	return NULL;
}

static bool type_is(const struct mount_entry *m, const char *type)
{
	return m->m->type && strcmp(m->m->type, type) == 0;
}

static bool has_type(const struct mount_entry *m)
{
	return m->m->type && m->m->type[0] && !type_is(m, "none");
}

/* --- paths ---------------------------------------------------------------- */

const char *clean_path(struct arena *a, const char *path)
{
	size_t len = 0, part;
	char *out = arena_alloc(a, strlen(path) + 2);

	if (!out)
		return NULL;
	for (const char *s = path; *s; s += part) {
		part = strcspn(s, "/");
		if (part == 0) {
			part = 1;
		} else if (part == 2 && s[0] == '.' && s[1] == '.') {
			while (len > 0 && out[--len] != '/')
				;
		} else if (part != 1 || s[0] != '.') {
			out[len++] = '/';
			memcpy(out + len, s, part);
			len += part;
		}
	}
	if (len == 0)
		out[len++] = '/';
	out[len] = '\0';
	return out;
}

/* --- file systems --------------------------------------------------------- */

/* Whether a user namespace keeps the container from mounting @fs itself. */
static bool host_owns(const struct planner *p, const struct virtual_fs *fs)
{
	const struct oci_namespace *ns;

	if (!fs || !fs->host || !p->userns)
		return false;
	ns = &p->r->spec->linux_->namespaces[fs->ns];
	if (!ns->listed)
		return true;
	/* A new user namespace cannot own one that was there before it; one
	 * that is joined may well own the other that is joined with it. */
	return ns->path && p->r->new_userns;
}

static bool gid_is_mapped(const struct planner *p, uint64_t gid)
{
	const struct oci_id_mappings *map = p->r->gids;

	for (size_t i = 0; i < map->n; i++)
		if (gid >= map->v[i].container_id &&
		    gid - map->v[i].container_id < map->v[i].size)
			return true;
	return false;
}

/* devpts refuses a group that its user namespace does not know, and every
 * default configuration asks for tty's. */
static bool drops_gid(const struct planner *p, const char *option)
{
	uint64_t gid;

	return p->r->gids && strncmp(option, "gid=", 4) == 0 &&
	       num_u64(option + 4, UINT32_MAX, &gid) == 0 &&
	       !gid_is_mapped(p, gid);
}

static uint32_t fs_vec(struct planner *p, const struct mount_entry *m,
		       uint64_t attrs)
{
	size_t n = 0;
	char **v = arena_array(p->a, m->o.super.n + m->o.data.n + 2, sizeof(*v));

	if (!v) {
		p->b->failed = ENOMEM;
		return 0;
	}
	for (size_t i = 0; i < m->o.super.n; i++)
		v[n++] = m->o.super.v[i];
	for (size_t i = 0; i < m->o.data.n; i++)
		if (!type_is(m, "devpts") || !drops_gid(p, m->o.data.v[i]))
			v[n++] = m->o.data.v[i];
	if ((attrs & MOUNT_ATTR_RDONLY) && !find_virtual(m->m->type))
		v[n++] = (char *)(uintptr_t)"ro"; /* only read */
	return n ? plan_vec(p->b, v, n) : 0;
}

uint64_t fresh_attrs(const struct mount_options *o)
{
	return (o->tree.set & ~o->mount.clear) | o->mount.set;
}

/* An image's 0700 directory does not become writable for all because a tmpfs
 * is put there, unless the configuration says so. */
static bool keeps_mode(const struct mount_entry *m)
{
	if (!type_is(m, "tmpfs"))
		return false;
	for (size_t i = 0; i < m->o.data.n; i++)
		if (strncmp(m->o.data.v[i], "mode=", 5) == 0)
			return false;
	return true;
}

static void plan_label(struct planner *p, const struct mount_entry *m)
{
	struct plan_op *op = plan_add(p->b, PLAN_LABEL, "%s", m->what);

	op->str[0] = plan_str(p->b, p->r->mount_label);
	op->str[3] = plan_str(p->b, m->target);
}

static void plan_fs(struct planner *p, const struct mount_entry *m)
{
	uint64_t attrs = fresh_attrs(&m->o);
	struct plan_op *op = plan_add(p->b, PLAN_MOUNT_FS, "%s", m->what);

	op->str[0] = plan_str(p->b, m->m->type);
	if (m->m->source && m->m->source[0])
		op->str[1] = plan_str(p->b, m->m->source);
	op->str[2] = fs_vec(p, m, attrs);
	op->str[3] = plan_str(p->b, m->target);
	op->num[0] = attrs;
	op->num[1] = fresh_propagation(p, m->o.propagation);
	op->num[2] = TARGET_MODE;
	if (keeps_mode(m)) {
		op->num[2] = TMPFS_MODE;
		op->flags |= PLAN_F_KEEP_MODE;
	}
	if (m->o.flags & MOUNT_OPT_TMPCOPYUP)
		op->flags |= PLAN_F_TMPCOPYUP;
	/* A volume's /proc that points elsewhere has led to writes of labels
	 * and sysctls into files of the attacker's choice. */
	if ((m->o.flags & MOUNT_OPT_DEST_NOFOLLOW) ||
	    (!weak(DEFENCE_PROC_NOFOLLOW) &&
	     (type_is(m, "proc") || type_is(m, "sysfs"))))
		op->flags |= PLAN_F_NOFOLLOW;
	if (label_is_xattr(p, m->m->type))
		plan_label(p, m);
}

static int refuse_data(const struct mount_entry *m, const char *why,
		       struct err *e)
{
	const struct oci_strv *v = m->o.data.n ? &m->o.data : &m->o.super;

	if (v->n == 0)
		return 0;
	return err_set(e, EINVAL, "mounts[%zu].options: %s: %s", m->index,
		       v->v[0], why);
}

/* The host's instance at @path, for one that the container may not mount. */
static int bind_host(struct planner *p, const struct mount_entry *m,
		     const char *path, struct err *e)
{
	const struct bind_source s = { .path = path, .recursive = true,
				       .userns = -1 };
	struct mount_entry bound = *m;
	int r = refuse_data(m, "cannot be set: in this user namespace the host's instance is bound",
			    e);

	if (r < 0)
		return r;
	/* Read-only is meant for everything below /sys, not for its top. */
	bound.o.tree.set |= m->o.mount.set & MOUNT_ATTR_RDONLY;
	r = plan_bind(p, &bound, &s, e);
	return r < 0 ? err_wrap(e, "mounts[%zu]: %s of the host", m->index,
				m->m->type) : 0;
}

/* The host's instance in the place of what was planned last, should that be refused:
 * the kernel gives no new sysfs to somebody who sees only part of the old one. */
static int plan_instead(struct planner *p, const struct mount_entry *m,
			int (*bind)(struct planner *p,
				    const struct mount_entry *m, struct err *e),
			struct err *e)
{
	size_t first = p->b->n_ops;
	int r;

	if (p->r->privileged || !p->userns || m->o.data.n || m->o.super.n)
		return 0;
	r = bind(p, m, e);
	for (size_t i = first; i < p->b->n_ops; i++)
		p->b->ops[i].flags |= PLAN_F_INSTEAD;
	return r;
}

static int bind_sysfs(struct planner *p, const struct mount_entry *m,
		      struct err *e)
{
	return bind_host(p, m, "/sys", e);
}

/* --- cgroups -------------------------------------------------------------- */

/* A user namespace may mount cgroup2 with a cgroup namespace of its own only. */
static bool cgroup_is_bound(const struct planner *p)
{
	const struct oci_namespace *ns =
		&p->r->spec->linux_->namespaces[OCI_NS_CGROUP];

	return p->userns && !p->r->has_cgroup_ns &&
	       (!ns->listed || p->r->new_userns);
}

/*
 * Without a cgroup of its own the container sees the host's hierarchy, and
 * then read-only: parts of it may belong to the very user who is its root.
 */
static int bind_cgroup(struct planner *p, const struct mount_entry *m,
		       struct err *e)
{
	struct mount_entry bound = *m;

	if (p->r->cgroup_dir)
		return bind_host(p, m, p->r->cgroup_dir, e);
	if (weak(DEFENCE_CGROUP_READONLY))
		return bind_host(p, m, "/sys/fs/cgroup", e);
	bound.o.mount.set |= MOUNT_ATTR_RDONLY;
	bound.o.mount.clear &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	return bind_host(p, &bound, "/sys/fs/cgroup", e);
}

static int plan_cgroup(struct planner *p, const struct mount_entry *m,
		       struct err *e)
{
	struct mount_entry change = *m;
	struct plan_op *op;
	uint32_t flags;
	int r = refuse_data(m, "not an option of a container's cgroup mount", e);

	if (r < 0)
		return r;
	if (cgroup_is_bound(p))
		return bind_cgroup(p, m, e);
	r = plan_cgroup_flags(p, &flags, e);
	if (r < 0)
		return err_wrap(e, "mounts[%zu]", m->index);

	op = plan_add(p->b, PLAN_MOUNT_CGROUP, "%s", m->what);
	op->str[3] = plan_str(p->b, m->target);
	op->str[2] = flags;
	op->num[0] = fresh_attrs(&m->o);

	change.o = (struct mount_options){
		.propagation = fresh_propagation(p, m->o.propagation),
	};
	if (change.o.propagation)
		plan_change(p, &change);
	else
		return plan_instead(p, m, bind_cgroup, e);
	return 0;
}

/* --- binds ---------------------------------------------------------------- */

/* copy-symlink: 1 when the source was a link and has been planned. */
static int copy_symlink(struct planner *p, const struct mount_entry *m)
{
	char to[4096];
	struct plan_op *op;
	long n = sys_readlinkat(p->r->bundle_fd, m->m->source, to,
				sizeof(to) - 1);

	if (n < 0 || (size_t)n == sizeof(to) - 1)
		return 0; /* no link: the bind tells what else is wrong */
	to[n] = '\0';
	op = plan_add(p->b, PLAN_SYMLINK, "%s", m->what);
	op->str[0] = plan_str(p->b, to);
	op->str[3] = plan_str(p->b, m->target);
	return 1;
}

static int plan_bind_entry(struct planner *p, const struct mount_entry *m,
			   struct err *e)
{
	struct bind_source s = {
		.path = m->m->source,
		.recursive = m->o.flags & MOUNT_OPT_RECURSIVE,
		.nofollow = m->o.flags & (MOUNT_OPT_SRC_NOFOLLOW |
					  MOUNT_OPT_COPY_SYMLINK),
		.idmap_tree = m->o.flags & MOUNT_OPT_IDMAP_TREE,
	};
	auto_fd userns = -1;
	int r;

	if (!s.path || !s.path[0])
		return err_set(e, EINVAL, "mounts[%zu].source: missing: a bind needs one",
			       m->index);
	r = refuse_data(m, "not an option of a bind mount", e);
	if (r < 0)
		return r;
	if (strcmp(m->target, "/dev") == 0)
		p->dev_is_bind = true;
	if ((m->o.flags & MOUNT_OPT_COPY_SYMLINK) && copy_symlink(p, m))
		return 0;
	r = idmap_open(p, m, &userns, e);
	if (r < 0)
		return r;
	s.userns = userns;
	r = plan_bind(p, m, &s, e);
	return r < 0 ? err_wrap(e, "mounts[%zu].source", m->index) : 0;
}

/* --- one entry ------------------------------------------------------------ */

static bool only_changes(const struct mount_entry *m)
{
	const struct mount_options *o = &m->o;

	if (o->flags & MOUNT_OPT_REMOUNT)
		return true;
	return type_is(m, "none") && !(o->flags & MOUNT_OPT_BIND) &&
	       (o->propagation || o->mount.set || o->mount.clear ||
		o->tree.set || o->tree.clear);
}

static int plan_new_fs(struct planner *p, struct mount_entry *m, struct err *e)
{
	const struct virtual_fs *fs;

	if (!has_type(m))
		return err_set(e, EINVAL, "mounts[%zu].type: missing: only a bind or a remount needs none",
			       m->index);
	fs = find_virtual(m->m->type);
	if (host_owns(p, fs))
		return bind_host(p, m, fs->host, e);
	if (label_options(p, m->m->type, &m->o.data) < 0)
		return err_set(e, ENOMEM, "mounts[%zu]: out of memory", m->index);
	if (p->r->running && !fs)
		return plan_outside(p, m, e);
	if (strcmp(m->target, "/dev") == 0)
		p->dev_is_bind = false;
	plan_fs(p, m);
	return type_is(m, "sysfs") ? plan_instead(p, m, bind_sysfs, e) : 0;
}

static bool is_bind(const struct mount_entry *m)
{
	return (m->o.flags & MOUNT_OPT_BIND) || type_is(m, "bind");
}

static bool is_idmapped(const struct mount_entry *m)
{
	return (m->o.flags & MOUNT_OPT_IDMAP) || m->m->uid_mappings.n ||
	       m->m->gid_mappings.n;
}

static int plan_entry(struct planner *p, struct mount_entry *m, struct err *e)
{
	if ((m->o.flags & MOUNT_OPT_TMPCOPYUP) && !type_is(m, "tmpfs"))
		return err_set(e, EINVAL, "mounts[%zu].options: tmpcopyup: only for a tmpfs",
			       m->index);
	if (is_idmapped(m) && (only_changes(m) || !is_bind(m)))
		return err_set(e, EINVAL, "mounts[%zu]: an id-mapped mount has to be a bind",
			       m->index);
	if (only_changes(m)) {
		plan_change(p, m);
		return 0;
	}
	if (is_bind(m))
		return plan_bind_entry(p, m, e);
	if (type_is(m, "cgroup") || type_is(m, "cgroup2"))
		return plan_cgroup(p, m, e);
	return plan_new_fs(p, m, e);
}

int mount_target(struct planner *p, struct mount_entry *m, struct err *e)
{
	const char *dest = m->m->destination;

	if (!dest || !dest[0])
		return err_set(e, EINVAL, "mounts[%zu].destination: missing",
			       m->index);
	m->target = clean_path(p->a, dest);
	m->what = arena_printf(p->a, "mounts[%zu]: %s", m->index, dest);
	if (!m->target || !m->what)
		return err_set(e, ENOMEM, "mounts[%zu]: out of memory", m->index);
	if (m->target[1] == '\0')
		return err_set(e, EINVAL, "mounts[%zu].destination: %s: the root itself cannot be mounted on",
			       m->index, dest);
	return 0;
}

/* Everything of an entry that does not depend on its kind. */
static int read_entry(struct planner *p, struct mount_entry *m, struct err *e)
{
	int r = mount_target(p, m, e);

	if (r < 0)
		return r;
	r = mount_options_parse(&m->m->options, p->a, &m->o, e);
	return r < 0 ? err_wrap(e, "mounts[%zu].options", m->index) : 0;
}

int plan_mount(struct planner *p, size_t index, struct err *e)
{
	struct mount_entry m = {
		.m = &p->r->spec->mounts[index],
		.index = index,
	};
	int r = read_entry(p, &m, e);

	return r < 0 ? r : plan_entry(p, &m, e);
}
