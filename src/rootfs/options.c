/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/options.h"

#include <linux/mount.h>
#include <string.h>

#include "util/arena.h"
#include "util/auto.h"

enum kind {
	MOUNT_ATTR,  /* on, off: MOUNT_ATTR_* set and cleared on the mount */
	TREE_ATTR,   /* the same on the whole tree */
	SUPER,	     /* on, off: SB_* below */
	PROPAGATION, /* on: MS_* */
	FLAG,	     /* on: MOUNT_OPT_* */
	NEUTRAL,     /* asks for what is so anyway */
};

enum { SB_SYNC = 1, SB_DIRSYNC = 2, SB_LAZYTIME = 4, SB_MAND = 8, SB_IVERSION = 16 };

struct option {
	const char *name;
	enum kind kind;
	uint32_t on, off;
};

#define RO MOUNT_ATTR_RDONLY
#define ATIME MOUNT_ATTR__ATIME

/*
 * Sorted by name (bytewise), for the search and for the features document.
 * An access time is a value in a field of bits, not a flag: all its options
 * clear the field, those that negate one fall back to the kernel's default,
 * relatime.  "norelatime" is neutral for the same reason.
 * "silent" and "loud" only concern the kernel's log; "noiversion" cannot be
 * asked for through fsconfig(2), where the file system decides.
 */
static const struct option table[] = {
	{ "async", SUPER, 0, SB_SYNC },
	{ "atime", MOUNT_ATTR, 0, ATIME },
	{ "bind", FLAG, MOUNT_OPT_BIND, 0 },
	{ "copy-symlink", FLAG, MOUNT_OPT_COPY_SYMLINK, 0 },
	{ "defaults", NEUTRAL, 0, 0 },
	{ "dest-nofollow", FLAG, MOUNT_OPT_DEST_NOFOLLOW, 0 },
	{ "dev", MOUNT_ATTR, 0, MOUNT_ATTR_NODEV },
	{ "diratime", MOUNT_ATTR, 0, MOUNT_ATTR_NODIRATIME },
	{ "dirsync", SUPER, SB_DIRSYNC, 0 },
	{ "exec", MOUNT_ATTR, 0, MOUNT_ATTR_NOEXEC },
	{ "idmap", FLAG, MOUNT_OPT_IDMAP, 0 },
	{ "iversion", SUPER, SB_IVERSION, 0 },
	{ "lazytime", SUPER, SB_LAZYTIME, 0 },
	{ "loud", NEUTRAL, 0, 0 },
	{ "mand", SUPER, SB_MAND, 0 },
	{ "noatime", MOUNT_ATTR, MOUNT_ATTR_NOATIME, ATIME },
	{ "nodev", MOUNT_ATTR, MOUNT_ATTR_NODEV, 0 },
	{ "nodiratime", MOUNT_ATTR, MOUNT_ATTR_NODIRATIME, 0 },
	{ "noexec", MOUNT_ATTR, MOUNT_ATTR_NOEXEC, 0 },
	{ "noiversion", SUPER, 0, SB_IVERSION },
	{ "nolazytime", SUPER, 0, SB_LAZYTIME },
	{ "nomand", SUPER, 0, SB_MAND },
	{ "norelatime", NEUTRAL, 0, 0 },
	{ "nostrictatime", MOUNT_ATTR, 0, ATIME },
	{ "nosuid", MOUNT_ATTR, MOUNT_ATTR_NOSUID, 0 },
	{ "nosymfollow", MOUNT_ATTR, MOUNT_ATTR_NOSYMFOLLOW, 0 },
	{ "private", PROPAGATION, MS_PRIVATE, 0 },
	{ "ratime", TREE_ATTR, 0, ATIME },
	{ "rbind", FLAG, MOUNT_OPT_BIND | MOUNT_OPT_RECURSIVE, 0 },
	{ "rdev", TREE_ATTR, 0, MOUNT_ATTR_NODEV },
	{ "rdiratime", TREE_ATTR, 0, MOUNT_ATTR_NODIRATIME },
	{ "relatime", MOUNT_ATTR, MOUNT_ATTR_RELATIME, ATIME },
	{ "remount", FLAG, MOUNT_OPT_REMOUNT, 0 },
	{ "rexec", TREE_ATTR, 0, MOUNT_ATTR_NOEXEC },
	{ "ridmap", FLAG, MOUNT_OPT_IDMAP | MOUNT_OPT_IDMAP_TREE, 0 },
	{ "rnoatime", TREE_ATTR, MOUNT_ATTR_NOATIME, ATIME },
	{ "rnodev", TREE_ATTR, MOUNT_ATTR_NODEV, 0 },
	{ "rnodiratime", TREE_ATTR, MOUNT_ATTR_NODIRATIME, 0 },
	{ "rnoexec", TREE_ATTR, MOUNT_ATTR_NOEXEC, 0 },
	{ "rnorelatime", NEUTRAL, 0, 0 },
	{ "rnostrictatime", TREE_ATTR, 0, ATIME },
	{ "rnosuid", TREE_ATTR, MOUNT_ATTR_NOSUID, 0 },
	{ "rnosymfollow", TREE_ATTR, MOUNT_ATTR_NOSYMFOLLOW, 0 },
	{ "ro", MOUNT_ATTR, RO, 0 },
	{ "rprivate", PROPAGATION, MS_PRIVATE | MS_REC, 0 },
	{ "rrelatime", TREE_ATTR, MOUNT_ATTR_RELATIME, ATIME },
	{ "rro", TREE_ATTR, RO, 0 },
	{ "rrw", TREE_ATTR, 0, RO },
	{ "rshared", PROPAGATION, MS_SHARED | MS_REC, 0 },
	{ "rslave", PROPAGATION, MS_SLAVE | MS_REC, 0 },
	{ "rstrictatime", TREE_ATTR, MOUNT_ATTR_STRICTATIME, ATIME },
	{ "rsuid", TREE_ATTR, 0, MOUNT_ATTR_NOSUID },
	{ "rsymfollow", TREE_ATTR, 0, MOUNT_ATTR_NOSYMFOLLOW },
	{ "runbindable", PROPAGATION, MS_UNBINDABLE | MS_REC, 0 },
	{ "rw", MOUNT_ATTR, 0, RO },
	{ "shared", PROPAGATION, MS_SHARED, 0 },
	{ "silent", NEUTRAL, 0, 0 },
	{ "slave", PROPAGATION, MS_SLAVE, 0 },
	{ "src-nofollow", FLAG, MOUNT_OPT_SRC_NOFOLLOW, 0 },
	{ "strictatime", MOUNT_ATTR, MOUNT_ATTR_STRICTATIME, ATIME },
	{ "suid", MOUNT_ATTR, 0, MOUNT_ATTR_NOSUID },
	{ "symfollow", MOUNT_ATTR, 0, MOUNT_ATTR_NOSYMFOLLOW },
	{ "sync", SUPER, SB_SYNC, 0 },
	{ "tmpcopyup", FLAG, MOUNT_OPT_TMPCOPYUP, 0 },
	{ "unbindable", PROPAGATION, MS_UNBINDABLE, 0 },
};

