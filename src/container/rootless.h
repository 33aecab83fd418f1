/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container/rootless.h - what changes for a caller who is not the machine's
 * root: an ordinary user, or root of some user namespace, as below `podman
 * unshare` or in a container.
 */
#ifndef CONTAINER_ROOTLESS_H
#define CONTAINER_ROOTLESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "namespaces/namespaces.h"
#include "oci/spec.h"
#include "util/err.h"

struct arena;
struct context;

/* rootless_caller - who berth is; asks the kernel only if it is rootless. */
int rootless_caller(const struct context *ctx, struct ns_caller *ret,
		    struct err *e);

/**
 * rootless_complete - a configuration as this caller can have it
 * @spec:	changed; what is new in it lives in @a
 *
 * Somebody without privileges gets a user namespace where none is listed, and
 * its maps where there are none: his own id becomes the one of the container's
 * process, his subordinate ids all the others.
 *
 * A user namespace to join that berth is in already is none to join: the kernel
 * refuses to enter it once more.  That goes for everybody.
 *
 * Return: 0 or -errno with a text.
 */
int rootless_complete(const struct ns_caller *caller, struct oci_spec *spec,
		      struct arena *a, struct err *e);

/**
 * rootless_gids - the groups that the mounts of a container may name
 * @new_userns:	it gets a user namespace of its own
 * @ret:	NULL: all of them
 */
int rootless_gids(const struct context *ctx, const struct oci_linux *l,
		  bool new_userns, struct arena *a,
		  const struct oci_id_mappings **ret, struct err *e);

/**
 * rootless_helpers - the programs that write the maps a user may not write
 * @ret:	as a list of hooks; empty when none is needed; in @a
 *
 * Return: 0 or -errno with a text.
 */
int rootless_helpers(const struct ns_plan *ns, const struct oci_linux *l,
		     pid_t pid, struct arena *a, struct oci_hook_list *ret,
		     struct err *e);

/* rootless_userns_differs - whether process @pid is in another user namespace
 * than berth; one that may not be looked at is. */
bool rootless_userns_differs(pid_t pid);

#endif
