/* SPDX-License-Identifier: Apache-2.0 */
#include "util/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "util/auto.h"
#include "util/fdpass.h"
#include "util/usock.h"

#define MESSAGE_MAX 4096
#define QUEUE_MAX 64 /* messages; net.unix.max_dgram_qlen is 10 by default */
#define HOST_TIMEOUT_MS 5000 /* for the host to take it and to look at it */

static void finish(struct notify *n, struct ev *ev, int err)
{
	notify_stop(n, ev);
	n->fn(ev, n->user, n->ready, err);
}

struct wish {
	struct ev_io *io;
	int fd;
	unsigned int events;
	ev_io_fn fn;
};

static int watch(struct notify *n, struct ev *ev, const struct wish *w)
{
	int r = ev_io_add(ev, w->io, w->fd, w->events, w->fn, n);

	return r < 0 ? err_sys(&n->err, r, "watch a socket") : 0;
}

static void fail(struct notify *n, struct ev *ev, int err)
{
	err_wrap(&n->err, "tell `%s` that the container is ready", n->host);
	finish(n, ev, err);
}

/* --- the host's socket -------------------------------------------------------- */

/* A peer that knows nothing of barriers and keeps the pipe: long enough. */
static void on_timeout(struct ev *ev, void *user)
{
	struct notify *n = user;

	if (n->told) {
		finish(n, ev, 0);
		return;
	}
	fail(n, ev, err_set(&n->err, ETIMEDOUT, "nobody took the message "
			    "within %d s", HOST_TIMEOUT_MS / 1000));
}

static void on_barrier(struct ev *ev, void *user, unsigned int events)
{
	finish(user, ev, 0);
}

static int send_ready(struct notify *n)
{
	char text[64];
	struct fdpass m = { .data = text };

	if (n->told)
		return 0;
	m.len = (size_t)snprintf(text, sizeof(text), "READY=1\nMAINPID=%d",
				 n->pid);
	return fdpass_send(n->host_socket, &m, &n->err);
}

/* The other end of the pipe goes with the message; whoever has dealt with all
 * that came before closes it. */
static int send_barrier(struct notify *n)
{
	char text[] = "BARRIER=1";
	const struct fdpass m = { .data = text, .len = sizeof(text) - 1,
				  .fds = &n->barrier_peer, .n_fds = 1 };

	return fdpass_send(n->host_socket, &m, &n->err);
}

static int wait_for_barrier(struct notify *n, struct ev *ev)
{
	fd_close(&n->barrier_peer);
	ev_io_remove(ev, &n->host_io);
	return watch(n, ev, &(struct wish){ &n->barrier_io, n->barrier, 0,
					    on_barrier });
}

/* As far as the host's queue takes it; the rest when it has room again. */
static int talk(struct notify *n, struct ev *ev)
{
	int r = send_ready(n);

	if (r < 0)
		return r;
	n->told = true;
	r = send_barrier(n);
	return r < 0 ? r : wait_for_barrier(n, ev);
}

static void on_host_writable(struct ev *ev, void *user, unsigned int events)
{
	struct notify *n = user;
	int r = talk(n, ev);

	if (r == -EAGAIN && !(events & EV_HUP))
		return;
	if (r < 0 && n->told)
		finish(n, ev, 0); /* it knows; the barrier is a courtesy */
	else if (r < 0)
		fail(n, ev, r);
}

static int open_barrier(struct notify *n)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return err_sys(&n->err, errno, "open a pipe");
	n->barrier = p[0];
	n->barrier_peer = p[1];
	return 0;
}

static int call_host(struct notify *n, struct ev *ev)
{
	int r = open_barrier(n);

	if (r < 0)
		return r;
	r = usock_connect(AT_FDCWD, n->host, SOCK_DGRAM | SOCK_NONBLOCK, 0,
			  &n->err);
	if (r < 0)
		return r;
	n->host_socket = r;
	ev_timer_start(ev, &n->timer, HOST_TIMEOUT_MS, on_timeout, n);
	return watch(n, ev, &(struct wish){ &n->host_io, n->host_socket,
					    EV_WRITE, on_host_writable });
}

