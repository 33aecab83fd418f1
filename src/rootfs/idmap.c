/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Id-mapped mounts.  Whose maps: those of the entry itself (uidMappings and
 * gidMappings), those of its option "idmap=uids=…;gids=…", else the container's.
 *
 * A mapping says which id a file's owner on the file system (container_id) has
 * seen from the host (host_id), as in a user namespace; through the container's
 * own map that becomes what the container sees.  In the option a range is
 * "FILE-HOST-SIZE", ranges have "#" between them, and with "@" before it the
 * second number is an id in the container.
 */
#include <errno.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rootfs/planner.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"
#include "util/num.h"
#include "util/sys.h"

#define MAP_LINES 340		 /* the kernel's UID_GID_MAP_MAX_EXTENTS */
#define MOUNTINFO_MAX (64u << 20)

/* --- the option ----------------------------------------------------------------- */

/* @m's second number is an id in the container, of which @own are the maps. */
static int make_absolute(const struct oci_id_mappings *own,
			 struct oci_id_mapping *m)
{
	for (size_t i = 0; i < own->n; i++) {
		const struct oci_id_mapping *o = &own->v[i];

		if (m->host_id < o->container_id ||
		    m->host_id - o->container_id >= o->size)
			continue;
		if (m->size > o->size - (m->host_id - o->container_id))
			return -ERANGE;
		m->host_id += o->host_id - o->container_id;
		return 0;
	}
	return -ERANGE;
}

/* "0-100000-1000", up to @len bytes. */
static int read_range(const char *s, size_t len, struct oci_id_mapping *ret)
{
	uint64_t v[3];

	for (int i = 0; i < 3; i++) {
		const char *dash = i < 2 ? memchr(s, '-', len) : s + len;
		size_t part = dash ? (size_t)(dash - s) : 0;

		if (!dash || num_u64n(s, part, UINT32_MAX - 1, &v[i]) < 0)
			return -EINVAL;
		s += part + (i < 2);
		len -= part + (i < 2);
	}
	if (!v[2] || v[0] + v[2] > UINT32_MAX || v[1] + v[2] > UINT32_MAX)
		return -EINVAL;
	*ret = (struct oci_id_mapping){ (uint32_t)v[0], (uint32_t)v[1],
					(uint32_t)v[2] };
	return 0;
}

static int bad_range(const char *s, size_t len, const char *why, struct err *e)
{
	return err_set(e, EINVAL, "idmap: range `%.*s`: %s",
		       (int)(len < 60 ? len : 60), s, why);
}

/* Ranges up to @len bytes. */
static int read_ranges(const char *s, size_t len,
		       const struct oci_id_mappings *own, struct arena *a,
		       struct oci_id_mappings *ret, struct err *e)
{
	const char *end = s + len;
	size_t n = 0;

	ret->v = arena_array(a, MAP_LINES, sizeof(*ret->v));
	if (!ret->v)
		return err_set(e, ENOMEM, "idmap: out of memory");
	for (;;) {
		const char *hash = memchr(s, '#', (size_t)(end - s));
		size_t part = (size_t)((hash ? hash : end) - s);
		bool relative = part && *s == '@';

		if (n == MAP_LINES)
			return err_set(e, EINVAL, "idmap: more than %d ranges",
				       MAP_LINES);
		if (read_range(s + relative, part - relative, &ret->v[n]) < 0)
			return bad_range(s, part, "not FILE-HOST-SIZE", e);
		if (relative && make_absolute(own, &ret->v[n]) < 0)
			return bad_range(s, part, "not within one range of the "
					 "container's own mappings", e);
		n++;
		if (!hash)
			break;
		s = hash + 1;
	}
	ret->n = n;
	return 0;
}

struct idmap {
	struct oci_id_mappings uids, gids;
};

static int read_option(struct planner *p, const char *value, struct idmap *ret,
		       struct err *e)
{
	const struct oci_linux *l = p->r->spec->linux_;
	int r = 0;

	*ret = (struct idmap){ { 0 }, { 0 } };
	for (const char *s = value; r == 0;) {
		size_t len = strcspn(s, ";");
		bool uids = strncmp(s, "uids=", 5) == 0;

		if (!uids && strncmp(s, "gids=", 5) != 0)
			return err_set(e, EINVAL, "idmap: `%.60s` is neither "
				       "uids=… nor gids=…", s);
		r = read_ranges(s + 5, len - 5,
				uids ? &l->uid_mappings : &l->gid_mappings, p->a,
				uids ? &ret->uids : &ret->gids, e);
		if (!s[len])
			break;
		s += len + 1;
	}
	/* One of the two alone means the container's own for the other. */
	if (r == 0 && !ret->uids.n)
		ret->uids = l->uid_mappings;
	if (r == 0 && !ret->gids.n)
		ret->gids = l->gid_mappings;
	if (r == 0 && (!ret->uids.n || !ret->gids.n))
		return err_set(e, EINVAL, "idmap: %s is missing, and the container "
			       "has no mappings of its own",
			       ret->uids.n ? "gids=" : "uids=");
	return r;
}

