/* SPDX-License-Identifier: Apache-2.0 */
/* container/readiness.h - NOTIFY_SOCKET (util/notify.h) for the commands that
 * start a container: start and run. */
#ifndef CONTAINER_READINESS_H
#define CONTAINER_READINESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/err.h"
#include "util/ev.h"
#include "util/notify.h"

struct readiness {
	struct notify notify;
	int dirfd;	/* the directory that is mounted into the container; -1 */
	bool waiting;	/* neither ready nor gone */
	bool blocking;	/* somebody is in readiness_wait */
	int result;	/* of the proxy, once it does not wait any more */
};

#define READINESS_NONE { .dirfd = -1 }

/**
 * readiness_start - listen before the program runs, so that no message is lost
 * @r:		READINESS_NONE; stays where it is until readiness_stop
 * @statedir:	the container's state directory
 * @pidfd:	borrowed until readiness_stop
 *
 * Does nothing without NOTIFY_SOCKET, or when the container was created
 * without.
 *
 * Return: 0 or -errno with a text.
 */
int readiness_start(struct readiness *r, struct ev *ev, int statedir, pid_t pid,
		    int pidfd, struct err *e);

/* readiness_wait - until the host knows that the container is ready, or the
 * container is gone.  Return: 0 or -errno with a text. */
int readiness_wait(struct readiness *r, struct ev *ev, struct err *e);

/* readiness_stop - Twice, or at rest, does nothing. */
void readiness_stop(struct readiness *r, struct ev *ev);

#endif
