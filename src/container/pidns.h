/* SPDX-License-Identifier: Apache-2.0 */
/* container/pidns.h - the processes of a container that has no cgroup. */
#ifndef CONTAINER_PIDNS_H
#define CONTAINER_PIDNS_H

#include <stddef.h>
#include <sys/types.h>

#include "util/err.h"

struct arena;

/**
 * pidns_pids - the processes in the pid namespace of @pid
 * @ret:	ascending, as the caller's procfs has them, in @a
 *
 * Those that may not be looked at are left out, and so are those in pid
 * namespaces below it.
 *
 * Return: 0; -ESRCH when @pid has ended or is hidden; -errno.
 */
int pidns_pids(pid_t pid, struct arena *a, pid_t **ret, size_t *ret_n,
	       struct err *e);

#endif