/* --- whose maps ------------------------------------------------------------------ */

static int open_userns(struct planner *p, const struct oci_id_mappings *uids,
		       const struct oci_id_mappings *gids, struct err *e)
{
	if (!p->r->userns)
		return err_set(e, ENOTSUP, "id-mapped mounts are not possible here");
	return p->r->userns(p->r->userns_user, uids, gids, e);
}

int idmap_open(struct planner *p, const struct mount_entry *m, int *ret,
	       struct err *e)
{
	const struct oci_id_mappings *uids = &m->m->uid_mappings;
	const struct oci_id_mappings *gids = &m->m->gid_mappings;
	struct idmap own;
	int fd, r;

	*ret = -1;
	if (!(m->o.flags & MOUNT_OPT_IDMAP) && !uids->n && !gids->n)
		return 0;
	if (!uids->n != !gids->n)
		return err_set(e, EINVAL, "mounts[%zu].%s: missing: a mount has both mappings or none",
			       m->index, uids->n ? "gidMappings" : "uidMappings");
	if (uids->n) {
		fd = open_userns(p, uids, gids, e);
	} else if (m->o.idmap) {
		r = read_option(p, m->o.idmap, &own, e);
		fd = r < 0 ? r : open_userns(p, &own.uids, &own.gids, e);
	} else if (!p->r->spec->linux_->namespaces[OCI_NS_USER].listed) {
		fd = err_set(e, EINVAL, "idmap: neither the mount nor the container has mappings");
	} else {
		fd = open_userns(p, NULL, NULL, e);
	}
	if (fd < 0)
		return err_wrap(e, "mounts[%zu].%s", m->index,
				uids->n ? "uidMappings" : "options");
	*ret = fd;
	return 0;
}

/* --- applying them --------------------------------------------------------------- */

/* The number behind "mnt_id:" in /proc/self/fdinfo/FD. */
static int mount_id(int fd, uint64_t *ret)
{
	char path[40], text[512], *at;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (fs_read_small(AT_FDCWD, path, text, sizeof(text)) <= 0)
		return -ENOENT;
	at = strstr(text, "mnt_id:");
	return at ? num_word(at + 7, 0, INT32_MAX, ret) : -ENOENT;
}

/* The type of the file system that @s is on, in @a; "this one" for unknown. */
static const char *type_of(struct planner *p, const struct bind_source *s)
{
	auto_fd fd = sys_openat(p->r->bundle_fd, s->path, O_PATH, 0);
	auto_mem char *text = NULL;
	uint64_t want, id;
	size_t len;

	if (fd < 0 || mount_id(fd, &want) < 0 ||
	    fs_read_all(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &text,
			&len, NULL) < 0)
		return "this one";
	for (char *line = text; *line; line += strspn(line, "\n")) {
		char *end = line + strcspn(line, "\n");
		char *type = memmem(line, (size_t)(end - line), " - ", 3);
		char *name;

		if (type && num_word(line, 0, INT32_MAX, &id) == 0 && id == want) {
			name = arena_dup(p->a, type + 3, strcspn(type + 3, " "));
			return name ? name : "this one";
		}
		line = end;
	}
	return "this one";
}

int idmap_apply(struct planner *p, const struct bind_source *s, int tree,
		struct err *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP,
				   .userns_fd = (uint64_t)s->userns };
	int r = sys_mount_setattr(tree, "", AT_EMPTY_PATH |
				  (s->idmap_tree ? AT_RECURSIVE : 0), &attr,
				  sizeof(attr));

	switch (r) {
	case -EINVAL:
		return err_set(e, EINVAL, "%s: the file system (%s)%s does not support id-mapped mounts on this kernel",
			       s->path, type_of(p, s),
			       s->idmap_tree ? ", or one below it," : "");
	case -EPERM:
		return err_set(e, EPERM, "%s: make it id-mapped: Operation not permitted: the file system (%s) belongs to another user namespace, the mount is id-mapped already, or the maps are those of the machine",
			       s->path, type_of(p, s));
	}
	return r < 0 ? err_sys(e, r, "%s: make it id-mapped", s->path) : 0;
}
