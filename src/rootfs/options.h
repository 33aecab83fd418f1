/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rootfs/options.h - the options of a mount, from the one table that knows
 * their names.
 */
#ifndef ROOTFS_OPTIONS_H
#define ROOTFS_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "oci/spec.h"
#include "util/err.h"

struct arena;

#define MOUNT_OPT_BIND 0x01	     /* bind, rbind */
#define MOUNT_OPT_RECURSIVE 0x02     /* rbind */
#define MOUNT_OPT_REMOUNT 0x04	     /* change a mount that is there */
#define MOUNT_OPT_TMPCOPYUP 0x08     /* a tmpfs starts with what it covers */
#define MOUNT_OPT_SRC_NOFOLLOW 0x10  /* bind a symlink itself */
#define MOUNT_OPT_DEST_NOFOLLOW 0x20 /* the target is no symlink */
#define MOUNT_OPT_COPY_SYMLINK 0x40  /* a symlink as source is made again */
#define MOUNT_OPT_IDMAP 0x80	     /* idmap, ridmap */
#define MOUNT_OPT_IDMAP_TREE 0x100   /* ridmap */

/* A bit of `set` is never in `clear` too, but for the access time: one of its
 * values in `set` needs the whole of MOUNT_ATTR__ATIME in `clear`. */
struct mount_attrs {
	uint64_t set, clear; /* MOUNT_ATTR_* */
};

/* What the options of one mount amount to; a later option overrides an
 * earlier one. */
struct mount_options {
	uint32_t flags;		 /* MOUNT_OPT_* */
	uint32_t propagation;	 /* MS_*, with MS_REC; 0: not asked for */
	const char *idmap;	 /* of "idmap=VALUE"; NULL: none */
	struct mount_attrs mount; /* of the mount itself */
	struct mount_attrs tree; /* of it and all mounts below it */
	struct oci_strv super;	 /* flags of the superblock that are on, as
				  * fsconfig(2) names them: "sync" */
	struct oci_strv super_off; /* those asked to be off: "async" */
	struct oci_strv data;	 /* the file system's own, "size=64k" */
};

/**
 * mount_options_parse - options as config.json has them
 * @ret:	its vectors live in @a, the strings are borrowed from @in
 *
 * A name that the table does not know belongs to the file system.
 *
 * Return: 0; -EINVAL for an empty option, -ENOMEM.  @e has the option, not the mount.
 *
 * Source: mount(8), runtime-spec config.md "Linux mount options",
 * mount_setattr(2).
 */
int mount_options_parse(const struct oci_strv *in, struct arena *a,
			struct mount_options *ret, struct err *e);

/**
 * mount_propagation - MS_* of "shared", "rslave" and the like
 *
 * Return: 0 or -EINVAL; @ret only on success.
 */
int mount_propagation(const char *name, uint32_t *ret);

/**
 * rootfs_mount_options - every option name that is supported, sorted
 * @ret:	the vector lives in @a; for the `features` document
 *
 * Return: 0 or -ENOMEM.
 */
int rootfs_mount_options(struct arena *a, struct oci_strv *ret);

#endif
