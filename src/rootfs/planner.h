/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rootfs/planner.h - what the files of this folder share while they plan one
 * container; nobody else includes it.
 */
#ifndef ROOTFS_PLANNER_H
#define ROOTFS_PLANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rootfs/options.h"
#include "rootfs/rootfs.h"

struct planner {
	struct plan_builder *b;
	const struct rootfs_request *r;
	struct arena *a;
	uint32_t propagation; /* rootfsPropagation, or MS_REC | MS_PRIVATE */
	bool userns;	      /* the container has a user namespace that is not
			       * known to be the caller's */
	uint32_t mask_options; /* of the plan: vector for the tmpfs of masks */
	bool dev_is_bind;     /* /dev is a directory of the host's */
};

/* One entry of `mounts` on its way to an operation. */
struct mount_entry {
	const struct oci_mount *m;
	const char *target; /* absolute and clean */
	const char *what;   /* "mounts[2]: /dev" */
	size_t index;	    /* in `mounts` */
	struct mount_options o;
};

/* A thing to bind. */
struct bind_source {
	const char *path; /* as configured: relative to the bundle */
	bool recursive, nofollow;
	int userns;	  /* fd whose maps it gets, borrowed; -1: none */
	bool idmap_tree;  /* the mounts below it get them too */
};

/**
 * clean_path - @path without ".", "..", and double slashes, as if its root
 * had no symlinks; relative ones are relative to the root
 *
 * Return: a string in @a ("/" for the root itself) or NULL (out of memory).
 */
const char *clean_path(struct arena *a, const char *path);

/* planner_init - Return: 0 or -errno with a text (rootfsPropagation). */
int planner_init(struct planner *p, struct plan_builder *b,
		 const struct rootfs_request *r, struct arena *a,
		 struct err *e);

/* plan_mount - the operations of mounts[@index]; errors are complete. */
int plan_mount(struct planner *p, size_t index, struct err *e);

/* plan_bind - a bind of @s; @e gets a text without the mount's name. */
int plan_bind(struct planner *p, const struct mount_entry *m,
	      const struct bind_source *s, struct err *e);

/* plan_outside - a new file system that is made here, and attached there. */
int plan_outside(struct planner *p, const struct mount_entry *m, struct err *e);

/* cgroup_flags - of the cgroup v2 hierarchy, as options of its mount, out of the
 * text of /proc/self/mountinfo.  Return: 0 or -ENOMEM. */
int cgroup_flags(const char *mountinfo, struct arena *a, struct oci_strv *ret);

/* plan_cgroup_flags - as a vector of the plan where a mount in the container would
 * change them; 0: it would not. */
int plan_cgroup_flags(struct planner *p, uint32_t *ret, struct err *e);

/* mount_target - the destination of mounts[@index], clean, and what to call it. */
int mount_target(struct planner *p, struct mount_entry *m, struct err *e);

/* fresh_attrs - of a new mount, which has nothing below it: both kinds are its
 * own. */
uint64_t fresh_attrs(const struct mount_options *o);

/**
 * idmap_open - the user namespace by whose maps an entry is to be mounted
 * @ret:	fd, owned by the caller; -1: it is not id-mapped
 *
 * Return: 0 or -errno with the whole text.
 *
 * Source: config.md "Mounts", mount_setattr(2) "ID-mapped mounts".
 */
int idmap_open(struct planner *p, const struct mount_entry *m, int *ret,
	       struct err *e);

/* idmap_apply - map the ids of @tree, which is attached nowhere yet; @e gets a text
 * without the mount's name. */
int idmap_apply(struct planner *p, const struct bind_source *s, int tree,
		struct err *e);

/**
 * label_options - linux.mountLabel among the options of a new file system
 * @options:	of the file system itself; replaced when there is something to
 *		add.  One that has a context of its own keeps it, but without
 *		the quotes that only mount(2) takes away.
 *
 * Return: 0 or -ENOMEM.
 */
int label_options(struct planner *p, const char *type, struct oci_strv *options);

/* label_is_xattr - whether @type takes it as an attribute of its root instead. */
bool label_is_xattr(const struct planner *p, const char *type);

/* plan_change - remount or propagation of what is at the target already. */
void plan_change(struct planner *p, const struct mount_entry *m);

/* plan_devices - nodes and links of /dev, unless /dev is the host's. */
int plan_devices(struct planner *p, struct err *e);

/* fresh_propagation - MS_* for a new file system, which starts as private;
 * 0: nothing to do.  @asked: what its options say, 0 for nothing. */
uint32_t fresh_propagation(const struct planner *p, uint32_t asked);

/* What a bind becomes, one after the other; 0: nothing to do. */
struct bind_propagation {
	uint32_t tree, mount;
};

struct bind_propagation bind_propagation(const struct planner *p,
					 uint32_t asked, bool recursive);

#endif
