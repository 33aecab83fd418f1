/* SPDX-License-Identifier: Apache-2.0 */
/* container/handover.h - what a start gives to others: the terminal, the pid,
 * the pidfd, the listener of a filter. */
#ifndef CONTAINER_HANDOVER_H
#define CONTAINER_HANDOVER_H

#include <sys/types.h>

#include "util/err.h"

struct arena;
struct seccomp_program;

/* handover_terminal - @fd, owned, to the console socket, or, without one, to
 * *@keep for a relay in the foreground. */
int handover_terminal(const char *console_socket, int fd, int *keep,
		      struct err *e);

/* Who is told of a process; NULL: nobody. */
struct handover_pid {
	const char *pid_file;	  /* written whole, by rename */
	const char *pidfd_socket; /* --pidfd-socket */
	const char *receiver;	  /* the annotation's socket for the pidfd */
	pid_t pid;
	int pidfd; /* borrowed */
};

int handover_pid(const struct handover_pid *h, struct err *e);

/* handover_listener - @fd, owned, to the agent that the profile names. */
int handover_listener(const struct seccomp_program *p, int fd, pid_t pid,
		      const char *state, struct arena *a, struct err *e);

#endif
