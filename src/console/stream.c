/* SPDX-License-Identifier: Apache-2.0 */
#include "console/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opening the master of a pseudo-terminal again makes a new pair; opening any
 * other device again may start something (a tape rewinds). */
static bool can_reopen(int fd, mode_t mode)
{
	unsigned int number;

	if (S_ISFIFO(mode))
		return true;
	return S_ISCHR(mode) && isatty(fd) && ioctl(fd, TIOCGPTN, &number) < 0;
}

static int reopen(int fd, bool writing)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, (writing ? O_WRONLY : O_RDONLY) | O_NONBLOCK |
		    O_NOCTTY | O_CLOEXEC);
}

/* The reading end of a pipe, opened again for writing, would be its other end. */
static bool access_fits(int flags, bool writing)
{
	int access = flags & O_ACCMODE;

	return access == O_RDWR || access == (writing ? O_WRONLY : O_RDONLY);
}

/*
 * What poll(2) promises: a pipe takes PIPE_BUF bytes at once.  A terminal takes
 * at least one; a blocking write of more than fits waits for its reader.
 */
static void set_polled(struct stream *s, mode_t mode)
{
	s->kind = STREAM_POLLED;
	s->chunk = S_ISFIFO(mode) ? PIPE_BUF : 1;
}

void stream_open(struct stream *s, int fd, bool writing)
{
	int flags = fcntl(fd, F_GETFL), again;
	struct stat st = { 0 };

	*s = (struct stream){ .fd = fd, .kind = STREAM_FILE,
			      .chunk = SSIZE_MAX };
	if (flags < 0 || fstat(fd, &st) < 0)
		return; /* the first use will say what is wrong with it */
	s->pipe = S_ISFIFO(st.st_mode);
	if (S_ISREG(st.st_mode))
		return;
	if (S_ISSOCK(st.st_mode)) {
		s->kind = STREAM_SOCKET;
		return;
	}
	if (flags & O_NONBLOCK) {
		s->kind = STREAM_NONBLOCK;
		return;
	}
	set_polled(s, st.st_mode);
	if (!access_fits(flags, writing) || !can_reopen(fd, st.st_mode))
		return;
	again = reopen(fd, writing);
	if (again < 0)
		return;
	s->fd = again;
	s->owned = true;
	s->kind = STREAM_NONBLOCK;
	s->chunk = SSIZE_MAX;
}

void stream_close(struct stream *s)
{
	if (s->owned)
		close(s->fd);
	s->owned = false;
	s->fd = -1;
}

ssize_t stream_read(const struct stream *s, void *buf, size_t size)
{
	ssize_t n;

	do
		n = s->kind == STREAM_SOCKET
			    ? recv(s->fd, buf, size, MSG_DONTWAIT)
			    : read(s->fd, buf, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

ssize_t stream_write(const struct stream *s, const void *data, size_t len)
{
	ssize_t n;

	if (len > s->chunk)
		len = s->chunk;
	do
		n = s->kind == STREAM_SOCKET
			    ? send(s->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL)
			    : write(s->fd, data, len);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}
