/* SPDX-License-Identifier: Apache-2.0 */
/* container/foreground.h - staying with a process of a container: its terminal,
 * its signals, its end.  What run and exec have in common. */
#ifndef CONTAINER_FOREGROUND_H
#define CONTAINER_FOREGROUND_H

#include <signal.h>
#include <stdbool.h>

#include "util/err.h"

struct arena;
struct ev;
struct log;
struct oci_process;

struct foreground_args {
	int pidfd;	/* borrowed; a child of the caller */
	bool terminal;	/* it has one, and @master is relayed */
	int master;	/* borrowed; -1 */
	const sigset_t *ignored; /* forward_ignored's, or NULL */
	const struct log *log; /* for output that could not be delivered */
};

/**
 * foreground_window - make the caller's window that of the process
 *
 * It may ask for its size at once, before anybody relays its terminal.  Where
 * the caller has no terminal process.consoleSize stays what it is.
 *
 * Return: 0 or -ENOMEM.
 */
int foreground_window(struct oci_process *p, struct arena *a);

/**
 * foreground_wait - pass signals and bytes on until the process has ended
 * @ret_status:	its exit code, or 128 + signal
 *
 * The caller's terminal is as it was before when this returns.
 */
int foreground_wait(struct ev *ev, const struct foreground_args *a,
		    int *ret_status, struct err *e);

#endif