/* --- the container's socket ------------------------------------------------------- */

bool notify_says_ready(const char *text, size_t len)
{
	static const char ready[] = "READY=1";

	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;

		if (line == sizeof(ready) - 1 && memcmp(text, ready, line) == 0)
			return true;
		line += end != NULL;
		text += line;
		len -= line;
	}
	return false;
}

/* recv(2) has no room for descriptors: the kernel closes those that came, which
 * is all that the container's own BARRIER=1 asks for. */
static bool receive_ready(const struct notify *n)
{
	char text[MESSAGE_MAX];
	ssize_t len = recv(n->socket, text, sizeof(text), MSG_DONTWAIT);

	return len > 0 && notify_says_ready(text, (size_t)len);
}

static void on_ready(struct notify *n, struct ev *ev)
{
	int r;

	n->ready = true;
	ev_io_remove(ev, &n->socket_io);
	ev_io_remove(ev, &n->container_io); /* the host sees to that now */
	r = call_host(n, ev);
	if (r < 0)
		fail(n, ev, r);
}

static void on_message(struct ev *ev, void *user, unsigned int events)
{
	struct notify *n = user;

	if (receive_ready(n))
		on_ready(n, ev);
}

/* What it said with its last breath is still in the queue. */
static void on_container_end(struct ev *ev, void *user, unsigned int events)
{
	struct notify *n = user;

	for (int i = 0; i < QUEUE_MAX; i++)
		if (receive_ready(n)) {
			on_ready(n, ev);
			return;
		}
	finish(n, ev, 0);
}

/*
 * Whoever the container's user is may write to it.  Not by name: the container
 * might have the directory writable, and a link in place of the socket.
 */
static int open_to_all(int dirfd, struct err *e)
{
	char path[32];
	struct stat st;
	auto_fd fd = openat(dirfd, NOTIFY_NAME,
			    O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, errno, "open the notify socket");
	if (!S_ISSOCK(st.st_mode))
		return err_set(e, ELOOP, "the notify socket was replaced");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (chmod(path, 0777) < 0)
		return err_sys(e, errno, "change the notify socket's mode");
	return 0;
}

static int bind_socket(struct notify *n, int dirfd)
{
	int r;

	if (unlinkat(dirfd, NOTIFY_NAME, 0) < 0 && errno != ENOENT)
		return err_sys(&n->err, errno, "remove an old notify socket");
	r = usock_bind(dirfd, NOTIFY_NAME, SOCK_DGRAM | SOCK_NONBLOCK, &n->err);
	if (r < 0)
		return r;
	n->socket = r;
	return open_to_all(dirfd, &n->err);
}

int notify_start(struct notify *n, struct ev *ev, const struct notify_args *a,
		 notify_fn fn, void *user)
{
	int r;

	*n = (struct notify){ .socket = -1, .host_socket = -1, .barrier = -1,
			      .barrier_peer = -1, .host = a->host,
			      .pid = a->pid, .fn = fn, .user = user };
	r = bind_socket(n, a->dirfd);
	if (r == 0)
		r = watch(n, ev, &(struct wish){ &n->socket_io, n->socket,
						 EV_READ, on_message });
	if (r == 0)
		r = watch(n, ev, &(struct wish){ &n->container_io, a->pidfd,
						 EV_READ, on_container_end });
	if (r < 0) {
		notify_stop(n, ev);
		return err_wrap(&n->err, "notify socket");
	}
	return 0;
}

void notify_stop(struct notify *n, struct ev *ev)
{
	ev_io_remove(ev, &n->socket_io);
	ev_io_remove(ev, &n->container_io);
	ev_io_remove(ev, &n->host_io);
	ev_io_remove(ev, &n->barrier_io);
	ev_timer_stop(ev, &n->timer);
	fd_close(&n->socket);
	fd_close(&n->host_socket);
	fd_close(&n->barrier);
	fd_close(&n->barrier_peer);
}
