/* SPDX-License-Identifier: Apache-2.0 */
/*
 * namespaces/idmap.h - the id maps of a new user namespace: who may write which,
 * and what a user's subordinate ids are.
 */
#ifndef NAMESPACES_IDMAP_H
#define NAMESPACES_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "oci/spec.h"
#include "util/err.h"

struct arena;

enum ns_ids { NS_UIDS, NS_GIDS };

#define NS_MAP_LINES 340 /* the kernel's UID_GID_MAP_MAX_EXTENTS */

/* How a map gets into the kernel. */
enum ns_map_way {
	NS_MAP_DIRECT, /* with the privilege over all of the ids: write it */
	NS_MAP_OWN,    /* one id, the caller's own: write it; for a group only
			* after setgroups(2) was denied there for good */
	NS_MAP_HELPER, /* newuidmap, newgidmap: /etc/subuid, /etc/subgid decide */
};

/**
 * ns_map_way - which of them it is
 * @own:	the caller's effective id
 * @privileged:	CAP_SETUID (CAP_SETGID) in the caller's user namespace
 *
 * Source: user_namespaces(7), "Defining user and group ID mappings: writing to
 * uid_map and gid_map".
 */
enum ns_map_way ns_map_way(const struct oci_id_mappings *m, uint32_t own,
			   bool privileged);

/**
 * ns_write_map - uid_map or gid_map of a process in a new user namespace
 * @pid:	as seen in the caller's procfs
 * @way:	NS_MAP_DIRECT or NS_MAP_OWN
 *
 * Return: 0, or -errno with "linux.uidMappings: …" or "linux.gidMappings: …".
 */
int ns_write_map(pid_t pid, enum ns_ids ids, const struct oci_id_mappings *m,
		 enum ns_map_way way, struct err *e);

/**
 * ns_map_helper - the program that writes a map for a user
 * @ret:	its path, static
 *
 * newuidmap or newgidmap where a distribution or its administrator puts them,
 * never by PATH.
 *
 * Return: 0; -ENOENT with a text that names the package.
 */
int ns_map_helper(enum ns_ids ids, const char **ret, struct err *e);

/* ns_map_args - the arguments of that program, in @a; NULL: out of memory. */
char **ns_map_args(enum ns_ids ids, const struct oci_id_mappings *m, pid_t pid,
		   struct arena *a, size_t *ret_n);

/**
 * ns_userns_fd - a user namespace without processes, for its maps alone
 *
 * Return: an fd of it, owned by the caller; -errno with a text.
 */
int ns_userns_fd(const struct oci_id_mappings *uids,
		 const struct oci_id_mappings *gids, struct err *e);

/**
 * ns_check_joined - whether a user namespace has these maps
 * @fd:		the user namespace
 *
 * Return: 0; -EINVAL when they differ; -errno; all with a text.
 */
int ns_check_joined(int fd, const struct oci_id_mappings *uids,
		    const struct oci_id_mappings *gids, struct err *e);

/* --- subordinate ids -------------------------------------------------------- */

/* A user as the files know him. */
struct subid_user {
	uint32_t uid;
	const char *name; /* NULL: unknown, then only lines with the number count */
};

/* subid_name - the name of @uid in the text of a passwd file, in @a; NULL. */
const char *subid_name(const char *passwd, uint32_t uid, struct arena *a);

/**
 * subid_ranges - what the text of /etc/subuid or /etc/subgid gives to a user
 * @ret:	host_id and size of each, in the file's order; container_id 0; in @a
 *
 * Lines that are none (subuid(5)) are left out, and ranges past NS_MAP_LINES.
 *
 * Return: 0 or -ENOMEM.
 */
int subid_ranges(const char *text, const struct subid_user *user,
		 struct arena *a, struct oci_id_mappings *ret);

/**
 * subid_mappings - the map of a container whose user did not say any
 * @inside:	the id that the caller's own becomes: its process's
 * @own:	the caller's
 * @ranges:	subordinate ids; they become all other ids from 0 upwards
 * @ret:	in @a
 *
 * Return: 0 or -ENOMEM.
 */
int subid_mappings(uint32_t inside, uint32_t own,
		   const struct oci_id_mappings *ranges, struct arena *a,
		   struct oci_id_mappings *ret);

#endif
