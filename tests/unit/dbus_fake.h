/* SPDX-License-Identifier: Apache-2.0 */
/* unit/dbus_fake.h - the other end of a D-Bus connection: a process that listens
 * on a socket and follows a script. */
#ifndef UNIT_DBUS_FAKE_H
#define UNIT_DBUS_FAKE_H

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dbus/message.h"
#include "util/buf.h"

struct fake_message {
	enum dbus_type type;
	uint32_t reply_serial;
	const char *path, *interface, *member, *error, *signature;
	const char *const *strings; /* of an 's' or 'o' each, NULL behind them */
	const uint32_t *first;	    /* an 'u' before them */
};

static inline void fake_field(struct dbus_writer *w, uint8_t code,
			      const char *type, const char *text)
{
	if (!text)
		return;
	dbus_pad(w, 8);
	buf_put(w->out, &code, 1);
	dbus_put_signature(w, type);
	if (*type == 'g')
		dbus_put_signature(w, text);
	else
		dbus_put_str(w, text);
}

static inline void fake_build(struct buf *out, const struct fake_message *m)
{
	const uint8_t head[4] = { 'l', (uint8_t)m->type, 0, 1 }, five = 5;
	struct dbus_writer w = { .out = out, .start = out->len };
	struct dbus_array fields;

	buf_put(out, head, 4);
	dbus_put_u32(&w, 0);
	dbus_put_u32(&w, 77);
	fields = dbus_open_array(&w, 8);
	fake_field(&w, 1, "o", m->path);
	fake_field(&w, 2, "s", m->interface);
	fake_field(&w, 3, "s", m->member);
	fake_field(&w, 4, "s", m->error);
	if (m->reply_serial) {
		dbus_pad(&w, 8);
		buf_put(out, &five, 1);
		dbus_put_signature(&w, "u");
		dbus_put_u32(&w, m->reply_serial);
	}
	fake_field(&w, 7, "s", ":1.1");
	fake_field(&w, 8, "g", m->signature);
	dbus_close_array(&w, &fields);
	dbus_pad(&w, 8);
	w.body = out->len;
	if (m->first)
		dbus_put_u32(&w, *m->first);
	for (size_t i = 0; m->strings && m->strings[i]; i++)
		dbus_put_str(&w, m->strings[i]);
	dbus_end(&w);
}

/* --- the process ------------------------------------------------------------ */

static inline void fake_write(int fd, const void *p, size_t len)
{
	if (send(fd, p, len, MSG_NOSIGNAL) < 0)
		_exit(0);
}

static inline void fake_send(int fd, const struct fake_message *m)
{
	struct buf out = { 0 };

	fake_build(&out, m);
	fake_write(fd, out.data, out.len);
	buf_done(&out);
}

static inline void fake_read(int fd, void *p, size_t len)
{
	for (size_t n = 0; n < len;) {
		ssize_t r = read(fd, (char *)p + n, len - n);

		if (r <= 0)
			_exit(0);
		n += (size_t)r;
	}
}

/* Everything up to BEGIN; then the answer of a bus that lets everybody in.  What
 * came with it systemd would not look at. */
static inline void fake_let_in(int fd)
{
	char more;
	static const char want[] = "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n";
	static const char ok[] = "DATA\r\nOK 0123456789abcdef\r\n";
	char got[sizeof(want) - 1];

	fake_read(fd, got, sizeof(got));
	usleep(2000);
	if (memcmp(got, want, sizeof(got)) != 0 ||
	    recv(fd, &more, 1, MSG_DONTWAIT) >= 0)
		_exit(1);
	fake_write(fd, ok, sizeof(ok) - 1);
}

/* The next call; @bytes has room for DBUS_MESSAGE_MAX. */
static inline struct dbus_message fake_call(int fd, uint8_t *bytes)
{
	struct dbus_message m = { 0 };
	size_t size = 0;

	fake_read(fd, bytes, DBUS_HEAD);
	if (dbus_message_size(bytes, &size) < 0)
		_exit(1);
	fake_read(fd, bytes + DBUS_HEAD, size - DBUS_HEAD);
	if (dbus_message_parse(bytes, size, &m) < 0)
		_exit(1);
	return m;
}

/* A process that accepts one connection after the other on @path and plays
 * @script on each. */
static inline pid_t fake_start(const char *path, void (*script)(int fd))
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0), c;
	pid_t pid;

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	unlink(path);
	if (bind(s, (struct sockaddr *)&un, sizeof(un)) < 0 || listen(s, 4) < 0)
		abort();
	pid = fork();
	if (pid == 0) {
		alarm(60);
		while ((c = accept(s, NULL, NULL)) >= 0) {
			if (fork() == 0) {
				close(s);
				script(c);
				_exit(0);
			}
			close(c);
		}
		_exit(0);
	}
	close(s);
	return pid;
}

static inline void fake_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#endif
