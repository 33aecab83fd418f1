/* SPDX-License-Identifier: Apache-2.0 */
#include "dbus/dbus.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/auto.h"
#include "util/usock.h"

#define READ_SIZE 4096 /* at least so much room for each read(2) */
#define LINE_MAX_LEN 512
#define LINES_MAX 8

/*
 * EXTERNAL: the kernel tells the peer who this is.  No id is named: in a user
 * namespace it is another one than the peer sees.
 */
static const char authentication[] = "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n";
#define AUTHENTICATION_LEN (sizeof(authentication) - 1)

void dbus_close(struct dbus *d)
{
	if (d->fd < 0)
		return;
	ev_io_remove(d->ev, &d->io);
	ev_timer_stop(d->ev, &d->timer);
	fd_close(&d->fd);
	buf_done(&d->out);
	free(d->in);
	d->in = NULL;
	d->in_len = d->in_cap = d->sent = 0;
}

static void fail(struct dbus *d, int r, struct err *e)
{
	const struct dbus_ops *ops = d->ops;

	dbus_close(d);
	ops->failed(d->user, r, e);
}

/* --- what comes ------------------------------------------------------------- */

static void consume(struct dbus *d, size_t n)
{
	d->in_len -= n;
	memmove(d->in, d->in + n, d->in_len);
}

/* One line of the peer's side of the authentication.
 * Return: bytes used, 0 when there is not all of it yet, -errno. */
static ssize_t take_line(struct dbus *d, struct err *e)
{
	size_t max = d->in_len < LINE_MAX_LEN ? d->in_len : LINE_MAX_LEN;
	const uint8_t *end = memmem(d->in, max, "\r\n", 2);
	size_t len = end ? (size_t)(end - d->in) : 0;
	const char *line = (const char *)d->in;

	if (!end && d->in_len < LINE_MAX_LEN)
		return 0;
	if (!end || ++d->lines > LINES_MAX)
		return err_set(e, EPROTO, "%s: does not speak D-Bus", d->name);
	if (len >= 8 && memcmp(line, "REJECTED", 8) == 0)
		return err_set(e, EACCES, "%s: this user is not let in",
			       d->name);
	if (len >= 2 && memcmp(line, "OK", 2) == 0) {
		d->open = true;
		ev_io_set(d->ev, &d->io, EV_READ | EV_WRITE);
	} else if (len < 4 || memcmp(line, "DATA", 4) != 0) {
		return err_set(e, EPROTO, "%s: does not speak D-Bus", d->name);
	}
	return (ssize_t)len + 2;
}

static ssize_t take_message(struct dbus *d, struct err *e)
{
	struct dbus_message m;
	size_t size;

	if (d->in_len < DBUS_HEAD)
		return 0;
	if (dbus_message_size(d->in, &size) < 0)
		return err_set(e, EPROTO, "%s: malformed message", d->name);
	if (d->in_len < size)
		return 0;
	if (dbus_message_parse(d->in, size, &m) < 0)
		return err_set(e, EPROTO, "%s: malformed message", d->name);
	if (m.type != DBUS_CALL)
		d->ops->message(d->user, &m);
	return (ssize_t)size;
}

static void dispatch(struct dbus *d)
{
	struct err e = { 0 };
	ssize_t n = 1;

	while (n > 0 && d->in_len) {
		n = d->open ? take_message(d, &e) : take_line(d, &e);
		if (d->fd < 0)
			return;
		if (n > 0)
			consume(d, (size_t)n);
	}
	if (n < 0)
		fail(d, (int)n, &e);
}

/* How long the message that has begun is, as far as that is known. */
static size_t wanted(const struct dbus *d)
{
	size_t size = 0;

	if (d->open && d->in_len >= DBUS_HEAD)
		dbus_message_size(d->in, &size);
	return size > d->in_len + READ_SIZE ? size : d->in_len + READ_SIZE;
}

static int make_room(struct dbus *d)
{
	size_t want = wanted(d);
	uint8_t *p;

	if (want <= d->in_cap)
		return 0;
	p = realloc(d->in, want);
	if (!p)
		return -ENOMEM;
	d->in = p;
	d->in_cap = want;
	return 0;
}

