/* SPDX-License-Identifier: Apache-2.0 */
/* container/teardown.h - the end of a container. */
#ifndef CONTAINER_TEARDOWN_H
#define CONTAINER_TEARDOWN_H

#include "util/err.h"

struct context;
struct oci_hook_list;
struct record;

/**
 * container_teardown - everything of a container but its state directory
 * @r:		a record of this boot: processes and cgroups of another one are
 *		not there, or are somebody else's
 * @hooks:	poststop hooks, or NULL
 *
 * Kills what is left in it, removes the cgroup, runs the hooks.  A hook that
 * fails is a warning: the specification wants the others to run and the
 * removal to go on.
 */
int container_teardown(const struct context *ctx, const struct record *r,
		       const struct oci_hook_list *hooks, struct err *e);

#endif
