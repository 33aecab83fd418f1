/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/fdpass.h - file descriptors over AF_UNIX sockets (unix(7), SCM_RIGHTS).
 */
#ifndef UTIL_FDPASS_H
#define UTIL_FDPASS_H

#include <stddef.h>
#include <sys/uio.h>

#include "util/err.h"

#define FDPASS_MAX 253 /* SCM_MAX_FD: the most that one message carries */

struct fdpass {
	void *data;   /* sending: not written to */
	size_t len;   /* sending: bytes; receiving: room, then what came */
	int *fds;     /* sending: borrowed; receiving: owned by the caller then */
	size_t n_fds; /* sending: how many; receiving: room, then how many came */
};

/**
 * fdpass_send - one message: @m->len bytes with @m->n_fds descriptors
 *
 * No SIGPIPE.  EINTR is retried.  On a stream socket a short write is
 * continued (the descriptors went with the first byte).
 *
 * Return: 0; -EINVAL without a byte (a stream carries no descriptor without
 *	   one) or above FDPASS_MAX; -EAGAIN when the socket is non-blocking or
 *	   its timeout is over, with nothing sent; another -errno of sendmsg(2).
 */
int fdpass_send(int sock, const struct fdpass *m, struct err *e);

/**
 * fdpass_send_parts - a datagram whose bytes are in several places
 * @m:		its descriptors; data and len do not count
 *
 * Return: 0; -EINVAL above FDPASS_MAX; -errno of sendmsg(2).
 */
int fdpass_send_parts(int sock, const struct iovec *parts, size_t n_parts,
		      const struct fdpass *m, struct err *e);

/**
 * fdpass_recv - one message, its descriptors close-on-exec
 * @m:		updated on success only; @m->len is 0 at the end of the stream
 *
 * Whatever is not wanted is refused whole: a message that does not fit in
 * @m->len (datagram types), or more descriptors than @m->n_fds.  Descriptors
 * that came with such a message are closed.
 *
 * Return: 0; -EMSGSIZE for those two; -EMFILE when this process has no
 *	   descriptors left to receive them; -EAGAIN; another -errno of
 *	   recvmsg(2).
 */
int fdpass_recv(int sock, struct fdpass *m, struct err *e);

#endif