/* Return: whether there was something, and the connection is still there. */
static bool receive(struct dbus *d)
{
	struct err e = { 0 };
	ssize_t n = make_room(d);

	if (n == 0) {
		n = recv(d->fd, d->in + d->in_len, d->in_cap - d->in_len, 0);
		if (n < 0)
			n = -errno;
		else if (n == 0)
			n = -ECONNRESET;
	}
	if (n == -EAGAIN || n == -EINTR)
		return false;
	if (n < 0) {
		err_sys(&e, (int)n, "%s", d->name);
		fail(d, (int)n, &e);
		return false;
	}
	d->in_len += (size_t)n;
	return true;
}

/* --- what goes ---------------------------------------------------------------- */

/*
 * Calls wait until the peer has let this end in: systemd reads them together with
 * the authentication, and then does not look at them before something more comes.
 */
static size_t may_be_sent(const struct dbus *d)
{
	return d->open ? d->out.len : AUTHENTICATION_LEN;
}

static void flush(struct dbus *d)
{
	struct err e = { 0 };
	ssize_t n = 0;

	while (!d->out.failed && d->sent < may_be_sent(d)) {
		n = send(d->fd, d->out.data + d->sent, may_be_sent(d) - d->sent,
			 MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		d->sent += (size_t)n;
	}
	n = d->out.failed ? -ENOMEM : n < 0 ? -errno : 0;
	/* What it said before it went is in the socket: the loop reads that. */
	if (n == -EPIPE || n == -ECONNRESET)
		n = 0;
	if (n == -EAGAIN) {
		ev_io_set(d->ev, &d->io, EV_READ | EV_WRITE);
		return;
	}
	if (d->open)
		d->out.len = d->sent = 0;
	ev_io_set(d->ev, &d->io, EV_READ);
	if (n < 0) {
		err_sys(&e, (int)n, "%s", d->name);
		fail(d, (int)n, &e);
	}
}

static void on_ready(struct ev *ev, void *user, unsigned int events)
{
	struct dbus *d = user;

	if (events & EV_WRITE)
		flush(d);
	if (d->fd >= 0 && events & (EV_READ | EV_HUP) && receive(d))
		dispatch(d);
}

static void on_timeout(struct ev *ev, void *user)
{
	struct dbus *d = user;
	struct err e = { 0 };
	bool whole = d->timeout_ms % 1000 == 0;
	int r = err_set(&e, ETIMEDOUT, "%s: no answer within %d %s", d->name,
			whole ? d->timeout_ms / 1000 : d->timeout_ms,
			whole ? "s" : "ms");

	fail(d, r, &e);
}

/* The socket takes what there is to say from the loop on: everything in one
 * write, and a failure is reported where all others are. */
void dbus_send(struct dbus *d)
{
	dbus_end(&d->writer);
	ev_io_set(d->ev, &d->io, EV_READ | EV_WRITE);
}

struct dbus_writer *dbus_call(struct dbus *d, const struct dbus_call *c)
{
	struct dbus_call direct = *c;

	direct.destination = NULL;
	dbus_begin(&d->writer, &d->out, d->direct ? &direct : c, ++d->serial);
	return &d->writer;
}

static const struct dbus_call hello = {
	.destination = "org.freedesktop.DBus",
	.path = "/org/freedesktop/DBus",
	.interface = "org.freedesktop.DBus",
	.member = "Hello",
};

int dbus_connect(struct dbus *d, const struct dbus_where *where, int timeout_ms,
		 struct err *e)
{
	int r;

	d->fd = usock_connect(AT_FDCWD, where->path, SOCK_STREAM, timeout_ms, e);
	if (d->fd < 0)
		return d->fd;
	r = ev_io_add(d->ev, &d->io, d->fd, EV_READ, on_ready, d);
	if (r == 0 && fcntl(d->fd, F_SETFL, O_NONBLOCK) < 0)
		r = -errno;
	if (r < 0) {
		dbus_close(d);
		return err_sys(e, r, "%s", where->path);
	}
	d->name = where->path;
	d->direct = where->direct;
	d->open = false;
	d->lines = 0;
	d->timeout_ms = timeout_ms;
	ev_timer_start(d->ev, &d->timer, timeout_ms, on_timeout, d);
	buf_put(&d->out, authentication, AUTHENTICATION_LEN);
	ev_io_set(d->ev, &d->io, EV_READ | EV_WRITE);
	if (!d->direct) {
		dbus_call(d, &hello);
		dbus_send(d);
	}
	return 0;
}
