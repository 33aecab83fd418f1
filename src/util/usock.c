/* SPDX-License-Identifier: Apache-2.0 */
#include "util/usock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/un.h>

#include "util/auto.h"

#define LISTEN_BACKLOG 64

/* An address and the directory that it goes through, if it needs one. */
struct address {
	struct sockaddr_un un;
	socklen_t len;
	int dir; /* -1: none; owned */
};

static void address_done(struct address *a)
{
	auto_fd_done(&a->dir);
}

#define auto_address __attribute__((cleanup(address_done))) struct address

static int abstract_address(struct address *a, const char *name)
{
	size_t len = strlen(name);

	/* Counted, without a NUL: every byte is part of such a name. */
	if (len >= sizeof(a->un.sun_path))
		return -ENAMETOOLONG;
	memcpy(a->un.sun_path + 1, name, len);
	a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
	return 0;
}

static int plain_address(struct address *a, const char *path)
{
	size_t len = strlen(path);

	memcpy(a->un.sun_path, path, len + 1);
	a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
	return 0;
}

static int open_parent(int dirfd, const char *path, const char *base)
{
	char dir[PATH_MAX];
	size_t len = (size_t)(base - path);
	int fd;

	if (len >= sizeof(dir))
		return -ENAMETOOLONG;
	memcpy(dir, path, len);
	dir[len] = '\0';
	fd = openat(dirfd, len ? dir : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int indirect_address(struct address *a, int dirfd, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char indirect[sizeof(a->un.sun_path)];
	int n;

	if (!*base)
		return -EISDIR;
	a->dir = open_parent(dirfd, path, base);
	if (a->dir < 0)
		return a->dir;
	n = snprintf(indirect, sizeof(indirect), "/proc/self/fd/%d/%s", a->dir,
		     base);
	if (n >= (int)sizeof(indirect))
		return -ENAMETOOLONG;
	return plain_address(a, indirect);
}

static int make_address(struct address *a, int dirfd, const char *path)
{
	a->un.sun_family = AF_UNIX;
	if (!*path)
		return -ENOENT;
	if (*path == '@')
		return abstract_address(a, path + 1);
	if (strlen(path) < sizeof(a->un.sun_path) &&
	    (dirfd == AT_FDCWD || *path == '/'))
		return plain_address(a, path);
	return indirect_address(a, dirfd, path);
}

static int open_socket(int type, int timeout_ms)
{
	struct timeval t = { .tv_sec = timeout_ms / 1000,
			     .tv_usec = timeout_ms % 1000 * 1000 };
	auto_fd fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (timeout_ms > 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)) < 0)
		return -errno;
	return fd_take(&fd);
}

static int connect_to(int fd, const struct address *a)
{
	int r;

	do
		r = connect(fd, (const struct sockaddr *)&a->un, a->len);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int usock_connect(int dirfd, const char *path, int type, int timeout_ms,
		  struct err *e)
{
	auto_address a = { .dir = -1 };
	int r = make_address(&a, dirfd, path);
	auto_fd fd = -1;

	if (r < 0)
		return err_sys(e, r, "connect to `%s`", path);
	fd = open_socket(type, timeout_ms);
	if (fd < 0)
		return err_sys(e, fd, "open a socket for `%s`", path);
	r = connect_to(fd, &a);
	if (r == -EAGAIN && timeout_ms > 0)
		r = -ETIMEDOUT;
	if (r < 0)
		return err_sys(e, r, "connect to `%s`", path);
	return fd_take(&fd);
}

static int bind_and_listen(int fd, int type, const struct address *a)
{
	if (bind(fd, (const struct sockaddr *)&a->un, a->len) < 0)
		return -errno;
	if ((type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) == SOCK_DGRAM)
		return 0;
	return listen(fd, LISTEN_BACKLOG) < 0 ? -errno : 0;
}

int usock_bind(int dirfd, const char *path, int type, struct err *e)
{
	auto_address a = { .dir = -1 };
	int r = make_address(&a, dirfd, path);
	auto_fd fd = -1;

	if (r < 0)
		return err_sys(e, r, "bind a socket to `%s`", path);
	fd = open_socket(type, 0);
	if (fd < 0)
		return err_sys(e, fd, "open a socket for `%s`", path);
	r = bind_and_listen(fd, type, &a);
	if (r < 0)
		return err_sys(e, r, "bind a socket to `%s`", path);
	return fd_take(&fd);
}
