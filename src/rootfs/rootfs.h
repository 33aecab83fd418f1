/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rootfs/rootfs.h - the root, mounts, devices and masks of a configuration as
 * operations of the start plan.
 *
 * Everything here runs in the runtime, before the container's process exists,
 * in the mount namespace of the caller: sources of binds are opened here, where
 * the caller may reach them, and travel as detached mounts.  What happens in
 * the container's root is decided here and done by the plan's executor.
 */
#ifndef ROOTFS_ROOTFS_H
#define ROOTFS_ROOTFS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/err.h"

struct arena;
struct oci_id_mappings;
struct oci_spec;
struct plan_builder;

/* All borrowed, and needed only for the time of the call. */
struct rootfs_request {
	const struct oci_spec *spec;
	int bundle_fd;		/* directory of the bundle; O_PATH will do */
	const char *rootfs;	/* absolute, resolved path of the root */
	bool new_userns;	/* the container gets a user namespace of its own */
	bool in_userns;		/* the caller may be in another than the machine's */
	const struct oci_id_mappings *gids; /* groups that the mounts' user
				 * namespace has (container_id, size); NULL: all */
	bool joined_mount_ns;	/* linux.namespaces: mount, by path */
	bool privileged;	/* mounts of the caller's own namespace may be
				 * cloned here; else berth-init clones by path */
	bool no_pivot;
	bool has_cgroup_ns;	/* a cgroup namespace of its own */
	bool running;		/* the container runs: its mount namespace is
				 * entered, and paths of the host are behind */
	const char *mount_label; /* linux.mountLabel, NULL: none or no SELinux */
	const char *mount_context_type; /* "fscontext" …; NULL: "context" */
	const char *cgroup_dir; /* host path of the container's cgroup, or NULL */
	/* A user namespace with these maps, both NULL: the container's, for
	 * id-mapped mounts.  Returns an fd for the caller, or -errno with a
	 * text.  NULL: there are no such mounts. */
	int (*userns)(void *user, const struct oci_id_mappings *uids,
		      const struct oci_id_mappings *gids, struct err *e);
	void *userns_user;
};

/**
 * rootfs_plan_mounts - everything up to the createContainer hooks
 * @b:	gets PROPAGATION, ROOT, the mounts in the configuration's order, device
 *	nodes, links in /dev, the working directory and the terminal; also
 *	owns the detached mounts that were opened
 * @a:	for texts that live as long as the call needs them
 *
 * The configuration must ask for a mount namespace.
 *
 * Return: 0, or -errno with the place in the configuration in @e
 *	   ("mounts[3].source: …").  What was added to @b until then stays
 *	   there; the caller drops the plan.
 *
 * Source: runtime-spec config.md "Mounts", config-linux.md "Default
 * Filesystems", "Devices", "Default Devices", "Rootfs Mount Propagation".
 */
int rootfs_plan_mounts(struct plan_builder *b, const struct rootfs_request *r,
		       struct arena *a, struct err *e);

/**
 * rootfs_plan_finish - what follows the createContainer hooks
 * @b:	gets masked and read-only paths, the read-only root and the pivot; in
 *	a joined mount namespace a chroot instead, since a pivot would
 *	move the root of every process that lives there
 *
 * Return, source: as above; "Masked Paths", "Readonly Paths".
 */
int rootfs_plan_finish(struct plan_builder *b, const struct rootfs_request *r,
		       struct arena *a, struct err *e);

/**
 * rootfs_plan_running - mounts[@index] for a container that runs
 * @r:	with joined_mount_ns and running
 *
 * The plan has joined the container's namespaces before.  What lives in one of
 * these (proc, tmpfs and the like) is mounted there; a bind, and a file system
 * whose source or options name something of the host, is opened here.
 *
 * Return: 0, or -errno with the place in the list in @e.
 */
int rootfs_plan_running(struct plan_builder *b, const struct rootfs_request *r,
			size_t index, struct arena *a, struct err *e);

/* rootfs_plan_unmount - take away what mounts[@index] has at its destination. */
int rootfs_plan_unmount(struct plan_builder *b, const struct rootfs_request *r,
			size_t index, struct arena *a, struct err *e);

#endif
