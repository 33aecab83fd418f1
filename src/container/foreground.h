/* SPDX-License-Identifier: Apache-2.0 */
/* container/foreground.h - staying with a process of a container: its terminal,
 * its signals, its end.  What run and exec have in common. */
#ifndef CONTAINER_FOREGROUND_H
#define CONTAINER_FOREGROUND_H

#include <signal.h>
#include <stdbool.h>

#include "util/err.h"

struct ev;
struct log;

struct foreground_args {
	int pidfd;	/* borrowed; a child of the caller */
	bool terminal;	/* it has one, and @master is relayed */
	int master;	/* borrowed; -1 */
	const sigset_t *ignored; /* forward_ignored's, or NULL */
	const struct log *log; /* for output that could not be delivered */
};

/**
 * foreground_wait - pass signals and bytes on until the process has ended
 * @ret_status:	its exit code, or 128 + signal
 *
 * The caller's terminal is as it was before when this returns.
 */
int foreground_wait(struct ev *ev, const struct foreground_args *a,
		    int *ret_status, struct err *e);

#endif
