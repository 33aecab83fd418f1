/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/auto.h - ownership by scope.  A variable declared with one of these
 * owns what it holds and releases it when its scope ends; take() hands it on.
 * Every destructor accepts the empty value and keeps errno.
 */
#ifndef UTIL_AUTO_H
#define UTIL_AUTO_H

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static inline void auto_fd_done(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd); /* never retried: the fd is gone even on EINTR */
	errno = saved;
}

static inline void auto_mem_done(void *p)
{
	free(*(void **)p);
}

static inline void auto_dir_done(DIR **d)
{
	int saved = errno;

	if (*d)
		closedir(*d);
	errno = saved;
}

#define auto_fd __attribute__((cleanup(auto_fd_done))) int
#define auto_mem __attribute__((cleanup(auto_mem_done)))
#define auto_dir __attribute__((cleanup(auto_dir_done))) DIR *

/* fd_take - hand the fd to the caller; the local no longer owns it. */
static inline int fd_take(int *fd)
{
	int v = *fd;

	*fd = -EBADF;
	return v;
}

/* fd_close - close early; safe on an fd that is already gone. */
static inline void fd_close(int *fd)
{
	auto_fd_done(fd);
	*fd = -EBADF;
}

#define mem_take(pp)                      \
	({                                \
		__typeof__(*(pp)) v_ = *(pp); \
		*(pp) = NULL;             \
		v_;                       \
	})

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
