/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/notify.h - sd_notify(3) through the wall of a container.
 *
 * Whoever starts berth with NOTIFY_SOCKET in its environment (systemd, conmon)
 * waits there for "READY=1".  The container cannot reach that socket, and the
 * pids it would tell are those of its own namespace.  So it gets a socket of
 * berth's, in a directory that is mounted into it, and the command that starts
 * it stays until the container is ready or gone: then berth says READY=1 and
 * MAINPID, the container's pid as the host sees it, and waits until that was
 * taken in (BARRIER=1), since systemd finds out whose message it is by the pid of a
 * sender that must still live.  Nothing else that a container says is passed on:
 * it is not the service, only its content.
 *
 *	create	mkdir STATE/notify, mount it at NOTIFY_DIR
 *	start	notify_start, let the container go, wait for the callback
 */
#ifndef UTIL_NOTIFY_H
#define UTIL_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "util/err.h"
#include "util/ev.h"

#define NOTIFY_DIR "/run/notify"	   /* in the container */
#define NOTIFY_SOCKET "/run/notify/notify" /* the container's NOTIFY_SOCKET */
#define NOTIFY_NAME "notify"		   /* of the socket in its directory */

/*
 * @err is 0 when the wait is over as it should be: the container became ready
 * and the host was told, or it ended before (@ready tells which); else -errno
 * with a text in notify.err.  The proxy is at rest by then.
 */
typedef void (*notify_fn)(struct ev *ev, void *user, bool ready, int err);

struct notify {
	struct ev_io socket_io, container_io, host_io, barrier_io;
	struct ev_timer timer;
	int socket, host_socket, barrier, barrier_peer; /* owned; -1: none */
	bool ready, told; /* the container is; the host knows */
	const char *host;
	pid_t pid;
	notify_fn fn;
	void *user;
	struct err err;
};

struct notify_args {
	int dirfd;	  /* of the directory that is mounted at NOTIFY_DIR */
	const char *host; /* NOTIFY_SOCKET of berth itself: a path or "@name" */
	pid_t pid;	  /* of the container, as the host sees it */
	int pidfd;	  /* of the same; borrowed while the wait lasts */
};

/**
 * notify_start - bind the container's socket and wait on it
 * @n:		any content; initialised here
 * @a:		@a->host is borrowed for as long as the wait lasts
 *
 * A socket that an earlier start left behind is replaced.  To be called before
 * the container's program runs, so that no message finds nobody.
 *
 * Return: 0, or -errno with a text; the callback comes only after 0.
 */
int notify_start(struct notify *n, struct ev *ev, const struct notify_args *a,
		 notify_fn fn, void *user);

/* notify_says_ready - whether a message has the line "READY=1".  A message is
 * lines of NAME=value; the last one may lack its newline. */
bool notify_says_ready(const char *text, size_t len);

/* notify_stop - give up waiting; no callback.  Once it is over it does nothing. */
void notify_stop(struct notify *n, struct ev *ev);

#endif
