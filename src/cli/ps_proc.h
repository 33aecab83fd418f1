/* SPDX-License-Identifier: Apache-2.0 */
/* cli/ps_proc.h - what is known about a set of processes, as a table. */
#ifndef CLI_PS_PROC_H
#define CLI_PS_PROC_H

#include <stddef.h>
#include <sys/types.h>

#include "util/err.h"

struct arena;

struct pids {
	pid_t *v; /* ascending */
	size_t n;
};

/* ps_from_ps - the lines of ps(1), called with @args ("-ef" when there are
 * none), whose PID is in the set.  -ENOENT when ps is not installed. */
int ps_from_ps(struct arena *a, const struct pids *pids, char **args,
	       struct err *e);

/* ps_from_proc - a table of berth's own; a process that ended meanwhile is
 * left out. */
int ps_from_proc(struct arena *a, const struct pids *pids, struct err *e);

#endif