/* What fsconfig(2) calls them; NULL: there is no such key. */
static const struct {
	uint32_t bit;
	const char *on, *off;
} super_keys[] = {
	{ SB_SYNC, "sync", "async" },
	{ SB_DIRSYNC, "dirsync", NULL },
	{ SB_LAZYTIME, "lazytime", "nolazytime" },
	{ SB_MAND, "mand", "nomand" },
	{ SB_IVERSION, "iversion", NULL },
};

static const struct option *find(const char *name)
{
	size_t lo = 0, hi = ARRAY_LEN(table);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(name, table[mid].name);

		if (c == 0)
			return &table[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

/* The set wins where both have a bit: an access time needs its whole field
 * cleared before a value goes in. */
static void apply(struct mount_attrs *m, const struct option *o)
{
	m->set = (m->set & ~(uint64_t)o->off) | o->on;
	m->clear = (m->clear & ~(uint64_t)o->on) | o->off;
}

static void parse_one(const struct option *o, struct mount_options *m,
		      struct mount_attrs *super)
{
	switch (o->kind) {
	case MOUNT_ATTR:
		apply(&m->mount, o);
		break;
	case TREE_ATTR:
		apply(&m->tree, o);
		break;
	case SUPER:
		apply(super, o);
		break;
	case PROPAGATION:
		m->propagation = o->on;
		break;
	case FLAG:
		m->flags |= o->on;
		break;
	case NEUTRAL:
		break;
	}
}

/* "idmap=uids=0-100000-1000;gids=…", with maps of its own.  No file system has an
 * option of such a name. */
static bool take_idmap(const char *option, struct mount_options *m)
{
	bool tree = option[0] == 'r';

	if (strncmp(option + tree, "idmap=", 6) != 0)
		return false;
	m->flags |= MOUNT_OPT_IDMAP | (tree ? MOUNT_OPT_IDMAP_TREE : 0);
	m->idmap = option + tree + 6;
	return true;
}

static int strv_alloc(struct arena *a, size_t n, struct oci_strv *ret)
{
	ret->n = 0;
	ret->v = arena_array(a, n + 1, sizeof(*ret->v));
	return ret->v ? 0 : -ENOMEM;
}

static void strv_add(struct oci_strv *v, const char *s)
{
	v->v[v->n++] = (char *)(uintptr_t)s; /* nobody writes through it */
}

static void name_super_flags(const struct mount_attrs *super,
			     struct mount_options *m)
{
	for (size_t i = 0; i < ARRAY_LEN(super_keys); i++) {
		if (super->set & super_keys[i].bit)
			strv_add(&m->super, super_keys[i].on);
		if ((super->clear & super_keys[i].bit) && super_keys[i].off)
			strv_add(&m->super_off, super_keys[i].off);
	}
}

int mount_options_parse(const struct oci_strv *in, struct arena *a,
			struct mount_options *ret, struct err *e)
{
	struct mount_options m = { 0 };
	struct mount_attrs super = { 0 };

	if (strv_alloc(a, in->n, &m.data) < 0 ||
	    strv_alloc(a, ARRAY_LEN(super_keys), &m.super) < 0 ||
	    strv_alloc(a, ARRAY_LEN(super_keys), &m.super_off) < 0)
		return err_set(e, ENOMEM, "out of memory");

	for (size_t i = 0; i < in->n; i++) {
		const struct option *o = find(in->v[i]);

		if (in->v[i][0] == '\0')
			return err_set(e, EINVAL, "[%zu] is empty", i);
		if (!o && take_idmap(in->v[i], &m))
			continue;
		if (!o) {
			strv_add(&m.data, in->v[i]);
			continue;
		}
		parse_one(o, &m, &super);
	}
	name_super_flags(&super, &m);
	*ret = m;
	return 0;
}

int mount_propagation(const char *name, uint32_t *ret)
{
	const struct option *o = find(name);

	if (!o || o->kind != PROPAGATION)
		return -EINVAL;
	*ret = o->on;
	return 0;
}

int rootfs_mount_options(struct arena *a, struct oci_strv *ret)
{
	struct oci_strv v;

	if (strv_alloc(a, ARRAY_LEN(table), &v) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		strv_add(&v, table[i].name);
	*ret = v;
	return 0;
}
